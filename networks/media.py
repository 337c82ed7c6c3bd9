"""Does a message's set of files fit what a network takes? Pure arithmetic.

Used by the composer's server side, the outbox and the adapters alike, so that all
three say the same. It never looks into a file and knows no network.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .items import MediaRules


@dataclass(frozen=True)
class Problem:
    """Why the file at ``index`` cannot go (-1: the set as a whole).

    ``code``: ``media_none``, ``media_type``, ``media_empty``, ``media_too_large``,
    ``media_too_many``, ``media_alone``, ``media_mixed``, ``alt_too_long``. ``limit`` is
    the number that was passed (bytes, files, characters), 0 where there is none.
    """

    index: int
    code: str
    limit: int = 0


def plain(mime: str) -> str:
    """``mime`` without parameters, lower case."""
    return (mime or "").partition(";")[0].strip().lower()


def kind_of(mime: str) -> str:
    """``image``, ``video``, ``audio`` or ``file``."""
    family = plain(mime).partition("/")[0]
    return family if family in ("image", "video", "audio") else "file"


def _name(mime: str, names: Iterable[str]) -> str:
    """The one of ``names`` that this type goes by; '' if none does."""
    names = tuple(names)
    for name in (plain(mime), kind_of(mime)):
        if name in names:
            return name
    return ""


def max_bytes(rules: MediaRules, mime: str) -> int:
    """Bytes that one file of this type may have; 0 = no limit known."""
    return rules.max_bytes.get(_name(mime, rules.max_bytes), 0)


def problems(rules: MediaRules, files: Sequence[tuple[str, int, str]]) -> list[Problem]:
    """Everything that keeps these files from going out together, in their order.

    :param files: (mime, size in bytes, description) of each
    """
    if files and not rules.max_files:
        return [Problem(-1, "media_none")]
    found = []
    for index, (mime, size, alt) in enumerate(files):
        limit = max_bytes(rules, mime)
        if not size:
            found.append(Problem(index, "media_empty"))
        elif rules.types and not _name(mime, rules.types):
            found.append(Problem(index, "media_type"))
        elif limit and size > limit:
            found.append(Problem(index, "media_too_large", limit))
        if rules.alt_length and len(alt or "") > rules.alt_length:
            found.append(Problem(index, "alt_too_long", rules.alt_length))
    if len(files) > rules.max_files:
        found.append(Problem(-1, "media_too_many", rules.max_files))
    elif len(files) > 1:
        mimes = [mime for mime, _size, _alt in files]
        if any(_name(mime, rules.alone) for mime in mimes):
            found.append(Problem(-1, "media_alone"))
        elif len({_name(mime, rules.unmixed) for mime in mimes}) > 1:
            found.append(Problem(-1, "media_mixed"))
    return found
