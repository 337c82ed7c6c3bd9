"""Names of what the journal keeps of Bluesky, so that one thing is kept once.

Pure. A post that comes as a notification, in the sweep or below one of ours has one
name; so has a private message, whether the log or a list brings it.
"""

from collections.abc import Mapping
from datetime import datetime

from . import items
from .bluesky_post import chat_key
from .bluesky_values import (
    did,
    fingerprint,
    handle,
    ident,
    kind_of,
    link,
    moment,
    place,
    posted_at,
    stamp,
    tid_time,
    words,
)
from .values import listing, mapping


# --- posts ------------------------------------------------------------------------
def entry(one) -> tuple[str, datetime | None]:
    """(name, moment) of a notification or of a record of ours, for paging. A record's
    key tells when it was made, and is what the list is sorted by."""
    whole, one = one, mapping(one)
    uri = words(one.get("uri"))
    name = f"{uri}:{words(one.get('reason'))}" if uri else fingerprint(whole)
    if "value" in one:
        created = moment(mapping(one["value"]).get("createdAt"))
        return name, tid_time(place(uri)[2]) or created
    return name, posted_at(one)


def raw(stream: str, one) -> items.RawItem:
    if stream == "own":
        data = {"via": "own", "record": one}
    else:
        data = {"notification": one}
    name, at = entry(one)
    kind = "own" if stream == "own" else "notification"
    return items.RawItem(f"{kind}:{name}", data, sent_at=at)


def raw_post(via: str, view) -> items.RawItem:
    view = mapping(view)
    name = words(view.get("uri")) or fingerprint(view)
    return items.RawItem(
        f"{via}:{name}", {"via": via, "post": view}, sent_at=posted_at(view)
    )


def raw_edited(view: dict, now: datetime) -> items.RawItem:
    """The revision that the journal knows is the cid: found twice, it is one edit."""
    return items.RawItem(
        f"reread:{view['uri']}",
        {"via": "reread", "post": view, "edited": stamp(now)},
        revision=words(view.get("cid"))[:100],
        sent_at=posted_at(view),
    )


def raw_node(node: dict) -> items.RawItem:
    """A place in a thread: a post, or that there is none for us to see (§3)."""
    if mapping(node.get("post")):
        return raw_post("context", node["post"])
    missing = {name: node.get(name) for name in ("$type", "uri")}
    name = words(node.get("uri")) or fingerprint(missing)
    return items.RawItem(f"context:{name}", {"missing": missing})


# --- private messages -------------------------------------------------------------
def brief(view) -> dict:
    """What is kept of a conversation with each of its messages."""
    view = mapping(view)
    members = [
        {
            name: value
            for name, value in {
                "did": did(one.get("did")),
                "handle": handle(one.get("handle")),
                "displayName": words(one.get("displayName"))[:200],
                "avatar": link(one.get("avatar")),
                "verification": {
                    "verifiedStatus": words(
                        mapping(one.get("verification")).get("verifiedStatus")
                    )
                },
            }.items()
            if value
        }
        for one in map(mapping, listing(view.get("members"))[:10])
    ]
    return {
        "id": ident(view.get("id")),
        "status": words(view.get("status")),
        "kind": {"$type": words(mapping(view.get("kind")).get("$type"))},
        "members": members,
    }


def raw_message(convo: Mapping, message) -> items.RawItem:
    name = ident(mapping(message).get("id")) or fingerprint(message)
    deleted = kind_of(message) == "deletedMessageView"
    return items.RawItem(
        chat_key(words(convo.get("id")), name),
        {"convo": dict(convo), "message": message},
        revision="deleted" if deleted else "",
        sent_at=moment(mapping(message).get("sentAt")),
    )


def raw_log(log: Mapping, convos: Mapping[str, dict]) -> items.RawItem:
    """Messages go by their own name, so that the log and the lists bring them once."""
    kind, convo_id = kind_of(log), ident(log.get("convoId"))
    message = mapping(log.get("message"))
    convo = convos.get(convo_id)
    if convo is None:
        convo = {"id": convo_id, "members": listing(log.get("relatedProfiles"))}
    if kind == "logCreateMessage":
        return raw_message(convo, log.get("message"))
    if kind == "logDeleteMessage":
        name = ident(message.get("id")) or fingerprint(log)
        key, revision = chat_key(convo_id, name), "deleted"
    else:
        key, revision = f"log:{ident(log.get('rev'))}:{fingerprint(log)[:12]}", ""
    return items.RawItem(
        key, {"log": dict(log)}, revision, sent_at=moment(message.get("sentAt"))
    )
