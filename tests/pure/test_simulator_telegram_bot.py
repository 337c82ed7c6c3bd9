"""What a bot may do on the Telegram simulator; an independent client judges."""

import pytest
import telegram
from simulators.telegram import TelegramHarness, TelegramSimulator
from telegram import error
from telegram_referee import PNG, bot_does, polled, refused, sends


@pytest.fixture
def sim():
    with TelegramSimulator() as simulator:
        yield simulator


# --- what the bot does ------------------------------------------------------------
def test_a_bot_cannot_write_first(sim):
    jo = sim.make_user()
    refused(sim, error.Forbidden, "can't initiate conversation", sends(jo.id))
    sim.start(jo)
    assert bot_does(sim, sends(jo.id, "Hello 🎉")).text == "Hello 🎉"


@pytest.mark.parametrize(
    "change, kind, words",
    [
        ({"deactivated": True}, error.Forbidden, "user is deactivated"),
        ({"blocked": True}, error.Forbidden, "bot was blocked by the user"),
    ],
)
def test_unreachable_users(sim, change, kind, words):
    jo = sim.make_user()
    sim.start(jo)
    vars(jo).update(change)
    refused(sim, kind, words, sends(jo.id))


def test_unknown_and_lost_chats(sim):
    refused(sim, error.BadRequest, "chat not found", sends(99))
    group = sim.make_group()
    sim.kick_bot(group)
    words = "bot was kicked from the supergroup chat"
    refused(sim, error.Forbidden, words, sends(group.id))


def test_lengths_are_utf16_units(sim):
    jo = sim.make_user()
    sim.start(jo)
    bot_does(sim, sends(jo.id, "🎉" * 2048))
    words = "message is too long"
    refused(sim, error.BadRequest, words, sends(jo.id, "🎉" * 2048 + "!"))
    refused(sim, error.BadRequest, "message text is empty", sends(jo.id, " "))
    photo = dict(chat_id=jo.id, photo=PNG)
    bot_does(sim, lambda bot: bot.send_photo(**photo, caption="x" * 1024))
    refused(
        sim,
        error.BadRequest,
        "caption is too long",
        lambda bot: bot.send_photo(**photo, caption="x" * 1025),
    )


def test_replies(sim):
    jo = sim.make_user()
    key = sim.say(jo, text="hello")
    number = int(key.split(":")[1])
    reply = telegram.ReplyParameters(message_id=number)
    answer = bot_does(sim, sends(jo.id, reply_parameters=reply))
    assert answer.reply_to_message.message_id == number
    sim.customer_delete(key)
    words = "message to be replied not found"
    refused(sim, error.BadRequest, words, sends(jo.id, reply_parameters=reply).__call__)
    lenient = telegram.ReplyParameters(number, allow_sending_without_reply=True)
    answer = bot_does(sim, sends(jo.id, reply_parameters=lenient))
    assert answer.reply_to_message is None


@pytest.mark.parametrize("kind", ["photo", "video", "audio", "voice", "document"])
def test_media_out(sim, kind):
    jo = sim.make_user()
    sim.start(jo)
    message = bot_does(
        sim, lambda bot: getattr(bot, f"send_{kind}")(jo.id, PNG, caption="hi")
    )
    assert message.caption == "hi"
    sent = getattr(message, kind)
    assert (sent[-1] if kind == "photo" else sent).file_id in sim.files


def test_albums_out(sim):
    jo = sim.make_user()
    sim.start(jo)
    photos = [telegram.InputMediaPhoto(PNG, "text"), telegram.InputMediaPhoto(PNG)]
    sent = bot_does(sim, lambda bot: bot.send_media_group(jo.id, photos))
    assert len(sent) == 2 and sent[0].media_group_id == sent[1].media_group_id
    assert sent[0].caption == "text"
    mixed = [*photos, telegram.InputMediaDocument(b"pdf")]
    refused(
        sim,
        error.BadRequest,
        "can't be mixed",
        lambda bot: bot.send_media_group(jo.id, mixed),
    )
    refused(
        sim,
        error.BadRequest,
        "2-10",
        lambda bot: bot.send_media_group(jo.id, photos[:1]),
    )


