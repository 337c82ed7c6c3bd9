"""Cuts the messaging part of Meta's deliveries into what is journalled. Pure, cheap.

One element is one thing: a message, a receipt, a reaction, a pressed button. Dispatch
is by which key is there; unknown ones are kept as well. ``standby`` holds what another
program answers at the moment. Fact sheet meta §4, §5.
"""

from collections.abc import Iterator, Mapping

from . import items
from .meta_graph import moment
from .meta_graph_messages_values import message_id, party
from .meta_graph_push import short
from .values import listing, mapping, number, words

#: lists of an entry that hold elements
CHANNELS = ("messaging", "standby")
#: what an element may be about, in the order in which it is looked for
KINDS = (
    *("message", "message_edit", "reaction", "read", "delivery"),
    *("postback", "referral", "optin"),
    *("pass_thread_control", "take_thread_control", "request_thread_control"),
    *("app_roles", "policy_enforcement", "policy-enforcement"),
)
#: what every element has
FRAME = frozenset({"sender", "recipient", "timestamp"})


def kind_of(element: Mapping) -> str:
    """Which of ``KINDS`` an element is, else the name of what is in it; '' for none."""
    for kind in KINDS:
        if kind in element:
            return kind
    return next((words(key)[:60] for key in sorted(element.keys() - FRAME)), "")


def raw_items(entry: Mapping, account: str) -> list[items.RawItem]:
    """Every element of an entry, unknown kinds included.

    :param account: external id of the account of ours that the entry is for
    """
    entry, found = mapping(entry), []
    for channel in CHANNELS:
        for element in map(mapping, listing(entry.get(channel))):
            for one in _single(element):
                at = moment(one.get("timestamp")) or moment(entry.get("time"))
                data = {channel: one, "account": account}
                found.append(items.RawItem(_key(one, account), data, "", account, at))
    return found


def _single(element: Mapping) -> Iterator[dict]:
    """The element, or one for each message that it says was delivered."""
    delivery = mapping(element.get("delivery"))
    mids = [one for one in map(message_id, listing(delivery.get("mids"))) if one]
    if kind_of(element) != "delivery" or not mids:
        yield dict(element)
        return
    for mid in dict.fromkeys(mids):
        yield {**element, "delivery": {**delivery, "mids": [mid]}}


def _key(one: Mapping, account: str) -> str:
    """What the same thing is called when it is delivered again, as is normal (§7)."""
    return f"{account}:{_name(one)}"


def _name(one: Mapping) -> str:
    kind = kind_of(one)
    value = mapping(one.get(kind))
    mid = message_id(value.get("mid"))
    if kind == "message" and mid:
        return f"unsent:{mid}" if value.get("is_deleted") is True else pulled_name(mid)
    if kind == "message_edit" and mid and number(value.get("num_edit")) is not None:
        return f"edit:{mid}:{value['num_edit']}"
    if kind == "postback" and mid:
        return f"postback:{mid}"
    if kind == "delivery" and listing(value.get("mids")):
        return f"delivered:{message_id(value['mids'][0])}"
    if kind in ("read", "delivery"):
        mark = mid or number(value.get("watermark"))
        return f"{kind}:{party(one, 'sender')}:{mark or short(one)}"
    return f"{kind or 'element'}:{short(one)}"


def pulled_name(mid: str) -> str:
    """A message's name in the journal, pushed or pulled."""
    return f"message:{mid}"
