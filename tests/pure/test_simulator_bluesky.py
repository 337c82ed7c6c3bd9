"""Is the simulator a Bluesky? atproto, which knows only that, plays the customer."""

import base64
import json
from datetime import timedelta

import pytest
import requests
from atproto import Client, models
from atproto_client import exceptions
from bluesky_referee import PNG, client, naming, notices, raw, refs, refused
from simulators import bluesky_server
from simulators import bluesky_world as world
from simulators.bluesky import BlueskyEntryway, BlueskySimulator
from simulators.bluesky_server import PLAIN


@pytest.fixture
def sim():
    with BlueskySimulator() as simulator:
        simulator.jo = simulator.add_person("jo.example", "Jo")
        simulator.sam = simulator.add_person("sam.example", "Sam")
        yield simulator


@pytest.fixture
def jo(sim):
    return client(sim, sim.jo)


@pytest.fixture
def us(sim):
    return client(sim, password=sim.brand_password)


# --- sessions ---------------------------------------------------------------------
def test_log_in_by_handle_did_and_app_password(sim):
    for name in ("jo.example", sim.jo.did, "jo.example@example.com"):
        api = Client(sim.url + "/xrpc")
        assert api.login(name, sim.jo.password).did == sim.jo.did
    wrong = "Invalid identifier or password"
    for name, password in (("jo.example", "x"), ("nobody.example", sim.jo.password)):
        unauthorized = exceptions.UnauthorizedError
        refused(unauthorized, wrong, Client(sim.url + "/xrpc").login, name, password)


def test_a_second_factor_and_a_suspended_account(sim):
    sim.jo.factor = "12345"
    login = Client(sim.url + "/xrpc").login
    unauthorized = exceptions.UnauthorizedError
    refused(unauthorized, "AuthFactor", login, "jo.example", sim.jo.password)
    assert login("jo.example", sim.jo.password, auth_factor_token="12345")
    sim.sam.status = "takendown"
    refused(unauthorized, "AccountTakedown", login, "sam.example", sim.sam.password)


def test_an_access_token_ends_after_two_hours_with_a_400(sim):
    session = requests.post(
        f"{sim.url}/xrpc/com.atproto.server.createSession",
        json={"identifier": "jo.example", "password": sim.jo.password},
    ).json()
    ask = {
        "url": f"{sim.url}/xrpc/com.atproto.server.getSession",
        "headers": {"Authorization": f"Bearer {session['accessJwt']}"},
    }
    assert requests.get(**ask).json()["handle"] == "jo.example"
    sim.world.clock.advance(2 * 3600 + 1)
    late = requests.get(**ask)
    assert (late.status_code, late.json()["error"]) == (400, "ExpiredToken")
    for bad in ("garbage", session["accessJwt"][:-4] + "AAAA", session["refreshJwt"]):
        ask["headers"]["Authorization"] = f"Bearer {bad}"
        answer = requests.get(**ask)
        assert (answer.status_code, answer.json()["error"]) == (400, "InvalidToken")
    missing = requests.get(ask["url"])
    assert (missing.status_code, missing.json()["error"]) == (401, "AuthMissing")


