"""What each kind of item means for the batch, in memory; one function per kind.

Each takes (batch, event, parsed) and returns an outcome code for the journal. They
decide about messages and conversations, never about tickets (``ticket_policy``) and
they write nothing.
"""

from ..networks import items
from ..texts import proof_code
from . import common, intake_back, intake_incident, ticket_policy
from .helpdesk_social_account_announced import ANNOUNCED
from .intake_edit import (
    ask_again,
    content_of,
    details_of,
    fetch_at,
    is_open,
    revise,
    says_otherwise,
)
from .intake_handoff import INVITED, PROOF
from .intake_news import not_yet, receipt
from .intake_proof import VERIFIED

#: different reactions counted on one message
MAX_SYMBOLS = 100
#: a removed message leaves a tombstone; these are emptied where the network's rules
#: or the adapter ask for it
CONTENT = {
    **dict.fromkeys(("text", "warning", "media", "revisions", "language"), False),
    **dict.fromkeys(("mentions", "extra", "payload", "media_try_at"), False),
}


# --- messages ---------------------------------------------------------------------
def incoming(batch, event, one):
    """A message: new, a newer revision, known already, or an echo of ours."""
    if not one.key:
        raise ValueError("a message without a key")  # recorded, and nothing more
    slot = batch.messages.get(one.key)
    own = one.author.id in batch.own_ids and bool(one.author.id)
    if slot is None and own:
        slot = _echo(batch, event, one)
        if slot:
            return "echo"
    if slot is None:
        return _new(batch, event, one, own)
    batch.messages.by_event.setdefault(event, slot)
    return _known(batch, event, one, slot, own)


def _echo(batch, event, one):
    """Our reply came back before the call that sent it did.

    Where the network brings our own key back, that decides: the same words, said by a
    colleague in the network's own program, are another message.
    """
    if one.ours is None:
        record = batch.messages.outgoing_like(one)
    else:
        record = batch.messages.outgoing_named(one.ours) if one.ours else None
    if not record:
        return None
    if not record.key:
        record._echoed(one)
    return batch.messages.adopt(event, one.key, record)


def _known(batch, event, one, slot, own):
    outcome = "duplicate"
    if own and one.ours and slot.get("outbox_key"):
        # the network's clock knows better than ours when it was said
        slot.values["sent_at"] = batch.moment(one.sent_at)
    refs = dict(slot.get("refs") or {})
    account = batch.account
    if str(account.id) not in refs:
        ref = common.storable(one.ref or one.key)
        slot.values["refs"] = {**refs, str(account.id): ref}
        stored = slot.record
        if stored and stored.account_id != account:
            slot.values["also_account_ids"] = [(4, account.id)]
            outcome = "reached_too"
    if slot.get("deleted_at"):
        if intake_back.is_back(event, slot):
            return intake_back.restore(batch, one, slot)
        batch.messages.said_again(event, slot)
        return outcome
    if slot.get("expired_at"):
        # nobody looks at it any more, so none of its words may be kept
        batch.messages.said_again(event, slot)
        return "expired"
    if one.permalink and not slot.get("permalink"):
        # pushed in short; now it was read in full
        slot.values["permalink"] = common.storable(one.permalink)
    if one.revision > (slot.get("revision") or 0) and says_otherwise(batch, one, slot):
        before = slot.get("text")
        revise(batch, one, slot)
        ask_again(batch, one, slot, before)
        outcome = "edited"
    passive = slot.get("context") or slot.get("why") == "context"
    if passive and one.addressed and not own and event.source != "context":
        # what was only read as context turns out to be said to us
        slot.values["context"] = False
        # answered by the account that it was said to
        slot.values["account_id"] = account.id
        slot.identity = batch.identities.see(one.author)
        _join(batch, event, one, slot, own)
        outcome = "promoted"
    return outcome


