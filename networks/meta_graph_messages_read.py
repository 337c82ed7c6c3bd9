"""What an element of Meta's messaging webhooks means, and a message that was pulled.

Pure, and never raises whatever the JSON holds. What the page wrote elsewhere (its
inbox, another program) is shown as ours; it opens nothing. Fact sheet meta §4, §5.
"""

from collections.abc import Mapping
from dataclasses import replace

from . import items
from .meta_graph import moment, written_moment
from .meta_graph_messages_content import pulled as content_pulled
from .meta_graph_messages_content import pushed as content_pushed
from .meta_graph_messages_push import CHANNELS, kind_of
from .meta_graph_messages_values import (
    Own,
    ident,
    key_of,
    message_id,
    party,
    person,
    token_of,
)
from .meta_graph_push import short
from .values import listing, mapping, number, words

#: what is in a raw item of a conversation that was read
PULLED = "conversation message"
#: kinds that ask nothing of a help desk
_IGNORED = frozenset(
    "account_linking app_roles game_play message_context messaging_feedback "
    "pass_thread_control request_thread_control take_thread_control".split()
)
#: what an owner's "Get started" button brings; its name is the owner's choice
_STARTS = frozenset(
    "getstarted start welcome facebookwelcome startconversation".split()
)
#: revisions are stored in 32 bits
_MAX_REVISION = 2**31 - 1


def is_message(data) -> bool:
    """Is a raw item's data one of those that are read here?"""
    return any(one in mapping(data) for one in (*CHANNELS, PULLED))


def parse(data: Mapping, own: Own) -> items.Parsed:
    """The meaning of what ``meta_graph_messages_push`` or the pull made.

    :param own: who we are; the account in the item itself goes before its ``id``
    """
    data = mapping(data)
    account = ident(data.get("account"))
    if account:
        own = replace(own, id=account, ids=own.ids | {own.id} - {""})
    if PULLED in data:
        return _pulled(mapping(data[PULLED]), own)
    for channel in CHANNELS:
        if channel in data:
            return _element(mapping(data[channel]), own)
    return items.Unknown("malformed")


def _element(one: Mapping, own: Own) -> items.Parsed:
    kind = kind_of(one)
    reader = READERS.get(kind)
    if reader:
        return reader(one, mapping(one.get(kind)), own)
    return items.Unknown(kind or "malformed", ignorable=kind in _IGNORED)


def _other(one: Mapping, own: Own, echo=False) -> tuple[str, bool]:
    """(the person's id, is it from us); '' for nobody, or for us alone.

    :param echo: the network says that it is from us
    """
    sender, recipient = party(one, "sender"), party(one, "recipient")
    from_us = echo or own.is_us(sender)
    found = recipient if from_us else sender
    return ("" if own.is_us(found) else found), from_us


# --- messages ---------------------------------------------------------------------
def _message(one, message, own) -> items.Parsed:
    mid, at = message_id(message.get("mid")), moment(one.get("timestamp"))
    if not mid or at is None:
        return items.Unknown("malformed")
    if message.get("is_deleted") is True:
        return items.Removal(key_of(own.id, mid), at, forget=own.forgets)
    who, from_us = _other(one, own, message.get("is_echo") is True)
    if not who:
        return items.Unknown("no_person")
    kind, text, media = content_pushed(message)
    found = _incoming(own, mid, at, who, from_us, _answered(message))
    referral = mapping(message.get("referral"))
    return replace(
        found,
        text=text,
        media=media,
        kind=kind,
        payload="" if from_us else token_of(referral.get("ref")),
        ours=_said_here(message, own) if from_us else None,
        extra=_extra(message, referral),
    )


def _incoming(own: Own, mid, at, who, from_us, above="", **more) -> items.Incoming:
    them = items.Author(id=who, scope=own.id)
    return items.Incoming(
        key=key_of(own.id, mid),
        ref=mid,
        author=items.Author(id=own.id) if from_us else them,
        text="",
        sent_at=at,
        audience=items.PRIVATE,
        thread=who,
        parent=key_of(own.id, above),
        parent_ref=above,
        **more,
    )


def _answered(message: Mapping) -> str:
    return message_id(mapping(message.get("reply_to")).get("mid"))


def _said_here(message: Mapping, own: Own) -> str | None:
    """Our own key, '' for what another program said, None where nobody tells (§8)."""
    metadata = words(message.get("metadata"))
    app = ident(message.get("app_id"))
    if metadata:
        return metadata[:200]
    return "" if app and own.app and app != own.app else None


def _extra(message: Mapping, referral: Mapping) -> dict:
    """What the agent may want to know: the story that was answered, the advert."""
    story = mapping(mapping(message.get("reply_to")).get("story"))
    advert = mapping(referral.get("ads_context_data"))
    found = {
        "story": ident(story.get("id")),
        "ad": ident(referral.get("ad_id")),
        "ad_title": words(advert.get("ad_title"))[:200],
    }
    return {key: value for key, value in found.items() if value}


