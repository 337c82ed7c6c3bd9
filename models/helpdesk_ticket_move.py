"""Conversations go to another ticket with all that belongs to them.

Messages, drafts, invitations, approvals, clocks and their reminders go along, while no
lane of the intake is at the same rows. Nothing private may become readable for anybody
who could not read it before: that is checked here, whatever the reason for the move.
Who may ask for it is checked by the callers; when and why is in
``helpdesk_ticket_split`` and ``helpdesk_ticket_merge``.
"""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..networks.items import PUBLIC
from .common import UNPUBLISHED
from .helpdesk_social_access import PRIVATE_HISTORY, USER_OWN
from .helpdesk_social_account import HELPDESK_USER

#: reminders of these kinds are about a message and go where it goes
APPROVE = "helpdesk_social.mail_activity_approve"


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_moved = fields.Boolean(
        copy=False,
        readonly=True,
        groups=HELPDESK_USER,
        help="Conversations came from another ticket, or went to one.",
    )
    social_split_from_id = fields.Many2one(
        "helpdesk.ticket",
        string="Split Off From",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    # === WHO WOULD READ IT === #
    def _social_new_readers(self, target):
        """Helpdesk users who may read ``target`` and not this ticket."""
        self.ensure_one()
        users = self.env["res.users"]
        same = ("company_id", "team_id", "user_id", "active")
        if all(self[name] == target[name] for name in same):
            return users
        # sudo: res.groups, res.users - who would be able to read it, not who they are
        for user in self.env.ref(USER_OWN).sudo().all_user_ids.filtered("active"):
            if user.has_group(PRIVATE_HISTORY):
                continue
            companies = {"allowed_company_ids": user.company_ids.ids}
            model = self.env["helpdesk.social.message"].with_user(user)
            query = model.with_context(**companies)._helpdesk_tickets()
            query.add_where(
                SQL(
                    "%s IN %s",
                    SQL.identifier(query.table, "id"),
                    (self.id, target.id),
                )
            )
            ids = {id_ for [id_] in self.env.execute_query(query.select())}
            if target.id in ids and self.id not in ids:
                users |= user
        return users

    @api.model
    def _social_unpublic(self, threads, messages):
        """(conversations, messages) of these that not every colleague may read.

        A reply that never left is nothing public either.
        """
        # sudo: helpdesk.social.message - whether, and nothing else
        model = self.env["helpdesk.social.message"].sudo()
        unsaid = model.search(
            Domain("conversation_id", "in", threads.ids)
            & Domain("delivery_state", "in", UNPUBLISHED)
        )
        hidden = threads.filtered(lambda one: one.audience != PUBLIC)
        return hidden | (threads & unsaid.conversation_id), messages.filtered(
            lambda one: one.audience != PUBLIC or one.delivery_state in UNPUBLISHED
        )

    def _social_check_readers(self, target, threads, messages):
        """:raises UserError: somebody would get to read what is not public"""
        hidden, alone = self._social_unpublic(threads, messages)
        if (hidden or alone) and self._social_new_readers(target):
            raise UserError(
                self.env._(
                    "There are private messages, and people who cannot read them now "
                    "would be able to on ticket %(number)s. Give both tickets to the "
                    "same team and person first, or leave the private conversations "
                    "where they are.",
                    number=target.number,
                )
            )

    # === MOVING === #
    def _social_keep_lanes_out(self, threads):
        """Who works on these rows at this very moment starts over and looks again;
        else a message would come to the ticket that its conversation just left."""
        self.env.flush_all()
        for table, ids in (
            ("helpdesk_ticket", self.ids),
            ("helpdesk_social_conversation", threads.ids),
        ):
            if ids:
                # SQL: the ORM writes nothing where nothing changes. In the order of
                # the intake: tickets before conversations, each by id
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET write_date = now() AT TIME ZONE 'utc' "
                        "WHERE id IN (SELECT id FROM %s WHERE id IN %s "
                        "ORDER BY id FOR UPDATE)",
                        SQL.identifier(table),
                        SQL.identifier(table),
                        tuple(ids),
                    )
                )

    def _social_carry(self, target, threads, alone=None, into=None, handoffs=()):
        """Move conversations of this ticket, with what was said here in them.

        :param threads: conversations that go as a whole
        :param alone: messages of no conversation
        :param into: {conversation: the one that takes its messages back}
        :param handoffs: invitations that go besides those about what goes
        :return: (messages, invitations) that went
        """
        into = into or {}
        env = self.env(su=True)
        source, target = self.with_env(env), target.with_env(env)
        model = env["helpdesk.social.message"]
        every = threads.with_env(env)
        for thread, former in into.items():
            every |= thread.with_env(env) | former.with_env(env)
        (source | target)._social_keep_lanes_out(every)
        messages = model.browse(alone.ids if alone else ())
        messages |= model.search(
            Domain("conversation_id", "in", threads.ids)
            & Domain("ticket_id", "=", self.id)
        )
        with env["helpdesk.social.clock"]._gathering():
            threads.with_env(env).write({"ticket_id": target.id})
            messages.write({"ticket_id": target.id})
            for thread, former in into.items():
                back = model.search([("conversation_id", "=", thread.id)])
                to = former.with_env(env).ticket_id or target
                back.write({"ticket_id": to.id, "conversation_id": former.id})
                former.with_env(env)._recount()
                messages |= back
                self._social_drop_thread(thread.with_env(env), former.with_env(env))
        handoffs = source._social_belongings(target, threads, messages, handoffs)
        source._social_carry_reminders(target, messages)
        for ticket in (source | target).filtered("social_public_open"):
            ticket._mark_open_in_public()
        env["helpdesk.social.live"]._changed(messages, source | target)
        return messages, handoffs

    @api.model
    def _social_drop_thread(self, thread, former):
        """A branch that has gone back to its conversation is none any more."""
        drafts = self.env["helpdesk.social.draft"].sudo()
        for draft in drafts.search([("conversation_id", "=", thread.id)]):
            there = drafts.search(
                Domain("conversation_id", "=", former.id)
                & Domain("user_id", "=", draft.user_id.id)
                & Domain("audience", "=", draft.audience)
                & Domain("identity_id", "=", draft.identity_id.id)
            )
            if there:
                there.text = "\n\n".join(filter(None, (there.text, draft.text)))
                draft.unlink()
            else:
                to = former.ticket_id or draft.ticket_id
                draft.write({"conversation_id": former.id, "ticket_id": to.id})
        if thread.message_ids:
            thread.same_as_id = former
        else:
            thread.unlink()

    def _social_belongings(self, target, threads, messages, handoffs):
        """Drafts and invitations go along; the invitations that did."""
        drafts = self.env["helpdesk.social.draft"].search(
            Domain("ticket_id", "=", self.id)
            & Domain("conversation_id", "in", threads.ids)
        )
        drafts.write({"ticket_id": target.id})
        model = self.env["helpdesk.social.handoff"]
        about = Domain("message_id", "in", messages.ids)
        about |= Domain("note_id", "in", messages.ids)
        about |= Domain("conversation_id", "in", threads.ids)
        about |= Domain("id", "in", list(handoffs))
        going = model.search(Domain("ticket_id", "=", self.id) & about)
        going.write({"ticket_id": target.id})
        return going

    def _social_carry_reminders(self, target, messages):
        """Whoever was asked about a message is asked on its ticket."""
        clocks = self.env["helpdesk.social.clock"]
        clocks.flush_model()
        mine = clocks.search(
            Domain("message_id", "in", messages.ids)
            & Domain("activity_id", "!=", False)
        ).activity_id.filtered(lambda one: one.res_id == self.id)
        approvals = self.env["helpdesk.social.approval"].search(
            Domain("message_id", "in", messages.ids) & Domain("state", "=", "waiting")
        )
        kind = self.env.ref(APPROVE, raise_if_not_found=False)
        if approvals and kind:
            asked = self.activity_ids.filtered(lambda one: one.activity_type_id == kind)
            still = approvals.search_count(
                [("ticket_id", "=", self.id), ("state", "=", "waiting")], limit=1
            )
            if not still:
                mine |= asked
            for one in asked if still else ():
                # others wait on either ticket: people are asked on both
                one.copy({"res_id": target.id})
        mine.write({"res_id": target.id})
        (self | target).invalidate_recordset(["activity_ids"])

    # === TOLD === #
    def _social_link(self):
        """The ticket's number, with a way there; nothing else of it is told."""
        return Markup("<a href='#' data-oe-model='%s' data-oe-id='%s'>%s</a>") % (
            self._name,
            self.id,
            # sudo: helpdesk.ticket - its number
            self.sudo().number,
        )

    def _social_note_move(self, words):
        """A note for colleagues."""
        # sudo: helpdesk.ticket - a record of what was done, by who did it
        self.sudo().with_context(social_activity=True)._message_log(
            body=Markup("<p>%s</p>") % words
        )

    def _social_desk(self, targets):
        """Override: what came from where, and can be taken back."""
        desk = super()._social_desk(targets)
        # sudo: helpdesk.ticket, .move - the mark; numbers of tickets, no words
        if self.sudo().social_moved:
            moves = self.env["helpdesk.social.move"].sudo()._open_of(self)
            desk["moves"] = [one._told(self.sudo()) for one in moves]
        return desk


