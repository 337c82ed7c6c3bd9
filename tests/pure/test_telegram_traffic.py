"""Telegram on the wire: credentials, pulling, webhooks, files, every accident."""

import json
import logging
from datetime import datetime, timezone

import pytest
from simulators.server import Answer
from simulators.telegram import TelegramHarness, TelegramSimulator
from telegram_kit import LONG_AGO, connect, pull, read

from networks import errors, items
from networks.telegram import TelegramAdapter
from networks.transport import Transport

URL = "https://shop.example.com/helpdesk_social/webhook/telegram/x"


@pytest.fixture
def sim():
    with TelegramSimulator() as simulator:
        yield simulator


@pytest.fixture
def adapter(sim):
    return connect(sim)


@pytest.fixture
def jo(sim):
    return sim.make_user("Jo", username="jo_k", bio="likes tea")


def refused(kind, code, call, *args):
    with pytest.raises(kind) as caught:
        call(*args)
    assert caught.value.code == code
    assert type(caught.value) is kind
    return caught.value


# --- account ----------------------------------------------------------------------
def test_check_tells_who_we_are(sim):
    sim.privacy = False
    found = connect(sim, facts={}).check()
    assert found == items.Profile(
        id=str(sim.bot.id),
        handle="AcmeHelpBot",
        name="Acme Support",
        url="https://t.me/AcmeHelpBot",
        facts={
            "username": "AcmeHelpBot",
            "reads_groups": True,
            "joins_groups": True,
            "webhook": False,
        },
    )


@pytest.mark.parametrize("token", ["1:AAF-nobody_has_made_this_token_ever_00", "no"])
def test_a_wrong_token_is_a_matter_of_credentials(sim, token):
    refused(errors.AuthError, "auth", connect(sim, facts={}, token=token).check)


def test_a_missing_token_is_a_matter_of_settings(sim):
    missing = connect(sim, facts={}, token=" ")
    refused(errors.ConfigError, "missing_setting", missing.check)


def test_a_token_of_the_wrong_form_is_not_sent_anywhere(sim):
    wrong = connect(sim, facts={}, token="../../" + sim.token)
    refused(errors.AuthError, "auth", wrong.check)
    assert sim.calls == []


def test_another_server_is_told_apart(sim, adapter):
    sim.fail(path="getMe", answer=Answer("<h1>Not Found</h1>", 404))
    refused(errors.ConfigError, "unsupported_server", adapter.check)
    sim.fail(path="getMe", answer=Answer({"hello": 1}))
    refused(errors.MalformedResponse, "malformed", adapter.check)
    sim.fail(path="getMe", answer=Answer({"ok": True, "result": []}))
    refused(errors.MalformedResponse, "malformed", adapter.check)


# --- pull -------------------------------------------------------------------------
def test_what_was_read_is_confirmed_only_by_the_next_read(sim, adapter, jo):
    sim.say(jo, text="one")
    sim.say(jo, text="two")
    page = pull(adapter)
    # we crash before the commit: the same page comes again
    assert pull(adapter) == page
    assert len(sim.pending()) == 2
    # the commit stood: the next read confirms
    assert pull(adapter, page.cursor).items == ()
    assert sim.pending() == []


def test_a_page_asks_for_more_until_nothing_is_left(sim, adapter, jo):
    for number in range(101):
        sim.say(jo, text=str(number))
    first = pull(adapter)
    second = pull(adapter, first.cursor)
    assert (len(first.items), first.more) == (100, True)
    assert (len(second.items), second.more) == (1, False)
    third = pull(adapter, second.cursor)
    assert (third.items, third.more, third.cursor) == ((), False, second.cursor)


def test_one_call_per_page_without_waiting(sim, adapter):
    sim.calls.clear()
    pull(adapter)
    (call,) = sim.calls
    sent = call.json()
    assert (sent["timeout"], sent["limit"], "offset" in sent) == (0, 100, False)
    assert "message_reaction" in sent["allowed_updates"]


