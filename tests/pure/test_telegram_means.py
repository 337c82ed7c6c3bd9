"""What may be said on Telegram and how: length, files, likes, invitations."""

from datetime import timedelta

import pytest
from simulators.telegram import TelegramHarness, TelegramSimulator
from telegram_kit import PNG, answer_to, connect, read

from networks import base, errors, items
from networks.text import count_utf16

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


# --- length -----------------------------------------------------------------------
@pytest.mark.parametrize(
    "text, length, parts",
    [
        ("", 0, 1),
        ("x" * 4096, 4096, 1),
        (PARTY * 2048, 4096, 1),
        (PARTY * 2048 + "x", 4097, 2),
        ("👨‍👩‍👧‍👦" * 400, 4400, 2),
        ("word " * 2000, 10000, 3),
    ],
)
def test_length_is_counted_in_utf16_units(sim, adapter, said, text, length, parts):
    measured = adapter.measure(answer_to(said, text))
    assert (measured.length, measured.limit) == (length, 4096)
    assert len(measured.parts) == parts
    for part in filter(None, measured.parts):
        adapter.publish(answer_to(said, part), "key")  # the server agrees
    joined = "".join(one["text"] for one in SEEN(sim))
    assert joined.replace(" ", "") == text.replace(" ", "")


def test_a_caption_is_shorter_and_the_rest_follows(sim, adapter, said):
    text = " ".join(["parcel"] * 1000)
    draft = answer_to(said, text, media=(photo(),))
    measured = adapter.measure(draft)
    assert measured.limit == 1024
    first, *rest = measured.parts
    assert count_utf16(first) <= 1024 and len(rest) == 2
    assert " ".join(measured.parts) == text
    adapter.publish(answer_to(said, first, media=(photo(),)), "key")
    refused(
        errors.RejectedError,
        "too_long",
        adapter,
        answer_to(said, "x" * 1025, media=(photo(),)),
    )


def test_parts_hang_on_each_other_in_a_group(sim, adapter, said, jo):
    question = in_group(sim, adapter, jo)
    first = adapter.publish(answer_to(question, "one", part=1, parts=2), "a")
    adapter.publish(
        answer_to(question, "two", part=2, parts=2, previous=first.ref), "b"
    )
    assert [one["reply_to"] for one in SEEN(sim)] == [question.key, first.key]


def test_parts_follow_each_other_in_private(sim, adapter, said):
    first = adapter.publish(answer_to(said, "one", part=1, parts=2), "a")
    adapter.publish(answer_to(said, "two", part=2, parts=2, previous=first.ref), "b")
    assert [one["reply_to"] for one in SEEN(sim)] == [said.key, ""]


# --- files ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "mime, method, field",
    [
        ("image/png", "sendPhoto", "photo"),
        ("image/jpeg", "sendPhoto", "photo"),
        ("image/gif", "sendDocument", "document"),
        ("image/svg+xml", "sendDocument", "document"),
        ("video/mp4", "sendVideo", "video"),
        ("audio/mpeg", "sendAudio", "audio"),
        ("application/pdf", "sendDocument", "document"),
        ("", "sendDocument", "document"),
    ],
)
def test_one_file(sim, adapter, said, mime, method, field):
    file = photo(mime=mime, name='Überweisung "1".x')
    done = adapter.publish(answer_to(said, "see", media=(file,)), "key")
    call = sim.calls[-1]
    assert call.path.endswith(method)
    ((_name, filename, _mime, data),) = [one for one in call.parts() if one[1]]
    assert data == PNG and filename
    message = sim._find(done.ref)[1]
    assert message["caption"] == "see" and message[field]
    assert message["reply_to_message"]["message_id"] == int(said.ref.split(":")[1])


def test_an_album_is_one_effect_and_is_deleted_as_a_whole(sim, adapter, said):
    media = (photo(), photo(name="b.png"), photo(b"mp4", "video/mp4"))
    done = adapter.publish(answer_to(said, "three", media=media), "key")
    assert [one["text"] for one in SEEN(sim)] == ["three", "", ""]
    assert done.key == SEEN(sim)[0]["key"]
    assert len([one for one in sim.calls if "send" in one.path]) == 1
    assert done.ref.startswith(f"{TelegramHarness.spot(done.key)},")
    assert done.ref.count(",") == 2
    target = items.Target(done.key, done.ref, items.Author(), items.PRIVATE)
    adapter.moderate("delete", target)
    assert SEEN(sim) == []


@pytest.mark.parametrize(
    "mimes, kinds",
    [
        (["image/png", "video/mp4"], ["photo", "video"]),
        (["image/png", "application/pdf"], ["document", "document"]),
        (["audio/mpeg", "image/png"], ["document", "document"]),
        (["audio/mpeg", "audio/mpeg"], ["audio", "audio"]),
    ],
)
def test_what_cannot_stand_together_goes_as_documents(sim, adapter, said, mimes, kinds):
    media = tuple(photo(mime=mime) for mime in mimes)
    done = adapter.publish(answer_to(said, "", media=media), "key")
    chat, numbers = done.ref.split(":")
    messages = sim.chats[int(chat)].messages
    assert [
        next(kind for kind in (*kinds, "photo") if kind in messages[int(number)])
        for number in numbers.split(",")
    ] == kinds


