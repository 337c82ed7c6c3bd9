"""Reads X's JSON as the fact sheet shows it, and as it comes on a bad day (§3-§5)."""

from datetime import datetime, timedelta, timezone

import pytest
from x_desk import INCLUDES, JO, OWN, USER, a_post, offline, parse, read_post

from networks import items


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


# --- a post -----------------------------------------------------------------------
def test_a_post_of_the_fact_sheet():
    found = read_post()
    assert found.key == found.ref == "1900000000000000003"
    assert found.text == "@acme my order is late https://acme.example/o/1"
    assert found.author == items.Author(
        JO, "jo_k", "Jo", "https://x.com/jo_k", followers=10
    )
    assert found.sent_at == at("2026-10-01T10:30:00")
    assert (found.audience, found.thread, found.addressed) == ("public", "", True)
    assert found.parent == found.parent_ref == "1900000000000000001"
    assert [one.id for one in found.mentions] == [OWN]
    assert found.media == (
        items.Media(
            "https://pbs.twimg.com/media/x.jpg",
            "image",
            name="x.jpg",
            url="https://pbs.twimg.com/media/x.jpg",
            alt="A lamp",
        ),
    )
    assert found.permalink == "https://x.com/jo_k/status/1900000000000000003"
    assert found.extra["summoned"] and found.extra["own_root"]
    assert (found.revision, found.edited_at) == (0, None)


def test_the_other_spelling_reads_the_same():
    post = a_post()
    post["referenced_posts"] = post.pop("referenced_tweets")
    post["edit_history_post_ids"] = post.pop("edit_history_tweet_ids")
    includes = {**INCLUDES, "posts": INCLUDES["tweets"]}
    del includes["tweets"]
    assert parse({"post": post, "includes": includes}) == read_post()


def test_an_edit_is_the_same_post():
    versions = ["1900000000000000003", "1900000008388608003", "1900000016777216003"]
    first = read_post()
    later = read_post(
        id=versions[1],
        text="@acme found it",
        entities=None,
        created_at="2026-10-01T10:33:00.000Z",
        edit_history_tweet_ids=versions[:2],
    )
    assert (later.key, later.revision) == (first.key, 1)
    assert later.ref == f"{versions[1]} {versions[0]}"
    # by the time in the ids: 2,000 ms apart
    assert later.edited_at - later.sent_at == timedelta(seconds=2)
    last = read_post(id=versions[2], edit_history_tweet_ids=versions)
    assert (last.key, last.revision) == (first.key, 2)
    assert later.permalink.endswith(versions[1])


def test_a_history_without_the_post_itself():
    found = read_post(edit_history_tweet_ids=["18"])
    assert (found.key, found.revision) == ("18", 1)
    assert read_post(edit_history_tweet_ids=None).key == "1900000000000000003"


def test_a_long_post_is_read_whole():
    whole = "long " * 200 + "https://t.co/zz"
    entities = {
        "urls": [{"url": "https://t.co/zz", "expanded_url": "https://a.example"}]
    }
    for key in ("note_tweet", "note_post"):
        found = read_post(
            text="long long… https://t.co/x",
            attachments=None,
            **{key: {"text": whole, "entities": entities}},
        )
        assert found.text == "long " * 200 + "https://a.example"


def test_who_is_named_only_in_the_long_text():
    mention = {"start": 0, "end": 5, "username": "acme", "id": OWN}
    found = read_post(
        entities=None,
        in_reply_to_user_id=None,
        referenced_tweets=None,
        note_tweet={"text": "…@acme", "entities": {"mentions": [mention]}},
    )
    assert found.addressed and found.extra["summoned"]


def test_escapes_are_undone_once():
    found = read_post(text="&lt;b&gt; &amp;amp; Q&amp;A", entities=None)
    assert found.text == "<b> &amp; Q&A"


def test_positions_are_code_points():
    url = {
        "start": 4,
        "end": 19,
        "url": "https://t.co/ab",
        "expanded_url": "https://a.example/x",
    }
    found = read_post(text="👩‍🚀 https://t.co/ab 👍", entities={"urls": [url]})
    assert found.text == "👩‍🚀 https://a.example/x 👍"


