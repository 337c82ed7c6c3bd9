"""LINE's webhook: cut into events, and what each of them means. Pure.

Fact sheet line §2. A delivery may hold events of several people, or none; an event
that is delivered again has the same id, and order is that of the timestamps.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from . import items
from .errors import MalformedResponse
from .line_content import content
from .line_values import author_of, ident, moment, person_id, place_of
from .values import listing, mapping, words

#: a hand-off token that the person's first words bring along
TOKEN = re.compile(r"\[([A-Za-z0-9_-]{8,64})\]\s*", re.ASCII)
#: events that say nothing about what somebody wants of us
QUIET = frozenset(
    "join leave memberJoined memberLeft videoPlayComplete beacon accountLink "
    "membership module activated deactivated delivery".split()
)


def raw_items(raw: bytes) -> list[items.RawItem]:
    """Every event of a delivery; none when LINE only looks whether we are there.

    :raises MalformedResponse: it is not what LINE sends
    """
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise MalformedResponse("not_json", "webhook") from error
    if not isinstance(body, dict) or not isinstance(body.get("events"), list):
        raise MalformedResponse("malformed", "webhook")
    account = person_id(body.get("destination"))
    found = []
    for event in map(mapping, listing(body["events"])):
        key = ident(event.get("webhookEventId")) or _key(event)
        if key:
            at = moment(event.get("timestamp"))
            found.append(items.RawItem(key, event, "", account, at))
    return found


def _key(event: Mapping) -> str:
    """What an event without an id is called: by what it is about."""
    about = ident(mapping(event.get("message")).get("id"))
    kind, at = words(event.get("type"))[:40], event.get("timestamp")
    return f"{kind}:{about or place_of(event)[0]}:{at}" if kind else ""


def parse(event: Mapping, own: str, whole_groups: bool) -> items.Parsed:
    """
    :param own: our own id
    :param whole_groups: all that is said in groups is meant for us
    """
    kind, at = words(event.get("type")), moment(event.get("timestamp"))
    if kind in QUIET:
        return items.Unknown("service_message", ignorable=True)
    if not at:
        return items.Unknown("malformed")
    reader = READERS.get(kind)
    if not reader:
        return items.Unknown(kind[:40] or "malformed")
    return reader(event, at, own, whole_groups) or items.Unknown("malformed")


def _message(event, at, own, whole_groups):
    message = mapping(event.get("message"))
    key = ident(message.get("id"))
    thread, audience = place_of(event)
    if not key or not thread:
        return None
    kind, text, media = content(message)
    image_set = mapping(message.get("imageSet"))
    found = items.Incoming(
        key=key,
        ref=key,
        author=author_of(event),
        text=text,
        sent_at=at,
        audience=audience,
        thread=thread,
        parent=ident(message.get("quotedMessageId")),
        addressed=audience == items.PRIVATE or whole_groups or _names_us(message, own),
        media=media,
        kind=kind,
        album=ident(image_set.get("id")),
        extra=_for_the_answer(event, message),
    )
    return _invited(found)


def _names_us(message, own):
    named = map(mapping, listing(mapping(message.get("mention")).get("mentionees")))
    return any(
        one.get("isSelf") is True
        or words(one.get("type")) == "all"
        or own
        and one.get("userId") == own
        for one in named
    )


def _for_the_answer(event, message):
    found = {
        "reply": words(event.get("replyToken")),
        "quote": words(message.get("quoteToken")),
        # another program holds the chat: it may be read, not answered (§2)
        "standby": words(event.get("mode")) == "standby",
    }
    return {name: value for name, value in found.items() if value}


def _invited(found):
    """A token of ours in the words is taken out of them; alone it is no message."""
    token = TOKEN.search(found.text) if found.audience == items.PRIVATE else None
    if not token or found.kind != "message":
        return found
    left = found.text[: token.start()] + found.text[token.end() :]
    kind = found.kind if left.strip() else items.START
    return replace(found, text=left.strip(), payload=token.group(1), kind=kind)


def _postback(event, at, own, whole_groups):
    """A button of a menu: its data is what somebody put there for a program."""
    thread, audience = place_of(event)
    key = ident(event.get("webhookEventId"))
    back = mapping(event.get("postback"))
    if not key or not thread:
        return None
    params = mapping(back.get("params"))
    chosen = " ".join(words(one) for one in params.values() if words(one))
    said = " ".join(filter(None, (words(back.get("data")), chosen)))
    return items.Incoming(
        key=f"postback:{key}",
        ref=key,
        author=author_of(event),
        text=f"[{said[:1000]}]" if said else "[postback]",
        sent_at=at,
        audience=audience,
        thread=thread,
        kind="postback",
        extra=_for_the_answer(event, {}),
    )


def _unsend(event, at, own, whole_groups):
    """LINE asks us to respect the person's wish: the words go as well (§2)."""
    key = ident(mapping(event.get("unsend")).get("messageId"))
    return items.Removal(key, at, forget=True) if key else None


def _follow(event, at, own, whole_groups):
    """They added us, or are back after having blocked us."""
    thread, audience = place_of(event)
    key = ident(event.get("webhookEventId"))
    if not thread or not key or audience != items.PRIVATE:
        return None
    if mapping(event.get("follow")).get("isUnblocked") is True:
        return items.Receipt("unblocked", at, thread=thread)
    return items.Incoming(
        key=f"follow:{key}",
        ref=key,
        author=author_of(event),
        text="",
        sent_at=at,
        audience=audience,
        thread=thread,
        kind=items.START,
        extra=_for_the_answer(event, {}),
    )


def _unfollow(event, at, own, whole_groups):
    thread = place_of(event)[0]
    return items.Receipt("blocked", at, thread=thread) if thread else None


READERS = {
    "message": _message,
    "postback": _postback,
    "unsend": _unsend,
    "follow": _follow,
    "unfollow": _unfollow,
}
