"""What is embedded in a post of Bluesky: files, cards, quoted posts.

Pure; embeds come as records or as views of them. Fact sheet bluesky §3, §4.
"""

from collections.abc import Mapping

from . import items
from .bluesky_values import ident, kind_of, link, permalink, place, words
from .values import listing, mapping, number

#: ends of file names, for the types the network itself makes
ENDS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
}


def address(reference) -> str:
    uri = words(mapping(reference).get("uri"))
    return uri if place(uri)[0] else ""


def quoted(embed: Mapping) -> tuple[str, dict]:
    """(address of the quoted post, the embed that holds files or a card)."""
    kind = kind_of(embed)
    if kind == "record":
        return address(embed.get("record")), {}
    if kind == "recordWithMedia":
        inner = mapping(embed.get("record")).get("record")
        return address(inner), mapping(embed.get("media"))
    return "", dict(embed)


def whole(text: str, embed: Mapping) -> str:
    """The words, and below them what stands beside them."""
    return "\n\n".join([one for one in (text, *_beside(text, embed)) if one])


def _beside(text: str, embed: Mapping) -> list[str]:
    """What stands beside the words: the card's address, the quoted post's. In a
    private message the embed is a view, whose quoted post has the same ``uri``."""
    if kind_of(embed) == "view":
        return [permalink(mapping(embed.get("record")).get("uri"))]
    cited, rest = quoted(embed)
    card = mapping(rest.get("external"))
    url, title = link(card.get("uri")), words(card.get("title")).strip()
    found = []
    if url and url not in text:
        found.append(f"{title}\n{url}" if title else url)
    return [*found, permalink(cited)]


def media(uri: str, embed: Mapping, view: Mapping) -> tuple[items.Media, ...]:
    """The files of a post. Only a view tells where they are shown; ``fetch_media``
    finds them by the post and the blob."""
    shown = mapping(view.get("media")) or view
    pictures = listing(embed.get("images")) or listing(embed.get("items"))
    places = listing(shown.get("images")) or listing(shown.get("items"))
    found = []
    for index, one in enumerate(map(mapping, pictures)):
        at = mapping(places[index]) if index < len(places) else {}
        found.append(_file(uri, one.get("image"), one, link(at.get("fullsize"))))
    if mapping(embed.get("video")):
        found.append(_file(uri, embed["video"], embed, ""))
    return tuple(one for one in found if one)


def _file(uri: str, blob, one: Mapping, url: str) -> items.Media | None:
    blob = mapping(blob)
    # records from before 2023 hold the id without the link around it
    cid = ident(mapping(blob.get("ref")).get("$link")) or ident(blob.get("cid"))
    if not cid:
        return None
    mime = words(blob.get("mimeType")).lower()[:100]
    kind = mime.partition("/")[0]
    ratio = mapping(one.get("aspectRatio"))
    return items.Media(
        ref=f"{uri} {cid}",
        kind=kind if kind in ("image", "video", "audio") else "file",
        mime=mime,
        name=f"{cid[-12:]}.{ENDS[mime]}" if mime in ENDS else cid[-12:],
        url=url,
        alt=words(one.get("alt")),
        size=number(blob.get("size")),
        width=number(ratio.get("width")),
        height=number(ratio.get("height")),
    )
