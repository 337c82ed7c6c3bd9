"""The line: who we are, sign-in, limits, and everything that can go wrong on it."""

from datetime import datetime, timedelta, timezone

import pytest
import requests
from mastodon_kit import PNG, answer, connect, hear, line, now, pull, target
from simulators.mastodon import MastodonSimulator
from simulators.mastodon_snac2 import Snac2Simulator
from simulators.server import Answer

from networks import base, errors, items, oauth2
from networks.mastodon import MastodonAdapter
from networks.mastodon_server import KEYED, SCOPES, _software

BACK = "https://odoo.example/back"


@pytest.fixture
def sim():
    with MastodonSimulator() as server:
        server.add_account("jo@other.example", "Jo")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


def bare(sim, **settings):
    """An adapter that was never checked."""
    settings = {"base_url": sim.url, "access_token": sim.brand_token, **settings}
    return MastodonAdapter(settings, line(sim, settings["access_token"]), now)


# --- who we are -------------------------------------------------------------------
def test_check_tells_who_we_are_and_what_the_server_allows(sim):
    profile = bare(sim).check()
    assert profile.id == "https://us.example/users/acme"
    assert (profile.handle, profile.name) == ("acme@us.example", "Acme Ltd")
    assert profile.url == "https://us.example/@acme"
    assert (profile.expires_at, profile.missing_scopes) == (None, ())
    facts = profile.facts
    assert facts["local_id"] == sim.brand.id
    assert (facts["limit"], facts["url_length"], facts["max_media"]) == (500, 23, 4)
    assert facts["alt_length"] == 1500 and "image/png" in facts["mimes"]


def test_rights_that_are_missing_are_listed(sim):
    token = sim.token_for(sim.brand, "read write:statuses")
    profile = bare(sim, access_token=token).check()
    assert set(profile.missing_scopes) == {
        "write:media",
        "write:favourites",
        "write:blocks",
    }
    with pytest.raises(errors.ScopeError):
        adapter = connect(sim, access_token=token)
        adapter.moderate("like", target(hear(sim, adapter)))


@pytest.mark.parametrize("version", ["4.1.2", "3.5.3"])
def test_older_servers_have_the_older_page_about_themselves(sim, version):
    sim.version = version
    for _call in "12":
        sim.fail(path="/api/v2/instance", answer=Answer({"error": "Not Found"}, 404))
        sim.fail(path="/apps/verify", answer=Answer({"error": "Not Found"}, 404))
    profile = bare(sim).check()
    assert (profile.facts["limit"], profile.facts["domain"]) == (500, "us.example")
    assert not profile.facts["bulk"] and profile.facts["straight"]
    assert profile.scopes == profile.missing_scopes == ()


def test_a_server_that_tells_nothing_about_itself_has_the_documented_limits(sim):
    sim.fail(path="/instance", answer=Answer("<h1>?</h1>"), times=2)
    profile = bare(sim).check()
    assert (profile.facts["limit"], profile.facts["url_length"]) == (500, 23)
    assert profile.facts["domain"] == sim.url.split("//")[1]
    adapter = connect(sim, profile.facts)
    assert adapter.idempotency("publish").kind == "lookup"


def test_servers_that_hide_our_own_actor_id_are_asked_again(sim):
    def hide(answer):
        answer.body.pop("uri", None)
        return answer

    sim.fail(path="/verify_credentials", transform=hide)
    assert bare(sim).check().id == "https://us.example/users/acme"
    for path in ("/verify_credentials", f"/accounts/{sim.brand.id}"):
        sim.fail(path=path, transform=hide)
    assert bare(sim).check().id == "acme@us.example"


@pytest.mark.parametrize(
    "version,software,keyed",
    [
        ("4.5.2", "mastodon", True),
        ("4.6.0-nightly.2026-11-01", "mastodon", True),
        ("4.3.1+glitch", "mastodon", True),
        ("2.7.2 (compatible; Pleroma 2.6.0)", "pleroma", True),
        ("2.7.2 (compatible; Akkoma 3.10.4-0-gebfb617)", "akkoma", True),
        ("0.17.3+git-8a29a1c", "gotosocial", False),
        ("4.3.0+gotosocial-0.18.0", "gotosocial", False),
        ("3.5.3 (compatible; Pixelfed 0.12.4)", "pixelfed", False),
        ("4.0.0 (not true; really snac/2.96)", "snac", False),
        ("", "", False),
    ],
)
def test_what_really_runs_there(version, software, keyed):
    assert _software(version)[0] == software
    assert (software in KEYED) == keyed


