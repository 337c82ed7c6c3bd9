"""What an app's form says when stored posts wait too long to be looked at again.

Some networks demand that what was deleted there is gone here within a day. Counted for
a whole list of apps in one query. Nothing here looks at anything.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: what a network's duty leaves time for (X developer policy: 24 hours)
DUTY = timedelta(days=1)
#: from when on it is told: a network or a server that was away for a night catches up
TOLD = timedelta(days=2)


class HelpdeskSocialApp(models.Model):
    _inherit = "helpdesk.social.app"

    reread_text = fields.Char(string="Looking Again", compute="_compute_reread_text")

    @api.depends(
        "network_id", "account_ids.state", "budget", "budget_limited", "reply_share"
    )
    def _compute_reread_text(self):
        now, dutiful = fields.Datetime.now(), {}
        domains = []
        for app in self:
            if not app._is_dutiful():
                continue
            adapter_class = app._adapter_class()
            accounts = app.account_ids.filtered(lambda one: one.state == "active")
            dutiful |= dict.fromkeys(accounts.ids, app)
            domains.append(
                Domain("account_id", "in", accounts.ids)
                & Domain("audience", "in", adapter_class.reread_audiences)
            )
        self.reread_text = False
        if not dutiful:
            return
        # sudo: helpdesk.social.message - numbers about an app that the user reads
        groups = (
            self.env["helpdesk.social.message"]
            .sudo()
            ._read_group(
                Domain.OR(domains)
                & Domain("reread_at", "<=", now - DUTY)
                & Domain("deleted_at", "=", False)
                & Domain("key", "!=", False),
                ["account_id"],
                ["__count", "reread_at:min"],
            )
        )
        late = {}
        for account, number, since in groups:
            app = dutiful[account.id]
            known, before = late.get(app, (0, now))
            late[app] = (known + number, min(before, since))
        for app in set(dutiful.values()):
            number, since = late.get(app, (0, now))
            if since <= now - TOLD:
                app.reread_text = app._reread_sentence(number, (now - since).days)
            else:
                app.reread_text = app._follow_shortage() or False

    def _reread_sentence(self, number, days):
        values = {"number": number, "days": days}
        if self.budget_limited or self.metered:
            return self.env._(
                "%(number)s stored posts wait to be looked at again, some for %(days)s "
                "days, and the network wants what was deleted there to be gone here "
                "within one: the allowance is too small. Raise it.",
                **values,
            )
        return self.env._(
            "%(number)s stored posts wait to be looked at again, some for %(days)s "
            "days, and the network wants what was deleted there to be gone here "
            "within one. It goes on by itself as soon as the accounts can be read.",
            **values,
        )
