"""How the contract suite reaches each network: adapter, fake server, harness.

A new network is added to ``HARNESSES`` and nothing else changes; one from another
addon brings its harness along, see ``outside``.
"""

from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import outside
from simulators.bluesky import BlueskyHarness
from simulators.facebook import FacebookHarness
from simulators.instagram import InstagramHarness
from simulators.line import LineHarness
from simulators.mastodon import MastodonHarness
from simulators.own_page import PageHarness
from simulators.sandbox import SandboxHarness
from simulators.telegram import TelegramHarness
from simulators.whatsapp import WhatsAppHarness
from simulators.x import XHarness

from networks import base, items, registry, transport

HARNESSES = [
    BlueskyHarness(),
    MastodonHarness(),
    TelegramHarness(),
    XHarness(),
    WhatsAppHarness(),
    FacebookHarness(),
    InstagramHarness(),
    LineHarness(),
    SandboxHarness(),
    PageHarness(),
    *outside.harnesses(),
]
#: what signing in gives, secret as well
TOKENS = ("access_token", "refresh_token")
#: audience -> the capability that answering it needs
REPLIES = {
    "public": "reply_public",
    "group": "reply_group",
    "private": "reply_private",
}


def adapter_of(harness) -> type[base.Adapter]:
    """What is tried: found by its code, unless it is from another addon."""
    brought = getattr(harness, "adapter_class", None)
    return brought or registry.adapters()[harness.code]


class Link:
    """One adapter connected to one fake server."""

    def __init__(self, harness, sim):
        self.harness, self.sim = harness, sim
        # a fake server may have a clock of its own, as a callable
        clock = getattr(sim, "now", None)
        self.now = clock if callable(clock) else lambda: datetime.now(timezone.utc)
        self.since = self.now() - timedelta(days=7)
        self.adapter_class = adapter_of(harness)
        self.facts = {}
        self.adapter = self.connect()
        self.profile = self.adapter.check()
        self.facts = dict(self.profile.facts)
        self.adapter = self.connect()

    def connect(self, **changes):
        settings = {
            one.key: one.default for one in self.adapter_class.settings_spec
        } | {**self.harness.settings(self.sim), **changes}
        return self.adapter_class(settings, self.line(settings), self.now, self.facts)

    def line(self, settings):
        if hasattr(self.harness, "transport"):
            return self.harness.transport(self.sim)
        return transport.Transport(
            self.sim.url,
            hosts=self.adapter_class.hosts,
            secrets=[
                settings[key]
                for key in (*TOKENS, *(one.key for one in self.secrets()))
                if key in settings
            ],
            allow_private=True,
            rate_headers=self.adapter_class.rate_headers,
        )

    def secrets(self):
        return [one for one in self.adapter_class.settings_spec if one.secret]

    @property
    def speaks_http(self):
        return not hasattr(self.harness, "transport")

    def read(self, cursors=None, pages=50):
        """Everything new since ``cursors`` (updated in place): raw items.

        What was there before is left out, as the journal does: where a network is late
        with what it lists, the same is read again.
        """
        cursors = {} if cursors is None else cursors
        found, journal = [], cursors.setdefault("journal", set())
        for stream in self.adapter.streams:
            for _page in range(pages):
                page = self.adapter.fetch(stream, cursors.get(stream, ""), self.since)
                found += page.items
                cursors[stream] = page.cursor
                if not page.more:
                    break
            else:
                raise AssertionError("the stream never ends")
        found = [one for one in found if (one.key, one.revision) not in journal]
        journal.update((one.key, one.revision) for one in found)
        # what only comes by itself
        pushed = getattr(self.harness, "pushed", lambda sim: ())(self.sim)
        return found + [items.RawItem(key, data) for key, data in pushed]

    def messages(self, cursors=None):
        """Incoming messages by key, the newest revision of each."""
        found = {}
        for item in self.read(cursors):
            one = self.adapter.parse(item)
            if type(one).__name__ == "Incoming":
                have = found.get(one.key)
                if have is None or one.revision >= have.revision:
                    found[one.key] = one
        return found

    def hears(self, text="My lamp broke", audience=None, cursors=None):
        """A customer says something and we read it: the ``Incoming``."""
        audience = audience or self.audiences()[0]
        key = self.harness.customer_says(self.sim, text, audience)
        return self.messages(cursors)[key]

    def audiences(self):
        return [one for one, needs in REPLIES.items() if self.adapter_class.can(needs)]

    def published(self):
        return self.harness.published(self.sim)


@contextmanager
def linked(harness):
    with harness.simulator() as sim:
        yield Link(harness, sim)


def answer(one, text="We are looking into it", **values):
    """A draft that answers an incoming message in its own audience."""
    target = items.Target(
        key=one.key,
        ref=one.ref or one.key,
        author=one.author,
        audience=one.audience,
        thread=one.thread,
        text=one.text,
        language=one.language,
        warning=one.warning,
        sent_at=one.sent_at,
        mentions=one.mentions,
        extra=one.extra,
    )
    return items.Draft(
        **{
            "text": text,
            "audience": one.audience,
            "target": target,
            "to": one.author if one.audience == "private" else None,
            "thread": one.thread if one.audience != "public" else "",
            **values,
        }
    )


def facts_of(one: items.Incoming, **values) -> items.MessageFacts:
    """What the model would know of a message somebody just said."""
    return items.MessageFacts(
        **{
            "audience": one.audience,
            "own": False,
            "ref": one.ref,
            "thread": one.thread,
            "author": one.author,
            "sent_at": one.sent_at,
            "last_inbound_at": one.sent_at,
            "extra": one.extra,
            **values,
        }
    )
