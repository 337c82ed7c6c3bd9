"""Private messages of Bluesky: conversations, what everybody's log says, who may write.

Fact sheet ``bluesky`` §6. No server of this is published, so this is the only part
written from the fact sheet and the lexicons alone. It knows people through a small
interface (``person(did)``, ``name(person)``, ``allows(person)``, ``follows(a, b)``,
``blocked(a, b)``), so that it stands inside the simulator and behind a real network.
"""

import itertools
from dataclasses import dataclass, field

from .bluesky_world import Refused, stamp, tid
from .mastodon_world import grapheme_length

DEFS = "chat.bsky.convo.defs"
MAX_GRAPHEMES, MAX_BYTES = 1000, 10_000
PAGE = 100  # events of one getLog (the real number is not documented)


def refused(error: str, message: str = "") -> Refused:
    return Refused(400, error, message or error)


@dataclass
class Message:
    id: str
    rev: str
    sender: str
    text: str
    sent_at: str
    more: dict = field(default_factory=dict)  # facets, embed, replyTo
    reactions: list = field(default_factory=list)
    hidden_for: set = field(default_factory=set)
    gone: bool = False

    def view(self, viewer: str) -> dict:
        shown = {
            "id": self.id,
            "rev": self.rev,
            "sender": {"did": self.sender},
            "sentAt": self.sent_at,
        }
        if self.gone or viewer in self.hidden_for:
            return {"$type": f"{DEFS}#deletedMessageView", **shown}
        more = {"text": self.text, "reactions": self.reactions, **self.more}
        return {"$type": f"{DEFS}#messageView", **shown, **more}


@dataclass
class Convo:
    id: str
    members: tuple
    accepted: set
    rev: str
    created_at: str
    group: bool = False
    locked: bool = False
    muted: set = field(default_factory=set)
    left: set = field(default_factory=set)
    read: dict = field(default_factory=dict)  # did -> message id
    messages: list = field(default_factory=list)


