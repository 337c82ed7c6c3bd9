"""Our registration with a network, and its webhook address.

Several accounts may share one app. Secrets are write-only: nobody reads them back,
and they are wiped when the host they belong to changes.
"""

import secrets as random_secrets

from odoo import api, fields, models
from odoo.tools.urls import urljoin


class HelpdeskSocialApp(models.Model):
    _name = "helpdesk.social.app"
    _description = "Social Network App"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "network_id, name, id"
    _check_company_auto = True
    _allow_sudo_commands = False

    name = fields.Char(required=True)
    network_id = fields.Many2one(
        "helpdesk.social.network", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self._default_company(),
        tracking=True,
        help="Empty: accounts of all companies may share this registration, and its "
        "budget. Only who is responsible for all companies may then change it.",
    )
    account_ids = fields.One2many("helpdesk.social.account", "app_id")
    options = fields.Json(help="Settings that are not secret.")
    secrets = fields.Json(groups=fields.NO_ACCESS, copy=False)
    #: the server that they were given for; empty as long as no account moved
    secrets_host = fields.Char(groups=fields.NO_ACCESS, copy=False)
    webhook_token = fields.Char(
        groups=fields.NO_ACCESS,
        copy=False,
        default=lambda self: self._default_token(),
        help="The unguessable part of the webhook's address.",
    )
    webhook_secret = fields.Char(
        groups=fields.NO_ACCESS,
        copy=False,
        default=lambda self: self._default_token(),
    )
    webhook_url = fields.Char(
        compute="_compute_webhook_url", groups="helpdesk_mgmt.group_helpdesk_manager"
    )

    _token_unique = models.UniqueIndex("(webhook_token)", "Tokens are unique.")

    @api.model
    def _default_company(self):
        return self.env.company

    @api.model
    def _default_token(self):
        # 32 bytes: unguessable; the alphabet is what Telegram accepts as a secret
        return random_secrets.token_urlsafe(32)

    @api.depends("network_id")
    def _compute_webhook_url(self):
        for app in self:
            # sudo: helpdesk.social.app - a manager copies the address to the network
            token = app.sudo().webhook_token
            app.webhook_url = urljoin(
                app.get_base_url(),
                f"/helpdesk_social/webhook/{app.network_id.code}/{token}",
            )

    def _secrets_for(self, host):
        """The secrets, for an account on this server; none where they are another's."""
        self.ensure_one()
        # sudo: helpdesk.social.app - for the adapter, or to see whether there are any
        app = self.sudo()
        return (app.secrets or {}) if app.secrets_host in (False, host) else {}

    def action_renew_webhook_token(self):
        """A leaked address is worthless after this; the network must be told."""
        self.check_access("write")
        for app in self:
            # sudo: helpdesk.social.app - write-only secrets, access checked above
            app.sudo().write(
                {
                    "webhook_token": self._default_token(),
                    "webhook_secret": self._default_token(),
                }
            )
