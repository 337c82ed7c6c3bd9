"""Nonsense and damage: everything is read as something, nothing is dropped."""

import json

import pytest
from hypothesis import given, settings, strategies
from simulators.x import XSimulator
from x_desk import FACTS, connect, offline, parse, pull

from networks import errors, items

_json = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(max_size=30)
    | strategies.sampled_from(
        ["2026-13-45T99:99", "9999-12-31T23:59:59-23:59", "1", "111", "\ud800", "0"]
    ),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_ids = strategies.sampled_from(["1", "111", "1900000000000000003", 7, -1, "x", ""])


def _some(**values):
    return strategies.fixed_dictionaries(
        {}, optional={name: _json | value for name, value in values.items()}
    )


_entities = _some(
    urls=strategies.lists(
        _json
        | _some(
            url=strategies.sampled_from(["https://t.co/ab", "http", ""]),
            start=strategies.integers(-5, 40),
            end=strategies.integers(-5, 40),
            expanded_url=strategies.sampled_from(["https://[", "javascript:x"]),
        ),
        max_size=3,
    ),
    mentions=strategies.lists(_json | _some(id=_ids, username=_json), max_size=2),
)
_references = strategies.lists(
    _json
    | _some(
        type=strategies.sampled_from(["replied_to", "quoted", "retweeted"]), id=_ids
    ),
    max_size=2,
)
_post = _some(
    id=_ids,
    text=strategies.sampled_from(["https://t.co/ab x &amp;", "\x00"]),
    author_id=_ids,
    created_at=strategies.sampled_from(["2026-10-01T10:30:00Z", "0001-01-01"]),
    edit_history_tweet_ids=strategies.lists(_ids | _json, max_size=3),
    referenced_tweets=_references,
    referenced_posts=_references,
    entities=_entities,
    note_tweet=_some(text=_json, entities=_entities),
    attachments=_some(media_keys=strategies.lists(_json, max_size=2)),
    in_reply_to_user_id=_ids,
    conversation_id=_ids,
    lang=_json,
    dm_conversation_id=strategies.sampled_from(["111-222", "1-", "9", "-"]),
    sender_id=_ids,
    event_type=strategies.sampled_from(["MessageCreate", "x"]),
    created_ms=_ids,
)
_status = _some(
    id_str=_ids,
    text=_json,
    user=_json | _some(id_str=_ids, screen_name=_json),
    extended_tweet=_some(full_text=_json, entities=_json, extended_entities=_json),
    entities=_some(
        urls=strategies.lists(_json | _some(indices=_json, url=_json), max_size=2),
        user_mentions=strategies.lists(_json | _some(id_str=_ids), max_size=2),
        media=strategies.lists(_json, max_size=2),
    ),
    extended_entities=_some(
        media=strategies.lists(
            _json | _some(id_str=_ids, video_info=_json, sizes=_json), max_size=2
        )
    ),
    edit_history=_some(edit_tweet_ids=_json, initial_tweet_id=_json),
    created_at=strategies.sampled_from(["Sat Oct 10 20:19:24 +0000 2026"]),
    quoted_status=_json,
    retweeted_status=_json,
)
_old_message = _some(
    id=_ids,
    created_timestamp=_ids,
    message_create=_some(
        sender_id=_ids,
        target=_json | _some(recipient_id=_ids),
        message_data=_some(text=_json, entities=_entities, attachment=_json),
    ),
)
_includes = _some(
    users=strategies.lists(_json | _some(id=_ids, public_metrics=_json), max_size=2),
    media=strategies.lists(
        _json | _some(media_key=_json, type=_json, variants=_json, url=_json),
        max_size=2,
    ),
    tweets=strategies.lists(_json | _some(id=_ids, author_id=_ids), max_size=2),
    posts=_json,
)


@settings(max_examples=500, deadline=None, database=None)
@given(
    _json
    | _some(
        via=strategies.sampled_from(["own", "context", "post.mention.create"]),
        post=_post,
        message=_post,
        includes=_includes,
        status=_status,
        old_message=_old_message,
        users=_json | strategies.dictionaries(strategies.text(max_size=3), _json),
        gone=_json,
        at=_json,
        like=_some(favorited_status=_json, user=_json, timestamp_ms=_json),
        event=_some(
            event_type=strategies.sampled_from(["chat.received", "oauth.revoke"]),
            payload=_some(conversation_id=strategies.just("111-222"), id=_json),
        ),
        refused=_json,
        **{"for": _ids},
    )
)
def test_parse_never_raises(data):
    found = parse(data)
    assert isinstance(found, items.Parsed)
    if isinstance(found, items.Incoming):
        assert found.key and found.sent_at.tzinfo is not None
        assert 0 <= found.revision < 2**31
        assert found.audience in items.AUDIENCES
        json.dumps(found.extra)


@settings(max_examples=300, deadline=None, database=None)
@given(
    _json
    | strategies.fixed_dictionaries(
        {"data": _json | _some(event_type=_json, payload=_post | _json, filter=_json)}
    )
    | _some(
        for_user_id=_ids,
        tweet_create_events=strategies.lists(_json | _status, max_size=2),
        direct_message_events=strategies.lists(_json | _old_message, max_size=2),
        tweet_delete_events=strategies.lists(_json, max_size=2),
        favorite_events=strategies.lists(_json, max_size=2),
        users=_json,
        anything=_json,
    )
)
def test_a_delivery_is_split_or_refused_whole(body):
    adapter = offline(consumer_secret="s")
    try:
        found = adapter.split(json.dumps(body).encode())
    except errors.MalformedResponse:
        return
    assert found
    for item in found:
        assert item.key and isinstance(item.account, str)
        json.dumps(item.data)
        assert isinstance(adapter.parse(item), items.Parsed)


def test_huge_posts_are_read():
    urls = [{"url": f"https://t.co/{n}", "expanded_url": "x"} for n in range(2000)]
    post = {
        "id": "1900000000000000003",
        "author_id": "2",
        "text": "y" * 10**6 + " https://t.co/1",
        "entities": {"urls": urls},
    }
    assert len(parse({"post": post}, FACTS).text) > 10**6


@pytest.fixture
def sim():
    with XSimulator() as server:
        yield server


def test_damaged_entries_are_journalled_and_shown(sim):
    adapter = connect(sim)
    jo = sim.add_user("jo_k")
    sim.post(jo, "@acme whole")

    def damage(answer):
        answer.body["data"] += [None, {"text": "no id"}, 7]
        return answer

    sim.fail(path="/mentions", transform=damage)
    raw, _cursor = pull(adapter)
    kinds = sorted(type(adapter.parse(one)).__name__ for one in raw)
    assert kinds == ["Incoming", "Unknown", "Unknown", "Unknown"]
    assert len({one.key for one in raw}) == 4
