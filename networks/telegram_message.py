"""A Telegram message turned into an item: where it belongs, is it meant for us.

Pure, and never raises whatever the JSON holds. Fact sheet telegram §2, §3, §6.
"""

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
    moment,
    name,
    permalink,
    person,
    place,
    text_field,
)
from .values import mapping, words

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
    public every branch of replies is one.
    """
    chat = mapping(message.get("chat"))
    chat_id, who = ident(chat.get("id")), audience(chat)
    if who == items.PUBLIC:
        return ""
    topic = topic_of(message) if who == items.GROUP else ""
    return f"{chat_id}:t{topic}" if topic else chat_id


def key_of(chat: Mapping, message_id: str, own_id: str) -> str:
    """What names a message on the whole network.

    Only supergroups and channels number their messages for everybody. In a private
    chat or a basic group each bot counts for itself, so that two of our bots would
    give different messages of one person the same number.
    """
    chat_id = ident(chat.get("id"))
    shared = chat.get("type") in ("supergroup", "channel")
    return f"{chat_id}:{message_id}" if shared else f"{own_id}:{chat_id}:{message_id}"


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


def by_us(message: Mapping, own: Own) -> bool:
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
    if by_us(above, own):
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
    above_id = ident(above["message_id"]) if above else ""
    for_us = not context and addressed(message, own)
    topic = topic_of(message)
    found = items.Incoming(
        key=key_of(chat, message_id, own.id),
        ref=f"{chat_id}:{message_id}",
        author=author(message),
        text=text,
        sent_at=sent_at,
        audience=who,
        # in seconds: two edits within one second cannot be told apart
        revision=min(int(edited_at.timestamp()), _MAX_REVISION) if edited_at else 0,
        edited_at=edited_at,
        # what people in a group say to each other is in no conversation of ours
        thread=thread_of(message) if for_us else "",
        parent=key_of(chat, above_id, own.id) if above_id else "",
        parent_ref=f"{chat_id}:{above_id}" if above_id else "",
        addressed=for_us,
        context=context,
        mentions=mentions(message),
        media=media,
        evidence=evidence(message),
        permalink=permalink(chat, message_id),
        kind=kind,
        # an album is several messages, of which one has the text that names us
        album=words(message.get("media_group_id"))[:100],
        extra={"topic": topic} if topic else {},
    )
    moved_from = ident(message.get("migrate_from_chat_id"))
    if moved_from:
        # said by nobody: it asks for nothing, it only ties the two ids together
        return replace(
            found,
            author=replace(place(chat), bot=True),
            thread=thread_of(message),
            thread_alias=moved_from,
            addressed=False,
        )
    return found if edited or context else _started(found, message, own)


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
    if not said[1]:
        return replace(found, kind=items.START)
    if not PAYLOAD.fullmatch(said[1]):
        return found  # words that somebody typed
    return replace(found, kind=items.START, text="/start", payload=said[1])
