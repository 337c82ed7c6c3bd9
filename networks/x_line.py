"""The line to X: who asks, requests, refusals, what a call costs.

Calls are made as the account (OAuth 2.0, or OAuth 1.0a with pasted keys) or, for what
belongs to the app, with the app's own token. No token ever goes to another host than
the API's. Fact sheet x §1, §2, §5.
"""

import base64
import hashlib
import itertools
from collections.abc import Mapping
from urllib.parse import quote

from . import base, errors, oauth2, x_auth
from .transport import Response
from .values import listing, mapping, words
from .x_reader import Reader
from .x_values import respelled

#: a plan's monthly cap is not a window (§2): asked again a few times a day
CAP_WAIT = 6 * 3600
PROBLEM = "/problems/"
#: what a problem's type says (§5) -> our code; more are told apart by their words
REFUSALS = {
    "duplicate": ("duplicate content",),
    "too_long": ("too long",),
    "looks_automated": ("automated",),
    "direct_refused": (
        "permission to dm",
        "cannot send messages",
        "not following you",
        "participants",
    ),
    "reply_refused": ("can only reply", "reply to this conversation", "deleted or not"),
    "not_in_plan": ("on your plan", "client-not-enrolled", "access level"),
}
#: numbers of the former API, still found in bodies (§2, §5)
OLD_CODES = {
    187: "duplicate",
    186: "too_long",
    226: "looks_automated",
    349: "direct_refused",
    150: "direct_refused",
    151: "direct_refused",
    476: "direct_refused",
    433: "reply_refused",
}


class BadParameter(errors.RejectedError):
    """X names a parameter that it does not take: an old cursor, a bad id."""

    code = "bad_parameter"

    def __init__(self, names, detail):
        super().__init__("", detail)
        self.names = frozenset(names)


class XLine(base.Adapter):
    """What reading and speaking share; not an adapter yet."""

    def __init__(self, settings, transport, now, facts=None):
        super().__init__(settings, transport, now, facts)
        self._calls = itertools.count()
        if transport is not None:
            transport.classify = self._classify

    # --- settings -------------------------------------------------------------
    def _setting(self, key: str) -> str:
        return (self.settings.get(key) or "").strip()

    @property
    def _enterprise(self) -> bool:
        """The rules of the self-serve tiers do not hold (§0)."""
        return self._setting("tier").lower() == "enterprise"

    @property
    def _reader(self) -> Reader:
        return Reader(self.facts)

    def _own_id(self) -> str:
        """Our id, asked for now if the account was never checked."""
        if not self.facts.get("id"):
            self.check()
        return self.facts["id"]

    # --- requests -------------------------------------------------------------
    def _call(self, method: str, path: str, query=None, **kwargs) -> Response:
        """A call as the account."""
        query = respelled(query or {}, self._setting("field_names") == "post")
        headers = {"Accept": "application/json"}
        token, keys = self._setting("access_token"), self._keys()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        elif keys:
            # the fields of a multipart body are not signed (§1)
            form = None if kwargs.get("files") else kwargs.get("form")
            signed = [*x_auth.pairs(query), *x_auth.pairs(form)]
            headers["Authorization"] = self._signed(keys, method, path, signed)
        else:
            raise errors.ConfigError("missing_setting", "access_token")
        return self.transport.request(
            method, path, query=query or None, headers=headers, **kwargs
        )

    def _keys(self) -> x_auth.Keys:
        return x_auth.Keys(
            *(
                self._setting(key)
                for key in (
                    "consumer_key",
                    "consumer_secret",
                    "oauth1_token",
                    "oauth1_secret",
                )
            )
        )

    def _signed(self, keys, method: str, path: str, parameters) -> str:
        url = f"{self.transport.base_url}/{path.lstrip('/')}"
        now = self.now()
        # a nonce need only be new: the moment, the call and what it asks are
        seed = f"{now.isoformat()} {next(self._calls)} {id(self)} {method} {parameters}"
        nonce = hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:32]
        return x_auth.header(keys, method, url, parameters, nonce, int(now.timestamp()))

    def _app_call(self, method: str, path: str, **kwargs) -> Response:
        """A call as the app: webhooks are its own, not an account's."""
        headers = {"Authorization": f"Bearer {self._bearer()}"}
        return self.transport.request(method, path, headers=headers, **kwargs)

    def _bearer(self) -> str:
        """The app's token, as pasted or as its keys give it (§1)."""
        if self._setting("bearer_token"):
            return self._setting("bearer_token")
        key, secret = self._setting("consumer_key"), self._setting("consumer_secret")
        for name, value in (("consumer_key", key), ("consumer_secret", secret)):
            if not value:
                raise errors.ConfigError("missing_setting", name)
        answer = self.transport.request(
            "POST",
            "/oauth2/token",
            form={"grant_type": "client_credentials"},
            headers={"Authorization": basic(key, secret)},
            ok=(403,),
        )
        token = words(oauth2.answered(answer).get("access_token"))
        if not token:
            raise errors.ConfigError("oauth_registration", "consumer key and secret")
        return token

    def _get(self, path: str, query=None) -> dict:
        """The answer to a question; a 200 without data may be a refusal (§5).

        :raises NotFoundError: what was asked for is not there, or not for us
        :raises MalformedResponse: not what the API answers
        """
        found = self._call("GET", path, query).json()
        if not isinstance(found, dict):
            raise errors.MalformedResponse("malformed", f"{path}: no object")
        return found

    def _one(self, path: str, query=None) -> tuple[dict, dict]:
        """(data, includes) of one thing."""
        found = self._get(path, query)
        data = mapping(found.get("data"))
        if not data:
            problems = [mapping(one) for one in listing(found.get("errors"))]
            raise (
                problem(problems[0])
                if problems
                else errors.MalformedResponse("malformed", path)
            )
        return data, mapping(found.get("includes"))

    # --- refusals -------------------------------------------------------------
    def _classify(self, response: Response, effect: bool) -> errors.NetworkError | None:
        """What X means by a status; None leaves it to the common table."""
        try:
            said = mapping(response.json())
        except errors.MalformedResponse:
            said = {}
        kind, detail = words(said.get("type")), detail_of(said)
        if response.status == 401:
            # a token lives for two hours, and an ended one looks like a wrong one
            expired = self._setting("access_token") and self._setting("refresh_token")
            return errors.AuthError("token_expired" if expired else "auth", detail)
        if response.status == 402:
            return errors.Exhausted("out_of_money", detail)
        capped = (
            "usage-capped" in kind or words(said.get("title")) == "UsageCapExceeded"
        )
        if response.status == 429 and capped:
            return errors.Exhausted("out_of_money", detail, retry_after=CAP_WAIT)
        if response.status in (400, 403, 404, 409) and said:
            return refusal(response.status, said)
        if response.status == 403:
            # a page of whoever stands before X's servers: nothing got through to them
            return errors.TransientError("http_403", response.text[:200])
        return None


