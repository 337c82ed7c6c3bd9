"""The outbox: each reply is seen exactly once, or a person is asked."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import common
from ..networks import base, errors, items
from .common import FakeAdapter, SocialCase


@tagged("post_install", "-at_install")
class TestOutbox(SocialCase):
    def setUp(self):
        super().setUp()
        self.post = self.world.post("broken", author="ann")
        self.account.action_pull()
        self.message = self.env["helpdesk.social.message"].search(
            [("key", "=", self.post.key)]
        )
        self.ticket = self.message.ticket_id

    def reply(self, text="We look into it", audience="public", user=None, **kwargs):
        ticket = self.ticket.with_user(user or self.agent_all)
        return ticket.social_reply(text, audience, **kwargs)

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()

    def later(self, row):
        """Time passes until the next attempt or look is due."""
        row.sudo().write(
            {
                # SQL's now() stands still in a test's transaction
                "next_try_at": fields.Datetime.now() - timedelta(minutes=5),
                "sending_until": False,
            }
        )

    # --- the way out ----------------------------------------------------------
    def test_a_public_reply(self):
        row = self.reply()
        self.assertEqual(row.delivery_state, "queued")
        self.assertFalse(self.world.published)
        self.deliver()
        [(draft, key)] = self.world.published
        self.assertEqual(draft.text, "We look into it")
        self.assertEqual(draft.audience, "public")
        self.assertEqual(draft.target.key, self.post.key)
        self.assertEqual(key, row.outbox_key)
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(row.ticket_id, self.ticket)
        self.assertFalse(self.message.waiting)
        self.assertEqual(self.message.handled_how, "answered")
        self.assertEqual(self.message.handled_by_id, self.agent_all)

    def test_a_private_reply_opens_a_thread_on_the_same_ticket(self):
        with patch.object(
            FakeAdapter,
            "publish",
            lambda adapter, draft, key: items.Published("dm1", thread="thread-ann"),
        ):
            row = self.reply("your number?", "private")
            self.assertEqual(row.ticket_id, self.ticket)
            self.deliver()
        self.assertEqual(row.conversation_id.audience, "private")
        self.assertEqual(row.conversation_id.ticket_id, self.ticket)
        answer = self.world.post("it is 5", items.PRIVATE, author="ann")
        self.account.action_pull()
        found = self.message.search([("key", "=", answer.key)])
        self.assertEqual(found.conversation_id, row.conversation_id)
        self.assertEqual(found.ticket_id, self.ticket)

    def test_the_answer_comes_to_the_ticket_we_wrote_from(self):
        """The person's private thread is on another open ticket: it goes on here."""
        private = self.world.post("psst", items.PRIVATE, author="ann", thread="dm-ann")
        self.account.action_pull()
        message = self.message.search([("key", "=", private.key)])
        elsewhere = self.make_ticket()
        message.conversation_id.ticket_id = message.ticket_id = elsewhere
        with patch.object(
            FakeAdapter,
            "publish",
            lambda adapter, draft, key: items.Published("dm2", thread="dm-ann"),
        ):
            row = self.reply("your number?", "private", to=self.message)
            self.deliver()
        self.assertEqual(row.conversation_id, message.conversation_id)
        answer = self.world.post("5", items.PRIVATE, author="ann", thread="dm-ann")
        self.account.action_pull()
        found = self.message.search([("key", "=", answer.key)])
        self.assertEqual(found.ticket_id, self.ticket)
        self.assertEqual(message.ticket_id, elsewhere, "its history stays there")

    def test_the_same_key_makes_one_reply(self):
        first = self.reply(key="once")
        second = self.reply(key="once")
        self.assertEqual(first, second)
        self.deliver()
        self.assertEqual(len(self.world.published), 1)

    def test_parts_leave_in_order_and_block_only_each_other(self):
        first = self.reply("a" * 500 + "b" * 500)
        other = self.reply("other")
        self.world.failures.append(errors.RejectedError("too_long"))
        self.deliver()
        second = self.message.search([("previous_id", "=", first.id)])
        self.assertEqual(first.delivery_state, "failed")
        self.assertEqual(second.delivery_state, "queued")
        self.assertEqual(other.delivery_state, "sent")
        first.with_user(self.agent_all).action_retry()
        self.deliver()
        texts = [draft.text[0] for draft, _key in self.world.published]
        self.assertEqual(texts, ["o", "a", "b"])
        self.assertEqual(self.world.published[2][0].previous, first._ref())

    # --- what may not be said -------------------------------------------------
    def test_a_private_message_is_never_answered_in_public(self):
        private = self.world.post("psst", items.PRIVATE, author="ann")
        self.account.action_pull()
        message = self.message.search([("key", "=", private.key)])
        self.assertEqual(message.ticket_id, self.ticket)
        with self.assertRaisesRegex(UserError, "never answered in public"):
            self.reply("hello", "public", to=message)

    def test_an_audience_must_be_named(self):
        with self.assertRaisesRegex(UserError, "who may read"):
            self.reply("hello", "everybody")

    def test_nothing_to_say(self):
        with self.assertRaisesRegex(UserError, "nothing to send"):
            self.reply("  \n ")

    def test_who_may_not_speak(self):
        self.account.speaker_user_ids = self.manager
        with self.assertRaisesRegex(UserError, "may not speak"):
            self.reply()
        self.reply(user=self.manager)
        for user in (self.internal, self.sales, self.portal_customer):
            with self.assertRaises(AccessError):
                self.reply(user=user)

    def test_some_networks_do_not_let_us_write_first(self):
        shy = FakeAdapter.capabilities - {base.PRIVATE_FIRST}
        with patch.object(FakeAdapter, "capabilities", shy):
            with self.assertRaisesRegex(UserError, "has not written to us"):
                self.reply("hello", "private")
            found = {
                one["kind"]: one
                for one in self.message.with_user(self.agent_all).social_affordances()
            }
            self.assertFalse(found["reply_private"]["allowed"])
            self.world.post("hi", items.PRIVATE, author="ann")
            self.account.action_pull()
            self.assertTrue(self.reply("hello", "private", to=self.message))

    def test_a_right_lost_meanwhile_stops_the_reply(self):
        row = self.reply()
        self.account.speaker_user_ids = self.manager
        self.deliver()
        self.assertFalse(self.world.published)
        self.assertEqual(row.delivery_state, "failed")
        self.assertEqual(row.error_code, "not_allowed_to_speak")

    def test_a_deleted_question_is_not_answered(self):
        row = self.reply()
        self.message.deleted_at = fields.Datetime.now()
        self.deliver()
        self.assertFalse(self.world.published)
        self.assertEqual(row.error_code, "deleted")

    def test_what_waited_too_long_goes_back(self):
        row = self.reply()
        row.sudo().queued_at = fields.Datetime.now() - timedelta(hours=5)
        self.deliver()
        self.assertFalse(self.world.published)
        self.assertEqual(row.error_code, "waited_too_long")
        self.assertTrue(row.error_text)
        row.with_user(self.agent_all).action_retry()
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    def test_silence(self):
        row = self.reply()
        params = self.env["ir.config_parameter"]
        params.set_param(common.PARAM_STOP, "1")
        self.deliver()
        params.set_param(common.PARAM_STOP, False)
        self.account.state = "paused"
        self.deliver()
        self.account.state = "active"
        url = params.get_param("web.base.url")
        params.set_param("web.base.url", "https://copy.example.com")
        self.deliver()
        self.assertFalse(self.world.published)
        self.assertEqual(row.delivery_state, "queued")
        self.account._remember_home()
        params.set_param("web.base.url", "http://copy.example.com:80/")
        self.assertFalse(self.account._silence_reason(), "still the same place")
        params.set_param("web.base.url", url)
        self.account._remember_home()
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    # --- what goes wrong ------------------------------------------------------
    def test_transient_is_tried_again_with_the_same_key(self):
        row = self.reply()
        self.world.failures.append(errors.TransientError("unreachable"))
        self.deliver()
        self.assertEqual(row.delivery_state, "queued")
        self.assertGreater(row.next_try_at, fields.Datetime.now())
        self.deliver()
        self.assertFalse(self.world.published, "not before its time")
        self.later(row)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(self.world.published[0][1], row.outbox_key)

    def test_rate_limit_pauses_the_account(self):
        row = self.reply()
        other = self.reply("second")
        self.world.failures.append(errors.RateLimited(retry_after=40))
        self.deliver()
        self.assertEqual(row.delivery_state, "queued")
        self.assertEqual(other.delivery_state, "queued")
        self.assertGreater(
            self.account.paused_until, fields.Datetime.now() + timedelta(seconds=30)
        )

    def test_refused_credentials_stop_the_account_once(self):
        row = self.reply()
        self.world.failures.append(errors.AuthError())
        self.deliver()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(row.delivery_state, "queued")
        activities = self.account.activity_ids
        self.assertTrue(activities)
        self.account._record_failure(errors.AuthError())
        self.assertEqual(self.account.activity_ids, activities)

    def test_uncertain_with_a_key_is_repeated_harmlessly(self):
        row = self.reply()
        with patch.object(FakeAdapter, "publish", self.effect_then_silence):
            self.deliver()
        self.assertEqual(len(self.world.published), 1)
        self.assertEqual(row.delivery_state, "queued")
        self.later(row)
        self.deliver()
        self.assertEqual(len(self.world.published), 1)
        self.assertEqual(row.delivery_state, "sent")

    @staticmethod
    def effect_then_silence(adapter, draft, key):
        adapter.world.published.append((draft, key))
        raise errors.UncertainError("timeout")

    def without_keys(self):
        return patch.object(
            FakeAdapter,
            "idempotency",
            lambda adapter, verb, audience: items.Idempotency("lookup"),
        )

    def test_uncertain_without_a_key_is_looked_up(self):
        row = self.reply()
        with self.without_keys():
            with patch.object(FakeAdapter, "publish", self.effect_then_silence):
                self.deliver()
            self.assertEqual(row.delivery_state, "uncertain")
            self.later(row)
            self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(len(self.world.published), 1)

    def test_absent_twice_may_be_sent_again(self):
        row = self.reply()
        with self.without_keys():
            self.world.failures.append(errors.UncertainError("cut"))
            self.deliver()
            self.later(row)
            self.deliver()
            self.assertEqual((row.delivery_state, row.absences), ("uncertain", 1))
            self.later(row)
            self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(len(self.world.published), 1)

    def test_without_key_and_look_up_a_person_decides(self):
        row = self.reply()
        blind = FakeAdapter.capabilities - {base.LOOKUP}
        with (
            patch.object(FakeAdapter, "capabilities", blind),
            patch.object(
                FakeAdapter,
                "idempotency",
                lambda adapter, verb, audience: items.Idempotency("none"),
            ),
        ):
            self.world.failures.append(errors.UncertainError("cut"))
            self.deliver()
            self.assertEqual(row.delivery_state, "uncertain")
            self.deliver()
            self.assertEqual(row.delivery_state, "uncertain")
            self.assertFalse(self.world.published)
        row.with_user(self.agent_all).action_mark_sent()
        self.assertEqual(row.delivery_state, "sent")
        self.assertFalse(self.message.waiting)

    def test_a_defect_in_the_middle_is_uncertain(self):
        row = self.reply()
        with (
            self.without_keys(),
            patch.object(FakeAdapter, "publish", lambda *args: 1 / 0),
            self.assertLogs("odoo.addons.helpdesk_social", "ERROR"),
        ):
            self.deliver()
        self.assertEqual(row.delivery_state, "uncertain")

    def test_an_unreadable_answer_is_uncertain(self):
        row = self.reply()
        self.world.failures.append(errors.MalformedResponse("not_json"))
        with self.without_keys():
            self.deliver()
        self.assertEqual(row.delivery_state, "uncertain")

    def test_a_dead_lane_is_taken_over(self):
        row = self.reply()
        row.sudo().write(
            {
                "delivery_state": "sending",
                "sending_until": fields.Datetime.now() - timedelta(seconds=1),
            }
        )
        self.deliver()
        self.assertEqual(row.delivery_state, "queued")
        self.later(row)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    # --- echoes ---------------------------------------------------------------
    def test_the_echo_that_comes_back_is_the_same_row(self):
        row = self.reply()
        self.deliver()
        self.world.post(row.text, author="us", key=row.key, parent=self.post.key)
        self.assertEqual(self.account.action_pull(), 0)
        self.assertEqual(row.origin, "agent")

    def test_the_echo_that_comes_before_the_answer(self):
        row = self.reply()
        row.sudo().write(
            {
                "delivery_state": "sending",
                "sending_until": fields.Datetime.now() + timedelta(minutes=1),
            }
        )
        self.world.post(f"@ann {row.text}", author="us", parent=self.post.key)
        self.assertEqual(self.account.action_pull(), 0)
        self.assertEqual(row.delivery_state, "sent")
        # the lane comes back with the answer to its call
        row.sudo()._published(items.Published(row.key))
        self.assertEqual(len(self.ticket.social_message_ids), 2)

    def test_an_echo_stored_as_native_is_absorbed(self):
        row = self.reply()
        echo = self.world.post("Other words", author="us", parent=self.post.key)
        self.account.action_pull()
        self.assertEqual(len(self.ticket.social_message_ids), 3)
        row.sudo().delivery_state = "sending"
        row.sudo()._published(items.Published(echo.key))
        self.assertEqual(len(self.ticket.social_message_ids), 2)
        self.assertEqual(row.key, echo.key)

    # --- buttons --------------------------------------------------------------
    def test_cancel_takes_the_later_parts_too(self):
        row = self.reply("a" * 1200)
        row.with_user(self.agent_all).action_cancel()
        self.deliver()
        self.assertFalse(self.world.published)
        states = self.ticket.social_message_ids.filtered("outbox_key")
        self.assertEqual(set(states.mapped("delivery_state")), {"cancelled"})

    def test_too_late_to_cancel(self):
        row = self.reply()
        self.deliver()
        with self.assertRaisesRegex(UserError, "too late"):
            row.with_user(self.agent_all).action_cancel()

    def test_like_and_delete(self):
        self.message.with_user(self.agent_all).action_like()
        self.assertTrue(self.message.liked)
        row = self.reply()
        self.deliver()
        row.with_user(self.agent_all).action_delete()
        self.assertTrue(row.deleted_at)
        self.assertFalse(row.text)
        verbs = [verb for verb, _target in self.world.moderated]
        self.assertEqual(verbs, ["like", "delete"])
        with self.assertRaises(UserError):
            self.message.with_user(self.agent_all).action_delete()

    def test_affordances_tell_who_may(self):
        found = {
            one["kind"]: one["allowed"]
            for one in self.message.with_user(self.agent_all).social_affordances()
        }
        self.assertTrue(found["reply_public"])
        found = self.message.with_user(self.internal).social_affordances()
        self.assertFalse(any(one["allowed"] for one in found))
        self.assertIn("may not speak", found[0]["reason"])
