"""Sessions of an AT Protocol network, and what a check finds out about our account.

App password and refresh token go to the entryway only; 30 log-ins in five minutes are
all there are, so sessions are kept and renewed. Fact sheet bluesky §1, §6.
"""

import base64
import json
from datetime import datetime, timezone
from urllib.parse import urlsplit

from . import errors, items
from .bluesky_server import BlueskyServer
from .bluesky_values import DECLARATION, did, handle, link, profile_link, words
from .values import listing, mapping

#: what may be said about who may write to us in private (§6)
OPENNESS = ("all", "following", "none")


class BlueskySession(BlueskyServer):
    """Signing in, refreshing, checking; not an adapter yet."""

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
            # whose word it is where our server is; without one, it is that itself
            "entryway": self.transport.base_url,
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
