"""The same words however they were typed, with the way back to what was typed.

Fullwidth letters, digits of other scripts, characters without width and fifteen kinds
of hyphen hide a number from a pattern, not from a reader. Must never lose the place:
every folded character knows the character it came from.
"""

import unicodedata
from bisect import bisect_left
from functools import lru_cache

#: nothing to see: fillers of Hangul, the combining grapheme joiner, the box of a keycap
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u20e3")
#: of Latin, Greek and Cyrillic the letter without its marks is kept; marks of other
#: scripts are vowels, and belong to the word
MARKS_END = "\u0590"
#: Hebrew points and Arabic vowel signs are left out by most people who write
POINTS = ("\u0590", "\u08ff")


@lru_cache(maxsize=4096)
def _shown(char):
    """``char`` as the patterns want it: '' when nobody sees it."""
    kind = unicodedata.category(char)
    if char in UNSEEN or kind == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind == "Pd" or char in "\u2212\u2043":
        return "-"
    if kind == "Zs":
        return " "
    if char in "\u2028\u2029\r":
        return "\n"
    if char in "\u2044\u2215":
        return "/"
    return unicodedata.normalize("NFKC", char)


@lru_cache(maxsize=4096)
def _mark(char):
    """Is it a mark on a letter that people leave out when they write?"""
    return unicodedata.category(char) == "Mn" and (
        char < MARKS_END or POINTS[0] <= char <= POINTS[1]
    )


@lru_cache(maxsize=4096)
def _bare(char):
    """As a name is compared: lower case, without accents."""
    result = ""
    for one in _shown(char).casefold():
        first, *rest = unicodedata.normalize("NFD", one)
        if not all(_mark(mark) for mark in rest):
            result += one  # a syllable, a kana with its voice: one character
        elif not _mark(first):
            result += first
    return result


class Folded:
    """A text as patterns read it.

    :param bare: for names: lower case and without accents
    """

    def __init__(self, text, bare=False):
        self.source = text
        shown = _bare if bare else _shown
        parts, at = [], []
        for index, char in enumerate(text):
            piece = shown(char)
            parts.append(piece)
            at.extend([index] * len(piece))
        self.text = "".join(parts)
        self.at = at

    def span(self, start, end):
        """(start, end) in what was typed."""
        if start >= end:
            return (self.at[start] if start < len(self.at) else len(self.source),) * 2
        return self.at[start], self.at[end - 1] + 1

    def place(self, index):
        """Where the typed character ``index`` stands in the folded text."""
        return bisect_left(self.at, index)


def bare(text) -> str:
    """A word as names are compared."""
    return Folded(text or "", bare=True).text


def squash(text) -> str:
    """Letters and digits only, upper case: how numbers of papers are compared."""
    return "".join(one for one in Folded(text or "").text.upper() if one.isalnum())
