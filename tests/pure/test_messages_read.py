"""Messenger and Instagram messages: what each element of a webhook means."""

import json
import random
from datetime import timedelta

import pytest
from messages_kit import ACCOUNT, KINDS, PAGE, PNG, Desk
from simulators.meta_messages import MetaMessages
from simulators.meta_messages_world import OTHER_APP, PAGE_INBOX

from networks import items
from networks.meta_graph_messages_read import parse
from networks.meta_graph_messages_values import Own


@pytest.fixture(params=["messenger", "instagram"])
def desk(request):
    with MetaMessages() as sim:
        yield Desk(request.param, sim)


@pytest.fixture
def page():
    with MetaMessages() as sim:
        yield Desk("messenger", sim)


@pytest.fixture
def insta():
    with MetaMessages() as sim:
        yield Desk("instagram", sim)


def only(found):
    [one] = found
    return one


# --- messages ---------------------------------------------------------------------
def test_words_arrive_with_who_said_them_where_and_when(desk):
    said = desk.sim.write(desk.jo, "Blue in stock? 💙 «été» مرحبا")
    one = only(desk.pushed())
    assert one.text == "Blue in stock? 💙 «été» مرحبا"
    assert (one.key, one.ref) == (f"{desk.own}:{said.mid}", said.mid)
    assert (one.author.id, one.author.scope) == (desk.jo.id, desk.own)
    assert (one.audience, one.thread) == ("private", desk.jo.id)
    assert one.addressed and one.kind == "message" and one.ours is None
    # chatwoot#14739: when it was said, not when it came. In milliseconds, not seconds:
    # or everything is said in the year 56000, or never
    assert abs(one.sent_at - desk.sim.now()) < timedelta(seconds=1)
    assert one.sent_at.timestamp() == pytest.approx(said.at / 1000, abs=1e-6)


def test_ids_beyond_2_53_stay_what_they_are(desk):
    """A float would make two people one."""
    other = desk.sim.add_customer("Sam")
    desk.sim.write(desk.jo, "one")
    desk.sim.write(other, "two")
    one, two = desk.pushed()
    assert int(one.author.id) > 2**53 and one.author.id != two.author.id
    assert {one.author.id, two.author.id} == {desk.jo.id, other.id}


def test_the_same_message_is_journalled_under_one_name_however_often(desk):
    desk.sim.write(desk.jo, "hello")
    [payload] = desk.sim.queue
    again = json.loads(json.dumps(payload))
    again["entry"][0]["time"] += 5000
    keys = {one.key for one in desk.raw(payload, again)}
    assert len(keys) == 1


def test_a_thousand_in_one_delivery_stay_apart(desk):
    people = [desk.sim.add_customer(f"Person {n}") for n in range(40)]
    for number in range(1000):
        desk.sim.write(people[number % 40], f"message {number}")
    whole = desk.sim.batched(desk.sim.queue)
    random.Random(5).shuffle(whole["entry"])
    found = desk.raw(whole)
    assert len({one.key for one in found}) == 1000
    said = {one.text: one.author.id for one in map(desk.adapter.message_parse, found)}
    assert said == {f"message {n}": people[n % 40].id for n in range(1000)}


def test_several_elements_in_one_entry_are_all_kept(desk):
    elements = []
    for text in ("one", "two", "three"):
        desk.sim.write(desk.jo, text)
        elements += desk.sim.queue.pop()["entry"][0]["messaging"]
    payload = desk.sim.payload_of(desk.sim.inbox, *elements)
    assert [one.text for one in desk.pushed(payload)] == ["one", "two", "three"]


def test_two_pages_may_use_the_same_message_id():
    element = {
        "sender": {"id": "7"},
        "recipient": {"id": PAGE},
        "timestamp": 1785312004523,
        "message": {"mid": "m_same", "text": "hi"},
    }
    one = parse({"messaging": element, "account": PAGE}, Own(PAGE))
    two = parse({"messaging": element, "account": "999"}, Own("999"))
    assert one.key != two.key and one.author.scope != two.author.scope


def test_an_answer_names_what_it_answers(desk):
    first = desk.sim.write(desk.jo, "Is it blue?")
    desk.sim.write(desk.jo, "I mean this", reply_to={"mid": first.mid})
    _first, second = desk.pushed()
    assert second.parent == f"{desk.own}:{first.mid}"
    assert second.parent_ref == first.mid


