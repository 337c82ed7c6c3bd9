"""What Telegram's updates mean: audiences, threads, authors, media, evidence."""

from datetime import UTC, datetime

import pytest
from simulators.telegram import TelegramSimulator
from telegram_kit import connect, pull, read

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
    assert said.key == said.ref == key
    assert (said.text, said.audience, said.kind) == (
        "My parcel is lost",
        items.PRIVATE,
        "message",
    )
    assert said.thread == str(jo.id)
    assert said.addressed and not said.context
    assert said.sent_at == datetime.fromtimestamp(sim.now, UTC)
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
    assert (said.payload, said.text) == ("", text)


def test_a_token_counts_only_from_the_persons_own_hand(sim, adapter, jo):
    sim.forward(jo, "/start tkt_9f3")
    sim.say(jo, sim.make_group(announce=False), "/start tkt_9f3")
    sim.say(jo, text="see /start tkt_9f3")
    assert [said.payload for said in read(adapter)] == ["", "", ""]


def test_an_answer_names_its_parent(sim, adapter, jo):
    first = sim.say(jo, text="one")
    sim.say(jo, text="two", reply_to=first)
    said = read(adapter)[1]
    assert said.parent == said.parent_ref == first


# --- edits ------------------------------------------------------------------------
def test_an_edit_is_a_newer_revision_of_the_same_key(sim, adapter, jo):
    key = sim.say(jo, text="frist")
    sent = sim.now
    sim.advance(90)
    sim.edit(key, "first")
    before, after = read(adapter)
    assert before.key == after.key == key
    assert (before.revision, after.revision) == (0, sent + 90)
    assert after.text == "first"
    assert after.sent_at == before.sent_at
    assert after.edited_at == datetime.fromtimestamp(sent + 90, UTC)


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


# --- media and cards --------------------------------------------------------------
def test_an_album_stays_several_messages(sim, adapter, jo):
    sim.send_album(jo, caption="three")
    said = read(adapter)
    assert {one.thread for one in said} == {str(jo.id)}
    assert {one.parent for one in said} == {""}
    assert len({one.extra["album"] for one in said}) == 1
    assert [one.text for one in said] == ["three", "", ""]


@pytest.mark.parametrize("username", ["acme_square", ""])
def test_the_pictures_of_an_album_follow_the_one_that_names_us(
    sim, adapter, jo, username
):
    sim.privacy = False
    group = sim.make_group(username=username, announce=False)
    sim.send_album(jo, group, "@AcmeHelpBot look")
    sim.send_album(jo, group, "not for us")
    said = read(adapter)
    assert [one.addressed for one in said] == [True] + [False] * 5
    assert [one.parent for one in said] == ["", *[said[0].key] * 2, "", "", ""]
    assert len({one.extra["album"] for one in said}) == 2


def test_an_album_that_answers_follows_what_it_answers(sim, adapter, jo):
    square = sim.make_group(username="acme_square", announce=False)
    ours = adapter._call("sendMessage", {"chat_id": square.id, "text": "A photo?"})
    above = f"{square.id}:{ours['message_id']}"
    sim.send_album(jo, square, reply_to=above)
    said = read(adapter)
    assert {(one.thread, one.parent, one.addressed) for one in said} == {
        ("", above, True)
    }


def test_the_largest_photo_is_taken(sim, adapter, jo):
    sim.send_photo(jo, caption="look")
    (said,) = read(adapter)
    (photo,) = said.media
    assert (photo.kind, photo.mime, photo.width) == ("image", "image/jpeg", 1280)
    assert (said.text, said.kind, photo.url) == ("look", "message", "")
    assert sim.files[photo.ref]


