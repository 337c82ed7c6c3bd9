"""The parts of the fake Mastodon server that every route needs.

Tokens and scopes, rate limits with their headers, parameters as Rails reads them,
paging with its Link header. Fact sheet §1, §2 and §4.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from .mastodon_view import stamp
from .mastodon_world import Account, Refused, World
from .server import Answer, Call, Simulator

#: fact sheet §2: bucket -> (requests, seconds)
LIMITS = {
    "all": (300, 300),
    "paging": (300, 900),
    "media": (30, 1800),
    "delete": (30, 1800),
}
SCOPES = (
    "read:accounts read:notifications read:statuses read:search write:statuses "
    "write:media write:favourites write:conversations write:notifications "
    "write:blocks write:mutes"
)
TRUE = ("true", "1", "on", "t", True, 1)


@dataclass
class Token:
    account: str
    scopes: tuple
    client_id: str = ""


class MastodonServer(Simulator):
    """Answers nothing yet: routes are in the classes below it."""

    version = "4.5.2"
    api_version = 7
    idempotent = True

    def __init__(self, domain="us.example", ulid=False, max_characters=500):
        super().__init__()
        self.world = World(domain, ulid, max_characters)
        self.tokens: dict[str, Token] = {}
        self.apps: dict[str, dict] = {}
        self.codes: dict[str, dict] = {}
        self.signed_in: Account | None = None  # who sits before the browser
        self.limits = dict(LIMITS)
        self._used: dict = {}

    # --- who asks -------------------------------------------------------------
    def token_for(self, account: Account, scopes: str = SCOPES) -> str:
        token = f"token-{account.username}-{len(self.tokens) + 1:04d}"
        self.tokens[token] = Token(account.id, tuple(scopes.split()))
        return token

    def revoke(self, token: str):
        self.tokens.pop(token, None)

    def bearer(self, call: Call) -> Token | None:
        kind, _, value = call.headers.get("authorization", "").partition(" ")
        return self.tokens.get(value) if kind.lower() == "bearer" else None

    def viewer(self, call: Call) -> Account | None:
        token = self.bearer(call)
        return self.world.accounts.get(token.account) if token else None

    def need(self, call: Call, scope: str) -> Account:
        """The account behind the token, or the refusal Mastodon gives."""
        token = self.bearer(call)
        if token is None or not token.account:
            raise Refused(401, "The access token is invalid")
        if not {scope, scope.split(":")[0]} & set(token.scopes):
            raise Refused(403, "This action is outside the authorized scopes")
        return self.world.accounts[token.account]

    # --- one call -------------------------------------------------------------
    def _dispatch(self, call: Call) -> Answer:
        call.path = call.path.rstrip("/")  # Rails does not mind
        try:
            headers = self._count(call)
        except Refused as refused:
            return self.refusal(refused, self._headers)
        try:
            answer = super()._dispatch(call)
        except Refused as refused:
            return self.refusal(refused, headers)
        answer.headers = {**headers, **answer.headers}
        return answer

    def refusal(self, refused: Refused, headers: dict) -> Answer:
        return Answer({"error": refused.text}, refused.status, headers)

    def not_found(self, call: Call) -> Answer:
        return Answer({"error": "Record not found"}, 404)

    def _count(self, call: Call) -> dict:
        """Take one from each bucket; the headers describe the tightest."""
        who = call.headers.get("authorization", "")
        names = ["all"]
        if any(call.arg(name) for name in ("min_id", "max_id", "since_id", "page")):
            names.append("paging")
        if call.method == "POST" and call.path.endswith("/media"):
            names.append("media")
        if call.method == "DELETE" and "/statuses/" in call.path:
            names.append("delete")
        tightest, refused = None, False
        now = self.world.clock()
        for name in names:
            limit, seconds = self.limits[name]
            start = int(now.timestamp()) // seconds * seconds
            used = self._used.setdefault((who, name), {})
            used[start] = used.get(start, 0) + 1
            left = limit - used[start]
            refused = refused or left < 0
            reset = now + timedelta(seconds=start + seconds - now.timestamp())
            if tightest is None or left < tightest[0]:
                tightest = (max(left, 0), limit, reset)
        left, limit, reset = tightest
        self._headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": stamp(reset).replace("Z", "000Z"),
        }
        if refused:
            raise Refused(429, "Too many requests")
        return self._headers

    # --- parameters -----------------------------------------------------------
    def params(self, call: Call) -> dict:
        """Query and body as Rails merges them; ``x[]`` is the list ``x``."""
        found: dict = {}
        pairs = list(call.query)
        kind = call.headers.get("content-type", "")
        if kind.startswith("application/json"):
            try:
                body = json.loads(call.body or b"{}")
            except ValueError:
                raise Refused(400, "Error occurred while parsing request") from None
            found.update(body if isinstance(body, dict) else {})
        elif call.body:
            pairs += call.form()
        for key, value in pairs:
            if key.endswith("[]"):
                found.setdefault(key[:-2], []).append(value)
            else:
                found[key] = value
        return found

    # --- paging ---------------------------------------------------------------
    @staticmethod
    def order(one_id: str) -> tuple:
        """Ids as vanilla compares them: by length, then by characters."""
        return len(one_id), one_id

    def page(self, call: Call, things: list, default: int, most: int, show) -> Answer:
        """The page asked for of things with an ``id``, newest first, as ``show`` has
        them.

        ``min_id`` gives the page right after that id, ``since_id`` the newest page
        (fact sheet §4).
        """
        params = self.params(call)
        limit = min(int(params.get("limit") or default), most)
        things = sorted(things, key=lambda one: self.order(one.id))
        top, low = params.get("max_id"), params.get("min_id") or params.get("since_id")
        if top:
            things = [x for x in things if self.order(x.id) < self.order(top)]
        if low:
            things = [x for x in things if self.order(x.id) > self.order(low)]
        things = things[:limit] if params.get("min_id") else things[-limit:]
        shown = [show(one) for one in reversed(things)]
        return Answer(shown, headers=self._links(call, shown))

    def _links(self, call: Call, things: list) -> dict:
        if not things:
            return {}
        kept = [
            pair
            for pair in call.query
            if pair[0] not in ("min_id", "max_id", "since_id")
        ]
        here = f"{self.url}{call.path}?"
        older = urlencode([*kept, ("max_id", things[-1]["id"])])
        newer = urlencode([*kept, ("min_id", things[0]["id"])])
        return {"Link": f'<{here}{older}>; rel="next", <{here}{newer}>; rel="prev"'}
