"""What the sandbox's store says, and what it means: rows in, items out.

The store answers ``{"error": code}`` when it refuses. ``me`` is our person there:

========== ============================================= ===========================
verb       arguments besides ``me``                      answer
========== ============================================= ===========================
whoami     handle                                        person, url
page       stream, after, since, limit                   rows, more, head
above      ref, limit                                    rows, oldest first
read       refs                                          rows
find       url                                           row
person     id                                            person
media      ref, limit                                    data, mime
create     audience text parent to thread media key …    row
sent       audience text parent to since                 row or None
like …     ref (``edit``: also text)                     row
block …    id (also ``unblock``)                         person
========== ============================================= ===========================

A row is one happening: a post, a like, a receipt. ``seq`` grows with every change of
any row, so that edits and deletes come along the stream after what they change.

Pure functions, no state. What a row holds is checked as if a stranger had written it.
"""

from datetime import datetime

from . import errors, items


def parse(item: items.RawItem, me: str) -> items.Parsed:
    """The contract's ``parse``: never raises on content, never drops."""
    row = item.data
    if not isinstance(row, dict):
        return items.Unknown("malformed")
    try:
        return _map(row, me, item.key.startswith("context:"))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return items.Unknown("malformed")


def _map(row: dict, me: str, context: bool) -> items.Parsed:
    kind = row["kind"]
    at = _moment(row["at"])
    if kind == "gone":
        return items.Removal(str(row["id"]), at, by="network")
    if kind == "post":
        if row.get("deleted_at"):
            return items.Removal(str(row["id"]), _moment(row["deleted_at"]))
        return _map_post(row, me, at, context)
    if kind == "like":
        removed = bool(row.get("deleted_at"))
        symbol = row.get("text") or "👍"
        return items.Reaction(
            str(row["parent"]), author(row["author"]), symbol, at, removed
        )
    if kind in ("read", "blocked", "unblocked"):
        return items.Receipt(
            kind, at, key=row.get("parent") or "", thread=row["thread"]
        )
    return items.Unknown("unknown_kind", ignorable=kind == "joined")


def _map_post(row: dict, me: str, at: datetime, context: bool) -> items.Incoming:
    audience = row["audience"]
    if audience not in items.AUDIENCES:
        raise ValueError(audience)
    mentions = tuple(author(one) for one in row.get("mentions") or ())
    addressed = audience == items.PRIVATE or (
        bool(me) and me in (row.get("parent_author"), *(one.id for one in mentions))
    )
    return items.Incoming(
        key=str(row["id"]),
        ref=str(row["id"]),
        author=author(row["author"]),
        text=_string(row.get("text")),
        sent_at=at,
        audience=audience,
        revision=int(row.get("edits") or 0),
        edited_at=_moment(row["edited_at"]) if row.get("edited_at") else None,
        thread="" if audience == items.PUBLIC else _string(row["thread"]),
        parent=_string(row.get("parent")),
        parent_ref=_string(row.get("parent")),
        addressed=addressed,
        context=context and not addressed,
        mentions=mentions,
        media=tuple(_media(one) for one in row.get("media") or ()),
        evidence=tuple(
            items.Evidence(_string(one["kind"]), _string(one["value"]), "shared")
            for one in row.get("shared") or ()
        ),
        permalink=_string(row.get("url")),
        language=_string(row.get("language")),
        warning=_string(row.get("warning")),
        payload=_string(row.get("payload")),
    )


def rows(answer: dict) -> list[dict]:
    """The rows of an answer, or the error that it has none."""
    found = answer.get("rows")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise errors.MalformedResponse("malformed", "rows")
    return found


def raw(row: dict, prefix: str = "") -> items.RawItem:
    """The journal's key: what it is about, and with ``seq`` which change of it."""
    changed = row.get("changed_at") or row.get("at") or ""
    try:
        sent_at = _moment(changed)
    except (TypeError, ValueError):
        sent_at = None
    key = f"{prefix}{row.get('kind', 'post')}:{row.get('id', '')}"
    return items.RawItem(key, row, revision=str(row.get("seq", "")), sent_at=sent_at)


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment


def _string(value) -> str:
    if value is None or value is False:
        return ""
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def author(person: dict) -> items.Author:
    return items.Author(
        id=str(person["id"]),
        handle=_string(person.get("handle")),
        name=_string(person.get("name")),
        url=_string(person.get("url")),
        language=_string(person.get("language")),
        followers=person.get("followers"),
        verified=bool(person.get("verified")),
        bot=bool(person.get("bot")),
        shared=bool(person.get("shared")),
    )


def _media(one: dict) -> items.Media:
    return items.Media(
        ref=str(one["ref"]),
        kind=one.get("kind") or "file",
        mime=_string(one.get("mime")),
        name=_string(one.get("name")),
        alt=_string(one.get("alt")),
        size=one.get("size"),
    )


def published(row: dict) -> items.Published:
    key = str(row["id"])
    try:
        sent_at = _moment(row["at"])
    except (KeyError, TypeError, ValueError):
        sent_at = None  # it is out; when exactly matters less
    thread = "" if row.get("audience") == items.PUBLIC else row.get("thread") or ""
    return items.Published(
        key, ref=key, url=row.get("url") or "", thread=thread, sent_at=sent_at
    )
