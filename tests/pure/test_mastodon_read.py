"""What customers say, as we understand it."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from mastodon_kit import (
    JO,
    a_reader,
    a_status,
    connect,
    hear,
    now,
    parse_data,
    pull,
    read,
)
from simulators.mastodon import MastodonSimulator
from simulators.mastodon_snac2 import Snac2Simulator

from networks import items
from networks.mastodon_status import Reader


@pytest.fixture
def sim():
    with MastodonSimulator() as server:
        server.jo = server.add_account(JO, "Jo")
        server.sam = server.add_account("sam", "Sam")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


# --- messages ---------------------------------------------------------------------
def test_a_public_mention(sim, adapter):
    text = "@acme my lamp <b>broke</b>\n\nhelp #lamp"
    heard = hear(sim, adapter, text, language="de")
    status = sim.find(heard.key)
    assert heard.key == status.uri
    assert heard.ref.split() == [status.id, status.uri]
    assert heard.text == text
    assert heard.audience == items.PUBLIC and heard.thread == ""
    assert heard.addressed and not heard.context
    assert heard.permalink == status.url
    assert heard.language == "de"
    assert (heard.revision, heard.edited_at, heard.parent) == (0, None, "")
    assert abs(heard.sent_at - now()) < timedelta(seconds=5)
    assert heard.extra == {"visibility": "public"}


@pytest.mark.parametrize(
    "visibility,audience",
    [
        ("public", items.PUBLIC),
        ("unlisted", items.PUBLIC),
        ("private", items.GROUP),
        ("direct", items.PRIVATE),
    ],
)
def test_visibility_is_the_audience(sim, adapter, visibility, audience):
    assert hear(sim, adapter, visibility=visibility).audience == audience


def test_an_unknown_visibility_is_never_taken_for_public():
    status = {**a_status(), "visibility": "circle"}
    assert a_reader().incoming(status).audience == items.GROUP
    del status["visibility"]
    assert a_reader().incoming(status).audience == items.GROUP


def test_a_direct_post_to_several_is_a_group_with_its_people(sim, adapter):
    one = hear(sim, adapter, "@acme @sam look", "direct")
    assert one.audience == items.GROUP
    assert one.thread == "direct:jo@other.example,sam@us.example"
    other = hear(sim, adapter, "@acme @jo@other.example yes", "direct", by="sam")
    assert other.thread == one.thread


def test_direct_posts_of_one_person_are_one_thread(sim, adapter):
    """A person who starts anew, or answers a public post of ours, stays one."""
    ours = sim.post(sim.brand, "we are open")
    threads = {
        hear(sim, adapter, "@acme first", "direct").thread,
        hear(sim, adapter, "@acme second", "direct", in_reply_to=ours).thread,
    }
    assert threads == {"direct:jo@other.example"}


def test_strangers_direct_posts_are_not_left_in_the_filter(sim, adapter):
    """Out of the box the server puts them into requests nobody looks at (§3)."""
    assert hear(sim, adapter, "@acme psst", "direct").text == "@acme psst"


def test_a_reply_names_its_parent_by_key(sim, adapter):
    root = sim.post(sim.sam, "my lamp broke")
    heard = hear(sim, adapter, "@acme mine too", in_reply_to=root)
    assert heard.parent == root.uri
    assert heard.parent_ref.split() == [root.id, root.uri]


def test_parents_of_a_page_cost_one_request(sim, adapter):
    roots = [sim.post(sim.sam, f"root {number}") for number in range(15)]
    for root in roots:
        sim.post(sim.jo, "@acme here", in_reply_to=root)
    sim.calls.clear()
    found = read(adapter)
    assert {one.parent for one in found} == {one.uri for one in roots}
    asked = [one for one in sim.calls if one.path == "/api/v1/statuses"]
    assert len(asked) == 1


def test_a_parent_that_is_gone_leaves_the_message(sim, adapter):
    root = sim.post(sim.sam, "for my friends", "private")
    heard = hear(sim, adapter, "@acme see above", in_reply_to=root)
    assert heard.parent == "" and heard.text == "@acme see above"


def test_warnings_and_languages(sim, adapter):
    heard = hear(sim, adapter, "@acme blood", spoiler="injury", language="pt-BR")
    assert (heard.warning, heard.language) == ("injury", "pt-BR")


def test_an_edit_has_a_higher_revision(sim, adapter):
    first = hear(sim, adapter, "@acme the lmap broke")
    seen = [first.revision]
    for text in ("@acme the lamp broke", "@acme the red lamp broke"):
        sim.edit(first.key, text)
        [again] = [adapter.parse(one) for one in adapter.reread([first.ref]).items]
        assert (again.key, again.text) == (first.key, text)
        assert again.edited_at is not None
        seen.append(again.revision)
    assert seen == sorted(set(seen))


def test_a_wrong_clock_makes_no_wrong_number():
    """The revision is stored in 32 bits; an author's server may say any year."""
    for at, revision in (
        ("9999-12-31T23:59:59Z", 2**31 - 1),
        ("1960-01-01T00:00:00Z", 1),
        ("not a time", 0),
    ):
        assert a_reader().incoming({**a_status(), "edited_at": at}).revision == revision


def test_a_boosted_post_in_its_wrapper_is_the_post():
    """snac2 shows a boosted mention as a post of whoever boosted it last."""
    wrapper = {**a_status(), "uri": "https://us.example/boost", "content": ""}
    wrapper["account"] = {"id": "5", "acct": "sam", "uri": "https://us.example/sam"}
    found = a_reader().incoming({**wrapper, "reblog": a_status()})
    assert (found.key, found.text) == (a_status()["uri"], "hello")
    assert found.author.handle == JO


