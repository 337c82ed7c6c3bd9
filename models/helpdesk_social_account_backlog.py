"""What was there before the account was connected: counted, and a yes or a no.

Connecting must not flood a team with tickets about last week. The messages are read
and kept; tickets open only when somebody says so.
"""

from odoo import fields, models
from odoo.fields import Domain

from ..networks.items import PRIVATE


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    backlog_count = fields.Integer(
        compute="_compute_backlog_count",
        help="Conversations from before the account was connected, without ticket.",
    )

    def _compute_backlog_count(self):
        # sudo: helpdesk.social.conversation - a number only
        counts = dict(
            self.env["helpdesk.social.conversation"]
            .sudo()
            ._read_group(
                [("account_id", "in", self.ids), ("backlog", "=", True)],
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.backlog_count = counts.get(account._origin, 0)

    def _backlog(self):
        """(conversations that wait, their inbound messages, oldest first)."""
        threads = (
            self.env["helpdesk.social.conversation"]
            .sudo()
            .search([("account_id", "in", self.ids), ("backlog", "=", True)])
        )
        messages = (
            self.env["helpdesk.social.message"]
            .sudo()
            .search(
                Domain("conversation_id", "in", threads.ids)
                & Domain("direction", "=", "in")
                & Domain("why", "=", "backlog")
                & Domain("deleted_at", "=", False),
                order="sent_at, id",
            )
        )
        return threads, messages

    def action_accept_backlog(self):
        """Yes: open tickets for what was there before."""
        self.check_access("write")
        for account in self.sudo():
            threads, messages = account._backlog()
            first = {}
            for message in messages:
                first.setdefault(message.conversation_id, message)
            # one ticket for all private threads of a person
            owners, openings = {}, []
            for thread in first:
                person = thread.identity_id
                known = thread.audience == PRIVATE and person and not person.shared
                # a hidden or shared name is nobody in particular: tickets stay apart
                owners.setdefault(person if known else thread, []).append(thread)
            for group in owners.values():
                message = first[group[0]]
                openings.append(
                    {
                        "identity": message.identity_id,
                        "audience": message.audience,
                        "text": message.text,
                        "permalink": message.permalink,
                    }
                )
            tickets = self.env["helpdesk.ticket"].sudo()
            opened = tickets._social_open(account, openings)
            for group, ticket in zip(owners.values(), opened, strict=True):
                for thread in group:
                    thread.write({"ticket_id": ticket.id, "backlog": False})
            (threads - threads.union(*first)).write({"backlog": False})
            unanswered = messages.filtered(
                lambda one: (
                    not one.conversation_id.last_outbound_at
                    or one.conversation_id.last_outbound_at < one.sent_at
                )
            )
            unanswered.write({"waiting": True})
            (messages - unanswered).write(
                {"handled_how": "native", "handled_at": fields.Datetime.now()}
            )
            messages.write({"why": "new"})
            self.env["helpdesk.social.notice"]._tell(messages, opened, tickets.browse())
        return True

    def action_dismiss_backlog(self):
        """No: keep it as history; a new message will open a ticket as usual."""
        self.check_access("write")
        threads, messages = self.sudo()._backlog()
        threads.write({"backlog": False})
        messages.write(
            {"why": "backlog_dismissed", **messages._handled_values(reason="other")}
        )
        return True
