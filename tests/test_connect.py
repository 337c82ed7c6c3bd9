"""Connecting: the sign-in proves who asked, once; secrets only ever go in."""

import base64
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, tagged

from ..models import helpdesk_social_account_connect as connect
from ..networks import errors
from .push_network import SERVER, PushAdapter, PushFixtures

REFUSED = "no longer valid"


@tagged("post_install", "-at_install")
class TestSignIn(PushFixtures, TransactionCase):
    def setUp(self):
        super().setUp()
        # who the fake network says we are is free for the account of each test
        self.account.sudo().external_id = "somebody else"
        self.draft = self.make_account(base_url=SERVER).with_user(self.manager)

    def begin(self, account=None):
        """(query of the sign-in page, the state in it)."""
        action = (account or self.draft).action_sign_in()
        self.assertEqual(action["target"], "self")
        query = parse_qs(urlsplit(action["url"]).query)
        return query, query["state"][0]

    def returned(self, user=None, **params):
        accounts = self.env["helpdesk.social.account"].with_user(user or self.manager)
        return accounts._sign_in_returned(params)

    # === THE WAY THERE AND BACK === #
    def test_there_and_back(self):
        query, state = self.begin()
        self.assertEqual(self.draft.state, "draft")
        redirect = query["redirect_uri"][0]
        self.assertTrue(redirect.endswith("/helpdesk_social/oauth/callback"))
        self.assertEqual(query["client_id"], [f"client of {redirect}"])
        self.assertEqual(query["scope"], ["read write"])
        account, sentence = self.returned(state=state, code="c1")
        self.assertEqual((account, sentence), (self.draft, ""))
        self.assertEqual(account.state, "active")
        self.assertEqual(account.handle, "us")
        # the verifier that came back belongs to the challenge that went out
        self.assertEqual(
            self.world.exchanged, ("c1", redirect, query["code_challenge"][0])
        )
        settings = account._bare_adapter().settings
        self.assertEqual(settings["access_token"], "token for c1")
        self.assertTrue(account.token_expires_at)
        kept = account.sudo().oauth
        self.assertEqual(list(kept), ["registered_for"])

    def test_a_right_that_is_new_needs_a_new_registration(self):
        """A network grants only what a registration named (Mastodon: invalid_scope)."""
        _query, state = self.begin()
        self.returned(state=state, code="c1")
        self.begin()
        self.assertEqual(self.world.calls.count("register"), 1)
        adapter_class = self.draft.network_id._get_adapter_class()
        more = {**adapter_class.scopes, "block": "so that we can block people"}
        with patch.object(adapter_class, "scopes", more):
            self.begin()
            self.begin()
        self.assertEqual(self.world.calls.count("register"), 2)

    def test_state_works_once(self):
        _query, state = self.begin()
        self.assertEqual(self.returned(state=state, code="c1")[1], "")
        account, sentence = self.returned(state=state, code="c1")
        self.assertFalse(account)
        self.assertIn(REFUSED, sentence)
        self.assertEqual(self.world.calls.count("exchange"), 1)

    def test_state_is_used_up_by_a_failure_too(self):
        _query, state = self.begin()
        self.world.failures.append(errors.AuthError("oauth_refused", "invalid_grant"))
        account, sentence = self.returned(state=state, code="bad")
        self.assertEqual(account.state, "draft")
        self.assertTrue(sentence)
        self.assertIn(REFUSED, self.returned(state=state, code="good")[1])

    def test_a_new_sign_in_makes_the_old_state_worthless(self):
        _query, old = self.begin()
        self.begin()
        self.assertIn(REFUSED, self.returned(state=old, code="c1")[1])

    def test_state_belongs_to_the_user_who_began(self):
        _query, state = self.begin()
        other = self.manager.copy({"login": "another_manager"})
        account, sentence = self.returned(user=other, state=state, code="c1")
        self.assertFalse(account)
        self.assertIn(REFUSED, sentence)
        self.assertNotIn("exchange", self.world.calls)

    def test_state_ends(self):
        with freeze_time(fields.Datetime.now() - connect.SIGN_IN_TIME):
            _query, state = self.begin()
        self.assertIn(REFUSED, self.returned(state=state, code="c1")[1])

    def test_forged_states(self):
        _query, state = self.begin()
        raw = bytearray(base64.urlsafe_b64decode(state + "=="))
        raw[-3] ^= 1
        forged = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
        for bad in (forged, "", None, "x", "é", "AA" * 40, state[:-9], "%00", "\x00"):
            with self.subTest(state=bad):
                account, sentence = self.returned(state=bad, code="c1")
                self.assertFalse(account)
                self.assertIn(REFUSED, sentence)
        self.assertNotIn("exchange", self.world.calls)

    def test_rights_lost_on_the_way(self):
        _query, state = self.begin()
        self.manager.group_ids = self.env.ref("base.group_user")
        self.assertIn(REFUSED, self.returned(state=state, code="c1")[1])

    def test_the_person_says_no(self):
        _query, state = self.begin()
        account, sentence = self.returned(
            state=state, error="access_denied", error_description="<b>no</b>"
        )
        self.assertEqual(account, self.draft)
        self.assertTrue(sentence)
        self.assertEqual(account.state, "draft")

    def test_back_without_a_code(self):
        _query, state = self.begin()
        self.assertTrue(self.returned(state=state)[1])
        self.assertNotIn("exchange", self.world.calls)

    def test_twin_is_a_sentence(self):
        self.account.sudo().external_id = "us"
        _query, state = self.begin()
        account, sentence = self.returned(state=state, code="c1")
        self.assertIn("connected already", sentence)
        self.assertEqual(account.state, "draft")

    # === REGISTRATION === #
    def test_registers_once_per_server_and_address(self):
        self.begin()
        self.begin()
        self.assertEqual(self.world.calls.count("register"), 1)
        self.draft.base_url = "https://two.example.com"
        self.begin()
        self.assertEqual(self.world.calls.count("register"), 2)
        self.env["ir.config_parameter"].set_param("web.base.url", "https://new.example")
        self.draft.invalidate_recordset()
        self.begin()
        self.assertEqual(self.world.calls.count("register"), 3)

    def test_registration_gone_is_made_again(self):
        _query, state = self.begin()
        self.world.failures.append(errors.ConfigError("oauth_registration", "gone"))
        self.assertTrue(self.returned(state=state, code="c1")[1])
        self.begin()
        self.assertEqual(self.world.calls.count("register"), 2)

    # === SENTENCES === #
    def test_what_cannot_be_begun(self):
        self.draft.base_url = False
        with self.assertRaisesRegex(UserError, "Server"):
            self.draft.action_sign_in()
        self.draft.base_url = SERVER
        self.world.failures.append(errors.TransientError("unreachable", "x"))
        with self.assertRaisesRegex(UserError, "cannot be reached"):
            self.draft.action_sign_in()
        self.patch(PushAdapter, "capabilities", frozenset())
        with self.assertRaisesRegex(UserError, "cannot do that"):
            self.draft.action_sign_in()

    def test_only_managers(self):
        for user in (self.agent_all, self.internal):
            for method in (
                "action_sign_in",
                "action_subscribe",
                "action_renew_webhook",
            ):
                with self.assertRaises(AccessError):
                    getattr(self.draft.with_user(user), method)()
        self.assertFalse(self.world.calls)

    # === SECRETS === #
    def test_nothing_of_a_sign_in_can_be_read(self):
        self.begin()
        admin = self.draft.with_user(self.admin)
        fields_ = ["oauth", "secrets"]
        for name in fields_:
            with self.assertRaises(AccessError):
                admin.read([name])
            self.assertNotIn(name, admin.fields_get())
        with self.assertRaises(AccessError):
            admin.export_data(["oauth"])


