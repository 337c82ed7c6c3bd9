"""Keeping a connection: tokens renewed, credentials proved, push or pull."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models import common
from ..models import helpdesk_social_account_tokens as tokens
from ..networks import base, errors
from .push_network import SERVER, PushAdapter, PushFixtures


@tagged("post_install", "-at_install")
class TestKeepAlive(PushFixtures, TransactionCase):
    def run_cron(self):
        self.env["helpdesk.social.account"]._cron_keep_alive()

    def token(self, account=None):
        return (account or self.account)._bare_adapter().settings["access_token"]

    def signed_in(self, account=None, minutes=120, name="one"):
        """Tokens as a sign-in gives them, which end in so many minutes."""
        account = account or self.account
        tokens = self.world.tokens.family(name)
        ends = common.utcnow() + timedelta(minutes=minutes)
        account._store_tokens(replace(tokens, expires_at=ends))
        account.sudo().last_check_at = fields.Datetime.now()
        return tokens.settings["access_token"]

    def end_in(self, minutes, account=None):
        """The tokens are older than they seem."""
        row = (account or self.account)._tokens()
        ends = fields.Datetime.now() + timedelta(minutes=minutes)
        row.write({"expires_at": ends, "renew_at": ends - timedelta(minutes=25)})
        self.env.invalidate_all()

    def test_refreshes_what_ends_soon(self):
        self.signed_in()
        self.run_cron()
        self.assertFalse(self.world.calls)
        self.end_in(20)
        self.run_cron()
        self.assertEqual(self.token(), "token 2 for one")
        now = fields.Datetime.now()
        self.assertGreater(self.account.token_expires_at, now + timedelta(hours=1))
        self.run_cron()
        self.assertEqual(self.world.calls, ["refresh"])
        self.assertFalse(self.account.activity_ids)

    def test_refresh_refused_asks_for_a_person(self):
        self.signed_in()
        self.end_in(20)
        self.world.failures.append(errors.AuthError())
        self.run_cron()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(self.token(), "token for one")
        self.assertEqual(len(self.account.activity_ids), 1)

    def test_one_bad_account_does_not_stop_the_others(self):
        other = self.make_account(state="active", external_id="x", base_url=SERVER)
        other._remember_home()
        self.signed_in()
        self.signed_in(other, name="two")
        self.end_in(20)
        self.end_in(20, other)
        self.world.failures.append(RuntimeError("a bug"))
        with mute_logger(tokens.__name__):
            self.run_cron()
        self.assertEqual(self.world.calls.count("refresh"), 2)
        self.assertEqual(self.token(other), "token 2 for two")
        self.assertEqual((self.account | other).mapped("state"), ["active", "active"])

    def test_checks_once_a_day(self):
        now = fields.Datetime.now()
        self.account.sudo().last_check_at = now - timedelta(days=2)
        self.run_cron()
        self.run_cron()
        self.assertEqual(self.world.calls, ["check"])
        self.assertGreaterEqual(self.account.last_check_at, now)

    def test_silent_accounts_are_left_alone(self):
        self.account.sudo().last_check_at = fields.Datetime.now() - timedelta(days=2)
        self.env["ir.config_parameter"].set_param(common.PARAM_STOP, "True")
        self.run_cron()
        self.env["ir.config_parameter"].set_param(common.PARAM_STOP, False)
        self.account.sudo().home_uuid = "another database"
        self.run_cron()
        self.account._remember_home()
        self.account.sudo().state = "paused"
        self.run_cron()
        self.assertFalse(self.world.calls)


@tagged("post_install", "-at_install")
class TestPush(PushFixtures, TransactionCase):
    def setUp(self):
        super().setUp()
        self.app = self.account.app_id.sudo()
        self.env["ir.config_parameter"].set_param(
            "web.base.url", "https://odoo.example.com"
        )
        self.account.with_user(self.manager)

    def test_subscribe_and_back(self):
        account = self.account.with_user(self.manager)
        account.action_subscribe()
        self.assertTrue(account.push)
        self.assertFalse(account._can_pull())
        url, secret = self.world.subscribed
        self.assertTrue(
            url.startswith("https://odoo.example.com/helpdesk_social/webhook/")
        )
        self.assertEqual(secret, self.app.webhook_secret)
        account.action_unsubscribe()
        self.assertFalse(account.push)
        self.assertTrue(account._can_pull())

    def test_only_an_address_that_networks_reach(self):
        for url in ("http://odoo.example.com", "http://10.0.0.1:8069"):
            self.env["ir.config_parameter"].set_param("web.base.url", url)
            self.app.invalidate_recordset()
            with self.assertRaisesRegex(UserError, "begins with https://"):
                self.account.with_user(self.manager).action_subscribe()
        self.env["ir.config_parameter"].set_param(
            "web.base.url", "http://localhost:8069"
        )
        self.app.invalidate_recordset()
        with (
            patch.object(common, "private_addresses_allowed", lambda: False),
            self.assertRaisesRegex(UserError, "http://localhost:8069"),
        ):
            self.account.with_user(self.manager).action_subscribe()
        self.assertFalse(self.world.calls)
        self.assertFalse(self.account.push)

    def test_refused_by_the_network(self):
        self.world.failures.append(errors.RejectedError("forbidden"))
        with self.assertRaisesRegex(UserError, "does not allow"):
            self.account.with_user(self.manager).action_subscribe()
        self.assertFalse(self.account.push)

    def a_day_later(self):
        self.account._remember_home()
        self.account.sudo().last_check_at = fields.Datetime.now() - timedelta(days=2)
        self.world.calls.clear()
        self.account._cron_keep_alive()

    def test_what_the_network_switched_off_is_asked_for_daily(self):
        self.account.with_user(self.manager).action_subscribe()
        told = self.world.subscribed
        self.world.subscribed = None
        self.a_day_later()
        self.assertEqual(self.world.subscribed, told)
        self.account._cron_keep_alive()
        self.assertEqual(self.world.calls, ["check", "subscribe"])

    @patch.object(PushAdapter, "pull_beside_push", True)
    def test_push_that_is_refused_later_is_told(self):
        """Where pushing keeps nobody from asking, it is asked for again daily, and the
        account asks by itself at its usual pace meanwhile."""
        self.account.with_user(self.manager).action_subscribe()
        for error, words in (
            (errors.RejectedError("webhook_unproved"), "asked our address for a proof"),
            (errors.TransientError("unreachable"), "asked our address for a proof"),
            (errors.ScopeError("scope"), "lacks a right"),
            (errors.ConfigError("missing_setting", "x"), "setting is missing"),
        ):
            with patch.object(PushAdapter, "subscribe", side_effect=error):
                self.a_day_later()
            self.assertEqual(self.account.state, "active")
            self.assertIn(words, self.account.push_error)
        line = next(one for one in self.account.checklist if one["key"] == "delivery")
        self.assertEqual(line["mark"], "warn")
        self.assertIn("no longer", line["text"])
        self.assertEqual(self.account.health, "attention")
        self.assertIn("no longer", self.account.health_text)
        self.assertLess(self.account._wait_after(0), 600)
        self.a_day_later()
        self.assertFalse(self.account.push_error)
        self.assertEqual(self.account._wait_after(0), 1800)

    def test_who_does_not_push_is_not_asked_to(self):
        self.a_day_later()
        self.assertEqual(self.world.calls, ["check"])

    def test_renewal_tells_the_network(self):
        account = self.account.with_user(self.manager)
        account.action_subscribe()
        before = self.world.subscribed
        account.action_renew_webhook()
        self.assertNotEqual(self.world.subscribed[0], before[0])
        self.assertNotEqual(self.world.subscribed[1], before[1])
        self.assertEqual(self.world.subscribed[1], self.app.webhook_secret)

    def test_renewal_without_push_changes_nothing_there(self):
        token = self.app.webhook_token
        self.account.with_user(self.manager).action_renew_webhook()
        self.assertNotEqual(self.app.webhook_token, token)
        self.assertFalse(self.world.calls)

    def test_a_network_that_cannot_push(self):
        self.patch(PushAdapter, "capabilities", frozenset({base.PULL}))
        self.account.invalidate_recordset()
        self.assertFalse(self.account.can_push)
        self.assertFalse(self.account.can_sign_in)
