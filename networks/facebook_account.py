"""A Page's access: signing in, which of several pages, what the token may do, pushes.

A person signs in; the short token becomes a long one, that one a Page token, which does
not end by itself. Who has several pages says which: the others' tokens are never kept.
Fact sheet meta §1 *Tokens*, §2, §7.
"""

from urllib.parse import urlencode

from . import errors, items
from .facebook_push import OBJECT
from .meta_graph import HOST
from .meta_graph_messages_values import ident
from .meta_graph_subscribe import GraphSubscriptions
from .terms import _lt
from .values import listing, mapping, web_address, words

#: where people sign in
DIALOG = "https://www.facebook.com"
#: right -> why, the fewest that do what is here (§1)
SCOPES = {
    "pages_show_list": _lt("See which Pages you manage"),
    "pages_manage_metadata": _lt("Have posts and messages pushed"),
    "pages_read_engagement": _lt("Read the Page's posts and comments"),
    "pages_read_user_content": _lt("Read what visitors write"),
    "pages_manage_engagement": _lt("Answer, hide, like and delete comments"),
    "pages_messaging": _lt("Receive and send messages"),
}
#: what the app must hear of, and what a page's subscription has beside it (§2); the
#: messaging ones need the right to messages
FEED_FIELDS = ("feed", "mention")
MESSAGE_FIELDS = (
    "messages",
    "message_echoes",
    "message_deliveries",
    "message_reads",
    "message_edits",
    "message_reactions",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_handovers",
)
NEEDED = ("feed", "messages")
MESSAGING = "pages_messaging"
#: another kind of object that comes by way of a page's subscription, and the field that
#: stays for it: without any, nothing of it is pushed (§5)
BESIDE, KEPT = "instagram", "messages"
#: pages of the list of pages: 25 x 100 are more than anybody manages
MAX_LISTS = 25
#: a page has a category, a person has none: asking for it tells them apart
ABOUT = "id,name,username,link,category,picture{url}"


