"""Our account with a network: what an admin types in, who we are, our tokens.

It must never hold behaviour.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Setting:
    """One thing an admin types in. ``scope``: ``app`` (shared) or ``account``.

    ``advanced``: hardly anybody needs it. The dialog folds it away, unless something
    else than its default is in it; never together with ``required``.
    """

    key: str
    label: str
    secret: bool = False
    required: bool = False
    help: str = ""
    default: str = ""
    scope: str = "account"
    advanced: bool = False


@dataclass(frozen=True)
class Profile:
    """What ``check`` found: who we are and what the server allows.

    ``facts`` is JSON, stored on the account and given back to every later adapter
    (own id, limits, whether the server has idempotency keys …).
    ``missing_scopes`` lists rights that were not granted. ``expires_at``: the sign-in
    ends then. ``data_until``: it goes on, but from then on some of what is asked for
    comes back empty without any error, until a person signs in again.
    """

    id: str
    handle: str
    name: str = ""
    url: str = ""
    avatar: str = ""
    scopes: tuple[str, ...] = ()
    missing_scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    data_until: datetime | None = None
    facts: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Tokens:
    """What an OAuth exchange or refresh gave; storing it is the model's job.

    ``settings`` are secret settings to store (``access_token``,
    ``refresh_token``).
    """

    settings: dict
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ack:
    """The body a network wants back from a webhook."""

    body: bytes = b""
    mime: str = "text/plain"
