"""Facets by bytes, in and out; length in graphemes and bytes; splitting."""

import pytest
import regex
from hypothesis import given, settings, strategies

from networks import bluesky_text, items
from networks.bluesky import BlueskyAdapter

ADAPTER = BlueskyAdapter({}, None, None, {"id": "did:plc:us"})


def facets(whole, **dids):
    shown, spans = bluesky_text.compose(whole)
    found = bluesky_text.facets(
        shown, spans, {name.replace("_", "."): did for name, did in dids.items()}
    )
    raw = shown.encode()
    return [
        (
            raw[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(),
            {k: v for k, v in one["features"][0].items() if k != "$type"},
        )
        for one in found
    ]


def link(start, end, uri="https://x.example", kind="link", **more):
    feature = {"$type": f"app.bsky.richtext.facet#{kind}", "uri": uri, **more}
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


# --- out --------------------------------------------------------------------------
def test_bytes_are_counted_not_characters():
    found = facets(
        "Grüße 👨‍👩‍👧 @jo.example: https://acme.example/ä #Öl!", jo_example="did:x:1"
    )
    assert found == [
        ("@jo.example", {"did": "did:x:1"}),
        ("https://acme.example/ä", {"uri": "https://acme.example/ä"}),
        ("#Öl", {"tag": "Öl"}),
    ]


def test_who_is_not_known_is_not_linked():
    assert facets("@jo.example @nobody.example", jo_example="did:x:1") == [
        ("@jo.example", {"did": "did:x:1"})
    ]


@pytest.mark.parametrize(
    "text",
    [
        "mail jo@acme.example",
        "@nodot",
        "a#b",
        "# x",
        "#123",
        "#️⃣ keycap",
        "http://",
        "@-.example",
        "#" + "x" * 65,
        "no links",
        "",
    ],
)
def test_what_is_no_link_stays_text(text):
    assert facets(text, acme_example="did:x:1") == []
    assert bluesky_text.compose(text)[0] == text


def test_an_address_ends_before_the_sentence_does():
    assert facets("(see https://a.example/x).") == [
        ("https://a.example/x", {"uri": "https://a.example/x"})
    ]
    assert [one for one, _f in facets("＃タグ #two, #three")] == [
        "＃タグ",
        "#two",
        "#three",
    ]


def test_a_name_inside_an_address_is_no_mention():
    url = "https://a.example/@jo.example/#tag"
    assert facets(f"{url} ok", jo_example="did:x:1") == [(url, {"uri": url})]


def test_long_addresses_are_shown_short_and_linked_whole():
    url = "https://www.acme.example/help/" + "ä" * 300
    [(shown, feature)] = facets(f"See {url} please")
    assert len(shown) == bluesky_text.SHOWN_URL
    assert shown.startswith("acme.example/help/") and shown.endswith("…")
    assert feature == {"uri": url}


def test_what_we_wrote_is_what_we_read():
    """Our own post comes back with the words its author typed."""
    url = "https://www.acme.example/a/very/long/address?with=much#behind"
    for whole in (
        f"Look: {url}",
        f"{url} and {url}",
        "plain ü 👍",
        "https://a.example",
    ):
        shown, spans = bluesky_text.compose(whole)
        assert (
            bluesky_text.read(shown, bluesky_text.facets(shown, spans, {}))[0] == whole
        )


@settings(max_examples=300, deadline=None, database=None)
@given(
    strategies.lists(
        strategies.sampled_from(
            [
                "@jo.example",
                "#tag",
                "https://a.example/b",
                " ",
                "ä",
                "👨‍👩‍👧",
                "x",
                "(",
                ")",
                "\n",
            ]
        ),
        max_size=14,
    ).map("".join)
)
def test_every_facet_fits_its_words(whole):
    shown, spans = bluesky_text.compose(whole)
    raw, last = shown.encode(), 0
    for one in bluesky_text.facets(shown, spans, {"jo.example": "did:x:1"}):
        start, end = one["index"]["byteStart"], one["index"]["byteEnd"]
        assert last <= start < end <= len(raw)
        raw[start:end].decode()
        last = end


# --- in ---------------------------------------------------------------------------
def test_whole_addresses_are_read():
    text = "see acme.example/a… and here"
    found = [link(4, 21, "https://www.acme.example/about")]
    assert (
        bluesky_text.read(text, found)[0]
        == "see https://www.acme.example/about and here"
    )


def test_words_that_hide_an_address_keep_it():
    found, _people = bluesky_text.read(
        "click here", [link(6, 10, "https://bad.example")]
    )
    assert found == "click here (https://bad.example)"


@pytest.mark.parametrize(
    "facet",
    [
        None,
        5,
        {},
        {"index": None},
        {"index": {"byteStart": "0", "byteEnd": 3}},
        {"index": {"byteStart": True, "byteEnd": 3}},
        link(-1, 3),
        link(3, 3),
        link(5, 2),
        link(0, 10**9),
        link(1, 3),  # inside the ü
        link(0, 1),  # ends inside it
        link(0, 2, "javascript:alert(1)"),
        link(0, 2, "https://["),
        {"index": {"byteStart": 0, "byteEnd": 2}, "features": "x"},
        {"index": {"byteStart": 0, "byteEnd": 2}, "features": [None, 5]},
    ],
)
def test_absurd_facets_are_ignored(facet):
    assert bluesky_text.read("ü ok", [facet]) == ("ü ok", ())


def test_of_overlapping_facets_the_first_counts():
    found = [link(0, 4, "https://one.example"), link(2, 6, "https://two.example")]
    text = bluesky_text.read("abcdefgh", found[::-1])[0]
    assert "one.example" in text and "two.example" not in text


def test_thousands_of_facets_take_no_time():
    text = "x" * 3000
    many = [link(n, n + 1, f"https://{n}.example") for n in range(3000)] * 3
    found, _people = bluesky_text.read(text, many)
    assert found.startswith("x (https://0.example)")


def test_mentions_are_read_once_each():
    mention = {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:jo"}
    found = [
        {"index": {"byteStart": start, "byteEnd": start + 3}, "features": [mention]}
        for start in (0, 4)
    ]
    assert bluesky_text.read("@jo @jo", found) == ("@jo @jo", (("did:plc:jo", ""),))


def test_half_an_emoji_shifts_nothing():
    text, _people = bluesky_text.read(
        "\ud83d see x.ex", [link(8, 12, "https://x.example")]
    )
    assert text == "\ufffd see https://x.example"


# --- length -----------------------------------------------------------------------
def draft(text, audience=items.PUBLIC):
    return items.Draft(text, audience)


@pytest.mark.parametrize("audience,limit", [(items.PUBLIC, 300), (items.PRIVATE, 1000)])
def test_both_limits_are_one(audience, limit):
    family = "👨‍👩‍👧‍👦"  # 1 grapheme, 25 bytes
    for text, length in (
        ("x" * limit, limit),
        ("ü" * limit, limit),
        ("漢" * limit, limit),
        (family * 10, 25),
        (family * limit, limit * 5 // 2),
    ):
        measure = ADAPTER.measure(draft(text, audience))
        assert (measure.length, measure.limit) == (length, limit)
        assert (len(measure.parts) == 1) == (length <= limit)
        for part in measure.parts:
            assert len(regex.findall(r"\X", part)) <= limit
            assert len(part.encode()) <= 10 * limit


@settings(max_examples=60, deadline=None, database=None)
@given(
    strategies.lists(
        strategies.sampled_from(
            [
                "word ",
                "👨‍👩‍👧‍👦",
                "ü",
                "漢字。",
                "🇩🇪",
                "e\u0301",
                "\n\n",
                "ကား ",
                "กำ",
                "नमस्ते ",
            ]
        ),
        min_size=100,
        max_size=400,
    ).map("".join)
)
def test_parts_fit_as_the_server_counts(text):
    parts = ADAPTER.measure(draft(text)).parts
    assert "".join("".join(parts).split()) == "".join(text.split())
    for part in parts:
        assert len(regex.findall(r"\X", part)) <= 300
        assert len(part.encode()) <= 3000


def test_a_long_address_counts_as_it_is_shown():
    url = "https://acme.example/" + "x" * 400
    assert ADAPTER.measure(draft(f"See {url}")).length == 4 + bluesky_text.SHOWN_URL
