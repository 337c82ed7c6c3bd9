"""Which part of a ticket is one person's, and which messages make a branch of a thread.

A branch is a message with all that answers it, in one conversation. Nothing is moved
here; ``helpdesk_ticket_split`` does that.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..networks.items import PRIVATE, PUBLIC


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === WHAT GOES === #
    def _social_of_person(self, person):
        """(conversations of this person, topmost messages of their branches)."""
        if person.shared:
            raise UserError(
                self.env._(
                    "Many people write under this name: choose the messages instead."
                )
            )
        messages = self.env["helpdesk.social.message"].search(
            Domain("ticket_id", "=", self.id)
            & Domain("identity_id", "=", person.id)
            & Domain("direction", "=", "in")
            & Domain("context", "=", False),
            order="sent_at, id",
        )
        # sudo: helpdesk.social.conversation - of messages that the user may read
        threads = messages.conversation_id.sudo()
        own = threads.filtered(
            lambda one: (
                one.identity_id == person
                if one.audience == PUBLIC
                else one.audience == PRIVATE and one.participant_ids <= person
            )
        )
        rest = messages.filtered(
            lambda one: (
                one.conversation_id.sudo().audience == PUBLIC
                and one.conversation_id.sudo() not in own
            )
        )
        return own.sudo(False), rest

    def _social_split_plan(self, threads, tops):
        """(whole conversations, {topmost message: its branch}), without doubles."""
        # sudo: helpdesk.social.message - what answers what the user may read
        tops = tops.sudo().filtered("conversation_id")
        whole = threads.sudo()
        for top in tops:
            thread = top.conversation_id
            first = top.key and top.key == thread.key
            if thread.audience != PUBLIC and thread not in whole:
                # it has no branches: it goes as a whole, or not at all
                whole |= thread
            elif first:
                whole |= thread
        tops = tops.filtered(lambda one: one.conversation_id not in whole)
        all_of = self.env["helpdesk.social.message"].sudo()
        all_of = all_of.search(
            Domain("conversation_id", "in", tops.conversation_id.ids)
            & Domain("ticket_id", "=", self.id),
            order="sent_at, id",
        )
        below = {}
        for one in all_of:
            below.setdefault(one.parent_id.id, []).append(one)
        branches, taken = {}, set()
        for top in tops.sorted(lambda one: (one.sent_at, one.id)):
            if top.id in taken or not top.key:
                continue
            branch, stack = top.browse(), [top]
            while stack:
                one = stack.pop()
                if one.id in taken or one.conversation_id != top.conversation_id:
                    continue
                taken.add(one.id)
                branch |= one
                stack += below.get(one.id, ())
            branches[top] = branch
        # one that stands below another one of these, whatever came first
        for top in list(branches):
            above, seen = top.parent_id, set()
            while above and above.id not in seen:
                seen.add(above.id)
                if above.id in taken and above.id not in branches[top].ids:
                    other = next(one for one, b in branches.items() if above in b)
                    branches[other] |= branches.pop(top)
                    break
                above = above.parent_id
        return whole, branches

    @api.model
    def _social_branch_threads(self, branches):
        """{new conversation: (the one it was in, its messages)}"""
        made = {}
        for top, branch in branches.items():
            former = top.conversation_id
            same = [
                ("account_id", "=", former.account_id.id),
                ("audience", "=", former.audience),
                ("key", "=", top.key),
            ]
            # it was split off before and came back with something still in it
            thread = former.search(same, limit=1)
            thread = thread or former.create(
                {
                    "account_id": former.account_id.id,
                    "company_id": former.company_id.id,
                    "audience": former.audience,
                    "key": top.key,
                    "identity_id": top.identity_id.id,
                    "window_until": former.window_until,
                    "blocked": former.blocked,
                }
            )
            thread.write({"split_from_id": former.id, "same_as_id": False})
            made[thread] = (former, branch)
        return made
