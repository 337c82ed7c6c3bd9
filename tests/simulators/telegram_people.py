"""What customers do on the simulated Telegram: the hands of a test.

Each act queues the updates the real server would (fact sheet telegram §2, §3); a
message is named by ``<chat id>:<message id>``.
"""

import copy

from .telegram_world import (
    ANONYMOUS_ADMIN,
    CHANNEL_BOT,
    DAY,
    SERVICE,
    Chat,
    TelegramWorld,
    User,
)

_SHAPE = {"width": 640, "height": 360, "duration": 5}
_STICKER = {"width": 512, "height": 512, "is_animated": False, "is_video": False}


class TelegramPeople(TelegramWorld):
    """See the module."""

    def start(self, user: User, payload="") -> str:
        """Press Start, perhaps behind a deep link (§6)."""
        return self.say(user, None, f"/start {payload}".rstrip())

    def say(
        self,
        user: User,
        chat: Chat | None = None,
        text: str | None = None,
        reply_to: str | None = None,
        entities: list | None = None,
        **content,
    ) -> str:
        """``user`` writes; without ``chat`` to the bot. Returns ``chat:message``.

        ``content`` is any further field of the message (photo, contact …).
        """
        with self.changed:
            if chat is None:
                chat = self.private(user)
                user.started = True
                self._unblock(user)
            fields = {"from": user.json(), **content}
            if text is not None:
                fields["text"] = text
                found = [*(entities or []), *self._find_entities(text)]
                if found:
                    fields["entities"] = sorted(found, key=lambda one: one["offset"])
            return self._add(chat, fields, reply_to)

    def edit(self, key: str, text: str) -> None:
        """The author changes a message: same id, ``edit_date`` (§3)."""
        with self.changed:
            chat, message = self._find(key)
            where = "caption" if "caption" in message else "text"
            if message.get(where) == text:
                return
            message[where] = text
            found = self._find_entities(text)
            spot = "caption_entities" if where == "caption" else "entities"
            message.pop(spot, None)
            if found:
                message[spot] = found
            message["edit_date"] = self.now
            kind = "channel_post" if chat.type == "channel" else "message"
            if self._bot_sees(chat, message):
                self.emit(f"edited_{kind}", copy.deepcopy(message))

    def customer_delete(self, key: str) -> None:
        """A deletion is never told to bots (§3)."""
        chat, message = self._find(key)
        chat.deleted.add(message["message_id"])

    def send_photo(self, user, chat=None, caption=None, data=b"\x89PNG one", **more):
        """A photo in two sizes, the last being the largest (§4)."""
        small = self._file(data[:4], "image/jpeg", "photos/s.jpg")
        large = self._file(data, "image/jpeg", "photos/l.jpg")
        sizes = [
            {**small, "width": 90, "height": 60},
            {**large, "width": 1280, "height": 853},
        ]
        return self._say_media(user, chat, caption, photo=sizes, **more)

    def send_file(
        self,
        user,
        kind="document",
        chat=None,
        caption=None,
        data=b"%PDF-1.7 one",
        mime="application/pdf",
        name="invoice.pdf",
        size=None,
        **more,
    ):
        """``kind``: document, video, voice, audio, video_note, animation, sticker."""
        view = self._file(data, mime, f"{kind}s/{name}", size)
        extra = {
            "document": {"file_name": name, "mime_type": mime},
            "animation": {"file_name": name, "mime_type": mime, **_SHAPE},
            "video": {"file_name": name, "mime_type": mime, **_SHAPE},
            "audio": {"file_name": name, "mime_type": mime, "duration": 5},
            "voice": {"mime_type": mime, "duration": 5},
            "video_note": {"length": 240, "duration": 5},
            "sticker": {"type": "regular", "emoji": "👍", **_STICKER},
        }[kind]
        return self._say_media(user, chat, caption, **{kind: {**view, **extra}}, **more)

    def send_album(self, user, chat=None, caption=None, count=3, **more) -> list[str]:
        """Several messages with one ``media_group_id``; the first has the text."""
        album = str(13000000000000000 + next(self._file_ids))
        return [
            self.send_photo(
                user,
                chat,
                caption if index == 0 else None,
                b"photo %d" % index,
                media_group_id=album,
                **more,
            )
            for index in range(count)
        ]

    def share_contact(self, user, chat=None, owner: User | None = None, phone=None):
        """``contact.user_id`` is set when the number belongs to a user (§7)."""
        owner = owner or user
        contact = {"phone_number": phone or owner.phone or "491700000001"}
        contact["first_name"] = owner.first_name
        if owner.id:
            contact["user_id"] = owner.id
        return self.say(user, chat, contact=contact)

    def forward(self, user, text, chat=None, age=400 * DAY, origin=None) -> str:
        """An old message of somebody else, forwarded today."""
        name = {"type": "hidden_user", "sender_user_name": "Somebody"}
        found = {**(origin or name), "date": self.now - age}
        return self.say(user, chat, text, forward_origin=found)

    def react(self, user: User, key: str, *emoji: str) -> None:
        with self.changed:
            chat, message = self._find(key)
            old = message.setdefault("_reactions", {}).get(user.id, [])
            new = [{"type": "emoji", "emoji": one} for one in emoji]
            message["_reactions"][user.id] = new
            payload = {
                "chat": chat.json(),
                "message_id": message["message_id"],
                "user": user.json(),
                "date": self.now,
                "old_reaction": old,
                "new_reaction": new,
            }
            if chat.bot_status == "administrator" or chat.type == "private":
                self.emit("message_reaction", payload)

    def say_anonymously(self, chat: Chat, text: str, **more) -> str:
        """A group's admin who hides behind the group (§3)."""
        bot = User(ANONYMOUS_ADMIN, "Group", username="GroupAnonymousBot", is_bot=True)
        return self.say(bot, chat, text, sender_chat=chat.json(), **more)

    def say_as_channel(self, channel: Chat, chat: Chat, text: str, **more) -> str:
        bot = User(CHANNEL_BOT, "Channel", username="Channel_Bot", is_bot=True)
        return self.say(bot, chat, text, sender_chat=channel.json(), **more)

    def post(self, channel: Chat, text: str, signature="") -> str:
        """A post in a channel; a linked group gets a copy by itself (§2)."""
        with self.changed:
            fields = {"sender_chat": channel.json(), "text": text}
            found = self._find_entities(text)
            if found:
                fields["entities"] = found
            if signature:
                fields["author_signature"] = signature
            key = self._add(channel, fields)
            if channel.linked:
                origin = {
                    "type": "channel",
                    "chat": channel.json(),
                    "message_id": int(key.split(":")[1]),
                    "date": self.now,
                }
                forward = {
                    **fields,
                    "from": User(SERVICE, "Telegram").json(),
                    "is_automatic_forward": True,
                    "forward_origin": origin,
                }
                self._add(self.chats[channel.linked], forward)
            return key

    def open_topic(self, user: User, chat: Chat, name="Invoices") -> int:
        """A forum topic; its id is that of the service message that opened it."""
        made = {"name": name, "icon_color": 7322096}
        key = self._service(chat, user, forum_topic_created=made)
        topic = int(key.split(":")[1])
        message = chat.messages[topic]
        message.update(message_thread_id=topic, is_topic_message=True)
        return topic

    def say_in_topic(self, user, chat, topic: int, text: str, reply_to=None) -> str:
        """Without a reply of its own, a message there "answers" the topic's start."""
        more = {"message_thread_id": topic, "is_topic_message": True}
        reply_to = reply_to or f"{chat.id}:{topic}"
        return self.say(user, chat, text, reply_to=reply_to, **more)

    def block_bot(self, user: User):
        user.blocked = True
        self._announce(self.private(user), user, "member", "kicked")

    def unblock_bot(self, user: User):
        self._unblock(user)

    def _unblock(self, user: User):
        if user.blocked:
            user.blocked = False
            self._announce(self.private(user), user, "kicked", "member")

    def kick_bot(self, chat: Chat, user: User | None = None):
        old, chat.bot_status = chat.bot_status, "kicked"
        self._announce(chat, user or self._first_user(), old, "kicked")

    def upgrade(self, chat: Chat) -> Chat:
        """A basic group becomes a supergroup: another id, told on both sides (§3)."""
        new = self._make_chat("supergroup", chat.title, "")
        new.bot_status = chat.bot_status
        user = self._first_user()
        self._service(chat, user, migrate_to_chat_id=new.id)
        chat.migrated_to = new.id
        self._service(new, user, migrate_from_chat_id=chat.id)
        return new

    def publish_group(self, chat: Chat, username: str):
        """The group gets a public name: from now on the world can read it."""
        chat.username = username

    def _say_media(self, user, chat, caption, **content):
        if caption is not None:
            content["caption"] = caption
            found = self._find_entities(caption)
            if found:
                content["caption_entities"] = found
        return self.say(user, chat, **content)