def _edit(one, edit, own) -> items.Parsed:
    """The words as they are now; when they were said first is not told."""
    mid, at = message_id(edit.get("mid")), moment(one.get("timestamp"))
    who, from_us = _other(one, own)
    if not mid or at is None or not who:
        return items.Unknown("malformed")
    count = number(edit.get("num_edit"))
    revision = min(max(count or 0, 1), _MAX_REVISION)
    found = _incoming(own, mid, at, who, from_us)
    text = words(edit.get("text"))
    return replace(found, text=text, revision=revision, edited_at=at)


# --- news of messages -------------------------------------------------------------
def _read(one, read, own) -> items.Parsed:
    """Instagram names the message, Messenger a moment; all before it was read too."""
    who, from_us = _other(one, own)
    mid = message_id(read.get("mid"))
    at = moment(one.get("timestamp"))
    mark = at if mid else moment(read.get("watermark"))
    if from_us:
        return items.Unknown("own_receipt", ignorable=True)
    if not who or mark is None:
        return items.Unknown("malformed")
    return items.Receipt(
        "read", mark, key=key_of(own.id, mid), thread=who, earlier=True
    )


def _delivery(one, delivery, own) -> items.Parsed:
    who, from_us = _other(one, own)
    mids = [message_id(mid) for mid in listing(delivery.get("mids"))]
    mid = next((one for one in mids if one), "")
    mark = moment(delivery.get("watermark"))
    at = mark or moment(one.get("timestamp"))
    if from_us:
        return items.Unknown("own_receipt", ignorable=True)
    if not who or at is None or not (mid or mark):
        return items.Unknown("malformed")
    key = key_of(own.id, mid)
    return items.Receipt("delivered", at, key=key, thread=who, earlier=not mid)


def _reaction(one, reaction, own) -> items.Parsed:
    """One person, one emoji on a message: the next takes the place of the former."""
    mid, at = message_id(reaction.get("mid")), moment(one.get("timestamp"))
    who, from_us = _other(one, own)
    if from_us:
        return items.Unknown("own_reaction", ignorable=True)
    if not mid or at is None or not who:
        return items.Unknown("malformed")
    symbol = words(reaction.get("emoji")) or words(reaction.get("reaction"))
    return items.Reaction(
        key=key_of(own.id, mid),
        author=items.Author(id=who, scope=own.id),
        symbol=symbol,
        at=at,
        removed=words(reaction.get("action")) == "unreact",
        sole=True,
    )


# --- buttons and links ------------------------------------------------------------
def _postback(one, postback, own) -> items.Parsed:
    """A button that was pressed; one that only opens the conversation asks nothing."""
    title = words(postback.get("title"))
    payload = words(postback.get("payload"))
    referral = mapping(postback.get("referral"))
    plain = "".join(char for char in payload.lower() if char.isalnum())
    opens = bool(referral) or plain.removesuffix("payload") in _STARTS
    mid = message_id(postback.get("mid"))
    found = _opening(one, own, "postback", mid, referral)
    if opens or not isinstance(found, items.Incoming):
        return found
    said = title or payload or "[postback]"
    return replace(found, text=said, kind="postback")


def _referral(one, referral, own) -> items.Parsed:
    """Somebody came by a link of ours: the ``ref`` in it comes back (§3)."""
    return _opening(one, own, "referral", "", referral)


def _optin(one, optin, own) -> items.Parsed:
    return _opening(one, own, "optin", "", optin)


def _opening(one, own, name, mid, referral) -> items.Parsed:
    who, from_us = _other(one, own)
    at = moment(one.get("timestamp"))
    if not who or from_us or at is None:
        return items.Unknown("no_person" if at else "malformed", ignorable=bool(at))
    found = _incoming(own, mid or f"{name}.{short(one)}", at, who, False)
    return replace(
        found,
        ref=mid,
        payload=token_of(referral.get("ref")),
        kind=items.START,
        extra=_extra({}, referral),
    )


def _policy(one, policy, own) -> items.Parsed:
    """The page was warned, blocked or let go again: a person must know."""
    return items.Unknown(f"policy_{words(policy.get('action'))[:30] or 'unknown'}")


# --- pulled -----------------------------------------------------------------------
def _pulled(message: Mapping, own: Own) -> items.Parsed:
    mid = message_id(message.get("id"))
    at = written_moment(message.get("created_time"))
    sender = mapping(message.get("from"))
    receivers = listing(mapping(message.get("to")).get("data"))
    if not mid or at is None or not ident(sender.get("id")):
        return items.Unknown("malformed")
    from_us = own.is_us(ident(sender.get("id")))
    others = [*map(mapping, receivers), {"id": message.get("person")}]
    others = [one for one in others if not own.is_us(ident(one.get("id")))]
    them = person(next(iter(others), {}) if from_us else sender, own)
    if not them.id:
        return items.Unknown("no_person")
    kind, text, media = content_pulled(message)
    found = _incoming(own, mid, at, them.id, from_us, _answered(message))
    author = found.author if from_us else them
    return replace(found, author=author, text=text, media=media, kind=kind)


READERS = {
    "message": _message,
    "message_edit": _edit,
    "reaction": _reaction,
    "read": _read,
    "delivery": _delivery,
    "postback": _postback,
    "referral": _referral,
    "optin": _optin,
    "policy_enforcement": _policy,
    "policy-enforcement": _policy,
}
