"""Whether Meta still pushes to us, as the Page and the number tell it."""

import pytest
from contract_kit import Link
from simulators.facebook import FacebookHarness, FacebookSimulator
from simulators.instagram import InstagramHarness

from networks import errors

URL = "https://odoo.example/helpdesk_social/webhook/x/old-token"


@pytest.fixture
def sim(monkeypatch):
    with FacebookSimulator() as server:
        monkeypatch.setattr(server, "ask", lambda *_args: True)
        yield server


def test_a_page_that_no_longer_pushes_is_told(sim):
    adapter = Link(FacebookHarness(), sim).adapter
    adapter.unsubscribe()
    assert adapter.is_subscribed(URL) is False
    adapter.subscribe(URL, "s3cret")
    assert adapter.is_subscribed(URL) is True
    adapter.unsubscribe()
    assert adapter.is_subscribed(URL) is False
    adapter.subscribe(URL, "s3cret")
    sim.subscriptions["page"]["active"] = False
    assert adapter.is_subscribed(URL) is False
    sim.subscriptions.clear()
    assert adapter.is_subscribed(URL) is False


@pytest.mark.parametrize("login", ["facebook", "instagram"])
def test_an_account_that_no_longer_pushes_is_told(login, monkeypatch):
    harness = InstagramHarness()
    harness.login = login
    with harness.simulator() as sim:
        monkeypatch.setattr(sim, "ask", lambda *_args: True)
        adapter = Link(harness, sim).adapter
        adapter.subscribe(URL, "s3cret")
        assert adapter.is_subscribed(URL) is True
        adapter._call("DELETE", f"{adapter._owner()}/subscribed_apps")
        assert adapter.is_subscribed(URL) is False
        adapter.subscribe(URL, "s3cret")
        assert adapter.is_subscribed(URL) is True
        adapter.settings = {**adapter.settings, "app_id": ""}
        assert adapter.is_subscribed(URL) is None


def test_nobody_may_ask_without_an_app_id(sim):
    adapter = Link(FacebookHarness(), sim).adapter
    adapter.settings = {**adapter.settings, "app_id": ""}
    assert adapter.is_subscribed(URL) is None


@pytest.fixture(params=["facebook", "instagram"])
def link(request, monkeypatch):
    """An adapter whose app has one address for all that it hears of."""
    harness = {"facebook": FacebookHarness, "instagram": InstagramHarness}
    harness = harness[request.param]()
    with harness.simulator() as server:
        monkeypatch.setattr(server, "ask", lambda *_args: True)
        yield (
            Link(harness, server),
            {"facebook": "page"}.get(request.param, request.param),
        )


@pytest.mark.parametrize(
    "url",
    [
        "https://odoo.example/helpdesk_social/webhook/x/new-token",
        "https://desk.example/helpdesk_social/webhook/x/old-token",
    ],
)
def test_an_address_that_was_renewed_or_moved_is_told(link, url):
    """The old one leads nowhere: whatever is pushed there is lost."""
    (one, kind) = link
    one.adapter.subscribe(URL, "s3cret")
    assert one.adapter.is_subscribed(url) is False
    one.adapter.subscribe(url, "s3cret")
    assert one.sim.subscriptions[kind]["callback_url"] == url
    assert one.adapter.is_subscribed(url) is True
    assert one.adapter.is_subscribed(URL) is False


def test_another_program_that_hears_it_all_is_not_taken_for_us(link):
    """It has every field that we need, and we would never hear of one."""
    (one, kind) = link
    one.adapter.subscribe(URL, "s3cret")
    theirs = "https://other.example/hook/their-secret"
    one.sim.subscriptions[kind]["callback_url"] = theirs
    assert one.adapter.is_subscribed(URL) is False
    with pytest.raises(errors.RejectedError) as caught:
        one.adapter.subscribe(URL, "s3cret")
    assert caught.value.code == "webhook_elsewhere"
    assert caught.value.detail == "other.example"
    assert one.sim.subscriptions[kind]["callback_url"] == theirs
