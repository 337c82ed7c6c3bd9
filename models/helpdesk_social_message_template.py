"""A reply made of words that the network has approved, instead of words of one's own.

Its text is what the person will read, so that everything that looks at a reply looks at
that. What it was made of goes to the network; when the two no longer agree, nothing is
sent.
"""

from dataclasses import replace

from odoo import fields, models

from ..networks import base, errors, items

#: the network's refusals that are about the template -> what its row says from then on
REFUSED = {"template_gone": "gone", "template_refused": "refused"}


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    template_id = fields.Many2one(
        "helpdesk.social.template", copy=False, ondelete="set null", readonly=True
    )
    template_values = fields.Json(copy=False, help="{gap: what went into it}")

    def _filled_template(self):
        """As adapters have it; None for words of somebody's own."""
        # sudo: helpdesk.social.template - the row is the reply's own
        template = self.sudo().template_id
        if not template:
            return None
        return items.FilledTemplate(template._item(), self.template_values or {})

    def _draft(self, with_files=False):
        """Override: with the template that it is made of."""
        draft = super()._draft(with_files)
        template = self._filled_template()
        return replace(draft, template=template) if template else draft

    def _reply_kind(self):
        """Override: approved words may be said where free ones may not."""
        return base.TEMPLATE if self.template_id else super()._reply_kind()

    def _why_not_now(self, adapter):
        """Override: a template that the network took back, or whose words are others
        now than those that somebody read and sent off."""
        reason = super()._why_not_now(adapter)
        # sudo: helpdesk.social.template - the row is the reply's own
        template = self.sudo().template_id
        if reason or not template:
            return reason
        if len(self.attachment_ids) != template._files_needed():
            return "template_file"
        reason = template._why_not()
        if reason:
            return reason
        try:
            same = adapter.preview(self._filled_template()) == (self.text or "")
        except errors.NetworkError as error:
            return error.code
        return "" if same else "template_changed"

    def _send_failed(self, error, adapter):
        """Override: a template that the network refuses is not offered again until its
        list says otherwise."""
        if self.template_id and error.code in REFUSED:
            self.template_id._withdrawn(REFUSED[error.code])
        return super()._send_failed(error, adapter)

    def _timeline_row(self, parents, files, words):
        """Override: with the template's name."""
        row = super()._timeline_row(parents, files, words)
        if self.template_id:
            # sudo: helpdesk.social.template - its name is no secret
            text = self.env._("template %(name)s", name=self.sudo().template_id.name)
            row["notes"].append({"icon": "fa-clone", "text": text})
        return row