# --- refusals ---------------------------------------------------------------------
@pytest.mark.parametrize(
    "status,said,kind,code",
    [
        (401, "The access token is invalid", errors.AuthError, "auth"),
        (401, "The access token was revoked", errors.AuthError, "auth"),
        (
            403,
            "This action is outside the authorized scopes",
            errors.ScopeError,
            "scope",
        ),
        (403, "Your login is currently disabled", errors.AuthError, "auth"),
        (403, "This action is not allowed", errors.RejectedError, "forbidden"),
        (404, "Record not found", errors.NotFoundError, "not_found"),
        (410, "Gone", errors.NotFoundError, "not_found"),
        (
            422,
            "Validation failed: Text character limit of 500 exceeded",
            errors.RejectedError,
            "too_long",
        ),
        (
            422,
            "Cannot attach files that have not finished processing. Try again!",
            errors.TransientError,
            "media_processing",
        ),
        (
            422,
            "Cannot attach more than 4 files",
            errors.RejectedError,
            "media_rejected",
        ),
        (422, "Validation failed: odd", errors.RejectedError, "http_422"),
        (503, "Remote data could not be fetched", errors.UncertainError, "http_503"),
    ],
)
def test_refusals_are_told_apart(sim, adapter, status, said, kind, code):
    draft = answer(hear(sim, adapter))
    sim.fail(method="POST", answer=Answer({"error": said}, status))
    with pytest.raises(kind) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == code
    if status != 503:
        assert said.split(".")[0] in caught.value.detail


def test_a_scope_is_recognised_in_any_language(sim, adapter):
    challenge = {"WWW-Authenticate": 'Bearer realm="D", error="insufficient_scope"'}
    sim.fail(answer=Answer({"error": "Nicht erlaubt"}, 403, challenge))
    with pytest.raises(errors.ScopeError):
        pull(adapter)


@pytest.mark.parametrize("make", [MastodonSimulator, Snac2Simulator])
def test_a_wrong_token_is_told_at_once(make):
    with make() as sim:
        for token in ("wrong-token-of-somebody", ""):
            with pytest.raises(errors.AuthError if token else errors.ConfigError):
                bare(sim, access_token=token).check()


def test_a_suspended_account_must_be_looked_after(sim):
    said = {"error": "Your login is currently disabled"}
    sim.fail(path="/verify_credentials", answer=Answer(said, 403))
    with pytest.raises(errors.AuthError):
        bare(sim).check()


def test_another_kind_of_server_is_named(sim):
    sim.fail(path="/verify_credentials", answer=Answer("<h1>Nothing here</h1>", 404))
    with pytest.raises(errors.ConfigError) as caught:
        bare(sim).check()
    assert caught.value.code == "unsupported_server"
    sim.fail(path="/verify_credentials", answer=Answer("<h1>My blog</h1>"))
    with pytest.raises(errors.MalformedResponse):
        bare(sim).check()


def test_the_token_stays_out_of_errors(sim):
    sim.fail(answer=Answer({"error": f"token {sim.brand_token} is bad"}, 403))
    with pytest.raises(errors.NetworkError) as caught:
        bare(sim).fetch("notifications", "", now())
    assert sim.brand_token not in f"{caught.value!r} {caught.value.detail}"


# --- too much ---------------------------------------------------------------------
def test_the_reset_time_is_a_timestamp(sim, adapter):
    sim.limits["paging"] = (1, 900)
    _raw, cursor = pull(adapter)
    hear_later = sim.post("jo@other.example", "@acme still here?")
    _raw, cursor = pull(adapter, cursor, since=now())
    with pytest.raises(errors.RateLimited) as caught:
        for _call in range(5):
            adapter.fetch("notifications", '{"known": ["1"]}', now())
    assert 0 <= caught.value.retry_after <= 900
    assert adapter.transport.rate.remaining == 0
    reset = adapter.transport.rate.reset_at
    assert timedelta() <= reset - now() <= timedelta(seconds=901)
    sim.limits["paging"] = (300, 900)
    raw, _cursor = pull(adapter, '{"known": ["1"]}')
    assert adapter.parse(raw[-1]).key == hear_later.uri


def test_a_published_answer_costs_one_request(sim, adapter):
    draft = answer(hear(sim, adapter))
    sim.calls.clear()
    adapter.publish(draft, "k")
    assert len(sim.calls) == 1


def test_an_idle_pull_costs_one_request_per_stream(sim, adapter):
    cursors = {stream: pull(adapter, stream=stream)[1] for stream in adapter.streams}
    hear(sim, adapter)
    for stream, cursor in cursors.items():
        cursors[stream] = pull(adapter, cursor, stream)[1]
    sim.calls.clear()
    for stream, cursor in cursors.items():
        pull(adapter, cursor, stream)
    assert len(sim.calls) == len(cursors)


# --- accidents --------------------------------------------------------------------
@pytest.mark.parametrize(
    "accident",
    [
        {"cut": "before"},
        {"cut": "after"},
        {"answer": Answer("<h1>Bad Gateway</h1>", 502)},
        {"answer": Answer({"error": "There was a temporary problem"}, 503)},
        {"delay": 1.5},
    ],
    ids=["cut before", "cut after", "502", "503", "slow"],
)
def test_a_failing_pull_loses_nothing(sim, accident):
    adapter = connect(sim, deadline=1.0)
    _raw, cursor = pull(adapter)
    said = sim.post("jo@other.example", "@acme hello?")
    sim.fail(path="/notifications", **accident)
    with pytest.raises(errors.TransientError):
        pull(adapter, cursor)
    raw, _cursor = pull(adapter, cursor)
    assert [adapter.parse(one).key for one in raw] == [said.uri]


