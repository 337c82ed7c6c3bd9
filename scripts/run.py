#!/usr/bin/env python3
"""Start everything: Odoo with demo data, and real networks with customers.

Environment: PORT (Odoo's, 8069), REAL (which networks: fediverse, bluesky, or
fediverse,bluesky), FEDIVERSE_PORT (at the first start), BLUESKY_PORT, ODOO (an existing
Odoo 19), HELPDESK_SOCIAL_CACHE and HELPDESK_SOCIAL_WORK (where things are kept).
"""

import argparse
import contextlib
import os
import time
import urllib.error
import urllib.request

from devkit import bluesky, console, demo, odoo, paths, ports, processes

WELCOME = """
Odoo        http://localhost:{port}/odoo
            agent / agent · manager / manager · sales / sales · admin / admin"""
FEDIVERSE = """\
fediverse   {url}  (log in to write to @brand as a customer)
            {url}/jo/admin    jo / jo
            {url}/sam/admin   sam / sam"""
BLUESKY = """\
Bluesky     {url}  (no page: write to @brand as a customer with)
            scripts/bluesky_post.py joan "@brand my lamp broke"
            scripts/bluesky_post.py sami --private "My order is 4711"
            scripts/bluesky_post.py joan   (shows the answers)
            brand.test / brand · joan.test / joan · sami.test / sami; all is
            forgotten at the end"""
GOODBYE = "Logs are in {logs}. Ctrl-C stops everything.\n"


def main():
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    port = number("PORT", 8069)
    ports.claim(port, "PORT")
    wanted = [one.strip() for one in os.environ.get("REAL", "fediverse").split(",")]
    for name in wanted:
        if name not in NETWORKS:
            known = ", ".join(NETWORKS)
            raise console.Failure(f"REAL={name} is no network to start: {known}")
    with processes.signals_as_interrupt(), odoo.ready() as server:
        demo.prepare(server)
        demo.live_at(server, f"http://localhost:{port}")
        running, stack = [], contextlib.ExitStack()
        try:
            words = [WELCOME.format(port=port)]
            if "fediverse" not in wanted:
                demo.people(server)
            for name in wanted:
                words.append(NETWORKS[name](server, running, stack))
            with console.step("starting Odoo"):
                web = start(server, port)
                stack.callback(web.stop)
                running.append(web)
            # Scheduled actions would first run after a minute.
            server.cluster.sql(f"NOTIFY cron_trigger, '{demo.DATABASE}'")
            words.append(GOODBYE.format(logs=paths.work("logs")))
            console.say("\n".join(words))
            while all(one.running for one in running):
                time.sleep(0.5)
            [dead, *_others] = [one for one in running if not one.running]
            raise console.Failure(
                f"{dead.name} ended: {dead.last_words()} (log: {dead.log})"
            )
        except KeyboardInterrupt:
            console.say("\nstopping …")
        finally:
            stack.close()


def number(variable, default):
    """A port from the environment."""
    given = os.environ.get(variable) or default
    try:
        port = int(given)
    except ValueError:
        raise console.Failure(f"{variable}={given} is not a number") from None
    if not 0 < port < 65536:
        raise console.Failure(f"{variable}={port} is not a port: choose 1024 to 65535")
    return port


def start_fediverse(server, running, stack):
    network = demo.network()
    stack.callback(network.stop)
    network.start()
    running.append(network.process)
    demo.connect(server, network)
    return FEDIVERSE.format(url=network.url)


def start_bluesky(server, running, stack):
    network = bluesky.of_make_run(server.cluster)
    stack.callback(network.stop)
    port = None
    if os.environ.get("BLUESKY_PORT"):
        port = ports.claim(number("BLUESKY_PORT", 0), "BLUESKY_PORT")
    with console.step("starting the Bluesky network"):
        network.start_with_chat(port)
    running += [network.process, network.chat]
    demo.connect_bluesky(server, network)
    return BLUESKY.format(url=network.url)


NETWORKS = {"fediverse": start_fediverse, "bluesky": start_bluesky}


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
