"""Two people who may be one: what came with an invitation of somebody else.

A stranger with a token is only a suggestion. One click joins the two tickets, another
says that they are two people; both by somebody who may change both tickets.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .helpdesk_social_account import HELPDESK_USER


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # marks, so that forms of tickets without hand-off cost no query
    social_same_asked = fields.Boolean(
        copy=False,
        groups=HELPDESK_USER,
        help="Somebody came with the invitation of somebody else, on this ticket or "
        "another one: the same person?",
    )

    # === WHAT THE BROWSER SHOWS === #
    def _social_desk(self, targets):
        """Override: the people about whom a person has to decide."""
        desk = super()._social_desk(targets)
        # sudo: helpdesk.ticket - the mark; callers read the ticket themselves
        if self.sudo().social_same_asked:
            found = self._handoff_suggestions()
            desk["same"] = [one for one in map(self._handoff_suggestion, found) if one]
        return desk

    def _handoff_suggestions(self):
        """Undecided invitations that concern these tickets, from either side."""
        # sudo: helpdesk.social.handoff - nobody reads it by themselves; what is told
        # of it is told by ``_handoff_suggestion``
        return (
            self.env["helpdesk.social.handoff"]
            .sudo()
            .search(
                Domain("state", "=", "suggested")
                & (
                    Domain("ticket_id", "in", self.ids)
                    | Domain("conversation_id.ticket_id", "in", self.ids)
                )
            )
        )

    def _handoff_suggestion(self, handoff):
        """One question in words, for somebody who may read both tickets; or None."""
        other = handoff.ticket_id | handoff.conversation_id.ticket_id
        if other.sudo(False)._filtered_access("read") != other:
            return None
        came = handoff.used_by_id
        return {
            "id": handoff.id,
            "came": came._social_label(),
            "came_network": came.network_id.name,
            "invited": handoff.identity_id._social_label(),
            "invited_network": handoff.identity_id.network_id.name,
            # the ticket that is not on the screen
            "ticket": [
                {"id": one.id, "name": one.display_name} for one in other - self
            ],
        }

    # === DECIDING === #
    def social_same_person(self, handoff_id):
        """Yes: their conversation goes on in the ticket that invited."""
        handoff = self._handoff_asked(handoff_id)
        handoff._join()
        return handoff.ticket_id.id

    def social_other_person(self, handoff_id):
        """No: they stay apart, and nobody is asked again."""
        handoff = self._handoff_asked(handoff_id)
        handoff.state = "dismissed"
        handoff._ask_everybody(False)

    @api.model
    def _handoff_id(self, value):
        return int(value) if str(value).isdecimal() else 0

    def _handoff_asked(self, handoff_id):
        """The undecided invitation, for somebody who may change both tickets."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group(HELPDESK_USER):
            raise UserError(self.env._("Only helpdesk users may do this."))
        handoff = self._handoff_suggestions().filtered(
            lambda one: one.id == self._handoff_id(handoff_id)
        )
        if not handoff:
            raise UserError(self.env._("Somebody has decided this already."))
        both = handoff.ticket_id | handoff.conversation_id.ticket_id
        both.sudo(False).check_access("write")
        handoff.lock_for_update()
        return handoff
