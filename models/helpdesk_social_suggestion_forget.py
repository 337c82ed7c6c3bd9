"""What was learned from somebody goes when the person, or the post, is forgotten.

It must never keep a word that only they used: neither in an answer, nor among the
search terms, nor in the counts of words.
"""

from odoo import models


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _unlearn(self):
        """Forget which questions and answers these were."""
        # sudo: helpdesk.social.suggestion* - nobody may open them
        examples = self.env["helpdesk.social.suggestion.example"].sudo()
        examples.search(
            ["|", ("question_id", "in", self.ids), ("answer_id", "in", self.ids)]
        ).unlink()
        # what was put into a composer may name the person
        feedback = self.env["helpdesk.social.suggestion.feedback"].sudo()
        feedback.search([("message_id", "in", self.ids)]).filled = False

    def _forget(self):
        self._unlearn()
        return super()._forget()

    def _forget_copies(self, words):
        """Override: what the network wants gone is no example either."""
        self._unlearn()
        return super()._forget_copies(words)

    def write(self, vals):
        """Override of the ORM: what was edited is learned anew. Edits are often made
        to take something back."""
        if vals.get("revisions") and "text" in vals:
            # sudo: helpdesk.social.suggestion.example, helpdesk.ticket - a mark
            examples = self.env["helpdesk.social.suggestion.example"].sudo()
            known = examples.search(
                ["|", ("question_id", "in", self.ids), ("answer_id", "in", self.ids)]
            )
            if known:
                tickets = known.answer_id.ticket_id
                tickets.with_context(tracking_disable=True).social_to_learn = True
                self._unlearn()
        return super().write(vals)

    def _tombstone(self, by=False, empty=False):
        """Override: what was taken back is no example, whoever did it."""
        self._unlearn()
        return super()._tombstone(by=by, empty=empty)

    def unlink(self):
        """Override of the ORM: the database would leave their words in the counts."""
        self._unlearn()
        return super().unlink()


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    def _forget_who(self):
        # sudo: helpdesk.social.suggestion.example - see above
        examples = self.env["helpdesk.social.suggestion.example"].sudo()
        examples.search([("identity_id", "in", self.ids)]).unlink()
        return super()._forget_who()
