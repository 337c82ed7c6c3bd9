"""Is what the network shows under our name a reply that is on its way from here?

The network may show our post before it has answered the call that made it; and a
colleague may say the same in its own app. Neither may be taken for the other: a reply
that counts as sent is never sent, and one that does not stands there twice.
"""

from datetime import timedelta

from ..networks.items import PUBLIC
from . import common

#: how far the network's clock and ours may be apart
CLOCKS = timedelta(minutes=2)


def find_echoed(leaving, echo):
    """The reply among ``leaving`` that this ``Incoming`` is the echo of, or none.

    Agents say the same words to many people: it must stand at the same place, too.
    """
    wanted = plain(echo.text)
    for one in leaving:
        text = plain(one.text)
        if one.delivery_state == "sent" or one.audience != echo.audience:
            continue
        if not text or wanted != text or _was_before(one, echo):
            continue
        if _same_place(one, echo) is not False:
            return one
    return leaving.browse()


def _same_place(reply, echo):
    """Does the echo stand where the reply was to go? None where nothing tells."""
    if echo.parent:
        answered = {reply.parent_key, reply.parent_id.key, reply.previous_id.key}
        first = reply.parent_id.parent_id
        if first.parent_key and reply.network_id._get_adapter_class().flat_answers:
            # an answer to an answer is put beside it
            answered.add(first.key)
        return common.storable(echo.parent) in answered
    if echo.thread and reply.conversation_id and reply.audience != PUBLIC:
        return common.storable(echo.thread) == reply.conversation_id.key
    # a first private message has no thread yet; a public one may hide what it answers
    return None


def _was_before(reply, echo):
    """Said before our reply was on its way: the same words, but not ours."""
    began = reply.sending_at or reply.queued_at or reply.create_date
    return common.to_orm(echo.sent_at) < began - CLOCKS


def plain(text):
    """Text without leading mentions and white space, to compare an echo."""
    words = (text or "").split()
    while words and words[0].startswith("@"):
        words.pop(0)
    return " ".join(words)
