"""What the network only named is read: pushed ids without words become messages.

The intake talks to nobody, so it leaves such events here; the lane that pulls reads
them first of all, one call each. What is gone by then is done with, what cannot be read
now has its turn again, and nothing is lost or asked for without end.
"""

import logging

from odoo import fields, models
from odoo.fields import Domain

from ..networks import base, errors, items
from . import common

_logger = logging.getLogger(__name__)

#: outcome of an event that waits to be read
ANNOUNCED = "announced"
#: what rests when reading fails, beside the streams
READING = "announced"
#: calls a run
MAX_CALLS = 20
#: looks before an event is given up, where the network answers nonsense
ATTEMPTS = 5


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    def _read_soon(self, events):
        """These events wait for the lane that pulls, which is called now."""
        self.ensure_one()
        events.write({"state": "held", "outcome": ANNOUNCED, "retry_at": False})
        now = fields.Datetime.now()
        if not self.next_pull_at or self.next_pull_at > now:
            self.next_pull_at = now
        self.env["helpdesk.social.intake"]._wake_pull()

    def _read_announced(self, adapter, lease):
        """Read what waits, the oldest first.

        :return: False when another lane has taken over
        :raises NetworkError: it is about the account
        """
        if not adapter.can(base.ANNOUNCED) or self._rests(READING):
            return True
        events = self.env["helpdesk.social.event"].sudo()
        waiting = events.search(
            Domain("app_id", "=", self.app_id.id)
            & Domain("account_id", "=", self.id)
            & Domain("state", "=", "held")
            & Domain("outcome", "=", ANNOUNCED),
            order="id",
            limit=MAX_CALLS,
        )
        for event in waiting:
            try:
                self._read_one(adapter, event)
            except errors.NetworkError as problem:
                alone = self._fails_for_now(problem) or self._keeps_one_stream(
                    adapter, problem
                )
                common.rollback(self.env)
                if not alone or problem.no_line:
                    raise
                self._rest(READING, problem)
                break
            if not self._still_mine(lease):
                common.rollback(self.env)
                return False
            common.commit(self.env)  # commit: one was read, whatever becomes of others
            if adapter.rest:
                break
        else:
            self._awake(READING)
        return True

    def _read_one(self, adapter, event):
        """:raises NetworkError: not now; the event keeps waiting"""
        parsed = adapter.parse(event._item())
        if not isinstance(parsed, items.Announced):
            # a newer version of the adapter knows more
            event.write({"state": "new", "outcome": False})
            self.env["helpdesk.social.intake"]._wake_process()
            return
        common.let_go(self.env)
        try:
            page = adapter.fetch_announced(parsed.ref)
        except errors.RejectedError as error:
            _logger.info("account %s: announced %s: %s", self.id, event.id, error)
            gone = isinstance(error, errors.NotFoundError)
            if gone:
                event.write({"state": "done", "outcome": "gone"})
            else:
                event._died(error)
            return
        except errors.MalformedResponse as error:
            event.attempts += 1
            if event.attempts >= ATTEMPTS:
                event._died(error)
            return
        new = event._journal(self.app_id, page.items, self, source="push")
        event.write({"state": "done", "outcome": "read"})
        if new:
            self.env["helpdesk.social.intake"]._wake_process()
