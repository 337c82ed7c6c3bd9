"""Reads AT Protocol JSON field by field: DIDs, addresses, times, links, record keys.

Pure. A value of the wrong kind counts as missing, so nothing here raises, whatever the
JSON holds. Fact sheet bluesky §3, §4, §7.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from urllib.parse import quote

from .values import mapping, web_address

POST = "app.bsky.feed.post"
LIKE = "app.bsky.feed.like"
BLOCK = "app.bsky.graph.block"
THREADGATE = "app.bsky.feed.threadgate"
DECLARATION = "chat.bsky.actor.declaration"
#: what a handle reads while its domain does not prove it (§7)
INVALID_HANDLE = "handle.invalid"
#: where people read posts; an address with the DID survives a change of handle (§7)
APP = "https://bsky.app"

_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,500}", re.ASCII)
_AT = re.compile(
    r"at://(?P<repo>[^/\s]+)/(?P<collection>[A-Za-z0-9.-]+)/(?P<rkey>[\w.~:-]{1,512})",
    re.ASCII,
)
_HANDLE = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    re.IGNORECASE | re.ASCII,
)
#: letters of a TID, in their order (§4)
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_TID = re.compile(r"[2-7a-j][2-7a-z]{12}", re.ASCII)
#: our own keys lie in 2024: never in the future, and below whatever is posted by hand
_OUR_TIME = int(datetime(2024, 1, 1, tzinfo=timezone.utc).timestamp()) * 10**6
_OUR_BITS = 45


# --- values of unknown kind -------------------------------------------------------
def words(value) -> str:
    """A text that can be stored: half an emoji becomes a replacement character, which
    has as many bytes, so that the places in the text stay right."""
    if not isinstance(value, str):
        return ""
    try:
        value.encode()
    except UnicodeEncodeError:
        return re.sub(r"[\ud800-\udfff]", "\ufffd", value)
    return value


def ident(value) -> str:
    """An opaque id: short, and without white space."""
    value = words(value)
    return value if 0 < len(value) <= 1000 and not re.search(r"\s", value) else ""


def did(value) -> str:
    value = words(value)
    return value if _DID.fullmatch(value) else ""


def handle(value) -> str:
    """A handle without its @; '' for one that proves nothing."""
    value = words(value).strip().removeprefix("@")
    if len(value) > 253 or not _HANDLE.fullmatch(value):
        return ""
    return "" if value.lower() == INVALID_HANDLE else value


def link(value) -> str:
    """An address that may be shown and called; anything else is ''."""
    return web_address(words(value))


def moment(value) -> datetime | None:
    """ISO 8601; without a zone it is UTC. More digits than Python reads are cut."""
    value = words(value).strip().replace("Z", "+00:00")
    value = re.sub(r"(\.\d{6})\d+", r"\1", value)
    value = re.sub(r"\.(\d{1,5})(?!\d)", lambda m: f".{m[1]:0<6}", value)
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            return found.replace(tzinfo=timezone.utc)
        return found.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def stamp(value: datetime) -> str:
    """As clients write times: milliseconds and a Z."""
    text = value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def kind_of(value) -> str:
    """The last part of a ``$type``: ``post``, ``images``, ``logCreateMessage``."""
    name = words(mapping(value).get("$type"))
    return re.split(r"[#.]", name)[-1][:60]


def fingerprint(value) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


# --- addresses --------------------------------------------------------------------
def place(uri) -> tuple[str, str, str]:
    """(repo, collection, rkey) of an ``at://`` address, or three times ''."""
    match = _AT.fullmatch(words(uri))
    return (match["repo"], match["collection"], match["rkey"]) if match else ("",) * 3


def address(repo: str, collection: str, rkey: str) -> str:
    return f"at://{repo}/{collection}/{rkey}"


def owner(uri) -> str:
    """Whose post an address names: a DID, or ''."""
    return did(place(uri)[0])


def reference(uri: str, cid) -> str:
    """What our calls need of a post, and what tells whether it is still the same: a
    post that was put again has another cid."""
    return f"{uri} {ident(cid)}".strip()


def uri_of(ref: str) -> str:
    return ref.partition(" ")[0]


def permalink(uri) -> str:
    """The post's page for people, or ''."""
    repo, collection, rkey = place(uri)
    if not did(repo) or collection != POST:
        return ""
    return f"{APP}/profile/{repo}/post/{quote(rkey)}"


def profile_link(one_did: str) -> str:
    return f"{APP}/profile/{one_did}" if one_did else ""


def posted_at(view: Mapping) -> datetime | None:
    """When a post was said: what its client claims, or earlier, when the server saw
    it (§3): this is the order of every list."""
    record = mapping(view.get("record"))
    times = [moment(record.get("createdAt")), moment(view.get("indexedAt"))]
    return min((one for one in times if one), default=None)


# --- record keys ------------------------------------------------------------------
def rkey_for(key: str) -> str:
    """The record key that belongs to a key of ours: always the same one.

    It is a TID (§4) of which the time and the clock id come from a hash, 55 bits of
    it. Nothing else goes in, not even the time: a repeated attempt, days later, after
    an edit or on another machine, must meet what the first one made.
    """
    value = int.from_bytes(sha256(key.encode("utf-8", "replace")).digest()[:8], "big")
    micros = _OUR_TIME + ((value >> 10) & ((1 << _OUR_BITS) - 1))
    return tid(micros, value & 1023)


def tid(micros: int, clock: int = 0) -> str:
    value = (micros << 10) | clock
    return "".join(_LETTERS[(value >> (5 * digit)) & 31] for digit in range(12, -1, -1))


def tid_time(rkey: str) -> datetime | None:
    """The moment a TID stands for, or None when it is something else."""
    if not _TID.fullmatch(rkey):
        return None
    value = 0
    for letter in rkey:
        value = value << 5 | _LETTERS.index(letter)
    try:
        start = datetime(1970, 1, 1, tzinfo=timezone.utc)
        return start + timedelta(microseconds=value >> 10)
    except OverflowError:
        return None
