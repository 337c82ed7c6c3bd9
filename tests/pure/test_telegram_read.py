"""What Telegram's updates mean: audiences, threads, authors, edits."""

from datetime import datetime, timezone

import pytest
from simulators.telegram import TelegramSimulator
from telegram_kit import connect, key_of, pull, read

from networks import items


@pytest.fixture
def sim():
    with TelegramSimulator() as simulator:
        yield simulator


@pytest.fixture
def adapter(sim):
    return connect(sim)


@pytest.fixture
def jo(sim):
    return sim.make_user("Jo", last_name="K", username="jo_k", language_code="en")


# --- private chats ----------------------------------------------------------------
def test_a_private_message(sim, adapter, jo):
    key = sim.say(jo, text="My parcel is lost")
    (said,) = read(adapter)
    assert (said.key, said.ref) == (key_of(sim, key), key)
    assert (said.text, said.audience, said.kind) == (
        "My parcel is lost",
        items.PRIVATE,
        "message",
    )
    assert said.thread == str(jo.id)
    assert said.addressed and not said.context
    assert said.sent_at == datetime.fromtimestamp(sim.now, timezone.utc)
    assert (said.revision, said.edited_at, said.permalink) == (0, None, "")
    assert said.author == items.Author(
        id=str(jo.id),
        handle="jo_k",
        name="Jo K",
        url="https://t.me/jo_k",
        language="en",
    )


def test_ids_are_strings_from_the_first_byte(sim, adapter, jo):
    jo.id = 4503599627370495  # 52 bits
    sim.say(jo, text="hello")
    (said,) = read(adapter)
    assert said.author.id == said.thread == "4503599627370495"
    assert all(isinstance(item.key, str) for item in pull(adapter).items)


def test_a_deep_link_brings_the_token_back(sim, adapter, jo):
    sim.start(jo, "tkt_9f3-Z")
    (said,) = read(adapter)
    assert (said.kind, said.payload, said.text) == ("start", "tkt_9f3-Z", "/start")


def test_a_bare_start_has_no_token(sim, adapter, jo):
    sim.start(jo)
    (said,) = read(adapter)
    assert (said.kind, said.payload, said.text) == ("start", "", "/start")


@pytest.mark.parametrize(
    "text",
    ["/start two words", "/start " + "x" * 65, "/start ümläut", "/started tkt_1"],
)
def test_what_cannot_be_a_token_stays_text(sim, adapter, jo, text):
    sim.say(jo, text=text)
    (said,) = read(adapter)
    assert (said.payload, said.text, said.kind) == ("", text, "message")


def test_a_token_counts_only_from_the_persons_own_hand(sim, adapter, jo):
    sim.forward(jo, "/start tkt_9f3")
    sim.say(jo, sim.make_group(announce=False), "/start tkt_9f3")
    sim.say(jo, text="see /start tkt_9f3")
    assert [said.payload for said in read(adapter)] == ["", "", ""]


def test_an_answer_names_its_parent(sim, adapter, jo):
    first = sim.say(jo, text="one")
    sim.say(jo, text="two", reply_to=first)
    said = read(adapter)[1]
    assert (said.parent, said.parent_ref) == (key_of(sim, first), first)


# --- what names a message ---------------------------------------------------------
@pytest.fixture
def our_other_bot():
    with TelegramSimulator() as simulator:
        simulator.bot.id += 1
        simulator.bot.username = "AcmeShopBot"
        simulator.token = simulator.token.replace("700100200", "700100201")
        yield simulator


def both(sim, other, act):
    """The same act before two of our bots: what each of them reads of it."""
    return [(act(one), read(connect(one))[-1])[1] for one in (sim, other)]


