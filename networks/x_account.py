"""Whose account it is at X: the check, the sign-in, fresh tokens. Fact sheet x §1.

A refresh token works once; sending it twice ends the connection. It is therefore sent
by nobody but ``refresh``, which the model calls under a lock.
"""

from . import errors, items, oauth2
from .terms import _lt
from .transport import Response
from .values import words
from .x_line import XLine, basic
from .x_names import SITE
from .x_values import ident, link, name

API = "https://api.x.com"
AUTHORIZE = "/i/oauth2/authorize"
TOKEN = "/2/oauth2/token"
SCOPES = {
    "tweet.read": _lt("to read what is said to us, and the thread above it"),
    "users.read": _lt("to know who we are and who writes to us"),
    "offline.access": _lt("to stay signed in: a sign-in alone lasts two hours"),
    "tweet.write": _lt("to answer in public, and to delete an answer"),
    "tweet.moderate.write": _lt("to hide replies under our own posts"),
    "dm.read": _lt("to receive private messages"),
    "dm.write": _lt("to answer private messages"),
    "media.write": _lt("to send pictures and videos"),
    "like.write": _lt("to like; only where the app's plan allows it"),
}
#: without these nothing is missing: they serve what the self-serve plans cannot do
OPTIONAL = ("like.write",)
OWN_FIELDS = "name,username,profile_image_url,protected,subscription_type,verified_type"
#: kinds of subscription whose posts may be long (§6)
LONG = ("basic", "premium", "premiumplus")


class XAccount(XLine):
    """Sign-in and check; not an adapter yet."""

    scopes = SCOPES

    def check(self) -> items.Profile:
        user, _includes = self._one("/2/users/me", {"user.fields": OWN_FIELDS})
        own_id, handle = ident(user.get("id")), name(user.get("username"))
        if not own_id or not handle:
            raise errors.MalformedResponse("malformed", "no account")
        self.charge("user_read")
        granted = tuple(self._setting("granted").split())
        self.facts = {
            "id": own_id,
            "handle": handle,
            "subscription": words(user.get("subscription_type"))[:40],
            "protected": user.get("protected") is True,
            # kept beside the token it came with, for those who never see that
            "granted": " ".join(granted),
        }
        return items.Profile(
            id=own_id,
            handle=handle,
            name=words(user.get("name")),
            url=f"{SITE}/{handle}",
            avatar=link(user.get("profile_image_url")),
            scopes=granted,
            missing_scopes=tuple(
                one
                for one in self.scopes
                if granted and one not in granted and one not in OPTIONAL
            ),
            facts=self.facts,
        )

    @property
    def _posts_long(self) -> bool:
        return words(self.facts.get("subscription")).lower() in LONG

    def _may(self, scope: str) -> bool:
        """Was the right granted? Yes where nobody told us which were."""
        known = self._setting("granted") or words(self.facts.get("granted"))
        granted = known.split()
        return not granted or scope in granted

    # --- sign-in --------------------------------------------------------------
    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        if not self._setting("client_id"):
            raise errors.ConfigError("missing_setting", "client_id")
        wanted = [one for one in SCOPES if self._enterprise or one not in OPTIONAL]
        # people sign in on the site; a server that stands in for X's is both
        server = self.transport.base_url
        return oauth2.authorize_url(
            (SITE if server == API else server) + AUTHORIZE,
            client_id=self._setting("client_id"),
            redirect_uri=redirect_uri,
            state=state,
            challenge=challenge,
            scopes=wanted,
        )

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> items.Tokens:
        return self._tokens(
            oauth2.exchange_form(
                code=code,
                redirect_uri=redirect_uri,
                client_id=self._setting("client_id"),
                verifier=verifier,
            )
        )

    def refresh(self) -> items.Tokens:
        token = self._setting("refresh_token")
        if not token:
            raise errors.AuthError("auth", "no refresh token")
        return self._tokens(
            oauth2.refresh_form(
                refresh_token=token, client_id=self._setting("client_id")
            )
        )

    def _tokens(self, form: dict) -> items.Tokens:
        """The token endpoint: apps with a secret prove themselves by HTTP Basic.

        The refresh token is used up when the request has left: an answer that got
        lost is told as such, never as "nothing happened".
        """
        client_id, secret = self._setting("client_id"), self._setting("client_secret")
        headers = {"Accept": "application/json"}
        if secret:
            headers["Authorization"] = basic(client_id, secret)
        answer = self.transport.request(
            "POST", TOKEN, form=form, headers=headers, ok=(400, 401)
        )
        found = oauth2.tokens(self._token_answer(answer), self.now())
        settings = dict(found.settings)
        if found.scopes:
            settings["granted"] = " ".join(found.scopes)
        return items.Tokens(settings, found.expires_at, found.scopes)

    @staticmethod
    def _token_answer(answer: Response) -> dict:
        found = oauth2.answered(answer)
        if answer.status in (400, 401) and not found.get("error"):
            raise errors.AuthError("oauth_refused", answer.redact(answer.text)[:200])
        return found
