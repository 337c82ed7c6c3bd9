"""The line: sessions, our own server, where tokens go, what refusals mean."""

import re
from datetime import timedelta

import pytest
from bluesky_kit import (
    FACTS,
    JO,
    NOW,
    US,
    alone,
    answer,
    asked,
    connect,
    hear,
    later,
    line,
    settings_of,
)
from simulators.bluesky import BlueskyEntryway, BlueskySimulator
from simulators.bluesky_world import DECLARATION
from simulators.server import Answer, Simulator

from networks import errors, items
from networks.bluesky import BlueskyAdapter
from networks.bluesky_refusals import REFUSALS, refusal
from networks.transport import Response

SESSION = {"did": US, "handle": "acme.example", "active": True}


@pytest.fixture
def sim():
    with BlueskySimulator() as server:
        yield server


def signed_out(sim, **changes):
    settings = settings_of(sim, **changes)
    transport = line(settings["base_url"], secrets=[settings["app_password"]])
    return BlueskyAdapter(settings, transport, sim.now)


# --- signing in -------------------------------------------------------------------
def test_signing_in_gives_a_session(sim):
    for name in (sim.brand.handle, f"@{sim.brand.handle}", f" {sim.brand.did} "):
        tokens = signed_out(sim, identifier=name).sign_in()
        assert set(tokens.settings) == {"access_token", "refresh_token"}
        ends = tokens.expires_at - sim.now()
        assert timedelta(minutes=118) < ends < timedelta(minutes=121)


@pytest.mark.parametrize("key", ["identifier", "app_password"])
def test_signing_in_needs_both(sim, key):
    with pytest.raises(errors.ConfigError) as caught:
        signed_out(sim, **{key: "  "}).sign_in()
    assert (caught.value.code, caught.value.detail) == ("missing_setting", key)


def test_signing_in_that_is_refused(sim):
    secret = "abcd-efgh-ijkl-mnop"
    with pytest.raises(errors.AuthError) as caught:
        signed_out(sim, app_password=secret).sign_in()
    assert caught.value.code == "auth" and secret not in str(caught.value)
    sim.brand.factor = "12345"
    with pytest.raises(errors.AuthError) as caught:
        signed_out(sim, app_password=sim.brand.password).sign_in()
    assert caught.value.code == "second_factor"
    sim.brand.status = "takendown"
    with pytest.raises(errors.AuthError) as caught:
        signed_out(sim).sign_in()
    assert caught.value.code == "account_suspended"
    sim.brand.status = "deactivated"
    with pytest.raises(errors.AuthError) as caught:
        signed_out(sim).sign_in()
    assert caught.value.code == "account_suspended"


def test_too_many_sign_ins_wait(sim):
    sim.limits["session"] = (2, 300)
    adapter = signed_out(sim)
    adapter.sign_in(), adapter.sign_in()
    with pytest.raises(errors.RateLimited) as caught:
        adapter.sign_in()
    # no Retry-After: the limit's own header tells
    assert 0 < caught.value.retry_after <= 301


@pytest.mark.parametrize(
    "body",
    [
        b"<html>secret-token</html>",
        b"[]",
        {},
        {"accessJwt": "a", "did": US},
        {"did": 5},
    ],
)
def test_no_session_came_back(body):
    adapter, _fake = alone(body)
    adapter.settings |= {"identifier": "a", "app_password": "b"}
    with pytest.raises(errors.MalformedResponse) as caught:
        adapter.sign_in()
    assert "secret" not in str(caught.value)


def test_a_server_of_another_kind():
    class Web(Simulator):
        """Knows no path at all."""

    with Web() as web:
        adapter = BlueskyAdapter(
            {"identifier": "a", "app_password": "b"}, line(web.url), lambda: NOW
        )
        with pytest.raises(errors.ConfigError) as caught:
            adapter.sign_in()
    assert caught.value.code == "unsupported_server"


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "a.e30.c", "a.W10.c", "a.eyJleHAiOiJ4In0.c"]
)
def test_a_token_that_tells_no_end(token):
    session = {**SESSION, "accessJwt": token or "t", "refreshJwt": "r"}
    adapter, _fake = alone(session)
    adapter.settings |= {"identifier": "a", "app_password": "b"}
    assert adapter.sign_in().expires_at is None


