"""The routes of Bluesky's chat service, and that service as a server of its own.

Fact sheet ``bluesky`` §6. Inside ``BlueskySimulator`` the calls come through the data
server's proxy header. ``BlueskyChat`` stands alone behind the *real* data server, which
forwards ``chat.bsky.*`` with a token it signs for the person: who it is for, which
method, until when. The signature itself is not checked: only this machine can call.
"""

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from types import SimpleNamespace

from .bluesky_convos import Convos, Message
from .bluesky_world import Refused
from .server import Answer, Call, Simulator


class ChatRoutes:
    """nsid -> answer, for one person at a time."""

    def __init__(self, convos: Convos):
        self.convos = convos

    def answer(self, nsid: str, viewer: str, call: Call):
        """:raises Refused: as the service would"""
        name = nsid.removeprefix("chat.bsky.convo.")
        route = self.routes.get(name)
        if route is None or not nsid.startswith("chat.bsky.convo."):
            raise Refused(501, "MethodNotImplemented", "Method Not Implemented")
        method, function = route
        if method != call.method:
            words = f"Incorrect HTTP method ({call.method}) expected {method}"
            raise Refused(400, "InvalidRequest", words)
        try:
            asked = call.json() if method == "POST" else dict(call.query)
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            raise Refused(400, "InvalidRequest", "Input must be an object")
        return function(self, viewer, asked, call)

    def _convo(self, viewer, asked, _call=None):
        convo = self.convos.find(viewer, asked.get("convoId"))
        return {"convo": self.convos.view(convo, viewer)}

    def _available(self, viewer, _asked, call):
        return self.convos.available(viewer, call.args("members"))

    def _for_members(self, viewer, _asked, call):
        convo = self.convos.open(viewer, call.args("members"))
        return {"convo": self.convos.view(convo, viewer)}

    def _send(self, viewer, asked, _call):
        convo_id, message = asked.get("convoId"), asked.get("message")
        return self.convos.send(viewer, convo_id, message).view(viewer)

    def _send_batch(self, viewer, asked, _call):
        sent = [
            self.convos.send(viewer, one.get("convoId"), one.get("message"))
            for one in asked.get("items", ())
        ]
        return {"items": [one.view(viewer) for one in sent]}

    def _log(self, viewer, asked, _call):
        logs, cursor = self.convos.events(viewer, asked.get("cursor", ""))
        return {"logs": logs, **({"cursor": cursor} if cursor else {})}

    @staticmethod
    def _page(found: list, asked: dict) -> tuple[list, dict]:
        start, limit = asked.get("cursor") or "0", asked.get("limit") or "50"
        if not start.isdigit() or not limit.isdigit() or not 0 < int(limit) <= 100:
            raise Refused(400, "InvalidRequest", "Invalid cursor or limit")
        start, limit = int(start), int(limit)
        more = {"cursor": str(start + limit)} if start + limit < len(found) else {}
        return found[start : start + limit], more

    def _list(self, viewer, asked, _call):
        status = asked.get("status") or "accepted"
        found, more = self._page(self.convos.mine(viewer, status), asked)
        return {"convos": [self.convos.view(one, viewer) for one in found], **more}

    def _requests(self, viewer, asked, _call):
        found, more = self._page(self.convos.mine(viewer, "request"), asked)
        return {"requests": [self.convos.view(one, viewer) for one in found], **more}

    def _messages(self, viewer, asked, _call):
        convo = self.convos.find(viewer, asked.get("convoId"))
        found, more = self._page(convo.messages[::-1], asked)
        return {"messages": [one.view(viewer) for one in found], **more}

    def _accept(self, viewer, asked, _call):
        convo = self.convos.find(viewer, asked.get("convoId"))
        if viewer in convo.accepted:
            return {}
        convo.accepted.add(viewer)
        return {"rev": self.convos.log(convo, "logAcceptConvo", only=viewer)}

    def _leave(self, viewer, asked, _call):
        convo = self.convos.find(viewer, asked.get("convoId"))
        convo.left.add(viewer)
        rev = self.convos.log(convo, "logLeaveConvo", only=viewer)
        return {"convoId": convo.id, "rev": rev}

    def _mute(self, viewer, asked, call):
        muted = self.convos.find(viewer, asked.get("convoId")).muted
        (muted.discard if call.path.endswith("unmuteConvo") else muted.add)(viewer)
        return self._convo(viewer, asked)

    def _read(self, viewer, asked, _call):
        convo = self.convos.find(viewer, asked.get("convoId"))
        last = asked.get("messageId") or (convo.messages or [None])[-1]
        convo.read[viewer] = last.id if isinstance(last, Message) else last or ""
        return self._convo(viewer, asked)

    def _hide(self, viewer, asked, _call):
        convo_id, ident = asked.get("convoId"), asked.get("messageId")
        return self.convos.hide(viewer, convo_id, ident).view(viewer)

    def _react(self, viewer, asked, _call):
        convo = self.convos.find(viewer, asked.get("convoId"))
        one = self.convos.message(convo, asked.get("messageId"))
        value = asked.get("value", "")
        if not value:
            raise Refused(400, "ReactionInvalidValue", "Invalid reaction")
        sender, now = {"did": viewer}, self.convos.now().isoformat()
        reaction = {"value": value, "sender": sender, "createdAt": now}
        if all((x["value"], x["sender"]) != (value, sender) for x in one.reactions):
            one.reactions.append(reaction)
        more = {"message": one.view, "reaction": reaction}
        self.convos.log(convo, "logAddReaction", **more)
        return {"message": one.view(viewer)}

    def _unreact(self, viewer, asked, _call):
        convo = self.convos.find(viewer, asked.get("convoId"))
        one = self.convos.message(convo, asked.get("messageId"))
        gone = (asked.get("value"), {"did": viewer})
        one.reactions = [x for x in one.reactions if (x["value"], x["sender"]) != gone]
        return {"message": one.view(viewer)}

    routes = {
        "getConvoAvailability": ("GET", _available),
        "getConvoForMembers": ("GET", _for_members),
        "getConvo": ("GET", _convo),
        "listConvos": ("GET", _list),
        "listConvoRequests": ("GET", _requests),
        "getMessages": ("GET", _messages),
        "getLog": ("GET", _log),
        "sendMessage": ("POST", _send),
        "sendMessageBatch": ("POST", _send_batch),
        "acceptConvo": ("POST", _accept),
        "leaveConvo": ("POST", _leave),
        "muteConvo": ("POST", _mute),
        "unmuteConvo": ("POST", _mute),
        "updateRead": ("POST", _read),
        "deleteMessageForSelf": ("POST", _hide),
        "addReaction": ("POST", _react),
        "removeReaction": ("POST", _unreact),
    }


