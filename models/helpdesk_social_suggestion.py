"""Answers of ours that may be suggested again, the questions they answered, and what
agents made of them when they were offered.

A wording belongs to one scope: company, network, language, audience and, unless it is
public, team. The scope is what it is looked for by, and nobody may change it, so what
was said in private cannot come up anywhere wider. Words of a question are kept as
PostgreSQL's search terms only; words of an answer only once they are nobody's own
(``texts/suggest_clean.py``, ``_ripen``). How they are learned is in
``helpdesk_social_suggestion_learn``, how they are found in ``…_find``.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, ormcache

from ..networks.items import AUDIENCES, PUBLIC
from .helpdesk_social_conversation import AUDIENCE

#: language of a message -> PostgreSQL's configuration; all others: ``simple``
CONFIGURATIONS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
#: an answer that is sent later after the click than this is another one
REMEMBERED = timedelta(days=2)
#: what stands for a language that nobody told
UNKNOWN = "und"


def language_code(language):
    """ "de-AT" → "de"; what is no language is unknown."""
    code = (language or "").replace("_", "-").partition("-")[0].strip().lower()
    return code if 2 <= len(code) <= 3 and code.isalpha() else UNKNOWN


def scope_of(company, network, language, audience, team):
    """The key of a scope, which is a search term of its rows as well.

    Only what is public is the whole company's: of the rest each team has its own.
    """
    name = f"§{company.id}.{network.id}.{language}.{audience}"
    return name if audience == PUBLIC else f"{name}.{team.id or 0}"


def scopes_for(company, network, language, audience, team):
    """Scopes whose answers may be given to ``audience``: as wide, or wider."""
    wide = AUDIENCES.index(audience)
    return [scope_of(company, network, language, one, team) for one in AUDIENCES[wide:]]


class HelpdeskSocialSuggestion(models.Model):
    _name = "helpdesk.social.suggestion"
    _description = "Learned Reply"
    _order = "uses desc, id desc"
    _rec_name = "text"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    network_id = fields.Many2one(
        "helpdesk.social.network", required=True, ondelete="cascade"
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        ondelete="set null",
        help="Whose it is, unless it is public.",
    )
    language = fields.Char(required=True)
    audience = fields.Selection(AUDIENCE, required=True)
    scope = fields.Char(required=True)
    fingerprint = fields.Char(required=True)
    text = fields.Text(help="Empty until it is known to be nobody's own.")
    links = fields.Json(groups=fields.NO_ACCESS)
    risks = fields.Json(
        groups=fields.NO_ACCESS,
        help="What in it may be one person's own, each as a hash.",
    )
    ready = fields.Boolean(help="May be suggested.")
    uses = fields.Integer(help="How often it was the answer.")
    last_used = fields.Datetime()
    active = fields.Boolean(default=True)
    example_ids = fields.One2many(
        "helpdesk.social.suggestion.example", "suggestion_id", groups=fields.NO_ACCESS
    )

    _wording = models.Constraint(
        "UNIQUE (scope, fingerprint)", "This wording is known already."
    )
    _of_company = models.Index("(company_id)")
    _usual = models.Index("(scope, uses DESC) WHERE ready AND active")

    def init(self):
        """Columns and indexes that the ORM does not know: search terms."""
        # SQL: tsvector is no type of a field; without fastupdate a search never reads
        # a list of what is not in the index yet
        self.env.cr.execute(
            """
            ALTER TABLE helpdesk_social_suggestion
                ADD COLUMN IF NOT EXISTS ts tsvector;
            CREATE INDEX IF NOT EXISTS helpdesk_social_suggestion_ts
                ON helpdesk_social_suggestion USING gin (ts)
                WITH (fastupdate = off) WHERE ready;
            CREATE INDEX IF NOT EXISTS helpdesk_social_suggestion_risks
                ON helpdesk_social_suggestion USING gin (risks jsonb_path_ops);
            """
        )

    def write(self, vals):
        """Override of the ORM: people may put a suggestion aside, nothing else."""
        if not self.env.su and set(vals) - {"active"}:
            raise AccessError(
                self.env._("What was learned cannot be changed, only put aside.")
            )
        result = super().write(vals)
        if "active" in vals:
            self._offer()
        return result

    def unlink(self):
        # sudo: helpdesk.social.suggestion.example - they go through the ORM, which
        # takes their words out of the counts
        # without a question a wording goes by itself (``_ripen``)
        self.check_access("unlink")
        self.sudo().example_ids.unlink()
        return super(HelpdeskSocialSuggestion, self.exists()).unlink()

    @api.model
    def _configuration(self, language):
        """PostgreSQL's configuration for a language, as far as this server has it."""
        name = CONFIGURATIONS.get(language)
        return name if name in self._server_configurations() else "simple"

    @api.model
    @ormcache()
    def _server_configurations(self):
        rows = self.env.execute_query(SQL("SELECT cfgname FROM pg_ts_config"))
        return frozenset(name for (name,) in rows)


class HelpdeskSocialSuggestionExample(models.Model):
    """One question and which wording answered it; the question as search terms."""

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


class HelpdeskSocialSuggestionTerm(models.Model):
    """How many questions of a scope have a word; the empty word: how many there are.

    Without it each search would count its words anew, which costs more than to find.
    """

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


class HelpdeskSocialSuggestionFeedback(models.Model):
    """What one agent did with one suggestion for one question; the last word counts."""

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
