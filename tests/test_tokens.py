"""Tokens that end in the middle of the work, or of their own renewal.

One transaction; what several workers do at once is in ``test_tokens_race``.
"""

import inspect
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models import common, fresh_adapter
from ..models import helpdesk_social_account_tokens as tokens
from ..networks import base, errors, items
from .push_network import PushAdapter
from .tokens_common import Died, TokensCase


@tagged("post_install", "-at_install")
class TestInFlight(TokensCase):
    def test_every_method_of_the_contract_is_traffic_or_not(self):
        """A new method must be thought of: does it need a token?"""
        pure = (
            "acknowledge affordances authorize_url blocking can charge exchange "
            "files handoff handshake idempotency invite_url measure media_rules "
            "parse preview protection refresh register renewable sign_in split verify"
        )
        methods = {
            name
            for name, value in inspect.getmembers(base.Adapter)
            if callable(value) and not name.startswith("_")
        }
        unknown = methods - set(pure.split()) - fresh_adapter.TRAFFIC
        self.assertFalse(unknown, "say in fresh_adapter.TRAFFIC or here what it is")
        self.assertFalse(fresh_adapter.TRAFFIC - methods)

    def test_a_pull_goes_on(self):
        self.world.post("Hello @us")
        self.tokens_end()
        self.assertEqual(self.account.action_pull(), 1)
        self.assertEqual(self.world.calls, ["fetch", "refresh", "fetch"])
        self.assertEqual(self.token(), "token 2 for one")
        self.assertEqual(self.account.state, "active")
        self.assertFalse(self.account.error_code)

    def test_a_reply_leaves_once(self):
        reply = self.queue()
        self.tokens_end()
        self.deliver()
        self.assertEqual(reply.delivery_state, "sent")
        self.assertEqual(len(self.world.published), 1)
        self.assertEqual(self.world.calls, ["publish", "refresh", "publish"])

    def test_whatever_is_asked(self):
        seen = []

        def ask(adapter, name):
            seen.append(adapter.settings["access_token"])
            if adapter.settings["access_token"] in self.world.ended:
                raise errors.AuthError("token_expired")
            return name

        for number, name in enumerate(sorted(fresh_adapter.TRAFFIC), 1):
            with (
                self.subTest(name),
                patch.object(
                    PushAdapter, name, lambda self, *args, _n=name: ask(self, _n)
                ),
            ):
                self.tokens_end()
                self.assertEqual(getattr(self.account._adapter(), name)(), name)
                self.assertEqual(self.world.tokens.rotations, number)
        self.assertEqual(len(seen), 2 * len(fresh_adapter.TRAFFIC))

    def test_a_button_of_an_agent(self):
        message = self.make_message(
            self.make_conversation(ticket=self.make_ticket()), key="post1"
        )
        message.ticket_id = message.conversation_id.ticket_id
        self.tokens_end()
        message.with_user(self.agent_all).action_like()
        self.assertTrue(message.liked)
        self.assertEqual(len(self.world.moderated), 1)

    def test_other_errors_renew_nothing(self):
        adapter = self.account._adapter()
        for error in (
            errors.AuthError("auth"),
            errors.ScopeError(),
            errors.UncertainError("token_expired"),
            errors.RejectedError("token_expired"),
        ):
            self.world.failures.append(error)
            with self.assertRaises(type(error)):
                adapter.fetch("inbox", "", None)
        self.assertNotIn("refresh", self.world.calls)

    def test_a_renewal_that_helps_nothing_ends(self):
        self.tokens_end()
        with patch.object(
            PushAdapter, "fetch", side_effect=errors.AuthError("token_expired")
        ) as fetch:
            self.account._pull()
        self.assertEqual(fetch.call_count, 2)
        self.assertEqual(self.account.state, "needs_auth")
        self.assertIn("just renewed", self.account.error_text)

    def test_what_a_renewal_leaves_out_stays(self):
        """RFC 6749 §6: a server may say nothing about the refresh token."""
        answer = items.Tokens({"access_token": "just this"})
        with patch.object(PushAdapter, "refresh", return_value=answer):
            self.tokens_end()
            self.account._adapter().check()
        settings = self.account._bare_adapter().settings
        self.assertEqual(settings["access_token"], "just this")
        self.assertEqual(settings["refresh_token"], "refresh 1 of one")
        self.assertFalse(self.account.token_expires_at)

    def test_a_new_sign_in_leaves_nothing_of_the_old(self):
        self.account._store_tokens(items.Tokens({"access_token": "alone"}))
        self.assertNotIn("refresh_token", self.account._bare_adapter().settings)
        self.assertFalse(self.account.renews_itself)
        self.world.ended.add("alone")
        with self.caught(errors.AuthError) as caught:
            self.account._adapter().check()
        self.assertEqual(caught.exception.code, "token_ended")
        self.assertNotIn("refresh", self.world.calls)

    def test_what_is_charged_is_charged_to_one_till(self):
        adapter = self.account._adapter()
        adapter.spent = till = {}
        self.tokens_end()
        with patch.object(
            PushAdapter, "fetch", lambda self, *args: (self._traffic("fetch"),)
        ):
            adapter.fetch()
        self.assertIs(adapter.spent, till)
        self.assertEqual(adapter.settings["access_token"], "token 2 for one")


