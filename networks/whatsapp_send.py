"""What goes to WhatsApp: to whom, text, one file, an approved template, a reaction.

One effect per call. There are no keys that make a repeat harmless, but our own
reference comes back with the news of a message: what got lost on the way settles
itself. Fact sheet whatsapp §5, §6.
"""

from . import errors, items, media
from .meta_graph_subscribe import GraphSubscriptions
from .template_text import preview as preview_of
from .text import split
from .values import listing, mapping, words
from .whatsapp_template import content_of
from .whatsapp_values import message_id, user_id, wa_id

MAX_TEXT = 4096  # code points (§5)
MAX_CAPTION = 1024
MB = 1024 * 1024
MAX_DOCUMENT = 100 * MB
#: mime type -> (how it is shown, largest as that); everything else, and what is larger,
#: goes as a document (§6)
SHOWN = {
    "image/jpeg": ("image", 5 * MB),
    "image/png": ("image", 5 * MB),
    "video/mp4": ("video", 16 * MB),
    "video/3gpp": ("video", 16 * MB),
    "audio/aac": ("audio", 16 * MB),
    "audio/amr": ("audio", 16 * MB),
    "audio/mpeg": ("audio", 16 * MB),
    "audio/mp4": ("audio", 16 * MB),
    "audio/ogg": ("audio", 16 * MB),
}
#: messages with a file that one reply may become: more is flooding somebody's phone
MAX_FILES = 10
#: seconds an upload may take; see ``Adapter.stage``
UPLOAD_DEADLINE = 90.0
LIKE = "👍"


def media_rules() -> items.MediaRules:
    """One file per message, of any type; WhatsApp has no descriptions (§5, §6)."""
    sizes = dict.fromkeys(("image", "video", "audio", "file"), MAX_DOCUMENT)
    return items.MediaRules(max_files=MAX_FILES, max_bytes=sizes, apart=True)


def shown_as(mime: str, size: int, text: str) -> str:
    """``image``, ``video``, ``audio`` or ``document``.

    A sound takes no words beside it: with words it goes as a document, which does.
    """
    kind, largest = SHOWN.get(media.plain(mime), ("document", 0))
    if size > largest or (kind == "audio" and text):
        return "document"
    return kind


def measure(draft: items.Draft) -> items.Measure:
    """With a file the first part is its caption."""
    limit = MAX_CAPTION if draft.media else MAX_TEXT
    if draft.template:
        return items.Measure(len(draft.text), 0, (draft.text,))
    parts = split(draft.text, limit, len)
    if draft.media and len(parts) > 1:
        rest = draft.text[draft.text.index(parts[0]) + len(parts[0]) :].lstrip()
        parts = (parts[0], *split(rest, MAX_TEXT, len))
    return items.Measure(len(draft.text), limit, parts)


# --- to whom ----------------------------------------------------------------------
def recipient(draft: items.Draft) -> str:
    """The business-scoped id, or the phone, of the one person it goes to.

    :raises RejectedError: nobody, or more people than meant
    """
    if draft.audience != items.PRIVATE:
        raise errors.RejectedError("audience_wider", draft.audience)
    written = draft.target.author.id if draft.target else ""
    wanted = draft.to.id if draft.to else ""
    if wanted and written and wanted != written and not _same_person(draft, wanted):
        raise errors.RejectedError("audience_wider", "another person's conversation")
    found = wanted or written or draft.thread
    if not (user_id(found) or wa_id(found)):
        raise errors.RejectedError("no_target", "private")
    return found


def _same_person(draft: items.Draft, wanted: str) -> bool:
    """Is it the phone of who wrote the message that is answered?"""
    return bool(wa_id(wanted)) and wanted == draft.target.extra.get("wa_id")


def addressed(one: str) -> dict[str, str]:
    """By id or by phone (§3): the phone may have found another owner meanwhile."""
    return {"recipient": one} if user_id(one) else {"to": wa_id(one)}


