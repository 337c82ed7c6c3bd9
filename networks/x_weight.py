"""Length as X counts it (twitter-text, config v3; fact sheet x §6). Pure.

An address counts 23 and an emoji 2, however long they are; other letters 1 or 2.
Nothing here changes a text.
"""

import re
import unicodedata

from . import text, x_urls

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

_TONE = "[\U0001f3fb-\U0001f3ff]"
#: pictures that need no sign to be one; single characters outside the light ranges
#: count 2 anyway, so only what can begin a longer emoji must be told apart here
_PICTURE = "[\u203c-\u3299\U0001f000-\U0001faff]"
#: what a joiner binds to the picture before it; all else are two pictures to X
_JOINED = (
    "[\u2640\u2642\u2695\u2696\u2708\u2764\u2620\U0001f308\U0001f33e\U0001f373\U0001f393"
    "\U0001f3a4\U0001f3a8\U0001f3eb\U0001f3ed\U0001f466-\U0001f469\U0001f48b\U0001f4bb"
    "\U0001f4bc\U0001f527\U0001f52c\U0001f680\U0001f692\U0001f91d\U0001f9b0-\U0001f9b3"
    "\U0001f9d1]"
)
_EMOJI = re.compile(
    "[0-9#*]\ufe0f?\u20e3"
    "|[\U0001f1e6-\U0001f1ff]{2}"
    "|\U0001f3f4[\U000e0061-\U000e007a]{2,6}\U000e007f"
    f"|{_PICTURE}(?:\ufe0f|{_TONE})?(?:\u200d{_JOINED}(?:\ufe0f|{_TONE})?)*"
    "|[\u00a9\u00ae]\ufe0f"
)


def weigh(whole: str) -> int:
    """What ``whole`` counts; a post may have 1 to ``LIMIT``."""
    if whole.isascii() and "." not in whole and "\u20e3" not in whole:
        return len(whole)
    whole = unicodedata.normalize("NFC", whole)
    total, at = 0, 0
    for start, end in x_urls.find(whole):
        total += _letters(whole[at:start]) + URL_WEIGHT
        at = end
    return total + _letters(whole[at:])


def _letters(part: str) -> int:
    if part.isascii():
        return len(part)
    part, emoji = _EMOJI.subn("", part)
    light = len(_LIGHT.findall(part))
    return DEFAULT_WEIGHT * (emoji + len(part) - light) + light


def has_url(whole: str) -> bool:
    """Would X bill this as a post with an address in it?"""
    return bool(x_urls.find(unicodedata.normalize("NFC", whole)))


def split(whole: str, limit: int) -> tuple[str, ...]:
    """``whole`` in posts of at most ``limit``; it comes back unchanged if it fits."""
    return text.split(whole, limit, weigh)
