"""Reads Instagram's JSON field by field: who we are, who wrote, ids, links.

A value of the wrong kind counts as missing, so nothing here raises, whatever the JSON
holds. Fact sheet meta §5.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from . import items
from .meta_graph import moment, written_moment
from .meta_graph_messages_values import USERNAME, Own, ident
from .values import listing, mapping, web_address, words

SITE = "https://www.instagram.com"
HOSTS = ("instagram.com", "www.instagram.com", "m.instagram.com")
#: scope of people of whom we are told no more than a name, which they may change
BY_NAME = "username"
#: …/p/<shortcode>/ and …/reel/<shortcode>/, perhaps below a name; with a comment
LINK = re.compile(
    r"/(?:[\w.]{1,64}/)?(?:p|reel|reels|tv)/([\w-]{1,60})(?:/c/([0-9]{1,30}))?"
    r"(?:/r/([0-9]{1,30}))?/?",
    re.ASCII,
)
#: where a comment stands (``Target.extra["place"]``): below a post of ours, below a
#: live video of ours, below somebody else's post that names us; a post that names us, a
#: post that we are marked in, a post of ours
OURS, LIVE, THEIRS = "ours", "live", "theirs"
NAMED, TAGGED, POST = "named", "tagged", "post"
#: before the id of what can only be read by way of its mention
BY_MENTION, BY_MEDIA = "mention:", "post:"


@dataclass(frozen=True)
class Me(Own):
    """Who we are; ``handle`` tells us apart where only names are shown."""

    handle: str = ""

    def wrote(self, author_id: str, username: str) -> bool:
        if author_id:
            return self.is_us(author_id)
        return bool(self.handle) and username.lower() == self.handle.lower()


def name_of(value) -> str:
    value = words(value).removeprefix("@")
    return value if USERNAME.fullmatch(value) else ""


def author(row: Mapping, me: Me) -> items.Author:
    """Who wrote a comment or a post.

    Ids are per account of ours. Where only a name is told it stands for whoever has it
    at that moment, and is never taken for a person.
    """
    told = mapping(row.get("from"))
    one_id = ident(told.get("id")) or ident(mapping(row.get("user")).get("id"))
    name = name_of(told.get("username")) or name_of(row.get("username"))
    if me.wrote(one_id, name):
        return items.Author(id=me.id, handle=me.handle)
    url = f"{SITE}/{name}/" if name else ""
    if one_id:
        return items.Author(one_id, name, name, url, scope=me.id)
    if name:
        return items.Author(
            f"@{name.lower()}", name, name, url, shared=True, scope=BY_NAME
        )
    return items.Author()


def when(row: Mapping, at=None) -> datetime | None:
    """When it was written: pushed comments do not say, then it is when we were told."""
    return written_moment(row.get("timestamp")) or moment(at)


def permalink(media: Mapping, comment_id: str = "") -> str:
    """The post's page, or the comment's below it (§5)."""
    url = web_address(words(media.get("permalink")))
    if not url.startswith(f"{SITE}/"):
        return ""
    return f"{url.rstrip('/')}/c/{comment_id}/" if comment_id else url


def names_in(text: str) -> list[str]:
    """Who is named with an @ in a text."""
    found = re.findall(r"(?<![\w.@])@([\w.]{1,64})", text, re.ASCII)
    return [one.rstrip(".").lower() for one in found]


def rows_of(collection) -> list[dict]:
    """``data`` of a nested collection."""
    return [mapping(one) for one in listing(mapping(collection).get("data"))]
