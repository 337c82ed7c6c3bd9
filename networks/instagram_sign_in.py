"""Signing in to Instagram: codes become tokens, and those are renewed in time.

A page's token that was made of a long one does not end; Instagram's own ends after 60
days and is renewed from the age of a day on. Tokens on their way are in no error. Fact
sheet meta §1.
"""

from datetime import datetime, timedelta, timezone

from . import errors, items, oauth2
from .instagram_line import (
    FACEBOOK,
    IG_HOST,
    IG_SIGN_IN,
    INSTAGRAM,
    SCOPES,
    InstagramLine,
)
from .meta_graph import VERSION
from .meta_graph_messages_values import ident
from .values import listing, mapping, number, words

IG_AUTHORIZE = "https://www.instagram.com/oauth/authorize"
FB_AUTHORIZE = "https://www.facebook.com/{version}/dialog/oauth"
#: a token of Instagram's is renewed from this age on (§1)
RENEWABLE = timedelta(hours=24)


class InstagramSignIn(InstagramLine):
    """Tokens; no adapter yet."""

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        self._needed("app_id", "app_secret")
        login = self._login
        version = self._setting("graph_version") or VERSION
        page = FB_AUTHORIZE.format(version=version)
        return oauth2.authorize_url(
            page if login == FACEBOOK else IG_AUTHORIZE,
            client_id=self._setting("app_id"),
            redirect_uri=redirect_uri,
            state=state,
            # both want commas
            extra={"scope": ",".join(SCOPES[login])},
        )

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> items.Tokens:
        """A token of an hour for the code, and a long one for that.

        :raises AuthError: the code is worth nothing (any more)
        """
        self._needed("app_id", "app_secret")
        # what Instagram puts behind it belongs to the address (field report)
        code = code.removesuffix("#_")
        by_page = self._login == FACEBOOK
        try:
            return (self._exchange_by_page if by_page else self._exchange_by_itself)(
                code, redirect_uri
            )
        except errors.RejectedError as error:
            raise errors.AuthError("oauth_refused", error.detail) from error

    def _exchange_by_page(self, code, redirect_uri) -> items.Tokens:
        query = {
            "client_id": self._setting("app_id"),
            "client_secret": self._setting("app_secret"),
            "redirect_uri": redirect_uri,
            "code": code,
        }
        answer = self._call(
            "GET", "oauth/access_token", query=query, token=self._app_token()
        )
        short = self._tokens_of(answer).settings["access_token"]
        user = self._long_lived(short).settings["access_token"]
        page, token = self._page_behind(user)
        # a page's token that was made of a long one does not end (§1)
        return items.Tokens({"access_token": token, "page_id": page})

    def _page_behind(self, user: str) -> tuple[str, str]:
        """(id, token) of the page that was named, or of the only one.

        :raises ConfigError: none, or several to choose from
        """
        query = {"fields": "id,name,access_token,instagram_business_account{id}"}
        query["limit"] = "100"
        answer = self._call("GET", "me/accounts", query=query, token=user)
        rows = [mapping(one) for one in listing(answer.get("data"))]
        rows = [one for one in rows if one.get("instagram_business_account")]
        wanted = self._setting("page_id")
        found = [one for one in rows if not wanted or ident(one.get("id")) == wanted]
        if len(found) > 1:
            names = (
                f"{words(one.get('name'))} ({ident(one.get('id'))})" for one in rows
            )
            raise errors.ConfigError("choose_page", ", ".join(names))
        token = words(found[0].get("access_token")) if found else ""
        if not token:
            raise errors.ConfigError("no_account_behind", wanted)
        return ident(found[0].get("id")), token

    def _exchange_by_itself(self, code, redirect_uri) -> items.Tokens:
        form = oauth2.exchange_form(
            code=code,
            redirect_uri=redirect_uri,
            client_id=self._setting("app_id"),
            client_secret=self._setting("app_secret"),
        )
        path = self._place("/oauth/access_token", IG_SIGN_IN)
        answer = oauth2.answered(self.transport.request("POST", path, form=form))
        # one object, or a list with one
        one = mapping((listing(answer.get("data")) or [answer])[0])
        short = words(one.get("access_token"))
        if not short:
            raise errors.MalformedResponse("malformed", "no access_token")
        granted = one.get("permissions")
        granted = granted.split(",") if isinstance(granted, str) else listing(granted)
        query = {
            "grant_type": "ig_exchange_token",
            "client_secret": self._setting("app_secret"),
        }
        found = self._long("/access_token", query, short)
        scopes = tuple(words(name).strip() for name in granted if words(name).strip())
        kept = {**found.settings, "granted": " ".join(scopes)}
        return items.Tokens(kept, found.expires_at, scopes)

    def refresh(self) -> items.Tokens:
        """The same token for 60 days more; it must be a day old and not over (§1).

        :raises TransientError: it is too young
        :raises AuthError: it cannot be renewed
        """
        if self._login == FACEBOOK:
            raise errors.AuthError("token_ended")
        token = self._setting("refresh_token") or self._setting("access_token")
        if not token:
            raise errors.AuthError("token_ended")
        born = self._setting("token_born")
        if born.isascii() and born.isdigit():
            old = datetime.fromtimestamp(int(born[:11]), timezone.utc) + RENEWABLE
            if self.now() < old:
                wait = (old - self.now()).total_seconds()
                raise errors.TransientError("too_early", retry_after=wait)
        query = {"grant_type": "ig_refresh_token"}
        try:
            return self._long("/refresh_access_token", query, token)
        except errors.RejectedError as error:
            raise errors.AuthError("token_ended", error.detail) from error

    def _hide(self, secret: str):
        """Never to be seen in an error, as what is among the settings never is."""
        known = getattr(self.transport, "secrets", None)
        if known is not None and secret not in known:
            self.transport.secrets = (*known, secret)

    def _long(self, path: str, query: dict, token: str) -> items.Tokens:
        """A token of 60 days, with what ``check`` and ``refresh`` go by later."""
        self._hide(token)
        answer = oauth2.answered(
            self.transport.request(
                "GET",
                self._place(path, IG_HOST),
                query={**query, "access_token": token},
            )
        )
        found = self._tokens_of(answer)
        now = int(self.now().timestamp())
        seconds = number(answer.get("expires_in")) or 0
        kept = {
            **found.settings,
            "refresh_token": found.settings["access_token"],
            "token_born": str(now),
        }
        if seconds:
            kept["token_until"] = str(now + seconds)
        return items.Tokens(kept, found.expires_at)

    @classmethod
    def renewable(cls, settings) -> bool:
        """Instagram's own tokens are; a page's is not, and need not be."""
        token = settings.get("refresh_token") or settings.get("access_token")
        login = (settings.get("login") or FACEBOOK).strip().lower()
        return login == INSTAGRAM and bool(token)
