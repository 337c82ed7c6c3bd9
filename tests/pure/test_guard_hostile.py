"""Texts that want to be slow or to slip through: time grows with the length only."""

import random
import time

import pytest

from texts import guard
from texts.guard import Own
from texts.guard_fold import Folded, bare, squash

OWN = Own(
    names=("Margaret Ann Whitfield", "Анна Соколова", "山田 太郎"),
    addresses=(("482 Orchard Lane", "60614", "Chicago"), ("1 1", "11111", "11")),
    numbers=(("order", "S04217"), ("vat", "DE136695976"), ("ticket", "1111111111")),
    firms=("A A A A",),
)
PIECES = [
    "one ",
    "oh-",
    "double ",
    "1",
    "1 ",
    "1-",
    "0 ",
    "+",
    "+1",
    "(",
    "00",
    "12 ",
    "a",
    "a ",
    "a.",
    "a-",
    "@",
    "a@",
    "@a.",
    " at ",
    "a at a dot ",
    "[at]",
    "dot dot ",
    ".",
    "\u200b",
    "́",
    "DE89 ",
    "AB12",
    "4111 ",
    "Ann ",
    "山田",
    "S0",
    "11111 11 ",
    "https://",
    "www.",
    "http:/ ",
    "#a",
    "60614 Chicago ",
    "$1 ",
    "€",
    "1.",
    "1,000,",
    "2026-",
    "8:00-",
    "v1.",
    "order ",
    "phone 1 ",
    "a a a a ",
    "\n",
    "😀",
    "İ",
    "ﷺ",
    "À",
    "1111111 ",
    "01512 3456789 ",
]


def seconds(text):
    started = time.process_time()
    guard.find(text, OWN, regions=("DE", "US", "GB"))
    return time.process_time() - started


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_time_grows_with_the_length(piece):
    short, long = piece * (4_000 // len(piece)), piece * (16_000 // len(piece))
    quick = min(seconds(short) for _ in range(2))
    # four times the text: sixteen times the time would be a square
    taken = seconds(long)
    assert taken < max(9 * quick, 0.5)
    assert taken < 4, "longer than anybody waits for a word while writing"


def test_more_than_can_be_read_is_said_and_not_let_through():
    flood = " ".join(f"phone 9{number:06}" for number in range(20_000))
    kinds = {one.kind for one in guard.find(flood, regions=("DE", "US"))}
    assert "unread" in kinds
    long = "x" * guard.LONGEST + " jo@example.org"
    assert [one.kind for one in guard.find(long)] == ["unread"]


def test_hundreds_of_papers_cost_little():
    numbers = tuple(("order", f"S{number:05}") for number in range(10_000, 12_000))
    text = "Your order S10042 has left, the other one not yet. " * 4
    started = time.process_time()
    found = guard.find(text, Own(numbers=numbers))
    assert [one.words for one in found] == ["S10042"] * 4
    # a regular expression for each would take a second
    assert time.process_time() - started < 0.25


def test_a_number_in_a_crowd_is_found():
    crowd = "lorem ipsum 12 34,5 (x) " * 400
    found = guard.find(f"{crowd}+44 7400 123456 {crowd}")
    assert [one.kind for one in found] == ["phone"]


def test_whatever_is_typed():
    dice = random.Random(4)
    signs = "0123456789+-(). @\u200b\u0661\uff11aZé山ק\u0301\U0001f600#$€:/\n\x00\ud7ff"
    for _ in range(400):
        text = "".join(dice.choice(signs) for _ in range(dice.randrange(80)))
        for one in guard.find(text, OWN, regions=("DE", None, "", "XX")):
            assert 0 <= one.start < one.end <= len(text)
            assert text[one.start : one.end] == one.words


def test_finds_do_not_overlap():
    text = "order S04217 1111111111 DE136695976 60614 Chicago, +44 7400 123456, a@b.org"
    found = guard.find(text, OWN)
    assert len(found) > 4
    assert all(
        one.end <= other.start for one, other in zip(found, found[1:], strict=False)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MULLER"),
        ("Mu\u0308ller", "muller"),
        ("Straße", "STRASSE"),
        ("Йод", "иод"),
        ("Νίκος", "ΝΙΚΟΣ"),
        ("مَحمود", "محمود"),
        ("ｗｉｄｅ", "Wide"),
        ("so\u00adft\u200b", "soft"),
    ],
)
def test_the_same_name(one, other):
    assert bare(one) == bare(other)


@pytest.mark.parametrize("pair", ["かが", "하한", "กค", "ео"])
def test_not_the_same_name(pair):
    one, other = pair
    assert bare(one) != bare(other)


def test_back_to_what_was_typed():
    folded = Folded("a\u200bﬁ１")
    assert folded.text == "afi1"
    assert folded.span(1, 3) == (2, 3)
    assert folded.span(3, 4) == (3, 4)
    assert folded.span(4, 4) == (4, 4)
    assert squash("IN V/2026-０１") == "INV202601"
