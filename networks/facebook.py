"""Facebook: a Page, in public and in its Messenger, as one account.

Posts, what visitors write, comments at both levels, mentions; answers, hiding, likes,
blocks; private messages through the half that Instagram has as well, and the one
private answer to a comment that leads there. Pushed at once, and pulled so that nothing
is lost. Fact sheet meta §1 to §4, §7, §8.
"""

import re

from . import base, errors, items
from .download import download
from .facebook_account import SCOPES, FacebookAccount
from .facebook_pull import STREAMS
from .facebook_push import raw_items
from .facebook_read import parse
from .facebook_send import (
    FacebookSend,
    comment_affordances,
    comment_measure,
    comment_rules,
)
from .facebook_values import read_ref
from .meta_graph import APP_SETTINGS, SERVER_SETTINGS
from .meta_graph_messages import MEDIA_HOSTS, MESSAGE_SETTINGS, STREAM, GraphMessages
from .meta_graph_messages_may import is_private_reply
from .meta_graph_messages_values import ident
from .terms import _lt
from .values import words

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
#: a name or a number, as a link has it
LINK_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)
YES = ("yes", "on", "true", "1")


class FacebookAdapter(FacebookSend, FacebookAccount, GraphMessages):
    """See ``base.Adapter`` for what each method promises."""

    code = "facebook"
    name = "Facebook"
    auth = "oauth2"
    hosts = MEDIA_HOSTS
    settings_spec = (
        *APP_SETTINGS,
        items.Setting(
            "page_id",
            _lt("Page ID"),
            help=_lt(
                "Only where you manage several Pages: signing in lists them with their "
                "numbers. Each Page is an account of its own."
            ),
        ),
        items.Setting(
            "access_token",
            _lt("Access token of the Page"),
            secret=True,
            help=_lt(
                "Not needed where you sign in. One that was made of a token of an hour "
                "ends with it."
            ),
        ),
        items.Setting(
            "refresh_token",
            _lt("Access token of a system user"),
            secret=True,
            help=_lt(
                "Instead of signing in: Business settings / Users / System users. The "
                "Page's own token is made of it."
            ),
        ),
        items.Setting(
            "config_id",
            _lt("Configuration ID"),
            scope="app",
            advanced=True,
            help=_lt(
                "Facebook Login for Business / Configurations, if the app has one."
            ),
        ),
        items.Setting(
            "read_ads",
            _lt("Ask for posts of adverts (yes or no)"),
            default="yes",
            advanced=True,
            help=_lt(
                "Comments on adverts are pushed in any case. Meta refuses to list the "
                "posts to some apps: then say no."
            ),
        ),
        *MESSAGE_SETTINGS,
        *SERVER_SETTINGS,
    )
    capabilities = frozenset(
        {
            base.PULL,
            base.WEBHOOK,
            base.OAUTH,
            base.REFRESH,
            base.CONTEXT,
            base.REREAD,
            base.ANNOUNCED,
            base.RESOLVE,
            base.REPLY_PUBLIC,
            base.ANSWER_OWN,
            base.REPLY_PRIVATE,
            base.PRIVATE_FIRST,
            base.MEDIA_IN,
            base.MEDIA_OUT,
            base.STAGE,
            base.LIKE,
            base.HIDE,
            base.DELETE,
            base.EDIT,
            base.BLOCK,
            base.LOOKUP,
            base.PROFILE,
            base.INVITE,
        }
    )
    streams = (*STREAMS, STREAM)
    stream_labels = {
        "published_posts": _lt("Comments on our posts"),
        "visitor_posts": _lt("Posts of visitors"),
        "tagged": _lt("Posts that name the Page"),
        "ads_posts": _lt("Comments on adverts"),
        STREAM: _lt("Private messages"),
    }
    scopes = SCOPES
    #: a round is four calls and more; Meta gives a small Page 4,800 a day (§1)
    min_poll_seconds = 120
    pull_beside_push = True
    flat_answers = True
    direct_way = items.PRIVATE_REPLY
    block_means = _lt(
        "They can no longer write on the Page, comment or send messages to it; what "
        "they wrote before stays."
    )

    def __init__(self, settings, transport, now, facts=None):
        super().__init__(settings, transport, now, facts)
        if (self._setting("read_ads") or "yes").lower() not in YES:
            self.streams = tuple(one for one in self.streams if one != "ads_posts")

    # --- in -------------------------------------------------------------------
    def split(self, raw: bytes) -> list[items.RawItem]:
        return raw_items(raw, self.message_items)

    def parse(self, item: items.RawItem) -> items.Parsed:
        if self.is_message(item):
            return self.message_parse(item)
        return parse(item.data, words(self.facts.get("id")))

    def fetch(self, stream, cursor, since) -> items.Page:
        if stream == STREAM:
            return self.fetch_messages(stream, cursor, since)
        if stream not in STREAMS:
            raise errors.RejectedError("unsupported", stream)
        return self.fetch_posts(stream, cursor, since)

    def profile(self, external_id: str) -> items.Author:
        return self.message_profile(external_id)

    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        """Of a post or comment, the address is asked for anew: it ends (§2)."""
        if "#" in ref and " " not in ref:
            return download(self.transport, self._file_address(ref))
        return self.message_fetch_media(ref)

    # --- say ------------------------------------------------------------------
    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        if message.audience == items.PRIVATE:
            return self.message_affordances(message)
        found = comment_affordances(message)
        if not message.deleted and not message.own:
            found.insert(1, self._private_answer(message))
        return found

    def _private_answer(self, message: items.MessageFacts) -> items.Affordance:
        """One private message per post or comment, ever, for seven days (§3)."""
        found = self.private_reply_affordance(message)
        reason, left = found.reason, found.remaining
        if reason == "window_closed":
            reason = "private_reply_late"
        if message.extra.get("private_replied") is True:
            reason, left = reason or "private_reply_used", 0
        elif message.extra.get("can_reply_privately") is False:
            reason = reason or "forbidden"
        elif message.blocked:
            reason = reason or "blocked"
        return items.Affordance(
            found.kind,
            not reason,
            reason,
            until=found.until,
            remaining=left,
            max_length=found.max_length,
        )

    def measure(self, draft: items.Draft) -> items.Measure:
        private = draft.audience == items.PRIVATE
        return self.message_measure(draft) if private else comment_measure(draft)

    def media_rules(self, audience: str) -> items.MediaRules:
        if audience == items.PRIVATE:
            return self.message_media_rules(audience)
        return comment_rules() if audience == items.PUBLIC else items.MediaRules()

    def idempotency(self, verb: str, audience: str = "") -> items.Idempotency:
        # nothing makes a repeat harmless, but what was said can be found (§8)
        return items.Idempotency("lookup" if verb == "publish" else "none")

    def stage(self, upload: items.Upload) -> str:
        if upload.audience == items.PRIVATE:
            return self.message_stage(upload)
        return self.stage_comment(upload)

    def publish(self, draft: items.Draft, key: str) -> items.Published:
        if is_private_reply(draft):
            return self.private_reply(draft, key)
        if draft.audience == items.PRIVATE:
            return self.message_publish(draft, key)
        if draft.audience != items.PUBLIC or not draft.target:
            raise errors.RejectedError("no_target", draft.audience)
        if draft.target.audience != items.PUBLIC:
            raise errors.RejectedError("audience_wider", draft.audience)
        return self.publish_comment(draft, key)

    def lookup(self, draft, key, since) -> items.Published | None:
        if draft.audience == items.PRIVATE:
            return self.message_lookup(draft, key, since)
        return self.lookup_comment(draft, key, since)

    def moderate(self, verb: str, target: items.Target) -> None:
        private = target.audience == items.PRIVATE
        if private and verb not in (base.BLOCK, "unblock"):
            return self.message_moderate(verb, target)
        return self.moderate_comment(verb, target)

    def private_reply_recipient(self, target: items.Target) -> dict:
        kind, one_id = read_ref(target.ref)
        return {f"{kind}_id": one_id}

    # --- into private ---------------------------------------------------------
    def invite_url(self, payload: str) -> str:
        """Opens Messenger with the Page; the token comes back as ``ref`` (§3)."""
        if not PAYLOAD.fullmatch(payload):
            raise errors.RejectedError("bad_payload", "8-64 of A-Z a-z 0-9 _ -")
        username = words(self.facts.get("username"))
        page = username if LINK_NAME.fullmatch(username) else ""
        page = page or ident(self.facts.get("id"))
        if not page:
            raise errors.ConfigError("missing_setting", "page_id")
        return f"https://m.me/{page}?ref={payload}"
