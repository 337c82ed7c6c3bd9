"""The connect dialog's buttons: store what was typed, try it, say how far it went.

A secret leaves the dialog with the first click. What fails while an account is
connected changes nothing about it: it goes on with the sign-in it had.
"""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..networks import base

GOOD, WARN, BAD = "good", "warn", "bad"
#: shapes, not only colours: the marks are read by everybody
MARKS = {
    GOOD: "fa-check-circle text-success",
    WARN: "fa-exclamation-triangle text-warning",
    BAD: "fa-times-circle text-danger",
}


class HelpdeskSocialConnect(models.TransientModel):
    _inherit = "helpdesk.social.connect"

    # === STORING === #
    def _save_account(self):
        """Write what was typed to the account; secrets leave this dialog here."""
        self.ensure_one()
        values = {
            "name": self.name,
            "team_id": self.team_id.id,
            "speaker_user_ids": [fields.Command.set(self.speaker_user_ids.ids)],
            "lookback_days": self.lookback_days,
        }
        account = self.account_id
        if account:
            account.write(values)
        else:
            account = account.create(
                {
                    **values,
                    "network_id": self.network_id.id,
                    "company_id": self.company_id.id,
                    **({"app_id": self.app_id.id} if self.app_id else {}),
                }
            )
            # sudo: helpdesk.social.account - hidden field of the user's own record
            account.sudo().made_by_dialog = True
            self.write({"account_id": account.id, "app_id": account.app_id.id})
        adapter_class = self.network_id._get_adapter_class()
        settings = {line.key: line.value or "" for line in self.line_ids}
        if adapter_class.host_setting:
            settings[adapter_class.host_setting] = self.server or ""
        account.set_settings(settings)
        self._blank_secrets(stored=True)
        return account

    def _blank_secrets(self, stored=False):
        for line in self.line_ids.filtered("secret"):
            known = line.stored or (stored and bool(line.value))
            line.write({"stored": known, "value": False})

    # === TRYING === #
    def action_sign_in(self):
        """Go to the network's page; the account is finished when it comes back."""
        account = self._save_account()
        try:
            return account._begin_sign_in(self._wants_push())
        except UserError as error:
            # not raised: the secrets that were typed would come back into the dialog
            return self._say([(BAD, str(error))])

    def _wants_push(self):
        """Is the network to push? None: it cannot."""
        adapter_class = self.network_id._get_adapter_class()
        if not adapter_class.can(base.WEBHOOK):
            return None
        return self.receive == "push" or not adapter_class.can(base.PULL)

    def action_connect(self):
        """Try it, and show how far it went."""
        if self.account_state == "active":
            return self._connect_again()
        account = self._save_account()
        try:
            account.action_connect()
        except UserError as error:
            return self._say([(BAD, str(error))])
        return self._done(account)

    def _connect_again(self):
        """New settings for what works: they count if they work as well."""
        try:
            with self.env.cr.savepoint():
                account = self._save_account()
                account.action_connect()
        except UserError as error:
            self._blank_secrets()
            kept = self.env._(
                "Nothing was changed: the account goes on with what it had."
            )
            return self._say([(BAD, str(error)), (WARN, kept)])
        return self._done(account)

    def _done(self, account):
        push = self._wants_push()
        if push is not None:
            account._set_push(push)
        self.step = "done"
        return self._say(self._first_look(account))

    def _say(self, lines):
        self.result = self._render(lines)
        return self._reopen()

    def _first_look(self, account):
        """Read what is there already, so that the admin sees it works."""
        if not account._can_pull():
            return []
        try:
            found = account.action_pull()
        except UserError as error:
            return [(WARN, str(error))]
        if found:
            text = self.env._(
                "Read %(number)s messages of the last %(days)s days.",
                number=found,
                days=account.lookback_days,
            )
        elif account.last_in_at:
            return []  # a lane was quicker, and the check list shows it
        else:
            text = self.env._(
                "Nothing new in the last %(days)s days.", days=account.lookback_days
            )
        return [(GOOD, text)]

    @api.model
    def _render(self, lines):
        row = Markup('<li class="mb-1"><i class="fa fa-fw %s me-2"></i>%s</li>')
        rows = Markup().join(row % (MARKS[kind], text) for kind, text in lines)
        return rows and Markup('<ul class="list-unstyled mb-0">%s</ul>') % rows

    # === AFTERWARDS === #
    def action_accept_backlog(self):
        self.account_id.action_accept_backlog()
        return self.action_open_account()

    def action_dismiss_backlog(self):
        self.account_id.action_dismiss_backlog()
        return self.action_open_account()

    def action_open_account(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.social.account",
            "res_id": self.account_id.id,
            "views": [(False, "form")],
        }

    def action_discard(self):
        """Leave nothing behind that was never connected."""
        # the client has saved what was typed before it called us
        self._blank_secrets()
        self.account_id._discard()
        return {"type": "ir.actions.act_window_close"}
