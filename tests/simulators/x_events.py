"""What the fake X pushes: X Activity events and Account Activity payloads.

Fact sheet x §4. Shapes only; ``x_push`` decides to whom they go.
"""

import itertools

from . import x_words
from .x_view import View, stamp

#: every field of a post and a person comes with a push
EVERYTHING = {
    "tweet": {
        "author_id",
        "created_at",
        "conversation_id",
        "in_reply_to_user_id",
        "referenced_tweets",
        "entities",
        "attachments",
        "lang",
        "reply_settings",
        "note_tweet",
        "public_metrics",
        "possibly_sensitive",
    },
    "user": {
        "verified",
        "verified_type",
        "protected",
        "description",
        "created_at",
        "profile_image_url",
        "public_metrics",
    },
    "media": {"url", "preview_image_url", "variants", "alt_text", "width", "height"},
}
_uuids = itertools.count(2_080_000_000_000_000_001)


def activity(kind, user, payload, includes=None, tag="", uuid="") -> dict:
    """One delivery of the X Activity API."""
    data = {
        "event_uuid": uuid or str(next(_uuids)),
        "filter": {"user_id": user},
        "event_type": kind,
        "payload": payload,
    }
    if tag:
        data["tag"] = tag
    return {"data": data, "includes": includes} if includes else {"data": data}


def post_payload(world, base_url, post) -> tuple[dict, dict]:
    """(payload, includes) of the ``post.*`` events."""
    asked = ("author_id", "attachments.media_keys", "referenced_tweets.id")
    view = View(world, base_url, "", EVERYTHING, asked)
    payload = view.post(post)
    payload["public_metrics"] |= {
        f"{key}_str": str(value) for key, value in payload["public_metrics"].items()
    }
    return payload, view.answer().get("includes")


def message_payload(world, base_url, message, user) -> dict:
    """``dm.received`` and ``dm.sent`` keep the shape of v1.1 (§4)."""
    view = View(world, base_url, "", EVERYTHING)
    people = world.conversations[message.conversation].people
    return {
        "direct_message_events": [message_event(world, base_url, message)],
        "users": {one: {"data": view.user(world.users[one])} for one in people},
    }


def message_event(world, base_url, message) -> dict:
    conversation = world.conversations[message.conversation]
    others = [one for one in conversation.people if one != message.sender]
    text, entities = x_words.shown(message.text, world.user)
    content = {"text": text, "entities": {"urls": entities.get("urls", [])}}
    for key in message.media:
        number = key.partition("_")[2]
        link = x_words.short(f"{key}/{message.id}")
        content["text"] = f"{content['text']} {link}".strip()
        content["attachment"] = {
            "type": "media",
            "media": {
                "id_str": number,
                "type": world.media[number].kind,
                "url": link,
                "media_url_https": f"{base_url}/2/dm_conversations/media/{message.id}"
                f"/{number}/{number[-6:]}.jpg",
            },
        }
    found = {
        "type": "message_create",
        "id": message.id,
        "created_timestamp": str(int(message.created_at.timestamp() * 1000)),
        "message_create": {
            "target": {"recipient_id": others[0]},
            "sender_id": message.sender,
            "message_data": content,
        },
    }
    if conversation.group:
        found["message_create"]["target"] = {"conversation_id": conversation.id}
    return found


# --- Account Activity (deprecated), v1.1 objects ----------------------------------
def status(world, base_url, post) -> dict:
    user = world.users[post.author]
    parent = world.posts.get(post.parent)
    quoted = world.posts.get(post.quoted)
    view = View(world, base_url, "", EVERYTHING)
    whole = view.whole(post)
    long = whole.get("note_tweet")
    found = {
        "created_at": post.created_at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "id": int(post.id),
        "id_str": post.id,
        "text": whole["text"],
        "truncated": bool(long),
        "in_reply_to_status_id": int(post.parent) if post.parent else None,
        "in_reply_to_status_id_str": post.parent or None,
        "in_reply_to_user_id_str": parent.author if parent else None,
        "in_reply_to_screen_name": world.users[parent.author].username
        if parent
        else None,
        "user": person(world, base_url, user),
        "is_quote_status": bool(quoted),
        "entities": {
            "user_mentions": [
                {
                    "screen_name": one["username"],
                    "id_str": one["id"],
                    "indices": [one["start"], one["end"]],
                }
                for one in whole["entities"].get("mentions", ())
            ],
            "urls": [
                {
                    "url": one["url"],
                    "expanded_url": one["expanded_url"],
                    "display_url": one["display_url"],
                    "indices": [one["start"], one["end"]],
                }
                for one in whole["entities"].get("urls", ())
                if "media_key" not in one
            ],
        },
        "lang": post.lang,
        "timestamp_ms": str(int(post.created_at.timestamp() * 1000)),
    }
    if long:
        found["extended_tweet"] = {"full_text": long["text"], "entities": {}}
    if quoted:
        found["quoted_status_id_str"] = quoted.id
        found["quoted_status"] = status(world, base_url, quoted)
    if post.media:
        found["extended_entities"] = {
            "media": [
                {
                    "id_str": key.partition("_")[2],
                    "type": world.media[key.partition("_")[2]].kind,
                    "media_url_https": f"{base_url}/media/{key.partition('_')[2]}.jpg",
                    "url": x_words.short(f"{key}/{post.id}"),
                }
                for key in post.media
            ]
        }
    return found


def person(world, base_url, user) -> dict:
    return {
        "id": int(user.id),
        "id_str": user.id,
        "name": user.name,
        "screen_name": user.username,
        "protected": user.protected,
        "verified": user.verified_type != "none",
        "followers_count": len(user.followers),
        "profile_image_url_https": f"{base_url}/profile_images/{user.id}_normal.jpg",
        "created_at": user.created_at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
    }


def account_activity(world, base_url, user, posts=(), messages=(), deleted=()) -> dict:
    """One delivery of the Account Activity API: several items of several kinds."""
    found = {"for_user_id": user}
    if posts:
        found["user_has_blocked"] = False
        found["tweet_create_events"] = [status(world, base_url, one) for one in posts]
    if messages:
        people = {
            one
            for message in messages
            for one in world.conversations[message.conversation].people
        }
        found["direct_message_events"] = [
            message_event(world, base_url, one) for one in messages
        ]
        found["users"] = {
            one: person(world, base_url, world.users[one]) | {"id": one}
            for one in people
        }
        found["apps"] = {}
    if deleted:
        found["tweet_delete_events"] = [
            {
                "status": {"id": one.id, "user_id": one.author},
                "timestamp_ms": str(int(world.gone[one.id].timestamp() * 1000)),
            }
            for one in deleted
        ]
    return found


def revoked(app, user, moment) -> dict:
    """``user_event`` of the Account Activity API."""
    return {
        "user_event": {
            "revoke": {
                "date_time": stamp(moment),
                "target": {"app_id": app.id},
                "source": {"user_id": user.id},
            }
        }
    }
