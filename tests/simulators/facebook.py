"""Facebook as a server: a Page's posts and comments, tokens, subscriptions, batches.

Route by route from the fact sheet meta §1, §2, §7; it never reads an adapter.
"""

from urllib.parse import parse_qsl, urlsplit

from .facebook_view import FacebookView, batch_of, parse_fields, sub_answer
from .facebook_world import SCOPES, Comment, FacebookPage, Post
from .meta_graph import VERSION, GraphError, GraphSimulator
from .server import Answer, Call, route

OBJECT = VERSION + r"/(?P<one>[0-9]+(_[0-9]+)?|me)"
MAX_TEXT = 8000
#: fields that a page's subscription may have (§2)
FIELDS = frozenset(
    "feed mention messages message_echoes message_deliveries message_reads "
    "message_edits message_reactions messaging_postbacks messaging_referrals "
    "messaging_handovers ratings".split()
)


class FacebookSimulator(FacebookView):
    """``sim.url``, ``sim.token``, ``sim.page`` are what a client needs."""

    def __init__(self):
        super().__init__()
        #: code -> where the browser was to come back to
        self.codes: dict[str, str] = {}
        self.redirect_uri = ""

    # --- signing in (§1) --------------------------------------------------------
    def approve(self, url: str, scopes=SCOPES) -> dict[str, str]:
        """A person presses "Continue" in the dialog behind ``url``; what the browser
        brings back."""
        query = dict(parse_qsl(urlsplit(url).query))
        assert query["client_id"] == self.app_id and query["response_type"] == "code"
        code = f"AQ{len(self.codes)}code"
        self.codes[code] = query["redirect_uri"]
        self.granted = [one for one in scopes if one in query["scope"].split(",")]
        return {"code": code, "state": query["state"]}

    @route("GET", VERSION + r"/oauth/access_token")
    def exchange(self, call: Call) -> Answer:
        if not call.arg("code"):
            return GraphSimulator.exchange(self, call)
        back = self.codes.pop(call.arg("code"), None)
        wrong = call.arg("client_secret") != self.app_secret
        if wrong or call.arg("client_id") != self.app_id:
            raise GraphError(1)
        if back is None or back != call.arg("redirect_uri"):
            raise GraphError(100, 36009)
        short = f"{self.user_token}short"
        self.tokens[short] = self._facts(expires=3600, scopes=self.granted)
        return Answer(
            {"access_token": short, "token_type": "bearer", "expires_in": 3600}
        )

    @route("GET", VERSION + r"/me/accounts")
    def accounts(self, call: Call) -> Answer:
        if not self.given(call).startswith(self.user_token):
            raise GraphError(100)
        fields = call.arg("fields", "id,name,access_token").split(",")
        rows = []
        for page in self.pages.values():
            whole = {"id": page.id, "name": page.name, "access_token": page.token}
            whole["tasks"] = ["MODERATE", "MESSAGING", "MANAGE"]
            rows.append({key: whole[key] for key in fields})
        return Answer(self.listed(rows, dict(call.query), lambda one, _fields: one))

    # --- who asks ---------------------------------------------------------------
    def page_of(self, call: Call) -> FacebookPage:
        """The page whose token it is."""
        given = self.given(call)
        for page in self.pages.values():
            if page.token == given:
                return page
        raise GraphError(210, status=403)  # a page token is required

    def me_of(self, call: Call) -> str:
        return self.page_of(call).id

    def may_message(self, call: Call, inbox) -> bool:
        return self.page_of(call).id == inbox.node

    def public_of(self, inbox, kind: str, ref: str) -> dict | None:
        known = self.comments if kind == "comment" else self.posts
        said = known.get(ref)
        if said is None or self._gone(said):
            return None
        return self.public.get(ref)

    @staticmethod
    def _gone(said) -> bool:
        return said.gone if isinstance(said, Comment) else said.deleted

    def _named_page(self, call: Call) -> FacebookPage:
        page, one = self.page_of(call), call.params["one"]
        if one not in ("me", page.id):
            raise GraphError(100, 33)
        return page

    def _said(self, call: Call):
        """The post or comment that a path names, for a token that may see it."""
        page, one = self.page_of(call), call.params["one"]
        said = self.comments.get(one) or self.posts.get(one)
        if said is None or self._gone(said) or self._page_of(said) is not page:
            raise GraphError(100, 33)
        return said

    # --- reading (§2) -----------------------------------------------------------
    @route("GET", OBJECT)
    def read_object(self, call: Call) -> Answer:
        one, fields = call.params["one"], call.arg("fields", "id,name")
        if one == "me" and self.given(call).startswith(self.user_token):
            return Answer(self._shown_user(fields))
        page = self.page_of(call)
        if one in ("me", page.id):
            return Answer(self._shown_page(page, fields))
        return Answer(self.shown(self._said(call), page, fields))

    @staticmethod
    def _shown_user(fields: str) -> dict:
        """A person has no category: asking for it is a bad parameter."""
        whole = {"id": "10220000000000001", "name": "Ada Admin"}
        wanted = [name for name, _modifiers, _inner in parse_fields(fields)]
        if any(name not in whole for name in wanted):
            raise GraphError(100)
        return whole

    def _shown_page(self, page: FacebookPage, fields: str) -> dict:
        whole = {
            "id": page.id,
            "name": page.name,
            "username": page.username,
            "link": f"https://www.facebook.com/{page.username}",
            "category": "Shopping",
            "picture": {"data": {"url": f"{self.url}/v/t1.30497-1/{page.id}.jpg"}},
        }
        wanted = [name for name, _modifiers, _inner in parse_fields(fields)]
        if any(name not in whole for name in wanted):
            raise GraphError(100)
        return {"id": page.id} | {key: whole[key] for key in wanted if whole[key]}

    @route(
        "GET",
        OBJECT + r"/(?P<edge>published_posts|visitor_posts|tagged|ads_posts|feed)",
    )
    def list_posts(self, call: Call) -> Answer:
        page, query = self._named_page(call), dict(call.query)
        if int(query.get("limit", "25")) > 100:
            raise GraphError(100)
        rows = self.edge(page, call.params["edge"], query)
        return Answer(
            self.listed(rows, query, lambda one, wanted: self.shown(one, page, wanted))
        )

    @route("GET", OBJECT + r"/comments")
    def list_comments(self, call: Call) -> Answer:
        page, said, query = self.page_of(call), self._said(call), dict(call.query)
        rows = self.below(said, query)
        return Answer(
            self.listed(rows, query, lambda one, wanted: self.shown(one, page, wanted))
        )

    @route("POST", VERSION + r"/")
    def batch(self, call: Call) -> Answer:
        found = []
        for one in batch_of(dict(call.form())["batch"]):
            parts = urlsplit("/v26.0/" + one["relative_url"])
            query = parse_qsl(parts.query)
            inner = Call(one["method"], parts.path, query, call.headers, b"")
            # the token and the proof of the whole count for each
            inner.query += [("appsecret_proof", call.arg("appsecret_proof", ""))]
            found.append(sub_answer(self._dispatch(inner)))
        return Answer(found)

    # --- saying (§2) ------------------------------------------------------------
    @route("POST", OBJECT + r"/comments")
    def say(self, call: Call) -> Answer:
        page, above = self.page_of(call), self._said(call)
        form = dict(call.form())
        kind = call.headers.get("content-type", "")
        multipart = kind.startswith("multipart/form-data")
        files = [one for one in call.parts() if one[0] == "source"] if multipart else []
        text = form.get("message", "")
        if not (text.strip() or files) or len(text) > MAX_TEXT:
            raise GraphError(100)
        if not getattr(above, "may", {}).get("can_comment", True):
            raise GraphError(200)
        if any(not one[2].startswith("image/") for one in files):
            raise GraphError(100)
        post = above if isinstance(above, Post) else above.post
        if post.page is not page:
            raise GraphError(200)
        picture = self.picture(files[0][3]) if files else None
        made = self.comment(None, text, above, attachment=picture)
        if files:
            self.pictures[made.id] = files[0][3]
        return Answer({"id": made.id})

    @route("POST", OBJECT)
    def change(self, call: Call) -> Answer:
        said, form = self._said(call), dict(call.form())
        if not isinstance(said, Comment):
            raise GraphError(100)
        if "is_hidden" in form:
            if not said.may.get("can_hide", said.author is not None):
                raise GraphError(200)  # own comments cannot be hidden (§2)
            self.hide(said, form["is_hidden"] == "true")
        elif "message" in form:
            if said.author is not None:
                raise GraphError(200)
            self.edit(said, form["message"])
        else:
            raise GraphError(100)
        return Answer({"success": True})

    @route("DELETE", OBJECT)
    def delete(self, call: Call) -> Answer:
        said = self._said(call)
        if isinstance(said, Comment) and not said.may.get("can_remove", True):
            raise GraphError(200)
        self.remove(said)
        return Answer({"success": True})

    @route("POST", OBJECT + r"/likes")
    def like(self, call: Call) -> Answer:
        self._said(call).likes.add(self.page_of(call).id)
        return Answer({"success": True})

    @route("DELETE", OBJECT + r"/likes")
    def unlike(self, call: Call) -> Answer:
        self._said(call).likes.discard(self.page_of(call).id)
        return Answer({"success": True})

    # --- blocking ---------------------------------------------------------------
    @route("POST", OBJECT + r"/blocked")
    def block(self, call: Call) -> Answer:
        page, found = self._named_page(call), {}
        for one in dict(call.form())["psid"].strip("[]").split(","):
            if one not in self.inboxes[page.id].people:
                raise GraphError(100, 33)
            page.blocked.add(one)
            found[one] = True
        return Answer(found)

    @route("DELETE", OBJECT + r"/blocked")
    def unblock(self, call: Call) -> Answer:
        self._named_page(call).blocked.discard(call.arg("psid"))
        return Answer({"success": True})

    # --- subscriptions (§2) -----------------------------------------------------
    @route("GET", OBJECT + r"/subscribed_apps")
    def list_apps(self, call: Call) -> Answer:
        page, rows = self._named_page(call), []
        if page.fields is not None:
            rows = [{"id": self.app_id, "name": "Ours", "link": "https://x.example"}]
            rows[0]["subscribed_fields"] = page.fields
        return Answer({"data": rows})

    @route("POST", OBJECT + r"/subscribed_apps")
    def install_app(self, call: Call) -> Answer:
        page, form = self._named_page(call), dict(call.form())
        wanted = form.get("subscribed_fields", "").split(",")
        scopes = self.tokens[page.token]["scopes"]
        if not wanted[0] or not FIELDS.issuperset(wanted):
            raise GraphError(100)
        private = any(one.startswith("messag") for one in wanted)
        if private and "pages_messaging" not in scopes:
            raise GraphError(200)
        page.fields = wanted
        return Answer({"success": True})

    @route("DELETE", OBJECT + r"/subscribed_apps")
    def remove_app(self, call: Call) -> Answer:
        self._named_page(call).fields = None
        return Answer({"success": True})

    def deliver(self, times: int = 1, payloads=None) -> list[int]:
        """Only pages that have our app push, and only what it asked for."""
        if payloads is None:
            self.queue = [one for one in self.queue if self._wanted(one)]
        return super().deliver(times, payloads)

    def _wanted(self, payload) -> bool:
        entry = payload["entry"][0]
        fields = self.pages[entry["id"]].fields or ()
        changes = entry.get("changes")
        return changes[0]["field"] in fields if changes else "messages" in fields


