"""What the bot may do on the simulated Telegram, and what it is refused.

Fact sheet telegram §4 (sending), §5 (limits, errors), §7 (profiles).
"""

import copy
import html
import json
import re

from .server import Answer
from .telegram_people import TelegramPeople
from .telegram_world import Chat, utf16

MAX_TEXT = 4096  # §4, in UTF-16 units
MAX_CAPTION = 1024
MAX_DOWNLOAD = 20 * 1024 * 1024  # getFile (§4)
FILE_LINK_SECONDS = 3600  # a file's address is valid at least that long (§4)
DELETE_SECONDS = 48 * 3600
#: method -> (field of the message, largest upload in bytes) (§4)
MEDIA = {
    "sendPhoto": ("photo", 10 * 1024 * 1024),
    "sendVideo": ("video", 50 * 1024 * 1024),
    "sendAudio": ("audio", 50 * 1024 * 1024),
    "sendVoice": ("voice", 50 * 1024 * 1024),
    "sendDocument": ("document", 50 * 1024 * 1024),
    "sendAnimation": ("animation", 50 * 1024 * 1024),
}
#: how the pictures begin that the server makes photos of
IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")
REACTIONS = set(
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🤡🥱🥴😍🐳🌚🌭💯🤣💔🤨😐🍓🍾💋😈😴😭"
)


class Refusal(Exception):
    """An answer with ``ok: false``."""

    def __init__(self, code: int, description: str, **parameters):
        self.answer = refusal(code, description, **parameters)
        super().__init__(description)


def refusal(code: int, description: str, **parameters) -> Answer:
    body = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return Answer(body, code)


def bad(words: str, **parameters) -> Refusal:
    return Refusal(400, f"Bad Request: {words}", **parameters)


