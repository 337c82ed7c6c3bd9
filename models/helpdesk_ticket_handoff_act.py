"""Moving somebody from public to private: the ways there are, and going one of them.

What is said in public is a note and nothing else: it is checked like any public answer,
must fit into one post, and may not repeat what is said in private. The private words go
to one person. An invitation's token is told in the note, or to the agent, and nowhere
else.
"""

import uuid

from odoo import models
from odoo.exceptions import UserError

from ..networks import errors, items
from . import social_concern, social_failure
from .helpdesk_social_account import HELPDESK_USER
from .helpdesk_social_account_handoff import LINK
from .helpdesk_social_handoff import TOKEN_LENGTH
from .helpdesk_ticket_handoff_ways import INVITES
from .social_concern import UNDO, WRITE, Words

#: a token that looks like one, to measure and to show what is not made yet
SAMPLE = "0" * TOKEN_LENGTH
#: characters of private words from which on a note must not repeat them
SECRET_LENGTH = 12
#: ends of the idempotency keys of the first private words and of the public note
FIRST, NOTE = "-first:1", "-note:1"


def squeezed(text):
    """Words without what differs between two ways to write them."""
    return "".join(char for char in (text or "").casefold() if char.isalnum())


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _move(self, state, **values):
        """Taken back in private, the note that tells of it is taken back as well."""
        moved = super()._move(state, **values)
        keys = [one.outbox_key or "" for one in moved if state == "cancelled"]
        notes = [
            f"{one.removesuffix(FIRST)}{NOTE}" for one in keys if one.endswith(FIRST)
        ]
        if notes:
            self.search(
                [("outbox_key", "in", notes), ("delivery_state", "=", "held")]
            )._move(state)
        return moved


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === WHAT THE BROWSER ASKS === #
    def social_handoff_ways(self, message_id):
        """Ways to go on in private with who wrote this message, the best first."""
        message = self._handoff_message(message_id)
        ways = self._handoff_ways(message, SAMPLE)
        return {
            "message_id": message.id,
            "person": message.identity_id._social_label(),
            "ways": [self._handoff_way_told(message, *way) for way in ways],
        }

    def social_handoff_measure(self, message_id, way, note, text="", consent=None):
        """Length, price and concerns of a public note; JSON as ``social_measure``."""
        message = self._handoff_message(message_id)
        account, chosen = self._handoff_choice(message, way, SAMPLE)
        words = self._handoff_note(chosen, note, text)
        told = self._handoff_measured(message, words)
        concerns = self._social_concerns(
            Words(
                ticket=self,
                account=message.account_id,
                audience=message.audience,
                target=message,
                person=message.identity_id,
                text=words,
                files=self.env["ir.attachment"],
                user=self.env.user,
                stage=WRITE,
                consent=consent or {},
            )
        )
        return {**told, "concerns": [one.told() for one in concerns]}

    def social_handoff(
        self, message_id, way, note=False, text="", key=None, consent=None
    ):
        """Go a way: the private words if there are any, then the note in public.

        :param way: id of one of ``social_handoff_ways``
        :param note: what is said in public, ``{link}`` in it where an invitation is
            needed; False says nothing there
        :param text: the first private message, where we write first
        :param key: the browser's own id of this act: a second click makes no second one
        :return: ``{ok, message_ids, open, link, waits}``: whether the private composer
            is to be opened, the invitation where nobody was told it, and why nothing
            was said in public yet; or ``{ok, error}``
        """
        try:
            with self.env.cr.savepoint():
                return self._handoff(
                    self._handoff_message(message_id),
                    way,
                    note,
                    text,
                    str(key or uuid.uuid4().hex)[:48],
                    consent if isinstance(consent, dict) else None,
                )
        except social_concern.ConcernError as refused:
            return {
                "ok": False,
                "error": str(refused.args[0]),
                "concerns": [one.told() for one in refused.concerns],
            }
        except UserError as error:
            return {"ok": False, "error": str(error.args[0])}

    # === WHO AND WHOM === #
    def _handoff_message(self, message_id):
        """The public message, for somebody who may answer it."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group(HELPDESK_USER):
            raise UserError(self.env._("Only helpdesk users may do this."))
        number = int(message_id) if str(message_id).isdecimal() else 0
        message = self.env["helpdesk.social.message"].search(
            [("id", "=", number), ("ticket_id", "=", self.id)]
        )
        if not message or message.direction != "in":
            raise UserError(self.env._("That message is not on this ticket."))
        if message.deleted_at:
            raise UserError(social_failure.explain(self.env, "deleted"))
        if message.audience == items.PRIVATE:
            raise UserError(self.env._("This conversation is private already."))
        if not message.identity_id or message.identity_id.shared:
            raise UserError(social_failure.explain(self.env, "no_target"))
        if not message.account_id._may_speak(self.env.user):
            raise UserError(social_failure.explain(self.env, "not_allowed_to_speak"))
        return message

    # === THE NOTE === #
    def _handoff_note(self, way, note, text):
        """What will be said in public, with the address in it.

        :raises UserError: no address where there must be one, or private words
        """
        words = (note or "").strip()
        if way.kind in INVITES and LINK not in words:
            raise UserError(
                self.env._("The public note must contain {link}, where the address is.")
            )
        secret = squeezed(text)
        if len(secret) >= SECRET_LENGTH and secret in squeezed(words):
            raise UserError(
                self.env._(
                    "The public note repeats the private message. Everybody would "
                    "read it."
                )
            )
        return words.replace(LINK, way.url) if way.kind in INVITES else words

    def _handoff_measured(self, message, words):
        """Length, limit and price of a note; ``error`` when it cannot be said."""
        # sudo: helpdesk.social.message, .account - the adapter; the person was checked
        message = message.sudo()
        account = message.account_id
        draft = items.Draft(
            text=words,
            audience=message.audience,
            target=message._target(account),
            thread=message._target(account).thread,
            language=message.language or "",
            warning=message.warning or "",
        )
        try:
            measure = account._bare_adapter(tokens={}).measure(draft)
        except errors.NetworkError as error:
            return {"error": social_failure.explain(self.env, error.code, error.detail)}
        told = {
            "length": measure.length,
            "limit": measure.limit,
            "cost": measure.cost,
            "shown": words.replace(SAMPLE, "…"),
        }
        if len(measure.parts) > 1:
            told["error"] = self.env._("The public note must fit into one post.")
        return told

    # === GOING === #
    def _handoff(self, message, way, note, text, key, consent):
        known = self._handoff_done(message, key)
        if known is not None:
            return known
        # sudo: helpdesk.social.handoff - the person was checked; nobody writes it
        handoffs = self.env["helpdesk.social.handoff"].sudo()
        account, chosen = self._handoff_choice(message, way, SAMPLE)
        if note is not False:
            # before anything is made: what cannot be said is refused
            words = self._handoff_note(chosen, note, text)
            if not words:
                raise UserError(self.env._("Write the public note, or leave it out."))
            wrong = self._handoff_measured(message, words).get("error")
            if wrong:
                raise UserError(wrong)
        if chosen.kind == items.PAGE:
            account = message.account_id._page_account()
        handoff, token = handoffs._mint(self, message.sudo(), account, chosen.kind)
        if chosen.kind in INVITES:
            _account, chosen = self._handoff_choice(message, way, token)
        rows = self._handoff_first_words(message, chosen, handoff, text, key, consent)
        # that it can be undone for a moment keeps nobody from being told
        waits = any(one.held_for and one.held_for != [UNDO] for one in rows)
        if note is not False and not waits:
            words = self._handoff_note(chosen, note, text)
            said = self.with_context(social_note=True).social_reply(
                words,
                message.audience,
                account=message.account_id,
                to=message,
                key=f"{key}-note",
                consent=consent,
            )
            handoff.note_id = said.id
            rows |= said.with_env(self.env)
        first = chosen.kind not in INVITES and not (text or "").strip()
        return {
            "ok": True,
            "message_ids": rows.ids,
            "undo": rows._undo_seconds(),
            "open": first,
            "link": chosen.url if note is False or waits else "",
            # nobody is told in public of words that have not left
            "waits": self.env._(
                "The private message waits for a colleague's approval. Nothing was "
                "said in public yet."
            )
            if waits
            else "",
        }

    def _handoff_first_words(self, message, way, handoff, text, key, consent):
        """Queue the first private message, where we may write one; else nothing."""
        none = self.env["helpdesk.social.message"]
        person = handoff._open_page() if way.kind == items.PAGE else message
        if not (text or "").strip():
            return none
        if way.kind == items.LINK:
            raise UserError(social_failure.explain(self.env, "never_started"))
        return self.social_reply(
            text,
            items.PRIVATE,
            account=handoff.account_id.sudo(False),
            to=person.sudo(False),
            key=f"{key}-first",
            consent=consent,
        )

    def _handoff_done(self, message, key):
        """The same click once more: what it did the first time; None for a new one."""
        # sudo: helpdesk.social.message - rows of this very key, and whose they are
        rows = (
            self.env["helpdesk.social.message"]
            .sudo()
            .search([("outbox_key", "in", (f"{key}{NOTE}", f"{key}{FIRST}"))])
        )
        if not rows:
            return None
        if rows.ticket_id != self or rows.user_id != self.env.user:
            raise UserError(self.env._("This reply belongs to somebody else."))
        done = {"ok": True, "message_ids": rows.ids, "open": False}
        return {**done, "undo": rows._undo_seconds(), "link": "", "waits": ""}
