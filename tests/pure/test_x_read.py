"""Reads a simulated X: gap-free, once, cheaply (fact sheet x §2, §3, §8)."""

import json
from datetime import timedelta

import pytest
from simulators.server import Answer
from simulators.x import XSimulator
from x_desk import answer, asked, connect, hear, hear_direct, parse, pull, read

from networks import errors, items, x_pages


@pytest.fixture
def sim():
    with XSimulator() as server:
        server.jo = server.add_user("jo_k", "Jo")
        server.sam = server.add_user("sam", "Sam")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


def keys(raw):
    return [one.key.partition(":")[2] for one in raw]


# --- mentions ---------------------------------------------------------------------
def test_pages_are_read_to_the_end_and_then_remembered(sim, adapter):
    """The newest id of the first page counts, once the last page was read."""
    said = [sim.post(sim.jo, f"@acme {number}").id for number in range(250)]
    since = sim.now() - timedelta(days=1)
    first = adapter.fetch("mentions", "", since)
    assert (len(first.items), first.more, first.closed) == (100, True, False)
    position = x_pages.Position.load(first.cursor)
    assert (position.since, position.top) == ("", said[-1])
    # while the pages are read, somebody writes: it belongs to the next round
    late = sim.post(sim.jo, "@acme meanwhile").id
    second = adapter.fetch("mentions", first.cursor, since)
    third = adapter.fetch("mentions", second.cursor, since)
    assert (third.more, third.closed) == (False, True)
    assert x_pages.Position.load(third.cursor).since == said[-1]
    found = keys(first.items) + keys(second.items) + keys(third.items)
    assert sorted(found, key=int) == said
    assert keys(adapter.fetch("mentions", third.cursor, since).items) == [late]
    lower = {query.get("start_time") for query in asked(sim, _mentions(sim))[:3]}
    assert len(lower) == 1, "the lower bound stays the same within a round"


def _mentions(sim):
    return f"/2/users/{sim.brand.id}/mentions"


def test_oldest_first_within_a_page(sim, adapter):
    said = [sim.post(sim.jo, f"@acme {number}").id for number in range(3)]
    assert keys(pull(adapter)[0]) == said


def test_an_empty_page_with_a_token_is_no_end(sim, adapter):
    said = [sim.post(sim.jo, f"@acme {number}").id for number in range(3)]
    sim.short_pages = [0, 1, 0, 1]
    raw, cursor = pull(adapter)
    assert sorted(keys(raw), key=int) == said
    assert x_pages.Position.load(cursor).since == said[-1]
    assert not pull(adapter, cursor)[0]


def test_no_data_key_is_an_empty_list(sim, adapter):
    assert pull(adapter)[0] == []
    said = sim.post(sim.jo, "@acme at last").id
    raw, cursor = pull(adapter)
    assert keys(raw) == [said]
    assert pull(adapter, cursor)[0] == []


def test_errors_without_data_are_no_end_of_the_world(sim, adapter):
    problem = {"title": "Not Found Error", "type": "https://api.x.com/2/problems/x"}
    sim.fail(path="/mentions", answer=Answer({"errors": [problem]}))
    assert pull(adapter)[0] == []


@pytest.mark.parametrize("body", ["<html>", "[]", "null", '{"data": {}}', '{"a": 1}'])
def test_what_is_no_list_is_malformed(sim, adapter, body):
    sim.fail(path="/mentions", answer=Answer(body))
    with pytest.raises(errors.MalformedResponse):
        pull(adapter)


def test_an_interruption_loses_nothing(sim, adapter):
    said = [sim.post(sim.jo, f"@acme {number}").id for number in range(150)]
    first = adapter.fetch("mentions", "", sim.now() - timedelta(days=1))
    sim.overload(path="/mentions", times=1)
    with pytest.raises(errors.TransientError):
        adapter.fetch("mentions", first.cursor, sim.now())
    raw, _cursor = pull(adapter, first.cursor)
    assert sorted(keys(first.items) + keys(raw), key=int) == said


def test_a_forgotten_token_begins_the_round_anew(sim, adapter):
    said = [sim.post(sim.jo, f"@acme {number}").id for number in range(150)]
    first = adapter.fetch("mentions", "", sim.now() - timedelta(days=1))
    damaged = json.loads(first.cursor) | {"next": "gone"}
    page = adapter.fetch("mentions", json.dumps(damaged), sim.now())
    assert (page.items, page.more, page.closed) == ((), True, False)
    raw, _cursor = pull(adapter, page.cursor)
    # what the first page had is known already and not journalled again
    assert sorted(keys(first.items) + keys(raw), key=int) == said


