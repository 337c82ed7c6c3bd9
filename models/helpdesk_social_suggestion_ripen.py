"""When a wording may be suggested: once it is known to be nobody's own.

What is public and holds nothing of a person is ready at once; what may be one person's
own waits until different people were told the same, and so does all that is not
public. It goes back when too few people are left.
"""

from odoo import models
from odoo.tools import SQL

from ..networks.items import AUDIENCES, PUBLIC
from ..texts import suggest_clean
from .helpdesk_social_suggestion_learn import wording_of

#: different people who must have been told the same before it is nobody's own
PEOPLE = 2
#: who was told: the contact, or the identity; nobody where many share one
_PERSON = SQL(
    """CASE WHEN i.shared THEN NULL
            WHEN i.partner_id IS NOT NULL THEN 'p' || i.partner_id
            ELSE 'i' || i.id END"""
)


class HelpdeskSocialSuggestion(models.Model):
    _inherit = "helpdesk.social.suggestion"

    def _with_the_same_risks(self):
        """Others that wait for the same: it may have been told to a second person."""
        self.flush_model(["risks"])
        risks = sorted({risk for one in self for risk in one.risks or ()})
        if not risks:
            return self.browse()
        rows = self.env.execute_query(
            # SQL: the ORM cannot search in JSON
            SQL(
                """
                SELECT DISTINCT s.id FROM unnest(%s) r(risk)
                  JOIN helpdesk_social_suggestion s
                    ON s.risks @> jsonb_build_array(r.risk)
                 WHERE s.company_id = ANY(%s) AND NOT COALESCE(s.ready, FALSE)
                """,
                risks,
                self.company_id.ids,
            )
        )
        return self.browse(id_ for (id_,) in rows) - self

    def _ripen(self):
        """Count anew, and decide whether these may be suggested."""
        suggestions = self.sudo().with_context(active_test=False).exists()
        counts = suggestions._counts()
        suggestions.filtered(lambda one: one.id not in counts).unlink()
        for one in suggestions.filtered(lambda one: one.id in counts):
            uses, people, last = counts[one.id]
            values = {"uses": uses, "last_used": last}
            enough = one.audience == PUBLIC or people >= PEOPLE
            ready = enough and one._risks_are_common()
            text = ready and (one.text or one._wording_of_today())
            values |= {"ready": bool(text), "text": text or False}
            changed = {name: new for name, new in values.items() if one[name] != new}
            one.write(changed)
            if "text" in changed:
                one._index()
        suggestions.exists()._offer()

    def _offer(self):
        """Tell the questions whether their wording may be suggested: a search then
        reads one table only."""
        # sudo: helpdesk.social.suggestion.example - nobody may open them
        examples = self.env["helpdesk.social.suggestion.example"].sudo()
        for offered in (True, False):
            wordings = self.filtered(
                lambda one, yes=offered: bool(one.ready and one.active) == yes
            )
            examples.search(
                [("suggestion_id", "in", wordings.ids), ("offered", "!=", offered)]
            ).offered = offered

    def _counts(self):
        """{id: (uses, different people, last use)}; without a question: not there."""
        self.env.flush_all()
        rows = self.env.execute_query(
            # SQL: counts people over two tables; several identities of a contact are
            # one person, and an identity that many share is nobody
            SQL(
                """
                SELECT e.suggestion_id, COUNT(*), COUNT(DISTINCT %s), MAX(e.asked_at)
                  FROM helpdesk_social_suggestion_example e
                  LEFT JOIN helpdesk_social_identity i ON i.id = e.identity_id
                 WHERE e.suggestion_id = ANY(%s) GROUP BY e.suggestion_id
                """,
                _PERSON,
                self.ids,
            )
        )
        return {id_: (uses, people, last) for id_, uses, people, last in rows}

    def _risks_are_common(self):
        """Was each thing that may be one person's own told to different people?

        Told as widely as this, or more so: what was said in private makes nothing
        common.
        """
        if not self.risks:
            return True
        wide = AUDIENCES[AUDIENCES.index(self.audience) :]
        rows = self.env.execute_query(
            # SQL: the ORM cannot search in JSON
            SQL(
                """
                SELECT r.risk FROM unnest(%(risks)s) r(risk)
                  JOIN helpdesk_social_suggestion s
                    ON s.risks @> jsonb_build_array(r.risk)
                  JOIN helpdesk_social_suggestion_example e ON e.suggestion_id = s.id
                  LEFT JOIN helpdesk_social_identity i ON i.id = e.identity_id
                 WHERE s.company_id = %(company)s AND s.audience = ANY(%(wide)s)
                 GROUP BY r.risk HAVING COUNT(DISTINCT %(person)s) >= %(people)s
                """,
                risks=list(self.risks),
                company=self.company_id.id,
                wide=list(wide),
                person=_PERSON,
                people=PEOPLE,
            )
        )
        return len(rows) == len(self.risks)

    def _wording_of_today(self):
        """Its words, from the newest answer that says so."""
        examples = self.example_ids.sorted(lambda one: (one.asked_at, one.id))
        for example in reversed(examples):
            for pair in example.answer_id.ticket_id._social_pairs():
                if pair["answer"] == example.answer_id:
                    if wording_of(pair["values"]) == (self.scope, self.fingerprint):
                        return pair["clean"].text
        return False

    def _index(self):
        """Search terms of its own words."""
        self.flush_recordset()
        for one in self:
            # SQL: search terms are no field
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE helpdesk_social_suggestion
                       SET ts = to_tsvector(%s::regconfig, %s)
                                || array_to_tsvector(ARRAY[%s])
                     WHERE id = %s
                    """,
                    self._configuration(one.language),
                    suggest_clean.for_search(one.text or ""),
                    one.scope,
                    one.id,
                )
            )
