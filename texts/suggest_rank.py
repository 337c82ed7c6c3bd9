"""Which of the answers that were found is the best one; numbers in, an order out.

An answer is good when it, or one much like it, was given to questions like this one:
the nearest questions vote. What agents did with it when it was offered, how long ago
it was used and whether it fits the network then weigh in. Nothing here reads a
database or a clock.

The numbers were chosen on the learning part of the benchmark's conversations, by
leaving parts of it out in turn (bench/suggest.py); the held-out part had no say.
"""

import math
from dataclasses import dataclass

#: questions that may vote for an answer besides the nearest one: more, and the most
#: used answer always wins
VOTERS = 3
#: above 1: one near question says more than two that are half as near
SHARPNESS = 1.5
#: a vote for another answer counts for this one as much as both are alike: the same
#: page they send people to, or the same words
SAME_PAGE, SAME_WORDS = 0.6, 0.5
#: how much the answer's own words count beside the questions'
OWN_WORDS = 0.3
#: how much it counts that an answer is given often, whatever the question
OFTEN = 0.1
#: two wordings with more than this in common are one answer to an agent
ALIKE = 0.8
#: what is thought of an answer before anybody has had a say (Bayes): as if so many had
#: taken it and so many had not
PRIOR = 2.0
#: after a year an answer has lost half of what it may lose by age
HALF_LIFE, OLD = 365.0, 0.6
#: what does not fit into one post stands below what does
TOO_LONG = 0.7
#: BM25's usual constants; a word counts once, questions are short
K1, B = 1.2, 0.5


@dataclass
class Candidate:
    """``sims``: likeness of the questions it answered, 0 to 1; ``own``: its words'."""

    key: object
    text: str
    terms: frozenset = frozenset()
    links: frozenset = frozenset()
    sims: tuple = ()
    own: float = 0.0
    uses: int = 0
    accepted: int = 0
    edited: int = 0
    dismissed: int = 0
    age: float = 0.0
    ours: bool = True
    fits: bool = True
    score: float = 0.0


def weight(total, holding):
    """How much a word says that ``holding`` of ``total`` questions have."""
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def opinion(one):
    """What agents made of it, around 1: an edited one was half right."""
    good = one.accepted + 0.5 * one.edited + PRIOR
    return 2 * good / (one.accepted + one.edited + one.dismissed + 2 * PRIOR)


def freshness(age):
    """:param age: days since it was last used"""
    return OLD + (1 - OLD) * 0.5 ** (max(age, 0.0) / HALF_LIFE)


def likeness(one, other):
    """0 to 1: how much a vote for ``other`` says about ``one``."""
    page = SAME_PAGE if one.links & other.links else 0.0
    return max(page, SAME_WORDS * _common(one, other))


def _common(one, other):
    both = len(one.terms & other.terms)
    return both / (len(one.terms) + len(other.terms) - both) if both else 0.0


def rank(candidates, limit, total=0):
    """The best first; near-duplicates of a better one are left out.

    :param total: how many questions there are in all
    """
    candidates = list(candidates)
    votes = [sorted(_votes(one), reverse=True) for one in candidates]
    others = [own[1:] for own in votes]
    shares = [float(one.uses) for one in candidates]
    for at, one in enumerate(candidates):
        for beside in range(at):
            if near := likeness(one, candidates[beside]):
                # more than these can have no say in any case
                others[at] += [near * vote for vote in votes[beside][:VOTERS]]
                others[beside] += [near * vote for vote in votes[at][:VOTERS]]
                shares[at] += near * candidates[beside].uses
                shares[beside] += near * one.uses
    for one, own, more, share in zip(candidates, votes, others, shares, strict=True):
        one.score = own[0] + sum(sorted(more, reverse=True)[:VOTERS])
        one.score += OFTEN * share / max(total, share, 1.0)
        one.score *= opinion(one) * freshness(one.age)
        one.score *= (1.0 if one.fits else TOO_LONG) * (1.0 if one.ours else 0.9)
    # of equals the one that was used last: the same order on every server
    candidates.sort(
        key=lambda one: (-round(one.score, 9), -one.uses, one.age, str(one.key))
    )
    kept = []
    for one in candidates:
        if len(kept) == limit:
            break
        if one.score > 0 and not any(_same(one, better) for better in kept):
            kept.append(one)
    return kept


def _votes(one):
    """What each question that it answered says for it."""
    own = OWN_WORDS * one.own
    return [(sim + own) ** SHARPNESS for sim in one.sims] or [own**SHARPNESS]


def _same(one, better):
    return one.text == better.text or (
        one.links == better.links and _common(one, better) > ALIKE
    )
