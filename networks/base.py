"""The contract every network's adapter fulfils.

An adapter translates; it decides nothing and remembers nothing. It has no clock, no
randomness and no database of its own, speaks only through the transport it was
given, never sleeps and never loops over pages. What it cannot do it declares by not
listing the capability: callers ask ``can`` first, so no method of a missing
capability is ever called. The words it has for people (labels, hints, reasons) are
English and marked by ``terms._lt``; they are translated where they are shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from . import items
from .errors import RejectedError

# --- capabilities -----------------------------------------------------------------
PULL = "pull"  # fetch()
WEBHOOK = "webhook"  # handshake(), verify(), split(), subscribe() …
OAUTH = "oauth"  # authorize_url(), exchange()
REGISTER = "register"  # register(): an OAuth app can be made through the API
REFRESH = "refresh"  # refresh()
SIGN_IN = "sign_in"  # sign_in(): what the admin typed in becomes session tokens
CONTEXT = "context"  # fetch_context()
REREAD = "reread"  # reread(): edits and deletes are found by reading again
ANNOUNCED = "announced"  # fetch_announced(): what is pushed may be a bare name
RESOLVE = "resolve"  # resolve(): a permalink becomes an item
REPLY_PUBLIC = "reply_public"
ANSWER_OWN = "answer_own"  # a public reply below a public post of ours
REPLY_GROUP = "reply_group"
REPLY_PRIVATE = "reply_private"
#: a private message may go to somebody who has not written to us in private
PRIVATE_FIRST = "private_first"
MEDIA_IN = "media_in"  # fetch_media()
MEDIA_OUT = "media_out"
STAGE = "stage"  # stage(): files are uploaded before the post that carries them
ALT_TEXT = "alt_text"
LIKE = "like"
HIDE = "hide"
DELETE = "delete"
EDIT = "edit"
BLOCK = "block"  # blocking(), moderate("block"), moderate("unblock")
LOOKUP = "lookup"  # lookup()
PROFILE = "profile"  # profile()
INVITE = "invite"  # invite_url()
TEMPLATES = "templates"  # templates(), preview(), Draft.template
#: kind of affordance: approved words may be sent, also where free ones may not
TEMPLATE = "template"

#: begins what ``stage`` returns while there is more of the file to upload
PART = "part:"
#: code of the ``TransientError`` that says: what was uploaded is gone, begin anew
UPLOAD_LOST = "upload_lost"

#: files per message and characters of a description where an adapter names none: what
#: most networks take, so that a new adapter errs on the careful side
MAX_FILES, ALT_LENGTH = 4, 1000


def unfinished(staged: str) -> bool:
    """Is there (more) to upload, going by what ``Upload.staged`` holds?"""
    return not staged or staged.startswith(PART)


class Adapter:
    """Base of all adapters; see DESIGN §5 for the reasons behind each method.

    :param settings: the admin's settings and stored tokens, keys as in
        ``settings_spec``, values are strings
    :param transport: a ``transport.Transport`` (or what stands for it)
    :param now: callable giving the present as an aware UTC datetime
    :param facts: ``Profile.facts`` of the last successful ``check``
    """

    # --- readable without an instance ----------------------------------------
    code = ""
    name = ""
    auth = "token"  # token | oauth2 | none
    settings_spec: tuple[items.Setting, ...] = ()
    capabilities: frozenset[str] = frozenset()
    #: streams that fetch() knows; each has a cursor of its own
    streams: tuple[str, ...] = ()
    #: stream -> what it brings, in words ("Mentions"), for the account's form
    stream_labels: Mapping[str, str] = {}
    #: hosts the adapter may speak to, besides the base URL's host; "*.x.y" allowed
    hosts: tuple[str, ...] = ()
    #: key of the setting that holds the base URL; empty when it is fixed
    host_setting = ""
    base_url = ""
    #: several accounts may share one registration with the network
    shared_app = False
    #: never pull more often than this many seconds
    min_poll_seconds = 30
    #: what it means for a person whom our account blocks there, in words: a sentence
    #: that begins with "They"; needed beside ``BLOCK``
    block_means = ""
    #: public answers have one level: an answer to an answer is put beside it, below the
    #: first one of its branch
    flat_answers = False
    #: name of a model that gives the transport instead of HTTP (sandbox only)
    transport_model = ""
    #: a message deleted on the network must lose its words with us as well
    forget_deleted = False
    #: headers of a response that tell the rate limit: limit, remaining, reset
    rate_headers = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    #: OAuth rights we ask for -> why, shown to the admin
    scopes: Mapping[str, str] = {}
    #: kind of charge -> price of one in US dollars, as text ("0.005"); empty where the
    #: network costs nothing, "" for one that nobody knows. The app's owner may correct
    #: them: they are vendors' lists
    prices: Mapping[str, str] = {}
    #: kind of charge -> what it is in words ("Posts read"), for the app's form
    price_labels: Mapping[str, str] = {}
    #: kind of charge -> units of a daily quota that one costs; empty without a quota
    quota_costs: Mapping[str, int] = {}
    #: units a day that an app is given, unless its owner says another number
    daily_quota = 0
    #: where the network's day and month of billing begin (a name of the tz database)
    billing_zone = "UTC"
    #: pulling may go on beside push, slowly, and heals the gaps that push leaves
    pull_beside_push = False
    #: ``affordances`` goes by ``MessageFacts.knows_in_private``, which costs a query
    asks_private_past = False
    #: a ``RateLimited`` of ``fetch`` is about that stream only, one of ``publish``
    #: about publishing only; otherwise it pauses the account
    rate_per_stream = False
    #: seconds that the network should be left alone after this adapter's last call, as
    #: its meters are nearly full; nothing failed yet
    rest = 0.0

    def __init__(
        self,
        settings: Mapping[str, str],
        transport,
        now: Callable[[], datetime],
        facts: Mapping | None = None,
    ):
        self.settings = settings
        self.transport = transport
        self.now = now
        self.facts = facts or {}
        #: kind of charge -> how many since this adapter was made; see ``charge``
        self.spent: dict[str, int] = {}

    @classmethod
    def can(cls, capability: str) -> bool:
        return capability in cls.capabilities

    def charge(self, kind: str, number: int = 1) -> None:
        """Note that the network bills ``number`` of ``kind`` (a key of ``prices``).

        Called when the network has answered, or when it may have (an uncertain send
        counts as sent): a budget that counts too much is corrected by the bill, one
        that counts too little ends a month without warning. The model books
        ``spent``; nothing here knows a budget.
        """
        if number > 0:
            self.spent[kind] = self.spent.get(kind, 0) + number

    @classmethod
    def renewable(cls, settings: Mapping[str, str]) -> bool:
        """Can fresh tokens be had without a person, with these settings?"""
        refreshes = cls.can(REFRESH) and bool(settings.get("refresh_token"))
        return cls.can(SIGN_IN) or refreshes

    # --- account --------------------------------------------------------------
    def check(self) -> items.Profile:
        """Prove the credentials with the cheapest call.

        ``facts["endless"]``: the network says that the sign-in never ends.
        ``facts["webhook"]``: the network pushes to some address at this moment (told
        where that keeps it from being asked).

        :raises AuthError: wrong or revoked credentials
        :raises ConfigError: a setting is missing or cannot be right
        """
        raise RejectedError("unsupported", "check")

    def register(self, redirect_uri: str) -> dict:
        """Create an OAuth app on the server; returns settings to store."""
        raise RejectedError("unsupported", REGISTER)

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """Where the admin signs in. ``challenge``: PKCE S256. No traffic."""
        raise RejectedError("unsupported", OAUTH)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> items.Tokens:
        raise RejectedError("unsupported", OAUTH)

    def refresh(self) -> items.Tokens:
        """Fresh tokens for ``settings["refresh_token"]``.

        Any call may raise ``AuthError("token_expired")``: the model then refreshes
        under a lock and asks once more.

        :raises AuthError: the refresh token is worthless as well; where the adapter
            can ``SIGN_IN`` the model tries that once, else a person must sign in
        """
        raise RejectedError("unsupported", REFRESH)

    def sign_in(self) -> items.Tokens:
        """Session tokens for the name and password among the settings.

        Networks count these calls: the model makes one when an account is connected
        and one when the refresh token has ended, never one per job.

        :raises AuthError: the network does not accept them
        """
        raise RejectedError("unsupported", SIGN_IN)

    # --- push -----------------------------------------------------------------
    def handshake(self, query: Mapping[str, str]) -> items.Ack | None:
        """Answer a GET that proves the address is ours; None = not for us."""
        return None

    def verify(
        self, headers: Mapping[str, str], query: Mapping[str, str], raw: bytes
    ) -> bool:
        """Is this delivery genuine? Constant time; no secret configured = False.

        ``headers`` has lower-case names.
        """
        return False

    def split(self, raw: bytes) -> list[items.RawItem]:
        """Every item of a delivery, unknown kinds included. Pure and cheap.

        :raises MalformedResponse: the body is not what the network sends at all
        """
        return []

    def acknowledge(self, raw: bytes) -> items.Ack:
        return items.Ack()

    def subscribe(self, url: str, secret: str) -> None:
        """Tell the network to push to ``url`` from now on."""
        raise RejectedError("unsupported", WEBHOOK)

    def unsubscribe(self) -> None:
        raise RejectedError("unsupported", WEBHOOK)

    def is_subscribed(self, url: str) -> bool | None:
        """Does the network still push to ``url`` what ``subscribe`` asked for?

        None: it does not say; then hours without a word tell, where there is a pull.
        """
        return None

    # --- pull -----------------------------------------------------------------
    def fetch(self, stream: str, cursor: str, since: datetime) -> items.Page:
        """One page after ``cursor``; an empty cursor starts at ``since``."""
        raise RejectedError("unsupported", PULL)

    def fetch_context(self, ref: str) -> items.Page:
        """What was said above the message ``ref``, oldest first."""
        raise RejectedError("unsupported", CONTEXT)

    def fetch_announced(self, ref: str) -> items.Page:
        """What ``items.Announced`` tells of, in one call.

        :raises NotFoundError: it is gone, or not for us to see
        """
        raise RejectedError("unsupported", ANNOUNCED)

    def reread(self, refs: list[str]) -> items.Page:
        """The present state of known messages.

        A message that is gone comes back as a raw item that ``parse`` turns into
        a ``Removal``; ``by`` ``network`` where it may come back by itself. The number
        of refs per call is ``reread_batch``.
        """
        raise RejectedError("unsupported", REREAD)

    def reread_hidden(self, refs: list[str]) -> items.Page:
        """Which of these can be read again: messages that the network had withdrawn
        (``Removal.by`` was ``network``: a suspended, protected or deactivated author).

        Each that is there comes as an item that ``parse`` turns into ``Incoming``,
        whether it has changed or not; what else is found counts for nothing.
        """
        return self.reread(refs)

    reread_batch = 20
    #: how many days back messages are read again; where reading costs, once a day.
    #: Where ``forget_deleted`` is a duty, at least once a day, and the app's owner may
    #: say another number: what is not read again any more loses its words here, unless
    #: its ticket is open. What ``Incoming.extra`` holds stays, so no words go there
    reread_days = 7
    #: kinds of charge of one message read again: somebody else's, our own
    reread_kinds = ("", "")
    #: audiences whose messages ``reread`` can name
    reread_audiences = items.AUDIENCES

    def resolve(self, permalink: str) -> items.RawItem:
        """The message behind a link that a person pasted."""
        raise RejectedError("unsupported", RESOLVE)

    def parse(self, item: items.RawItem) -> items.Parsed:
        """Pure. Never raises on content and never drops: see ``Unknown``."""
        return items.Unknown("unsupported")

    #: ``profile`` is given the thread in which we met the person as a second argument
    profile_by_thread = False

    def profile(self, external_id: str) -> items.Author:
        """Who is behind an id: asked of people that came without name and handle.

        :raises RejectedError: the network does not tell us, today
        """
        raise RejectedError("unsupported", PROFILE)

    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        """(bytes, mime type) of an inbound ``Media.ref``; size capped."""
        raise RejectedError("unsupported", MEDIA_IN)

    # --- say ------------------------------------------------------------------
    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        """What may be done about the message now. Pure.

        The default: everything the capabilities list, without windows or quotas.
        """
        if message.deleted:
            return []
        kinds = []
        if message.own:
            below = message.audience == items.PUBLIC and self.can(ANSWER_OWN)
            wanted = (REPLY_PUBLIC, DELETE, EDIT) if below else (DELETE, EDIT)
            kinds = [kind for kind in wanted if self.can(kind)]
        else:
            wanted = {
                items.PUBLIC: (REPLY_PUBLIC, REPLY_PRIVATE),
                items.GROUP: (REPLY_GROUP, REPLY_PRIVATE),
                items.PRIVATE: (REPLY_PRIVATE,),
            }[message.audience]
            kinds = [kind for kind in (*wanted, LIKE, HIDE) if self.can(kind)]
        return [items.Affordance(kind, True) for kind in kinds]

    #: what a private message to somebody who wrote in public is on this network
    direct_way = items.DIRECT

    def handoff(self, message: items.MessageFacts, token: str) -> list[items.Way]:
        """Ways to go on in private with who wrote this, the best first. Pure.

        The default: to write first where the affordances allow it and a person may be
        written to first; a link that brings ``token`` back where the adapter can
        ``INVITE``; then a page of ours, where the person can prove who they are. Those
        that are closed now come last, with the reason.
        """
        if message.own or message.deleted or message.audience == items.PRIVATE:
            return []
        known = bool(message.author.id) and not message.author.shared
        ways = [
            *self._direct_ways(message),
            *self._link_ways(message, token),
            items.Way(items.PAGE, "" if known else "no_target"),
        ]
        return sorted(ways, key=lambda one: not one.allowed)

    def _direct_ways(self, message: items.MessageFacts) -> list[items.Way]:
        found = []
        for one in self.affordances(message):
            if one.kind == REPLY_PRIVATE:
                reason = "" if one.allowed else one.reason or "forbidden"
                first = self.can(PRIVATE_FIRST) or message.knows_in_private
                reason = reason or ("" if first else "never_started")
                found.append(items.Way(self.direct_way, reason, cost=one.cost))
        return found

    def _link_ways(self, message: items.MessageFacts, token: str) -> list[items.Way]:
        if not self.can(INVITE):
            return []
        return [items.Way(items.LINK, url=self.invite_url(token), brings=True)]

    def measure(self, draft: items.Draft) -> items.Measure:
        """Length, limit and parts as this network counts, for this draft."""
        raise RejectedError("unsupported", "measure")

    def media_rules(self, audience: str) -> items.MediaRules:
        """What files a message of this audience may carry. Pure, no traffic.

        Asked when a file is chosen, when the message is queued and again before it is
        sent, so that nobody waits for a refusal. ``publish`` may rely on it.
        """
        if not self.can(MEDIA_OUT):
            return items.MediaRules()
        alt = ALT_LENGTH if self.can(ALT_TEXT) else 0
        return items.MediaRules(max_files=MAX_FILES, alt_length=alt)

    def idempotency(self, verb: str, audience: str = "") -> items.Idempotency:
        """What protects a repeated ``verb`` (``publish``, ``like`` …).

        ``audience``: of the message, where private ones are protected otherwise.
        """
        return items.Idempotency("none")

    def protection(self, draft: items.Draft, at: datetime) -> items.Idempotency:
        """What protects repeating ``publish`` of this very draft, first tried at
        ``at``, where that differs from draft to draft. Pure."""
        return self.idempotency("publish", draft.audience)

    def templates(self, cursor: str = "") -> items.TemplatePage:
        """One page of the words that the network has approved, or refused."""
        raise RejectedError("unsupported", TEMPLATES)

    def preview(self, filled: items.FilledTemplate) -> str:
        """What the person will read. Pure.

        :raises RejectedError: ``template_values``: a gap is left open
        """
        raise RejectedError("unsupported", TEMPLATES)

    def stage(self, upload: items.Upload) -> str:
        """One step of uploading a file ahead of its post; what ``Upload.staged`` holds.

        A step is as much as 100 seconds surely allow by the deadlines of its calls: the
        caller keeps what was returned, sees to it that the reply is still its own, and
        calls again, perhaps after a restart, until it no longer begins with ``PART``.
        Nobody sees a file that no post carries, so repeating a step must do no harm.

        :raises TransientError: later again, from the last step on; with
            ``UPLOAD_LOST`` from the beginning: the network has forgotten the rest
        """
        raise RejectedError("unsupported", STAGE)

    def stage_whole(self, upload: items.Upload) -> str:
        """``stage`` to the end, for callers to whom nobody else's clock matters."""
        staged = upload.staged
        while unfinished(staged):
            staged = self.stage(replace(upload, staged=staged))
        return staged

    def publish(self, draft: items.Draft, key: str) -> items.Published:
        """One effect. ``key`` is ours, unique, the same on every attempt.

        :raises UncertainError: something may have happened
        :raises TransientError: nothing happened
        :raises RejectedError: refused for good
        """
        raise RejectedError("unsupported", "publish")

    def lookup(
        self, draft: items.Draft, key: str, since: datetime
    ) -> items.Published | None:
        """Find what ``publish`` may have left behind since ``since``."""
        raise RejectedError("unsupported", LOOKUP)

    def blocking(self, person: items.PersonFacts) -> items.Affordance:
        """Can this account block this person on the network now? Pure.

        About a person, not about a message: somebody can be blocked who has deleted
        what he said. Unblocking is not asked about: it is tried. The default: whoever
        has an id of his own, where the adapter can ``BLOCK``.
        """
        reason = ""
        if not self.can(BLOCK):
            reason = "unsupported"
        elif not person.author.id or person.author.shared:
            reason = "no_target"
        return items.Affordance(BLOCK, not reason, reason)

    def moderate(self, verb: str, target: items.Target) -> None:
        """``like``, ``unlike``, ``hide``, ``unhide``, ``delete``; ``edit``: our own
        words become ``Target.text``, of which the adapter adds what it adds to a reply
        (people who are named) and keeps all else (files, warning); ``block``,
        ``unblock``: about a person (``Target.author``), never about a message.

        What is so already is no error: repeating any of them changes nothing more, so
        that a lost answer is simply tried again.

        :raises NotFoundError: the message, or the person, is not there (any more)
        """
        raise RejectedError("unsupported", verb)

    def invite_url(self, payload: str) -> str:
        """A link that opens a private conversation and brings ``payload`` back."""
        raise RejectedError("unsupported", INVITE)
