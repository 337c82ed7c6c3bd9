"""A contact's social identities."""

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    social_identity_ids = fields.One2many(
        "helpdesk.social.identity", "partner_id", string="Social Identities"
    )
