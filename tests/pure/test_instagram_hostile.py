"""Nonsense from Instagram, or from who pretends to be it: kept apart, never a crash."""

import json

import pytest
from hypothesis import given, settings, strategies
from instagram_kit import connect
from simulators.instagram import InstagramSimulator

from networks import errors, items

NONSENSE = (None, 0, -1, 2**70, "", "x", [], [None], {}, True, 1.5, "\x00\ud800")
_json = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats(allow_nan=False)
    | strategies.text(max_size=20),
    lambda inner: (
        strategies.lists(inner, max_size=4)
        | strategies.dictionaries(strategies.text(max_size=12), inner, max_size=5)
    ),
    max_leaves=20,
)
FIELDS = (
    *("comments", "live_comments", "mentions", "messages", "listed", "again", "linked"),
    *("mentioned_comment", "mentioned_media", "media", "tagged", "gone", "x"),
)


@pytest.fixture(scope="module")
def world():
    with InstagramSimulator() as sim:
        yield sim, connect(sim)


def paths(value, above=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (*above, key)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*above, key))


def put(data, path, value):
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value


def samples(sim):
    """A delivery of each kind."""
    jo = sim.add_customer()
    sim.queue.clear()
    top = sim.comment(jo, "Hello")
    sim.comment(jo, "Hello again", parent=top, ad_id="1", ad_title="Sale")
    sim.mention(jo)
    sim.caption_mention(jo)
    sim.story_mention(jo)
    sim.story_reply(jo)
    sim.come_by_link(jo, "Zm9yIHRoaXMgdGVzdA_-")
    sim.unsend(sim.write(jo, "Oops"))
    found, sim.queue = sim.queue, []
    sim.login = "instagram"
    found.append(sim.comment_payload(top))
    sim.login = "facebook"
    return found


def test_each_value_replaced_by_each_nonsense(world):
    sim, adapter = world
    for sample in samples(sim):
        for path in list(paths(sample)):
            for value in NONSENSE:
                data = json.loads(json.dumps(sample))
                put(data, path, value)
                try:
                    rows = adapter.split(json.dumps(data).encode())
                except errors.MalformedResponse:
                    continue
                for row in rows:
                    assert row.key and isinstance(row.key, str)
                    json.dumps(row.data)
                    assert isinstance(adapter.parse(row), items.Parsed)


@settings(max_examples=300, deadline=None, database=None)
@given(strategies.sampled_from(FIELDS), _json, _json, _json)
def test_any_json_in_any_field(world, field, value, at, read):
    _sim, adapter = world
    data = {"field": field, "value": value, "at": at, "read": read}
    assert isinstance(adapter.parse(items.RawItem("k", data)), items.Parsed)


@settings(max_examples=200, deadline=None, database=None)
@given(strategies.sampled_from(FIELDS), strategies.text(), strategies.text())
def test_any_words_are_kept_as_they_are(world, field, text, name):
    sim, adapter = world
    value = {"id": "17900000000000001", "text": text, "caption": text}
    value |= {"username": name, "timestamp": "2026-10-01T10:30:00+0000"}
    one = adapter.parse(items.RawItem("k", {"field": field, "value": value}))
    if isinstance(one, items.Incoming):
        # half an emoji cannot be stored
        one.text.encode()
        whole = text.encode("utf-8", "surrogatepass") == one.text.encode()
        assert whole or not text.strip() or "\ufffd" in one.text
        url = one.author.url
        assert not url or url.startswith("https://www.instagram.com/")


def test_a_delivery_that_is_none(world):
    _sim, adapter = world
    for raw in (b"", b"[", b"\xff\xfe", b"5", b"null", b"{}", b'{"entry": 5}'):
        with pytest.raises(errors.MalformedResponse):
            adapter.split(raw)
    deep = b'{"object":"instagram","entry":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(errors.MalformedResponse):
        adapter.split(deep)


def test_links_of_others_are_not_shown(world):
    """A permalink is only believed where it leads to Instagram."""
    _sim, adapter = world
    for link in ("javascript:alert(1)", "https://evil.example/p/x/", "//x", 5):
        value = {
            "id": "1",
            "text": "x",
            "timestamp": "2026-10-01T10:30:00+0000",
            "media": {"id": "2", "permalink": link},
            "permalink": link,
        }
        for field in ("listed", "tagged"):
            item = items.RawItem("k", {"field": field, "value": value})
            assert adapter.parse(item).permalink == ""


def test_a_path_cannot_be_smuggled_into_a_call(world):
    sim, adapter = world
    sim.calls.clear()
    author = items.Author("1")
    for ref in ("me/accounts", "1/../me", "1?fields=x", "", "mention:x", "post:../me"):
        target = items.Target("1", ref, author, "public", extra={"media": "../me"})
        draft = items.Draft("Hi", "public", target)
        for name, given_ones in (
            ("publish", (draft, "k")),
            ("moderate", ("delete", target)),
            ("lookup", (draft, "k", sim.now())),
        ):
            with pytest.raises(errors.NetworkError):
                getattr(adapter, name)(*given_ones)
        adapter.reread([ref])
    assert not sim.calls


def test_what_others_say_our_settings_are_is_nonsense_to_us():
    with InstagramSimulator() as sim:
        for value in ("-5", "0", "x", "٣", "1e3", "99999999"):
            adapter = connect(sim, comment_length=value)
            assert adapter._comment_limit() == 2200


def test_a_token_that_is_none_does_not_reach_the_line():
    with InstagramSimulator("instagram") as sim:
        sim.calls.clear()
        for token in ("a b", "a\nb", "é"):
            with pytest.raises(errors.AuthError):
                connect(sim, access_token=token).check()
        assert not [one for one in sim.calls if "\n" in one.headers["authorization"]]
