"""What is asked for again: context, edits, deletions, files, links, on any server."""

import pytest
from mastodon_kit import JO, PNG, a_reader, a_status, connect, hear, read
from simulators.mastodon import MastodonSimulator
from simulators.mastodon_snac2 import Snac2Simulator
from simulators.server import Answer

from networks import errors, items
from networks.mastodon import MastodonAdapter


@pytest.fixture
def sim():
    with MastodonSimulator() as server:
        server.jo = server.add_account(JO, "Jo")
        server.sam = server.add_account("sam", "Sam")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


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
    status = a_status()
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
    first, second = a_reader().incoming(status).media
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
