"""The WhatsApp Cloud API as a server: numbers, messages, files, templates, webhooks.

Route by route from the fact sheet whatsapp §2, §5, §6. It never reads an adapter.
"""

import hashlib
import re

from .meta_graph import VERSION, GraphError
from .server import Answer, Call, route
from .whatsapp_world import Person, Sent, WhatsAppWorld

MAX_TEXT, MAX_CAPTION = 4096, 1024
MINUTE, WINDOW = 60, 24 * 3600
MEDIA_LIFE = 30 * 86400
TYPES = ("text", "image", "video", "audio", "document", "sticker", "template")
LIMITS = {"image": 5, "video": 16, "audio": 16, "document": 100, "sticker": 0.5}
MIMES = {
    "image": ("image/jpeg", "image/png"),
    "video": ("video/mp4", "video/3gpp"),
    "audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    "sticker": ("image/webp",),
}
NUMBER = VERSION + r"/(?P<number>[0-9]+)"


class WhatsAppSimulator(WhatsAppWorld):
    """``sim.url``, ``sim.token``, ``sim.number`` are what a client needs."""

    def __init__(self):
        super().__init__()
        #: whether a refusal for the closed window comes with the answer, or later
        self.late_refusals = False
        #: (name, language) -> row of the list
        self.templates: dict[tuple[str, str], dict] = {}
        #: pages of the list that are empty and still have a next one
        self.empty_pages = 0
        self.page = 25

    # --- numbers (§2) ---------------------------------------------------------
    @route("GET", NUMBER)
    def read(self, call: Call) -> Answer:
        ref = call.params["number"]
        if ref in self.media:
            return self._media_address(call, ref)
        shown = self.numbers.get(ref)
        if not shown:
            raise GraphError(100, 33)
        facts = {
            "id": ref,
            "display_phone_number": shown,
            "verified_name": "Acme",
            "quality_rating": "GREEN",
        }
        wanted = call.arg("fields", "id").split(",")
        return Answer({key: facts[key] for key in wanted if key in facts})

    @route("POST", NUMBER)
    def configure(self, call: Call) -> Answer:
        """The address of one number's webhook; it is asked for its proof at once."""
        number, body = call.params["number"], call.json()
        if number not in self.numbers:
            raise GraphError(100, 33)
        wanted = body["webhook_configuration"]
        url = wanted.get("override_callback_uri", "")
        if not url:
            self.overrides.pop(number, None)
        elif not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", url):
            raise GraphError(100)
        elif not self.ask(url, wanted.get("verify_token", "")):
            raise GraphError(2200)
        else:
            self.overrides[number] = wanted
        return Answer({"success": True})

    @route("POST", NUMBER + r"/subscribed_apps")
    def subscribe_app(self, call: Call) -> Answer:
        if call.params["number"] != self.waba:
            raise GraphError(100, 33)
        self.subscribed = True
        return Answer({"success": True})

    # --- templates ------------------------------------------------------------
    def add_template(self, name, language="en", body="Hello {{1}}", **more) -> dict:
        row = {
            "id": str(len(self.templates) + 1),
            "name": name,
            "language": language,
            "status": "APPROVED",
            "category": "UTILITY",
            "components": [{"type": "BODY", "text": body}],
            **more,
        }
        self.templates[name, language] = row
        return row

    @route("GET", NUMBER + r"/message_templates")
    def list_templates(self, call: Call) -> Answer:
        if call.params["number"] != self.waba:
            raise GraphError(100, 33)
        rows, start = list(self.templates.values()), int(call.arg("after") or 0)
        size = min(int(call.arg("limit", "25")), self.page)
        found = [] if self.empty_pages else rows[start : start + size]
        self.empty_pages = max(0, self.empty_pages - 1)
        end = start + len(found)
        paging = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(rows):
            # followed until there is no next one, even behind an empty page
            if not found:
                end = start
                paging["cursors"]["after"] = f"0{start}"
            paging["next"] = f"{self.url}/next?after={end}"
        return Answer({"data": found, "paging": paging})

    # --- files (§6) -----------------------------------------------------------
    @route("POST", NUMBER + r"/media")
    def upload(self, call: Call) -> Answer:
        if call.params["number"] not in self.numbers:
            raise GraphError(100, 33)
        form = dict(call.form())
        if form.get("messaging_product") != "whatsapp" or not form.get("type"):
            raise GraphError(131008)
        [data] = [one[3] for one in call.parts() if one[0] == "file"]
        if not data or len(data) > LIMITS["document"] * 1024 * 1024:
            raise GraphError(131053)
        return Answer({"id": self.keep_file(data, form["type"])})

    def _media_address(self, call: Call, ref: str) -> Answer:
        media = self.media[ref]
        if (self.now() - media["at"]).total_seconds() > MEDIA_LIFE:
            raise GraphError(100, 33)
        name = hashlib.sha256(f"{ref}{self.now()}".encode()).hexdigest()[:20]
        media["urls"][name] = self.now()
        return Answer(
            {
                "messaging_product": "whatsapp",
                "url": f"{self.url}/whatsapp_business/attachments/{name}",
                "mime_type": media["mime"],
                "sha256": hashlib.sha256(media["data"]).hexdigest(),
                "file_size": len(media["data"]),
                "id": ref,
            }
        )

    @route("GET", r"/whatsapp_business/attachments/(?P<name>\w+)")
    def download(self, call: Call) -> Answer:
        """Good for five minutes, and only with the token."""
        for one in self.media.values():
            at = one["urls"].get(call.params["name"])
            if at and (self.now() - at).total_seconds() <= 5 * MINUTE:
                if self.given(call) not in self.tokens:
                    return Answer("", 401)
                return Answer(one["data"], headers={"Content-Type": one["mime"]})
        return Answer("", 404)

    # --- messages (§5) --------------------------------------------------------
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
                gaps = [part["format"]]
                if not values or values[0]["type"] != part["format"].lower():
                    raise GraphError(132012)
            if len(gaps) != len(values):
                raise GraphError(132000)
            if row.get("parameter_format") == "NAMED":
                if gaps != [one.get("parameter_name") for one in values]:
                    raise GraphError(132000)
            for one in values:
                if "\n" in one.get("text", "") or "     " in one.get("text", ""):
                    raise GraphError(132012)

    # --- deliveries (§4) ------------------------------------------------------
    def deliver(self, times: int = 1) -> list[int]:
        """POST what waits to the number's address; statuses. Repeats are normal."""
        statuses, left = [], []
        for payload in self.queue:
            number = payload["entry"][0]["changes"][0]["value"]["metadata"]
            wanted = self.overrides[number["phone_number_id"]]
            url = wanted["override_callback_uri"]
            found = [self.post(url, self.request(payload)) for _time in range(times)]
            statuses += found
            if 200 not in found:
                left.append(payload)
        self.queue = left
        return statuses