def _new(batch, event, one, own):
    sent_at = batch.moment(one.sent_at)
    identity = None if own else batch.identities.see(one.author)
    if identity and one.evidence and not one.author.shared:
        batch.evidence[identity] += one.evidence
    content = content_of(batch, one)
    slot = batch.messages.add(
        event,
        one.key,
        {
            **content,
            "account_id": batch.account.id,
            "network_id": batch.network.id,
            "key": common.storable(one.key),
            "refs": {str(batch.account.id): common.storable(one.ref or one.key)},
            "parent_key": common.storable(one.parent) or False,
            "album": common.storable(one.album) or False,
            "direction": "out" if own else "in",
            "origin": "native" if own else "bot" if one.author.bot else "customer",
            "audience": one.audience,
            "permalink": common.storable(one.permalink),
            **details_of(one),
            "sent_at": sent_at,
            "received_at": event.received_at,
            "revision": one.revision,
            "edited_at": batch.moment(one.edited_at) if one.edited_at else False,
            "delivery_state": "sent" if own else False,
            "waiting": False,
            "context": False,
            "why": False,
            "media_try_at": fetch_at(batch, content["media"]),
        },
        identity=identity,
        parent=batch.messages.get(one.parent),
    )
    return _join(batch, event, one, slot, own)


def _join(batch, event, one, slot, own):
    """Find the conversation, and say whether the message asks for a ticket."""
    thread = _thread(batch, one, slot, own)
    proof = not own and batch.invitations.proves(event, one, slot)
    verified = not own and batch.proofs.said(event, one, slot, thread)
    if thread is None:
        slot.values["context"] = not own
        slot.values["why"] = "own_post" if own else PROOF if proof else "context"
        return slot.values["why"]
    _enter(slot, thread, own)
    if own:
        slot.values["why"] = "own"
        return "native"
    if proof and not thread.ticket and not thread.record:
        thread.ticket = batch.invitations.ticket_of(slot)
    if proof and not proof_code.says_more(one.text):
        slot.values["why"] = PROOF
        return PROOF
    if verified and not proof_code.says_more(one.text, proof_code.BY_MAIL):
        slot.values["why"] = VERIFIED
        return VERIFIED
    if batch.invitations.arrived(one, slot, thread):
        slot.values["why"] = INVITED
    outcome = _ask(batch, event, one, slot, thread)
    for sibling in batch.messages.of_album(one.album):
        if _left_out(sibling, one):
            # it came first, and nobody could know that it was for us
            sibling.values["context"] = False
            _enter(sibling, thread)
            _ask(batch, event, one, sibling, thread)
    return outcome


def _left_out(sibling, one):
    """A message of the same album that is in no conversation yet."""
    return (
        not sibling.conversation
        and not sibling.conversation_id
        and not sibling.get("deleted_at")
        and sibling.get("direction") == "in"
        and sibling.get("audience") == one.audience
    )


def _enter(slot, thread, own=False):
    """Put a message into a conversation, whose clocks then go on."""
    slot.conversation = thread
    sent_at = slot.get("sent_at")
    stored = thread.record
    slot.values["late"] = bool(
        stored and stored.last_message_at and sent_at < stored.last_message_at
    )
    thread.moved("last_message_at", sent_at)
    if own:
        thread.moved("last_outbound_at", sent_at)
        thread.answers.append(slot)
        return
    thread.moved("last_inbound_at", sent_at)
    if slot.identity:
        thread.people.add(slot.identity)


def _ask(batch, event, one, slot, thread):
    """Does this message want somebody's attention?"""
    if _blocked(batch, slot):
        slot.values |= {
            "why": ticket_policy.BLOCKED,
            "handled_how": "blocked",
            "handled_at": batch.now,
        }
    elif one.author.bot:
        slot.values["why"] = "bot"
    elif event.source == "context" or one.context:
        slot.values["why"] = "context"
    elif (
        one.kind == items.START
        and slot.get("why") != INVITED
        and not is_open(batch, thread.ticket)
    ):
        # the conversation was opened without a word: what comes next will tell
        slot.values["why"] = items.START
    elif batch.is_backlog(slot.get("sent_at")) and not thread.ticket:
        slot.values["why"] = "backlog"
        if not thread.record:
            thread.values["backlog"] = True
    else:
        slot.values["waiting"] = True
        thread.values.pop("backlog", None)
        thread.asking.append(slot)
        return "message"
    return slot.values["why"]


def _blocked(batch, slot):
    """Its author was blocked by one of us; what was said is kept."""
    return bool(slot.identity and batch.identities.record(slot.identity).blocked_at)


