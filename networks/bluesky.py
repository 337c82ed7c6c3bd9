"""Bluesky, and other networks that speak the AT Protocol: mentions, threads, chat.

Reading is here; ``bluesky_send`` speaks, ``bluesky_chat`` has the private messages,
``bluesky_server`` holds the line. What customers write arrives as notifications; a
daily sweep finds what was dated back and so came in deep below. It must never send our
token to anybody but the entryway and our own server. Fact sheet: bluesky.
"""

import json
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from . import base, bluesky_pages, errors, items
from .bluesky_media import DIRECTORY
from .bluesky_post import POSTS
from .bluesky_raw import entry, raw, raw_post
from .bluesky_server import CHAT_DID
from .bluesky_threads import BULK, BlueskyThreads
from .bluesky_values import POST, address, did, handle, moment, owner, place, words
from .terms import _lt

#: fact sheet §3: the most that a page of notifications holds; of our own posts few are
#: new at a time
NOTIFICATIONS, RECORDS = 100, 50
#: the deeper look: how often, and how far back
SWEEP_EVERY, SWEEP_BACK = timedelta(days=1), timedelta(days=7)
#: hosts of the app's pages, whose links people paste
PAGES = ("bsky.app", "www.bsky.app", "staging.bsky.app", "main.bsky.dev")


