"""Tickets from a backlog, and follow-ups: the intake beside Odoo's mail gateway."""

from bench.table import Row


def run(lab):
    with lab.database("intake") as database:
        rows = lab.inside(database, "intake_inside", "measure")
        with lab.simulator("mastodon", mentions=1000) as simulator:
            rows += lab.inside(
                database, "intake_inside", "measure_pull", settings=simulator.settings
            )
    return [Row(**one) for one in rows]