@tagged("post_install", "-at_install")
class TestCutOff(TokensCase):
    """The worker dies between the network's answer and our commit."""

    def die(self, where):
        def failpoint(name):
            if name == where:
                raise Died(name)

        self.tokens_end()
        with (
            patch.object(common, "failpoint", failpoint),
            self.caught(Died),
        ):
            self.account._adapter().fetch("inbox", "", None)
        self.assertTrue(self.row().in_doubt)

    def test_others_wait_for_the_lease(self):
        self.die("tokens: before the renewal")
        with patch.object(tokens, "PATIENCE", 0):
            with self.caught(errors.TransientError) as caught:
                self.account._adapter().check()
        self.assertEqual(caught.exception.code, "renewing")
        self.assertTrue(caught.exception.about_account, "all streams wait for it")
        self.assertNotIn("refresh", self.world.calls)

    def test_died_before_the_network_was_asked(self):
        self.die("tokens: before the renewal")
        self.let_time_pass(minutes=1)
        self.account._adapter().check()
        self.assertEqual(self.token(), "token 2 for one")
        self.assertFalse(self.row().in_doubt)

    def test_died_after_it_had_answered(self):
        """The network takes the old token for a stolen one: say what happened."""
        self.die("tokens: after the renewal")
        self.let_time_pass(minutes=1)
        self.account._pull()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(self.account.error_code, "renewal_lost")
        self.assertIn("cut off", self.account.activity_ids.note)

    def test_a_network_that_forgives(self):
        """Bluesky takes the old refresh token for two hours more."""
        self.die("tokens: after the renewal")
        self.let_time_pass(minutes=1)
        first = ("refresh 1 of one", 1)
        self.world.tokens.current["one"] = first
        self.account._adapter().check()
        self.assertEqual(self.account.state, "active")

    def test_the_old_access_token_may_still_work(self):
        """Renewed ahead of time, and cut off: nobody notices until it ends."""
        row = self.row()
        now = fields.Datetime.now()
        row.write({"expires_at": now + timedelta(minutes=20), "renew_at": now})

        def failpoint(name):
            if name == "tokens: after the renewal":
                raise Died(name)

        with patch.object(common, "failpoint", failpoint), self.caught(Died):
            self.run_cron()
        self.world.post("Hello")
        self.assertEqual(self.account.action_pull(), 1)

    def test_an_answer_that_got_lost_is_a_doubt(self):
        self.tokens_end()
        with patch.object(
            PushAdapter, "refresh", side_effect=errors.TransientError("timeout")
        ):
            with self.caught(errors.TransientError):
                self.account._adapter().check()
        self.assertTrue(self.row().in_doubt)

    def test_a_network_that_was_not_reached_is_none(self):
        self.tokens_end()
        for error in (errors.TransientError("unreachable"), errors.RateLimited()):
            self.let_time_pass(minutes=1)
            with patch.object(PushAdapter, "refresh", side_effect=error):
                with self.caught(errors.TransientError):
                    self.account._adapter().check()
            self.assertFalse(self.row().in_doubt)
