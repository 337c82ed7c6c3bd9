"""How the Graph API shows posts and comments: fields, nested lists, pages of a list.

From the fact sheet meta §1, §2; it never reads an adapter.
"""

import json
import re

from .facebook_world import Comment, FacebookWorld, Post
from .meta_graph import GraphError

NAME = re.compile(r"\w+")
MODIFIER = re.compile(r"\.(\w+)\(([^()]*)\)")
#: what a list gives at most (§2)
MOST = 100


def parse_fields(text: str) -> list[tuple[str, dict, str]]:
    """(name, modifiers, fields of it) of ``id,from{id},comments.limit(2){id}``."""
    found, at = [], 0
    while at < len(text):
        name = NAME.match(text, at)
        if not name:
            raise GraphError(2500)
        at, modifiers = name.end(), {}
        while modifier := MODIFIER.match(text, at):
            modifiers[modifier[1]], at = modifier[2], modifier.end()
        inner = ""
        if text[at : at + 1] == "{":
            end = _closing(text, at)
            inner, at = text[at + 1 : end], end + 1
        found.append((name[0], modifiers, inner))
        if at < len(text) and text[at] != ",":
            raise GraphError(2500)
        at += 1
    return found


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return at
    raise GraphError(2500)


POST_FIELDS = frozenset(
    "id message story from created_time permalink_url message_tags attachments "
    "comments is_hidden".split()
)
COMMENT_FIELDS = frozenset(
    "id message from created_time parent permalink_url attachment message_tags "
    "is_hidden can_hide can_remove can_like can_comment can_reply_privately "
    "private_reply_conversation comment_count like_count object comments".split()
)


