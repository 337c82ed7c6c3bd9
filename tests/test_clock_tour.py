"""Deadlines in a real browser: the list, the ticket's page, a holding statement."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import SocialFixtures


@tagged("post_install", "-at_install")
class TestClockTour(SocialFixtures, HttpCase):
    def test_who_is_late(self):
        self.account._remember_home()
        self.account.write(
            {
                "clock_first_public": 60,
                "clock_hours": "always",
                "connected_at": "2020-01-01 00:00:00",
            }
        )
        now = fields.Datetime.now()
        messages = self.env["helpdesk.social.message"]
        for name, minutes in (("Where is my parcel?", 64), ("Not urgent", 2)):
            thread = self.make_conversation("public", self.make_ticket(name=name))
            messages |= self.make_message(
                thread, name, waiting=True, sent_at=now - timedelta(minutes=minutes)
            )
        self.start_tour(
            "/odoo/helpdesk-tickets",
            "helpdesk_social_clock",
            login=self.agent_all.login,
        )
        message = messages[0]
        message.invalidate_recordset()
        said = messages.search(
            [("ticket_id", "=", message.ticket_id.id), ("direction", "=", "out")]
        )
        self.assertTrue(said.holding)
        self.assertEqual((message.waiting, message.handled_how), (False, "no_answer"))
        clock = self.env["helpdesk.social.clock"].search(
            [("message_id", "=", message.id)]
        )
        self.assertEqual(clock.outcome, "handled")
