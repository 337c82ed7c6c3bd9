"""What goes to a network: words, files, templates, and what it said to them.

One ``Draft`` is one effect. It must never hold behaviour.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .items_in import Author


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
