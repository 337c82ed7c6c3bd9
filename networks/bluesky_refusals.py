"""What a refusal of an AT Protocol server means: the one table for this network.

Pure. A refusal has a name, ``{"error", "message"}``; what has none goes by its status
through the common table. Fact sheet bluesky §1, §6.
"""

import re

from . import errors
from .bluesky_values import words
from .transport import Response
from .values import mapping

#: name of a refusal -> (error, code); what is missing here goes by its status (§1, §6)
REFUSALS = {
    "ExpiredToken": (errors.AuthError, "token_expired"),
    "InvalidToken": (errors.AuthError, "auth"),
    "AuthMissing": (errors.AuthError, "auth"),
    "AuthenticationRequired": (errors.AuthError, "auth"),
    "AuthFactorTokenRequired": (errors.AuthError, "second_factor"),
    # of somebody else; ours is a 401
    "AccountTakedown": (errors.RejectedError, "deactivated"),
    "AccountDeactivated": (errors.RejectedError, "deactivated"),
    "AccountSuspended": (errors.RejectedError, "account_suspended"),
    "NotFound": (errors.NotFoundError, "not_found"),
    "RecordNotFound": (errors.NotFoundError, "not_found"),
    "RepoNotFound": (errors.NotFoundError, "not_found"),
    "BlobNotFound": (errors.NotFoundError, "not_found"),
    "RepoTakendown": (errors.NotFoundError, "not_found"),
    "RepoSuspended": (errors.NotFoundError, "not_found"),
    "RepoDeactivated": (errors.NotFoundError, "not_found"),
    "ReplyTargetNotFound": (errors.NotFoundError, "not_found"),
    "InvalidSwap": (errors.RejectedError, "gone_stale"),
    "BlobTooLarge": (errors.RejectedError, "media_rejected"),
    "InvalidMimeType": (errors.RejectedError, "media_rejected"),
    "InvalidCursor": (errors.CursorExpired, "cursor_expired"),
    "MessagesDisabled": (errors.RejectedError, "messages_disabled"),
    "NotFollowedBySender": (errors.RejectedError, "not_followed"),
    "BlockedActor": (errors.RejectedError, "blocked"),
    "BlockedSubject": (errors.RejectedError, "blocked"),
    "RecipientNotFound": (errors.RejectedError, "unknown_person"),
    "InvalidConvo": (errors.NotFoundError, "chat_not_found"),
    "ConvoLocked": (errors.RejectedError, "conversation_locked"),
    "ReactionMessageDeleted": (errors.NotFoundError, "not_found"),
}
#: the same said in words, where the name is ``InvalidRequest`` for everything
_PHRASES = (
    (
        r"must not be longer than|(grapheme|string) too (long|big)",
        errors.RejectedError,
        "too_long",
    ),
    (r"\bblock(ed)? ", errors.RejectedError, "blocked"),
    (
        r"not found|could not (locate|find)|unable to resolve",
        errors.NotFoundError,
        "not_found",
    ),
    (r"cursor", errors.CursorExpired, "cursor_expired"),
)
#: a server between us and another: its own credentials were refused, not ours
_BETWEEN = re.compile(r"BadJwt\w*|UntrustedIss|JwtExpired|IncorrectAudience")


def refusal(response: Response) -> errors.NetworkError | None:
    """What a refusal's name means; None leaves it to the common table (429, 5xx,
    and whatever has no name)."""
    try:
        said = mapping(response.json())
    except errors.MalformedResponse:
        return None
    name, message = words(said.get("error")), words(said.get("message"))
    detail = f"{name}: {message}" if message else name
    if response.status == 429 or response.status >= 500 or not name:
        return None
    if _BETWEEN.fullmatch(name):
        return errors.TransientError("http_502", detail)
    if name == "InvalidToken" and "token method" in message:
        return errors.ScopeError("scope", detail)
    if response.status == 401 and name in ("AccountTakedown", "AccountDeactivated"):
        return errors.AuthError("account_suspended", detail)
    if name in REFUSALS:
        kind, code = REFUSALS[name]
        return kind(code, detail)
    if response.status == 413:
        return errors.RejectedError("media_rejected", detail)
    if response.status == 400:
        for pattern, kind, code in _PHRASES:
            if re.search(pattern, message, re.IGNORECASE):
                return kind(code, detail)
        return errors.RejectedError("http_400", detail)
    return None