def test_a_cursor_of_somebody_else_is_expired(adapter):
    for cursor in ("7", "[]", "null", "{", "x" * 5000):
        with pytest.raises(errors.CursorExpired):
            adapter.fetch("mentions", cursor, adapter.now())


def test_what_appears_late_is_found(sim, adapter):
    """Below the newest id, because X's index is not in order (§3)."""
    late = sim.post(sim.jo, "@acme late", indexed=False)
    sim.advance(5)
    early = sim.post(sim.jo, "@acme early").id
    raw, cursor = pull(adapter)
    assert keys(raw) == [early]
    sim.advance(30)
    sim.index(late)
    raw, cursor = pull(adapter, cursor)
    assert keys(raw) == [late.id]
    assert pull(adapter, cursor)[0] == []


def test_an_idle_account_costs_nothing(sim, adapter):
    """The overlap is read again for two minutes, not for ever; and billed once."""
    sim.post(sim.jo, "@acme once")
    raw, cursor = pull(adapter)
    for _turn in range(5):
        sim.advance(60)
        more, cursor = pull(adapter, cursor)
        raw += more
    assert len(raw) == 1
    assert adapter.spent["post_read"] == 1
    last = asked(sim, _mentions(sim))[-1]
    assert last["since_id"] == keys(raw)[0]


def test_an_edit_comes_as_a_new_version_of_the_same(sim, adapter):
    post = sim.post(sim.jo, "@acme the lmap broke")
    raw, cursor = pull(adapter)
    sim.edit(post, "@acme the lamp broke")
    more, _cursor = pull(adapter, cursor)
    first, second = adapter.parse(raw[0]), adapter.parse(more[0])
    assert (first.key, first.revision) == (second.key, 0)
    assert (second.revision, second.text) == (1, "@acme the lamp broke")


def test_owning_the_app_makes_mentions_cheap(sim):
    sim.post(sim.jo, "@acme hello")
    stranger, owner = connect(sim, app_owner="Other"), connect(sim, app_owner="@ACME")
    pull(stranger), pull(owner)
    assert stranger.spent.get("post_read") == 1
    assert owner.spent.get("owned_read") == 1 and "post_read" not in owner.spent


def test_both_spellings_on_the_wire(sim):
    for spelling in ("tweet", "post"):
        sim.spelling = spelling
        found = connect(sim, field_names=spelling)
        one = hear(sim, found, f"@acme {spelling}", quote=_own_post(sim))
        assert one.extra["summoned"] and one.author.handle == "jo_k"
        assert one.kind == "quote"
        query = asked(sim, "/2/tweets")[-1]
        assert f"{spelling}.fields" in query
        assert f"edit_history_{spelling}_ids" in query[f"{spelling}.fields"]


def _own_post(sim, text="Hello world"):
    return sim.post(sim.brand, text)


def test_a_limit_of_one_list_is_waited_for_without_asking(sim, adapter):
    """Limits are per endpoint (§2): its end is in the cursor of that stream."""
    sim.limits.insert(0, ("GET", r"/2/users/\d+/mentions", (1, 1), None))
    raw, cursor = pull(adapter)
    before = len(asked(sim, _mentions(sim)))
    assert pull(adapter, cursor) == ([], cursor)
    assert len(asked(sim, _mentions(sim))) == before, "no call was made"
    assert pull(adapter, stream="own")[1], "other lists go on"
    sim.limits.pop(0)
    sim.advance(16 * 60)
    said = sim.post(sim.jo, "@acme after the window").id
    assert keys(pull(adapter, cursor)[0]) == [said]


def test_over_the_limit_is_told_with_its_time(sim, adapter):
    sim.exhaust("GET", "/2/users/.*/mentions")
    for old in (False, True):
        sim.old_errors = old
        with pytest.raises(errors.RateLimited) as caught:
            pull(adapter)
        assert 0 < caught.value.retry_after <= 901


def test_more_than_x_shows_is_told(sim, adapter):
    sim.post(sim.jo, "@acme first")
    _raw, cursor = pull(adapter)
    for number in range(803):
        sim.post(sim.jo, f"@acme {number}")
    raw, cursor = pull(adapter, cursor)
    assert len(raw) == 801
    assert adapter.parse(raw[-1]) == items.Unknown("more_than_shown")
    assert pull(adapter, cursor)[0] == []


