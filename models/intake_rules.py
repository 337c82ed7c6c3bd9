"""Triage rules for a batch: what is known of each message, and what the rules say.

Asked about conversations that would open a ticket, and no others. Reads for the whole
batch at once, and only what a rule asks for; decides and writes nothing. Where nobody
has made rules it costs nothing.
"""

import logging
from dataclasses import dataclass

from odoo.fields import Command
from odoo.tools import SQL

from ..texts.rules import Facts, Watch, judge
from . import ticket_policy

_logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Judged:
    """One conversation: the message that decides, and what is said of each."""

    slot: object
    verdict: object
    verdicts: dict

    @property
    def ruled_out(self):
        """Only when no message of it asks for a ticket."""
        return self.verdict.ruled_out

    def explain(self):
        """Each message says why, whatever becomes of it."""
        for slot, verdict in self.verdicts.items():
            if verdict.why:
                slot.values["why_rules"] = verdict.why

    def ticket_values(self, env):
        return ticket_values(env, self.verdict)


def ticket_values(env, verdict):
    """What a verdict changes of a ticket that is opened."""
    said, values = verdict.results, {}
    if "team" in said:
        team = env["helpdesk.ticket.team"].browse(said["team"])
        values["team_id"] = team.id
        stage = team._get_applicable_stages()[:1]
        if stage:
            values["stage_id"] = stage.id
    if "user" in said:
        values["user_id"] = said["user"]
    if "priority" in said:
        values["priority"] = said["priority"]
    if verdict.tags:
        values["tag_ids"] = [Command.set(verdict.tags)]
    return values


def judge_threads(batch, threads):
    """{thread: Judged} of those that some rule is about."""
    model = batch.env["helpdesk.social.rule"]
    rules, asked = model._compiled(batch.account.company_id.id)
    if not rules or not threads:
        return {}
    watch, result = Watch(), {}
    for thread, facts in _facts(batch, threads, model, asked).items():
        verdicts = {slot: judge(rules, one, watch) for slot, one in facts.items()}
        if any(one.why for one in verdicts.values()):
            slot = next(
                (slot for slot, one in verdicts.items() if not one.ruled_out),
                thread.asking[0],
            )
            result[thread] = Judged(slot, verdicts[slot], verdicts)
    _report(watch)
    return _still_there(batch.env, result)


def _report(watch):
    for rule_id in watch.slow:
        _logger.warning("triage rule %s takes too long: left out for now", rule_id)
    for rule_id, error in watch.failed.items():
        _logger.warning("triage rule %s is left out: %r", rule_id, error)


def _still_there(env, judged):
    """A rule that is being deleted elsewhere must not take our messages along."""
    ids = {
        rule_id
        for one in judged.values()
        for verdict in one.verdicts.values()
        for rule_id, _reasons in verdict.why
    }
    if not ids:
        return judged
    # SQL: the ORM has no lock that only keeps a row from being deleted
    env.cr.execute(
        SQL(
            "SELECT id FROM helpdesk_social_rule WHERE id IN %s ORDER BY id "
            "FOR KEY SHARE",
            tuple(sorted(ids)),
        )
    )
    if {row[0] for row in env.cr.fetchall()} >= ids:
        return judged
    _logger.info("a triage rule was deleted meanwhile: no rule is asked this time")
    return {}


def _facts(batch, threads, model, asked):
    """{thread: {slot: Facts}}"""
    records, account = batch.identities.record, batch.account
    fresh = frozenset(batch.identities.fresh.ids)
    people = {
        slot.identity: records(slot.identity)
        for thread in threads
        for slot in thread.asking
    }
    partners = batch.env["res.partner"]
    if asked:
        partners = partners.union(*(one.partner_id for one in people.values()))
    business = model._business(partners, account.company_id, asked) if partners else {}
    result = {}
    for thread in threads:
        result[thread] = {}
        for slot in thread.asking:
            person = people[slot.identity]
            result[thread][slot] = facts = person_facts(person, asked, business, model)
            facts.text = slot.get("text") or ""
            facts.language = slot.get("language") or ""
            facts.network, facts.account = batch.network.id, account.id
            facts.audience = thread.audience
            facts.thanks = ticket_policy.kind_of(facts.text) == ticket_policy.THANKS
            facts.reply = bool(slot.get("parent_key"))
            facts.first = person.id in fresh and not thread.record
            facts.at = slot.get("sent_at")
    return result


def person_facts(person, asked, business, model):
    """What is known of the author.

    :param asked: names of the facts that a rule asks for
    :param business: what ``helpdesk.social.rule._business`` found
    """
    partner = person.partner_id
    facts = Facts(
        author=person.id or 0,
        handle=person.handle or "",
        followers=person.followers,
        verified=person.verified,
        known=bool(partner),
    )
    if partner and "tags" in asked:
        facts.tags = frozenset(partner.category_id.ids)
    for name in ("orders", "invoices"):
        # without the app nobody knows; without a contact there are none
        if name in asked and _installed(model, name):
            firms = business.get(name, ())
            setattr(facts, name, partner.commercial_partner_id.id in firms)
    return facts


def _installed(model, name):
    return {"orders": "sale.order", "invoices": "account.move"}[name] in model.env