class HelpdeskSocialConversation(models.Model):
    _inherit = "helpdesk.social.conversation"

    split_from_id = fields.Many2one(
        "helpdesk.social.conversation",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="This is a branch of that conversation, split off into a ticket of its "
        "own: what answers it stays with it.",
    )

    def _recount(self):
        """Moments and participants anew, from the messages that are there."""
        messages = self.env["helpdesk.social.message"]
        real = Domain("conversation_id", "in", self.ids) & Domain("context", "=", False)
        said = real & (
            Domain("delivery_state", "=", False)
            | Domain("delivery_state", "not in", UNPUBLISHED)
        )
        last, people = {}, {}
        for thread, direction, at in messages._read_group(
            said, ["conversation_id", "direction"], ["sent_at:max"]
        ):
            last[thread.id, direction] = at
        for thread, person in messages._read_group(
            real & Domain("direction", "=", "in"), ["conversation_id", "identity_id"]
        ):
            people.setdefault(thread.id, set()).add(person.id)
        for thread in self:
            moments = [last.get((thread.id, way)) for way in ("in", "out")]
            ids = people.get(thread.id, set()) | {thread.identity_id.id}
            thread.write(
                {
                    "last_inbound_at": moments[0] or False,
                    "last_outbound_at": moments[1] or False,
                    "last_message_at": max(filter(None, moments), default=False),
                    "participant_ids": [Command.set(sorted(filter(None, ids)))],
                }
            )
