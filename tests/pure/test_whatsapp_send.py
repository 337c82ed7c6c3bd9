"""What we say on WhatsApp: to whom, within the window, with files, by templates."""

from dataclasses import replace
from datetime import timedelta

import pytest
from simulators.whatsapp import WhatsAppSimulator
from whatsapp_kit import PNG, answer, connect, facts_of, heard, pushed

from networks import base, errors, items
from networks.meta_graph_subscribe import lists_app
from networks.whatsapp_template import template_of


@pytest.fixture
def sim():
    with WhatsAppSimulator() as server:
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


def afforded(adapter, facts):
    return {one.kind: one for one in adapter.affordances(facts)}


# --- the window -------------------------------------------------------------------
def test_the_window_is_counted_down_and_closes(sim, adapter):
    found = heard(adapter, sim)
    until = found.sent_at + timedelta(hours=24)
    sim.advance(hours=23, minutes=59)
    reply = afforded(adapter, facts_of(found))[base.REPLY_PRIVATE]
    assert (reply.allowed, reply.until, reply.max_length) == (True, until, 4096)
    sim.advance(minutes=1)
    ways = afforded(adapter, facts_of(found))
    reply = ways[base.REPLY_PRIVATE]
    assert (reply.allowed, reply.reason, reply.until) == (False, "window_closed", until)
    assert not ways[base.LIKE].allowed
    assert ways[base.TEMPLATE].allowed and ways[base.TEMPLATE].until is None


def test_whatever_the_person_wrote_last_opens_it(sim, adapter):
    old = heard(adapter, sim)
    sim.advance(hours=30)
    newer = facts_of(old, last_inbound_at=sim.now())
    assert afforded(adapter, newer)[base.REPLY_PRIVATE].allowed


def test_the_servers_refusal_is_final_at_once_or_later(sim, adapter):
    found = heard(adapter, sim)
    sim.advance(hours=24)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(found), "key")
    assert caught.value.code == "window_closed" and not sim.sent
    sim.late_refusals = True
    done = adapter.publish(answer(found), "key-2")
    [news] = pushed(adapter, sim.queue[-1])
    assert (news.state, news.code, news.key) == (
        "undelivered",
        "window_closed",
        done.key,
    )
    assert news.ours == "key-2"


def test_what_may_not_be_done(adapter, sim):
    found = heard(adapter, sim)
    assert adapter.affordances(facts_of(found, deleted=True)) == []
    assert adapter.affordances(facts_of(found, own=True)) == []
    assert adapter.affordances(facts_of(found, audience=items.PUBLIC)) == []
    blocked = afforded(adapter, facts_of(found, blocked=True))
    assert {one.reason for one in blocked.values()} == {"blocked"}
    for verb in ("delete", "hide", "edit"):
        with pytest.raises(errors.RejectedError):
            adapter.moderate(verb, answer(found).target)


# --- to whom ----------------------------------------------------------------------
def test_the_id_is_written_to_not_a_phone_that_may_be_somebody_elses(sim, adapter):
    found = heard(adapter, sim)
    adapter.publish(answer(found), "key")
    sent = sim.calls[-1].json()
    assert sent["recipient"] == found.author.id and "to" not in sent
    assert sent["context"] == {"message_id": found.ref}
    assert sent["biz_opaque_callback_data"] == "key"


def test_where_only_a_phone_will_do_the_phone_is_used(sim, adapter):
    found = heard(adapter, sim)
    sim.refuse(131062, path="/messages")
    adapter.publish(answer(found), "key")
    assert sim.calls[-1].json()["to"] == found.extra["wa_id"]
    sim.refuse(131062, path="/messages")
    hidden = replace(found, extra={})
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(hidden), "key")
    assert caught.value.code == "phone_needed"
    assert len(sim.sent) == 1


def test_a_private_answer_reaches_nobody_else(sim, adapter):
    found, eve = heard(adapter, sim), sim.add_person("Eve")
    draft = answer(found)
    for wrong in (
        replace(draft, audience=items.PUBLIC),
        replace(draft, audience=items.GROUP),
        replace(draft, to=items.Author(id=eve.user_id)),
        replace(draft, to=items.Author(id=eve.phone)),
        replace(draft, to=items.Author(id="../me")),
        replace(draft, to=None, target=None, thread=""),
        replace(draft, to=None, target=None, thread="not a person"),
    ):
        before = len(sim.calls)
        with pytest.raises(errors.RejectedError):
            adapter.publish(wrong, "key")
        assert len(sim.calls) == before
    assert not sim.sent


