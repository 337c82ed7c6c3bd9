"""This customer's own data in a text: what only somebody who has our books can know.

Numbers of papers and where somebody lives; who somebody is, is in ``guard_names``.
A word is taken only where it stands for that: a zip code of five digits may be a price.
"""

import re
from dataclasses import dataclass

from . import guard_blank, guard_words
from .guard_find import Find
from .guard_fold import Folded, bare, squash

#: a place is near another part of the same address
NEAR = 60
#: what may stand between the characters of a number as people write it
_GAP = r"[\s.\-/_·]{0,2}"
_SAYS_NUMBER = re.compile(
    r"(?:^|[^\w])(?:no|nr|num|number|nummer|numéro|número|numero|№|番号|号)\.?:?\s?$",
    re.IGNORECASE,
)
#: the same word in an address, long and short
STREETS = (
    ("street", "st"),
    ("avenue", "ave", "av"),
    ("road", "rd"),
    ("boulevard", "blvd", "bd"),
    ("drive", "dr"),
    ("lane", "ln"),
    ("court", "ct"),
    ("square", "sq"),
    ("place", "pl"),
    ("strasse", "str"),
    ("calle", "c/", "c"),
    ("avenida", "avda", "av"),
    ("ulica", "ul"),
    ("улица", "ул"),
    ("piazza", "p.za"),
    ("via", "v."),
)


@dataclass(frozen=True)
class Own:
    """What we know of a customer. ``shown``: what the network shows of them (handles,
    display names) and who answers: no secret. ``addresses``: (street, zip, city).
    ``numbers``: (kind, number) of papers. ``emails`` (lower case) and ``phones``
    (E.164) are for those who find these."""

    names: tuple = ()
    shown: tuple = ()
    firms: tuple = ()
    addresses: tuple = ()
    numbers: tuple = ()
    emails: frozenset = frozenset()
    phones: frozenset = frozenset()


class OwnData:
    """:param ours: lines that the brand publishes (its own address)"""

    def __init__(self, text, own, ours=()):
        self.own = own
        self.ours = tuple(squash(bare(one)) for one in ours if one)
        self.shown, self.deep = Folded(text), Folded(text, bare=True)
        # nothing of a link is prose; a handle is shown by the network as well
        self.plain = guard_blank.addresses(self.shown.text)
        self.prose = guard_blank.addresses(self.deep.text)
        # what is not in here is not in the text, however it is written
        self.squashed = squash(self.plain)

    def finds(self):
        found = []
        for kind, number in self.own.numbers:
            found += self._numbers(kind, number or "")
        for street, code, city in self.own.addresses:
            found += self._address(street or "", code or "", city or "")
        return found

    def _find(self, folded, kind, start, end, why="own", sure=1.0):
        first, last = folded.span(start, end)
        return Find(kind, first, last, folded.source[first:last], why, sure, own=True)

    # --- numbers of papers --------------------------------------------------------
    def _numbers(self, kind, number):
        """The number as a whole; its digits alone where the words before say what."""
        whole = squash(number)
        digits = re.search(r"(\d+)\D*$", number)
        core = digits[1].lstrip("0") if digits else ""
        if (core or whole) not in self.squashed:
            return
        if len(whole) >= 5 or (len(whole) == 4 and not whole.isdigit()):
            for found in _spread(whole).finditer(self.plain):
                yield self._find(self.shown, kind, *found.span())
        if len(core) < 3:
            return
        short = re.compile(rf"(?<![\w.,])(?:#\s?)?0{{0,8}}{core}(?![\w\-]|[.,]\d)")
        for found in short.finditer(self.plain):
            before = self.plain[max(0, found.start() - 24) : found.start()]
            thing = guard_words.last(guard_words.IS_THING, before)
            said = found.group().startswith("#") or _SAYS_NUMBER.search(before)
            if said or (thing >= 0 and not before[thing:].strip(" :.#")):
                yield self._find(
                    self.shown, kind, *found.span(), why="nearby", sure=0.9
                )

    # --- where somebody lives -----------------------------------------------------
    def _address(self, street, code, city):
        spans = [found.span() for found in _street(street, self.prose)]
        codes, towns = [], []
        if len(squash(code)) > 2:
            codes = [
                one.span() for one in _spread(bare(squash(code))).finditer(self.prose)
            ]
        if len(city) > 1:
            towns = [one.span() for one in whole_word(bare(city)).finditer(self.prose)]
        telling = len(squash(code)) >= 5 and not squash(code).isdigit()
        for span in codes:
            if telling or _near(span, spans + towns) or self._spoken(span):
                spans.append(span)
        for span in towns:
            if _near(span, spans) or self._spoken(span):
                spans.append(span)
        for start, end in joined(spans, self.prose):
            words = squash(self.prose[start:end])
            if not any(words in line for line in self.ours):
                yield self._find(self.deep, "address", start, end, sure=0.9)

    def _spoken(self, span):
        """Do the words before say that somebody lives there?"""
        before = self.prose[max(0, span[0] - 28) : span[0]]
        return guard_words.IS_ADDRESS.search(before) is not None