class BlueskyAdapter(BlueskyThreads):
    """See ``base.Adapter`` for what each method promises."""

    code = "bluesky"
    name = "Bluesky"
    base_url = "https://bsky.social"
    host_setting = "base_url"
    settings_spec = (
        items.Setting(
            "identifier",
            _lt("Handle"),
            required=True,
            help=_lt(
                "The account's name, for example acme.bsky.social or acme.example."
            ),
        ),
        items.Setting(
            "app_password",
            _lt("App password"),
            secret=True,
            required=True,
            help=_lt(
                "From Settings, Privacy and security, App passwords. Tick “Allow "
                "access to your direct messages” there, or private messages stay "
                "closed."
            ),
        ),
        items.Setting(
            "base_url",
            _lt("Server"),
            help=_lt("Only for an account on a server of its own."),
            default="https://bsky.social",
        ),
        items.Setting(
            "incoming",
            _lt("Who may write to us in private"),
            help=_lt(
                "all, following or none. A helpdesk wants all: the account's setting "
                "is kept at that. Empty leaves it as the account has it."
            ),
            default="all",
        ),
        items.Setting(
            "chat_did",
            _lt("Chat service"),
            help=_lt("Only for a network of your own."),
            default=CHAT_DID,
            advanced=True,
        ),
        items.Setting(
            "directory",
            _lt("Directory of accounts"),
            help=_lt("Only for a network of your own."),
            default=DIRECTORY,
            advanced=True,
        ),
    )
    capabilities = frozenset(
        {
            base.PULL,
            base.SIGN_IN,
            base.REFRESH,
            base.CONTEXT,
            base.REREAD,
            base.RESOLVE,
            base.REPLY_PUBLIC,
            base.ANSWER_OWN,
            base.REPLY_PRIVATE,
            base.PRIVATE_FIRST,
            base.MEDIA_IN,
            base.MEDIA_OUT,
            base.STAGE,
            base.ALT_TEXT,
            base.LIKE,
            base.HIDE,
            base.DELETE,
            base.BLOCK,
            base.LOOKUP,
            base.PROFILE,
        }
    )
    streams = ("notifications", "own", "sweep", "chat", "requests")
    # 3,000 calls in five minutes are allowed (fact sheet §2); a pull is about five
    min_poll_seconds = 15
    stream_labels = {
        "notifications": _lt("Mentions and replies"),
        "own": _lt("Our own posts"),
        "sweep": _lt("Posts that were dated back"),
        "chat": _lt("Private messages"),
        "requests": _lt("Private messages of strangers"),
    }
    block_means = _lt(
        "They can no longer see, answer or write to our account, nor we to them. "
        "Everybody can look up who blocks whom there."
    )
    rate_headers = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    scopes = {_lt("direct messages"): _lt("to read and answer private messages")}
    reread_batch = BULK
    reread_audiences = (items.PUBLIC,)

    # --- pull -----------------------------------------------------------------
    def fetch(self, stream: str, cursor: str, since: datetime) -> items.Page:
        if stream not in self.streams:
            raise errors.RejectedError("unsupported", stream)
        facts = self._known_facts()
        if stream in ("chat", "requests"):
            if facts.get("chat") is False:
                return items.Page(cursor=cursor)
            read = self._fetch_chat if stream == "chat" else self._fetch_requests
            try:
                return read(cursor, since)
            except errors.ScopeError:
                # a new app password without this right: the daily check will tell
                return items.Page(cursor=cursor)
        if stream == "sweep":
            return self._sweep(cursor)
        return self._down(stream, cursor, since)

    def _down(self, stream: str, cursor: str, since: datetime) -> items.Page:
        """A page of a list that is newest first, down to what is known."""
        position = bluesky_pages.Position.load(cursor)
        read = self._own_records if stream == "own" else self._notifications
        try:
            found, below, clock = read(position.below)
        except errors.CursorExpired:
            again = position.from_the_top().dump()
            return items.Page(cursor=again, more=True, closed=False)
        entries = [bluesky_pages.Entry(*entry(one)) for one in found]
        fresh, after, closed = bluesky_pages.down(
            position, entries, below, since, clock
        )
        new = tuple(raw(stream, found[index]) for index in fresh[::-1])
        return items.Page(new, after.dump(), more=not closed, closed=closed)

    def _notifications(self, below: str) -> tuple[list, str, datetime]:
        answer = self._request(
            "GET",
            "app.bsky.notification.listNotifications",
            query={
                "limit": NOTIFICATIONS,
                "reasons": list(POSTS),
                # else the account's preference may hide strangers (§3)
                "priority": "false",
                "cursor": below or None,
            },
        )
        found = self._answer(answer)
        after = words(found.get("cursor"))
        return self._list(found, "notifications"), after, self._clock(answer)

    def _own_records(self, below: str) -> tuple[list, str, datetime]:
        """Our own posts, from our own server: what was said in the network's app."""
        answer = self._request(
            "GET",
            "com.atproto.repo.listRecords",
            query={
                "repo": self.facts["id"],
                "collection": POST,
                "limit": RECORDS,
                "cursor": below or None,
            },
        )
        found = self._answer(answer)
        records = self._list(found, "records")
        after = words(found.get("cursor")) if records else ""
        return records, after, self._clock(answer)

    def _sweep(self, cursor: str) -> items.Page:
        """The last week once a day: a post that is dated back comes in below what was
        read (§3). Nothing waits for it, so no gap is open."""
        state, now = bluesky_pages.load(cursor), self.now()
        due = moment(state.get("due"))
        if due is None:  # the first pull reads all of it anyhow
            return items.Page(cursor=_dump(due=now + SWEEP_EVERY))
        if due > now:
            return items.Page(cursor=cursor)
        until = moment(state.get("until")) or now - SWEEP_BACK
        at = words(state.get("at"))
        try:
            found, below, _clock = self._notifications(at)
        except errors.CursorExpired:
            return items.Page(cursor=_dump(due=due), more=True)
        new = tuple(raw("notifications", one) for one in found[::-1])
        times = [entry(one)[1] for one in found]
        past = any(one and one < until for one in times)
        if past or not below or below == at or bluesky_pages.older(below, until):
            return items.Page(new, _dump(due=now + SWEEP_EVERY))
        return items.Page(new, _dump(due=due, until=until, at=below), more=True)

    # --- single things --------------------------------------------------------
    def resolve(self, permalink: str) -> items.RawItem:
        self._known_facts()
        repo, rkey = _linked(permalink)
        if not did(repo):
            answer = self._query("com.atproto.identity.resolveHandle", handle=repo)
            repo = did(answer.get("did"))
        uri = address(repo, POST, rkey)
        view = self._views([uri]).get(uri) if owner(uri) else None
        if view is None:
            raise errors.NotFoundError("not_found", permalink)
        return raw_post("resolve", view)

    def profile(self, external_id: str) -> items.Author:
        self._known_facts()
        found = self._query("app.bsky.actor.getProfile", actor=external_id)
        author = self._reader.author(found)
        if author is None:
            raise errors.MalformedResponse("malformed", "no profile")
        return author

    def parse(self, item: items.RawItem) -> items.Parsed:
        return self._reader.parse(item)


def _linked(permalink: str) -> tuple[str, str]:
    """(DID or handle, record key) of a post that a link leads to (§7).

    :raises RejectedError: it leads to no post
    """
    text = permalink.strip()
    repo, collection, rkey = place(text)
    if not repo:
        try:
            parts = urlsplit(text)
            host = parts.hostname or ""
        except ValueError:
            host = ""
        steps = unquote(parts.path).strip("/").split("/") if host in PAGES else []
        if len(steps) == 4 and steps[0] == "profile" and steps[2] == "post":
            repo, collection, rkey = steps[1], POST, steps[3]
    repo = did(repo) or handle(repo)
    if collection != POST or not place(address(repo, collection, rkey))[0]:
        raise errors.RejectedError("bad_url", permalink[:200])
    return repo, rkey


def _dump(**times) -> str:
    return json.dumps(
        {k: v.isoformat() if isinstance(v, datetime) else v for k, v in times.items()}
    )
