"""What goes to Messenger and Instagram: to whom, words, one file, and when.

One effect per call; nothing makes a repeat harmless, but our own reference comes back
with the echo, and the latest messages can be read. Free words may be sent for 24 hours
after the person's last message; what a human wrote, where Meta has approved the app for
it, for seven days. Fact sheet meta §3, §4, §5, §8.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from . import errors, items, media
from .meta_graph import written_moment
from .meta_graph_messages_may import WINDOW, GraphMessageRules
from .meta_graph_messages_pull import GraphConversations
from .meta_graph_messages_values import ident, key_of, message_id
from .values import listing, mapping, words

#: seconds an upload may take; see ``Adapter.stage``
UPLOAD_DEADLINE = 90.0
#: how far Meta's clock and ours may be apart when we look for what we sent
CLOCKS = timedelta(minutes=2)
LIKE = "love"


class GraphMessageSending(GraphMessageRules, GraphConversations):
    """Sending messages; no adapter yet."""

    def _manner(self, draft: items.Draft) -> dict:
        """Within 24 hours an answer; later a human agent's, never a program's (§4)."""
        last = draft.last_inbound_at
        if last and self.now() >= last + WINDOW:
            if draft.automatic or not self._human_agent():
                raise errors.RejectedError("window_closed", "24 h")
            return AS_HUMAN
        return AS_ANSWER

    # --- files ----------------------------------------------------------------
    def message_stage(self, upload: items.Upload) -> str:
        """The id that Meta gives the file; nobody sees it until a message names it."""
        rules = self.message_media_rules()
        for one in media.problems(rules, [(upload.mime, len(upload.data), upload.alt)]):
            raise errors.RejectedError("media_rejected", one.code)
        mime = media.plain(upload.mime) or "application/octet-stream"
        attachment = {"type": media.kind_of(mime), "payload": {"is_reusable": True}}
        answer = self._call(
            "POST",
            f"{self.message_node()}/message_attachments",
            query=dict(self.message_upload_query),
            form={"message": json.dumps({"attachment": attachment})},
            files={"filedata": (upload.name or "file", upload.data, mime)},
            deadline=UPLOAD_DEADLINE,
        )
        found = ident(answer.get("attachment_id"))
        if not found:
            raise errors.MalformedResponse("malformed", "message_attachments")
        return found

    def _message_content(self, draft: items.Draft, key: str) -> dict:
        """:raises RejectedError: nothing to say, too much, or more than one thing"""
        if len(draft.media) > 1 or (draft.media and draft.text.strip()):
            raise errors.RejectedError("media_rejected", "media_alone")
        if draft.media:
            [upload] = draft.media
            staged = upload.staged or self.stage_whole(upload)
            kind = media.kind_of(upload.mime)
            payload = {"attachment_id": staged}
            return {
                "attachment": {"type": kind, "payload": payload},
                "metadata": key,
            }
        if not draft.text.strip():
            raise errors.RejectedError("empty", "")
        if self.message_count(draft.text) > self.message_limit:
            raise errors.RejectedError("too_long", str(self.message_limit))
        return {"text": draft.text, "metadata": key}

    # --- saying ---------------------------------------------------------------
    def message_publish(self, draft: items.Draft, key: str) -> items.Published:
        """One message to somebody who wrote to us; ``key`` comes back in its echo.

        Asked again at once where the window closed in between and a human's words may
        still go: a refusal did nothing.
        """
        who = recipient(draft)
        body = {
            "recipient": {"id": who},
            **self._manner(draft),
            "message": self._message_content(draft, key),
        }
        above = draft.target and draft.target.audience == items.PRIVATE
        above = message_id(draft.target.ref) if above and not draft.previous else ""
        if above and self.message_quotes:
            body["reply_to"] = {"mid": above}
        try:
            answer = self._say(body)
        except errors.RejectedError as error:
            other = self._otherwise(error, body, draft)
            if not other:
                raise
            answer = self._say(other)
        return self._published(answer, who)

    def _otherwise(self, error, body: dict, draft: items.Draft) -> dict:
        """Another way to say what was refused, where there is one; else {}."""
        human = self._human_agent() and not draft.automatic
        late = error.code == "window_closed" and body["messaging_type"] == ANSWER
        if late and human:
            return {**body, **AS_HUMAN}
        if error.code == "bad_parameter" and "reply_to" in body:
            # the message that it quotes was taken back meanwhile
            return {key: value for key, value in body.items() if key != "reply_to"}
        return {}

    def private_reply(self, draft: items.Draft, key: str) -> items.Published:
        """The one private answer to a comment, or to a visitor's post (§3).

        Meta tells which person it went to, and that is where their answer comes from.
        """
        if draft.part > 1 or draft.previous:
            raise errors.RejectedError("private_reply_used", "a second part")
        if not draft.target or not draft.target.ref:
            raise errors.RejectedError("no_target", "private")
        body = {
            "recipient": self.private_reply_recipient(draft.target),
            "message": self._message_content(draft, key),
        }
        return self._published(self._say(body), "")

    def private_reply_recipient(self, target: items.Target) -> dict:
        """What names the public message: a comment, unless the network says else."""
        return {"comment_id": target.ref}

    def _say(self, body: dict, effect: bool = True) -> dict:
        path = f"{self.message_node()}/messages"
        try:
            return self._call("POST", path, json=body, effect=effect)
        except errors.ScopeError as error:
            if "tag" not in body:
                raise
            # the right that is missing is the app's to speak as a human so late
            raise errors.RejectedError("human_agent_refused", error.detail) from error

    def _published(self, answer: Mapping, who: str) -> items.Published:
        mid = message_id(answer.get("message_id"))
        if not mid:
            raise errors.UncertainError("malformed", "message_id")
        thread = ident(answer.get("recipient_id")) or who
        return items.Published(
            key_of(self.message_own().id, mid), ref=mid, thread=thread
        )

    def message_moderate(self, verb: str, target: items.Target) -> None:
        """A heart, or none; repeating it does no harm."""
        if verb not in ("like", "unlike"):
            raise errors.RejectedError("unsupported", verb)
        mid, who = message_id(target.ref), ident(target.author.id)
        if not mid or not who:
            raise errors.NotFoundError("not_found", verb)
        payload = {"message_id": mid}
        if verb == "like":
            payload["reaction"] = LIKE
        action = "react" if verb == "like" else "unreact"
        body = {"recipient": {"id": who}, "sender_action": action, "payload": payload}
        self._say(body, effect=False)

    # --- looking --------------------------------------------------------------
    def message_lookup(
        self, draft: items.Draft, key: str, since: datetime
    ) -> items.Published | None:
        """What we may have said to this person since then, among the latest messages.

        :raises TransientError: they all came later, so nobody can say
        """
        who = recipient(draft, strict=False)
        if not who:
            return None
        rows, _after = self._conversations(user_id=who)
        own, count, oldest = self.message_own(), 0, None
        for row in rows:
            for one in listing(mapping(row.get("messages")).get("data")):
                one = mapping(one)
                at = written_moment(one.get("created_time"))
                count += 1
                oldest = min(at, oldest) if at and oldest else at or oldest
                mid = message_id(one.get("id"))
                ours = own.is_us(ident(mapping(one.get("from")).get("id")))
                if not mid or not ours or at is None or at < since - CLOCKS:
                    continue
                if _is_said(draft, one):
                    return items.Published(
                        key_of(own.id, mid), ref=mid, thread=who, sent_at=at
                    )
        if count >= self.message_looks and oldest and oldest > since:
            raise errors.TransientError("unavailable", "the latest messages are later")
        return None

    #: messages of one conversation that can be read at most
    message_looks = 20


ANSWER = "RESPONSE"
AS_ANSWER = {"messaging_type": ANSWER}
AS_HUMAN = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def recipient(draft: items.Draft, strict: bool = True) -> str:
    """The id of the one person it goes to; '' where nobody is and not ``strict``.

    :raises RejectedError: nobody, or more people than meant
    """
    if draft.audience != items.PRIVATE:
        raise errors.RejectedError("audience_wider", draft.audience)
    written = draft.target.author.id if draft.target else ""
    wanted = draft.to.id if draft.to else ""
    if wanted and written and wanted != written:
        raise errors.RejectedError("audience_wider", "another person's conversation")
    found = ident(wanted or written or draft.thread)
    if not found and strict:
        raise errors.RejectedError("no_target", "private")
    return found


def _is_said(draft: items.Draft, one: Mapping) -> bool:
    """Does a message that we said say what the draft does?"""
    text = words(one.get("message"))
    if draft.text.strip():
        return " ".join(text.split()) == " ".join(draft.text.split())
    rows = [
        mapping(row) for row in listing(mapping(one.get("attachments")).get("data"))
    ]
    kinds = {media.kind_of(words(row.get("mime_type"))) for row in rows}
    return not text and any(media.kind_of(file.mime) in kinds for file in draft.media)
