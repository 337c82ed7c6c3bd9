"""Messenger and Instagram: what is sent, until when, as whom, and what is refused."""

from datetime import timedelta

import pytest
from messages_kit import PNG, Desk
from simulators.meta_messages import MetaMessages
from simulators.meta_messages_world import OTHER_APP
from simulators.server import Answer

from networks import base, errors, items, media
from networks.text import count_bytes

MB = 1024 * 1024


@pytest.fixture(params=["messenger", "instagram"])
def desk(request):
    with MetaMessages() as sim:
        yield Desk(request.param, sim)


@pytest.fixture
def human(desk):
    """The app is approved for Human Agent, and we know it."""
    desk.sim.human_agent = True
    desk.settings["human_agent"] = "yes"
    return desk


def refused(desk, one, *words, **more) -> str:
    with pytest.raises(errors.RejectedError) as problem:
        desk.says(one, *words, **more)
    return problem.value.code


def bodies(desk) -> list[dict]:
    return [one.json() for one in desk.sim.calls if one.path.endswith("/messages")]


# --- saying -----------------------------------------------------------------------
def test_an_answer_reaches_the_person_and_quotes_what_it_answers(desk):
    heard = desk.hears("My lamp broke")
    published = desk.says(heard, "Sorry! 💙 مرحبا")
    [said] = desk.sim.sent()
    assert said.text == "Sorry! 💙 مرحبا" and said.person is desk.jo
    assert (published.ref, published.thread) == (said.mid, desk.jo.id)
    assert published.key == f"{desk.own}:{said.mid}"
    assert said.reply_to == heard.ref and said.metadata == "key:1"
    assert bodies(desk)[-1]["messaging_type"] == "RESPONSE"


def test_the_second_part_quotes_nothing(desk):
    heard = desk.hears("My lamp broke")
    first = desk.says(heard, "one", parts=2)
    desk.says(heard, "two", part=2, parts=2, previous=first.ref)
    assert [one.reply_to for one in desk.sim.sent()] == [heard.ref, ""]


def test_nobody_else_reads_it(desk):
    heard = desk.hears("hello")
    sam = desk.sim.add_customer("Sam")
    other = items.Author(id=sam.id, scope=desk.own)
    assert refused(desk, heard, to=other) == "audience_wider"
    draft = items.Draft("x", items.PUBLIC, target=desk.answer(heard).target)
    with pytest.raises(errors.RejectedError) as problem:
        desk.adapter.message_publish(draft, "k")
    assert problem.value.code == "audience_wider"
    assert desk.sim.sent() == []


@pytest.mark.parametrize("one_id", ["", "../7", "7e3", "m_x", "７"])
def test_nobody_is_nobody(desk, one_id):
    draft = items.Draft("x", items.PRIVATE, to=items.Author(id=one_id))
    with pytest.raises(errors.RejectedError) as problem:
        desk.adapter.message_publish(draft, "k")
    assert problem.value.code == "no_target" and not bodies(desk)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_is_not_said(desk, text):
    assert refused(desk, desk.hears(), text) == "empty"


# --- how long ---------------------------------------------------------------------
@pytest.mark.parametrize("char", ["a", "é", "漢", "👩‍👩‍👧", "🇩🇪", "ก็"])
def test_long_words_become_parts_that_all_fit(desk, char):
    """2000 characters on Messenger, 1000 bytes on Instagram."""
    heard = desk.hears()
    text = (f"{char * 7} ") * 700
    measure = desk.adapter.message_measure(desk.answer(heard, text))
    assert "".join("".join(measure.parts).split()) == "".join(text.split())
    assert len(measure.parts) > 1
    for number, part in enumerate(measure.parts):
        desk.adapter.message_publish(desk.answer(heard, part), f"k:{number}")
    assert [one.text for one in desk.sim.sent()] == list(measure.parts)


