"""What a Telegram message says: text, files, cards, places, as text and media.

Pure. A file is named by its id only: its address contains the bot's token and must
never get into an item. Fact sheet telegram §3, §4, §7.
"""

import re
from collections.abc import Mapping

from . import items
from .telegram_values import ident, person, rendered
from .values import listing, mapping, number, words

#: fields that make a message a notice about the chat, not something somebody said
SERVICE = frozenset(
    "boost_added channel_chat_created chat_background_set chat_owner_changed "
    "chat_owner_left chat_shared checklist_tasks_added checklist_tasks_done "
    "connected_website delete_chat_photo direct_message_price_changed "
    "forum_topic_closed forum_topic_created forum_topic_edited forum_topic_reopened "
    "general_forum_topic_hidden general_forum_topic_unhidden gift gift_upgrade_sent "
    "giveaway_completed giveaway_created group_chat_created left_chat_member "
    "managed_bot_created message_auto_delete_timer_changed migrate_to_chat_id "
    "new_chat_members new_chat_photo new_chat_title paid_message_price_changed "
    "passport_data pinned_message poll_option_added poll_option_deleted "
    "proximity_alert_triggered refunded_payment successful_payment "
    "suggested_post_approval_failed suggested_post_approved suggested_post_declined "
    "suggested_post_paid suggested_post_refunded supergroup_chat_created "
    "unique_gift users_shared video_chat_ended video_chat_participants_invited "
    "video_chat_scheduled video_chat_started web_app_data write_access_allowed".split()
)
#: fields that every message may have, so that they name no content
_FRAME = frozenset(
    "message_id message_thread_id is_topic_message from chat sender_chat date "
    "edit_date reply_to_message external_reply quote forward_origin via_bot "
    "is_automatic_forward "
    "author_signature media_group_id has_protected_content link_preview_options "
    "reply_markup sender_boost_count sender_tag effect_id is_from_offline "
    "sender_business_bot business_connection_id show_caption_above_media "
    "has_media_spoiler is_paid_post paid_star_count reply_to_story "
    "reply_to_checklist_task_id reply_to_poll_option_id guest_bot_caller_user "
    "guest_bot_caller_chat guest_query_id suggested_post_info direct_messages_topic "
    "caption caption_entities entities".split()
)


def _file(value, kind: str, mime: str = "") -> tuple[items.Media, ...]:
    value = mapping(value)
    ref = words(value.get("file_id"))
    if not ref:
        return ()
    return (
        items.Media(
            ref=ref,
            kind=kind,
            mime=words(value.get("mime_type")) or mime,
            name=words(value.get("file_name")),
            size=number(value.get("file_size")),
            width=number(value.get("width")),
            height=number(value.get("height")),
        ),
    )


def _photo(message):
    sizes = listing(message["photo"])
    return "", _file(sizes[-1] if sizes else None, "image", "image/jpeg")


def _document(message):
    mime = words(mapping(message["document"]).get("mime_type"))
    shown = mime in ("image/jpeg", "image/png", "image/gif", "image/webp")
    return "", _file(message["document"], "image" if shown else "file")


def _sticker(message):
    sticker = mapping(message["sticker"])
    kind, mime = "image", "image/webp"
    if sticker.get("is_video") is True:
        kind, mime = "video", "video/webm"
    elif sticker.get("is_animated") is True:
        kind, mime = "file", "application/x-tgsticker"
    return words(sticker.get("emoji")), _file(sticker, kind, mime)


def _location(message):
    point = mapping(message["location"])
    both = (point.get("latitude"), point.get("longitude"))
    if not all(isinstance(one, int | float) for one in both):
        return "", ()
    return "geo:{},{}".format(*both), ()


def _venue(message):
    venue = mapping(message["venue"])
    lines = [words(venue.get("title")), words(venue.get("address"))]
    lines.append(_location({"location": venue.get("location")})[0])
    return "\n".join(line for line in lines if line), ()


def _contact(message):
    contact = mapping(message["contact"])
    lines = [person(contact).name, phone(contact)]
    return "\n".join(line for line in lines if line), ()


def _poll(message):
    poll = mapping(message["poll"])
    options = [words(mapping(one).get("text")) for one in listing(poll.get("options"))]
    lines = [words(poll.get("question")), *(f"- {one}" for one in options)]
    return "\n".join(lines), ()


def _dice(message):
    dice = mapping(message["dice"])
    return f"{words(dice.get('emoji'))} {ident(dice.get('value'))}".strip(), ()


def _of(field: str, kind: str, mime: str = ""):
    return lambda message: ("", _file(message[field], kind, mime))


#: the first field that is there decides: ``animation`` comes with a ``document``,
#: ``venue`` with a ``location``
CONTENT = {
    "text": lambda message: (rendered(message, "text"), ()),
    "photo": _photo,
    "animation": _of("animation", "video", "video/mp4"),
    "video": _of("video", "video", "video/mp4"),
    "video_note": _of("video_note", "video", "video/mp4"),
    "voice": _of("voice", "audio", "audio/ogg"),
    "audio": _of("audio", "audio", "audio/mpeg"),
    "document": _document,
    "sticker": _sticker,
    "venue": _venue,
    "location": _location,
    "contact": _contact,
    "poll": _poll,
    "dice": _dice,
}


def phone(contact: Mapping) -> str:
    digits = re.sub(r"\D", "", words(contact.get("phone_number")))
    return f"+{digits}" if digits else ""


def evidence(message: Mapping) -> tuple[items.Evidence, ...]:
    """The sender's own number, which Telegram has verified (§7).

    Nothing follows from somebody else's card, nor from one that was forwarded or
    made by a bot: those prove nothing about the person who sent it now.
    """
    contact = mapping(message.get("contact"))
    sender = ident(mapping(message.get("from")).get("id"))
    second_hand = {"forward_origin", "via_bot", "sender_chat"} & message.keys()
    if second_hand or not sender or ident(contact.get("user_id")) != sender:
        return ()
    found = phone(contact)
    return (items.Evidence("phone", found, "contact_shared"),) if found else ()


def content(message: Mapping) -> tuple[str, str, tuple[items.Media, ...]]:
    """(kind, text, media); ``unsupported`` shows which field it was."""
    if "migrate_from_chat_id" in message:
        return "chat_upgraded", "[migrate_from_chat_id]", ()
    for field, reader in CONTENT.items():
        if field in message:
            text, media = reader(message)
            caption = rendered(message, "caption")
            lines = [line for line in (text, caption) if line]
            kind = "message" if field == "text" or media else field
            if "forward_origin" in message:
                kind = "forward"
            return kind, "\n".join(lines), media
    unknown = sorted(words(key) for key in message.keys() - _FRAME)
    lines = [rendered(message, "caption"), f"[{', '.join(unknown)[:200]}]"]
    return "unsupported", "\n".join(line for line in lines if line), ()