@pytest.mark.parametrize("basic_group", [False, True])
def test_where_each_bot_numbers_for_itself_keys_differ(sim, our_other_bot, basic_group):
    def speak(one):
        jo = one.make_user("Jo")
        chat = basic_group and one.make_group(supergroup=False, announce=False)
        first = one.say(jo, chat or None, "/help")
        one.say(jo, chat or None, "/help me", reply_to=first)

    ours, theirs = both(sim, our_other_bot, speak)
    assert ours.ref == theirs.ref and ours.author == theirs.author
    assert ours.key != theirs.key and ours.parent != theirs.parent
    assert ours.key == f"{sim.bot.id}:{ours.ref}"
    assert theirs.parent == f"{our_other_bot.bot.id}:{theirs.parent_ref}"


def test_a_message_that_two_bots_see_in_a_supergroup_has_one_key(sim, our_other_bot):
    def speak(one):
        jo, square = one.make_user("Jo"), one.make_group(announce=False)
        one.privacy = False
        first = one.say(jo, square, "@AcmeHelpBot")
        one.say(jo, square, "@AcmeShopBot", reply_to=first)

    ours, theirs = both(sim, our_other_bot, speak)
    assert ours.key == theirs.key == ours.ref
    assert ours.parent == theirs.parent == ours.parent_ref


def test_a_channels_post_has_one_key_too(sim, our_other_bot):
    ours, theirs = both(
        sim,
        our_other_bot,
        lambda one: one.post(one.make_channel(announce=False), "News"),
    )
    assert ours.key == theirs.key == ours.ref


# --- edits ------------------------------------------------------------------------
def test_an_edit_is_a_newer_revision_of_the_same_key(sim, adapter, jo):
    key = sim.say(jo, text="frist")
    sent = sim.now
    sim.advance(90)
    sim.edit(key, "first")
    before, after = read(adapter)
    assert before.key == after.key == key_of(sim, key)
    assert (before.revision, after.revision) == (0, sent + 90)
    assert after.text == "first"
    assert after.sent_at == before.sent_at
    assert after.edited_at == datetime.fromtimestamp(sent + 90, timezone.utc)


def test_an_edited_caption_and_an_edited_channel_post(sim, adapter, jo):
    photo = sim.send_photo(jo, caption="look")
    post = sim.post(sim.make_channel(username="acme_news", announce=False), "News")
    sim.advance(5)
    sim.edit(photo, "look here")
    sim.edit(post, "News!")
    _photo, _post, new_photo, new_post = read(adapter)
    assert (new_photo.text, new_post.text) == ("look here", "News!")
    assert new_photo.revision and new_post.revision
    assert new_photo.media


def test_a_moving_location_is_not_a_message_each_time(adapter):
    message = {
        "message_id": 1,
        "date": 1790000000,
        "edit_date": 1790000009,
        "chat": {"id": 5, "type": "private"},
        "from": {"id": 5, "first_name": "Jo"},
        "location": {"latitude": 1.5, "longitude": 2, "live_period": 900},
    }
    parsed = adapter.parse(items.RawItem("1", {"edited_message": message}))
    assert parsed == items.Unknown("live_location", ignorable=True)
    assert adapter.parse(items.RawItem("1", {"message": message})).text == "geo:1.5,2"


# --- groups and channels ----------------------------------------------------------
def test_audiences(sim, adapter, jo):
    closed = sim.make_group("Closed", announce=False)
    basic = sim.make_group("Basic", supergroup=False, announce=False)
    square = sim.make_group("Square", username="acme_square", announce=False)
    for chat in (closed, basic, square):
        sim.say(jo, chat, "/help")
    inside, small, outside = read(adapter)
    assert (inside.audience, small.audience) == (items.GROUP, items.GROUP)
    assert outside.audience == items.PUBLIC
    number = closed.id
    assert inside.thread == str(number)
    assert inside.permalink == f"https://t.me/c/{str(number)[4:]}/1"
    assert (small.thread, small.permalink) == (str(basic.id), "")
    assert (outside.thread, outside.permalink) == ("", "https://t.me/acme_square/1")


