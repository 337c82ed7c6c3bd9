"""The sandbox's adapter over a store in memory: what it asks, what it understands."""

from datetime import datetime, timedelta, timezone

import pytest
from simulators.sandbox import SandboxHarness, SandboxMemory

from networks import base, errors, items
from networks.sandbox import PAGE, SandboxAdapter

LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)
FAMILY = "👩‍👩‍👧‍👦"


@pytest.fixture
def sim():
    with SandboxMemory() as store:
        yield store


@pytest.fixture
def harness():
    return SandboxHarness()


def adapter_for(sim, **settings):
    settings = {**SandboxHarness().settings(sim), **settings}
    facts = SandboxAdapter(settings, sim, sim.now).check().facts
    return SandboxAdapter(settings, sim, sim.now, facts)


def pulled(adapter, stream="public", cursor=""):
    """Everything after ``cursor``, parsed, and the new cursor."""
    found, more = [], True
    while more:
        page = adapter.fetch(stream, cursor, LONG_AGO)
        found += [adapter.parse(item) for item in page.items]
        cursor, more = page.cursor, page.more
    return found, cursor


def target_of(incoming):
    return items.Target(
        key=incoming.key,
        ref=incoming.ref,
        author=incoming.author,
        audience=incoming.audience,
        thread=incoming.thread,
    )


def raises(kind, code, call, *args, **kwargs):
    with pytest.raises(kind) as caught:
        call(*args, **kwargs)
    assert caught.value.code == code
    assert type(caught.value) is kind
    return caught.value


# --- connecting ---
def test_connecting_tells_who_we_are_and_what_is_allowed(sim):
    profile = SandboxAdapter({"handle": " @Acme "}, sim, sim.now).check()
    assert (profile.handle, profile.name) == ("acme", "Acme")
    assert profile.facts == {
        "id": profile.id,
        "limit": 500,
        "url": "https://sandbox.example/wall",
    }
    again = SandboxAdapter({"handle": "acme"}, sim, sim.now).check()
    assert again.id == profile.id


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"handle": ""}, "missing_setting"),
        ({"handle": "@"}, "missing_setting"),
        ({"handle": "acme", "limit": "many"}, "bad_setting"),
        ({"handle": "acme", "limit": "0"}, "bad_setting"),
        ({"handle": "acme", "window_hours": "-1"}, "bad_setting"),
        ({"handle": "acme", "protection": "prayer"}, "bad_setting"),
    ],
)
def test_settings_that_cannot_be_right_are_told_when_connecting(sim, settings, code):
    raises(errors.ConfigError, code, SandboxAdapter(settings, sim, sim.now).check)


def test_a_name_that_a_customer_has_is_taken(sim):
    sim.say("mika", "hello")
    adapter = SandboxAdapter({"handle": "mika"}, sim, sim.now)
    raises(errors.ConfigError, "handle_taken", adapter.check)


def test_without_having_connected_nothing_is_answered(sim):
    adapter = SandboxAdapter({"handle": "acme"}, sim, sim.now)
    raises(errors.AuthError, "auth", adapter.fetch, "public", "", LONG_AGO)


# --- pulling ---
def test_each_stream_brings_its_audience_with_everything_said(sim, harness):
    adapter = adapter_for(sim)
    public = harness.customer_says(sim, f"مرحبا {FAMILY} 你好")
    private = harness.customer_says(sim, "my address", "private")
    group = harness.customer_says(sim, "who else?", "group")
    (one,), _cursor = pulled(adapter)
    assert (one.key, one.audience, one.thread) == (public, items.PUBLIC, "")
    assert one.text == f"@acme مرحبا {FAMILY} 你好"
    assert one.addressed and one.author.handle == "mika"
    assert [author.handle for author in one.mentions] == ["acme"]
    two, three = pulled(adapter, "private")[0]
    assert (two.key, two.audience, three.key) == (private, items.PRIVATE, group)
    assert two.thread.startswith("dm:") and three.thread == "group:1"
    assert sim.people[two.author.id]["handle"] == "mika"


def test_an_unknown_stream_or_cursor_is_an_error_not_a_guess(sim):
    adapter = adapter_for(sim)
    raises(errors.RejectedError, "unsupported", adapter.fetch, "all", "", LONG_AGO)
    for cursor in ("x", "-1", "99"):
        raises(
            errors.CursorExpired,
            "cursor_expired",
            adapter.fetch,
            "public",
            cursor,
            LONG_AGO,
        )


