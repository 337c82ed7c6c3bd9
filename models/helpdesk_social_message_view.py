"""One message as the browser gets it: text, delivery and reasons in words.

Its files are in ``helpdesk_social_message_files``. Nothing is decided here, and nothing
of what was said is looked up: callers found the messages with the rights of the person
who looks.
"""

from odoo import fields, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: shown in the page; everything else (SVG, HTML …) is a download
SHOWN = {
    "image/png": "image",
    "image/jpeg": "image",
    "image/gif": "image",
    "image/webp": "image",
    "video/mp4": "video",
    "video/webm": "video",
    "audio/mpeg": "audio",
    "audio/ogg": "audio",
    "audio/mp4": "audio",
    "audio/wav": "audio",
}
#: codes that the intake leaves on a message, and what they mean to an agent
WHY = {
    "new": _lt("Opened this ticket"),
    "join": _lt("Joined the open ticket"),
    "reopen": _lt("Reopened this ticket"),
    "new_linked": _lt("Opened this ticket; the former one was closed long ago"),
    "follow": _lt("Followed the ticket that a duplicate leads to"),
    "stay": _lt("Changed nothing: a thank-you, or the ticket stays closed"),
    "start": _lt("Opened the chat without a word: nobody is asked to answer"),
    "incident_new": _lt("Opened an incident: many people write below one post"),
    "incident": _lt("Joined the incident: many people write below one post"),
    "ruled_out": _lt("A triage rule: no ticket"),
    "blocked": _lt("Its author is blocked: nobody is asked to answer"),
    "by_hand": _lt("A colleague opened this ticket for it"),
    "attached": _lt("A colleague put it on this ticket"),
    "rule_wrong": _lt("A colleague opened this ticket: the rules were wrong"),
    "bot": _lt("Written by a bot: nobody is asked to answer"),
    "invited": _lt("Came with our invitation into private"),
    "proof": _lt("Brought the code of the private page: nobody is asked to answer"),
    "verified": _lt("Sent back the code that was mailed: nobody is asked to answer"),
    "backlog": _lt("From before the account was connected"),
    "native": _lt("Answered in the network's own app"),
    "own": _lt("Written in the network's own app"),
}


def safe_url(url) -> str:
    """``url`` if a browser may be sent there, else ''."""
    url = (url or "").strip() if isinstance(url, str) else ""
    return url if url.lower().startswith(("https://", "http://")) else ""


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _timeline_row(self, parents, files, words):
        """This message for the browser.

        What is left of a deleted one goes along: where a network wants it forgotten,
        the intake has wiped it already.
        """
        self.ensure_one()
        text = fields.Datetime.to_string
        row = {
            "id": self.id,
            "conversation_id": self.conversation_id.id,
            "account_id": self.account_id.id,
            "also": self.also_account_ids.ids,
            "person_id": self.identity_id.id,
            "user_id": self.user_id.id,
            "direction": self.direction,
            "origin": self.origin,
            "audience": self.audience,
            "context": self.context,
            "text": self.text or "",
            "warning": self._expired_note() if self.expired_at else self.warning or "",
            "language": self.language or "",
            "permalink": "" if self.deleted_at else safe_url(self.permalink),
            # to the microsecond: the browser sorts by it
            "at": str(self.sent_at),
            "received_at": text(self.received_at),
            "late": self.late,
            "edited_at": text(self.edited_at) or False,
            "deleted_at": text(self.deleted_at) or False,
            "deleted_by": self.deleted_by or "",
            "revisions": self._timeline_revisions(files),
            # the answer stands under a text that is no longer the same
            "answered_before_edit": bool(
                self.edited_at
                and self.handled_at
                and self.handled_how in ("answered", "native")
                and self.handled_at < self.edited_at
            ),
            # the other way round, on the answer: what it answers reads differently now
            "parent_edited": bool(
                self.direction == "out"
                and self.parent_id in parents
                and not self.parent_id.deleted_at
                and not self._saw(self.parent_id)
            ),
            "media": self._timeline_media(files),
            "parent": False,
            "waiting": self.waiting,
            "handled": self.handled_at
            and {
                "how": self.handled_how or "",
                "label": words["handled_how"].get(self.handled_how, ""),
                "user_id": self.handled_by_id.id,
                "at": text(self.handled_at),
            },
            "liked": self.liked,
            "hidden": self.hidden,
            "reactions": sorted((self.reactions or {}).items()),
            "why": self._timeline_why(),
            # {icon, text, tone, title}: remarks of the desk's features
            "notes": [],
            "delivery": self._timeline_delivery(words),
        }
        if self.parent_id in parents:
            row["parent"] = {
                "id": self.parent_id.id,
                "person_id": self.parent_id.identity_id.id,
                "preview": "" if self.parent_id.deleted_at else self.parent_id.preview,
                "deleted": bool(self.parent_id.deleted_at),
                "direction": self.parent_id.direction,
            }
        return row

    def _timeline_delivery(self, words):
        if self.direction != "out" or not self.delivery_state:
            return False
        text = fields.Datetime.to_string
        return {
            "state": self.delivery_state,
            "label": words["delivery_state"].get(self.delivery_state, ""),
            "error": self.error_text or "",
            "next_try_at": text(self.next_try_at) or False,
            "part": self.part,
            "parts": self.parts,
        }

    def _timeline_why(self):
        """Why this message opened or joined a ticket, as a sentence, or ''."""
        words = WHY.get(self.why or "")
        return self.env._(words) if words else ""  # pylint: disable=translation-not-lazy
