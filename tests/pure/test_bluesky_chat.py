"""Private messages: the log, requests, lost cursors, groups, answering."""

from datetime import timedelta

import pytest
from bluesky_kit import (
    DAY,
    afforded,
    alone,
    answer,
    asked,
    connect,
    facts_of,
    hear,
    hear_private,
    later,
    parse_data,
    pull,
    read,
    target,
)
from simulators.bluesky import BlueskySimulator
from simulators.bluesky_world import BLOCK
from simulators.server import Answer

from networks import base, errors, items

DEFS = "chat.bsky.convo.defs"


@pytest.fixture
def sim():
    with BlueskySimulator() as server:
        server.jo = server.add_person("jo.example", "Jo")
        server.sam = server.add_person("sam.example", "Sam")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


def texts(found):
    return [one.text for one in found if isinstance(one, items.Incoming)]


def talk(sim, person, count=1, accepted=True):
    """A conversation that goes on already."""
    for number in range(count):
        sim.dm(person, f"{person.handle} {number}")
    convo = sim.convos.between((person.did, sim.brand.did))
    if accepted:
        convo.accepted.add(sim.brand.did)
    return convo


# --- reading ----------------------------------------------------------------------
def test_a_message_as_it_is(sim, adapter):
    _raw, cursor = pull(adapter, "chat")
    message = sim.dm(sim.jo, "my lamp https://x.example", facets=[])
    [begun, one] = read(adapter, "chat", cursor)
    assert begun == items.Unknown("logBeginConvo", ignorable=True)
    convo = sim.convos.between((sim.jo.did, sim.brand.did))
    assert one.key == one.ref == f"chat:{convo.id}:{message.id}"
    assert (one.audience, one.thread) == ("private", convo.id)
    assert (one.author.id, one.author.handle) == (sim.jo.did, "jo.example")
    assert one.author.name == "Jo" and one.addressed
    assert one.permalink == ""


def test_what_was_said_before_we_came(sim, adapter):
    talk(sim, sim.jo, 250)
    old = sim.dm(sim.sam, "from long ago")
    sim.convos.between((sim.sam.did, sim.brand.did)).accepted.add(sim.brand.did)
    later(sim, adapter, 30 * 86400)
    talk(sim, sim.jo, 3)
    raw, cursor = pull(adapter, "chat", since=sim.now() - DAY)
    assert len({one.key for one in raw if one.key.startswith("chat:")}) == 3
    assert old.id not in str([one.key for one in raw])
    page = adapter.fetch("chat", "", sim.now() - DAY)
    assert (page.more, page.closed) == (True, False), "the log is begun, not read"
    sim.dm(sim.jo, "next")
    assert texts(read(adapter, "chat", cursor)) == ["next"]


def test_the_log_and_the_lists_bring_the_same_names(sim, adapter):
    talk(sim, sim.jo, 120)
    raw, _cursor = pull(adapter, "chat")
    by_key = {}
    for one in raw:
        if one.key.startswith("chat:"):
            by_key.setdefault(one.key, []).append(adapter.parse(one))
    assert len(by_key) == 120
    assert all(len({one.text for one in same}) == 1 for same in by_key.values())


def test_requests_are_looked_at(sim, adapter):
    _raw, cursor = pull(adapter, "requests")
    talk(sim, sim.jo, 3, accepted=False)
    raw, cursor = pull(adapter, "requests", cursor)
    found = [adapter.parse(one) for one in raw]
    assert texts(found) == ["jo.example 0", "jo.example 1", "jo.example 2"]
    assert found[0].extra == {"direct": True}
    calls = len(sim.calls)
    assert pull(adapter, "requests", cursor)[0] == []
    assert len(sim.calls) == calls + 1, "nothing is read that did not change"
    sim.dm(sim.jo, "and?")
    assert "and?" in texts(read(adapter, "requests", cursor))


def test_many_requests(sim, adapter):
    for number in range(130):
        sim.dm(sim.add_person(f"p{number}.example"), f"hello {number}")
    found = read(adapter, "requests")
    assert len(set(texts(found))) == 130


