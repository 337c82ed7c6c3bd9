"""Conversations of Messenger and Instagram, read to fill what the webhooks lost.

They come with the latest on top, and each shows its twenty latest messages; a page may
be empty and still have a next one. Read down to what was known the last time, with some
overlap; one page per call. Fact sheet meta §1, §4, §5.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from . import errors, items
from .meta_graph import GraphLine, written_moment
from .meta_graph_messages_push import pulled_name
from .meta_graph_messages_read import PULLED
from .meta_graph_messages_values import Own, ident, message_id
from .values import listing, mapping, number, words

STREAM = "messages"
#: conversations per call, and messages of each (§4: 20 can be read)
PAGE, MESSAGES = 20, 20
#: what is read again each time: nothing says that the list is strictly in order
OVERLAP = timedelta(hours=1)
MESSAGE_FIELDS = "id,created_time,from,to,message,attachments,shares"


@dataclass(frozen=True)
class Position:
    """``until``: everything up to this moment was read. While pages are left: ``after``
    leads to the next one, ``top`` is the latest moment seen in this round."""

    until: datetime | None = None
    after: str = ""
    top: datetime | None = None

    def dump(self) -> str:
        found = {"until": _stamp(self.until), "after": self.after}
        found["top"] = _stamp(self.top)
        return json.dumps({key: one for key, one in found.items() if one})

    @classmethod
    def load(cls, cursor: str) -> "Position":
        """
        :raises CursorExpired: not a cursor of ours
        """
        if not cursor:
            return cls()
        try:
            value = json.loads(cursor)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise errors.CursorExpired("cursor_expired", cursor[:40])
        until, top = _moment(value.get("until")), _moment(value.get("top"))
        return cls(until, words(value.get("after")), top)


def _stamp(when: datetime | None) -> int | None:
    return int(when.timestamp()) if when else None


def _moment(value) -> datetime | None:
    value = number(value)
    if value is None or not 0 < value < 253402300799:
        return None
    return datetime.fromtimestamp(value, timezone.utc)


class GraphConversations(GraphLine):
    """Reading conversations; no adapter yet."""

    #: ``messenger`` or ``instagram``
    message_platform = "messenger"
    #: more fields of a message that this platform has
    message_fields = "sticker"
    #: what somebody unsends must lose its words with us as well
    message_forgets = True

    # --- hooks ----------------------------------------------------------------
    def message_own(self) -> Own:
        """Who we are; ``id`` stands in the keys of all messages."""
        own = words(self.facts.get("id"))
        ids = frozenset({own} - {""})
        return Own(own, ids, self._setting("app_id"), self.message_forgets)

    def message_node(self) -> str:
        """Whose conversations and messages they are, as a path names it."""
        return self.message_own().id or "me"

    # --- the pull -------------------------------------------------------------
    def fetch_messages(self, stream: str, cursor: str, since: datetime) -> items.Page:
        """One page of conversations, as single messages."""
        position = Position.load(cursor)
        bound = position.until - OVERLAP if position.until else since
        try:
            rows, after = self._conversations(position.after, limit=str(PAGE))
        except errors.RejectedError as error:
            if not position.after or error.code != "bad_parameter":
                raise
            # cursors do not live long (§1)
            raise errors.CursorExpired("cursor_expired", position.after[:40]) from error
        found, done = [], not after
        times = [written_moment(row.get("updated_time")) for row in rows]
        for row, at in zip(rows, times, strict=True):
            if at and at < bound:
                done = True
                continue
            found += self._messages_of(row, bound)
        known = [one for one in (*times, position.top) if one]
        top = max(known, default=None)
        if done:
            top = min(top, self.now()) if top else None
            ends = [one for one in (top, position.until) if one]
            position = Position(max(ends, default=None))
        else:
            position = replace(position, after=after, top=top)
        return items.Page(tuple(found), position.dump(), not done, done)

    def _conversations(self, after="", **query) -> tuple[list[dict], str]:
        fields = ",".join(one for one in (MESSAGE_FIELDS, self.message_fields) if one)
        return self._listed(
            f"{self.message_node()}/conversations",
            after,
            platform=self.message_platform,
            fields=f"id,updated_time,participants,messages.limit({MESSAGES}){{{fields}}}",
            **query,
        )

    def _messages_of(self, row: dict, bound: datetime) -> list[items.RawItem]:
        """The messages of a conversation that are not older than ``bound``."""
        own, found = self.message_own(), []
        people = [
            ident(mapping(one).get("id"))
            for one in listing(mapping(row.get("participants")).get("data"))
        ]
        who = next((one for one in people if one and not own.is_us(one)), "")
        for one in map(mapping, listing(mapping(row.get("messages")).get("data"))):
            mid, at = message_id(one.get("id")), written_moment(one.get("created_time"))
            if at and at < bound:
                continue
            data = {PULLED: {**one, "person": who}, "account": own.id}
            key = f"{own.id}:{pulled_name(mid)}" if mid else f"{own.id}:unnamed:{at}"
            found.append(items.RawItem(key, data, "", own.id, at))
        return found
