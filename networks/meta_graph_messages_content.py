"""What a message of Messenger or Instagram holds: words, files, shared things. Pure.

Files have signed addresses that end; a ``ref`` holds the message's id and the file's
place in it as well, so that a fresh address can be asked for. Fact sheet meta §4, §5.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from . import items
from .meta_graph_messages_values import message_id
from .values import listing, mapping, number, web_address, words

#: type of an attachment -> kind of file
FILES = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "file": "file",
    "sticker": "image",
    "animated_image": "image",
}
#: things of the network that somebody passes on; their address is a file, or a page
SHARED = frozenset(
    "fallback ig_post ig_reel ig_story post reel share story story_mention".split()
)
#: seen for a day only
STORIES = ("ig_story", "story", "story_mention")
#: hosts of Meta that hold files (§4 "scontent…", §5): the only ones that are asked
MEDIA_HOSTS = ("*.fbcdn.net", "*.fbsbx.com", "*.cdninstagram.com")
#: attachments of one message that are looked at, and lines of one that are shown
MAX_ATTACHMENTS, MAX_LINES = 40, 100


def holds_files(url: str) -> bool:
    """Is it the address of a file at Meta, and not of a page?"""
    host = (urlsplit(url).hostname or "").lower() if web_address(url) else ""
    return any(host.endswith(one[1:]) for one in MEDIA_HOSTS)


# --- names of files -----------------------------------------------------------------
def ref_of(mid: str, place: str, url: str) -> str:
    """``place`` is the file's index, or ``story`` or ``sticker``, in the message."""
    return f"{place} {mid} {url}"


def read_ref(ref: str) -> tuple[str, str, str]:
    """(place, message id, address) of a ``ref``; empty where it is none of ours."""
    place, _space, rest = words(ref).partition(" ")
    mid, _space, url = rest.partition(" ")
    if not (place.isascii() and place.isalnum() and len(place) < 10):
        return "", "", ""
    return place, message_id(mid), web_address(url)


# --- pushed -------------------------------------------------------------------------
def pushed(message: Mapping) -> tuple[str, str, tuple[items.Media, ...]]:
    """(kind, text, files) of ``message`` in a webhook. Nothing is left out silently:
    a type that we do not know is named."""
    mid = message_id(message.get("mid"))
    text = words(message.get("text"))
    kind, lines, files = "message", [], []
    attachments = listing(message.get("attachments"))[:MAX_ATTACHMENTS]
    for index, one in enumerate(map(mapping, attachments)):
        own_kind, said, url = _attachment(one)
        lines += [line for line in said if line and line not in text]
        if url and own_kind in STORIES:
            files.append(_story(mid, str(index), url))
        elif url:
            kind_of_file = FILES.get(words(one.get("type")), "file")
            name = words(mapping(one.get("payload")).get("title"))
            ref = ref_of(mid, str(index), url)
            files.append(items.Media(ref, kind_of_file, name=name[:200]))
        if kind == "message":
            kind = own_kind
    story = mapping(mapping(message.get("reply_to")).get("story"))
    url = web_address(words(story.get("url")))
    if url:
        files.append(_story(mid, "story", url))
    if not text and not lines and not files:
        # a button that was tapped has a title as its text; else only what it stands for
        text = words(mapping(message.get("quick_reply")).get("payload"))
    return _whole(message, kind, text, lines, files)


def _story(mid: str, place: str, url: str) -> items.Media:
    """What its author shows for a day: linked as long as it lives (§5)."""
    return items.Media(ref_of(mid, place, url), name="story", url=url, fleeting=True)


def _whole(message, kind, text, lines, files):
    if message.get("is_unsupported") is True and not files:
        kind = "unsupported"
    if not text and not lines and not files:
        kind, lines = "unsupported", ["[unsupported]"]
    said = "\n".join([one for one in (text, *lines) if one][:MAX_LINES])
    return kind, said, tuple(files)