class Params(dict):
    """A method's arguments; forms carry everything as strings, objects as JSON."""

    files: dict

    def number(self, name: str, default=0) -> int:
        try:
            return int(self.get(name, default))
        except (TypeError, ValueError):
            raise bad(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        return str(self.get(name, "")).lower() in ("true", "1", "yes")

    def data(self, name: str, default=None):
        value = self.get(name, default)
        if isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError:
                raise bad(f"can't parse {name} JSON object") from None
        return value


class TelegramMethods(TelegramPeople):
    """Each method takes ``Params`` and returns the ``result``, or raises."""

    def __init__(self):
        super().__init__()
        self.limits = False  # §5: off, as most tests send at one instant
        self.sent_at: list[tuple[int, int]] = []
        self.links: dict[str, int] = {}  # path of a file -> when it was asked for

    # --- who and where --------------------------------------------------------
    def get_me(self, params: Params) -> dict:
        return self.bot.json(
            can_join_groups=True,
            can_read_all_group_messages=not self.privacy,
            supports_inline_queries=False,
        )

    def _chat(self, params: Params) -> Chat:
        """The chat an effect or a question is about, or the refusal of §5."""
        wanted = str(params.get("chat_id", ""))
        if not wanted:
            raise bad("chat_id is empty")
        if wanted.startswith("@"):
            for chat in self.chats.values():
                if chat.username and chat.username.lower() == wanted[1:].lower():
                    return chat
            raise bad("chat not found")
        number = params.number("chat_id")
        if number in self.users and number not in self.chats:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        if number not in self.chats:
            raise bad("chat not found")
        return self.chats[number]

    def _writable(self, params: Params) -> Chat:
        chat = self._chat(params)
        user, kind = chat.user, chat.type
        if user and user.deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        if user and user.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if user and not user.started:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        if chat.migrated_to:
            raise bad(
                "group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        if chat.bot_status == "kicked":
            raise Refusal(403, f"Forbidden: bot was kicked from the {kind} chat")
        if chat.bot_status == "left":
            raise Refusal(403, f"Forbidden: bot is not a member of the {kind} chat")
        if chat.bot_status == "restricted":
            raise bad("not enough rights to send text messages to the chat")
        return chat

    def get_chat(self, params: Params) -> dict:
        chat = self._chat(params)
        view = {
            **chat.json(),
            "accent_color_id": 1,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(_GIFTS, False),
        }
        if chat.user and chat.user.bio:
            view["bio"] = chat.user.bio
        if chat.username or (chat.user and chat.user.username):
            view["active_usernames"] = [chat.username or chat.user.username]
        if chat.linked:
            view["linked_chat_id"] = chat.linked
        return view

    def get_user_profile_photos(self, params: Params) -> dict:
        if params.number("user_id") not in self.users:
            raise bad("user not found")
        return {"total_count": 0, "photos": []}

    # --- sending (§4) ---------------------------------------------------------
    def send_message(self, params: Params) -> dict:
        text, entities = self._text(params, "text", "parse_mode", "entities")
        if not text.strip():
            raise bad("message text is empty")
        if utf16(text) > MAX_TEXT:
            raise bad("message is too long")
        fields = {"text": text}
        if entities:
            fields["entities"] = entities
        return self._publish(params, [fields])[0]

    def send_media(self, method: str, params: Params) -> dict:
        kind, cap = MEDIA[method]
        media = self._upload(params, params.get(kind) or f"attach://{kind}", kind, cap)
        return self._publish(params, [{**media, **self._caption(params)}])[0]

    def send_media_group(self, params: Params) -> list:
        items = params.data("media") or []
        if not 2 <= len(items) <= 10:
            raise bad("wrong number of media in the group; 2-10 expected")
        kinds = {one["type"] for one in items}
        if len(kinds) > 1 and not kinds <= {"photo", "video"}:
            raise bad("document and audio can't be mixed with other media types")
        album, fields = str(13500000000000000 + self._next_update), []
        for one in items:
            method = f"send{one['type'].capitalize()}"
            if method not in MEDIA or method in ("sendVoice", "sendAnimation"):
                raise bad("can't use the media of the specified type in the album")
            media = self._upload(params, one["media"], *MEDIA[method])
            caption = self._caption(Params(one))
            fields.append({**media, **caption, "media_group_id": album})
        return self._publish(params, fields)

    def _caption(self, params: Params) -> dict:
        text, entities = self._text(params, "caption", "parse_mode", "caption_entities")
        if utf16(text) > MAX_CAPTION:
            raise bad("message caption is too long")
        fields = {"caption": text} if text else {}
        if entities:
            fields["caption_entities"] = entities
        return fields

    def _text(self, params: Params, name: str, mode: str, entities: str):
        text, found = str(params.get(name) or ""), params.data(entities) or []
        if params.get(mode) == "HTML":
            opened = re.findall(r"<(/?)(\w+)[^>]*>", text)
            if re.search(r"<(?!/?\w)", text) or len(opened) % 2:
                raise bad("can't parse entities: Unsupported start tag")
            text = html.unescape(re.sub(r"<[^>]+>", "", text))
        elif params.get(mode):
            raise bad("unsupported parse_mode")
        for one in found:
            if one["offset"] + one["length"] > utf16(text):
                raise bad("entity ends after the end of the text")
        return text, [*found, *self._find_entities(text)]

    def _upload(self, params: Params, source: str, kind: str, cap: int) -> dict:
        if source in self.files:
            stored = self.files[source]
            view = {"file_id": source, "file_unique_id": stored["unique"]}
            name, mime, size = "again", stored["mime"], stored["size"]
        elif source.startswith("attach://"):
            part = params.files.get(source.removeprefix("attach://"))
            if part is None:
                raise bad(f"there is no {kind} in the request")
            name, mime, data = part
            size = len(data)
            if not data:
                raise bad("file must be non-empty")
            if size > cap:
                raise Refusal(413, "Request Entity Too Large")
            if kind == "photo" and not data.startswith(IMAGES):
                raise bad("IMAGE_PROCESS_FAILED")
            view = self._file(data, mime, f"{kind}s/{name}")
        else:
            raise bad("wrong remote file identifier specified")
        if kind == "photo":
            return {"photo": [{**view, "width": 800, "height": 600}]}
        shape = {"duration": 3} if kind in ("voice", "audio") else {}
        if kind in ("video", "animation"):
            shape = {"width": 640, "height": 360, "duration": 3}
        return {kind: {**view, "mime_type": mime, "file_size": size, **shape}}

    def _publish(self, params: Params, several: list[dict]) -> list[dict]:
        """The one place where our bot's messages come to be."""
        chat = self._writable(params)
        self._slow_down(chat)
        reply, thread = params.data("reply_parameters") or {}, {}
        topic = params.number("message_thread_id")
        if topic:
            if topic not in chat.messages or not chat.is_forum:
                raise bad("message thread not found")
            thread = {"message_thread_id": topic, "is_topic_message": True}
        answered = int(reply.get("message_id") or 0)
        if answered and (answered not in chat.messages or answered in chat.deleted):
            if not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            answered = 0
        above = chat.messages.get(answered, {})
        if above.get("is_topic_message"):
            topic = above["message_thread_id"]
            thread = {"message_thread_id": topic, "is_topic_message": True}
        sender = {"from": self.bot.json()}
        if chat.type == "channel":
            sender = {"sender_chat": chat.json()}
        results = []
        for fields in several:
            message = {
                "message_id": next(chat.ids),
                **sender,
                "chat": chat.json(),
                "date": self.now,
                **thread,
                **fields,
            }
            if answered:
                message["reply_to_message"] = self._reply_view(
                    chat, f"{chat.id}:{answered}"
                )
            message["_by_bot"] = True
            chat.messages[message["message_id"]] = message
            results.append(_view(message))
        return results

    def _slow_down(self, chat: Chat):
        """1 a second per chat, 20 a minute per group, 30 a second (§5)."""
        if not self.limits:
            return
        for seconds, most, mine in (
            (1, 1, lambda one: one == chat.id),
            (60, 20 if chat.id < 0 else 10**9, lambda one: one == chat.id),
            (1, 30, lambda one: True),
        ):
            since = self.now - seconds
            recent = [when for one, when in self.sent_at if mine(one) and when > since]
            if len(recent) >= most:
                wait = recent[0] + seconds - self.now
                words = f"Too Many Requests: retry after {wait}"
                raise Refusal(429, words, retry_after=wait)
        self.sent_at.append((chat.id, self.now))

    # --- changing what is there -----------------------------------------------
    def _target(self, params: Params, what: str) -> tuple[Chat, dict]:
        chat, number = self._chat(params), params.number("message_id")
        if number not in chat.messages or number in chat.deleted:
            raise bad(f"message to {what} not found")
        return chat, chat.messages[number]

    def edit_message_text(self, params: Params) -> dict:
        _chat, message = self._target(params, "edit")
        if not message.get("_by_bot") or "text" not in message:
            raise bad("message can't be edited")
        text, entities = self._text(params, "text", "parse_mode", "entities")
        if utf16(text) > MAX_TEXT:
            raise bad("message is too long")
        if text == message["text"]:
            raise bad(
                "message is not modified: specified new message content and reply "
                "markup are exactly the same as a current content and reply markup of "
                "the message"
            )
        message.update(text=text, edit_date=self.now)
        message.pop("entities", None)
        if entities:
            message["entities"] = entities
        return _view(message)

    def delete_message(self, params: Params) -> bool:
        chat, message = self._target(params, "delete")
        if not self._may_delete(chat, message):
            raise bad("message can't be deleted")
        chat.deleted.add(message["message_id"])
        return True

    def delete_messages(self, params: Params) -> bool:
        """Several at once; those that are not there are passed over."""
        chat = self._chat(params)
        for number in params.data("message_ids") or []:
            message = chat.messages.get(int(number))
            if message and self._may_delete(chat, message):
                chat.deleted.add(int(number))
        return True

    def _may_delete(self, chat: Chat, message: dict) -> bool:
        if chat.type == "supergroup" and chat.bot_status == "administrator":
            return True
        own = message.get("_by_bot") or chat.type == "private"
        return bool(own) and self.now - message["date"] < DELETE_SECONDS

    def set_message_reaction(self, params: Params) -> bool:
        _chat, message = self._target(params, "react")
        wanted = params.data("reaction") or []
        if len(wanted) > 1:
            raise bad("REACTIONS_TOO_MANY")
        if any(one.get("emoji") not in REACTIONS for one in wanted):
            raise bad("REACTION_INVALID")
        message.setdefault("_reactions", {})[self.bot.id] = wanted
        return True

    # --- files (§4) -----------------------------------------------------------
    def get_file(self, params: Params) -> dict:
        stored = self.files.get(params.get("file_id", ""))
        if stored is None:
            raise bad("invalid file_id")
        if stored["size"] > MAX_DOWNLOAD:
            raise bad("file is too big")
        self.links[stored["path"]] = self.now
        return {
            "file_id": params["file_id"],
            "file_unique_id": stored["unique"],
            "file_size": stored["size"],
            "file_path": stored["path"],
        }


def _view(message: dict) -> dict:
    shown = {key: one for key, one in message.items() if not key.startswith("_")}
    return copy.deepcopy(shown)


_GIFTS = (
    *("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"),
    "gifts_from_channels",
)

#: names are case-insensitive, as on the real server
