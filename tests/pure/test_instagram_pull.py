"""What is pulled from Instagram: comments of every post, tags, single things again."""

import json
from datetime import timedelta

import pytest
from instagram_kit import calls, connect, everything, heard, pushed
from simulators.instagram import InstagramSimulator
from simulators.server import Answer

from networks import errors, instagram_comments, instagram_position, items


@pytest.fixture
def sim():
    with InstagramSimulator() as found:
        yield found


@pytest.fixture
def adapter(sim):
    return connect(sim)


@pytest.fixture
def jo(sim):
    return sim.add_customer("Jo")


def words_of(found) -> set:
    return {one.text for one in found.values()}


# --- comments of posts ------------------------------------------------------------
def test_what_was_pushed_is_pulled_under_the_same_name(sim, adapter, jo):
    comment = sim.comment(jo, "My lamp broke")
    [told] = pushed(adapter, sim)
    found = everything(adapter, sim)
    assert set(found) == {comment.id, sim.latest.id}
    one = found[comment.id]
    assert (one.key, one.text, one.author.id) == (told.key, told.text, told.author.id)
    assert one.permalink == f"{sim.latest.permalink}c/{comment.id}/"
    assert found[sim.latest.id].author.id == sim.own, "our post, shown above it"
    assert not found[sim.latest.id].addressed


def test_a_quiet_account_costs_one_call(sim, adapter, jo):
    sim.comment(jo, "Hello")
    cursors = {}
    everything(adapter, sim, cursors=cursors)
    sim.calls.clear()
    assert not everything(adapter, sim, cursors=cursors)
    assert [one.path.rpartition("/")[2] for one in sim.calls] == ["media"]


def test_comments_on_old_posts_are_found_within_a_day(sim, adapter, jo):
    """Zammad#4725: many posts, and the old ones were never looked at."""
    posts = [sim.post(f"Lamp {n}", ago=timedelta(days=10 + n)) for n in range(120)]
    cursors = {}
    everything(adapter, sim, cursors=cursors)
    late = sim.comment(jo, "On the oldest", posts[-1])
    assert not everything(adapter, sim, cursors=cursors)
    sim.advance(days=1, hours=1)
    found = everything(adapter, sim, cursors=cursors)
    assert late.id in found
    assert posts[-1].id in found, "with the post that it is about"
    assert not everything(adapter, sim, cursors=cursors)


def test_a_post_with_many_comments_is_read_to_its_known_part(sim, adapter, jo):
    cursors = {}
    long_ago = sim.comment(jo, "First", at=sim.now() - timedelta(hours=1))
    everything(adapter, sim, cursors=cursors)
    sim.advance(hours=2)
    said = {sim.comment(jo, f"Number {n}").id for n in range(130)}
    sim.calls.clear()
    found = everything(adapter, sim, cursors=cursors)
    assert set(found) == said
    assert long_ago.id not in found
    # the posts, and 131 comments in pages of 50
    assert len(sim.calls) == 4


def test_nothing_waits_open_while_pages_are_left(sim, adapter, jo):
    """Newest first: what is above a gap waits until the gap is closed."""
    for number in range(60):
        sim.comment(jo, f"Number {number}")
    since, cursor, closed = sim.now() - timedelta(days=7), "", []
    for _page in range(4):
        page = adapter.fetch("comments", cursor, since)
        cursor = page.cursor
        closed.append((page.closed, page.more))
    assert closed == [(True, True), (False, True), (True, False), (True, False)]


def test_answers_that_do_not_fit_beside_their_comment_are_read_as_well(
    sim, adapter, jo
):
    top = sim.comment(jo, "Who else?")
    said = {sim.comment(jo, f"Me {n}", parent=top).id for n in range(75)}
    found = everything(adapter, sim)
    assert said <= set(found)
    assert {found[one].parent for one in said} == {top.id}


def test_an_answer_deep_below_is_found_by_the_number_of_comments(sim, adapter, jo):
    """The new answer is below a comment that 80 newer ones stand above of."""
    top = sim.comment(jo, "Old", at=sim.now() - timedelta(days=2))
    for number in range(80):
        sim.comment(jo, f"Number {number}", at=sim.now() - timedelta(days=1))
    cursors = {}
    everything(adapter, sim, cursors=cursors)
    sim.advance(hours=3)
    late = sim.comment(jo, "Still broken", parent=top)
    assert set(everything(adapter, sim, cursors=cursors)) == {late.id}


