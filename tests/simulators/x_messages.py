"""Private messages of the fake X: legacy conversations in plain text.

Fact sheet x §2, §3, §5 and §7. Conversations that moved to XChat give nothing here.
"""

import re

from . import x_fields
from .server import Answer, Call, route
from .x_posts import XPosts
from .x_world import DM_DAYS, Conversation, Message, Refused

DM_LENGTH = 10_000  # §6, unconfirmed
KINDS = ("MessageCreate", "ParticipantsJoin", "ParticipantsLeave")
PAGE = ("max_results", "pagination_token", "event_types")
READING, WRITING = "dm.read tweet.read users.read", "dm.write dm.read tweet.read"


class XMessages(XPosts):
    def __init__(self):
        super().__init__()
        self.sealed: set[str] = set()  # ids of what is only in XChat

    # --- who may not write (§2) -------------------------------------------------
    @route("POST", r"/2/users/(?P<id>\d+)/dm/(?P<verb>(un)?block)")
    def dm_block(self, call: Call) -> Answer:
        caller = self.need(call, "dm.write tweet.read users.read")
        other = self.world.users.get(call.params["id"])
        if other is None or other.id == caller.user.id:
            raise self.invalid("id", call.params["id"], "User not found")
        blocks = call.params["verb"] == "block"
        change = caller.user.dm_blocks
        (change.add if blocks else change.discard)(other.id)
        return Answer({"data": {"blocked": blocks}})

    # --- reading --------------------------------------------------------------
    @route("GET", "/2/dm_events")
    def events(self, call: Call) -> Answer:
        caller = self.need(call, READING)
        mine = {
            one.id
            for one in self.world.conversations.values()
            if caller.user.id in one.people
        }
        return self._events(call, caller, lambda one: one.conversation in mine)

    @route("GET", r"/2/dm_conversations/with/(?P<id>\d+)/dm_events")
    def events_with(self, call: Call) -> Answer:
        caller = self.need(call, READING)
        number = "-".join(sorted((caller.user.id, call.params["id"]), key=int))
        return self._events(call, caller, lambda one: one.conversation == number)

    @route("GET", r"/2/dm_conversations/(?P<id>[\d-]+)/dm_events")
    def events_of(self, call: Call) -> Answer:
        caller = self.need(call, READING)
        self._conversation(call, caller)
        number = call.params["id"]
        return self._events(call, caller, lambda one: one.conversation == number)

    def _events(self, call, caller, wanted) -> Answer:
        view = self.ask(call, x_fields.EVENTS, *PAGE)
        kinds = call.arg("event_types", "MessageCreate").split(",")
        if "event_types" not in dict(call.query):
            kinds = KINDS
        for kind in kinds:
            if kind not in KINDS:
                words = f"The `event_types` query parameter value [{kind}] is not one"
                raise self.invalid("event_types", kind, f"{words} of {[*KINDS]}")
        oldest = self.now() - DM_DAYS
        found = [
            one
            for one in self.world.messages.values()
            if wanted(one)
            and one.kind in kinds
            and one.created_at > oldest
            and caller.user.id not in one.deleted_for
            and not self._sealed(one)
        ]
        found.sort(key=lambda one: int(one.id), reverse=True)
        limit = self.number(call, "max_results", 100, 1, 100)
        shown, meta = self.page(call, found, limit)
        meta.pop("newest_id", None), meta.pop("oldest_id", None)
        self.read("dm_read", [one.id for one in shown])
        return Answer(view.answer([view.message(one) for one in shown], meta=meta))

    def _sealed(self, message: Message) -> bool:
        return message.id in self.sealed

    @route("GET", r"/2/dm_events/(?P<id>\d+)")
    def event(self, call: Call) -> Answer:
        caller = self.need(call, READING)
        view = self.ask(call, x_fields.EVENTS)
        message = self._message(call, caller)
        if message is None:
            view.missing("dm_event", call.params["id"], "event_id")
            return Answer(view.answer())
        return Answer(view.answer(view.message(message)))

    def _message(self, call, caller) -> Message | None:
        message = self.world.messages.get(call.params["id"])
        if message is None or message.id in self.sealed:
            return None
        people = self.world.conversations[message.conversation].people
        gone = caller.user.id in message.deleted_for
        return None if gone or caller.user.id not in people else message

    def _conversation(self, call, caller) -> Conversation:
        found = self.world.conversations.get(call.params["id"])
        if found is None or caller.user.id not in found.people:
            raise Refused(403, "You do not have permission to access the conversation.")
        return found

    # --- writing --------------------------------------------------------------
    @route("POST", r"/2/dm_conversations/with/(?P<id>\d+)/messages")
    def write_to(self, call: Call) -> Answer:
        caller = self.need(call, f"{WRITING} users.read")
        other = self.world.users.get(call.params["id"])
        if other is None:
            raise self.invalid("participant_id", call.params["id"], "Unknown user")
        self._accepted(caller.user, other)
        conversation = self.world.conversation(caller.user.id, other.id)
        return self._write(call, caller, conversation, call.json())

    @route("POST", r"/2/dm_conversations/(?P<id>[\d-]+)/messages")
    def write_in(self, call: Call) -> Answer:
        caller = self.need(call, f"{WRITING} users.read")
        conversation = self._conversation(call, caller)
        for one in conversation.people:
            if one != caller.user.id and not conversation.group:
                self._accepted(caller.user, self.world.users[one])
        return self._write(call, caller, conversation, call.json())

    @route("POST", "/2/dm_conversations")
    def open_group(self, call: Call) -> Answer:
        caller = self.need(call, f"{WRITING} users.read")
        allowed = ("conversation_type", "participant_ids", "message")
        body = self.body(call, allowed)
        people = body.get("participant_ids") or []
        if body.get("conversation_type") != "Group" or not 2 <= len(people) <= 49:
            raise self.invalid("participant_ids", people, "Between 2 and 49 are needed")
        for one in people:
            if one not in self.world.users:
                raise self.invalid("participant_ids", one, "Unknown user")
            self._accepted(caller.user, self.world.users[one])
        group = self.world.group(caller.user.id, *people)
        return self._write(call, caller, group, body.get("message"))

    def _accepted(self, sender, other):
        if other.encrypted or not self.world.may_write(sender, other):
            words = "You do not have permission to DM one or more participants."
            raise Refused(403, words)

    def _write(self, call, caller, conversation, body) -> Answer:
        body = body if isinstance(body, dict) else {}
        unknown = set(body) - {"text", "attachments"}
        text, files = body.get("text") or "", body.get("attachments") or []
        if unknown or not (text or files) or len(files) > 1:
            raise self.invalid("text", text, "One of text and attachments is required")
        if not isinstance(text, str) or len(text) > DM_LENGTH:
            raise self.invalid("text", "", "The text of the message is too long")
        numbers = [str(one.get("media_id")) for one in files]
        keys = self._attach(caller.user, numbers, "dm_")
        posts = re.findall(r"https://(?:x|twitter)\.com/\w+/status/(\d+)", text)
        message = self.world.say(
            conversation, caller.user.id, text, media=keys, posts=posts
        )
        self.bill["dm_send"] += 1
        data = {"dm_conversation_id": conversation.id, "dm_event_id": message.id}
        return Answer({"data": data}, 201)

    @route("DELETE", r"/2/dm_events/(?P<id>\d+)")
    def unsay(self, call: Call) -> Answer:
        caller = self.need(call, "dm.write")
        message = self._message(call, caller)
        if message is None or message.sender != caller.user.id:
            raise Refused(403, "You may only delete messages that you sent.")
        message.deleted_for |= {*self.world.conversations[message.conversation].people}
        return Answer({"data": {"deleted": True}})

    @route(
        "GET",
        r"/2/dm_conversations/media/(?P<id>\d+)/(?P<media>\d+)/(?P<resource>[^/]+)",
    )
    def attachment(self, call: Call) -> Answer:
        caller = self.need(call, "dm.read")
        message = self._message(call, caller)
        medium = self.world.media.get(call.params["media"])
        if message is None or medium is None or medium.key not in message.media:
            raise Refused(404, "Not Found")
        return Answer(medium.data, headers={"Content-Type": medium.mime})
