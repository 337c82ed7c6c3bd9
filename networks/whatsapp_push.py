"""Cuts a delivery of WhatsApp into what is journalled: one message, one status each.

Pure and cheap. Each item is a change with a single thing in it and with whom it is
from, so that several people in one delivery stay apart. Fact sheet whatsapp §4.
"""

from collections.abc import Iterator, Mapping

from . import items, meta_graph_push
from .errors import MalformedResponse
from .meta_graph import moment
from .meta_graph_push import short
from .values import listing, mapping, words
from .whatsapp_values import contact_of, message_id, own_number, who

OBJECT = "whatsapp_business_account"
#: field of a change -> list of messages in it; echoes are what we wrote in the phone's
#: own program
MESSAGES = {"messages": "messages", "smb_message_echoes": "message_echoes"}
#: lists that a change may hold one thing of
SINGLE = ("messages", "message_echoes", "statuses", "errors")


def raw_items(raw: bytes) -> list[items.RawItem]:
    """
    :raises MalformedResponse: it is not what WhatsApp sends
    """
    found = []
    for entry in meta_graph_push.entries(raw, OBJECT):
        for field, value in meta_graph_push.changes(entry):
            found += _items(field, value, entry)
    if not found:
        raise MalformedResponse("malformed", "webhook")
    return found


def _items(field: str, value: Mapping, entry: Mapping) -> list[items.RawItem]:
    account = own_number(value)
    found = []
    for name, prefix, one in _things(field, value):
        at = moment(one.get("timestamp"))
        contact = contact_of(value, *who(value, one, prefix))
        single = {key: val for key, val in value.items() if key not in SINGLE}
        single |= {"contacts": [contact] if contact else [], name: [one]}
        data = {"field": field, "value": single}
        found.append(items.RawItem(_key(name, one), data, "", account, at))
    if not found:
        # news about the business account: the name of what changed, and when
        about = {"field": field, "value": dict(value), "waba": words(entry.get("id"))}
        key = f"{field[:60] or 'change'}:{short([about, entry.get('time')])}"
        found.append(items.RawItem(key, about, "", account, moment(entry.get("time"))))
    return found


def _things(field: str, value: Mapping) -> Iterator[tuple[str, str, dict]]:
    """(list it was in, prefix of who it is from or for, the thing itself)."""
    name = MESSAGES.get(field)
    if name:
        prefix = "from" if name == "messages" else "to"
        for one in listing(value.get(name)):
            yield name, prefix, mapping(one)
        for one in listing(value.get("statuses")):
            yield "statuses", "recipient", mapping(one)
        for one in listing(value.get("errors")):
            yield "errors", "from", mapping(one)


def _key(name: str, one: Mapping) -> str:
    """What the same thing is called when it is delivered again, as is normal (§4)."""
    known = message_id(one.get("id"))
    if name == "statuses" and known:
        return f"status:{known}:{words(one.get('status'))[:30]}"
    if known:
        return known if name == "messages" else f"{name}:{known}"
    return f"{name}:{short(one)}"
