"""The Telegram simulator answers as the Bot API does; an independent client judges."""

import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from simulators.telegram import TelegramSimulator
from telegram import error
from telegram_referee import bot_does, polled, refused, sends


@pytest.fixture
def sim():
    with TelegramSimulator() as simulator:
        yield simulator


# --- credentials ------------------------------------------------------------------
def test_get_me(sim):
    me = bot_does(sim, lambda bot: bot.get_me())
    assert (me.id, me.username, me.is_bot) == (sim.bot.id, "AcmeHelpBot", True)
    assert me.can_read_all_group_messages is False


def test_unknown_token_is_401_and_malformed_is_404(sim):
    unknown = "1:AAF-another_token_that_nobody_has_made_0"
    refused(sim, error.InvalidToken, "Unauthorized", sends(1), token=unknown)
    refused(sim, error.InvalidToken, "Not Found", sends(1), token="nonsense")


def test_method_names_ignore_case_and_get_works(sim):
    with urllib.request.urlopen(f"{sim.url}/bot{sim.token}/GETME") as answer:
        assert b'"ok": true' in answer.read()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{sim.url}/bot{sim.token}/noSuchMethod")
    assert caught.value.code == 404


# --- updates ----------------------------------------------------------------------
def test_an_update_waits_until_a_higher_offset_confirms_it(sim):
    jo = sim.make_user("Jo", username="jo_k")
    sim.say(jo, text="one")
    sim.say(jo, text="two")
    first = polled(sim)
    assert [one.message.text for one in first] == ["one", "two"]
    assert [one.update_id for one in polled(sim)] == [one.update_id for one in first]
    assert len(polled(sim, offset=first[0].update_id + 1)) == 1
    assert polled(sim, offset=first[1].update_id + 1) == ()
    assert polled(sim) == ()


def test_limit_and_negative_offset(sim):
    jo = sim.make_user()
    for number in range(5):
        sim.say(jo, text=str(number))
    assert [one.message.text for one in polled(sim, limit=2)] == ["0", "1"]
    assert [one.message.text for one in polled(sim, offset=-2)] == ["3", "4"]
    # the ones before are forgotten
    assert [one.message.text for one in polled(sim)] == ["3", "4"]


def test_updates_expire_after_a_day(sim):
    jo = sim.make_user()
    sim.say(jo, text="old")
    sim.advance(23 * 3600)
    sim.say(jo, text="new")
    assert len(polled(sim)) == 2
    sim.advance(3601)
    assert [one.message.text for one in polled(sim)] == ["new"]


def test_numbering_may_start_again_lower(sim):
    jo = sim.make_user()
    sim.say(jo, text="before")
    offset = polled(sim)[-1].update_id + 1
    polled(sim, offset=offset)
    sim.week_of_silence(next_id=42)
    sim.say(jo, text="after")
    assert [one.update_id for one in polled(sim, offset=offset)] == [42]


def test_allowed_updates_are_remembered_and_reactions_only_on_request(sim):
    jo = sim.make_user()
    key = sim.say(jo, text="hello")
    sim.react(jo, key, "👍")
    assert len(polled(sim)) == 1
    polled(sim, allowed_updates=["message", "message_reaction"])
    sim.react(jo, key, "🔥")
    sim.edit(key, "changed")  # not asked for
    reaction = polled(sim)[-1].message_reaction
    assert reaction.new_reaction[0].emoji == "🔥"
    assert reaction.old_reaction[0].emoji == "👍"
    assert reaction.user.id == jo.id


def test_two_pollers_and_an_active_webhook_are_conflicts(sim):
    sim.compete()
    refused(sim, error.Conflict, "other getUpdates", lambda bot: bot.get_updates())
    bot_does(sim, lambda bot: bot.set_webhook("https://shop.example.com/hook"))
    refused(sim, error.Conflict, "webhook is active", lambda bot: bot.get_updates())
    bot_does(sim, lambda bot: bot.delete_webhook())
    assert polled(sim) == ()


def test_a_long_poll_ends_with_the_first_update(sim):
    jo = sim.make_user()
    timer = threading.Timer(0.1, sim.say, (jo,), {"text": "late"})
    timer.start()
    updates = bot_does(sim, lambda bot: bot.get_updates(timeout=5))
    assert [one.message.text for one in updates] == ["late"]


def test_a_second_long_poll_ends_the_first(sim):
    caught = []

    def first():
        try:
            bot_does(sim, lambda bot: bot.get_updates(timeout=5))
        except error.Conflict as conflict:
            caught.append(str(conflict))

    thread = threading.Thread(target=first)
    thread.start()
    while not sim.polls:
        pass
    polled(sim)
    thread.join(5)
    assert "other getUpdates" in caught[0]


