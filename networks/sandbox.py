"""The sandbox: a network without a server, to try everything and to practise.

Its people, posts and accidents live in a store behind the transport, and the
transport is a plain object with one method, ``call(verb, arguments) -> dict``: in
Odoo a model gives it, in pure tests an object in memory. This file must never know
which of the two it speaks to.

What both speak is written down in ``sandbox_rows``.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from . import base, errors, items, sandbox_rows, text
from .sandbox_templates import SandboxTemplates
from .terms import _lt

#: rows per page: small enough that the paging is exercised by a storm
PAGE = 200
#: characters of a post unless the account says otherwise; as Mastodon's
LIMIT = 500
#: the store remembers keys for good; a lifetime shows that callers respect it
KEY_LIFETIME = timedelta(days=1)
MAX_MEDIA = 20 * 1024 * 1024
VERBS = (base.LIKE, "unlike", base.HIDE, "unhide", base.DELETE, base.EDIT)
#: verbs about a person, not about a post
PERSONAL = (base.BLOCK, "unblock")

#: what the store refuses with -> our error and its code
REFUSALS: Mapping[str, tuple[type[errors.NetworkError], str]] = {
    "down": (errors.TransientError, "unreachable"),
    "rate": (errors.RateLimited, "rate_limited"),
    "auth": (errors.AuthError, "auth"),
    "scope": (errors.ScopeError, "scope"),
    "garbage": (errors.MalformedResponse, "malformed"),
    "stale": (errors.CursorExpired, "cursor_expired"),
    "gone": (errors.NotFoundError, "not_found"),
    "blocked": (errors.RejectedError, "blocked"),
    "forbidden": (errors.RejectedError, "forbidden"),
    "handle_taken": (errors.ConfigError, "handle_taken"),
}


class SandboxAdapter(SandboxTemplates):
    code = "sandbox"
    name = "Sandbox"
    auth = "none"
    settings_spec = (
        items.Setting(
            "handle",
            _lt("Our name there"),
            required=True,
            default="acme",
            help=_lt("Scripted customers write to this name, as in @acme."),
        ),
        items.Setting(
            "limit",
            _lt("Characters per post"),
            default=str(LIMIT),
            help=_lt("Longer answers are split, as on networks with a limit."),
        ),
        items.Setting(
            "protection",
            _lt("Protection against doubles"),
            default="key",
            help=_lt(
                "What the pretended server offers after a lost answer: “key” "
                "(it knows a repeated post), “lookup” (we find our post again) or "
                "“none” (a person has to look)."
            ),
            advanced=True,
        ),
        items.Setting(
            "window_hours",
            _lt("Hours to answer in private"),
            help=_lt(
                "Empty: no limit. “24” behaves like networks that take only approved "
                "templates afterwards."
            ),
        ),
        items.Setting(
            "withdrawn_templates",
            _lt("Withdrawn templates"),
            help=_lt(
                "Names, separated by commas: the pretended network refuses them, "
                "although it had approved them."
            ),
            advanced=True,
        ),
        items.Setting(
            "private",
            _lt("Ways into private"),
            default="direct",
            help=_lt(
                "How somebody who wrote in public is reached: “direct” (we write "
                "first), “reply” (one private answer to each post), “link” (they "
                "write first) or “none” (a network without private messages)."
            ),
            advanced=True,
        ),
    )
    capabilities = frozenset(
        {
            base.PULL,
            base.CONTEXT,
            base.REREAD,
            base.RESOLVE,
            base.REPLY_PUBLIC,
            base.ANSWER_OWN,
            base.REPLY_GROUP,
            base.REPLY_PRIVATE,
            base.PRIVATE_FIRST,
            base.MEDIA_IN,
            base.MEDIA_OUT,
            base.ALT_TEXT,
            base.LIKE,
            base.HIDE,
            base.DELETE,
            base.EDIT,
            base.BLOCK,
            base.LOOKUP,
            base.PROFILE,
            base.INVITE,
            base.TEMPLATES,
        }
    )
    streams = ("public", "private")
    min_poll_seconds = 5
    block_means = _lt("They can no longer name us, answer us or write to us.")
    transport_model = "helpdesk.social.sandbox.post"
    reread_batch = 100

    # --- the line ---------------------------------------------------------------
    def _call(self, verb: str, effect: bool = False, **arguments) -> dict:
        """Ask the store; its refusals become our errors."""
        arguments.setdefault("me", self.facts.get("id", ""))
        answer = self.transport.call(verb, arguments)
        if not isinstance(answer, dict):
            raise errors.MalformedResponse("malformed", verb)
        refusal = answer.get("error")
        if not refusal:
            return answer
        detail = str(answer.get("detail") or "")
        if refusal == "lost":
            # an answer that got lost says nothing about the effect
            kind = errors.UncertainError if effect else errors.TransientError
            raise kind("cut", detail)
        if refusal == "garbage" and effect:
            raise errors.UncertainError("malformed", detail)
        kind, code = REFUSALS.get(refusal, (errors.RejectedError, refusal))
        raise kind(code, detail, retry_after=answer.get("retry_after"))

    def _row(self, verb: str, effect: bool = False, **arguments) -> dict:
        row = self._call(verb, effect, **arguments).get("row")
        if not isinstance(row, dict) or not row.get("id"):
            kind = errors.UncertainError if effect else errors.MalformedResponse
            raise kind("malformed", verb)
        return row

    def _number(self, key: str, default: int) -> int:
        value = self.settings.get(key) or ""
        if not value:
            return default
        if not value.isdecimal() or not 0 < int(value) <= 100_000:
            raise errors.ConfigError("bad_setting", key)
        return int(value)

    @property
    def _protection(self) -> str:
        value = self.settings.get("protection") or "key"
        if value not in ("key", "lookup", "none"):
            raise errors.ConfigError("bad_setting", "protection")
        return value

    @property
    def _private(self) -> str:
        value = self.settings.get("private") or "direct"
        if value not in ("direct", "reply", "link", "none"):
            raise errors.ConfigError("bad_setting", "private")
        return value

    # --- account ----------------------------------------------------------------
    def check(self) -> items.Profile:
        handle = (self.settings.get("handle") or "").strip().lstrip("@").lower()
        if not handle:
            raise errors.ConfigError("missing_setting", "handle")
        # settings that cannot be right are told now, not at the first answer
        limit, _hours = self._number("limit", LIMIT), self._number("window_hours", 1)
        _private = self._private
        answer = self._call("whoami", handle=handle, protection=self._protection)
        try:
            person = answer["person"]
            return items.Profile(
                id=str(person["id"]),
                handle=person["handle"],
                name=person["name"],
                url=person.get("url", ""),
                facts={"id": str(person["id"]), "limit": limit, "url": answer["url"]},
            )
        except (KeyError, TypeError) as error:
            raise errors.MalformedResponse("malformed", "whoami") from error

    def profile(self, external_id: str) -> items.Author:
        return sandbox_rows.author(self._call("person", id=external_id).get("person"))

    # --- pull -------------------------------------------------------------------
    def fetch(self, stream: str, cursor: str, since: datetime) -> items.Page:
        if stream not in self.streams:
            raise errors.RejectedError("unsupported", stream)
        if cursor and not cursor.isdecimal():
            raise errors.CursorExpired("cursor_expired", cursor)
        answer = self._call(
            "page",
            stream=stream,
            after=int(cursor or 0),
            since="" if cursor else since.isoformat(),
            limit=PAGE,
        )
        rows = sandbox_rows.rows(answer)
        last = max((row.get("seq", 0) for row in rows), default=0)
        return items.Page(
            items=tuple(sandbox_rows.raw(row) for row in rows),
            cursor=str(last) if last else cursor,
            more=bool(answer.get("more")),
        )

    def fetch_context(self, ref: str) -> items.Page:
        rows = sandbox_rows.rows(self._call("above", ref=ref, limit=50))
        return items.Page(
            tuple(sandbox_rows.raw(row, prefix=f"context:{ref}:") for row in rows)
        )

    def reread(self, refs: list[str]) -> items.Page:
        rows = sandbox_rows.rows(self._call("read", refs=list(refs)))
        known = {str(row.get("id")) for row in rows}
        found = [sandbox_rows.raw(row) for row in rows]
        # what the store no longer has at all was removed by the network
        gone = {"kind": "gone", "at": self.now().isoformat()}
        found += [
            items.RawItem(f"post:{ref}", {**gone, "id": ref}, "gone")
            for ref in refs
            if ref not in known
        ]
        return items.Page(tuple(found))

    def resolve(self, permalink: str) -> items.RawItem:
        return sandbox_rows.raw(self._row("find", url=permalink.strip()))

    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        answer = self._call("media", ref=ref, limit=MAX_MEDIA)
        data = answer.get("data")
        if not isinstance(data, bytes) or len(data) > MAX_MEDIA:
            raise errors.MalformedResponse("too_large", ref)
        return data, answer.get("mime") or "application/octet-stream"

    def parse(self, item: items.RawItem) -> items.Parsed:
        return sandbox_rows.parse(item, self.facts.get("id", ""))

    # --- say ----------------------------------------------------------------------
    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        found = []
        for one in super().affordances(message):
            allowed, reason, until, left = True, "", None, None
            if one.kind.startswith("reply") and message.blocked:
                allowed, reason = False, "blocked"
            elif one.kind == base.HIDE and message.audience != items.PUBLIC:
                continue
            elif one.kind == base.REPLY_PRIVATE:
                until = self._window(message)
                reason = self._why_not_private(message)
                if self._private == "reply" and message.audience != items.PRIVATE:
                    left = max(0, 1 - message.private_replies_sent)
                if not reason and until and self.now() > until:
                    private = message.audience == items.PRIVATE
                    reason = "window_closed" if private else "too_old"
                allowed = not reason
            found.append(
                items.Affordance(
                    one.kind,
                    allowed,
                    reason,
                    until,
                    remaining=left,
                    max_length=self._limit if one.kind.startswith("reply") else None,
                )
            )
        return found + self._template_ways(message)

    def _why_not_private(self, message: items.MessageFacts) -> str:
        """Why nothing private may be written about this message, as a code, or ''."""
        if self._private == "none":
            return "unsupported"
        if message.audience == items.PRIVATE:
            return ""
        if self._private == "link":
            return "never_started"
        used = self._private == "reply" and message.private_replies_sent
        return "private_reply_used" if used else ""

    @property
    def direct_way(self) -> str:
        replies = self._private == "reply"
        return items.PRIVATE_REPLY if replies else items.DIRECT

    def _link_ways(self, message, token: str) -> list[items.Way]:
        return [] if self._private == "none" else super()._link_ways(message, token)

    @property
    def _limit(self) -> int:
        return int(self.facts.get("limit") or LIMIT)

    def _window(self, message: items.MessageFacts) -> datetime | None:
        hours = self.settings.get("window_hours") or ""
        start = message.last_inbound_at or message.sent_at
        if not hours.isdecimal() or not start:
            return None
        return start + timedelta(hours=int(hours))

    def measure(self, draft: items.Draft) -> items.Measure:
        if draft.template:
            length = text.count_graphemes(draft.text)
            return items.Measure(length, 0, (draft.text,))
        parts = text.split(draft.text, self._limit, text.count_graphemes)
        return items.Measure(text.count_graphemes(draft.text), self._limit, parts)

    def media_rules(self, audience: str) -> items.MediaRules:
        """What the strictest of the large networks would take, to try it out on."""
        sizes = dict.fromkeys(("image", "video", "audio", "file"), MAX_MEDIA)
        return items.MediaRules(
            max_files=base.MAX_FILES,
            max_bytes=sizes,
            alone=("video", "audio"),
            alt_length=base.ALT_LENGTH,
        )

    def idempotency(self, verb: str, audience: str = "") -> items.Idempotency:
        if verb != "publish":
            return items.Idempotency("client_id")  # liking twice is liking once
        if self._protection == "key":
            return items.Idempotency("key", KEY_LIFETIME)
        return items.Idempotency(self._protection)

    def publish(self, draft: items.Draft, key: str) -> items.Published:
        said = self._words_of(draft)
        if not said.strip() and not draft.media:
            raise errors.RejectedError("empty", "")
        if not draft.template and text.count_graphemes(said) > self._limit:
            raise errors.RejectedError("too_long", str(self._limit))
        place = self._place(draft)
        row = self._row(
            "create",
            effect=True,
            **place,
            text=said,
            language=draft.language,
            warning=draft.warning,
            key=key if self._protection == "key" else "",
            media=[
                {"name": one.name, "mime": one.mime, "data": one.data, "alt": one.alt}
                for one in draft.media
            ],
        )
        return sandbox_rows.published(row)

    def lookup(
        self, draft: items.Draft, key: str, since: datetime
    ) -> items.Published | None:
        answer = self._call(
            "sent", **self._place(draft), text=draft.text, since=since.isoformat()
        )
        return sandbox_rows.published(answer["row"]) if answer.get("row") else None

    def _place(self, draft: items.Draft) -> dict:
        """Where a draft goes: to whom, below what, in which thread."""
        target = draft.target
        if target and items.AUDIENCES.index(draft.audience) > items.AUDIENCES.index(
            target.audience
        ):
            raise errors.RejectedError("audience_wider", draft.audience)
        same = bool(target) and target.audience == draft.audience
        place = {
            "audience": draft.audience,
            "parent": draft.previous or (target.ref if same else ""),
            "to": "",
            "thread": "",
        }
        if draft.audience == items.PRIVATE:
            person = draft.to or (target.author if target else None)
            place["to"] = person.id if person else ""
            if not place["to"] and not draft.thread:
                raise errors.RejectedError("no_target", "")
        if draft.audience != items.PUBLIC:
            place["thread"] = draft.thread or (target.thread if same else "")
        if draft.audience == items.GROUP and not place["thread"]:
            raise errors.RejectedError("no_target", "")
        return place

    def moderate(self, verb: str, target: items.Target) -> None:
        """Besides the usual verbs ``edit``: ``target.text`` is the new text."""
        if verb in PERSONAL:
            if not target.author.id:
                raise errors.NotFoundError("not_found", verb)
            self._call(verb, effect=True, id=target.author.id)
            return
        if verb not in VERBS:
            raise errors.RejectedError("unsupported", verb)
        more = {}
        if verb == base.EDIT:
            if text.count_graphemes(target.text) > self._limit:
                raise errors.RejectedError("too_long", str(self._limit))
            more = {"text": target.text}
        try:
            self._row(verb, effect=True, ref=target.ref, **more)
        except errors.NotFoundError:
            if verb != base.DELETE:
                raise

    def invite_url(self, payload: str) -> str:
        me = quote(str(self.facts.get("id", "")), safe="")
        return f"{self.facts.get('url', '')}/talk/{me}?start={quote(payload, safe='')}"