def _attachment(one: Mapping) -> tuple[str, list[str], str]:
    """(kind, lines, address of a file or '')."""
    kind, payload = words(one.get("type")), mapping(one.get("payload"))
    url = web_address(words(payload.get("url")) or words(one.get("url")))
    if kind in FILES:
        return ("message", [], url) if url else ("unsupported", [f"[{kind}]"], "")
    if kind in SHARED:
        title = words(payload.get("title")) or words(one.get("title"))
        own_kind = "message" if kind == "fallback" else kind
        if url and (kind in STORIES or holds_files(url)):
            return own_kind, [title], url
        return own_kind, [title, url] if title or url else [f"[{kind}]"], ""
    if kind == "location":
        point = mapping(payload.get("coordinates"))
        place = [point.get("lat"), point.get("long")]
        known = all(isinstance(v, int | float) and v is not True for v in place)
        geo = "geo:{},{}".format(*place) if known else "[location]"
        return "location", [words(one.get("title")), geo], ""
    if kind == "template":
        return "template", _template(payload) or ["[template]"], ""
    lines = [f"[{kind[:50] or 'unsupported'}]", words(payload.get("title")), url]
    return "unsupported", lines, ""


def _template(payload: Mapping) -> list[str]:
    """What stands on a card with buttons."""
    cards = [payload, *map(mapping, listing(payload.get("elements"))[:MAX_LINES])]
    generic = mapping(payload.get("generic"))
    cards += map(mapping, listing(generic.get("elements"))[:MAX_LINES])
    found = []
    for card in cards:
        found += [words(card.get(key)) for key in ("text", "title", "subtitle")]
        for button in map(mapping, listing(card.get("buttons"))[:MAX_LINES]):
            title = words(button.get("title"))
            found.append(f"[{title}]" if title else "")
    return [one for one in found if one]


# --- pulled -------------------------------------------------------------------------
def pulled(message: Mapping) -> tuple[str, str, tuple[items.Media, ...]]:
    """(kind, text, files) of a message of a conversation that was read."""
    mid = message_id(message.get("id"))
    text, kind, lines = words(message.get("message")), "message", []
    files = attached(mid, message)
    shares = listing(mapping(message.get("shares")).get("data"))
    for one in map(mapping, shares[:MAX_ATTACHMENTS]):
        link = web_address(words(one.get("link")))
        said = [words(one.get("name")), words(one.get("description")), link]
        lines += [line for line in said if line and line not in text]
        kind = "share"
    story = mapping(message.get("story"))
    for part, own_kind in (("mention", "story_mention"), ("reply_to", "message")):
        url = web_address(words(mapping(story.get(part)).get("link")))
        if mapping(story.get(part)):
            kind = own_kind if kind == "message" else kind
            lines += [] if url else ["[story]"]
        if url:
            files.append(_story(mid, "story", url))
    return _whole(message, kind, text, lines, files)


def attached(mid: str, message: Mapping) -> list[items.Media]:
    """The files of a message that was read."""
    found = []
    rows = listing(mapping(message.get("attachments")).get("data"))
    for index, one in enumerate(map(mapping, rows[:MAX_ATTACHMENTS])):
        url, family = _address(one)
        if not url:
            continue
        mime = words(one.get("mime_type")).partition(";")[0].strip().lower()
        start = mime.partition("/")[0]
        kind = start if start in ("image", "video", "audio") else family
        found.append(
            items.Media(
                ref_of(mid, str(index), url),
                kind,
                mime=mime,
                name=words(one.get("name"))[:200],
                size=number(one.get("size")),
            )
        )
    sticker = web_address(words(message.get("sticker")))
    if sticker:
        found.append(items.Media(ref_of(mid, "sticker", sticker), "image"))
    return found


def _address(one: Mapping) -> tuple[str, str]:
    for key, family in (("image_data", "image"), ("video_data", "video")):
        url = web_address(words(mapping(one.get(key)).get("url")))
        if url:
            return url, family
    return web_address(words(one.get("file_url"))), "file"
