"""What lists, kanban and search of tickets show of their social conversations.

Cheap on a page of tickets: two grouped queries, whatever the number of messages.
Counted with the rights of the person who looks.
"""

from lxml import etree

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..networks.items import GROUP, PRIVATE, PUBLIC
from . import common

#: since when a message (``m``) waits for us
WAITING_SINCE = SQL("COALESCE(m.waiting_again_at, m.sent_at)")


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_conversation_count = fields.Integer(compute="_compute_social_marks")
    social_linked = fields.Boolean(
        string="Social",
        compute="_compute_social_marks",
        search="_search_social_linked",
        help="There is something on the Social page.",
    )
    social_marks = fields.Json(
        compute="_compute_social_marks",
        help="Networks, audiences and what waits: for the mark in lists.",
    )
    social_network_ids = fields.Many2many(
        "helpdesk.social.network",
        string="Social Networks",
        compute="_compute_social_marks",
        search="_search_social_network_ids",
    )
    social_waiting = fields.Boolean(
        string="Waiting for Us",
        compute="_compute_social_waiting",
        search="_search_social_waiting",
    )
    social_waiting_count = fields.Integer(
        string="Waiting Messages", compute="_compute_social_waiting"
    )
    social_waiting_since = fields.Datetime(
        string="Waiting Since",
        compute="_compute_social_waiting",
        help="When the oldest message that waits for us was written, or edited after "
        "it had been handled.",
    )

    # === COMPUTE METHODS === #
    # No depends on messages: the intake writes thousands, and each list asks afresh.
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_social_marks(self):
        by = ["ticket_id", "account_id", "audience"]
        threads = self.env["helpdesk.social.conversation"]
        groups = threads._read_group([("ticket_id", "in", self.ids)], by, ["__count"])
        counts, networks, audiences = {}, {}, {}
        for ticket, _account, _audience, count in groups:
            counts[ticket.id] = counts.get(ticket.id, 0) + count
        # a thread that went on in a later ticket left its messages on the older one
        left = [one for one in self.ids if one not in counts]
        messages = self.env["helpdesk.social.message"]
        groups += messages._read_group([("ticket_id", "in", left)], by, ["__count"])
        for ticket, account, audience, _count in groups:
            networks.setdefault(ticket.id, set()).add(account.network_id.id)
            audiences.setdefault(ticket.id, set()).add(audience)
        catalogue = self.env["helpdesk.social.network"]
        for ticket in self:
            known = catalogue.browse(networks.get(ticket.id, ())).sorted("sequence")
            ticket.social_conversation_count = counts.get(ticket.id, 0)
            ticket.social_network_ids = known
            ticket.social_linked = ticket.id in audiences
            ticket.social_marks = ticket.id in audiences and {
                "networks": [
                    {
                        "id": one.id,
                        "name": one.name,
                        "icon": one.icon,
                        "color": one.color,
                    }
                    for one in known
                ],
                "audiences": [
                    audience
                    for audience in (PUBLIC, GROUP, PRIVATE)
                    if audience in audiences[ticket.id]
                ],
                "waiting": ticket.social_waiting_count,
                "since": fields.Datetime.to_string(ticket.social_waiting_since)
                or False,
            }

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_social_waiting(self):
        messages = self.env["helpdesk.social.message"]
        messages.flush_model(["waiting", "waiting_again_at", "sent_at", "ticket_id"])
        readable = messages._search(
            [("ticket_id", "in", self.ids), ("waiting", "=", True)]
        )
        # SQL: the earliest of one column or another; what the person may read decides
        rows = self.env.execute_query(
            SQL(
                "SELECT m.ticket_id, count(*), MIN(%s) FROM helpdesk_social_message m "
                "WHERE m.id IN %s GROUP BY m.ticket_id",
                WAITING_SINCE,
                readable.subselect(),
            )
        )
        found = {ticket_id: (count, since) for ticket_id, count, since in rows}
        for ticket in self:
            count, since = found.get(ticket.id, (0, False))
            ticket.social_waiting = bool(count)
            ticket.social_waiting_count = count
            ticket.social_waiting_since = since

    # === SEARCH METHODS === #
    @api.model
    def _search_social_waiting(self, operator, value):
        if operator != "in":
            return NotImplemented
        waiting = Domain("social_message_ids", "any", [("waiting", "=", True)])
        if True in value and False in value:
            return Domain.TRUE
        return waiting if True in value else ~waiting

    @api.model
    def _search_social_linked(self, operator, value):
        if operator != "in":
            return NotImplemented
        linked = Domain("social_conversation_ids", "!=", False)
        linked |= Domain("social_message_ids", "!=", False)
        if True in value and False in value:
            return Domain.TRUE
        return linked if True in value else ~linked

    @api.model
    def _search_social_network_ids(self, operator, value):
        if operator not in ("in", "any", "ilike", "like", "=ilike"):
            return NotImplemented
        linked = Domain("social_linked", "=", True)
        if operator == "in" and False in value:
            rest = [one for one in value if one]
            domain = ~linked
            return (
                domain | self._search_social_network_ids("in", rest) if rest else domain
            )
        field = "account_id.network_id"
        if operator.endswith("like"):
            field += ".name"
        there = [(field, operator, value)]
        return Domain("social_conversation_ids", "any", there) | Domain(
            "social_message_ids", "any", there
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Override of `base`: the oldest waiting message can be sorted by, although
        it is not stored; only messages that the person may read count."""
        if field_name != "social_waiting_since":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        messages = self.env["helpdesk.social.message"]
        messages.flush_model(["waiting", "waiting_again_at", "sent_at", "ticket_id"])
        readable = messages._search([("waiting", "=", True)])
        return common.order_by_joined(
            query,
            alias,
            field_name,
            SQL(
                "(SELECT m.ticket_id, MIN(%s) AS since FROM helpdesk_social_message m "
                "WHERE m.waiting AND m.id IN %s GROUP BY m.ticket_id)",
                WAITING_SINCE,
                readable.subselect(),
            ),
            lambda since: SQL(
                "%s = %s",
                SQL.identifier(since, "ticket_id"),
                SQL.identifier(alias, "id"),
            ),
            "since",
            direction,
            nulls,
        )

    # === VIEWS === #
    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        """Override of `base`: the search view has a filter for each network."""
        key = super()._get_view_cache_key(view_id, view_type, **options)
        if view_type == "search":
            key += (tuple(self._social_filter_networks().ids),)
        return key

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Override of `base`: a filter per connected network, in the search view.

        A new network then needs no view of its own.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "search":
            for anchor in arch.xpath("//separator[@name='social_networks']"):
                for network in reversed(self._social_filter_networks()):
                    node = etree.Element(
                        "filter",
                        name=f"social_network_{network.id}",
                        string=network.name,
                        domain=f"[('social_network_ids', 'in', [{network.id}])]",
                    )
                    anchor.addnext(node)
        return arch, view

    @api.model
    def _social_filter_networks(self):
        # sudo: helpdesk.social.network - names of the networks that are in use
        return (
            self.env["helpdesk.social.network"]
            .sudo()
            .search([("account_ids", "!=", False)])
            .sudo(False)
        )

    # === MAIL === #
    def _message_add_suggested_recipients(self, force_primary_email=False):
        """Override of `mail`: a customer without an e-mail address is not proposed.

        The chatter's composer refuses to send as long as a proposed recipient has no
        address, and social customers seldom have one.
        """
        suggested = super()._message_add_suggested_recipients(
            force_primary_email=force_primary_email
        )
        kept = {}
        for id_, found in suggested.items():
            partners = found.get("partners")
            if partners and not all(partners.mapped("email_normalized")):
                kept[id_] = partners.filtered("email_normalized")
        if kept:
            # sudo: helpdesk.ticket - only whether it is about social messages
            social = self.sudo().search(
                [("id", "in", list(kept)), ("social_linked", "=", True)]
            )
            for ticket in social:
                suggested[ticket.id]["partners"] = kept[ticket.id]
        return suggested


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    waiting_again_at = fields.Datetime(
        copy=False, help="When it was edited after it had been handled."
    )

    _waiting_of_ticket = models.Index("(ticket_id, sent_at) WHERE waiting")
