"""Webhooks of the fake X: registration with its challenge, subscriptions, replay.

Fact sheet x §4: X Activity, and Account Activity that it replaces.
"""

import base64
import hashlib
import hmac
import json
import re
import urllib.error
import urllib.request
from datetime import timedelta
from urllib.parse import quote, urlsplit

from .server import Answer, Call, route
from .x_oauth import XOAuth
from .x_view import stamp
from .x_world import Refused

SUBSCRIPTIONS = 1500  # self-serve, §4
TIMEOUT = 10  # seconds a receiver has
TOLERATED = timedelta(hours=28)
PRIVATE = ("dm.", "chat.")
KINDS = """post.create post.delete post.mention.create post.reply.create
    post.quote.create dm.received dm.sent dm.read dm.indicate_typing chat.received
    chat.sent oauth.revoke like.create follow.follow follow.unfollow
    profile.update.handle profile.update.bio""".split()


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, and a wrong one (§4)."""

    def redirect_request(self, *args):
        return None


class XHooks(XOAuth):
    webhook_limit = 1  # pay-per-use, §4
    #: replaces the GET that proves the address: f(url, crc_token) -> response_token
    challenge = None
    #: the answer to a new subscription holds a list (both are documented)
    listed_subscription = False

    def __init__(self):
        super().__init__()
        self.webhooks: dict[str, dict] = {}
        self.subscriptions: dict[str, dict] = {}
        self.followed: dict[str, set] = {}  # Account Activity: webhook -> users
        self.queue: list[tuple[str, dict]] = []
        self.delivered: list[tuple] = []  # (when, webhook, raw)

    # --- webhooks -------------------------------------------------------------
    @route("POST", "/2/webhooks")
    def create_webhook(self, call: Call) -> Answer:
        app = self.need(call, app=True, user=False).app
        url = self.body(call, ("url",)).get("url") or ""
        mine = self._webhooks(app)
        parts = urlsplit(url)
        local = parts.hostname in ("127.0.0.1", "localhost")
        if not local and (parts.scheme != "https" or parts.port or not parts.hostname):
            raise self._failed("UrlValidationFailed")
        if any(one["url"] == url for one in mine):
            raise self._failed("DuplicateUrlFailed")
        if len(mine) >= self.webhook_limit:
            raise self._failed("WebhookLimitExceeded")
        if self._answers(app, url) != "right":
            raise self._failed("CrcValidationFailed")
        number = self.world.serial()
        self.webhooks[number] = {
            "id": number,
            "url": url,
            "valid": True,
            "created_at": stamp(self.now()),
            "app": app.id,
            "good_at": self.now(),
        }
        return Answer({"data": self._webhook_view(self.webhooks[number])})

    @staticmethod
    def _failed(reason) -> Refused:
        one = {"code": 214, "message": reason}
        return Refused(400, reason, reason, "invalid-request", errors=[one])

    def _webhooks(self, app):
        return [one for one in self.webhooks.values() if one["app"] == app.id]

    @staticmethod
    def _webhook_view(one):
        return {key: one[key] for key in ("id", "url", "valid", "created_at")}

    def _answers(self, app, url) -> str:
        """Ask for the proof: ``right``, ``wrong`` or ``silent`` (5xx, 4xx, time)."""
        token = hashlib.sha256(f"{url}{self.world.serial()}".encode()).hexdigest()[:24]
        right = self.signature(app.consumer_secret, token.encode())
        if self.challenge is not None:
            given = self.challenge(url, token)
            return "right" if given == right else "wrong"
        joint = "&" if "?" in url else "?"
        full = f"{url}{joint}crc_token={quote(token)}"
        opener = urllib.request.build_opener(Stay)
        try:
            with opener.open(full, timeout=TIMEOUT) as answer:
                given = json.loads(answer.read()).get("response_token", "")
        except urllib.error.HTTPError as error:
            return "wrong" if error.code < 400 else "silent"
        except OSError:
            return "silent"
        except (ValueError, AttributeError):
            return "wrong"
        return "right" if hmac.compare_digest(str(given), right) else "wrong"

    @staticmethod
    def signature(secret: str, raw: bytes) -> str:
        digest = hmac.new(secret.encode(), raw, hashlib.sha256).digest()
        return "sha256=" + base64.b64encode(digest).decode()

    def revalidate(self):
        """The hourly check: a wrong answer disables at once, silence after 28 h."""
        for one in self.webhooks.values():
            said = self._answers(self.apps[one["app"]], one["url"])
            if said == "right":
                one["good_at"] = self.now()
            elif said == "wrong" or self.now() - one["good_at"] > TOLERATED:
                one["valid"] = False

    @route("GET", "/2/webhooks")
    def list_webhooks(self, call: Call) -> Answer:
        app = self.need(call, app=True, user=False).app
        found = [self._webhook_view(one) for one in self._webhooks(app)]
        return Answer({"data": found, "meta": {"result_count": len(found)}})

    def _webhook(self, call: Call, number) -> dict:
        app = self.need(call, app=True, user=False).app
        one = self.webhooks.get(number)
        if one is None or one["app"] != app.id:
            raise self._failed("WebhookIdInvalid")
        return one

    @route("PUT", r"/2/webhooks/(?P<id>\w+)")
    def check_webhook(self, call: Call) -> Answer:
        one = self._webhook(call, call.params["id"])
        if self._answers(self.apps[one["app"]], one["url"]) != "right":
            one["valid"] = False
            raise self._failed("CrcValidationFailed")
        one.update(valid=True, good_at=self.now())
        return Answer({"data": {"valid": True}})

    @route("DELETE", r"/2/webhooks/(?P<id>\w+)")
    def delete_webhook(self, call: Call) -> Answer:
        one = self._webhook(call, call.params["id"])
        del self.webhooks[one["id"]]
        self.followed.pop(one["id"], None)
        for number, subscription in list(self.subscriptions.items()):
            if subscription.get("webhook_id") == one["id"]:
                del self.subscriptions[number]
        return Answer({"data": {"deleted": True}})

    @route("POST", "/2/webhooks/replay")
    def replay(self, call: Call) -> Answer:
        body = self.body(call, ("webhook_id", "from_date", "to_date"))
        one = self._webhook(call, body.get("webhook_id"))
        for name in ("from_date", "to_date"):
            if not re.fullmatch(r"\d{12}", str(body.get(name))):
                raise self.invalid(name, body.get(name), "Must be yyyymmddhhmm")
        first, last = body["from_date"], body["to_date"]
        oldest = (self.now() - timedelta(hours=24)).strftime("%Y%m%d%H%M")
        if not oldest <= first <= last:
            raise self.invalid("from_date", first, "Must be within the last 24 hours")
        for when, webhook, raw in list(self.delivered):
            if webhook == one["id"] and first <= when.strftime("%Y%m%d%H%M") <= last:
                self.queue.append((webhook, json.loads(raw)))
        data = {"created_at": stamp(self.now()), "job_id": self.world.serial()}
        return Answer({"data": data})

    # --- X Activity -----------------------------------------------------------
    @route("POST", "/2/activity/subscriptions")
    def subscribe(self, call: Call) -> Answer:
        caller = self.need(call, app=True)
        body = self.body(call, ("event_type", "filter", "tag", "webhook_id"))
        kind = body.get("event_type")
        user = (body.get("filter") or {}).get("user_id")
        if kind not in KINDS:
            raise self.invalid("event_type", kind, "Unknown event type")
        if user not in self.world.users:
            raise self.invalid("filter.user_id", user, "Unknown user")
        private = kind.startswith(PRIVATE)
        if private and (
            caller.user is None
            or caller.user.id != user
            or "dm.read" not in (caller.scopes or ("dm.read",))
        ):
            # private events need the consent of that user (§4)
            raise Refused(403, "You do not have permission to access this event.")
        webhook = body.get("webhook_id")
        if webhook and self.webhooks.get(webhook, {}).get("app") != caller.app.id:
            raise self.invalid("webhook_id", webhook, "Unknown webhook")
        mine = [s for s in self.subscriptions.values() if s["app"] == caller.app.id]
        same = [
            s
            for s in mine
            if (s["event_type"], s["filter"]) == (kind, {"user_id": user})
        ]
        if same:
            raise Refused(409, "A duplicate subscription exists.", "Conflict")
        if len(mine) >= SUBSCRIPTIONS:
            raise Refused(403, "The subscription limit has been reached.")
        one = {
            "subscription_id": self.world.serial(),
            "event_type": kind,
            "filter": {"user_id": user},
            "tag": body.get("tag") or "",
            "webhook_id": webhook or "",
            "created_at": stamp(self.now()),
            "updated_at": stamp(self.now()),
            "app": caller.app.id,
        }
        self.subscriptions[one["subscription_id"]] = one
        view = self._subscription_view(one)
        data = [view] if self.listed_subscription else view
        return Answer({"data": data, "meta": {"total_subscriptions": len(mine) + 1}})

    @staticmethod
    def _subscription_view(one):
        return {key: value for key, value in one.items() if value and key != "app"}

    @route("GET", "/2/activity/subscriptions")
    def list_subscriptions(self, call: Call) -> Answer:
        caller = self.need(call, app=True)
        mine = [s for s in self.subscriptions.values() if s["app"] == caller.app.id]
        data = [self._subscription_view(one) for one in mine]
        return Answer({"data": data, "meta": {"total_subscriptions": len(data)}})

    def _subscription(self, call: Call) -> dict:
        caller = self.need(call, app=True)
        one = self.subscriptions.get(call.params["id"])
        if one is None or one["app"] != caller.app.id:
            raise Refused(404, "Not Found", "Not Found Error", "resource-not-found")
        return one

    @route("PUT", r"/2/activity/subscriptions/(?P<id>\w+)")
    def change_subscription(self, call: Call) -> Answer:
        one = self._subscription(call)
        one.update(self.body(call, ("tag", "webhook_id")))
        one["updated_at"] = stamp(self.now())
        return Answer({"data": self._subscription_view(one)})

    @route("DELETE", r"/2/activity/subscriptions/(?P<id>\w+)")
    def unsubscribe(self, call: Call) -> Answer:
        one = self._subscription(call)
        del self.subscriptions[one["subscription_id"]]
        left = [s for s in self.subscriptions.values() if s["app"] == one["app"]]
        meta = {"total_subscriptions": len(left)}
        return Answer({"data": {"deleted": True}, "meta": meta})

    # --- Account Activity (deprecated) ----------------------------------------
    ALL = r"/2/account_activity/webhooks/(?P<id>\w+)/subscriptions"

    @route("POST", ALL + "/all")
    def follow_account(self, call: Call) -> Answer:
        caller = self.need(call, "tweet.read users.read dm.read")
        users = self._followers_of(call, caller)
        if len(users) >= 3 and caller.user.id not in users:
            raise Refused(403, "The subscription limit has been reached.")
        users.add(caller.user.id)
        return Answer({"data": {"subscribed": True}})

    @route("GET", ALL + "/all")
    def follows_account(self, call: Call) -> Answer:
        caller = self.need(call, "tweet.read users.read dm.read")
        users = self._followers_of(call, caller)
        return Answer({"data": {"subscribed": caller.user.id in users}})

    @route("GET", ALL + "/all/list")
    def followed_accounts(self, call: Call) -> Answer:
        caller = self.need(call, app=True, user=False)
        users = self._followers_of(call, caller)
        data = {
            "application_id": caller.app.id,
            "webhook_id": call.params["id"],
            "webhook_url": self.webhooks[call.params["id"]]["url"],
            "subscriptions": [{"user_id": one} for one in sorted(users)],
        }
        return Answer({"data": data})

    @route("DELETE", ALL + r"/(?P<user>\d+)/all")
    def leave_account(self, call: Call) -> Answer:
        caller = self.need(call, app=True, user=False)
        self._followers_of(call, caller).discard(call.params["user"])
        return Answer({"data": {"subscribed": False}})

    def _followers_of(self, call, caller) -> set:
        one = self.webhooks.get(call.params["id"])
        if one is None or one["app"] != caller.app.id:
            raise self._failed("WebhookIdInvalid")
        return self.followed.setdefault(one["id"], set())
