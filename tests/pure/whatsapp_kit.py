"""What the WhatsApp tests share: an adapter on a simulator, and short words."""

from contract_kit import Link, answer, facts_of, linked  # noqa: F401
from simulators.whatsapp import WhatsAppHarness, WhatsAppSimulator

from networks import items
from networks.whatsapp import WhatsAppAdapter

PNG = b"\x89PNG\r\n\x1a\n small"


def connect(sim: WhatsAppSimulator) -> WhatsAppAdapter:
    """An adapter as the model makes one, after a successful check."""
    return Link(WhatsAppHarness(), sim).adapter


def pushed(adapter, *payloads, sim=None) -> list:
    """What a delivery means, item by item."""
    found = []
    for payload in payloads or sim.queue:
        _headers, _query, raw = WhatsAppSimulator.request(SIGNER, payload)
        found += [adapter.parse(one) for one in adapter.split(raw)]
    return found


class _Signer:
    app_secret = "any"


SIGNER = _Signer()


def heard(adapter, sim, *said, **kwargs) -> items.Incoming:
    """Somebody says something; the message it becomes."""
    jo = next(iter(sim.people.values()), None) or sim.add_person("Jo")
    sim.queue.clear()
    sim.say(jo, *said, **kwargs)
    [found] = pushed(adapter, sim=sim)
    assert isinstance(found, items.Incoming)
    return found
