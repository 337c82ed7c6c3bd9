"""Inside Odoo: the intake beside the mail gateway, and beside the ORM's own speed.

Both get the same words, in the same database, turn by turn, and the outcome of both is
counted: a way that leaves something out is not faster. The floor is the ORM's own
speed for the same rows.
"""

import json
import time

from odoo.addons.helpdesk_social.networks.items import Incoming, RawItem

from bench import meta_mentions, rules_inside, scene
from bench.bluesky_mentions import BlueskyMentions
from bench.floor import floor
from bench.mentions import Mentions, gateway_mail
from bench.table import Row, at_least, at_most, ms
from bench.x_mentions import XMentions

MENTIONS, MAILS, ROUNDS = 1000, 300, 3
INBOX, MAIL = "inbox", "email"
#: other networks than Mastodon whose mentions are compared as well
OTHERS = {"bluesky": BlueskyMentions, "x": XMentions, **meta_mentions.CROWDS}


def measure(env):
    env = env(context={**env.context, "lang": "en_US"})
    quiet = scene.team(env, "Bench quiet")
    followed = {
        kind: scene.team(env, f"Bench {kind}", followers=3, notification=kind)
        for kind in (INBOX, MAIL)
    }
    account = scene.silent(env, "mastodon", quiet)
    warm_up(env, account, quiet)
    rows, told = [], {}
    floors, crowds = [], []
    for turn in range(ROUNDS):
        told.setdefault("gateway", []).append(mails(env, quiet, f"q{turn}", 0)[0])
        spent, crowd = mentions(env, account, quiet, f"aq{turn}", 0)
        told.setdefault("intake", []).append(spent)
        crowds.append(crowd)
        floors.append(floor(env, account, quiet, f"f{turn}", MENTIONS))
    rows.append(
        _row("new tickets, nobody following", told["intake"], told["gateway"], 8)
    )
    ratio = min(told["intake"]) / min(floors)
    rows.append(
        Row(
            "new tickets beside the floor",
            f"{ms(told['intake'])} a ticket",
            f"bulk ORM create: {ms(floors)}",
            **at_most(ratio, 2),
        )
    )
    rows.append(rules_inside.row(env, account, quiet, mentions))
    for kind, team in followed.items():
        gateway, intake = [], []
        for turn in range(ROUNDS):
            gateway.append(mails(env, team, f"{kind}{turn}", 3)[0])
            intake.append(mentions(env, account, team, f"b{kind}{turn}", 3)[0])
        label = f"new tickets, three users told ({kind})"
        rows.append(_row(label, intake, gateway, 4))
    rows.append(follow_ups(env, account, quiet, crowds))
    rows.append(reading(account, Mentions))
    for code, crowd in OTHERS.items():
        account = scene.silent(env, code, quiet)
        rows += [other(env, account, quiet, told["gateway"]), reading(account, crowd)]
    return [vars(one) for one in rows]


def other(env, account, team, gateway):
    """The first row once more, with another network's mentions."""
    network, spent = account.network_id, []
    mentions(env, account, team, f"{network.code}w", 0, 5)
    for turn in range(ROUNDS):
        one, _crowd = mentions(env, account, team, f"{network.code}{turn}", 0)
        spent.append(one)
    return _row(f"new tickets from {network.name}", spent, gateway, 8)


def reading(account, crowd):
    """What the adapter alone takes to read one item of its journal."""
    adapter = account.sudo()._adapter()
    found = list(crowd("read", MENTIONS).items(RawItem))
    texts = [json.dumps(one.data) for one in found]
    spent, floors = [], []
    for _turn in range(ROUNDS):
        started = time.perf_counter()
        parsed = [adapter.parse(one) for one in found]
        spent.append((time.perf_counter() - started) / MENTIONS)
        started = time.perf_counter()
        for text in texts:
            json.loads(text)
        floors.append((time.perf_counter() - started) / MENTIONS)
    _expect(sum(isinstance(one, Incoming) for one in parsed), MENTIONS, "items read")
    return Row(
        f"reading one item of {account.network_id.name}",
        ms(spent),
        f"decoding its JSON: {ms(floors)}",
        f"{min(spent) / min(floors):.2f} ×",
    )


def _row(label, intake, gateway, wanted):
    return Row(
        label,
        f"{ms(intake)} a ticket",
        f"mail gateway: {ms(gateway)}",
        **at_least(min(gateway) / min(intake), wanted),
    )


