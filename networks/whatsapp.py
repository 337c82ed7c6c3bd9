"""WhatsApp: a business number that people write to, through Meta's Cloud API.

Private only. Everything arrives by webhook, nothing can be read again, and nothing that
was sent can be looked up; free words may be sent for 24 hours after the person's last
message, approved templates after that. One phone number is one account; numbers of one
app share its webhook. Fact sheet whatsapp; § below point into it.
"""

import re
from datetime import timedelta
from urllib.parse import quote

from . import base, errors, items
from .meta_graph import APP_SETTINGS, SERVER_SETTINGS
from .meta_graph_subscribe import lists_app
from .terms import _lt
from .values import mapping, words
from .whatsapp_block import WhatsAppBlock
from .whatsapp_media import WhatsAppMedia
from .whatsapp_push import OBJECT, raw_items
from .whatsapp_read import parse
from .whatsapp_send import MAX_TEXT
from .whatsapp_template import FIELDS, template_of
from .whatsapp_values import ident

#: free words after the person's last message (§5)
WINDOW = timedelta(hours=24)
PAGE = 100
#: rights of the token (§2)
SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
ABOUT = "id,display_phone_number,verified_name,quality_rating"


class WhatsAppAdapter(WhatsAppBlock, WhatsAppMedia):
    """See ``base.Adapter`` for what each method promises."""

    code = "whatsapp"
    name = "WhatsApp"
    #: files that people sent (§6)
    hosts = ("lookaside.fbsbx.com", "*.fbsbx.com")
    settings_spec = (
        *APP_SETTINGS,
        items.Setting(
            "access_token",
            _lt("Access token of a system user"),
            secret=True,
            required=True,
            help=_lt(
                "Business settings / Users / System users: generate one for the app "
                "that never expires, with whatsapp_business_messaging and "
                "whatsapp_business_management. The token of the app's test page ends "
                "within a day."
            ),
        ),
        items.Setting(
            "phone_number_id",
            _lt("Phone number ID"),
            required=True,
            help=_lt(
                "WhatsApp / API setup, under the number. It is not the number itself. "
                "Each number is an account of its own."
            ),
        ),
        items.Setting(
            "waba_id",
            _lt("WhatsApp business account ID"),
            required=True,
            help=_lt("On the same page. Templates and the webhook belong to it."),
        ),
        *SERVER_SETTINGS,
    )
    capabilities = frozenset(
        {
            base.WEBHOOK,
            base.REPLY_PRIVATE,
            base.MEDIA_IN,
            base.MEDIA_OUT,
            base.STAGE,
            base.LIKE,
            base.BLOCK,
            base.INVITE,
            base.TEMPLATES,
        }
    )
    scopes = {
        "whatsapp_business_messaging": _lt("Receive and send messages"),
        "whatsapp_business_management": _lt("Read templates, have messages pushed"),
    }
    block_means = _lt("They can no longer write to our number, nor we to them.")
    #: Meta's prices differ by country and month (rate card): none is ours to claim, so
    #: the app's owner says them; words within 24 hours cost nothing
    prices = {
        "template_marketing": "",
        "template_utility": "",
        "template_authentication": "",
    }
    price_labels = {
        "template_marketing": _lt("Marketing templates"),
        "template_utility": _lt("Utility templates"),
        "template_authentication": _lt("Authentication templates"),
    }

    # --- account --------------------------------------------------------------
    def check(self) -> items.Profile:
        """The number itself, and what the token may do where an app id lets us ask.

        :raises ConfigError: the number is not there for this token, or the app's secret
            is wrong
        """
        self._needed("access_token", "app_secret", "phone_number_id", "waba_id")
        for key in ("phone_number_id", "waba_id"):
            if not ident(self._setting(key)):
                raise errors.ConfigError("bad_setting", key)
        try:
            me = self._call("GET", self._number(), query={"fields": ABOUT})
        except errors.NotFoundError as error:
            raise errors.ConfigError("bad_setting", "phone_number_id") from error
        except errors.RejectedError as error:
            if error.code != "bad_parameter":
                raise
            # a proof made with another app's secret is a bad parameter to Meta
            raise errors.ConfigError("bad_setting", "app_secret") from error
        shown = words(me.get("display_phone_number"))
        if ident(me.get("id")) != self._number() or not shown:
            raise errors.MalformedResponse("malformed", "phone number")
        token = self._token_facts()
        scopes = token.scopes if token else ()
        digits = "".join(one for one in shown if one.isascii() and one.isdigit())
        return items.Profile(
            id=self._number(),
            handle=shown,
            name=words(me.get("verified_name")),
            url=f"https://wa.me/{digits}",
            scopes=scopes,
            missing_scopes=tuple(one for one in SCOPES if token and one not in scopes),
            expires_at=token.expires_at if token else None,
            data_until=token.data_until if token else None,
            facts={
                "id": self._number(),
                "digits": digits,
                # GREEN, YELLOW, RED: what people think of our messages
                "quality": words(me.get("quality_rating")),
                "endless": bool(token) and token.expires_at is None,
            },
        )

    # --- push -----------------------------------------------------------------
    def split(self, raw: bytes) -> list[items.RawItem]:
        return raw_items(raw)

    def parse(self, item: items.RawItem) -> items.Parsed:
        return parse(item.data, words(self.facts.get("id")))

    def subscribe(self, url: str, secret: str) -> None:
        """Have what concerns this number pushed to ``url``; repeating it is harmless.

        The app is told of the whole business account; where to is told for the number
        alone, so that other numbers, and other programs, keep their own.

        :raises RejectedError: Meta could not prove the address, or the app leaves
            messages out for another program
        """
        self._needed("waba_id", "app_secret")
        if not secret:
            raise errors.ConfigError("missing_setting", "webhook_secret")
        useful = ("smb_message_echoes",)
        self._subscribe_app(OBJECT, ("messages",), useful, url, secret, elsewhere=True)
        self._call("POST", f"{self._setting('waba_id')}/subscribed_apps")
        self._override({"override_callback_uri": url, "verify_token": secret})

    def is_subscribed(self, url: str) -> bool | None:
        """Does the app hear of messages, is it known to the business account, and is
        the number's address ours? Nothing can be read again here, so this is all that
        tells of a subscription that was lost."""
        self._needed("waba_id")
        if not self._setting("app_id"):
            return None  # nobody may ask
        if not self._app_hears(OBJECT, ("messages",)):
            return False
        known = self._call("GET", f"{self._setting('waba_id')}/subscribed_apps")
        if not lists_app(known, self._setting("app_id")):
            return False
        me = self._call(
            "GET", self._number(), query={"fields": "webhook_configuration"}
        )
        configured = mapping(me.get("webhook_configuration"))
        # what is not told is believed: the field is of newer versions only
        place = words(configured.get("phone_number"))
        return not configured or place == url

    def unsubscribe(self) -> None:
        """Nothing of this number comes to us any more; its siblings stay."""
        self._override({"override_callback_uri": ""})

    def _override(self, values: dict):
        answer = self._call(
            "POST", self._number(), json={"webhook_configuration": values}
        )
        if answer.get("success") is not True:
            raise errors.MalformedResponse("malformed", "webhook_configuration")

    # --- say ------------------------------------------------------------------
    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        """Free words while the window is open; after that only templates."""
        if message.deleted or message.own or message.audience != items.PRIVATE:
            return []
        last = message.last_inbound_at or message.sent_at
        until = last + WINDOW if last else None
        late = "window_closed" if until and self.now() >= until else ""
        blocked = "blocked" if message.blocked else ""
        reply = items.Affordance(
            base.REPLY_PRIVATE,
            not (blocked or late),
            blocked or late,
            until=until,
            max_length=MAX_TEXT,
        )
        template = items.Affordance(base.TEMPLATE, not blocked, blocked)
        like = items.Affordance(
            base.LIKE, not (blocked or late), blocked or late, until=until
        )
        return [reply, template, like]

    def templates(self, cursor: str = "") -> items.TemplatePage:
        """All of the business account's, approved or not; the page may be empty and
        still have a next one."""
        self._needed("waba_id")
        rows, after = self._listed(
            f"{self._setting('waba_id')}/message_templates",
            cursor,
            fields=FIELDS,
            limit=str(PAGE),
        )
        found = [template_of(mapping(one)) for one in rows]
        return items.TemplatePage(
            tuple(one for one in found if one), after, bool(after)
        )

    def invite_url(self, payload: str) -> str:
        """Opens a chat with our number; the person sends the token along (§8)."""
        if not PAYLOAD.fullmatch(payload):
            raise errors.RejectedError("bad_payload", "8-64 of A-Z a-z 0-9 _ -")
        digits = words(self.facts.get("digits"))
        if not digits:
            raise errors.ConfigError("missing_setting", "phone_number_id")
        return f"https://wa.me/{digits}?text={quote(f'[{payload}]', safe='')}"
