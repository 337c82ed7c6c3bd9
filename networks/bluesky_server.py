"""The line to an AT Protocol network: sessions, our own server, refusals, who we are.

We sign in at the entryway; everything else goes to the account's own server (PDS),
which the answer's DID document names. It must never send our token anywhere but to
these two. Fact sheet bluesky §1, §2.
"""

import base64
import json
import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from . import base, errors, items
from .bluesky_post import Reader
from .bluesky_values import (
    DECLARATION,
    did,
    handle,
    link,
    listing,
    mapping,
    profile_link,
    words,
)
from .transport import Response

#: the chat service that the PDS passes calls on to (§1)
CHAT_DID = "did:web:api.bsky.chat#bsky_chat"
#: what may be said about who may write to us in private (§6)
OPENNESS = ("all", "following", "none")

#: name of a refusal -> (error, code); what is missing here goes by its status (§1, §6)
REFUSALS = {
    "ExpiredToken": (errors.AuthError, "token_expired"),
    "InvalidToken": (errors.AuthError, "auth"),
    "AuthMissing": (errors.AuthError, "auth"),
    "AuthenticationRequired": (errors.AuthError, "auth"),
    "AuthFactorTokenRequired": (errors.AuthError, "second_factor"),
    # of somebody else; ours is a 401
    "AccountTakedown": (errors.RejectedError, "deactivated"),
    "AccountDeactivated": (errors.RejectedError, "deactivated"),
    "AccountSuspended": (errors.RejectedError, "account_suspended"),
    "NotFound": (errors.NotFoundError, "not_found"),
    "RecordNotFound": (errors.NotFoundError, "not_found"),
    "RepoNotFound": (errors.NotFoundError, "not_found"),
    "BlobNotFound": (errors.NotFoundError, "not_found"),
    "RepoTakendown": (errors.NotFoundError, "not_found"),
    "RepoSuspended": (errors.NotFoundError, "not_found"),
    "RepoDeactivated": (errors.NotFoundError, "not_found"),
    "ReplyTargetNotFound": (errors.NotFoundError, "not_found"),
    "InvalidSwap": (errors.RejectedError, "gone_stale"),
    "BlobTooLarge": (errors.RejectedError, "media_rejected"),
    "InvalidMimeType": (errors.RejectedError, "media_rejected"),
    "InvalidCursor": (errors.CursorExpired, "cursor_expired"),
    "MessagesDisabled": (errors.RejectedError, "messages_disabled"),
    "NotFollowedBySender": (errors.RejectedError, "not_followed"),
    "BlockedActor": (errors.RejectedError, "blocked"),
    "BlockedSubject": (errors.RejectedError, "blocked"),
    "RecipientNotFound": (errors.RejectedError, "unknown_person"),
    "InvalidConvo": (errors.NotFoundError, "chat_not_found"),
    "ConvoLocked": (errors.RejectedError, "conversation_locked"),
    "ReactionMessageDeleted": (errors.NotFoundError, "not_found"),
}
#: the same said in words, where the name is ``InvalidRequest`` for everything
_PHRASES = (
    (
        r"must not be longer than|(grapheme|string) too (long|big)",
        errors.RejectedError,
        "too_long",
    ),
    (r"\bblock(ed)? ", errors.RejectedError, "blocked"),
    (
        r"not found|could not (locate|find)|unable to resolve",
        errors.NotFoundError,
        "not_found",
    ),
    (r"cursor", errors.CursorExpired, "cursor_expired"),
)
#: a server between us and another: its own credentials were refused, not ours
_BETWEEN = re.compile(r"BadJwt\w*|UntrustedIss|JwtExpired|IncorrectAudience")