class WhatsAppHarness:
    """What the contract suite needs to try any adapter against this server."""

    code = "whatsapp"
    simulator = WhatsAppSimulator
    publish_path = r"/[0-9]+/messages\Z"
    webhook_setting = "app_secret"
    #: it is a private network only
    says = "private"

    @staticmethod
    def settings(sim) -> dict:
        return {
            "base_url": sim.url,
            "app_id": sim.app_id,
            "app_secret": sim.app_secret,
            "access_token": sim.token,
            "phone_number_id": sim.number,
            "waba_id": sim.waba,
        }

    @staticmethod
    def customer(sim) -> Person:
        return next(iter(sim.people.values()), None) or sim.add_person("Jo")

    def customer_says(self, sim, text, audience="private", reply_to=None) -> str:
        more = {"context": {"id": reply_to}} if reply_to else {}
        return sim.say(self.customer(sim), text, **more)["id"]

    @staticmethod
    def pushed(sim) -> list[tuple[str, dict]]:
        """(key, change) of all that waits: here each has a single thing in it."""
        found = []
        for payload in sim.queue:
            for change in payload["entry"][0]["changes"]:
                value = change["value"]
                [one] = value.get("messages") or value.get("statuses")
                found.append((f"{one['id']}{one.get('status', '')}", change))
        return found

    @staticmethod
    def deliveries(sim) -> list[bytes]:
        """Bodies of all that was ever said, and of what is known of our messages:
        the network delivers again for days."""
        news = [sim.status(one, "sent") for one in sim.sent]
        return [sim.request(one)[2] for one in (*sim.queue, *news)]

    @staticmethod
    def published(sim) -> list[dict]:
        """What customers can see of ours, oldest first."""
        return [
            {
                "key": one.id,
                "text": one.content.get("body") or one.content.get("caption") or "",
                "audience": "private",
                "reply_to": one.context,
                "media": [one.content["id"]] if "id" in one.content else [],
            }
            for one in sim.sent
        ]

    def webhook(self, sim, secret):
        """(headers, query, raw bytes) of a genuine delivery."""
        jo = self.customer(sim)
        message = sim.message(jo, content="Hello from a webhook é")
        return sim.request(sim.payload((jo, message)), secret)