def test_without_search_the_rest_is_read(sim, adapter):
    sim.refuse(403, "Search is not available on your plan.", path="/search/recent")
    raw, cursor = pull(adapter, stream="quotes")
    assert [adapter.parse(one) for one in raw] == [items.Unknown("quotes_not_allowed")]
    sim.search_lag = timedelta()
    quote = sim.post(sim.jo, "Look", quote=_own_post(sim))
    assert keys(pull(adapter, cursor, "quotes")[0]) == [quote.id]


# --- quotes and our own -----------------------------------------------------------
def test_quotes_that_do_not_name_us_are_found(sim, adapter):
    sim.search_lag = timedelta()
    ours = _own_post(sim)
    quote = sim.post(sim.jo, "Look at this", quote=ours)
    sim.post(sim.jo, "Somebody else's", quote=sim.post(sim.sam, "not ours"))
    sim.post(sim.jo, "No quote: https://x.com/acme/status/1 maybe")
    found = [one for one in read(adapter, stream="quotes") if one.key == quote.id]
    assert [one.addressed for one in found] == [True]
    assert found[0].extra["summoned"]


def test_a_search_too_far_back_begins_at_seven_days(sim):
    sim.search_lag = timedelta()
    token, secret = sim.brand_keys  # these do not end after two hours
    adapter = connect(sim, access_token="", oauth1_token=token, oauth1_secret=secret)
    ours = _own_post(sim)
    sim.post(sim.jo, "first", quote=ours)
    cursor = pull(adapter, stream="quotes")[1]
    sim.advance(9 * 24 * 3600)
    late = sim.post(sim.jo, "nine days later", quote=ours)
    raw, _cursor = pull(adapter, cursor, "quotes")
    assert keys(raw) == [late.id]


def test_our_answer_written_on_x_is_seen(sim, adapter):
    heard = hear(sim, adapter, "@acme hello")
    sim.post(sim.brand, "Written in the app", reply_to=heard.key)
    [found] = read(adapter, stream="own")
    assert found.author.id == sim.brand.id
    assert (found.parent, found.text) == (heard.key, "@jo_k Written in the app")


# --- private messages -------------------------------------------------------------
def test_private_messages_are_read_down_to_the_known(sim, adapter):
    said = [f"dm:{sim.dm(sim.jo, str(number)).id}" for number in range(230)]
    raw, cursor = pull(adapter, stream="direct")
    assert sorted(f"dm:{one}" for one in keys(raw)) == sorted(said)
    assert not pull(adapter, cursor, "direct")[0]
    late = sim.dm(sim.jo, "late").id
    raw, cursor = pull(adapter, cursor, "direct")
    assert keys(raw) == [late]


def test_a_gap_of_private_messages_is_closed(sim, adapter):
    """More came than the small first page holds."""
    sim.dm(sim.jo, "first")
    _raw, cursor = pull(adapter, stream="direct")
    said = [sim.dm(sim.jo, str(number)).id for number in range(150)]
    page = adapter.fetch("direct", cursor, sim.now())
    assert (len(page.items), page.more, page.closed) == (20, True, False)
    raw, _cursor = pull(adapter, cursor, "direct")
    assert sorted(keys(raw), key=int) == said


def test_the_first_look_at_private_messages_is_bounded(sim, adapter):
    old = sim.now() - timedelta(days=20)
    sim.dm(sim.jo, "old", at=old)
    new = sim.dm(sim.jo, "new").id
    raw, _cursor = pull(adapter, stream="direct", since=sim.now() - timedelta(days=7))
    assert keys(raw) == [new]


def test_private_messages_are_billed_once_a_day(sim, adapter):
    for number in range(5):
        sim.dm(sim.jo, str(number))
    _raw, cursor = pull(adapter, stream="direct")
    for _turn in range(3):
        sim.advance(60)
        _raw, cursor = pull(adapter, cursor, "direct")
    same_day = sim.bill["dm_read"]
    assert adapter.spent["dm_read"] >= same_day
    assert adapter.spent["dm_read"] <= same_day + 5


def test_a_missing_right_is_said_once_and_stops_nothing(sim):
    scopes = "tweet.read users.read offline.access"
    token = sim.tokens_of(sim.brand, scopes=scopes)["access_token"]
    adapter = connect(sim, access_token=token)
    raw, cursor = pull(adapter, stream="direct")
    [found] = [adapter.parse(one) for one in raw]
    assert found == items.Unknown("direct_not_allowed")
    again, _cursor = pull(adapter, cursor, "direct")
    assert [(one.key, one.revision) for one in again] == [
        (one.key, one.revision) for one in raw
    ], "the journal takes it once"
    # a sign-in that told its rights is not even asked
    calls = len(sim.calls)
    assert pull(connect(sim, {"id": "1"}, granted=scopes), stream="direct")[0] == []
    assert len(sim.calls) == calls