class BlueskyServer(base.Adapter):
    """What reading and sending share; not an adapter yet."""

    def __init__(self, settings, transport, now, facts=None):
        super().__init__(settings, transport, now, facts)
        if transport is not None:
            transport.classify = self._classify

    # --- requests -------------------------------------------------------------
    @property
    def pds(self) -> str:
        """The account's own server; the entryway until we know it."""
        return link(self.facts.get("pds")) or self.transport.base_url

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

    def _classify(self, response: Response, effect: bool) -> errors.NetworkError | None:
        """What a refusal's name means; None leaves it to the common table (429, 5xx,
        and whatever has no name)."""
        try:
            said = mapping(response.json())
        except errors.MalformedResponse:
            return None
        name, message = words(said.get("error")), words(said.get("message"))
        detail = f"{name}: {message}" if message else name
        if response.status == 429 or response.status >= 500 or not name:
            return None
        if _BETWEEN.fullmatch(name):
            return errors.TransientError("http_502", detail)
        if name == "InvalidToken" and "token method" in message:
            return errors.ScopeError("scope", detail)
        if response.status == 401 and name in ("AccountTakedown", "AccountDeactivated"):
            return errors.AuthError("account_suspended", detail)
        if name in REFUSALS:
            kind, code = REFUSALS[name]
            return kind(code, detail)
        if response.status == 413:
            return errors.RejectedError("media_rejected", detail)
        if response.status == 400:
            for pattern, kind, code in _PHRASES:
                if re.search(pattern, message, re.IGNORECASE):
                    return kind(code, detail)
            return errors.RejectedError("http_400", detail)
        return None

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

    # --- sessions -------------------------------------------------------------
    def sign_in(self) -> items.Tokens:
        name = (self.settings.get("identifier") or "").strip().removeprefix("@")
        password = (self.settings.get("app_password") or "").strip()
        for key, value in (("identifier", name), ("app_password", password)):
            if not value:
                raise errors.ConfigError("missing_setting", key)
        return self._session(
            "com.atproto.server.createSession",
            json={"identifier": name, "password": password},
        )

    def refresh(self) -> items.Tokens:
        token = self.settings.get("refresh_token") or ""
        if not token:
            raise errors.AuthError("auth", "no refresh token")
        return self._session(
            "com.atproto.server.refreshSession",
            headers={"Authorization": f"Bearer {token}"},
        )

    def _session(self, nsid: str, **kwargs) -> items.Tokens:
        """Both ways to a session, always at the entryway."""
        try:
            answer = self.transport.request("POST", self._path(nsid), **kwargs)
        except errors.AuthError as error:
            # expired means here: for good
            if error.code == "token_expired":
                raise errors.AuthError("auth", error.detail) from error
            raise
        except errors.NotFoundError as error:
            raise errors.ConfigError("unsupported_server", "AT Protocol") from error
        except errors.RejectedError as error:
            raise errors.AuthError("auth", error.detail) from error
        try:
            found = mapping(answer.json())
        except errors.MalformedResponse:
            found = {}
        access, again = words(found.get("accessJwt")), words(found.get("refreshJwt"))
        if found.get("active") is False:
            raise errors.AuthError("account_suspended", words(found.get("status")))
        if not access or not again or not did(found.get("did")):
            # without what came: it may hold half a token
            raise errors.MalformedResponse("malformed", "no session")
        tokens = {"access_token": access, "refresh_token": again}
        return items.Tokens(tokens, expires_at=_ends(access))

    # --- who we are -----------------------------------------------------------
    def check(self) -> items.Profile:
        """Asks the entryway who we are and where our own server is, that one for the
        rest. Where the admin wishes so, it opens our private messages to everybody."""
        self.facts = {}
        session = self._query("com.atproto.server.getSession")
        one_did = did(session.get("did"))
        if not one_did:
            raise errors.MalformedResponse("malformed", "no account")
        if session.get("active") is False:
            raise errors.AuthError("account_suspended", words(session.get("status")))
        self.facts = {
            "id": one_did,
            "handle": handle(session.get("handle")),
            # without a document, the entryway is our server
            "pds": server_of(session.get("didDoc"), one_did) or self.transport.base_url,
        }
        try:
            view = self._query("app.bsky.actor.getProfile", actor=one_did)
        except errors.RejectedError:
            view = {}
        self.facts["chat"] = self._has_chat()
        if self.facts["chat"]:
            self.facts["open"] = self._open_chat()
        return items.Profile(
            id=one_did,
            handle=self.facts["handle"] or one_did,
            name=words(view.get("displayName")),
            url=profile_link(one_did),
            avatar=link(view.get("avatar")),
            missing_scopes=() if self.facts["chat"] else tuple(self.scopes),
            facts=dict(self.facts),
        )

    def _has_chat(self) -> bool:
        """May this app password read private messages? A service that is out of
        order for now is no reason to forget about it."""
        try:
            self._chat_query("listConvos", limit=1)
        except errors.TransientError:
            return True
        except (errors.ScopeError, errors.RejectedError, errors.MalformedResponse):
            return False
        return True

    def _open_chat(self) -> str:
        """Who may write to us in private, as the admin wishes; what it is now."""
        wish = (self.settings.get("incoming") or "").strip().lower()
        if wish and wish not in OPENNESS:
            raise errors.ConfigError("bad_setting", f"{wish}: {', '.join(OPENNESS)}")
        try:
            found = self._record(self.facts["id"], DECLARATION, "self")
            record = mapping(mapping(found).get("value"))
            present = words(record.get("allowIncoming")) or "following"
            if wish in ("", present):
                return present
            swap = words(mapping(found).get("cid")) or None
            self._put(DECLARATION, "self", {**record, "allowIncoming": wish}, swap)
        except (errors.TransientError, errors.RejectedError, errors.MalformedResponse):
            return ""  # tomorrow's check tries again; nothing else depends on it
        return wish

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


def server_of(document, one_did: str) -> str:
    """The address of the server (PDS) that a DID document names, or ''.

    :raises MalformedResponse: it is somebody else's document, or names no address
    """
    document = mapping(document)
    for one in map(mapping, listing(document.get("service"))):
        if words(one.get("id")).rpartition("#")[2] != "atproto_pds":
            continue
        parts = urlsplit(link(one.get("serviceEndpoint")))
        plain = not (parts.username or parts.password or parts.query)
        if document.get("id") != one_did or not parts.hostname or not plain:
            raise errors.MalformedResponse("malformed", "DID document")
        return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    return ""


def _ends(token: str) -> datetime | None:
    """When an access token ends: it says so itself (a JWT's ``exp``). Only read, not
    verified: it is ours."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return datetime.fromtimestamp(claims["exp"], timezone.utc)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
