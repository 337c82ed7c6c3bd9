"""An app's webhook: finding the app behind an address, proving deliveries, renewal.

The address and the secret are worth money to a forger: they are compared by the
database's index and by the adapter, and never logged or shown to agents.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..networks import base, errors
from . import common, social_till


class Unplugged:
    """A transport without a line: a delivery is answered without any traffic."""

    #: what adapters may set or read on a transport
    classify = None
    rate = None

    def request(self, *args, **kwargs):
        raise errors.TransientError("unreachable", "no traffic in a webhook")

    def redact(self, text):
        return text


class HelpdeskSocialApp(models.Model):
    _inherit = "helpdesk.social.app"

    @api.model
    def _door(self, code, token):
        """(app, adapter, account) behind a webhook's address, or None.

        ``account`` is set where the app has only that one; its settings then count
        as the app's. Everything in one query: this is the path that a busy network
        takes, and that a forger may take as often as he likes.
        """
        if not (token.isascii() and token.isprintable()):
            return None  # never one of ours, and no question for the database
        adapter_class = self.env["helpdesk.social.network"]._adapter_class(code)
        if adapter_class is None or not adapter_class.can(base.WEBHOOK):
            return None
        # SQL: the ORM would ask three times; the caller is a network, which proves
        # itself with the secrets that are read here
        self.env.cr.execute(
            SQL(
                """
                SELECT p.id, p.webhook_secret, p.options, p.secrets,
                    a.id, a.options, a.secrets, a.facts
                FROM helpdesk_social_app p
                JOIN helpdesk_social_network n ON n.id = p.network_id
                LEFT JOIN helpdesk_social_account a ON a.app_id = p.id
                WHERE p.webhook_token = %s AND n.code = %s
                LIMIT 2
                """,
                token,
                code,
            )
        )
        rows = self.env.cr.fetchall()
        if not rows:
            return None
        app_id, secret, *app_settings, account_id, options, secrets, facts = rows[0]
        settings = {one.key: one.default for one in adapter_class.settings_spec}
        if len(rows) > 1 or not account_id:
            account_id, options, secrets, facts = False, {}, {}, {}
        for found in (*app_settings, options, secrets):
            settings |= found or {}
        settings["webhook_secret"] = secret or ""
        adapter = adapter_class(settings, Unplugged(), common.utcnow, facts or {})
        # some networks bill what they deliver
        zone = social_till.zone_of(adapter)
        adapter.spent = social_till.Till(self.env.cr, app_id, account_id, zone)
        # sudo: helpdesk.social.app, .account - for the journal, once it is proved
        account = self.env["helpdesk.social.account"].sudo().browse(account_id)
        return self.sudo().browse(app_id), adapter, account

    def _check_one_webhook(self):
        """A network keeps one address per registration: another record of the same
        one, perhaps of another company, would silently lose what is pushed to it.

        :raises UserError: there is one, and it is pushed to
        """
        self.ensure_one()
        if not self.network_id._get_adapter_class().shared_app:
            return
        # sudo: helpdesk.social.app - secrets are only compared, nothing is told
        mine, apps = self.sudo(), self.sudo().with_context(active_test=False)
        keys = set((mine.secrets or {}).values())
        others = apps.search(
            [
                ("network_id", "=", mine.network_id.id),
                ("id", "!=", mine.id),
                ("account_ids.push", "=", True),
            ]
        )
        if any(keys & set((one.secrets or {}).values()) for one in others):
            raise UserError(
                self.env._(
                    "Another registration in this database has the same keys and "
                    "receives what the network pushes, which goes to one address only. "
                    "Connect this account under that registration (an administrator "
                    "can share it with all companies), register an app of its own "
                    "with the network, or let Odoo ask the network itself."
                )
            )

    def action_renew_webhook(self):
        """A new webhook address and secret; the old ones are worthless at once."""
        self.ensure_one()
        self.check_access("write")
        accounts = self._all_accounts()
        if self.company_id:
            accounts.sudo(self.env.su)._check_manager()
        self.action_renew_webhook_token()
        self.invalidate_recordset(["webhook_url"])
        accounts.invalidate_recordset(["webhook_url"])
        # of whatever company: who may renew a shared address answers for all
        told = accounts.filtered(lambda one: one.active and one.push)
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
