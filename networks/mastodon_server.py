"""The line to a Mastodon-like server: requests, refusals, sign-in, who we are.

What differs between servers (limits, keys, paging) is found out here once, by
``check``, and kept in ``facts``. Fact sheet mastodon §1-§3.
"""

import re
from urllib.parse import urlsplit

from . import base, errors, items, mastodon_text, oauth2
from .mastodon_status import Reader, ident, link, local_id, words
from .terms import _lt
from .transport import Response
from .values import listing, mapping, number

#: fact sheet §3, §6, §7: what a server allows that does not say
MAX_CHARACTERS = 500
URL_LENGTH = 23
MAX_MEDIA = 4
ALT_LENGTH = 1500
#: servers known to honour Idempotency-Key: Mastodon with its forks (fact sheet §5),
#: Pleroma and Akkoma (IdempotencyPlug, six hours). snac2 posts twice (running.md)
KEYED = ("mastodon", "pleroma", "akkoma")
#: ``min_id`` pages forward since Mastodon 2.6, October 2018
FORWARD_SINCE = (2, 6)
#: what a status id list (``GET /statuses?id[]=``) needs; Mastodon 4.3, October 2024
BULK_SINCE = (4, 3)

SCOPES = {
    "read:accounts": _lt("to know who we are and who writes to us"),
    "read:notifications": _lt("to receive mentions, replies and direct posts"),
    "read:statuses": _lt("to read the conversation, edits and deletions"),
    "read:search": _lt("to find a post by its address"),
    "write:statuses": _lt("to answer, edit and delete"),
    "write:media": _lt("to send pictures"),
    "write:favourites": _lt("to like"),
    "write:blocks": _lt("to block people on the server, where an agent asks for it"),
}