def test_a_tapped_quick_reply_is_words(desk):
    desk.sim.write(desk.jo, "Yes", quick_reply={"payload": "YES_1"})
    desk.sim.write(desk.jo, "", quick_reply={"payload": "NO_2"})
    assert [one.text for one in desk.pushed()] == ["Yes", "NO_2"]


def test_what_another_program_answers_at_the_moment_is_heard_as_well(page):
    """The standby channel: shown, and in the same words."""
    page.jo.owner = OTHER_APP
    page.sim.write(page.jo, "I told the bot already")
    assert "standby" in page.sim.queue[0]["entry"][0]
    assert only(page.pushed()).text == "I told the bot already"


# --- files and shared things ------------------------------------------------------
@pytest.mark.parametrize("kind", ["image", "video", "audio", "file", "sticker"])
def test_each_kind_of_file_arrives(desk, kind):
    """chatwoot#4073: stickers never appeared."""
    desk.sim.attach(desk.jo, PNG, kind, text="look")
    one = only(desk.pushed())
    [media] = one.media
    assert media.kind == ("image" if kind == "sticker" else kind)
    assert one.text == "look" and one.kind == "message"
    # signed and ending: nothing to be shown to people
    assert media.url == ""
    assert desk.adapter.message_fetch_media(media.ref)[0] == PNG


def test_many_files_of_one_message_keep_their_order(desk):
    names = [desk.sim.keep_file(b"file %d" % n, "image/png") for n in range(5)]
    files = [
        {"type": "image", "payload": {"url": desk.sim.file_url(name)}} for name in names
    ]
    desk.sim.write(desk.jo, "", attachments=files)
    refs = [one.ref for one in only(desk.pushed()).media]
    fetched = [desk.adapter.message_fetch_media(ref)[0] for ref in refs]
    assert fetched == [b"file %d" % n for n in range(5)]


def test_the_preview_of_a_link_says_it_once(page):
    link = "https://shop.example/lamp"
    fallback = {"type": "fallback", "payload": {"url": link, "title": "The lamp"}}
    page.sim.write(page.jo, f"this one {link}", attachments=[fallback])
    page.sim.write(page.jo, "", attachments=[fallback])
    first, second = page.pushed()
    assert first.text.count(link) == 1 and "The lamp" in first.text
    assert second.text.splitlines() == ["The lamp", link]


@pytest.mark.parametrize("kind", ["reel", "ig_reel", "post", "ig_post", "share"])
def test_shared_things_are_files_or_links(desk, kind):
    shown = "https://www.instagram.com/p/abc/"
    file = "https://scontent.cdninstagram.com/v/t50/x.mp4?oe=1"
    for url in (shown, file):
        payload = {"url": url, "title": "A lamp"}
        desk.sim.write(desk.jo, "", attachments=[{"type": kind, "payload": payload}])
    link, media = desk.pushed()
    assert link.text.splitlines() == ["A lamp", shown] and not link.media
    assert link.kind == media.kind == kind
    assert media.media[0].ref.endswith(file) and media.text == "A lamp"


def test_a_story_that_names_us_is_a_file(insta):
    url = insta.sim.file_url(insta.sim.keep_file(PNG, "image/png"))
    mention = {"type": "story_mention", "payload": {"url": url}}
    insta.sim.write(insta.jo, "", attachments=[mention])
    one = only(insta.pushed())
    [media] = one.media
    assert one.kind == "story_mention"
    # shown for a day: linked, not kept
    assert media.fleeting and media.url == url


def test_an_answer_to_our_story_shows_which(insta):
    """chatwoot#6807, #13354: answers to stories without the story."""
    url = insta.sim.file_url(insta.sim.keep_file(PNG, "image/png"))
    story = {"story": {"url": url, "id": "17900000000000001"}}
    insta.sim.write(insta.jo, "How much?", reply_to=story)
    one = only(insta.pushed())
    assert one.text == "How much?" and one.extra["story"] == "17900000000000001"
    [media] = one.media
    assert media.fleeting and media.name == "story" and one.parent == ""


