"""The X simulator keeps the fact sheet's word (§2, §3, §5), judged by tweepy."""

from datetime import timedelta

import pytest
import tweepy
from simulators.x import XSimulator
from x_client import POST_FIELDS, ask, client, signed


@pytest.fixture
def sim():
    with XSimulator() as one:
        yield one


@pytest.fixture
def jo(sim):
    return sim.add_user("jo_k", "Jo")


def mentions(sim, **kwargs):
    options = {"tweet_fields": POST_FIELDS, "expansions": ["author_id"], **kwargs}
    return client(sim).get_users_mentions(sim.brand.id, **options)


# --- people -----------------------------------------------------------------------
def test_tweepy_knows_who_we_are(sim):
    me = client(sim).get_me(user_fields=["verified_type", "public_metrics"]).data
    assert (me.id, me.username, me.name) == (int(sim.brand.id), "acme", "Acme Ltd")
    assert me.verified_type == "business"
    again = client(sim).get_me(user_auth=False).data
    assert again.id == me.id and again.verified_type is None


def test_people_are_looked_up_and_the_missing_are_named(sim, jo):
    found = client(sim).get_users(ids=[jo.id, 999], user_fields=["description"])
    assert [one.username for one in found.data] == ["jo_k"]
    [problem] = found.errors
    assert problem["resource_id"] == "999"
    assert problem["type"].endswith("/problems/resource-not-found")
    assert client(sim).get_user(username="JO_K").data.id == int(jo.id)


def test_whether_somebody_takes_our_messages_is_asked(sim, jo):
    def takes():
        return ask(sim, "GET", f"/2/users/{jo.id}?user.fields=receives_your_dm").json()[
            "data"
        ]["receives_your_dm"]

    assert takes() is False
    sim.dm(jo, "hello")
    assert takes() is True
    jo.blocks.add(sim.brand.id)
    assert takes() is False


# --- the mentions timeline --------------------------------------------------------
def test_a_mention_arrives_with_its_author_and_entities(sim, jo):
    post = sim.post(jo, "@acme A & B <c> see www.example.com/order?id=1")
    found = mentions(sim)
    [one] = found.data
    assert str(one.id) == post.id
    assert one.author_id == int(jo.id)
    assert one.text.startswith("@acme A &amp; B &lt;c&gt; see https://t.co/")
    [link] = one.entities["urls"]
    assert one.text[link["start"] : link["end"]] == link["url"]
    assert link["expanded_url"] == "http://www.example.com/order?id=1"
    [named] = one.entities["mentions"]
    assert (named["username"], named["id"]) == ("acme", sim.brand.id)
    assert found.includes["users"][0].username == "jo_k"
    assert found.meta["newest_id"] == post.id


def test_only_what_was_asked_comes(sim, jo):
    sim.post(jo, "@acme hi")
    [one] = ask(sim, "GET", f"/2/users/{sim.brand.id}/mentions").json()["data"]
    assert set(one) == {"id", "text", "edit_history_tweet_ids"}


def test_without_mentions_there_is_no_data_key(sim):
    found = ask(sim, "GET", f"/2/users/{sim.brand.id}/mentions").json()
    assert found == {"meta": {"result_count": 0}}


def test_pages_are_newest_first_with_opaque_tokens(sim, jo):
    posts = [sim.post(jo, f"@acme {number}").id for number in range(23)]
    pages = list(
        tweepy.Paginator(client(sim).get_users_mentions, sim.brand.id, max_results=10)
    )
    found = [str(one.id) for page in pages for one in page.data]
    assert found == posts[::-1]
    assert [page.meta["result_count"] for page in pages] == [10, 10, 3]
    assert "next_token" not in pages[-1].meta
    back = mentions(sim, pagination_token=pages[2].meta["previous_token"])
    assert [one.id for one in back.data] == [one.id for one in pages[1].data]


def test_since_and_until_are_exclusive(sim, jo):
    ids = [sim.post(jo, f"@acme {number}").id for number in range(5)]
    newer = mentions(sim, since_id=ids[1]).data
    assert [str(one.id) for one in newer] == ids[:1:-1]
    older = mentions(sim, until_id=ids[3]).data
    assert [str(one.id) for one in older] == ids[2::-1]
    assert mentions(sim, since_id=ids[-1]).data is None


