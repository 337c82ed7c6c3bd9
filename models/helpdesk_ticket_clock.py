"""What tickets show of their clocks: the worst of those that the person may read.

Nothing is stored on the ticket: the clocks have their deadlines in an index of their
own, and a list asks once for all its rows. Where no account has a target nothing is
asked at all.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import common

#: what may end or reopen a ticket, and so its clocks until resolution
ENDS = {"stage_id", "active", "duplicate_id", "closed_date"}
#: clocks told to the page of a ticket
MAX_TOLD = 50


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_clock_ids = fields.One2many(
        "helpdesk.social.clock",
        "ticket_id",
        string="Clocks",
        groups="helpdesk_mgmt.group_helpdesk_user_own",
    )
    social_clock = fields.Json(
        string="Due",
        compute="_compute_social_clock",
        exportable=False,
        help="The worst of the clocks that run: {kind, due, warn, more}.",
    )
    social_due = fields.Datetime(
        string="Answer Due",
        compute="_compute_social_clock",
        search="_search_social_due",
        help="The earliest deadline of the clocks that run.",
    )

    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_social_clock(self):
        self.social_clock = self.social_due = False
        clocks = self.env["helpdesk.social.clock"]
        if not self.ids or not clocks._may_ask():
            return
        found = clocks._search(
            Domain("ticket_id", "in", self.ids) & clocks._domain_with_deadline()
        )
        # SQL: the first row of each ticket, among those that the person may read
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT ON (k.ticket_id) k.ticket_id, k.id, "
                "COUNT(*) OVER (PARTITION BY k.ticket_id) "
                "FROM helpdesk_social_clock k WHERE k.id IN %s "
                "ORDER BY k.ticket_id, k.deadline, k.id",
                found.subselect(),
            )
        )
        of_ticket = {ticket: (id_, count) for ticket, id_, count in rows}
        clocks.browse(id_ for id_, _count in of_ticket.values()).fetch()
        for ticket in self.filtered(lambda one: one.id in of_ticket):
            id_, count = of_ticket[ticket.id]
            worst = clocks.browse(id_)
            ticket.social_clock = {**worst._told(), "more": count - 1}
            ticket.social_due = worst.deadline

    @api.model
    def _search_social_due(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "in"):
            return NotImplemented
        clocks = self.env["helpdesk.social.clock"]
        if not clocks._may_ask():
            return Domain.TRUE if operator == "in" and False in value else Domain.FALSE
        running = clocks._domain_with_deadline()

        def some(domain):
            return Domain(
                "id", "in", clocks._search(domain & running).subselect("ticket_id")
            )

        if operator == "in":
            if set(value) != {False}:
                return NotImplemented
            return ~some(Domain("ticket_id", "!=", False))
        with_ticket = Domain("ticket_id", "!=", False)
        if operator in ("<", "<="):
            return some(with_ticket & Domain("deadline", operator, value))
        # the earliest of them all: none may be before it
        before = "<=" if operator == ">" else "<"
        return some(with_ticket) & ~some(
            with_ticket & Domain("deadline", before, value)
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Override of `base`: by the earliest deadline that the person may read."""
        if field_name != "social_due":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        clocks = self.env["helpdesk.social.clock"]
        if not clocks._may_ask():
            return SQL("NULL::timestamp")
        found = clocks._search(clocks._domain_with_deadline())
        return common.order_by_joined(
            query,
            alias,
            field_name,
            SQL(
                "(SELECT found.ticket_id, MIN(found.deadline) AS deadline "
                "FROM %s found GROUP BY found.ticket_id)",
                found.subselect("ticket_id", "deadline"),
            ),
            lambda due: SQL(
                "%s = %s", SQL.identifier(due, "ticket_id"), SQL.identifier(alias, "id")
            ),
            "deadline",
            direction,
            nulls,
        )

    # === THE PAGE === #
    def _timeline_payload(self, messages, waiting=None):
        """Override: the open clocks go along, where an account has any."""
        payload = super()._timeline_payload(messages, waiting)
        payload["clocks"] = self._social_clocks_told(messages.account_id)
        return payload

    def _social_clocks_told(self, accounts):
        """Open clocks of this ticket for the browser, the worst first."""
        clocks = self.env["helpdesk.social.clock"]
        # sudo: helpdesk.social.account - whether any of them has a target
        if not clocks._may_ask() or not accounts.sudo()._clocked():
            return []
        found = clocks.search(
            Domain("ticket_id", "=", self.id) & Domain("stopped_at", "=", False),
            limit=MAX_TOLD,
        )
        return [one._told() for one in found]

    def _social_desk(self, targets):
        """Override: where answers are timed, one may be no more than a holding
        statement."""
        desk = super()._social_desk(targets)
        accounts = self.env["helpdesk.social.account"]
        # sudo: helpdesk.social.account - whether any of them has a target
        if accounts._any_clock() and targets.account_id.sudo()._clocked():
            desk["clock"] = True
        return desk

    # === ENDS === #
    def write(self, vals):
        """Override: the clocks until resolution end with the ticket, and go on when it
        is opened again."""
        result = super().write(vals)
        if ENDS & vals.keys() and self.env["helpdesk.social.account"]._any_clock():
            # sudo: helpdesk.social.clock - bookkeeping of whoever closed the ticket
            clocks = self.env["helpdesk.social.clock"].sudo()
            found = clocks.search(
                Domain("ticket_id", "in", self.ids) & Domain("kind", "=", "resolution")
            )
            clocks._touched(
                {(one.conversation_id.id, one.identity_id.id or None) for one in found}
            )
        return result


class HelpdeskSocialClock(models.Model):
    _inherit = "helpdesk.social.clock"

    @api.model
    def _domain_with_deadline(self):
        return Domain("running_since", "!=", False) & Domain("deadline", "!=", False)
