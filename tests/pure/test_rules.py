"""Triage rules: each condition, how rules follow each other, and what is broken."""

from datetime import datetime

import pytest

from texts.rules import NOTHING, Facts, Rule, Watch, judge, wanted_words


def match(facts=None, **spec):
    return Rule.make({"id": 1, **spec}).match(facts or Facts(), Watch())


SATURDAY = datetime(2026, 1, 3, 9, 30)
# ruff: noqa: E501 - a table is read as one
#: condition, facts it holds for, facts it does not hold for, the reason told
TABLE = [
    ({"networks": [1]}, {"network": 1}, {"network": 2}, ["network"]),
    ({"accounts": [1, 2]}, {"account": 2}, {"account": 3}, ["account"]),
    ({"audiences": ["private", "group"]}, {"audience": "group"}, {}, ["audience"]),
    ({"kind": "thanks"}, {"thanks": True}, {}, ["kind", "thanks"]),
    ({"kind": "message"}, {}, {"thanks": True}, ["kind", "message"]),
    ({"turn": "first"}, {"first": True}, {}, ["turn", "first"]),
    ({"turn": "reply"}, {"reply": True}, {}, ["turn", "reply"]),
    ({"authors": [7]}, {"author": 7}, {"author": 0}, ["author"]),
    ({"handles": "@Jo, ann@x"}, {"handle": "JO"}, {"handle": "ann"}, ["handle"]),
    ({"handles": "@ann@x"}, {"handle": "ann@x"}, {"handle": ""}, ["handle"]),
    ({"verified": "yes"}, {"verified": True}, {}, ["verified", "yes"]),
    ({"verified": "no"}, {}, {"verified": True}, ["verified", "no"]),
    ({"known": "yes"}, {"known": True}, {}, ["known", "yes"]),
    ({"followers_min": 100}, {"followers": 100}, {"followers": 99}, ["followers"]),
    ({"followers_max": 10}, {"followers": 10}, {"followers": 11}, ["followers"]),
    ({"tags": [1, 2]}, {"tags": frozenset((2, 5))}, {"tags": frozenset((5,))}, ["tags"]),
    ({"orders": "yes"}, {"orders": True}, {"orders": None}, ["orders", "yes"]),
    ({"orders": "no"}, {"orders": False}, {"orders": None}, ["orders", "no"]),
    ({"invoices": "yes"}, {"invoices": True}, {"invoices": False}, ["invoices", "yes"]),
    ({"languages": "de"}, {"language": "de-AT"}, {"language": ""}, ["language", "de-at"]),
    ({"languages": "pt_BR"}, {"language": "pt-BR"}, {"language": "pt"}, ["language", "pt-br"]),
    ({"words_mode": "any", "words": "refund\nbroken lid"}, {"text": "The BROKEN, lid"}, {"text": "lid broken"}, ["words", "broken lid"]),
    ({"words_mode": "any", "words": "art"}, {"text": "art!"}, {"text": "party"}, ["words", "art"]),
    ({"words_mode": "any", "words": "refund*"}, {"text": "refunded"}, {"text": "a fund"}, ["words", "refund*"]),
    ({"words_mode": "any", "words": "返金"}, {"text": "すぐ返金して"}, {"text": "金返"}, ["words", "返金"]),
    ({"words_mode": "any", "words": "👍"}, {"text": "ok👍"}, {"text": "ok"}, ["words", "👍"]),
    ({"words_mode": "any", "words": "cafe"}, {"text": "ＣＡＦＥ"}, {"text": "café"}, ["words", "cafe"]),
    ({"words_mode": "any", "words": "x y, Refund"}, {"text": "a refund_ please"}, {"text": "x_z y"}, ["words", "Refund"]),
    ({"words_mode": "any", "words": "न्याय"}, {"text": "मुझे न्याय चाहिए"}, {"text": "न्यायालय"}, ["words", "न्याय"]),
    ({"words_mode": "all", "words": "a,b"}, {"text": "b a"}, {"text": "a"}, ["words_all"]),
    ({"words_mode": "none", "words": "a,b"}, {"text": "c"}, {"text": "c b"}, ["words_none"]),
    ({"regex": r"order #?\d+"}, {"text": "Order #12"}, {"text": "order"}, ["regex"]),
    ({"hours": "in", "hour_from": 9, "hour_to": 10}, {"at": SATURDAY}, {"at": SATURDAY.replace(hour=10)}, ["hours", "in"]),
    ({"hours": "in", "hour_from": 9, "hour_to": 10, "days": "weekend"}, {"at": SATURDAY}, {"at": SATURDAY.replace(day=5)}, ["hours", "in"]),
    ({"hours": "out", "hour_from": 9, "hour_to": 10}, {"at": SATURDAY.replace(hour=12)}, {"at": SATURDAY}, ["hours", "out"]),
    ({"hours": "in", "hour_from": 10, "hour_to": 11, "zone": "Europe/Berlin"}, {"at": SATURDAY}, {"at": SATURDAY.replace(hour=10)}, ["hours", "in"]),
    ({"hours": "in", "hour_from": 22, "hour_to": 6, "days": "working"}, {"at": SATURDAY.replace(hour=5)}, {"at": SATURDAY.replace(hour=23)}, ["hours", "in"]),
    ({"hours": "out", "hour_from": 9, "hour_to": 10}, {"at": SATURDAY.replace(hour=3)}, {"at": None}, ["hours", "out"]),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "fits", "differs", "reason"), TABLE, ids=str)
