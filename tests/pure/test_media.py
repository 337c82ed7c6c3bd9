"""Which files may go out together: arithmetic on types, sizes and numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks import items, media

#: the shape of a network that is strict in every respect
STRICT = items.MediaRules(
    max_files=4,
    types=("image/png", "image/jpeg", "image/gif", "video/mp4", "audio"),
    max_bytes={"image": 5_000, "image/gif": 15_000, "video": 500_000},
    alone=("image/gif", "video"),
    unmixed=("audio",),
    alt_length=10,
)
PNG = ("image/png", 100, "")


def codes(*files, rules=STRICT):
    return [(one.index, one.code) for one in media.problems(rules, files)]


@pytest.mark.parametrize(
    "mime, kind",
    [
        ("image/png", "image"),
        ("IMAGE/PNG; charset=x", "image"),
        ("video/mp4", "video"),
        ("audio/ogg; codecs=opus", "audio"),
        ("application/pdf", "file"),
        ("text/imaged", "file"),
        ("", "file"),
        (None, "file"),
    ],
)
def test_kinds(mime, kind):
    assert media.kind_of(mime) == kind


def test_what_fits():
    assert not codes()
    assert not codes(PNG)
    assert not codes(PNG, PNG, ("image/jpeg", 5_000, "a lamp"), PNG)
    assert not codes(("image/gif", 15_000, ""))
    assert not codes(("video/mp4", 500_000, ""))
    assert not codes(("audio/ogg", 10**9, ""), ("audio/mpeg", 1, ""))


@pytest.mark.parametrize(
    "files, expected",
    [
        ([("image/heic", 1, "")], [(0, "media_type")]),
        ([("", 1, "")], [(0, "media_type")]),
        ([("image/png", 0, "")], [(0, "media_empty")]),
        ([("image/png", 5_001, "")], [(0, "media_too_large")]),
        ([PNG, ("image/png", 1, "x" * 11)], [(1, "alt_too_long")]),
        ([PNG] * 5, [(-1, "media_too_many")]),
        ([PNG, ("image/gif", 1, "")], [(-1, "media_alone")]),
        ([("video/mp4", 1, "")] * 2, [(-1, "media_alone")]),
        ([PNG, ("audio/ogg", 1, "")], [(-1, "media_mixed")]),
        (
            [("image/heic", 1, "x" * 99), PNG, ("image/png", 9_999, "")],
            [(0, "media_type"), (0, "alt_too_long"), (2, "media_too_large")],
        ),
    ],
)
def test_what_does_not(files, expected):
    assert codes(*files) == expected


def test_the_limit_is_told():
    [found] = media.problems(STRICT, [("image/gif", 15_001, "")])
    assert found.limit == 15_000
    [found] = media.problems(STRICT, [PNG] * 9)
    assert found.limit == 4


def test_a_network_without_files():
    assert codes(PNG, rules=items.MediaRules()) == [(-1, "media_none")]
    assert not codes(rules=items.MediaRules())


def test_no_descriptions_is_no_complaint_about_one():
    """It is just not sent: nobody has to delete what other networks want."""
    rules = items.MediaRules(max_files=1)
    assert not codes(("image/png", 1, "x" * 9999), rules=rules)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["image/png", "image/gif", "video/mp4", "audio/ogg", "x"]),
            st.integers(0, 10**6),
            st.text(max_size=20),
        ),
        max_size=8,
    )
)
def test_order_does_not_matter_and_one_less_is_never_worse(files):
    found = {one.code for one in media.problems(STRICT, files)}
    assert {one.code for one in media.problems(STRICT, files[::-1])} == found
    # one sentence about the set: what must go alone is told before what may not mix,
    # so with one file less the sentence may change, but never first appear
    of_set = {"media_too_many", "media_alone", "media_mixed"}
    fewer = {one.code for one in media.problems(STRICT, files[1:])}
    assert found & of_set or not fewer & of_set