# --- refreshing -------------------------------------------------------------------
def test_an_ended_session_is_said_as_such(sim):
    adapter = connect(sim)
    sim.world.clock.advance(2 * 3600 + 1)
    with pytest.raises(errors.AuthError) as caught:
        adapter.fetch("notifications", "", sim.now())
    assert caught.value.code == "token_expired"
    first = adapter.refresh().settings
    assert adapter.refresh().settings.keys() == first.keys(), "within two hours"
    adapter.settings |= first
    assert adapter.fetch("notifications", "", sim.now()).closed


def test_no_session_yet_is_said_the_same_way(sim):
    with pytest.raises(errors.AuthError) as caught:
        signed_out(sim).check()
    assert caught.value.code == "token_expired"
    with pytest.raises(errors.AuthError) as caught:
        signed_out(sim).refresh()
    assert caught.value.code == "auth"


def test_a_refresh_token_that_is_worthless(sim):
    """Never ``token_expired``: that would refresh for ever."""
    adapter = connect(sim)
    sim.revoke(sim.brand, sim.brand_password)
    with pytest.raises(errors.AuthError) as caught:
        adapter.refresh()
    assert caught.value.code == "auth"
    adapter.settings["refresh_token"] = "nonsense"
    with pytest.raises(errors.AuthError) as caught:
        adapter.refresh()
    assert caught.value.code == "auth"


# --- our own server ---------------------------------------------------------------
def document(endpoint, did=US, name="#atproto_pds"):
    return {"id": did, "service": [{"id": name, "serviceEndpoint": endpoint}, None]}


def checked(session):
    """Facts after a check whose first answer is ``session``."""
    rest = (
        {"displayName": "Acme"},
        {"convos": []},
        {"value": {"allowIncoming": "all"}},
    )
    adapter, fake = alone(session, *rest, facts={})
    adapter.settings["incoming"] = "all"
    return adapter.check(), fake


def test_everything_goes_to_the_server_in_the_document():
    for name in ("#atproto_pds", f"{US}#atproto_pds"):
        place = document("https://pds.example/", name=name)
        profile, fake = checked({**SESSION, "didDoc": place})
        assert profile.facts["pds"] == "https://pds.example"
        urls = [url for _method, url, _kwargs in fake.calls]
        assert urls[0] == "https://entry.example/xrpc/com.atproto.server.getSession"
        assert all(url.startswith("https://pds.example/xrpc/") for url in urls[1:])
        hosts = {kwargs["hosts"] for _m, _u, kwargs in fake.calls[1:]}
        assert hosts == {("pds.example",)}


def test_another_entryway_knows_nothing_of_our_server():
    """The admin moved the account: the token must not go where the old one sent us."""
    page = {"notifications": []}
    adapter, fake = alone(page, facts={**FACTS, "entryway": "https://old.example"})
    adapter.fetch("notifications", "", NOW)
    assert fake.calls[0][1].startswith("https://entry.example/xrpc/")


@pytest.mark.parametrize(
    "session", [{}, {"didDoc": None}, {"didDoc": {"service": "x"}}]
)
def test_without_a_document_the_entryway_is_our_server(session):
    profile, fake = checked({**SESSION, **session})
    assert profile.facts["pds"] == "https://entry.example"
    assert all(url.startswith("https://entry.example/") for _m, url, _k in fake.calls)


@pytest.mark.parametrize(
    "bad",
    [
        document("https://pds.example", did=JO),
        document("https://user:pass@pds.example"),
        document("https://pds.example/?x=1"),
        document("ftp://pds.example"),
        document("file:///etc/passwd"),
        document("pds.example"),
        document(None),
        document("https://["),
    ],
)
def test_a_document_that_leads_astray(bad):
    adapter, fake = alone({**SESSION, "didDoc": bad}, facts={})
    with pytest.raises(errors.MalformedResponse):
        adapter.check()
    assert len(fake.calls) == 1


@pytest.mark.parametrize(
    "endpoint,code",
    [
        ("http://pds.example", "https_required"),
        ("https://localhost:1", "address_not_allowed"),
        ("https://127.0.0.1:1", "address_not_allowed"),
    ],
)
def test_a_server_that_we_do_not_speak_to(sim, endpoint, code):
    """On the open internet: only https, and no private addresses."""
    transport = line("https://entry.example", allow_private=False)
    settings = {"access_token": "a.b.c"}
    if code == "address_not_allowed":
        # a line that is really there, so that the address is what is refused
        endpoint = sim.url.replace("http:", "https:")
    adapter = BlueskyAdapter(
        settings, transport, lambda: NOW, {**FACTS, "pds": endpoint}
    )
    with pytest.raises(errors.ConfigError) as caught:
        adapter.fetch("notifications", "", NOW)
    assert caught.value.code == code
    assert not sim.calls


