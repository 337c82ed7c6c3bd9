"""What holds a reply back before it leaves: a second person, or time to undo.

Both are concerns (``social_concern``); how a held reply leaves is in
``helpdesk_social_message_held`` and ``helpdesk_social_approval``.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .helpdesk_social_approval import CODE
from .social_concern import HOLD, QUEUE, SEND, UNDO, Concern

#: seconds: a longer pause is a wait that customers feel
MAX_UNDO = 60


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_concerns(self, words):
        concerns = super()._social_concerns(words)
        approval = self._social_approval_concern(words)
        if approval:
            concerns.append(approval)
        undo = self._social_undo_concern(words)
        if undo:
            concerns.append(undo)
        return concerns

    def _social_approval_concern(self, words):
        row = words.message
        if words.stage == SEND and row and row._is_approved():
            return None
        rules = self.env["helpdesk.social.approval.rule"]._matching(words)
        if not rules:
            return None
        return Concern(
            CODE,
            HOLD,
            self.env._(
                "Somebody else looks at this before it goes out: %(why)s.",
                why=", ".join(rules.sudo().mapped("name")),
            ),
            {"rules": rules.ids, "why": "rule"},
        )

    def _social_undo_concern(self, words):
        """Time to change one's mind; only for what a person sends from the form."""
        if words.stage != QUEUE or not self.env.context.get("social_undo"):
            return None
        # a private page has the patience of the account that it belongs to
        account = words.account.sudo()
        seconds = (account.page_for_id or account).undo_seconds
        if not seconds:
            return None
        # a datetime has no fractions here: never less than what was promised
        until = fields.Datetime.now() + timedelta(seconds=seconds + 1)
        return Concern(
            UNDO, HOLD, self.env._("It can still be taken back."), {}, until=until
        )

    def social_send(self, *args, **kwargs):
        # what a person sends from the form may be taken back for a moment
        self = self.with_context(social_undo=True)  # noqa: PLW0642
        answer = super().social_send(*args, **kwargs)
        if answer.get("ok"):
            rows = self.env["helpdesk.social.message"].browse(answer["message_ids"])
            answer["undo"] = rows._undo_seconds()
            answer["approval"] = any(CODE in (one.held_for or ()) for one in rows)
        return answer


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    undo_seconds = fields.Integer(
        string="Time to Undo",
        default=5,
        help="Seconds that a reply waits before it leaves, so that its author can take "
        "it back. 0: it leaves at once.",
    )

    @api.constrains("undo_seconds")
    def _check_undo_seconds(self):
        if any(not 0 <= one.undo_seconds <= MAX_UNDO for one in self):
            raise ValidationError(
                self.env._("The time to undo is 0 to %(most)s seconds.", most=MAX_UNDO)
            )


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _undo_seconds(self):
        """Seconds until these leave by themselves; 0 when they do not wait for that."""
        now = fields.Datetime.now()
        held = self.filtered(lambda one: one.held_for == [UNDO] and one.held_until)
        if not held:
            return 0
        return max(1, int((max(held.mapped("held_until")) - now).total_seconds()))

    def action_send_now(self):
        """The time to undo is over, or its author does not want to wait for it.

        The form calls this when its countdown ends; without a form the scheduled
        action lets it go.
        """
        for message in self:
            message.check_access("read")
            if message.user_id != self.env.user:
                raise UserError(self.env._("Only its author can send it at once."))
        rows = self.sudo()._whole_replies()._locked()
        rows.filtered(lambda one: one.held_for == [UNDO])._release()
        return True

    def social_take_back(self):
        """Do not send this reply; what was written, for the composer.

        :return: {text, files: as drafts tell them}
        :raises UserError: it has left, or is leaving
        """
        self.ensure_one()
        self.check_access("read")
        if self.user_id != self.env.user:
            raise UserError(self.env._("Only its author can take it back."))
        rows = self.sudo()._whole_reply()
        rows[0].sudo(False).action_cancel()
        files = rows.attachment_ids
        if files:
            # an upload again, that its author may send with other words
            rows.attachment_ids = False
            files.res_id = 0
        return {
            "text": "\n\n".join(one.text or "" for one in rows),
            "files": [
                self.env["helpdesk.ticket"]._social_draft_file(one) for one in files
            ],
        }

    def _whole_replies(self):
        found = self.browse()
        for message in self:
            found |= message._whole_reply()
        return found

    def _timeline_delivery(self, words):
        delivery = super()._timeline_delivery(words)
        if delivery:
            undo = self.delivery_state == "held" and self.held_for == [UNDO]
            delivery["undo_until"] = (
                undo and fields.Datetime.to_string(self.held_until) or False
            )
        return delivery
