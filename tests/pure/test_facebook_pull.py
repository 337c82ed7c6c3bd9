"""The pull of a Page: nothing is lost, whatever its age, its number, its lateness."""

from datetime import timedelta

import pytest
from facebook_kit import FacebookAdapter, connect, pulled, said
from simulators.facebook import FacebookSimulator
from simulators.server import Answer

from networks import errors, items

DAY = 24 * 3600


@pytest.fixture
def sim():
    with FacebookSimulator() as server:
        server.jo = server.add_customer("Jo K")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


@pytest.fixture
def since(sim):
    return sim.now() - timedelta(days=7)


def back(sim, days) -> float:
    return sim.now().timestamp() - days * DAY


def below(sim, post, number, name="Comment", **more):
    return [
        sim.comment(sim.jo, f"{name} {one}", post, push=False, **more)
        for one in range(number)
    ]


def calls(sim) -> list[str]:
    return [one.path.rpartition("/")[2] for one in sim.calls]


# --- whole ------------------------------------------------------------------------
def test_hundreds_below_many_posts_come_whole_and_once(sim, adapter, since):
    """Zammad#4725: many posts and old ones keep no new one waiting."""
    posts = [sim.write_post(f"Post {one}", at=back(sim, one / 10)) for one in range(60)]
    wanted = {
        one.id
        for number, post in enumerate(posts)
        for one in below(sim, post, 130 if number % 20 == 0 else 3)
    }
    found = pulled(adapter, "published_posts", {}, since)
    parsed = [adapter.parse(one) for one in found]
    keys = [one.key for one in parsed if one.audience == items.PUBLIC]
    assert wanted <= set(keys)
    assert {one.id for one in posts} <= set(keys)
    names = {(one.key, one.revision) for one in found}
    # nested ones come again with the others of their post: the journal takes one
    assert len(names) == len(set(keys))


def test_a_quiet_round_takes_two_calls(sim, adapter, since):
    sim.write_post()
    cursors = {}
    pulled(adapter, "published_posts", cursors, since)
    sim.calls.clear()
    pulled(adapter, "published_posts", cursors, since)
    assert len(sim.calls) == 2


def test_answers_at_both_levels_come_in_their_order(sim, adapter, since):
    post = sim.write_post()
    top = sim.comment(sim.jo, "First", post, push=False)
    # within one second, and after some
    sim.comment(sim.jo, "Below", top, push=False)
    sim.advance(seconds=5)
    sim.comment(sim.jo, "Later", top, push=False)
    found = pulled(adapter, "published_posts", {}, since)
    assert said(adapter, found) == ["Our summer sale", "First", "Below", "Later"]
    parsed = [adapter.parse(one) for one in found]
    assert [one.parent for one in parsed] == ["", post.id, top.id, top.id]


def test_what_is_held_until_the_gap_is_closed(sim, adapter, since):
    below(sim, sim.write_post(), 60)
    first = adapter.fetch("published_posts", "", since)
    assert (first.more, first.closed) == (True, False)
    second = adapter.fetch("published_posts", first.cursor, since)
    assert second.closed


def test_the_first_look_goes_back_only_so_far(sim, adapter, since):
    old = sim.write_post("Long ago", at=back(sim, 30))
    sim.comment(sim.jo, "Also long ago", old, at=back(sim, 20), push=False)
    sim.comment(sim.jo, "Yesterday", old, at=back(sim, 1), push=False)
    sim.write_post("Old visitor", sim.jo, at=back(sim, 9))
    cursors = {}
    found = pulled(adapter, "published_posts", cursors, since)
    found += pulled(adapter, "visitor_posts", cursors, since)
    assert said(adapter, found) == ["Long ago", "Yesterday"]
    # what stands above comes along, and asks for nothing
    assert adapter.parse(found[0]).context


# --- late and old -------------------------------------------------------------------
def test_comments_that_are_listed_late_are_found(sim, adapter, since):
    """Spam filter, deferred indexing (§2): far beyond an hour as well."""
    post, cursors = sim.write_post(), {}
    late = sim.now().timestamp() + 3 * 3600
    sim.comment(sim.jo, "Held back", post, push=False, listed_at=late)
    assert "Held back" not in said(
        adapter, pulled(adapter, "published_posts", cursors, since)
    )
    sim.advance(hours=5)
    assert "Held back" in said(
        adapter, pulled(adapter, "published_posts", cursors, since)
    )


