"""Reads Telegram's JSON field by field: ids, times, text, people, chats.

A value of the wrong kind counts as missing, so nothing here raises, whatever the
JSON holds. Fact sheet telegram §3, §4, §7.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timezone

from . import items
from .values import listing, mapping, number, words

#: seconds beyond which a time is not one (the year 9999)
_LAST_SECOND = 253402300799
_ENTITIES = {"text": "entities", "caption": "caption_entities"}


# --- values of unknown kind -------------------------------------------------------
def ident(value) -> str:
    """An id as a string; ids are 64-bit numbers in JSON (§1)."""
    if number(value) is not None:
        return str(value) if abs(value) < 2**63 else ""
    value = words(value)
    return value if re.fullmatch(r"-?[0-9]{1,20}", value) else ""


def moment(value) -> datetime | None:
    value = number(value)
    if value is None or not 0 < value <= _LAST_SECOND:
        return None
    return datetime.fromtimestamp(value, timezone.utc)


def name(chat: Mapping) -> str:
    """The public name of a chat or user; part of links, so only what may be one."""
    found = words(mapping(chat).get("username"))
    return found if re.fullmatch(r"\w{1,64}", found, re.ASCII) else ""


# --- text -------------------------------------------------------------------------
def entities(message: Mapping, field: str):
    """(kind, start, end, entity) with offsets in bytes of UTF-16-LE (§4)."""
    for entity in map(mapping, listing(message.get(_ENTITIES[field]))):
        start, length = number(entity.get("offset")), number(entity.get("length"))
        if start is not None and length is not None and 0 <= start and 0 < length:
            yield words(entity.get("type")), start * 2, (start + length) * 2, entity


def cut(text: str, start: int, end: int) -> str:
    return text.encode("utf-16-le")[start:end].decode("utf-16-le", "replace")


def rendered(message: Mapping, field: str) -> str:
    """The text, with the address of a hidden link after the words that hide it."""
    text = words(message.get(field))
    raw = text.encode("utf-16-le")
    links = [
        (end, words(entity.get("url")))
        for kind, start, end, entity in entities(message, field)
        if kind == "text_link" and words(entity.get("url")) != cut(text, start, end)
    ]
    end_of_text = len(raw)
    for end, url in sorted(links, reverse=True):
        if url and end <= end_of_text:
            more = f" ({url})".encode("utf-16-le")
            raw = raw[:end] + more + raw[end:]
    return raw.decode("utf-16-le", "replace")


def text_field(message: Mapping) -> str:
    """Media carry their text in another field."""
    return "text" if "text" in message else "caption"


# --- people and places ------------------------------------------------------------
def person(user: Mapping) -> items.Author:
    user = mapping(user)
    handle = name(user)
    parts = (words(user.get("first_name")), words(user.get("last_name")))
    return items.Author(
        id=ident(user.get("id")),
        handle=handle,
        name=" ".join(part for part in parts if part),
        url=f"https://t.me/{handle}" if handle else "",
        language=words(user.get("language_code")),
        bot=user.get("is_bot") is True,
    )


def place(chat: Mapping, signature: str = "") -> items.Author:
    """A group or channel that speaks: an anonymous admin, a channel's author.

    Many people share the id, so it is never matched to a contact.
    """
    handle, title = name(chat), words(chat.get("title"))
    return items.Author(
        id=ident(chat.get("id")),
        handle=handle,
        name=f"{title} ({signature})" if signature else title,
        url=f"https://t.me/{handle}" if handle else "",
        shared=True,
    )


def author(message: Mapping) -> items.Author:
    sender = mapping(message.get("sender_chat"))
    chat = mapping(message.get("chat"))
    if (
        not sender
        and not mapping(message.get("from"))
        and chat.get("type") == "channel"
    ):
        sender = chat
    if sender:
        return place(sender, words(message.get("author_signature")))
    return person(message.get("from"))


def audience(chat: Mapping) -> str:
    """Who can read what is said here; empty for a kind of chat we do not know."""
    kind = words(chat.get("type"))
    if kind == "private":
        return items.PRIVATE
    if kind in ("group", "supergroup", "channel"):
        return items.PUBLIC if name(chat) else items.GROUP
    return ""


def permalink(chat: Mapping, message_id: str) -> str:
    """§7; private chats and basic groups have none."""
    chat_id, public = ident(chat.get("id")), name(chat)
    if chat.get("type") == "private":
        return ""
    if public:
        return f"https://t.me/{public}/{message_id}"
    if chat_id.startswith("-100"):
        return f"https://t.me/c/{chat_id[4:]}/{message_id}"
    return ""
