"""Working time as arithmetic: deadlines, durations, calendars of every shape."""

import importlib.util
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "models" / "clock_times.py"
_spec = importlib.util.spec_from_file_location("clock_times", PATH)
clock_times = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(clock_times)
Hours, joined, warning_before = (
    clock_times.Hours,
    clock_times.joined,
    clock_times.warning_before,
)

MONDAY = datetime(2026, 11, 23)
HOUR = 3600


def at(day, hour, minute=0):
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


class Office:
    """Nine to five from Monday to Friday, as a calendar would be loaded."""

    def __init__(self, opens=9, closes=17, days=range(5), closed=()):
        self.hours, self.days, self.closed = (opens, closes), days, closed
        self.asked = []

    def __call__(self, start, end):
        self.asked.append((start, end))
        day = datetime(start.year, start.month, start.day) - timedelta(days=1)
        spans = []
        while day < end:
            if day.weekday() in self.days and day not in self.closed:
                opens, closes = (day + timedelta(hours=one) for one in self.hours)
                spans.append((max(opens, start), min(closes, end)))
            day += timedelta(days=1)
        return [(one, other) for one, other in spans if one < other]


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        (at(0, 10), 60, at(0, 11)),
        (at(0, 16, 30), 60, at(1, 9, 30)),  # over the night
        (at(4, 16, 30), 60, at(7, 9, 30)),  # over the weekend
        (at(0, 3), 60, at(0, 10)),  # before we open
        (at(0, 20), 60, at(1, 10)),  # after we closed
        (at(5, 12), 60, at(7, 10)),  # on a Saturday
        (at(0, 16), 60, at(0, 17)),  # ends with the day, not with the next one's start
        (at(0, 9), 8 * 60, at(0, 17)),
        (at(0, 9), 8 * 60 + 1, at(1, 9, 1)),
        (at(0, 9), 40 * 60, at(4, 17)),
        (at(0, 9), 400 * 60, at(67, 17)),  # ten weeks, further than is loaded at first
    ],
)
def test_due(start, minutes, due):
    hours = Hours(Office())
    assert hours.due(start, minutes * 60) == due
    assert hours.between(start, due) == minutes * 60


def test_around_the_clock():
    assert Hours().due(at(5, 23), 2 * HOUR) == at(6, 1)
    assert Hours().between(at(5, 23), at(6, 1)) == 2 * HOUR
    assert Hours().between(at(6, 1), at(5, 23)) == 0


def test_days_off_do_not_count():
    hours = Hours(Office(closed={at(1, 0), at(2, 0)}))
    assert hours.due(at(0, 16), 2 * HOUR) == at(3, 10)
    assert hours.between(at(0, 16), at(3, 10)) == 2 * HOUR


def test_a_night_shift_is_one_piece():
    def night(start, end):
        spans = []
        for day in range(-2, 40):
            spans += [(at(day, 22), at(day + 1, 0) - timedelta(microseconds=1))]
            spans += [(at(day, 0), at(day, 6))]
        return [
            (max(one, start), min(other, end))
            for one, other in spans
            if max(one, start) < min(other, end)
        ]

    hours = Hours(night)
    assert hours.due(at(0, 23), 4 * HOUR) == at(1, 3)
    assert hours.due(at(0, 12), HOUR) == at(0, 23)
    assert hours.between(at(0, 22), at(1, 6)) == 8 * HOUR


def test_a_calendar_without_hours_counts_around_the_clock():
    asked = []

    def never(start, end):
        asked.append((start, end))
        return []

    assert Hours(never).due(at(0, 10), HOUR) == at(0, 11)
    assert len(asked) < 10


def test_nothing_is_loaded_twice():
    office = Office()
    hours = Hours(office)
    for minute in range(0, 600, 7):
        hours.due(at(0, 8) + timedelta(minutes=minute), HOUR)
    hours.due(at(-3, 8), HOUR)  # one that arrives late
    assert len(office.asked) < 100
    stretches = sorted(office.asked)
    for (_start, end), (start, _end) in zip(stretches, stretches[1:], strict=False):
        assert end <= start


def test_a_batch_asks_once_or_twice():
    office = Office()
    hours = Hours(office)
    for number in range(200):
        hours.due(at(0, 8) + timedelta(microseconds=number), HOUR)
        hours.due(at(0, 8) - timedelta(minutes=number), 30 * HOUR)
    assert len(office.asked) <= 2


def test_due_and_between_are_each_others_opposite():
    dice = random.Random(7)
    hours = Hours(Office(days={0, 2, 5}))
    for _turn in range(300):
        start = MONDAY + timedelta(seconds=dice.randrange(60 * 86400))
        seconds = dice.randrange(1, 100 * HOUR)
        due = hours.due(start, seconds)
        assert abs(hours.between(start, due) - seconds) < 1e-3
        fresh = Hours(Office(days={0, 2, 5}))
        assert fresh.due(start, seconds) == due, "whatever was asked before"


def test_nothing_left_is_due_at_once():
    assert Hours(Office()).due(at(0, 3), 0) == at(0, 3)
    assert Hours(Office()).due(at(0, 3), -60) == at(0, 3)


def test_joined():
    crack = timedelta(microseconds=1)
    assert joined([(at(0, 3), at(0, 3)), (at(0, 5), at(0, 4))]) == []
    assert joined([(at(0, 9), at(0, 12)), (at(0, 8), at(0, 10))]) == [
        (at(0, 8), at(0, 12))
    ]
    assert joined([(at(0, 22), at(1, 0) - crack), (at(1, 0), at(1, 6))]) == [
        (at(0, 22), at(1, 6))
    ]


@pytest.mark.parametrize(
    ("target", "minutes", "percent", "ahead"),
    [
        (3600, 10, 25, 600),
        (3600, 0, 25, 900),
        (3600, 0, 0, 0),
        (3600, 90, 0, 3600),  # never before the clock began
        (3600, 0, 250, 3600),
        (3600, -5, 25, 900),
        (3600, 0, -5, 0),
    ],
)
def test_warning(target, minutes, percent, ahead):
    assert warning_before(target, minutes, percent) == ahead
