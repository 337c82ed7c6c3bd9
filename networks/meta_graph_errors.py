"""Meta's refusals: code and subcode → our errors. Never the words, which are localised.

One table for Facebook, Messenger, Instagram and WhatsApp, as their codes share one
space. Fact sheets meta §1 *Errors* and whatsapp §5.
"""

import json

from . import errors
from .meta_graph_meter import usage
from .values import listing, mapping, number, words

#: seconds to leave it alone where Meta names no time: the windows of 4, 17 and 32 roll
#: over an hour; 80007 and 80008 are hourly as well (meta §1)
WAIT = 900.0
#: messages per second: over in a moment (whatsapp §5, "80 msg/s")
SHORT_WAIT = 10.0
#: temporarily blocked for abuse: "long pause (hours)" (meta §1)
LONG_WAIT = 4 * 3600.0

AUTH, SCOPE, GONE = errors.AuthError, errors.ScopeError, errors.NotFoundError
REFUSED, SLOW, LATER = errors.RejectedError, errors.RateLimited, errors.TransientError
#: it may have happened: "unknown error", of which nobody can tell what it left behind
UNKNOWN = errors.UncertainError

#: (code, subcode) or code -> class, our code for people
TABLE: dict = {
    # --- who we are
    0: (AUTH, "auth"),
    102: (AUTH, "auth"),
    190: (AUTH, "auth"),
    (190, 458): (AUTH, "revoked"),
    (190, 459): (AUTH, "second_factor"),
    (190, 460): (AUTH, "revoked"),
    (190, 463): (AUTH, "token_ended"),
    (190, 464): (AUTH, "auth"),
    (190, 467): (AUTH, "token_ended"),
    3: (SCOPE, "scope"),
    10: (SCOPE, "scope"),
    131005: (SCOPE, "scope"),
    # --- slower
    4: (SLOW, "rate_limited"),
    17: (SLOW, "rate_limited"),
    32: (SLOW, "rate_limited"),
    613: (SLOW, "rate_limited"),
    80001: (SLOW, "rate_limited"),
    80002: (SLOW, "rate_limited"),
    80006: (SLOW, "rate_limited"),
    80007: (SLOW, "rate_limited"),
    80008: (SLOW, "rate_limited"),
    130429: (SLOW, "rate_limited"),
    # one person only: the others can be written to
    131056: (LATER, "pair_limit"),
    # --- later
    1: (UNKNOWN, "unknown"),
    2: (UNKNOWN, "unknown"),
    131000: (UNKNOWN, "unknown"),
    131016: (LATER, "unavailable"),
    131057: (LATER, "maintenance"),
    # --- the window
    (10, 2018278): (REFUSED, "window_closed"),
    (10, 2534022): (REFUSED, "window_closed"),
    131047: (REFUSED, "window_closed"),
    # --- the person
    (10, 2018108): (REFUSED, "undeliverable"),
    (100, 2018001): (REFUSED, "undeliverable"),
    (100, 2534014): (REFUSED, "undeliverable"),
    (200, 1545041): (REFUSED, "undeliverable"),
    (200, 2018028): (errors.ConfigError, "app_not_live"),
    230: (REFUSED, "undeliverable"),
    551: (REFUSED, "undeliverable"),
    131026: (REFUSED, "undeliverable"),
    131021: (REFUSED, "undeliverable"),
    131030: (REFUSED, "test_number"),
    130472: (REFUSED, "experiment"),
    131049: (REFUSED, "too_many_ads"),
    131050: (REFUSED, "opted_out"),
    131062: (REFUSED, "phone_needed"),
    # --- lists of people whom a number blocks (whatsapp §9)
    139100: (REFUSED, "rejected"),
    139101: (REFUSED, "block_list_full"),
    139102: (LATER, "unavailable"),
    139103: (LATER, "unavailable"),
    # --- the account
    (10, 1893063): (REFUSED, "account_blocked"),
    368: (REFUSED, "account_blocked"),
    131031: (REFUSED, "account_blocked"),
    131048: (REFUSED, "looks_automated"),
    131042: (errors.Exhausted, "payment"),
    131045: (errors.ConfigError, "not_registered"),
    133010: (errors.ConfigError, "not_registered"),
    # --- what was asked for
    (100, 33): (GONE, "not_found"),
    9000001: (GONE, "deleted"),
    100: (REFUSED, "bad_parameter"),
    131008: (REFUSED, "bad_parameter"),
    131009: (REFUSED, "bad_parameter"),
    506: (REFUSED, "duplicate"),
    10900: (REFUSED, "private_reply_used"),
    (100, 2534025): (REFUSED, "private_reply_used"),
    2018300: (REFUSED, "other_program"),
    2534037: (REFUSED, "other_program"),
    2018218: (GONE, "not_found"),
    2018247: (GONE, "not_found"),
    2200: (REFUSED, "webhook_unproved"),
    # --- files
    (100, 2018047): (REFUSED, "media_rejected"),
    (100, 2018109): (REFUSED, "media_rejected"),
    (100, 2018008): (REFUSED, "media_rejected"),
    131051: (REFUSED, "unsupported"),
    131052: (REFUSED, "media_rejected"),
    131053: (REFUSED, "media_rejected"),
    # --- templates
    132000: (REFUSED, "template_values"),
    132001: (REFUSED, "template_gone"),
    132005: (REFUSED, "template_values"),
    132007: (REFUSED, "template_refused"),
    132012: (REFUSED, "template_values"),
    132015: (REFUSED, "template_refused"),
    132016: (REFUSED, "template_refused"),
}
#: "failed to block some users": the reason stands beside each of them (whatsapp §9)
SOME_FAILED = 139100
#: our codes whose sentences ask for a detail
MORE = frozenset({"rejected", "bad_parameter", "template_values"})
WAITS = {130429: SHORT_WAIT, 368: LONG_WAIT}


