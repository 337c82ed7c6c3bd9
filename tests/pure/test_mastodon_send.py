"""What we say: to whom, how wide, how long, once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from mastodon_kit import (
    JO,
    PNG,
    answer,
    connect,
    hear,
    newest,
    now,
    read,
    staged,
    target,
)
from simulators.mastodon import MastodonSimulator

from networks import errors, items

PATH = r"/api/v1/statuses\Z"


@pytest.fixture
def sim():
    with MastodonSimulator() as server:
        server.jo = server.add_account(JO, "Jo")
        server.sam = server.add_account("sam", "Sam")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


# --- how wide ---------------------------------------------------------------------
@pytest.mark.parametrize(
    "visibility,answered",
    [
        ("public", "public"),
        ("unlisted", "unlisted"),
        ("direct", "direct"),
        # our followers are not the people who could read the question
        ("private", "direct"),
    ],
)
def test_an_answer_is_no_wider_than_what_it_answers(sim, adapter, visibility, answered):
    heard = hear(sim, adapter, visibility=visibility)
    done = adapter.publish(answer(heard), "k")
    said = sim.find(done.key)
    assert said.visibility == answered
    assert sim.world.statuses[said.parent].uri == heard.key
    assert said.now.text == f"@{JO} Hello"
    assert said.mentions == [sim.jo.id]


def test_a_wider_answer_is_refused(sim, adapter):
    private = hear(sim, adapter, "@acme psst", "direct")
    group = hear(sim, adapter, "@acme friends", "private")
    for heard, audience in (
        (private, items.PUBLIC),
        (private, items.GROUP),
        (group, items.PUBLIC),
    ):
        with pytest.raises(errors.RejectedError) as caught:
            adapter.publish(answer(heard, audience=audience), "k")
        assert caught.value.code == "audience_wider"
    assert newest(sim).author != sim.brand.id


def test_from_public_to_private_keeps_the_place_and_names_one_person(sim, adapter):
    heard = hear(sim, adapter, "@acme @sam it broke")
    done = adapter.publish(answer(heard, "your number?", items.PRIVATE), "k")
    said = sim.find(done.key)
    assert (said.visibility, said.mentions) == ("direct", [sim.jo.id])
    assert said.parent == sim.find(heard.key).id
    assert done.thread == f"direct:{JO}"
    # what the customer answers there joins the same thread
    back = hear(sim, adapter, "@acme 12345", "direct", in_reply_to=done.key)
    assert (back.thread, back.parent) == (done.thread, done.key)


def test_a_name_in_a_private_answer_lets_nobody_in(sim, adapter):
    heard = hear(sim, adapter, "@acme psst", "direct")
    done = adapter.publish(answer(heard, "@sam will call, or @who@else.example"), "k")
    said = sim.find(done.key)
    assert said.mentions == [sim.jo.id]
    assert said.now.text.replace("\u200b", "").endswith(
        "@sam will call, or @who@else.example"
    )
    public = adapter.publish(answer(hear(sim, adapter), "ask @sam"), "k2")
    assert sim.sam.id in sim.find(public.key).mentions


def test_a_group_answer_reaches_everybody_in_it(sim, adapter):
    heard = hear(sim, adapter, "@acme @sam look", "direct")
    done = adapter.publish(answer(heard, "both of you"), "k")
    said = sim.find(done.key)
    assert said.visibility == "direct"
    assert set(said.mentions) == {sim.jo.id, sim.sam.id}
    assert done.thread == heard.thread


def test_a_group_answer_to_a_public_post_is_for_the_author(sim, adapter):
    heard = hear(sim, adapter)
    done = adapter.publish(answer(heard, audience=items.GROUP), "k")
    assert sim.find(done.key).visibility == "direct"


def test_a_private_answer_in_a_group_is_for_its_author(sim, adapter):
    heard = hear(sim, adapter, "@acme @sam look", "direct")
    draft = answer(heard, "only you", items.PRIVATE)
    done = adapter.publish(draft, "k")
    assert sim.find(done.key).mentions == [sim.jo.id]


def test_writing_first(sim, adapter):
    draft = items.Draft("Hello", items.PRIVATE, to=items.Author(id="x", handle=JO))
    done = adapter.publish(draft, "k")
    assert sim.find(done.key).mentions == [sim.jo.id]
    assert done.thread == f"direct:{JO}"


def test_a_private_message_to_nobody_is_refused(sim, adapter):
    for draft in (
        items.Draft("Hello", items.PRIVATE),
        items.Draft("Hello", items.PRIVATE, to=items.Author(id="x")),
    ):
        with pytest.raises(errors.RejectedError) as caught:
            adapter.publish(draft, "k")
        assert caught.value.code == "no_target"


def test_a_person_whom_the_server_cannot_find_is_told_and_nothing_stays(sim, adapter):
    draft = items.Draft("Hello", items.PRIVATE, to=items.Author(handle="no@no.example"))
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == "unknown_person"
    assert not sim.world.statuses


def test_we_do_not_greet_ourselves(sim, adapter):
    sim.post(sim.brand, "we are open")
    [own] = read(adapter, stream="own")
    done = adapter.publish(answer(own, "until nine"), "k")
    assert sim.find(done.key).now.text == "until nine"


def test_going_on_in_private_after_our_own_message(sim, adapter):
    sim.post(sim.brand, f"@{JO} hello", "direct")
    [own] = read(adapter, stream="own")
    done = adapter.publish(replace(answer(own, "and more"), to=None), "k")
    assert sim.find(done.key).mentions == [sim.jo.id]


def test_warning_and_language_go_along(sim, adapter):
    draft = answer(hear(sim, adapter), "blood", warning="injury", language="de")
    said = sim.find(adapter.publish(draft, "k").key)
    assert (said.now.spoiler, said.language, said.sensitive) == ("injury", "de", True)
    odd = replace(draft, language="not a language")
    assert sim.find(adapter.publish(odd, "k2").key).language == "en"


# --- how long ---------------------------------------------------------------------
def test_the_names_and_the_warning_count(sim, adapter):
    heard = hear(sim, adapter)
    draft = answer(heard, "x" * 496)  # and "@jo "
    assert adapter.measure(draft).length == adapter.measure(draft).limit == 500
    adapter.publish(draft, "k")
    longer = replace(draft, text="x" * 497)
    assert len(adapter.measure(longer).parts) == 2
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(longer, "k2")
    assert caught.value.code == "too_long"
    warned = replace(draft, text="x" * 490, warning="y" * 7)
    assert adapter.measure(warned).length == 501


def test_the_limit_is_the_servers():
    with MastodonSimulator(max_characters=5000) as sim:
        adapter = connect(sim)
        sim.add_account(JO)
        heard = hear(sim, adapter)
        assert adapter.measure(answer(heard, "x")).limit == 5000
        adapter.publish(answer(heard, "x" * 4996), "k")


def test_parts_follow_each_other_and_each_reaches_the_person(sim, adapter):
    heard = hear(sim, adapter, "@acme psst", "direct")
    whole = adapter.measure(answer(heard, "A sentence of words. " * 60))
    assert len(whole.parts) == 3
    previous, above = "", sim.find(heard.key).id
    for number, part in enumerate(whole.parts, 1):
        draft = answer(heard, part, part=number, parts=3, previous=previous)
        done = adapter.publish(draft, f"k{number}")
        said = sim.find(done.key)
        assert said.parent == above
        assert said.mentions == [sim.jo.id] and said.visibility == "direct"
        previous, above = done.ref, said.id


def test_a_warning_that_fills_everything_ends(sim, adapter):
    draft = answer(hear(sim, adapter), "x" * 1000, warning="y" * 600)
    assert adapter.measure(draft).parts == ("x" * 1000,)


def test_measuring_a_book_is_quick(sim, adapter):
    draft = answer(hear(sim, adapter), "word " * 40_000)
    started = now()
    assert len(adapter.measure(draft).parts) > 400
    assert now() - started < timedelta(seconds=10)


def test_nothing_is_sent_without_words_or_files(sim, adapter):
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(hear(sim, adapter), "  "), "k")
    assert caught.value.code == "empty"


# --- other verbs ------------------------------------------------------------------
def test_liking(sim, adapter):
    one = target(hear(sim, adapter))
    for verb, likes in (("like", 1), ("like", 1), ("unlike", 0), ("unlike", 0)):
        adapter.moderate(verb, one)
        assert len(sim.find(one.key).likes) == likes


def test_deleting_what_is_ours_twice(sim, adapter):
    done = adapter.publish(answer(hear(sim, adapter)), "k")
    own = items.Target(done.key, done.ref, items.Author(), items.PUBLIC)
    adapter.moderate("delete", own)
    adapter.moderate("delete", own)
    with pytest.raises(KeyError):
        sim.find(done.key)


def test_editing_keeps_files_warning_and_people(sim, adapter):
    upload = staged(adapter, items.Upload("a.png", "image/png", PNG, "a plug"))
    heard = hear(sim, adapter, "@acme psst", "direct")
    draft = answer(heard, "tpyo", media=(upload,), warning="careful", language="de")
    done = adapter.publish(draft, "k")
    [own] = read(adapter, stream="own")
    adapter.moderate("edit", target(own, text="typo, says @sam"))
    said = sim.find(done.key)
    assert said.now.text.replace("\u200b", "") == f"@{JO} typo, says @sam"
    assert said.mentions == [sim.jo.id]
    assert (len(said.now.media), said.now.spoiler) == (1, "careful")
    assert said.language == "de"


def test_hiding_is_not_on_offer(sim, adapter):
    with pytest.raises(errors.RejectedError):
        adapter.moderate("hide", target(hear(sim, adapter)))
    assert not adapter.can("hide")


# --- what may be done -------------------------------------------------------------
def test_affordances_say_why_not(sim, adapter):
    heard = hear(sim, adapter)
    facts = items.MessageFacts(audience=items.PUBLIC, own=False, author=heard.author)
    kinds = {one.kind: one for one in adapter.affordances(facts)}
    assert set(kinds) == {"reply_public", "reply_private", "like"}
    assert all(one.allowed for one in kinds.values())
    assert kinds["reply_public"].max_length == 500
    assert kinds["like"].max_length is None
    blocked = adapter.affordances(replace(facts, blocked=True))
    reasons = {one.kind: one.reason for one in blocked}
    assert reasons == {
        "reply_public": "blocked",
        "reply_private": "blocked",
        "like": "",
    }
    hidden = adapter.affordances(replace(facts, author=items.Author(id="x")))
    reasons = {one.kind: one.reason for one in hidden}
    assert reasons["reply_private"] == "no_target"
    own = adapter.affordances(replace(facts, own=True))
    assert [one.kind for one in own] == ["reply_public", "delete", "edit"]
    for audience in (items.GROUP, items.PRIVATE):
        own = adapter.affordances(replace(facts, own=True, audience=audience))
        assert [one.kind for one in own] == ["delete", "edit"]


def test_below_our_own_post_nobody_is_named(sim, adapter):
    ours = adapter.publish(items.Draft("We raise our prices", items.PUBLIC), "k1")
    above = items.Target(ours.key, ours.ref, items.Author(""), items.PUBLIC)
    draft = items.Draft("We are looking into it.", items.PUBLIC, target=above)
    assert adapter.measure(draft).length == len(draft.text)
    below = adapter.publish(draft, "k2")
    status = next(one for one in sim.world.statuses.values() if one.uri == below.key)
    assert status.mentions == []
    assert status.parent
