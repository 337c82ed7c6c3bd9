"""Reads what was said on X: mentions, quotes, our own posts, private messages.

One page per call. What a list brings is trimmed to what one post needs and journalled
as it came; nothing is interpreted here. Each read is charged as X bills it: once per
post and day. Fact sheet x §0, §2, §3.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from . import errors, items, x_fields, x_pages
from .terms import _lt
from .values import listing, mapping, words
from .x_account import XAccount
from .x_line import BadParameter
from .x_names import Tables, history, references
from .x_values import id_at, ident, moment, name, time_of

#: the most that a page holds (§2)
PAGE = 100
#: the first page of private messages, which cannot be asked for "since": what a minute
#: brings, because each event costs as much as ten mentions
FEW_MESSAGES = 20
#: recent search goes back seven days (§3); a minute less, for both our clocks
RECENT = timedelta(days=7) - timedelta(minutes=1)
#: parameters whose refusal means "begin this list anew"
STALE = frozenset({"pagination_token", "next_token", "since_id", "start_time"})
#: posts that a list shows at all (§3; of our own posts, X's page "Timelines")
DEPTH = {"mentions": 800, "quotes": 10**9, "own": 3200}
MENTIONS, QUOTES, OWN, DIRECT = "mentions", "quotes", "own", "direct"


class XRead(XAccount):
    """Pulling; not an adapter yet."""

    streams = (MENTIONS, QUOTES, OWN, DIRECT)
    stream_labels = {
        MENTIONS: _lt("Mentions"),
        QUOTES: _lt("Quotes of our posts"),
        OWN: _lt("Our own posts"),
        DIRECT: _lt("Private messages"),
    }

    # --- lists ----------------------------------------------------------------
    def fetch(self, stream: str, cursor: str, since: datetime) -> items.Page:
        if stream not in self.streams:
            raise errors.RejectedError("unsupported", stream)
        position = x_pages.Position.load(cursor)
        now = self.now()
        if position.until and position.until > now:
            # this endpoint gives nothing yet; the others are not concerned (§2)
            return items.Page(cursor=cursor, closed=not position.next)
        if stream == DIRECT:
            return self._fetch_direct(position, since, now)
        return self._fetch_posts(stream, position, since, now)

    def _fetch_posts(self, stream, position, since, now) -> items.Page:
        position = x_pages.begin(position, since, now)
        path, query, kind = self._listing(stream)
        query |= self._bounds(stream, position, now)
        try:
            found = self._get(path, query)
        except BadParameter as error:
            return self._again(position, since, error)
        except errors.RejectedError as error:
            if stream != QUOTES:
                raise
            return self._refused(stream, position, error)
        data = self._rows(found, stream)
        ids = [ident(one.get("id")) for one in data]
        fresh = [one for one in data if ident(one.get("id")) not in position.seen]
        self.charge(kind, len(fresh))
        token = words(mapping(found.get("meta")).get("next_token"))
        after = x_pages.forward(position, ids, token)
        raw = self._raw_posts(fresh, found.get("includes"), stream)
        count = position.count + len(fresh)
        if not token and position.since and count >= DEPTH[stream]:
            # X shows no more than that: what lies below came in between and is lost
            raw += (_told(stream, "more_than_shown", position.since),)
        return items.Page(
            raw, self._paced(after).dump(), more=bool(token), closed=not token
        )

    def _listing(self, stream: str) -> tuple[str, dict, str]:
        """(path, query, how it is billed)."""
        own_id, handle = self._own_id(), name(self.facts.get("handle"))
        if stream == QUOTES:
            # a quote need not name us: its address of our post does
            terms = f'url:"{handle}/status" is:quote -from:{handle} -is:retweet'
            query = {**x_fields.POST, "query": terms}
            return "/2/tweets/search/recent", query, "post_read"
        read = "owned_read" if self._owns_app else "post_read"
        if stream == OWN:
            return f"/2/users/{own_id}/tweets", dict(x_fields.OWN), read
        return f"/2/users/{own_id}/mentions", dict(x_fields.POST), read

    @property
    def _owns_app(self) -> bool:
        """Reading our own mentions is cheap for the owner of the app only (§0)."""
        owner = name(self._setting("app_owner")).lower()
        return bool(owner) and owner == name(self.facts.get("handle")).lower()

    def _bounds(self, stream: str, position: x_pages.Position, now) -> dict:
        """The same on every page of a round, but for the token (§3)."""
        query: dict = {"max_results": PAGE}
        # by the round's beginning: the same on all its pages
        began = position.began or now
        oldest = began - RECENT if stream == QUOTES else None
        bound = position.bound
        if bound and oldest and int(bound) < int(id_at(oldest)):
            bound, start = "", oldest
        else:
            start = position.start
        if bound:
            query["since_id"] = bound
        elif start:
            start = max(start, oldest) if oldest else start
            query["start_time"] = start.strftime("%Y-%m-%dT%H:%M:%SZ")
        if position.next:
            key = "next_token" if stream == QUOTES else "pagination_token"
            query[key] = position.next
        return query

    def _again(self, position, since, error: BadParameter) -> items.Page:
        """X forgot a token, or an id is too old for it: the round begins anew."""
        if not error.names & STALE or not (position.next or position.since):
            raise error
        if position.next:
            after = x_pages.Position(position.since, position.at, seen=position.seen)
        else:
            after = x_pages.Position(start=since)
        return items.Page(cursor=after.dump(), more=True, closed=False)

    def _paced(self, position: x_pages.Position) -> x_pages.Position:
        """With the moment before which this endpoint gives nothing, if it said so."""
        rate = self.transport.rate
        if not rate or rate.remaining is None or rate.remaining > 0:
            return position
        if rate.reset_at is None or rate.reset_at <= self.now():
            return position
        return replace(position, until=rate.reset_at)

    @staticmethod
    def _rows(found: dict, stream: str) -> list[dict]:
        """The list in an answer; without a ``data`` key it is empty (§3)."""
        data = found.get("data")
        if data is None and ("meta" in found or "errors" in found):
            return []
        if not isinstance(data, list):
            raise errors.MalformedResponse("malformed", f"{stream}: no list")
        return [one if isinstance(one, dict) else {"unreadable": one} for one in data]

    # --- journal entries ------------------------------------------------------
    def _raw_posts(self, posts, includes, via: str) -> tuple[items.RawItem, ...]:
        """Oldest first, each with the part of the side tables that it needs."""
        tables = Tables(includes)
        return tuple(self._raw_post(one, tables, via) for one in posts[::-1])

    def _raw_post(self, post: dict, tables: Tables, via: str) -> items.RawItem:
        one_id = ident(post.get("id"))
        data = {"via": via, "post": post}
        side = self._side(post, tables)
        if side:
            data["includes"] = side
        versions = history(post)
        return items.RawItem(
            f"{via}:{one_id or _fingerprint(data)}",
            data,
            revision=versions[-1] if via == "reread" and versions else "",
            sent_at=moment(post.get("created_at")) or time_of(one_id),
        )

    @staticmethod
    def _side(post: dict, tables: Tables) -> dict:
        others = [one for one in references(post).values() if one in tables.posts]
        keys = _keys(post)
        author = ident(post.get("author_id"))
        found = {
            "users": [tables.users[author]] if author in tables.users else [],
            "tweets": [
                {
                    key: value
                    for key, value in tables.posts[one].items()
                    if key
                    in (
                        "id",
                        "author_id",
                        "edit_history_tweet_ids",
                        "edit_history_post_ids",
                    )
                }
                for one in others
            ],
            "media": [
                tables.media[one] for one in map(words, keys) if one in tables.media
            ],
        }
        return {key: value for key, value in found.items() if value}

    # --- private messages -----------------------------------------------------
    def _fetch_direct(self, position, since, now) -> items.Page:
        """Down to what is known: this list has no ``since_id``, and 30 days (§3)."""
        if self._setting("direct").lower() == "off" or not self._may("dm.read"):
            return items.Page(cursor=position.dump())
        position = x_pages.begin(position, since, now)
        few = position.since and not position.next
        query = {**x_fields.MESSAGE, "max_results": FEW_MESSAGES if few else PAGE}
        if position.next:
            query["pagination_token"] = position.next
        try:
            found = self._get("/2/dm_events", query)
        except BadParameter as error:
            return self._again(position, since, error)
        except errors.AuthError as error:
            if not isinstance(error, errors.ScopeError):
                raise
            return self._refused(DIRECT, position, error)
        data = self._rows(found, DIRECT)
        ids = [ident(one.get("id")) for one in data]
        token = words(mapping(found.get("meta")).get("next_token"))
        fresh, after = x_pages.down(position, ids, token)
        if not position.since and ids and x_pages.older(ids[-1], since):
            # the first reading looks back no further than it was told to
            after = x_pages.Position(after.top or after.since, after.began or now)
            fresh = sum(not x_pages.older(one, since) for one in ids)
        new_day = not position.at or position.at.date() != now.date()
        self.charge("dm_read", len(data) if new_day else fresh)
        tables = Tables(found.get("includes"))
        raw = tuple(
            self._raw_message(one, tables, DIRECT) for one in data[:fresh][::-1]
        )
        more = bool(after.next)
        return items.Page(raw, self._paced(after).dump(), more=more, closed=not more)

    @staticmethod
    def _refused(stream: str, position, error) -> items.Page:
        """We may not read this list: said once, and the rest goes on."""
        raw = _told(stream, f"{stream}_not_allowed", error.code)
        return items.Page((raw,), position.dump())

    @staticmethod
    def _raw_message(event: dict, tables: Tables, via: str) -> items.RawItem:
        sender = ident(event.get("sender_id"))
        keys = _keys(event)
        side = {
            "users": [tables.users[sender]] if sender in tables.users else [],
            "media": [
                tables.media[one] for one in map(words, keys) if one in tables.media
            ],
        }
        data = {"via": via, "message": event}
        if any(side.values()):
            data["includes"] = {key: value for key, value in side.items() if value}
        one_id = ident(event.get("id"))
        return items.RawItem(
            f"{via}:{one_id or _fingerprint(data)}",
            data,
            sent_at=moment(event.get("created_at")) or time_of(one_id),
        )

    def parse(self, item: items.RawItem) -> items.Parsed:
        return self._reader.parse(item)


def _told(stream: str, what: str, when: str) -> items.RawItem:
    """Something an administrator should know; the journal takes it once."""
    return items.RawItem(f"{stream}:{what}", {"refused": what}, revision=when)


def _keys(data: dict) -> list[str]:
    found = listing(mapping(data.get("attachments")).get("media_keys"))
    return [words(one) for one in found]


def _fingerprint(data) -> str:
    return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]