class FacebookView(FacebookWorld):
    """What is shown to a page's token."""

    def __init__(self):
        super().__init__()
        #: pages of lists that are empty and still have a next one
        self.empty_lists = 0
        #: cursors of before are no longer known (§1: not durable)
        self.forget_cursors = 0

    def written_at(self, at: float) -> str:
        return self.written(int(at * 1000))

    # --- one thing --------------------------------------------------------------
    def shown(self, said, page, fields: str) -> dict:
        known = POST_FIELDS if isinstance(said, Post) else COMMENT_FIELDS
        found = {"id": said.id}
        for name, modifiers, inner in parse_fields(fields or "id"):
            if name not in known:
                raise GraphError(100)  # (#100) Tried accessing nonexisting field
            if name == "comments":
                found[name] = self.listed(
                    self.below(said, modifiers),
                    {**modifiers, "fields": inner},
                    lambda one, wanted: self.shown(one, page, wanted),
                )
                continue
            value = self._value(said, name, page)
            if value is not None:
                found[name] = self._cut(value, inner)
        return found

    def _cut(self, value, inner: str):
        if not inner or not isinstance(value, dict):
            return value
        if "data" in value:
            rows = [self._cut(one, inner) for one in value["data"]]
            return value | {"data": rows}
        wanted = [name for name, _modifiers, _inner in parse_fields(inner)]
        return {key: one for key, one in value.items() if key in wanted}

    def _value(self, said, name: str, page):
        if name == "message":
            return said.message or None
        if name == "from":
            hidden = said.nameless and said.author is not None
            return None if hidden else self.person(said.author, page)
        if name == "created_time":
            return self.written_at(said.at)
        if name == "message_tags":
            return said.tags or None
        if name == "is_hidden":
            return said.hidden
        if isinstance(said, Post):
            return self._of_post(said, name)
        return self._of_comment(said, name)

    def _of_post(self, post: Post, name: str):
        if name == "permalink_url":
            return self.link_of(post)
        if name == "attachments" and post.attachments:
            return {"data": [self._fresh(one) for one in post.attachments]}
        return None

    def _fresh(self, attachment: dict) -> dict:
        """Addresses are signed anew with each look, and end."""
        shown = {key: one for key, one in attachment.items() if key != "file"}
        if "file" in attachment:
            image = {
                **shown["media"]["image"],
                "src": self.file_url(attachment["file"]),
            }
            shown["media"] = {**shown["media"], "image": image}
        return shown

    def _of_comment(self, said: Comment, name: str):
        own = said.author is None
        used = self.public.get(said.id, {}).get("used")
        values = {
            "permalink_url": lambda: self.comment_link(said),
            "attachment": lambda: said.attachment and self._fresh(said.attachment),
            "parent": lambda: said.parent and {"id": said.parent.id},
            "object": lambda: {"id": said.post.number},
            "can_hide": lambda: said.may.get(name, not own),
            "can_remove": lambda: said.may.get(name, True),
            "can_like": lambda: said.may.get(name, True),
            "can_comment": lambda: said.may.get(name, True),
            "can_reply_privately": lambda: said.may.get(name, not own and not used),
            "private_reply_conversation": lambda: used and {"id": "t_1"},
            "comment_count": lambda: len(self.below(said, {})),
            "like_count": lambda: len(said.likes),
        }
        found = values[name]() if name in values else None
        # empty ones are left out; "may not" is told
        return found if found or name.startswith("can_") else None

    # --- lists ------------------------------------------------------------------
    def below(self, above, query: dict) -> list[Comment]:
        """Comments as ``filter`` and ``order`` say (§2)."""
        now = self.now().timestamp()
        if isinstance(above, Comment):
            rows = [one for one in self.comments.values() if one.parent is above]
        else:
            rows = [one for one in self.comments.values() if one.post is above]
            if query.get("filter", "toplevel") != "stream":
                rows = [one for one in rows if one.parent is None]
        rows = [one for one in rows if not one.gone and one.listed_at <= now]
        if query.get("since"):
            rows = [one for one in rows if one.at >= float(query["since"])]
        newest = query.get("order") == "reverse_chronological"
        # what was written in one second comes in the order of its writing
        rows.sort(key=lambda one: one.at)
        return rows[::-1] if newest else rows

    def listed(self, rows: list, query: dict, shown) -> dict:
        """One page; it may be empty and still have a next one (§1)."""
        size = min(int(query.get("limit") or 25), MOST)
        start = self._where(query.get("after", ""), len(rows))
        turn = self.empty_lists
        found = [] if turn else rows[start : start + size]
        self.empty_lists = max(0, turn - 1)
        end = start + len(found)
        answer = {"data": [shown(one, query.get("fields", "")) for one in found]}
        cursors = {
            "before": f"b{start}",
            "after": f"a{end}.{turn}.{self.forget_cursors}",
        }
        if found or end < len(rows):
            answer["paging"] = {"cursors": cursors}
        if end < len(rows):
            answer["paging"]["next"] = f"{self.url}/next?after={cursors['after']}"
        return answer

    def _where(self, cursor: str, count: int) -> int:
        if not cursor:
            return 0
        found = re.fullmatch(r"a(\d+)\.\d+\.(\d+)", cursor)
        if not found or int(found[2]) != self.forget_cursors or int(found[1]) > count:
            raise GraphError(100)
        return int(found[1])

    def edge(self, page, name: str, query: dict) -> list[Post]:
        """Posts of an edge, the newest first, between two moments (§2)."""
        edges = {
            "published_posts": ("published",),
            "visitor_posts": ("visitor",),
            "tagged": ("tagged",),
            "ads_posts": ("ads",),
            "feed": ("published", "visitor", "tagged"),
        }[name]
        rows = [
            one
            for one in self.posts.values()
            if one.page is page and one.edge in edges and not one.deleted
        ]
        if query.get("since"):
            rows = [one for one in rows if one.at >= float(query["since"])]
        if query.get("until"):
            rows = [one for one in rows if one.at <= float(query["until"])]
        return sorted(rows, key=lambda one: one.at)[::-1]


def sub_answer(answer) -> dict:
    """A sub-call's answer within a batch (§1)."""
    data, _kind = answer.encode()
    return {"code": answer.status, "headers": [], "body": data.decode()}


def batch_of(text: str) -> list[dict]:
    calls = json.loads(text)
    if not 0 < len(calls) <= 50:
        raise GraphError(100)
    return calls