def test_a_cursor_goes_forward_only_and_misses_nothing(sim, harness):
    adapter = adapter_for(sim)
    said = [harness.customer_says(sim, f"n{i}") for i in range(PAGE + 1)]
    first = adapter.fetch("public", "", LONG_AGO)
    assert first.more and len(first.items) == PAGE
    second = adapter.fetch("public", first.cursor, LONG_AGO)
    assert not second.more
    keys = [adapter.parse(item).key for item in (*first.items, *second.items)]
    assert keys == said
    empty = adapter.fetch("public", second.cursor, LONG_AGO)
    assert (empty.items, empty.cursor) == ((), second.cursor)


def test_the_first_pull_looks_back_only_so_far(sim, harness):
    adapter = adapter_for(sim)
    harness.customer_says(sim, "old")
    sim.advance(3600)
    new = harness.customer_says(sim, "new")
    page = adapter.fetch("public", "", sim.now() - timedelta(minutes=1))
    assert [adapter.parse(item).key for item in page.items] == [new]


def test_edits_and_deletes_come_along_the_stream(sim, harness):
    adapter = adapter_for(sim)
    key = harness.customer_says(sim, "first")
    (first,), cursor = pulled(adapter)
    harness.customer_edits(sim, key, "@acme second")
    (second,), cursor = pulled(adapter, cursor=cursor)
    assert (second.key, second.text, second.revision) == (key, "@acme second", 1)
    assert second.revision > first.revision and second.edited_at > first.sent_at
    assert second.sent_at == first.sent_at
    harness.customer_deletes(sim, key)
    (gone,), cursor = pulled(adapter, cursor=cursor)
    assert isinstance(gone, items.Removal) and gone.key == key and gone.by == "author"


def test_the_same_change_has_the_same_name_however_it_is_asked_for(sim, harness):
    adapter = adapter_for(sim)
    key = harness.customer_says(sim, "hello")
    (streamed,) = adapter.fetch("public", "", LONG_AGO).items
    (read,) = adapter.reread([key]).items
    found = adapter.resolve(sim.rows[key]["url"])
    assert streamed == read == found


def test_reading_again_finds_what_is_gone_for_good(sim, harness):
    adapter = adapter_for(sim)
    key = harness.customer_says(sim, "hello")
    del sim.rows[key]
    (gone,) = (adapter.parse(item) for item in adapter.reread([key]).items)
    assert isinstance(gone, items.Removal) and gone.by == "network"


def test_only_what_concerns_us_is_brought(sim, harness):
    adapter = adapter_for(sim)
    sim.say("mika", "about the weather")
    asked = harness.customer_says(sim, "about you")
    below = sim.say("noor", "same here", parent=asked)
    sim.say("mika", "between us", "private", to="noor")
    found, _cursor = pulled(adapter)
    assert [one.key for one in found] == [asked, below["id"]]
    assert [one.addressed for one in found] == [True, False]
    assert pulled(adapter, "private")[0] == []


def test_what_was_said_above_is_context(sim):
    adapter = adapter_for(sim)
    root = sim.say("noor", "the lid broke")
    middle = sim.say("mika", "mine too", parent=root["id"])
    asked = sim.say("mika", "@acme look", parent=middle["id"])
    page = adapter.fetch_context(asked["id"])
    found = [adapter.parse(item) for item in page.items]
    assert [one.key for one in found] == [root["id"], middle["id"]]
    assert all(one.context and not one.addressed for one in found)
    # named differently than in the stream, so that the journal keeps both
    assert {item.key for item in page.items}.isdisjoint(
        item.key for item in adapter.fetch("public", "", LONG_AGO).items
    )


def test_a_link_to_nothing_is_not_found(sim, harness):
    adapter = adapter_for(sim)
    key = harness.customer_says(sim, "hello")
    for link in ("", "https://elsewhere.example/wall/1", sim.rows[key]["url"] + "9"):
        raises(errors.NotFoundError, "not_found", adapter.resolve, link)


