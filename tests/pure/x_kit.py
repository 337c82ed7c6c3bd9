"""A connected X adapter and its fake server, for the tests that are unkind to them."""

import dataclasses
from contextlib import contextmanager

from contract_kit import Link, answer
from simulators.x import XHarness, XSimulator

from networks import items


@contextmanager
def x_link(**kwargs):
    with XSimulator(**kwargs) as sim:
        yield Link(XHarness(), sim)


def connected(link, **settings):
    """Another adapter with other settings, and the facts of the first."""
    return link.connect(**settings)


def rounds(link, stream, cursor="", pages=60):
    """Pages of one stream until there is no more; (items, cursor)."""
    found = []
    for _page in range(pages):
        page = link.adapter.fetch(stream, cursor, link.since)
        found += page.items
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("the stream never ends")


def said(link, raw):
    """Incoming messages by key, the newest revision of each."""
    found = {}
    for item in raw:
        one = link.adapter.parse(item)
        if isinstance(one, items.Incoming):
            have = found.get(one.key)
            if have is None or one.revision >= have.revision:
                found[one.key] = one
    return found


def heard(link, post) -> items.Incoming:
    """A post (or private message) of the simulator as the adapter reads it."""
    key = getattr(post, "chain", [f"dm:{post.id}"])[0]
    return link.messages()[key]


def pushed(link, body) -> list:
    """A delivery, verified and read."""
    headers, query, raw = link.sim.request(body)
    assert link.adapter.verify(headers, query, raw)
    return [link.adapter.parse(one) for one in link.adapter.split(raw)]


def facts(one: items.Incoming, **changes) -> items.MessageFacts:
    known = items.MessageFacts(
        audience=one.audience,
        own=False,
        ref=one.ref,
        thread=one.thread,
        author=one.author,
        sent_at=one.sent_at,
        last_inbound_at=one.sent_at,
        extra=one.extra,
    )
    return dataclasses.replace(known, **changes)


def may(link, one, kind="reply_public") -> items.Affordance:
    return {a.kind: a for a in link.adapter.affordances(facts(one))}[kind]


def draft(one, text="We are looking into it", **values):
    return answer(one, text, **values)
