"""Messenger and Instagram conversations, read to fill what the webhooks lost."""

import json
import random
from datetime import timedelta

import pytest
from messages_kit import PNG, Desk
from simulators.meta_messages import MetaMessages
from simulators.server import Answer

from networks import errors, items


@pytest.fixture(params=["messenger", "instagram"])
def desk(request):
    with MetaMessages() as sim:
        yield Desk(request.param, sim)


def incoming(desk, found):
    parsed = [desk.adapter.message_parse(one) for one in found]
    assert all(isinstance(one, items.Incoming) for one in parsed)
    return parsed


def test_a_pulled_message_is_the_pushed_message(desk):
    """Same name in the journal and on the network, same words, same person."""
    first = desk.sim.write(desk.jo, "Blue? 💙 مرحبا")
    desk.sim.advance(seconds=30)
    desk.sim.write(desk.jo, "Or red?")
    pushed_raw = desk.raw()
    pulled_raw, _cursor = desk.pulled()
    assert {one.key for one in pushed_raw} == {one.key for one in pulled_raw}
    pushed = {one.key: one for one in incoming(desk, pushed_raw)}
    for one in incoming(desk, pulled_raw):
        twin = pushed[one.key]
        assert (one.text, one.ref, one.thread) == (twin.text, twin.ref, twin.thread)
        assert (one.author.id, one.author.scope) == (desk.jo.id, desk.own)
        assert one.sent_at == twin.sent_at.replace(microsecond=0)
    assert first.mid in {one.ref for one in pushed.values()}


def test_what_is_pulled_tells_the_name(desk):
    desk.sim.write(desk.jo, "Hello")
    [one] = incoming(desk, desk.pulled()[0])
    if desk.platform == "instagram":
        assert one.author.handle == "jo_k"
    else:
        # an address made up by Meta is nobody's
        assert one.author.name == "Jo K" and not one.evidence


def test_what_the_page_said_is_ours_and_in_the_same_conversation(desk):
    desk.sim.write(desk.jo, "Hello")
    desk.sim.answer_elsewhere(desk.jo, "Hi!")
    found = {one.text: one for one in incoming(desk, desk.pulled()[0])}
    assert found["Hi!"].author == items.Author(id=desk.own)
    assert found["Hi!"].thread == found["Hello"].thread == desk.jo.id
    # nothing there tells from where it was said
    assert found["Hi!"].ours is None


def test_files_are_pulled_with_their_names(desk):
    said = desk.sim.attach(desk.jo, PNG, text="")
    [one] = incoming(desk, desk.pulled()[0])
    [media] = one.media
    assert (media.kind, media.mime, media.size) == ("image", "image/png", len(PNG))
    assert media.name == said.extra["file"] and one.kind == "message"
    assert desk.adapter.message_fetch_media(media.ref) == (PNG, "image/png")


def test_a_deleted_message_is_not_there(desk):
    said = desk.sim.write(desk.jo, "oops")
    desk.sim.write(desk.jo, "hello")
    desk.sim.unsend(said)
    assert [one.text for one in incoming(desk, desk.pulled()[0])] == ["hello"]


# --- pages ------------------------------------------------------------------------
def test_everything_once_whatever_the_pages(desk):
    for number in range(60):
        person = desk.sim.add_customer(f"Person {number}")
        desk.sim.write(person, f"message {number}")
        desk.sim.advance(seconds=7)
    desk.sim.conversations_page = 7
    desk.sim.empty_conversations = 3
    found, _cursor = desk.pulled()
    texts = sorted(one.text for one in incoming(desk, found))
    assert texts == sorted(f"message {n}" for n in range(60))
    assert len({one.key for one in found}) == 60


def test_a_second_round_asks_for_one_page_only(desk):
    for number in range(50):
        desk.sim.write(desk.sim.add_customer(f"P {number}"), "old")
        desk.sim.advance(hours=2)
    desk.sim.conversations_page = 5
    _found, cursor = desk.pulled(since=desk.sim.now() - timedelta(days=30))
    desk.sim.write(desk.jo, "new")
    desk.sim.calls.clear()
    found, _cursor = desk.pulled(cursor)
    assert "new" in [one.text for one in incoming(desk, found)]
    assert len(desk.sim.calls) == 1


