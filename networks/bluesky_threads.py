"""What stands above a post, what became of posts, and answers nobody told us of.

Fact sheet bluesky §3.
"""

from datetime import timedelta

from . import errors, items
from .bluesky_media import BlueskyMedia
from .bluesky_raw import raw, raw_edited, raw_node, raw_post
from .bluesky_values import (
    POST,
    kind_of,
    owner,
    place,
    posted_at,
    reference,
    stamp,
    uri_of,
)
from .values import listing, mapping, number

#: posts per getPosts (§3)
BULK = 25
#: posts above a message (§3: parentHeight)
PARENTS = 80
#: an answer that came right after our post may never be notified (running: AppView
#: race): our young posts are looked below, so many per call
YOUNG, BELOW = timedelta(hours=6), 10


class BlueskyThreads(BlueskyMedia):
    # --- threads --------------------------------------------------------------
    def fetch_context(self, ref: str) -> items.Page:
        self._known_facts()
        thread = self._thread(uri_of(ref), above=PARENTS, below=0)
        above, node = [], mapping(thread.get("parent"))
        while node and len(above) < PARENTS:
            above.append(raw_node(node))
            node = mapping(node.get("parent"))
        return items.Page(tuple(above[::-1]))

    def _thread(self, uri: str, above: int, below: int) -> dict:
        """
        :raises NotFoundError: the post is gone, or not for us to see
        """
        if not place(uri)[0]:
            raise errors.NotFoundError("not_found", uri[:100])
        found = self._query(
            "app.bsky.feed.getPostThread", uri=uri, depth=below, parentHeight=above
        )
        thread = mapping(found.get("thread"))
        if kind_of(thread) == "notFoundPost":
            raise errors.NotFoundError("not_found", uri[:100])
        if not thread:
            raise errors.MalformedResponse("malformed", "no thread")
        return thread

    def reread(self, refs: list[str]) -> items.Page:
        """Which of these are gone or were put again with other words (few apps offer
        that, §3), and answers to ours that nobody told us of."""
        self._known_facts()
        known = {uri_of(one): one for one in refs if place(uri_of(one))[1] == POST}
        uris = list(known)[:BULK]
        if not uris:
            return items.Page()
        views, now = self._views(uris), self.now()
        changed = tuple(
            raw_edited(view, now)
            for uri, view in views.items()
            if known.get(uri) not in (uri, None, reference(uri, view.get("cid")))
        )
        lost = [one for one in uris if one not in views and self._is_gone(one)]
        away = {
            one: self._is_away(one) for one in dict.fromkeys(owner(uri) for uri in lost)
        }
        gone = tuple(
            items.RawItem(
                f"reread:{uri}",
                {
                    "gone": uri,
                    "at": stamp(now),
                    "by": "network" if away[owner(uri)] else "author",
                },
                revision="gone",
                sent_at=now,
            )
            for uri in lost
        )
        answers = []
        for uri in [one for one in uris if self._has_young_answers(views.get(one))]:
            if len(answers) < BELOW:
                answers.append(self._answers(uri))
        return items.Page((*(one for page in answers for one in page), *changed, *gone))

    def reread_hidden(self, refs: list[str]) -> items.Page:
        self._known_facts()
        uris = [uri_of(one) for one in refs if place(uri_of(one))[1] == POST][:BULK]
        views = self._views(uris) if uris else {}
        return items.Page(
            tuple(raw_post("reread", views[one]) for one in uris if one in views)
        )

    def _is_away(self, who: str) -> bool:
        """Is the author's account closed for now, or taken down? Its posts are gone
        with it and come back with it (§7)."""
        if self._reader.is_own(who):
            return False
        try:
            self._query("app.bsky.actor.getProfile", actor=who)
        except errors.RejectedError as error:
            return error.code in ("deactivated", "account_suspended")
        return False

    def _is_gone(self, uri: str) -> bool:
        """Left out of a list may also mean: blocked, or not indexed yet."""
        repo, collection, rkey = place(uri)
        if self._reader.is_own(repo):
            return self._record(repo, collection, rkey) is None
        try:
            self._thread(uri, above=0, below=0)
        except errors.NotFoundError:
            return True
        return False

    def _has_young_answers(self, view: dict | None) -> bool:
        view = mapping(view)
        at = posted_at(view)
        mine = self._reader.is_own(owner(view.get("uri")))
        young = at is not None and at > self.now() - YOUNG
        return bool(mine and young and number(view.get("replyCount")))

    def _answers(self, uri: str) -> tuple[items.RawItem, ...]:
        """Answers of others right below a post, as the notifications they should have
        been: the journal knows by the key whether they came."""
        try:
            thread = self._thread(uri, above=0, below=1)
        except errors.NotFoundError:
            return ()
        posts = [mapping(one).get("post") for one in listing(thread.get("replies"))]
        return tuple(
            raw("notifications", {**one, "reason": "reply"})
            for one in map(mapping, posts)
            if owner(one.get("uri")) and not self._reader.is_own(owner(one["uri"]))
        )
