"""Reads messages of Messenger and Instagram field by field: ids, people, keys. Pure.

A value of the wrong kind counts as missing, so nothing here raises, whatever the JSON
holds. Fact sheet meta §1, §4, §5.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from . import items
from .values import mapping, number, words

#: pages, people (PSID, IGSID), apps: digits beyond 2^53, so never a float (§1)
IDENT = re.compile(r"[0-9]{1,30}", re.ASCII)
#: "m_…" on Messenger, base64 on Instagram; older ones hold dots, dollars and colons
MESSAGE_ID = re.compile(r"[\w.$+/=:-]{1,500}", re.ASCII)
USERNAME = re.compile(r"[\w.]{1,64}", re.ASCII)
#: a hand-off token; links of adverts bring other refs
TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


@dataclass(frozen=True)
class Own:
    """Who we are, as far as reading needs it.

    ``id`` is the account's and stands in every key; ``ids`` are all that messages may
    call us; ``app`` is our app's id. ``forgets``: what somebody takes back must lose
    its words here as well.
    """

    id: str
    ids: frozenset[str] = frozenset()
    app: str = ""
    forgets: bool = True

    def is_us(self, one_id: str) -> bool:
        return bool(one_id) and (one_id == self.id or one_id in self.ids)


def ident(value) -> str:
    if number(value) is not None:
        return str(value) if 0 < value < 10**30 else ""
    value = words(value)
    return value if IDENT.fullmatch(value) else ""


def message_id(value) -> str:
    value = words(value)
    return value if MESSAGE_ID.fullmatch(value) else ""


def key_of(own: str, mid: str) -> str:
    """What names a message on the whole network: ids are unique per page only."""
    return f"{own}:{mid}" if mid else ""


def token_of(ref) -> str:
    """The hand-off token in a ``ref``, else ''."""
    ref = words(ref)
    return ref if TOKEN.fullmatch(ref) else ""


def person(value, own: Own) -> items.Author:
    """Somebody who writes to us. Ids are per page, or per Instagram account.

    Webhooks tell no name; what is pulled does.
    """
    value = mapping(value)
    one_id = ident(value.get("id"))
    if not one_id:
        return items.Author()
    handle = words(value.get("username"))
    return items.Author(
        id=one_id,
        handle=handle if USERNAME.fullmatch(handle) else "",
        name=words(value.get("name"))[:200],
        scope=own.id,
    )


def party(element: Mapping, side: str) -> str:
    """Id of ``sender`` or ``recipient``; '' for somebody whom only an app knows."""
    return ident(mapping(element.get(side)).get("id"))
