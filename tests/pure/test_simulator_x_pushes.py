"""Webhooks of the X simulator (fact sheet x §4): proof, subscriptions, deliveries."""

import base64
import hashlib
import hmac
import json

import pytest
from simulators.server import Answer, Simulator, route
from simulators.x import XHarness, XSimulator
from x_client import ask


class Receiver(Simulator):
    """An address of ours; it answers what its ``say`` holds."""

    secret, status, where = "", 200, ""

    @route("GET", "/hook")
    def prove(self, call):
        if self.where:
            return Answer("", 302, {"Location": self.where})
        token = call.arg("crc_token").encode()
        digest = hmac.new(self.secret.encode(), token, hashlib.sha256).digest()
        told = "sha256=" + base64.b64encode(digest).decode()
        return Answer({"response_token": told}, self.status)

    @route("POST", "/hook")
    def take(self, call):
        return Answer({}, self.status)


@pytest.fixture
def sim():
    with XSimulator() as one:
        yield one


@pytest.fixture
def hook(sim):
    with Receiver() as one:
        one.secret = sim.app.consumer_secret
        yield one


@pytest.fixture
def jo(sim):
    return sim.add_user("jo_k", "Jo")


def create(sim, url, token=None):
    token = token or sim.app.bearer
    return ask(sim, "POST", "/2/webhooks", token, json={"url": url})


def registered(sim, hook) -> str:
    return create(sim, f"{hook.url}/hook").json()["data"]["id"]


def subscribe(sim, webhook, kind, token=None, user=None):
    body = {
        "event_type": kind,
        "filter": {"user_id": (user or sim.brand).id},
        "tag": "helpdesk",
        "webhook_id": webhook,
    }
    return ask(sim, "POST", "/2/activity/subscriptions", token, json=body)


def received(hook):
    return [call.json() for call in hook.calls if call.method == "POST"]


# --- the address ------------------------------------------------------------------
def test_an_address_is_proved_before_it_is_taken(sim, hook):
    made = create(sim, f"{hook.url}/hook").json()["data"]
    assert made["valid"] is True
    [proof] = hook.calls
    assert proof.arg("crc_token")
    listed = ask(sim, "GET", "/2/webhooks", sim.app.bearer).json()
    assert listed == {"data": [made], "meta": {"result_count": 1}}


def test_what_is_wrong_with_an_address_is_named(sim, hook):
    def reason(url):
        answer = create(sim, url)
        assert answer.status_code == 400
        return answer.json()["errors"][0]["message"]

    assert reason("http://acme.example/hook") == "UrlValidationFailed"
    assert reason("https://acme.example:8443/hook") == "UrlValidationFailed"
    assert reason("not an address") == "UrlValidationFailed"
    hook.secret = "another"
    assert reason(f"{hook.url}/hook") == "CrcValidationFailed"
    hook.secret = sim.app.consumer_secret
    hook.where = f"{hook.url}/hook?again=1"
    assert reason(f"{hook.url}/hook") == "CrcValidationFailed"
    hook.where = ""
    registered(sim, hook)
    assert reason(f"{hook.url}/hook") == "DuplicateUrlFailed"
    assert reason(f"{hook.url}/hook?x=1") == "WebhookLimitExceeded"


def test_only_the_app_itself_manages_them(sim, hook):
    assert create(sim, f"{hook.url}/hook", sim.brand_token).status_code == 403
    number = registered(sim, hook)
    path = f"/2/webhooks/{number}"
    assert ask(sim, "DELETE", path, sim.app.bearer).json()["data"] == {"deleted": True}
    again = ask(sim, "DELETE", path, sim.app.bearer)
    assert again.json()["errors"][0]["message"] == "WebhookIdInvalid"


def test_the_hourly_check_disables_and_put_enables(sim, hook, jo):
    number = registered(sim, hook)
    subscribe(sim, number, "post.mention.create")
    hook.status = 503  # silence is tolerated for 28 hours
    sim.revalidate()
    assert sim.webhooks[number]["valid"]
    sim.advance(29 * 3600)
    sim.revalidate()
    assert not sim.webhooks[number]["valid"]
    sim.post(jo, "@acme hi")
    assert sim.deliver() == [] and not received(hook)
    hook.status = 200
    path = f"/2/webhooks/{number}"
    assert ask(sim, "PUT", path, sim.app.bearer).json()["data"] == {"valid": True}
    hook.secret = "another"
    sim.revalidate()
    assert not sim.webhooks[number]["valid"]