def code_of(error) -> tuple[int | None, int | None]:
    """(code, subcode) of an error object, of an answer or of a webhook."""
    error = mapping(error)
    return number(error.get("code")), number(error.get("error_subcode"))


def row_of(code, subcode=None) -> tuple[type[errors.NetworkError], str]:
    """What a code means: (class, word for people); the subcode knows better."""
    row = TABLE.get((code, subcode)) or TABLE.get(code)
    if row:
        return row
    if code is not None and 200 <= code <= 299:
        return SCOPE, "scope"
    return REFUSED, "rejected"


def told_later(error) -> str:
    """The word for people of an error that a webhook tells of; Meta's number where our
    word would have to say more than we are told there."""
    code, subcode = code_of(error)
    word = row_of(code, subcode)[1]
    if code is None:
        return "undeliverable"
    return str(code) if word in MORE else word


def refusal(response, effect: bool) -> errors.NetworkError | None:
    """The error behind an answer that is not a success; None: not Meta's words.

    :param effect: something others can see was asked for: what nobody knows the
        outcome of is then uncertain, and only then
    """
    try:
        body = mapping(json.loads(response.content))
    except (ValueError, RecursionError):
        return None
    error = mapping(body.get("error"))
    if number(error.get("code")) == SOME_FAILED:
        error = _of_person(body) or error
    code, subcode = code_of(error)
    if code is None:
        return None
    kind, word = row_of(code, subcode)
    broken = response.status >= 500 or error.get("is_transient") is True
    if kind is REFUSED and word == "rejected" and broken:
        kind, word = UNKNOWN, "unknown"
    if kind is UNKNOWN and not effect:
        kind = LATER
    detail = _detail(error, code, subcode)
    if kind is SLOW:
        known = usage(response.headers).regain or _retry_after(response)
        return SLOW(word, detail, retry_after=known or WAITS.get(code, WAIT))
    if code == 368 and not effect:
        return SLOW("account_blocked", detail, retry_after=WAITS[code])
    return kind(word, detail)


def _of_person(body) -> dict:
    """What it was with the one person we asked about; {} when it is not said."""
    failed = listing(mapping(body.get("block_users")).get("failed_users"))
    for one in failed[:1]:
        return mapping((listing(mapping(one).get("errors")) or [None])[0])
    return {}


def _detail(error, code, subcode) -> str:
    """What the admin may want to know; the numbers first, they can be looked up."""
    more = mapping(error.get("error_data")).get("details")
    said = words(more) or words(error.get("message"))
    trace = words(error.get("fbtrace_id"))
    numbers = f"{code}/{subcode}" if subcode else str(code)
    return " ".join(one for one in (f"({numbers})", said[:200], trace[:40]) if one)


def _retry_after(response) -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() else None
