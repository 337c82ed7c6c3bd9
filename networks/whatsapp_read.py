"""What a delivered change of WhatsApp means: a message, an edit, news of ours.

Pure, and never raises whatever the JSON holds. Fact sheet whatsapp §3, §4.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from . import items
from .meta_graph import moment
from .meta_graph_errors import told_later
from .values import listing, mapping, web_address, words
from .whatsapp_content import content, forwarded, shared_phone
from .whatsapp_push import MESSAGES
from .whatsapp_values import (
    message_id,
    own_number,
    person,
    phone_evidence,
    user_id,
    wa_id,
    who,
)

#: a hand-off token in the words that a link puts into the message; people may change
#: the rest (§8)
TOKEN = re.compile(r"\[([A-Za-z0-9_-]{8,64})\]", re.ASCII)
STATES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "undelivered",
}
#: news of a person by which an id or a number becomes another (§3)
CHANGES = ("user_changed_number", "user_changed_user_id", "customer_changed_number")
#: fields of a change that say nothing to a help desk
_IGNORED = frozenset(
    "account_alerts account_review_update business_capability_update flows history "
    "message_template_components_update message_template_quality_update "
    "message_template_status_update messaging_handovers phone_number_name_update "
    "phone_number_quality_update security smb_app_state_sync template_category_update "
    "user_preferences".split()
)
#: revisions are stored in 32 bits
_MAX_REVISION = 2**31 - 1


def parse(data: Mapping, own: str = "") -> items.Parsed:
    """The meaning of what ``whatsapp_push.raw_items`` made.

    :param own: our phone number's id, where the change does not say it
    """
    data = mapping(data)
    field, value = words(data.get("field")), mapping(data.get("value"))
    name = MESSAGES.get(field)
    if not name:
        return items.Unknown(field[:60] or "malformed", ignorable=field in _IGNORED)
    own = own_number(value) or own
    for one in map(mapping, listing(value.get("statuses"))):
        return _status(value, one)
    for one in map(mapping, listing(value.get(name))):
        return _message(value, one, own if name == "message_echoes" else "")
    if listing(value.get("errors")):
        return items.Unknown("network_error")
    return items.Unknown("malformed")


# --- what we sent -----------------------------------------------------------------
def _status(value: Mapping, status: Mapping) -> items.Parsed:
    """News of a message of ours; they come repeated and in any order (§4)."""
    key, at = message_id(status.get("id")), moment(status.get("timestamp"))
    state = STATES.get(words(status.get("status")))
    if not key or at is None:
        return items.Unknown("malformed")
    if not state:
        return items.Unknown("unknown_kind", ignorable=True)
    failures = listing(status.get("errors"))
    code = told_later(failures[0]) if failures else "undeliverable"
    return items.Receipt(
        state,
        at,
        key=key,
        thread=person(value, status, "recipient").id,
        code=code if state == "undelivered" else "",
        ours=words(status.get("biz_opaque_callback_data"))[:200],
    )


# --- what somebody wrote ----------------------------------------------------------
def _message(value: Mapping, message: Mapping, own: str) -> items.Parsed:
    """:param own: we wrote it ourselves, in the phone's own program"""
    key, at = message_id(message.get("id")), moment(message.get("timestamp"))
    kind = words(message.get("type"))
    if not key or at is None:
        return items.Unknown("malformed")
    if message.get("group_id"):
        return items.Unknown("group_message")
    if kind == "system":
        return _notice(message, key, at)
    them = person(value, message, "to" if own else "from")
    if not them.id:
        return items.Unknown("malformed")
    if kind == "reaction":
        return _reaction(message, them, at, own)
    if kind == "revoke":
        gone = message_id(mapping(message.get("revoke")).get("original_message_id"))
        return items.Removal(gone, at) if gone else items.Unknown("malformed")
    if kind == "edit":
        return _edit(value, message, them, at, own)
    found = _incoming(value, message, them, own, key, at)
    return found if own else _invited(found)


def _incoming(value, message, them, own, key, at, **more) -> items.Incoming:
    kind, text, media = content(message)
    context = mapping(message.get("context"))
    above = message_id(context.get("id"))
    _user, phone = who(value, message, "to" if own else "from")
    extra = {"wa_id": phone} if phone else {}
    advert = web_address(words(mapping(message.get("referral")).get("source_url")))
    if advert:
        extra["advert"] = advert[:500]
    if forwarded(message) and kind == "message":
        kind = items.FORWARD
    return items.Incoming(
        key=key,
        ref=key,
        author=items.Author(id=own) if own else them,
        text=text,
        sent_at=at,
        audience=items.PRIVATE,
        thread=them.id,
        parent=above,
        parent_ref=above,
        media=media,
        evidence=() if own else _evidence(value, message),
        kind=kind,
        extra=extra,
        **more,
    )


def _evidence(value, message) -> tuple[items.Evidence, ...]:
    found, given = phone_evidence(value, message), shared_phone(message)
    if given:
        found += (items.Evidence("phone", given, "contact_shared"),)
    return found


def _edit(value, message, them, at, own) -> items.Parsed:
    """The whole message as it is now; it has the time of the edit, as that of the
    original is not told. Two edits within a second cannot be told apart."""
    edit = mapping(message.get("edit"))
    key, inner = message_id(edit.get("original_message_id")), edit.get("message")
    if not key or not isinstance(inner, dict):
        return items.Unknown("malformed")
    whole = {**message, **inner}
    found = _incoming(value, whole, them, own, key, at, edited_at=at)
    return replace(found, revision=min(int(at.timestamp()), _MAX_REVISION))


def _reaction(message, them, at, own) -> items.Parsed:
    """One person, one emoji: a new one takes the place of the former."""
    reaction = mapping(message.get("reaction"))
    key, symbol = message_id(reaction.get("message_id")), words(reaction.get("emoji"))
    if own:
        return items.Unknown("own_reaction", ignorable=True)
    if not key:
        return items.Unknown("malformed")
    return items.Reaction(key, them, symbol, at, removed=not symbol, sole=True)


def _notice(message, key, at) -> items.Parsed:
    """The network tells of a person: a new number, a new id, another phone.

    Said by nobody: it asks for nothing. Where the id changed, it ties the two
    together, and only the network's own word may do that: numbers find new owners.
    """
    system = mapping(message.get("system"))
    new_user, new_phone = user_id(system.get("user_id")), wa_id(system.get("wa_id"))
    old_user = user_id(message.get("from_user_id")) or user_id(message.get("from"))
    old_phone = wa_id(system.get("customer")) or wa_id(message.get("from"))
    changed = words(system.get("type")) in CHANGES
    now, before = new_user or old_user or new_phone, old_user or old_phone
    if not before or not (now or not changed):
        return items.Unknown("service_message", ignorable=True)
    body = content(message)[1]
    return items.Incoming(
        key=key,
        ref=key,
        author=items.Author(name="WhatsApp", bot=True, shared=True),
        text=body,
        sent_at=at,
        audience=items.PRIVATE,
        thread=now if changed else before,
        thread_alias=before if changed and before != now else "",
        addressed=False,
        kind="notice",
    )


def _invited(found: items.Incoming) -> items.Incoming:
    """A token of ours in the words is taken out of them; alone it is no message."""
    token = TOKEN.search(found.text) if found.kind == "message" else None
    if not token:
        return found
    left = found.text[: token.start()].rstrip() + found.text[token.end() :]
    kind = found.kind if left.strip() or found.media else items.START
    return replace(found, text=left.strip(), payload=token.group(1), kind=kind)