def test_likes_are_reactions(sim, adapter):
    ours = sim.post(sim.brand, "thanks for waiting")
    sim.like(sim.jo, ours)
    notification = get(sim, "/api/v1/notifications")[0]
    found = adapter.parse(items.RawItem("n", {"notification": notification}))
    assert isinstance(found, items.Reaction)
    assert (found.key, found.author.handle) == (ours.uri, JO)


def test_quotes_are_messages():
    notification = {"id": "1", "type": "quote", "status": a_status()}
    found = parse_data({"notification": notification})
    assert (found.kind, found.addressed) == ("quote", True)


@pytest.mark.parametrize("kind", ["follow", "reblog", "poll", "update", "brand_new"])
def test_other_notifications_are_noise(kind):
    found = parse_data({"notification": {"id": "1", "type": kind, "account": {}}})
    assert found == items.Unknown(kind, ignorable=True)


def test_a_warning_by_the_moderators_is_no_noise():
    found = parse_data({"notification": {"id": "1", "type": "moderation_warning"}})
    assert not found.ignorable


def test_polls_and_custom_emoji_are_words():
    status = {**a_status(), "content": "<p>which :blobcat:?</p>"}
    status["poll"] = {"options": [{"title": "red"}, {"title": "blue"}, None]}
    assert a_reader().incoming(status).text == "which :blobcat:?\n\n○ red\n○ blue\n○ "


# --- people -----------------------------------------------------------------------
def test_the_author(sim, adapter):
    sim.jo.followers |= {"1", "2"}
    author = hear(sim, adapter).author
    assert author.id == "https://other.example/users/jo"
    assert (author.handle, author.name, author.followers) == (JO, "Jo", 2)
    assert author.url == "https://other.example/@jo"


def test_the_same_person_seen_from_two_servers_has_one_id():
    with MastodonSimulator() as here, Snac2Simulator() as there:
        for sim in (here, there):
            sim.add_account(JO, "Jo")
        authors = [hear(sim, connect(sim)).author for sim in (here, there)]
    assert authors[0].id == authors[1].id
    assert authors[0].handle == authors[1].handle


def test_a_person_of_our_own_server_has_a_full_handle(sim, adapter):
    author = hear(sim, adapter, by="sam").author
    assert author.handle == "sam@us.example"
    assert author.id == "https://us.example/users/sam"


def test_servers_that_tell_no_actor_leave_the_handle():
    account = {**a_status()["account"]}
    del account["uri"]
    assert a_reader().author(account).id == JO
    account["pleroma"] = {"ap_id": "https://other.example/users/jo"}
    assert a_reader().author(account).id == "https://other.example/users/jo"


def test_we_are_us_whatever_the_server_tells(sim, adapter):
    facts = adapter.facts
    for account in (
        {"id": "1", "uri": facts["id"], "acct": "acme"},
        {"id": facts["local_id"], "display_name": "Acme"},
        {"id": "0", "acct": "acme@us.example"},
        {"id": "0", "acct": "acme"},
    ):
        assert Reader(facts).is_own(account), account
    for account in (
        {"id": facts["local_id"], "uri": "https://else.example/users/acme"},
        {"id": facts["local_id"], "acct": "jo@other.example"},
        {"id": "0", "acct": "acme@else.example"},
        {},
    ):
        assert not Reader(facts).is_own(account), account


def test_bots_say_so(sim, adapter):
    sim.add_account("robot@other.example", bot=True)
    assert hear(sim, adapter, by="robot@other.example").author.bot


def test_mentions_name_us_and_never_make_a_second_person(sim, adapter):
    heard = hear(sim, adapter, "@acme @sam and @jo@other.example herself")
    by_handle = {one.handle: one.id for one in heard.mentions}
    assert by_handle == {
        "acme@us.example": adapter.facts["id"],
        "sam@us.example": "",
        JO: heard.author.id,
    }


# --- our own posts ----------------------------------------------------------------
def test_what_we_wrote_elsewhere_is_seen(sim, adapter):
    heard = hear(sim, adapter)
    sim.post(sim.brand, f"@{JO} we look into it", in_reply_to=heard.key)
    sim.post(sim.brand, f"@{JO} in private", "direct", in_reply_to=heard.key)
    public, private = read(adapter, stream="own")
    assert public.author.id == private.author.id == adapter.facts["id"]
    assert public.parent == heard.key
    assert (private.audience, private.thread) == (items.PRIVATE, f"direct:{JO}")


def test_a_note_to_ourselves_is_no_conversation(sim, adapter):
    sim.post(sim.brand, "remember the milk", "direct")
    [note] = read(adapter, stream="own")
    assert (note.audience, note.thread) == (items.PRIVATE, "")


def test_our_boosts_are_noise():
    boost = {**a_status(), "reblog": a_status()}
    assert parse_data({"via": "own", "status": boost}).ignorable


# --- helpers ----------------------------------------------------------------------
def get(sim, path):
    adapter = connect(sim)
    return json.loads(adapter._call("GET", path).content)


def test_the_example_of_the_documentation_reads_right():
    found = a_reader().incoming(a_status())
    assert found.sent_at == datetime(2026, 10, 1, 7, 49, 2, 64000, timezone.utc)
    assert found.author.name == "Jo"


def test_the_journal_keeps_what_came(sim, adapter):
    hear(sim, adapter)
    raw, _cursor = pull(adapter)
    for one in raw:
        assert adapter.parse(
            items.RawItem(one.key, json.loads(json.dumps(one.data)))
        ) == adapter.parse(one)
