"""What we say on Bluesky: length, files, posts under keys of our own, likes, hiding.

A post's record key is derived from our key, so that a repeated attempt meets the first
one: the server is told that nothing may stand there yet. Private messages have no such
thing (``bluesky_chat``). Fact sheet bluesky §4-§6.
"""

import json
import re
from datetime import datetime

from . import base, bluesky_image, bluesky_text, errors, items, media, text
from .bluesky_message import BlueskyMessage
from .bluesky_values import (
    POST,
    address,
    did,
    ident,
    moment,
    owner,
    permalink,
    place,
    profile_link,
    reference,
    rkey_for,
    stamp,
    uri_of,
    words,
)
from .values import mapping

#: graphemes; the limits in bytes are ten times as many (§5, §6)
LIMITS = {items.PUBLIC: 300, items.PRIVATE: 1000}
MAX_IMAGES = 4
#: bytes of a picture (§4: 2,000,000; it was half of that before)
MAX_IMAGE = 2_000_000
#: characters of a description: the app's own limit, the server has none
ALT_LENGTH = 2000
#: handles that are looked up for one post
MAX_LOOKUPS = 20
#: seconds an upload may take: 2 MB over a slow line
UPLOAD_DEADLINE = 60.0


class BlueskySend(BlueskyMessage):
    #: who wrote to us in private is answered whatever their setting says (§6)
    asks_private_past = True

    # --- length ---------------------------------------------------------------
    @staticmethod
    def _limit(audience: str) -> int:
        return LIMITS.get(audience, LIMITS[items.PRIVATE])

    @staticmethod
    def _length(whole: str) -> int:
        return bluesky_text.length(bluesky_text.compose(whole)[0])

    def measure(self, draft: items.Draft) -> items.Measure:
        limit = self._limit(draft.audience)
        parts = text.split(draft.text, limit, self._length)
        return items.Measure(self._length(draft.text), limit, parts)

    # --- what may be done -----------------------------------------------------
    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        found = []
        for one in super().affordances(message):
            reason = self._reason(one.kind, message)
            if one.kind == base.DELETE and message.audience != items.PUBLIC:
                continue  # a private message can only be hidden from ourselves
            if one.kind == base.HIDE and message.audience != items.PUBLIC:
                continue
            limit = None
            if one.kind.startswith("reply"):
                limit = self._limit(one.kind.partition("_")[2])
            by_hand = ""
            if reason and one.kind == base.REPLY_PRIVATE:
                by_hand = profile_link(did(message.author.id))
            elif reason and one.kind == base.REPLY_PUBLIC:
                by_hand = permalink(uri_of(message.ref))
            found.append(
                items.Affordance(
                    one.kind, not reason, reason, max_length=limit, url=by_hand
                )
            )
        return found

    def _reason(self, kind: str, message: items.MessageFacts) -> str:
        """Why this may not be done, as a code, or ''."""
        extra, first = message.extra, message.audience != items.PRIVATE
        if kind == base.HIDE:
            mine = self._reader.is_own(owner(extra.get("root")))
            return "" if mine else "not_our_thread"
        if not kind.startswith("reply"):
            return ""
        if message.blocked or extra.get("blocked"):
            return "blocked"
        if kind == base.REPLY_PUBLIC:
            return "replies_closed" if extra.get("closed") else ""
        if self.facts.get("chat") is False:
            return "scope"
        if not did(message.author.id):
            return "no_target"
        # who wrote to us first can always be answered (§6)
        first = first and not message.knows_in_private
        if first and extra.get("chat") == "none":
            return "messages_disabled"
        if first and extra.get("chat") == "following" and not extra.get("follows"):
            return "not_followed"
        return ""

    # --- files ----------------------------------------------------------------
    def media_rules(self, audience: str) -> items.MediaRules:
        if audience != items.PUBLIC:
            return items.MediaRules()  # no files in private messages (§6)
        return items.MediaRules(
            max_files=MAX_IMAGES,
            types=("image/jpeg", "image/png", "image/webp", "image/gif"),
            max_bytes={"image": MAX_IMAGE},
            alt_length=ALT_LENGTH,
        )

    def _check_files(self, uploads: tuple[items.Upload, ...], audience: str):
        # what is on the server already comes without its bytes: 1 stands for them
        files = [
            (one.mime, len(one.data) or bool(one.staged), one.alt) for one in uploads
        ]
        for one in media.problems(self.media_rules(audience), files):
            code = one.code if one.code == "alt_too_long" else "media_rejected"
            raise errors.RejectedError(code, f"{one.code} {one.limit or ''}".strip())

    def stage(self, upload: items.Upload) -> str:
        """Upload a picture; nobody sees it, and what no post uses goes away (§4)."""
        self._check_files((upload,), items.PUBLIC)
        answer = self._request(
            "POST",
            "com.atproto.repo.uploadBlob",
            form=upload.data,
            headers={"Content-Type": media.plain(upload.mime)},
            deadline=UPLOAD_DEADLINE,
        )
        blob = mapping(self._answer(answer).get("blob"))
        if not ident(mapping(blob.get("ref")).get("$link")):
            raise errors.MalformedResponse("malformed", "no blob")
        shape = bluesky_image.size(upload.data)
        return json.dumps({"blob": blob, "shape": shape})

    def _pictures(self, uploads: tuple[items.Upload, ...]) -> dict:
        images = []
        for one in uploads:
            held = mapping(json.loads(self.stage_whole(one)))
            image = {"image": held.get("blob"), "alt": one.alt}
            if held.get("shape"):
                width, height = held["shape"]
                image["aspectRatio"] = {"width": width, "height": height}
            images.append(image)
        return {"$type": "app.bsky.embed.images", "images": images}

    # --- posting --------------------------------------------------------------
    def idempotency(self, verb: str, audience: str = "") -> items.Idempotency:
        """We choose the record key of a post; a private message has none (§6)."""
        private = verb == "publish" and audience == items.PRIVATE
        return items.Idempotency("lookup" if private else "client_id")

    def publish(self, draft: items.Draft, key: str) -> items.Published:
        self._known_facts()
        target, wide = draft.target, items.AUDIENCES.index
        if target and wide(draft.audience) > wide(target.audience):
            raise errors.RejectedError("audience_wider", draft.audience)
        if draft.audience not in LIMITS:
            raise errors.RejectedError("unsupported", draft.audience)
        self._check_files(draft.media, draft.audience)
        if not draft.text.strip() and not draft.media:
            raise errors.RejectedError("empty", "there is nothing to send")
        limit = self._limit(draft.audience)
        if self._length(draft.text) > limit:
            raise errors.RejectedError("too_long", str(limit))
        if draft.audience == items.PRIVATE:
            return self._send_message(draft)
        return self._post(draft, rkey_for(key))

    def _post(self, draft: items.Draft, rkey: str) -> items.Published:
        shown, facets = self._rich(draft)
        record = {"text": shown, "createdAt": stamp(self.now())}
        reply = self._reply(draft)
        if facets:
            record["facets"] = facets
        if reply:
            record["reply"] = reply
        if draft.media:
            record["embed"] = self._pictures(draft.media)
        if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]+)?", draft.language):
            record["langs"] = [draft.language]
        try:
            found = self._put(POST, rkey, record, None, effect=True)
        except errors.RejectedError as error:
            if error.code != "gone_stale":
                raise
            return self._already(rkey, record, error)
        return self._published(rkey, record, found.get("cid"))

    def _already(self, rkey: str, record: dict, error) -> items.Published:
        """Something stands under our key: an earlier attempt of the same reply, which
        stays as it is, with the time at which it was said."""
        found = mapping(self._own_post(rkey))
        there = mapping(found.get("value"))
        same = there.get("text") == record["text"]
        if not there or not same or _parent(there) != _parent(record):
            raise errors.RejectedError(
                "duplicate", "other words stand there"
            ) from error
        return self._published(rkey, there, found.get("cid"))

    def _own_post(self, rkey: str) -> dict | None:
        return self._record(self._known_facts()["id"], POST, rkey)

    def _published(self, rkey: str, record: dict, cid) -> items.Published:
        uri = address(self.facts["id"], POST, rkey)
        at = moment(record.get("createdAt"))
        return items.Published(
            key=uri, ref=reference(uri, cid), url=permalink(uri), sent_at=at
        )

    def _reply(self, draft: items.Draft) -> dict:
        """Root and parent with the cids that they have now; {} for a new post.

        :raises RejectedError: nobody would see the answer: the parent is gone, its
            author has blocked us or lets nobody answer (§4: the server does not care)
        """
        parent = draft.previous or (draft.target.ref if draft.target else "")
        if not parent:
            return {}
        view = self._fresh(uri_of(parent))
        viewer = mapping(mapping(view.get("author")).get("viewer"))
        if viewer.get("blockedBy") is True:
            raise errors.RejectedError("blocked", "the author has blocked us")
        if mapping(view.get("viewer")).get("replyDisabled") is True:
            raise errors.RejectedError("replies_closed", "a threadgate")
        here = {"uri": view["uri"], "cid": view["cid"]}
        root = mapping(mapping(mapping(view.get("record")).get("reply")).get("root"))
        if not place(root.get("uri"))[0]:
            return {"root": here, "parent": here}
        try:
            top = self._fresh(words(root["uri"]))
            root = {"uri": top["uri"], "cid": top["cid"]}
        except errors.NotFoundError:
            # deleted, or not for us to see: the thread keeps its name all the same
            root = {"uri": words(root["uri"]), "cid": words(root.get("cid"))}
        return {"root": root, "parent": here}

    def _fresh(self, uri: str) -> dict:
        """A post as it is now; one of ours as our own server has it, which knows it
        before all others do.

        :raises NotFoundError: it is gone, or not for us to see
        """
        repo, collection, rkey = place(uri)
        if not did(repo) or collection != POST:
            raise errors.NotFoundError("not_found", uri[:100])
        if self._reader.is_own(repo):
            found = mapping(self._record(repo, POST, rkey))
            view = {**found, "record": found.get("value")}
        else:
            view = self._views([uri]).get(uri, {})
        if not words(view.get("cid")) or view.get("uri") != uri:
            raise errors.NotFoundError("not_found", uri[:100])
        return view

    def _views(self, uris: list[str]) -> dict[str, dict]:
        """Posts as others see them; who is missing is gone or hidden (§3)."""
        found = self._query("app.bsky.feed.getPosts", uris=uris)
        views = [mapping(one) for one in self._list(found, "posts")]
        return {words(one.get("uri")): one for one in views}

    # --- facets ---------------------------------------------------------------
    def _rich(self, draft: items.Draft) -> tuple[str, list[dict]]:
        shown, spans = bluesky_text.compose(draft.text)
        names = {one.value.lower() for one in spans if one.kind == "mention"}
        return shown, bluesky_text.facets(shown, spans, self._dids(names, draft))

    def _dids(self, names: set[str], draft: items.Draft) -> dict[str, str]:
        """Handle -> DID; whom nobody knows is not linked. Those we speak with are
        known already, unless their handle has gone over to somebody else."""
        found = {}
        for name in sorted(names)[:MAX_LOOKUPS]:
            try:
                answer = self._query("com.atproto.identity.resolveHandle", handle=name)
            except (errors.RejectedError, errors.MalformedResponse):
                continue
            if did(answer.get("did")):
                found[name] = answer["did"]
        return found

    # --- what may have been posted --------------------------------------------
    def lookup(
        self, draft: items.Draft, key: str, since: datetime
    ) -> items.Published | None:
        self._known_facts()
        if draft.audience == items.PRIVATE:
            return self._look_for_message(draft, since)
        rkey = rkey_for(key)
        found = self._own_post(rkey)
        if not found:
            return None
        return self._published(rkey, mapping(found["value"]), found.get("cid"))


def _parent(record: dict) -> str:
    return words(mapping(mapping(record.get("reply")).get("parent")).get("uri"))
