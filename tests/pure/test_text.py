"""Counting and splitting, checked against the ``regex`` package's idea of graphemes."""

import regex
from hypothesis import example, given, settings, strategies

from networks import text

SAMPLES = [
    "hello",
    "e\u0301",
    "👨‍👩‍👧‍👦",
    "🏳️‍🌈",
    "👩🏽‍🚀",
    "🇩🇪🇫🇷🇯",
    "한국어",
    "각",
    "a\r\nb",
    "❤️",
    "1️⃣",
    "नमस्ते",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "مرحبا",
    "ကားပါသည်း",
    "น้ำใจ",
    "ນ້ຳ",
    "",
]
#: characters in the ways people really combine them
_pieces = strategies.sampled_from(
    [
        *"aé ñ中あ",
        "\u0301",
        "👍",
        "🏽",
        "\u200d",
        "👩",
        "🇩",
        "🇪",
        "한",
        "\n",
        "\ufe0f",
        "❤",
    ]
)


def test_graphemes_of_real_words():
    for sample in SAMPLES:
        assert "".join(text.graphemes(sample)) == sample
    for sample in SAMPLES:
        if sample != "नमस्ते":  # the newest Unicode joins conjuncts, older ones do not
            assert text.graphemes(sample) == regex.findall(r"\X", sample), sample


@settings(max_examples=400, deadline=None, database=None)
@given(strategies.lists(_pieces, max_size=12).map("".join))
@example("\u200d👩")
@example("🇩\u0301🇪")
def test_graphemes_agree_with_the_referee(sample):
    assert text.graphemes(sample) == regex.findall(r"\X", sample)


def test_counting():
    assert text.count_graphemes("👨‍👩‍👧‍👦é") == 2
    assert text.count_utf16("a👍") == 3
    assert text.count_bytes("aé👍") == 7


@settings(max_examples=300, deadline=None, database=None)
@given(strategies.lists(_pieces, max_size=60).map("".join), strategies.integers(8, 20))
def test_split_loses_nothing_but_white_space(sample, limit):
    for count in (text.count_graphemes, text.count_utf16):
        parts = text.split(sample, limit, count)
        squeezed = "".join("".join(parts).split())
        assert squeezed == "".join(sample.split())
        if count is text.count_graphemes:
            assert all(count(part) <= limit for part in parts)


def test_split_prefers_sentences_and_words():
    parts = text.split("One two three. Four five six seven.", 20, len)
    assert parts == ("One two three.", "Four five six seven.")
    assert text.split("short", 20, len) == ("short",)
    assert text.split("x" * 45, 20, len) == ("x" * 20, "x" * 20, "x" * 5)