class FacebookAccount(GraphSubscriptions):
    """Access and subscriptions; no adapter yet."""

    # --- signing in -----------------------------------------------------------
    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        self._needed("app_id", "app_secret")
        server = self._setting("base_url").rstrip("/") or HOST
        query = {
            "client_id": self._setting("app_id"),
            "redirect_uri": redirect_uri,
            "state": state,
            "response_type": "code",
        }
        if self._setting("config_id"):
            # Facebook Login for Business: the rights are in the configuration
            query["config_id"] = self._setting("config_id")
        else:
            query["scope"] = ",".join(SCOPES)
        place = DIALOG if server == HOST else server
        return f"{place}{self._path('dialog/oauth')}?{urlencode(query)}"

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> items.Tokens:
        """The Page's token. Where it is not clear which Page, the person's own is kept
        as ``refresh_token`` until somebody has said it.

        :raises AuthError: the code is no (longer) good
        """
        query = {
            "client_id": self._setting("app_id"),
            "client_secret": self._setting("app_secret"),
            "redirect_uri": redirect_uri,
            "code": code,
        }
        try:
            answer = self._call(
                "GET", "oauth/access_token", query=query, token=self._app_token()
            )
        except errors.RejectedError as error:
            raise errors.AuthError("oauth_refused", error.detail) from error
        short = self._tokens_of(answer).settings["access_token"]
        person = self._long_lived(short).settings["access_token"]
        token = self._page_token(person)
        if token:
            return items.Tokens({"access_token": token, "refresh_token": ""})
        return items.Tokens({"access_token": "", "refresh_token": person})

    def refresh(self) -> items.Tokens:
        """The Page's token, from that of a person or a system user.

        :raises AuthError: it does not manage that Page
        """
        self._needed("refresh_token")
        token = self._page_token(self._setting("refresh_token"))
        if not token:
            raise errors.AuthError("choose_page", self._choices())
        return items.Tokens(
            {"access_token": token, "refresh_token": self._setting("refresh_token")}
        )

    def _pages(self, token: str) -> list[dict]:
        """The Pages of a person, with their tokens; a list may take several calls."""
        found, after = [], ""
        for _list in range(MAX_LISTS):
            query = {"fields": "id,name,access_token,tasks", "limit": "100"}
            if after:
                query["after"] = after
            answer = self._call("GET", "me/accounts", query=query, token=token)
            if not isinstance(answer.get("data"), list):
                raise errors.MalformedResponse("malformed", "me/accounts")
            found += map(mapping, answer["data"])
            paging = mapping(answer.get("paging"))
            after = words(mapping(paging.get("cursors")).get("after"))
            if not paging.get("next") or not after:
                break
        return [one for one in found if ident(one.get("id"))]

    def _page_token(self, person: str) -> str:
        """The token of the Page that is meant; '' where that is not clear."""
        pages = self._pages(person)
        wanted = ident(self._setting("page_id")) or words(self.facts.get("id"))
        if not wanted and len(pages) == 1:
            wanted = ident(pages[0].get("id"))
        tokens = {ident(one.get("id")): words(one.get("access_token")) for one in pages}
        return tokens.get(wanted, "")

    def _choices(self) -> str:
        """Names and ids of the Pages, for whoever must choose one."""
        pages = self._pages(self._setting("refresh_token"))
        told = (f"{words(one.get('name'))[:60]} ({one['id']})" for one in pages)
        return ", ".join(told) or "0"

    # --- who we are -----------------------------------------------------------
    def check(self) -> items.Profile:
        """The Page itself, and what the token may do.

        :raises ConfigError: the token is not a Page's, or another Page's
        """
        self._needed("app_id", "app_secret")
        if not self._setting("access_token") and self._setting("refresh_token"):
            if not ident(self._setting("page_id")):
                pages = self._pages(self._setting("refresh_token"))
                if len(pages) != 1:
                    raise errors.ConfigError("choose_page", self._choices())
            raise errors.AuthError("token_expired", "no token of the Page yet")
        self._needed("access_token")
        try:
            me = self._call("GET", "me", query={"fields": ABOUT})
        except errors.RejectedError as error:
            if error.code != "bad_parameter":
                raise
            # a person has no category; a proof made with another app's secret is a bad
            # parameter as well
            raise errors.ConfigError("page_token", error.detail) from error
        page, name = ident(me.get("id")), words(me.get("name"))
        if not page or not name:
            raise errors.MalformedResponse("malformed", "me")
        wanted = self._setting("page_id")
        if wanted and ident(wanted) != page:
            raise errors.ConfigError("bad_setting", "page_id")
        token = self._token_facts()
        scopes = token.scopes if token else ()
        username = words(me.get("username"))
        picture = mapping(mapping(me.get("picture")).get("data")).get("url")
        return items.Profile(
            id=page,
            handle=username or name,
            name=name,
            url=web_address(words(me.get("link"))) or f"{DIALOG}/{page}",
            avatar=web_address(words(picture)),
            scopes=scopes,
            missing_scopes=tuple(one for one in SCOPES if token and one not in scopes),
            expires_at=token.expires_at if token else None,
            data_until=token.data_until if token else None,
            facts={
                "id": page,
                "username": username,
                "scopes": list(scopes),
                "endless": bool(token) and token.expires_at is None,
            },
        )

    # --- pushes ---------------------------------------------------------------
    def _fields(self) -> tuple[str, ...]:
        """What the Page's subscription may have by the rights of its token."""
        scopes = listing(self.facts.get("scopes"))
        may = not scopes or MESSAGING in scopes
        return FEED_FIELDS + (MESSAGE_FIELDS if may else ())

    def subscribe(self, url: str, secret: str) -> None:
        """Have what happens on the Page pushed to the app's address; then look whether
        it is so. Repeating it is harmless.

        :raises RejectedError: ``webhook_fields``: the app leaves out what is needed, or
            the Page does not push it although it was asked to;
            ``webhook_elsewhere``: the app pushes to another program
        """
        if not secret:
            raise errors.ConfigError("missing_setting", "webhook_secret")
        wanted = self._fields()
        needed = [one for one in NEEDED if one in wanted]
        self._subscribe_app(OBJECT, needed, wanted, url, secret)
        # the list is replaced as a whole: what is there for another purpose stays
        others = self.subscribed_fields().difference(FEED_FIELDS, MESSAGE_FIELDS)
        self._ask_for({*wanted, *others})
        missing = set(needed) - self.subscribed_fields()
        if missing:
            raise errors.RejectedError("webhook_fields", ", ".join(sorted(missing)))

    def is_subscribed(self, url: str) -> bool | None:
        """Does the app hear of pages, and the Page push to the app?"""
        if not self._setting("app_id"):
            return None  # nobody may ask
        needed = [one for one in NEEDED if one in self._fields()]
        if not self._app_hears(OBJECT, needed, url):
            return False
        return set(needed) <= self.subscribed_fields()

    def subscribed_fields(self) -> set[str]:
        """What the Page pushes to our app at this moment."""
        answer = self._call("GET", self._subscribed())
        if not isinstance(answer.get("data"), list):
            raise errors.MalformedResponse("malformed", "subscribed_apps")
        for one in map(mapping, answer["data"]):
            if ident(one.get("id")) == self._setting("app_id"):
                return {words(name) for name in listing(one.get("subscribed_fields"))}
        return set()

    def unsubscribe(self) -> None:
        """Nothing of this Page comes to us any more; its app's other Pages stay, and
        what else the app hears of by way of this Page: its Instagram account."""
        self._needed("app_id")
        known = self.subscribed_fields()
        left = known.difference(FEED_FIELDS, MESSAGE_FIELDS)
        if KEPT in known and self._app_subscription(BESIDE):
            left.add(KEPT)
        if left:
            self._ask_for(left)
        elif known:
            self._call("DELETE", self._subscribed())

    def _ask_for(self, fields: set[str]) -> None:
        form = {"subscribed_fields": ",".join(sorted(fields))}
        answer = self._call("POST", self._subscribed(), form=form)
        if answer.get("success") is not True:
            raise errors.MalformedResponse("malformed", "subscribed_apps")

    def _subscribed(self) -> str:
        return f"{ident(self.facts.get('id')) or 'me'}/subscribed_apps"
