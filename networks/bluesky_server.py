"""The line to an AT Protocol network: sessions, our own server, refusals, who we are.

We sign in at the entryway; everything else goes to the account's own server (PDS),
which the answer's DID document names. It must never send our token anywhere but to
these two. Fact sheet bluesky §1, §2.
"""

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from . import base, errors
from .bluesky_post import Reader
from .bluesky_refusals import refusal
from .bluesky_values import link
from .transport import Response

#: the chat service that the PDS passes calls on to (§1)
CHAT_DID = "did:web:api.bsky.chat#bsky_chat"


class BlueskyServer(base.Adapter):
    """What reading and sending share; not an adapter yet."""

    def __init__(self, settings, transport, now, facts=None):
        super().__init__(settings, transport, now, facts)
        if transport is not None:
            transport.classify = lambda answer, _effect: refusal(answer)

    # --- requests -------------------------------------------------------------
    @property
    def pds(self) -> str:
        """The account's own server; the entryway until that has told."""
        entryway = self.transport.base_url
        told = self.facts.get("entryway") == entryway
        return (told and link(self.facts.get("pds"))) or entryway

    @staticmethod
    def _path(nsid: str) -> str:
        return f"/xrpc/{nsid}"

    def _request(self, method: str, nsid: str, *, headers=None, **kwargs) -> Response:
        """One call to our own server, as us.

        :raises AuthError: ``token_expired`` where there is no session (any more)
        """
        token = self.settings.get("access_token") or ""
        if not token:
            raise errors.AuthError("token_expired", "no session")
        server = self.pds
        # the one other host that gets the token: what the entryway calls our server
        return self.transport.request(
            method,
            f"{server}{self._path(nsid)}",
            headers={
                "Accept": "application/json",
                "Authorization": f"Bearer {token}",
                **(headers or {}),
            },
            hosts=(urlsplit(server).hostname or "",),
            **kwargs,
        )

    def _query(self, nsid: str, headers=None, **params) -> dict:
        return self._answer(self._request("GET", nsid, headers=headers, query=params))

    def _procedure(self, nsid: str, body: dict, *, headers=None, effect=False) -> dict:
        """A call that changes something.

        :param effect: a lost answer is ``UncertainError``: where a repetition would
            do the thing twice
        """
        response = self._request(
            "POST", nsid, headers=headers, json=body, effect=effect
        )
        try:
            return self._answer(response) if response.content else {}
        except errors.MalformedResponse as error:
            if effect:
                raise errors.UncertainError(error.code, error.detail) from error
            raise

    @staticmethod
    def _answer(response: Response) -> dict:
        found = response.json()
        if not isinstance(found, dict):
            raise errors.MalformedResponse("malformed", "no object")
        return found

    @staticmethod
    def _list(found: dict, name: str) -> list:
        if not isinstance(found.get(name), list):
            raise errors.MalformedResponse("malformed", f"no {name}")
        return found[name]

    def _clock(self, response: Response) -> datetime:
        """Our moment, or the server's where that is earlier: from there on we shall
        look again, and later would be a gap."""
        try:
            then = parsedate_to_datetime(response.headers.get("date", ""))
            return min(self.now(), then.astimezone(timezone.utc))
        except (TypeError, ValueError, OverflowError):
            return self.now()

    # --- records --------------------------------------------------------------
    def _record(self, repo: str, collection: str, rkey: str) -> dict | None:
        """``{uri, cid, value}`` of a record, or None when there is none."""
        try:
            found = self._query(
                "com.atproto.repo.getRecord",
                repo=repo,
                collection=collection,
                rkey=rkey,
            )
        except errors.NotFoundError:
            return None
        if not isinstance(found.get("value"), dict):
            raise errors.MalformedResponse("malformed", "no record")
        return found

    def _put(
        self, collection: str, rkey: str, record: dict, swap, effect=False
    ) -> dict:
        """Write a record of ours.

        :param swap: cid of what it replaces; None: there must be nothing yet
        :raises RejectedError: ``gone_stale``: something else stands there
        """
        return self._procedure(
            "com.atproto.repo.putRecord",
            {
                "repo": self._known_facts()["id"],
                "collection": collection,
                "rkey": rkey,
                "record": {"$type": collection, **record},
                "swapRecord": swap,
            },
            effect=effect,
        )

    def _known_facts(self) -> dict:
        """``facts``, asked for now if the account was never checked."""
        if not self.facts.get("id"):
            self.check()
        return self.facts

    @property
    def _reader(self) -> Reader:
        return Reader(self.facts)

    # --- the chat service -----------------------------------------------------
    def _chat_headers(self) -> dict:
        service = (self.settings.get("chat_did") or "").strip() or CHAT_DID
        if "#" not in service:
            service += "#bsky_chat"
        return {"atproto-proxy": service}

    def _chat_query(self, method: str, **params) -> dict:
        return self._chat_call(self._query, method, **params)

    def _chat_procedure(self, method: str, body: dict, effect=False) -> dict:
        return self._chat_call(self._procedure, method, body=body, effect=effect)

    def _chat_call(self, call, method: str, **kwargs) -> dict:
        """A call that our server passes on (§1).

        :raises ScopeError: the app password may not read private messages. Servers
            call that an invalid token: whether it is one, the others calls show
        """
        nsid = f"chat.bsky.convo.{method}"
        try:
            return call(nsid, headers=self._chat_headers(), **kwargs)
        except errors.AuthError as error:
            if isinstance(error, errors.ScopeError) or error.code != "auth":
                raise
            self._query("com.atproto.server.getSession")
            raise errors.ScopeError("scope", error.detail) from error
