"""A browser that asked to be let into a private page, and what it showed.

The code is for this browser alone: it is let in when the invited identity, and nobody
else, says the code on its own network, in time, once. Secrets and codes are stored as
hashes. Nothing in here may tell anything about the ticket.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import hmac

from ..texts import proof_code
from .helpdesk_social_handoff import digest

#: long enough to change to the network's app, write and post; short enough that a code
#: which somebody was talked into passing on is soon worth nothing
CODE_LIFE = timedelta(minutes=10)
#: a code that was said in time is taken when we read it: networks are asked every 20
#: seconds to 5 minutes, and clocks differ a little
LATE, EARLY = timedelta(minutes=10), timedelta(minutes=2)
#: how long a browser stays let in. A day: an answer may take until tomorrow
SESSION = timedelta(hours=24)
#: codes that one address may ask for in ten minutes, and all addresses together for one
#: page: an address may be a whole office, and nobody needs three
PER_ADDRESS, PER_PAGE = 10, 60
#: messages that one browser may send in ten minutes
MESSAGES = 30
SPAN = timedelta(minutes=10)
SCOPE = "helpdesk_social.private_page"


class HelpdeskSocialHandoffBrowser(models.Model):
    _name = "helpdesk.social.handoff.browser"
    _description = "Browser at a Private Page"
    _order = "id desc"

    handoff_id = fields.Many2one(
        "helpdesk.social.handoff", required=True, ondelete="cascade", index=True
    )
    secret_hash = fields.Char(required=True)
    address_hash = fields.Char()
    asked = fields.Integer(default=0)
    code_hash = fields.Char()
    code_at = fields.Datetime()
    code_until = fields.Datetime()
    proof_id = fields.Many2one("helpdesk.social.message", ondelete="set null")
    let_in_at = fields.Datetime()
    session_until = fields.Datetime()
    ended_at = fields.Datetime()

    _secret_unique = models.UniqueIndex("(handoff_id, secret_hash)", "Known already.")
    _code_unique = models.UniqueIndex(
        "(code_hash) WHERE code_hash IS NOT NULL", "This code is taken."
    )
    _by_address = models.Index("(address_hash, code_at)")

    # === THE CODE === #
    @api.model
    def _code_hash(self, code):
        # short enough to be tried out by whoever has the table: keyed
        return hmac(self.env(su=True), SCOPE, code)

    @api.model
    def _address_hash(self, address):
        return hmac(self.env(su=True), f"{SCOPE}.address", address or "")

    @api.model
    def _ask(self, handoff, secret, address):
        """A code for this browser; '' when too many were asked for.

        Each time a new one: what was shown before is worth nothing from then on.
        """
        now = fields.Datetime.now()
        address_hash = self._address_hash(address)
        for limit, whose in (
            (PER_ADDRESS, Domain("address_hash", "=", address_hash)),
            (PER_PAGE, Domain("handoff_id", "=", handoff.id)),
        ):
            recent = whose & Domain("code_at", ">", now - SPAN)
            [[asked]] = self._read_group(recent, [], ["asked:sum"])
            if (asked or 0) >= limit:
                return ""
        browser = self._of(handoff, secret) or self.create(
            {"handoff_id": handoff.id, "secret_hash": digest(secret)}
        )
        code = proof_code.new_code()
        browser.write(
            {
                "address_hash": address_hash,
                "asked": browser.asked + 1,
                "code_hash": self._code_hash(code),
                "code_at": now,
                "code_until": now + CODE_LIFE,
                # it may have been let in before: that is over
                "let_in_at": False,
                "session_until": False,
                "ended_at": False,
            }
        )
        return code

    @api.model
    def _of(self, handoff, secret):
        """The browser with this secret; none for an empty one."""
        if not secret or not handoff:
            return self.browse()
        return self.search(
            [("handoff_id", "=", handoff.id), ("secret_hash", "=", digest(secret))]
        )

    # === THE PROOF === #
    @api.model
    def _shown(self, codes, company):
        """{code: the browser that shows it}, of those that still wait for it."""
        by_hash = {self._code_hash(code): code for code in codes}
        found = self.search(
            [
                ("code_hash", "in", list(by_hash)),
                ("let_in_at", "=", False),
                ("ended_at", "=", False),
                ("handoff_id.company_id", "=", company.id),
            ]
        )
        return {
            by_hash[one.code_hash]: one
            for one in found
            if not one.handoff_id._is_over()
            and one.code_until + LATE > fields.Datetime.now()
        }

    def _in_time(self, sent_at):
        """Was the code said while it was shown, by the network's clock?"""
        return self.code_at - EARLY <= sent_at <= self.code_until

    def _let_in(self, message):
        """The invited identity said the code: this browser is let in, once."""
        now = fields.Datetime.now()
        self.write(
            {
                "let_in_at": now,
                "session_until": now + SESSION,
                "proof_id": message.id,
                "code_hash": False,
                "asked": 0,
            }
        )
        handoff = self.handoff_id
        # they came in time: the conversation may take as long once more
        days = timedelta(days=handoff.account_id.page_for_id.handoff_days or 7)
        handoff.expires_at = max(handoff.expires_at, now + days)
        if handoff.state == "open":
            handoff.write(
                {
                    "state": "joined",
                    "used_at": now,
                    "used_by_id": handoff.identity_id.id,
                }
            )

    def _is_in(self):
        return bool(
            self
            and self.let_in_at
            and not self.ended_at
            and self.session_until > fields.Datetime.now()
            and not self.handoff_id._is_over()
        )

    def _leave(self):
        self.write({"ended_at": fields.Datetime.now(), "code_hash": False})

    # === WHAT IS WRITTEN === #
    def _may_say(self):
        """Not more messages than a person writes."""
        events = self.env["helpdesk.social.event"]
        return (
            events.search_count(
                [
                    ("account_id", "=", self.handoff_id.account_id.id),
                    ("key", "=like", f"page:{self.handoff_id.id}:%"),
                    ("received_at", ">", fields.Datetime.now() - SPAN),
                ],
                limit=MESSAGES,
            )
            < MESSAGES
        )

    @api.autovacuum
    def _gc_browsers(self):
        """Browsers that never proved anything, or whose time is over."""
        before = fields.Datetime.now() - timedelta(days=2)
        old = self.search(
            [
                ("create_date", "<", before),
                "|",
                ("session_until", "=", False),
                ("session_until", "<", before),
            ],
            limit=5000,
        )
        old.unlink()
        return len(old), len(old) == 5000
