"""A server that speaks Mastodon's API and behaves otherwise: snac2 2.96.

Each difference is a fact seen on the real server in November 2026 (running.md, "snac2",
and a probe of 2.96-1): it is here so that the fast tests know that the documentation
is not the reality.
"""

import html

from .mastodon import MastodonHarness, MastodonSimulator
from .mastodon_routes import ID
from .mastodon_view import medium_json, notification_json, stamp
from .mastodon_world import MENTION, Account, Refused, World, digest
from .server import Answer, Call, route


class ByHash(dict):
    """Posts by the hash in their id: the ten digits before it do not count."""

    def __setitem__(self, key, value):
        super().__setitem__(key[10:], value)

    def __getitem__(self, key):
        return super().__getitem__(key[10:])

    def __contains__(self, key):
        return super().__contains__(key[10:])

    def get(self, key, default=None):
        return super().get((key or "")[10:], default)

    def pop(self, key, default=None):
        return super().pop(key[10:], default)


class Snac2World(World):
    """Ids are hashes; a local actor lives at ``<base>/<user>`` with its port."""

    base = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.statuses = ByHash()

    def edit(self, status, *args, **kwargs):
        """The first ten digits of an id are the time of the last change."""
        super().edit(status, *args, **kwargs)
        at = int(status.edited_at.timestamp()) + 1
        status.id = f"{at:10d}{status.id[10:]}"

    def new_account_id(self, username: str, domain: str) -> str:
        return digest(f"{username}@{domain}")

    def add_account(self, acct, name="", **kwargs):
        account = super().add_account(acct, name, **kwargs)
        if account.local:
            account.uri = account.url = f"{self.base}/{account.username}"
            self.accounts[digest(account.uri)] = self.accounts.pop(account.id)
            account.id = digest(account.uri)
        return account

    def status_id(self, at):
        self._serial += 1
        return f"{int(at.timestamp()):10d}{digest(str(self._serial))}"

    def _verdict(self, owner, kind, by, status):
        return "accept"

    def redeliver(self):
        """Its queue may deliver a post again: a new notification, same post."""
        for one in [*self.notifications]:
            self._deliver(type(one)("", one.to, one.kind, one.by, one.status, one.at))


