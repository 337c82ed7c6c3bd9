"""Words in double braces that stand for who is spoken to: filled for one audience.

A value is never read as a placeholder again, and what the world may read holds a
handle and a first name, nothing else of the person.
"""

import re
import unicodedata

#: what may be used, in the order of the help text
NAMES = ("customer", "handle", "agent", "account", "network", "ticket")
#: nobody is called by a longer name than this in the middle of a sentence
LONGEST = 30
FOUND = re.compile(r"\{\{\s*([^\W\d]\w{0,40})\s*\}\}")
_WITH_ROOM = re.compile(r"(?P<before>[,]?[ ]*)\{\{\s*(?P<name>[^\W\d]\w{0,40})\s*\}\}")


def fill(text, values):
    """``text`` with its placeholders filled, in one pass.

    One that has no value goes together with the comma and space before it ("Hi
    {{customer}}," → "Hi,"); one that nobody knows stays, for the person to fill.
    """

    def one(match):
        name = match["name"].lower()
        if name not in values:
            return match[0]
        value = values[name] or ""
        return match["before"] + value if value else ""

    filled = _WITH_ROOM.sub(one, text or "")
    return re.sub(r"^[ ,]+", "", filled)


def left(text):
    """Placeholders that are still in ``text``, in their order."""
    return list(dict.fromkeys(match[0] for match in FOUND.finditer(text or "")))


def first_name(name):
    """What to call somebody by, of a display name that people write themselves.

    Empty where it is no name: signs, a link, a number.
    """
    name = unicodedata.normalize("NFKC", name or "")
    if re.search(r"https?:|www\.|@|\.\w{2,}/", name):
        return ""
    for word in name.split():
        kept = "".join(
            one for one in word if unicodedata.category(one)[0] in "LM" or one in "'’-"
        ).strip("-'’")
        if word.endswith(".") and len(word) <= 5:
            continue  # a title
        if len(kept) >= 2 and sum(one.isalpha() for one in kept) >= 2:
            return kept[:LONGEST]
        if len(kept) == 1 and unicodedata.category(kept) == "Lo":
            return kept
    return ""


def values(
    *, audience, name="", handle="", agent="", account="", network="", ticket=""
):
    """Values for :func:`fill`. A ticket's number is not for the world to read."""
    handle = (handle or "").strip().lstrip("@")
    if not re.fullmatch(r"[\w.@-]{1,100}", handle):
        handle = ""
    return {
        "customer": first_name(name),
        "handle": f"@{handle}" if handle else "",
        "agent": first_name(agent),
        "account": account or "",
        "network": network or "",
        "ticket": (ticket or "") if audience == "private" else "",
    }