@pytest.mark.parametrize(
    ("attachment", "says"),
    [
        ({"type": "template", "payload": {"text": "Pick one"}}, "Pick one"),
        (
            {
                "type": "template",
                "payload": {
                    "elements": [
                        {
                            "title": "Lamp",
                            "subtitle": "9 €",
                            "buttons": [{"title": "Buy"}],
                        }
                    ]
                },
            },
            "Lamp\n9 €\n[Buy]",
        ),
        ({"type": "template", "payload": None}, "[template]"),
        ({"type": "ephemeral"}, "[ephemeral]"),
        ({"type": "image", "payload": {}}, "[image]"),
        ({"type": "image", "payload": {"url": "javascript:alert(1)"}}, "[image]"),
        ({"type": "story_mention", "payload": {}}, "[story_mention]"),
        (
            {"type": "location", "payload": {"coordinates": {"lat": 1.5, "long": -2}}},
            "geo:1.5,-2",
        ),
        ({"type": "location", "payload": {"coordinates": "x"}}, "[location]"),
        (
            {"type": "appointment_booking", "payload": {"title": "Monday 9:00"}},
            "[appointment_booking]\nMonday 9:00",
        ),
        ({"type": "hologram", "payload": {"x": 1}}, "[hologram]"),
        ({}, "[unsupported]"),
        ("nonsense", "[unsupported]"),
    ],
)
def test_nothing_is_left_out_silently(desk, attachment, says):
    desk.sim.write(desk.jo, "", attachments=[attachment])
    one = only(desk.pushed())
    assert one.text == says and not one.media


def test_what_meta_does_not_show_us_is_named(desk):
    desk.sim.write(desk.jo, "", is_unsupported=True)
    desk.sim.write(desk.jo, "")
    for one in desk.pushed():
        assert (one.kind, one.text) == ("unsupported", "[unsupported]")


# --- what was said elsewhere ------------------------------------------------------
@pytest.mark.parametrize("app", [PAGE_INBOX, OTHER_APP])
def test_what_a_colleague_says_in_another_program_is_ours_and_shown(desk, app):
    desk.sim.answer_elsewhere(desk.jo, "Hi from the inbox", app)
    one = only(desk.pushed())
    assert one.author == items.Author(id=desk.own)
    assert one.thread == desk.jo.id and one.text == "Hi from the inbox"
    # surely not one of our replies, whatever it says
    assert one.ours == ""


def test_our_own_echo_brings_our_key_back(desk):
    heard = desk.hears("My lamp broke")
    desk.sim.queue.clear()
    published = desk.says(heard, "Sorry!")
    one = only(desk.pushed())
    assert one.ours == "key:1" and one.key == published.key
    assert one.thread == heard.thread == published.thread


def test_an_echo_that_names_no_program_may_be_ours(desk):
    desk.sim.answer_elsewhere(desk.jo, "Hi", app=0)
    assert only(desk.pushed()).ours is None


# --- news of messages -------------------------------------------------------------
def test_an_edit_is_a_newer_revision_of_the_same_message(desk):
    said = desk.sim.write(desk.jo, "I want a refund")
    desk.sim.edit(said, "I want a replacement", 1)
    desk.sim.edit(said, "I want nothing", 2)
    first, second, third = desk.pushed()
    assert first.key == second.key == third.key
    assert [first.revision, second.revision, third.revision] == [0, 1, 2]
    assert second.edited_at and second.text == "I want a replacement"


def test_an_edit_without_a_number_still_counts(desk):
    said = desk.sim.write(desk.jo, "a")
    element = {"mid": said.mid, "text": "b"}
    desk.sim.queue.clear()
    desk.sim.tell(desk.jo, {"message_edit": element})
    assert only(desk.pushed()).revision == 1


def test_unsent_is_gone(desk):
    said = desk.sim.write(desk.jo, "oops")
    desk.sim.unsend(said)
    raw = desk.raw()
    assert len({one.key for one in raw}) == 2
    _said, gone = map(desk.adapter.message_parse, raw)
    assert isinstance(gone, items.Removal)
    assert (gone.key, gone.by) == (f"{desk.own}:{said.mid}", "author")
    # somebody took it back: nothing of it stays
    assert gone.forget


def test_a_reaction_takes_the_place_of_the_former(desk):
    said = desk.sim.write(desk.jo, "hello")
    desk.sim.queue.clear()
    desk.sim.react(said, "😍")
    desk.sim.react(said, action="unreact")
    liked, gone = desk.pushed()
    assert isinstance(liked, items.Reaction) and liked.sole
    assert liked.symbol == "😍" and not liked.removed and gone.removed
    assert liked.key == f"{desk.own}:{said.mid}" and liked.author.id == desk.jo.id


