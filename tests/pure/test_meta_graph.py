"""The line to Meta: refusals by code, meters, signatures, the handshake, tokens."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from simulators.meta_graph import body_of, signature
from simulators.server import Answer
from simulators.whatsapp import WhatsAppHarness, WhatsAppSimulator
from whatsapp_kit import answer, connect, heard

from networks import errors, meta_graph, meta_graph_errors, meta_graph_meter
from networks import meta_graph_push as push
from networks.transport import Response


@pytest.fixture
def sim():
    with WhatsAppSimulator() as server:
        yield server


def refused(code, subcode=None, status=400, effect=True, headers=None, message="x"):
    error = {"code": code, "message": message}
    if subcode:
        error["error_subcode"] = subcode
    raw = json.dumps({"error": error}).encode()
    return meta_graph_errors.refusal(Response(status, headers or {}, raw), effect)


# --- the table --------------------------------------------------------------------
@pytest.mark.parametrize(
    "code, subcode, kind, word",
    [
        (190, None, errors.AuthError, "auth"),
        (190, 460, errors.AuthError, "revoked"),
        (190, 463, errors.AuthError, "token_ended"),
        (190, 999, errors.AuthError, "auth"),
        (0, None, errors.AuthError, "auth"),
        (10, None, errors.ScopeError, "scope"),
        (10, 2018278, errors.RejectedError, "window_closed"),
        (10, 2534022, errors.RejectedError, "window_closed"),
        (200, None, errors.ScopeError, "scope"),
        (299, None, errors.ScopeError, "scope"),
        (300, None, errors.RejectedError, "rejected"),
        (100, None, errors.RejectedError, "bad_parameter"),
        (100, 33, errors.NotFoundError, "not_found"),
        (4, None, errors.RateLimited, "rate_limited"),
        (80007, None, errors.RateLimited, "rate_limited"),
        (130429, None, errors.RateLimited, "rate_limited"),
        (131056, None, errors.TransientError, "pair_limit"),
        (131016, None, errors.TransientError, "unavailable"),
        (131047, None, errors.RejectedError, "window_closed"),
        (131026, None, errors.RejectedError, "undeliverable"),
        (131042, None, errors.Exhausted, "payment"),
        (131031, None, errors.RejectedError, "account_blocked"),
        (133010, None, errors.ConfigError, "not_registered"),
        (506, None, errors.RejectedError, "duplicate"),
        (10900, None, errors.RejectedError, "private_reply_used"),
    ],
)
def test_the_code_tells_never_the_words(code, subcode, kind, word):
    for message in ("(#100) Permissions error", "Límite alcanzado", "", "rate limit"):
        found = refused(code, subcode, message=message)
        assert type(found) is kind and found.code == word


def test_one_persons_limit_keeps_nobody_else_waiting():
    """A pair limit (131056) is no ``RateLimited``, which would rest the account."""
    found = refused(131056)
    assert not isinstance(found, errors.RateLimited) and found.retry_after is None


@pytest.mark.parametrize("code", [1, 2, 131000])
def test_what_nobody_knows_is_uncertain_after_an_effect_only(code):
    assert type(refused(code)) is errors.UncertainError
    assert type(refused(code, effect=False)) is errors.TransientError


def test_an_unknown_code_of_a_broken_server_proves_nothing():
    assert type(refused(424242, status=503)) is errors.UncertainError
    assert type(refused(424242, status=400)) is errors.RejectedError


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b'{"error":"x"}', b'{"error":{"code":"4"}}'],
)
def test_what_is_not_metas_is_left_to_the_common_table(body):
    assert meta_graph_errors.refusal(Response(500, {}, body), True) is None


# --- meters -----------------------------------------------------------------------
def business(percent, minutes=0, **more):
    meter = {"call_count": percent, "estimated_time_to_regain_access": minutes}
    return {meta_graph_meter.BUSINESS: json.dumps({"1": [{**meter, **more}]})}


@pytest.mark.parametrize(
    "percent, rest", [(0, 0), (74, 0), (75, 5), (89, 5), (90, 60), (100, 900)]
)
def test_the_fuller_the_meter_the_longer_the_rest(percent, rest):
    assert meta_graph_meter.usage(business(percent)).rest == rest
    app = {meta_graph_meter.APP: json.dumps({"total_time": percent})}
    assert meta_graph_meter.usage(app).rest == rest


def test_meta_knows_best_when_access_is_back():
    assert meta_graph_meter.usage(business(3, 7)).rest == 7 * 60
    found = refused(80008, headers=business(100, 7))
    assert found.retry_after == 7 * 60
    assert refused(80008).retry_after == meta_graph_errors.WAIT


def test_the_fullest_of_several_meters_counts_even_of_one_id():
    meters = {"1": [{"call_count": 1}, {"call_count": 2, "total_cputime": 91}], "2": []}
    header = {meta_graph_meter.BUSINESS: json.dumps(meters)}
    assert meta_graph_meter.usage(header).percent == 91


@pytest.mark.parametrize(
    "header",
    ["", "x", "[]", "{", '{"1":5}', '{"1":[5]}', '{"1":[{"call_count":"99"}]}']
    + ['{"1":[{"call_count":-9}]}', "9" * 70000, '{"1":[{"call_count":1e400}]}']
    + ["[" * 50000, '{"1":[{"call_count":null,"estimated_time_to_regain_access":{}}]}'],
)
def test_a_meter_that_cannot_be_read_stops_nobody(header):
    for name in (meta_graph_meter.BUSINESS, meta_graph_meter.APP):
        assert meta_graph_meter.usage({name: header}).rest == 0


def test_a_nearly_full_meter_is_told_though_nothing_failed(sim):
    adapter = connect(sim)
    draft = answer(heard(adapter, sim))
    assert adapter.publish(draft, "k1").key and adapter.rest == 0
    sim.use_up(92)
    assert adapter.publish(draft, "k2").key and adapter.rest == 60
    sim.use_up(100, minutes=3)
    sim.refuse(80008, path="/messages")
    with pytest.raises(errors.RateLimited) as caught:
        adapter.publish(draft, "k3")
    assert caught.value.retry_after == 180
    assert len(sim.sent) == 2


# --- the line ---------------------------------------------------------------------
def test_version_token_and_proof_of_every_call(sim):
    adapter = connect(sim)
    adapter.publish(answer(heard(adapter, sim)), "key")
    adapter.templates()
    for call in sim.calls:
        assert call.path.startswith(f"/{meta_graph.VERSION}/")
        assert not call.arg("access_token"), "a token in an address ends up in logs"
        assert call.headers["authorization"].startswith("Bearer ")
        assert len(call.arg("appsecret_proof")) == 64


def test_the_version_is_a_setting_and_nothing_else(sim):
    settings = WhatsAppHarness.settings(sim)
    adapter = connect(sim)
    for version, path in (("v27.0", "/v27.0/"), ("", f"/{meta_graph.VERSION}/")):
        adapter.settings = {**settings, "graph_version": version}
        adapter.check()
        assert sim.calls[-1].path.startswith(path)
    for version in ("../v26.0", "v26.0/me", "26", "v26.0?x=", "v٢٦.٠"):
        adapter.settings = {**settings, "graph_version": version}
        with pytest.raises(errors.ConfigError):
            adapter.check()


def test_a_proof_made_with_another_secret_is_a_wrong_setting(sim):
    adapter = connect(sim)
    adapter.settings = {**adapter.settings, "app_secret": "0" * 32}
    with pytest.raises(errors.ConfigError) as caught:
        adapter.check()
    assert caught.value.detail == "app_secret"


@pytest.mark.parametrize("token", ["a b", "a\nX-Evil: 1", "Schlüssel", "\x00"])
def test_a_token_that_would_break_the_header_is_refused(sim, token):
    adapter = connect(sim)
    before = len(sim.calls)
    adapter.settings = {**adapter.settings, "access_token": token}
    with pytest.raises(errors.AuthError):
        adapter.check()
    assert len(sim.calls) == before


def test_neither_token_nor_secret_nor_proof_gets_into_an_error(sim):
    adapter = connect(sim)
    proof = adapter._proof(sim.token)["appsecret_proof"]
    sim.fail(answer=Answer(f"{sim.token} {sim.app_secret} {proof}", 500))
    with pytest.raises(errors.TransientError) as caught:
        adapter.check()
    for secret in (sim.token, sim.app_secret, proof):
        assert secret not in str(caught.value)


# --- tokens -----------------------------------------------------------------------
def test_when_the_token_or_what_it_shows_ends(sim):
    adapter = connect(sim)
    assert adapter.check().expires_at is None, "a system user's never does"
    soon = int((datetime.now(timezone.utc) + timedelta(days=30)).timestamp())
    sim.tokens[sim.token] |= {"expires_at": soon * 2, "data_access_expires_at": soon}
    found = adapter._token_facts()
    assert int(found.data_until.timestamp()) == soon
    assert int(found.expires_at.timestamp()) == soon * 2
    profile = adapter.check()
    assert int(profile.expires_at.timestamp()) == soon * 2
    assert int(profile.data_until.timestamp()) == soon


def test_a_right_that_was_not_granted_is_named(sim):
    sim.tokens[sim.token]["scopes"] = ["whatsapp_business_messaging", "email"]
    profile = connect(sim).check()
    assert profile.missing_scopes == ("whatsapp_business_management",)


def test_without_an_app_id_nobody_asks_about_the_token(sim):
    adapter = connect(sim)
    adapter.settings = {**adapter.settings, "app_id": ""}
    assert adapter.check().missing_scopes == ()
    assert "debug_token" not in sim.calls[-1].path


def test_an_app_id_of_another_app_is_a_wrong_setting(sim):
    adapter = connect(sim)
    adapter.settings = {**adapter.settings, "app_id": "1"}
    with pytest.raises(errors.ConfigError):
        adapter.check()


def test_a_short_token_becomes_a_long_one(sim):
    found = connect(sim)._long_lived(sim.token)
    assert found.settings["access_token"] == f"{sim.token}long"
    assert (found.expires_at - datetime.now(timezone.utc)).days in (59, 60)
    with pytest.raises(errors.AuthError):
        connect(sim)._long_lived("forged")


# --- handshake and signature ------------------------------------------------------
def hello(**changes):
    query = {"hub.mode": "subscribe", "hub.verify_token": "s", "hub.challenge": "115"}
    return {**query, **{f"hub.{key}": value for key, value in changes.items()}}


def test_the_challenge_goes_to_who_knows_the_token():
    found = push.handshake(hello(), "s")
    assert (found.body, found.mime) == (b"115", "text/plain")


@pytest.mark.parametrize(
    "changes, secret",
    [
        ({"verify_token": "t"}, "s"),
        ({"verify_token": ""}, "s"),
        ({"verify_token": ""}, ""),
        ({}, ""),
        ({}, None),
        ({"mode": "unsubscribe"}, "s"),
        ({"challenge": ""}, "s"),
        ({"challenge": "<script>alert(1)</script>"}, "s"),
        ({"challenge": "1" * 10000}, "s"),
        ({"verify_token": "ś"}, "s"),
    ],
)
def test_nobody_else_gets_anything(changes, secret):
    assert push.handshake(hello(**changes), secret) is None


def test_only_the_very_bytes_are_believed():
    """Meta escapes what is not ASCII: written anew, the JSON has other bytes."""
    raw = body_of({"object": "x", "text": "é 你好 https://example.org/"})
    assert b"\\u00e9" in raw and b"\\/" in raw
    headers = {push.SIGNATURE: signature("s3cret", raw)}
    assert push.genuine(headers, raw, "s3cret")
    assert push.genuine(
        {push.SIGNATURE: signature("s3cret", raw).upper()}, raw, "s3cret"
    )
    again = json.dumps(json.loads(raw)).encode()
    assert not push.genuine(headers, again, "s3cret")
    assert not push.genuine(headers, raw + b" ", "s3cret")
    assert not push.genuine(headers, raw, "")
    assert not push.genuine(headers, raw, "other")
    for forged in ("", "sha256=", "sha1=abc", "sha256=é", signature("", raw)):
        assert not push.genuine({push.SIGNATURE: forged}, raw, "s3cret")
    assert not push.genuine({}, raw, "s3cret")


def test_another_products_delivery_is_told_not_swallowed():
    raw = body_of({"object": "page", "entry": [{"id": "1"}]})
    with pytest.raises(errors.MalformedResponse) as caught:
        push.entries(raw, "instagram")
    assert caught.value.code == "unknown_kind"


@pytest.mark.parametrize(
    "raw",
    [b"", b"[", b"5", b"null", b"{}", b'{"object":"page","entry":[]}', b"[" * 9999],
)
def test_what_is_no_delivery_is_malformed(raw):
    with pytest.raises(errors.MalformedResponse):
        push.entries(raw, "page")


def test_a_change_in_the_entry_itself_is_read_as_well():
    entry = {"id": "1", "field": "comments", "value": {"id": "2"}}
    assert list(push.changes(entry)) == [("comments", {"id": "2"})]


@pytest.mark.parametrize(
    "value, year",
    [("1749416383", 2025), (1749416383, 2025), (1785312004871, 2026)]
    + [("1785312004871", 2026)],
)
def test_seconds_and_milliseconds(value, year):
    assert meta_graph.moment(value).year == year


@pytest.mark.parametrize(
    "value", [None, "", "x", 0, -5, True, 1.5, "٣", [], 2**70, "9" * 400]
)
def test_what_is_no_time_is_none(value):
    assert meta_graph.moment(value) is None
