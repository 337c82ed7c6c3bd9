"""What is written on the Bluesky simulator, and how others see it; atproto judges."""

import pytest
from atproto import models
from atproto_client import exceptions
from bluesky_referee import PNG, client, naming, raw, refs, refused
from simulators import bluesky_world as world
from simulators.bluesky import BlueskySimulator

BAD = exceptions.BadRequestError
KEY = "3k4duaz5vfs2b"


@pytest.fixture
def sim():
    with BlueskySimulator() as simulator:
        simulator.jo = simulator.add_person("jo.example", "Jo")
        simulator.sam = simulator.add_person("sam.example", "Sam")
        yield simulator


@pytest.fixture
def jo(sim):
    return client(sim, sim.jo)


@pytest.fixture
def us(sim):
    return client(sim, password=sim.brand_password)


def write(api, sim, verb, text="Hello", key=KEY, **more):
    data = {
        "repo": api.me.did,
        "collection": world.POST,
        "record": {"text": text, "createdAt": "2026-11-01T07:49:01Z"},
        **({"rkey": key} if key else {}),
        **more,
    }
    return getattr(api.com.atproto.repo, f"{verb}_record")(data)


# --- records ----------------------------------------------------------------------
def test_a_key_used_twice(sim, us):
    first = write(us, sim, "create")
    with pytest.raises(exceptions.RequestErrorBase) as caught:
        write(us, sim, "create")
    assert caught.value.response.status_code == 500
    again = write(us, sim, "put")
    assert (again.cid, again.commit) == (first.cid, None)
    assert len(sim.world.repo(sim.brand.did, world.POST)) == 1


def test_conditions_of_a_write(sim, us):
    put = "com.atproto.repo.putRecord"

    def must_be_new(text):
        record = {"text": text, "createdAt": "2026-11-01T07:49:01Z"}
        ask = {"repo": us.me.did, "collection": world.POST, "rkey": KEY}
        return raw(us, "POST", put, json={**ask, "record": record, "swapRecord": None})

    refused(BAD, "InvalidSwap", write, us, sim, "put", swapRecord=world.cid(b"x"))
    status, first = must_be_new("Hello")
    assert status == 200 and first["commit"]
    # the same again is no change, whatever the condition
    assert must_be_new("Hello") == (
        200,
        {key: value for key, value in first.items() if key != "commit"},
    )
    status, told = must_be_new("other")
    assert (status, told["error"]) == (400, "InvalidSwap")
    assert told["message"] == f"Record was at {first['cid']}"
    other = write(us, sim, "put", "other", swapRecord=first["cid"])
    assert other.cid != first["cid"]
    stale = {"key": "", "swapCommit": first["commit"]["cid"]}
    refused(BAD, "Commit was at", write, us, sim, "create", **stale)


def test_reading_and_deleting_a_record(sim, us, jo):
    write(us, sim, "create")
    ask = {"repo": "acme.example", "collection": world.POST, "rkey": KEY}
    assert jo.com.atproto.repo.get_record(ask).value.text == "Hello"
    for commit in (True, False):
        done = us.com.atproto.repo.delete_record({**ask, "repo": us.me.did})
        assert bool(done.commit) is commit
    refused(BAD, "RecordNotFound", jo.com.atproto.repo.get_record, ask)


def test_records_are_listed_by_their_key(sim, us):
    keys = [f"3k4duaz5vfs2{letter}" for letter in "bcdef"]
    for key in keys:
        write(us, sim, "create", key=key)
    ask = {"repo": us.me.did, "collection": world.POST, "limit": 2}
    seen, cursor = [], None
    for _page in range(4):
        page = us.com.atproto.repo.list_records({**ask, "cursor": cursor})
        seen += [one.uri.rpartition("/")[2] for one in page.records]
        cursor = page.cursor
    assert (seen, cursor) == (keys[::-1], None)
    backwards = us.com.atproto.repo.list_records({**ask, "reverse": True})
    assert [one.uri.rpartition("/")[2] for one in backwards.records] == keys[:2]


@pytest.mark.parametrize(
    "words, text, more",
    [
        ("grapheme too big (maximum 300, got 301)", "x" * 301, {}),
        ("string too big (maximum 3000, got 3250)", "👨‍👩‍👧‍👦" * 130, {}),
        ("Invalid record key", "x", {"key": "not a key"}),
        ("Invalid TID", "x", {"key": "abc"}),
        ("expected app.bsky.feed.post", "x", {"record": {"$type": world.LIKE}}),
        ('Missing required key "createdAt"', "x", {"record": {"text": "x"}}),
        (
            "Invalid datetime",
            "x",
            {"record": {"text": "x", "createdAt": "yesterday"}},
        ),
    ],
)
def test_what_is_no_post(sim, us, words, text, more):
    refused(BAD, words, write, us, sim, "create", text, **more)
    assert not sim.world.repo(sim.brand.did, world.POST)


def test_three_hundred_letters_of_any_kind_fit(sim, us):
    for text in ("x" * 300, "é" * 300, "🏳️‍🌈" * 200, "नि" * 300):
        assert write(us, sim, "create", text, key="").uri


