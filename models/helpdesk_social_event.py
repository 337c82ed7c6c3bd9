"""The journal: each item as a network gave it, verified, replayable.

Written by the pull and by the webhook, read by the intake. Nothing is interpreted
here. The raw text is ASCII JSON, so that NUL and lone surrogates survive.
"""

import hashlib
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..networks.items import RawItem
from . import common

#: days after which processed items are forgotten, unless the parameter says else
KEEP_DAYS = 30
PARAM_KEEP = "helpdesk_social.journal_days"
#: a single item larger than this is recorded as dead instead of stored whole; no single
#: message of any network comes near it
MAX_RAW = 4 * 1024 * 1024


def _name(key):
    """``key`` as an index can hold it; long ones stay apart from each other."""
    key = common.storable(key)
    if len(key) > 500:
        key = f"{key[:400]}:{hashlib.sha256(key.encode()).hexdigest()}"
    return key


class HelpdeskSocialEvent(models.Model):
    _name = "helpdesk.social.event"
    _description = "Social Event"
    _order = "id desc"
    _log_access = False

    app_id = fields.Many2one("helpdesk.social.app", required=True, ondelete="cascade")
    account_id = fields.Many2one("helpdesk.social.account", ondelete="cascade")
    account_ref = fields.Char(
        help="Which account of ours it was for, where we could not tell which that is."
    )
    # an app may be shared by several
    company_id = fields.Many2one(related="account_id.company_id")
    network_id = fields.Many2one(related="app_id.network_id")
    key = fields.Char(required=True)
    revision = fields.Char(required=True, default="")
    source = fields.Selection(
        [("pull", "Pulled"), ("push", "Pushed"), ("context", "Context")],
        required=True,
        default="pull",
    )
    raw = fields.Text(required=True)
    stream = fields.Char(help="What was read; empty for what was pushed.")
    sent_at = fields.Datetime(help="By the network's clock.")
    received_at = fields.Datetime(required=True)
    state = fields.Selection(
        [("held", "Waiting"), ("new", "New"), ("done", "Done"), ("dead", "Failed")],
        required=True,
        default="new",
        help="Waiting: a gap before it is not closed yet.",
    )
    outcome = fields.Char(help="What became of it, as a code.")
    error = fields.Text()
    attempts = fields.Integer(default=0)
    retry_at = fields.Datetime()
    message_id = fields.Many2one("helpdesk.social.message", ondelete="set null")

    # COALESCE: an item whose account nobody could tell is still journalled once for
    # each that it names. A claimed one counts as its account's, whatever it was called
    _key_unique = models.UniqueIndex(
        "(app_id, COALESCE(account_id, 0), COALESCE(CASE WHEN account_id IS NULL"
        " THEN account_ref END, ''), key, revision)",
        "Known already.",
    )
    _todo = models.Index("(account_id, sent_at, id) WHERE state = 'new'")
    _dead = models.Index("(app_id, id) WHERE state IN ('dead', 'held')")
    _age = models.Index("(received_at) WHERE state = 'done'")
    _message = models.Index("(message_id) WHERE message_id IS NOT NULL")

    @api.model
    def _journal(self, app, items, account=None, source="pull", stream="", state="new"):
        """Store raw items; what is known already changes nothing.

        :param items: iterable of ``RawItem``
        :param account: the account all of them are for; without it each item's own
            ``account`` (external id) is looked up among the app's accounts
        :param stream: which stream they were read from; a gap is one of a stream
        :return: number of rows that were new
        """
        items = list(items)
        if not items:
            return 0
        now = fields.Datetime.now()
        ours = app.with_context(active_test=False).account_ids
        # two companies may have connected the same one of ours: each gets what is said
        accounts = {} if account else ours.grouped("external_id")
        only = app.account_ids if len(app.account_ids) == 1 else app.account_ids[:0]
        rows = []
        for item in items:
            raw = json.dumps(item.data, ensure_ascii=True, separators=(",", ":"))
            too_large = len(raw) > MAX_RAW
            found = account or accounts.get(item.account)
            if not found and not (item.account and only.external_id):
                found = only  # for somebody else, if we know who we are
            rows += [
                (
                    app.id,
                    account_id,
                    None if account_id else common.storable(item.account)[:200],
                    _name(item.key),
                    common.storable(item.revision)[:100],
                    source,
                    stream or None,
                    "{}" if too_large else raw,
                    common.to_orm(item.sent_at) or now,
                    now,
                    "dead" if too_large else state,
                    f"too_large: {len(raw)} bytes" if too_large else None,
                )
                for account_id in (found and found.ids) or [None]
            ]
        # SQL: the ORM has no INSERT … ON CONFLICT DO NOTHING, and a search before an
        # insert would let two workers journal the same item
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO helpdesk_social_event (app_id, account_id, account_ref,
                    key, revision, source, stream, raw, sent_at, received_at, state,
                    error, attempts)
                SELECT *, 0 FROM unnest(
                    %s::int[], %s::int[], %s::text[], %s::text[], %s::text[],
                    %s::text[], %s::text[], %s::text[], %s::timestamp[],
                    %s::timestamp[], %s::text[], %s::text[])
                ON CONFLICT DO NOTHING
                """,
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )
        return self.env.cr.rowcount

    def _item(self):
        """The raw item, as the adapter once gave it."""
        self.ensure_one()
        return RawItem(
            key=self.key,
            data=json.loads(self.raw),
            revision=self.revision or "",
            sent_at=common.to_network(self.sent_at),
        )

    def _died(self, error):
        """Processing failed for good; the item stays for a replay."""
        self.write(
            {
                "state": "dead",
                "attempts": self.attempts + 1,
                # the words of an error may quote what cannot be stored
                "error": common.storable(f"{type(error).__name__}: {error}"[:2000]),
            }
        )

    def action_replay(self):
        """Process again what failed, or what a newer version may read better."""
        if not self.env.user.has_group("base.group_system"):
            raise UserError(self.env._("Only a system administrator may do this."))
        self.write({"state": "new", "error": False, "retry_at": False, "attempts": 0})
        self.env["helpdesk.social.intake"]._wake_process()

    @api.autovacuum
    def _gc_done(self):
        """Forget processed items after ``helpdesk_social.journal_days`` days."""
        # sudo: ir.config_parameter - a plain number
        days = self.env["ir.config_parameter"].sudo().get_param(PARAM_KEEP)
        try:
            days = max(1, min(int(days or KEEP_DAYS), 36500))
        except ValueError:
            days = KEEP_DAYS
        limit = fields.Datetime.now() - timedelta(days=days)
        old = self.search(
            [("state", "=", "done"), ("received_at", "<", limit)], limit=10000
        )
        old.unlink()
        return len(old), len(old) == 10000