def test_a_lost_cursor_is_built_anew(sim, adapter):
    convo = talk(sim, sim.jo, 2)
    _raw, cursor = pull(adapter, "chat")
    later(sim, adapter, 60)
    talk(sim, sim.jo, 130)
    sim.fail(
        path="getLog",
        answer=Answer({"error": "InvalidRequest", "message": "Malformed cursor"}, 400),
    )
    sim.convos.forget_log(sim.brand.did)
    raw, cursor = pull(adapter, "chat", cursor)
    new = {one.key for one in raw if one.key.startswith(f"chat:{convo.id}:")}
    assert {f"chat:{convo.id}:{one.id}" for one in convo.messages[2:]} <= new
    sim.dm(sim.jo, "on it goes")
    assert texts(read(adapter, "chat", cursor)) == ["on it goes"]


def test_a_log_that_forgets_without_a_word(sim, adapter):
    talk(sim, sim.jo)
    _raw, cursor = pull(adapter, "chat")
    later(sim, adapter, 3600)
    missed = sim.dm(sim.jo, "unseen")
    sim.convos.forget_log(sim.brand.did)
    _raw, cursor = pull(adapter, "chat", cursor)
    later(sim, adapter, 6 * 3600)
    raw, cursor = pull(adapter, "chat", cursor)
    assert missed.id in str([one.key for one in raw])
    calls = len(sim.calls)
    assert pull(adapter, "chat", cursor)[0] == []
    assert len(sim.calls) == calls + 1


def test_a_conversation_that_is_gone_is_passed_over(sim, adapter):
    for number in range(3):
        talk(sim, sim.add_person(f"p{number}.example"))
    body = {"error": "InvalidConvo", "message": "Conversation not found"}
    sim.fail(path="getMessages", answer=Answer(body, 400))
    sim.convos.forget_log(sim.brand.did)
    assert len(texts(read(adapter, "chat"))) == 2


def test_deleted_messages_and_reactions(sim, adapter):
    convo = talk(sim, sim.jo, 2)
    _raw, cursor = pull(adapter, "chat")
    first, second = convo.messages
    sim.convos.remove(convo, first.id)
    reaction = {
        "value": "🙏",
        "sender": {"did": sim.jo.did},
        "createdAt": "2026-10-01T00:00:00Z",
    }
    for kind in ("logAddReaction", "logRemoveReaction"):
        sim.convos.log(convo, kind, message=second.view, reaction=reaction)
    sim.convos.log(convo, "logReadConvo", message=second.view)
    sim.convos.log(convo, "logHologram", data={"x": 1})
    gone, added, removed, unknown = read(adapter, "chat", cursor)
    assert isinstance(gone, items.Removal) and gone.key.endswith(first.id)
    key = f"chat:{convo.id}:{second.id}"
    assert (added.key, added.symbol, added.removed) == (key, "🙏", False)
    assert added.author.id == sim.jo.did and removed.removed
    assert unknown == items.Unknown("logHologram", ignorable=True)


def test_our_own_words_from_the_app(sim, adapter):
    convo = talk(sim, sim.jo)
    _raw, cursor = pull(adapter, "chat")
    sim.convos.say(convo, sim.brand.did, "from my telephone")
    [one] = read(adapter, "chat", cursor)
    assert (one.author.id, one.thread) == (sim.brand.did, convo.id)


def test_a_group_is_no_private_conversation(sim, adapter):
    members = (sim.jo.did, sim.brand.did, sim.sam.did)
    group = sim.convos.create(sim.jo.did, members, group=True)
    group.accepted.add(sim.brand.did)
    _raw, cursor = pull(adapter, "chat")
    sim.convos.say(group, sim.jo.did, "hello all")
    [one] = [x for x in read(adapter, "chat", cursor) if texts([x])]
    assert one.audience == "group"
    found = afforded(adapter, one)
    assert base.REPLY_GROUP not in found
    # privately to her: another conversation than the group's
    sim.allow_messages(sim.jo, "all")
    done = adapter.publish(answer(one, "to you", audience="private"), "k")
    assert done.thread != group.id
    assert [m.text for m in group.messages] == ["hello all"]
    with pytest.raises(errors.RejectedError):
        adapter.publish(answer(one, "to all"), "k2")


