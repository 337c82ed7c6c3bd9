"""The inbox: what waits for us, what has no ticket, and what was put aside.

Everything is found with the rights of the person who looks; a private message without
a ticket is for the members of its account's team (``helpdesk_social_access``). Nothing
is changed here. However much is stored, a page of the list reads a page.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from . import common, ticket_policy
from .helpdesk_social_account import HELPDESK_USER
from .helpdesk_social_message_view import safe_url

MODEL = "helpdesk.social.message"
#: messages shown at once, and at most
PAGE, MOST = 80, 400
#: nobody counts further; the screen says "999+"
COUNTED = 1000
#: messages of a part that are considered at all: beyond that nobody scrolls, and a list
#: must not grow slow because nobody looks at it
CONSIDERED = {"waiting": 20000, "loose": 5000, "aside": 5000}
#: days that what was put aside stays in sight
ASIDE_DAYS = 14
#: messages of the conversation beside the one that is looked at
AROUND = 20
#: tickets proposed, and found
PROPOSED = 8
#: left to the question that an account asks about its past
BACKLOG = ("backlog", "backlog_dismissed")


class HelpdeskSocialInbox(models.AbstractModel):
    _name = "helpdesk.social.inbox"
    _description = "Social Inbox"

    @api.model
    def _check_desk(self):
        if not self.env.user.has_group(HELPDESK_USER):
            raise AccessError(self.env._("The inbox is for helpdesk users."))

    # === PARTS === #
    @api.model
    def _part(self, part):
        """(domain, order) of a part of the inbox.

        - ``waiting``: neither answered nor handled; the nearest deadline first
        - ``loose``: no ticket, and nobody has looked at it yet
        - ``aside``: handled without an answer, ignored or blocked, lately
        """
        received = Domain("direction", "=", "in")
        if part == "waiting":
            return Domain("waiting", "=", True) & received, "clock_due, sent_at, id"
        if part == "loose":
            return (
                received
                & Domain("ticket_id", "=", False)
                & Domain("handled_by_id", "=", False)
                & Domain("handled_how", "in", (False, "auto"))
                & Domain("conversation_id", "!=", False)
                & Domain("waiting", "=", False)
                & Domain("context", "=", False)
                & Domain("deleted_at", "=", False)
                & Domain("why", "not in", BACKLOG)
            ), "sent_at desc, id desc"
        if part == "aside":
            since = fields.Datetime.now() - timedelta(days=ASIDE_DAYS)
            return (
                received
                & Domain("handled_how", "in", ("no_answer", "ignored", "blocked"))
                & Domain("waiting", "=", False)
                & Domain("handled_at", ">=", since)
            ), "handled_at desc, id desc"
        raise UserError(self.env._("The inbox has no such part."))

    @api.model
    def _candidates(self, part):
        """Ids that may be in a part, found by its partial index.

        With the conditions of access beside a limit, PostgreSQL rather walks through
        all messages by date (measured: 1 s among a million). The most urgent or newest
        come first; what the person may see of them is asked next.
        """
        messages = self.env[MODEL]
        wheres = {
            "waiting": SQL("waiting AND direction = 'in' ORDER BY sent_at, id"),
            "loose": SQL(
                "ticket_id IS NULL AND handled_by_id IS NULL AND direction = 'in' "
                "AND conversation_id IS NOT NULL "
                "AND (audience = 'public' OR account_id IN %s) "
                "ORDER BY sent_at DESC, id DESC",
                messages._ticketless_accounts().subselect(),
            ),
            "aside": SQL(
                "handled_how IN ('no_answer', 'ignored', 'blocked') "
                "ORDER BY handled_at DESC, id DESC"
            ),
        }
        messages.flush_model()
        # SQL: ids only, no one is told of them; a domain would bring the order of the
        # access conditions along
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM helpdesk_social_message "
                "WHERE company_id IN %s AND %s LIMIT %s",
                tuple(self.env.companies.ids),
                wheres[part],
                CONSIDERED[part],
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _count(self, part, ids):
        domain = Domain("id", "in", ids) & self._part(part)[0]
        return self.env[MODEL].search_count(domain, limit=COUNTED) if ids else 0

    # === WHAT THE BROWSER ASKS === #
    @api.model
    def get_list(self, part="waiting", limit=PAGE, term=""):
        """A page of one part, with how much is in each.

        :param term: words to look for in the text or the author's name
        :return: ``rows``, ``has_more``, ``counts`` (up to ``COUNTED``), ``now``,
            ``reasons`` (why something needs no answer: [code, words])
        """
        self._check_desk()
        limit = max(1, min(int(limit), MOST))
        domain, order = self._part(part)
        # SQL: compiling such queries takes longer than running them (measured: 0.4 s)
        self.env.cr.execute("SET LOCAL jit = off")
        candidates = {one: self._candidates(one) for one in CONSIDERED}
        domain &= Domain("id", "in", candidates[part])
        term = str(term or "").strip()[:100]
        if term:
            domain &= Domain("text", "ilike", term) | Domain(
                "identity_id", "ilike", term
            )
        messages = self.env[MODEL]
        found = messages.search_fetch(domain, order=order, limit=limit + 1)
        return {
            "rows": found[:limit]._inbox_rows(),
            "has_more": len(found) > limit,
            "counts": {one: self._count(one, ids) for one, ids in candidates.items()},
            "now": fields.Datetime.to_string(fields.Datetime.now()),
            "reasons": messages._fields["handled_why"]._description_selection(self.env),
        }

    @api.model
    def get_message(self, message_id):
        """One message with its conversation, its author, and what may be done.

        :return: False when it is gone or not for this person
        """
        self._check_desk()
        message = self.env[MODEL].search([("id", "=", int(message_id))])
        if not message:
            return False
        around = message
        if message.conversation_id:
            thread = Domain("conversation_id", "=", message.conversation_id.id)
            before = thread & Domain("sent_at", "<=", message.sent_at)
            after = thread & Domain("sent_at", ">", message.sent_at)
            found = self.env[MODEL].search
            around |= found(before, order="sent_at desc, id desc", limit=AROUND)
            around |= found(after, order="sent_at, id", limit=AROUND)
        around = around.sorted(lambda one: (one.sent_at, one.id))
        tickets = self.env["helpdesk.ticket"]
        return {
            "row": message._inbox_rows()[0],
            "timeline": tickets._timeline_payload(around, waiting=0),
            "why": message.why_words or "",
            "author": self._author(message.identity_id, message.account_id),
            "tickets": self._tickets_of(message.identity_id),
        }

    @api.model
    def find_tickets(self, term="", message_ids=()):
        """Tickets to attach to: those of the same people first, then by the words.

        :param message_ids: what is to be attached
        """
        self._check_desk()
        messages = self.env[MODEL].search([("id", "in", self._asked_ids(message_ids))])
        own = self._open_tickets_of(messages.identity_id)
        tickets = self.env["helpdesk.ticket"]
        term = str(term or "").strip()[:100]
        company = Domain("company_id", "in", messages.company_id.ids)
        if not term:
            found = own[:PROPOSED]
            recent = Domain("stage_id.closed", "=", False) & company
            if len(found) < PROPOSED:
                found |= tickets.search(
                    recent & Domain("id", "not in", found.ids),
                    order="id desc",
                    limit=PROPOSED - len(found),
                )
        else:
            named = Domain.OR(
                Domain(name, "ilike", term)
                for name in ("number", "name", "partner_name")
            )
            found = tickets.search(named & company, order="id desc", limit=3 * PROPOSED)
            found = ((own & found) | found)[:PROPOSED]
        return [self._ticket_row(one, one in own) for one in found]

    # === PIECES === #
    @api.model
    def _asked_ids(self, ids):
        """Ids as a browser sends them; never more than a screen can mark."""
        ids = list(dict.fromkeys(int(one) for one in ids or ()))
        if len(ids) > MOST:
            raise UserError(
                self.env._("These are too many at once: %(most)s at most.", most=MOST)
            )
        return ids

    @api.model
    def _author(self, identity, accounts):
        identity = identity._filtered_access("read")
        if not identity:
            return False
        return {
            "id": identity.id,
            "name": identity.name or identity._social_label(),
            "handle": common.shown_handle(identity.handle),
            "url": safe_url(identity.url),
            "followers": identity.followers,
            "verified": identity.verified,
            "bot": identity.bot,
            "shared": identity.shared,
            "messages": identity.message_count,
            "blocked_at": fields.Datetime.to_string(identity.blocked_at) or False,
            # sudo: res.users - a colleague's name
            "blocked_by": identity.sudo().blocked_by_id.name or "",
            "there": identity._block_told(accounts),
        }

    @api.model
    def _open_tickets_of(self, identities):
        """Open tickets of these people that the user may read, newest first."""
        people = identities.filtered(lambda one: not one.shared)
        if not people:
            return self.env["helpdesk.ticket"]
        mine = Domain("social_conversation_ids.identity_id", "in", people.ids)
        partners = people.partner_id
        if partners:
            mine |= Domain("partner_id", "in", partners.ids)
        return self.env["helpdesk.ticket"].search(
            mine & Domain("stage_id.closed", "=", False),
            order="id desc",
            limit=PROPOSED,
        )

    @api.model
    def _tickets_of(self, identities):
        return [
            self._ticket_row(one, True) for one in self._open_tickets_of(identities)
        ]

    @api.model
    def _ticket_row(self, ticket, own):
        return {
            "id": ticket.id,
            "number": ticket.number,
            "name": ticket.name,
            "stage": ticket.stage_id.name or "",
            # sudo: helpdesk.ticket.team - the name that its tickets show
            "team": ticket.team_id.sudo().name or "",
            "who": ticket.partner_name or "",
            "own": own,
        }


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _inbox_rows(self):
        """These messages as lines of the list; queries do not grow with them."""
        text = fields.Datetime.to_string
        tickets = self.ticket_id._filtered_access("read")
        networks = self.network_id._catalogue()
        # sudo: helpdesk.social.identity, .account - names of what the user may read
        people = self.identity_id._filtered_access("read")
        rules = self.env["helpdesk.social.rule"]
        if any(one.why_rules for one in self):
            rules = self.why_rule_ids
        rows = []
        for message in self:
            person = (
                message.identity_id if message.identity_id in people else people[:0]
            )
            ticket = message.ticket_id if message.ticket_id in tickets else tickets[:0]
            rows.append(
                {
                    "id": message.id,
                    "who": person.name or person._social_label()
                    if person
                    else self.env._("Somebody"),
                    "handle": common.shown_handle(person.handle),
                    "person_id": person.id,
                    "avatar": safe_url(person.avatar_url),
                    "verified": person.verified,
                    "shared": person.shared,
                    "blocked": bool(person.blocked_at),
                    "network": networks[message.network_id.id],
                    "account": message.account_id.display_name,
                    "audience": message.audience,
                    # what carries a warning, or is gone, is not in lists
                    "preview": message.shown_line or "",
                    "files": len(message.media or ()),
                    "at": str(message.sent_at),
                    "since": text(message.waiting_again_at or message.sent_at),
                    "deadline": text(message.clock_due) or False,
                    "waiting": message.waiting,
                    "deleted": bool(message.deleted_at),
                    "thanks": ticket_policy.kind_of(message.text)
                    == ticket_policy.THANKS,
                    "handled": message.handled_how or "",
                    "why": message._timeline_why(),
                    "rules": [one.name for one in message.why_rule_ids if one in rules]
                    if message.why_rules
                    else [],
                    "rule_wrong": bool(message.rule_wrong_at),
                    "ticket": {
                        "id": ticket.id,
                        "number": ticket.number,
                        "name": ticket.name,
                    }
                    if ticket
                    else False,
                    "hidden_ticket": bool(message.ticket_id) and not ticket,
                }
            )
        return rows
