"""An independent client judges both sides: pywa, which follows the docs of 2026.

It reads what our simulator pushes with its own models, checks its signature and its
handshake, and what it sends is what our simulator takes. And the reverse: what it
understands of a delivery is what our adapter understands.
"""

from urllib.parse import urlsplit

import httpx
import pytest
import pywa
from pywa.errors import WhatsAppError
from simulators.whatsapp import WhatsAppSimulator
from whatsapp_kit import PNG, answer, connect, heard, pushed

from networks import items, meta_graph_push
from networks.meta_graph_errors import TABLE


class ToSimulator(httpx.HTTPTransport):
    """Meta's host is our simulator; nothing else is changed."""

    def __init__(self, sim):
        super().__init__()
        self.port = urlsplit(sim.url).port

    def handle_request(self, request):
        request.url = request.url.copy_with(
            scheme="http", host="127.0.0.1", port=self.port
        )
        return super().handle_request(request)


@pytest.fixture
def sim():
    with WhatsAppSimulator() as server:
        # its calls carry no proof
        server.needs_proof = False
        yield server


@pytest.fixture
def client(sim):
    found = pywa.WhatsApp(
        phone_id=sim.number,
        token=sim.token,
        session=httpx.Client(transport=ToSimulator(sim)),
        server=None,
        verify_token="s3cret",
        app_secret=sim.app_secret,
        waba_id=sim.waba,
    )
    for handler in (
        found.on_message,
        found.on_edited_message,
        found.on_deleted_message,
        found.on_message_status,
        found.on_phone_number_change,
    ):
        handler(lambda _client, update: READ.append(update))
    return found


#: what the client's handlers got
READ = []


def read(client, sim, payload) -> list:
    """What the client's handlers get of a delivery."""
    READ.clear()
    _headers, _query, raw = sim.request(payload)
    assert client.webhook_update_handler(raw)[1] == 200
    return list(READ)


# --- from the network -------------------------------------------------------------
def test_it_believes_the_simulators_signature_and_we_believe_its(client, sim):
    jo = sim.add_person("Jo")
    headers, _query, raw = sim.request(sim.payload((jo, sim.message(jo, content="é"))))
    given = headers["x-hub-signature-256"]
    assert client.webhook_update_validator(raw, given) is None
    assert meta_graph_push.genuine(headers, raw, sim.app_secret)
    for forged in (given[:-1] + "x", "sha256=", None):
        assert client.webhook_update_validator(raw, forged) is not None
        headers = {"x-hub-signature-256": forged}
        assert not meta_graph_push.genuine(headers, raw, sim.app_secret)
    assert client.webhook_update_validator(raw + b" ", given) is not None


def test_both_say_the_challenge_to_the_same_people(client):
    for token, code in (("s3cret", 200), ("other", 403), ("", 403)):
        said, status = client.webhook_challenge_handler(token, "115")
        query = {"hub.mode": "subscribe", "hub.verify_token": token}
        ours = meta_graph_push.handshake({**query, "hub.challenge": "115"}, "s3cret")
        assert status == code and (ours is not None) == (code == 200)
        if ours:
            assert ours.body.decode() == said


@pytest.mark.parametrize(
    "kind, content",
    [
        ("text", {"body": "É 你好 👨‍👩‍👧"}),
        ("location", {"latitude": 4.6, "longitude": -74.1, "name": "Shop"}),
        ("reaction", {"message_id": "wamid.X", "emoji": "👍"}),
        ("image", {"id": "1", "mime_type": "image/png", "sha256": "x", "caption": "c"}),
        (
            "audio",
            {"id": "1", "mime_type": "audio/ogg", "sha256": "x", "voice": True},
        ),
        (
            "contacts",
            [{"name": {"formatted_name": "A"}, "phones": [{"wa_id": "57300"}]}],
        ),
    ],
)
def test_it_reads_every_message_as_we_do(client, sim, kind, content):
    jo = sim.add_person("Jo", username="jo.k")
    message = sim.message(jo, kind, content)
    payload = sim.payload((jo, message))
    [theirs] = read(client, sim, payload)
    [ours] = pushed(connect(sim), payload)
    assert theirs.id == message["id"]
    assert theirs.timestamp == getattr(ours, "sent_at", None) or ours.at
    assert theirs.from_user.bsuid == ours.author.id
    assert theirs.from_user.name == ours.author.name == "Jo"
    assert theirs.from_user.username == ours.author.handle
    if kind == "text":
        assert theirs.text == ours.text
    elif kind == "reaction":
        assert (theirs.reaction.emoji, theirs.reaction.message_id) == (
            ours.symbol,
            ours.key,
        )
    elif kind == "location":
        assert f"geo:{theirs.location.latitude}" in ours.text
    elif kind in ("image", "audio"):
        [media] = ours.media
        assert getattr(theirs, kind).id == media.ref
        assert getattr(theirs, kind).mime_type == media.mime
    else:
        assert theirs.contacts[0].name.formatted_name in ours.text


def test_it_reads_who_hides_the_phone_as_we_do(client, sim):
    jo = sim.add_person("Jo", username="jo.k", hidden=True)
    payload = sim.payload((jo, sim.message(jo)))
    [theirs] = read(client, sim, payload)
    [ours] = pushed(connect(sim), payload)
    assert not theirs.from_user.wa_id and not ours.evidence
    assert theirs.from_user.bsuid == ours.author.id


