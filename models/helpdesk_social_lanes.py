"""Lanes: the scheduled actions that pull, process and deliver, and waking them.

One scheduled action never runs twice at once, so more work at a time means more
copies of it (DESIGN §8). It must never touch the first lane's settings, which belong
to the admin, and never write a trigger per request.
"""

import logging

from psycopg2 import Error

from odoo import SUPERUSER_ID, api, fields, models, sql_db
from odoo.exceptions import ValidationError
from odoo.modules import module
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: kind of work -> the scheduled action of its first lane
LANES = {
    "pull": "helpdesk_social.cron_pull",
    "process": "helpdesk_social.cron_process",
    "deliver": "helpdesk_social.cron_deliver",
}
#: more lanes than this would only fight for Odoo's cron workers, of which most
#: servers have 2 (--max-cron-threads)
MAX_LANES = 8


class HelpdeskSocialLanes(models.AbstractModel):
    _name = "helpdesk.social.lanes"
    _description = "Social Lanes"

    # === HOW MANY === #
    @api.model
    def _lanes(self, kind):
        """The scheduled actions of a kind, the original first."""
        # sudo: ir.cron - ours only, found by their names
        first = self.env.ref(LANES[kind], raise_if_not_found=False)
        crons = self.env["ir.cron"].sudo().with_context(active_test=False)
        if not first:
            return crons
        copies = self._lane_names(kind)
        return crons.browse([first.id, *copies.mapped("res_id")]).exists()

    @api.model
    def _lane_names(self, kind):
        """The external ids of the copies."""
        prefix = LANES[kind].split(".")[1]
        names = [f"{prefix}_{place}" for place in range(2, MAX_LANES + 1)]
        # sudo: ir.model.data - names of our own scheduled actions
        return (
            self.env["ir.model.data"]
            .sudo()
            .search(
                [
                    ("module", "=", "helpdesk_social"),
                    ("model", "=", "ir.cron"),
                    ("name", "in", names),
                ],
                order="name",
            )
        )

    @api.model
    def _set_lanes(self, kind, number):
        """Have ``number`` lanes: copies of the first one, or fewer of them.

        The copies carry external ids of this addon: they survive updates and go
        when it is uninstalled. A lane that is at work right now is not removed;
        Odoo says so.
        """
        if not 1 <= number <= MAX_LANES:
            raise ValidationError(
                self.env._(
                    "There can be between 1 and %(max)s lanes of a kind.", max=MAX_LANES
                )
            )
        lanes = self._lanes(kind)
        if not lanes:
            return
        lanes[number:].unlink()
        first, prefix = lanes[0], LANES[kind].split(".")[1]
        taken = set(self._lane_names(kind).mapped("name"))
        free = [
            place
            for place in range(2, MAX_LANES + 1)
            if f"{prefix}_{place}" not in taken
        ]
        for place in free[: max(0, number - len(lanes))]:
            lane = first.copy(
                {
                    "name": f"{first.name} ({place})",
                    "active": first.active,
                    # apart from each other, so that they do not start together
                    "nextcall": fields.Datetime.add(
                        fields.Datetime.now(), seconds=7 * place
                    ),
                }
            )
            # sudo: ir.model.data - see above
            self.env["ir.model.data"].sudo()._update_xmlids(
                [
                    {
                        "xml_id": f"helpdesk_social.{prefix}_{place}",
                        "record": lane,
                        "noupdate": True,
                    }
                ]
            )

    # === WAKING === #
    @api.model
    def _wake(self, kind):
        """Wake a lane as soon as this transaction is committed; once, not per call.

        A lane that starts before the commit would not see what it is woken for,
        and a trigger that a running lane is about to delete wakes nobody. So the
        question "is somebody on the way already?" is asked after the commit.
        """
        # sudo: ir.model.data - the id of one scheduled action of ours
        names = self.env["ir.model.data"].sudo()
        cron_id = names._xmlid_to_res_id(LANES[kind], raise_if_not_found=False)
        if not cron_id:
            return
        cr = self.env.cr
        if module.current_test:
            # a test's cursor ignores what is to happen after the commit
            cr.execute(_trigger_once(cron_id))
            return
        waking = cr.postcommit.data.setdefault("helpdesk_social.waking", set())
        if cron_id not in waking:
            waking.add(cron_id)
            cr.postcommit.add(lambda: _wake_now(cr.dbname, cron_id))

    @api.model
    def _kept_waiting(self, *kinds):
        """Is a lane of these kinds called for, and no worker takes it?

        Where few workers run, the one that asks is perhaps the only one. A lane that
        is at work has begun to delete the row that called it (``xmax``): what called
        it since then waits for that lane and for nobody else.
        """
        # sudo: ir.model.data - ids of scheduled actions of ours
        names = self.env["ir.model.data"].sudo()
        first = [
            names._xmlid_to_res_id(LANES[kind], raise_if_not_found=False) or 0
            for kind in kinds
        ]
        self.env.cr.execute(
            SQL(
                """
                SELECT 1 FROM ir_cron c
                WHERE c.id = ANY(%s) AND c.active
                    AND EXISTS (
                        SELECT 1 FROM ir_cron_trigger t
                        WHERE t.cron_id = c.id AND t.xmax = 0 AND t.call_at <=
                            (now() AT TIME ZONE 'utc') - make_interval(secs => 2))
                    AND NOT EXISTS (
                        SELECT 1 FROM ir_cron_trigger t
                        WHERE t.cron_id = c.id AND t.xmax <> 0)
                LIMIT 1
                """,
                first,
            )
        )
        return bool(self.env.cr.fetchone())


def _trigger_once(cron_id):
    """Trigger the scheduled action unless somebody has just done so.

    A row with ``xmax`` is being deleted by a lane that has started: it does not
    count. Nor does an old one, whose notice may have been lost, nor one that was
    made for a later moment and of which nobody was told when that moment came.
    """
    return SQL(
        """
        INSERT INTO ir_cron_trigger (cron_id, call_at, create_date)
        SELECT id, date_trunc('second', now() AT TIME ZONE 'utc'),
            now() AT TIME ZONE 'utc'
        FROM ir_cron WHERE id = %(cron)s AND active AND NOT EXISTS (
            SELECT 1 FROM ir_cron_trigger
            WHERE cron_id = %(cron)s AND xmax = 0
                AND call_at <= now() AT TIME ZONE 'utc'
                AND create_date > now() AT TIME ZONE 'utc' - make_interval(secs => 2))
        """,
        cron=cron_id,
    )


def _wake_now(dbname, cron_id):
    """Outside any transaction of the caller: its work is committed already.

    Must not fail: the lane looks by itself within a minute anyway.
    """
    try:
        with sql_db.db_connect(dbname).cursor() as cr:
            # a lost trigger costs a minute at worst: not worth waiting for a disk
            cr.execute(
                SQL("SET LOCAL synchronous_commit = off; %s", _trigger_once(cron_id))
            )
            if cr.rowcount:
                env = api.Environment(cr, SUPERUSER_ID, {})
                cr.postcommit.add(env["ir.cron"]._notifydb)
    except Error:
        _logger.warning("could not wake scheduled action %s", cron_id, exc_info=True)
