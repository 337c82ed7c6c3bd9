"""What a link to Facebook names: a post, a comment, by number or by word. Pure.

Only links that lead to Facebook are read, and none is called. Fact sheet meta §2.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from .values import web_address

#: facebook.com itself, and what stands before it on phones and elsewhere
HOST = re.compile(r"([a-z-]+\.)?facebook\.com", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,30}", re.ASCII)
#: how posts are named since 2022
WORD = re.compile(r"pfbid[0-9A-Za-z]{10,120}", re.ASCII)
#: parts of a path after which a post's number or word comes
PARTS = ("posts", "videos", "photos", "reel", "permalink")
#: fields of a query that name the post
NAMES = ("story_fbid", "fbid", "v")


@dataclass(frozen=True)
class Place:
    """A post by its ``number`` in the feed of ``owner`` (empty: ours), or by a
    ``word``; and perhaps a ``comment`` below it."""

    number: str = ""
    word: str = ""
    owner: str = ""
    comment: str = ""


def place_of(link: str) -> Place | None:
    """None: it leads nowhere that we know."""
    link = web_address(link)
    parts = urlsplit(link) if link else None
    if not parts or not HOST.fullmatch((parts.hostname or "").lower()):
        return None
    query = {key: one[0] for key, one in parse_qs(parts.query).items()}
    comment = _number(query.get("reply_comment_id")) or _number(query.get("comment_id"))
    named = next((query[name] for name in NAMES if name in query), "")
    path = [one for one in parts.path.split("/") if one]
    after = [path.index(one) for one in PARTS if one in path]
    named = named or (path[-1] if after and path[-1] not in PARTS else "")
    owner = _number(query.get("id"))
    if not owner and after and after[0] and NUMBER.fullmatch(path[after[0] - 1]):
        owner = path[after[0] - 1]
    if WORD.fullmatch(named):
        return Place(word=named, comment=comment)
    if NUMBER.fullmatch(named):
        return Place(number=named, owner=owner, comment=comment)
    return None


def _number(value) -> str:
    value = value or ""
    return value if NUMBER.fullmatch(value) else ""
