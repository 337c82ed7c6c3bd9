"""Reads Mastodon's JSON: statuses, accounts, notifications, as our items.

Pure: no traffic, no clock. A value of the wrong kind counts as missing, so nothing
here raises, whatever the JSON holds; what cannot be understood becomes ``Unknown``.
Fact sheet mastodon §4, §5, §9.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from urllib.parse import unquote, urlsplit

from . import items, mastodon_text
from .values import listing, mapping, number, web_address

#: visibility -> audience; what is missing here (``mutuals_only``, ``list``, whatever
#: a fork invents) is for several people, not for the world
AUDIENCES = {
    "public": items.PUBLIC,
    "unlisted": items.PUBLIC,
    "local": items.PUBLIC,  # Akkoma, GoToSocial: everybody on that server
    "private": items.GROUP,
}
DIRECT = "direct"
MEDIA_KINDS = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}
#: by the end of the name: the API does not tell the type of a file
MIMES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "heic": "image/heic",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
}
#: notifications that bring a post addressed to us
POSTS = ("mention", "quote")
#: notifications an administrator should know of; all others are noise to a helpdesk
WARNINGS = ("moderation_warning", "severed_relationships")

_LONGEST_ID = 1000


# --- values of unknown kind -------------------------------------------------------
def words(value) -> str:
    return value if isinstance(value, str) else ""


def ident(value) -> str:
    """An id: opaque, a string (fact sheet §4); old forks send numbers."""
    if number(value) is not None:
        return str(value) if abs(value) < 2**63 else ""
    value = words(value)
    return (
        value if 0 < len(value) <= _LONGEST_ID and not re.search(r"\s", value) else ""
    )


def link(value) -> str:
    """An address that may be shown and called; anything else is ''."""
    return web_address(words(value))


def moment(value) -> datetime | None:
    """ISO 8601; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(words(value).strip().replace("Z", "+00:00"))
        if found.tzinfo is None:
            return found.replace(tzinfo=timezone.utc)
        return found.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


# --- names of a message -----------------------------------------------------------
def key_of(status: Mapping, domain: str) -> str:
    """What the post is called everywhere: its ActivityPub id."""
    return (
        ident(status.get("uri"))
        or link(status.get("url"))
        or f"{domain}/{ident(status.get('id'))}"
    )


def ref_of(local_id: str, key: str) -> str:
    """What this account calls a post: the server's id, and behind it the key.

    The key goes along because of deletions: when a post is gone, its ref is all
    that is left to say which one it was.
    """
    return f"{local_id} {key}" if local_id else ""


def local_id(ref: str) -> str:
    return ref.partition(" ")[0]


def key_in(ref: str) -> str:
    return ref.partition(" ")[2]


