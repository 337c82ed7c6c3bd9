"""The Telegram Bot API as a server: dispatch, updates, webhooks, files.

``/bot<token>/<method>`` by GET or POST with query, form, multipart or JSON, as the
real or a self-hosted server answers (fact sheet telegram §1, §3). It never reads an
adapter.
"""

import json
import re
import time
import urllib.error
import urllib.request
from urllib.parse import unquote

from .server import Answer, Call, route
from .telegram_methods import MEDIA, Params, Refusal, TelegramMethods, bad, refusal
from .telegram_world import DAY, Chat, User, utf16

FILE_LINK_SECONDS = 3600  # a file's address is valid at least that long (§4)
OTHER_POLLER = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot "
    "instance is running"
)
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use "
    "deleteWebhook to delete the webhook first"
)


class TelegramSimulator(TelegramMethods):
    """See the module. ``sim.token`` and ``sim.url`` are all a client needs."""

    def __init__(self):
        super().__init__()
        self.webhook: dict = {}
        self.last_error: tuple[int, str] | None = None
        self.polls = 0
        self.rivals = 0

    # --- accidents with a name ------------------------------------------------
    def compete(self, times: int = 1):
        """Another program polls with our token, for the next ``times`` polls."""
        self.rivals = times

    def flood(self, seconds, times: int = 1, path: str = r"/send"):
        """429 with ``retry_after``, nothing happens (§5)."""
        words = f"Too Many Requests: retry after {seconds}"
        answer = refusal(429, words, retry_after=seconds)
        return self.fail(path=path, times=times, answer=answer)

    # --- dispatch -------------------------------------------------------------
    @route("GET", r"/bot(?P<token>[^/]+)/(?P<method>\w+)")
    @route("POST", r"/bot(?P<token>[^/]+)/(?P<method>\w+)")
    def call_method(self, call: Call) -> Answer:
        token, name = unquote(call.params["token"]), call.params["method"].lower()
        if not re.fullmatch(r"\d+:[\w-]{30,}", token):
            return refusal(404, "Not Found")
        if token != self.token:
            return refusal(401, "Unauthorized")
        handler = METHODS.get(name)
        if handler is None:
            return refusal(404, "Not Found: method not found")
        try:
            return Answer({"ok": True, "result": handler(self, self._params(call))})
        except Refusal as error:
            return error.answer

    def not_found(self, call: Call) -> Answer:
        return refusal(404, "Not Found")

    @staticmethod
    def _params(call: Call) -> Params:
        params = Params(call.query)
        params.files = {}
        kind = call.headers.get("content-type", "")
        if call.body and kind.startswith("application/json"):
            body = call.json()
            if not isinstance(body, dict):
                raise bad("can't parse JSON object")
            params.update(body)
        elif call.body and kind.startswith("multipart/form-data"):
            for name, filename, mime, data in call.parts():
                if filename is None:
                    params[name] = data.decode()
                else:
                    params.files[name] = (filename, mime, data)
        elif call.body:
            params.update(call.form())
        return params

    # --- updates (§3) ---------------------------------------------------------
    def get_updates(self, params: Params) -> list:
        if self.webhook:
            raise Refusal(409, WEBHOOK_ACTIVE)
        if self.rivals:
            self.rivals -= 1
            raise Refusal(409, OTHER_POLLER)
        self._allow(params)
        offset, limit = params.number("offset"), params.number("limit", 100)
        limit = min(max(limit, 1), 100)
        self.polls += 1
        mine, until = self.polls, time.monotonic() + params.number("timeout")
        self.changed.notify_all()  # whoever waited is thrown out
        while True:
            found = self._take(offset)[:limit]
            left = until - time.monotonic()
            if found or left <= 0:
                return found
            self.changed.wait(left)
            if self.webhook:
                raise Refusal(409, "Conflict: terminated by setWebhook request")
            if mine != self.polls:
                raise Refusal(409, OTHER_POLLER)

    def _take(self, offset: int) -> list[dict]:
        waiting = self.pending()
        if offset < 0:
            keep = waiting[offset:]
            self.queue = self.queue[len(waiting) - len(keep) :]
            return keep
        if offset and offset <= self._next_update + 10:
            for one in waiting:
                if one["update_id"] < offset:
                    self.confirm(one["update_id"])
        # an offset from before a restart of the numbering confirms nothing
        return self.pending()

    def _allow(self, params: Params):
        """Remembered until changed; an empty list means the default set."""
        kinds = params.data("allowed_updates")
        if kinds is not None:
            self.allowed = set(kinds) or None

    def set_webhook(self, params: Params) -> bool:
        url, secret = params.get("url", ""), params.get("secret_token", "")
        if not url:
            return self.delete_webhook(params)
        if not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", url):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad("secret token contains unallowed characters")
        connections = params.number("max_connections", 40)
        if not 1 <= connections <= 100:
            raise bad("invalid max_connections specified")
        self._allow(params)
        if params.flag("drop_pending_updates"):
            self.queue.clear()
        self.webhook = {"url": url, "secret": secret, "max": connections}
        self.last_error = None
        self.changed.notify_all()
        return True

    def delete_webhook(self, params: Params) -> bool:
        if params.flag("drop_pending_updates"):
            self.queue.clear()
        self.webhook, self.last_error = {}, None
        return True

    def get_webhook_info(self, params: Params) -> dict:
        info = {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending()),
        }
        if self.webhook:
            info["max_connections"] = self.webhook["max"]
        if self.allowed:
            info["allowed_updates"] = sorted(self.allowed)
        if self.last_error:
            date, words = self.last_error
            info.update(last_error_date=date, last_error_message=words)
        return info

    def deliver(self, attempts: int = 3, headers: dict | None = None) -> list[int]:
        """POST what waits to the webhook; statuses in order (0: no answer).

        Anything but 2xx is tried again, up to ``attempts`` times; then the update
        stays in the queue for the next call (§3).
        """
        statuses = []
        for update in self.pending():
            for _attempt in range(attempts):
                status = self._post(self.webhook_request(update), headers or {})
                statuses.append(status)
                if 200 <= status < 300:
                    self.confirm(update["update_id"])
                    break
                self.last_error = (
                    self.now,
                    f"Wrong response from the webhook: {status}",
                )
        return statuses

    def webhook_request(self, update: dict, secret: str | None = None):
        """(headers, query, raw) of the delivery of ``update``."""
        secret = self.webhook.get("secret", "") if secret is None else secret
        headers = {"content-type": "application/json"}
        if secret:
            headers["x-telegram-bot-api-secret-token"] = secret
        return headers, {}, json.dumps(update).encode()

    def _post(self, delivery, more: dict) -> int:
        headers, _query, raw = delivery
        request = urllib.request.Request(
            self.webhook["url"], raw, {**headers, **more}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    # --- files (§4)
    @route("GET", r"/file/bot(?P<token>[^/]+)/(?P<path>.+)")
    def download(self, call: Call) -> Answer:
        token, path = unquote(call.params["token"]), unquote(call.params["path"])
        fresh = self.now - self.links.get(path, -DAY) <= FILE_LINK_SECONDS
        if token != self.token or not fresh:
            return refusal(404, "Not Found")
        return next(
            Answer(one["data"]) for one in self.files.values() if one["path"] == path
        )


#: names are case-insensitive, as on the real server
METHODS = {
    "getme": TelegramSimulator.get_me,
    "getupdates": TelegramSimulator.get_updates,
    "setwebhook": TelegramSimulator.set_webhook,
    "deletewebhook": TelegramSimulator.delete_webhook,
    "getwebhookinfo": TelegramSimulator.get_webhook_info,
    "getchat": TelegramSimulator.get_chat,
    "getuserprofilephotos": TelegramSimulator.get_user_profile_photos,
    "sendmessage": TelegramSimulator.send_message,
    "sendmediagroup": TelegramSimulator.send_media_group,
    "editmessagetext": TelegramSimulator.edit_message_text,
    "deletemessage": TelegramSimulator.delete_message,
    "deletemessages": TelegramSimulator.delete_messages,
    "setmessagereaction": TelegramSimulator.set_message_reaction,
    "getfile": TelegramSimulator.get_file,
    **{
        name.lower(): lambda sim, params, name=name: sim.send_media(name, params)
        for name in MEDIA
    },
}


class TelegramHarness:
    """What the contract suite needs to try any adapter against this server.

    It speaks the adapter's keys; the simulator itself names messages
    ``chat:message``.
    """

    code = "telegram"
    simulator = TelegramSimulator
    publish_path = r"/bot[^/]+/send\w+$"
    #: a customer's deletion is never told to bots (§3)
    customer_deletes = None

    def settings(self, sim) -> dict:
        return {"token": sim.token, "base_url": sim.url}

    def customer_says(self, sim, text, audience="private", reply_to=None) -> str:
        """A message to us; returns the key the fact sheet implies."""
        user, reply_to = self._customer(sim), reply_to and self.spot(reply_to)
        if audience == "private":
            return self.key(sim, sim.say(user, None, text, reply_to=reply_to))
        named = {"type": "text_mention", "offset": 0, "length": utf16(text[:1])}
        entities = None if reply_to else [{**named, "user": sim.bot.json()}]
        chat = self._group(sim, audience)
        spot = sim.say(user, chat, text, reply_to=reply_to, entities=entities)
        return self.key(sim, spot)

    def customer_edits(self, sim, key, text):
        sim.advance(1)  # edit_date counts in seconds
        sim.edit(self.spot(key), text)

    def published(self, sim) -> list[dict]:
        """What customers see from our bot, oldest first."""
        found = []
        for chat in sim.chats.values():
            for number, message in chat.messages.items():
                if not message.get("_by_bot") or number in chat.deleted:
                    continue
                above = message.get("reply_to_message")
                spot = above and f"{chat.id}:{above['message_id']}"
                found.append(
                    {
                        "text": message.get("text", message.get("caption", "")),
                        "audience": _audience(chat),
                        "reply_to": self.key(sim, spot) if spot else "",
                        "key": self.key(sim, f"{chat.id}:{number}"),
                    }
                )
        return found

    @staticmethod
    def key(sim, spot: str) -> str:
        """The key of ``chat:message``: where each bot numbers for itself, the number
        says nothing without the bot (§3)."""
        chat = sim.chats[int(spot.split(":")[0])]
        shared = chat.type in ("supergroup", "channel")
        return spot if shared else f"{sim.bot.id}:{spot}"

    @staticmethod
    def spot(key: str) -> str:
        return ":".join(key.split(":")[-2:])

    def webhook(self, sim, secret):
        """(headers, query, raw bytes) of a genuine delivery."""
        self.customer_says(sim, "Hello from a webhook")
        return sim.webhook_request(sim.pending()[-1], secret)

    @staticmethod
    def _customer(sim) -> User:
        return next(iter(sim.users.values()), None) or sim.make_user(
            "Jo", last_name="K", username="jo_k", language_code="en"
        )

    @staticmethod
    def _group(sim, audience) -> Chat:
        username = "acme_square" if audience == "public" else ""
        for chat in sim.chats.values():
            if chat.type == "supergroup" and chat.username == username:
                return chat
        return sim.make_group(username=username, announce=False)


def _audience(chat: Chat) -> str:
    if chat.type == "private":
        return "private"
    return "public" if chat.username else "group"
