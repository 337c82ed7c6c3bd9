"""What customers say, as we understand it."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings, strategies
from mastodon_kit import PNG, connect, hear, now, pull, read
from simulators.mastodon import MastodonSimulator
from simulators.mastodon_snac2 import Snac2Simulator
from simulators.server import Answer

from networks import errors, items
from networks.mastodon import MastodonAdapter
from networks.mastodon_status import Reader

JO = "jo@other.example"


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
    status = {**_status(), "visibility": "circle"}
    assert _reader().incoming(status).audience == items.GROUP
    del status["visibility"]
    assert _reader().incoming(status).audience == items.GROUP


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
        assert _reader().incoming({**_status(), "edited_at": at}).revision == revision


def test_a_boosted_post_in_its_wrapper_is_the_post():
    """snac2 shows a boosted mention as a post of whoever boosted it last."""
    wrapper = {**_status(), "uri": "https://us.example/boost", "content": ""}
    wrapper["account"] = {"id": "5", "acct": "sam", "uri": "https://us.example/sam"}
    found = _reader().incoming({**wrapper, "reblog": _status()})
    assert (found.key, found.text) == (_status()["uri"], "hello")
    assert found.author.handle == JO


def test_likes_are_reactions(sim, adapter):
    ours = sim.post(sim.brand, "thanks for waiting")
    sim.like(sim.jo, ours)
    notification = _get(sim, "/api/v1/notifications")[0]
    found = adapter.parse(items.RawItem("n", {"notification": notification}))
    assert isinstance(found, items.Reaction)
    assert (found.key, found.author.handle) == (ours.uri, JO)


def test_quotes_are_messages():
    notification = {"id": "1", "type": "quote", "status": _status()}
    found = _parse({"notification": notification})
    assert (found.kind, found.addressed) == ("quote", True)


@pytest.mark.parametrize("kind", ["follow", "reblog", "poll", "update", "brand_new"])
def test_other_notifications_are_noise(kind):
    found = _parse({"notification": {"id": "1", "type": kind, "account": {}}})
    assert found == items.Unknown(kind, ignorable=True)


def test_a_warning_by_the_moderators_is_no_noise():
    found = _parse({"notification": {"id": "1", "type": "moderation_warning"}})
    assert not found.ignorable


def test_polls_and_custom_emoji_are_words():
    status = {**_status(), "content": "<p>which :blobcat:?</p>"}
    status["poll"] = {"options": [{"title": "red"}, {"title": "blue"}, None]}
    assert _reader().incoming(status).text == "which :blobcat:?\n\n○ red\n○ blue\n○ "


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
    account = {**_status()["account"]}
    del account["uri"]
    assert _reader().author(account).id == JO
    account["pleroma"] = {"ap_id": "https://other.example/users/jo"}
    assert _reader().author(account).id == "https://other.example/users/jo"


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
    boost = {**_status(), "reblog": _status()}
    assert _parse({"via": "own", "status": boost}).ignorable


# --- context, edits, deletions ----------------------------------------------------
def test_what_stands_above_is_context_oldest_first(sim, adapter):
    root = sim.post(sim.jo, "my lamp broke")
    middle = sim.post(sim.sam, "ask @acme", in_reply_to=root)
    heard = hear(sim, adapter, "@acme hello?", in_reply_to=middle)
    above = [adapter.parse(one) for one in adapter.fetch_context(heard.ref).items]
    assert [one.key for one in above] == [root.uri, middle.uri]
    assert [one.addressed for one in above] == [False, True]
    assert all(one.context for one in above)
    assert above[1].parent == root.uri


def test_context_needs_no_request_per_parent(sim, adapter):
    status = sim.post(sim.jo, "0")
    for number in range(1, 12):
        status = sim.post(sim.jo, str(number), in_reply_to=status)
    sim.calls.clear()
    assert len(adapter.fetch_context(f"{status.id} {status.uri}").items) == 11
    assert len(sim.calls) == 1


def test_an_answer_to_us_without_our_name_is_addressed_to_us(sim, adapter):
    ours = sim.post(sim.brand, "we are open")
    answer = sim.post(sim.jo, "no you are not", in_reply_to=ours)
    leaf = sim.post(sim.sam, "@acme really?", in_reply_to=answer)
    page = adapter.fetch_context(f"{leaf.id} {leaf.uri}")
    assert [adapter.parse(one).addressed for one in page.items] == [False, True]


def test_reading_again_finds_edits_and_deletions_in_one_request(sim, adapter):
    heard = [hear(sim, adapter, f"@acme {number}") for number in range(3)]
    sim.edit(heard[0].key, "@acme zero")
    sim.delete(heard[1].key)
    sim.calls.clear()
    page = adapter.reread([one.ref for one in heard])
    found = {one.key: one for one in map(adapter.parse, page.items)}
    assert found[heard[0].key].text == "@acme zero"
    assert isinstance(found[heard[1].key], items.Removal)
    assert found[heard[2].key].revision == 0
    # the list, and one look at the post that was not in it
    assert [one.path for one in sim.calls] == [
        "/api/v1/statuses",
        f"/api/v1/statuses/{heard[1].ref.split()[0]}",
    ]


def test_the_journal_is_told_what_changed_and_only_that(sim, adapter):
    """The pair (key, revision) is what the journal takes for "seen already"."""
    heard = hear(sim, adapter)

    def names():
        return {(one.key, one.revision) for one in adapter.reread([heard.ref]).items}

    seen = [names(), names()]
    assert seen[0] == seen[1]
    for change in (
        lambda: sim.edit(heard.key, "@acme it broke badly"),
        lambda: sim.edit(heard.key, "@acme it broke"),
        lambda: sim.delete(heard.key),
    ):
        change()
        assert names() not in seen
        seen.append(names())


def test_a_server_in_trouble_deletes_nothing(sim, adapter):
    """A list that comes back empty is not believed; an error is an error."""
    heard = hear(sim, adapter)
    sim.fail(path="/statuses$", answer=Answer([]))
    [found] = [adapter.parse(one) for one in adapter.reread([heard.ref]).items]
    assert isinstance(found, items.Incoming)
    for answer, kind in (
        (Answer("<h1>502</h1>", 502), errors.TransientError),
        (Answer({"error": "The access token is invalid"}, 401), errors.AuthError),
        (Answer({"error": "Too many requests"}, 429), errors.RateLimited),
    ):
        sim.fail(path="/statuses", answer=answer, times=2)
        with pytest.raises(kind):
            adapter.reread([heard.ref])
        sim.faults.clear()


def test_servers_without_lists_are_asked_post_by_post(sim):
    sim.version, sim.api_version = "4.2.10", 0
    adapter = connect(sim)
    assert adapter.reread_batch < MastodonAdapter.reread_batch
    heard = [hear(sim, adapter, f"@acme {number}") for number in range(3)]
    sim.delete(heard[2].key)
    sim.calls.clear()
    found = [adapter.parse(one) for one in adapter.reread([h.ref for h in heard]).items]
    assert [type(one).__name__ for one in found] == ["Incoming", "Incoming", "Removal"]
    assert not [one for one in sim.calls if one.path == "/api/v1/statuses"]


# --- files ------------------------------------------------------------------------
def test_files_come_with_their_descriptions(sim, adapter):
    picture = ("image/png", "lamp.png", PNG, "a broken lamp")
    heard = hear(sim, adapter, media=[picture])
    [medium] = heard.media
    assert (medium.kind, medium.mime, medium.name) == ("image", "image/png", "lamp.png")
    assert medium.alt == "a broken lamp"
    assert adapter.fetch_media(medium.ref) == (PNG, "image/png")
    asked = sim.calls[-1]
    assert "authorization" not in asked.headers


def test_addresses_of_private_files_are_not_shown(sim, adapter):
    picture = ("image/png", "id.png", PNG)
    heard = hear(sim, adapter, "@acme my card", "direct", media=[picture])
    assert heard.media[0].url == "" and heard.media[0].ref


def test_a_file_kept_elsewhere_is_fetched_without_our_token(sim, adapter):
    with MastodonSimulator() as other:
        owner = other.add_account("x@y.example")
        medium = other.add_medium(owner, "image", "image/png", "a.png", PNG)
        url = f"{other.url}/system/media_attachments/files/{medium.id}/original/a.png"
        sim.fail(path="/media_proxy", answer=Answer(b"", 302, {"Location": url}))
        data = adapter.fetch_media(f"{sim.url}/media_proxy/1/original")
        assert data == (PNG, "image/png")
        assert "authorization" not in other.calls[-1].headers


def test_redirects_end(sim, adapter):
    here = f"{sim.url}/media_proxy/1"
    sim.fail(path="/media", answer=Answer(b"", 302, {"Location": here}), times=9)
    with pytest.raises(errors.MalformedResponse):
        adapter.fetch_media(here)
    for ref in ("", "file:///etc/passwd", "https://[", "not a link"):
        with pytest.raises(errors.NetworkError):
            adapter.fetch_media(ref)


def test_files_of_unknown_kind_are_taken_from_their_home():
    status = _status()
    status["media_attachments"] = [
        {
            "type": "unknown",
            "url": "https://us.example/proxy",
            "remote_url": "https://other.example/a%20b.pdf",
            "description": None,
        },
        {"type": "image", "url": None, "remote_url": None},
        {"type": "gifv", "url": "https://us.example/x.mp4"},
    ]
    first, second = _reader().incoming(status).media
    assert (first.ref, first.kind) == ("https://other.example/a%20b.pdf", "file")
    assert first.name == "a b.pdf"
    assert (second.kind, second.mime) == ("video", "video/mp4")


# --- finding ----------------------------------------------------------------------
def test_a_pasted_link_becomes_a_message(sim, adapter):
    root = sim.post(sim.sam, "root")
    status = sim.post(sim.jo, "I like @acme", in_reply_to=root)
    found = adapter.parse(adapter.resolve(f" {status.url} ".strip()))
    assert (found.key, found.parent, found.addressed) == (status.uri, root.uri, True)
    with pytest.raises(errors.NotFoundError):
        adapter.resolve("https://other.example/@jo/404")


def test_a_profile_by_actor_and_by_handle(sim, adapter):
    assert adapter.profile("https://other.example/users/jo").handle == JO
    assert adapter.profile(JO).id == "https://other.example/users/jo"
    for unknown in ("https://other.example/users/who", "who@other.example"):
        with pytest.raises(errors.NotFoundError):
            adapter.profile(unknown)


# --- snac2 ------------------------------------------------------------------------
def test_snac2_speaks_differently_and_is_understood():
    with Snac2Simulator() as sim:
        adapter = connect(sim)
        sim.add_account("jo", "Jo")
        sim.add_account("sam", "Sam")
        root = sim.post("sam", "my lamp broke")
        heard = hear(sim, adapter, "@acme mine too", by="jo", in_reply_to=root)
        domain = sim.world.domain
        assert heard.text == f"@acme@{domain} mine too"
        assert heard.addressed and heard.mentions == ()
        assert heard.parent == root.uri
        assert heard.author.id == f"{sim.url}/jo"
        direct = hear(sim, adapter, "@acme psst", "direct", by="jo")
        assert (direct.audience, direct.thread) == (
            items.PRIVATE,
            f"direct:jo@{domain}",
        )
        group = hear(sim, adapter, "@acme @sam psst", "direct", by="jo")
        assert group.thread == f"direct:jo@{domain},sam@{domain}"
        sim.edit(root, "my lamp is broken, @acme")
        sim.delete(direct.key)
        page = adapter.reread([f"{root.id} {root.uri}", direct.ref])
        edited, removed = map(adapter.parse, page.items)
        assert edited.revision and edited.addressed
        assert removed.key == direct.key


def test_snac2_shows_our_own_posts_in_the_timeline_only():
    with Snac2Simulator() as sim:
        adapter = connect(sim)
        sim.add_account("jo").followers.add(sim.brand.id)
        sim.post("jo", "somebody else")
        sim.post(sim.brand, "@jo in private", "direct")
        [own] = read(adapter, stream="own")
        assert own.audience == items.PRIVATE


# --- nonsense ---------------------------------------------------------------------
_json = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(max_size=30)
    | strategies.sampled_from(["2026-13-45T99:99", "9999-12-31T23:59:59-23:59", "1"]),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_status_fields = strategies.fixed_dictionaries(
    {},
    optional={
        name: _json | value
        for name, value in {
            "id": strategies.just("1"),
            "uri": strategies.just("https://[::1"),
            "url": strategies.sampled_from(["https://[", "javascript:x", "\ud800"]),
            "created_at": strategies.sampled_from(
                ["2026-10-01T07:49:02.064Z", "0001-01-01T00:00:00+23:00"]
            ),
            "edited_at": strategies.just("9999-12-31T23:59:59Z"),
            "account": strategies.fixed_dictionaries(
                {}, optional={"id": _json, "acct": _json, "uri": _json}
            ),
            "content": strategies.text(),
            "visibility": strategies.sampled_from(["direct", "public", "x"]),
            "mentions": strategies.lists(
                strategies.fixed_dictionaries({"acct": _json, "id": _json}) | _json,
                max_size=3,
            ),
            "media_attachments": strategies.lists(
                strategies.fixed_dictionaries({"type": _json, "url": _json}) | _json,
                max_size=3,
            ),
            "poll": strategies.fixed_dictionaries({"options": _json}),
            "reblog": _json,
            "in_reply_to_id": _json,
            "spoiler_text": _json,
            "language": _json,
        }.items()
    },
)


@settings(max_examples=400, deadline=None, database=None)
@given(
    strategies.fixed_dictionaries(
        {},
        optional={
            "notification": _json
            | strategies.fixed_dictionaries(
                {"type": strategies.sampled_from(["mention", "favourite", "quote"])},
                optional={"status": _status_fields, "account": _json},
            ),
            "status": _status_fields | _json,
            "via": _json | strategies.sampled_from(["own", "context"]),
            "parent": _json,
            "gone": _json,
            "at": _json,
        },
    )
    | _json
)
def test_parse_never_raises(data):
    found = _parse(data)
    assert isinstance(found, items.Parsed)
    if isinstance(found, items.Incoming):
        assert found.key and found.sent_at.tzinfo is not None
        assert 0 <= found.revision < 2**31
        assert found.audience in items.AUDIENCES


def test_huge_posts_are_read():
    status = {**_status(), "content": "<p>x</p>" * 300_000, "spoiler_text": "y" * 10**6}
    assert _reader().incoming(status).text.startswith("x\n\nx")


@pytest.mark.parametrize("first", [True, False], ids=["first pull", "later"])
def test_damaged_entries_are_journalled_and_shown(sim, adapter, first):
    hear(sim, adapter, "@acme whole")
    cursor = ""
    if not first:
        _raw, cursor = pull(adapter)
        sim.post(sim.jo, "@acme also whole")

    def damage(answer):
        answer.body += [None, {"type": "mention"}, {"id": "70000", "type": "mention"}]
        return answer

    sim.fail(path="/notifications", transform=damage)
    raw, _cursor = pull(adapter, cursor)
    found = {one.key: adapter.parse(one) for one in raw}
    kinds = sorted(type(one).__name__ for one in found.values())
    assert kinds == ["Incoming", "Unknown", "Unknown", "Unknown"]


# --- helpers ----------------------------------------------------------------------
def _status() -> dict:
    return {
        "id": "103186126728896492",
        "uri": "https://other.example/users/jo/statuses/1",
        "url": "https://other.example/@jo/1",
        "created_at": "2026-10-01T07:49:02.064Z",
        "visibility": "public",
        "content": "<p>hello</p>",
        "account": {
            "id": "971724",
            "username": "jo",
            "acct": JO,
            "display_name": "Jo",
            "uri": "https://other.example/users/jo",
        },
    }


FACTS = {
    "id": "https://us.example/users/acme",
    "local_id": "14715",
    "handle": "acme@us.example",
    "domain": "us.example",
}


def _reader() -> Reader:
    return Reader(FACTS)


def _parse(data):
    adapter = MastodonAdapter({}, None, now, FACTS)
    return adapter.parse(items.RawItem("k", data))


def _get(sim, path):
    adapter = connect(sim)
    return json.loads(adapter._call("GET", path).content)


def test_the_example_of_the_documentation_reads_right():
    found = _reader().incoming(_status())
    assert found.sent_at == datetime(2026, 10, 1, 7, 49, 2, 64000, timezone.utc)
    assert found.author.name == "Jo"


def test_the_journal_keeps_what_came(sim, adapter):
    hear(sim, adapter)
    raw, _cursor = pull(adapter)
    for one in raw:
        assert adapter.parse(
            items.RawItem(one.key, json.loads(json.dumps(one.data)))
        ) == adapter.parse(one)
