"""Cuts a delivery of Instagram into what is journalled. Pure and cheap.

Comments come in ``changes``, or as the entry itself where one signs in with Instagram,
messages in ``messaging``. Which account of ours it is for says the entry's id, never
the kind of object. Fact sheet meta §5, §7.
"""

from collections.abc import Callable, Mapping

from . import items, meta_graph_push
from .errors import MalformedResponse
from .meta_graph import moment
from .meta_graph_messages_push import FRAME
from .meta_graph_messages_values import ident
from .meta_graph_push import short
from .values import listing, mapping, words

OBJECT = "instagram"
COMMENTS = ("comments", "live_comments")
MENTIONS = "mentions"


def raw_items(raw: bytes, messages: Callable) -> list[items.RawItem]:
    """
    :param messages: (entry, account id) -> raw items of the private messages in it
    :raises MalformedResponse: it is not what Instagram sends
    """
    found = []
    for entry in meta_graph_push.entries(raw, OBJECT):
        account = ident(entry.get("id"))
        found += messages(entry, account)
        for field, value in meta_graph_push.changes(entry):
            if FRAME <= value.keys():
                # a message in the other shape, as the console's test has it
                whole = {"messaging": [value], "time": entry.get("time")}
                found += messages(whole, account)
            else:
                found.append(_change(field, value, entry, account))
    if not found:
        raise MalformedResponse("malformed", "webhook")
    return found


def _change(field: str, value: Mapping, entry: Mapping, account: str) -> items.RawItem:
    time = entry.get("time")
    data = {"field": field, "value": dict(value), "at": time, "account": account}
    key, revision = f"{field[:60] or 'change'}:{short([value, time])}", ""
    one_id = ident(value.get("id"))
    if field in COMMENTS and one_id:
        key, revision = comment_name(one_id), version(value)
    elif field == MENTIONS:
        media, comment = ident(value.get("media_id")), ident(value.get("comment_id"))
        if media or comment:
            key = f"mention:{media}:{comment}"
    return items.RawItem(key, data, revision, account, moment(time))


def comment_name(one_id: str) -> str:
    """What a comment is called in the journal, however often it is delivered: an
    advert's comes once for the advert and once for its post."""
    return f"comment:{one_id}"


def version(row: Mapping) -> str:
    """The same words are the same version: nothing else tells an edit (§5)."""
    return short([words(row.get("text"))])


def ours(data: Mapping) -> bool:
    """Is it a change, as this file makes them?"""
    return "field" in data and not listing(mapping(data).get("messaging"))
