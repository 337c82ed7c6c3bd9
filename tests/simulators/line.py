"""LINE's Messaging API as a server: people, groups, webhooks, sending, the plan.

Route by route from the fact sheet line §1–§5 and §8. It never reads an adapter.
"""

import base64
import hashlib
import hmac
import itertools
import json
import re
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

from .server import Answer, Call, Simulator, route

#: seconds that a reply token lives; the documented minute
TOKEN_LIFE = 60
KEY_LIFE = timedelta(hours=24)
MAX_TEXT = 5000
TOKENS = 30
#: what can be quoted (line-bot-sdk demands a token of these)
QUOTED = ("text", "image", "video", "sticker")


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class LineSimulator(Simulator):
    """``sim.channel_id``, ``sim.channel_secret`` are what a client needs."""

    def __init__(self):
        super().__init__()
        self.channel_id, self.channel_secret = "1657000001", "5ecre7" * 5 + "ab"
        self.tokens = {}  # token -> expires at
        self.own = "U" + "0" * 31 + "1"
        self.handle = "@acme"
        #: stands still until somebody moves it
        self._now = datetime(2026, 11, 3, 9, tzinfo=timezone.utc)
        self._numbers = itertools.count(570000000000000001)
        self._events = itertools.count(1)
        self.people = {}  # user id -> {"name", "friend", "blocked"}
        self.groups = {}  # group id -> set of user ids
        self.reply_tokens = {}  # token -> [thread, made at, used]
        self.sent = []  # what people see from us
        self.keys = {}  # retry key -> (when, request id, sentMessages)
        self.content = {}  # message id -> [bytes, mime, looks until it is there]
        self.queue = []  # deliveries that wait
        self.endpoint, self.active = "", True
        self.quota, self.used = None, 0

    # --- time and people ------------------------------------------------------
    def now(self):
        return self._now

    def wake_up(self):
        """From now on its clock says the real time."""
        self._now = datetime.now(timezone.utc)
        return self

    def advance(self, seconds):
        self._now += timedelta(seconds=seconds)

    def add_person(self, name="Jo", friend=True):
        who = f"U{len(self.people) + 0xA0:032x}"
        self.people[who] = {"name": name, "friend": friend, "blocked": False}
        return who

    def add_group(self, *people):
        where = f"C{len(self.groups) + 0xB0:032x}"
        self.groups[where] = set(people)
        return where

    def issue(self):
        token = f"channel-token-{len(self.tokens) + 1:04d}-of-the-account"
        self.tokens[token] = self._now + timedelta(days=30)
        return token

    # --- what people do (§2) --------------------------------------------------
    def event(self, kind, source, token=True, **more):
        number = next(self._events)
        event = {
            "type": kind,
            "mode": "active",
            "timestamp": int(self._now.timestamp() * 1000) + number,
            "webhookEventId": f"01K5ZZZZZZZZZZZZZZZ{number:07d}",
            "deliveryContext": {"isRedelivery": False},
            "source": source,
            **more,
        }
        if token:
            event["replyToken"] = f"{number:032x}"
            thread = source.get("groupId") or source.get("roomId") or source["userId"]
            self.reply_tokens[event["replyToken"]] = [thread, self._now, False]
        self.queue.append(event)
        return event

    def source(self, who, where=""):
        if where:
            return {"type": "group", "groupId": where, "userId": who}
        return {"type": "user", "userId": who}

    def say(self, who, text="", where="", message=None, names_us=False, **more):
        """A message; the event. ``message`` instead of text: another kind."""
        number = str(next(self._numbers))
        body = {"id": number, **(message or {"type": "text", "text": text})}
        if body["type"] in QUOTED:
            body["quoteToken"] = f"quote-{number}"
        if names_us:
            one = {"index": 0, "length": 5, "type": "user", "userId": self.own}
            body["mention"] = {"mentionees": [{**one, "isSelf": True}]}
        return self.event("message", self.source(who, where), message=body, **more)

    def unsend(self, who, number, where=""):
        source = self.source(who, where)
        return self.event("unsend", source, token=False, unsend={"messageId": number})

    def body(self, *events):
        return {"destination": self.own, "events": list(events)}

    def request(self, *events, secret=None):
        """(headers, query, raw bytes) of a delivery, as LINE writes it."""
        raw = json.dumps(self.body(*events), ensure_ascii=False).encode()
        key = (secret or self.channel_secret).encode()
        signed = base64.b64encode(hmac.new(key, raw, hashlib.sha256).digest())
        return {"x-line-signature": signed.decode()}, {}, raw

    def deliver(self, *events):
        """To the address that was set; the status, 0 when nobody answers."""
        headers, _query, raw = self.request(*events)
        call = urllib.request.Request(
            self.endpoint,
            raw,
            {"X-Line-Signature": headers["x-line-signature"]},
        )
        try:
            with urllib.request.urlopen(call, timeout=2) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    # --- who calls (§1) -------------------------------------------------------
    def before(self, call: Call):
        if call.path.startswith(("/v2/oauth", "/oauth2", "/stickers/")):
            return None
        given = call.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(given, self._now) <= self._now:
            said = "Authentication failed due to the following reason: invalid token"
            return Answer({"message": said}, 401)
        return None

    def not_found(self, call):
        return Answer({"message": "Not found"}, 404)

    @route("POST", "/v2/oauth/accessToken")
    def access_token(self, call):
        form = dict(call.form())
        right = (self.channel_id, self.channel_secret)
        if (form.get("client_id"), form.get("client_secret")) != right:
            return Answer({"error": "invalid_client"}, 400)
        alive = [one for one, ends in self.tokens.items() if ends > self._now]
        if len(alive) >= TOKENS:
            del self.tokens[alive[0]]
        seconds = 30 * 86400
        return Answer({"access_token": self.issue(), "expires_in": seconds})

    @route("GET", "/v2/bot/info")
    def info(self, call):
        known = {"userId": self.own, "basicId": self.handle, "displayName": "Acme"}
        return Answer({**known, "chatMode": "bot", "markAsReadMode": "auto"})

    @route("GET", "/v2/bot/message/quota")
    def quota_of(self, call):
        if self.quota is None:
            return Answer({"type": "none"})
        return Answer({"type": "limited", "value": self.quota})

    @route("GET", "/v2/bot/message/quota/consumption")
    def consumption(self, call):
        return Answer({"totalUsage": self.used})

    # --- webhook (§2) ---------------------------------------------------------
    @route("PUT", "/v2/bot/channel/webhook/endpoint")
    def set_endpoint(self, call):
        url = call.json().get("endpoint", "")
        if not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", url):
            return self._wrong("endpoint", "Must be a valid HTTPS URL")
        self.endpoint = url
        return Answer({})

    @route("GET", "/v2/bot/channel/webhook/endpoint")
    def get_endpoint(self, call):
        if not self.endpoint:
            return self.not_found(call)
        return Answer({"endpoint": self.endpoint, "active": self.active})

    @route("POST", "/v2/bot/channel/webhook/test")
    def test_endpoint(self, call):
        status = self.deliver()
        said = {"success": status == 200, "statusCode": status, "detail": str(status)}
        return Answer({**said, "reason": "OK" if status == 200 else "ERROR_STATUS"})

    # --- sending (§3) ---------------------------------------------------------
    def _wrong(self, place, said):
        details = [{"message": said, "property": place}]
        said = "The request body has 1 error(s)"
        return Answer({"message": said, "details": details}, 400)

    def _messages(self, call):
        """(the messages, or the refusal)."""
        messages = call.json().get("messages")
        if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
            return None, self._wrong("messages", "Size must be between 1 and 5")
        for number, one in enumerate(messages):
            if one.get("type") != "text" or not one.get("text"):
                return None, self._wrong(f"messages[{number}].text", "May not be empty")
            if units(one["text"]) > MAX_TEXT:
                place = f"messages[{number}].text"
                return None, self._wrong(place, "Length must be between 0 and 5000")
        return messages, None

    def _send(self, thread, messages):
        found = []
        for one in messages:
            number = str(next(self._numbers))
            self.sent.append({"id": number, "to": thread, **one})
            found.append({"id": number, "quoteToken": f"quote-{number}"})
        return found

    @route("POST", "/v2/bot/message/reply")
    def reply(self, call):
        if "x-line-retry-key" in call.headers:
            return self._wrong("X-Line-Retry-Key", "not allowed here")
        messages, refusal = self._messages(call)
        if refusal:
            return refusal
        known = self.reply_tokens.get(call.json().get("replyToken"))
        if (
            not known
            or known[2]
            or self._now - known[1] > timedelta(seconds=TOKEN_LIFE)
        ):
            return Answer({"message": "Invalid reply token"}, 400)
        known[2] = True
        return Answer({"sentMessages": self._send(known[0], messages)})

    @route("POST", "/v2/bot/message/push")
    def push(self, call):
        key = call.headers.get("x-line-retry-key", "")
        request_id = f"request-{len(self.calls)}"
        if key and not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key):
            return self._wrong("X-Line-Retry-Key", "must be a UUID")
        known = self.keys.get(key)
        if known and self._now - known[0] < KEY_LIFE:
            said = "A request with the same retry key has been accepted"
            return Answer(
                {"message": said, "sentMessages": known[2]},
                409,
                {"x-line-accepted-request-id": known[1]},
            )
        messages, refusal = self._messages(call)
        if refusal:
            return refusal
        to = call.json().get("to", "")
        if to not in self.people and to not in self.groups:
            return Answer({"message": "Failed to send messages"}, 400)
        if self.quota is not None and self.used + len(messages) > self.quota:
            return Answer({"message": "You have reached your monthly limit."}, 429)
        self.used += len(messages)
        person = self.people.get(to)
        # accepted, not delivered: who blocked us, or never added us, gets nothing
        reaches = not person or person["friend"] and not person["blocked"]
        sent = self._send(to, messages) if reaches else []
        if key:
            self.keys[key] = (self._now, request_id, sent)
        return Answer({"sentMessages": sent}, 200, {"x-line-request-id": request_id})

    # --- people and files (§5) ------------------------------------------------
    @route("GET", "/v2/bot/profile/(?P<who>[^/]+)")
    def profile(self, call):
        who = call.params["who"]
        known = self.people.get(who)
        if not known or not known["friend"] or known["blocked"]:
            return self.not_found(call)
        about = {"userId": who, "displayName": known["name"], "language": "ja"}
        return Answer({**about, "pictureUrl": "https://profile.line-scdn.net/x"})

    @route("GET", "/v2/bot/group/(?P<where>[^/]+)/member/(?P<who>[^/]+)")
    def member(self, call):
        who, where = call.params["who"], call.params["where"]
        if who not in self.groups.get(where, ()):
            return self.not_found(call)
        return Answer({"userId": who, "displayName": self.people[who]["name"]})

    @route("GET", "/v2/bot/message/(?P<id>[^/]+)/content")
    def file(self, call):
        known = self.content.get(call.params["id"])
        if not known:
            return self.not_found(call)
        data, mime, looks = known
        if data is None:
            return Answer({"message": "The content is gone"}, 410)
        if looks:
            known[2] -= 1
            return Answer({}, 202)
        return Answer(data, 200, {"Content-Type": mime})

    @route("GET", "/stickers/(?P<id>[0-9]+).png")
    def sticker(self, call):
        return Answer(b"\x89PNG\r\n\x1a\n sticker", 200, {"Content-Type": "image/png"})


