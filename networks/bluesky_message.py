"""Private messages of Bluesky, sent: to whom, in which conversation, and looked up.

A message has no key of ours, so what became of one is looked up. Nothing is sent into a
conversation of which it is not known that only the two of us read it. Fact sheet
bluesky §6.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from . import bluesky_text, errors, items
from .bluesky_chat import PAGE, BlueskyChat
from .bluesky_post import chat_key, chat_place
from .bluesky_raw import brief
from .bluesky_values import APP, did, ident, kind_of, moment, words
from .values import mapping

#: pages of our own messages looked through for one that may have been sent
LOOK_PAGES = 5
#: how far a look may lie before a sending began, for clocks that differ
BEFORE = timedelta(seconds=10)
HEART = "❤️"


class BlueskyMessage(BlueskyChat):
    # --- sending --------------------------------------------------------------
    def _recipient(self, draft: items.Draft) -> str:
        person = draft.to or (draft.target.author if draft.target else None)
        if person is None or not did(person.id):
            raise errors.RejectedError("no_target", "nobody to write to")
        return person.id

    def _convo_for(self, draft: items.Draft) -> str:
        """The conversation to answer in, made if there is none; a request is accepted
        first (§6)."""
        target = draft.target
        if target and target.thread and target.extra.get("direct"):
            if not target.extra.get("accepted"):
                self._chat_procedure("acceptConvo", {"convoId": target.thread})
            return target.thread
        found = self._chat_query("getConvoForMembers", members=self._recipient(draft))
        convo = mapping(found.get("convo"))
        if not ident(convo.get("id")):
            raise errors.MalformedResponse("malformed", "no conversation")
        if kind_of(convo.get("kind")) == "groupConvo":
            raise errors.RejectedError("audience_wider", "a group")
        if convo.get("status") == "request":
            self._chat_procedure("acceptConvo", {"convoId": convo["id"]})
        return convo["id"]

    def _send_message(self, draft: items.Draft) -> items.Published:
        """A message has no key of ours: a repetition is a second message."""
        convo = self._convo_for(draft)
        shown, facets = self._rich(draft)
        message = {"text": shown, **({"facets": facets} if facets else {})}
        answer = self._chat_procedure(
            "sendMessage", {"convoId": convo, "message": message}, effect=True
        )
        if not ident(answer.get("id")):
            raise errors.UncertainError("malformed", "no message id")
        return _sent(convo, answer)

    def _look_for_message(
        self, draft: items.Draft, since: datetime
    ) -> items.Published | None:
        """Our newest message since then with these very words.

        :raises TransientError: too much was said since to look through
        """
        horizon, convo = since - BEFORE, draft.thread
        if not (draft.target and draft.target.audience == items.PRIVATE and convo):
            convo = self._convo_with(self._recipient(draft), horizon)
        if not convo:
            return None
        wanted, below = bluesky_text.compose(draft.text)[0], ""
        for _page in range(LOOK_PAGES):
            found = self._chat_query(
                "getMessages", convoId=convo, limit=PAGE, cursor=below or None
            )
            for one in map(mapping, self._list(found, "messages")):
                at = moment(one.get("sentAt"))
                if at and at < horizon:
                    return None
                sender = did(mapping(one.get("sender")).get("did"))
                mine = at and sender == self.facts.get("id")
                if mine and words(one.get("text")) == wanted:
                    return _sent(convo, one)
            after = words(found.get("cursor"))
            if not after or after == below:
                return None
            below = after
        raise errors.TransientError("look_up_incomplete", "too many messages since")

    def _convo_with(self, person: str, horizon: datetime) -> str:
        """Our conversation with one person, if anything was said in it since.

        Asking for it by its members may create it, or keep it back as long as the
        other side has not accepted it: so it is looked for in the list.
        """
        below = ""
        for _page in range(LOOK_PAGES):
            found = self._chat_query("listConvos", limit=PAGE, cursor=below or None)
            views = [mapping(one) for one in self._list(found, "convos")]
            for one in map(brief, views):
                members = {who.get("did") for who in one["members"]}
                if members == {person, self.facts.get("id")}:
                    return one["id"]
            after = words(found.get("cursor"))
            last = [
                moment(mapping(one.get("lastMessage")).get("sentAt")) for one in views
            ]
            older = all(one and one < horizon for one in last)
            if not after or after == below or older:
                return ""
            below = after
        raise errors.TransientError("look_up_incomplete", "too many conversations")

    def _react(self, verb: str, key: str):
        convo, message = chat_place(key)
        method = "removeReaction" if verb == "unlike" else "addReaction"
        body = {"convoId": convo, "messageId": message, "value": HEART}
        self._chat_procedure(method, body)


def _sent(convo: str, message: Mapping) -> items.Published:
    key = chat_key(convo, ident(message.get("id")))
    return items.Published(
        key=key,
        ref=key,
        url=f"{APP}/messages/{convo}",
        thread=convo,
        sent_at=moment(message.get("sentAt")),
    )
