"""Reads X's JSON field by field: ids, times, links, text, both spellings of a name.

A value of the wrong kind counts as missing, so nothing here raises, whatever the JSON
holds. Fact sheet x §0, §3, §5.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from .values import number, web_address, words

#: ids hold the time in milliseconds since then, 22 bits up (§3)
EPOCH = 1288834974657
_SHIFT = 22
_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_HANDLE = re.compile(r"\w{1,50}", re.ASCII)
#: the year 9999, in milliseconds
_LAST = 253402300799000


def ident(value) -> str:
    """An id: digits, a string; some servers and old payloads send numbers."""
    if not isinstance(value, str):
        if number(value) is None:
            return ""
        value = str(value)
    return value if _ID.fullmatch(value) else ""


def name(value) -> str:
    """A handle without its @; part of links, so only what may be one (1-15 letters,
    digits, underscores; old ones are longer)."""
    value = words(value).removeprefix("@")
    return value if _HANDLE.fullmatch(value) else ""


def link(value) -> str:
    """An address that may be shown and called; anything else is ''."""
    return web_address(words(value))


def moment(value) -> datetime | None:
    """ISO 8601 (API v2), or "Sat Oct 10 20:19:24 +0000 2026" (Account Activity)."""
    value = words(value).strip()
    try:
        found = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        try:
            found = datetime.strptime(value, "%a %b %d %H:%M:%S %z %Y")
        except (ValueError, OverflowError):
            return None
    try:
        if found.tzinfo is None:
            return found.replace(tzinfo=timezone.utc)
        return found.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def milliseconds(value) -> datetime | None:
    """Milliseconds since 1970, as a number or as text."""
    found = ident(value)
    if not found or not 0 < int(found) < _LAST:
        return None
    return datetime.fromtimestamp(int(found) / 1000, timezone.utc)


# --- time in ids ------------------------------------------------------------------
def id_at(when: datetime) -> str:
    """The lowest id that was given at that moment."""
    since = int(when.timestamp() * 1000) - EPOCH
    return str(max(since, 0) << _SHIFT)


def time_of(one_id: str) -> datetime | None:
    """When this id was given; None for ids from before they held a time."""
    found = ident(one_id)
    if not found or int(found) < 1 << 40:
        return None
    return datetime.fromtimestamp(EPOCH / 1000, timezone.utc) + timedelta(
        milliseconds=int(found) >> _SHIFT
    )


# --- two spellings ----------------------------------------------------------------
#: what prose and payloads say -> what the OpenAPI file says (§0)
SPELLINGS = {
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "tweet_count": "post_count",
    "tweets": "posts",
}


def either(data: Mapping, key: str):
    """The value of ``key`` in whichever spelling it came."""
    found = data.get(key)
    return data.get(SPELLINGS[key]) if found is None else found


def respelled(query: Mapping, posts: bool) -> dict:
    """A query in the spelling that an admin chose (setting ``field_names``)."""
    if not posts:
        return dict(query)
    changed = {}
    for key, value in query.items():
        key = "post.fields" if key == "tweet.fields" else key
        if key == "expansions" or key.endswith(".fields"):
            fields = []
            for one in value.split(","):
                head, dot, rest = one.partition(".")
                fields.append(SPELLINGS.get(head, head) + dot + rest)
            value = ",".join(fields)
        changed[key] = value
    return changed
