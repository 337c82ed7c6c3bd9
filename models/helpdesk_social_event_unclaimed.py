"""Pushed items of an app whose account nobody could tell: claimed later, or given up.

An app fans out to its accounts by who an item was for. Before an account is connected
nobody knows who that is: such items wait, and find their account once it is known. What
is for no account of the app is failed with the reason, where an administrator sees it
and can process it again. It never reads an item.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: an account that is just being connected may still claim its items
PATIENCE = timedelta(hours=1)
BATCH = 1000


class HelpdeskSocialEvent(models.Model):
    _inherit = "helpdesk.social.event"

    _unclaimed = models.Index("(app_id, id) WHERE account_id IS NULL AND state = 'new'")

    @api.model
    def _settle_unclaimed(self):
        """Give waiting items to their accounts; fail those that have waited too long.

        :return: number of items that found their account
        """
        waiting = self.search(
            [("account_id", "=", False), ("state", "=", "new")],
            order="id",
            limit=BATCH,
        )
        if not waiting:
            return 0
        found = self._claim_waiting(waiting)
        waiting.invalidate_recordset()
        late = waiting.filtered(
            lambda one: (
                one.state == "new"
                and not one.account_id
                and one.received_at < fields.Datetime.now() - PATIENCE
            )
        )
        for (app, ref), events in late.grouped(
            lambda one: (one.app_id, one.account_ref)
        ).items():
            events.write({"state": "dead", "error": self._why_unclaimed(app, ref)})
        if found:
            self.env["helpdesk.social.intake"]._wake_process()
        return found

    @api.model
    def _claim_waiting(self, waiting):
        """Items whose account is known by now; number of them."""
        self.env.flush_all()
        # SQL: each of several companies that connected the same account gets its own;
        # the update after it takes the first
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO helpdesk_social_event (app_id, account_id, account_ref,
                    key, revision, source, stream, raw, sent_at, received_at, state,
                    attempts)
                SELECT e.app_id, a.id, e.account_ref, e.key, e.revision, e.source,
                    e.stream, e.raw, e.sent_at, now() AT TIME ZONE 'utc', 'new', 0
                FROM helpdesk_social_event e
                JOIN helpdesk_social_account a
                    ON a.app_id = e.app_id AND a.external_id = e.account_ref
                WHERE e.id IN %s AND EXISTS (
                    SELECT FROM helpdesk_social_account other
                    WHERE other.app_id = a.app_id AND other.id < a.id
                        AND other.external_id = a.external_id)
                ON CONFLICT DO NOTHING
                """,
                tuple(waiting.ids),
            )
        )
        # SQL: what was pulled meanwhile under the same name is there already, and the
        # unique index would refuse the whole batch
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_event e
                SET account_id = a.id, received_at = now() AT TIME ZONE 'utc'
                FROM helpdesk_social_account a
                WHERE e.id IN %s AND a.app_id = e.app_id
                    AND a.external_id = e.account_ref
                    AND NOT EXISTS (
                        SELECT FROM helpdesk_social_account other
                        WHERE other.app_id = a.app_id AND other.id < a.id
                            AND other.external_id = a.external_id)
                    AND NOT EXISTS (
                        SELECT FROM helpdesk_social_event known
                        WHERE known.app_id = e.app_id AND known.account_id = a.id
                            AND known.key = e.key AND known.revision = e.revision)
                """,
                tuple(waiting.ids),
            )
        )
        found = self.env.cr.rowcount
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_event e SET state = 'done', outcome = 'known'
                FROM helpdesk_social_account a
                WHERE e.id IN %s AND e.account_id IS NULL AND a.app_id = e.app_id
                    AND a.external_id = e.account_ref
                """,
                tuple(waiting.ids),
            )
        )
        return found

    @api.model
    def _why_unclaimed(self, app, ref):
        names = ", ".join(
            one.display_name
            for one in app.with_context(active_test=False).account_ids
            if one.external_id
        )
        if not names:
            return "unclaimed: no account of this app is connected"
        if not ref:
            return f"unclaimed: it does not say for whom it is; we are {names}"
        return f"unclaimed: it was for {ref}; we are {names}"
