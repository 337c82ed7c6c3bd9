"""Private messages on X: sending, finding what was sent, taking back. Fact sheet x §2.

There is no key against sending twice: what may have been sent is looked for among the
conversation's last events.
"""

from datetime import datetime, timedelta

from . import errors, items, x_fields, x_text
from .values import listing, mapping, words
from .x_files import XFiles
from .x_may import DIRECT_LENGTH
from .x_names import INBOX, MESSAGE, is_direct, message_id
from .x_values import ident, moment, time_of

CONVERSATIONS = "/2/dm_conversations"
LOOK_PAGE, LOOK_PAGES = 50, 3
#: how far before its sending began our own message may seem to lie: clocks
BEFORE = timedelta(seconds=10)


class XDirect(XFiles):
    """Private messages out; not an adapter yet."""

    def _conversation(self, draft: items.Draft) -> str:
        """The path of the conversation a message goes to.

        :raises RejectedError: nobody to write to; only followers may read the post
        """
        target = draft.target
        if target and target.extra.get("sealed") is True:
            raise errors.RejectedError("sealed", "XChat")
        if draft.audience == items.GROUP:
            if not draft.thread or not ident(draft.thread):
                raise errors.RejectedError("audience_wider", "not a group")
            return f"{CONVERSATIONS}/{draft.thread}"
        person = draft.to or (target.author if target else None)
        if person and ident(person.id):
            return f"{CONVERSATIONS}/with/{person.id}"
        if draft.thread and is_direct(draft.thread):
            return f"{CONVERSATIONS}/{draft.thread}"
        raise errors.RejectedError("no_target", "nobody to write to")

    def _send_direct(self, draft: items.Draft) -> items.Published:
        path = self._conversation(draft)
        if not draft.text.strip() and not draft.media:
            raise errors.RejectedError("empty", "there is nothing to send")
        if len(draft.text) > DIRECT_LENGTH:
            raise errors.RejectedError("too_long", str(DIRECT_LENGTH))
        self._check_files(draft.audience, draft.media)
        body: dict = {"text": draft.text} if draft.text.strip() else {}
        if draft.media:
            body["attachments"] = [
                {"media_id": self._media_id(one)} for one in draft.media
            ]
        try:
            answer = self._call("POST", f"{path}/messages", json=body, effect=True)
            data = mapping(mapping(answer.json()).get("data"))
        except (errors.UncertainError, errors.MalformedResponse) as error:
            self.charge("dm")
            raise errors.UncertainError(error.code, error.detail) from error
        except errors.RejectedError as error:
            if error.code == "forbidden":
                raise errors.RejectedError("direct_refused", error.detail) from error
            raise
        self.charge("dm")
        one_id = ident(data.get("dm_event_id"))
        if not one_id:
            raise errors.UncertainError("malformed", "no event id")
        thread = words(data.get("dm_conversation_id"))[:100] or draft.thread
        return _sent(one_id, thread)

    def _find_direct(
        self, draft: items.Draft, since: datetime
    ) -> items.Published | None:
        """The newest message of ours with these words since then, or None."""
        path, own = f"{self._conversation(draft)}/dm_events", self._own_id()
        wanted, token = x_text.essence(draft.text), ""
        for _page in range(LOOK_PAGES):
            query = {**x_fields.MESSAGE, "max_results": LOOK_PAGE}
            if token:
                query["pagination_token"] = token
            found = self._get(path, query)
            data = self._rows(found, path)
            self.charge("dm_read", len(data))
            for event in data:
                at = moment(event.get("created_at")) or time_of(ident(event.get("id")))
                if at and at < since - BEFORE:
                    return None
                read = self._reader.message(event, found.get("includes"))
                if (
                    isinstance(read, items.Incoming)
                    and ident(event.get("sender_id")) == own
                    and x_text.essence(read.text) == wanted
                    and len(_files(event)) == len(draft.media)
                ):
                    return _sent(message_id(read.key), read.thread or draft.thread)
            token = words(mapping(found.get("meta")).get("next_token"))
            if not token:
                return None
        raise errors.TransientError("look_up_incomplete", "too many messages since")

    def _unsay(self, one_id: str):
        try:
            self._call("DELETE", f"/2/dm_events/{one_id}")
        except errors.NotFoundError:
            return  # gone is what was wanted
        self.charge("delete")


def _files(event: dict) -> list:
    return listing(mapping(event.get("attachments")).get("media_keys"))


def _sent(one_id: str, thread: str) -> items.Published:
    return items.Published(
        key=f"{MESSAGE}{one_id}",
        ref=f"{MESSAGE}{one_id}",
        url=f"{INBOX}/{thread}" if thread else INBOX,
        thread=thread,
        sent_at=time_of(one_id),
    )
