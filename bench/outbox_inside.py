"""Inside Odoo: replies are queued, then lanes send them. One process is one lane."""

import os
import time

from odoo.addons.helpdesk_social.networks.items import RawItem

from bench import scene
from bench.mentions import Mentions


def prepare(env, settings, people):
    """Tickets of ``people`` persons, ready to be answered."""
    team = scene.team(env, "Bench outbox")
    account = scene.connected(env, "mastodon", settings, team)
    crowd = Mentions("outbox", people)
    events = env["helpdesk.social.event"]
    events._journal(account.app_id, list(crowd.items(RawItem)), account)
    found = env["helpdesk.social.intake"]._process_all(account)
    env.cr.commit()
    if found != people:
        raise AssertionError(f"{found} of {people} mentions")
    return None


def queue(env, turn):
    """Answer every ticket as a user; seconds per reply queued."""
    env = env(user=env.ref("base.user_admin").id, su=False)
    tickets = env["helpdesk.ticket"].search([("social_linked", "=", True)])
    started = time.perf_counter()
    for ticket in tickets:
        ticket.social_reply(
            f"We send another one ({turn})", "public", key=f"{turn}-{ticket.id}"
        )
    env.cr.commit()
    return {
        "replies": len(tickets),
        "seconds": (time.perf_counter() - started) / len(tickets),
    }


def deliver(env, ready, go):
    """One lane: waits for the others, sends what it gets; when, and how many.

    :param ready: file that says that this process has loaded everything
    :param go: file for which all lanes wait
    """
    outbox = env["helpdesk.social.outbox"]
    outbox._cron_deliver()  # nothing to send yet: only the first run's loading
    with open(ready, "w"):
        pass
    while not os.path.exists(go):
        time.sleep(0.005)
    sent, send = [], type(outbox)._send

    def note(outbox, message):
        result = send(outbox, message)
        sent.append(message.id)
        return result

    type(outbox)._send = note
    started = time.monotonic()
    outbox._cron_deliver()
    env.cr.commit()
    return {"start": started, "end": time.monotonic(), "sent": len(sent)}


def states(env):
    groups = env["helpdesk.social.message"]._read_group(
        [("direction", "=", "out")], ["delivery_state"], ["__count"]
    )
    return dict(groups)
