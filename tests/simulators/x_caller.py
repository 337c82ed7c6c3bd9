"""Who calls the fake X: apps, tokens, rights, OAuth 1.0a signatures (sheet x §1)."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, quote, unquote

from .server import Call, Simulator
from .x_world import Refused, User, World

SCOPES = (
    "tweet.read tweet.write tweet.moderate.write users.read offline.access like.read "
    "like.write dm.read dm.write media.write"
)
CLOCK_SKEW = 300  # seconds an OAuth 1.0a timestamp may be off


@dataclass
class App:
    """A developer's app; ``enterprise`` lifts the rules of the self-serve tiers."""

    id: str
    owner: str
    consumer_key: str
    consumer_secret: str
    client_id: str
    client_secret: str
    bearer: str
    redirect_uris: list = field(default_factory=list)
    public: bool = False
    enterprise: bool = False


@dataclass
class Caller:
    """Who stands behind a call. ``scopes`` None: OAuth 1.0a, everything."""

    app: App
    kind: str  # app | oauth2 | oauth1
    user: User | None = None
    scopes: frozenset | None = frozenset()


@dataclass
class Token:
    app: str
    user: str
    scopes: tuple
    expires_at: datetime
    family: str


class XCaller(Simulator):
    """Knows who calls; answers nothing."""

    def __init__(self):
        super().__init__()
        self.world = World()
        self.apps: dict[str, App] = {}
        self.tokens: dict[str, Token] = {}
        self.keys: dict[str, tuple[str, str, str]] = {}  # OAuth 1.0a: app, user, secret
        self._nonces: set = set()

    def now(self) -> datetime:
        return self.world.clock()

    def caller(self, call: Call) -> Caller | None:
        kind, _, value = call.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            for app in self.apps.values():
                if hmac.compare_digest(app.bearer, value):
                    return Caller(app, "app")
            token = self.tokens.get(value)
            if token and token.expires_at > self.now():
                user = self.world.users[token.user]
                app = self.apps[token.app]
                return Caller(app, "oauth2", user, frozenset(token.scopes))
        if kind.lower() == "oauth":
            return self._signed(call, value)
        return None

    def need(self, call: Call, scopes="", app=False, user=True) -> Caller:
        """The caller, or the refusal that X gives."""
        caller = call.caller
        if caller is None:
            raise Refused(401, "Unauthorized")
        if caller.kind == "app" and not app or caller.kind != "app" and not user:
            words = {"app": "OAuth 2.0 Application-Only", "oauth1": "OAuth 1.0a User"}
            how = words.get(caller.kind, "OAuth 2.0 User Context")
            raise Refused(
                403,
                f"Authenticating with {how} is forbidden for this endpoint.",
                "Unsupported Authentication",
                "unsupported-authentication",
            )
        if caller.kind == "oauth2" and not set(scopes.split()) <= caller.scopes:
            raise Refused(403, "Forbidden")
        return caller

    def _signed(self, call: Call, header: str) -> Caller | None:
        """OAuth 1.0a: HMAC-SHA1 over method, address and parameters (§1)."""
        given = {
            key.strip(): unquote(value.strip().strip('"'))
            for key, _, value in (one.partition("=") for one in header.split(","))
        }
        key, token = given.get("oauth_consumer_key"), given.get("oauth_token")
        app = next((a for a in self.apps.values() if a.consumer_key == key), None)
        known = self.keys.get(token)
        nonce = (key, given.get("oauth_nonce"))
        stamp = given.get("oauth_timestamp", "")
        fresh = stamp.isdigit() and (
            abs(int(stamp) - self.now().timestamp()) <= CLOCK_SKEW
        )
        if app is None or known is None or known[0] != app.id or not fresh:
            return None
        if given.get("oauth_signature_method") != "HMAC-SHA1" or nonce in self._nonces:
            return None
        pairs = [*call.query]
        if call.headers.get("content-type", "").startswith(
            "application/x-www-form-urlencoded"
        ):
            pairs += parse_qsl(call.body.decode(), keep_blank_values=True)
        pairs += [(k, v) for k, v in given.items() if k.startswith("oauth_")]
        pairs = [(k, v) for k, v in pairs if k != "oauth_signature"]
        pairs = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in pairs)
        base = "&".join(
            quote(part, safe="~")
            for part in (
                call.method,
                self.url + call.path,
                "&".join(f"{k}={v}" for k, v in pairs),
            )
        )
        secret = f"{quote(app.consumer_secret, safe='~')}&{quote(known[2], safe='~')}"
        digest = hmac.new(secret.encode(), base.encode(), hashlib.sha1).digest()
        right = base64.b64encode(digest).decode()
        if not hmac.compare_digest(right, given.get("oauth_signature", "")):
            return None
        self._nonces.add(nonce)
        return Caller(app, "oauth1", self.world.users[known[1]], None)
