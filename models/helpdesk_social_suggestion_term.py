"""How many questions of a scope have a word; the empty word: how many there are.

Without it each search would count its words anew, which costs more than to find. It
must never keep a word whose questions are gone.
"""

from odoo import api, fields, models
from odoo.tools import SQL


class HelpdeskSocialSuggestionTerm(models.Model):
    _name = "helpdesk.social.suggestion.term"
    _description = "Word of Questions"
    _log_access = False

    scope = fields.Char(required=True)
    term = fields.Char(required=True)
    number = fields.Integer(required=True)
    size = fields.Integer(help="Of the empty word: words of all questions together.")

    _once = models.Constraint("UNIQUE (scope, term)", "This word is counted already.")

    @api.model
    def _count(self, example_ids, sign):
        """Add the words of these questions, or take them away (``sign`` -1)."""
        if not example_ids:
            return
        self.env["helpdesk.social.suggestion.example"].flush_model()
        # SQL: search terms are no field; in one order, so that two never wait for
        # each other in a circle
        self.env.cr.execute(
            SQL(
                """
                WITH words AS (
                    SELECT e.scope, w.lexeme AS term, COUNT(*) AS number, 0 AS size
                      FROM helpdesk_social_suggestion_example e,
                           unnest(e.ts) w(lexeme, positions, weights)
                     WHERE e.id = ANY(%(ids)s) AND w.lexeme NOT LIKE '§%%'
                     GROUP BY e.scope, w.lexeme
                     UNION ALL
                    SELECT scope, '', COUNT(*), COALESCE(SUM(size), 0)
                      FROM helpdesk_social_suggestion_example
                     WHERE id = ANY(%(ids)s) AND ts IS NOT NULL GROUP BY scope
                )
                INSERT INTO helpdesk_social_suggestion_term (scope, term, number, size)
                SELECT scope, term, %(sign)s * number, %(sign)s * size FROM words
                 ORDER BY scope, term
                    ON CONFLICT (scope, term) DO UPDATE
                   SET number = helpdesk_social_suggestion_term.number
                                + EXCLUDED.number,
                       size = helpdesk_social_suggestion_term.size + EXCLUDED.size
                """,
                ids=list(example_ids),
                sign=sign,
            )
        )
        if sign < 0:
            # a word that only a forgotten person used must not stay behind
            self.env.cr.execute(
                "DELETE FROM helpdesk_social_suggestion_term WHERE number <= 0"
            )
        self.invalidate_model()
