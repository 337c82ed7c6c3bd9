"""A fake Bluesky: log-in, data server, AppView and chat, and customers who write.

Written from the fact sheet ``bluesky`` route by route, never from the adapter. Our side
of it is HTTP; the customers' side is plain methods (``add_person``, ``post``, ``dm``,
``delete``). ``BlueskyEntryway`` is a front door that only lets people log in and sends
them to their own server, as the real one does.
"""

import re

from . import bluesky_world as world
from .bluesky_app import BlueskyApp
from .bluesky_chat import ChatRoutes
from .bluesky_convos import Convos, Message
from .bluesky_server import PLAIN, PRIVILEGED, PRIVILEGED_METHODS
from .bluesky_world import Person, Record, Refused, cid, stamp
from .server import Answer, Call, Simulator

_MENTION = re.compile(r"(?<![\w@])@([a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+)")
_LINK = re.compile(r"https?://[^\s]*[^\s.,;:!?)]")
_TAG = re.compile(r"(?<!\w)#(\w+)")
FACET = "app.bsky.richtext.facet"


class _People:
    """The simulator's own people, for its chat."""

    def __init__(self, world_):
        self.world = world_

    def person(self, did):
        found = self.world.people.get(did)
        return None if found is None or found.status == "deleted" else found

    def name(self, person):
        profile = self.world.records.get(f"at://{person.did}/{world.PROFILE}/self")
        return profile.value.get("displayName", "") if profile else ""

    def allows(self, person):
        return self.world.allows_messages(person)

    def follows(self, one, other):
        return bool(self.world.related(world.FOLLOW, one, other))

    def blocked(self, one, other):
        return bool(self.world.related(world.BLOCK, one, other))


class BlueskySimulator(BlueskyApp):
    """One network with our account @acme.example on it."""

    def __init__(self):
        super().__init__()
        self.convos = Convos(_People(self.world), self.now)
        self.chat = ChatRoutes(self.convos)
        self.brand = self.add_person("acme.example", "Acme Ltd")
        self.brand_password = self.app_password(self.brand, privileged=True)

    # --- the way to the chat service ------------------------------------------
    def forward_chat(self, nsid: str, call: Call) -> Answer:
        person = self.need(call)
        scope = call.params["scope"]
        if scope == PLAIN and nsid in PRIVILEGED_METHODS:
            raise Refused(400, "InvalidToken", "Bad token method")
        target = call.headers.get("atproto-proxy")
        if not target:
            raise Refused(404, "XRPCNotSupported", "XRPC Not Supported")
        did, _, service = target.partition("#")
        if not service:
            raise Refused(
                400, "InvalidRequest", "no service id specified in proxy header"
            )
        if did != self.chat_did:
            raise Refused(400, "InvalidRequest", "could not resolve proxy did")
        if service != "bsky_chat":
            words = "could not resolve proxy did service url"
            raise Refused(400, "InvalidRequest", words)
        return Answer(self.chat.answer(nsid, person.did, call))

    # --- what customers do ----------------------------------------------------
    def add_person(self, handle: str, name: str = "", password: str = "") -> Person:
        with self.lock:
            return self.world.add_person(handle, name, password)

    def person(self, who) -> Person:
        found = self.world.person(who)
        if found is None:
            raise KeyError(who)
        return found

    def facets(self, text: str) -> list[dict]:
        """What the customers' apps add to a text; positions count bytes (§5)."""
        found = []
        for pattern, make in (
            (_MENTION, self._mention),
            (_LINK, lambda hit: {"$type": f"{FACET}#link", "uri": hit[0]}),
            (_TAG, lambda hit: {"$type": f"{FACET}#tag", "tag": hit[1]}),
        ):
            for hit in pattern.finditer(text):
                feature = make(hit)
                if feature:
                    start = len(text[: hit.start()].encode())
                    end = start + len(hit[0].encode())
                    index = {"byteStart": start, "byteEnd": end}
                    found.append({"index": index, "features": [feature]})
        return found

    def _mention(self, hit):
        person = self.world.person(hit[1])
        return person and {"$type": f"{FACET}#mention", "did": person.did}

    def post(
        self,
        author: Person | str,
        text: str,
        reply_to: Record | str | None = None,
        media=(),
        quote: Record | str | None = None,
        at=None,
        **more,
    ) -> Record:
        """A customer writes. ``media``: (mime, bytes, alt text) tuples.

        ``at`` is the time the customer's app claims (a datetime or any text); other
        keywords go into the record as they are, and replace what was made here.
        """
        with self.lock:
            author = self.person(author)
            value = {
                "text": text,
                "createdAt": stamp(at) if hasattr(at, "tzinfo") else at,
                "langs": ["en"],
                "facets": self.facets(text),
            }
            if at is None:
                value["createdAt"] = stamp(self.now())
            if reply_to is not None:
                parent = self.find(reply_to)
                root = (parent.value.get("reply") or {}).get("root") or parent.ref
                value["reply"] = {"root": root, "parent": parent.ref}
            value.update(self._embed(author, media, quote))
            return self.world.write(author, world.POST, {**value, **more})

    def _embed(self, author, media, quote) -> dict:
        images = [
            {"alt": alt, "image": self._blob(author, mime, data)}
            for mime, data, alt in media
        ]
        pictures = {"$type": "app.bsky.embed.images", "images": images}
        if quote is None:
            return {"embed": pictures} if images else {}
        record = {"$type": "app.bsky.embed.record", "record": self.find(quote).ref}
        if not images:
            return {"embed": record}
        kind = "app.bsky.embed.recordWithMedia"
        return {"embed": {"$type": kind, "record": record, "media": pictures}}

    def _blob(self, author, mime, data) -> dict:
        link = cid(data, raw=True)
        self.world.blobs[author.did, link] = (mime, data)
        ref = {"$link": link}
        return {"$type": "blob", "ref": ref, "mimeType": mime, "size": len(data)}

    def edit(self, what: Record | str, text: str):
        """The record is put again under its key; few apps offer it."""
        with self.lock:
            one = self.find(what)
            value = {**one.value, "text": text, "facets": self.facets(text)}
            author = self.world.people[one.did]
            return self.world.write(author, one.collection, value, one.rkey)

    def delete(self, what: Record | str):
        with self.lock:
            self.world.delete(self.find(what).uri)

    def find(self, what: Record | str) -> Record:
        return what if isinstance(what, Record) else self.world.records[what]

    def relate(self, kind: str, who: Person | str, to) -> Record:
        """``kind``: world.LIKE, FOLLOW, BLOCK …; ``to``: a person or a post."""
        with self.lock:
            who = self.person(who)
            subject = to.ref if isinstance(to, Record) else self.person(to).did
            value = {"subject": subject, "createdAt": stamp(self.now())}
            return self.world.write(who, kind, value)

    def allow_messages(self, who: Person | str, allowed: str):
        """all, following or none."""
        with self.lock:
            value = {"allowIncoming": allowed}
            self.world.write(self.person(who), world.DECLARATION, value, "self")

    def dm(self, author: Person | str, text: str, to=None, **more) -> Message:
        """A customer writes in private, to us if not said otherwise."""
        with self.lock:
            author, to = self.person(author), self.person(to or self.brand)
            members = (author.did, to.did)
            convo = self.convos.between(members)
            convo = convo or self.convos.create(author.did, members)
            return self.convos.say(convo, author.did, text, more)


