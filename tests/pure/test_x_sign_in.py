"""Who asks, at X: OAuth 1.0a, OAuth 2.0 with PKCE, tokens that work once (§1)."""

import json
import urllib.parse
from datetime import timedelta

import pytest
import requests
from simulators.server import Answer
from simulators.x import XSimulator
from x_desk import answer, connect, hear, offline, pull

from networks import errors, oauth2, x_auth
from networks.x import XAdapter
from networks.x_line import basic

BACK = "https://desk.example/helpdesk_social/oauth/callback"


@pytest.fixture
def sim():
    with XSimulator() as server:
        yield server


# --- OAuth 1.0a -------------------------------------------------------------------
#: RFC 5849 §3.4.1.1: method, address, query, form and OAuth parameters
RFC_PARAMETERS = [
    ("b5", "=%3D"),
    ("a3", "a"),
    ("c@", ""),
    ("a2", "r b"),
    ("oauth_consumer_key", "9djdj82h48djs9d2"),
    ("oauth_token", "kkk9d7dh3k39sjv7"),
    ("oauth_signature_method", "HMAC-SHA1"),
    ("oauth_timestamp", "137131201"),
    ("oauth_nonce", "7d8f3e4a"),
    ("c2", ""),
    ("a3", "2 q"),
]
RFC_BASE = (
    "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5"
    "%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oau"
    "th_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1371"
    "31201%26oauth_token%3Dkkk9d7dh3k39sjv7"
)


def test_the_base_string_of_the_rfc():
    found = x_auth.base_string("post", "http://EXAMPLE.COM:80/request", RFC_PARAMETERS)
    assert found == RFC_BASE


