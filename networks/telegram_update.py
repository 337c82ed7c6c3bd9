"""Telegram's updates: what is journalled of each, and what it means.

Pure, and never raises whatever the JSON holds. Fact sheet telegram §2, §3.
"""

import hashlib
import json
from collections.abc import Mapping

from . import items
from .telegram_message import (
    Own,
    answered,
    by_us,
    frame,
    key_of,
    read,
)
from .telegram_values import ident, moment, person, place
from .values import listing, mapping, words

#: what we ask for; reactions come only when named (§3)
UPDATES = (
    *("message", "edited_message", "channel_post", "edited_channel_post"),
    *("my_chat_member", "message_reaction"),
)
#: kinds of update that hold a message
_MESSAGES = frozenset(UPDATES[:4])
#: kinds that say nothing to a help desk
_IGNORED = frozenset(
    "callback_query chat_boost chat_join_request chat_member chosen_inline_result "
    "inline_query message_reaction_count poll poll_answer removed_chat_boost".split()
)


# --- an update --------------------------------------------------------------------
def raw_items(update: Mapping, own: Own) -> list[items.RawItem]:
    """The update, after the message that it answers, if that was in a group.

    A bot that hears only what is meant for it has not heard that one, and there is no
    other way to read it.
    """
    number = ident(update.get("update_id"))
    if not number:
        packed = json.dumps(update, sort_keys=True).encode()
        number = f"sha256:{hashlib.sha256(packed).hexdigest()}"
    found = []
    message = _message_of(update)
    above = answered(message)
    private = mapping(message.get("chat")).get("type") == "private"
    if above and not private and not by_us(above, own):
        key = f"context:{frame(above)[1]}:{frame(above)[2]}"
        found.append(_raw_item(key, {"context": above}, above))
    dated = (mapping(value) for value in update.values())
    dated = next((value for value in dated if "date" in value), {})
    found.append(_raw_item(number, update, dated))
    return found


def _message_of(update: Mapping) -> dict:
    kinds = sorted(_MESSAGES & update.keys())
    return mapping(update[kinds[0]]) if kinds else {}


def _raw_item(key: str, data: dict, dated: Mapping) -> items.RawItem:
    """The revision guards against a number that comes again after a restart (§3)."""
    at = moment(dated.get("edit_date")) or moment(dated.get("date"))
    revision = str(int(at.timestamp())) if at else ""
    return items.RawItem(key=key, data=data, revision=revision, sent_at=at)


def parse(update: Mapping, own: Own) -> items.Parsed:
    """The meaning of what ``raw_items`` made."""
    update = mapping(update)
    if "context" in update:
        return read(mapping(update["context"]), own, context=True)
    for kind, value in update.items():
        if kind in _MESSAGES:
            return read(mapping(value), own, kind.startswith("edited_"))
        if kind == "my_chat_member":
            return membership(mapping(value))
        if kind == "message_reaction":
            return reaction(mapping(value), own)
        if kind in _IGNORED:
            return items.Unknown(kind, ignorable=True)
    return items.Unknown("unknown_kind")


# --- news about chats and messages ------------------------------------------------
def membership(change: Mapping) -> items.Parsed:
    """We were blocked, unblocked, added or thrown out (``my_chat_member``)."""
    chat_id = ident(mapping(change.get("chat")).get("id"))
    at, new = moment(change.get("date")), mapping(change.get("new_chat_member"))
    status = words(new.get("status"))
    if not chat_id or at is None or not status:
        return items.Unknown("malformed")
    private = mapping(change.get("chat")).get("type") == "private"
    if status in ("kicked", "left"):
        code = "blocked" if private else "not_member"
        return items.Receipt("blocked", at, thread=chat_id, code=code)
    if status == "restricted" and new.get("can_send_messages") is not True:
        return items.Receipt("blocked", at, thread=chat_id, code="forbidden")
    return items.Receipt("unblocked", at, thread=chat_id)


def reaction(change: Mapping, own: Own) -> items.Parsed:
    """What somebody put under a message, or took away."""
    chat = mapping(change.get("chat"))
    message_id, at = ident(change.get("message_id")), moment(change.get("date"))
    if not ident(chat.get("id")) or not message_id or at is None:
        return items.Unknown("malformed")
    actor = mapping(change.get("actor_chat"))
    new, old = (
        _symbols(change.get("new_reaction")),
        _symbols(change.get("old_reaction")),
    )
    return items.Reaction(
        key=key_of(chat, message_id, own.id),
        author=place(actor) if actor else person(change.get("user")),
        symbol=new or old,
        at=at,
        removed=not new,
    )


def _symbols(reactions) -> str:
    """Custom emoji have no text; a star stands for paid ones."""
    found = []
    for one in map(mapping, listing(reactions)):
        kind = words(one.get("type"))
        plain = {"paid": "⭐", "custom_emoji": "▫"}.get(kind, "")
        found.append(words(one.get("emoji")) or plain)
    return "".join(found)
