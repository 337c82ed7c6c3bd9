"""Speaking on Telegram: audiences, refusals, what may be uncertain."""

import pytest
from simulators.server import Answer
from simulators.telegram import TelegramHarness, TelegramSimulator
from telegram_kit import PNG, answer_to, connect, read

from networks import base, errors, items

SEEN = TelegramHarness().published
PUBLISH = TelegramHarness.publish_path
PARTY = "🎉"  # one character, two UTF-16 units


@pytest.fixture
def sim():
    with TelegramSimulator() as simulator:
        simulator.privacy = False
        yield simulator


@pytest.fixture
def adapter(sim):
    return connect(sim)


@pytest.fixture
def jo(sim):
    return sim.make_user("Jo", username="jo_k")


@pytest.fixture
def said(sim, adapter, jo):
    """A private message, parsed."""
    sim.say(jo, text="My parcel is lost")
    return read(adapter)[-1]


def in_group(sim, adapter, jo, **kwargs):
    """A message to us in a new group, parsed."""
    sim.say(jo, sim.make_group(announce=False, **kwargs), "@AcmeHelpBot help")
    return read(adapter)[-1]


def refused(kind, code, adapter, draft):
    with pytest.raises(kind) as caught:
        adapter.publish(draft, "key")
    assert (type(caught.value), caught.value.code) == (kind, code)
    return caught.value


def photo(data=PNG, mime="image/png", name="a.png"):
    return items.Upload(name=name, mime=mime, data=data)


# --- answering --------------------------------------------------------------------
def test_a_private_answer(sim, adapter, said, jo):
    done = adapter.publish(answer_to(said, "We look for it <b>&"), "key")
    (seen,) = SEEN(sim)
    assert seen == {
        "text": "We look for it <b>&",
        "audience": "private",
        "reply_to": said.key,
        "key": done.key,
    }
    assert (done.thread, done.url) == (said.thread, "")
    assert done.sent_at.timestamp() == sim.now


@pytest.mark.parametrize(
    "group", [{"username": "acme_square"}, {}, {"supergroup": False}]
)
def test_an_answer_in_a_group_stands_under_the_question(sim, adapter, jo, group):
    question = in_group(sim, adapter, jo, **group)
    done = adapter.publish(answer_to(question), "key")
    (seen,) = SEEN(sim)
    assert (seen["reply_to"], seen["audience"]) == (question.key, question.audience)
    assert done.thread == question.thread
    assert done.url == question.permalink.removesuffix("1") + "2" * bool(done.url)
    # and comes back as the parent of what follows
    sim.say(jo, sim.chats[int(question.ref.split(":")[0])], "ok", reply_to=done.ref)
    assert read(adapter)[-1].parent == done.key


def test_a_private_answer_to_a_public_question(sim, adapter, jo):
    question = in_group(sim, adapter, jo, username="acme_square")
    private = answer_to(question, audience=items.PRIVATE, to=question.author)
    refused(errors.RejectedError, "never_started", adapter, private)
    sim.start(jo)
    done = adapter.publish(private, "key")
    (seen,) = SEEN(sim)
    assert (seen["audience"], seen["reply_to"]) == ("private", "")
    assert done.thread == str(jo.id)


def test_a_forum_answer_stays_in_its_topic(sim, adapter, jo):
    forum = sim.make_group(forum=True, announce=False)
    topic = sim.open_topic(jo, forum)
    sim.say_in_topic(jo, forum, topic, "@AcmeHelpBot help")
    question = read(adapter)[-1]
    done = adapter.publish(answer_to(question), "key")
    assert done.thread == question.thread == f"{forum.id}:t{topic}"
    # also without a message to answer
    draft = items.Draft("And again", items.GROUP, thread=question.thread)
    assert adapter.publish(draft, "key").thread == question.thread


