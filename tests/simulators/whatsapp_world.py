"""WhatsApp in memory: people, what they write, what a business sent, what is pushed.

From the fact sheet whatsapp §3, §4, §7; it never reads an adapter.
"""

import base64
import hashlib
import itertools
from dataclasses import dataclass, field

from .meta_graph import GraphSimulator

OBJECT = "whatsapp_business_account"


@dataclass
class Person:
    """``phone`` is the wa_id; ``hidden``: behind a username, no phone is shown."""

    phone: str
    user_id: str
    name: str = "Jo"
    username: str = ""
    hidden: bool = False
    blocked: bool = False
    #: no user id yet, as deliveries before 2026 had
    old: bool = False
    last_wrote: float | None = None

    def contact(self) -> dict:
        found = {"profile": {"name": self.name}}
        if self.username:
            found["profile"]["username"] = self.username
        if not self.hidden:
            found["wa_id"] = self.phone
        if not self.old:
            found["user_id"] = self.user_id
        return found

    def sender(self, prefix: str = "from") -> dict:
        found = {} if self.hidden else {prefix: self.phone}
        return found if self.old else {**found, f"{prefix}_user_id": self.user_id}


@dataclass
class Sent:
    """A message of the business."""

    id: str
    person: Person
    kind: str
    content: dict
    number: str
    context: str = ""
    opaque: str = ""
    at: float = 0
    statuses: list = field(default_factory=list)


class WhatsAppWorld(GraphSimulator):
    """State, and the payloads that tell of it."""

    waba = "102290129340398"
    number = "106540352242922"
    shown = "+1 555-078-3881"

    def __init__(self):
        super().__init__()
        self.numbers = {self.number: self.shown}
        self.people: dict[str, Person] = {}
        self.sent: list[Sent] = []
        self.reactions: list[dict] = []
        self.media: dict[str, dict] = {}
        self.overrides: dict[str, dict] = {}
        self.subscribed = False
        #: payloads that were not delivered yet
        self.queue: list[dict] = []
        self._ids = itertools.count(1)

    def stamp(self) -> str:
        """Seconds, as a string (§4)."""
        return str(int(self._clock.timestamp()))

    # --- people ---------------------------------------------------------------
    def add_person(self, name="Jo", phone="", **values) -> Person:
        number = len(self.people) + 1
        phone = phone or f"57300123{number:04d}"
        person = Person(phone, f"CO.13491208655{number:06d}", name, **values)
        self.people[person.user_id] = person
        return person

    def find_person(self, to="", recipient="") -> Person | None:
        for one in self.people.values():
            if recipient and one.user_id == recipient:
                return one
            if to and _same_line(one.phone, to):
                return one
        return None

    # --- what they write ------------------------------------------------------
    def new_id(self) -> str:
        raw = hashlib.sha256(str(next(self._ids)).encode()).digest()[:20]
        return "wamid." + base64.b64encode(b"\x1d\x08" + raw).decode()

    def message(self, person: Person, kind="text", content=None, **more) -> dict:
        """A ``messages[]`` element; ``content`` is a text or what the type holds."""
        if kind == "text" and not isinstance(content, dict):
            content = {"body": content or "Hello"}
        person.last_wrote = self._clock.timestamp()
        return {
            **person.sender(),
            "id": self.new_id(),
            "timestamp": self.stamp(),
            "type": kind,
            **({kind: content} if content is not None else {}),
            **more,
        }

    def payload(self, *pairs, number="", field="messages", **value) -> dict:
        """A delivery of (person, message) pairs: one change, as they may come.

        The contacts are listed once each, in another order than the messages: nothing
        promises that they run in step.
        """
        number = number or self.number
        people = list({one.user_id: one for one, _message in pairs}.values())
        messages = [message for _person, message in pairs]
        name = "message_echoes" if field == "smb_message_echoes" else "messages"
        shown = "".join(one for one in self.numbers[number] if one.isdigit())
        body = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": shown, "phone_number_id": number},
            **value,
        }
        if messages:
            body["contacts"] = [one.contact() for one in reversed(people)]
            body[name] = messages
        return self.wrap({"field": field, "value": body})

    def wrap(self, *changes) -> dict:
        return {"object": OBJECT, "entry": [{"id": self.waba, "changes": [*changes]}]}

    def say(self, person: Person, content="Hello", kind="text", **more) -> dict:
        """Somebody writes; it waits to be delivered. The message."""
        number = more.pop("number", "")
        message = self.message(person, kind, content, **more)
        self.queue.append(self.payload((person, message), number=number))
        return message

    def edit(self, person: Person, original: str, text: str) -> dict:
        inner = {"type": "text", "text": {"body": text}}
        edit = {"original_message_id": original, "message": inner}
        return self.say(person, edit, "edit")

    def revoke(self, person: Person, original: str) -> dict:
        return self.say(person, {"original_message_id": original}, "revoke")

    def attach(self, person, data: bytes, kind="image", mime="image/png", **more):
        """Somebody sends a file."""
        ref = self.keep_file(data, mime)
        content = {"id": ref, "mime_type": mime, "sha256": _sha(data), **more}
        return self.say(person, content, kind)

    def echo(self, person: Person, text: str) -> dict:
        """The business answers in the phone's own program (coexistence)."""
        shown = "".join(one for one in self.shown if one.isdigit())
        message = {
            "from": shown,
            **person.sender("to"),
            "id": self.new_id(),
            "timestamp": self.stamp(),
            "type": "text",
            "text": {"body": text},
        }
        payload = self.payload((person, message), field="smb_message_echoes")
        self.queue.append(payload)
        return message

    def keep_file(self, data: bytes, mime: str) -> str:
        ref = str(1_000_000_000_000_000 + next(self._ids))
        self.media[ref] = {"data": data, "mime": mime, "at": self._clock, "urls": {}}
        return ref

    # --- news of what we sent -------------------------------------------------
    def status(self, sent: Sent, state: str, code=None, **more) -> dict:
        """The delivery that tells of it; it is not queued."""
        shown = {} if sent.person.hidden else {"recipient_id": sent.person.phone}
        one = {
            "id": sent.id,
            "status": state,
            "timestamp": self.stamp(),
            **shown,
            "recipient_user_id": sent.person.user_id,
            **more,
        }
        if sent.opaque:
            one["biz_opaque_callback_data"] = sent.opaque
        if state in ("sent", "delivered"):
            category = "service" if sent.kind != "template" else "utility"
            one["pricing"] = {
                "billable": sent.kind == "template",
                "pricing_model": "PMP",
                "category": category,
            }
        if code:
            error = {"code": code, "title": "Nobody reads this", "message": "Nor this"}
            one["errors"] = [{**error, "error_data": {"details": "Some details"}}]
        sent.statuses.append(state)
        value = {"statuses": [one], "contacts": [sent.person.contact()]}
        return self.payload(number=sent.number, **value)


def _sha(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _same_line(mine: str, dialled: str) -> bool:
    """Numbers as WhatsApp keeps them and as people dial them (§7)."""
    dialled = dialled.removeprefix("+")
    if mine == dialled:
        return True
    if mine.startswith("55") and len(mine) == 12:
        return dialled == f"{mine[:4]}9{mine[4:]}"
    if mine.startswith("521"):
        return dialled == f"52{mine[3:]}"
    return False
