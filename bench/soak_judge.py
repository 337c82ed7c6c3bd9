"""The soak test's judge: what was sent, lost, doubled, uncertain, per network.

Customers' eyes are the simulators; the rest is read from the database. A reply that
Odoo took is lost when no customer saw it and no agent is asked about it.
"""

import collections
import re

#: names of the networks whose server refuses a repeated key
KEYED = ("mastodon",)
HEAD = (
    "network     asked  sent  lost  doubled  uncertain  caught  in  in lost  in doubled"
)


def unsettled(soak):
    """Rows that are still going somewhere by themselves."""
    found = soak.sql(
        "SELECT count(*) FROM helpdesk_social_message WHERE delivery_state IN "
        "('queued', 'sending') OR delivery_state = 'uncertain' "
        "AND next_try_at IS NOT NULL"
    )
    waiting = soak.sql(
        "SELECT count(*) FROM helpdesk_social_event WHERE state IN ('new', 'held')"
    )
    return int(found) + int(waiting) + sum(map(len, _missing(soak).values()))


def _missing(soak):
    """Questions that are not in the database yet, per network."""
    known = _received(soak)
    return {
        name: [text for text in texts if not known[text]]
        for name, texts in soak.said.items()
    }


def _received(soak):
    """How often each question became a message with a ticket."""
    rows = soak.sql(
        "SELECT text FROM helpdesk_social_message "
        "WHERE direction = 'in' AND ticket_id IS NOT NULL"
    )
    return collections.Counter(re.findall(r"question-\w+-\d{4}", rows))


def judge(soak):
    """(lines to print, whether every invariant held)."""
    lines, broken = [HEAD], []
    received = _received(soak)
    for agent in soak.agents:
        name = agent.network
        seen = collections.Counter(
            text
            for post in soak.simulators[name]("seen")["value"]
            for text in re.findall(rf"answer-{name}-\d{{4}}", post)
        )
        states = _states(soak, name)
        lost = [
            text
            for text in agent.answered
            if not seen[text] and states.get(text) != "uncertain"
        ]
        doubled = [text for text, times in seen.items() if times > 1]
        uncertain = [text for text, state in states.items() if state == "uncertain"]
        late = [
            text
            for text, state in states.items()
            if state not in ("sent", "delivered", "read", "uncertain")
        ]
        caught = len(soak.caught[name])
        in_lost = [text for text in soak.said[name] if not received[text]]
        in_doubled = [text for text in soak.said[name] if received[text] > 1]
        lines.append(
            f"{name:<10}{len(agent.answered):>7}{len(seen):>6}{len(lost):>6}"
            f"{len(doubled):>9}{len(uncertain):>11}{caught:>8}"
            f"{len(soak.said[name]):>4}{len(in_lost):>9}{len(in_doubled):>12}"
        )
        for label, found in (
            ("replies lost", lost),
            ("replies doubled", doubled),
            ("replies that customers have, unknown to us", late),
            ("questions lost", in_lost),
            ("questions doubled", in_doubled),
        ):
            if found:
                broken.append(f"{name}: {label}: {', '.join(found[:5])}")
        if len(uncertain) > (0 if name in KEYED else caught):
            broken.append(f"{name}: {len(uncertain)} uncertain, {caught} caught")
        if agent.busy or (agent.refused and not agent.answered):
            broken.append(f"{name}: the agent was refused: {agent.refused}")
    broken += _tickets(soak)
    lines.append(f"{soak.kills} kills, {soak.inside} while a reply was leaving")
    return lines, broken


def _states(soak, name):
    """{answer: state of its row}."""
    rows = soak.sql(
        "SELECT outbox_key, delivery_state FROM helpdesk_social_message "
        f"WHERE account_id = {soak.accounts[name]} AND outbox_key IS NOT NULL"
    )
    pairs = (line.split("|") for line in rows.splitlines())
    return {key.rpartition(":")[0]: state for key, state in pairs}


def _tickets(soak):
    """Tickets beyond one per conversation, and dead events."""
    extra = soak.sql(
        "SELECT count(*) FROM helpdesk_ticket t WHERE NOT EXISTS (SELECT 1 FROM "
        "helpdesk_social_conversation c WHERE c.ticket_id = t.id)"
    )
    dead = soak.sql("SELECT count(*) FROM helpdesk_social_event WHERE state = 'dead'")
    found = []
    if int(extra):
        found.append(f"{extra} tickets without a conversation")
    if int(dead):
        found.append(f"{dead} dead events")
    return found
