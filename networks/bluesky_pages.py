"""Where we are in a list that the server shows newest first. Pure.

The server pages only downwards, from the newest item to older ones, and knows no
"since" (fact sheet bluesky §3). So each look begins at the top and goes down until what
is known: everything before the last look, less an overlap. Items that the overlap
shows again are remembered by name. What is above counts as read only when the gap is
closed.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .bluesky_values import fingerprint, moment, words
from .errors import CursorExpired
from .values import listing

#: read again below the last look: a listing lags, clocks differ (§3)
OVERLAP = timedelta(minutes=10)
#: names remembered of that stretch; what is more is journalled twice, harmlessly
KNOWN = 1000
#: how far ahead of our clock an item may set the mark: one absurd time must not make
#: us deaf
AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class Entry:
    """What matters of one item for paging. ``at`` is None when it tells no time."""

    name: str
    at: datetime | None


@dataclass(frozen=True)
class Position:
    """``high``: everything before is read; ``known``: names of the items after
    ``high`` less the overlap. While going down: ``start``, our moment at the top,
    ``top`` the newest item's, ``below`` the server's cursor, ``seen`` as ``known``.
    """

    high: datetime | None = None
    known: tuple[tuple[str, str], ...] = ()
    start: datetime | None = None
    top: datetime | None = None
    below: str = ""
    seen: tuple[tuple[str, str], ...] = ()

    def dump(self) -> str:
        value = {
            "high": self.high and self.high.isoformat(),
            "known": self.known,
            "start": self.start and self.start.isoformat(),
            "top": self.top and self.top.isoformat(),
            "below": self.below,
            "seen": self.seen,
        }
        return json.dumps({name: one for name, one in value.items() if one})

    @classmethod
    def load(cls, cursor: str) -> "Position":
        """
        :raises CursorExpired: not a cursor of ours
        """
        value = load(cursor)
        return cls(
            high=moment(value.get("high")),
            known=_pairs(value.get("known")),
            start=moment(value.get("start")),
            top=moment(value.get("top")),
            below=words(value.get("below")),
            seen=_pairs(value.get("seen")),
        )

    def from_the_top(self) -> "Position":
        """The server forgot the page below: go down once more."""
        return Position(self.high, self.known)


def load(cursor: str) -> dict:
    """
    :raises CursorExpired: not a cursor of ours
    """
    if not cursor:
        return {}
    try:
        value = json.loads(cursor)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise CursorExpired("cursor_expired", cursor[:40])
    return value


def _pairs(value) -> tuple[tuple[str, str], ...]:
    pairs = [listing(one) for one in listing(value)]
    return tuple((words(one[0]), words(one[1])) for one in pairs if len(one) == 2)


def short(name: str) -> str:
    return fingerprint(name)[:12]


def down(
    position: Position,
    entries: list[Entry],
    below: str,
    since: datetime,
    clock: datetime,
) -> tuple[list[int], Position, bool]:
    """(indexes of the entries that are new, the position after them, gap closed).

    :param below: the server's cursor for the page under this one, '' at the end
    :param clock: our moment, or the server's where that is earlier
    """
    horizon = position.high - OVERLAP if position.high else since
    if not position.below:
        position = replace(position, start=clock, top=None, seen=())
    known = {name for name, _at in position.known}
    fresh, seen, closed = [], [], False
    for index, one in enumerate(entries):
        if one.at and one.at < horizon:
            closed = True
            break
        name = short(one.name)
        seen.append((name, one.at.isoformat() if one.at else ""))
        if name not in known:
            fresh.append(index)
    times = [one.at for one in entries if one.at]
    top = max([*times, *([position.top] if position.top else [])], default=None)
    position = replace(position, top=top, seen=(*position.seen, *seen)[:KNOWN])
    # a page may be empty and not the last one: what we ask for is sifted out of all
    closed = closed or not below or below == position.below or older(below, horizon)
    if not closed:
        return fresh, replace(position, below=below), False
    high = max(position.start or clock, position.top or clock)
    high = min(high, (position.start or clock) + AHEAD)
    after = tuple(
        pair
        for pair in dict.fromkeys((*position.seen, *position.known))
        if (moment(pair[1]) or high) >= high - OVERLAP
    )
    return fresh, Position(high, after[:KNOWN]), True


def older(below: str, horizon: datetime) -> bool:
    """A cursor that tells a time below the horizon, as today's servers' do (§3):
    empty pages would otherwise lead down through years of likes."""
    at = moment(below.partition("__")[0])
    return at is not None and at < horizon
