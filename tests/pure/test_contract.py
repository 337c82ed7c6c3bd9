"""The contract, asked of every adapter against its own fake server.

A case runs for an adapter when the adapter has the capability it needs. What does not
apply is declared by a missing capability, never by a skip; the table at the end of the
run shows adapter × case.
"""

import base64
import dataclasses
import json
from datetime import datetime, timezone

import pytest
from contract_kit import HARNESSES, adapter_of, answer, linked
from hypothesis import given, settings, strategies
from simulators.server import Answer

from networks import base, errors, items, transport, x_files

CASES = []


def case(*needs, http=False, audience=None):
    """Register a contract case and what an adapter must have for it to apply."""

    def mark(function):
        harnesses = [one for one in HARNESSES if _applies(one, needs, http, audience)]
        CASES.append((function.__name__, {one.code for one in harnesses}))
        return pytest.mark.contract(
            pytest.mark.parametrize(
                "harness", harnesses, ids=[one.code for one in harnesses]
            )(function)
        )

    return mark


def _applies(harness, needs, http, audience):
    adapter_class = adapter_of(harness)
    if http and hasattr(harness, "transport"):
        return False
    if audience and not adapter_class.can(f"reply_{audience}"):
        return False
    for need in needs:
        if need.startswith("harness:"):
            if not getattr(harness, need[8:], None):
                return False
        elif not adapter_class.can(need):
            return False
    return True


@pytest.fixture
def link(harness):
    with linked(harness) as connected:
        yield connected


# --- what can be read without an instance -----------------------------------------
@case()
def test_says_who_it_is(harness):
    adapter_class = adapter_of(harness)
    assert adapter_class.code == harness.code
    assert adapter_class.name
    assert adapter_class.auth in ("token", "oauth2", "none")
    assert adapter_class.capabilities
    keys = [one.key for one in adapter_class.settings_spec]
    assert len(keys) == len(set(keys))
    if adapter_class.host_setting:
        assert adapter_class.host_setting in keys


@case()
def test_says_what_files_it_takes(link):
    """Before anybody waits for a refusal: see ``media.problems``."""
    for audience in link.audiences():
        rules = link.adapter.media_rules(audience)
        assert (rules.max_files > 0) <= link.adapter.can(base.MEDIA_OUT)
        assert all(size > 0 for size in rules.max_bytes.values())
        assert (rules.alt_length > 0) <= link.adapter.can(base.ALT_TEXT)
        for name in (*rules.types, *rules.max_bytes, *rules.alone, *rules.unmixed):
            assert name == name.lower() and "*" not in name
            assert "/" in name or name in ("image", "video", "audio", "file")


# --- account ----------------------------------------------------------------------
@case()
def test_check_tells_who_we_are(link):
    assert link.profile.id and isinstance(link.profile.id, str)
    assert link.profile.handle
    assert json.loads(json.dumps(link.profile.facts)) == link.profile.facts


@case(http=True)
def test_wrong_credentials_are_an_auth_error(link):
    wrong = {one.key: "123456:wrong_" + "x" * 30 for one in link.secrets()}
    adapter = link.connect(**wrong)
    with pytest.raises(errors.AuthError) as caught:
        # a session that was opened with the right ones goes on for a while
        adapter.sign_in() if adapter.can(base.SIGN_IN) else adapter.check()
    assert "wrong_" not in str(caught.value)


@case(http=True)
def test_a_server_that_is_not_one_is_no_crash(link):
    for body in ("<html>hello</html>", "", "null", "[]", '"x"', "{}"):
        link.sim.fail(times=30, answer=Answer(body))
        with pytest.raises(errors.NetworkError):
            link.connect().check()
        link.sim.faults.clear()


@case(http=True)
def test_secrets_stay_out_of_errors(link):
    link.sim.fail(times=3, path=".", cut="before")
    with pytest.raises(errors.NetworkError) as caught:
        link.adapter.check()
    for secret in link.secrets():
        value = link.adapter.settings.get(secret.key)
        assert not value or value not in f"{caught.value} {caught.value.detail}"


