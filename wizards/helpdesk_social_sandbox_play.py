"""Play dialog: one click lets a pretended customer do something.

A thin front of the wall's scenes. Like them it changes the sandbox only, and then
fetches as the scheduled action would.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.helpdesk_social_sandbox_person import FAULTS


class HelpdeskSocialSandboxPlay(models.TransientModel):
    _name = "helpdesk.social.sandbox.play"
    _description = "Play in the Sandbox"

    account_id = fields.Many2one(
        "helpdesk.social.account",
        string="Our Account",
        required=True,
        domain="[('network_code', '=', 'sandbox'), ('external_id', '!=', False)]",
        default=lambda self: self._default_account(),
    )
    count = fields.Integer(string="Customers", default=100)
    fetch_now = fields.Boolean(
        string="Fetch at Once",
        default=True,
        help="Otherwise the scheduled action fetches within a minute.",
    )
    fault = fields.Selection(FAULTS, string="Accident")
    fault_left = fields.Integer(
        string="For the Next … Calls", default=1, help="0: until it is switched off."
    )
    result = fields.Char(readonly=True)

    @api.model
    def _default_account(self):
        active = self.env.context.get("active_id")
        if active and self.env.context.get("active_model") == "helpdesk.social.account":
            return self.env["helpdesk.social.account"].browse(active)
        return self.env["helpdesk.social.sandbox.wall"]._accounts()[:1]

    def _play(self, scene, count=1):
        """Play, fetch if wanted, and show what became of it."""
        self.ensure_one()
        wall = self.env["helpdesk.social.sandbox.wall"]
        happened = wall.play(self.account_id.id, scene, count)
        self.result = self.env._("On the wall: %(count)s.", count=happened)
        if self.fetch_now:
            self._fetch(happened)
        return self._again()

    def _fetch(self, happened):
        # a pull that fails takes back what is not written yet
        self.env.flush_all()
        try:
            new = self.env["helpdesk.social.sandbox.wall"].pull(self.account_id.id)
        except UserError as error:
            # an accident that is being practised is no reason to take the scene back
            self.result = self.env._(
                "On the wall: %(count)s. Fetching: %(problem)s",
                count=happened,
                problem=error,
            )
            return
        # a scheduled action may have been quicker: then none are left for us
        self.result = (
            self.env._(
                "On the wall: %(count)s. New messages: %(new)s.",
                count=happened,
                new=new,
            )
            if new
            else self.env._("On the wall: %(count)s. Fetched.", count=happened)
        )

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Play in the sandbox"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_public(self):
        return self._play("public")

    def action_private(self):
        return self._play("private")

    def action_group(self):
        return self._play("group")

    def action_praise(self):
        return self._play("praise")

    def action_spam(self):
        return self._play("spam")

    def action_follow_up(self):
        return self._play("follow_up")

    def action_thanks(self):
        return self._play("thanks")

    def action_like(self):
        return self._play("like")

    def action_edit(self):
        return self._play("edit")

    def action_delete(self):
        return self._play("delete")

    def action_block(self):
        return self._play("block")

    def action_native(self):
        return self._play("native")

    def action_storm(self):
        if self.count < 1:
            raise UserError(self.env._("A storm needs at least one customer."))
        return self._play("storm", self.count)

    def action_fault(self):
        """Let an accident happen, or end it."""
        self.env["helpdesk.social.sandbox.wall"].set_fault(
            self.account_id.id, self.fault, self.fault_left
        )
        labels = dict(self._fields["fault"]._description_selection(self.env))
        self.result = labels.get(self.fault) or self.env._("All is well again.")
        return self._again()

    def action_wall(self):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "helpdesk_social.action_sandbox_wall"
        )
        return {**action, "target": "main"}

    def action_tickets(self):
        """The tickets that came of it."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "helpdesk_mgmt.helpdesk_ticket_action"
        )
        domain = [("social_conversation_ids.account_id", "=", self.account_id.id)]
        return {**action, "domain": domain, "context": {}, "target": "main"}
