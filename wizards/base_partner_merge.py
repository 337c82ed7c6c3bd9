"""Odoo's own merge of contacts: what it does to people is in ``res_partner_merge``."""

from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Override of `base`: see ``res_partner_merge``."""
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        kept = self.env["res.partner"].browse(partner_ids).exists()
        if kept:
            kept._social_after_merge(partner_ids)
        return result
