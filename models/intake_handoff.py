"""What a batch knows of invitations: tokens that came along, codes that were said.

Both are looked up only when some message of the batch brings one: no query otherwise.
A token joins a ticket for the invited identity alone; a code lets in the one browser
that shows it, said by that identity alone. What is worth nothing changes nothing.
"""

import logging

from ..networks import items
from ..texts import proof_code
from . import ticket_policy

_logger = logging.getLogger(__name__)

#: ``why`` of a message whose conversation came with our invitation, and of one that
#: brought the code of a private page
INVITED, PROOF = "invited", "proof"


class Invitations:
    """Tokens and codes of one batch, and what becomes of them."""

    def __init__(self, batch):
        self.batch = batch
        self.tokens, self.codes = {}, {}
        #: (invitation, thread, key of the identity, did it join?)
        self.used = []
        #: (browser, slot)
        self.proved = []

    def load(self, incoming):
        account = self.batch.account
        own = self.batch.own_ids
        said = [one for one in incoming if one.author.id and one.author.id not in own]
        tokens = {one.payload for one in said if one.payload}
        codes = {code for one in said for code in proof_code.found(one.text)}
        if tokens:
            handoffs = self.batch.env["helpdesk.social.handoff"]
            self.tokens = handoffs._worth(tokens, account)
        if codes:
            browsers = self.batch.env["helpdesk.social.handoff.browser"]
            self.codes = browsers._shown(codes, account.company_id)

    # --- tokens -----------------------------------------------------------------
    def arrived(self, one, slot, thread):
        """A message that may have come with a token; must it have a ticket?

        The thread of the invited identity goes to the inviting ticket, unless it is on
        another one that is still open: then, as for a stranger, a person decides.
        """
        if one.audience != items.PRIVATE:
            return False
        handoff = self.tokens.pop(one.payload, None) if one.payload else None
        if handoff is None:
            return False
        same = handoff._is_for(slot.identity, self.batch.network)
        target, current = handoff.ticket_id._social_target(), thread.ticket
        busy = (
            current
            and current._social_target() != target
            and current._social_target()._social_state(
                self.batch.account, self.batch.now
            )
            == ticket_policy.OPEN
        )
        joined = same and not busy
        if joined:
            thread.ticket, thread.via = target, INVITED
        self.used.append((handoff, thread, slot.identity, joined))
        return True

    # --- codes ------------------------------------------------------------------
    def proves(self, event, one, slot):
        """Does this message, a new one, let a browser in? Then the browser is noted."""
        if not self.codes or not slot.fresh or event.source == "context":
            return False
        if one.context or one.kind == items.FORWARD or one.author.shared:
            # somebody else's words prove nothing about who passes them on
            return False
        for code in proof_code.found(one.text):
            browser = self.codes.get(code)
            if browser is None:
                continue
            who = browser.handoff_id
            if not who._is_for(slot.identity, self.batch.network):
                _logger.warning("page %s: its code was said by another", who.id)
            elif not browser._in_time(slot.get("sent_at")):
                _logger.info("page %s: its code was said too late", who.id)
            else:
                del self.codes[code]
                self.proved.append((browser, slot))
                return True
        return False

    def ticket_of(self, slot):
        """The ticket whose page this message opens."""
        return next(
            browser.handoff_id.ticket_id._social_target()
            for browser, proof in self.proved
            if proof is slot
        )

    # --- writing ----------------------------------------------------------------
    def store(self):
        identity = self.batch.identities.record
        for handoff, thread, key, joined in self.used:
            handoff._used(identity(key), thread.record, joined)
        for browser, slot in self.proved:
            browser._let_in(slot.record)
