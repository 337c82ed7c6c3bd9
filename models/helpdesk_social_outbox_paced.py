"""Answers to many people leave one by one, also within a minute.

Odoo looks once in a minute what is due, so all answers of that minute would leave
together. A run of the outbox therefore waits for the next one whose turn is soon. It
keeps a cron worker meanwhile, of which small machines have one or two: a wait is
bounded, ends when others find no worker, sends what else is queued, and never begins
where nobody is answered this way. Who finds no worker in time leaves later, never
quicker (``texts/paced.turn``).
"""

import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from . import common

#: seconds between two looks whether there is something else to do
LOOK = 1
#: turns so near are waited for, run after run; Odoo looks once in a minute
SOON = 60


class HelpdeskSocialOutbox(models.AbstractModel):
    _inherit = "helpdesk.social.outbox"

    @api.model
    def _cron_deliver(self):
        done = super()._cron_deliver()
        if not common.holds_transaction(self.env):
            self._pace()
        return done

    @api.model
    def _pace(self):
        """Send each in its turn, as long as this run may wait for them."""
        until = self.env["helpdesk.social.intake"]._waits_until()
        # sudo: helpdesk.social.message - the outbox's work
        messages = self.env["helpdesk.social.message"].sudo()
        while (seconds := self._seconds_to_turn()) is not None:
            left = until - time.monotonic()
            if left <= 0 or not self._wait_for_turn(min(seconds, left)):
                # a run of its own goes on from here, after whoever needs the worker
                self._wake()
                common.commit(self.env)  # commit: the trigger is written after it
                return
            with self.env["helpdesk.social.live"]._gathering():
                messages._release_due()
                self._deliver()
            common.commit(self.env)  # commit: also what screens are told

    @api.model
    def _seconds_to_turn(self):
        """To the next one whose turn is soon; None: there is none."""
        now = fields.Datetime.now()
        soon = (
            Domain("delivery_state", "=", "held")
            & Domain("paced_at", "!=", False)
            & Domain("held_until", "<=", now + timedelta(seconds=SOON))
            & Domain("account_id", "in", self._speaking_accounts().ids)
        )
        # sudo: helpdesk.social.message - the outbox's work
        messages = self.env["helpdesk.social.message"].sudo()
        first = messages.search(soon, order="held_until, id", limit=1)
        return max(0, (first.held_until - now).total_seconds()) if first else None

    @api.model
    def _wait_for_turn(self, seconds):
        """Sleep; False when somebody else finds no worker."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            # commit: no snapshot grows old meanwhile
            common.commit(self.env)
            time.sleep(min(left, LOOK))
            if self.env["helpdesk.social.lanes"]._kept_waiting("pull", "process"):
                return False
            if self._is_something_queued():
                break
        return True

    @api.model
    def _is_something_queued(self):
        """No other run of this lane can begin while it waits."""
        # sudo: helpdesk.social.message - the outbox's work
        messages = self.env["helpdesk.social.message"].sudo()
        now = fields.Datetime.now()
        due = Domain("next_try_at", "=", False) | Domain("next_try_at", "<=", now)
        return messages.search_count(
            Domain("delivery_state", "=", "queued")
            & Domain("account_id", "in", self._speaking_accounts().ids)
            & due,
            limit=1,
        )