def test_refresh_tokens_have_a_successor_and_a_grace_period(sim):
    def renew(token):
        answer = requests.post(
            f"{sim.url}/xrpc/com.atproto.server.refreshSession",
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.status_code, answer.json()

    with sim.lock:
        first = sim.open_session(sim.jo)["refreshJwt"]
    _status, second = renew(first)
    _status, again = renew(first)
    assert second["didDoc"]["id"] == sim.jo.did

    def jti(token):
        return sim.refresh_tokens[_claims(token)["jti"]]

    assert jti(second["refreshJwt"]) is jti(again["refreshJwt"])
    sim.world.clock.advance(2 * 3600 + 1)
    status, body = renew(first)
    assert (status, body["error"]) == (400, "ExpiredToken")
    assert renew(second["refreshJwt"])[0] == 200


def _claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_the_client_renews_its_session_by_itself(sim, monkeypatch):
    """It reads the end of its token in it, and asks in time."""
    monkeypatch.setattr(bluesky_server, "ACCESS_LIFE", timedelta(seconds=60))
    api = client(sim, sim.jo)
    monkeypatch.undo()
    for _twice in range(2):
        assert api.get_profile("acme.example").handle == "acme.example"
    assert any(call.path.endswith("refreshSession") for call in sim.calls)
    assert sum(call.path.endswith("createSession") for call in sim.calls) == 1


def test_a_revoked_app_password_ends_the_refreshing(sim):
    password = sim.app_password(sim.jo)
    api = client(sim, sim.jo, password)
    sim.revoke(sim.jo, password)
    assert api.get_profile("jo.example")  # until the access token ends
    with pytest.raises(exceptions.BadRequestError):
        api._refresh_and_set_session()


def test_thirty_log_ins_in_five_minutes(sim):
    for _number in range(30):
        client(sim, sim.jo)
    told = refused(exceptions.RequestErrorBase, "", client, sim, sim.jo)
    assert told.status_code == 429
    assert told.content.error == "RateLimitExceeded"
    headers = {key.lower(): value for key, value in told.headers.items()}
    assert headers["ratelimit-remaining"] == "0"
    assert headers["ratelimit-policy"] == "30;w=300"
    assert "retry-after" not in headers
    client(sim, sim.sam)
    sim.world.clock.advance(301)
    client(sim, sim.jo)


def test_the_entryway_sends_people_to_their_own_server(sim):
    with BlueskyEntryway(sim) as entryway:
        api = client(sim, sim.jo, url=entryway.url)
        assert api.get_profile("acme.example").did == sim.brand.did
        assert len(entryway.calls) == 1
        wrong = requests.get(f"{entryway.url}/xrpc/app.bsky.feed.getPosts")
        assert wrong.json()["error"] == "XRPCNotSupported"


# --- notifications ----------------------------------------------------------------
def test_a_mention_needs_a_facet(sim, jo, us):
    jo.send_post("@acme.example no facet")
    post = jo.send_post(naming(sim.brand))
    [one], cursor = notices(us)
    assert (one.uri, one.reason, one.is_read) == (post.uri, "mention", False)
    assert one.author.did == sim.jo.did
    assert notices(us, cursor=cursor) == ([], None)


def test_facets_that_do_not_fit_are_ignored(sim, jo, us):
    mention = [{"$type": world.MENTION, "did": sim.brand.did}]
    for start, end in ((0, 99), (4, 4), (5, 2)):
        facets = [{"index": {"byteStart": start, "byteEnd": end}, "features": mention}]
        sim.post(sim.jo, "hello", facets=facets)
    assert notices(us)[0] == []


def test_one_notice_per_post_and_five_levels_of_replies(sim, jo, us):
    first = us.send_post("We are open")
    both = jo.send_post(naming(sim.brand), reply_to=refs(first))
    above = both
    for _level in range(6):
        above = jo.send_post("and", reply_to=refs(above, first))
    reasons = [one.reason for one in notices(us)[0]]
    # the mention comes before the reply; the fifth post below ours is the last heard of
    assert reasons == ["reply"] * 4 + ["mention"]


def test_the_list_is_sorted_by_what_clients_claim(sim, us):
    old = sim.now() - timedelta(days=3)
    new = sim.post(sim.jo, "@acme.example now")
    late = sim.post(sim.jo, "@acme.example back-dated", at=old)
    future = sim.post(sim.jo, "@acme.example tomorrow", at="2199-01-01T00:00:00Z")
    shown, cursor = notices(us, limit=2)
    assert [one.uri for one in shown] == [future.uri, new.uri]
    shown, cursor = notices(us, cursor=cursor)
    assert [one.uri for one in shown] == [late.uri]
    assert world.moment(shown[0].indexed_at) == old
    assert notices(us, cursor=cursor) == ([], None)


def test_the_stored_preference_hides_strangers(sim, us):
    sim.post(sim.jo, "@acme.example a stranger")
    sim.relate(world.FOLLOW, sim.brand, sim.sam)
    sim.post(sim.sam, "@acme.example somebody we follow")
    sim.brand.priority = True
    found = us.app.bsky.notification.list_notifications()
    assert [one.author.handle for one in found.notifications] == ["sam.example"]
    assert len(notices(us)[0]) == 2


def test_pages_may_be_empty_and_have_a_cursor(sim, us):
    for number in range(30):
        sim.relate(world.LIKE, sim.jo, sim.post(sim.brand, f"post {number}"))
    mention = sim.post(sim.jo, "@acme.example hello", at=sim.now() - timedelta(days=1))
    shown, cursor = notices(us, limit=2, reasons=["mention"])
    assert (shown, bool(cursor)) == ([], True)
    while not shown:
        shown, cursor = notices(us, limit=2, reasons=["mention"], cursor=cursor)
    assert [one.uri for one in shown] == [mention.uri]
    sim.brand.mutes.add(sim.jo.did)
    shown, cursor = notices(us, limit=5)
    assert (shown, bool(cursor)) == ([], True)


@pytest.mark.parametrize(
    "query, status, words",
    [
        ({"limit": 101}, 400, "limit can not be greater than 100"),
        ({"limit": 0}, 400, "limit can not be less than 1"),
        ({"limit": "x"}, 400, "limit must be an integer"),
        ({"seenAt": "2026-01-01T00:00:00Z"}, 400, "seenAt parameter is unsupported"),
        ({"cursor": "x"}, 502, "Internal Server Error"),
    ],
)
def test_parameters_that_are_refused(us, query, status, words):
    nsid = "app.bsky.notification.listNotifications"
    told, body = raw(us, "GET", nsid, params=query)
    assert told == status
    assert words in body["message"]


def test_calls_that_are_not_there(us):
    listing = "app.bsky.notification.listNotifications"
    assert raw(us, "POST", listing)[0] == 400
    told = raw(us, "GET", "app.bsky.nothing.here")
    assert told == (
        501,
        {"error": "MethodNotImplemented", "message": "Method Not Implemented"},
    )


def test_gone_posts_leave_the_list(sim, jo, us):
    ours = us.send_post("We are open")
    gone = sim.post(sim.jo, "@acme.example oops")
    sim.post(sim.sam, "nice", reply_to=ours.uri)
    sim.delete(gone)
    assert [one.reason for one in notices(us)[0]] == ["reply"]
    us.delete_post(ours.uri)
    assert notices(us)[0] == []


def test_seen_and_unread(sim, us):
    sim.post(sim.jo, "@acme.example one")
    unread = us.app.bsky.notification.get_unread_count
    assert unread().count == 1
    seen = world.stamp(sim.now())
    us.app.bsky.notification.update_seen({"seen_at": seen})
    assert unread().count == 0
    assert notices(us)[0][0].is_read


def test_others_see_a_post_later_than_its_writer(sim, jo, us):
    sim.world.lag = timedelta(seconds=30)
    post = jo.send_post(naming(sim.brand))
    assert jo.get_post(post.uri.rpartition("/")[2], sim.jo.did).uri == post.uri
    assert notices(us)[0] == [] and us.get_posts([post.uri]).posts == []
    sim.world.clock.advance(31)
    assert len(notices(us)[0]) == len(us.get_posts([post.uri]).posts) == 1


def test_blocks_and_ended_accounts_hide_what_they_wrote(sim, us):
    sim.post(sim.jo, "@acme.example from jo")
    sim.post(sim.sam, "@acme.example from sam")
    sim.relate(world.BLOCK, sim.jo, sim.brand)
    sim.sam.status = "deactivated"
    assert notices(us)[0] == []
    refused(exceptions.BadRequestError, "Deactivated", us.get_profile, "sam.example")
    assert us.get_profile("jo.example").viewer.blocked_by


# --- who may do what --------------------------------------------------------------
def test_a_plain_app_password_reads_no_private_messages(sim):
    api = client(sim, password=sim.app_password(sim.brand))
    assert api._session.access_jwt_payload.scope == f"com.atproto.{PLAIN}"
    convo = api.with_bsky_chat_proxy().chat.bsky.convo
    refused(exceptions.BadRequestError, "Bad token method", convo.list_convos)
    repo = models.ComAtprotoRepoCreateRecord.Data
    record = {"$type": world.POST, "text": "x", "createdAt": world.stamp(sim.now())}
    data = repo(repo=sim.jo.did, collection=world.POST, record=record)
    create = api.com.atproto.repo.create_record
    refused(exceptions.UnauthorizedError, "AuthenticationRequired", create, data)


def test_files_are_kept_byte_by_byte(sim, jo):
    blob = jo.upload_blob(PNG).blob
    assert blob.mime_type == "image/png"
    query = {"did": sim.jo.did, "cid": blob.ref.link}
    url = f"{sim.url}/xrpc/com.atproto.sync.getBlob"
    assert requests.get(url, query).content == PNG
    missing = requests.get(url, {**query, "cid": "bafkreinothing"})
    assert missing.json()["error"] == "BlobNotFound"
