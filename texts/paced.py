"""Answers to many people, one by one: which wording to whom, and when.

Plain rules, no clock and no chance of their own. Two answers in a row are never the
same words, as networks take that for spam; where nothing else makes them different the
plan is refused rather than made.
"""

from datetime import timedelta

from . import placeholders

#: wordings that somebody may supply: more than anybody reads through
MOST = 10
#: how far a pause may differ from the average: regular as a machine looks like one
SPREAD = 0.5


class SameWordsError(ValueError):
    """Two people in a row would get the very same words."""


def clean(wordings):
    """Wordings as they are used: trimmed, none twice, none empty."""
    trimmed = (str(one or "").strip() for one in wordings or ())
    return list(dict.fromkeys(one for one in trimmed if one))[:MOST]


def words(people, wordings, chance, last=""):
    """The text for each person, in their order.

    :param people: values for ``placeholders.fill``, one dict per person
    :param chance: ``random.Random``
    :param last: what is said right before the first of them
    :raises SameWordsError: two in a row cannot be told apart
    """
    wordings, said, used = clean(wordings), [], []
    if not wordings:
        raise ValueError("no words")
    for values in people:
        texts = {one: placeholders.fill(one, values) for one in wordings}
        before = said[-1] if said else last
        fresh = [one for one in wordings if texts[one] != before]
        if not fresh:
            raise SameWordsError()
        # what was used least, so that all of them have their turn
        least = min(used.count(one) for one in fresh)
        chosen = chance.choice([one for one in fresh if used.count(one) == least])
        used.append(chosen)
        said.append(texts[chosen])
    return said


def moments(number, per_minute, start, chance):
    """When each of them leaves; the first at once.

    The pauses differ, and all in all there are no more than ``per_minute``.

    :param start: any moment; the result has the same kind
    """
    pause = 60 / per_minute
    found, shift = [], 0.0
    for index in range(number):
        # around its place in an even row: a late one makes nobody else later
        shift = chance.uniform(0, pause * SPREAD) if index else 0.0
        found.append(start + timedelta(seconds=index * pause + shift))
    return found


def turn(planned, last, now, per_minute):
    """When an answer may really leave, as its moment has come or is past.

    Where nobody could send for a while, what is late does not leave in one burst: it
    goes on from there at the same rate. What is on time keeps its uneven pauses.

    :param last: when the one before it left; None = none did
    """
    if last is None:
        return planned
    pause = timedelta(seconds=60 / per_minute)
    late = now - planned >= pause
    return max(planned, last + pause * (1 if late else 1 - SPREAD))
