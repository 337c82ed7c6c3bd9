"""The JSON that X gives: posts, people, files, private events (fact sheet x §5).

Only ``id``, ``text`` and the history come unasked; everything else is asked by
``*.fields``, and what is pointed at comes in ``includes`` when expanded.
"""

from datetime import datetime

from . import x_words
from .x_world import EDIT_WINDOW

PROBLEMS = "https://api.x.com/2/problems/"
#: the other spelling, of the OpenAPI file (§0)
RENAMED = {
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "tweet_count": "post_count",
    "retweet_count": "repost_count",
    "tweets": "posts",
}


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def renamed(value):
    """The same answer with the names of the OpenAPI file."""
    if isinstance(value, list):
        return [renamed(one) for one in value]
    if isinstance(value, dict):
        return {RENAMED.get(key, key): renamed(one) for key, one in value.items()}
    return value


class View:
    """Shapes for one question.

    :param viewer: id of the user who asks; empty for an app alone
    :param fields: kind -> set of the fields asked for
    """

    def __init__(self, world, base_url, viewer="", fields=None, expansions=()):
        self.world, self.base_url, self.viewer = world, base_url, viewer
        self.fields, self.expansions = fields or {}, set(expansions)
        self.users, self.posts, self.media = {}, {}, {}
        self.errors = []

    def _pick(self, kind, all_of_it, always):
        wanted = {*always, *self.fields.get(kind, ())}
        return {
            key: value
            for key, value in all_of_it.items()
            if key in wanted and value not in (None, "", [], {})
        }

    # --- posts ----------------------------------------------------------------
    def post(self, post, expand=True) -> dict:
        if expand:
            self._expand_post(post)
        return self._pick(
            "tweet", self.whole(post), ("id", "text", "edit_history_tweet_ids")
        )

    def whole(self, post) -> dict:
        """Every field of a post."""
        text, long = post.text, x_words.weight(post.text) > x_words.LIMIT
        body, entities = x_words.shown(x_words.cut(text) if long else text, self._who)
        for page, key in self._tails(post):
            link = x_words.short(f"{key or page}/{post.id}")
            start = len(body) + 1 if body else 0
            body = f"{body} {link}" if body else link
            one = {
                "start": start,
                "end": start + len(link),
                "url": link,
                "expanded_url": page,
                "display_url": "pic.x.com/simulated" if key else page[8:30],
            }
            entities.setdefault("urls", []).append(
                one | ({"media_key": key} if key else {})
            )
        parent = self.world.posts.get(post.parent)
        found = {
            "id": post.id,
            "text": body,
            "edit_history_tweet_ids": list(post.chain),
            "author_id": post.author,
            "created_at": stamp(post.created_at),
            "conversation_id": post.conversation,
            "in_reply_to_user_id": parent.author if parent else "",
            "referenced_tweets": [
                {"type": kind, "id": one}
                for kind, one in (
                    ("replied_to", post.parent),
                    ("quoted", post.quoted),
                    ("retweeted", post.reposted),
                )
                if one
            ],
            "entities": entities,
            "attachments": {"media_keys": list(post.media)} if post.media else {},
            "lang": post.lang,
            "reply_settings": post.reply_settings,
            "possibly_sensitive": False,
            "public_metrics": {
                "retweet_count": 0,
                "reply_count": sum(
                    one.parent == post.id for one in self.world.posts.values()
                ),
                "like_count": len(post.likes),
                "quote_count": 0,
                "bookmark_count": 0,
                "impression_count": 0,
            },
            "edit_controls": {
                "edits_remaining": 6 - len(post.chain),
                "is_edit_eligible": not post.parent,
                "editable_until": stamp(post.created_at + EDIT_WINDOW),
            },
        }
        if long:
            whole, inner = x_words.shown(text, self._who)
            found["note_tweet"] = {"text": whole, "entities": inner}
        return found

    def _tails(self, post):
        """(address, media key) of what X shows by a link behind the words."""
        for number, key in enumerate(post.media, 1):
            yield f"https://x.com/i/status/{post.id}/photo/{number}", key
        quoted = self.world.posts.get(post.quoted)
        if post.quoted:
            name = self.world.users[quoted.author].username if quoted else "i"
            yield f"https://x.com/{name}/status/{post.quoted}", ""

    def _who(self, handle):
        return self.world.user(handle)

    def _expand_post(self, post):
        asked = self.expansions
        if "author_id" in asked:
            self.include_user(post.author)
        parent = self.world.posts.get(post.parent)
        if "in_reply_to_user_id" in asked and parent:
            self.include_user(parent.author)
        if "attachments.media_keys" in asked:
            for key in post.media:
                self.include_medium(key)
        if "entities.mentions.username" in asked:
            for one in self.world.mentioned(post):
                self.include_user(one)
        if "edit_history_tweet_ids" in asked:
            for one in post.chain:
                self._include_post(one, "edit_history_tweet_ids")
        for other in (post.parent, post.quoted, post.reposted):
            if other and asked & {
                "referenced_tweets.id",
                "referenced_tweets.id.author_id",
            }:
                self._include_post(other, "referenced_tweets.id")

    def _include_post(self, number, parameter):
        post = self.world.posts.get(number)
        if post is None:
            return self.missing("tweet", number, parameter)
        if not self.world.may_see(post, self.viewer):
            return self.missing("tweet", number, parameter, hidden=True)
        self.posts[number] = self.post(post, expand=False)
        if "referenced_tweets.id.author_id" in self.expansions:
            self.include_user(post.author)
        if "attachments.media_keys" in self.expansions:
            for key in post.media:
                self.include_medium(key)
        return None

    def missing(self, kind, number, parameter, hidden=False):
        """A partial error: the answer is a 200 all the same (§5)."""
        title = "Authorization Error" if hidden else "Not Found Error"
        problem = "not-authorized-for-resource" if hidden else "resource-not-found"
        words = "Sorry, you are not authorized to see the" if hidden else "Could not"
        detail = (
            f"{words} Post with {parameter}: [{number}]."
            if hidden
            else f"Could not find {kind} with {parameter}: [{number}]."
        )
        one = {
            "value": number,
            "detail": detail,
            "title": title,
            "resource_type": kind,
            "parameter": parameter,
            "resource_id": number,
            "type": PROBLEMS + problem,
        }
        if one not in self.errors:
            self.errors.append(one)

    # --- people ---------------------------------------------------------------
    def include_user(self, number):
        user = self.world.users.get(number)
        if user is not None and number not in self.users:
            self.users[number] = self.user(user)

    def user(self, user) -> dict:
        posts = [one for one in self.world.posts.values() if one.author == user.id]
        me = self.world.users.get(self.viewer)
        whole = {
            "id": user.id,
            "name": user.name,
            "username": user.username,
            "created_at": stamp(user.created_at),
            "description": user.description,
            "location": user.location,
            "url": user.url,
            "protected": user.protected,
            "verified": user.verified_type != "none",
            "verified_type": user.verified_type,
            "profile_image_url": f"{self.base_url}/profile_images/{user.id}_normal.jpg",
            "public_metrics": {
                "followers_count": len(user.followers) + user.listed,
                "following_count": sum(
                    user.id in one.followers for one in self.world.users.values()
                ),
                "tweet_count": len(posts),
                "listed_count": 0,
                "like_count": 0,
                "media_count": 0,
            },
            "subscription_type": "Premium" if user.premium else "None",
        }
        if me is not None:
            whole["receives_your_dm"] = not user.encrypted and self.world.may_write(
                me, user
            )
            whole["connection_status"] = [
                word
                for word, there in (
                    ("following", me.id in user.followers),
                    ("followed_by", user.id in me.followers),
                    ("blocking", user.id in me.blocks),
                )
                if there
            ]
        return self._pick("user", whole, ("id", "name", "username"))

    # --- files ----------------------------------------------------------------
    def include_medium(self, key, address=""):
        medium = next((m for m in self.world.media.values() if m.key == key), None)
        if medium is None:
            return self.missing("media", key, "attachments.media_keys")
        ending = {"image/png": "png", "image/gif": "gif", "image/webp": "webp"}
        ending = ending.get(medium.mime, "jpg")
        where = f"{self.base_url}/media/{medium.id}"
        whole = {
            "media_key": medium.key,
            "type": medium.kind,
            "alt_text": medium.alt,
            "width": 1200,
            "height": 800,
        }
        if medium.kind == "photo":
            whole["url"] = address or f"{where}.{ending}"
        else:
            whole["preview_image_url"] = f"{where}_preview.jpg"
            whole["variants"] = [
                {"content_type": "application/x-mpegURL", "url": f"{where}.m3u8"},
                {
                    "bit_rate": 256000,
                    "content_type": "video/mp4",
                    "url": f"{where}_low.mp4",
                },
                {
                    "bit_rate": 832000,
                    "content_type": "video/mp4",
                    "url": f"{where}.mp4",
                },
            ]
            if medium.kind == "video":
                whole["duration_ms"] = 12345
        self.media[key] = self._pick("media", whole, ("media_key", "type"))
        return None

    # --- private --------------------------------------------------------------
    def message(self, message) -> dict:
        asked = self.expansions
        text, entities = x_words.shown(message.text, self._who)
        for key in message.media:
            link = x_words.short(f"{key}/{message.id}")
            text = f"{text} {link}" if text else link
            if "attachments.media_keys" in asked:
                number = key.partition("_")[2]
                self.include_medium(
                    key,
                    f"{self.base_url}/2/dm_conversations/media/{message.id}/{number}"
                    f"/{number[-6:]}.jpg",
                )
        if "sender_id" in asked and message.sender:
            self.include_user(message.sender)
        if "participant_ids" in asked:
            for one in message.people:
                self.include_user(one)
        if "referenced_tweets.id" in asked:
            for one in message.posts:
                self._include_post(one, "referenced_tweets.id")
        whole = {
            "id": message.id,
            "event_type": message.kind,
            "text": text,
            "sender_id": message.sender,
            "dm_conversation_id": message.conversation,
            "created_at": stamp(message.created_at),
            "attachments": {"media_keys": list(message.media)} if message.media else {},
            "referenced_tweets": [{"id": one} for one in message.posts],
            "participant_ids": message.people,
            "entities": entities,
        }
        return self._pick("dm_event", whole, ("id", "event_type", "text"))

    # --- the answer -----------------------------------------------------------
    def answer(self, data=None, **more) -> dict:
        """``data`` is left out when there is none; side tables likewise (§3)."""
        includes = {
            name: list(table.values())
            for name, table in (
                ("users", self.users),
                ("tweets", self.posts),
                ("media", self.media),
            )
            if table
        }
        parts = {"data": data, "includes": includes, "errors": self.errors, **more}
        return {key: value for key, value in parts.items() if value}
