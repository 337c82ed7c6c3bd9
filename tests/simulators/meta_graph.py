"""What all of Meta's simulated servers share: tokens, proofs, errors, meters, pushes.

Written from the fact sheet meta §1 and §7, never from an adapter.
"""

import hashlib
import hmac
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

from .server import Answer, Call, Simulator, route

VERSION = r"/v[0-9]+\.[0-9]"
DAY = 86400


class GraphError(Exception):
    """An answer with ``error``; raised in a route."""

    def __init__(self, code, subcode=None, status=400, details="", **more):
        self.answer = graph_error(code, subcode, status, details, **more)
        super().__init__(code)


def graph_error(code, subcode=None, status=400, details="", headers=None, **more):
    error = {
        "message": f"(#{code}) Something in whatever language the app has",
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "AbCdEf123",
        **more,
    }
    if subcode:
        error["error_subcode"] = subcode
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return Answer({"error": error}, status, headers or {})


def signature(secret: str, raw: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def body_of(payload) -> bytes:
    """As Meta writes it: everything that is not ASCII escaped, slashes as well."""
    return json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()


class GraphSimulator(Simulator):
    """Base; a subclass has the routes of its product."""

    app_id = "4100200300400"
    app_secret = "5ecre7" * 5 + "ab"
    token = "EAAGsystemuser" + "x" * 40

    def __init__(self):
        super().__init__()
        self.tokens = {
            self.token: {
                "expires_at": 0,
                "data_access_expires_at": 0,
                "scopes": [
                    "whatsapp_business_messaging",
                    "whatsapp_business_management",
                ],
            }
        }
        self.needs_proof = True
        #: kind of object -> where to, and which fields, of the app
        self.subscriptions: dict[str, dict] = {}
        #: headers that every answer carries
        self.meters: dict[str, str] = {}
        self._clock = datetime.now(timezone.utc).replace(microsecond=0)

    # --- time -----------------------------------------------------------------
    def now(self) -> datetime:
        """As a server's clock; it stands still unless it is told to go on."""
        return self._clock

    def advance(self, **kwargs):
        self._clock += timedelta(**kwargs)

    # --- accidents with a name ------------------------------------------------
    def use_up(self, percent: int, minutes: int = 0, kind="whatsapp"):
        """What the meters say from now on."""
        meter = {
            "type": kind,
            "call_count": percent,
            "total_cputime": 1,
            "total_time": 2,
            "estimated_time_to_regain_access": minutes,
        }
        other = {**meter, "call_count": 1, "estimated_time_to_regain_access": 0}
        usage = {"99": [other], "77": [other, meter]}
        self.meters = {"X-Business-Use-Case-Usage": json.dumps(usage)}

    def refuse(self, code, subcode=None, times=1, path="", status=400, **more):
        """The next calls are refused with this code; nothing happens."""
        answer = graph_error(code, subcode, status, **more)
        answer.headers.update(self.meters)
        return self.fail(path=path, times=times, answer=answer)

    # --- every call -----------------------------------------------------------
    def _answer(self, call, fault):
        answer = super()._answer(call, fault)
        answer.headers.update(self.meters)
        return answer

    def _dispatch(self, call: Call) -> Answer:
        try:
            return super()._dispatch(call)
        except GraphError as error:
            return error.answer

    def not_found(self, call: Call) -> Answer:
        return graph_error(2500, status=400)

    def before(self, call: Call) -> Answer | None:
        """The token and the proof, in the order in which the real server looks."""
        if not re.match(VERSION, call.path):
            return None
        token = self.given(call)
        app = f"{self.app_id}|{self.app_secret}"
        if token == app:
            return None
        if token not in self.tokens:
            return graph_error(190, status=401)
        if self.tokens[token].get("error"):
            return graph_error(190, self.tokens[token]["error"], status=401)
        proof = call.arg("appsecret_proof")
        wanted = hmac.new(
            self.app_secret.encode(), token.encode(), hashlib.sha256
        ).hexdigest()
        if proof != wanted and (proof or self.needs_proof):
            return graph_error(100)
        return None

    @staticmethod
    def given(call: Call) -> str:
        header = call.headers.get("authorization", "")
        return header.removeprefix("Bearer ") or call.arg("access_token", "")

    # --- tokens (§1) ----------------------------------------------------------
    @route("GET", VERSION + r"/debug_token")
    def debug_token(self, call: Call) -> Answer:
        if "|" not in self.given(call):
            raise GraphError(100)
        facts = self.tokens.get(call.arg("input_token", ""))
        if facts is None or facts.get("error"):
            return Answer({"data": {"is_valid": False, "scopes": []}})
        return Answer({"data": {"app_id": self.app_id, "is_valid": True, **facts}})

    @route("GET", VERSION + r"/oauth/access_token")
    def exchange(self, call: Call) -> Answer:
        if call.arg("client_secret") != self.app_secret:
            raise GraphError(1, status=400)
        short = call.arg("fb_exchange_token", "")
        if call.arg("grant_type") != "fb_exchange_token" or short not in self.tokens:
            raise GraphError(190, 463, status=401)
        long = f"{short}long"
        self.tokens[long] = dict(self.tokens[short])
        return Answer(
            {"access_token": long, "token_type": "bearer", "expires_in": 60 * DAY}
        )

    # --- subscriptions of the app ---------------------------------------------
    def _own_app(self, call: Call):
        if call.params["app"] != self.app_id or "|" not in self.given(call):
            raise GraphError(100, 33)

    @route("GET", VERSION + r"/(?P<app>[0-9]+)/subscriptions")
    def list_subscriptions(self, call: Call) -> Answer:
        self._own_app(call)
        rows = [
            {
                "object": kind,
                "callback_url": one["callback_url"],
                "active": one.get("active", True),
                "fields": [
                    {"name": name, "version": "v26.0"} for name in one["fields"]
                ],
            }
            for kind, one in self.subscriptions.items()
        ]
        return Answer({"data": rows})

    @route("POST", VERSION + r"/(?P<app>[0-9]+)/subscriptions")
    def subscribe_fields(self, call: Call) -> Answer:
        self._own_app(call)
        form = {**dict(call.query), **dict(call.form())}
        if not self.ask(form["callback_url"], form.get("verify_token", "")):
            raise GraphError(2200)
        self.subscriptions[form["object"]] = {
            "callback_url": form["callback_url"],
            "fields": form["fields"].split(","),
        }
        return Answer({"success": True})

    # --- pushes (§7) ----------------------------------------------------------
    def request(self, payload, secret: str | None = None):
        """(headers, query, raw) of a genuine delivery of ``payload``."""
        raw = body_of(payload)
        secret = self.app_secret if secret is None else secret
        headers = {"content-type": "application/json"}
        if secret:
            headers["x-hub-signature-256"] = signature(secret, raw)
        return headers, {}, raw

    @staticmethod
    def ask(url: str, token: str) -> bool:
        """Does the address say our challenge back? (§7, the handshake)"""
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": token,
            "hub.challenge": "1158201444",
        }
        try:
            asked = f"{url}?{urllib.parse.urlencode(query)}"
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.read() == b"1158201444"
        except OSError:
            return False

    @staticmethod
    def hand_in(url: str, delivery) -> int:
        """Status of a delivery; 0: no answer."""
        headers, _query, raw = delivery
        request = urllib.request.Request(url, raw, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0