def test_a_stale_cursor_loses_and_repeats_nothing(sim, adapter, jo):
    sim.say(jo, text="one")
    old = pull(adapter).cursor
    sim.say(jo, text="two")
    new = pull(adapter, old).cursor
    pull(adapter, new)
    sim.say(jo, text="three")
    # a restored database comes back with yesterday's cursor
    assert [said.text for said in read(adapter, old)] == ["three"]


def test_the_numbering_may_start_again_lower(sim, adapter, jo):
    sim.say(jo, text="before")
    cursor = pull(adapter).cursor
    pull(adapter, cursor)
    sim.week_of_silence(next_id=42)
    sim.say(jo, text="after")
    page = pull(adapter, cursor)
    assert [item.key for item in page.items] == ["42"]
    assert page.cursor == "43"


def test_a_number_that_comes_again_is_another_item(sim, adapter, jo):
    sim.say(jo, text="before")
    (old,) = pull(adapter).items
    pull(adapter, str(int(old.key) + 1))
    sim.week_of_silence(next_id=int(old.key))
    sim.say(jo, text="after")
    (new,) = pull(adapter).items
    assert new.key == old.key and new.revision != old.revision


def test_updates_that_come_twice_are_the_same_item(sim, adapter, jo):
    sim.say(jo, text="one")

    def doubled(answer):
        body = dict(answer.body)
        return Answer({**body, "result": body["result"] * 2})

    sim.fail(path="getUpdates", transform=doubled)
    first, second = pull(adapter).items
    assert first == second


def test_items_carry_the_networks_clock(sim, adapter, jo):
    key = sim.say(jo, text="one")
    sent = sim.now
    sim.advance(7)
    sim.edit(key, "two")
    said, edited = pull(adapter).items
    assert said.sent_at == datetime.fromtimestamp(sent, timezone.utc)
    assert edited.sent_at == datetime.fromtimestamp(sent + 7, timezone.utc)
    assert edited.revision == str(sent + 7)


def test_two_readers_and_an_active_webhook_are_told_clearly(sim, adapter):
    sim.compete()
    refused(errors.ConfigError, "conflict", pull, adapter)
    adapter.subscribe(URL, "s3cret")
    refused(errors.ConfigError, "webhook_active", pull, adapter)
    assert adapter.check().facts["webhook"] is True
    adapter.unsubscribe()
    assert pull(adapter).items == ()


def test_an_unknown_stream_is_refused(adapter):
    refused(
        errors.RejectedError, "unsupported", adapter.fetch, "mentions", "", LONG_AGO
    )


@pytest.mark.parametrize(
    "fault, kind, code",
    [
        ({"cut": "before"}, errors.TransientError, "cut"),
        ({"cut": "after"}, errors.TransientError, "cut"),
        ({"delay": 0.4}, errors.TransientError, "timeout"),
        ({"answer": Answer("oops", 502)}, errors.TransientError, "http_502"),
        ({"answer": Answer({"ok": False}, 500)}, errors.TransientError, "http_500"),
        ({"answer": Answer("<html>")}, errors.MalformedResponse, "malformed"),
        ({"answer": Answer([1])}, errors.MalformedResponse, "malformed"),
        (
            {"answer": Answer({"ok": True, "result": {}})},
            errors.MalformedResponse,
            "malformed",
        ),
        ({"answer": Answer({"ok": False})}, errors.MalformedResponse, "malformed"),
    ],
)
def test_accidents_while_reading_cost_nothing(sim, jo, fault, kind, code):
    # short only where it is waited for: on a busy machine 0.2 s do not even connect
    adapter = connect(sim, deadline=0.2 if code == "timeout" else 5)
    sim.say(jo, text="one")
    sim.fail(path="getUpdates", **fault)
    refused(kind, code, pull, adapter)
    assert [said.text for said in read(adapter)] == ["one"]


@pytest.mark.parametrize("seconds", [14, 0.5])
def test_a_flood_says_how_long_to_wait(sim, adapter, seconds):
    sim.flood(seconds, path="getUpdates")
    error = refused(errors.RateLimited, "rate_limited", pull, adapter)
    assert error.retry_after == seconds


