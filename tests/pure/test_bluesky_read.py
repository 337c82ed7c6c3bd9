"""Reading Bluesky: notifications, what is behind them, threads, single posts, files."""

import dataclasses
import json
from datetime import timedelta

import pytest
from bluesky_kit import (
    FACTS,
    JO,
    US,
    Directory,
    a_notification,
    asked,
    connect,
    hear,
    later,
    ours,
    parse_data,
    pull,
    read,
)
from simulators.bluesky import BlueskySimulator
from simulators.bluesky_world import BLOCK, FOLLOW, LIKE, REPOST
from simulators.server import Answer

from networks import errors, items
from networks.bluesky import BlueskyAdapter

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
MP4 = b"\0\0\0\x20ftypisom"


@pytest.fixture
def sim():
    with BlueskySimulator() as server:
        server.jo = server.add_person("jo.example", "Jo")
        server.sam = server.add_person("sam.example", "Sam")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


# --- notifications ----------------------------------------------------------------
def test_a_mention_as_it_is(sim, adapter):
    post = sim.post(sim.jo, "@acme.example it broke ü", at=sim.now())
    [one] = read(adapter)
    assert (one.key, one.ref) == (post.uri, f"{post.uri} {post.cid}")
    assert one.text == "@acme.example it broke ü"
    assert (one.audience, one.thread, one.parent) == ("public", "", "")
    assert one.author.id == sim.jo.did and one.author.handle == "jo.example"
    assert one.author.name == "Jo"
    assert one.addressed and not one.context
    assert [who.id for who in one.mentions] == [sim.brand.did]
    assert one.permalink == f"https://bsky.app/profile/{sim.jo.did}/post/{post.rkey}"
    assert one.language == "en"
    assert one.sent_at == post.sort_at


def test_strangers_are_asked_for_and_likes_are_not(sim, adapter):
    sim.brand.priority = True  # only people we follow, says the account
    ours_ = sim.post(sim.brand, "We are open")
    hear(sim, adapter)
    sim.relate(LIKE, sim.jo, ours_)
    sim.relate(REPOST, sim.jo, ours_)
    sim.relate(FOLLOW, sim.jo, sim.brand)
    raw, _cursor = pull(adapter)
    assert len(raw) == 1
    query = asked(sim, "app.bsky.notification.listNotifications")[-1].query
    assert ("priority", "false") in query
    assert [v for k, v in query if k == "reasons"] == ["mention", "reply", "quote"]


def test_an_answer_and_a_quote(sim, adapter):
    ours_ = sim.post(sim.brand, "We are open")
    answer = sim.post(sim.jo, "Are you?", ours_)
    below = sim.post(sim.sam, "No they are not", answer)
    quote = sim.post(sim.sam, "Look at them", quote=ours_)
    found = {one.key: one for one in read(adapter)}
    assert found[answer.uri].parent == ours_.uri
    assert found[answer.uri].parent_ref == f"{ours_.uri} {ours_.cid}"
    assert found[answer.uri].extra["root"] == ours_.uri
    assert found[below.uri].parent == answer.uri
    assert found[below.uri].addressed, "it stands under our post"
    assert found[quote.uri].kind == "quote" and found[quote.uri].parent == ""
    assert f"/profile/{sim.brand.did}/post/{ours_.rkey}" in found[quote.uri].text


def test_what_the_author_lets_us_do(sim, adapter):
    sim.allow_messages(sim.sam, "none")
    sim.relate(FOLLOW, sim.jo, sim.brand)
    assert hear(sim, adapter).extra == {"chat": "following", "follows": True}
    assert hear(sim, adapter, by="sam.example").extra == {"chat": "none"}


