"""Guestbook: people sign a public book, we answer below. There is nothing private.

Written from the table in the addon's README. It must never import Odoo: only
``helpdesk_social.networks``, by its name in Odoo.
"""

from datetime import datetime, timedelta
from urllib.parse import quote

from odoo.addons.helpdesk_social.networks import base, errors, items, text
from odoo.addons.helpdesk_social.networks.terms import _lt
from odoo.addons.helpdesk_social.networks.values import listing, mapping, number, words

PAGE = 50
LONGEST = 1000
#: how long the server knows a key
KEY_LIFETIME = timedelta(days=1)


class GuestbookAdapter(base.Adapter):
    """See ``base.Adapter`` for what each method promises."""

    code = "guestbook"
    name = "Guestbook"
    base_url = "https://api.guestbook.example"
    host_setting = "base_url"
    settings_spec = (
        items.Setting("key", _lt("Key"), secret=True, required=True),
        items.Setting("base_url", _lt("Server"), default=base_url),
    )
    capabilities = frozenset({base.PULL, base.REPLY_PUBLIC, base.DELETE})
    streams = ("entries",)

    # --- calls ----------------------------------------------------------------
    def _call(self, method, path, *, effect=False, **kwargs) -> dict:
        key = (self.settings.get("key") or "").strip()
        if not key:
            raise errors.ConfigError("missing_setting", "key")
        response = self.transport.request(
            method,
            f"/api/{path}",
            headers={"Authorization": f"Bearer {key}"},
            effect=effect,
            **kwargs,
        )
        if response.status == 204:
            return {}
        try:
            answer = response.json()
        except errors.MalformedResponse as error:
            answer, path = None, error.detail
        if isinstance(answer, dict):
            return answer
        kind = errors.UncertainError if effect else errors.MalformedResponse
        raise kind("malformed", path)

    # --- account --------------------------------------------------------------
    def check(self) -> items.Profile:
        book = self._call("GET", "book")
        if not words(book.get("id")):
            raise errors.MalformedResponse("malformed", "book")
        longest = number(book.get("longest")) or LONGEST
        return items.Profile(
            id=book["id"],
            handle=words(book.get("name")),
            name=words(book.get("title")),
            facts={"id": book["id"], "longest": longest},
        )

    # --- pull -----------------------------------------------------------------
    def fetch(self, stream: str, cursor: str, since: datetime) -> items.Page:
        if stream not in self.streams:
            raise errors.RejectedError("unsupported", stream)
        query = {"limit": PAGE, **({"after": cursor} if cursor else {})}
        answer = self._call("GET", "entries", query=query)
        if not isinstance(answer.get("entries"), list):
            raise errors.MalformedResponse("malformed", "entries")
        entries = [mapping(one) for one in listing(answer["entries"])]
        ids = [words(one.get("id")) for one in entries]
        return items.Page(
            items=tuple(
                items.RawItem(key, one)
                for key, one in zip(ids, entries, strict=True)
                if key
            ),
            cursor=next(filter(None, reversed(ids)), cursor),
            more=answer.get("more") is True and any(ids),
        )

    def parse(self, item: items.RawItem) -> items.Parsed:
        entry, by = item.data, mapping(item.data.get("by"))
        key, written = words(entry.get("id")), _moment(entry.get("written"))
        if not key or not written or not words(by.get("id")):
            return items.Unknown("malformed")
        return items.Incoming(
            key=key,
            author=items.Author(
                id=words(by["id"]),
                handle=words(by.get("name")),
                name=words(by.get("name")),
            ),
            text=words(entry.get("text")),
            sent_at=written,
            audience=items.PUBLIC,
            parent=words(entry.get("under")),
            permalink=f"{self.settings.get('base_url')}/#{quote(key)}",
        )

    # --- say ------------------------------------------------------------------
    def _longest(self) -> int:
        return number(self.facts.get("longest")) or LONGEST

    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        return [
            items.Affordance(one.kind, True, max_length=self._longest())
            for one in super().affordances(message)
        ]

    def measure(self, draft: items.Draft) -> items.Measure:
        parts = text.split(draft.text, self._longest(), len)
        return items.Measure(len(draft.text), self._longest(), parts)

    def idempotency(self, verb: str, audience: str = "") -> items.Idempotency:
        return items.Idempotency("key", KEY_LIFETIME)

    def publish(self, draft: items.Draft, key: str) -> items.Published:
        """One entry below the one that is answered, or below the part before."""
        if draft.audience != items.PUBLIC or not draft.target:
            raise errors.RejectedError("no_target", "")
        under = quote(draft.previous or draft.target.ref, safe="")
        answer = self._call(
            "POST",
            f"entries/{under}/answers",
            json={"text": draft.text, "key": key},
            effect=True,
        )
        entry = words(answer.get("id"))
        if not entry:
            raise errors.UncertainError("malformed", "answers")
        return items.Published(
            key=entry, ref=entry, sent_at=_moment(answer.get("written"))
        )

    def moderate(self, verb: str, target: items.Target) -> None:
        if verb != base.DELETE:
            raise errors.RejectedError("unsupported", verb)
        try:
            self._call("DELETE", f"entries/{quote(target.ref, safe='')}")
        except errors.NotFoundError:
            return  # what was wanted is so already


def _moment(value) -> datetime | None:
    """The aware time in it; None when it tells none."""
    try:
        found = datetime.fromisoformat(words(value))
    except ValueError:
        return None
    return found if found.tzinfo else None
