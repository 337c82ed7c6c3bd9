"""Instagram: comments, mentions and private messages of a professional account.

Comments below our posts are pushed and pulled, mentions elsewhere announced and read,
messages as on Messenger; stories come as messages, by their links. The parts:
``instagram_sign_in`` and ``_account`` connect, ``_push`` and ``_read`` take what comes,
``_comments`` and ``_again`` ask, ``_send`` speaks. No likes, no edits, no block: there
are none for programs. Fact sheet meta §5; § in these files point into it.
"""

import re
from datetime import datetime
from urllib.parse import quote

from . import base, errors, items
from .instagram_line import ACCOUNT_SETTINGS, FACEBOOK, RIGHTS
from .instagram_push import raw_items
from .instagram_read import parse
from .instagram_send import LIMIT_SETTINGS, InstagramSend
from .instagram_values import name_of
from .meta_graph import APP_SETTINGS, SERVER_SETTINGS
from .meta_graph_messages import MEDIA_HOSTS, MESSAGE_SETTINGS, STREAM
from .terms import _lt
from .text import count_bytes

MB = 1024 * 1024
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
COMMENTS, TAGS = "comments", "tags"


class InstagramAdapter(InstagramSend):
    """See ``base.Adapter`` for what each method promises."""

    code = "instagram"
    name = "Instagram"
    auth = "oauth2"
    #: Instagram Login's servers, and those of the files that people send
    hosts = ("graph.instagram.com", "api.instagram.com", *MEDIA_HOSTS)
    settings_spec = (
        *APP_SETTINGS,
        *ACCOUNT_SETTINGS,
        *MESSAGE_SETTINGS,
        *LIMIT_SETTINGS,
        *SERVER_SETTINGS,
    )
    capabilities = frozenset(
        {
            base.PULL,
            base.WEBHOOK,
            base.ANNOUNCED,
            base.OAUTH,
            base.REFRESH,
            base.REREAD,
            base.RESOLVE,
            base.REPLY_PUBLIC,
            base.ANSWER_OWN,
            base.REPLY_PRIVATE,
            base.PRIVATE_FIRST,
            base.MEDIA_IN,
            base.MEDIA_OUT,
            base.STAGE,
            base.HIDE,
            base.DELETE,
            base.LOOKUP,
            base.PROFILE,
            base.INVITE,
        }
    )
    streams = (COMMENTS, TAGS, STREAM)
    stream_labels = {
        COMMENTS: _lt("Comments on our posts"),
        TAGS: _lt("Posts that we are marked in"),
        STREAM: _lt("Private messages"),
    }
    scopes = RIGHTS
    #: a quiet account costs one call a look, and the number of calls grows with it (§1)
    min_poll_seconds = 60
    pull_beside_push = True
    reread_audiences = (items.PUBLIC,)
    direct_way = items.PRIVATE_REPLY

    # --- private messages: see meta_graph_messages ----------------------------
    message_platform = "instagram"
    message_limit = 1000
    message_count = staticmethod(count_bytes)
    message_fields = "story,is_unsupported"
    message_types = ("image/png", "image/jpeg", "video", "audio", "application/pdf")
    message_sizes = {
        "image": 8 * MB,
        **dict.fromkeys(("video", "audio", "file"), 25 * MB),
    }
    message_upload_query = {"platform": "instagram"}
    message_profile_fields = "name,username,profile_pic,follower_count,is_verified_user"

    def message_own(self):
        return self._me()

    def message_node(self) -> str:
        return self._owner()

    # --- in -------------------------------------------------------------------
    def split(self, raw: bytes) -> list[items.RawItem]:
        return raw_items(raw, self.message_items)

    def parse(self, item: items.RawItem) -> items.Parsed:
        if self.is_message(item):
            return self.message_parse(item)
        return parse(item.data, self._me())

    def fetch(self, stream: str, cursor: str, since: datetime) -> items.Page:
        if stream == COMMENTS:
            return self._fetch_comments(cursor, since)
        if stream == TAGS:
            if self._login != FACEBOOK:
                return items.Page(cursor=cursor)
            return self._fetch_tags(cursor, since)
        if stream == STREAM:
            return self.fetch_messages(stream, cursor, since)
        raise errors.RejectedError("unsupported", stream)

    def profile(self, external_id: str) -> items.Author:
        return self.message_profile(external_id)

    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        return self.message_fetch_media(ref)

    # --- out ------------------------------------------------------------------
    def stage(self, upload: items.Upload) -> str:
        return self.message_stage(upload)

    def invite_url(self, payload: str) -> str:
        """Opens a conversation with us, and brings the payload back (§3)."""
        if not PAYLOAD.fullmatch(payload):
            raise errors.RejectedError("bad_payload", "8-64 of A-Z a-z 0-9 _ -")
        name = name_of(self.facts.get("handle"))
        if not name:
            raise errors.ConfigError("missing_setting", "access_token")
        return f"https://ig.me/m/{name}?ref={quote(payload, safe='')}"
