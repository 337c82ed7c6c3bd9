#!/usr/bin/env python3
"""Run the tests, one stage after the other; the last line is `N passed, N failed`.

stages: pure (no database), addon (Odoo, Hoot, browser tours), apps (beside Sales,
Invoicing and another addon's network), live (browsers of several people on a real
server), real (real networks)
"""

import argparse
import contextlib
import time

from devkit import console, odoo, processes, results, stages


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--stage", action="append", choices=stages.STAGES, help="only this one"
    )
    parser.add_argument(
        "--only",
        default="",
        metavar="TAGS",
        help="only these Odoo tests, as for --test-tags",
    )
    parser.add_argument("--db-keep", action="store_true", help="keep the test database")
    options = parser.parse_args()
    if options.only and not options.stage:
        options.stage = [stages.of_tags(options.only)]
    options.stage = options.stage or list(stages.STAGES)
    return options


def main():
    options = arguments()
    table = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(processes.signals_as_interrupt())
        run = stages.Run(only=options.only)
        for name in options.stage:
            started = time.monotonic()
            result = stage(name, run, stack, options)
            table.append((name, result, time.monotonic() - started))
            if result.table:
                console.say(f"\n{result.table}\n")
            for problem in result.problems:
                console.say(f"\n[{name}] {problem}")
    return summary(table)


def stage(name, run, stack, options):
    """One stage; what keeps it from running is a failure of it."""
    try:
        if name in stages.WITH_DATABASE and run.server is None:
            run.server = stack.enter_context(odoo.ready())
            if not options.db_keep:
                stack.callback(run.server.drop, stages.DATABASE)
        with console.step(f"{name} tests"):
            return stages.STAGES[name](run)
    except console.Failure as error:
        result = results.Result()
        result.fail(str(error))
        return result


def summary(table):
    console.say(f"\n{'stage':<8}{'tests':>8}{'failures':>10}{'seconds':>9}")
    for name, result, seconds in table:
        console.say(f"{name:<8}{result.tests:>8}{result.failed:>10}{seconds:>9.0f}")
    passed = sum(result.passed for _name, result, _seconds in table)
    failed = sum(result.failed for _name, result, _seconds in table)
    console.say(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


console.main(main)
