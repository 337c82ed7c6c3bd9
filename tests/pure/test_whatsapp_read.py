"""What people write on WhatsApp: every kind, every sender, edits, news of ours."""

import pytest
from simulators.whatsapp import WhatsAppSimulator
from whatsapp_kit import PNG, answer, connect, heard, pushed

from networks import errors, items


@pytest.fixture
def sim():
    with WhatsAppSimulator() as server:
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


# --- who --------------------------------------------------------------------------
def test_each_of_several_messages_has_its_own_author(sim, adapter):
    """Three people in one delivery, listed in another order than their words."""
    ann, bob, eve = (sim.add_person(name) for name in ("Ann", "Bob", "Eve"))
    pairs = [(one, sim.message(one, content=f"I am {one.name}")) for one in (ann, bob)]
    pairs += [(eve, sim.message(eve, content="I am Eve"))]
    pairs += [(ann, sim.message(ann, content="I am Ann again"))]
    found = pushed(adapter, sim.payload(*pairs))
    said = [(one.author.name, one.text, one.thread) for one in found]
    assert said == [
        ("Ann", "I am Ann", ann.user_id),
        ("Bob", "I am Bob", bob.user_id),
        ("Eve", "I am Eve", eve.user_id),
        ("Ann", "I am Ann again", ann.user_id),
    ]
    assert len({one.key for one in found}) == 4


def test_several_numbers_in_one_delivery_each_to_its_account(sim, adapter):
    sim.numbers["999"] = "+1 555"
    jo = sim.add_person("Jo")
    one = sim.payload((jo, sim.message(jo, content="To the first")))
    other = sim.payload((jo, sim.message(jo, content="To the second")), number="999")
    one["entry"] += other["entry"]
    _headers, _query, raw = sim.request(one)
    found = adapter.split(raw)
    assert [item.account for item in found] == [sim.number, "999"]


def test_the_person_is_the_business_scoped_id_the_phone_only_evidence(sim, adapter):
    sim.add_person("Jo", "573001234567", username="jo.k")
    found = heard(adapter, sim)
    jo = next(iter(sim.people.values()))
    assert found.author.id == found.thread == jo.user_id
    assert (found.author.handle, found.author.name) == ("jo.k", "Jo")
    assert found.evidence == (items.Evidence("phone", "+573001234567", "wa_id"),)
    assert found.extra == {"wa_id": "573001234567"}


def test_who_hides_the_phone_is_heard_and_answered(sim, adapter):
    """whatomate#531, vercel/chat#794: without a phone other programs stop here."""
    sim.add_person("Jo", username="jo.k", hidden=True)
    found = heard(adapter, sim, "Hello")
    assert found.author.id.startswith("CO.") and found.evidence == ()
    assert found.author.handle == "jo.k" and found.author.url == ""
    done = adapter.publish(answer(found, "Hi"), "key")
    assert sim.sent[-1].id == done.key
    assert sim.calls[-1].json()["recipient"] == found.author.id
    assert "to" not in sim.calls[-1].json()


def test_an_older_delivery_has_the_phone_only(sim, adapter):
    sim.add_person("Jo", "573001234567", old=True)
    found = heard(adapter, sim)
    assert found.author.id == found.thread == "573001234567"
    assert found.author.handle == "+573001234567"


def test_an_empty_phone_is_no_phone(sim, adapter):
    jo = sim.add_person("Jo")
    message = {**sim.message(jo), "from": ""}
    [found] = pushed(adapter, sim.payload((jo, message)))
    assert found.author.id == jo.user_id


def test_nobody_gets_the_name_of_the_only_contact(sim, adapter):
    """A contact that is somebody else's says nothing about the sender."""
    jo, eve = sim.add_person("Jo"), sim.add_person("Eve")
    payload = sim.payload((jo, sim.message(jo)))
    value = payload["entry"][0]["changes"][0]["value"]
    value["contacts"] = [eve.contact()]
    [found] = pushed(adapter, payload)
    assert found.author.id == jo.user_id and found.author.name != "Eve"


def test_somebody_else_with_the_same_old_phone_is_somebody_else(sim, adapter):
    """Numbers find new owners: the id decides, not the phone."""
    jo = sim.add_person("Jo", "573001234567")
    eve = sim.add_person("Eve", "573001234567")
    pairs = [(one, sim.message(one)) for one in (jo, eve)]
    found = pushed(adapter, sim.payload(*pairs))
    assert [one.author.name for one in found] == ["Jo", "Eve"]
    assert len({one.thread for one in found}) == 2


