"""What else is done with posts of Bluesky: likes, hiding answers, taking back.

Repeating any of it changes nothing more. Fact sheet bluesky §4.
"""

from . import base, errors, items
from .bluesky_post import chat_place
from .bluesky_send import BlueskySend
from .bluesky_values import (
    LIKE,
    POST,
    THREADGATE,
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
