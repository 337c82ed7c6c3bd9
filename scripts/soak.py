#!/usr/bin/env python3
"""Random crashes on a durable database server, made by tests/real/soak.py.

It is run with the project's Python and finds in its environment: PGHOST, PGPORT,
PGUSER, HELPDESK_SOCIAL_DATABASE (addon installed), HELPDESK_SOCIAL_ODOO (the command
that starts Odoo, as a JSON list; the rest of its settings are in the environment
too), HELPDESK_SOCIAL_PORT (for Odoo) and what the real-server tests get. It ends by
itself and must end what it started.
"""

import argparse
import contextlib
import json
import os
import subprocess

from devkit import console, fediverse, odoo, paths, ports, processes

DATABASE = "soak"
SCRIPT = paths.ROOT / "tests" / "real" / "soak.py"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _options, rest = parser.parse_known_args()
    if not SCRIPT.exists():
        raise console.Failure("there is no tests/real/soak.py in this checkout")
    with contextlib.ExitStack() as stack:
        stack.enter_context(processes.signals_as_interrupt())
        server = stack.enter_context(odoo.ready("durable"))
        server.copy(server.template(), DATABASE)
        stack.callback(server.drop, DATABASE)
        with console.step("installing the addon"):
            log = paths.work_dir("logs") / "soak-install.log"
            server.install(DATABASE, [paths.ADDON], log=log)
        network = fediverse.Server(paths.work("fediverse-soak"))
        network.create()
        stack.callback(network.stop)
        network.start()
        env = {
            **server.environment,
            **network.environment(),
            "HELPDESK_SOCIAL_DATABASE": DATABASE,
            "HELPDESK_SOCIAL_ODOO": json.dumps(server.command("-d", DATABASE)),
            "HELPDESK_SOCIAL_PORT": str(ports.free()),
        }
        command = [str(server.python), str(SCRIPT), *rest]
        return subprocess.run(command, env=env, stdin=subprocess.DEVNULL).returncode


console.main(main)