def test_pages_are_read_down_to_what_is_known(sim, adapter):
    for number in range(7):
        hear(sim, adapter, f"number {number}")
    later(sim, adapter, 3600)
    raw, cursor = pull(adapter)
    assert [one.sent_at for one in raw] == sorted(one.sent_at for one in raw)
    later(sim, adapter, 3600)
    late = [sim.post(sim.jo, f"@acme.example late {n}").uri for n in range(250)]
    first = adapter.fetch("notifications", cursor, sim.now())
    assert (first.more, first.closed) == (True, False)
    raw, cursor = pull(adapter, cursor=cursor)
    assert {one.data["notification"]["uri"] for one in raw} == set(late)
    assert pull(adapter, cursor=cursor)[0] == []


def test_the_overlap_finds_what_came_late(sim, adapter):
    sim.post(sim.jo, "@acme.example one")
    _raw, cursor = pull(adapter)
    later(sim, adapter, 60)
    sim.post(sim.jo, "@acme.example newest")
    _raw, cursor = pull(adapter, cursor=cursor)
    # shown only now, with a time before the newest
    late = sim.post(sim.jo, "@acme.example late", at=sim.now() - timedelta(seconds=90))
    raw, cursor = pull(adapter, cursor=cursor)
    assert [one.data["notification"]["uri"] for one in raw] == [late.uri]
    assert pull(adapter, cursor=cursor)[0] == []


def test_a_day_of_likes_is_not_read_again(sim, adapter):
    """Pages without anything for us lead down, but not below the last look."""
    sim.post(sim.jo, "@acme.example old")
    _raw, cursor = pull(adapter)
    post = sim.post(sim.brand, "Popular")
    later(sim, adapter, 86400)
    for number in range(120):
        sim.relate(LIKE, sim.add_person(f"p{number}.example"), post)
    later(sim, adapter, 3600)
    _raw, cursor = pull(adapter, cursor=cursor)
    calls = len(asked(sim, "app.bsky.notification.listNotifications"))
    later(sim, adapter, 3600)
    assert pull(adapter, cursor=cursor)[0] == []
    assert len(asked(sim, "app.bsky.notification.listNotifications")) == calls + 1


def test_a_post_that_is_dated_back_is_swept_up(sim, adapter):
    cursors = {"notifications": "", "sweep": ""}
    sim.post(sim.jo, "@acme.example now")
    for stream in cursors:
        _raw, cursors[stream] = pull(adapter, stream)
    back = sim.post(sim.jo, "@acme.example then", at=sim.now() - timedelta(days=3))
    for stream, cursor in cursors.items():
        assert pull(adapter, stream, cursor)[0] == []
    later(sim, adapter, 86401)
    raw, cursor = pull(adapter, "sweep", cursors["sweep"])
    assert back.uri in [one.data["notification"]["uri"] for one in raw]
    assert pull(adapter, "sweep", cursor)[0] == [], "tomorrow again, not now"


def test_the_sweep_goes_on_where_it_was(sim, adapter):
    _raw, cursor = pull(adapter, "sweep")
    said = {sim.post(sim.jo, f"@acme.example {n}").uri for n in range(230)}
    later(sim, adapter, 86401)
    found, pages = set(), 0
    while True:
        page = connect(sim, adapter.facts).fetch("sweep", cursor, sim.now())
        found |= {one.data["notification"]["uri"] for one in page.items}
        cursor, pages = page.cursor, pages + 1
        assert page.closed
        if not page.more:
            break
    assert found == said and pages > 2


def test_a_sweep_through_nothing_for_us_ends_after_a_week(sim, adapter):
    """Pages of likes come out empty; their cursor may say more than a time (§3)."""
    _raw, cursor = pull(adapter, "sweep")
    later(sim, adapter, 86401)
    at = sim.now() - timedelta(days=8)
    said = {"notifications": [], "cursor": f"{at.isoformat()}__bafyreia"}
    sim.fail(
        path="/xrpc/app.bsky.notification.listNotifications",
        answer=Answer(json.dumps(said)),
    )
    page = adapter.fetch("sweep", cursor, sim.now())
    assert (page.items, page.more) == ((), False)


def test_the_journal_knows_a_swept_post_by_the_same_name(sim, adapter):
    sim.post(sim.jo, "@acme.example now")
    _raw, cursor = pull(adapter, "sweep")
    pulled, _cursor = pull(adapter)
    later(sim, adapter, 86401)
    swept, _cursor = pull(adapter, "sweep", cursor)
    assert [(one.key, one.revision) for one in swept] == [
        (one.key, one.revision) for one in pulled
    ]


