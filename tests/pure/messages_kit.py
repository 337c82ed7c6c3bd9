"""What the tests of Messenger and Instagram messages share: a bare adapter on each.

The adapters have nothing but what the networks add to the shared half: which platform,
how it counts, what it takes. It is tried here without either network's public side.
"""

from datetime import timedelta

from simulators.meta_messages import MetaMessages

from networks import items
from networks.meta_graph_messages import GraphMessages
from networks.meta_graph_push import entries
from networks.text import count_bytes
from networks.transport import Transport

PNG = b"\x89PNG\r\n\x1a\n small"
PAGE, ACCOUNT = "370111222333444", "17841400000000001"
MB = 1024 * 1024


class Messenger(GraphMessages):
    """As the network Facebook uses it."""

    code = "messenger-test"
    object = "page"


class Instagram(GraphMessages):
    """As the network Instagram uses it (§5)."""

    code = "instagram-test"
    object = "instagram"
    message_platform = "instagram"
    message_limit = 1000
    message_count = staticmethod(count_bytes)
    message_types = ("image/png", "image/jpeg", "video", "audio", "application/pdf")
    message_sizes = {"image": 8 * MB, "video": 25 * MB, "audio": 25 * MB}
    message_fields = "story,is_unsupported"
    message_profile_fields = "name,username,profile_pic,is_verified_user"


KINDS = {"messenger": (Messenger, PAGE), "instagram": (Instagram, ACCOUNT)}


class Desk:
    """A simulator, an adapter on it, and short words for what tests do."""

    def __init__(self, platform: str, sim: MetaMessages, **settings):
        kind, self.own = KINDS[platform]
        self.platform, self.sim = platform, sim
        sim.add_inbox(self.own, platform)
        self.jo = sim.add_customer("Jo K")
        self.settings = {
            "app_id": sim.app_id,
            "app_secret": sim.app_secret,
            "access_token": sim.token,
            "base_url": sim.url,
            **settings,
        }
        transport = Transport(
            sim.url, now=sim.now, allow_private=True, secrets=(sim.token,)
        )
        self.adapter = kind(self.settings, transport, sim.now, {"id": self.own})

    # --- in -------------------------------------------------------------------
    def raw(self, *payloads) -> list:
        """Raw items of deliveries, through their bytes."""
        found = []
        for payload in payloads or self.sim.queue:
            _headers, _query, raw = self.sim.request(payload)
            for entry in entries(raw, self.adapter.object):
                found += self.adapter.message_items(entry, self.own)
        return found

    def pushed(self, *payloads) -> list:
        return [self.adapter.message_parse(one) for one in self.raw(*payloads)]

    def pulled(self, cursor="", since=None, pages=50) -> tuple[list, str]:
        """(everything of one round, the cursor after it)."""
        since, found = since or self.sim.now() - timedelta(days=7), []
        for _page in range(pages):
            page = self.adapter.fetch_messages("messages", cursor, since)
            found += page.items
            cursor = page.cursor
            assert page.closed is not page.more
            if not page.more:
                return found, cursor
        raise AssertionError("it never ends")

    def hears(self, *said, **more) -> items.Incoming:
        """Somebody writes; the message it becomes."""
        self.sim.queue.clear()
        self.sim.write(self.jo, *said, **more)
        [found] = self.pushed()
        assert isinstance(found, items.Incoming)
        return found

    # --- out ------------------------------------------------------------------
    def answer(self, one: items.Incoming, text="We are looking", **more) -> items.Draft:
        target = items.Target(
            key=one.key,
            ref=one.ref,
            author=one.author,
            audience=one.audience,
            thread=one.thread,
            sent_at=one.sent_at,
        )
        values = {
            "target": target,
            "to": one.author,
            "thread": one.thread,
            "last_inbound_at": one.sent_at,
            **more,
        }
        return items.Draft(text, items.PRIVATE, **values)

    def says(self, one: items.Incoming, text="We are looking", **more):
        draft = self.answer(one, text, **more)
        return self.adapter.message_publish(draft, "key:1")

    def facts(self, one: items.Incoming, **more) -> items.MessageFacts:
        values = {
            "audience": one.audience,
            "own": False,
            "ref": one.ref,
            "thread": one.thread,
            "author": one.author,
            "sent_at": one.sent_at,
            "last_inbound_at": one.sent_at,
            **more,
        }
        return items.MessageFacts(**values)
