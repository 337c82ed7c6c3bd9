"""A contact's social identities and everything said with it on social networks.

The history is searched as the user who looks; nothing here may count or show a
message that this user may not read.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from . import social_evidence
from .helpdesk_social_identity import NO_SUGGESTION

MANAGER = "helpdesk_mgmt.group_helpdesk_manager"


class ResPartner(models.Model):
    _inherit = "res.partner"

    social_identity_ids = fields.One2many(
        "helpdesk.social.identity", "partner_id", string="Social Identities"
    )
    social_shown_identity_ids = fields.Many2many(
        "helpdesk.social.identity",
        string="Social Identities and Those of Its People",
        compute="_compute_social_shown_identity_ids",
    )
    social_suggested_identity_ids = fields.One2many(
        "helpdesk.social.identity",
        "suggested_partner_id",
        string="Suggested Social Identities",
    )
    social_message_count = fields.Integer(
        string="Social Messages", compute="_compute_social_message_count"
    )
    social_may_link = fields.Boolean(compute="_compute_social_may_link")

    # The matching looks contacts up by these expressions, which no search knows
    _social_phone_tail = models.Index(
        f"({social_evidence.phone_tail_sql('phone')}) WHERE phone IS NOT NULL"
    )
    _social_email = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )
    _social_email_name = models.Index(
        "(split_part(email_normalized, '@', 1)) WHERE email_normalized IS NOT NULL"
    )
    _social_website = models.Index("(lower(website)) WHERE website IS NOT NULL")

    # === COMPUTE METHODS === #
    def _social_identities(self):
        """{contact: identities}, a company's with those of its people."""
        identities = self.env["helpdesk.social.identity"]
        found = dict.fromkeys(self, identities)
        if not self.ids:
            return found
        shown = identities.search([("partner_id", "child_of", self.ids)])
        for identity in shown:
            # sudo: res.partner - only the line of parents, which may be closed
            partner = identity.sudo().partner_id
            while partner:
                if partner in found:
                    found[partner] |= identity
                partner = partner.parent_id
        return found

    @api.depends("social_identity_ids", "child_ids.social_identity_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_social_shown_identity_ids(self):
        identities = self._social_identities()
        for partner in self:
            partner.social_shown_identity_ids = identities.get(partner._origin, False)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_social_message_count(self):
        identities = self._social_identities()
        counts = self.env["helpdesk.social.identity"]._count_messages(identities)
        for partner in self:
            partner.social_message_count = counts.get(partner._origin, 0)

    @api.depends_context("uid")
    def _compute_social_may_link(self):
        self.social_may_link = self.env["helpdesk.social.identity"]._entitled_to_link()

    # === CRUD === #
    def unlink(self):
        """Override of `base`: an identity outlives its contact, unlinked."""
        # sudo: helpdesk.social.identity - whoever may delete a contact ends its links
        identities = (
            self.env["helpdesk.social.identity"]
            .sudo()
            .search(
                Domain("partner_id", "in", self.ids)
                | Domain("suggested_partner_id", "in", self.ids)
            )
        )
        identities.filtered("partner_id")._clear_link()
        suggested = identities.filtered("suggested_partner_id")
        suggested.write(NO_SUGGESTION)
        return super().unlink()

    # === ACTIONS === #
    def action_view_social_history(self):
        """What was said with this contact, on all networks."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_social.action_social_history"
        )
        return {
            **action,
            "display_name": self.env._("Social: %(name)s", name=self.display_name),
            "domain": [("contact_id", "in", self.ids)],
        }

    def action_link_social_identity(self):
        """The dialog that links an identity to this contact."""
        self.ensure_one()
        self.env["helpdesk.social.identity"]._check_may_link(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Link a social identity"),
            "res_model": "helpdesk.social.link",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    # === MATCHING AND FORGETTING === #
    def _social_collapse(self):
        """The people among these contacts: no addresses, no company of theirs."""
        people = self.browse()
        for partner in self:
            while partner.type not in (False, "contact") and partner.parent_id.active:
                partner = partner.parent_id
            people |= partner
        # a company that has the same number or address as one of its people
        firms = people.filtered(
            lambda firm: (
                firm.is_company
                and any(
                    one != firm and one.commercial_partner_id == firm for one in people
                )
            )
        )
        return people - firms

    def _social_forget(self):
        """Forget what these contacts said and wrote on social networks."""
        # sudo: helpdesk.social.identity - a request to be forgotten concerns every
        # company; the identities check who asks
        identities = self.sudo().social_identity_ids.sudo(self.env.su)
        return identities._social_forget()

    def action_social_forget(self):
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Only a helpdesk manager may forget a person.")
            )
        self.check_access("write")
        self._social_forget()
