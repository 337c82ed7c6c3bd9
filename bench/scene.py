"""Inside Odoo: the people, teams and accounts that a row needs. Commits."""

from odoo import fields

from bench import bluesky_mentions, meta_mentions, x_mentions
from bench.mentions import Updates

AGENT = "helpdesk_mgmt.group_helpdesk_user"


def team(env, name, followers=0, notification="inbox"):
    """A team; ``followers`` users follow it and are notified of new tickets."""
    found = env["helpdesk.ticket.team"].create({"name": name})
    found.message_unsubscribe(found.message_partner_ids.ids)
    for number in range(followers):
        login = f"{name}-{number}".lower().replace(" ", "-")
        user = env["res.users"].create(
            {
                "name": f"{name} {number}",
                "login": login,
                "email": f"{login}@acme.example",
                "notification_type": notification,
                "group_ids": [(4, env.ref(AGENT).id)],
            }
        )
        found.message_subscribe(
            user.partner_id.ids,
            env["mail.message.subtype"]
            .search([("res_model", "in", ("helpdesk.ticket.team", False))])
            .ids,
        )
    env.cr.commit()
    return found


def account(env, code, settings, of_team, name="Bench"):
    """An account that is connected to nothing but may read what is journalled."""
    network = env["helpdesk.social.network"].search([("code", "=", code)])
    found = env["helpdesk.social.account"].create(
        {"name": f"{name} {code}", "network_id": network.id, "team_id": of_team.id}
    )
    found.set_settings(settings)
    return found


def connected(env, code, settings, of_team, name="Bench"):
    """An account connected to a simulator; whatever comes is new, no backlog."""
    found = account(env, code, settings, of_team, name)
    found.action_connect()
    found.connected_at = "2020-01-01 00:00:00"
    env.cr.commit()
    return found


def silent(env, code, of_team, name="Bench"):
    """An account whose items are journalled by hand; no server is needed."""
    if code == "telegram":
        bot = Updates("x", 0).bot
        values = {"token": f"{bot.id}:AAF-simulated_token_of_the_acme_bot_0"}
        facts = {"username": bot.username}
        external, handle = str(bot.id), bot.username
    elif code == "bluesky":
        values, facts = bluesky_mentions.SETTINGS, bluesky_mentions.FACTS
        external, handle = bluesky_mentions.OWN_ID, bluesky_mentions.HANDLE
    elif code == "x":
        values, facts = x_mentions.SETTINGS, x_mentions.FACTS
        external, handle = x_mentions.OWN_ID, x_mentions.HANDLE
    elif code in meta_mentions.CROWDS:
        crowd = meta_mentions.CROWDS[code]
        values, facts = crowd.SETTINGS, crowd.FACTS
        external, handle = crowd.OWN_ID, crowd.HANDLE
    else:
        values = {"base_url": "http://127.0.0.1:9", "access_token": "token-acme-0001"}
        external, handle = "https://us.example/users/acme", "acme@us.example"
        facts = {
            "id": external,
            "local_id": "1",
            "handle": handle,
            "domain": "us.example",
            "software": "mastodon",
            "version": "4.5.2",
            "url": "https://us.example/@acme",
        }
    found = account(env, code, values, of_team, name)
    found.sudo().write(
        {
            "state": "active",
            "external_id": external,
            "handle": handle,
            "facts": facts,
            "connected_at": fields.Datetime.to_datetime("2020-01-01 00:00:00"),
        }
    )
    found._remember_home()
    env.cr.commit()
    return found