class Snac2Simulator(MastodonSimulator):
    """No Link header, no v2 instance, no keys, no length limit; HTML errors."""

    version = "4.0.0 (not true; really snac/2.96)"

    def __init__(self):
        super().__init__()
        self.idempotent = False

    def start(self, port: int = 0):
        super().start(port)
        host = self.url.split("//")[1]
        self.world = Snac2World(host, max_characters=0)
        self.world.base = self.url
        self.tokens.clear()
        self.brand = self.add_account("acme", "Acme Ltd")
        self.brand_token = self.token_for(self.brand)
        self.signed_in = self.brand
        return self

    __enter__ = start

    def refusal(self, refused: Refused, headers: dict) -> Answer:
        if refused.status == 404:
            return Answer("<h1>404 Not Found</h1>", 404)
        return Answer(b"", refused.status)

    def not_found(self, call: Call) -> Answer:
        return Answer("<h1>404 Not Found</h1>", 404)

    def _count(self, call: Call) -> dict:
        self._headers = {}
        return {}

    # --- what it does not have ------------------------------------------------
    instance = get_statuses = get_requests = get_policy = set_policy = None
    settle_request = get_history = verify_app = oauth_server = None

    def _parent(self, params, owner):
        """A parent that is gone is no error: the answer stands alone then."""
        parent = self.world.statuses.get(params.get("in_reply_to_id"))
        return parent if parent and self.world.may_see(parent, owner) else None

    def _check_text(self, text, spoiler, media):
        """Any length, even nothing at all."""

    @route("GET", "/api/v1/instance")
    def instance_v1(self, call: Call) -> Answer:
        statuses = {
            "max_characters": 100000,
            "max_media_attachments": 8,
            "characters_reserved_per_url": 32,
        }
        return Answer(
            {
                "uri": self.world.domain,
                "domain": self.world.domain,
                "title": self.world.domain,
                "version": self.version,
                "configuration": {"statuses": statuses},
            }
        )

    @route("GET", "/api/v1/conversations")
    def get_conversations(self, call: Call) -> Answer:
        return Answer([])

    # --- how it shows things --------------------------------------------------
    def show_account(self, account: Account) -> dict:
        return self._full(super().show_account(account))

    def _full(self, account: dict) -> dict:
        """The full ``acct`` for people who live here, too."""
        if "@" not in account["acct"]:
            account["acct"] = f"{account['acct']}@{self.world.domain}"
        return account

    def _status(self, shown: dict, viewer, text: str) -> dict:
        """We are not among the mentions, their ids are made up, some come twice."""
        self._full(shown["account"])
        ours = viewer.uri if viewer else ""
        others = [one for one in shown["mentions"] if one["url"] != ours]
        others += others[:1] if shown["in_reply_to_id"] else []
        shown["mentions"] = [
            {**self._full(one), "id": str(number), "username": one["acct"]}
            for number, one in enumerate(others)
        ]
        shown["content"] = self._markup(text)
        shown["language"] = "en"
        shown["created_at"] = shown["created_at"][:19] + ".000Z"
        if shown["edited_at"]:
            shown["edited_at"] = shown["edited_at"][:19] + ".000Z"
        return shown

    def _markup(self, text: str) -> str:
        def mention(match):
            name = f"{match[1]}@{match[2]}" if match[2] else match[1]
            account = self.world.account(name)
            if account is None:
                return match[0]
            acct = self._full({"acct": account.acct})["acct"]
            return (
                f'<span class="h-card"><a href="{account.url}" '
                f'class="u-url mention">@{acct}</a></span>'
            )

        return MENTION.sub(mention, html.escape(text)).replace("\n", "<br>") + "<br>"

    def show_status(self, status, viewer) -> dict:
        shown = super().show_status(status, viewer)
        return self._status(shown, viewer, status.now.text)

    @route("GET", "/api/v1/accounts/verify_credentials")
    def verify_credentials(self, call: Call) -> Answer:
        """The bare name here, the full one everywhere else; 422 for a bad token."""
        try:
            account = self.need(call, "read:accounts")
        except Refused:
            return Answer(b"", 422)
        shown = super().show_account(account)
        return Answer({**shown, "acct": account.username, "source": {}})

    @staticmethod
    def _newest(call: Call, things: list[dict]) -> Answer:
        """``max_id`` by position (unknown: nothing), no ``min_id``, no Link."""
        things, top = things[::-1], call.arg("max_id")
        if top:
            ids = [one["id"] for one in things]
            things = things[ids.index(top) + 1 :] if top in ids else []
        return Answer(things[: int(call.arg("limit") or 20)])

    @route("GET", f"/api/v1/accounts/{ID}/statuses")
    def account_statuses(self, call: Call) -> Answer:
        """Public and unlisted posts only."""
        account = self._account(call.params["id"])
        found = [
            self.show_status(one, account)
            for one in self.world.statuses.values()
            if one.author == account.id and one.visibility in ("public", "unlisted")
        ]
        return self._newest(call, found)

    @route("GET", "/api/v1/timelines/home")
    def home(self, call: Call) -> Answer:
        viewer = self.need(call, "read:statuses")
        found = [
            self.show_status(one, viewer)
            for one in self.world.statuses.values()
            if viewer.id == one.author
            or viewer.id in self.world.accounts[one.author].followers
        ]
        return self._newest(call, found)

    @route("POST", "/api/v[12]/media")
    def upload(self, call: Call) -> Answer:
        """Takes any kind of file and calls it an image."""
        owner = self.need(call, "write:media")
        _name, filename, mime, data = next(p for p in call.parts() if p[0] == "file")
        description = dict(call.form()).get("description", "")
        medium = self.add_medium(owner, "image", mime, filename, data, description)
        return Answer(medium_json(medium, self.url))

    # --- notifications --------------------------------------------------------
    @route("GET", "/api/v1/notifications")
    def get_notifications(self, call: Call) -> Answer:
        """One item without ``limit``; ``since_id`` means nothing; ``min_id`` stops
        there but starts at the newest, so a small limit skips; a ``max_id`` that is
        gone gives an empty page.
        """
        owner = self.need(call, "read:notifications")
        params = self.params(call)
        limit = int(params.get("limit") or 0) or 1
        found, top = [], params.get("max_id")
        for one in reversed(self.inbox(owner, params)):
            if top:
                top = None if one.id == top else top
                continue
            low = params.get("min_id")
            if len(found) == limit or (low and self.order(one.id) <= self.order(low)):
                break
            shown = notification_json(self.world, one, owner, self.url)
            shown["created_at"] = stamp(one.at)[:19] + "Z"
            self._full(shown["account"])
            if "status" in shown:
                text = self.world.statuses[one.status].now.text
                self._status(shown["status"], owner, text)
            found.append(shown)
        return Answer(found)


class Snac2Harness(MastodonHarness):
    """The same customers on the other server."""

    simulator = Snac2Simulator