class MastodonServer(base.Adapter):
    """What reading and sending share; not an adapter yet."""

    #: errors in English, so that they can be told apart
    _headers = {"Accept": "application/json", "Accept-Language": "en"}

    def __init__(self, settings, transport, now, facts=None):
        super().__init__(settings, transport, now, facts)
        if transport is not None:
            transport.classify = self._classify

    # --- requests -------------------------------------------------------------
    def _call(self, method: str, path: str, headers=None, **kwargs) -> Response:
        token = self.settings.get("access_token") or ""
        if not token:
            raise errors.ConfigError("missing_setting", "access_token")
        bearer = {"Authorization": f"Bearer {token}"}
        return self.transport.request(
            method,
            path,
            headers={**self._headers, **bearer, **(headers or {})},
            **kwargs,
        )

    def _get(self, path: str, query=None):
        return self._call("GET", path, query=query).json()

    def _get_list(self, path: str, query=None) -> list:
        found = self._get(path, query)
        if not isinstance(found, list):
            raise errors.MalformedResponse("malformed", f"{path}: no list")
        return found

    def _get_status(self, status_id: str) -> dict:
        """One post.

        :raises NotFoundError: it is gone, or never was for us to see
        """
        found = self._get(f"/api/v1/statuses/{status_id}")
        if not ident(mapping(found).get("id")):
            raise errors.MalformedResponse("malformed", "no status")
        return found

    def _search(self, words_: str, kind: str):
        """The one thing of this kind that has exactly this address (§3)."""
        query = {"q": words_, "type": kind, "resolve": "true", "limit": 1}
        found = listing(mapping(self._get("/api/v2/search", query)).get(kind))
        return found[0] if found else None

    def _account(self, external_id: str):
        """Somebody's account as this server shows it, by address or handle; or None."""
        if "://" in external_id:
            return self._search(external_id, "accounts")
        return self._get("/api/v1/accounts/lookup", {"acct": external_id})

    def _local(self, ref: str) -> str:
        """What this server calls a post. A post that came in through an account of
        ours on another server has no ref here: it is looked for by its key.
        """
        one = local_id(ref)
        if "://" not in one:
            return one
        found = ident(mapping(self._search(one, "statuses")).get("id"))
        if not found:
            raise errors.NotFoundError("not_found", one)
        return found

    def _classify(self, response: Response, effect: bool) -> errors.NetworkError | None:
        """What Mastodon means by a status; None leaves it to the common table."""
        try:
            said = words(mapping(response.json()).get("error"))
        except errors.MalformedResponse:
            said = ""
        if response.status == 403:
            challenge = response.headers.get("www-authenticate", "")
            if "scope" in said or "insufficient_scope" in challenge:
                return errors.ScopeError("scope", said)
            if "login" in said:  # disabled, not confirmed, waiting for approval
                return errors.AuthError("auth", said)
        if response.status == 422:
            for hint, code in (
                ("haracter limit", "too_long"),
                ("content type", "media_rejected"),
                ("File ", "media_rejected"),
                ("attach", "media_rejected"),
            ):
                if hint in said and "finished processing" not in said:
                    return errors.RejectedError(code, said)
            if "finished processing" in said:
                return errors.TransientError("media_processing", said, retry_after=5)
            return errors.RejectedError("http_422", said or response.text[:200])
        if said and response.status in (400, 403, 404, 410):
            kind = errors.RejectedError
            if response.status in (404, 410):
                return errors.NotFoundError("not_found", said)
            return kind("forbidden" if response.status == 403 else "http_400", said)
        return None

    # --- who we are -----------------------------------------------------------
    def check(self) -> items.Profile:
        account = self._verify_credentials()
        instance = self._instance()
        facts = self._limits(instance)
        domain = facts["domain"]
        handle = mastodon_text.full(words(account.get("acct")), domain)
        local_id = ident(account.get("id"))
        own = Reader({"domain": domain}).author(account)
        if not local_id or own is None:
            raise errors.MalformedResponse("malformed", "no account")
        if "://" not in own.id:
            own = self._with_uri(local_id, domain) or own
        facts |= {"id": own.id, "local_id": local_id, "handle": handle}
        facts["url"] = link(account.get("url"))
        self.facts = facts
        scopes = self._granted()
        return items.Profile(
            id=own.id,
            handle=handle,
            name=words(account.get("display_name")) or words(account.get("username")),
            url=facts["url"],
            avatar=link(account.get("avatar")),
            scopes=scopes,
            missing_scopes=tuple(
                one
                for one in self.scopes
                if scopes and not {one, one.partition(":")[0]} & set(scopes)
            ),
            facts=facts,
        )

    def _verify_credentials(self) -> dict:
        try:
            return mapping(self._get("/api/v1/accounts/verify_credentials"))
        except errors.ScopeError:
            raise
        except errors.NotFoundError as error:
            if "suspended" in error.detail.lower():
                raise errors.AuthError("auth", error.detail) from error
            raise errors.ConfigError("unsupported_server", "Mastodon API") from error
        except errors.RejectedError as error:
            # snac2 answers a wrong token with 422 and nothing; Mastodon a suspended
            # account with 403
            raise errors.AuthError("auth", error.detail) from error

    def _with_uri(self, local_id: str, domain: str) -> items.Author | None:
        """Servers exist that tell an actor's id everywhere but in our own account."""
        try:
            found = self._get(f"/api/v1/accounts/{local_id}")
        except (errors.RejectedError, errors.MalformedResponse):
            return None
        return Reader({"domain": domain}).author(found)

    def _instance(self) -> dict:
        """What the server says about itself; {} when it says nothing."""
        for path in ("/api/v2/instance", "/api/v1/instance"):
            try:
                found = self._get(path)
            except (errors.RejectedError, errors.MalformedResponse):
                continue
            if mapping(found):
                return found
        return {}

    def _limits(self, instance: dict) -> dict:
        version = words(instance.get("version"))
        software, number_ = _software(version)
        configuration = mapping(instance.get("configuration"))
        statuses = mapping(configuration.get("statuses"))
        media = mapping(configuration.get("media_attachments"))
        return {
            "domain": self._domain(instance),
            "software": software,
            "version": version[:100],
            "straight": software == "mastodon" and number_ >= FORWARD_SINCE,
            "bulk": software == "mastodon" and number_ >= BULK_SINCE,
            "quotes": (_api_version(instance) or 0) >= 7,
            "limit": number(statuses.get("max_characters"))
            or number(instance.get("max_toot_chars"))  # Pleroma and early forks
            or MAX_CHARACTERS,
            "url_length": number(statuses.get("characters_reserved_per_url"))
            or URL_LENGTH,
            "max_media": number(statuses.get("max_media_attachments")) or MAX_MEDIA,
            "alt_length": number(media.get("description_limit")) or ALT_LENGTH,
            "image_size": number(media.get("image_size_limit")) or 0,
            "video_size": number(media.get("video_size_limit")) or 0,
            "mimes": [
                one for one in listing(media.get("supported_mime_types")) if words(one)
            ],
        }

    def _domain(self, instance: dict) -> str:
        """What stands behind the @ of people who live on this server."""
        for key in ("account_domain", "domain", "uri"):
            found = words(instance.get(key))
            found = found.partition("://")[2] if "://" in found else found
            if re.fullmatch(r"[\w.-]+(:\d+)?", found):
                return found.lower()
        return urlsplit(self.transport.base_url).netloc.lower()

    def _granted(self) -> tuple[str, ...]:
        """The rights of our registration (4.3+); unknown where nobody tells."""
        try:
            found = self._get("/api/v1/apps/verify_credentials")
        except errors.NetworkError:
            return ()
        return tuple(one for one in listing(mapping(found).get("scopes")) if words(one))

    def _known_facts(self) -> dict:
        """``facts``, asked for now if the account was never checked."""
        if not self.facts.get("local_id"):
            self.check()
        return self.facts

    @property
    def _reader(self) -> Reader:
        return Reader(self.facts)

    # --- sign-in --------------------------------------------------------------
    def register(self, redirect_uri: str) -> dict:
        app = self._form(
            "/api/v1/apps",
            client_name="Helpdesk",
            redirect_uris=redirect_uri,
            scopes=" ".join(self.scopes),
        )
        settings = {key: words(app.get(key)) for key in ("client_id", "client_secret")}
        if not all(settings.values()):
            raise errors.MalformedResponse("malformed", "no client id")
        return settings

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        return oauth2.authorize_url(
            f"{self.transport.base_url}/oauth/authorize",
            client_id=self.settings.get("client_id") or "",
            redirect_uri=redirect_uri,
            state=state,
            challenge=challenge,
            scopes=self.scopes,
        )

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> items.Tokens:
        form = oauth2.exchange_form(
            code=code,
            redirect_uri=redirect_uri,
            client_id=self.settings.get("client_id") or "",
            client_secret=self.settings.get("client_secret") or "",
            verifier=verifier,
        )
        return oauth2.tokens(self._form("/oauth/token", **form), self.now())

    def _form(self, path: str, **form) -> dict:
        """A call without a token, before we have one; OAuth errors are answers."""
        answer = self.transport.request(
            "POST", path, form=form, headers=self._headers, ok=(400, 401)
        )
        return oauth2.answered(answer)


def _software(version: str) -> tuple[str, tuple[int, int]]:
    """(name, (major, minor)) of what really runs, by its version text.

    Others claim to be an old Mastodon and add their name: ``2.7.2 (compatible; Akkoma
    3.10.4)``, ``4.0.0 (not true; really snac/2.96)``; GoToSocial is still below 1.
    """
    claimed = re.match(r"(\d{1,3})\.(\d{1,3})", version)
    level = (int(claimed[1]), int(claimed[2])) if claimed else (0, 0)
    other = re.search(r"(?:compatible;|really)\s+([A-Za-z][\w-]*)", version)
    if other:
        return other[1].lower(), level
    if "gotosocial" in version.lower() or 0 == level[0]:
        return "gotosocial" if claimed else "", level
    return "mastodon", level


def _api_version(instance: dict) -> int | None:
    return number(mapping(instance.get("api_versions")).get("mastodon"))
