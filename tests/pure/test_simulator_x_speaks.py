"""What the X simulator lets us say, and what it refuses (fact sheet x §0, §5, §6).

tweepy speaks; it turns every refusal into its own exceptions.
"""

import pytest
import tweepy
from simulators.x import XHarness, XSimulator
from x_client import PNG, ask, client


@pytest.fixture
def sim():
    with XSimulator() as one:
        yield one


@pytest.fixture
def jo(sim):
    return sim.add_user("jo_k", "Jo")


def published(sim):
    return [one["text"] for one in XHarness.published(sim)]


def test_a_reply_gets_the_names_before_it(sim, jo):
    max_ = sim.add_user("max")
    post = sim.post(jo, "@acme and @max look at this")
    done = client(sim).create_tweet(text="We do", in_reply_to_tweet_id=post.id)
    assert done.data["text"] == "@jo_k @max We do"
    assert done.data["edit_history_tweet_ids"] == [done.data["id"]]
    assert sim.world.mentioned(sim.find(done.data["id"])) == [jo.id, max_.id]
    made = ask(sim, "POST", "/2/tweets", json={"text": "Hello"})
    assert made.status_code == 201
    without = client(sim).create_tweet(
        text="@jo_k only you",
        in_reply_to_tweet_id=post.id,
        exclude_reply_user_ids=[max_.id],
    )
    assert without.data["text"] == "@jo_k only you"


def test_names_that_x_adds_do_not_count(sim, jo):
    post = sim.post(jo, "@acme hi")
    text = "x" * 280
    client(sim).create_tweet(text=text, in_reply_to_tweet_id=post.id)
    assert published(sim) == [f"@jo_k {text}"]


def test_280_weighted_is_the_end(sim):
    for text in ("x" * 281, "日" * 141, "👨‍👩‍👧‍👦" * 141, "https://a.example/x " * 12):
        with pytest.raises(tweepy.BadRequest, match="too long"):
            client(sim).create_tweet(text=text)
    for text in ("日" * 140, "👨‍👩‍👧‍👦" * 140, "https://a.example/x" + "y" * 300):
        client(sim).create_tweet(text=text)
    sim.brand.premium = True
    client(sim).create_tweet(text="z" * 25_000)
    with pytest.raises(tweepy.BadRequest):
        client(sim).create_tweet(text="z" * 25_001)


def test_the_same_words_are_refused_for_a_while(sim):
    client(sim).create_tweet(text="Once")
    with pytest.raises(tweepy.Forbidden, match="duplicate content"):
        client(sim).create_tweet(text="Once")
    assert published(sim) == ["Once"]
    sim.advance(13 * 3600)
    ask(sim, "POST", "/2/tweets", json={"text": "Once"}, token=fresh(sim))
    assert published(sim) == ["Once", "Once"]


def fresh(sim):
    return sim.tokens_of(sim.brand)["access_token"]


# --- who may be answered ----------------------------------------------------------
def test_only_who_named_us_may_be_answered(sim, jo):
    stranger = sim.post(jo, "acme is bad")
    with pytest.raises(tweepy.Forbidden, match="mentioned"):
        client(sim).create_tweet(text="Sorry!", in_reply_to_tweet_id=stranger.id)
    named = sim.post(jo, "@acme is bad")
    client(sim).create_tweet(text="Sorry!", in_reply_to_tweet_id=named.id)
    assert len(published(sim)) == 1


def test_who_quoted_us_may_be_answered(sim, jo):
    ours = sim.post(sim.brand, "Big news")
    quote = sim.post(jo, "rubbish", quote=ours)
    other = sim.post(jo, "me too", quote=quote)
    client(sim).create_tweet(text="Why?", in_reply_to_tweet_id=quote.id)
    with pytest.raises(tweepy.Forbidden):
        client(sim).create_tweet(text="And you?", in_reply_to_tweet_id=other.id)


def test_a_reply_to_us_counts_as_naming_unless_the_name_is_gone(sim, jo):
    ours = sim.post(sim.brand, "Big news")
    reply = sim.post(jo, "is it?", reply_to=ours)
    quiet = sim.post(jo, "hm", reply_to=ours, name_parent=False)
    client(sim).create_tweet(text="It is", in_reply_to_tweet_id=reply.id)
    with pytest.raises(tweepy.Forbidden):
        client(sim).create_tweet(text="Hm?", in_reply_to_tweet_id=quiet.id)