def test_messenger_tells_a_moment_up_to_which_all_was_read(page):
    page.sim.answer_elsewhere(page.jo, "one")
    page.sim.queue.clear()
    element = page.sim.read(page.jo)
    one = only(page.pushed())
    assert (one.state, one.key, one.thread) == ("read", "", page.jo.id)
    assert one.earlier
    assert one.at.timestamp() * 1000 == pytest.approx(element["read"]["watermark"])


def test_instagram_names_the_message_that_was_read(insta):
    said = insta.sim.answer_elsewhere(insta.jo, "one")
    insta.sim.queue.clear()
    insta.sim.read(insta.jo)
    one = only(insta.pushed())
    assert (one.state, one.key) == ("read", f"{ACCOUNT}:{said.mid}")
    assert one.earlier and one.thread == insta.jo.id


def test_each_delivered_message_is_told_by_itself(page):
    said = [page.sim.answer_elsewhere(page.jo, text) for text in ("a", "b")]
    page.sim.queue.clear()
    page.sim.delivered(*said)
    found = page.pushed()
    assert [one.key for one in found] == [f"{PAGE}:{one.mid}" for one in said]
    assert {one.state for one in found} == {"delivered"}


def test_a_delivery_without_names_goes_by_its_moment(page):
    page.sim.tell(page.jo, {"delivery": {"watermark": 1785312004523}})
    one = only(page.pushed())
    assert (one.state, one.key, one.earlier) == ("delivered", "", True)


# --- buttons and links ------------------------------------------------------------
def test_a_pressed_button_is_what_it_says(desk):
    desk.sim.press(desk.jo, "Where is my order?", "ORDER")
    one = only(desk.pushed())
    assert (one.text, one.kind) == ("Where is my order?", "postback")


@pytest.mark.parametrize("payload", ["GET_STARTED", "get-started", "GetStartedPayload"])
def test_who_only_opens_the_conversation_says_nothing(desk, payload):
    desk.sim.press(desk.jo, "Los geht's", payload)
    one = only(desk.pushed())
    assert (one.kind, one.text, one.payload) == (items.START, "", "")


def test_a_link_brings_the_token_back(desk):
    """As Telegram's start payload does: new people and old acquaintances."""
    desk.sim.start_by_link(desk.jo, "Tk_0123456789-abcdef")
    desk.sim.come_by_link(desk.jo, "Tk_0123456789-abcdef")
    for one in desk.pushed():
        assert isinstance(one, items.Incoming)
        assert (one.kind, one.payload) == (items.START, "Tk_0123456789-abcdef")
        assert one.thread == desk.jo.id


def test_the_token_may_come_with_the_first_words(desk):
    referral = {"ref": "Tk_0123456789-abcdef", "source": "SHORTLINK"}
    desk.sim.write(desk.jo, "Hello again", referral=referral)
    one = only(desk.pushed())
    assert (one.text, one.payload) == ("Hello again", "Tk_0123456789-abcdef")
    assert one.kind == "message"


def test_an_advert_is_no_token_but_is_told(desk):
    referral = {
        "ref": "spring sale / 50 %",
        "source": "ADS",
        "ad_id": "6045246247433",
        "ads_context_data": {"ad_title": "Lamps"},
    }
    desk.sim.write(desk.jo, "How much?", referral=referral)
    one = only(desk.pushed())
    assert one.payload == "" and one.extra == {
        "ad": "6045246247433",
        "ad_title": "Lamps",
    }


def test_an_opt_in_brings_the_token_back(page):
    page.sim.tell(page.jo, {"optin": {"ref": "Tk_0123456789-abcdef"}})
    assert only(page.pushed()).payload == "Tk_0123456789-abcdef"


def test_a_box_that_nobody_in_particular_ticked_is_nothing(page):
    element = page.sim.element(page.jo, {"optin": {"ref": "x", "user_ref": "u"}})
    del element["sender"]
    payload = page.sim.payload_of(page.sim.inbox, element)
    one = only(page.pushed(payload))
    assert one == items.Unknown("no_person", ignorable=True)


