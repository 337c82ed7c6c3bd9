"""Connecting to X and to Bluesky for real: their fake servers, over the wire.

X: sign-in in the browser, refresh tokens that work once. Bluesky: name and password,
thirty log-ins in five minutes.
"""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import requests

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..models import common
from .common import SocialFixtures
from .simulators.bluesky import BlueskySimulator
from .simulators.x import XSimulator


class SessionsCase(SocialFixtures, TransactionCase):
    code = ""

    def dialog(self, account=None, **typed):
        network = self.env["helpdesk.social.network"].search([("code", "=", self.code)])
        opener = account or network
        action = opener.with_user(self.manager).action_open_connect()
        dialog = (
            self.env["helpdesk.social.connect"]
            .with_user(self.manager)
            .browse(action["res_id"])
        )
        dialog.server = self.sim.url
        for line in dialog.line_ids.filtered(lambda one: one.key in typed):
            line.value = typed[line.key]
        return dialog

    def stored(self, account):
        return account._bare_adapter().settings

    def lines(self, account):
        account.invalidate_recordset()
        return {one["key"]: one["mark"] for one in account.checklist}

    def run_cron(self):
        self.env["helpdesk.social.account"]._cron_keep_alive()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestConnectX(SessionsCase):
    code = "x"

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(XSimulator())
        self.jo = self.sim.add_user("jo_k", "Jo")

    def keys(self):
        return {
            "client_id": self.sim.app.client_id,
            "client_secret": self.sim.app.client_secret,
        }

    def sign_in(self, dialog):
        """Through the browser: (account, sentence)."""
        # the admin copies it to X's developer console
        self.sim.app.redirect_uris[:] = [dialog.redirect_uri]
        url = dialog.action_sign_in()["url"]
        answer = requests.get(url, allow_redirects=False, timeout=10)
        self.assertEqual(answer.status_code, 302, answer.text)
        back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        accounts = self.env["helpdesk.social.account"].with_user(self.manager)
        return accounts._sign_in_returned(back)

    def connected(self):
        account, sentence = self.sign_in(self.dialog(**self.keys()))
        self.assertEqual(sentence, "")
        return account

    def refreshes(self):
        return sum(
            "refresh_token" in dict(call.form())
            for call in self.sim.calls
            if call.path == "/2/oauth2/token"
        )

    def test_in_the_browser(self):
        account = self.connected()
        self.assertEqual((account.state, account.handle), ("active", "acme"))
        self.assertFalse(account.missing_scopes)
        self.assertTrue(account.renews_itself)
        lines = self.lines(account)
        self.assertEqual(lines["credentials"], "good")
        self.assertEqual(lines["scopes"], "good")
        self.assertEqual(lines["end"], "good")
        self.sim.post(self.jo, "@acme my lamp broke")
        self.assertEqual(account.action_pull(), 1)
        self.assertEqual(self.lines(account)["events"], "good")

    def test_the_keys_are_asked_once(self):
        first = self.connected()
        other = self.sim.add_user("acme_uk", "Acme UK")
        dialog = self.dialog()
        self.assertTrue(
            dialog.line_ids.filtered(lambda one: one.key == "client_secret").stored
        )
        self.sim.signed_in = other
        second, sentence = self.sign_in(dialog)
        self.assertEqual(sentence, "")
        self.assertEqual(second.app_id, first.app_id)
        self.assertEqual((first | second).mapped("handle"), ["acme", "acme_uk"])

    def test_the_client_id_is_named_when_it_is_missing(self):
        dialog = self.dialog()
        dialog.action_sign_in()
        self.assertIn("OAuth 2.0 client id", dialog.result)

    def test_refusals(self):
        dialog = self.dialog(**self.keys())
        self.sim.denies = True
        account, sentence = self.sign_in(dialog)
        self.assertIn("refused on the network's page", sentence)
        self.assertEqual(account.state, "draft")
        self.sim.denies = False
        # a secret with a slip of the finger
        dialog.line_ids.filtered(lambda one: one.key == "client_secret").value = (
            "x" * 40
        )
        account, sentence = self.sign_in(dialog)
        self.assertTrue(sentence)
        self.assertEqual(account.state, "draft")

    def test_a_token_that_ends_in_the_middle(self):
        account = self.connected()
        before = self.stored(account)
        self.sim.expire(before["access_token"])
        message = self.sim.post(self.jo, "@acme my lamp broke")
        self.assertEqual(account.action_pull(), 1)
        self.assertEqual(self.refreshes(), 1)
        after = self.stored(account)
        self.assertNotEqual(after["refresh_token"], before["refresh_token"])
        # and in the middle of an answer
        self.sim.expire(after["access_token"])
        said = self.env["helpdesk.social.message"].search([("key", "=", message.id)])
        reply = said.ticket_id.with_user(self.agent_all).social_reply("Sorry", "public")
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(reply.sudo().delivery_state, "sent")
        self.assertEqual(self.refreshes(), 2)
        ours = [
            one
            for one in self.sim.world.posts.values()
            if one.author == self.sim.brand.id
        ]
        self.assertEqual(len(ours), 1)

    def test_renewed_ahead_of_time_and_not_too_early(self):
        account = self.connected()
        self.run_cron()
        self.assertEqual(self.refreshes(), 0)
        account._tokens().renew_at = fields.Datetime.now()
        self.run_cron()
        self.run_cron()
        self.assertEqual(self.refreshes(), 1)
        self.assertGreater(
            account.token_expires_at, fields.Datetime.now() + timedelta(minutes=100)
        )

    def test_rights_taken_away_and_given_again(self):
        account = self.connected()
        self.sim.post(self.jo, "@acme one")
        account.action_pull()
        kept = (account.sudo().cursors, account.connected_at)
        self.sim.disconnect(self.sim.brand)
        account.sudo()._pull()
        self.assertEqual(account.state, "needs_auth")
        self.assertEqual(len(account.activity_ids), 1)
        self.assertEqual(self.lines(account)["credentials"], "bad")
        self.sim.post(self.jo, "@acme two")
        # as somebody else: refused, and nothing of ours is touched
        self.sim.signed_in = self.jo
        again, sentence = self.sign_in(self.dialog(account))
        self.assertEqual(again, account)
        self.assertIn("sign-in of jo_k, and this account is acme", sentence)
        self.assertEqual(account.state, "needs_auth")
        self.assertEqual(account.handle, "acme")
        # as ourselves
        self.sim.signed_in = self.sim.brand
        again, sentence = self.sign_in(self.dialog(account))
        self.assertEqual(sentence, "")
        self.assertEqual(account.state, "active")
        self.assertFalse(account.activity_ids)
        self.assertEqual((account.sudo().cursors, account.connected_at), kept)
        self.assertEqual(account.action_pull(), 1)


