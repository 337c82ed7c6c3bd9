"""Instagram's two servers as one: posts, comments, mentions, both ways to sign in.

Route by route from the fact sheet meta §1, §5; it never reads an adapter. The flavour
(``login``) says whose token it is, and what is refused.
"""

import json
import re
from urllib.parse import parse_qsl, urlsplit

from .instagram_login import InstagramLogin
from .instagram_world import Comment, Post
from .meta_graph import VERSION, GraphError
from .server import Answer, Call, route

NODE = VERSION + r"/(?P<node>[0-9]{1,18}|me)"
#: 19 digits are people, whom the messages' half answers for
MAX_PAGE, MAX_TEXT, MAX_TAGS = 50, 2200, 30
MENTIONED = re.compile(
    r"(mentioned_comment\.comment_id|mentioned_media\.media_id)\((\d+)\)(\{.*\})?"
)
MINE = re.compile(r"(?<!\w)#\w")


def fields_of(text: str) -> list[tuple[str, str]]:
    """(name with its modifiers, what stands in its braces) of a list of fields."""
    found, depth, start = [], 0, 0
    for index, char in enumerate(text + ","):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if char == "," and not depth:
            name, _brace, inner = text[start:index].partition("{")
            found.append((name, inner[:-1] if inner else ""))
            start = index + 1
    return [one for one in found if one[0]]


