"""Sign-ins that the network refuses to renew: a person is asked once, and nobody loses
anything."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import helpdesk_social_account_tokens as tokens
from ..networks import errors
from .push_network import PushAdapter, SessionAdapter
from .tokens_common import TokensCase


@tagged("post_install", "-at_install")
class TestRefused(TokensCase):
    """A revoked sign-in: a person is asked once, and everything goes on afterwards."""

    def test_one_activity_and_nobody_asks_again(self):
        self.refuse()
        reply = self.queue()
        with mute_logger("odoo.addons.helpdesk_social"):
            self.account._pull()
            self.deliver()
            self.run_cron()
            self.account._pull()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(len(self.account.activity_ids), 1)
        self.assertEqual(self.world.calls.count("refresh"), 1)
        self.assertEqual(reply.delivery_state, "queued")
        self.assertFalse(self.world.published)

    def test_the_activity_is_for_who_connected_it(self):
        other = self.manager.copy({"login": "second_manager"})
        self.account.connected_by_id = other
        self.refuse()
        self.account._pull()
        self.assertEqual(self.account.activity_ids.user_id, other)
        other.active = False
        self.account.activity_ids.unlink()
        self.account.state = "active"
        self.account._record_failure(errors.AuthError())
        self.assertEqual(len(self.account.activity_ids), 1)
        self.assertNotEqual(self.account.activity_ids.user_id, other)

    def test_an_agents_button_tells_the_account(self):
        """Whoever meets it first: the lane that keeps sign-ins alive is woken."""
        self.refuse()
        cron = self.env.ref("helpdesk_social.cron_keep_alive")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        triggers.unlink()
        with self.caught(errors.AuthError):
            self.account._adapter().check()
        self.assertTrue(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        )
        self.run_cron()
        self.assertEqual(self.account.state, "needs_auth")

    def test_connecting_again_goes_on_where_it_stopped(self):
        self.world.post("before")
        self.account.action_pull()
        before = (self.account.cursors, self.account.connected_at)
        reply = self.queue()
        self.refuse()
        self.deliver()
        self.assertEqual(reply.delivery_state, "queued")
        self.assertTrue(reply.next_try_at)
        self.world.post("while it was disconnected")
        self.sign_in(name="two")
        self.account.with_user(self.manager).action_connect()
        self.assertEqual((self.account.cursors, self.account.connected_at), before)
        self.assertFalse(self.account.activity_ids)
        self.assertFalse(self.account.error_code)
        self.deliver()
        self.assertEqual(reply.delivery_state, "sent")
        self.assertEqual(self.account.action_pull(), 1)

    def test_waiting_replies_say_why(self):
        first, second = self.queue("one"), self.queue("two")
        self.refuse()
        self.deliver()
        self.env.invalidate_all()
        for reply in first | second:
            self.assertEqual(reply.delivery_state, "queued")
            told = reply.with_user(self.agent_all).error_text
            self.assertIn("must be connected again", told)
        self.sign_in(name="two")
        self.account.with_user(self.manager).action_connect()
        self.env.invalidate_all()
        self.assertNotIn("connected again", second.error_text or "")

    def test_a_reply_that_waited_too_long_is_looked_at_again(self):
        reply = self.queue()
        self.refuse()
        self.deliver()
        reply.queued_at = fields.Datetime.now() - timedelta(hours=3)
        self.sign_in(name="two")
        self.account.with_user(self.manager).action_connect()
        self.deliver()
        self.assertEqual(reply.delivery_state, "failed")
        self.assertEqual(reply.error_code, "waited_too_long")
        self.assertFalse(self.world.published)

    def test_refusals_that_are_no_sign_of_a_person(self):
        """A network that is down, slow or strange is asked again later, not at once."""
        for number, error in enumerate(
            (
                errors.TransientError("http_503"),
                errors.UncertainError("cut"),
                errors.MalformedResponse("not_json", "<html>"),
                errors.RateLimited(retry_after=120),
                RuntimeError("a bug"),
            ),
            1,
        ):
            with self.subTest(error=error), mute_logger(tokens.__name__):
                self.let_time_pass(minutes=1)
                self.tokens_end()
                with patch.object(PushAdapter, "refresh", side_effect=error) as refresh:
                    for _again in range(3):
                        with self.caught(errors.TransientError) as caught:
                            self.account._adapter().check()
                self.assertEqual(refresh.call_count, 1)
                self.assertGreater(caught.exception.retry_after, 0)
                self.assertEqual(self.row().failures, number)
        self.assertEqual(self.account.state, "active")
        self.let_time_pass(minutes=1)
        self.account._adapter().check()
        self.assertFalse(self.row().failures)
        self.assertFalse(self.row().failing_since)

    def test_refused_for_good_takes_a_person(self):
        self.tokens_end()
        with patch.object(
            PushAdapter, "refresh", side_effect=errors.RejectedError("http_400", "no")
        ):
            self.account._pull()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(self.account.error_code, "http_400")

    def test_registration_gone(self):
        self.tokens_end()
        with patch.object(
            PushAdapter, "refresh", side_effect=errors.ConfigError("oauth_registration")
        ):
            self.account._pull()
        self.assertEqual(self.account.state, "error")

    def test_new_settings_are_another_chance(self):
        self.refuse()
        self.account._pull()
        self.world.tokens.dead.clear()
        with self.assertRaises(UserError):
            self.account.action_connect()
        # a name is no proof
        self.account.set_settings({"nickname": "x"})
        with self.assertRaises(UserError):
            self.account.action_connect()
        self.account.set_settings({"access_token": "typed by hand"})
        self.assertEqual(self.token(), "typed by hand")
        self.account.action_connect()
        self.assertEqual(self.account.state, "active")


@tagged("post_install", "-at_install")
class TestSignInWithPassword(TokensCase):
    adapter_class = SessionAdapter

    def setUp(self):
        super().setUp()
        self.account._forget_tokens()
        self.account.write({"state": "draft", "external_id": False, "secrets": False})
        self.mine = self.account.with_user(self.manager)
        self.mine.set_settings({"identifier": "us", "password": "app-password"})
        self.mine.action_connect()

    def sign_in(self, *args, **kwargs):
        """Not in the browser."""

    def sign_ins(self):
        return self.world.calls.count("sign_in")

    def test_one_log_in_for_many_jobs(self):
        self.assertEqual(self.sign_ins(), 1)
        self.assertEqual(self.account.state, "active")
        self.account.action_pull()
        self.mine.action_check()
        self.mine.action_pause()
        self.mine.action_resume()
        self.assertEqual(self.sign_ins(), 1)

    def test_a_session_that_ends_is_refreshed(self):
        self.tokens_end()
        self.account.action_pull()
        self.assertEqual(self.sign_ins(), 1)
        self.assertEqual(self.world.calls.count("refresh"), 1)

    def test_a_refresh_that_is_refused_is_one_log_in(self):
        self.tokens_end()
        self.world.tokens.dead.add("session1")
        self.account.action_pull()
        self.assertEqual(self.sign_ins(), 2)
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.token(), "token for session2")

    def test_a_password_that_was_withdrawn(self):
        self.account.sudo().secrets = {"password": "withdrawn"}
        self.tokens_end()
        self.world.tokens.dead.add("session1")
        for _again in range(5):
            self.account._pull()
            self.run_cron()
        self.assertEqual(self.sign_ins(), 2)
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(len(self.account.activity_ids), 1)
        # the right one, typed in again
        self.mine.set_settings({"password": "app-password"})
        self.mine.action_connect()
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.sign_ins(), 3)

    def test_a_network_that_limits_log_ins_is_left_alone(self):
        self.tokens_end()
        self.world.tokens.dead.add("session1")
        limited = errors.RateLimited(retry_after=300)
        with patch.object(SessionAdapter, "sign_in", side_effect=limited) as sign_in:
            for _again in range(5):
                self.account._pull()
        self.assertEqual(sign_in.call_count, 1)
        self.assertEqual(self.account.state, "active")
        self.assertGreater(
            self.account.paused_until or self.account.next_pull_at,
            fields.Datetime.now() + timedelta(seconds=200),
        )

    def test_another_name_proves_itself_first(self):
        """Settings of somebody else's account never touch our cursors."""
        self.world.post("ours")
        self.account.action_pull()
        cursors = self.account.cursors
        self.mine.set_settings({"identifier": "them"})
        self.assertEqual(self.account.state, "needs_auth")
        with self.assertRaises(UserError):
            self.account.action_pull()
        with self.assertRaisesRegex(UserError, "sign-in of them"):
            self.mine.action_connect()
        self.assertEqual(self.account.cursors, cursors)
        self.assertEqual(self.account.external_id, "us")
        self.mine.set_settings({"identifier": "us"})
        self.mine.action_connect()
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.account.cursors, cursors)

    def test_the_same_settings_change_nothing(self):
        self.mine.set_settings({"identifier": "us", "password": "app-password"})
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.token(), "token for session1")

    def test_warned_about_nothing(self):
        self.assertTrue(self.account.renews_itself)
        self.run_cron()
        self.assertFalse(self.account.activity_ids)
