"""The X behind the API: people, posts, private messages, files, apps.

Written from the fact sheet ``x`` (§ numbers point into it). Layers above it:
``x_server`` (who asks, limits, parameters), ``x_view`` (shapes), then the routes. It
speaks no HTTP and never reads an adapter.
"""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from . import x_words

EPOCH = 1288834974657  # ms; Snowflake ids count from there, §3
EDIT_WINDOW = timedelta(hours=1)  # §3
EDITS = 5
DM_DAYS = timedelta(days=30)  # §3


class Refused(Exception):
    """A problem document: status, title, detail, kind of problem, further keys."""

    def __init__(self, status, detail, title="", kind="", **more):
        super().__init__(detail)
        self.status, self.detail, self.title = status, detail, title
        self.kind, self.more = kind, more


@dataclass
class User:
    id: str
    username: str
    name: str = ""
    protected: bool = False
    open_inbox: bool = False
    premium: bool = False
    encrypted: bool = False  # moved to XChat: nothing in plain text any more
    description: str = ""
    location: str = ""
    url: str = ""
    verified_type: str = "none"
    listed: int = 0
    created_at: datetime | None = None
    followers: set = field(default_factory=set)
    blocks: set = field(default_factory=set)
    #: whose private messages are not wanted; their posts are
    dm_blocks: set = field(default_factory=set)


@dataclass
class Post:
    """One version of a post; ``chain`` is shared by all versions, oldest first."""

    id: str
    author: str
    text: str
    created_at: datetime
    conversation: str
    chain: list
    parent: str = ""
    quoted: str = ""
    reposted: str = ""
    media: list = field(default_factory=list)
    lang: str = "en"
    reply_settings: str = "everyone"
    typed: str = ""  # without the names that X put before it
    app: str = ""  # posted through this app's API
    card: str = ""
    hidden: bool = False
    indexed: bool = True
    likes: set = field(default_factory=set)


@dataclass
class Conversation:
    id: str
    people: list
    group: bool = False


@dataclass
class Message:
    """An event of a private conversation."""

    id: str
    conversation: str
    sender: str
    text: str
    created_at: datetime
    kind: str = "MessageCreate"
    media: list = field(default_factory=list)
    posts: list = field(default_factory=list)
    people: list = field(default_factory=list)
    deleted_for: set = field(default_factory=set)


@dataclass
class Medium:
    id: str
    owner: str
    kind: str  # photo | video | animated_gif
    mime: str
    data: bytes
    category: str = ""
    alt: str = ""
    created_at: datetime | None = None
    total: int = 0
    parts: dict = field(default_factory=dict)
    state: str = ""  # pending | in_progress | succeeded | failed; empty = no work
    finished: bool = True
    waits: int = 0

    @property
    def key(self) -> str:
        number = {"photo": 3, "video": 7, "animated_gif": 16}[self.kind]
        return f"{number}_{self.id}"


