"""Text on Bluesky: what is linked in it, where, by bytes of UTF-8, in and out.

Pure. Nothing is linked by itself there: mentions, links and tags are *facets*, which
point into the text by bytes (fact sheet bluesky §5). Facets of strangers may point
anywhere: reading them never raises and takes linear time.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from . import text
from .bluesky_values import did, handle, kind_of, link, words
from .values import listing, mapping, number

#: characters of an address that are shown; all of it is in the facet (§5: the visible
#: text counts). As long as the app's own shortening leaves them
SHOWN_URL = 40
#: graphemes of a tag (§5)
MAX_TAG = 64
#: facets that are read or written; the app shows no more, a hostile post has thousands
MAX_FACETS = 200

_MENTION = re.compile(r"(?:^|(?<=[\s(\[]))@([a-z0-9.-]+[a-z0-9])", re.IGNORECASE)
_TAG = re.compile(r"(?:^|(?<=\s))[#\uff03](\S+)")


@dataclass(frozen=True)
class Span:
    """A linked piece of a text, by characters. ``kind``: link, mention, tag;
    ``value``: the address, the handle, the tag."""

    start: int
    end: int
    kind: str
    value: str


# --- out --------------------------------------------------------------------------
def compose(whole: str) -> tuple[str, list[Span]]:
    """(the text that people will see, what is linked in it)."""
    shown, spans, position = [], [], 0
    length = 0
    for span in _find(whole):
        before = whole[position : span.start]
        piece = whole[span.start : span.end]
        if span.kind == "link":
            piece = short(piece)
        shown += [before, piece]
        start = length + len(before)
        length = start + len(piece)
        spans.append(Span(start, length, span.kind, span.value))
        position = span.end
    shown.append(whole[position:])
    return "".join(shown), spans[:MAX_FACETS]


def short(url: str) -> str:
    """An address as it is shown: a long one without its scheme and its end."""
    if len(url) <= SHOWN_URL:
        return url
    bare = url.partition("://")[2].removeprefix("www.")
    clusters = text.graphemes(bare)
    if len(clusters) <= SHOWN_URL:
        return bare
    return "".join(clusters[: SHOWN_URL - 1]) + "…"


def _find(whole: str) -> list[Span]:
    """Links, mentions and tags in their order, none inside another."""
    found = [Span(m.start(), m.end(), "link", m[0]) for m in text.URL.finditer(whole)]
    found = [one for one in found if link(one.value)]
    for match in _MENTION.finditer(whole):
        name = handle(match[1])
        if name:
            found.append(Span(match.start(), match.end(), "mention", name))
    for match in _TAG.finditer(whole):
        name = _tag(match[1])
        if name:
            end = match.start(1) + len(name)
            found.append(Span(match.start(), end, "tag", name))
    found.sort(key=lambda one: (one.start, -one.end))
    result, free = [], 0
    for one in found:
        if one.start >= free:
            result.append(one)
            free = one.end
    return result


def _tag(name: str) -> str:
    """What follows a #, without the punctuation that ends the sentence; '' if that is
    no tag: only digits, or an emoji's keycap."""
    while name and unicodedata.category(name[-1]).startswith("P"):
        name = name[:-1]
    if not name or name.isdigit() or name[0] in "\ufe0f\u20e3":
        return ""
    return name if text.count_graphemes(name) <= MAX_TAG else ""


def facets(shown: str, spans: Iterable[Span], dids: Mapping[str, str]) -> list[dict]:
    """The spans as the network wants them.

    :param dids: handle in lower case -> DID; who is missing is not linked
    """
    result, characters, octets = [], 0, 0
    for one in spans:
        if one.kind == "mention":
            feature = {"did": dids.get(one.value.lower(), "")}
        else:
            feature = {"uri" if one.kind == "link" else "tag": one.value}
        if not all(feature.values()):
            continue
        octets += text.count_bytes(shown[characters : one.start])
        start = octets
        octets += text.count_bytes(shown[one.start : one.end])
        characters = one.end
        result.append(
            {
                "index": {"byteStart": start, "byteEnd": octets},
                "features": [
                    {"$type": f"app.bsky.richtext.facet#{one.kind}", **feature}
                ],
            }
        )
    return result


def length(shown: str) -> int:
    """In graphemes, or tenths of the bytes where those are more: both limits are one,
    300 graphemes with 3000 bytes, and 1000 with 10,000 in a chat (§5, §6)."""
    return max(text.count_graphemes(shown), -(-text.count_bytes(shown) // 10))


# --- in ---------------------------------------------------------------------------
def read(value, found) -> tuple[str, tuple[tuple[str, str], ...]]:
    """(the text with whole addresses, (DID, handle) of who is mentioned)."""
    whole = words(value)
    raw = whole.encode()
    out, mentions, position = [], {}, 0
    for start, end, features in _usable(raw, found):
        visible = raw[start:end].decode()
        url = ""
        for one in map(mapping, listing(features)[:10]):
            if kind_of(one) == "mention" and did(one.get("did")):
                mentions.setdefault(did(one["did"]), handle(visible))
            elif kind_of(one) == "link":
                url = url or link(one.get("uri"))
        if url:
            out += [raw[position:start].decode(), expanded(visible, url)]
            position = end
    out.append(raw[position:].decode())
    return "".join(out), tuple(mentions.items())


def _usable(raw: bytes, found) -> list[tuple[int, int, list]]:
    """Facets in their order that point at whole characters and do not overlap; all
    others are ignored, as the app does (§5)."""
    usable = []
    for one in map(mapping, listing(found)[: MAX_FACETS * 5]):
        index = mapping(one.get("index"))
        start, end = number(index.get("byteStart")), number(index.get("byteEnd"))
        if start is None or end is None or not 0 <= start < end <= len(raw):
            continue
        if _inside(raw, start) or _inside(raw, end):
            continue
        usable.append((start, end, listing(one.get("features"))))
    usable.sort(key=lambda one: one[:2])
    result, free = [], 0
    for one in usable:
        if one[0] >= free:
            result.append(one)
            free = one[1]
    return result[:MAX_FACETS]


def _inside(raw: bytes, position: int) -> bool:
    """In the middle of a character?"""
    return position < len(raw) and raw[position] & 0xC0 == 0x80


def expanded(visible: str, url: str) -> str:
    """The whole address; words that are no shortening of it stay in front."""
    said = visible.strip()
    bare = url.partition("://")[2].removeprefix("www.")
    start = re.sub(r"^https?://(www\.)?|^www\.", "", said, flags=re.IGNORECASE)
    start = re.sub(r"(…|\.\.\.)$", "", start)
    if not said or (start and bare.lower().startswith(start.lower())):
        return url
    return f"{visible} ({url})"
