"""Files on the private page: those the person sends, and those we answer with.

A file is taken when its bytes are of a type that browsers show (``sniff``), whatever it
calls itself; it waits on the hand-off, which nobody may read, until the lane for files
takes it to the message. What the page serves is of its own conversation alone, always
as a download, and only what its person may see.
"""

import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..networks import items
from .helpdesk_social_handoff_browser import SPAN
from .helpdesk_social_handoff_page import SAID
from .helpdesk_social_media import DOWNLOAD, SHOWN, size_words, sniff
from .helpdesk_social_media_policy import LINK

#: files of one message, bytes of one: pictures of a phone, a scan. Together with the
#: text it is what a form may hold (``controllers/private_page``)
MAX_FILES, MAX_SIZE = 4, 5 * 1024 * 1024
#: files that one page takes in ten minutes
PER_SPAN = 20
#: days after which what nobody fetched goes: the lane gives up long before
KEEP = timedelta(days=3)


class HelpdeskSocialHandoff(models.Model):
    _inherit = "helpdesk.social.handoff"

    # === WHAT COMES IN === #
    def _page_takes_files(self):
        """Not where files are only linked to: there is nothing to link to here."""
        return self.account_id._media_rule()[0] != LINK

    def _page_refuses_files(self, files):
        """Why these cannot be sent, as a code, or ''.

        :param files: list of (name, bytes)
        """
        self.ensure_one()
        if not files:
            return ""
        if not self._page_takes_files() or len(files) > MAX_FILES:
            return "files"
        if any(len(data) > MAX_SIZE for _name, data in files):
            return "large"
        if any(not data or sniff(data) == DOWNLOAD for _name, data in files):
            return "kind"
        recent = self._page_waiting() & Domain(
            "create_date", ">", fields.Datetime.now() - SPAN
        )
        # sudo: ir.attachment - how many, on a hand-off that was found by its address
        sent = self.env["ir.attachment"].sudo().search_count(recent)
        return "often" if sent + len(files) > PER_SPAN else ""

    def _page_waiting(self):
        return Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)

    def _page_keep(self, files):
        """Keep them until they are fetched: ``media`` of a raw item."""
        # sudo: ir.attachment - written by code only, on a model nobody may read
        attachments = self.env["ir.attachment"].sudo()
        found = []
        for number, (name, data) in enumerate(files, 1):
            mime = sniff(data)
            kind = mime.partition("/")[0]
            kept = attachments.with_context(image_no_postprocess=True).create(
                {
                    "name": self._page_file_name(name) or f"file-{number}",
                    "raw": data,
                    "mimetype": mime,
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
            found.append(
                {
                    "ref": str(kept.id),
                    "kind": kind if kind in ("image", "video", "audio") else "file",
                    "mime": mime,
                    "name": kept.name,
                    "size": len(data),
                }
            )
        return found

    @api.model
    def _page_file_name(self, name):
        """A name as a person reads it: no path, no controls, no direction marks."""
        name = re.split(r"[/\\]", str(name or ""))[-1]
        return re.sub(r"[^\w.\- ]", "_", name)[:100].strip(". ")

    @api.model
    def _page_fetch(self, account, ref):
        """{data, mime} of a file that waits on a hand-off of this account; or {}."""
        number = int(ref) if str(ref).isdecimal() and len(str(ref)) < 10 else 0
        # sudo: ir.attachment, .handoff - only a file that waits there is given out
        kept = self.env["ir.attachment"].sudo().browse(number).exists()
        if not kept or kept.res_model != self._name:
            return {}
        handoff = self.sudo().browse(kept.res_id).exists()
        if handoff.account_id != account:
            return {}
        return {"data": kept.raw, "mime": kept.mimetype}

    @api.autovacuum
    def _gc_page_files(self):
        """What was fetched, or never will be."""
        old = Domain("res_model", "=", self._name)
        old &= Domain("create_date", "<", fields.Datetime.now() - KEEP)
        self.env["ir.attachment"].sudo().search(old, limit=1000).unlink()

    # === WHAT IS SHOWN === #
    def _page_files_of(self, message):
        """Files of a message as the page shows them: {name, size, path, image}."""
        if message.direction == "out":
            found = [(one.name, one) for one in message.attachment_ids]
        else:
            attachments = self.env["ir.attachment"]
            found = [
                (one.get("name"), attachments.browse(one.get("attachment_id") or ()))
                for one in message.media or []
                if not one.get("expired")
            ]
        return [
            {
                "name": name or self.env._("File"),
                "size": size_words(kept.file_size) if kept.exists() else "",
                "path": f"/file/{message.id}/{kept.id}" if kept.exists() else "",
                "image": bool(kept.exists())
                and kept.mimetype in SHOWN
                and kept.mimetype.startswith("image/"),
            }
            for name, kept in found
        ]

    def _page_file(self, message_id, attachment_id):
        """The file, if it is one that this page shows; empty otherwise."""
        self.ensure_one()
        message = self.env["helpdesk.social.message"].search(
            Domain("id", "=", message_id)
            & Domain("conversation_id", "=", self.conversation_id.id)
            & Domain("conversation_id", "!=", False)
            & Domain("deleted_at", "=", False)
            & (Domain("direction", "=", "in") | Domain("delivery_state", "in", SAID))
            & Domain("audience", "=", items.PRIVATE)
        )
        shown = self._page_files_of(message) if message else []
        path = f"/file/{message_id}/{attachment_id}"
        if path not in [one["path"] for one in shown]:
            return self.env["ir.attachment"]
        return self.env["ir.attachment"].browse(attachment_id)
