"""What happens on a Page, pushed: every item and verb, people with and without a name,
two levels, files, what is ours."""

import dataclasses
import json

import pytest
from facebook_kit import PNG, answer, connect, heard, pushed
from hypothesis import given, settings, strategies
from simulators.facebook import FacebookSimulator

from networks import errors, items


@pytest.fixture
def sim():
    with FacebookSimulator() as server:
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


# --- comments ---------------------------------------------------------------------
def test_a_comment_hangs_on_its_post_an_answer_on_the_first_comment(sim, adapter):
    """Zammad#4398: each with its own author, at its own place."""
    post = sim.write_post()
    jo, ann = sim.add_customer("Jo"), sim.add_customer("Ann")
    sim.queue.clear()
    first = sim.comment(jo, "My lamp broke", post)
    second = sim.comment(ann, "Mine too", first)
    third = sim.comment(jo, "How old?", second)
    found = pushed(adapter, sim)
    assert [one.parent for one in found] == [post.id, first.id, first.id]
    assert [one.parent_ref for one in found] == [f"post:{post.id}", first.id, first.id]
    assert [one.author.id for one in found] == [jo.id, ann.id, jo.id]
    assert {one.author.scope for one in found} == {sim.page.id}
    assert [one.key for one in found] == [first.id, second.id, third.id]
    assert [one.extra.get("top", "") for one in found] == ["", first.id, first.id]
    assert found[0].permalink == sim.comment_link(first)


def test_ids_beyond_what_a_float_holds_stay_whole(sim, adapter):
    """Meta §1: an id may exceed 2^53."""
    found = heard(adapter, sim)
    jo = next(iter(sim.inboxes[sim.page.id].people.values()))
    assert int(jo.id) > 2**53 and found.author.id == jo.id


def test_somebody_without_a_name(sim, adapter):
    found = heard(adapter, sim, nameless=True)
    assert found.author == items.Author()
    assert found.text == "My lamp broke"


def test_our_own_words_are_ours(sim, adapter):
    """Zammad#406: what the page says is never a customer's."""
    sim.comment(None, "Solved")
    for one in pushed(adapter, sim):
        assert one.author == items.Author(id=sim.page.id)
        assert one.revision == 0


def test_a_picture_without_a_word(sim, adapter):
    found = heard(adapter, sim, "", attachment=sim.picture(PNG))
    [media] = found.media
    assert (media.kind, found.text) == ("image", "")
    assert adapter.fetch_media(media.ref) == (PNG, "image/png")


def test_the_address_of_a_file_may_end(sim, adapter):
    """Signed addresses end within an hour; the file is read anew by its comment."""
    found = heard(adapter, sim, "", attachment=sim.picture(PNG))
    sim.advance(hours=5)
    assert adapter.fetch_media(found.media[0].ref)[0] == PNG
    sim.comments[found.key].deleted = True
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_media(found.media[0].ref)


def test_pushed_and_pulled_name_a_file_alike(sim, adapter):
    found = heard(adapter, sim, "Look", attachment=sim.picture(PNG))
    [item] = adapter.reread([found.ref]).items
    again = adapter.parse(item)
    assert [one.ref for one in again.media] == [one.ref for one in found.media]


@pytest.mark.parametrize("ref", ["", "#", "x#0", "777_888#", "777_888#9", "a b#0"])
def test_no_file_of_ours(adapter, ref):
    with pytest.raises(errors.NetworkError):
        adapter.fetch_media(ref)


# --- posts ------------------------------------------------------------------------
def test_a_visitors_post_and_an_album(sim, adapter):
    jo = sim.add_customer("Jo")
    post = sim.write_post("Broken", jo, attachments=[sim.picture(), sim.picture(PNG)])
    [found] = pushed(adapter, sim)
    assert (found.key, found.author.id, len(found.media)) == (post.id, jo.id, 2)
    assert found.ref == f"post:{post.id}"
    assert adapter.fetch_media(found.media[1].ref)[0] == PNG