class BlueskyEntryway(Simulator):
    """Where people log in; everything else is at their own server.

    :param network: the started simulator that is everybody's own server
    """

    def __init__(self, network: BlueskySimulator):
        super().__init__()
        self.network = network

    def _dispatch(self, call: Call) -> Answer:
        if call.path.startswith("/xrpc/com.atproto.server."):
            with self.network.lock:
                return self.network._dispatch(call)
        body = {"error": "XRPCNotSupported", "message": "XRPC Not Supported"}
        return Answer(body, 404)


class BlueskyHarness:
    """What the generic contract suite needs to play a customer on this network."""

    code = "bluesky"
    simulator = BlueskySimulator
    publish_path = r"/xrpc/(com\.atproto\.repo\.(put|create)Record|.*\.sendMessage)\Z"

    @staticmethod
    def settings(sim: BlueskySimulator) -> dict:
        """With a session, as the model holds one after the log-in."""
        with sim.lock:
            session = sim.open_session(sim.brand, PRIVILEGED, sim.brand_password)
        return {
            "base_url": sim.url,
            "identifier": sim.brand.handle,
            "app_password": sim.brand_password,
            "chat_did": f"{sim.chat_did}#bsky_chat",
            "directory": sim.url,
            "access_token": session["accessJwt"],
            "refresh_token": session["refreshJwt"],
        }

    @staticmethod
    def customer(sim: BlueskySimulator) -> Person:
        known = sim.world.person("jo.example")
        return known or sim.add_person("jo.example", "Jo")

    def customer_says(self, sim, text, audience="public", reply_to=None) -> str:
        """Names us where the text does not; returns the message's key."""
        jo = self.customer(sim)
        if audience == "private":
            return self.dm_key(sim, sim.dm(jo, text))
        if "@acme" not in text:
            text = f"@{sim.brand.handle} {text}"
        return sim.post(jo, text, reply_to).uri

    @staticmethod
    def dm_key(sim, message: Message) -> str:
        """Messages have ids per conversation."""
        for convo in sim.convos.convos.values():
            if message in convo.messages:
                return f"chat:{convo.id}:{message.id}"
        raise KeyError(message.id)

    @staticmethod
    def customer_edits(sim, key: str, text: str):
        sim.edit(key, f"@{sim.brand.handle} {text}")

    @staticmethod
    def customer_deletes(sim, key: str):
        sim.delete(key)

    @staticmethod
    def blocked(sim) -> list[str]:
        """The people whom our account blocks."""
        found = sim.world.repo(sim.brand.did, world.BLOCK)
        return sorted(one.value["subject"] for one in found)

    def published(self, sim) -> list[dict]:
        """What customers can see of ours, oldest first."""
        found = []
        for record in sim.world.repo(sim.brand.did, world.POST):
            embed = record.value.get("embed") or {}
            embed = embed.get("media") or embed
            found.append(
                {
                    "key": record.uri,
                    "text": record.value["text"],
                    "audience": "public",
                    "reply_to": sim.world.parent_of(record),
                    "media": list(embed.get("images") or ()),
                    "at": record.sort_at,
                }
            )
        for convo in sim.convos.convos.values():
            for one in convo.messages:
                if one.sender == sim.brand.did and not one.gone:
                    found.append(
                        {
                            "key": f"chat:{convo.id}:{one.id}",
                            "text": one.text,
                            "audience": "group" if convo.group else "private",
                            "reply_to": "",
                            "media": [],
                            "at": world.moment(one.sent_at),
                        }
                    )
        return sorted(found, key=lambda one: one["at"])
