"""Any JSON at all: parsing never raises, never drops, never invents."""

import json
from datetime import datetime, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulators.telegram import TelegramSimulator

from networks import errors, items
from networks.telegram import TelegramAdapter
from networks.telegram_content import CONTENT, SERVICE
from networks.telegram_send import refusal
from networks.transport import Response, Transport

PARSED = (
    items.Incoming,
    items.Removal,
    items.Reaction,
    items.Receipt,
    items.Unknown,
)
FIELDS = (
    *("message_id", "from", "chat", "sender_chat", "date", "edit_date", "entities"),
    *("caption", "caption_entities", "reply_to_message", "media_group_id", "id"),
    *("type", "username", "first_name", "title", "offset", "length", "url", "user"),
    *("file_id", "mime_type", "user_id", "phone_number", "is_topic_message"),
    *("message_thread_id", "forward_origin", "migrate_from_chat_id", "status"),
    *("new_chat_member", "new_reaction", "old_reaction", "emoji", "actor_chat"),
    *("is_automatic_forward", "is_direct_messages", "latitude", "longitude", "options"),
    *CONTENT,
    *sorted(SERVICE)[:3],
)
KINDS = (
    *("message", "edited_message", "channel_post", "edited_channel_post", "context"),
    *("my_chat_member", "message_reaction", "poll", "update_id"),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-3, 10),
    st.sampled_from([1790000000, 2**31, 2**63, -(10**30), 253402300800]),
    st.floats(),
    st.text(),
    st.sampled_from(["private", "supergroup", "channel", "text_link", "bot_command"]),
    st.sampled_from(
        ["\ud83c", "a\x00b", "/start tkt", "@AcmeHelpBot", "-100123", "🎉"]
    ),
)
ANY = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=8),
    ),
    max_leaves=25,
)
UPDATES = st.dictionaries(st.sampled_from(KINDS) | st.text(), ANY, max_size=3)
#: messages whose frame is right, so that the reading goes on
CHATS = st.fixed_dictionaries(
    {
        "id": st.sampled_from([5, -7, -100123]),
        "type": st.sampled_from(["private", "group", "supergroup", "channel"]),
    },
    optional={"username": ANY, "title": ANY, "is_direct_messages": ANY},
)
MESSAGES = st.builds(
    lambda frame, rest: {**rest, **frame},
    st.fixed_dictionaries(
        {
            "message_id": st.integers(1, 9),
            "date": st.integers(1, 2**32),
            "chat": CHATS,
        }
    ),
    st.dictionaries(st.sampled_from(FIELDS), ANY, max_size=8),
)


def bare(**facts) -> TelegramAdapter:
    line = Transport("https://api.example.com")
    token = "700100200:AAF-simulated_token_of_the_acme_bot_0"
    known = {"username": "AcmeHelpBot", **facts}
    return TelegramAdapter(
        {"token": token}, line, lambda: datetime.now(timezone.utc), known
    )


ADAPTER = bare()


def check(parsed):
    assert isinstance(parsed, PARSED)
    if isinstance(parsed, items.Incoming):
        assert parsed.key and parsed.audience in items.AUDIENCES
        assert isinstance(parsed.text, str) and parsed.sent_at.tzinfo
        assert 0 <= parsed.revision < 2**31
        parsed.text.encode()  # no lone surrogates left in what people read
        json.dumps(parsed.extra)
        for one in (parsed.author, *parsed.mentions):
            assert isinstance(one.id, str) and isinstance(one.handle, str)
        if parsed.audience != items.PRIVATE:
            assert not parsed.payload


@given(ANY)
def test_anything_parses(data):
    check(ADAPTER.parse(items.RawItem("1", data)))


@given(UPDATES)
def test_any_update_parses(data):
    check(ADAPTER.parse(items.RawItem("1", data)))


@given(MESSAGES, st.sampled_from(KINDS[:5]))
def test_any_message_parses_and_says_something(message, kind):
    parsed = ADAPTER.parse(items.RawItem("1", {kind: message}))
    check(parsed)
    if isinstance(parsed, items.Incoming):
        assert parsed.context == (kind == "context")
        assert parsed.author.shared or parsed.author.id != "1087968824"


@given(UPDATES | st.builds(lambda one: {"message": one}, MESSAGES))
def test_any_delivery_splits_without_losing_the_update(update):
    raw = json.dumps(update).encode()
    found = ADAPTER.split(raw)
    assert found[-1].data == json.loads(raw)
    for item in found:
        assert item.key and isinstance(item.key, str)
        assert isinstance(item.revision, str)
        check(ADAPTER.parse(item))
    assert ADAPTER.split(raw) == found


@given(st.binary(max_size=60))
def test_any_bytes_split_or_are_malformed(raw):
    try:
        ADAPTER.split(raw)
    except errors.MalformedResponse:
        pass


@given(st.binary(max_size=40), st.text(max_size=40))
def test_no_bytes_are_genuine_without_the_secret(raw, given_secret):
    adapter = bare()
    adapter.settings = {"webhook_secret": "the-true-secret"}
    header = {"x-telegram-bot-api-secret-token": given_secret}
    assert adapter.verify(header, {}, raw) == (given_secret == "the-true-secret")


@given(st.integers(300, 599), ANY, st.booleans())
def test_any_refusal_is_understood_or_left_to_the_common_table(status, body, effect):
    content = json.dumps(body).encode()
    error = refusal(Response(status, {}, content), effect)
    assert error is None or isinstance(error, errors.NetworkError)
    if error is not None:
        assert not isinstance(error, errors.UncertainError)


@given(st.text(max_size=9000), st.booleans())
@settings(max_examples=60, deadline=None)
def test_parts_fit_and_lose_nothing_but_white_space(text, with_file):
    file = items.Upload("a.png", "image/png", b"x")
    draft = items.Draft(text, items.PRIVATE, media=(file,) if with_file else ())
    measured = ADAPTER.measure(draft)
    limits = [measured.limit, *[4096] * len(measured.parts)]
    for part, limit in zip(measured.parts, limits, strict=False):
        assert len(part.encode("utf-16-le")) // 2 <= limit
    squeezed = "".join("".join(measured.parts).split())
    assert squeezed == "".join(text.split())


@given(st.lists(ANY, max_size=5))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_page_is_kept_item_by_item(page):
    class Line:
        classify = None

        def request(self, *args, **kwargs):
            return Response(200, {}, json.dumps({"ok": True, "result": page}).encode())

    adapter = bare()
    adapter.transport = Line()
    try:
        found = adapter.fetch("updates", "7", datetime.now(timezone.utc))
    except errors.MalformedResponse:
        return
    assert len(found.items) >= len(page)
    assert found.cursor == "7" or found.cursor.lstrip("-").isdigit()
    for item in found.items:
        check(adapter.parse(item))


@pytest.mark.parametrize("depth", [10, 500])
def test_deep_nesting(depth):
    message = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}
    for _level in range(depth):
        message = {**message, "reply_to_message": message}
    check(ADAPTER.parse(items.RawItem("1", {"message": message})))


def test_the_simulators_own_updates_all_parse():
    with TelegramSimulator() as sim:
        jo = sim.make_user()
        group = sim.make_group(forum=True, admin=True)
        sim.send_album(jo)
        sim.share_contact(jo)
        sim.open_topic(jo, group)
        sim.react(jo, sim.say(jo, group, "hi"), "👍")
        sim.block_bot(jo)
        for update in sim.pending():
            check(ADAPTER.parse(items.RawItem("1", update)))