def test_one_came_and_one_went(sim, adapter, jo):
    """The number is the same: posts of late are looked at once an hour all the same."""
    first = sim.comment(jo, "First")
    cursors = {}
    everything(adapter, sim, cursors=cursors)
    sim.advance(minutes=5)
    first.deleted = True
    second = sim.comment(jo, "Second")
    assert not everything(adapter, sim, cursors=cursors)
    sim.advance(hours=1)
    assert set(everything(adapter, sim, cursors=cursors)) == {second.id}


def test_pages_that_are_empty_and_go_on(sim, adapter, jo):
    """Meta takes things out after it has cut the page."""
    comment = sim.comment(jo, "Hello")
    sim.empty_pages = 3
    cursors = {}
    found = everything(adapter, sim, cursors=cursors)
    sim.advance(days=2)
    assert comment.id in {**found, **everything(adapter, sim, cursors=cursors)}


def test_a_cursor_that_ended_meanwhile(sim, adapter, jo):
    said = {sim.comment(jo, f"Number {n}").id for n in range(120)}
    since, cursor, found = sim.now() - timedelta(days=7), "", set()
    for number in range(12):
        page = adapter.fetch("comments", cursor, since)
        cursor = page.cursor
        found |= {adapter.parse(one).key for one in page.items}
        if number == 1:
            sim.cursor_age += 1
        if not page.more:
            break
    assert said <= found
    assert not page.more


def test_a_cursor_of_yesterday_is_not_even_tried(sim, adapter, jo):
    said = {sim.comment(jo, f"Number {n}").id for n in range(120)}
    cursors = {}
    since = sim.now() - timedelta(days=7)
    for _page in range(2):
        page = adapter.fetch("comments", cursors.get("comments", ""), since)
        cursors["comments"] = page.cursor
    taken = {adapter.parse(one).key for one in page.items}
    sim.advance(hours=12)
    sim.calls.clear()
    assert said <= taken | set(everything(adapter, sim, cursors=cursors))
    assert not sim.calls[0].arg("after")


def test_a_post_that_is_deleted_while_it_is_read(sim, adapter, jo):
    other = sim.post("Another")
    sim.comment(jo, "Here", other)
    gone = sim.post("Gone soon")
    sim.comment(jo, "There", gone)
    since = sim.now() - timedelta(days=7)
    page = adapter.fetch("comments", "", since)
    gone.deleted = True
    cursors = {"comments": page.cursor}
    assert words_of(everything(adapter, sim, cursors=cursors)) == {"Here"}


def test_a_cursor_that_is_none_of_ours_begins_again(sim, adapter):
    for cursor in ("5", "[]", "{", "\x00", '"x"'):
        for stream in ("comments", "tags"):
            with pytest.raises(errors.CursorExpired):
                adapter.fetch(stream, cursor, sim.now())


def test_a_damaged_cursor_does_no_harm(sim, adapter, jo):
    comment = sim.comment(jo, "Hello")
    nonsense = (None, 5, "x", [], {}, [[]], [{"kind": "comments"}], {"1": 2}, True)
    for name in ("posts", "known", "jobs", "listing", "sweep", "deep"):
        for value in nonsense:
            cursors = {"comments": json.dumps({name: value})}
            sim.advance(days=2)
            everything(adapter, sim, cursors=cursors, days=1000)
    assert comment.id in everything(adapter, sim, days=1000)


def test_the_first_look_is_bounded(sim, adapter, jo):
    """Freescout#1201: connecting made "tons of tickets" of old messages."""
    sim.comment(jo, "Long ago", at=sim.now() - timedelta(days=40))
    comment = sim.comment(jo, "Yesterday", at=sim.now() - timedelta(days=1))
    found = everything(adapter, sim)
    assert comment.id in found and "Long ago" not in words_of(found)


def test_a_cursor_does_not_grow_with_the_years(sim, adapter):
    for number in range(300):
        sim.post(f"Lamp {number}", ago=timedelta(days=number))
    cursors = {}
    everything(adapter, sim, cursors=cursors)
    assert len(cursors["comments"]) < 300 * 50


