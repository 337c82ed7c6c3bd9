"""Finding suggestions: the questions nearest to this one, by PostgreSQL's full text.

Three steps: how rare each word of the question is, the questions and answers that hold
the rarest of them (by index), and the order in which they are offered
(``texts/suggest_rank``). Everything is looked for inside scopes, so nothing of another
company, network, language, team or narrower audience is ever read.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..texts import suggest_clean, suggest_rank

#: words looked for: a question's rarest ones say what it is about
WORDS = 24
#: rows that may be read for one question (by the words' counts): 2,000 take some 10 ms
ROWS = 2000
#: questions and answers that are ranked; what is further away has no say
NEAR, ANSWERS = 80, 20
#: answers that are given most, of each scope: with a question of few words they are
#: the best guess
USUAL = 8
#: somebody kept it on purpose: its own words count like half a question it answered
KEPT = 0.5


class HelpdeskSocialSuggestion(models.Model):
    _inherit = "helpdesk.social.suggestion"

    @api.model
    def _find(self, scopes, language, question, typed="", team=None, limit=5, more=()):
        """The best suggestions for a question.

        :param scopes: of ``scopes_for``; nothing outside is looked at
        :param typed: what the agent has written so far
        :param more: (key, text) of canned responses that may be offered as well
        :return: list of ``Candidate``; ``key`` is the id of a suggestion, or that of
            one of ``more``
        """
        # sudo: helpdesk.social.suggestion - the caller has checked what the scopes
        # say: the ticket, and the audience
        model = self.sudo()
        for name in ("", ".example", ".term"):
            self.env[f"helpdesk.social.suggestion{name}"].flush_model()
        words, total, mean = model._words(scopes, language, question, typed)
        asked = model._nearest(scopes, words, mean) if total else {}
        said = model._saying(scopes, words, set(asked)) if total else {}
        found = model._candidates(asked, said, team)
        found += model._canned_candidates(language, words, more)
        return suggest_rank.rank(found, limit, total)

    def _words(self, scopes, language, question, typed):
        """({word: weight} of the rarest, questions in all, words of one on average)"""
        text = suggest_clean.for_search(f"{question}\n{typed or ''}")
        rows = self.env.execute_query(
            # SQL: search terms are no field
            SQL(
                """
                SELECT w.lexeme, COALESCE(SUM(t.number), 0), COALESCE(SUM(t.size), 0)
                  FROM (SELECT lexeme FROM unnest(to_tsvector(%s::regconfig, %s))
                         UNION ALL SELECT '') w
                  LEFT JOIN helpdesk_social_suggestion_term t
                    ON t.scope = ANY(%s) AND t.term = w.lexeme
                 GROUP BY w.lexeme
                """,
                self._configuration(language),
                text,
                list(scopes),
            )
        )
        counts = {word: (int(number), int(size)) for word, number, size in rows}
        total, size = counts.pop("")
        weights = {
            word: suggest_rank.weight(max(total, number), number)
            for word, (number, _size) in counts.items()
        }
        rarest = sorted(weights, key=lambda one: (-weights[one], one))[:WORDS]
        self_counts = {one: counts[one][0] for one in rarest}
        words = {one: (weights[one], self_counts[one]) for one in rarest}
        return words, total, (size / total if total else 1.0) or 1.0

    # === QUESTIONS === #
    def _nearest(self, scopes, words, mean):
        """{suggestion id: [(likeness of a question it answered, team of that)]}"""
        query = _any_of(scopes, words)
        if not query:
            return {}
        score = SQL(" + ").join(
            SQL(
                "CASE WHEN e.ts @@ %s::tsquery THEN %s::float8 ELSE 0 END",
                _term(word),
                weight,
            )
            for word, (weight, _number) in words.items()
        )
        most = sum(weight for weight, _number in words.values()) or 1.0
        k1, b = suggest_rank.K1, suggest_rank.B
        rows = self.env.execute_query(
            # SQL: BM25 over search terms; a word counts once
            SQL(
                """
                SELECT found.suggestion_id, found.score, found.team_id FROM (
                    SELECT e.suggestion_id, e.team_id,
                           (%(score)s) * %(k)s::float8 / (1 + %(k1)s::float8
                               * (%(rest)s::float8 + %(b)s::float8 * e.size / %(mean)s))
                           / %(most)s::float8 AS score
                      FROM helpdesk_social_suggestion_example e
                     WHERE e.offered AND e.ts @@ %(query)s::tsquery
                       AND e.scope = ANY(%(scopes)s)
                     LIMIT %(rows)s
                ) found ORDER BY found.score DESC LIMIT %(near)s
                """,
                score=score,
                k=k1 + 1,
                k1=k1,
                rest=1 - b,
                b=b,
                mean=mean,
                most=most,
                query=query,
                scopes=list(scopes),
                rows=2 * ROWS,
                near=NEAR,
            )
        )
        found = defaultdict(list)
        for id_, score, team_id in rows:
            found[id_].append((float(score), team_id))
        return found

    # === ANSWERS === #
    def _saying(self, scopes, words, known):
        """{suggestion id: (its terms, how much of the question it says)} of those near,
        of those that say its words, and of those that are given most."""
        rows = self.env.execute_query(
            # SQL: search terms are no field. The scope is looked for among them, too:
            # a row whose scope was changed by hand is none of it
            SQL(
                """
                WITH found AS (
                    SELECT unnest(%(known)s::int[]) AS id
                     UNION
                    (SELECT s.id FROM helpdesk_social_suggestion s
                      WHERE s.ready AND s.active AND s.ts @@ %(query)s::tsquery
                      ORDER BY s.uses DESC LIMIT %(answers)s)
                     UNION
                    (SELECT s.id FROM unnest(%(scopes)s) own(scope), LATERAL (
                            SELECT * FROM helpdesk_social_suggestion most
                             WHERE most.scope = own.scope AND most.ready AND most.active
                             ORDER BY most.uses DESC LIMIT %(usual)s) s)
                )
                SELECT s.id, tsvector_to_array(s.ts)
                  FROM helpdesk_social_suggestion s
                 WHERE s.id = ANY(ARRAY(SELECT id FROM found))
                   AND s.ready AND s.active AND s.scope = ANY(%(scopes)s)
                   AND (s.ts @@ %(any_scope)s::tsquery) IS TRUE
                """,
                known=list(known),
                query=_any_of(scopes, words) or "'§'",
                any_scope=" | ".join(_term(one) for one in scopes),
                answers=ANSWERS,
                usual=USUAL,
                scopes=list(scopes),
            )
        )
        most = sum(weight for weight, _number in words.values()) or 1.0
        return {
            id_: (
                frozenset(one for one in terms if not one.startswith("§")),
                sum(words[one][0] for one in terms if one in words) / most,
            )
            for id_, terms in rows
        }

    def _candidates(self, asked, said, team):
        now, feedback = fields.Datetime.now(), self._feedback(list(said))
        return [
            suggest_rank.Candidate(
                key=one.id,
                text=one.text or "",
                terms=said[one.id][0],
                links=frozenset(one.links or ()),
                sims=tuple(score for score, _team in asked.get(one.id, ())),
                own=said[one.id][1],
                uses=one.uses,
                age=(now - (one.last_used or now)).total_seconds() / 86400,
                ours=not team or any(of == team.id for _s, of in asked.get(one.id, ())),
                **feedback[one.id],
            )
            for one in self.browse(said)
        ]

    def _feedback(self, ids):
        """{id: {accepted, edited, dismissed}}"""
        found = {
            id_: dict.fromkeys(("accepted", "edited", "dismissed"), 0) for id_ in ids
        }
        # sudo: …feedback - numbers only
        groups = self.env["helpdesk.social.suggestion.feedback"].sudo()
        groups = groups._read_group(
            [("suggestion_id", "in", ids)], ["suggestion_id", "how"], ["__count"]
        )
        for suggestion, how, number in groups:
            found[suggestion.id][how] = number
        return found

    # === CANNED RESPONSES === #
    def _canned_candidates(self, language, words, more):
        """:param more: list of (key, shortcut, text, terms of feedback)"""
        if not more:
            return []
        rows = self.env.execute_query(
            # SQL: search terms of texts that are in no index; some hundred at most
            SQL(
                """
                SELECT given.at,
                       tsvector_to_array(to_tsvector(%s::regconfig, given.text))
                  FROM unnest(%s) WITH ORDINALITY given(text, at)
                """,
                self._configuration(language),
                [suggest_clean.for_search(f"{one[1]}\n{one[2]}") for one in more],
            )
        )
        most = sum(weight for weight, _number in words.values()) or 1.0
        found = []
        for at, terms in rows:
            key, _source, text, opinions = more[at - 1]
            own = sum(words[one][0] for one in terms if one in words) / most
            if own:
                found.append(
                    suggest_rank.Candidate(
                        key=key,
                        text=text,
                        terms=frozenset(terms),
                        sims=(KEPT * own,),
                        own=own,
                        **opinions,
                    )
                )
        return found


def _any_of(scopes, words):
    """A search for the rarest words, as many as may be read, for PostgreSQL."""
    chosen, rows = [], 0
    for word, (_weight, number) in words.items():
        if number and (not chosen or rows + number <= ROWS):
            chosen.append(word)
            rows += number
    if not chosen:
        return ""
    either = " | ".join(_term(one) for one in scopes)
    return f"({either}) & ({' | '.join(_term(one) for one in chosen)})"


def _term(word):
    """One search term, quoted."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
