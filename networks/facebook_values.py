"""Reads what a Page's posts and comments hold: ids, people, places. Pure.

A value of the wrong kind counts as missing, so nothing here raises, whatever the JSON
holds. Ids are strings: many are beyond 2^53. Fact sheet meta §1, §2.
"""

import re
from collections.abc import Mapping

from . import items
from .meta_graph_messages_values import ident
from .values import listing, mapping, number, words

#: ``<page>_<post>``, ``<post>_<comment>``, or one number (§1, *Ids*)
OBJECT_ID = re.compile(r"[0-9]{1,30}(_[0-9]{1,30})?", re.ASCII)
#: begins the ref of a post: how it is read differs from a comment's
POST = "post:"
#: longest text that is kept of a name
MAX_NAME = 200
#: people named in one text
MAX_MENTIONS = 50


def object_id(value) -> str:
    """The id of a post or a comment, else ''."""
    if number(value) is not None:
        return str(value) if 0 < value < 10**30 else ""
    value = words(value)
    return value if OBJECT_ID.fullmatch(value) else ""


def ref_of(kind: str, one_id: str) -> str:
    """What names it in our calls."""
    return f"{POST}{one_id}" if kind == "post" and one_id else one_id


def read_ref(ref: str) -> tuple[str, str]:
    """(kind, id) of a ref; the id is '' where it is none."""
    ref = words(ref)
    kind = "post" if ref.startswith(POST) else "comment"
    return kind, object_id(ref.removeprefix(POST))


def post_of(comment_id: str, page: str) -> str:
    """The post that a comment's id names, as a post of the page's own feed."""
    number_, _bar, own = comment_id.partition("_")
    return f"{page}_{number_}" if page and number_ and own else ""


# --- people -----------------------------------------------------------------------
def author(value, page: str) -> items.Author:
    """Whoever wrote it; without an id where Facebook hides them (§2).

    The id is one for this page: another page knows the same person under another one.
    """
    value = mapping(value)
    one_id = ident(value.get("id"))
    if one_id and one_id == page:
        return items.Author(id=page)
    name = words(value.get("name"))[:MAX_NAME]
    if not one_id:
        return items.Author(name=name)
    return items.Author(id=one_id, name=name, scope=page)


def mentions(value: Mapping, page: str) -> tuple[items.Author, ...]:
    """People and pages that the text names, without ourselves."""
    tags = value.get("message_tags")
    # posts of long ago have an object of lists
    rows = tags if isinstance(tags, list) else sum(map(listing, _values(tags)), [])
    found = [author(one, page) for one in rows[:MAX_MENTIONS]]
    return tuple(one for one in found if one.id and one.id != page)


def _values(value) -> list:
    return list(mapping(value).values())