class WhatsAppSend(GraphSubscriptions):
    """Sending; not an adapter yet."""

    def measure(self, draft: items.Draft) -> items.Measure:
        return measure(draft)

    def media_rules(self, audience: str) -> items.MediaRules:
        return media_rules()

    def preview(self, filled: items.FilledTemplate) -> str:
        return preview_of(filled)

    # --- files ----------------------------------------------------------------
    def _number(self) -> str:
        self._needed("phone_number_id")
        return self._setting("phone_number_id")

    def stage(self, upload: items.Upload) -> str:
        """The id that WhatsApp gives the file; it is kept for 30 days (§6)."""
        for one in media.problems(
            media_rules(), [(upload.mime, len(upload.data), upload.alt)]
        ):
            raise errors.RejectedError("media_rejected", one.code)
        mime = media.plain(upload.mime) or "application/octet-stream"
        answer = self._call(
            "POST",
            f"{self._number()}/media",
            form={"messaging_product": "whatsapp", "type": mime},
            files={"file": (upload.name or "file", upload.data, mime)},
            deadline=UPLOAD_DEADLINE,
        )
        found = words(answer.get("id"))
        if not found:
            raise errors.MalformedResponse("malformed", "media")
        return found

    def _file(self, draft: items.Draft) -> dict:
        """{"image": {"id": …}}: how a message names its file; {} without one.

        :raises RejectedError: more than one: each is a message of its own
        """
        if not draft.media:
            return {}
        if len(draft.media) > 1:
            raise errors.RejectedError("media_rejected", "media_too_many 1")
        [upload] = draft.media
        kind = shown_as(upload.mime, len(upload.data), draft.text)
        value = {"id": upload.staged or self.stage_whole(upload)}
        if kind == "document":
            value["filename"] = (upload.name or "file")[:240]
        return {kind: value}

    # --- messages -------------------------------------------------------------
    def publish(self, draft: items.Draft, key: str) -> items.Published:
        """One message. 200 means that it was taken, the rest is told later (§5).

        ``key`` comes back with that news (``Receipt.ours``); it does not keep a repeat
        from being a second message.
        """
        who = recipient(draft)
        content = self._content(draft)
        body = {"biz_opaque_callback_data": key, **content}
        answered = draft.target and message_id(draft.target.ref)
        if answered and not draft.previous:
            body["context"] = {"message_id": draft.target.ref}
        try:
            answer = self._say(who, body)
        except errors.RejectedError as error:
            phone = wa_id(draft.target.extra.get("wa_id")) if draft.target else ""
            if error.code != "phone_needed" or not phone or phone == who:
                raise
            # refused, so nothing happened
            answer = self._say(phone, body)
        sent = mapping((listing(answer.get("messages")) or [None])[0])
        found = message_id(sent.get("id"))
        if not found:
            raise errors.UncertainError("malformed", "messages")
        if draft.template and draft.template.template.category:
            self.charge(draft.template.template.category)
        return items.Published(found, ref=found, thread=draft.thread or who)

    def _content(self, draft: items.Draft) -> dict:
        """:raises RejectedError: nothing to say, too much, or a gap left open"""
        file = self._file(draft)
        if draft.template:
            template = content_of(draft.template, file)
            return {"type": "template", "template": template}
        if not draft.text.strip() and not file:
            raise errors.RejectedError("empty", "")
        if len(draft.text) > (MAX_CAPTION if file else MAX_TEXT):
            raise errors.RejectedError("too_long", str(MAX_TEXT))
        if not file:
            return {"type": "text", "text": {"body": draft.text, "preview_url": False}}
        [(kind, value)] = file.items()
        if draft.text:
            value["caption"] = draft.text
        return {"type": kind, kind: value}

    def _say(self, who: str, body: dict, effect: bool = True) -> dict:
        whole = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **addressed(who),
            **body,
        }
        return self._call(
            "POST", f"{self._number()}/messages", json=whole, effect=effect
        )

    def moderate(self, verb: str, target: items.Target) -> None:
        """A thumb, or none; the next takes the place of the former, so repeating it
        does no harm, and a lost answer is only transient."""
        if verb not in ("like", "unlike"):
            raise errors.RejectedError("unsupported", verb)
        ref, who = message_id(target.ref), target.author.id
        if not ref or not (user_id(who) or wa_id(who)):
            raise errors.NotFoundError("not_found", verb)
        emoji = LIKE if verb == "like" else ""
        reaction = {"message_id": ref, "emoji": emoji}
        self._say(who, {"type": "reaction", "reaction": reaction}, effect=False)
