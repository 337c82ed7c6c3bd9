"""Looking again at what was read: edits and deletes that no network tells about.

A few ids per call, the longest not looked at first. Where deletes must be followed,
all of the last days at least daily; where reading costs, not more often, and for a
share of the day's money only. What is found goes into the journal like anything else.
"""

import logging
from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from ..networks import base, errors
from . import common

_logger = logging.getLogger(__name__)

#: between two looks at one message where looking is free
AGAIN = timedelta(minutes=2)
#: the duty is 24 hours (X developer policy, and what a privacy office expects of any
#: network); four of them for networks that are down and lanes that are busy
DAILY = timedelta(hours=20)
#: after a look that failed
RETRY = timedelta(minutes=30)
#: calls a run, where there is much to catch up with
MAX_CALLS = 5
#: of what reading may cost a day, this share may go for looking again: new messages
#: are worth more
SHARE = 0.5


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    def _reread_or_rest(self, adapter):
        """As ``_reread``; where limits are per stream, this one rests alone."""
        if self._rests("reread"):
            return
        try:
            self._reread(adapter)
        except errors.RateLimited as limited:
            if not adapter.rate_per_stream:
                raise
            common.rollback(self.env)
            self._rest("reread", limited)

    def _reread(self, adapter):
        """Ask again for recent messages; see above how many.

        :raises NetworkError: not now; what was asked for has its turn again soon
        """
        if not adapter.can(base.REREAD):
            return
        costly = bool(adapter.prices or adapter.quota_costs)
        wait = DAILY if costly else AGAIN
        for _call in range(MAX_CALLS):
            limit = min(adapter.reread_batch, self._rereads_paid())
            due = self._due_to_reread(adapter, wait, limit)
            if not due:
                return
            behind = fields.Datetime.now() - DAILY
            late = (due[-1].reread_at or due[-1].received_at) <= behind
            self._reread_these(adapter, due, wait)
            if not (adapter.forget_deleted and late) or len(due) < limit:
                return

    def _due_to_reread(self, adapter, wait, limit):
        """Messages whose turn it is, at most ``limit``."""
        if limit <= 0:
            return self.env["helpdesk.social.message"]
        now = fields.Datetime.now()
        never = Domain("reread_at", "=", False)
        if wait == DAILY:
            # what has just been read need not be paid for twice
            never &= Domain("received_at", "<=", now - wait)
        return (
            self.env["helpdesk.social.message"]
            .sudo()
            .search(
                Domain("account_id", "=", self.id)
                & Domain("key", "!=", False)
                & Domain("deleted_at", "=", False)
                & Domain("audience", "in", adapter.reread_audiences)
                & Domain("sent_at", ">", now - timedelta(days=adapter.reread_days))
                & (never | Domain("reread_at", "<=", now - wait)),
                order="reread_at NULLS FIRST, id",
                limit=limit,
            )
        )

    def _reread_these(self, adapter, due, wait):
        """One call about these messages; the journal gets what it brings."""
        now = fields.Datetime.now()
        refs = [one._ref(self) for one in due]
        due.reread_at = now
        # commit: these had their turn, or one that always fails would keep it
        common.commit(self.env)
        before = dict(adapter.spent)
        try:
            page = adapter.reread(refs)
        except (errors.RejectedError, errors.MalformedResponse) as error:
            _logger.info("account %s: cannot look again: %s", self.id, error)
            return
        except errors.TransientError:
            if wait == DAILY:
                due.reread_at = now - wait + RETRY
                common.commit(self.env)  # commit: their turn comes again, today
            raise
        self._note_cost("reread", adapter, before, len(refs))
        events = self.env["helpdesk.social.event"].sudo()
        new = events._journal(self.app_id, page.items, self)
        if new:
            self.env["helpdesk.social.intake"]._wake_process()
        common.commit(self.env)  # commit: what was found is journalled

    def _rereads_paid(self):
        """How many messages the allowance lets us look at now; many without one."""
        meters = self.app_id._meters()
        if not meters:
            return 10_000
        now, costs = fields.Datetime.now(), (self.pull_costs or {}).get("reread") or {}
        start = self.app_id._midnight(self.app_id._today())
        messages = self.env["helpdesk.social.message"].sudo()
        done = messages.search_count(
            [("account_id", "=", self.id), ("reread_at", ">=", start)]
        )
        pullers = max(1, len(self.app_id.account_ids))
        allowed = 10_000
        for name, meter in meters.items():
            days = max(1.0, (meter.ends - now).total_seconds() / 86400)
            share = meter.left() * SHARE / days / pullers
            each = costs.get(name) or 0
            if each:
                # what is left grew smaller by what was done today already
                paid = (share + each * done * SHARE / days / pullers) / each - done
                allowed = min(allowed, int(paid))
            elif meter.is_over():
                return 0
        return max(0, allowed)