# --- X Activity -------------------------------------------------------------------
def test_a_mention_is_delivered_signed(sim, hook, jo):
    subscribe(sim, registered(sim, hook), "post.mention.create")
    post = sim.post(jo, "@acme my lamp & me")
    assert sim.deliver() == [200]
    [call] = [one for one in hook.calls if one.method == "POST"]
    key = sim.app.consumer_secret.encode()
    digest = hmac.new(key, call.body, hashlib.sha256).digest()
    told = call.headers["x-twitter-webhooks-signature"]
    assert told == "sha256=" + base64.b64encode(digest).decode()
    data = call.json()["data"]
    assert (data["event_type"], data["filter"]) == (
        "post.mention.create",
        {"user_id": sim.brand.id},
    )
    assert data["tag"] == "helpdesk" and isinstance(data["event_uuid"], str)
    assert data["payload"]["id"] == post.id
    assert data["payload"]["public_metrics"]["like_count_str"] == "0"
    assert call.json()["includes"]["users"][0]["username"] == "jo_k"


def test_each_kind_tells_what_it_says(sim, hook, jo):
    number = registered(sim, hook)
    kinds = ("post.mention.create", "post.reply.create", "post.quote.create")
    for kind in (*kinds, "post.create", "post.delete", "dm.received", "dm.sent"):
        assert subscribe(sim, number, kind).status_code == 200, kind
    ours = sim.post(sim.brand, "Big news")
    sim.post(jo, "is it?", reply_to=ours)  # its names are not in its own words
    sim.post(jo, "rubbish", quote=ours)
    sim.post(jo, "@acme hello", reply_to=ours)
    sim.delete(ours)
    sim.dm(jo, "psst")
    sim.dm(sim.brand, "yes?", to=jo)
    sim.deliver()
    assert [one["data"]["event_type"] for one in received(hook)] == [
        "post.create",
        "post.reply.create",
        "post.quote.create",
        "post.mention.create",
        "post.reply.create",
        "post.delete",
        "dm.received",
        "dm.sent",
    ]
    gone = received(hook)[5]["data"]["payload"]
    assert gone == {"id": ours.id, "author_id": sim.brand.id}
    [message] = received(hook)[6]["data"]["payload"]["direct_message_events"]
    assert message["message_create"]["message_data"]["text"] == "psst"
    assert message["message_create"]["target"]["recipient_id"] == sim.brand.id


def test_edits_of_others_and_protected_posts_are_told_by_nothing(sim, hook, jo):
    subscribe(sim, registered(sim, hook), "post.mention.create")
    post = sim.post(jo, "@acme the lmap")
    sim.deliver()
    sim.edit(post, "@acme the lamp")
    sim.delete(post)
    shy = sim.add_user("shy", protected=True)
    sim.post(shy, "@acme psst")
    assert sim.deliver() == []


def test_private_events_need_that_users_consent(sim, hook, jo):
    number = registered(sim, hook)
    assert subscribe(sim, number, "dm.received", sim.app.bearer).status_code == 403
    theirs = sim.tokens_of(jo)["access_token"]
    assert subscribe(sim, number, "dm.received", theirs).status_code == 403
    narrow = sim.tokens_of(sim.brand, scopes="tweet.read users.read")["access_token"]
    assert subscribe(sim, number, "dm.received", narrow).status_code == 403
    assert subscribe(sim, number, "dm.received").status_code == 200
    public = subscribe(sim, number, "post.mention.create", sim.app.bearer)
    assert public.status_code == 200


def test_what_is_sealed_comes_as_ciphertext(sim, hook, jo):
    number = registered(sim, hook)
    for kind in ("dm.received", "chat.received"):
        subscribe(sim, number, kind)
    jo.encrypted = True
    sim.dm(jo, "secret")
    sim.deliver()
    [one] = received(hook)
    assert one["data"]["event_type"] == "chat.received"
    assert "secret" not in json.dumps(one)


def test_subscriptions_are_listed_changed_and_deleted(sim, hook):
    number = registered(sim, hook)
    made = subscribe(sim, number, "post.mention.create").json()
    assert made["meta"] == {"total_subscriptions": 1}
    one = made["data"]["subscription_id"]
    twice = subscribe(sim, number, "post.mention.create")
    assert twice.status_code == 409
    path = f"/2/activity/subscriptions/{one}"
    assert ask(sim, "PUT", path, json={"tag": "other"}).json()["data"]["tag"] == "other"
    listed = ask(sim, "GET", "/2/activity/subscriptions").json()
    assert [row["subscription_id"] for row in listed["data"]] == [one]
    gone = ask(sim, "DELETE", path).json()
    assert gone["data"]["deleted"] and gone["meta"]["total_subscriptions"] == 0
    assert ask(sim, "DELETE", path).status_code == 404
    assert subscribe(sim, number, "post.everything").status_code == 400
    sim.listed_subscription = True
    assert isinstance(subscribe(sim, number, "post.create").json()["data"], list)


