"""A customer's own data in public: the mark on the message, and hiding it."""

from odoo import fields, models

from ..networks import items
from .guard_words import shown_words
from .helpdesk_social_account import MANAGER


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    exposed = fields.Json(
        copy=False, help="Kinds of own data that its author shows in public."
    )

    def _timeline_row(self, parents, files, words):
        row = super()._timeline_row(parents, files, words)
        row["exposed"] = []
        if self.exposed and not self.deleted_at:
            row["exposed"] = list(self.exposed)
            row["notes"].append(
                {
                    "icon": "fa-eye",
                    "text": self.env._(
                        "shows %(what)s to everybody",
                        what=shown_words(self.env, self.exposed),
                    ),
                    "tone": "text-warning",
                    "title": self.env._("Offer to go on in private"),
                }
            )
        if self.direction == "out" and self.audience != items.PRIVATE:
            self._timeline_override(row)
        return row

    def _timeline_override(self, row):
        """Managers see who said private data in public, and why."""
        if not self.env.user.has_group(MANAGER):
            return
        override = self.guard_override
        if override:
            row["notes"].append(
                {
                    "icon": "fa-unlock-alt",
                    "text": self.env._(
                        "%(who)s let the guard pass: %(what)s (%(why)s)",
                        who=override.get("name") or "",
                        what=shown_words(self.env, override.get("kinds") or ()),
                        why=override.get("reason") or "",
                    ),
                    "tone": "text-warning",
                    "title": override.get("at") or "",
                }
            )
