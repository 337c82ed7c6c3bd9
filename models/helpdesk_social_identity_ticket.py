"""What a link changes on tickets, and how that is undone.

Only open tickets which the identity started and which have no contact are completed;
only what was written here is taken back. Everything for a whole batch at once.
"""

from collections import defaultdict

from odoo import models
from odoo.fields import Domain


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    def _started_conversations(self, domain=Domain.TRUE):
        # sudo: helpdesk.social.conversation - whoever links may not see the ticket;
        # nothing of it is shown, only its contact is filled in or taken back
        return (
            self.env["helpdesk.social.conversation"]
            .sudo()
            .search(
                Domain("identity_id", "in", self.ids)
                & Domain("ticket_id.active", "=", True)
                & domain,
                order="id",
            )
        )

    def _complete_tickets(self):
        """Give the contact to open tickets of these identities that have none."""
        conversations = self._started_conversations(
            Domain("ticket_id.partner_id", "=", False)
            & Domain("ticket_id.stage_id.closed", "!=", True)
        )
        tickets_of, undo, seen = defaultdict(list), defaultdict(dict), set()
        for conversation in conversations:
            ticket, identity = conversation.ticket_id, conversation.identity_id
            if ticket in seen:
                continue
            seen.add(ticket)
            tickets_of[identity.partner_id].append(ticket.id)
            undo[identity][str(ticket.id)] = [
                ticket.partner_name or False,
                ticket.partner_email or False,
            ]
        for partner, ids in tickets_of.items():
            # the form's onchange does this for people; a program has to do it
            conversations.ticket_id.browse(ids).write(
                {
                    "partner_id": partner.id,
                    "partner_name": partner.name,
                    "partner_email": partner.email,
                }
            )
        for identity, before in undo.items():
            identity.link_undo = before

    def _restore_tickets(self):
        """Take the contact back from the tickets that have it because of the link.

        Those are the ones completed when linking, and the ones the intake opened
        afterwards. A ticket to which somebody gave another contact is left alone.
        """
        # sudo: helpdesk.social.identity - what the link changed is kept from users
        undo = {
            (identity, int(ticket)): before
            for identity in self.sudo()
            for ticket, before in (identity.link_undo or {}).items()
        }
        restored = defaultdict(list)
        for conversation in self._started_conversations():
            ticket, identity = conversation.ticket_id, conversation.identity_id
            later = identity.linked_at and ticket.create_date >= identity.linked_at
            before = undo.get((identity, ticket.id))
            if ticket.partner_id != identity.partner_id or not (before or later):
                continue
            name, email = before or (identity.name, False)
            if ticket.partner_name == ticket.partner_id.name:
                restored[name, email].append(ticket.id)
            else:
                # somebody corrected the name by hand: that stays
                restored[ticket.partner_name, ticket.partner_email].append(ticket.id)
        # sudo: helpdesk.ticket - as in _started_conversations
        tickets = self.env["helpdesk.ticket"].sudo()
        for (name, email), ids in restored.items():
            tickets.browse(ids).write(
                {"partner_id": False, "partner_name": name, "partner_email": email}
            )
