"""Reads LINE's JSON field by field: ids, times, where it was said.

A value of the wrong kind counts as missing, so nothing here raises, whatever the JSON
holds. Fact sheet line §2, §6.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timezone

from . import items
from .values import mapping, number, words

#: people, groups, rooms of several: a letter and 32 hexadecimal digits
PERSON = re.compile(r"U[0-9a-f]{32}", re.ASCII)
PLACE = re.compile(r"[CR][0-9a-f]{32}", re.ASCII)
#: ids of messages are digits today; they are only names to us
IDENT = re.compile(r"[\w-]{1,100}", re.ASCII)
#: seconds beyond which a time is not one (the year 9999)
_LAST_SECOND = 253402300799


def person_id(value) -> str:
    value = words(value)
    return value if PERSON.fullmatch(value) else ""


def ident(value) -> str:
    if number(value) is not None:
        return str(value) if 0 < value < 2**63 else ""
    value = words(value)
    return value if IDENT.fullmatch(value) else ""


def moment(value) -> datetime | None:
    """A time in milliseconds since 1970."""
    value = number(value)
    if value is None or not 0 < value <= _LAST_SECOND * 1000:
        return None
    return datetime.fromtimestamp(value / 1000, timezone.utc)


def place_of(event: Mapping) -> tuple[str, str]:
    """(thread, audience) of an event; ('', private) where it tells none.

    A chat with one person is called by the person: what is sent goes there (§3).
    """
    source = mapping(event.get("source"))
    kind = words(source.get("type"))
    for name in ("groupId", "roomId"):
        where = words(source.get(name))
        if kind == name[:-2] and PLACE.fullmatch(where):
            return where, items.GROUP
    return person_id(source.get("userId")), items.PRIVATE


def author_of(event: Mapping) -> items.Author:
    """Who said it: an id and nothing else; hidden in groups without consent (§2)."""
    return items.Author(id=person_id(mapping(event.get("source")).get("userId")))
