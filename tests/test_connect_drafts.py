"""Dialogs that were closed in the middle; registrations that many accounts share."""

from odoo.tests import tagged

from ..networks import base, errors, items
from .push_network import SERVER, PushAdapter
from .test_connect_dialog import ConnectCase


@tagged("post_install", "-at_install")
class TestClosedDialogs(ConnectCase):
    """The × in the corner tells nobody: what it leaves is found again, or cleared."""

    def fail(self, **values):
        dialog = self.type_in(self.open_dialog(), access_token="my-token")
        dialog.write({"server": SERVER, "name": "Half done", **values})
        self.world.failures.append(errors.TransientError("unreachable"))
        dialog.action_connect()
        return dialog.account_id

    def accounts(self):
        return self.env["helpdesk.social.account"].search([("name", "=", "Half done")])

    def test_the_next_dialog_takes_it_up(self):
        draft = self.fail()
        dialog = self.open_dialog()
        self.assertEqual(dialog.account_id, draft)
        self.assertEqual(dialog.name, "Half done")
        self.assertEqual(dialog.server, SERVER)
        self.assertTrue(dialog.line_ids[0].stored)
        dialog.action_connect()
        self.assertEqual(draft.state, "active")
        self.assertEqual(self.accounts(), draft)
        # connected: the next one is new
        self.assertFalse(self.open_dialog().account_id)

    def test_only_the_users_own(self):
        self.fail()
        other = self.manager.copy({"login": "another_manager"})
        action = self.network.with_user(other).action_open_connect()
        dialog = self.env["helpdesk.social.connect"].browse(action["res_id"])
        self.assertFalse(dialog.account_id)

    def test_cleared_after_a_day(self):
        draft, app = self.fail(), self.accounts().app_id
        gc = self.env["helpdesk.social.account"]._gc_never_connected
        gc()
        self.assertTrue(draft.exists())
        self.grow_old(draft)
        gc()
        self.assertFalse(draft.exists())
        self.assertFalse(app.exists())

    def grow_old(self, account):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_social_account SET write_date = now() - interval '2 days' "
            "WHERE id = %s",
            [account.id],
        )
        self.env.invalidate_all()

    def test_what_was_connected_stays(self):
        draft = self.fail()
        draft.with_user(self.manager).action_connect()
        by_hand = self.make_account(name="by hand")
        for account in (draft, by_hand):
            account.sudo().state = "draft"
            self.grow_old(account)
        self.env["helpdesk.social.account"]._gc_never_connected()
        self.assertTrue(draft.exists())
        self.assertTrue(by_hand.exists())

    def test_a_registration_that_was_typed_in_stays(self):
        draft = self.fail()
        draft.app_id.sudo().secrets = {"client_secret": "x"}
        app = draft.app_id
        self.grow_old(draft)
        self.env["helpdesk.social.account"]._gc_never_connected()
        self.assertFalse(draft.exists())
        self.assertTrue(app.exists())


class AppAdapter(PushAdapter):
    """Registered by hand, once for all accounts, as with X."""

    shared_app = True
    settings_spec = (
        items.Setting("client_id", "Client id", required=True, scope="app"),
        items.Setting(
            "client_secret", "Client secret", secret=True, required=True, scope="app"
        ),
    )
    host_setting = ""
    base_url = SERVER
    capabilities = PushAdapter.capabilities - {base.REGISTER}

    def authorize_url(self, redirect_uri, state, challenge):
        self.settings["server"] = SERVER
        return super().authorize_url(redirect_uri, state, challenge)


@tagged("post_install", "-at_install")
class TestRegistration(ConnectCase):
    """Client id and secret are typed in once; further accounts use them."""

    adapter_class = AppAdapter

    def setUp(self):
        super().setUp()
        self.account.app_id.sudo().write({"options": False, "secrets": False})

    def test_asked_once(self):
        dialog = self.open_dialog()
        self.assertFalse(dialog.registers_itself)
        self.assertTrue(dialog.has_app_lines)
        self.assertFalse(dialog.has_account_lines)
        self.assertTrue(dialog.redirect_uri.endswith("/helpdesk_social/oauth/callback"))
        self.type_in(dialog, client_id="our-id", client_secret="our-secret")
        url = dialog.action_sign_in()["url"]
        self.assertIn("client_id=our-id", url)
        first = dialog.account_id
        self.assertEqual(first.app_id.sudo().secrets, {"client_secret": "our-secret"})
        self.assertFalse(first.sudo().secrets)
        first.sudo().write({"state": "active", "connected_at": "2026-01-01"})
        second = self.open_dialog()
        self.assertFalse(second.account_id)
        self.assertEqual(second.line_ids.mapped("stored"), [False, True])
        self.assertEqual(second.line_ids[0].value, "our-id")
        second.action_sign_in()
        self.assertEqual(second.account_id.app_id, first.app_id)

    def test_what_is_missing_is_named(self):
        dialog = self.type_in(self.open_dialog(), client_id="our-id")
        dialog.action_sign_in()
        self.assertIn("Client secret", dialog.result)

    def test_a_sign_in_that_cannot_begin_leaves_no_secret(self):
        dialog = self.type_in(self.open_dialog(), client_secret="our-secret")
        dialog.action_sign_in()
        self.assertIn("Client id", dialog.result)
        self.assertFalse(dialog.line_ids[1].value)
        self.assertTrue(dialog.line_ids[1].stored)
        self.type_in(dialog, client_id="our-id")
        self.assertIn("client_id=our-id", dialog.action_sign_in()["url"])
        self.assertEqual(
            dialog.account_id.app_id.sudo().secrets, {"client_secret": "our-secret"}
        )

    def test_giving_up_leaves_no_secret(self):
        dialog = self.type_in(self.open_dialog(), client_secret="our-secret")
        dialog.action_discard()
        self.assertFalse(dialog.line_ids[1].value)

    def test_another_registration(self):
        apps = self.env["helpdesk.social.app"]
        one = self.account.app_id
        one.sudo().secrets = {"client_secret": "x"}
        two = apps.create({"name": "Two", "network_id": self.network.id, "options": {}})
        dialog = self.open_dialog()
        self.assertEqual(dialog.app_count, 2)
        dialog.app_id = two
        dialog._onchange_app_id()
        self.assertFalse(dialog.line_ids[1].stored)
        dialog.app_id = one
        dialog._onchange_app_id()
        self.assertTrue(dialog.line_ids[1].stored)
        dialog.app_id = two
        self.type_in(dialog, client_id="two-id", client_secret="two-secret")
        dialog.action_sign_in()
        self.assertEqual(dialog.account_id.app_id, two)
        self.assertEqual(one.sudo().secrets, {"client_secret": "x"})

    def test_a_new_secret_is_everybodys_another_chance(self):
        app = self.account.app_id
        other = self.make_account(app_id=app.id, external_id="y", state="active")
        for account in (self.account, other):
            account._touch_tokens().write({"refused": True, "error_code": "auth"})
        self.account.with_user(self.manager).set_settings({"client_secret": "new"})
        self.env.invalidate_all()
        for account in (self.account, other):
            self.assertFalse(account._tokens().refused)
            # who we are has not changed: nothing is stopped
            self.assertEqual(account.state, "active")