def test_likes_receipts_and_unknown_things(sim, harness):
    adapter = adapter_for(sim)
    key = harness.customer_says(sim, "hello", "private")
    me = sim.person("acme")
    person = sim.person("mika")
    thread = sim.rows[key]["thread"]
    like = {"audience": "private", "thread": thread, "parent": key}
    sim._add("like", person, text="❤️", **like)
    sim._add("read", person, **like)
    sim.block("mika", "acme")
    sim.block("mika", "acme", False)
    sim._add("poke", person, **like)
    sim._add("joined", person, **like)
    _said, liked, read, blocked, unblocked, poke, joined = pulled(adapter, "private")[0]
    assert (liked.key, liked.symbol, liked.removed) == (key, "❤️", False)
    assert (read.state, read.key, read.thread) == ("read", key, thread)
    assert (blocked.state, unblocked.state) == ("blocked", "unblocked")
    assert blocked.thread == thread and me["id"] in thread
    assert poke == items.Unknown("unknown_kind")
    assert joined.ignorable


@pytest.mark.parametrize(
    "spoil",
    [
        {"kind": None},
        {"audience": "everybody"},
        {"author": None},
        {"author": {"handle": "nobody"}},
        {"at": "yesterday"},
        {"at": "2026-01-05T09:00:00"},
        {"text": {"html": "x"}},
        {"mentions": 5},
        {"media": [{}]},
        {"edits": "often"},
        {"shared": [{"kind": "phone", "value": 5}]},
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(sim, harness, spoil):
    adapter = adapter_for(sim)
    key = harness.customer_says(sim, "hello")
    item = items.RawItem(f"post:{key}", {**sim.rows[key], **spoil})
    expected = "unknown_kind" if "kind" in spoil else "malformed"
    assert adapter.parse(item) == items.Unknown(expected)
    assert adapter.parse(items.RawItem("x", [])) == items.Unknown("malformed")


def test_media_and_evidence_come_in(sim, harness):
    adapter = adapter_for(sim)
    sim.files["77"] = (b"GIF89a", "image/gif")
    media = [{"ref": "77", "name": "lid.gif", "mime": "image/gif", "alt": "a lid"}]
    shared = [{"kind": "email", "value": "mika@example.com"}]
    sim.say("mika", "see", "private", to="acme", media=media, shared=shared)
    (one,), _cursor = pulled(adapter, "private")
    assert (one.media[0].ref, one.media[0].alt) == ("77", "a lid")
    assert one.evidence == (items.Evidence("email", "mika@example.com", "shared"),)
    assert adapter.fetch_media("77") == (b"GIF89a", "image/gif")
    raises(errors.NotFoundError, "not_found", adapter.fetch_media, "78")
    sim.files["79"] = (None, "image/gif")
    raises(errors.MalformedResponse, "too_large", adapter.fetch_media, "79")


def test_profile(sim, harness):
    adapter = adapter_for(sim)
    person = sim.person("mika", followers=12, verified=True, language="fi")
    author = adapter.profile(person["id"])
    assert (author.handle, author.followers, author.verified) == ("mika", 12, True)
    raises(errors.NotFoundError, "not_found", adapter.profile, "999")


# --- saying ---
def test_answers_go_where_they_belong(sim, harness):
    adapter = adapter_for(sim)
    asked = target_of((harness.customer_says(sim, "hi"), pulled(adapter)[0][0])[1])
    said = adapter.publish(items.Draft("In public", items.PUBLIC, asked), "k1")
    dm = adapter.publish(items.Draft("In private", items.PRIVATE, asked), "k2")
    harness.customer_says(sim, "hi all", "group")
    group = target_of(pulled(adapter, "private")[0][-1])
    all_ = adapter.publish(items.Draft("To all", items.GROUP, group), "k3")
    assert [
        (one["text"], one["audience"], one["reply_to"])
        for one in harness.published(sim)
    ] == [
        ("In public", "public", asked.ref),
        ("In private", "private", ""),
        ("To all", "group", group.ref),
    ]
    assert (said.thread, all_.thread) == ("", "group:1")
    assert asked.author.id in dm.thread and said.url.endswith(said.key)
    # our own answers come back along the stream under the key we were given
    echo = pulled(adapter)[0][-1]
    assert (echo.key, echo.author.id) == (said.key, adapter.facts["id"])


def test_the_customers_private_answer_is_in_the_thread_we_opened(sim, harness):
    adapter = adapter_for(sim)
    harness.customer_says(sim, "hi")
    target = target_of(pulled(adapter)[0][0])
    ours = adapter.publish(items.Draft("Order?", items.PRIVATE, target), "k1")
    harness.customer_says(sim, "4711", "private", reply_to=ours.key)
    answer = pulled(adapter, "private")[0][-1]
    assert (answer.text, answer.thread, answer.parent) == (
        "4711",
        ours.thread,
        ours.key,
    )


def test_nothing_moves_to_a_wider_audience(sim, harness):
    adapter = adapter_for(sim)
    harness.customer_says(sim, "secret", "private")
    target = target_of(pulled(adapter, "private")[0][0])
    for audience in (items.PUBLIC, items.GROUP):
        draft = items.Draft("oops", audience, target)
        raises(errors.RejectedError, "audience_wider", adapter.publish, draft, "k")
    assert harness.published(sim) == []


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (items.Draft("", items.PUBLIC), "empty"),
        (items.Draft(" \n", items.PUBLIC), "empty"),
        (items.Draft("x" * 501, items.PUBLIC), "too_long"),
        (items.Draft("x", items.PRIVATE), "no_target"),
        (items.Draft("x", items.GROUP), "no_target"),
    ],
)
def test_impossible_drafts_are_refused_before_any_effect(sim, harness, draft, code):
    adapter = adapter_for(sim)
    calls = len(sim.calls)
    raises(errors.RejectedError, code, adapter.publish, draft, "k")
    assert len(sim.calls) == calls


