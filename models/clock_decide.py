"""What becomes of a person's clocks in a conversation, given what waits there now.

Pure decisions on plain values, no writes and no queries: the state of the messages
alone decides, so it does not matter in which order things arrived, nor how often this
is asked. Times are naive UTC. Nothing here knows a target or a calendar.
"""

from dataclasses import dataclass, replace
from datetime import datetime

ANSWERED, HANDLED, DELETED, CLOSED = "answered", "handled", "deleted", "closed"
RESOLUTION = "resolution"


@dataclass(frozen=True)
class Waiting:
    """The oldest words of a person that wait for us."""

    since: datetime
    message: int
    ticket: int | None
    #: was this person answered here before?
    answered: bool = False


@dataclass(frozen=True)
class Settled:
    """How something stopped waiting."""

    at: datetime
    outcome: str
    answer: int | None = None
    user: int | None = None


@dataclass(frozen=True)
class Clock:
    """A row; ``id`` is empty for one that is to be made."""

    kind: str
    started: datetime
    message: int
    ticket: int | None
    id: int | None = None
    running: datetime | None = None
    spent: float = 0
    paused: datetime | None = None
    stopped: datetime | None = None
    outcome: str | None = None
    answer: int | None = None
    user: int | None = None

    def stop(self, how, worked):
        """:param worked: ``worked(start, end)`` in seconds of working time"""
        at = max(how.at, self.started)
        more = worked(self.running, at) if self.running else 0
        return replace(
            self,
            running=None,
            spent=self.spent + more,
            stopped=at,
            outcome=how.outcome,
            answer=how.answer,
            user=how.user,
        )


def settlement(rows, since, now):
    """What ended the waiting that began at ``since``: the first human answer, else
    whatever came last.

    :param rows: ``Settled`` of the person's messages in the conversation
    """
    rows = sorted((one for one in rows if one.at >= since), key=lambda one: one.at)
    answers = [one for one in rows if one.outcome == ANSWERED]
    if answers:
        return answers[0]
    return rows[-1] if rows else Settled(now, HANDLED)


def answers(clock, waiting, first, settled, worked, now):
    """The clocks for answers: the open one as it is now, and a new one if there is.

    :param clock: the open ``Clock``, or None
    :param waiting: ``Waiting``, or None
    :param first: kind of the clock of a first answer
    :param settled: ``Settled`` rows, needed when something stopped waiting
    :return: (the open one or None, a new one or None)
    """
    if clock and waiting and waiting.since <= clock.started:
        # words that were said earlier and came later
        moved = replace(
            clock,
            started=waiting.since,
            running=waiting.since,
            message=waiting.message,
            ticket=waiting.ticket,
        )
        return moved, None
    if clock:
        how = settlement(settled, clock.started, now)
        if waiting and waiting.message == clock.message and how.outcome == HANDLED:
            # the same words wait, since a little later: what bounds them moved
            return replace(clock, started=waiting.since, running=waiting.since), None
        clock = clock.stop(how, worked)
    if not waiting:
        return clock, None
    again = waiting.answered or bool(clock and clock.outcome == ANSWERED)
    return clock, Clock(
        kind="next" if again else first,
        started=waiting.since,
        running=waiting.since,
        message=waiting.message,
        ticket=waiting.ticket,
    )


def resolution(clock, waiting, closed, settled, worked, now):
    """The clock until the ticket is closed; it runs while something waits for us.

    :param clock: the ticket's ``Clock``, whatever its state, or None
    :param closed: the ``Settled`` of the ticket, None while it is open
    :return: the clock as it is now, or None
    """
    if clock is None:
        if closed or not waiting or waiting.ticket is None:
            return None
        return Clock(
            kind=RESOLUTION,
            started=waiting.since,
            running=waiting.since,
            message=waiting.message,
            ticket=waiting.ticket,
        )
    if closed:
        return clock if clock.stopped else clock.stop(closed, worked)
    if clock.stopped:
        # the ticket was opened again: it goes on, and has spent what it had
        clock = replace(
            clock,
            paused=clock.stopped,
            stopped=None,
            outcome=None,
            answer=None,
            user=None,
        )
    if waiting and not clock.running:
        # what was said before the pause counted already
        since = max(waiting.since, clock.paused or waiting.since)
        return replace(clock, running=since, paused=None)
    if waiting and waiting.since < clock.running:
        if clock.running != clock.started:
            return clock
        return replace(clock, running=waiting.since, started=waiting.since)
    if clock.running and (not waiting or waiting.since > clock.running):
        how = settlement(settled, clock.running, now)
        if waiting and waiting.message == clock.message and how.outcome == HANDLED:
            return replace(clock, running=waiting.since, started=waiting.since)
        until = max(how.at, clock.running)
        spent = clock.spent + worked(clock.running, until)
        if not waiting:
            return replace(clock, spent=spent, running=None, paused=until)
        # between the answer and the next words it was the customer's turn
        return replace(clock, spent=spent, running=max(waiting.since, until))
    return clock