# --- pull -------------------------------------------------------------------------
@case(base.PULL)
def test_what_a_customer_says_arrives_once(link):
    cursors = {}
    link.read(cursors)
    heard = link.hears("My lamp broke", cursors=cursors)
    assert "My lamp broke" in heard.text
    assert heard.author.id and isinstance(heard.author.id, str)
    assert heard.sent_at.tzinfo is not None
    assert heard.audience in items.AUDIENCES
    assert heard.addressed
    assert not link.messages(cursors)


@case(base.PULL)
def test_a_backlog_arrives_whole_and_in_pages(link):
    audience = link.audiences()[0]
    said = {
        link.harness.customer_says(link.sim, f"Number {number}", audience)
        for number in range(130)
    }
    cursors = {}
    assert said <= set(link.messages(cursors))
    late = link.harness.customer_says(link.sim, "One more", audience)
    assert set(link.messages(cursors)) == {late}


@case(base.PULL)
def test_raw_items_survive_the_journal(link):
    link.harness.customer_says(link.sim, "É 你好 👨‍👩‍👧", link.audiences()[0])
    for item in link.read():
        copy = dataclasses.replace(item, data=json.loads(json.dumps(item.data)))
        assert link.adapter.parse(copy) == link.adapter.parse(item)
        assert item.key and isinstance(item.key, str)


@case(base.PULL)
def test_any_script_arrives_unchanged(link):
    for text in (
        "مرحبا، المصباح لا يعمل",
        "你好，灯坏了",
        "नमस्ते e\u0301 👩🏽‍🚀🏳️‍🌈",
        "𐍈 𝒳 \u202eright to left\u202c",
    ):
        heard = link.hears(text)
        assert text in heard.text


@case(base.PULL, http=True)
def test_a_slow_down_is_told_with_its_time(link):
    link.sim.fail(
        times=5,
        answer=Answer(
            {
                "ok": False,
                "error_code": 429,
                "error": "Too many requests",
                "description": "Too Many Requests: retry after 17",
                "parameters": {"retry_after": 17},
            },
            429,
            {"Retry-After": "17"},
        ),
    )
    with pytest.raises(errors.RateLimited) as caught:
        link.read()
    assert caught.value.retry_after == pytest.approx(17, abs=1)


@case(base.PULL, http=True)
def test_server_trouble_is_transient_and_loses_nothing(link):
    cursors = {}
    link.read(cursors)
    audience = link.audiences()[0]
    said = link.harness.customer_says(link.sim, "Still here?", audience)
    for accident in ({"answer": Answer("oops", 502)}, {"cut": "before"}):
        link.sim.fail(times=1, **accident)
        with pytest.raises(errors.TransientError):
            link.read(dict(cursors))
    assert said in link.messages(cursors)


@case(base.PULL, http=True)
def test_a_page_that_is_no_page_is_malformed(link):
    for body in ("<html></html>", '{"ok": true, "result": 5}', '"text"'):
        link.sim.fail(times=1, answer=Answer(body))
        with pytest.raises(errors.NetworkError) as caught:
            link.read()
        assert not isinstance(caught.value, errors.AuthError)
        link.sim.faults.clear()


# --- parse ------------------------------------------------------------------------
_json = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats(allow_nan=False)
    | strategies.text(max_size=20),
    lambda inner: (
        strategies.lists(inner, max_size=4)
        | strategies.dictionaries(strategies.text(max_size=12), inner, max_size=5)
    ),
    max_leaves=20,
)


@case()
def test_parse_never_raises_on_any_json(harness):
    with linked(harness) as link:

        @settings(max_examples=150, deadline=None, database=None)
        @given(strategies.dictionaries(strategies.text(max_size=12), _json, max_size=6))
        def anything(data):
            found = link.adapter.parse(items.RawItem("k", data))
            assert isinstance(found, items.Parsed)

        anything()


@case(base.PULL)
def test_parse_never_raises_on_a_damaged_item(link):
    """Each value of a real item replaced by each kind of nonsense."""
    link.harness.customer_says(link.sim, "Hello there", link.audiences()[0])
    item = link.read()[-1]
    nonsense = (None, 0, -1, 2**70, "", "x", [], [None], {}, True, 1.5, "\x00\ud800")
    for path in list(_paths(item.data)):
        for value in nonsense:
            data = json.loads(json.dumps(item.data))
            _put(data, path, value)
            found = link.adapter.parse(dataclasses.replace(item, data=data))
            assert isinstance(found, items.Parsed)


