"""LINE's own library judges the simulator, both ways: what is delivered and what is
asked. It reads each event with its models and turns refusals into its exceptions.
"""

import json

import pytest
from line_kit import answer, connect, heard
from linebot.v3.exceptions import InvalidSignatureError
from linebot.v3.messaging import (
    ApiClient,
    ApiException,
    Configuration,
    MessagingApi,
    PushMessageRequest,
    ReplyMessageRequest,
    SetWebhookEndpointRequest,
    TextMessage,
)
from linebot.v3.oauth import ApiClient as OauthClient
from linebot.v3.oauth import ChannelAccessToken
from linebot.v3.oauth import Configuration as OauthConfiguration
from linebot.v3.webhook import WebhookParser
from linebot.v3.webhooks import (
    FollowEvent,
    GroupSource,
    ImageMessageContent,
    LocationMessageContent,
    MessageEvent,
    StickerMessageContent,
    TextMessageContent,
    UnfollowEvent,
    UnsendEvent,
    UserSource,
)
from simulators.line import LineSimulator


@pytest.fixture
def sim():
    with LineSimulator() as simulator:
        yield simulator


@pytest.fixture
def api(sim):
    configuration = Configuration(access_token=sim.issue(), host=sim.url)
    with ApiClient(configuration) as client:
        yield MessagingApi(client)


def read(sim, *events):
    headers, _query, raw = sim.request(*events)
    parser = WebhookParser(sim.channel_secret)
    return parser.parse(raw.decode(), headers["x-line-signature"])


def test_what_is_delivered_is_what_line_delivers(sim):
    jo = sim.add_person()
    group = sim.add_group(jo)
    said = sim.say(jo, "@Acme 💡", group, names_us=True)
    events = read(
        sim,
        said,
        sim.say(jo, message={"type": "image", "contentProvider": {"type": "line"}}),
        sim.say(
            jo,
            message={
                "type": "sticker",
                "packageId": "1",
                "stickerId": "2",
                "stickerResourceType": "STATIC",
            },
        ),
        sim.say(jo, message={"type": "location", "latitude": 35.6, "longitude": 139.7}),
        sim.unsend(jo, said["message"]["id"]),
        sim.event("follow", sim.source(jo), follow={"isUnblocked": True}),
        sim.event("unfollow", sim.source(jo), token=False),
    )
    assert [type(one) for one in events] == [
        MessageEvent,
        MessageEvent,
        MessageEvent,
        MessageEvent,
        UnsendEvent,
        FollowEvent,
        UnfollowEvent,
    ]
    assert [type(one.message) for one in events[:4]] == [
        TextMessageContent,
        ImageMessageContent,
        StickerMessageContent,
        LocationMessageContent,
    ]
    assert isinstance(events[0].source, GroupSource)
    assert isinstance(events[1].source, UserSource)
    assert events[0].message.mention.mentionees[0].is_self
    assert events[0].webhook_event_id and events[0].reply_token
    assert events[4].unsend.message_id == said["message"]["id"]
    assert read(sim) == []


def test_the_signature_is_theirs(sim):
    headers, _query, raw = sim.request(sim.say(sim.add_person(), "é"))
    with pytest.raises(InvalidSignatureError):
        WebhookParser("another").parse(raw.decode(), headers["x-line-signature"])


def test_their_calls_are_answered_as_they_expect(sim, api):
    jo = sim.add_person("Jo")
    assert api.get_bot_info().user_id == sim.own
    assert api.get_profile(jo).display_name == "Jo"
    group = sim.add_group(jo)
    assert api.get_group_member_profile(group, jo).user_id == jo
    api.set_webhook_endpoint(SetWebhookEndpointRequest(endpoint="https://a.example/x"))
    assert api.get_webhook_endpoint().active is True
    assert api.get_message_quota().type == "none"
    assert api.get_message_quota_consumption().total_usage == 0


def test_their_sending_meets_the_same_refusals(sim, api):
    jo = sim.add_person()
    event = sim.say(jo, "hello")
    hello = [TextMessage(text="Hello")]
    free = ReplyMessageRequest(replyToken=event["replyToken"], messages=hello)
    assert api.reply_message(free).sent_messages[0].id == sim.sent[0]["id"]
    with pytest.raises(ApiException) as caught:
        api.reply_message(free)
    assert caught.value.status == 400
    assert json.loads(caught.value.body)["message"] == "Invalid reply token"
    push = PushMessageRequest(to=jo, messages=hello)
    key = "123e4567-e89b-12d3-a456-426614174000"
    api.push_message(push, x_line_retry_key=key)
    with pytest.raises(ApiException) as caught:
        api.push_message(push, x_line_retry_key=key)
    assert caught.value.status == 409
    assert caught.value.headers["x-line-accepted-request-id"]
    assert len(sim.sent) == 2


def test_their_token_is_ours(sim):
    with OauthClient(OauthConfiguration(host=sim.url)) as client:
        found = ChannelAccessToken(client).issue_channel_token(
            "client_credentials", sim.channel_id, sim.channel_secret
        )
    assert found.access_token in sim.tokens and found.expires_in == 2592000


def test_what_we_send_is_a_message_of_theirs(sim):
    line = connect(sim)
    message = heard(line, sim, "hello")
    line.publish(answer(message, "Hello 💡"), "key")
    [call] = [one for one in sim.calls if one.path.endswith("/push")]
    said = PushMessageRequest.from_dict(call.json())
    assert said.messages[0].text == "Hello 💡" and said.to == message.thread
    assert said.messages[0].quote_token == f"quote-{message.key}"