def warm_up(env, account, team):
    """Caches, prepared statements and the first ticket's translations."""
    mails(env, team, "warm", 0, 5)
    mentions(env, account, team, "warm", 0, 5)


def mails(env, team, prefix, told, count=MAILS):
    """Seconds per ticket through the gateway, as `fetchmail` does it; message ids."""
    gateway = env["mail.thread"].with_context(
        fetchmail_cron_running=True,
        # mail is queued on both sides: no measurement speaks to a mail server
        mail_notify_force_send=False,
    )
    posts = [gateway_mail(prefix, number) for number in range(count)]
    before, notified = _tickets(env), _notified(env)
    started = time.perf_counter()
    for _message_id, post in posts:
        gateway.message_process(
            "helpdesk.ticket",
            post,
            custom_values={"team_id": team.id, "user_id": False},
        )
        env.cr.commit()
    spent = time.perf_counter() - started
    _expect(_tickets(env) - before, count, "tickets by mail")
    _expect_at_least(_notified(env) - notified, count * told, "notified by mail")
    return spent / count, [message_id for message_id, _post in posts]


def mentions(env, account, team, prefix, told, count=MENTIONS):
    """Seconds per ticket from the journal; the crowd, for what it says next."""
    account.team_id = team
    crowd = OTHERS.get(account.network_id.code, Mentions)(prefix, count)
    events = env["helpdesk.social.event"]
    events._journal(account.app_id, list(crowd.items(RawItem)), account)
    env.cr.commit()
    before, notified = _tickets(env), _notified(env)
    started = time.perf_counter()
    new = env["helpdesk.social.intake"]._process_all(account)
    env.cr.commit()
    spent = time.perf_counter() - started
    _expect(new, count, "new messages")
    _expect(_tickets(env) - before, count, "tickets by intake")
    _expect(_notified(env) - notified, count * told, "notified by intake")
    return spent / count, crowd


def follow_ups(env, account, team, crowds):
    """Everybody writes again on a ticket that is open."""
    events, intake = env["helpdesk.social.event"], env["helpdesk.social.intake"]
    gateway = env["mail.thread"].with_context(fetchmail_cron_running=True)
    ours, theirs = [], []
    account.team_id = team
    for turn, crowd in enumerate(crowds):
        events._journal(account.app_id, list(crowd.items(RawItem, 1)), account)
        env.cr.commit()
        before = _tickets(env)
        started = time.perf_counter()
        new = intake._process_all(account)
        env.cr.commit()
        ours.append((time.perf_counter() - started) / crowd.count)
        _expect(new, crowd.count, "follow-ups")
        prefix = f"q{turn}"
        first = [gateway_mail(prefix, number)[0] for number in range(MAILS)]
        posts = [
            gateway_mail(prefix, number, answers=above)[1]
            for number, above in enumerate(first)
        ]
        started = time.perf_counter()
        for post in posts:
            gateway.message_process("helpdesk.ticket", post)
            env.cr.commit()
        theirs.append((time.perf_counter() - started) / MAILS)
        _expect(_tickets(env) - before, 0, "tickets opened by follow-ups")
    return Row(
        "follow-ups on open tickets",
        f"{ms(ours)} a message",
        f"mail gateway, replies: {ms(theirs)}",
        **at_least(min(theirs) / min(ours), 8),
    )


def measure_pull(env, settings):
    """The same backlog, pulled from a server first."""
    team = scene.team(env, "Bench pulled")
    env["helpdesk.social.account"].search([]).sudo().write({"external_id": False})
    account = scene.connected(env, "mastodon", settings, team, "Pulled")
    account.network_id._get_adapter_class()
    gateway = mails(env, team, "pull", 0)[0]
    before = _tickets(env)
    started = time.perf_counter()
    new = account.sudo().action_pull()
    env.cr.commit()
    spent = (time.perf_counter() - started) / MENTIONS
    _expect(new, MENTIONS, "new messages pulled")
    _expect(_tickets(env) - before, MENTIONS, "tickets from what was pulled")
    return [vars(_row("the same, pulled from a server first", [spent], [gateway], 8))]


# --- was it done? -----------------------------------------------------------------
def _tickets(env):
    return env["helpdesk.ticket"].search_count([])


def _notified(env):
    return env["mail.notification"].search_count([])


def _expect(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found} instead of {wanted}")


def _expect_at_least(found, wanted, what):
    if found < wanted:
        raise AssertionError(f"{what}: {found}, at least {wanted} expected")
