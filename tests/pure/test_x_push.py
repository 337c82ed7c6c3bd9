"""Webhooks of X: proof, signature, both kinds of delivery, one webhook for all (§4)."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timezone

import pytest
from simulators import x_events
from simulators.x import XSimulator
from x_desk import FACTS, JO, OWN, connect, hear, offline, pull

from networks import errors, items

URL = "https://desk.example/helpdesk_social/webhook/x/token-1"
#: the fact sheet's example of a private message (§4)
DIRECT = {
    "data": {
        "event_uuid": "-68",
        "event_type": "dm.received",
        "filter": {"user_id": OWN},
        "payload": {
            "direct_message_events": [
                {
                    "type": "message_create",
                    "id": "2080765901528535096",
                    "created_timestamp": "1784928224372",
                    "message_create": {
                        "target": {"recipient_id": OWN},
                        "sender_id": JO,
                        "message_data": {"text": "hello", "entities": {"urls": []}},
                    },
                }
            ],
            "users": {JO: {"data": {"id": JO, "username": "jo", "name": "Jo"}}},
        },
    }
}


@pytest.fixture
def sim():
    with XSimulator() as server:
        server.jo = server.add_user("jo_k", "Jo")
        server.challenge = lambda url, token: _proof(server, token)
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


def _proof(sim, token):
    """What our address would answer: the adapter itself, asked without a line."""
    found = offline(consumer_secret=sim.app.consumer_secret).handshake(
        {"crc_token": token}
    )
    return json.loads(found.body)["response_token"]


def split(body, **settings):
    adapter = offline(**settings)
    return [
        (one, adapter.parse(one)) for one in adapter.split(json.dumps(body).encode())
    ]


# --- proof ------------------------------------------------------------------------
def test_the_challenge():
    """By the fact sheet's formula, computed here without our code."""
    digest = hmac.new(b"secret", b"token", hashlib.sha256).digest()
    found = offline(consumer_secret="secret").handshake({"crc_token": "token"})
    wanted = {"response_token": "sha256=" + base64.b64encode(digest).decode()}
    assert (json.loads(found.body), found.mime) == (wanted, "application/json")


@pytest.mark.parametrize("query", [{}, {"crc_token": ""}, {"other": "x"}])
def test_other_questions_are_not_for_us(query):
    assert offline(consumer_secret="secret").handshake(query) is None
    assert offline().handshake({"crc_token": "token"}) is None


def test_only_what_is_signed_is_believed():
    adapter, raw = offline(consumer_secret="secret"), b'{"data": {}}'
    digest = hmac.new(b"secret", raw, hashlib.sha256).digest()
    signed = {
        "x-twitter-webhooks-signature": "sha256=" + base64.b64encode(digest).decode()
    }
    assert adapter.verify(signed, {}, raw)
    assert not adapter.verify(signed, {}, raw + b" ")
    assert not adapter.verify({}, {}, raw)
    bare = signed["x-twitter-webhooks-signature"].removeprefix("sha256=")
    for wrong in ("", "sha256=", bare, "sha1=" + bare, "é" * 40, "\ud800"):
        assert not adapter.verify({"x-twitter-webhooks-signature": wrong}, {}, raw)
    assert not offline().verify(signed, {}, raw), "no secret, no belief"
    assert not offline().verify({"x-twitter-webhooks-signature": "sha256="}, {}, raw)


def test_an_address_that_proves_itself_is_taken(sim, adapter):
    adapter.subscribe(URL, "unused")
    [hook] = sim.webhooks.values()
    assert (hook["url"], hook["valid"]) == (URL, True)
    kinds = {one["event_type"] for one in sim.subscriptions.values()}
    assert {"post.mention.create", "post.quote.create", "dm.received"} <= kinds
    assert {one["webhook_id"] for one in sim.subscriptions.values()} == {hook["id"]}


def test_subscribing_again_changes_nothing(sim, adapter):
    adapter.subscribe(URL, "")
    before = dict(sim.subscriptions)
    connect(sim).subscribe(URL, "")
    assert sim.subscriptions == before and len(sim.webhooks) == 1


def test_one_webhook_serves_all_accounts_of_the_app(sim, adapter):
    adapter.subscribe(URL, "")
    other = sim.add_user("acme_uk")
    token = sim.tokens_of(other)["access_token"]
    second = connect(sim, access_token=token)
    second.subscribe(URL, "")
    assert len(sim.webhooks) == 1
    users = {one["filter"]["user_id"] for one in sim.subscriptions.values()}
    assert users == {sim.brand.id, other.id}
    adapter.unsubscribe()
    users = {one["filter"]["user_id"] for one in sim.subscriptions.values()}
    assert users == {other.id} and len(sim.webhooks) == 1
    second.unsubscribe()
    assert not sim.subscriptions and not sim.webhooks
    second.unsubscribe()


