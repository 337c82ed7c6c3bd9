"""One person, or one branch of a thread, becomes a ticket of its own.

What a person began goes as a whole, with those who answered there. Where the person
joined what somebody else began, only the branch below their own words goes: it becomes
a conversation named after its topmost message, and what answers it later follows, for
the intake goes by the conversation of what is answered (``helpdesk_ticket_branches``).
In private, only what is between this person and us goes. Who may read it is checked in
``helpdesk_ticket_move``.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..networks.items import PUBLIC
from .helpdesk_social_account import HELPDESK_USER


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === WHAT THE BROWSER ASKS === #
    def social_split(self, person_id=None, conversation_ids=(), message_ids=()):
        """Split off into a ticket of its own.

        :param person_id: identity: all of theirs here that may be told apart
        :param conversation_ids: these as a whole
        :param message_ids: these with all that answers them
        :return: ``{ticket_id, number, move_id}``
        :raises UserError: with a sentence that says why not
        """
        self._social_check_mover()
        # found with the rights of the person: nobody moves what they do not see
        messages = self.env["helpdesk.social.message"]
        threads = self.env["helpdesk.social.conversation"]
        mine = Domain("ticket_id", "=", self.id)
        person = self.env["helpdesk.social.identity"].browse(int(person_id or 0))
        person = person.exists()
        tops = messages.search(mine & Domain("id", "in", _ids(message_ids)))
        threads = threads.search(mine & Domain("id", "in", _ids(conversation_ids)))
        if person:
            person.check_access("read")
            own, branches = self._social_of_person(person)
            threads |= own
            tops |= branches
        whole, branches = self._social_split_plan(threads, tops)
        if not whole and not branches:
            raise UserError(
                self.env._("There is nothing of theirs here that can be told apart.")
            )
        # what we wrote to them first, before they ever answered
        alone = messages.search(
            mine
            & Domain("conversation_id", "=", False)
            & Domain("to_identity_id", "=", person.id)
            & Domain("direction", "=", "out")
        )
        ticket, move = self._social_split(
            whole, branches, person, alone if person else alone.browse()
        )
        return {"ticket_id": ticket.id, "number": ticket.number, "move_id": move.id}

    def social_take_back_move(self, move_id):
        """What was split off or merged goes back where it was.

        :return: {ticket_id: where it is now}
        """
        self._social_check_mover()
        # sudo: helpdesk.social.move - nobody has rights on it; its tickets decide
        move = self.env["helpdesk.social.move"].sudo().browse(int(move_id)).exists()
        if self not in (move.from_ticket_id | move.to_ticket_id).sudo(False):
            raise UserError(self.env._("This is none of this ticket's."))
        source = move.from_ticket_id.sudo(False)
        target = move.to_ticket_id.sudo(False)
        for ticket in source | target:
            ticket._social_check_mover()
        if move.kind == "merge":
            self._social_unmerge(move)
            return {"ticket_id": source.id}
        back = move._take_back()
        self._social_close_empty(move.to_ticket_id, back)
        back._social_note_move(
            self.env._(
                "What had been split off into %(ticket)s is back here.",
                ticket=target._social_link(),
            )
        )
        target._social_note_move(
            self.env._(
                "What had been split off went back to %(ticket)s.",
                ticket=back._social_link(),
            )
        )
        return {"ticket_id": back.id}

    def _social_check_mover(self):
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group(HELPDESK_USER):
            raise UserError(self.env._("Only helpdesk users may do this."))

    # === DOING IT === #
    def _social_split(self, threads, branches, person, alone):
        model = self.env["helpdesk.social.message"].sudo()
        going = model.search(
            Domain("ticket_id", "=", self.id)
            & Domain("conversation_id", "in", threads.ids)
        ).union(*branches.values())
        self._social_check_rest(going)
        first = going.filtered(lambda one: one.direction == "in" and not one.context)
        first = first.sorted(lambda one: (one.audience != PUBLIC, one.sent_at, one.id))
        if not first:
            raise UserError(self.env._("Nobody said anything there."))
        ticket = self._social_open_beside(first[0])
        made = self._social_branch_threads(branches)
        move = self._social_carry_noting(ticket, threads, made, person, alone)
        self._social_note_split(ticket, person or first[0].identity_id)
        return ticket.sudo(False), move

    def _social_check_rest(self, going):
        """:raises UserError: nothing would be left, so there is nothing to split"""
        left = going.search_count(
            Domain("ticket_id", "=", self.id)
            & Domain("direction", "=", "in")
            & Domain("context", "=", False)
            & Domain("id", "not in", going.ids),
            limit=1,
        )
        if not left:
            raise UserError(
                self.env._(
                    "Nothing would be left on this ticket. Split the others off "
                    "instead."
                )
            )

    def _social_open_beside(self, first):
        """A new ticket for what ``first`` says; whoever works on this one has it."""
        # sudo: helpdesk.ticket - as the intake opens them; the user may change this one
        source = self.sudo()
        values = {
            "team_id": source.team_id.id,
            "user_id": source.user_id.id,
            "company_id": source.company_id.id,
            "priority": source.priority,
            "category_id": source.category_id.id,
            "tag_ids": [Command.set(source.tag_ids.ids)],
            "social_split_from_id": source.id,
        }
        stage = source.team_id._get_applicable_stages()[:1]
        if stage:
            values["stage_id"] = stage.id
        opening = {**first._opening(), "values": values}
        ticket = source._social_open(first.account_id, [opening])
        self.env["helpdesk.social.notice"].sudo()._follow(ticket)
        return ticket

    @api.model
    def _social_drafts_branch_off(self, former, thread, branch):
        """What was begun for somebody who has left the conversation goes along; who
        says something in both is answered where they were."""
        gone = branch.identity_id - former.message_ids.identity_id
        # sudo: helpdesk.social.draft - of whoever wrote it; nobody reads it here
        drafts = self.env["helpdesk.social.draft"].sudo()
        drafts.search(
            Domain("conversation_id", "=", former.id)
            & Domain("identity_id", "in", gone.ids)
        ).write({"conversation_id": thread.id, "ticket_id": thread.ticket_id.id})

    def _social_carry_noting(self, ticket, threads, made, person, alone):
        """Move, and remember what went.

        :param made: {new conversation: (former one, messages)}
        """
        model = self.env["helpdesk.social.message"].sudo()
        formers = self.env["helpdesk.social.conversation"].sudo()
        formers = formers.union(*(former for former, _branch in made.values()))
        self._social_check_readers(ticket, threads, alone)
        (self | ticket)._social_keep_lanes_out(threads | formers)
        branches = model.browse()
        with self.env["helpdesk.social.clock"]._gathering():
            for thread, (former, branch) in made.items():
                thread.ticket_id = ticket
                branch.write({"ticket_id": ticket.id, "conversation_id": thread.id})
                self._social_drafts_branch_off(former, thread, branch)
                branches |= branch
            (formers | formers.union(*made))._recount()
            _moved, handoffs = self._social_carry(ticket, threads, branches | alone)
        move = (
            self.env["helpdesk.social.move"]
            .sudo()
            .create(
                {
                    "kind": "split",
                    "from_ticket_id": self.id,
                    "to_ticket_id": ticket.id,
                    "user_id": self.env.uid,
                    "identity_id": (person or self._social_first_of(made, threads)).id,
                    "moved": {
                        "threads": threads.ids,
                        "branches": {
                            thread.id: former.id
                            for thread, (former, _branch) in made.items()
                        },
                        "messages": alone.ids,
                        "handoffs": handoffs.ids,
                    },
                }
            )
        )
        (self | ticket).sudo().write({"social_moved": True})
        return move

    @api.model
    def _social_first_of(self, made, threads):
        """Whose words it was about, when messages were chosen."""
        return next((one.identity_id for one in (*made, *threads)), threads.identity_id)

    def _social_note_split(self, ticket, person):
        who = person._social_label() if person else self.env._("somebody")
        self._social_note_move(
            self.env._(
                "%(who)s was split off into %(ticket)s.",
                who=who,
                ticket=ticket._social_link(),
            )
        )
        ticket._social_note_move(
            self.env._(
                "%(who)s was split off from %(ticket)s.",
                who=who,
                ticket=self._social_link(),
            )
        )

    @api.model
    def _social_close_empty(self, ticket, leads_to):
        """A ticket that has nothing left is no ticket: it leads to the other one."""
        if ticket.social_conversation_ids or ticket.social_message_ids:
            return
        values = {"duplicate_id": leads_to.id}
        stage = self._social_stage_of_duplicates(ticket)
        if stage:
            values["stage_id"] = stage.id
        ticket.with_context(social_activity=True, social_moving=True).write(values)


def _ids(values):
    return [int(one) for one in values or ()][:1000]