def test_wrong_positions_do_no_harm():
    """UTF-16 positions, none at all, or nonsense: the address is looked for."""
    for start, end in ((5, 20), (None, None), (-3, 2), (0, 10**9), ("a", True)):
        url = {
            "start": start,
            "end": end,
            "url": "https://t.co/ab",
            "expanded_url": "https://a.example/x",
        }
        found = read_post(
            text="👍 https://t.co/abc https://t.co/ab", entities={"urls": [url]}
        )
        assert found.text == "👍 https://t.co/abc https://a.example/x"


def test_one_address_written_twice():
    urls = [
        {
            "start": start,
            "end": start + 15,
            "url": "https://t.co/ab",
            "expanded_url": "https://a.example",
        }
        for start in (0, 16)
    ]
    found = read_post(text="https://t.co/ab https://t.co/ab", entities={"urls": urls})
    assert found.text == "https://a.example https://a.example"


def test_the_address_of_a_picture_is_not_words():
    urls = [
        {
            "start": 6,
            "end": 21,
            "url": "https://t.co/pi",
            "expanded_url": "https://x.com/jo_k/status/1/photo/1",
            "media_key": key,
        }
        for key in ("3_1", "3_2")
    ]
    assert (
        read_post(text="Look! https://t.co/pi", entities={"urls": urls}).text == "Look!"
    )
    # without entities the last address of a post with files stands for them
    assert read_post(text="Look! https://t.co/pi", entities=None).text == "Look!"
    bare = read_post(text="Look! https://t.co/pi", entities=None, attachments=None)
    assert bare.text == "Look! https://t.co/pi"


@pytest.mark.parametrize(
    ("changes", "addressed", "summoned"),
    [
        ({}, True, True),
        ({"entities": None}, True, False),  # answers us, names nobody
        ({"in_reply_to_user_id": None}, True, True),
        ({"entities": None, "in_reply_to_user_id": "9"}, False, False),
    ],
)
def test_who_speaks_to_us_and_who_summons_us(changes, addressed, summoned):
    found = read_post(**changes)
    assert found.addressed is addressed
    assert found.extra.get("summoned", False) is summoned


def test_a_quote_of_ours_summons_us():
    changes = {
        "entities": None,
        "in_reply_to_user_id": None,
        "referenced_tweets": [{"type": "quoted", "id": "1900000000000000001"}],
    }
    found = read_post(**changes)
    assert found.addressed and found.extra["summoned"]
    assert (found.kind, found.parent) == ("quote", "")
    # what it quotes is not ours, or unknown
    assert not read_post(facts={"id": "9", "handle": "other"}, **changes).addressed
    assert not read_post(includes={"users": [USER]}, **changes).addressed


def test_a_mention_by_name_counts_where_no_id_comes():
    entities = {"mentions": [{"username": "ACME"}]}
    found = read_post(entities=entities, in_reply_to_user_id=None)
    assert found.extra["summoned"]


def test_a_repost_is_no_message():
    found = read_post(referenced_tweets=[{"type": "retweeted", "id": "1"}])
    assert found == items.Unknown("repost", ignorable=True)


def test_a_parent_that_was_edited_has_its_first_name():
    above = {
        "id": "1900000000000000001",
        "author_id": OWN,
        "edit_history_tweet_ids": ["1899", "1900000000000000001"],
    }
    found = read_post(includes={**INCLUDES, "tweets": [above]})
    assert found.parent == "1899"
    assert found.parent_ref == "1900000000000000001 1899"


def test_followers_only_is_not_public():
    found = read_post(includes={"users": [{**USER, "protected": True}]})
    assert found.audience == items.GROUP
    assert found.extra["protected"] is True
    assert all(not one.url for one in found.media)


def test_withheld_posts_are_read():
    found = read_post(withheld={"country_codes": ["DE"], "copyright": False})
    assert found.extra["withheld"] is True
    assert found.text


def test_who_takes_private_messages():
    for said in (True, False):
        user = {**USER, "receives_your_dm": said}
        assert read_post(includes={"users": [user]}).extra["dm"] is said
    assert "dm" not in read_post().extra


# --- what is missing --------------------------------------------------------------
def test_missing_side_tables():
    for includes in (None, {}, {"users": None}, {"users": [{"id": "9"}]}, [], "x"):
        found = read_post(includes=includes)
        assert found.author.id == JO and found.author.handle == ""
        assert found.author.url == "https://x.com/i/user/222"
        assert found.permalink == "https://x.com/i/web/status/1900000000000000003"
        # the file is not lost: it can be asked for
        assert found.media == (items.Media("post:1900000000000000003/3_19", "image"),)


