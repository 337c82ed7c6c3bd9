"""Never twice: a post's key is ours; what became of a message is looked up."""

from datetime import timedelta

import pytest
from bluesky_kit import answer, asked, connect, hear, hear_private, later, ours
from hypothesis import given, strategies
from simulators.bluesky import BlueskySimulator
from simulators.bluesky_repo import TID
from simulators.bluesky_world import POST
from simulators.server import Answer

from networks import bluesky_values, errors, items

PUT, SEND = "com.atproto.repo.putRecord", "chat.bsky.convo.sendMessage"


@pytest.fixture
def sim():
    with BlueskySimulator() as server:
        server.jo = server.add_person("jo.example", "Jo")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


# --- the key ----------------------------------------------------------------------
@given(strategies.text())
def test_every_key_has_a_record_key_the_server_takes(key):
    rkey = bluesky_values.rkey_for(key)
    assert TID.match(rkey) and rkey == bluesky_values.rkey_for(key)
    assert 2024 <= bluesky_values.tid_time(rkey).year <= 2025


def test_keys_stay_apart():
    keys = {bluesky_values.rkey_for(f"k{number}:1") for number in range(20000)}
    assert len(keys) == 20000


def test_a_key_is_what_it_was():
    """Written down: a release that changed this would double what is in doubt."""
    assert bluesky_values.rkey_for("once:1") == "3ksd43bbhr2qz"


def test_the_letters_of_a_tid():
    assert bluesky_values.tid(0) == "2222222222222"
    assert bluesky_values.tid_time("3jzfcijpj2z2a").year == 2023
    for odd in ("", "3jzfcijpj2z2", "zzzzzzzzzzzzz", "3jzfcijpj2z21", "self"):
        assert bluesky_values.tid_time(odd) is None


# --- posts ------------------------------------------------------------------------
def test_what_protects_what(adapter):
    guards = {
        (verb, audience): adapter.idempotency(verb, audience).kind
        for verb in ("publish", "like")
        for audience in ("", "public", "private")
    }
    assert guards.pop(("publish", "private")) == "lookup"
    assert set(guards.values()) == {"client_id"}


def test_a_repeat_changes_nothing(sim, adapter):
    draft = answer(hear(sim, adapter), "Once")
    first = adapter.publish(draft, "k")
    [post] = ours(sim)
    before = dict(post.value)
    later(sim, adapter, 3600)
    assert adapter.publish(draft, "k") == first, "also when it was said"
    [post] = ours(sim)
    assert post.value == before


@pytest.mark.parametrize(
    "accident", [{"cut": "after"}, {"cut": "before"}, "502", "html"]
)
def test_a_lost_answer(sim, adapter, accident):
    draft = answer(hear(sim, adapter), "Once")
    if accident == "502":
        body = {"error": "UpstreamFailure", "message": "Upstream Failure"}
        accident = {"answer": Answer(body, 502), "effect": True}
    elif accident == "html":
        accident = {"answer": Answer("<html>ok</html>"), "effect": True}
    sim.fail(path=PUT, **accident)
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "k")
    found = adapter.lookup(draft, "k", sim.now())
    assert bool(found) == bool(ours(sim))
    done = adapter.publish(draft, "k")
    assert len(ours(sim)) == 1 and (found is None or found == done)
    assert adapter.lookup(draft, "k", sim.now()) == done
    assert adapter.lookup(draft, "other", sim.now()) is None


def test_an_answer_without_cid_is_an_answer(sim, adapter):
    draft = answer(hear(sim, adapter), "Once")
    sim.fail(path=PUT, answer=Answer({}), effect=True)
    done = adapter.publish(draft, "k")
    assert done.key == ours(sim)[0].uri


def test_other_words_under_our_key_stay(sim, adapter):
    """Whatever stands there is never replaced."""
    heard = hear(sim, adapter)
    adapter.publish(answer(heard, "First"), "k")
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(heard, "Second"), "k")
    assert caught.value.code == "duplicate"
    assert [one.value["text"] for one in ours(sim)] == ["First"]


def test_deleted_is_not_said_again_by_a_look(sim, adapter):
    draft = answer(hear(sim, adapter), "Once")
    done = adapter.publish(draft, "k")
    sim.delete(done.key)
    assert adapter.lookup(draft, "k", sim.now()) is None


def test_reading_before_writing_is_no_effect(sim, adapter):
    draft = answer(hear(sim, adapter), "Once")
    sim.fail(path="getPosts", cut="before")
    with pytest.raises(errors.TransientError):
        adapter.publish(draft, "k")
    assert not [one for one in asked(sim, PUT) if one.json()["collection"] == POST]


# --- private messages -------------------------------------------------------------
def said(sim):
    return [
        one.text
        for convo in sim.convos.convos.values()
        for one in convo.messages
        if one.sender == sim.brand.did
    ]


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_message_in_doubt_is_looked_up(sim, adapter, cut):
    draft = answer(hear_private(sim, adapter), "See https://acme.example/" + "x" * 60)
    began = sim.now()
    sim.fail(path=SEND, cut=cut)
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "k")
    found = adapter.lookup(draft, "k", began)
    assert (found is not None) == (cut == "after") == (len(said(sim)) == 1)
    if found:
        assert found.key.startswith(f"chat:{draft.thread}:")
        assert found.thread == draft.thread


def test_an_answer_without_an_id_is_doubt(sim, adapter):
    draft = answer(hear_private(sim, adapter))
    for body in ("<html>", "[]", {}, {"id": 5}):
        sim.fail(path=SEND, answer=Answer(body), effect=True)
        with pytest.raises(errors.UncertainError):
            adapter.publish(draft, "k")


def test_the_same_words_of_long_ago_are_not_these(sim, adapter):
    draft = answer(hear_private(sim, adapter), "Thank you")
    adapter.publish(draft, "one")
    later(sim, adapter, 600)
    began = sim.now()
    assert adapter.lookup(draft, "two", began) is None
    sim.dm(sim.jo, "Thank you")  # hers, not ours
    assert adapter.lookup(draft, "two", began) is None
    done = adapter.publish(draft, "two")
    assert adapter.lookup(draft, "two", began).key == done.key


def test_a_look_that_cannot_be_finished_says_so(sim, adapter):
    draft = answer(hear_private(sim, adapter), "Thank you")
    began = sim.now()
    for number in range(520):
        sim.dm(sim.jo, f"n {number}")
    with pytest.raises(errors.TransientError) as caught:
        adapter.lookup(draft, "k", began)
    assert caught.value.code == "look_up_incomplete"


def test_the_first_message_to_somebody_is_looked_up_too(sim, adapter):
    sim.allow_messages(sim.jo, "all")
    heard = hear(sim, adapter)
    draft = answer(heard, "Hello in private", audience="private", thread="")
    began = sim.now() - timedelta(seconds=1)
    assert adapter.lookup(draft, "k", began) is None
    assert not sim.convos.convos, "looking makes no conversation"
    done = adapter.publish(draft, "k")
    assert adapter.lookup(draft, "k", began) == done


def test_an_answer_that_is_no_record(sim, adapter):
    sim.fail(path="getRecord", answer=Answer({"uri": "x", "cid": "y"}))
    with pytest.raises(errors.MalformedResponse):
        adapter.lookup(items.Draft("x", items.PUBLIC), "k", sim.now())
