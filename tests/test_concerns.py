"""What stands against saying something: asked at three moments, obeyed at each."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models.social_concern import (
    BLOCK,
    HOLD,
    QUEUE,
    SEND,
    WARN,
    WRITE,
    Concern,
    ConcernError,
)
from .test_spine_outbox import OutboxCase


@tagged("post_install", "-at_install")
class TestConcerns(OutboxCase):
    def concerned(self, effect, *stages, until=None):
        """A feature that has something against every reply, at these stages."""
        self.asked = []

        def concerns(ticket, words):
            self.asked.append(words)
            found = Concern("reluctance", effect, "Not so.", {"n": 1}, until)
            return [found] if words.stage in stages else []

        return patch.object(
            self.env.registry["helpdesk.ticket"], "_social_concerns", concerns
        )

    def option(self):
        return f"public:{self.account.id}:{self.message.id}"

    def send(self, text="Hello", **kwargs):
        ticket = self.ticket.with_user(self.agent_all)
        return ticket.social_send(self.option(), text, **kwargs)

    def test_nothing_stands_against_it_by_itself(self):
        row = self.reply()
        self.assertEqual(row.delivery_state, "queued")
        self.assertFalse(row.held_for)

    def test_shown_while_writing(self):
        with self.concerned(WARN, WRITE):
            told = self.ticket.with_user(self.agent_all).social_measure(
                "Hello", self.option(), consent={"other": 1}
            )
        self.assertEqual(
            told["concerns"],
            [
                {
                    "code": "reluctance",
                    "effect": "warn",
                    "message": "Not so.",
                    "details": {"n": 1},
                    "until": False,
                }
            ],
        )
        self.assertEqual(self.asked[0].consent, {"other": 1})
        self.assertEqual(self.asked[0].user, self.agent_all)

    def test_a_warning_lets_it_pass(self):
        with self.concerned(WARN, WRITE, QUEUE, SEND):
            row = self.reply()
            self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    def test_a_block_queues_nothing_and_says_why(self):
        before = self.ticket.social_message_ids
        with self.concerned(BLOCK, QUEUE):
            answer = self.send()
            with self.assertRaisesRegex(ConcernError, "Not so"):
                self.reply()
        self.assertFalse(answer["ok"])
        self.assertEqual(answer["error"], "Not so.")
        self.assertEqual(answer["concerns"][0]["code"], "reluctance")
        self.assertEqual(self.ticket.social_message_ids, before)

    def test_a_block_found_at_sending_gives_it_back(self):
        row = self.reply()
        with self.concerned(BLOCK, SEND):
            self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "reluctance"))
        self.assertFalse(self.world.published)

    def test_a_check_that_breaks_says_nothing(self):
        row = self.reply()
        model = self.env.registry["helpdesk.ticket"]
        with (
            patch.object(model, "_social_concerns", side_effect=ZeroDivisionError),
            self.assertLogs("odoo.addons.helpdesk_social", "ERROR"),
        ):
            self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "crash"))
        self.assertFalse(self.world.published)

    def test_what_was_decided_is_there_when_it_is_sent(self):
        with self.concerned(WARN, SEND):
            self.send(consent={"reluctance": {"override": "it must be"}})
            self.deliver()
        self.assertEqual(
            [one.consent for one in self.asked],
            [{"reluctance": {"override": "it must be"}}] * 2,
        )
        self.assertEqual(self.asked[1].message.text, "Hello")

    def test_a_forged_consent_is_none(self):
        self.assertTrue(self.send(consent="reluctance")["ok"])
        row = self.ticket.social_message_ids.filtered("delivery_state")
        self.assertFalse(row.consent)

    # --- held ---------------------------------------------------------------------
    def test_held_until_a_person_lets_it_go(self):
        with self.concerned(HOLD, QUEUE):
            row = self.reply()
        self.assertEqual(row.delivery_state, "held")
        self.assertEqual((row.held_for, row.held_until), (["reluctance"], False))
        self.deliver()
        self.assertEqual(row.delivery_state, "held")
        row._release()
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    def test_held_until_a_moment(self):
        soon = fields.Datetime.now() + timedelta(minutes=1)
        with self.concerned(HOLD, QUEUE, until=soon):
            row = self.reply()
        self.assertEqual((row.delivery_state, row.held_until), ("held", soon))
        self.deliver()
        self.assertEqual(row.delivery_state, "held")
        row.held_until = fields.Datetime.now()
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    def test_all_parts_are_held_and_leave_in_order(self):
        with self.concerned(HOLD, QUEUE):
            first = self.reply("word " * 200)
        rows = self.ticket.social_message_ids.filtered("delivery_state")
        self.assertGreater(len(rows), 1)
        self.assertEqual(set(rows.mapped("delivery_state")), {"held"})
        rows._release()
        self.deliver()
        self.assertEqual(set(rows.mapped("delivery_state")), {"sent"})
        self.assertEqual(first.part, 1)

    def test_held_again_when_something_new_stands_against_it(self):
        row = self.reply()
        with self.concerned(HOLD, SEND):
            self.deliver()
        self.assertEqual((row.delivery_state, row.held_for), ("held", ["reluctance"]))
        self.assertFalse(self.world.published)

    def test_what_is_held_may_be_taken_back(self):
        with self.concerned(HOLD, QUEUE):
            row = self.reply()
        row.with_user(self.agent_all).action_cancel()
        self.deliver()
        self.assertEqual(row.delivery_state, "cancelled")
        self.assertFalse(self.world.published)

    def test_what_was_let_go_late_is_not_stale(self):
        """It waited for a person; from then on the queue's patience counts."""
        with self.concerned(HOLD, QUEUE):
            row = self.reply()
        row.queued_at = fields.Datetime.now() - timedelta(days=1)
        row._release()
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    def test_late_release_settles_only_what_was_seen(self):
        """What came in while the answer was held was not seen by who wrote it."""
        with self.concerned(HOLD, QUEUE):
            row = self.reply()
        row.queued_at = fields.Datetime.now() - timedelta(minutes=5)
        self.message.received_at = row.queued_at - timedelta(minutes=1)
        later = self.received(
            "and another thing", author="ann", parent=self.message.key
        )
        self.assertEqual(later.ticket_id, self.ticket)
        row._release()
        self.deliver()
        self.assertFalse(self.message.waiting)
        self.assertTrue(later.waiting)