def test_what_is_gone_or_blocked_cannot_be_answered(sim, harness):
    adapter = adapter_for(sim)
    key = harness.customer_says(sim, "hi")
    target = target_of(pulled(adapter)[0][0])
    sim.block("mika", "acme")
    draft = items.Draft("hello", items.PUBLIC, target)
    raises(errors.RejectedError, "blocked", adapter.publish, draft, "k")
    sim.block("mika", "acme", False)
    harness.customer_deletes(sim, key)
    raises(errors.NotFoundError, "not_found", adapter.publish, draft, "k")
    assert harness.published(sim) == []


def test_length_counts_what_people_see(sim):
    adapter = adapter_for(sim, limit="10")
    measure = adapter.measure(items.Draft(FAMILY * 10, items.PUBLIC))
    assert (measure.length, measure.limit) == (10, 10)
    assert measure.parts == (FAMILY * 10,)
    parts = adapter.measure(items.Draft("one two three four", items.PUBLIC)).parts
    assert parts == ("one two", "three four")
    first = adapter.publish(items.Draft(parts[0], items.PUBLIC, part=1, parts=2), "a")
    second = items.Draft(parts[1], items.PUBLIC, part=2, parts=2, previous=first.ref)
    assert sim.rows[adapter.publish(second, "b").key]["parent"] == first.key


def test_a_lost_answer_is_told_as_such_and_never_doubles(sim, harness):
    adapter = adapter_for(sim)
    draft = items.Draft("once", items.PUBLIC)
    sim.fail("lost", ("create",))
    raises(errors.UncertainError, "cut", adapter.publish, draft, "k1")
    assert adapter.idempotency("publish").kind == "key"
    again = adapter.publish(draft, "k1")
    assert [one["key"] for one in harness.published(sim)] == [again.key]
    assert adapter.publish(draft, "k2").key != again.key


@pytest.mark.parametrize("protection", ["lookup", "none"])
def test_without_keys_a_repeat_would_double(sim, harness, protection):
    adapter = adapter_for(sim, protection=protection)
    assert adapter.idempotency("publish").kind == protection
    harness.customer_says(sim, "hi")
    draft = items.Draft("once", items.PUBLIC, target_of(pulled(adapter)[0][0]))
    since = sim.now()
    assert adapter.lookup(draft, "k", since) is None
    sim.fail("lost", ("create",))
    raises(errors.UncertainError, "cut", adapter.publish, draft, "k")
    found = adapter.lookup(draft, "k", since)
    assert found.key == harness.published(sim)[0]["key"]
    assert adapter.lookup(draft, "k", sim.now() + timedelta(seconds=1)) is None
    adapter.publish(draft, "k")
    assert len(harness.published(sim)) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("down", errors.TransientError, "unreachable"),
        ("rate", errors.RateLimited, "rate_limited"),
        ("auth", errors.AuthError, "auth"),
        ("scope", errors.ScopeError, "scope"),
        ("blocked", errors.RejectedError, "blocked"),
        ("teapot", errors.RejectedError, "teapot"),
        ("garbage", errors.UncertainError, "malformed"),
    ],
)
def test_every_refusal_has_its_error(sim, harness, fault, kind, code):
    adapter = adapter_for(sim)
    sim.fail(fault, ("create",), retry_after=7)
    error = raises(kind, code, adapter.publish, items.Draft("x", items.PUBLIC), "k")
    if kind is errors.RateLimited:
        assert error.retry_after == 7
    assert harness.published(sim) == []


