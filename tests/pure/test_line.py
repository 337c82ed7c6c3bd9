"""LINE: what is odd about it; the contract suite asks the rest."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies
from line_kit import answer, connect, facts_of, heard, meant
from simulators.line import LineSimulator
from simulators.server import Answer

from networks import errors, items


@pytest.fixture
def sim():
    with LineSimulator() as simulator:
        yield simulator


@pytest.fixture
def line(sim):
    return connect(sim)


@pytest.fixture
def quick(sim):
    """As it is by default: what is answered at once is free."""
    return connect(sim, reply_seconds="25")


# --- signing in (§1) --------------------------------------------------------------
def test_a_token_of_thirty_days_for_id_and_secret(sim, line):
    tokens = line.sign_in()
    assert tokens.expires_at == sim.now() + timedelta(days=30)
    assert connect(sim, **tokens.settings).check().id == sim.own


def test_an_ended_token_asks_for_a_new_one(sim, line):
    sim.tokens.clear()
    for call in (line.check, lambda: line.profile("U" + "a" * 32)):
        with pytest.raises(errors.AuthError) as caught:
            call()
        assert caught.value.code == "token_expired"
    message = heard(line, sim, "hi")
    with pytest.raises(errors.AuthError):
        line.publish(answer(message), "key")
    assert not sim.sent


def test_no_access_to_a_call_is_no_ended_token(sim, line):
    said = "Access to this API is not available for your account"
    sim.fail(answer=Answer({"message": said}, 403))
    with pytest.raises(errors.ScopeError) as caught:
        line.check()
    assert caught.value.code == "scope"


@pytest.mark.parametrize(
    "body", [{}, {"access_token": 5}, {"access_token": "x", "expires_in": "soon"}]
)
def test_half_a_token_is_none(sim, line, body):
    sim.fail(path="accessToken", answer=Answer(body))
    with pytest.raises(errors.MalformedResponse):
        line.sign_in()


# --- the webhook (§2) -------------------------------------------------------------
def test_line_only_looks_whether_we_are_there(sim, line):
    headers, query, raw = sim.request()
    assert line.verify(headers, query, raw)
    assert line.split(raw) == []


def test_the_signature_is_over_the_very_bytes(sim, line):
    who = sim.add_person()
    headers, query, raw = sim.request(sim.say(who, "ランプが壊れた  💡"))
    assert line.verify(headers, query, raw)
    assert not line.verify(headers, query, json.dumps(json.loads(raw)).encode())
    assert not line.verify(headers, query, raw + b" ")


def test_several_people_in_one_delivery_stay_apart(sim, line):
    jo, bo = sim.add_person("Jo"), sim.add_person("Bo")
    sim.say(jo, "mine"), sim.say(bo, "yours")
    one, two = meant(line, sim)
    assert (one.author.id, one.text, one.thread) == (jo, "mine", jo)
    assert (two.author.id, two.text, two.thread) == (bo, "yours", bo)


def test_delivered_again_it_is_the_same_whatever_the_order(sim, line):
    who = sim.add_person()
    events = [sim.say(who, "one"), sim.say(who, "two")]
    again = [{**one, "deliveryContext": {"isRedelivery": True}} for one in events]
    first = line.split(sim.request(*events)[2])
    second = line.split(sim.request(*reversed(again))[2])
    assert [one.key for one in first] == [one.key for one in reversed(second)]
    assert [one.sent_at for one in first] == [one.sent_at for one in reversed(second)]
    assert {one.account for one in first} == {sim.own}


def test_in_groups_only_what_names_us_is_for_us(sim, line):
    who = sim.add_person()
    group = sim.add_group(who)
    assert not heard(line, sim, "lunch?", group).addressed
    named = heard(line, sim, "@Acme help", group, names_us=True)
    assert named.addressed and named.audience == items.GROUP
    assert named.thread == group
    sim.say(who, "@all look", group)
    event = sim.queue.pop()
    event["message"]["mention"] = {"mentionees": [{"type": "all", "index": 0}]}
    assert meant(line, sim, event)[0].addressed
    whole = connect(sim, whole_groups="yes")
    assert heard(whole, sim, "lunch?", group).addressed


def test_a_member_who_gave_no_consent_is_nobody(sim, line):
    who = sim.add_person()
    group = sim.add_group(who)
    event = sim.say(who, "hello", group)
    del event["source"]["userId"]
    [found] = meant(line, sim, event)
    assert found.author == items.Author() and found.thread == group
    kinds = {one.kind: one for one in line.affordances(facts_of(found))}
    assert kinds["reply_group"].allowed
    assert kinds["reply_private"].reason == "no_target"


def test_what_was_unsent_loses_its_words(sim, line):
    who = sim.add_person()
    said = sim.say(who, "my card is 4111…")
    sim.queue.clear()
    sim.unsend(who, said["message"]["id"])
    [gone] = meant(line, sim)
    assert isinstance(gone, items.Removal)
    assert gone.key == said["message"]["id"] and gone.forget


def test_friends_come_and_go(sim, line):
    who = sim.add_person()
    source = sim.source(who)
    sim.event("follow", source, follow={"isUnblocked": False})
    sim.event("follow", source, follow={"isUnblocked": True})
    sim.event("unfollow", source, token=False)
    came, back, left = meant(line, sim)
    assert came.kind == items.START and came.thread == who
    assert (back.state, back.thread) == ("unblocked", who)
    assert (left.state, left.thread) == ("blocked", who)


@pytest.mark.parametrize(
    "kind", ["join", "leave", "memberJoined", "beacon", "delivery"]
)
def test_what_nobody_said_is_done_with(sim, line, kind):
    sim.event(kind, sim.source(sim.add_person()), token=False)
    [found] = meant(line, sim)
    assert isinstance(found, items.Unknown) and found.ignorable


def test_what_nobody_knows_yet_is_shown_to_the_admin(sim, line):
    sim.event("botSuspended", {"type": "user", "userId": sim.own}, token=False)
    [found] = meant(line, sim)
    assert isinstance(found, items.Unknown) and not found.ignorable
    assert found.reason == "botSuspended"


def test_another_program_holds_the_chat(sim, line):
    event = sim.say(sim.add_person(), "hello", token=False)
    event["mode"] = "standby"
    [found] = meant(line, sim, event)
    [may] = line.affordances(facts_of(found))
    assert (may.allowed, may.reason) == (False, "other_program")


# --- what it says (§2, §5) --------------------------------------------------------
def test_files_stickers_places(sim, line):
    def kind(**message):
        return heard(line, sim, message=message)

    photo = kind(type="image", contentProvider={"type": "line"})
    assert photo.media == (items.Media(photo.key, "image"),)
    there = "https://files.example.com/a.jpg"
    other = {"type": "external", "originalContentUrl": there}
    assert kind(type="image", contentProvider=other).media[0].ref == there
    paper = kind(type="file", fileName="bill.pdf", fileSize=2138)
    assert (paper.media[0].name, paper.media[0].size) == ("bill.pdf", 2138)
    sticker = kind(
        type="sticker", packageId="1", stickerId="2", keywords=["sad", "cry"]
    )
    assert sticker.text == "[sticker: sad, cry]"
    assert sticker.media == (items.Media("sticker:2", "image", alt="sad, cry"),)
    place = kind(
        type="location", title="Shop", address="1-3 Kioicho", latitude=35.6, longitude=1
    )
    assert place.text == "Shop\n1-3 Kioicho\ngeo:35.6,1"
    strange = kind(type="hologram")
    assert (strange.kind, strange.text) == ("unsupported", "[hologram]")


def test_pictures_sent_together_belong_together(sim, line):
    many = [
        heard(
            line,
            sim,
            message={"type": "image", "imageSet": {"id": "E005", "index": one}},
        )
        for one in (1, 2)
    ]
    assert {one.album for one in many} == {"E005"}


def test_a_file_that_is_being_prepared_then_gone(sim, line):
    sim.content["57"] = [b"\x89PNG\r\n\x1a\n lamp", "image/png", 1]
    with pytest.raises(errors.TransientError):
        line.fetch_media("57")
    assert line.fetch_media("57") == (b"\x89PNG\r\n\x1a\n lamp", "image/png")
    sim.content["57"] = [None, "", 0]
    for ref in ("57", "unknown"):
        with pytest.raises(errors.NotFoundError):
            line.fetch_media(ref)


def test_a_sticker_has_a_picture(sim, line):
    data, mime = line.fetch_media("sticker:52002734")
    assert (data[:4], mime) == (b"\x89PNG", "image/png")


# --- people (§5, §6) --------------------------------------------------------------
def test_names_are_asked_for_where_they_are_told(sim, line):
    friend, member = sim.add_person("Jo K"), sim.add_person("Bo", friend=False)
    group = sim.add_group(member)
    found = line.profile(friend)
    assert (found.id, found.name, found.language) == (friend, "Jo K", "ja")
    assert line.profile(member, group).name == "Bo"
    for who, where in ((member, ""), ("U" + "9" * 32, group), ("../info", "")):
        with pytest.raises(errors.NotFoundError):
            line.profile(who, where)


def test_two_channels_know_a_person_by_the_same_id_only_under_one_provider(sim, line):
    """Nothing else names a person: no phone, no address, no link (§6)."""
    found = heard(line, sim, "hi")
    assert not found.evidence and not found.permalink
    assert found.author == items.Author(id=found.author.id)


# --- answering (§3) ---------------------------------------------------------------
def test_at_once_it_is_free_later_it_is_billed(sim, quick):
    message = heard(quick, sim, "hello")
    [may] = quick.affordances(facts_of(message))
    assert may.allowed and not may.cost
    quick.publish(answer(message, "At once"), "key-1")
    assert sim.used == 0 and not quick.spent
    sim.advance(26)
    [may] = quick.affordances(facts_of(message))
    assert may.allowed and may.cost
    quick.publish(answer(message, "Later"), "key-2")
    assert sim.used == 1 and quick.spent == {"push": 1}
    assert [one["text"] for one in sim.sent] == ["At once", "Later"]


def test_a_used_reply_token_falls_back_to_the_plan(sim, quick):
    message = heard(quick, sim, "hello")
    quick.publish(answer(message, "One"), "key-1")
    quick.publish(answer(message, "Two"), "key-2")
    assert [one["text"] for one in sim.sent] == ["One", "Two"]
    assert sim.used == 1


def test_a_token_that_lived_shorter_than_promised(sim, quick):
    message = heard(quick, sim, "hello")
    for known in sim.reply_tokens.values():
        known[1] -= timedelta(seconds=120)
    quick.publish(answer(message, "Hello"), "key")
    assert [one["text"] for one in sim.sent] == ["Hello"] and sim.used == 1


def test_the_second_part_is_never_free(sim, quick):
    message = heard(quick, sim, "hello")
    draft = answer(message, "Two", part=2, parts=2, previous="1")
    quick.publish(draft, "key")
    assert sim.used == 1


def test_a_reply_token_protects_nothing(sim, quick):
    """Whether it was used cannot be told from whether it has ended."""
    message = heard(quick, sim, "hello")
    draft = answer(message, "Once")
    assert quick.protection(draft, sim.now()).kind == "none"
    late = sim.now() + timedelta(seconds=26)
    assert quick.protection(draft, late).kind == "key"
    sim.fail(method="POST", path="reply", cut="after")
    with pytest.raises(errors.UncertainError):
        quick.publish(draft, "key")
    assert len(sim.sent) == 1


def test_a_key_answers_for_a_day_with_what_it_did_first(sim, line):
    message = heard(line, sim, "hello")
    draft = answer(message, "Once")
    sim.fail(method="POST", path="push", cut="after")
    with pytest.raises(errors.UncertainError):
        line.publish(draft, "key")
    done = line.publish(draft, "key")
    assert [one["id"] for one in sim.sent] == [done.key]
    assert sim.used == 1
    kept = line.protection(draft, sim.now())
    assert (kept.kind, kept.lifetime) == ("key", timedelta(hours=24))
    sent = [one for one in sim.calls if one.path.endswith("push")]
    keys = {one.headers["x-line-retry-key"] for one in sent}
    assert len(sent) == 2 and len(keys) == 1


def test_accepted_before_without_a_word_of_what(sim, line):
    message = heard(line, sim, "hello")
    head = {"x-line-accepted-request-id": "r-1"}
    said = {"message": "A request with the same retry key has been accepted"}
    sim.fail(path="push", answer=Answer(said, 409, head))
    done = line.publish(answer(message, "Once"), "key")
    assert (done.key, done.ref) == ("request:r-1", "")
    assert not line.spent


def test_an_answer_quotes_what_it_answers(sim, line):
    who = sim.add_person()
    group = sim.add_group(who)
    message = heard(line, sim, "@Acme?", group, names_us=True)
    line.publish(answer(message, "Yes"), "key")
    assert sim.sent[-1]["quoteToken"] == f"quote-{message.key}"
    # the token belongs to that chat: it goes nowhere else
    draft = answer(message, "In private", audience="private", to=message.author)
    line.publish(replace(draft, thread=""), "key-2")
    assert sim.sent[-1]["to"] == who and "quoteToken" not in sim.sent[-1]


def test_nobody_is_written_to_who_would_not_get_it(sim, line):
    """LINE takes a message for people who never added us, and drops it (§7)."""
    who = sim.add_person(friend=False)
    group = sim.add_group(who)
    message = heard(line, sim, "@Acme?", group, names_us=True)
    draft = replace(
        answer(message, "In private", audience="private", to=message.author), thread=""
    )
    with pytest.raises(errors.RejectedError) as caught:
        line.publish(draft, "key")
    assert caught.value.code == "never_started"
    assert not sim.used and not sim.sent


def test_the_month_s_messages_are_counted_and_end(sim):
    sim.quota, sim.used = 200, 198
    line = connect(sim)
    message = heard(line, sim, "hello")
    [may] = line.affordances(facts_of(message))
    assert (may.allowed, may.remaining) == (True, 2)
    sim.used = 200
    with pytest.raises(errors.Exhausted) as caught:
        line.publish(answer(message, "Too much"), "key")
    # 3 November, nine o'clock: until the first of December
    assert caught.value.retry_after == 27 * 86400 + 15 * 3600
    assert not sim.sent
    line = connect(sim)
    [may] = line.affordances(facts_of(message))
    assert (may.allowed, may.reason, may.remaining) == (False, "month_used_up", 0)
    # a free answer needs none of them
    quick = connect(sim, reply_seconds="25")
    message = heard(quick, sim, "hello again")
    [may] = quick.affordances(facts_of(message))
    assert may.allowed
    # and next month is another one
    sim.advance(28 * 86400)
    [may] = line.affordances(facts_of(message))
    assert may.allowed and may.remaining is None


def test_too_fast_is_not_too_much(sim, line):
    said = "The API rate limit has been exceeded. Try again later."
    sim.fail(path="push", answer=Answer({"message": said}, 429))
    with pytest.raises(errors.RateLimited) as caught:
        line.publish(answer(heard(line, sim, "hi")), "key")
    assert 0 < caught.value.retry_after <= 60


@pytest.mark.parametrize(
    ("text", "length"), [("hi", 2), ("💡", 2), ("ランプ", 3), ("👨‍👩‍👧", 8)]
)
def test_length_is_utf16(line, text, length):
    measure = line.measure(items.Draft(text, items.PRIVATE))
    assert (measure.length, measure.limit) == (length, 5000)


def test_the_longest_text_is_taken_as_it_was_counted(sim, line):
    message = heard(line, sim, "hi")
    line.publish(answer(message, "💡" * 2500), "key")
    with pytest.raises(errors.RejectedError):
        line.publish(answer(message, "💡" * 2500 + "x"), "key-2")
    assert len(sim.sent) == 1


# --- the way into private (§6, §7) ------------------------------------------------
def test_the_link_brings_the_token_in_the_first_words(sim, line):
    token = "Zm9yIHRoaXMgdGVzdA_-"
    url = line.invite_url(token)
    assert url == f"https://line.me/R/oaMessage/%40acme/?%5B{token}%5D"
    found = heard(line, sim, f"[{token}] my lamp broke")
    assert (found.payload, found.text, found.kind) == (
        token,
        "my lamp broke",
        "message",
    )
    assert heard(line, sim, f"[{token}]").kind == items.START
    group = sim.add_group(next(iter(sim.people)))
    assert not heard(line, sim, f"[{token}]", group).payload


# --- webhooks, set (§2) -----------------------------------------------------------
def test_an_address_that_cannot_be_reached_is_not_taken(sim, line):
    with pytest.raises(errors.RejectedError) as caught:
        line.subscribe("http://127.0.0.1:9/nobody", "s")
    assert caught.value.code == "webhook_unproved"
    with pytest.raises(errors.RejectedError):
        line.subscribe("http://elsewhere.example/hook", "s")
    sim.active = False
    with pytest.raises(errors.RejectedError) as caught:
        line.subscribe("http://127.0.0.1:9/nobody", "s")
    assert caught.value.code == "webhook_off"


# --- hostile ----------------------------------------------------------------------
@given(raw=strategies.binary(max_size=200))
@settings(max_examples=200, deadline=None, database=None)
def test_any_bytes_are_a_delivery_or_none(raw):
    from networks.line_read import raw_items

    try:
        assert isinstance(raw_items(raw), list)
    except errors.MalformedResponse:
        pass


@pytest.mark.parametrize(
    "body",
    [
        {"events": [None, 5, "x", [], {}]},
        {"events": [{"type": ["message"], "webhookEventId": {"a": 1}}]},
        {"destination": 5, "events": [{"type": "message", "timestamp": 1e400}]},
        {"events": [{"type": "message", "timestamp": 10**30, "webhookEventId": "x"}]},
    ],
)
def test_nonsense_in_a_delivery_is_kept_or_nothing(line, body):
    for item in line.split(json.dumps(body).encode()):
        assert isinstance(line.parse(item), items.Unknown)


def test_deep_nesting_is_malformed(line):
    with pytest.raises(errors.MalformedResponse):
        line.split(b'{"events":' + b"[" * 100_000)


def test_ids_never_become_paths(sim, line):
    for ref in ("../../bot/info", "57/../x", "a b", ""):
        with pytest.raises(errors.NetworkError):
            line.fetch_media(ref)
    assert not [one for one in sim.calls if one.path.endswith("x")]


def test_a_secret_in_a_refusal_is_taken_out(sim, line):
    token = line.settings["access_token"]
    sim.fail(answer=Answer({"message": f"bad {token}", "details": []}, 400))
    with pytest.raises(errors.RejectedError) as caught:
        line.check()
    assert token not in str(caught.value)
