"""Pulling for one account: lease, pages, cursors, when to come back.

Page by page into the journal; the cursor is committed with the events it covers. It
never interprets an item and never opens a ticket.
"""

import logging
import time
import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..networks import base, errors, items
from . import common, social_failure

_logger = logging.getLogger(__name__)

#: seconds a pull may hold its account; longer than one call's deadline (20 s) plus
#: journalling a page, renewed with each page
LEASE = 90
#: pages per account and run, so that one busy account does not starve the others
MAX_PAGES = 20
#: seconds between pulls: right after activity, and when nothing has come for long
QUICK, SLOW = 20, 600
#: threads read upwards per page: each is a request of its own
MAX_CONTEXTS = 10
#: seconds for all of them: the lease must outlive them and the call that runs then
CONTEXT_SECONDS = 30
#: messages asked for again per run, to find edits and deletes
REREAD_DAYS = 7


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    cursors = fields.Json(readonly=True, copy=False, groups=fields.NO_ACCESS)
    lease_until = fields.Datetime(readonly=True, copy=False, groups=fields.NO_ACCESS)
    lease_by = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
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
        return not self.push and self.network_id._get_adapter_class().can(base.PULL)

    def _can_parse(self):
        """Is there somebody to read the journal to? Events wait for an adapter; they
        do not die of its absence."""
        try:
            return bool(self._adapter())
        except Exception:
            # the border of the lane: one broken account must not stop the others
            _logger.warning("account %s: no adapter", self.id, exc_info=True)
            return False

    # === LEASE === #
    @api.model
    def _claim_due(self):
        """Take one account that is due; empty when none is. Commits the lease."""
        lease = uuid.uuid4().hex
        self.flush_model()
        # SQL: SKIP LOCKED and the write in one statement, so that two lanes never
        # take the same account
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_account SET lease_by = %s,
                    lease_until = (now() AT TIME ZONE 'utc') + make_interval(secs => %s)
                WHERE id = (
                    SELECT id FROM helpdesk_social_account
                    WHERE state = 'active' AND active
                        AND COALESCE(push, FALSE) = FALSE
                        AND COALESCE(next_pull_at, 'epoch') <= now() AT TIME ZONE 'utc'
                        AND COALESCE(paused_until, 'epoch') <= now() AT TIME ZONE 'utc'
                        AND COALESCE(lease_until, 'epoch') <= now() AT TIME ZONE 'utc'
                    ORDER BY next_pull_at NULLS FIRST, id
                    LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
                RETURNING id
                """,
                lease,
                LEASE,
            )
        )
        row = self.env.cr.fetchone()
        account = self.browse(row and row[0]).sudo()
        account.invalidate_recordset(["lease_by", "lease_until"])
        common.commit(self.env)  # commit: the lease must be seen before any traffic
        return account, lease

    def _take_lease(self):
        """Lease this very account; False when somebody else is at it."""
        lease = uuid.uuid4().hex
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_account SET lease_by = %s,
                    lease_until = (now() AT TIME ZONE 'utc') + make_interval(secs => %s)
                WHERE id = %s
                    AND COALESCE(lease_until, 'epoch') <= now() AT TIME ZONE 'utc'
                """,
                lease,
                LEASE,
                self.id,
            )
        )
        taken = self.env.cr.rowcount == 1
        self.invalidate_recordset(["lease_by", "lease_until"])
        common.commit(self.env)  # commit: as in _claim_due
        return lease if taken else False

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
        found, error = 0, None
        try:
            adapter = self._adapter()
            for stream in adapter.streams if adapter.can(base.PULL) else ():
                new = self._pull_stream(adapter, stream, lease)
                if new is None:
                    return None
                found += new
            self._reread(adapter)
        except errors.CursorExpired as stale:
            common.rollback(self.env)
            _logger.info("account %s: %s, reading again", self.id, stale)
            self.cursors = False
        except errors.NetworkError as problem:
            common.rollback(self.env)
            error = problem
        self._schedule_next(found, error, lease)
        common.commit(self.env, 1)  # commit: the account is free for other lanes
        return error

    def _pull_stream(self, adapter, stream, lease):
        """Pages of one stream; returns the number of new items, or None when another
        lane has taken over."""
        found = 0
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
            if not page.more:
                break
        else:
            self.next_pull_at = fields.Datetime.now()
        return found

    def _release_held(self, stream):
        """The stream's gap is closed: what waited may be processed. Was there any?"""
        held = (
            self.env["helpdesk.social.event"]
            .sudo()
            .search(
                [
                    ("app_id", "=", self.app_id.id),
                    ("account_id", "=", self.id),
                    ("state", "=", "held"),
                    ("stream", "=", stream),
                ]
            )
        )
        held.write({"state": "new"})
        return bool(held)

    def _still_mine(self, lease):
        """Renew the lease; False when another lane took the account over."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_account
                SET lease_until = (now() AT TIME ZONE 'utc') + make_interval(secs => %s)
                WHERE id = %s AND lease_by = %s
                """,
                LEASE,
                self.id,
                lease,
            )
        )
        return self.env.cr.rowcount == 1

    def _free(self, lease):
        """Give the account back, unless another lane has it by now."""
        if lease and self.lease_by == lease:
            self.write({"lease_until": False, "lease_by": False})

    def _schedule_next(self, found, error, lease=None):
        """Quick after activity, slower when idle, never below the network's floor."""
        now = fields.Datetime.now()
        self._free(lease)
        values = {"last_pull_at": now}
        if error:
            self._record_failure(error)
        else:
            floor = self.network_id._get_adapter_class().min_poll_seconds
            wait = QUICK if found else min(int(self.pull_wait * 1.3) + 1, SLOW)
            wait = max(wait, floor)
            again = self.next_pull_at if found and self.next_pull_at else None
            values |= {
                "pull_wait": wait,
                "next_pull_at": again
                if again and again > now
                else now + timedelta(seconds=wait),
                "failures": 0,
                "error_code": False,
                "error_detail": False,
                "error_at": False,
                "paused_until": False,
            }
        self.write(values)

    def _pull_crashed(self, lease=None):
        """Something of ours broke: come back later, and say so."""
        self._schedule_next(0, errors.NetworkError("crash"), lease)

    # === EDITS AND DELETES === #
    def _reread(self, adapter):
        """Ask again for recent messages, oldest look first; one batch a run."""
        if not adapter.can(base.REREAD):
            return
        now = fields.Datetime.now()
        messages = self.env["helpdesk.social.message"].sudo()
        due = messages.search(
            Domain("account_id", "=", self.id)
            & Domain("key", "!=", False)
            & Domain("deleted_at", "=", False)
            & Domain("sent_at", ">", now - timedelta(days=REREAD_DAYS))
            & (
                Domain("reread_at", "=", False)
                | Domain("reread_at", "<", now - timedelta(minutes=2))
            ),
            order="reread_at NULLS FIRST, id",
            limit=adapter.reread_batch,
        )
        if not due:
            return
        refs = [one._ref(self) for one in due]
        due.reread_at = now
        # commit: these had their turn, or one that always fails would keep it
        common.commit(self.env)
        try:
            page = adapter.reread(refs)
        except (errors.RejectedError, errors.MalformedResponse) as error:
            _logger.info("account %s: cannot look again: %s", self.id, error)
            return
        events = self.env["helpdesk.social.event"].sudo()
        new = events._journal(self.app_id, page.items, self)
        if new:
            self.env["helpdesk.social.intake"]._wake_process()
        common.commit(self.env)  # commit: what was found is journalled

    # === CONTEXT === #
    def _read_contexts(self, adapter, raw_items):
        """What was said above messages whose parent we do not know, as raw items.

        What cannot be read is no reason to hold the message back: context is shown,
        not owned. Nor are items that cannot be parsed: the intake will tell.
        """
        if not adapter.can(base.CONTEXT):
            return []
        messages = self.env["helpdesk.social.message"].sudo()
        found = self._parsed(adapter, raw_items)
        here = {one.key for one in found}
        wanted = {one.parent: one for one in found if one.parent}
        known = messages.search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("network_id", "=", self.network_id.id)
            & Domain("key", "in", [common.storable(key) for key in wanted])
        )
        here.update(known.mapped("key"))
        common.let_go(self.env)
        result, until = [], time.monotonic() + CONTEXT_SECONDS
        for parent, one in wanted.items():
            if parent in here:
                continue
            if len(result) >= MAX_CONTEXTS or time.monotonic() > until:
                break
            try:
                page = adapter.fetch_context(one.ref)
            except (errors.RejectedError, errors.MalformedResponse) as error:
                _logger.info("account %s: no context: %s", self.id, error)
                result.append(())
                continue
            except errors.NetworkError as error:
                # not now; the next page says whether it is about more than context
                _logger.info("account %s: no more context: %s", self.id, error)
                break
            result.append(page.items)
            here.update(above.key for above in self._parsed(adapter, page.items))
        return [item for page in result for item in page]

    def _parsed(self, adapter, raw_items):
        """The messages among raw items."""
        found = []
        for item in raw_items:
            try:
                one = adapter.parse(item)
            except Exception:
                # the border: a poison item dies in the intake, not here
                _logger.info("account %s: cannot parse %s", self.id, item.key)
                continue
            if isinstance(one, items.Incoming):
                found.append(one)
        return found
