"""What the Facebook tests share: an adapter on a simulator, and short words."""

from contract_kit import Link, answer, facts_of, linked  # noqa: F401
from simulators.facebook import FacebookHarness, FacebookSimulator

from networks import items
from networks.facebook import FacebookAdapter

PNG = b"\x89PNG\r\n\x1a\n small"


def connect(sim: FacebookSimulator, **changes) -> FacebookAdapter:
    """An adapter as the model makes one, after a successful check."""
    link = Link(FacebookHarness(), sim)
    return link.connect(**changes) if changes else link.adapter


def pushed(adapter, sim, *payloads) -> list:
    """What deliveries mean, item by item, through their bytes."""
    found = []
    for payload in payloads or sim.queue:
        _headers, _query, raw = sim.request(payload)
        found += [adapter.parse(one) for one in adapter.split(raw)]
    return found


def heard(adapter, sim, text="My lamp broke", above=None, **more) -> items.Incoming:
    """Somebody comments; the message it becomes when it is pushed."""
    jo = FacebookHarness.customer(sim)
    above = above or sim.any_post()
    sim.queue.clear()
    sim.comment(jo, text, above, **more)
    [found] = pushed(adapter, sim)
    assert isinstance(found, items.Incoming)
    return found


def pulled(adapter, stream, cursors, since, pages=60) -> list:
    """Raw items of one round of a stream."""
    found = []
    for _page in range(pages):
        page = adapter.fetch(stream, cursors.get(stream, ""), since)
        found += page.items
        cursors[stream] = page.cursor
        if not page.more:
            return found
    raise AssertionError("the round never ends")


def said(adapter, raw) -> list[str]:
    """Texts of the messages among raw items."""
    parsed = map(adapter.parse, raw)
    return [one.text for one in parsed if isinstance(one, items.Incoming)]


def afforded(adapter, one, **values) -> dict:
    return {it.kind: it for it in adapter.affordances(facts_of(one, **values))}
