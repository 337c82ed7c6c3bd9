"""The parts of the fake Bluesky server that every route needs.

Sessions with tokens that end, app passwords, rate limits with their headers, errors,
how a route is reached. Fact sheet ``bluesky`` §1 and §2; words of errors as observed at
the published server.
"""

import base64
import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from .bluesky_world import Person, Refused, World
from .server import Answer, Call, Simulator

ACCESS_LIFE = timedelta(minutes=120)  # §1
REFRESH_LIFE = timedelta(days=90)
GRACE = timedelta(hours=2)  # an old refresh token after it was used
#: name -> (points, seconds), §2
LIMITS = {
    "all": (3000, 300),
    "session": (30, 300),
    "session-day": (300, 86400),
    "write": (5000, 3600),
    "write-day": (35000, 86400),
}
PUBLIC, PLAIN, PRIVILEGED, FULL = "", "appPass", "appPassPrivileged", "access"
#: what needs a privileged app password (published server, November 2026); other chat
#: calls get through with a plain one
PRIVILEGED_METHODS = {
    f"chat.bsky.convo.{name}"
    for name in (
        "deleteMessageForSelf getConvo getConvoForMembers getLog getMessages "
        "leaveConvo listConvos muteConvo sendMessage sendMessageBatch unmuteConvo "
        "updateRead"
    ).split()
}


def xrpc(method: str, nsid: str):
    """Mark a method of the simulator as what answers ``nsid``."""

    def mark(function):
        function._xrpc = (method, nsid)
        return function

    return mark


def _part(data) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Refresh:
    """A refresh token the server knows."""

    did: str
    scope: str
    app_password: str
    expires: datetime
    next: str = ""


