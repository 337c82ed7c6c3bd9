"""The outbox's doubts: replies of lanes that died, that waited too long, or of which
nobody knows whether they were published.

It looks and decides by the table of errors; it never publishes anything itself.
"""

import logging
import time

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import mute_logger

from ..networks import errors
from . import common
from .common import CONCURRENCY

_logger = logging.getLogger(__name__)

#: seconds of a run for looking up uncertain replies: a network that hangs must not
#: keep the others from being sent
SETTLE = 10
#: replies given back, and looks taken, in one run
BATCH = 50


class HelpdeskSocialOutbox(models.AbstractModel):
    _inherit = "helpdesk.social.outbox"

    @api.model
    def _take_over_the_dead(self):
        """Replies whose lane died: something may have happened."""
        for message in self._due(
            [("sending_until", "<", fields.Datetime.now())], "sending"
        ):
            adapter = self._adapter_of(message)
            if adapter is not None:
                died = errors.UncertainError("cut", "lane died")
                message._send_failed(died, adapter)
        self._commit_or_leave()  # commit: taken over

    @api.model
    def _give_back_the_stale(self):
        """Replies that wait and are claimed by no lane go back to their authors."""
        messages = self.env["helpdesk.social.message"].sudo()
        since = messages._stale_before()
        stale = self._due(
            Domain("released_at", "<", since)
            | Domain("released_at", "=", False) & Domain("queued_at", "<", since),
            "queued",
        )
        for message in stale:
            before = message.previous_id.delivery_state
            if before in ("draft", "held", "queued", "sending", "failed", "uncertain"):
                continue  # the tail of a reply that its author sees already
            adapter = self._adapter_of(message) if message.in_doubt else None
            if adapter is not None or not message.in_doubt:
                message._give_back(adapter, "waited_too_long")
        self._commit_or_leave()  # commit: given back

    @api.model
    def _due(self, domain, state):
        """Replies in a state, locked; none when another lane is at them."""
        messages = self.env["helpdesk.social.message"].sudo()
        found = messages.search(
            Domain("delivery_state", "=", state) & Domain(domain), limit=BATCH
        )
        try:
            with mute_logger("odoo.sql_db"):
                return found.try_lock_for_update()
        except CONCURRENCY:
            common.rollback(self.env)
            return messages

    @api.model
    def _commit_or_leave(self):
        """Commit; a row that somebody just wrote leaves it all to the next run.

        :return: was it committed?
        """
        kept = True
        try:
            with mute_logger("odoo.sql_db"):
                self.env.flush_all()
        except CONCURRENCY:
            common.rollback(self.env)
            kept = False
        common.commit(self.env)  # commit: what the caller says
        return kept

    @api.model
    def _settle_uncertain(self):
        """Look on the network for what may have been published, one by one."""
        accounts = self._speaking_accounts()
        until = time.monotonic() + SETTLE
        for _turn in range(BATCH):
            message = self._claim_uncertain(accounts)
            if not message or time.monotonic() > until:
                break
            self._look_for(message)
            common.commit(self.env)  # commit: what was found

    @api.model
    def _claim_uncertain(self, accounts):
        """An uncertain reply to look for, put off for the other lanes."""
        now = fields.Datetime.now()
        message = self._due(
            [("next_try_at", "<=", now), ("account_id", "in", accounts.ids)],
            "uncertain",
        )[:1]
        message.next_try_at = fields.Datetime.add(now, seconds=60)
        # commit: the claim, before any traffic; two lanes that look at once would
        # count one absence twice
        return message if self._commit_or_leave() else message.browse()

    @api.model
    def _look_for(self, message):
        adapter = self._adapter_of(message)
        if adapter is None:
            return
        since = common.to_network(message.sending_at or message.create_date)
        draft, key = message._draft(), message.outbox_key
        common.let_go(self.env)
        try:
            found = adapter.lookup(draft, key, since)
        except errors.NetworkError as error:
            _logger.info("reply %s: cannot look: %s", message.id, error)
            return
        except Exception:
            # the border of the lane: the other replies must go out all the same
            _logger.exception("reply %s: crash while looking", message.id)
            return
        if found and not self._is_of_another(message, found):
            self._note(message, message._published, found)
        else:
            self._note(message, message._not_found_again)

    @api.model
    def _is_of_another(self, message, found):
        """Is what was found a reply of ours that we know already?

        Somebody may say "Thank you!" twice to one person: the first, found again,
        proves nothing about the second.
        """
        key = common.storable(found.key)
        return bool(
            message.search_count(
                Domain("company_id", "=", message.company_id.id)
                & Domain("network_id", "=", message.network_id.id)
                & Domain("key", "=", key)
                & Domain("id", "!=", message.id)
                & Domain("outbox_key", "!=", False),
                limit=1,
            )
        )