def _paths(value, above=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (*above, key)
        if isinstance(inner, dict | list):
            yield from _paths(inner, (*above, key))


def _put(data, path, value):
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value


# --- edits and deletes ------------------------------------------------------------
@case(base.REREAD, "harness:customer_edits")
def test_edits_are_found_by_reading_again(link):
    heard = link.hears("The lmap broke")
    link.harness.customer_edits(link.sim, heard.key, "The lamp broke")
    page = link.adapter.reread([heard.ref or heard.key])
    [again] = [link.adapter.parse(one) for one in page.items]
    assert again.key == heard.key
    assert again.revision > heard.revision
    assert "The lamp broke" in again.text


@case(base.REREAD, "harness:customer_deletes")
def test_deletes_are_found_by_reading_again(link):
    heard = link.hears("Oops")
    stays = link.hears("Stays")
    link.harness.customer_deletes(link.sim, heard.key)
    page = link.adapter.reread([heard.ref or heard.key, stays.ref or stays.key])
    gone = [
        one
        for one in map(link.adapter.parse, page.items)
        if isinstance(one, items.Removal)
    ]
    assert [one.key for one in gone] == [heard.key]


@case(base.REREAD)
def test_what_is_there_again_is_told_though_it_did_not_change(link):
    heard = link.hears("I was away", items.PUBLIC)
    ref = heard.ref or heard.key
    link.adapter.reread([ref])
    found = map(link.adapter.parse, link.adapter.reread_hidden([ref]).items)
    again = [one for one in found if isinstance(one, items.Incoming)]
    assert [(one.key, one.text) for one in again] == [(heard.key, heard.text)]
    if hasattr(link.harness, "customer_deletes"):
        link.harness.customer_deletes(link.sim, heard.key)
        found = map(link.adapter.parse, link.adapter.reread_hidden([ref]).items)
        assert not [one for one in found if isinstance(one, items.Incoming)]


@case(base.REREAD)
def test_reading_again_finds_nothing_where_nothing_changed(link):
    heard = link.hears("Same as ever")
    first = link.adapter.reread([heard.ref or heard.key])
    second = link.adapter.reread([heard.ref or heard.key])
    assert [(one.key, one.revision) for one in first.items] == [
        (one.key, one.revision) for one in second.items
    ]


# --- say --------------------------------------------------------------------------
def _each_audience(link):
    for audience in link.audiences():
        yield audience, link.hears(f"Hello in {audience}", audience)


@case()
def test_a_reply_reaches_the_audience_and_no_wider_one(link):
    for audience, heard in _each_audience(link):
        assert heard.audience == audience
        before = len(link.published())
        done = link.adapter.publish(
            answer(heard, f"Answer {audience}"), f"k-{audience}"
        )
        seen = link.published()
        assert len(seen) == before + 1
        assert f"Answer {audience}" in seen[-1]["text"]
        assert seen[-1]["audience"] == audience
        assert done.key


@case()
def test_the_affordance_says_what_publishing_does(link):
    for audience, heard in _each_audience(link):
        facts = items.MessageFacts(
            audience=audience,
            own=False,
            ref=heard.ref,
            thread=heard.thread,
            author=heard.author,
            sent_at=heard.sent_at,
            last_inbound_at=heard.sent_at,
            extra=heard.extra,
        )
        kinds = {one.kind: one.allowed for one in link.adapter.affordances(facts)}
        assert kinds.get(f"reply_{audience}") is True
        gone = dataclasses.replace(facts, deleted=True)
        assert not any(one.allowed for one in link.adapter.affordances(gone))
        if audience == "private":
            assert "reply_public" not in kinds
            assert "reply_group" not in kinds


@case(base.LOOKUP)
def test_a_sent_reply_can_be_found_and_an_unsent_one_cannot(link):
    heard = link.hears()
    draft = answer(heard, "Only once, please")
    assert link.adapter.lookup(draft, "key-1", link.since) is None
    done = link.adapter.publish(draft, "key-1")
    found = link.adapter.lookup(draft, "key-1", link.since)
    assert found and found.key == done.key
    other = answer(heard, "Something else")
    assert link.adapter.lookup(other, "key-2", link.since) is None


@case()
def test_a_live_key_makes_a_repeat_harmless(link):
    for number, (audience, heard) in enumerate(_each_audience(link), 1):
        draft = answer(heard, "Once")
        guard = link.adapter.protection(draft, link.now())
        assert guard.kind in ("key", "client_id", "lookup", "none")
        first = link.adapter.publish(draft, f"same-key-{audience}")
        if guard.kind in ("key", "client_id"):
            second = link.adapter.publish(draft, f"same-key-{audience}")
            assert second.key == first.key
        assert len(link.published()) == number


@case("harness:publish_path", http=True)
def test_a_lost_answer_is_uncertain_a_lost_call_too(link):
    draft = answer(link.hears(), "Did it arrive?")
    path = link.harness.publish_path
    link.sim.fail(method="POST", path=path, cut="after")
    with pytest.raises(errors.UncertainError):
        link.adapter.publish(draft, "key-a")
    assert len(link.published()) == 1
    link.sim.fail(method="POST", path=path, cut="before")
    with pytest.raises(errors.UncertainError):
        link.adapter.publish(draft, "key-b")
    link.sim.fail(method="POST", path=path, answer=Answer("<html>", 502), effect=True)
    with pytest.raises(errors.UncertainError):
        link.adapter.publish(answer(link.hears("Again"), "502"), "key-c")


@case("harness:publish_path", http=True)
def test_a_refusal_is_final_and_leaves_nothing(link):
    draft = answer(link.hears(), "x" * 200_000)
    with pytest.raises(errors.RejectedError):
        link.adapter.publish(draft, "key")
    assert not link.published()


@case("harness:publish_path", http=True)
def test_an_unreachable_server_means_that_nothing_happened(link):
    draft = answer(link.hears(), "Hello?")
    link.sim.stop()
    with pytest.raises(errors.TransientError):
        link.adapter.publish(draft, "key")


# --- counting ---------------------------------------------------------------------
@case()
def test_parts_hold_every_word_and_fit(link):
    heard = link.hears()
    words = [f"word{number}" for number in range(3000)]
    measure = link.adapter.measure(answer(heard, " ".join(words)))
    assert len(measure.parts) > 1
    assert " ".join(measure.parts).split() == words
    for part in measure.parts:
        again = link.adapter.measure(answer(heard, part))
        assert again.length <= again.limit
        assert again.parts == (part,)


@case()
def test_emoji_are_never_cut_in_the_middle(link):
    heard = link.hears()
    family = "👨‍👩‍👧‍👦"
    measure = link.adapter.measure(answer(heard, family * 3000))
    assert len(measure.parts) > 1
    for part in measure.parts:
        assert part.replace(family, "") == ""


@case()
def test_every_part_is_published(link):
    heard = link.hears()
    # no two parts alike: X refuses to say the same thing twice
    words = " ".join(f"word{number}" for number in range(1500))
    whole = link.adapter.measure(answer(heard, words))
    previous = ""
    for number, part in enumerate(whole.parts, 1):
        draft = answer(
            heard, part, part=number, parts=len(whole.parts), previous=previous
        )
        previous = link.adapter.publish(draft, f"part-{number}").ref
    assert len(link.published()) == len(whole.parts)


# --- files ------------------------------------------------------------------------
#: seconds that one step of an upload may take, see ``Adapter.stage``
STEP = 100
#: a picture of one point and some noise after it: several chunks for who cuts files up
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJ"
    "RU5ErkJggg=="
)


