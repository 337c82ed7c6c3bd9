"""A one-time code that goes to the e-mail address on file and comes back in private.

It shows that whoever writes under an identity also reads the contact's mail. It counts
only when *that* identity says it, in *that* private conversation, in time, once; a code
that was said anywhere else is burnt. Stored as a keyed hash; the mail belongs to no
record and no colleague, so nobody here can read the code either. Neither mail nor
message tells anything about the ticket.
"""

import logging
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.misc import hmac

from ..networks import items
from ..texts import proof_code

_logger = logging.getLogger(__name__)

#: wrong codes before a new one must be asked for: of 2 ** 36, five say nothing
TRIES = 5
#: codes for one contact in a day, whoever asks: the mailbox is a customer's
PER_DAY = 3
#: a code said in time is taken when we read it; clocks differ a little
LATE, EARLY = timedelta(minutes=10), timedelta(minutes=2)
#: days that ended questions are kept, to answer for a badge
KEEP = timedelta(days=400)
SCOPE = "helpdesk_social.proof"
TEMPLATE = "helpdesk_social.mail_template_proof_code"


def covered(email) -> str:
    """ "jo.miller@example.com" → "j…r@example.com": whose it is, and not what it is."""
    name, at, host = (email or "").rpartition("@")
    return f"{name[:1]}…{name[-1:] if len(name) > 2 else ''}{at}{host}" if at else ""


