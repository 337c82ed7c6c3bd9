"""Taking back the answer to a suggestion: one click links, one click undoes it exactly.

Only the last answer, and only as long as nothing else was decided since.
"""

from odoo import models
from odoo.exceptions import UserError


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    def _decisions(self, answer):
        """What will have been decided, remembered before the suggestion goes."""
        # sudo: helpdesk.social.identity - the record of who decided what
        return {
            one: {
                "answer": answer,
                "partner": one.suggested_partner_id.id,
                "reason": one.suggestion_reason,
                "confidence": one.suggestion_confidence,
                "by": self.env.uid,
            }
            for one in self.sudo()
            if one.suggestion_reason
        }

    def _decided(self, decisions):
        for identity, decision in decisions.items():
            identity.decision = decision

    def _decision_now(self):
        """The last decision if it is still what holds, and its contact is there."""
        self.ensure_one()
        # sudo: helpdesk.social.identity - callers check who asks
        own = self.sudo()
        decision = own.decision or {}
        partner = own.env["res.partner"].browse(decision.get("partner")).exists()
        if not decision or own.suggestion_reason:
            return None, partner
        if decision["answer"] == "accepted":
            holds = partner and own.partner_id == partner
        else:
            holds = not own.partner_id and partner <= own.refused_partner_ids
        return (decision if holds else None), partner

    def _decision_told(self):
        """{answer, contact} of this user's own last answer, else None."""
        if not self.env.su and not self._entitled_to_link():
            return None
        # sudo: helpdesk.social.identity - whose decision it was
        if (self.sudo().decision or {}).get("by") != self.env.uid:
            return None
        decision, partner = self._decision_now()
        if not decision or not partner.sudo(False)._filtered_access("read"):
            return None
        return {"answer": decision["answer"], "name": partner.display_name}

    def action_undo_decision(self):
        """As if nobody had answered: the suggestion is there again."""
        for identity in self:
            identity._check_may_link()
            decision, partner = identity._decision_now()
            if not decision:
                raise UserError(
                    self.env._("Something else was decided since; look at it again.")
                )
            partner.sudo(False).check_access("read")
            if decision["answer"] == "accepted":
                identity._unlink_partner(refuse=False)
            # sudo: helpdesk.social.identity - written by code only; checked above
            identity.sudo().write(
                {
                    "refused_partner_ids": [(3, partner.id)] if partner else [],
                    "suggested_partner_id": partner.id,
                    "suggestion_reason": decision["reason"],
                    "suggestion_confidence": decision["confidence"],
                    "decision": False,
                }
            )
