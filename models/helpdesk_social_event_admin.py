"""What an administrator sees of the journal, and what could not even be split.

It never interprets an item: processing again is the intake's job.
"""

import json

from odoo import api, fields, models

#: characters of raw JSON shown on the form; the field itself keeps everything
SHOWN = 100_000


class HelpdeskSocialEvent(models.Model):
    _inherit = "helpdesk.social.event"

    raw_text = fields.Text(
        string="As the Network Gave It",
        compute="_compute_raw_text",
        help="As the network gave it.",
    )

    # the health page's newest event, and an account's removal, look here
    _account = models.Index("(account_id, id)")

    @api.depends("key", "network_id")
    def _compute_display_name(self):
        for event in self:
            event.display_name = f"{event.network_id.name} · {event.key}"

    @api.depends("raw")
    def _compute_raw_text(self):
        for event in self:
            try:
                text = json.dumps(json.loads(event.raw), indent=2, ensure_ascii=True)
            except (TypeError, ValueError, RecursionError):
                text = event.raw or ""
            if len(text) > SHOWN:
                text = text[:SHOWN] + "\n…"
            event.raw_text = text

    @api.model
    def _journal_unreadable(self, app, item, error):
        """Keep a genuine delivery that its adapter cannot split, as a failed event."""
        new = self._journal(app, [item], source="push", state="dead")
        if new:
            self.search(
                [("app_id", "=", app.id), ("key", "=", item.key), ("error", "=", False)]
            ).error = error
        return new
