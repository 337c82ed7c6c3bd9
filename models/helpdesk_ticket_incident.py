"""An incident on its ticket: how large, how fast, and one word for all of them.

A holding statement is said once, in public, below the post; it answers nobody and stops
no clock. The tickets that were opened before anybody saw a storm are merged in bulk.
Everything that is said goes through ``social_reply`` with all its checks; who is
answered one by one is in ``helpdesk_ticket_paced``.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..networks.items import PUBLIC
from .helpdesk_social_message_view import safe_url

#: of a holding statement that is out, or on its way
OUT = ("held", "queued", "sending", "uncertain", "sent", "delivered", "read")
#: tickets merged by one click
MOST_TICKETS = 200


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    incident_id = fields.Many2one(
        "helpdesk.social.incident",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="One of many answers of an incident.",
    )


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === WHAT THE BROWSER ASKS === #
    def social_incident_hold(self, text, key=None):
        """Say a holding statement below the post, once.

        :return: {ok, message_ids} or {ok: False, error}, as ``social_send``
        """
        incident = self._social_check_incident()
        last = incident.holding_id
        if last.delivery_state in OUT and not last.deleted_at:
            return self._social_not_ok(
                self.env._("A holding statement stands there already.")
            )
        target = self._social_incident_top(incident)
        if not target:
            return self._social_not_ok(
                self.env._("There is nothing left that could be answered in public.")
            )
        try:
            with self.env.cr.savepoint():
                row = self.social_reply(
                    text,
                    PUBLIC,
                    account=target.account_id,
                    to=target,
                    key=str(key)[:64] if key else None,
                    consent={"holding": True},
                )
        except UserError as error:
            return self._social_not_ok(str(error.args[0]))
        # sudo: helpdesk.social.message, .incident - bookkeeping of what was just said
        row.sudo()._whole_reply().write({"incident_id": incident.id, "holding": True})
        incident.holding_id = row.id
        return {"ok": True, "message_ids": row.ids}

    def social_incident_gather(self):
        """Merge the tickets that people of this thread got before it was an incident.

        What was assigned, or holds private messages that others could read here, is
        left alone.

        :return: {merged: how many, left: how many}
        """
        incident = self._social_check_incident()
        merged = left = 0
        for ticket in self._social_incident_others(incident)[:MOST_TICKETS]:
            try:
                with self.env.cr.savepoint():
                    ticket.sudo(False).social_merge(self.id)
                merged += 1
            except UserError:
                left += 1
        return {"merged": merged, "left": left}

    # === HELPERS === #
    def _social_check_incident(self):
        """The incident of this ticket, with all rights; the person may change it."""
        self._social_check_mover()
        # sudo: helpdesk.social.incident - nobody has rights on it; its ticket decides
        incident = self.env["helpdesk.social.incident"].sudo()._of(self)
        if not incident:
            raise UserError(self.env._("This ticket is no incident."))
        return incident

    @api.model
    def _social_not_ok(self, words):
        return {"ok": False, "error": words}

    def _social_incident_top(self, incident):
        """Where one answer is seen by most: the post itself, where the network lets us
        answer it, else what was said first below it."""
        messages = self.env["helpdesk.social.message"]
        root = incident._root().sudo(False)._filtered_access("read")
        if root and not root.deleted_at and root._answerable(PUBLIC):
            return root
        first = messages.search(
            Domain("ticket_id", "=", self.id)
            & Domain("direction", "=", "in")
            & Domain("audience", "=", PUBLIC)
            & Domain("context", "=", False)
            & Domain("deleted_at", "=", False),
            order="sent_at, id",
            limit=50,
        )
        return first._answerable(PUBLIC)[:1]

    def _social_resolve(self, audience, to, account):
        """Override: the post at the top of an incident is on no ticket."""
        messages = self.env["helpdesk.social.message"]
        if to is not None and to._name == messages._name and not to.ticket_id:
            # sudo: helpdesk.social.incident, .message - which post; may be read
            incident = self.env["helpdesk.social.incident"].sudo()._of(self)
            if incident and to.sudo() == incident._root():
                to.check_access("read")
                return to.sudo(), to.sudo().identity_id
        return super()._social_resolve(audience, to, account)

    def _social_incident_others(self, incident):
        """Open tickets of people below the same post, nobody's yet."""
        tickets = incident._threads().ticket_id - self.sudo()
        return tickets.filtered(
            lambda one: (
                one.active
                and not one.stage_id.closed
                and not one.duplicate_id
                and not one.user_id
            )
        )

    # === TOLD === #
    def _social_desk(self, targets):
        """Override: an incident tells how it goes; nothing else asks for it."""
        desk = super()._social_desk(targets)
        # sudo: helpdesk.ticket - the mark; callers read the ticket themselves
        if self.sudo().social_incident:
            incident = self.env["helpdesk.social.incident"].sudo()._of(self)
            if incident:
                desk["incident"] = self._social_incident_told(incident)
        return desk

    def _social_incident_told(self, incident):
        messages = self.env["helpdesk.social.message"]
        messages.flush_model()
        said = messages._search(
            Domain("ticket_id", "=", self.id)
            & Domain("direction", "=", "in")
            & Domain("context", "=", False)
        )
        now = fields.Datetime.now()
        # SQL: numbers of one table, of what the person who looks may read
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(DISTINCT m.identity_id), COUNT(*),
                       COUNT(DISTINCT m.identity_id) FILTER (WHERE m.waiting),
                       COUNT(*) FILTER (WHERE m.sent_at > %s),
                       COUNT(*) FILTER (WHERE m.sent_at > %s),
                       MIN(m.sent_at), MAX(m.sent_at)
                  FROM helpdesk_social_message m WHERE m.id IN %s
                """,
                now - timedelta(minutes=10),
                now - timedelta(minutes=60),
                said.subselect(),
            )
        )
        people, count, waiting, ten, hour, first, last = row
        text = fields.Datetime.to_string
        return {
            "people": people,
            "messages": count,
            "waiting": waiting,
            "last_ten": ten,
            "last_hour": hour,
            "since": text(first) or False,
            "last": text(last) or False,
            "over": bool(incident.ended_at),
            "others": len(self._social_incident_others(incident)),
            "root": self._social_incident_root_told(incident),
            "holding": self._social_holding_told(incident.holding_id),
            "paced": self._social_paced_told(incident),
        }

    def _social_incident_root_told(self, incident):
        root = incident._root().sudo(False)._filtered_access("read")
        if not root:
            return False
        return {
            "id": root.id,
            "preview": "" if root.deleted_at else root.preview or "",
            "permalink": "" if root.deleted_at else safe_url(root.permalink),
            "own": root.direction == "out",
        }

    @api.model
    def _social_holding_told(self, row):
        row = row.sudo(False)._filtered_access("read")
        if not row or row.deleted_at:
            return False
        labels = self._timeline_words()["delivery_state"]
        return {
            "id": row.id,
            "out": row.delivery_state in OUT,
            "label": labels.get(row.delivery_state, ""),
            "preview": row.preview or "",
        }