def test_pictures_need_a_description_and_a_file(sim, us):
    post = us.send_image("look", PNG, "a cat")
    shown = us.get_posts([post.uri]).posts[0]
    assert shown.embed.images[0].alt == "a cat"
    image = {"image": sim._blob(sim.jo, "image/png", b"somebody else's"), "alt": ""}
    embed = {"$type": "app.bsky.embed.images", "images": [image]}
    record = {"text": "x", "createdAt": "2026-11-01T07:49:01Z", "embed": embed}
    refused(BAD, "BlobNotFound", write, us, sim, "create", record=record)
    embed["images"] = [image] * 5
    refused(BAD, "array too big", write, us, sim, "create", record=record)
    del image["alt"]
    embed["images"] = [image]
    refused(BAD, '"alt"', write, us, sim, "create", record=record)


def test_a_second_like_replaces_the_first(sim, jo, us):
    post = jo.send_post("Hello")
    first, second = us.like(post.uri, post.cid), us.like(post.uri, post.cid)
    assert first.uri != second.uri
    [shown] = us.get_posts([post.uri]).posts
    assert (shown.like_count, shown.viewer.like) == (1, second.uri)
    us.unlike(second.uri)
    assert us.get_posts([post.uri]).posts[0].like_count == 0


# --- threads ----------------------------------------------------------------------
def test_a_thread_up_and_down(sim, jo, us):
    top = jo.send_post(naming(sim.brand))
    ours = us.send_post("Sorry!", reply_to=refs(top))
    below = jo.send_post("Thanks", reply_to=refs(ours, top))
    thread = us.get_post_thread(ours.uri).thread
    assert thread.parent.post.uri == top.uri
    assert [one.post.uri for one in thread.replies] == [below.uri]
    short = us.get_post_thread(below.uri, depth=0, parent_height=1).thread
    assert short.parent.post.uri == ours.uri and short.parent.parent is None


def test_gone_and_blocked_posts_in_a_thread(sim, jo, us):
    top = jo.send_post("Hello")
    middle = client(sim, sim.sam).send_post("Well", reply_to=refs(top))
    below = jo.send_post("So", reply_to=refs(middle, top))
    sim.relate(world.BLOCK, sim.sam, sim.brand)
    thread = us.get_post_thread(below.uri).thread
    assert isinstance(thread.parent, models.AppBskyFeedDefs.BlockedPost)
    sim.delete(middle.uri)
    thread = us.get_post_thread(below.uri).thread
    assert isinstance(thread.parent, models.AppBskyFeedDefs.NotFoundPost)
    refused(BAD, "Post not found", us.get_post_thread, middle.uri)
    assert us.get_posts([middle.uri]).posts == []


def test_a_threadgate_hides_and_closes(sim, jo, us):
    top = us.send_post("News")
    rude = jo.send_post("You are liars", reply_to=refs(top))
    gate = {"$type": world.GATE, "post": top.uri, "createdAt": "2026-11-01T07:49:01Z"}
    rkey = top.uri.rpartition("/")[2]
    put = {"repo": us.me.did, "collection": world.GATE, "rkey": rkey}
    hidden = {**gate, "hiddenReplies": [rude.uri]}
    us.com.atproto.repo.put_record({**put, "record": hidden})
    assert us.app.bsky.notification.list_notifications().notifications == []
    closed = {**gate, "allow": []}
    us.com.atproto.repo.put_record({**put, "record": closed})
    assert jo.get_posts([top.uri]).posts[0].viewer.reply_disabled
    late = jo.send_post("Hello?", reply_to=refs(top))
    assert late.uri not in [
        one.post.uri for one in us.get_post_thread(top.uri).thread.replies
    ]
    refused(
        BAD,
        "array too big",
        us.com.atproto.repo.put_record,
        {**put, "record": {**gate, "hiddenReplies": [rude.uri] * 301}},
    )


def test_quotes_and_search(sim, jo, us):
    ours = us.send_post("Our new lamp")
    quote = models.AppBskyEmbedRecord.Main(record=models.create_strong_ref(ours))
    theirs = jo.send_post("It broke", embed=quote)
    [notice] = us.app.bsky.notification.list_notifications().notifications
    assert (notice.reason, notice.reason_subject) == ("quote", ours.uri)
    [shown] = us.get_posts([theirs.uri]).posts
    assert shown.embed.record.value.text == "Our new lamp"
    search = us.app.bsky.feed.search_posts
    assert [one.uri for one in search({"q": "LAMP"}).posts] == [ours.uri]
    assert search({"q": "*lamp", "author": "jo.example"}).posts == []


def test_many_people_and_posts_at_once(sim, us):
    many = {"uris": [f"at://did:plc:x/{world.POST}/a"] * 26}
    status, told = raw(us, "GET", "app.bsky.feed.getPosts", params=many)
    assert (status, told["error"]) == (400, "InvalidRequest")
    status, told = raw(us, "GET", "app.bsky.feed.getPosts", params={"uris": "x"})
    assert (status, told["error"]) == (400, "InvalidRequest")
    assert us.get_profiles(["jo.example", "nobody.example"]).profiles[0].handle
    refused(BAD, "Profile not found", us.get_profile, "nobody.example")
    assert us.resolve_handle("jo.example").did == sim.jo.did
    refused(BAD, "Unable to resolve", us.resolve_handle, "nobody.example")
