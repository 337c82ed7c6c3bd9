"""Files on their way ahead of a reply, step by step.

Large files on slow lines take longer than a lane may hold a reply and than Odoo lets a
worker run. So each step is written down before the next one: another lane, another
run, or another day goes on where this one stopped. Nothing here publishes anything.
"""

import logging
import time
from dataclasses import replace

from odoo import api, models
from odoo.tools import SQL, mute_logger

from ..networks import base, errors
from . import common
from .common import CONCURRENCY
from .helpdesk_social_intake import CLASHES
from .helpdesk_social_outbox import LEASE

_logger = logging.getLogger(__name__)

#: seconds after which a run ends for good. Odoo repeats an unfinished one up to ten
#: times without looking at the clock (``MIN_RUNS_PER_JOB``) and kills the worker after
#: 120 s (``limit_time_real``): ten short runs fit in there, two with an upload do not
LONG_RUN = 10


class HelpdeskSocialOutbox(models.AbstractModel):
    _inherit = "helpdesk.social.outbox"

    @api.model
    def _cron_deliver(self):
        """Override: a run that took long makes room, and is called anew."""
        start = time.monotonic()
        result = super()._cron_deliver()
        if time.monotonic() - start > LONG_RUN:
            self._wake()
            # what is left is found by the run that was just asked for
            common.commit(self.env, remaining=0)
        return result

    @api.model
    def _stage_files(self, message, adapter):
        """Upload files ahead of the post. Nobody sees them, so a repeat is harmless;
        each step is committed, so it is not done again, and renews the lease, or
        another lane would take the reply for dead and send it too.

        :return: is the reply still ours to send, now? What went wrong is noted
        """
        if not adapter.can(base.STAGE) or not message.attachment_ids:
            return True
        turn, files = message.attempts, message.attachment_ids
        uploads = message._draft(with_files=True).media
        common.commit(self.env)  # commit: the claim, before the first upload
        for file, upload in zip(files, uploads, strict=True):
            ref = upload.staged
            while base.unfinished(ref):
                common.let_go(self.env)
                try:
                    ref = adapter.stage(replace(upload, staged=ref))
                except errors.NetworkError as error:
                    self._staging_failed(message, turn, error, adapter)
                    return False
                common.failpoint("outbox: between steps of an upload")
                if not self._still_mine(message, turn):
                    return False
                ref = common.storable(ref)
                message.staged = {**(message.staged or {}), str(file.id): ref}
                # commit: what was uploaded, and the lease
                left = common.commit(self.env)
                if base.unfinished(ref) and not left:
                    return self._go_on_later(message, turn)
        return True

    @api.model
    def _go_on_later(self, message, turn):
        """The run's time is up: others get their turn, then the next step comes."""
        message._move(
            "queued", attempts=turn - 1, sending_until=False, next_try_at=False
        )
        return False

    @api.model
    def _still_mine(self, message, turn):
        """Renew the lease of a reply; False when another lane has taken it over.

        :param turn: ``attempts`` when we took it; whoever takes it over counts on, so
            a reply that is being sent again is not ours either
        """
        for clash in range(CLASHES):
            try:
                with mute_logger("odoo.sql_db"):
                    self.env.cr.execute(
                        SQL(
                            """
                            UPDATE helpdesk_social_message SET sending_until =
                                (clock_timestamp() AT TIME ZONE 'utc')
                                + make_interval(secs => %s)
                            WHERE id = %s AND delivery_state = 'sending'
                                AND attempts = %s
                            """,
                            LEASE,
                            message.id,
                            turn,
                        ),
                        log_exceptions=False,
                    )
                break
            except CONCURRENCY as error:
                if clash == CLASHES - 1:
                    raise
                _logger.info("reply %s: again: %s", message.id, type(error).__name__)
                common.rollback(self.env)
        mine = self.env.cr.rowcount == 1
        message.invalidate_recordset()
        if not mine:
            _logger.info("reply %s: taken over, leaving", message.id)
        return mine

    @api.model
    def _staging_failed(self, message, turn, error, adapter):
        """Nothing was published yet, so even a lost answer is only a delay."""
        _logger.info("reply %s: upload: %s", message.id, error)
        if not self._still_mine(message, turn):
            return
        if isinstance(error, errors.UncertainError | errors.MalformedResponse):
            error = errors.TransientError(error.code, error.detail)
        if error.code == base.UPLOAD_LOST:
            whole = {
                file: ref
                for file, ref in (message.staged or {}).items()
                if not base.unfinished(ref)
            }
            message.staged = whole or False
        message._send_failed(error, adapter)
