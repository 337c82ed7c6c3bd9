"""Words that expire, where a network wants its deletions to be followed.

What is not looked at again every day must not be kept (``helpdesk_social_app_follow``
says for how long it is looked at). Text, files, journal and quotes go; the row, its
times and the link to the network stay. A post whose ticket is open keeps its words, as
long as somebody looks at it. It never asks the network for anything.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from . import common
from .helpdesk_social_media_policy import GRACE
from .intake_apply import CONTENT

_logger = logging.getLogger(__name__)

#: messages emptied per transaction, and most in one run of the scheduled action
BATCH, RUN = 50, 5000
#: what the adapter needs for an answer is no text
WORDS = {name: empty for name, empty in CONTENT.items() if name != "extra"}
#: days that an item which could not be processed is kept for a replay: long enough for
#: a long weekend; nobody can look again at what could not be read
FAILED_DAYS = 7


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    expired_at = fields.Datetime(
        readonly=True, copy=False, help="When its text was forgotten for its age."
    )

    @api.model
    def _cron_expire_text(self):
        """Empty what is too old to be looked at again; tell who can help where the
        duty to look is not met."""
        left, done = common.commit(self.env, remaining=1), 0
        # sudo: helpdesk.social.app - whoever works there, the rule counts
        apps = self.env["helpdesk.social.app"].sudo()._dutiful_apps()
        for app in apps:
            while left and done < RUN:
                old = self._text_overdue(app)
                if not old:
                    break
                for message in old:
                    message._expire_text()
                done += len(old)
                left = common.commit(self.env, len(old), 1)  # commit: these are gone
            app._warn_of_duty()
            common.commit(self.env)  # commit: it was told
        if done:
            _logger.info("texts of %s messages expired", done)
        common.commit(self.env, remaining=0 if left and done < RUN else 1)

    @api.model
    def _text_overdue(self, app):
        """The next messages of this app whose words must go."""
        now = fields.Datetime.now()
        if app.follow_at and app.follow_at + GRACE > now:
            return self.browse()
        accounts = app._all_accounts()
        if not accounts:
            return self.browse()
        self.env.flush_all()
        # SQL: a ticket may be open in three ways, and each is asked for old rows only.
        # What nobody has looked at for as long goes whatever its ticket, and even where
        # nothing expires: its account is gone, or there is no money
        self.env.cr.execute(
            SQL(
                """
                SELECT m.id FROM helpdesk_social_message m
                LEFT JOIN helpdesk_social_conversation c ON c.id = m.conversation_id
                WHERE m.account_id = ANY(%(accounts)s) AND m.reread_at IS NOT NULL
                    AND m.audience = ANY(%(audiences)s)
                    AND m.expired_at IS NULL AND m.deleted_at IS NULL
                    AND m.key IS NOT NULL AND m.origin != 'agent'
                    AND (m.reread_at < %(unseen)s OR m.received_at < %(old)s
                        AND NOT EXISTS (
                        SELECT FROM helpdesk_ticket t
                        JOIN helpdesk_ticket_stage s ON s.id = t.stage_id
                        WHERE t.active AND s.closed IS NOT TRUE AND t.id IN (
                            SELECT m.ticket_id UNION ALL SELECT c.ticket_id UNION ALL
                            SELECT below.ticket_id FROM helpdesk_social_message below
                            WHERE below.parent_id = m.id)))
                ORDER BY m.reread_at, m.id LIMIT %(limit)s
                """,
                accounts=accounts.ids,
                audiences=list(app._adapter_class().reread_audiences),
                old=now - timedelta(days=app.follow_days) if app.follow_days else None,
                unseen=now
                - timedelta(days=app.follow_days or app._adapter_class().reread_days),
                limit=BATCH,
            )
        )
        found = self.sudo().browse([one for (one,) in self.env.cr.fetchall()])
        # a message that somebody is writing to right now has its turn in the next run
        return found.try_lock_for_update()

    def _expire_text(self):
        """Text, files, revisions and all copies go; that it was said stays."""
        self.ensure_one()
        words = self._all_words()
        self.write(
            {**WORDS, "expired_at": fields.Datetime.now(), "reread_at": False},
        )
        self._forget_copies(words)

    def _expired_note(self):
        """What stands for words that expired, in words."""
        self.ensure_one()
        return self.env._(
            "The text expired: open the post on %(network)s to read it.",
            network=self.network_id.name,
        )


class HelpdeskSocialEvent(models.Model):
    _inherit = "helpdesk.social.event"

    @api.autovacuum
    def _gc_raw_without_message(self):
        """Raw items that no message stands for are not looked at again: where that is
        a duty they are emptied within a day, failed ones within a week."""
        # sudo: helpdesk.social.app - whoever works there, the rule counts
        apps = self.env["helpdesk.social.app"].sudo()._dutiful_apps()
        if not apps:
            return 0, False
        self.env.flush_all()
        # SQL: one statement, whatever the journal holds
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_event SET raw = '{}'
                WHERE id IN (
                    SELECT id FROM helpdesk_social_event
                    WHERE app_id = ANY(%s) AND message_id IS NULL AND raw != '{}'
                        AND (state = 'done' OR state = 'dead' AND received_at < %s)
                    LIMIT 10000 FOR NO KEY UPDATE SKIP LOCKED)
                """,
                apps.ids,
                fields.Datetime.now() - timedelta(days=FAILED_DAYS),
            )
        )
        self.invalidate_model(["raw"])
        return self.env.cr.rowcount, self.env.cr.rowcount == 10000