@case(base.STAGE, http=True)
def test_a_file_goes_up_in_steps_that_may_be_repeated(link, monkeypatch):
    """Each within its time, each twice, each by somebody who knows only the last."""
    monkeypatch.setattr(x_files, "CHUNK", 20)
    # some take files in private only, and some no words beside them
    rules = {one: link.adapter.media_rules(one) for one in link.audiences()}
    audience = next(one for one in rules if rules[one].max_files)
    words = {} if rules[audience].captioned else {"text": ""}
    draft = answer(link.hears(audience=audience), **words)
    file = items.Upload("lamp.png", "image/png", PICTURE, alt="A lamp")
    calls, send = [], transport.Transport.request

    def request(self, *args, **kwargs):
        calls.append(kwargs.get("deadline") or self.deadline)
        return send(self, *args, **kwargs)

    monkeypatch.setattr(transport.Transport, "request", request)
    for _step in range(100):
        if not base.unfinished(file.staged):
            break
        for _again in range(2):
            calls.clear()
            staged = link.connect().stage(file)
            assert sum(calls) <= STEP
        assert isinstance(staged, str) and staged != file.staged
        file = dataclasses.replace(file, staged=staged)
        # the database's JSON holds it between the steps
        assert json.loads(json.dumps(staged)) == staged
    else:
        raise AssertionError("the upload never ends")
    assert not link.published()
    done = link.connect().publish(dataclasses.replace(draft, media=(file,)), "key")
    assert [one["key"] for one in link.published()] == [done.key]


