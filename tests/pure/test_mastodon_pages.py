"""No gap and no endless loop, whatever happens between two pages."""

import json
import random

import pytest
from mastodon_kit import connect, now, pull
from simulators.mastodon import MastodonSimulator
from simulators.mastodon_snac2 import Snac2Simulator
from simulators.server import Answer

from networks import errors, mastodon_pages
from networks.mastodon_pages import Entry, Position


def texts(adapter, raw):
    return [adapter.parse(one).text.partition(" ")[2] for one in raw]


@pytest.fixture(params=["mastodon", "gotosocial", "snac2"])
def sim(request):
    made = {
        "mastodon": MastodonSimulator,
        "gotosocial": lambda: MastodonSimulator(ulid=True),
        "snac2": Snac2Simulator,
    }[request.param]()
    with made as server:
        server.add_account("jo@other.example", "Jo")
        yield server


def say(sim, *numbers, **kwargs):
    for number in numbers:
        sim.post("jo@other.example", f"@acme {number}", **kwargs)


# --- a position survives being stored ---------------------------------------------
def test_a_position_survives_being_stored():
    full = Position(("b", "a"), now(), True, ("c",), now(), "d", 1)
    assert Position.load(full.dump()) == full
    assert Position.load("").down


@pytest.mark.parametrize(
    "cursor", ["42", "[]", "nonsense", '"x"', "{" * 10_000, "null"]
)
def test_a_stale_cursor_starts_again(cursor):
    with pytest.raises(errors.CursorExpired):
        Position.load(cursor)


def test_forward_distrusts_a_page_that_is_not_after():
    known = Position(("10",))
    assert mastodon_pages.forward(known, [Entry("11", None)]).known[0] == "11"
    assert mastodon_pages.forward(known, []) == known
    assert mastodon_pages.forward(known, [Entry("11", None), Entry("9", None)]) is None


# --- every server, whatever its paging --------------------------------------------
def test_each_item_comes_once_and_in_order(sim):
    adapter = connect(sim)
    say(sim, *range(200))
    raw, cursor = pull(adapter)
    assert sorted(map(int, texts(adapter, raw))) == list(range(200))
    assert pull(adapter, cursor)[0] == []
    say(sim, *range(200, 395))
    raw, cursor = pull(adapter, cursor)
    assert sorted(map(int, texts(adapter, raw))) == list(range(200, 395))


def test_an_empty_account_begins_with_its_first_mention(sim):
    adapter = connect(sim)
    raw, cursor = pull(adapter)
    assert raw == []
    say(sim, *range(100))
    assert len(pull(adapter, cursor)[0]) == 100


def test_the_known_item_may_be_deleted(sim):
    adapter = connect(sim)
    say(sim, *range(30))
    _raw, cursor = pull(adapter)
    for status in list(sim.world.statuses.values())[-10:]:
        sim.delete(status)
    say(sim, "new")
    raw, _cursor = pull(adapter, cursor)
    assert texts(adapter, raw) == ["new"]


def test_the_first_pull_looks_back_no_further_than_told(sim):
    adapter = connect(sim)
    say(sim, "old")
    sim.world.clock.advance(7200)
    since = sim.world.clock().replace(microsecond=0)
    say(sim, "new")
    raw, cursor = pull(adapter, since=since)
    assert texts(adapter, raw) == ["new"]
    assert pull(adapter, cursor, since=since)[0] == []


def test_what_came_in_during_the_reading_is_not_lost(sim):
    adapter = connect(sim)
    say(sim, *range(100))
    first = adapter.fetch("notifications", "", now().replace(year=2025))
    assert first.more and not first.closed
    say(sim, *range(100, 120))
    rest, cursor = pull(adapter, first.cursor)
    more, _cursor = pull(adapter, cursor)
    found = texts(adapter, [*first.items, *rest, *more])
    assert sorted(map(int, found)) == list(range(120))


def test_a_page_that_comes_twice_costs_nothing(sim):
    adapter = connect(sim)
    say(sim, *range(5))
    _raw, cursor = pull(adapter)
    say(sim, *range(5, 200))
    pages = []

    def keep(answer):
        pages.append(answer)
        return answer

    sim.fail(path="/notifications$", transform=keep)
    sim.fail(path="/notifications$", transform=lambda _answer: pages[0])
    raw, _cursor = pull(adapter, cursor)
    assert set(map(int, texts(adapter, raw))) >= set(range(5, 200))


