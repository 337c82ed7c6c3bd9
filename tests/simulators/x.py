"""A fake X: API v2, sign-in, webhooks, and customers who post and write.

Written from the fact sheet ``x`` route by route, never from the adapter. Our side of
it is HTTP; the customers' side is plain methods (``post``, ``edit``, ``dm`` …).
"""

import json
from datetime import datetime

from . import x_words
from .x_media import XMedia
from .x_messages import XMessages
from .x_push import XPush
from .x_world import Message, Post, User


class XSimulator(XPush, XMessages, XMedia):
    """One X with our account @acme, whose app it is.

    ``sim.tokens_of(user)`` and ``sim.keys_of(user)`` are all that a client needs.
    :param enterprise: the app is exempt from the rules of the self-serve tiers
    """

    def __init__(self, enterprise=False):
        super().__init__()
        self.brand = self.add_user("acme", "Acme Ltd", verified_type="business")
        self.app = self.make_app(self.brand, enterprise=enterprise)
        self.signed_in = self.brand
        self.granted = self.grant(self.app, self.brand)
        self.brand_token = self.granted["access_token"]
        self.brand_refresh = self.granted["refresh_token"]
        self.brand_keys = self.sign_keys(self.app, self.brand)

    # --- what customers do ----------------------------------------------------
    def add_user(self, username: str, name: str = "", **kwargs) -> User:
        with self.lock:
            return self.world.add_user(username.lstrip("@"), name, **kwargs)

    def post(
        self,
        author: User | str,
        text: str,
        reply_to: Post | str | None = None,
        quote: Post | str | None = None,
        media=(),
        at: datetime | None = None,
        name_parent: bool = True,
        **kwargs,
    ) -> Post:
        """A customer posts. ``media``: (mime, bytes[, alt]) tuples.

        X puts the names of the parent's author and of those he named before a reply;
        ``name_parent=False``: the customer took them out. ``at`` back-dates it,
        ``indexed=False`` keeps it from every timeline until ``index``.
        """
        with self.lock:
            author = self._person(author)
            parent = self.find(reply_to) if reply_to else None
            quoted = self.find(quote) if quote else None
            whole = text
            if parent and name_parent:
                said = {one.lower() for one in x_words.handles(text)}
                names = self.world.leading(author, parent).split()
                missing = [name for name in names if name[1:].lower() not in said]
                whole = " ".join([*missing, text])
            keys = [self._file(author, *one).key for one in media]
            return self.world.publish(
                author, whole, parent, quoted, keys, at, typed=text, **kwargs
            )

    def _file(self, author, mime, data, alt="", where="tweet"):
        name = {"video/mp4": "video", "image/gif": "gif"}.get(mime, "image")
        return self.add_medium(author, mime, data, f"{where}_{name}", alt)

    def index(self, post: Post | str):
        """What was late appears in the timelines, under its old id (§3)."""
        with self.lock:
            post = self.find(post)
            post.indexed = True
            self.world.tell("post", post=post)

    def edit(self, post: Post | str, text: str) -> Post:
        with self.lock:
            chain = self.find(post).chain
            return self.world.edit(self.world.posts[chain[-1]], text)

    def delete(self, post: Post | str):
        with self.lock:
            self.world.delete(self.find(post))

    def dm(
        self,
        author: User | str,
        text: str = "",
        to: User | str | None = None,
        group=(),
        media=(),
        **kwargs,
    ) -> Message:
        """A private message to us (or ``to``); with ``group`` to all of them too."""
        with self.lock:
            author = self._person(author)
            other = self._person(to) if to else self.brand
            keys = [self._file(author, *one, where="dm").key for one in media]
            if group:
                people = [self._person(one).id for one in group]
                conversation = self._group(author.id, other.id, *people)
            else:
                conversation = self.world.conversation(author.id, other.id)
            message = self.world.say(
                conversation, author.id, text, media=keys, **kwargs
            )
            if author.encrypted:
                self.sealed.add(message.id)
            return message

    def _group(self, *people):
        for one in self.world.conversations.values():
            if one.group and set(one.people) == set(people):
                return one
        return self.world.group(*people)

    def joins(self, conversation: str, *people: User):
        """Somebody is added to a group."""
        with self.lock:
            one, numbers = self.world.conversations[conversation], []
            numbers = [person.id for person in people]
            one.people += numbers
            return self.world.say(
                one, numbers[0], kind="ParticipantsJoin", people=numbers
            )

    def find(self, what: Post | str) -> Post:
        return what if isinstance(what, Post) else self.world.posts[what]

    def _person(self, who: User | str) -> User:
        if isinstance(who, User):
            return who
        return self.world.users.get(who) or self.world.user(who)

    def tokens_of(self, user: User, **kwargs) -> dict:
        with self.lock:
            return self.grant(self.app, user, **kwargs)


