"""Blocking on WhatsApp: the list that Meta keeps, and its 24 hours (fact sheet §9)."""

from datetime import timedelta

import pytest
from simulators.server import Answer
from simulators.whatsapp import WhatsAppSimulator
from whatsapp_kit import connect, heard

from networks import errors, items


@pytest.fixture
def sim():
    with WhatsAppSimulator() as one:
        yield one


def person(found):
    return items.PersonFacts(found.author, found.sent_at)


def target(found):
    return items.Target("", "", found.author, items.PRIVATE)


def refused(code, call, *args):
    with pytest.raises(errors.RejectedError) as caught:
        call(*args)
    assert caught.value.code == code


def test_only_who_wrote_within_a_day(sim):
    adapter = connect(sim)
    found = heard(adapter, sim)
    answer = adapter.blocking(person(found))
    assert answer.allowed and answer.until == found.sent_at + timedelta(hours=24)
    sim.advance(hours=24)
    assert adapter.blocking(person(found)).reason == "block_too_late"
    never = adapter.blocking(items.PersonFacts(found.author))
    assert not never.allowed and never.reason == "block_too_late"
    # the network says the same, to whoever asks all the same
    refused("block_too_late", adapter.moderate, "block", target(found))
    assert not sim.blocklist


def test_unblocking_has_no_window(sim):
    adapter = connect(sim)
    found = heard(adapter, sim)
    adapter.moderate("block", target(found))
    sim.advance(days=90)
    adapter.moderate("unblock", target(found))
    assert not sim.blocklist


def test_by_phone_where_there_is_no_id_yet(sim):
    adapter = connect(sim)
    sim.add_person("Ada", old=True)
    found = heard(adapter, sim)
    assert found.author.id.isdigit()
    adapter.moderate("block", target(found))
    assert sim.calls[-1].json()["block_users"] == [{"user": found.author.id}]
    assert len(sim.blocklist) == 1


def test_a_full_list_and_other_refusals(sim):
    adapter = connect(sim)
    found = heard(adapter, sim)
    sim.most_blocked = 0
    refused("block_list_full", adapter.moderate, "block", target(found))
    for code, word in ((139100, "rejected"), (131031, "account_blocked")):
        sim.refuse(code, path="/block_users")
        refused(word, adapter.moderate, "block", target(found))
    for code in (139102, 139103, 1):
        sim.refuse(code, path="/block_users")
        with pytest.raises(errors.TransientError):
            adapter.moderate("block", target(found))
    assert not sim.blocklist


def test_an_answer_that_names_nobody_is_no_success(sim):
    adapter = connect(sim)
    found = heard(adapter, sim)
    for lists in (None, [], {"added_users": []}, {"failed_users": [{"input": "1"}]}):
        answer = {"messaging_product": "whatsapp", "block_users": lists}
        sim.fail(times=1, path="/block_users", answer=Answer(answer))
        refused("rejected", adapter.moderate, "block", target(found))
    for strange in (
        {"failed_users": 5},
        {"failed_users": [5]},
        {"failed_users": [{"errors": "x"}]},
    ):
        body = {"error": {"code": 139100, "message": "No"}, "block_users": strange}
        sim.fail(times=1, path="/block_users", answer=Answer(body, 400))
        refused("rejected", adapter.moderate, "block", target(found))