def test_a_share_is_read_along_and_asks_nothing(sim, adapter):
    value = {"item": "share", "verb": "add", "post_id": "42_7", "share_id": "7"}
    value |= {"from": {"id": "42", "name": "Jo"}, "link": "https://acme.example/sale"}
    value |= {"created_time": 1785312004}
    found = pushed(adapter, sim, sim.push(value))[0]
    assert found.context and found.text == "https://acme.example/sale"


def test_what_is_not_published_is_nothing_yet(sim, adapter):
    value = {"item": "post", "verb": "add", "post_id": "42_7", "published": 0}
    [found] = pushed(adapter, sim, sim.push(value | {"created_time": 1785312004}))
    assert found == items.Unknown("unpublished", ignorable=True)


# --- verbs ------------------------------------------------------------------------
@pytest.mark.parametrize("verb", ["edit", "edited"])
def test_an_edit_is_a_newer_revision(sim, adapter, verb):
    first = heard(adapter, sim, "My lmap broke")
    said = sim.comments[first.key]
    sim.advance(minutes=3)
    said.message = "My lamp broke"
    sim.queue.clear()
    sim.tell_comment(said, verb)
    [found] = pushed(adapter, sim)
    assert (found.key, found.text) == (first.key, "My lamp broke")
    assert found.revision > first.revision and found.edited_at == sim.now()
    assert found.sent_at == first.sent_at


@pytest.mark.parametrize("verb", ["remove", "delete"])
def test_a_removal_needs_no_author(sim, adapter, verb):
    found = heard(adapter, sim)
    sim.queue.clear()
    sim.remove(sim.comments[found.key])
    sim.queue[0]["entry"][0]["changes"][0]["value"]["verb"] = verb
    assert pushed(adapter, sim) == [items.Removal(found.key, sim.now())]


def test_hidden_and_shown(sim, adapter):
    found = heard(adapter, sim)
    sim.queue.clear()
    sim.hide(sim.comments[found.key])
    sim.hide(sim.comments[found.key], False)
    told = pushed(adapter, sim)
    assert [(one.key, one.hidden) for one in told] == [
        (found.key, True),
        (found.key, False),
    ]


def test_reactions_are_counted_and_ours_are_not(sim, adapter):
    found = heard(adapter, sim)
    said, jo = sim.comments[found.key], sim.add_customer("Ann")
    sim.queue.clear()
    sim.react(said, who=jo, kind="angry")
    [one] = pushed(adapter, sim)
    assert (one.key, one.symbol, one.removed) == (said.id, "😡", False)
    value = sim.queue[0]["entry"][0]["changes"][0]["value"]
    for changed, reason in (
        ({"from": {"id": sim.page.id}}, "own_reaction"),
        ({"verb": "edit"}, "reaction_changed"),
    ):
        [one] = pushed(adapter, sim, sim.push({**value, **changed}))
        assert one == items.Unknown(reason, ignorable=True)


@pytest.mark.parametrize(
    "value",
    [
        {"item": "comment", "verb": "block", "comment_id": "1_2"},
        {"item": "poll", "verb": "add"},
        {"item": "comment", "verb": "add"},
        {},
    ],
)
def test_what_nobody_knows_is_kept(sim, adapter, value):
    """Zammad#5439: one unknown kind stops nothing."""
    payload = sim.push(value)
    good = sim.comment(sim.add_customer("Jo"), "Hello", sim.write_post())
    batch = sim.batched([payload, sim.queue[-1]])
    found = pushed(adapter, sim, batch)
    assert isinstance(found[0], items.Unknown)
    assert found[1].key == good.id


# --- mentions ---------------------------------------------------------------------
def test_a_mention_is_read_by_its_id(sim, adapter):
    said = sim.mention_in_comment(sim.add_customer("Jo"), "@Acme is no good")
    [found] = pushed(adapter, sim)
    assert found == items.Announced(said.id)
    [item] = adapter.fetch_announced(found.ref).items
    one = adapter.parse(item)
    assert (one.key, one.text, one.addressed) == (said.id, "@Acme is no good", True)
    said.deleted = True
    with pytest.raises(errors.NotFoundError):
        adapter.fetch_announced(found.ref)


