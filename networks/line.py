"""LINE: an official account that people write to, alone or in groups. All is pushed.

Messaging API, as of July 2026 (fact sheet line; § below point into it). Nothing can be
read later: what is not delivered is lost. Answering at once is free (a token that
lives for seconds); later answers count on the plan's messages of the month, and are
protected by a key, which the free ones are not.
"""

from datetime import timedelta
from urllib.parse import quote, urlsplit

from . import base, errors, items, signing
from .download import download
from .line_content import STICKER
from .line_read import parse, raw_items
from .line_send import REPLY_SECONDS, LineSends
from .line_values import PLACE, ident, person_id
from .terms import _lt
from .values import mapping, number, web_address, words

HOST, DATA_HOST = "https://api.line.me", "https://api-data.line.me"
MAX_FILE = 200 * 1024 * 1024
#: where pictures of stickers are (unconfirmed: not part of the documented API)
STICKERS = (
    "https://stickershop.line-scdn.net/stickershop/v1/sticker/{id}/android/sticker.png"
)


class LineAdapter(LineSends):
    """See ``base.Adapter`` for what each method promises."""

    code = "line"
    name = "LINE"
    base_url = HOST
    host_setting = "base_url"
    hosts = ("api-data.line.me", "stickershop.line-scdn.net")
    rate_headers = ()
    profile_by_thread = True
    settings_spec = (
        items.Setting(
            "channel_id",
            _lt("Channel ID"),
            required=True,
            help=_lt("LINE Developers console, the channel's page Basic settings."),
        ),
        items.Setting(
            "channel_secret",
            _lt("Channel secret"),
            secret=True,
            required=True,
            help=_lt("The same page. LINE signs with it what it delivers."),
        ),
        items.Setting(
            "whole_groups",
            _lt("In groups, everything is for us (yes or no)"),
            default="no",
            advanced=True,
            help=_lt("Otherwise only what names the account or everybody."),
        ),
        items.Setting(
            "reply_seconds",
            _lt("Seconds in which an answer is free"),
            default=str(REPLY_SECONDS),
            advanced=True,
            help=_lt(
                "LINE lets a reply token live for up to a minute. 0: never use it."
            ),
        ),
        items.Setting(
            "sticker_address",
            _lt("Address of stickers' pictures"),
            default=STICKERS,
            advanced=True,
        ),
        items.Setting(
            "base_url",
            _lt("Server"),
            default=HOST,
            help=_lt("Only for a server that stands in for LINE's."),
        ),
    )
    capabilities = frozenset(
        {
            base.WEBHOOK,
            base.SIGN_IN,
            base.REPLY_GROUP,
            base.REPLY_PRIVATE,
            base.PRIVATE_FIRST,
            base.MEDIA_IN,
            base.PROFILE,
            base.INVITE,
        }
    )
    #: the price of a message is the plan's, and differs by country: the admin's to say
    prices = {"push": ""}
    price_labels = {"push": _lt("Messages of the plan")}

    # --- account --------------------------------------------------------------
    def sign_in(self) -> items.Tokens:
        """A short-lived channel token: 30 days, and at most 30 of them at once (§1)."""
        for key in ("channel_id", "channel_secret"):
            if not self._setting(key):
                raise errors.ConfigError("missing_setting", key)
        try:
            response = self.transport.request(
                "POST",
                "/v2/oauth/accessToken",
                form={
                    "grant_type": "client_credentials",
                    "client_id": self._setting("channel_id"),
                    "client_secret": self._setting("channel_secret"),
                },
            )
        except errors.RejectedError as error:
            raise errors.AuthError("auth", error.detail) from error
        answer = mapping(response.json())
        token, seconds = (
            words(answer.get("access_token")),
            number(answer.get("expires_in")),
        )
        if not token or not seconds or seconds <= 0:
            raise errors.MalformedResponse("malformed", "accessToken")
        lasts = timedelta(seconds=min(seconds, 366 * 86400))
        return items.Tokens({"access_token": token}, self.now() + lasts)

    def check(self) -> items.Profile:
        """Who we are, what is left of the month's messages, and whether LINE pushes."""
        me = self._call("GET", "/v2/bot/info")
        own = person_id(me.get("userId"))
        if not own:
            raise errors.MalformedResponse("malformed", "info")
        basic = words(me.get("premiumId")) or words(me.get("basicId"))
        return items.Profile(
            id=own,
            handle=basic,
            name=words(me.get("displayName")),
            url=f"https://line.me/R/ti/p/{quote(basic)}" if basic else "",
            avatar=web_address(words(me.get("pictureUrl"))),
            facts={
                "id": own,
                "handle": basic,
                "webhook": bool(words(self._endpoint().get("endpoint"))),
                **self._plan(),
            },
        )

    def _endpoint(self) -> dict:
        try:
            return self._call("GET", "/v2/bot/channel/webhook/endpoint")
        except errors.NotFoundError:
            return {}

    def _plan(self) -> dict:
        """{"quota", "used"} of the month, where the plan has a limit (§3)."""
        quota = self._call("GET", "/v2/bot/message/quota")
        limit = number(quota.get("value"))
        if words(quota.get("type")) != "limited" or limit is None:
            return {}
        used = self._call("GET", "/v2/bot/message/quota/consumption")
        return {
            "quota": limit,
            "used": number(used.get("totalUsage")) or 0,
            "month": self.now().strftime("%Y-%m"),
        }

    # --- push -----------------------------------------------------------------
    def verify(self, headers, query, raw) -> bool:
        secret = self._setting("channel_secret")
        if not secret:
            return False
        wanted = signing.base64_digest(secret, raw)
        return signing.same(headers.get("x-line-signature", ""), wanted)

    def split(self, raw: bytes) -> list[items.RawItem]:
        return raw_items(raw)

    def subscribe(self, url: str, secret: str) -> None:
        """Have everything delivered to ``url``, and have LINE try it.

        :raises RejectedError: LINE could not reach it, or deliveries are switched off
            in its console, which no call can change
        """
        self._ask("PUT", "/v2/bot/channel/webhook/endpoint", json={"endpoint": url})
        if self._endpoint().get("active") is not True:
            raise errors.RejectedError("webhook_off", "")
        tried = self._call("POST", "/v2/bot/channel/webhook/test", json={})
        if tried.get("success") is not True:
            reason = (words(tried.get("reason")), words(tried.get("detail")))
            raise errors.RejectedError("webhook_unproved", " ".join(reason))

    def unsubscribe(self) -> None:
        """LINE has no call for it: who answers is the console's to say (§2)."""

    def parse(self, item: items.RawItem) -> items.Parsed:
        whole = self._setting("whole_groups").lower() in ("yes", "true", "1")
        return parse(item.data, words(self.facts.get("id")), whole)

    # --- people and files -----------------------------------------------------
    def profile(self, external_id: str, thread: str = "") -> items.Author:
        """A friend's profile, or a member's of the group where we met (§5)."""
        who = person_id(external_id)
        if not who:
            raise errors.NotFoundError("not_found", external_id)
        path = f"/v2/bot/profile/{who}"
        if PLACE.fullmatch(thread):
            kind = "group" if thread[0] == "C" else "room"
            path = f"/v2/bot/{kind}/{thread}/member/{who}"
        found = self._call("GET", path)
        if person_id(found.get("userId")) != who:
            raise errors.MalformedResponse("malformed", "profile")
        return items.Author(
            id=who,
            name=words(found.get("displayName"))[:200],
            avatar=web_address(words(found.get("pictureUrl"))),
            language=words(found.get("language"))[:20],
        )

    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        if ref.startswith(STICKER):
            address = self._setting("sticker_address")
            return download(
                self.transport, address.replace("{id}", ident(ref[len(STICKER) :]))
            )
        if "://" in ref:
            return download(self.transport, ref)
        known = self._setting("base_url").rstrip("/")
        # big files are on a host of their own, unless another server stands in
        host = (
            DATA_HOST if urlsplit(known).hostname == urlsplit(HOST).hostname else known
        )
        answer = self._ask(
            "GET", f"{host}/v2/bot/message/{ident(ref)}/content", max_body=MAX_FILE
        )
        if answer.status == 202:
            raise errors.TransientError("preparing", "")
        mime = answer.headers.get("content-type", "").partition(";")[0].strip()
        return answer.content, mime or "application/octet-stream"
