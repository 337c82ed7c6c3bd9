"""Files that go along, and posts that go out once whatever happens."""

from dataclasses import replace
from datetime import timedelta

import pytest
from mastodon_kit import JO, PNG, answer, connect, hear, newest, now, staged
from simulators.mastodon import MastodonSimulator
from simulators.mastodon_snac2 import Snac2Simulator
from simulators.server import Answer

from networks import errors, items
from networks.transport import Response

PATH = r"/api/v1/statuses\Z"


@pytest.fixture
def sim():
    with MastodonSimulator() as server:
        server.jo = server.add_account(JO, "Jo")
        server.sam = server.add_account("sam", "Sam")
        yield server


@pytest.fixture
def adapter(sim):
    return connect(sim)


# --- files ------------------------------------------------------------------------
def test_a_picture_with_its_description(sim, adapter):
    upload = items.Upload("plug.png", "image/png", PNG, "the plug")
    draft = answer(hear(sim, adapter), "look", media=(staged(adapter, upload),))
    said = sim.find(adapter.publish(draft, "k").key)
    [medium] = [sim.world.media[one] for one in said.now.media]
    assert (medium.data, medium.description) == (PNG, "the plug")
    alone = replace(draft, text="", media=(staged(adapter, upload),))
    assert sim.find(adapter.publish(alone, "k2").key).now.text == f"@{JO}"


def test_a_video_is_waited_for_and_nothing_is_posted_meanwhile(sim, adapter):
    upload = items.Upload("how.mp4", "video/mp4", b"video")
    draft = answer(hear(sim, adapter), "look", media=(staged(adapter, upload),))
    before = len(sim.world.statuses)
    with pytest.raises(errors.TransientError) as caught:
        adapter.publish(draft, "k")
    assert caught.value.code == "media_processing" and caught.value.retry_after
    assert len(sim.world.statuses) == before
    assert sim.find(adapter.publish(draft, "k").key).now.media


def test_repeating_after_a_lost_answer_keeps_the_video(sim, adapter):
    """The file is part of the post by then: asking for it alone gives 404."""
    sim.media_waits = 1
    upload = items.Upload("how.mp4", "video/mp4", b"video")
    draft = answer(hear(sim, adapter), "look", media=(staged(adapter, upload),))
    sim.fail(method="POST", path=PATH, cut="after")
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "k")
    said = sim.find(adapter.publish(draft, "k").key)
    assert len(said.now.media) == 1
    assert len([s for s in sim.world.statuses.values() if s.now.media]) == 1


def test_a_broken_video_is_refused(sim, adapter):
    upload = items.Upload("how.mp4", "video/mp4", b"video")
    ready = staged(adapter, upload)
    next(iter(sim.world.media.values())).broken = True
    with pytest.raises(errors.RejectedError) as caught:
        adapter.publish(answer(hear(sim, adapter), media=(ready,)), "k")
    assert caught.value.code == "media_rejected"


def test_what_the_server_does_not_take_is_not_uploaded(sim, adapter):
    sim.calls.clear()
    for upload in (
        items.Upload("a.svg", "image/svg+xml", b"<svg/>"),
        items.Upload("a.png", "image/png", b"x" * (16777216 + 1)),
        items.Upload("a.png", "image/png", PNG, "y" * 1501),
    ):
        with pytest.raises(errors.RejectedError):
            adapter.stage_whole(upload)
    assert not sim.calls
    five = tuple(items.Upload("a.png", "image/png", PNG) for _ in range(5))
    with pytest.raises(errors.RejectedError):
        adapter.publish(answer(hear(sim, adapter), media=five), "k")


def test_a_refusal_by_the_server_is_understood(sim):
    adapter = connect(sim)
    adapter.facts["mimes"] = []
    with pytest.raises(errors.RejectedError) as caught:
        adapter.stage_whole(items.Upload("a.svg", "image/svg+xml", b"<svg/>"))
    assert caught.value.code == "media_rejected"


def test_older_servers_take_files_at_the_old_address(sim, adapter):
    sim.fail(path="/api/v2/media", answer=Answer({"error": "Not found"}, 404))
    assert adapter.stage_whole(items.Upload("a.png", "image/png", PNG)).isdigit()


# --- once -------------------------------------------------------------------------
def test_a_key_makes_a_repeat_harmless_for_an_hour(sim, adapter):
    protection = adapter.idempotency("publish")
    assert protection.kind == "key"
    assert timedelta(minutes=30) < protection.lifetime < timedelta(hours=1)
    draft = answer(hear(sim, adapter))
    sim.fail(method="POST", path=PATH, cut="after")
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "k")
    done = adapter.publish(draft, "k")
    own = [one for one in sim.world.statuses.values() if one.author == sim.brand.id]
    assert [one.uri for one in own] == [done.key]
    for verb in ("like", "unlike", "delete"):
        assert adapter.idempotency(verb).kind == "client_id"


