"""The ticket's Social page as the form gets it: with the ticket, in one request.

A form that opens asks for its record anyway; what the page shows first comes along as
a field of it. What nobody may read, nobody is told: everything was found by a search
with the rights of the person who looks. How a message is told is in
``helpdesk_ticket_timeline``, what may be answered in ``helpdesk_ticket_composer``.
"""

import logging

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .helpdesk_social_account import HELPDESK_USER
from .helpdesk_ticket_composer import LOOK_BACK, MAX_TARGETS
from .helpdesk_ticket_timeline import PAGE

_logger = logging.getLogger(__name__)


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    social_page = fields.Json(
        compute="_compute_social_page",
        exportable=False,
        groups="base.group_user",
        help="The newest messages and what may be answered; empty without messages. "
        "For forms: it is made ticket by ticket.",
    )

    # No depends on messages, as for the marks: each form asks afresh.
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_social_page(self):
        for ticket in self:
            # a form that computes its onchanges has the page already
            ticket.social_page = bool(ticket.id) and ticket._social_page_or_problem()

    # === WHAT THE BROWSER ASKS === #
    def social_changes(self, message_ids=False):
        """The present state of some messages and of what may be answered.

        :param message_ids: those that left are just not there; ``False``: more changed
            than can be named, here is the page as it opens
        """
        self.ensure_one()
        self.check_access("read")
        if message_ids is False:
            return self._social_page() or {
                "timeline": self._timeline_page(self._social_none(), PAGE, 0),
                "composer": self.social_composer(),
            }
        messages = self._social_none().search_fetch(
            Domain("ticket_id", "=", self.id)
            & Domain("id", "in", [int(one) for one in message_ids][:1000]),
            order="sent_at, id",
        )
        return {
            "timeline": self._timeline_payload(messages),
            "composer": self.social_composer(),
        }

    # === THE PAGE === #
    @api.model
    def _social_none(self):
        return self.env["helpdesk.social.message"]

    def _social_page_or_problem(self):
        """As ``_social_page``; what is wrong with one network must not keep people
        from opening the ticket."""
        try:
            return self._social_page()
        except psycopg2.Error:
            # the request is made again, or ends: nothing can be read any more
            raise
        except Exception:
            _logger.exception("ticket %s: no social page", self.id)
            return {
                "problem": self.env._(
                    "The messages could not be loaded. Please tell an administrator: "
                    "the reason is in the server's log."
                )
            }

    def _social_page(self):
        """``{timeline, composer}`` as the page opens; False when it has no message."""
        self.ensure_one()
        found, targets, waiting, drafts = self._social_first_look()
        if not found:
            return False
        # what both halves speak of is read together
        timeline = self._timeline_page(found, PAGE, waiting)
        return {
            "timeline": timeline,
            "composer": self._social_composer(targets, drafts=drafts),
        }

    def _social_first_look(self):
        """What the page is about, in one query for the ids and one for the messages.

        :return: messages of the first page, newest first and one more if there is;
            the newest received of each conversation; how many wait for us; are there
            drafts of this person?
        """
        messages = self._social_none()
        mine, newest = Domain("ticket_id", "=", self.id), "sent_at desc, id desc"
        page = messages._search(mine, order=newest, limit=PAGE + 1)
        asked = messages._search(
            mine & self._social_asked(), order=newest, limit=LOOK_BACK
        )
        waiting = messages._search(mine & Domain("waiting", "=", True))
        drafts = SQL("(SELECT 1 WHERE FALSE)")
        if self.env.user.has_group(HELPDESK_USER):
            # nobody else may answer, nor ask for drafts
            own = self.env["helpdesk.social.draft"]._search(
                self._social_own_drafts_domain()
            )
            drafts = own.subselect()
        if page.is_empty():
            return messages, messages, 0, False
        files = self._social_linked_sql(messages._fields["attachment_ids"])
        also = self._social_linked_sql(messages._fields["also_account_ids"])
        # SQL: questions under the same conditions of access, asked together
        rows = self.env.execute_query(
            SQL(
                """
                SELECT 'page', found.id, found.sent_at, %(files)s, %(also)s
                  FROM %(page)s found
                 UNION ALL
                SELECT 'asked', found.id, found.sent_at, %(files)s, %(also)s
                  FROM (SELECT DISTINCT ON (conversation_id) id, sent_at
                          FROM %(asked)s newest
                         ORDER BY conversation_id, sent_at DESC, id DESC) found
                 UNION ALL
                SELECT 'waiting', COUNT(*), NULL, NULL, NULL FROM %(waiting)s found
                 UNION ALL
                SELECT 'drafts', COUNT(*), NULL, NULL, NULL FROM %(drafts)s found
                """,
                files=files,
                also=also,
                page=self._social_columns(page, "id", "sent_at"),
                asked=self._social_columns(asked, "id", "sent_at", "conversation_id"),
                waiting=waiting.subselect(),
                drafts=drafts,
            )
        )
        counts = {kind: number for kind, number, *_rest in rows}
        rows = [row for row in rows if row[2]]
        rows.sort(key=lambda row: (row[2], row[1]), reverse=True)
        found = messages.browse(row[1] for row in rows if row[0] == "page")
        targets = messages.browse(row[1] for row in rows if row[0] == "asked")
        # sudo: helpdesk.social.message - found with the person's own rights just now
        (found | targets).sudo().fetch()
        self._social_learn_links(rows)
        return found, targets[:MAX_TARGETS], counts["waiting"], bool(counts["drafts"])

    @api.model
    def _social_columns(self, query, *names):
        table = query.table
        columns = [SQL("%s", SQL.identifier(table, name)) for name in names]
        return query.subselect(*columns)

    @api.model
    def _social_linked_sql(self, field):
        """Ids on the other side of a many2many of the row ``found``."""
        return SQL(
            "ARRAY(SELECT %s FROM %s WHERE %s = found.id)",
            SQL.identifier(field.column2),
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
        )

    @api.model
    def _social_learn_links(self, rows):
        """Put into the cache what reading the many2many fields would find."""
        messages = self._social_none()
        for name, at in (("attachment_ids", 3), ("also_account_ids", 4)):
            field = messages._fields[name]
            linked = self.env[field.comodel_name].browse(
                {id_ for row in rows for id_ in row[at] or ()}
            )
            # as the ORM does it: readable, active, in the order of the model
            order = {
                id_: number
                for number, id_ in enumerate(
                    linked.search([("id", "in", linked.ids)]).ids if linked else ()
                )
            }
            field._insert_cache(
                messages.browse(row[1] for row in rows),
                [
                    tuple(sorted((i for i in row[at] if i in order), key=order.get))
                    for row in rows
                ],
            )
