"""How a draft becomes a call to Telegram, and what a refusal means.

Pure. The table of refusals is fact sheet telegram §5; the choice of method is §4.
It must never let an answer reach more people than the draft says.
"""

import json
import re
from dataclasses import dataclass, replace

from . import items, media
from .errors import (
    AuthError,
    ConfigError,
    NetworkError,
    NotFoundError,
    RateLimited,
    RejectedError,
)
from .telegram_values import ident
from .values import mapping, words

MAX_TEXT = 4096  # §4, in UTF-16 units
MAX_CAPTION = 1024
MAX_ALBUM = 10
MAX_PHOTO = 10 * 1024 * 1024  # larger pictures go as documents (§4)
MAX_FILE = 50 * 1024 * 1024
#: mime type -> how Telegram shows it; everything else is a document (§4)
SHOWN = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "video/mp4": "video",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/x-m4a": "audio",
}
#: (status, part of the description in lower case) -> error class and code
REFUSALS = (
    (400, "chat not found", NotFoundError, "chat_not_found"),
    (400, "user not found", NotFoundError, "chat_not_found"),
    (400, "message to be replied not found", NotFoundError, "deleted"),
    (400, "reply message not found", NotFoundError, "deleted"),
    (400, "message to react not found", NotFoundError, "deleted"),
    (400, "message to delete not found", NotFoundError, "deleted"),
    (400, "thread not found", NotFoundError, "deleted"),
    (400, "message can't be deleted", RejectedError, "too_old"),
    (400, "is too long", RejectedError, "too_long"),
    (400, "text is empty", RejectedError, "empty"),
    (400, "file is too big", RejectedError, "too_large"),
    (400, "not enough rights", RejectedError, "forbidden"),
    (400, "have no rights", RejectedError, "forbidden"),
    (400, "need administrator rights", RejectedError, "forbidden"),
    (400, "chat_write_forbidden", RejectedError, "forbidden"),
    (400, "topic_closed", RejectedError, "forbidden"),
    (400, "reaction_", RejectedError, "forbidden"),
    (400, "image_process_failed", RejectedError, "media_rejected"),
    (400, "photo_", RejectedError, "media_rejected"),
    (400, "file_id", NotFoundError, "not_found"),
    (400, "file must be non-empty", RejectedError, "media_rejected"),
    (403, "blocked by the user", RejectedError, "blocked"),
    (403, "can't initiate conversation", RejectedError, "never_started"),
    (403, "user is deactivated", RejectedError, "deactivated"),
    (403, "was kicked", RejectedError, "not_member"),
    (403, "not a member", RejectedError, "not_member"),
    (403, "was deleted", RejectedError, "not_member"),
    (409, "webhook", ConfigError, "webhook_active"),
    (409, "", ConfigError, "conflict"),
    (413, "", RejectedError, "media_rejected"),
    (400, "", RejectedError, "rejected"),
    (403, "", RejectedError, "forbidden"),
    # a token that cannot be one is answered like an unknown method (§5)
    (401, "", AuthError, "auth"),
    (404, "", AuthError, "auth"),
)


class ChatUpgraded(RejectedError):
    """The group lives on as a supergroup with another id."""

    code = "chat_upgraded"

    def __init__(self, chat: str):
        self.chat = chat
        super().__init__(detail=chat)


def refusal(response, effect: bool) -> NetworkError | None:
    """The error behind an answer that is not a success; None: nothing special.

    Whatever Telegram itself refused did not happen, so only what is left to the
    common table (5xx) can be uncertain.
    """
    try:
        answer = mapping(json.loads(response.content))
    except (ValueError, RecursionError):
        answer = {}
    if answer.get("ok") is not False:
        if response.status in (404, 405):
            return ConfigError("unsupported_server", f"HTTP {response.status}")
        return None
    described = words(answer.get("description"))
    parameters = mapping(answer.get("parameters"))
    moved_to = ident(parameters.get("migrate_to_chat_id"))
    if moved_to:
        return ChatUpgraded(moved_to)
    if response.status == 429:
        return RateLimited("rate_limited", described, _wait(parameters, described))
    for status, part, kind, code in REFUSALS:
        if response.status == status and part in described.lower():
            return kind(code, described)
    return None


def _wait(parameters, described: str) -> float | None:
    """Seconds, sometimes with a fraction (§5)."""
    value = parameters.get("retry_after")
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    found = re.search(r"retry after ([0-9]{1,9})", described)
    return float(found.group(1)) if found else None