def test_more_posts_than_are_remembered(sim, adapter, jo, monkeypatch):
    """The newest stay known: nothing is read again and again."""
    for module in (instagram_position, instagram_comments):
        monkeypatch.setattr(module, "MAX_POSTS", 60)
    sim.latest.at -= timedelta(days=900)
    for number in range(200, 0, -1):
        sim.comment(jo, "Hello", sim.post(f"Lamp {number}", ago=timedelta(days=number)))
    cursors = {}
    everything(adapter, sim, cursors=cursors)
    sim.calls.clear()
    assert not everything(adapter, sim, cursors=cursors)
    assert len(sim.calls) == 1
    sim.advance(days=2)
    sim.calls.clear()
    everything(adapter, sim, cursors=cursors)
    listed = [one for one in sim.calls if one.path.endswith("/media")]
    assert len(listed) == 2, "as many as are remembered, not all"


# --- tags -------------------------------------------------------------------------
def test_a_post_that_we_are_marked_in(sim, adapter):
    cursors = {}
    for number in range(30):
        sim.post(f"Picture {number}", owner="garden_jo", tagged=True)
    named = sim.post("With @acme", owner="garden_jo", tagged=True)
    found = everything(adapter, sim, "tags", cursors)
    assert len(found) == 31
    one = next(iter(found.values()))
    assert one.author.handle == "garden_jo" and one.author.shared
    assert one.addressed and one.permalink
    assert one.extra["place"] == "tagged"
    assert found[named.id].extra["place"] == "named"


def test_without_a_page_there_are_no_tags():
    with InstagramSimulator("instagram") as sim:
        adapter = connect(sim)
        sim.calls.clear()
        assert not everything(adapter, sim, "tags")
        assert not sim.calls


# --- announced --------------------------------------------------------------------
def read(adapter, sim, announced):
    page = adapter.fetch_announced(announced.ref)
    [item] = page.items
    return adapter.parse(item)


def test_a_mention_below_somebody_elses_post(sim, adapter, jo):
    comment = sim.mention(jo, "Look at this, @acme")
    [announced] = pushed(adapter, sim)
    found = read(adapter, sim, announced)
    assert (found.key, found.text) == (comment.id, comment.text)
    assert found.permalink == f"{comment.post.permalink}c/{comment.id}/"
    assert found.extra["place"] == "theirs"
    assert found.extra["media"] == comment.post.id


def test_who_is_told_by_name_only_is_never_taken_for_a_person(sim, adapter, jo):
    """Names change hands: the id identifies, the name is a label."""
    sim.mention(jo)
    [announced] = pushed(adapter, sim)
    found = read(adapter, sim, announced)
    assert found.author.handle == "jo"
    assert found.author.shared and found.author.scope == "username"
    assert found.author.id != jo.id


def test_a_mention_in_a_caption(sim, adapter, jo):
    post = sim.caption_mention(jo, "Thanks @acme for nothing")
    [announced] = pushed(adapter, sim)
    found = read(adapter, sim, announced)
    assert (found.key, found.text) == (post.id, post.caption)
    assert found.permalink == post.permalink and found.addressed


def test_a_mention_that_is_gone_by_then(sim, adapter, jo):
    comment = sim.mention(jo)
    [announced] = pushed(adapter, sim)
    comment.deleted = True
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_announced(announced.ref)


def test_announced_with_instagram_login_is_told_not_guessed():
    with InstagramSimulator("instagram") as sim:
        adapter = connect(sim)
        sim.mention(sim.add_customer())
        [announced] = pushed(adapter, sim)
        with pytest.raises(errors.RejectedError) as caught:
            adapter.fetch_announced(announced.ref)
        assert not isinstance(caught.value, errors.NotFoundError)


@pytest.mark.parametrize("ref", ("", "mention:", "post:x", "mention:1){id}:2", "17"))
def test_no_other_words_get_into_the_question(sim, adapter, ref):
    sim.calls.clear()
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_announced(ref)
    assert not sim.calls


# --- again ------------------------------------------------------------------------
def test_many_are_read_again_in_one_call(sim, adapter, jo):
    said = [sim.comment(jo, f"Number {n}") for n in range(20)]
    said[3].text = "Edited"
    said[7].deleted = True
    sim.calls.clear()
    page = adapter.reread([one.id for one in said])
    assert len(sim.calls) == 1
    found = {one.key: one for one in map(adapter.parse, page.items)}
    assert isinstance(found[said[7].id], items.Removal)
    assert found[said[3].id].text == "Edited"
    assert len(found) == 20


