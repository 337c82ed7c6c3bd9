"""Who takes part on a ticket: from where, in what role, and who waits for us.

Counted from the messages that the person who looks may read, so a private conversation
tells nobody that it exists. A page on which one person speaks costs nothing.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: people told at once; those who wait come first, the browser asks for more
PEOPLE = 40


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === WHAT THE BROWSER ASKS === #
    def social_people(self, offset=0, limit=PEOPLE):
        """A page of the people who take part, those who wait first.

        :return: ``{total, waiting, people: […], labels: {id: who that is}}``
        """
        self.ensure_one()
        self.check_access("read")
        limit = max(1, min(int(limit), 500))
        return self._social_people(max(0, int(offset)), limit)

    def _timeline_page(self, found, limit, waiting=None):
        """Override: the people go along with the page that opens, if there are many."""
        result = super()._timeline_page(found, limit, waiting)
        # of a longer thread the browser asks by itself, after the page is there
        if waiting is not None and len(found.identity_id) > 1:
            result["participants"] = self._social_people(0, PEOPLE)
        return result

    # === WHO === #
    def _social_people(self, offset, limit):
        messages = self.env["helpdesk.social.message"]
        messages.flush_model()
        said = messages._search(
            Domain("ticket_id", "=", self.id)
            & Domain("direction", "=", "in")
            & Domain("context", "=", False)
            & Domain("identity_id", "!=", False)
        )
        # SQL: one row per person, of messages that the person who looks may read, and
        # whether there is an invitation into private
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.identity_id, COUNT(*), COUNT(*) FILTER (WHERE m.waiting),
                       MAX(m.sent_at), ARRAY_AGG(DISTINCT m.audience),
                       ARRAY_AGG(DISTINCT m.account_id),
                       ARRAY_AGG(DISTINCT m.conversation_id),
                       BOOL_OR(c.identity_id = m.identity_id),
                       -- in one and the same second: who answers nobody
                       ROW_NUMBER() OVER (ORDER BY MIN(m.sent_at),
                        BOOL_AND(m.parent_id IS NOT NULL), MIN(m.id)) = 1,
                       (ARRAY_AGG(m.id ORDER BY m.waiting DESC, m.sent_at DESC, m.id
                        DESC) FILTER (WHERE m.deleted_at IS NULL))[1],
                       (ARRAY_AGG(m.audience ORDER BY m.waiting DESC, m.sent_at DESC,
                        m.id DESC) FILTER (WHERE m.deleted_at IS NULL))[1],
                       EXISTS (SELECT 1 FROM helpdesk_social_handoff h
                                WHERE h.ticket_id = %s
                                  AND h.identity_id = m.identity_id),
                       COUNT(*) OVER (),
                       SUM((COUNT(*) FILTER (WHERE m.waiting) > 0)::int) OVER ()
                  FROM helpdesk_social_message m
                  LEFT JOIN helpdesk_social_conversation c ON c.id = m.conversation_id
                 WHERE m.id IN %s
                 GROUP BY m.identity_id
                 ORDER BY COUNT(*) FILTER (WHERE m.waiting) = 0, MAX(m.sent_at) DESC,
                          m.identity_id
                OFFSET %s LIMIT %s
                """,
                self.id,
                said.subselect(),
                offset,
                limit,
            )
        )
        people = self.env["helpdesk.social.identity"].browse(row[0] for row in rows)
        return {
            "total": rows[0][-2] if rows else 0,
            "waiting": int(rows[0][-1]) if rows else 0,
            "people": [self._social_person_told(row) for row in rows],
            "labels": self._timeline_people(people),
        }

    @api.model
    def _social_person_told(self, row):
        (id_, count, waiting, last, audiences, accounts, threads, starter, first) = row[
            :9
        ]
        newest, audience, invited = row[9:12]
        return {
            "id": id_,
            "role": "opener" if first else "starter" if starter else "bystander",
            "invited": invited,
            "count": count,
            "waiting": waiting,
            "last": fields.Datetime.to_string(last),
            "audiences": audiences,
            "accounts": accounts,
            "conversations": [one for one in threads if one],
            # what an answer to them would answer
            "message_id": newest or False,
            "audience": audience or False,
        }