def test_a_page_may_be_short_or_empty_and_still_lead_on(sim, jo):
    ids = {sim.post(jo, f"@acme {number}").id for number in range(12)}
    sim.short_pages = [3, 0]
    found, token, counts = set(), None, []
    while True:
        page = mentions(sim, max_results=5, pagination_token=token)
        found |= {str(one.id) for one in page.data or ()}
        counts.append(page.meta["result_count"])
        token = page.meta.get("next_token")
        if not token:
            break
    assert found == ids
    assert counts[:2] == [3, 0]


def test_only_the_newest_800_are_reachable(sim, jo):
    for number in range(803):
        sim.post(jo, f"@acme {number}")
    pages = tweepy.Paginator(
        client(sim).get_users_mentions, sim.brand.id, max_results=100
    )
    texts = [one.text for page in pages for one in page.data or ()]
    assert len(texts) == 800
    assert texts[-1] == "@acme 3"


def test_what_is_late_keeps_its_old_id(sim, jo):
    late = sim.post(jo, "@acme late", indexed=False)
    newer = sim.post(jo, "@acme in time")
    assert [str(one.id) for one in mentions(sim).data] == [newer.id]
    sim.index(late)
    assert [str(one.id) for one in mentions(sim).data] == [newer.id, late.id]


def test_expired_page_tokens_are_refused(sim, jo):
    for number in range(12):
        sim.post(jo, f"@acme {number}")
    token = mentions(sim, max_results=5).meta["next_token"]
    sim.forget_pages()
    with pytest.raises(tweepy.BadRequest) as caught:
        mentions(sim, max_results=5, pagination_token=token)
    assert "pagination_token" in str(caught.value)


def test_replies_carry_their_parent_and_partial_errors(sim, jo):
    ours = sim.post(sim.brand, "Big news")
    reply = sim.post(jo, "is it?", reply_to=ours)
    assert reply.text == "@acme is it?"
    found = mentions(sim, expansions=["author_id", "referenced_tweets.id"])
    [one] = found.data
    assert str(one.conversation_id) == ours.id
    assert one.in_reply_to_user_id == int(sim.brand.id)
    assert [(ref.type, str(ref.id)) for ref in one.referenced_tweets] == [
        ("replied_to", ours.id)
    ]
    assert [str(post.id) for post in found.includes["tweets"]] == [ours.id]
    sim.delete(ours)
    found = mentions(sim, expansions=["referenced_tweets.id"])
    assert "tweets" not in found.includes
    assert found.errors[0]["resource_id"] == ours.id
    assert found.errors[0]["parameter"] == "referenced_tweets.id"


def test_who_took_the_name_out_is_not_in_the_mentions(sim, jo):
    ours = sim.post(sim.brand, "Big news")
    sim.post(jo, "quietly", reply_to=ours, name_parent=False)
    assert mentions(sim).data is None


def test_protected_accounts_are_hidden_from_strangers(sim):
    shy = sim.add_user("shy", protected=True)
    post = sim.post(shy, "@acme psst")
    assert mentions(sim).data is None
    found = client(sim).get_tweets(ids=[post.id])
    assert found.errors[0]["type"].endswith("not-authorized-for-resource")
    shy.followers.add(sim.brand.id)
    assert len(mentions(sim).data) == 1


# --- edits, long posts, media -----------------------------------------------------
def test_an_edit_is_a_new_post_with_a_history(sim, jo):
    first = sim.post(jo, "@acme the lmap broke")
    second = sim.edit(first, "@acme the lamp broke")
    [one] = mentions(sim).data
    assert str(one.id) == second.id != first.id
    assert [str(i) for i in one.edit_history_tweet_ids] == [first.id, second.id]
    old = client(sim).get_tweets(ids=[first.id]).data[0]
    assert "lmap" in old.text
    assert [str(i) for i in old.edit_history_tweet_ids] == [first.id, second.id]
    sim.delete(second)
    gone = client(sim).get_tweets(ids=[first.id, second.id])
    assert gone.data is None and len(gone.errors) == 2


def test_editing_ends_after_an_hour(sim, jo):
    post = sim.post(jo, "@acme hello")
    sim.advance(3601)
    with pytest.raises(Exception, match="no longer"):
        sim.edit(post, "@acme hallo")


