"""Both ways to sign in to Instagram: tokens, the check, what is pushed."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from contract_kit import Link
from instagram_kit import BOTH, calls, connect
from simulators.instagram import InstagramSimulator
from simulators.server import Answer

from networks import errors, registry, transport

BACK = "https://odoo.example/helpdesk_social/oauth/callback"
DAY = timedelta(days=1)


@pytest.fixture
def page():
    with InstagramSimulator("facebook") as found:
        yield found


@pytest.fixture
def alone():
    with InstagramSimulator("instagram") as found:
        yield found


def unchecked(sim, **changes):
    """An adapter before anybody is signed in."""
    link = Link.__new__(Link)
    link.harness, link.sim, link.now, link.facts = BOTH[0], sim, sim.now, {}
    link.adapter_class = registry.adapters()["instagram"]
    link.harness = BOTH[sim.login == "instagram"]
    return link.connect(**changes)


# --- Facebook Login ---------------------------------------------------------------
def test_with_facebook_a_pages_token_that_does_not_end(page):
    adapter = unchecked(page, access_token="", page_id="")
    url = urlsplit(adapter.authorize_url(BACK, "state1", "c"))
    query = parse_qs(url.query)
    assert (url.hostname, query["state"]) == ("www.facebook.com", ["state1"])
    assert "instagram_manage_comments" in query["scope"][0].split(",")
    tokens = adapter.exchange(page.sign_in(BACK), BACK, "v")
    assert tokens.settings == {"access_token": page.page_token, "page_id": page.page}
    assert tokens.expires_at is None
    signed_in = unchecked(page, **tokens.settings)
    assert signed_in.check().id == page.own
    assert not signed_in.renewable(signed_in.settings)


def test_a_code_works_once_and_for_its_address(page):
    adapter = unchecked(page, access_token="")
    code = page.sign_in(BACK)
    for address in ("https://evil.example/", BACK):
        with pytest.raises(errors.AuthError):
            adapter.exchange(code, address, "v")


def test_several_pages_are_told_by_name(page):
    page.pages.append("104000000000777")
    assert unchecked(page, page_id="").exchange(page.sign_in(BACK), BACK, "v")
    page.linked_pages.add("104000000000777")
    with pytest.raises(errors.ConfigError) as caught:
        unchecked(page, page_id="").exchange(page.sign_in(BACK), BACK, "v")
    assert caught.value.code == "choose_page"
    assert "104000000000777" in caught.value.detail
    chosen = unchecked(page, page_id="104000000000777")
    tokens = chosen.exchange(page.sign_in(BACK), BACK, "v")
    assert tokens.settings["page_id"] == "104000000000777"


def test_a_page_without_an_account_is_told(page):
    page.linked_pages.clear()
    with pytest.raises(errors.ConfigError) as caught:
        unchecked(page, page_id="").exchange(page.sign_in(BACK), BACK, "v")
    assert caught.value.code == "no_account_behind"
    page.unlinked = True
    with pytest.raises(errors.ConfigError) as caught:
        unchecked(page).check()
    assert caught.value.code == "no_account_behind"


def test_rights_that_were_not_given_are_named(page):
    page.tokens[page.token]["scopes"].remove("instagram_manage_comments")
    assert unchecked(page).check().missing_scopes == ("instagram_manage_comments",)


def test_when_sign_in_and_data_end(page):
    end = int((page.now() + 30 * DAY).timestamp())
    page.tokens[page.token] |= {"data_access_expires_at": end}
    found = unchecked(page).check()
    assert found.expires_at is None
    assert int(found.data_until.timestamp()) == end


def test_wrong_settings_are_told_as_such(page):
    for changes in (
        {"page_id": "5"},
        {"page_id": ""},
        {"app_secret": "another"},
        {"login": "myspace"},
        {"access_token": ""},
    ):
        with pytest.raises(errors.ConfigError):
            unchecked(page, **changes).check()


# --- Instagram Login --------------------------------------------------------------
def test_with_instagram_a_token_of_sixty_days_that_renews_itself(alone):
    adapter = unchecked(alone, access_token="")
    url = urlsplit(adapter.authorize_url(BACK, "s", "c"))
    assert (url.hostname, url.path) == ("www.instagram.com", "/oauth/authorize")
    tokens = adapter.exchange(f"{alone.sign_in(BACK)}#_", BACK, "v")
    assert tokens.expires_at == alone.now() + 60 * DAY
    assert "instagram_business_manage_comments" in tokens.scopes
    signed_in = unchecked(alone, **tokens.settings)
    profile = signed_in.check()
    assert (profile.id, profile.handle) == (alone.own, "acme")
    assert profile.expires_at == tokens.expires_at and not profile.missing_scopes
    assert signed_in.renewable(signed_in.settings)
    alone.advance(days=40)
    fresh = unchecked(alone, **tokens.settings).refresh()
    assert fresh.expires_at == alone.now() + 60 * DAY
    assert fresh.settings["access_token"] != tokens.settings["access_token"]


def test_a_token_is_renewed_after_a_day_at_the_earliest(alone):
    """chatwoot#12989: reconnected by hand every two months."""
    tokens = unchecked(alone, access_token="").exchange(alone.sign_in(BACK), BACK, "v")
    adapter = unchecked(alone, **tokens.settings)
    alone.calls.clear()
    with pytest.raises(errors.TransientError) as caught:
        adapter.refresh()
    assert caught.value.retry_after == pytest.approx(86400)
    assert not alone.calls, "nothing is asked for that would be refused"
    alone.advance(days=1)
    assert unchecked(alone, **tokens.settings).refresh().expires_at