def test_a_channel_is_public_only_with_a_name(sim, adapter):
    news = sim.make_channel("News", username="acme_news", announce=False)
    inner = sim.make_channel("Staff", announce=False)
    sim.post(news, "Open")
    sim.post(inner, "Closed", signature="Ada")
    outside, inside = read(adapter)
    assert (outside.audience, inside.audience) == (items.PUBLIC, items.GROUP)
    assert outside.author.shared and outside.author.id == str(news.id)
    assert outside.author.name == "News" and inside.author.name == "Staff (Ada)"
    assert not outside.addressed


def test_addressed_to_us(sim, adapter, jo):
    sim.privacy = False
    group = sim.make_group(announce=False)
    mention = {"type": "text_mention", "offset": 0, "length": 3}
    ours = {**mention, "user": sim.bot.json()}
    theirs = {**mention, "user": jo.json()}
    for text, entities in (
        ("🎉 hi @acmehelpbot", None),
        ("/help", None),
        ("/help@AcmeHelpBot", None),
        ("you there", [ours]),
        ("chatter", None),
        ("hi @AcmeHelpBotFan", None),
        ("/help@OtherBot", None),
        ("see /help", None),
        ("you there", [theirs]),
    ):
        sim.say(jo, group, text, entities=entities)
    assert [said.addressed for said in read(adapter)] == [True] * 4 + [False] * 5


def test_a_caption_may_name_us(sim, adapter, jo):
    sim.send_photo(jo, sim.make_group(announce=False), "@AcmeHelpBot broken")
    (said,) = read(adapter)
    assert said.addressed and said.mentions == (items.Author(handle="AcmeHelpBot"),)


def test_what_people_say_to_each_other_is_in_no_conversation_of_ours(sim, adapter, jo):
    sim.privacy = False
    group = sim.make_group(announce=False)
    sim.say(jo, group, "chatter")
    sim.say(jo, group, "@AcmeHelpBot help")
    chatter, said = read(adapter)
    assert (chatter.thread, chatter.addressed) == ("", False)
    assert (said.thread, said.addressed) == (str(group.id), True)


def test_answering_us_is_addressed_to_us(sim, adapter, jo):
    sim.privacy = False
    group = sim.make_group(announce=False)
    first = sim.say(jo, group, "chatter")
    ours = adapter._call("sendMessage", {"chat_id": group.id, "text": "Hello"})
    sim.say(jo, group, "thanks", reply_to=f"{group.id}:{ours['message_id']}")
    sim.say(jo, group, "me too", reply_to=first)
    _first, to_us, to_jo = read(adapter)
    assert to_us.addressed and to_us.parent == f"{group.id}:{ours['message_id']}"
    assert not to_jo.addressed and to_jo.parent == first


def test_anonymous_admins_and_channels_are_shared_authors(sim, adapter):
    sim.privacy = False
    group = sim.make_group("Acme customers", announce=False)
    channel = sim.make_channel("Jo's Blog", username="jo_blog", announce=False)
    sim.say_anonymously(group, "the rules", author_signature="boss")
    sim.say_as_channel(channel, group, "@AcmeHelpBot as a channel")
    hidden, shown = read(adapter)
    assert hidden.author.shared and shown.author.shared
    assert hidden.author.id == str(group.id)
    assert hidden.author.name == "Acme customers (boss)"
    assert (shown.author.id, shown.author.handle) == (str(channel.id), "jo_blog")
    assert not hidden.author.bot and not shown.author.bot


