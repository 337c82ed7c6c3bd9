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

from ..texts import suggest_clean
from . import common

_logger = logging.getLogger(__name__)

#: tickets read between two commits
BATCH = 20
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
                    "suggestion_id": wordings[wording_of(pair["values"])].id,
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
            if wording_of(values) not in wordings:
                company = values["company_id"]
                risks = [suggest_clean.risk_key(company, one) for one in clean.risks]
                wordings[wording_of(values)] = suggestions.create(
                    {**values, "risks": risks or False, "links": list(clean.links)}
                )
        return wordings


def wording_of(values):
    """The key of a wording: scope and fingerprint."""
    return values["scope"], values["fingerprint"]