def _thread(batch, one, slot, own):
    """The conversation of a message, or None when it is nobody's to answer.

    A public one starts at the topmost message addressed to us on its branch; what
    stands above it is context (DESIGN §6). What was posted as one stays together.
    """
    threads = batch.conversations
    branch = _split_off(batch, one)
    if branch:
        return branch
    if one.thread:
        if not one.addressed and one.audience == items.GROUP and not own:
            # they speak to each other, unless it is about what we work on
            known = threads.by_key(one.thread)
            return next((one for one in known if one.ticket or one.asking), None)
        if own and not threads.by_key(one.thread) and not one.parent:
            return threads.get(one.audience, one.thread, alias=one.thread_alias)
        return threads.get(
            one.audience, one.thread, slot.identity, alias=one.thread_alias
        )
    for known in (*batch.messages.of_album(one.album), batch.messages.get(one.parent)):
        thread = threads.of(known)
        if thread and thread.audience == one.audience:
            return thread
    if own or not one.addressed:
        return None
    thread = threads.get(
        one.audience, one.key, slot.identity, beside=_beside(batch, one)
    )
    if not thread.record and one.parent:
        thread.values["root_key"] = intake_incident.root_of(batch, one)
    return thread


def _split_off(batch, one):
    """A branch that an agent split off keeps what answers it, also where the network
    still counts it to the thread as a whole."""
    parent = batch.messages.get(one.parent) if one.thread else None
    record = parent and parent.conversation_id
    if record and record.split_from_id and record.audience == one.audience:
        return batch.conversations.of(parent)
    return None


def _beside(batch, one):
    """What this answers stands in a conversation of another account of ours: people
    who name two of our accounts go on naming both, and that is one matter."""
    parent = batch.messages.get(one.parent)
    other = parent and parent.conversation_id
    if other and other.audience == one.audience:
        if other.company_id == batch.account.company_id:
            return other
    return None


# --- everything else --------------------------------------------------------------
def removal(batch, event, one):
    """A tombstone; the words go where they must not be kept."""
    slot = batch.messages.get(one.key)
    if slot is None:
        return not_yet(event)
    batch.messages.by_event[event] = slot
    if slot.get("deleted_at"):
        return "duplicate"
    if one.by == "network" and intake_back.seen_later(batch, event, one.key):
        return "outdated"
    slot.values |= {
        "deleted_at": batch.moment(one.at),
        "deleted_by": common.storable(one.by),
        "waiting": False,
    }
    if one.forget or batch.network._get_adapter_class().forget_deleted:
        batch.messages.empty(slot)
        slot.values |= CONTENT
    return "deleted"


def hidden(batch, event, one):
    """Hidden there from others, or shown again; to us it stays what it was."""
    slot = batch.messages.get(one.key)
    if slot is None:
        return not_yet(event)
    batch.messages.by_event[event] = slot
    if bool(slot.get("hidden")) == one.hidden:
        return "duplicate"
    slot.values["hidden"] = one.hidden
    return "hidden" if one.hidden else "shown"


def reaction(batch, event, one):
    """Counted on the message; never opens and never reopens a ticket."""
    slot = batch.messages.get(one.key)
    if slot is None:
        return "unknown_target"
    batch.messages.by_event[event] = slot
    if event.outcome == "reaction":
        return "reaction"  # replayed: it was counted the first time
    counts = {} if one.sole else dict(slot.get("reactions") or {})
    symbol = common.storable(one.symbol)[:32] or "♥"
    counts[symbol] = max(0, counts.get(symbol, 0) + (-1 if one.removed else 1))
    counts = [(symbol, count) for symbol, count in counts.items() if count]
    slot.values["reactions"] = dict(counts[:MAX_SYMBOLS]) or False
    return "reaction"


def signed_out(batch, event, one):
    """Our access was taken back; unless it was proved since, as after a new sign-in."""
    at = min(batch.moment(one.at), event.received_at)
    if at <= batch.account._proved_at():
        return "outdated"
    batch.signed_out = common.storable(one.code)
    return "signed_out"


def announced(batch, event, one):
    """It must be read first: that is the pull's, this lane talks to nobody."""
    return ANNOUNCED


def unknown(batch, event, one):
    """Kept in the journal, told to the admin unless it is mere noise."""
    reason = common.storable(one.reason)
    return f"{'ignored' if one.ignorable else 'unknown'}:{reason}"[:100]


HANDLERS = {
    items.Incoming: incoming,
    items.Announced: announced,
    items.Removal: removal,
    items.Hidden: hidden,
    items.Reaction: reaction,
    items.Receipt: receipt,
    items.SignedOut: signed_out,
    items.Unknown: unknown,
}