def test_accidents_while_reading_are_never_uncertain(sim):
    adapter = adapter_for(sim)
    for fault, kind in (("lost", errors.TransientError), ("garbage", None)):
        sim.fail(fault, ("page",))
        kind = kind or errors.MalformedResponse
        with pytest.raises(kind):
            adapter.fetch("public", "", LONG_AGO)
    sim.call = lambda verb, arguments: "<html>"
    raises(errors.MalformedResponse, "malformed", adapter.fetch, "public", "", LONG_AGO)
    sim.call = lambda verb, arguments: {"rows": "none"}
    raises(errors.MalformedResponse, "malformed", adapter.fetch, "public", "", LONG_AGO)
    sim.call = lambda verb, arguments: {}
    draft = items.Draft("x", items.PUBLIC)
    raises(errors.UncertainError, "malformed", adapter.publish, draft, "k")
    raises(errors.MalformedResponse, "malformed", adapter.resolve, "x")


def test_media_go_out_with_their_description(sim):
    adapter = adapter_for(sim)
    upload = items.Upload("lid.png", "image/png", b"\x89PNG", alt="a new lid")
    key = adapter.publish(items.Draft("", items.PUBLIC, media=(upload,)), "k").key
    (media,) = sim.rows[key]["media"]
    assert (media["name"], media["alt"], media["kind"]) == (
        "lid.png",
        "a new lid",
        "image",
    )
    assert sim.files[media["ref"]] == (b"\x89PNG", "image/png")


def test_small_effects(sim, harness):
    adapter = adapter_for(sim)
    key = harness.customer_says(sim, "hi")
    target = target_of(pulled(adapter)[0][0])
    for _again in range(2):
        adapter.moderate("like", target)
        adapter.moderate("hide", target)
    assert (len(sim.likes), sim.hidden) == (1, {key})
    adapter.moderate("unlike", target)
    adapter.moderate("unhide", target)
    assert (sim.likes, sim.hidden) == (set(), set())
    raises(errors.RejectedError, "forbidden", adapter.moderate, "delete", target)
    raises(errors.RejectedError, "unsupported", adapter.moderate, "shout", target)


def test_our_own_posts_are_edited_and_deleted(sim, harness):
    adapter = adapter_for(sim)
    key = adapter.publish(items.Draft("helo", items.PUBLIC), "k").key
    author = items.Author(id=adapter.facts["id"])
    target = items.Target(key, key, author, items.PUBLIC, text="hello")
    adapter.moderate("edit", target)
    assert harness.published(sim)[0]["text"] == "hello"
    long = items.Target(key, key, author, items.PUBLIC, text="x" * 501)
    raises(errors.RejectedError, "too_long", adapter.moderate, "edit", long)
    adapter.moderate("delete", target)
    adapter.moderate("delete", target)  # gone is gone: asked twice, done once
    assert harness.published(sim) == []
    raises(errors.NotFoundError, "not_found", adapter.moderate, "edit", target)


# --- what may be done ---
def kinds(adapter, **facts):
    found = adapter.affordances(items.MessageFacts(**{"own": False, **facts}))
    return {one.kind: one for one in found}


def test_affordances_follow_audience_and_owner(sim):
    adapter = adapter_for(sim, limit="280")
    public = kinds(adapter, audience=items.PUBLIC)
    assert set(public) == {"reply_public", "reply_private", "like", "hide"}
    assert public["reply_public"].max_length == 280
    assert set(kinds(adapter, audience=items.GROUP)) == {
        "reply_group",
        "reply_private",
        "like",
    }
    assert set(kinds(adapter, audience=items.PRIVATE)) == {"reply_private", "like"}
    own = {"delete", "edit"}
    assert set(kinds(adapter, audience=items.PUBLIC, own=True)) == own | {
        "reply_public"
    }
    assert set(kinds(adapter, audience=items.PRIVATE, own=True)) == own
    assert set(kinds(adapter, audience=items.GROUP, own=True)) == own
    assert kinds(adapter, audience=items.PUBLIC, deleted=True) == {}
    blocked = kinds(adapter, audience=items.PRIVATE, blocked=True)["reply_private"]
    assert (blocked.allowed, blocked.reason) == (False, "blocked")


