"""What a ticket knows of its social conversations."""

from odoo import fields, models


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_conversation_ids = fields.One2many(
        "helpdesk.social.conversation", "ticket_id", string="Conversations"
    )
    social_message_ids = fields.One2many(
        "helpdesk.social.message", "ticket_id", string="Social Messages"
    )
