"""A lead from a message, where `crm` is installed; nothing here depends on it.

The words of a message that is not public stay in ``helpdesk.social.message``: a lead
has followers, colleagues and an e-mail address of its own.
"""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..networks.items import PUBLIC

TITLE = 60


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    # not a Many2one: the model is there only where crm is installed
    lead_res_id = fields.Integer(copy=False, readonly=True, string="Lead")
    may_create_lead = fields.Boolean(compute="_compute_may_create_lead")
    lead_exists = fields.Boolean(compute="_compute_may_create_lead")

    @api.depends("direction", "context", "lead_res_id", "deleted_at")
    @api.depends_context("uid")
    def _compute_may_create_lead(self):
        leads = self._leads()
        entitled = leads is not None and leads.has_access("create")
        existing = set()
        if entitled and any(self.mapped("lead_res_id")):
            ids = [one for one in self.mapped("lead_res_id") if one]
            existing = set(leads.search([("id", "in", ids)])._ids)
        for message in self:
            message.lead_exists = message.lead_res_id in existing
            message.may_create_lead = (
                entitled
                and message.direction == "in"
                and not message.deleted_at
                and not message.lead_exists
            )

    @api.model
    def _leads(self):
        """The model of leads, or None where crm is not installed."""
        if "crm.lead" not in self.env:
            return None
        return self.env["crm.lead"].with_context(active_test=False)

    def action_create_lead(self):
        """Make a lead of this message and show it; a second click shows the first."""
        self.ensure_one()
        self.check_access("read")
        leads = self._leads()
        if leads is None:
            raise UserError(
                self.env._("Install the app CRM to make leads from messages.")
            )
        lead = (
            leads.search([("id", "=", self.lead_res_id)]) if self.lead_res_id else leads
        )
        if not lead:
            if self.direction != "in" or self.deleted_at:
                raise UserError(
                    self.env._("A lead can be made from a message that was received.")
                )
            lead = leads.create(self._lead_values())
            # sudo: helpdesk.social.message - remember the lead, nothing else
            self.sudo().lead_res_id = lead.id
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": lead.id,
            "views": [(False, "form")],
        }

    def _lead_values(self):
        identity = self.identity_id
        partner = identity.partner_id
        return {
            "name": self._lead_title(),
            "description": self._lead_description(),
            "company_id": self.company_id.id,
            "user_id": self.env.uid,
            "partner_id": partner.id,
            "contact_name": False if partner else identity.name or identity.handle,
        }

    def _lead_words(self):
        who = self.identity_id._social_label()
        return {"who": who, "network": self.network_id.name}

    def _lead_title(self):
        words = {
            "who": self.identity_id._social_label(),
            "network": self.network_id.name,
        }
        text = " ".join((self.text or "").split()) if self.audience == PUBLIC else ""
        if text and not self.warning:
            return text if len(text) <= TITLE else f"{text[: TITLE - 1]}…"
        return self.env._("%(who)s on %(network)s", **words)

    def _lead_description(self):
        """The quote of a public post; of anything else only that there was one."""
        words = {
            "who": self.identity_id._social_label(),
            "network": self.network_id.name,
        }
        if self.audience != PUBLIC:
            note = self.env._(
                "%(who)s wrote to us on %(network)s, not in public. What was said is "
                "in the contact's social history, for those who may read it.",
                **words,
            )
            return plaintext2html(note)
        head = self.env._("%(who)s wrote on %(network)s:", **words)
        note = plaintext2html(head) + Markup("<blockquote>%s</blockquote>") % (
            plaintext2html(self.text or "")
        )
        link = self.permalink or ""
        if link.startswith(("https://", "http://")):
            note += Markup('<p><a href="%(link)s">%(link)s</a></p>') % {"link": link}
        return note