def test_ids_as_numbers():
    post = a_post(
        id=1900000000000000003,
        author_id=222,
        in_reply_to_user_id=111,
        edit_history_tweet_ids=[1900000000000000003],
    )
    user = {**USER, "id": 222}
    found = parse({"post": post, "includes": {"users": [user]}})
    assert (found.key, found.author.id) == ("1900000000000000003", JO)
    assert found.author.handle == "jo_k"


def test_a_post_without_a_time_has_it_in_its_id():
    # an id whose time is widely quoted as an example of how X makes them
    for nonsense in (None, "yesterday", 17, "", {}):
        found = read_post(
            id="1541815603606036480", edit_history_tweet_ids=None, created_at=nonsense
        )
        assert found.sent_at == at("2022-06-28T16:07:40.105")


def test_without_an_author_nobody_is_invented():
    found = read_post(author_id=None)
    assert found.author.id == ""


def test_without_facts_nobody_is_us():
    found = read_post(facts={})
    assert not found.addressed
    assert not found.extra.get("own_root")


@pytest.mark.parametrize("one_id", [None, "", "abc", "12345678901234567890", -1, True])
def test_without_an_id_it_is_unknown(one_id):
    assert read_post(id=one_id) == items.Unknown("malformed")


def test_half_an_emoji_can_be_stored():
    assert read_post(text="\ud83d ok").text.encode()


# --- private messages -------------------------------------------------------------
EVENT = {
    "id": "2080765901528535096",
    "event_type": "MessageCreate",
    "text": "hi &amp; bye",
    "sender_id": JO,
    "dm_conversation_id": "111-222",
    "created_at": "2026-10-01T10:30:00.000Z",
}


def read_message(**changes):
    event = {k: v for k, v in {**EVENT, **changes}.items() if v is not None}
    return parse({"message": event, "includes": {"users": [USER]}})


def test_a_private_message():
    found = read_message()
    assert found.key == found.ref == "dm:2080765901528535096"
    assert found.text == "hi & bye"
    assert (found.audience, found.thread) == (items.PRIVATE, "111-222")
    assert found.author.handle == "jo_k"
    assert found.addressed


def test_a_group_has_one_number():
    found = read_message(dm_conversation_id="1790000000000000001")
    assert (found.audience, found.thread) == (items.GROUP, "1790000000000000001")


def test_without_a_conversation_nobody_knows_who_reads_along():
    assert read_message(dm_conversation_id=None) == items.Unknown("malformed")


def test_who_may_read_is_never_guessed_too_narrow():
    """A name of a conversation that says nothing about who is in it."""
    for odd in ("g-1", "abc", "1-", "-1"):
        assert read_message(dm_conversation_id=odd).audience == items.GROUP


def test_a_shared_post_is_words():
    found = read_message(text=None, referenced_tweets=[{"id": "19"}])
    assert found.text == "https://x.com/i/web/status/19"


def test_joins_are_noise():
    found = read_message(event_type="ParticipantsJoin")
    assert isinstance(found, items.Unknown) and found.ignorable


def test_a_token_comes_back():
    assert read_message(text="Hello [ref: abc-DEF_9]").payload == "abc-DEF_9"
    assert read_message(text="[ref: a b]").payload == ""


def test_a_file_of_a_private_message_is_named_not_linked():
    media = {
        "media_key": "3_5",
        "type": "photo",
        "url": "https://ton.twitter.com/1.1/ton/data/dm/20/5/abc.jpg?x=1",
    }
    data = {
        "message": {**EVENT, "attachments": {"media_keys": ["3_5"]}},
        "includes": {"media": [media]},
    }
    [file] = parse(data).media
    assert (file.ref, file.url, file.name) == ("dm:20/5/abc.jpg", "", "abc.jpg")
    media["url"] = "https://ton.twitter.com/1.1/ton/data/dm/../../x"
    [file] = parse(data).media
    assert not file.ref.startswith("dm:")


# --- other things -----------------------------------------------------------------
def test_our_own_post_is_ours():
    found = read_post(author_id=OWN, via="own")
    assert found.author.id == OWN


def test_what_cannot_be_read_is_told():
    assert parse({}) == items.Unknown("malformed")
    assert parse({"refused": "direct_not_allowed"}).reason == "direct_not_allowed"
    assert not parse({"refused": "direct_not_allowed"}).ignorable


def test_an_adapter_without_facts_reads():
    assert offline({}).parse(items.RawItem("k", {"post": a_post()})).key
