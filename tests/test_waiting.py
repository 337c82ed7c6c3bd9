"""The pull lane between two turns: it waits for quick accounts, for nothing else, and
never so that others find no worker."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models import common, helpdesk_social_intake_waking
from ..models.helpdesk_social_intake_waking import LOOK, QUICKLY, WAIT
from .common import SocialCase


class Clock:
    """A clock that goes on while somebody sleeps; then ``passed`` is told."""

    def __init__(self):
        self.now, self.slept, self.passed = 1000.0, [], lambda seconds: None

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        self.slept.append(seconds)
        self.passed(seconds)


@tagged("post_install", "-at_install")
class TestWaiting(SocialCase):
    def setUp(self):
        super().setUp()
        accounts = self.env["helpdesk.social.account"].search([])
        (accounts - self.account).write({"state": "paused"})
        self.clock = Clock()
        self.clock.passed = self.time_passes
        self.startPatcher(
            patch.object(helpdesk_social_intake_waking, "time", self.clock)
        )
        # the test's transaction is nobody's to commit, and yet this is about waiting
        self.startPatcher(patch.object(common, "holds_transaction", lambda env: False))
        self.startPatcher(patch.object(common, "commit", self.commit))
        self.intake = self.env["helpdesk.social.intake"]
        self.crons = {
            kind: self.env.ref(f"helpdesk_social.cron_{kind}")
            for kind in ("pull", "process", "deliver")
        }
        self.env["ir.cron.trigger"].search([]).unlink()
        self.pulls = 0
        self.startPatcher(
            patch.object(type(self.account), "_pull", lambda one, lease: self.pull(one))
        )

    def commit(self, env, *args, **values):
        env.flush_all()
        return float("inf")

    def time_passes(self, seconds):
        """The database's clock stands still in a test: what is due comes nearer."""
        if self.account.next_pull_at:
            self.account.next_pull_at -= timedelta(seconds=seconds)
            if self.account.next_pull_at <= fields.Datetime.now():
                # due by the clock of the test's transaction, too
                self.account.next_pull_at -= timedelta(hours=1)

    def pull(self, account):
        self.pulls += 1
        account.write({"lease_until": False, "lease_by": False})
        self.due(account.pull_wait)

    def due(self, seconds, **values):
        now = fields.Datetime.now()
        self.account.write({"next_pull_at": now + timedelta(seconds=seconds), **values})

    def triggers(self, kind="pull"):
        found = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.crons[kind].id)]
        )
        return found.mapped("call_at")

    def woken_at_once(self):
        now = fields.Datetime.now()
        return any(one <= now for one in self.triggers())

    def run_once(self):
        before = self.clock.now
        self.intake._cron_pull()
        return self.clock.now - before

    def test_a_quick_account_is_waited_for(self):
        self.due(12, pull_wait=200)
        self.assertAlmostEqual(self.run_once(), 12, delta=1)
        self.assertEqual(self.pulls, 1)
        # it has become slow: it is not waited for any more
        self.assertFalse(self.woken_at_once())
        [at] = self.triggers()
        self.assertEqual(at, self.account.next_pull_at.replace(microsecond=0))

    def test_as_long_as_it_is_quick_run_follows_run(self):
        self.due(20, pull_wait=20)
        waited = 0
        for _run in range(4):
            self.env["ir.cron.trigger"].search([]).unlink()
            spent = self.run_once()
            self.assertGreater(spent, 15)
            self.assertLessEqual(spent, WAIT + 1)
            self.assertTrue(self.woken_at_once())
            waited += spent
        self.assertGreaterEqual(self.pulls, int(waited) // 21 - 1)

    def test_due_after_this_run_it_is_waited_for_in_the_next(self):
        self.due(50, pull_wait=54)
        self.assertAlmostEqual(self.run_once(), WAIT, delta=1)
        self.assertEqual((self.pulls, self.woken_at_once()), (0, True))
        self.assertAlmostEqual(self.run_once(), WAIT, delta=1)
        self.assertEqual(self.pulls, 1)

    def test_slow_accounts_keep_no_worker(self):
        self.due(50, pull_wait=QUICKLY + 1)
        self.assertEqual(self.run_once(), 0)
        self.assertFalse(self.woken_at_once())
        self.assertEqual(len(self.triggers()), 1)

    def test_nothing_is_due(self):
        self.due(600, pull_wait=20)
        self.assertEqual((self.run_once(), self.pulls), (0, 0))
        self.assertFalse(self.woken_at_once())
        self.account.state = "paused"
        self.env["ir.cron.trigger"].search([]).unlink()
        self.assertEqual((self.run_once(), self.triggers()), (0, []))

    def test_what_may_not_be_pulled_is_not_waited_for_again_and_again(self):
        later = fields.Datetime.now() + timedelta(hours=1)
        self.due(40, pull_wait=20, paused_until=later)
        self.assertEqual(self.run_once(), 0)
        self.assertFalse(self.woken_at_once())
        self.due(-5, pull_wait=20, paused_until=later)
        self.assertEqual((self.run_once(), self.pulls), (0, 0))
        self.assertFalse(self.woken_at_once())
        self.due(20, paused_until=False, push=True)
        self.assertEqual((self.run_once(), self.woken_at_once()), (0, False))

    def test_somebody_else_needs_the_worker(self):
        for kind in ("process", "deliver"):
            with self.subTest(kind=kind):
                self.due(25, pull_wait=20)
                called = fields.Datetime.now() - timedelta(seconds=30)
                self.crons[kind]._trigger(called)
                self.assertEqual(self.run_once(), LOOK)
                self.assertEqual(self.pulls, 0)
                # and then it waits on
                self.assertTrue(self.woken_at_once())
                self.env["ir.cron.trigger"].search([]).unlink()

    def test_who_is_called_for_later_needs_no_worker_now(self):
        self.due(25, pull_wait=200)
        self.crons["deliver"]._trigger(fields.Datetime.now() + timedelta(minutes=5))
        self.crons["process"].active = False
        self.crons["process"]._trigger(fields.Datetime.now() + timedelta(minutes=5))
        self.assertAlmostEqual(self.run_once(), 25, delta=1)
        self.assertEqual(self.pulls, 1)

    def test_a_job_that_has_waited_is_not_kept_longer(self):
        """Odoo calls a run up to ten times in one job; a worker lives for 120 s."""
        self.due(20, pull_wait=20)
        context = {"cron_end_time": self.clock.now - 15}
        self.intake = self.intake.with_context(**context)
        self.assertLessEqual(self.run_once(), WAIT - 25 + 1)
        self.assertTrue(self.woken_at_once())
        context = {"cron_end_time": self.clock.now - 300}
        self.intake = self.intake.with_context(**context)
        self.assertEqual(self.run_once(), 0)
