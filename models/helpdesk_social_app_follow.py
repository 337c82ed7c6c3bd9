"""For how long deletions of stored posts are followed, and what that costs.

Where a network demands that what was deleted there is gone here within a day, every
stored post is looked at again daily for as long as its words are kept: for these days
at least, and as long as its ticket is open. After that the words expire
(``helpdesk_social_message_expiry``), so that nothing stored is ever outside the duty.
Nothing here looks at anything or forgets anything.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..networks import base

#: more days than this are a slip of the pen: whoever wants no end writes 0
MOST_DAYS = 3650
#: days of a month, for a forecast
MONTH = 30
#: between two activities about the same trouble
AGAIN = timedelta(days=7)


class HelpdeskSocialApp(models.Model):
    _inherit = "helpdesk.social.app"

    dutiful = fields.Boolean(compute="_compute_dutiful")
    follow_days = fields.Integer(
        string="Follow Deletions (Days)",
        compute="_compute_follow_days",
        store=True,
        readonly=False,
        tracking=True,
        help="The network demands that what its people delete is gone here within a "
        "day: each stored post is looked at again daily, which is billed. A post that "
        "came more than these days ago loses its text, its files and all quotes of "
        "them here unless its ticket is open; the link to the network stays. "
        "0: texts never expire, and all that is stored is looked at again, every day.",
    )
    follow_at = fields.Datetime(
        readonly=True, copy=False, help="When somebody changed the days."
    )
    follow_number = fields.Integer(
        string="Posts Looked at Again Daily", compute="_compute_follow"
    )
    follow_cost = fields.Float(
        string="Following Deletions, a Month (USD)",
        digits=(16, 2),
        compute="_compute_follow",
        help="For the posts that are stored now, at this app's prices.",
    )
    duty_warned_at = fields.Datetime(readonly=True, copy=False)

    def _is_dutiful(self):
        """Must what is deleted on the network be gone here, and can we look?"""
        adapter_class = self._adapter_class()
        return bool(
            adapter_class
            and adapter_class.forget_deleted
            and adapter_class.can(base.REREAD)
        )

    @api.model
    def _dutiful_apps(self):
        networks = self.env["helpdesk.social.network"]._catalogue_rows()
        apps = self.search([("network_id", "in", list(networks))])
        return apps.filtered(lambda app: app._is_dutiful())

    @api.depends("network_id")
    def _compute_dutiful(self):
        for app in self:
            app.dutiful = app._is_dutiful()

    @api.depends("network_id")
    def _compute_follow_days(self):
        for app in self:
            adapter_class = app._adapter_class()
            app.follow_days = adapter_class.reread_days if adapter_class else 0

    @api.constrains("follow_days")
    def _check_follow_days(self):
        if any(not 0 <= app.follow_days <= MOST_DAYS for app in self):
            raise ValidationError(
                self.env._(
                    "Deletions are followed for a number of days up to %(most)s; 0 "
                    "stands for as long as a post is stored.",
                    most=MOST_DAYS,
                )
            )

    def write(self, vals):
        """Override: after a change nothing expires for a day."""
        if "follow_days" in vals and any(
            one.follow_days != vals["follow_days"] for one in self
        ):
            vals = {**vals, "follow_at": fields.Datetime.now()}
        return super().write(vals)

    # === COST === #
    def _followed_domain(self):
        """Messages of these apps that are looked at again."""
        domains, accounts = [], self._all_accounts().grouped("app_id")
        for app in self.sudo():
            mine = accounts.get(app)
            if mine:
                audiences = app._adapter_class().reread_audiences
                domains.append(
                    Domain("account_id", "in", mine.ids)
                    & Domain("audience", "in", audiences)
                )
        return (
            Domain.OR(domains)
            & Domain("reread_at", "!=", False)
            & Domain("deleted_at", "=", False)
            & Domain("key", "!=", False)
        )

    @api.depends("network_id", "price_ids.own_price", "account_ids")
    def _compute_follow(self):
        self.follow_number = self.follow_cost = 0
        dutiful = self.filtered(lambda app: app._origin and app._is_dutiful())
        if not dutiful:
            return
        # sudo: helpdesk.social.message - numbers about an app that the user reads
        groups = (
            self.env["helpdesk.social.message"]
            .sudo()
            ._read_group(
                dutiful._origin._followed_domain(),
                ["account_id", "direction"],
                ["__count"],
            )
        )
        numbers = {}
        for account, direction, number in groups:
            found = numbers.setdefault(account.app_id.id, {"in": 0, "out": 0})
            found[direction] += number
        for app in dutiful:
            found = numbers.get(app._origin.id, {"in": 0, "out": 0})
            prices, kinds = app._prices(), app._adapter_class().reread_kinds
            app.follow_number = sum(found.values())
            app.follow_cost = MONTH * sum(
                float(prices[kind].amount) * found[direction]
                for kind, direction in zip(kinds, ("in", "out"), strict=True)
                if kind in prices
            )

    def _follow_shortage(self):
        """What following deletions costs more than may be spent for reading, as a
        sentence; ''."""
        if not self.budget_limited or not self.priced:
            return ""
        limit = self.budget * (1 - self.reply_share / 100)
        if self.follow_cost <= limit:
            return ""
        return self.env._(
            "To follow deletions, which the network demands, %(number)s stored posts "
            "are looked at again every day: about %(cost).2f USD a month, and the "
            "budget leaves %(limit).2f for reading. Raise the budget, or follow "
            "deletions for fewer days.",
            number=self.follow_number,
            cost=self.follow_cost,
            limit=limit,
        )

    # === TELLING SOMEBODY === #
    def _warn_of_duty(self):
        """An activity for whoever can do something: the duty is not met, or will not
        be. Once a week as long as it lasts."""
        now = fields.Datetime.now()
        for app in self.sudo():
            text = app.reread_text
            if not text:
                app.duty_warned_at = False
                continue
            if app.duty_warned_at and app.duty_warned_at > now - AGAIN:
                continue
            app.duty_warned_at = now
            keeper = app.account_ids[:1]._keeper()
            app.with_context(lang=keeper.lang).activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._(
                    "%(name)s: deletions are not followed in time", name=app.name
                ),
                note=text,
                user_id=keeper.id,
            )
