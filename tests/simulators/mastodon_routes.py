"""Sign-in, accounts, search and media of the fake Mastodon server.

Fact sheet §1, §3 and §7.
"""

import base64
import hashlib
from urllib.parse import urlencode

from .mastodon_server import SCOPES, TRUE, MastodonServer, Token
from .mastodon_view import account_json, medium_json, status_json
from .mastodon_world import MAX_MEDIA, URL_LENGTH, Medium, Refused, digest
from .server import Answer, Call, route

MEDIA_KINDS = {
    "image/png": "image",
    "image/jpeg": "image",
    "image/gif": "gifv",
    "image/webp": "image",
    "video/mp4": "video",
    "audio/mpeg": "audio",
    "audio/ogg": "audio",
}
#: fact sheet §7
IMAGE_SIZE, VIDEO_SIZE, DESCRIPTION = 16777216, 103809024, 1500
#: ids of vanilla (digits), of ULID servers and of snac2 (hex)
ID = r"(?P<id>[0-9A-Z]+|[0-9a-f]{32})"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


class MastodonRoutes(MastodonServer):
    #: how often GET /media/:id says 206 for a video; images are ready at once
    media_waits = 2

    # --- the server about itself ----------------------------------------------
    def configuration(self) -> dict:
        return {
            "urls": {"streaming": self.url.replace("http", "ws", 1)},
            "accounts": {"max_featured_tags": 10},
            "statuses": {
                "max_characters": self.world.max_characters,
                "max_media_attachments": MAX_MEDIA,
                "characters_reserved_per_url": URL_LENGTH,
            },
            "media_attachments": {
                "supported_mime_types": list(MEDIA_KINDS),
                "description_limit": DESCRIPTION,
                "image_size_limit": IMAGE_SIZE,
                "image_matrix_limit": 33177600,
                "video_size_limit": VIDEO_SIZE,
                "video_frame_rate_limit": 120,
                "video_matrix_limit": 8294400,
            },
            "polls": {"max_options": 4, "max_characters_per_option": 50},
        }

    @route("GET", "/api/v2/instance")
    def instance(self, call: Call) -> Answer:
        return Answer(
            {
                "domain": self.world.domain,
                "title": "Simulated",
                "version": self.version,
                "source_url": "https://github.com/mastodon/mastodon",
                "description": "",
                "languages": ["en"],
                "thumbnail": {"url": f"{self.url}/thumbnail.png"},
                "configuration": self.configuration(),
                "api_versions": {"mastodon": self.api_version},
                "registrations": {"enabled": False},
                "contact": {"email": "admin@us.example", "account": None},
                "rules": [],
            }
        )

    @route("GET", "/api/v1/instance")
    def instance_v1(self, call: Call) -> Answer:
        return Answer(
            {
                "uri": self.world.domain,
                "title": "Simulated",
                "version": self.version,
                "urls": {"streaming_api": self.url.replace("http", "ws", 1)},
                "stats": {"user_count": 1, "status_count": 1, "domain_count": 1},
                "configuration": self.configuration(),
            }
        )

    # --- OAuth ----------------------------------------------------------------
    @route("GET", "/.well-known/oauth-authorization-server")
    def oauth_server(self, call: Call) -> Answer:
        return Answer(
            {
                "issuer": f"{self.url}/",
                "authorization_endpoint": f"{self.url}/oauth/authorize",
                "token_endpoint": f"{self.url}/oauth/token",
                "scopes_supported": ["read", "write", *SCOPES.split()],
                "code_challenge_methods_supported": ["S256"],
                "grant_types_supported": ["authorization_code", "client_credentials"],
                "response_types_supported": ["code"],
            }
        )

    @route("POST", "/api/v1/apps")
    def create_app(self, call: Call) -> Answer:
        params = self.params(call)
        uris = params.get("redirect_uris") or ""
        uris = uris if isinstance(uris, list) else uris.split()
        if not params.get("client_name") or not uris:
            raise Refused(422, "Validation failed: Application name can't be blank")
        number = len(self.apps) + 1
        app = {
            "id": str(number),
            "name": params["client_name"],
            "website": params.get("website"),
            "scopes": (params.get("scopes") or "read").split(),
            "redirect_uri": "\n".join(uris),
            "redirect_uris": uris,
            "client_id": f"client-{number}",
            "client_secret": f"app-secret-{number:06d}",
        }
        self.apps[app["client_id"]] = app
        return Answer(app)

    @route("GET", "/api/v1/apps/verify_credentials")
    def verify_app(self, call: Call) -> Answer:
        token = self.bearer(call)
        if token is None:
            raise Refused(401, "The access token is invalid")
        return Answer({"name": "helpdesk", "website": None, "scopes": [*token.scopes]})

    @route("GET", "/oauth/authorize")
    def authorize(self, call: Call) -> Answer:
        """The person before the browser presses "authorize" at once."""
        app = self.apps.get(call.arg("client_id"))
        back = call.arg("redirect_uri", "")
        scopes = (call.arg("scope") or "read").split()
        if app is None or back not in app["redirect_uris"]:
            return Answer("<h1>The client or its redirect URI is unknown</h1>", 401)
        if not all({one, one.split(":")[0]} & set(app["scopes"]) for one in scopes):
            error = {"error": "invalid_scope", "state": call.arg("state", "")}
            return Answer("", 302, {"Location": f"{back}?{urlencode(error)}"})
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = {
            "client_id": app["client_id"],
            "redirect_uri": back,
            "scopes": scopes,
            "challenge": call.arg("code_challenge"),
            "account": self.signed_in.id,
        }
        if back == OUT_OF_BAND:
            return Answer(f"<p>{code}</p>")
        given = {"code": code}
        if call.arg("state"):
            given["state"] = call.arg("state")
        return Answer("", 302, {"Location": f"{back}?{urlencode(given)}"})

    @route("POST", "/oauth/token")
    def token(self, call: Call) -> Answer:
        params = self.params(call)
        app = self.apps.get(params.get("client_id"))
        if app is None or params.get("client_secret") != app["client_secret"]:
            return self._oauth_error(401, "invalid_client")
        if params.get("grant_type") == "client_credentials":
            return self._grant(app, "", (params.get("scope") or "read").split())
        code = self.codes.pop(params.get("code"), None)
        if (
            params.get("grant_type") != "authorization_code"
            or code is None
            or code["client_id"] != app["client_id"]
            or code["redirect_uri"] != params.get("redirect_uri")
            or not self._proved(code["challenge"], params.get("code_verifier"))
        ):
            return self._oauth_error(400, "invalid_grant")
        return self._grant(app, code["account"], code["scopes"])

    @staticmethod
    def _proved(challenge, verifier) -> bool:
        if not challenge:
            return True
        sha = hashlib.sha256((verifier or "").encode()).digest()
        return challenge == base64.urlsafe_b64encode(sha).rstrip(b"=").decode()

    def _grant(self, app, account: str, scopes) -> Answer:
        value = f"granted-{digest(app['client_id'] + account + str(len(self.tokens)))}"
        self.tokens[value] = Token(account, tuple(scopes), app["client_id"])
        return Answer(
            {
                "access_token": value,
                "token_type": "Bearer",
                "scope": " ".join(scopes),
                "created_at": int(self.world.clock().timestamp()),
            }
        )

    @staticmethod
    def _oauth_error(status: int, code: str) -> Answer:
        return Answer({"error": code, "error_description": "It is not valid."}, status)

    @route("POST", "/oauth/revoke")
    def revoke_token(self, call: Call) -> Answer:
        self.revoke(self.params(call).get("token"))
        return Answer({})

    # --- accounts -------------------------------------------------------------
    def show_account(self, account) -> dict:
        return account_json(self.world, account, self.url)

    @route("GET", "/api/v1/accounts/verify_credentials")
    def verify_credentials(self, call: Call) -> Answer:
        account = self.need(call, "read:accounts")
        source = {"privacy": "public", "sensitive": False, "language": "", "fields": []}
        return Answer({**self.show_account(account), "source": source})

    @route("GET", "/api/v1/accounts/lookup")
    def lookup(self, call: Call) -> Answer:
        account = self.world.account(call.arg("acct", ""))
        if account is None:
            raise Refused(404, "Record not found")
        return Answer(self.show_account(account))

    @route("GET", "/api/v1/accounts/relationships")
    def relationships(self, call: Call) -> Answer:
        owner = self.need(call, "read:follows")
        ids = self.params(call).get("id") or []
        return Answer([self._relation(owner, self._account(one)) for one in ids])

    @route("GET", f"/api/v1/accounts/{ID}")
    def show(self, call: Call) -> Answer:
        return Answer(self.show_account(self._account(call.params["id"])))

    @route("GET", f"/api/v1/accounts/{ID}/statuses")
    def account_statuses(self, call: Call) -> Answer:
        account = self._account(call.params["id"])
        viewer, params = self.viewer(call), self.params(call)
        found = [
            one
            for one in self.world.statuses.values()
            if one.author == account.id and self.world.may_see(one, viewer)
        ]
        if params.get("exclude_replies") in TRUE:
            found = [one for one in found if not one.parent]
        return self.page(call, found, 20, 40, lambda one: self.show_status(one, viewer))

    def show_status(self, status, viewer) -> dict:
        return status_json(self.world, status, viewer, self.url)

    @route("POST", f"/api/v1/accounts/{ID}/(?P<verb>(un)?(block|mute))")
    def relate(self, call: Call) -> Answer:
        verb = call.params["verb"]
        kind = "blocks" if "block" in verb else "mutes"
        owner = self.need(call, f"write:{kind}")
        other = self._account(call.params["id"])
        people = getattr(owner, kind)
        (people.discard if verb.startswith("un") else people.add)(other.id)
        return Answer(self._relation(owner, other))

    def _account(self, one_id: str):
        account = self.world.accounts.get(one_id)
        if account is None:
            raise Refused(404, "Record not found")
        return account

    @staticmethod
    def _relation(owner, other) -> dict:
        return {
            "id": other.id,
            "following": owner.id in other.followers,
            "followed_by": other.id in owner.followers,
            "blocking": other.id in owner.blocks,
            "muting": other.id in owner.mutes,
            "blocked_by": owner.id in other.blocks,
        }

    # --- search ---------------------------------------------------------------
    @route("GET", "/api/v2/search")
    def search(self, call: Call) -> Answer:
        """Only what an address or a full handle names; that is what we rely on."""
        viewer = self.need(call, "read:search")
        text, kind = call.arg("q", ""), call.arg("type")
        statuses = [
            status_json(self.world, one, viewer, self.url)
            for one in self.world.statuses.values()
            if text in (one.uri, one.url) and self.world.may_see(one, viewer)
        ]
        account = self.world.account(text)
        return Answer(
            {
                "accounts": [self.show_account(account)]
                if account and kind in (None, "accounts")
                else [],
                "statuses": statuses if kind in (None, "statuses") else [],
                "hashtags": [],
            }
        )

    # --- media ----------------------------------------------------------------
    @route("POST", "/api/v[12]/media")
    def upload(self, call: Call) -> Answer:
        owner = self.need(call, "write:media")
        params = self.params(call)
        files = [part for part in call.parts() if part[0] == "file"]
        if not files or not files[0][3]:
            raise Refused(422, "Validation failed: File can't be blank")
        _name, filename, mime, data = files[0]
        kind = MEDIA_KINDS.get(mime)
        if kind is None:
            raise Refused(422, "Validation failed: File content type is invalid")
        if len(data) > (IMAGE_SIZE if kind == "image" else VIDEO_SIZE):
            raise Refused(422, "Validation failed: File size must be less than 16 MB")
        if len(params.get("description") or "") > DESCRIPTION:
            raise Refused(422, "Validation failed: Description is too long")
        slow = kind in ("video", "audio", "gifv") and "/v2/" in call.path
        medium = self.add_medium(
            owner, kind, mime, filename, data, params.get("description") or ""
        )
        medium.waits = self.media_waits if slow else 0
        return Answer(medium_json(medium, self.url), 202 if medium.waits else 200)

    def add_medium(self, owner, kind, mime, name, data, description="") -> Medium:
        medium = Medium(
            self.world.serial(), owner.id, kind, mime, name or "file", data, description
        )
        self.world.media[medium.id] = medium
        return medium

    @route("GET", r"/api/v1/media/(?P<id>[^/]+)")
    def show_medium(self, call: Call) -> Answer:
        medium = self._medium(call)
        if medium.broken:
            raise Refused(422, "Error processing thumbnail for uploaded media")
        if medium.waits:
            medium.waits -= 1
        status = 206 if medium.waits else 200
        return Answer(medium_json(medium, self.url), status)

    @route("PUT", r"/api/v1/media/(?P<id>[^/]+)")
    def describe_medium(self, call: Call) -> Answer:
        medium = self._medium(call)
        medium.description = self.params(call).get("description") or ""
        return Answer(medium_json(medium, self.url))

    def _medium(self, call: Call) -> Medium:
        owner = self.need(call, "write:media")
        medium = self.world.media.get(call.params["id"])
        if medium is None or medium.owner != owner.id or medium.attached:
            raise Refused(404, "Record not found")
        return medium

    @route("GET", r"/system/media_attachments/files/(?P<id>[^/]+)/original/[^/]+")
    def serve_medium(self, call: Call) -> Answer:
        medium = self.world.media.get(call.params["id"])
        if medium is None:
            return Answer("<h1>Not found</h1>", 404)
        return Answer(medium.data, headers={"Content-Type": medium.mime})
