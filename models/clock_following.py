"""The clocks of some conversations of one account: all read, decided, then written.

What becomes of a clock is decided in ``clock_decide``, how rows are written is in
``clock_rows``. The number of queries does not depend on the number of conversations.
"""

from collections import defaultdict

from odoo import fields
from odoo.tools import SQL

from . import clock_decide
from .clock_decide import ANSWERED, CLOSED, DELETED, HANDLED, Settled
from .clock_rows import Rows
from .helpdesk_social_clock import RESOLUTION, first_kind

#: since when a message waits: the earlier of the network's clock and ours. Not before
#: the account was connected, as nobody could answer; not before what the first pull
#: looks back, as on some networks the author's own clock is told; never in the future
SINCE = SQL(
    """GREATEST(
        CASE WHEN m.waiting_again_at IS NULL THEN LEAST(m.sent_at, m.received_at)
             ELSE LEAST(m.waiting_again_at, now() AT TIME ZONE 'utc') END,
        m.received_at - make_interval(days => GREATEST(a.lookback_days, 1)),
        LEAST(COALESCE(a.connected_at, '-infinity'), m.received_at))"""
)
OUTCOMES = {"answered": ANSWERED, "native": ANSWERED}


class Following:
    """The clocks of some conversations of one account; reads all, then writes all."""

    def __init__(self, account, targets, threads, pairs):
        """
        :param targets: {kind: seconds}
        :param pairs: (conversation, person or None); None: all, with new deadlines
        """
        self.env, self.account = account.env, account
        self.targets, self.renew = targets, pairs is None
        self.threads = {one.id: one for one in threads}
        self.pairs = pairs and {one for one in pairs if one[0] in self.threads}
        self.now = fields.Datetime.now()
        self.hours = account._clock_working_hours()
        self.rows = Rows(account, targets, self.hours, self.now)
        self.tickets = {}

    def run(self):
        waiting = self._waiting()
        known = self._known()
        settled = self._settled(waiting, known)
        self._read_tickets(waiting, known)
        for pair in dict.fromkeys([*waiting, *known]):
            clocks = known.get(pair, [])
            self._decide(pair, waiting.get(pair), clocks, settled.get(pair, []))
        self.rows.store()

    # --- reading ----------------------------------------------------------------------
    def _waiting(self):
        """{(conversation, person): the oldest words that wait}."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT w.*, CASE WHEN w.identity_id IS NULL THEN EXISTS (
                        SELECT 1 FROM helpdesk_social_message h
                         WHERE h.conversation_id = w.conversation_id
                           AND h.identity_id IS NULL AND h.direction = 'in'
                           AND h.handled_how IN ('answered', 'native'))
                    ELSE EXISTS (
                        SELECT 1 FROM helpdesk_social_message h
                         WHERE h.conversation_id = w.conversation_id
                           AND h.identity_id = w.identity_id
                           AND h.handled_how IN ('answered', 'native')) END
                  FROM (SELECT DISTINCT ON (m.conversation_id, m.identity_id)
                               m.conversation_id, m.identity_id, %(since)s AS since,
                               m.id, m.ticket_id
                          FROM helpdesk_social_message m
                          JOIN helpdesk_social_account a ON a.id = %(account)s
                         WHERE m.waiting AND %(whose)s
                         ORDER BY m.conversation_id, m.identity_id, since, m.id) w
                """,
                since=SINCE,
                account=self.account.id,
                whose=self._whose("m"),
            )
        )
        return {
            (thread, person): clock_decide.Waiting(since, message, ticket, answered)
            for thread, person, since, message, ticket, answered in rows
        }

    def _whose(self, alias):
        """The condition on rows: those of the people who are concerned, and maybe of
        others among them in another of these conversations, which does no harm."""
        thread = SQL.identifier(alias, "conversation_id")
        person = SQL.identifier(alias, "identity_id")
        if self.pairs is None:
            return SQL("%s IN %s", thread, tuple(self.threads))
        ways = []
        # two lists: PostgreSQL compares rows with a list of pairs one by one
        if named := [pair for pair in self.pairs if pair[1]]:
            threads, people = (tuple(set(ids)) for ids in zip(*named, strict=True))
            ways.append(SQL("(%s IN %s AND %s IN %s)", thread, threads, person, people))
        if hidden := tuple(pair[0] for pair in self.pairs if not pair[1]):
            ways.append(SQL("(%s IN %s AND %s IS NULL)", thread, hidden, person))
        return SQL("(%s)", SQL(" OR ").join(ways))

    def _known(self):
        """{(conversation, person): clocks that are open, or may be opened again}."""
        found = defaultdict(list)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, conversation_id, identity_id, kind, started_at, message_id,
                       ticket_id, running_since, spent, paused_at, stopped_at, outcome,
                       answer_id, user_id, activity_id, target, warned_at
                  FROM helpdesk_social_clock k
                 WHERE %s AND (stopped_at IS NULL OR kind = 'resolution')
                 ORDER BY id
                """,
                self._whose("k"),
            )
        )
        for row in rows:
            (id_, thread, person, kind, started, message, ticket, running, spent) = row[
                :9
            ]
            paused, stopped, outcome, answer, user, activity, target, warned = row[9:]
            self.rows.learn(id_, activity, target, warned)
            found[thread, person].append(
                clock_decide.Clock(
                    kind=kind,
                    started=started,
                    message=message,
                    ticket=ticket,
                    id=id_,
                    running=running,
                    spent=spent or 0,
                    paused=paused,
                    stopped=stopped,
                    outcome=outcome,
                    answer=answer,
                    user=user,
                )
            )
        return found

    def _settled(self, waiting, known):
        """{(conversation, person): how their messages stopped waiting}, of those with
        a clock that may have to stop."""
        asked = []
        for pair, clocks in known.items():
            since = waiting[pair].since if pair in waiting else None
            for clock in clocks:
                began = clock.running or clock.started
                if not clock.stopped and (since is None or since > began):
                    asked.append(clock.id)
        found = defaultdict(list)
        if not asked:
            return found
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT k.conversation_id, k.identity_id, m.id,
                       CASE WHEN m.id = k.message_id AND m.deleted_at IS NULL
                            THEN GREATEST(m.handled_at, k.started_at)
                            ELSE m.handled_at END,
                       m.handled_how, m.settled_by_id, m.handled_by_id, m.deleted_at
                  FROM helpdesk_social_clock k
                  JOIN helpdesk_social_message m
                    ON m.conversation_id = k.conversation_id
                   AND COALESCE(m.identity_id, 0) = COALESCE(k.identity_id, 0)
                 WHERE k.id IN %s AND m.direction = 'in'
                   AND (GREATEST(m.handled_at, m.deleted_at) >= k.started_at
                        -- what bounds its start may lie after its answer
                        OR m.id = k.message_id AND NOT m.waiting
                           AND m.handled_at IS NOT NULL)
                """,
                tuple(asked),
            )
        )
        for thread, person, _id, handled, how, answer, user, deleted in rows:
            if deleted and (not handled or deleted > handled):
                one = Settled(deleted, DELETED)
            else:
                outcome = OUTCOMES.get(how, HANDLED)
                one = Settled(handled, outcome, answer, user)
            found[thread, person].append(one)
        return found

    def _read_tickets(self, waiting, known):
        """Those that clocks until resolution are about, read together."""
        if RESOLUTION not in self.targets:
            return
        ids = {one.ticket for one in waiting.values()}
        for clocks in known.values():
            ids.update(one.ticket for one in clocks)
        tickets = self.env["helpdesk.ticket"].browse(one for one in ids if one)
        self.tickets = {one.id: one for one in tickets}

    def _closed(self, ticket_id):
        """The end of a ticket as ``Settled``; None while it is open."""
        ticket = self.tickets.get(ticket_id)
        if not ticket or (
            ticket.active and not ticket.duplicate_id and not ticket.stage_id.closed
        ):
            return None
        at = ticket.closed_date or self.now
        if ticket.stage_id.closed:
            return Settled(at, CLOSED, user=ticket.user_id.id or None)
        return Settled(self.now, HANDLED)

    # --- deciding ---------------------------------------------------------------------
    def _decide(self, pair, waiting, clocks, settled):
        audience = self.threads[pair[0]].audience
        first = first_kind(audience)
        open_one = next((one for one in clocks if one.kind != RESOLUTION), None)
        old, new = clock_decide.answers(
            open_one, waiting, first, settled, self.hours.between, self.now
        )
        self._note(pair, open_one, old)
        self._note(pair, None, new)
        of_ticket = {one.ticket: one for one in clocks if one.kind == RESOLUTION}
        if RESOLUTION not in self.targets:
            for clock in of_ticket.values():
                if not clock.stopped:
                    self.rows.drop(clock.id)
            return
        tickets = dict.fromkeys([*of_ticket, *([waiting.ticket] if waiting else [])])
        for ticket in tickets:
            clock = of_ticket.get(ticket)
            result = clock_decide.resolution(
                clock,
                waiting if waiting and waiting.ticket == ticket else None,
                self._closed(ticket),
                settled,
                self.hours.between,
                self.now,
            )
            self._note(pair, clock, result)

    def _note(self, pair, before, after):
        """Remember what is to be written, if anything is."""
        if after is None:
            return
        if after.kind not in self.targets:
            if after.id and not after.stopped:
                self.rows.drop(after.id)
            if not after.stopped or not after.id:
                return
        if not after.id:
            self.rows.make(pair, self.threads[pair[0]].audience, after)
        elif after != before or after.running and self._is_stale(after):
            self.rows.keep(after)

    def _is_stale(self, clock):
        """Must its deadline be computed, although nothing was decided?"""
        return self.renew or self.rows.is_bare(clock.id)
