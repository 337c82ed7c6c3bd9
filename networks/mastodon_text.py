"""Text on Mastodon: HTML read as plain text, mentions, length as the server counts.

Pure functions, no network. The HTML comes from strangers through a server that may
or may not have cleaned it: reading it never raises and takes linear time, which is
why there is a small reader here instead of ``html.parser`` (whose marked sections
raise and whose unclosed comments are quadratic).
"""

import html
import re
from collections.abc import Callable, Iterable

from . import text

#: characters of HTML that are read; a post has some thousand, a hostile one millions
MAX_HTML = 200_000
#: Mastodon's rule for what is a mention: not inside a word, a path or an address;
#: ``user`` or ``user@domain`` (fact sheet mastodon §5, §6)
MENTION = re.compile(
    r"(?<![=/\w])@([a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?)"
    r"(?:@([a-z0-9\u00a1-\uffff.-]*[a-z0-9\u00a1-\uffff](?::\d{1,5})?))?",
    re.IGNORECASE,
)
#: put behind the @ of somebody who must not be addressed: no longer a mention, and
#: nobody sees a difference
UNADDRESSED = "\u200b"

_TOKEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>|([^<]+)|<")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_BLOCKS = frozenset("p div ul ol pre h1 h2 h3 h4 h5 h6 table".split())
_HIDDEN = frozenset("script style template title".split())


# --- HTML -------------------------------------------------------------------------
def plain(markup: str) -> str:
    """What a reader sees: paragraphs, line breaks, lists, whole addresses."""
    return _Reader(markup).text


def addressed(markup: str) -> frozenset[str]:
    """Addresses of the profiles that the text links as mentions."""
    return frozenset(_Reader(markup).mentions)


class _Reader:
    """One pass over the markup; what it does not know it leaves out."""

    def __init__(self, markup: str):
        self.out: list[str] = []
        self.mentions: list[str] = []
        self._breaks = 0  # line breaks owed before the next words
        self._quote = self._preformatted = self._hidden = 0
        self._lists: list[int] = []  # 0 = bullets, else the next number
        self._links: list[tuple[str, str, int]] = []
        for match in _TOKEN.finditer(markup[:MAX_HTML]):
            slash, tag, attributes, words = match.groups()
            if tag is None:
                self._words(html.unescape(words or "<"))
            elif slash:
                self._close(tag.lower())
            else:
                self._open(tag.lower(), attributes)
        if self._links:
            self._end_link()
        if len(markup) > MAX_HTML:
            self.out.append(" …")
        self.text = "".join(self.out).strip()

    def _words(self, words: str):
        if self._hidden:
            return
        if not self._preformatted:
            words = re.sub(r"[ \t\r\n\f]+", " ", words)
            if self._breaks or not self.out or self.out[-1].endswith(("\n", " ")):
                words = words.lstrip(" ")
        if words:
            self._pay_breaks()
            self.out.append(words)

    def _pay_breaks(self):
        if self._breaks and self.out:
            self.out[-1] = self.out[-1].rstrip(" ")
            self.out.append("\n" * self._breaks)
        if self._quote and (self._breaks or not self.out):
            self.out.append("> " * min(self._quote, 9))
        self._breaks = 0

    def _break(self, lines: int):
        if self.out:
            self._breaks = max(self._breaks, lines)

    def _open(self, tag: str, attributes: str):
        if tag == "br":
            self._breaks += 1 if self.out else 0
        elif tag in _HIDDEN:
            self._hidden += 1
        elif tag == "li":
            self._break(1)
            number = self._lists[-1] if self._lists else 0
            self._words(f"{number}. " if number else "• ")
            if number:
                self._lists[-1] += 1
        elif tag == "blockquote":
            self._break(2)
            self._quote += 1
        elif tag in _BLOCKS:
            self._break(2)
            self._preformatted += tag == "pre"
            if tag in ("ul", "ol"):
                self._lists.append(1 if tag == "ol" else 0)
        elif tag == "a":
            if self._links:  # links do not nest
                self._end_link()
            given = _attributes(attributes)
            self._pay_breaks()
            place = (given.get("href", ""), given.get("class", ""), len(self.out))
            self._links.append(place)
        elif tag == "img":
            given = _attributes(attributes)
            self._words(given.get("alt") or given.get("title") or "")

    def _close(self, tag: str):
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "a" and self._links:
            self._end_link()
        elif tag == "blockquote":
            self._quote = max(0, self._quote - 1)
            self._break(2)
        elif tag in _BLOCKS:
            self._break(2)
            if tag == "pre":
                self._preformatted = max(0, self._preformatted - 1)
            elif tag in ("ul", "ol") and self._lists:
                self._lists.pop()

    def _end_link(self):
        """A link whose words are not its address gets the address behind them."""
        href, kind, start = self._links.pop()
        kinds = kind.split()
        if "mention" in kinds or "hashtag" in kinds:
            if "hashtag" not in kinds and href:
                self.mentions.append(href)
            return
        if self._hidden or not re.match(r"https?://", href, re.IGNORECASE):
            return
        words = "".join(self.out[start:]).strip()
        if words.endswith("…") or not words:
            self.out[start:] = [href]
        elif words not in href and not words.startswith("http"):
            self.out.append(f" ({href})")


