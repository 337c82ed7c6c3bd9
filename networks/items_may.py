"""What may be done about a message or a person, and the ways from public to private.

Facts go to the adapter, affordances and ways come back. It must never hold behaviour.
"""

from dataclasses import dataclass, field
from datetime import datetime

from .items_in import Author

#: ``Way.kind``: we write first, as a message or as a post for one person; a private
#: answer tied to the public message; the person writes first, behind a link; a page of
#: ours, for which the network needs no private messages
DIRECT, DIRECT_POST, PRIVATE_REPLY = "direct", "direct_post", "private_reply"
LINK, PAGE = "link", "page"


@dataclass(frozen=True)
class MessageFacts:
    """What the model knows about a message when it asks for affordances."""

    audience: str
    own: bool
    deleted: bool = False
    ref: str = ""
    thread: str = ""
    author: Author = Author()
    addressed: bool = True
    sent_at: datetime | None = None
    last_inbound_at: datetime | None = None
    blocked: bool = False
    replies_sent: int = 0
    private_replies_sent: int = 0
    liked: bool = False
    hidden: bool = False
    #: a private conversation with the author exists; only filled where the adapter
    #: ``asks_private_past`` or cannot write first in private
    knows_in_private: bool = False
    extra: dict = field(default_factory=dict)


@dataclass(frozen=True)
class PersonFacts:
    """What the model knows about a person when it asks whether to block is possible.

    ``last_inbound_at``: when they last wrote to the account in question.
    """

    author: Author
    last_inbound_at: datetime | None = None


@dataclass(frozen=True)
class Affordance:
    """What may be done about a message now, or about a person (``block``).

    ``kind``: ``reply_public``, ``reply_group``, ``reply_private``, ``template``,
    ``like``, ``hide``, ``delete``, ``edit``, ``block``. ``reason`` is a code for people
    when it is not allowed. ``cost`` is a free text price ("$0.01") or empty. ``url`` is
    where a person may do it by hand on the network, for what is not allowed here.
    ``human``: what may be said now must have been written by a person; ``human_until``:
    after ``until`` that may still be said, up to then.
    """

    kind: str
    allowed: bool
    reason: str = ""
    until: datetime | None = None
    remaining: int | None = None
    cost: str = ""
    max_length: int | None = None
    url: str = ""
    human: bool = False
    human_until: datetime | None = None


@dataclass(frozen=True)
class Way:
    """A way to go on in private with who wrote a message; see ``Adapter.handoff``.

    ``kind`` is one of those above. ``reason`` is a code for people when the way is
    closed. ``url`` is what a public note invites with; ``brings`` says that the token
    in it comes back with the first private message (``Incoming.payload``). ``cost`` is
    that of the private message, a free text price.
    """

    kind: str
    reason: str = ""
    url: str = ""
    brings: bool = False
    cost: str = ""

    @property
    def allowed(self) -> bool:
        return not self.reason
