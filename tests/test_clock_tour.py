"""Deadlines in a real browser: the list, the ticket's page, a holding statement."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import SocialFixtures


@tagged("post_install", "-at_install")
class TestClockTour(SocialFixtures, HttpCase):
    def test_who_is_late(self):
        account = self.make_account(
            "sandbox",
            name="Practice",
            undo_seconds=0,
            clock_first_public=60,
            clock_hours="always",
        )
        account.set_settings({"handle": "practice_clock"})
        account.action_connect()
        account.connected_at = "2020-01-01 00:00:00"
        now = fields.Datetime.now()
        posts = self.env["helpdesk.social.sandbox.post"]
        for handle, text, minutes in (
            ("ann", "Where is my parcel?", 64),
            ("bob", "Not urgent", 2),
        ):
            posts._say(account, handle, text, said_at=now - timedelta(minutes=minutes))
        account.action_pull()
        messages = self.env["helpdesk.social.message"].search(
            [("account_id", "=", account.id)], order="sent_at"
        )
        self.assertEqual(messages.mapped("waiting"), [True, True])
        self.start_tour(
            "/odoo/helpdesk-tickets",
            "helpdesk_social_clock",
            login=self.agent_all.login,
        )
        message = messages[0]
        message.invalidate_recordset()
        said = message.search(
            [("ticket_id", "=", message.ticket_id.id), ("direction", "=", "out")]
        )
        self.assertTrue(said.holding)
        self.assertEqual((message.waiting, message.handled_how), (False, "no_answer"))
        clock = self.env["helpdesk.social.clock"].search(
            [("message_id", "=", message.id)]
        )
        self.assertEqual(clock.outcome, "handled")
