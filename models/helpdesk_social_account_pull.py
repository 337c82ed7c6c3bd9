"""Pulling for one account: streams, pages, cursors.

Page by page into the journal; the cursor is committed with the events it covers. Whose
turn it is says the lease, when the next one is the schedule. It never interprets an
item and never opens a ticket.
"""

import logging
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..networks import base, errors
from . import common, social_failure

_logger = logging.getLogger(__name__)

#: pages per account and run, so that one busy account does not starve the others
MAX_PAGES = 20
#: seconds between pulls right after activity
QUICK = 20


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    cursors = fields.Json(readonly=True, copy=False, groups=fields.NO_ACCESS)
    next_pull_at = fields.Datetime(readonly=True, copy=False, index=True)
    pull_wait = fields.Integer(default=QUICK, readonly=True, copy=False)
    paused_until = fields.Datetime(readonly=True, copy=False)
    last_pull_at = fields.Datetime(readonly=True, copy=False)
    failures = fields.Integer(readonly=True, copy=False)
    push = fields.Boolean(
        readonly=True, copy=False, help="The network pushes to our webhook."
    )

    # === PUBLIC === #
    def action_pull(self):
        """Pull and process now; returns how many messages were new.

        :raises UserError: why it cannot, or what the network said
        """
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "helpdesk_mgmt.group_helpdesk_user_own"
        ):
            raise UserError(self.env._("Only helpdesk users may do this."))
        intake = self.env["helpdesk.social.intake"].sudo()
        new = 0
        for account in self.sudo():
            reason = account._silence_reason()
            if reason:
                raise UserError(social_failure.explain(self.env, reason))
            if account._can_pull():
                error = account._pull(wait=True)
                if error:
                    raise UserError(
                        social_failure.explain(self.env, error.code, error.detail)
                    )
            new += intake._process_all(account)
        return new

    def _can_pull(self):
        adapter_class = self.network_id._get_adapter_class()
        beside = not self.push or adapter_class.pull_beside_push
        return beside and adapter_class.can(base.PULL)

    def _can_parse(self):
        """Is there somebody to read the journal to? Events wait for an adapter; they
        do not die of its absence."""
        try:
            return bool(self._adapter())
        except Exception:
            # the border of the lane: one broken account must not stop the others
            _logger.warning("account %s: no adapter", self.id, exc_info=True)
            return False

    # === PULL === #
    def _pull(self, lease=None, wait=False):
        """Read every stream of the account into the journal.

        :param wait: somebody waits for the result: come back with the error
        :return: the ``NetworkError`` that ended it, or None
        """
        self.ensure_one()
        lease = lease or self._take_lease()
        if not lease:
            return None
        reason = self.app_id._budget_reason()
        if reason:
            return self._read_nothing(reason, lease)
        found, more, error = 0, False, None
        try:
            adapter = self._adapter()
            first = self._comes_first()
            if first:
                if not self._reread_or_rest(adapter, lease):
                    return None
                reason = self.app_id._budget_reason()
                if reason:
                    return self._read_nothing(reason, lease)
            if not self._read_announced(adapter, lease):
                return None
            before, known = dict(adapter.spent), bool(self.cursors)
            result = self._pull_streams(adapter, lease)
            if result is None:
                return None
            found, more = result
            if known:
                # the first look reads days at once, and is no measure
                self._note_cost("average", adapter, before)
                if not found:
                    self._note_cost("idle", adapter, before)
            if not first and not self._reread_or_rest(adapter, lease):
                return None
        except errors.NetworkError as problem:
            common.rollback(self.env)
            error = problem
        self._schedule_next(found, error, lease, more)
        common.commit(self.env, 1)  # commit: the account is free for other lanes
        return error

    def _pull_streams(self, adapter, lease):
        """Every stream that does not rest. One that fails for now rests alone where
        another one can be read; where none can, it is the host or our line to it.
        Without any answer no other stream is tried: each would wait for a deadline.

        :return: (number of new items, whether pages are left), or None when another
            lane has taken over
        :raises NetworkError: it is about the account
        """
        found, more, read, failed = 0, False, False, {}
        for stream in self._streams_to_ask(adapter) if adapter.can(base.PULL) else ():
            try:
                result = self._pull_or_rest(adapter, stream, lease)
            except errors.TransientError as problem:
                if not self._fails_for_now(problem):
                    raise
                common.rollback(self.env)
                failed[stream] = problem
                if not self._still_mine(lease):
                    return None
                if problem.no_line and not read:
                    # should it be this stream after all, the others come before it
                    self._ask_last(stream)
                # commit: the lease, which several deadlines in a row would outlast
                common.commit(self.env)
                if problem.no_line:
                    break
                continue
            if result is None:
                return None
            read, found, more = True, found + result[0], more or result[1]
        if failed and not read:
            raise next(iter(failed.values()))
        for stream, problem in failed.items():
            self._rest(stream, problem)
        return found, more

    def _pull_or_rest(self, adapter, stream, lease):
        """As ``_pull_stream``; what is about this stream alone keeps the others not.

        :raises NetworkError: it is about the account
        """
        try:
            return self._pull_stream(adapter, stream, lease)
        except errors.CursorExpired as stale:
            common.rollback(self.env)
            _logger.info("account %s: %s: %s, reading again", self.id, stream, stale)
            self.cursors = {**(self.cursors or {}), stream: ""}
        except errors.NetworkError as problem:
            if not self._keeps_one_stream(adapter, problem):
                raise
            common.rollback(self.env)
            self._rest(stream, problem)
        return 0, False

    def _pull_stream(self, adapter, stream, lease):
        """Pages of one stream.

        :return: (number of new items, whether pages are left), or None when another
            lane has taken over
        """
        found, more = 0, True
        since = common.to_network(
            (self.connected_at or fields.Datetime.now())
            - timedelta(days=self.lookback_days)
        )
        for _page in range(MAX_PAGES):
            cursors = dict(self.cursors or {})
            common.let_go(self.env)
            page = adapter.fetch(stream, cursors.get(stream, ""), since)
            contexts = self._read_contexts(adapter, page.items)
            if not self._still_mine(lease):
                _logger.info("account %s: lease lost, leaving", self.id)
                return None
            events = self.env["helpdesk.social.event"].sudo()
            state = "new" if page.closed else "held"
            events._journal(self.app_id, contexts, self, source="context")
            new = events._journal(
                self.app_id, page.items, self, stream=stream, state=state
            )
            if page.closed and (self._release_held(stream) or new):
                self.env["helpdesk.social.intake"]._wake_process()
            if page.cursor != cursors.get(stream, ""):
                self.cursors = {**cursors, stream: page.cursor}
            found += new
            # commit: the cursor and the events it covers stand or fall together
            common.commit(self.env, new)
            more = page.more
            # what waits for its gap to be closed was paid for: it is closed first
            if not more or self.app_id._budget_reason(replying=not page.closed):
                break
            if adapter.rest:
                break  # the network's meters are nearly full: the rest comes later
        self._awake(stream)
        if adapter.rest:
            slow = errors.RateLimited("slowing_down", retry_after=adapter.rest)
            self._rest(stream, slow)
        return found, more

    def _release_held(self, stream):
        """The stream's gap is closed: what waited may be processed. Was there any?"""
        events = self.env["helpdesk.social.event"]
        events.flush_model(["app_id", "account_id", "state", "stream"])
        # SQL: a backlog may be a hundred thousand of them, which the ORM would read and
        # hold in memory only to write one word
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_event SET state = 'new'
                WHERE app_id = %s AND account_id = %s AND state = 'held'
                    AND stream = %s
                """,
                self.app_id.id,
                self.id,
                stream,
            )
        )
        found = self.env.cr.rowcount
        if found:
            events.invalidate_model(["state"])
        return bool(found)
