"""The WhatsApp Cloud API as a server: numbers, messages, files, templates, webhooks.

Route by route from the fact sheet whatsapp §2, §5, §6. It never reads an adapter.
"""

import hashlib
import re

from .meta_graph import GraphError
from .server import Answer, Call, route
from .whatsapp_sending import LIMITS, NUMBER, WhatsAppSending
from .whatsapp_world import Person

MINUTE = 60
MEDIA_LIFE = 30 * 86400


class WhatsAppSimulator(WhatsAppSending):
    """``sim.url``, ``sim.token``, ``sim.number`` are what a client needs."""

    def __init__(self):
        super().__init__()
        #: user ids of people who may not write to the number; how long it may get
        self.blocklist: set[str] = set()
        self.most_blocked = 64_000
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
        if ref in self.overrides:
            facts["webhook_configuration"] = {
                "phone_number": self.overrides[ref]["override_callback_uri"]
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

    @route("GET", NUMBER + r"/subscribed_apps")
    def subscribed_apps(self, call: Call) -> Answer:
        if call.params["number"] != self.waba:
            raise GraphError(100, 33)
        one = {"id": self.app_id, "name": "Acme", "link": "https://example.com"}
        rows = [{"whatsapp_business_api_data": one}] if self.subscribed else []
        return Answer({"data": rows})

    # --- templates ------------------------------------------------------------
    def add_template(self, name, language="en", body="Hello {{1}}", **more) -> dict:
        row = {
            "id": str(len(self.templates) + 1),
            "name": name,
            "language": language,
            "status": "APPROVED",
            "category": "UTILITY",
            "parameter_format": "POSITIONAL",
            "components": [_body(body)],
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
        answer = {"data": found, "paging": paging}
        if call.arg("summary"):
            answer["summary"] = {
                "total_count": len(rows),
                "message_template_count": len(rows),
                "message_template_limit": 6000,
                "are_translations_complete": True,
            }
        return Answer(answer)

    # --- the list of the blocked (§9) -------------------------------------------
    @route("DELETE", NUMBER + r"/block_users")
    @route("POST", NUMBER + r"/block_users")
    def block_users(self, call: Call) -> Answer:
        """Synchronous; each person is refused for a reason of their own."""
        if call.params["number"] not in self.numbers:
            raise GraphError(100, 33)
        body, adds = call.json(), call.method == "POST"
        if body.get("messaging_product") != "whatsapp" or not body.get("block_users"):
            raise GraphError(100)
        done, failed = [], []
        for one in body["block_users"]:
            named = one.get("user") or one.get("user_id") or ""
            person = self.find_person(named.lstrip("+"), named)
            code = self._why_not_blocked(person, adds)
            shown = {"input": named, **({"wa_id": person.phone} if person else {})}
            if code:
                failed.append({**shown, "errors": [{"message": "No", "code": code}]})
                continue
            (self.blocklist.add if adds else self.blocklist.discard)(person.user_id)
            done.append(shown)
        found = {"added_users" if adds else "removed_users": done}
        answer = {"messaging_product": "whatsapp", "block_users": found}
        if failed:
            found["failed_users"] = failed
            answer["error"] = {
                "message": "(#139100) Failed to block/unblock users",
                "type": "OAuthException",
                "code": 139100,
            }
        return Answer(answer, 400 if failed else 200)

    def _why_not_blocked(self, person: Person | None, adds: bool) -> int:
        if person is None:
            return 131026
        if adds and person.user_id not in self.blocklist:
            if self._closed(person):
                return 131047
            if len(self.blocklist) >= self.most_blocked:
                return 139101
        return 0

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

    # --- deliveries (§4) ------------------------------------------------------
    def deliver(self, times: int = 1) -> list[int]:
        """POST what waits to the number's address; statuses. Repeats are normal."""
        statuses, left = [], []
        for payload in self.queue:
            number = payload["entry"][0]["changes"][0]["value"]["metadata"]
            wanted = self.overrides[number["phone_number_id"]]
            url = wanted["override_callback_uri"]
            found = [self.hand_in(url, self.request(payload)) for _time in range(times)]
            statuses += found
            if 200 not in found:
                left.append(payload)
        self.queue = left
        return statuses


def _body(text: str) -> dict:
    """Nothing is approved without an example for each gap."""
    gaps = list(dict.fromkeys(re.findall(r"\{\{(\w+)\}\}", text)))
    found = {"type": "BODY", "text": text}
    if gaps:
        found["example"] = {"body_text": [[f"Example {one}" for one in gaps]]}
    return found


class WhatsAppHarness:
    """What the contract suite needs to try any adapter against this server."""

    code = "whatsapp"
    simulator = WhatsAppSimulator
    publish_path = r"/[0-9]+/messages\Z"
    webhook_setting = "app_secret"
    #: it is a private network only
    says = "private"
    #: is there news of what was sent?
    tells = True

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

    def deliveries(self, sim) -> list[bytes]:
        """Bodies of all that was ever said, and of what is known of our messages:
        the network delivers again for days."""
        news = [sim.status(one, "sent") for one in sim.sent if self.tells]
        return [sim.request(one)[2] for one in (*sim.queue, *news)]

    @staticmethod
    def blocked(sim) -> list[str]:
        return sorted(sim.blocklist)

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
