"""A fake Mastodon server: posts, notifications, and customers who write.

Written from the fact sheet route by route (§3-§7, §10), never from the adapter. Our
side of it is HTTP; the customers' side is plain methods (``add_account``, ``post``,
``edit``, ``delete``). ``mastodon_snac2`` is the server that behaves otherwise.
"""

from .mastodon_server import TRUE
from .mastodon_statuses import MastodonStatuses
from .mastodon_view import conversations, notification_json, stamp
from .mastodon_world import Account, Status
from .server import Answer, Call, route


class MastodonSimulator(MastodonStatuses):
    """One server, ``us.example``, with our account @acme on it.

    :param no_keys: forgets Idempotency-Key, as some forks do, and says so in its
        version
    :param ulid: ids as on GoToSocial
    """

    def __init__(self, no_keys=False, ulid=False, **kwargs):
        super().__init__(ulid=ulid, **kwargs)
        self.idempotent = not no_keys
        if ulid:
            self.version = "0.17.3+git-8a29a1c"
        if no_keys:
            self.version = "3.5.3 (compatible; Forgetful 0.12.4)"
        self.brand = self.add_account("acme", "Acme Ltd")
        self.brand_token = self.token_for(self.brand)
        self.signed_in = self.brand

    # --- what customers do ----------------------------------------------------
    def add_account(self, acct: str, name: str = "", **kwargs) -> Account:
        """``acct`` with a domain lives elsewhere; without one, on this server."""
        with self.lock:
            return self.world.add_account(acct, name, **kwargs)

    def post(
        self,
        author: Account | str,
        text: str,
        visibility="public",
        in_reply_to: Status | str | None = None,
        media=(),
        spoiler="",
        language="en",
        **kwargs,
    ) -> Status:
        """A customer writes. ``media``: (mime, name, bytes[, description]) tuples.

        ``at`` back-dates it, ``deliver=False`` keeps the notification back until
        ``world.deliver()``: federation is slow and out of order.
        """
        with self.lock:
            author = self._person(author)
            ids = [
                self.add_medium(author, mime.split("/")[0], mime, name, data, *rest).id
                for mime, name, data, *rest in media
            ]
            parent = self.find(in_reply_to) if in_reply_to else None
            return self.world.publish(
                author, text, visibility, parent, ids, spoiler, language, **kwargs
            )

    def edit(self, status: Status | str, text: str, **kwargs):
        with self.lock:
            self.world.edit(self.find(status), text, **kwargs)

    def delete(self, status: Status | str):
        with self.lock:
            self.world.delete(self.find(status))

    def like(self, account: Account | str, status: Status | str):
        with self.lock:
            account, status = self._person(account), self.find(status)
            status.likes.add(account.id)
            self.world.notify(status.author, "favourite", account, status)

    def find(self, what: Status | str) -> Status:
        """By object, id, uri or url."""
        if isinstance(what, Status):
            return what
        for status in self.world.statuses.values():
            if what in (status.id, status.uri, status.url):
                return status
        raise KeyError(what)

    def _person(self, who: Account | str) -> Account:
        return who if isinstance(who, Account) else self.world.account(who)

    # --- notifications --------------------------------------------------------
    def inbox(self, owner: Account, params: dict) -> list:
        types, without = params.get("types") or [], params.get("exclude_types") or []
        return [
            one
            for one in self.world.notifications
            if one.to == owner.id
            and (not types or one.kind in types)
            and one.kind not in without
            and (not one.filtered or params.get("include_filtered") in TRUE)
            and params.get("account_id") in (None, one.by)
        ]

    @route("GET", "/api/v1/notifications")
    def get_notifications(self, call: Call) -> Answer:
        owner = self.need(call, "read:notifications")
        found = self.inbox(owner, self.params(call))
        return self.page(
            call,
            found,
            40,
            80,
            lambda one: notification_json(self.world, one, owner, self.url),
        )

    @route("GET", "/api/v1/notifications/requests")
    def get_requests(self, call: Call) -> Answer:
        owner = self.need(call, "read:notifications")
        requests = {}
        for one in self.world.notifications:
            if one.to == owner.id and one.filtered:
                count, _last = requests.get(one.by, (0, None))
                requests[one.by] = (count + 1, one)
        found = [
            {
                "id": by,
                "created_at": stamp(last.at),
                "updated_at": stamp(last.at),
                "notifications_count": str(count),
                "account": self.show_account(self.world.accounts[by]),
            }
            for by, (count, last) in requests.items()
        ]
        return Answer(found)

    @route("POST", r"/api/v1/notifications/requests/(?P<id>[^/]+)/(?P<verb>\w+)")
    def settle_request(self, call: Call) -> Answer:
        owner = self.need(call, "write:notifications")
        for one in [*self.world.notifications]:
            if (one.to, one.by) == (owner.id, call.params["id"]) and one.filtered:
                if call.params["verb"] == "accept":
                    self.world.accepted.add((owner.id, one.by))
                    one.filtered = False
                else:
                    self.world.notifications.remove(one)
        return Answer({})

    @route("GET", "/api/v2/notifications/policy")
    def get_policy(self, call: Call) -> Answer:
        return Answer(self._policy(self.need(call, "read:notifications")))

    @route("PATCH", "/api/v2/notifications/policy")
    def set_policy(self, call: Call) -> Answer:
        owner = self.need(call, "write:notifications")
        for key, value in self.params(call).items():
            if key.startswith("for_"):
                owner.policy[key] = value
        return Answer(self._policy(owner))

    def _policy(self, owner: Account) -> dict:
        filtered = [
            one.by
            for one in self.world.notifications
            if one.to == owner.id and one.filtered
        ]
        return {
            "for_not_following": "accept",
            "for_not_followers": "accept",
            "for_new_accounts": "accept",
            "for_private_mentions": "filter",
            "for_limited_accounts": "filter",
            **owner.policy,
            "summary": {
                "pending_requests_count": len(set(filtered)),
                "pending_notifications_count": len(filtered),
            },
        }

    # --- conversations --------------------------------------------------------
    @route("GET", "/api/v1/conversations")
    def get_conversations(self, call: Call) -> Answer:
        viewer = self.need(call, "read:statuses")
        found = {
            statuses[-1].id: (statuses[-1], others)
            for others, statuses in conversations(self.world, viewer)
        }

        def show(last):
            others = found[last.id][1]
            return {
                "id": last.id,
                "unread": True,
                "accounts": [self.show_account(self.world.accounts[o]) for o in others],
                "last_status": self.show_status(last, viewer),
            }

        return self.page(call, [last for last, _o in found.values()], 20, 40, show)


