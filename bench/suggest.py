"""Suggested replies: are they the right ones, and how long do they take?

The first part needs a file of real conversations (``--conversations``), which is no
part of the addon: what was answered in one part of it is learned by the addon itself,
from closed tickets; the other part is asked. An answer is right when it sends people
to the help page that the agent sent them to. It is compared with what is had for free:
PostgreSQL's ``ts_rank`` on the questions, and the answer that company uses most.

``most used page`` is told beside them for information: it counts the pages that are
judged, which no program has before somebody names them.

The held-out part is chosen by a hash of the conversation's id and had no say in any
number of the ranking; those were chosen on the other part (``folds``).
"""

import json

from bench.table import Row, ms, percentile

PAIRS, ASKED = 100_000, 60
#: milliseconds: an agent who opens the composer does not wait for it
TARGET_MS = 100
#: what is had without this addon
FREE = ("ts_rank", "most used wording")


def run(lab):
    rows = []
    if lab.conversations:
        rows += judge(lab)
    with lab.database("suggest") as database:
        lab.inside(database, "suggest_inside", "fill", pairs=PAIRS)
        lab.server.cluster.sql("VACUUM ANALYZE", database)
        told = lab.inside(database, "suggest_inside", "measure", asked=ASKED)
    seconds, rivals = told["seconds"], told["rivals"]
    slow = percentile(seconds, 0.95) * 1000
    rows += [
        Row(
            f"suggestions among {PAIRS:,} learned pairs",
            f"{ms(seconds)}, 95 %: {slow:.0f} ms",
            f"ts_rank over the same questions: {ms(rivals)}",
            f"{slow:.0f} ms",
            f"95 % ≤ {TARGET_MS} ms",
            slow <= TARGET_MS,
        ),
        Row(
            "suggestions: queries, tables read whole",
            f"{told['queries']} queries",
            result=", ".join(told["whole"]) or "none",
            target="none",
            passed=not told["whole"],
        ),
    ]
    return rows


def judge(lab, folds=("final",)):
    """Rows about the file; other ``folds`` than the final one are for tuning."""
    with lab.database("suggest_judge") as database:
        told = lab.inside(
            database,
            "suggest_judge_inside",
            "judge",
            path=lab.conversations,
            folds=list(folds),
        )
    return [row for one in told for row in rows_of(one)]


def rows_of(told):
    """One row per figure: ours, beside the better of what is had for free."""
    cases, figures = told["cases"], told["figures"]
    rivals = {name: one for name, one in figures.items() if name != "ours"}
    rows = []
    for key, label in (("p3", "precision at 3"), ("mrr", "mean reciprocal rank")):
        ours = figures["ours"][key]
        best = max(rivals[name][key] for name in FREE)
        rows.append(
            Row(
                f"suggested replies: {label} ({cases} of {told['all']} held-out cases)",
                f"{ours:.3f}",
                ", ".join(f"{name} {one[key]:.3f}" for name, one in rivals.items()),
                f"{ours / best:.2f} × the better of {' and '.join(FREE)}",
                "> 1 ×",
                ours > best,
            )
        )
    rows.append(
        Row(
            "suggested replies: a right one among the three",
            f"{figures['ours']['hit']:.3f}",
            ", ".join(f"{name} {one['hit']:.3f}" for name, one in rivals.items()),
            f"{told['learned']} answers learned, {told['kept_back']} kept back as "
            "perhaps one person's own",
        )
    )
    return rows


def dump(told):
    """For a person who tunes."""
    return json.dumps(told, indent=1)