def test_a_webhook_that_x_switched_off_is_proved_again(sim, adapter):
    adapter.subscribe(URL, "")
    [hook] = sim.webhooks.values()
    hook["valid"] = False
    adapter.subscribe(URL, "")
    assert hook["valid"] and len(sim.webhooks) == 1


def test_a_new_address_takes_the_place_of_the_old(sim, adapter):
    adapter.subscribe(URL, "")
    adapter.subscribe(URL.replace("token-1", "token-2"), "")
    [hook] = sim.webhooks.values()
    assert hook["url"].endswith("token-2")
    assert {one["webhook_id"] for one in sim.subscriptions.values()} == {hook["id"]}


def test_somebody_elses_webhook_stays(sim, adapter):
    adapter.subscribe("https://other.example/hook", "")
    with pytest.raises(errors.RejectedError) as caught:
        adapter.subscribe(URL, "")
    assert caught.value.code == "webhook_active"
    [hook] = sim.webhooks.values()
    assert hook["url"] == "https://other.example/hook"


def test_an_address_that_fails_is_told(sim, adapter):
    sim.challenge = lambda url, token: "sha256=wrong"
    with pytest.raises(errors.RejectedError) as caught:
        adapter.subscribe(URL, "")
    assert caught.value.code == "webhook_unproved"
    with pytest.raises(errors.RejectedError) as caught:
        adapter.subscribe("http://desk.example:8069/x", "")
    assert caught.value.code == "webhook_address"
    with pytest.raises(errors.ConfigError):
        connect(sim, consumer_secret="").subscribe(URL, "")


def test_without_the_right_to_private_messages_the_rest_is_pushed(sim):
    scopes = "tweet.read users.read offline.access"
    token = sim.tokens_of(sim.brand, scopes=scopes)["access_token"]
    connect(sim, access_token=token).subscribe(URL, "")
    kinds = {one["event_type"] for one in sim.subscriptions.values()}
    assert "post.mention.create" in kinds and "dm.received" not in kinds


def test_a_pasted_bearer_is_enough_for_the_webhook(sim):
    adapter = connect(sim, bearer_token=sim.app.bearer, consumer_key="")
    adapter.subscribe(URL, "")
    assert len(sim.webhooks) == 1


# --- X Activity -------------------------------------------------------------------
def test_what_is_pushed_is_what_is_pulled(sim, adapter):
    adapter.subscribe(URL, "")
    sim.post(sim.jo, "@acme &lt; long " * 30, media=[("image/png", b"x", "A lamp")])
    own = sim.post(sim.brand, "News")
    sim.post(sim.jo, "quoting", quote=own)
    sim.post(sim.jo, "answering", reply_to=own, name_parent=False)
    sim.dm(sim.jo, "in private &lt;")
    found = {}
    for _hook, body in sim.queue:
        for item in adapter.split(sim.request(body)[2]):
            assert item.account == sim.brand.id
            one = adapter.parse(item)
            assert isinstance(one, items.Incoming), item
            found[one.key] = one
    assert all(one.addressed for one in found.values() if one.author.id == sim.jo.id)
    pulled = {}
    for stream in ("mentions", "own", "direct"):
        for item in pull(adapter, stream=stream)[0]:
            one = adapter.parse(item)
            pulled[one.key] = one
    assert len(found) == 5 and set(pulled) <= set(found)
    for key, one in pulled.items():
        for field in ("text", "author", "audience", "thread", "parent", "sent_at"):
            mine, theirs = getattr(found[key], field), getattr(one, field)
            if field in ("author",):
                mine, theirs = mine.id, theirs.id
            if field == "sent_at":
                assert abs((mine - theirs).total_seconds()) < 1
                continue
            assert mine == theirs, (key, field)
        assert len(found[key].media) == len(one.media)


def test_a_private_message_of_the_fact_sheet():
    [(item, found)] = split(DIRECT)
    assert item.account == OWN
    assert (found.key, found.text) == ("dm:2080765901528535096", "hello")
    assert (found.thread, found.audience) == ("111-222", items.PRIVATE)
    assert found.author.handle == "jo"
    assert found.sent_at.year == 2026


def test_a_delivery_twice_is_one_item(sim, adapter):
    heard = hear(sim, adapter)
    payload, includes = x_events.post_payload(
        sim.world, sim.url, sim.world.posts[heard.key]
    )
    bodies = [
        x_events.activity("post.mention.create", sim.brand.id, payload, includes)
        for _turn in range(2)
    ]
    keys = {
        (one.key, one.revision, one.account)
        for body in bodies
        for one in adapter.split(sim.request(body)[2])
    }
    assert len(keys) == 1


def test_what_is_for_an_account_that_left_us_is_for_nobody():
    body = json.loads(json.dumps(DIRECT))
    body["data"]["filter"]["user_id"] = "999"
    [(item, found)] = split(body)
    assert item.account == "999"
    assert found == items.Unknown("for_somebody_else", ignorable=True)


