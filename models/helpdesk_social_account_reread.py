"""Looking again at what was read: edits and deletes that no network tells about.

A few ids per call, the longest not looked at first. Where deletes must be followed,
all that keeps its words at least daily (``helpdesk_social_app_follow`` says for how
long that is); where reading costs, not more often, and for what
``helpdesk_social_account_duty`` allows. What is found goes into the journal like
anything else.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from odoo import fields, models
from odoo.fields import Domain

from ..networks import base, errors, items
from . import common

_logger = logging.getLogger(__name__)

#: what rests when looking again fails, beside the streams
REREAD = "reread"
#: between two looks at one message where looking is free
AGAIN = timedelta(minutes=2)
#: the duty is 24 hours (X developer policy, and what a privacy office expects of any
#: network); four of them for networks that are down and lanes that are busy
DAILY = timedelta(hours=20)
#: after a look that failed
RETRY = timedelta(minutes=30)
#: calls a run, where there is much to catch up with; and where it is a duty: runs are
#: rare beside push and where money is short, and what is due is done all the same
MAX_CALLS, MANY_CALLS = 5, 50
#: what the network withdrew may come back, and is asked for once a day for that long:
#: suspensions are lifted within weeks or not at all
HIDDEN_DAYS = 30
#: messages looked through at once for those whose turn it is, and how often a run
ROUND, ROUNDS = 200, 10


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    def _reread_or_rest(self, adapter, lease):
        """As ``_reread``; what fails or is limited here keeps nothing else.

        :return: False when another lane has taken over
        """
        if self._rests(REREAD):
            return True
        try:
            mine = self._reread(adapter, lease)
        except errors.TransientError as problem:
            alone = self._fails_for_now(problem)
            if isinstance(problem, errors.RateLimited):
                alone = adapter.rate_per_stream
            if not alone:
                raise
            common.rollback(self.env)
            self._rest(REREAD, problem)
            if problem.no_line and self._comes_first():
                if not self._still_mine(lease):
                    return False
                # commit: its rest, so that the streams have their turn the next time
                common.commit(self.env)
                raise  # nothing was read yet: each stream would wait as long
            return True
        if mine:
            self._awake(REREAD)
        return mine

    def _reread(self, adapter, lease):
        """Ask again for recent messages; see above how many.

        :return: False when another lane has taken over
        :raises NetworkError: not now; what was asked for has its turn again soon
        """
        if not adapter.can(base.REREAD):
            return True
        costly = bool(adapter.prices or adapter.quota_costs)
        wait = DAILY if costly else AGAIN
        for _call in range(MANY_CALLS if adapter.forget_deleted else MAX_CALLS):
            limit = min(adapter.reread_batch, self._rereads_paid())
            due = self._due_to_reread(adapter, wait, limit)
            if not due:
                return True
            if not self._still_mine(lease):
                return False
            late = due[-1].reread_at <= fields.Datetime.now() - DAILY
            self._reread_these(adapter, due, wait)
            if not (adapter.forget_deleted and late) or len(due) < limit:
                break
        return True

    def _due_to_reread(self, adapter, wait, limit):
        """Messages whose turn it is, at most ``limit``; who waited longest comes first.

        On the way those whose time is over are put aside, so that no pull meets them
        again: what is looked through does not grow with what is stored. Where it is a
        duty only the expiry of its words ends a message's time.
        """
        messages = due = self.env["helpdesk.social.message"].sudo()
        if limit <= 0:
            return due
        now = fields.Datetime.now()
        oldest = now - timedelta(days=adapter.reread_days)
        oldest_hidden = min(oldest, now - timedelta(days=HIDDEN_DAYS))
        if adapter.forget_deleted:
            oldest = datetime.min
        for _round in range(ROUNDS):
            found = messages.search_fetch(
                Domain("account_id", "=", self.id)
                & Domain("reread_at", "<=", now - wait),
                [
                    "deleted_at",
                    "deleted_by",
                    "expired_at",
                    "back_at",
                    "audience",
                    "sent_at",
                    "received_at",
                    "key",
                    "reread_at",
                ],
                order="reread_at, id",
                limit=ROUND,
            )
            over = found.filtered(
                lambda one: (
                    (one.deleted_at and one.deleted_by != "network")
                    or one.audience not in adapter.reread_audiences
                    or one.expired_at
                    or (one.sent_at or one.received_at)
                    <= (oldest_hidden if one.deleted_at else oldest)
                )
            )
            over.reread_at = False
            unsent = (found - over).filtered(lambda one: not one.key)
            unsent.reread_at = now  # perhaps it has left by then
            due = (found - over - unsent)[:limit]
            if due or len(found) < ROUND:
                break
        return due

    def _reread_these(self, adapter, due, wait):
        """Ask for these messages, and apart for those that the network withdrew."""
        hidden = due.filtered("deleted_at")
        if due - hidden:
            self._ask_again(adapter, adapter.reread, due - hidden, wait)
        if hidden:
            self._ask_again(adapter, adapter.reread_hidden, hidden, wait)
            hidden.reread_at = fields.Datetime.now() + DAILY - wait
            common.commit(self.env)  # commit: their next turn

    def _ask_again(self, adapter, ask, due, wait):
        """One call about these messages; the journal gets what it brings."""
        now = fields.Datetime.now()
        refs = [one._ref(self) for one in due]
        due.reread_at = now
        # commit: these had their turn, or one that always fails would keep it
        common.commit(self.env)
        before = dict(adapter.spent)
        self._count_rereads(len(refs))
        try:
            page = ask(refs)
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
        new = events._journal(self.app_id, self._as_news(adapter, due, page), self)
        if new:
            self.env["helpdesk.social.intake"]._wake_process()
        common.commit(self.env)  # commit: what was found is journalled

    def _as_news(self, adapter, asked, page):
        """The items, so that the journal takes them: it knows each state of a message
        once, but what was withdrawn may come back, and go again."""
        since = {one.key: one.deleted_at or one.back_at for one in asked}
        hidden = bool(asked[:1].deleted_at)
        if not any(since.values()):
            return page.items
        news, kind = [], items.Incoming if hidden else items.Removal
        for item in page.items:
            parsed = adapter.parse(item)
            moment = isinstance(parsed, kind) and since.get(parsed.key)
            if moment:
                state = f"{moment:%Y%m%d%H%M%S%f}:{item.revision}"
                item = replace(item, revision=state)
            elif hidden:
                continue  # still gone: nothing new
            news.append(item)
        return news
