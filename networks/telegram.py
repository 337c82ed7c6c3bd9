"""Telegram: a bot that people write to in private, in groups and under channels.

Bot API 10.1, June 2026 (fact sheet telegram; § below point into it). One bot is one
account. What it hears comes from ``getUpdates`` or a webhook, never both; nothing can
be read again later, and nothing that was sent can be looked up. Every address of the
API holds the token: no address may leave this file.
"""

import hmac
import json
import mimetypes
import re
from datetime import datetime, timedelta
from urllib.parse import quote

from . import base, items
from .errors import (
    AuthError,
    ConfigError,
    MalformedResponse,
    NotFoundError,
    RejectedError,
    UncertainError,
)
from .telegram_message import PAYLOAD, Own, key_of, thread_of
from .telegram_send import (
    MAX_CAPTION,
    MAX_TEXT,
    ChatUpgraded,
    destination,
    media_rules,
    request_of,
)
from .telegram_send import refusal as refusal_of
from .telegram_update import UPDATES, parse, raw_items
from .telegram_values import ident, moment, name, permalink, person, place
from .terms import _lt
from .text import count_utf16, split
from .values import listing, mapping, words

PAGE = 100  # the largest page (§3)
MAX_DOWNLOAD = 20 * 1024 * 1024  # getFile refuses more (§4)
DELETABLE = timedelta(hours=48)  # our own messages (§4)
#: parallel deliveries; the default of 40 would take every worker of a small Odoo
CONNECTIONS = 4
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what secret_token may be (§3)
TOKEN = re.compile(r"[0-9]+:[\w-]{20,}", re.ASCII)
LIKE = [{"type": "emoji", "emoji": "👍"}]


