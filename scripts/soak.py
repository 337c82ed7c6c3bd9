#!/usr/bin/env python3
"""Random crashes: Odoo is killed while messages arrive and replies leave.

Against Mastodon with and without keys and Telegram, on a durable database server.
Prints what was sent, lost, doubled and uncertain; lost and doubled must be 0,
uncertain no more than the replies that were leaving when Odoo was killed, and 0 where
the network has keys. ARGS="--kills 10 --inside 2" for a quick one.
"""

import argparse
import contextlib
import random
import sys

from devkit import console, odoo, paths, processes

#: name -> (simulator, its options, network)
NETWORKS = {
    "mastodon": ("mastodon", {}, "mastodon"),
    "keyless": ("mastodon", {"no_keys": True, "domain": "plain.example"}, "mastodon"),
    "telegram": ("telegram", {}, "telegram"),
}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100, help="at least so many")
    parser.add_argument(
        "--inside", type=int, help="of them while a reply is leaving (a fifth)"
    )
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    if options.inside is None:
        options.inside = max(1, options.kills // 5)
    return options


def main():
    options = arguments()
    sys.path.insert(0, str(paths.ROOT))
    from bench.lab import Lab, Server
    from bench.names import SOAK_LOGIN, SOAK_PASSWORD
    from bench.soak import Soak

    console.say(f"seed {options.seed}")
    with contextlib.ExitStack() as stack:
        stack.enter_context(processes.signals_as_interrupt())
        ready = stack.enter_context(odoo.ready("durable"))
        server = Server(ready.cluster)
        # its databases are made and dropped under fixed names
        stack.enter_context(paths.lock(paths.work("locks", "bench")))
        lab = Lab(server)
        stack.callback(lab.close)
        simulators = {
            name: stack.enter_context(lab.simulator(kind, **more))
            for name, (kind, more, _code) in NETWORKS.items()
        }
        database = stack.enter_context(lab.database("soak"))
        networks = {
            name: (NETWORKS[name][2], simulator.settings)
            for name, simulator in simulators.items()
        }
        accounts = lab.inside(
            database,
            "soak_inside",
            "prepare",
            networks=networks,
            login=SOAK_LOGIN,
            password=SOAK_PASSWORD,
        )
        soak = Soak(server, database, simulators, accounts, options.seed)
        try:
            with console.step(f"{options.kills} crashes"):
                lines, broken = soak.run(options.kills, options.inside)
        finally:
            if soak.child:
                soak.kill()
    for line in lines:
        console.say(line)
    if soak.inside < options.inside:
        broken.append(f"only {soak.inside} kills while a reply was leaving")
    for line in broken:
        console.say(f"BROKEN  {line}")
    return 1 if broken else 0


console.main(main)
