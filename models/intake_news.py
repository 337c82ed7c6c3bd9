"""News of what we said: delivered, read, refused later; and what came too early.

They never go backwards, come in any order and several times. They decide about nothing
but a message's delivery state, and write nothing.
"""

from datetime import timedelta

from . import common

#: looks for the message that a deletion or delivery news is about: the news may come
#: before it, and 15 s lie between two looks
PATIENCE = 4
#: order in which delivery news may follow each other; never backwards
PROGRESS = ("queued", "sending", "uncertain", "sent", "delivered", "read")
#: how much later than the network our clock may say that something was said, until the
#: network's own word for it comes
CLOCKS = timedelta(seconds=10)


def not_yet(event):
    """News about a message that may still come, or is just being stored."""
    return "wait:unknown_target" if _early(event) else "unknown_target"


def _early(event):
    return (event.attempts or 0) < PATIENCE


def receipt(batch, event, one):
    """Delivery news never goes backwards; a block concerns the conversation."""
    if one.thread and one.state in ("blocked", "unblocked"):
        threads = batch.conversations.by_key(one.thread)
        for thread in threads:
            thread.values["blocked"] = one.state == "blocked"
        return one.state if threads else "unknown_target"
    slot = batch.messages.get(one.key) or _named(batch, event, one)
    if one.earlier:
        return _up_to(batch, event, one, slot)
    if slot is None:
        return not_yet(event)
    if slot.get("direction") != "out":
        return "unknown_target"
    batch.messages.by_event[event] = slot
    return _told(one, slot)


def _told(one, slot):
    """What delivery news does to one message of ours."""
    state = slot.get("delivery_state")
    if one.state == "undelivered" and state not in ("delivered", "read"):
        slot.values |= {
            "delivery_state": "undelivered",
            "error_code": common.storable(one.code),
        }
        return "undelivered"
    if one.state not in PROGRESS or state not in PROGRESS:
        return "duplicate"
    if PROGRESS.index(one.state) > PROGRESS.index(state):
        slot.values["delivery_state"] = one.state
        return one.state
    return "duplicate"


def _named(batch, event, one):
    """Our reply whose call had no answer, as the network brings our own key back."""
    record = one.ours and batch.messages.outgoing_named(one.ours)
    if not record or not one.key or record.key:
        return None
    record._echoed(one)
    return batch.messages.adopt(event, one.key, record)


def _up_to(batch, event, one, slot):
    """All that we said there until then was delivered or read.

    What was said a moment later by our own clock may be part of it: that is looked at
    again once its echo has told the network's.
    """
    if one.key and slot is None and _early(event):
        return not_yet(event)
    if slot is not None:
        batch.messages.by_event[event] = slot
    mark = slot.get("sent_at") if slot else batch.moment(one.at)
    said, leaving = batch.messages.unread_of(one.thread)
    if not said and not leaving:
        return "duplicate" if slot else not_yet(event)
    told, close = set(), bool(leaving)
    for other in said:
        if other.get("sent_at") <= mark:
            told.add(_told(one, other))
        elif other.get("sent_at") <= mark + CLOCKS:
            close = True
    if close and _early(event):
        return f"wait:{one.state}"
    return one.state if one.state in told else "duplicate"