def test_a_channel_comment(sim, adapter, jo):
    talk = sim.make_group(announce=False, admin=True)
    news = sim.make_channel(username="acme_news", announce=False)
    sim.link(news, talk)
    sim.post(news, "We moved")
    copied = next(reversed(talk.messages))
    above = f"{talk.id}:{copied}"
    sim.say(jo, talk, "@AcmeHelpBot where to?", reply_to=above)
    question = read(adapter)[-1]
    adapter.publish(answer_to(question), "key")
    assert SEEN(sim)[0]["reply_to"] == question.key


# --- never to more people ---------------------------------------------------------
def test_nothing_private_gets_into_a_group(sim, adapter, said, jo):
    question = in_group(sim, adapter, jo)
    sim.start(jo)
    group = question.thread
    sim.calls.clear()
    for draft in (
        answer_to(said, audience=items.GROUP),
        answer_to(said, audience=items.PUBLIC),
        answer_to(question, audience=items.PUBLIC),
        answer_to(said, thread=group),
        items.Draft("hi", items.PRIVATE, thread=group),
        items.Draft("hi", items.PRIVATE, to=items.Author(id=group)),
        items.Draft("hi", items.GROUP, thread=str(jo.id)),
        answer_to(said, to=items.Author(id="77")),
    ):
        refused(errors.RejectedError, "audience_wider", adapter, draft)
    assert SEEN(sim) == sim.calls == []


def test_nobody_to_answer(sim, adapter):
    shared = items.Author(id="-1001234", shared=True)
    for draft in (
        items.Draft("hi", items.PRIVATE),
        items.Draft("hi", items.GROUP),
        items.Draft("hi", items.PUBLIC),
        items.Draft("hi", items.PRIVATE, to=shared),
        items.Draft("hi", items.PRIVATE, to=items.Author()),
    ):
        refused(errors.RejectedError, "no_target", adapter, draft)


def test_a_group_that_became_public_gets_no_closed_answer(sim, adapter, jo):
    question = in_group(sim, adapter, jo)
    sim.publish_group(sim.chats[int(question.thread)], "now_open")
    refused(errors.RejectedError, "audience_wider", adapter, answer_to(question))
    assert SEEN(sim) == []


def test_a_group_that_was_upgraded_is_followed(sim, adapter, jo):
    question = in_group(sim, adapter, jo, supergroup=False)
    new = sim.upgrade(sim.chats[int(question.thread)])
    done = adapter.publish(answer_to(question, "Found it"), "key")
    (seen,) = SEEN(sim)
    assert (seen["text"], seen["reply_to"]) == ("Found it", "")
    assert done.thread == str(new.id) and done.key.startswith(f"{new.id}:")


def test_an_upgraded_group_and_then_a_lost_answer_is_uncertain(sim, adapter, jo):
    question = in_group(sim, adapter, jo, supergroup=False)
    sim.upgrade(sim.chats[int(question.thread)])
    sim.fail(path=PUBLISH, skip=1, cut="after")
    refused(errors.UncertainError, "cut", adapter, answer_to(question))
    assert len(SEEN(sim)) == 1


# --- refusals ---------------------------------------------------------------------
@pytest.mark.parametrize("change, code", [("blocked", "blocked"), ("deactivated", "")])
def test_people_who_cannot_be_reached(sim, adapter, said, jo, change, code):
    setattr(jo, change, True)
    refused(errors.RejectedError, code or change, adapter, answer_to(said))


def test_somebody_who_never_wrote_to_us_and_whom_nobody_knows(sim, adapter):
    draft = items.Draft("hi", items.PRIVATE, to=items.Author(id="99"))
    refused(errors.RejectedError, "never_started", adapter, draft)


def test_groups_that_cannot_be_reached(sim, adapter, jo):
    question = in_group(sim, adapter, jo)
    group = sim.chats[int(question.thread)]
    for status, code in (
        ("kicked", "not_member"),
        ("left", "not_member"),
        ("restricted", "forbidden"),
    ):
        group.bot_status = status
        refused(errors.RejectedError, code, adapter, answer_to(question))
    del sim.chats[group.id]
    refused(errors.NotFoundError, "chat_not_found", adapter, answer_to(question))


