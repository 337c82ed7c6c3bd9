"""The guard before publishing: what a public answer must not show.

It blocks what everybody or a group would read. Its author may say why it must be said
all the same; that is written down, and may need a second person (``approval``). Found
again at the moment of sending, when only what was agreed to may pass. What it found is
told as a kind and a place in the author's own words: never which record it came from.
"""

import unicodedata
from dataclasses import replace

from odoo import fields, models
from odoo.tools.misc import hmac

from ..networks import items
from ..texts import guard
from . import guard_books
from .guard_words import enumerated, kind_words
from .intake_edit import MAX_REVISIONS
from .social_concern import BLOCK, HOLD, SEND, WARN, Concern

CODE, APPROVAL = "guard", "approval"
#: characters: "because" explains nothing, a page is not read by anybody
REASON_LEAST, REASON_MOST = 5, 500
#: of the keyed digest; it names one of a handful of finds, never proves anything
MARK_SCOPE, MARK_LENGTH = "helpdesk_social.guard", 32


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_concerns(self, words):
        concerns = super()._social_concerns(words)
        if words.audience != items.PRIVATE:
            concerns = concerns + self._guard_concerns(words)
        return concerns

    # === WHAT IS FOUND === #
    def _guard_concerns(self, words):
        found = self._guard_finds(words)
        if not found:
            return []
        second = self._guard_needs_second(words.account)
        details = {
            "finds": [self._guard_told(*one) for one in found],
            # sent back with the reason: it lets these very finds pass, no others
            "marks": self._guard_marks(found),
            # the places are good for this text only
            "length": len(words.text or ""),
            "second": second,
            "overridden": False,
        }
        if words.stage == SEND and words.message:
            return self._guard_before_sending(words.message, found, second, details)
        reason = self._guard_reason(words.consent)
        if not reason:
            return [self._guard_blocks(found, details)]
        if self._guard_repeats(reason, words):
            sentence = self.env._(
                "The reason must not repeat what is private: it is kept and read by "
                "others."
            )
            return [Concern(CODE, BLOCK, sentence, {**details, "reason": False})]
        unseen = self._guard_unseen(words.consent, found)
        if unseen:
            return [self._guard_blocks(unseen, details)]
        return self._guard_lets_pass(found, second, {**details, "overridden": True})

    def _guard_finds(self, words):
        """[(0 for the text or the file's id, find)], in the order of the text."""
        texts = [(0, words.text)]
        texts += [(one.id, one.description) for one in words.files.sudo()]
        texts = [(where, text) for where, text in texts if (text or "").strip()]
        if not texts:
            return []
        own, regions = guard_books.of_customer(
            self, words.person, words.account, words.user
        )
        ours = guard_books.published(words.account)
        return [
            (where, one)
            for where, text in texts
            for one in guard.find(text, own, ours, regions)
        ]

    def _guard_told(self, where, found):
        """One find for the browser; places are counted in characters."""
        return {
            "kind": found.kind,
            "label": kind_words(self.env, found),
            "start": found.start,
            "end": found.end,
            "file": where,
            "own": found.own,
            "hidden": found.why == "hidden",
        }

    # === WHAT FOLLOWS === #
    def _guard_blocks(self, found, details):
        return Concern(
            CODE,
            BLOCK,
            self.env._(
                "This is public, and shows %(what)s. Say it in private, take it out, "
                "or say why it must be public.",
                what=enumerated(self.env, [one for _where, one in found]),
            ),
            details,
        )

    def _guard_lets_pass(self, found, second, details):
        """The author has said why."""
        what = enumerated(self.env, [one for _where, one in found])
        if second:
            sentence = self.env._(
                "Shows %(what)s: a second person must agree first.", what=what
            )
            kinds = sorted({one.kind for _where, one in found})
            return [
                Concern(CODE, WARN, sentence, details),
                Concern(APPROVAL, HOLD, sentence, {"why": CODE, "kinds": kinds}),
            ]
        sentence = self.env._(
            "Shows %(what)s in public; your reason is kept.", what=what
        )
        return [Concern(CODE, WARN, sentence, details)]

    def _guard_before_sending(self, message, found, second, details):
        """Only what was agreed to passes: hours may lie between, and the contact may
        have got a phone number meanwhile, or the text another one in the same place."""
        # sudo: helpdesk.social.message - the record of the override, for managers
        agreed = message.sudo().guard_override or {}
        spans = {tuple(one) for one in agreed.get("spans") or ()}
        fresh = [
            (where, one)
            for where, one in found
            if self._guard_span(where, one) not in spans
        ]
        if fresh:
            return [self._guard_blocks(fresh, details)]
        # sudo: helpdesk.social.approval - whether, not by whom
        if second and not message.sudo()._is_approved():
            return self._guard_lets_pass(found, second, {**details, "overridden": True})
        return []

    # === WHO MAY === #
    def _guard_needs_second(self, account):
        """Must a second person agree? By company, or a team of account or ticket."""
        # sudo: res.company, helpdesk.ticket.team - two switches
        company = account.sudo().company_id
        teams = self.sudo().team_id | account.sudo().team_id
        return company.social_guard_second or any(teams.mapped("social_guard_second"))

    def _guard_reason(self, consent):
        """Why its author wants it public all the same, or ''."""
        decision = consent.get(CODE) if isinstance(consent, dict) else None
        reason = decision.get("override") if isinstance(decision, dict) else None
        reason = " ".join(reason.split()) if isinstance(reason, str) else ""
        return reason[:REASON_MOST] if len(reason) >= REASON_LEAST else ""

    def _guard_unseen(self, consent, found):
        """Finds that were not told when the author said why: the text has changed.

        Without ``marks`` in the decision nothing was told, and nothing passes.
        """
        marks = consent[CODE].get("marks")
        seen = marks if isinstance(marks, list) else []
        return [
            (where, one) for where, one in found if self._guard_mark(one) not in seen
        ]

    def _guard_mark(self, found):
        """What was found, without saying it: a digest under the database's own key.
        With other blanks and hyphens it is the same number. Not of the ticket: a reply
        that waits may move with its thread."""
        folded = unicodedata.normalize("NFKC", found.words).casefold()
        words = "".join(one for one in folded if one.isalnum()) or folded
        # sudo: ir.config_parameter - the database's secret
        env = self.env(su=True)
        return hmac(env, MARK_SCOPE, (found.kind, words))[:MARK_LENGTH]

    def _guard_marks(self, found):
        return list(dict.fromkeys(self._guard_mark(one) for _where, one in found))

    def _guard_span(self, where, found):
        return (where, found.kind, found.start, found.end, self._guard_mark(found))

    def _guard_record(self, found):
        return {
            "kinds": sorted({one.kind for _where, one in found}),
            "spans": [self._guard_span(*one) for one in found],
        }

    def _guard_repeats(self, reason, words):
        own, regions = guard_books.of_customer(
            self, words.person, words.account, words.user
        )
        return bool(guard.find(reason, own, guard.NOTHING_OURS, regions))

    # === WRITTEN DOWN === #
    def _social_rows(self, account, values, draft, text, attachments, key):
        """Override: who said why it must be public, on each part of the reply."""
        rows = super()._social_rows(account, values, draft, text, attachments, key)
        reason = self._guard_reason(values.get("consent") or {})
        if not reason or values["audience"] == items.PRIVATE:
            return rows
        written = False
        for row in rows:
            found = self._guard_finds(row._words(SEND))
            if found:
                row._guard_write_down(self._guard_record(found), reason)
                written = True
        if not written:
            # what was found stands on both sides of a cut, or has been found no more
            whole = replace(rows[0]._words(SEND), text=text)
            found = self._guard_finds(whole)
            if found:
                rows[0]._guard_write_down(self._guard_record(found), reason)
        return rows


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    guard_override = fields.Json(
        copy=False,
        groups="helpdesk_mgmt.group_helpdesk_manager",
        help="Who sent private data in public, and why: {kinds, spans, reason, "
        "user_id, name, at}. The data itself is not in it.",
    )

    guard_overrides_past = fields.Json(
        copy=False,
        groups="helpdesk_mgmt.group_helpdesk_manager",
        help="The same, of words that were edited since; oldest first.",
    )

    def _guard_write_down(self, record, reason):
        """:param record: {kinds, spans} of what was found in this row"""
        self.ensure_one()
        self.guard_override = {
            **record,
            "reason": reason,
            "user_id": self.env.uid,
            "name": self.env.user.name,
            "at": fields.Datetime.to_string(fields.Datetime.now()),
        }

    def _edited(self, words):
        """Override: whoever let the guard pass is noted for the words that stand there
        now; what was noted before stays with managers."""
        result = super()._edited(words)
        before = self.guard_override
        found = words.ticket._guard_finds(words)
        self.guard_override = False
        if before:
            past = [*(self.guard_overrides_past or []), before]
            self.guard_overrides_past = past[-MAX_REVISIONS:]
        reason = words.ticket._guard_reason(words.consent)
        if found and reason and words.audience != items.PRIVATE:
            self._guard_write_down(words.ticket._guard_record(found), reason)
        return result
