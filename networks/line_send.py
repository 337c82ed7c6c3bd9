"""What may be said on LINE, what it costs, and saying it. Fact sheet line §3, §4.

An answer is free for seconds, by a token that protects nothing; after that it counts
on the month's messages and a key protects it. It must never use both for one reply
without somebody having decided so.
"""

import re
from contextlib import suppress
from datetime import timedelta
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from . import base, errors, items, text
from .line_line import LineLine
from .line_refusals import ACCEPTED, TokenUsed, until_next_month
from .line_values import PLACE, ident, person_id
from .terms import _lt
from .values import listing, mapping, number, words

#: UTF-16 units of one text (§4)
MAX_TEXT = 5000
#: how long a key is known (§3)
KEY_LIFETIME = timedelta(hours=24)
#: seconds in which a reply token is used: "within one minute" says LINE, 30 s say
#: reports from the field (§3)
REPLY_SECONDS = 25
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


class LineSends(LineLine):
    """The speaking half of the adapter."""

    def _left(self) -> int | None:
        """Messages that the plan has left, as of the last look; None: no limit."""
        quota = number(self.facts.get("quota"))
        if quota is None or self.facts.get("month") != self.now().strftime("%Y-%m"):
            return None
        return max(0, quota - (number(self.facts.get("used")) or 0))

    def _free_until(self, extra, sent_at):
        """Until when the answer to a message is free; None: it is not."""
        seconds = self._setting("reply_seconds")
        seconds = int(seconds) if seconds.isascii() and seconds.isdigit() else 0
        if not seconds or not words(extra.get("reply")) or not sent_at:
            return None
        return sent_at + timedelta(seconds=min(seconds, 60))

    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        if message.deleted or message.own:
            return []
        reason = "blocked" if message.blocked else ""
        if message.extra.get("standby"):
            reason = "other_program"
        free = self._free_until(message.extra, message.sent_at)
        costs = not free or self.now() >= free
        left = self._left() if costs else None
        if not reason and left == 0:
            reason = "month_used_up"
        kinds = {
            items.GROUP: (base.REPLY_GROUP, base.REPLY_PRIVATE),
            items.PRIVATE: (base.REPLY_PRIVATE,),
        }.get(message.audience, ())
        found = []
        for kind in kinds:
            hidden = kind == base.REPLY_PRIVATE and not message.author.id
            why = reason or ("no_target" if hidden else "")
            found.append(
                items.Affordance(
                    kind,
                    not why,
                    why,
                    remaining=left,
                    cost=_lt("1 message of the plan") if costs else "",
                    max_length=MAX_TEXT,
                )
            )
        return found

    def measure(self, draft: items.Draft) -> items.Measure:
        """UTF-16 units (§4)."""
        parts = text.split(draft.text, MAX_TEXT, text.count_utf16)
        return items.Measure(text.count_utf16(draft.text), MAX_TEXT, parts)

    def idempotency(self, verb: str, audience: str = "") -> items.Idempotency:
        return items.Idempotency("key", KEY_LIFETIME)

    def protection(self, draft: items.Draft, at) -> items.Idempotency:
        """A reply token protects nothing: whether it was used cannot be told from
        whether it has ended (§3)."""
        if self._reply_token(draft, at):
            return items.Idempotency("none")
        return self.idempotency("publish", draft.audience)

    def _reply_token(self, draft, at) -> str:
        """The token that a first part is sent with at this time, or ''."""
        target = draft.target
        if not target or draft.part != 1 or target.thread != self._where(draft):
            return ""
        free = self._free_until(target.extra, target.sent_at)
        return words(target.extra.get("reply")) if free and at < free else ""

    @staticmethod
    def _where(draft) -> str:
        """Who or which group it goes to."""
        if draft.audience == items.PRIVATE:
            return person_id(draft.to.id if draft.to else "") or person_id(draft.thread)
        return draft.thread if PLACE.fullmatch(draft.thread) else ""

    def publish(self, draft: items.Draft, key: str) -> items.Published:
        """Free while that is possible, else from the plan with a key.

        :raises UncertainError: ``protection`` says whether a repeat would do harm
        """
        where = self._where(draft)
        if not where or draft.audience == items.PUBLIC:
            raise errors.RejectedError("no_target", "")
        if not draft.text.strip():
            raise errors.RejectedError("empty", "")
        if text.count_utf16(draft.text) > MAX_TEXT:
            raise errors.RejectedError("too_long", str(MAX_TEXT))
        words_of = [self._words(draft, where)]
        token = self._reply_token(draft, self.now())
        if token:
            # refused, it was used before or has ended. Used by whom? For this very
            # reply only when it was tried before, and then a person has decided
            with suppress(TokenUsed):
                answer = self._call(
                    "POST",
                    "/v2/bot/message/reply",
                    json={"replyToken": token, "messages": words_of},
                    effect=True,
                )
                return self._sent(answer, where, "reply")
        if draft.audience == items.PRIVATE and not draft.thread:
            self._still_reachable(where)
        return self._push(where, words_of, key)

    def _words(self, draft, where):
        found = {"type": "text", "text": draft.text}
        quoted = words(draft.target.extra.get("quote")) if draft.target else ""
        if quoted and draft.target.thread == where and draft.part == 1:
            found["quoteToken"] = quoted
        return found

    def _still_reachable(self, who):
        """Writing first: LINE takes it for people who never added us and tells nobody
        that they do not get it (§7). Whoever has a profile for us does."""
        try:
            self.profile(who)
        except errors.NotFoundError as error:
            raise errors.RejectedError("never_started", error.detail) from error

    def _push(self, where, messages, key):
        try:
            answer = self._ask(
                "POST",
                "/v2/bot/message/push",
                json={"to": where, "messages": messages},
                headers={"X-Line-Retry-Key": str(uuid5(NAMESPACE_URL, key))},
                effect=True,
                ok=(ACCEPTED,),
            )
        except errors.Exhausted as error:
            error.retry_after = until_next_month(self.now())
            raise
        try:
            said = mapping(answer.json())
        except errors.MalformedResponse as error:
            raise errors.UncertainError("malformed", error.detail) from error
        first = answer.headers.get("x-line-accepted-request-id", "")
        if answer.status != ACCEPTED:
            self.charge("push")
            first = answer.headers.get("x-line-request-id", "")
        return self._sent(said, where, f"request:{first or key}")

    def _sent(self, answer, where, otherwise):
        """:raises UncertainError: it does not say what it did"""
        sent = [mapping(one) for one in listing(answer.get("sentMessages"))]
        known = ident(sent[0].get("id")) if sent else ""
        if not known and otherwise == "reply":
            raise errors.UncertainError("malformed", "reply")
        return items.Published(
            key=known or otherwise, ref=known, thread=where, sent_at=self.now()
        )

    def moderate(self, verb: str, target: items.Target) -> None:
        raise errors.RejectedError("unsupported", verb)

    def invite_url(self, payload: str) -> str:
        """Opens the chat with our account, with the token as its first words; they are
        sent by the person (§6, the form of the link is unconfirmed)."""
        if not PAYLOAD.fullmatch(payload):
            raise errors.RejectedError("bad_payload", "8-64 of A-Z a-z 0-9 _ -")
        handle = words(self.facts.get("handle"))
        if not handle:
            raise errors.ConfigError("missing_setting", "channel_id")
        said = quote(f"[{payload}]", safe="")
        return f"https://line.me/R/oaMessage/{quote(handle)}/?{said}"
