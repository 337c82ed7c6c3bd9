"""Both ways to sign in to Instagram, and the subscriptions of one account.

Facebook Login: a code becomes a user's token, that a long one, that the page's, which
does not end. Instagram Login: a code becomes a token of an hour, that one of 60 days,
which is renewed when it is a day old. Fact sheet meta §1, §7.
"""

from .instagram_world import InstagramWorld
from .meta_graph import DAY, VERSION, GraphError
from .server import Answer, Call, route

NODE = VERSION + r"/(?P<node>[0-9]{1,18}|me)"
#: fields that can be asked for (§5)
FIELDS = frozenset(
    "comments live_comments mentions messages message_edit message_reactions "
    "messaging_postbacks messaging_referral messaging_seen messaging_handover standby "
    "story_insights".split()
)
PAGE_FIELDS = frozenset("feed mention messages message_echoes ratings".split())


class InstagramLogin(InstagramWorld):
    """Tokens and what is pushed."""

    redirect_uri = "https://odoo.example/helpdesk_social/oauth/callback"

    def __init__(self, login="facebook"):
        super().__init__(login)
        #: codes of the sign-in page that were not used yet -> redirect address
        self.codes: dict[str, str] = {}
        #: token -> seconds when it was given; those of Instagram Login only
        self.born: dict[str, float] = {}
        self.pages = [self.page]
        self.linked_pages = {self.page}

    def sign_in(self, redirect_uri="") -> str:
        """Somebody agreed on the sign-in page; the code that comes back."""
        code = f"AQBx{len(self.codes)}code"
        self.codes[code] = redirect_uri or self.redirect_uri
        return code

    def _used(self, code: str, redirect_uri: str) -> bool:
        """A code works once, for the address that it was given for."""
        return self.codes.pop(code, None) != redirect_uri

    # --- Facebook Login -------------------------------------------------------
    @route("GET", VERSION + r"/oauth/access_token")
    def exchange(self, call: Call) -> Answer:
        if not call.arg("code"):
            return super().exchange(call)
        if call.arg("client_secret") != self.app_secret:
            raise GraphError(1)
        if self._used(call.arg("code"), call.arg("redirect_uri")):
            raise GraphError(100, 36009)
        short = "EAAGshort" + "s" * 30
        self.tokens[short] = {"expires_at": 3600, "scopes": [*self.scopes]}
        return Answer(
            {"access_token": short, "token_type": "bearer", "expires_in": 5183}
        )

    @route("GET", VERSION + r"/me/accounts")
    def list_pages(self, call: Call) -> Answer:
        if self.login != "facebook":
            raise GraphError(100)
        long = self.given(call).endswith("long")
        rows = []
        for page in self.pages:
            row = {"id": page, "name": f"Page {page[-3:]}"}
            row["access_token"] = self.page_token if long else "EAAGshortpage"
            if page in self.linked_pages:
                row["instagram_business_account"] = {"id": self.own}
            rows.append(row)
        return Answer({"data": rows, "paging": {"cursors": {}}})

    # --- Instagram Login ------------------------------------------------------
    @route("POST", r"/oauth/access_token")
    def short_token(self, call: Call) -> Answer:
        form = dict(call.form())
        wrong = (form.get("client_id"), form.get("client_secret")) != (
            self.app_id,
            self.app_secret,
        )
        code = form.get("code", "")
        if wrong or form.get("grant_type") != "authorization_code":
            return self._refused("Error validating client secret")
        if self._used(code, form.get("redirect_uri", "")):
            return self._refused("This authorization code has been used")
        short = "IGAAshort" + "s" * 30
        self.tokens[short] = {"expires_at": 3600, "scopes": []}
        self.born[short] = self.now().timestamp()
        granted = (
            "instagram_business_basic,instagram_business_manage_comments,"
            "instagram_business_manage_messages"
        )
        row = {"access_token": short, "user_id": self.scoped, "permissions": granted}
        return Answer({"data": [row]})

    @staticmethod
    def _refused(words: str) -> Answer:
        """In a shape of its own."""
        error = {"error_type": "OAuthException", "code": 400, "error_message": words}
        return Answer(error, 400)

    @route("GET", r"/access_token")
    def long_token(self, call: Call) -> Answer:
        token = call.arg("access_token", "")
        if call.arg("client_secret") != self.app_secret:
            raise GraphError(101)
        if call.arg("grant_type") != "ig_exchange_token" or "short" not in token:
            raise GraphError(190)
        if token not in self.tokens:
            raise GraphError(190, 463, status=401)
        return self._long(token.replace("short", "long"))

    @route("GET", r"/refresh_access_token")
    def refresh_token(self, call: Call) -> Answer:
        token = call.arg("access_token", "")
        if call.arg("grant_type") != "ig_refresh_token" or token not in self.tokens:
            raise GraphError(190, 463, status=401)
        age = self.now().timestamp() - self.born.get(token, 0)
        if age < DAY:
            raise GraphError(100)
        if age > 60 * DAY and token in self.born:
            raise GraphError(190, 463, status=401)
        return self._long(f"{token}r")

    def _long(self, token: str) -> Answer:
        self.tokens[token] = {"expires_at": 0, "scopes": []}
        self.born[token] = self.now().timestamp()
        return Answer(
            {"access_token": token, "token_type": "bearer", "expires_in": 60 * DAY}
        )

    # --- what is pushed -------------------------------------------------------
    def _subscriber(self, call: Call) -> frozenset:
        node = call.params["node"]
        if self.login == "facebook" and node == self.page:
            return PAGE_FIELDS
        if self.login == "instagram" and node in (self.own, self.scoped, "me"):
            return FIELDS
        raise GraphError(100, 33)

    @route("GET", NODE + r"/subscribed_apps")
    def read_subscribed(self, call: Call) -> Answer:
        self._subscriber(call)
        if not self.pushed_fields:
            return Answer({"data": []})
        app = self.app_id if self.login == "facebook" else "998877665544"
        row = {"id": app, "subscribed_fields": sorted(self.pushed_fields)}
        return Answer({"data": [row]})

    @route("POST", NODE + r"/subscribed_apps")
    def subscribe_account(self, call: Call) -> Answer:
        known = self._subscriber(call)
        form = {**dict(call.query), **dict(call.form())}
        wanted = set(form.get("subscribed_fields", "").split(","))
        if not wanted <= known:
            raise GraphError(100)
        # what is not named is no longer pushed
        self.pushed_fields = wanted
        return Answer({"success": True})

    @route("DELETE", NODE + r"/subscribed_apps")
    def unsubscribe_account(self, call: Call) -> Answer:
        self._subscriber(call)
        self.pushed_fields = set()
        return Answer({"success": True})
