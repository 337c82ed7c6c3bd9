"""Learning from resolved tickets: which answer was given to which question.

Closing a ticket only marks it; a scheduled action reads it later, ticket by ticket.
A pair belongs to the narrower audience of its two sides. An answer in which something
may be one person's own waits without its words until different people were told the
same; one that is not public always does. What cannot be cleaned is not learned.
"""

import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..networks.items import AUDIENCES, PUBLIC
from ..texts import suggest_clean
from . import common

_logger = logging.getLogger(__name__)

#: tickets read between two commits
BATCH = 20
#: different people who must have been told the same before it is nobody's own
PEOPLE = 2
#: set once tickets that were closed before there was this addon's memory are marked
PARAM_HISTORY = "helpdesk_social.suggest_history"


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_to_learn = fields.Boolean(
        copy=False, groups=fields.NO_ACCESS, help="Closed since it was learned from."
    )
    _social_to_learn = models.Index("(id) WHERE social_to_learn")

    def write(self, vals):
        """Override of `helpdesk_mgmt`: a ticket that is closed is learned from."""
        if vals.get("stage_id") and "social_to_learn" not in vals:
            stage = self.env["helpdesk.ticket.stage"].browse(vals["stage_id"])
            # sudo: helpdesk.ticket.stage - only whether it is a closed one
            if stage.sudo().closed:
                result = super().write(vals)
                # sudo: helpdesk.ticket - a mark for the scheduled action; the ticket
                # was written with the person's own rights
                self.sudo().with_context(tracking_disable=True).write(
                    {"social_to_learn": True}
                )
                return result
        return super().write(vals)


class HelpdeskSocialSuggestion(models.Model):
    _inherit = "helpdesk.social.suggestion"

    # === THE SCHEDULED ACTION === #
    @api.model
    def _cron_learn(self):
        """Learn from tickets that were closed."""
        self._mark_history()
        # sudo: helpdesk.ticket - the scheduled action's own work
        tickets = self.env["helpdesk.ticket"].sudo()
        tickets = tickets.with_context(active_test=False, tracking_disable=True)
        domain = [("social_to_learn", "=", True)]
        left = 1.0
        while left > 0:
            batch = tickets.search(domain, limit=BATCH, order="id")
            if not batch:
                break
            for ticket in batch:
                self._learn_from(ticket)
            batch.write({"social_to_learn": False})
            remaining = tickets.search_count(domain)
            left = common.commit(self.env, len(batch), remaining)
            if not remaining:
                break

    def _learn_from(self, ticket):
        """One ticket; what is wrong with it must not keep others from being read."""
        try:
            with self.env.cr.savepoint():
                if ticket._social_is_resolved():
                    self._learn(ticket._social_pairs())
        except common.CONCURRENCY:
            raise  # somebody else writes there: the run is made again
        except psycopg2.OperationalError:
            raise
        except Exception:
            _logger.exception("ticket %s: nothing learned", ticket.id)

    @api.model
    def _mark_history(self):
        """Once: what was closed before there was this memory."""
        # sudo: ir.config_parameter - a mark of our own
        params = self.env["ir.config_parameter"].sudo()
        if params.get_param(PARAM_HISTORY):
            return
        params.set_param(PARAM_HISTORY, "1")
        self.env["helpdesk.ticket"].flush_model()
        # SQL: one statement for all tickets, and no trace in their history
        self.env.cr.execute(
            """
            UPDATE helpdesk_ticket SET social_to_learn = TRUE
             WHERE id IN (SELECT ticket_id FROM helpdesk_social_conversation)
               AND stage_id IN (SELECT id FROM helpdesk_ticket_stage WHERE closed)
            """
        )
        self.env["helpdesk.ticket"].invalidate_model(["social_to_learn"])

    # === LEARNING === #
    def _learn(self, pairs):
        """:param pairs: of ``_social_pairs``; what is known already is passed over"""
        # sudo: helpdesk.social.suggestion* - nobody writes them but this
        examples = self.env["helpdesk.social.suggestion.example"].sudo()
        answers = [pair["answer"].id for pair in pairs]
        known = set(examples.search([("answer_id", "in", answers)]).answer_id.ids)
        pairs = [pair for pair in pairs if pair["answer"].id not in known]
        if not pairs:
            return
        wordings = self._wordings(pairs)
        rows = examples.create(
            [
                {
                    "suggestion_id": wordings[_wording(pair["values"])].id,
                    "scope": pair["values"]["scope"],
                    "identity_id": pair["question"].identity_id.id,
                    "team_id": pair["team"].id,
                    "question_id": pair["question"].id,
                    "answer_id": pair["answer"].id,
                    "asked_at": pair["answer"].sent_at,
                }
                for pair in pairs
            ]
        )
        examples.flush_model()
        for row, pair in zip(rows, pairs, strict=True):
            # SQL: search terms are no field
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE helpdesk_social_suggestion_example
                       SET ts = v.ts || array_to_tsvector(ARRAY[%s]),
                           size = length(v.ts)
                      FROM (SELECT to_tsvector(%s::regconfig, %s) AS ts) v WHERE id = %s
                    """,
                    pair["values"]["scope"],
                    self._configuration(pair["values"]["language"]),
                    suggest_clean.for_search(pair["asked"]),
                    row.id,
                )
            )
        examples.invalidate_model(["size"])
        self.env["helpdesk.social.suggestion.term"].sudo()._count(rows.ids, 1)
        touched = self.union(*wordings.values())
        (touched | touched._with_the_same_risks())._ripen()

    def _wordings(self, pairs):
        """{(scope, fingerprint): suggestion}, those that are new made."""
        suggestions = self.sudo().with_context(active_test=False)
        found = suggestions.search(
            [
                ("scope", "in", list({one["values"]["scope"] for one in pairs})),
                (
                    "fingerprint",
                    "in",
                    list({one["values"]["fingerprint"] for one in pairs}),
                ),
            ]
        )
        wordings = {(one.scope, one.fingerprint): one for one in found}
        for pair in pairs:
            values, clean = pair["values"], pair["clean"]
            if _wording(values) not in wordings:
                company = values["company_id"]
                risks = [suggest_clean.risk_key(company, one) for one in clean.risks]
                wordings[_wording(values)] = suggestions.create(
                    {**values, "risks": risks or False, "links": list(clean.links)}
                )
        return wordings

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
                    if _wording(pair["values"]) == (self.scope, self.fingerprint):
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


#: who was told: the contact, or the identity; nobody where many share one
_PERSON = SQL(
    """CASE WHEN i.shared THEN NULL
            WHEN i.partner_id IS NOT NULL THEN 'p' || i.partner_id
            ELSE 'i' || i.id END"""
)


def _wording(values):
    return values["scope"], values["fingerprint"]
