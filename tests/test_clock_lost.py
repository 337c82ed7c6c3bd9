"""Clocks of answers that nobody got to see, and of tickets that close and open."""

from datetime import timedelta

from odoo.tests import tagged

from ..networks import errors
from .test_clock import CLOCK, ClockCase
from .test_revisions import ago


@tagged("post_install", "-at_install")
class TestLostAnswers(ClockCase):
    """An answer that was never delivered answers nobody."""

    def lose(self, reply):
        reply.write({"delivery_state": "undelivered", "error_code": "rejected"})

    def test_the_clock_goes_on_since_it_began(self):
        reply = self.answer()
        started = self.clocks().started_at
        self.lose(reply)
        self.assertTrue(self.message.waiting)
        self.assertFalse(self.message.handled_how)
        clock = self.clocks()
        self.assertEqual(len(clock), 1)
        self.assertEqual((clock.started_at, clock.stopped_at), (started, False))
        self.assert_near(clock.deadline, started + timedelta(minutes=60), 1)
        self.assertEqual(self.resolution().state, "running")

    def test_words_that_came_meanwhile_are_part_of_it(self):
        reply = self.answer()
        again = self.say("Hello?", -0.05)
        self.assertEqual(len(self.clocks(again)), 2)
        self.lose(reply)
        clock = self.clocks(again)
        self.assertEqual((len(clock), clock.kind), (1, "first_public"))
        self.assertEqual(clock.message_id, self.message)

    def test_a_later_answer_answers_it_as_well(self):
        lost = self.answer()
        kept = self.answer("As I said")
        self.lose(lost)
        self.assertFalse(self.message.waiting)
        self.assertEqual(self.message.settled_by_id, kept)
        clock = self.clocks()
        self.assertEqual((clock.outcome, clock.answer_id), ("answered", kept))

    def test_sent_again_it_stops(self):
        reply = self.answer()
        self.lose(reply)
        reply.with_user(self.agent_all).action_retry()
        self.deliver()
        self.assertEqual(reply.delivery_state, "sent")
        self.assertFalse(self.message.waiting)
        self.assertEqual(self.clocks().outcome, "answered")

    def test_an_answer_that_never_left_stops_nothing(self):
        self.world.failures.append(errors.RejectedError("spam"))
        row = self.reply("Yes", to=self.message)
        self.deliver()
        self.assertEqual(row.delivery_state, "failed")
        self.assertTrue(self.message.waiting)
        self.assertFalse(self.clocks().stopped_at)

    def test_on_a_closed_ticket_it_does_not_hide(self):
        reply = self.answer()
        self.close()
        self.lose(reply)
        self.assertTrue(self.message.waiting)
        self.assertFalse(self.clocks().stopped_at)
        waiting = self.env["helpdesk.social.message"].with_user(self.agent_all)
        self.assertIn(self.message, waiting.search([("waiting", "=", True)]))


@tagged("post_install", "-at_install")
class TestResolution(ClockCase):
    def test_paused_while_we_wait_for_the_customer(self):
        native = self.world.post(
            "Which size?", author="us", parent=self.post.key, sent_at=ago(minutes=100)
        )
        self.pull()
        clock = self.resolution()
        self.assertEqual(clock.state, "paused")
        self.assertFalse(clock.deadline)
        self.assertAlmostEqual(clock.spent, 20 * 60, delta=2)
        self.assertEqual(clock.paused_at, self.of(native).sent_at)
        self.say("The big one", 40)
        clock = self.resolution()
        self.assertEqual(clock.state, "running")
        left = timedelta(minutes=480 - 20)
        self.assert_near(clock.deadline, clock.running_since + left, 2)
        self.close()
        clock = self.resolution()
        self.assertEqual((clock.outcome, clock.in_time), ("closed", 1))
        self.assertAlmostEqual(clock.minutes, 60, delta=1)

    def test_a_ticket_that_is_opened_again(self):
        self.close()
        self.assertTrue(self.resolution().stopped_at)
        self.ticket._social_reopen()
        clock = self.resolution()
        self.assertEqual(len(clock), 1)
        self.assertEqual(clock.state, "running", "the message still waits")
        self.assertAlmostEqual(clock.spent, 120 * 60, delta=5)

    def test_unanswered_on_a_closed_ticket_still_waits(self):
        self.close()
        self.assertTrue(self.message.waiting)
        self.assertFalse(self.clocks().stopped_at)

    def test_merged_into_another(self):
        other = self.make_ticket()
        self.ticket.duplicate_id = other
        self.assertFalse(self.clocks().stopped_at)
        again = self.say("Anybody?", 1)
        self.assertEqual(again.ticket_id, other)
        rows = self.clocks() | self.resolution()
        self.assertEqual(rows.ticket_id, other, "they went along with what waits")
        self.assertFalse(self.resolution().stopped_at, "which is not settled yet")

    def test_rows_follow_their_message(self):
        other = self.make_ticket()
        self.message.sudo().write({"ticket_id": other.id})
        rows = self.clocks() | self.resolution()
        self.assertEqual(rows.ticket_id, other)

    def test_another_person_after_all(self):
        """Identities are merged: what waits is theirs now."""
        zoe = self.make_identity("zoe")
        started = self.clocks().started_at
        self.message.sudo().identity_id = zoe
        clock = self.clocks()
        self.assertEqual(len(clock), 1)
        self.assertEqual((clock.identity_id, clock.started_at), (zoe, started))
        self.assertEqual(len(self.resolution()), 1)

    def test_the_message_is_gone(self):
        self.message.unlink()
        self.assertFalse(self.env[CLOCK].search([("ticket_id", "=", self.ticket.id)]))
