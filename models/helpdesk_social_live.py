"""Tells open screens that something changed: ids only, once per transaction.

Record rules do not apply on a bus channel, so no text and no name may ever go through
here; each screen then reads what its person may see. An id tells something too: that
this contact is talking with us. So colleagues without helpdesk rights are told only of
what each of them may read anyway, which is what is public in a company of theirs; see
``helpdesk_social_live_channels`` for who hears what.
"""

import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from weakref import WeakKeyDictionary

from odoo import api, models
from odoo.tools import SQL

from ..networks.items import PUBLIC
from .common import UNPUBLISHED

CHANNEL = "helpdesk_mgmt.group_helpdesk_user_own"
NOTICE = "helpdesk_social/changed"
#: to colleagues, by what they may read
NOTICES = {True: "helpdesk_social/public", False: "helpdesk_social/private"}
#: channels of a company, by the same
SUBCHANNELS = {True: "social_public", False: "social_private"}
#: ids in one notice; a storm is told as "look again" instead of by ids
MAX_IDS = 500
_KEY = "helpdesk_social.changed"
#: seconds between two notices of one lane at work: each takes a connection of its own
#: (2.7 ms), and no eye is quicker
GATHER = 0.5
#: cursor of a lane -> what it has not told yet
_gathered = WeakKeyDictionary()


@dataclass
class News:
    """What changed, as ids."""

    messages: set = field(default_factory=set)
    tickets: set = field(default_factory=set)
    #: tickets whose state is told in histories of contacts
    stages: set = field(default_factory=set)
    identities: set = field(default_factory=set)
    #: as they were before: rows of ``_find_out``
    before: set = field(default_factory=set)

    def __bool__(self):
        return any(getattr(self, one.name) for one in fields(self))

    def add(self, other):
        for one in fields(self):
            getattr(self, one.name).update(getattr(other, one.name))


