"""What a page or an Instagram account may send, and what it is refused.

Fact sheet meta §1 (errors), §3, §4, §5; it never reads an adapter.
"""

import json

from .meta_graph import VERSION, GraphError
from .meta_messages_world import HUMAN_WINDOW, WINDOW, MetaMessagesWorld, Said
from .server import Answer, Call, route

NODE = VERSION + r"/(?P<node>[0-9]+|me)"
MB = 1024 * 1024
KINDS = ("image", "video", "audio", "file")
TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY")
SIZES = {
    "messenger": dict.fromkeys(KINDS, 25 * MB),
    "instagram": {**dict.fromkeys(KINDS, 25 * MB), "image": 8 * MB},
}
PRIVATE_REPLY_LIFE = 7 * 24 * 3600


class MetaMessagesSending(MetaMessagesWorld):
    """``POST …/messages`` and what it checks."""

    def node_of(self, call: Call):
        """The inbox that a path names, for a token that may use it."""
        node = call.params["node"]
        inbox = self.inboxes.get(self.me_of(call) if node == "me" else node)
        if inbox is None or not self.may_message(call, inbox):
            raise GraphError(100, 33)
        return inbox

    def me_of(self, call: Call) -> str:
        """Whose token it is."""
        return self.inbox.node

    def may_message(self, call: Call, inbox) -> bool:
        return True

    def public_of(self, inbox, kind: str, ref: str) -> dict | None:
        """A comment or post that may be answered in private: its ``person``, when it
        was said (``at``, seconds), and whether that was ``used``."""
        return self.public.get(ref)

    @route("POST", NODE + r"/messages")
    def send_message(self, call: Call) -> Answer:
        inbox, body = self.node_of(call), _body(call)
        if inbox.restricted:
            raise GraphError(10, 1893063)
        if "sender_action" in body:
            return self._act(inbox, body)
        said = self._new(inbox, body)
        to = body.get("recipient") or {}
        public = to.get("comment_id") or to.get("post_id")
        if public:
            kind = "comment" if to.get("comment_id") else "post"
            said.person = self._answer_public(inbox, kind, public)
        else:
            said.person = self._person(inbox, to)
            said.tag = self._manner(inbox, said.person, body)
        said.text, said.attachments = self._content(inbox, body.get("message") or {})
        inbox.said.append(said)
        self.echo(said)
        return Answer({"recipient_id": said.person.id, "message_id": said.mid})

    def _new(self, inbox, body) -> Said:
        message = body.get("message") or {}
        above = (body.get("reply_to") or {}).get("mid", "")
        if above and not any(one.mid == above for one in inbox.said):
            raise GraphError(100)
        return Said(
            self.new_mid(inbox.platform),
            None,
            True,
            self.stamp(),
            metadata=message.get("metadata", ""),
            app=int(self.app_id),
            reply_to=above,
        )

    # --- to whom --------------------------------------------------------------
    def _person(self, inbox, to: dict):
        person = inbox.people.get(str(to.get("id", "")))
        instagram = inbox.platform == "instagram"
        if person is None or not isinstance(to.get("id"), str):
            raise GraphError(100, 2534014 if instagram else 2018001)
        if person.unreachable:
            raise GraphError(551, 1545041)
        if person.owner:
            raise GraphError(2534037 if instagram else 2018300)
        return person

    def _answer_public(self, inbox, kind: str, ref: str):
        instagram = inbox.platform == "instagram"
        found = self.public_of(inbox, kind, ref)
        if found is None:
            raise GraphError(100, 2534025 if instagram else 33)
        if found.get("used"):
            raise GraphError(10900)
        if self.now().timestamp() - found["at"] >= PRIVATE_REPLY_LIFE:
            raise GraphError(10, 2534022 if instagram else 2018278)
        person = found["person"]
        if person.unreachable:
            raise GraphError(551, 1545041)
        inbox.people.setdefault(person.id, person)
        found["used"] = True
        return person

    # --- when -----------------------------------------------------------------
    def _manner(self, inbox, person, body) -> str:
        kind, tag = body.get("messaging_type"), body.get("tag", "")
        if kind not in TYPES or (kind == "MESSAGE_TAG") != bool(tag):
            raise GraphError(100)
        if tag and tag != "HUMAN_AGENT":
            raise GraphError(100)  # all others ended on 27 April 2026 (§4)
        if tag and not self.human_agent:
            raise GraphError(10)
        wrote = person.last_wrote
        age = float("inf") if wrote is None else self.now().timestamp() - wrote
        if age >= (HUMAN_WINDOW if tag else WINDOW):
            raise GraphError(10, 2534022 if inbox.platform == "instagram" else 2018278)
        return tag

    # --- what -----------------------------------------------------------------
    def _content(self, inbox, message: dict) -> tuple[str, list]:
        text, attachment = message.get("text"), message.get("attachment")
        if (text is None) == (attachment is None):
            raise GraphError(100)
        if len(message.get("metadata", "")) > 1000:
            raise GraphError(100)
        if attachment is not None:
            return "", [self._attachment(inbox, attachment)]
        if not isinstance(text, str) or not text.strip():
            raise GraphError(100)
        if inbox.platform == "instagram" and len(text.encode()) > 1000:
            raise GraphError(100)
        if len(text) > 2000:
            raise GraphError(100)
        return text, []

    def _attachment(self, inbox, attachment: dict) -> dict:
        kind, payload = attachment.get("type"), attachment.get("payload") or {}
        ref = str(payload.get("attachment_id", ""))
        known = self.files.get(f"a{ref}")
        if kind not in KINDS or not known:
            raise GraphError(100, 2018008 if payload.get("url") else None)
        if known["kind"] != kind:
            raise GraphError(100, 2018047)
        url = self.file_url(f"a{ref}")
        return {"type": kind, "payload": {"url": url}, "id": ref}

    @route("POST", NODE + r"/message_attachments")
    def upload(self, call: Call) -> Answer:
        inbox, form = self.node_of(call), dict(call.form())
        asked = json.loads(form.get("message") or "{}").get("attachment") or {}
        files = [one for one in call.parts() if one[0] == "filedata"]
        if asked.get("type") not in KINDS or len(files) != 1:
            raise GraphError(100)
        [(_name, _filename, mime, data)] = files
        family = mime.partition("/")[0]
        if asked["type"] != "file" and family != asked["type"]:
            raise GraphError(100, 2018047)
        if inbox.platform == "instagram" and asked["type"] == "image":
            if mime not in ("image/png", "image/jpeg"):
                raise GraphError(100, 2018047)
        if not data or len(data) > SIZES[inbox.platform][asked["type"]]:
            raise GraphError(100, 2018109)
        ref = str(1_857_777_774_821_032 + next(self._numbers))
        self.files[f"a{ref}"] = {"data": data, "mime": mime, "kind": asked["type"]}
        return Answer({"attachment_id": ref})

    def _act(self, inbox, body: dict) -> Answer:
        """mark_seen, typing_on, typing_off, react, unreact."""
        person = self._person(inbox, body.get("recipient") or {})
        action, payload = body["sender_action"], body.get("payload") or {}
        if "message" in body:
            raise GraphError(100)
        if action in ("react", "unreact"):
            mid = payload.get("message_id")
            if not any(one.mid == mid for one in inbox.of(person)):
                raise GraphError(100)
            self.reactions.append({"action": action, **payload})
        elif action not in ("typing_on", "typing_off", "mark_seen"):
            raise GraphError(100)
        return Answer({"recipient_id": person.id})


def _body(call: Call) -> dict:
    """JSON, or a form whose values may be JSON: Graph takes both."""
    if "form" in call.headers.get("content-type", ""):
        return {key: _value(one) for key, one in call.form()}
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise GraphError(100)
    return body


def _value(text: str):
    try:
        return json.loads(text)
    except ValueError:
        return text