def test_a_flood_that_only_says_it_in_words(sim, adapter):
    body = {"ok": False, "error_code": 429, "description": "retry after 9"}
    sim.fail(path="getUpdates", answer=Answer(body, 429))
    assert refused(errors.RateLimited, "rate_limited", pull, adapter).retry_after == 9.0


def test_items_of_any_shape_are_kept(sim, adapter):
    strange = [{"update_id": 5, "message": []}, {"no": "number"}, "text", None]
    answer = Answer({"ok": True, "result": strange})
    sim.fail(path="getUpdates", answer=answer)
    page = pull(adapter)
    assert len(page.items) == 4 and page.cursor == "6"
    assert page.items[1].key.startswith("sha256:")
    for item in page.items:
        assert isinstance(adapter.parse(item), items.Unknown)


def test_a_full_page_without_numbers_does_not_go_round_for_ever(sim, adapter):
    sim.fail(path="getUpdates", answer=Answer({"ok": True, "result": [{}] * 100}))
    assert not pull(adapter).more


# --- webhook ----------------------------------------------------------------------
def test_a_genuine_delivery(sim):
    adapter = connect(sim, webhook_secret="s3cret")
    headers, query, raw = TelegramHarness().webhook(sim, "s3cret")
    assert adapter.verify(headers, query, raw)
    (item,) = adapter.split(raw)
    (pulled,) = pull(adapter).items
    assert item == pulled  # the same key, whichever way it came
    assert adapter.parse(item).text == "Hello from a webhook"
    assert adapter.acknowledge(raw) == items.Ack()


@pytest.mark.parametrize("given", ["", "S3CRET", "s3cret ", "s3cre", "säcret", None])
def test_a_wrong_secret_is_refused(sim, given):
    adapter = connect(sim, webhook_secret="s3cret")
    headers = {} if given is None else {"x-telegram-bot-api-secret-token": given}
    assert adapter.verify(headers, {}, b"{}") is False


@pytest.mark.parametrize("settings", [{}, {"webhook_secret": ""}])
def test_without_a_secret_nothing_is_genuine(sim, settings):
    adapter = connect(sim, **settings)
    for headers in ({}, {"x-telegram-bot-api-secret-token": ""}):
        assert adapter.verify(headers, {}, b"{}") is False


def test_the_secret_is_compared_in_constant_time(sim, monkeypatch):
    seen = []

    def compare(one, other):
        seen.append((one, other))
        return one == other

    monkeypatch.setattr("networks.telegram.hmac.compare_digest", compare)
    adapter = connect(sim, webhook_secret="s3cret")
    adapter.verify({"x-telegram-bot-api-secret-token": "no"}, {}, b"")
    assert seen == [(b"no", b"s3cret")]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"7", b"\xff", b"[" * 100000])
def test_a_body_that_is_no_update(adapter, raw):
    with pytest.raises(errors.MalformedResponse):
        adapter.split(raw)


def test_subscribing(sim, adapter):
    adapter.subscribe(URL, "s3cret-_Z")
    sent = sim.calls[-1].json()
    assert (sent["url"], sent["secret_token"]) == (URL, "s3cret-_Z")
    assert "message_reaction" in sent["allowed_updates"]
    assert not sent["drop_pending_updates"] and sent["max_connections"] <= 10
    adapter.unsubscribe()
    assert not sim.calls[-1].json()["drop_pending_updates"]
    assert sim.webhook == {}


@pytest.mark.parametrize("secret", ["", "with space", "x" * 257, "ümlaut"])
def test_no_webhook_without_a_usable_secret(sim, adapter, secret):
    sim.calls.clear()
    refused(errors.ConfigError, "missing_setting", adapter.subscribe, URL, secret)
    assert sim.calls == []


def test_an_address_that_telegram_refuses(adapter):
    error = refused(
        errors.RejectedError,
        "rejected",
        adapter.subscribe,
        "http://shop.example.com/",
        "s3cret",
    )
    assert "HTTPS" in error.detail


