"""Signing in at the fake X: OAuth 2.0 with PKCE, rotation, revoking; app-only tokens.

Fact sheet x §1. The person before the browser agrees at once, or never (``denies``).
"""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import urlencode

from .server import Answer, Call, route
from .x_caller import SCOPES, App, Token
from .x_server import XServer
from .x_world import User

KNOWN = {
    *SCOPES.split(),
    *"users.email follows.read follows.write mute.read mute.write block.read".split(),
    *"block.write bookmark.read bookmark.write list.read list.write".split(),
    "space.read",
}
ACCESS_LIFE = timedelta(hours=2)
CODE_LIFE = timedelta(seconds=30)
STATE_LENGTH = 500


class XOAuth(XServer):
    signed_in: User | None = None
    denies = False

    def __init__(self):
        super().__init__()
        self.codes: dict[str, dict] = {}
        #: refresh token -> [token family, app, user, scopes, already used]
        self.refreshing: dict[str, dict] = {}
        self._grants = 0

    # --- made without a browser -----------------------------------------------
    def make_app(self, owner: User, **kwargs) -> App:
        number = str(30_000_001 + len(self.apps))
        app = App(
            number,
            owner.id,
            f"consumer-key-{number}",
            f"consumer-secret-{number}-0123456789abcdef",
            f"client-id-{number}",
            f"client-secret-{number}-0123456789abcdef",
            f"AAAAapp%2Bonly-bearer-{number}",
            **kwargs,
        )
        self.apps[number] = app
        return app

    def grant(self, app: App, user: User, scopes: str = SCOPES, family="") -> dict:
        """New tokens, as the token endpoint answers them."""
        self._grants += 1
        family = family or f"family-{self._grants}"
        tail = hashlib.sha256(family.encode()).hexdigest()[:16]
        value = f"access-{self._grants:04d}-{tail}"
        names = tuple(scopes.split())
        expires_at = self.now() + ACCESS_LIFE
        self.tokens[value] = Token(app.id, user.id, names, expires_at, family)
        found = {
            "token_type": "bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "access_token": value,
            "scope": scopes,
        }
        if "offline.access" in names:
            again = f"refresh-{value[7:]}"
            self.refreshing[again] = {
                "family": family,
                "app": app.id,
                "user": user.id,
                "scopes": scopes,
                "used": False,
            }
            found["refresh_token"] = again
        return found

    def sign_keys(self, app: App, user: User) -> tuple[str, str]:
        """OAuth 1.0a token and secret; they do not expire."""
        token = f"{user.id}-oauth1-{app.id}"
        secret = f"oauth1-secret-{user.id}-{app.id}"
        self.keys[token] = (app.id, user.id, secret)
        return token, secret

    def disconnect(self, user: User):
        """The user takes the app's rights away in X's settings."""
        with self.lock:
            for table in (self.tokens, self.refreshing):
                for value, one in list(table.items()):
                    owner = one["user"] if isinstance(one, dict) else one.user
                    if owner == user.id:
                        del table[value]
            for value, one in list(self.keys.items()):
                if one[1] == user.id:
                    del self.keys[value]
            self.world.tell("revoke", user=user)

    def expire(self, access_token: str):
        with self.lock:
            self.tokens[access_token].expires_at = self.now() - timedelta(seconds=1)

    # --- the browser ----------------------------------------------------------
    @route("GET", "/i/oauth2/authorize")
    def authorize(self, call: Call) -> Answer:
        app = next(
            (a for a in self.apps.values() if a.client_id == call.arg("client_id")),
            None,
        )
        back, state = call.arg("redirect_uri", ""), call.arg("state", "")
        scopes = call.arg("scope", "").split()
        wrong = (
            app is None
            or back not in app.redirect_uris
            or call.arg("response_type") != "code"
            or not 0 < len(state) <= STATE_LENGTH
            or not call.arg("code_challenge")
            or call.arg("code_challenge_method") not in ("S256", "plain")
            or not scopes
            or not set(scopes) <= KNOWN
        )
        if wrong:
            words = "Something went wrong. You weren't able to give access to the App."
            return Answer(f"<h1>{words}</h1>", 400)
        if self.denies:
            told = {"error": "access_denied", "state": state}
            return Answer("", 302, {"Location": f"{back}?{urlencode(told)}"})
        code = f"code-{len(self.codes) + 1}-{app.id}"
        self.codes[code] = {
            "app": app.id,
            "back": back,
            "scopes": " ".join(scopes),
            "challenge": call.arg("code_challenge"),
            "method": call.arg("code_challenge_method"),
            "user": self.signed_in.id,
            "until": self.now() + CODE_LIFE,
        }
        told = {"state": state, "code": code}
        return Answer("", 302, {"Location": f"{back}?{urlencode(told)}"})

    # --- the token endpoint ---------------------------------------------------
    @route("POST", "/2/oauth2/token")
    def token_endpoint(self, call: Call) -> Answer:
        form = dict(call.form())
        app, problem = self._client(call, form)
        if app is None:
            return problem
        if form.get("grant_type") == "authorization_code":
            code = self.codes.pop(form.get("code"), None)
            if (
                code is None
                or code["app"] != app.id
                or code["until"] < self.now()
                or code["back"] != form.get("redirect_uri")
            ):
                return self._no("Value passed for the authorization code was invalid.")
            if not self._proved(code, form.get("code_verifier", "")):
                return self._no(
                    "Value passed for the code verifier did not match the "
                    "code challenge."
                )
            user = self.world.users[code["user"]]
            return Answer(self.grant(app, user, code["scopes"]))
        if form.get("grant_type") == "refresh_token":
            known = self.refreshing.get(form.get("refresh_token"))
            if known is None or known["app"] != app.id:
                return self._no("Value passed for the token was invalid.")
            if known["used"]:
                # sent twice: the whole family is dead (§1)
                self._kill(known["family"])
                return self._no("Value passed for the token was invalid.")
            known["used"] = True
            user = self.world.users[known["user"]]
            return Answer(self.grant(app, user, known["scopes"], known["family"]))
        return self._no("Missing valid grant type.")

    def _client(self, call: Call, form: dict):
        kind, _, value = call.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                name, _, secret = base64.b64decode(value).decode().partition(":")
            except ValueError:
                name = secret = ""
            for app in self.apps.values():
                if (app.client_id, app.client_secret) == (name, secret):
                    return app, None
        else:
            for app in self.apps.values():
                if app.public and app.client_id == form.get("client_id"):
                    return app, None
        return None, Answer(
            {
                "error": "unauthorized_client",
                "error_description": "Missing valid authorization header",
            },
            401,
        )

    @staticmethod
    def _proved(code, verifier: str) -> bool:
        if code["method"] == "plain":
            return verifier == code["challenge"]
        sha = hashlib.sha256(verifier.encode()).digest()
        return code["challenge"] == base64.urlsafe_b64encode(sha).rstrip(b"=").decode()

    @staticmethod
    def _no(words) -> Answer:
        return Answer({"error": "invalid_request", "error_description": words}, 400)

    def _kill(self, family):
        for value, one in list(self.tokens.items()):
            if one.family == family:
                del self.tokens[value]
        for value, one in list(self.refreshing.items()):
            if one["family"] == family:
                del self.refreshing[value]

    @route("POST", "/2/oauth2/revoke")
    def revoke(self, call: Call) -> Answer:
        form = dict(call.form())
        app, problem = self._client(call, form)
        if app is None:
            return problem
        known = self.tokens.get(form.get("token"))
        again = self.refreshing.get(form.get("token"))
        family = known.family if known else again["family"] if again else ""
        self._kill(family)
        return Answer({"revoked": True})

    @route("POST", "/oauth2/token")
    def app_only(self, call: Call) -> Answer:
        kind, _, value = call.headers.get("authorization", "").partition(" ")
        try:
            pair = base64.b64decode(value).decode() if kind.lower() == "basic" else ""
        except ValueError:
            pair = ""
        for app in self.apps.values():
            if pair == f"{app.consumer_key}:{app.consumer_secret}":
                if dict(call.form()).get("grant_type") == "client_credentials":
                    return Answer({"token_type": "bearer", "access_token": app.bearer})
        words = {
            "code": 99,
            "message": "Unable to verify your credentials",
            "label": "authenticity_token_error",
        }
        return Answer({"errors": [words]}, 403)
