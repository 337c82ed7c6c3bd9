"""Text as networks count it: graphemes, UTF-16 units, bytes, and splitting.

Counting differs per network, so the counters are small and separate; an adapter
combines them. Nothing here changes what a person wrote, except that splitting drops
the white space at which it cuts.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

#: good enough for counting: what follows http(s):// up to white space, without the
#: punctuation that ends a sentence
URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]", re.IGNORECASE)

_ZWJ = "\u200d"
#: marks that stand for themselves (Burmese, Tai Tham …) although their category is
#: that of marks, and Thai and Lao vowels that join although theirs is that of letters
#: (UAX 29, SpacingMark)
_APART = frozenset(
    "\u102b\u102c\u1038\u1062\u1063\u1064\u1067\u1068\u1069\u106a\u106b\u106c\u106d\u1083"
    "\u1087\u1088\u1089\u108a\u108b\u108c\u108f\u109a\u109b\u109c\u1a61\u1a63\u1a64\uaa7b"
    "\uaa7d\U00011720\U00011721"
)
_JOINING = frozenset("\u0e33\u0eb3")


def _is_extend(char: str) -> bool:
    """Attaches to the character before it (UAX 29 Extend and SpacingMark)."""
    code = ord(char)
    return (
        (unicodedata.category(char) in ("Mn", "Me", "Mc") and char not in _APART)
        or char in _JOINING
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or 0xE0020 <= code <= 0xE007F  # flag tags
        or code in (0x200C, 0xFF9E, 0xFF9F)
    )


def _is_pictographic(char: str) -> bool:
    code = ord(char)
    if 0x1F1E6 <= code <= 0x1F1FF or 0x1F3FB <= code <= 0x1F3FF:
        return False  # flags' letters and skin tones
    return (
        0x1F000 <= code <= 0x1FAFF
        or 0x2190 <= code <= 0x2BFF
        or code in (0xA9, 0xAE, 0x203C, 0x2049, 0x2122, 0x2139, 0x3030, 0x303D)
        or code in (0x3297, 0x3299)
    )


def _hangul(char: str) -> str:
    code = ord(char)
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    return ""


_HANGUL_JOINS = {
    "L": ("L", "V", "LV", "LVT"),
    "LV": ("V", "T"),
    "V": ("V", "T"),
    "LVT": ("T",),
    "T": ("T",),
}


def graphemes(text: str) -> list[str]:
    """The text cut into what a person sees as single characters (UAX 29).

    Written out because Python has no such function and Odoo ships no library with
    one; the tests compare it with the ``regex`` package's ``\\X``.
    """
    clusters: list[str] = []
    flags = 0  # regional indicators at the end of the current cluster
    picture = False  # the current cluster is an emoji that a ZWJ may continue
    for char in text:
        code = ord(char)
        regional = 0x1F1E6 <= code <= 0x1F1FF
        if clusters:
            last = clusters[-1][-1]
            control = unicodedata.category(char) in ("Cc", "Zl", "Zp")
            after_control = unicodedata.category(last) in ("Cc", "Zl", "Zp")
            joins = not after_control and (
                (not control and (_is_extend(char) or char == _ZWJ))
                or (last == _ZWJ and picture and _is_pictographic(char))
                or (regional and flags % 2 == 1)
                or _hangul(char) in _HANGUL_JOINS.get(_hangul(last), ())
            )
            if joins or (last == "\r" and char == "\n"):
                clusters[-1] += char
                flags = flags + 1 if regional else 0
                picture = (picture and last != _ZWJ) or _is_pictographic(char)
                continue
        clusters.append(char)
        flags = 1 if regional else 0
        picture = _is_pictographic(char)
    return clusters


def count_graphemes(text: str) -> int:
    return len(text) if text.isascii() and "\r" not in text else len(graphemes(text))


def count_utf16(text: str) -> int:
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


def count_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def split(text: str, limit: int, count: Callable[[str], int]) -> tuple[str, ...]:
    """Cut ``text`` into parts of at most ``limit`` as ``count`` counts.

    Cuts at a paragraph, else a line, a sentence, a space, else between graphemes
    (never inside one). A text that fits comes back whole and unchanged.
    """
    if limit <= 0 or count(text) <= limit:
        return (text,)
    ends = list(accumulate(map(len, graphemes(text))))
    parts, start = [], 0
    while start < len(text):
        end = ends[_most_that_fits(text, start, ends, limit, count)]
        if end == len(text):
            parts.append(text[start:])
            break
        end = start + _best_cut(text[start:end], text[end])
        parts.append(text[start:end].rstrip())
        rest = text[end:]
        start = end + len(rest) - len(rest.lstrip())
    return tuple(part for part in parts if part)


def _most_that_fits(text, start: int, ends: list[int], limit: int, count) -> int:
    """Index in ``ends`` of the last grapheme that fits; at least the first one.

    Counting is monotonic, so: double the step, then bisect. The work depends on the
    limit and not on what is left of the text.
    """
    low, step = bisect_right(ends, start), 1
    last = len(ends) - 1
    while low + step < last and count(text[start : ends[low + step]]) <= limit:
        low += step
        step *= 2
    high = min(low + step, last)
    while low < high:
        middle = (low + high + 1) // 2
        if count(text[start : ends[middle]]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _best_cut(head: str, following: str) -> int:
    """Where to cut: the best break in the second half of ``head``."""
    if following.isspace():
        return len(head)
    for pattern in (r"\n\s*\n", r"\n", r"[.!?…。！？]\s+|[。！？]", r"\s+"):
        ends = [match.end() for match in re.finditer(pattern, head)]
        ends = [end for end in ends if end >= len(head) // 2]
        if ends:
            return ends[-1]
    spaces = [match.end() for match in re.finditer(r"\s+", head)]
    return spaces[-1] if spaces else len(head)
