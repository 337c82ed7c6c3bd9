"""Inside Odoo: five people, a customer who writes in private and in public, and what is
said next."""

from odoo.addons.helpdesk_social.networks.items import RawItem
from odoo.addons.helpdesk_social.networks.telegram_update import raw_items

from bench import scene
from bench.live_inside import SCHEDULED
from bench.mentions import Mentions, Updates

PASSWORD = "a-long-password-for-tests"
ALL = "helpdesk_mgmt.group_helpdesk_user"
OWN = "helpdesk_mgmt.group_helpdesk_user_own"
MANAGER = "helpdesk_mgmt.group_helpdesk_manager"
#: sales: may change contacts, has no rights in the helpdesk
SALES = "base.group_partner_manager"
INTERNAL = "base.group_user"


def prepare(env):
    """One ticket of a Telegram chat; updates of the same person to be pushed."""
    env["ir.cron"].search([]).active = False
    team = scene.team(env, "Live")
    other = env["res.company"].create({"name": "Other Live Inc."})
    people = {
        "agent": _user(env, "agent", ALL),
        "colleague": _user(env, "colleague", OWN),
        "stranger": _user(
            env,
            "stranger",
            MANAGER,
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        ),
        "seller": _user(env, "seller", SALES),
        "outsider": _user(
            env,
            "outsider",
            SALES,
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        ),
    }
    team.user_ids = people["agent"]
    account = scene.silent(env, "telegram", team)
    account.sudo().push = True
    first = Updates("two", 1).updates[0]
    first["message"]["text"] = "live-first"
    first["message"].pop("entities", None)
    items = raw_items(first, account._adapter().own)
    env["helpdesk.social.event"]._journal(account.app_id, items, account)
    env["helpdesk.social.intake"]._process_all(account)
    message = env["helpdesk.social.message"].search(
        [("account_id", "=", account.id)], limit=1
    )
    ticket = message.ticket_id
    ticket.user_id = people["agent"]
    # one customer of all companies, behind both names
    customer = env["res.partner"].create({"name": "Live Customer"})
    message.identity_id.action_link(customer.id)
    public = scene.silent(env, "mastodon", team)
    _mention(env, public, 0, "live-heard-before")
    env["helpdesk.social.intake"]._process_all(public)
    env["helpdesk.social.identity"].search(
        [("network_id", "=", public.network_id.id), ("partner_id", "=", False)]
    ).action_link(customer.id)
    for name in SCHEDULED:
        env.ref(f"helpdesk_social.{name}").active = True
    app = account.app_id.sudo()
    env.cr.commit()
    return {
        "ticket": ticket.id,
        "customer": customer.id,
        "mastodon": public.id,
        "people": {name: user.login for name, user in people.items()},
        "password": PASSWORD,
        "path": "/helpdesk_social/webhook/telegram/" + app.webhook_token,
        "secret": app.webhook_secret,
        "updates": [_next(first, number) for number in range(2)],
    }


def say_publicly(env, account, turn, text):
    """The customer says something in public; a server's lane takes it from there."""
    public = env["helpdesk.social.account"].browse(account)
    _mention(env, public, turn, text)
    env["helpdesk.social.intake"]._wake_process()
    env.cr.commit()
    return {}


def _mention(env, account, turn, text):
    mentions = Mentions("live", 1)
    [item] = mentions.items(RawItem, turn)
    item.data["notification"]["status"]["content"] = f"<p>@acme {text}</p>"
    env["helpdesk.social.event"]._journal(account.app_id, [item], account)


def _user(env, name, group, **values):
    return env["res.users"].create(
        {
            "name": f"Live {name}",
            "login": f"live-{name}",
            "password": PASSWORD,
            "group_ids": [(4, env.ref(one).id) for one in (group, INTERNAL)],
            **values,
        }
    )


def _next(first, number):
    message = {
        **first["message"],
        "message_id": first["message"]["message_id"] + 1 + number,
        "date": first["message"]["date"] + 60 * (1 + number),
        "text": f"live-secret-{number}",
    }
    return {"update_id": first["update_id"] + 1 + number, "message": message}
