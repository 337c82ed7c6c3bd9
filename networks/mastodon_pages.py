"""Where we are in a list that the server shows newest first. Pure.

Two ways to read without a gap (fact sheet mastodon §4):

*forward*, on real Mastodon: ``min_id`` gives the page right after an id.

*down*, everywhere else and at the first pull: from the newest page towards something
known, with ``max_id``; what is above counts as read only when the known is reached.
Several known ids are kept, because a notification vanishes with its post, and the
time of the newest: below it, with some overlap, nothing can be new.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .errors import CursorExpired
from .mastodon_status import ident, moment
from .values import listing, mapping, number

#: ids remembered as known; more than anybody deletes between two pulls
KNOWN = 20
#: how often a page that leads nowhere is asked for again before we believe it
STALLS = 2
#: read again below the newest known item, for lists whose order is that of delivery
OVERLAP = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """What matters of one item for paging. ``at`` is None when it tells no time."""

    id: str
    at: datetime | None


@dataclass(frozen=True)
class Position:
    """``known``: newest first, with ``at`` of the newest. While going down:
    ``top``/``top_at`` become the known ones at the end, ``below`` is the ``max_id``
    of the next page, ``stalls`` how often that page led nowhere.
    """

    known: tuple[str, ...] = ()
    at: datetime | None = None
    down: bool = False
    top: tuple[str, ...] = ()
    top_at: datetime | None = None
    below: str = ""
    stalls: int = 0

    def dump(self) -> str:
        value = {
            "known": list(self.known),
            "at": self.at and self.at.isoformat(),
            "down": self.down,
            "top": list(self.top),
            "top_at": self.top_at and self.top_at.isoformat(),
            "below": self.below,
            "stalls": self.stalls,
        }
        return json.dumps({name: one for name, one in value.items() if one})

    @classmethod
    def load(cls, cursor: str) -> "Position":
        """
        :raises CursorExpired: not a cursor of ours
        """
        if not cursor:
            return cls(down=True)
        try:
            value = json.loads(cursor)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise CursorExpired("cursor_expired", cursor[:40])
        value = mapping(value)
        return cls(
            known=tuple(ident(one) for one in listing(value.get("known"))),
            at=moment(value.get("at")),
            down=value.get("down") is True,
            top=tuple(ident(one) for one in listing(value.get("top"))),
            top_at=moment(value.get("top_at")),
            below=ident(value.get("below")),
            stalls=number(value.get("stalls")) or 0,
        )


def order(one_id: str) -> tuple:
    """How ids compare on real Mastodon: numbers that are strings."""
    return len(one_id), one_id


def forward(position: Position, entries: list[Entry]) -> Position | None:
    """The position after a ``min_id`` page, or None if the page holds something
    that is not after it: then ``min_id`` cannot be trusted."""
    if not entries:
        return position
    last = order(position.known[0])
    if any(order(one.id) <= last for one in entries):
        return None
    newest = max(entries, key=lambda one: order(one.id))
    return Position(known=_head(entries, newest.id), at=newest.at or position.at)


def down(
    position: Position, entries: list[Entry], since: datetime
) -> tuple[int, Position, bool]:
    """(how many of the entries are new, the position after them, gap closed).

    :raises CursorExpired: the list ended although something known should have come:
        a ``max_id`` that vanished meanwhile looks like the end on some servers
    """
    horizon = position.at - OVERLAP if position.at else since
    fresh, closed = len(entries), False
    for index, one in enumerate(entries):
        if one.id in position.known or (one.at and one.at < horizon):
            fresh, closed = index, True
            break
    if not position.top and entries:
        position = replace(
            position, top=_head(entries), top_at=entries[0].at or position.at
        )
    if not closed and entries and entries[-1].id == position.below:
        # the same page again: an accident, or a server without ``max_id``
        if position.stalls < STALLS:
            return 0, replace(position, stalls=position.stalls + 1), False
        entries = []
    if not closed and not entries:
        if position.known and position.below:
            raise CursorExpired("cursor_expired", "the list ended too early")
        fresh, closed = 0, True
    if closed:
        known = position.top or position.known
        return fresh, Position(known, position.top_at or position.at), True
    below = entries[-1].id
    return fresh, replace(position, down=True, below=below, stalls=0), False


def _head(entries: list[Entry], first: str = "") -> tuple[str, ...]:
    ids = [one.id for one in entries if one.id != first][:KNOWN]
    return tuple([first, *ids] if first else ids)
