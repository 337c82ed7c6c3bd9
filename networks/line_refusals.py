"""LINE's refusals: status, then words, as there are no codes. Fact sheet line §4."""

import json
from datetime import datetime, timezone

from . import errors
from .values import listing, mapping, words

#: the key of the call was used before, and what it asked for was accepted
ACCEPTED = 409
#: seconds to leave it alone: the rates are per second, and LINE names no time
WAIT = 10.0


class TokenUsed(errors.RejectedError):
    """The reply token is used or has ended: nothing was said by this call."""


def refusal(response, effect: bool) -> errors.NetworkError | None:
    """The error behind an answer that is not a success; None: by the common table."""
    said, detail = _said(response)
    status = response.status
    if status == 400 and "reply token" in said.lower():
        return TokenUsed("token_used", detail)
    if status == 400 and said.startswith("Failed to send messages"):
        return errors.RejectedError("undeliverable", detail)
    if status == 400:
        return errors.RejectedError("bad_parameter", detail)
    if status == 403:
        return errors.ScopeError("scope", detail)
    if status == 410:
        return errors.NotFoundError("not_found", detail)
    if status == 413:
        return errors.RejectedError("too_long", detail)
    if status == 429 and "monthly limit" in said:
        return errors.Exhausted("month_used_up", detail)
    if status == 429:
        told = response.headers.get("retry-after", "")
        seconds = float(told) if told.isascii() and told.isdigit() else WAIT
        return errors.RateLimited("rate_limited", detail, retry_after=seconds)
    return None


def _said(response) -> tuple[str, str]:
    """(the message, it and what it is about)."""
    try:
        body = mapping(json.loads(response.content))
    except (ValueError, RecursionError):
        return "", ""
    said = words(body.get("message"))
    about = [mapping(one) for one in listing(body.get("details"))]
    more = [
        f"{words(one.get('property'))}: {words(one.get('message'))}" for one in about
    ]
    return said, " ".join((said, *more[:3]))


def until_next_month(now: datetime) -> float:
    """Seconds until the plan's next month, which begins in Japan (LINE's own time).

    Which hour it is exactly is not written anywhere (unconfirmed): a day of air.
    """
    first = datetime(
        now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=timezone.utc
    )
    return (first - now).total_seconds()
