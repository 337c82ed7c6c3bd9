"""The Guestbook as a server, written from the table in the addon's README.

It must never read the adapter.
"""

from datetime import datetime, timezone
from itertools import count

from odoo.addons.helpdesk_social.tests.simulators.server import Answer, Simulator, route

LONGEST = 1000


class GuestbookSimulator(Simulator):
    """``sim.key`` is what a client needs."""

    def __init__(self):
        super().__init__()
        self.key = "key-of-the-book-4711"
        self.entries = {}
        self.keys = {}
        self._numbers = count(1)

    def write(self, text, by=("u3", "Jo"), under=None):
        """Somebody writes into the book; the entry."""
        number = next(self._numbers)
        entry = {
            "id": str(number),
            "number": number,
            "by": {"id": by[0], "name": by[1]},
            "text": text,
            "written": datetime.now(timezone.utc).isoformat(),
            "under": under,
        }
        self.entries[entry["id"]] = entry
        return entry

    def before(self, call):
        if call.headers.get("authorization") != f"Bearer {self.key}":
            return Answer({"error": "wrong key"}, 401)
        return None

    @route("GET", "/api/book")
    def book(self, call):
        about = {"id": "7", "name": "acme", "title": "Acme's guestbook"}
        return Answer({**about, "longest": LONGEST})

    @route("GET", "/api/entries")
    def listed(self, call):
        after, limit = int(call.arg("after", "0")), int(call.arg("limit", "50"))
        found = [one for one in self.entries.values() if one["number"] > after]
        return Answer({"entries": found[:limit], "more": len(found) > limit})

    @route("POST", "/api/entries/(?P<id>[^/]+)/answers")
    def answer(self, call):
        body, above = call.json(), call.params["id"]
        if body["key"] in self.keys:
            return Answer(self.keys[body["key"]], 201)
        if above not in self.entries:
            return Answer({"error": "no such entry"}, 404)
        if not body["text"].strip() or len(body["text"]) > LONGEST:
            return Answer({"error": "too long"}, 422)
        entry = self.write(body["text"], ("7", "acme"), above)
        self.keys[body["key"]] = entry
        return Answer(entry, 201)

    @route("DELETE", "/api/entries/(?P<id>[^/]+)")
    def remove(self, call):
        entry = self.entries.get(call.params["id"])
        if not entry or entry["by"]["id"] != "7":
            return Answer({"error": "no such entry of yours"}, 404)
        del self.entries[entry["id"]]
        return Answer(b"", 204)


class GuestbookHarness:
    """What the contract suite needs to try the adapter against this server."""

    code = "guestbook"
    simulator = GuestbookSimulator
    publish_path = r"/answers$"

    @property
    def adapter_class(self):
        from odoo.addons.helpdesk_social_guestbook.networks import guestbook

        return guestbook.GuestbookAdapter

    def settings(self, sim):
        return {"key": sim.key, "base_url": sim.url}

    def customer_says(self, sim, text, audience="public", reply_to=None):
        return sim.write(text, under=reply_to)["id"]

    def published(self, sim):
        return [
            {
                "text": one["text"],
                "audience": "public",
                "reply_to": one["under"],
                "key": one["id"],
            }
            for one in sim.entries.values()
            if one["by"]["id"] == "7"
        ]
