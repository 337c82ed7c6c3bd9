"""What else is done on Bluesky: likes, hiding answers, taking back, blocking people.

Repeating any of it changes nothing more. Fact sheet bluesky §4.
"""

from . import base, errors, items
from .bluesky_post import chat_place
from .bluesky_send import BlueskySend
from .bluesky_values import (
    BLOCK,
    LIKE,
    POST,
    THREADGATE,
    did,
    owner,
    place,
    rkey_for,
    stamp,
    uri_of,
    words,
)
from .values import listing, mapping

#: replies that a threadgate hides (§4)
MAX_HIDDEN = 300


class BlueskyVerbs(BlueskySend):
    # --- other verbs ----------------------------------------------------------
    def moderate(self, verb: str, target: items.Target) -> None:
        """Repeating any of these changes nothing more, so a lost answer is simply
        tried again."""
        self._known_facts()
        if verb in (base.BLOCK, "unblock"):
            return self._shut_out(verb, target.author.id)
        uri = uri_of(target.ref or target.key)
        if verb in ("like", "unlike") and chat_place(uri)[0]:
            self._react(verb, uri)
        elif verb == "like":
            self._like(uri)
        elif verb == "unlike":
            self._unlike(uri)
        elif verb in ("hide", "unhide"):
            self._hide(uri, target, hidden=verb == "hide")
        elif verb == base.DELETE:
            if not self._reader.is_own(owner(uri)):
                raise errors.RejectedError("forbidden", "not ours")
            self._delete(*place(uri)[1:])
        else:
            raise errors.RejectedError("unsupported", verb)
        return None

    def _shut_out(self, verb: str, person: str):
        """A record of ours that everybody may read (§4), under a key that belongs to
        the person; also if we blocked them elsewhere."""
        if not did(person):
            raise errors.NotFoundError("not_found", person[:100])
        if self._reader.is_own(person):
            raise errors.RejectedError("forbidden", "ourselves")
        rkey = rkey_for(f"block {person}")
        there = self._blocking(person, verb)
        if verb == "unblock":
            for one in sorted({rkey, place(there)[2] if there else rkey}):
                self._delete(BLOCK, one)
        elif not there:
            record = {"subject": person, "createdAt": stamp(self.now())}
            try:
                self._put(BLOCK, rkey, record, None)
            except errors.RejectedError as error:
                if error.code != "gone_stale":  # that is: blocked already
                    raise

    def _blocking(self, person: str, verb: str) -> str:
        """Our record that blocks this person, as the network sees it, or ''."""
        try:
            found = self._query("app.bsky.actor.getProfile", actor=person)
        except errors.RejectedError as error:
            if verb == "unblock" and error.code in ("deactivated", "account_suspended"):
                return ""  # nobody shows what is between us; ours is taken away
            raise
        uri = words(mapping(found.get("viewer")).get("blocking"))
        return uri if self._reader.is_own(owner(uri)) else ""

    def _delete(self, collection: str, rkey: str):
        self._procedure(
            "com.atproto.repo.deleteRecord",
            {"repo": self.facts["id"], "collection": collection, "rkey": rkey},
        )

    def _like(self, uri: str):
        """Once, under a key that belongs to the post; also if we liked it elsewhere."""
        view = self._fresh(uri)
        if words(mapping(view.get("viewer")).get("like")):
            return
        subject = {"uri": uri, "cid": view["cid"]}
        record = {"subject": subject, "createdAt": stamp(self.now())}
        try:
            self._put(LIKE, rkey_for(f"like {uri}"), record, None)
        except errors.RejectedError as error:
            if error.code != "gone_stale":  # that is: liked already
                raise

    def _unlike(self, uri: str):
        rkeys = {rkey_for(f"like {uri}")}
        view = self._views([uri]).get(uri, {})
        like = words(mapping(view.get("viewer")).get("like"))
        if self._reader.is_own(owner(like)):
            rkeys.add(place(like)[2])
        for rkey in sorted(rkeys):
            self._delete(LIKE, rkey)

    def _hide(self, uri: str, target: items.Target, hidden: bool):
        """A reply in a thread of ours, by the threadgate of its first post (§4). What
        else the gate says stays."""
        root = words(target.extra.get("root"))
        if not root:
            record = mapping(self._fresh(uri).get("record"))
            root = words(mapping(mapping(record.get("reply")).get("root")).get("uri"))
        repo, collection, rkey = place(root)
        if not self._reader.is_own(repo) or collection != POST:
            raise errors.RejectedError("not_our_thread", "")
        gate = self._record(repo, THREADGATE, rkey)
        value = mapping(mapping(gate).get("value"))
        before = [one for one in listing(value.get("hiddenReplies")) if words(one)]
        if (uri in before) == hidden:
            return
        after = [*before, uri] if hidden else [one for one in before if one != uri]
        if len(after) > MAX_HIDDEN:
            raise errors.RejectedError("too_many_hidden", str(MAX_HIDDEN))
        record = {
            "createdAt": stamp(self.now()),
            **value,
            "post": root,
            "hiddenReplies": after,
        }
        self._put(THREADGATE, rkey, record, words(mapping(gate).get("cid")) or None)
