"""Speaks on a simulated X: to whom, once, at what cost (fact sheet x §0, §5, §9)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from simulators.server import Answer
from simulators.x import XSimulator
from x_desk import (
    USER,
    answer,
    connect,
    facts_of,
    hear,
    hear_direct,
    may,
    offline,
    read_post,
)

from networks import errors, items


@pytest.fixture
def sim():
    with XSimulator() as server:
        server.jo = server.add_user("jo_k", "Jo")
        server.sam = server.add_user("sam", "Sam")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


def ours(sim):
    return [one for one in sim.world.posts.values() if one.author == sim.brand.id]


# --- whom we may answer -----------------------------------------------------------
def test_who_named_us_is_answered(sim, adapter):
    heard = hear(sim, adapter, "@acme help")
    assert may(adapter, heard)["reply_public"].allowed
    done = adapter.publish(answer(heard, "Here we are"), "k")
    [post] = ours(sim)
    assert (done.key, done.ref) == (post.id, post.id)
    assert (post.parent, post.text) == (heard.key, "@jo_k Here we are")
    assert done.url == f"https://x.com/acme/status/{post.id}"
    assert abs(done.sent_at - sim.now()) < timedelta(seconds=5)


def test_who_did_not_is_answered_by_hand(sim, adapter):
    heard = hear(sim, adapter, "my acme lamp broke")
    found = may(adapter, heard)["reply_public"]
    assert (found.allowed, found.reason) == (False, "not_summoned")
    assert found.url == f"https://x.com/intent/post?in_reply_to={heard.key}"
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(heard), "k")
    assert caught.value.code == "reply_refused"
    assert not ours(sim) and "post" not in adapter.spent


def test_a_quote_may_be_answered(sim, adapter):
    heard = hear(sim, adapter, "Look!", quote=sim.post(sim.brand, "News"))
    assert may(adapter, heard)["reply_public"].allowed
    assert adapter.publish(answer(heard), "k").key


def test_the_enterprise_plan_answers_everybody(sim):
    sim.app.enterprise = True
    adapter = connect(sim, tier="Enterprise")
    heard = hear(sim, adapter, "my acme lamp broke")
    found = may(adapter, heard)
    assert found["reply_public"].allowed and found["reply_public"].cost == ""
    assert found["like"].allowed
    assert adapter.publish(answer(heard), "k").key


def test_likes_only_where_the_plan_has_them(sim, adapter):
    heard = hear(sim, adapter)
    found = may(adapter, heard)["like"]
    assert (found.allowed, found.reason) == (False, "not_in_plan")
    assert found.url == f"https://x.com/i/web/status/{heard.key}"
    with pytest.raises(errors.RejectedError) as caught:
        adapter.moderate("like", answer(heard).target)
    assert caught.value.code == "not_in_plan"
    assert "like" not in adapter.spent


def test_blocked_deleted_and_our_own(adapter):
    heard = read_post()
    assert may(adapter, heard, blocked=True)["reply_public"].reason == "blocked"
    assert adapter.affordances(facts_of(heard, deleted=True)) == []
    assert set(may(adapter, heard, own=True)) == {"delete"}


def test_followers_only_is_not_answered_for_the_world():
    adapter = offline()
    heard = read_post(includes={"users": [{**USER, "protected": True}]})
    found = may(adapter, heard)
    assert "reply_public" not in found
    assert found["reply_group"].reason == "protected"
    assert found["reply_private"].allowed
    for audience in (items.PUBLIC, items.GROUP):
        with pytest.raises(errors.RejectedError) as caught:
            adapter.publish(answer(heard, audience=audience), "k")
        assert caught.value.code == "audience_wider"


def test_replies_under_our_own_posts_can_be_hidden(sim, adapter):
    post = sim.post(sim.brand, "News")
    under = hear(sim, adapter, "Nonsense", reply_to=post)
    other = hear(sim, adapter, "@acme hello")
    assert may(adapter, under)["hide"].allowed
    assert "hide" not in may(adapter, other)
    target = answer(under).target
    adapter.moderate("hide", target)
    assert sim.world.posts[under.key].hidden
    adapter.moderate("unhide", target)
    assert not sim.world.posts[under.key].hidden
    assert adapter.spent["manage"] == 2
    with pytest.raises(errors.RejectedError):
        adapter.moderate("hide", answer(other).target)


# --- money ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "cost", "kind"),
    [
        ("We look into it", "$0.01", "summoned_reply"),
        ("See example.com/help", "$0.20", "post_url"),
        ("See https://example.com/help, please", "$0.20", "post_url"),
        ("at 10.30 p.m. today", "$0.01", "summoned_reply"),
    ],
)
def test_an_address_costs_more(sim, adapter, text, cost, kind):
    heard = hear(sim, adapter)
    assert may(adapter, heard)["reply_public"].cost == "$0.01"
    draft = answer(heard, text)
    assert adapter.measure(draft).cost == cost
    adapter.publish(draft, "k")
    assert adapter.spent[kind] == 1


def test_each_part_costs():
    adapter, heard = offline(), read_post()
    draft = answer(heard, "word " * 100 + "x.com")
    found = adapter.measure(draft)
    # the first answers who named us, the second our own post, and has an address
    assert len(found.parts) == 2 and found.cost == "$0.21"
    assert adapter.measure(answer(heard, "word " * 100)).cost == "$0.025"
    private = replace(draft, audience=items.PRIVATE)
    assert adapter.measure(private).cost == "$0.015"


def test_what_is_not_known_to_have_failed_is_counted(sim, adapter):
    draft = answer(hear(sim, adapter))
    sim.fail(method="POST", path=r"/2/tweets\Z", cut="after")
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "k")
    assert adapter.spent["summoned_reply"] == 1
    sim.refuse(403, "You are not permitted to perform this action.", path="/2/tweets")
    with pytest.raises(errors.RejectedError):
        adapter.publish(answer(hear(sim, adapter), "other"), "k")
    assert adapter.spent["summoned_reply"] == 1


# --- length and threads -----------------------------------------------------------
def test_a_thread_hangs_together(sim, adapter):
    heard = hear(sim, adapter)
    whole = " ".join(f"word{number:03}" for number in range(90))
    parts = adapter.measure(answer(heard, whole)).parts
    assert len(parts) == 3
    previous, parents = "", []
    for number, part in enumerate(parts, 1):
        draft = answer(heard, part, part=number, parts=3, previous=previous)
        previous = adapter.publish(draft, f"k{number}").ref
        parents.append(sim.world.posts[previous].parent)
    posts = [one.id for one in ours(sim)]
    assert parents == [heard.key, posts[0], posts[1]]
    assert adapter.spent == {**adapter.spent, "summoned_reply": 1, "post": 2}


def test_subscribers_post_long(sim):
    sim.brand.premium = True
    adapter = connect(sim)
    heard = hear(sim, adapter)
    draft = answer(heard, "word " * 1000)
    measure = adapter.measure(draft)
    assert (measure.limit, measure.parts) == (25_000, (draft.text,))
    assert adapter.publish(draft, "k").key
    assert may(adapter, heard)["reply_public"].max_length == 25_000


def test_too_long_is_refused_before_the_call(sim, adapter):
    heard = hear(sim, adapter)
    calls = len(sim.calls)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(heard, "你" * 141), "k")
    assert caught.value.code == "too_long"
    for text in ("", "  \n", "\ufeff"):
        with pytest.raises(errors.RejectedError) as caught:
            adapter.publish(answer(heard, text), "k")
        assert caught.value.code == "empty"
    assert len(sim.calls) == calls


def test_a_pasted_byte_order_mark_is_left_out(sim, adapter):
    heard = hear(sim, adapter)
    draft = answer(heard, "\ufeffHello\uffff you")
    done = adapter.publish(draft, "k")
    assert ours(sim)[0].text == "@jo_k Hello you"
    assert adapter.lookup(draft, "k", sim.now()).key == done.key


# --- twice ------------------------------------------------------------------------
def test_a_lost_answer_is_found_again(sim, adapter):
    heard = hear(sim, adapter)
    since = sim.now()
    draft = answer(heard, "Q&A <b> at example.com/help 👍")
    assert adapter.lookup(draft, "k", since) is None
    sim.fail(method="POST", path=r"/2/tweets\Z", cut="after")
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "k")
    found = adapter.lookup(draft, "k", since)
    assert found.key == ours(sim)[0].id and found.url.endswith(found.key)


def test_the_same_words_elsewhere_are_not_it(sim, adapter):
    first, second = hear(sim, adapter, "@acme a"), hear(sim, adapter, "@acme b")
    since = sim.now()
    done = adapter.publish(answer(first, "Thanks"), "k")
    assert adapter.lookup(answer(first, "Thanks"), "k", since).key == done.key
    assert adapter.lookup(answer(second, "Thanks"), "k", since) is None
    assert adapter.lookup(answer(first, "Thanks!"), "k", since) is None
    fresh = items.Draft("Thanks", items.PUBLIC)
    assert adapter.lookup(fresh, "k", since) is None


def test_what_was_said_before_is_not_it(sim, adapter):
    heard = hear(sim, adapter)
    before = sim.now() - timedelta(minutes=5)
    sim.post(sim.brand, "Thanks", reply_to=heard.key, at=before)
    assert adapter.lookup(answer(heard, "Thanks"), "k2", sim.now()) is None
    assert adapter.lookup(answer(heard, "Thanks"), "k2", before)


def test_a_duplicate_proves_that_the_first_went_through(sim, adapter):
    heard = hear(sim, adapter)
    draft = answer(heard, "Only once")
    first = adapter.publish(draft, "k")
    assert adapter.publish(draft, "k").key == first.key
    assert len(ours(sim)) == 1
    assert adapter.spent["summoned_reply"] == 1


def test_a_duplicate_of_long_ago_is_a_refusal(sim, adapter):
    heard = hear(sim, adapter)
    adapter.publish(answer(heard, "Same as ever"), "k")
    sim.advance(3600)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(heard, "Same as ever"), "k2")
    assert caught.value.code == "duplicate"


def test_looking_ends_somewhere(sim, adapter):
    heard = hear(sim, adapter)
    since = sim.now()
    for number in range(600):
        sim.post(sim.brand, f"busy {number}")
    with pytest.raises(errors.TransientError) as caught:
        adapter.lookup(answer(heard, "not there"), "k", since)
    assert caught.value.code == "look_up_incomplete"


def test_an_answer_that_is_none_is_uncertain(sim, adapter):
    for body in ("<html>", "{}", '{"data": {}}', "null", '{"data": {"id": "x"}}'):
        draft = answer(hear(sim, adapter), f"text {body!r}"[:40])
        sim.fail(method="POST", path=r"/2/tweets\Z", answer=Answer(body, 201))
        with pytest.raises(errors.UncertainError):
            adapter.publish(draft, "k")


# --- private ----------------------------------------------------------------------
def test_a_private_answer(sim, adapter):
    heard = hear_direct(sim, adapter, "hello")
    done = adapter.publish(answer(heard, "Hello Jo"), "k")
    message = sim.world.messages[done.key.removeprefix("dm:")]
    assert (message.text, message.sender) == ("Hello Jo", sim.brand.id)
    assert done.thread == heard.thread == message.conversation
    assert adapter.spent["dm"] == 1
    found = adapter.lookup(answer(heard, "Hello Jo"), "k", sim.now())
    assert found and found.key == done.key
    assert adapter.lookup(answer(heard, "Hello Sam"), "k", sim.now()) is None
    sim.advance(60)
    assert adapter.lookup(answer(heard, "Hello Jo"), "k", sim.now()) is None


def test_from_public_to_private(sim, adapter):
    sim.jo.open_inbox = True
    heard = hear(sim, adapter)
    assert heard.extra["dm"] is True
    assert may(adapter, heard)["reply_private"].allowed
    draft = answer(heard, "In private", audience=items.PRIVATE, to=heard.author)
    done = adapter.publish(draft, "k")
    pair = "-".join(sorted((sim.jo.id, sim.brand.id), key=int))
    assert done.thread == pair
    assert not ours(sim)


def test_an_inbox_that_is_closed(sim, adapter):
    heard = hear(sim, adapter)
    found = may(adapter, heard)["reply_private"]
    assert (found.allowed, found.reason) == (False, "inbox_closed")
    assert found.url == f"https://x.com/messages/compose?recipient_id={sim.jo.id}"
    draft = answer(heard, "In private", audience=items.PRIVATE, to=heard.author)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == "direct_refused"
    assert "dm" not in adapter.spent


def test_a_group_is_answered_as_a_group(sim, adapter):
    sim.jo.open_inbox = True
    heard = hear_direct(sim, adapter, "all of us", group=[sim.sam])
    done = adapter.publish(answer(heard, "Hello all"), "k")
    assert done.thread == heard.thread
    found = adapter.lookup(answer(heard, "Hello all"), "k", sim.now())
    assert found.key == done.key
    # a private word to one of them goes to that one alone
    draft = answer(heard, "Psst", audience=items.PRIVATE, to=heard.author, thread="")
    assert "-" in adapter.publish(draft, "k2").thread


def test_nothing_private_becomes_public(sim, adapter):
    heard = hear_direct(sim, adapter, "secret")
    for audience in (items.PUBLIC, items.GROUP):
        with pytest.raises(errors.RejectedError) as caught:
            adapter.publish(answer(heard, audience=audience), "k")
        assert caught.value.code == "audience_wider"
    assert not ours(sim)


def test_nobody_to_write_to(adapter):
    draft = items.Draft("hello", items.PRIVATE)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == "no_target"


def test_a_conversation_that_moved_to_xchat(sim, adapter):
    heard = hear_direct(sim, adapter, "hello")
    sim.jo.encrypted = True
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(heard), "k")
    assert caught.value.code == "direct_refused"
    sealed = adapter._reader.sealed(
        {
            "event_type": "chat.received",
            "payload": {"id": "2080765901528535096", "conversation_id": heard.thread},
        },
        None,
    )
    found = may(adapter, sealed)["reply_private"]
    assert (found.allowed, found.reason) == (False, "sealed")
    with pytest.raises(errors.RejectedError):
        adapter.publish(answer(sealed), "k")


def test_a_lost_private_answer(sim, adapter):
    heard = hear_direct(sim, adapter, "hello")
    since = sim.now()
    sim.fail(method="POST", path="/messages", cut="after")
    with pytest.raises(errors.UncertainError):
        adapter.publish(answer(heard, "Did it arrive?"), "k")
    assert adapter.spent["dm"] == 1
    assert adapter.lookup(answer(heard, "Did it arrive?"), "k", since)


def test_what_we_said_can_be_taken_back(sim, adapter):
    heard, private = hear(sim, adapter), hear_direct(sim, adapter, "hello")
    for one in (heard, private):
        done = adapter.publish(answer(one, "Oops"), "k")
        target = items.Target(done.key, done.ref, heard.author, one.audience)
        adapter.moderate("delete", target)
        adapter.moderate("delete", target) if one is heard else None
    assert not [one for one in ours(sim) if sim.world.latest(one)]
    with pytest.raises(errors.NotFoundError):
        adapter.moderate("delete", replace(target, ref="chat:1"))
    with pytest.raises(errors.RejectedError):
        adapter.moderate("sing", answer(heard).target)


# --- an invitation ----------------------------------------------------------------
def test_an_invitation_brings_its_token_back(sim, adapter):
    url = adapter.invite_url("abc_DEF-9")
    assert url == (
        f"https://x.com/messages/compose?recipient_id={sim.brand.id}"
        "&text=%5Bref%3A%20abc_DEF-9%5D"
    )
    assert hear_direct(sim, adapter, "[ref: abc_DEF-9] hi").payload == "abc_DEF-9"
    for bad in ("", "a b", "x" * 65, "é", "a\n"):
        with pytest.raises(errors.RejectedError):
            adapter.invite_url(bad)
    with pytest.raises(errors.ConfigError):
        offline({}).invite_url("abc")
