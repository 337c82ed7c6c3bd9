"""A reply and its approval: asked for when it is held, given for exactly these words.

What an approval is and who decides is in ``helpdesk_social_approval``. Nothing here
lets a reply pass.
"""

import hashlib

from odoo import fields, models

from .helpdesk_social_approval import CODE
from .social_concern import HOLD


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    approval_id = fields.Many2one(
        "helpdesk.social.approval",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="The last one that was asked for.",
    )

    def _whole_reply(self):
        """All parts of the reply that these rows are of, in their order."""
        first = self
        while first.previous_id:
            first = first.previous_id
        return (first | first._parts_after()).sorted("part")

    def _words_digest(self):
        """What was approved is what goes out: a hash over words and files."""
        lines = [
            f"{one.audience}\n{one.account_id.id}\n{one.parent_id.id}\n"
            + f"{one.text or ''}\n"
            + "\n".join(
                f"{file.checksum}:{file.description or ''}"
                for file in one.attachment_ids.sorted("id")
            )
            for one in self.sorted("part")
        ]
        return hashlib.sha256("\0".join(lines).encode()).hexdigest()

    def _is_approved(self):
        """Did a second person agree to exactly these words?"""
        approval = self.approval_id
        if not approval or approval.state != "approved":
            return False
        return approval.digest == self._whole_reply()._words_digest()

    def _newer_words(self):
        """What was said in the conversation since this reply was written."""
        return self.ticket_id._social_newer_than(
            self.parent_id or self, self.queued_at, self.user_id
        )

    def _held_by(self, concerns):
        result = super()._held_by(concerns)
        asking = [one for one in concerns if one.code == CODE and one.effect == HOLD]
        if asking and self[:1].approval_id.state != "waiting":
            rules = self.env["helpdesk.social.approval.rule"].browse(
                {id_ for one in asking for id_ in one.details.get("rules", ())}
            )
            guard = any(one.details.get("why") == "guard" for one in asking)
            self.env["helpdesk.social.approval"]._ask(
                self._whole_reply(), rules, guard or any(rules.sudo().mapped("guard"))
            )
        return result

    def write(self, vals):
        result = super().write(vals)
        if "ticket_id" in vals:
            moved = self.approval_id
            # sudo: helpdesk.social.approval - it goes where its reply goes
            moved.sudo().write({"ticket_id": vals["ticket_id"]})
        return result

    def _forget_copies(self, words):
        """What colleagues said about an answer may repeat what it answers."""
        result = super()._forget_copies(words)
        answers = self | self.search([("parent_id", "in", self.ids)])
        talked = answers.approval_id.filtered("comments")
        # sudo: helpdesk.social.approval - nobody else can; who decided stays
        talked.sudo().write({"comments": False})
        return result

    def _move(self, state, **values):
        moved = super()._move(state, **values)
        if state in ("cancelled", "failed"):
            open_ones = moved.approval_id.filtered(lambda one: one.state == "waiting")
            for approval in open_ones:
                approval._close("withdrawn")
        return moved

    def _timeline_row(self, parents, files, words):
        row = super()._timeline_row(parents, files, words)
        row["approval"] = False
        if self.approval_id:
            # sudo: helpdesk.social.approval - whoever reads the words may know who
            # agreed to them
            approval = self.approval_id.sudo()
            row["approval"] = {
                "id": approval.id,
                "state": approval.state,
                "why": approval.why,
                "may_decide": approval.sudo(False).may_decide,
                "mine": approval.author_id == self.env.user,
                "comments": approval.comments or [],
            }
            note = approval._note()
            if note:
                row["notes"].append(note)
        return row
