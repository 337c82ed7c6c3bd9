"""The outbox: the only thing that speaks. Lanes claim a reply, say it, settle it.

``sending`` is committed before the call, the result right after it. Whatever dies
whenever, each reply is seen exactly once or a person is asked: a lane that died
leaves a lease, and what it left is uncertain (``helpdesk_social_outbox_settle``),
never simply sent again.
"""

import logging
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ..networks import errors, items
from . import common
from .common import CONCURRENCY
from .helpdesk_social_account_streams import PUBLISH
from .helpdesk_social_intake import CLASHES
from .social_concern import BLOCK

_logger = logging.getLogger(__name__)

#: seconds a lane may hold a reply; longer than the call's deadline of 20 s and than a
#: step of an upload, so that nobody takes over a call that is still running
LEASE = 120


class Answer(NamedTuple):
    """What the network said to a reply: ids, because a commit lies between."""

    id: int
    published: items.Published
    #: messages that are needed to note it: what it answers, the part before it
    others: tuple[int, ...]
    #: seconds that the network would rather not hear from this account
    rest: float = 0.0


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
        common.commit(self.env, remaining=1)
        self.env["helpdesk.social.message"].sudo()._release_due()
        self._take_over_the_dead()
        self._give_back_the_stale()
        self._settle_uncertain()
        with self.env["helpdesk.social.live"]._gathering():
            done = self._deliver()
        if done:
            common.commit(self.env, remaining=0)  # commit: also what screens are told
            self._wake_for_next()

    @api.model
    def _deliver(self):
        """Send what is queued, one reply after the other; is all of it done?

        What the network answered and the claim of the next reply share a
        transaction: a commit waits for the disk and empties the cache, and with two
        of them a lane sent a third less.
        """
        accounts, answer, left = self._speaking_accounts(), None, True
        for _turn in range(100000):
            if not left:
                accounts = accounts.browse()
            message = self._note_and_claim(answer, accounts)
            if not message:
                break
            account = message.account_id
            answer, left = self._send(message)
            if answer and answer.rest:
                accounts -= account
            if answer is None:
                # something went wrong, perhaps with the whole account
                accounts = self._speaking_accounts()
        common.commit(self.env)  # commit: the network's last answer
        return bool(left)

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
        return active.filtered(
            lambda one: not one._silence_reason() and not one._rests("publish")
        )

    @api.model
    def _note_and_claim(self, answer, accounts):
        """Write down what the network answered and take the next reply; ``_send``
        commits both before anything leaves.

        The effect cannot be taken back: an answer that got lost between two
        transactions would leave the reply uncertain, and a person would be asked.

        :param answer: an ``Answer``, or None when nothing is to be noted
        """
        for clash in range(CLASHES):
            together = answer is None or clash < CLASHES - 2
            try:
                with mute_logger("odoo.sql_db"):
                    # the claim comes first: it must look with fresh eyes
                    message = self._claim_next(accounts if together else None, answer)
                    if answer:
                        self._write_answer(answer, message)
                if together:
                    return message
                break
            except CONCURRENCY as error:
                # another lane took it between our look and our hand, or somebody
                # wrote the rows of the answer
                common.rollback(self.env)
                if clash == CLASHES - 1:
                    raise
                if answer:
                    _logger.info("reply %s: again: %s", answer.id, type(error).__name__)
        common.commit(self.env)  # commit: the answer by itself, out of everybody's way
        return self._note_and_claim(None, accounts) if answer else message

    @api.model
    def _write_answer(self, answer, following):
        # sudo: helpdesk.social.message - the lane writes what the network said
        message = self.env["helpdesk.social.message"].sudo().browse(answer.id)
        message = message.with_prefetch(
            following._prefetch_ids or (answer.id, *answer.others)
        )
        message._published(answer.published)
        if answer.rest:
            # its meters are nearly full: slower now, before it stops us for an hour
            slow = errors.RateLimited("slowing_down", retry_after=answer.rest)
            message.account_id._rest(PUBLISH, slow)
        self.env["helpdesk.social.live"]._changed(message)
        self.env.flush_all()

    @api.model
    def _claim_next(self, accounts, answer=None):
        """Take the next reply of these accounts; empty when there is none.

        :param answer: what is noted in the same transaction: the part after that
            reply may follow, and its rows are read along
        """
        messages = self.env["helpdesk.social.message"].sudo()
        if not accounts:
            return messages
        messages.flush_model()
        # SQL: SKIP LOCKED and the write in one statement, so that two lanes never
        # take the same reply; parts of one reply wait for the part before, and what
        # has been uploading lets the others pass
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
                        AND (p.id IS NULL OR p.id = %s
                            OR p.delivery_state IN ('sent', 'delivered', 'read'))
                    ORDER BY m.staged IS NOT NULL, m.id LIMIT 1
                    FOR UPDATE OF m SKIP LOCKED)
                RETURNING id, parent_id, previous_id
                """,
                LEASE,
                accounts.ids,
                answer.id if answer else None,
            ),
            log_exceptions=False,
        )
        found = self.env.cr.fetchone() or ()
        messages.invalidate_model()
        rows = [one for one in found if one]
        if answer:
            rows += [answer.id, *answer.others]
        # read together: what is answered, what was answered, and the next of both
        message = messages.browse(found[:1])
        return message.with_prefetch(tuple(dict.fromkeys(rows)))

    @api.model
    def _send(self, message):
        """Say one reply. Whatever goes wrong ends in a state, never in silence.

        :return: (the ``Answer`` that is still to be noted, or None when the reply
            has its new state already; seconds left for this run)
        """
        account = message.account_id
        paused = account.paused_until and account.paused_until > fields.Datetime.now()
        # a whole queue may have been sent since the accounts were asked
        waits = paused or account._silence_reason()
        adapter = None if waits else self._adapter_of(message)
        if adapter is None:
            # nothing happened, and it is not the reply's fault
            again = fields.Datetime.add(fields.Datetime.now(), seconds=60)
            message._move("queued", next_try_at=again, sending_until=False)
            return None, self._had_its_turn()
        try:
            reason = message._why_not_send(adapter)
        except Exception:
            # the border of the lane: a check of ours broke, and nothing was said
            _logger.exception("reply %s: crash before sending", message.id)
            reason = "crash"
        if reason:
            message._give_back(adapter, reason)
            return None, self._had_its_turn()
        if self._stop_for_concerns(message, adapter):
            return None, self._had_its_turn()
        if not self._stage_files(message, adapter):
            return None, self._had_its_turn()
        draft, key = message._draft(with_files=True), message.outbox_key
        others = (message.parent_id.id, message.previous_id.id)
        # commit: that it is being sent must survive whatever happens in the call
        left = self._had_its_turn()
        common.failpoint("outbox: before the effect")
        try:
            published = adapter.publish(draft, key)
        except errors.MalformedResponse as error:
            # it answered, but not what was promised: the effect may be there
            failure = errors.UncertainError(error.code, error.detail)
        except errors.NetworkError as error:
            _logger.info("reply %s: %s", message.id, error)
            failure = error
        except Exception as error:
            # the border of the lane: a defect of ours in the middle of an effect
            _logger.exception("reply %s: crash while sending", message.id)
            failure = errors.UncertainError("crash", type(error).__name__)
        else:
            common.failpoint("outbox: after the effect")
            known = tuple(filter(None, others))
            return Answer(message.id, published, known, adapter.rest), left
        self._note(message, message._send_failed, failure, adapter)
        common.commit(self.env)  # commit: what became of it
        return None, left

    @api.model
    def _stop_for_concerns(self, message, adapter):
        """Whatever speaks against it now; True when the reply goes nowhere.

        What may have gone out before is settled by looking, not by holding it back.
        """
        try:
            concerns = message._stopped_by()
        except Exception:
            # the border of the lane: what could not be checked is not said
            _logger.exception("reply %s: crash while checking", message.id)
            message._give_back(adapter, "crash")
            return True
        if not concerns:
            return False
        blocking = [one for one in concerns if one.effect == BLOCK]
        if blocking or message.in_doubt:
            message._give_back(adapter, (blocking or concerns)[0].code)
        else:
            held = message._held_values(concerns)
            held.pop("delivery_state")
            message._move("held", sending_until=False, **held)
            message._held_by(concerns)
        return True

    @api.model
    def _had_its_turn(self):
        """Commit a reply's step; seconds left for this run."""
        return common.commit(self.env, 1, 1)

    @api.model
    def _note(self, message, write, *answer):
        """Write down what became of a reply, whoever else is at the same rows."""
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
    def _adapter_of(self, message):
        """The adapter, or None: one broken account must not stop the others."""
        try:
            return message.account_id._adapter()
        except Exception:
            # the border of the lane
            _logger.warning("reply %s: no adapter", message.id, exc_info=True)
            return None

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
