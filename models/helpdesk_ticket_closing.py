"""Close in public: what began there and was solved in private is told there as well.

When such a ticket is closed it is marked, until somebody says the few words in public
or decides to say nothing. The words are proposed; nothing is said by itself.
"""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..networks import items
from ..texts import closing
from .helpdesk_social_account import HELPDESK_USER

#: states of an answer that counts as said, or as good as said
SAID = ("queued", "held", "sending", "uncertain", "sent", "delivered", "read")
#: messages of a ticket that are looked at: the beginning and the end decide, and a
#: conversation of a thousand turns is none that a sentence closes
LOOK_AT = 1000


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_public_open = fields.Boolean(
        string="Still Open in Public",
        copy=False,
        readonly=True,
        groups=HELPDESK_USER,
        help="It began in public and was solved in private, and the public was told "
        "nothing yet.",
    )

    def write(self, vals):
        """Override: closing a ticket looks at what the public still sees."""
        before = self._handoff_open_before(vals)
        result = super().write(vals)
        closed = before.filtered(lambda one: one.stage_id.closed)
        if closed:
            closed._mark_open_in_public()
        opened = (
            # sudo: helpdesk.ticket - the mark
            self.sudo().filtered(
                lambda one: one.social_public_open and not one.stage_id.closed
            )
            if "stage_id" in vals
            else self.browse()
        )
        opened.social_public_open = False
        return result

    def _handoff_open_before(self, vals):
        """Those that a change may close."""
        if "stage_id" not in vals:
            return self.browse()
        return self.filtered(lambda one: not one.stage_id.closed)

    def social_reply(self, text, audience, **options):
        """Override: a public answer closes the thread there; an invitation does not.

        Asked here, where a person speaks, and not when it has left: that is done for
        thousands of replies.
        """
        row = super().social_reply(text, audience, **options)
        # sudo: helpdesk.ticket - the mark
        marked = audience == items.PUBLIC and self.sudo().social_public_open
        if marked and not self.env.context.get("social_note"):
            self._mark_open_in_public()
        return row

    # === THE MARK === #
    def _mark_open_in_public(self):
        for ticket in self:
            still = ticket._said_in_public()[1]
            # sudo: helpdesk.ticket - kept by the machine
            if still != ticket.sudo().social_public_open:
                ticket.sudo().social_public_open = still

    def _said_in_public(self):
        """(the message that is to be answered in public, is it still open there?)"""
        self.ensure_one()
        # sudo: helpdesk.social.message - whether, when and to whom; no words come out
        messages = self.env["helpdesk.social.message"].sudo()
        if not self.id or self.duplicate_id:
            return messages, False
        found = messages.search(
            Domain("ticket_id", "=", self.id)
            & (
                Domain("direction", "=", "in")
                | Domain("delivery_state", "in", SAID)
                | Domain("delivery_state", "=", False)
            ),
            order="sent_at, id",
            limit=LOOK_AT,
        )
        if items.PUBLIC not in found.mapped("audience"):
            return messages, False
        # sudo: helpdesk.social.handoff - which of ours were invitations
        notes = (
            self.env["helpdesk.social.handoff"]
            .sudo()
            .search([("ticket_id", "=", self.id)])
            .note_id
        )
        asked = found.filtered(lambda one: one.direction == "in" and not one.context)
        public = asked.filtered(lambda one: one.audience == items.PUBLIC)
        began = public[:1].sent_at
        said = [
            closing.Said(
                at=one.sent_at,
                audience=one.audience,
                ours=one.direction == "out",
                deleted=bool(one.deleted_at),
                context=one.context or _is_another_matter(one, began),
                note=one in notes,
            )
            for one in found
        ]
        begun = closing.begun_in_public(said)
        target = messages if begun is None else found[begun]
        return target, closing.open_in_public(said)

    # === WHAT THE BROWSER ASKS === #
    def _social_desk(self, targets):
        """Override: the mark, and the offer to close in public."""
        desk = super()._social_desk(targets)
        # sudo: helpdesk.ticket - the mark; callers read the ticket themselves
        if self.sudo().social_public_open:
            desk["open_in_public"] = True
        return desk

    def social_close_in_public(self):
        """Which public message is to be answered, and with what words.

        :raises UserError: there is nothing left in public to close
        """
        self._check_closing()
        target, _still = self._said_in_public()
        target = target.sudo(False)._filtered_access("read")
        if not target:
            # sudo: helpdesk.ticket - the mark
            self.sudo().social_public_open = False
            raise UserError(
                self.env._("There is nothing left in public that could be closed.")
            )
        # sudo: helpdesk.social.account - its words for the public
        account = target.account_id.sudo()
        return {
            "message_id": target.id,
            "audience": items.PUBLIC,
            "text": account._closing_words(target),
        }

    def social_leave_open(self):
        """Nothing is said in public: the mark goes."""
        self._check_closing()
        # sudo: helpdesk.ticket - the mark; write access was checked
        self.sudo().social_public_open = False
        self.env["helpdesk.social.live"]._changed(
            self.env["helpdesk.social.message"], self
        )

    def _check_closing(self):
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group(HELPDESK_USER):
            raise UserError(self.env._("Only helpdesk users may do this."))


def _is_another_matter(message, began):
    """Was it settled, or history, when the person went public? Then it only came along
    with its thread, which goes on in this ticket.

    :param began: when the first public words of the ticket were said, or False
    """
    if not began or message.audience == items.PUBLIC or message.sent_at > began:
        return False
    settled = message.handled_at and message.handled_at <= began
    return bool(settled or message.why == "backlog")


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def action_cancel(self):
        """Override: what was to close the thread in public is not said after all."""
        result = super().action_cancel()
        public = self.filtered(lambda one: one.audience == items.PUBLIC)
        public.ticket_id.filtered("stage_id.closed")._mark_open_in_public()
        return result

    def write(self, vals):
        """Override: a public message that was deleted needs no closing any more."""
        result = super().write(vals)
        if vals.get("deleted_at"):
            # sudo: helpdesk.ticket - the mark
            marked = self.ticket_id.sudo().filtered("social_public_open")
            marked._mark_open_in_public()
        return result
