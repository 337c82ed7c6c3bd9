"""What the guard found: which words, of what kind, why, how sure."""

from dataclasses import dataclass

#: kinds in the order in which one wins over the other for the same words
KINDS = (
    "card",
    "iban",
    "email",
    "phone",
    "vat",
    "order",
    "invoice",
    "ticket",
    "address",
    "name",
    "unread",
)


@dataclass(frozen=True)
class Find:
    """``start`` and ``end``: characters (code points) of the text as it was typed.

    ``own``: it is known to be this customer's; otherwise it only looks like somebody's.
    ``why``: ``own``, ``format`` (it is one by its form), ``hidden`` (spelled so that
    programs miss it), ``nearby`` (the words beside it say so), ``many`` (too much to
    read). ``sure``: from 0 to 1.
    """

    kind: str
    start: int
    end: int
    words: str
    why: str = "format"
    sure: float = 1.0
    own: bool = False


def apart(finds):
    """Finds that do not overlap: what is the customer's own first, then the kind of
    which one is most sure."""
    ranked = sorted(
        finds,
        key=lambda one: (
            not one.own,
            KINDS.index(one.kind),
            one.start - one.end,
            one.start,
        ),
    )
    kept, taken = [], {}
    for one in ranked:
        if not any(index in taken for index in range(one.start, one.end)):
            taken.update(dict.fromkeys(range(one.start, one.end)))
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)
