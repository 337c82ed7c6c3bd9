"""What we say on Mastodon: length, files, posts, what may have been posted, likes.

A direct post reaches whoever its text names, so the text decides the audience: the
person answered is named in front, and in whatever is not public nobody else is.
Fact sheet mastodon §5-§8.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from . import base, errors, items, mastodon_text, media, text
from .mastodon_server import (
    ALT_LENGTH,
    KEYED,
    MAX_CHARACTERS,
    MAX_MEDIA,
    URL_LENGTH,
    MastodonServer,
)
from .mastodon_status import (
    AUDIENCES,
    DIRECT,
    ident,
    key_of,
    link,
    local_id,
    moment,
    ref_of,
    words,
)
from .values import listing, mapping

#: a key lives for an hour (fact sheet §5), counted by the server; less our doubts
#: about clocks and about when it began
KEY_LIFETIME = timedelta(minutes=55)
#: how far a look for our own post may lie before its sending began: a second for
#: times without fractions, and what clocks differ where the server tells no time
BEFORE = timedelta(seconds=2)
BEFORE_UNKNOWN = timedelta(seconds=10)
LOOK_PAGE, LOOK_PAGES = 40, 5
#: marks a file that the server was still working on when it was uploaded
WAIT = "wait:"
#: the first address was not there: the file goes to the second one
ASK_OLD = base.PART + "v1"
#: seconds an upload may take: 40 MB at 1 MB/s, with Odoo's worker limit of 120 s
UPLOAD_DEADLINE = 60.0


class MastodonSend(MastodonServer):
    direct_way = items.DIRECT_POST

    # --- whom and how wide ----------------------------------------------------
    def _visibility(self, draft: items.Draft) -> str:
        """Never wider than what is answered (the server does not see to it, §5).

        A followers-only post is answered directly, too: "followers" would be ours,
        who are other people than those who could read the question.
        """
        target = draft.target
        wide = items.AUDIENCES.index
        if target and wide(draft.audience) > wide(target.audience):
            raise errors.RejectedError("audience_wider", draft.audience)
        if draft.audience != items.PUBLIC:
            return DIRECT
        parent = words(target.extra.get("visibility")) if target else ""
        return parent if AUDIENCES.get(parent) == items.PUBLIC else "public"

    def _people(self, draft: items.Draft) -> list[str]:
        """Handles that the post has to name."""
        target, reader = draft.target, self._reader
        if draft.audience != items.PUBLIC and draft.to and draft.to.handle:
            named = [draft.to.handle]
        elif target is None:
            named = []
        else:
            named = reader.people(target.author, ())
        together = draft.audience == items.GROUP or not named
        if target and together and target.audience != items.PUBLIC:
            named = reader.people(target.author, target.mentions)
        return [one for one in named if "://" not in one]

    def _words(self, draft: items.Draft) -> str:
        people, domain = self._people(draft), words(self.facts.get("domain"))
        only = None if draft.audience == items.PUBLIC else people
        return mastodon_text.compose(draft.text, people, domain, only)

    # --- length ---------------------------------------------------------------
    def _fact(self, name: str, default: int) -> int:
        value = self.facts.get(name)
        return value if isinstance(value, int) and value > 0 else default

    @property
    def _limit(self) -> int:
        return self._fact("limit", MAX_CHARACTERS)

    def _length(self, draft: items.Draft) -> int:
        """With the warning, and with the names that are put in front."""
        url_length = self._fact("url_length", URL_LENGTH)
        length = mastodon_text.length(self._words(draft), url_length)
        return length + text.count_graphemes(draft.warning)

    def measure(self, draft: items.Draft) -> items.Measure:
        """The parts come without the names; ``publish`` adds them to each."""

        def count(part: str) -> int:
            return self._length(replace(draft, text=part))

        parts = (draft.text,)
        if count("") < self._limit:  # else no cut helps: the warning fills it all
            parts = text.split(draft.text, self._limit, count)
        return items.Measure(count(draft.text), self._limit, parts)

    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        found = []
        for one in super().affordances(message):
            reply = one.kind.startswith("reply")
            reason = ""
            if reply and message.blocked:
                reason = "blocked"
            elif one.kind == base.REPLY_PRIVATE and not message.author.handle:
                reason = "no_target"
            found.append(
                items.Affordance(
                    one.kind,
                    not reason,
                    reason,
                    max_length=self._limit if reply else None,
                )
            )
        return found

    # --- files ----------------------------------------------------------------
    def stage(self, upload: items.Upload) -> str:
        """Upload a file; nobody sees it yet, so a repeat does no harm (§7).

        A server that knows the old address only may have read the whole file before
        it says so: asking there is a step of its own.
        """
        self._check_files((upload,))
        old = upload.staged == ASK_OLD
        path = "/api/v1/media" if old else "/api/v2/media"
        try:
            answer = self._call(
                "POST",
                path,
                files={"file": (upload.name or "file", upload.data, upload.mime)},
                form={"description": upload.alt} if upload.alt else {},
                deadline=UPLOAD_DEADLINE,
            )
        except errors.NotFoundError:
            if old:
                raise
            return ASK_OLD
        medium = mapping(answer.json())
        if not ident(medium.get("id")):
            raise errors.MalformedResponse("malformed", "no media id")
        ready = answer.status != 202 and link(medium.get("url"))
        return ("" if ready else WAIT) + ident(medium["id"])

    def media_rules(self, audience: str) -> items.MediaRules:
        """As the instance told; what it did not tell is not limited (§7).

        Mastodon itself takes one film or recording alone, its relatives are laxer.
        """
        video = self._fact("video_size", 0)
        sizes = {"image": self._fact("image_size", 0), "video": video, "audio": video}
        return items.MediaRules(
            max_files=self._fact("max_media", MAX_MEDIA),
            types=tuple(map(media.plain, listing(self.facts.get("mimes")))),
            max_bytes={name: size for name, size in sizes.items() if size},
            alone=("video", "audio")
            if self.facts.get("software") == "mastodon"
            else (),
            alt_length=self._fact("alt_length", ALT_LENGTH),
        )

    def _check_files(self, uploads: tuple[items.Upload, ...]):
        # what is on the server already comes without its bytes: 1 stands for them
        files = [
            (one.mime, len(one.data) or bool(one.staged), one.alt) for one in uploads
        ]
        for one in media.problems(self.media_rules(items.PUBLIC), files):
            code = one.code if one.code == "alt_too_long" else "media_rejected"
            raise errors.RejectedError(code, f"{one.code} {one.limit or ''}".strip())

    def _media_id(self, upload: items.Upload) -> str:
        staged = self.stage_whole(upload)
        if not staged.startswith(WAIT):
            return staged
        media_id = staged[len(WAIT) :]
        try:
            answer = self._call("GET", f"/api/v1/media/{media_id}")
        except errors.NotFoundError:
            # already part of a post: ours, if this is a repetition with its key
            return media_id
        except errors.RejectedError as error:
            raise errors.RejectedError("media_rejected", error.detail) from error
        if answer.status == 206:
            raise errors.TransientError("media_processing", retry_after=5)
        return media_id

    # --- posting --------------------------------------------------------------
    def idempotency(self, verb: str, audience: str = "") -> items.Idempotency:
        if verb != "publish":
            return items.Idempotency("client_id")  # liking twice is liking once
        if self.facts.get("software") in KEYED:
            return items.Idempotency("key", KEY_LIFETIME)
        return items.Idempotency("lookup")

    def publish(self, draft: items.Draft, key: str) -> items.Published:
        self._known_facts()
        visibility, whole = self._visibility(draft), self._words(draft)
        people = self._people(draft)
        if visibility == DIRECT and not people:
            raise errors.RejectedError("no_target", "nobody is named")
        if draft.audience == items.PRIVATE and len(people) > 1:
            raise errors.RejectedError("audience_wider", "several people are named")
        if not draft.text.strip() and not draft.media:
            raise errors.RejectedError("empty", "there is nothing to send")
        if self._length(draft) > self._limit:
            raise errors.RejectedError("too_long", str(self._limit))
        self._check_files(draft.media)
        parent = self._parent(draft)
        if parent and self.facts.get("software") not in KEYED:
            # snac2 answers nothing at all when the parent is gone, in front of all
            self._get_status(parent)
        body = {
            "status": whole,
            "visibility": visibility,
            "in_reply_to_id": parent,
            "spoiler_text": draft.warning,
            "sensitive": bool(draft.warning),
            "language": draft.language,
            "media_ids": [self._media_id(one) for one in draft.media],
        }
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]+)?", draft.language):
            del body["language"]
        answer = self._call(
            "POST",
            "/api/v1/statuses",
            json={name: value for name, value in body.items() if value},
            headers={"Idempotency-Key": key},
            effect=True,
        )
        try:
            status = mapping(answer.json())
            published = self._published(status)
        except errors.MalformedResponse as error:
            raise errors.UncertainError(error.code, error.detail) from error
        if visibility == DIRECT and self.facts.get("software") == "mastodon":
            self._check_reached(status, published)
        return published

    def _check_reached(self, status: Mapping, published: items.Published):
        """A direct post to somebody whom the server cannot find reaches nobody and
        is no error there. It goes away again, and the agent is told."""
        if listing(status.get("mentions")):
            return
        self._call("DELETE", f"/api/v1/statuses/{local_id(published.ref)}")
        raise errors.RejectedError("unknown_person", "the server knows nobody so named")

    def _parent(self, draft: items.Draft) -> str:
        return self._local(draft.previous or (draft.target.ref if draft.target else ""))

    def _published(self, status) -> items.Published:
        status = mapping(status)
        status_id = ident(status.get("id"))
        if not status_id:
            raise errors.MalformedResponse("malformed", "no status")
        key = key_of(status, words(self.facts.get("domain")))
        read = self._reader.incoming(status)
        return items.Published(
            key=key,
            ref=ref_of(status_id, key),
            url=link(status.get("url")) or link(status.get("uri")),
            thread=read.thread if isinstance(read, items.Incoming) else "",
            sent_at=moment(status.get("created_at")),
        )

    # --- what may have been posted --------------------------------------------
    def lookup(
        self, draft: items.Draft, key: str, since: datetime
    ) -> items.Published | None:
        """Read our own posts back to ``since``; the newest that is this draft.

        None says that it is not there. When that cannot be said (too many posts
        since) it is an error, and somebody has to look.
        """
        self._known_facts()
        below, horizon, parent = "", None, self._parent(draft)
        for _page in range(LOOK_PAGES):
            path, query = self._own_posts()
            query = {**query, "limit": LOOK_PAGE}
            answer = self._call(
                "GET", path, query={**query, "max_id": below} if below else query
            )
            found = answer.json()
            if not isinstance(found, list):
                raise errors.MalformedResponse("malformed", "no list")
            if horizon is None:
                horizon = self._server_time(answer, since)
            for status in map(mapping, found):
                own = self._reader.is_own(mapping(status.get("account")))
                at = moment(status.get("created_at"))
                if own and at and at < horizon:
                    return None
                if own and at and self._is_draft(status, draft, parent):
                    return self._published(status)
            last = ident(mapping(found[-1]).get("id")) if found else ""
            if not last or last == below:
                return None
            below = last
        raise errors.TransientError("look_up_incomplete", "too many posts since")

    def _own_posts(self) -> tuple[str, dict]:
        """Where all our own posts are listed. snac2 shows only the public ones on
        the account, but everything in the home timeline."""
        if self.facts.get("software") == "snac":
            return "/api/v1/timelines/home", {}
        return (
            f"/api/v1/accounts/{self.facts.get('local_id')}/statuses",
            {"exclude_reblogs": "true"},
        )

    def _server_time(self, answer, since: datetime) -> datetime:
        """``since`` by the server's clock, and a little earlier."""
        try:
            then = parsedate_to_datetime(answer.headers.get("date", ""))
            skew = then.astimezone(timezone.utc) - self.now()
        except (TypeError, ValueError, OverflowError):
            return since - BEFORE_UNKNOWN
        return since + skew - BEFORE

    def _is_draft(self, status: Mapping, draft: items.Draft, parent: str) -> bool:
        """Same place, same audience, same letters."""
        said = words(status.get("text")) or mastodon_text.plain(
            words(status.get("content"))
        )
        return (
            not isinstance(status.get("reblog"), dict)
            and self._same_post(
                ident(status.get("in_reply_to_id")), self._parent(draft)
            )
            # the posts of a limited account become unlisted by themselves
            and AUDIENCES.get(words(status.get("visibility")))
            == AUDIENCES.get(self._visibility(draft))
            and len(listing(status.get("media_attachments"))) == len(draft.media)
            and mastodon_text.unmarked(said)
            == mastodon_text.unmarked(self._words(draft))
        )

    def _same_post(self, one: str, other: str) -> bool:
        """snac2's ids begin with ten digits that change when a post is edited."""
        if self.facts.get("software") == "snac":
            return one[10:] == other[10:]
        return one == other

    # --- other verbs ----------------------------------------------------------
    def moderate(self, verb: str, target: items.Target) -> None:
        """Repeating any of these changes nothing more, so a lost answer is simply
        tried again. ``edit``: ``target.text`` is the new text."""
        if verb in (base.BLOCK, "unblock"):
            return self._shut_out(verb, target.author)
        post = self._local(target.ref)
        path = f"/api/v1/statuses/{post}"
        if verb in ("like", "unlike"):
            self._call("POST", f"{path}/{'un' * (verb == 'unlike')}favourite")
        elif verb == base.DELETE:
            try:
                self._call("DELETE", path)
            except errors.NotFoundError:
                return None  # gone is what was wanted
        elif verb == base.EDIT:
            self._edit(post, target)
        else:
            raise errors.RejectedError("unsupported", verb)
        return None

    def _shut_out(self, verb: str, author: items.Author):
        """Only for our account; what the server's own admins do is theirs (§3)."""
        self._known_facts()
        if self._reader.is_own({"uri": author.id, "acct": author.handle}):
            raise errors.RejectedError("forbidden", "ourselves")
        person = ident(mapping(self._account(author.id)).get("id")) if author.id else ""
        if not person:
            raise errors.NotFoundError("not_found", author.id)
        self._call("POST", f"/api/v1/accounts/{person}/{verb}")

    def _edit(self, post: str, target: items.Target):
        """What an edit does not repeat would be dropped: files, warning, language."""
        now = self._get_status(post)
        names = [one.handle for one in self._reader.mentions(now, target.author)]
        others = [one for one in names if not self._reader.is_own({"acct": one})]
        public = AUDIENCES.get(words(now.get("visibility"))) == items.PUBLIC
        domain = words(self.facts.get("domain"))
        whole = mastodon_text.compose(
            target.text, others, domain, None if public else others
        )
        warning = words(now.get("spoiler_text"))
        length = mastodon_text.length(whole, self._fact("url_length", URL_LENGTH))
        if length + text.count_graphemes(warning) > self._limit:
            raise errors.RejectedError("too_long", str(self._limit))
        media = map(mapping, listing(now.get("media_attachments")))
        self._call(
            "PUT",
            f"/api/v1/statuses/{post}",
            json={
                "status": whole,
                "spoiler_text": warning,
                "sensitive": now.get("sensitive") is True,
                "language": words(now.get("language")),
                "media_ids": [ident(one.get("id")) for one in media],
            },
        )
