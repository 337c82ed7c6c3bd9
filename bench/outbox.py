"""Replies per second against a server without latency: one lane, and two.

The `sending` commit before each call and the commit of its result are on a durable
database, as in production.
"""

import statistics
import time

from bench.table import Row, at_least
from devkit import console, paths

REPLIES, ROUNDS = 300, 3


def run(lab):
    with (
        lab.simulator("mastodon", bare=True) as simulator,
        lab.database("outbox") as database,
    ):
        lab.inside(
            database,
            "outbox_inside",
            "prepare",
            settings=simulator.settings,
            people=REPLIES,
        )
        rates, queued = {1: [], 2: []}, []
        for turn in range(ROUNDS):
            for lanes in rates:
                rates[lanes].append(
                    _send(lab, database, f"{turn}-{lanes}", lanes, queued)
                )
        states = lab.inside(database, "outbox_inside", "states")
        taken = simulator("taken")["value"]
    sent = 2 * ROUNDS * REPLIES
    if states != {"sent": sent} or taken != sent:
        raise AssertionError(f"{sent} replies: {states}, the server took {taken}")
    one, two = max(rates[1]), max(rates[2])
    return [
        Row(
            "replies sent, one lane",
            f"{one:.0f}/s (median {statistics.median(rates[1]):.0f})",
            f"queueing one as a user: {min(queued) * 1000:.1f} ms",
            f"{one:.0f}/s",
            "≥ 50/s",
            one >= 50,
        ),
        Row(
            "replies sent, two lanes",
            f"{two:.0f}/s (median {statistics.median(rates[2]):.0f})",
            f"one lane: {one:.0f}/s",
            **at_least(two / one, 1.3),
        ),
    ]


def _send(lab, database, turn, lanes, queued):
    """Replies per second of so many lanes, from the first start to the last end."""
    folder = paths.work_dir("run")
    go = folder / f"go-{turn}"
    go.unlink(missing_ok=True)
    ready = [folder / f"ready-{turn}-{lane}" for lane in range(lanes)]
    for file in ready:
        file.unlink(missing_ok=True)
    running = [
        lab.start_inside(
            database, "outbox_inside", "deliver", ready=str(file), go=str(go)
        )
        for file in ready
    ]
    try:
        deadline = time.monotonic() + 300
        while not all(file.exists() for file in ready):
            if time.monotonic() > deadline or any(
                one.child.poll() is not None for one in running
            ):
                raise console.Failure(f"a lane did not start (log: {running[0].log})")
            time.sleep(0.05)
        told = lab.inside(database, "outbox_inside", "queue", turn=turn)
        queued.append(told["seconds"])
        go.touch()
        done = [one.result() for one in running]
    finally:
        for file in (go, *ready):
            file.unlink(missing_ok=True)
        for one in running:
            if one.child.poll() is None:
                one.child.kill()
    sent = sum(one["sent"] for one in done)
    if sent != told["replies"]:
        raise AssertionError(f"{sent} of {told['replies']} replies were sent")
    spent = max(one["end"] for one in done) - min(one["start"] for one in done)
    return sent / spent
