"""Nonsense and damage: everything is read as something, nothing is dropped."""

import pytest
from hypothesis import given, settings, strategies
from mastodon_kit import JO, a_reader, a_status, connect, hear, parse_data, pull
from simulators.mastodon import MastodonSimulator

from networks import items


@pytest.fixture
def sim():
    with MastodonSimulator() as server:
        server.jo = server.add_account(JO, "Jo")
        server.sam = server.add_account("sam", "Sam")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


# --- nonsense ---------------------------------------------------------------------
_json = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(max_size=30)
    | strategies.sampled_from(["2026-13-45T99:99", "9999-12-31T23:59:59-23:59", "1"]),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_status_fields = strategies.fixed_dictionaries(
    {},
    optional={
        name: _json | value
        for name, value in {
            "id": strategies.just("1"),
            "uri": strategies.just("https://[::1"),
            "url": strategies.sampled_from(["https://[", "javascript:x", "\ud800"]),
            "created_at": strategies.sampled_from(
                ["2026-10-01T07:49:02.064Z", "0001-01-01T00:00:00+23:00"]
            ),
            "edited_at": strategies.just("9999-12-31T23:59:59Z"),
            "account": strategies.fixed_dictionaries(
                {}, optional={"id": _json, "acct": _json, "uri": _json}
            ),
            "content": strategies.text(),
            "visibility": strategies.sampled_from(["direct", "public", "x"]),
            "mentions": strategies.lists(
                strategies.fixed_dictionaries({"acct": _json, "id": _json}) | _json,
                max_size=3,
            ),
            "media_attachments": strategies.lists(
                strategies.fixed_dictionaries({"type": _json, "url": _json}) | _json,
                max_size=3,
            ),
            "poll": strategies.fixed_dictionaries({"options": _json}),
            "reblog": _json,
            "in_reply_to_id": _json,
            "spoiler_text": _json,
            "language": _json,
        }.items()
    },
)


@settings(max_examples=400, deadline=None, database=None)
@given(
    strategies.fixed_dictionaries(
        {},
        optional={
            "notification": _json
            | strategies.fixed_dictionaries(
                {"type": strategies.sampled_from(["mention", "favourite", "quote"])},
                optional={"status": _status_fields, "account": _json},
            ),
            "status": _status_fields | _json,
            "via": _json | strategies.sampled_from(["own", "context"]),
            "parent": _json,
            "gone": _json,
            "at": _json,
        },
    )
    | _json
)
def test_parse_never_raises(data):
    found = parse_data(data)
    assert isinstance(found, items.Parsed)
    if isinstance(found, items.Incoming):
        assert found.key and found.sent_at.tzinfo is not None
        assert 0 <= found.revision < 2**31
        assert found.audience in items.AUDIENCES


def test_huge_posts_are_read():
    status = {
        **a_status(),
        "content": "<p>x</p>" * 300_000,
        "spoiler_text": "y" * 10**6,
    }
    assert a_reader().incoming(status).text.startswith("x\n\nx")


@pytest.mark.parametrize("first", [True, False], ids=["first pull", "later"])
def test_damaged_entries_are_journalled_and_shown(sim, adapter, first):
    hear(sim, adapter, "@acme whole")
    cursor = ""
    if not first:
        _raw, cursor = pull(adapter)
        sim.post(sim.jo, "@acme also whole")

    def damage(answer):
        answer.body += [None, {"type": "mention"}, {"id": "70000", "type": "mention"}]
        return answer

    sim.fail(path="/notifications", transform=damage)
    raw, _cursor = pull(adapter, cursor)
    found = {one.key: adapter.parse(one) for one in raw}
    kinds = sorted(type(one).__name__ for one in found.values())
    assert kinds == ["Incoming", "Unknown", "Unknown", "Unknown"]
