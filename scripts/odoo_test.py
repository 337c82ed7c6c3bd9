#!/usr/bin/env python3
"""A quick test cycle: keep a database, run some Odoo tests on it.

The first run copies the template database and installs the addon; later runs only
reload Python code (add --update after a change of models, views, data or static files
of the bundle).
"""

import argparse
import time

from devkit import browser, console, odoo, paths, results


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--db", default="dev", help="name of the database (default: dev)"
    )
    parser.add_argument("--tags", default="/helpdesk_social", help="as for --test-tags")
    parser.add_argument("--update", action="store_true", help="update the addon first")
    parser.add_argument(
        "--fresh", action="store_true", help="start from a new database"
    )
    parser.add_argument("--verbose", action="store_true", help="show the whole log")
    return parser.parse_args()


def main():
    options = arguments()
    browser.ensure()
    with odoo.ready() as server, paths.lock(paths.work("locks", f"db-{options.db}")):
        words = [
            "-d",
            options.db,
            "--stop-after-init",
            *odoo.PATIENCE,
            *odoo.test_options(),
        ]
        words += ["--test-tags", options.tags]
        if options.fresh or options.db not in server.cluster.databases():
            server.copy(server.template(), options.db)
        if not server.installed(options.db):
            words += ["-i", "helpdesk_social"]
        elif options.update:
            words += ["-u", "helpdesk_social"]
        started = time.monotonic()
        log = paths.work_dir("logs") / f"odoo-test-{options.db}.log"
        code = server.run(*words, log=log)
    text = log.read_text(errors="replace")
    if options.verbose:
        console.say(text)
    result = results.odoo(text, code)
    for problem in result.problems:
        console.say(problem)
    seconds = time.monotonic() - started
    console.say(
        f"{result.passed} passed, {result.failed} failed in {seconds:.0f} s ({log})"
    )
    return 1 if result.failed else 0


if __name__ == "__main__":
    console.main(main)