def test_our_own_posts_from_the_app(sim, adapter):
    customer = hear(sim, adapter)
    native = sim.post(sim.brand, "Said in the app", customer.key)
    [one] = read(adapter, "own")
    assert (one.key, one.author.id) == (native.uri, sim.brand.did)
    assert one.parent == customer.key
    _raw, cursor = pull(adapter, "own")
    assert pull(adapter, "own", cursor)[0] == []
    more = [sim.post(sim.brand, f"n {n}").uri for n in range(120)]
    raw, _cursor = pull(adapter, "own", cursor)
    assert {one.data["record"]["uri"] for one in raw} == set(more)


def test_a_cursor_that_is_not_ours(adapter):
    for stream in adapter.streams:
        with pytest.raises(errors.CursorExpired):
            adapter.fetch(stream, "17", adapter.now())
    with pytest.raises(errors.RejectedError):
        adapter.fetch("other", "", adapter.now())


def test_damaged_entries_are_journalled_and_shown(sim, adapter):
    hear(sim, adapter, "whole")

    def damage(answer):
        answer.body["notifications"] += [None, 5, {}, {"reason": "mention"}, {"uri": 3}]
        return answer

    sim.fail(path="listNotifications", transform=damage)
    raw, _cursor = pull(adapter)
    assert len({one.key for one in raw}) == len(raw) == 6
    kinds = sorted(type(adapter.parse(one)).__name__ for one in raw)
    assert kinds == ["Incoming"] + ["Unknown"] * 5


@pytest.mark.parametrize(
    "body",
    ["<html>", "[]", "null", "{}", '{"notifications": 5}', '{"notifications": {}}'],
)
def test_a_page_that_is_none(sim, adapter, body):
    sim.fail(path="listNotifications", answer=Answer(body))
    with pytest.raises(errors.MalformedResponse):
        adapter.fetch("notifications", "", sim.now())


# --- parsing ----------------------------------------------------------------------
def test_the_fact_sheets_notification():
    one = parse_data({"notification": a_notification()})
    assert one.sent_at.isoformat() == "2026-10-01T07:49:01+00:00", "the earlier time"
    assert one.author.verified and one.author.url == f"https://bsky.app/profile/{JO}"
    assert one.mentions[0].id == US and one.mentions[0].handle == "acme.example"
    assert one.extra == {"chat": "following", "follows": True}


def test_times_that_lie():
    record = a_notification()["record"]
    for created, expected in (
        ("2030-01-01T00:00:00Z", "2026-10-01T07:49:02.064000+00:00"),
        ("1969-01-01T00:00:00Z", "1969-01-01T00:00:00+00:00"),
        ("yesterday", "2026-10-01T07:49:02.064000+00:00"),
        ("2026-10-01T09:00:00.123456789+02:00", "2026-10-01T07:00:00.123456+00:00"),
    ):
        one = parse_data(
            {"notification": a_notification(record={**record, "createdAt": created})}
        )
        assert one.sent_at.isoformat() == expected


def test_a_handle_that_proves_nothing_is_no_name():
    author = {"did": JO, "handle": "handle.invalid"}
    one = parse_data({"notification": a_notification(author=author)})
    assert (one.author.id, one.author.handle) == (JO, "")
    assert one.extra == {}, "nothing is known about what the author allows"


