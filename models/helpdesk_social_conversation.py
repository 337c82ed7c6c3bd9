"""One thread on one account with one audience; belongs to at most one ticket.

The key never changes: two conversations found to be one are linked, not re-keyed.
Who may read one is decided in ``helpdesk_social_access``.
"""

from odoo import api, fields, models

from ..networks.items import GROUP, PRIVATE, PUBLIC

AUDIENCE = [(PUBLIC, "Public"), (GROUP, "Group"), (PRIVATE, "Private")]


class HelpdeskSocialConversation(models.Model):
    _name = "helpdesk.social.conversation"
    _description = "Social Conversation"
    _order = "last_message_at desc, id desc"
    _check_company_auto = True

    account_id = fields.Many2one(
        "helpdesk.social.account", required=True, ondelete="restrict"
    )
    network_id = fields.Many2one(related="account_id.network_id")
    network_icon = fields.Char(related="network_id.icon")
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    key = fields.Char(required=True)
    audience = fields.Selection(AUDIENCE, required=True)
    ticket_id = fields.Many2one(
        "helpdesk.ticket", index="btree_not_null", ondelete="set null"
    )
    identity_id = fields.Many2one(
        "helpdesk.social.identity",
        string="Started by",
        index="btree_not_null",
        ondelete="set null",
    )
    participant_ids = fields.Many2many(
        "helpdesk.social.identity",
        "helpdesk_social_participant_rel",
        "conversation_id",
        "identity_id",
        string="Participants",
    )
    same_as_id = fields.Many2one(
        "helpdesk.social.conversation",
        help="Found to be the same thread as this other one.",
    )
    message_ids = fields.One2many("helpdesk.social.message", "conversation_id")
    last_message_at = fields.Datetime()
    last_inbound_at = fields.Datetime()
    last_outbound_at = fields.Datetime()
    window_until = fields.Datetime(help="Until when the network lets us answer.")
    blocked = fields.Boolean(help="The person blocked us, or left.")
    backlog = fields.Boolean(
        help="From before the account was connected; waits for an admin's yes."
    )

    _key_unique = models.Constraint(
        "UNIQUE (account_id, audience, key)", "This conversation is known already."
    )
    _backlog = models.Index("(account_id) WHERE backlog")
    _recent = models.Index("(last_message_at DESC, id DESC)")

    @api.depends("identity_id", "audience", "account_id")
    def _compute_display_name(self):
        labels = dict(self._fields["audience"]._description_selection(self.env))
        for conversation in self:
            who = conversation.identity_id.display_name or conversation.key
            conversation.display_name = (
                f"{labels.get(conversation.audience, '')} · {who} · "
                f"{conversation.account_id.display_name}"
            )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("ticket_id"):
            self._take_along()
        return result

    def _take_along(self):
        """Messages that had no ticket yet go to their conversation's.

        Those of an earlier ticket stay there: it would lose its history.
        """
        # sudo: helpdesk.social.message - bookkeeping of whoever moved the thread
        messages = self.env["helpdesk.social.message"].sudo()
        orphans = messages.search(
            [("conversation_id", "in", self.ids), ("ticket_id", "=", False)]
        )
        for thread, found in orphans.grouped("conversation_id").items():
            found.write({"ticket_id": thread.ticket_id.id})
