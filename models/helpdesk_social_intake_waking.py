"""When the lanes of the intake come back: waiting for accounts that are due soon.

A trigger for a time wakes within Odoo's minute. Who has just been answered waits for
less, so a run of the pull lane waits for accounts that are asked quickly. It keeps a
cron worker meanwhile, of which small machines have one or two: a wait is bounded, ends
when others find no worker, and never begins where nothing quick is due.
"""

import time

from odoo import api, fields, models
from odoo.fields import Domain

from . import common

#: seconds that a run may wait for accounts that are due soon: the quick interval, also
#: when it has grown a little, far below the 120 s after which Odoo kills a worker
WAIT = 30
#: an account that is asked again within so many seconds is quick: its next turn is
#: waited for, run after run. Odoo itself looks once in a minute (``SLEEP_INTERVAL``),
#: which would double its waits; for slower ones a minute matters less
QUICKLY = 60
#: seconds between two looks whether somebody else needs the worker that waits
LOOK = 3
#: seconds after which Odoo asks a run to end, counted from the job's beginning
#: (``MIN_TIME_PER_JOB``; its end is in the context)
JOB = 10


class HelpdeskSocialIntake(models.AbstractModel):
    _inherit = "helpdesk.social.intake"

    # === WAKING === #
    @api.model
    def _stopped(self):
        # sudo: ir.config_parameter - one switch
        return self.env["ir.config_parameter"].sudo().get_param(common.PARAM_STOP)

    @api.model
    def _wake_pull(self):
        self.env["helpdesk.social.lanes"]._wake("pull")

    @api.model
    def _wake_process(self):
        self.env["helpdesk.social.lanes"]._wake("process")

    @api.model
    def _wake(self, xmlid, at=None):
        """Trigger a scheduled action (at a time), once however often it is asked."""
        cron = self.env.ref(xmlid, raise_if_not_found=False)
        if not cron:
            return
        # sudo: ir.cron.trigger - waking a lane is nobody's privilege
        waiting = self.env["ir.cron.trigger"].sudo()
        now = fields.Datetime.now()
        if not waiting.search_count(
            [("cron_id", "=", cron.id), ("call_at", "<=", at or now)], limit=1
        ):
            cron.sudo()._trigger(at)

    @api.model
    def _waits_until(self):
        """Until when this run may wait. Odoo may call it up to ten times in one job,
        whose worker it kills after a while: the job's beginning counts."""
        now = time.monotonic()
        began = self.env.context.get("cron_end_time", now + JOB) - JOB
        return min(began, now) + WAIT

    @api.model
    def _pause_before_next(self, until):
        """Seconds to wait inside this run until an account is due; 0 = do not.

        A trigger for a time wakes within the minute, too slow for somebody who has
        just been answered (DESIGN §8). Bounded, as the lane keeps a cron worker: where
        a quick account is due only later, the next run waits on (``_wake_next_pull``).
        """
        if common.holds_transaction(self.env):
            return 0
        now = fields.Datetime.now()
        left = until - time.monotonic()
        account = self._next_to_pull(now)
        seconds = self._seconds_to(account, now)
        if account and seconds <= left:
            return seconds
        return max(0, left) if self._next_quick(now) else 0

    @api.model
    def _seconds_to(self, account, now):
        return (account.next_pull_at - now).total_seconds() + 0.1 if account else 0

    @api.model
    def _wait(self, seconds):
        """Sleep; False when the run should end: there is nothing to wait for, or what
        came in and what goes out find no other worker."""
        end = time.monotonic() + seconds
        waited = False
        while (left := end - time.monotonic()) > 0:
            # commit: no snapshot grows old meanwhile
            common.commit(self.env)
            time.sleep(min(left, LOOK))
            waited = True
            if self.env["helpdesk.social.lanes"]._kept_waiting("process", "deliver"):
                return False
        return waited

    @api.model
    def _due_to_pull(self):
        """How many accounts could be pulled right now."""
        now = fields.Datetime.now()
        free = [
            Domain(name, "=", False) | Domain(name, "<=", now)
            for name in ("next_pull_at", "paused_until", "lease_until")
        ]
        accounts = self.env["helpdesk.social.account"].sudo()
        return accounts.search_count(Domain.AND([accounts._domain_pulled(), *free]))

    @api.model
    def _next_to_pull(self, now, domain=Domain.TRUE):
        """The account that is due next; what is due already is not among them: it
        waits for something else, and waking for it would never end."""
        accounts = self.env["helpdesk.social.account"].sudo()
        return accounts.search(
            accounts._domain_pulled() & Domain("next_pull_at", ">", now) & domain,
            order="next_pull_at",
            limit=1,
        )

    @api.model
    def _next_quick(self, now):
        """The quick account that is due next, if that is soon enough to wait for it."""
        quick = Domain("pull_wait", "<=", QUICKLY)
        quick &= Domain("paused_until", "=", False) | Domain("paused_until", "<=", now)
        # what became due while this run ended counts: nobody has looked at it
        account = self._next_to_pull(fields.Datetime.subtract(now, seconds=1), quick)
        soon = self._seconds_to(account, now) <= QUICKLY
        return account if soon else account.browse()

    @api.model
    def _wake_next_pull(self):
        """Come back when the next account is due: at once to wait for it in a run of
        its own, or within the minute.

        It cannot spin: a run that finds a quick account waits for it, and only where
        it had to make room for others does the next one begin before that.
        """
        now = fields.Datetime.now()
        if self._next_quick(now):
            self._wake_pull()
            common.commit(self.env)  # commit: the trigger is written after it
            return
        account = self._next_to_pull(now)
        if account:
            self._wake("helpdesk_social.cron_pull", account.next_pull_at)
            common.commit(self.env)  # commit: the trigger