class FacebookHarness:
    """What the contract suite needs to try any adapter against this server."""

    code = "facebook"
    simulator = FacebookSimulator
    publish_path = r"/(comments|messages)\Z"
    webhook_setting = "app_secret"

    @staticmethod
    def settings(sim) -> dict:
        return {
            "base_url": sim.url,
            "app_id": sim.app_id,
            "app_secret": sim.app_secret,
            "access_token": sim.token,
        }

    @staticmethod
    def customer(sim):
        people = sim.inboxes[sim.page.id].people
        return next(iter(people.values()), None) or sim.add_customer("Jo K")

    def customer_says(self, sim, text, audience="public", reply_to=None) -> str:
        jo = self.customer(sim)
        if audience == "private":
            return f"{sim.page.id}:{sim.write(jo, text).mid}"
        above = sim.comments.get(reply_to) or sim.posts.get(reply_to)
        return sim.comment(jo, text, above).id

    @staticmethod
    def customer_edits(sim, key: str, text: str):
        sim.edit(sim.comments[key], text)

    @staticmethod
    def customer_deletes(sim, key: str):
        sim.remove(sim.comments[key])

    @staticmethod
    def blocked(sim) -> list[str]:
        return sorted(sim.page.blocked)

    @staticmethod
    def published(sim) -> list[dict]:
        """What customers can see of ours, oldest first."""
        found = [
            {
                "key": one.id,
                "text": one.message,
                "audience": "public",
                "reply_to": (one.parent or one.post).id,
                "media": [one.id] if one.attachment else [],
            }
            for one in sim.comments.values()
            if one.author is None and not one.gone
        ]
        private = sim.published_messages()
        for one in private:
            one["key"] = f"{sim.page.id}:{one['key']}"
        return found + private

    def webhook(self, sim, secret):
        """(headers, query, raw bytes) of a genuine delivery."""
        sim.comment(self.customer(sim), "Hello from a webhook é")
        return sim.request(sim.queue[-1], secret)