# --- what -------------------------------------------------------------------------
CARD = {
    "name": {"formatted_name": "Ann B.", "first_name": "Ann"},
    "phones": [{"phone": "+57 300 999", "type": "CELL", "wa_id": "57300999888"}],
    "emails": [{"email": "ann@example.com"}],
}


@pytest.mark.parametrize(
    "kind, content, wanted, text",
    [
        ("text", {"body": "É 你好 👨‍👩‍👧 مرحبا"}, "message", "É 你好 👨‍👩‍👧 مرحبا"),
        (
            "location",
            {"latitude": 4.6, "longitude": -74.1},
            "location",
            "geo:4.6,-74.1",
        ),
        (
            "location",
            {"latitude": 1, "longitude": 2, "name": "Shop", "address": "Calle 1"},
            "location",
            "Shop\nCalle 1\ngeo:1,2",
        ),
        ("location", {"latitude": "x"}, "location", "[location]"),
        ("contacts", [CARD], "contact", "Ann B.\n+57 300 999\nann@example.com"),
        ("contacts", [], "contact", "[contacts]"),
        ("button", {"payload": "p1", "text": "Yes"}, "message", "Yes"),
        (
            "interactive",
            {"type": "button_reply", "button_reply": {"id": "1", "title": "Track"}},
            "message",
            "Track",
        ),
        (
            "interactive",
            {
                "type": "list_reply",
                "list_reply": {"id": "1", "title": "Red", "description": "Bright"},
            },
            "message",
            "Red\nBright",
        ),
        (
            "interactive",
            {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": "{}"}},
            "form",
            "Sent\n{}",
        ),
        (
            "interactive",
            {"type": "new_thing"},
            "unsupported",
            "[interactive new_thing]",
        ),
        (
            "order",
            {
                "catalog_id": "1",
                "text": "Please",
                "product_items": [
                    {
                        "product_retailer_id": "lamp",
                        "quantity": 2,
                        "item_price": 9.5,
                        "currency": "EUR",
                    }
                ],
            },
            "order",
            "Please\n2 × lamp (9.5 EUR)",
        ),
        ("unsupported", {"type": "poll"}, "unsupported", "[poll]"),
        ("something_of_2027", {"x": 1}, "unsupported", "[something_of_2027]"),
    ],
)
def test_every_kind_is_shown_with_what_it_says(
    sim, adapter, kind, content, wanted, text
):
    found = heard(adapter, sim, content, kind)
    assert (found.kind, found.text) == (wanted, text)
    assert found.audience == items.PRIVATE and found.addressed


def test_what_whatsapp_does_not_show_us_is_said_not_dropped(sim, adapter):
    more = {"errors": [{"code": 131051, "title": "Unsupported message type"}]}
    found = heard(adapter, sim, None, "unsupported", **more)
    assert (found.kind, found.text) == ("unsupported", "[unsupported]")


def test_the_chat_was_opened_without_a_word(sim, adapter):
    assert heard(adapter, sim, None, "request_welcome").kind == items.START


def test_somebody_elses_words_are_marked(sim, adapter):
    for key in ("forwarded", "frequently_forwarded"):
        found = heard(adapter, sim, "Look", context={key: True})
        assert found.kind == items.FORWARD and found.parent == ""


def test_what_is_answered_and_the_advert_it_came_from(sim, adapter):
    first = heard(adapter, sim, "My lamp broke")
    done = adapter.publish(answer(first, "Which one?"), "key")
    referral = {"source_type": "ad", "source_url": "https://fb.me/x", "body": "Lamps"}
    more = {"context": {"from": "15550783881", "id": done.key}, "referral": referral}
    found = heard(adapter, sim, "The red one", **more)
    assert found.parent == found.parent_ref == done.key
    assert found.extra["advert"] == "https://fb.me/x"
    bad = {"referral": {"source_url": "javascript:alert(1)"}}
    assert "advert" not in heard(adapter, sim, "x", **bad).extra


def test_a_number_that_was_asked_for_is_evidence_a_card_of_others_is_not(sim, adapter):
    asked = {**CARD, "origin": "contact_request"}
    found = heard(adapter, sim, [asked], "contacts")
    assert items.Evidence("phone", "+57300999888", "contact_shared") in found.evidence
    found = heard(adapter, sim, [CARD], "contacts")
    assert [one.source for one in found.evidence] == ["wa_id"]


# --- files ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kind, shown",
    [("image", "image"), ("video", "video"), ("audio", "audio")]
    + [("document", "file"), ("sticker", "image")],
)
def test_a_file_comes_in_two_steps(sim, adapter, kind, shown):
    jo = sim.add_person("Jo")
    sim.attach(jo, PNG, kind, "image/png; x=1", caption="Look", filename="a.png")
    [found] = pushed(adapter, sim=sim)
    [media] = found.media
    assert (found.kind, found.text) == ("message", "Look")
    assert (media.kind, media.mime, media.name) == (shown, "image/png", "a.png")
    assert media.url == "", "the address asks for our token"
    assert adapter.fetch_media(media.ref) == (PNG, "image/png")


