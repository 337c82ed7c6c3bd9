"""Replies that wait before they leave: for a moment to pass, or for a person.

Why they wait is said by concerns (``social_concern``). Letting one go only queues it:
everything is checked again before it is sent.
"""

from odoo import api, fields, models
from odoo.fields import Domain

from . import social_concern
from .social_concern import BLOCK, HOLD, SEND, Words


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    consent = fields.Json(
        copy=False, help="{concern: what its author decided about it}"
    )
    held_for = fields.Json(copy=False, help="Codes of the concerns it waits for.")
    held_until = fields.Datetime(
        copy=False, help="When it leaves by itself; empty: a person lets it go."
    )
    released_at = fields.Datetime(
        copy=False, help="When it was let go; its words are of ``queued_at``."
    )

    _held = models.Index("(held_until) WHERE delivery_state = 'held'")

    # === CONCERNS === #
    def _words(self, stage):
        """This reply as ``Words``."""
        self.ensure_one()
        return Words(
            ticket=self.ticket_id,
            account=self.account_id,
            audience=self.audience,
            target=self.parent_id,
            person=self.to_identity_id or self.parent_id.identity_id,
            text=self.text or "",
            files=self.attachment_ids,
            user=self.user_id,
            stage=stage,
            consent=self.consent or {},
            message=self,
        )

    def _stopped_by(self):
        """What stands against this reply at the very moment of sending."""
        concerns = self.ticket_id._social_concerns(self._words(SEND))
        return [one for one in concerns if one.effect in (BLOCK, HOLD)]

    @api.model
    def _held_values(self, concerns):
        """How a row waits for these concerns; empty when none of them holds it."""
        holds = [one for one in concerns if one.effect == HOLD]
        if not holds:
            return {}
        moments = [one.until for one in holds]
        return {
            "delivery_state": "held",
            "held_for": list(dict.fromkeys(one.code for one in holds)),
            "held_until": max(moments) if all(moments) else False,
        }

    def _held_by(self, concerns):
        """These rows of one reply are held by ``concerns``; features act on it."""
        return None

    # === LETTING GO === #
    def _release(self):
        """What waited goes into the queue; the rows that did."""
        now = fields.Datetime.now()
        released = self._move(
            "queued", held_for=False, held_until=False, released_at=now
        )
        if released:
            self.env["helpdesk.social.outbox"]._wake()
        return released

    @api.model
    def _release_due(self):
        """What waited for a moment that has come."""
        due = self.search(
            Domain("delivery_state", "=", "held")
            & Domain("held_until", "<=", fields.Datetime.now()),
            order="id",
            limit=1000,
        )
        return due._locked()._release() if due else due


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_concerns(self, words):
        """What stands against saying ``words``; features of the desk add theirs.

        :param words: ``social_concern.Words``
        :return: list of ``social_concern.Concern``
        """
        return []

    def _social_refuse_concerns(self, concerns):
        """:raises ConcernError: when one of them blocks"""
        if any(one.effect == BLOCK for one in concerns):
            raise social_concern.ConcernError(concerns)