@tagged("post_install", "-at_install")
class TestConnectBluesky(SessionsCase):
    code = "bluesky"

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(BlueskySimulator())
        self.jo = self.sim.add_person("jo.example", "Jo")
        self.password = self.sim.app_password(self.sim.brand, privileged=True)

    def connected(self):
        dialog = self.dialog(
            identifier=self.sim.brand.handle, app_password=self.password
        )
        dialog.action_connect()
        self.assertEqual(dialog.step, "done", dialog.result)
        return dialog.account_id

    def asked(self, what):
        return sum(call.path.endswith(f".server.{what}") for call in self.sim.calls)

    def later(self, **delta):
        """The server's clock goes on; ours does not have to."""
        self.sim.world.clock = lambda: common.utcnow() + timedelta(**delta)

    def test_name_and_app_password(self):
        account = self.connected()
        self.assertEqual(account.state, "active")
        self.assertTrue(account.renews_itself)
        self.assertTrue(account.token_expires_at)
        self.assertEqual(self.asked("createSession"), 1)
        self.sim.post(self.jo, "@acme.example my lamp broke")
        self.assertEqual(account.action_pull(), 1)
        self.assertEqual(self.lines(account)["credentials"], "good")
        # a day of jobs, and tests by the admin: still one log-in
        account.with_user(self.manager).action_check()
        account.sudo().last_check_at = fields.Datetime.now() - timedelta(days=2)
        self.run_cron()
        self.assertEqual(self.asked("createSession"), 1)

    def test_a_wrong_password_is_told(self):
        dialog = self.dialog(
            identifier=self.sim.brand.handle, app_password="not-this-one"
        )
        dialog.action_connect()
        self.assertEqual(dialog.step, "settings")
        self.assertNotIn("not-this-one", dialog.result)
        self.assertEqual(dialog.account_id.state, "draft")

    def test_a_session_that_ends_is_refreshed(self):
        account = self.connected()
        self.later(hours=3)
        self.sim.post(self.jo, "@acme.example my lamp broke")
        self.assertEqual(account.action_pull(), 1)
        self.assertEqual(self.asked("refreshSession"), 1)
        self.assertEqual(self.asked("createSession"), 1)

    def test_a_refresh_that_was_cut_off_is_forgiven(self):
        """The old refresh token works for two hours more and gives the same again."""
        account = self.connected()
        self.later(hours=3)
        # the network renewed, and our commit never came
        account._bare_adapter().refresh()
        account._touch_tokens().in_doubt = True
        account.action_pull()
        self.assertEqual(account.state, "active")
        self.assertEqual(self.asked("createSession"), 1)
        self.assertFalse(account._tokens().in_doubt)

    def test_a_refresh_token_that_ended_is_one_log_in(self):
        account = self.connected()
        self.later(days=100)
        account.action_pull()
        self.assertEqual(self.asked("createSession"), 2)
        self.assertEqual(account.state, "active")

    def test_a_password_that_was_withdrawn(self):
        account = self.connected()
        self.sim.revoke(self.sim.brand, self.password)
        self.later(hours=3)
        for _again in range(4):
            account.sudo()._pull()
            self.run_cron()
        self.assertEqual(account.state, "needs_auth")
        self.assertEqual(len(account.activity_ids), 1)
        self.assertEqual(self.asked("createSession"), 2)
        # a new app password
        self.password = self.sim.app_password(self.sim.brand, privileged=True)
        dialog = self.dialog(account, app_password=self.password)
        dialog.action_connect()
        self.assertEqual(dialog.step, "done", dialog.result)
        self.assertEqual(account.state, "active")
        self.assertFalse(account.activity_ids)

    def test_somebody_elses_name(self):
        account = self.connected()
        self.sim.post(self.jo, "@acme.example one")
        account.action_pull()
        cursors = account.sudo().cursors
        secret = self.sim.app_password(self.jo)
        dialog = self.dialog(account, identifier="jo.example", app_password=secret)
        dialog.action_connect()
        self.assertIn("sign-in of jo.example", dialog.result)
        self.assertIn("Nothing was changed", dialog.result)
        self.env.invalidate_all()
        self.assertEqual(account.state, "active")
        self.assertEqual(account.sudo().cursors, cursors)
        self.assertEqual(self.stored(account)["identifier"], self.sim.brand.handle)
        self.sim.post(self.jo, "@acme.example two")
        self.assertEqual(account.action_pull(), 1)
