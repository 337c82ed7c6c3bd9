"""Which queries were sent, and which plan PostgreSQL has for each. Inside Odoo.

Only reads and explains. Queries are told apart by their text, so that the same one
can be found again in another database.
"""

import contextlib
import re
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tools import SQL

#: tables that grow with every message: they must never be read whole
GROWING = frozenset(
    "helpdesk_social_message helpdesk_social_identity helpdesk_social_conversation "
    "helpdesk_social_participant_rel helpdesk_social_event helpdesk_ticket "
    "mail_message mail_notification mail_followers".split()
)


@contextlib.contextmanager
def recorded():
    """The queries sent meanwhile: {text: parameters of the last time}."""
    found = {}
    execute = Cursor.execute

    def note(cursor, query, params=None, log_exceptions=True):
        code, values = query, params
        if isinstance(query, SQL):
            code, values = query.code, query.params
        if re.match(r"\s*(SELECT|WITH|UPDATE|DELETE)\b", code):
            found[_name(code)] = (code, values)
        return execute(cursor, query, params, log_exceptions)

    with patch.object(Cursor, "execute", note):
        yield found


def _name(code):
    """Lists of values differ in length from one batch to the next."""
    code = re.sub(r"(%s|\?)(, ?%s)+", "%s…", " ".join(code.split()))
    return re.sub(r"(\(%s…?\)(, )?)+", "(%s)", code)


def indexes(env):
    """{index: table} of the growing tables."""
    env.cr.execute(
        "SELECT indexrelid::regclass::text, indrelid::regclass::text FROM pg_index"
    )
    return {index: table for index, table in env.cr.fetchall() if table in GROWING}


def explain(env, code, values, whole_tables=True):
    """The plan as PostgreSQL's JSON."""
    cr = env.cr._obj
    cr.execute(f"SET LOCAL enable_seqscan = {'on' if whole_tables else 'off'}")
    cr.execute(f"EXPLAIN (FORMAT JSON) {code}", values)
    plan = cr.fetchone()[0][0]["Plan"]
    cr.execute("SET LOCAL enable_seqscan = on")
    return plan


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def ways(plan, known):
    """How each growing table is reached: {(table, index or 'all rows')}."""
    found = set()
    for node in nodes(plan):
        index, table = node.get("Index Name"), node.get("Relation Name")
        if index in known:
            found.add((known[index], index))
        elif table in GROWING and node["Node Type"] == "Seq Scan":
            found.add((table, "all rows"))
    return frozenset(found)


def compare(small, large, queries_small, queries_large):
    """(number compared, those that differ, those that read a growing table whole)."""
    known = indexes(large)
    shared = queries_small.keys() & queries_large.keys()
    different, whole = [], []
    for name in sorted(shared):
        # few rows fit a page, which no index beats; without that excuse the ways
        # into the tables must be the same
        plan_small = ways(
            explain(small, *queries_small[name], whole_tables=False), known
        )
        plan_large = ways(explain(large, *queries_large[name]), known)
        if any(way == "all rows" for _table, way in plan_large):
            whole.append(name[:400])
        elif plan_small != plan_large:
            told = f"{sorted(plan_small)} / {sorted(plan_large)}: {name[:300]}"
            different.append(told)
    return len(shared), different, whole
