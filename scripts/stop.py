#!/usr/bin/env python3
"""Stop what earlier commands of this checkout left running; optionally clean up.

Must never touch a process or a database server it has no record of.
"""

import argparse
import shutil

from devkit import console, paths, pg_binaries, postgres, processes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clean", action="store_true", help="remove the work folder")
    parser.add_argument(
        "--distclean", action="store_true", help="and the per-user cache"
    )
    options = parser.parse_args()
    for name in processes.stop_recorded():
        console.say(f"stopped {name}")
    clean = options.clean or options.distclean
    for flavour in postgres.FLAVOURS:
        cluster = postgres.Cluster(flavour)
        if cluster.running_now:
            cluster.stop()
            console.say(f"stopped PostgreSQL ({flavour})")
        if clean:
            cluster.remove()
    if clean:
        shutil.rmtree(paths.work(), ignore_errors=True)
    if options.distclean:
        programs = pg_binaries.wheel_folder(cluster.account)
        shutil.rmtree(programs, ignore_errors=True)
        shutil.rmtree(paths.cache(), ignore_errors=True)


console.main(main)
