"""What Instagram pushes: comments in both shapes, mentions, stories, other people's."""

import json
from datetime import datetime, timezone

import pytest
from instagram_kit import connect, facts_of, heard, kinds, pushed  # noqa: I001
from simulators.instagram import InstagramSimulator

from networks import base, errors, items


@pytest.fixture(params=["facebook", "instagram"])
def sim(request):
    with InstagramSimulator(request.param) as found:
        yield found


@pytest.fixture
def adapter(sim):
    return connect(sim)


# --- comments ---------------------------------------------------------------------
def test_a_comment_with_its_author_and_place(sim, adapter):
    jo = sim.add_customer("Jo K")
    comment = sim.comment(jo, "My lamp broke 😢")
    [found] = pushed(adapter, sim)
    assert (found.key, found.ref, found.text) == (comment.id, comment.id, comment.text)
    assert (found.author.id, found.author.handle) == (jo.id, "jo_k")
    assert found.author.scope == sim.own
    assert found.audience == items.PUBLIC and found.addressed and not found.thread
    assert found.parent == sim.latest.id, "it stands below our post"


def test_the_time_is_when_we_were_told_as_a_comment_has_none(sim, adapter):
    """chatwoot#14739: never when we got round to it."""
    sim.comment(sim.add_customer(), "Hello")
    told = sim.now()
    sim.advance(hours=3)
    [found] = pushed(adapter, sim)
    assert found.sent_at == told


def test_an_answer_to_an_answer_stands_below_the_first(sim, adapter):
    jo, eve = sim.add_customer("Jo"), sim.add_customer("Eve")
    top = sim.comment(jo, "Broken")
    reply = sim.comment(eve, "Mine too", parent=top)
    below = sim.comment(jo, "Really?", parent=reply)
    found = heard(adapter, sim, below)
    assert found.parent == top.id
    assert found.extra["top"] == top.id
    assert found.extra["name"] == "jo"


def test_a_comment_on_a_year_old_post_is_one_like_any_other(sim, adapter):
    """There is no age cut."""
    old = sim.post(
        "Last year's lamp",
        ago=datetime.now(timezone.utc) - datetime(2025, 1, 1, tzinfo=timezone.utc),
    )
    comment = sim.comment(sim.add_customer(), "Still sold?", old)
    [found] = pushed(adapter, sim)
    assert found.key == comment.id and found.parent == old.id
    ways = kinds(adapter, facts_of(found))
    assert ways[base.REPLY_PUBLIC].allowed and ways[base.REPLY_PRIVATE].allowed


def test_an_advert_tells_its_comment_twice_and_it_is_one(sim, adapter):
    """Peers, "seen twice" 9: once for the advert, once for its post."""
    post = sim.latest
    comment = sim.comment(sim.add_customer(), "Too dear", quiet=True)
    advert = {
        "id": "17955555555555555",
        "media_product_type": "AD",
        "ad_id": "6123",
        "ad_title": "Sale",
        "original_media_id": post.id,
    }
    comment.extra = {"media_product_type": "AD", **advert}
    first = sim.comment_payload(comment)
    comment.extra = {}
    second = sim.comment_payload(comment)
    rows = [adapter.split(sim.request(one)[2])[0] for one in (first, second)]
    assert len({(one.key, one.revision) for one in rows}) == 1
    found = adapter.parse(rows[0])
    assert found.parent == post.id, "the post that we know"
    assert (found.extra["ad"], found.extra["ad_title"]) == ("6123", "Sale")


def test_what_we_wrote_in_the_app_is_ours(sim, adapter):
    sim.tells_own_comments = True
    sim.comment(None, "We look into it")
    [found] = pushed(adapter, sim)
    assert found.author.id == sim.own


def test_our_own_name_is_not_enough_where_an_id_is_told(sim, adapter):
    """Somebody took our former name, or looks like it."""
    jo = sim.add_customer("Jo", username="acme")
    assert heard(adapter, sim, sim.comment(jo, "I am Acme")).author.id == jo.id


def test_a_comment_without_words_is_named_not_dropped(sim, adapter):
    """chatwoot#4073: a moving picture is all that some people say."""
    sim.comment(sim.add_customer(), "")
    [found] = pushed(adapter, sim)
    assert (found.kind, found.text) == ("unsupported", "[unsupported]")


def test_a_live_comment(sim, adapter):
    live = sim.post("We are on the air", kind="LIVE", live=True)
    sim.comment(sim.add_customer(), "Hi from Lima", live)
    [found] = pushed(adapter, sim)
    assert found.extra["place"] == "live"
    way = kinds(adapter, facts_of(found))[base.REPLY_PRIVATE]
    assert way.allowed and way.until
    sim.advance(hours=5)
    way = kinds(adapter, facts_of(found))[base.REPLY_PRIVATE]
    assert (way.allowed, way.reason) == (False, "window_closed")


# --- batches ----------------------------------------------------------------------
def test_each_of_a_batch_for_its_own_account(sim, adapter):
    jo, eve = sim.add_customer("Jo"), sim.add_customer("Eve")
    sim.comment(jo, "One")
    sim.comment(eve, "Two")
    sim.write(jo, "Three")
    other = json.loads(json.dumps(sim.queue[0]))
    other["entry"][0]["id"] = "17841400000000007"
    whole = sim.batched([*sim.queue, other])
    rows = adapter.split(sim.request(whole)[2])
    assert [one.account for one in rows] == [sim.own] * 3 + ["17841400000000007"]
    found = [adapter.parse(one) for one in rows]
    assert [one.text for one in found] == ["One", "Two", "Three", "One"]
    assert [one.author.id for one in found[:3]] == [jo.id, eve.id, jo.id]


