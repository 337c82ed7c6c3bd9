"""What an allowance means for reading and answering; arithmetic only.

Money a month or units a day: how much is left, for whom, and how long to wait between
two pulls so that it lasts. No model, no query, no clock of its own.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

#: seconds between pulls that nothing but money may cause: what is read costs the same
#: an hour later, so more than this would help nobody. Up to ``PACED_FROM`` until half
#: of the allowance is used, then growing to ``PACED_TO``
PACED_FROM, PACED_TO = 600, 3600
#: seconds between pulls where the pulls themselves are what costs: waiting saves, and
#: a customer who waits longer than this is lost anyway
SAVING_TO = 6 * 3600
#: a price above this is a slip of the pen (the dearest call we know is $0.20)
MAX_PRICE = Decimal(1000)


def price(text) -> Decimal | None:
    """The price that somebody wrote, or None when it cannot be one.

    A comma may be the decimal sign; a minus, a thousand, words and infinity are no
    prices.
    """
    try:
        value = Decimal(str(text).strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 <= value <= MAX_PRICE else None


@dataclass(frozen=True)
class Meter:
    """One allowance in its present period.

    ``keep``: the share (0 to 1) that is kept for replies. ``ends``: when the period
    does, naive UTC.
    """

    limit: float
    used: float
    keep: float
    ends: datetime

    def left(self, replying: bool = False) -> float:
        return (self.limit if replying else self.limit * (1 - self.keep)) - self.used

    def is_over(self, replying: bool = False) -> bool:
        # a millionth of a dollar: sums of floats are not exact
        return self.left(replying) < 1e-6

    def wait(self, idle: float, average: float, pullers: int, now: datetime) -> float:
        """Seconds to the next pull of one account.

        :param idle: what a pull costs that finds nothing: waiting saves that
        :param average: what a pull costs: waiting only spreads the rest
        :param pullers: accounts that share the allowance
        """
        seconds = max(0.0, (self.ends - now).total_seconds())
        left = self.left()
        if self.is_over():
            return min(seconds, SAVING_TO)
        each = max(1, pullers) * seconds / left
        used = self.used / (self.used + left)
        worry = max(0.0, 2 * used - 1)
        paced = PACED_FROM + (PACED_TO - PACED_FROM) * worry
        wait = max(min(idle * each, SAVING_TO), min(average * each, paced))
        return wait if math.isfinite(wait) else SAVING_TO
