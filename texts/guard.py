"""The guard: what of a text must not be said in public.

``find`` reads, ``mask`` and ``cut`` take out; nothing here decides who may say it
anyway. It asks nobody and keeps nothing; a text of any size takes a time that grows
with its length.
"""

import re
from dataclasses import dataclass

from . import guard_blank
from .guard_find import Find, apart
from .guard_fold import Folded
from .guard_mail import SAID_AT, SAID_DOT, Mails
from .guard_names import Names
from .guard_numbers import LEAST, Numbers
from .guard_own import Own, OwnData
from .guard_pay import ibans
from .guard_spelled import ROW, spelled

#: what a customer should not show of themselves; the rest is theirs to tell
EXPOSED = frozenset({"phone", "email", "card", "iban", "address"})
#: an address that is spelled
_SIGN = re.compile(
    rf"[\[({{<]\s?(?:{SAID_AT}|@|ät|chez|a)\s?[\])}}>]|%40"
    r"|\s@[\w\-]{1,63}\s?\.\s?\w"
    rf"|\s{SAID_AT}\s{{1,2}}[\w\-]{{1,63}}"
    rf"(?:\.\w|\s\.\s?\w|\.\s(?-i:[a-z]{{2,3}})\b|[\s\[({{<]{{1,3}}{SAID_DOT})",
    re.IGNORECASE,
)
#: less sure finds are left out: measured by ``make bench ARGS="--only guard"``
ENOUGH = 0.5
#: characters; more than any network publishes in one post, in all parts of a reply
LONGEST = 200_000


@dataclass(frozen=True)
class Ours:
    """What the brand publishes about itself: never a find. ``phones`` in E.164,
    ``mails``: addresses and hosts in lower case, ``lines``: of its address."""

    phones: frozenset = frozenset()
    mails: frozenset = frozenset()
    lines: tuple = ()


NOTHING_KNOWN, NOTHING_OURS = Own(), Ours()


def find(text, own=NOTHING_KNOWN, ours=NOTHING_OURS, regions=()) -> list[Find]:
    """Personal data in ``text``, in its order, without overlaps.

    :param own: what we know of this customer
    :param ours: what the brand publishes about itself
    :param regions: country codes (ISO 3166) of telephone numbers that do not tell
        theirs, the likeliest first
    """
    text = text or ""
    unread = []
    if len(text) > LONGEST:
        unread = [Find("unread", LONGEST, len(text), "", "many")]
        text = text[:LONGEST]
    if not text.strip():
        return unread
    folded = Folded(text)
    finds = Mails(folded, own.emails, ours.mails).finds()
    finds += ibans(folded, guard_blank.addresses(folded.text))
    data = OwnData(text, own, ours.lines)
    finds += data.finds()
    finds += Names(data).finds()
    plain = guard_blank.quantities(guard_blank.addresses(folded.text))
    finds += Numbers(folded, plain, regions, own.phones, ours.phones).finds()
    finds += spelled(folded, plain, regions, own.phones)
    return apart([one for one in finds if one.sure >= ENOUGH]) + unread


def may_hold(text, own=NOTHING_KNOWN) -> bool:
    """Could there be anything by its form? Quick, and never wrongly no: most messages
    have neither seven digits nor a sign for an address."""
    if own != NOTHING_KNOWN:
        return True
    if sum(map(str.isdigit, text)) >= LEAST:
        return True
    plain = Folded(text).text
    if ROW.search(plain):
        return True
    return bool(
        "@" in guard_blank.blank(plain, guard_blank.MENTION) or _SIGN.search(plain)
    )


def mask(text, finds) -> str:
    """``text`` with the finds cut out and the gap closed."""
    for one in sorted(finds, key=lambda one: one.start, reverse=True):
        before, after = text[: one.start], text[one.end :]
        if before.endswith((" ", "\n")) or not before:
            after = after.lstrip(" ")
        text = before + after
    return text


__all__ = ["EXPOSED", "Find", "Ours", "Own", "find", "mask", "may_hold"]