def test_one_by_one_with_instagram_login():
    with InstagramSimulator("instagram") as sim:
        adapter = connect(sim)
        comment = sim.comment(sim.add_customer(), "Hello")
        assert adapter.reread_batch == 1
        [item] = adapter.reread([comment.id]).items
        assert adapter.parse(item).text == "Hello"
        comment.deleted = True
        [item] = adapter.reread([comment.id]).items
        assert isinstance(adapter.parse(item), items.Removal)


def test_mentions_are_read_again_by_way_of_themselves(sim, adapter, jo):
    """By itself nobody's comment below another's post can be read: that would look
    like a deletion."""
    comment = sim.mention(jo)
    [announced] = pushed(adapter, sim)
    found = read(adapter, sim, announced)
    own = heard(adapter, sim, sim.comment(jo, "And here"))
    page = adapter.reread([found.ref, own.ref])
    assert {adapter.parse(one).key for one in page.items} == {comment.id, own.key}
    again = next(one for one in map(adapter.parse, page.items) if one.key == comment.id)
    assert isinstance(again, items.Incoming) and again.ref == found.ref
    comment.deleted = True
    gone = [adapter.parse(one) for one in adapter.reread([found.ref, own.ref]).items]
    assert [type(one).__name__ for one in gone if one.key == comment.id] == ["Removal"]


def test_a_post_of_ours_is_not_taken_for_gone(sim, adapter):
    post = sim.latest
    assert not adapter.reread([post.id, post.id]).items
    post.deleted = True
    other = sim.comment(sim.add_customer(), "Hello", sim.post("Another"))
    page = adapter.reread([post.id, other.id])
    gone = [adapter.parse(one) for one in page.items]
    assert {type(one).__name__ for one in gone if one.key == post.id} == {"Removal"}


def test_an_account_that_was_taken_away_deletes_nothing(sim, adapter, jo):
    """100/33 means "gone" and "not for you" alike: nothing at all is the second."""
    refs = [sim.comment(jo, f"Number {n}").id for n in range(3)]
    sim.unlinked = True
    with pytest.raises(errors.ScopeError):
        adapter.reread(refs)


def test_half_an_answer_of_a_batch_is_no_deletion(sim, adapter, jo):
    refs = [sim.comment(jo, f"Number {n}").id for n in range(2)]
    row = {"code": 200, "body": json.dumps({"id": refs[0], "text": "x"})}
    for rows in ([None, row], [{"code": 500, "body": "oops"}, row]):
        sim.fail(method="POST", answer=Answer(rows))
        with pytest.raises(errors.TransientError):
            adapter.reread(refs)
    for rows in ([row], {}, "x", [row, row, row]):
        sim.fail(method="POST", answer=Answer(rows))
        with pytest.raises(errors.NetworkError):
            adapter.reread(refs)


# --- by a link --------------------------------------------------------------------
def test_a_link_to_our_post_and_to_a_comment(sim, adapter, jo):
    comment = sim.comment(jo, "Hello")
    post = sim.latest
    assert adapter.parse(adapter.resolve(post.permalink)).key == post.id
    for link in (f"{post.permalink}c/{comment.id}/", f"{post.permalink}c/{comment.id}"):
        assert adapter.parse(adapter.resolve(link)).key == comment.id
    reel = post.permalink.replace("/p/", "/reel/") + "?igsh=abc"
    assert adapter.parse(adapter.resolve(reel)).key == post.id


def test_links_to_elsewhere(sim, adapter):
    theirs = sim.post("Theirs", owner="eve")
    with pytest.raises(errors.NotFoundError):
        adapter.resolve(theirs.permalink)
    for link in (
        "https://www.instagram.com/acme/",
        "https://instagram.com.evil.example/p/x/",
        "http://www.instagram.com/p/x/",
        "https://www.instagram.com/p/x/c/1?fields=y/../../me",
    ):
        with pytest.raises(errors.NetworkError):
            adapter.resolve(link)
    assert not calls(sim, "fields=y")


# --- limits -----------------------------------------------------------------------
def test_a_meter_that_is_nearly_full_slows_us_down(sim, adapter):
    sim.use_up(95, kind="instagram")
    adapter.fetch("comments", "", sim.now())
    assert adapter.rest >= 60


def test_the_limit_of_instagram_is_told_in_minutes(sim, adapter):
    sim.use_up(100, 7, kind="instagram")
    sim.refuse(80002, 2207051)
    with pytest.raises(errors.RateLimited) as caught:
        adapter.fetch("comments", "", sim.now())
    assert caught.value.retry_after == 7 * 60