def test_the_limit_is_counted_as_the_platform_counts(desk):
    heard = desk.hears()
    fits = "é" * (2000 if desk.platform == "messenger" else 500)
    measure = desk.adapter.message_measure(desk.answer(heard, fits))
    assert measure.length == measure.limit and measure.parts == (fits,)
    assert desk.says(heard, fits).key
    assert refused(desk, heard, fits + "é") == "too_long"
    with_bytes = count_bytes(fits) if desk.platform == "instagram" else len(fits)
    assert measure.length == with_bytes


# --- files ------------------------------------------------------------------------
def upload(data=PNG, mime="image/png", **more):
    return items.Upload("lamp.png", mime, data, audience=items.PRIVATE, **more)


def test_a_file_goes_up_and_then_out(desk):
    heard = desk.hears()
    staged = desk.adapter.message_stage(upload())
    assert not base.unfinished(staged)
    desk.says(heard, "", media=(upload(staged=staged),))
    [said] = desk.sim.sent()
    assert (
        said.attachments[0]["id"] == staged and said.attachments[0]["type"] == "image"
    )
    # a repeated upload does no harm: nobody sees a file that no message carries
    assert desk.adapter.message_stage(upload()) != staged
    assert len(desk.sim.sent()) == 1


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/jpeg", "image"),
        ("video/mp4; codecs=x", "video"),
        ("audio/mpeg", "audio"),
        ("application/pdf", "file"),
    ],
)
def test_each_kind_of_file_goes_as_what_it_is(desk, mime, kind):
    staged = desk.adapter.message_stage(upload(mime=mime))
    desk.says(desk.hears(), "", media=(upload(mime=mime, staged=staged),))
    assert desk.sim.sent()[0].attachments[0]["type"] == kind


def test_words_and_a_file_are_two_messages(desk):
    """A message is one or the other: nothing may get lost in between."""
    rules = desk.adapter.message_media_rules(items.PRIVATE)
    assert rules.apart and not rules.captioned
    code = refused(desk, desk.hears(), "look", media=(upload(staged="5"),))
    assert code == "media_rejected" and not bodies(desk)


def test_too_large_is_told_before_it_is_sent(desk):
    rules = desk.adapter.message_media_rules(items.PRIVATE)
    large = (8 if desk.platform == "instagram" else 25) * MB
    assert not media.problems(rules, [("image/png", large, "")])
    [problem] = media.problems(rules, [("image/png", large + 1, "")])
    assert (problem.code, problem.limit) == ("media_too_large", large)
    with pytest.raises(errors.RejectedError):
        desk.adapter.message_stage(upload(b""))
    assert not [one for one in desk.sim.calls if "attachments" in one.path]


def test_a_file_that_meta_refuses_is_told_as_that(desk):
    staged = desk.adapter.message_stage(upload())
    code = refused(
        desk, desk.hears(), "", media=(upload(mime="video/mp4", staged=staged),)
    )
    assert code == "media_rejected"


# --- until when -------------------------------------------------------------------
def afford(desk, heard, kind=base.REPLY_PRIVATE, **more) -> items.Affordance:
    found = desk.adapter.message_affordances(desk.facts(heard, **more))
    return {one.kind: one for one in found}[kind]


@pytest.mark.parametrize("feature", [False, True])
@pytest.mark.parametrize("automatic", [False, True])
@pytest.mark.parametrize("hours", [0, 23.9, 24, 24.1, 167, 168, 400])
def test_the_window_is_what_meta_says(desk, feature, automatic, hours):
    """Our forecast and Meta's answer agree, at every age, for people and programs."""
    desk.sim.human_agent = feature
    desk.settings["human_agent"] = "yes" if feature else "no"
    heard = desk.hears()
    # the message itself is some milliseconds later than the clock of the test
    desk.sim.advance(hours=hours, seconds=1 if hours in (24, 168) else 0)
    told = afford(desk, heard)
    allowed = told.allowed and not (told.human and automatic)
    try:
        desk.says(heard, automatic=automatic)
        went = True
    except errors.RejectedError as problem:
        assert problem.code == "window_closed"
        went = False
    expected = hours < 24 or (hours < 168 and feature and not automatic)
    assert went is allowed is expected
    if hours >= 24 and went:
        assert desk.sim.sent()[0].tag == "HUMAN_AGENT"


