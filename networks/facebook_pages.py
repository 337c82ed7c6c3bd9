"""Where we are in the posts of a Page and in the comments below them. Pure.

No list of a page's new comments exists, so posts are read with their latest comments
nested in them. A round has three parts, one page per call: the posts of the last two
weeks; below each post that has more new comments than are nested, those comments; and
one page of older posts, every round further back, until the beginning is reached and it
starts anew. Nothing is too old to be looked at, only later. Meta's cursors end after a
while, so what is kept for long are times. Fact sheet meta §1, §2.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .errors import CursorExpired
from .facebook_values import object_id
from .values import listing, mapping, number, words

#: posts of these days are read in every round; older ones in turn
RECENT = timedelta(days=14)
#: comments appear late: spam filter, deferred indexing (§2: at least an hour)
OVERLAP = timedelta(hours=1)
#: seconds for which a cursor of Meta's is trusted
CURSOR_LIFE = 600
#: pages of comments below one post in a round: 100,000 comments
MAX_PAGES = 1000
#: posts whose comments wait to be read; each costs a call
MAX_WAITING = 500


@dataclass(frozen=True)
class Dig:
    """A post whose comments are read down to a moment (seconds)."""

    post: str
    down_to: int
    ours: bool = False
    after: str = ""
    pages: int = 0


@dataclass(frozen=True)
class Position:
    """Seconds since 1970; 0 for never.

    ``done``: when the last whole round began. ``began``: when this one did, 0 between
    rounds. ``recent``: its recent posts are read; ``after`` leads to their next page
    until then, then to the next of the older ones. ``older``: the page of older posts
    is read. ``until``: the older ones are read down to there. ``walk``: when the walk
    through the older ones began, ``walked``: when the last whole one did. ``asked``:
    when a cursor of Meta's was given.
    """

    done: int = 0
    began: int = 0
    recent: bool = False
    older: bool = False
    after: str = ""
    asked: int = 0
    digs: tuple[Dig, ...] = ()
    until: int = 0
    walk: int = 0
    walked: int = 0

    # --- kept -----------------------------------------------------------------
    def dump(self) -> str:
        value = {
            name: one
            for name, one in vars(self).items()
            if one and not isinstance(one, tuple)
        }
        if self.digs:
            value["digs"] = [list(vars(one).values()) for one in self.digs]
        return json.dumps(value)

    @classmethod
    def load(cls, cursor: str, now: datetime) -> "Position":
        """
        :raises CursorExpired: not a cursor of ours
        """
        try:
            value = json.loads(cursor) if cursor else {}
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise CursorExpired("cursor_expired", cursor[:40])
        digs = [_dig(listing(one)) for one in listing(value.get("digs"))]
        found = cls(
            *(_count(value.get(name)) for name in ("done", "began")),
            value.get("recent") is True,
            value.get("older") is True,
            words(value.get("after")),
            _count(value.get("asked")),
            tuple(one for one in digs if one.post),
            *(_count(value.get(name)) for name in ("until", "walk", "walked")),
        )
        if seconds(now) - found.asked > CURSOR_LIFE:
            found = found.without_cursors()
        return found

    def without_cursors(self) -> "Position":
        """From the top of where we are: nothing is lost, a page is read twice."""
        digs = tuple(replace(one, after="") for one in self.digs)
        return replace(self, after="", digs=digs)

    # --- a round --------------------------------------------------------------
    def begin(self, now: datetime) -> "Position":
        if self.began:
            return self
        return replace(self, began=seconds(now), recent=False, older=False, after="")

    @property
    def part(self) -> str:
        """What is read next: ``dig``, ``recent``, ``older``, or '' at the end."""
        if self.digs:
            return "dig"
        if not self.recent:
            return "recent"
        return "" if self.older else "older"

    def finish(self) -> "Position":
        """The round is over."""
        return replace(self, done=self.began, began=0, after="", asked=0)

    # --- how far down ---------------------------------------------------------
    def horizon(self, part: str, since: datetime) -> int:
        """Comments after this moment were not all read before."""
        last = self.walked if part == "older" else self.done
        return max(last - int(OVERLAP.total_seconds()), seconds(since), 0)

    def floor(self, part: str, since: datetime) -> int:
        """Comments after this moment are looked at wherever they are met."""
        late = (self.began or 0) - int(RECENT.total_seconds())
        return max(min(late, self.horizon(part, since)), seconds(since), 0)

    # --- after a page ---------------------------------------------------------
    def listed(self, part: str, after: str, oldest: int, now: datetime) -> "Position":
        """A page of posts was read.

        :param after: Meta's cursor of the next page; '' where there is none
        :param oldest: when the oldest of them was written, 0 for an empty page
        """
        found = replace(self, after=after, asked=seconds(now) if after else self.asked)
        if part == "recent":
            return found if after else replace(found, recent=True)
        if not oldest and after:
            return found  # empty, and still not the end
        found = replace(found, older=True, after="", walk=self.walk or self.began)
        if not oldest:
            return replace(found, until=0, walk=0, walked=found.walk)
        # the same second is asked for again, unless it would stand still there
        below = oldest if oldest != self.until else oldest - 1
        return replace(found, until=below)

    def wait(self, digs) -> "Position":
        known = {one.post for one in self.digs}
        fresh = tuple(one for one in digs if one.post not in known)
        return replace(self, digs=(self.digs + fresh)[:MAX_WAITING])

    def dug(self, after: str, now: datetime) -> "Position":
        """A page below the first waiting post was read; '' was the last of them."""
        first, *rest = self.digs
        if not after or first.pages + 1 >= MAX_PAGES:
            return replace(self, digs=tuple(rest))
        first = replace(first, after=after, pages=first.pages + 1)
        return replace(self, digs=(first, *rest), asked=seconds(now))


def seconds(when: datetime) -> int:
    return int(when.timestamp())


def _count(value) -> int:
    value = number(value)
    return value if value and 0 < value < 2**40 else 0


def _dig(row: list) -> Dig:
    row = [*row, *[None] * 5]
    return Dig(
        object_id(row[0]),
        _count(row[1]),
        row[2] is True,
        words(row[3]),
        _count(row[4]),
    )


def nested(row: dict) -> tuple[list[dict], bool]:
    """(comments nested in a post, are there more of them?)."""
    comments = mapping(row.get("comments"))
    more = bool(mapping(comments.get("paging")).get("next"))
    return [mapping(one) for one in listing(comments.get("data"))], more
