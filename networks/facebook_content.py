"""What a post or a comment shows: words, pictures, shared things. Pure.

A file is named by what it hangs on and its place there: addresses are signed and end,
a fresh one is read when the file is wanted. Fact sheet meta §2.
"""

from collections.abc import Iterator, Mapping

from . import items
from .facebook_values import object_id, read_ref, ref_of
from .values import listing, mapping, number, web_address, words

#: type of an attachment (§2, *Comment object*; posts name more) -> kind of file
FILES = {
    "photo": "image",
    "image": "image",
    "sticker": "image",
    "cover_photo": "image",
    "profile_media": "image",
    "animated_image_share": "image",
    "animated_image_video": "video",
    "animated_image_autoplay": "video",
    "video": "video",
    "video_inline": "video",
    "video_autoplay": "video",
    "video_direct_response": "video",
}
#: files of one post that are looked at
MAX_FILES = 40
#: files of a pushed change, where it has just one: key -> kind
PUSHED = {"photo": "image", "video": "video"}


def media_ref(kind: str, one_id: str, place: int) -> str:
    return f"{ref_of(kind, one_id)}#{place}"


def read_media_ref(ref: str) -> tuple[str, str, int]:
    """(kind, id, place) of a file's name; the id is '' where it is none of ours."""
    whole, _hash, place = words(ref).partition("#")
    kind, one_id = read_ref(whole)
    known = place.isascii() and place.isdigit() and len(place) < 4
    return kind, one_id if known else "", int(place) if known else 0


def attachments(value: Mapping) -> list[dict]:
    """All attachments, those within an album one by one."""
    rows = [mapping(value.get("attachment"))] if value.get("attachment") else []
    rows += map(mapping, listing(mapping(value.get("attachments")).get("data")))
    found = []
    for one in rows:
        inner = listing(mapping(one.get("subattachments")).get("data"))
        found += [mapping(part) for part in inner] or [one]
    return found[:MAX_FILES]


def _kind(attachment: Mapping) -> str:
    return FILES.get(words(attachment.get("type")), "")


def address(attachment: Mapping) -> str:
    """Where the file is now, or ''. A video without its source is its picture."""
    media = mapping(attachment.get("media"))
    image = mapping(media.get("image"))
    source = words(media.get("source")) if _kind(attachment) == "video" else ""
    return web_address(source) or web_address(words(image.get("src")))


def files(kind: str, one_id: str, value: Mapping) -> tuple[items.Media, ...]:
    """Pictures and films on a post or a comment, in their order."""
    return tuple(_files(kind, one_id, value))


def _files(kind, one_id, value) -> Iterator[items.Media]:
    for place, one in enumerate(attachments(value)):
        shown = _kind(one)
        if shown and address(one):
            image = mapping(mapping(one.get("media")).get("image"))
            yield items.Media(
                ref=media_ref(kind, one_id, place),
                kind=shown,
                width=number(image.get("width")),
                height=number(image.get("height")),
            )


def pushed_files(kind: str, one_id: str, value: Mapping) -> tuple[items.Media, ...]:
    """Those of a webhook's change: an address each, or a list of addresses (§2)."""
    several = [one for one in listing(value.get("photos")) if web_address(words(one))]
    if several:
        return tuple(
            items.Media(ref=media_ref(kind, one_id, place), kind="image")
            for place, _one in enumerate(several[:MAX_FILES])
        )
    named = {**PUSHED, "link": PUSHED.get(words(value.get("item")), "")}
    for key, shown in named.items():
        if shown and web_address(words(value.get(key))):
            return (items.Media(ref=media_ref(kind, one_id, 0), kind=shown),)
    return ()


def shared(value: Mapping) -> str:
    """What is passed on where nothing else is said: a title and an address."""
    for one in attachments(value):
        if not _kind(one):
            target = mapping(one.get("target"))
            url = words(one.get("url")) or words(target.get("url"))
            lines = (words(one.get("title"))[:300], web_address(url)[:1000])
            told = "\n".join(line for line in lines if line)
            if told:
                return told
    return ""


def same(value: Mapping) -> list:
    """What makes two states of a post or comment the same: the addresses of files
    change with every look, what they lead to does not."""
    kept = [
        [words(one.get("type")), object_id(mapping(one.get("target")).get("id"))]
        for one in attachments(value)
    ]
    return [words(value.get("message")), kept]
