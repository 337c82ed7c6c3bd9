"""What passes between an adapter and the rest: frozen dataclasses, no behaviour.

Ids are strings from the first byte on. Times are aware UTC. Nothing here may
know a network, a database or a clock. ``data`` of a raw item is JSON, so that the
journal can store and replay it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PUBLIC, GROUP, PRIVATE = "public", "group", "private"
#: from the narrowest to the widest; nothing moves to a wider one by itself
AUDIENCES = (PRIVATE, GROUP, PUBLIC)
#: ``Incoming.kind`` of a conversation that was opened without a word
START = "start"
#: ``Incoming.kind`` of somebody else's words, passed on
FORWARD = "forward"
#: ``Way.kind``: we write first, as a message or as a post for one person; a private
#: answer tied to the public message; the person writes first, behind a link; a page of
#: ours, for which the network needs no private messages
DIRECT, DIRECT_POST, PRIVATE_REPLY = "direct", "direct_post", "private_reply"
LINK, PAGE = "link", "page"


# --- inbound, raw -----------------------------------------------------------------
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


# --- inbound, parsed --------------------------------------------------------------
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


# --- outbound ---------------------------------------------------------------------
@dataclass(frozen=True)
class Upload:
    """A file to send. ``staged`` is what ``stage`` returned for it, if anything.

    ``audience`` is that of the message it will go with: some networks keep files of
    private messages apart from the upload on. Empty = public.
    """

    name: str
    mime: str
    data: bytes
    alt: str = ""
    staged: str = ""
    audience: str = ""


@dataclass(frozen=True)
class MediaRules:
    """What files one message of an audience may carry; ``media.problems`` checks it.

    A *name* is a whole mime type (``image/gif``) or a kind (``image``, ``video``,
    ``audio``, ``file``: everything else); where both fit, the mime type counts.
    ``types`` lists what is taken, empty = everything. ``max_bytes``: name -> bytes of
    one file; nothing listed = no limit known. ``alone``: names of which one file fills
    the message, with nothing beside it. ``unmixed``: names that stand only beside their
    own. ``alt_length``: characters of a description, 0 = the network takes none.
    ``max_files`` 0 = no files at all. ``apart``: a message carries one file, and more
    of them become messages of their own after the words: ``Draft.media`` has one at
    most. ``captioned``: False where a file takes no words beside it: then the first one
    is a message of its own as well.
    """

    max_files: int = 0
    types: tuple[str, ...] = ()
    max_bytes: Mapping[str, int] = field(default_factory=dict)
    alone: tuple[str, ...] = ()
    unmixed: tuple[str, ...] = ()
    alt_length: int = 0
    apart: bool = False
    captioned: bool = True


@dataclass(frozen=True)
class Target:
    """The message that is answered, as far as the adapter needs it.

    To block or unblock is about ``author`` alone: ``key`` and ``ref`` are empty then,
    ``audience`` and everything else says nothing.
    """

    key: str
    ref: str
    author: Author
    audience: str
    thread: str = ""
    text: str = ""
    language: str = ""
    warning: str = ""
    sent_at: datetime | None = None
    mentions: tuple[Author, ...] = ()
    extra: dict = field(default_factory=dict)


@dataclass(frozen=True)
class TemplateField:
    """A gap in a template. ``name`` is unique in it (``body.1``, ``header.order``).

    ``kind``: ``text``, or the kind of a file that goes there (``Draft.media``).
    """

    name: str
    kind: str = "text"
    example: str = ""


@dataclass(frozen=True)
class Template:
    """Words that the network has approved, for when free ones are not allowed.

    ``key`` is stable and unique for the account; the same ``name`` may exist in
    several languages. ``usable`` is False while it is not approved, or paused;
    ``status`` is the network's word for it. ``header``, ``body``, ``footer`` hold gaps
    as ``{{name}}`` of the network; ``buttons`` are what they say. ``category`` is what
    the network bills by, a key of ``prices`` where it does.
    """

    key: str
    name: str
    language: str
    body: str
    usable: bool = True
    status: str = ""
    category: str = ""
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    fields: tuple[TemplateField, ...] = ()
    extra: dict = field(default_factory=dict)


@dataclass(frozen=True)
class TemplatePage:
    """``more``: ask again with ``cursor``, which is good for this run only."""

    templates: tuple[Template, ...] = ()
    cursor: str = ""
    more: bool = False


@dataclass(frozen=True)
class FilledTemplate:
    """A template with what goes into its gaps: {name of the field: words}."""

    template: Template
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """One effect: one post, comment or private message.

    ``template`` takes the place of free words: ``text`` is then only what it says.

    ``to`` is the person a private message goes to. ``thread`` is the private
    conversation's key when there is one. ``previous`` is the network's ref of the
    part before this one in a split reply (the first part answers ``target``).
    ``last_inbound_at`` is when the person last wrote there. ``automatic``: nobody wrote
    these words for this very person, so they may not go where only a human's may.
    """

    text: str
    audience: str
    target: Target | None = None
    to: Author | None = None
    thread: str = ""
    media: tuple[Upload, ...] = ()
    language: str = ""
    warning: str = ""
    part: int = 1
    parts: int = 1
    previous: str = ""
    template: FilledTemplate | None = None
    last_inbound_at: datetime | None = None
    automatic: bool = False


@dataclass(frozen=True)
class Published:
    """The network took it. ``key``/``ref``/``thread`` as in ``Incoming``."""

    key: str
    ref: str = ""
    url: str = ""
    thread: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Idempotency:
    """What protects a repeated effect.

    ``key``: the server answers a repeated key with the first result, for
    ``lifetime``. ``client_id``: we choose the id, a repeat overwrites or is refused
    harmlessly. ``lookup``: what we sent can be found again. ``none``: nothing.
    """

    kind: str
    lifetime: timedelta | None = None


@dataclass(frozen=True)
class Measure:
    """Length as the network counts; ``parts`` is the text split to the limit.

    ``cost`` is what the network bills for sending exactly this, all parts together, as
    a free text price ("$0.20"); empty where it costs nothing, or no more than the
    affordance said for a plain reply.
    """

    length: int
    limit: int
    parts: tuple[str, ...]
    cost: str = ""


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


# --- account ----------------------------------------------------------------------
@dataclass(frozen=True)
class Setting:
    """One thing an admin types in. ``scope``: ``app`` (shared) or ``account``.

    ``advanced``: hardly anybody needs it. The dialog folds it away, unless something
    else than its default is in it; never together with ``required``.
    """

    key: str
    label: str
    secret: bool = False
    required: bool = False
    help: str = ""
    default: str = ""
    scope: str = "account"
    advanced: bool = False


@dataclass(frozen=True)
class Profile:
    """What ``check`` found: who we are and what the server allows.

    ``facts`` is JSON, stored on the account and given back to every later adapter
    (own id, limits, whether the server has idempotency keys …).
    ``missing_scopes`` lists rights that were not granted. ``expires_at``: the sign-in
    ends then. ``data_until``: it goes on, but from then on some of what is asked for
    comes back empty without any error, until a person signs in again.
    """

    id: str
    handle: str
    name: str = ""
    url: str = ""
    avatar: str = ""
    scopes: tuple[str, ...] = ()
    missing_scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    data_until: datetime | None = None
    facts: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Tokens:
    """What an OAuth exchange or refresh gave; storing it is the model's job.

    ``settings`` are secret settings to store (``access_token``,
    ``refresh_token``).
    """

    settings: dict
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ack:
    """The body a network wants back from a webhook."""

    body: bytes = b""
    mime: str = "text/plain"