def test_comments_on_posts_of_any_age_are_found_in_turn(sim, adapter, since):
    """Zendesk leaves them out after a week; here only the turn is longer."""
    posts = [
        sim.write_post(f"Post {one}", at=back(sim, 20 + 4 * one)) for one in range(95)
    ]
    cursors = {}
    for _round in range(8):
        pulled(adapter, "published_posts", cursors, since)
        sim.advance(minutes=2)
    for post in (posts[0], posts[50], posts[-1]):
        sim.comment(sim.jo, f"About {post.message}", post, push=False)
    found = []
    for _round in range(8):
        found += said(adapter, pulled(adapter, "published_posts", cursors, since))
        sim.advance(minutes=2)
    wanted = {f"About Post {one}" for one in (0, 50, 94)}
    assert wanted <= set(found)


def test_many_new_ones_below_an_old_post_come_whole(sim, adapter, since):
    old, cursors = sim.write_post("Old", at=back(sim, 300)), {}
    pulled(adapter, "published_posts", cursors, since)
    sim.advance(days=1)
    below(sim, old, 150)
    found = []
    for _round in range(3):
        found += said(adapter, pulled(adapter, "published_posts", cursors, since))
        sim.advance(minutes=2)
    assert {f"Comment {one}" for one in range(150)} <= set(found)


def test_posts_written_in_one_second_do_not_stop_the_walk(sim, adapter, since):
    at = back(sim, 40)
    for one in range(60):
        sim.write_post(f"Same second {one}", at=at)
    sim.write_post("Before all", at=back(sim, 50))
    cursors, last = {}, None
    for _round in range(12):
        pulled(adapter, "published_posts", cursors, since)
        sim.advance(minutes=2)
        if '"walked"' in cursors["published_posts"]:
            last = cursors["published_posts"]
    assert last, "the walk never reached the beginning"


# --- how Meta's lists are ---------------------------------------------------------
def test_a_page_may_be_empty_and_have_a_next_one(sim, adapter, since):
    below(sim, sim.write_post(), 3)
    sim.empty_lists = 2
    found = pulled(adapter, "published_posts", {}, since)
    assert len(said(adapter, found)) == 4


def test_a_cursor_that_ended_starts_that_part_again(sim, adapter, since):
    for one in range(40):
        sim.write_post(f"Post {one}")
    first = adapter.fetch("published_posts", "", since)
    assert first.more
    sim.forget_cursors += 1
    stale = adapter.fetch("published_posts", first.cursor, since)
    assert stale.more and not stale.items
    cursors = {"published_posts": stale.cursor}
    found = said(adapter, pulled(adapter, "published_posts", cursors, since))
    assert {f"Post {one}" for one in range(40)} <= set(found)


def test_a_cursor_of_hours_ago_is_not_even_tried(sim, adapter, since):
    for one in range(40):
        sim.write_post(f"Post {one}")
    first = adapter.fetch("published_posts", "", since)
    sim.advance(hours=2)
    sim.calls.clear()
    adapter.fetch("published_posts", first.cursor, since)
    assert not sim.calls[0].arg("after")


def test_a_post_that_is_deleted_while_it_is_read(sim, adapter, since):
    post = sim.write_post()
    below(sim, post, 200)
    first = adapter.fetch("published_posts", "", since)
    post.deleted = True
    cursors = {"published_posts": first.cursor}
    assert pulled(adapter, "published_posts", cursors, since) == []


@pytest.mark.parametrize("cursor", ["[]", "{", "5", '"x"'])
def test_a_cursor_that_is_none_of_ours(adapter, since, cursor):
    with pytest.raises(errors.CursorExpired):
        adapter.fetch("published_posts", cursor, since)


def test_a_damaged_cursor_is_a_fresh_one(adapter, since):
    cursor = '{"done": "x", "digs": [5, [], ["7", true, 1, 2, 3]], "until": -4}'
    page = adapter.fetch("published_posts", cursor, since)
    assert page.cursor


def test_full_meters_ask_for_a_rest_and_a_throttle_says_how_long(sim, adapter, since):
    sim.use_up(92, kind="pages")
    adapter.fetch("published_posts", "", since)
    assert adapter.rest >= 60
    sim.use_up(100, minutes=7, kind="pages")
    sim.refuse(80001)
    with pytest.raises(errors.RateLimited) as caught:
        adapter.fetch("published_posts", "", since)
    assert caught.value.retry_after == 7 * 60
    sim.refuse(32)
    with pytest.raises(errors.RateLimited):
        adapter.fetch("tagged", "", since)


