"""Which new conversations of a batch belong to an incident: many people, one post.

Asked about conversations that would open a ticket and stand below a post. One query for
a batch with such conversations, none for a batch without; none at all where the
account's setting says never. Decides in memory; ``store`` notes what was opened.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from odoo.tools import SQL

from ..networks.items import PUBLIC
from . import common, ticket_policy

#: posts on the way up that are looked at; only those that are in memory anyway
HOPS = 20
#: characters of the post that the ticket's title quotes
QUOTE = 60


def root_of(batch, one):
    """Key of the topmost post above a message, as far as this batch knows; or False."""
    key, seen = one.parent, set()
    while key and key not in seen and len(seen) < HOPS:
        seen.add(key)
        slot = batch.messages.get(key)
        above = slot.get("parent_key") if slot else False
        if not above:
            break
        key = above
    return common.storable(key) or False


@dataclass(eq=False)
class Crowd:
    """The people below one post."""

    root: str
    threads: list = field(default_factory=list)
    #: the open incident's ticket, if there is one
    ticket: object = None
    #: the first conversation of a new incident, and those that join it
    first: object = None
    joining: list = field(default_factory=list)


def find(batch, threads):
    """{thread: Crowd} of the conversations that belong to an incident, open or new.

    :param threads: conversations without a ticket that ask for one
    """
    account, crowds = batch.account, {}
    if not account.incident_people:
        return {}
    for thread in threads:
        root = thread.values.get("root_key")
        if root and thread.audience == PUBLIC and not thread.record:
            crowds.setdefault(root, Crowd(root)).threads.append(thread)
    found = {}
    for crowd, ticket_id, stored in _known(batch, crowds) if crowds else ():
        ticket = batch.env["helpdesk.ticket"].browse(ticket_id or ())
        ticket = ticket._social_target() if ticket else ticket
        state = ticket._social_state(account, batch.now)
        if state == ticket_policy.OPEN:
            crowd.ticket = ticket
        else:
            since = _since(batch, crowd)
            people = {
                batch.identities.record(one.identity).id
                for one in crowd.threads
                if one.asking[-1].get("sent_at") >= since
            }
            if len(people - {False} | set(stored)) < account.incident_people:
                continue
        found.update(dict.fromkeys(crowd.threads, crowd))
    return found


def _since(batch, crowd):
    """By the network's clock: a backlog of days is no storm."""
    newest = max(one.asking[-1].get("sent_at") for one in crowd.threads)
    return newest - timedelta(minutes=batch.account.incident_minutes)


def _known(batch, crowds):
    """(crowd, ticket of its open incident, who wrote there lately) for each post."""
    account = batch.account
    conversations = batch.env["helpdesk.social.conversation"]
    conversations.flush_model(["root_key", "last_inbound_at", "identity_id"])
    rows = [(root, _since(batch, crowd)) for root, crowd in crowds.items()]
    # SQL: an index look-up per post, and never more people than the limit
    found = batch.env.execute_query(
        SQL(
            """
            SELECT r.root, i.ticket_id, ARRAY(
                    SELECT DISTINCT c.identity_id
                      FROM helpdesk_social_conversation c
                     WHERE c.account_id = %(account)s AND c.root_key = r.root
                       AND c.last_inbound_at >= r.since AND c.identity_id IS NOT NULL
                     LIMIT %(people)s)
              FROM (VALUES %(rows)s) AS r(root, since)
              LEFT JOIN helpdesk_social_incident i
                ON i.account_id = %(account)s AND i.root_key = r.root
               AND i.ended_at IS NULL
            """,
            account=account.id,
            people=account.incident_people,
            rows=SQL(", ").join(
                SQL("(%s, %s::timestamp)", root, since) for root, since in rows
            ),
        )
    )
    return [(crowds[root], ticket, people) for root, ticket, people in found]


def ticket_values(batch, crowd):
    """What the ticket of an incident has of its own: it is nobody's in particular."""
    slot = batch.messages.get(crowd.root)
    words = slot.get("text") if slot and slot.get("audience") == PUBLIC else ""
    quote = batch.env["helpdesk.ticket"]._social_quote(batch.account, words or "")
    quote = quote if len(quote) <= QUOTE else f"{quote[: QUOTE - 1]}…"
    name = (
        batch.env._("Incident: many people below “%(quote)s”", quote=quote)
        if quote
        else batch.env._("Incident: many people below one post")
    )
    return {
        "name": name,
        "social_incident": True,
        "priority": "2",
        "partner_id": False,
        "partner_name": False,
        "partner_email": False,
    }


def store(batch, crowds):
    """Note the incidents that were opened; those that are over make room."""
    opened = [one for one in dict.fromkeys(crowds.values()) if one.first]
    if not opened:
        return
    incidents = batch.env["helpdesk.social.incident"]
    incidents.search(
        [
            ("account_id", "=", batch.account.id),
            ("root_key", "in", [one.root for one in opened]),
            ("ended_at", "=", False),
        ]
    ).write({"ended_at": batch.now})
    # before the new ones, or the index would see two
    incidents.flush_model()
    incidents.create(
        [
            {
                "account_id": batch.account.id,
                "root_key": one.root,
                "ticket_id": one.first.ticket.id,
            }
            for one in opened
        ]
    )