def _attributes(given: str) -> dict[str, str]:
    return {
        match[1].lower(): html.unescape(match[2] or match[3] or "")
        for match in _ATTRIBUTE.finditer(given)
    }


# --- handles ----------------------------------------------------------------------
def full(handle: str, domain: str) -> str:
    """``user@domain``, whatever way the handle was written; '' stays ''."""
    handle = handle.strip().lstrip("@")
    if not handle or "@" in handle:
        return handle
    return f"{handle}@{domain}" if domain else handle


def same(one: str, other: str, domain: str) -> bool:
    return full(one, domain).lower() == full(other, domain).lower()


def _short(handle: str, domain: str) -> str:
    """As it is written in a post. People of our own server go without the domain:
    every server understands that, and snac2's parser takes no port.
    """
    user, _, host = full(handle, domain).partition("@")
    return f"@{user}" if host.lower() == domain.lower() else f"@{user}@{host}"


def _replace(words: str, mention: Callable, url: Callable = lambda match: match[0]):
    """Mentions and addresses replaced; a name inside an address is no mention."""
    out, position = [], 0
    for match in text.URL.finditer(words):
        out += [MENTION.sub(mention, words[position : match.start()]), url(match)]
        position = match.end()
    return "".join([*out, MENTION.sub(mention, words[position:])])


def mentioned(words: str, domain: str) -> frozenset[str]:
    """Handles the server would address, in full and lower case."""
    found = set()
    _replace(words, lambda match: found.add(full(match[0], domain).lower()) or "")
    return frozenset(found)


def compose(
    words: str, people: Iterable[str], domain: str, only: Iterable[str] | None = None
) -> str:
    """The text as it is sent: ``people`` are addressed, added in front if missing.

    :param only: nobody else may be addressed. In a direct post a name in the text
        is what lets that person read it: somebody merely spoken of would be let in.
    """
    if only is not None:
        allowed = {full(one, domain).lower() for one in only}

        def unaddress(match):
            if full(match[0], domain).lower() in allowed:
                return match[0]
            return f"@{UNADDRESSED}{match[0][1:]}"

        words = _replace(words, unaddress)
    present = mentioned(words, domain)
    missing = []
    for handle in people:
        name = _short(handle, domain)
        if full(handle, domain).lower() not in present and name not in missing:
            missing.append(name)
    return " ".join([*missing, words]).strip() if missing else words


def unmarked(words: str) -> str:
    """Only the letters and digits, to recognise our own text after a server has
    formatted it (snac2 turns ``*x*`` into italics and ``:-)`` into an emoji)."""
    words = MENTION.sub(lambda match: match[1], words)
    return re.sub(r"[\W_]+", "", words).casefold()


# --- length -----------------------------------------------------------------------
def length(words: str, url_length: int) -> int:
    """Fact sheet mastodon §6: an address counts ``url_length``, ``@user@domain``
    counts ``@user``, everything else in grapheme clusters."""
    words = _replace(
        words, lambda match: f"@{match[1]}", lambda _match: "x" * url_length
    )
    return text.count_graphemes(words)
