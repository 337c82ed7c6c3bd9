"""Several workers at one sign-in: real transactions, real waiting, one renewal.

What is tested is committed; ``race_common`` removes it.
"""

import threading
import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models import common
from ..networks import errors, items
from .push_network import SERVER, PushAdapter, RotatingTokens
from .race_common import RaceCase

WORKERS = 4


class SlowTokens(RotatingTokens):
    """The network takes its time, so that the others arrive meanwhile."""

    def rotate(self, refresh_token):
        time.sleep(0.5)
        return super().rotate(refresh_token)


@tagged("post_install", "-at_install")
class TestTokensRace(RaceCase):
    adapter = PushAdapter

    def prepare_world(self):
        self.world.tokens = SlowTokens()
        self.world.ended = set()

    def account_values(self):
        return {"base_url": SERVER}

    def connect(self, account):
        account._store_tokens(self.world.tokens.family("one"))

    def token(self):
        with self.transaction() as env:
            return self.account(env)._bare_adapter().settings["access_token"]

    def tokens_end(self):
        self.world.ended.add(self.token())

    def all_at_once(self, work):
        """Run ``work(account)`` in as many workers; what they returned or raised."""
        together, results = threading.Barrier(WORKERS), []

        def worker():
            try:
                with self.transaction() as env:
                    account = self.account(env)
                    # each has begun, and sees what was there before any renewal
                    account._bare_adapter()
                    together.wait(10)
                    results.append(work(account))
            except Exception as error:
                results.append(error)

        threads = [threading.Thread(target=worker) for _one in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(len(results), WORKERS)
        return results

    # === ONE RENEWAL === #
    def test_one_renews_and_the_others_wait(self):
        self.tokens_end()
        found = self.all_at_once(
            lambda account: account._adapter().fetch("inbox", "", None)
        )
        self.assertEqual([type(one) for one in found], [items.Page] * WORKERS)
        self.assertEqual(self.world.calls.count("refresh"), 1)
        self.assertEqual(self.token(), "token 2 for one")
        self.assertFalse(self.world.tokens.dead)

    def test_the_scheduled_action_meets_a_reply(self):
        with self.transaction() as env:
            row = self.account(env)._tokens()
            row.renew_at = fields.Datetime.now() - timedelta(minutes=1)
        self.tokens_end()

        def work(account):
            if threading.current_thread().name.endswith("1"):
                return account._keep_alive()
            return account._adapter().check()

        for result in self.all_at_once(work):
            self.assertNotIsInstance(result, Exception)
        self.assertEqual(self.world.calls.count("refresh"), 1)

    def test_a_refusal_is_everybodys(self):
        self.tokens_end()
        self.world.tokens.dead.add("one")
        found = self.all_at_once(lambda account: account._adapter().check())
        self.assertEqual([type(one) for one in found], [errors.AuthError] * WORKERS)
        self.assertEqual(self.world.calls.count("refresh"), 1)

    # === A TRANSACTION OF ITS OWN === #
    def test_work_that_is_undone_does_not_undo_the_renewal(self):
        self.tokens_end()
        with self.transaction() as env:
            account = self.account(env)
            account.name = "written, and its row held"
            env.flush_all()
            account._adapter().check()
            env.cr.rollback()
        self.assertEqual(self.token(), "token 2 for one")

    def test_work_goes_on_after_the_renewal(self):
        """The caller's transaction is older than the new tokens: it must neither wait
        for them nor fall over them."""
        self.tokens_end()
        with self.transaction() as env:
            account = self.account(env)
            account.name = "before"
            env.flush_all()
            account._adapter().check()
            account.write({"name": "after", "last_check_at": fields.Datetime.now()})
            # what it reads is old, what the network is asked with is not
            account._adapter().check()
        self.assertEqual(self.world.calls.count("refresh"), 1)
        with self.transaction() as env:
            self.assertEqual(self.account(env).name, "after")

    def test_tokens_that_were_just_written_are_renewed_where_they_are(self):
        """A sign-in that is not committed yet: another transaction would wait for
        ever."""
        with self.transaction() as env:
            account = self.account(env)
            account._store_tokens(self.world.tokens.family("two"))
            self.world.ended.add("token for two")
            account._adapter().check()
            self.assertEqual(
                account._bare_adapter().settings["access_token"], "token 2 for two"
            )
        self.assertEqual(self.token(), "token 2 for two")

    def test_an_account_that_is_not_committed_yet(self):
        with self.transaction() as env:
            twin = self.account(env).copy({"name": "twin"})
            twin._store_tokens(self.world.tokens.family("two"))
            env.cr.postcommit.clear()
            self.world.ended.add("token for two")
            twin._adapter().check()
            self.assertEqual(self.world.calls.count("refresh"), 1)
            env.cr.rollback()

    def test_a_sign_in_meanwhile_is_newer(self):
        """Somebody signs in again while a worker renews: its answer is dropped."""
        self.tokens_end()
        rotate = self.world.tokens.rotate

        def slow(refresh_token):
            with self.transaction() as env:
                self.account(env)._store_tokens(self.world.tokens.family("two"))
            return rotate(refresh_token)

        with patch.object(self.world.tokens, "rotate", slow):
            with self.transaction() as env:
                self.account(env)._adapter().check()
        self.assertEqual(self.token(), "token for two")

    # === A WORKER THAT DIES === #
    def test_what_was_begun_is_known_after_a_death(self):
        class Died(BaseException):
            pass

        def failpoint(name):
            if name == "tokens: after the renewal":
                raise Died

        self.tokens_end()
        with patch.object(common, "failpoint", failpoint):
            try:
                with self.transaction() as env:
                    self.account(env)._adapter().check()
            except Died:
                died = True
        self.assertTrue(died)
        with self.transaction() as env:
            row = self.account(env)._tokens()
            self.assertTrue(row.in_doubt)
            self.assertTrue(row.lease_until)
            row.lease_until = fields.Datetime.now() - timedelta(minutes=1)
        with self.transaction() as env:
            self.account(env)._keep_alive()
        with self.transaction() as env:
            self.account(env)._tokens().retry_at = False
            self.account(env)._pull()
        with self.transaction() as env:
            account = self.account(env)
            self.assertEqual(account.state, "needs_auth")
            self.assertEqual(account.error_code, "renewal_lost")
            self.assertEqual(len(account.activity_ids), 1)
