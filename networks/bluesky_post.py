"""Reads posts, people, files and private messages of Bluesky as our items.

Pure: no traffic, no clock. A value of the wrong kind counts as missing, so nothing
here raises, whatever the JSON holds; what cannot be understood becomes ``Unknown``.
Fact sheet bluesky §3, §6, §7.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from . import bluesky_embed, bluesky_text, items
from .bluesky_values import (
    POST,
    did,
    handle,
    ident,
    kind_of,
    link,
    moment,
    owner,
    permalink,
    place,
    posted_at,
    profile_link,
    reference,
    tid_time,
    words,
)
from .values import listing, mapping, number

#: notifications that bring a post said to us
POSTS = ("mention", "reply", "quote")
#: events of the chat's log that bring or change a message
_CREATED, _DELETED = "logCreateMessage", "logDeleteMessage"
_REACTIONS = {"logAddReaction": False, "logRemoveReaction": True}


def chat_key(convo: str, message: str) -> str:
    """What a private message is called: its id alone is not promised to be unique."""
    return f"chat:{convo}:{message}"


def chat_place(ref: str) -> tuple[str, str]:
    """(conversation, message) of a key as above, or two times ''."""
    kind, _, rest = ref.partition(":")
    convo, _, message = rest.rpartition(":")
    return (convo, message) if kind == "chat" and convo and message else ("", "")


class Reader:
    """Reads for one account of ours.

    :param facts: ``Profile.facts`` of the account; without them nobody is us
    """

    def __init__(self, facts: Mapping):
        self.own_id = did(facts.get("id"))
        self.own_handle = words(facts.get("handle"))

    # --- people ---------------------------------------------------------------
    def is_own(self, one_did: str) -> bool:
        return bool(one_did) and one_did == self.own_id

    def author(self, view) -> items.Author | None:
        """Whoever wrote; None when there is nobody to recognise. The DID stays, the
        handle is a label that may change or prove nothing (§7)."""
        view = mapping(view)
        one_did = did(view.get("did"))
        if not one_did:
            return None
        proof = mapping(view.get("verification"))
        return items.Author(
            id=one_did,
            handle=handle(view.get("handle")),
            name=words(view.get("displayName")),
            url=profile_link(one_did),
            avatar=link(view.get("avatar")),
            followers=number(view.get("followersCount")),
            verified="valid"
            in (proof.get("verifiedStatus"), proof.get("trustedVerifierStatus")),
        )

    def own_author(self) -> items.Author:
        return items.Author(
            id=self.own_id, handle=self.own_handle, url=profile_link(self.own_id)
        )

    @staticmethod
    def openness(view) -> dict:
        """What the author lets us do (§6): ``chat`` (all, following, none),
        ``follows`` us, ``blocked``. Empty where the view does not tell."""
        view = mapping(view)
        if not isinstance(view.get("viewer"), dict):
            return {}
        viewer = view["viewer"]
        chat = mapping(mapping(view.get("associated")).get("chat"))
        found = {"chat": words(chat.get("allowIncoming"))[:20] or "following"}
        if words(viewer.get("followedBy")):
            found["follows"] = True
        if viewer.get("blockedBy") is True or words(viewer.get("blocking")):
            found["blocked"] = True
        return found

    # --- posts ----------------------------------------------------------------
    def post(
        self, view, reason="", context=False, edited_at=None
    ) -> items.Incoming | items.Unknown:
        """A notification or a post view: they have the same fields.

        :param edited_at: when it was found to be no longer the same; the network does
            not tell when it was put again
        """
        view = mapping(view)
        uri, record = words(view.get("uri")), mapping(view.get("record"))
        repo, collection, rkey = place(uri)
        author = self.author(view.get("author"))
        if author is None and self.is_own(did(repo)):
            author = self.own_author()
        sent_at = posted_at(view) or tid_time(rkey)
        if collection != POST or author is None or not sent_at or not record:
            return items.Unknown("malformed")
        reply = mapping(record.get("reply"))
        parent, root = (
            bluesky_embed.address(reply.get("parent")),
            bluesky_embed.address(reply.get("root")),
        )
        text, mentioned = bluesky_text.read(record.get("text"), record.get("facets"))
        embed = mapping(record.get("embed"))
        quoted, rest = bluesky_embed.quoted(embed)
        extra = {
            **self.openness(view.get("author")),
            "root": root,
            "closed": mapping(view.get("viewer")).get("replyDisabled") is True,
        }
        return items.Incoming(
            key=uri,
            ref=reference(uri, view.get("cid")),
            author=author,
            text=bluesky_embed.whole(text, embed),
            sent_at=sent_at,
            audience=items.PUBLIC,
            revision=_revision(edited_at),
            edited_at=edited_at,
            parent=parent,
            parent_ref=parent
            and reference(parent, mapping(reply.get("parent")).get("cid")),
            addressed=reason in POSTS
            or self.own_id in [one for one, _name in mentioned]
            or any(self.is_own(owner(one)) for one in (parent, root, quoted)),
            context=context,
            mentions=tuple(
                items.Author(id=one, handle=name, url=profile_link(one))
                for one, name in mentioned
            ),
            media=bluesky_embed.media(uri, rest, mapping(view.get("embed"))),
            permalink=permalink(uri),
            language=_language(record),
            warning=_warning(view, record),
            kind="quote" if quoted and not parent else "message",
            extra={name: value for name, value in extra.items() if value},
        )

    # --- private messages -----------------------------------------------------
    def message(self, convo, message) -> items.Parsed:
        convo, message = mapping(convo), mapping(message)
        convo_id, message_id = ident(convo.get("id")), ident(message.get("id"))
        sender = did(mapping(message.get("sender")).get("did"))
        sent_at = moment(message.get("sentAt"))
        if not convo_id or not message_id or not sent_at:
            return items.Unknown("malformed")
        key, kind = chat_key(convo_id, message_id), kind_of(message)
        if kind == "deletedMessageView":
            return items.Removal(key, sent_at)
        if kind == "systemMessageView":
            return items.Unknown("system_message", ignorable=True)
        if not sender:
            return items.Unknown("malformed")
        members = [mapping(one) for one in listing(convo.get("members"))]
        view = next((one for one in members if one.get("did") == sender), {})
        author = (
            self.own_author()
            if self.is_own(sender)
            else self.author({**view, "did": sender})
        )
        text, mentioned = bluesky_text.read(message.get("text"), message.get("facets"))
        embed = mapping(message.get("embed"))
        return items.Incoming(
            key=key,
            ref=key,
            author=author,
            text=bluesky_embed.whole(text, embed),
            sent_at=sent_at,
            # a group of people is never answered as if it were one of them
            audience=items.GROUP if _is_group(convo, members) else items.PRIVATE,
            thread=convo_id,
            mentions=tuple(
                items.Author(id=one, handle=name, url=profile_link(one))
                for one, name in mentioned
            ),
            extra=_standing(convo, members),
        )

    def _log(self, log: Mapping, convo: Mapping) -> items.Parsed:
        kind, message = kind_of(log), mapping(log.get("message"))
        if kind == _CREATED:
            return self.message(convo, message)
        key = chat_key(ident(log.get("convoId")), ident(message.get("id")))
        if kind == _DELETED:
            at = tid_time(words(log.get("rev"))) or moment(message.get("sentAt"))
            if not all(chat_place(key)) or at is None:
                return items.Unknown("malformed")
            return items.Removal(key, at)
        if kind in _REACTIONS:
            reaction = mapping(log.get("reaction"))
            author = self.author(mapping(reaction.get("sender")))
            at = moment(reaction.get("createdAt"))
            if author is None or at is None or not all(chat_place(key)):
                return items.Unknown("malformed", ignorable=True)
            symbol = words(reaction.get("value"))
            return items.Reaction(key, author, symbol, at, _REACTIONS[kind])
        return items.Unknown(kind or "malformed", ignorable=bool(kind))

    # --- what the journal holds -----------------------------------------------
    def parse(self, item: items.RawItem) -> items.Parsed:
        data = mapping(item.data)
        if "gone" in data:
            key, at = words(data["gone"]), moment(data.get("at"))
            if not place(key)[0] or at is None:
                return items.Unknown("malformed")
            by = "network" if data.get("by") == "network" else "author"
            return items.Removal(key, at, by)
        if "notification" in data:
            return self._notification(mapping(data["notification"]))
        if "post" in data:
            context, edited_at = (
                data.get("via") == "context",
                moment(data.get("edited")),
            )
            return self.post(data["post"], context=context, edited_at=edited_at)
        if "record" in data:  # one of ours, as the repository keeps it
            record = mapping(data["record"])
            return self.post({**record, "record": record.get("value")})
        if "log" in data:
            return self._log(mapping(data["log"]), mapping(data.get("convo")))
        if "message" in data:
            return self.message(data.get("convo"), data["message"])
        if "missing" in data:
            return items.Unknown(kind_of(data["missing"]) or "missing", ignorable=True)
        return items.Unknown("malformed")

    def _notification(self, one: Mapping) -> items.Parsed:
        reason = words(one.get("reason"))
        if reason in POSTS:
            return self.post(one, reason)
        if reason == "like":
            key, at = words(one.get("reasonSubject")), moment(one.get("indexedAt"))
            author = self.author(one.get("author"))
            if not place(key)[0] or at is None or author is None:
                return items.Unknown("malformed", ignorable=True)
            return items.Reaction(key, author, "♥", at)
        if not reason:
            return items.Unknown("malformed")
        return items.Unknown(reason[:40], ignorable=True)


# --- parts of a post --------------------------------------------------------------
def _revision(edited_at: datetime | None) -> int:
    """Seconds since 1970, as a number that fits a column of 32 bits."""
    if edited_at is None:
        return 0
    return min(max(1, int(edited_at.timestamp())), 2**31 - 1)


def _language(record: Mapping) -> str:
    found = next((one for one in listing(record.get("langs")) if words(one)), "")
    return found if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9-]{1,12})?", found) else ""


def _warning(view: Mapping, record: Mapping) -> str:
    """Labels that hide a post until somebody wants to see it, by whoever gave them;
    names with a ! are orders to clients (§7)."""
    own = listing(mapping(record.get("labels")).get("values"))
    names = [
        words(mapping(one).get("val")) for one in (*own, *listing(view.get("labels")))
    ]
    shown = dict.fromkeys(one[:60] for one in names if one and not one.startswith("!"))
    return ", ".join(list(shown)[:10])


def _is_group(convo: Mapping, members: list) -> bool:
    return kind_of(convo.get("kind")) == "groupConvo" or len(members) > 2


def _standing(convo: Mapping, members: list) -> dict:
    """``direct``: surely nobody but the two of us reads it, so that it may be answered
    in place; ``accepted``: we need not accept it first (§6)."""
    if _is_group(convo, members):
        return {}
    found = {}
    if kind_of(convo.get("kind")) == "directConvo" or len(members) == 2:
        found["direct"] = True
    if convo.get("status") == "accepted":
        found["accepted"] = True
    return found