def test_files_cards_and_labels():
    image = {
        "alt": "A lamp",
        "image": {
            "$type": "blob",
            "ref": {"$link": "bafkreilamp"},
            "mimeType": "image/jpeg",
            "size": 1234,
        },
        "aspectRatio": {"width": 4, "height": 3},
    }
    pictures = {"$type": "app.bsky.embed.images", "images": [image, None, {}]}
    card = {
        "$type": "app.bsky.embed.external",
        "external": {"uri": "https://shop.example/1", "title": "Lamp"},
    }
    video = {
        "$type": "app.bsky.embed.video",
        "video": {**image["image"], "mimeType": "video/mp4"},
        "alt": "It flickers",
    }
    both = {
        "$type": "app.bsky.embed.recordWithMedia",
        "record": {"record": {"uri": f"at://{US}/app.bsky.feed.post/3aaa"}},
        "media": pictures,
    }
    record = a_notification()["record"]

    def one(embed, **more):
        value = a_notification(record={**record, "embed": embed, **more})
        return parse_data({"notification": value})

    [media] = one(pictures).media
    uri = a_notification()["uri"]
    assert media == items.Media(
        ref=f"{uri} bafkreilamp",
        kind="image",
        mime="image/jpeg",
        name="bafkreilamp.jpg",
        alt="A lamp",
        size=1234,
        width=4,
        height=3,
    )
    assert one(card).text.endswith("\n\nLamp\nhttps://shop.example/1")
    assert (one(video).media[0].kind, one(video).media[0].alt) == (
        "video",
        "It flickers",
    )
    assert len(one(both).media) == 1 and "/post/3aaa" in one(both).text
    assert one({"$type": "app.bsky.embed.hologram", "x": 1}).media == ()
    labels = {
        "values": [{"val": "graphic-media"}, {"val": "!no-unauthenticated"}, None]
    }
    assert one(None, labels=labels).warning == "graphic-media"


def test_other_reasons():
    def of(**changes):
        return parse_data({"notification": a_notification(**changes)})

    like = of(reason="like", reasonSubject=f"at://{US}/app.bsky.feed.post/3aaa")
    assert isinstance(like, items.Reaction) and like.key.endswith("3aaa")
    assert of(reason="follow") == items.Unknown("follow", ignorable=True)
    assert of(reason="") == items.Unknown("malformed")
    assert of(record=None) == items.Unknown("malformed")
    assert of(uri="at://x/app.bsky.feed.like/3a") == items.Unknown("malformed")


# --- threads ----------------------------------------------------------------------
def test_what_stands_above(sim, adapter):
    top = sim.post(sim.sam, "The lamps of acme")
    middle = sim.post(sim.jo, "Mine broke", top)
    mention = sim.post(sim.jo, "@acme.example what now", middle)
    page = adapter.fetch_context(f"{mention.uri} {mention.cid}")
    found = [adapter.parse(one) for one in page.items]
    assert [one.key for one in found] == [top.uri, middle.uri]
    assert all(one.context and not one.addressed for one in found)
    assert found[1].parent == top.uri


def test_a_deleted_and_a_blocked_parent(sim, adapter):
    top = sim.post(sim.sam, "top")
    middle = sim.post(sim.jo, "middle", top)
    mention = sim.post(sim.jo, "@acme.example what now", middle)
    sim.relate(BLOCK, sim.sam, sim.brand)
    found = [adapter.parse(one) for one in adapter.fetch_context(mention.uri).items]
    assert [type(one).__name__ for one in found] == ["Unknown", "Incoming"]
    assert found[0] == items.Unknown("blockedPost", ignorable=True)
    sim.delete(middle)
    [gone] = map(adapter.parse, adapter.fetch_context(mention.uri).items)
    assert gone == items.Unknown("notFoundPost", ignorable=True)
    sim.delete(mention)
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_context(mention.uri)
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_context("chat:1:2")


# --- reading again ----------------------------------------------------------------
def test_gone_is_told_apart_from_hidden(sim, adapter):
    stays, gone, hidden = (
        hear(sim, adapter, f"@acme.example {n}", by=who)
        for n, who in enumerate(("jo.example", "jo.example", "sam.example"))
    )
    private = "chat:3conv:1"
    sim.delete(gone.key)
    sim.relate(BLOCK, sim.sam, sim.brand)
    own = sim.post(sim.brand, "ours")
    sim.world.lag = timedelta(hours=1)
    unseen = sim.post(sim.brand, "nobody sees it yet")
    refs = [stays.ref, gone.ref, hidden.ref, private, own.uri, unseen.uri]
    page = adapter.reread(refs)
    assert [adapter.parse(one).key for one in page.items] == [gone.key]
    sim.world.lag = timedelta()
    sim.delete(own)
    page = adapter.reread([own.uri])
    assert isinstance(adapter.parse(page.items[0]), items.Removal)
    assert adapter.reread([private]).items == ()