class Reader:
    """Reads for one account of ours.

    :param facts: ``Profile.facts`` of the account; without them nobody is us
    """

    def __init__(self, facts: Mapping):
        self.own_id = words(facts.get("id"))
        self.own_local_id = words(facts.get("local_id"))
        self.own_handle = words(facts.get("handle"))
        self.own_links = {
            one for one in (words(facts.get("id")), words(facts.get("url"))) if one
        }
        self.domain = words(facts.get("domain"))

    # --- people ---------------------------------------------------------------
    def is_own(self, account: Mapping) -> bool:
        """Are we meant? By the actor's id, our id on this server, our handle."""
        uri, one_id = ident(account.get("uri")), ident(account.get("id"))
        if uri and "://" in self.own_id:
            return uri == self.own_id
        if "uri" in account or "display_name" in account:  # ids in mentions may lie
            if one_id and one_id == self.own_local_id:
                return True
        handle = words(account.get("acct"))
        return bool(handle and self.own_handle) and mastodon_text.same(
            handle, self.own_handle, self.domain
        )

    def author(self, account) -> items.Author | None:
        """Whoever wrote; None when there is nobody to recognise.

        The id is the actor's own address, which is the same seen from any server
        and survives a change of handle; servers that do not tell it (GoToSocial,
        Mastodon before 4.2) leave us ``user@domain``.
        """
        account = mapping(account)
        handle = mastodon_text.full(words(account.get("acct")), self.domain)
        uri = ident(account.get("uri")) or ident(
            mapping(account.get("pleroma")).get("ap_id")
        )
        if self.is_own(account):
            uri = self.own_id
        if not uri and not ident(handle):
            return None
        return items.Author(
            id=uri or handle.lower(),
            handle=handle,
            name=words(account.get("display_name")) or words(account.get("username")),
            url=link(account.get("url")),
            avatar=link(account.get("avatar")),
            followers=number(account.get("followers_count")),
            bot=account.get("bot") is True,
        )

    def mentions(self, status: Mapping, author: items.Author) -> tuple:
        """Who is named. A mention tells no actor id: a stranger's stays empty
        rather than making a second person of one.
        """
        found: dict[str, items.Author] = {}
        for one in map(mapping, listing(status.get("mentions"))):
            handle = mastodon_text.full(words(one.get("acct")), self.domain)
            if not ident(handle):
                continue
            known = self.own_id if self.is_own({"acct": handle}) else ""
            if mastodon_text.same(handle, author.handle, self.domain):
                known = author.id
            found.setdefault(
                handle.lower(),
                items.Author(id=known, handle=handle, url=link(one.get("url"))),
            )
        return tuple(found.values())

    # --- posts ----------------------------------------------------------------
    def incoming(
        self,
        status,
        *,
        addressed=False,
        context=False,
        parent="",
        received: datetime | None = None,
        kind="message",
    ) -> items.Incoming | items.Unknown:
        status = mapping(status)
        # snac2 shows a boosted post inside a wrapper that names the booster
        if isinstance(status.get("reblog"), dict):
            status = status["reblog"]
        status_id, author = ident(status.get("id")), self.author(status.get("account"))
        sent_at = moment(status.get("created_at")) or received
        if not status_id or author is None or sent_at is None:
            return items.Unknown("malformed")
        key, content = key_of(status, self.domain), words(status.get("content"))
        mentions = self.mentions(status, author)
        audience, thread = self._audience(status, author, mentions)
        parent_id = ident(status.get("in_reply_to_id"))
        edited_at = moment(status.get("edited_at"))
        return items.Incoming(
            key=key,
            ref=ref_of(status_id, key),
            author=author,
            text=_body(status, content),
            sent_at=sent_at,
            audience=audience,
            revision=_revision(edited_at),
            edited_at=edited_at,
            thread=thread,
            parent=parent,
            parent_ref=ref_of(parent_id, parent) if parent else parent_id,
            addressed=addressed or self._addressed(status, content, mentions),
            context=context,
            mentions=mentions,
            media=self._media(status, audience),
            permalink=link(status.get("url")) or link(status.get("uri")),
            language=words(status.get("language"))[:20],
            warning=words(status.get("spoiler_text")),
            kind=kind,
            extra={"visibility": words(status.get("visibility"))[:40]},
        )

    def _audience(self, status: Mapping, author, mentions) -> tuple[str, str]:
        """(audience, thread). A direct thread is its set of people, as on Mastodon;
        other threads are branches of a reply tree and have no name.
        """
        visibility = words(status.get("visibility"))
        if visibility != DIRECT:
            return AUDIENCES.get(visibility, items.GROUP), ""
        people = self.people(author, mentions)
        thread = f"{DIRECT}:{','.join(people)}" if people else ""
        return (items.GROUP if len(people) > 1 else items.PRIVATE), thread

    def people(self, author: items.Author, mentions) -> list[str]:
        """Everybody but us, by handle: the only name that mentions have, too."""
        handles = {
            (one.handle or one.id).lower()
            for one in (author, *mentions)
            # a post of ours has no author to speak to
            if (one.handle or one.id)
            and not (one.id and one.id == self.own_id)
            and not mastodon_text.same(one.handle, self.own_handle, self.domain)
        }
        return sorted(handles)

    def _addressed(self, status: Mapping, content: str, mentions) -> bool:
        """Names us or answers us. snac2 leaves us out of the mentions: the text's
        own links tell."""
        if self.own_id and any(one.id == self.own_id for one in mentions):
            return True
        answered = ident(status.get("in_reply_to_account_id"))
        if answered and answered == self.own_local_id:
            return True
        return bool(self.own_links & mastodon_text.addressed(content))

    def _media(self, status: Mapping, audience: str) -> tuple[items.Media, ...]:
        """Files of a post. Files of direct posts are open to whoever knows their
        address, so it is not shown around."""
        found = []
        for one in map(mapping, listing(status.get("media_attachments"))):
            kind = MEDIA_KINDS.get(words(one.get("type")), "")
            near, far = link(one.get("url")), link(one.get("remote_url"))
            url = near if kind and near else far or near
            if not url:
                continue
            name = unquote(urlsplit(url).path.rpartition("/")[2])
            mime = MIMES.get(name.rpartition(".")[2].lower(), "")
            size = mapping(mapping(one.get("meta")).get("original"))
            guess = mime.partition("/")[0] or "file"
            found.append(
                items.Media(
                    ref=url,
                    kind=kind or guess,
                    mime=mime,
                    name=name[:200],
                    url=url if audience == items.PUBLIC else "",
                    alt=words(one.get("description")),
                    width=number(size.get("width")),
                    height=number(size.get("height")),
                )
            )
        return tuple(found)

    # --- what the journal holds -----------------------------------------------
    def parse(self, item: items.RawItem) -> items.Parsed:
        data = mapping(item.data)
        if "gone" in data:
            key, at = key_in(words(data["gone"])), moment(data.get("at"))
            if not key or at is None:
                return items.Unknown("malformed")
            return items.Removal(key, at)
        parent = ident(data.get("parent"))
        if "notification" in data:
            return self._notification(mapping(data["notification"]), parent)
        if "status" not in data:
            return items.Unknown("malformed")
        status, via = mapping(data["status"]), data.get("via")
        if via == "own" and isinstance(status.get("reblog"), dict):
            return items.Unknown("reblog", ignorable=True)
        return self.incoming(status, parent=parent, context=via == "context")

    def _notification(self, one: Mapping, parent: str) -> items.Parsed:
        kind, received = words(one.get("type")), moment(one.get("created_at"))
        if kind in POSTS:
            if not one.get("status"):
                return items.Unknown("no_status")
            return self.incoming(
                one["status"],
                addressed=True,
                parent=parent,
                received=received,
                kind="message" if kind == "mention" else kind,
            )
        if kind == "favourite":
            author, status = self.author(one.get("account")), mapping(one.get("status"))
            if author is None or received is None or not ident(status.get("id")):
                return items.Unknown("malformed", ignorable=True)
            return items.Reaction(key_of(status, self.domain), author, "★", received)
        if not kind:
            return items.Unknown("malformed")
        return items.Unknown(kind[:40], ignorable=kind not in WARNINGS)


def _revision(edited_at: datetime | None) -> int:
    """Seconds since 1970: finer than anybody edits. An author's clock may say any
    year; the number stays one that fits a column of 32 bits."""
    if edited_at is None:
        return 0
    return min(max(1, int(edited_at.timestamp())), 2**31 - 1)


def _body(status: Mapping, content: str) -> str:
    """The post's words; a poll's options are words, too."""
    found = mastodon_text.plain(content)
    options = [
        f"○ {words(mapping(one).get('title'))}"
        for one in listing(mapping(status.get("poll")).get("options"))
    ]
    return "\n\n".join(one for one in (found, "\n".join(options)) if one)
