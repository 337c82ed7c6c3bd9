"""Nonsense and damage: everything is read as something, nothing is dropped."""

from bluesky_kit import FACTS, JO, US, a_notification, alone, parse_data
from hypothesis import given, settings, strategies

from networks import bluesky_pages, bluesky_text, errors, items

_json = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(max_size=30)
    | strategies.sampled_from(
        ["2026-13-45T99:99", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:00"]
        + [
            US,
            JO,
            f"at://{JO}/app.bsky.feed.post/3k4duaz5vfs2b",
            "https://[::1",
            "at://",
        ]
    ),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def _fields(**values):
    optional = {name: _json | value for name, value in values.items()}
    return strategies.fixed_dictionaries({}, optional=optional)


def _some(*values):
    return strategies.sampled_from(values)


_uris = _some(
    f"at://{JO}/app.bsky.feed.post/3k4duaz5vfs2b", f"at://{US}/x.y/1", "at://"
)
_times = _some("2026-10-01T07:49:02.064Z", "9999-12-31T23:59:59Z", "2026-10-01")
_people = _fields(
    did=_some(JO, US, "did:x"),
    handle=_some("jo.example", "handle.invalid", "\ud800"),
    viewer=_fields(followedBy=_uris, blockedBy=strategies.booleans()),
    associated=_fields(chat=_fields(allowIncoming=_some("all", "none"))),
    verification=_fields(verifiedStatus=_some("valid")),
)
_facets = strategies.lists(
    _fields(
        index=_fields(
            byteStart=strategies.integers(-3, 40), byteEnd=strategies.integers(-3, 40)
        ),
        features=strategies.lists(
            _fields(
                **{
                    "$type": _some("x#mention", "x#link", "x#tag"),
                    "did": _some(JO),
                    "uri": _some("https://x.example", "javascript:x", "https://["),
                }
            ),
            max_size=3,
        ),
    ),
    max_size=5,
)
_blobs = _fields(
    ref=_fields(**{"$link": _some("bafk", "a b")}), mimeType=_some("image/png")
)
_embeds = _fields(
    **{
        "$type": _some(
            "app.bsky.embed.images",
            "app.bsky.embed.recordWithMedia",
            "app.bsky.embed.record",
            "app.bsky.embed.record#view",
            "app.bsky.embed.video",
        ),
        "images": strategies.lists(_fields(image=_blobs, alt=_some("x")), max_size=3),
        "video": _blobs,
        "record": _fields(uri=_uris, record=_fields(uri=_uris)),
        "media": _fields(images=strategies.lists(_fields(image=_blobs), max_size=2)),
        "external": _fields(uri=_some("https://x.example"), title=_some("t")),
    }
)
_records = _fields(
    text=strategies.text(max_size=30),
    createdAt=_times,
    facets=_facets,
    embed=_embeds,
    reply=_fields(root=_fields(uri=_uris), parent=_fields(uri=_uris, cid=_some("b"))),
    langs=strategies.lists(_some("en", "x" * 40), max_size=2),
    labels=_fields(
        values=strategies.lists(_fields(val=_some("!x", "nudity")), max_size=3)
    ),
)
_posts = _fields(
    uri=_uris,
    cid=_some("bafy"),
    reason=_some("mention", "reply", "quote", "like", "follow"),
    reasonSubject=_uris,
    author=_people,
    record=_records,
    value=_records,
    indexedAt=_times,
    embed=_embeds,
    labels=strategies.lists(_fields(val=_some("spam")), max_size=2),
)
_messages = _fields(
    **{
        "$type": _some("x#messageView", "x#deletedMessageView", "x#systemMessageView"),
        "id": _some("3m"),
        "text": strategies.text(max_size=30),
        "facets": _facets,
        "sender": _fields(did=_some(JO, US)),
        "sentAt": _times,
        "embed": _embeds,
    }
)
_convos = _fields(
    id=_some("3c"),
    status=_some("accepted", "request"),
    kind=_fields(**{"$type": _some("x#groupConvo", "x#directConvo")}),
    members=strategies.lists(_people, max_size=4),
)
_logs = _fields(
    **{
        "$type": _some("x#logCreateMessage", "x#logDeleteMessage", "x#logAddReaction"),
        "rev": _some("3k4duaz5vfs2b"),
        "convoId": _some("3c"),
        "message": _messages,
        "reaction": _fields(sender=_people, createdAt=_times, value=_some("❤️")),
        "relatedProfiles": strategies.lists(_people, max_size=3),
    }
)


@settings(max_examples=500, deadline=None, database=None)
@given(
    _fields(notification=_posts)
    | _fields(post=_posts, via=_some("context"), edited=_times)
    | _fields(record=_posts)
    | _fields(message=_messages, convo=_convos)
    | _fields(log=_logs, convo=_convos)
    | _fields(gone=_uris, at=_times)
    | _fields(missing=_json)
    | _json
)
def test_parse_never_raises(data):
    found = parse_data(data)
    assert isinstance(found, items.Parsed)
    if isinstance(found, items.Incoming):
        assert found.key and found.author.id and found.sent_at.tzinfo is not None
        assert 0 <= found.revision < 2**31
        assert found.audience in items.AUDIENCES
        assert found.text.encode() is not None
    if isinstance(found, items.Removal | items.Reaction):
        assert found.key and found.at.tzinfo is not None


@settings(max_examples=200, deadline=None, database=None)
@given(
    strategies.dictionaries(
        _some("notifications", "records", "cursor", "logs", "convos", "requests", "x"),
        strategies.lists(_posts | _logs | _convos | _json, max_size=4) | _json,
        max_size=5,
    )
    | _json,
    _some("notifications", "own", "sweep", "chat", "requests"),
)
def test_any_page_is_read_or_refused(page, stream):
    """A page is journalled item by item, or it is no page at all."""
    cursor = '{"due": "2026-01-01"}' if stream == "sweep" else ""
    adapter, _fake = alone(page, page, page, page, page, page)
    try:
        found = adapter.fetch(stream, cursor, adapter.now())
    except errors.NetworkError:
        return
    assert isinstance(found, items.Page)
    for one in found.items:
        assert one.key and isinstance(adapter.parse(one), items.Parsed)
    if stream in ("notifications", "own"):
        listed = page["records" if stream == "own" else "notifications"]
        assert len(found.items) <= len(listed)


@settings(max_examples=200, deadline=None, database=None)
@given(
    strategies.text(max_size=60) | _json.map(str), _some(*["own", "chat", "requests"])
)
def test_any_cursor_is_read_or_refused(cursor, stream):
    page = {"records": [], "logs": [], "requests": [], "messages": [], "convos": []}
    adapter, _fake = alone(*[page] * 3)
    try:
        assert isinstance(adapter.fetch(stream, cursor, adapter.now()), items.Page)
    except errors.CursorExpired:
        return


@settings(max_examples=200, deadline=None, database=None)
@given(
    strategies.dictionaries(
        _some("high", "known", "start", "top", "below", "seen"), _json, max_size=6
    )
)
def test_a_cursor_with_anything_in_it(value):
    import json

    position = bluesky_pages.Position.load(json.dumps(value))
    again = bluesky_pages.Position.load(position.dump() if position.dump() else "")
    assert again.high == position.high and again.below == position.below


@settings(max_examples=300, deadline=None, database=None)
@given(strategies.text(max_size=60), _facets | _json)
def test_any_facets_leave_the_words(text, found):
    read, people = bluesky_text.read(text, found)
    assert isinstance(read, str) and all(len(pair) == 2 for pair in people)
    if not isinstance(found, list) or not found:
        assert read == text


@settings(max_examples=200, deadline=None, database=None)
@given(_json)
def test_any_answer_while_publishing_is_an_error_or_a_post(answer):
    """What comes back of an effect and cannot be read is doubt, never a crash."""
    adapter, fake = alone(answer, answer, answer, answer)
    draft = items.Draft("Hello", items.PUBLIC)
    try:
        done = adapter.publish(draft, "k")
    except (errors.UncertainError, errors.RejectedError):
        assert fake.calls
        return
    assert done.key.startswith(f"at://{US}/app.bsky.feed.post/")


def test_huge_posts_are_read():
    record = a_notification()["record"]
    record |= {
        "text": "x" * 10**6,
        "embed": {"$type": "app.bsky.embed.images", "images": [{}] * 10**5},
        "labels": {"values": [{"val": f"l{n}"} for n in range(10**4)]},
        "langs": ["x" * 10**5],
    }
    one = parse_data({"notification": a_notification(record=record)})
    assert len(one.text) == 10**6 and one.media == () and len(one.warning) < 1000
    assert parse_data({"post": a_notification()}, facts=dict(FACTS)).key == one.key
