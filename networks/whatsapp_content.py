"""What a WhatsApp message says: text, files, places, cards, choices. Pure.

A file is named by its id only: its address is good for five minutes and asks for our
token. Fact sheet whatsapp §4.
"""

from collections.abc import Mapping

from . import items
from .values import listing, mapping, number, words
from .whatsapp_values import ident, wa_id

#: type -> kind of file
FILES = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "document": "file",
    "sticker": "image",
}
#: lines of a card or an order that are shown
MAX_LINES = 200


def content(message: Mapping) -> tuple[str, str, tuple[items.Media, ...]]:
    """(kind, text, files); kind ``unsupported``: WhatsApp does not show us what it was.

    Nothing is left out silently: a type that we do not know is named.
    """
    kind = words(message.get("type"))
    if kind in FILES:
        return _file(message, kind)
    reader = READERS.get(kind)
    if reader is None:
        return "unsupported", _what(message, kind), ()
    own_kind, text = reader(message)
    return own_kind, text, ()


def forwarded(message: Mapping) -> bool:
    context = mapping(message.get("context"))
    return True in (context.get("forwarded"), context.get("frequently_forwarded"))


# --- files --------------------------------------------------------------------------
def _file(message, kind):
    value = mapping(message.get(kind))
    ref = ident(value.get("id"))
    caption = words(value.get("caption"))
    if not ref:
        return "unsupported", caption or f"[{kind}]", ()
    media = items.Media(
        ref=ref,
        kind=FILES[kind],
        mime=words(value.get("mime_type")).partition(";")[0].strip().lower(),
        name=words(value.get("filename"))[:200],
        size=number(value.get("file_size")),
    )
    return "message", caption, (media,)


# --- words --------------------------------------------------------------------------
def _text(message):
    return "message", words(mapping(message.get("text")).get("body"))


def _location(message):
    place = mapping(message.get("location"))
    point = (place.get("latitude"), place.get("longitude"))
    known = all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in point
    )
    geo = "geo:{},{}".format(*point) if known else ""
    lines = (words(place.get("name")), words(place.get("address")), geo)
    return "location", _lines(lines) or "[location]"


def _contacts(message):
    found = []
    for card in map(mapping, listing(message.get("contacts"))):
        name = mapping(card.get("name"))
        label = words(name.get("formatted_name")) or words(name.get("first_name"))
        phones = [mapping(one) for one in listing(card.get("phones"))]
        emails = [mapping(one) for one in listing(card.get("emails"))]
        found += [label]
        found += [words(one.get("phone")) or _plus(one.get("wa_id")) for one in phones]
        found += [words(one.get("email")) for one in emails]
    return "contact", _lines(found) or "[contacts]"


def shared_phone(message: Mapping) -> str:
    """The own number that somebody gave when we asked for it (§3), else ''."""
    for card in map(mapping, listing(message.get("contacts"))):
        if card.get("origin") == "contact_request":
            for one in map(mapping, listing(card.get("phones"))):
                if wa_id(one.get("wa_id")):
                    return _plus(one.get("wa_id"))
    return ""


def _interactive(message):
    """What somebody chose among the buttons or rows that they were offered."""
    value = mapping(message.get("interactive"))
    for kind in ("button_reply", "list_reply"):
        chosen = mapping(value.get(kind))
        if chosen:
            lines = (words(chosen.get("title")), words(chosen.get("description")))
            return "message", _lines(lines) or words(chosen.get("id"))
    flow = mapping(value.get("nfm_reply"))
    if flow:
        lines = (words(flow.get("body")), words(flow.get("response_json")))
        return "form", _lines(lines) or "[nfm_reply]"
    return "unsupported", f"[interactive {words(value.get('type'))[:50]}]"


def _button(message):
    value = mapping(message.get("button"))
    return "message", words(value.get("text")) or words(value.get("payload"))


def _order(message):
    order = mapping(message.get("order"))
    lines = [words(order.get("text"))]
    for one in map(mapping, listing(order.get("product_items"))):
        label = words(one.get("product_retailer_id")) or "?"
        count, price = one.get("quantity"), one.get("item_price")
        money = f" ({price} {words(one.get('currency'))})" if price is not None else ""
        lines.append(f"{_small(count)} × {label[:100]}{money[:60]}")
    return "order", _lines(lines) or "[order]"


def _system(message):
    return "notice", words(mapping(message.get("system")).get("body")) or "[system]"


def _welcome(message):
    return items.START, ""


def _small(count) -> str:
    return str(count)[:12] if isinstance(count, int | float | str) else "?"


def _plus(value) -> str:
    digits = wa_id(value)
    return f"+{digits}" if digits else ""


def _lines(lines) -> str:
    return "\n".join([one for one in lines if one][:MAX_LINES])


def _what(message, kind) -> str:
    """Which kind of message it was, as far as we are told."""
    told = words(mapping(message.get("unsupported")).get("type"))
    body = _lines([kind[:50] if kind not in ("unsupported", "unknown") else told[:50]])
    return f"[{body or 'unsupported'}]"


READERS = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "order": _order,
    "system": _system,
    "request_welcome": _welcome,
}