def test_a_long_post_has_its_end_in_the_note(sim, jo):
    text = "@acme " + "word & " * 120 + "the end"
    sim.post(jo, text)
    [one] = mentions(sim).data
    assert "the end" not in one.text and "…" in one.text
    assert one.note_tweet["text"].endswith("&amp; the end")


def test_pictures_are_in_the_side_table_and_can_be_fetched(sim, jo):
    sim.post(jo, "@acme look", media=[("image/png", b"\x89PNG data", "A lamp")])
    found = mentions(
        sim,
        expansions=["attachments.media_keys"],
        media_fields=["url", "alt_text", "type"],
    )
    [medium] = found.includes["media"]
    assert found.data[0].attachments["media_keys"] == [medium.media_key]
    assert (medium.type, medium.alt_text) == ("photo", "A lamp")
    assert ask(sim, "GET", medium.url.replace(sim.url, "")).content == b"\x89PNG data"


def test_a_video_has_variants_and_no_url(sim, jo):
    sim.post(jo, "@acme look", media=[("video/mp4", b"film")])
    fields = ["url", "variants", "preview_image_url", "duration_ms"]
    found = mentions(sim, expansions=["attachments.media_keys"], media_fields=fields)
    [medium] = found.includes["media"]
    assert medium.type == "video" and not medium.url
    best = max(medium.variants, key=lambda one: one.get("bit_rate", 0))
    assert best["content_type"] == "video/mp4"


# --- search -----------------------------------------------------------------------
def test_search_trails_and_knows_conversations(sim, jo):
    sim.search_lag = timedelta(seconds=30)
    ours = sim.post(sim.brand, "Root")
    quiet = sim.post(jo, "no name here", reply_to=ours, name_parent=False)
    query = f"conversation_id:{ours.id} -from:acme"
    assert client(sim).search_recent_tweets(query).data is None
    sim.advance(31)
    [one] = client(sim).search_recent_tweets(query).data
    assert str(one.id) == quiet.id


def test_search_covers_seven_days(sim, jo):
    old = sim.post(jo, "@acme old", at=sim.now() - timedelta(days=8))
    with pytest.raises(tweepy.BadRequest, match="since_id"):
        client(sim).search_recent_tweets("@acme", since_id=old.id)
    start = sim.now() - timedelta(days=6)
    assert client(sim).search_recent_tweets("@acme", start_time=start).data is None


def test_quotes_are_a_list_of_their_own(sim, jo):
    ours = sim.post(sim.brand, "Big news")
    quote = sim.post(jo, "rubbish", quote=ours)
    assert [str(one.id) for one in client(sim).get_quote_tweets(ours.id).data] == [
        quote.id
    ]
    assert mentions(sim).data is None


# --- what X refuses ---------------------------------------------------------------
@pytest.mark.parametrize(
    "query",
    [
        "tweet.fields=texts",
        "max_results=4",
        "max_results=101",
        "since_id=abc",
        "start_time=yesterday",
        "exclude=replies",
        "expansions=author",
        "foo=bar",
        "max_results=5&max_results=6",
    ],
)
def test_unknown_parameters_are_refused_by_name(sim, query):
    answer = ask(sim, "GET", f"/2/users/{sim.brand.id}/mentions?{query}")
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["title"] == "Invalid Request"
    assert problem["type"].endswith("/problems/invalid-request")
    assert query.split("=")[0] in problem["errors"][0]["parameters"]


def test_both_spellings_may_be_asked(sim, jo):
    sim.post(jo, "@acme hi", reply_to=sim.post(sim.brand, "Root"))
    query = "?post.fields=referenced_posts,author_id&expansions=referenced_posts.id"
    path = f"/2/users/{sim.brand.id}/mentions{query}"
    old = ask(sim, "GET", path).json()
    assert old["data"][0]["referenced_tweets"] and old["includes"]["tweets"]
    sim.spelling = "post"
    new = ask(sim, "GET", path).json()
    assert new["data"][0]["referenced_posts"] and new["includes"]["posts"]
    assert "edit_history_post_ids" in new["data"][0]
    assert "tweet" not in str(new["data"][0].keys())