# --- webhook ----------------------------------------------------------------------
class Hook:
    """A little server of ours that answers with the given statuses."""

    def __init__(self, *statuses):
        self.statuses, self.seen = list(statuses), []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["content-length"])
                secret = self.headers.get("X-Telegram-Bot-Api-Secret-Token")
                hook.seen.append((secret, self.rfile.read(size)))
                self.send_response(hook.statuses.pop(0) if hook.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args):
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def __enter__(self):
        threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        ).start()
        return self

    def __exit__(self, *exc):
        self.server.shutdown()
        self.server.server_close()


def test_webhook_deliveries_carry_the_secret_and_are_repeated(sim):
    jo = sim.make_user()
    with Hook(500, 200) as hook:
        bot_does(sim, lambda bot: bot.set_webhook(hook.url, secret_token="s3cret-_x"))
        sim.say(jo, text="pushed")
        assert sim.deliver() == [500, 200]
        info = bot_does(sim, lambda bot: bot.get_webhook_info())
    assert [secret for secret, _raw in hook.seen] == ["s3cret-_x"] * 2
    assert b"pushed" in hook.seen[0][1]
    assert hook.seen[0][1] == hook.seen[1][1]
    assert (info.url, info.pending_update_count) == (hook.url, 0)
    assert "500" in info.last_error_message


def test_an_update_that_is_never_taken_stays(sim):
    with Hook(*[500] * 3) as hook:
        bot_does(sim, lambda bot: bot.set_webhook(hook.url))
        sim.say(sim.make_user(), text="pushed")
        assert sim.deliver(attempts=3) == [500, 500, 500]
        info = bot_does(sim, lambda bot: bot.get_webhook_info())
    assert info.pending_update_count == 1
    assert hook.seen[0][0] is None  # no secret, no header


@pytest.mark.parametrize(
    "kwargs, words",
    [
        ({"url": "http://shop.example.com/"}, "HTTPS"),
        ({"url": "https://a.example/", "secret_token": "no spaces"}, "unallowed"),
        ({"url": "https://a.example/", "max_connections": 101}, "max_connections"),
    ],
)
def test_a_wrong_webhook_is_refused(sim, kwargs, words):
    refused(sim, error.BadRequest, words, lambda bot: bot.set_webhook(**kwargs))


def test_pending_updates_may_be_dropped(sim):
    sim.say(sim.make_user(), text="gone")
    bot_does(sim, lambda bot: bot.delete_webhook(drop_pending_updates=True))
    assert polled(sim) == ()


# --- what arrives -----------------------------------------------------------------
def test_a_start_with_payload(sim):
    sim.start(sim.make_user("Jo", language_code="en"), "tkt_9f3")
    message = polled(sim)[0].message
    assert message.text == "/start tkt_9f3"
    assert message.chat.type == "private"
    assert message.parse_entity(message.entities[0]) == "/start"


def test_privacy_mode_hides_what_is_not_for_the_bot(sim):
    jo, group = sim.make_user(), sim.make_group(announce=False)
    for text in ("chatter", "hey @AcmeHelpBot help", "/help", "hi @somebody_else"):
        sim.say(jo, group, text)
    told = [one.message.text for one in polled(sim)]
    assert told == ["hey @AcmeHelpBot help", "/help"]
    sim.privacy = False
    sim.say(jo, group, "chatter again")
    assert polled(sim)[-1].message.text == "chatter again"


def test_mentions_are_counted_in_utf16(sim):
    group = sim.make_group(announce=False)
    sim.say(sim.make_user(), group, "🎉🎉 hi @AcmeHelpBot")
    message = polled(sim)[0].message
    assert message.entities[0].offset == 8
    assert message.parse_entity(message.entities[0]) == "@AcmeHelpBot"


def test_an_answer_to_the_bot_passes_privacy_mode(sim):
    jo, group = sim.make_user(), sim.make_group(announce=False)
    ours = bot_does(sim, sends(group.id, "How can we help?"))
    sim.say(jo, group, "like this", reply_to=f"{group.id}:{ours.message_id}")
    message = polled(sim)[0].message
    assert message.reply_to_message.from_user.id == sim.bot.id


def test_an_edit_keeps_the_id(sim):
    key = sim.say(sim.make_user(), text="frist")
    sim.advance(60)
    sim.edit(key, "first")
    sim.edit(key, "first")  # nothing changed, nothing is told
    first, second = polled(sim)
    assert second.edited_message.message_id == first.message.message_id
    assert second.edited_message.text == "first"
    assert second.edited_message.edit_date > first.message.date


def test_an_album_is_several_messages(sim):
    sim.send_album(sim.make_user(), caption="three")
    messages = [one.message for one in polled(sim)]
    assert len({one.message_id for one in messages}) == 3
    assert len({one.media_group_id for one in messages}) == 1
    assert [one.caption for one in messages] == ["three", None, None]


