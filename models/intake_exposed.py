"""Customers who show their own data in public: seen when a message comes in.

For the whole batch at once, before it is written: no query for each message, and none
at all where nobody has a contact. Only the kinds are kept, never the words.
"""

from ..networks import items
from ..texts import guard
from . import guard_books


def mark(batch, slots):
    """Set ``exposed`` on what came in and was edited; ``slots`` of the batch."""
    where = guard_books.regions(batch.account, batch.env["res.partner"])
    ours = None
    for slot in slots:
        if slot.get("direction") != "in" or slot.get("audience") == items.PRIVATE:
            continue
        if slot.values.get("deleted_at"):
            slot.values["exposed"] = False
        if not slot.values.get("text"):
            continue
        own = _own(batch, slot)
        if not guard.may_hold(slot.values["text"], own):
            kinds = []
        else:
            ours = ours or guard_books.published(batch.account)
            found = guard.find(slot.values["text"], own, ours, where)
            kinds = sorted({one.kind for one in found if one.kind in guard.EXPOSED})
        if kinds or not slot.fresh:
            slot.values["exposed"] = kinds or False


def _own(batch, slot):
    """Where the author lives, if we know them; nothing else is looked for: names and
    numbers are theirs to tell."""
    if slot.identity:
        who = batch.identities.record(slot.identity)
    else:
        who = slot.record.identity_id if slot.record else batch.identities.model
    # sudo: helpdesk.social.identity, res.partner - the batch has all rights
    partner = who.partner_id
    if not partner:
        return guard.NOTHING_KNOWN
    return guard.Own(
        addresses=((partner.street or "", partner.zip or "", partner.city or ""),)
    )
