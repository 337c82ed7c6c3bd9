"""Working time as arithmetic: when is something due, how long did it take?

Plain Python on naive UTC moments, without a database and without a clock of its own.
Where working hours come from is in ``helpdesk_social_account_clock``; daylight saving,
leaves and night shifts are settled there, when spans are made: here every second of a
span counts once. It must never answer "never": somebody waits.
"""

from bisect import bisect_left, bisect_right
from datetime import timedelta

#: what is loaded around a moment at first; most targets lie within a month
FIRST = timedelta(days=28)
#: how far ahead working time is looked for: three years hold every real target, and a
#: calendar without any hours must come to an end
HORIZON = timedelta(days=3 * 366)
#: loaded more than asked for, so that a batch of messages asks once
MARGIN = timedelta(days=7)
#: spans closer than this are one: calendars end a day at 23:59:59.999999
GAP = timedelta(seconds=1)


def joined(spans):
    """Spans in order, without overlaps, empty ones and the cracks at midnight."""
    result = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if result and start - result[-1][1] <= GAP:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


class Hours:
    """The working time of one calendar.

    :param load: ``load(start, end)`` gives the spans between two moments; ``None``
        means around the clock
    """

    def __init__(self, load=None):
        self._load = load
        self._from = self._to = None
        self._spans = []
        self._starts, self._sums = [], []

    def due(self, start, seconds):
        """The moment at which ``seconds`` of working time have passed since ``start``.

        Without enough working time within the horizon it counts around the clock.
        """
        seconds = max(0, seconds)
        if self._load is None:
            return start + timedelta(seconds=seconds)
        ahead = FIRST
        while True:
            self._cover(start, start + ahead)
            wanted = self._worked_until(start) + seconds
            if self._sums and self._sums[-1] >= wanted and seconds:
                return self._moment(wanted)
            if not seconds:
                return start
            if ahead > HORIZON:
                return start + timedelta(seconds=seconds)
            ahead *= 2

    def between(self, start, end):
        """Seconds of working time from ``start`` to ``end``; never negative."""
        if end <= start:
            return 0.0
        if self._load is None:
            return (end - start).total_seconds()
        self._cover(start, end)
        return self._worked_until(end) - self._worked_until(start)

    # --- spans ------------------------------------------------------------------------
    def _cover(self, start, end):
        """Have all spans between two moments loaded, each stretch of time once."""
        if self._from is None:
            self._from = self._to = start
        fresh = []
        if start < self._from:
            start -= MARGIN
            fresh += self._load(start, self._from)
            self._from = start
        if end > self._to:
            end += MARGIN
            fresh += self._load(self._to, end)
            self._to = end
        if fresh:
            self._spans = joined([*self._spans, *fresh])
            self._starts = [span[0] for span in self._spans]
            self._sums, total = [], 0.0
            for one_start, one_end in self._spans:
                total += (one_end - one_start).total_seconds()
                self._sums.append(total)

    def _worked_until(self, moment):
        """Seconds of all spans before ``moment``."""
        at = bisect_right(self._starts, moment) - 1
        if at < 0:
            return 0.0
        start, end = self._spans[at]
        before = self._sums[at - 1] if at else 0.0
        return before + (min(moment, end) - start).total_seconds()

    def _moment(self, worked):
        """The first moment by which so many seconds were worked."""
        at = bisect_left(self._sums, worked)
        before = self._sums[at - 1] if at else 0.0
        return self._starts[at] + timedelta(seconds=worked - before)


def warning_before(target, minutes, percent):
    """Seconds before a deadline at which somebody is told; 0: nobody is.

    :param target: seconds
    :param minutes: told so many minutes before; when 0, ``percent`` of the target
    """
    ahead = minutes * 60 if minutes > 0 else target * max(0, min(percent, 100)) / 100
    return max(0, min(target, ahead))
