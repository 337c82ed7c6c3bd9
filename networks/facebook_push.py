"""Cuts what Meta pushes about a Page into what is journalled: one change each.

Pure and cheap. Posts, comments and reactions come as changes, messages as elements of
their own, many at once and repeated. Fact sheet meta §2, §4, §7.
"""

from collections.abc import Callable, Mapping

from . import items, meta_graph_push
from .errors import MalformedResponse
from .facebook_values import object_id
from .meta_graph import moment
from .meta_graph_messages_values import ident
from .meta_graph_push import short
from .values import listing, words

OBJECT = "page"
#: fields whose changes are read; others are kept raw
FEED, MENTION = "feed", "mention"

Messages = Callable[[Mapping, str], list[items.RawItem]]


def raw_items(raw: bytes, messages: Messages) -> list[items.RawItem]:
    """
    :param messages: (entry, page) -> what is in its ``messaging`` and ``standby``
    :raises MalformedResponse: it is not what Meta sends about pages
    """
    found = []
    for entry in meta_graph_push.entries(raw, OBJECT):
        page = ident(entry.get("id"))
        found += messages(entry, page)
        if listing(entry.get("changes")) or "field" in entry:
            for field, value in meta_graph_push.changes(entry):
                found.append(_item(field, value, page, entry))
    if not found:
        raise MalformedResponse("malformed", "webhook")
    return found


def _item(field: str, value: dict, page: str, entry: Mapping) -> items.RawItem:
    time = moment(entry.get("time"))
    data = {
        "field": field,
        "value": value,
        "page": page,
        "time": int(time.timestamp()) if time else 0,
    }
    at = moment(value.get("created_time")) or time
    # the same change again has the same value, whenever it is sent (§7)
    return items.RawItem(_key(field, value), data, short(value), page, at)


def _key(field: str, value: Mapping) -> str:
    """What a change is about, and what happened."""
    about = (
        object_id(value.get("comment_id"))
        or object_id(value.get("post_id"))
        or ident(value.get("share_id"))
    )
    item, verb = words(value.get("item"))[:30], words(value.get("verb"))[:30]
    return ":".join(one for one in (field[:60] or "change", item, verb, about) if one)
