"""Whether Meta still pushes to us, as the Page and the number tell it."""

import pytest
from contract_kit import Link
from simulators.facebook import FacebookHarness, FacebookSimulator
from simulators.instagram import InstagramHarness

URL = "https://odoo.example/hook"


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
