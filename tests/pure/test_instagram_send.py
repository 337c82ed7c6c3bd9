"""What is said on Instagram, to whom, where it stands, and what cannot be said."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies
from instagram_kit import answer, calls, connect, facts_of, heard, kinds, pushed
from simulators.instagram import InstagramSimulator
from simulators.server import Answer

from networks import base, errors, items


@pytest.fixture
def sim():
    with InstagramSimulator() as found:
        yield found


@pytest.fixture
def adapter(sim):
    return connect(sim)


@pytest.fixture
def jo(sim):
    return sim.add_customer("Jo", username="jo.k")


def mentioned(adapter, sim, comment_or_post):
    [announced] = pushed(adapter, sim)
    [item] = adapter.fetch_announced(announced.ref).items
    return adapter.parse(item)


def said(sim):
    return sim.said_in_public()[-1]


# --- answers ----------------------------------------------------------------------
def test_an_answer_stands_below_the_comment(sim, adapter, jo):
    top = sim.comment(jo, "Broken")
    done = adapter.publish(answer(heard(adapter, sim, top), "We look into it"), "k")
    assert (said(sim).id, said(sim).parent, said(sim).text) == (
        done.key,
        top,
        "We look into it",
    )


def test_an_answer_to_an_answer_begins_with_the_name(sim, adapter, jo):
    """There are two levels only: nobody else would see whom it is for."""
    top = sim.comment(sim.add_customer("Eve"), "Broken")
    reply = heard(adapter, sim, sim.comment(jo, "Mine too", parent=top))
    draft = answer(reply, "Which one?")
    measure = adapter.measure(draft)
    assert measure.length == len("@jo.k Which one?")
    adapter.publish(draft, "k")
    assert said(sim).parent is top
    assert said(sim).text == "@jo.k Which one?"
    # who has written the name need not have it twice
    for text in ("@jo.k which one?", "  @JO.K, which one?"):
        adapter.publish(answer(reply, text), "k")
        assert said(sim).text == text
    adapter.publish(answer(reply, "@jo.kk is another"), "k")
    assert said(sim).text == "@jo.k @jo.kk is another"


def test_every_part_of_a_long_answer_names_the_person(sim, adapter, jo):
    top = sim.comment(sim.add_customer("Eve"), "Broken")
    reply = heard(adapter, sim, sim.comment(jo, "Mine too", parent=top))
    words = " ".join(f"word{number}" for number in range(800))
    parts = adapter.measure(answer(reply, words)).parts
    assert len(parts) > 1
    for number, part in enumerate(parts, 1):
        draft = answer(reply, part, part=number, parts=len(parts), previous="1")
        adapter.publish(draft, f"k{number}")
        assert said(sim).text.startswith("@jo.k ") and said(sim).parent is top
        assert len(said(sim).text) <= 2200


def test_below_our_own_post_and_our_own_comment(sim, adapter, jo):
    post = sim.latest
    own = items.Target(
        post.id, post.id, items.Author(sim.own), "public", extra={"place": "post"}
    )
    adapter.publish(items.Draft("One more thing", "public", own), "k")
    assert said(sim).post is post and said(sim).parent is None
    mine = said(sim)
    below = items.Target(mine.id, mine.id, items.Author(sim.own), "public")
    adapter.publish(items.Draft("And another", "public", below), "k")
    assert said(sim).parent is mine
    assert said(sim).text == "And another", "nobody names himself"


def test_a_mention_is_answered_where_it_stands(sim, adapter, jo):
    comment = sim.mention(jo, "Look, @acme")
    found = mentioned(adapter, sim, comment)
    assert kinds(adapter, facts_of(found))[base.REPLY_PUBLIC].allowed
    adapter.publish(answer(found, "Thank you"), "k")
    assert said(sim).post is comment.post and said(sim).parent is comment
    form = dict(calls(sim, "/mentions")[0].form())
    assert form["media_id"] == comment.post.id and form["comment_id"] == comment.id
    sim.queue.clear()
    post = sim.caption_mention(jo)
    adapter.publish(answer(mentioned(adapter, sim, post), "Sorry"), "k")
    assert said(sim).post is post and said(sim).parent is None


def test_who_is_only_marked_in_a_picture_cannot_answer_by_program(sim, adapter):
    post = sim.post("My garden", owner="garden_jo", tagged=True)
    row = adapter.fetch("tags", "", sim.now() - timedelta(days=7)).items[0]
    found = adapter.parse(row)
    way = kinds(adapter, facts_of(found))[base.REPLY_PUBLIC]
    assert (way.allowed, way.reason) == (False, "not_summoned")
    assert found.permalink == post.permalink, "by hand"
    with pytest.raises(errors.RejectedError):
        adapter.publish(answer(found, "Nice"), "k")


def test_without_a_page_mentions_are_not_answered():
    with InstagramSimulator("instagram") as sim:
        adapter = connect(sim)
        target = items.Target(
            "1", "mention:1", items.Author(), "public", extra={"media": "2"}
        )
        with pytest.raises(errors.RejectedError):
            adapter.publish(items.Draft("Hi", "public", target), "k")
        assert not calls(sim, "/mentions")


# --- how long ---------------------------------------------------------------------
def test_characters_for_comments_bytes_for_messages(sim, adapter, jo):
    """chatwoot#6435: too long, and the message was lost."""
    public = heard(adapter, sim, sim.comment(jo, "Hello"))
    measure = adapter.measure(answer(public, "灯" * 2200))
    assert (measure.length, measure.limit, len(measure.parts)) == (2200, 2200, 1)
    sim.queue.clear()
    sim.write(jo, "Hello")
    [private] = pushed(adapter, sim)
    measure = adapter.measure(answer(private, "灯" * 400))
    assert (measure.length, measure.limit) == (1200, 1000)
    assert len(measure.parts) == 2
    for part in measure.parts:
        adapter.publish(answer(private, part), "k")
    assert "".join(one.text for one in sim.sent()) == "灯" * 400


