"""When a thread that began in public is still open there, though solved in private.

Pure: facts in, yes or no out. The words are proposed elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Said:
    """One message of a ticket. ``note``: our own invitation into private, which closes
    nothing."""

    at: datetime
    audience: str
    ours: bool
    deleted: bool = False
    context: bool = False
    note: bool = False


def begun_in_public(messages: list[Said]) -> int | None:
    """Which message began it (its place in the list), if a public one that is still
    there did. Where the first was deleted, the next one of the public counts."""
    asked = [
        (one.at, number)
        for number, one in enumerate(messages)
        if not one.ours and not one.context
    ]
    if not asked:
        return None
    first = messages[min(asked)[1]]
    if first.audience != "public":
        return None
    public = [
        pair
        for pair in asked
        if messages[pair[1]].audience == "public" and not messages[pair[1]].deleted
    ]
    return min(public)[1] if public else None


def open_in_public(messages: list[Said]) -> bool:
    """Solved in private, and the public was told nothing since?

    Solved in private: we answered there after our last word in public.
    """
    if begun_in_public(messages) is None:
        return False
    ours = [one for one in messages if one.ours and not one.deleted]
    private = [one.at for one in ours if one.audience == "private"]
    public = [one.at for one in ours if one.audience == "public" and not one.note]
    return bool(private) and (not public or max(public) < max(private))
