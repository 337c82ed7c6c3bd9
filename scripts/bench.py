#!/usr/bin/env python3
"""Measure: run bench/run.py in Odoo's shell on a new database."""

import argparse
import subprocess

from devkit import console, odoo, paths

DATABASE = "bench"
SCRIPT = paths.ROOT / "bench" / "run.py"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--durable", action="store_true", help="with fsync, as in production"
    )
    parser.add_argument("--db-keep", action="store_true", help="keep the database")
    options = parser.parse_args()
    if not SCRIPT.exists():
        raise console.Failure("there is no bench/run.py in this checkout")
    with odoo.ready("durable" if options.durable else "relaxed") as server:
        server.copy(server.template(), DATABASE)
        try:
            log = paths.work_dir("logs") / "bench-install.log"
            with console.step("installing the addon"):
                server.install(DATABASE, [paths.ADDON], log=log)
            command = server.command(
                "shell", "-d", DATABASE, "--no-http", "--log-level=warn"
            )
            with open(SCRIPT) as source:
                return subprocess.run(
                    command, stdin=source, env=server.environment
                ).returncode
        finally:
            if not options.db_keep:
                server.drop(DATABASE)


console.main(main)
