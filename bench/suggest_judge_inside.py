"""Inside Odoo: conversations of a file become closed tickets, are learned, and asked.

Everything goes through the addon's own models; nothing of its ranking is repeated
here. Commits. Prints nothing of the file.
"""

import hashlib
import json
import re
from datetime import datetime

from odoo.addons.helpdesk_social.texts.suggest_clean import judge_link

from bench import scene

#: how far down the list the first right answer is looked for
DEPTH = 20
#: tenths of the conversations, by hash: (learned from, asked)
FOLDS = {
    "final": ({3, 4, 5, 6, 7, 8, 9}, {0, 1, 2}),
    "tune1": ({5, 6, 7, 8, 9}, {3, 4}),
    "tune2": ({3, 4, 7, 8, 9}, {5, 6}),
    "tune3": ({3, 4, 5, 6}, {7, 8, 9}),
}


def judge(env, path, folds):
    # what is judged is what was learned
    env["mail.canned.response"].search([]).unlink()
    told = []
    for fold in folds:
        learned, asked = FOLDS[fold]
        told.append(_fold(env, read(path), fold, learned, asked))
    return told


def read(path):
    """[{brand, id, tenth, person, said: [(when, text)], answer, page}]"""
    with open(path) as handle:
        conversations = json.load(handle)
    found = []
    for one in conversations:
        head, end = one["dialogHeader"], one["agentURL"]
        said = [
            (datetime.strptime(turn["datetime"][:19], "%Y-%m-%dT%H:%M:%S"), turn)
            for turn in one["dialogContent"]
            if "client" in turn
        ]
        if not said:
            continue
        digest = hashlib.sha1(head["sessionID"].encode()).hexdigest()
        found.append(
            {
                "brand": head["company"],
                "id": head["sessionID"],
                "tenth": int(digest, 16) % 10,
                "person": said[0][1]["client"],
                "said": [(when, _unwrap(turn["message"])) for when, turn in said],
                "answer": _unwrap(end["url_utterance"]),
                "page": judge_link(_unwrap(end["url"]))[1],
            }
        )
    return found


def _unwrap(text):
    """The file's links lead to an archive; the agents' did not."""
    return re.sub(r"https?://web\.archive\.org/web/\d+/", "", text)


def _fold(env, cases, fold, learned, asked):
    desks = {
        brand: _Desk(env, brand, fold)
        for brand in sorted({one["brand"] for one in cases})
    }
    examples = [one for one in cases if one["tenth"] in learned]
    for one in examples:
        desks[one["brand"]].close(one)
    env.cr.commit()
    env["helpdesk.social.suggestion"]._cron_learn()
    env.cr.commit()
    figures = {}
    answerable = 0
    held_out = [one for one in cases if one["tenth"] in asked]
    for one in held_out:
        desk = desks[one["brand"]]
        if one["page"] not in {known["page"] for known in desk.closed.values()}:
            continue  # nobody has ever given that answer: there is nothing to find
        answerable += 1
        lists = {
            "ours": desk.ours(one),
            "ts_rank": desk.by_ts_rank(one),
            "most used wording": desk.most_used(lambda known: known["wording"]),
            "most used page": desk.most_used(lambda known: known["page"]),
        }
        for name, pages in lists.items():
            right = [one["page"] in of_one for of_one in pages[:DEPTH]]
            figures.setdefault(name, []).append(
                (
                    sum(right[:3]) / 3,
                    next((1 / at for at, yes in enumerate(right, 1) if yes), 0.0),
                    any(right[:3]),
                )
            )
    wordings = env["helpdesk.social.suggestion"].search(
        [("company_id", "in", [desk.company.id for desk in desks.values()])]
    )
    return {
        "fold": fold,
        "cases": answerable,
        "all": len(held_out),
        "learned": len(examples),
        "kept_back": sum(wordings.filtered(lambda one: not one.ready).mapped("uses")),
        "figures": {
            name: {
                key: sum(row[at] for row in rows) / len(rows)
                for at, key in enumerate(("p3", "mrr", "hit"))
            }
            for name, rows in figures.items()
        },
    }


