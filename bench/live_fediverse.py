"""A real post on a real server, seen on the screen without loading the page again.

An agent has the ticket of a mention open. The customer goes on writing on the fediverse
server, and a colleague answers in the network's own app: Odoo's scheduled actions pull,
and both stand on the open form. Part of ``make test``; nothing is measured here.
"""

import contextlib

from bench.live_two import Checks, Desk

#: seconds until a post stands on the screen: the server delivers (9), the account is
#: asked every fifteen at the earliest, and a scheduled action waits for its minute
PATIENCE = 150


def run(lab, database, snac):
    """Checks on this database, which is changed, with a running server."""
    checks = Checks()
    told = lab.inside(
        database,
        "live_fediverse_inside",
        "prepare",
        url=snac.url,
        token=snac.token("brand"),
    )
    asked = snac.post("jo", "@brand live-question: where is my parcel?")
    told |= lab.inside(
        database,
        "live_fediverse_inside",
        "hear",
        account=told["account"],
        words="live-question",
    )
    checks("the mention has a ticket", told["ticket"])
    if checks.wrong:
        return checks
    options = ("--workers=2", "--max-cron-threads=2", "--log-level=warn")
    with (
        lab.web(database, *options) as (_web, http, gevent),
        contextlib.ExitStack() as stack,
    ):
        agent = Desk(stack, "agent", http, gevent, database, told)
        agent.open("form", f"/odoo/helpdesk.ticket/{told['ticket']}", "live-question")
        agent.settle()
        snac.post("jo", "@brand live-hurry, please", below=asked["id"])
        # written in the network's own app
        snac.post("brand", "@jo live-native: tomorrow", below=asked["id"])
        for what in ("live-hurry", "live-native"):
            script = f"document.body.innerText.includes('{what}')"
            checks(f"the form shows {what}", *agent.shows("form", script, PATIENCE))
        checks("the page was not loaded again", agent.never_left())
        checks("no text in the socket", b"live-hurry" not in agent.sockets)
    return checks
