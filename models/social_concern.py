"""What may stand against saying something: concerns, asked for before anything leaves.

A feature of the desk (guard, approval, undo …) adds its own by overriding
``helpdesk.ticket._social_concerns``. They are asked for three times: while somebody
writes, when the reply is queued, and right before it is sent: hours may lie between.
Nothing here decides anything, and nothing may let a reply pass that one of them blocks.
"""

from dataclasses import dataclass, field
from datetime import datetime

from odoo import fields
from odoo.exceptions import UserError

#: effects, in the order of their weight: only shown; kept until a moment or until a
#: person lets it go; refused
WARN, HOLD, BLOCK = "warn", "hold", "block"
#: when the question is asked
WRITE, QUEUE, SEND = "write", "queue", "send"
#: code of the moment in which a reply can be taken back
UNDO = "undo"


@dataclass(frozen=True)
class Words:
    """What somebody wants to say; records, with the rights of whoever asks.

    ``target`` (message answered), ``person`` (identity) and ``files`` may be empty.
    ``consent``: {code of a concern: what the person decided about it}; written by a
    browser, so it proves nothing: each feature says what it accepts.
    """

    ticket: object
    account: object
    audience: str
    target: object
    person: object
    text: str
    files: object
    user: object
    stage: str
    consent: dict = field(default_factory=dict)
    #: the row that is to be sent; empty before there is one
    message: object = None


@dataclass(frozen=True)
class Concern:
    """One thing that stands against it.

    :param message: a sentence for the person who writes
    :param details: JSON for the feature's own panel; never a secret
    :param until: naive UTC; a hold ends by itself then. None: a person lets it go
    """

    code: str
    effect: str
    message: str
    details: dict = field(default_factory=dict)
    until: datetime | None = None

    def told(self):
        """For the browser."""
        return {
            "code": self.code,
            "effect": self.effect,
            "message": self.message,
            "details": self.details,
            "until": fields.Datetime.to_string(self.until) or False,
        }


class ConcernError(UserError):
    """Refused; ``concerns`` says by what."""

    def __init__(self, concerns):
        self.concerns = [one for one in concerns if one.effect == BLOCK]
        super().__init__("\n".join(one.message for one in self.concerns))
