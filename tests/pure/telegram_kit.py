"""What the Telegram tests share: an adapter on a simulator, and short words."""

from datetime import datetime, timezone

from simulators.telegram import TelegramHarness

from networks import items
from networks.telegram import TelegramAdapter
from networks.transport import Transport

LONG_AGO = datetime(2026, 1, 1, tzinfo=timezone.utc)
PNG = b"\x89PNG\r\n\x1a\n small"


def connect(sim, facts=None, deadline=5, **settings):
    """An adapter as the model makes one; without ``facts`` it asks for them."""
    settings = {"token": sim.token, "base_url": sim.url, **settings}
    secrets = [settings["token"], settings.get("webhook_secret", "")]
    line = Transport(sim.url, secrets=secrets, allow_private=True, deadline=deadline)

    def now():
        return datetime.fromtimestamp(sim.now, timezone.utc)

    if facts is None:
        facts = TelegramAdapter(settings, line, now).check().facts
        # as after any first pull: from now on reactions are told too
        sim.allowed = None
    return TelegramAdapter(settings, line, now, facts)


def pull(adapter, cursor=""):
    return adapter.fetch("updates", cursor, LONG_AGO)


def read(adapter, cursor=""):
    """Everything that waits, parsed, without the context."""
    page = pull(adapter, cursor)
    found = [item for item in page.items if not item.key.startswith("context:")]
    return [adapter.parse(item) for item in found]


def key_of(sim, spot: str) -> str:
    """The key of the message that the simulator calls ``chat:message``."""
    return TelegramHarness.key(sim, spot)


def answer_to(said: items.Incoming, text="Hello", **kwargs) -> items.Draft:
    """A draft that answers ``said`` where it was said."""
    target = items.Target(
        key=said.key,
        ref=said.ref,
        author=said.author,
        audience=said.audience,
        thread=said.thread,
        text=said.text,
        sent_at=said.sent_at,
        extra=said.extra,
    )
    draft = {"audience": said.audience, "target": target, **kwargs}
    if draft["audience"] == items.PRIVATE and said.audience == items.PRIVATE:
        draft.setdefault("thread", said.thread)
    return items.Draft(text=text, **draft)
