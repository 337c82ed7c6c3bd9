"""Settings of the guard: what the brand publishes, and whether two must agree."""

from odoo import fields, models

SECOND = "Whoever sends private data in public says why; another person must agree."


class ResCompany(models.Model):
    _inherit = "res.company"

    social_guard_second = fields.Boolean(
        string="Second Person for Private Data in Public",
        groups="base.group_user",
        help=SECOND,
    )
    social_published = fields.Text(
        string="Published Contact Data",
        groups="base.group_user",
        help="What may stand in any public answer: phone numbers, e-mail addresses, "
        "domains, addresses of shops; one a line. The company's own are known.",
    )


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    social_guard_second = fields.Boolean(
        string="Second Person for Private Data in Public",
        groups="base.group_user",
        help=SECOND,
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    social_guard_second = fields.Boolean(
        related="company_id.social_guard_second", readonly=False
    )
    social_published = fields.Text(
        related="company_id.social_published", readonly=False
    )
