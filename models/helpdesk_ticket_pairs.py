"""What a resolved ticket teaches: questions and the answers they got, without names.

Reads only. A pair belongs to the narrower audience of its two sides, and what cannot
be cleaned of the person who was answered is no pair.
"""

import re

from odoo import models
from odoo.fields import Domain

from ..networks.items import AUDIENCES, PUBLIC
from ..texts import suggest_clean
from .helpdesk_social_suggestion import language_code, scope_of

#: messages of one ticket that are read; a thread that went viral teaches nothing more
MOST = 500
GONE_OUT = ("sent", "delivered", "read")


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_is_resolved(self):
        """Closed with an answer: not rejected, not merged, not put away."""
        rejected = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_rejected", raise_if_not_found=False
        )
        return bool(
            self.stage_id.closed
            and self.stage_id != rejected
            and self.active
            and not self.duplicate_id
        )

    def _social_pairs(self):
        """What this ticket teaches: list of dicts for ``_learn``."""
        self.ensure_one()
        messages = self.env["helpdesk.social.message"].search(
            Domain("ticket_id", "=", self.id) & Domain("context", "=", False),
            order="sent_at, id",
            limit=MOST,
        )
        names = self._social_names(messages)
        pairs = []
        for answer in messages.filtered(lambda one: one._may_teach()):
            question = answer.parent_id
            if question not in messages or question.direction != "in":
                before = messages.filtered(
                    lambda one, answer=answer: (
                        one.direction == "in"
                        and one.conversation_id == answer.conversation_id
                        and (one.sent_at, one.id) < (answer.sent_at, answer.id)
                    )
                )
                question = before[-1:]
            if pair := self._social_pair(question, answer, messages, names):
                pairs.append(pair)
        return pairs

    def _social_names(self, messages):
        """Everybody who is spoken to here, and those who speak for us."""
        people = messages.identity_id | messages.to_identity_id
        partners = people.partner_id | self.partner_id
        mentioned = [one for message in messages for one in message.mentions or ()]
        accounts = messages.account_id | messages.also_account_ids
        own = {one.lstrip("@").lower() for one in accounts.mapped("handle") if one}
        handles = [*people.mapped("handle"), *(one.get("handle") for one in mentioned)]
        return {
            "names": [
                one
                for one in (
                    *people.mapped("name"),
                    *partners.mapped("name"),
                    *(one.get("name") for one in mentioned),
                    self.partner_name,
                )
                if one
            ],
            "handles": [
                one for one in handles if one and one.lstrip("@").lower() not in own
            ],
            "agents": [one for one in messages.user_id.mapped("name") if one],
            "own": sorted(own),
        }

    def _social_pair(self, question, answer, messages, names):
        """One question and its answer, or None where there is nothing to learn."""
        if not question or question.deleted_at or not question.text:
            return None
        asked = "\n".join(
            one.text
            for one in messages
            if one.text
            and one.direction == "in"
            and not one.deleted_at
            and one.conversation_id == question.conversation_id
            and one.identity_id == question.identity_id
            and (one.sent_at, one.id) <= (question.sent_at, question.id)
        )
        # what was asked before may name what the answer speaks of
        said = answer._whole_text(messages)
        cleaned = said and suggest_clean.clean(said, question=asked, **names)
        if not cleaned:
            return None
        audience = min(question.audience, answer.audience, key=AUDIENCES.index)
        language = language_code(question.language or answer.language)
        account, team = answer.account_id, self.team_id
        return {
            "question": question,
            "answer": answer,
            "asked": _without_names(asked, names),
            "clean": cleaned,
            "values": {
                "company_id": account.company_id.id,
                "network_id": account.network_id.id,
                "team_id": False if audience == PUBLIC else team.id,
                "language": language,
                "audience": audience,
                "scope": scope_of(
                    account.company_id, account.network_id, language, audience, team
                ),
                "fingerprint": suggest_clean.fingerprint(cleaned.text),
            },
            "team": team,
        }


def _without_names(text, names):
    words = {
        part
        for name in (*names["names"], *names["handles"])
        for part in re.findall(r"[\w.-]+", name)
        if len(part) > 1
    }
    if not words:
        return text
    either = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.sub(rf"(?i)(?<!\w)(?:{either})(?!\w)", " ", text)


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _may_teach(self):
        """Written by a person of ours, gone out, and still there; its first part."""
        return bool(
            self.direction == "out"
            and self.origin in ("agent", "native")
            and (not self.delivery_state or self.delivery_state in GONE_OUT)
            and self.part <= 1
            and self.text
            # words that the network approved are nobody's answer to anything
            and not self.template_id
            and not self.deleted_at
        )

    def _whole_text(self, messages):
        """What this and the parts after it say together; empty if one is missing."""
        parts, last = self, self
        while len(parts) < self.parts:
            last = messages.filtered(lambda one, of=last: one.previous_id == of)[:1]
            gone_out = not last.delivery_state or last.delivery_state in GONE_OUT
            if not last.text or last.deleted_at or not gone_out:
                return ""
            parts |= last
        return " ".join(parts.mapped("text"))