def test_the_other_shape_of_either_way_to_sign_in_is_read_as_well(sim, adapter):
    sim.comment(sim.add_customer(), "Hello")
    sim.login = "instagram" if sim.login == "facebook" else "facebook"
    sim.comment(sim.add_customer(), "Hello again")
    assert [one.text for one in pushed(adapter, sim)] == ["Hello", "Hello again"]


def test_a_message_in_the_shape_of_a_change(sim, adapter):
    """As the test button of the app's dashboard sends it."""
    jo = sim.add_customer()
    sim.write(jo, "Hello")
    element = sim.queue.pop()["entry"][0]["messaging"][0]
    [found] = pushed(adapter, sim, sim.change("messages", element))
    assert (found.audience, found.text, found.thread) == ("private", "Hello", jo.id)


def test_another_kind_of_object_is_not_for_us(sim, adapter):
    body = {"object": "page", "entry": [{"id": sim.own, "changes": []}]}
    with pytest.raises(errors.MalformedResponse):
        adapter.split(sim.request(body)[2])


def test_an_unknown_field_is_kept_and_told(sim, adapter):
    [found] = pushed(adapter, sim, sim.change("new_thing", {"x": 1}))
    assert found == items.Unknown("new_thing")
    [found] = pushed(adapter, sim, sim.change("story_insights", {"reach": 1}))
    assert found.ignorable


# --- signature --------------------------------------------------------------------
def test_only_the_apps_own_secret_opens_the_door(sim, adapter):
    sim.comment(sim.add_customer(), "Ça marche? 灯")
    headers, query, raw = sim.request(sim.queue[0])
    assert adapter.verify(headers, query, raw)
    again = json.dumps(json.loads(raw)).encode()
    assert not adapter.verify(headers, query, again), "signed are the very bytes"
    assert not adapter.verify(*sim.request(sim.queue[0], "another app's secret"))
    assert not connect(sim, app_secret="").verify(headers, query, raw)


# --- mentions ---------------------------------------------------------------------
def test_a_mention_is_only_announced(sim, adapter):
    comment = sim.mention(sim.add_customer("Jo"))
    [found] = pushed(adapter, sim)
    assert found == items.Announced(f"mention:{comment.id}:{comment.post.id}")
    sim.queue.clear()
    post = sim.caption_mention(sim.add_customer("Eve"))
    assert pushed(adapter, sim) == [items.Announced(f"post:{post.id}")]


def test_the_same_mention_twice_is_one_item(sim, adapter):
    sim.mention(sim.add_customer("Jo"))
    rows = [adapter.split(sim.request(sim.queue[0])[2])[0] for _time in range(2)]
    assert rows[0].key == rows[1].key


# --- stories and messages ---------------------------------------------------------
def test_a_story_that_names_us_keeps_the_way_to_it(sim, adapter):
    """chatwoot#6807, #13354, #8583: the link, and not the picture."""
    said = sim.story_mention(sim.add_customer())
    [found] = pushed(adapter, sim)
    assert (found.kind, found.audience) == ("story_mention", "private")
    [media] = found.media
    assert media.fleeting and media.url == said.attachments[0]["payload"]["url"]


def test_an_answer_to_our_story(sim, adapter):
    sim.story_reply(sim.add_customer(), "So nice")
    [found] = pushed(adapter, sim)
    assert found.text == "So nice"
    assert found.media[0].fleeting and found.media[0].url
    assert found.extra["story"]


def test_a_story_opens_the_window(sim, adapter):
    """chatwoot#12635: the network's rule counts, not what kind of message it was."""
    sim.story_mention(sim.add_customer())
    [found] = pushed(adapter, sim)
    assert kinds(adapter, facts_of(found))[base.REPLY_PRIVATE].allowed


def test_taken_back_loses_its_words(sim, adapter):
    """chatwoot#11214."""
    said = sim.write(sim.add_customer(), "Oops")
    sim.unsend(said)
    heard_first, gone = pushed(adapter, sim)
    assert isinstance(gone, items.Removal)
    assert (gone.key, gone.forget) == (heard_first.key, True)


def test_somebody_who_comes_by_our_link_brings_the_token(sim, adapter):
    token = "Zm9yIHRoaXMgdGVzdA_-"
    assert adapter.invite_url(token) == f"https://ig.me/m/acme?ref={token}"
    sim.come_by_link(sim.add_customer(), token)
    [found] = pushed(adapter, sim)
    assert (found.payload, found.kind) == (token, items.START)


def test_no_likes_and_no_edits_anywhere(sim, adapter):
    assert not adapter.can(base.LIKE)
    assert not adapter.can(base.EDIT)
    assert not adapter.can(base.BLOCK)
    jo = sim.add_customer()
    public = heard(adapter, sim, sim.comment(jo, "Hello"))
    sim.queue.clear()
    sim.write(jo, "Hello")
    [private] = pushed(adapter, sim)
    for one in (public, private):
        assert not {base.LIKE, base.EDIT} & set(kinds(adapter, facts_of(one)))
    with pytest.raises(errors.RejectedError):
        adapter.moderate("like", items.Target("1", "1", public.author, "public"))
