"""The clocks follow what messages say: started, stopped, paused, all of a batch at once.

Asked for conversations in which something began or ceased to wait; the decisions are in
``clock_decide``. A handful of queries whatever the number of messages, none where no
account has a target. It must never keep a message from being stored: what goes wrong
here is logged, and the clocks are put right when the conversation is looked at again.
"""

import logging
from collections import defaultdict
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from . import clock_decide
from .clock_decide import ANSWERED, CLOSED, DELETED, HANDLED, Settled
from .common import CONCURRENCY
from .helpdesk_social_clock import RESOLUTION, first_kind

_logger = logging.getLogger(__name__)

#: cursor of a batch -> ids of conversations to look at when it is over
_gathered = WeakKeyDictionary()
#: columns that change, in the order of ``_row``; with the types of bare values
COLUMNS = {
    "message_id": "int4",
    "ticket_id": "int4",
    "started_at": "timestamp",
    "started_hour": "int4",
    "running_since": "timestamp",
    "paused_at": "timestamp",
    "spent": "int4",
    "target": "int4",
    "deadline": "timestamp",
    "warn_at": "timestamp",
    "warned_at": "timestamp",
    "stopped_at": "timestamp",
    "outcome": "varchar",
    "answer_id": "int4",
    "user_id": "int4",
    "minutes": "float8",
    "in_time": "float8",
}
WARNED_AT = list(COLUMNS).index("warned_at")
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


class HelpdeskSocialClock(models.Model):
    _inherit = "helpdesk.social.clock"

    # === WHEN === #
    @api.model
    @contextmanager
    def _gathering(self):
        """Within it, conversations are noted; they are looked at once, at its end."""
        cr = self.env.cr
        if cr in _gathered:
            yield  # whoever began does it
            return
        _gathered[cr] = set()
        try:
            yield
        except BaseException:
            del _gathered[cr]
            raise
        self._look_at(_gathered.pop(cr))

    @api.model
    def _touched(self, threads):
        """Something began or ceased to wait in these conversations."""
        accounts = self.env["helpdesk.social.account"]
        if not threads or not accounts._any_clock():
            return
        noted = _gathered.get(self.env.cr)
        if noted is not None:
            noted.update(threads.ids)
            return
        self._keep_others_out(threads)
        self._look_at(threads.ids)

    @api.model
    def _keep_others_out(self, threads):
        """Two who look at one conversation at once would each miss what the other
        did: the later one starts over. Batches write the conversation anyway."""
        if threads.ids:
            self.env.cr.execute(
                SQL(
                    "UPDATE helpdesk_social_conversation SET write_date = "
                    "now() AT TIME ZONE 'utc' WHERE id IN %s",
                    tuple(threads.ids),
                )
            )

    @api.model
    def _look_at(self, thread_ids):
        """As ``_follow``, and a mistake in it costs nobody his message."""
        if not thread_ids:
            return
        # sudo: helpdesk.social.clock, .conversation - bookkeeping of whoever answered
        threads = self.env["helpdesk.social.conversation"].sudo().browse(thread_ids)
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                self.sudo()._follow(threads)
        except CONCURRENCY:
            raise
        except Exception:
            _logger.exception("conversations %s: no clocks", sorted(thread_ids)[:20])

    @api.model
    def _go_on_without(self, answers):
        """These answers were none: the clocks that they stopped run on, since they
        began. What began meanwhile is part of the same waiting."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (k.conversation_id, k.identity_id) k.id
                  FROM helpdesk_social_clock k
                 WHERE k.answer_id IN %s AND k.kind != 'resolution'
                 ORDER BY k.conversation_id, k.identity_id, k.started_at, k.id
                """,
                tuple(answers.ids),
            )
        )
        if not rows:
            return
        again = tuple(row[0] for row in rows)
        others = self.env.execute_query(
            SQL(
                """
                SELECT o.id, o.activity_id FROM helpdesk_social_clock o
                  JOIN helpdesk_social_clock k
                    ON o.conversation_id = k.conversation_id
                   AND o.identity_id IS NOT DISTINCT FROM k.identity_id
                 WHERE k.id IN %s AND o.id NOT IN %s AND o.kind != 'resolution'
                   AND (o.stopped_at IS NULL OR o.answer_id IN %s)
                """,
                again,
                again,
                tuple(answers.ids),
            )
        )
        self._give_up(others)
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_social_clock SET running_since = started_at, spent = 0, "
                "stopped_at = NULL, outcome = NULL, answer_id = NULL, user_id = NULL, "
                "minutes = NULL, in_time = NULL, warned_at = NULL, target = NULL, "
                "deadline = NULL WHERE id IN %s",
                again,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _give_up(self, rows):
        """Remove clocks, given as (id, id of the activity), with their activities."""
        if not rows:
            return
        ids = [activity for _id, activity in rows if activity]
        self.env["mail.activity"].browse(ids).exists().unlink()
        self.env.cr.execute(
            SQL(
                "DELETE FROM helpdesk_social_clock WHERE id IN %s",
                tuple(row[0] for row in rows),
            )
        )
        self.invalidate_model(flush=False)

    # === WHAT === #
    @api.model
    def _follow(self, threads, renew=False):
        """Bring the clocks of these conversations up to date.

        :param renew: targets or working hours have changed: all deadlines anew
        """
        for account, of_account in threads.exists().grouped("account_id").items():
            targets = account._clock_targets()
            if targets or renew:
                _Following(self, account, targets, of_account, renew).run()
        self.invalidate_model(flush=False)
        messages = self.env["helpdesk.social.message"]
        messages.invalidate_model(["clock", "clock_due"], flush=False)
        self.env["helpdesk.ticket"].invalidate_model(
            ["social_clock", "social_due", "social_clock_ids"], flush=False
        )


