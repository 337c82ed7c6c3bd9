"""The connect dialog: asks what the adapter asks, says how far it went."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, TransactionCase, tagged

from ..networks import errors
from .push_network import SERVER, PushFixtures


class ConnectCase(PushFixtures, TransactionCase):
    def setUp(self):
        super().setUp()
        self.account.sudo().external_id = "somebody else"

    def open_dialog(self, account=None):
        network = self.network.with_user(self.manager)
        action = (
            account.with_user(self.manager).action_open_connect()
            if account
            else network.action_open_connect()
        )
        self.assertEqual(action["target"], "new")
        dialogs = self.env["helpdesk.social.connect"].with_user(self.manager)
        return dialogs.browse(action["res_id"])

    def type_in(self, dialog, **values):
        for line in dialog.line_ids:
            if line.key in values:
                line.value = values[line.key]
        return dialog


@tagged("post_install", "-at_install")
class TestConnectDialog(ConnectCase):
    def test_asks_what_the_adapter_asks(self):
        dialog = self.open_dialog()
        self.assertEqual(dialog.server_label, "Server")
        self.assertEqual(dialog.server_help, "Where it lives.")
        self.assertEqual(
            dialog.line_ids.mapped("key"), ["access_token", "client_id", "nickname"]
        )
        self.assertEqual(dialog.line_ids.mapped("secret"), [True, False, False])
        self.assertEqual(dialog.line_ids[2].value, "Nick")
        self.assertEqual(dialog.line_ids.mapped("advanced"), [False, False, True])
        self.assertFalse(any(dialog.line_ids.mapped("filled")))
        self.assertTrue(dialog.can_sign_in)
        self.assertTrue(dialog.can_choose_push)
        self.assertIn("to see what people write", dialog.scopes_text)

    def test_connects_and_shows_how_far_it_went(self):
        dialog = self.open_dialog()
        dialog.write({"name": "Acme", "server": "one.example.com/", "team_id": False})
        self.type_in(dialog, access_token="  my-token ")
        self.world.post("Hello @us")
        dialog.action_connect()
        account = dialog.account_id
        self.assertEqual(dialog.step, "done")
        self.assertEqual(account.state, "active")
        self.assertEqual(account.base_url, SERVER)
        self.assertEqual(account.sudo().secrets["access_token"], "my-token")
        lines = {one["key"]: one for one in dialog.checklist}
        self.assertEqual(
            {key: one["mark"] for key, one in lines.items()},
            {
                "credentials": "good",
                "scopes": "good",
                "delivery": "good",
                "events": "good",
                "team": "warn",
            },
        )
        self.assertIn("@us", lines["credentials"]["text"])
        self.assertIn("Read 1 messages", dialog.result)

    def test_the_dialog_keeps_no_secret(self):
        dialog = self.type_in(self.open_dialog(), access_token="my-token")
        self.world.failures.append(errors.AuthError())
        dialog.action_connect()
        line = dialog.line_ids[0]
        self.assertFalse(line.value)
        self.assertTrue(line.stored)
        self.env.flush_all()
        self.env.cr.execute("SELECT value FROM helpdesk_social_connect_line")
        self.assertNotIn(("my-token",), self.env.cr.fetchall())

    def test_failure_says_why_and_the_next_try_keeps_what_was_right(self):
        dialog = self.type_in(self.open_dialog(), access_token="my-token")
        dialog.server = SERVER
        for error, words in (
            (errors.AuthError(), "does not accept this sign-in"),
            (errors.TransientError("unreachable"), "cannot be reached"),
            (errors.MalformedResponse("not_json"), "supported server"),
            (errors.ConfigError("address_not_allowed"), "private network"),
        ):
            self.world.failures.append(error)
            dialog.action_connect()
            self.assertEqual(dialog.step, "settings")
            self.assertIn(words, dialog.result)
            self.assertEqual(dialog.account_id.state, "draft")
        dialog.action_connect()
        self.assertEqual(dialog.step, "done")
        self.assertEqual(dialog.account_id.sudo().secrets["access_token"], "my-token")
        accounts = self.env["helpdesk.social.account"].search(
            [("name", "=", dialog.name)]
        )
        self.assertEqual(accounts, dialog.account_id)

    def test_missing_setting_is_named(self):
        dialog = self.open_dialog()
        dialog.server = False
        dialog.action_connect()
        self.assertIn("Server", dialog.result)
        self.assertFalse(self.world.calls)

    def test_hostile_words_of_a_server_are_escaped(self):
        dialog = self.type_in(self.open_dialog(), access_token="my-token")
        dialog.server = SERVER
        self.world.failures.append(errors.RejectedError("rejected", "<img src=x>"))
        dialog.action_connect()
        self.assertNotIn("<img", dialog.result)

    def test_cancel_leaves_nothing(self):
        apps = self.env["helpdesk.social.app"].search([])
        dialog = self.type_in(self.open_dialog(), access_token="my-token")
        dialog.server = SERVER
        self.world.failures.append(errors.AuthError())
        dialog.action_connect()
        account = dialog.account_id
        dialog.action_discard()
        self.assertFalse(account.exists())
        self.assertEqual(self.env["helpdesk.social.app"].search([]), apps)

    def test_cancel_never_removes_what_was_there(self):
        self.account.sudo().state = "draft"
        dialog = self.open_dialog(self.account)
        self.world.failures.append(errors.AuthError())
        dialog.action_connect()
        dialog.action_discard()
        self.assertTrue(self.account.exists())

    def test_change_settings(self):
        self.account.sudo().external_id = "us"
        self.account.set_settings({"nickname": "Ann"})
        self.account.lookback_days = 3
        dialog = self.open_dialog(self.account)
        self.assertEqual(dialog.server, SERVER)
        self.assertEqual(dialog.lookback_days, 3)
        self.assertEqual(dialog.line_ids[2].value, "Ann")
        self.assertEqual(dialog.line_ids.mapped("filled"), [True, False, True])
        self.assertTrue(dialog.line_ids[0].stored)
        self.assertFalse(dialog.line_ids[0].value)
        self.type_in(dialog, nickname="Bea")
        dialog.action_connect()
        self.assertEqual(dialog.account_id, self.account)
        self.assertEqual(self.account.options["nickname"], "Bea")
        self.assertEqual(
            self.account.sudo().secrets["access_token"], "the-secret-token"
        )

    def test_push_that_cannot_be_leaves_the_account_connected(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "http://x.example")
        dialog = self.type_in(self.open_dialog(), access_token="my-token")
        dialog.write({"server": SERVER, "receive": "push"})
        dialog.action_connect()
        delivery = next(one for one in dialog.checklist if one["key"] == "delivery")
        self.assertEqual(delivery["mark"], "warn")
        self.assertIn("begins with https://", delivery["text"])
        self.assertEqual(dialog.account_id.state, "active")
        self.assertFalse(dialog.account_id.push)

    def test_push(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://x.example")
        dialog = self.type_in(self.open_dialog(), access_token="my-token")
        dialog.write({"server": SERVER, "receive": "push"})
        dialog.action_connect()
        self.assertTrue(dialog.account_id.push)
        dialog = self.open_dialog(dialog.account_id)
        self.assertEqual(dialog.receive, "push")
        dialog.receive = "pull"
        dialog.action_connect()
        self.assertFalse(dialog.account_id.push)

    def test_backlog_asks_first(self):
        dialog = self.type_in(self.open_dialog(), access_token="my-token")
        dialog.server = SERVER
        old = fields.Datetime.to_datetime("2020-01-01").isoformat() + "+00:00"
        self.world.post("From before")
        self.world.inbox[0].data["sent_at"] = old
        dialog.action_connect()
        self.assertEqual(dialog.backlog_count, 1)
        conversations = self.env["helpdesk.social.conversation"]
        mine = [("account_id", "=", dialog.account_id.id)]
        self.assertFalse(conversations.search(mine).ticket_id)
        dialog.action_accept_backlog()
        self.assertTrue(conversations.search(mine).ticket_id)
        self.env.invalidate_all()
        self.assertEqual(dialog.backlog_count, 0)

    def test_sign_in_from_the_dialog(self):
        dialog = self.open_dialog()
        dialog.write({"server": SERVER, "team_id": self.team.id})
        action = dialog.action_sign_in()
        self.assertTrue(action["url"].startswith(f"{SERVER}/authorize?"))
        self.assertEqual(dialog.account_id.team_id, self.team)

    def test_only_managers(self):
        for user in (self.agent_all, self.internal, self.portal_customer):
            with self.assertRaises(AccessError):
                self.network.with_user(user).action_open_connect()
        dialog = self.open_dialog()
        with self.assertRaises(AccessError):
            dialog.with_user(self.agent_all).read(["name"])


@tagged("post_install", "-at_install")
class TestConnectTour(PushFixtures, HttpCase):
    """The same in a real browser, typed and clicked."""

    def test_connect(self):
        self.account.sudo().external_id = "somebody else"
        self.network.name = "Push"
        self.world.failures.append(errors.TransientError("unreachable"))
        self.manager.password = self.manager.login
        self.start_tour(
            "/odoo/helpdesk-social-networks",
            "helpdesk_social_connect",
            login=self.manager.login,
        )
        account = self.env["helpdesk.social.account"].search([("name", "=", "Push")])
        self.assertEqual(account.state, "active")
        self.assertEqual(account.options["nickname"], "Ann")
        self.assertEqual(account.sudo().secrets, {"access_token": "my-token"})
