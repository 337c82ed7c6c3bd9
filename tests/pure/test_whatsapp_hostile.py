"""WhatsApp as it must never hurt us: forged, half, huge, nonsense, twice, any order."""

import dataclasses
import json

import pytest
from hypothesis import given, settings, strategies
from simulators.whatsapp import WhatsAppHarness, WhatsAppSimulator
from test_contract import _json, _paths, _put
from whatsapp_kit import PNG, answer, connect, heard

from networks import errors, items
from networks.whatsapp_push import raw_items
from networks.whatsapp_read import parse

NONSENSE = (None, 0, -1, 2**70, "", "x", [], [None], {}, True, 1.5, "\x00\ud800", [[]])


@pytest.fixture
def sim():
    with WhatsAppSimulator() as server:
        yield server


def everything(sim) -> dict:
    """One delivery with all kinds of things in it."""
    jo, eve = sim.add_person("Jo", username="jo"), sim.add_person("Eve", hidden=True)
    ref = sim.keep_file(PNG, "image/png")
    edit = {"original_message_id": "wamid.A", "message": {"type": "text"}}
    edit["message"]["text"] = {"body": "New"}
    system = {"type": "user_changed_number", "wa_id": "57300", "body": "x"}
    said = [
        sim.message(jo, "text", "Hello", context={"id": "wamid.B", "forwarded": True}),
        sim.message(jo, "image", {"id": ref, "mime_type": "image/png"}),
        sim.message(jo, "location", {"latitude": 1.5, "longitude": 2, "name": "x"}),
        sim.message(jo, "contacts", [{"name": {}, "phones": [{"wa_id": "57300123"}]}]),
        sim.message(jo, "interactive", {"button_reply": {"id": "1", "title": "x"}}),
        sim.message(jo, "order", {"product_items": [{"quantity": 1}]}),
        sim.message(jo, "reaction", {"message_id": "wamid.B", "emoji": "👍"}),
        sim.message(jo, "edit", edit),
        sim.message(jo, "revoke", {"original_message_id": "wamid.A"}),
        sim.message(jo, "system", system),
    ]
    payload = sim.payload(*((jo, one) for one in said), (eve, sim.message(eve)))
    status = {
        "id": "wamid.C",
        "status": "failed",
        "timestamp": sim.stamp(),
        "recipient_id": jo.phone,
        "biz_opaque_callback_data": "key",
        "errors": [{"code": 131047}],
    }
    payload["entry"][0]["changes"][0]["value"]["statuses"] = [status]
    return payload


def test_each_value_replaced_by_each_nonsense(sim):
    """Nothing raises, nothing gets lost, and every item can be stored."""
    payload = everything(sim)
    for path in list(_paths(payload)):
        for value in NONSENSE:
            damaged = json.loads(json.dumps(payload))
            _put(damaged, path, value)
            try:
                found = raw_items(json.dumps(damaged).encode())
            except errors.MalformedResponse:
                assert len(path) <= 3, path
                continue
            assert found
            for item in found:
                assert item.key and isinstance(item.key, str)
                assert isinstance(item.account, str)
                json.dumps(item.data)
                assert isinstance(parse(item.data), items.Parsed)


def test_one_broken_message_takes_no_other_with_it(sim):
    payload = everything(sim)
    before = len(raw_items(json.dumps(payload).encode()))
    messages = payload["entry"][0]["changes"][0]["value"]["messages"]
    for index, value in enumerate(NONSENSE[: len(messages) - 1]):
        messages[index] = value
    found = raw_items(json.dumps(payload).encode())
    assert len(found) == before
    assert isinstance(parse(found[-2].data), items.Incoming), "Eve's, the last one"


@settings(max_examples=200, deadline=None, database=None)
@given(strategies.dictionaries(strategies.text(max_size=12), _json, max_size=6), _json)
def test_any_json_is_survived(data, value):
    for field in ("messages", "smb_message_echoes", "x"):
        for name in ("messages", "statuses", "message_echoes", "errors"):
            change = {"field": field, "value": {name: [data, value], "contacts": value}}
            assert isinstance(parse(change), items.Parsed)
            raw = {
                "object": "whatsapp_business_account",
                "entry": [{"changes": [change]}],
            }
            assert raw_items(json.dumps(raw).encode())


