"""Phone numbers and e-mail addresses made comparable; plain functions.

Nothing here asks a server whether a number or an address exists, and nothing here
decides who somebody is: that is ``helpdesk_social_identity_match``.
"""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

#: digits at the end of a number that survive every way of writing it; seven, because
#: that is the longest local number all numbering plans in use agree on
TAIL = 7
#: longer than any number or address there is (E.164: 15 digits; RFC 5321: 254)
MAX_LENGTH = 320
#: digits as people of other scripts type them: Arabic, Persian, Devanagari, full width;
#: PostgreSQL takes none of them for a digit
OTHER_DIGITS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९０１２３４５６７８９"
_AS_ASCII = str.maketrans(OTHER_DIGITS, "0123456789" * 4)
#: prefixes before a national number of ten digits that Mexico gave up in 2019, and that
#: stand in address books ever since
_MEXICO = re.compile(r"(?:044|045|01)([0-9]{10})", re.ASCII)


def phone_forms(number, regions=()) -> frozenset[str]:
    """Every E.164 form that rings the same telephone; empty when it is no number.

    :param regions: country codes to try, in this order, when the number does not
        say its country itself
    """
    number = (number or "").strip()
    if not number or len(number) > MAX_LENGTH:
        return frozenset()
    number = number.translate(_AS_ASCII)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if number.startswith("+"):
        attempts = [(number, None)]
    else:
        attempts = [(_national(number, one), one) for one in regions if one]
        # some networks give the international number without its plus; so long a
        # number that does not begin with 0 is one rather than a national number
        international = len(number) > 10 and number[0] != "0"
        attempts.insert(0 if international else len(attempts), (f"+{number}", None))
    for text, region in attempts:
        try:
            parsed = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        # an extension is a desk behind a switchboard, not the number itself
        if parsed.extension:
            return frozenset()
        forms = _with_variants(parsed)
        # a number of before a reform is not valid any more, but its new form is
        if any(_valid(form) for form in forms):
            return forms
    return frozenset()


def _national(number, region):
    """A national number, as its plan has it today."""
    if region != "MX":
        return number
    found = _MEXICO.fullmatch(re.sub(r"[\s().-]", "", number))
    return found[1] if found else number


def _valid(e164):
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return False


def _with_variants(parsed):
    """The same line as networks, old address books and people write it."""
    code = parsed.country_code
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    national = e164[len(str(code)) + 1 :]
    others = []
    if code == 55:  # Brazil: mobiles got a ninth digit after the area code
        if len(national) == 11 and national[2] == "9":
            others.append(national[:2] + national[3:])
        elif len(national) == 10 and national[2] in "6789":
            others.append(f"{national[:2]}9{national[2:]}")
    elif code == 52:  # Mexico: a 1 before mobiles until 2019
        if len(national) == 11 and national[0] == "1":
            others.append(national[1:])
        elif len(national) == 10:
            others.append(f"1{national}")
    elif code == 54:  # Argentina: a 9 before mobiles, from abroad only
        if len(national) == 11 and national[0] == "9":
            others.append(national[1:])
        elif len(national) == 10:
            others.append(f"9{national}")
    return frozenset({e164, *(f"+{code}{other}" for other in others)})


def phone_tail(number) -> str:
    """The last digits, by which candidates are looked up; empty when too few."""
    number = (number or "").translate(_AS_ASCII)
    digits = "".join(one for one in number if one.isascii() and one.isdigit())
    return digits[-TAIL:] if len(digits) >= TAIL else ""


def phone_tail_sql(column: str) -> str:
    """As ``phone_tail``, of a column; there is an index on it."""
    ascii_digits = "0123456789" * 4
    return (
        f"right(regexp_replace(translate({column}, '{OTHER_DIGITS}', "
        f"'{ascii_digits}'), '\\D', '', 'g'), {TAIL})"
    )


def email_forms(address) -> frozenset[str]:
    """The address as Odoo may have stored it; empty when it is none."""
    address = (address or "").strip()
    if not address or len(address) > MAX_LENGTH:
        return frozenset()
    try:
        # no deliverability check: that would ask a name server about a customer
        checked = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return frozenset()
    forms = {checked.normalized.lower(), address.lower()}
    if checked.ascii_email:
        forms.add(checked.ascii_email.lower())
    return frozenset(forms)


def handle_name(handle) -> str:
    """``@Jo.Miller@example.social`` → ``jo.miller``."""
    return (handle or "").strip().lstrip("@").split("@")[0].lower()


def same_name(one, other) -> bool:
    """Do two names consist of the same words, in any order?"""
    mine, theirs = (
        sorted((name or "").casefold().replace(",", " ").split())
        for name in (one, other)
    )
    return bool(mine) and mine == theirs


def website_forms(url) -> frozenset[str]:
    """How a profile's address may stand in a contact's website field."""
    bare = (url or "").strip().lower().rstrip("/")
    scheme, separator, rest = bare.partition("://")
    # a bare host is the network itself, not somebody's profile
    if not separator or scheme not in ("http", "https") or "/" not in rest:
        return frozenset()
    rest = rest.removeprefix("www.")
    return frozenset(
        f"{prefix}{rest}{end}"
        for prefix in ("http://", "https://", "http://www.", "https://www.", "", "www.")
        for end in ("", "/")
    )