def test_more_hashtags_than_one_comment_may_have(sim, adapter, jo):
    one = heard(adapter, sim, sim.comment(jo, "Hello"))
    tags = " ".join(f"#tag{number}" for number in range(45))
    measure = adapter.measure(answer(one, tags))
    assert len(measure.parts) == 2
    for part in measure.parts:
        adapter.publish(answer(one, part), "k")
    with pytest.raises(errors.RejectedError):
        adapter.publish(answer(one, tags), "k")
    # another number, when Instagram has changed its mind
    other = connect(sim, comment_hashtags="50", comment_length="100")
    assert len(other.measure(answer(one, tags)).parts) > 2


@settings(max_examples=60, deadline=None, database=None)
@given(strategies.text(alphabet="ab #@é灯😢\n.", max_size=400), strategies.booleans())
def test_parts_always_fit(text, below):
    with InstagramSimulator() as sim:
        adapter = connect(sim, comment_length="80", comment_names="3")
        jo = sim.add_customer("Jo")
        top = sim.comment(sim.add_customer("Eve"), "Broken")
        one = heard(adapter, sim, sim.comment(jo, "Me", parent=top) if below else top)
        parts = adapter.measure(answer(one, text)).parts
        squeezed = "".join(text.split())
        assert "".join("".join(part.split()) for part in parts) == squeezed
        for part in parts:
            if part.strip():
                assert len(adapter._said(answer(one, part))) <= 80


# --- private answers --------------------------------------------------------------
def test_one_private_answer_to_a_comment(sim, adapter, jo):
    one = heard(adapter, sim, sim.comment(jo, "My lamp broke"))
    way = kinds(adapter, facts_of(one))[base.REPLY_PRIVATE]
    assert (way.allowed, way.remaining) == (True, 1)
    assert way.until == one.sent_at + timedelta(days=7)
    draft = answer(one, "Your address?", audience="private", to=one.author)
    done = adapter.publish(replace(draft, thread=""), "k")
    assert done.thread == jo.id, "where the answer will come from"
    assert sim.sent()[-1].text == "Your address?"
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "k2")
    assert caught.value.code == "private_reply_used"
    used = facts_of(one, private_replies_sent=1)
    assert kinds(adapter, used)[base.REPLY_PRIVATE].reason == "private_reply_used"


def test_a_private_answer_comes_too_late(sim, adapter, jo):
    one = heard(adapter, sim, sim.comment(jo, "My lamp broke"))
    sim.advance(days=7, seconds=1)
    assert not kinds(adapter, facts_of(one))[base.REPLY_PRIVATE].allowed
    draft = answer(one, "Hello?", audience="private", to=one.author)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == "window_closed"


def test_below_others_posts_there_is_no_private_answer(sim, adapter, jo):
    found = mentioned(adapter, sim, sim.mention(jo))
    ways = adapter.handoff(facts_of(found), "Zm9yIHRoaXMgdGVzdA_-")
    assert [one.kind for one in ways if one.allowed] == [items.LINK]


def test_the_live_video_is_over(sim, adapter, jo):
    live = sim.post("On the air", kind="LIVE", live=True)
    one = heard(adapter, sim, sim.comment(jo, "Hi", live))
    live.live = False
    draft = answer(one, "Hello", audience="private", to=one.author)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == "private_reply_used"


def test_a_private_conversation_is_never_answered_in_public(sim, adapter, jo):
    sim.write(jo, "My address is 5 Elm Street")
    [private] = pushed(adapter, sim)
    draft = replace(answer(private, "Got it"), audience="public")
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == "audience_wider"
    assert not sim.said_in_public()


def test_a_comment_carries_no_file(sim, adapter, jo):
    one = heard(adapter, sim, sim.comment(jo, "Hello"))
    assert adapter.media_rules("public").max_files == 0
    assert adapter.media_rules("private").max_files > 0
    file = items.Upload("a.png", "image/png", b"x")
    with pytest.raises(errors.RejectedError):
        adapter.publish(answer(one, "Look", media=(file,)), "k")
    assert not sim.said_in_public()


