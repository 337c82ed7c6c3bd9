"""What looking again may cost, and where it goes before what is new.

Some networks demand that what was deleted there is gone here within a day (X developer
policy): there looking again has the first call on the money for reading, and new
messages are read with what is left. Elsewhere it has a share. Nothing here talks to a
network.
"""

from odoo import fields, models
from odoo.fields import Domain

from ..networks import base
from .helpdesk_social_account_reread import DAILY, REREAD, RETRY

#: of what reading may cost a day, this share may go for looking again where that is no
#: duty: new messages are worth more
SHARE = 0.5


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    def _comes_first(self):
        """Is looking again a duty here, for which there is not money without end?"""
        adapter_class = self.network_id._get_adapter_class()
        return adapter_class.forget_deleted and bool(self.app_id._meters())

    def _next_duty(self):
        """When a message must be looked at again at the latest; False without any, and
        where there is no money for it."""
        adapter_class = self.network_id._get_adapter_class()
        if not (adapter_class.forget_deleted and adapter_class.can(base.REREAD)):
            return False
        if self._rests(REREAD) or self._rereads_paid() <= 0:
            return False
        # sudo: helpdesk.social.message - a moment
        stored = self.env["helpdesk.social.message"].sudo()
        first = stored.search(
            Domain("account_id", "=", self.id) & Domain("reread_at", "!=", False),
            order="reread_at, id",
            limit=1,
        )
        return first.reread_at and max(
            first.reread_at + DAILY, fields.Datetime.now() + RETRY
        )

    # === COUNTED === #
    def _rereads_today(self):
        """How many messages were looked at today, by the network's clock."""
        kept = (self.pull_costs or {}).get("looked") or {}
        return kept["number"] if kept.get("day") == str(self.app_id._today()) else 0

    def _count_rereads(self, number):
        if not self.app_id._meters():
            return
        looked = {
            "day": str(self.app_id._today()),
            "number": self._rereads_today() + number,
        }
        self.pull_costs = {**(self.pull_costs or {}), "looked": looked}

    # === ALLOWED === #
    def _active_with_app(self):
        return self.app_id.account_ids.filtered(lambda one: one.state == "active")

    def _rereads_paid(self):
        """How many messages the allowance lets us look at now; many without one."""
        meters, allowed = self.app_id._meters(), 10_000
        now, done = fields.Datetime.now(), self._rereads_today()
        costs = (self.pull_costs or {}).get("reread") or {}
        share = 1 if self._comes_first() else SHARE
        pullers = len(self._active_with_app())
        for name, meter in meters.items():
            if meter.is_over():
                return 0
            each = costs.get(name) or 0
            if each:
                days = max(1.0, (meter.ends - now).total_seconds() / 86400)
                # what was looked at today is gone from what is left already
                left = meter.left() + each * done
                today = left * share / days / max(1, pullers)
                allowed = min(allowed, int(today / each) - done)
        return max(0, allowed)

    # === KEPT BACK === #
    def _kept_for_rereads(self):
        """{meter: what looking again will cost until its end}, where it is a duty: new
        messages are paced by what is left beside it."""
        costs = (self.pull_costs or {}).get("reread") or {}
        if not costs or not self._comes_first():
            return {}
        accounts, now = self._active_with_app(), fields.Datetime.now()
        # sudo: helpdesk.social.message - a number
        stored = self.env["helpdesk.social.message"].sudo()
        number = stored.search_count(
            Domain("account_id", "in", accounts.ids) & Domain("reread_at", "!=", False)
        )
        today = max(0, number - sum(one._rereads_today() for one in accounts))
        kept = {}
        for name, meter in self.app_id._meters().items():
            days = max(0.0, (meter.ends - now).total_seconds() / 86400 - 1)
            kept[name] = (today + number * days) * costs.get(name, 0)
        return kept
