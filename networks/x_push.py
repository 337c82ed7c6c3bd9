"""X's webhooks: the proof that an address is ours, deliveries, subscriptions.

One webhook per app serves all its accounts; X allows no second one to most. Deliveries
are signed with the app's consumer secret. Two kinds are understood: X Activity, and
Account Activity, which X calls deprecated. Fact sheet x §4.
"""

import json
import re
from contextlib import suppress
from urllib.parse import quote, urlsplit

from . import errors, items, signing
from .values import listing, mapping, words
from .x_line import BadParameter, XLine
from .x_reader import MESSAGES, POSTS
from .x_status import id_of
from .x_values import ident, milliseconds, moment, time_of

SIGNATURE = "x-twitter-webhooks-signature"
PREFIX = "sha256="
WEBHOOKS, SUBSCRIPTIONS = "/2/webhooks", "/2/activity/subscriptions"
#: what a helpdesk needs to hear of, and what is good to know (§4)
NEEDED = ("post.mention.create", "post.reply.create", "post.quote.create")
USEFUL = (
    "post.create",  # our own posts, written elsewhere
    "post.delete",
    "dm.received",
    "dm.sent",
    "chat.received",
    "oauth.revoke",
)
TAG = "helpdesk"
#: what X asks us to sign: letters, digits and the marks of base64, never JSON
CHALLENGE = re.compile(r"[\w+/=.~-]{1,500}", re.ASCII)


