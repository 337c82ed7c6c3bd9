"""What a Mastodon server knows and decides: accounts, posts, who sees what.

Written from the fact sheet (networks/mastodon.md) without looking at the adapter.
No HTTP here: ``mastodon`` serves this world, ``mastodon_view`` shows it as JSON.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

#: fact sheet §3, §6: documented defaults of a server
MAX_CHARACTERS = 500
URL_LENGTH = 23
MAX_MEDIA = 4
#: fact sheet §5: how long an Idempotency-Key is kept
KEY_LIFETIME = timedelta(hours=1)
VISIBILITIES = ("public", "unlisted", "private", "direct")

MENTION = re.compile(
    r"(?<![=/\w])@(\w+(?:[\w.-]*\w)?)(?:@([\w.-]*\w(?::\d+)?))?", re.ASCII
)
LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Clock:
    """Real time plus an offset that tests move; every reading is a later one."""

    def __init__(self):
        self.offset = timedelta()
        self._last = datetime.min.replace(tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        now = datetime.now(timezone.utc) + self.offset
        now -= timedelta(microseconds=now.microsecond % 1000)
        self._last = max(now, self._last + timedelta(milliseconds=1))
        return self._last

    def advance(self, seconds: float):
        self.offset += timedelta(seconds=seconds)


@dataclass
class Account:
    id: str
    username: str
    domain: str  # empty: lives on this server
    name: str
    uri: str
    url: str
    created_at: datetime
    bot: bool = False
    followers: set = field(default_factory=set)  # account ids
    blocks: set = field(default_factory=set)
    mutes: set = field(default_factory=set)
    fields: list = field(default_factory=list)
    note: str = ""
    policy: dict = field(default_factory=dict)

    @property
    def local(self) -> bool:
        return not self.domain

    @property
    def acct(self) -> str:
        return f"{self.username}@{self.domain}" if self.domain else self.username


@dataclass
class Revision:
    text: str
    spoiler: str
    media: tuple
    at: datetime


@dataclass
class Status:
    id: str
    uri: str
    url: str
    author: str  # account id
    visibility: str
    created_at: datetime
    revisions: list  # of Revision, the last one is shown
    mentions: list  # account ids
    parent: str = ""
    language: str = ""
    sensitive: bool = False
    likes: set = field(default_factory=set)

    @property
    def now(self) -> Revision:
        return self.revisions[-1]

    @property
    def edited_at(self):
        return self.now.at if len(self.revisions) > 1 else None


@dataclass
class Notification:
    id: str
    to: str
    kind: str
    by: str
    status: str
    at: datetime
    filtered: bool = False


@dataclass
class Medium:
    id: str
    owner: str
    kind: str
    mime: str
    name: str
    data: bytes
    description: str = ""
    waits: int = 0  # how often GET still answers 206
    attached: bool = False
    broken: bool = False


class Refused(Exception):
    """The world says no; the server turns it into an answer."""

    def __init__(self, status: int, text: str):
        self.status, self.text = status, text
        super().__init__(text)


class World:
    """One server's database and rules."""

    def __init__(self, domain="us.example", ulid=False, max_characters=MAX_CHARACTERS):
        self.domain, self.ulid, self.max_characters = domain, ulid, max_characters
        self.clock = Clock()
        self.accounts: dict[str, Account] = {}
        self.statuses: dict[str, Status] = {}
        self.notifications: list[Notification] = []
        self.waiting: list[Notification] = []  # written, not yet delivered here
        self.media: dict[str, Medium] = {}
        self.accepted: set = set()  # (owner, sender): filtered senders let in
        self.keys: dict = {}  # (account id, Idempotency-Key) -> (status id, when)
        self._serial = 1000

    # --- ids ------------------------------------------------------------------
    def serial(self) -> str:
        self._serial += 1
        return self._make_ulid(self.clock()) if self.ulid else str(self._serial)

    def status_id(self, at: datetime) -> str:
        """Snowflake of the *author's* time: what arrives late may sort early."""
        self._serial += 1
        if self.ulid:
            return self._make_ulid(at)
        return str((int(at.timestamp() * 1000) << 16) + self._serial % 65536)

    def _make_ulid(self, at: datetime) -> str:
        number = (int(at.timestamp() * 1000) << 80) + self._serial
        return "".join(_CROCKFORD[(number >> 5 * i) & 31] for i in range(25, -1, -1))

    # --- people ---------------------------------------------------------------
    def add_account(self, acct: str, name: str = "", **kwargs) -> Account:
        username, _, domain = acct.lstrip("@").partition("@")
        domain = "" if domain == self.domain else domain
        home = f"https://{domain or self.domain}"
        account = Account(
            id=self.new_account_id(username, domain),
            username=username,
            domain=domain,
            name=name or username.capitalize(),
            uri=f"{home}/users/{username}",
            url=f"{home}/@{username}",
            created_at=self.clock(),
            **kwargs,
        )
        self.accounts[account.id] = account
        return account

    def new_account_id(self, username: str, domain: str) -> str:
        return self.serial()

    def account(self, acct: str) -> Account | None:
        """By ``user``, ``user@domain`` (case does not matter) or actor id."""
        if acct.startswith("http"):
            known = (a for a in self.accounts.values() if acct in (a.uri, a.url))
            return next(known, None)
        username, _, domain = acct.lstrip("@").lower().partition("@")
        domain = "" if domain == self.domain.lower() else domain
        for account in self.accounts.values():
            if (account.username.lower(), account.domain.lower()) == (username, domain):
                return account
        return None

    # --- posts ----------------------------------------------------------------
    def publish(
        self,
        author: Account,
        text: str,
        visibility="public",
        parent: Status | None = None,
        media=(),
        spoiler="",
        language="en",
        sensitive=False,
        at: datetime | None = None,
        deliver=True,
    ) -> Status:
        at = at or self.clock()
        status_id = self.status_id(at)
        status = Status(
            id=status_id,
            uri=f"{author.uri}/statuses/{status_id}",
            url=f"{author.url}/{status_id}",
            author=author.id,
            visibility=visibility,
            created_at=at,
            revisions=[Revision(text, spoiler, tuple(media), at)],
            mentions=self.mentioned(text),
            parent=parent.id if parent else "",
            language=language,
            sensitive=sensitive or bool(spoiler),
        )
        self.statuses[status.id] = status
        for one in media:
            self.media[one].attached = True
        for account_id in status.mentions:
            self.notify(account_id, "mention", author, status, deliver)
        return status

    def edit(self, status: Status, text=None, spoiler=None, media=None, language=None):
        """Nobody is notified about an edit (fact sheet §4)."""
        last = status.now
        at = max(self.clock(), last.at + timedelta(seconds=1))
        status.revisions.append(
            Revision(
                last.text if text is None else text,
                last.spoiler if spoiler is None else spoiler,
                last.media if media is None else tuple(media),
                at,
            )
        )
        status.mentions += [
            one for one in self.mentioned(status.now.text) if one not in status.mentions
        ]
        status.language = language or status.language

    def delete(self, status: Status):
        """Notifications about it vanish with it."""
        self.statuses.pop(status.id, None)
        for queue in (self.notifications, self.waiting):
            queue[:] = [one for one in queue if one.status != status.id]

    def mentioned(self, text: str) -> list[str]:
        found = []
        for match in MENTION.finditer(text):
            name, domain = match.groups()
            account = self.account(f"{name}@{domain}" if domain else name)
            if account and account.id not in found:
                found.append(account.id)
        return found

    def may_see(self, status: Status, viewer: Account | None) -> bool:
        author = self.accounts[status.author]
        if viewer and viewer.id == author.id:
            return True
        if viewer and viewer.id in author.blocks:
            return False
        if status.visibility in ("public", "unlisted"):
            return True
        if viewer is None:
            return False
        if viewer.id in status.mentions:
            return True
        return status.visibility == "private" and viewer.id in author.followers

    def ancestors(self, status: Status, viewer) -> list[Status]:
        found = []
        while status.parent in self.statuses:
            status = self.statuses[status.parent]
            if self.may_see(status, viewer):
                found.insert(0, status)
        return found

    def descendants(self, status: Status, viewer) -> list[Status]:
        found, todo = [], [status]
        while todo:
            parent = todo.pop(0)
            everything = self.statuses.values()
            children = [s for s in everything if self.statuses.get(s.parent) is parent]
            todo += children
            found += [child for child in children if self.may_see(child, viewer)]
        return found

    # --- notifications --------------------------------------------------------
    def notify(self, to: str, kind: str, by: Account, status, deliver=True):
        owner = self.accounts[to]
        if not owner.local or to == by.id or by.id in owner.blocks | owner.mutes:
            return
        verdict = self._verdict(owner, kind, by, status)
        if verdict == "drop":
            return
        one = Notification(
            "", to, kind, by.id, status.id if status else "", self.clock()
        )
        one.filtered = verdict == "filter"
        if deliver:
            self._deliver(one)
        else:
            self.waiting.append(one)

    def _deliver(self, one: Notification):
        one.id, one.at = self.serial(), self.clock()
        self.notifications.append(one)

    def deliver(self):
        """Federation catches up: what was written with ``deliver=False`` arrives."""
        waiting, self.waiting = self.waiting, []
        for one in waiting:
            self._deliver(one)

    def _verdict(self, owner: Account, kind: str, by: Account, status) -> str:
        """The notification policy (fact sheet §3): accept, filter or drop.

        Out of the box Mastodon filters private mentions by strangers which do not
        answer something the owner wrote.
        """
        if (owner.id, by.id) in self.accepted or owner.id in by.followers:
            return "accept"
        policy = owner.policy
        if kind == "mention" and status.visibility == "direct":
            parent = self.statuses.get(status.parent)
            if not (parent and parent.author == owner.id):
                return policy.get("for_private_mentions", "filter")
        if policy.get("for_not_following", "accept") != "accept":
            return policy["for_not_following"]
        return "accept"

    # --- counting -------------------------------------------------------------
    def length(self, text: str, spoiler: str = "") -> int:
        """Fact sheet §6: URLs count 23, ``@user@domain`` counts ``@user``."""
        text = LINK.sub("x" * URL_LENGTH, text)
        text = MENTION.sub(lambda match: "@" + match[1], text)
        return grapheme_length(spoiler + text)


def grapheme_length(text: str) -> int:
    """Grapheme clusters, near enough for tests: marks, ZWJ, skin tones, flags."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    count, joined, flags = 0, False, 0
    for char in text:
        code = ord(char)
        flag = 0x1F1E6 <= code <= 0x1F1FF
        if char == "\u200d":
            joined = True
            continue
        extends = (
            unicodedata.category(char) in ("Mn", "Me", "Mc")
            or 0x1F3FB <= code <= 0x1F3FF
            or 0xE0020 <= code <= 0xE007F
        )
        if not (extends or joined or (flag and flags % 2)):
            count += 1
        flags = flags + 1 if flag else 0
        joined = joined and extends
    return count


def digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