@pytest.mark.parametrize(
    "kind, mime, shown",
    [
        ("document", "application/pdf", ("file", "application/pdf", "invoice.pdf")),
        ("document", "image/png", ("image", "image/png", "invoice.pdf")),
        ("document", "image/svg+xml", ("file", "image/svg+xml", "invoice.pdf")),
        ("video", "video/mp4", ("video", "video/mp4", "invoice.pdf")),
        ("animation", "video/mp4", ("video", "video/mp4", "invoice.pdf")),
        ("video_note", "", ("video", "video/mp4", "")),
        ("voice", "audio/ogg", ("audio", "audio/ogg", "")),
        ("audio", "audio/mpeg", ("audio", "audio/mpeg", "invoice.pdf")),
        ("sticker", "", ("image", "image/webp", "")),
    ],
)
def test_kinds_of_media(sim, adapter, jo, kind, mime, shown):
    sim.send_file(jo, kind, mime=mime, caption="see")
    (said,) = read(adapter)
    (media,) = said.media
    assert (media.kind, media.mime, media.name) == shown
    assert said.kind == "message"
    assert said.text == ("👍\nsee" if kind == "sticker" else "see")


def test_no_item_ever_holds_a_files_address(sim, adapter, jo):
    sim.send_photo(jo)
    sim.send_file(jo)
    for item in pull(adapter).items:
        assert sim.token not in repr(item) + repr(adapter.parse(item))
        assert all(media.url == "" for media in adapter.parse(item).media)


def test_a_shared_contact_is_evidence_only_of_its_owner(sim, adapter, jo):
    ada = sim.make_user("Ada", phone="+49 170 2")
    stranger = sim.make_user("Nobody", phone="491703")
    stranger.id = 0  # not on Telegram: the card has no user_id
    jo.phone = "491701"
    sim.share_contact(jo)
    sim.share_contact(jo, owner=ada)
    sim.share_contact(jo, owner=stranger)
    own, other, unknown = read(adapter)
    assert own.evidence == (items.Evidence("phone", "+491701", "contact_shared"),)
    assert (other.evidence, unknown.evidence) == ((), ())
    assert (own.kind, own.text) == ("contact", "Jo\n+491701")
    assert other.text == "Ada\n+491702"


def test_a_forwarded_or_bot_made_card_proves_nothing(sim, adapter, jo):
    card = {"phone_number": "491701", "first_name": "Jo", "user_id": jo.id}
    origin = {"type": "user", "sender_user": jo.json(), "date": 1}
    sim.say(jo, contact=card, forward_origin=origin)
    sim.say(jo, contact=card, via_bot=sim.bot.json())
    assert [said.evidence for said in read(adapter)] == [(), ()]


@pytest.mark.parametrize(
    "content, kind, text",
    [
        (
            {"location": {"latitude": 52.5, "longitude": 13.4}},
            "location",
            "geo:52.5,13.4",
        ),
        (
            {
                "location": {"latitude": 1, "longitude": 2},
                "venue": {
                    "title": "Depot",
                    "address": "Main St 1",
                    "location": {"latitude": 1, "longitude": 2},
                },
            },
            "venue",
            "Depot\nMain St 1\ngeo:1,2",
        ),
        ({"dice": {"emoji": "🎲", "value": 4}}, "dice", "🎲 4"),
        (
            {"poll": {"question": "Which?", "options": [{"text": "a"}, {"text": "b"}]}},
            "poll",
            "Which?\n- a\n- b",
        ),
        ({"story": {"id": 1}}, "unsupported", "[story]"),
        ({"thing_of_2030": {"x": 1}}, "unsupported", "[thing_of_2030]"),
    ],
)
def test_other_content_in_private_is_shown(sim, adapter, jo, content, kind, text):
    sim.say(jo, **content)
    (said,) = read(adapter)
    assert (said.kind, said.text, said.addressed) == (kind, text, True)


def test_unknown_content_in_a_group_is_kept_aside(sim, adapter, jo):
    sim.privacy = False
    sim.say(jo, sim.make_group(announce=False), thing_of_2030={})
    assert read(adapter) == [items.Unknown("unknown_kind")]


def test_an_old_message_forwarded_today_is_from_today(sim, adapter, jo):
    sim.forward(jo, "the warranty is 5 years")
    (said,) = read(adapter)
    assert (said.kind, said.text) == ("forward", "the warranty is 5 years")
    assert said.sent_at == datetime.fromtimestamp(sim.now, UTC)
    assert said.author.id == str(jo.id)


