"""Blocking people, network by network: what the contract suite cannot know."""

from dataclasses import replace

import pytest
from bluesky_kit import connect as bluesky
from bluesky_kit import hear as bluesky_hears
from contract_kit import linked
from mastodon_kit import JO
from mastodon_kit import connect as mastodon
from mastodon_kit import hear as mastodon_hears
from simulators.bluesky import BlueskySimulator
from simulators.bluesky_world import BLOCK
from simulators.mastodon import MastodonSimulator
from simulators.sandbox import SandboxHarness
from simulators.x import XSimulator
from x_desk import connect as x
from x_desk import hear as x_hears
from x_desk import offline

from networks import base, errors, items


def person(author):
    return items.Target("", "", author, items.PRIVATE)


def refused(kind, code, call, *args):
    with pytest.raises(kind) as caught:
        call(*args)
    assert caught.value.code == code


# --- Mastodon ---------------------------------------------------------------------
@pytest.fixture
def fedi():
    with MastodonSimulator() as sim:
        sim.jo = sim.add_account(JO, "Jo")
        yield sim


def test_mastodon_does_not_block_without_the_right(fedi):
    token = fedi.token_for(fedi.brand, "read write:statuses")
    adapter = mastodon(fedi, access_token=token)
    author = mastodon_hears(fedi, adapter).author
    refused(errors.ScopeError, "scope", adapter.moderate, "block", person(author))
    assert not fedi.brand.blocks


def test_mastodon_knows_people_by_address_or_handle(fedi):
    adapter = mastodon(fedi)
    author = mastodon_hears(fedi, adapter).author
    adapter.moderate("block", person(author))
    adapter.moderate("unblock", person(items.Author(id=JO)))
    assert not fedi.brand.blocks


def test_mastodon_does_not_block_ourselves(fedi):
    adapter = mastodon(fedi)
    us = items.Author(id=adapter.facts["id"], handle=adapter.facts["handle"])
    refused(errors.RejectedError, "forbidden", adapter.moderate, "block", person(us))
    assert not fedi.brand.blocks


def test_mastodon_unblocks_whom_somebody_let_in_by_hand(fedi):
    adapter = mastodon(fedi)
    author = mastodon_hears(fedi, adapter).author
    adapter.moderate("block", person(author))
    fedi.brand.blocks.clear()
    adapter.moderate("unblock", person(author))
    adapter.moderate("block", person(author))
    assert fedi.brand.blocks == {fedi.jo.id}


# --- Bluesky ----------------------------------------------------------------------
@pytest.fixture
def sky():
    with BlueskySimulator() as sim:
        sim.jo = sim.add_person("jo.example", "Jo")
        yield sim


def blocks(sim):
    return sim.world.repo(sim.brand.did, BLOCK)


def test_bluesky_counts_and_lifts_a_block_from_the_app(sky):
    adapter = bluesky(sky)
    author = bluesky_hears(sky, adapter).author
    sky.relate(BLOCK, sky.brand, sky.jo)
    adapter.moderate("block", person(author))
    assert len(blocks(sky)) == 1
    adapter.moderate("unblock", person(author))
    assert not blocks(sky)


def test_bluesky_blocks_once_before_anybody_sees_it(sky):
    adapter = bluesky(sky)
    author = bluesky_hears(sky, adapter).author

    def forget(found):
        found.body["viewer"].pop("blocking", None)
        return found

    adapter.moderate("block", person(author))
    sky.fail(path="getProfile", transform=forget, times=2)
    adapter.moderate("block", person(author))
    assert len(blocks(sky)) == 1
    adapter.moderate("unblock", person(author))
    assert not blocks(sky)


def test_bluesky_lets_somebody_in_whose_account_is_closed(sky):
    adapter = bluesky(sky)
    author = bluesky_hears(sky, adapter).author
    adapter.moderate("block", person(author))
    sky.jo.status = "deactivated"
    refused(
        errors.RejectedError, "deactivated", adapter.moderate, "block", person(author)
    )
    adapter.moderate("unblock", person(author))
    assert not blocks(sky)


def test_bluesky_does_not_block_ourselves(sky):
    adapter = bluesky(sky)
    us = person(items.Author(id=adapter.facts["id"]))
    refused(errors.RejectedError, "forbidden", adapter.moderate, "block", us)
    assert not blocks(sky)


# --- X ----------------------------------------------------------------------------
@pytest.fixture
def ex():
    with XSimulator() as sim:
        yield sim


def test_x_blocks_private_messages_only_and_says_what_it_costs(ex):
    adapter = x(ex)
    heard = x_hears(ex, adapter)
    found = adapter.blocking(items.PersonFacts(heard.author))
    assert (found.allowed, found.cost) == (True, "$0.015")
    adapter.moderate("block", person(heard.author))
    adapter.moderate("unblock", person(heard.author))
    assert adapter.spent["block"] == 2
    adapter.moderate("block", person(heard.author))
    assert x_hears(ex, adapter, "@acme I am still here").author == heard.author


def test_x_needs_the_right_to_write_in_private():
    adapter = offline(granted="tweet.read users.read tweet.write")
    found = adapter.blocking(items.PersonFacts(items.Author(id="7")))
    assert (found.allowed, found.reason) == (False, "scope")
    nobody = adapter.blocking(items.PersonFacts(items.Author()))
    assert nobody.reason == "no_target"


def test_x_slows_down(ex):
    """10 in 15 minutes (fact sheet §2)."""
    adapter = x(ex)
    author = x_hears(ex, adapter).author
    for _time in range(10):
        adapter.moderate("block", person(author))
    with pytest.raises(errors.RateLimited):
        adapter.moderate("block", person(author))
    assert adapter.spent["block"] == 10


# --- the sandbox ------------------------------------------------------------------
def test_the_sandbox_keeps_out_what_the_blocked_say_from_then_on():
    with linked(SandboxHarness()) as link:
        cursors = {}
        before = link.hears("before", cursors=cursors)
        link.adapter.moderate("block", person(before.author))
        for audience in ("public", "private"):
            link.harness.customer_says(link.sim, "meanwhile", audience)
        assert not link.messages(cursors)
        link.adapter.moderate("unblock", person(before.author))
        assert "after" in link.hears("after", cursors=cursors).text


# --- whoever cannot ---------------------------------------------------------------
def test_no_capability_is_no_offer():
    facts = items.PersonFacts(items.Author(id="1"))
    found = base.Adapter({}, None, None).blocking(facts)
    assert found == items.Affordance(base.BLOCK, False, "unsupported")
    shared = replace(facts, author=items.Author(id="1", shared=True))
    assert base.Adapter({}, None, None).blocking(shared).reason == "unsupported"