def test_what_is_answered_is_gone(sim, adapter, said, jo):
    sim.customer_delete(said.ref)
    adapter.publish(answer_to(said), "key")  # in private it still makes sense
    assert SEEN(sim)[0]["reply_to"] == ""
    question = in_group(sim, adapter, jo, username="acme_square")
    sim.customer_delete(question.ref)
    refused(errors.NotFoundError, "deleted", adapter, answer_to(question))
    assert len(SEEN(sim)) == 1


def test_text_that_is_refused(sim, adapter, said):
    draft = answer_to(said, "x" * 4097)
    assert refused(errors.RejectedError, "too_long", adapter, draft).detail
    refused(errors.RejectedError, "empty", adapter, answer_to(said, "  "))


@pytest.mark.parametrize(
    "status, words, kind, code",
    [
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", "RejectedError", "forbidden"),
        (400, "Bad Request: TOPIC_CLOSED", "RejectedError", "forbidden"),
        (400, "Bad Request: message thread not found", "NotFoundError", "deleted"),
        (
            400,
            "Bad Request: PHOTO_INVALID_DIMENSIONS",
            "RejectedError",
            "media_rejected",
        ),
        (400, "Bad Request: something new", "RejectedError", "rejected"),
        (403, "Forbidden: something new", "RejectedError", "forbidden"),
        (401, "Unauthorized", "AuthError", "auth"),
        (404, "Not Found", "AuthError", "auth"),
        (413, "Request Entity Too Large", "RejectedError", "media_rejected"),
    ],
)
def test_the_table_of_refusals(sim, adapter, said, status, words, kind, code):
    body = {"ok": False, "error_code": status, "description": words}
    sim.fail(path=PUBLISH, answer=Answer(body, status))
    error = refused(getattr(errors, kind), code, adapter, answer_to(said))
    assert error.detail == words
    assert SEEN(sim) == []


# --- accidents --------------------------------------------------------------------
@pytest.mark.parametrize(
    "fault, code, there",
    [
        ({"cut": "before"}, "cut", 0),
        ({"cut": "after"}, "cut", 1),
        ({"delay": 0.4}, "timeout", 1),
        ({"answer": Answer("<h1>Bad Gateway</h1>", 502)}, "http_502", 0),
        ({"answer": Answer("Bad Gateway", 502), "effect": True}, "http_502", 1),
        ({"answer": Answer({"ok": False}, 500)}, "http_500", 0),
        ({"answer": Answer("<html>"), "effect": True}, "malformed", 1),
        ({"answer": Answer([]), "effect": True}, "malformed", 1),
        ({"answer": Answer({"ok": True, "result": True})}, "malformed", 0),
        ({"answer": Answer({"ok": True, "result": {"chat": 1}})}, "malformed", 0),
    ],
)
def test_a_lost_answer_is_uncertain(sim, said, fault, code, there):
    adapter = connect(sim, facts={"username": "AcmeHelpBot"}, deadline=0.2)
    sim.fail(path=PUBLISH, **fault)
    refused(errors.UncertainError, code, adapter, answer_to(said))
    sim.lock.acquire()  # the slow server has finished
    sim.lock.release()
    if not fault.get("delay"):
        assert len(SEEN(sim)) == there


def test_a_flood_did_not_happen(sim, adapter, said):
    sim.flood(14)
    assert (
        refused(
            errors.RateLimited, "rate_limited", adapter, answer_to(said)
        ).retry_after
        == 14
    )
    assert SEEN(sim) == []
    adapter.publish(answer_to(said), "key")


def test_a_server_that_is_not_there_did_nothing(sim, adapter, said):
    sim.stop()
    refused(errors.TransientError, "unreachable", adapter, answer_to(said))


def test_looking_at_the_group_first_is_no_effect(sim, adapter, jo):
    question = in_group(sim, adapter, jo)
    sim.fail(path="getChat", cut="after")
    refused(errors.TransientError, "cut", adapter, answer_to(question))
    assert SEEN(sim) == []


def test_nothing_protects_a_repeat(adapter):
    for verb in ("publish", "like", "delete"):
        assert adapter.idempotency(verb) == items.Idempotency("none")
    assert not adapter.can(base.LOOKUP)
