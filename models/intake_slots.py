"""What a batch holds in memory: identities and messages by key.

A slot is a stored record or one that is about to be created; the handlers see no
difference. Each collection reads once and writes once. Conversations, and what they
do to tickets, are in ``intake_threads``.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from odoo.fields import Domain

from ..networks.items import PUBLIC, Author
from . import common


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
        found = self.model.search(
            Domain("company_id", "=", self.batch.account.company_id.id)
            & Domain("network_id", "=", self.batch.network.id)
            # the scope stands before the id in the unique index: without it all
            # identities of the network are read
            & Domain(
                "scope", "in", list({common.storable(one.scope) for one in authors})
            )
            & Domain(
                "external_id", "in", list({common.storable(one.id) for one in authors})
            )
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

    def load(self, keys, albums=()):
        """Read what is known of these keys, and of these sets posted as one."""
        stored = {common.storable(key) for key in keys}
        found = self.model.search(
            Domain("company_id", "=", self.batch.account.company_id.id)
            & Domain("network_id", "=", self.batch.network.id)
            & Domain("key", "in", list(stored))
        )
        if albums:
            found |= self.model.search(
                Domain("account_id", "=", self.batch.account.id)
                & Domain("album", "in", [common.storable(album) for album in albums])
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
        wanted = _plain(incoming.text)
        for one in self._on_their_way():
            text = _plain(one.text)
            if one.delivery_state == "sent" or one.audience != incoming.audience:
                continue
            if not text or not wanted.endswith(text):
                continue
            place = _same_place(one, incoming)
            if place or (place is None and wanted == text):
                return one
        return self.model

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
        self._drop_files()
        self._link_parents(fresh)
        self.created = created
        return len(created)

    def _drop_files(self):
        """Where words of a deleted message must go, what it showed must go as well."""
        emptied = [
            slot.record.id
            for slot in self.slots.values()
            if slot.values.get("deleted_at") and slot.values.get("media") is False
        ]
        if emptied:
            self.batch.env["ir.attachment"].search(
                Domain("res_model", "=", self.model._name)
                & Domain("res_id", "in", emptied)
            ).unlink()

    def _link_parents(self, fresh):
        """Parents and answers that arrived in the wrong order find each other."""
        for slot in fresh:
            if slot.parent and not slot.record.parent_id:
                slot.record.parent_id = slot.parent.record
        keys = {slot.values["key"]: slot.record for slot in fresh}
        if keys:
            orphans = self.model.search(
                Domain("company_id", "=", self.batch.account.company_id.id)
                & Domain("network_id", "=", self.batch.network.id)
                & Domain("parent_key", "in", list(keys))
                & Domain("parent_id", "=", False)
            )
            for orphan in orphans:
                orphan.parent_id = keys[orphan.parent_key]

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


def _same_place(reply, echo):
    """Does the echo stand where the reply was to go? None where nothing tells."""
    if echo.parent:
        answered = {reply.parent_key, reply.parent_id.key, reply.previous_id.key}
        return common.storable(echo.parent) in answered
    if echo.thread and reply.conversation_id and reply.audience != PUBLIC:
        return common.storable(echo.thread) == reply.conversation_id.key
    # a first private message has no thread yet; a public one may hide what it answers
    return None


def _plain(text):
    """Text without leading mentions and white space, to compare an echo."""
    words = (text or "").split()
    while words and words[0].startswith("@"):
        words.pop(0)
    return " ".join(words)
