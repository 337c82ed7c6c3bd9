"""Messenger and Instagram messages in memory: people, inboxes, what is pushed.

From the fact sheet meta §4, §5, §7; it never reads an adapter. ``queue`` holds payloads
that were not delivered; each has one element, as in practice, and ``batched`` packs
many into one, as is allowed.
"""

import base64
import hashlib
import itertools
from dataclasses import dataclass, field

from .meta_graph import GraphSimulator

#: our own app has ``app_id``; these answer as well
PAGE_INBOX, OTHER_APP = 263902037430900, 1517776481860111
OBJECTS = {"messenger": "page", "instagram": "instagram"}
WINDOW, HUMAN_WINDOW = 24 * 3600, 7 * 24 * 3600


@dataclass
class Customer:
    """``id`` is the PSID or IGSID: another one for each page."""

    id: str
    name: str = "Jo K"
    username: str = ""
    #: Meta shows no profile (2018218), or only after consent (230)
    hidden: int = 0
    #: has blocked us, or cannot receive
    unreachable: bool = False
    last_wrote: float | None = None
    #: app that has the conversation, where it is another than ours
    owner: int = 0


@dataclass
class Said:
    """One message, in either direction. ``at`` in milliseconds."""

    mid: str
    person: Customer
    own: bool
    at: int
    text: str = ""
    attachments: list = field(default_factory=list)
    metadata: str = ""
    app: int = 0
    reply_to: str = ""
    tag: str = ""
    deleted: bool = False
    extra: dict = field(default_factory=dict)


@dataclass
class Inbox:
    """A page's or an Instagram account's messages. ``node`` is what paths name,
    ``own`` what webhooks name."""

    node: str
    platform: str = "messenger"
    own: str = ""
    people: dict[str, Customer] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    #: Meta has restricted the page (10/1893063)
    restricted: bool = False

    def of(self, person: Customer) -> list[Said]:
        return [one for one in self.said if one.person is person and not one.deleted]


