"""Deadlines in working hours: time zones, daylight saving, nights, leaves, changes."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common import SocialCase

CLOCK = "helpdesk.social.clock"


def moment(text):
    return datetime.strptime(text, "%Y-%m-%d %H:%M")


@tagged("post_install", "-at_install")
class TestClockCalendar(SocialCase):
    """Nine to five in Brussels; 2026 has its last Sunday of March on the 29th and of
    October on the 25th."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.make_calendar("Office", "Europe/Brussels", range(5), (9, 17))
        cls.account.write(
            {
                "clock_first_public": 60,
                "clock_next": 60,
                "clock_calendar_id": cls.calendar.id,
                "connected_at": "2020-01-01 00:00:00",
                "lookback_days": 3650,
            }
        )

    @classmethod
    def make_calendar(cls, name, tz, days, *shifts, **values):
        calendar = cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": tz,
                "company_id": cls.company.id,
                "attendance_ids": [(5, 0, 0)],
                **values,
            }
        )
        cls.env["resource.calendar.attendance"].create(
            [
                {
                    "name": f"{day} {start}",
                    "calendar_id": calendar.id,
                    "dayofweek": str(day),
                    "hour_from": start,
                    "hour_to": end,
                    "day_period": "morning",
                }
                for day in days
                for start, end in shifts
            ]
        )
        return calendar

    def clock(self, sent, minutes=60, account=None):
        """The clock of a message written at that moment (UTC)."""
        account = account or self.account
        account.clock_first_public = minutes
        message = self.make_message(
            self.make_conversation("public", account=account),
            sent_at=moment(sent),
            received_at=moment(sent) + timedelta(seconds=20),
            waiting=True,
        )
        return self.env[CLOCK].search([("message_id", "=", message.id)])

    def assert_due(self, sent, minutes, due, **more):
        self.assertEqual(self.clock(sent, minutes, **more).deadline, moment(due))

    def test_in_the_calendars_time_zone(self):
        self.assert_due("2026-01-12 08:00", 60, "2026-01-12 09:00")  # 9:00 there
        self.assert_due("2026-07-13 07:00", 60, "2026-07-13 08:00")  # 9:00 there, too
        self.assert_due("2026-07-13 05:00", 60, "2026-07-13 08:00")
        self.assert_due("2026-07-13 14:30", 60, "2026-07-14 07:30")  # over the night

    def test_over_a_change_of_the_clocks(self):
        friday, monday = "2026-03-27 15:30", "2026-03-30 07:30"
        self.assert_due(friday, 60, monday)  # 16:30 in winter, 9:30 in summer
        self.assert_due("2026-10-23 14:30", 60, "2026-10-26 08:30")

    def test_the_night_of_the_change(self):
        """The hour that is missing does not count, the one that comes twice does."""
        night = self.make_calendar(
            "Night", "Europe/Brussels", range(7), (0, 6), (22, 24)
        )
        self.account.clock_calendar_id = night
        # 22:00 on Saturday; eight hours of shift, one of which is left out
        self.assert_due("2026-03-28 21:00", 7 * 60, "2026-03-29 04:00")
        self.assert_due("2026-03-28 21:00", 7 * 60 + 1, "2026-03-29 20:01")
        self.assert_due("2026-10-24 20:00", 9 * 60, "2026-10-25 05:00")
        # midnight is no crack
        self.assert_due("2026-01-12 22:30", 60, "2026-01-12 23:30")

    def test_leaves(self):
        leave = {
            "name": "Holiday",
            "calendar_id": self.calendar.id,
            "company_id": self.company.id,
            "date_from": "2026-01-13 00:00:00",
            "date_to": "2026-01-13 23:00:00",
        }
        self.env["resource.calendar.leaves"].create(leave)
        self.assert_due("2026-01-12 15:30", 60, "2026-01-14 08:30")

    def test_leaves_of_everybody_but_not_of_another_company(self):
        leaves = self.env["resource.calendar.leaves"]
        leaves.create(
            {
                "name": "Theirs",
                "company_id": self.other_company.id,
                "calendar_id": False,
                "date_from": "2026-01-13 00:00:00",
                "date_to": "2026-01-13 23:00:00",
            }
        ).company_id = self.other_company
        self.assert_due("2026-01-12 15:30", 60, "2026-01-13 08:30")
        leaves.create(
            {
                "name": "Ours",
                "company_id": self.company.id,
                "calendar_id": False,
                "date_from": "2026-01-14 00:00:00",
                "date_to": "2026-01-14 23:00:00",
            }
        )
        self.assert_due("2026-01-13 15:30", 60, "2026-01-15 08:30")

    def test_one_persons_leave_moves_nothing(self):
        resource = self.env["resource.resource"].create(
            {"name": "Ana", "calendar_id": self.calendar.id}
        )
        self.account.clock_renew = False
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Ana is away",
                "resource_id": resource.id,
                "calendar_id": self.calendar.id,
                "date_from": "2026-01-13 00:00:00",
                "date_to": "2026-01-13 23:00:00",
            }
        )
        self.assertFalse(self.account.clock_renew)
        self.assert_due("2026-01-12 15:30", 60, "2026-01-13 08:30")

    def test_around_the_clock(self):
        self.account.clock_hours = "always"
        self.assert_due("2026-01-10 23:30", 60, "2026-01-11 00:30")  # a Saturday

    def test_whose_calendar(self):
        team = self.make_calendar("Team", "UTC", range(7), (10, 11))
        self.account.clock_calendar_id = False
        self.company.resource_calendar_id = self.calendar
        self.assertEqual(self.account._clock_calendar(), self.calendar)
        self.team.social_calendar_id = team
        self.assert_due("2026-01-12 09:00", 30, "2026-01-12 10:30")
        self.account.clock_calendar_id = self.calendar
        self.assert_due("2026-01-12 09:00", 30, "2026-01-12 09:30")

    def test_a_calendar_without_hours_never_hides_anybody(self):
        self.account.clock_calendar_id = self.make_calendar("Empty", "UTC", ())
        self.assert_due("2026-01-12 09:00", 60, "2026-01-12 10:00")

    def test_hour_of_the_day_is_the_calendars(self):
        self.assertEqual(self.clock("2026-07-13 22:30").started_hour, 0)
        self.assertEqual(self.clock("2026-01-12 08:00").started_hour, 9)

    def test_working_minutes_are_counted(self):
        clock = self.clock("2026-01-12 15:30")
        clock.message_id.sudo().write(
            {
                "waiting": False,
                "handled_how": "answered",
                "handled_at": moment("2026-01-13 08:15"),
            }
        )
        clock.invalidate_recordset()
        self.assertEqual(clock.minutes, 45)
        self.assertEqual(clock.in_time, 1)

    # --- changes ------------------------------------------------------------------
    def renewed(self, clock):
        """Its deadline after what has changed was carried out."""
        self.assertTrue(self.account.clock_renew)
        self.env[CLOCK]._cron_clocks()
        self.assertFalse(self.account.clock_renew)
        clock.invalidate_recordset()
        return clock.deadline

    def test_another_target(self):
        clock = self.clock("2026-01-12 08:00")
        self.account.clock_first_public = 120
        self.assertEqual(self.renewed(clock), moment("2026-01-12 10:00"))

    def test_another_calendar(self):
        clock = self.clock("2026-01-12 15:30")
        self.account.clock_hours = "always"
        self.assertEqual(self.renewed(clock), moment("2026-01-12 16:30"))

    def test_other_hours(self):
        clock = self.clock("2026-01-12 15:30")
        self.account.clock_renew = False
        self.calendar.attendance_ids.filtered(
            lambda one: one.dayofweek == "0"
        ).hour_to = 18
        self.assertEqual(self.renewed(clock), moment("2026-01-12 16:30"))
        self.calendar.attendance_ids.filtered(lambda one: one.dayofweek == "0").unlink()
        self.assertEqual(self.renewed(clock), moment("2026-01-13 09:00"))

    def test_a_day_off_that_was_forgotten(self):
        clock = self.clock("2026-01-12 15:30")
        self.account.clock_renew = False
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": "2026-01-13 00:00:00",
                "date_to": "2026-01-13 23:00:00",
            }
        )
        self.assertEqual(self.renewed(clock), moment("2026-01-14 08:30"))
        leave.unlink()
        self.assertEqual(self.renewed(clock), moment("2026-01-13 08:30"))

    def test_targets_that_come_and_go(self):
        self.account.write({"clock_first_public": 0, "clock_next": 0})
        self.env[CLOCK]._cron_clocks()
        message = self.make_message(
            self.make_conversation("public"),
            sent_at=moment("2026-01-12 08:00"),
            received_at=moment("2026-01-12 08:00"),
            waiting=True,
        )
        mine = [("message_id", "=", message.id)]
        self.assertFalse(self.env[CLOCK].search(mine))
        self.account.clock_first_public = 60
        self.env[CLOCK]._cron_clocks()
        clock = self.env[CLOCK].search(mine)
        self.assertEqual(clock.deadline, moment("2026-01-12 09:00"))
        self.account.clock_first_public = 0
        self.env[CLOCK]._cron_clocks()
        self.assertFalse(clock.exists())

    def test_in_batches(self):
        path = "odoo.addons.helpdesk_social.models.helpdesk_social_clock_cron.RENEWED"
        found = self.env[CLOCK]
        for _number in range(7):
            found |= self.clock("2026-01-12 08:00")
        self.account.clock_first_public = 30
        with patch(path, 3):
            self.env[CLOCK]._cron_clocks()
        found.invalidate_recordset()
        self.assertEqual(set(found.mapped("deadline")), {moment("2026-01-12 08:30")})

    def test_what_has_ended_keeps_its_figures(self):
        clock = self.clock("2026-01-12 08:00")
        clock.message_id.sudo().write(
            {
                "waiting": False,
                "handled_how": "answered",
                "handled_at": fields.Datetime.now(),
            }
        )
        clock.invalidate_recordset()
        before = clock.read(["minutes", "in_time", "target"])
        self.account.clock_first_public = 10000
        self.env[CLOCK]._cron_clocks()
        clock.invalidate_recordset()
        self.assertEqual(clock.read(["minutes", "in_time", "target"]), before)
