"""What agents do with a message besides answering: like, hide, delete, handle.

What may be done comes from the adapter's affordances; what is done is one effect on
the network, then the row says so. Each checks who asks.
"""

from odoo import fields, models
from odoo.exceptions import UserError

from ..networks import errors
from ..networks.base import PRIVATE_FIRST
from ..networks.items import PRIVATE
from . import social_failure
from .helpdesk_social_message_view import safe_url

#: verb -> (affordance, fields that say it is done)
VERBS = {
    "like": ("like", {"liked": True}),
    "hide": ("hide", {"hidden": True}),
    "unhide": ("hide", {"hidden": False}),
    "delete": ("delete", {}),
}
#: what protects somebody, and is done even when the app's budget is spent
SAFE = {"hide", "delete"}


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def social_affordances(self):
        """What may be done about this message now.

        :return: list of dicts ``kind``, ``allowed``, ``reason`` (a sentence),
            ``until`` (naive UTC or False), ``remaining``, ``cost``, ``max_length``,
            ``url`` (where a person may do it by hand, when it is not allowed here),
            ``human`` (only words that a person writes may be said now), ``human_until``
            (after ``until`` such words may still be said, up to then)
        """
        self.ensure_one()
        self.check_access("read")
        return self._affordances()[self.id]

    def _affordances(self):
        """{message id: as ``social_affordances``}, for a whole page at once.

        The number of queries grows with the accounts, not with the messages. Callers
        found the messages with the rights of the person who asks.
        """
        # sudo: helpdesk.social.account - the adapter; only what may be done comes out
        messages = self.sudo()
        facts, result = messages._facts_map(), {}
        for account, of_account in messages.grouped("account_id").items():
            # nothing is asked of the network: its session's tokens stay where they are
            adapter = account._bare_adapter(tokens={})
            reason = account._silence_reason()
            if not account._may_speak(self.env.user):
                reason = "not_allowed_to_speak"
            unpaid = reason or account._spending_reason()
            for message in of_account:
                known = adapter.can(PRIVATE_FIRST) or facts[message].knows_in_private
                result[message.id] = [
                    self._afforded(
                        message, one, reason if one.kind in SAFE else unpaid, known
                    )
                    for one in adapter.affordances(facts[message])
                ]
        return result

    def _answerable(self, audience):
        """Those that the user may answer to this audience now, in their order."""
        afforded, kind = self._affordances(), f"reply_{audience}"
        return self.filtered(
            lambda message: any(
                one["kind"] == kind and one["allowed"] for one in afforded[message.id]
            )
        )

    def _afforded(self, message, one, reason, known):
        """One affordance in words.

        :param reason: why the account is silent, if it is
        :param known: may the author be written to in private, as far as the past goes?
        """
        reason = reason or one.reason
        first = one.kind == "reply_private" and message.audience != PRIVATE
        if one.allowed and first and not reason and not known:
            reason = "never_started"
        allowed = one.allowed and not reason
        return {
            "kind": one.kind,
            "allowed": allowed,
            "reason": ""
            if allowed
            else social_failure.explain(self.env, reason or "forbidden"),
            "until": (one.until and fields.Datetime.to_string(one.until)) or False,
            "remaining": one.remaining,
            "cost": one.cost and message.account_id.network_id._term(one.cost),
            "max_length": one.max_length,
            "human": allowed and one.human,
            "human_until": (
                one.human_until and fields.Datetime.to_string(one.human_until)
            )
            or False,
            "url": "" if allowed else self._afforded_url(message, one, reason),
        }

    def _afforded_url(self, message, one, reason):
        """Where a person does by hand what is not allowed here, or ''."""
        if reason == "not_allowed_to_speak" or message.deleted_at:
            return ""
        if one.url:
            return safe_url(one.url)
        # a public answer can be written wherever the message can be read
        in_sight = one.kind in ("reply_public", "reply_group")
        return safe_url(message.permalink) if in_sight else ""

    def action_like(self):
        return self._moderate("like")

    def action_hide(self):
        return self._moderate("hide")

    def action_unhide(self):
        return self._moderate("unhide")

    def action_delete(self):
        """Delete it on the network: our own words, or somebody's on our page. A
        tombstone stays here."""
        return self._moderate("delete")

    def _moderate(self, verb):
        """One effect on the network about each message.

        :raises UserError: not allowed, or what the network said
        """
        self._check_speaker()
        affordance, done = VERBS[verb]
        for message in self:
            allowed = {one["kind"]: one for one in message.social_affordances()}
            found = allowed.get(affordance)
            if not found:
                raise UserError(social_failure.explain(self.env, "unsupported"))
            if not found["allowed"]:
                raise UserError(found["reason"])
            # sudo: helpdesk.social.message, .account - the speaker was checked
            row = message.sudo()
            if not row.key:
                raise UserError(
                    self.env._(
                        "It is not on the network. A reply that waits can be cancelled."
                    )
                )
            try:
                row.account_id._adapter().moderate(verb, row._target())
            except errors.NotFoundError:
                row._tombstone()
            except errors.NetworkError as error:
                raise UserError(
                    social_failure.explain(self.env, error.code, error.detail)
                ) from error
            else:
                if verb == "delete":
                    # what somebody else said is taken from the page, not from our files
                    row._tombstone(by="us", empty=row.direction == "out")
                row.write(done)
        self.env["helpdesk.social.live"]._changed(self)
        return True

    def action_handled(self, how="no_answer", reason=None, note=None):
        """This message needs no answer (any more): it stops waiting.

        :param reason: one of ``handled_why``, or a sentence; ``note``: more words
        """
        for message in self:
            message.check_access("read")
            if message.ticket_id:
                message.ticket_id.check_access("write")
            elif not self.env.user.has_group("helpdesk_mgmt.group_helpdesk_user_own"):
                raise UserError(self.env._("Only helpdesk users may do this."))
        # sudo: helpdesk.social.message - users never write messages; checked above
        self.sudo().write(self._handled_values(how, reason, note))
        self.env["helpdesk.social.live"]._changed(self)
        return True