def test_private_messages_can_be_left_out(sim):
    adapter = connect(sim, direct="off")
    sim.dm(sim.jo, "hello")
    calls = len(sim.calls)
    assert pull(adapter, stream="direct")[0] == []
    assert len(sim.calls) == calls


def test_what_is_encrypted_does_not_come(sim, adapter):
    sim.jo.encrypted = True
    sim.dm(sim.jo, "sealed")
    said = sim.dm(sim.sam, "open").id
    assert keys(pull(adapter, stream="direct")[0]) == [said]


def test_a_group_and_our_own_words(sim, adapter):
    heard = hear_direct(sim, adapter, "in a group", group=[sim.sam])
    assert heard.audience == items.GROUP
    sim.dm(sim.brand, "mine", to=sim.jo)
    own = [one for one in read(adapter, stream="direct") if one.text == "mine"]
    assert [one.author.id for one in own] == [sim.brand.id]
    assert own[0].audience == items.PRIVATE


# --- again ------------------------------------------------------------------------
def test_what_is_gone_is_named_and_nothing_else(sim, adapter):
    stays, goes = hear(sim, adapter, "@acme a"), hear(sim, adapter, "@acme b")
    hidden = hear(sim, adapter, "@acme c", by=sim.sam)
    sim.delete(goes.key)
    sim.sam.protected = True
    page = adapter.reread([stays.ref, goes.ref, hidden.ref, "dm:17", "chat:9", ""])
    found = {type(one).__name__: one for one in map(adapter.parse, page.items)}
    removals = {
        one.key: one.by
        for one in map(adapter.parse, page.items)
        if isinstance(one, items.Removal)
    }
    assert removals == {goes.key: "author", hidden.key: "network"}
    assert found["Incoming"].key == stays.key


def test_a_post_that_is_merely_left_out_is_not_deleted(sim, adapter):
    heard = hear(sim, adapter, "@acme a")
    for body in (
        {"meta": {}},
        {"errors": []},
        {"errors": [{"type": "about:blank", "title": "Oops", "parameter": "ids"}]},
        {
            "errors": [
                {
                    "type": "https://api.x.com/2/problems/resource-not-found",
                    "resource_id": heard.key,
                    "parameter": "referenced_tweets.id",
                }
            ]
        },
    ):
        sim.fail(path="/2/tweets", answer=Answer(body))
        assert adapter.reread([heard.ref]).items == ()


def test_an_edited_post_is_read_in_its_newest_version(sim, adapter):
    heard = hear(sim, adapter, "@acme one")
    sim.edit(heard.key, "@acme two")
    last = sim.edit(heard.key, "@acme three")
    [again] = [adapter.parse(one) for one in adapter.reread([heard.ref]).items]
    assert (again.key, again.revision, again.text) == (heard.key, 2, "@acme three")
    sim.delete(last)
    [gone] = [adapter.parse(one) for one in adapter.reread([again.ref]).items]
    assert isinstance(gone, items.Removal) and gone.key == heard.key


def test_a_hundred_in_one_call(sim, adapter):
    refs = [sim.post(sim.jo, f"@acme {number}").id for number in range(100)]
    assert adapter.reread_batch == 100
    before = len(sim.calls)
    assert len(adapter.reread(refs).items) == 100
    assert len(sim.calls) == before + 1
    assert adapter.spent["post_read"] == 100


# --- around a message -------------------------------------------------------------
def test_the_thread_above_and_what_we_said(sim, adapter):
    sim.search_lag = timedelta()
    root = sim.post(sim.sam, "What a lamp")
    middle = sim.post(sim.jo, "Mine broke", reply_to=root)
    heard = hear(sim, adapter, "@acme help", reply_to=middle)
    later = sim.post(sim.jo, "Forget it", reply_to=heard.key, name_parent=False)
    ours = sim.post(sim.brand, "We look", reply_to=heard.key)
    sim.post(sim.sam, "Chat among strangers", reply_to=root)
    page = adapter.fetch_context(heard.ref)
    found = [adapter.parse(one) for one in page.items]
    assert [one.key for one in found] == [root.id, middle.id, later.id, ours.id]
    assert all(one.context for one in found)
    assert found[0].author.handle == "sam"
    query = asked(sim, "/2/tweets/search/recent")[-1]["query"]
    assert query.startswith(f"conversation_id:{root.id} (")


