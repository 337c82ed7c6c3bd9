"""The network behind Bluesky's API: people, their records, who notices what.

Written from the fact sheet ``bluesky`` (§ numbers point into it) and from the published
server source it names, never from the adapter. No HTTP here: ``bluesky_server`` and
the classes above it serve this world, ``bluesky_view`` shows it as JSON.
"""

import base64
import bisect
import hashlib
import json
from datetime import timedelta

from .bluesky_records import (
    BLOCK,
    DECLARATION,
    FOLLOW,
    GATE,
    LIKE,
    MENTION,
    POST,
    PROFILE,
    REPLY_DEPTH,
    REPOST,
    UNIQUE,
    Clock,
    Notice,
    Person,
    Record,
    Refused,
    cid,
    moment,
    split_uri,
    stamp,
    tid,
)

__all__ = [
    "BLOCK",
    "DECLARATION",
    "FOLLOW",
    "GATE",
    "LIKE",
    "MENTION",
    "POST",
    "PROFILE",
    "REPLY_DEPTH",
    "REPOST",
    "UNIQUE",
    "Clock",
    "Notice",
    "Person",
    "Record",
    "Refused",
    "cid",
    "moment",
    "split_uri",
    "stamp",
    "tid",
    "World",
]


class World:
    """People and records, and what follows from them."""

    def __init__(self):
        self.clock = Clock()
        #: how much later than the writer everybody else sees what is written (§8)
        self.lag = timedelta()
        self.people: dict[str, Person] = {}
        self.records: dict[str, Record] = {}
        self.blobs: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.notices: dict[str, list[Notice]] = {}
        self.reports: list[dict] = []
        #: (collection, who, about whom or what) -> uri, for UNIQUE collections
        self.relations: dict[tuple[str, str, str], str] = {}
        self.children: dict[str, list[str]] = {}
        self._last_tid = 0

    # --- people ---------------------------------------------------------------
    def add_person(self, handle: str, name: str = "", password: str = "") -> Person:
        digest = hashlib.sha256(handle.encode()).digest()
        did = "did:plc:" + base64.b32encode(digest).decode().lower()[:24]
        person = Person(did, handle, password or f"pass-{handle}", self.clock())
        self.people[did] = person
        self.notices[did] = []
        if name:
            value = {"$type": PROFILE, "displayName": name}
            self.write(person, PROFILE, value, "self")
        return person

    def person(self, who) -> Person | None:
        """By did or handle."""
        if isinstance(who, Person):
            return who
        found = self.people.get(who)
        if found:
            return found
        named = (one for one in self.people.values() if one.handle == str(who).lower())
        return next(named, None)

    def tid(self) -> str:
        now = int(self.clock().timestamp() * 1_000_000) << 10
        self._last_tid = max(now, self._last_tid + 1)
        return tid(self._last_tid)

    def related(self, kind: str, who: str, to: str) -> str:
        """The uri of a follow, block or like, or nothing."""
        return self.relations.get((kind, who, to), "")

    def blocked(self, one: str, other: str) -> bool:
        """Does either of the two block the other?"""
        return bool(self.related(BLOCK, one, other) or self.related(BLOCK, other, one))

    def allows_messages(self, person: Person) -> str:
        """all, following, none, or nothing where it was never said (§6)."""
        record = self.records.get(f"at://{person.did}/{DECLARATION}/self")
        return record.value.get("allowIncoming", "") if record else ""

    # --- records --------------------------------------------------------------
    def write(self, person: Person, collection: str, value: dict, rkey: str = ""):
        """Store a record as the person's server does; the world hears of it."""
        rkey = rkey or self.tid()
        value = {"$type": collection, **value}
        uri = f"at://{person.did}/{collection}/{rkey}"
        content = json.dumps(value, sort_keys=True).encode()
        known = self.records.get(uri)
        record = Record(uri, cid(content), value, self.clock() + self.lag)
        if known:
            # an edit is not a new post: it stays where it is
            record.indexed_at = known.indexed_at
            self._unlist(known)
        elif collection in UNIQUE:
            earlier = self.relations.get((collection, person.did, self._about(record)))
            if earlier:
                self.delete(earlier)
        self.records[uri] = record
        person.rev = self.tid()
        if collection in UNIQUE:
            self.relations[collection, person.did, self._about(record)] = uri
        parent = self._reply(record, "parent")
        if parent and collection == POST:
            self.children.setdefault(parent, []).append(uri)
        if not known:
            self._announce(record)
        return record

    def delete(self, uri: str) -> bool:
        record = self.records.pop(uri, None)
        if record is None:
            return False
        self._unlist(record)
        self.person(record.did).rev = self.tid()
        for owner, notices in self.notices.items():
            self.notices[owner] = [one for one in notices if one.uri != uri]
        return True

    def _unlist(self, record: Record):
        if record.collection in UNIQUE:
            key = (record.collection, record.did, self._about(record))
            self.relations.pop(key, None)
        siblings = self.children.get(self._reply(record, "parent"), [])
        if record.uri in siblings:
            siblings.remove(record.uri)

    def repo(self, did: str, collection: str) -> list[Record]:
        """A person's records of a kind, by rkey."""
        start = f"at://{did}/{collection}/"
        found = [one for uri, one in self.records.items() if uri.startswith(start)]
        return sorted(found, key=lambda one: one.rkey)

    def visible(self, uri: str) -> Record | None:
        """What everybody else sees: not yet, while the lag lasts."""
        record = self.records.get(uri)
        if record is None or record.indexed_at > self.clock():
            return None
        author = self.people.get(record.did)
        return None if author is None or author.status else record

    @staticmethod
    def _about(record: Record) -> str:
        subject = record.value.get("subject")
        return subject.get("uri", "") if isinstance(subject, dict) else subject or ""

    @staticmethod
    def _reply(record: Record, end: str) -> str:
        reply = record.value.get("reply")
        found = reply.get(end) if isinstance(reply, dict) else None
        return found.get("uri", "") if isinstance(found, dict) else ""

    # --- threads --------------------------------------------------------------
    def parent_of(self, record: Record) -> str:
        return self._reply(record, "parent")

    def root_of(self, record: Record) -> str:
        return self._reply(record, "root") or record.uri

    def gate(self, root: str) -> Record | None:
        did, collection, rkey = split_uri(root)
        return self.records.get(f"at://{did}/{GATE}/{rkey}")

    def gate_refuses(self, root: str, did: str) -> bool:
        """May this person not answer in this thread?"""
        gate, owner = self.gate(root), split_uri(root)[0]
        allowed = gate.value.get("allow") if gate else None
        if allowed is None or did == owner:
            return False
        start = self.records.get(root)
        for rule in allowed:
            kind = rule.get("$type", "").rpartition("#")[2]
            if kind == "mentionRule" and start and did in self.mentioned(start):
                return False
            if kind == "followingRule" and self.related(FOLLOW, owner, did):
                return False
            if kind == "followerRule" and self.related(FOLLOW, did, owner):
                return False
        return True

    def hidden(self, record: Record) -> bool:
        """Did the thread's owner hide this reply?"""
        gate = self.gate(self.root_of(record))
        return bool(gate) and record.uri in (gate.value.get("hiddenReplies") or [])

    # --- who notices ----------------------------------------------------------
    @staticmethod
    def mentioned(record: Record) -> list[str]:
        """DIDs that facets name; facets that do not fit the text are ignored (§5)."""
        length = len(record.value.get("text", "").encode())
        found, taken = [], -1
        facets = record.value.get("facets") or []
        for facet in sorted(facets, key=lambda one: one["index"]["byteStart"]):
            start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
            if not taken <= start < end <= length:
                continue
            taken = end
            for feature in facet.get("features", ()):
                if feature.get("$type") == MENTION:
                    found.append(feature.get("did", ""))
        return found

    def _announce(self, record: Record):
        """One notice per person and post: mention before quote before reply."""
        told = {record.did}

        def tell(did, reason, subject=""):
            if did in self.notices and did not in told:
                told.add(did)
                notice = Notice(record.sort_at, record.uri, reason, subject)
                bisect.insort(self.notices[did], notice)

        about = self._about(record)
        if record.collection in (LIKE, REPOST):
            reason = record.collection.rpartition(".")[2]
            tell(split_uri(about)[0], reason, about)
        elif record.collection == FOLLOW:
            tell(about, "follow")
        elif record.collection == POST:
            for did in self.mentioned(record):
                tell(did, "mention")
            quoted = self.quoted(record)
            if quoted:
                tell(split_uri(quoted)[0], "quote", quoted)
            if self.gate_refuses(self.root_of(record), record.did):
                return
            above = self.records.get(self.parent_of(record))
            for _step in range(REPLY_DEPTH):
                if above is None:
                    break
                tell(above.did, "reply", above.uri)
                if self.hidden(above):
                    break
                above = self.records.get(self.parent_of(above))

    @staticmethod
    def quoted(record: Record) -> str:
        """The uri of the post that this one quotes."""
        embed = record.value.get("embed") or {}
        kind = str(embed.get("$type"))
        inner = embed.get("record") or {}
        if kind.startswith("app.bsky.embed.recordWithMedia"):
            inner = inner.get("record") or {}
        elif not kind.startswith("app.bsky.embed.record"):
            return ""
        return inner.get("uri", "")
