"""Small things every room of the models needs; no model, no decision.

It must never grow into a second place for what a model knows.
"""

import logging
from configparser import ConfigParser, Error
from datetime import datetime, timezone
from functools import lru_cache

import psycopg2.errors

from odoo.exceptions import ConcurrencyError
from odoo.modules import module
from odoo.sql_db import Cursor
from odoo.tools import SQL, config

_logger = logging.getLogger(__name__)

PARAM_STOP = "helpdesk_social.traffic_stopped"
_ONE = "helpdesk_social_one_transaction"
#: an object, not a value: no client can send it along in a context
_YES = object()
#: states of a reply that nobody outside has read
UNPUBLISHED = ("draft", "held", "queued", "sending", "failed", "cancelled")
#: what another worker at the same rows does to us; a new transaction helps
CONCURRENCY = (
    ConcurrencyError,
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
    psycopg2.errors.UniqueViolation,
)


def to_orm(moment: datetime | None):
    """Aware UTC (networks) → naive UTC without microseconds lost (ORM)."""
    if moment is None:
        return False
    if moment.tzinfo is not None:
        moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    return moment


def to_network(moment) -> datetime | None:
    """Naive UTC (ORM) → aware UTC (networks)."""
    return moment.replace(tzinfo=timezone.utc) if moment else None


def utcnow() -> datetime:
    """The clock that adapters are given."""
    return datetime.now(timezone.utc)


def storable(text) -> str:
    """``text`` as PostgreSQL can hold it.

    NUL and lone surrogates cannot be stored; they become U+FFFD. Everything else,
    control characters included, stays as the person wrote it.
    """
    if not isinstance(text, str):
        text = "" if text is None or text is False else str(text)
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def shown_handle(handle) -> str:
    """A handle as people write it: "@jo"; a phone number is no name and gets no "@"."""
    handle = (handle or "").lstrip("@")
    return handle if not handle or handle.startswith("+") else f"@{handle}"


def storable_json(value):
    """``value`` for a JSON column, which cannot hold NUL or lone surrogates either."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): storable_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(one) for one in value]
    return value


def unordered(model, domain):
    """Records of ``domain`` in any order.

    With the model's own order PostgreSQL may rather walk through that order's index
    than look a few keys up, as long as little is stored.
    """
    return model.browse(model._search(domain).get_result_ids())


def holding(records):
    """``records`` for a caller whose transaction must not be committed.

    Demo data is loaded inside a savepoint, which a commit would destroy.
    """
    return records.with_context(**{_ONE: _YES})


def holds_transaction(env) -> bool:
    """Does the transaction belong to somebody above: a test, demo data?"""
    if env.context.get(_ONE) is _YES:
        return True
    return bool(module.current_test) and isinstance(env.cr, Cursor)


def commit(env, processed: int = 0, remaining: int | None = None) -> float:
    """Make what was done durable; seconds left for this run of a scheduled action.

    Where nothing can be committed the pending writes are flushed, which is what the
    next step sees anyway.
    """
    failpoint("before a commit")
    if holds_transaction(env):
        env.flush_all()
        return float("inf")
    # commit: the callers are lanes; each says at the call what must not be lost
    left = env["ir.cron"]._commit_progress(processed, remaining=remaining)
    failpoint("after a commit")
    return left


def rollback(env):
    """Forget an unfinished step of a lane; the counterpart of ``commit``."""
    env.invalidate_all(flush=False)
    if not holds_transaction(env):
        env.cr.rollback()


def let_go(env):
    """End the transaction before traffic: its rows and its view of them grow old.

    What is written after the call would otherwise collide with everybody who wrote
    meanwhile. Nothing may be pending that a death in the call must not keep.
    """
    env.flush_all()
    if not holds_transaction(env):
        # commit: nothing of ours is written, only the snapshot ends
        env["ir.cron"]._commit_progress()


@lru_cache(maxsize=4)
def _server_options(path: str) -> dict:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(path)
        return dict(parser["helpdesk_social"])
    except (Error, KeyError, OSError):
        return {}


def private_addresses_allowed() -> bool:
    """May accounts speak to loopback and private addresses?

    Only the server's configuration file decides (section ``[helpdesk_social]``,
    ``allow_private_addresses = 1``): an Odoo admin must not be able to reach into
    the server's own network.
    """
    return _server_options(config["config"] or "").get("allow_private_addresses") in (
        "1",
        "true",
        "True",
        "yes",
    )


def failpoint(name: str):
    """A place where tests let the process die; does nothing in real life."""


def order_by_joined(query, alias, name, rows, on, column, direction, nulls) -> SQL:
    """Sort a search by something that other rows have: what ``_order_field_to_sql``
    returns for a field that is not stored. What has no such row comes last.

    A join, as a question per row makes PostgreSQL compile the query, for seconds.

    :param name: of the field, for the join's own name
    :param rows: SELECT in parentheses, at most one row for each of the searched ones
    :param on: what joins them; gets the name under which ``rows`` are joined
    :param column: of ``rows``, to sort by
    """
    joined = query.make_alias(alias, name)
    query.add_join("LEFT JOIN", joined, rows, on(joined))
    value = SQL.identifier(joined, column)
    return SQL("%s %s %s", value, direction, nulls or SQL("NULLS LAST"))
