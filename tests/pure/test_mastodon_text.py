"""HTML read as text, mentions put in and taken out, length as the server counts."""

import time

import pytest
from hypothesis import given, settings, strategies
from simulators.mastodon_view import render
from simulators.mastodon_world import World

from networks import mastodon_text as text

HERE = "us.example"


@pytest.mark.parametrize(
    "markup,plain",
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one<br>two<br />three</p>", "one\ntwo\nthree"),
        ("a<br><br>b<br>", "a\n\nb"),
        ("<p>5 &lt; 6 &amp; &#39;7&#39;</p>", "5 < 6 & '7'"),
        ("<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("<ol><li>a</li><li>b</li></ol>x", "1. a\n2. b\n\nx"),
        ("<p>he said</p><blockquote><p>no</p></blockquote>ok", "he said\n\n> no\n\nok"),
        ("<pre><code>a\n  b</code></pre>", "a\n  b"),
        ("<p>so <strong>very <em>bold</em></strong></p>", "so very bold"),
        ("<p>a\n   b</p>", "a b"),
        ('<p>hi <img alt=":blobcat:" src="x"></p>', "hi :blobcat:"),
        ("<script>alert(1)</script><style>x{}</style>ok", "ok"),
        ("no markup at all", "no markup at all"),
        ("a < b and <3", "a < b and <3"),
        ("", ""),
    ],
)
def test_html_becomes_text(markup, plain):
    assert text.plain(markup) == plain


def test_links_show_their_whole_address():
    url = "https://example.com/" + "path/" * 10 + "?a=1&b=2"
    assert text.plain(render(World(), f"see {url} now")) == f"see {url} now"
    link = '<a href="https://a.example/x">here</a>'
    assert text.plain(f"look {link}!") == "look here (https://a.example/x)!"
    assert text.plain('<a href="https://a.example/long">a.example/lo…</a>') == (
        "https://a.example/long"
    )
    assert text.plain('<a href="javascript:alert(1)">x</a>') == "x"
    assert text.plain('<a href="https://a.example">a.example</a>') == "a.example"


def test_links_do_not_nest():
    markup = '<a href="https://x.example">one<a href="https://y.example">two</a>'
    assert text.plain(markup) == "one (https://x.example)two (https://y.example)"


def test_mentions_read_as_they_were_written():
    world = World()
    acme = world.add_account("acme")
    markup = render(world, "hello @acme #help")
    assert text.plain(markup) == "hello @acme #help"
    assert text.addressed(markup) == {acme.url}


@settings(max_examples=300, deadline=None, database=None)
@given(strategies.text(max_size=200))
def test_any_html_can_be_read(markup):
    assert isinstance(text.plain(markup), str)


@settings(max_examples=300, deadline=None, database=None)
@given(
    strategies.lists(
        strategies.sampled_from(
            ["<p>", "</p>", "<a href='https://x.y'>", "</a>", "<!--", "<![CDATA[", "<"]
            + ["<li>", "<ol>", "</ol>", "<blockquote>", "</blockquote>", "<pre>", "w"]
            + ["</pre>", "<br>", "&amp;", "&#xD800;", " ", "\n", "<script>", "]]>"]
        ),
        max_size=30,
    ).map("".join)
)
def test_broken_html_can_be_read(markup):
    assert isinstance(text.plain(markup), str)


@pytest.mark.parametrize(
    "piece", ["<a ", "<a href='https://x.y'>w", "<!--", "<blockquote>x", "&amp", "<li>"]
)
def test_hostile_html_takes_linear_time(piece):
    started = time.monotonic()
    text.plain(piece * 100_000)
    assert time.monotonic() - started < 3


# --- handles ----------------------------------------------------------------------
def test_handles_in_full():
    assert text.full("@jo", HERE) == "jo@us.example"
    assert text.full("jo@other.example", HERE) == "jo@other.example"
    assert text.full("", HERE) == ""
    assert text.same("Jo", "@jo@US.example", HERE)
    assert not text.same("jo", "jo@other.example", HERE)


@pytest.mark.parametrize(
    "words,people,sent",
    [
        ("hi", ["jo@other.example"], "@jo@other.example hi"),
        ("hi @jo@other.example!", ["jo@other.example"], "hi @jo@other.example!"),
        ("hi @Jo@Other.Example", ["jo@other.example"], "hi @Jo@Other.Example"),
        ("hi", ["sam@us.example"], "@sam hi"),
        ("hi @sam", ["sam@us.example"], "hi @sam"),
        ("hi", ["a@x.example", "b@x.example"], "@a@x.example @b@x.example hi"),
        # not a mention: inside an address, an e-mail, a longer name
        ("write to sam@us.example", ["sam@us.example"], "@sam write to sam@us.example"),
        ("https://x.example/@sam", ["sam@us.example"], "@sam https://x.example/@sam"),
        ("@sammy", ["sam@us.example"], "@sam @sammy"),
        ("", ["jo@other.example"], "@jo@other.example"),
        ("hi", [], "hi"),
    ],
)
def test_people_are_named_once(words, people, sent):
    assert text.compose(words, people, HERE) == sent


def test_nobody_else_is_addressed():
    jo = ["jo@other.example"]
    sent = text.compose("ask @bob@x.example or @jo@other.example", jo, HERE, jo)
    assert text.mentioned(sent, HERE) == {"jo@other.example"}
    assert "bob" in sent
    untouched = "mail a@b.example, see https://x.example/-@bob/1"
    assert text.compose(untouched, [], HERE, []) == untouched


# --- length -----------------------------------------------------------------------
def test_length_agrees_with_the_server():
    world = World()
    for words in (
        "hello",
        "@jo@other.example hello",
        "see https://example.com/" + "x" * 100 + ".",
        "👩‍👩‍👧‍👦 👍🏽 🇩🇪",
        "mail a@b.example",
        "http://a.example/@jo@b.example and @jo@b.example",
        "bare example.com counts as typed",
        "two\nlines",
    ):
        assert text.length(words, 23) == world.length(words), words


def test_the_reserved_length_is_the_servers():
    assert text.length("https://example.com", 32) == 32


@settings(max_examples=200, deadline=None, database=None)
@given(strategies.text(max_size=60))
def test_composing_keeps_the_words(words):
    sent = text.compose(words, ["jo@other.example"], HERE, ["jo@other.example"])
    assert (
        sent.replace(text.UNADDRESSED, "")
        .strip()
        .endswith(words.replace(text.UNADDRESSED, "").strip())
    )
    assert "jo@other.example" in text.mentioned(sent, HERE)
