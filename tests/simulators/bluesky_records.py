"""What people on Bluesky are and write, as values: records, their ids, times, notices.

Fact sheet ``bluesky`` §3 and §4. What follows from them is in ``bluesky_world``.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

POST = "app.bsky.feed.post"
LIKE = "app.bsky.feed.like"
REPOST = "app.bsky.feed.repost"
FOLLOW = "app.bsky.graph.follow"
BLOCK = "app.bsky.graph.block"
GATE = "app.bsky.feed.threadgate"
PROFILE = "app.bsky.actor.profile"
DECLARATION = "chat.bsky.actor.declaration"
MENTION = "app.bsky.richtext.facet#mention"
#: one of these per person and subject: a second one replaces the first (observed)
UNIQUE = (LIKE, REPOST, FOLLOW, BLOCK)

#: so many posts up the thread, their authors hear of a reply (AppView source)
REPLY_DEPTH = 5
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)\Z")
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"


class Refused(Exception):
    """The network says no, as status, error name and message."""

    def __init__(self, status: int, error: str, message: str):
        self.status, self.error, self.message = status, error, message
        super().__init__(message)


class Clock:
    """Real time plus an offset that tests move; every reading is a later one."""

    def __init__(self):
        self.offset = timedelta()
        self._last = datetime.min.replace(tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        now = datetime.now(timezone.utc) + self.offset
        now -= timedelta(microseconds=now.microsecond % 1000)
        self._last = max(now, self._last + timedelta(milliseconds=1))
        return self._last

    def advance(self, seconds: float):
        self.offset += timedelta(seconds=seconds)


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text) -> datetime | None:
    """A client's time with its zone; None when it is none."""
    found = _TIME.match(str(text))
    if not found:
        return None
    whole, fraction, zone = found.groups()
    fraction = (fraction or "").ljust(6, "0")[:6]
    zone = "+00:00" if zone == "Z" else zone
    try:
        return datetime.fromisoformat(f"{whole}.{fraction}{zone}")
    except ValueError:
        return None


def tid(number: int) -> str:
    """13 sortable characters of 5 bits each (§4)."""
    return "".join(_LETTERS[number >> shift & 31] for shift in range(60, -1, -5))


def cid(data: bytes, raw=False) -> str:
    """A content id: version, codec, SHA-256. Real ones hash CBOR, these JSON."""
    head = bytes((1, 0x55 if raw else 0x71, 0x12, 32))
    text = base64.b32encode(head + hashlib.sha256(data).digest()).decode()
    return "b" + text.lower().rstrip("=")


def split_uri(uri: str) -> tuple[str, str, str]:
    """(did, collection, rkey) of an at-uri."""
    parts = str(uri).removeprefix("at://").split("/")
    return tuple(parts) if len(parts) == 3 else ("", "", "")


@dataclass
class Person:
    did: str
    handle: str
    password: str
    created_at: datetime
    app_passwords: dict = field(default_factory=dict)  # password -> privileged?
    status: str = ""  # takendown, suspended, deactivated, deleted
    factor: str = ""  # the code that is e-mailed, where that is switched on
    priority: bool = False  # the stored preference: notifications of the followed only
    mutes: set = field(default_factory=set)
    verified: bool = False
    labels: list = field(default_factory=list)
    seen_at: datetime | None = None
    rev: str = ""  # of the last commit


@dataclass
class Record:
    uri: str
    cid: str
    value: dict
    indexed_at: datetime  # the AppView's clock, later than the commit by the lag

    @property
    def did(self):
        return split_uri(self.uri)[0]

    @property
    def collection(self):
        return split_uri(self.uri)[1]

    @property
    def rkey(self):
        return split_uri(self.uri)[2]

    @property
    def sort_at(self) -> datetime:
        """What a client says, unless it is in the future (§3)."""
        said = moment(self.value.get("createdAt"))
        return min(said, self.indexed_at) if said else self.indexed_at

    @property
    def ref(self) -> dict:
        return {"uri": self.uri, "cid": self.cid}


@dataclass(order=True)
class Notice:
    sort_at: datetime
    uri: str
    reason: str = field(compare=False)
    subject: str = field(compare=False, default="")
