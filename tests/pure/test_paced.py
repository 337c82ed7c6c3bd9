"""Answers to many people: never the same words in a row, never more than a rate."""

import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from texts import paced

START = datetime(2026, 1, 1, 12)


def people(*handles):
    return [{"customer": one.title(), "handle": f"@{one}"} for one in handles]


def many(number):
    return people(*(f"person{one}" for one in range(number)))


@pytest.mark.parametrize("seed", range(20))
def test_never_the_same_words_in_a_row(seed):
    said = paced.words(
        many(50), ["Sorry!", "We are sorry.", "Oh no"], random.Random(seed)
    )
    assert len(said) == 50
    assert all(one != other for one, other in pairwise(said))
    # each wording has its turn about as often
    counts = [said.count(one) for one in set(said)]
    assert max(counts) - min(counts) <= 2


def test_one_wording_is_enough_where_names_differ():
    said = paced.words(many(3), ["{{handle}} sorry!"], random.Random(1))
    assert said == ["@person0 sorry!", "@person1 sorry!", "@person2 sorry!"]


def test_not_even_what_was_said_right_before_the_first():
    said = paced.words(many(2), ["a", "b"], random.Random(1), last="a")
    assert said == ["b", "a"]
    with pytest.raises(paced.SameWordsError):
        paced.words(many(1), ["a"], random.Random(1), last="a")


def test_one_wording_without_a_name_is_refused():
    with pytest.raises(paced.SameWordsError):
        paced.words(many(2), ["Sorry!", " Sorry! "], random.Random(1))
    assert paced.words(many(1), ["Sorry!"], random.Random(1)) == ["Sorry!"]


def test_people_without_a_name_get_the_same_words():
    """What a placeholder leaves out makes two texts alike: looked at when filled."""
    nameless = [{"customer": "", "handle": ""}] * 2
    with pytest.raises(paced.SameWordsError):
        paced.words(nameless, ["Sorry {{customer}}!"], random.Random(1))


@pytest.mark.parametrize("wordings", [[], [""], ["  "], None, [None]])
def test_no_words(wordings):
    with pytest.raises(ValueError):
        paced.words(many(2), wordings, random.Random(1))


def test_wordings_are_limited():
    assert len(paced.clean(str(one) for one in range(99))) == paced.MOST


@pytest.mark.parametrize("rate", [1, 6, 60])
@pytest.mark.parametrize("seed", range(5))
def test_never_more_than_the_rate(rate, seed):
    found = paced.moments(90, rate, START, random.Random(seed))
    assert found[0] == START
    assert found == sorted(found)
    window = timedelta(minutes=1)
    for index, one in enumerate(found):
        within = [other for other in found[index:] if other < one + window]
        # one whose turn came late, and the next in time
        assert len(within) <= rate + 1
    total = (found[-1] - found[0]).total_seconds()
    assert abs(total - 89 * 60 / rate) <= 60 / rate


def test_the_pauses_differ():
    found = paced.moments(20, 6, START, random.Random(3))
    pauses = {(b - a).total_seconds() for a, b in pairwise(found)}
    assert len(pauses) > 10


def test_nobody():
    assert paced.moments(0, 6, START, random.Random(1)) == []
    assert paced.words([], ["Hi"], random.Random(1)) == []


def leave(plan, looks, per_minute=6):
    """When each leaves if somebody looks at these moments only, one per look."""
    left, last = [], None
    for now in looks:
        for planned in plan[len(left) :]:
            at = paced.turn(planned, last, now, per_minute)
            if planned > now or at > now:
                break
            left.append(now)
            last = now
    return left


@pytest.mark.parametrize("seed", range(10))
def test_on_time_they_leave_as_planned(seed):
    plan = paced.moments(30, 6, START, random.Random(seed))
    seconds = [START + timedelta(seconds=one) for one in range(400)]
    left = leave(plan, seconds)
    assert len(left) == 30
    late = [
        (one - planned).total_seconds() for one, planned in zip(left, plan, strict=True)
    ]
    assert max(late) < 3


def test_after_an_hour_without_anybody_there_is_no_burst():
    plan = paced.moments(60, 6, START, random.Random(1))
    late = START + timedelta(hours=1)
    left = leave(plan, [late + timedelta(seconds=one) for one in range(900)])
    assert len(left) == 60
    gaps = [(b - a).total_seconds() for a, b in pairwise(left)]
    assert min(gaps) >= 10


def test_a_look_a_minute_lets_one_go_each_time():
    """What a machine without a free worker does: slower, never quicker."""
    plan = paced.moments(5, 6, START, random.Random(2))
    left = leave(plan, [START + timedelta(minutes=one) for one in range(10)])
    assert left == [START + timedelta(minutes=one) for one in range(5)]


def test_the_first_of_all_waits_for_nobody():
    assert paced.turn(START, None, START + timedelta(hours=9), 60) == START
