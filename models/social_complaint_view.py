"""The same warning on forms of apps that need not be installed: leads and orders.

A view of ours cannot inherit from an app we do not depend on, and a glue addon for one
line is an addon to install. So the form gets the line as it is read, where its model is
there. Only ever adds one widget that shows nothing by itself.
"""

from lxml import etree

from odoo import api, models

#: model -> its field that holds the contact
FORMS = {"crm.lead": "partner_id", "sale.order": "partner_id"}


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Override of `web`: the warning stands on top of the sheet."""
        arch, view = super()._get_view(view_id, view_type, **options)
        contact = FORMS.get(self._name)
        if contact and view_type == "form" and contact in self._fields:
            for sheet in arch.xpath("//sheet")[:1]:
                if arch.xpath(f"//field[@name='{contact}']"):
                    widget = etree.Element("widget", name="helpdesk_social_complaint")
                    widget.set("contact", contact)
                    sheet.insert(0, widget)
        return arch, view
