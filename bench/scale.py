"""What a message costs with 1,000,000 stored, beside what it costs with 1,000."""

from bench.table import Row

SIZES = {"small": (1_000, 200), "large": (1_000_000, 200_000)}


def run(lab):
    rows = []
    with lab.database("small") as small, lab.database("large") as large:
        for name, (messages, people) in SIZES.items():
            database = {"small": small, "large": large}[name]
            lab.inside(
                database, "scale_inside", "prepare", messages=messages, people=people
            )
            # what the database server would do by itself within the minute
            lab.server.cluster.sql("VACUUM ANALYZE", database)
        rows += lab.inside(large, "scale_inside", "measure", other=small)
    return [Row(**one) for one in rows]