class BlueskyServer(Simulator):
    """Answers nothing yet: routes are in the classes below it."""

    def __init__(self):
        super().__init__()
        self.world = World()
        self.limits = dict(LIMITS)
        self.chat_did = "did:web:api.bsky.chat"
        self.refresh_tokens: dict[str, Refresh] = {}
        self._secret = b"only for tests"
        self._used: dict = {}
        self._names = itertools.count(1)
        self._handlers = {}
        for name in dir(type(self)):
            mark = getattr(getattr(type(self), name), "_xrpc", None)
            if mark:
                self._handlers[mark[1]] = (mark[0], name)

    def now(self) -> datetime:
        return self.world.clock()

    # --- sessions -------------------------------------------------------------
    def token(self, scope: str, did: str, life: timedelta, kind="at+jwt", **more):
        """A JWT as the server makes it: clients read its end."""
        now = self.now()
        body = {
            "scope": f"com.atproto.{scope}",
            "sub": did,
            "aud": "did:web:pds.example",
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            **more,
        }
        signed = f"{_part({'typ': kind, 'alg': 'HS256'})}.{_part(body)}"
        return f"{signed}.{_part(self._signature(signed))}"

    def _signature(self, signed: str) -> bytes:
        return hmac.digest(self._secret, signed.encode(), hashlib.sha256)

    def open_session(self, person: Person, scope=FULL, app_password="", jti="") -> dict:
        jti = jti or f"refresh-{next(self._names)}"
        self.refresh_tokens.setdefault(
            jti,
            Refresh(person.did, scope, app_password, self.now() + REFRESH_LIFE),
        )
        return {
            "accessJwt": self.token(scope, person.did, ACCESS_LIFE),
            "refreshJwt": self.token(
                "refresh", person.did, REFRESH_LIFE, "refresh+jwt", jti=jti
            ),
            **self.session_view(person),
        }

    def session_view(self, person: Person) -> dict:
        shown = {
            "did": person.did,
            "didDoc": self.did_doc(person),
            "handle": person.handle,
            "email": f"{person.handle}@example.com",
            "emailConfirmed": True,
            "active": not person.status,
        }
        return {**shown, "status": person.status} if person.status else shown

    def did_doc(self, person: Person) -> dict:
        service = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": self.url,
        }
        return {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": person.did,
            "alsoKnownAs": [f"at://{person.handle}"],
            "verificationMethod": [],
            "service": [service],
        }

    def _claims(self, call: Call, kind: str) -> dict:
        """What the bearer token says; raises the refusal the server gives."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if not token:
            raise Refused(401, "AuthMissing", "Authentication Required")
        try:
            if scheme.lower() != "bearer":
                raise ValueError(scheme)
            signed, _, signature = token.rpartition(".")
            head, body = (
                json.loads(base64.urlsafe_b64decode(part + "=="))
                for part in signed.split(".")
            )
            right = _part(self._signature(signed))
            if not hmac.compare_digest(signature.encode(), right.encode()):
                raise ValueError("signature")
        except (ValueError, TypeError, AttributeError):
            words = "Token could not be verified"
            raise Refused(400, "InvalidToken", words) from None
        if body["exp"] <= self.now().timestamp():
            raise Refused(400, "ExpiredToken", "Token has expired")
        if head["typ"] != kind:
            raise Refused(400, "InvalidToken", "Invalid token type")
        return body

    def need(self, call: Call) -> Person:
        """The person who asks; not every account that has ended may go on."""
        claims = self._claims(call, "at+jwt")
        person = self.world.people[claims["sub"]]
        call.params["scope"] = claims["scope"].removeprefix("com.atproto.")
        if person.status == "takendown":
            raise Refused(401, "AccountTakedown", "Account has been taken down")
        if person.status:
            raise Refused(401, "AccountDeactivated", "Account is deactivated")
        return person

    def viewer(self, call: Call) -> Person | None:
        """Who asks, where nobody in particular may ask as well."""
        return self.need(call) if call.headers.get("authorization") else None

    # --- one call -------------------------------------------------------------
    def _dispatch(self, call: Call) -> Answer:
        self._headers = {}
        try:
            if not call.path.startswith("/xrpc/"):
                return super()._dispatch(call)
            nsid = call.path.removeprefix("/xrpc/")
            self.spend("all", "")
            answer = self._xrpc(nsid, call)
            answer.headers = {**self._headers, **answer.headers}
            return answer
        except Refused as refused:
            body = {"error": refused.error, "message": refused.message}
            return Answer(body, refused.status, dict(self._headers))

    def _xrpc(self, nsid: str, call: Call) -> Answer:
        if nsid.startswith("chat.bsky."):
            return self.forward_chat(nsid, call)
        method, name = self._handlers.get(nsid, ("", ""))
        if not name:
            raise Refused(501, "MethodNotImplemented", "Method Not Implemented")
        if method != call.method:
            words = f"Incorrect HTTP method ({call.method}) expected {method}"
            raise Refused(400, "InvalidRequest", words)
        found = getattr(self, name)(call)
        return found if isinstance(found, Answer) else Answer(found)

    def forward_chat(self, nsid: str, call: Call) -> Answer:
        raise Refused(404, "XRPCNotSupported", "XRPC Not Supported")

    def body(self, call: Call, *required) -> dict:
        try:
            found = call.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Refused(400, "InvalidRequest", "Expected object value type at $")
        for key in required:
            if key not in found:
                words = f'Missing required key "{key}" at $'
                raise Refused(400, "InvalidRequest", words)
        return found

    def limit(self, call: Call, default=50, highest=100) -> int:
        try:
            asked = int(call.arg("limit", default))
        except ValueError:
            words = "Error: limit must be an integer"
            raise Refused(400, "InvalidRequest", words) from None
        if asked > highest:
            words = f"Error: limit can not be greater than {highest}"
            raise Refused(400, "InvalidRequest", words)
        if asked < 1:
            raise Refused(400, "InvalidRequest", "Error: limit can not be less than 1")
        return asked

    def spend(self, name: str, who: str, points: int = 1):
        """Take points from a budget; the answer's headers tell the tightest."""
        limit, seconds = self.limits[name]
        now = self.now().timestamp()
        start, used = self._used.get((name, who), (now, 0))
        if now >= start + seconds:
            start, used = now, 0
        used += points
        self._used[name, who] = (start, used)
        left = max(limit - used, 0)
        if not self._headers or left < int(self._headers["RateLimit-Remaining"]):
            self._headers = {
                "RateLimit-Limit": str(limit),
                "RateLimit-Remaining": str(left),
                "RateLimit-Reset": str(int(start + seconds)),
                "RateLimit-Policy": f"{limit};w={seconds}",
            }
        if used > limit:
            raise Refused(429, "RateLimitExceeded", "Rate Limit Exceeded")
