"""Inside Odoo: the accounts, the agent and the crons of the soak test."""

from bench import scene

#: scheduled actions that stay switched on
CRONS = ("cron_pull", "cron_process", "cron_deliver")


def prepare(env, networks, login, password):
    """Connect an account per simulator; {name: account id}.

    :param networks: {name: (network code, settings)}
    """
    env["res.users"].create(
        {
            "name": "Soak Agent",
            "login": login,
            "password": password,
            "group_ids": [(4, env.ref("helpdesk_mgmt.group_helpdesk_user").id)],
        }
    )
    accounts = {}
    for name, (code, settings) in networks.items():
        team = scene.team(env, f"Soak {name}")
        accounts[name] = scene.connected(env, code, settings, team, name).id
    for name in CRONS:
        env.ref(f"helpdesk_social.{name}").active = True
    env.cr.commit()
    return accounts
