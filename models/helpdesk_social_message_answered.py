"""Which waiting messages an answer of ours settles, and what an edit asks anew.

An answer given here and one written in the network's own app follow the same rule. It
must never settle what somebody else said in the same thread, nor words that the agent
had not seen.
"""

from odoo import fields, models
from odoo.fields import Domain

from ..networks.items import PRIVATE

#: how far up a branch is looked for what is answered
DEPTH = 50


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _settle(self, how):
        """What these answers of ours answer stops waiting.

        :param how: ``answered`` or ``native``
        """
        answers = self.filtered(lambda one: one.direction == "out" and one.sent_at)
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
                one in above
                or one.conversation_id in threads
                and self._covers(one, person)
                and self._came_after(one)
            )
        )
        # its author went on writing while we answered: the new words still wait
        unseen = mine.filtered(lambda one: not self._saw(one))
        values = {"handled_how": how, "handled_by_id": self.user_id.id}
        (mine - unseen).write({**values, "waiting": False, "handled_at": self.sent_at})
        unseen.write({**values, "handled_at": self._looked_at()})
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
        # an answer from here was written on our clock, one from the network's app
        # follows what the network shows
        if self.queued_at:
            return message.received_at <= self.queued_at
        return message.sent_at <= self.sent_at

    def _saw(self, message):
        return not message.edited_at or message.edited_at <= self._looked_at()

    def _settled_by_twin(self, twin):
        """What our echo settled while it was thought to be written elsewhere."""
        self.search(
            Domain("conversation_id", "=", twin.conversation_id.id)
            & Domain("conversation_id", "!=", False)
            & Domain("handled_how", "=", "native")
            & Domain("handled_at", "=", fields.Datetime.to_string(twin.sent_at))
        ).write({"handled_how": "answered", "handled_by_id": self.user_id.id})
