"""What an item of Instagram means: a comment, a post of ours, a mention, a removal.

Pure, and never raises whatever the JSON holds. Comments below our posts are pushed with
their words; who names us elsewhere is only announced. Fact sheet meta §5.
"""

from collections.abc import Mapping

from . import items
from .instagram_push import COMMENTS, MENTIONS
from .instagram_values import (
    BY_MEDIA,
    BY_MENTION,
    LIVE,
    NAMED,
    OURS,
    POST,
    TAGGED,
    THEIRS,
    Me,
    author,
    names_in,
    permalink,
    when,
)
from .meta_graph import moment
from .meta_graph_messages_values import ident
from .values import mapping, number, words

#: fields of raw items that we made ourselves: a comment of a list, one that was read
#: again, one that a link leads to, those below others' posts, posts, what is gone
LISTED, AGAIN, LINKED = "listed", "again", "linked"
MENTIONED_COMMENT, MENTIONED_MEDIA = "mentioned_comment", "mentioned_media"
OWN_MEDIA, TAGGED_MEDIA, GONE = "media", "tagged", "gone"
#: what asks nothing of a help desk
_IGNORED = frozenset("story_insights follow creator_marketplace_invited".split())
#: revisions are stored in 32 bits
_MAX_REVISION = 2**31 - 1


def parse(data: Mapping, me: Me) -> items.Parsed:
    """The meaning of what ``instagram_push`` or the pull made."""
    data = mapping(data)
    field, value = words(data.get("field")), mapping(data.get("value"))
    if field in (*COMMENTS, LISTED, AGAIN, LINKED, MENTIONED_COMMENT):
        return _comment(field, value, data, me)
    if field == MENTIONS:
        return _announced(value)
    if field in (MENTIONED_MEDIA, TAGGED_MEDIA, OWN_MEDIA):
        return _media(field, value, data, me)
    if field == GONE:
        key, at = ident(value.get("id")), moment(data.get("at"))
        return items.Removal(key, at) if key and at else items.Unknown("malformed")
    return items.Unknown(field[:60] or "malformed", ignorable=field in _IGNORED)


def _announced(value: Mapping) -> items.Parsed:
    """Only ids, which nobody keeps for us: what they stand for is read (§5)."""
    media, comment = ident(value.get("media_id")), ident(value.get("comment_id"))
    if comment:
        return items.Announced(f"{BY_MENTION}{comment}:{media}")
    return (
        items.Announced(f"{BY_MEDIA}{media}") if media else items.Unknown("malformed")
    )


def _comment(field, value, data, me) -> items.Parsed:
    key, at = ident(value.get("id")), when(value, data.get("at"))
    if not key or at is None:
        return items.Unknown("malformed")
    who = author(value, me)
    media = mapping(value.get("media"))
    top = ident(value.get("parent_id"))
    place = LIVE if field == "live_comments" else OURS
    owner = ident(mapping(media.get("owner")).get("id"))
    if field == MENTIONED_COMMENT and not me.is_us(owner):
        place = THEIRS
    shown = ident(media.get("original_media_id")) or ident(media.get("id"))
    above = top or ("" if place == THEIRS else shown)
    text = words(value.get("text"))
    looked = number(data.get("read"))
    return items.Incoming(
        key=key,
        ref=f"{BY_MENTION}{key}" if place == THEIRS else key,
        author=who,
        # a moving picture without words is all that we are shown of one
        text=text or "[unsupported]",
        kind="message" if text.strip() else "unsupported",
        sent_at=at,
        audience=items.PUBLIC,
        # edits are told by nobody: the words are as they were when we looked
        revision=min(max(looked or 0, 0), _MAX_REVISION),
        parent=above,
        parent_ref=above,
        permalink=permalink(media, key),
        extra=_extra(place, ident(media.get("id")), top, who, media),
    )


def _extra(place, media_id, top, who, media) -> dict:
    found = {
        "place": place,
        "media": media_id,
        # comments have two levels: answers to an answer stand below the first (§5)
        "top": top,
        "name": who.handle,
        "ad": ident(media.get("ad_id")),
        "ad_title": words(media.get("ad_title"))[:200],
    }
    return {key: value for key, value in found.items() if value}


def _media(field, value, data, me) -> items.Parsed:
    key, at = ident(value.get("id")), when(value, data.get("at"))
    if not key or at is None:
        return items.Unknown("malformed")
    kind = words(value.get("media_type")).lower()[:30] or "post"
    caption = words(value.get("caption"))
    ours = field == OWN_MEDIA
    who = items.Author(id=me.id, handle=me.handle) if ours else author(value, me)
    named = field == MENTIONED_MEDIA or me.handle.lower() in names_in(caption)
    place = POST if ours else NAMED if named else TAGGED
    return items.Incoming(
        key=key,
        ref=key if ours else f"{BY_MEDIA}{key}",
        author=who,
        text=caption or f"[{kind}]",
        sent_at=at,
        audience=items.PUBLIC,
        addressed=not ours,
        permalink=permalink(value),
        extra=_extra(place, key, "", who, {}),
    )