# --- push -------------------------------------------------------------------------
@case(base.WEBHOOK, "harness:webhook")
def test_a_webhook_is_believed_only_with_its_secret(link):
    # what a delivery is signed with: a secret of ours, or one that the network gave
    setting = getattr(link.harness, "webhook_setting", "webhook_secret")
    headers, query, raw = link.harness.webhook(link.sim, "s3cret-of-ours")
    right = link.connect(**{setting: "s3cret-of-ours"})
    assert right.verify(headers, query, raw)
    assert not link.connect(**{setting: "another"}).verify(headers, query, raw)
    assert not link.connect(**{setting: ""}).verify(headers, query, raw)
    bare = {key: "" for key in headers}
    assert not right.verify(bare, query, raw)
    assert not right.verify({}, {}, raw)


@case(base.WEBHOOK, "harness:webhook")
def test_a_pushed_item_is_the_pulled_item(link):
    headers, query, raw = link.harness.webhook(link.sim, "s")
    pushed = link.adapter.split(raw)
    assert pushed
    for item in pushed:
        assert isinstance(link.adapter.parse(item), items.Incoming)
    for garbage in (b"", b"[", b"\xff\xfe", b"5", b"null"):
        try:
            link.adapter.split(garbage)
        except errors.MalformedResponse:
            continue


@case(base.WEBHOOK, "harness:takes_access_back")
def test_access_taken_back_is_told_with_its_time(link):
    before = link.now()
    [item] = link.adapter.split(link.harness.takes_access_back(link.sim))
    assert item.account in ("", link.profile.id)
    kept = dataclasses.replace(item, data=json.loads(json.dumps(item.data)))
    found = link.adapter.parse(kept)
    assert isinstance(found, items.SignedOut) and found.code
    assert abs((found.at - before).total_seconds()) < 60
    # of somebody else's access it says nothing to us
    other = link.adapter_class(
        link.adapter.settings,
        link.adapter.transport,
        link.now,
        {**link.facts, "id": "4711"},
    )
    assert not isinstance(other.parse(item), items.SignedOut)


# --- moderation -------------------------------------------------------------------
@case(base.DELETE)
def test_our_own_reply_can_be_deleted(link):
    heard = link.hears()
    done = link.adapter.publish(answer(heard, "Oops"), "key")
    target = items.Target(
        key=done.key,
        ref=done.ref or done.key,
        author=items.Author(id=link.profile.id),
        audience=heard.audience,
        sent_at=datetime.now(timezone.utc),
    )
    link.adapter.moderate("delete", target)
    assert not link.published()


def _spoken(link):
    """Our answer to what we heard, as the target of an edit, and what all see of it."""
    heard = link.hears()
    done = link.adapter.publish(answer(heard, "We look into ti"), "key")
    target = items.Target(
        key=done.key,
        ref=done.ref or done.key,
        author=items.Author(id=link.profile.id),
        audience=heard.audience,
        text="We look into it",
        sent_at=datetime.now(timezone.utc),
    )
    return heard, target


