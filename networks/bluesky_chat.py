"""Private messages of Bluesky, read: the log, conversations, requests.

The log only goes forward and brings everything; requests of strangers are looked at
separately, and where the log's cursor is lost, conversations are read again. Groups are
shown and never answered as if they were one person. Fact sheet bluesky §6.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from . import errors, items
from .bluesky_pages import load
from .bluesky_raw import brief, raw_log, raw_message
from .bluesky_session import BlueskySession
from .bluesky_values import fingerprint, ident, kind_of, moment, stamp, words
from .values import listing, mapping

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


class BlueskyChat(BlueskySession):
    """Streams ``chat`` and ``requests``; not an adapter yet."""

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
        return tuple(raw_log(one, convos) for one in logs)

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
            raw_message(convo, one)
            for one, said_at in zip(messages, times, strict=True)
            if not said_at or said_at >= horizon
        ]
        below = words(found.get("cursor"))
        done = not below or below == at or any(one and one < horizon for one in times)
        return tuple(new[::-1]), rest if done else {**walk, "below": below}


def _dump(state: Mapping) -> str:
    return json.dumps(state)
