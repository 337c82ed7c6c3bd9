"""The check list of a connection: live, for whom it is, without a secret."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from ..models import common
from ..networks import base, errors, items
from .push_network import PushAdapter, PushFixtures


@tagged("post_install", "-at_install")
class TestChecklist(PushFixtures, TransactionCase):
    def lines(self, user=None):
        self.env.invalidate_all()
        account = self.account.with_user(user or self.manager)
        return {one["key"]: one for one in account.checklist}

    def marks(self):
        return {key: one["mark"] for key, one in self.lines().items()}

    def test_connected(self):
        self.account.sudo().last_check_at = fields.Datetime.now()
        self.assertEqual(
            self.marks(),
            {
                "credentials": "good",
                "scopes": "good",
                "delivery": "good",
                "events": "off",
            },
        )
        self.assertIn("@us", self.lines()["credentials"]["text"])
        self.assertTrue(self.lines()["credentials"]["at"])

    def test_live(self):
        account = self.account.sudo()
        account.missing_scopes = "write, gone"
        scopes = self.lines()["scopes"]
        self.assertEqual(scopes["mark"], "warn")
        self.assertEqual(
            {one["name"]: one["mark"] for one in scopes["items"]},
            {"read": "good", "write": "bad"},
        )
        self.world.post("Hello")
        self.account.action_pull()
        self.assertEqual(self.lines()["events"]["mark"], "good")
        account._record_failure(errors.AuthError())
        self.assertEqual(self.lines()["credentials"]["mark"], "bad")
        self.assertIn("no longer accepts", self.lines()["credentials"]["text"])
        self.assertEqual(self.lines()["delivery"]["mark"], "off")
        account.state = "paused"
        self.assertEqual(self.lines()["delivery"]["mark"], "off")
        account.write({"state": "draft"})
        self.assertEqual(self.marks(), {"credentials": "off"})

    def test_rights_that_were_not_asked_for(self):
        self.account.sudo().granted_scopes = "read:things, read"
        items = self.lines()["scopes"]["items"]
        self.assertEqual([one["mark"] for one in items], ["good", "off"])
        self.assertEqual(self.lines()["scopes"]["mark"], "good")

    def test_the_end_of_the_sign_in(self):
        ends = common.utcnow() + timedelta(days=5)
        tokens = items.Tokens({"access_token": "x"}, ends)
        self.account._store_tokens(tokens)
        self.assertEqual(self.lines()["end"]["mark"], "warn")
        self.assertIn("Sign in again", self.lines()["end"]["text"])
        tokens.settings["refresh_token"] = "y"
        self.account._store_tokens(tokens)
        self.assertEqual(self.lines()["end"]["mark"], "good")
        row = self.account._tokens()
        row.write({"failing_since": fields.Datetime.now(), "error_code": "unreachable"})
        self.assertEqual(self.lines()["end"]["mark"], "warn")
        self.assertIn("cannot be reached", self.lines()["end"]["text"])

    def test_delivery(self):
        account = self.account.sudo()
        now = fields.Datetime.now()
        account.next_pull_at = now - timedelta(hours=1)
        self.assertEqual(self.lines()["delivery"]["mark"], "bad")
        account.next_pull_at = now
        account.push_error = "no https"
        self.assertIn("no https", self.lines()["delivery"]["text"])
        account.push = True
        self.assertIn("no longer", self.lines()["delivery"]["text"])
        account.push_error = False
        self.assertIn("Nothing has come", self.lines()["delivery"]["text"])
        item = items.RawItem(key="one", data={})
        self.env["helpdesk.social.event"]._journal(
            account.app_id, [item], account, "push"
        )
        self.assertEqual(self.lines()["delivery"]["mark"], "good")
        account.push = False
        self.patch(PushAdapter, "capabilities", frozenset({base.WEBHOOK}))
        self.assertEqual(self.lines()["delivery"]["mark"], "warn")

    def test_no_secret_is_in_it(self):
        self.account._store_tokens(items.Tokens({"access_token": "hush-hush-hush"}))
        for user in (self.manager, self.agent_all):
            self.assertNotIn("hush", str(self.lines(user)))
        with self.assertRaises(AccessError):
            self.account.with_user(self.internal).read(["checklist"])

    def test_an_addon_that_is_gone(self):
        account = self.make_account(code="sandbox")
        account.network_id.sudo().flush_recordset()
        self.env.cr.execute(
            "UPDATE helpdesk_social_network SET code = 'gone' WHERE id = %s",
            [account.network_id.id],
        )
        self.env.invalidate_all()
        self.assertFalse(account.checklist)
        self.assertFalse(account.renews_itself)
