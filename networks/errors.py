"""The closed set of ways in which talking to a network can fail.

What each does to the pull, the message and the account is one table in
``models/social_failure.py``; words for people are mapped there from ``code``.
``detail`` is for the log and the admin: short, redacted, never shown to customers.
"""

DETAIL_LENGTH = 300


class NetworkError(Exception):
    """Base. ``code`` is a short, stable word; ``detail`` what the server said."""

    code = "network"
    #: it is about the account's sign-in or all of the host, whatever was asked for
    about_account = False
    #: codes of a host that was not reached, or left us waiting: the next call would
    #: wait for a deadline as well
    NO_LINE = frozenset({"unreachable", "timeout"})

    def __init__(self, code: str = "", detail: str = "", retry_after=None):
        self.code = code or type(self).code
        self.detail = " ".join(str(detail).split())[:DETAIL_LENGTH]
        #: seconds to wait before the next attempt, when the server said so
        self.retry_after = retry_after
        super().__init__(self.code)

    @property
    def no_line(self) -> bool:
        """Was there no answer at all? Then it is rather the host than what we asked."""
        return isinstance(self, TransientError) and self.code in self.NO_LINE

    def __str__(self):
        # from the detail as it is now: the transport redacts it after the fact
        return f"{self.code}: {self.detail}" if self.detail else self.code


class TransientError(NetworkError):
    """Nothing happened; trying again later is right."""

    code = "transient"


class RateLimited(TransientError):
    """The server asks us to slow down; ``retry_after`` in seconds."""

    code = "rate_limited"


class Exhausted(TransientError):
    """Nothing more for this app: its money or quota at the network is used up (402).

    It pauses every account of the app: asking again soon is useless. ``retry_after``
    when the network says from when on it goes on by itself. After an effect: raise it
    only when the network surely did nothing.
    """

    code = "out_of_money"


class UncertainError(NetworkError):
    """An effect may or may not have happened. Never a reason to just try again."""

    code = "uncertain"


class AuthError(NetworkError):
    """The credentials are not (or no longer) accepted."""

    code = "auth"


class ScopeError(AuthError):
    """The credentials are fine but lack a right."""

    code = "scope"


class RejectedError(NetworkError):
    """The server understood and refused; the same request will be refused again."""

    code = "rejected"


class NotFoundError(RejectedError):
    """The thing is gone, or was never visible to us."""

    code = "not_found"


class CursorExpired(NetworkError):
    """The cursor is no longer known: start again from a date, lose nothing."""

    code = "cursor_expired"


class ConfigError(NetworkError):
    """Our own settings are wrong: a host, a missing value, a forbidden address."""

    code = "config"


class MalformedResponse(NetworkError):
    """The server answered something that is not what its API promises."""

    code = "malformed"
