"""Where we are in reading comments: which posts were looked at, what is still to read.

Instagram has no list of all comments, and no "since" (fact sheet meta §5): each post
has its own list, newest first. So the posts are listed with their numbers of comments,
and those read where the number has changed. Pure; the JSON is opaque to everybody else.
"""

import json
from dataclasses import asdict, dataclass, field, fields

from .errors import CursorExpired
from .meta_graph_messages_values import ident
from .values import listing, mapping, number, words

#: posts whose numbers are remembered; on what is older than that many posts only the
#: webhook tells of comments
MAX_POSTS = 2000
#: names of comments just read that are remembered, and seconds before the last look
#: that are read again: a listing may lag
KNOWN, OVERLAP = 1000, 600
#: seconds that a page's cursor is believed: "never persist them between runs" (§1)
CURSOR_LIFE = 600


@dataclass
class Job:
    """A list to be read: the comments of a post, or answers that did not fit there.

    ``since``: seconds; what is older is known. ``want``: how many more there are than
    the last time. ``found``, ``pages``: of this list until now.
    """

    kind: str
    id: str
    post: str
    link: str = ""
    since: int = 0
    count: int = 0
    want: int = 0
    after: str = ""
    at: int = 0
    began: int = 0
    found: int = 0
    pages: int = 0


@dataclass
class Position:
    """``posts``: id -> (comments, seconds of the last look, 1 = we have its words).
    ``known``: id of a comment -> its seconds. ``listing``: a round through the posts
    goes on there. ``sweep``, ``deep``: seconds from when on all posts are listed again,
    and posts of late are read whatever their number says."""

    posts: dict[str, list] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    listing: dict | None = None
    sweep: int = 0
    deep: int = 0

    def dump(self, now: int) -> str:
        recent = {one: at for one, at in self.known.items() if at >= now - 2 * OVERLAP}
        newest = sorted(recent, key=recent.get)[-KNOWN:]
        # numbers grow with time: what goes is old
        newest_posts = sorted(self.posts, key=lambda one: (len(one), one))[-MAX_POSTS:]
        posts = {one: self.posts[one] for one in newest_posts}
        value = {
            "posts": posts,
            "known": {one: recent[one] for one in newest},
            "jobs": [
                {key: one for key, one in asdict(job).items() if one}
                for job in self.jobs
            ],
            "listing": self.listing,
            "sweep": self.sweep,
            "deep": self.deep,
        }
        found = {key: one for key, one in value.items() if one}
        return json.dumps(found, separators=(",", ":"))

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
        posts = {}
        for key, one in mapping(value.get("posts")).items():
            pair = [number(each) or 0 for each in listing(one)]
            if ident(key) and len(pair) == 3:
                posts[key] = pair
        known = {
            key: number(at) or 0 for key, at in mapping(value.get("known")).items()
        }
        jobs = [_job(mapping(one)) for one in listing(value.get("jobs"))]
        return cls(
            posts,
            known,
            [one for one in jobs if one],
            mapping(value.get("listing")) or None,
            number(value.get("sweep")) or 0,
            number(value.get("deep")) or 0,
        )

    def looked(self, post: str, count: int, at: int):
        """The post was read, or needs no reading; the latest stand last."""
        shown = self.posts.pop(post, (0, 0, 0))[2]
        self.posts[post] = [count, at, shown]

    def show(self, post: str) -> bool:
        """Are its words wanted? Once only."""
        known = self.posts.setdefault(post, [-1, 0, 0])
        new, known[2] = not known[2], 1
        return new


def _job(value: dict) -> Job | None:
    kept = {}
    for one in fields(Job):
        read = words if one.type in ("str", str) else number
        kept[one.name] = read(value.get(one.name)) or one.default
    try:
        job = Job(
            **{key: one for key, one in kept.items() if isinstance(one, str | int)}
        )
    except TypeError:
        return None
    return job if job.kind in ("comments", "replies") and ident(job.id) else None
