"""Stub, replaced in the next commit."""

from odoo import api, models


class HelpdeskSocialOutbox(models.AbstractModel):
    _name = "helpdesk.social.outbox"
    _description = "Social Outbox"

    @api.model
    def _wake(self):
        self.env.ref("helpdesk_social.cron_deliver").sudo()._trigger()