def test_several_users_of_one_app_share_one_address(sim, hook, jo):
    number, other = registered(sim, hook), sim.add_user("acme_uk", "Acme UK")
    token = sim.tokens_of(other)["access_token"]
    subscribe(sim, number, "post.mention.create")
    subscribe(sim, number, "post.mention.create", token, other)
    sim.post(jo, "@acme and @acme_uk, hello")
    assert sim.deliver() == [200, 200]
    told = {one["data"]["filter"]["user_id"] for one in received(hook)}
    assert told == {sim.brand.id, other.id}
    assert len({one["data"]["event_uuid"] for one in received(hook)}) == 2


def test_duplicates_and_losses_happen_and_replay_brings_back(sim, hook, jo):
    number = registered(sim, hook)
    subscribe(sim, number, "post.mention.create")
    sim.post(jo, "@acme twice")
    assert sim.deliver(times=2) == [200, 200]
    assert received(hook)[0] == received(hook)[1]
    hook.status = 500
    sim.post(jo, "@acme lost")
    assert sim.deliver() == [500]
    hook.status = 200
    assert sim.deliver() == []  # nobody tries again
    now = sim.now().strftime("%Y%m%d%H%M")
    body = {"webhook_id": number, "from_date": now[:-2] + "00", "to_date": now}
    answer = ask(sim, "POST", "/2/webhooks/replay", sim.app.bearer, json=body)
    assert answer.json()["data"]["job_id"]
    assert sim.deliver() == [200, 200]
    body["from_date"] = "202001010000"
    late = ask(sim, "POST", "/2/webhooks/replay", sim.app.bearer, json=body)
    assert late.status_code == 400


# --- Account Activity -------------------------------------------------------------
def test_account_activity_keeps_the_old_shapes(sim, hook, jo):
    path = f"/2/account_activity/webhooks/{registered(sim, hook)}/subscriptions/all"
    assert ask(sim, "POST", path).json()["data"] == {"subscribed": True}
    text = "@acme " + "long " * 80 + "end"
    post = sim.post(jo, text)
    sim.dm(jo, "psst")
    sim.delete(sim.post(sim.brand, "Oops"))
    sim.disconnect(sim.brand)
    sim.deliver()
    first, second, own, gone, revoked = received(hook)
    assert first["for_user_id"] == sim.brand.id
    [status] = first["tweet_create_events"]
    assert (status["id_str"], status["truncated"]) == (post.id, True)
    assert status["extended_tweet"]["full_text"].endswith("end")
    assert status["user"]["screen_name"] == "jo_k"
    [message] = second["direct_message_events"]
    assert second["users"][jo.id]["screen_name"] == "jo_k"
    assert message["message_create"]["sender_id"] == jo.id
    assert own["tweet_create_events"][0]["user"]["id_str"] == sim.brand.id
    assert gone["tweet_delete_events"][0]["status"]["user_id"] == sim.brand.id
    assert revoked["user_event"]["revoke"]["source"]["user_id"] == sim.brand.id


def test_account_activity_is_for_three_users(sim, hook):
    base = f"/2/account_activity/webhooks/{registered(sim, hook)}/subscriptions"
    people = [sim.brand, *(sim.add_user(f"user{number}") for number in range(3))]
    codes = [
        ask(sim, "POST", f"{base}/all", sim.tokens_of(one)["access_token"]).status_code
        for one in people
    ]
    assert codes == [200, 200, 200, 403]
    listed = ask(sim, "GET", f"{base}/all/list", sim.app.bearer).json()["data"]
    assert len(listed["subscriptions"]) == 3
    gone = ask(sim, "DELETE", f"{base}/{sim.brand.id}/all", sim.app.bearer)
    assert gone.json()["data"] == {"subscribed": False}
    assert ask(sim, "GET", f"{base}/all").json()["data"] == {"subscribed": False}


# --- the harness ------------------------------------------------------------------
def test_the_harness_signs_with_the_secret_it_is_given(sim):
    headers, query, raw = XHarness().webhook(sim, "s3cret")
    digest = hmac.new(b"s3cret", raw, hashlib.sha256).digest()
    right = "sha256=" + base64.b64encode(digest).decode()
    assert headers["x-twitter-webhooks-signature"] == right and query == {}
