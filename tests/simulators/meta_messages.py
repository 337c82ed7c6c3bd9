"""Messages of Messenger and Instagram as a server: conversations, profiles, files.

Route by route from the fact sheet meta §4, §5; it never reads an adapter. A mixin: the
simulators of Facebook and Instagram inherit from it, add their inboxes
(``add_inbox(node, platform)``) and say which comments may be answered in private
(``public_of``).
"""

import hashlib
import re

from .meta_graph import VERSION, GraphError
from .meta_messages_sending import NODE, MetaMessagesSending
from .server import Answer, Call, route

#: latest messages of a conversation that can be read
LATEST = 20
NESTED = re.compile(r"messages(?:\.limit\((\d+)\))?\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")


class MetaMessages(MetaMessagesSending):
    """``sim.write(person, …)`` fills ``sim.queue``; ``sim.sent()`` is what we said."""

    def __init__(self):
        super().__init__()
        #: pages of the list that are empty and still have a next one
        self.empty_conversations = 0
        self.conversations_page = 25

    # --- conversations ----------------------------------------------------------
    @route("GET", NODE + r"/conversations")
    def list_conversations(self, call: Call) -> Answer:
        inbox = self.node_of(call)
        if call.arg("platform", "messenger").lower() != inbox.platform:
            return Answer({"data": []})
        rows = self._threads(inbox, call.arg("user_id"))
        start = self._start(call.arg("after", ""), len(rows))
        size = min(int(call.arg("limit", "25")), self.conversations_page)
        found = [] if self.empty_conversations else rows[start : start + size]
        turn = self.empty_conversations
        self.empty_conversations = max(0, turn - 1)
        end = start + len(found)
        fields = call.arg("fields", "id,updated_time")
        answer = {"data": [self._thread(inbox, *one, fields) for one in found]}
        cursor = {"before": f"b{start}", "after": f"a{end}.{turn}"}
        answer["paging"] = {"cursors": cursor}
        if end < len(rows):
            answer["paging"]["next"] = f"{self.url}/next?after={cursor['after']}"
        return Answer(answer)

    @staticmethod
    def _start(cursor: str, count: int) -> int:
        """Cursors are good for a while only (§1)."""
        if not cursor:
            return 0
        found = re.fullmatch(r"a(\d+)\.\d+", cursor)
        if not found or int(found[1]) > count:
            raise GraphError(100)
        return int(found[1])

    def _threads(self, inbox, user_id=None) -> list:
        """(person, messages), the latest conversation first."""
        found = [
            (person, inbox.of(person))
            for person in inbox.people.values()
            if user_id in (None, person.id)
        ]
        found = [one for one in found if one[1]]
        return sorted(found, key=lambda one: -max(said.at for said in one[1]))

    def _thread(self, inbox, person, said, fields: str) -> dict:
        newest = max(one.at for one in said)
        us = {"name": "Acme", "id": inbox.own}
        whole = {
            "id": f"t_{person.id[-12:]}",
            "updated_time": self.written(newest),
            "participants": {"data": [self.named(inbox, person), us]},
            "unread_count": 0,
            "can_reply": True,
        }
        nested = NESTED.search(fields)
        wanted = NESTED.sub("", fields).split(",")
        found = {key: value for key, value in whole.items() if key in wanted}
        if nested:
            limit = min(int(nested[1] or 25), LATEST)
            latest = sorted(said, key=lambda one: -one.at)[:limit]
            rows = [self.message_row(inbox, one, nested[2]) for one in latest]
            found["messages"] = {"data": rows, "paging": {"cursors": {}}}
        return found | {"id": whole["id"]}

    def named(self, inbox, person) -> dict:
        """As conversations name people; the address is made up by Meta."""
        if inbox.platform == "instagram":
            return {"id": person.id, "username": person.username}
        email = f"{person.id}@facebook.com"
        return {"name": person.name, "email": email, "id": person.id}

    def written(self, milliseconds: int) -> str:
        moment = self.now().fromtimestamp(milliseconds // 1000, self.now().tzinfo)
        return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")

    def message_row(self, inbox, one, fields: str) -> dict:
        us, them = {"id": inbox.own, "name": "Acme"}, self.named(inbox, one.person)
        whole = {
            "id": one.mid,
            "created_time": self.written(one.at),
            "from": us if one.own else them,
            "to": {"data": [them if one.own else us]},
            "message": one.text,
        }
        attached = [self._attached(row) for row in one.attachments]
        if any(attached):
            whole["attachments"] = {"data": [row for row in attached if row]}
        whole |= one.extra.get("pulled", {})
        wanted = fields.split(",")
        return {key: value for key, value in whole.items() if key in wanted} | {
            "id": one.mid
        }

    def _attached(self, row: dict) -> dict:
        """An attachment as conversations show it, with a fresh address."""
        found = re.search(
            r"/([a\d]\w*)\.bin", (row.get("payload") or {}).get("url", "")
        )
        if not found or found[1] not in self.files:
            return {}
        file, url = self.files[found[1]], self.file_url(found[1])
        shown = {"id": found[1], "mime_type": file["mime"], "name": found[1]}
        shown["size"] = len(file["data"])
        key = {"image": "image_data", "video": "video_data"}.get(row["type"])
        return shown | ({key: {"url": url}} if key else {"file_url": url})

    # --- one thing ------------------------------------------------------------
    @route("GET", VERSION + r"/(?P<mid>(m_|aWdfZ)[\w-]+)")
    def read_message(self, call: Call) -> Answer:
        for inbox in self.inboxes.values():
            for one in inbox.said:
                if one.mid == call.params["mid"]:
                    latest = sorted(inbox.of(one.person), key=lambda said: -said.at)
                    if one.deleted or one not in latest[:LATEST]:
                        raise GraphError(9000001)
                    return Answer(self.message_row(inbox, one, call.arg("fields", "")))
        raise GraphError(100, 33)

    def read_person(self, call: Call, one_id: str) -> Answer | None:
        """``GET /{PSID}``; None: no such person."""
        for inbox in self.inboxes.values():
            person = inbox.people.get(one_id)
            if person is None:
                continue
            if person.hidden:
                raise GraphError(person.hidden)
            if inbox.platform == "instagram" and person.last_wrote is None:
                raise GraphError(230)  # no consent before they wrote (§5)
            first, _space, last = person.name.partition(" ")
            whole = {
                "name": person.name,
                "first_name": first,
                "last_name": last,
                "username": person.username,
                "profile_pic": f"{self.url}/v/t1.30497-1/{one_id}.jpg",
                "is_verified_user": False,
            }
            wanted = call.arg("fields", "").split(",")
            found = {key: whole[key] for key in wanted if whole.get(key) is not None}
            return Answer(found | {"id": one_id})
        return None

    @route("GET", VERSION + r"/(?P<person>[0-9]{19})")
    def profile(self, call: Call) -> Answer:
        found = self.read_person(call, call.params["person"])
        if found is None:
            raise GraphError(100, 33)
        return found

    @route("GET", r"/v/t1\.15752-9/(?P<name>\w+)\.bin")
    def download(self, call: Call) -> Answer:
        """Signed, and good for a while; it asks for no token and must get none."""
        name, end = call.params["name"], call.arg("oe", "0")
        sign = hashlib.sha256(f"{name}{end}".encode()).hexdigest()[:12]
        if self.given(call):
            return Answer("Bad token", 400)
        late = int(end, 16) < self.now().timestamp()
        if call.arg("oh") != sign or late or name not in self.files:
            return Answer("URL signature expired", 403)
        file = self.files[name]
        return Answer(file["data"], headers={"Content-Type": file["mime"]})

    # --- what customers see -----------------------------------------------------
    def published_messages(self) -> list[dict]:
        """As harnesses tell it (``published``), oldest first."""
        return [
            {
                "key": one.mid,
                "text": one.text,
                "audience": "private",
                "reply_to": one.reply_to,
                "media": [row["id"] for row in one.attachments],
            }
            for one in self.sent()
        ]
