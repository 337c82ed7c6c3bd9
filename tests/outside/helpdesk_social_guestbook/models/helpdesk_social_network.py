"""Gives out the adapter of this network; it must never touch any other code."""

from odoo import api, models

from ..networks.guestbook import GuestbookAdapter


class HelpdeskSocialNetwork(models.Model):
    _inherit = "helpdesk.social.network"

    @api.model
    def _adapter_class(self, code):
        if code == GuestbookAdapter.code:
            return GuestbookAdapter
        return super()._adapter_class(code)
