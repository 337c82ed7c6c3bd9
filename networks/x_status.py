"""Turns what Account Activity still sends, the API's former shapes, into today's.

One reader then does for both. Pure; never raises. Fact sheet x §4.
"""

from collections.abc import Mapping

from .values import listing, mapping, number, words
from .x_values import ident


def id_of(data: Mapping, key: str = "id") -> str:
    """``id_str`` where there is one: numbers of that size lose digits on the way."""
    return ident(data.get(f"{key}_str")) or ident(data.get(key))


def user(data) -> dict:
    """A person; the newer events wrap the new shape in ``data``."""
    data = mapping(data)
    if isinstance(data.get("data"), dict):
        return data["data"]
    if "username" in data:
        return dict(data)
    return {
        "id": id_of(data),
        "username": words(data.get("screen_name")),
        "name": words(data.get("name")),
        "profile_image_url": words(data.get("profile_image_url_https")),
        "protected": data.get("protected") is True,
        "verified": data.get("verified") is True,
        "public_metrics": {"followers_count": number(data.get("followers_count"))},
    }


def _entities(data) -> dict:
    data = mapping(data)
    found: dict = {"urls": [], "mentions": []}
    for key in ("urls", "media"):
        for one in map(mapping, listing(data.get(key))):
            found["urls"].append({**_place(one), **one})
    for one in map(mapping, listing(data.get("user_mentions"))):
        found["mentions"].append(
            {**_place(one), "id": id_of(one), "username": words(one.get("screen_name"))}
        )
    return found


def _place(one: Mapping) -> dict:
    indices = listing(one.get("indices"))
    return {"start": indices[0], "end": indices[1]} if len(indices) == 2 else {}


def medium(data) -> dict:
    data = mapping(data)
    info = mapping(data.get("video_info"))
    size = mapping(mapping(data.get("sizes")).get("large"))
    return {
        "media_key": id_of(data),
        "type": words(data.get("type")),
        "url": words(data.get("media_url_https")) if not info else "",
        "preview_image_url": words(data.get("media_url_https")),
        "variants": [
            {**one, "bit_rate": one.get("bitrate")}
            for one in map(mapping, listing(info.get("variants")))
        ],
        "alt_text": words(data.get("ext_alt_text")),
        "width": number(size.get("w")),
        "height": number(size.get("h")),
    }


def post(status) -> tuple[dict, dict]:
    """(post, includes) of a status."""
    status = mapping(status)
    long = mapping(status.get("extended_tweet"))
    whole = words(long.get("full_text")) or words(status.get("full_text"))
    entities = _entities(long.get("entities") or status.get("entities"))
    extended = mapping(long.get("extended_entities") or status.get("extended_entities"))
    media = [medium(one) for one in listing(extended.get("media"))]
    known = {words(one.get("url")) for one in entities["urls"]}
    entities["urls"] += [
        {**_place(one), **one}
        for one in map(mapping, listing(extended.get("media")))
        if words(one.get("url")) not in known
    ]
    quoted, reposted = (
        mapping(status.get(key)) for key in ("quoted_status", "retweeted_status")
    )
    answered = id_of(status, "in_reply_to_status_id")
    references = [
        ("replied_to", answered),
        ("quoted", id_of(status, "quoted_status_id") or id_of(quoted)),
        ("retweeted", id_of(reposted)),
    ]
    history = mapping(status.get("edit_history"))
    one_id = id_of(status)
    found = {
        "id": one_id,
        "text": whole or words(status.get("text")),
        "author_id": id_of(mapping(status.get("user"))),
        "created_at": status.get("created_at"),
        "in_reply_to_user_id": id_of(status, "in_reply_to_user_id"),
        "referenced_tweets": [
            {"type": kind, "id": other} for kind, other in references if other
        ],
        "edit_history_tweet_ids": listing(history.get("edit_tweet_ids"))
        or [one for one in (history.get("initial_tweet_id"),) if one],
        "entities": entities,
        "attachments": {"media_keys": [one["media_key"] for one in media]},
        "lang": status.get("lang"),
    }
    includes = {
        "users": [user(status.get("user"))],
        "media": media,
        "tweets": [
            {"id": id_of(one), "author_id": id_of(mapping(one.get("user")))}
            for one in (quoted,)
            if one
        ],
    }
    return found, includes


def message(event, users) -> tuple[dict, dict]:
    """(message, includes) of a private message of either webhook."""
    event = mapping(event)
    create = mapping(event.get("message_create"))
    data = mapping(create.get("message_data"))
    attached = mapping(mapping(data.get("attachment")).get("media"))
    media = [medium(attached)] if attached else []
    entities = _entities(data.get("entities"))
    if attached:
        entities["urls"].append({**_place(attached), **attached})
    sender = ident(create.get("sender_id"))
    target = mapping(create.get("target"))
    other = ident(target.get("recipient_id"))
    pair = sorted((one for one in (sender, other) if one), key=int)
    found = {
        "id": ident(event.get("id")),
        "event_type": "MessageCreate",
        "text": words(data.get("text")),
        "sender_id": sender,
        "created_ms": event.get("created_timestamp"),
        "dm_conversation_id": words(event.get("dm_conversation_id"))
        or ident(target.get("conversation_id"))
        or ("-".join(pair) if len(pair) == 2 else ""),
        "entities": entities,
        "attachments": {"media_keys": [one["media_key"] for one in media]},
    }
    people = [user(one) for one in mapping(users).values()]
    return found, {"users": people, "media": media}
