"""Meta's own SDK judges both sides: what it sends, reads and is refused.

It knows the parameters of each edge of v26. What it sends our simulator must take, what
it reads there our adapter must read the same, and what it is refused with must be what
our table has a word for.
"""

import pytest
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.unifiedthread import UnifiedThread
from facebook_business.api import FacebookAdsApi, FacebookSession
from facebook_business.exceptions import FacebookRequestError
from messages_kit import PNG, Desk
from simulators.meta_messages import MetaMessages

from networks import errors, items
from networks.meta_graph_errors import row_of

PLATFORMS = {
    "messenger": UnifiedThread.Platform.messenger,
    "instagram": UnifiedThread.Platform.instagram,
}
FIELDS = ["id", "updated_time", "participants", "messages.limit(20){id,message,from}"]


#: it warns of what its tables do not hold: fields in fields, tags as words
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:facebook_business")


@pytest.fixture(params=["messenger", "instagram"])
def desk(request):
    with MetaMessages() as sim:
        yield Desk(request.param, sim)


@pytest.fixture
def client(desk):
    """The SDK as that page; it proves each call as it is told to."""
    sim = desk.sim
    session = FacebookSession(sim.app_id, sim.app_secret, sim.token)
    session.GRAPH = sim.url
    api = FacebookAdsApi(session, api_version="v26.0")
    return Page(desk.own, api=api)


def say(client, desk, text="Hello!", **more):
    params = {
        "recipient": {"id": desk.jo.id},
        "messaging_type": Page.MessagingType.response.upper(),
        "message": {"text": text, "metadata": "sdk:1"},
        **more,
    }
    return client.create_message(params=params)


def test_what_the_sdk_sends_we_hear_as_an_echo(desk, client):
    desk.hears("hello")
    desk.sim.queue.clear()
    answer = say(client, desk, "Hello! 💙 «été»")
    [one] = desk.pushed()
    assert isinstance(one, items.Incoming)
    assert one.text == "Hello! 💙 «été»" and one.ours == "sdk:1"
    assert (one.ref, one.thread) == (answer["message_id"], answer["recipient_id"])


def test_what_we_send_the_sdk_reads(desk, client):
    heard = desk.hears("My lamp broke")
    published = desk.says(heard, "Sorry!")
    [thread] = client.get_conversations(
        fields=FIELDS, params={"platform": PLATFORMS[desk.platform]}
    )
    rows = {one["id"]: one for one in thread["messages"]["data"]}
    assert rows[published.ref]["message"] == "Sorry!"
    assert rows[published.ref]["from"]["id"] == desk.own
    assert rows[heard.ref]["from"]["id"] == desk.jo.id


def test_both_read_the_same_conversations_page_by_page(desk, client):
    for number in range(23):
        desk.sim.write(desk.sim.add_customer(f"Person {number}"), f"message {number}")
        desk.sim.advance(seconds=3)
    desk.sim.conversations_page = 5
    theirs = set()
    for thread in client.get_conversations(
        fields=FIELDS, params={"platform": PLATFORMS[desk.platform], "limit": 5}
    ):
        assert isinstance(thread, UnifiedThread)
        theirs |= {(one["id"], one["message"]) for one in thread["messages"]["data"]}
    ours = {
        (one.ref, one.text) for one in map(desk.adapter.message_parse, desk.pulled()[0])
    }
    assert ours == theirs and len(ours) == 23


def test_one_persons_conversation_is_found_by_both(desk, client):
    heard = desk.hears("hello")
    desk.sim.write(desk.sim.add_customer("Sam"), "hi")
    say(client, desk, "Said by the SDK")
    [thread] = client.get_conversations(
        fields=FIELDS,
        params={"platform": PLATFORMS[desk.platform], "user_id": desk.jo.id},
    )
    assert len(thread["messages"]["data"]) == 2
    draft = desk.answer(heard, "Said by the SDK")
    found = desk.adapter.message_lookup(draft, "k", desk.sim.now())
    assert found.ref in {one["id"] for one in thread["messages"]["data"]}


def test_a_file_that_the_sdk_puts_up_is_one(desk, client):
    desk.hears("hello")
    request = client.create_message_attachment(
        params={
            "message": {"attachment": {"type": "image", "payload": {}}},
            "platform": PLATFORMS[desk.platform],
        },
        pending=True,
    )
    # as it sends every file: beside the other fields of the form
    answer = client.get_api_assured().call(
        "POST",
        (desk.own, "message_attachments"),
        params=request._params,
        files={"filedata": ("lamp.png", PNG, "image/png")},
    )
    ref = answer.json()["attachment_id"]
    payload = {"attachment_id": ref}
    desk.sim.queue.clear()
    say(client, desk, message={"attachment": {"type": "image", "payload": payload}})
    [one] = desk.pushed()
    assert desk.adapter.message_fetch_media(one.media[0].ref)[0] == PNG


def refused(client, desk, **more) -> tuple[int, int | None]:
    with pytest.raises(FacebookRequestError) as problem:
        say(client, desk, **more)
    return problem.value.api_error_code(), problem.value.api_error_subcode()


def test_what_the_sdk_is_refused_with_we_have_a_word_for(desk, client):
    heard = desk.hears("hello")
    desk.sim.advance(hours=30)
    code = refused(client, desk)
    assert row_of(*code) == (errors.RejectedError, "window_closed")
    tag = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    assert row_of(*refused(client, desk, **tag))[0] is errors.ScopeError
    desk.sim.human_agent = True
    assert say(client, desk, **tag)["message_id"]
    old = {"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}
    assert refused(client, desk, **old)[0] == 100
    desk.jo.unreachable = True
    assert row_of(*refused(client, desk))[1] == "undeliverable"
    with pytest.raises(errors.RejectedError) as ours:
        desk.says(heard, last_inbound_at=desk.sim.now())
    assert ours.value.code == "undeliverable"


def test_a_wrong_proof_is_refused_to_both(desk, client):
    session = client.get_api_assured()._session
    session.requests.params["appsecret_proof"] = "0" * 64
    with pytest.raises(FacebookRequestError) as theirs:
        client.get_conversations(params={"platform": PLATFORMS[desk.platform]})
    assert theirs.value.api_error_code() == 100
    desk.settings["app_secret"] = "another"
    with pytest.raises(errors.RejectedError):
        desk.pulled()
