"""What we say on X in public: replies, threads, what may have been posted, moderation.

There is no key against posting twice. What helps: our own timeline can be read, and X
refuses the same words twice (fact sheet x §9).
"""

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from . import base, errors, items, x_fields, x_text, x_weight
from .values import listing, mapping, words
from .x_direct import XDirect
from .x_may import compose_url
from .x_names import history, id_in, key_in, message_id, permalink, references
from .x_values import id_at, ident, moment, name, time_of

#: how long ago the first try of what X calls a duplicate may lie: a call, two looks for
#: it and a lane that died in between
DUPLICATE = timedelta(minutes=10)
#: our own post may seem this much older than the moment its sending began
BEFORE = timedelta(seconds=2)
BEFORE_UNKNOWN = timedelta(seconds=10)
#: clocks may differ by this much at most; only widens the search
SKEW = timedelta(minutes=15)
LOOK_PAGES = 5
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class XSend(XDirect):
    """Speaking; not an adapter yet."""

    def idempotency(self, verb: str, audience: str = "") -> items.Idempotency:
        # liking, hiding and deleting twice is doing it once
        return items.Idempotency("lookup" if verb == "publish" else "client_id")

    # --- posting --------------------------------------------------------------
    def publish(self, draft: items.Draft, key: str) -> items.Published:
        """One post, or one private message. ``key`` is of no use: there are no keys."""
        target, wide = draft.target, items.AUDIENCES.index
        if target and wide(draft.audience) > wide(target.audience):
            raise errors.RejectedError("audience_wider", draft.audience)
        if draft.audience != items.PUBLIC:
            return self._send_direct(draft)
        body = self._body(draft)
        kind = self._kind(body.get("text", ""), self._answers_summons(draft))
        try:
            answer = self._call("POST", "/2/tweets", json=body, effect=True)
            published = self._published(answer.json())
        except (errors.UncertainError, errors.MalformedResponse) as error:
            self.charge(kind)
            raise errors.UncertainError(error.code, error.detail) from error
        except errors.RejectedError as error:
            return self._refused_post(draft, key, error)
        self.charge(kind)
        return published

    def _body(self, draft: items.Draft) -> dict:
        text = self._clean(draft.text)
        if not text.strip() and not draft.media:
            raise errors.RejectedError("empty", "there is nothing to send")
        if x_weight.weigh(text) > self._limit:
            raise errors.RejectedError("too_long", str(self._limit))
        self._check_files(items.PUBLIC, draft.media)
        body: dict = {"text": text} if text.strip() else {}
        parent = self._parent(draft)
        if draft.target and not parent:
            raise errors.RejectedError("no_target", draft.target.ref)
        if parent:
            body["reply"] = {"in_reply_to_tweet_id": parent}
        if draft.media:
            body["media"] = {"media_ids": [self._media_id(one) for one in draft.media]}
        return body

    @staticmethod
    def _clean(text: str) -> str:
        """Without the invisible marks that X refuses, as a pasted byte-order mark."""
        return x_weight.FORBIDDEN.sub("", text)

    @staticmethod
    def _parent(draft: items.Draft) -> str:
        """The post that this one answers: the part before, or what was asked."""
        return id_in(draft.previous or (draft.target.ref if draft.target else ""))

    @staticmethod
    def _answers_summons(draft: items.Draft) -> bool:
        target = draft.target
        return bool(target and target.extra.get("summoned")) and not draft.previous

    def _published(self, answer) -> items.Published:
        data = mapping(mapping(answer).get("data"))
        one_id, versions = ident(data.get("id")), history(data)
        if not one_id:
            raise errors.MalformedResponse("malformed", "no post")
        return items.Published(
            key=versions[0],
            ref=one_id,
            url=permalink(one_id, name(self.facts.get("handle"))),
            sent_at=moment(data.get("created_at")) or time_of(one_id),
        )

    def _refused_post(self, draft, key, error) -> items.Published:
        """A refusal that is not one: the same words were posted a moment ago (§9).

        :raises RejectedError: it is one
        """
        if error.code == "duplicate":
            found = self._find_post(draft, self.now() - DUPLICATE)
            if found:
                return found
        if error.code in ("forbidden", "not_found") and draft.target:
            raise errors.RejectedError("reply_refused", error.detail) from error
        raise error

    # --- what may have been posted --------------------------------------------
    def lookup(
        self, draft: items.Draft, key: str, since: datetime
    ) -> items.Published | None:
        """Read what we said back to ``since``; the newest that is this draft.

        None says that it is not there. When that cannot be said (too many posts
        since) it is an error, and somebody has to look.
        """
        if draft.audience != items.PUBLIC:
            return self._find_direct(draft, since)
        return self._find_post(draft, since)

    def _find_post(self, draft: items.Draft, since: datetime):
        query = {**x_fields.OWN, "max_results": 100, "since_id": id_at(since - SKEW)}
        path, token, horizon = f"/2/users/{self._own_id()}/tweets", "", None
        for _page in range(LOOK_PAGES):
            more = {"pagination_token": token} if token else {}
            answer = self._call("GET", path, {**query, **more})
            found = mapping(answer.json())
            if not found:
                raise errors.MalformedResponse("malformed", path)
            data = self._rows(found, path)
            self.charge("owned_read" if self._owns_app else "post_read", len(data))
            if horizon is None:
                horizon = self._server_time(answer, since)
            for post in data:
                at = time_of(ident(post.get("id")))
                if at and at < horizon:
                    return None
                if self._is_draft(post, draft):
                    return self._published({"data": post})
            token = words(mapping(found.get("meta")).get("next_token"))
            if not token:
                return None
        raise errors.TransientError("look_up_incomplete", "too many posts since")

    def _server_time(self, answer, since: datetime) -> datetime:
        """``since`` by X's clock, and a little earlier."""
        try:
            then = parsedate_to_datetime(answer.headers.get("date", ""))
            skew = then.astimezone(timezone.utc) - self.now()
        except (TypeError, ValueError, OverflowError):
            return since - BEFORE_UNKNOWN
        if abs(skew) < BEFORE_UNKNOWN:
            return since - BEFORE_UNKNOWN
        return since + max(-SKEW, min(skew, SKEW)) - BEFORE

    def _is_draft(self, post: dict, draft: items.Draft) -> bool:
        """Same place, same words, as many files."""
        ref = draft.previous or (draft.target.ref if draft.target else "")
        places = {id_in(ref), ident(key_in(ref))} - {""}
        above = references(post).get("replied_to", "")
        keys = listing(mapping(post.get("attachments")).get("media_keys"))
        said = x_text.essence(self._reader.words_of(post))
        return (
            (above in places if places else not above)
            and "retweeted" not in references(post)
            and len(keys) == len(draft.media)
            and said == x_text.essence(self._clean(draft.text))
        )

    # --- other verbs ----------------------------------------------------------
    def moderate(self, verb: str, target: items.Target) -> None:
        """Repeating any of these changes nothing more, so a lost answer is simply
        tried again."""
        if verb in (base.BLOCK, "unblock"):
            return self._shut_out(verb, target.author.id)
        post, message = id_in(target.ref), message_id(target.ref)
        if verb == base.DELETE and message:
            return self._unsay(message)
        if not post:
            raise errors.NotFoundError("not_found", verb)
        if verb == base.LIKE:
            path = f"/2/users/{self._own_id()}/likes"
            self._call("POST", path, json={"tweet_id": post})
            self.charge("like")
        elif verb == "unlike":
            self._call("DELETE", f"/2/users/{self._own_id()}/likes/{post}")
            self.charge("delete")
        elif verb in (base.HIDE, "unhide"):
            hidden = {"hidden": verb == base.HIDE}
            self._call("PUT", f"/2/tweets/{post}/hidden", json=hidden)
            self.charge("manage")
        elif verb == base.DELETE:
            try:
                self._call("DELETE", f"/2/tweets/{post}")
            except errors.NotFoundError:
                return None  # gone is what was wanted
            self.charge("delete")
        else:
            raise errors.RejectedError("unsupported", verb)
        return None

    def _shut_out(self, verb: str, person: str):
        """Their private messages only (§2): posts that name us come in as before."""
        if not ident(person) or person == ident(self.facts.get("id")):
            raise errors.NotFoundError("not_found", verb)
        self._call("POST", f"/2/users/{person}/dm/{verb}")
        self.charge("block")

    def invite_url(self, payload: str) -> str:
        """Opens a private conversation with us. The words that bring ``payload`` back
        stand in the customer's message, who sends them (§7)."""
        if not PAYLOAD.fullmatch(payload):
            raise errors.RejectedError("bad_payload", "1-64 of A-Z a-z 0-9 _ -")
        own = ident(self.facts.get("id"))
        if not own:
            raise errors.ConfigError("account_not_active", "the account's id")
        return compose_url(own, f"[ref: {payload}]")
