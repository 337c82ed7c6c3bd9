"""The parts of the fake X that every route needs: who asks, limits, parameters, pages.

Fact sheet x §1 (tokens, OAuth 1.0a signatures), §2 (limits and their headers), §3
(paging), §5 (problem documents). Routes are in the classes below it.
"""

import base64
import hashlib
import hmac
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote

from . import x_fields
from .server import Answer, Call, Simulator
from .x_view import PROBLEMS, View, renamed
from .x_world import Refused, User, World

SCOPES = (
    "tweet.read tweet.write tweet.moderate.write users.read offline.access like.read "
    "like.write dm.read dm.write media.write"
)
CLOCK_SKEW = 300  # seconds an OAuth 1.0a timestamp may be off
#: what a call did -> how it is billed (§0); the ledger is ``sim.bill``
TITLES = {400: "Invalid Request", 401: "Unauthorized", 402: "CreditsDepleted"}
TITLES |= {403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}


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


class XServer(Simulator):
    """Answers nothing yet."""

    def __init__(self):
        super().__init__()
        self.world = World()
        self.apps: dict[str, App] = {}
        self.tokens: dict[str, Token] = {}
        self.keys: dict[str, tuple[str, str, str]] = {}  # OAuth 1.0a: app, user, secret
        self.spelling = "tweet"  # or "post", §0
        self.old_errors = False  # 429 in the v1.1 shape
        self.limits = list(x_fields.LIMITS)
        self.bill: Counter = Counter()
        self._read: set = set()
        self._used: dict = {}
        self._nonces: set = set()
        self._pages: dict = {}
        self.short_pages: list[int] = []  # sizes of the next pages of a timeline

    def now(self) -> datetime:
        return self.world.clock()

    def advance(self, seconds: float):
        with self.lock:
            self.world.offset += timedelta(seconds=seconds)

    # --- one call -------------------------------------------------------------
    def _dispatch(self, call: Call) -> Answer:
        headers = {}
        try:
            call.caller = self.caller(call)
            headers = self._count(call)
            answer = super()._dispatch(call)
        except Refused as refused:
            answer = self.refusal(refused)
            headers = refused.more.get("headers", headers)
        if self.spelling == "post" and not isinstance(answer.body, bytes | str):
            answer.body = renamed(answer.body)
        answer.headers = {**headers, **answer.headers}
        return answer

    def refusal(self, refused: Refused) -> Answer:
        more = {k: v for k, v in refused.more.items() if k != "headers"}
        if refused.status == 429 and self.old_errors:
            one = {"code": 88, "message": "Rate limit exceeded"}
            return Answer({"errors": [one]}, 429)
        body = {
            **more,
            "title": refused.title or TITLES.get(refused.status, "Error"),
            "detail": refused.detail,
            "type": PROBLEMS + refused.kind if refused.kind else "about:blank",
        }
        if not refused.kind.startswith("invalid"):
            body["status"] = refused.status
        return Answer(
            body,
            refused.status,
            {"Content-Type": "application/problem+json; charset=utf-8"},
        )

    def not_found(self, call: Call) -> Answer:
        return Answer(b"", 404)  # really without a body

    def invalid(self, name, value, message) -> Refused:
        return Refused(
            400,
            "One or more parameters to your request was invalid.",
            kind="invalid-request",
            errors=[{"parameters": {name: [str(value)]}, "message": message}],
        )

    # --- who asks -------------------------------------------------------------
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

    # --- limits (§2) ----------------------------------------------------------
    def _count(self, call: Call) -> dict:
        if not call.path.startswith("/2/") or "/oauth2/" in call.path:
            return {}
        row = next(
            (
                one
                for one in self.limits
                if re.fullmatch(one[0], call.method) and re.fullmatch(one[1], call.path)
            ),
            ("", call.path, x_fields.OTHERS, None),
        )
        caller = call.caller
        alone = caller is None or caller.kind == "app"
        who = "" if caller is None else caller.app.id if alone else caller.user.id
        limit = row[2][0 if alone else 1]
        limit = row[2][1 if alone else 0] if limit is None else limit
        headers, over = self._window(("", row[0], row[1], who), limit, x_fields.WINDOW)
        if row[3] and caller:
            for name, number, limit in (
                ("app", caller.app.id, row[3][0]),
                ("user", who, row[3][1]),
            ):
                if limit:
                    more, also = self._window(
                        (name, row[0], row[1], number), limit, x_fields.DAY
                    )
                    over = over or also
                    headers |= {
                        f"x-{name}-limit-24hour-{key[13:]}": value
                        for key, value in more.items()
                    }
        if over:
            raise Refused(429, "Too Many Requests", headers=headers)
        return headers

    def _window(self, bucket, limit, seconds) -> tuple[dict, bool]:
        now = self.now().timestamp()
        start, used = self._used.get(bucket, (now, 0))
        if now >= start + seconds:
            start, used = now, 0
        self._used[bucket] = (start, used + 1)
        left = limit - used - 1
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(left, 0)),
            "x-rate-limit-reset": str(int(start + seconds) + 1),
        }
        return headers, left < 0

    def exhaust(self, method: str, path: str):
        """Calls of that kind are over the limit, until the window is over."""
        with self.lock:
            self.limits.insert(0, (method, path, (0, 0), None))

    # --- accidents with a name ------------------------------------------------
    def refuse(self, status, detail="", title="", kind="", path="", times=1, **kwargs):
        """A problem document instead of the answer, nothing happens."""
        answer = self.refusal(Refused(status, detail, title, kind))
        return self.fail(path=path, times=times, answer=answer, **kwargs)

    def no_credits(self, **kwargs):
        words = (
            "Your enrolled account does not have any credits to fulfill this request."
        )
        return self.refuse(402, words, "CreditsDepleted", "credits", **kwargs)

    def capped(self, **kwargs):
        """A plan's cap, not a window: waiting for the reset is useless (§2)."""
        problem = {
            "title": "UsageCapExceeded",
            "detail": "Usage cap exceeded: Monthly product cap",
            "type": PROBLEMS + "usage-capped",
            "period": "Monthly",
            "scope": "Product",
            "status": 429,
        }
        return self.fail(answer=Answer(problem, 429), **kwargs)

    def overload(self, **kwargs):
        return self.refuse(503, "Service Unavailable", "Service Unavailable", **kwargs)

    # --- parameters -----------------------------------------------------------
    def ask(self, call: Call, kind, *names) -> View:
        """A view for the call; everything that X does not know is refused."""
        kinds, expansions = kind
        allowed = [*names, "expansions", *(f"{one}.fields" for one in kinds)]
        fields, expanded = {}, []
        for given, value in call.query:
            name = x_fields.canonical(given)
            if name not in allowed:
                words = f"The query parameter [{given}] is not one of "
                raise self.invalid(given, value, f"{words}[{','.join(allowed)}]")
            if len(call.args(given)) > 1:
                words = f"Duplicate parameters are not allowed: the `{given}`"
                raise self.invalid(given, value, f"{words} query parameter")
            if name == "expansions" or name.endswith(".fields"):
                known = (
                    expansions
                    if name == "expansions"
                    else x_fields.FIELDS[name.partition(".")[0]]
                )
                found = [x_fields.canonical(one) for one in value.split(",")]
                for one in found:
                    if one not in known:
                        words = f"The `{given}` query parameter value [{one}] is not "
                        raise self.invalid(
                            given, value, f"{words}one of [{','.join(known)}]"
                        )
                if name == "expansions":
                    expanded = found
                else:
                    fields[name.partition(".")[0]] = set(found)
        viewer = call.caller.user.id if call.caller and call.caller.user else ""
        return View(self.world, self.url, viewer, fields, expanded)

    def number(self, call: Call, name, default, low, high) -> int:
        value = call.arg(name)
        if value is None:
            return default
        if not value.isdigit() or not low <= int(value) <= high:
            raise self.invalid(
                name,
                value,
                f"The `{name}` query parameter value [{value}] is not between {low} "
                f"and {high}",
            )
        return int(value)

    def ids(self, call: Call, name="ids") -> list[str]:
        found = call.arg(name, "").split(",")
        if not call.arg(name):
            words = f"The `{name}` query parameter can not be empty"
            raise self.invalid(name, "", words)
        if len(found) > 100:
            raise self.invalid(
                name,
                call.arg(name),
                f"The number of values in the `{name}` query "
                f"parameter list [{len(found)}] is not between 1 and 100",
            )
        for one in found:
            if not re.fullmatch(r"\d{1,19}", one):
                words = f"The `{name}` query parameter value [{one}] is not valid"
                raise self.invalid(name, call.arg(name), words)
        return found

    def body(self, call: Call, allowed) -> dict:
        """A JSON object with nothing but ``allowed`` keys (§5)."""
        try:
            found = json.loads(call.body or b"")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self.invalid(
                "body",
                "",
                "Requests with bodies must have content-type of application/json.",
            )
        for key, value in found.items():
            if key not in allowed:
                words = f"[{key}] is not one of [{','.join(allowed)}]"
                raise self.invalid(key, value, words)
        return found

    # --- paging (§3) ----------------------------------------------------------
    def token(self, endpoint, edge: str, back=False) -> str:
        text = f"{endpoint} {edge} {back}"
        token = "7140" + hashlib.sha256(text.encode()).hexdigest()[:24]
        self._pages[token] = (endpoint, edge, back)
        return token

    def forget_pages(self):
        """Page tokens of timelines may expire (§3)."""
        with self.lock:
            self._pages.clear()

    def page(self, call: Call, things: list, limit: int, names=("pagination_token",)):
        """(things of the page, its ``meta``) of things that are newest first."""
        given = next((call.arg(name) for name in names if call.arg(name)), "")
        rest = [pair for pair in call.query if pair[0] not in names]
        endpoint = f"{call.path}?{sorted(rest)}"
        newer = []
        if given:
            known = self._pages.get(given)
            if known is None or known[0].split("?")[0] != call.path:
                words = f"The `{names[0]}` query parameter value [{given}] is not valid"
                raise self.invalid(names[0], given, words)
            edge = int(known[1])
            newer = [one for one in things if int(one.id) >= edge]
            older = [one for one in things if int(one.id) < edge]
            if known[2]:
                things, newer = newer[-limit:], newer[:-limit]
            else:
                things = older
        size = min(limit, self.short_pages.pop(0)) if self.short_pages else limit
        shown = things[:size]
        meta = {}
        if shown:
            meta = {"newest_id": shown[0].id, "oldest_id": shown[-1].id}
        meta["result_count"] = len(shown)
        if len(things) > len(shown):
            edge = int(shown[-1].id) if shown else int(things[0].id) + 1
            meta["next_token"] = self.token(endpoint, str(edge))
        if given and newer:
            meta["previous_token"] = (
                self.token(endpoint, shown[0].id, True)
                if (shown)
                else self.token(endpoint, newer[-1].id, True)
            )
        return shown, meta

    def between(self, call: Call, things: list) -> list:
        """``since_id`` and ``until_id`` are exclusive, times inclusive-exclusive."""
        low, top = call.arg("since_id"), call.arg("until_id")
        for name, value in (("since_id", low), ("until_id", top)):
            if value and not re.fullmatch(r"\d{1,19}", value):
                words = f"The `{name}` query parameter value [{value}] is not valid"
                raise self.invalid(name, value, words)
        if low:
            things = [one for one in things if int(one.id) > int(low)]
        if top:
            things = [one for one in things if int(one.id) < int(top)]
        start, end = self.moment(call, "start_time"), self.moment(call, "end_time")
        if start:
            things = [one for one in things if one.created_at >= start]
        if end:
            things = [one for one in things if one.created_at < end]
        return things

    def moment(self, call: Call, name) -> datetime | None:
        value = call.arg(name)
        if not value:
            return None
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
            words = f"The `{name}` query parameter value [{value}] is not a valid"
            raise self.invalid(name, value, f"{words} RFC 3339 date-time")
        return datetime.fromisoformat(value.replace("Z", "+00:00"))

    def read(self, kind: str, numbers):
        """Bill what was read; the same thing costs once per day (§0)."""
        day = self.now().date()
        for number in numbers:
            if (kind, number, day) not in self._read:
                self._read.add((kind, number, day))
                self.bill[kind] += 1