def test_each_condition(spec, fits, differs, reason):
    assert match(Facts(**fits), **spec) == [reason]
    assert match(Facts(**differs), **spec) is None


def test_all_conditions_must_hold():
    spec = {"languages": "de", "words_mode": "any", "words": "hilfe"}
    assert match(Facts(text="Hilfe", language="de"), **spec) == [
        ["language", "de"],
        ["words", "hilfe"],
    ]
    assert match(Facts(text="Hilfe", language="en"), **spec) is None


def test_no_condition_is_every_message():
    assert match() == [["always"]]
    assert match(words_mode="any", words=" ,\n") == [["always"]]


def test_words_as_people_write_them():
    assert wanted_words(" a, b c \n\n,d") == ["a", "b c", "d"]


def rules(*specs):
    return [Rule.make({"id": at, **spec}) for at, spec in enumerate(specs, 1)]


def test_the_first_who_says_a_thing_is_right():
    verdict = judge(
        rules(
            {"team": 5, "tag_ids": [1], "stop": False},
            {"ticket": False, "team": 6, "tag_ids": [1, 2], "stop": False},
            {"languages": "fr", "priority": "3"},
            {"ticket": True, "priority": "2"},
            {"user": 3},
        ),
        Facts(),
        Watch(),
    )
    assert verdict.results == {"team": 5, "ticket": False, "priority": "2"}
    assert verdict.tags == (1, 2)
    assert verdict.ruled_out
    assert verdict.why == [[1, [["always"]]], [2, [["always"]]], [4, [["always"]]]]


def test_without_a_match_nothing_is_said():
    assert judge(rules({"languages": "fr"}), Facts(), Watch()) is NOTHING
    assert not NOTHING.ruled_out


@pytest.mark.parametrize(
    "spec",
    [
        {"regex": "("},
        {"regex": "(?=a)"},
        {"hours": "in", "zone": "No/Where"},
        {"hours": "in", "zone": "/etc/passwd"},
        {"hours": "in", "days": "never"},
    ],
)
def test_a_broken_rule_matches_nothing_and_stops_nothing(spec):
    broken, other = rules({**spec, "ticket": False}, {"team": 5})
    assert broken.broken
    verdict = judge([broken, other], Facts(text="a", at=SATURDAY), Watch())
    assert verdict.results == {"team": 5}


def test_a_rule_that_fails_is_noted_and_left_out():
    rule, other = rules({"ticket": False}, {"team": 5})
    rule.tests = (("words", lambda facts: 1 / 0),)
    watch = Watch()
    assert judge([rule, other], Facts(), watch).results == {"team": 5}
    assert isinstance(watch.failed[1], ZeroDivisionError)


def test_a_slow_pattern_is_left_out_for_the_rest_of_the_batch():
    ticks = iter(range(100))
    watch = Watch(share=0.5, clock=lambda: next(ticks))
    (rule,) = rules({"regex": "a", "ticket": False})
    assert judge([rule], Facts(text="a"), watch).ruled_out
    assert judge([rule], Facts(text="a"), watch) is NOTHING
    assert watch.slow == {1}