def test_a_pasted_token_is_renewed_as_soon_as_that_may_be(alone):
    adapter = unchecked(alone)
    profile = adapter.check()
    assert alone.now() + DAY < profile.expires_at <= alone.now() + 2 * DAY
    assert adapter.renewable(adapter.settings)
    assert adapter.refresh().expires_at == alone.now() + 60 * DAY


def test_what_has_ended_takes_a_person(alone):
    tokens = unchecked(alone, access_token="").exchange(alone.sign_in(BACK), BACK, "v")
    alone.advance(days=61)
    with pytest.raises(errors.AuthError):
        unchecked(alone, **tokens.settings).refresh()
    with pytest.raises(errors.AuthError):
        unchecked(alone, access_token="").refresh()


def test_a_refused_code_is_an_auth_error(alone):
    adapter = unchecked(alone, access_token="")
    for code in ("nonsense", "", "#_"):
        with pytest.raises(errors.AuthError):
            adapter.exchange(code, BACK, "v")
    with pytest.raises(errors.AuthError):
        wrong = unchecked(alone, access_token="", app_secret="another")
        wrong.exchange(alone.sign_in(BACK), BACK, "v")


def test_tokens_on_their_way_are_in_no_error(alone):
    adapter = unchecked(alone, access_token="")
    alone.fail(path="/access_token", skip=1, answer=Answer("<html>", 502))
    with pytest.raises(errors.NetworkError) as caught:
        adapter.exchange(alone.sign_in(BACK), BACK, "v")
    assert "IGAAshort" not in f"{caught.value} {caught.value.detail}"
    alone.fail(path="/access_token", skip=1, cut="before")
    with pytest.raises(errors.NetworkError) as caught:
        adapter.exchange(alone.sign_in(BACK), BACK, "v")
    told = f"{caught.value} {caught.value.detail}"
    assert "IGAAshort" not in told and alone.app_secret not in told


def test_nonsense_instead_of_tokens(alone):
    for body in ("", "[]", "null", "{}", '{"data": [5]}', '{"access_token": 5}'):
        alone.fail(path="/oauth/access_token", answer=Answer(body))
        with pytest.raises(errors.NetworkError):
            unchecked(alone, access_token="").exchange("code", BACK, "v")