@case(base.EDIT)
def test_our_own_words_are_edited_for_everybody(link):
    """All read the new words; it stays the same post, and twice is once."""
    heard, target = _spoken(link)
    [before] = link.published()
    for _time in range(2):
        link.adapter.moderate("edit", target)
        [now] = link.published()
        assert "We look into it" in now["text"] and "ti" not in now["text"].split()
        assert now["key"] == before["key"] == target.key
        assert (now["audience"], now["reply_to"]) == (
            before["audience"],
            before["reply_to"],
        )
    # only ours, and only as long as the network takes it
    draft = dataclasses.replace(answer(heard, "x"), text="x")
    limit = link.adapter.measure(draft).limit
    for other, kind in (
        (dataclasses.replace(target, text="x " * limit), errors.RejectedError),
        (
            dataclasses.replace(answer(heard).target, text="Not mine"),
            errors.NetworkError,
        ),
    ):
        with pytest.raises(kind) as caught:
            link.adapter.moderate("edit", other)
        assert not isinstance(
            caught.value, errors.TransientError | errors.UncertainError
        )
        assert link.published() == [now]
    # nor what is gone
    link.adapter.moderate("delete", target)
    with pytest.raises(errors.NotFoundError):
        link.adapter.moderate("edit", target)
    assert not link.published()


@case(base.EDIT, http=True)
def test_an_edit_is_made_again_when_the_answer_is_lost(link):
    _heard, target = _spoken(link)
    for cut in ("before", "after"):
        link.sim.fail(times=1, path=".", cut=cut)
        with pytest.raises(errors.TransientError):
            link.adapter.moderate("edit", target)
        link.adapter.moderate("edit", target)
        [now] = link.published()
        assert now["key"] == target.key and "We look into it" in now["text"]


@case(base.EDIT)
def test_our_edit_comes_back_as_a_newer_version_of_the_same_post(link):
    """Where it is read again, it is the same post in its new words, said by us."""
    _heard, target = _spoken(link)
    link.adapter.moderate("edit", target)
    found = link.messages().get(target.key)
    if found is None:  # what we say is not among what is pulled there
        found = link.adapter.parse(link.adapter.reread([target.ref]).items[0])
    assert found.author.id == link.profile.id
    assert found.text.split()[-4:] == "We look into it".split()


@case(base.LIKE)
def test_a_like_may_be_repeated(link):
    # where a network has likes in some plans only, the harness buys that one
    getattr(link.harness, "allow_likes", lambda sim: None)(link.sim)
    target = answer(link.hears()).target
    link.adapter.moderate("like", target)
    link.adapter.moderate("like", target)
    assert not link.published()


def _person(author):
    """The target of what is done about a person; see ``items.Target``."""
    return items.Target("", "", author, items.PRIVATE)


@case(base.BLOCK)
def test_somebody_is_blocked_and_let_in_again(link):
    """Twice is once, in both directions; ``harness.blocked``: ids on the network."""
    heard = link.hears()
    facts = items.PersonFacts(heard.author, heard.sent_at)
    found = link.adapter.blocking(facts)
    assert (found.kind, found.allowed, found.reason) == (base.BLOCK, True, "")
    assert link.adapter.block_means
    assert link.harness.blocked(link.sim) == []
    for _time in range(2):
        link.adapter.moderate("block", _person(heard.author))
        assert link.harness.blocked(link.sim) == [heard.author.id]
    for _time in range(2):
        link.adapter.moderate("unblock", _person(heard.author))
        assert link.harness.blocked(link.sim) == []
    assert not link.published()


@case(base.BLOCK)
def test_nobody_in_particular_is_not_blocked(link):
    heard = link.hears()
    for author in (items.Author(), dataclasses.replace(heard.author, shared=True)):
        answer = link.adapter.blocking(items.PersonFacts(author, heard.sent_at))
        assert not answer.allowed and answer.reason == "no_target"
    for name in ("", "x", "../7", "9" * 40, "did:plc:nobody", "https://no.example/x"):
        for verb in ("block", "unblock"):
            with pytest.raises(errors.RejectedError):
                link.adapter.moderate(verb, _person(items.Author(name)))
    assert link.harness.blocked(link.sim) == []