def test_an_address_that_ended_is_asked_for_anew(sim, adapter):
    ref = sim.keep_file(PNG, "image/png")

    def slowly(answer):
        sim.advance(minutes=6)
        return answer

    sim.fail(method="GET", path=f"/{ref}", transform=slowly)
    assert adapter.fetch_media(ref)[0] == PNG


def test_a_file_that_is_gone_or_is_not_it(sim, adapter):
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_media("4711")
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_media("../../etc/passwd")
    ref = sim.keep_file(PNG, "image/png")
    sim.advance(days=31)
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_media(ref)
    ref = sim.keep_file(PNG, "image/png")
    sim.fail(path="attachments", transform=lambda one: type(one)(one.body + b"x"))
    with pytest.raises(errors.MalformedResponse) as caught:
        adapter.fetch_media(ref)
    assert caught.value.detail == "sha256"


def test_our_token_goes_to_metas_hosts_only(sim, adapter):
    ref = sim.keep_file(PNG, "image/png")

    def elsewhere(url):
        def change(answer):
            answer.body["url"] = url
            return answer

        return change

    for url in ("https://evil.example/x", "https://fbsbx.com.evil.example/x"):
        sim.fail(method="GET", path=f"/{ref}", transform=elsewhere(url))
        with pytest.raises(errors.ConfigError) as caught:
            adapter.fetch_media(ref)
        assert caught.value.code == "host_not_allowed"
    sim.fail(method="GET", path=f"/{ref}", transform=elsewhere("file:///etc/passwd"))
    with pytest.raises(errors.MalformedResponse):
        adapter.fetch_media(ref)


def test_a_huge_file_is_not_begun(sim, adapter):
    ref = sim.keep_file(PNG, "image/png")

    def huge(answer):
        answer.body["file_size"] = 10**10
        return answer

    sim.fail(method="GET", path=f"/{ref}", transform=huge)
    with pytest.raises(errors.MalformedResponse):
        adapter.fetch_media(ref)
    assert "attachments" not in sim.calls[-1].path


# --- afterwards -------------------------------------------------------------------
def test_an_edit_is_a_newer_revision_of_the_original(sim, adapter):
    jo = sim.add_person("Jo")
    original = sim.say(jo, "My lmap broke")
    sim.advance(seconds=30)
    sim.edit(jo, original["id"], "My lamp broke")
    first, second = pushed(adapter, sim=sim)
    assert first.key == second.key == original["id"]
    assert (first.revision, first.edited_at) == (0, None)
    assert second.revision > first.revision and second.edited_at > first.sent_at
    assert second.text == "My lamp broke" and second.author == first.author


def test_an_edited_caption_keeps_its_file(sim, adapter):
    jo = sim.add_person("Jo")
    inner = {"type": "image", "image": {"id": "77", "caption": "New"}}
    sim.say(jo, {"original_message_id": "wamid.A", "message": inner}, "edit")
    [found] = pushed(adapter, sim=sim)
    assert (found.key, found.text, found.media[0].ref) == ("wamid.A", "New", "77")


def test_what_the_author_takes_back_is_gone(sim, adapter):
    jo = sim.add_person("Jo")
    original = sim.say(jo, "Oops")
    sim.revoke(jo, original["id"])
    _said, gone = pushed(adapter, sim=sim)
    assert isinstance(gone, items.Removal)
    assert (gone.key, gone.by) == (original["id"], "author")


def test_one_person_has_one_emoji_on_a_message(sim, adapter):
    jo = sim.add_person("Jo")
    for emoji in ("👍", "❤️", ""):
        sim.say(jo, {"message_id": "wamid.OURS", "emoji": emoji}, "reaction")
    sim.say(jo, {"message_id": "wamid.OURS"}, "reaction")
    found = pushed(adapter, sim=sim)
    assert [(one.symbol, one.removed) for one in found] == [
        *(("👍", False), ("❤️", False)),
        *(("", True), ("", True)),
    ]
    assert all(one.sole and one.key == "wamid.OURS" for one in found)


def test_what_we_wrote_on_the_phone_is_ours(sim, adapter):
    jo = sim.add_person("Jo")
    message = sim.echo(jo, "Done by phone")
    [found] = pushed(adapter, sim=sim)
    assert found.author.id == sim.number and found.thread == jo.user_id
    assert (found.key, found.text) == (message["id"], "Done by phone")
    assert found.evidence == ()


