"""What looks like somebody's data and is not: addresses of pages, dates, prices.

These are blanked out, character by character, before numbers are looked for. Must never
blank a telephone number because its digits could be read as something else: a pattern
here needs the sign that makes it a date, a price, a version.
"""

import re

#: stands for what was blanked; part of no pattern
NOTHING = "\x00"

#: every quantifier is bounded, so that no text makes these slow
URL = re.compile(
    r"\b(?:https?|ftp)\s?:\s?/{1,2}\s?[^\s<>\x00]+"
    r"|\bwww\.[^\s<>\x00]+"
    # bare addresses with a path, of which the name alone proves nothing
    r"|(?<![\w@.\-])(?:[a-z0-9\-]{1,63}\.){1,4}[a-z]{2,24}/[^\s<>\x00]*",
    re.IGNORECASE,
)
MENTION = re.compile(r"(?<![\w.+\-])@[\w.\-]{1,64}\w(?:@[\w.\-]{1,253}\w)?")
HASHTAG = re.compile(r"(?<![\w#&])#\w{0,64}[^\W\d]\w{0,64}")

_MONEY = "$€£¥₹₽₩₺₴₫₱₪฿¢"
#: codes are written in capitals; "try" is a word before a number
_CODES = (
    "(?-i:USD|EUR|GBP|JPY|CNY|INR|RUB|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|TRY|BRL|MXN|CAD|AUD|"
    "NZD|KRW|ZAR|AED|SAR|EGP|Rs|Ft)|kr|zł|lei|kč|dollars?|euros?|bucks|rupees?|yen|руб|"
    "рублей|грн|元|円|원"
)
_UNITS = (
    "gb|mb|kb|tb|gib|mib|mhz|ghz|khz|hz|kg|km|cm|mm|ml|px|fps|mah|kwh|mbps|gbps|bytes?|"
    "subscribers?|subs|views|followers|hours?|hrs|minutes?|mins?|seconds?|secs?|days?|"
    "points|pts|files|percent|million|billion|people|participants"
)
_AMOUNT = r"(?:\d{1,3}(?:[ .,'’]\d{3}){1,4}|\d{1,12})(?:[.,]\d{1,2})?(?!\d)"
_NUMBER = rf"(?<![\d.,+\-/(])(?<!\d ){_AMOUNT}\s?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_PATTERNS = (
    # 2020-03-18T12:30:05Z, 18.03.2020, 3/18/20; not the beginning of a longer number
    r"(?<![\d.\-/+])(?:19|20)\d\d([\-/.])\d{1,2}\1\d{1,2}"
    r"(?:[T ]{1,2}\d{1,2}:\d\d(?::\d\d)?(?:\.\d{1,6})?)?(?![\-/.]?\d)",
    rf"(?<![\d.\-/+]){_DAY}([\-/.]){_DAY}\1(?:19|20)?\d\d(?![\-/.]?\d)",
    r"(?<!\d)(?:19|20)\d\d年\d{1,2}月\d{1,2}日",
    # opening hours: 8:00-17:00, 8.30 - 17.00, 0800-1700
    r"(?<!\d)[0-2]?\d[:.h][0-5]\d\s{0,2}(?:-|to|bis|à|a|до)\s{0,2}[0-2]?\d[:.h][0-5]\d"
    r"(?![.:]?\d)",
    r"(?<![\d+\-(])(?<!\d )(?:[01]\d|2[0-4])[0-5]\d\s?-\s?(?:[01]\d|2[0-4])[0-5]\d"
    r"(?![\d\-])",
    r"(?<![\d:])[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)",
    r"(?<![\d\-+])(?:19|20)\d\d\s?[\-/]\s?(?:19|20)\d\d(?![\d\-])",
    # prices and quantities
    rf"(?:[{_MONEY}]|\b(?:{_CODES})\b\.?)\s{{0,2}}-?{_AMOUNT}",
    rf"{_NUMBER}(?:[{_MONEY}]|(?:{_CODES})\b)",
    rf"{_NUMBER}(?:%|(?:{_UNITS})\b)",
    r"(?<![\d.,])[1-9]\d{0,2}(?:[,.'’]\d{3}){2,6}(?![\d,])",
    r"(?<!\d)\d{2,5}\s?[x×*]\s?\d{2,5}(?!\d)",
    # versions and addresses of machines
    r"\b(?:v|ver|version|build|firmware|release|android|ios|macos|os|kernel|patch|win|"
    r"windows)\.?\s{0,2}\d[\d.\-_]{0,40}",
    r"(?<![\d.+])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}"
    r"(?:/\d\d?)?(?![\d.])",
    # 48.856613, 2.352222
    r"(?<![\d.+])-?\d{1,3}\.\d{3,10},\s?-?\d{1,3}\.\d{3,10}",
)
_OTHERS = tuple(re.compile(one, re.IGNORECASE) for one in _PATTERNS)


def blank(text, pattern):
    """``text`` with the pattern's matches blanked; the length stays."""
    return pattern.sub(lambda found: NOTHING * len(found.group()), text)


def addresses(text):
    """Pages, people and topics blanked: what is left may be a name."""
    for pattern in (URL, MENTION, HASHTAG):
        text = blank(text, pattern)
    return text


def quantities(text):
    """Dates, hours, prices, sizes, versions blanked: what is left may be a number."""
    for pattern in _OTHERS:
        text = blank(text, pattern)
    return text
