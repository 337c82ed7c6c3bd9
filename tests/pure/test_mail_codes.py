"""The short code that goes to the e-mail address on file, and what it is not."""

from datetime import datetime, timedelta

import pytest

from texts import proof_code

MAIL = proof_code.BY_MAIL


def found(text):
    return proof_code.found(text, MAIL)


def test_codes_differ_and_are_found_as_they_are_shown():
    codes = {proof_code.new_code(MAIL) for _one in range(2000)}
    assert len(codes) == 2000
    for code in codes:
        assert len(code) == 8 and not set(code) - set(proof_code.ALPHABET)
        assert found(f"here: {proof_code.shown(code)}") == (code,)
        assert found(code.lower()) == (code,)


@pytest.mark.parametrize(
    "written",
    [
        "CDFG-2345",
        "cdfg 2345",
        "CDFG2345.",
        "«CDFG‑2345»",
        "Mein Code: cdfg–2345, bitte",
    ],
)
def test_whatever_a_keyboard_makes_of_it(written):
    assert found(written) == ("CDFG2345",)
    assert not proof_code.says_more(written, MAIL)
    assert "2345" not in proof_code.masked(written, MAIL)


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "order 2345 6789",
        "+49 2345 6789",
        "2345-6789",
        "CDFG-234",
        "CDFG-23456",
        "ACDFG-2345",
        "CDFG-HJKM-2345",
        "RMA-CDFG-2345",
        "CDFG--2345",
        "CDFG-234O",
        "https://x.example/CDFG-2345",
        "\u212adfg-2345 and more",
    ],
)
def test_what_is_no_code(text):
    assert "CDFG2345" not in found(text)
    assert not any(len(one) != 8 or one.isdigit() for one in found(text))


def test_the_page_s_code_is_no_mailed_one_and_the_other_way_round():
    page, mail = proof_code.new_code(), proof_code.new_code(MAIL)
    assert found(proof_code.shown(page)) == ()
    assert proof_code.found(proof_code.shown(mail)) == ()


def test_what_is_said_besides():
    assert proof_code.says_more(
        "CDFG-2345 and by the way, my second lamp is broken as well", MAIL
    )


def test_masking_leaves_the_rest():
    text = "CDFG-2345 my lamp"
    assert proof_code.masked(text, MAIL) == "••••-•••• my lamp"
    assert proof_code.masked(None, MAIL) == ""


def test_a_huge_text_takes_no_time():
    began = datetime.now()
    for text in ("C" * 200_000, "CDFG-" * 40_000, "CDFG " * 40_000, "@" * 100_000):
        found(text)
        proof_code.masked(text, MAIL)
        proof_code.says_more(text, MAIL)
    assert datetime.now() - began < timedelta(seconds=3)