class LineHarness:
    """What the contract suite needs to try any adapter against this server.

    Nothing is answered for free here: what is protected is what is billed.
    """

    code = "line"
    simulator = LineSimulator
    publish_path = r"/message/push$"
    webhook_setting = "channel_secret"
    reply_seconds = "0"
    says = "private"

    def deliveries(self, sim):
        """Everything, each time anew: LINE delivers again what it is not sure of."""
        return [sim.request(one)[2] for one in sim.queue]

    def settings(self, sim) -> dict:
        return {
            "channel_id": sim.channel_id,
            "channel_secret": sim.channel_secret,
            "access_token": sim.issue(),
            "base_url": sim.url,
            "reply_seconds": self.reply_seconds,
            "sticker_address": f"{sim.url}/stickers/{{id}}.png",
        }

    def customer_says(self, sim, text, audience="private", reply_to=None) -> str:
        person = next(iter(sim.people), None) or sim.add_person("Jo K")
        group = ""
        if audience == "group":
            group = next(iter(sim.groups), None) or sim.add_group(person)
        said = sim.say(person, text, group, names_us=bool(group))
        return said["message"]["id"]

    def pushed(self, sim):
        """(key, data) of all that came by itself: there is nothing to pull."""
        return [(one["webhookEventId"], one) for one in sim.queue]

    def published(self, sim) -> list[dict]:
        return [
            {
                "text": one["text"],
                "audience": "group" if one["to"] in sim.groups else "private",
                "reply_to": one.get("quoteToken", "").removeprefix("quote-"),
                "key": one["id"],
            }
            for one in sim.sent
        ]

    def webhook(self, sim, secret):
        """(headers, query, raw bytes) of a genuine delivery."""
        self.customer_says(sim, "Hello from a webhook")
        return sim.request(sim.queue[-1], secret=secret)
