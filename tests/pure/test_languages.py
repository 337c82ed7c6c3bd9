"""Customers write in any script: what they say and what we say stays as it is.

One table of texts, asked of every adapter: read, answered, split, and counted as the
network counts. Lengths were counted by hand, not by the code they judge.
"""

import unicodedata

import pytest
from contract_kit import HARNESSES, REPLIES, adapter_of, answer, linked

#: name -> (text, code points, UTF-16 units, UTF-8 bytes, graphemes)
TEXTS = {
    "latin": ("Grüße, señor", 12, 12, 15, 12),
    "combining": ("e\u0301e\u0301", 4, 4, 6, 2),
    "arabic": ("مرحبا", 5, 5, 10, 5),
    "hebrew": ("שלום", 4, 4, 8, 4),
    # 3 signs since Unicode 15.1, 4 before: the larger number is the safe one
    "devanagari": ("नमस्ते", 6, 6, 18, 4),
    "thai": ("ภาษาไทย", 7, 7, 21, 7),
    "chinese": ("你好", 2, 2, 6, 2),
    "japanese": ("ランプ", 3, 3, 9, 3),
    "korean": ("안녕", 2, 2, 6, 2),
    "korean, decomposed": ("\u1112\u1161\u11ab", 3, 3, 9, 1),
    "four bytes": ("𠮷𝒳", 2, 4, 8, 2),
    "emoji": ("💡", 1, 2, 4, 1),
    "emoji, joined": ("👨\u200d👩\u200d👧", 5, 8, 18, 1),
    "emoji, skin": ("👍🏽", 2, 4, 8, 1),
    "flag": ("🇯🇵", 2, 4, 8, 1),
    "right to left marks": ("a\u200fb", 3, 3, 5, 3),
}
POINTS, UTF16, BYTES, GRAPHEMES = 1, 2, 3, 4
#: network -> what it counts in (fact sheets). X weighs: ``test_x_parse`` asks its own
#: library about 8,022 texts
COUNTS = {
    "bluesky": GRAPHEMES,
    "facebook": POINTS,
    "guestbook": POINTS,
    "instagram": POINTS,
    "line": UTF16,
    "mastodon": GRAPHEMES,
    "own_page": GRAPHEMES,
    "telegram": UTF16,
    "whatsapp": POINTS,
}
#: counted otherwise in private
PRIVATE_COUNTS = {"instagram": BYTES}
#: in the middle of other words, where a careless cut or trim would show
FRAME = "Say «{}» again"


def audiences(link):
    return [one for one, needs in REPLIES.items() if link.adapter_class.can(needs)]


@pytest.fixture(params=HARNESSES, ids=lambda one: one.code)
def link(request):
    with linked(request.param) as connected:
        yield connected


def test_every_network_says_what_it_counts():
    codes = {one.code for one in HARNESSES}
    assert codes == {*COUNTS, "x", "sandbox"}


def test_the_table_is_right():
    for text, points, utf16, size, _graphemes in TEXTS.values():
        assert len(text) == points
        assert len(text.encode("utf-16-le")) == 2 * utf16
        assert len(text.encode()) == size


def test_what_they_say_arrives_as_they_said_it(link):
    audience, said = link.audiences()[0], {}
    for text, *_counts in TEXTS.values():
        key = link.harness.customer_says(link.sim, FRAME.format(text), audience)
        said[key] = FRAME.format(text)
    found = link.messages()
    assert said.keys() <= found.keys()
    for key, text in said.items():
        assert text in found[key].text


def test_what_we_say_arrives_as_we_said_it(link):
    everything = " ".join(text for text, *_counts in TEXTS.values())
    for audience in audiences(link):
        draft = answer(link.hears("Well?", audience), FRAME.format(everything))
        link.adapter.publish(draft, f"key-{audience}")
        assert FRAME.format(everything) in link.published()[-1]["text"]


def test_it_is_counted_as_the_network_counts(link):
    if link.harness.code not in COUNTS:
        # by its own rules, which other tests judge: still more text is never shorter
        return _grows(link)
    for audience in audiences(link):
        heard = link.hears("How long?", audience)
        unit = COUNTS[link.harness.code]
        if audience == "private":
            unit = PRIVATE_COUNTS.get(link.harness.code, unit)
        empty = link.adapter.measure(answer(heard, "a")).length
        for name, row in TEXTS.items():
            found = link.adapter.measure(answer(heard, "a" + row[0])).length - empty
            assert found == row[unit], (name, audience)


def _grows(link):
    heard = link.hears("How long?")
    for text, *_counts in TEXTS.values():
        once = link.adapter.measure(answer(heard, text)).length
        assert 0 < once < link.adapter.measure(answer(heard, text * 2)).length


def test_no_cut_goes_through_a_sign(link):
    """Long texts of one sign: each part is made of whole ones."""
    for audience in audiences(link):
        heard = link.hears("Long, please", audience)
        for name in ("combining", "emoji, joined", "flag", "four bytes", "devanagari"):
            sign = TEXTS[name][0]
            sign = sign[: len(sign) // 2] if name == "combining" else sign
            parts = link.adapter.measure(answer(heard, sign * 12000)).parts
            assert len(parts) > 1
            assert "".join(parts) == sign * 12000
            if name == "devanagari":
                # vowels stay with their consonants
                assert not any(unicodedata.category(one[0])[0] == "M" for one in parts)
            elif name != "four bytes":
                assert not any(part.replace(sign, "") for part in parts), name


def test_control_signs_stay_or_are_left_out_but_break_nothing(link):
    """NUL, and half a surrogate, cannot be stored anywhere; the words around them are
    there, and nothing raises."""
    for bad in ("\u0007", "\u0000", "\u2028", "\ufeff", "\ud83d"):
        try:
            heard = link.hears(f"before {bad} after")
        except UnicodeEncodeError:
            # their own server could not say it either
            continue
        assert "before" in heard.text and "after" in heard.text


def test_every_adapter_is_in_the_table():
    assert all(adapter_of(one).code == one.code for one in HARNESSES)
