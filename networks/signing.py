"""Keyed hashes as networks use them: to prove a delivery, to sign a request. Pure.

It compares in constant time and never says which byte was wrong; an empty secret
proves nothing to anybody.
"""

import base64
import hashlib
import hmac


def digest(secret: str, message: bytes, algorithm: str = "sha256") -> bytes:
    """HMAC (RFC 2104) of ``message``."""
    return hmac.new(secret.encode(), message, getattr(hashlib, algorithm)).digest()


def base64_digest(secret: str, message: bytes, algorithm: str = "sha256") -> str:
    return base64.b64encode(digest(secret, message, algorithm)).decode("ascii")


def same(given: str, wanted: str) -> bool:
    """Are both the same? Takes as long whatever differs; nothing equals nothing."""
    if not given or not wanted:
        return False
    return hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), wanted.encode("utf-8", "surrogatepass")
    )
