"""What a batch knows of codes that were sent by e-mail: what came back, and where.

No query unless a message of the batch brings what may be a code. A code counts in a
private message of the identity that was asked, in the conversation in which it was
asked; said where others hear it, it is burnt: somebody else may have it now.
"""

import logging
from collections import Counter

from ..networks import items
from ..texts import proof_code
from .helpdesk_social_proof import TRIES

_logger = logging.getLogger(__name__)

#: ``why`` of a message that brought the code
VERIFIED = "verified"


class Proofs:
    """Questions of one batch, and what was answered."""

    def __init__(self, batch):
        self.batch = batch
        self.proofs = batch.env["helpdesk.social.proof"]
        self.open = self.proofs.browse()
        self.by_hash = {}
        self.proved, self.ended = {}, {}
        self.missed = Counter()

    def load(self, incoming):
        said = {
            code
            for one in incoming
            if one.author.id and one.author.id not in self.batch.own_ids
            for code in self._codes(one)
        }
        if not said:
            return
        known = self.batch.identities.records.values()
        self.open = self.proofs._in_question(
            said,
            self.batch.identities.model.union(*known),
            self.batch.account.company_id,
        )
        self.by_hash = {one.code_hash: one for one in self.open}

    def _codes(self, one):
        return proof_code.found(one.text, proof_code.BY_MAIL)

    def said(self, event, one, slot, thread):
        """Is this message, a new one, the proof that was asked for?"""
        if not self.open or not slot.fresh or not slot.identity:
            return False
        codes = self._codes(one)
        if not codes:
            return False
        right = [
            self.by_hash[hashed]
            for code in codes
            if (hashed := self.proofs._code_hash(code)) in self.by_hash
        ]
        for proof in right:
            if self._is_proof(proof, event, one, slot, thread):
                return True
        if not right:
            self._wrong(codes, one, slot, thread)
        return False

    def _is_proof(self, proof, event, one, slot, thread):
        if proof in self.ended or proof in self.proved:
            return False
        who = self.batch.identities.record(slot.identity)
        mine = who == proof.identity_id and not one.author.shared
        if one.audience != items.PRIVATE or not mine:
            # known to others now: whoever has it may try it
            self._burn(proof, slot)
        elif one.context or one.kind == items.FORWARD or event.source == "context":
            # somebody else's words prove nothing about who passes them on
            slot.values["proof_said"] = "wrong"
        elif thread is None or thread.record != proof.conversation_id:
            slot.values["proof_said"] = "elsewhere"
        elif self._spent(proof):
            slot.values["proof_said"] = "wrong"
        elif not proof._in_time(slot.get("sent_at"), slot.get("received_at")):
            slot.values["proof_said"] = "late"
        else:
            self.proved[proof] = slot
            slot.values |= {
                "proof_said": "proved",
                "text": proof_code.masked(slot.get("text"), proof_code.BY_MAIL),
            }
            return True
        return False

    def _burn(self, proof, slot):
        self.ended[proof] = "leaked"
        slot.values["proof_said"] = "leaked"
        _logger.warning("proof %s: its code was said elsewhere", proof.id)

    def _wrong(self, codes, one, slot, thread):
        """Counts only where the code was asked for."""
        who = self.batch.identities.record(slot.identity)
        for proof in self.open:
            asked = thread is not None and thread.record == proof.conversation_id
            if not asked or proof.identity_id != who or one.audience != items.PRIVATE:
                continue
            if proof not in self.ended and proof not in self.proved:
                self.missed[proof] += len(codes)
                slot.values["proof_said"] = "wrong"

    def _spent(self, proof):
        return proof.tries + self.missed[proof] >= TRIES

    def store(self):
        for proof, state in self.ended.items():
            proof._end(state)
        for proof, tries in self.missed.items():
            if proof not in self.ended:
                proof._missed(tries)
        for proof, slot in self.proved.items():
            proof._prove(slot.record)
