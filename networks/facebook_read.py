"""What a Page's post or comment means: pulled, or told by a webhook. Pure.

Never raises whatever the JSON holds. No edit is dated in what is pulled: such a state
is known by when we looked, and an edit only where the words differ. Fact sheet meta §2.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from . import items
from .facebook_content import files, pushed_files, shared
from .facebook_push import FEED, MENTION
from .facebook_values import author, mentions, object_id, post_of, ref_of
from .meta_graph import moment, written_moment
from .meta_graph_messages_values import ident
from .values import mapping, web_address, words

#: what a webhook calls a post, by what is on it (§2)
POSTS = frozenset(
    "album cover event image link note photo picture post share status story video "
    "reel".split()
)
ADDED = frozenset(("add", "publish"))
EDITED = frozenset(("edit", "edited", "update"))
REMOVED = frozenset(("remove", "delete", "unpublish"))
HIDDEN = {"hide": True, "unhide": False}
#: reactions as Facebook draws them
SYMBOLS = {
    "like": "👍",
    "love": "❤️",
    "care": "🤗",
    "haha": "😆",
    "wow": "😮",
    "sad": "😢",
    "angry": "😡",
}
#: what may not be done is told where it may not; the rest is assumed
MAY = ("can_hide", "can_remove", "can_like", "can_comment", "can_reply_privately")
#: fields of a change that ask nothing of a help desk
_IGNORED = frozenset(
    "about category company_overview conversations description email general_info "
    "hours leadgen live_videos location name phone picture ratings videos "
    "website".split()
)
#: revisions are stored in 32 bits
_MAX_REVISION = 2**31 - 1


def parse(data: Mapping, own: str) -> items.Parsed:
    """The meaning of a raw item of the public half.

    :param own: the page's id, where the item does not say it
    """
    data = mapping(data)
    own = ident(data.get("page")) or own
    kind = data.get("kind")
    if kind in ("post", "comment"):
        return _pulled(kind, data, own)
    if kind == "gone":
        return _gone(data)
    if kind == "hidden":
        return _hidden(data)
    field, value = words(data.get("field")), mapping(data.get("value"))
    if field == FEED:
        return _feed(value, data, own)
    if field == MENTION:
        return _mention(value)
    return items.Unknown(field[:60] or "malformed", ignorable=field in _IGNORED)


# --- pulled -----------------------------------------------------------------------
def _pulled(kind: str, data: Mapping, own: str) -> items.Parsed:
    value = mapping(data.get("value"))
    one_id, at = object_id(value.get("id")), written_moment(value.get("created_time"))
    if not one_id or at is None:
        return items.Unknown("malformed")
    who = author(value.get("from"), own)
    if data.get("ours") is True and not who.id:
        who = items.Author(id=own)
    seen = moment(data.get("seen"))
    looked = min(int(seen.timestamp()), _MAX_REVISION) if seen else 0
    found = items.Incoming(
        key=one_id,
        ref=ref_of(kind, one_id),
        author=who,
        text=_text(value),
        sent_at=at,
        audience=items.PUBLIC,
        # our own words are edited by us, or by a colleague, of whom the webhook tells
        revision=0 if who.id == own else looked,
        media=files(kind, one_id, value),
        mentions=mentions(value, own),
        permalink=web_address(words(value.get("permalink_url"))),
        context=data.get("context") is True,
        extra=_extra(value),
    )
    if kind == "post":
        return found
    parent = object_id(mapping(value.get("parent")).get("id"))
    post = object_id(data.get("post")) or post_of(one_id, own)
    return _below(found, parent, post)


def _below(found: items.Incoming, parent: str, post: str) -> items.Incoming:
    """A comment hangs on its post, or on the first comment of its branch: there are
    two levels and no more (§2)."""
    if parent and parent != post:
        extra = {**found.extra, "top": parent}
        return replace(found, parent=parent, parent_ref=parent, extra=extra)
    return replace(found, parent=post, parent_ref=ref_of("post", post))


def _text(value: Mapping) -> str:
    return words(value.get("message")) or shared(value) or words(value.get("story"))


def _extra(value: Mapping) -> dict:
    found = {one: False for one in MAY if value.get(one) is False}
    if mapping(value.get("private_reply_conversation")):
        found["private_replied"] = True
    return found


def _gone(data: Mapping) -> items.Parsed:
    """It cannot be read: deleted, or withheld from us; the two look the same."""
    key, at = object_id(data.get("id")), moment(data.get("at"))
    if not key or at is None:
        return items.Unknown("malformed")
    return items.Removal(key, at, by="network")


def _hidden(data: Mapping) -> items.Parsed:
    key, at = object_id(data.get("id")), moment(data.get("at"))
    if not key or at is None:
        return items.Unknown("malformed")
    return items.Hidden(key, at, data.get("hidden") is not False)


# --- pushed -----------------------------------------------------------------------
def _feed(value: Mapping, data: Mapping, own: str) -> items.Parsed:
    item, verb = words(value.get("item")), words(value.get("verb"))
    sent = moment(data.get("time")) or moment(value.get("created_time"))
    if item in ("reaction", "like"):
        return _reaction(value, item, verb, sent, own)
    kind = "comment" if item == "comment" else "post"
    one_id = object_id(value.get(f"{kind}_id"))
    if item not in POSTS and item != "comment":
        return items.Unknown(f"feed_{item[:40] or 'unknown'}", ignorable=True)
    if not one_id or sent is None:
        return items.Unknown("malformed")
    if verb in REMOVED:
        return items.Removal(one_id, sent)
    if verb in HIDDEN:
        return items.Hidden(one_id, sent, HIDDEN[verb])
    if verb not in ADDED | EDITED:
        return items.Unknown(f"feed_{verb[:40] or 'unknown'}", ignorable=True)
    if value.get("published") in (0, False):
        return items.Unknown("unpublished", ignorable=True)
    return _said(kind, one_id, value, verb in EDITED, sent, own)


def _said(kind, one_id, value, edited: bool, sent: datetime, own) -> items.Incoming:
    at = moment(value.get("created_time")) or sent
    who = author(value.get("from"), own)
    if not who.id:
        # former versions of the webhook
        old = {"id": value.get("sender_id"), "name": value.get("sender_name")}
        who = author(old, own) if old["id"] else who
    text = words(value.get("message"))
    if not text and words(value.get("item")) in ("share", "link"):
        text = web_address(words(value.get("link")))
    post = mapping(value.get("post"))
    found = items.Incoming(
        key=one_id,
        ref=ref_of(kind, one_id),
        author=who,
        text=text,
        sent_at=at,
        audience=items.PUBLIC,
        revision=min(int(sent.timestamp()), _MAX_REVISION) if edited else 0,
        edited_at=sent if edited else None,
        media=pushed_files(kind, one_id, value),
        mentions=mentions(value, own),
        # passed on by somebody to their own friends: read along, nobody asks us
        context=words(value.get("item")) == "share" and who.id != own,
    )
    if kind == "post":
        link = web_address(words(value.get("permalink_url")))
        return replace(found, permalink=link)
    page = object_id(value.get("post_id"))
    found = _below(found, object_id(value.get("parent_id")), page)
    return replace(found, permalink=_comment_link(post, one_id))


def _comment_link(post: Mapping, comment: str) -> str:
    """A comment's address, made of its post's, as Facebook writes them (§2)."""
    link = web_address(words(post.get("permalink_url")))
    _post, _bar, number = comment.partition("_")
    if not link or not number:
        return ""
    return f"{link}{'&' if '?' in link else '?'}comment_id={number}"


def _reaction(value, item, verb, sent, own) -> items.Parsed:
    target = object_id(value.get("comment_id")) or object_id(value.get("post_id"))
    who = author(value.get("from"), own)
    if who.id and who.id == own:
        return items.Unknown("own_reaction", ignorable=True)
    if not target or sent is None:
        return items.Unknown("malformed")
    if verb not in ADDED | REMOVED:
        # another one in place of the former, which is not told
        return items.Unknown("reaction_changed", ignorable=True)
    symbol = SYMBOLS.get(words(value.get("reaction_type")) or item, "👍")
    return items.Reaction(target, who, symbol, sent, removed=verb in REMOVED)


def _mention(value: Mapping) -> items.Parsed:
    """Somebody named the page elsewhere: only ids are sure, so it is read (§2)."""
    if words(value.get("verb")) in REMOVED:
        key = object_id(value.get("comment_id")) or object_id(value.get("post_id"))
        at = moment(value.get("created_time"))
        return items.Removal(key, at) if key and at else items.Unknown("malformed")
    comment = object_id(value.get("comment_id"))
    post = object_id(value.get("post_id"))
    if not comment and not post:
        return items.Unknown("malformed")
    return items.Announced(comment or ref_of("post", post))
