"""Length as X counts it (twitter-text, config v3; fact sheet x §6). Pure.

An address counts 23 and an emoji 2, however long they are; other letters 1 or 2.
Nothing here changes a text.
"""

import re
import unicodedata

from . import text, x_emoji, x_urls

#: §6: what a post may weigh, and where subscribers may post more (changelog of
#: August 2024)
LIMIT, LONG_LIMIT = 280, 25_000
URL_WEIGHT = 23
DEFAULT_WEIGHT = 2
#: code points that count 1: Latin to Georgian, and the marks of ordinary typing
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_LIGHT = re.compile("[" + "".join(f"{chr(low)}-{chr(top)}" for low, top in LIGHT) + "]")
#: no post may hold these
FORBIDDEN = re.compile("[\ufffe\ufeff\uffff]")


def weigh(whole: str) -> int:
    """What ``whole`` counts; a post may have 1 to ``LIMIT``."""
    if whole.isascii() and "." not in whole and "\u20e3" not in whole:
        return len(whole)
    units = x_urls.units(unicodedata.normalize("NFC", whole))
    total, at = 0, 0
    for start, end in x_urls.find(units):
        total += _letters(x_urls.joined(units[at:start])) + URL_WEIGHT
        at = end
    return total + _letters(x_urls.joined(units[at:]))


def _letters(part: str) -> int:
    if part.isascii():
        return len(part)
    part, emoji = x_emoji.SEQUENCES.subn("", part)
    light = len(_LIGHT.findall(part))
    return DEFAULT_WEIGHT * (emoji + len(part) - light) + light


def has_url(whole: str) -> bool:
    """Would X bill this as a post with an address in it?"""
    return bool(x_urls.find(unicodedata.normalize("NFC", whole)))


def split(whole: str, limit: int) -> tuple[str, ...]:
    """``whole`` in posts of at most ``limit``; it comes back unchanged if it fits."""
    return text.split(whole, limit, weigh)
