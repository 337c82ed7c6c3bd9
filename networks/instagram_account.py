"""Whose account it is on Instagram: two ways to sign in, the check, what is pushed.

With Facebook Login the account is reached through its Facebook page, by that page's
token, on Facebook's host; with Instagram Login by a token of its own, on Instagram's,
which ends after 60 days and renews itself. The second has no mentions. Fact sheet meta
§1, §5, §7.
"""

from datetime import datetime, timedelta, timezone

from . import errors, items, meta_graph_push, oauth2
from .instagram_push import OBJECT
from .instagram_values import SITE, Me, name_of
from .meta_graph import HOST, VERSION
from .meta_graph_messages_values import ident
from .meta_graph_subscribe import GraphSubscriptions
from .terms import _lt
from .values import listing, mapping, number, web_address, words

FACEBOOK, INSTAGRAM = "facebook", "instagram"
IG_HOST, IG_SIGN_IN = "https://graph.instagram.com", "https://api.instagram.com"
IG_AUTHORIZE = "https://www.instagram.com/oauth/authorize"
FB_AUTHORIZE = "https://www.facebook.com/{version}/dialog/oauth"
#: a token of Instagram's is renewed from this age on (§1)
RENEWABLE = timedelta(hours=24)
#: where nobody told when a pasted one ends: it is renewed as soon as that may be, and
#: then we know
UNTOLD = timedelta(days=2)
#: right -> why, the fewest that do what is here; of either way to sign in (§1)
RIGHTS = {
    "instagram_basic": _lt("Read our posts"),
    "instagram_manage_comments": _lt("Read, answer, hide and delete comments"),
    "instagram_manage_messages": _lt("Receive and send private messages"),
    "pages_show_list": _lt("Find the page that the account belongs to"),
    "pages_read_engagement": _lt("Read what belongs to the page"),
    "pages_manage_metadata": _lt("Have news pushed"),
    "instagram_business_basic": _lt("Read our posts"),
    "instagram_business_manage_comments": _lt("Read, answer, hide and delete comments"),
    "instagram_business_manage_messages": _lt("Receive and send private messages"),
}
SCOPES = {
    FACEBOOK: tuple(one for one in RIGHTS if "_business_" not in one),
    INSTAGRAM: tuple(one for one in RIGHTS if "_business_" in one),
}
#: fields that the app must hear of, and others that it should
NEEDED = ("comments", "messages")
USEFUL = (
    *("live_comments", "mentions", "message_edit", "message_reactions"),
    *("messaging_postbacks", "messaging_referral", "messaging_seen", "standby"),
)
#: what a page must have on for its account's news to come at all
PAGE_FIELD = "messages"
ABOUT = "id,username,name,profile_picture_url"

ACCOUNT_SETTINGS = (
    items.Setting(
        "login",
        _lt("Sign-in with"),
        default=FACEBOOK,
        scope="app",
        help=_lt(
            '"facebook": the account belongs to a Facebook page; everything works. '
            '"instagram": no page is needed, and mentions do not reach us.'
        ),
    ),
    items.Setting(
        "page_id",
        _lt("Facebook page ID"),
        help=_lt(
            "With Facebook: the page that the account belongs to. Empty: the only one "
            "there is. With Instagram: leave it empty."
        ),
    ),
    items.Setting(
        "verify_token",
        _lt("Verify token"),
        secret=True,
        scope="app",
        advanced=True,
        help=_lt(
            "Only with Instagram, where our address is typed in by hand in the app's "
            "dashboard: words of your choice, the same there and here."
        ),
    ),
    items.Setting(
        "access_token",
        _lt("Access token"),
        secret=True,
        help=_lt(
            "Only where nobody signs in with the browser: with Facebook the page's "
            "token, with Instagram the one that the app's dashboard generates for the "
            "account."
        ),
    ),
)


