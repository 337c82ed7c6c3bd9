"""Instagram in memory: posts, comments, mentions, what is pushed of them.

From the fact sheet meta §5, §7; it never reads an adapter. Messages are in
``meta_messages``, whose ``queue`` holds what is not delivered yet, comments too.
"""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .meta_messages import MetaMessages
from .meta_messages_world import Customer

OBJECT = "instagram"


@dataclass
class Post:
    """``owner`` is the name of who posted it; '' = we did."""

    id: str
    shortcode: str
    caption: str
    at: datetime
    owner: str = ""
    kind: str = "FEED"
    tagged: bool = False
    deleted: bool = False
    #: a live video that is on the air
    live: bool = False

    @property
    def permalink(self) -> str:
        return f"https://www.instagram.com/p/{self.shortcode}/"


@dataclass
class Comment:
    """``person`` None: ours."""

    id: str
    post: Post
    person: Customer | None
    text: str
    at: datetime
    parent: "Comment | None" = None
    hidden: bool = False
    deleted: bool = False
    extra: dict = field(default_factory=dict)


class InstagramWorld(MetaMessages):
    """State, and the payloads that tell of it."""

    own, handle = "17841405822304914", "acme"
    #: the account's number with Instagram Login, beside the one that webhooks name
    scoped = "9305821736492501"
    page = "104927364918273"
    page_token = "EAAGpagetoken" + "p" * 40
    user_token = "EAAGusertoken" + "u" * 40
    ig_token = "IGAAlonglived" + "i" * 40
    scopes = (
        "instagram_basic",
        "instagram_manage_comments",
        "instagram_manage_messages",
        "pages_show_list",
        "pages_read_engagement",
        "pages_manage_metadata",
    )

    def __init__(self, login="facebook"):
        super().__init__()
        self.login = login
        self.token = self.page_token if login == "facebook" else self.ig_token
        facts = {"expires_at": 0, "data_access_expires_at": 0}
        self.tokens = {
            one: {**facts, "scopes": [*self.scopes]}
            for one in (self.page_token, self.user_token, self.ig_token)
        }
        node = self.page if login == "facebook" else self.own
        self.add_inbox(node, "instagram", self.own)
        self.posts: dict[str, Post] = {}
        self.comments: dict[str, Comment] = {}
        #: are our own comments pushed as well?
        self.tells_own_comments = False
        #: fields of the page's, or of the account's, own subscription
        self.pushed_fields: set[str] = set()
        self._ids = itertools.count(17900000000000001, 3)
        self._clock = datetime.now(timezone.utc).replace(microsecond=0)
        self.post("Our new lamps")

    # --- time -----------------------------------------------------------------
    def now(self) -> datetime:
        """As a server's clock; it stands still unless it is told to go on."""
        return self._clock

    def advance(self, **kwargs):
        self._clock += timedelta(**kwargs)

    @staticmethod
    def shown(moment: datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")

    # --- posts ----------------------------------------------------------------
    def post(self, caption="", owner="", **values) -> Post:
        """:param values: ``ago`` (timedelta), and fields of ``Post``"""
        number = next(self._ids)
        at = self._clock - values.pop("ago", timedelta())
        found = Post(str(number), f"D{number:x}", caption, at, owner, **values)
        self.posts[found.id] = found
        return found

    @property
    def latest(self) -> Post:
        return [one for one in self.posts.values() if not one.owner][-1]

    def media_row(self, post: Post) -> dict:
        row = {
            "id": post.id,
            "caption": post.caption,
            "media_type": "IMAGE",
            "media_product_type": post.kind,
            "permalink": post.permalink,
            "timestamp": self.shown(post.at),
            "comments_count": len(self.below(post)),
            "username": post.owner or self.handle,
        }
        # what has no words has no such key
        return {key: one for key, one in row.items() if one != ""}

    def below(self, post: Post) -> list[Comment]:
        """All that is said there, answers as well."""
        return [
            one
            for one in self.comments.values()
            if one.post is post and not self.is_gone(one)
        ]

    @staticmethod
    def is_gone(comment: Comment) -> bool:
        above = comment.parent
        return comment.deleted or comment.post.deleted or bool(above and above.deleted)

    # --- comments -------------------------------------------------------------
    def comment(self, person, text="Hello", post=None, parent=None, **more) -> Comment:
        """Somebody comments, or we do in the app (``person`` None); it waits to be
        delivered.

        :param more: ``quiet``: it is not; ``at``; keys of the pushed ``media``
        """
        post = parent.post if parent else post or self.latest
        parent = parent.parent or parent if parent else None
        quiet, at = more.pop("quiet", False), more.pop("at", self._clock)
        found = Comment(str(next(self._ids)), post, person, text, at, parent)
        found.extra = more
        self.comments[found.id] = found
        if person:
            self.public[found.id] = {"person": person, "at": at.timestamp()}
        if not quiet and (person or self.tells_own_comments) and not post.owner:
            self.queue.append(self.comment_payload(found))
        return found

    def comment_row(self, one: Comment) -> dict:
        told = {"id": self.own, "username": self.handle}
        if one.person:
            told = {"id": one.person.id, "username": one.person.username}
        row = {
            "id": one.id,
            "text": one.text,
            "timestamp": self.shown(one.at),
            "username": told["username"],
            "from": told,
            "hidden": one.hidden,
            "like_count": 0,
            "media": {
                "id": one.post.id,
                "permalink": one.post.permalink,
                "media_product_type": one.post.kind,
            },
        }
        if one.parent:
            row["parent_id"] = one.parent.id
        return row

    def comment_payload(self, one: Comment) -> dict:
        """Without a time of its own (§5)."""
        row = self.comment_row(one)
        media = {"id": one.post.id, "media_product_type": one.post.kind, **one.extra}
        value = {"id": one.id, "text": one.text, "from": row["from"], "media": media}
        if one.parent:
            value["parent_id"] = one.parent.id
        return self.change("live_comments" if one.post.live else "comments", value)

    def change(self, field_name: str, value: dict) -> dict:
        """A delivery, in the shape of either way to sign in."""
        entry = {"id": self.own, "time": int(self._clock.timestamp())}
        change = {"field": field_name, "value": value}
        if self.login == "facebook":
            entry["changes"] = [change]
        else:
            entry |= change
        return {"object": OBJECT, "entry": [entry]}

    # --- elsewhere ------------------------------------------------------------
    def mention(self, person, text="Look, @acme", post=None) -> Comment:
        """Somebody names us below somebody else's post; only ids are pushed."""
        post = post or self.post("My garden", owner="garden_jo")
        found = self.comment(person, text, post, quiet=True)
        self.queue.append(
            self.change("mentions", {"media_id": post.id, "comment_id": found.id})
        )
        return found

    def caption_mention(self, person, caption="Thanks @acme for nothing") -> Post:
        found = self.post(caption, owner=person.username)
        self.queue.append(self.change("mentions", {"media_id": found.id}))
        return found

    def named_in(self, comment: Comment | None, post: Post | None) -> bool:
        text = comment.text if comment else post.caption if post else ""
        return f"@{self.handle}" in text.lower()

    # --- stories, which come as messages ----------------------------------------
    def story_mention(self, person):
        name = self.keep_file(b"\x89PNG\r\n\x1a\n story", "image/png")
        payload = {"url": self.file_url(name)}
        return self.write(
            person, "", attachments=[{"type": "story_mention", "payload": payload}]
        )

    def story_reply(self, person, text="So nice"):
        name = self.keep_file(b"\x89PNG\r\n\x1a\n story", "image/png")
        story = {"url": self.file_url(name), "id": str(next(self._ids))}
        return self.write(person, text, reply_to={"story": story})

    # --- what can be seen -------------------------------------------------------
    def said_in_public(self) -> list[Comment]:
        """Comments that our app made and that still stand."""
        return [
            one
            for one in self.comments.values()
            if one.extra.get("by_app") and not self.is_gone(one)
        ]