class MetaMessagesWorld(GraphSimulator):
    """State, and the payloads that tell of it. ``add_inbox`` comes first."""

    def __init__(self):
        super().__init__()
        self.inboxes: dict[str, Inbox] = {}
        #: payloads that were not delivered yet
        self.queue: list[dict] = []
        #: does the app hear what it said itself, and others said for the page?
        self.echoes = True
        #: is the app approved for Human Agent?
        self.human_agent = False
        #: comment or post id -> {"person": …, "at": seconds, "used": bool}
        self.public: dict[str, dict] = {}
        self.reactions: list[dict] = []
        self.files: dict[str, dict] = {}
        self._numbers = itertools.count(1)
        #: (second, milliseconds) of the last stamp
        self._last = (0, 0)

    # --- who ------------------------------------------------------------------
    def add_inbox(self, node: str, platform="messenger", own="") -> Inbox:
        inbox = Inbox(node, platform, own or node)
        self.inboxes[node] = inbox
        return inbox

    @property
    def inbox(self) -> Inbox:
        return next(iter(self.inboxes.values()))

    def add_customer(self, name="Jo K", inbox=None, **values) -> Customer:
        inbox = inbox or self.inbox
        # beyond 2^53: whoever makes a float of it has another person
        one_id = str(7_780_462_125_377_500_001 + 2 * next(self._numbers))
        if inbox.platform == "instagram":
            values.setdefault("username", name.lower().replace(" ", "_"))
        person = Customer(one_id, name, **values)
        inbox.people[one_id] = person
        return person

    def _place(self, person: Customer) -> Inbox:
        found = (one for one in self.inboxes.values() if person.id in one.people)
        return next(found, self.inbox)

    def new_mid(self, platform="messenger") -> str:
        raw = hashlib.sha256(str(next(self._numbers)).encode()).digest()
        packed = base64.urlsafe_b64encode(raw * 3).decode().rstrip("=")
        return f"m_{packed}" if platform == "messenger" else f"aWdfZ{packed}ZD"

    # --- payloads -------------------------------------------------------------
    def stamp(self) -> int:
        """Milliseconds; the clock of the tests stands still, Meta's never does."""
        second = int(self.now().timestamp())
        past = self._last[1] if self._last[0] == second else 87
        self._last = (second, past + 1)
        return second * 1000 + past + 1

    def element(self, person: Customer, content: dict, own=False, at=0) -> dict:
        us, them = {"id": self._place(person).own}, {"id": person.id}
        sides = (us, them) if own else (them, us)
        return {
            "sender": sides[0],
            "recipient": sides[1],
            "timestamp": at or self.stamp(),
            **content,
        }

    def payload_of(self, inbox: Inbox, *elements, channel="messaging") -> dict:
        entry = {"id": inbox.own, "time": self.stamp(), channel: [*elements]}
        return {"object": OBJECTS[inbox.platform], "entry": [entry]}

    def tell(self, person, content, own=False, at=0, channel="messaging") -> dict:
        """Queue what happened; the element."""
        element = self.element(person, content, own, at)
        inbox = self._place(person)
        self.queue.append(self.payload_of(inbox, element, channel=channel))
        return element

    @staticmethod
    def batched(payloads: list[dict]) -> dict:
        """Many payloads about the same kind of object in one delivery (§7)."""
        entries = [entry for one in payloads for entry in one["entry"]]
        return {"object": payloads[0]["object"], "entry": entries}

    # --- what people do ---------------------------------------------------------
    def _wrote(self, person: Customer):
        person.last_wrote = self.now().timestamp()

    def write(self, person: Customer, text="Hello", **more) -> Said:
        """Somebody writes; it waits to be delivered.

        :param more: further keys of ``message``: attachments, reply_to, quick_reply,
            referral, is_unsupported …
        """
        inbox = self._place(person)
        self._wrote(person)
        channel = "standby" if person.owner else "messaging"
        channel = more.pop("channel", channel)
        said = Said(self.new_mid(inbox.platform), person, False, self.stamp(), text)
        said.attachments = more.get("attachments", [])
        said.reply_to = (more.get("reply_to") or {}).get("mid", "")
        said.extra = more
        inbox.said.append(said)
        content = {"mid": said.mid, **({"text": text} if text else {}), **more}
        self.tell(person, {"message": content}, at=said.at, channel=channel)
        return said

    def attach(self, person, data: bytes, kind="image", mime="image/png", text=""):
        """Somebody sends a file, perhaps with words."""
        name = self.keep_file(data, mime)
        payload = {"url": self.file_url(name)}
        said = self.write(
            person, text, attachments=[{"type": kind, "payload": payload}]
        )
        said.extra["file"] = name
        return said

    def edit(self, said: Said, text: str, number=1) -> dict:
        said.text = text
        edit = {"mid": said.mid, "text": text, "num_edit": number}
        return self.tell(said.person, {"message_edit": edit}, said.own)

    def unsend(self, said: Said) -> dict:
        said.deleted = True
        content = {"mid": said.mid, "is_deleted": True}
        return self.tell(said.person, {"message": content}, at=said.at)

    def react(self, said: Said, emoji="😍", action="react") -> dict:
        reaction = {"mid": said.mid, "action": action}
        if action == "react":
            reaction |= {"emoji": emoji, "reaction": "love"}
        return self.tell(said.person, {"reaction": reaction})

    def read(self, person: Customer) -> dict:
        """Everything that was said so far was seen."""
        inbox = self._place(person)
        ours = [one for one in inbox.of(person) if one.own]
        if inbox.platform == "instagram":
            return self.tell(person, {"read": {"mid": ours[-1].mid}})
        mark = max([one.at for one in inbox.of(person)], default=self.stamp())
        return self.tell(person, {"read": {"watermark": mark}})

    def delivered(self, *said: Said) -> dict:
        mids = [one.mid for one in said]
        content = {"mids": mids, "watermark": max(one.at for one in said)}
        return self.tell(said[0].person, {"delivery": content})

    def press(self, person, title="Opening hours", payload="HOURS", **more) -> dict:
        self._wrote(person)
        mid = self.new_mid(self._place(person).platform)
        postback = {"mid": mid, "title": title, "payload": payload, **more}
        return self.tell(person, {"postback": postback})

    def come_by_link(self, person, ref: str) -> dict:
        """Somebody who wrote before opens ``m.me/…?ref=``."""
        self._wrote(person)
        referral = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
        return self.tell(person, {"referral": referral})

    def start_by_link(self, person, ref: str) -> dict:
        """Somebody new opens the link and presses "Get started"."""
        referral = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
        return self.press(person, "Get started", "GET_STARTED", referral=referral)

    def hand_over(self, person: Customer, app: int) -> dict:
        """Another app has the conversation from now on; 0: we have it."""
        person.owner = app
        content = {"new_owner_app_id": str(app or self.app_id), "metadata": ""}
        return self.tell(person, {"pass_thread_control": content})

    # --- what the page does elsewhere -----------------------------------------
    def answer_elsewhere(self, person, text="Hi from the inbox", app=PAGE_INBOX):
        """A colleague in the page's inbox, or another program, answers."""
        inbox = self._place(person)
        said = Said(self.new_mid(inbox.platform), person, True, self.stamp(), text)
        said.app = app
        inbox.said.append(said)
        self.echo(said)
        return said

    def echo(self, said: Said) -> dict | None:
        if not self.echoes:
            return None
        content = {"mid": said.mid, "is_echo": True}
        if said.app:
            content["app_id"] = said.app
        if said.text:
            content["text"] = said.text
        if said.metadata:
            content["metadata"] = said.metadata
        if said.attachments:
            content["attachments"] = said.attachments
        if said.reply_to:
            content["reply_to"] = {"mid": said.reply_to}
        return self.tell(said.person, {"message": content}, own=True, at=said.at)

    # --- files ----------------------------------------------------------------
    def keep_file(self, data: bytes, mime: str) -> str:
        name = f"{next(self._numbers)}_n"
        self.files[name] = {"data": data, "mime": mime}
        return name

    def file_url(self, name: str, life=3600) -> str:
        """Signed, and good for an hour."""
        end = f"{int(self.now().timestamp()) + life:x}"
        sign = hashlib.sha256(f"{name}{end}".encode()).hexdigest()[:12]
        return f"{self.url}/v/t1.15752-9/{name}.bin?oh={sign}&oe={end}"

    # --- what can be seen -------------------------------------------------------
    def sent(self, inbox=None) -> list[Said]:
        """What our app said, oldest first."""
        inboxes = [inbox] if inbox else list(self.inboxes.values())
        return [
            one
            for box in inboxes
            for one in box.said
            if one.own and one.app == int(self.app_id)
        ]

    def deliver(self, times: int = 1, payloads=None) -> list[int]:
        """POST what waits to where the app has asked for it; statuses."""
        statuses, left = [], []
        for payload in self.queue if payloads is None else payloads:
            url = self.subscriptions[payload["object"]]["callback_url"]
            found = [self.hand_in(url, self.request(payload)) for _time in range(times)]
            statuses += found
            if 200 not in found:
                left.append(payload)
        self.queue = left if payloads is None else self.queue
        return statuses
