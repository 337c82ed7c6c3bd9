"""Editing what we have said: other words in place of ours, on the network and here.

New words in public are as dangerous as those of a new reply, so all that is asked of
one is asked again. What has been sent cannot wait: words that would need a second
person are refused. The old words stay as a version, with who wrote and who approved
them. Files are never touched, nor what is not on the network.
"""

from dataclasses import replace

from odoo import fields, models
from odoo.exceptions import AccessError, LockError, UserError

from ..networks import base, errors
from . import common, social_failure
from .intake_edit import with_revision, words_digest
from .social_concern import HOLD, QUEUE, WRITE, ConcernError

#: states of a reply that is surely on the network
THERE = ("sent", "delivered", "read")
#: states of a part that has not left, or of which nobody knows
ON_ITS_WAY = ("held", "queued", "sending", "uncertain")


class EditLostError(UserError):
    """The network may have done it: nobody knows, and doing it again is harmless."""


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    edited_by_id = fields.Many2one(
        "res.users",
        copy=False,
        readonly=True,
        help="Who wrote its present words from here; empty: whoever wrote the first "
        "ones, or somebody in the network's own app.",
    )
    edit_tried = fields.Json(
        copy=False,
        readonly=True,
        help="An edit of which nobody knows whether the network made it: {user_id, "
        "digest of its words}.",
    )

    # === WHAT MAY BE DONE === #
    def _afforded(self, message, one, reason, known):
        """Override: only what is on the network is edited there."""
        if one.kind == base.EDIT and not message._is_there():
            reason = reason or "not_sent"
        return super()._afforded(message, one, reason, known)

    def _is_there(self):
        """Is it ours, and surely on the network?"""
        return bool(
            self.direction == "out"
            and self.key
            and not self.deleted_at
            and self.delivery_state in THERE
        )

    # === WHILE WRITING === #
    def social_edit_measure(self, text, consent=None):
        """Length and limit of other words for it, as its network counts, and what
        stands against them; as ``social_measure`` of the ticket."""
        self.ensure_one()
        self._check_speaker()
        # sudo: helpdesk.social.message - the speaker was checked
        row, text = self.sudo(), _clean(text)
        try:
            measure = row._edit_measure(text)
        except errors.NetworkError as error:
            return {"error": social_failure.explain(self.env, error.code, error.detail)}
        concerns = self._edit_concerns(text, consent, WRITE)
        return {
            "length": measure.length,
            "limit": measure.limit,
            "cost": measure.cost,
            "concerns": [one.told() for one in concerns],
        }

    def _edit_measure(self, text):
        adapter = self.account_id._bare_adapter(tokens={})
        return adapter.measure(replace(self._draft(), text=text))

    def _edit_concerns(self, text, consent, stage):
        """What stands against these words in place of the present ones."""
        return self.ticket_id._social_concerns(self._edit_words(text, consent, stage))

    def _edit_words(self, text, consent, stage):
        return replace(
            self._words(stage),
            text=text,
            user=self.env.user,
            consent=consent if isinstance(consent, dict) else {},
            # they are not what is in the row, nor what was agreed to
            message=None,
        )

    # === EDITING === #
    def social_edit(self, text, consent=None, seen=None):
        """Other words in place of ours; JSON for the browser, with a sentence when it
        cannot be. The same words twice change nothing.

        :param consent: {concern: what the person decided about it}
        :param seen: the words that were on the person's screen
        """
        self.ensure_one()
        try:
            # nothing is written before the network has taken it
            self._edit(_clean(text), consent, seen)
        except errors.NotFoundError:
            # sudo: helpdesk.social.message - the speaker was checked
            self.sudo()._tombstone()
            error = self.env._("It is gone on the network, so it cannot be edited.")
            self._edit_told()
            return {"ok": False, "gone": True, "error": error}
        except EditLostError as error:
            self._edit_note_tried(_clean(text))
            return {"ok": False, "error": str(error.args[0])}
        except LockError:
            error = self.env._("Somebody is just changing this message. Try again.")
            return {"ok": False, "error": error}
        except AccessError:
            error = social_failure.explain(self.env, "not_allowed_to_speak")
            return {"ok": False, "error": error}
        except ConcernError as error:
            told = [one.told() for one in error.concerns]
            return {"ok": False, "error": str(error.args[0]), "concerns": told}
        except UserError as error:
            return {"ok": False, "error": str(error.args[0])}
        self._edit_told()
        return {"ok": True}

    def _edit(self, text, consent, seen):
        """:raises UserError: why it may not be, or what the network said
        :raises NotFoundError: it is gone on the network
        :raises LockError: somebody else is at it
        """
        self._check_speaker()
        # sudo: helpdesk.social.message - the speaker was checked. Locked until all is
        # stored: nobody else's words come between the network's and ours
        row = self.sudo()
        row.lock_for_update()
        row.invalidate_recordset()
        if row._is_there() and text and text == row.text:
            return  # a second click
        self._edit_check(row, text, consent, seen)
        try:
            row.account_id._adapter().moderate(
                base.EDIT, replace(row._target(), text=text)
            )
        except errors.NotFoundError:
            raise
        except (errors.TransientError, errors.UncertainError) as error:
            # a repeat sets the same words: nobody has to look
            raise EditLostError(
                self.env._(
                    "%(why)s The words may have changed on the network or not; save "
                    "them again.",
                    why=social_failure.explain(self.env, error.code, error.detail),
                )
                if not isinstance(error, errors.RateLimited)
                else social_failure.explain(self.env, error.code, error.detail)
            ) from error
        except errors.NetworkError as error:
            raise UserError(
                social_failure.explain(self.env, error.code, error.detail)
            ) from error
        words = self._edit_words(text, consent, QUEUE)
        row._edit_store(text)
        row._edited(words)

    def _edit_check(self, row, text, consent, seen):
        """All that must be true before other words stand there.

        :raises UserError: with a sentence that says why not
        """

        def refuse(code):
            raise UserError(social_failure.explain(self.env, code))

        afforded = {one["kind"]: one for one in self.social_affordances()}
        found = afforded.get(base.EDIT)
        if not found:
            refuse("deleted" if row.deleted_at else "unsupported")
        if not found["allowed"]:
            raise UserError(found["reason"])
        if seen is not None and _clean(seen) != _clean(row.text):
            raise UserError(
                self.env._("It was changed meanwhile. Please look, and edit it again.")
            )
        if not text:
            raise UserError(
                self.env._("Nothing would be left of it. Delete it instead.")
            )
        if row.parts > 1 and any(
            one.delivery_state in ON_ITS_WAY for one in row._whole_reply()
        ):
            raise UserError(
                self.env._("Other parts of this reply are on their way. Wait a moment.")
            )
        try:
            measure = row._edit_measure(text)
        except errors.NetworkError as error:
            raise UserError(
                social_failure.explain(self.env, error.code, error.detail)
            ) from error
        if measure.limit and measure.length > measure.limit:
            refuse("too_long")
        concerns = self._edit_concerns(text, consent, QUEUE)
        self.ticket_id._social_refuse_concerns(concerns)
        holds = [one.message for one in concerns if one.effect == HOLD]
        if holds:
            raise UserError(
                self.env._(
                    "%(why)s What has been sent cannot wait for that: somebody whose "
                    "words need no approval may edit it, or delete it and write a new "
                    "reply.",
                    why=" ".join(holds),
                )
            )

    def _edit_store(self, text):
        """The network has taken these words; the ones before become a version."""
        now = fields.Datetime.now()
        self.write(
            {
                "revisions": with_revision(self.revisions, self._edit_version()),
                "text": text,
                "edited_at": now,
                "revised_at": now,
                "edited_by_id": self.env.uid,
                "edit_tried": False,
            }
        )

    def _edit_version(self):
        """The present words as a version: whose they are, and who approved them."""
        version = {
            "revision": self.revision or 0,
            "at": str(self.edited_at or self.sent_at),
            "text": self.text or "",
        }
        if self.warning:
            version["warning"] = self.warning
        author = self.edited_by_id or (not self.edited_at and self.user_id)
        if author:
            version |= {"user_id": author.id, "by": author.name}
        approval = self.approval_id
        if approval.state == "approved" and not self.edited_at:
            version["approved_by"] = approval.decided_by_id.name
        return version

    def _edited(self, words):
        """Features note what was decided about the new words."""
        self.consent = {**(self.consent or {}), **words.consent} or False

    def _edit_note_tried(self, text):
        """If it comes back from the network after all, whose words they are is known;
        the words themselves are not kept twice."""
        # sudo: helpdesk.social.message - the speaker was checked before the call
        self.sudo().edit_tried = {"user_id": self.env.uid, "digest": words_digest(text)}

    def _edit_told(self):
        self.env["helpdesk.social.live"]._changed(self)

    # === FOR THE BROWSER === #
    def _timeline_row(self, parents, files, words):
        row = super()._timeline_row(parents, files, words)
        row["edited_by"] = ""
        if self.edited_by_id:
            # sudo: res.users - the colleague's name
            row["edited_by"] = self.sudo().edited_by_id.name
        if self.direction == "out" and self.edited_at and row["approval"]:
            # it was given for other words
            self._edit_note_approval(row)
        return row

    def _edit_note_approval(self, row):
        for note in row["notes"]:
            if note["icon"] == "fa-check-square-o":
                note["text"] = self.env._(
                    "%(approved)s, before it was edited", approved=note["text"]
                )

    def _timeline_revisions(self, files):
        told = super()._timeline_revisions(files)
        for old, version in zip(self.revisions or [], told, strict=True):
            version["by"] = old.get("by") or ""
            version["approved_by"] = old.get("approved_by") or ""
        return told


def _clean(text):
    return common.storable(text if isinstance(text, str) else "").strip()
