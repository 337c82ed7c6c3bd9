"""A Facebook Page in memory: posts, comments at two levels, who may see what, pushes.

From the fact sheet meta §1, §2, §3, §7; it never reads an adapter. Private messages are
those of ``meta_messages``.
"""

import itertools
from dataclasses import dataclass, field

from .meta_messages import MetaMessages
from .meta_messages_world import Customer

DAY = 24 * 3600
SCOPES = [
    "pages_show_list",
    "pages_manage_metadata",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "pages_messaging",
]


@dataclass
class FacebookPage:
    id: str
    name: str = "Acme"
    username: str = "acme"
    token: str = ""
    #: fields that are pushed to our app; None: the app is not installed on it
    fields: list | None = None
    blocked: set = field(default_factory=set)


@dataclass
class Post:
    """``edge``: published, visitor, tagged or ads. ``author`` None: the page."""

    id: str
    page: FacebookPage
    edge: str
    message: str
    at: float
    author: Customer | None = None
    attachments: list = field(default_factory=list)
    deleted: bool = False
    #: ``from`` is withheld (§2, *tagged*)
    nameless: bool = False
    tags: list = field(default_factory=list)
    likes: set = field(default_factory=set)
    hidden: bool = False

    @property
    def number(self) -> str:
        return self.id.partition("_")[2]


@dataclass
class Comment:
    """``parent``: the first comment of its branch; there are two levels (§2)."""

    id: str
    post: Post
    message: str
    at: float
    author: Customer | None = None
    parent: "Comment | None" = None
    attachment: dict | None = None
    deleted: bool = False
    nameless: bool = False
    hidden: bool = False
    #: listed only from then on: spam filter, deferred indexing (§2)
    listed_at: float = 0
    may: dict = field(default_factory=dict)
    tags: list = field(default_factory=list)
    likes: set = field(default_factory=set)

    @property
    def gone(self) -> bool:
        above = self.parent is not None and self.parent.deleted
        return self.deleted or above or self.post.deleted