def test_a_new_id_is_written_to_although_the_thread_has_the_former(sim, adapter):
    found = heard(adapter, sim)
    adapter.publish(replace(answer(found), thread="CO.FORMER"), "key")
    assert sim.sent[0].person.user_id == found.author.id


@pytest.mark.parametrize(
    "stored, dialled",
    [
        ("551187654321", "5511987654321"),  # Brazil: the ninth digit
        ("5215512345678", "525512345678"),  # Mexico: the 1 of before 2019
        ("5491123456789", "5491123456789"),  # Argentina: the 9 stays
    ],
)
def test_the_number_that_came_is_the_number_that_is_answered(
    sim, adapter, stored, dialled
):
    """Never one that was put together: it may be another person's."""
    sim.add_person("Jo", stored, old=True)
    found = heard(adapter, sim)
    assert found.evidence[0].value == f"+{stored}"
    adapter.publish(answer(found), "key")
    assert sim.calls[-1].json()["to"] == stored
    assert sim.find_person(dialled).phone == stored


# --- what -------------------------------------------------------------------------
def test_any_script_goes_out_unchanged(sim, adapter):
    found = heard(adapter, sim)
    text = "مرحبا 你好 नमस्ते 👩🏽‍🚀 *not bold* \u202eabc\u202c"
    adapter.publish(answer(found, text), "key")
    assert sim.sent[0].content == {"body": text, "preview_url": False}


def test_only_the_first_part_quotes(sim, adapter):
    found = heard(adapter, sim)
    first = adapter.publish(answer(found, "One", parts=2), "1")
    adapter.publish(answer(found, "Two", part=2, parts=2, previous=first.ref), "2")
    assert [one.context for one in sim.sent] == [found.ref, ""]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_is_not_sent(sim, adapter, text):
    found = heard(adapter, sim)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(found, text), "key")
    assert caught.value.code == "empty" and not sim.sent


def test_a_long_caption_becomes_a_caption_and_a_text(adapter, sim):
    found = heard(adapter, sim)
    file = items.Upload("a.png", "image/png", PNG)
    words = " ".join(f"word{number}" for number in range(900))
    found = adapter.measure(answer(found, words, media=(file,)))
    assert found.limit == 1024 and len(found.parts[0]) <= 1024
    assert all(len(part) <= 4096 for part in found.parts)
    assert " ".join(found.parts).split() == words.split()


# --- files ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "mime, size, text, kind",
    [
        ("image/png", 10, "", "image"),
        ("image/png; charset=x", 10, "Look", "image"),
        ("image/jpeg", 6 * 1024 * 1024, "", "document"),
        ("image/webp", 10, "", "document"),
        ("image/svg+xml", 10, "", "document"),
        ("video/mp4", 10, "Look", "video"),
        ("video/quicktime", 10, "", "document"),
        ("audio/ogg", 10, "", "audio"),
        # a sound takes no words beside it: they must not be lost
        ("audio/ogg", 10, "Listen", "document"),
        ("application/pdf", 10, "Look", "document"),
        ("", 10, "", "document"),
    ],
)
def test_a_file_goes_as_what_it_can_be(sim, adapter, mime, size, text, kind):
    found = heard(adapter, sim)
    file = items.Upload("a.bin", mime, b"x" * size)
    adapter.publish(answer(found, text, media=(file,)), "key")
    [sent] = sim.sent
    assert sent.kind == kind
    assert sent.content.get("caption", "") == text
    assert ("filename" in sent.content) == (kind == "document")


def test_a_file_that_is_up_already_is_not_sent_again(sim, adapter):
    found = heard(adapter, sim)
    file = items.Upload("a.png", "image/png", PNG)
    file = replace(file, staged=adapter.stage(file))
    for number in range(2):
        adapter.publish(answer(found, media=(file,)), f"k{number}")
    assert len([one for one in sim.calls if one.path.endswith("/media")]) == 1


def test_several_files_are_several_messages(adapter):
    """chatwoot#9721: of several files only the first arrived."""
    rules = adapter.media_rules(items.PRIVATE)
    assert rules.apart and rules.max_files > 1


