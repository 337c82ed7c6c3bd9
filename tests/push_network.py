"""The fake network, grown up: it pushes, has sign-in in the browser and refresh.

For the tests of doors and dialogs. Like its base it holds its world in memory.
"""

import json
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from ..networks import base, errors, items, oauth2
from .common import FAKE, FakeAdapter, SocialFixtures

SERVER = "https://one.example.com"
#: calls that need no access token
TOKENLESS = ("exchange", "refresh", "register", "sign_in")


class RotatingTokens:
    """Tokens as X hands them out: a refresh token works once, and a second use of it
    ends the whole family (fact sheet x §2)."""

    life = timedelta(hours=2)

    def __init__(self):
        self.current = {}  # family -> (its one valid refresh token, number)
        self.dead = set()
        self.rotations = 0

    def family(self, name):
        """Tokens of a new sign-in."""
        return self._next(name, 1)

    def _next(self, name, number):
        self.current[name] = (f"refresh {number} of {name}", number)
        access = f"token for {name}" if number == 1 else f"token {number} for {name}"
        return items.Tokens(
            {"access_token": access, "refresh_token": self.current[name][0]},
            datetime.now(timezone.utc) + self.life,
        )

    def rotate(self, refresh_token):
        name = refresh_token.rpartition(" of ")[2]
        known, number = self.current.get(name, ("", 0))
        if name in self.dead or refresh_token != known:
            self.dead.add(name)
            raise errors.AuthError("oauth_refused", "invalid_grant")
        self.rotations += 1
        return self._next(name, number + 1)


class PushAdapter(FakeAdapter):
    name = "Push"
    auth = "oauth2"
    settings_spec = (
        items.Setting("server", "Server", required=True, help="Where it lives."),
        items.Setting("access_token", "Access token", secret=True),
        items.Setting("client_id", "Client id"),
        items.Setting("nickname", "Nickname", default="Nick", advanced=True),
    )
    host_setting = "server"
    base_url = ""
    capabilities = FakeAdapter.capabilities | {
        base.WEBHOOK,
        base.OAUTH,
        base.REGISTER,
        base.REFRESH,
    }
    scopes = {"read": "to see what people write", "write": "to answer"}
    #: what a test wants to happen
    crash_in = ""

    def _traffic(self, name):
        """Every call: the access token must still be good."""
        super()._traffic(name)
        ended = self.world.ended
        if name not in TOKENLESS and self.settings.get("access_token") in ended:
            raise errors.AuthError("token_expired", "it has ended")

    # --- push -----------------------------------------------------------------
    def handshake(self, query):
        if query.get("verify") == self.settings["webhook_secret"]:
            return items.Ack(query.get("challenge", "").encode())
        return None

    def verify(self, headers, query, raw):
        self._maybe_crash("verify")
        secret = self.settings["webhook_secret"]
        return bool(secret) and headers.get("x-secret") == secret

    def split(self, raw):
        self._maybe_crash("split")
        try:
            found = json.loads(raw)["items"]
        except (ValueError, KeyError, TypeError) as error:
            raise errors.MalformedResponse("malformed", "no items") from error
        return [
            items.RawItem(
                key=one["key"],
                data=one,
                account=one.get("to", ""),
                revision=one.get("revision", ""),
                sent_at=one.get("at"),
            )
            for one in found
        ]

    def acknowledge(self, raw):
        self._maybe_crash("acknowledge")
        return items.Ack(b'{"thanks":true}', "application/json")

    def subscribe(self, url, secret):
        self._traffic("subscribe")
        self.world.subscribed = (url, secret)

    def unsubscribe(self):
        self._traffic("unsubscribe")
        self.world.subscribed = None

    # --- sign-in --------------------------------------------------------------
    def register(self, redirect_uri):
        self._traffic("register")
        return {"client_id": f"client of {redirect_uri}"}

    def authorize_url(self, redirect_uri, state, challenge):
        return oauth2.authorize_url(
            f"{self.settings['server']}/authorize",
            client_id=self.settings["client_id"],
            redirect_uri=redirect_uri,
            state=state,
            challenge=challenge,
            scopes=self.scopes,
        )

    def exchange(self, code, redirect_uri, verifier):
        self._traffic("exchange")
        self.world.exchanged = (code, redirect_uri, oauth2.challenge(verifier))
        return self.world.tokens.family(code)

    def refresh(self):
        self._traffic("refresh")
        return self.world.tokens.rotate(self.settings["refresh_token"])

    def _maybe_crash(self, where):
        if self.crash_in == where:
            raise RuntimeError(f"a bug in {where}")


class SessionAdapter(FakeAdapter):
    """Signs in with a name and a password, as Bluesky does; its sessions end."""

    name = "Session"
    settings_spec = (
        items.Setting("identifier", "User name", required=True),
        items.Setting("password", "App password", secret=True, required=True),
    )
    capabilities = FakeAdapter.capabilities | {base.REFRESH, base.SIGN_IN}

    def _traffic(self, name):
        super()._traffic(name)
        token = self.settings.get("access_token")
        if name not in TOKENLESS and (not token or token in self.world.ended):
            raise errors.AuthError("token_expired", "it has ended")

    def check(self):
        self._traffic("check")
        name = self.settings["identifier"]
        return items.Profile(id=name, handle=name, facts={"id": name})

    def sign_in(self):
        self._traffic("sign_in")
        if self.settings["password"] != "app-password":
            raise errors.AuthError("auth", "no such password")
        return self.world.tokens.family(f"session{self.world.calls.count('sign_in')}")

    def refresh(self):
        self._traffic("refresh")
        return self.world.tokens.rotate(self.settings["refresh_token"])


class PushFixtures(SocialFixtures):
    """``SocialFixtures`` whose fake network is the one of this file."""

    adapter_class = PushAdapter

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        networks = cls.registry["helpdesk.social.network"]
        original = networks._adapter_class

        def _adapter_class(model, code):
            return cls.adapter_class if code == FAKE else original(model, code)

        cls.startClassPatcher(patch.object(networks, "_adapter_class", _adapter_class))
        cls.account.base_url = SERVER
        cls.account.sudo().write(
            {"secrets": {"access_token": "the-secret-token"}, "state": "active"}
        )
        cls.account._remember_home()

    def setUp(self):
        super().setUp()
        self.world.tokens = RotatingTokens()
        #: access tokens whose time is over
        self.world.ended = set()

    @contextmanager
    def crashing(self, where):
        with patch.object(PushAdapter, "crash_in", where):
            yield