def test_what_the_page_may_not_read_is_a_missing_right(sim, adapter, since):
    for code in (10, 200):
        sim.refuse(code, path="/tagged")
        with pytest.raises(errors.ScopeError):
            adapter.fetch("tagged", "", since)


def test_adverts_are_asked_for_unless_the_admin_says_no(sim):
    assert "ads_posts" in connect(sim).streams
    assert "ads_posts" not in connect(sim, read_ads="no").streams
    assert "ads_posts" in FacebookAdapter.streams


# --- looking again ------------------------------------------------------------------
def test_looking_again_is_one_call_and_one_missing_stops_nothing(sim, adapter):
    post = sim.write_post()
    stays, goes = below(sim, post, 2)
    edited = sim.comment(sim.jo, "lmap", post)
    goes.deleted = True
    edited.message = "lamp"
    sim.calls.clear()
    refs = [stays.id, goes.id, edited.id, f"post:{post.id}", "nonsense"]
    found = [adapter.parse(one) for one in adapter.reread(refs).items]
    assert len(sim.calls) == 1
    assert [type(one).__name__ for one in found] == [
        "Incoming",
        "Removal",
        "Incoming",
        "Incoming",
    ]
    # what cannot be read may come back: nobody can tell it from what was deleted
    assert (found[1].key, found[1].by) == (goes.id, "network")
    assert found[2].text == "lamp"


def test_what_was_hidden_unheard_is_found(sim, adapter, since):
    said_ = sim.comment(sim.jo, "Hm", sim.write_post(), push=False)
    said_.hidden = True
    found = pulled(adapter, "published_posts", {}, since)
    told = [adapter.parse(one) for one in found]
    assert [one.key for one in told if isinstance(one, items.Hidden)] == [said_.id]


def test_words_that_were_changed_back_are_known_the_next_day(sim, adapter):
    one = sim.comment(sim.jo, "A", sim.write_post())
    names = []
    for text in ("A", "B", "A"):
        one.message = text
        [item] = adapter.reread([one.id]).items
        names.append((item.key, item.revision))
        sim.advance(days=1)
    assert len(set(names)) == 3


def test_a_throttle_within_a_batch_is_told(sim, adapter):
    one = sim.comment(sim.jo, "A", sim.write_post())
    error = '{"error":{"code":32,"message":"slow"}}'
    answer = [{"code": 400, "headers": [], "body": error}]
    sim.fail(path=r"/v[0-9.]+/\Z", answer=Answer(answer))
    with pytest.raises(errors.RateLimited):
        adapter.reread([one.id])
    for nonsense in ([], [None, 5], [{"code": 200, "body": "{"}, {}]):
        sim.fail(path=r"/v[0-9.]+/\Z", answer=Answer(nonsense))
        with pytest.raises(errors.MalformedResponse):
            adapter.reread([one.id])


# --- what stands above, and links -----------------------------------------------------
def test_what_stands_above_an_answer(sim, adapter):
    post = sim.write_post("Our sale")
    top = sim.comment(sim.jo, "First", post)
    deep = sim.comment(sim.jo, "Second", top)
    found = adapter.fetch_context(deep.id).items
    assert said(adapter, found) == ["Our sale", "First"]
    assert said(adapter, adapter.fetch_context(top.id).items) == ["Our sale"]
    assert not adapter.fetch_context(f"post:{post.id}").items


def test_links_to_comments_and_posts(sim, adapter):
    post = sim.write_post("Our sale")
    one = sim.comment(sim.jo, "Hm", post)
    number, own = post.number, one.id.partition("_")[2]
    page = sim.page.id
    for link in (
        sim.comment_link(one),
        f"https://www.facebook.com/permalink.php?story_fbid={number}&id={page}"
        f"&comment_id={own}",
        f"https://m.facebook.com/acme/posts/{number}?comment_id=1&reply_comment_id={own}",
    ):
        assert adapter.parse(adapter.resolve(link)).key == one.id, link
    for link in (sim.link_of(post), f"https://facebook.com/{page}/posts/{number}"):
        assert adapter.parse(adapter.resolve(link)).key == post.id, link


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/acme/posts/1",
        "https://facebook.com.evil.example/acme/posts/1",
        "https://www.facebook.com/acme",
        "https://www.facebook.com/acme/posts/pfbid0nobodyKnowsThisOne",
        "javascript:alert(1)",
        "https://www.facebook.com/acme/posts/../../me?fields=access_token",
    ],
)
def test_links_that_lead_nowhere(adapter, link):
    with pytest.raises(errors.RejectedError):
        adapter.resolve(link)
