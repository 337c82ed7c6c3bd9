"""Memory while pulling 100,000 mentions, beside pulling 10,000.

Each in a process of its own, against a server in another one.
"""

from bench.table import Row

FEW, MANY = 10_000, 100_000
#: MB
MOST = 50


def run(lab):
    peaks = {}
    for count in (FEW, MANY):
        with (
            lab.simulator("mastodon", mentions=count) as simulator,
            lab.database("memory") as database,
        ):
            settings = simulator.settings
            account = lab.inside(
                database, "memory_inside", "prepare", settings=settings
            )
            peaks[count] = lab.inside(
                database, "memory_inside", "pull", account=account, mentions=count
            )
    more = peaks[MANY]["after"] - peaks[FEW]["after"]
    return [
        Row(
            f"memory while pulling {MANY:,} mentions",
            f"{peaks[MANY]['after']:.0f} MB (before: {peaks[MANY]['before']:.0f})",
            f"{FEW:,} mentions: {peaks[FEW]['after']:.0f} MB",
            f"{more:+.0f} MB",
            f"≤ +{MOST} MB",
            more <= MOST,
        )
    ]