@pytest.mark.parametrize("status", ["deactivated", "takendown", "suspended"])
def test_posts_go_and_come_back_with_their_author(sim, adapter, status):
    kept, gone = hear(sim, adapter, "one"), hear(sim, adapter, "two")
    sim.delete(gone.key)
    sim.jo.status = status
    found = map(adapter.parse, adapter.reread([kept.ref, gone.ref]).items)
    assert {one.key: one.by for one in found} == {
        kept.key: "network",
        gone.key: "network",
    }, "nobody can tell them apart yet"
    asked = [one for one in sim.calls if one.arg("actor") == sim.jo.did]
    assert len(asked) == 1, "an author is asked for once"
    assert adapter.reread_hidden([kept.ref, gone.ref]).items == ()
    sim.jo.status = ""
    found = adapter.reread_hidden([kept.ref, gone.ref, "chat:1:2"]).items
    assert [adapter.parse(one).text for one in found] == [kept.text]
    assert adapter.reread_hidden([]).items == ()


def test_who_left_for_good_does_not_come_back(sim, adapter):
    heard = hear(sim, adapter, "one")
    sim.jo.status = "deleted"
    [gone] = map(adapter.parse, adapter.reread([heard.ref]).items)
    assert (gone.key, gone.by) == (heard.key, "author")


def test_other_words_under_the_same_key(sim, adapter):
    heard = hear(sim, adapter, "the lmap broke")
    sim.edit(heard.key, "@acme.example the lamp broke")
    [raw] = adapter.reread([heard.ref]).items
    again = adapter.parse(raw)
    assert again.text.endswith("the lamp broke") and again.revision > heard.revision
    later(sim, adapter, 120)
    [twice] = adapter.reread([heard.ref]).items
    assert (twice.key, twice.revision) == (raw.key, raw.revision), (
        "the journal knows it"
    )
    assert adapter.reread([again.ref]).items == ()


def test_an_answer_nobody_told_us_of(sim, adapter):
    """It was indexed before its parent, so there is no notification."""
    own = sim.post(sim.brand, "How can we help?")
    answer = sim.post(sim.jo, "Like this", own)
    mine = sim.post(sim.brand, "ok", own)
    sim.world.notices[sim.brand.did].clear()
    assert read(adapter) == []
    [raw] = adapter.reread([f"{own.uri} {own.cid}", mine.uri]).items
    one = adapter.parse(raw)
    assert (one.key, one.parent, one.addressed) == (answer.uri, own.uri, True)
    later(sim, adapter, 7 * 3600)
    assert adapter.reread([own.uri]).items == (), "only where the race can have been"


# --- single things ----------------------------------------------------------------
def test_links_that_people_paste(sim, adapter):
    post = sim.post(sim.jo, "about acme")
    for link in (
        f"https://bsky.app/profile/jo.example/post/{post.rkey}",
        f"https://bsky.app/profile/{sim.jo.did}/post/{post.rkey}?ref=x#y",
        f" https://bsky.app/profile/@JO.example/post/{post.rkey}/ ",
        post.uri,
        f"at://jo.example/app.bsky.feed.post/{post.rkey}",
    ):
        one = adapter.parse(adapter.resolve(link))
        assert one.key == post.uri, link


@pytest.mark.parametrize(
    "link",
    [
        "https://bsky.app/profile/jo.example",
        "https://bsky.app/profile/jo.example/post/",
        "https://bsky.app.evil.example/profile/jo.example/post/3k4duaz5vfs2b",
        "https://bsky.app/profile/jo.example/post/3k/../../x",
        "https://bsky.app/profile/x y/post/3k4duaz5vfs2b",
        "at://jo.example/app.bsky.feed.like/3k4duaz5vfs2b",
        "https://[",
        "",
        "at://",
    ],
)
def test_links_that_lead_to_no_post(adapter, link):
    with pytest.raises(errors.RejectedError) as caught:
        adapter.resolve(link)
    assert caught.value.code == "bad_url"