def test_nothing_is_processed_before_the_gap_is_closed(desk):
    for number in range(30):
        desk.sim.write(desk.sim.add_customer(f"P {number}"), "x")
    desk.sim.conversations_page = 10
    since = desk.sim.now() - timedelta(days=1)
    page = desk.adapter.fetch_messages("messages", "", since)
    assert page.more and not page.closed and len(page.items) == 10


def test_the_first_pull_looks_back_a_bounded_time(desk):
    desk.sim.write(desk.jo, "long ago")
    desk.sim.advance(days=20)
    desk.sim.write(desk.jo, "yesterday")
    desk.sim.advance(days=1)
    found, _cursor = desk.pulled(since=desk.sim.now() - timedelta(days=7))
    assert [one.text for one in incoming(desk, found)] == ["yesterday"]


def test_late_changes_within_the_overlap_are_found(desk):
    """Nothing says that the list is strictly in order."""
    desk.sim.write(desk.jo, "first")
    _found, cursor = desk.pulled()
    desk.sim.advance(minutes=-10)
    desk.sim.write(desk.sim.add_customer("Late"), "came late")
    desk.sim.advance(minutes=20)
    found, _cursor = desk.pulled(cursor)
    assert "came late" in [one.text for one in incoming(desk, found)]


def test_an_empty_inbox_is_an_empty_page(desk):
    found, cursor = desk.pulled()
    assert found == []
    found, again = desk.pulled(cursor)
    assert found == []


def test_a_clock_ahead_of_ours_hides_nothing(desk):
    """A conversation dated tomorrow must not push the mark beyond what comes next."""
    desk.sim.write(desk.jo, "from the future")
    desk.sim.inbox.said[-1].at += 48 * 3600 * 1000
    _found, cursor = desk.pulled()
    desk.sim.inbox.said.clear()
    desk.sim.advance(minutes=5)
    desk.sim.write(desk.jo, "now")
    found, _cursor = desk.pulled(cursor)
    assert "now" in [one.text for one in incoming(desk, found)]


def test_twenty_messages_of_a_conversation_are_read(desk):
    for number in range(30):
        desk.sim.write(desk.jo, f"m{number}")
        desk.sim.advance(seconds=5)
    found = [one.text for one in incoming(desk, desk.pulled()[0])]
    assert sorted(found) == sorted(f"m{n}" for n in range(10, 30))


# --- trouble ----------------------------------------------------------------------
def test_a_stale_page_begins_anew(desk):
    for number in range(30):
        desk.sim.write(desk.sim.add_customer(f"P {number}"), "x")
    desk.sim.conversations_page = 10
    since = desk.sim.now() - timedelta(days=1)
    cursor = desk.adapter.fetch_messages("messages", "", since).cursor
    stale = json.loads(cursor) | {"after": "a99.9"}
    with pytest.raises(errors.CursorExpired):
        desk.adapter.fetch_messages("messages", json.dumps(stale), since)


@pytest.mark.parametrize("cursor", ["x", "[]", "5", "null", '"a"', "[" * 5000])
def test_a_cursor_of_somebody_else_is_expired(desk, cursor):
    with pytest.raises(errors.CursorExpired):
        desk.adapter.fetch_messages("messages", cursor, desk.sim.now())


@pytest.mark.parametrize("value", [-1, 10**20, "x", None, True, [1]])
def test_a_damaged_moment_reads_from_the_start(desk, value):
    desk.sim.write(desk.jo, "x")
    since = desk.sim.now() - timedelta(days=1)
    page = desk.adapter.fetch_messages("messages", json.dumps({"until": value}), since)
    assert len(page.items) == 1


def test_refused_for_another_reason_is_no_stale_page(desk):
    desk.sim.refuse(100, path="conversations")
    with pytest.raises(errors.RejectedError) as refused:
        desk.pulled()
    assert refused.value.code == "bad_parameter"


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, [], "x", b"\xff"])
def test_a_page_that_is_none_is_malformed(desk, body):
    desk.sim.fail(path="conversations", answer=Answer(body))
    with pytest.raises(errors.MalformedResponse):
        desk.pulled()


def test_a_limit_is_told_with_its_time(desk):
    desk.sim.use_up(100, minutes=7, kind=desk.platform)
    code = 80006 if desk.platform == "messenger" else 80002
    desk.sim.refuse(code, path="conversations", status=403)
    with pytest.raises(errors.RateLimited) as limited:
        desk.pulled()
    assert limited.value.retry_after == 7 * 60


