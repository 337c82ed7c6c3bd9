"""Mastodon and servers that speak its API: mentions, replies, direct posts.

Reading is here; ``mastodon_send`` speaks, ``mastodon_server`` holds the line and
knows the server. Everything customers write arrives as notifications; our own posts
are a second stream, so that an answer written in the network's own app is seen.
It must never send our token to another host. Fact sheet: mastodon.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from . import base, errors, items, mastodon_pages
from .download import download
from .mastodon_send import MastodonSend
from .mastodon_server import SCOPES
from .mastodon_status import ident, key_in, key_of, link, local_id, moment, words
from .terms import _lt
from .values import listing, mapping

#: fact sheet §3: the most that a page holds
NOTIFICATIONS, STATUSES = 80, 40
#: ids per ``GET /statuses?id[]=``: DEFAULT_STATUSES_LIMIT of Mastodon's base controller
BULK = 20
#: where there is no such call, every post is a request; a server's budget is 300 in
#: five minutes (§2)
SINGLES = 5


class MastodonAdapter(MastodonSend):
    code = "mastodon"
    name = "Mastodon"
    auth = "oauth2"
    settings_spec = (
        items.Setting(
            "base_url",
            _lt("Server"),
            required=True,
            help=_lt(
                "For example https://mastodon.social. Servers that speak the same "
                "language will do: GoToSocial, Akkoma, Pixelfed, snac2."
            ),
        ),
        items.Setting(
            "access_token",
            _lt("Access token"),
            secret=True,
            help=_lt(
                "Only if you do not sign in with the button: from the server's "
                "page Preferences, Development."
            ),
        ),
    )
    capabilities = frozenset(
        {
            base.PULL,
            base.OAUTH,
            base.REGISTER,
            base.CONTEXT,
            base.REREAD,
            base.RESOLVE,
            base.REPLY_PUBLIC,
            base.ANSWER_OWN,
            base.REPLY_GROUP,
            base.REPLY_PRIVATE,
            base.PRIVATE_FIRST,
            base.MEDIA_IN,
            base.MEDIA_OUT,
            base.STAGE,
            base.ALT_TEXT,
            base.LIKE,
            base.DELETE,
            base.EDIT,
            base.BLOCK,
            base.LOOKUP,
            base.PROFILE,
        }
    )
    streams = ("notifications", "own")
    # 300 calls in five minutes are allowed (fact sheet §2); a pull is two or three
    min_poll_seconds = 15
    stream_labels = {"notifications": _lt("Mentions"), "own": _lt("Our own posts")}
    host_setting = "base_url"
    block_means = _lt(
        "They can no longer follow, see or answer our account, and nothing of theirs "
        "reaches it: the server lets none of their posts through."
    )
    scopes = SCOPES

    def __init__(self, settings, transport, now, facts=None):
        super().__init__(settings, transport, now, facts)
        self.reread_batch = BULK if self.facts.get("bulk") else SINGLES

    # --- pull -----------------------------------------------------------------
    def fetch(self, stream: str, cursor: str, since: datetime) -> items.Page:
        if stream not in self.streams:
            raise errors.RejectedError("unsupported", stream)
        position = mastodon_pages.Position.load(cursor)
        facts = self._known_facts()
        path, query = self._listing(stream)
        if facts.get("straight") and position.known and not position.down:
            return self._forward(stream, position, path, query)
        if position.below:
            query = {**query, "max_id": position.below}
        found = self._get_list(path, query)
        raw, entries = self._entries(stream, found)
        fresh, after, closed = mastodon_pages.down(position, entries, since)
        new = self._items(stream, raw[:fresh]) + self._unreadable(stream, found)
        return items.Page(new, after.dump(), more=not closed, closed=closed)

    def _forward(self, stream, position, path, query) -> items.Page:
        known = position.known[0]
        found = self._get_list(path, {**query, "min_id": known})
        raw, entries = self._entries(stream, found)
        after = mastodon_pages.forward(position, entries)
        if after is None or self._skipped(path, query, known, entries):
            # not the page right after what we know: go down to it from the newest
            down = mastodon_pages.Position(position.known, position.at, down=True)
            return items.Page(cursor=down.dump(), more=True)
        new = self._items(stream, raw) + self._unreadable(stream, found)
        return items.Page(new, after.dump(), more=bool(entries))

    def _skipped(self, path, query, known: str, entries: list) -> bool:
        """Does anything lie between what we know and a long page? Then the server
        takes ``min_id`` for ``since_id``, whatever it calls itself."""
        if len(entries) < query["limit"] // 2:
            return False
        lowest = min(entries, key=lambda one: mastodon_pages.order(one.id)).id
        between = {**query, "since_id": known, "max_id": lowest, "limit": 1}
        return any(
            mastodon_pages.order(known)
            < mastodon_pages.order(ident(mapping(one).get("id")))
            < mastodon_pages.order(lowest)
            for one in self._get_list(path, between)
        )

    def _listing(self, stream: str) -> tuple[str, dict]:
        if stream == "own":
            path, query = self._own_posts()
            return path, {**query, "limit": STATUSES}
        types = ["mention", *(["quote"] if self.facts.get("quotes") else [])]
        # filtered: what strangers write waits as a request nobody would look at (§3)
        return "/api/v1/notifications", {
            "types[]": types,
            "include_filtered": "true",
            "limit": NOTIFICATIONS,
        }

    def _entries(self, stream: str, found: list) -> tuple[list[dict], list]:
        """The list with the id and time of each, for finding our way in it."""
        raw = [one for one in found if ident(mapping(one).get("id"))]
        if found and not raw:
            raise errors.MalformedResponse("malformed", f"{stream}: no ids")
        reader = self._reader
        entries = [
            mastodon_pages.Entry(
                ident(one["id"]),
                moment(one.get("created_at"))
                if stream != "own" or reader.is_own(mapping(one.get("account")))
                else None,
            )
            for one in raw
        ]
        return raw, entries

    @staticmethod
    def _unreadable(stream: str, found: list) -> tuple[items.RawItem, ...]:
        """What has no id is journalled all the same: somebody may want to know."""
        return tuple(
            items.RawItem(f"{stream}:{_fingerprint(one)}", {"unreadable": one})
            for one in found
            if not ident(mapping(one).get("id"))
        )

    def _items(self, stream: str, raw: list[dict]) -> tuple[items.RawItem, ...]:
        """Journal entries, oldest first."""
        if stream == "own":
            own = [
                one for one in raw if self._reader.is_own(mapping(one.get("account")))
            ]
            return self._raw_statuses(own[::-1], "own")
        parents = self._parents(mapping(one.get("status")) for one in raw)
        found = []
        for one in raw[::-1]:
            status = mapping(one.get("status"))
            data = {"notification": one}
            parent = parents.get(ident(status.get("in_reply_to_id")))
            if parent:
                data["parent"] = parent
            found.append(
                items.RawItem(
                    f"notification:{ident(one['id'])}",
                    data,
                    sent_at=moment(status.get("created_at"))
                    or moment(one.get("created_at")),
                )
            )
        return tuple(found)

    def _raw_statuses(
        self, statuses: Iterable, via: str, parents: dict | None = None
    ) -> tuple[items.RawItem, ...]:
        statuses = list(statuses)
        if parents is None:
            parents = self._parents(map(mapping, statuses))
        return tuple(self._raw_status(one, via, parents) for one in statuses)

    @staticmethod
    def _raw_status(status, via: str, parents: dict) -> items.RawItem:
        data = {"via": via, "status": status}
        status = mapping(status)
        parent = parents.get(ident(status.get("in_reply_to_id")))
        if parent:
            data["parent"] = parent
        name = ident(status.get("id")) or _fingerprint(data)
        return items.RawItem(
            f"{via}:{name}",
            data,
            revision=words(status.get("edited_at")),
            sent_at=moment(status.get("created_at")),
        )

    def _parents(self, statuses: Iterable[dict]) -> dict[str, str]:
        """Local id -> key of what these posts answer: a post tells only the id."""
        statuses = list(statuses)
        domain = words(self.facts.get("domain"))
        known = {
            ident(one.get("id")): key_of(one, domain)
            for one in statuses
            if ident(one.get("id"))
        }
        wanted = {ident(one.get("in_reply_to_id")) for one in statuses} - {""}
        for status in self._read_many(sorted(wanted - set(known))).values():
            if status:
                known[ident(status["id"])] = key_of(status, domain)
        return known

    # --- single posts ---------------------------------------------------------
    def _read_many(self, ids: list[str]) -> dict[str, dict | None]:
        """Id -> post, or None when the server says that it is not there.

        A post that a list leaves out is asked for by itself: an error would
        otherwise look like a deletion.
        """
        found: dict[str, dict | None] = {}
        bulk = bool(self.facts.get("bulk"))
        for start in range(0, len(ids) if bulk else 0, BULK):
            try:
                listed = self._get_list(
                    "/api/v1/statuses", {"id[]": ids[start : start + BULK]}
                )
            except (errors.NotFoundError, errors.MalformedResponse):
                break  # a fork without this call
            found |= {
                ident(one["id"]): one
                for one in map(mapping, listed)
                if ident(one.get("id")) in ids
            }
        for one_id in ids:
            if one_id in found:
                continue
            try:
                found[one_id] = self._get_status(one_id)
            except errors.NotFoundError:
                found[one_id] = None
        return found

    def reread(self, refs: list[str]) -> items.Page:
        self._known_facts()
        by_id = {local_id(ref): ref for ref in refs if key_in(ref)}
        found = self._read_many(list(by_id))
        there = [one for one in found.values() if one]
        gone = [
            items.RawItem(
                f"reread:{one_id}",
                {"gone": by_id[one_id], "at": self.now().isoformat()},
                revision="gone",
                sent_at=self.now(),
            )
            for one_id, one in found.items()
            if one is None
        ]
        # whom they answer is known since they first came in
        return items.Page((*self._raw_statuses(there, "reread", {}), *gone))

    def fetch_context(self, ref: str) -> items.Page:
        self._known_facts()
        found = mapping(self._get(f"/api/v1/statuses/{self._local(ref)}/context"))
        above = [one for one in listing(found.get("ancestors")) if mapping(one)]
        return items.Page(self._raw_statuses(above, "context"))

    def resolve(self, permalink: str) -> items.RawItem:
        self._known_facts()
        if not link(permalink):
            raise errors.RejectedError("bad_url", permalink)
        found = self._search(link(permalink), "statuses")
        if not ident(mapping(found).get("id")):
            raise errors.NotFoundError("not_found", permalink)
        return self._raw_statuses([found], "resolve")[0]

    def profile(self, external_id: str) -> items.Author:
        self._known_facts()
        author = self._reader.author(self._account(external_id))
        if author is None:
            raise errors.NotFoundError("not_found", external_id)
        return author

    def parse(self, item: items.RawItem) -> items.Parsed:
        return self._reader.parse(item)

    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        """The file at an address that came with a post.

        Servers keep files where they like, so the host is allowed for this call;
        our token stays at home, and private addresses stay closed (transport).
        """
        return download(self.transport, words(ref))


def _fingerprint(data) -> str:
    return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]