def test_in_time_nothing_is_tagged(human):
    """chatwoot#15887: the tag within 24 hours; erxes#9177: other tags have ended."""
    heard = human.hears()
    human.sim.advance(hours=23)
    human.says(heard)
    human.sim.advance(hours=2)
    human.says(heard, "And more")
    assert [one.get("tag") for one in bodies(human)] == [None, "HUMAN_AGENT"]


def test_whatever_a_person_does_towards_us_opens_the_window(human):
    """chatwoot#12635: a story that named us had opened it, and it was shown closed."""
    url = human.sim.file_url(human.sim.keep_file(PNG, "image/png"))
    mention = {"type": "story_mention", "payload": {"url": url}}
    for act in (
        lambda: human.sim.write(human.jo, "", attachments=[mention]),
        lambda: human.sim.press(human.jo, "Opening hours"),
        lambda: human.sim.come_by_link(human.jo, "spring"),
    ):
        human.sim.advance(days=30)
        human.sim.queue.clear()
        act()
        [one] = human.pushed()
        assert afford(human, one).allowed
        assert human.says(one, "Hello").key


def test_who_may_answer_now_and_until_when_is_told(human):
    heard = human.hears()
    told = afford(human, heard)
    assert told.allowed and not told.human
    assert told.until == heard.sent_at + timedelta(hours=24)
    assert told.human_until == heard.sent_at + timedelta(days=7)
    human.sim.advance(hours=30)
    told = afford(human, heard)
    assert told.allowed and told.human
    assert told.until == heard.sent_at + timedelta(days=7)
    human.sim.advance(days=7)
    told = afford(human, heard)
    assert (told.allowed, told.reason, told.human) == (False, "window_closed", False)


def test_a_program_never_speaks_as_a_human(human):
    """chatwoot#15887: the tag on what a bot said. Meta blocks pages for that."""
    heard = human.hears()
    human.sim.advance(hours=30)
    human.sim.calls.clear()
    assert refused(human, heard, "We are at it", automatic=True) == "window_closed"
    assert not bodies(human)


def test_the_window_that_closes_on_the_way_is_no_failure(human):
    """Meta's clock had passed when ours had not: a refusal did nothing, so it is asked
    again as a human's."""
    heard = human.hears()
    human.jo.last_wrote -= 25 * 3600
    assert human.says(heard, "Hello").key
    assert [one.get("tag") for one in bodies(human)] == [None, "HUMAN_AGENT"]
    assert len(human.sim.sent()) == 1


def test_without_the_feature_it_is_asked_once(desk):
    heard = desk.hears()
    desk.jo.last_wrote -= 25 * 3600
    assert refused(desk, heard) == "window_closed"
    assert len(bodies(desk)) == 1


def test_a_feature_that_meta_did_not_grant_is_named(desk):
    """Refused as a right that is missing: that is no reason to stop the account."""
    desk.settings["human_agent"] = "yes"
    heard = desk.hears()
    desk.sim.advance(hours=30)
    assert refused(desk, heard) == "human_agent_refused"


def test_an_older_message_may_be_answered_while_the_person_goes_on_writing(desk):
    old = desk.hears("first")
    desk.sim.advance(hours=30)
    new = desk.hears("second")
    assert afford(desk, old, last_inbound_at=new.sent_at).allowed
    desk.says(old, last_inbound_at=new.sent_at)
    assert desk.sim.sent()[0].tag == ""


def test_ours_deleted_public_and_blocked_ones_are_not_answered(desk):
    heard = desk.hears()
    may = desk.adapter.message_affordances
    for values in ({"own": True}, {"deleted": True}, {"audience": items.PUBLIC}):
        assert may(desk.facts(heard, **values)) == []
    told = afford(desk, heard, blocked=True)
    assert (told.allowed, told.reason) == (False, "blocked")


