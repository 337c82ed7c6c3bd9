"""Reads private messages, what webhooks tell, and whatever the journal holds of X.

Pure; never raises, never drops: what cannot be understood becomes ``Unknown``. Fact
sheet x §0, §4, §5.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from . import items, x_status, x_text
from .values import listing, mapping, words
from .x_names import INBOX, MESSAGE, Tables, is_direct, permalink
from .x_post import PostReader
from .x_values import either, ident, milliseconds, moment, time_of

#: events that bring a post said to us
TO_US = ("post.mention.create", "post.reply.create", "post.quote.create")
POSTS = (*TO_US, "post.create")
MESSAGES = ("dm.received", "dm.sent")
#: events about conversations that only X's own programs can read (§0)
SEALED = ("chat.received", "chat.sent")
#: our access was taken back (§4); what else comes is noise to a helpdesk
REVOKED = ("oauth.revoke", "user_event.revoke")
#: what ``invite_url`` puts into the customer's first message
_PAYLOAD = re.compile(r"\[ref: ([A-Za-z0-9_-]{1,64})\]", re.ASCII)


class Reader(PostReader):
    # --- private messages -----------------------------------------------------
    def message(self, event, includes=None) -> items.Incoming | items.Unknown:
        event, tables = mapping(event), Tables(includes)
        kind = words(event.get("event_type"))
        if kind and kind != "MessageCreate":
            return items.Unknown(f"direct_{kind[:40]}", ignorable=True)
        one_id, sender = ident(event.get("id")), ident(event.get("sender_id"))
        sent_at = (
            moment(event.get("created_at"))
            or milliseconds(event.get("created_ms"))
            or time_of(one_id)
        )
        thread = words(event.get("dm_conversation_id"))[:100]
        if not one_id or sent_at is None or not thread:
            # who else reads along is not known: what is asked for by and by says it
            return items.Unknown("malformed")
        keys = listing(mapping(event.get("attachments")).get("media_keys"))
        text = x_text.shown(
            words(event.get("text")), event.get("entities"), files=bool(keys)
        )
        shared = [
            permalink(ident(one.get("id")))
            for one in map(mapping, listing(either(event, "referenced_tweets")))
        ]
        return items.Incoming(
            key=f"{MESSAGE}{one_id}",
            ref=f"{MESSAGE}{one_id}",
            author=self.author(tables.users.get(sender), sender),
            text=text or "\n".join(one for one in shared if one),
            sent_at=sent_at,
            # a thread that does not tell who is in it may have many people in it
            audience=items.PRIVATE if is_direct(thread) else items.GROUP,
            thread=thread,
            media=tuple(
                _private(one) for one in self._media(event, tables, shown=False)
            ),
            permalink=f"{INBOX}/{thread}" if thread else INBOX,
            payload=_payload(text),
        )

    def sealed(self, event, received: datetime | None) -> items.Parsed:
        """Somebody wrote where only X's own programs can read (XChat, §0): what is
        said is unknown, but that somebody waits must not be lost."""
        payload = mapping(event.get("payload"))
        thread = words(payload.get("conversation_id"))[:100]
        one_id = words(payload.get("id"))[:100] or words(event.get("event_uuid"))[:100]
        people = [ident(one) for one in thread.split("-")]
        others = [one for one in people if one and one != self.own_id]
        sender = ident(payload.get("sender_id")) or (others[0] if others else "")
        sent_at = moment(payload.get("created_at")) or time_of(one_id) or received
        if event.get("event_type") == "chat.sent":
            return items.Unknown("sealed_sent", ignorable=True)
        if not thread or not one_id or sent_at is None:
            return items.Unknown("sealed")
        return items.Incoming(
            key=f"chat:{one_id}",
            ref=f"chat:{one_id}",
            author=self.author({}, sender),
            text="🔒 XChat",
            sent_at=sent_at,
            audience=items.PRIVATE if is_direct(thread) else items.GROUP,
            thread=thread,
            permalink=INBOX,
            kind="sealed",
            extra={"sealed": True},
        )

    # --- what the journal holds -----------------------------------------------
    def parse(self, item: items.RawItem) -> items.Parsed:
        data = mapping(item.data)
        whose = ident(data.get("for"))
        if whose and self.own_id and whose != self.own_id:
            # the app's one webhook serves all its accounts, also those that left us
            return items.Unknown("for_somebody_else", ignorable=True)
        if "gone" in data:
            return self._gone(data)
        if "post" in data:
            via = data.get("via")
            return self.post(
                data["post"],
                data.get("includes"),
                addressed=via in TO_US,
                quotes_us=via == "post.quote.create",
                context=via == "context",
                received=item.sent_at,
            )
        if "status" in data:
            return self.post(*x_status.post(data["status"]), received=item.sent_at)
        if "message" in data:
            return self.message(data["message"], data.get("includes"))
        if "old_message" in data:
            return self.message(
                *x_status.message(data["old_message"], data.get("users"))
            )
        if "like" in data:
            return self._like(mapping(data["like"]))
        if "event" in data:
            event = mapping(data["event"])
            kind = words(event.get("event_type"))
            if kind in SEALED:
                return self.sealed(event, item.sent_at)
            if not kind:
                return items.Unknown("malformed")
            if kind in REVOKED:
                return self._signed_out(event, kind)
            return items.Unknown(kind[:60], ignorable=True)
        if "refused" in data:
            return items.Unknown(words(data["refused"])[:60] or "refused")
        return items.Unknown("malformed")

    def _signed_out(self, event: Mapping, kind: str) -> items.Parsed:
        """The account's owner took our access back. Without a time it says nothing, as
        it may be about a former sign-in: the next call will tell."""
        payload = mapping(event.get("payload"))
        told = mapping(payload.get("revoke")) or payload
        source = mapping(told.get("source")) or told
        whose, at = ident(source.get("user_id")), moment(told.get("date_time"))
        if at is None or not whose or whose != self.own_id:
            return items.Unknown(kind)
        return items.SignedOut(at)

    @staticmethod
    def _gone(data: Mapping) -> items.Parsed:
        at = moment(data.get("at")) or milliseconds(data.get("at"))
        key = words(data["gone"]) or ident(data["gone"])
        if not key or at is None:
            return items.Unknown("malformed")
        by = "network" if data.get("by") == "network" else "author"
        return items.Removal(key, at, by)

    def _like(self, event: Mapping) -> items.Parsed:
        key = x_status.id_of(mapping(event.get("favorited_status")))
        user = x_status.user(event.get("user"))
        at = milliseconds(event.get("timestamp_ms")) or moment(event.get("created_at"))
        if not key or at is None or not ident(user.get("id")):
            return items.Unknown("malformed", ignorable=True)
        return items.Reaction(key, self.author(user), "♥", at)


def _private(one: items.Media) -> items.Media:
    """Files of private messages are asked for with our sign-in (§2): the reference
    names the file, not an address."""
    head, found, tail = one.ref.partition("/dm_conversations/media/")
    if not found:
        head, found, tail = one.ref.partition("/ton/data/dm/")
    parts = tail.partition("?")[0].split("/")
    if not found or len(parts) != 3 or not all(parts) or ".." in parts:
        return one
    return items.Media(
        ref=f"dm:{'/'.join(parts)}",
        kind=one.kind,
        mime=one.mime,
        name=parts[2][:200],
        alt=one.alt,
    )


def _payload(text: str) -> str:
    match = _PAYLOAD.search(text)
    return match[1] if match else ""
