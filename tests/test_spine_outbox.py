"""The outbox under stress: nothing is said twice, and nothing stops the others."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models import common
from ..networks import errors, items
from .common import FAKE, FakeAdapter, SocialCase

DUPLICATE = ("failed", "duplicate")


class OutboxCase(SocialCase):
    def setUp(self):
        super().setUp()
        self.message = self.received("broken", author="ann")
        self.ticket = self.message.ticket_id

    def received(self, text, **values):
        post = self.world.post(text, **values)
        self.account.action_pull()
        return self.env["helpdesk.social.message"].search([("key", "=", post.key)])

    def reply(self, text="We look into it", audience="public", to=None, **kwargs):
        ticket = (to or self.message).ticket_id.with_user(self.agent_all)
        return ticket.social_reply(text, audience, to=to, **kwargs).sudo()

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()

    def make_due(self, row):
        row.write({"next_try_at": fields.Datetime.now() - timedelta(minutes=5)})

    def being_sent(self, row):
        until = fields.Datetime.now() + timedelta(minutes=1)
        row.write({"delivery_state": "sending", "sending_until": until})

    def keys(self, lifetime=timedelta(hours=1), kind="key"):
        return patch.object(
            FakeAdapter,
            "idempotency",
            lambda adapter, verb, audience: items.Idempotency(kind, lifetime),
        )


@tagged("post_install", "-at_install")
class TestSpineOutbox(OutboxCase):
    # --- never twice ----------------------------------------------------------
    def uncertain_by_key(self):
        row = self.reply()
        with patch.object(FakeAdapter, "publish", self.effect_then_silence):
            self.deliver()
        self.assertEqual((row.delivery_state, row.in_doubt), ("queued", True))
        self.make_due(row)
        return row

    @staticmethod
    def effect_then_silence(adapter, draft, key):
        adapter.world.published.append((draft, key))
        raise errors.UncertainError("timeout")

    def test_a_dead_key_is_not_repeated(self):
        row = self.uncertain_by_key()
        row.sending_at = fields.Datetime.now() - timedelta(hours=2)
        with patch.object(
            FakeAdapter, "publish", lambda *args: self.fail("repeated without a key")
        ):
            self.deliver()
        self.assertEqual(row.delivery_state, "uncertain")
        self.make_due(row)
        self.deliver()
        self.assertEqual((row.delivery_state, row.in_doubt), ("sent", False))

    def test_what_may_have_gone_out_is_not_called_failed(self):
        row = self.uncertain_by_key()
        row.queued_at = fields.Datetime.now() - timedelta(hours=5)
        self.deliver()
        self.assertEqual(row.delivery_state, "uncertain")
        self.make_due(row)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(len(self.world.published), 1)

    def test_a_refusal_of_the_repeat_leaves_the_doubt(self):
        row = self.uncertain_by_key()
        self.world.failures.append(errors.RejectedError("forbidden"))
        self.deliver()
        self.assertEqual(row.delivery_state, "uncertain")

    # --- echoes ---------------------------------------------------------------
    def test_the_echo_of_the_same_words_to_somebody_else(self):
        other = self.received("broken too", author="bob")
        first = self.reply("Please write us in private")
        second = self.reply("Please write us in private", to=other)
        self.being_sent(first | second)
        self.world.post("@bob " + second.text, author="us", parent=other.key)
        self.account.action_pull()
        self.assertEqual(first.delivery_state, "sending")
        self.assertEqual(second.delivery_state, "sent")
        self.assertFalse(first.key)

    def test_words_in_the_app_that_end_like_a_reply(self):
        other = self.received("broken too", author="bob")
        row = self.reply("ok")
        self.being_sent(row)
        native = self.world.post("that is ok", author="us", parent=other.key)
        self.account.action_pull()
        self.assertEqual(row.delivery_state, "sending")
        found = row.search([("key", "=", native.key)])
        self.assertEqual(found.origin, "native")

    def test_another_reply_is_never_absorbed(self):
        first, second = self.reply("one"), self.reply("two")
        self.being_sent(first | second)
        first._published(items.Published("k1"))
        second._published(items.Published("k1"))
        self.assertTrue(first.exists())
        self.assertEqual((first.key, second.key), ("k1", False))
        self.assertEqual(first.delivery_state, "sent")
        self.assertEqual((second.delivery_state, second.error_code), DUPLICATE)
        self.assertIn("just sent", second.error_text)
        # the author looks, changes nothing and insists: the network decides once more
        second.with_user(self.agent_all).action_retry()
        self.deliver()
        self.assertEqual(second.delivery_state, "sent")

    def test_the_network_says_that_it_was_said(self):
        row = self.reply("one")
        self.world.failures.append(errors.RejectedError("duplicate"))
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), DUPLICATE)

    def test_what_somebody_else_said_is_never_taken(self):
        row = self.reply("one")
        self.being_sent(row)
        with self.assertLogs("odoo.addons.helpdesk_social", "ERROR"):
            row._published(items.Published(self.message.key))
        self.assertTrue(self.message.key)
        self.assertEqual((row.delivery_state, row.key), ("sent", False))

    def test_echoes_of_the_same_words_are_no_duplicates(self):
        first, second = self.reply("thanks"), self.reply("thanks")
        self.being_sent(first | second)
        # the second one is shown before either call has answered
        self.world.post("thanks", author="us", key="k2", parent=self.message.key)
        self.account.action_pull()
        self.assertEqual((first.delivery_state, first.key), ("sent", "k2"))
        second._published(items.Published("k2"))
        self.assertEqual((second.delivery_state, second.key), ("sent", "k2"))
        first._published(items.Published("k1"))
        self.assertEqual((first.delivery_state, first.key), ("sent", "k1"))
        # now both are sure
        third = self.reply("thanks")
        self.being_sent(third)
        third._published(items.Published("k1"))
        self.assertEqual((third.delivery_state, third.error_code), DUPLICATE)

    # --- one must not stop the others -----------------------------------------
    def vanish(self):
        """The addon that brings the network is gone."""
        networks = self.registry["helpdesk.social.network"]
        original = networks._adapter_class
        return patch.object(
            networks,
            "_adapter_class",
            lambda model, code: None if code == FAKE else original(model, code),
        )

    def test_a_network_whose_addon_is_gone(self):
        row = self.reply()
        dead = self.reply("second")
        past = fields.Datetime.now() - timedelta(minutes=1)
        dead.write({"delivery_state": "sending", "sending_until": past})
        self.account.next_pull_at = False
        with self.vanish():
            self.deliver()
            self.env["helpdesk.social.intake"]._cron_pull()
        self.assertEqual(row.delivery_state, "queued")
        self.assertEqual(dead.delivery_state, "sending")
        self.assertEqual(self.account.error_code, "no_adapter")
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    def test_a_check_that_breaks_fails_before_anything_is_said(self):
        row, other = self.reply(), self.reply("other")
        original = FakeAdapter.measure

        def measure(adapter, draft):
            if draft.text != "other":
                raise ZeroDivisionError
            return original(adapter, draft)

        with (
            patch.object(FakeAdapter, "measure", measure),
            self.assertLogs("odoo.addons.helpdesk_social", "ERROR"),
        ):
            self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "crash"))
        self.assertEqual(other.delivery_state, "sent")

    def test_a_look_that_breaks_does_not_stop_the_sending(self):
        lost = self.reply("lost")
        lost.write({"delivery_state": "uncertain"})
        self.make_due(lost)
        row = self.reply()
        with (
            patch.object(FakeAdapter, "lookup", lambda *args: 1 / 0),
            self.assertLogs("odoo.addons.helpdesk_social", "ERROR"),
        ):
            self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(lost.delivery_state, "uncertain")
        self.assertGreater(lost.next_try_at, fields.Datetime.now())

    def test_an_error_text_that_no_database_can_hold(self):
        row = self.reply()
        self.world.failures.append(errors.RejectedError("forbidden", "no\x00\ud83d"))
        self.deliver()
        self.assertEqual(row.delivery_state, "failed")
        self.assertIn("\ufffd", row.error_detail)

    def test_a_setting_that_is_no_number(self):
        self.env["ir.config_parameter"].set_param(
            "helpdesk_social.queue_minutes", "soon"
        )
        row = self.reply()
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    def test_the_same_words_said_before_prove_nothing(self):
        """A look-up compares words: it must not find the reply of last time."""
        first = self.reply("Thank you!")
        self.deliver()
        second = self.reply("Thank you!")
        known = items.Published(first.key)
        with (
            patch.object(FakeAdapter, "lookup", lambda *args: known),
            self.keys(kind="lookup"),
        ):
            self.world.failures.append(errors.UncertainError("cut"))
            self.deliver()
            self.assertEqual(second.delivery_state, "uncertain")
            for _look in range(2):
                self.make_due(second)
                self.deliver()
        self.assertEqual(second.delivery_state, "sent")
        self.assertNotEqual(second.key, first.key)
        self.assertEqual(len(self.world.published), 2)

    # --- waiting and waking ---------------------------------------------------
    def test_nobody_is_woken_for_what_cannot_leave(self):
        row = self.reply()
        self.make_due(row)
        self.account.paused_until = fields.Datetime.now() + timedelta(hours=1)
        triggers = self.env["ir.cron.trigger"].search([])
        self.deliver()
        self.assertFalse(self.env["ir.cron.trigger"].search([]) - triggers)
        self.assertEqual(row.delivery_state, "queued")

    def test_what_waits_for_a_silent_account_goes_back(self):
        row = self.reply()
        row.queued_at = fields.Datetime.now() - timedelta(hours=5)
        self.account.state = "needs_auth"
        self.deliver()
        self.assertEqual(
            (row.delivery_state, row.error_code), ("failed", "waited_too_long")
        )

    def test_later_parts_wait_as_long_as_the_first(self):
        first = self.reply("a" * 500 + "b" * 500)
        second = first._parts_after()
        self.world.failures.append(errors.RejectedError("forbidden"))
        self.deliver()
        self.assertEqual(first.delivery_state, "failed")
        second.queued_at = fields.Datetime.now() - timedelta(hours=5)
        self.deliver()
        self.assertEqual(second.delivery_state, "queued")
        first.with_user(self.agent_all).action_retry()
        self.deliver()
        self.deliver()
        self.assertEqual(second.delivery_state, "sent")

    def test_parts_after_one_that_never_arrived_come_back(self):
        first = self.reply("a" * 500 + "b" * 500)
        second = first._parts_after()
        first.delivery_state = "undelivered"
        second.queued_at = fields.Datetime.now() - timedelta(hours=5)
        self.deliver()
        self.assertEqual(second.delivery_state, "failed")

    def test_what_has_not_left_cannot_be_deleted_there(self):
        row = self.reply()
        with self.assertRaisesRegex(UserError, "not on the network"):
            row.with_user(self.agent_all).action_delete()
        self.assertFalse(self.world.moderated)

    def test_an_author_who_is_gone_speaks_no_more(self):
        row = self.reply()
        row.user_id = False
        self.deliver()
        self.assertFalse(self.world.published)
        self.assertEqual(row.error_code, "not_allowed_to_speak")

    def test_traffic_stopped_wakes_nobody(self):
        row = self.reply()
        self.make_due(row)
        self.env["ir.config_parameter"].set_param(common.PARAM_STOP, "1")
        triggers = self.env["ir.cron.trigger"].search([])
        self.deliver()
        self.assertFalse(self.env["ir.cron.trigger"].search([]) - triggers)