def test_our_own_posts_may_be_continued(sim):
    first = client(sim).create_tweet(text="One").data["id"]
    second = client(sim).create_tweet(text="Two", in_reply_to_tweet_id=first)
    assert sim.find(second.data["id"]).conversation == first


def test_enterprise_is_exempt(jo):
    with XSimulator(enterprise=True) as sim:
        jo = sim.add_user("jo_k")
        post = sim.post(jo, "acme is bad")
        client(sim).create_tweet(text="Sorry!", in_reply_to_tweet_id=post.id)
        client(sim).create_tweet(text="See", quote_tweet_id=post.id)
        client(sim).like(post.id)
        assert post.likes == {sim.brand.id}
        client(sim).unlike(post.id)
        assert not post.likes


def test_likes_and_quotes_are_gone_from_self_serve(sim, jo):
    post = sim.post(jo, "@acme hi")
    with pytest.raises(tweepy.Forbidden):
        client(sim).like(post.id)
    with pytest.raises(tweepy.Forbidden):
        client(sim).create_tweet(text="See", quote_tweet_id=post.id)
    with pytest.raises(tweepy.Forbidden):
        client(sim).create_tweet(text="$ACME and $JOK")
    assert not published(sim) and not post.likes


def test_what_is_gone_closed_or_blocked_is_not_answered(sim, jo):
    gone = sim.post(jo, "@acme gone")
    sim.delete(gone)
    closed = sim.post(jo, "talking about @acme friends", reply_settings="following")
    blocked = sim.post(sim.add_user("kim"), "@acme away")
    sim.world.user("kim").blocks.add(sim.brand.id)
    for one in (gone, closed, blocked):
        with pytest.raises(tweepy.Forbidden):
            client(sim).create_tweet(text="Hello", in_reply_to_tweet_id=one.id)
    jo.followers.add(sim.brand.id)
    client(sim).create_tweet(text="Hello", in_reply_to_tweet_id=closed.id)


# --- what a body may hold ---------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "x", "status": "y"},
        {"text": "x", "reply": {"in_reply_to_status_id": "1"}},
        {"text": "x", "reply": {"in_reply_to_tweet_id": 1900000000000000001}},
        {"text": "x", "media": {"media_ids": ["1"]}},
        {"text": "x", "reply_settings": "nobody"},
        {"text": "x", "direct_message_deep_link": "https://elsewhere.example"},
        {"text": "\ufeffx"},
        ["text"],
    ],
)
def test_what_x_does_not_know_is_refused(sim, body):
    answer = ask(sim, "POST", "/2/tweets", json=body)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/problems/invalid-request")
    assert not published(sim)


def test_a_link_to_private_messages_is_a_card(sim):
    link = f"https://x.com/messages/compose?recipient_id={sim.brand.id}&text=hi"
    client(sim).create_tweet(text="Write to us", direct_message_deep_link=link)
    assert sim.bill["post_url"] == 1
    [post] = sim.world.posts.values()
    assert post.card == link


def test_what_is_said_is_billed_by_kind(sim, jo):
    post = sim.post(jo, "@acme hi")
    client(sim).create_tweet(text="plain")
    client(sim).create_tweet(text="see example.com")
    client(sim).create_tweet(text="yes", in_reply_to_tweet_id=post.id)
    assert dict(sim.bill) == {"create": 1, "post_url": 1, "summoned": 1}


# --- taking back, hiding ----------------------------------------------------------
def test_only_our_own_may_be_deleted_and_twice_is_fine(sim, jo):
    number = client(sim).create_tweet(text="Oops").data["id"]
    for _turn in range(2):
        assert client(sim).delete_tweet(number).data == {"deleted": True}
    assert not published(sim)
    theirs = sim.post(jo, "@acme hi")
    with pytest.raises(tweepy.Forbidden):
        client(sim).delete_tweet(theirs.id)
    assert theirs.id in sim.world.posts


def test_only_replies_in_our_conversations_may_be_hidden(sim, jo):
    ours = sim.post(sim.brand, "Big news")
    reply = sim.post(jo, "rude", reply_to=ours)
    assert client(sim).hide_reply(reply.id).data == {"hidden": True}
    assert reply.hidden
    client(sim).unhide_reply(reply.id)
    assert not reply.hidden
    elsewhere = sim.post(jo, "@acme rude")
    with pytest.raises(tweepy.Forbidden):
        client(sim).hide_reply(elsewhere.id)


