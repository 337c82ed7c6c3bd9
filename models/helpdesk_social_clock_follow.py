"""The clocks follow what messages say: when they are looked at, and for whom.

Asked for people in conversations where something began or ceased to wait: of the
thousands in a thread that went viral, for those alone. What is read and written then
is in ``clock_following``. A handful of queries whatever the number of
messages, none where no account has a target. It must never keep a message from being
stored: what goes wrong here is logged, and the clocks are put right when the
conversation is looked at again.
"""

import logging
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from odoo import api, models
from odoo.tools import SQL

from .clock_following import Following
from .common import CONCURRENCY

_logger = logging.getLogger(__name__)

#: cursor of a batch -> pairs (conversation, person or None) to look at after it
_gathered = WeakKeyDictionary()


class HelpdeskSocialClock(models.Model):
    _inherit = "helpdesk.social.clock"

    # === WHEN === #
    @api.model
    @contextmanager
    def _gathering(self):
        """Within it, who is concerned is noted, and looked at once, at its end."""
        cr = self.env.cr
        if cr in _gathered:
            yield  # whoever began does it
            return
        _gathered[cr] = set()
        try:
            yield
        except BaseException:
            del _gathered[cr]
            raise
        self._look_at(_gathered.pop(cr))

    @api.model
    def _touched(self, pairs):
        """Something of these people began or ceased to wait.

        :param pairs: set of (id of the conversation, id of the person or None)
        """
        if not pairs or not self.env["helpdesk.social.account"]._any_clock():
            return
        noted = _gathered.get(self.env.cr)
        if noted is not None:
            noted.update(pairs)
            return
        self._keep_others_out({thread for thread, _person in pairs})
        self._look_at(pairs)

    @api.model
    def _keep_others_out(self, thread_ids):
        """Two who look at one conversation at once would each miss what the other
        did: the later one starts over. Batches write the conversation anyway."""
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_social_conversation SET write_date = "
                "now() AT TIME ZONE 'utc' WHERE id IN %s",
                tuple(sorted(thread_ids)),
            )
        )

    @api.model
    def _look_at(self, pairs):
        """As ``_follow``, and a mistake in it costs nobody his message."""
        if not pairs:
            return
        # sudo: helpdesk.social.clock, .conversation - bookkeeping of whoever answered
        ids = sorted({thread for thread, _person in pairs})
        threads = self.env["helpdesk.social.conversation"].sudo().browse(ids)
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                self.sudo()._follow(threads, pairs)
        except CONCURRENCY:
            raise
        except Exception:
            _logger.exception("conversations %s: no clocks", ids[:20])

    @api.model
    def _go_on_without(self, answers):
        """These answers were none: the clocks that they stopped run on, since they
        began. What began meanwhile is part of the same waiting."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (k.conversation_id, k.identity_id) k.id
                  FROM helpdesk_social_clock k
                 WHERE k.answer_id IN %s AND k.kind != 'resolution'
                 ORDER BY k.conversation_id, k.identity_id, k.started_at, k.id
                """,
                tuple(answers.ids),
            )
        )
        if not rows:
            return
        again = tuple(row[0] for row in rows)
        others = self.env.execute_query(
            SQL(
                """
                SELECT o.id, o.activity_id FROM helpdesk_social_clock o
                  JOIN helpdesk_social_clock k
                    ON o.conversation_id = k.conversation_id
                   AND o.identity_id IS NOT DISTINCT FROM k.identity_id
                 WHERE k.id IN %s AND o.id NOT IN %s AND o.kind != 'resolution'
                   AND (o.stopped_at IS NULL OR o.answer_id IN %s)
                """,
                again,
                again,
                tuple(answers.ids),
            )
        )
        self._give_up(others)
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_social_clock SET running_since = started_at, "
                "spent = 0, stopped_at = NULL, outcome = NULL, answer_id = NULL, "
                "user_id = NULL, minutes = NULL, in_time = NULL, warned_at = NULL, "
                "target = NULL, deadline = NULL WHERE id IN %s",
                again,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _give_up(self, rows):
        """Remove clocks, given as (id, id of the activity), with their activities."""
        if not rows:
            return
        ids = [activity for _id, activity in rows if activity]
        self.env["mail.activity"].browse(ids).exists().unlink()
        self.env.cr.execute(
            SQL(
                "DELETE FROM helpdesk_social_clock WHERE id IN %s",
                tuple(row[0] for row in rows),
            )
        )
        self.invalidate_model(flush=False)

    # === WHAT === #
    @api.model
    def _follow(self, threads, pairs=None):
        """Bring the clocks of these conversations up to date.

        :param pairs: the people who are concerned, as for ``_touched``; None:
            everybody, and all deadlines anew: targets or working hours have changed
        """
        for account, of_account in threads.exists().grouped("account_id").items():
            targets = account._clock_targets()
            if targets or pairs is None:
                Following(account, targets, of_account, pairs).run()
        self.invalidate_model(flush=False)
        messages = self.env["helpdesk.social.message"]
        messages.invalidate_model(["clock", "clock_due"], flush=False)
        self.env["helpdesk.ticket"].invalidate_model(
            ["social_clock", "social_due", "social_clock_ids"], flush=False
        )