def test_damaged_rows_hide_no_others(desk):
    desk.sim.write(desk.jo, "whole")
    chance = random.Random(3)
    wrong = (None, 5, [], {}, "x", {"data": [None, {"id": 5}]}, {"data": "x"})
    keys = ("id", "updated_time", "participants", "messages")
    for key in keys:
        for value in chance.sample(wrong, 5):

            def damage(answer, key=key, value=value):
                rows = answer.body["data"]
                odd = {**rows[0], key: value}
                answer.body["data"] = [None, 5, "x", odd, *rows]
                return answer

            desk.sim.fail(path="conversations", transform=damage)
            found, _cursor = desk.pulled()
            texts = []
            for one in found:
                parsed = desk.adapter.message_parse(one)
                assert isinstance(parsed, items.Parsed)
                texts += [parsed.text] if isinstance(parsed, items.Incoming) else []
            assert "whole" in texts


# --- files that ended -------------------------------------------------------------
def test_an_address_that_ended_is_asked_for_anew(desk):
    desk.sim.attach(desk.jo, PNG)
    [one] = desk.pushed()
    desk.sim.advance(hours=5)
    data, mime = desk.adapter.message_fetch_media(one.media[0].ref)
    assert (data, mime) == (PNG, "image/png")


def test_a_file_whose_message_is_gone_is_gone(desk):
    said = desk.sim.attach(desk.jo, PNG)
    [one] = desk.pushed()
    desk.sim.unsend(said)
    desk.sim.advance(hours=5)
    with pytest.raises(errors.NotFoundError):
        desk.adapter.message_fetch_media(one.media[0].ref)


def test_our_token_never_leaves_for_a_file(desk):
    desk.sim.attach(desk.jo, PNG)
    [one] = desk.pushed()
    desk.sim.calls.clear()
    desk.adapter.message_fetch_media(one.media[0].ref)
    for call in desk.sim.calls:
        assert "authorization" not in call.headers and not call.arg("access_token")
        assert not call.arg("appsecret_proof")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://fbcdn.net.evil.example/x",
        "https://user:pass@scontent.fbcdn.net/x",
        "",
    ],
)
def test_only_metas_own_files_are_asked_for(desk, url):
    """Whoever could write a webhook could make us ask for anything."""
    desk.sim.write(desk.jo, "x")
    with pytest.raises(errors.NotFoundError):
        desk.adapter.message_fetch_media(f"0 {desk.sim.inbox.said[-1].mid} {url}")


@pytest.mark.parametrize(
    "ref", ["", "x", "0", "0 m_x", "../x m_a https://a.b", "ü m x"]
)
def test_a_reference_that_is_none_is_no_file(desk, ref):
    with pytest.raises(errors.NotFoundError):
        desk.adapter.message_fetch_media(ref)


def test_a_file_behind_redirects_stays_on_metas_hosts(desk):
    desk.sim.attach(desk.jo, PNG)
    [one] = desk.pushed()
    away = Answer("", 302, {"Location": "https://evil.example/x"})
    desk.sim.fail(path=r"\.bin", answer=away, times=2)
    with pytest.raises(errors.NotFoundError):
        desk.adapter.message_fetch_media(one.media[0].ref)


# --- people -----------------------------------------------------------------------
def test_a_profile_tells_what_is_shown(desk):
    desk.sim.write(desk.jo, "x")
    found = desk.adapter.message_profile(desk.jo.id)
    assert (found.id, found.scope, found.name) == (desk.jo.id, desk.own, "Jo K")
    assert found.avatar.startswith(desk.sim.url)


@pytest.mark.parametrize("code", [2018218, 2018247, 230])
def test_a_hidden_profile_is_normal(desk, code):
    desk.sim.write(desk.jo, "x")
    desk.jo.hidden = code
    assert desk.adapter.message_profile(desk.jo.id) == items.Author(
        id=desk.jo.id, scope=desk.own
    )


def test_somebody_who_is_not_there_has_no_profile(desk):
    assert desk.adapter.message_profile("7780462125377599999").name == ""
    with pytest.raises(errors.NotFoundError):
        desk.adapter.message_profile("../me")


def test_a_token_that_ended_is_not_taken_for_a_shy_person(desk):
    desk.sim.write(desk.jo, "x")
    desk.sim.tokens[desk.sim.token]["error"] = 463
    with pytest.raises(errors.AuthError):
        desk.adapter.message_profile(desk.jo.id)