# --- files and profiles -----------------------------------------------------------
def test_fetching_media(sim, adapter, jo):
    sim.send_file(jo, data=b"%PDF the bytes")
    (said,) = read(adapter)
    data, mime = adapter.fetch_media(said.media[0].ref)
    assert (data, mime) == (b"%PDF the bytes", "application/pdf")


def test_files_that_cannot_be_had(sim, adapter, jo):
    sim.send_file(jo, size=21 * 1024 * 1024)
    (said,) = read(adapter)
    fetch = adapter.fetch_media
    refused(errors.RejectedError, "too_large", fetch, said.media[0].ref)
    refused(errors.NotFoundError, "not_found", fetch, "nonsense")


def test_a_file_that_is_gone_is_no_matter_of_credentials(sim, adapter, jo):
    sim.send_file(jo)
    (said,) = read(adapter)
    gone = Answer({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
    for answer in (gone, Answer("<h1>404</h1>", 404)):
        sim.fail(path="^/file/", answer=answer)
        refused(
            errors.NotFoundError, "not_found", adapter.fetch_media, said.media[0].ref
        )


def test_more_bytes_than_announced_are_refused(sim, adapter, jo, monkeypatch):
    monkeypatch.setattr("networks.telegram.MAX_DOWNLOAD", 10)
    sim.send_file(jo, data=b"x" * 11)
    (said,) = read(adapter)
    fetch = adapter.fetch_media
    refused(errors.MalformedResponse, "too_large", fetch, said.media[0].ref)


@pytest.mark.parametrize(
    "path", ["/var/lib/bot/file", "../../etc/passwd", "a/../../b", "", None]
)
def test_a_path_that_leads_elsewhere_is_not_followed(sim, adapter, path):
    answer = Answer({"ok": True, "result": {"file_path": path}})
    sim.fail(path="getFile", answer=answer)
    sim.calls.clear()
    refused(errors.RejectedError, "unsupported_server", adapter.fetch_media, "x")
    assert len(sim.calls) == 1


def test_profiles(sim, adapter, jo):
    sim.start(jo)
    assert adapter.profile(str(jo.id)) == items.Author(
        id=str(jo.id), handle="jo_k", name="Jo", url="https://t.me/jo_k"
    )
    channel = sim.make_channel("News", username="acme_news")
    assert adapter.profile(str(channel.id)).shared
    refused(errors.NotFoundError, "chat_not_found", adapter.profile, "99")


# --- secrets ----------------------------------------------------------------------
def test_the_token_is_in_no_error_and_no_log(sim, jo, caplog):
    caplog.set_level(logging.DEBUG)
    adapter = connect(sim, deadline=0.2)
    found = []
    for fault in (
        {"cut": "before"},
        {"delay": 0.4},
        {"answer": Answer(f"<a href='/bot{sim.token}/'>", 502)},
        {"answer": Answer(json.dumps({"ok": False, "description": sim.token}), 400)},
        {"answer": Answer(f"x{sim.token}")},
    ):
        sim.fail(path="getUpdates", **fault)
        with pytest.raises(errors.NetworkError) as caught:
            pull(adapter)
        found.append(f"{caught.value} {caught.value.detail}")
    sim.stop()
    with pytest.raises(errors.TransientError) as caught:
        pull(adapter)
    text = " ".join([*found, str(caught.value), caught.value.detail])
    secret = sim.token.partition(":")[2]
    assert secret not in text
    ours = [one.getMessage() for one in caplog.records if "urllib3" not in one.name]
    assert secret not in " ".join(ours)


def test_an_instance_causes_no_traffic_and_class_facts_need_none(sim):
    line = Transport(sim.url, allow_private=True)
    TelegramAdapter({}, line, lambda: LONG_AGO)
    assert sim.calls == []
    assert TelegramAdapter.code == "telegram"
    assert {one.key: one.secret for one in TelegramAdapter.settings_spec} == {
        "token": True,
        "base_url": False,
        "own_chats": False,
    }
