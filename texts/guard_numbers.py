"""Telephone numbers and payment cards in a text.

A number is judged by its form and by the words right before it. Must never take an
order number, a parcel number or a serial number for a telephone because it happens to
be as long. Every text takes a time that grows with its length, not faster.
"""

import re

import phonenumbers
from phonenumbers import PhoneNumberType as Type

from . import guard_pay, guard_words
from .guard_find import Find

#: digits with what people put between them; each step takes at least a digit
RUN = re.compile(r"(?<![A-Za-z0-9_])(?<![A-Za-z]-)[+(]{0,2}\s?\d(?:[ ().\-/]{0,3}\d)*")
GROUP = re.compile(r"\+?\d+")
#: a number of E.164 has 15 digits at most; two more for 00. Seven: as in
#: ``social_evidence``; shorter ones are short numbers and part of something else
LEAST, MOST = 7, 17
#: characters before a number in which a word can be about it
BEFORE = 40
#: and after which it is no longer about it
FAR = 22
#: what stands between "order" and its number
DIRECT = re.compile(
    r"(?:[\W_]|\b(?:is|was|the|no|nr|num|number|nummer|numero|número|numéro|id|code|ist|es|est)\b)"
    r"{0,12}$",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"[!?;](?=\s)|\n\n|\w{5,}\.(?=\s)|[A-Z]{2}\.(?=\s)|[。！？]")
#: numbers that are judged in one text; a thousand of them is a flood, not an answer
BUDGET = 1000
#: a number that is one, and nobody's: no part of it is looked at
NOBODY = object()
#: North America's numbers that cost nothing, as they are written everywhere
TOLL_FREE = re.compile(
    r"\+?1?[\s.\-]?\(?8(?:00|33|44|55|66|77|88)\)?[\s.\-]\d{3}[\s.\-]\d{4}$"
)
#: lines that belong to firms, never to a person
FIRMS = {
    Type.TOLL_FREE,
    Type.PREMIUM_RATE,
    Type.SHARED_COST,
    Type.UAN,
    Type.VOICEMAIL,
}
MOBILE = {Type.MOBILE, Type.FIXED_LINE_OR_MOBILE}
#: tried for a number that a word says is a telephone: the countries with most lines
WORLD = (
    "US GB DE FR ES IT IN BR MX EG NG PK ID TR RU UA PL NL BE CH AT SE NO DK FI PT "
    "GR CZ HU RO IE IL SA AE IQ MA DZ TN KE GH ZA JP KR CN TW HK VN TH PH MY SG BD "
    "LK AU NZ AR CO CL PE VE EC"
).split()


class Numbers:
    """What is found in one text; ``regions``: where a number without country code may
    be from, the likeliest first. ``known``: forms of E.164 that are this customer's,
    ``ours``: those that the brand publishes."""

    def __init__(self, folded, text, regions=(), known=frozenset(), ours=frozenset()):
        self.folded, self.text = folded, text
        self.regions = tuple(dict.fromkeys(one for one in regions if one))
        self.known = known
        self.ours, self.left = ours, BUDGET
        self.tails = {_tail(one): one for one in known if _tail(one)}
        self.our_tails = {_tail(one) for one in ours}

    def finds(self):
        found = []
        for run in RUN.finditer(self.text):
            found += self._in_run(run)
            if self.left <= 0:
                found.append(
                    self._find("unread", run.start(), len(self.text), "many", 1)
                )
                break
        return found

    def _find(self, kind, start, end, why, sure, own=False):
        first, last = self.folded.span(start, end)
        return Find(kind, first, last, self.folded.source[first:last], why, sure, own)

    # --- one run of digits ------------------------------------------------------
    def _in_run(self, run):
        """Everything in digits that stand together: perhaps several numbers."""
        if sum(map(str.isdigit, run.group())) < LEAST:
            return
        groups = [
            (
                run.start() + one.start(),
                run.start() + one.end(),
                one.group().lstrip("+"),
            )
            for one in GROUP.finditer(run.group())
        ]
        first = 0
        while first < len(groups) and self.left > 0:
            # a part that hangs on a hyphen begins nothing
            start = groups[first][0]
            if first and self.text[groups[first - 1][1] : start].strip("( +"):
                first += 1
                continue
            step = 1
            for last, digits in self._reach(groups, first):
                found = self._judge(
                    start, groups[last][1], digits, groups[first : last + 1]
                )
                if found is not None:
                    if found is not NOBODY:
                        yield found
                    step = last - first + 1
                    break
            first += step

    def _reach(self, groups, first):
        """(index of the last group, the digits), the longest first."""
        ways, digits = [], ""
        for last in range(first, len(groups)):
            digits += groups[last][2]
            if len(digits) > 19:
                break
            end = groups[last][1]
            goes_on = last + 1 < len(groups) and self.text[end] not in " ("
            if len(digits) >= LEAST and not goes_on:
                ways.append((last, digits))
        return reversed(ways)

    def _judge(self, start, end, digits, groups):
        self.left -= 1
        after = self.text[end : end + 2]
        if after[:1].isascii() and after[:1].isalnum() or after[:1] == "_":
            return None
        begin = start
        while begin and self.text[begin - 1] in "+(":
            begin -= 1
        plus = "+" in self.text[begin:start] or self.text[start] == "+"
        before = self.text[max(0, begin - BEFORE) : begin]
        if not plus and guard_pay.is_card(digits):
            return self._card(start, end, digits, groups, before)
        if len(digits) > MOST:
            return None
        return self._phone(begin, end, digits, groups, plus, before)

    # --- cards ------------------------------------------------------------------
    def _card(self, start, end, digits, groups, before):
        said = guard_words.last(guard_words.IS_CARD, before)
        in_fours = len(groups) > 2 and len(groups[0][2]) == 4
        if _names_a_thing(before) > said and not in_fours:
            return None
        sure = 0.98 if in_fours or said >= 0 else 0.85
        return self._find("card", start, end, "format", sure)

    # --- telephones -------------------------------------------------------------
    def _phone(self, begin, end, digits, groups, plus, before):
        known = self._known(digits)
        if known:
            return self._find("phone", begin, end, "own", 1.0, True)
        if self._is_ours(digits) or TOLL_FREE.match(self.text[begin:end]):
            return NOBODY
        said = guard_words.last(guard_words.IS_PHONE, before)
        thing = _names_a_thing(before, len(groups) > 1 and digits[0] == "0")
        spoken = said >= 0 and said > thing
        if plus or digits.startswith("00"):
            number = _parse("+" + digits.removeprefix("00"), None)
            if _personal(number):
                return self._find("phone", begin, end, "format", 0.95)
            if number or plus:
                return NOBODY if number else None
        if thing > said:
            return None
        sure = self._national(begin, end, digits, groups, spoken)
        if sure is NOBODY:
            return NOBODY
        why = "nearby" if spoken else "format"
        return self._find("phone", begin, end, why, sure) if sure else None

    def _known(self, digits):
        """Is it the customer's, in whatever form?"""
        number = self.tails.get(digits[-LEAST:])
        return bool(number) and same(digits, number)

    def _is_ours(self, digits):
        return digits[-LEAST:] in self.our_tails and any(
            same(digits, one) for one in self.ours
        )

    def _national(self, begin, end, digits, groups, spoken):
        """How sure, or 0, that it is a telephone somewhere near; or ``NOBODY``."""
        written = self.text[begin:end]
        for region in self.regions:
            number = _parse(written, region)
            if number and phonenumbers.number_type(number) in FIRMS:
                return NOBODY
            if number and (
                spoken or _looks_dialled(written, digits, groups, number, region)
            ):
                return 0.9
        if not spoken or len(digits) > 15:
            return 0
        self.left -= len(WORLD)
        for region in WORLD:
            number = _parse(written, region)
            if number:
                return 0.7 if _personal(number) else NOBODY
        return 0


