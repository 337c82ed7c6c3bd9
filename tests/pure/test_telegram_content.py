"""What Telegram's messages hold, and what is not a message at all."""

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


# --- media and cards --------------------------------------------------------------
def test_an_album_stays_several_messages(sim, adapter, jo):
    sim.send_album(jo, caption="three")
    said = read(adapter)
    assert {one.thread for one in said} == {str(jo.id)}
    assert {one.parent for one in said} == {""}
    assert len({one.album for one in said}) == 1 and said[0].album
    assert [one.text for one in said] == ["three", "", ""]


@pytest.mark.parametrize("username", ["acme_square", ""])
def test_only_one_picture_of_an_album_names_us(sim, adapter, jo, username):
    """That the others go with it is the intake's business: each comes by itself."""
    sim.privacy = False
    group = sim.make_group(username=username, announce=False)
    sim.send_album(jo, group, "@AcmeHelpBot look")
    sim.send_album(jo, group, "not for us")
    said = read(adapter)
    assert [one.addressed for one in said] == [True] + [False] * 5
    albums = [one.album for one in said]
    assert albums == [albums[0]] * 3 + [albums[3]] * 3 and albums[0] != albums[3]
    assert {one.parent for one in said} == {""}


def test_what_stands_alone_is_in_no_album(sim, adapter, jo):
    sim.send_photo(jo, caption="look")
    sim.say(jo, text="odd", media_group_id=7)
    assert [one.album for one in read(adapter)] == ["", ""]


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
    assert said.sent_at == datetime.fromtimestamp(sim.now, timezone.utc)
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
    assert (liked.symbol, liked.removed) == ("👍", False)
    assert liked.key == taken_back.key == key_of(sim, key)
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