def test_our_own_deletion():
    payload = {"id": "1900000000000000003", "author_id": OWN}
    [(_item, found)] = split(x_events.activity("post.delete", OWN, payload))
    assert isinstance(found, items.Removal) and found.key == payload["id"]


def test_a_revoked_sign_in_is_told_and_noise_is_not():
    payload = {"date_time": "2026-10-01T10:00:00Z", "user_id": OWN, "app_id": "1"}
    [(item, found)] = split(x_events.activity("oauth.revoke", OWN, payload))
    at = datetime(2026, 10, 1, 10, tzinfo=timezone.utc)
    assert (item.account, found) == (OWN, items.SignedOut(at))
    for odd in (
        {"user_id": OWN},
        {"user_id": OWN, "date_time": "yesterday"},
        {"user_id": JO, "date_time": payload["date_time"]},
        {"date_time": payload["date_time"]},
        {},
    ):
        [(_item, found)] = split(x_events.activity("oauth.revoke", OWN, odd))
        assert found == items.Unknown("oauth.revoke"), "told, and no more"
    [(_item, found)] = split(x_events.activity("profile.update.handle", OWN, {}))
    assert found.ignorable


def test_an_encrypted_message_says_that_somebody_wrote():
    payload = {
        "conversation_id": "111-222",
        "id": "2080765901528535096",
        "encoded_message_event": "CwABAAAAE3NlYWxlZA==",
    }
    [(_item, found)] = split(x_events.activity("chat.received", OWN, payload))
    assert isinstance(found, items.Incoming)
    assert (found.audience, found.author.id) == (items.PRIVATE, JO)
    assert found.extra == {"sealed": True} and "CwAB" not in found.text
    assert found.permalink == "https://x.com/messages"
    [(_item, sent)] = split(x_events.activity("chat.sent", OWN, payload))
    assert sent.ignorable


# --- Account Activity -------------------------------------------------------------
def test_account_activity_of_every_kind(sim, adapter):
    own = sim.post(sim.brand, "News")
    posts = [
        sim.post(sim.jo, "@acme " + "long " * 80, media=[("video/mp4", b"x")]),
        sim.post(sim.jo, "quote", quote=own),
    ]
    messages = [sim.dm(sim.jo, "hello &lt;"), sim.dm(sim.jo, "again")]
    gone = sim.post(sim.brand, "gone")
    sim.delete(gone)
    body = x_events.account_activity(
        sim.world, sim.url, sim.brand.id, posts, messages, [gone]
    )
    found = [adapter.parse(one) for one in adapter.split(sim.request(body)[2])]
    said = {one.key: one for one in found if isinstance(one, items.Incoming)}
    assert set(said) == {
        *(one.id for one in posts),
        *(f"dm:{one.id}" for one in messages),
    }
    long = said[posts[0].id]
    assert long.text.strip() == posts[0].text.strip()
    assert (long.author.handle, long.addressed) == ("jo_k", True)
    assert len(long.media) == 1
    assert said[posts[1].id].extra["summoned"]
    assert said[f"dm:{messages[0].id}"].text == "hello &lt;"
    assert said[f"dm:{messages[0].id}"].audience == items.PRIVATE
    [removal] = [one for one in found if isinstance(one, items.Removal)]
    assert removal.key == gone.id


def test_account_activity_likes_and_revocations():
    like = {
        "id": "l1",
        "timestamp_ms": "1784928224372",
        "user": {"id_str": JO, "screen_name": "jo_k", "name": "Jo"},
        "favorited_status": {"id_str": "1900000000000000003"},
    }
    body = {"for_user_id": OWN, "favorite_events": [like], "follow_events": [{}]}
    found = [one for _item, one in split(body)]
    assert found[0].key == "1900000000000000003" and found[0].symbol == "♥"
    assert found[1] == items.Unknown("follow_events", ignorable=True)
    revoke = {"source": {"user_id": OWN}, "target": {"app_id": "1"}}
    [(item, one)] = split({"user_event": {"revoke": revoke}})
    assert (item.account, one) == (OWN, items.Unknown("user_event.revoke"))
    revoke["date_time"] = "2026-10-01T10:00:00Z"
    [(item, one)] = split({"user_event": {"revoke": revoke}})
    at = datetime(2026, 10, 1, 10, tzinfo=timezone.utc)
    assert (item.account, one) == (OWN, items.SignedOut(at))
    revoke["source"] = {"user_id": JO}
    [(item, one)] = split({"user_event": {"revoke": revoke}})
    assert one == items.Unknown("for_somebody_else", ignorable=True)


@pytest.mark.parametrize("raw", [b"", b"[", b"\xff", b"5", b"null", b"[]", b"{}"])
def test_what_is_no_delivery_is_malformed(raw):
    with pytest.raises(errors.MalformedResponse):
        offline(FACTS).split(raw)
