"""Meta's webhooks: the proof of an address, signatures, batches of entries. Pure.

One address serves all pages and numbers of an app, and up to a thousand changes come at
once (fact sheet meta §7). Signed is the raw body: Meta writes what is not ASCII as
``\\uXXXX``, and whoever writes the JSON anew gets other bytes.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping

from . import errors, items, signing
from .values import listing, mapping, words

SIGNATURE = "x-hub-signature-256"
PREFIX = "sha256="
#: what Meta asks us to say back: digits, as far as anybody has seen; never markup
CHALLENGE = re.compile(r"[\w.-]{1,200}", re.ASCII)


def handshake(query: Mapping[str, str], secret: str) -> items.Ack | None:
    """The challenge, to who knows our verify token; constant time.

    No secret proves nothing to anybody.
    """
    challenge = query.get("hub.challenge") or ""
    if query.get("hub.mode") != "subscribe" or not CHALLENGE.fullmatch(challenge):
        return None
    if not signing.same(query.get("hub.verify_token") or "", secret):
        return None
    return items.Ack(challenge.encode("ascii"))


def genuine(headers: Mapping[str, str], raw: bytes, app_secret: str) -> bool:
    """Is ``raw`` signed with the app's secret? Constant time; no secret = False."""
    if not app_secret:
        return False
    wanted = PREFIX + signing.digest(app_secret, raw).hex()
    return signing.same((headers.get(SIGNATURE) or "").lower(), wanted)


def entries(raw: bytes, wanted: str) -> list[dict]:
    """The entries of a delivery about objects of the kind ``wanted``.

    :raises MalformedResponse: the body is not what Meta sends, or about other objects:
        the app pushes somewhere else what belongs there
    """
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise errors.MalformedResponse("not_json", "webhook") from error
    body = mapping(body)
    found = [mapping(one) for one in listing(body.get("entry"))]
    if not found:
        raise errors.MalformedResponse("malformed", "webhook")
    if body.get("object") != wanted:
        detail = f"object {words(body.get('object'))[:50]}"
        raise errors.MalformedResponse("unknown_kind", detail)
    return found


def changes(entry: Mapping) -> Iterator[tuple[str, dict]]:
    """(field, value) of each change; also where the entry itself is the change."""
    rows = [mapping(one) for one in listing(entry.get("changes"))]
    if not rows and "field" in entry:
        rows = [dict(entry)]
    for one in rows:
        yield words(one.get("field")), mapping(one.get("value"))


def short(value) -> str:
    """A name for what has none: the same content gets the same."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
