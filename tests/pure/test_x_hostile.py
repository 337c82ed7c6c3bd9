"""X as it is on a bad day: lists that break off, half answers, forged and odd input."""

import json
from datetime import timedelta

import pytest
from simulators import x_events
from simulators.server import Answer
from simulators.x import x_words
from x_kit import draft, heard, may, pushed, rounds, said, x_link

from networks import errors, items


@pytest.fixture
def link():
    with x_link() as one:
        yield one


@pytest.fixture
def sim(link):
    return link.sim


@pytest.fixture
def jo(sim):
    return sim.add_user("jo_k", "Jo")


# --- lists that break off ---------------------------------------------------------
def test_a_reading_that_broke_off_goes_on_where_it_was(link, sim, jo):
    _found, cursor = rounds(link, "mentions")
    posts = {sim.post(jo, f"@acme {number}").id for number in range(230)}
    first = link.adapter.fetch("mentions", cursor, link.since)
    assert first.more and not first.closed
    # the worker died here; meanwhile more arrives
    late = sim.post(jo, "@acme meanwhile").id
    rest, cursor = rounds(link, "mentions", first.cursor)
    assert posts <= set(said(link, [*first.items, *rest]))
    again, _cursor = rounds(link, "mentions", cursor)
    assert late in said(link, again)


def test_a_page_token_that_ended_loses_nothing(link, sim, jo):
    _found, cursor = rounds(link, "mentions")
    posts = {sim.post(jo, f"@acme {number}").id for number in range(150)}
    first = link.adapter.fetch("mentions", cursor, link.since)
    sim.forget_pages()
    rest, cursor = rounds(link, "mentions", first.cursor)
    assert posts == set(said(link, [*first.items, *rest]))
    assert not rounds(link, "mentions", cursor)[0]


def test_short_and_empty_pages_are_not_the_end(link, sim, jo):
    _found, cursor = rounds(link, "mentions")
    posts = {sim.post(jo, f"@acme {number}").id for number in range(9)}
    sim.short_pages = [0, 4, 0, 0, 2]
    found, _cursor = rounds(link, "mentions", cursor)
    assert posts == set(said(link, found))


def test_what_x_indexes_late_is_found_in_the_overlap(link, sim, jo):
    late = sim.post(jo, "@acme late", indexed=False)
    sim.post(jo, "@acme in time")
    found, cursor = rounds(link, "mentions")
    assert late.id not in said(link, found)
    sim.index(late)
    found, cursor = rounds(link, "mentions", cursor)
    assert set(said(link, found)) == {late.id}
    assert not rounds(link, "mentions", cursor)[0]


def test_a_refused_since_id_begins_again_by_date(link, sim, jo):
    sim.post(jo, "@acme the first")
    _found, cursor = rounds(link, "mentions")
    post = sim.post(jo, "@acme hello")
    problem = {
        "errors": [{"parameters": {"since_id": ["1"]}, "message": "too old"}],
        "title": "Invalid Request",
        "type": "https://api.x.com/2/problems/invalid-request",
    }
    sim.fail(path="/mentions", answer=Answer(problem, 400))
    found, _cursor = rounds(link, "mentions", cursor)
    assert post.id in said(link, found)


def test_a_week_of_silence_does_not_kill_the_search_for_quotes(link, sim, jo):
    ours = sim.post(sim.brand, "Big news")
    sim.post(jo, "first", quote=ours)
    sim.advance(60)
    link.adapter.settings = {**link.adapter.settings, **fresh(sim)}
    _found, cursor = rounds(link, "quotes")
    sim.advance(9 * 86400)
    link.adapter.settings = {**link.adapter.settings, **fresh(sim)}
    newer = sim.post(sim.brand, "More news")
    quote = sim.post(jo, "second", quote=newer)
    sim.advance(60)
    found, cursor = rounds(link, "quotes", cursor)
    assert quote.id in said(link, found)
    assert not rounds(link, "quotes", cursor)[0]


def fresh(sim):
    return {"access_token": sim.tokens_of(sim.brand)["access_token"]}