def test_who_is_in_it_is_not_known(sim, adapter):
    """Then an answer does not go where others may read it."""
    group = sim.convos.create(
        sim.jo.did, (sim.jo.did, sim.brand.did, sim.sam.did), True
    )
    group.accepted.add(sim.brand.did)
    _raw, cursor = pull(adapter, "chat")
    sim.convos.say(group, sim.jo.did, "hello all")
    for path in ("listConvos", "listConvoRequests", "getConvo"):
        sim.fail(path=path, answer=Answer({"error": "X", "message": "no"}, 400))
    [one] = texts_of = [x for x in read(adapter, "chat", cursor) if texts([x])]
    assert len(texts_of) == 1 and "direct" not in one.extra
    sim.allow_messages(sim.jo, "all")
    adapter.publish(answer(one, "to you", audience="private"), "k")
    assert [m.text for m in group.messages] == ["hello all"]


def test_a_quiet_conversation_is_asked_for_by_itself(sim, adapter):
    convo = talk(sim, sim.jo)
    _raw, cursor = pull(adapter, "chat")
    sim.dm(sim.jo, "hello")

    def without(found):
        found.body["convos"] = []
        return found

    sim.fail(path="listConvos", transform=without)
    [one] = read(adapter, "chat", cursor)
    assert one.author.handle == "jo.example" and one.extra["direct"]
    assert asked(sim, "chat.bsky.convo.getConvo")[-1].arg("convoId") == convo.id


def test_chat_that_we_may_not_read_stops_nothing(sim):
    adapter = connect(sim, app_password=sim.app_password(sim.brand))
    for stream in ("chat", "requests"):
        assert adapter.fetch(stream, "", sim.now()).items == ()
    # the right was taken away after the check
    adapter.facts["chat"] = True
    page = adapter.fetch("chat", "", sim.now())
    assert (page.items, page.cursor, page.more) == ((), "", False)


def test_server_trouble_loses_nothing(sim, adapter):
    _raw, cursor = pull(adapter, "chat")
    sim.dm(sim.jo, "hello")
    for path, trouble in (
        ("getLog", {"cut": "before"}),
        ("getLog", {"answer": Answer("oops", 502)}),
        ("listConvos", {"cut": "after"}),
    ):
        sim.fail(path=path, **trouble)
        with pytest.raises(errors.TransientError):
            adapter.fetch("chat", cursor, sim.now() - DAY)
    sim.fail(path="getLog", answer=Answer({"logs": "x"}))
    with pytest.raises(errors.MalformedResponse):
        adapter.fetch("chat", cursor, sim.now() - DAY)
    assert texts(read(adapter, "chat", cursor)) == ["hello"]


# --- answering --------------------------------------------------------------------
def test_a_request_is_accepted_before_it_is_answered(sim, adapter):
    one = hear_private(sim, adapter)
    convo = sim.convos.between((sim.jo.did, sim.brand.did))
    assert sim.brand.did not in convo.accepted
    done = adapter.publish(answer(one, "Hello @sam.example"), "k")
    names = [call.path.rpartition(".")[2] for call in sim.calls]
    assert names.index("acceptConvo") < names.index("sendMessage")
    assert convo.messages[-1].text == "Hello @sam.example"
    assert convo.messages[-1].more["facets"][0]["features"][0]["did"] == sim.sam.did
    assert done.thread == convo.id and done.key == f"chat:{convo.id}:{done.key[-13:]}"
    again = hear_private(sim, adapter, "thanks")
    adapter.publish(answer(again, "Bye"), "k2")
    assert len(asked(sim, "chat.bsky.convo.acceptConvo")) == 1, "it is accepted now"


def test_every_call_goes_through_our_server_to_the_chat_service(sim, adapter):
    adapter.publish(answer(hear_private(sim, adapter)), "k")
    calls = [one for one in sim.calls if "chat.bsky.convo" in one.path]
    service = {one.headers.get("atproto-proxy") for one in calls}
    assert service == {f"{sim.chat_did}#bsky_chat"}
    sim.chat_did = "did:web:chat.elsewhere.example"
    near = connect(sim, chat_did="did:web:chat.elsewhere.example#bsky_chat")
    assert near.facts["chat"]