class MastodonHarness:
    """What the generic contract suite needs to play a customer on this network."""

    code = "mastodon"
    simulator = MastodonSimulator
    publish_path = r"/api/v1/statuses\Z"
    #: audience -> visibility that a customer would choose
    visibility = {"public": "public", "group": "direct", "private": "direct"}

    @staticmethod
    def settings(sim: MastodonSimulator) -> dict:
        return {"base_url": sim.url, "access_token": sim.brand_token}

    @staticmethod
    def customer(sim: MastodonSimulator) -> Account:
        return sim.world.account("jo@other.example") or sim.add_account(
            "jo@other.example", "Jo"
        )

    def customer_says(self, sim, text, audience="public", reply_to=None) -> str:
        """Names us where the text does not; returns the message's key."""
        if "@acme" not in text:
            text = f"@acme {text}"
        if audience == "group":
            friend = "max@third.example"
            sim.world.account(friend) or sim.add_account(friend, "Max")
            text = f"{text} @{friend}"
        return sim.post(
            self.customer(sim), text, self.visibility[audience], reply_to
        ).uri

    @staticmethod
    def customer_edits(sim, key: str, text: str):
        sim.edit(key, text if "@acme" in text else f"@acme {text}")

    @staticmethod
    def customer_deletes(sim, key: str):
        sim.delete(key)

    @staticmethod
    def blocked(sim) -> list[str]:
        """Addresses of the people whom our account blocks."""
        return sorted(sim.world.accounts[one].uri for one in sim.brand.blocks)

    def published(self, sim) -> list[dict]:
        """What customers can see of ours, oldest first."""
        found = []
        for status in sim.world.statuses.values():
            others = set(status.mentions) - {sim.brand.id}
            if status.author != sim.brand.id:
                continue
            if status.visibility == "direct" and not others:
                continue  # nobody but us can read it
            audience = {"public": "public", "unlisted": "public", "private": "group"}
            parent = sim.world.statuses.get(status.parent)
            found.append(
                {
                    "key": status.uri,
                    "text": status.now.text,
                    "audience": audience.get(
                        status.visibility, "private" if len(others) == 1 else "group"
                    ),
                    "reply_to": parent.uri if parent else "",
                    "media": list(status.now.media),
                    "at": status.created_at,
                }
            )
        return found
