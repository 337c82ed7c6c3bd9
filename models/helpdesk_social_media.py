"""Inbound files: fetched by a lane, sniffed, capped, stored on *our* model.

A file that cannot be had never holds its message back. Nothing is ever stored on a
ticket, whose attachments the portal shows, and nothing that a browser could run is
stored under a type that it would run.
"""

import logging
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import mute_logger
from odoo.tools.mimetypes import guess_mimetype

from ..networks import base, errors
from . import common, social_failure

_logger = logging.getLogger(__name__)

#: types a browser may show; everything else is a download without a type. SVG and
#: HTML can carry scripts and are not among them.
SHOWN = {
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "video/mp4",
    "video/webm",
    "video/quicktime",
    "audio/mpeg",
    "audio/ogg",
    "audio/mp4",
    "audio/wav",
    "audio/x-wav",
    "application/pdf",
}
#: what everything else is stored as. Not the usual application/octet-stream: for that
#: `ir.attachment` would guess again, and find the script we want to keep asleep
DOWNLOAD = "application/x-download"
#: what sniffing cannot tell apart: (magic at offset, type)
_MAGIC = (
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (8, b"WEBP", "image/webp"),
)
#: attempts per message, and minutes before a lane that died is taken over
ATTEMPTS, LEASE = 5, 5
#: bytes of one file that we keep, whatever the network allows
MAX_FILE = 25 * 1024 * 1024


def sniff(data: bytes) -> str:
    """The type of ``data`` as its bytes tell it, or ``DOWNLOAD``."""
    for offset, magic, mime in _MAGIC:
        if data[offset : offset + len(magic)] == magic:
            return mime
    mime = guess_mimetype(data, default=DOWNLOAD)
    return mime if mime in SHOWN else DOWNLOAD


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    media_try_at = fields.Datetime(help="When files are fetched (again).")
    media_attempts = fields.Integer()

    _media_todo = models.Index("(media_try_at) WHERE media_try_at IS NOT NULL")

    @api.model
    def _cron_fetch_media(self):
        """Fetch the files of messages that have some; one lane of several."""
        left = common.commit(self.env, remaining=1)
        while left:
            message = self._claim_media()
            if not message:
                break
            message._fetch_media()
            self.env["helpdesk.social.live"]._changed(message)
            left = common.commit(self.env, 1, 1)  # commit: the files of one message
        common.commit(self.env, remaining=0 if left else 1)

    @api.model
    def _claim_media(self):
        """The next message with files to fetch, put off for other lanes.

        From accounts that may speak only: a stopped one, or a copy of a database,
        asks for no file either.
        """
        now = fields.Datetime.now()
        accounts = self.env["helpdesk.social.outbox"]._speaking_accounts()
        due = self.search(
            Domain("media_try_at", "<=", now)
            & Domain("account_id", "in", accounts.ids),
            order="media_try_at",
            limit=10,
        )
        try:
            with mute_logger("odoo.sql_db"):
                due = due.try_lock_for_update(limit=1)
                due.write(
                    {
                        "media_try_at": now + timedelta(minutes=LEASE),
                        "media_attempts": due.media_attempts + 1,
                    }
                )
                self.env.flush_all()
        except common.CONCURRENCY:
            common.rollback(self.env)  # another lane was quicker
            return self.browse()
        common.commit(self.env)  # commit: the claim, before any traffic
        return due

    def _fetch_media(self):
        self.ensure_one()
        adapter = self.account_id._adapter()
        can, again = adapter.can(base.MEDIA_IN), None
        media = [dict(one) for one in self.media or []]
        if self.media_attempts > ATTEMPTS:
            # each of the attempts died before it could say why
            lost = [one for one in media if not one.get("attachment_id")]
            for one in lost:
                one.setdefault("error", "crash")
        for one in media:
            if one.get("attachment_id") or one.get("error") or not one.get("ref"):
                continue
            if not can:
                one["error"] = "unsupported"
                continue
            try:
                data, _mime = adapter.fetch_media(one["ref"])
            except errors.NetworkError as error:
                _logger.info("message %s: file: %s", self.id, error)
                effect = social_failure.effect_of(error)
                if effect.message == "queued" and self.media_attempts < ATTEMPTS:
                    again = error.retry_after or 60 * self.media_attempts
                else:
                    one["error"] = error.code
                continue
            except Exception:
                # the border of the lane: one strange file must not keep the others
                _logger.exception("message %s: file", self.id)
                one["error"] = "crash"
                continue
            self._keep_file(one, data)
        now = fields.Datetime.now()
        self.write(
            {
                "media": media,
                "media_try_at": now + timedelta(seconds=again) if again else False,
            }
        )

    def _keep_file(self, one, data):
        if not data or len(data) > MAX_FILE:
            one["error"] = "too_large" if data else "not_found"
            return
        mime = sniff(data)
        name = re.sub(r"[^\w.\- ]", "_", one.get("name") or "")[:100].strip(". ")
        attachment = self.env["ir.attachment"].create(
            {
                "name": name or f"{one.get('kind') or 'file'}-{self.id}",
                "raw": data,
                "mimetype": mime,
                "description": one.get("alt") or False,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        if mime == DOWNLOAD:
            one["kind"] = "file"
        one |= {"attachment_id": attachment.id, "mime": mime, "size": len(data)}
