"""Accounts that a dialog began and nobody connected: taken up again, or cleared away.

Typing in a dialog makes an account before it is proved, so that what was typed need not
be typed again. Closing the dialog must not leave it behind for ever. What was connected
once, or has anything of its own, is never touched here.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: a day is long enough to find a forgotten password
KEEP = timedelta(days=1)


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    made_by_dialog = fields.Boolean(
        readonly=True, copy=False, groups=fields.NO_ACCESS, help="Not yet connected."
    )

    @api.model
    def _never_connected(self):
        return (
            Domain("made_by_dialog", "=", True)
            & Domain("state", "=", "draft")
            & Domain("connected_at", "=", False)
            & Domain("external_id", "=", False)
        )

    @api.model
    def _begun_by_user(self, network):
        """What this user began for the network and left, the newest first."""
        # sudo: helpdesk.social.account - by a hidden field; only the user's own, whose
        # rights count for what is found
        found = self.sudo().search(
            self._never_connected()
            & Domain("network_id", "=", network.id)
            & Domain("create_uid", "=", self.env.uid)
            & Domain("company_id", "in", self.env.companies.ids),
            order="id desc",
            limit=1,
        )
        return found.sudo(False)._filtered_access("write")

    def _discard(self):
        """Remove what was never connected, and a registration that nobody needs."""
        # sudo: helpdesk.social.account - hidden field; callers have checked
        drafts = self.sudo().filtered_domain(self._never_connected())
        threads = self.env["helpdesk.social.conversation"].sudo()
        used = threads.search([("account_id", "in", drafts.ids)]).account_id
        apps = (drafts - used).app_id
        (drafts - used).unlink()
        # a registration that somebody typed in is kept for the next account
        apps.filtered(
            lambda app: app.company_id and not app._all_accounts() and not app.secrets
        ).unlink()

    @api.autovacuum
    def _gc_never_connected(self):
        """Clear away what dialogs began and nobody connected within a day."""
        old = self.with_context(active_test=False).search(
            self._never_connected()
            & Domain("write_date", "<", fields.Datetime.now() - KEEP),
            limit=1000,
        )
        old._discard()
        return len(old), len(old) == 1000
