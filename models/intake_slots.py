"""What a batch holds in memory: identities and messages by key.

A slot is a stored record or one that is about to be created; the handlers see no
difference. Each collection reads once and writes once. Conversations, and what they
do to tickets, are in ``intake_threads``.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from odoo.fields import Domain

from ..networks.items import Author
from . import common, intake_exposed, intake_quiet
from .intake_echo import find_echoed

#: messages of ours looked at when all before a moment was read, and their states
MAX_UNREAD = 500
LEAVING, UNREAD = ("sending", "uncertain"), ("sent", "delivered")


# --- identities -------------------------------------------------------------------
class Identities:
    """Authors of the batch, unique by (scope, external id)."""

    LABELS = ("handle", "name", "url", "avatar_url", "language")

    def __init__(self, batch):
        self.batch = batch
        self.model = batch.env["helpdesk.social.identity"]
        self.records = {}
        self.values = {}
        self.fresh = self.model.browse()

    def load(self, incoming):
        authors = [one.author for one in incoming if one.author.id]
        found = common.unordered(
            self.model,
            Domain("company_id", "=", self.batch.account.company_id.id)
            & Domain("network_id", "=", self.batch.network.id)
            # the scope stands before the id in the unique index: without it all
            # identities of the network are read
            & Domain(
                "scope", "in", list({common.storable(one.scope) for one in authors})
            )
            & Domain(
                "external_id", "in", list({common.storable(one.id) for one in authors})
            ),
        )
        self.records = {(one.scope, one.external_id): one for one in found}

    def see(self, author: Author):
        """Remember an author; returns the key, or None for a hidden one."""
        if not author.id:
            return None
        key = (common.storable(author.scope), common.storable(author.id))
        values = {
            "handle": common.storable(author.handle),
            "name": common.storable(author.name),
            "url": common.storable(author.url),
            "avatar_url": common.storable(author.avatar),
            "language": common.storable(author.language),
            "verified": author.verified,
            "bot": author.bot,
            "shared": author.shared,
        }
        if author.followers is not None:
            values["followers"] = min(author.followers, 2**31 - 1)
        # labels that a network leaves out this time are not forgotten
        values = {
            name: value
            for name, value in values.items()
            if value or name not in self.LABELS
        }
        self.values[key] = {**self.values.get(key, {}), **values}
        return key

    def store(self):
        fresh = [key for key in self.values if key not in self.records]
        account, asked = self.batch.account, False
        for key, values in self.values.items():
            wanted = self.model._profile_values(account, values, self.records.get(key))
            asked = asked or bool(wanted)
            values |= wanted
        if asked:
            self.batch.env["helpdesk.social.intake"]._wake(
                "helpdesk_social.cron_profiles"
            )
        created = self.model.create(
            [
                {
                    **self.values[key],
                    "company_id": self.batch.account.company_id.id,
                    "network_id": self.batch.network.id,
                    "scope": key[0],
                    "external_id": key[1],
                }
                for key in fresh
            ]
        )
        for key, values in self.values.items():
            record = self.records.get(key)
            if record:
                changed = {k: v for k, v in values.items() if (record[k] or "") != v}
                changed = {k: v for k, v in changed.items() if record[k] or v}
                if changed:
                    record.write(changed)
        self.fresh = created
        self.records |= dict(zip(fresh, created, strict=True))

    def record(self, key):
        return self.records.get(key, self.model) if key else self.model


# --- messages ---------------------------------------------------------------------
@dataclass(eq=False)
class Slot:
    """A message: ``record`` when stored, ``values`` what is to be written."""

    record: object
    values: dict = field(default_factory=dict)
    conversation: object = None  # a Thread, see intake_threads
    identity: tuple | None = None
    parent: "Slot | None" = None
    fresh: bool = False

    def get(self, name):
        if name in self.values:
            return self.values[name]
        return self.record[name] if self.record else False

    @property
    def conversation_id(self):
        return self.record.conversation_id if self.record else None


class Messages:
    """Messages of the batch by their key on the network."""

    def __init__(self, batch):
        self.batch = batch
        self.model = batch.env["helpdesk.social.message"]
        self.slots = {}
        self.albums = defaultdict(list)
        self.by_event = {}
        self.leaving = None
        self.named = None
        self.unread = None
        #: edited after they were handled: they wait once more
        self.again = []
        #: answers of ours whose conversation was known only after they came
        self.joined = self.model.browse()
        #: what must be forgotten with a deleted message: slot -> words it ever said
        self.emptied = {}
        #: raw items that bring back what was forgotten
        self.stale = batch.env["helpdesk.social.event"]

    def load(self, keys, albums=()):
        """Read what is known of these keys, and of these sets posted as one."""
        stored = {common.storable(key) for key in keys}
        found = common.unordered(
            self.model,
            Domain("company_id", "=", self.batch.account.company_id.id)
            & Domain("network_id", "=", self.batch.network.id)
            & Domain("key", "in", list(stored)),
        )
        if albums:
            found |= common.unordered(
                self.model,
                Domain("account_id", "=", self.batch.account.id)
                & Domain("album", "in", [common.storable(album) for album in albums]),
            )
        self.slots = {one.key: Slot(one) for one in found}
        for slot in self.known():
            if slot.record.account_id == self.batch.account:
                self._note_album(slot)

    def _note_album(self, slot):
        if slot.get("album"):
            self.albums[slot.get("album")].append(slot)

    def of_album(self, album):
        """Known messages of this account that were posted together, in any order."""
        return self.albums.get(common.storable(album), []) if album else []

    def known(self):
        return [slot for slot in self.slots.values() if slot.record]

    def get(self, key):
        return self.slots.get(common.storable(key)) if key else None

    def add(self, event, key, values, **links):
        slot = Slot(self.model, values, fresh=True, **links)
        self.slots[common.storable(key)] = slot
        self._note_album(slot)
        self.by_event[event] = slot
        return slot

    def adopt(self, event, key, record):
        """A stored message turns out to be the one with this key."""
        slot = Slot(record)
        self.slots[common.storable(key)] = slot
        self.by_event[event] = slot
        return slot

    def outgoing_like(self, incoming):
        """Our own reply that is on its way and looks like this echo, if any.

        The network may show our post before it has answered the call that made
        it; without this the same words would stand there twice. Agents say the
        same words to many people: it must answer the same message as well.
        """
        return find_echoed(self._on_their_way(), incoming)

    def outgoing_named(self, ours):
        """Our own reply, by the key that we gave the network.

        What a person cancelled or was told of as failed counts as well: a late success
        always wins.
        """
        if self.named is None:
            wanted = {common.storable(one) for one in self.batch.brought_back()}
            found = self.model.search(
                Domain("outbox_key", "in", list(wanted))
                & Domain("account_id", "=", self.batch.account.id)
                & Domain("direction", "=", "out")
            )
            self.named = {one.outbox_key: one for one in found}
        return self.named.pop(common.storable(ours), self.model)

    def unread_of(self, key):
        """What we said in the conversation of this key and nobody told us was read:
        (slots, is a reply just leaving?); stored ones are read once per batch."""
        if self.unread is None:
            self._load_unread()
        threads = self.batch.conversations.by_key(key)
        said, leaving = self.unread.get(common.storable(key), ([], False))
        return [*said, *(slot for one in threads for slot in one.answers)], leaving

    def _load_unread(self):
        threads = self.batch.conversations
        stored = [
            thread.record.id
            for key in self.batch.told_up_to()
            for thread in threads.by_key(key)
            if thread.record
        ]
        found = self.model.search(
            Domain("conversation_id", "in", stored)
            & Domain("direction", "=", "out")
            & Domain("delivery_state", "in", LEAVING + UNREAD),
            order="id desc",
            limit=MAX_UNREAD,
        )
        self.unread = {}
        for thread, records in found.grouped("conversation_id").items():
            left = records.filtered(lambda one: one.delivery_state in LEAVING)
            said = [self._slot_of(one) for one in records - left if one.sent_at]
            self.unread[thread.key] = (said, bool(left))

    def _slot_of(self, record):
        """The slot of a stored message, also of one that the batch did not name."""
        name = record.key or f"row:{record.id}"
        return self.slots.setdefault(name, Slot(record))

    def _on_their_way(self):
        """Our replies of which nobody knows yet what became of them; read once."""
        if self.leaving is None:
            self.leaving = self.model.search(
                Domain("account_id", "=", self.batch.account.id)
                & Domain("key", "=", False)
                & Domain("direction", "=", "out")
                & (
                    Domain("delivery_state", "in", ("sending", "uncertain"))
                    | Domain("delivery_state", "=", "queued")
                    & Domain("in_doubt", "=", True)
                ),
                order="id",
            )
        return self.leaving

    def store(self):
        """Create what is new, update what changed; number of new messages."""
        for slot in self.slots.values():
            if slot.values:
                intake_quiet.settle(self.batch, slot)
        fresh = [slot for slot in self.slots.values() if slot.fresh]
        for slot in fresh:
            thread = slot.conversation and slot.conversation.record
            slot.values |= {
                "identity_id": self.batch.identities.record(slot.identity).id,
                # given here, so that nothing is computed row by row
                "company_id": self.batch.account.company_id.id,
                "conversation_id": thread.id if thread else False,
                "ticket_id": thread.ticket_id.id if thread else False,
            }
            if slot.parent and slot.parent.record:
                slot.values["parent_id"] = slot.parent.record.id
        intake_exposed.mark(
            self.batch, [one for one in self.slots.values() if one.values]
        )
        created = self.model.create([slot.values for slot in fresh])
        for slot, record in zip(fresh, created, strict=True):
            slot.record = record
        for slot in self.slots.values():
            if not slot.fresh and slot.values:
                if slot.conversation and not slot.record.conversation_id:
                    thread = slot.conversation.record
                    slot.values["conversation_id"] = thread.id
                    slot.values["ticket_id"] = thread.ticket_id.id
                slot.record.write(slot.values)
        self._forget()
        self._link_parents(fresh)
        self.created = created
        return len(created)

    # --- what must not be kept ------------------------------------------------
    def empty(self, slot):
        """The words of this message must go: remember them to find their copies."""
        older = [one.get("text") for one in slot.get("revisions") or []]
        self.emptied[slot] = [text for text in (slot.get("text"), *older) if text]

    def said_again(self, event, slot):
        """The network still brings what is deleted here, in words we must not keep."""
        adapter_class = self.batch.network._get_adapter_class()
        if slot.get("deleted_by") == "forgotten" or adapter_class.forget_deleted:
            self.stale |= event

    def _forget(self):
        for slot, words in self.emptied.items():
            slot.record._forget_copies(words)
        for event, slot in self.by_event.items():
            if slot in self.emptied:
                self.stale |= event  # of this batch: not linked to the message yet
        if self.stale:
            self.stale.raw = "{}"

    def _link_parents(self, fresh):
        """Parents and answers that arrived in the wrong order find each other."""
        for slot in fresh:
            if slot.parent and not slot.record.parent_id:
                slot.record.parent_id = slot.parent.record
        keys = {slot.values["key"]: slot.record for slot in fresh}
        if keys:
            orphans = common.unordered(
                self.model,
                Domain("company_id", "=", self.batch.account.company_id.id)
                & Domain("network_id", "=", self.batch.network.id)
                & Domain("parent_key", "in", list(keys))
                & Domain("parent_id", "=", False),
            )
            for orphan in orphans:
                orphan.parent_id = keys[orphan.parent_key]
                if orphan.direction == "out" and not orphan.conversation_id:
                    self._join_late(orphan, orphan.parent_id)

    def _join_late(self, answer, parent):
        """Our answer from the network's own app came before what it answers."""
        thread = parent.conversation_id
        if thread and thread.audience == answer.audience:
            answer.write(
                {
                    "conversation_id": thread.id,
                    "ticket_id": thread.ticket_id.id,
                    "context": False,
                    "why": "own",
                }
            )
            if not thread.last_outbound_at or thread.last_outbound_at < answer.sent_at:
                thread.last_outbound_at = answer.sent_at
            self.joined |= answer

    def asked_again(self):
        """Edited after they were handled; our answer may have come meanwhile."""
        return self.model.union(*(slot.record for slot in self.again))

    def created_records(self):
        return self.created

    def changed_records(self):
        return self.model.union(
            *(
                slot.record
                for slot in self.slots.values()
                if slot.record and not slot.fresh and slot.values
            )
        )