def test_files_that_cannot_go(sim, adapter):
    found = heard(adapter, sim)
    file = items.Upload("a.png", "image/png", PNG)
    for files in ((file, file), (replace(file, data=b""),)):
        with pytest.raises(errors.RejectedError) as caught:
            adapter.publish(answer(found, media=files), "key")
        assert caught.value.code == "media_rejected"
    sim.refuse(131053, path="/media")
    with pytest.raises(errors.RejectedError):
        adapter.stage(file)
    assert not sim.sent


# --- templates --------------------------------------------------------------------
def test_the_whole_list_is_read_also_behind_an_empty_page(sim, adapter):
    for number in range(60):
        sim.add_template(f"t{number}")
    sim.empty_pages = 1
    found, cursor = [], ""
    for _page in range(10):
        page = adapter.templates(cursor)
        found += page.templates
        cursor = page.cursor
        if not page.more:
            break
    assert len({one.key for one in found}) == 60


def test_one_name_in_several_languages_and_what_may_not_be_used(sim, adapter):
    """zammad#5224: a template for each language."""
    sim.add_template("late", "en")
    sim.add_template("late", "es_MX", "Hola {{1}}")
    sim.add_template("no", status="PAUSED")
    sim.add_template("offer", components=[{"type": "CAROUSEL", "cards": []}])
    found = {one.key: one for one in adapter.templates().templates}
    assert {key for key, one in found.items() if one.usable} == {
        "late/en",
        "late/es_MX",
    }
    assert found["no/en"].status == "paused"
    assert found["late/es_MX"].body == "Hola {{1}}"
    assert found["late/en"].category == "template_utility"
    assert found["late/en"].fields == (
        items.TemplateField("body.1", example="Example 1"),
    )


def filled(adapter, key="late/en", **values):
    found = {one.key: one for one in adapter.templates().templates}
    return items.FilledTemplate(found[key], values)


def test_a_template_goes_out_when_the_window_is_closed(sim, adapter):
    sim.add_template("late", body="Hello {{1}}, ticket {{2}}", category="MARKETING")
    found = heard(adapter, sim)
    sim.advance(days=3)
    one = filled(adapter, **{"body.1": "Jo\n  K", "body.2": "HT0042"})
    assert adapter.preview(one) == "Hello Jo K, ticket HT0042"
    draft = replace(answer(found, adapter.preview(one)), template=one)
    assert adapter.measure(draft).parts == (draft.text,)
    done = adapter.publish(draft, "key")
    assert done.key == sim.sent[0].id
    assert sim.sent[0].content == {
        "name": "late",
        "language": {"code": "en"},
        "components": [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "text": "Jo K"},
                    {"type": "text", "text": "HT0042"},
                ],
            }
        ],
    }
    assert adapter.spent == {"template_marketing": 1}


def test_named_gaps_a_picture_on_top_and_a_button(sim, adapter):
    sim.add_template(
        "rich",
        parameter_format="NAMED",
        components=[
            {"type": "HEADER", "format": "IMAGE"},
            {
                "type": "BODY",
                "text": "{{who}}: {{what}}, {{who}}",
                "example": {
                    "body_text_named_params": [{"param_name": "who", "example": "Jo"}]
                },
            },
            {"type": "FOOTER", "text": "Acme"},
            {
                "type": "BUTTONS",
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "Yes"},
                    {"type": "URL", "text": "Track", "url": "https://x.org/{{1}}"},
                ],
            },
        ],
    )
    found = heard(adapter, sim)
    gaps = {"body.who": "Jo", "body.what": "lamp", "button.1": "42"}
    one = filled(adapter, "rich/en", **gaps)
    names = [gap.name for gap in one.template.fields]
    assert names == ["header.file", "body.who", "body.what", "button.1"]
    assert one.template.fields[1].example == "Jo"
    assert adapter.preview(one) == "Jo: lamp, Jo\nAcme\n[Yes]\n[Track]"
    file = items.Upload("a.png", "image/png", PNG)
    draft = replace(answer(found, "x"), template=one, media=(file,))
    adapter.publish(draft, "key")
    header, body, button = sim.sent[0].content["components"]
    assert header["parameters"][0]["type"] == "image"
    assert [gap["parameter_name"] for gap in body["parameters"]] == ["who", "what"]
    assert (button["sub_type"], button["index"]) == ("url", "1")
    with pytest.raises(errors.RejectedError):
        adapter.publish(replace(draft, media=()), "key-2")


