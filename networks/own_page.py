"""A page of ours as a network: for people whose network has no private messages.

What a person writes on the page is journalled like anything that a network pushes, and
what we answer is delivered by being shown there. The page itself, and who is let in,
are none of this file's business: behind the transport (``call(verb, arguments)``, as
for the sandbox) is whoever knows which conversations are still open.

========== ================== ==========================================
verb       arguments          answer
========== ================== ==========================================
whoami                        id, handle, name
deliver    thread, key, text  ``{}``, or ``{"error": "gone"}`` when it has ended
file       ref                data, mime; ``{}`` when it is not there (any more)
========== ================== ==========================================
"""

from datetime import datetime

from . import base, errors, items, text
from .values import listing, mapping, number, words

#: characters of one message: what fits a phone's screen a few times over. Longer ones
#: are split, so that nothing an agent writes is refused for its length
LIMIT = 2000
#: bytes of one file, theirs and ours: what we keep of any network's
MAX_FILE = 25 * 1024 * 1024


class OwnPageAdapter(base.Adapter):
    """See ``base.Adapter`` for what each method promises."""

    code = "own_page"
    name = "Private page"
    auth = "none"
    capabilities = frozenset(
        {base.REPLY_PRIVATE, base.PRIVATE_FIRST, base.MEDIA_IN, base.MEDIA_OUT}
    )
    transport_model = "helpdesk.social.handoff"

    def check(self) -> items.Profile:
        me = self.transport.call("whoami", {})
        return items.Profile(
            id=words(me.get("id")),
            handle=words(me.get("handle")),
            name=words(me.get("name")),
            facts={"id": words(me.get("id"))},
        )

    def subscribe(self, url: str, secret: str) -> None:
        """Nobody has to be told: what is written here is ours from the first byte."""

    def unsubscribe(self) -> None:
        """As ``subscribe``."""

    # --- what people write ------------------------------------------------------
    def parse(self, item: items.RawItem) -> items.Parsed:
        try:
            return _incoming(item.data)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return items.Unknown("malformed")

    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        found = self.transport.call("file", {"ref": ref})
        data = found.get("data")
        if not isinstance(data, bytes) or not data:
            raise errors.NotFoundError("not_found", ref[:20])
        if len(data) > MAX_FILE:
            raise errors.MalformedResponse("too_large", ref[:20])
        return data, words(found.get("mime"))

    # --- what we write ----------------------------------------------------------
    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        reason = "blocked" if message.blocked else ""
        return [
            items.Affordance(one.kind, not reason, reason, max_length=LIMIT)
            for one in super().affordances(message)
            if message.audience == items.PRIVATE
        ]

    def measure(self, draft: items.Draft) -> items.Measure:
        parts = text.split(draft.text, LIMIT, text.count_graphemes)
        return items.Measure(text.count_graphemes(draft.text), LIMIT, parts)

    def media_rules(self, audience: str) -> items.MediaRules:
        """Everything: what a browser does not show there is a download."""
        sizes = dict.fromkeys(("image", "video", "audio", "file"), MAX_FILE)
        return items.MediaRules(max_files=base.MAX_FILES, max_bytes=sizes)

    def idempotency(self, verb: str, audience: str = "") -> items.Idempotency:
        # what we show is named by our own key: a repeat shows it once
        return items.Idempotency("client_id")

    def publish(self, draft: items.Draft, key: str) -> items.Published:
        """Shown on the page from now on.

        :raises RejectedError: ``page_ended``: there is nobody left to read it
        """
        thread = draft.thread or (draft.target.thread if draft.target else "")
        if draft.audience != items.PRIVATE or not thread:
            raise errors.RejectedError("no_target", "")
        if not draft.text.strip() and not draft.media:
            raise errors.RejectedError("empty", "")
        if text.count_graphemes(draft.text) > LIMIT:
            raise errors.RejectedError("too_long", str(LIMIT))
        answer = self.transport.call(
            "deliver", {"thread": thread, "key": key, "text": draft.text}
        )
        if answer.get("error"):
            raise errors.RejectedError("page_ended", "")
        return items.Published(
            key=f"out:{key}", ref=key, thread=thread, sent_at=self.now()
        )


def _incoming(data: dict) -> items.Incoming:
    """What a person wrote on the page, as the page's controller journalled it."""
    key, thread = data["id"], data["thread"]
    if not (isinstance(key, str) and key and isinstance(thread, str) and thread):
        raise ValueError("no id")
    who = data["author"]
    if not words(who["id"]):
        raise ValueError("there is nobody in it")
    sent_at = datetime.fromisoformat(data["at"])
    if sent_at.tzinfo is None:
        raise ValueError("a time without its zone")
    if not isinstance(data["text"], str):
        raise ValueError("not a text")
    return items.Incoming(
        key=f"in:{key}",
        ref=key,
        author=items.Author(
            id=words(who["id"]),
            handle=words(who.get("handle")),
            name=words(who.get("name")),
            url=words(who.get("url")),
        ),
        text=data["text"],
        media=tuple(_media(mapping(one)) for one in listing(data.get("media"))),
        sent_at=sent_at,
        audience=items.PRIVATE,
        thread=thread,
    )


def _media(one) -> items.Media:
    """:raises ValueError: it names no file"""
    ref = words(one.get("ref"))
    if not ref.isdecimal():
        raise ValueError("no file")
    kind = words(one.get("kind"))
    return items.Media(
        ref=ref,
        kind=kind if kind in ("image", "video", "audio") else "file",
        mime=words(one.get("mime")),
        name=words(one.get("name")),
        size=number(one.get("size")),
    )
