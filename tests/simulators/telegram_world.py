"""The Telegram behind the Bot API: people, chats, messages, one bot, its updates.

Written from the fact sheet ``telegram`` (§ numbers point into it). Four layers, each
a class on top of the one before: this state, ``telegram_people`` (what customers do),
``telegram_methods`` (what the bot may do), ``telegram`` (the server and its updates).
Messages are kept in the shape the Bot API gives them.
"""

import copy
import itertools
import re
import threading
from dataclasses import dataclass, field

from .server import Simulator

DAY = 24 * 3600  # updates wait at most this long (§3)
ANONYMOUS_ADMIN = 1087968824  # ``from`` of a group's anonymous admins (§3)
CHANNEL_BOT = 136817688  # ``from`` of those who write as a channel
SERVICE = 777000  # ``from`` of what a linked channel forwards by itself
#: kinds that only arrive when named in ``allowed_updates`` (§3)
ON_REQUEST = {"message_reaction", "message_reaction_count", "chat_member"}


def utf16(text: str) -> int:
    """Telegram counts in UTF-16 code units (§4)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass
class User:
    id: int
    first_name: str = "Jo"
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    phone: str = ""
    bio: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def json(self, **more) -> dict:
        view = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for key in ("last_name", "username", "language_code"):
            if getattr(self, key):
                view[key] = getattr(self, key)
        return {**view, **more}


@dataclass
class Chat:
    id: int
    type: str
    title: str = ""
    username: str = ""
    user: User | None = None
    is_forum: bool = False
    bot_status: str = "member"
    migrated_to: int = 0
    linked: int = 0
    messages: dict = field(default_factory=dict)
    deleted: set = field(default_factory=set)
    ids: object = None

    def json(self) -> dict:
        view = {"id": self.id, "type": self.type}
        if self.user:
            named = ("first_name", "last_name", "username")
            return {**view, **{k: v for k, v in self.user.json().items() if k in named}}
        view["title"] = self.title
        if self.username:
            view["username"] = self.username
        if self.is_forum:
            view["is_forum"] = True
        return view


class TelegramWorld(Simulator):
    """State and the customers' hands. ``now`` is a clock that only tests move."""

    def __init__(self):
        super().__init__()
        self.now = 1790000000
        self.bot = User(700100200, "Acme Support", username="AcmeHelpBot", is_bot=True)
        self.token = f"{self.bot.id}:AAF-simulated_token_of_the_acme_bot_0"
        self.privacy = True  # privacy mode, on by default (§2)
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, dict] = {}
        self.queue: list[dict] = []  # {"update", "expires"}
        self.allowed: set[str] | None = None
        self.changed = threading.Condition(self.lock)
        self._user_ids = itertools.count(8112233)
        self._group_ids = itertools.count(4001)
        self._super_ids = itertools.count(1001234500)
        self._private_ids = itertools.count(340)  # shared by private chats and groups
        self._file_ids = itertools.count(1)
        self._next_update = 710000001

    # --- time -----------------------------------------------------------------
    def advance(self, seconds: int):
        self.now += seconds

    def week_of_silence(self, next_id: int = 42):
        """After a week without updates the next id may be any number (§3)."""
        self.advance(8 * DAY)
        self._next_update = next_id

    # --- people and places ----------------------------------------------------
    def make_user(self, first_name="Jo", **kwargs) -> User:
        user = User(next(self._user_ids), first_name, **kwargs)
        self.users[user.id] = user
        return user

    def make_group(
        self,
        title="Acme customers",
        username=None,
        supergroup=True,
        forum=False,
        admin=False,
        announce=True,
    ) -> Chat:
        """A group our bot is in. ``announce``: the bot learns that it was added."""
        kind = "supergroup" if supergroup or username or forum else "group"
        chat = self._make_chat(kind, title, username or "", is_forum=forum)
        chat.bot_status = "administrator" if admin else "member"
        if announce:
            self._announce(chat, self._first_user(), "left", chat.bot_status)
            self._service(chat, self._first_user(), new_chat_members=[self.bot.json()])
        return chat

    def make_channel(self, title="Acme news", username=None, announce=True) -> Chat:
        """A channel where our bot is an administrator."""
        chat = self._make_chat("channel", title, username or "")
        chat.bot_status = "administrator"
        if announce:
            self._announce(chat, self._first_user(), "left", "administrator")
        return chat

    def link(self, channel: Chat, group: Chat):
        """Make ``group`` the discussion group of ``channel`` (§2)."""
        channel.linked, group.linked = group.id, channel.id

    def private(self, user: User) -> Chat:
        """The chat between ``user`` and the bot; there once somebody started it."""
        if user.id not in self.chats:
            chat = Chat(user.id, "private", user=user, ids=self._private_ids)
            self.chats[user.id] = chat
        return self.chats[user.id]

    def _make_chat(self, kind, title, username, **kwargs) -> Chat:
        basic = kind == "group"
        number = -next(self._group_ids) if basic else -100 * 10**10
        if not basic:
            number -= next(self._super_ids)
        ids = self._private_ids if basic else itertools.count(1)
        chat = Chat(number, kind, title, username, ids=ids, **kwargs)
        self.chats[chat.id] = chat
        return chat

    def _first_user(self) -> User:
        return next(iter(self.users.values()), None) or self.make_user("Ada")

    # --- updates --------------------------------------------------------------
    def emit(self, kind: str, payload: dict) -> None:
        """Queue an update, if the bot asked for its kind."""
        with self.changed:
            wanted = kind in self.allowed if self.allowed else kind not in ON_REQUEST
            if wanted:
                update = {"update_id": self._next_update, kind: _public(payload)}
                self._next_update += 1
                self.queue.append({"update": update, "expires": self.now + DAY})
                self.changed.notify_all()

    def pending(self) -> list[dict]:
        """What waits for the bot now; older than 24 h is gone (§3)."""
        self.queue = [one for one in self.queue if one["expires"] > self.now]
        return [one["update"] for one in self.queue]

    def confirm(self, update_id: int) -> None:
        self.queue = [
            one for one in self.queue if one["update"]["update_id"] != update_id
        ]

    # --- parts ----------------------------------------------------------------
    def _find(self, key: str) -> tuple[Chat, dict]:
        chat_id, message_id = key.split(":")
        chat = self.chats[int(chat_id)]
        return chat, chat.messages[int(message_id)]

    def _add(self, chat: Chat, fields: dict, reply_to: str | None = None) -> str:
        message = {"message_id": next(chat.ids), "chat": chat.json(), "date": self.now}
        message.update(fields)
        if reply_to:
            message["reply_to_message"] = self._reply_view(chat, reply_to)
        chat.messages[message["message_id"]] = message
        if self._bot_sees(chat, message):
            kind = "channel_post" if chat.type == "channel" else "message"
            self.emit(kind, copy.deepcopy(message))
        return f"{chat.id}:{message['message_id']}"

    def _service(self, chat: Chat, user: User, **fields) -> str:
        with self.changed:
            return self._add(chat, {"from": user.json(), **fields})

    def _announce(self, chat: Chat, user: User, old: str, new: str):
        with self.changed:
            payload = {
                "chat": chat.json(),
                "from": user.json(),
                "date": self.now,
                "old_chat_member": _member(self.bot, old),
                "new_chat_member": _member(self.bot, new),
            }
            self.emit("my_chat_member", payload)

    def _reply_view(self, chat: Chat, key: str) -> dict:
        """The message that is answered, without what that one answered."""
        there, message = self._find(key)
        if there is not chat:
            raise ValueError("a reply stays in its chat")
        view = copy.deepcopy(message)
        view.pop("reply_to_message", None)
        return _public(view)

    def _bot_sees(self, chat: Chat, message: dict) -> bool:
        """Privacy mode and membership (§2)."""
        if message.get("from", {}).get("id") == self.bot.id:
            return False
        if chat.type in ("private", "channel"):
            return chat.bot_status != "kicked"
        if chat.bot_status in ("left", "kicked") or chat.migrated_to:
            return False
        if not self.privacy or chat.bot_status == "administrator":
            return True
        if not {"text", "caption", *_MEDIA} & set(message):
            return True  # service message
        replied = message.get("reply_to_message", {}).get("from", {}).get("id")
        return replied == self.bot.id or self._names_bot(message)

    def _names_bot(self, message: dict) -> bool:
        text = message.get("text") or message.get("caption") or ""
        for one in [*message.get("entities", []), *message.get("caption_entities", [])]:
            raw = text.encode("utf-16-le")[one["offset"] * 2 :][: one["length"] * 2]
            word = raw.decode("utf-16-le")
            if one["type"] == "text_mention" and one["user"]["id"] == self.bot.id:
                return True
            if one["type"] == "bot_command":
                return "@" not in word or word.endswith(f"@{self.bot.username}")
            if word.lower() == f"@{self.bot.username}".lower():
                return True
        return False

    @staticmethod
    def _find_entities(text: str) -> list[dict]:
        """Mentions, commands and links as the server marks them, in UTF-16 units."""
        found = []
        for kind, pattern in _ENTITIES:
            for match in re.finditer(pattern, text):
                offset = utf16(text[: match.start()])
                length = utf16(match.group())
                found.append({"type": kind, "offset": offset, "length": length})
        return found

    def _file(self, data: bytes, mime: str, path: str, size=None) -> dict:
        number = next(self._file_ids)
        file_id = f"AgACAgIAAxkBAAI{number:06d}"
        unique, folder = f"AQAD{number:06d}", path.split("/")[0]
        self.files[file_id] = {
            "data": data,
            "mime": mime,
            "size": len(data) if size is None else size,
            "unique": unique,
            "path": f"{folder}/file_{number}.{path.rpartition('.')[2]}",
        }
        return {
            "file_id": file_id,
            "file_unique_id": unique,
            "file_size": self.files[file_id]["size"],
        }


_MEDIA = (
    *("photo", "document", "video", "voice", "audio", "sticker", "video_note"),
    *("animation", "contact", "location", "venue", "poll", "dice"),
)
_ENTITIES = (
    ("mention", r"(?<![\w@])@\w{4,32}\b"),
    ("bot_command", r"(?<![\w/])/\w{1,32}(?:@\w{4,32})?"),
    ("url", r"https?://\S+"),
)


def _member(bot: User, status: str) -> dict:
    view = {"user": bot.json(), "status": status}
    if status == "kicked":
        view["until_date"] = 0
    if status == "administrator":
        rights = (
            "can_manage_chat can_delete_messages can_manage_video_chats "
            "can_restrict_members can_promote_members can_change_info "
            "can_invite_users can_post_stories can_edit_stories "
            "can_delete_stories"
        )
        view.update(dict.fromkeys(rights.split(), True))
        view.update(can_be_edited=False, is_anonymous=False)
    return view


def _public(payload: dict) -> dict:
    """Without the fields that only the simulator knows."""
    return {key: value for key, value in payload.items() if not key.startswith("_")}
