"""Telephone numbers that are written in words: "oh seven four double oh …".

Only a row of digits long enough to be a number, and one that exists where it may ring:
a score, a countdown and a date in words are none.
"""

import re

from . import guard_numbers
from .guard_find import Find

_WORDS = {
    "0": "zero oh o null zéro cero ноль нуль",
    "1": "one eins ein un une uno один",
    "2": "two zwei zwo deux dos due два",
    "3": "three drei trois tres tre три",
    "4": "four vier quatre cuatro quattro четыре",
    "5": "five fünf cinq cinco cinque пять",
    "6": "six sechs seis sei шесть",
    "7": "seven sieben sept siete sette семь",
    "8": "eight acht huit ocho otto восемь",
    "9": "nine neun neuf nueve nove девять",
}
DIGITS = {word: digit for digit, words in _WORDS.items() for word in words.split()}
TIMES = {"double": 2, "triple": 3, "doppel": 2, "doble": 2}
_ONE = "|".join(sorted(map(re.escape, (*DIGITS, *TIMES)), key=len, reverse=True))
#: up and down
COUNTING = "01234567890 09876543210"
#: words and single digits in a row; more than a number has is a poem
ROW = re.compile(
    rf"(?<![^\W_])(?:\+|plus\s)?(?:(?:{_ONE}|\d)(?:[\s,.\-]{{1,3}}|(?=\d))){{5,24}}(?:{_ONE}|\d)"
    r"(?![^\W_])",
    re.IGNORECASE,
)
_TOKEN = re.compile(rf"{_ONE}|\d", re.IGNORECASE)


def spelled(folded, text, regions, known):
    """Numbers in words; ``known``: those of the customer, in E.164."""
    for found in ROW.finditer(text):
        words = found.group()
        if not re.search(r"[^\W\d_]{2}", words.lower().replace("plus", "")):
            continue  # digits only: others look at these
        digits = _digits(words)
        if len(digits) < guard_numbers.LEAST or digits in COUNTING:
            continue
        own = any(guard_numbers.same(digits, one) for one in known)
        plus = words.lower().startswith(("+", "plus"))
        if own or guard_numbers.rings(digits, plus, regions):
            first, last = folded.span(*found.span())
            words = folded.source[first:last]
            yield Find("phone", first, last, words, "hidden", 0.8, own)


def _digits(words):
    digits, times = "", 1
    for token in _TOKEN.findall(words.lower()):
        if token in TIMES:
            times = TIMES[token]
            continue
        digits += DIGITS.get(token, token) * times
        times = 1
    return digits