def test_tokens_go_to_the_entryway_and_to_our_server_only(sim):
    with BlueskyEntryway(sim) as entryway:
        adapter = connect(sim, base_url=entryway.url)
        assert adapter.facts["pds"] == sim.url != entryway.url
        adapter.publish(answer(hear(sim, adapter)), "k")
        later(sim, adapter, 60)
        paths = {re.sub(r"/xrpc/", "", one.path) for one in entryway.calls}
        assert paths == {
            f"com.atproto.server.{name}"
            for name in ("createSession", "getSession", "refreshSession")
        }


def test_who_we_are(sim):
    profile = BlueskyAdapter(
        settings_of(sim, **connect(sim).settings), line(sim.url), sim.now
    ).check()
    assert (profile.id, profile.handle) == (sim.brand.did, "acme.example")
    assert profile.name == "Acme Ltd" and profile.missing_scopes == ()
    assert profile.facts["open"] == "all"


def test_a_check_of_what_is_no_such_server(sim):
    settings = connect(sim).settings
    for body in ("<html>", "", "null", "[]", '"x"', "{}", '{"did": 5}'):
        sim.fail(path="getSession", answer=Answer(body))
        with pytest.raises(errors.MalformedResponse):
            BlueskyAdapter(settings, line(sim.url), sim.now).check()


def test_an_app_password_without_private_messages(sim):
    plain = sim.app_password(sim.brand)
    tokens = signed_out(sim, app_password=plain).sign_in().settings
    profile = BlueskyAdapter(settings_of(sim, **tokens), line(sim.url), sim.now).check()
    assert profile.missing_scopes == ("direct messages",)
    assert profile.facts["chat"] is False


def test_another_word_for_the_missing_right(sim):
    """The exact text is not promised: whether the session is fine tells."""
    adapter = connect(sim)
    refusal = Answer({"error": "InvalidToken", "message": "Not for you"}, 400)
    sim.fail(path="getConvoForMembers", answer=refusal)
    with pytest.raises(errors.ScopeError):
        adapter._chat_query("getConvoForMembers", members="did:plc:x")
    sim.fail(path="getConvoForMembers", answer=refusal)
    sim.fail(path="getSession", answer=refusal)
    with pytest.raises(errors.AuthError) as caught:
        adapter._chat_query("getConvoForMembers", members="did:plc:x")
    assert not isinstance(caught.value, errors.ScopeError)


def test_a_chat_that_is_out_of_order_is_not_forgotten(sim):
    sim.fail(path="listConvos", answer=Answer({"error": "UpstreamFailure"}, 502))
    assert connect(sim).facts["chat"] is True


# --- who may write to us ----------------------------------------------------------
def declared(sim):
    record = sim.world.records.get(f"at://{sim.brand.did}/{DECLARATION}/self")
    return record and record.value


def test_private_messages_are_opened_to_everybody(sim):
    connect(sim)
    assert declared(sim)["allowIncoming"] == "all"
    before = sim.world.records[f"at://{sim.brand.did}/{DECLARATION}/self"]
    connect(sim)
    assert sim.world.records[before.uri] is before, "once is enough"


def test_what_else_is_declared_stays(sim):
    value = {"allowIncoming": "none", "allowGroupInvites": "none"}
    sim.world.write(sim.brand, DECLARATION, value, "self")
    connect(sim)
    assert declared(sim) == {"$type": DECLARATION, **value, "allowIncoming": "all"}
    assert connect(sim, incoming="").facts["open"] == "all"
    assert connect(sim, incoming=" None ").facts["open"] == "none"


def test_an_admin_who_leaves_it_alone(sim):
    assert connect(sim, incoming="").facts["open"] == "following"
    assert declared(sim) is None
    with pytest.raises(errors.ConfigError) as caught:
        connect(sim, incoming="nobody")
    assert caught.value.code == "bad_setting"


def test_opening_that_fails_is_no_reason_not_to_connect(sim):
    for trouble in ({"cut": "after"}, {"answer": Answer({"error": "X"}, 400)}):
        sim.fail(path="putRecord", **trouble)
        assert connect(sim).facts["open"] in ("", "all")
        sim.world.records.pop(f"at://{sim.brand.did}/{DECLARATION}/self", None)


