"""Which rows there are, in the order of the table.

``scripts/bench.py`` runs them; ``ARGS="--only intake,webhook"`` chooses some.
"""

import importlib

ROWS = ("intake", "scale", "webhook", "outbox", "live", "form", "memory", "suggest")
#: these judge a file of real conversations, which is no part of the addon
WITH_FILE = ("guard",)


def choose(names, conversations=None):
    """:param conversations: path of the file, for the rows that judge one"""
    unknown = set(names) - {*ROWS, *WITH_FILE}
    if unknown:
        raise ValueError(f"no such rows: {', '.join(sorted(unknown))}")
    if not conversations and set(names) & set(WITH_FILE):
        raise ValueError("these rows want --conversations PATH")
    possible = (*ROWS, *WITH_FILE) if conversations else ROWS
    return [name for name in possible if not names or name in names]


def load(name):
    return importlib.import_module(f"bench.{name}")
