"""Inside Odoo: an agent with a ticket of a Telegram conversation on the screen."""

from odoo.addons.helpdesk_social.networks.telegram_update import raw_items

from bench import form_inside, scene
from bench.mentions import Updates
from bench.names import LOGIN

SCHEDULED = ("cron_pull", "cron_process", "cron_deliver")


def prepare(env, samples):
    """The ticket, the webhook, and the next messages of the same person."""
    team = scene.team(env, "Bench live")
    form_inside.reader(env)
    account = scene.silent(env, "telegram", team)
    account.sudo().push = True
    updates = Updates("live", 1).updates
    items = raw_items(updates[0], account._adapter().own)
    env["helpdesk.social.event"]._journal(account.app_id, items, account)
    env["helpdesk.social.intake"]._process_all(account)
    ticket = env["helpdesk.ticket"].search([("social_linked", "=", True)])
    ticket.user_id = env["res.users"].search([("login", "=", LOGIN)])
    for name in SCHEDULED:
        env.ref(f"helpdesk_social.{name}").active = True
    app = account.app_id.sudo()
    env.cr.commit()
    first = updates[0]
    later = []
    for number in range(samples):
        message = {
            **first["message"],
            "message_id": first["message"]["message_id"] + 1 + number,
            "date": first["message"]["date"] + 60 * (1 + number),
            "text": f"live-sample-{number:03d}",
        }
        message.pop("entities", None)
        later.append({"update_id": first["update_id"] + 1 + number, "message": message})
    return {
        "ticket": ticket.id,
        "path": "/helpdesk_social/webhook/telegram/" + app.webhook_token,
        "secret": app.webhook_secret,
        "updates": later,
    }