@pytest.mark.parametrize(
    "kind",
    ["document", "video", "voice", "audio", "video_note", "animation", "sticker"],
)
def test_media_have_ids_and_files(sim, kind):
    sim.send_file(sim.make_user(), kind, data=b"the bytes")
    media = getattr(polled(sim)[0].message, kind)
    assert media.file_id and media.file_unique_id

    async def fetch(bot):
        file = await bot.get_file(media.file_id)
        return bytes(await file.download_as_bytearray())

    assert bot_does(sim, fetch) == b"the bytes"


def test_the_last_photo_size_is_the_largest(sim):
    sim.send_photo(sim.make_user(), caption="look")
    photo = polled(sim)[0].message.photo
    assert photo[-1].width == max(one.width for one in photo)


def test_files_over_20_mb_and_stale_links(sim):
    sim.send_file(sim.make_user(), size=21 * 1024 * 1024)
    sim.send_file(sim.make_user())
    big, small = (one.message.document for one in polled(sim))
    refused(
        sim, error.BadRequest, "file is too big", lambda bot: bot.get_file(big.file_id)
    )
    file = bot_does(sim, lambda bot: bot.get_file(small.file_id))
    sim.advance(2 * 3600)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(file.file_path)


def test_a_contact_is_the_senders_own_or_not(sim):
    jo, ada = sim.make_user(phone="491701"), sim.make_user("Ada", phone="491702")
    sim.share_contact(jo)
    sim.share_contact(jo, owner=ada)
    own, other = (one.message for one in polled(sim))
    assert own.contact.user_id == own.from_user.id
    assert other.contact.user_id != other.from_user.id


def test_anonymous_admins_and_channels(sim):
    sim.privacy = False
    group = sim.make_group(announce=False)
    channel = sim.make_channel(username="acme_news", announce=False)
    sim.say_anonymously(group, "the rules")
    sim.say_as_channel(channel, group, "as a channel")
    hidden, shown = (one.message for one in polled(sim))
    assert hidden.from_user.id == 1087968824
    assert hidden.sender_chat.id == group.id
    assert shown.sender_chat.id == channel.id


def test_a_channel_post_is_copied_to_its_discussion_group(sim):
    group = sim.make_group(admin=True, announce=False)
    channel = sim.make_channel(username="acme_news", announce=False)
    sim.link(channel, group)
    sim.post(channel, "News!", signature="Ada")
    post, copied = polled(sim)
    assert post.channel_post.author_signature == "Ada"
    assert copied.message.is_automatic_forward
    assert copied.message.forward_origin.chat.id == channel.id


def test_messages_in_a_topic_answer_its_start(sim):
    sim.privacy = False
    jo, forum = sim.make_user(), sim.make_group(forum=True, announce=False)
    topic = sim.open_topic(jo, forum)
    sim.say_in_topic(jo, forum, topic, "hello")
    message = polled(sim)[-1].message
    assert message.is_topic_message and message.message_thread_id == topic
    assert message.reply_to_message.forum_topic_created
    ours = bot_does(sim, sends(forum.id, message_thread_id=topic))
    assert ours.message_thread_id == topic


def test_blocking_is_told_and_then_writing_is_forbidden(sim):
    jo = sim.make_user()
    sim.start(jo)
    sim.block_bot(jo)
    change = polled(sim)[-1].my_chat_member
    assert change.new_chat_member.status == "kicked"
    refused(sim, error.Forbidden, "blocked by the user", sends(jo.id))
    sim.say(jo, text="back")
    changes = [one.my_chat_member for one in polled(sim) if one.my_chat_member]
    assert changes[-1].new_chat_member.status == "member"
    bot_does(sim, sends(jo.id))


def test_joining_a_group_is_told(sim):
    sim.make_group(admin=True)
    change, service = polled(sim)
    assert change.my_chat_member.new_chat_member.status == "administrator"
    assert service.message.new_chat_members[0].id == sim.bot.id


def test_a_group_that_was_upgraded(sim):
    jo = sim.make_user()
    old = sim.make_group(supergroup=False, announce=False)
    key = sim.say(jo, old, "/help")
    new = sim.upgrade(old)
    _say, left, came = polled(sim)
    assert left.message.migrate_to_chat_id == new.id
    assert came.message.migrate_from_chat_id == old.id
    moved = refused(sim, error.ChatMigrated, "migrated", sends(old.id))
    assert moved.new_chat_id == new.id
    assert key.startswith(f"{old.id}:")


def test_a_deletion_is_not_told(sim):
    key = sim.say(sim.make_user(), text="oops")
    sim.customer_delete(key)
    assert len(polled(sim)) == 1
