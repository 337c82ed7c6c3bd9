#!/usr/bin/env python3
"""Start everything: Odoo with demo data, and a real fediverse server with customers.

Environment: PORT (Odoo's, 8069), FEDIVERSE_PORT (at the first start), ODOO (an
existing Odoo 19), HELPDESK_SOCIAL_CACHE and HELPDESK_SOCIAL_WORK (where things are
kept).
"""

import argparse
import os
import time
import urllib.error
import urllib.request

from devkit import console, demo, odoo, paths, ports, processes

WELCOME = """
Odoo        http://localhost:{port}/odoo
            agent / agent · manager / manager · sales / sales · admin / admin
fediverse   {fediverse}  (log in to write to @brand as a customer)
            {fediverse}/jo/admin    jo / jo
            {fediverse}/sam/admin   sam / sam
Logs are in {logs}. Ctrl-C stops everything.
"""


def main():
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    try:
        port = int(os.environ.get("PORT") or 8069)
    except ValueError:
        raise console.Failure(f"PORT={os.environ['PORT']} is not a number") from None
    if not 0 < port < 65536:
        raise console.Failure(f"PORT={port} is not a port: choose 1024 to 65535")
    ports.claim(port, "PORT")
    with processes.signals_as_interrupt(), odoo.ready() as server:
        demo.prepare(server)
        demo.live_at(server, f"http://localhost:{port}")
        network = demo.network()
        web = None
        try:
            network.start()
            demo.connect(server, network)
            with console.step("starting Odoo"):
                web = start(server, port)
            # Scheduled actions would first run after a minute.
            server.cluster.sql(f"NOTIFY cron_trigger, '{demo.DATABASE}'")
            console.say(
                WELCOME.format(
                    port=port, fediverse=network.url, logs=paths.work("logs")
                )
            )
            while web.running and network.process.running:
                time.sleep(0.5)
            dead = network.process if web.running else web
            raise console.Failure(
                f"{dead.name} ended: {dead.last_words()} (log: {dead.log})"
            )
        except KeyboardInterrupt:
            console.say("\nstopping …")
        finally:
            if web:
                web.stop()
            network.stop()


def start(server, port):
    # One process with threads: web pages, websocket and scheduled actions on a single
    # port, which several processes would need a proxy in front for.
    options = ["-d", demo.DATABASE, "--db-filter", f"^{demo.DATABASE}$", *odoo.PATIENCE]
    options += [f"--http-port={port}", "--workers=0", "--max-cron-threads=2"]
    web = processes.Process("odoo", server.command(*options), env=server.environment)
    deadline = time.monotonic() + 120
    while web.running and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/web/health", timeout=5
            ):
                return web
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    last = web.last_words()
    web.stop()
    raise console.Failure(f"Odoo did not start: {last} (log: {web.log})")


console.main(main)
