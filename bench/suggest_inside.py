"""Inside Odoo: many learned pairs, written by the database itself; then one question
after the other, as an agent's composer asks them."""

import random
import time

from odoo import fields

from odoo.addons.helpdesk_social.models.helpdesk_social_suggestion import scope_of

from bench import plans, scene
from bench.form_inside import reader
from bench.names import LOGIN

#: words are as rare as in real texts: few are in every question, most in hardly any
VOCABULARY, WORDS, WARM_UP = 20_000, 14, 5
TABLES = {
    "helpdesk_social_suggestion",
    "helpdesk_social_suggestion_example",
    "helpdesk_social_suggestion_term",
    "helpdesk_social_suggestion_feedback",
}
_SOME_WORDS = f"""(
    SELECT string_agg('word' || floor(power(random(), 3) * {VOCABULARY})::int, ' ')
      FROM generate_series(1, {WORDS}) WHERE n.n IS NOT NULL)"""


def fill(env, pairs):
    team = scene.team(env, "Bench suggest")
    account = scene.silent(env, "mastodon", team)
    reader(env)
    suggestions = env["helpdesk.social.suggestion"]
    scope = _scope(account)
    person = env["helpdesk.social.identity"].create(
        {
            "company_id": account.company_id.id,
            "network_id": account.network_id.id,
            "external_id": "https://other.example/users/suggest",
            "handle": "suggest@other.example",
        }
    )
    thread = env["helpdesk.social.conversation"].create(
        {"account_id": account.id, "key": "suggest", "audience": "public"}
    )
    env.flush_all()
    values = {
        "account": account.id,
        "network": account.network_id.id,
        "company": account.company_id.id,
        "thread": thread.id,
        "person": person.id,
        "scope": scope,
        "pairs": pairs,
        "wordings": pairs // 5,
    }
    env.cr.execute(
        """
        INSERT INTO helpdesk_social_message (account_id, network_id, company_id,
            conversation_id, key, direction, origin, audience, text, sent_at,
            received_at)
        SELECT %(account)s, %(network)s, %(company)s, %(thread)s, 'suggest' || n,
            CASE WHEN n > %(pairs)s THEN 'out' ELSE 'in' END, 'customer', 'public', 'x',
            now(), now()
          FROM generate_series(1, 2 * %(pairs)s) n
        """,
        values,
    )
    env.cr.execute(
        f"""
        INSERT INTO helpdesk_social_suggestion (company_id, network_id, language,
            audience, scope, fingerprint, text, ready, active, uses, last_used, ts)
        SELECT %(company)s, %(network)s, 'en', 'public', %(scope)s, n::text, t.text,
            TRUE, TRUE, 5, now(),
            to_tsvector('english', t.text) || array_to_tsvector(ARRAY[%(scope)s])
          FROM generate_series(1, %(wordings)s) n, LATERAL {_SOME_WORDS} t(text)
        """,
        values,
    )
    env.cr.execute(
        f"""
        INSERT INTO helpdesk_social_suggestion_example (suggestion_id, scope,
            identity_id, question_id, answer_id, asked_at, offered, size, ts)
        SELECT s.id, %(scope)s, %(person)s, q.id, a.id, now(), TRUE, length(v.ts),
            v.ts || array_to_tsvector(ARRAY[%(scope)s])
          FROM generate_series(1, %(pairs)s) n
          JOIN helpdesk_social_suggestion s
            ON s.scope = %(scope)s AND s.fingerprint = (n %% %(wordings)s + 1)::text
          JOIN helpdesk_social_message q
            ON q.network_id = %(network)s AND q.key = 'suggest' || n
          JOIN helpdesk_social_message a
            ON a.network_id = %(network)s AND a.key = 'suggest' || n + %(pairs)s,
          LATERAL {_SOME_WORDS} t(text), to_tsvector('english', t.text) v(ts)
        """,
        values,
    )
    suggestions.invalidate_model()
    examples = env["helpdesk.social.suggestion.example"].search([])
    env["helpdesk.social.suggestion.term"]._count(examples.ids, 1)
    env.cr.commit()


def _scope(account):
    return scope_of(account.company_id, account.network_id, "en", "public", None)


def measure(env, asked):
    """{seconds: [], rivals: [], queries: int, whole: [tables read whole]}"""
    agent = env["res.users"].search([("login", "=", LOGIN)])
    account = env["helpdesk.social.account"].search([], limit=1, order="id desc")
    seconds, rivals, queries = [], [], 0
    chance = random.Random(7)
    recorded = {}
    for turn in range(asked + WARM_UP):
        text = " ".join(
            f"word{int(chance.random() ** 3 * VOCABULARY)}" for _one in range(WORDS)
        )
        ticket, option = _ask(env, account, text, turn)
        ticket = ticket.with_user(agent)
        env.invalidate_all()
        before, start = env.cr.sql_log_count, time.perf_counter()
        with plans.recorded() as sent:
            found = ticket.social_suggest(option)
        spent = time.perf_counter() - start
        queries = env.cr.sql_log_count - before
        if not found:
            raise AssertionError("nothing was suggested")
        rival = _by_ts_rank(env, text)
        if turn >= WARM_UP:
            seconds.append(spent)
            rivals.append(rival)
        recorded = sent
    whole = {
        node["Relation Name"]
        for code, values in recorded.values()
        if "suggestion" in code
        for node in plans.nodes(plans.explain(env, code, values))
        if node["Node Type"] == "Seq Scan" and node.get("Relation Name") in TABLES
    }
    env.cr.rollback()
    # an empty table is read whole by anybody
    whole.discard("helpdesk_social_suggestion_feedback")
    return {
        "seconds": seconds,
        "rivals": rivals,
        "queries": queries,
        "whole": sorted(whole),
    }


def _by_ts_rank(env, text):
    """What a plain search over the same questions takes."""
    start = time.perf_counter()
    env.cr.execute(
        """
        SELECT e.suggestion_id FROM helpdesk_social_suggestion_example e,
            (SELECT replace(plainto_tsquery('english', %s)::text, '&', '|')::tsquery
                    AS words) question
         WHERE e.ts @@ question.words
         ORDER BY ts_rank(e.ts, question.words) DESC LIMIT 3
        """,
        [text],
    )
    env.cr.fetchall()
    return time.perf_counter() - start


def _ask(env, account, text, turn):
    ticket = env["helpdesk.ticket"].create(
        {"name": f"Asked {turn}", "description": "", "team_id": account.team_id.id}
    )
    thread = env["helpdesk.social.conversation"].create(
        {
            "account_id": account.id,
            "key": f"asked{turn}",
            "audience": "public",
            "ticket_id": ticket.id,
        }
    )
    message = env["helpdesk.social.message"].create(
        {
            "account_id": account.id,
            "network_id": account.network_id.id,
            "conversation_id": thread.id,
            "key": f"asked{turn}",
            "direction": "in",
            "origin": "customer",
            "audience": "public",
            "language": "en",
            "text": text,
            "sent_at": fields.Datetime.now(),
        }
    )
    env.flush_all()
    return ticket, f"public:{account.id}:{message.id}"
