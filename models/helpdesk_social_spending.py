"""The ledger: what networks charged us, by app, account, day and kind.

Rows are only added: two lanes that spend at once never wait for each other, nor undo
each other's work. Old rows of one day and kind are merged. Prices are the app's, at
the time of booking. Nothing here decides what may be spent.
"""

from datetime import timedelta

from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.tools import SQL

#: kind of a row that a person wrote, to agree with the network's bill
CORRECTION = "correction"
#: what a column holds at most; a network that says more is talking nonsense
MOST = 2**31 - 1
#: days after which rows are merged: longer than any pull or any time zone
MERGE_AFTER = 2


class HelpdeskSocialSpending(models.Model):
    _name = "helpdesk.social.spending"
    _description = "Social Spending"
    _order = "day desc, id desc"
    _log_access = False
    _rec_name = "label"

    app_id = fields.Many2one("helpdesk.social.app", required=True, ondelete="cascade")
    account_id = fields.Many2one("helpdesk.social.account", ondelete="set null")
    # an app may be shared by several
    company_id = fields.Many2one(related="account_id.company_id")
    network_id = fields.Many2one(related="app_id.network_id")
    day = fields.Date(required=True, help="The day by the network's clock.")
    kind = fields.Char(required=True)
    #: in every language of the day it was booked: lists are grouped and summed by it
    label = fields.Char(string="What", translate=True)
    number = fields.Integer()
    amount = fields.Float(
        string="Amount (USD)", digits=(16, 6), aggregator="sum", help="In US dollars."
    )
    units = fields.Integer(string="Quota Units")

    _of_day = models.Index("(app_id, day)")

    @api.model
    def _write_down(self, charges):
        """Add rows: ``{(app id, account id, day, kind): number}``.

        An app or account that is gone meanwhile is no reason to fail.
        """
        apps = self.env["helpdesk.social.app"].browse({key[0] for key in charges})
        apps = apps.exists()
        prices = {app.id: app._prices() for app in apps}
        networks = {app.id: app.network_id for app in apps}
        rows = []
        for (app_id, account_id, day, kind), number in charges.items():
            if app_id not in prices:
                continue
            number = min(int(number), MOST)
            price = prices[app_id].get(kind)
            rows.append(
                (
                    app_id,
                    account_id or None,
                    day,
                    kind,
                    self._label(networks[app_id], price.label if price else kind),
                    number,
                    price.amount * number if price else 0,
                    min(price.units * number, MOST) if price else 0,
                )
            )
        if not rows:
            return
        # SQL: one statement before a commit, whatever else the transaction holds
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO helpdesk_social_spending
                    (app_id, account_id, day, kind, label, number, amount, units)
                SELECT r.app_id, a.id, r.day, r.kind, r.label, r.number, r.amount,
                    r.units
                FROM unnest(%s::int[], %s::int[], %s::date[], %s::text[], %s::jsonb[],
                    %s::int[], %s::numeric[], %s::int[])
                    AS r (app_id, account_id, day, kind, label, number, amount, units)
                LEFT JOIN helpdesk_social_account a ON a.id = r.account_id
                """,
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )

    @api.model
    def _label(self, network, words):
        """``words`` of the network's adapter as a translated column holds them."""
        found = {
            lang: network._term(words, lang)
            for lang, _name in self.env["res.lang"].get_installed()
        }
        return Json({**found, "en_US": words})

    @api.model
    def _days(self, apps, since):
        """{app id: {day: (amount, units)}} from ``since`` on, in one query."""
        found = {app_id: {} for app_id in apps.ids}
        if not found:
            return found
        self.flush_model()
        # SQL: read before each pull; an index-only question that the ORM would ask
        # with the record rules of whoever looks
        self.env.cr.execute(
            SQL(
                """
                SELECT app_id, day, SUM(amount), SUM(units)
                FROM helpdesk_social_spending WHERE app_id = ANY(%s) AND day >= %s
                GROUP BY app_id, day
                """,
                apps.ids,
                since,
            )
        )
        for app_id, day, amount, units in self.env.cr.fetchall():
            found[app_id][day] = (float(amount or 0), int(units or 0))
        return found

    @api.autovacuum
    def _gc_merge(self):
        """One row per app, account, day and kind is enough of the days gone by."""
        self.flush_model()
        before = fields.Date.today() - timedelta(days=MERGE_AFTER)
        self.env.cr.execute(
            SQL(
                """
                WITH many AS (
                    SELECT app_id, account_id, day, kind FROM helpdesk_social_spending
                    WHERE day < %s GROUP BY app_id, account_id, day, kind
                    HAVING count(*) > 1
                    LIMIT 1000
                ), gone AS (
                    DELETE FROM helpdesk_social_spending s USING many m
                    WHERE s.app_id = m.app_id AND s.day = m.day AND s.kind = m.kind
                        AND s.account_id IS NOT DISTINCT FROM m.account_id
                    RETURNING s.*
                )
                INSERT INTO helpdesk_social_spending
                    (app_id, account_id, day, kind, label, number, amount, units)
                SELECT app_id, account_id, day, kind, (array_agg(label))[1],
                    LEAST(sum(number), %s), sum(amount), LEAST(sum(units), %s)
                FROM gone GROUP BY app_id, account_id, day, kind
                """,
                before,
                MOST,
                MOST,
            )
        )
        merged = self.env.cr.rowcount
        self.invalidate_model()
        return merged, merged == 1000