def test_a_200_that_only_has_errors_moves_nothing(link, sim, jo):
    _found, cursor = rounds(link, "mentions")
    post = sim.post(jo, "@acme hello")
    one = {"title": "Authorization Error", "type": "about:blank", "detail": "no"}
    sim.fail(path="/mentions", answer=Answer({"errors": [one]}))
    found, cursor = rounds(link, "mentions", cursor)
    assert not found
    assert post.id in said(link, rounds(link, "mentions", cursor)[0])


def test_a_page_that_comes_twice_says_nothing_twice(link, sim, jo):
    sim.post(jo, "@acme hello")

    def twice(true):
        return Answer(
            {**true.body, "data": true.body["data"] * 2}, headers=true.headers
        )

    sim.fail(path="/mentions", transform=twice)
    found, cursor = rounds(link, "mentions")
    assert len({(one.key, one.revision) for one in found}) == 1
    assert not rounds(link, "mentions", cursor)[0]


def test_rows_of_nonsense_between_good_ones_are_kept_apart(link, sim, jo):
    post = sim.post(jo, "@acme hello")

    def soiled(true):
        rows = [None, 5, {"id": "abc"}, {}, *true.body["data"], [], "x"]
        return Answer({**true.body, "data": rows}, headers=true.headers)

    sim.fail(path="/mentions", transform=soiled)
    found, _cursor = rounds(link, "mentions")
    parsed = [link.adapter.parse(one) for one in found]
    assert post.id in said(link, found)
    assert sum(isinstance(one, items.Unknown) for one in parsed) == 6
    assert len({(one.key, one.revision) for one in found}) >= 5


def test_side_tables_that_are_missing_cost_the_names_only(link, sim, jo):
    ours = sim.post(sim.brand, "Root")
    post = sim.post(jo, "look", reply_to=ours, media=[("image/png", b"png")])

    def bare(true):
        body = {key: value for key, value in true.body.items() if key != "includes"}
        return Answer(body, headers=true.headers)

    sim.fail(path="/mentions", transform=bare)
    found, _cursor = rounds(link, "mentions")
    one = said(link, found)[post.id]
    assert one.author.id == jo.id and not one.author.handle
    assert one.parent == ours.id and one.addressed
    assert [file.kind for file in one.media] == ["image"]
    assert link.adapter.fetch_media(one.media[0].ref) == (b"png", "image/png")


@pytest.mark.parametrize("status", [200, 400, 403, 404, 500, 503])
def test_html_in_the_place_of_json_is_somebody_in_between(link, sim, status):
    page = "<html><body>Just a moment...</body></html>"
    sim.fail(path="/mentions", answer=Answer(page, status))
    with pytest.raises(errors.NetworkError) as caught:
        rounds(link, "mentions")
    wanted = errors.MalformedResponse if status == 200 else errors.TransientError
    if status in (400, 404):
        wanted = errors.NetworkError
    assert isinstance(caught.value, wanted)
    assert not isinstance(caught.value, errors.AuthError)


def test_one_endpoint_that_is_used_up_rests_alone(link, sim, jo):
    sim.dm(jo, "hello")
    _found, cursor = rounds(link, "direct")
    for _turn in range(15):
        try:
            _found, cursor = rounds(link, "direct", cursor)
        except errors.RateLimited as limited:
            assert 0 < limited.retry_after <= 902
            break
    calls = len(sim.calls)
    sim.post(jo, "@acme still here?")
    assert said(link, rounds(link, "mentions")[0])
    assert len(sim.calls) == calls + 1


def test_a_quiet_pull_is_four_questions(link, sim):
    cursors = {}
    link.read(cursors)
    before = len(sim.calls)
    link.read(cursors)
    assert len(sim.calls) - before <= len(link.adapter.streams)


# --- what people write ------------------------------------------------------------
def test_what_x_does_not_escape_stays(link):
    """Should the API ever stop to escape (§5 is not sure), nothing else is touched."""
    raw = "@acme &copy=1 &eacute; &#39; &nbsp; R&D &amp &lt &quot;x&quot;"
    post = {"id": "1900000000000000003", "text": raw}
    one = link.adapter.parse(items.RawItem("k", {"via": "mentions", "post": post}))
    assert one.text == raw


