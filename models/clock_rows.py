"""Rows of clocks: their deadlines and figures, written for a whole batch at once.

Values come from ``clock_decide``; here they are put into working time. SQL, because
every row has values of its own and thousands come with a batch of the intake; nothing
is written for what did not change.
"""

import pytz

from odoo.tools import SQL

from .clock_decide import ANSWERED, CLOSED

#: columns that change, with the types of bare values, in the order of ``Rows._values``
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


def bare_rows(rows):
    """Rows of values for ``VALUES``. One parameter each: tuples of them would be put
    together in Python, which takes longer than all the rest."""
    rows = list(rows)
    row = f"({', '.join(['%s'] * len(rows[0]))})"
    return SQL(", ".join([row] * len(rows)), *(value for one in rows for value in one))


class Rows:
    """What is to be written about the clocks of one account."""

    def __init__(self, account, targets, hours, now):
        self.env, self.account = account.env, account
        self.targets, self.hours, self.now = targets, hours, now
        self.zone = pytz.timezone(account._clock_zone())
        self.ahead = {
            kind: account._clock_warning(target) for kind, target in targets.items()
        }
        self.known = {}  # id -> what was read besides the clock itself
        self.kept, self.made, self.dropped = [], [], []

    def learn(self, id_, activity, target, warned):
        """A stored row, as it was read."""
        self.known[id_] = {"activity": activity, "target": target, "warned": warned}

    def is_bare(self, id_):
        """Was it put back to its start, without a deadline?"""
        return self.known[id_]["target"] is None

    def make(self, pair, audience, clock):
        """:param pair: (id of the conversation, id of the person or None)"""
        self.made.append((pair, audience, clock))

    def keep(self, clock):
        self.kept.append(clock)

    def drop(self, id_):
        self.dropped.append(id_)

    def _values(self, clock):
        """Values of ``COLUMNS`` for a clock."""
        before = self.known.get(clock.id, {})
        target = self.targets.get(clock.kind) or (before.get("target") or 0) * 60
        deadline = warn_at = None
        warned = before.get("warned")
        if clock.running:
            left = target - clock.spent
            ahead = self.ahead.get(clock.kind, 0)
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

    def store(self):
        rows = [(clock, self._values(clock)) for clock in self.kept]
        ended = [
            clock.id for clock, row in rows if not clock.running or not row[WARNED_AT]
        ]
        self._take_back_activities(ended + self.dropped)
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
            self._insert()

    def _update(self, rows):
        assigned = SQL(", ").join(
            SQL("%s = v.%s::%s", SQL.identifier(name), SQL.identifier(name), SQL(kind))
            for name, kind in COLUMNS.items()
        )
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_social_clock c SET %s "
                "FROM (VALUES %s) AS v(id, %s) WHERE c.id = v.id",
                assigned,
                bare_rows((clock.id, *row) for clock, row in rows),
                self._names(),
            )
        )

    def _insert(self):
        account = self.account.id
        values = bare_rows(
            (account, *pair, audience, clock.kind, *self._values(clock))
            for pair, audience, clock in self.made
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO helpdesk_social_clock "
                "(account_id, conversation_id, identity_id, audience, kind, %s) "
                "VALUES %s",
                self._names(),
                values,
            )
        )

    def _names(self):
        return SQL(", ").join(SQL.identifier(name) for name in COLUMNS)

    def _take_back_activities(self, clock_ids):
        """Nobody is reminded of what was answered."""
        ids = [self.known[one]["activity"] for one in clock_ids]
        activities = self.env["mail.activity"].browse(one for one in ids if one)
        if activities:
            activities.exists().unlink()