@tagged("post_install", "-at_install")
class TestSignInPage(PushFixtures, HttpCase):
    """The callback itself: log-in, redirect, and a page that says why not."""

    def setUp(self):
        super().setUp()
        self.account.sudo().external_id = "somebody else"
        self.draft = self.make_account(base_url=SERVER)
        self.manager.password = "the manager's password"
        self.authenticate(self.manager.login, "the manager's password")

    def test_success_goes_to_the_account(self):
        url = self.draft.with_user(self.manager).action_sign_in()["url"]
        state = parse_qs(urlsplit(url).query)["state"][0]
        answer = self.url_open(
            f"/helpdesk_social/oauth/callback?code=c1&state={state}",
            allow_redirects=False,
        )
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(
            answer.headers["Location"].endswith(
                f"/odoo/helpdesk-social-accounts/{self.draft.id}"
            )
        )
        self.assertEqual(self.draft.state, "active")

    def test_failure_is_a_sentence_and_escaped(self):
        url = self.draft.with_user(self.manager).action_sign_in()["url"]
        state = parse_qs(urlsplit(url).query)["state"][0]
        answer = self.url_open(
            "/helpdesk_social/oauth/callback?error=x&error_description="
            f"<script>alert(1)</script>&state={state}"
        )
        self.assertEqual(answer.status_code, 200)
        self.assertIn("Not connected", answer.text)
        self.assertNotIn("<script>alert(1)", answer.text)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(self.draft.state, "draft")

    def test_a_stranger_is_asked_to_log_in(self):
        self.authenticate(None, None)
        answer = self.url_open(
            "/helpdesk_social/oauth/callback?code=c1&state=x", allow_redirects=False
        )
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login", answer.headers["Location"])

    def test_nonsense(self):
        answer = self.url_open("/helpdesk_social/oauth/callback?state=%00&code[]=1")
        self.assertEqual(answer.status_code, 200)
        self.assertIn(REFUSED, answer.text)
        self.assertFalse(self.world.calls)
