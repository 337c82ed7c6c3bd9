"""Patterns of rules: they find what Python's engine finds, in time that is bounded."""

import random
import re
import time

import pytest

from texts.linear_regex import MAX_TEXT, Pattern, PatternError

PATTERNS = [
    "foo",
    r"order\s+#?\d+",
    "(a+)+b",
    "(a|ab)*c",
    "^hi",
    "bye$",
    r"\bref\b",
    "colou?r",
    "a{2,4}b",
    "[^a-c]x",
    "(?:foo|bar)+baz",
    r"\w+@\w+\.de",
    "x|y|zz",
    r"\Bq",
    "a.*b.*c",
    r"^\s*hi\W+ba",
    "[A-Cq-z]{3}",
    r"(?i)b\Sr",
]


@pytest.mark.parametrize("source", PATTERNS)
def test_finds_what_pythons_engine_finds(source):
    ours, theirs = Pattern(source), re.compile(source, re.IGNORECASE)
    chance = random.Random(source)
    found = 0
    for _turn in range(1500):
        text = "".join(
            chance.choices("abcxyzq fobarHI#12ref .@de\n", k=chance.randint(0, 14))
        ).rstrip("\n")  # ``$`` is the very end of the text
        assert ours.search(text) is bool(theirs.search(text)), text
        found += ours.search(text)
    assert ours.search("hi") is bool(theirs.search("hi"))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("(a+)+b", "a" * MAX_TEXT),
        ("(a|a)*b", "a" * MAX_TEXT),
        ("(a?){20}a{20}b", "a" * MAX_TEXT),
        ("a.*a.*a.*a.*b", "a" * MAX_TEXT),
        (r"(\w+\s?)+$!", "word " * 800),
    ],
)
def test_no_pattern_takes_long(source, text):
    pattern = Pattern(source)
    started = time.process_time()
    assert pattern.search(text) is False
    assert time.process_time() - started < 1


def test_a_pattern_that_learns_all_the_time_is_bounded():
    letters = [chr(code) for code in range(0x61, 0x600) if chr(code).isalpha()]
    text = "".join(random.Random(1).choices(letters, k=MAX_TEXT))
    pattern = Pattern(r"(\w{0,9}a){10}!")
    started = time.process_time()
    for _turn in range(3):
        pattern.search(text)
    assert time.process_time() - started < 6
    assert pattern._steps <= 4000


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("(", "syntax"),
        ("a**", "syntax"),
        ("[a-", "syntax"),
        (r"\p{L}", "syntax"),
        ("(?=a)b", "unsupported"),
        ("(?<!a)b", "unsupported"),
        (r"(a)\1", "unsupported"),
        ("(?s)a.b", "unsupported"),
        ("(?m)^a", "unsupported"),
        ("a*", "empty"),
        ("", "empty"),
        ("x|", "empty"),
        ("a{999}", "too_big"),
        ("(a{99}){99}", "too_big"),
        ("((((a{9}){9}){9}){9}){9}", "too_big"),
        ("(" * 5000 + "a" + ")" * 5000, "syntax"),
    ],
)
def test_what_cannot_be_used_is_refused(source, code):
    with pytest.raises(PatternError) as caught:
        Pattern(source)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("ÄRGER", "viel ärger hier", True),
        ("возврат", "ВОЗВРАТ!", True),
        ("返金", "返金してください", True),
        (r"^\d{3}$", "٣٤٥", True),
        ("straße", "STRASSE", False),
        ("x", "y" * MAX_TEXT + "x", False),
        ("\ud800", "\ud800", True),
        (r"a\0b", "a\0b", True),
        ("👍+", "👍👍", True),
    ],
)
def test_other_scripts_and_odd_characters(source, text, found):
    assert Pattern(source).search(text) is found


@pytest.mark.parametrize(
    ("source", "needs"),
    [
        (r"order\s+#?\d+", "order"),
        (r"(?:foo|bar)+Bazaar", "bazaar"),
        (r"\d+", ""),
        ("a|b", ""),
        ("straße", "stra"),
        # a Turkish reader's i has other capitals
        ("shippment", "ppment"),
        ("(abc)?def", "def"),
    ],
)
def test_what_a_text_must_contain(source, needs):
    assert Pattern(source).needs == needs