class InstagramSimulator(InstagramLogin):
    """``sim.url``, ``sim.token``, ``sim.page`` are what a client needs."""

    def __init__(self, login="facebook"):
        super().__init__(login)
        #: pages of lists that are empty and still have a next one
        self.empty_pages = 0
        #: cursors given before this number grew are worth nothing
        self.cursor_age = 0
        #: somebody took the account from the page: nothing of it can be read
        self.unlinked = False

    # --- lists ----------------------------------------------------------------
    def listed(self, call: Call, rows: list, most=MAX_PAGE, limit=None) -> dict:
        start, after = 0, (call.arg("after", "") if call else "")
        if after:
            found = re.fullmatch(r"q(\d+)z(\d+)(?:x\d+)?", after)
            if not found or int(found[1]) != self.cursor_age:
                raise GraphError(100)
            start = int(found[2])
        size = min(limit or int((call and call.arg("limit")) or 25), most)
        empty = bool(call) and self.empty_pages > 0
        self.empty_pages -= empty
        part = [] if empty else rows[start : start + size]
        end = start + len(part)
        cursor = f"q{self.cursor_age}z{end}" + f"x{self.empty_pages}" * empty
        paging = {"cursors": {"before": "b", "after": cursor}}
        if end < len(rows):
            paging["next"] = f"{self.url}/next?after={cursor}"
        return {"data": part, "paging": paging}

    def _is_us(self, node: str) -> bool:
        return node in (self.own, self.scoped, "me") and not self.unlinked

    def _own_media(self, call: Call) -> Post:
        found = self.posts.get(call.params["node"])
        if not found or found.owner or found.deleted:
            raise GraphError(100, 33)
        return found

    def _comment(self, ref: str) -> Comment:
        """A comment below a post of ours: no other can be named (§5)."""
        found = self.comments.get(ref)
        if not found or found.post.owner or self.is_gone(found) or self.unlinked:
            raise GraphError(100, 33)
        return found

    @route("GET", NODE + r"/media")
    def list_media(self, call: Call) -> Answer:
        if not self._is_us(call.params["node"]):
            raise GraphError(100, 33)
        posts = [one for one in self.posts.values() if not one.owner]
        posts = [one for one in posts if not one.deleted and not one.live]
        posts.sort(key=lambda one: one.at, reverse=True)
        wanted = {name for name, _inner in fields_of(call.arg("fields", "id"))}
        rows = [self._some(self.media_row(one), wanted) for one in posts]
        return Answer(self.listed(call, rows, 100))

    @route("GET", NODE + r"/tags")
    def list_tags(self, call: Call) -> Answer:
        if not self._is_us(call.params["node"]):
            raise GraphError(100, 33)
        if self.login != "facebook":
            raise GraphError(100)
        posts = [one for one in self.posts.values() if one.tagged and not one.deleted]
        posts.sort(key=lambda one: one.at, reverse=True)
        wanted = {name for name, _inner in fields_of(call.arg("fields", "id"))}
        return Answer(
            self.listed(call, [self._some(self.media_row(p), wanted) for p in posts])
        )

    @staticmethod
    def _some(row: dict, wanted) -> dict:
        return {key: one for key, one in row.items() if key in wanted or key == "id"}

    def _row(self, one: Comment, fields: list) -> dict:
        names = {name.partition(".")[0] for name, _inner in fields}
        row = self._some(self.comment_row(one), names)
        for name, inner in fields:
            if name.startswith("replies") and not one.parent:
                limit = re.search(r"limit\((\d+)\)", name)
                rows = [self._row(r, fields_of(inner)) for r in self._replies(one)]
                size = int(limit[1]) if limit else 25
                row["replies"] = self.listed(None, rows, limit=size)
        if not row.get("replies", {"data": 1})["data"]:
            row.pop("replies")
        return row

    def _replies(self, top: Comment) -> list[Comment]:
        found = [one for one in self.below(top.post) if one.parent is top]
        return sorted(found, key=lambda one: (one.at, one.id))

    @route("GET", NODE + r"/comments")
    def list_comments(self, call: Call) -> Answer:
        post = self._own_media(call)
        found = [one for one in self.below(post) if not one.parent]
        found.sort(key=lambda one: (one.at, one.id), reverse=True)
        fields = fields_of(call.arg("fields", "id,text,timestamp"))
        return Answer(self.listed(call, [self._row(one, fields) for one in found]))

    @route("GET", NODE + r"/replies")
    def list_replies(self, call: Call) -> Answer:
        top = self._comment(call.params["node"])
        fields = fields_of(call.arg("fields", "id,text,timestamp"))
        rows = [self._row(one, fields) for one in self._replies(top)]
        return Answer(self.listed(call, rows))

    # --- single things --------------------------------------------------------
    @route("GET", NODE)
    def read(self, call: Call) -> Answer:
        return Answer(self._read(call.params["node"], call.arg("fields", "id")))

    def _read(self, node: str, text: str) -> dict:
        fields = fields_of(text)
        if node == self.page and self.login == "facebook":
            return self._page(fields)
        if self._is_us(node):
            return self._account(node, fields)
        if node in self.posts:
            post = self.posts[node]
            if post.owner or post.deleted or self.unlinked:
                raise GraphError(100, 33)
            if any(name in ("text", "parent_id") for name, _inner in fields):
                raise GraphError(100)  # a post has no such field
            return self._some(self.media_row(post), {name for name, _ in fields})
        return self._row(self._comment(node), fields)

    def _page(self, fields) -> dict:
        found = {"id": self.page}
        for name, inner in fields:
            if name == "name":
                found["name"] = "Acme"
            if name == "instagram_business_account" and not self.unlinked:
                wanted = {one for one, _inner in fields_of(inner)}
                found[name] = self._some(self._profile(self.own), wanted)
        return found

    def _profile(self, own: str) -> dict:
        return {
            "id": own,
            "user_id": self.own,
            "username": self.handle,
            "name": "Acme",
            "profile_picture_url": f"{self.url}/acme.jpg",
        }

    def _account(self, node, fields) -> dict:
        own = self.own if self.login == "facebook" else self.scoped
        wanted = {name for name, _inner in fields}
        found = self._some(self._profile(own), wanted)
        if self.login == "facebook":
            found.pop("user_id", None)
        for name, inner in fields:
            asked = MENTIONED.fullmatch(name)
            if asked and self.login == "facebook":
                kind = asked[1].partition(".")[0]
                found[kind] = self._mentioned(kind, asked[2], inner)
            elif asked:
                raise GraphError(100)
        return found

    def _mentioned(self, kind: str, ref: str, inner: str) -> dict:
        fields = fields_of(inner)
        if kind == "mentioned_media":
            post = self.posts.get(ref)
            if not post or post.deleted or not self.named_in(None, post):
                raise GraphError(100, 33)
            return self._some(self.media_row(post), {name for name, _ in fields})
        one = self.comments.get(ref)
        if not one or self.is_gone(one) or not self.named_in(one, None):
            raise GraphError(100, 33)
        row = self._row(one, fields)
        # who wrote it is told by name only, and where no more than this
        row.pop("from", None)
        if "media" in row:
            row["media"] = self._some(row["media"], {"permalink"})
        return row

    @route("POST", VERSION + r"/")
    def batch(self, call: Call) -> Answer:
        asked = json.loads(dict(call.form())["batch"])
        if not 0 < len(asked) <= 50 or self.login != "facebook":
            raise GraphError(100)
        rows = []
        for one in asked:
            parts = urlsplit(one["relative_url"])
            query = dict(parse_qsl(parts.query))
            try:
                answer = Answer(self._read(parts.path, query.get("fields", "id")))
            except GraphError as error:
                answer = error.answer
            body = json.dumps(answer.body)
            rows.append({"code": answer.status, "body": body})
        return Answer(rows)

    # --- saying ---------------------------------------------------------------
    def _text(self, call: Call) -> str:
        text = dict(call.form()).get("message", "")
        tags = len(MINE.findall(text))
        if not text.strip() or len(text) > MAX_TEXT or tags > MAX_TAGS:
            raise GraphError(100)
        return text

    def _say(self, text: str, post: Post, parent=None) -> Answer:
        one = self.comment(None, text, post, parent, by_app=True)
        return Answer({"id": one.id})

    @route("POST", NODE + r"/comments")
    def comment_on(self, call: Call) -> Answer:
        return self._say(self._text(call), self._own_media(call))

    @route("POST", NODE + r"/replies")
    def reply_to(self, call: Call) -> Answer:
        above = self._comment(call.params["node"])
        return self._say(self._text(call), above.post, above)

    @route("POST", NODE + r"/mentions")
    def answer_mention(self, call: Call) -> Answer:
        if not self._is_us(call.params["node"]) or self.login != "facebook":
            raise GraphError(100, 33)
        form = dict(call.form())
        post = self.posts.get(form.get("media_id", ""))
        above = self.comments.get(form.get("comment_id", ""))
        if not post or (form.get("comment_id") and not above):
            raise GraphError(100, 33)
        if not self.named_in(above, post) or (above and above.post is not post):
            raise GraphError(100)
        return self._say(self._text(call), post, above)

    @route("POST", NODE)
    def change_one(self, call: Call) -> Answer:
        one = self._comment(call.params["node"])
        hide = dict(call.form()).get("hide")
        if hide not in ("true", "false") or one.person is None:
            raise GraphError(100)
        one.hidden = hide == "true"
        return Answer({"success": True})

    @route("DELETE", NODE)
    def delete_one(self, call: Call) -> Answer:
        self._comment(call.params["node"]).deleted = True
        return Answer({"success": True})

    def public_of(self, inbox, kind: str, ref: str) -> dict | None:
        one = self.comments.get(ref)
        if kind != "comment" or not one or self.is_gone(one) or one.post.owner:
            return None
        if one.post.kind == "LIVE" and not one.post.live:
            return None  # the broadcast is over
        return super().public_of(inbox, kind, ref)

    def me_of(self, call: Call) -> str:
        return self.inbox.node


