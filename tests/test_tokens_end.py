"""Sign-ins that end for good are told ahead; tokens belong to one account only."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_open

from ..models import common, fresh_adapter
from ..networks import errors, items
from .push_network import SERVER, PushAdapter
from .tokens_common import TokensCase


@tagged("post_install", "-at_install")
class TestTheEnd(TokensCase):
    """A sign-in that no machine can renew is told days ahead."""

    def end_in(self, days):
        ends = common.utcnow() + timedelta(days=days)
        self.account._store_tokens(items.Tokens({"access_token": "long"}, ends))

    def test_one_warning_days_ahead(self):
        self.end_in(20)
        self.run_cron()
        self.assertFalse(self.account.activity_ids)
        self.assertEqual(self.account.health, "good")
        self.end_in(10)
        self.run_cron()
        self.run_cron()
        self.assertEqual(len(self.account.activity_ids), 1)
        activity = self.account.activity_ids
        self.assertEqual(
            activity.date_deadline, (common.utcnow() + timedelta(days=10)).date()
        )
        self.account.invalidate_recordset()
        self.assertEqual(self.account.health, "attention")
        # renewed
        self.end_in(60)
        self.run_cron()
        self.assertFalse(self.account.activity_ids)

    def test_connecting_clears_it(self):
        self.end_in(3)
        self.run_cron()
        self.assertTrue(self.account.activity_ids)
        self.end_in(60)
        self.account.external_id = "us"
        self.account.action_connect()
        self.assertFalse(self.account.activity_ids)

    def test_ended(self):
        self.end_in(-1)
        self.run_cron()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(self.account.error_code, "token_ended")
        self.assertFalse(self.world.calls)

    def test_no_warning_where_it_renews_itself(self):
        self.sign_in(minutes=60 * 24 * 5)
        self.run_cron()
        self.assertFalse(self.account.activity_ids)
        self.account.invalidate_recordset()
        self.assertEqual(self.account.health, "good")

    def test_renewing_that_fails_for_a_day_is_told(self):
        self.sign_in(minutes=60 * 24 * 5)
        now = fields.Datetime.now()
        self.row().write({"renew_at": now, "retry_at": False})
        with patch.object(
            PushAdapter, "refresh", side_effect=errors.TransientError("unreachable")
        ):
            self.run_cron()
            self.assertFalse(self.account.activity_ids)
            self.assertEqual(self.account.state, "active")
            self.row().failing_since = now - timedelta(days=2)
            self.let_time_pass(minutes=1)
            self.run_cron()
            self.assertEqual(len(self.account.activity_ids), 1)
        self.let_time_pass(minutes=1)
        self.run_cron()
        self.assertFalse(self.account.activity_ids)

    def test_renewed_early_enough_for_their_life(self):
        self.sign_in(minutes=60 * 24 * 60)
        row = self.row()
        self.assertGreater(row.expires_at - row.renew_at, timedelta(days=5))
        self.sign_in(minutes=120)
        margin = self.row().expires_at - self.row().renew_at
        self.assertEqual(margin, timedelta(minutes=25))
        self.sign_in(minutes=10)
        margin = self.row().expires_at - self.row().renew_at
        self.assertLess(margin, timedelta(minutes=6))

    def test_an_end_in_the_past_is_renewed_at_once(self):
        self.sign_in(minutes=-5)
        self.run_cron()
        self.assertEqual(self.token(), "token 2 for one")


@tagged("post_install", "-at_install")
class TestWhose(TokensCase):
    """Tokens belong to one account of one host of one database."""

    def test_another_host_gets_no_tokens(self):
        self.account.base_url = "https://two.example.com"
        self.assertFalse(self.row())
        self.assertEqual(self.account.state, "draft")

    def test_the_same_host_keeps_them(self):
        self.account.base_url = SERVER
        self.assertEqual(self.token(), "token for one")

    def test_a_copy_proves_nothing(self):
        """A renewal by the copy would end the sign-in of the original."""
        self.account.state = "needs_auth"
        self.env["ir.config_parameter"].set_param("database.uuid", "a copy")
        mine = self.account.with_user(self.manager)
        for method in ("action_connect", "action_sign_in"):
            with self.assertRaisesRegex(UserError, "copy"):
                getattr(mine, method)()
        self.assertFalse(self.world.calls)
        self.account.invalidate_recordset()
        self.assertEqual(self.account.silence_code, "restored_copy")
        self.account.with_user(self.admin).action_confirm_copy()
        mine.action_connect()
        self.assertEqual(self.account.state, "active")

    def test_a_neutralised_database_forgets_them(self):
        with file_open("helpdesk_social/data/neutralize.sql") as file:
            self.env.cr.execute(file.read())
        self.env.invalidate_all()
        self.assertFalse(self.row())

    def test_an_account_that_goes_takes_them_along(self):
        row = self.row()
        self.account.unlink()
        self.assertFalse(row.exists())

    def test_a_webhook_renews_nothing(self):
        """Its adapter has no line; tokens that end are nobody's business there."""
        app = self.account.app_id
        self.tokens_end()
        found = app._door(self.network.code, app.webhook_token)
        self.assertNotIsInstance(found[1], fresh_adapter.FreshAdapter)
        with self.caught(errors.TransientError):
            found[1].transport.request("GET", "/")
        self.assertFalse(self.world.calls)
