"""Stub, replaced in the next commit."""

from odoo import api, models


class HelpdeskSocialIntake(models.AbstractModel):
    _name = "helpdesk.social.intake"
    _description = "Social Intake"

    @api.model
    def _wake_pull(self):
        self.env.ref("helpdesk_social.cron_pull").sudo()._trigger()

    @api.model
    def _wake_process(self):
        self.env.ref("helpdesk_social.cron_process").sudo()._trigger()
