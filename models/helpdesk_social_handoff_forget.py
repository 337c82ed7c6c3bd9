"""Forgetting a person reaches our own page, and what we invited them with.

An override of ``helpdesk_social_forget``, which must be loaded before it.
"""

from odoo import models

from ..networks import items


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    def _social_forget(self):
        """Override: on our own page the person has another name for the machine; and
        an invitation is of no use to somebody forgotten."""
        # sudo: helpdesk.social.handoff - nobody reads it; who may forget is checked
        handoffs = (
            self.env["helpdesk.social.handoff"]
            .sudo()
            .search([("identity_id", "in", self.ids)])
        )
        pages = handoffs.filtered(lambda one: one.way == items.PAGE)
        people = self | pages.conversation_id.identity_id.sudo(self.env.su)
        result = super(HelpdeskSocialIdentity, people)._social_forget()
        handoffs.browser_ids.unlink()
        # sudo: ir.attachment - files that nobody has fetched yet
        self.env["ir.attachment"].sudo().search(handoffs._page_waiting()).unlink()
        handoffs.write({"state": "ended", "token_hash": False})
        return result