class InstagramAccount(GraphSubscriptions):
    """Sign-in, check, subscriptions; no adapter yet."""

    # --- which way ------------------------------------------------------------
    @property
    def _login(self) -> str:
        """:raises ConfigError: neither of the two"""
        value = (self._setting("login") or FACEBOOK).lower()
        if value not in (FACEBOOK, INSTAGRAM):
            raise errors.ConfigError("bad_setting", "login")
        return value

    def _path(self, path: str) -> str:
        return self._place(super()._path(path), IG_HOST)

    def _place(self, path: str, host: str) -> str:
        """``path`` on Instagram's own host, unless another server stands in for all."""
        stands_in = (self._setting("base_url") or HOST).rstrip("/") != HOST
        if self._login == FACEBOOK or stands_in:
            return path
        return f"{host}{path}"

    def _me(self) -> Me:
        """Who we are, as the last check found out."""
        own = words(self.facts.get("id"))
        ids = {own, *map(ident, listing(self.facts.get("ids")))} - {""}
        app = self._setting("app_id")
        handle = words(self.facts.get("handle"))
        return Me(id=own, ids=frozenset(ids), app=app, handle=handle)

    def _node(self) -> str:
        return self._me().id or "me"

    # --- check ----------------------------------------------------------------
    def check(self) -> items.Profile:
        """The account itself; what the token may do, and whether news are pushed.

        :raises ConfigError: a setting is missing or cannot be right
        """
        self._needed("access_token", "app_secret")
        by_page = self._login == FACEBOOK
        try:
            me, page = self._by_page() if by_page else (self._by_itself(), "")
        except errors.RejectedError as error:
            if error.code != "bad_parameter":
                raise
            # a proof made with another app's secret is a bad parameter to Meta
            raise errors.ConfigError("bad_setting", "app_secret") from error
        own = ident(me.get("user_id")) or ident(me.get("id"))
        handle = name_of(me.get("username"))
        if not own or not handle:
            raise errors.MalformedResponse("malformed", "account")
        token = self._token_facts() if by_page else None
        scopes = token.scopes if token else tuple(self._setting("granted").split())
        wanted = SCOPES[self._login]
        ids = sorted({own, ident(me.get("id"))} - {""})
        self.facts = {"id": own, "ids": ids, "handle": handle, "page": page}
        return items.Profile(
            id=own,
            handle=handle,
            name=words(me.get("name"))[:200],
            url=f"{SITE}/{handle}/",
            avatar=web_address(words(me.get("profile_picture_url"))),
            scopes=scopes,
            missing_scopes=tuple(one for one in wanted if scopes and one not in scopes),
            expires_at=(token and token.expires_at) if by_page else self._ends(),
            data_until=token.data_until if token else None,
            facts=self.facts
            | {
                "webhook": self._is_pushed(),
                "endless": bool(token) and token.expires_at is None,
            },
        )

    def _is_pushed(self) -> bool:
        try:
            return bool(self._subscribed())
        except (errors.RejectedError, errors.ScopeError):
            return False  # not for this token to see; the account works all the same

    def _by_page(self) -> tuple[dict, str]:
        """(the account, its page's id)"""
        page = ident(self._setting("page_id"))
        if not page:
            raise errors.ConfigError("missing_setting", "page_id")
        query = {"fields": f"instagram_business_account{{{ABOUT}}}"}
        try:
            answer = self._call("GET", page, query=query)
        except errors.NotFoundError as error:
            raise errors.ConfigError("bad_setting", "page_id") from error
        if ident(answer.get("id")) != page:
            raise errors.MalformedResponse("malformed", "page")
        me = mapping(answer.get("instagram_business_account"))
        if not me:
            # a page without an account, or one that the token may not see
            raise errors.ConfigError("no_account_behind", page)
        return me, page

    def _by_itself(self) -> dict:
        return self._call("GET", "me", query={"fields": f"user_id,{ABOUT}"})

    def _ends(self) -> datetime:
        """When the token ends, as the one who gave it said."""
        seconds = self._setting("token_until")
        known = seconds.isascii() and seconds.isdigit()
        if not known:
            return self.now() + UNTOLD
        return datetime.fromtimestamp(int(seconds[:11]), timezone.utc)

    # --- sign-in in the browser -----------------------------------------------
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

    # --- push -----------------------------------------------------------------
    def handshake(self, query) -> items.Ack | None:
        """The proof of our address: asked for by ourselves, or typed in by hand."""
        by_hand = self._setting("verify_token")
        return super().handshake(query) or meta_graph_push.handshake(query, by_hand)

    def _owner(self) -> str:
        """Whose subscriptions decide: the page's, or the account's own."""
        page = ident(self.facts.get("page")) or ident(self._setting("page_id"))
        return page if self._login == FACEBOOK else self._node()

    def _subscribed(self) -> set[str]:
        """Fields that are pushed to our app; empty for none."""
        answer = self._call("GET", f"{self._owner()}/subscribed_apps")
        rows = [mapping(one) for one in listing(answer.get("data"))]
        app = self._setting("app_id")
        mine = [
            one
            for one in rows
            # with Instagram it lists no other app, and calls ours by another number
            if self._login == INSTAGRAM or ident(one.get("id")) == app
        ]
        return {
            words(one) or words(mapping(one).get("name"))
            for row in mine
            for one in listing(row.get("subscribed_fields"))
        } - {""}

    def subscribe(self, url: str, secret: str) -> None:
        """Have what concerns this account pushed; repeating it is harmless.

        With Facebook the app's address is looked at and set; with Instagram that is
        done by hand in the app's dashboard, as no call of Instagram's does it.

        :raises RejectedError: Meta could not prove the address, or the app pushes to
            another program and leaves out what is needed
        """
        self._needed("app_id", "app_secret")
        if not secret:
            raise errors.ConfigError("missing_setting", "webhook_secret")
        known = self._subscribed()
        if self._login == FACEBOOK:
            self._subscribe_app(OBJECT, NEEDED, USEFUL, url, secret)
            # the page's own list serves other products as well: it is never shortened
            if not known:
                self._ask_for({PAGE_FIELD})
            return
        if not known.issuperset(NEEDED):
            try:
                self._ask_for(known | {*NEEDED, *USEFUL})
            except errors.RejectedError as error:
                if error.code != "bad_parameter":
                    raise
                # one of the useful ones is called otherwise in this version
                self._ask_for(known | set(NEEDED))

    def is_subscribed(self, url: str) -> bool | None:
        """Does the app hear of accounts, and does this one push to the app? With
        Instagram's own login the app's half cannot be asked for."""
        if not self._setting("app_id"):
            return None
        known = self._subscribed()
        if self._login == INSTAGRAM:
            return known.issuperset(NEEDED)
        return bool(known) and self._app_hears(OBJECT, NEEDED)

    def _ask_for(self, fields: set[str]) -> None:
        form = {"subscribed_fields": ",".join(sorted(fields))}
        answer = self._call("POST", f"{self._owner()}/subscribed_apps", form=form)
        if answer.get("success") is not True:
            raise errors.MalformedResponse("malformed", "subscribed_apps")

    def unsubscribe(self) -> None:
        """Nothing of this account comes to us any more. A page that other products
        of the app hear of stays as it is: what comes is kept, and harms nobody."""
        if self._login == INSTAGRAM or self._subscribed() == {PAGE_FIELD}:
            self._call("DELETE", f"{self._owner()}/subscribed_apps")