def test_a_window_closes(sim):
    adapter = adapter_for(sim, window_hours="24")
    said = sim.now()
    facts = {"audience": items.PRIVATE, "last_inbound_at": said}
    reply = kinds(adapter, **facts)["reply_private"]
    assert reply.allowed and reply.until == said + timedelta(hours=24)
    sim.advance(24 * 3600 + 1)
    reply = kinds(adapter, **facts)["reply_private"]
    assert (reply.allowed, reply.reason) == (False, "window_closed")
    assert kinds(adapter, **facts)["template"].allowed
    assert not kinds(adapter, **facts, blocked=True)["template"].allowed
    for one in ({"own": True}, {"deleted": True}):
        assert "template" not in kinds(adapter, **facts, **one)
    unlimited = kinds(adapter_for(sim), **facts)
    assert unlimited["reply_private"].until is None and "template" not in unlimited


def all_templates(adapter):
    found, cursor = [], ""
    while True:
        page = adapter.templates(cursor)
        found += page.templates
        cursor = page.cursor
        if not page.more:
            return {one.key: one for one in found}


def test_approved_words_are_said_as_they_were_shown(sim):
    adapter = adapter_for(sim, window_hours="24")
    known = all_templates(adapter)
    assert len(known) == 6 and not known["spring_offer/en"].usable
    values = {"body.1": "Jo  Doe", "body.2": "HT1"}
    one = items.FilledTemplate(known["news_on_your_ticket/en"], values)
    said = adapter.preview(one)
    assert said.startswith("Hello Jo Doe, there is news on your ticket HT1.")
    assert said.endswith("\n[Yes]\n[No]")
    person = items.Author(id=sim.person("jo")["id"])
    draft = items.Draft("other words", items.PRIVATE, to=person, template=one)
    adapter.publish(draft, "key")
    assert [row["text"] for row in sim.rows.values()] == [said]


@pytest.mark.parametrize(
    ("key", "values", "code"),
    [
        ("news_on_your_ticket/en", {"body.1": "Jo"}, "template_values"),
        (
            "news_on_your_ticket/en",
            {"body.1": "Jo", "body.2": " \n"},
            "template_values",
        ),
        ("your_invoice/en", {}, "template_values"),
        ("spring_offer/en", {}, "template_refused"),
        (
            "parcel_found/en",
            {"header.customer_name": "J", "body.day": "1"},
            "template_gone",
        ),
    ],
)
def test_approved_words_that_cannot_be_said(sim, key, values, code):
    known = all_templates(adapter_for(sim))
    adapter = adapter_for(sim, withdrawn_templates="parcel_found, nothing")
    assert "parcel_found/en" not in all_templates(adapter)
    one = items.FilledTemplate(known[key], values)
    person = items.Author(id=sim.person("jo")["id"])
    draft = items.Draft("x", items.PRIVATE, to=person, template=one)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "key")
    assert caught.value.code == code and not sim.rows


def test_an_invitation_names_us_and_keeps_its_payload(sim):
    adapter = adapter_for(sim)
    url = adapter.invite_url("a b/ü")
    assert url.startswith("https://sandbox.example/wall/talk/")
    assert url.endswith("?start=a%20b%2F%C3%BC")


def test_what_is_declared_is_what_there_is():
    for capability in SandboxAdapter.capabilities:
        assert getattr(base, capability.upper()) == capability
    assert not SandboxAdapter.can(base.WEBHOOK)
    assert SandboxAdapter.transport_model == "helpdesk.social.sandbox.post"


def test_one_private_answer_to_each_post_is_shown_as_what_is_left(sim):
    adapter = adapter_for(sim, private="reply", window_hours="24")
    fresh = kinds(adapter, audience=items.PUBLIC, sent_at=sim.now())["reply_private"]
    assert (fresh.allowed, fresh.remaining) == (True, 1)
    assert fresh.until == sim.now() + timedelta(hours=24)
    used = kinds(adapter, audience=items.PUBLIC, private_replies_sent=1)
    assert (used["reply_private"].allowed, used["reply_private"].remaining) == (
        False,
        0,
    )
    assert used["reply_public"].remaining is None
    theirs = kinds(adapter, audience=items.PRIVATE)["reply_private"]
    assert theirs.remaining is None
