"""Whose account it is on Instagram, what its token may do, and what is pushed of it.

An app has one address, which is set by a call with Facebook Login and by hand with
Instagram Login; each page or account says besides that it is to be pushed at all. Fact
sheet meta §5, §7.
"""

from datetime import datetime, timedelta, timezone

from . import errors, items, meta_graph_push
from .instagram_line import FACEBOOK, INSTAGRAM, SCOPES
from .instagram_push import OBJECT
from .instagram_sign_in import InstagramSignIn
from .instagram_values import SITE, name_of
from .meta_graph_messages_values import ident
from .values import listing, mapping, web_address, words

#: where nobody told when a pasted one ends: it is renewed as soon as that may be, and
#: then we know
UNTOLD = timedelta(days=2)
#: fields that the app must hear of, and others that it should
NEEDED = ("comments", "messages")
USEFUL = (
    *("live_comments", "mentions", "message_edit", "message_reactions"),
    *("messaging_postbacks", "messaging_referral", "messaging_seen", "standby"),
)
#: what a page must have on for its account's news to come at all
PAGE_FIELD = "messages"
ABOUT = "id,username,name,profile_picture_url"


class InstagramAccount(InstagramSignIn):
    """The check and the subscriptions; no adapter yet."""

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

    # --- push -----------------------------------------------------------------
    def handshake(self, query) -> items.Ack | None:
        """The proof of our address: asked for by ourselves, or typed in by hand."""
        by_hand = self._setting("verify_token")
        return super().handshake(query) or meta_graph_push.handshake(query, by_hand)

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
        return bool(known) and self._app_hears(OBJECT, NEEDED, url)

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
