"""What comes from a network: raw for the journal, and what it means.

Ids are strings from the first byte on, times are aware UTC. ``data`` of a raw item is
JSON, so that the journal can store and replay it. It must never hold behaviour.
"""

from dataclasses import dataclass, field
from datetime import datetime

PUBLIC, GROUP, PRIVATE = "public", "group", "private"
#: from the narrowest to the widest; nothing moves to a wider one by itself
AUDIENCES = (PRIVATE, GROUP, PUBLIC)
#: ``Incoming.kind`` of a conversation that was opened without a word
START = "start"
#: ``Incoming.kind`` of somebody else's words, passed on
FORWARD = "forward"


# --- raw --------------------------------------------------------------------------
@dataclass(frozen=True)
class RawItem:
    """One item as a network gave it, pulled or pushed.

    ``key`` names the delivery (update id, notification id, ``context:<ref>``) and,
    with ``revision``, is unique per account: a second delivery of the same pair is
    ignored by the journal. ``account`` is the external id of the account of ours
    it was for; empty means "the account we asked with".
    """

    key: str
    data: dict
    revision: str = ""
    account: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Page:
    """One page of a stream.

    ``cursor`` is stored in the transaction that journals ``items`` and handed to
    the next ``fetch`` of the stream; it is opaque. ``more`` asks for another call
    now. ``closed`` is False while a newest-first network has not yet been read
    down to what is known: such items are journalled but wait.
    """

    items: tuple[RawItem, ...] = ()
    cursor: str = ""
    more: bool = False
    closed: bool = True


# --- parsed -----------------------------------------------------------------------
@dataclass(frozen=True)
class Evidence:
    """A phone number or e-mail address which the person gave through the network.

    ``kind``: ``phone`` or ``email``. ``source`` says how it was given
    (``contact_shared``, ``wa_id`` …).
    """

    kind: str
    value: str
    source: str = ""


@dataclass(frozen=True)
class Author:
    """Somebody on a network. ``id`` is stable; the handle is only a label.

    An empty ``id`` means that the network hides the author. ``shared`` marks an id
    that stands for many people (anonymous group admin, channel): never matched to
    a contact. ``scope`` separates id spaces within one network (ids per app or
    page); empty when ids are the same for everybody.
    """

    id: str = ""
    handle: str = ""
    name: str = ""
    url: str = ""
    avatar: str = ""
    language: str = ""
    followers: int | None = None
    verified: bool = False
    bot: bool = False
    shared: bool = False
    scope: str = ""


@dataclass(frozen=True)
class Media:
    """An attachment of an inbound message.

    ``ref`` is what ``fetch_media`` needs (never a URL that holds a token);
    ``url`` may be shown to people and is empty when it must not be.
    ``kind``: ``image``, ``video``, ``audio`` or ``file``. ``fleeting``: it was meant to
    be seen for a while only (a story): linked, and kept only where the policy says so.
    """

    ref: str
    kind: str = "file"
    mime: str = ""
    name: str = ""
    url: str = ""
    alt: str = ""
    size: int | None = None
    width: int | None = None
    height: int | None = None
    fleeting: bool = False