@case(base.BLOCK, http=True)
def test_blocking_may_be_tried_again_when_the_answer_is_lost(link):
    """Never an uncertain one: nobody has to look, it is simply done again."""
    heard = link.hears()
    for cut in ("before", "after"):
        link.sim.fail(times=1, method="POST", path=".", cut=cut)
        with pytest.raises(errors.TransientError):
            link.adapter.moderate("block", _person(heard.author))
        link.adapter.moderate("block", _person(heard.author))
        assert link.harness.blocked(link.sim) == [heard.author.id]
        link.adapter.moderate("unblock", _person(heard.author))


# --- context ----------------------------------------------------------------------
@case(base.RESOLVE)
def test_a_permalink_of_somewhere_else_is_refused(link):
    for url in (
        "",
        "not a link",
        "https://elsewhere.example/@x/1",
        "file:///etc/passwd",
    ):
        with pytest.raises(errors.NetworkError):
            link.adapter.resolve(url)


# --- into private -----------------------------------------------------------------
TOKEN = "Zm9yIHRoaXMgdGVzdCBvbmx5_-"


def _public_facts(heard, **values):
    return items.MessageFacts(
        **{
            "audience": heard.audience,
            "own": False,
            "ref": heard.ref,
            "thread": heard.thread,
            "author": heard.author,
            "sent_at": heard.sent_at,
            "extra": heard.extra,
            **values,
        }
    )


@case(audience="public")
def test_there_is_a_way_into_private(link):
    """Open ways first, and the page always: it needs nothing of the network."""
    facts = _public_facts(link.hears("My lamp broke", "public"))
    ways = link.adapter.handoff(facts, TOKEN)
    kinds = [one.kind for one in ways]
    assert len(kinds) == len(set(kinds)) and ways[0].allowed
    assert items.Way(items.PAGE) in ways
    known = {items.DIRECT, items.DIRECT_POST, items.PRIVATE_REPLY, items.LINK}
    assert set(kinds) - {items.PAGE} <= known
    assert [one.allowed for one in ways] == sorted(
        (one.allowed for one in ways), reverse=True
    )
    may = {
        one.kind: one.allowed and (link.adapter.can(base.PRIVATE_FIRST) or False)
        for one in link.adapter.affordances(facts)
    }
    for way in ways:
        if way.kind == items.LINK and way.allowed:
            assert way.url.startswith("https://")
            assert (TOKEN in way.url) == way.brings
        elif way.kind not in (items.LINK, items.PAGE):
            assert not way.url
            assert way.allowed == may["reply_private"]


@case(audience="public")
def test_nobody_is_moved_who_cannot_be(link):
    heard = link.hears("My lamp broke", "public")
    for values in ({"own": True}, {"deleted": True}, {"audience": "private"}):
        assert link.adapter.handoff(_public_facts(heard, **values), TOKEN) == []
    nobody = _public_facts(heard, author=items.Author())
    shared = _public_facts(heard, author=dataclasses.replace(heard.author, shared=True))
    for facts in (nobody, shared):
        ways = {one.kind: one for one in link.adapter.handoff(facts, TOKEN)}
        assert not ways[items.PAGE].allowed
    closed = _public_facts(heard, blocked=True)
    for way in link.adapter.handoff(closed, TOKEN):
        if way.kind not in (items.LINK, items.PAGE):
            assert not way.allowed


@case(audience="public")
def test_the_way_that_writes_first_reaches_one_person(link):
    heard = link.hears("My lamp broke", "public")
    ways = link.adapter.handoff(_public_facts(heard), TOKEN)
    if ways[0].kind in (items.LINK, items.PAGE):
        return  # they write first
    draft = answer(
        heard, "Could you send us your address?", audience="private", to=heard.author
    )
    done = link.adapter.publish(dataclasses.replace(draft, thread=""), "first")
    assert done.key
    assert link.published()[-1]["audience"] == "private"


@case(base.INVITE)
def test_a_link_carries_no_words_of_others(link):
    """A token is put into an address: nothing else may get in with it."""
    assert TOKEN in link.adapter.invite_url(TOKEN)
    for bad in ("a b", "a&text=x", "a\nb", "a#b"):
        try:
            url = link.adapter.invite_url(bad)
        except errors.RejectedError:
            continue
        assert bad not in url
