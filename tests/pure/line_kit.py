"""What the LINE tests share: an adapter on a simulator, and short words."""

from contract_kit import Link, answer, facts_of  # noqa: F401
from simulators.line import LineHarness, LineSimulator

from networks import items


def connect(sim: LineSimulator, **changes):
    """An adapter as the model makes one, after a successful check."""
    link = Link(LineHarness(), sim)
    return link.connect(**changes) if changes else link.adapter


def meant(adapter, sim, *events) -> list:
    """What a delivery of these events (default: all that waits) means, one by one."""
    events = events or tuple(sim.queue)
    sim.queue.clear()
    return [adapter.parse(one) for one in adapter.split(sim.request(*events)[2])]


def heard(adapter, sim, *args, **kwargs) -> items.Incoming:
    """Somebody says something; the message it becomes."""
    who = next(iter(sim.people), None) or sim.add_person()
    sim.queue.clear()
    sim.say(who, *args, **kwargs)
    [found] = meant(adapter, sim)
    assert isinstance(found, items.Incoming)
    return found
