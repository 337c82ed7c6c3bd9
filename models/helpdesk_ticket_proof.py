"""Asking for a proof from the ticket, and what the Social page shows of who people are.

The request goes out like any other reply: same rights, same checks, same outbox. What
the page tells costs no query where nobody was asked and nothing is suggested.
"""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..networks import items
from .helpdesk_social_account import HELPDESK_USER
from .social_concern import ConcernError

#: how long the page goes on telling what became of a question
TOLD = timedelta(days=1)


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === ASKING ===
    def social_ask_proof(self, option):
        """Mail a code to the contact on file, and ask for it in this conversation.

        :param option: an option of the composer: a private answer to a private message
        :return: ``{"ok": True, "message_ids": […]}`` or ``{"ok": False, "error": …}``
        """
        try:
            with self.env.cr.savepoint():
                request = self._social_ask_proof(option)
        except (AccessError, ConcernError, UserError) as error:
            return {"ok": False, "error": str(error.args[0])}
        return {"ok": True, "message_ids": request.ids}

    def _social_ask_proof(self, option):
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group(HELPDESK_USER):
            raise AccessError(self.env._("Only helpdesk users may ask for a proof."))
        audience, account, message = self._social_choice(option)
        if audience != items.PRIVATE:
            raise UserError(
                self.env._("A proof is asked for in a private conversation only.")
            )
        person = message.identity_id
        partner = person.partner_id or person.suggested_partner_id
        if partner:
            partner.check_access("read")
        # sudo: helpdesk.social.proof - nobody reads or writes it by themselves
        proof = (
            self.env["helpdesk.social.proof"]
            .sudo()
            ._ask(self.sudo(), account.sudo(), message.sudo(), partner.sudo())
        )
        words = account._proof_words(message)
        # asking who somebody is answers nothing: they go on waiting
        request = self.with_context(social_automatic=True).social_reply(
            words,
            items.PRIVATE,
            account=account,
            to=message,
            key=f"proof:{proof.id}",
            consent={"holding": True},
        )
        if request.conversation_id != message.conversation_id:
            raise UserError(
                self.env._("This account cannot write into that conversation.")
            )
        proof.request_id = request
        return request

    # === WHAT THE PAGE TELLS ===
    def _timeline_people(self, identities):
        """Override: until when each is verified."""
        people = super()._timeline_people(identities)
        for identity in identities:
            if identity.id in people:
                until = identity.verified_until
                people[identity.id]["verified_until"] = (
                    fields.Datetime.to_string(until) or False
                )
        return people

    def _social_desk(self, targets):
        """Override: who the people may be, and what they were asked."""
        desk = super()._social_desk(targets)
        people = targets.identity_id._filtered_access("read")
        desk["who"] = {one.id: self._social_who(one) for one in people}
        asked = people.filtered(
            lambda one: (
                one.proof_asked_at and one.proof_asked_at > fields.Datetime.now() - TOLD
            )
        )
        if asked:
            # sudo: helpdesk.social.proof - of people whose messages this user reads
            proofs = self.env["helpdesk.social.proof"].sudo()
            threads = targets.conversation_id.ids
            for proof in proofs.search(
                [("identity_id", "in", asked.ids), ("conversation_id", "in", threads)],
                order="id",
            ):
                desk["who"][proof.identity_id.id]["proof"] = proof._told()
        return desk

    def _social_who(self, identity):
        """What is known and what is supposed of one person."""
        until = fields.Datetime.to_string(identity.verified_until) or False
        undo = identity._decision_told()
        who = {"linked": bool(identity.partner_id), "verified_until": until}
        if undo:
            who["undo"] = undo
        if identity.may_link and not identity.partner_id and identity.suggestion_reason:
            partner = identity.suggested_partner_id._filtered_access("read")
            if partner or not identity.suggested_partner_id:
                who["suggestion"] = {
                    "id": partner.id,
                    "name": partner.display_name or "",
                    "reason": identity.suggestion_reason,
                    "confidence": identity.suggestion_confidence or "",
                    "confidence_words": dict(
                        identity._fields[
                            "suggestion_confidence"
                        ]._description_selection(self.env)
                    ).get(identity.suggestion_confidence, ""),
                }
        who["may_ask"] = bool(
            not identity.shared
            and not identity.bot
            and (identity.partner_id or identity.suggested_partner_id)
        )
        return who


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    def _proof_words(self, message):
        """How the customer is asked, in the customer's language. It must not tell
        what address we know: the person may not be the contact."""
        self.ensure_one()
        # sudo: helpdesk.social.account - a number that the sentence holds
        minutes = self.sudo().proof_minutes
        account = self.with_context(lang=self._lang_of(message))
        return account.env._(
            "To make sure that we talk to the right person, we have sent a code to the "
            "e-mail address we have on file. Please send it back to us here within "
            "%(minutes)s minutes, and nowhere else.",
            minutes=minutes,
        )