def test_a_group_is_not_a_private_chat(sim, adapter):
    jo = sim.add_person("Jo")
    sim.say(jo, "Hello all", group_id="Y2FwaQ")
    assert pushed(adapter, sim=sim) == [items.Unknown("group_message")]


# --- people change ----------------------------------------------------------------
def test_a_new_number_is_the_same_person(sim, adapter):
    jo = sim.add_person("Jo")
    system = {"type": "user_changed_number", "wa_id": "573009", "body": "Jo changed"}
    sim.say(jo, {**system, "customer": jo.phone}, "system")
    [found] = pushed(adapter, sim=sim)
    assert (found.kind, found.text, found.addressed) == ("notice", "Jo changed", False)
    assert found.thread == jo.user_id and found.thread_alias == ""
    assert found.author.id == "", "nobody said it"


def test_a_new_id_is_tied_to_the_former_by_the_networks_word(sim, adapter):
    jo = sim.add_person("Jo")
    system = {"type": "user_changed_user_id", "user_id": "CO.999", "body": "x"}
    sim.say(jo, system, "system")
    [found] = pushed(adapter, sim=sim)
    assert (found.thread, found.thread_alias) == ("CO.999", jo.user_id)


def test_an_old_accounts_new_number_is_tied_too(sim, adapter):
    jo = sim.add_person("Jo", "573001", old=True)
    system = {"type": "user_changed_number", "wa_id": "573009999", "body": "x"}
    sim.say(jo, {**system, "customer": "573001"}, "system")
    [found] = pushed(adapter, sim=sim)
    assert (found.thread, found.thread_alias) == ("573009999", "573001")


# --- news of what we sent ---------------------------------------------------------
@pytest.mark.parametrize(
    "state, wanted",
    [
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "read"),
        ("played", "read"),
    ],
)
def test_news_of_ours_brings_our_own_key_back(sim, adapter, state, wanted):
    adapter.publish(answer(heard(adapter, sim)), "outbox-42")
    [found] = pushed(adapter, sim.status(sim.sent[0], state))
    assert isinstance(found, items.Receipt) and found.state == wanted
    assert (found.key, found.ours) == (sim.sent[0].id, "outbox-42")
    assert found.thread == sim.sent[0].person.user_id and not found.code


@pytest.mark.parametrize(
    "code, word",
    [(131047, "window_closed"), (131026, "undeliverable")]
    + [
        (131049, "too_many_ads"),
        (999999, "999999"),
        (131008, "131008"),
        (None, "undeliverable"),
    ],
)
def test_a_failure_later_says_why(sim, adapter, code, word):
    adapter.publish(answer(heard(adapter, sim)), "key")
    [found] = pushed(adapter, sim.status(sim.sent[0], "failed", code))
    assert (found.state, found.code) == ("undelivered", word)


def test_repeats_have_one_name_and_states_have_several(sim, adapter):
    adapter.publish(answer(heard(adapter, sim)), "key")
    news = [sim.status(sim.sent[0], one) for one in ("read", "sent", "read", "sent")]
    keys = [adapter.split(sim.request(one)[2])[0].key for one in news]
    assert keys[0] == keys[2] and keys[1] == keys[3] and keys[0] != keys[1]


def test_news_of_the_business_account_is_kept_and_is_no_message(sim, adapter):
    template = {"message_template_name": "t1", "event": "PAUSED"}
    change = {"field": "message_template_status_update", "value": template}
    assert pushed(adapter, sim.wrap(change)) == [
        items.Unknown("message_template_status_update", ignorable=True)
    ]
    change = {"field": "of_2027", "value": {}}
    assert pushed(adapter, sim.wrap(change)) == [items.Unknown("of_2027")]
    payload = sim.payload(errors=[{"code": 131031, "title": "Locked"}])
    assert pushed(adapter, payload) == [items.Unknown("network_error")]


# --- into private -----------------------------------------------------------------
TOKEN = "Zm9yIHRoaXMgdGVzdCBvbmx5_-"


def test_the_token_comes_back_with_the_first_message(sim, adapter):
    url = adapter.invite_url(TOKEN)
    assert url.startswith("https://wa.me/15550783881?text=%5B") and TOKEN in url
    found = heard(adapter, sim, f"[{TOKEN}]")
    assert (found.kind, found.payload, found.text) == (items.START, TOKEN, "")
    found = heard(adapter, sim, f"Hi, my order [{TOKEN}] is late")
    assert (found.kind, found.payload) == ("message", TOKEN)
    assert found.text == "Hi, my order is late"
    for words in ("[short]", f"[{TOKEN}", "[two words here]", "[" * 5000):
        assert heard(adapter, sim, words).payload == ""
