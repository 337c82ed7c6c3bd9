"""Whether Meta still pushes to us, as the Page and the number tell it."""

import pytest
from contract_kit import Link
from simulators.facebook import FacebookHarness, FacebookSimulator

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


def test_nobody_may_ask_without_an_app_id(sim):
    adapter = Link(FacebookHarness(), sim).adapter
    adapter.settings = {**adapter.settings, "app_id": ""}
    assert adapter.is_subscribed(URL) is None