@pytest.mark.parametrize(
    "body", ["<!DOCTYPE html>", "", "nonsense", b'[{"id": "1"', {"error": "x"}, 5, [1]]
)
def test_a_page_that_is_none_is_malformed(sim, adapter, body):
    sim.fail(path="/notifications", answer=Answer(body))
    with pytest.raises(errors.MalformedResponse):
        pull(adapter)


@pytest.mark.parametrize(
    "accident",
    [
        {"cut": "before"},
        {"cut": "after"},
        {"answer": Answer("<h1>502</h1>", 502)},
        {"answer": Answer("<h1>504</h1>", 504), "effect": True},
        {"delay": 1.5},
        {"answer": Answer("<h1>hello</h1>"), "effect": True},
    ],
    ids=["cut before", "cut after", "502", "504", "slow", "html"],
)
def test_a_failing_post_is_uncertain_and_repeated_safely(sim, accident):
    adapter = connect(sim, deadline=1.0)
    draft = answer(hear(sim, adapter))
    sim.fail(method="POST", path=r"/api/v1/statuses\Z", **accident)
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "k")
    done = adapter.publish(draft, "k")
    own = [one for one in sim.world.statuses.values() if one.author == sim.brand.id]
    assert [one.uri for one in own] == [done.key]


def test_likes_and_uploads_are_simply_tried_again(sim, adapter):
    """Nobody is harmed by a repetition, so nobody is asked."""
    one = target(hear(sim, adapter))
    for accident in ({"cut": "after"}, {"answer": Answer("x", 502), "effect": True}):
        sim.fail(method="POST", **accident)
        with pytest.raises(errors.TransientError):
            adapter.moderate("like", one)
        sim.fail(method="POST", **accident)
        with pytest.raises(errors.TransientError):
            adapter.stage_whole(items.Upload("a.png", "image/png", PNG))


def test_a_stale_cursor_is_not_a_crash(sim, adapter):
    with pytest.raises(errors.CursorExpired):
        adapter.fetch("notifications", "34975861", now())
    with pytest.raises(errors.RejectedError):
        adapter.fetch("elsewhere", "", now())


# --- sign-in ----------------------------------------------------------------------
def test_signing_in_from_nothing(sim):
    fresh = bare(sim, access_token="")
    app = fresh.register(BACK)
    assert sim.apps[app["client_id"]]["scopes"] == list(SCOPES)
    signing = bare(sim, access_token="", **app)
    verifier = oauth2.verifier(b"x" * 32)
    url = signing.authorize_url(BACK, "state-1", oauth2.challenge(verifier))
    back = requests.get(url, allow_redirects=False).headers["location"]
    assert back.startswith(BACK) and "state=state-1" in back
    code = back.split("code=")[1].split("&")[0]
    with pytest.raises(errors.AuthError):
        signing.exchange("another code", BACK, verifier)
    tokens = signing.exchange(code, BACK, verifier)
    assert tokens.expires_at is None
    assert set(tokens.scopes) == set(SCOPES)
    profile = bare(sim, **tokens.settings).check()
    assert profile.handle == "acme@us.example" and not profile.missing_scopes


def test_a_verifier_that_does_not_fit_gets_no_token(sim):
    fresh = bare(sim, access_token="")
    signing = bare(sim, access_token="", **fresh.register(BACK))
    challenge = oauth2.challenge(oauth2.verifier(b"x" * 32))
    url = signing.authorize_url(BACK, "s", challenge)
    back = requests.get(url, allow_redirects=False).headers["location"]
    code = back.split("code=")[1].split("&")[0]
    with pytest.raises(errors.AuthError):
        signing.exchange(code, BACK, oauth2.verifier(b"y" * 32))


def test_a_forgotten_registration_is_a_setting_to_renew(sim):
    signing = bare(sim, access_token="", client_id="gone", client_secret="gone-too")
    with pytest.raises(errors.ConfigError):
        signing.exchange("code", BACK, "v" * 43)


def test_a_registration_without_an_id_is_malformed(sim):
    sim.fail(path="/apps", answer=Answer({"client_id": "x"}))
    with pytest.raises(errors.MalformedResponse):
        bare(sim).register(BACK)


# --- what the class says of itself ------------------------------------------------
def test_what_can_be_read_without_an_instance():
    assert MastodonAdapter.code == "mastodon"
    assert MastodonAdapter.host_setting == "base_url"
    assert not MastodonAdapter.can(base.HIDE) and not MastodonAdapter.can(base.WEBHOOK)
    assert [one.key for one in MastodonAdapter.settings_spec if one.secret] == [
        "access_token"
    ]


def test_a_clock_is_only_what_it_was_given(sim):
    """Times in items come from the server, or from the ``now`` that was handed in."""
    adapter = connect(sim)
    frozen = datetime(2031, 5, 4, tzinfo=timezone.utc)
    heard = hear(sim, adapter)
    sim.delete(heard.key)
    adapter.now = lambda: frozen
    [gone] = [adapter.parse(one) for one in adapter.reread([heard.ref]).items]
    assert gone.at == frozen
