"""One question and which wording answered it; the question as search terms only.

Nobody reads it: what people may learn from it is how often a wording was used.
"""

from odoo import fields, models


class HelpdeskSocialSuggestionExample(models.Model):
    _name = "helpdesk.social.suggestion.example"
    _description = "Question Answered by a Learned Reply"
    _log_access = False

    suggestion_id = fields.Many2one(
        "helpdesk.social.suggestion", required=True, ondelete="cascade", index=True
    )
    scope = fields.Char(required=True)
    identity_id = fields.Many2one(
        "helpdesk.social.identity", ondelete="set null", index="btree_not_null"
    )
    team_id = fields.Many2one("helpdesk.ticket.team", ondelete="set null")
    question_id = fields.Many2one(
        "helpdesk.social.message", required=True, ondelete="cascade", index=True
    )
    answer_id = fields.Many2one(
        "helpdesk.social.message", required=True, ondelete="cascade"
    )
    size = fields.Integer(help="How many different words the question has.")
    offered = fields.Boolean(help="Its wording is ready, and not put aside.")
    asked_at = fields.Datetime()

    _once = models.Constraint("UNIQUE (answer_id)", "This answer is learned already.")

    def init(self):
        # SQL: see helpdesk.social.suggestion
        self.env.cr.execute(
            """
            ALTER TABLE helpdesk_social_suggestion_example
                ADD COLUMN IF NOT EXISTS ts tsvector;
            CREATE INDEX IF NOT EXISTS helpdesk_social_suggestion_example_ts
                ON helpdesk_social_suggestion_example USING gin (ts)
                WITH (fastupdate = off) WHERE offered;
            """
        )

    def unlink(self):
        """Take the words out of the counts; wordings without a question go as well."""
        if not self:
            return True
        self.env["helpdesk.social.suggestion.term"]._count(self.ids, -1)
        suggestions = self.suggestion_id
        result = super().unlink()
        suggestions.with_context(active_test=False)._ripen()
        return result
