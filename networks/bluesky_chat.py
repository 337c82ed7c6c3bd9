"""Private messages of Bluesky: the log, conversations, requests, sending.

The log only goes forward and brings everything; requests of strangers are looked at
separately, and where the log's cursor is lost, conversations are read again. Groups are
shown and never answered as if they were one person. Fact sheet bluesky §6.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from . import bluesky_text, errors, items
from .bluesky_pages import load
from .bluesky_post import chat_key, chat_place
from .bluesky_server import BlueskyServer
from .bluesky_values import (
    APP,
    did,
    fingerprint,
    handle,
    ident,
    kind_of,
    link,
    listing,
    mapping,
    moment,
    stamp,
    words,
)

PAGE = 100  # the largest page of conversations and messages
#: log events about our own reading: nothing anybody would look for
SILENT = ("logReadMessage", "logReadConvo")
#: events of the log that bring a message or belong to one
ABOUT_MESSAGES = ("logCreateMessage", "logDeleteMessage")
#: read again before a lost cursor's last use
OVERLAP = timedelta(hours=1)
#: conversations are read beside the log so often
WALK_EVERY = timedelta(hours=6)
#: conversations asked for one by one, where the lists do not show them
SINGLES = 10
#: requests remembered by their last change
KNOWN = 300
#: pages of our own messages looked through for one that may have been sent
LOOK_PAGES = 5
#: how far a look may lie before a sending began, for clocks that differ
BEFORE = timedelta(seconds=10)
HEART = "❤️"


class BlueskyChat(BlueskyServer):
    """Streams ``chat`` and ``requests``, and sending; not an adapter yet."""

    # --- the log --------------------------------------------------------------
    def _fetch_chat(self, cursor: str, since: datetime) -> items.Page:
        state = load(cursor)
        if "log" not in state:
            return self._begin(since)
        if state.get("walk"):
            return self._go_on(state, since)
        at = words(state["log"])
        try:
            found = self._chat_query("getLog", cursor=at or None)
        except errors.CursorExpired:
            last = moment(state.get("at")) or since
            return self._begin(max(since, last - OVERLAP))
        logs, now = self._list(found, "logs"), self.now()
        state |= {"log": words(found.get("cursor")) or at, "at": stamp(now)}
        walked = moment(state.get("walked")) or now
        if not logs and walked < now - WALK_EVERY:
            # a log that forgets what we have not read says nothing about it
            state["walk"] = {"list": "convos", "from": stamp(walked - OVERLAP)}
            state["walked"] = stamp(now)
            return items.Page(cursor=_dump(state), more=True)
        return items.Page(self._logged(logs, since), _dump(state), more=bool(logs))

    def _begin(self, horizon: datetime) -> items.Page:
        """First where the log is, then what was said before: nothing falls between."""
        found = self._chat_query("getLog")
        now = stamp(self.now())
        state = {
            "log": words(found.get("cursor")),
            "at": now,
            "walked": now,
            "walk": {"list": "convos", "from": stamp(horizon)},
        }
        logged = self._logged(self._list(found, "logs"), horizon)
        return items.Page(logged, _dump(state), more=True, closed=False)

    def _go_on(self, state: dict, since: datetime) -> items.Page:
        found, walk = self._walk(mapping(state["walk"]), since)
        after = {**state, "walk": walk}
        return items.Page(found, _dump(after), more=True, closed=not walk)

    def _logged(self, logs: Iterable, since: datetime) -> tuple[items.RawItem, ...]:
        logs = [one for one in map(mapping, logs) if kind_of(one) not in SILENT]
        logs = [
            one
            for one in logs
            if kind_of(one) != "logCreateMessage"
            or (moment(mapping(one.get("message")).get("sentAt")) or since) >= since
        ]
        wanted = {
            ident(one.get("convoId")) for one in logs if kind_of(one) in ABOUT_MESSAGES
        }
        convos = self._convos(wanted - {""}) if wanted else {}
        return tuple(_raw_log(one, convos) for one in logs)

    def _convos(self, wanted: set[str]) -> dict[str, dict]:
        """Who is in these conversations: the log tells only their ids, and whom an
        answer would reach must be known. The busiest stand first in the lists."""
        found: dict[str, dict] = {}
        for method, name in (
            ("listConvos", "convos"),
            ("listConvoRequests", "requests"),
        ):
            if wanted <= set(found):
                break
            try:
                views = listing(self._chat_query(method, limit=PAGE).get(name))
            except (errors.RejectedError, errors.MalformedResponse):
                continue
            found |= {one["id"]: one for one in map(brief, views) if one["id"]}
        for one in sorted(wanted - set(found))[:SINGLES]:
            try:
                view = mapping(self._chat_query("getConvo", convoId=one).get("convo"))
            except (errors.RejectedError, errors.MalformedResponse):
                continue
            if ident(view.get("id")) == one:
                found[one] = brief(view)
        return found

    # --- requests -------------------------------------------------------------
    def _fetch_requests(self, cursor: str, since: datetime) -> items.Page:
        state = load(cursor)
        known = {
            ident(one): words(rev) for one, rev in mapping(state.get("known")).items()
        }
        walk = mapping(state.get("walk")) or {"list": "requests", "from": stamp(since)}
        found, after = self._walk(walk, since, known)
        kept = dict(list(known.items())[-KNOWN:])
        state = {"known": kept, **({"walk": after} if after else {})}
        return items.Page(found, _dump(state), more=bool(after), closed=not after)

    # --- reading conversations ------------------------------------------------
    def _walk(
        self, walk: dict, since: datetime, known: dict | None = None
    ) -> tuple[tuple[items.RawItem, ...], dict]:
        """One page: of the list, or of the first conversation in the queue.

        :param known: conversation -> its revision when it was last read
        :return: (raw items, the walk that is left, {} at its end)
        """
        horizon, queue = moment(walk.get("from")) or since, listing(walk.get("queue"))
        if queue:
            return self._read_convo(walk, queue, horizon)
        if walk.get("listed"):
            return (), {}
        return (), self._list_convos(walk, horizon, known)

    def _list_convos(self, walk: dict, horizon: datetime, known: dict | None) -> dict:
        name = "requests" if walk.get("list") == "requests" else "convos"
        method = "listConvoRequests" if name == "requests" else "listConvos"
        at = words(walk.get("at"))
        found = self._chat_query(method, limit=PAGE, cursor=at or None)
        views = [mapping(one) for one in self._list(found, name)]
        last = [moment(mapping(one.get("lastMessage")).get("sentAt")) for one in views]
        queue = []
        for view, said_at in zip(views, last, strict=True):
            one = brief(view)
            if not one["id"] or (said_at and said_at < horizon):
                continue
            rev = words(view.get("rev")) or fingerprint(view.get("lastMessage"))
            if known is not None:
                if known.get(one["id"]) == rev:
                    continue
                known.pop(one["id"], None)
                known[one["id"]] = rev
            queue.append(one)
        below = words(found.get("cursor"))
        # newest first: when a whole page is older, the rest is, too
        older = bool(last) and all(one and one < horizon for one in last)
        listed = not below or below == at or older
        if listed and not queue:
            return {}
        return {**walk, "at": below, "queue": queue, "listed": listed}

    def _read_convo(self, walk: dict, queue: list, horizon: datetime):
        convo, at = mapping(queue[0]), words(walk.get("below"))
        rest = {**walk, "queue": queue[1:], "below": ""}
        try:
            found = self._chat_query(
                "getMessages", convoId=convo.get("id"), limit=PAGE, cursor=at or None
            )
        except errors.NotFoundError:
            return (), rest
        messages = self._list(found, "messages")
        times = [moment(mapping(one).get("sentAt")) for one in messages]
        new = [
            _raw_message(convo, one)
            for one, said_at in zip(messages, times, strict=True)
            if not said_at or said_at >= horizon
        ]
        below = words(found.get("cursor"))
        done = not below or below == at or any(one and one < horizon for one in times)
        return tuple(new[::-1]), rest if done else {**walk, "below": below}

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


# --- raw items --------------------------------------------------------------------
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


def _raw_message(convo: Mapping, message) -> items.RawItem:
    name = ident(mapping(message).get("id")) or fingerprint(message)
    deleted = kind_of(message) == "deletedMessageView"
    return items.RawItem(
        chat_key(words(convo.get("id")), name),
        {"convo": dict(convo), "message": message},
        revision="deleted" if deleted else "",
        sent_at=moment(mapping(message).get("sentAt")),
    )


def _raw_log(log: Mapping, convos: Mapping[str, dict]) -> items.RawItem:
    """Messages go by their own name, so that the log and the lists bring them once."""
    kind, convo_id = kind_of(log), ident(log.get("convoId"))
    message = mapping(log.get("message"))
    convo = convos.get(convo_id)
    if convo is None:
        convo = {"id": convo_id, "members": listing(log.get("relatedProfiles"))}
    if kind == "logCreateMessage":
        return _raw_message(convo, log.get("message"))
    if kind == "logDeleteMessage":
        name = ident(message.get("id")) or fingerprint(log)
        key, revision = chat_key(convo_id, name), "deleted"
    else:
        key, revision = f"log:{ident(log.get('rev'))}:{fingerprint(log)[:12]}", ""
    return items.RawItem(
        key, {"log": dict(log)}, revision, sent_at=moment(message.get("sentAt"))
    )


def _sent(convo: str, message: Mapping) -> items.Published:
    key = chat_key(convo, ident(message.get("id")))
    return items.Published(
        key=key,
        ref=key,
        url=f"{APP}/messages/{convo}",
        thread=convo,
        sent_at=moment(message.get("sentAt")),
    )


def _dump(state: Mapping) -> str:
    return json.dumps(state)
