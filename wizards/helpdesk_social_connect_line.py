"""One setting in the connect dialog, and the buttons that open the dialog.

A secret stays here no longer than until the dialog's next step.
"""

from odoo import api, fields, models


class HelpdeskSocialConnectLine(models.TransientModel):
    _name = "helpdesk.social.connect.line"
    _description = "Setting of a Social Account"
    _order = "sequence, id"

    wizard_id = fields.Many2one(
        "helpdesk.social.connect", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer()
    key = fields.Char(required=True)
    scope = fields.Char(default="account", help="Whose setting: account or app.")
    label = fields.Char(required=True)
    help = fields.Char()
    required = fields.Boolean()
    secret = fields.Boolean()
    advanced = fields.Boolean(help="Hardly anybody needs it: it is folded away.")
    default = fields.Char()
    filled = fields.Boolean(
        compute="_compute_filled", help="Something else than the default is in it."
    )
    stored = fields.Boolean(help="A value is there already; empty keeps it.")
    value = fields.Char()

    @api.depends("value", "default", "stored")
    def _compute_filled(self):
        for line in self:
            own = line.value and line.value != line.default
            line.filled = line.stored or bool(own)


class HelpdeskSocialNetwork(models.Model):
    _inherit = "helpdesk.social.network"

    def action_open_connect(self):
        """From the catalogue: connect an account of this network."""
        self.ensure_one()
        return self.env["helpdesk.social.connect"]._open_for(self)

    def action_open_accounts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_social.action_account"
        )
        action["domain"] = [("network_id", "=", self.id)]
        action.pop("path", None)
        return action


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    def action_open_connect(self):
        """From the account: change its settings, or connect it again."""
        self.ensure_one()
        return self.env["helpdesk.social.connect"]._open_for(self.network_id, self)