@dataclass(frozen=True)
class Incoming:
    """A message in its latest known revision.

    ``key`` is unique on the network and survives edits. ``ref`` is what this
    account's API calls need to name it (often the same). ``revision`` grows with
    every edit; 0 is the original. ``thread`` is the network's thread id (or the
    set of participants) and is empty where threads are branches of a reply tree:
    then the intake derives the conversation from ``parent`` and ``addressed``.
    ``addressed``: the message names us, answers us or stands under our post.
    ``context``: only read along with another message, nobody asks us with it.
    ``payload`` is a hand-off token that came with it. ``thread_alias`` is a former
    id of the same thread (a group that was upgraded). ``album`` is the id, unique for
    the account, of a set of messages that were posted as one (pictures of which one
    has the text): all of them belong where any of them belongs, even if only that one
    is ``addressed``. ``extra`` is JSON that the adapter wants back in
    ``Target.extra`` when this message is answered. ``ours``, of a message of our own:
    the key that we gave to ``publish``, where the network brings it back; '' where it
    surely was not said from here, None where nothing tells.

    ``kind`` says what was posted, where that is more than words and files:
    ``message`` (also with files), ``start`` (the person opened the conversation and
    said nothing, perhaps by a link whose token is in ``payload``), ``forward``
    (somebody else's words), or the network's own name of it (``contact``,
    ``location``, ``poll``, ``status`` …), of which ``text`` then tells what can be
    told. Only ``start`` is treated differently: by itself it opens no ticket.
    """

    key: str
    author: Author
    text: str
    sent_at: datetime
    audience: str
    ref: str = ""
    revision: int = 0
    edited_at: datetime | None = None
    thread: str = ""
    thread_alias: str = ""
    parent: str = ""
    parent_ref: str = ""
    addressed: bool = True
    context: bool = False
    mentions: tuple[Author, ...] = ()
    media: tuple[Media, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    permalink: str = ""
    language: str = ""
    warning: str = ""
    payload: str = ""
    kind: str = "message"
    album: str = ""
    ours: str | None = None
    extra: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Removal:
    """A message is gone on the network; ``by``: ``author``, or ``network``.

    What the network withdrew (its author was suspended, closed the account or shows it
    to followers only) may come back; what its author deleted does not. ``forget``: the
    network demands that its words go here as well, whatever its other rules.
    """

    key: str
    at: datetime
    by: str = "author"
    forget: bool = False


@dataclass(frozen=True)
class Hidden:
    """A message that stands on our page was hidden there from others, or shown again:
    by a colleague in the network's own app, or by the network's filter."""

    key: str
    at: datetime
    hidden: bool = True


@dataclass(frozen=True)
class Announced:
    """The network only tells that there is something: it must be read to mean anything.

    ``ref`` is what ``fetch_announced`` needs. It is read by the lane that pulls, as
    soon as may be, and what it brings goes the way of everything that is read.
    """

    ref: str


@dataclass(frozen=True)
class Reaction:
    """A like or an emoji on a message. It never opens or reopens a ticket.

    ``sole``: it is all that there is on the message from now on, as where one person
    writes to us and may put one emoji there; whatever was there before is gone.
    """

    key: str
    author: Author
    symbol: str
    at: datetime
    removed: bool = False
    sole: bool = False


@dataclass(frozen=True)
class Receipt:
    """News about something we sent, or about whether we may still send.

    ``state``: ``delivered``, ``read``, ``undelivered`` (about ``key``), or
    ``blocked``/``unblocked`` (about the thread ``thread``). ``sent`` is news where the
    answer to the call that sent it got lost: ``ours`` is then the key that we gave to
    ``publish``, where the network brings it back. It proves that ``key`` is that reply,
    in the conversation ``thread``.

    ``earlier``: it goes for all that we said before as well, in the conversation
    ``thread``: up to ``key``, or where there is none, up to ``at``.
    """

    state: str
    at: datetime
    key: str = ""
    thread: str = ""
    code: str = ""
    ours: str = ""
    earlier: bool = False


@dataclass(frozen=True)
class SignedOut:
    """Our access was taken back on the network, at ``at`` by the network's clock.

    Only where the network says when: what is as old as our present sign-in, or older,
    is about one that ended long ago. ``code`` is a word for people (``errors``).
    """

    at: datetime
    code: str = "revoked"


@dataclass(frozen=True)
class Unknown:
    """Something the adapter does not know or cannot read; kept and shown raw.

    ``reason`` is a short code (``service_message``, ``malformed`` …).
    ``ignorable`` items (likes of our post, joins …) are done without a trace in
    the ticket; the others are listed for the admin.
    """

    reason: str
    ignorable: bool = False


Parsed = (
    Incoming | Announced | Removal | Hidden | Reaction | Receipt | SignedOut | Unknown
)