@pytest.mark.parametrize("kind", ["a fork", "snac2"])
def test_without_keys_our_post_is_found_again(kind):
    with (
        Snac2Simulator() if kind == "snac2" else MastodonSimulator(no_keys=True) as sim
    ):
        adapter = connect(sim)
        assert adapter.idempotency("publish").kind == "lookup"
        sim.add_account("jo")
        sim.add_account("sam")
        heard = {
            "public": hear(sim, adapter, by="jo"),
            "direct": hear(sim, adapter, "@acme psst", "direct", by="jo"),
            "group": hear(sim, adapter, "@acme @sam look", "direct", by="jo"),
            "private": hear(sim, adapter, "@acme friends", "private", by="jo"),
        }
        for one in heard.values():
            draft, since = answer(one, "We look *into* it :-)"), now()
            assert adapter.lookup(draft, "k", since + timedelta(minutes=1)) is None
            sim.fail(method="POST", path=PATH, cut="after")
            with pytest.raises(errors.UncertainError):
                adapter.publish(draft, "k")
            found = adapter.lookup(draft, "k", since)
            assert found.key == newest(sim).uri
            other = replace(draft, text="Something else")
            assert adapter.lookup(other, "k", since) is None
        hand_off = answer(heard["public"], "We look *into* it :-)", items.PRIVATE)
        assert adapter.lookup(hand_off, "k", since) is None


def test_an_older_post_with_the_same_words_is_not_this_one(sim, adapter):
    draft = answer(hear(sim, adapter), "Thank you!")
    adapter.publish(draft, "k")
    sim.world.clock.advance(60)
    assert adapter.lookup(draft, "k2", now() + timedelta(seconds=30)) is None
    second = adapter.publish(draft, "k2")
    assert adapter.lookup(draft, "k2", now() + timedelta(seconds=30)) == second


def test_a_server_whose_clock_is_wrong(sim, adapter):
    """Its own Date header tells how wrong; half an hour fast here."""
    draft, since = answer(hear(sim, adapter)), now()
    done = adapter.publish(draft, "k")
    behind = connect(sim)
    behind.now = lambda: now() + timedelta(minutes=30)
    assert behind.lookup(draft, "k", since + timedelta(minutes=30)) == done


def test_a_server_without_a_clock_is_given_some_seconds(sim, adapter):
    """snac2 sends no Date header."""
    since = now()
    for header in ({}, {"date": "yesterday"}):
        horizon = adapter._server_time(Response(200, header, b""), since)
        assert timedelta(seconds=5) < since - horizon < timedelta(minutes=1)


def test_a_look_up_reads_several_pages(sim, adapter):
    draft, since = answer(hear(sim, adapter)), now()
    done = adapter.publish(draft, "k")
    for number in range(90):
        sim.post(sim.brand, f"advertisement {number}")
    assert adapter.lookup(draft, "k", since) == done
    for number in range(150):
        sim.post(sim.brand, f"advertisement {number}")
    with pytest.raises(errors.TransientError):
        adapter.lookup(draft, "k", since)


def test_a_limited_account_posts_unlisted_and_is_found(sim, adapter):
    draft, since = answer(hear(sim, adapter)), now()
    done = adapter.publish(draft, "k")
    sim.find(done.key).visibility = "unlisted"
    assert adapter.lookup(draft, "k", since) == done


def test_snac2_ids_change_with_an_edit_and_the_answer_is_found():
    with Snac2Simulator() as sim:
        adapter = connect(sim)
        sim.add_account("jo")
        heard = hear(sim, adapter, by="jo")
        draft, since = answer(heard), now()
        sim.edit(heard.key, "@acme it broke badly")
        done = adapter.publish(draft, "k")
        assert sim.find(done.key).parent
        assert adapter.lookup(draft, "k", since) == done


def test_snac2_would_answer_nobody_in_front_of_all():
    """It takes an answer to a post that is gone, as a post of its own."""
    with Snac2Simulator() as sim:
        adapter = connect(sim)
        sim.add_account("jo")
        heard = hear(sim, adapter, by="jo")
        sim.delete(heard.key)
        with pytest.raises(errors.NotFoundError):
            adapter.publish(answer(heard), "k")
        assert not sim.world.statuses


def test_an_answer_to_what_is_gone_is_refused(sim, adapter):
    heard = hear(sim, adapter)
    sim.delete(heard.key)
    with pytest.raises(errors.NotFoundError):
        adapter.publish(answer(heard), "k")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"id": null}', b"", b"null"])
def test_a_garbled_answer_to_a_post_is_uncertain(sim, adapter, body):
    draft = answer(hear(sim, adapter))
    sim.fail(method="POST", path=PATH, answer=Answer(body), effect=True)
    with pytest.raises(errors.UncertainError):
        adapter.publish(draft, "k")
    assert newest(sim).author == sim.brand.id


# --- two accounts of ours ---------------------------------------------------------
def test_a_message_of_another_account_is_found_by_its_key(sim, adapter):
    """It came in elsewhere, so this server's name for it is not known."""
    heard = hear(sim, adapter)
    draft = answer(heard)
    elsewhere = replace(draft, target=replace(draft.target, ref=heard.key))
    since = now()
    done = adapter.publish(elsewhere, "k")
    assert sim.find(done.key).parent == sim.find(heard.key).id
    assert adapter.lookup(elsewhere, "k", since) == done
    adapter.moderate("like", elsewhere.target)
    assert sim.find(heard.key).likes
    assert adapter.fetch_context(heard.key).items == ()
    assert adapter.reread([heard.key]).items == ()
    gone = replace(draft.target, ref="https://other.example/users/jo/statuses/404")
    with pytest.raises(errors.NotFoundError):
        adapter.publish(replace(draft, target=gone), "k2")
