"""Connecting for real: the dialog and the sign-in against the fake servers."""

from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import requests

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..models import common
from ..networks import errors, registry, transport
from .common import SocialFixtures
from .simulators.mastodon import MastodonSimulator
from .simulators.telegram import TelegramSimulator


@tagged("post_install", "-at_install")
class TestConnectNetworks(SocialFixtures, TransactionCase):
    def dialog(self, code, **values):
        network = self.env["helpdesk.social.network"].search([("code", "=", code)])
        action = network.with_user(self.manager).action_open_connect()
        dialog = (
            self.env["helpdesk.social.connect"]
            .with_user(self.manager)
            .browse(action["res_id"])
        )
        dialog.write({"team_id": self.team.id, **values})
        return dialog

    def sign_in(self, dialog):
        """Through the browser: (account, sentence)."""
        url = dialog.action_sign_in()["url"]
        answer = requests.get(url, allow_redirects=False, timeout=10)
        back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        accounts = self.env["helpdesk.social.account"].with_user(self.manager)
        return accounts._sign_in_returned(back)

    def test_mastodon_in_the_browser(self):
        with MastodonSimulator() as server:
            jo = server.add_account("jo@other.example", "Jo")
            account, sentence = self.sign_in(self.dialog("mastodon", server=server.url))
            self.assertEqual(sentence, "")
            self.assertEqual(account.state, "active")
            self.assertIn("acme", account.handle)
            self.assertFalse(account.missing_scopes)
            server.post(jo, "@acme my lamp broke")
            self.assertEqual(account.action_pull(), 1)

    def test_mastodon_by_hand(self):
        with MastodonSimulator() as server:
            dialog = self.dialog("mastodon", server=server.url)
            line = dialog.line_ids.filtered(lambda one: one.key == "access_token")
            line.value = "wrong"
            dialog.action_connect()
            self.assertIn("does not accept this sign-in", dialog.result)
            line.value = server.brand_token
            dialog.action_connect()
            self.assertEqual(dialog.step, "done")
            self.assertEqual(dialog.account_id.state, "active")

    def test_no_server_there(self):
        with MastodonSimulator() as server:
            address = server.url
        dialog = self.dialog("mastodon", server=address)
        dialog.line_ids.filtered(lambda one: one.key == "access_token").value = "t"
        dialog.action_connect()
        self.assertIn("cannot be reached", dialog.result)
        self.assertNotIn(address, dialog.result)

    def test_a_server_of_another_kind(self):
        with TelegramSimulator() as server:
            dialog = self.dialog("mastodon", server=server.url)
            dialog.line_ids.filtered(lambda one: one.key == "access_token").value = "t"
            dialog.action_connect()
        self.assertEqual(dialog.step, "settings")
        self.assertTrue(dialog.result)
        self.assertEqual(dialog.account_id.state, "draft")

    def test_telegram_pull_then_push_then_pull(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://x.example")
        with TelegramSimulator() as server:
            dialog = self.dialog("telegram", server=server.url)
            dialog.line_ids.filtered(
                lambda one: one.key == "token"
            ).value = server.token
            dialog.action_connect()
            account = dialog.account_id
            self.assertEqual(account.state, "active", dialog.result)
            self.assertFalse(server.webhook)
            account.action_subscribe()
            app = account.app_id.sudo()
            self.assertEqual(server.webhook["url"], app.webhook_url)
            self.assertEqual(server.webhook["secret"], app.webhook_secret)
            account.action_renew_webhook()
            self.assertEqual(server.webhook["url"], app.webhook_url)
            self.assertEqual(server.webhook["secret"], app.webhook_secret)
            account.action_unsubscribe()
            self.assertFalse(server.webhook)
            account.action_pull()

    def telegram(self, server, receive="pull"):
        dialog = self.dialog("telegram", server=server.url)
        token = dialog.line_ids.filtered(lambda one: one.key == "token")
        token.value = server.token
        dialog.receive = receive
        dialog.action_connect()
        return dialog.account_id

    def subscribe_elsewhere(self, server):
        settings = {"token": server.token, "base_url": server.url}
        line = transport.Transport(server.url, allow_private=True)
        other = registry.adapters()["telegram"](settings, line, common.utcnow)
        other.subscribe("https://other.example/hook", "s3cret")

    def test_telegram_pushes_to_another_program(self):
        """Who connects it here and asks Odoo to ask has switched that off."""
        with TelegramSimulator() as server:
            self.subscribe_elsewhere(server)
            account = self.telegram(server)
            self.assertEqual(account.state, "active")
            self.assertFalse(server.webhook)
            self.assertFalse(account.push_error)
            server.say(server.make_user("Jo"), text="hello")
            self.assertEqual(account.action_pull(), 1)
            # another program takes it: said in words, and mended by connecting again
            self.subscribe_elsewhere(server)
            with self.assertRaisesRegex(UserError, "Connect the account again"):
                account.action_pull()
            server.say(server.make_user("Sam"), text="hello too")
            dialog = self.env["helpdesk.social.connect"].browse(
                account.action_open_connect()["res_id"]
            )
            dialog.action_connect()
            self.assertFalse(server.webhook)
            self.assertEqual(account.state, "active")
            self.assertFalse(account.error_code)

    def test_telegram_that_refuses_to_push_is_asked(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://x.example")
        with TelegramSimulator() as server:
            account = self.telegram(server)
            account.action_subscribe()
            self.assertTrue(account.push and server.webhook)
            server.say(server.make_user("Jo"), text="hello")
            adapter = registry.adapters()["telegram"]
            refusal = errors.RejectedError("webhook_unproved")

            def refuse(_adapter, _url, _secret):
                raise refusal

            with patch.object(adapter, "subscribe", refuse):
                # a network that cannot be told leaves all as it is, for tomorrow
                down = errors.TransientError("timeout")
                with patch.object(adapter, "unsubscribe", side_effect=down):
                    account.sudo()._prove_push()
                self.assertTrue(account.push and account.push_error)
                account.sudo()._prove_push()
            self.assertFalse(account.push)
            self.assertFalse(server.webhook)
            self.assertIn("proof", account.push_error)
            self.assertEqual(account.action_pull(), 1)
            account.action_subscribe()
            self.assertTrue(account.push and server.webhook)
            self.assertFalse(account.push_error)

    def test_telegram_wrong_token(self):
        with TelegramSimulator() as server:
            dialog = self.dialog("telegram", server=server.url)
            line = dialog.line_ids.filtered(lambda one: one.key == "token")
            for wrong in ("12:x", f"1{server.token}", "no token"):
                line.value = wrong
                dialog.action_connect()
                self.assertEqual(dialog.step, "settings", wrong)
                self.assertGreater(len(dialog.result), 90)
                self.assertNotIn(wrong, dialog.result)

    def test_sandbox_needs_nothing(self):
        dialog = self.dialog("sandbox")
        self.assertFalse(dialog.can_sign_in)
        self.assertFalse(dialog.can_choose_push)
        dialog.action_connect()
        self.assertEqual(dialog.step, "done", dialog.result)
