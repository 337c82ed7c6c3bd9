"""What a LINE message says: text, files, stickers, places. Pure.

A file is named by its message's id, or by its address where it lies elsewhere; a
sticker is a word and a picture. Fact sheet line §2, §5.
"""

from collections.abc import Mapping

from . import items
from .line_values import ident
from .values import listing, mapping, number, web_address, words

FILES = {"image": "image", "video": "video", "audio": "audio", "file": "file"}
#: begins the ``ref`` of a sticker's picture; the rest is its number
STICKER = "sticker:"


def content(message: Mapping) -> tuple[str, str, tuple[items.Media, ...]]:
    """(kind, text, files); kind ``unsupported``: nothing of it can be shown."""
    kind = words(message.get("type"))
    if kind == "text":
        return "message", words(message.get("text")), ()
    if kind in FILES:
        return _file(message, kind)
    if kind == "sticker":
        return _sticker(message)
    if kind == "location":
        return "location", _place(message), ()
    return "unsupported", f"[{kind[:40] or 'message'}]", ()


def _file(message, kind):
    provider = mapping(message.get("contentProvider"))
    ref = ident(message.get("id"))
    if words(provider.get("type")) == "external":
        ref = web_address(words(provider.get("originalContentUrl")))
    if not ref:
        return "unsupported", f"[{kind}]", ()
    media = items.Media(
        ref=ref,
        kind=FILES[kind],
        name=words(message.get("fileName"))[:200],
        size=number(message.get("fileSize")),
    )
    return "message", "", (media,)


def _sticker(message):
    told = [words(one) for one in listing(message.get("keywords"))]
    said = words(message.get("text")) or ", ".join(filter(None, told[:5]))
    text = f"[sticker: {said}]" if said else "[sticker]"
    number_of = ident(message.get("stickerId"))
    if not number_of:
        return "sticker", text, ()
    media = items.Media(ref=STICKER + number_of, kind="image", alt=said)
    return "sticker", text, (media,)


def _place(message):
    point = (message.get("latitude"), message.get("longitude"))
    known = all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in point
    )
    geo = "geo:{},{}".format(*point) if known else ""
    lines = (words(message.get("title")), words(message.get("address")), geo)
    return "\n".join(filter(None, lines)) or "[location]"
