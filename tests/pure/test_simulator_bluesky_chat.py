"""Private messages on the Bluesky simulator: who may write, the log; atproto judges."""

import pytest
from atproto_client import exceptions
from bluesky_referee import chat, client, refused
from simulators import bluesky_world as world
from simulators.bluesky import BlueskySimulator

BAD = exceptions.BadRequestError


@pytest.fixture
def sim():
    with BlueskySimulator() as simulator:
        simulator.jo = simulator.add_person("jo.example", "Jo")
        yield simulator


@pytest.fixture
def jo(sim):
    return client(sim, sim.jo)


@pytest.fixture
def us(sim):
    return client(sim, password=sim.brand_password)


def test_who_may_write_to_whom(sim, jo, us):
    ours = chat(us)
    ask = {"members": [sim.jo.did]}
    assert not ours.get_convo_availability(ask).can_chat
    refused(BAD, "NotFollowedBySender", ours.get_convo_for_members, ask)
    sim.allow_messages(sim.jo, "none")
    refused(BAD, "MessagesDisabled", ours.get_convo_for_members, ask)
    sim.allow_messages(sim.jo, "following")
    sim.relate(world.FOLLOW, sim.jo, sim.brand)
    assert ours.get_convo_availability(ask).can_chat
    convo = ours.get_convo_for_members(ask).convo
    assert ours.get_convo_for_members(ask).convo.id == convo.id
    sim.relate(world.BLOCK, sim.jo, sim.brand)
    refused(BAD, "BlockedActor", ours.get_convo_for_members, ask)
    send = {"convo_id": convo.id, "message": {"text": "Hello"}}
    refused(BAD, "block between", ours.send_message, send)
    unknown = {"members": ["did:plc:nobody"]}
    refused(BAD, "RecipientNotFound", ours.get_convo_for_members, unknown)
    assert us.get_profile("jo.example").associated.chat.allow_incoming == "following"


def test_somebody_who_wrote_first_can_be_answered(sim, jo, us):
    sim.allow_messages(sim.brand, "all")
    theirs, ours = chat(jo), chat(us)
    convo = theirs.get_convo_for_members({"members": [sim.brand.did]}).convo
    said = theirs.send_message({"convo_id": convo.id, "message": {"text": "Psst"}})
    assert ours.list_convos().convos == []  # a request until we accept or answer
    [request] = ours.list_convo_requests().requests
    assert (request.id, request.status, request.unread_count) == (
        convo.id,
        "request",
        1,
    )
    answer = {"text": "Yes?", "reply_to": {"message_id": said.id}}
    sent = ours.send_message({"convo_id": convo.id, "message": answer})
    assert sent.reply_to.text == "Psst"
    [shown] = ours.list_convos().convos
    assert shown.last_message.text == "Yes?"
    texts = [one.text for one in theirs.get_messages({"convo_id": convo.id}).messages]
    assert texts == ["Yes?", "Psst"]
    lost = {"text": "Yes?", "reply_to": {"message_id": "nothing"}}
    send = {"convo_id": convo.id, "message": lost}
    refused(BAD, "ReplyTargetNotFound", ours.send_message, send)


def test_the_log_goes_forward(sim, us):
    log = chat(us).get_log
    assert log().logs == []
    first = sim.dm(sim.jo, "one")
    read = log()
    kinds = [one.py_type.rpartition("#")[2] for one in read.logs]
    assert kinds == ["logBeginConvo", "logCreateMessage"]
    assert log({"cursor": read.cursor}).logs == []
    for number in range(150):
        sim.dm(sim.jo, f"number {number}")
    page = log({"cursor": read.cursor})
    assert len(page.logs) == 100
    rest = log({"cursor": page.cursor})
    assert len(rest.logs) == 50
    [convo] = sim.convos.convos.values()
    sim.convos.remove(convo, first.id)
    [last] = log({"cursor": rest.cursor}).logs
    assert last.py_type.endswith("#logDeleteMessage")
    assert last.message.id == first.id


def test_messages_have_a_length_and_a_conversation(sim, us):
    sim.dm(sim.jo, "hello")
    ours = chat(us)
    [convo] = ours.list_convo_requests().requests
    for text in ("x" * 1001, "👨‍👩‍👧‍👦" * 401):
        send = {"convo_id": convo.id, "message": {"text": text}}
        refused(BAD, "must not be longer", ours.send_message, send)
    lost = {"convo_id": "nothing", "message": {"text": "x"}}
    refused(BAD, "InvalidConvo", ours.send_message, lost)
    sim.convos.convos[convo.id].locked = True
    locked = {"convo_id": convo.id, "message": {"text": "x"}}
    refused(BAD, "ConvoLocked", ours.send_message, locked)


def test_reactions_reading_leaving_and_hiding(sim, us):
    said = sim.dm(sim.jo, "hello")
    ours = chat(us)
    [convo] = ours.list_convo_requests().requests
    ours.accept_convo({"convo_id": convo.id})
    react = {"convo_id": convo.id, "message_id": said.id, "value": "❤️"}
    for _twice in range(2):
        assert len(ours.add_reaction(react).message.reactions) == 1
    assert not ours.remove_reaction(react).message.reactions
    assert ours.update_read({"convo_id": convo.id}).convo.unread_count == 0
    gone = {"convo_id": convo.id, "message_id": said.id}
    assert ours.delete_message_for_self(gone).py_type.endswith("#deletedMessageView")
    assert chat(client(sim, sim.jo)).get_messages({"convo_id": convo.id}).messages[0]
    ours.leave_convo({"convo_id": convo.id})
    assert ours.list_convos().convos == []
