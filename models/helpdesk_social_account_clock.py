"""Targets of an account, and the working hours that they count in.

A change of targets, calendars or leaves is noted here and carried out in batches by
the clocks' scheduled action; nothing is computed anew while somebody saves a form.
"""

from datetime import timezone

import pytz

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .clock_times import Hours, warning_before
from .helpdesk_social_clock import FIRST_PRIVATE, FIRST_PUBLIC, NEXT, RESOLUTION

#: kind of clock -> field with its target in minutes
TARGETS = {
    FIRST_PUBLIC: "clock_first_public",
    FIRST_PRIVATE: "clock_first_private",
    NEXT: "clock_next",
    RESOLUTION: "clock_resolution",
}
#: what clocks that run are computed from
SETTINGS = {
    *TARGETS.values(),
    "clock_hours",
    "clock_calendar_id",
    "clock_warn_minutes",
    "clock_warn_percent",
    "team_id",
    "company_id",
    "lookback_days",
    "active",
}
#: a year of working minutes; more is a slip of the finger
LONGEST = 365 * 24 * 60


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    clock_first_public = fields.Integer(
        string="First Public Answer",
        help="Minutes of working time; empty: no clock.",
    )
    clock_first_private = fields.Integer(
        string="First Private Answer",
        help="Minutes of working time; groups count as private. Empty: no clock.",
    )
    clock_next = fields.Integer(
        string="Next Answer",
        help="Minutes of working time for every answer after the first. "
        "Empty: no clock.",
    )
    clock_resolution = fields.Integer(
        string="Resolution",
        help="Minutes of working time until the ticket is closed; those in which we "
        "wait for the customer do not count. Empty: no clock.",
    )
    clock_hours = fields.Selection(
        [("calendar", "Working hours"), ("always", "Around the clock")],
        string="Clocks Run",
        default="calendar",
        required=True,
    )
    clock_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        check_company=True,
        help="Empty: those of the team, else those of the company.",
    )
    clock_warn_percent = fields.Integer(
        string="Warn Before (%)",
        default=25,
        help="How much of the target is left when somebody is warned. 0: nobody is.",
    )
    clock_warn_minutes = fields.Integer(
        string="Warn Before (minutes)",
        help="Minutes of working time before the deadline; empty: the share counts.",
    )
    clock_user_ids = fields.Many2many(
        "res.users",
        "helpdesk_social_account_clock_user_rel",
        string="In Charge of Late Answers",
        domain="[('share', '=', False)]",
        help="Warned when nobody is assigned to the ticket and the team has no "
        "leader who may read it.",
    )
    clock_renew = fields.Boolean(
        readonly=True, copy=False, help="Its clocks are being computed anew."
    )

    @api.constrains(*TARGETS.values(), "clock_warn_minutes", "clock_warn_percent")
    def _check_clock_targets(self):
        for account in self:
            minutes = [account[name] for name in TARGETS.values()]
            if any(not 0 <= one <= LONGEST for one in minutes):
                raise ValidationError(
                    self.env._("A target is between one minute and one year.")
                )
            if account.clock_warn_minutes < 0:
                raise ValidationError(self.env._("A warning cannot come afterwards."))
            if not 0 <= account.clock_warn_percent <= 100:
                raise ValidationError(
                    self.env._("A share is between 0 and 100 percent.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        if accounts._clocked():
            self.env.registry.clear_cache()
        return accounts

    def write(self, vals):
        changed = SETTINGS & vals.keys()
        had = self._clocked() if changed else self
        result = super().write(vals)
        if changed:
            self.env.registry.clear_cache()
            (had | self._clocked())._renew_clocks()
        return result

    # === TARGETS === #
    def _clock_targets(self):
        """{kind: seconds}, of those that have one."""
        self.ensure_one()
        if not self.active:
            return {}
        return {
            kind: self[name] * 60 for kind, name in TARGETS.items() if self[name] > 0
        }

    def _clocked(self):
        """Those of these accounts that have a clock at all."""
        return self.filtered(lambda one: one._clock_targets())

    @api.model
    @tools.ormcache()
    def _any_clock(self):
        """Is there a clock anywhere? Where there is none nothing is ever asked."""
        # sudo: helpdesk.social.account - whether the feature is used
        return bool(self.sudo().search_count(self._domain_clocked(), limit=1))

    @api.model
    def _domain_clocked(self):
        return Domain.OR(Domain(name, ">", 0) for name in TARGETS.values())

    def _clock_warning(self, target):
        """Seconds before the deadline at which somebody is warned; 0: nobody."""
        self.ensure_one()
        return warning_before(target, self.clock_warn_minutes, self.clock_warn_percent)

    # === HOURS === #
    def _clock_calendar(self):
        """The calendar that counts; empty: around the clock."""
        self.ensure_one()
        if self.clock_hours == "always":
            return self.env["resource.calendar"]
        return (
            self.clock_calendar_id
            or self.team_id.social_calendar_id
            or self.company_id.resource_calendar_id
        )

    def _clock_zone(self):
        return self._clock_calendar().tz or self.company_id.partner_id.tz or "UTC"

    def _clock_working_hours(self):
        """``Hours`` that read the calendar as they need it."""
        calendar = self._clock_calendar()
        if not calendar:
            return Hours()
        company = self.company_id

        def load(start, end):
            # leaves of a calendar, or of the whole company; not those of another one
            leaves = [
                ("time_type", "=", "leave"),
                ("company_id", "in", [company.id, False]),
            ]
            intervals = calendar._work_intervals_batch(
                pytz.utc.localize(start), pytz.utc.localize(end), domain=leaves
            )[False]
            return [
                tuple(
                    moment.astimezone(timezone.utc).replace(tzinfo=None)
                    for moment in (one_start, one_end)
                )
                for one_start, one_end, _attendance in intervals
            ]

        return Hours(load)

    # === WHEN THEY CHANGE === #
    def _renew_clocks(self):
        """Compute the clocks of these accounts anew, soon and in batches."""
        if not self:
            return
        # sudo: helpdesk.social.account, ir.cron - a note to the scheduled action
        stale = self.sudo().filtered(lambda one: not one.clock_renew)
        stale.write({"clock_renew": True})
        self.env["helpdesk.social.intake"]._wake("helpdesk_social.cron_clocks")

    @api.model
    def _renew_clocks_of(self, calendars, companies=None):
        """The clocks that count in these calendars, or in any of these companies."""
        if not self._any_clock():
            return
        # sudo: helpdesk.social.account - whoever changes a calendar moves deadlines
        accounts = self.sudo().search(self._domain_clocked())
        accounts.filtered(
            lambda one: (
                one._clock_calendar() in calendars
                or companies
                and one.company_id in companies
            )
        )._renew_clocks()
