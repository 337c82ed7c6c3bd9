"""Numbers one pays with: cards by issuer and check digit, accounts by check digits.

A number that only has the right length is none. Nothing here asks a bank.
"""

import re

from .guard_find import Find

#: first digits and lengths of cards, as issuers published them (ISO/IEC 7812 ranges)
CARDS = (
    (re.compile(r"4"), (13, 16, 19)),  # Visa
    (re.compile(r"5[1-5]"), (16,)),  # Mastercard
    (re.compile(r"2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)"), (16,)),
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"6011|64[4-9]|65"), (16, 19)),  # Discover, RuPay
    (re.compile(r"30[0-5]|36|38|39"), (14,)),  # Diners Club
    (re.compile(r"35(?:2[89]|[3-8]\d)"), (16,)),  # JCB
    (re.compile(r"62"), (16, 17, 18, 19)),  # UnionPay
    (re.compile(r"220[0-4]"), (16,)),  # Mir
    (re.compile(r"9792"), (16,)),  # Troy
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[123]"), (16, 18, 19)),  # Maestro
    (re.compile(r"508[5-9]|60|81|82"), (16,)),  # RuPay
)
#: characters of an account in each country (ISO 13616 registry, release 99)
LENGTHS = {
    one[:2]: int(one[2:])
    for one in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 "
        "CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 "
        "GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 "
        "LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 "
        "NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 "
        "SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 "
    ).split()
}
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \-]{0,2}[A-Za-z0-9]){11,30}")


def luhn(digits) -> bool:
    """Is the last digit the check digit of the others (ISO/IEC 7812-1, annex B)?"""
    doubled = (2 * int(one) for one in digits[-2::-2])
    total = sum(map(int, digits[::-2])) + sum(one - 9 * (one > 9) for one in doubled)
    return total % 10 == 0


def is_card(digits) -> bool:
    length = len(digits)
    return (
        13 <= length <= 19
        and any(length in lengths and first.match(digits) for first, lengths in CARDS)
        and luhn(digits)
        and len(set(digits)) > 1
    )


def is_iban(account) -> bool:
    """:param account: capitals and digits without spaces"""
    if LENGTHS.get(account[:2]) != len(account):
        return False
    digits = "".join(str(int(one, 36)) for one in account[4:] + account[:4])
    return int(digits) % 97 == 1


def ibans(folded, text):
    """Bank accounts whose check digits are right."""
    for found in IBAN.finditer(text):
        span = range(found.start(), found.end())
        places = [index for index in span if text[index].isalnum()]
        bare = "".join(text[index] for index in places).upper()
        # what follows the number may look like more of it
        length = LENGTHS.get(bare[:2], 0)
        goes_on = length < len(places) and places[length] == places[length - 1] + 1
        if length and is_iban(bare[:length]) and not goes_on:
            first, last = folded.span(found.start(), places[length - 1] + 1)
            yield Find("iban", first, last, folded.source[first:last], "format", 0.99)
