"""Run by `odoo shell`: people to log in as, and the brand's fediverse account.

Only for the database of `make run`, whose Odoo listens on the loopback interface.
Running it again changes nothing.
"""

import os

env = globals()["env"]

PEOPLE = {
    "agent": ("Alex Agent", ["helpdesk_mgmt.group_helpdesk_user"]),
    "manager": ("Mira Manager", ["helpdesk_mgmt.group_helpdesk_manager"]),
    "sales": ("Sasha Sales", ["sales_team.group_sale_salesman"]),
}


def people():
    for login, (name, groups) in PEOPLE.items():
        user = env["res.users"].search([("login", "=", login)])
        if user:
            # the demo data brings them; without crm it cannot know its groups
            user.group_ids = [(4, env.ref(group).id) for group in groups]
        else:
            env["res.users"].create(
                {
                    "name": name,
                    "login": login,
                    "password": login,
                    "email": f"{login}@example.com",
                    "group_ids": [(4, env.ref(group).id) for group in groups],
                }
            )


def brand():
    url = os.environ["HELPDESK_SOCIAL_SNAC_URL"]
    accounts = env["helpdesk.social.account"]
    network = env["helpdesk.social.network"].search([("code", "=", "mastodon")])
    account = accounts.search([("network_id", "=", network.id)], limit=1)
    if not account:
        account = accounts.create({"name": "Brand support", "network_id": network.id})
    # demo data may be missing: then its tickets have no team
    team = env.ref("helpdesk_social.team_demo_social", raise_if_not_found=False)
    account.team_id = account.team_id or team
    account.base_url = url
    account.set_settings(
        {"access_token": os.environ["HELPDESK_SOCIAL_SNAC_TOKEN_BRAND"]}
    )
    account.action_connect()
    account.action_pull()


people()
env.cr.commit()
# without a fediverse server, only the people are made
if os.environ.get("HELPDESK_SOCIAL_SNAC_URL"):
    brand()
    env.cr.commit()