def test_it_reads_what_is_answered_and_passed_on_as_we_do(client, sim):
    jo = sim.add_person("Jo")
    context = {"id": "wamid.X", "from": "15550783881"}
    payload = sim.payload((jo, sim.message(jo, context=context)))
    [theirs] = read(client, sim, payload)
    [ours] = pushed(connect(sim), payload)
    assert theirs.reply_to_message.id == ours.parent
    payload = sim.payload((jo, sim.message(jo, context={"forwarded": True})))
    theirs = read(client, sim, payload)[-1]
    assert theirs.forwarded and pushed(connect(sim), payload)[0].kind == "forward"


def test_it_reads_edits_and_deletions_as_we_do(client, sim):
    jo = sim.add_person("Jo")
    original = sim.message(jo)
    edit = {
        "original_message_id": original["id"],
        "message": {"type": "text", "text": {"body": "New"}},
    }
    payload = sim.payload((jo, sim.message(jo, "edit", edit)))
    [theirs] = read(client, sim, payload)
    [ours] = pushed(connect(sim), payload)
    assert theirs.original_message_id == ours.key
    assert theirs.message.text == ours.text == "New"
    assert theirs.timestamp == ours.edited_at
    gone = {"original_message_id": original["id"]}
    payload = sim.payload((jo, sim.message(jo, "revoke", gone)))
    theirs = read(client, sim, payload)[-1]
    [ours] = pushed(connect(sim), payload)
    assert theirs.original_message_id == ours.key
    assert isinstance(ours, items.Removal)


@pytest.mark.parametrize("state", ["sent", "delivered", "read", "failed"])
def test_it_reads_news_of_a_message_as_we_do(client, sim, state):
    adapter = connect(sim)
    adapter.publish(answer(heard(adapter, sim)), "our-key")
    code = 131047 if state == "failed" else None
    payload = sim.status(sim.sent[0], state, code)
    [theirs] = read(client, sim, payload)
    [ours] = pushed(adapter, payload)
    assert theirs.id == ours.key and theirs.tracker == ours.ours == "our-key"
    wanted = {"failed": "undelivered"}.get(state, state)
    assert theirs.status.value == state and ours.state == wanted
    if code:
        assert theirs.error.code == code and ours.code == "window_closed"


def test_it_reads_a_new_number_as_we_do(client, sim):
    jo = sim.add_person("Jo", "573001", old=True)
    system = {
        "type": "user_changed_number",
        "wa_id": "573009999",
        "customer": "573001",
        "body": "Jo changed",
    }
    payload = sim.payload((jo, sim.message(jo, "system", system)))
    [theirs] = read(client, sim, payload)
    [ours] = pushed(connect(sim), payload)
    assert (theirs.new_wa_id, theirs.old_wa_id) == (ours.thread, ours.thread_alias)


# --- to the network ---------------------------------------------------------------
def test_what_it_sends_is_what_we_send(client, sim):
    adapter = connect(sim)
    found = heard(adapter, sim)
    adapter.publish(answer(found, "Hi Jo"), "our-key")
    ours = sim.calls[-1].json()
    client.send_message(
        to=found.author.id,
        text="Hi Jo",
        preview_url=False,
        reply_to_message_id=found.ref,
        tracker="our-key",
    )
    theirs = sim.calls[-1].json()
    assert {key: theirs[key] for key in ours} == ours
    assert sim.calls[-1].path == sim.calls[-2].path


def test_its_file_goes_up_as_ours_does(client, sim):
    adapter = connect(sim)
    file = items.Upload("a.png", "image/png", PNG)
    adapter.stage(file)
    ours = sim.calls[-1]
    client.upload_media(media=PNG, mime_type="image/png", filename="a.png")
    theirs = sim.calls[-1]
    assert ours.path == theirs.path
    assert dict(ours.form()) == dict(theirs.form())
    [mine], [yours] = (
        [part for part in one.parts() if part[1]] for one in (ours, theirs)
    )
    assert mine == yours


def test_its_reaction_is_ours(client, sim):
    adapter = connect(sim)
    found = heard(adapter, sim)
    adapter.moderate("like", answer(found).target)
    client.send_reaction(to=found.author.id, emoji="👍", message_id=found.ref)
    assert sim.reactions[0] == sim.reactions[1]


def test_its_block_is_ours(client, sim):
    adapter = connect(sim)
    found = heard(adapter, sim)
    target = items.Target("", "", found.author, items.PRIVATE)
    for verb, ask in (("block", client.block_users), ("unblock", client.unblock_users)):
        adapter.moderate(verb, target)
        ours = sim.calls[-1]
        ask([found.author.id])
        theirs = sim.calls[-1]
        assert (ours.method, ours.path) == (theirs.method, theirs.path)
        assert ours.json() == theirs.json()
    assert not sim.blocklist


def test_it_knows_the_refusals_that_our_table_knows(client, sim):
    found = heard(connect(sim), sim)
    for code in sorted(code for code in TABLE if isinstance(code, int)):
        sim.refuse(code, path="/messages")
        with pytest.raises(WhatsAppError) as caught:
            client.send_message(to=found.author.id, text="Hi")
        assert caught.value.code == code
    assert not sim.sent


def test_its_templates_are_ours(client, sim):
    sim.add_template("late", body="Hello {{1}}", category="UTILITY")
    theirs = list(client.get_templates())
    ours = connect(sim).templates().templates
    assert [one.name for one in theirs] == [one.name for one in ours] == ["late"]
    assert theirs[0].status.value == "APPROVED" and ours[0].usable