class XPush(XLine):
    """Webhooks; not an adapter yet."""

    # --- deliveries -----------------------------------------------------------
    def _signature(self, message: bytes) -> str:
        secret = self._setting("consumer_secret")
        return PREFIX + signing.base64_digest(secret, message) if secret else ""

    def handshake(self, query) -> items.Ack | None:
        token = query.get("crc_token") or ""
        # the same key signs deliveries: whoever asks must not get a body signed
        if not CHALLENGE.fullmatch(token):
            return None
        signature = self._signature(token.encode("ascii"))
        if not signature:
            return None
        body = json.dumps({"response_token": signature}).encode()
        return items.Ack(body, "application/json")

    def verify(self, headers, query, raw) -> bool:
        return signing.same(headers.get(SIGNATURE) or "", self._signature(raw))

    def split(self, raw: bytes) -> list[items.RawItem]:
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise errors.MalformedResponse("not_json", "webhook") from error
        if not isinstance(body, dict):
            raise errors.MalformedResponse("malformed", "webhook")
        if "data" in body:
            data = body["data"]
            events = data if isinstance(data, list) else [data]
            found = [
                item
                for event in events
                for item in self._activity(mapping(event), body.get("includes"))
            ]
        else:
            found = self._account_activity(body)
        if not found:
            raise errors.MalformedResponse("malformed", "webhook")
        return found

    def _activity(self, event: dict, includes) -> list[items.RawItem]:
        """The items of one X Activity event."""
        kind, payload = words(event.get("event_type")), mapping(event.get("payload"))
        whose = ident(mapping(event.get("filter")).get("user_id"))
        one_id = ident(payload.get("id"))
        about = {"via": kind, "for": whose}

        def item(key, sent_at=None, **data):
            return items.RawItem(
                f"{kind or 'event'}:{key}", {**about, **data}, "", whose, sent_at
            )

        if kind in POSTS and one_id:
            more = {"includes": includes} if isinstance(includes, dict) else {}
            at = moment(payload.get("created_at")) or time_of(one_id)
            return [item(one_id, at, post=payload, **more)]
        if kind in MESSAGES and "direct_message_events" in payload:
            return [
                self._old_message(mapping(one), payload.get("users"), about, kind)
                for one in listing(payload["direct_message_events"])
            ]
        if kind in MESSAGES and one_id:
            more = {"includes": includes} if isinstance(includes, dict) else {}
            at = moment(payload.get("created_at")) or time_of(one_id)
            return [item(one_id, at, message=payload, **more)]
        if kind == "post.delete" and one_id:
            return [item(one_id, gone=one_id, at=self.now().isoformat())]
        name = words(event.get("event_uuid")) or one_id or _short(event)
        return [item(name, event=event)]

    def _account_activity(self, body: dict) -> list[items.RawItem]:
        """The items of one Account Activity delivery: several, of several kinds."""
        whose = ident(body.get("for_user_id"))
        about = {"for": whose}
        found = []
        for status in map(mapping, listing(body.get("tweet_create_events"))):
            one_id = id_of(status)
            at = milliseconds(status.get("timestamp_ms")) or time_of(one_id)
            data = {**about, "status": status}
            key = f"status:{one_id or _short(status)}"
            found.append(items.RawItem(key, data, "", whose, at))
        for event in map(mapping, listing(body.get("direct_message_events"))):
            found.append(self._old_message(event, body.get("users"), about, "direct"))
        for event in map(mapping, listing(body.get("tweet_delete_events"))):
            one_id = id_of(mapping(event.get("status")))
            data = {**about, "gone": one_id, "at": event.get("timestamp_ms")}
            found.append(
                items.RawItem(f"gone:{one_id or _short(event)}", data, "", whose)
            )
        for event in map(mapping, listing(body.get("favorite_events"))):
            data = {**about, "like": event}
            name = words(event.get("id")) or _short(event)
            found.append(items.RawItem(f"like:{name[:100]}", data, "", whose))
        known = {
            "tweet_create_events",
            "direct_message_events",
            "tweet_delete_events",
            "favorite_events",
        }
        for kind, value in body.items():
            if kind in known or kind.startswith("for_") or kind in ("users", "apps"):
                continue
            if kind == "user_has_blocked":
                continue
            revoked = mapping(mapping(value).get("revoke"))
            user = ident(mapping(revoked.get("source")).get("user_id")) or whose
            name = "user_event.revoke" if revoked else kind
            event = {"event_type": name, "payload": value}
            found.append(
                items.RawItem(
                    f"{name[:60]}:{_short(value)}",
                    {"for": user, "event": event},
                    "",
                    user,
                )
            )
        return found

    @staticmethod
    def _old_message(event: dict, users, about: dict, kind: str) -> items.RawItem:
        """A private message in the former shape, with the two people it is about."""
        create = mapping(event.get("message_create"))
        people = (
            ident(create.get("sender_id")),
            ident(mapping(create.get("target")).get("recipient_id")),
        )
        known = {one: mapping(users)[one] for one in people if one in mapping(users)}
        return items.RawItem(
            f"{kind}:{ident(event.get('id')) or _short(event)}",
            {**about, "old_message": event, "users": known},
            "",
            about["for"],
            milliseconds(event.get("created_timestamp")),
        )

    # --- subscriptions --------------------------------------------------------
    def subscribe(self, url: str, secret: str) -> None:
        """Have X push what concerns this account to the app's one webhook.

        ``secret`` is of no use: X signs with the consumer secret. Repeating it does no
        harm; a webhook that X switched off is proved again.
        """
        if not self._setting("consumer_secret"):
            raise errors.ConfigError("missing_setting", "consumer_secret")
        webhook = self._webhook(url)
        mine = {words(one.get("event_type")): one for one in self._subscriptions()}
        for kind in (*NEEDED, *USEFUL):
            have = mine.get(kind)
            try:
                if have is None:
                    self._subscribe_to(kind, webhook)
                elif words(have.get("webhook_id")) != webhook:
                    path = f"{SUBSCRIPTIONS}/{_name(have)}"
                    self._call("PUT", path, json={"tag": TAG, "webhook_id": webhook})
            except (errors.RejectedError, errors.ScopeError) as error:
                # private events need a right that may not have been granted; what is
                # not pushed is still read
                if kind in NEEDED and error.code != "exists":
                    raise

    def _subscribe_to(self, kind: str, webhook: str):
        body = {
            "event_type": kind,
            "filter": {"user_id": self._own_id()},
            "tag": TAG,
            "webhook_id": webhook,
        }
        self._call("POST", SUBSCRIPTIONS, json=body)

    def _webhook(self, url: str) -> str:
        """The id of the webhook with this address; made where there is none."""
        there = self._webhooks()
        for one in there:
            if one.get("url") == url:
                if one.get("valid") is not True:
                    self._proved("PUT", f"{WEBHOOKS}/{_name(one)}")
                return _name(one)
        for one in there:
            # a former address of ours (the last part is the app's token): the app may
            # have one webhook only
            if _place(words(one.get("url"))) == _place(url):
                self._app_call("DELETE", f"{WEBHOOKS}/{_name(one)}")
        answer = self._proved("POST", WEBHOOKS, json={"url": url})
        made = _name(mapping(mapping(answer.json()).get("data")))
        if not made:
            raise errors.MalformedResponse("malformed", WEBHOOKS)
        return made

    def _proved(self, *request, **kwargs):
        """A call that makes X ask our address for its proof."""
        try:
            return self._app_call(*request, **kwargs)
        except BadParameter as error:
            for hint, code in (
                ("CrcValidationFailed", "webhook_unproved"),
                ("UrlValidationFailed", "webhook_address"),
                ("WebhookLimitExceeded", "webhook_active"),
            ):
                if hint in error.detail:
                    raise errors.RejectedError(code, error.detail) from error
            raise

    def _webhooks(self) -> list[dict]:
        found = self._app_call("GET", WEBHOOKS).json()
        return [mapping(one) for one in listing(mapping(found).get("data"))]

    def _subscriptions(self, everybody=False) -> list[dict]:
        found = self._call("GET", SUBSCRIPTIONS).json()
        if not isinstance(found, dict):
            raise errors.MalformedResponse("malformed", SUBSCRIPTIONS)
        listed = [mapping(one) for one in listing(found.get("data"))]
        own = self._own_id()
        return [
            one
            for one in listed
            if everybody or ident(mapping(one.get("filter")).get("user_id")) == own
        ]

    def unsubscribe(self) -> None:
        """Nothing of this account any more; the webhook goes with the last account."""
        mine = self._subscriptions()
        for one in mine:
            # gone is what was wanted
            with suppress(errors.NotFoundError):
                self._call("DELETE", f"{SUBSCRIPTIONS}/{_name(one)}")
        used = {words(one.get("webhook_id")) for one in mine}
        left = {words(one.get("webhook_id")) for one in self._subscriptions(True)}
        for webhook in used - left - {""}:
            with suppress(errors.NotFoundError, BadParameter):
                self._app_call("DELETE", f"{WEBHOOKS}/{webhook}")


def _name(one: dict) -> str:
    """The id of a webhook or subscription, in whichever form it came."""
    for key in ("subscription_id", "id"):
        found = words(one.get(key)) or ident(one.get(key))
        if found:
            return quote(found, safe="")
    return ""


def _place(url: str) -> tuple[str, str]:
    """Where an address is, without its last part."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.path.rpartition("/")[0]


def _short(value) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return signing.digest("", text.encode("utf-8", "replace")).hex()[:32]
