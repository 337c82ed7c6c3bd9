"""The outbox: the only thing that speaks. Lanes claim a reply, say it, settle it.

``sending`` is committed before the call, the result right after it. Whatever dies
whenever, each reply is seen exactly once or a person is asked: a lane that died
leaves a lease, and what it left is uncertain, never simply sent again.
"""

import logging
import time

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ..networks import base, errors
from . import common
from .common import CONCURRENCY
from .helpdesk_social_intake import CLASHES

_logger = logging.getLogger(__name__)

#: seconds a lane may hold a reply; longer than the call's deadline of 20 s plus
#: uploads, so that nobody takes over a call that is still running
LEASE = 120
#: seconds of a run for looking up uncertain replies: a network that hangs must not
#: keep the others from being sent
SETTLE = 10
#: replies given back, and looks taken, in one run
BATCH = 50


class HelpdeskSocialOutbox(models.AbstractModel):
    _name = "helpdesk.social.outbox"
    _description = "Social Outbox"

    @api.model
    def _wake(self):
        self.env["helpdesk.social.lanes"]._wake("deliver")

    # === THE LANE === #
    @api.model
    def _cron_deliver(self):
        """Send what is queued, settle what is uncertain; one lane of several."""
        left = common.commit(self.env, remaining=1)
        self._take_over_the_dead()
        self._give_back_the_stale()
        self._settle_uncertain()
        speakers = self._speaking_accounts()
        for _turn in range(100000):
            message = self._claim(speakers)
            if not message:
                break
            self._send(message)
            left = common.commit(self.env, 1, 1)  # commit: the network's answer
            if not left:
                return
            if message.account_id.paused_until or message.account_id.state != "active":
                speakers = self._speaking_accounts()
        common.commit(self.env, remaining=0)
        self._wake_for_next()

    @api.model
    def _speaking_accounts(self):
        """Accounts that may send now."""
        now = fields.Datetime.now()
        accounts = self.env["helpdesk.social.account"].sudo()
        active = accounts.search(
            [
                ("state", "=", "active"),
                "|",
                ("paused_until", "=", False),
                ("paused_until", "<=", now),
            ]
        )
        return active.filtered(lambda one: not one._silence_reason())

    @api.model
    def _claim(self, accounts):
        """Take the next reply; ``_send`` commits that before anything leaves.

        What the call needs is read in the same transaction: each commit empties the
        cache, and reading everything twice took a third of a reply's time.
        """
        for clash in range(CLASHES):
            try:
                return self._claim_next(accounts)
            except CONCURRENCY:
                # another lane took it between our look and our hand
                common.rollback(self.env)
                if clash == CLASHES - 1:
                    raise

    @api.model
    def _claim_next(self, accounts):
        messages = self.env["helpdesk.social.message"].sudo()
        messages.flush_model()
        # SQL: SKIP LOCKED and the write in one statement, so that two lanes never
        # take the same reply; parts of one reply wait for the part before
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_message SET delivery_state = 'sending',
                    sending_until =
                        (now() AT TIME ZONE 'utc') + make_interval(secs => %s),
                    sending_at = COALESCE(sending_at, now() AT TIME ZONE 'utc'),
                    attempts = COALESCE(attempts, 0) + 1
                WHERE id = (
                    SELECT m.id FROM helpdesk_social_message m
                    LEFT JOIN helpdesk_social_message p ON p.id = m.previous_id
                    WHERE m.delivery_state = 'queued'
                        AND m.account_id = ANY(%s)
                        AND (m.next_try_at IS NULL
                            OR m.next_try_at <= now() AT TIME ZONE 'utc')
                        AND (p.id IS NULL
                            OR p.delivery_state IN ('sent', 'delivered', 'read'))
                    ORDER BY m.id LIMIT 1
                    FOR UPDATE OF m SKIP LOCKED)
                RETURNING id
                """,
                LEASE,
                accounts.ids,
            ),
            log_exceptions=False,
        )
        row = self.env.cr.fetchone()
        message = messages.browse(row and row[0])
        message.invalidate_recordset()
        return message

    @api.model
    def _send(self, message):
        """Say one reply. Whatever goes wrong ends in a state, never in silence."""
        adapter = self._adapter_of(message)
        if adapter is None:
            # nothing happened, and it is not the reply's fault
            again = fields.Datetime.add(fields.Datetime.now(), seconds=60)
            message._move("queued", next_try_at=again, sending_until=False)
            return
        try:
            reason = message._why_not_send(adapter)
        except Exception:
            # the border of the lane: a check of ours broke, and nothing was said
            _logger.exception("reply %s: crash before sending", message.id)
            reason = "crash"
        if reason:
            message._give_back(adapter, reason)
            return
        try:
            if not self._stage_files(message, adapter):
                return
        except errors.NetworkError as error:
            self._staging_failed(message, error, adapter)
            return
        draft, key = message._draft(with_files=True), message.outbox_key
        # commit: that it is being sent must survive whatever happens in the call
        common.commit(self.env)
        common.failpoint("outbox: before the effect")
        try:
            published = adapter.publish(draft, key)
        except errors.MalformedResponse as error:
            # it answered, but not what was promised: the effect may be there
            uncertain = errors.UncertainError(error.code, error.detail)
            self._note(message, message._send_failed, uncertain, adapter)
        except errors.NetworkError as error:
            _logger.info("reply %s: %s", message.id, error)
            self._note(message, message._send_failed, error, adapter)
        except Exception as error:
            # the border of the lane: a defect of ours in the middle of an effect
            _logger.exception("reply %s: crash while sending", message.id)
            uncertain = errors.UncertainError("crash", type(error).__name__)
            self._note(message, message._send_failed, uncertain, adapter)
        else:
            common.failpoint("outbox: after the effect")
            self._note(message, message._published, published)

    @api.model
    def _note(self, message, write, *answer):
        """Write down what the network answered, whoever else is at the same rows.

        The effect cannot be taken back: an answer that got lost between two
        transactions would leave the reply uncertain, and a person would be asked.
        """
        for clash in range(CLASHES):
            try:
                with mute_logger("odoo.sql_db"):
                    write(*answer)
                    self.env["helpdesk.social.live"]._changed(message)
                    self.env.flush_all()
                return
            except CONCURRENCY as error:
                if clash == CLASHES - 1:
                    raise
                _logger.info("reply %s: again: %s", message.id, type(error).__name__)
                common.rollback(self.env)

    @api.model
    def _stage_files(self, message, adapter):
        """Upload files ahead of the post. Nobody sees them, so a repeat is harmless;
        what was uploaded is committed, so it is not uploaded again.

        Uploads take their time: each renews the lease, or another lane would take
        the reply for dead and send it too.

        :return: is the reply still ours to send?
        """
        if not adapter.can(base.STAGE):
            return True
        files = message.attachment_ids
        uploads = message._draft(with_files=True).media
        if files:
            common.commit(self.env)  # commit: the claim, before the first upload
        for file, upload in zip(files, uploads, strict=True):
            if not upload.staged:
                common.let_go(self.env)
                ref = adapter.stage(upload)
                if not self._still_mine(message):
                    _logger.info("reply %s: taken over, leaving", message.id)
                    return False
                message.staged = {
                    **(message.staged or {}),
                    str(file.id): common.storable(ref),
                }
                common.commit(self.env)  # commit: the upload's id and the lease
        return True

    @api.model
    def _still_mine(self, message):
        """Renew the lease of a reply; False when it ran out."""
        now = fields.Datetime.now()
        message.lock_for_update()
        message.invalidate_recordset()
        if message.delivery_state != "sending" or message.sending_until < now:
            return False
        message.sending_until = fields.Datetime.add(now, seconds=LEASE)
        return True

    @api.model
    def _adapter_of(self, message):
        """The adapter, or None: one broken account must not stop the others."""
        try:
            return message.account_id._adapter()
        except Exception:
            # the border of the lane
            _logger.warning("reply %s: no adapter", message.id, exc_info=True)
            return None

    @api.model
    def _staging_failed(self, message, error, adapter):
        """Nothing was published yet, so even a lost answer is only a delay."""
        if isinstance(error, errors.UncertainError | errors.MalformedResponse):
            error = errors.TransientError(error.code, error.detail)
        message._send_failed(error, adapter)

    # === WHAT IS UNCERTAIN === #
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
        stale = self._due([("queued_at", "<", messages._stale_before())], "queued")
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
        found = messages.search([("delivery_state", "=", state), *domain], limit=BATCH)
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
        if found:
            self._note(message, message._published, found)
        else:
            self._note(message, message._not_found_again)

    @api.model
    def _wake_for_next(self):
        """Be called again when the next attempt is due.

        Only for what lies ahead: what is due already and was not taken waits for
        something else, and waking for it would never end.
        """
        message = (
            self.env["helpdesk.social.message"]
            .sudo()
            .search(
                [
                    ("delivery_state", "in", ("queued", "uncertain")),
                    ("next_try_at", ">", fields.Datetime.now()),
                    ("account_id", "in", self._speaking_accounts().ids),
                ],
                order="next_try_at",
                limit=1,
            )
        )
        if message:
            at = message.next_try_at
            self.env["helpdesk.social.intake"]._wake("helpdesk_social.cron_deliver", at)
            common.commit(self.env)  # commit: the trigger
