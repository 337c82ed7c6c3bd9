"""The words of a post as a person sees them, and whether two posts say the same. Pure.

X escapes &, < and > and puts a t.co address in the place of every other one; what was
really written stands in ``entities`` (fact sheet x §5). Nothing else is changed.
"""

import re
import unicodedata

from .values import listing, mapping, number, words
from .x_values import link

_TCO = re.compile(r"https?://t\.co/\w+", re.ASCII)
#: X escapes these three and nothing else: "&copy=1" in an address is no ©
_ESCAPED = re.compile("&(amp|lt|gt);")
_MARKS = {"amp": "&", "lt": "<", "gt": ">"}
_LEADING = re.compile(r"(?:@\w+\s+)+", re.ASCII)


def shown(text: str, entities, files: bool = False) -> str:
    """``text`` with the addresses that were written, without those of its own files.

    :param files: the post has files: a t.co address at the end that no entity explains
        stands for them
    """
    pieces, at = [], 0
    for start, end, one in _spans(text, entities):
        whole = link(one.get("expanded_url")) or words(one.get("url"))
        own = one.get("media_key") or one.get("media_url_https")
        pieces += [_unescaped(text[at:start]), "" if own else whole]
        at = end
    rest = text[at:]
    if files:
        known = {words(one.get("url")) for one in _urls(entities)}
        last = rest.rstrip().rpartition(" ")[2] if rest.strip() else ""
        if _TCO.fullmatch(last) and last not in known:
            rest = rest.rstrip().removesuffix(last)
    whole = "".join([*pieces, _unescaped(rest)])
    return whole if whole == text else whole.strip(" ")


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: _MARKS[match[1]], text)


def _urls(entities) -> list[dict]:
    entities = mapping(entities)
    listed = [*listing(entities.get("urls")), *listing(entities.get("media"))]
    return [mapping(one) for one in listed]


def _spans(text: str, entities):
    """(start, end, entity) in order, without overlaps. Positions are code points; where
    they do not fit, the address is looked for."""
    found, taken = [], []
    for one in _urls(entities):
        url = words(one.get("url"))
        if not url.startswith("http"):
            continue
        start, end = number(one.get("start")), number(one.get("end"))
        if start is None or end is None or start < 0 or text[start:end] != url:
            start, end = _place(text, url, taken)
        if start < 0 or any(start < b and a < end for a, b in taken):
            continue  # two entities for one address: a post with several pictures
        taken.append((start, end))
        found.append((start, end, one))
    return sorted(found, key=lambda span: span[:2])


def _place(text: str, url: str, taken: list) -> tuple[int, int]:
    """The first place of ``url`` that is not taken; (-1, -1) if there is none."""
    for match in re.finditer(re.escape(url) + r"(?!\w)", text, re.ASCII):
        if not any(match.start() < b and a < match.end() for a, b in taken):
            return match.span()
    return -1, -1


def essence(text: str) -> str:
    """What stays the same between what we send and what comes back: without the names
    that X puts in front, without addresses' protocol, white space or case of marks."""
    text = unicodedata.normalize("NFC", text)
    text = _LEADING.sub("", text + " ", count=1) if text.startswith("@") else text
    text = re.sub(r"https?://", "", text)
    return " ".join(text.replace("/ ", " ").split()).rstrip("/")
