"""A warning for people who sell: this contact complains in public, and nobody answered.

Only what was said in public counts, found with the rights of whoever looks; of the
ticket nothing is told but that there is one. Private conversations never show here.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ..networks.items import PUBLIC


class ResPartner(models.Model):
    _inherit = "res.partner"

    social_complaint_count = fields.Integer(
        string="Public Complaints",
        compute="_compute_social_complaint_count",
        search="_search_social_complaint_count",
        help="Public messages of this contact, or of its people, that wait for an "
        "answer of ours in an open ticket.",
    )

    @api.model
    def _social_complaints(self):
        """Messages that make a complaint: public, waiting, in an open ticket."""
        return (
            Domain("audience", "=", PUBLIC)
            & Domain("waiting", "=", True)
            & Domain("direction", "=", "in")
            # any!: whether it is open, whoever may read the ticket
            & Domain("ticket_id", "any!", [("stage_id.closed", "!=", True)])
        )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_social_complaint_count(self):
        counts = defaultdict(int)
        of_partner = self._social_identities()
        everyone = self.env["helpdesk.social.identity"].union(*of_partner.values())
        if everyone:
            groups = self.env["helpdesk.social.message"]._read_group(
                self._social_complaints() & Domain("identity_id", "in", everyone.ids),
                ["identity_id"],
                ["__count"],
            )
            counts.update({identity.id: count for identity, count in groups})
        for partner in self:
            theirs = of_partner.get(partner._origin) or ()
            partner.social_complaint_count = sum(counts[one.id] for one in theirs)

    @api.model
    def _search_social_complaint_count(self, operator, value):
        """Contacts with any, or without: what the filter asks."""
        none = operator == "in" and set(value) == {0}
        if not none and (operator, value) != (">", 0):
            return NotImplemented
        waiting = self.env["helpdesk.social.message"]._read_group(
            self._social_complaints() & Domain("identity_id.partner_id", "!=", False),
            ["identity_id"],
        )
        ids = {identity.partner_id.id for (identity,) in waiting}
        found = Domain("id", "parent_of", list(ids)) if ids else Domain.FALSE
        return ~found if none else found

    def social_complaint(self):
        """For the banner on other forms: ``{count, name}``, or False."""
        partner = self.exists()[:1]
        if not partner:
            return False
        partner.check_access("read")
        count = partner.social_complaint_count
        return {"count": count, "name": partner.display_name} if count else False