def basic(name: str, secret: str) -> str:
    """HTTP Basic as OAuth wants it: both parts form-encoded first (RFC 6749 §2.3.1)."""
    pair = f"{quote(name, safe='')}:{quote(secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode("ascii")


def detail_of(said: Mapping) -> str:
    """What a problem document says, in its own words, the precise ones first."""
    found = [
        words(mapping(one).get("message")) or words(mapping(one).get("detail"))
        for one in listing(said.get("errors"))
    ]
    found += [words(said.get(key)) for key in ("detail", "error_description", "title")]
    return next((one for one in found if one), "")


def refusal(status: int, said: Mapping) -> errors.NetworkError:
    """The error for a problem document with this status (§5)."""
    kind, detail = words(said.get("type")), detail_of(said)
    listed = [mapping(one) for one in listing(said.get("errors"))]
    for one in listed:
        code = OLD_CODES.get(one.get("code")) if _hashable(one.get("code")) else None
        if code:
            return errors.RejectedError(code, detail)
    if "unsupported-authentication" in kind:
        return errors.ConfigError("wrong_sign_in", detail)
    # a right that was not granted is refused without a word of explanation (§5)
    bare = status == 403 and detail.strip().lower() == "forbidden"
    told = status == 403 and "scope" in detail.lower()
    if bare or "oauth1-permissions" in kind or told:
        return errors.ScopeError("scope", detail)
    text = f"{detail} {words(said.get('detail'))} {words(said.get('reason'))}".lower()
    for code, hints in REFUSALS.items():
        if any(hint in text for hint in hints):
            return errors.RejectedError(code, detail)
    if "client-forbidden" in kind:
        return errors.RejectedError("not_in_plan", detail)
    if "not-found" in kind or status == 404:
        return errors.NotFoundError("not_found", detail)
    if status == 400:
        names = [name for one in listed for name in mapping(one.get("parameters"))]
        return BadParameter(names, detail)
    if status == 409:
        return errors.RejectedError("exists", detail)
    return errors.RejectedError("forbidden", detail)


def problem(one: Mapping) -> errors.NetworkError:
    """The error for a partial problem in an answer that is a 200 (§5)."""
    kind, detail = words(one.get("type")), words(one.get("detail"))
    title = words(one.get("title"))
    if "not-found" in kind or "not-authorized" in kind or title == "Not Found Error":
        return errors.NotFoundError("not_found", detail)
    return errors.RejectedError("rejected", detail or title)


def _hashable(value) -> bool:
    return isinstance(value, int | str)