# --- where to ---------------------------------------------------------------------
@dataclass(frozen=True)
class Destination:
    """``reply``: the message answered; ``lenient``: say it even if that is gone."""

    chat: str
    reply: str = ""
    topic: str = ""
    lenient: bool = False

    def moved(self, chat: str) -> "Destination":
        """The same after an upgrade: messages and topics did not come along."""
        return replace(self, chat=chat, reply="", topic="")


def split_ref(ref: str) -> tuple[str, str]:
    """(chat, first message) of ``chat:message`` or ``chat:message,message``."""
    chat, _, numbers = ref.partition(":")
    return ident(chat), ident(numbers.partition(",")[0])


def destination(draft: items.Draft) -> Destination:
    """Where a draft may go.

    Ids of people are positive and those of groups and channels negative (§1), so
    that a private answer in a group, or the reverse, is caught here whatever the
    caller got wrong.

    :raises RejectedError: nobody to answer, or more people than meant
    """
    target = draft.target
    chat, reply = split_ref(target.ref) if target else ("", "")
    if draft.audience == items.PRIVATE:
        private = ident(draft.thread.partition(":")[0])
        if not private and target and target.audience == items.PRIVATE:
            private = chat
        person = draft.to or (target.author if target else items.Author())
        if not private and not person.shared:
            private = ident(person.id)
        if not private:
            raise RejectedError("no_target", "private")
        if private.startswith("-"):
            raise RejectedError("audience_wider", "a group is not private")
        if draft.to and draft.to.id and draft.to.id != private:
            raise RejectedError("audience_wider", "another person's conversation")
    else:
        wide = items.AUDIENCES.index(draft.audience)
        if target and wide > items.AUDIENCES.index(target.audience):
            raise RejectedError("audience_wider", draft.audience)
        private = chat or ident(draft.thread.partition(":")[0])
        if not private:
            raise RejectedError("no_target", draft.audience)
        if not private.startswith("-"):
            raise RejectedError("audience_wider", "a person is not a group")
    closed = draft.audience == items.PRIVATE
    before_chat, before = split_ref(draft.previous)
    if before:
        # the parts of a long answer hang on each other; in private they just follow
        chat, reply = before_chat, "" if closed else before
    return Destination(
        chat=private,
        reply=reply if chat == private else "",
        topic=_topic(draft),
        lenient=closed or bool(before),
    )


def _topic(draft: items.Draft) -> str:
    """The forum topic; a thread of a closed group ends in it (``chat:t5``)."""
    if draft.target and draft.target.audience == draft.audience:
        return ident(draft.target.extra.get("topic"))
    return ident(draft.thread.partition(":t")[2])


# --- what to send -----------------------------------------------------------------
def request_of(draft: items.Draft, where: Destination):
    """(method, parameters, files) of one effect."""
    params = {"chat_id": where.chat}
    if where.topic:
        params["message_thread_id"] = where.topic
    if where.reply:
        # in a group an answer to nothing would puzzle everybody: better refused
        params["reply_parameters"] = {
            "message_id": int(where.reply),
            "allow_sending_without_reply": where.lenient,
        }
    if not draft.media:
        return "sendMessage", {**params, "text": draft.text}, None
    kinds = _kinds(draft.media)
    files = {
        f"file{index}": (one.name or f"file{index}", one.data, one.mime)
        for index, one in enumerate(draft.media)
    }
    if len(kinds) == 1:
        method = f"send{kinds[0].capitalize()}"
        params = {**params, kinds[0]: "attach://file0", "caption": draft.text}
    else:
        method = "sendMediaGroup"
        album = [
            {"type": kind, "media": f"attach://file{index}"}
            for index, kind in enumerate(kinds)
        ]
        album[0]["caption"] = draft.text
        params["media"] = album
    form = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in params.items()
    }
    return method, form, files


def media_rules() -> items.MediaRules:
    """Any type goes, if need be as a document (§4); it has no descriptions."""
    sizes = dict.fromkeys(("image", "video", "audio", "file"), MAX_FILE)
    return items.MediaRules(max_files=MAX_ALBUM, max_bytes=sizes)


def _kinds(files: tuple[items.Upload, ...]) -> list[str]:
    """How each file is sent; what cannot stand in one album goes as documents."""
    sizes = [(one.mime, len(one.data), one.alt) for one in files]
    for one in media.problems(media_rules(), sizes):
        raise RejectedError("media_rejected", f"{one.code} {one.limit or ''}".strip())
    kinds = []
    for one in files:
        kind = SHOWN.get(one.mime.partition(";")[0].strip().lower(), "document")
        large = kind == "photo" and len(one.data) > MAX_PHOTO
        kinds.append("document" if large else kind)
    mixed = len(set(kinds)) > 1 and not set(kinds) <= {"photo", "video"}
    return ["document"] * len(kinds) if mixed else kinds
