"""Where we are in a list that X shows newest first. Pure.

Posts: ``since_id`` stays the same from page to page, and what is newest on the first
page is remembered only when the last page was read (fact sheet x §3). Private messages
know no ``since_id``: they are read down to the last known one. A window of overlap is
read again, because X's index trails and its ids are not strictly in order.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from .errors import CursorExpired
from .values import listing, mapping, number, words
from .x_values import id_at, ident, time_of

#: ids within this much time may still appear (§3: 1-2 minutes)
OVERLAP = timedelta(minutes=2)
#: ids remembered from the overlap; X bills what it showed once a day only
SEEN = 1000


@dataclass(frozen=True)
class Position:
    """``since``: everything up to this id was read, at the moment ``at``. While pages
    are left: ``next`` is the token of the next one, ``top`` the newest id of the first,
    ``began`` when that was asked for. ``seen``: ids that an overlap brings again.
    ``start``: lower bound in time of a reading without ``since``. ``until``: the
    endpoint gives nothing before this moment. ``count``: new posts read in this round.
    """

    since: str = ""
    at: datetime | None = None
    top: str = ""
    next: str = ""
    began: datetime | None = None
    start: datetime | None = None
    seen: tuple[str, ...] = ()
    until: datetime | None = None
    count: int = 0

    def dump(self) -> str:
        value = {
            "since": self.since,
            "at": _stamp(self.at),
            "top": self.top,
            "next": self.next,
            "began": _stamp(self.began),
            "start": _stamp(self.start),
            "seen": list(self.seen),
            "until": _stamp(self.until),
            "count": self.count,
        }
        return json.dumps({key: one for key, one in value.items() if one})

    @classmethod
    def load(cls, cursor: str) -> "Position":
        """
        :raises CursorExpired: not a cursor of ours
        """
        if not cursor:
            return cls()
        try:
            value = json.loads(cursor)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise CursorExpired("cursor_expired", cursor[:40])
        value = mapping(value)
        seen = [ident(one) for one in listing(value.get("seen"))]
        return cls(
            since=ident(value.get("since")),
            at=_moment(value.get("at")),
            top=ident(value.get("top")),
            next=words(value.get("next")),
            began=_moment(value.get("began")),
            start=_moment(value.get("start")),
            seen=tuple(one for one in seen if one),
            until=_moment(value.get("until")),
            count=max(number(value.get("count")) or 0, 0),
        )

    @property
    def bound(self) -> str:
        """The id after which to ask: nothing below it can be new."""
        if not self.since:
            return ""
        if self.at is None:
            return self.since
        late = id_at(self.at - OVERLAP)
        return min(self.since, late, key=int)


def _stamp(when: datetime | None) -> int | None:
    return int(when.timestamp() * 1000) if when else None


def _moment(value) -> datetime | None:
    value = number(value)
    if value is None or not 0 < value < 253402300799000:
        return None
    return datetime.fromtimestamp(value / 1000, timezone.utc)


def begin(position: Position, since: datetime, now: datetime) -> Position:
    """Before the first page of a round."""
    if position.next:
        return position
    start = None if position.since else position.start or since
    return replace(position, top="", began=now, start=start, until=None)


def forward(position: Position, ids: list[str], token: str) -> Position:
    """After a page with these ids; ``token`` leads to the next, '' ends the round."""
    numbers = [one for one in ids if one]
    top = position.top or max(numbers, key=int, default="")
    seen = tuple(dict.fromkeys((*position.seen, *numbers)))
    if token:
        count = position.count + sum(one not in position.seen for one in numbers)
        return replace(position, top=top, next=token, seen=seen[-SEEN:], count=count)
    # an empty list is no reason to look further back next time
    since = max((one for one in (top, position.since) if one), key=int, default="")
    after = Position(since=since, at=position.began)
    low = after.bound
    kept = [one for one in seen if low and int(one) > int(low)]
    start = None if since else position.start
    return replace(after, seen=tuple(kept[-SEEN:]), start=start)


def down(position: Position, ids: list[str], token: str) -> tuple[int, Position]:
    """(how many of the ids are new, the position after them), for a list without
    ``since_id``: read until something known comes."""
    floor = int(position.since) if position.since else -1
    fresh = 0
    for one in ids:
        if one and int(one) <= floor:
            break
        fresh += 1
    closed = fresh < len(ids) or not token
    top = position.top or next((one for one in ids if one), "")
    if not closed:
        return fresh, replace(position, top=top, next=token)
    since = max((one for one in (top, position.since) if one), key=int, default="")
    return fresh, Position(since=since, at=position.began)


def older(one_id: str, moment: datetime) -> bool:
    when = time_of(one_id)
    return when is not None and when < moment
