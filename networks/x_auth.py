"""OAuth 1.0a signatures (RFC 5849) for the tokens that an admin pastes. Pure.

Query and form fields are signed, JSON and multipart bodies are not (fact sheet x §1).
Nothing here draws randomness or reads a clock: the caller gives nonce and time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from . import signing


@dataclass(frozen=True)
class Keys:
    """The app's pair and the account's pair; all four are secrets."""

    consumer_key: str
    consumer_secret: str
    token: str
    token_secret: str

    def __bool__(self):
        return all(
            (self.consumer_key, self.consumer_secret, self.token, self.token_secret)
        )


def escape(value: str) -> str:
    """Percent-encoding of RFC 5849 §3.6: stricter than that of forms."""
    return quote(value, safe="-._~")


def pairs(values) -> list[tuple[str, str]]:
    """A query or form as (name, text) pairs, as the line will send them."""
    listed = values.items() if isinstance(values, Mapping) else values or ()
    found = []
    for key, value in listed:
        many = value if isinstance(value, list | tuple) else [value]
        found += [(str(key), str(one)) for one in many if one is not None]
    return found


def base_string(method: str, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """What is signed (RFC 5849 §3.4.1)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.port and (parts.scheme, parts.port) not in (("http", 80), ("https", 443)):
        host = f"{host}:{parts.port}"
    address = f"{parts.scheme.lower()}://{host}{parts.path or '/'}"
    encoded = sorted((escape(key), escape(value)) for key, value in parameters)
    line = "&".join(f"{key}={value}" for key, value in encoded)
    return "&".join((method.upper(), escape(address), escape(line)))


def signature(text: str, consumer_secret: str, token_secret: str) -> str:
    """HMAC-SHA1 (RFC 5849 §3.4.2)."""
    key = f"{escape(consumer_secret)}&{escape(token_secret)}"
    return signing.base64_digest(key, text.encode(), "sha1")


def header(
    keys: Keys, method: str, url: str, parameters, nonce: str, timestamp: int
) -> str:
    """The ``Authorization`` header of a request.

    :param url: without the query, which is in ``parameters`` with the form
    """
    oauth = {
        "oauth_consumer_key": keys.consumer_key,
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(timestamp),
        "oauth_token": keys.token,
        "oauth_version": "1.0",
    }
    text = base_string(method, url, [*pairs(parameters), *oauth.items()])
    oauth["oauth_signature"] = signature(text, keys.consumer_secret, keys.token_secret)
    values = ", ".join(f'{key}="{escape(oauth[key])}"' for key in sorted(oauth))
    return f"OAuth {values}"
