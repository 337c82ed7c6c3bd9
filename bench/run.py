"""Which rows there are, in the order of the table.

``scripts/bench.py`` runs them; ``ARGS="--only intake,webhook"`` chooses some.
"""

import importlib

ROWS = ("intake", "scale", "webhook", "outbox", "live", "form", "memory")


def choose(names):
    unknown = set(names) - set(ROWS)
    if unknown:
        raise ValueError(f"no such rows: {', '.join(sorted(unknown))}")
    return [name for name in ROWS if not names or name in names]


def load(name):
    return importlib.import_module(f"bench.{name}")