def test_an_old_thread_is_climbed(sim, adapter):
    old = sim.now() - timedelta(days=30)
    post = sim.post(sim.sam, "root", at=old)
    chain = [post.id]
    for number in range(3):
        post = sim.post(sim.sam, str(number), reply_to=post, at=old)
        chain.append(post.id)
    heard = hear(sim, adapter, "@acme help", reply_to=post)
    assert keys(adapter.fetch_context(heard.ref).items) == chain


def test_context_without_search(sim, adapter):
    """Search may be refused; the way up is not."""
    root = sim.post(sim.sam, "root")
    heard = hear(sim, adapter, "@acme help", reply_to=root)
    sim.refuse(403, "Forbidden", path="/search/recent")
    with pytest.raises(errors.ScopeError):
        adapter.fetch_context(heard.ref)
    sim.refuse(403, "Search is not available on your plan.", path="/search/recent")
    assert keys(adapter.fetch_context(heard.ref).items) == [root.id]


def test_a_deleted_parent_ends_the_way_up(sim, adapter):
    root = sim.post(sim.sam, "root")
    middle = sim.post(sim.sam, "middle", reply_to=root)
    heard = hear(sim, adapter, "@acme help", reply_to=middle)
    sim.delete(middle)
    assert adapter.fetch_context(heard.ref).items == ()
    sim.delete(heard.key)
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_context(heard.ref)


def test_private_messages_have_nothing_above(adapter):
    assert adapter.fetch_context("dm:17").items == ()


# --- by hand ----------------------------------------------------------------------
@pytest.mark.parametrize(
    "form",
    [
        "https://x.com/jo_k/status/{}",
        "https://twitter.com/jo_k/status/{}?s=20",
        "https://mobile.twitter.com/jo_k/status/{}",
        "https://www.x.com/i/web/status/{}",
        "http://x.com/jo_k/statuses/{}/photo/1",
    ],
)
def test_a_link_leads_to_the_post(sim, adapter, form):
    post = sim.post(sim.jo, "no mention of anybody")
    found = adapter.parse(adapter.resolve(form.format(post.id)))
    assert found.key == post.id
    assert not found.addressed


def test_links_that_lead_nowhere(sim, adapter):
    gone = sim.post(sim.jo, "gone")
    sim.delete(gone)
    with pytest.raises(errors.NotFoundError):
        adapter.resolve(f"https://x.com/jo_k/status/{gone.id}")
    for url in (
        f"https://evil.example/status/{gone.id}",
        "https://x.com/jo_k",
        "https://x.com.evil.example/jo_k/status/1",
        "https://[x.com/status/1",
        f"ftp://x.com/jo_k/status/{gone.id}",
    ):
        with pytest.raises(errors.RejectedError) as caught:
            adapter.resolve(url)
        assert caught.value.code == "bad_url"


def test_people(sim, adapter):
    assert adapter.profile(sim.jo.id).handle == "jo_k"
    assert adapter.profile("@jo_k").id == sim.jo.id
    assert adapter.spent["user_read"] == 2
    for nobody in ("9999", "@nobody", "../me", ""):
        with pytest.raises(errors.NotFoundError):
            adapter.profile(nobody)


# --- what it cost -----------------------------------------------------------------
def test_what_we_count_is_at_least_what_is_billed(sim):
    """The same as the simulator's ledger, which bills by post, person and day."""
    sim.search_lag = timedelta()
    adapter = connect(sim, {"id": sim.brand.id, "handle": "acme"})
    ours = _own_post(sim)
    for number in range(3):
        sim.post(sim.jo, f"@acme {number}")
        sim.post(sim.jo, str(number), quote=ours)
        sim.dm(sim.jo, str(number))
    cursors = {}
    for _turn in range(4):
        for stream in adapter.streams:
            cursors[stream] = pull(adapter, cursors.get(stream, ""), stream)[1]
        sim.advance(45)
    read_posts = adapter.spent["post_read"]
    assert sim.bill["post"] <= read_posts <= sim.bill["post"] + 4
    assert adapter.spent["dm_read"] == sim.bill["dm_read"]
    adapter.publish(answer(hear(sim, adapter, "@acme bill")), "k")
    assert adapter.spent["summoned_reply"] == sim.bill["summoned"] == 1


def test_the_journal_brings_it_back(sim, adapter):
    hear(sim, adapter, "@acme é 👍", media=[("image/png", b"x", "A lamp")])
    for one in pull(adapter)[0]:
        again = json.loads(json.dumps(one.data))
        assert parse(again, adapter.facts) == adapter.parse(one)