class HelpdeskSocialLive(models.AbstractModel):
    _name = "helpdesk.social.live"
    _description = "Social Live Updates"

    # === NOTING === #
    @api.model
    def _news(self):
        """What this transaction will tell."""
        precommit = self.env.cr.precommit
        if _KEY not in precommit.data:
            precommit.data[_KEY] = News()
            precommit.add(self._tell)
        return precommit.data[_KEY]

    @api.model
    def _changed(self, messages, tickets=None):
        """Note changed messages (and tickets); told when the transaction commits.

        :param tickets: tickets that messages left, or that changed by themselves
        """
        news = self._news()
        news.messages.update(messages.ids)
        if tickets:
            news.tickets.update(tickets.ids)

    @api.model
    def _changed_stage(self, tickets):
        """Note tickets that were closed or moved on: a complaint may be over."""
        self._news().stages.update(tickets.ids)

    @api.model
    def _changed_people(self, identities):
        """Note identities: who they are, or what colleagues see of them."""
        self._news().identities.update(identities.ids)

    @api.model
    def _leaving(self, **ids):
        """Note whose screens show records that will not be there any more, or will be
        somebody else's.

        :param ids: of what, as in ``News``
        """
        self._news().before.update(self._find_out(News(**ids)))

    @contextmanager
    def _gathering(self):
        """Within it, commits tell the screens every ``GATHER`` seconds at most; the
        commit after it tells the rest."""
        cr = self.env.cr
        _gathered[cr] = [time.monotonic(), News()]
        try:
            yield
        finally:
            _at, rest = _gathered.pop(cr)
        if rest:
            self._news().add(rest)

    # === TELLING === #
    @api.model
    def _tell(self):
        news = self.env.cr.precommit.data.pop(_KEY)
        gathered = _gathered.get(self.env.cr)
        if gathered is not None:
            gathered[1].add(news)
            if time.monotonic() - gathered[0] < GATHER:
                return
            news = gathered[1]
            gathered[:] = time.monotonic(), News()
        found = self._find_out(news) | news.before
        self._tell_desk(news, found)
        self._tell_colleagues(found)

    @api.model
    def _find_out(self, news):
        """What is about these: all that is told is found in one query.

        :return: set of (kind, id, company, is it public?, message ids); ``kind`` is
            ``ticket`` (the id may be None: without a ticket), ``page`` (a ticket that
            shows a person) or ``contact``
        """
        if not (news.messages or news.stages or news.identities):
            return set()
        self.env["helpdesk.social.message"].flush_model(
            ["ticket_id", "company_id", "direction", "audience", "delivery_state"]
            + ["identity_id", "to_identity_id", "parent_id", "conversation_id"]
        )
        self.env["helpdesk.social.identity"].flush_model(
            ["partner_id", "suggested_partner_id", "company_id"]
        )
        self.env["helpdesk.social.conversation"].flush_model(["identity_id"])
        self.env["res.partner"].flush_model(["parent_id"])
        which = [SQL("m.id = ANY(%s)", list(news.messages))]
        if news.stages:
            which.append(SQL("m.ticket_id = ANY(%s)", list(news.stages)))
        # SQL: whose history a message is in (as ``contact_id`` says), for a whole batch
        # at once; tables are read without rules, as only ids come of it. OFFSET 0: by
        # the people's ids, however few contacts there are at present; a plan that
        # begins with all contacts would grow with them
        rows = self.env.execute_query(
            SQL(
                """
                WITH said AS (
                    SELECT m.id, m.ticket_id, m.company_id, %(open)s AS open,
                           m.identity_id, m.to_identity_id, m.parent_id,
                           m.conversation_id, m.direction = 'out' AS ours
                      FROM helpdesk_social_message m WHERE %(which)s
                ), people AS (
                    SELECT DISTINCT person.id, said.company_id, said.open
                      FROM said
                      LEFT JOIN helpdesk_social_message answered
                        ON said.ours AND answered.id = said.parent_id
                      LEFT JOIN helpdesk_social_conversation thread
                        ON said.ours AND thread.id = said.conversation_id
                     CROSS JOIN LATERAL (VALUES
                        (said.identity_id), (said.to_identity_id),
                        (answered.identity_id), (thread.identity_id)) person(id)
                     WHERE person.id IS NOT NULL
                )
                SELECT 'ticket', ticket_id, company_id, open, NULL,
                       array_agg(id) FILTER (WHERE id = ANY(%(named)s))
                  FROM said GROUP BY ticket_id, company_id, open
                 UNION ALL
                SELECT 'contact', partner.id, people.company_id, people.open,
                       partner.parent_id, NULL
                  FROM people
                 CROSS JOIN LATERAL (
                    SELECT partner_id FROM helpdesk_social_identity
                     WHERE id = people.id AND partner_id IS NOT NULL OFFSET 0) known
                 CROSS JOIN LATERAL (
                    SELECT id, parent_id FROM res_partner
                     WHERE id = known.partner_id OFFSET 0) partner
                 GROUP BY partner.id, people.company_id, people.open,
                       partner.parent_id
                %(people)s
                """,
                open=self._open_sql(),
                which=SQL(" OR ").join(which),
                named=list(news.messages),
                people=self._people_sql(news.identities),
            )
        )
        found = {
            (kind, id_, company, is_open, tuple(sorted(ids or ())))
            for kind, id_, company, is_open, _firm, ids in rows
        }
        firms = {
            (firm, company, is_open)
            for _kind, _id, company, is_open, firm, _ids in rows
            if firm
        }
        return found | self._firms_above(firms)

    @api.model
    def _people_sql(self, identities):
        """The rest of the query: whose page people are on, which tickets show them."""
        if not identities:
            return SQL("")
        return SQL(
            """
             UNION ALL
            SELECT 'contact', partner.id, known.company_id, TRUE, partner.parent_id,
                   NULL
              FROM helpdesk_social_identity known
              JOIN res_partner partner
                ON partner.id IN (known.partner_id, known.suggested_partner_id)
             WHERE known.id = ANY(%(known)s)
             UNION ALL
            SELECT 'page', m.ticket_id, m.company_id, %(open)s, NULL, NULL
              FROM helpdesk_social_message m
             WHERE m.identity_id = ANY(%(known)s) AND m.ticket_id IS NOT NULL
             GROUP BY 2, 3, 4
            """,
            known=list(identities),
            open=self._open_sql(),
        )

    @api.model
    def _firms_above(self, firms):
        """These and the contacts above them: a firm shows what its people say. A query
        for each level there is, and none for people without a firm.

        :param firms: {(contact, company, is it public?)}
        """
        found, level = set(), firms
        while level:
            found |= level
            # SQL: one column, whoever may read the contact
            above = dict(
                self.env.execute_query(
                    SQL(
                        "SELECT id, parent_id FROM res_partner WHERE id = ANY(%s) "
                        "AND parent_id IS NOT NULL",
                        list({contact for contact, *_rest in level}),
                    )
                )
            )
            level = {
                (above[contact], *rest) for contact, *rest in level if contact in above
            } - found
        return {("contact", *one, ()) for one in found}

    @api.model
    def _open_sql(self):
        """May every colleague of the company read the message ``m``? As in
        ``helpdesk_social_access``."""
        return SQL(
            "(m.audience = %s AND COALESCE(m.delivery_state, '') NOT IN %s)",
            PUBLIC,
            UNPUBLISHED,
        )

    @api.model
    def _tell_desk(self, news, found):
        """Helpdesk users hear of everything, as they always did."""
        tickets = news.tickets | news.stages
        tickets |= {
            id_ for kind, id_, *_rest in found if id_ and kind in ("ticket", "page")
        }
        if not tickets and not news.messages:
            return
        told = self._few(news.messages)
        # sudo: res.groups - the channel every helpdesk user listens to
        channel = self.env.ref(CHANNEL).sudo()
        ordered = sorted(tickets)
        # what has no ticket is told as well: the inbox shows it
        for start in range(0, len(ordered) or 1, MAX_IDS):
            channel._bus_send(
                NOTICE,
                {"ticket_ids": ordered[start : start + MAX_IDS], "message_ids": told},
            )

    @api.model
    def _tell_colleagues(self, found):
        """One notice for what is public and one for what is not, in each company."""
        names = ("message_ids", "partner_ids", "ticket_ids")
        notices = defaultdict(lambda: {name: set() for name in names})
        for kind, id_, company_id, is_open, message_ids in found:
            notice = notices[company_id, is_open]
            name = "partner_ids" if kind == "contact" else "ticket_ids"
            notice[name].update([id_] if id_ else [])
            notice["message_ids"].update(message_ids)
        # sudo: bus.bus - heard by those who may read what the ids are of
        bus = self.env["bus.bus"].sudo()
        companies = self.env["res.company"].browse
        for (company_id, is_open), notice in sorted(notices.items()):
            bus._sendone(
                (companies(company_id), SUBCHANNELS[is_open]),
                NOTICES[is_open],
                {name: self._few(ids) for name, ids in notice.items()},
            )

    @api.model
    def _few(self, ids):
        return sorted(ids) if len(ids) <= MAX_IDS else False
