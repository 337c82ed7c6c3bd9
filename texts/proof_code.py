"""Codes that people say back: made, written down, and found in what somebody posts.

That of a private page, and the shorter one that goes to the e-mail address on file. A
code is worth nothing by itself: it counts only in a message of the one identity it was
made for, and the page's lets in only the browser that asked for it. It must be short
enough to be typed from another screen, and never look like anything else that people
write.
"""

import re
import secrets

#: no vowels (no words), nothing that looks like something else in some typeface, and
#: upper and lower case are the same
ALPHABET = "23456789CDFGHJKMPQRTVWXZ"
#: 24 ** 12 is 2 ** 55: at ten codes alive and a thousand posts a second of somebody who
#: may post as that identity anyway, a hit takes longer than the code lives by far
GROUPS, SIZE = 3, 4
_GROUP = rf"[{ALPHABET}]{{{SIZE}}}"
#: groups of a code that goes by e-mail: 24 ** 8 is 2 ** 36, and five tries are counted
BY_MAIL = 2
#: between the groups: what keyboards and networks make of the hyphen
_BETWEEN = r"[-\u2010-\u2015\u2212 \u00a0]?"
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_NAME = re.compile(r"@[\w.\-]+(?:@[\w.\-]+)?")


def _pattern(groups):
    # no part of something longer that is written alike
    return re.compile(
        rf"(?<![0-9A-Z])(?<![0-9A-Z]-)({_GROUP}(?:{_BETWEEN}{_GROUP}){{{groups - 1}}})"
        r"(?!-?[0-9A-Z])",
        re.IGNORECASE,
    )


_CODES = {groups: _pattern(groups) for groups in (BY_MAIL, GROUPS)}
#: candidates looked up per message; people post one
MAX_CODES = 3
#: letters beside the code that still say nothing: "here is my code", "hier ist mein
#: Code, bitte schön"
BESIDE = 30
#: from here on scripts in which a sign is worth about three letters
_DENSE = 0x2E80


def new_code(groups=GROUPS) -> str:
    """A code nobody can guess; never digits alone, as telephone numbers are."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _one in range(groups * SIZE))
        if not code.isdigit():
            return code


def shown(code: str) -> str:
    """As people read and type it."""
    return "-".join(code[at : at + SIZE] for at in range(0, len(code), SIZE))


def found(text: str, groups=GROUPS) -> tuple[str, ...]:
    """What may be codes in a text, as ``new_code`` made them; mostly nothing.

    Not in addresses: they are full of such letters.
    """
    plain = _LINK.sub(" ", text or "")
    codes = ("".join(filter(str.isalnum, one)) for one in _CODES[groups].findall(plain))
    codes = (one.upper() for one in codes if not one.isdigit())
    return tuple(dict.fromkeys(codes))[:MAX_CODES]


def masked(text: str, groups=GROUPS) -> str:
    """The text without the codes in it: what was used is kept nowhere."""
    return _CODES[groups].sub(shown("•" * groups * SIZE), text or "")


def says_more(text: str, groups=GROUPS) -> bool:
    """Does a message that brings a code say something besides?

    The names of those it is for and a few words about the code are not.
    """
    rest = _CODES[groups].sub(" ", _NAME.sub(" ", _LINK.sub(" ", text or "")))
    letters = [ord(char) for char in rest if char.isalnum()]
    return sum(3 if one >= _DENSE else 1 for one in letters) > BESIDE
