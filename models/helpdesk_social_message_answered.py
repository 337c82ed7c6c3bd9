"""Which waiting messages an answer of ours settles, and what an edit asks anew.

An answer given here and one written in the network's own app follow the same rule. It
must never settle what somebody else said in the same thread, nor words that the agent
had not seen. Neither a bot nor a holding statement answers anybody, and what the
network refuses afterwards never did: then the words wait again.
"""

from odoo import api, fields, models
from odoo.fields import Domain

from ..networks.items import PRIVATE
from . import common

#: how far up a branch is looked for what is answered
DEPTH = 50
#: states of a reply that nobody got to see
LOST = ("undelivered", "failed", "cancelled")
#: states of one that answers
SAID = ("sent", "delivered", "read")


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    settled_by_id = fields.Many2one(
        "helpdesk.social.message",
        string="Answered by",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The answer of ours that made it stop waiting.",
    )
    holding = fields.Boolean(
        copy=False,
        help="A holding statement: people are told that we are at it. It answers "
        "nobody, and no clock stops.",
    )

    handled_why = fields.Selection(
        [
            ("thanks", "A thank-you"),
            ("chatter", "Asks for nothing"),
            ("elsewhere", "Settled elsewhere"),
            ("duplicate", "Said before"),
            ("not_ours", "Not for us"),
            ("spam", "Spam or abuse"),
            ("other", "Another reason"),
        ],
        string="Why Not Answered",
        copy=False,
    )
    handled_note = fields.Char(string="Reason", copy=False)

    # === HANDLED WITHOUT ANSWER === #
    @api.model
    def _handled_values(self, how="no_answer", reason=None, note=None):
        """What is written when somebody says that nothing is to be answered.

        :param reason: one of ``handled_why``; anything else is the reason in words
        :param note: more words
        """
        known = dict(self._fields["handled_why"].selection)
        why = reason if isinstance(reason, str) and reason in known else False
        if reason and not why:
            why, note = "other", note or reason
        note = " ".join(common.storable(note).split())[:500]
        return {
            "waiting": False,
            "handled_at": fields.Datetime.now(),
            "handled_by_id": self.env.uid,
            "handled_how": how if how in ("no_answer", "answered") else "no_answer",
            "handled_why": why or ("other" if note else False),
            "handled_note": note or False,
            "settled_by_id": False,
        }

    @api.model
    def _domain_lost_sight_of(self):
        """Said to us, and neither waiting nor settled: there must be none, whatever
        became of its ticket. What is deleted is settled by itself."""
        return (
            Domain("direction", "=", "in")
            & Domain("context", "=", False)
            & Domain("conversation_id", "!=", False)
            & Domain("waiting", "=", False)
            & Domain("handled_at", "=", False)
            & Domain("deleted_at", "=", False)
            # an admin is asked about all of them at once
            & Domain("why", "!=", "backlog")
        )

    # === ANSWERED === #
    def _settle(self, how):
        """What these answers of ours answer stops waiting.

        :param how: ``answered`` or ``native``
        """
        with self.env["helpdesk.social.clock"]._gathering():
            self.filtered(lambda one: one._is_answer())._settle_all(how)

    def _is_answer(self):
        """Said by a person, and more than that somebody will say something."""
        return (
            self.direction == "out"
            and bool(self.sent_at)
            and self.origin != "bot"
            and not self.holding
        )

    def _settle_all(self, how):
        answers = self
        threads = answers.conversation_id | answers.parent_id.conversation_id
        waiting = self.search(
            Domain("conversation_id", "in", threads.ids) & Domain("waiting", "=", True)
        )
        # the earliest answer counts: later ones find less that waits
        for answer in answers.sorted(lambda one: (one.sent_at, one.id)):
            if not waiting:
                break
            waiting -= answer._settle_one(waiting, how)

    def _settle_one(self, waiting, how):
        """:return: those of ``waiting`` that this answer answers"""
        above, person = self._whom()
        threads = self.conversation_id | self.parent_id.conversation_id
        mine = waiting.filtered(
            lambda one: (
                one == self.parent_id
                # whoever else asks above is not told of this answer: it may not hide
                or one in above
                and person
                and one.identity_id == person
                or one.conversation_id in threads
                and self._covers(one, person)
                and self._came_after(one)
            )
        )
        # its author went on writing while we answered: the new words still wait
        unseen = mine.filtered(lambda one: not self._saw(one))
        values = {
            "handled_how": how,
            "handled_by_id": self.user_id.id,
            "handled_why": False,
            "handled_note": False,
            "settled_by_id": self.id,
        }
        (mine - unseen).write({**values, "waiting": False, "handled_at": self.sent_at})
        for message in unseen:
            # they wait since they were written
            message.write(
                {
                    **values,
                    "handled_at": self._looked_at(),
                    "waiting_again_at": message.edited_at,
                }
            )
        return mine

    def _whom(self):
        """(messages above this answer on its branch, the person it is for)."""
        above, person, one = self.browse(), self.to_identity_id, self.parent_id
        while one and one not in above and len(above) < DEPTH:
            above |= one
            if not person and one.direction == "in":
                person = one.identity_id
            one = one.parent_id
        return above, person

    def _covers(self, message, person):
        """Is ``message`` one that an answer to ``person`` answers?"""
        if message.audience == PRIVATE:
            return True  # there is nobody else in the conversation
        if not self.parent_id:
            return True  # written to the thread as a whole
        return bool(person) and not person.shared and message.identity_id == person

    def _looked_at(self):
        """When whoever wrote this answer saw what it answers, as far as we know."""
        return self.queued_at or self.sent_at

    def _came_after(self, message):
        # who answers our answer wrote later, where the network counts in seconds, too
        if message.parent_id == self:
            return False
        # an answer from here was written on our clock, one from the network's app
        # follows what the network shows
        if self.queued_at:
            return message.received_at <= self.queued_at
        return message.sent_at <= self.sent_at

    def _saw(self, message):
        if self.queued_at:
            return not message._changed_after(self.queued_at)
        return not message.edited_at or message.edited_at <= self.sent_at

    def _changed_after(self, moment):
        """Did its words become others after a moment of our clock? An edit that the
        network tells us of late was nobody's to see before."""
        return any(at and at > moment for at in (self.edited_at, self.revised_at))

    def _settled_by_twin(self, twin):
        """What our echo settled while it was thought to be written elsewhere."""
        self.search([("settled_by_id", "=", twin.id)]).write(
            {
                "handled_how": "answered",
                "handled_by_id": self.user_id.id,
                "settled_by_id": self.id,
            }
        )

    # === NOT ANSWERED AFTER ALL === #
    def write(self, vals):
        """Override: an answer that got lost, or was none, answers nobody any more."""
        result = super().write(vals)
        if vals.get("delivery_state") in LOST or vals.get("holding"):
            self.filtered(lambda one: one.direction == "out")._unsettle()
        return result

    def _unsettle(self):
        """What these answers of ours had settled waits again, since it began to wait;
        unless a later answer answers it as well."""
        settled = self.search([("settled_by_id", "in", self.ids)]) if self else self
        if not settled:
            return
        with self.env["helpdesk.social.clock"]._gathering():
            self.env["helpdesk.social.clock"]._go_on_without(self)
            values = {
                "handled_at": False,
                "handled_by_id": False,
                "handled_how": False,
                "settled_by_id": False,
                "waiting_again_at": False,
            }
            gone = settled.filtered("deleted_at")
            gone.write(values)
            (settled - gone).write({**values, "waiting": True})
            self.search(
                Domain("conversation_id", "in", settled.conversation_id.ids)
                & Domain("direction", "=", "out")
                & Domain("id", "not in", self.ids)
            )._settle_said()

    def _settle_said(self):
        """As ``_settle``, for answers of any origin that people got to see."""
        for origin, said in self.grouped("origin").items():
            said = said.filtered(lambda one: one.delivery_state in SAID)
            said._settle("native" if origin == "native" else "answered")

    def action_holding(self, holding=True):
        """Say that an answer of ours is a holding statement, or that it is none."""
        self._check_speaker()
        # sudo: helpdesk.social.message - users never write messages; checked above
        rows = self.sudo().filtered(lambda one: one.direction == "out")
        rows.write({"holding": bool(holding)})
        if not holding:
            rows._settle_said()
        return True
