"""Inside Odoo: pull everything that a server has, and tell how much memory it took."""

import resource

from bench import scene


def prepare(env, settings):
    team = scene.team(env, "Bench memory")
    return scene.connected(env, "mastodon", settings, team).id


def pull(env, account, mentions):
    """The process's largest size in MB, before the pull and after it."""
    account = env["helpdesk.social.account"].sudo().browse(account)
    events = env["helpdesk.social.event"]
    account._adapter()
    before = _peak()
    known, idle = 0, 0
    while known < mentions and idle < 3:
        error = account._pull()
        if error:
            raise AssertionError(f"pull: {error}")
        env.cr.commit()
        now = events.search_count([("account_id", "=", account.id)])
        known, idle = now, idle + 1 if now == known else 0
    # the page that closes the gap may be one further call
    for _turn in range(3):
        if not events.search_count([("state", "=", "held")]):
            break
        account._pull()
    env.cr.commit()
    ready = events.search_count(
        [("account_id", "=", account.id), ("state", "=", "new")]
    )
    if ready != mentions:
        raise AssertionError(
            f"{ready} of {mentions} mentions are ready to be processed"
        )
    return {"before": before, "after": _peak()}


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
