"""An invitation into private: made by an agent, for one person, about one ticket.

Its token *invites, it never proves*. What arrives with it joins the ticket by itself
only when it comes from the very identity that was invited; whoever else comes with it
is a stranger with a ticket of their own, about whom a person may decide. A token works
once, ends, and is worth nothing for another account. It is stored as a hash: who reads
this table cannot use it.
"""

import hashlib
import logging
import secrets
from datetime import timedelta

from odoo import api, fields, models

from ..networks import items

_logger = logging.getLogger(__name__)

#: bytes of a token: 192 bits, and in base64 no character that an address would have to
#: escape. Telegram takes 64 characters behind ``?start=``, these are 32
TOKEN_BYTES = 24
TOKEN_LENGTH = 32
WAYS = [
    (items.DIRECT, "We write first"),
    (items.DIRECT_POST, "We write a post for one person"),
    (items.PRIVATE_REPLY, "Private answer to the post"),
    (items.LINK, "They write first"),
    (items.PAGE, "Our private page"),
]
#: days for which ended invitations are kept, to tell a late comer from a forgery
KEEP = timedelta(days=90)


def digest(token) -> str:
    """What is stored of a token, a page's address or a browser's secret."""
    return hashlib.sha256(str(token).encode("utf-8", "replace")).hexdigest()


class HelpdeskSocialHandoff(models.Model):
    _name = "helpdesk.social.handoff"
    _description = "Invitation into Private"
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True)
    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, ondelete="cascade", index=True
    )
    message_id = fields.Many2one(
        "helpdesk.social.message",
        ondelete="set null",
        index="btree_not_null",
        help="What was said in public.",
    )
    identity_id = fields.Many2one(
        "helpdesk.social.identity", required=True, ondelete="cascade", index=True
    )
    account_id = fields.Many2one(
        "helpdesk.social.account",
        required=True,
        ondelete="cascade",
        index=True,
        help="Where the private conversation takes place.",
    )
    way = fields.Selection(WAYS, required=True)
    user_id = fields.Many2one("res.users", help="Who invited.")
    token_hash = fields.Char()
    expires_at = fields.Datetime(required=True)
    used_at = fields.Datetime()
    used_by_id = fields.Many2one(
        "helpdesk.social.identity", ondelete="set null", index="btree_not_null"
    )
    note_id = fields.Many2one(
        "helpdesk.social.message",
        ondelete="set null",
        index="btree_not_null",
        help="What we said about it in public.",
    )
    conversation_id = fields.Many2one(
        "helpdesk.social.conversation", ondelete="set null", index="btree_not_null"
    )
    state = fields.Selection(
        [
            ("open", "Invited"),
            ("joined", "Joined the ticket"),
            ("suggested", "Somebody else came with it"),
            ("dismissed", "Somebody else, left apart"),
            ("ended", "Ended"),
        ],
        required=True,
        default="open",
    )
    browser_ids = fields.One2many("helpdesk.social.handoff.browser", "handoff_id")

    _token_unique = models.UniqueIndex(
        "(token_hash) WHERE token_hash IS NOT NULL", "This token is taken."
    )

    # === MAKING === #
    @api.model
    def _mint(self, ticket, message, account, way, **values):
        """A new invitation; (record, token). The token is told once and stored nowhere.

        :param message: what the person said in public
        :param account: where the private conversation is to take place
        """
        origin = message.account_id
        token = secrets.token_urlsafe(TOKEN_BYTES)
        days = timedelta(days=origin.handoff_days or 7)
        handoff = self.create(
            {
                "company_id": origin.company_id.id,
                "ticket_id": ticket.id,
                "message_id": message.id,
                "identity_id": message.identity_id.id,
                "account_id": account.id,
                "way": way,
                "user_id": self.env.uid,
                "token_hash": digest(token)
                if way in (items.LINK, items.PAGE)
                else False,
                "expires_at": fields.Datetime.now() + days,
                **values,
            }
        )
        return handoff, token

    def _is_over(self, moment=None):
        self.ensure_one()
        now = moment or fields.Datetime.now()
        return self.state == "ended" or self.expires_at <= now

    def _is_for(self, identity_key, network):
        """Was the identity invited that the intake calls (scope, external id)?"""
        self.ensure_one()
        person = self.identity_id
        return bool(
            identity_key
            and not person.shared
            and person.network_id == network
            and identity_key == (person.scope, person.external_id)
        )

    # === WHAT CAME WITH A TOKEN === #
    @api.model
    def _worth(self, tokens, account):
        """{token: its invitation}, of those that are worth something to ``account``.

        What is forged, used, ended, of another account or of another company is logged
        and otherwise as if there had been no token.
        """
        by_hash = {digest(token): token for token in tokens}
        found = self.search(
            [("token_hash", "in", list(by_hash)), ("way", "=", items.LINK)]
        )
        worth = {}
        for one in found:
            if one.company_id != account.company_id or one.account_id != account:
                reason = "of another account"
            elif one.used_at or one.state != "open":
                reason = "used already"
            elif one._is_over():
                reason = "ended"
            else:
                worth[by_hash[one.token_hash]] = one
                continue
            _logger.warning("account %s: invitation %s %s", account.id, one.id, reason)
        forged = len(by_hash) - len(found)
        if forged:
            _logger.info("account %s: %s unknown invitations", account.id, forged)
        return worth

    def _used(self, identity, thread, joined):
        """Somebody came with it: it is worth nothing from now on."""
        self.ensure_one()
        self.write(
            {
                "used_at": fields.Datetime.now(),
                "used_by_id": identity.id,
                "conversation_id": thread.id,
                "state": "joined" if joined else "suggested",
            }
        )
        if not joined:
            self._ask_everybody(True)

    # === SUGGESTIONS === #
    def _ask_everybody(self, asked):
        """Mark both tickets: somebody must say whether two people are one."""
        tickets = self.ticket_id | self.conversation_id.ticket_id
        if not asked:
            tickets -= self.env["helpdesk.ticket"].union(
                *(ticket._handoff_suggestions().ticket_id for ticket in tickets)
            )
            tickets = tickets.filtered(lambda one: not one._handoff_suggestions())
        tickets.write({"social_same_asked": asked})
        self.env["helpdesk.social.live"]._changed(
            self.env["helpdesk.social.message"], self.ticket_id | tickets
        )

    def _join(self):
        """It is the same person: the conversation goes on in the inviting ticket.

        A ticket that was opened for nothing else is marked as its duplicate, so that
        whatever still points to it leads here.
        """
        self.ensure_one()
        thread, target = self.conversation_id, self.ticket_id._social_target()
        former = thread.ticket_id
        thread.ticket_id = target
        moved = self.env["helpdesk.social.message"].search(
            [("conversation_id", "=", thread.id), ("ticket_id", "=", former.id)]
        )
        moved.ticket_id = target
        self.state = "joined"
        if former and former != target and not former.social_conversation_ids:
            former.with_context(social_activity=True).duplicate_id = target
            closing = former.company_id.helpdesk_mgmt_duplicate_ticket_stage_id
            if closing:
                former.with_context(social_activity=True).stage_id = closing
        self._ask_everybody(False)
        former.social_same_asked = bool(former._handoff_suggestions())
        self.env["helpdesk.social.live"]._changed(moved, former | target)

    # === FORGETTING === #
    @api.autovacuum
    def _gc_handoffs(self):
        before = fields.Datetime.now() - KEEP
        old = self.search(
            [("expires_at", "<", before), ("state", "!=", "suggested")], limit=1000
        )
        old.unlink()
        return len(old), len(old) == 1000
