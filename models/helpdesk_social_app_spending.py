"""What an app's form says about money: spent so far, forecast, and what to do about it.

Numbers and sentences of all apps of a list at once; only a correction to the network's
bill is written, as one more row of the ledger.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..networks import base
from . import social_failure
from .helpdesk_social_app_budget import MOST
from .helpdesk_social_spending import CORRECTION

#: days whose average is taken for the days to come: weekends are among them
FORECAST_DAYS = 7


class HelpdeskSocialApp(models.Model):
    _inherit = "helpdesk.social.app"

    priced = fields.Boolean(compute="_compute_priced", help="The network costs money.")
    metered = fields.Boolean(
        compute="_compute_priced", help="The network has a quota a day."
    )
    spent_month = fields.Float(
        string="Spent This Month (USD)",
        digits=(16, 2),
        compute="_compute_spending",
        inverse="_inverse_spent_month",
        help="As we counted it. When the network's bill says otherwise, type that in.",
    )
    forecast = fields.Float(
        string="Forecast for the Month (USD)",
        digits=(16, 2),
        compute="_compute_spending",
        help="If the rest of the month is like the last days.",
    )
    quota_used = fields.Integer(string="Units Used Today", compute="_compute_spending")
    quota_total = fields.Integer(
        string="Units Allowed Today", compute="_compute_spending"
    )
    budget_state = fields.Selection(
        [
            ("none", "Costs nothing"),
            ("free", "Not limited"),
            ("good", "Enough"),
            ("short", "Nearly spent"),
            ("reads", "Replies only"),
            ("spent", "Spent"),
        ],
        compute="_compute_spending",
    )
    budget_text = fields.Char(string="What to Do About It", compute="_compute_spending")
    push_advice = fields.Char(compute="_compute_push_advice")

    @api.depends("network_id")
    def _compute_priced(self):
        for app in self:
            listed = app._list_prices().values()
            app.priced = any(price.amount for price in listed)
            app.metered = bool(app._quota_total())

    @api.depends("budget_limited", "budget", "reply_share", "quota", "network_id")
    def _compute_spending(self):
        costly = self.filtered(lambda app: app.priced or app.metered)
        since = min(
            (
                min(app._month_start(), app._today() - timedelta(days=FORECAST_DAYS))
                for app in costly
            ),
            default=False,
        )
        # sudo: helpdesk.social.spending - sums of apps that the user reads
        ledger = self.env["helpdesk.social.spending"].sudo()
        days = ledger._days(costly._origin, since) if costly else {}
        for app in self:
            found = days.get(app._origin.id, {})
            app.spent_month, app.quota_used = app._spent(found)
            app.quota_total = app._quota_total()
            app.forecast = app._forecast(found, app.spent_month)
            app.budget_state = app._state_of_budget()
            app.budget_text = app._budget_sentence()

    def _forecast(self, days, spent):
        """US dollars at the end of the month, from the average of the last days."""
        today = self._today()
        # a new app has fewer days to be judged by
        born = (self.create_date or fields.Datetime.now()).date()
        first = min([born, today, *days])
        begin = max(first, today - timedelta(days=FORECAST_DAYS))
        number = (today - begin).days
        if number:
            recent = sum(
                amount for day, (amount, _u) in days.items() if begin <= day < today
            )
        else:
            number, recent = 1, days.get(today, (0, 0))[0]
        left = self._month_ends() - fields.Datetime.now()
        ahead = max(0.0, left.total_seconds() / 86400)
        return spent + max(0.0, recent) / number * ahead

    def _state_of_budget(self):
        if not self.priced and not self.metered:
            return "none"
        keep = self.reply_share / 100
        uses = []
        if self.budget_limited and self.priced:
            uses.append((self.spent_month, self.budget))
        if self.quota_total:
            uses.append((self.quota_used, self.quota_total))
        if not uses:
            return "free"
        # a millionth of a dollar: as in social_meter
        if any(limit - used < 1e-6 for used, limit in uses):
            return "spent"
        if any(limit * (1 - keep) - used < 1e-6 for used, limit in uses):
            return "reads"
        if self.budget_limited and self.priced:
            if self.spent_month >= 0.8 * self.budget or self.forecast > self.budget:
                return "short"
        return "good"

    def _budget_sentence(self):
        """What somebody should know, and the next step."""
        state = self.budget_state
        units = self.quota_total and self.quota_used >= self.quota_total * (
            1 - self.reply_share / 100
        )
        if state in ("spent", "reads") and units:
            return social_failure.explain(self.env, "quota_used")
        if state == "spent":
            return social_failure.explain(self.env, "budget_spent")
        if state == "reads":
            return social_failure.explain(self.env, "budget_reads")
        if state == "short":
            return self.env._(
                "%(spent).2f of %(budget).2f USD are spent, and at this rate it will "
                "be %(forecast).2f by the end of the month. Reading slows down by "
                "itself, and stops when only what is kept for replies is left. Raise "
                "the budget, or let the network push.",
                spent=self.spent_month,
                budget=self.budget,
                forecast=self.forecast,
            )
        if state == "free" and self.priced:
            return self.env._(
                "Nothing limits what is spent. Set a budget to be safe from surprises."
            )
        return ""

    # === THE BILL === #
    def _inverse_spent_month(self):
        """The network's bill says otherwise: one more row makes the sum agree."""
        # sudo: helpdesk.social.spending - rows come from here only; who may write the
        # app may say what its bill says
        ledger = self.env["helpdesk.social.spending"].sudo()
        for app in self:
            said = app.spent_month
            if not 0 <= said <= MOST:
                raise ValidationError(
                    self.env._("What was spent is a number of dollars, not below zero.")
                )
            since = app._month_start()
            counted, _units = app._spent(ledger._days(app, since)[app.id])
            if abs(said - counted) < 0.005:
                continue
            ledger.create(
                {
                    "app_id": app.id,
                    "day": app._today(),
                    "kind": CORRECTION,
                    "label": self.env._("Correction to the network's bill"),
                    "number": 1,
                    "amount": said - counted,
                }
            )
            app.message_post(
                body=self.env._(
                    "Spent this month: counted %(counted).2f USD, corrected to "
                    "%(said).2f USD.",
                    counted=counted,
                    said=said,
                )
            )

    def action_open_spending(self):
        """The history, by month and by what it was for."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_social.action_spending"
        )
        action["domain"] = [("app_id", "=", self.id)]
        action.pop("path", None)
        return action

    # === PUSH === #
    def _unpushed(self):
        """Accounts that pay for asking although the network would tell by itself."""
        adapter_class = self._adapter_class()
        if adapter_class is None or not adapter_class.can(base.WEBHOOK):
            return self.env["helpdesk.social.account"]
        # those of other companies are not ours to push, nor to name
        accounts = self.account_ids._filtered_access("read")
        return accounts.filtered(lambda one: one.state == "active" and not one.push)

    @api.depends("network_id", "account_ids.state", "account_ids.push")
    def _compute_push_advice(self):
        for app in self:
            adapter_class = app._adapter_class()
            asks = adapter_class is not None and adapter_class.can(base.PULL)
            costly = asks and (app.priced or app.metered)
            names = app._unpushed().mapped("display_name") if costly else []
            app.push_advice = bool(names) and self.env._(
                "The network can push, which costs less than asking, and Odoo would "
                "then ask only now and then. Not pushing yet: %(names)s",
                names=", ".join(names),
            )

    def action_push(self):
        """Have the network push to all accounts of this app from now on."""
        self.ensure_one()
        accounts = self._unpushed()
        accounts._check_manager()
        if not accounts:
            raise UserError(self.env._("There is no account that could be pushed to."))
        accounts.action_subscribe()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
