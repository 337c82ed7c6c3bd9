"""The intake: scheduled actions that pull, and lanes that turn events into messages.

One journal in, one intake: nothing else opens a ticket from a network. Here are the
lanes (who works on what, what is committed when, what happens to a poison item); what
a batch does with its items is in ``intake_batch``.
"""

import logging

import psycopg2.errors

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from . import common
from .common import CONCURRENCY
from .intake_batch import Batch

_logger = logging.getLogger(__name__)

#: events per transaction: large enough that the queries of a batch do not matter,
#: small enough that a repeated batch costs a second or two at most
BATCH = 200
#: tries of a batch that met another worker's rows
CLASHES = 6
#: first key of the advisory locks that keep an account to one lane at a time
LOCK_SPACE = 0x50C1A1


class HelpdeskSocialIntake(models.AbstractModel):
    _name = "helpdesk.social.intake"
    _description = "Social Intake"

    # === SCHEDULED ACTIONS === #
    @api.model
    def _cron_pull(self):
        """Pull every account that is due; one lane of several."""
        accounts = self.env["helpdesk.social.account"].sudo()
        if self._stopped():
            return
        left = common.commit(self.env, remaining=1)
        until = self._waits_until()
        for _turn in range(1000):
            try:
                account, lease = accounts._claim_due()
            except CONCURRENCY:
                common.rollback(self.env)  # another lane was quicker
                continue
            if not account:
                if not self._wait(self._pause_before_next(until)):
                    break
                continue
            reason = account._silence_reason()
            if reason:
                account.write(
                    {
                        "lease_until": False,
                        "next_pull_at": fields.Datetime.add(
                            fields.Datetime.now(), minutes=5
                        ),
                        "error_code": reason,
                        "error_detail": False,
                    }
                )
                common.commit(self.env)  # commit: free the account
                continue
            try:
                account._pull(lease)
            except CONCURRENCY as clash:
                # somebody wrote the same rows meanwhile: what was committed counts
                common.rollback(self.env)
                _logger.info("account %s: again: %s", account.id, clash)
                account._free(lease)
                common.commit(self.env)  # commit: free the account
            except Exception:
                # the border of the lane: one account must not stop the others
                common.rollback(self.env)
                _logger.exception("account %s: pull failed", account.id)
                account._pull_crashed(lease)
                common.commit(self.env)  # commit: free the account
            left = common.commit(self.env, 1, 1)
            if not left:
                break
        # what is left over makes Odoo call again at once
        common.commit(self.env, remaining=self._due_to_pull())
        self._wake_next_pull()

    @api.model
    def _cron_process(self):
        """Process what is in the journal; one lane of several."""
        common.commit(self.env, remaining=1)
        last, tired = 0, set()
        for _turn in range(10000):
            account = self._claim_account(last, tired)
            if not account:
                break
            last = account.id
            done, _new = self._process_batch(account)
            if not done:
                # it gave way to somebody, or cannot go on: not again in this run
                tired.add(account.id)
            left = common.commit(self.env, done, 1)
            if not left:
                return
        common.commit(self.env, remaining=0)

    @api.model
    def _process_all(self, account):
        """Process everything journalled for one account; number of new messages."""
        total = 0
        if not account._can_parse():
            return total
        for _turn in range(100000):
            if not self._lock_account(account):
                break  # another lane is at it already
            done, new = self._process_batch(account)
            total += new
            common.commit(self.env, done)  # commit: batch by batch
            if not done:
                break
        return total

    # === WHOSE TURN === #
    @api.model
    def _lock_account(self, account):
        """Keep the account to this transaction; False when another has it.

        Order matters within an account and not between accounts, so lanes share
        the work by account.
        """
        self.env.cr.execute(
            SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK_SPACE, account.id)
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _claim_account(self, after=0, without=()):
        """An account with events to process, locked; empty when there is none.

        :param after: its turn is over: others come first, however much it has
        :param without: ids of accounts that are not asked for
        """
        # SQL: a loose index scan over the partial index of new events; the ORM
        # would read all of them
        self.env.cr.execute(
            SQL(
                """
                SELECT a.id FROM helpdesk_social_account a
                WHERE EXISTS (
                    SELECT 1 FROM helpdesk_social_event e
                    WHERE e.account_id = a.id AND e.state = 'new'
                        AND (e.retry_at IS NULL
                            OR e.retry_at <= now() AT TIME ZONE 'utc'))
                ORDER BY a.id <= %s, a.id
                """,
                after,
            )
        )
        accounts = self.env["helpdesk.social.account"].sudo()
        for (account_id,) in self.env.cr.fetchall():
            account = accounts.browse(account_id)
            if account_id in without or not account._can_parse():
                continue
            if self._lock_account(account):
                return account
        return accounts.browse()

    # === A BATCH === #
    @api.model
    def _next_events(self, account):
        return (
            self.env["helpdesk.social.event"]
            .sudo()
            .search(
                [
                    ("account_id", "=", account.id),
                    ("state", "=", "new"),
                    "|",
                    ("retry_at", "=", False),
                    ("retry_at", "<=", fields.Datetime.now()),
                ],
                order="sent_at, id",
                limit=BATCH,
            )
        )

    @api.model
    def _process_batch(self, account):
        """One batch of the account; (events done, messages that were new).

        Rows that another worker just wrote make the batch start over in a new
        transaction; any other error is narrowed down to the item that causes it.
        """
        for clash in range(CLASHES):
            events = self._next_events(account)
            if not events:
                return 0, 0
            # nobody else can be in the way again and again: then it is the item
            patient = clash < CLASHES - 1
            try:
                return len(events), self._process(account, events, patient)
            except CONCURRENCY as error:
                common.rollback(self.env)
                if clash == CLASHES - 1:
                    _logger.warning("account %s: giving way: %s", account.id, error)
                if not self._lock_account(account):
                    return 0, 0
        return 0, 0

    @api.model
    def _process(self, account, events, patient=True):
        """Process events, all or by halves until the poison item stands alone.

        :param patient: two rows of one name are another worker's doing
        """
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                new = Batch(self.env, account, events).run()
                self.env.flush_all()
            return new
        except CONCURRENCY as error:
            if patient or not isinstance(error, psycopg2.errors.UniqueViolation):
                raise
            return self._narrow_down(account, events, error)
        except Exception as error:
            # the border of the intake: whatever an item does, the rest goes on
            return self._narrow_down(account, events, error, patient)

    @api.model
    def _narrow_down(self, account, events, error, patient=False):
        """By halves, until the item that causes the error stands alone."""
        self.env.invalidate_all(flush=False)
        if len(events) == 1:
            _logger.error("event %s is dead", events.id, exc_info=error)
            events._died(error)
            return 0
        half = len(events) // 2
        return self._process(account, events[:half], patient) + self._process(
            account, events[half:], patient
        )