def test_a_gap_is_never_left_open(sim, adapter):
    sim.add_template("late", body="Hello {{1}}")
    found = heard(adapter, sim)
    for value in ("", "  \n ", None, "x" * 2000):
        one = filled(adapter, **{"body.1": value})
        with pytest.raises(errors.RejectedError) as caught:
            adapter.publish(replace(answer(found), template=one), "key")
        assert caught.value.code == "template_values"
        with pytest.raises(errors.RejectedError):
            adapter.preview(one)
    assert not sim.sent


def test_what_fills_a_gap_opens_no_other_gap(sim, adapter):
    sim.add_template("late", body="Hello {{1}} {{2}}")
    one = filled(adapter, **{"body.1": "{{2}}", "body.2": "secret"})
    assert adapter.preview(one) == "Hello {{2}} secret"


def test_a_template_that_is_not_approved_is_not_tried(sim, adapter):
    sim.add_template("late", body="Hello", status="REJECTED")
    draft = replace(answer(heard(adapter, sim)), template=filled(adapter))
    before = len(sim.calls)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "key")
    assert caught.value.code == "template_refused" and len(sim.calls) == before
    # approved when we looked, and no more
    usable = replace(draft.template.template, usable=True)
    again = replace(draft, template=items.FilledTemplate(usable))
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(again, "key")
    assert caught.value.code == "template_refused"


@pytest.mark.parametrize(
    "row",
    [{}, {"name": "x"}, {"name": 5, "language": "en"}, {"name": "x", "language": None}],
)
def test_what_is_no_template_is_left_out(row):
    assert template_of(row) is None


@pytest.mark.parametrize("parts", [None, 5, "x", [None], [{}], [{"type": 5}], {"a": 1}])
def test_a_template_with_odd_parts_does_not_break_the_list(parts):
    found = template_of({"name": "x", "language": "en", "components": parts})
    assert found.body == "" and not found.usable


# --- how it can fail --------------------------------------------------------------
def test_a_repeat_would_be_a_second_message_and_nobody_is_told_otherwise(sim, adapter):
    assert adapter.idempotency("publish", items.PRIVATE).kind == "none"
    assert not adapter.can(base.LOOKUP)
    found = heard(adapter, sim)
    for _time in range(2):
        adapter.publish(answer(found), "same")
    assert len(sim.sent) == 2


def test_an_answer_that_names_no_message_is_uncertain(sim, adapter):
    found = heard(adapter, sim)
    for body in ({}, {"messages": []}, {"messages": [{"id": 5}]}, [], "x"):
        sim.fail(path="/messages", transform=lambda one, body=body: type(one)(body))
        with pytest.raises(errors.UncertainError):
            adapter.publish(answer(found), "key")


@pytest.mark.parametrize(
    "code, kind",
    [
        (131026, errors.RejectedError),
        (131056, errors.TransientError),
        (130429, errors.RateLimited),
        (131000, errors.UncertainError),
        (190, errors.AuthError),
        (131042, errors.Exhausted),
    ],
)
def test_each_refusal_is_what_the_table_says(sim, adapter, code, kind):
    found = heard(adapter, sim)
    sim.refuse(code, path="/messages")
    with pytest.raises(errors.NetworkError) as caught:
        adapter.publish(answer(found), "key")
    assert type(caught.value) is kind
    assert not sim.sent


def test_who_blocked_us_is_not_reached(sim, adapter):
    found = heard(adapter, sim)
    sim.find_person(recipient=found.author.id).blocked = True
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(found), "key")
    assert caught.value.code == "undeliverable"


# --- webhooks ---------------------------------------------------------------------
def test_the_number_gets_an_address_of_its_own(sim, adapter, monkeypatch):
    asked = []
    monkeypatch.setattr(
        sim, "ask", lambda url, token: asked.append((url, token)) or True
    )
    adapter.subscribe("https://odoo.example/hook", "s3cret")
    assert sim.subscribed and set(asked) == {("https://odoo.example/hook", "s3cret")}
    kept = sim.subscriptions["whatsapp_business_account"]
    assert kept["callback_url"] == "https://odoo.example/hook"
    assert "messages" in kept["fields"]
    # the daily proof that it still is so
    asked.clear()
    adapter.subscribe("https://odoo.example/hook", "s3cret")
    assert len(asked) == 1, "the number's own address only"
    assert set(sim.overrides) == {sim.number}
    sim.overrides["999"] = {"override_callback_uri": "https://other.example"}
    adapter.unsubscribe()
    assert set(sim.overrides) == {"999"}, "its siblings stay"


