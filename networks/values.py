"""Values of unknown kind out of a network's JSON: the readers that adapters share.

A value of the wrong kind counts as missing, so nothing here raises, whatever the JSON
holds. It must never know a network: what an id or a time looks like is each one's own.
"""

import re
from urllib.parse import urlsplit

_SPACE = re.compile(r"\s")


def mapping(value) -> dict:
    return value if isinstance(value, dict) else {}


def listing(value) -> list:
    return value if isinstance(value, list) else []


def number(value) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def words(value) -> str:
    """A text that can be stored: half an emoji becomes a replacement character, two
    halves become one emoji."""
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        raw = value.encode("utf-16-le", "surrogatepass")
        return raw.decode("utf-16-le", "replace")
    return value


def web_address(text: str) -> str:
    """``text`` when it is an address that may be shown and called, else ''."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return text if usable and not _SPACE.search(text) else ""
