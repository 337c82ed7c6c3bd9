"""Inside Odoo: an agent, and an account on the real fediverse server."""

import time

from bench import scene
from bench.live_inside import SCHEDULED
from bench.live_two_inside import ALL, PASSWORD, _user

#: seconds until the server has told us of a post (four to nine, tried out)
PATIENCE = 60


def prepare(env, url, token):
    """The account is connected; who waits for the first post is told its ticket."""
    env["ir.cron"].search([]).active = False
    team = scene.team(env, "Live fediverse")
    agent = _user(env, "fediverse", ALL)
    team.user_ids = agent
    account = env["helpdesk.social.account"].create(
        {
            "name": "Brand",
            "network_id": env.ref("helpdesk_social.network_mastodon").id,
            "base_url": url,
            "team_id": team.id,
            "undo_seconds": 0,
        }
    )
    account.set_settings({"access_token": token})
    account.action_connect()
    env.cr.commit()
    return {
        "account": account.id,
        "people": {"agent": agent.login},
        "password": PASSWORD,
    }


def hear(env, account, words):
    """Pull until somebody said so; from then on the scheduled actions do it."""
    account = env["helpdesk.social.account"].browse(account)
    messages, until = env["helpdesk.social.message"], time.monotonic() + PATIENCE
    found = messages.browse()
    while not found and time.monotonic() < until:
        account.action_pull()
        env.cr.commit()
        found = messages.search(
            [("account_id", "=", account.id), ("text", "like", words)]
        )
        time.sleep(1)
    found.ticket_id.user_id = env["res.users"].search(
        [("login", "=", "live-fediverse")]
    )
    for name in SCHEDULED:
        env.ref(f"helpdesk_social.{name}").active = True
    env.ref("helpdesk_social.cron_pull")._trigger()
    env.cr.commit()
    return {"ticket": found.ticket_id.id}