def test_instagrams_own_servers_and_no_others():
    """Which host is asked for what, without asking."""
    found = []

    class Line(transport.Transport):
        def request(self, method, url, **kwargs):
            found.append(self._target(url))
            raise errors.TransientError("unreachable")

    adapter_class = registry.adapters()["instagram"]
    settings = {one.key: one.default for one in adapter_class.settings_spec} | {
        "app_id": "1",
        "app_secret": "s" * 10,
        "access_token": "t" * 10,
        "page_id": "5",
    }
    for login in ("facebook", "instagram"):
        line = Line(adapter_class.base_url, hosts=adapter_class.hosts)
        adapter = adapter_class({**settings, "login": login}, line, None, {"id": "7"})
        for name, given in (("check", ()), ("exchange", ("c", BACK, "v"))):
            with pytest.raises(errors.TransientError):
                getattr(adapter, name)(*given)
    hosts = [urlsplit(one).hostname for one in found]
    assert hosts == ["graph.facebook.com"] * 2 + [
        "graph.instagram.com",
        "api.instagram.com",
    ]


# --- pushes -----------------------------------------------------------------------
@pytest.fixture
def address(monkeypatch):
    monkeypatch.setattr(InstagramSimulator, "ask", staticmethod(lambda *_args: True))
    return "https://odoo.example/helpdesk_social/webhook/instagram/x"


def test_app_and_page_are_subscribed_once(page, address):
    adapter = connect(page)
    assert not adapter.check().facts["webhook"]
    for _time in range(2):
        adapter.subscribe(address, "secret")
    wanted = page.subscriptions["instagram"]
    assert wanted["callback_url"] == address
    assert {"comments", "mentions", "messages"} <= set(wanted["fields"])
    assert page.pushed_fields == {"messages"}
    assert len(calls(page, "POST /")) == 2, "what is there is not asked for again"
    assert adapter.check().facts["webhook"]


def test_what_the_page_pushes_for_another_product_stays(page, address):
    page.pushed_fields = {"feed", "ratings"}
    adapter = connect(page)
    adapter.subscribe(address, "secret")
    assert page.pushed_fields == {"feed", "ratings"}
    adapter.unsubscribe()
    assert page.pushed_fields == {"feed", "ratings"}


def test_another_programs_address_is_left_alone(page, address):
    other = {"callback_url": "https://other.example/", "fields": ["messages"]}
    page.subscriptions["instagram"] = dict(other)
    with pytest.raises(errors.RejectedError) as caught:
        connect(page).subscribe(address, "secret")
    assert (caught.value.code, caught.value.detail) == ("webhook_fields", "comments")
    assert page.subscriptions["instagram"] == other


def test_with_instagram_the_account_itself_is_subscribed(alone, address):
    adapter = connect(alone)
    adapter.subscribe(address, "secret")
    assert {"comments", "messages", "live_comments"} <= alone.pushed_fields
    alone.calls.clear()
    adapter.subscribe(address, "secret")
    assert not calls(alone, "POST")
    adapter.unsubscribe()
    assert not alone.pushed_fields


def test_a_field_that_is_called_otherwise_keeps_the_needed_ones(alone, address):
    alone.refuse(100, path="/subscribed_apps", times=1)
    adapter = connect(alone)
    alone.faults.clear()
    alone.fail(
        method="POST",
        path="/subscribed_apps",
        answer=Answer({"error": {"code": 100, "message": "x"}}, 400),
    )
    adapter.subscribe(address, "secret")
    assert alone.pushed_fields == {"comments", "messages"}


def test_an_address_that_was_typed_in_by_hand_proves_itself(alone):
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    by_hand = connect(alone, verify_token="words of ours", webhook_secret="s3cret")
    for token in ("words of ours", "s3cret"):
        answer = by_hand.handshake({**query, "hub.verify_token": token})
        assert answer and answer.body == b"1158201444"
    none = connect(alone)
    for adapter, token in ((by_hand, ""), (by_hand, "other"), (none, ""), (none, "x")):
        assert adapter.handshake({**query, "hub.verify_token": token}) is None
