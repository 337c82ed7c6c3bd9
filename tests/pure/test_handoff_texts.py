"""Codes of the private page, and when a thread is still open in public."""

from datetime import datetime, timedelta, timezone

import pytest

from texts import closing, proof_code

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


# --- codes ------------------------------------------------------------------------
def test_codes_differ_and_are_found_as_they_are_shown():
    codes = {proof_code.new_code() for _one in range(2000)}
    assert len(codes) == 2000
    for code in codes:
        assert proof_code.found(f"@acme {proof_code.shown(code)}") == (code,)


@pytest.mark.parametrize(
    "written",
    [
        "CDFG-HJKM-2345",
        "cdfg-hjkm-2345",
        "CDFGHJKM2345",
        "CDFG HJKM 2345",
        "CDFG\u2011HJKM\u20132345",
        "@acme@social.example CDFG-HJKM-2345.",
        "“CDFG-HJKM-2345”",
        "我的代码：CDFG-HJKM-2345。",
        "الرمز CDFG-HJKM-2345",
        "CDFG-HJKM-2345\n",
    ],
)
def test_whatever_a_keyboard_makes_of_it(written):
    assert proof_code.found(written) == ("CDFGHJKM2345",)
    assert not proof_code.says_more(written)


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "My lamp broke",
        "CDFG-HJKM-234",
        "CDFG-HJKM-23456",
        "ACDFG-HJKM-2345",
        "CDFG-HJKM-234O",
        "CDFG--HJKM--2345",
        "CDFG-HJ KM-2345",
        "https://x.example/CDFG-HJKM-2345",
        "http://x.example/?c=CDFGHJKM2345",
        "order 2345 2345 23",
        "+49 2345 6789 234",
    ],
)
def test_what_is_no_code(text):
    assert proof_code.found(text) == ()


def test_no_more_than_a_few_are_looked_up():
    many = " ".join(proof_code.shown(proof_code.new_code()) for _one in range(500))
    assert len(proof_code.found(many)) == proof_code.MAX_CODES


def test_a_huge_text_takes_no_time():
    began = datetime.now()
    for text in ("C" * 200_000, "CDFG-" * 40_000, "@" * 100_000, "http://" * 30_000):
        proof_code.found(text)
        proof_code.says_more(text)
    assert datetime.now() - began < timedelta(seconds=3)


def test_words_beside_the_code():
    assert not proof_code.says_more("@acme here is my code: CDFG-HJKM-2345 thanks")
    assert proof_code.says_more(
        "@acme CDFG-HJKM-2345 and by the way, the lamp now also smells of burning!"
    )
    assert not proof_code.says_more("@acme 我的代码 CDFG-HJKM-2345")
    assert proof_code.says_more("@acme CDFG-HJKM-2345 灯坏了，还有烧焦的味道，请尽快")


# --- closing in public ------------------------------------------------------------
def said(minute, audience="public", ours=False, **values):
    return closing.Said(NOW + timedelta(minutes=minute), audience, ours, **values)


ASKED = said(0)
NOTE = said(1, ours=True, note=True)
SOLVED = said(5, "private", ours=True)


@pytest.mark.parametrize(
    ("messages", "still"),
    [
        ([], False),
        ([ASKED], False),
        ([ASKED, NOTE], False),
        ([ASKED, SOLVED], True),
        ([ASKED, NOTE, said(3, "private"), SOLVED], True),
        ([SOLVED, NOTE, ASKED], True),  # the order they are listed in does not matter
        ([ASKED, SOLVED, said(6, ours=True)], False),
        ([ASKED, said(2, ours=True), SOLVED], True),
        ([ASKED, SOLVED, said(6, ours=True, note=True)], True),
        ([ASKED, SOLVED, said(6, ours=True, deleted=True)], True),
        # it began in private
        ([said(-1, "private"), ASKED, SOLVED], False),
        # the public post is gone
        ([said(0, deleted=True), SOLVED], False),
        # another public one of the same thread is still there
        ([said(0, deleted=True), said(2), SOLVED], True),
        # what stood above it is nobody's question to us
        ([said(-9, context=True), said(0, "private"), SOLVED], False),
        ([ASKED, said(5, "private", ours=True, deleted=True)], False),
        ([said(0, "group"), SOLVED], False),
    ],
)
def test_still_open_in_public(messages, still):
    assert closing.open_in_public(messages) is still


def test_which_message_is_answered():
    assert closing.begun_in_public([said(3), said(1), said(2, "private")]) == 1
    assert closing.begun_in_public([said(0, deleted=True), said(4), said(2)]) == 2
    assert closing.begun_in_public([said(0, deleted=True)]) is None