def test_a_hidden_link_shows_its_address(sim, adapter, jo):
    text = "🎉 see here and http://a.example/x"
    links = [
        {"type": "text_link", "offset": 7, "length": 4, "url": "http://evil.example/"},
        {
            "type": "text_link",
            "offset": 16,
            "length": 18,
            "url": "http://a.example/x",
        },
    ]
    sim.say(jo, text=text, entities=links)
    (said,) = read(adapter)
    assert said.text == "🎉 see here (http://evil.example/) and http://a.example/x"


def test_half_an_emoji_does_not_stop_the_database(adapter):
    half = "a\ud83c"
    message = {
        "message_id": 1,
        "date": 1790000000,
        "chat": {"id": 5, "type": "private"},
        "from": {"id": 5, "first_name": half},
        "contact": {"phone_number": "1", "first_name": half},
        half: 1,
    }
    said = adapter.parse(items.RawItem("1", {"message": message}))
    assert (said.text, said.author.name) == ("a\ufffd\n+1", "a\ufffd")
    del message["contact"]
    said = adapter.parse(items.RawItem("1", {"message": message}))
    assert said.text == "[a\ufffd]"


# --- what is not a message --------------------------------------------------------
def test_service_messages_are_set_aside(sim, adapter, jo):
    group = sim.make_group()
    sim._service(group, jo, pinned_message={"message_id": 1})
    added, joined, pinned = read(adapter)
    assert (added.state, added.thread) == ("unblocked", str(group.id))
    assert {joined, pinned} == {items.Unknown("service_message", ignorable=True)}


def test_blocking_and_coming_back(sim, adapter, jo):
    sim.start(jo)
    sim.block_bot(jo)
    sim.advance(60)
    sim.unblock_bot(jo)
    _start, blocked, unblocked = read(adapter)
    assert (blocked.state, blocked.code) == ("blocked", "blocked")
    assert (unblocked.state, unblocked.thread) == ("unblocked", str(jo.id))
    assert unblocked.at > blocked.at


def test_being_thrown_out_or_silenced(sim, adapter):
    group = sim.make_group(announce=False)
    sim.kick_bot(group)
    (out,) = read(adapter)
    assert (out.state, out.code, out.thread) == ("blocked", "not_member", str(group.id))
    member = {"status": "restricted", "can_send_messages": False}
    change = {
        "chat": {"id": -5, "type": "group"},
        "date": 1790000000,
        "new_chat_member": member,
    }
    raw = items.RawItem("1", {"my_chat_member": change})
    assert adapter.parse(raw).state == "blocked"
    member["can_send_messages"] = True
    assert adapter.parse(raw).state == "unblocked"


def test_reactions_are_reactions(sim, adapter, jo):
    key = sim.say(jo, text="hello")
    pull(adapter)
    sim.react(jo, key, "👍")
    sim.react(jo, key)
    _said, liked, taken_back = read(adapter)
    assert (liked.key, liked.symbol, liked.removed) == (key, "👍", False)
    assert (taken_back.symbol, taken_back.removed) == ("👍", True)
    assert liked.author.id == str(jo.id)


@pytest.mark.parametrize(
    "data, parsed",
    [
        ({"poll_answer": {}}, items.Unknown("poll_answer", ignorable=True)),
        ({"callback_query": {"id": "1"}}, items.Unknown("callback_query", True)),
        ({"business_message": {}}, items.Unknown("unknown_kind")),
        ({"thing_of_2030": {}}, items.Unknown("unknown_kind")),
        ({}, items.Unknown("unknown_kind")),
        ({"message": {"text": "hello"}}, items.Unknown("malformed")),
        ({"message": None}, items.Unknown("malformed")),
        ({"my_chat_member": {}}, items.Unknown("malformed")),
        ({"message_reaction": []}, items.Unknown("malformed")),
    ],
)
def test_the_rest_is_named_not_dropped(adapter, data, parsed):
    assert adapter.parse(items.RawItem("1", {"update_id": 1, **data})) == parsed


def test_the_direct_messages_of_a_channel_are_not_taken_for_a_group(adapter):
    chat = {"id": -100123, "type": "supergroup", "is_direct_messages": True}
    message = {"message_id": 1, "date": 1790000000, "chat": chat, "text": "psst"}
    parsed = adapter.parse(items.RawItem("1", {"message": message}))
    assert parsed == items.Unknown("unknown_kind")
