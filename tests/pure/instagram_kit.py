"""What the Instagram tests share: an adapter on a simulator, and short words."""

from datetime import timedelta

from contract_kit import Link, answer, facts_of, linked  # noqa: F401
from simulators.instagram import (
    InstagramHarness,
    InstagramLoginHarness,
    InstagramSimulator,
)

from networks import items

BOTH = (InstagramHarness(), InstagramLoginHarness())


def connect(sim: InstagramSimulator, **changes):
    """An adapter as the model makes one, after a successful check."""
    link = Link(BOTH[sim.login == "instagram"], sim)
    return link.connect(**changes) if changes else link.adapter


def pushed(adapter, sim, *payloads) -> list:
    """What deliveries mean, item by item."""
    found = []
    for payload in payloads or sim.queue:
        _headers, _query, raw = sim.request(payload)
        found += [adapter.parse(one) for one in adapter.split(raw)]
    return found


def heard(adapter, sim, comment) -> items.Incoming:
    """The message that a comment becomes."""
    [found] = pushed(adapter, sim, sim.comment_payload(comment))
    assert isinstance(found, items.Incoming)
    return found


def everything(adapter, sim, stream="comments", cursors=None, days=7) -> dict:
    """All that a stream has new, parsed, by key."""
    cursors = {} if cursors is None else cursors
    found, since = {}, sim.now() - timedelta(days=days)
    for _page in range(200):
        page = adapter.fetch(stream, cursors.get(stream, ""), since)
        cursors[stream] = page.cursor
        for item in page.items:
            one = adapter.parse(item)
            found[one.key] = one
        if not page.more:
            return found
    raise AssertionError("the stream never ends")


def kinds(adapter, facts) -> dict:
    return {one.kind: one for one in adapter.affordances(facts)}


def calls(sim, pattern: str) -> list:
    return [one for one in sim.calls if pattern in f"{one.method} {one.path}"]