@pytest.mark.parametrize(
    "text",
    [
        "AT&T &amp; &lt;b&gt; &copy; &copy=1 &#39; &eacute; <script>",
        "👩‍🚀🏳️‍🌈 see https://a.example/x?y=1&z=2 日本 https://a.example/x?y=1&z=2",
        "https://a.example/first in front",
        "ends with https://a.example/last",
        "t.co itself: https://t.co/abcdefghij",
        "e\u0301 \u202eright to left\u202c \u200d end",
        "www.example.com example.org/path.html, (https://a.example/b)",
        "@jo_k @max @acme_uk @ACME many names",
        "line\nbreak\n\n  and  spaces",
    ],
)
def test_words_arrive_as_they_were_written(link, sim, jo, text):
    whole = f"@acme {text}"
    one = heard(link, sim.post(jo, whole))
    wanted = x_words.LINK.sub(
        lambda match: match[0] if "://" in match[0] else f"http://{match[0]}", whole
    )
    assert one.text == wanted
    assert one.addressed and one.extra["summoned"]


def test_the_address_of_its_own_picture_is_no_word(link, sim, jo):
    files = [("image/png", b"1", "One"), ("image/jpeg", b"2")]
    post = sim.post(jo, "@acme look https://a.example/x", media=files)
    one = heard(link, post)
    assert one.text == "@acme look https://a.example/x"
    assert [(file.kind, file.alt) for file in one.media] == [
        ("image", "One"),
        ("image", ""),
    ]
    assert heard(link, sim.post(jo, "", media=files, reply_to=post)).text == "@acme"


def test_a_long_post_is_read_to_its_end(link, sim, jo):
    text = "@acme " + "a story & more " * 90 + "https://a.example/end 👍"
    one = heard(link, sim.post(jo, text))
    assert one.text == text
    named_late = sim.post(jo, "word " * 80 + "@acme")
    assert heard(link, named_late).extra["summoned"]


def test_versions_in_any_order_are_one_message(link, sim, jo):
    first = sim.post(jo, "@acme the lmap")
    raw = rounds(link, "mentions")[0]
    sim.edit(first, "@acme the lamp")
    last = sim.edit(first, "@acme the lamp!")
    raw += rounds(link, "mentions")[0]
    read = [link.adapter.parse(one) for one in raw]
    assert {one.key for one in read} == {first.id}
    assert [one.revision for one in read] == [0, 2]
    assert read[1].edited_at and read[1].sent_at <= read[1].edited_at
    assert heard(link, last).text == "@acme the lamp!"
    page = link.adapter.reread([read[0].ref])
    assert [link.adapter.parse(one).revision for one in page.items] == [2]
    sim.delete(last)
    [gone] = [
        link.adapter.parse(one) for one in link.adapter.reread([read[1].ref]).items
    ]
    assert isinstance(gone, items.Removal) and gone.key == first.id


def test_both_spellings_read_the_same(link, sim, jo):
    ours = sim.post(sim.brand, "Root")
    post = sim.post(jo, "an answer " + "long " * 80, reply_to=ours)
    sim.edit(post, "@acme another " + "long " * 80)
    old = heard(link, post)
    sim.spelling = "post"
    for spelled in ("tweet", "post"):
        link.adapter.settings = {**link.adapter.settings, "field_names": spelled}
        assert heard(link, post) == old
    assert old.revision == 1 and old.parent == ours.id


def test_ids_as_numbers_are_ids(link, sim, jo):
    sim.post(jo, "@acme hello")
    [item] = rounds(link, "mentions")[0]
    one = link.adapter.parse(item)
    data = json.loads(json.dumps(item.data))
    for key in ("id", "author_id", "conversation_id"):
        data["post"][key] = int(data["post"][key])
    assert link.adapter.parse(items.RawItem(item.key, data)).key == one.key


def test_the_posts_of_followers_only_are_not_for_the_world(link, sim):
    shy = sim.add_user("shy", protected=True)
    shy.followers.add(sim.brand.id)
    one = heard(link, sim.post(shy, "@acme psst"))
    assert one.audience == items.GROUP
    assert not may(link, one, "reply_group").allowed
    with pytest.raises(errors.RejectedError):
        link.adapter.publish(draft(one, "Hello"), "k")
    assert not link.published()