def test_from_public_to_private(sim, adapter):
    sim.allow_messages(sim.jo, "all")
    heard = hear(sim, adapter)
    done = adapter.publish(
        answer(heard, "In private", audience="private", thread=""), "k"
    )
    convo = sim.convos.between((sim.jo.did, sim.brand.did))
    assert [one.text for one in convo.messages] == ["In private"]
    assert done.thread == convo.id


@pytest.mark.parametrize(
    "how,code",
    [
        ("none", "messages_disabled"),
        ("following", "not_followed"),
        ("block", "blocked"),
        ("blocked", "blocked"),
        ("gone", "unknown_person"),
        ("suspended", "account_suspended"),
    ],
)
def test_who_cannot_be_written_to(sim, adapter, how, code):
    heard = hear(sim, adapter)
    if how in ("none", "following"):
        sim.allow_messages(sim.jo, how)
    elif how == "block":
        sim.relate(BLOCK, sim.jo, sim.brand)
    elif how == "blocked":
        sim.relate(BLOCK, sim.brand, sim.jo)
    else:
        sim.jo.status = {"gone": "deleted"}.get(how, how)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(heard, audience="private", thread=""), "k")
    assert caught.value.code == code
    assert not isinstance(caught.value, errors.AuthError)


def test_conversations_that_are_closed(sim, adapter):
    one = hear_private(sim, adapter)
    convo = sim.convos.between((sim.jo.did, sim.brand.did))
    convo.locked = True
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(one), "k")
    assert caught.value.code == "conversation_locked"
    convo.locked = False
    sim.relate(BLOCK, sim.jo, sim.brand)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(one), "k")
    assert caught.value.code == "blocked"
    del sim.convos.convos[convo.id]
    with pytest.raises(errors.NotFoundError) as caught:
        adapter.publish(answer(one), "k")
    assert caught.value.code == "chat_not_found"


def test_nobody_to_write_to(adapter):
    draft = items.Draft("x", items.PRIVATE)
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == "no_target"


def test_a_heart(sim, adapter):
    one = hear_private(sim, adapter)
    for _time in range(2):
        adapter.moderate("like", target(one))
    message = sim.convos.between((sim.jo.did, sim.brand.did)).messages[0]
    assert [x["value"] for x in message.reactions] == ["❤️"]
    adapter.moderate("unlike", target(one))
    assert message.reactions == []
    assert facts_of(one).audience == "private"


# --- parsing ----------------------------------------------------------------------
def a_message(**changes):
    return {
        "$type": f"{DEFS}#messageView",
        "id": "3m1",
        "rev": "3m1",
        "text": "hello",
        "sender": {"did": "did:plc:jo"},
        "sentAt": "2026-10-01T07:49:02.064Z",
        **changes,
    }


def test_odd_messages():
    convo = {"id": "3c"}

    def of(**changes):
        return parse_data({"convo": convo, "message": a_message(**changes)})

    assert of().author == items.Author(
        id="did:plc:jo", url="https://bsky.app/profile/did:plc:jo"
    )
    system = of(**{"$type": f"{DEFS}#systemMessageView", "sender": None})
    assert system == items.Unknown("system_message", ignorable=True)
    gone = of(**{"$type": f"{DEFS}#deletedMessageView"})
    assert gone == items.Removal("chat:3c:3m1", of().sent_at)
    post = "at://did:plc:jo/app.bsky.feed.post/3aaa"
    view = {"$type": "app.bsky.embed.record#view", "record": {"uri": post}}
    assert of(embed=view).text.endswith("/profile/did:plc:jo/post/3aaa")
    for changes in ({"id": None}, {"sentAt": "x"}, {"sender": 5}, {"sender": {}}):
        assert of(**changes) == items.Unknown("malformed")
    assert parse_data({"convo": None, "message": None}) == items.Unknown("malformed")


def test_a_server_without_end(sim):
    """Pages that lead nowhere end; the model asks no more than it must."""
    page = {"convos": [], "cursor": "same"}
    adapter, _fake = alone({"logs": []}, page, page, {"logs": [], "cursor": ""})
    raw, _cursor = pull(
        adapter, "chat", since=adapter.now() - timedelta(days=1), pages=5
    )
    assert raw == []
