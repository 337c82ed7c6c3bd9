"""Inside Odoo: the same batches in a small and in a large database, turn by turn.

One process holds both registries, so that whatever else the machine does meets both.
"""

import logging
import statistics
import time
from datetime import datetime, timedelta, timezone

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.helpdesk_social.networks.items import RawItem
from odoo.addons.helpdesk_social.networks.telegram_update import raw_items

from bench import plans, scene
from bench.fill import fill
from bench.mentions import Mentions, Updates
from bench.table import Row, at_most, ms

_logger = logging.getLogger(__name__)

#: messages of a batch: by new people, by people we know, answers on open tickets
NEW, KNOWN, ANSWERS = 100, 50, 50
BATCHES, WARM_UP = 12, 2
#: a large help desk
AGENT, AGENTS, TEAMS = "bench-agent", 60, 20


def prepare(env, messages, people):
    teams = env["helpdesk.ticket.team"].create(
        [{"name": f"Bench {number}"} for number in range(TEAMS)]
    )
    agents = env["res.users"].create(
        [
            {
                "name": f"Bench Agent {number}",
                "login": f"{AGENT}-{number}",
                "group_ids": [(4, env.ref("helpdesk_mgmt.group_helpdesk_user_own").id)],
            }
            for number in range(AGENTS)
        ]
    )
    for number, agent in enumerate(agents):
        teams[number % TEAMS].user_ids |= agent
    account = scene.silent(env, "mastodon", teams[0])
    scene.silent(env, "telegram", teams[0])
    fill(env, account, teams, agents, messages, people)


def measure(env, other):
    with Registry(other).cursor() as cr:
        small = api.Environment(cr, SUPERUSER_ID, {})
        return [vars(one) for one in _measure(small, env)]


def _measure(small, large):
    rows = []
    for code, batch in (("mastodon", mastodon), ("telegram", telegram)):
        spent = {small: [], large: []}
        for turn in range(BATCHES):
            for env in (small, large):
                seconds = one_batch(env, code, batch(env, turn))
                if turn >= WARM_UP:
                    spent[env].append(seconds)
        ratio = statistics.median(spent[large]) / statistics.median(spent[small])
        best = min(spent[large]) / min(spent[small])
        rows.append(
            Row(
                f"a message with 1,000,000 stored ({code})",
                ms(spent[large]),
                f"with 1,000 stored: {ms(spent[small])}",
                **at_most(min(ratio, best), 1.2),
            )
        )
        queries = {}
        for env in (small, large):
            with plans.recorded() as queries[env]:
                one_batch(env, code, batch(env, BATCHES))
        rows.append(
            _plans(f"query plans of the intake ({code})", small, large, queries, True)
        )
    return rows + _lists(small, large)


def one_batch(env, code, items):
    """Seconds per message of a batch of new items."""
    account = env["helpdesk.social.account"].search([("network_code", "=", code)])
    new = env["helpdesk.social.event"]._journal(account.app_id, items, account)
    env.cr.commit()
    env.invalidate_all()
    started = time.perf_counter()
    done = env["helpdesk.social.intake"]._process_all(account)
    env.cr.commit()
    seconds = time.perf_counter() - started
    if not new == done == len(items):
        raise AssertionError(f"{done} of {new} of {len(items)} became messages")
    return seconds / new


def mastodon(env, turn):
    """People nobody knows, people who wrote before, and answers."""
    start = datetime.now(timezone.utc) - timedelta(hours=2)
    crowd = Mentions(f"n{turn}x", NEW, start)
    found = list(crowd.items(RawItem))
    known = Mentions("k", KNOWN, start)
    for number in range(turn * KNOWN, (turn + 1) * KNOWN):
        one = known.notification(number % 200)
        name = f"again{turn}-{number}"
        one["id"] = one["status"]["id"] = f"77{turn:04d}{number:06d}"
        one["status"]["uri"] = f"https://other.example/users/k/statuses/{name}"
        found.append(RawItem(f"notification:{name}", {"notification": one}))
    if turn:
        before = Mentions(f"n{turn - 1}x", ANSWERS, start)
        found += before.items(RawItem, 1)
    return found


def telegram(env, turn):
    """Private messages; half of the people wrote in the batch before."""
    account = env["helpdesk.social.account"].search([("network_code", "=", "telegram")])
    own = account._adapter().own
    found = []
    for update in Updates(f"t{turn}", NEW + KNOWN + ANSWERS).updates:
        found += raw_items(update, own)
    return found


def _plans(label, small, large, queries, same=False):
    """Every growing table must be reached by an index.

    :param same: and by the same one, however little is stored
    """
    count, different, whole = plans.compare(
        small, large, queries[small], queries[large]
    )
    for one in whole:
        _logger.warning("reads a growing table whole: %s", one)
    for one in different:
        _logger.warning("another way (small / large): %s", one)
    return Row(
        label,
        f"{count} queries",
        "the ways into the tables with 1,000 stored",
        f"{len(whole)} read all rows, {len(different)} by another index",
        "0 and 0" if same else "0 read all rows",
        not whole and not (same and different),
    )


def _lists(small, large):
    """What an agent with personal tickets opens: lists and searches."""
    rows, queries = [], {small: {}, large: {}}
    for label, opened in LISTS.items():
        spent = {small: [], large: []}
        for _turn in range(6):
            for env in (small, large):
                agent = env["res.users"].search([("login", "=", f"{AGENT}-1")])
                as_agent = env(user=agent.id, su=False)
                as_agent.invalidate_all()
                with plans.recorded() as found:
                    started = time.perf_counter()
                    opened(as_agent)
                    spent[env].append(time.perf_counter() - started)
                queries[env] |= found
        rows.append(
            Row(
                f"an agent's list: {label}",
                ms(spent[large]),
                f"with 1,000 stored: {ms(spent[small])}",
                f"{min(spent[large]) / min(spent[small]):.2f} ×",
            )
        )
    label = "query plans of an agent's lists"
    return [*rows, _plans(label, small, large, queries)]


def _messages(env, domain):
    return env["helpdesk.social.message"].search(domain, limit=80).mapped("preview")


def _ticket_page(env):
    ticket = env["helpdesk.ticket"].search([("user_id", "=", env.uid)], limit=1)
    return ticket.social_page


#: what people open, by name
LISTS = {
    "messages": lambda env: _messages(env, []),
    "messages that wait": lambda env: _messages(env, [("waiting", "=", True)]),
    "conversations": lambda env: (
        env["helpdesk.social.conversation"].search([], limit=80).mapped("display_name")
    ),
    "people by name": lambda env: env["helpdesk.social.identity"].name_search(
        "Person k19", limit=8
    ),
    "my tickets that wait": lambda env: env["helpdesk.ticket"].search(
        [("social_waiting", "=", True), ("user_id", "=", env.uid)], limit=80
    ),
    "a ticket's page": _ticket_page,
}