# --- forged, half and odd deliveries ----------------------------------------------
def test_the_proof_of_our_address_signs_no_deliveries(link, sim, jo):
    """The proof is made with the key that signs deliveries: whoever knows the address
    must not have a body of his own signed by asking for the proof of it."""
    _headers, _query, raw = link.harness.webhook(sim, sim.app.consumer_secret)
    for forged in (raw.decode(), '{"for_user_id":"1"}', "[1]", ' {"data":{}}', "a b"):
        assert link.adapter.handshake({"crc_token": forged}) is None, forged
    for genuine in ("MGUyZjVlMjQtN2UwYy00", "abc-DEF_123=", "challenge_string"):
        told = json.loads(link.adapter.handshake({"crc_token": genuine}).body)
        signed = sim.signature(sim.app.consumer_secret, genuine.encode())
        assert told == {"response_token": signed}
    assert link.adapter.handshake({}) is None
    assert link.adapter.handshake({"crc_token": ""}) is None


def test_signatures_are_taken_literally(link, sim):
    headers, query, raw = link.harness.webhook(sim, sim.app.consumer_secret)
    name = "x-twitter-webhooks-signature"
    right = headers[name]
    assert link.adapter.verify(headers, query, raw)
    assert not link.adapter.verify(headers, query, raw + b" ")
    for wrong in (right[7:], right.upper(), f"{right},{right}", "sha256=", "é", None):
        assert not link.adapter.verify({**headers, name: wrong}, query, raw), wrong


def test_what_was_pushed_and_pulled_is_one_message(link, sim, jo):
    ours = sim.post(sim.brand, "Root")
    post = sim.post(
        jo, "@acme hello & look", reply_to=ours, media=[("image/png", b"x")]
    )
    payload, includes = x_events.post_payload(sim.world, sim.url, post)
    kind = "post.mention.create"
    body = x_events.activity(kind, sim.brand.id, payload, includes)
    [new] = pushed(link, body)
    old = x_events.account_activity(sim.world, sim.url, sim.brand.id, [post])
    [former] = pushed(link, old)
    pulled = heard(link, post)
    for one in (new, former):
        for name in ("key", "text", "author", "audience", "parent", "addressed"):
            mine, theirs = getattr(one, name), getattr(pulled, name)
            if name == "author":
                mine, theirs = (mine.id, mine.handle), (theirs.id, theirs.handle)
            assert mine == theirs, name
        assert one.extra["summoned"] and len(one.media) == 1
        assert may(link, one).allowed


def test_a_quote_that_came_alone_may_be_answered(link, sim, jo):
    """Fact sheet §4: the payload's side table holds people only."""
    post = sim.post(jo, "rubbish", quote=sim.post(sim.brand, "Big news"))
    payload, includes = x_events.post_payload(sim.world, sim.url, post)
    includes = {"users": includes["users"]}
    body = x_events.activity("post.quote.create", sim.brand.id, payload, includes)
    [one] = pushed(link, body)
    assert one.addressed and may(link, one).allowed


def test_a_quiet_reply_is_heard_and_offered_by_hand(link, sim, jo):
    ours = sim.post(sim.brand, "Big news")
    post = sim.post(jo, "hm", reply_to=ours, name_parent=False)
    payload, includes = x_events.post_payload(sim.world, sim.url, post)
    body = x_events.activity("post.reply.create", sim.brand.id, payload, includes)
    [one] = pushed(link, body)
    affordance = may(link, one)
    assert one.addressed and not affordance.allowed
    assert affordance.reason == "not_summoned" and post.id in affordance.url


def test_a_message_to_several_is_never_taken_for_a_private_one(link, sim, jo):
    kim = sim.add_user("kim")
    message = sim.dm(jo, "all of you", group=[kim])
    payload = x_events.message_payload(sim.world, sim.url, message, sim.brand.id)
    body = x_events.activity("dm.received", sim.brand.id, payload)
    for one in pushed(link, body):
        assert not (isinstance(one, items.Incoming) and one.audience == items.PRIVATE)


