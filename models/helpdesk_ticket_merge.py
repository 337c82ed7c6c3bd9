"""Tickets are merged with their conversations, and can be told apart again.

Three ways lead here: *Merge into…* on our side, `helpdesk_mgmt`'s own mark as a
duplicate, and the wizard of OCA's `helpdesk_mgmt_merge` where that is installed. In the
first a person is told when private messages would get new readers; in the other two
nobody can be asked, so what is private stays on its ticket. What comes later follows
the mark as a duplicate (``ticket_policy``).
"""

import logging

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

#: the wizard of OCA's helpdesk_mgmt_merge
OCA_WIZARD = "helpdesk.ticket.merge"


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === WHAT THE BROWSER ASKS === #
    def social_merge(self, target_id):
        """Merge these tickets into another, with all that was said.

        :return: {ticket_id: the one that is left, move_ids: for taking it back}
        :raises UserError: with a sentence that says why not
        """
        target = self.browse(int(target_id)).exists()
        if not target:
            raise UserError(self.env._("Choose the ticket first."))
        target._social_check_mover()
        # sudo: helpdesk.ticket - the one that a duplicate leads to
        target = target.sudo()._social_target().sudo(False)
        target._social_check_mover()
        moves = self.env["helpdesk.social.move"].sudo()
        for ticket in self - target:
            ticket._social_check_mover()
            moves |= ticket._social_merge_into(target)
        if not moves:
            raise UserError(self.env._("Choose another ticket to merge into."))
        return {"ticket_id": target.id, "move_ids": moves.ids}

    # === DOING IT === #
    def _social_merge_into(self, target):
        """This ticket becomes a duplicate of ``target``, and closes."""
        if target.company_id != self.company_id:
            raise UserError(
                self.env._("Tickets of two companies cannot be merged with each other.")
            )
        # sudo: helpdesk.ticket - where it leads
        if self.sudo().duplicate_id:
            raise UserError(
                self.env._("Ticket %(number)s is merged already.", number=self.number)
            )
        # sudo: helpdesk.social.conversation, .message - all of them, as its readers
        # stay the same; that is checked
        threads = self.sudo().social_conversation_ids
        self._social_check_readers(target, threads, self._social_alone())
        before = self.sudo().stage_id
        move = self._social_merge_talk(target, before)
        values = {"duplicate_id": target.id}
        stage = self._social_stage_of_duplicates(self.sudo())
        if stage:
            values["stage_id"] = stage.id
        quiet = self.sudo().with_context(social_activity=True, social_moving=True)
        quiet.write(values)
        return move

    def _social_alone(self):
        """Messages of this ticket whose conversation is not, or no longer, on it."""
        # sudo: helpdesk.social.message - as above
        mine = self.sudo().social_message_ids
        return mine.filtered(lambda one: one.conversation_id.ticket_id != self.sudo())

    def _social_merge_talk(self, target, stage, strict=True):
        """What was said here goes to ``target``; the record of it.

        :param strict: else what is private stays when others could read it there
        """
        threads, alone = self.sudo().social_conversation_ids, self._social_alone()
        left = threads.browse()
        if not strict:
            hidden, unsaid = self._social_unpublic(threads, alone)
            if (hidden or unsaid) and self._social_new_readers(target):
                left, threads, alone = hidden, threads - hidden, alone - unsaid
        source = self.sudo()
        handoffs = self.env["helpdesk.social.handoff"].sudo()
        invited = handoffs.search([("ticket_id", "=", self.id)])
        invited = invited.filtered(lambda one: one.conversation_id not in left)
        _moved, invited = source._social_carry(
            target.sudo(), threads, alone, handoffs=invited.ids
        )
        move = (
            self.env["helpdesk.social.move"]
            .sudo()
            .create(
                {
                    "kind": "merge",
                    "from_ticket_id": self.id,
                    "to_ticket_id": target.id,
                    "user_id": self.env.uid,
                    "left": len(left),
                    "moved": {
                        "threads": threads.ids,
                        "messages": alone.ids,
                        "handoffs": invited.ids,
                        "stage": stage.id,
                    },
                }
            )
        )
        (source | target.sudo()).write({"social_moved": True})
        self._social_note_merge(target, len(threads), len(left))
        return move

    def _social_note_merge(self, target, count, left):
        words = self.env._(
            "Merged into %(ticket)s, with %(count)s conversations.",
            ticket=target._social_link(),
            count=count,
        )
        if left:
            words = self.env._(
                "Merged into %(ticket)s, with %(count)s conversations; %(left)s stay "
                "here: they are private, and others could read them there.",
                ticket=target._social_link(),
                count=count,
                left=left,
            )
        self._social_note_move(words)
        target._social_note_move(
            self.env._(
                "%(ticket)s was merged into this, with %(count)s conversations.",
                ticket=self._social_link(),
                count=count,
            )
        )

    @api.model
    def _social_stage_of_duplicates(self, ticket):
        """Where a merged ticket goes: the company's stage for it, else the first
        closed one of the team that is no refusal."""
        stage = ticket.company_id.helpdesk_mgmt_duplicate_ticket_stage_id
        if stage or ticket.stage_id.closed:
            return stage
        rejected = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_rejected", raise_if_not_found=False
        )
        stages = ticket.team_id._get_applicable_stages().filtered("closed")
        return (stages - rejected if rejected else stages)[:1]

    def _social_unmerge(self, move):
        """The merged ticket is one of its own again, with what was said there."""
        source, target = move.from_ticket_id, move.to_ticket_id
        move._take_back()
        values = {"duplicate_id": False}
        stage = source.stage_id.browse((move.moved or {}).get("stage") or ()).exists()
        if stage and source.stage_id.closed:
            values["stage_id"] = stage.id
            if not stage.closed:
                values["closed_date"] = False
        if not source.active:
            values["active"] = True
        source.with_context(social_activity=True, social_moving=True).write(values)
        source._social_note_move(
            self.env._(
                "No longer merged into %(ticket)s.", ticket=target._social_link()
            )
        )
        target._social_note_move(
            self.env._(
                "%(ticket)s is no longer merged into this.",
                ticket=source._social_link(),
            )
        )

    # === OTHER WAYS TO MERGE === #
    def write(self, vals):
        """Override: a duplicate's conversations go where it leads, and come back."""
        if "duplicate_id" not in vals or self.env.context.get("social_moving"):
            return super().write(vals)
        before = {one: (one.duplicate_id, one.stage_id) for one in self.sudo()}
        result = super().write(vals)
        for ticket, (former, stage) in before.items():
            if former == ticket.duplicate_id:
                continue
            if former:
                ticket._social_no_duplicate(former)
            ticket._social_now_duplicate(stage)
        return result

    def _social_now_duplicate(self, stage):
        target = self._social_target()
        if target == self or target.company_id != self.company_id:
            return
        if self.social_conversation_ids or self.social_message_ids:
            # sudo(False): the note says who did it
            self.sudo(False)._social_merge_talk(target.sudo(False), stage, strict=False)

    def _social_no_duplicate(self, former):
        """What went along when it was marked comes back."""
        move = self.env["helpdesk.social.move"].sudo()
        move = move.search(
            Domain("from_ticket_id", "=", self.id)
            & Domain("kind", "=", "merge")
            & Domain("undone_at", "=", False),
            limit=1,
        )
        if move and move.to_ticket_id in (former, former._social_target()):
            move._take_back()

    def _register_hook(self):
        """Override: after OCA's merge wizard, where it is installed.

        Its model cannot be inherited without depending on its addon.
        """
        result = super()._register_hook()
        wizard = self.env.registry.get(OCA_WIZARD)
        origin = getattr(wizard, "merge_tickets", None)
        if not origin or hasattr(origin, "helpdesk_social_origin"):
            return result

        def merge_tickets(dialog):
            merged = dialog.ticket_ids
            answer = origin(dialog)
            target = dialog.dst_ticket_id
            (merged - target)._social_merged_elsewhere(target)
            return answer

        merge_tickets.helpdesk_social_origin = origin
        wizard.merge_tickets = merge_tickets
        return result

    def _unregister_hook(self):
        result = super()._unregister_hook()
        wizard = self.env.registry.get(OCA_WIZARD)
        ours = wizard and vars(wizard).get("merge_tickets")
        if hasattr(ours, "helpdesk_social_origin"):
            del wizard.merge_tickets
        return result

    def _social_merged_elsewhere(self, target):
        """These were merged into ``target`` and archived by somebody else's wizard,
        which knows nothing of conversations: they follow, and so does what comes."""
        for ticket in self.sudo().filtered(lambda one: not one.duplicate_id):
            if ticket.social_conversation_ids or ticket.social_message_ids:
                ticket.sudo(False).write({"duplicate_id": target.id})