class World:
    """State; every change goes through these methods."""

    def __init__(self):
        self.offset = timedelta()
        self.users: dict[str, User] = {}
        self.posts: dict[str, Post] = {}
        self.gone: dict[str, datetime] = {}
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, Message] = {}
        self.media: dict[str, Medium] = {}
        self.listeners: list = []
        self._user_ids = itertools.count(1_100_001, 37)
        self._last = 0

    def clock(self) -> datetime:
        return datetime.now(timezone.utc) + self.offset

    def serial(self, at: datetime | None = None) -> str:
        """A new Snowflake: the time in ms, then a counter."""
        moment = at or self.clock()
        number = (int(moment.timestamp() * 1000) - EPOCH) << 22
        if at is None:
            number = max(number, self._last + 1)
            self._last = number
        while str(number) in self.posts or str(number) in self.messages:
            number += 1
        return str(number)

    def tell(self, kind: str, **what):
        for listener in self.listeners:
            listener(kind, **what)

    # --- people ---------------------------------------------------------------
    def add_user(self, username, name="", **kwargs) -> User:
        user = User(str(next(self._user_ids)), username, name or username, **kwargs)
        user.created_at = user.created_at or self.clock() - timedelta(days=900)
        self.users[user.id] = user
        return user

    def user(self, username: str) -> User | None:
        username = username.lstrip("@").lower()
        for one in self.users.values():
            if one.username.lower() == username:
                return one
        return None

    # --- posts ----------------------------------------------------------------
    def mentioned(self, post: Post) -> list[str]:
        """Ids of the people whom the post names."""
        found = [self.user(handle) for handle in x_words.handles(post.text)]
        return list(dict.fromkeys(one.id for one in found if one))

    def publish(
        self,
        author: User,
        text: str,
        parent: Post | None = None,
        quoted: Post | None = None,
        media=(),
        at: datetime | None = None,
        **kwargs,
    ) -> Post:
        number = self.serial(at)
        post = Post(
            id=number,
            author=author.id,
            text=text,
            created_at=(at or self.clock()).replace(microsecond=0),
            conversation=parent.conversation if parent else number,
            chain=[number],
            parent=parent.id if parent else "",
            quoted=quoted.id if quoted else "",
            media=list(media),
            **kwargs,
        )
        self.posts[number] = post
        if post.indexed:
            self.tell("post", post=post)
        return post

    def leading(self, author: User, parent: Post, left_out=()) -> str:
        """The names that X puts before a reply: the author's and those he named."""
        people = dict.fromkeys([parent.author, *self.mentioned(parent)])
        names = [
            self.users[one].username
            for one in people
            if one != author.id and one not in left_out
        ]
        return "".join(f"@{name} " for name in names)

    def edit(self, post: Post, text: str) -> Post:
        """A new version under a new id, §3."""
        if len(post.chain) > EDITS or self.clock() - post.created_at > EDIT_WINDOW:
            raise Refused(403, "This Post can no longer be edited.")
        number = self.serial()
        newer = Post(
            **{
                **vars(post),
                "id": number,
                "text": text,
                "typed": text,
                "media": list(post.media),
            }
        )
        post.chain.append(number)
        self.posts[number] = newer
        return newer  # no event tells of it (§4)

    def delete(self, post: Post):
        """Deleting any version deletes the chain, §3."""
        for number in post.chain:
            self.gone[number] = self.clock()
            self.posts.pop(number, None)
        self.tell("delete", post=post)

    def latest(self, post: Post) -> bool:
        return post.chain[-1] == post.id

    def timeline(self, wanted) -> list[Post]:
        """The newest version of each post that is ``wanted``, newest first."""
        found = [
            one
            for one in self.posts.values()
            if one.indexed and self.latest(one) and wanted(one)
        ]
        return sorted(found, key=lambda one: int(one.id), reverse=True)

    def may_see(self, post: Post, viewer: str) -> bool:
        author = self.users[post.author]
        if viewer in author.blocks:
            return False
        return not author.protected or viewer in (author.id, *author.followers)

    # --- private --------------------------------------------------------------
    def conversation(self, *people: str) -> Conversation:
        """The one of exactly two people, §3; made when missing."""
        first, second = sorted(people, key=int)
        number = f"{first}-{second}"
        if number not in self.conversations:
            self.conversations[number] = Conversation(number, [first, second])
        return self.conversations[number]

    def group(self, *people: str) -> Conversation:
        number = self.serial()
        self.conversations[number] = Conversation(number, list(people), True)
        return self.conversations[number]

    def say(self, conversation, sender: str, text="", at=None, **kwargs) -> Message:
        message = Message(
            self.serial(at),
            conversation.id,
            sender,
            text,
            (at or self.clock()),
            **kwargs,
        )
        self.messages[message.id] = message
        self.tell("message", message=message)
        return message

    def may_write(self, sender: User, other: User) -> bool:
        """Does ``other`` accept private messages of ``sender``? §7."""
        if sender.id in other.blocks | other.dm_blocks:
            return False
        known = self.conversations.get(self.conversation(sender.id, other.id).id)
        wrote = any(
            one.conversation == known.id and one.sender == other.id
            for one in self.messages.values()
        )
        return other.open_inbox or other.id in sender.followers or wrote
