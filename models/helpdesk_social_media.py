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
from .helpdesk_social_media_policy import LINK

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
    # pictures in a film's clothes, which few browsers show
    *((4, b"ftyp" + brand, DOWNLOAD) for brand in (b"hei", b"hev", b"mif1", b"avi")),
    (4, b"ftyp", "video/mp4"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (8, b"WEBP", "image/webp"),
)
#: attempts per message, and minutes before a lane that died is taken over: ten files
#: at the 40 s that an adapter may take for one, and some air
ATTEMPTS, LEASE = 5, 8
#: bytes of one file that we keep, whatever the network allows
MAX_FILE = 25 * 1024 * 1024
#: tries to write down an answer that meets another worker's
CLASHES = 6


def sniff(data: bytes) -> str:
    """The type of ``data`` as its bytes tell it, or ``DOWNLOAD``."""
    for offset, magic, mime in _MAGIC:
        if data[offset : offset + len(magic)] == magic:
            return mime
    mime = guess_mimetype(data, default=DOWNLOAD)
    return mime if mime in SHOWN else DOWNLOAD


def size_words(size: int) -> str:
    """Bytes as people say them: "340 kB", "2.3 MB". The unit is the same in most
    languages; Odoo's own words for it read as megabits."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} kB"
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0") + " MB"


def is_wanted(one) -> bool:
    """Is this file of a message still to be fetched?"""
    settled = ("attachment_id", "error", "skipped", "expired")
    return bool(one.get("ref")) and not any(one.get(name) for name in settled)


def _may_pass(error) -> bool:
    return social_failure.effect_of(error).message == "queued"


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

    # === ONE MESSAGE === #
    def _fetch_media(self):
        """Fetch what is missing, file by file: each is kept as soon as it is here."""
        self.ensure_one()
        attempts, again = self.media_attempts, None
        wanted = [one["ref"] for one in self.media or [] if is_wanted(one)]
        code, adapter = self._why_no_files()
        for ref in dict.fromkeys(wanted):
            if code:
                self._note(self._note_file, ref, {code[0]: code[1]})
                continue
            common.let_go(self.env)
            data, error = self._ask_for(adapter, ref)
            if error and attempts < ATTEMPTS and _may_pass(error):
                wait = error.retry_after or 60 * attempts
                again = min(again or wait, wait)
                continue
            if error:
                self._note(self._note_file, ref, {"error": error.code})
            else:
                self._note(self._keep_file, ref, data)
        self._note(self._note_end, again)

    def _why_no_files(self):
        """((what to note, its value) or None, the adapter): may files be fetched?"""
        if self.media_attempts > ATTEMPTS:
            # each of the attempts died before it could say why
            return ("error", "crash"), None
        if self.account_id._media_rule()[0] == LINK:
            return ("skipped", True), None
        adapter = self.account_id._adapter()
        if not adapter.can(base.MEDIA_IN):
            return ("error", "unsupported"), None
        return None, adapter

    def _ask_for(self, adapter, ref):
        """(bytes, None) of a file, or (None, what went wrong)."""
        try:
            data, _mime = adapter.fetch_media(ref)
        except errors.NetworkError as error:
            _logger.info("message %s: file: %s", self.id, error)
            return None, error
        except Exception:
            # the border of the lane: one strange file must not keep the others
            _logger.exception("message %s: file", self.id)
            return None, errors.RejectedError("crash")
        if not data:
            return None, errors.NotFoundError("not_found")
        if len(data) > MAX_FILE:
            return None, errors.RejectedError("too_large")
        return data, None

    # === WHAT IS WRITTEN DOWN === #
    def _note(self, write, *answer):
        """Write down an answer although the intake may be at the same row."""
        for _clash in range(CLASHES):
            try:
                with mute_logger("odoo.sql_db"):
                    if self.exists():
                        write(*answer)
                    self.env.flush_all()
                return
            except common.CONCURRENCY as clash:
                _logger.info("message %s: again: %s", self.id, type(clash).__name__)
                common.rollback(self.env)
        # left as it is: the lease ends, and another lane asks once more

    def _note_file(self, ref, values):
        """:return: was the file (still) part of the message?"""
        media = [dict(one) for one in self.media or []]
        mine = [one for one in media if one.get("ref") == ref and is_wanted(one)]
        for one in mine:
            one |= values
        if mine:
            self.media = media
        return bool(mine)

    def _keep_file(self, ref, data):
        """Store a file, unless the message was emptied or changed meanwhile."""
        one = next(
            (one for one in self.media or [] if one["ref"] == ref and is_wanted(one)),
            None,
        )
        if one is None:
            return
        mime = sniff(data)
        name = re.sub(r"[^\w.\- ]", "_", one.get("name") or "")[:100].strip(". ")
        attachment = (
            self.env["ir.attachment"]
            # as it came: scaling down would open it, and few bytes may hold a huge one
            .with_context(image_no_postprocess=True)
            .create(
                {
                    "name": name or f"{one.get('kind') or 'file'}-{self.id}",
                    "raw": data,
                    "mimetype": mime,
                    "description": one.get("alt") or False,
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )
        values = {"attachment_id": attachment.id, "mime": mime, "size": len(data)}
        if mime == DOWNLOAD:
            values["kind"] = "file"
        self._note_file(ref, values)
        self.media_kept = True

    def _note_end(self, again):
        """Nothing more to do now, or once more in ``again`` seconds."""
        if not any(map(is_wanted, self.media or [])):
            self.media_try_at = False
        elif again:
            self.media_try_at = fields.Datetime.now() + timedelta(seconds=again)
        else:
            # an edit brought others meanwhile
            self.media_try_at = fields.Datetime.now()