def test_another_programs_address_is_left_alone(sim, adapter, monkeypatch):
    monkeypatch.setattr(sim, "ask", lambda url, token: True)
    other = {"callback_url": "https://other.example", "fields": ["messages", "flows"]}
    sim.subscriptions["whatsapp_business_account"] = dict(other)
    sim.subscriptions["page"] = {
        "callback_url": "https://x.example",
        "fields": ["feed"],
    }
    adapter.subscribe("https://odoo.example/hook", "s3cret")
    assert sim.subscriptions["whatsapp_business_account"] == other
    assert set(sim.overrides) == {sim.number}
    sim.overrides.clear()
    other["fields"] = ["flows"]
    sim.subscriptions["whatsapp_business_account"] = dict(other)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.subscribe("https://odoo.example/hook", "s3cret")
    assert (caught.value.code, caught.value.detail) == ("webhook_fields", "messages")
    assert sim.subscriptions["whatsapp_business_account"] == other
    assert not sim.overrides


def test_fields_that_were_switched_off_at_our_address_come_back(
    sim, adapter, monkeypatch
):
    monkeypatch.setattr(sim, "ask", lambda url, token: True)
    url = "https://odoo.example/hook"
    kind = "whatsapp_business_account"
    for lost in ({"fields": ["flows"]}, {"fields": ["messages"], "active": False}):
        sim.subscriptions[kind] = {"callback_url": url, **lost}
        adapter.subscribe(url, "s3cret")
        assert {"messages", *lost["fields"]} <= set(sim.subscriptions[kind]["fields"])
        assert sim.subscriptions[kind].get("active", True)


def test_a_subscription_that_was_lost_is_told(sim, adapter, monkeypatch):
    url = "https://odoo.example/hook"
    monkeypatch.setattr(sim, "ask", lambda *_args: True)
    assert adapter.is_subscribed(url) is False, "nobody has asked for it yet"
    adapter.subscribe(url, "s3cret")
    assert adapter.is_subscribed(url) is True
    assert adapter.is_subscribed("https://elsewhere.example/hook") is False
    for lose in (
        lambda: setattr(sim, "subscribed", False),
        lambda: sim.subscriptions.clear(),
        lambda: sim.subscriptions["whatsapp_business_account"].update(active=False),
        lambda: sim.subscriptions["whatsapp_business_account"].update(fields=["flows"]),
    ):
        lose()
        assert adapter.is_subscribed(url) is False
        adapter.subscribe(url, "s3cret")
        assert adapter.is_subscribed(url) is True
    # versions that do not tell the number's address
    sim.overrides.clear()
    assert adapter.is_subscribed(url) is True


@pytest.mark.parametrize("answer", [{}, {"data": {}}, {"data": None}])
def test_a_list_of_subscriptions_that_is_none_is_no_alarm(answer):
    with pytest.raises(errors.MalformedResponse):
        lists_app(answer, "1")


def test_our_app_among_the_subscribed():
    page, waba = {"id": "7", "subscribed_fields": ["feed"]}, {"id": 7, "name": "x"}
    assert lists_app({"data": [page]}, "7")
    assert lists_app({"data": [{"whatsapp_business_api_data": waba}]}, "7")
    assert not lists_app({"data": [None, [], {"id": "8"}, {"id": {}}]}, "7")
    assert not lists_app({"data": []}, "7")


def test_without_an_app_id_the_number_is_subscribed_all_the_same(
    sim, adapter, monkeypatch
):
    monkeypatch.setattr(sim, "ask", lambda url, token: True)
    adapter.settings = {**adapter.settings, "app_id": ""}
    adapter.subscribe("https://odoo.example/hook", "s3cret")
    assert set(sim.overrides) == {sim.number} and not sim.subscriptions


def test_an_address_that_does_not_answer_is_told(sim, adapter, monkeypatch):
    monkeypatch.setattr(sim, "ask", lambda url, token: False)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.subscribe("https://odoo.example/hook", "s3cret")
    assert caught.value.code == "webhook_unproved"
    with pytest.raises(errors.ConfigError):
        adapter.subscribe("https://odoo.example/hook", "")