# --- refusals ---------------------------------------------------------------------
def refused(status, error="", message=""):
    body = f'{{"error": "{error}", "message": "{message}"}}'
    return refusal(Response(status, {}, body.encode()))


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_refusals_by_name(name):
    found = refused(400, name, "words")
    kind, code = REFUSALS[name]
    assert (type(found), found.code) == (kind, code)
    assert "words" in found.detail


@pytest.mark.parametrize(
    "status,error,message,kind,code",
    [
        (401, "AccountTakedown", "", errors.AuthError, "account_suspended"),
        (401, "AccountDeactivated", "", errors.AuthError, "account_suspended"),
        (400, "AccountTakedown", "", errors.RejectedError, "deactivated"),
        (400, "InvalidToken", "Bad token method", errors.ScopeError, "scope"),
        (401, "BadJwtAudience", "x", errors.TransientError, "http_502"),
        (401, "BadJwt", "jwt expired", errors.TransientError, "http_502"),
        (400, "InvalidRequest", "Profile not found", errors.NotFoundError, "not_found"),
        (
            400,
            "InvalidRequest",
            "Malformed cursor",
            errors.CursorExpired,
            "cursor_expired",
        ),
        (400, "InvalidRequest", "grapheme too big", errors.RejectedError, "too_long"),
        (400, "InvalidRequest", "block between you", errors.RejectedError, "blocked"),
        (400, "InvalidRequest", "Input/repo must be", errors.RejectedError, "http_400"),
        (413, "PayloadTooLarge", "", errors.RejectedError, "media_rejected"),
    ],
)
def test_refusals_in_words(status, error, message, kind, code):
    found = refused(status, error, message)
    assert (type(found), found.code) == (kind, code)


def test_what_has_no_name_goes_by_its_status():
    for status in (401, 403, 404, 429, 500, 502, 503):
        assert refused(status, "UpstreamFailure" if status > 499 else "") is None
    for body in (b"", b"<html>", b"[]", b'{"error": 5}', b'{"error": null}'):
        assert refusal(Response(400, {}, body)) is None


@pytest.mark.parametrize(
    "status,name,kind",
    [
        (429, "RateLimitExceeded", errors.RateLimited),
        (500, "InternalServerError", errors.UncertainError),
        (502, "UpstreamFailure", errors.UncertainError),
        (503, "NotEnoughResources", errors.UncertainError),
        (504, "UpstreamTimeout", errors.UncertainError),
        (403, "Forbidden", errors.RejectedError),
        (400, "ExpiredToken", errors.AuthError),
    ],
)
def test_what_an_effect_makes_of_it(sim, status, name, kind):
    adapter = connect(sim)
    draft = answer(hear(sim, adapter))
    sim.fail(path="putRecord", answer=Answer({"error": name, "message": "x"}, status))
    with pytest.raises(kind):
        adapter.publish(draft, "k")


def test_the_rate_limit_is_read(sim):
    adapter = connect(sim)
    adapter.fetch("notifications", "", sim.now())
    rate = adapter.transport.rate
    assert rate.limit == 3000 and rate.remaining < 3000
    assert rate.reset_at > sim.now()
    sim.limits["all"] = (1, 300)
    with pytest.raises(errors.RateLimited) as caught:
        adapter.fetch("notifications", "", sim.now())
    assert 0 < caught.value.retry_after <= 301


def test_secrets_stay_inside(sim):
    token = connect(sim).settings["access_token"]
    transport = line(sim.url, secrets=[token])
    settings = settings_of(sim, access_token=token)
    facts = {**FACTS, "entryway": sim.url, "pds": sim.url}
    adapter = BlueskyAdapter(settings, transport, sim.now, facts)
    body = {"error": "InvalidRequest", "message": f"strange: {token}"}
    sim.fail(path="listNotifications", answer=Answer(body, 400))
    with pytest.raises(errors.RejectedError) as caught:
        adapter.fetch("notifications", "", sim.now())
    assert token not in f"{caught.value} {caught.value.detail}"
    assert not asked(sim, "com.atproto.server.deleteSession")


def test_no_facts_yet_asks_for_them(sim):
    settings = connect(sim).settings
    adapter = BlueskyAdapter(settings, line(sim.url), sim.now)
    assert adapter.fetch("notifications", "", sim.now()).closed
    assert adapter.facts["id"] == sim.brand.did
    assert isinstance(adapter.parse(items.RawItem("k", {})), items.Unknown)