def test_half_a_delivery_is_none(sim):
    _headers, _query, raw = sim.request(everything(sim))
    for cut in (1, 10, len(raw) // 2, len(raw) - 1):
        with pytest.raises(errors.MalformedResponse):
            raw_items(raw[:cut])
    with pytest.raises(errors.MalformedResponse):
        raw_items(b"\xff\xfe" + raw)


def test_a_thousand_people_at_once(sim):
    """As many as Meta puts into one delivery; linear, and none mixed up."""
    people = [sim.add_person(f"P{number}") for number in range(500)]
    pairs = [(one, sim.message(one, content=one.name)) for one in people * 2]
    found = [parse(one.data) for one in raw_items(sim.request(sim.payload(*pairs))[2])]
    assert len(found) == 1000
    assert all(one.author.name == one.text for one in found)


def test_twice_is_the_same_and_any_order_is_fine(sim):
    payload = everything(sim)
    first = raw_items(sim.request(payload)[2])
    payload["entry"][0]["changes"][0]["value"]["messages"].reverse()
    payload["entry"][0]["changes"][0]["value"]["contacts"].reverse()
    second = raw_items(sim.request(payload)[2])
    named = {(one.key, one.revision): parse(one.data) for one in first}
    assert named == {(one.key, one.revision): parse(one.data) for one in second}
    assert len(named) == len(first)


def test_a_delivery_of_another_product_is_not_ours(sim):
    payload = {**everything(sim), "object": "page"}
    with pytest.raises(errors.MalformedResponse):
        raw_items(sim.request(payload)[2])


def test_words_cannot_become_ids_or_addresses(sim):
    """What is put into a path, a header or a link is only what can be one."""
    adapter = connect(sim)
    jo = sim.add_person("Jo", username='jo k"><script>')
    message = sim.message(jo, content="x", context={"id": "../../me?fields=x"})
    [found] = map(
        parse,
        [one.data for one in raw_items(sim.request(sim.payload((jo, message)))[2])],
    )
    assert found.author.handle == f"+{jo.phone}" and found.parent == ""
    for key in ("phone_number_id", "waba_id"):
        wrong = {**WhatsAppHarness.settings(sim), key: "1/../me"}
        adapter.settings = wrong
        before = len(sim.calls)
        with pytest.raises(errors.ConfigError):
            adapter.check()
        assert len(sim.calls) == before


@pytest.mark.parametrize("key", ["app_secret", "access_token", "phone_number_id"])
def test_a_missing_setting_is_named(sim, key):
    adapter = connect(sim)
    adapter.settings = {**adapter.settings, key: ""}
    with pytest.raises(errors.ConfigError) as caught:
        adapter.check()
    assert caught.value.detail == key


def test_a_number_of_somebody_else_is_a_wrong_setting(sim):
    adapter = connect(sim)
    adapter.settings = {**adapter.settings, "phone_number_id": "4711"}
    with pytest.raises(errors.ConfigError) as caught:
        adapter.check()
    assert caught.value.detail == "phone_number_id"


def test_a_token_that_was_taken_back_is_no_reason_to_try_again(sim):
    adapter = connect(sim)
    draft = answer(heard(adapter, sim))
    sim.tokens[sim.token]["error"] = 460
    with pytest.raises(errors.AuthError) as caught:
        adapter.publish(draft, "key")
    assert caught.value.code == "revoked" and not sim.sent


def test_far_times_do_not_break_the_clock(sim):
    jo = sim.add_person("Jo")
    for stamp in ("0", "-1", "99999999999999999999", "x", "", "١٢٣"):
        message = {**sim.message(jo), "timestamp": stamp}
        [item] = raw_items(sim.request(sim.payload((jo, message)))[2])
        found = parse(dataclasses.replace(item).data)
        assert found == items.Unknown("malformed") or found.sent_at.year < 10000
