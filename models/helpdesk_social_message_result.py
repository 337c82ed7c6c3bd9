"""What the network's answer, or its silence, does to a reply.

A late success always wins; what nobody knows is looked up, or a person decides. The
table of errors is ``social_failure``. Nothing here speaks to a network.
"""

import logging
from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from ..networks import base, errors, items
from . import common, social_failure
from .helpdesk_social_message_delivery import LOOK_AGAIN

_logger = logging.getLogger(__name__)


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    # === AFTER SENDING === #
    def _published(self, published, echo=False):
        """The network took it: remember how it calls it, handle what it answers.

        :param echo: we saw it there, and the answer to our call may still come
        """
        self.ensure_one()
        key = common.storable(published.key) or False
        twin = self._of_key(key)
        if twin and not self._makes_way(twin, echo):
            if twin.direction == "out" and not echo:
                # the network calls it said already, and shows what the other one said
                return self._duplicate()
            # never ours to throw away: it was said by somebody, or sent apart
            _logger.error("reply %s: key of message %s", self.id, twin.id)
            key = False
        ref = common.storable(published.ref or published.key)
        names = {
            "key": key,
            "refs": {str(self.account_id.id): ref},
            "permalink": common.storable(published.url),
        }
        if self.delivery_state == "sent" and self.sending_until and not echo:
            # its echo came first; the answer to our own call knows better which it is
            return self.write({**names, "sending_until": False})
        now = fields.Datetime.now()
        self._move(
            "sent",
            **names,
            sent_at=common.to_orm(published.sent_at) or now,
            sending_until=echo and self.sending_until,
            next_try_at=False,
            in_doubt=False,
            conversation_id=self._conversation_for(published).id,
            **self._clear_error(),
        )
        return self._answers()

    def _of_key(self, key):
        """Another message that has this key already."""
        if not key:
            return self.browse()
        known = self.search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("network_id", "=", self.network_id.id)
            & Domain("key", "=", key)
        )
        return known - self

    def _makes_way(self, twin, echo):
        """Does the message that has our key give it to us?"""
        if twin.direction != "out":
            return False
        if not twin.outbox_key:
            self._absorb(twin)
            return True
        if twin.sending_until and not echo:
            # the same words to the same person: our echo was taken for that one's,
            # whose own answer is still to come
            twin.key = False
            twin.flush_recordset(["key"])
            return True
        return False

    def _duplicate(self):
        """It is not there: what the network shows instead is another reply of ours."""
        self._move(
            "failed",
            next_try_at=False,
            sending_until=False,
            in_doubt=False,
            error_code="duplicate",
            error_detail=False,
        )

    def _absorb(self, twin):
        """Our echo was stored as a message of its own before we knew: it is us."""
        self._settled_by_twin(twin)
        twin.search([("parent_id", "=", twin.id)]).write({"parent_id": self.id})
        events = self.env["helpdesk.social.event"]
        events.search([("message_id", "=", twin.id)]).write({"message_id": self.id})
        twin.unlink()

    def _conversation_for(self, published):
        """The conversation a reply belongs to; a first private message opens one
        on the same ticket, so that the answer joins it."""
        if self.conversation_id:
            return self.conversation_id
        threads = self.env["helpdesk.social.conversation"]
        key = common.storable(published.thread or published.key)
        found = threads.search(
            [
                ("account_id", "=", self.account_id.id),
                ("audience", "=", self.audience),
                ("key", "=", key),
            ]
        )
        if found:
            # we wrote from here, so the answer must come here (hand-off): the thread
            # goes on in this ticket, the messages of the former one stay there
            if self.ticket_id and found.ticket_id != self.ticket_id:
                found.ticket_id = self.ticket_id
            return found
        person = self.to_identity_id or self.parent_id.identity_id
        return threads.create(
            {
                "account_id": self.account_id.id,
                "audience": self.audience,
                "key": key,
                "ticket_id": self.ticket_id.id,
                "identity_id": person.id,
                "participant_ids": [(6, 0, person.ids)],
            }
        )

    def _answers(self):
        """The conversation goes on, and what this reply answers is answered."""
        moment = self.sent_at
        for thread in self.conversation_id:
            if not thread.last_outbound_at or thread.last_outbound_at < moment:
                thread.last_outbound_at = moment
            if not thread.last_message_at or thread.last_message_at < moment:
                thread.last_message_at = moment
        self._settle("answered")

    def _echoed(self, found):
        """The network shows our reply although nobody told us it worked.

        :param found: the reply itself (``Incoming``), or news of it (``Receipt``)
        """
        if isinstance(found, items.Receipt):
            published = items.Published(found.key, thread=found.thread)
        else:
            published = items.Published(
                key=found.key,
                ref=found.ref,
                url=found.permalink,
                thread=found.thread,
                sent_at=found.sent_at,
            )
        self._published(published, echo=True)

    def _send_failed(self, error, adapter):
        """What an error does to this reply, by the one table."""
        self.ensure_one()
        effect = social_failure.effect_of(error)
        now = fields.Datetime.now()
        if isinstance(error, errors.Exhausted):
            self.account_id._record_failure(error)
        values = {
            "error_code": common.storable(error.code),
            "error_detail": common.storable(error.detail),
            "sending_until": False,
        }
        if effect.message == "uncertain":
            self._uncertain(adapter, now, values)
        elif effect.message == "queued":
            wait = social_failure.wait_before(self.attempts)
            if error.retry_after is not None:
                wait = timedelta(seconds=min(error.retry_after + 1, 24 * 3600))
            self._move("queued", next_try_at=now + wait, **values)
            if effect.account or isinstance(error, errors.RateLimited):
                self.account_id._record_failure(error, "publish")
        elif self.in_doubt:
            # this attempt was refused; what became of an earlier one is not known
            self._uncertain(adapter, now, values, repeat=False)
        else:
            self._move("failed", next_try_at=False, **values)

    def _uncertain(self, adapter, now, values, repeat=True):
        """Something may have happened: a live key makes a repeat harmless, what can
        be looked up will be, and only then a person is asked."""
        values = {**values, "in_doubt": True}
        if repeat and self._key_is_alive(adapter):
            wait = social_failure.wait_before(self.attempts)
            self._move("queued", next_try_at=now + wait, **values)
        elif adapter.can(base.LOOKUP):
            again = now + timedelta(seconds=LOOK_AGAIN)
            self._move("uncertain", next_try_at=again, absences=0, **values)
        else:
            self._move("uncertain", next_try_at=False, **values)

    def _not_found_again(self):
        """Proved absent twice after the deadline: it may be sent after all."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.absences + 1 >= 2:
            self._move("queued", next_try_at=False, absences=0, in_doubt=False)
        else:
            self.write(
                {
                    "absences": self.absences + 1,
                    "next_try_at": now + timedelta(seconds=LOOK_AGAIN),
                }
            )