class Convos:
    """Everybody's conversations.

    :param people: see the module
    :param now: the present, as a callable
    """

    def __init__(self, people, now):
        self.people, self.now = people, now
        self.convos: dict[str, Convo] = {}
        self.logs: dict[str, list[tuple[str, dict]]] = {}
        self._ids = itertools.count(1)
        self._last = 0

    def tid(self) -> str:
        self._last = max(int(self.now().timestamp() * 1e6) << 10, self._last + 1)
        return tid(self._last)

    def log(self, convo: Convo, kind: str, only=None, rev="", **more) -> str:
        """An event for all members, or one; ``more`` may hold functions of a did."""
        rev = convo.rev = rev or self.tid()
        for did in [only] if only else convo.members:
            shown = {key: x(did) if callable(x) else x for key, x in more.items()}
            event = {"$type": f"{DEFS}#{kind}", "rev": rev, "convoId": convo.id}
            self.logs.setdefault(did, []).append((rev, {**event, **shown}))
        return rev

    # --- who may write to whom ------------------------------------------------
    def _refusal(self, sender: str, members) -> Refused | None:
        for did in members:
            if did == sender:
                continue
            person = self.people.person(did)
            if person is None:
                return refused("RecipientNotFound", "Recipient not found")
            if person.status:
                return refused("AccountSuspended", "Account is suspended")
            if self.people.blocked(did, sender):
                return refused("BlockedActor", "Blocked by recipient")
            if self.people.blocked(sender, did):
                return refused("BlockedSubject", "Recipient is blocked")
            allowed = self.people.allows(person) or "following"
            if allowed == "none":
                words = "recipient has disabled incoming messages"
                return refused("MessagesDisabled", words)
            if allowed == "following" and not self.people.follows(did, sender):
                words = "recipient requires incoming messages to come from someone "
                return refused("NotFollowedBySender", words + "they follow")
        return None

    def between(self, members) -> Convo | None:
        wanted = set(members)
        for convo in self.convos.values():
            if not convo.group and set(convo.members) == wanted:
                return convo
        return None

    def _members(self, viewer: str, others) -> tuple:
        members = tuple(dict.fromkeys((viewer, *others)))
        if len(members) < 2:
            raise refused("InvalidRequest", "members must have somebody else")
        if len(members) > 10:
            raise refused("InvalidRequest", "members must not have more than 10")
        return members

    def available(self, viewer: str, others) -> dict:
        members = self._members(viewer, others)
        convo = self.between(members)
        if convo and self._answerable(convo, viewer):
            return {"canChat": True, "convo": self.view(convo, viewer)}
        return {"canChat": self._refusal(viewer, members) is None}

    def _answerable(self, convo: Convo, viewer: str) -> bool:
        """Somebody who wrote or accepted can always be answered, unless blocked."""
        others = [did for did in convo.members if did != viewer]
        return all(did in convo.accepted for did in others) and not any(
            self.people.blocked(viewer, did) or self.people.blocked(did, viewer)
            for did in others
        )

    def open(self, viewer: str, others) -> Convo:
        members = self._members(viewer, others)
        convo = self.between(members)
        if convo and self._answerable(convo, viewer):
            return convo
        refusal = self._refusal(viewer, members)
        if refusal:
            raise refusal
        return convo or self.create(viewer, members)

    def create(self, by: str, members, group=False) -> Convo:
        ident = f"3conv{next(self._ids):08d}"
        made = stamp(self.now())
        convo = Convo(ident, tuple(members), {by}, self.tid(), made, group)
        self.convos[ident] = convo
        self.log(convo, "logBeginConvo")
        return convo

    def find(self, viewer: str, convo_id) -> Convo:
        convo = self.convos.get(convo_id)
        if convo is None or viewer not in convo.members:
            raise refused("InvalidConvo", "Conversation not found")
        return convo

    # --- messages -------------------------------------------------------------
    def send(self, viewer: str, convo_id, message) -> Message:
        convo = self.find(viewer, convo_id)
        text = message.get("text") if isinstance(message, dict) else None
        if not isinstance(text, str):
            words = "Error: Input/message must have the property text"
            raise refused("InvalidRequest", words)
        if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
            words = f"Error: Input/message/text must not be longer than {MAX_BYTES}"
            raise refused("InvalidRequest", f"{words} characters")
        if grapheme_length(text) > MAX_GRAPHEMES:
            words = f"Error: Input/message/text must not be longer than {MAX_GRAPHEMES}"
            raise refused("InvalidRequest", f"{words} graphemes")
        if convo.locked:
            raise refused("ConvoLocked", "Conversation is locked")
        for did in convo.members:
            if did != viewer and (
                self.people.blocked(viewer, did) or self.people.blocked(did, viewer)
            ):
                words = "block between recipient and sender"
                raise refused("InvalidRequest", words)
        reply = message.get("replyTo")
        known = {one.id: one for one in convo.messages}
        if reply is not None and reply.get("messageId") not in known:
            raise refused("ReplyTargetNotFound", "Message not found")
        more = {k: message[k] for k in ("facets", "embed") if k in message}
        if reply is not None:
            more["replyTo"] = known[reply["messageId"]].view(viewer)
        return self.say(convo, viewer, text, more)

    def say(self, convo: Convo, sender: str, text: str, more=()) -> Message:
        convo.accepted.add(sender)
        convo.left.discard(sender)
        ident = self.tid()
        one = Message(ident, ident, sender, text, stamp(self.now()), dict(more))
        convo.messages.append(one)
        self.log(convo, "logCreateMessage", rev=ident, message=one.view)
        return one

    def message(self, convo: Convo, ident) -> Message:
        for one in convo.messages:
            if one.id == ident:
                return one
        raise refused("InvalidRequest", "Message not found")

    def hide(self, viewer: str, convo_id, ident) -> Message:
        """Deleted for oneself: the others keep it."""
        convo = self.find(viewer, convo_id)
        one = self.message(convo, ident)
        one.hidden_for.add(viewer)
        one.rev = self.tid()
        self.log(convo, "logDeleteMessage", viewer, one.rev, message=one.view)
        return one

    def remove(self, convo: Convo, ident) -> None:
        """Taken away for everybody, as moderation does."""
        one = self.message(convo, ident)
        one.gone = True
        one.rev = self.tid()
        self.log(convo, "logDeleteMessage", rev=one.rev, message=one.view)

    # --- lists ----------------------------------------------------------------
    def mine(self, viewer: str, status: str) -> list[Convo]:
        """Newest first; requests only where they are asked for (§6)."""
        found = [
            one
            for one in self.convos.values()
            if viewer in one.members
            and viewer not in one.left
            and (viewer in one.accepted) == (status != "request")
        ]
        return sorted(found, key=lambda one: one.rev, reverse=True)

    def view(self, convo: Convo, viewer: str) -> dict:
        unread, read = 0, convo.read.get(viewer, "")
        for one in convo.messages:
            unread += one.sender != viewer and one.id > read
        shown = {
            "$type": f"{DEFS}#convoView",
            "id": convo.id,
            "rev": convo.rev,
            "members": [self._member(did) for did in convo.members],
            "muted": viewer in convo.muted,
            "status": "accepted" if viewer in convo.accepted else "request",
            "unreadCount": unread,
            "kind": self._kind(convo),
        }
        if convo.messages:
            shown["lastMessage"] = convo.messages[-1].view(viewer)
        return shown

    @staticmethod
    def _kind(convo: Convo) -> dict:
        if not convo.group:
            return {"$type": f"{DEFS}#directConvo"}
        return {
            "$type": f"{DEFS}#groupConvo",
            "createdAt": convo.created_at,
            "name": "A group",
            "memberCount": len(convo.members),
            "memberLimit": 50,
            "lockStatus": "locked" if convo.locked else "unlocked",
            "lockStatusModerationOverride": False,
        }

    def _member(self, did: str) -> dict:
        person = self.people.person(did)
        shown = {"did": did, "handle": person.handle if person else "handle.invalid"}
        name = self.people.name(person) if person else ""
        return {**shown, "displayName": name} if name else shown

    def events(self, viewer: str, cursor: str) -> tuple[list[dict], str]:
        """Forward from the cursor; without one from the beginning."""
        log = self.logs.get(viewer, [])
        found = [(rev, one) for rev, one in log if rev > (cursor or "")][:PAGE]
        return [one for _rev, one in found], found[-1][0] if found else cursor

    def forget_log(self, viewer: str):
        """Old events are gone; whoever stood before them has missed them."""
        self.logs[viewer] = []
