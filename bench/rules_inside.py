"""Inside Odoo: what twenty triage rules cost the intake, beside none, turn by turn.

None of them matches but the last, which matches every message: that is the dearest
case, since each message then says why.
"""

from bench.table import Row, at_most, ms

RULES, ROUNDS = 20, 5


def make(env, account):
    """Rules as people write them: words, patterns, authors, hours; switched off."""
    specs = [
        {
            "words_mode": "any",
            "words": f"refund{n}, broken{n}, delay* {n}, lost{n}, return{n}",
        }
        for n in range(RULES - 8)
    ]
    specs += [
        {"regex": r"order\s+#?\d{6}"},
        {"regex": r"\bref[- ]?\d{4,}\b"},
        {"kind": "thanks", "ticket": "no"},
        {"followers_min": 100000},
        {"languages": "fr, it"},
        {"known": "yes", "verified": "yes"},
        {"hours": "out", "hour_from": 0, "hour_to": 23.99},
        {"priority": "1"},
    ]
    return env["helpdesk.social.rule"].create(
        [
            {
                "name": f"Bench {number}",
                "sequence": number,
                "company_id": account.company_id.id,
                "tried_at": "2026-01-01 00:00:00",
                "priority": "2",
                **spec,
            }
            for number, spec in enumerate(specs)
        ]
    )


def row(env, account, team, mentions):
    """:param mentions: takes some in, seconds per ticket"""
    rules = make(env, account)
    spent = {"off": [], "on": []}
    for turn in range(ROUNDS):
        for state, times in spent.items():
            rules.write({"state": state})
            env.cr.commit()
            # a changed rule empties the caches of the registry
            mentions(env, account, team, f"rw{state}{turn}", 0, 20)
            one, _crowd = mentions(env, account, team, f"r{state}{turn}", 0, 500)
            times.append(one)
    rules.unlink()
    env.cr.commit()
    return Row(
        f"new tickets with {RULES} triage rules",
        f"{ms(spent['on'])} a ticket",
        f"without rules: {ms(spent['off'])}",
        **at_most(min(spent["on"]) / min(spent["off"]), 1.1),
    )