# --- files ------------------------------------------------------------------------
def upload(sim, mime, data, category, finalize=True, token=None):
    body = {"media_type": mime, "total_bytes": len(data), "media_category": category}
    made = ask(sim, "POST", "/2/media/upload/initialize", token, json=body)
    if made.status_code != 200:
        return made
    number = made.json()["data"]["id"]
    for index, at in enumerate(range(0, len(data), 4)):
        part = ask(
            sim,
            "POST",
            f"/2/media/upload/{number}/append",
            token,
            data={"segment_index": index},
            files={"media": ("blob", data[at : at + 4], "application/octet-stream")},
        )
        assert part.status_code == 200
    if not finalize:
        return number
    return ask(sim, "POST", f"/2/media/upload/{number}/finalize", token)


def test_a_picture_in_chunks_with_words_for_the_blind(sim):
    told = upload(sim, "image/png", PNG, "tweet_image").json()["data"]
    assert "processing_info" not in told and told["media_key"] == f"3_{told['id']}"
    words = {"id": told["id"], "metadata": {"alt_text": {"text": "A lamp"}}}
    assert ask(sim, "POST", "/2/media/metadata", json=words).status_code == 200
    client(sim).create_tweet(text="Look", media_ids=[told["id"]])
    medium = sim.world.media[told["id"]]
    assert (medium.data, medium.alt) == (PNG, "A lamp")
    [one] = XHarness.published(sim)
    assert one["media"] == [told["media_key"]]


def test_a_video_is_not_ready_at_once(sim):
    told = upload(sim, "video/mp4", b"film" * 3, "tweet_video").json()["data"]
    assert told["processing_info"]["state"] == "pending"
    assert told["processing_info"]["check_after_secs"] >= 1
    with pytest.raises(tweepy.BadRequest, match="media IDs are invalid"):
        client(sim).create_tweet(text="Look", media_ids=[told["id"]])
    path = f"/2/media/upload?command=STATUS&media_id={told['id']}"
    states = [
        ask(sim, "GET", path).json()["data"]["processing_info"]["state"]
        for _turn in range(4)
    ]
    assert states == ["in_progress", "in_progress", "succeeded", "succeeded"]
    client(sim).create_tweet(text="Look", media_ids=[told["id"]])


def test_a_broken_video_fails(sim):
    sim.media_waits, sim.media_fails = 0, True
    told = upload(sim, "video/mp4", b"film", "tweet_video").json()["data"]
    path = f"/2/media/upload?command=STATUS&media_id={told['id']}"
    info = ask(sim, "GET", path).json()["data"]["processing_info"]
    assert info["state"] == "failed" and info["error"]["message"]


def test_uploads_that_cannot_be_right_are_refused(sim, jo):
    for mime, data, category in (
        ("image/svg+xml", b"<svg/>", "tweet_image"),
        ("video/mp4", b"film", "tweet_image"),
        ("image/png", b"", "tweet_image"),
        ("image/png", b"x" * (5 * 1024 * 1024 + 1), "tweet_image"),
    ):
        assert upload(sim, mime, data, category).status_code == 400, mime
    half = upload(sim, "image/png", PNG, "tweet_image", finalize=False)
    theirs = sim.tokens_of(jo)["access_token"]
    path = f"/2/media/upload/{half}/finalize"
    assert ask(sim, "POST", path, theirs).status_code == 404
    sim.world.media[half].parts.pop(0)
    assert ask(sim, "POST", path).status_code == 400


def test_files_of_others_old_ones_and_too_many_are_refused(sim, jo):
    theirs = sim.tokens_of(jo)["access_token"]
    other = upload(sim, "image/png", PNG, "tweet_image", token=theirs).json()["data"]
    with pytest.raises(tweepy.BadRequest):
        client(sim).create_tweet(text="x", media_ids=[other["id"]])
    pictures = [
        upload(sim, "image/png", PNG, "tweet_image").json()["data"]["id"]
        for _number in range(5)
    ]
    with pytest.raises(tweepy.BadRequest):
        client(sim).create_tweet(text="x", media_ids=pictures)
    sim.media_waits = -1
    gif = upload(sim, "image/gif", b"GIF89a", "tweet_gif").json()["data"]["id"]
    ask(sim, "GET", f"/2/media/upload?command=STATUS&media_id={gif}")
    with pytest.raises(tweepy.BadRequest):
        client(sim).create_tweet(text="x", media_ids=[gif, pictures[0]])
    client(sim).create_tweet(text="four", media_ids=pictures[:4])
    sim.advance(25 * 3600)
    answer = ask(
        sim,
        "POST",
        "/2/tweets",
        fresh(sim),
        json={"text": "late", "media": {"media_ids": pictures[:1]}},
    )
    assert answer.status_code == 400
