"""An app's allowance: money a month, units a day, and what of it is kept for replies.

Reading stops first; replies go on until nothing is left, then the agent is told. What
was spent is in the ledger (``helpdesk_social_spending``), the arithmetic in
``social_meter``; what the form shows of it in ``helpdesk_social_app_spending``. Nothing
here speaks to a network.
"""

import logging
from dataclasses import replace
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from . import common, social_meter, social_till
from .helpdesk_social_price import Price
from .social_meter import Meter

_logger = logging.getLogger(__name__)

#: share of the allowance, in percent, that reading may not touch: with it gone by 80 %,
#: a busy last week of the month is still answered
REPLY_SHARE = 20
#: a budget above this is a slip of the pen
MOST = 10_000_000
#: what changes how much may be spent
ALLOWANCE = {
    "budget_limited",
    "budget",
    "reply_share",
    "quota",
    "price_ids",
    "spent_month",
}
#: why an account does not read, when it is for the allowance
REASONS = ("budget_reads", "budget_spent", "quota_used")


class HelpdeskSocialApp(models.Model):
    _inherit = "helpdesk.social.app"

    budget_limited = fields.Boolean(
        string="Limit the Spending",
        tracking=True,
        help="Nothing that costs money is done beyond the budget.",
    )
    budget = fields.Float(
        string="Budget a Month (USD)",
        digits=(16, 2),
        tracking=True,
        help="In US dollars, as networks bill. Reading slows down before it is spent.",
    )
    reply_share = fields.Integer(
        string="Kept for Replies (%)",
        default=REPLY_SHARE,
        tracking=True,
        help="Reading stops when only this share is left, so that agents can answer "
        "until the end.",
    )
    quota = fields.Integer(
        string="Quota a Day (Units)",
        tracking=True,
        help="What the network allows this app each day. 0: as for a new app.",
    )
    price_ids = fields.One2many("helpdesk.social.price", "app_id", string="Prices")
    # the month in which somebody was warned
    warned_on = fields.Date(readonly=True, copy=False)

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        apps = super().create(vals_list)
        apps._ensure_prices()
        return apps

    def write(self, vals):
        result = super().write(vals)
        if ALLOWANCE.intersection(vals):
            self._allowance_changed()
        return result

    @api.constrains("budget", "reply_share", "quota")
    def _check_allowance(self):
        for app in self:
            if not 0 <= app.budget <= MOST:
                raise ValidationError(
                    self.env._("A budget is a number of dollars, not below zero.")
                )
            if not 0 <= app.reply_share <= 100:
                raise ValidationError(
                    self.env._("What is kept for replies is between 0 and 100 %.")
                )
            if app.quota < 0:
                raise ValidationError(self.env._("A quota is not below zero."))

    def _allowance_changed(self):
        """Accounts that waited for money look again now."""
        # sudo: helpdesk.social.account - the machine's fields; who may change the
        # allowance was checked by the write
        apps = self.sudo()
        waiting = apps.account_ids.filtered(lambda one: one.error_code in REASONS)
        waiting.write({"error_code": False, "next_pull_at": fields.Datetime.now()})
        for app in apps.filtered("warned_on"):
            if not app._is_short():
                app.warned_on = False
                app.activity_unlink(["mail.mail_activity_data_warning"])
        if waiting:
            self.env["helpdesk.social.intake"]._wake_pull()

    # === PRICES === #
    def _adapter_class(self):
        """The network's adapter class, or None when its addon is gone."""
        network = self.network_id
        return network._adapter_class(network.code)

    def _list_prices(self):
        """{kind: ``Price``} as the vendor lists them; what makes no sense costs 0."""
        adapter_class = self._adapter_class()
        if adapter_class is None:
            return {}
        listed = {}
        for kind in (*adapter_class.prices, *adapter_class.quota_costs):
            units = adapter_class.quota_costs.get(kind, 0)
            amount = social_meter.price(adapter_class.prices.get(kind, 0))
            listed[kind] = Price(
                adapter_class.price_labels.get(kind, kind),
                amount or Price.amount,
                units if isinstance(units, int) and units > 0 else 0,
                known=amount is not None,
            )
        return listed

    def _prices(self):
        """{kind: ``Price``} as this app pays."""
        prices = self._list_prices()
        # sudo: helpdesk.social.price - booking is nobody's privilege
        for row in self.sudo().price_ids.filtered("own_price"):
            own = social_meter.price(row.own_price)
            listed = prices.get(row.kind, Price(row.kind))
            if own is not None:
                prices[row.kind] = Price(listed.label, own, listed.units)
        return prices

    def _prices_as_text(self):
        """{kind: price}, as adapters have them: the list's, corrected by the owner."""
        prices = dict(self._adapter_class().prices)
        # sudo: helpdesk.social.price - what an agent's reply costs is no secret
        for row in self.sudo().price_ids.filtered("own_price"):
            own = social_meter.price(row.own_price)
            if own is not None and row.kind in prices:
                prices[row.kind] = f"{own:f}"
        return prices

    def _ensure_prices(self):
        """A row for each kind that the adapter knows."""
        # sudo: helpdesk.social.price - rows are made by the app, changed by people
        rows = self.env["helpdesk.social.price"].sudo()
        missing = []
        for app in self:
            known = set(app.sudo().price_ids.mapped("kind"))
            missing += [
                {"app_id": app.id, "kind": kind}
                for kind in app._list_prices()
                if kind not in known
            ]
        rows.create(missing)

    @api.autovacuum
    def _gc_prices(self):
        """Kinds that an update of an adapter brought are listed within a day."""
        self.search([("account_ids", "!=", False)])._ensure_prices()

    # === TIME, AS THE NETWORK BILLS === #
    def _zone(self):
        return social_till.zone_of(self._adapter_class())

    def _today(self):
        return common.utcnow().astimezone(self._zone()).date()

    def _month_start(self):
        return self._today().replace(day=1)

    def _midnight(self, day):
        """When a day begins there, naive UTC."""
        moment = self._zone().localize(datetime.combine(day, time()))
        return common.to_orm(moment)

    def _month_ends(self):
        after = (self._month_start() + timedelta(days=32)).replace(day=1)
        return self._midnight(after)

    def _day_ends(self):
        return self._midnight(self._today() + timedelta(days=1))

    # === HOW MUCH IS LEFT === #
    def _spent(self, days):
        """(US dollars this month, units today), with what this transaction adds.

        :param days: {day: (amount, units)} of the ledger
        """
        start, today = self._month_start(), self._today()
        dollars = sum(amount for day, (amount, _u) in days.items() if day >= start)
        units = days.get(today, (0, 0))[1]
        pending = social_till.pending(self.env.cr)
        prices = self._prices() if pending else {}
        for (app_id, _account, day, kind), number in pending.items():
            if app_id == self.id and kind in prices:
                dollars += float(prices[kind].amount * number)
                units += prices[kind].units * number if day == today else 0
        return dollars, units

    def _quota_total(self):
        """Units a day; 0 where the network has no such quota."""
        adapter_class = self._adapter_class()
        if adapter_class is None or not adapter_class.quota_costs:
            return 0
        return self.quota or adapter_class.daily_quota

    def _meters(self):
        """{``usd`` or ``units``: ``Meter``} of what is limited; often none.

        One query, and none at all where nothing is limited.
        """
        self.ensure_one()
        # sudo: helpdesk.social.app, .spending - agents' replies are counted as well
        app = self.sudo()
        quota = app._quota_total()
        limited = app.budget_limited and bool(app._list_prices())
        if not quota and not limited:
            return {}
        spending = self.env["helpdesk.social.spending"].sudo()
        days = spending._days(app, app._month_start())[app.id]
        dollars, units = app._spent(days)
        keep, meters = app.reply_share / 100, {}
        if limited:
            meters["usd"] = Meter(app.budget, dollars, keep, app._month_ends())
        if quota:
            meters["units"] = Meter(quota, units, keep, app._day_ends())
        return meters

    def _budget_reason(self, replying=False):
        """Why nothing may be read (or answered) for lack of money: a code, or ''."""
        meters = self._meters()
        if "units" in meters and meters["units"].is_over(replying):
            return "quota_used"
        if "usd" in meters and meters["usd"].is_over(replying):
            gone = replying or meters["usd"].is_over(True)
            return "budget_spent" if gone else "budget_reads"
        return ""

    def _pull_wait(self, costs, kept=()):
        """Seconds to the next pull of an account, for the sake of the allowance.

        :param costs: {meter: (a pull that finds nothing, an average pull)}
        :param kept: {meter: what of it is spoken for}
        """
        meters = self._meters()
        if not meters:
            return 0
        for name, amount in dict(kept).items():
            meters[name] = replace(meters[name], used=meters[name].used + amount)
        now = fields.Datetime.now()
        pullers = len(self.account_ids.filtered(lambda one: one.state == "active"))
        return max(
            meter.wait(*costs.get(name, (0, 0)), pullers, now)
            for name, meter in meters.items()
        )

    def _worth(self, charges):
        """{meter: what these charges cost}; ``charges``: {kind: number}."""
        prices = self._prices() if charges else {}
        known = [(prices[kind], n) for kind, n in charges.items() if kind in prices]
        return {
            "usd": float(sum(price.amount * number for price, number in known)),
            "units": sum(price.units * number for price, number in known),
        }

    # === TELLING SOMEBODY === #
    def _is_short(self):
        """Is the month's money nearly gone?"""
        meter = self._meters().get("usd")
        return bool(meter) and meter.used >= 0.8 * meter.limit

    def _warn_once(self):
        """One activity a month for those who can do something about it."""
        app = self.sudo()
        month = app._month_start()
        if not app._is_short() or app.warned_on == month or not app.account_ids:
            return
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                app.warned_on = month
                app.activity_schedule(
                    "mail.mail_activity_data_warning",
                    summary=self.env._(
                        "%(name)s: the month's money ends", name=app.name
                    ),
                    note=app.budget_text,
                    user_id=app.account_ids[0]._keeper().id,
                )
        except common.CONCURRENCY:
            _logger.info("app %s: another lane warns", app.id)
        except Exception:
            # the border of the lane: what cannot be told must not end the reading
            _logger.exception("app %s: nobody could be warned", app.id)