def test_files_beyond_the_limits_are_not_even_sent(sim, adapter, said, monkeypatch):
    monkeypatch.setattr("networks.telegram_send.MAX_FILE", 100)
    monkeypatch.setattr("networks.telegram_send.MAX_PHOTO", 30)
    sim.calls.clear()
    for media in ((photo(b"x" * 101),), (photo(),) * 11):
        draft = answer_to(said, media=media)
        refused(errors.RejectedError, "media_rejected", adapter, draft)
    assert sim.calls == []
    adapter.publish(answer_to(said, media=(photo(PNG + b"x" * 40),)), "key")
    assert sim.calls[-1].path.endswith("sendDocument")


def test_a_picture_that_is_none_is_refused(sim, adapter, said):
    draft = answer_to(said, media=(photo(b"no picture"),))
    refused(errors.RejectedError, "media_rejected", adapter, draft)


def test_a_lost_album_is_uncertain(sim, adapter, said):
    sim.fail(path="sendMediaGroup", cut="after")
    draft = answer_to(said, media=(photo(), photo()))
    refused(errors.UncertainError, "cut", adapter, draft)


# --- likes and deletions ----------------------------------------------------------
def aim(message) -> items.Target:
    return items.Target(message.key, message.ref, items.Author(), items.PRIVATE)


def test_like_and_unlike(sim, adapter, said):
    reactions = sim._find(said.ref)[1].setdefault("_reactions", {})
    adapter.moderate("like", aim(said))
    adapter.moderate("like", aim(said))
    assert reactions[sim.bot.id] == [{"type": "emoji", "emoji": "👍"}]
    adapter.moderate("unlike", aim(said))
    assert reactions[sim.bot.id] == []
    sim.customer_delete(said.ref)
    with pytest.raises(errors.NotFoundError):
        adapter.moderate("like", aim(said))


def test_delete_within_two_days(sim, adapter, said):
    done = adapter.publish(answer_to(said), "key")
    adapter.moderate("delete", aim(done))
    assert SEEN(sim) == []
    adapter.moderate("delete", aim(done))  # what was wanted is so already
    late = adapter.publish(answer_to(said), "key")
    sim.advance(48 * 3600)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.moderate("delete", aim(late))
    assert caught.value.code == "too_old"


def test_a_lost_deletion_may_simply_be_repeated(sim, adapter, said):
    done = adapter.publish(answer_to(said), "key")
    sim.fail(path="deleteMessage", cut="after")
    with pytest.raises(errors.TransientError):
        adapter.moderate("delete", aim(done))
    adapter.moderate("delete", aim(done))
    assert SEEN(sim) == []


@pytest.mark.parametrize("ref", ["", "x:y", "1:", ":1", "1:x"])
def test_a_ref_that_names_nothing(adapter, ref):
    with pytest.raises(errors.NotFoundError):
        adapter.moderate("like", items.Target("k", ref, items.Author(), "private"))


@pytest.mark.parametrize("verb", ["hide", "unhide", "boost"])
def test_other_verbs_are_unsupported(adapter, said, verb):
    with pytest.raises(errors.RejectedError) as caught:
        adapter.moderate(verb, aim(said))
    assert caught.value.code == "unsupported"


# --- affordances ------------------------------------------------------------------
def afforded(adapter, **facts):
    facts = {"own": False, "author": items.Author(id="5"), **facts}
    found = adapter.affordances(items.MessageFacts(**facts))
    return {one.kind: one for one in found}


def test_what_may_be_done(adapter):
    here = {
        items.PRIVATE: {"reply_private", "like"},
        items.GROUP: {"reply_group", "reply_private", "like"},
        items.PUBLIC: {"reply_public", "reply_private", "like"},
    }
    for audience, kinds in here.items():
        found = afforded(adapter, audience=audience)
        assert set(found) == kinds
        assert all(one.allowed for one in found.values())
        assert found[f"reply_{audience}"].max_length == 4096
    assert afforded(adapter, audience="private", deleted=True) == {}


def test_who_cannot_be_answered(adapter):
    found = afforded(adapter, audience="private", blocked=True)
    assert found["reply_private"].reason == "blocked"
    assert not found["reply_private"].allowed
    for hidden in (items.Author(), items.Author(id="-5", shared=True)):
        found = afforded(adapter, audience="group", author=hidden)
        assert found["reply_private"].reason == "no_target"
        assert found["reply_group"].allowed
    assert not adapter.can(base.PRIVATE_FIRST)


def test_our_own_can_be_deleted_for_two_days(sim, adapter):
    sent = adapter.now()
    facts = {"audience": "private", "own": True, "sent_at": sent}
    found = afforded(adapter, **facts)
    assert set(found) == {"delete"} and found["delete"].allowed
    assert found["delete"].until == sent + timedelta(hours=48)
    sim.advance(48 * 3600)
    found = afforded(adapter, **facts)["delete"]
    assert (found.allowed, found.reason) == (False, "too_old")
    assert afforded(adapter, audience="private", own=True)["delete"].allowed


# --- the way from public to private -----------------------------------------------
def test_the_invitation_comes_back_with_its_token(sim, adapter, jo):
    url = adapter.invite_url("tkt_9f3-Z")
    assert url == "https://t.me/AcmeHelpBot?start=tkt_9f3-Z"
    sim.start(jo, url.partition("start=")[2])
    assert read(adapter)[-1].payload == "tkt_9f3-Z"


@pytest.mark.parametrize("payload", ["", "a b", "x" * 65, "ü", "a&b", "a\n"])
def test_a_token_that_telegram_would_not_carry(adapter, payload):
    with pytest.raises(errors.RejectedError):
        adapter.invite_url(payload)


def test_no_invitation_before_we_know_our_name(sim):
    with pytest.raises(errors.ConfigError):
        connect(sim, facts={}).invite_url("tkt")