class TelegramAdapter(base.Adapter):
    """See ``base.Adapter`` for what each method promises."""

    code = "telegram"
    name = "Telegram"
    base_url = "https://api.telegram.org"
    host_setting = "base_url"
    settings_spec = (
        items.Setting(
            "token",
            _lt("Bot token"),
            secret=True,
            required=True,
            help=_lt("From @BotFather: /newbot, or /mybots for a bot you have."),
        ),
        items.Setting(
            "base_url",
            _lt("Bot API server"),
            help=_lt("Only for a server of your own; it must not run in local mode."),
            default="https://api.telegram.org",
        ),
        items.Setting(
            "own_chats",
            _lt("Our groups and channels"),
            help=_lt(
                "Names or ids, separated by commas. Whatever is written in these "
                "groups, or under posts of these channels, is meant for us. Elsewhere "
                "the bot must be named or answered."
            ),
        ),
    )
    capabilities = frozenset(
        {
            base.PULL,
            base.WEBHOOK,
            base.REPLY_PUBLIC,
            base.REPLY_GROUP,
            base.REPLY_PRIVATE,
            base.MEDIA_IN,
            base.MEDIA_OUT,
            base.LIKE,
            base.DELETE,
            base.PROFILE,
            base.INVITE,
        }
    )
    streams = ("updates",)
    #: no floor is named for getUpdates, and an empty answer costs next to nothing
    min_poll_seconds = 5
    rate_headers = ()

    def __init__(self, settings, transport, now, facts=None):
        super().__init__(settings, transport, now, facts)
        transport.classify = refusal_of
        chats = re.split(r"[\s,]+", self.settings.get("own_chats") or "")
        self.own = Own(
            id=self._token().partition(":")[0],
            username=words(self.facts.get("username")),
            chats=frozenset(
                one.rpartition("/")[2].lstrip("@").lower() for one in chats
            ),
        )

    # --- calls ----------------------------------------------------------------
    def _token(self) -> str:
        return (self.settings.get("token") or "").strip()

    def _call(self, method: str, params=None, *, files=None, effect=False):
        """The ``result`` of a method.

        :raises ConfigError: the token cannot be one
        """
        token = self._token()
        if not token:
            raise ConfigError("missing_setting", "token")
        if not TOKEN.fullmatch(token):
            raise AuthError("auth", "the token has the wrong form")
        body = {"form": params, "files": files} if files else {"json": params or {}}
        response = self.transport.request(
            "POST", f"/bot{token}/{method}", effect=effect, **body
        )
        try:
            answer = mapping(response.json())
        except MalformedResponse as error:
            answer, detail = {}, error.detail
        else:
            detail = method
        if answer.get("ok") is True and "result" in answer:
            return answer["result"]
        # an answer nobody can read says nothing about what happened
        raise (UncertainError if effect else MalformedResponse)("malformed", detail)

    # --- account --------------------------------------------------------------
    def check(self) -> items.Profile:
        me = mapping(self._call("getMe"))
        bot_id, username = ident(me.get("id")), name(me)
        if not bot_id or me.get("is_bot") is not True:
            raise MalformedResponse("malformed", "getMe")
        hook = mapping(self._call("getWebhookInfo"))
        return items.Profile(
            id=bot_id,
            handle=username,
            name=words(me.get("first_name")),
            url=f"https://t.me/{username}" if username else "",
            facts={
                "username": username,
                # privacy mode off: all that is said in groups arrives (§2)
                "reads_groups": me.get("can_read_all_group_messages") is True,
                "joins_groups": me.get("can_join_groups") is True,
                "webhook": bool(words(hook.get("url"))),
            },
        )

    # --- push -----------------------------------------------------------------
    def verify(self, headers, query, raw) -> bool:
        secret = self.settings.get("webhook_secret") or ""
        given = headers.get("x-telegram-bot-api-secret-token") or ""
        if not secret:
            return False
        return hmac.compare_digest(
            given.encode("utf-8", "replace"), secret.encode("utf-8", "replace")
        )

    def split(self, raw: bytes) -> list[items.RawItem]:
        try:
            update = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise MalformedResponse("not_json", "webhook") from error
        if not isinstance(update, dict):
            raise MalformedResponse("malformed", "webhook")
        return raw_items(update, self.own)

    def subscribe(self, url: str, secret: str) -> None:
        if not SECRET.fullmatch(secret or ""):
            raise ConfigError("missing_setting", "webhook_secret")
        params = {
            "url": url,
            "secret_token": secret,
            "allowed_updates": list(UPDATES),
            "max_connections": CONNECTIONS,
            "drop_pending_updates": False,
        }
        self._call("setWebhook", params)

    def unsubscribe(self) -> None:
        self._call("deleteWebhook", {"drop_pending_updates": False})

    # --- pull -----------------------------------------------------------------
    def fetch(self, stream: str, cursor: str, since: datetime) -> items.Page:
        """The updates that wait on the server, at most a day old (§3).

        The call confirms, and so deletes there, everything before ``cursor``: what an
        earlier page brought, which by then is committed. ``since`` is of no use, as
        nothing older can be had and nothing that waits may be left out.
        """
        if stream not in self.streams:
            raise RejectedError("unsupported", stream)
        params = {"limit": PAGE, "timeout": 0, "allowed_updates": list(UPDATES)}
        if ident(cursor):
            params["offset"] = int(cursor)
        updates = self._call("getUpdates", params)
        if not isinstance(updates, list):
            raise MalformedResponse("malformed", "getUpdates")
        found, last = [], None
        for update in updates:
            found += raw_items(mapping(update), self.own)
            number = ident(mapping(update).get("update_id"))
            last = int(number) if number else last
        return items.Page(
            items=tuple(found),
            # not the largest ever seen: numbering may start again lower (§3)
            cursor=cursor if last is None else str(last + 1),
            more=last is not None and len(updates) >= PAGE,
        )

    def parse(self, item: items.RawItem) -> items.Parsed:
        return parse(item.data, self.own)

    def profile(self, external_id: str) -> items.Author:
        chat = mapping(self._call("getChat", {"chat_id": external_id}))
        if chat.get("type") == "private":
            return person(chat)
        return place(chat)

    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        file = mapping(self._call("getFile", {"file_id": ref}))
        path = words(file.get("file_path"))
        if not path or path.startswith("/") or ".." in path.split("/"):
            # a server in local mode names a file on its own disk
            raise RejectedError("unsupported_server", "file_path")
        try:
            answer = self.transport.request(
                "GET",
                f"/file/bot{self._token()}/{quote(path)}",
                max_body=MAX_DOWNLOAD,
            )
        except (AuthError, ConfigError) as error:
            # the token was good a moment ago: it is the file that is gone
            raise NotFoundError("not_found", "file") from error
        mime = mimetypes.guess_type(path, strict=False)[0]
        return answer.content, mime or "application/octet-stream"

    # --- say ------------------------------------------------------------------
    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        if message.deleted:
            return []
        if message.own:
            until = message.sent_at and message.sent_at + DELETABLE
            late = until is not None and self.now() >= until
            reason = "too_old" if late else ""
            return [items.Affordance(base.DELETE, not late, reason, until=until)]
        here = {
            items.PUBLIC: base.REPLY_PUBLIC,
            items.GROUP: base.REPLY_GROUP,
            items.PRIVATE: base.REPLY_PRIVATE,
        }[message.audience]
        reason = "blocked" if message.blocked else ""
        found = [items.Affordance(here, not reason, reason, max_length=MAX_TEXT)]
        if here != base.REPLY_PRIVATE:
            # a bot cannot write first (§2); whether this person ever wrote to us in
            # private is for the caller to know, see PRIVATE_FIRST
            hidden = message.author.shared or not message.author.id
            reason = "no_target" if hidden else ""
            found.append(
                items.Affordance(
                    base.REPLY_PRIVATE, not reason, reason, max_length=MAX_TEXT
                )
            )
        found.append(items.Affordance(base.LIKE, not message.blocked))
        return found

    def media_rules(self, audience: str) -> items.MediaRules:
        return media_rules()

    def measure(self, draft: items.Draft) -> items.Measure:
        """UTF-16 units; with a file the first part is its caption (§4)."""
        limit = MAX_CAPTION if draft.media else MAX_TEXT
        parts = split(draft.text, limit, count_utf16)
        if draft.media and len(parts) > 1:
            rest = draft.text[draft.text.index(parts[0]) + len(parts[0]) :].lstrip()
            parts = (parts[0], *split(rest, MAX_TEXT, count_utf16))
        return items.Measure(count_utf16(draft.text), limit, parts)

    def publish(self, draft: items.Draft, key: str) -> items.Published:
        """One message, or one album. ``key`` is of no use: there are no keys (§8)."""
        where = destination(draft)
        try:
            return self._say(draft, where)
        except ChatUpgraded as moved:
            # refused, so nothing happened; the message answered stayed behind
            return self._say(draft, where.moved(moved.chat))
        except NotFoundError as error:
            if error.code == "chat_not_found" and draft.audience == items.PRIVATE:
                raise RejectedError("never_started", error.detail) from error
            raise

    def _say(self, draft, where) -> items.Published:
        if draft.audience == items.GROUP:
            self._still_closed(where.chat)
        method, params, files = request_of(draft, where)
        result = self._call(method, params, files=files, effect=True)
        messages = [mapping(one) for one in listing(result) or [result]]
        chat = mapping(messages[0].get("chat"))
        ids = [ident(one.get("message_id")) for one in messages]
        chat_id = ident(chat.get("id"))
        if not chat_id or not all(ids):
            raise UncertainError("malformed", method)
        private = draft.audience == items.PRIVATE
        return items.Published(
            key=key_of(chat, ids[0], self.own.id),
            # an album is several messages: all are named, so that all can be deleted
            ref=f"{chat_id}:{','.join(ids)}",
            url="" if private else permalink(chat, ids[0]),
            thread=thread_of(messages[0]),
            sent_at=moment(messages[0].get("date")),
        )

    def _still_closed(self, chat_id: str):
        """A closed group may have been given a public name since: then the answer
        would be for all the world, which nobody agreed to.
        """
        if name(mapping(self._call("getChat", {"chat_id": chat_id}))):
            raise RejectedError("audience_wider", "the group has become public")

    def moderate(self, verb: str, target: items.Target) -> None:
        """Repeating any of these does no harm, so a lost answer is only transient."""
        chat_id, _, numbers = target.ref.partition(":")
        ids = [int(one) for one in numbers.split(",") if ident(one)]
        if not ident(chat_id) or not ids:
            raise NotFoundError("not_found", verb)
        params = {"chat_id": chat_id, "message_id": ids[0]}
        if verb in ("like", "unlike"):
            wanted = LIKE if verb == "like" else []
            self._call("setMessageReaction", {**params, "reaction": wanted})
        elif verb == "delete" and len(ids) > 1:
            self._call("deleteMessages", {"chat_id": chat_id, "message_ids": ids})
        elif verb == "delete":
            try:
                self._call("deleteMessage", params)
            except NotFoundError:
                return  # what was wanted is so already
        else:
            raise RejectedError("unsupported", verb)

    def invite_url(self, payload: str) -> str:
        """Opens the private chat with our bot; ``/start`` brings it back (§6)."""
        if not PAYLOAD.fullmatch(payload):
            raise RejectedError("bad_payload", "1-64 of A-Z a-z 0-9 _ -")
        if not self.own.username:
            raise ConfigError("account_not_active", "the bot's name is not known yet")
        return f"https://t.me/{self.own.username}?start={payload}"
