"""*Merge into…*: tickets of the form or of a list go into another, with all that was
said. Shows beforehand what goes; what may not is refused with a sentence.
"""

from odoo import api, fields, models
from odoo.fields import Command


class HelpdeskSocialMerge(models.TransientModel):
    _name = "helpdesk.social.merge"
    _description = "Merge Tickets into Another"

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Tickets", required=True)
    target_id = fields.Many2one(
        "helpdesk.ticket",
        string="Merge into",
        domain="[('duplicate_id', '=', False), ('company_id', 'in', company_ids)]",
    )
    company_ids = fields.Many2many("res.company", compute="_compute_what")
    what = fields.Char(compute="_compute_what")

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        ids = self.env.context.get("active_ids") or []
        if self.env.context.get("active_model") == "helpdesk.ticket" and ids:
            tickets = self.env["helpdesk.ticket"].browse(ids).exists()
            values["ticket_ids"] = [Command.set(tickets.ids)]
            if len(tickets) > 1:
                # the oldest one has been waiting longest
                values["target_id"] = tickets.sorted("id")[0].id
        return values

    @api.depends("ticket_ids", "target_id")
    def _compute_what(self):
        for dialog in self:
            # the browser asks before anything is stored
            tickets = dialog.ticket_ids._origin
            going = tickets - dialog.target_id._origin
            dialog.company_ids = tickets.company_id
            dialog.what = self.env._(
                "Tickets that go: %(tickets)s, with conversations: %(count)s. It can "
                "be taken back from the ticket's Social page.",
                tickets=len(going),
                count=sum(going.mapped("social_conversation_count")),
            )

    def action_merge(self):
        """Merge, then show what they became."""
        self.ensure_one()
        done = self.ticket_ids.social_merge(self.target_id.id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": done["ticket_id"],
            "views": [(False, "form")],
        }