def test_a_mention_in_a_post(sim, adapter):
    post = sim.write_post("@Acme is great", sim.add_customer("Jo"), "tagged")
    [found] = pushed(adapter, sim)
    assert found == items.Announced(f"post:{post.id}")
    [item] = adapter.fetch_announced(found.ref).items
    assert adapter.parse(item).key == post.id


# --- deliveries -------------------------------------------------------------------
def test_a_batch_for_two_pages_and_messages_beside_posts(sim, adapter):
    other = sim.add_page("999", "Outlet")
    jo = sim.add_customer("Jo")
    one = sim.comment(jo, "To the first", sim.write_post())
    two = sim.comment(jo, "To the second", sim.write_post(page=other))
    mid = sim.write(jo, "In private").mid
    _headers, _query, raw = sim.request(sim.batched(sim.queue))
    found = {}
    for item in adapter.split(raw):
        parsed = adapter.parse(item)
        found[parsed.key] = (item.account, parsed.audience)
    assert found[one.id] == (sim.page.id, "public")
    assert found[two.id] == (other.id, "public")
    assert found[f"{sim.page.id}:{mid}"] == (sim.page.id, "private")


def test_what_is_delivered_again_has_the_same_name(sim, adapter):
    sim.comment(sim.add_customer("Jo"), "Hello", sim.write_post())
    payload = sim.queue[-1]
    names = set()
    for _turn in range(3):
        sim.advance(hours=7)
        payload["entry"][0]["time"] += 25200
        [item] = adapter.split(sim.request(payload)[2])
        names.add((item.key, item.revision))
    assert len(names) == 1


def test_two_edits_are_two(sim, adapter):
    found = heard(adapter, sim, "a")
    sim.queue.clear()
    for text in ("b", "c"):
        sim.edit(sim.comments[found.key], text)
    one, two = (adapter.split(sim.request(it)[2])[0] for it in sim.queue)
    assert (one.key, one.revision) != (two.key, two.revision)


@pytest.mark.parametrize(
    "raw", [b'{"object":"page"}', b'{"object":"instagram","entry":[{"id":"1"}]}', b"{"]
)
def test_deliveries_of_something_else_are_refused(adapter, raw):
    with pytest.raises(errors.MalformedResponse):
        adapter.split(raw)


_anything = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats(allow_nan=False)
    | strategies.text(max_size=20),
    lambda inner: (
        strategies.lists(inner, max_size=4)
        | strategies.dictionaries(strategies.text(max_size=12), inner, max_size=5)
    ),
    max_leaves=15,
)


def test_nothing_in_a_change_breaks_the_reading():
    with FacebookSimulator() as sim:
        adapter = connect(sim)
        sim.comment(sim.add_customer("Jo"), "Hello", attachment=sim.picture())
        whole = sim.queue[-1]["entry"][0]["changes"][0]["value"]

        @settings(max_examples=200, deadline=None, database=None)
        @given(
            strategies.sampled_from(sorted({*whole, "photos", "message_tags", "link"})),
            _anything,
            strategies.sampled_from(["feed", "mention", "ratings", ""]),
        )
        def damaged(key, value, field):
            change = {"field": field, "value": {**whole, key: value}}
            entry = {"id": sim.page.id, "time": 1, "changes": [change]}
            raw = json.dumps({"object": "page", "entry": [entry]}).encode()
            for item in adapter.split(raw):
                assert isinstance(adapter.parse(item), items.Parsed)

        damaged()


def test_any_script_and_half_an_emoji(sim, adapter):
    for text in ("مرحبا", "你好", "नमस्ते", "👩🏽‍🚀", "\ud83d"):
        found = heard(adapter, sim, text)
        assert found.text == text.encode("utf-16", "surrogatepass").decode(
            "utf-16", "replace"
        )


def test_a_draft_goes_back_to_where_it_came_from(sim, adapter):
    found = heard(adapter, sim)
    kept = json.loads(json.dumps(dataclasses.asdict(found), default=str))
    assert kept["extra"] == found.extra
    done = adapter.publish(answer(found), "key")
    assert sim.comments[done.key].parent.id == found.key
