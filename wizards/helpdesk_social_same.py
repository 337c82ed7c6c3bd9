"""The dialog that says that two identities of one network are the same person.

It decides nothing: the identity checks the rights and does the work.
"""

from odoo import fields, models


class HelpdeskSocialSame(models.TransientModel):
    _name = "helpdesk.social.same"
    _description = "Merge Social Identities"

    identity_id = fields.Many2one("helpdesk.social.identity", string="This Identity")
    into_id = fields.Many2one(
        "helpdesk.social.identity",
        string="Is the Same As",
        domain="[('network_id', '=', network_id), ('company_id', '=', company_id), "
        "('id', '!=', identity_id), ('shared', '=', False)]",
    )
    # not as superuser: anybody may name any identity here by RPC
    network_id = fields.Many2one(related="identity_id.network_id", related_sudo=False)
    company_id = fields.Many2one(related="identity_id.company_id", related_sudo=False)

    def action_merge(self):
        self.ensure_one()
        self.identity_id.action_merge(self.into_id.id)
        return {"type": "ir.actions.act_window_close"}
