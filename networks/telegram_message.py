"""A Telegram update turned into an item: where it belongs and whether it is for us.

Pure, and never raises whatever the JSON holds. Fact sheet telegram §2, §3, §6.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from . import items
from .telegram_content import SERVICE, content, evidence
from .telegram_values import (
    audience,
    author,
    cut,
    entities,
    ident,
    listing,
    mapping,
    moment,
    name,
    permalink,
    person,
    place,
    text_field,
    words,
)

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
#: a hand-off token behind ``?start=`` (§6)
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")

#: revisions are stored in 32 bits; enough for times until 2038
_MAX_REVISION = 2**31 - 1


@dataclass(frozen=True)
class Own:
    """Who we are, as far as reading needs it.

    ``chats``: ids and lower-case names of groups and channels that are ours, where
    every message is meant for us.
    """

    id: str
    username: str = ""
    chats: frozenset[str] = frozenset()

    def holds(self, chat: Mapping) -> bool:
        return bool({ident(chat.get("id")), name(chat).lower()} & self.chats - {""})


# --- where it belongs ---------------------------------------------------------------
def thread_of(message: Mapping) -> str:
    """The conversation a message is in; empty where replies form the conversations.

    A private chat is one, a closed group is one (each topic of a forum its own). In
    public every branch of replies is one; only an album is held together, because
    just one of its messages carries the text that names us.
    """
    chat = mapping(message.get("chat"))
    chat_id, who = ident(chat.get("id")), audience(chat)
    if who == items.PRIVATE:
        return chat_id
    if who == items.GROUP:
        topic = topic_of(message)
        return f"{chat_id}:t{topic}" if topic else chat_id
    album = words(message.get("media_group_id"))
    return f"{chat_id}:a{album}" if album and not answered(message) else ""


def topic_of(message: Mapping) -> str:
    """The forum topic; other threads must not be named when sending (§4)."""
    if message.get("is_topic_message") is not True:
        return ""
    return ident(message.get("message_thread_id"))


def answered(message: Mapping) -> dict:
    """The message that is answered, if any, in the same chat.

    Every message of a forum topic "answers" the notice that opened the topic, and
    that says nothing.
    """
    above = mapping(message.get("reply_to_message"))
    here = ident(mapping(message.get("chat")).get("id"))
    there = ident(mapping(above.get("chat")).get("id"))
    above_id = ident(above.get("message_id"))
    if not above_id or there != here:
        return {}
    if "forum_topic_created" in above or above_id == topic_of(message):
        return {}
    return above


# --- is it meant for us -----------------------------------------------------------
def mentions(message: Mapping) -> tuple[items.Author, ...]:
    field, found = text_field(message), []
    text = words(message.get(field))
    for kind, start, end, entity in entities(message, field):
        if kind == "text_mention":
            found.append(person(entity.get("user")))
        elif kind == "mention":
            found.append(items.Author(handle=cut(text, start, end).lstrip("@")))
    return tuple(found)


def command(message: Mapping, own: Own) -> tuple[str, str] | None:
    """(command, what follows) of a command for our bot at the very beginning."""
    text = words(message.get("text"))
    for kind, start, end, _entity in entities(message, "text"):
        if kind == "bot_command" and start == 0:
            verb, _at, bot = cut(text, 0, end).partition("@")
            if bot and bot.lower() != own.username.lower():
                return None
            return verb, cut(text, end, len(text) * 4).strip()
    return None


def _by_us(message: Mapping, own: Own) -> bool:
    sender = ident(mapping(message.get("from")).get("id"))
    return bool(sender) and sender == own.id


def addressed(message: Mapping, own: Own) -> bool:
    """Names us, answers us, commands us, or stands where all is meant for us."""
    chat = mapping(message.get("chat"))
    if chat.get("type") == "private":
        return True
    for one in mentions(message):
        named = own.username and one.handle.lower() == own.username.lower()
        if named or (one.id and one.id == own.id):
            return True
    if command(message, own):
        return True
    if message.get("is_automatic_forward") is True or chat.get("type") == "channel":
        return False
    above = answered(message)
    if _by_us(above, own):
        return True
    post_of = mapping(above.get("sender_chat"))
    if above.get("is_automatic_forward") is True and own.holds(post_of):
        return True  # a comment under a post of our channel (§2)
    hidden = ident(mapping(message.get("sender_chat")).get("id"))
    return own.holds(chat) and hidden != ident(chat.get("id"))


# --- a message --------------------------------------------------------------------
def frame(message: Mapping) -> tuple[dict, str, str, datetime | None]:
    """(chat, chat id, message id, time); empty values where there is none."""
    chat = mapping(message.get("chat"))
    return (
        chat,
        ident(chat.get("id")),
        ident(message.get("message_id")),
        moment(message.get("date")),
    )


def read(message: Mapping, own: Own, edited=False, context=False) -> items.Parsed:
    """A message in any chat; the order of the questions is the meaning."""
    chat, chat_id, message_id, sent_at = frame(message)
    who = audience(chat)
    if not chat_id or not message_id or sent_at is None:
        return items.Unknown("malformed")
    if not who or chat.get("is_direct_messages") is True:
        # the chat of a channel's admins with many people: not one we can answer in
        return items.Unknown("unknown_kind")
    if message.keys() & SERVICE:
        return items.Unknown("service_message", ignorable=True)
    kind, text, media = content(message)
    if kind == "unsupported" and who != items.PRIVATE:
        return items.Unknown("unknown_kind")
    if edited and kind == "location":
        return items.Unknown("live_location", ignorable=True)
    edited_at = moment(message.get("edit_date"))
    above = answered(message)
    parent = f"{chat_id}:{ident(above['message_id'])}" if above else ""
    found = items.Incoming(
        key=f"{chat_id}:{message_id}",
        ref=f"{chat_id}:{message_id}",
        author=author(message),
        text=text,
        sent_at=sent_at,
        audience=who,
        # in seconds: two edits within one second cannot be told apart
        revision=min(int(edited_at.timestamp()), _MAX_REVISION) if edited_at else 0,
        edited_at=edited_at,
        thread=thread_of(message),
        parent=parent,
        parent_ref=parent,
        addressed=not context and addressed(message, own),
        context=context,
        mentions=mentions(message),
        media=media,
        evidence=evidence(message),
        permalink=permalink(chat, message_id),
        kind=kind,
        extra=_extra(message),
    )
    moved_from = ident(message.get("migrate_from_chat_id"))
    if moved_from:
        return replace(found, thread_alias=moved_from, addressed=False)
    return found if edited or context else _started(found, message, own)


def _extra(message: Mapping) -> dict:
    found = {
        "topic": topic_of(message),
        "album": words(message.get("media_group_id")),
    }
    return {key: value for key, value in found.items() if value}


def _started(found: items.Incoming, message: Mapping, own: Own) -> items.Parsed:
    """``/start <payload>`` behind a deep link brings the hand-off token back (§6).

    Only in a private chat and from the person's own hand: a forwarded one belongs
    to somebody else. The token is taken out of the text.
    """
    said = command(message, own)
    if not said or said[0] != "/start" or found.audience != items.PRIVATE:
        return found
    if found.kind != "message" or found.author.shared:
        return found
    payload = said[1] if PAYLOAD.fullmatch(said[1]) else ""
    text = "/start" if payload else found.text
    return replace(found, kind="start", text=text, payload=payload)


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


def reaction(change: Mapping) -> items.Parsed:
    """What somebody put under a message, or took away."""
    chat_id = ident(mapping(change.get("chat")).get("id"))
    message_id, at = ident(change.get("message_id")), moment(change.get("date"))
    if not chat_id or not message_id or at is None:
        return items.Unknown("malformed")
    actor = mapping(change.get("actor_chat"))
    new, old = (
        _symbols(change.get("new_reaction")),
        _symbols(change.get("old_reaction")),
    )
    return items.Reaction(
        key=f"{chat_id}:{message_id}",
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
    message = mapping(
        next((update[kind] for kind in sorted(_MESSAGES & update.keys())), None)
    )
    above = answered(message)
    private = mapping(message.get("chat")).get("type") == "private"
    if above and not private and not _by_us(above, own):
        key = f"context:{frame(above)[1]}:{frame(above)[2]}"
        found.append(_raw_item(key, {"context": above}, above))
    dated = (mapping(value) for value in update.values())
    dated = next((value for value in dated if "date" in value), {})
    found.append(_raw_item(number, update, dated))
    return found


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
            return read(mapping(value), own, edited=kind.startswith("edited_"))
        if kind == "my_chat_member":
            return membership(mapping(value))
        if kind == "message_reaction":
            return reaction(mapping(value))
        if kind in _IGNORED:
            return items.Unknown(kind, ignorable=True)
    return items.Unknown("unknown_kind")