def test_the_signature_that_twitter_documents():
    """From its page "Creating a signature": known keys, known result."""
    keys = x_auth.Keys(
        "xvz1evFS4wEEPTGEFPHBog",
        "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    )
    found = x_auth.header(
        keys,
        "POST",
        "https://api.twitter.com/1/statuses/update.json",
        {
            "include_entities": "true",
            "status": "Hello Ladies + Gentlemen, a signed OAuth request!",
        },
        "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
        1318622958,
    )
    assert 'oauth_signature="tnnArxj06cWHq44gCs1OSKk%2FjLY%3D"' in found


def test_the_signature_of_the_first_specification():
    """OAuth Core 1.0, appendix A.5.2."""
    keys = x_auth.Keys(
        "dpf43f3p2l4k3l03",
        "kd94hf93k423kf44",
        "nnch734d00sl2jdk",
        "pfkkdhi9sl3r4s00",
    )
    found = x_auth.header(
        keys,
        "GET",
        "http://photos.example.net/photos",
        {"file": "vacation.jpg", "size": "original"},
        "kllo9940pd9333jh",
        1191242096,
    )
    assert 'oauth_signature="tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D"' in found


def test_pasted_keys_do_everything(sim):
    token, secret = sim.brand_keys
    adapter = connect(sim, access_token="", oauth1_token=token, oauth1_secret=secret)
    assert adapter.facts["handle"] == "acme"
    heard = hear(sim, adapter, "@acme näher & weiter?")
    assert adapter.publish(answer(heard, "Ümläut & +% 👍"), "k").key
    assert pull(adapter, stream="quotes") is not None
    assert {call.headers["authorization"][:6] for call in sim.calls} == {"OAuth "}
    nonces = [call.headers["authorization"] for call in sim.calls]
    assert len(set(nonces)) == len(nonces)


def test_wrong_keys_are_an_auth_error(sim):
    token, _secret = sim.brand_keys
    with pytest.raises(errors.AuthError) as caught:
        connect(sim, access_token="", oauth1_token=token, oauth1_secret="wrong")
    assert caught.value.code == "auth"


def test_half_of_the_keys_is_a_missing_setting(sim):
    with pytest.raises(errors.ConfigError) as caught:
        connect(sim, access_token="", oauth1_token="only this")
    assert caught.value.code == "missing_setting"


# --- OAuth 2.0 --------------------------------------------------------------------
def sign_in(sim, adapter, state="st", **changes):
    """The browser's part; the code that came back."""
    sim.app.redirect_uris = [BACK]
    secret = oauth2.verifier(b"x" * 32)
    url = adapter.authorize_url(BACK, state, oauth2.challenge(secret))
    answer_ = requests.get(url, allow_redirects=False, timeout=5)
    assert answer_.status_code == 302, answer_.text
    back = urllib.parse.urlsplit(answer_.headers["location"])
    told = dict(urllib.parse.parse_qsl(back.query))
    assert told["state"] == state
    return told, secret


def test_signing_in(sim):
    adapter = connect(sim, {}, access_token="")
    told, verifier = sign_in(sim, adapter)
    tokens = adapter.exchange(told["code"], BACK, verifier)
    assert set(tokens.settings) == {"access_token", "refresh_token", "granted"}
    assert tokens.expires_at - sim.now() > timedelta(minutes=119)
    profile = connect(sim, **tokens.settings).check()
    assert profile.handle == "acme"
    assert profile.missing_scopes == ()
    assert "like.write" not in profile.scopes
    form = [call for call in sim.calls if call.path == "/2/oauth2/token"][-1]
    assert form.headers["authorization"].startswith("Basic ")
    assert "client_secret" not in form.body.decode()


def test_a_public_app_has_no_secret(sim):
    sim.app.public = True
    adapter = connect(sim, {}, access_token="", client_secret="")
    told, verifier = sign_in(sim, adapter)
    assert adapter.exchange(told["code"], BACK, verifier).settings["access_token"]


def test_least_rights_and_the_reason_for_each():
    assert all(XAdapter.scopes.values())
    url = offline(client_id="c")
    url.transport = type("Line", (), {"base_url": XAdapter.base_url})
    found = urllib.parse.urlsplit(url.authorize_url(BACK, "s", "c"))
    assert (found.hostname, found.path) == ("x.com", "/i/oauth2/authorize")
    scopes = dict(urllib.parse.parse_qsl(found.query))["scope"].split()
    assert "offline.access" in scopes and "like.write" not in scopes
    assert set(scopes) < set(XAdapter.scopes)
    with pytest.raises(errors.ConfigError):
        offline().authorize_url(BACK, "s", "c")


@pytest.mark.parametrize("what", ["late", "twice", "verifier", "redirect"])
def test_a_code_works_once_and_soon(sim, what):
    adapter = connect(sim, {}, access_token="")
    told, verifier = sign_in(sim, adapter)
    back = BACK
    if what == "late":
        sim.advance(31)
    elif what == "twice":
        adapter.exchange(told["code"], BACK, verifier)
    elif what == "verifier":
        verifier = "y" * 43
    else:
        back = BACK + "/other"
    with pytest.raises(errors.AuthError) as caught:
        adapter.exchange(told["code"], back, verifier)
    assert caught.value.code == "oauth_refused"


def test_a_wrong_client_secret_is_our_registration(sim):
    adapter = connect(sim, {}, access_token="", client_secret="wrong")
    told, verifier = sign_in(sim, adapter)
    with pytest.raises(errors.ConfigError) as caught:
        adapter.exchange(told["code"], BACK, verifier)
    assert caught.value.code == "oauth_registration"


def test_an_ended_token_asks_for_a_fresh_one(sim):
    adapter = connect(sim, refresh_token=sim.brand_refresh)
    sim.advance(2 * 3600 + 1)
    with pytest.raises(errors.AuthError) as caught:
        pull(adapter)
    assert caught.value.code == "token_expired"
    tokens = adapter.refresh()
    assert tokens.settings["refresh_token"] != sim.brand_refresh
    assert pull(connect(sim, adapter.facts, **tokens.settings))[0] == []


def test_a_refresh_token_works_once(sim):
    adapter = connect(sim, refresh_token=sim.brand_refresh)
    fresh = adapter.refresh().settings
    with pytest.raises(errors.AuthError) as caught:
        adapter.refresh()
    assert caught.value.code != "token_expired"
    # sent twice, it has ended the whole connection
    with pytest.raises(errors.AuthError):
        connect(sim, adapter.facts, **fresh).refresh()


def test_without_a_refresh_token_it_is_over(sim):
    adapter = connect(sim)
    sim.disconnect(sim.brand)
    with pytest.raises(errors.AuthError) as caught:
        pull(adapter)
    assert caught.value.code == "auth"
    with pytest.raises(errors.AuthError):
        adapter.refresh()


def test_a_token_answer_that_is_none(sim):
    adapter = connect(sim, refresh_token=sim.brand_refresh)
    for status, body in ((200, "<html>"), (200, "{}"), (200, "[]"), (503, "oops")):
        sim.fail(path="/2/oauth2/token", answer=Answer(body, status))
        with pytest.raises(errors.NetworkError) as caught:
            adapter.refresh()
        assert not isinstance(caught.value, errors.AuthError)


def test_what_cannot_be_read_may_be_half_a_token(sim):
    """It is nobody's yet, so nothing could take it out of the words of an error."""
    adapter = connect(sim, refresh_token=sim.brand_refresh)
    sim.fail(path="/2/oauth2/token", answer=Answer('{"access_token": "brandnew', 200))
    with pytest.raises(errors.MalformedResponse) as caught:
        adapter.refresh()
    assert "brandnew" not in str(caught.value)
    adapter = connect(sim, bearer_token="")
    sim.fail(path="/oauth2/token", answer=Answer('{"access_token": "brandnew', 200))
    with pytest.raises(errors.MalformedResponse) as caught:
        adapter._bearer()
    assert "brandnew" not in str(caught.value)


def test_a_refusal_that_repeats_the_token_does_not_tell_it(sim):
    adapter = connect(sim, refresh_token=sim.brand_refresh)
    adapter.transport.secrets = (sim.brand_refresh,)
    said = {"error": "invalid_grant", "error_description": f"no {sim.brand_refresh}!"}
    sim.fail(path="/2/oauth2/token", answer=Answer(json.dumps(said), 400))
    with pytest.raises(errors.AuthError) as caught:
        adapter.refresh()
    assert str(caught.value) == "oauth_refused: no ***!"


def test_basic_is_encoded_before_it_is_joined():
    import base64

    pair = base64.b64decode(basic("a:b", "c d").partition(" ")[2]).decode()
    assert pair == "a%3Ab:c%20d"


# --- who we are -------------------------------------------------------------------
def test_the_check_tells_what_is_missing(sim):
    adapter = connect(sim, granted="tweet.read users.read offline.access")
    assert set(adapter.check().missing_scopes) == {
        "tweet.write",
        "tweet.moderate.write",
        "dm.read",
        "dm.write",
        "media.write",
    }
    assert adapter.spent == {"user_read": 1}


def test_a_token_of_the_app_is_not_an_account(sim):
    with pytest.raises(errors.ConfigError) as caught:
        connect(sim, access_token=sim.app.bearer)
    assert caught.value.code == "wrong_sign_in"


def test_no_token_leaves_for_another_host(sim):
    adapter = connect(sim)
    sim.calls.clear()
    with pytest.raises(errors.ConfigError):
        adapter.fetch_media("https://evil.example/x.jpg")
    with pytest.raises(errors.ConfigError):
        adapter.fetch_media("https://pbs.twimg.com.evil.example/x.jpg")
    assert not sim.calls
