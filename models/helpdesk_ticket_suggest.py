"""Suggested replies in the composer: asked for, filled for the audience, judged.

Who may answer from a ticket may ask what to answer; the scopes of the ticket, the
account and the audience say where it is looked. What is put into the composer is
remembered until it is sent, to see whether the agent had to change it.
"""

import difflib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..networks import errors, items
from ..texts import placeholders
from . import social_concern
from .helpdesk_social_account import HELPDESK_USER
from .helpdesk_social_suggestion import language_code, scopes_for
from .helpdesk_social_suggestion_feedback import REMEMBERED

#: what people take in at a glance
SHOWN = 3
#: found, of which the best are shown: some are put aside already
FOUND = 8
#: this much of it is still there: sent as it was; less than half: it was no help
SAME, HALF = 0.97, 0.4
#: canned responses looked at, newest use first
CANNED = 200
HOW = ("accepted", "edited", "dismissed")


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === ASKED === #
    def social_suggest(self, option, text=""):
        """What might be answered, best first.

        :param option: id of an option of the composer
        :param text: what is written already
        :return: list of {id, text, why, source, long, left}
        """
        audience, account, message = self._social_choice(option)
        self._social_suggest_check()
        found = self._social_found(account, message, audience, text, FOUND)
        aside = self._social_put_aside(message)
        found = [one for one in found if str(one.key) not in aside]
        values = self._social_placeholders(account, message, audience)
        told = [
            self._social_told_suggestion(one, values, account, message, audience)
            for one in found
        ]
        # what does not fit stands last, whatever else speaks for it
        told.sort(key=lambda one: one["long"])
        return told[:SHOWN]

    def _social_found(self, account, message, audience, text, limit):
        """The candidates, best first; the caller has checked who asks."""
        language = language_code(message.language)
        network, company = account.network_id, account.company_id
        return self.env["helpdesk.social.suggestion"]._find(
            scopes_for(company, network, language, audience, self.team_id),
            language,
            self._social_asked_text(message),
            typed=str(text or "")[:2000],
            team=self.team_id,
            limit=limit,
            more=self._social_canned_to_rank(account, message),
        )

    def _social_suggest_check(self):
        if not self.env.user.has_group(HELPDESK_USER):
            raise AccessError(
                self.env._("Suggestions are for those who answer: helpdesk users.")
            )

    def _social_asked_text(self, message):
        """What the person said in this thread, newest last."""
        before = self.env["helpdesk.social.message"].search(
            Domain("conversation_id", "=", message.conversation_id.id)
            & Domain("context", "=", False)
            & Domain("deleted_at", "=", False)
            & Domain("sent_at", "<=", message.sent_at),
            order="sent_at desc, id desc",
            limit=10,
        )
        said = []
        for one in before:
            if one.direction == "in" and one.identity_id == message.identity_id:
                said.append(one.text or "")
        return "\n".join(reversed(said)) or message.text or ""

    def _social_placeholders(self, account, message, audience):
        person = message.identity_id
        return placeholders.values(
            audience=audience,
            name=person.name or "",
            handle=person.handle or "",
            agent=self.env.user.name or "",
            account=account.display_name or "",
            network=account.network_id.name or "",
            ticket=self.number or "",
        )

    def _social_told_suggestion(self, found, values, account, message, audience):
        text = placeholders.fill(found.text, values)
        canned = isinstance(found.key, str)
        return {
            "id": found.key,
            "text": text,
            "source": "canned" if canned else "learned",
            "why": self._social_suggest_why(found, canned),
            "long": self._social_too_long(text, account, message, audience),
            # what the agent has to fill by hand
            "left": placeholders.left(text),
        }

    def _social_suggest_why(self, found, canned):
        if canned:
            return self.env._("Canned response")
        near = len(found.sims)
        if found.uses <= 1:
            return self.env._("Answered a similar question")
        if near <= 1:
            return self.env._("Used %(uses)s times", uses=found.uses)
        return self.env._(
            "Used %(uses)s times, answered %(near)s similar questions",
            uses=found.uses,
            near=near,
        )

    def _social_too_long(self, text, account, message, audience):
        """Does it not fit into one post, as the network counts?"""
        target = message._target(account)
        draft = items.Draft(
            text=text,
            audience=audience,
            target=target,
            to=message._person(message.identity_id)
            if audience == items.PRIVATE
            else None,
            thread=target.thread if audience == message.audience else "",
            language=message.language or "",
        )
        try:
            measure = account._bare_adapter(tokens={}).measure(draft)
        except errors.NetworkError:
            return False
        return len(measure.parts) > 1 or bool(
            measure.limit and measure.length > measure.limit
        )

    # === JUDGED === #
    def social_suggest_feedback(self, option, suggestion, how, filled=""):
        """What the agent did with a suggestion for the message of this option.

        :param suggestion: its id, as ``social_suggest`` told it
        :param how: ``accepted``, ``edited`` or ``dismissed``; whether an accepted one
            was edited shows when it is sent
        :param filled: the text as it was put into the composer
        """
        audience, account, message = self._social_choice(option)
        self._social_suggest_check()
        if how not in HOW:
            raise UserError(self.env._("A suggestion is taken, edited or dismissed."))
        which = self._social_which(suggestion, account, message, audience)
        self._social_note(message, which, how, str(filled or "")[:5000])
        return True

    def _social_which(self, suggestion, account, message, audience):
        """{field: id} of what was suggested; only what this person may be shown."""
        key = str(suggestion)
        if key.startswith("canned:") and key[7:].isdigit():
            canned = self.env["mail.canned.response"].search(
                [("id", "=", int(key[7:]))]
            )
            if canned:
                return {"canned_id": canned.id}
        elif key.isdigit():
            scopes = scopes_for(
                account.company_id,
                account.network_id,
                language_code(message.language),
                audience,
                self.team_id,
            )
            # sudo: helpdesk.social.suggestion - only of the scopes that are shown here
            found = self.env["helpdesk.social.suggestion"].sudo()
            if found.search(
                [("id", "=", int(key)), ("scope", "in", scopes), ("ready", "=", True)]
            ):
                return {"suggestion_id": int(key)}
        raise UserError(self.env._("This suggestion is gone."))

    @api.model
    def _social_note(self, message, which, how, filled):
        # sudo: …feedback - nobody writes it but this, and only about oneself
        feedback = self.env["helpdesk.social.suggestion.feedback"].sudo()
        mine = Domain("user_id", "=", self.env.uid) & Domain(
            "message_id", "=", message.id
        )
        for name in ("suggestion_id", "canned_id"):
            mine &= Domain(name, "=", which.get(name, False))
        values = {"how": how, "filled": filled if how == "accepted" else False}
        if known := feedback.search(mine, limit=1):
            known.write(values)
        else:
            feedback.create(
                {**which, "message_id": message.id, "user_id": self.env.uid, **values}
            )

    def _social_put_aside(self, message):
        """Keys of what this person dismissed for this very message."""
        # sudo: …feedback - one's own
        feedback = self.env["helpdesk.social.suggestion.feedback"].sudo()
        mine = feedback.search(
            [
                ("user_id", "=", self.env.uid),
                ("message_id", "=", message.id),
                ("how", "=", "dismissed"),
            ]
        )
        return {
            f"canned:{one.canned_id.id}" if one.canned_id else str(one.suggestion_id.id)
            for one in mine
        }

    # === SENT === #
    def social_reply(self, text, audience, **arguments):
        """Override: was what had been suggested sent as it was?"""
        sent = super().social_reply(text, audience, **arguments)
        self._social_judge_by(sent, text or "")
        return sent

    @api.model
    def _social_judge_by(self, sent, text):
        # sudo: …feedback - one's own
        feedback = self.env["helpdesk.social.suggestion.feedback"].sudo()
        target = sent.sudo().parent_id
        waiting = feedback.search(
            [
                ("user_id", "=", self.env.uid),
                ("message_id", "=", target.id),
                ("filled", "!=", False),
                ("write_date", ">=", fields.Datetime.now() - REMEMBERED),
            ],
            limit=20,
        )
        for one in waiting:
            like = _likeness(one.filled, text)
            # nothing is left of it: it was no help after all
            how = "accepted" if like >= SAME else "edited"
            one.write({"how": how if like >= HALF else "dismissed", "filled": False})

    # === PLACEHOLDERS LEFT === #
    def _social_concerns(self, words):
        """Override: what still stands in braces is not meant for the customer."""
        concerns = super()._social_concerns(words)
        left = placeholders.left(words.text)
        if left:
            concerns = concerns + [
                social_concern.Concern(
                    "placeholder",
                    social_concern.WARN,
                    self.env._(
                        "Still to be filled in: %(names)s", names=", ".join(left)
                    ),
                    {"left": left},
                )
            ]
        return concerns


def _likeness(one, other):
    """0 to 1, spaces apart."""
    one, other = " ".join(one.split()), " ".join(other.split())
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
