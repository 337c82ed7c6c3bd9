"""Run by `odoo shell`: the brand's account on the Bluesky network of `make run`.

That network forgets everything at each start, its people's identities included: an
account of an earlier start is archived and a new one takes its place. Tickets stay.
"""

import json
import os

env = globals()["env"]


def brand():
    known = json.loads(os.environ["HELPDESK_SOCIAL_BLUESKY_NETWORK"])
    network = env.ref("helpdesk_social.network_bluesky")
    accounts = env["helpdesk.social.account"]
    accounts.search([("network_id", "=", network.id)]).action_archive()
    account = accounts.create({"name": "Brand support", "network_id": network.id})
    # demo data may be missing: then its tickets have no team
    team = env.ref("helpdesk_social.team_demo_social", raise_if_not_found=False)
    account.team_id = team
    account.set_settings(
        {
            "base_url": known["url"],
            "identifier": "brand.test",
            "app_password": known["people"]["brand.test"]["privileged"],
            "chat_did": f"{known['chatDid']}#bsky_chat",
            "directory": known["plc"],
        }
    )
    account.action_connect()
    account.action_pull()


brand()
env.cr.commit()