class AppViewPeople:
    """People as the real AppView tells them to anybody who asks.

    :param url: the AppView's address
    """

    def __init__(self, url: str):
        self.url = url

    def _ask(self, nsid: str, **query) -> dict:
        words = urllib.parse.urlencode(query)
        with urllib.request.urlopen(
            f"{self.url}/xrpc/{nsid}?{words}", timeout=5
        ) as got:
            return json.load(got)

    def person(self, did: str):
        try:
            found = self._ask("app.bsky.actor.getProfile", actor=did)
        except urllib.error.HTTPError as error:
            told = json.load(error)
            if told.get("error", "").startswith("Account"):
                return SimpleNamespace(did=did, handle="handle.invalid", status="gone")
            return None
        return SimpleNamespace(**{"status": "", **found})

    def name(self, person) -> str:
        return getattr(person, "displayName", "")

    def allows(self, person) -> str:
        chat = getattr(person, "associated", {}).get("chat") or {}
        return chat.get("allowIncoming", "")

    def _relation(self, one: str, other: str) -> dict:
        query = {"actor": one, "others": other}
        found = self._ask("app.bsky.graph.getRelationships", **query)
        return (found["relationships"] or [{}])[0]

    def follows(self, one: str, other: str) -> bool:
        return bool(self._relation(one, other).get("following"))

    def blocked(self, one: str, other: str) -> bool:
        return bool(self._relation(one, other).get("blocking"))


class BlueskyChat(Simulator):
    """The chat service alone, behind a real data server.

    :param did: who it is; tokens for somebody else are refused
    :param appview: the address of the network's AppView
    """

    def __init__(self, did: str, appview: str):
        super().__init__()
        self.did = did
        self.convos = Convos(AppViewPeople(appview), self.now)
        self.routes = ChatRoutes(self.convos)

    @staticmethod
    def now() -> datetime:
        return datetime.now(timezone.utc)

    def _dispatch(self, call: Call) -> Answer:
        nsid = call.path.removeprefix("/xrpc/")
        try:
            return Answer(self.routes.answer(nsid, self._who(nsid, call), call))
        except Refused as refused:
            body = {"error": refused.error, "message": refused.message}
            return Answer(body, refused.status)

    def _who(self, nsid: str, call: Call) -> str:
        """The person the data server vouches for."""
        token = call.headers.get("authorization", "").partition(" ")[2]
        try:
            claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
            issuer, audience = claims["iss"], claims["aud"].partition("#")[0]
            right = claims["lxm"] == nsid and claims["exp"] > time.time()
        except (ValueError, IndexError, KeyError, TypeError):
            raise Refused(401, "BadJwt", "poorly formatted jwt") from None
        if audience != self.did:
            raise Refused(401, "BadJwtAudience", "jwt audience does not match")
        if not right:
            raise Refused(401, "BadJwt", "jwt expired or for another method")
        return issuer
