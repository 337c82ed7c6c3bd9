"""A group chat on the sandbox network: several people, not the world."""

from odoo import fields, models


class HelpdeskSocialSandboxGroup(models.Model):
    _name = "helpdesk.social.sandbox.group"
    _description = "Sandbox Group"
    _order = "name, id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    name = fields.Char(required=True)
    member_ids = fields.Many2many(
        "helpdesk.social.sandbox.person", "helpdesk_social_sandbox_member_rel"
    )

    _name_unique = models.Constraint(
        "UNIQUE (company_id, name)", "There is a group of this name already."
    )

    def _join(self, people):
        self.ensure_one()
        new = people - self.member_ids
        if new:
            self.member_ids = [(4, person.id) for person in new]

    @property
    def _thread(self):
        return f"group:{self.id}"