class HelpdeskSocialProof(models.Model):
    _name = "helpdesk.social.proof"
    _description = "Question Who Is Behind an Identity"
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True)
    identity_id = fields.Many2one(
        "helpdesk.social.identity", required=True, ondelete="cascade", index=True
    )
    # no unique constraint may ever name it: Odoo's merge of contacts would delete rows
    partner_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True
    )
    conversation_id = fields.Many2one(
        "helpdesk.social.conversation", required=True, ondelete="cascade", index=True
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket", ondelete="set null", index="btree_not_null"
    )
    user_id = fields.Many2one("res.users", help="Who asked.")
    request_id = fields.Many2one(
        "helpdesk.social.message", ondelete="set null", index="btree_not_null"
    )
    message_id = fields.Many2one(
        "helpdesk.social.message",
        ondelete="set null",
        index="btree_not_null",
        help="What brought the code.",
    )
    mail_id = fields.Many2one("mail.mail", ondelete="set null", index="btree_not_null")
    address = fields.Char(help="Covered: enough to recognise it, too little to use it.")
    code_hash = fields.Char()
    asked_at = fields.Datetime(required=True)
    expires_at = fields.Datetime(required=True)
    tries = fields.Integer(default=0)
    proved_at = fields.Datetime()
    proved_until = fields.Datetime()
    state = fields.Selection(
        [
            ("open", "Asked"),
            ("proved", "Proved"),
            ("tried", "Too many wrong codes"),
            ("leaked", "The code was said elsewhere"),
            ("ended", "Ended"),
        ],
        required=True,
        default="open",
    )

    _code_unique = models.UniqueIndex(
        "(code_hash) WHERE code_hash IS NOT NULL", "This code is taken."
    )

    # === ASKING === #
    @api.model
    def _code_hash(self, code):
        # short enough to be tried out by whoever has the table: keyed
        return hmac(self.env(su=True), SCOPE, code)

    @api.model
    def _why_not(self, message, partner):
        """Why this cannot be asked, as a sentence; '' when it can.

        :param message: the private message that would be answered
        """
        person = message.identity_id
        if message.audience != items.PRIVATE or not message.conversation_id:
            return self.env._("A proof is asked for in a private conversation only.")
        if not person or person.shared or person.bot:
            return self.env._("Nobody in particular writes under this name.")
        if not partner:
            return self.env._("Say first who this may be: link or suggest a contact.")
        if not partner.email_normalized:
            return self.env._("This contact has no e-mail address on file.")
        since = fields.Datetime.now() - timedelta(days=1)
        asked = self.search_count(
            (
                Domain("partner_id", "=", partner.id)
                | Domain("identity_id", "=", person.id)
            )
            & Domain("asked_at", ">", since)
        )
        if asked >= PER_DAY:
            return self.env._(
                "%(count)s codes were sent to this contact today. Try again tomorrow.",
                count=asked,
            )
        return ""

    @api.model
    def _ask(self, ticket, account, message, partner):
        """A new question, mailed; what was asked before is worth nothing from now on.

        The callers have checked who asks. :raises UserError: when it cannot be asked
        """
        reason = self._why_not(message, partner)
        if reason:
            raise UserError(reason)
        person, now = message.identity_id, fields.Datetime.now()
        self.search([("identity_id", "=", person.id), ("state", "=", "open")])._end(
            "ended"
        )
        code = proof_code.new_code(proof_code.BY_MAIL)
        proof = self.create(
            {
                "company_id": person.company_id.id,
                "identity_id": person.id,
                "partner_id": partner.id,
                "conversation_id": message.conversation_id.id,
                "ticket_id": ticket.id,
                "user_id": self.env.uid,
                "address": covered(partner.email_normalized),
                "code_hash": self._code_hash(code),
                "asked_at": now,
                "expires_at": now + timedelta(minutes=account.proof_minutes),
            }
        )
        person.proof_asked_at = now
        proof._mail(code)
        return proof

    def _mail(self, code):
        """Put the code into the queue of mails, as nobody's mail about nothing."""
        self.ensure_one()
        partner = self.partner_id
        # nobody's: whoever creates a message without a record may read it
        nobody = self.with_user(SUPERUSER_ID)
        template = self.env.ref(TEMPLATE).with_user(SUPERUSER_ID)
        mail_id = template.with_context(
            proof_code=proof_code.shown(code), lang=partner.lang or self.env.lang
        ).send_mail(
            self.id,
            email_values={
                "email_to": partner.email_formatted,
                "recipient_ids": [],
                "author_id": self.company_id.partner_id.id,
                "model": False,
                "res_id": False,
                "auto_delete": True,
            },
        )
        nobody.mail_id = mail_id
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _end(self, state):
        if self:
            self.write({"state": state, "code_hash": False})
            # what has not left yet need not leave
            self.mail_id.filtered(lambda one: one.state == "outgoing").unlink()

    # === WHAT CAME BACK === #
    @api.model
    def _in_question(self, codes, people, company):
        """Questions that these codes answer or these people were asked."""
        return self.search(
            Domain("state", "=", "open")
            & Domain("company_id", "=", company.id)
            & (
                Domain("code_hash", "in", [self._code_hash(code) for code in codes])
                | Domain("identity_id", "in", people.ids)
            )
        )

    def _in_time(self, sent_at, received_at):
        """Said while it was worth something, by the network's clock and by ours."""
        return (
            self.asked_at - EARLY <= sent_at <= self.expires_at
            and received_at <= self.expires_at + LATE
        )

    def _prove(self, message):
        """The right code, from the right person, in the right place, in time."""
        self.ensure_one()
        now = fields.Datetime.now()
        days = self.conversation_id.account_id.proof_days
        self.write(
            {
                "state": "proved",
                "code_hash": False,
                "message_id": message.id,
                "proved_at": now,
                "proved_until": now + timedelta(days=days),
            }
        )
        self.identity_id._proved(self)

    def _missed(self, tries):
        """Wrong codes were said."""
        self.tries += tries
        if self.tries >= TRIES:
            self._end("tried")
            _logger.info("proof %s: too many wrong codes", self.id)

    def _told(self):
        """For the browser, to somebody who may see the conversation."""
        self.ensure_one()
        over = self.state == "open" and self.expires_at <= fields.Datetime.now()
        failed = self.mail_id.state == "exception"
        return {
            "state": "ended" if over else self.state,
            "contact": self.partner_id.display_name,
            "address": self.address,
            "until": fields.Datetime.to_string(self.expires_at),
            "tries": self.tries,
            "left": max(0, TRIES - self.tries),
            "mail_failed": failed and self.state == "open" and not over,
        }

    @api.autovacuum
    def _gc_proofs(self):
        now = fields.Datetime.now()
        self.search(
            [("state", "=", "open"), ("expires_at", "<", now - LATE)], limit=1000
        )._end("ended")
        old = self.search([("asked_at", "<", now - KEEP)], limit=1000)
        old.unlink()
        return len(old), len(old) == 1000
