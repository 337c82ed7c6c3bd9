"""The outbox: the only thing that speaks. Lanes claim a reply, say it, settle it.

``sending`` is committed before the call, the result right after it. Whatever dies
whenever, each reply is seen exactly once or a person is asked: a lane that died
leaves a lease, and what it left is uncertain, never simply sent again.
"""

import logging

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ..networks import base, errors
from . import common
from .helpdesk_social_intake import CLASHES, CONCURRENCY

_logger = logging.getLogger(__name__)

#: seconds a lane may hold a reply; longer than the call's deadline of 20 s plus
#: uploads, so that nobody takes over a call that is still running
LEASE = 120


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
        """Take the next reply and commit that it is being sent."""
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
            )
        )
        row = self.env.cr.fetchone()
        message = messages.browse(row and row[0])
        message.invalidate_recordset()
        # commit: that it is being sent must survive whatever happens in the call
        common.commit(self.env)
        return message

    @api.model
    def _send(self, message):
        """Say one reply. Whatever goes wrong ends in a state, never in silence."""
        adapter = message.account_id._adapter()
        if message._is_stale():
            message._move("failed", error_code="waited_too_long", sending_until=False)
            return
        reason = message._why_not_now(adapter)
        if reason:
            message._move("failed", error_code=reason, sending_until=False)
            return
        try:
            self._stage_files(message, adapter)
        except errors.NetworkError as error:
            self._staging_failed(message, error, adapter)
            return
        common.failpoint("outbox: before the effect")
        try:
            published = adapter.publish(
                message._draft(with_files=True), message.outbox_key
            )
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
        what was uploaded is committed, so it is not uploaded again."""
        if not adapter.can(base.STAGE):
            return
        for file, upload in zip(
            message.attachment_ids,
            message._draft(with_files=True).media,
            strict=True,
        ):
            if not upload.staged:
                ref = adapter.stage(upload)
                message.staged = {**(message.staged or {}), str(file.id): ref}
                common.commit(self.env)  # commit: the upload's id

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
        messages = self.env["helpdesk.social.message"].sudo()
        dead = messages.search(
            [
                ("delivery_state", "=", "sending"),
                ("sending_until", "<", fields.Datetime.now()),
            ]
        ).try_lock_for_update()
        for message in dead:
            adapter = message.account_id._adapter()
            message._send_failed(errors.UncertainError("cut", "lane died"), adapter)
        common.commit(self.env)  # commit: taken over

    @api.model
    def _settle_uncertain(self):
        """Look on the network for what may have been published."""
        messages = self.env["helpdesk.social.message"].sudo()
        accounts = self._speaking_accounts()
        due = messages.search(
            [
                ("delivery_state", "=", "uncertain"),
                ("next_try_at", "<=", fields.Datetime.now()),
                ("account_id", "in", accounts.ids),
            ],
            limit=50,
        )
        for message in due.try_lock_for_update():
            adapter = message.account_id._adapter()
            since = common.to_network(message.sending_at or message.create_date)
            try:
                found = adapter.lookup(message._draft(), message.outbox_key, since)
            except errors.NetworkError as error:
                _logger.info("reply %s: cannot look: %s", message.id, error)
                message.next_try_at = fields.Datetime.add(
                    fields.Datetime.now(), seconds=60
                )
                continue
            if found:
                message._published(found)
            else:
                message._not_found_again()
            self.env["helpdesk.social.live"]._changed(message)
        common.commit(self.env)  # commit: what was found

    @api.model
    def _wake_for_next(self):
        """Be called again when the next attempt is due."""
        message = (
            self.env["helpdesk.social.message"]
            .sudo()
            .search(
                [
                    ("delivery_state", "in", ("queued", "uncertain")),
                    ("next_try_at", "!=", False),
                    ("account_id.state", "=", "active"),
                ],
                order="next_try_at",
                limit=1,
            )
        )
        if message:
            at = max(message.next_try_at, fields.Datetime.now())
            self.env["helpdesk.social.intake"]._wake("helpdesk_social.cron_deliver", at)
            common.commit(self.env)  # commit: the trigger