def test_pages_closed_only_when_the_gap_is(sim):
    adapter = connect(sim)
    say(sim, *range(170))
    page = adapter.fetch("notifications", "", now().replace(year=2025))
    seen = []
    while page.more:
        seen.append(page.closed)
        page = adapter.fetch("notifications", page.cursor, now().replace(year=2025))
    assert page.closed and not any(seen)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_lost_in_a_storm_with_accidents(sim, seed):
    """Posts, deletions and failing requests at random: all that stays arrives."""
    chance = random.Random(seed)
    adapter, cursor, arrived, number = connect(sim), "", set(), 0
    for _round in range(25):
        for _post in range(chance.choice((0, 1, 5, 90))):
            say(sim, number)
            number += 1
        if chance.random() < 0.3 and sim.world.statuses:
            sim.delete(chance.choice(list(sim.world.statuses.values())))
        if chance.random() < 0.4:
            cut = chance.choice(("before", "after"))
            sim.fail(path="/notifications", cut=cut, skip=chance.randrange(3))
        if chance.random() < 0.2:
            sim.fail(path="/notifications", answer=Answer("<h1>502</h1>", 502))
        try:
            for _page in range(chance.randrange(1, 5)):
                page = adapter.fetch("notifications", cursor, now().replace(year=2025))
                arrived |= {adapter.parse(one).key for one in page.items}
                cursor = page.cursor
        except errors.CursorExpired:
            cursor = ""
        except errors.TransientError:
            continue
    sim.faults.clear()
    raw, cursor = pull(adapter, cursor)
    arrived |= {adapter.parse(one).key for one in raw}
    raw, _cursor = pull(adapter, cursor)
    arrived |= {adapter.parse(one).key for one in raw}
    assert {one.uri for one in sim.world.statuses.values()} <= arrived


# --- servers that are not what they say -------------------------------------------
def test_a_mastodon_that_ignores_min_id_is_read_downwards():
    with MastodonSimulator() as sim:
        sim.add_account("jo@other.example")
        adapter = connect(sim)
        say(sim, *range(10))
        _raw, cursor = pull(adapter)
        say(sim, *range(10, 150))
        honest = sim.page

        def forgetful(call, *args):
            call.query = [one for one in call.query if one[0] != "min_id"]
            return honest(call, *args)

        sim.page = forgetful
        raw, cursor = pull(adapter, cursor)
        assert set(range(10, 150)) <= set(map(int, texts(adapter, raw)))
        assert pull(adapter, cursor)[0] == []


def test_a_server_without_max_id_ends_somewhere():
    with MastodonSimulator(no_keys=True) as sim:
        sim.add_account("jo@other.example")
        say(sim, *range(200))
        honest = sim.page

        def forgetful(call, *args):
            call.query = [one for one in call.query if one[0] != "max_id"]
            return honest(call, *args)

        sim.page = forgetful
        assert len(pull(connect(sim))[0]) == 80


def test_a_vanished_place_on_snac2_starts_again_by_date():
    """Its ``max_id`` is a position: unknown ones give an empty page, not an end."""
    with Snac2Simulator() as sim:
        sim.add_account("jo@other.example")
        adapter = connect(sim)
        say(sim, "known")
        _raw, cursor = pull(adapter)
        say(sim, *range(200))
        page = adapter.fetch("notifications", cursor, now())
        below = json.loads(page.cursor)["below"]
        [lost] = [one for one in sim.world.notifications if one.id == below]
        sim.delete(lost.status)
        with pytest.raises(errors.CursorExpired):
            pull(adapter, page.cursor)
        raw, _cursor = pull(adapter, "")
        assert len(raw) == 200


def test_snac2_delivers_a_post_again_and_it_is_the_same_message():
    with Snac2Simulator() as sim:
        sim.add_account("jo@other.example")
        adapter = connect(sim)
        say(sim, 1, 2)
        raw, cursor = pull(adapter)
        sim.world.redeliver()
        again, _cursor = pull(adapter, cursor)
        assert {one.key for one in raw}.isdisjoint(one.key for one in again)
        assert {adapter.parse(one).key for one in raw} == {
            adapter.parse(one).key for one in again
        }