class XHarness:
    """What the generic contract suite needs to play a customer on this network."""

    code = "x"
    simulator = XSimulator
    publish_path = r"/2/(tweets|dm_conversations/.*messages)\Z"
    #: the name of the setting that signs deliveries
    webhook_setting = "consumer_secret"

    @staticmethod
    def settings(sim: XSimulator) -> dict:
        return {
            "base_url": sim.url,
            "consumer_key": sim.app.consumer_key,
            "consumer_secret": sim.app.consumer_secret,
            "client_id": sim.app.client_id,
            "client_secret": sim.app.client_secret,
            "access_token": sim.brand_token,
            "refresh_token": sim.brand_refresh,
        }

    @staticmethod
    def customer(sim: XSimulator) -> User:
        return sim.world.user("jo_k") or sim.add_user("jo_k", "Jo")

    def customer_says(self, sim, text, audience="public", reply_to=None) -> str:
        """Names us where the text does not; returns the message's key."""
        jo = self.customer(sim)
        if audience == "public":
            if "@acme" not in text and not reply_to:
                text = f"@acme {text}"
            return sim.post(jo, text, reply_to or None).id
        friend = sim.world.user("max") or sim.add_user("max", "Max")
        said = sim.dm(jo, text, group=[friend] if audience == "group" else ())
        return f"dm:{said.id}"

    @staticmethod
    def customer_edits(sim, key: str, text: str):
        sim.edit(key, text if "@acme" in text else f"@acme {text}")

    @staticmethod
    def customer_deletes(sim, key: str):
        sim.delete(key)

    @staticmethod
    def allow_likes(sim):
        """Likes exist in the enterprise plan only."""
        sim.app.enterprise = True

    @staticmethod
    def blocked(sim) -> list[str]:
        return sorted(sim.brand.dm_blocks)

    @staticmethod
    def published(sim) -> list[dict]:
        """What customers can see of ours, oldest first."""
        found = []
        for post in sim.world.posts.values():
            if post.author == sim.brand.id and sim.world.latest(post):
                parent = sim.world.posts.get(post.parent)
                found.append(
                    {
                        "key": post.chain[0],
                        "text": post.text,
                        "audience": "public",
                        "reply_to": parent.chain[0] if parent else "",
                        "media": list(post.media),
                        "at": post.created_at,
                    }
                )
        for message in sim.world.messages.values():
            if message.sender != sim.brand.id or message.deleted_for:
                continue
            group = sim.world.conversations[message.conversation].group
            found.append(
                {
                    "key": f"dm:{message.id}",
                    "text": message.text,
                    "audience": "group" if group else "private",
                    "reply_to": "",
                    "media": list(message.media),
                    "at": message.created_at,
                }
            )
        return sorted(found, key=lambda one: one["at"])

    @staticmethod
    def takes_access_back(sim) -> bytes:
        """The body of the delivery that says so."""
        from . import x_events

        [(event, whose, payload, _includes)] = sim._activities(
            "revoke", None, None, sim.brand
        )
        return json.dumps(x_events.activity(event, whose, payload)).encode()

    def webhook(self, sim, secret):
        """(headers, query, raw bytes) of a genuine delivery."""
        from . import x_events

        post = sim.find(self.customer_says(sim, "Hello from a webhook"))
        payload, includes = x_events.post_payload(sim.world, sim.url, post)
        body = x_events.activity(
            "post.mention.create", sim.brand.id, payload, includes, "helpdesk"
        )
        return sim.request(body, secret)
