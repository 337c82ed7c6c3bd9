"""OAuth 2 as pure functions: PKCE, the sign-in address, reading a token answer.

It knows no network, keeps no state, has no randomness of its own and opens no
connection. Storing what comes out, and proving who asked, is the models' job.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .errors import AuthError, ConfigError, MalformedResponse
from .items import Tokens

#: bytes of randomness behind a verifier; 32 give 43 characters, the least that
#: RFC 7636 §4.1 allows and already unguessable
VERIFIER_BYTES = 32
#: errors of RFC 6749 §4.1.2.1 and §5.2 that say our registration is wrong, not the
#: person's sign-in
_REGISTRATION = ("invalid_client", "unauthorized_client", "invalid_scope")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def verifier(random_bytes: bytes) -> str:
    """The PKCE secret from ``VERIFIER_BYTES`` random bytes that the caller drew.

    :raises ValueError: fewer bytes than that
    """
    if len(random_bytes) < VERIFIER_BYTES:
        raise ValueError(f"a verifier needs {VERIFIER_BYTES} random bytes")
    return _encode(random_bytes)


def challenge(secret: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 §4.2)."""
    return _encode(hashlib.sha256(secret.encode("ascii")).digest())


def authorize_url(
    endpoint: str,
    *,
    client_id: str,
    redirect_uri: str,
    state: str,
    challenge: str = "",
    scopes: Iterable[str] = (),
    extra: Mapping[str, str] | None = None,
) -> str:
    """Where the admin signs in (RFC 6749 §4.1.1).

    A query that ``endpoint`` already has stays; ours comes after it.
    """
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("bad_url", endpoint)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("state", state),
    ]
    if scopes:
        query.append(("scope", " ".join(scopes)))
    if challenge:
        query += [("code_challenge", challenge), ("code_challenge_method", "S256")]
    query += list((extra or {}).items())
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def exchange_form(
    *,
    code: str,
    redirect_uri: str,
    client_id: str,
    client_secret: str = "",
    verifier: str = "",
) -> dict[str, str]:
    """The form that turns an authorisation code into tokens (RFC 6749 §4.1.3)."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": client_id,
        "client_secret": client_secret,
        "code_verifier": verifier,
    }
    return {key: value for key, value in form.items() if value}


def refresh_form(
    *, refresh_token: str, client_id: str, client_secret: str = ""
) -> dict[str, str]:
    """The form that asks for a fresh access token (RFC 6749 §6)."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": client_id,
        "client_secret": client_secret,
    }
    return {key: value for key, value in form.items() if value}


def tokens(answer, now: datetime) -> Tokens:
    """What a token endpoint answered, as ``Tokens``.

    :param answer: the decoded JSON body, of whatever type it turned out to be
    :param now: aware UTC, for a lifetime given in seconds
    :raises AuthError: the server refused the code or the refresh token
    :raises ConfigError: the server refused our registration
    :raises MalformedResponse: there is no token in the answer
    """
    if not isinstance(answer, dict):
        raise MalformedResponse("malformed", "no JSON object in the token answer")
    if answer.get("error"):
        raise error_of(answer)
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise MalformedResponse("malformed", "no access_token in the token answer")
    settings = {"access_token": token}
    if isinstance(answer.get("refresh_token"), str) and answer["refresh_token"]:
        settings["refresh_token"] = answer["refresh_token"]
    granted = answer.get("scope")
    if isinstance(granted, str):
        granted = granted.replace(",", " ").split()
    return Tokens(
        settings=settings,
        expires_at=_expiry(answer.get("expires_in"), now),
        scopes=tuple(str(one) for one in granted or ()),
    )


def answered(response) -> dict:
    """The JSON object in a token endpoint's ``Response``.

    What cannot be read is not quoted, as other answers are: half of it may be a token
    that nobody knows yet, and so could not be redacted. What a refusal says is
    redacted: servers repeat what they were sent.

    :raises MalformedResponse: it is no JSON object
    """
    try:
        found = response.json()
    except MalformedResponse as error:
        raise MalformedResponse(error.code, "token endpoint") from None
    if not isinstance(found, dict):
        raise MalformedResponse("malformed", "token endpoint")
    if isinstance(found.get("error_description"), str):
        said = response.redact(found["error_description"])
        found = {**found, "error_description": said}
    return found


def error_of(answer: Mapping) -> AuthError | ConfigError:
    """The refusal in a token answer or on the way back from the sign-in page."""
    code = str(answer.get("error") or "")[:100]
    detail = str(answer.get("error_description") or code)
    if code in _REGISTRATION:
        return ConfigError("oauth_registration", detail)
    if code == "access_denied":
        return AuthError("oauth_denied", detail)
    return AuthError("oauth_refused", detail)


def _expiry(seconds, now: datetime) -> datetime | None:
    """Some servers give the lifetime as text; none or nonsense means "unknown"."""
    try:
        seconds = float(seconds)
        return now + timedelta(seconds=seconds) if seconds > 0 else None
    except (TypeError, ValueError, OverflowError):
        return None