class FacebookWorld(MetaMessages):
    """State, and the payloads that tell of it."""

    def __init__(self):
        super().__init__()
        self.pages: dict[str, FacebookPage] = {}
        self.posts: dict[str, Post] = {}
        self.comments: dict[str, Comment] = {}
        self._posts = itertools.count(122_100_001)
        #: pictures that came with our comments: comment id -> bytes
        self.pictures: dict[str, bytes] = {}
        self.page = self.add_page("370111222333444")
        self.token = self.page.token
        self.user_token = "EAAGuser" + "u" * 30
        self.tokens[self.user_token] = self._facts(expires=60 * DAY)

    def _facts(self, expires=0, data=90 * DAY, scopes=None) -> dict:
        now = int(self.now().timestamp())
        return {
            "expires_at": now + expires if expires else 0,
            "data_access_expires_at": now + data if data else 0,
            "scopes": list(SCOPES if scopes is None else scopes),
        }

    def add_page(self, one_id: str, name="Acme", username="acme") -> FacebookPage:
        page = FacebookPage(one_id, name, username, f"EAAGpage{one_id}" + "p" * 20)
        self.pages[one_id] = page
        self.tokens[page.token] = self._facts()
        self.add_inbox(one_id, "messenger")
        return page

    # --- what people do ---------------------------------------------------------
    def _new_number(self) -> str:
        # beyond 2^53 with the page before it: never a number (§1)
        return str(next(self._posts) * 1_000_000_007)

    def write_post(
        self, message="Our summer sale", author=None, edge="", **more
    ) -> Post:
        page = more.pop("page", self.page)
        edge = edge or ("visitor" if author else "published")
        # a post on somebody else's wall has that person's id before it
        owner = author.id if edge == "tagged" else page.id
        at = more.pop("at", self.now().timestamp())
        one_id = f"{owner}_{self._new_number()}"
        post = Post(one_id, page, edge, message, at, author, **more)
        self.posts[post.id] = post
        if author:
            self.public[post.id] = {"person": author, "at": at, "used": False}
        if edge in ("visitor", "published"):
            self.tell_post(post)
        elif edge == "tagged":
            value = {"post_id": post.id, "sender_name": author.name}
            value |= {"item": "post", "verb": "add", "created_time": int(at)}
            self.push(value, page, "mention")
        return post

    def comment(self, author, message, above=None, **more) -> Comment:
        """Somebody comments; ``above`` is a post or a comment of any level."""
        above = above or self.any_post()
        post = above if isinstance(above, Post) else above.post
        parent = above if isinstance(above, Comment) else None
        if parent is not None and parent.parent is not None:
            parent = parent.parent  # there are two levels and no more (§2)
        at = more.pop("at", self.now().timestamp())
        one_id = f"{post.number}_{self._new_number()}"
        push = more.pop("push", True)
        made = Comment(one_id, post, message, at, author, parent, **more)
        self.comments[one_id] = made
        if author:
            self.public[one_id] = {"person": author, "at": at, "used": False}
        if push:
            self.tell_comment(made)
        return made

    def any_post(self) -> Post:
        own = (one for one in self.posts.values() if one.author is None)
        return next(own, None) or self.write_post()

    def edit(self, said, text: str):
        if not isinstance(said, Comment | Post):
            return super().edit(said, text)
        self.advance(seconds=2)
        said.message = text
        if isinstance(said, Comment):
            return self.tell_comment(said, "edited")
        return self.tell_post(said, "edited")

    def remove(self, said):
        """By the author or by the page: it looks the same (§2)."""
        self.advance(seconds=2)
        said.deleted = True
        value = self._named(said) | {"verb": "remove"}
        for key in ("message", "from", "photo", "post"):
            value.pop(key, None)
        value["created_time"] = int(self.now().timestamp())
        self.push(value, self._page_of(said))

    def hide(self, said: Comment, hidden=True):
        """A colleague hides it in Facebook's own app."""
        said.hidden = hidden
        verb = "hide" if hidden else "unhide"
        self.push(self._named(said) | {"verb": verb}, said.post.page)

    def react(self, said, emoji="😍", action="react", who=None, kind="love"):
        if not isinstance(said, Comment | Post):
            return super().react(said, emoji, action)
        value = self._named(said)
        value.pop("message", None)
        value |= {"item": "reaction", "verb": "add", "reaction_type": kind}
        value["from"] = {"id": who.id, "name": who.name}
        self.push(value, self._page_of(said))

    def mention_in_comment(self, author, message="@Acme look") -> Comment:
        """A comment that names the page, somewhere else: only ids are told."""
        wall = self.write_post("Elsewhere", author, "elsewhere")
        said = self.comment(author, message, wall, push=False)
        value = {"comment_id": said.id, "post_id": wall.id, "item": "comment"}
        value |= {"verb": "add", "sender_name": author.name}
        self.push(value, self.page, "mention")
        return said

    # --- what is told -----------------------------------------------------------
    @staticmethod
    def _page_of(said) -> FacebookPage:
        return said.page if isinstance(said, Post) else said.post.page

    def person(self, author, page) -> dict:
        if author is None:
            return {"id": page.id, "name": page.name}
        return {"id": author.id, "name": author.name}

    def _named(self, said) -> dict:
        """What every change about it has."""
        post = said if isinstance(said, Post) else said.post
        value = {"post_id": post.id, "created_time": int(said.at)}
        if said.message:
            value["message"] = said.message
        if not said.nameless:
            value["from"] = self.person(said.author, post.page)
        if isinstance(said, Post):
            return value | {"item": "status" if said.author is None else "post"}
        return value | {
            "item": "comment",
            "comment_id": said.id,
            "parent_id": said.parent.id if said.parent else post.id,
            "post": {
                "id": post.id,
                "status_type": "added_photos",
                "is_published": post.edge != "ads",
                "permalink_url": self.link_of(post),
                "promotion_status": "active" if post.edge == "ads" else "inactive",
            },
        }

    def tell_post(self, post: Post, verb="add"):
        value = self._named(post) | {"verb": verb, "published": 1}
        photos = [one["media"]["image"]["src"] for one in post.attachments]
        if len(photos) == 1:
            value |= {"item": "photo", "link": photos[0], "photo_id": "9"}
        elif photos:
            value["photos"] = photos
        self.push(value, post.page)

    def tell_comment(self, said: Comment, verb="add"):
        value = self._named(said) | {"verb": verb}
        if said.attachment:
            value["photo"] = said.attachment["media"]["image"]["src"]
        self.push(value, said.post.page)

    def push(self, value: dict, page=None, field="feed") -> dict:
        page = page or self.page
        entry = {"id": page.id, "time": int(self.now().timestamp())}
        entry["changes"] = [{"field": field, "value": value}]
        payload = {"object": "page", "entry": [entry]}
        self.queue.append(payload)
        return payload

    def picture(self, data: bytes = b"\x89PNG\r\n\x1a\n small") -> dict:
        """An attachment with a picture, as comments and posts show it."""
        name = self.keep_file(data, "image/png")
        image = {"src": self.file_url(name), "height": 720, "width": 720}
        return {"type": "photo", "media": {"image": image}, "file": name}

    # --- addresses --------------------------------------------------------------
    @staticmethod
    def link_of(post: Post) -> str:
        if post.edge == "ads":
            owner = post.page.id
            return f"https://www.facebook.com/permalink.php?story_fbid={post.number}&id={owner}"
        return (
            f"https://www.facebook.com/{post.page.username}/posts/pfbid0{post.number}"
        )

    def comment_link(self, said: Comment) -> str:
        link = self.link_of(said.post)
        sign = "&" if "?" in link else "?"
        return f"{link}{sign}comment_id={said.id.partition('_')[2]}"
