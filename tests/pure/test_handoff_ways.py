"""Ways from public to private, network by network; the rules that all share are in the
contract suite."""

import dataclasses

import pytest
from contract_kit import HARNESSES, linked

from networks import items

TOKEN = "Zm9yIHRoaXMgdGVzdCBvbmx5_-"


def ways(code, settings=None, facts=None, **values):
    """{kind: way} for somebody who wrote to us in public, and the kinds in order."""
    harness = next(one for one in HARNESSES if one.code == code)
    with linked(harness) as link:
        heard = link.hears("My lamp broke", "public")
        adapter = link.connect(**settings or {})
        adapter.facts = {**adapter.facts, **(facts or {})}
        message = items.MessageFacts(
            audience="public",
            own=False,
            ref=heard.ref,
            author=heard.author,
            sent_at=heard.sent_at,
            extra=heard.extra,
        )
        changed = {**message.extra, **values.pop("extra", {})}
        message = dataclasses.replace(message, extra=changed, **values)
        found = adapter.handoff(message, TOKEN)
        return {one.kind: one for one in found}, [one.kind for one in found]


def test_mastodon_writes_a_post_for_one_person():
    found, order = ways("mastodon")
    assert order == ["direct_post", "page"]
    assert found["direct_post"].allowed
    found, order = ways("mastodon", author=items.Author())
    assert not any(one.allowed for one in found.values())


def test_bluesky_writes_where_the_person_takes_messages():
    _found, order = ways("bluesky", extra={"chat": "all"}, knows_in_private=False)
    assert order == ["direct", "page"]
    found, order = ways("bluesky", extra={"chat": "none"})
    assert order == ["page", "direct"]
    assert found["direct"].reason == "messages_disabled"
    found, _order = ways("bluesky", extra={"chat": "following"})
    assert found["direct"].reason == "not_followed"
    # who wrote to us first can always be answered
    _found, order = ways("bluesky", extra={"chat": "none"}, knows_in_private=True)
    assert order == ["direct", "page"]


def test_x_writes_or_offers_the_link_to_our_inbox():
    found, order = ways("x", extra={"dm": True})
    assert order == ["direct", "link", "page"]
    assert found["direct"].cost
    link = found["link"]
    assert link.url.startswith("https://x.com/messages/compose?recipient_id=")
    assert not link.brings and TOKEN not in link.url
    found, order = ways("x", extra={"dm": False})
    assert order == ["link", "page", "direct"]
    assert found["direct"].reason == "inbox_closed"
    # it is our inbox that they are to write to, not theirs
    found, _order = ways("x", facts={"id": "4711"})
    assert found["link"].url.endswith("recipient_id=4711")
    found, _order = ways("x", facts={"id": ""})
    assert not found["link"].allowed and not found["link"].url


def test_telegram_asks_to_start_the_bot_unless_it_was_started():
    found, order = ways("telegram")
    assert order == ["link", "page", "direct"]
    assert found["direct"].reason == "never_started"
    assert found["link"].url.endswith(f"?start={TOKEN}")
    assert found["link"].url.startswith("https://t.me/")
    _found, order = ways("telegram", knows_in_private=True)
    assert order == ["direct", "link", "page"]


@pytest.mark.parametrize(
    ("private", "order"),
    [
        ("direct", ["direct", "link", "page"]),
        ("reply", ["private_reply", "link", "page"]),
        ("link", ["link", "page", "direct"]),
        ("none", ["page", "direct"]),
    ],
)
def test_the_sandbox_is_each_kind_of_network(private, order):
    assert ways("sandbox", {"private": private})[1] == order


def test_a_private_answer_is_given_once():
    found, _order = ways("sandbox", {"private": "reply"}, private_replies_sent=1)
    assert found["private_reply"].reason == "private_reply_used"


def test_our_own_page_leads_nowhere_else():
    harness = next(one for one in HARNESSES if one.code == "own_page")
    with linked(harness) as link:
        heard = link.hears("Hello", "private")
        message = items.MessageFacts(audience="private", own=False, ref=heard.ref)
        assert link.adapter.handoff(message, TOKEN) == []