# --- the rest ---------------------------------------------------------------------
def test_who_has_the_conversation_asks_for_nothing(page):
    page.sim.hand_over(page.jo, OTHER_APP)
    page.sim.tell(page.jo, {"take_thread_control": {"previous_owner_app_id": "1"}})
    page.sim.tell(page.jo, {"app_roles": {"1": ["primary_receiver"]}})
    assert all(
        isinstance(one, items.Unknown) and one.ignorable for one in page.pushed()
    )


@pytest.mark.parametrize("name", ["policy_enforcement", "policy-enforcement"])
def test_a_page_that_is_blocked_is_told_to_somebody(page, name):
    page.sim.tell(page.jo, {name: {"action": "block", "reason": "spam"}})
    assert only(page.pushed()) == items.Unknown("policy_block", ignorable=False)


def test_what_nobody_has_seen_yet_is_kept_and_named(desk):
    desk.sim.tell(desk.jo, {"holo_call": {"mid": "x"}})
    assert only(desk.pushed()) == items.Unknown("holo_call", ignorable=False)


def test_our_own_reactions_and_receipts_are_noise(desk):
    said = desk.sim.write(desk.jo, "x")
    desk.sim.queue.clear()
    for content in (
        {"reaction": {"mid": said.mid, "action": "react", "emoji": "😍"}},
        {"read": {"watermark": 1785312004523}},
        {"delivery": {"mids": [said.mid]}},
    ):
        desk.sim.tell(desk.jo, content, own=True)
    assert all(one.ignorable for one in desk.pushed())


# --- hostile ----------------------------------------------------------------------
WRONG = (
    None,
    [],
    {},
    "",
    0,
    -1,
    True,
    1.5,
    10**40,
    "\ud83d",
    "x" * 5000,
    [[]],
    {"a": {}},
)


@pytest.mark.parametrize("platform", sorted(KINDS))
def test_any_value_anywhere_is_survived(platform):
    with MetaMessages() as sim:
        desk = Desk(platform, sim)
        said = sim.attach(desk.jo, PNG, text="look")
        sim.write(desk.jo, "x", reply_to={"story": {"url": "https://a.b/c", "id": "1"}})
        sim.edit(said, "y")
        sim.unsend(said)
        sim.react(said)
        sim.answer_elsewhere(desk.jo)
        sim.delivered(sim.inbox.said[-1])
        sim.read(desk.jo)
        sim.press(desk.jo, referral={"ref": "abcdefgh"})
        sim.come_by_link(desk.jo, "abcdefgh")
        sim.tell(desk.jo, {"optin": {"ref": "abcdefgh"}})
        chance, tried = random.Random(7), 0
        for payload in sim.queue:
            for path in list(_paths(payload["entry"][0])):
                for value in chance.sample(WRONG, 6):
                    entry = json.loads(json.dumps(payload["entry"][0]))
                    _put(entry, path, value)
                    for item in desk.adapter.message_items(entry, desk.own):
                        _is_parsed(desk.adapter.message_parse(item))
                        json.dumps(item.data)
                        tried += 1
        assert tried > 500


def test_any_json_in_the_journal_is_survived(page):
    for data in (*WRONG, {"messaging": 5}, {"standby": {"message": 1}}):
        for raw in (data, {"messaging": data}, {"conversation message": data}):
            item = items.RawItem("k", raw if isinstance(raw, dict) else {})
            _is_parsed(page.adapter.message_parse(item))


def test_an_entry_that_is_none_has_nothing_in_it(page):
    for entry in (None, [], {}, {"messaging": None}, {"messaging": {"a": 1}}):
        assert page.adapter.message_items(entry, PAGE) == []


def test_an_element_that_is_none_is_kept_for_the_admin(page):
    found = page.adapter.message_items({"messaging": [None, 5, "x", {}]}, PAGE)
    assert len(found) == 4
    for item in found:
        assert page.adapter.message_parse(item) == items.Unknown("malformed")


def _is_parsed(one):
    assert isinstance(one, items.Parsed)
    if isinstance(one, items.Incoming):
        assert one.key and one.thread and one.sent_at.tzinfo
        one.text.encode()


def _paths(value, above=()):
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, one in inner:
        yield (*above, key)
        yield from _paths(one, (*above, key))


def _put(data, path, value):
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value