def test_our_own_groups_and_channels(sim, jo):
    adapter = connect(sim, own_chats=" @Acme_News, https://t.me/acme_square ,")
    sim.privacy = False
    news = sim.make_channel("News", username="acme_news", announce=False)
    talk = sim.make_group("Talk", announce=False, admin=True)
    square = sim.make_group("Square", username="acme_square", announce=False)
    sim.link(news, talk)
    sim.post(news, "We moved")
    copied = next(reversed(talk.messages))
    sim.say(jo, talk, "And the parcels?", reply_to=f"{talk.id}:{copied}")
    sim.say(jo, talk, "chatter")
    sim.say(jo, square, "Where is my parcel")
    sim.say_anonymously(square, "Be nice")
    post, copy, comment, chatter, question, rule = read(adapter)
    assert [one.addressed for one in (post, copy, comment, chatter)] == [
        *(False, False, True, False)
    ]
    assert copy.author.id == str(news.id) and copy.author.shared
    assert comment.parent == copy.key
    assert question.addressed and not rule.addressed


def test_own_chats_may_be_ids(sim, jo):
    sim.privacy = False
    group = sim.make_group(announce=False)
    sim.say(jo, group, "hello")
    assert not read(connect(sim))[0].addressed
    assert read(connect(sim, own_chats=str(group.id)))[0].addressed


def test_forum_topics_are_threads_and_no_replies(sim, adapter, jo):
    sim.privacy = False
    forum = sim.make_group(forum=True, announce=False)
    topic = sim.open_topic(jo, forum)
    first = sim.say_in_topic(jo, forum, topic, "hello @AcmeHelpBot")
    sim.say_in_topic(jo, forum, topic, "again", reply_to=first)
    opened, said, again = read(adapter)
    assert opened == items.Unknown("service_message", ignorable=True)
    assert (said.thread, said.parent) == (f"{forum.id}:t{topic}", "")
    assert said.extra == {"topic": str(topic)}
    assert again.parent == first


def test_a_topic_that_we_opened_does_not_make_all_of_it_ours(sim, adapter, jo):
    sim.privacy = False
    forum = sim.make_group(forum=True, announce=False)
    topic = sim.open_topic(sim.bot, forum)
    sim.say_in_topic(jo, forum, topic, "chatter")
    assert not read(adapter)[-1].addressed


def test_the_message_that_is_answered_comes_along_as_context(sim, adapter, jo):
    group = sim.make_group(username="acme_square", announce=False)
    ada = sim.make_user("Ada")
    unheard = sim.say(ada, group, "My parcel is lost")
    sim.advance(5)
    sim.say(jo, group, "@AcmeHelpBot can you help?", reply_to=unheard)
    context, update = pull(adapter).items
    above, said = adapter.parse(context), adapter.parse(update)
    assert (context.key, above.key) == (f"context:{unheard}", unheard)
    assert above.context and not above.addressed
    assert (above.text, above.author.name) == ("My parcel is lost", "Ada")
    assert said.parent == unheard and said.addressed and not said.context
    assert context.sent_at < update.sent_at
    # the same context again is the same item
    sim.say(jo, group, "@AcmeHelpBot please", reply_to=unheard)
    again = pull(adapter).items[2]
    assert (again.key, again.revision) == (context.key, context.revision)


def test_no_context_in_private_or_for_our_own_words(sim, adapter, jo):
    first = sim.say(jo, text="one")
    sim.say(jo, text="two", reply_to=first)
    group = sim.make_group(announce=False)
    ours = adapter._call("sendMessage", {"chat_id": group.id, "text": "Hello"})
    sim.say(jo, group, "thanks", reply_to=f"{group.id}:{ours['message_id']}")
    assert len(pull(adapter).items) == 3


def test_an_upgraded_group_names_its_former_id(sim, adapter, jo):
    old = sim.make_group(supergroup=False, announce=False)
    sim.say(jo, old, "/help")
    new = sim.upgrade(old)
    said, left, came = read(adapter)
    assert said.thread == str(old.id)
    assert left == items.Unknown("service_message", ignorable=True)
    assert (came.kind, came.addressed) == ("chat_upgraded", False)
    # nobody said it, so that nobody's ticket comes of it
    assert came.author.bot and came.author.shared and came.author.id == str(new.id)
    assert (came.thread, came.thread_alias) == (str(new.id), str(old.id))