class _Desk:
    """One brand: a company of its own, so that nobody learns from another."""

    def __init__(self, env, brand, fold):
        self.company = env["res.company"].create({"name": f"{brand} {fold}"})
        env.user.company_ids |= self.company
        self.env = env(context={**env.context, "allowed_company_ids": self.company.ids})
        team = self.env["helpdesk.ticket.team"].create(
            {"name": f"{brand} {fold}", "company_id": self.company.id}
        )
        self.account = scene.silent(self.env, "mastodon", team, f"{brand} {fold}")
        self.account.handle = brand
        self.stage = env["helpdesk.ticket.stage"].search([("closed", "=", True)])[0]
        self.closed = {}

    def ask(self, case):
        """A ticket with what the person said."""
        company = {"company_id": self.company.id}
        network = {"network_id": self.account.network_id.id}
        people = self.env["helpdesk.social.identity"]
        known = people.search(
            [("external_id", "=", case["person"]), *_domain(company | network)]
        )
        person = known or people.create(
            {
                **company,
                **network,
                "external_id": case["person"],
                "handle": case["person"],
            }
        )
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": case["id"],
                "description": "",
                "user_id": False,
                "team_id": self.account.team_id.id,
                **company,
            }
        )
        thread = self.env["helpdesk.social.conversation"].create(
            {
                "account_id": self.account.id,
                "key": case["id"],
                "audience": "public",
                "identity_id": person.id,
                "ticket_id": ticket.id,
            }
        )
        message = self.env["helpdesk.social.message"]
        for when, text in case["said"]:
            message = self._say(thread, f"in{when}", when, text, identity_id=person.id)
        return ticket, message

    def _say(self, thread, key, when, text, **values):
        return self.env["helpdesk.social.message"].create(
            {
                "account_id": self.account.id,
                "network_id": self.account.network_id.id,
                "conversation_id": thread.id,
                "key": f"{thread.key} {key} {len(text)}",
                "direction": "in",
                "origin": "customer",
                "audience": "public",
                "language": "en",
                "text": text,
                "sent_at": when,
                **values,
            }
        )

    def close(self, case):
        ticket, message = self.ask(case)
        answer = self._say(
            message.conversation_id,
            "out",
            message.sent_at,
            case["answer"],
            direction="out",
            origin="native",
            parent_id=message.id,
        )
        ticket.with_context(tracking_disable=True).stage_id = self.stage
        said = re.sub(r"^(@\w+\s*)+|\s*[\^*~/-]\s?\w{1,12}$", "", case["answer"])
        self.closed[answer.id] = {
            "page": case["page"],
            "when": case["said"][-1][0],
            "asked": "\n".join(text for _when, text in case["said"]),
            "wording": said.lower(),
        }

    # --- lists of the pages that the answers lead to ------------------------------
    def ours(self, case):
        ticket, message = self.ask(case)
        found = ticket._social_found(self.account, message, "public", "", DEPTH)
        shown = ticket.social_suggest(f"public:{self.account.id}:{message.id}")
        if [one["id"] for one in shown] != [one.key for one in found[: len(shown)]]:
            # something is too long for the network: the agent sees another order
            order = {one["id"]: at for at, one in enumerate(shown)}
            found.sort(key=lambda one: order.get(one.key, DEPTH))
        examples = self.env["helpdesk.social.suggestion.example"].sudo()
        return [
            {
                self.closed[example.answer_id.id]["page"]
                for example in examples.search([("suggestion_id", "=", one.key)])
            }
            for one in found
        ]

    def by_ts_rank(self, case):
        known = list(self.closed.values())
        self.env.cr.execute(
            """
            SELECT given.at FROM unnest(%s) WITH ORDINALITY given(text, at),
                (SELECT replace(plainto_tsquery('english', %s)::text, '&', '|')
                        ::tsquery AS words) question
             WHERE to_tsvector('english', given.text) @@ question.words
             ORDER BY ts_rank(to_tsvector('english', given.text), question.words) DESC,
                given.at
            """,
            [
                [one["asked"] for one in known],
                "\n".join(text for _when, text in case["said"]),
            ],
        )
        return _once(known[at - 1] for (at,) in self.env.cr.fetchall())

    def most_used(self, key):
        known = list(self.closed.values())
        counts = {}
        for one in known:
            counts[key(one)] = counts.get(key(one), 0) + 1
        return _once(
            sorted(known, key=lambda one: (counts[key(one)], one["when"]), reverse=True)
        )


def _once(answers):
    """Their pages; a wording that stands further up is not told again."""
    seen, pages = set(), []
    for one in answers:
        if one["wording"] not in seen:
            seen.add(one["wording"])
            pages.append({one["page"]})
    return pages


def _domain(values):
    return [(name, "=", value) for name, value in values.items()]