class _Following:
    """The clocks of some conversations of one account; reads all, then writes all."""

    def __init__(self, model, account, targets, threads, renew):
        self.model, self.env = model, model.env
        self.account, self.targets, self.renew = account, targets, renew
        self.threads = {one.id: one for one in threads}
        self.now = fields.Datetime.now()
        self.hours = account._clock_working_hours()
        self.zone = pytz.timezone(account._clock_zone())
        self.rows = {}  # id of a clock -> the row as it was read
        self.tickets = {}
        self.kept, self.made, self.dropped = [], [], []

    def run(self):
        waiting = self._waiting()
        known = self._known()
        settled = self._settled(waiting, known)
        self._read_tickets(waiting, known)
        for pair in dict.fromkeys([*waiting, *known]):
            clocks = known.get(pair, [])
            self._decide(pair, waiting.get(pair), clocks, settled.get(pair, []))
        self._write()

    # --- reading ----------------------------------------------------------------------
    def _waiting(self):
        """{(conversation, person): the oldest words that wait}."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT w.*, EXISTS (
                        SELECT 1 FROM helpdesk_social_message h
                         WHERE h.conversation_id = w.conversation_id
                           AND h.identity_id IS NOT DISTINCT FROM w.identity_id
                           AND h.direction = 'in'
                           AND h.handled_how IN ('answered', 'native'))
                  FROM (SELECT DISTINCT ON (m.conversation_id, m.identity_id)
                               m.conversation_id, m.identity_id, %(since)s AS since,
                               m.id, m.ticket_id
                          FROM helpdesk_social_message m
                          JOIN helpdesk_social_account a ON a.id = %(account)s
                         WHERE m.waiting AND m.conversation_id IN %(threads)s
                         ORDER BY m.conversation_id, m.identity_id, since, m.id) w
                """,
                since=SINCE,
                account=self.account.id,
                threads=tuple(self.threads),
            )
        )
        return {
            (thread, person): clock_decide.Waiting(since, message, ticket, answered)
            for thread, person, since, message, ticket, answered in rows
        }

    def _known(self):
        """{(conversation, person): clocks that are open, or may be opened again}."""
        found = defaultdict(list)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, conversation_id, identity_id, kind, started_at, message_id,
                       ticket_id, running_since, spent, paused_at, stopped_at, outcome,
                       answer_id, user_id, activity_id, target, warned_at
                  FROM helpdesk_social_clock
                 WHERE conversation_id IN %s
                   AND (stopped_at IS NULL OR kind = 'resolution')
                 ORDER BY id
                """,
                tuple(self.threads),
            )
        )
        for row in rows:
            (id_, thread, person, kind, started, message, ticket, running, spent) = row[
                :9
            ]
            paused, stopped, outcome, answer, user, activity, target, warned = row[9:]
            self.rows[id_] = {
                "activity": activity,
                "bare": running and target is None,
                "target": (target or 0) * 60,
                "warned": warned,
            }
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
                   AND m.identity_id IS NOT DISTINCT FROM k.identity_id
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
                    self.dropped.append(clock.id)
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
                self.dropped.append(after.id)
            if not after.stopped or not after.id:
                return
        if not after.id:
            self.made.append((pair, after))
        elif after != before or after.running and self._is_stale(after):
            self.kept.append(after)

    def _is_stale(self, clock):
        """Must its deadline be computed, although nothing was decided?"""
        return self.renew or self.rows[clock.id]["bare"]

    # --- writing ----------------------------------------------------------------------
    def _row(self, clock):
        """Values of ``COLUMNS`` for a clock."""
        before = self.rows.get(clock.id, {})
        target = self.targets.get(clock.kind) or before.get("target", 0)
        deadline = warn_at = None
        warned = before.get("warned")
        if clock.running:
            left = target - clock.spent
            ahead = self.account._clock_warning(target)
            deadline = self.hours.due(clock.running, left)
            warn_at = self.hours.due(clock.running, left - ahead) if ahead else None
            if not warn_at or warn_at > self.now:
                warned = None
        elif not clock.stopped:
            warned = None  # when it goes on, somebody is told again
        counts = clock.stopped and clock.outcome in (ANSWERED, CLOSED)
        local = pytz.utc.localize(clock.started).astimezone(self.zone)
        return (
            clock.message,
            clock.ticket,
            clock.started,
            local.hour,
            clock.running,
            clock.paused,
            round(clock.spent),
            round(target / 60),
            deadline and deadline.replace(microsecond=0),
            warn_at and warn_at.replace(microsecond=0),
            warned,
            clock.stopped,
            clock.outcome,
            clock.answer,
            clock.user,
            clock.spent / 60 if counts else None,
            float(clock.spent <= target) if counts else None,
        )

    def _write(self):
        rows = [(clock, self._row(clock)) for clock in self.kept]
        self._take_back_activities(
            [clock.id for clock, row in rows if not clock.running or not row[WARNED_AT]]
            + self.dropped
        )
        if self.dropped:
            self.env.cr.execute(
                SQL(
                    "DELETE FROM helpdesk_social_clock WHERE id IN %s",
                    tuple(self.dropped),
                )
            )
        if rows:
            self._update(rows)
        if self.made:
            self._insert([(pair, one, self._row(one)) for pair, one in self.made])

    def _update(self, rows):
        # SQL: each row has values of its own; the ORM would make a query for each
        assigned = SQL(", ").join(
            SQL("%s = v.%s::%s", SQL.identifier(name), SQL.identifier(name), SQL(kind))
            for name, kind in COLUMNS.items()
        )
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_social_clock c SET %s, write_date = %s "
                "FROM (VALUES %s) AS v(id, %s) WHERE c.id = v.id",
                assigned,
                self.now,
                SQL(", ").join(SQL("%s", (clock.id, *row)) for clock, row in rows),
                self._names(),
            )
        )

    def _insert(self, rows):
        # SQL: thousands come with a batch of the intake; all values are known
        common = (
            self.account.id,
            self.account.network_id.id,
            self.account.company_id.id,
            self.env.uid,
            self.env.uid,
            self.now,
            self.now,
        )
        values = SQL(", ").join(
            SQL(
                "%s",
                (
                    *common,
                    *pair,
                    self.threads[pair[0]].audience,
                    clock.kind,
                    *row,
                ),
            )
            for pair, clock, row in rows
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO helpdesk_social_clock (account_id, network_id, company_id, "
                "create_uid, write_uid, create_date, write_date, conversation_id, "
                "identity_id, audience, kind, %s) VALUES %s",
                self._names(),
                values,
            )
        )

    def _names(self):
        return SQL(", ").join(SQL.identifier(name) for name in COLUMNS)

    def _take_back_activities(self, clock_ids):
        """Nobody is reminded of what was answered."""
        ids = [self.rows[one]["activity"] for one in clock_ids if one in self.rows]
        activities = self.env["mail.activity"].browse(one for one in ids if one)
        if activities:
            activities.exists().unlink()
