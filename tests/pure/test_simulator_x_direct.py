"""Private messages of the X simulator (fact sheet x §2, §3, §5, §7), by tweepy."""

import pytest
import tweepy
from simulators.x import XSimulator
from x_client import PNG, ask, client

FIELDS = [
    "id",
    "text",
    "event_type",
    "created_at",
    "sender_id",
    "dm_conversation_id",
    "attachments",
    "participant_ids",
]


@pytest.fixture
def sim():
    with XSimulator() as one:
        yield one


@pytest.fixture
def jo(sim):
    return sim.add_user("jo_k", "Jo")


def events(sim, **kwargs):
    options = {"dm_event_fields": FIELDS, "expansions": ["sender_id"], **kwargs}
    return client(sim).get_direct_message_events(**options)


def test_messages_come_newest_first_ours_too(sim, jo):
    first = sim.dm(jo, "my lamp broke")
    client(sim).create_direct_message(participant_id=jo.id, text="Which one?")
    found = events(sim)
    assert [one.text for one in found.data] == ["Which one?", "my lamp broke"]
    ours, theirs = found.data
    assert str(ours.sender_id) == sim.brand.id
    assert str(theirs.id) == first.id
    assert theirs.dm_conversation_id == f"{sim.brand.id}-{jo.id}"
    assert {one.username for one in found.includes["users"]} == {"acme", "jo_k"}
    assert "newest_id" not in found.meta


def test_there_is_no_since_id_and_pages_lead_back(sim, jo):
    assert ask(sim, "GET", "/2/dm_events?since_id=1").status_code == 400
    for number in range(5):
        sim.dm(jo, f"{number}")
    pages = list(tweepy.Paginator(client(sim).get_direct_message_events, max_results=2))
    assert [one.text for page in pages for one in page.data] == list("43210")


def test_after_thirty_days_it_is_gone(sim, jo):
    sim.dm(jo, "old")
    sim.advance(31 * 86400)
    sim.dm(jo, "new")
    # a signature would be a month old
    assert [one.text for one in events(sim, user_auth=False).data] == ["new"]


def test_nobody_reads_what_is_not_theirs(sim, jo):
    kim = sim.add_user("kim")
    sim.dm(jo, "secret")
    token = sim.tokens_of(kim)["access_token"]
    assert "data" not in ask(sim, "GET", "/2/dm_events", token).json()
    number = f"{sim.brand.id}-{jo.id}"
    path = f"/2/dm_conversations/{number}/dm_events"
    assert ask(sim, "GET", path, token).status_code == 403
    assert ask(sim, "GET", path).json()["meta"]["result_count"] == 1
    assert ask(sim, "GET", "/2/dm_events", sim.app.bearer).status_code == 403


def test_one_conversation_by_its_other_side(sim, jo):
    sim.dm(jo, "mine")
    sim.dm(sim.add_user("kim"), "hers")
    found = client(sim).get_direct_message_events(participant_id=jo.id)
    assert [one.text for one in found.data] == ["mine"]


def test_only_who_accepts_us_gets_a_message(sim, jo):
    write = client(sim).create_direct_message
    with pytest.raises(tweepy.Forbidden, match="permission to DM"):
        write(participant_id=jo.id, text="Hello?")
    assert not sim.world.messages
    sim.dm(jo, "hi")
    done = write(participant_id=jo.id, text="Hello!").data
    assert done["dm_conversation_id"] == f"{sim.brand.id}-{jo.id}"
    assert sim.world.messages[done["dm_event_id"]].text == "Hello!"
    jo.blocks.add(sim.brand.id)
    with pytest.raises(tweepy.Forbidden):
        write(participant_id=jo.id, text="Still there?")
    open_ = sim.add_user("open", open_inbox=True)
    write(participant_id=open_.id, text="Hello")
    fan = sim.add_user("fan")
    sim.brand.followers.add(fan.id)
    write(participant_id=fan.id, text="Hello")


def test_what_moved_to_xchat_is_neither_read_nor_written(sim, jo):
    sim.dm(jo, "in the open")
    jo.encrypted = True
    sim.dm(jo, "sealed")
    assert [one.text for one in events(sim).data] == ["in the open"]
    with pytest.raises(tweepy.Forbidden):
        client(sim).create_direct_message(participant_id=jo.id, text="Hello")


def test_groups_tell_who_came(sim, jo):
    kim, max_ = sim.add_user("kim"), sim.add_user("max")
    sim.dm(jo, "hello all", group=[kim])
    message = sim.dm(jo, "again", group=[kim])
    sim.joins(message.conversation, max_)
    found = events(sim).data
    assert [one.event_type for one in found] == [
        "ParticipantsJoin",
        "MessageCreate",
        "MessageCreate",
    ]
    assert found[0].participant_ids == [int(max_.id)]
    assert "-" not in message.conversation
    client(sim).create_direct_message(
        dm_conversation_id=message.conversation, text="Welcome"
    )
    only = ask(sim, "GET", "/2/dm_events?event_types=ParticipantsJoin").json()
    assert only["meta"]["result_count"] == 1


def test_a_picture_is_only_for_those_who_talk(sim, jo):
    sim.dm(jo, "look", media=[("image/png", PNG)])
    found = ask(
        sim,
        "GET",
        "/2/dm_events?expansions=attachments.media_keys&media.fields=url"
        "&dm_event.fields=attachments,text",
    ).json()
    [medium] = found["includes"]["media"]
    path = medium["url"].replace(sim.url, "")
    assert path.startswith("/2/dm_conversations/media/")
    assert ask(sim, "GET", path).content == PNG
    kim = sim.tokens_of(sim.add_user("kim"))["access_token"]
    assert ask(sim, "GET", path, kim).status_code == 404
    number = medium["media_key"].partition("_")[2]
    assert ask(sim, "GET", f"/media/{number}.png").status_code == 404


def test_bodies_are_checked(sim, jo):
    sim.dm(jo, "hi")
    path = f"/2/dm_conversations/with/{jo.id}/messages"
    for body in (
        {},
        {"text": ""},
        {"text": "x", "mood": "y"},
        {"text": "x" * 10_001},
        {"attachments": [{"media_id": "1"}]},
        ["text"],
    ):
        answer = ask(sim, "POST", path, json=body)
        assert answer.status_code == 400, body
        # these are refused before they count against the 15 of a quarter of an hour
        sim._used.clear()
    assert len(sim.world.messages) == 1


def test_our_own_message_may_be_taken_back(sim, jo):
    theirs = sim.dm(jo, "hi")
    ours = client(sim).create_direct_message(participant_id=jo.id, text="Oops").data
    path = f"/2/dm_events/{ours['dm_event_id']}"
    assert ask(sim, "DELETE", path).json() == {"data": {"deleted": True}}
    assert [one.text for one in events(sim).data] == ["hi"]
    assert ask(sim, "DELETE", f"/2/dm_events/{theirs.id}").status_code == 403
