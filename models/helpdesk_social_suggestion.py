"""Answers of ours that may be suggested again, the questions they answered, and what
agents made of them when they were offered.

A wording belongs to one scope: company, network, language, audience and, unless it is
public, team. The scope is what it is looked for by, and nobody may change it, so what
was said in private cannot come up anywhere wider. Words of a question are kept as
PostgreSQL's search terms only; words of an answer only once they are nobody's own
(``texts/suggest_clean.py``, ``_ripen``). How they are learned is in
``helpdesk_social_suggestion_learn``, how they are found in ``…_find``.
"""

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
