"""What a message tells the clocks, and what it shows of its own.

Whatever begins or ceases to wait is noticed here, by whichever way it came about.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import common

#: what decides whether somebody waits, and who, and where
WATCHED = {
    "waiting",
    "waiting_again_at",
    "conversation_id",
    "identity_id",
    "ticket_id",
    "account_id",
}
#: columns that a clock shares with the message it began with
SHARED = {"conversation_id", "identity_id", "ticket_id"}


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    clock = fields.Json(
        string="Answer Due",
        compute="_compute_clock",
        exportable=False,
        help="Until when the person who wrote it is to be answered.",
    )
    clock_due = fields.Datetime(
        string="Due",
        compute="_compute_clock",
        search="_search_clock_due",
    )

    #: those that wait, of a conversation, however long that has become
    _waiting_of_thread = models.Index("(conversation_id, identity_id) WHERE waiting")

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # what the person who wrote it said about it
            if (vals.get("consent") or {}).get("holding") is True:
                vals["holding"] = True
        messages = super().create(vals_list)
        if self.env["helpdesk.social.account"]._any_clock():
            waiting = messages.filtered("waiting")
            self.env["helpdesk.social.clock"]._touched(waiting._clock_pairs())
        return messages

    def write(self, vals):
        touched = WATCHED & vals.keys()
        if not touched or not self.env["helpdesk.social.account"]._any_clock():
            return super().write(vals)
        pairs = self._clock_pairs()
        result = super().write(vals)
        # sudo: helpdesk.social.clock - rows go where their message goes
        clocks = self.env["helpdesk.social.clock"].sudo()
        if SHARED & touched:
            clocks._moved(self)
        clocks._touched(pairs | self._clock_pairs())
        return result

    def _clock_pairs(self):
        """Whose clocks these messages are about: (conversation, person or None)."""
        return {
            (one.conversation_id.id, one.identity_id.id or None)
            for one in self
            if one.conversation_id and one.direction == "in"
        }

    # === WHAT IS SHOWN === #
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_clock(self):
        self.clock = self.clock_due = False
        waiting = self.filtered("waiting")
        clocks = self.env["helpdesk.social.clock"]
        if not waiting or not clocks._may_ask():
            return
        found = {
            (one.conversation_id.id, one.identity_id.id): one
            for one in clocks.search(
                Domain("conversation_id", "in", waiting.conversation_id.ids)
                & Domain("identity_id", "in", [*waiting.identity_id.ids, False])
                & Domain("stopped_at", "=", False)
                & Domain("kind", "!=", "resolution")
            )
        }
        for message in waiting:
            clock = found.get((message.conversation_id.id, message.identity_id.id))
            if clock:
                message.clock = clock._told()
                message.clock_due = clock.deadline

    @api.model
    def _search_clock_due(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "in"):
            return NotImplemented
        clocks = self.env["helpdesk.social.clock"]
        if operator == "in":
            if set(value) != {False}:
                return NotImplemented
            found = clocks._search(clocks._domain_running())
            return ~self._domain_of_clocks(found)
        found = clocks._search(
            clocks._domain_running() & Domain("deadline", operator, value)
        )
        return self._domain_of_clocks(found)

    @api.model
    def _domain_of_clocks(self, found):
        """Waiting messages whose clock is among those of a query."""
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%s AND EXISTS (SELECT 1 FROM helpdesk_social_clock k "
                "WHERE k.conversation_id = %s "
                "AND COALESCE(k.identity_id, 0) = COALESCE(%s, 0) "
                "AND k.stopped_at IS NULL AND k.kind != 'resolution' "
                "AND k.id IN %s))",
                model._field_to_sql(alias, "waiting", query),
                model._field_to_sql(alias, "conversation_id", query),
                model._field_to_sql(alias, "identity_id", query),
                found.subselect(),
            )
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Override of `base`: by deadline, although it is the clock that has it. What
        is due never comes last; only clocks that the person may read count."""
        if field_name != "clock_due":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        clocks = self.env["helpdesk.social.clock"]
        if not clocks._may_ask():
            return SQL("NULL::timestamp")
        found = clocks._search(clocks._domain_running())
        return common.order_by_joined(
            query,
            alias,
            field_name,
            found.subselect("conversation_id", "identity_id", "deadline"),
            lambda due: SQL(
                "%s AND %s = %s AND COALESCE(%s, 0) = COALESCE(%s, 0)",
                self._field_to_sql(alias, "waiting", query),
                SQL.identifier(due, "conversation_id"),
                self._field_to_sql(alias, "conversation_id", query),
                SQL.identifier(due, "identity_id"),
                self._field_to_sql(alias, "identity_id", query),
            ),
            "deadline",
            direction,
            nulls,
        )

    def _timeline_row(self, parents, files, words):
        """Override: why something needed no answer, and what was no answer."""
        row = super()._timeline_row(parents, files, words)
        row["holding"] = self.holding
        if self.holding:
            row["why"] = self.env._("A holding statement: people go on waiting")
        if row["handled"] and self.handled_why:
            reasons = self._fields["handled_why"]._description_selection(self.env)
            row["handled"]["why"] = self.handled_note or dict(reasons).get(
                self.handled_why, ""
            )
        return row


class HelpdeskSocialClock(models.Model):
    _inherit = "helpdesk.social.clock"

    @api.model
    def _may_ask(self):
        """Is there a clock anywhere, and may this person know of any?"""
        accounts = self.env["helpdesk.social.account"]
        return accounts._any_clock() and self.has_access("read")

    @api.model
    def _domain_running(self):
        """Open clocks for answers, with a deadline."""
        return (
            Domain("running_since", "!=", False)
            & Domain("kind", "!=", "resolution")
            & Domain("deadline", "!=", False)
        )

    @api.model
    def _moved(self, messages):
        """Messages went to another ticket, conversation or person: their rows follow,
        and the open ones are found anew from what waits there now."""
        if not messages:
            return
        messages.flush_model(list(SHARED))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT k.id, k.activity_id FROM helpdesk_social_clock k
                  JOIN helpdesk_social_message m ON m.id = k.message_id
                 WHERE m.id IN %s AND k.stopped_at IS NULL AND k.kind != 'resolution'
                   AND (k.conversation_id IS DISTINCT FROM m.conversation_id
                        OR k.identity_id IS DISTINCT FROM m.identity_id)
                """,
                tuple(messages.ids),
            )
        )
        self._give_up(rows)
        # SQL: rows take what their messages have
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_clock k
                   SET ticket_id = m.ticket_id, identity_id = m.identity_id,
                       conversation_id = COALESCE(m.conversation_id, k.conversation_id)
                  FROM helpdesk_social_message m
                 WHERE k.message_id = m.id AND m.id IN %s
                """,
                tuple(messages.ids),
            )
        )
        self.invalidate_model(flush=False)
