"""The floor: one bulk ORM create of the rows that the intake leaves behind.

Identities, conversations, tickets with numbers drawn in one query, messages, and the
message in each ticket's log; all values are known beforehand, nothing is looked up or
decided.
"""

import time
from datetime import datetime, timezone

from odoo import fields

from bench.mentions import WORDS


def floor(env, account, team, prefix, count):
    """Seconds per ticket."""
    numbers = range(count)
    company, network = account.company_id, account.network_id
    now = fields.Datetime.now()
    people = [_person(company, network, prefix, number) for number in numbers]
    tickets = env["helpdesk.ticket"].with_context(
        tracking_disable=True, mail_create_nosubscribe=True
    )
    stage = team._get_applicable_stages()[:1]
    subtype = env.ref("helpdesk_mgmt.hlp_tck_created")
    author = env.ref("base.partner_root")
    env.flush_all()
    started = time.perf_counter()
    identities = env["helpdesk.social.identity"].create(people)
    drawn = tickets._social_numbers(company, count)
    made = tickets.create(
        [
            {
                "number": drawn[number],
                "name": WORDS.format(n=number)[:80],
                "description": f"<p>{WORDS.format(n=number)}</p>",
                "user_id": False,
                "team_id": team.id,
                "company_id": company.id,
                "channel_id": network.channel_id.id,
                "stage_id": stage.id,
                "partner_id": False,
                "partner_name": people[number]["name"],
                "partner_email": False,
            }
            for number in numbers
        ]
    )
    threads = env["helpdesk.social.conversation"].create(
        [
            {
                "account_id": account.id,
                "company_id": company.id,
                "key": f"{prefix}/{number}",
                "audience": "public",
                "identity_id": identities[number].id,
                "ticket_id": made[number].id,
                "last_message_at": now,
                "last_inbound_at": now,
                "participant_ids": [(6, 0, identities[number].ids)],
            }
            for number in numbers
        ]
    )
    env["helpdesk.social.message"].create(
        [
            {
                **_message(account, network, company, prefix, number, now),
                "identity_id": identities[number].id,
                "conversation_id": threads[number].id,
                "ticket_id": made[number].id,
            }
            for number in numbers
        ]
    )
    env["mail.message"].create(
        [
            {
                "model": "helpdesk.ticket",
                "res_id": made[number].id,
                "record_name": made[number].name,
                "message_type": "notification",
                "subtype_id": subtype.id,
                "author_id": author.id,
                "email_from": author.email_formatted,
                "is_internal": True,
                "body": "<p>New public message</p>",
                "reply_to": False,
            }
            for number in numbers
        ]
    )
    env.cr.commit()
    return (time.perf_counter() - started) / count


def _person(company, network, prefix, number):
    name = f"{prefix}{number}"
    return {
        "company_id": company.id,
        "network_id": network.id,
        "scope": "",
        "external_id": f"https://floor.example/users/{name}",
        "handle": f"{name}@floor.example",
        "name": f"Person {name}",
        "url": f"https://floor.example/@{name}",
        "verified": False,
        "bot": False,
        "shared": False,
    }


def _message(account, network, company, prefix, number, now):
    key = f"https://floor.example/users/{prefix}{number}/statuses/1"
    return {
        "account_id": account.id,
        "network_id": network.id,
        "company_id": company.id,
        "key": key,
        "refs": {str(account.id): key},
        "direction": "in",
        "origin": "customer",
        "audience": "public",
        "text": WORDS.format(n=number),
        "language": "en",
        "permalink": key,
        "mentions": [{"id": "1", "handle": "acme", "name": ""}],
        "extra": {"visibility": "public"},
        "sent_at": now,
        "received_at": datetime.now(timezone.utc).replace(tzinfo=None),
        "waiting": True,
        "why": "new",
    }
