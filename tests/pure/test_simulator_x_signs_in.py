"""Signing in at the X simulator (fact sheet x §1), by tweepy's and requests' OAuth."""

from urllib.parse import parse_qsl, urlsplit

import pytest
import tweepy
from oauthlib.oauth2 import OAuth2Error
from simulators.x import XSimulator
from x_client import Led, ask

BACK = "https://odoo.example/helpdesk_social/oauth"


@pytest.fixture
def sim():
    with XSimulator() as one:
        one.app.redirect_uris = [BACK]
        yield one


def handler(sim, monkeypatch, scope=("tweet.read", "users.read", "offline.access")):
    """tweepy's OAuth 2.0 handler, its calls led to the simulator."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    made = tweepy.OAuth2UserHandler(
        client_id=sim.app.client_id,
        client_secret=sim.app.client_secret,
        redirect_uri=BACK,
        scope=list(scope),
    )
    line = Led(sim.url)
    made.post = lambda url, **kwargs: line.post(url, **_plain(kwargs))
    made.request = lambda method, url, **kwargs: line.request(
        method, url, **_plain(kwargs)
    )
    return made


def _plain(kwargs):
    return {
        key: value
        for key, value in kwargs.items()
        if key in ("data", "headers", "auth")
    }


def visit(sim, url):
    """The browser opens the address; where it is sent."""
    return Led(sim.url).get(url, allow_redirects=False)


def signed_in(sim, made):
    answer = visit(sim, made.get_authorization_url())
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_tweepy_signs_in_with_pkce(sim, monkeypatch):
    made = handler(sim, monkeypatch)
    tokens = made.fetch_token(signed_in(sim, made))
    assert tokens["expires_in"] == 7200 and tokens["token_type"] == "bearer"
    assert set(tokens["scope"]) == {"tweet.read", "users.read", "offline.access"}
    me = ask(sim, "GET", "/2/users/me", tokens["access_token"]).json()
    assert me["data"]["username"] == "acme"
    sim.advance(7201)
    assert ask(sim, "GET", "/2/users/me", tokens["access_token"]).status_code == 401


def test_a_code_lives_thirty_seconds_and_once(sim, monkeypatch):
    made = handler(sim, monkeypatch)
    back = signed_in(sim, made)
    made.fetch_token(back)
    with pytest.raises(OAuth2Error, match="authorization code was invalid"):
        made.fetch_token(back)
    late = signed_in(sim, made)
    sim.advance(31)
    with pytest.raises(OAuth2Error):
        made.fetch_token(late)


def test_a_stolen_code_is_worthless_without_its_verifier(sim, monkeypatch):
    made = handler(sim, monkeypatch)
    back = signed_in(sim, made)
    made._client.code_verifier = "another-" * 8
    with pytest.raises(OAuth2Error, match="code verifier"):
        made.fetch_token(back)


def test_refusing_comes_back_as_such(sim, monkeypatch):
    sim.denies = True
    back = signed_in(sim, handler(sim, monkeypatch))
    assert dict(parse_qsl(urlsplit(back).query))["error"] == "access_denied"


@pytest.mark.parametrize(
    "change",
    [
        ("client_id", "other"),
        ("redirect_uri", BACK + "/"),
        ("scope", "tweet.read everything"),
        ("code_challenge", ""),
        ("state", ""),
        ("state", "x" * 501),
        ("response_type", "token"),
    ],
)
def test_wrong_addresses_end_on_xs_own_page(sim, change):
    query = {
        "response_type": "code",
        "client_id": sim.app.client_id,
        "redirect_uri": BACK,
        "scope": "tweet.read users.read",
        "state": "s",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    } | dict([change])
    answer = Led(sim.url).get(
        f"{sim.url}/i/oauth2/authorize", params=query, allow_redirects=False
    )
    assert answer.status_code == 400 and "Location" not in answer.headers


# --- refreshing -------------------------------------------------------------------
def refresh(sim, token, auth=True):
    form = {"grant_type": "refresh_token", "refresh_token": token}
    who = (sim.app.client_id, sim.app.client_secret) if auth else None
    return Led(sim.url).post(f"{sim.url}/2/oauth2/token", data=form, auth=who)


def test_refresh_tokens_work_once_and_twice_kills_the_family(sim):
    first = refresh(sim, sim.brand_refresh).json()
    assert first["refresh_token"] != sim.brand_refresh
    assert ask(sim, "GET", "/2/users/me", first["access_token"]).status_code == 200
    again = refresh(sim, sim.brand_refresh)
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_request"
    # everything that came from that sign-in is dead
    assert refresh(sim, first["refresh_token"]).status_code == 400
    assert ask(sim, "GET", "/2/users/me", first["access_token"]).status_code == 401
    assert ask(sim, "GET", "/2/users/me").status_code == 401


def test_without_offline_access_there_is_nothing_to_refresh(sim, monkeypatch):
    made = handler(sim, monkeypatch, scope=("tweet.read", "users.read"))
    assert "refresh_token" not in made.fetch_token(signed_in(sim, made))


def test_an_app_with_a_secret_must_show_it(sim):
    answer = refresh(sim, sim.brand_refresh, auth=False)
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthorized_client"
    sim.app.public = True
    form = {
        "grant_type": "refresh_token",
        "refresh_token": sim.brand_refresh,
        "client_id": sim.app.client_id,
    }
    answer = Led(sim.url).post(f"{sim.url}/2/oauth2/token", data=form)
    assert answer.status_code == 200


def test_revoking_ends_all_of_a_sign_in(sim):
    who = (sim.app.client_id, sim.app.client_secret)
    form = {"token": sim.brand_refresh, "client_id": sim.app.client_id}
    url = f"{sim.url}/2/oauth2/revoke"
    assert Led(sim.url).post(url, data=form, auth=who).json() == {"revoked": True}
    assert ask(sim, "GET", "/2/users/me").status_code == 401
    assert refresh(sim, sim.brand_refresh).status_code == 400


def test_taking_the_rights_away_in_xs_settings(sim):
    sim.disconnect(sim.brand)
    assert ask(sim, "GET", "/2/users/me").status_code == 401
    assert refresh(sim, sim.brand_refresh).status_code == 400


def test_the_apps_own_token_comes_for_its_keys(sim):
    url, form = f"{sim.url}/oauth2/token", {"grant_type": "client_credentials"}
    who = (sim.app.consumer_key, sim.app.consumer_secret)
    assert Led(sim.url).post(url, data=form, auth=who).json() == {
        "token_type": "bearer",
        "access_token": sim.app.bearer,
    }
    wrong = Led(sim.url).post(url, data=form, auth=("a", "b"))
    assert wrong.status_code == 403 and wrong.json()["errors"][0]["code"] == 99
