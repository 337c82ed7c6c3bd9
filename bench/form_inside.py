"""Inside Odoo: a ticket with many social messages, and one with as many plain ones."""

from datetime import timedelta

from odoo import fields

from bench import scene
from bench.names import LOGIN, PASSWORD


def prepare(env, messages):
    """Ids of (ticket with social messages, ticket with chatter messages)."""
    team = scene.team(env, "Bench form")
    account = scene.silent(env, "mastodon", team)
    reader(env)
    social, plain = env["helpdesk.ticket"].create(
        [
            {
                "name": f"{kind} ticket",
                "description": "<p>The parcel arrived broken</p>",
                "team_id": team.id,
                "user_id": False,
            }
            for kind in ("Social", "Plain")
        ]
    )
    _talk(env, account, social, messages)
    author = env["res.partner"].create({"name": "Jo", "email": "jo@other.example"})
    now = fields.Datetime.now()
    env["mail.message"].create(
        [
            {
                "model": "helpdesk.ticket",
                "res_id": plain.id,
                "message_type": "comment",
                "subtype_id": env.ref("mail.mt_comment").id,
                "author_id": author.id if number % 3 else env.user.partner_id.id,
                "body": f"<p>message {number} about the parcel that arrived</p>",
                "date": now - timedelta(minutes=messages - number),
            }
            for number in range(messages)
        ]
    )
    env.cr.commit()
    return social.id, plain.id


def reader(env):
    return env["res.users"].create(
        {
            "name": "Bench Reader",
            "login": LOGIN,
            "password": PASSWORD,
            "group_ids": [(4, env.ref("helpdesk_mgmt.group_helpdesk_user").id)],
        }
    )


def _talk(env, account, ticket, messages):
    """Five people in five public threads; every third message is an answer."""
    now = fields.Datetime.now()
    people = env["helpdesk.social.identity"].create(
        [
            {
                "company_id": account.company_id.id,
                "network_id": account.network_id.id,
                "external_id": f"https://other.example/users/form{number}",
                "handle": f"form{number}@other.example",
                "name": f"Person {number}",
            }
            for number in range(5)
        ]
    )
    threads = env["helpdesk.social.conversation"].create(
        [
            {
                "account_id": account.id,
                "key": f"form{number}",
                "audience": "public",
                "identity_id": person.id,
                "ticket_id": ticket.id,
            }
            for number, person in enumerate(people)
        ]
    )
    env["helpdesk.social.message"].create(
        [
            {
                "account_id": account.id,
                "network_id": account.network_id.id,
                "conversation_id": threads[number % 5].id,
                "ticket_id": ticket.id,
                "identity_id": people[number % 5].id if number % 3 else False,
                "key": f"https://other.example/form/{number}",
                "direction": "in" if number % 3 else "out",
                "origin": "customer" if number % 3 else "agent",
                "delivery_state": False if number % 3 else "sent",
                "audience": "public",
                "text": f"message {number} about the parcel that arrived",
                "sent_at": now - timedelta(minutes=messages - number),
                "waiting": number == messages - 1,
            }
            for number in range(messages)
        ]
    )
