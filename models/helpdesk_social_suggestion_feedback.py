"""What one agent did with one suggestion for one question; the last word counts.

It feeds the order of suggestions and nothing else: nobody is judged by it.
"""

from datetime import timedelta

from odoo import api, fields, models

#: an answer that is sent later after the click than this is another one
REMEMBERED = timedelta(days=2)


class HelpdeskSocialSuggestionFeedback(models.Model):
    _name = "helpdesk.social.suggestion.feedback"
    _description = "What Became of a Suggestion"

    suggestion_id = fields.Many2one(
        "helpdesk.social.suggestion", ondelete="cascade", index="btree_not_null"
    )
    canned_id = fields.Many2one(
        "mail.canned.response", ondelete="cascade", index="btree_not_null"
    )
    message_id = fields.Many2one(
        "helpdesk.social.message", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    how = fields.Selection(
        [("accepted", "Accepted"), ("edited", "Edited"), ("dismissed", "Dismissed")],
        required=True,
    )
    filled = fields.Text(help="What was put into the composer, until it is sent.")

    @api.autovacuum
    def _gc_filled(self):
        """What was never sent is not waited for."""
        before = fields.Datetime.now() - REMEMBERED
        old = self.search(
            [("filled", "!=", False), ("write_date", "<", before)], limit=1000
        )
        old.filled = False

    _once = models.UniqueIndex(
        "(user_id, message_id, COALESCE(suggestion_id, 0), COALESCE(canned_id, 0))",
        "One opinion each.",
    )
