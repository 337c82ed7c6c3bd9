"""The guard on real public messages: precision and recall per kind, and its speed.

Needs a file of conversations (``--conversations``), which is no part of the addon. Half
of the messages were looked at while the guard was written, the other half was not: both
are shown, the target holds for the second.
"""

import json
import os
import subprocess
from collections import Counter

from bench.table import Row
from devkit import paths, venv
from devkit.console import Failure

#: DESIGN of issue 4, point 4
PRECISION, RECALL = 0.95, 0.9
HALVES = ("tuned", "held out")


def run(lab):
    judged = _judge(lab.conversations)
    rows = []
    for sort, title in (
        ("real", "real messages"),
        ("planted", "planted in real messages"),
    ):
        for half in HALVES:
            rows += _rows(judged[sort][half], title, half, judged["by_form"])
    speed = judged["real"]["ms"]
    number = judged["real"]["messages"]
    rows.append(Row(f"guard: one of {number} messages", f"{speed:.2f} ms (CPU)"))
    return rows


def _judge(path):
    if not path:
        raise Failure("--conversations PATH is missing")
    done = subprocess.run(
        [venv.get(), "-m", "bench.guard_judge", str(path)],
        cwd=paths.ROOT,
        env={**os.environ, "PYTHONPATH": str(paths.ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failure(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def _rows(score, title, half, by_form):
    hit, wrong, missed = (Counter(score[one]) for one in ("hit", "wrong", "missed"))
    kinds = sorted({*hit, *wrong, *missed})
    yield _row(f"guard: {title}, {half}", hit, wrong, missed, kinds, half)
    for kind in kinds:
        how = "by form" if kind in by_form else "from the books"
        yield _row(f"  {kind} ({how})", hit, wrong, missed, [kind], None)


def _row(what, hit, wrong, missed, kinds, half):
    """:param half: only the total of the half nobody looked at has a target"""
    right, bad, lost = (
        sum(one[kind] for kind in kinds) for one in (hit, wrong, missed)
    )
    precision = right / (right + bad) if right + bad else 1.0
    recall = right / (right + lost) if right + lost else 1.0
    aim = half == HALVES[1]
    return Row(
        what,
        f"precision {precision:.3f}, recall {recall:.3f}",
        f"{right} right, {bad} wrong, {lost} missed",
        target=f"≥ {PRECISION}, ≥ {RECALL}" if aim else "",
        passed=precision >= PRECISION and recall >= RECALL if aim else None,
    )
