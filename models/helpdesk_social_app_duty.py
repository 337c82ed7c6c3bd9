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
        now = fields.Datetime.now()
        self.reread_text = False
        apps = self.filtered(lambda app: app._origin and app._is_dutiful())
        if not apps:
            return
        # sudo: helpdesk.social.message - numbers about an app that the user reads
        groups = (
            self.env["helpdesk.social.message"]
            .sudo()
            ._read_group(
                apps._origin._followed_domain() & Domain("reread_at", "<=", now - DUTY),
                ["account_id"],
                ["__count", "reread_at:min"],
            )
        )
        late = {}
        for account, number, since in groups:
            found = late.setdefault(account.app_id.id, [0, now, False])
            found[0] += number
            found[1] = min(found[1], since)
            found[2] |= account.state != "active"
        for app in apps:
            number, since, unread = late.get(app._origin.id, (0, now, False))
            if since <= now - TOLD:
                days = (now - since).days
                app.reread_text = app._reread_sentence(number, days, unread)
            else:
                app.reread_text = app._follow_shortage() or False

    def _reread_sentence(self, number, days, unread):
        values = {"number": number, "days": days}
        if unread:
            return self.env._(
                "%(number)s stored posts wait to be looked at again, some for %(days)s "
                "days, and the network wants what was deleted there to be gone here "
                "within one: an account of theirs is not connected. Connect it again; "
                "the text of what nobody looks at for %(limit)s days expires here.",
                limit=self.follow_days or self._adapter_class().reread_days,
                **values,
            )
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
