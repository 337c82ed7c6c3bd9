"""What a business may send on the simulated WhatsApp, and what it is refused.

Fact sheet whatsapp §5; it never reads an adapter.
"""

import re

from .meta_graph import VERSION, GraphError
from .server import Answer, Call, route
from .whatsapp_world import Person, Sent, WhatsAppWorld

MAX_TEXT, MAX_CAPTION = 4096, 1024
WINDOW = 24 * 3600
TYPES = ("text", "image", "video", "audio", "document", "sticker", "template")
#: megabytes
LIMITS = {"image": 5, "video": 16, "audio": 16, "document": 100, "sticker": 0.5}
MIMES = {
    "image": ("image/jpeg", "image/png"),
    "video": ("video/mp4", "video/3gpp"),
    "audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    "sticker": ("image/webp",),
}
NUMBER = VERSION + r"/(?P<number>[0-9]+)"


class WhatsAppSending(WhatsAppWorld):
    """``POST …/messages`` and what it checks."""

    def __init__(self):
        super().__init__()
        #: whether a refusal for the closed window comes with the answer, or later
        self.late_refusals = False
        #: (name, language) -> row of the list
        self.templates: dict[tuple[str, str], dict] = {}

    @route("POST", NUMBER + r"/messages")
    def send(self, call: Call) -> Answer:
        number, body = call.params["number"], call.json()
        if number not in self.numbers:
            raise GraphError(100, 33)
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(100)
        if bool(body.get("to")) == bool(body.get("recipient")):
            raise GraphError(131009)
        person = self.find_person(body.get("to", ""), body.get("recipient", ""))
        kind = body.get("type", "text")
        if body.get("to") in ("".join(filter(str.isdigit, self.numbers[number])),):
            raise GraphError(131021)
        if kind == "reaction":
            return self._react(person, body)
        content = body.get(kind)
        if kind not in TYPES or not isinstance(content, dict):
            raise GraphError(131008 if kind in TYPES else 131051)
        self._check(kind, content)
        if person is None or person.blocked:
            if person is None and body.get("recipient"):
                raise GraphError(100)
            raise GraphError(131026)
        closed = self._closed(person) and kind != "template"
        if closed and not self.late_refusals:
            raise GraphError(131047)
        sent = Sent(
            self.new_id(),
            person,
            kind,
            content,
            number,
            (body.get("context") or {}).get("message_id", ""),
            body.get("biz_opaque_callback_data", ""),
            self.now().timestamp(),
        )
        if closed:
            self.queue.append(self.status(sent, "failed", 131047))
        else:
            self.sent.append(sent)
        return self._accepted(sent, body)

    def _accepted(self, sent: Sent, body: dict) -> Answer:
        asked = body.get("to") or body.get("recipient")
        contact = {"input": asked, "user_id": sent.person.user_id}
        if not sent.person.hidden:
            contact["wa_id"] = sent.person.phone
        return Answer(
            {
                "messaging_product": "whatsapp",
                "contacts": [contact],
                "messages": [{"id": sent.id, "message_status": "accepted"}],
            }
        )

    def _react(self, person: Person | None, body: dict) -> Answer:
        if person is None:
            raise GraphError(131026)
        if self._closed(person):
            raise GraphError(131047)
        self.reactions.append(body["reaction"])
        sent = Sent(self.new_id(), person, "reaction", {}, self.number)
        return self._accepted(sent, body)

    def _closed(self, person: Person) -> bool:
        if person.last_wrote is None:
            return True
        return self.now().timestamp() - person.last_wrote >= WINDOW

    def _check(self, kind: str, content: dict):
        if kind == "text":
            text = content.get("body")
            if not isinstance(text, str) or not text.strip():
                raise GraphError(131008)
            if len(text) > MAX_TEXT:
                raise GraphError(100, details="Param text['body'] too long")
        elif kind == "template":
            self._check_template(content)
        else:
            self._check_file(kind, content)

    def _check_file(self, kind: str, content: dict):
        media = self.media.get(str(content.get("id")))
        if media is None:
            raise GraphError(131009)
        if "caption" in content and kind in ("audio", "sticker"):
            raise GraphError(100)
        if len(content.get("caption", "")) > MAX_CAPTION:
            raise GraphError(100)
        size = len(media["data"]) / 1024 / 1024
        if media["mime"] not in MIMES.get(kind, (media["mime"],)):
            raise GraphError(131053)
        if size > LIMITS[kind]:
            raise GraphError(131053)

    def _check_template(self, content: dict):
        language = (content.get("language") or {}).get("code")
        row = self.templates.get((content.get("name"), language))
        if row is None:
            raise GraphError(132001, status=404)
        if row["status"] != "APPROVED":
            raise GraphError(132015)
        given = {
            (one["type"], one.get("index", "")): one["parameters"]
            for one in content.get("components", ())
        }
        for part in row["components"]:
            text = part.get("text") or ""
            gaps = list(dict.fromkeys(re.findall(r"\{\{(\w+)\}\}", text)))
            values = given.get((part["type"].lower(), ""), [])
            if part.get("format", "TEXT") != "TEXT":
                if not values or values[0]["type"] != part["format"].lower():
                    raise GraphError(132012)
                continue
            if len(gaps) != len(values):
                raise GraphError(132000)
            if row.get("parameter_format") == "NAMED":
                if gaps != [one.get("parameter_name") for one in values]:
                    raise GraphError(132000)
            for one in values:
                if "\n" in one.get("text", "") or "     " in one.get("text", ""):
                    raise GraphError(132012)
