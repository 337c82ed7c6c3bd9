"""Which emoji X counts as one: those of Unicode 11, as twitter-text 3.1.0 knows them.

X's library was last fed in 2019. A sequence that is younger counts piece by piece; the
counter must follow it, or a post that we think fits is refused. Pure data, and the one
pattern made of it (fact sheet x §6; the tests compare every text with the library).
"""

import re


def _set(ranges: str) -> str:
    """The inside of a character class: ``261d 26f7-26f9`` in hexadecimal."""
    parts = (one.partition("-") for one in ranges.split())
    return "".join(
        chr(int(low, 16)) + (dash + chr(int(top, 16)) if dash else "")
        for low, dash, top in parts
    )


#: characters of text that U+FE0F makes pictures; with it they are still one
_TEXT = _set(
    "a9 ae 203c 2049 2122 2139 2194-2199 21a9-21aa 231a-231b 2328 23cf 23ed-23ef "
    "23f1-23f2 23f8-23fa 24c2 25aa-25ab 25b6 25c0 25fb-25fe 2600-2604 260e 2611 "
    "2614-2615 2618 2620 2622-2623 2626 262a 262e-262f 2638-263a 2640 2642 2648-2653 "
    "265f-2660 2663 2665-2666 2668 267b 267f 2692-2697 2699 269b-269c 26a0-26a1 "
    "26aa-26ab 26b0-26b1 26bd-26be 26c4-26c5 26c8 26cf 26d1 26d3-26d4 26e9-26ea "
    "26f0-26f5 26f8 26fa 26fd 2702 2708-2709 270f 2712 2714 2716 271d 2721 2733-2734 "
    "2744 2747 2757 2763-2764 27a1 2934-2935 2b05-2b07 2b1b-2b1c 2b50 2b55 3030 303d "
    "3297 3299 1f004 1f170-1f171 1f17e-1f17f 1f202 1f21a 1f22f 1f237 1f321 1f324-1f32c "
    "1f336 1f37d 1f396-1f397 1f399-1f39b 1f39e-1f39f 1f3cd-1f3ce 1f3d4-1f3df 1f3f3 "
    "1f3f5 1f3f7 1f43f 1f441 1f4fd 1f549-1f54a 1f56f-1f570 1f573 1f576-1f579 1f587 "
    "1f58a-1f58d 1f5a5 1f5a8 1f5b1-1f5b2 1f5bc 1f5c2-1f5c4 1f5d1-1f5d3 1f5dc-1f5de "
    "1f5e1 1f5e3 1f5e8 1f5ef 1f5f3 1f5fa 1f6cb 1f6cd-1f6cf 1f6e0-1f6e5 1f6e9 1f6f0 "
    "1f6f3"
)
#: take U+FE0F, a skin tone, or both
_EITHER = _set("261d 26f7 26f9 270c-270d 1f3cb-1f3cc 1f574-1f575 1f590")
#: take a skin tone
_TONED = _set(
    "270a-270b 1f385 1f3c2-1f3c4 1f3c7 1f3ca 1f442-1f443 1f446-1f450 1f466-1f469 1f46e "
    "1f470-1f478 1f47c 1f481-1f483 1f485-1f487 1f4aa 1f57a 1f595-1f596 1f645-1f647 "
    "1f64b-1f64f 1f6a3 1f6b4-1f6b6 1f6c0 1f6cc 1f918-1f91c 1f91e-1f91f 1f926 "
    "1f930-1f939 1f93d-1f93e 1f9b5-1f9b6 1f9b8-1f9b9 1f9d1-1f9dd"
)
#: may be said to be a woman or a man, with a tone, without one, in groups
_SEXED = _set(
    "1f3c3-1f3c4 1f3ca 1f46e 1f471 1f473 1f477 1f481-1f482 1f486-1f487 1f645-1f647 "
    "1f64b 1f64d-1f64e 1f6a3 1f6b4-1f6b6 1f926 1f935 1f937-1f939 1f93d-1f93e "
    "1f9b8-1f9b9 1f9d6-1f9dd"
)
_SEXED_EITHER = _set("26f9 1f3cb-1f3cc 1f574-1f575")
_SEXED_GROUPS = _set("1f46f 1f93c 1f9de-1f9df")
_SIGNED_TRADES = _set("2695-2696 2708")
_TRADES = _set(
    "1f33e 1f373 1f393 1f3a4 1f3a8 1f3eb 1f3ed 1f4bb-1f4bc 1f527 1f52c 1f680 1f692 "
    "1f9b0-1f9b3"
)
#: a country's first letter -> its second ones
_FLAGS = (
    "A:CDEFGILMOQRSTUWXZ B:ABDEFGHIJLMNOQRSTVWYZ C:ACDFGHIKLMNOPRUVWXYZ D:EGJKMOZ "
    "E:ACEGHRSTU F:IJKMOR G:ABDEFGHILMNPQRSTUWY H:KMNRTU I:CDELMNOQRST J:EMOP "
    "K:EGHIMNPRWYZ L:ABCIKRSTUVY M:ACDEFGHKLMNOPQRSTUVWXYZ N:ACEFGILOPRUZ O:M "
    "P:AEFGHKLMNRSTWY Q:A R:EOSUW S:ABCDEGHIJKLMNORSTVXYZ T:ACDFGHJKLMNORTVWZ "
    "U:AGMNSYZ V:ACEGINU W:FS X:K Y:ET Z:AMW"
)
#: parts of a country with a flag of their own, as the tags behind a black flag
_PARTS = ("gbeng", "gbsct", "gbwls")


def _letters(names: str) -> str:
    return "".join(chr(0x1F1E6 + ord(one) - ord("A")) for one in names)


def _pattern() -> str:
    tone, sign, join = "[\U0001f3fb-\U0001f3ff]", "\ufe0f", "\u200d"
    man, woman, boy, girl = "\U0001f468", "\U0001f469", "\U0001f466", "\U0001f467"
    sex = f"{join}[\u2640\u2642]{sign}"
    children = f"(?:{boy}{join}{boy}|{girl}{join}[{boy}{girl}]|[{boy}{girl}])"
    heart = f"{join}\u2764{sign}{join}(?:\U0001f48b{join})?"
    tags = "|".join("".join(chr(0xE0000 + ord(one)) for one in name) for name in _PARTS)
    countries = "|".join(
        f"{_letters(one[0])}[{_letters(one[2:])}]" for one in _FLAGS.split()
    )
    return "|".join(
        (
            f"[{man}{woman}]{tone}?{join}(?:[{_SIGNED_TRADES}]{sign}|[{_TRADES}])",
            f"[{_SEXED_EITHER}](?:{tone}|{sign}){sex}",
            f"[{_SEXED}]{tone}?{sex}",
            f"(?:{man}{join}(?:[{man}{woman}]{join})?|{woman}{join}(?:{woman}{join})?)"
            f"{children}",
            f"{man}{heart}{man}|{woman}{heart}[{man}{woman}]",
            f"\U0001f3f3{sign}{join}\U0001f308|\U0001f3f4{join}\u2620{sign}",
            f"\U0001f441{join}\U0001f5e8|[{_SEXED_GROUPS}]{sex}",
            f"[0-9#*]{sign}?\u20e3|[{_TEXT}]{sign}",
            f"[{_EITHER}](?:{sign}{tone}?|{tone})|[{_TONED}]{tone}",
            f"\U0001f3f4(?:{tags})\U000e007f|{countries}",
        )
    )


#: emoji of several code points that count as one; single ones count 2 anyway
SEQUENCES = re.compile(_pattern())