def _spread(squashed):
    """A number with whatever people put between its characters."""
    inside = _GAP.join(map(re.escape, squashed))
    return re.compile(rf"(?<![^\W_]){inside}(?![^\W_])", re.IGNORECASE)


def whole_word(words):
    """Words in a row; scripts without spaces have no boundary."""
    inside = r"[\s\-,.]{1,3}".join(map(re.escape, words.split())) or r"(?!)"
    if words and is_dense(words[0]):
        return re.compile(inside)
    return re.compile(rf"(?<![^\W_]){inside}(?![^\W_])")


def is_dense(word):
    """Written without spaces between words (Thai, Han, kana, Hangul)?"""
    return any(
        "\u0e00" <= one <= "\u0eff" or "\u2e80" <= one <= "\uffdc" for one in word
    )


def _street(street, text):
    """Where a street is named, with its number or without."""
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)?", bare(street))
    names = [one for one in words if not one[0].isdigit()]
    if not names or (len(names) == 1 and len(names[0]) < 8 and len(words) < 2):
        return
    inside = r"[\s.,\-]{1,3}".join(map(_street_word, names))
    house = next((one for one in words if one[0].isdigit()), "")
    number = rf"{re.escape(house)}" if house else ""
    if is_dense(street):
        inside = r"\s{0,2}".join(map(re.escape, bare(street).split()))
        yield from re.compile(inside).finditer(text)
        return
    edge, end = r"(?<![^\W_])", r"(?![^\W_])"
    ways = []
    if number:
        ways += [
            rf"{number}[\s.,]{{1,3}}{inside}",
            rf"{inside}[\s.,]{{1,3}}(?:no?\.?\s?|nr\.?\s?|д\.?\s?)?{number}",
        ]
    # a name of one short word is a word as well
    if len(names) > 1 or len(names[0]) >= 8:
        ways.append(inside)
    if ways:
        yield from re.compile(f"{edge}(?:{'|'.join(ways)}){end}").finditer(text)


def _street_word(word):
    for forms in STREETS:
        if word in forms:
            return "(?:" + "|".join(map(re.escape, forms)) + r")\.?"
        for form in forms[:2]:
            # Hauptstraße, Hauptstr.
            if (
                form in ("strasse", "str")
                and word.endswith(form)
                and len(word) > len(form) + 2
            ):
                return re.escape(word.removesuffix(form)) + r"(?:strasse|str)\.?"
    return re.escape(word)


def _near(span, others):
    return any(
        other != span
        and -NEAR <= other[0] - span[1] <= NEAR
        or -NEAR <= span[0] - other[1] <= NEAR
        for other in others
        if other != span
    )


def joined(spans, text, gap=4):
    """Spans that only punctuation keeps apart, as one."""
    result = []
    for start, end in sorted(set(spans)):
        if (
            result
            and start - result[-1][1] <= gap
            and not re.search(r"\w|\x00", text[result[-1][1] : start])
        ):
            result[-1][1] = max(result[-1][1], end)
        elif result and start < result[-1][1]:
            result[-1][1] = max(result[-1][1], end)
        else:
            result.append([start, end])
    return [tuple(one) for one in result]