def _looks_dialled(written, digits, groups, number, region):
    """Without a word that says so: is it written as telephone numbers are?"""
    national = str(number.national_number)
    trunk = digits.startswith("0")
    mobile = phonenumbers.number_type(number) in MOBILE
    if len(groups) == 1:
        # ten digits in North America are as often something else
        return len(digits) >= 9 and (trunk or (mobile and number.country_code != 1))
    if "." in written or len(groups) > 4 or len(national) < 9:
        return _as_usual(written, region) and (trunk or mobile or len(national) > 8)
    in_threes = len(groups[0][2]) < 4 and all(len(one[2]) == 3 for one in groups[1:])
    if in_threes and not trunk and len(set(written) & set("()-/")) == 0:
        return mobile and len(digits) > 8
    return True


def _as_usual(written, region):
    """Grouped as the country groups its numbers."""
    leniency = phonenumbers.Leniency.STRICT_GROUPING
    return phonenumbers.PhoneNumberMatcher(written, region, leniency).has_next()


def _parse(written, region):
    """The number if it is one that exists in its country's plan."""
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def rings(digits, plus, regions) -> bool:
    """Is it somebody's line in one of these countries, or with its country code?"""
    if plus:
        return _personal(_parse(f"+{digits}", None))
    return any(_personal(_parse(digits, one)) for one in regions if one)


def _personal(number):
    return number is not None and phonenumbers.number_type(number) not in FIRMS


def _names_a_thing(before, shaped=False):
    """Where the last word ends that makes it an order's number, or -1.

    :param shaped: it is written as a telephone number: the word must be right before it
    """
    if before.rstrip().endswith("#"):
        return len(before)
    clause = _this_clause(before)
    end = guard_words.last(guard_words.IS_THING, clause)
    between = clause[end:] if end >= 0 else ""
    if len(between) > FAR or (shaped and not DIRECT.match(between)):
        return -1
    return end


def _this_clause(before):
    """From the last end of a sentence on, at the same places; "no." ends none."""
    cut = -1
    for found in SENTENCE.finditer(before):
        cut = found.end()
    return " " * (cut + 1) + before[cut + 1 :]


def _tail(number):
    digits = "".join(filter(str.isdigit, number))
    return digits[-LEAST:] if len(digits) >= LEAST else ""


def same(digits, e164):
    """Do these digits ring that number, with or without codes before it?"""
    mine, theirs = digits.lstrip("0"), "".join(filter(str.isdigit, e164)).lstrip("0")
    short, long = sorted((mine, theirs), key=len)
    # a country code has three digits at most
    return long.endswith(short) and len(long) - len(short) <= 3 + mine.startswith("1")