# --- once -------------------------------------------------------------------------
def test_what_got_lost_is_found_also_with_the_name_before_it(sim, adapter, jo):
    top = sim.comment(sim.add_customer("Eve"), "Broken")
    reply = heard(adapter, sim, sim.comment(jo, "Mine too", parent=top))
    draft, since = answer(reply, "Which  one?"), sim.now()
    sim.comment(jo, "Which one?", parent=top)
    assert adapter.lookup(draft, "k", since) is None, "somebody else said that"
    sim.fail(method="POST", path="/replies", cut="after")
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "k")
    assert adapter.lookup(draft, "k", since).key == said(sim).id
    assert adapter.lookup(draft, "k", since + timedelta(minutes=10)) is None


def test_among_many_answers_it_is_found(sim, adapter, jo):
    top = sim.comment(jo, "Who?")
    for number in range(120):
        sim.comment(jo, f"Me {number}", parent=top)
    draft, since = answer(heard(adapter, sim, top), "All of you"), sim.now()
    done = adapter.publish(draft, "k")
    assert adapter.lookup(draft, "k", since).key == done.key
    for number in range(200):
        sim.comment(jo, f"Me again {number}", parent=top)
    with pytest.raises(errors.TransientError):
        adapter.lookup(answer(heard(adapter, sim, top), "Not said"), "k", since)


def test_below_anothers_post_nobody_can_look(sim, adapter, jo):
    """ "Not found" would send it twice: a person is asked."""
    found = mentioned(adapter, sim, sim.mention(jo))
    with pytest.raises(errors.TransientError):
        adapter.lookup(answer(found, "Thank you"), "k", sim.now())


def test_a_lost_private_answer_is_found_in_the_conversation(sim, adapter, jo):
    one = heard(adapter, sim, sim.comment(jo, "My lamp broke"))
    draft = answer(one, "Your address?", audience="private", to=one.author, thread="")
    assert adapter.lookup(draft, "k", sim.now()) is None
    sim.fail(method="POST", path="/messages", cut="after")
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "k")
    assert adapter.lookup(draft, "k", sim.now()).thread == jo.id


def test_no_id_in_the_answer_is_uncertain(sim, adapter, jo):
    draft = answer(heard(adapter, sim, sim.comment(jo, "Hello")), "Hi")
    for body in ({}, {"id": None}, {"id": "x/y"}, [], "x", 5):
        sim.fail(method="POST", path="/replies", answer=Answer(body))
        with pytest.raises(errors.UncertainError):
            adapter.publish(draft, "k")


# --- refusals ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "subcode", "kind", "word"),
    [
        (368, None, errors.RejectedError, "account_blocked"),
        (10, None, errors.ScopeError, "scope"),
        (200, None, errors.ScopeError, "scope"),
        (190, 460, errors.AuthError, "revoked"),
        (100, 33, errors.NotFoundError, "not_found"),
        (4, None, errors.RateLimited, "rate_limited"),
        (2, None, errors.UncertainError, "unknown"),
    ],
)
def test_what_a_refusal_means(sim, adapter, jo, code, subcode, kind, word):
    draft = answer(heard(adapter, sim, sim.comment(jo, "Hello")), "Hi")
    sim.refuse(code, subcode, path="/replies")
    with pytest.raises(kind) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == word
    assert not sim.said_in_public()


# --- hiding, deleting -------------------------------------------------------------
def test_hidden_shown_and_deleted(sim, adapter, jo):
    comment = sim.comment(jo, "Rude words")
    one = heard(adapter, sim, comment)
    assert kinds(adapter, facts_of(one))[base.HIDE].allowed
    target = answer(one).target
    for _time in range(2):
        adapter.moderate("hide", target)
        assert comment.hidden
    adapter.moderate("unhide", target)
    assert not comment.hidden
    for _time in range(2):
        adapter.moderate("delete", target)
        assert comment.deleted


def test_below_others_posts_nothing_is_hidden(sim, adapter, jo):
    found = mentioned(adapter, sim, sim.mention(jo))
    assert not {base.HIDE, base.DELETE} & set(kinds(adapter, facts_of(found)))
    for verb in ("hide", "unhide", "delete"):
        with pytest.raises(errors.RejectedError):
            adapter.moderate(verb, answer(found).target)


def test_messages_cannot_be_hidden_or_deleted(sim, adapter, jo):
    sim.write(jo, "Hello")
    [one] = pushed(adapter, sim)
    assert set(kinds(adapter, facts_of(one))) == {base.REPLY_PRIVATE}
    assert not adapter.affordances(facts_of(one, own=True))
    with pytest.raises(errors.RejectedError):
        adapter.moderate("delete", answer(one).target)


# --- people -----------------------------------------------------------------------
def test_who_wrote_only_in_public_shows_nothing_more(sim, adapter, jo):
    """230: no consent before they wrote to us."""
    found = adapter.profile(jo.id)
    assert (found.id, found.handle, found.name) == (jo.id, "", "")
    sim.write(jo, "Hello")
    found = adapter.profile(jo.id)
    assert (found.handle, found.name, found.scope) == ("jo.k", "Jo", sim.own)
