"""The world as a Mastodon server shows it: entities as JSON, text as HTML.

Shapes from the fact sheet §5. Each function takes the viewer, because an answer
depends on who asks (``favourited``, ``filtered``).
"""

import html
import re
from datetime import datetime, timezone

from .mastodon_world import LINK, MENTION, Account, Medium, Notification, Status, World

TAG = re.compile(r"(?<!\w)#(\w+)")


def stamp(at: datetime | None) -> str | None:
    return (
        at and at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    )


def render(world: World, text: str) -> str:
    """Plain text as the sanitised HTML that Mastodon sends out."""
    spans = []  # (start, end, html)
    for match in LINK.finditer(text):
        spans.append((match.start(), match.end(), _link(match[0])))
    for match in MENTION.finditer(text):
        name = f"{match[1]}@{match[2]}" if match[2] else match[1]
        account = world.account(name)
        if account:
            spans.append((match.start(), match.end(), _mention(account)))
    for match in TAG.finditer(text):
        spans.append((match.start(), match.end(), _tag(world, match[1])))
    out, position = [], 0
    for start, end, markup in sorted(spans):
        if start >= position:
            out += [html.escape(text[position:start], quote=True), markup]
            position = end
    out.append(html.escape(text[position:], quote=True))
    paragraphs = re.split(r"\n{2,}", "".join(out).strip("\n"))
    return "".join(f"<p>{one.replace(chr(10), '<br />')}</p>" for one in paragraphs)


def _link(url: str) -> str:
    prefix = re.match(r"https?://(www\.)?", url)[0]
    shown, rest = url[len(prefix) :][:30], url[len(prefix) :][30:]
    kind = "ellipsis" if rest else ""
    return (
        f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener" '
        f'translate="no"><span class="invisible">{prefix}</span>'
        f'<span class="{kind}">{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(rest)}</span></a>'
    )


def _mention(account: Account) -> str:
    return (
        f'<span class="h-card" translate="no"><a href="{account.url}" '
        f'class="u-url mention">@<span>{account.username}</span></a></span>'
    )


def _tag(world: World, name: str) -> str:
    return (
        f'<a href="https://{world.domain}/tags/{name}" class="mention hashtag" '
        f'rel="tag">#<span>{name}</span></a>'
    )


def account_json(world: World, account: Account, base: str) -> dict:
    return {
        "id": account.id,
        "username": account.username,
        "acct": account.acct,
        "display_name": account.name,
        "locked": False,
        "bot": account.bot,
        "discoverable": True,
        "group": False,
        "created_at": stamp(account.created_at),
        "note": account.note,
        "url": account.url,
        "uri": account.uri,
        "avatar": f"{base}/avatars/original/missing.png",
        "avatar_static": f"{base}/avatars/original/missing.png",
        "header": f"{base}/headers/original/missing.png",
        "header_static": f"{base}/headers/original/missing.png",
        "followers_count": len(account.followers),
        "following_count": 0,
        "statuses_count": sum(
            one.author == account.id for one in world.statuses.values()
        ),
        "last_status_at": None,
        "emojis": [],
        "fields": account.fields,
    }


def medium_json(medium: Medium, base: str) -> dict:
    url = f"{base}/system/media_attachments/files/{medium.id}/original/{medium.name}"
    return {
        "id": medium.id,
        "type": medium.kind,
        "url": None if medium.waits else url,
        "preview_url": None if medium.waits else url,
        "remote_url": None,
        "text_url": None,
        "meta": {"original": {"width": 1, "height": 1}},
        "description": medium.description or None,
        "blurhash": None,
    }


def status_json(world: World, status: Status, viewer, base: str) -> dict:
    parent = world.statuses.get(status.parent)
    mentions = [world.accounts[one] for one in status.mentions]
    return {
        "id": status.id,
        "created_at": stamp(status.created_at),
        "in_reply_to_id": parent.id if parent else None,
        "in_reply_to_account_id": parent.author if parent else None,
        "sensitive": status.sensitive,
        "spoiler_text": status.now.spoiler,
        "visibility": status.visibility,
        "language": status.language,
        "uri": status.uri,
        "url": status.url,
        "replies_count": sum(
            world.statuses.get(one.parent) is status for one in world.statuses.values()
        ),
        "reblogs_count": 0,
        "favourites_count": len(status.likes),
        "edited_at": stamp(status.edited_at),
        "favourited": bool(viewer) and viewer.id in status.likes,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        "content": render(world, status.now.text),
        "filtered": [],
        "reblog": None,
        "account": account_json(world, world.accounts[status.author], base),
        "media_attachments": [
            medium_json(world.media[one], base) for one in status.now.media
        ],
        "mentions": [
            {"id": a.id, "username": a.username, "url": a.url, "acct": a.acct}
            for a in mentions
        ],
        "tags": [
            {"name": name.lower(), "url": f"https://{world.domain}/tags/{name}"}
            for name in TAG.findall(status.now.text)
        ],
        "emojis": [],
        "card": None,
        "poll": None,
        "quote": None,
    }


def history_json(world: World, status: Status, base: str) -> list[dict]:
    return [
        {
            "content": render(world, one.text),
            "spoiler_text": one.spoiler,
            "sensitive": status.sensitive,
            "created_at": stamp(one.at),
            "account": account_json(world, world.accounts[status.author], base),
            "media_attachments": [medium_json(world.media[m], base) for m in one.media],
            "emojis": [],
        }
        for one in status.revisions
    ]


def notification_json(world: World, one: Notification, viewer, base: str) -> dict:
    status = world.statuses.get(one.status)
    shown = {
        "id": one.id,
        "type": one.kind,
        "created_at": stamp(one.at),
        "group_key": f"ungrouped-{one.id}",
        "account": account_json(world, world.accounts[one.by], base),
    }
    if status:
        shown["status"] = status_json(world, status, viewer, base)
    return shown


def conversations(world: World, viewer: Account) -> list[tuple[set, list]]:
    """(other participants, statuses) of the direct threads.

    Grouped by the set of participants, as AccountConversation does.
    """
    groups: dict[frozenset, list[Status]] = {}
    for status in world.statuses.values():
        if status.visibility == "direct" and world.may_see(status, viewer):
            others = frozenset({status.author, *status.mentions} - {viewer.id})
            groups.setdefault(others, []).append(status)
    return [(set(others), found) for others, found in groups.items()]