# --- private answers to something public ------------------------------------------
def public(desk, ref="777_888", age=0, **more):
    """A comment of Jo's: (target, facts)."""
    at = desk.sim.now() - timedelta(seconds=age)
    desk.sim.public[ref] = {"person": desk.jo, "at": at.timestamp()}
    author = items.Author(id=desk.jo.id, scope=desk.own)
    target = items.Target(ref, ref, author, items.PUBLIC, sent_at=at)
    return target, items.MessageFacts(
        items.PUBLIC, False, ref=ref, author=author, sent_at=at, **more
    )


def test_one_private_answer_to_a_comment_and_the_person_it_went_to(desk):
    target, facts = public(desk)
    told = desk.adapter.private_reply_affordance(facts)
    assert told.allowed and told.remaining == 1
    assert told.until == facts.sent_at + timedelta(days=7)
    draft = items.Draft(
        "Let us talk here", items.PRIVATE, target=target, to=target.author
    )
    published = desk.adapter.private_reply(draft, "k:1")
    assert published.thread == desk.jo.id
    [said] = desk.sim.sent()
    assert said.text == "Let us talk here" and said.metadata == "k:1"
    assert bodies(desk)[-1]["recipient"] == {"comment_id": "777_888"}
    with pytest.raises(errors.RejectedError) as again:
        desk.adapter.private_reply(draft, "k:2")
    assert again.value.code == "private_reply_used"
    assert len(desk.sim.sent()) == 1


def test_the_second_private_answer_is_not_even_offered(desk):
    _target, facts = public(desk, private_replies_sent=1)
    told = desk.adapter.private_reply_affordance(facts)
    assert (told.allowed, told.reason, told.remaining) == (
        False,
        "private_reply_used",
        0,
    )


def test_after_seven_days_no_private_answer(desk):
    target, facts = public(desk, age=7 * 86400)
    told = desk.adapter.private_reply_affordance(facts)
    assert (told.allowed, told.reason) == (False, "window_closed")
    with pytest.raises(errors.RejectedError) as late:
        desk.adapter.private_reply(items.Draft("x", items.PRIVATE, target=target), "k")
    assert late.value.code == "window_closed"


def test_a_private_answer_is_one_message_and_says_so_before(desk):
    target, _facts = public(desk)
    long = items.Draft("word " * 3000, items.PRIVATE, target=target)
    measure = desk.adapter.message_measure(long)
    assert len(measure.parts) == 1 and measure.length > measure.limit
    both = items.Draft("look", items.PRIVATE, target=target, media=(upload(),))
    with pytest.raises(errors.RejectedError) as two:
        desk.adapter.message_measure(both)
    assert two.value.code == "one_message_only"
    part = items.Draft("b", items.PRIVATE, target=target, part=2, previous="m_1")
    with pytest.raises(errors.RejectedError):
        desk.adapter.private_reply(part, "k")
    assert not bodies(desk)


# --- refused ----------------------------------------------------------------------
def test_each_refusal_is_a_word_for_people(desk):
    heard = desk.hears()
    desk.jo.unreachable = True
    assert refused(desk, heard) == "undeliverable"
    desk.jo.unreachable = False
    desk.jo.owner = OTHER_APP
    assert refused(desk, heard) == "other_program"
    desk.jo.owner = 0
    desk.sim.inbox.restricted = True
    assert refused(desk, heard) == "account_blocked"
    desk.sim.inbox.restricted = False
    desk.sim.inbox.people.clear()
    assert refused(desk, heard) == "undeliverable"
    assert desk.sim.sent() == []


def test_an_answered_message_that_was_taken_back_is_answered_all_the_same(desk):
    heard = desk.hears("oops")
    desk.sim.inbox.said.clear()
    assert desk.says(heard, "Hello").key
    assert [bool(one.get("reply_to")) for one in bodies(desk)] == [True, False]


