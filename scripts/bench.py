#!/usr/bin/env python3
"""Measure: everything in bench/, beside what people have today, in one run.

The database server is a durable one (fsync), as in production. The table is printed
at the end; a missed target makes the exit code 1.
"""

import argparse
import contextlib
import os
import sys

from devkit import browser, console, odoo, paths, processes


def main():
    sys.path.insert(0, str(paths.ROOT))  # this file is called bench as well
    from bench import run, table
    from bench.lab import Lab, Server

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ", ".join((*run.ROWS, *run.WITH_FILE))
    parser.add_argument("--only", default="", help=f"rows, with commas: {names}")
    parser.add_argument(
        "--conversations",
        type=os.path.abspath,
        help="a file of real conversations, for " + ", ".join(run.WITH_FILE),
    )
    options = parser.parse_args()
    try:
        names = [one for one in options.only.split(",") if one]
        chosen = run.choose(names, options.conversations)
    except ValueError as error:
        raise console.Failure(str(error)) from None
    if {"live", "form"} & set(chosen):
        browser.ensure()
    rows = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(processes.signals_as_interrupt())
        ready = stack.enter_context(odoo.ready("durable"))
        server = Server(ready.cluster)
        # its databases are made and dropped under fixed names
        stack.enter_context(paths.lock(paths.work("locks", "bench")))
        lab = Lab(server)
        lab.conversations = options.conversations
        stack.callback(lab.close)
        for name in chosen:
            with console.step(f"measuring: {name}"):
                rows += _measure(run.load(name), name, lab, table)
        version = server.cluster.sql("SHOW server_version").split()[0]
        machine = table.machine(f"PostgreSQL {version} (fsync), ")
    console.say()
    for line in table.show(rows):
        console.say(line)
    console.say(f"\n{machine}")
    return int(any(row.passed is False for row in rows))


def _measure(module, name, lab, table):
    """The rows of one module; one that breaks must not hide the others."""
    try:
        return module.run(lab)
    except (console.Failure, AssertionError, OSError) as error:
        return [table.broken(name, error)]


console.main(main)
