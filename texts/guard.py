"""The guard: what of a text must not be said in public.

``find`` reads, ``mask`` and ``cut`` take out; nothing here decides who may say it
anyway. It asks nobody and keeps nothing; a text of any size takes a time that grows
with its length.
"""

from dataclasses import dataclass

from . import guard_blank
from .guard_find import Find, apart
from .guard_fold import Folded
from .guard_mail import Mails
from .guard_names import Names
from .guard_numbers import Numbers, ibans
from .guard_own import Own, OwnData

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
    return apart([one for one in finds if one.sure >= ENOUGH]) + unread


def find_in_all(texts, own=NOTHING_KNOWN, ours=NOTHING_OURS, regions=()):
    """[(which text, find)] for a text and the descriptions of its files."""
    return [
        (index, one)
        for index, text in enumerate(texts)
        for one in find(text, own, ours, regions)
    ]


def mask(text, finds) -> str:
    """``text`` with the finds cut out and the gap closed."""
    for one in sorted(finds, key=lambda one: one.start, reverse=True):
        before, after = text[: one.start], text[one.end :]
        if before.endswith((" ", "\n")) or not before:
            after = after.lstrip(" ")
        text = before + after
    return text


def only(finds, kinds):
    """Of finds those of some kinds."""
    return [one for one in finds if one.kind in kinds]


__all__ = ["Find", "Ours", "Own", "find", "find_in_all", "mask", "only"]
