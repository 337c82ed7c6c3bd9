"""The dialog that says who is behind an identity: choose a contact, or make one.

It decides nothing: the identity checks the rights and does the work.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError


class HelpdeskSocialLink(models.TransientModel):
    _name = "helpdesk.social.link"
    _description = "Link a Social Identity"

    identity_id = fields.Many2one(
        "helpdesk.social.identity",
        string="Social Identity",
        domain="[('shared', '=', False), ('partner_id', '=', False)]",
    )
    partner_id = fields.Many2one("res.partner", string="Contact")
    # which of the two the dialog was opened for
    from_partner = fields.Boolean(compute="_compute_from_partner")
    # not as superuser: anybody may name any identity here by RPC
    company_id = fields.Many2one(related="identity_id.company_id", related_sudo=False)
    network_icon = fields.Char(related="identity_id.network_icon")
    profile = fields.Char(related="identity_id.profile_link", related_sudo=False)
    candidate_ids = fields.Many2many(
        "res.partner", string="Maybe", compute="_compute_candidate_ids"
    )
    may_create = fields.Boolean(compute="_compute_may_create")

    @api.depends_context("default_partner_id")
    def _compute_from_partner(self):
        self.from_partner = bool(self.env.context.get("default_partner_id"))

    @api.depends("identity_id")
    def _compute_candidate_ids(self):
        for dialog in self:
            identity = dialog.identity_id
            dialog.candidate_ids = identity._candidates() if identity else False

    @api.depends_context("uid")
    def _compute_may_create(self):
        self.may_create = self.env["res.partner"].has_access("create")

    def action_link(self):
        self.ensure_one()
        if not self.identity_id:
            raise UserError(self.env._("Choose the social identity first."))
        self.identity_id.action_link(self.partner_id.id)
        return {"type": "ir.actions.act_window_close"}

    def action_create(self):
        self.ensure_one()
        return self.identity_id.action_create_contact()