def test_tokens_of_the_wrong_kind_are_told_so(sim):
    assert ask(sim, "GET", "/2/users/me", token="nonsense").status_code == 401
    app = ask(sim, "GET", "/2/users/me", token=sim.app.bearer)
    assert app.status_code == 403
    assert app.json()["type"].endswith("unsupported-authentication")
    path = f"/2/users/{sim.brand.id}/mentions"
    assert ask(sim, "GET", path, token=sim.app.bearer).status_code == 200
    narrow = sim.tokens_of(sim.brand, scopes="tweet.read users.read")["access_token"]
    answer = ask(sim, "POST", "/2/tweets", token=narrow, json={"text": "x"})
    assert answer.status_code == 403 and answer.json()["title"] == "Forbidden"


# --- limits -----------------------------------------------------------------------
def test_every_answer_tells_its_limit(sim):
    for path in (
        "/2/users/me",
        "/2/dm_events",
        "/2/users/me?foo=1",
        "/2/tweets?ids=1",
    ):
        headers = ask(sim, "GET", path).headers
        assert int(headers["x-rate-limit-remaining"]) < int(
            headers["x-rate-limit-limit"]
        )
        left = int(headers["x-rate-limit-reset"]) - sim.now().timestamp()
        assert 890 < left <= 902


def test_limits_are_per_endpoint_and_end_with_the_window(sim):
    for number in range(15):
        assert ask(sim, "GET", "/2/dm_events").status_code == 200, number
    refused = ask(sim, "GET", "/2/dm_events")
    assert refused.status_code == 429
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert refused.json()["title"] == "Too Many Requests"
    assert "Retry-After" not in refused.headers
    assert ask(sim, "GET", "/2/users/me").status_code == 200
    sim.old_errors = True
    assert ask(sim, "GET", "/2/dm_events").json()["errors"][0]["code"] == 88
    sim.advance(901)
    fresh = sim.tokens_of(sim.brand)["access_token"]
    assert ask(sim, "GET", "/2/dm_events", token=fresh).status_code == 200


def test_accidents_come_on_demand(sim):
    sim.no_credits()
    with pytest.raises(tweepy.HTTPException) as caught:
        mentions(sim)
    assert caught.value.response.status_code == 402
    assert caught.value.response.json()["title"] == "CreditsDepleted"
    sim.capped()
    with pytest.raises(tweepy.TooManyRequests) as caught:
        mentions(sim)
    assert caught.value.response.json()["period"] == "Monthly"
    sim.overload()
    with pytest.raises(tweepy.TwitterServerError):
        mentions(sim)
    assert mentions(sim).meta == {"result_count": 0}


# --- OAuth 1.0a -------------------------------------------------------------------
def test_signatures_are_really_checked(sim, jo):
    sim.post(jo, "@acme hi")
    path = f"/2/users/{sim.brand.id}/mentions?tweet.fields=author_id,created_at"
    assert signed(sim, "GET", path).json()["meta"]["result_count"] == 1
    token, secret = sim.brand_keys
    assert signed(sim, "GET", path, keys=(token, secret + "x")).status_code == 401
    assert signed(sim, "GET", path, keys=("other", secret)).status_code == 401
    sent = signed(sim, "GET", path).request
    replay = ask(
        sim, "GET", path, headers={"Authorization": sent.headers["Authorization"]}
    )
    assert replay.status_code == 401
    header = signed(sim, "GET", "/2/users/me").request.headers["Authorization"]
    other = ask(sim, "GET", "/2/dm_events", headers={"Authorization": header})
    assert other.status_code == 401


def test_a_signature_grows_old(sim):
    sim.advance(3600)
    assert signed(sim, "GET", "/2/users/me").status_code == 401


# --- the bill ---------------------------------------------------------------------
def test_reading_the_same_twice_a_day_costs_once(sim, jo):
    for number in range(3):
        sim.post(jo, f"@acme {number}")
    mentions(sim), mentions(sim)
    assert sim.bill["owned_read"] == 3
    sim.advance(86400)
    path = f"/2/users/{sim.brand.id}/mentions"
    ask(sim, "GET", path, token=sim.tokens_of(sim.brand)["access_token"])
    assert sim.bill["owned_read"] == 6
