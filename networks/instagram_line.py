"""The line to Instagram: which of two ways one signs in, to which host, as whom.

With Facebook Login the account is reached through its Facebook page, by that page's
token, on Facebook's host; with Instagram Login by a token of its own, on Instagram's.
What an admin types in for either stands here as well. Fact sheet meta §1, §5.
"""

from . import errors, items
from .instagram_values import Me
from .meta_graph import HOST
from .meta_graph_messages_values import ident
from .meta_graph_subscribe import GraphSubscriptions
from .terms import _lt
from .values import listing, words

FACEBOOK, INSTAGRAM = "facebook", "instagram"
IG_HOST, IG_SIGN_IN = "https://graph.instagram.com", "https://api.instagram.com"
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

ACCOUNT_SETTINGS = (
    items.Setting(
        "login",
        _lt("Sign-in with"),
        default=FACEBOOK,
        scope="app",
        help=_lt(
            '"facebook": the account belongs to a Facebook page; everything works. '
            '"instagram": no page is needed, mentions do not reach us, and ID and '
            "secret above are the Instagram app's own, from its API setup."
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


class InstagramLine(GraphSubscriptions):
    """Calls of either host; no adapter yet."""

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

    def _owner(self) -> str:
        """Whose subscriptions decide: the page's, or the account's own."""
        page = ident(self.facts.get("page")) or ident(self._setting("page_id"))
        return page if self._login == FACEBOOK else self._node()
