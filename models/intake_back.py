"""What the network had withdrawn and shows again, for the batch, in memory.

A suspended, protected or deactivated author takes the posts along and brings them back.
What an author deleted, or we have forgotten, never comes back. Nothing here writes.
"""

from ..networks import items
from . import common, ticket_policy
from .intake_edit import content_of, details_of, fetch_at, is_open, revise

#: a message that asked for somebody, by what the policy made of it
ASKED = (
    ticket_policy.JOIN,
    ticket_policy.REOPEN,
    ticket_policy.NEW,
    ticket_policy.LINKED,
    ticket_policy.FOLLOW,
)


def _asked_for(event):
    """Was the network asked for this very message? Lists trail behind, and show for a
    while what is gone."""
    return event.source == "pull" and not event.stream


def is_back(event, slot):
    """Does this item prove that a message is there again?"""
    withdrawn = slot.get("deleted_by") == "network" and _asked_for(event)
    return withdrawn and event.received_at > slot.get("deleted_at")


def seen_later(batch, event, key):
    """Was the message read after this news of its removal? Removals come last in a
    batch, whatever their time."""
    return any(
        isinstance(parsed, items.Incoming)
        and parsed.key == key
        and _asked_for(other)
        and other.received_at > event.received_at
        for other, parsed in batch.parsed
    )


def restore(batch, one, slot):
    """Take the tombstone away, with the words as they are now."""
    if batch.network._get_adapter_class().forget_deleted:
        content = content_of(batch, one)
        slot.values |= {
            **content,
            **details_of(one),
            "revision": max(one.revision, slot.get("revision") or 0),
            "edited_at": batch.moment(one.edited_at) if one.edited_at else False,
            "media_try_at": fetch_at(batch, content["media"]),
            "media_attempts": 0,
        }
    elif one.revision > (slot.get("revision") or 0):
        revise(batch, one, slot)
    slot.values |= {
        "deleted_at": False,
        "deleted_by": False,
        # to the microsecond: it tells one absence from the next
        "back_at": common.to_orm(common.utcnow()),
    }
    if slot.get("why") in ASKED and not slot.get("handled_at"):
        thread = batch.conversations.of(slot)
        ticket = thread.ticket if thread else slot.record.conversation_id.ticket_id
        slot.values["waiting"] = is_open(batch, ticket)
    return "back"