class InstagramHarness:
    """What the contract suite needs to try any adapter against this server."""

    code = "instagram"
    login = "facebook"
    publish_path = r"/[0-9]+/(messages|replies|comments|mentions)\Z"
    webhook_setting = "app_secret"

    def simulator(self):
        return InstagramSimulator(self.login)

    def settings(self, sim) -> dict:
        return {
            "base_url": sim.url,
            "app_id": sim.app_id,
            "app_secret": sim.app_secret,
            "access_token": sim.token,
            "login": sim.login,
            "page_id": sim.page if sim.login == "facebook" else "",
        }

    @staticmethod
    def customer(sim):
        return next(iter(sim.inbox.people.values()), None) or sim.add_customer("Jo")

    def customer_says(self, sim, text, audience="public", reply_to=None) -> str:
        person = self.customer(sim)
        if audience == "private":
            return f"{sim.own}:{sim.write(person, text).mid}"
        return sim.comment(person, text, parent=sim.comments.get(reply_to or "")).id

    @staticmethod
    def customer_edits(sim, key, text):
        sim.comments[key].text = text

    @staticmethod
    def customer_deletes(sim, key):
        sim.comments[key].deleted = True

    def deliveries(self, sim) -> list[bytes]:
        """Bodies of all that was ever said: the network delivers again for days."""
        return [sim.request(one)[2] for one in sim.queue]

    @staticmethod
    def published(sim) -> list[dict]:
        """What customers can see of ours, oldest first."""
        public = [
            {
                "key": one.id,
                "text": one.text,
                "audience": "public",
                "reply_to": one.parent.id if one.parent else one.post.id,
            }
            for one in sim.said_in_public()
        ]
        private = [
            {**one, "key": f"{sim.own}:{one['key']}"}
            for one in sim.published_messages()
        ]
        return public + private

    def webhook(self, sim, secret):
        """(headers, query, raw bytes) of a genuine delivery."""
        sim.comment(self.customer(sim), "Hello from a webhook é")
        return sim.request(sim.queue[-1], secret)


class InstagramLoginHarness(InstagramHarness):
    """The same account by the other way to sign in."""

    login = "instagram"
