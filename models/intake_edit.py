"""What a message holds, and what an edit of it means for the batch, in memory.

Older versions stay with the message. Nothing here writes, decides about a ticket that
is not open, or forgets.
"""

import hashlib

from . import common, ticket_policy
from .helpdesk_social_media import is_wanted
from .intake_echo import plain

#: edits of one message that are kept: the first words and the latest ones
MAX_REVISIONS = 50
#: files of one message that are looked at, whatever the network lists
MAX_FILES = 40


def says_otherwise(batch, one, slot):
    """Is a newer revision an edit? Who is not told when it was edited only knows when
    we looked: then it is one where words or files differ."""
    if one.edited_at or common.storable(one.text) != (slot.get("text") or ""):
        return True
    files = [common.storable(media.ref) for media in one.media[:MAX_FILES]]
    return files != [media.get("ref") for media in slot.get("media") or []]


def revise(batch, one, slot):
    """A newer revision replaces the text and keeps the old one."""
    if _was_made_here(one, slot):
        slot.values["revision"] = one.revision
        return
    if _completes(one, slot):
        media = content_of(batch, one)["media"]
        slot.values |= {"media": media, "media_try_at": fetch_at(batch, media)}
        slot.values["revision"] = one.revision
        return
    old = {
        "revision": slot.get("revision") or 0,
        "at": str(slot.get("edited_at") or slot.get("sent_at")),
        "text": slot.get("text") or "",
    }
    if slot.get("warning"):
        old["warning"] = slot.get("warning")
    had = {media.get("ref"): media for media in slot.get("media") or []}
    content = content_of(batch, one)
    if slot.get("origin") == "agent":
        content["media"] = slot.get("media")  # what went along is held already
    old |= _whose(batch, slot)
    media = [_as_held(had.get(new["ref"]), new) for new in content["media"] or []]
    if [new["ref"] for new in media] != list(had):
        # the files of this version stay with it
        old["media"] = list(had.values())
    slot.values |= {
        **content,
        **_tried_here(one, slot),
        "media": media or False,
        "revision": one.revision,
        "edited_at": batch.moment(one.edited_at),
        "revised_at": batch.now,
        "revisions": with_revision(slot.get("revisions"), old),
        "media_try_at": fetch_at(batch, media),
        "media_attempts": 0,
    }


def with_revision(revisions, old):
    """The versions of a message when ``old`` has become the latest of them."""
    older = [*(revisions or []), old]
    return older[:1] + older[1:][1 - MAX_REVISIONS :]


def words_digest(text):
    """Of words as they are compared with what a network shows of them."""
    return hashlib.sha256(plain(text).encode()).hexdigest()


def _was_made_here(one, slot):
    """Our own edit comes back: it is stored already, with who made it.

    One that was made before the latest may come after it.
    """
    if slot.get("direction") != "out" or not slot.get("edited_by_id"):
        return False
    said = plain(one.text)
    if said == plain(slot.get("text")):
        return True
    at = common.to_orm(one.edited_at) if one.edited_at else None
    return bool(at and at < slot.get("edited_at")) and any(
        said == plain(old.get("text")) for old in slot.get("revisions") or []
    )


def _tried_here(one, slot):
    """Who wrote the new words of ours: somebody here, where the network's answer to
    that was lost; else nobody that we know."""
    if slot.get("direction") != "out":
        return {}
    tried = slot.get("edit_tried") or {}
    known = tried.get("digest") == words_digest(common.storable(one.text))
    return {
        "edited_by_id": tried.get("user_id") if known else False,
        "edit_tried": False,
    }


def _whose(batch, slot):
    """Who wrote the words that become a version, as far as a colleague here did."""
    if slot.get("direction") != "out":
        return {}
    author = slot.get("edited_by_id")
    if not author and not slot.get("edited_at"):
        author = slot.get("user_id")
    if isinstance(author, int):
        # noted by an edit of the same batch
        author = batch.env["res.users"].browse(author)
    return {"user_id": author.id, "by": author.name} if author else {}


def _completes(one, slot):
    """Nobody edited it: files that we were not told of at first, below the same words
    (networks push stickers and moving pictures without a word of them)."""
    same = common.storable(one.text) == (slot.get("text") or "")
    return same and not one.edited_at and not slot.get("media")


def _as_held(had, media):
    """A file that the former version showed as well is not fetched once more."""
    if not had or not had.get("ref"):
        return media
    kept = ("attachment_id", "error", "skipped", "expired", "days")
    if had.get("attachment_id"):
        kept += ("mime", "size", "kind")
    return media | {name: had[name] for name in kept if name in had}


def ask_again(batch, one, slot, before):
    """New words in place of words that were handled wait for us, as new ones would.

    Any change of words counts, a typo too: it takes one click to say that nothing is
    to be done, and nobody can click on what they never saw. An edit opens no ticket,
    and reopens one only where a bare thanks became more than that.
    """
    if slot.get("direction") != "in" or slot.get("waiting") or one.author.bot:
        return
    if slot.get("why") == ticket_policy.BLOCKED:
        return
    now = slot.get("text")
    if letters(before) == letters(now) or not (slot.record or slot.conversation):
        return
    thread = batch.conversations.of(slot)
    ticket = thread.ticket if thread else slot.record.conversation_id.ticket_id
    if slot.get("handled_at") and is_open(batch, ticket):
        _wait_again(batch, one, slot)
    elif (
        thread
        and slot.get("why") == ticket_policy.STAY
        and ticket_policy.kind_of(before) == ticket_policy.THANKS
        and ticket_policy.kind_of(now) == ticket_policy.MESSAGE
        and state_of(batch, ticket) == ticket_policy.RECENT
    ):
        thread.asking.append(slot)
        _wait_again(batch, one, slot)


def _wait_again(batch, one, slot):
    """Since the edit, that is: the words before it were handled in time."""
    slot.values |= {"waiting": True, "waiting_again_at": batch.moment(one.edited_at)}
    batch.messages.again.append(slot)


def letters(text):
    """What a text says, without case, white space and punctuation."""
    return "".join(one for one in (text or "").casefold() if one.isalnum())


def content_of(batch, one):
    return {
        "text": common.storable(one.text),
        "warning": common.storable(one.warning),
        "language": common.storable(one.language)[:20],
        "media": [_media(batch, media) for media in one.media[:MAX_FILES]] or False,
    }


def details_of(one):
    """What belongs to the words and goes with them."""
    people = [
        {
            "id": common.storable(who.id),
            "handle": common.storable(who.handle),
            "name": common.storable(who.name),
        }
        for who in one.mentions
    ]
    return {
        "mentions": people or False,
        "extra": common.storable_json(one.extra) or False,
        "payload": common.storable(one.payload)[:200] or False,
    }


def _media(batch, media):
    values = {
        "ref": common.storable(media.ref),
        "kind": common.storable(media.kind),
        "mime": common.storable(media.mime),
        "name": common.storable(media.name),
        "url": common.storable(media.url),
        "alt": common.storable(media.alt),
        "size": media.size,
    }
    if media.fleeting:
        values["fleeting"] = True
    linked = batch.links_only or (media.fleeting and not batch.keeps_fleeting)
    return values | {"skipped": True} if linked else values


def fetch_at(batch, media):
    return batch.now if any(map(is_wanted, media or [])) else False


def is_open(batch, ticket):
    return state_of(batch, ticket) == ticket_policy.OPEN


def state_of(batch, ticket):
    return ticket._social_target()._social_state(batch.account, batch.now)