def test_links_to_what_is_gone(sim, adapter):
    for who in ("jo.example", "nobody.example", sim.jo.did):
        with pytest.raises(errors.NotFoundError):
            adapter.resolve(f"https://bsky.app/profile/{who}/post/3k4duaz5vfs2b")


def test_profiles(sim, adapter):
    sim.relate(FOLLOW, sim.sam, sim.jo)
    sim.jo.verified = True
    author = adapter.profile(sim.jo.did)
    assert (author.id, author.name, author.followers) == (sim.jo.did, "Jo", 1)
    assert author.verified
    with pytest.raises(errors.NotFoundError):
        adapter.profile("did:plc:nobody")
    sim.jo.status = "takendown"
    with pytest.raises(errors.RejectedError) as caught:
        adapter.profile(sim.jo.did)  # theirs: no reason to lose our own sign-in
    assert caught.value.code == "deactivated"


# --- files ------------------------------------------------------------------------
def test_a_picture_as_it_is_shown(sim, adapter):
    one = hear(sim, adapter, media=[("image/png", PNG, "A lamp")])
    [media] = one.media
    assert adapter.fetch_media(media.ref) == (PNG, "image/png")
    assert all(
        "authorization" not in one.headers for one in sim.calls if "/img/" in one.path
    )
    seen = adapter.parse(adapter.resolve(one.permalink))
    assert seen.media[0].url.startswith(sim.url), "a view tells where it is"


def test_a_film_comes_from_its_authors_server(sim, adapter):
    blob = sim._blob(sim.jo, "video/mp4", MP4)
    embed = {"$type": "app.bsky.embed.video", "video": blob}
    one = hear(sim, adapter, embed=embed)
    directory = Directory()
    with directory:
        directory.documents[sim.jo.did] = sim.did_doc(sim.jo)
        near = connect(sim, adapter.facts, directory=directory.url)
        assert near.fetch_media(one.media[0].ref) == (MP4, "video/mp4")
        assert not any("authorization" in call.headers for call in directory.calls)
        stolen = {**sim.did_doc(sim.jo), "id": sim.sam.did}
        directory.documents[sim.jo.did] = stolen
        with pytest.raises(errors.MalformedResponse):
            near.fetch_media(one.media[0].ref)
        directory.documents.clear()
        with pytest.raises(errors.NotFoundError):
            near.fetch_media(one.media[0].ref)


def test_files_that_cannot_be_had(sim, adapter):
    one = hear(sim, adapter, media=[("image/png", PNG, "")])
    for ref in ("", "x", f"{one.key}", f"{one.key} ", "at://x/y/z bafk"):
        with pytest.raises(errors.NotFoundError):
            adapter.fetch_media(ref)
    sim.delete(one.key)
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_media(one.media[0].ref)


def test_raw_items_survive_the_journal(sim, adapter):
    hear(sim, adapter, "É 你好 👨‍👩‍👧")
    sim.post(sim.brand, "own")
    for stream in ("notifications", "own"):
        for item in pull(adapter, stream)[0]:
            copy = dataclasses.replace(item, data=json.loads(json.dumps(item.data)))
            assert adapter.parse(copy) == adapter.parse(item)
    assert len(ours(sim)) == 1


def test_a_stranger_is_never_us():
    adapter = BlueskyAdapter({}, None, None, {})
    data = {"notification": a_notification()}
    one = adapter.parse(items.RawItem("k", data))
    assert one.author.id == JO
    own = {
        "via": "own",
        "record": {"uri": a_notification()["uri"], "value": {"text": "x"}},
    }
    assert adapter.parse(items.RawItem("k", own)) == items.Unknown("malformed")
    assert parse_data(own, FACTS) == items.Unknown("malformed")