def test_a_page_that_is_slowed_down_waits(desk):
    heard = desk.hears()
    desk.sim.refuse(613, 1996, path="messages")
    with pytest.raises(errors.RateLimited):
        desk.says(heard)


@pytest.mark.parametrize("answer", [{}, [], {"message_id": 5}, "x", b"\xff"])
def test_an_answer_nobody_can_read_is_uncertain(desk, answer):
    heard = desk.hears()
    desk.sim.fail(path="messages", answer=Answer(answer), effect=True)
    with pytest.raises(errors.UncertainError):
        desk.says(heard)


@pytest.mark.parametrize("code", [1, 2])
def test_what_meta_does_not_know_nobody_knows(desk, code):
    heard = desk.hears()
    desk.sim.refuse(code, path="messages", status=500)
    with pytest.raises(errors.UncertainError):
        desk.says(heard)


# --- looking ----------------------------------------------------------------------
def look(desk, draft):
    return desk.adapter.message_lookup(draft, "key:1", desk.sim.now())


def test_what_got_lost_on_the_way_back_is_found(desk):
    heard = desk.hears()
    desk.sim.fail(path="messages", cut="after")
    draft = desk.answer(heard, "Sorry  about that")
    with pytest.raises(errors.UncertainError):
        desk.adapter.message_publish(draft, "key:1")
    found = look(desk, draft)
    [said] = desk.sim.sent()
    assert (found.key, found.thread) == (f"{desk.own}:{said.mid}", desk.jo.id)


def test_what_never_arrived_is_not_found(desk):
    heard = desk.hears("Sorry about that")
    desk.sim.fail(path="messages", cut="before")
    draft = desk.answer(heard, "Sorry about that")
    with pytest.raises(errors.UncertainError):
        desk.adapter.message_publish(draft, "key:1")
    # the person said the very same: that is not us
    assert look(desk, draft) is None


def test_the_same_words_to_somebody_else_prove_nothing(desk):
    heard = desk.hears()
    sam = desk.sim.add_customer("Sam")
    desk.sim.write(sam, "hi")
    desk.sim.answer_elsewhere(sam, "Hello!")
    assert look(desk, desk.answer(heard, "Hello!")) is None


def test_the_same_words_of_yesterday_prove_nothing(desk):
    heard = desk.hears()
    desk.says(heard, "Hello!")
    desk.sim.advance(hours=2)
    assert look(desk, desk.answer(heard, "Hello!")) is None


def test_a_file_is_found_by_its_kind(desk):
    heard = desk.hears()
    staged = desk.adapter.message_stage(upload())
    draft = desk.answer(heard, "", media=(upload(staged=staged),))
    assert look(desk, draft) is None
    desk.adapter.message_publish(draft, "key:1")
    assert look(desk, draft).ref == desk.sim.sent()[0].mid


def test_a_conversation_that_went_on_says_nothing(desk):
    """Only the twenty latest can be read: not found there is not "not there"."""
    heard = desk.hears()
    draft, since = desk.answer(heard, "Hello!"), desk.sim.now()
    desk.adapter.message_publish(draft, "key:1")
    for number in range(25):
        desk.sim.advance(seconds=2)
        desk.sim.write(desk.jo, f"{number}")
    with pytest.raises(errors.TransientError):
        desk.adapter.message_lookup(draft, "key:1", since)


# --- a heart ----------------------------------------------------------------------
def test_a_heart_is_put_and_taken_away(desk):
    heard = desk.hears("Thank you!")
    target = desk.answer(heard).target
    for verb in ("like", "like", "unlike"):
        desk.adapter.message_moderate(verb, target)
    assert [one["action"] for one in desk.sim.reactions] == [
        "react",
        "react",
        "unreact",
    ]
    assert {one["message_id"] for one in desk.sim.reactions} == {heard.ref}
    with pytest.raises(errors.RejectedError):
        desk.adapter.message_moderate("hide", target)
    assert desk.sim.sent() == []