def test_edit_react_delete(sim):
    jo = sim.make_user()
    key = sim.say(jo, text="hello")
    number = int(key.split(":")[1])
    ours = bot_does(sim, sends(jo.id, "Hi"))
    changed = bot_does(
        sim, lambda bot: bot.edit_message_text("Hi!", jo.id, ours.message_id)
    )
    assert changed.text == "Hi!" and changed.edit_date
    refused(
        sim,
        error.BadRequest,
        "not modified",
        lambda bot: bot.edit_message_text("Hi!", jo.id, ours.message_id),
    )
    refused(
        sim,
        error.BadRequest,
        "can't be edited",
        lambda bot: bot.edit_message_text("Hi!", jo.id, number),
    )
    assert bot_does(sim, lambda bot: bot.set_message_reaction(jo.id, number, "👍"))
    refused(
        sim,
        error.BadRequest,
        "REACTION_INVALID",
        lambda bot: bot.set_message_reaction(jo.id, number, "🧱"),
    )
    assert bot_does(sim, lambda bot: bot.delete_message(jo.id, ours.message_id))
    refused(
        sim,
        error.BadRequest,
        "message to delete not found",
        lambda bot: bot.delete_message(jo.id, ours.message_id),
    )


def test_two_days_later_nothing_is_deleted(sim):
    jo = sim.make_user()
    sim.start(jo)
    ours = bot_does(sim, sends(jo.id, "Hi"))
    sim.advance(48 * 3600)
    refused(
        sim,
        error.BadRequest,
        "message can't be deleted",
        lambda bot: bot.delete_message(jo.id, ours.message_id),
    )


def test_floods(sim, monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    jo = sim.make_user()
    sim.start(jo)
    sim.flood(14)
    caught = refused(sim, error.RetryAfter, "14", sends(jo.id))
    assert caught.retry_after.total_seconds() == 14
    sim.limits = True
    bot_does(sim, sends(jo.id, "one"))
    refused(sim, error.RetryAfter, "1", sends(jo.id, "two"))
    sim.advance(1)
    bot_does(sim, sends(jo.id, "two"))


def test_chats_and_profiles(sim):
    jo = sim.make_user("Jo", username="jo_k", bio="likes tea")
    sim.start(jo)
    chat = bot_does(sim, lambda bot: bot.get_chat(jo.id))
    assert (chat.bio, chat.active_usernames) == ("likes tea", ("jo_k",))
    photos = bot_does(sim, lambda bot: bot.get_user_profile_photos(jo.id))
    assert photos.total_count == 0
    sim.make_channel(username="acme_news")
    assert bot_does(sim, lambda bot: bot.get_chat("@ACME_news")).type == "channel"


# --- the harness ------------------------------------------------------------------
def test_the_harness_speaks_as_a_customer(sim):
    harness = TelegramHarness()
    assert harness.settings(sim) == {"token": sim.token, "base_url": sim.url}
    keys = [
        harness.customer_says(sim, "hello", audience)
        for audience in ("private", "group", "public")
    ]
    updates = polled(sim)
    found = [f"{one.message.chat.id}:{one.message.message_id}" for one in updates]
    # in private each bot numbers for itself, in a supergroup the chat does
    assert keys == [f"{sim.bot.id}:{found[0]}", *found[1:]]
    assert [one.message.chat.username for one in updates][1:] == [None, "acme_square"]
    answer = bot_does(sim, sends(keys[1].split(":")[0], "Hi"))
    seen = harness.published(sim)
    assert [(one["text"], one["audience"]) for one in seen] == [("Hi", "group")]
    harness.customer_says(sim, "thanks", "group", f"{keys[1].split(':')[0]}:2")
    assert polled(sim)[-1].message.reply_to_message.message_id == answer.message_id


def test_the_harness_makes_a_genuine_delivery(sim):
    headers, query, raw = TelegramHarness().webhook(sim, "s3cret")
    assert headers["x-telegram-bot-api-secret-token"] == "s3cret"
    assert not query and b"update_id" in raw