def test_a_private_message_pushed_and_pulled_is_one(link, sim, jo):
    message = sim.dm(jo, "look & see", media=[("image/png", b"png")])
    payload = x_events.message_payload(sim.world, sim.url, message, sim.brand.id)
    [new] = pushed(link, x_events.activity("dm.received", sim.brand.id, payload))
    body = x_events.account_activity(
        sim.world, sim.url, sim.brand.id, messages=[message]
    )
    [former] = pushed(link, body)
    pulled = heard(link, message)
    for one in (new, former):
        assert (one.key, one.thread, one.audience) == (
            pulled.key,
            pulled.thread,
            items.PRIVATE,
        )
        assert one.text == pulled.text == "look & see"
        assert one.sent_at == pulled.sent_at
        assert link.adapter.fetch_media(one.media[0].ref)[0] == b"png"


def test_several_items_of_several_kinds_in_one_delivery(link, sim, jo):
    posts = [sim.post(jo, f"@acme {number}") for number in range(3)]
    gone = sim.post(sim.brand, "Oops")
    sim.delete(gone)
    message = sim.dm(jo, "psst")
    body = x_events.account_activity(
        sim.world, sim.url, sim.brand.id, posts, [message], [gone]
    )
    body |= {
        "favorite_events": [{"id": "f", "favorited_status": {}}],
        "mystery_events": [1],
    }
    found = pushed(link, body)
    assert [one.key for one in found if isinstance(one, items.Incoming)] == [
        *(post.id for post in posts),
        f"dm:{message.id}",
    ]
    assert [one.key for one in found if isinstance(one, items.Removal)] == [gone.id]
    assert any(isinstance(one, items.Unknown) for one in found)


def test_what_is_for_another_account_is_not_ours(link, sim, jo):
    other = sim.add_user("acme_uk")
    post = sim.post(jo, "@acme_uk hello")
    payload, includes = x_events.post_payload(sim.world, sim.url, post)
    body = x_events.activity("post.mention.create", other.id, payload, includes)
    headers, query, raw = sim.request(body)
    [item] = link.adapter.split(raw)
    assert item.account == other.id
    assert isinstance(link.adapter.parse(item), items.Unknown)


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"event_type": "post.mention.create", "payload": {"id": "x"}}},
        {"data": {"event_type": "dm.received", "payload": []}},
        {"data": {"event_uuid": "-68", "event_type": "typing", "payload": {"a": 1}}},
        {"data": [1, None, {"event_type": 5}]},
        {"data": {"event_type": "post.delete", "payload": {"id": None}}},
        {"for_user_id": 5, "tweet_create_events": [{}, None, 7]},
        {"for_user_id": "1", "direct_message_events": [{"message_create": "x"}]},
        {"for_user_id": "1", "tweet_delete_events": {"status": 1}, "x": []},
        {"data": {"event_type": "oauth.revoke", "payload": {"user_id": "1"}}},
    ],
)
def test_odd_deliveries_are_kept_and_read_as_unknown(link, body):
    for raw in link.adapter.split(json.dumps(body).encode()):
        assert json.loads(json.dumps(raw.data)) == raw.data
        assert isinstance(link.adapter.parse(raw), items.Unknown)


def test_ciphertext_says_that_somebody_waits_and_no_more(link, sim, jo):
    payload = {
        "id": sim.world.serial(),
        "conversation_id": f"{sim.brand.id}-{jo.id}",
        "encoded_message_event": "CwABAAAAE3NlYWxlZA==",
    }
    body = x_events.activity("chat.received", sim.brand.id, payload)
    [one] = pushed(link, body)
    assert one.author.id == jo.id and one.audience == items.PRIVATE
    assert "CwAB" not in one.text
    affordance = may(link, one, "reply_private")
    assert not affordance.allowed and affordance.url


# --- time -------------------------------------------------------------------------
def test_a_clock_that_is_off_loses_no_mentions(link, sim, jo):
    """Ours runs ahead by five minutes; X's ids say when things were."""
    now = link.now
    link.adapter.now = lambda: now() + timedelta(minutes=5)
    _found, cursor = rounds(link, "mentions")
    post = sim.post(jo, "@acme hello")
    found, cursor = rounds(link, "mentions", cursor)
    assert post.id in said(link, found)
    link.adapter.now = lambda: now() - timedelta(minutes=50)
    newer = sim.post(jo, "@acme again")
    found, _cursor = rounds(link, "mentions", cursor)
    assert newer.id in said(link, found)
