"""What is said on Instagram in public, what may be, and what is hidden or deleted.

Comments only: words without files, no edit and no like, by Instagram's rules. An answer
to an answer stands below the first comment and begins with the name of whom it is for.
Nothing makes a repeat harmless, but below our own posts what we said can be looked up.
Fact sheet meta §3, §5, §8.
"""

import re
from datetime import datetime, timedelta

from . import base, errors, items
from .instagram_again import InstagramAgain
from .instagram_comments import COMMENT_FIELDS
from .instagram_line import FACEBOOK
from .instagram_values import (
    BY_MEDIA,
    BY_MENTION,
    LIVE,
    NAMED,
    OURS,
    POST,
    TAGGED,
    THEIRS,
    author,
    name_of,
    names_in,
    when,
)
from .meta_graph_messages import GraphMessages
from .meta_graph_messages_may import is_private_reply
from .meta_graph_messages_values import ident
from .terms import _lt
from .text import split
from .values import words

#: characters, hashtags and names of a comment (§5, unconfirmed: settings have them)
MAX_TEXT, MAX_TAGS, MAX_NAMES = 2200, 30, 20
HASHTAG = re.compile(r"(?<!\w)#\w", re.UNICODE)
#: a broadcast of Instagram's ends after four hours, and private answers with it
BROADCAST = timedelta(hours=4)
#: how far Meta's clock and ours may be apart when we look for what we said
CLOCKS = timedelta(minutes=2)
#: pages of answers below one comment that are looked through
PAGES, PAGE = 5, 50
LIMIT_SETTINGS = tuple(
    items.Setting(key, label, default=str(number), scope="app", advanced=True)
    for key, label, number in (
        ("comment_length", _lt("Characters of a comment"), MAX_TEXT),
        ("comment_hashtags", _lt("Hashtags in a comment"), MAX_TAGS),
        ("comment_names", _lt("People named in a comment"), MAX_NAMES),
    )
)


