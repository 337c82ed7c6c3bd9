"""What a message costs with 1,000,000 stored, beside what it costs with 1,000."""

from bench.table import Row

SIZES = {"small": (1_000, 200), "large": (1_000_000, 200_000)}


def run(lab):
    rows = []
    with lab.database("small") as small, lab.database("large") as large:
        for name, (messages, people) in SIZES.items():
            lab.inside(
                {"small": small, "large": large}[name],
                "scale_inside",
                "prepare",
                messages=messages,
                people=people,
            )
        rows += lab.inside(large, "scale_inside", "measure", other=small)
    return [Row(**one) for one in rows]
