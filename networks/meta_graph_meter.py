"""How full Meta's meters are, as its answers tell it. Pure.

Calls of a business are counted by use case (pages, messenger, whatsapp …), calls of an
app by the app; both are told in percent with each answer. Calling on while throttled
makes it last longer, so we go slower before that. Fact sheet meta §1, *Rate limits*.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from .values import listing, mapping, number

BUSINESS, APP = "x-business-use-case-usage", "x-app-usage"
COUNTS = ("call_count", "total_cputime", "total_time")
#: percent from which on we slow down, and at which we stop (§1: 75-90 % and 100 %)
SLOW, SLOWER, FULL = 75, 90, 100
#: seconds of rest at ``SLOW``, at ``SLOWER`` and at ``FULL`` where no time is told. The
#: windows roll over an hour or a day: what a pause gives back, it gives back slowly
RESTS = {SLOW: 5.0, SLOWER: 60.0, FULL: 900.0}
#: a header of up to 32 objects (§1) is below this; longer ones are not read
MAX_HEADER = 64 * 1024
#: the longest wait that we believe, in minutes: the longest window has a day
MAX_MINUTES = 24 * 60


@dataclass(frozen=True)
class Usage:
    """``percent`` of the fullest meter; ``regain``: seconds until access is back."""

    percent: int = 0
    regain: float = 0.0

    @property
    def rest(self) -> float:
        """Seconds to leave it alone now; 0 while there is room."""
        if self.regain:
            return self.regain
        steps = [step for step in RESTS if self.percent >= step]
        return RESTS[max(steps)] if steps else 0.0


def usage(headers: Mapping[str, str]) -> Usage:
    """The fullest of all meters that an answer tells of. Never raises.

    An id may come several times, and a business may have many: what slows one of its
    numbers down slows all, so the fullest counts.

    :param headers: with lower-case names
    """
    meters = [mapping(_read(headers.get(APP)))]
    for one in mapping(_read(headers.get(BUSINESS))).values():
        meters += [mapping(meter) for meter in listing(one)]
    percent = max((_count(one, name) for one in meters for name in COUNTS), default=0)
    minutes = max(_count(one, "estimated_time_to_regain_access") for one in meters)
    return Usage(percent, min(minutes, MAX_MINUTES) * 60.0)


def _read(value):
    if not value or len(value) > MAX_HEADER:
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _count(meter: Mapping, name: str) -> int:
    value = meter.get(name)
    if isinstance(value, float) and 0 <= value < 1e9:
        value = int(value)
    return max(number(value) or 0, 0)