class InstagramSend(GraphMessages, InstagramAgain):
    """Speaking; no adapter yet."""

    # --- what fits ------------------------------------------------------------
    def _limit(self, key: str, default: int) -> int:
        value = self._setting(key)
        fits = value.isascii() and value.isdigit() and 0 < int(value[:9]) < 100_000
        return int(value) if fits else default

    def _comment_limit(self) -> int:
        return self._limit("comment_length", MAX_TEXT)

    def _is_too_much(self, text: str) -> bool:
        """More hashtags or names than one comment may have?"""
        return len(HASHTAG.findall(text)) > self._limit(
            "comment_hashtags", MAX_TAGS
        ) or len(names_in(text)) > self._limit("comment_names", MAX_NAMES)

    def measure(self, draft: items.Draft) -> items.Measure:
        """Characters of a comment, with the name that it will begin with; bytes of a
        message. A comment with too many hashtags or names becomes several."""
        if draft.audience != items.PUBLIC:
            return self.message_measure(draft)
        head, limit = self._prefix(draft), self._comment_limit()

        def weight(text: str) -> int:
            length = len(head) + len(text)
            return limit + 1 if self._is_too_much(text) else length

        parts = split(draft.text, limit, weight)
        return items.Measure(len(head) + len(draft.text), limit, parts)

    def _prefix(self, draft: items.Draft) -> str:
        """The name an answer to an answer begins with, unless it does already."""
        target = draft.target
        if not target or not target.extra.get("top"):
            return ""
        name = name_of(target.extra.get("name")) or name_of(target.author.handle)
        own = target.author.id and self._me().is_us(target.author.id)
        said = draft.text.lstrip().lower()
        if not name or own or re.match(rf"@{re.escape(name.lower())}(?![\w.])", said):
            return ""
        return f"@{name} "

    def media_rules(self, audience: str) -> items.MediaRules:
        if audience == items.PUBLIC:
            return items.MediaRules()
        return self.message_media_rules(audience)

    # --- what may be done -----------------------------------------------------
    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        """Without likes and edits: Instagram has neither for programs (§5)."""
        if message.deleted:
            return []
        if message.audience != items.PUBLIC:
            found = self.message_affordances(message)
            return [one for one in found if one.kind != base.LIKE]
        place = words(message.extra.get("place")) or OURS
        if message.own:
            return self._about_own(place)
        found = [self._public(message, place), self._private(message, place)]
        if place in (OURS, LIVE):
            kinds = (base.HIDE, base.DELETE)
            found += [items.Affordance(kind, True) for kind in kinds]
        return found

    def _about_own(self, place: str) -> list[items.Affordance]:
        reply = items.Affordance(
            base.REPLY_PUBLIC, True, max_length=self._comment_limit()
        )
        if place == POST:
            return [reply]
        reason = "" if place == OURS else "forbidden"
        gone = items.Affordance(base.DELETE, not reason, reason)
        return [reply, gone]

    def _public(self, message, place: str) -> items.Affordance:
        reason = ""
        if message.blocked:
            reason = "blocked"
        elif place == TAGGED:
            # marked in the picture, and not named in words: no call answers that
            reason = "not_summoned"
        return items.Affordance(
            base.REPLY_PUBLIC, not reason, reason, max_length=self._comment_limit()
        )

    def _private(self, message, place: str) -> items.Affordance:
        """One private answer to a comment below a post of ours, for seven days; to a
        comment on a live video while it is on the air (§5)."""
        if place not in (OURS, LIVE):
            return items.Affordance(base.REPLY_PRIVATE, False, "never_started")
        found = self.private_reply_affordance(message)
        reason, until = found.reason, found.until
        if message.blocked:
            reason = "blocked"
        elif place == LIVE and message.sent_at:
            until = message.sent_at + BROADCAST
            if not reason and self.now() >= until:
                reason = "window_closed"
        return items.Affordance(
            base.REPLY_PRIVATE,
            not reason,
            reason,
            until=until,
            remaining=found.remaining,
            max_length=found.max_length,
        )

    # --- saying ---------------------------------------------------------------
    def publish(self, draft: items.Draft, key: str) -> items.Published:
        if draft.audience != items.PUBLIC:
            if is_private_reply(draft):
                return self.private_reply(draft, key)
            return self.message_publish(draft, key)
        path, form = self._place_of(draft)
        text = self._said(draft)
        if draft.media:
            raise errors.RejectedError("media_rejected", "comments have no files")
        if not draft.text.strip():
            raise errors.RejectedError("empty", "")
        if len(text) > self._comment_limit() or self._is_too_much(text):
            raise errors.RejectedError("too_long", str(self._comment_limit()))
        answer = self._call("POST", path, form={**form, "message": text}, effect=True)
        found = ident(answer.get("id"))
        if not found:
            raise errors.UncertainError("malformed", path)
        return items.Published(found, ref=found)

    def _said(self, draft: items.Draft) -> str:
        return f"{self._prefix(draft)}{draft.text}"

    def _place_of(self, draft: items.Draft) -> tuple[str, dict]:
        """(path, form) of where a comment goes; parts of one stand side by side.

        :raises RejectedError: nowhere
        """
        target = draft.target
        if not target or target.audience != items.PUBLIC:
            code = "audience_wider" if target else "no_target"
            raise errors.RejectedError(code, draft.audience)
        kind, ref = self._named(target.ref)
        ref, place = ident(ref.partition(":")[0]), target.extra.get("place")
        if not ref:
            raise errors.RejectedError("no_target", "public")
        if place == TAGGED:
            raise errors.RejectedError("not_summoned", ref)
        if kind or place in (THEIRS, NAMED):
            return self._mention_place(kind, ref, ident(target.extra.get("media")))
        if place == POST:
            return f"{ref}/comments", {}
        return f"{ident(target.extra.get('top')) or ref}/replies", {}

    def _mention_place(self, kind, ref, media) -> tuple[str, dict]:
        """Below somebody else's post, where we were named (§5)."""
        if self._login != FACEBOOK:
            raise errors.RejectedError("unsupported", "mentions need Facebook Login")
        if kind == BY_MENTION:
            if not media:
                raise errors.RejectedError("no_target", "media")
            form = {"media_id": media, "comment_id": ref}
        else:
            form = {"media_id": ref}
        return f"{self._node()}/mentions", form

    # --- looking --------------------------------------------------------------
    def idempotency(self, verb: str, audience: str = "") -> items.Idempotency:
        # hiding what is hidden changes nothing more
        return items.Idempotency("lookup" if verb == "publish" else "client_id")

    def lookup(
        self, draft: items.Draft, key: str, since: datetime
    ) -> items.Published | None:
        """What we may have said there since then.

        :raises TransientError: nobody can say: below others' posts nothing can be read,
            and of a great many answers not all are looked through
        """
        if draft.audience != items.PUBLIC:
            return self.message_lookup(draft, key, since)
        path, form = self._place_of(draft)
        if form:
            raise errors.TransientError("look_up_incomplete", "below another's post")
        wanted, me = self._plain(self._said(draft)), self._me()
        after = ""
        for _page in range(PAGES):
            rows, after = self._listed(
                path, after, fields=COMMENT_FIELDS, limit=str(PAGE)
            )
            for row in rows:
                at, one_id = when(row), ident(row.get("id"))
                ours = me.is_us(author(row, me).id)
                late = at is None or at < since - CLOCKS
                if one_id and ours and not late:
                    if self._plain(words(row.get("text"))) == wanted:
                        return items.Published(one_id, ref=one_id, sent_at=at)
            if not after:
                return None
        raise errors.TransientError("look_up_incomplete", path)

    @staticmethod
    def _plain(text: str) -> str:
        return " ".join(text.split())

    # --- moderation -----------------------------------------------------------
    def moderate(self, verb: str, target: items.Target) -> None:
        """``hide``, ``unhide``, ``delete`` of comments below our own posts."""
        if verb not in ("hide", "unhide", "delete"):
            raise errors.RejectedError("unsupported", verb)
        kind, ref = self._named(target.ref)
        if target.audience != items.PUBLIC or kind in (BY_MENTION, BY_MEDIA):
            raise errors.RejectedError("forbidden", verb)
        if not ident(ref):
            raise errors.NotFoundError("not_found", verb)
        if verb == "delete":
            try:
                answer = self._call("DELETE", ref)
            except errors.NotFoundError:
                return  # gone is what was wanted
        else:
            form = {"hide": "true" if verb == "hide" else "false"}
            answer = self._call("POST", ref, form=form)
        if answer.get("success") is not True:
            raise errors.MalformedResponse("malformed", verb)
