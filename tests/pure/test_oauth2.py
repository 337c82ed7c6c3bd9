"""OAuth helpers against the vectors of the RFCs and against hostile answers."""

from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import pytest

from networks import oauth2
from networks.errors import AuthError, ConfigError, MalformedResponse

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=timezone.utc)


def test_challenge_is_the_one_of_rfc_7636_appendix_b():
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert oauth2.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_verifier_is_url_safe_and_long_enough():
    verifier = oauth2.verifier(bytes(range(224, 256)))
    assert len(verifier) == 43
    assert set(verifier) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def test_too_little_randomness_is_refused():
    with pytest.raises(ValueError):
        oauth2.verifier(b"short")


def test_authorize_url_quotes_everything_and_keeps_the_query():
    url = oauth2.authorize_url(
        "https://x.example/oauth/authorize?lang=de#top",
        client_id="a&b",
        redirect_uri="https://odoo.example/back?x=1",
        state="s=1&t",
        challenge="abc",
        scopes=("read", "write:statuses"),
        extra={"force_login": "true"},
    )
    query = parse_qs(urlsplit(url).query)
    assert query == {
        "lang": ["de"],
        "response_type": ["code"],
        "client_id": ["a&b"],
        "redirect_uri": ["https://odoo.example/back?x=1"],
        "state": ["s=1&t"],
        "scope": ["read write:statuses"],
        "code_challenge": ["abc"],
        "code_challenge_method": ["S256"],
        "force_login": ["true"],
    }
    assert not urlsplit(url).fragment


@pytest.mark.parametrize("endpoint", ["", "x.example/a", "javascript:alert(1)"])
def test_a_sign_in_page_that_is_no_web_address_is_refused(endpoint):
    with pytest.raises(ConfigError):
        oauth2.authorize_url(endpoint, client_id="a", redirect_uri="b", state="c")


def test_forms_leave_out_what_is_empty():
    assert oauth2.exchange_form(code="c", redirect_uri="r", client_id="i") == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": "r",
        "client_id": "i",
    }
    assert "client_secret" not in oauth2.refresh_form(refresh_token="t", client_id="i")


def test_tokens_with_lifetime_refresh_and_scopes():
    tokens = oauth2.tokens(
        {
            "access_token": "a",
            "refresh_token": "r",
            "expires_in": "3600",
            "scope": "read, write",
        },
        NOW,
    )
    assert tokens.settings == {"access_token": "a", "refresh_token": "r"}
    assert tokens.expires_at == NOW + timedelta(hours=1)
    assert tokens.scopes == ("read", "write")


@pytest.mark.parametrize("seconds", [None, "", "soon", -1, 0, float("inf"), 1e30, []])
def test_a_lifetime_that_means_nothing_is_unknown(seconds):
    tokens = oauth2.tokens({"access_token": "a", "expires_in": seconds}, NOW)
    assert tokens.expires_at is None


@pytest.mark.parametrize(
    "answer", [None, [], "token", {}, {"access_token": ""}, {"access_token": 5}]
)
def test_an_answer_without_a_token_is_malformed(answer):
    with pytest.raises(MalformedResponse):
        oauth2.tokens(answer, NOW)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ("invalid_grant", AuthError, "oauth_refused"),
        ("access_denied", AuthError, "oauth_denied"),
        ("invalid_client", ConfigError, "oauth_registration"),
        ("something_new", AuthError, "oauth_refused"),
    ],
)
def test_refusals(error, kind, code):
    with pytest.raises(kind) as caught:
        oauth2.tokens({"error": error, "error_description": "Because."}, NOW)
    assert caught.value.code == code
    assert caught.value.detail == "Because."
