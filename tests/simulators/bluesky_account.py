"""The fake Bluesky server's doors: log-in, refresh, who am I, whose handle is this.

Fact sheet ``bluesky`` §1 and §7. Thirty log-ins in five minutes are all there are.
"""

from .bluesky_server import FULL, GRACE, PLAIN, PRIVILEGED, BlueskyServer, xrpc
from .bluesky_world import Refused
from .server import Answer, Call, route

WRONG = "Invalid identifier or password"


class BlueskyAccount(BlueskyServer):
    # --- for tests ------------------------------------------------------------
    def app_password(self, person, privileged=False) -> str:
        """What a person makes in the settings of the app."""
        with self.lock:
            password = f"abcd-efgh-{len(person.app_passwords):04d}-{next(self._names)}"
            person.app_passwords[password] = privileged
            return password

    def revoke(self, person, password: str):
        """The person deletes an app password: refreshing ends, access runs out."""
        with self.lock:
            person.app_passwords.pop(password, None)
            for jti, known in [*self.refresh_tokens.items()]:
                if (known.did, known.app_password) == (person.did, password):
                    del self.refresh_tokens[jti]

    # --- sessions -------------------------------------------------------------
    @xrpc("POST", "com.atproto.server.createSession")
    def create_session(self, call: Call):
        asked = self.body(call, "identifier", "password")
        for name in ("session", "session-day"):
            self.spend(name, str(asked["identifier"]))
        name = str(asked["identifier"]).removeprefix("@")
        person = self.world.person(name.removesuffix("@example.com"))
        password = asked["password"]
        if person is None or person.status == "deleted":
            raise Refused(401, "AuthenticationRequired", WRONG)
        if password == person.password:
            scope, app_password = FULL, ""
            if person.factor and asked.get("authFactorToken") != person.factor:
                words = "A sign in code has been sent to your email address"
                raise Refused(401, "AuthFactorTokenRequired", words)
        elif password in person.app_passwords:
            scope = PRIVILEGED if person.app_passwords[password] else PLAIN
            app_password = password
        else:
            raise Refused(401, "AuthenticationRequired", WRONG)
        if person.status == "takendown" and not asked.get("allowTakendown"):
            raise Refused(401, "AccountTakedown", "Account has been taken down")
        return self.open_session(person, scope, app_password)

    @xrpc("POST", "com.atproto.server.refreshSession")
    def refresh_session(self, call: Call):
        claims = self._claims(call, "refresh+jwt")
        known = self.refresh_tokens.get(claims["jti"])
        now = self.now()
        if known is None or known.expires <= now:
            raise Refused(400, "ExpiredToken", "Token has been revoked")
        person = self.world.people[known.did]
        if person.status == "takendown":
            raise Refused(401, "AccountTakedown", "Account has been taken down")
        # used once more within the grace period it gives the same successor
        known.next = known.next or f"refresh-{next(self._names)}"
        known.expires = min(known.expires, now + GRACE)
        return self.open_session(person, known.scope, known.app_password, known.next)

    @xrpc("GET", "com.atproto.server.getSession")
    def get_session(self, call: Call):
        return self.session_view(self.need(call))

    @xrpc("POST", "com.atproto.server.deleteSession")
    def delete_session(self, call: Call):
        claims = self._claims(call, "refresh+jwt")
        self.refresh_tokens.pop(claims["jti"], None)
        return Answer(b"")

    @xrpc("GET", "com.atproto.server.describeServer")
    def describe_server(self, call: Call):
        return {
            "did": "did:web:pds.example",
            "availableUserDomains": [".example"],
            "inviteCodeRequired": False,
            "links": {},
            "contact": {},
        }

    # --- identity -------------------------------------------------------------
    @xrpc("GET", "com.atproto.identity.resolveHandle")
    def resolve_handle(self, call: Call):
        person = self.world.person(call.arg("handle", "").lower())
        if person is None or person.did == call.arg("handle"):
            raise Refused(400, "InvalidRequest", "Unable to resolve handle")
        return {"did": person.did}

    @route("GET", r"/(?P<did>did:plc:\w+)")
    def directory(self, call: Call):
        """The directory of identities is another server; here it is the same."""
        person = self.world.people.get(call.params["did"])
        if person is None:
            return Answer({"message": "DID not registered"}, 404)
        return Answer(self.did_doc(person))
