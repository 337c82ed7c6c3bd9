"""Inside Odoo: what the webhook routes need, and what they left behind."""

from bench import scene
from bench.mentions import Updates


def prepare(env):
    """Our Telegram account; the address and secret of its webhook."""
    team = scene.team(env, "Bench webhook")
    account = scene.silent(env, "telegram", team)
    account.sudo().push = True
    app = account.app_id.sudo()
    app.webhook_secret = app.webhook_secret or "bench-secret-0123456789"
    env.cr.commit()
    return {
        "path": "/helpdesk_social/webhook/telegram/" + app.webhook_token,
        "secret": app.webhook_secret,
    }


def prepare_gateway(env):
    """OCA's Telegram gateway, connected without asking Telegram."""
    user = env.ref("base.user_admin")
    gateway = env["mail.gateway"].create(
        {
            "name": "Bench",
            "token": "700100200:AAF-simulated_token_of_the_acme_bot_0",
            "gateway_type": "telegram",
            "webhook_key": "bench",
            "webhook_secret": "bench-secret-0123456789",
            "integrated_webhook_state": "integrated",
            "webhook_user_id": user.id,
            "member_ids": [(6, 0, user.ids)],
        }
    )
    env.cr.commit()
    return {
        "path": f"/gateway/telegram/{gateway.webhook_key}/update",
        "secret": gateway.webhook_secret,
    }


def updates(env, prefix, count):
    """Telegram updates, each by another person."""
    return Updates(prefix, count).updates


def stored(env):
    """Rows that the routes have stored."""
    found = {"ours": env["helpdesk.social.event"].search_count([])}
    if "bench.bare" in env:
        found["bare"] = env["bench.bare"].search_count([])
    if "mail.gateway" in env:
        found["gateway"] = env["mail.message"].search_count(
            [("model", "=", "discuss.channel"), ("message_type", "=", "comment")]
        )
    return found
