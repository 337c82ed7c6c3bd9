"""An app's webhook: finding the app behind an address, proving deliveries, renewal.

The address and the secret are worth money to a forger: they are compared by the
database's index and by the adapter, and never logged or shown to agents.
"""

from odoo import api, models

from ..networks import base
from . import common


class HelpdeskSocialApp(models.Model):
    _inherit = "helpdesk.social.app"

    @api.model
    def _by_token(self, code, token):
        """The app behind a webhook's address, with sudo; empty when there is none."""
        if not (token.isascii() and token.isprintable()):
            return self.browse()  # never one of ours, and no query for the database
        # sudo: helpdesk.social.app - the caller is a network; it proves itself next
        return self.sudo().search_fetch(
            [("webhook_token", "=", token), ("network_id.code", "=", code)],
            ["network_id", "options", "secrets", "webhook_secret"],
            limit=1,
        )

    def _webhook_adapter(self, code):
        """The network's adapter to check and split a delivery; None without one.

        It has no line to the network: a delivery is answered without any traffic.
        Where an account has its app to itself, its settings count as the app's.
        """
        self.ensure_one()
        adapter_class = self.network_id._adapter_class(code)
        if adapter_class is None or not adapter_class.can(base.WEBHOOK):
            return None
        # sudo: helpdesk.social.app, .account - the adapter needs the secrets
        app = self.sudo()
        account = app.account_ids if len(app.account_ids) == 1 else None
        settings = {one.key: one.default for one in adapter_class.settings_spec}
        for record in (app, account) if account else (app,):
            settings |= {**(record.options or {}), **(record.secrets or {})}
        settings["webhook_secret"] = app.webhook_secret or ""
        facts = account.facts if account else {}
        return adapter_class(settings, None, common.utcnow, facts or {})

    def action_renew_webhook(self):
        """A new webhook address and secret; the old ones are worthless at once."""
        self.ensure_one()
        self.account_ids._check_manager()
        self.action_renew_webhook_token()
        self.invalidate_recordset(["webhook_url"])
        self.account_ids.invalidate_recordset(["webhook_url"])
        told = self.account_ids.filtered("push")
        told.action_subscribe()
        if told:
            message = self.env._("The network knows the new address already.")
        else:
            message = self.env._("Give the new address to the network if it pushes.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("The webhook address was renewed"),
                "message": message,
                "type": "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
