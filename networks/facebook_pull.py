"""Reads the posts of a Page, what visitors write there, and the comments below.

One page per call, as ``facebook_pages`` says where to look. What stands above a
message, one message anew, a link that somebody pasted are read here as well. It decides
nothing about them. Fact sheet meta §2.
"""

import json
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from . import errors, items
from .facebook_content import address, attachments, read_media_ref, same
from .facebook_link import Place, place_of
from .facebook_pages import RECENT, Dig, Position, nested, seconds
from .facebook_values import object_id, post_of, read_ref, ref_of
from .meta_graph import GraphLine, written_moment
from .meta_graph_errors import refusal
from .meta_graph_push import short
from .values import mapping, number, words

#: edges of the page that list posts -> are they our own? (§2)
STREAMS = {
    "published_posts": True,
    "visitor_posts": False,
    "tagged": False,
    "ads_posts": True,
}
COMMENT_FIELDS = (
    "id,message,from{id,name},created_time,parent{id},permalink_url,attachment,"
    "message_tags,is_hidden,can_hide,can_remove,can_like,can_comment,"
    "can_reply_privately,private_reply_conversation"
)
POST_FIELDS = (
    "id,message,story,from{id,name},created_time,permalink_url,message_tags,"
    "attachments{type,title,url,media,target,subattachments}"
)
#: posts per call, and comments nested in each: 25 x 25 are an answer of reasonable size
POSTS, NESTED = 25, 25
COMMENTS = 100
#: sub-calls of a batch (§1: 50 at most)
BATCH = 50
#: posts looked through for the one behind a link that names it by a word
LINKS = 100
DAY = 24 * 3600


class FacebookPull(GraphLine):
    """Reading the public half; no adapter yet."""

    reread_batch = BATCH
    reread_audiences = (items.PUBLIC,)

    def _page(self) -> str:
        """:raises ConfigError: nobody knows yet which page it is"""
        found = words(self.facts.get("id"))
        if not found:
            raise errors.ConfigError("missing_setting", "page_id")
        return found

    # --- raw items ------------------------------------------------------------
    def _item(self, kind: str, value: dict, **more) -> items.RawItem:
        """One state of a post or comment: the same state again is known already."""
        now = seconds(self.now())
        data = {"kind": kind, "value": value, "page": self._page(), "seen": now}
        prefix, revision = more.pop("prefix", ""), more.pop("revision", "")
        data |= {key: one for key, one in more.items() if one}
        return items.RawItem(
            f"{prefix}{kind}:{object_id(value.get('id')) or short(value)}",
            data,
            f"{short(same(value))}{revision}",
            self._page(),
            written_moment(value.get("created_time")),
        )

    def _hidden_items(self, value: dict, revision="") -> list[items.RawItem]:
        """It is hidden: for who did not hear of it when it happened."""
        one_id = object_id(value.get("id"))
        if value.get("is_hidden") is not True or not one_id:
            return []
        data = {"kind": "hidden", "id": one_id, "hidden": True, "page": self._page()}
        data["at"] = seconds(self.now())
        return [items.RawItem(f"hidden:{one_id}", data, revision, self._page())]

    def _comment_items(self, rows, down_to: int, **more) -> list[items.RawItem]:
        found = []
        # the latest came first; within one second nothing else tells their order
        for row in reversed(rows):
            at = written_moment(row.get("created_time"))
            if at and seconds(at) < down_to:
                continue
            found.append(self._item("comment", row, **more))
            found += self._hidden_items(row)
        return found

    # --- the pull -------------------------------------------------------------
    def fetch_posts(self, stream: str, cursor: str, since: datetime) -> items.Page:
        """One page of posts with their latest comments, or of one post's comments."""
        now = self.now()
        position = Position.load(cursor, now).begin(now)
        part = position.part
        try:
            if part == "dig":
                found, position = self._dig(position, since)
            else:
                found, position = self._list(stream, part, position, since)
        except errors.RejectedError as error:
            stale = error.code == "bad_parameter" and position.without_cursors()
            if not stale or stale == position:
                raise
            # Meta's cursors do not live long (§1): from the top of this part again
            return items.Page((), stale.dump(), True, False)
        closed = not position.digs
        ends = not position.part
        if ends:
            position = position.finish()
        found.sort(key=lambda one: (one.sent_at is None, one.sent_at or now))
        return items.Page(tuple(found), position.dump(), not ends, closed)

    def _list(self, stream, part, position: Position, since):
        """Posts of the last days, or older ones than those that were read."""
        recent = position.began - int(RECENT.total_seconds())
        query = {"since": str(recent)}
        if part == "older":
            query = {"until": str(position.until or recent)}
        comments = (
            f"comments.filter(stream).order(reverse_chronological).limit({NESTED})"
            f"{{{COMMENT_FIELDS}}}"
        )
        rows, after = self._listed(
            f"{self._page()}/{stream}",
            position.after,
            fields=f"{POST_FIELDS},{comments}",
            limit=str(POSTS),
            **query,
        )
        found, digs, ours = [], [], STREAMS[stream]
        floor, horizon = position.floor(part, since), position.horizon(part, since)
        for row in rows:
            below, more = nested(row)
            found += self._post_items(row, below, floor, seconds(since), ours)
            times = [written_moment(one.get("created_time")) for one in below]
            oldest = min(map(seconds, filter(None, times)), default=0)
            post = object_id(row.get("id"))
            if post and more and oldest >= horizon:
                digs.append(Dig(post, horizon, ours))
        written = [written_moment(row.get("created_time")) for row in rows]
        oldest = min(map(seconds, filter(None, written)), default=0)
        return found, position.listed(part, after, oldest, self.now()).wait(digs)

    def _post_items(self, row, below, floor, since, ours) -> list[items.RawItem]:
        """A post and its new comments; one that is old comes along with them only."""
        post = object_id(row.get("id"))
        comments = self._comment_items(below, floor, post=post)
        at = written_moment(row.get("created_time"))
        fresh = at is None or seconds(at) >= since
        if not fresh and not comments:
            return []
        value = {key: one for key, one in row.items() if key != "comments"}
        # what was written before we looked asks for nothing
        whole = self._item("post", value, ours=ours, context=not fresh)
        return [whole, *comments]

    def _dig(self, position: Position, since):
        """Comments of one post, the latest first, down to what is known."""
        dig = position.digs[0]
        try:
            rows, after = self._listed(
                f"{dig.post}/comments",
                dig.after,
                filter="stream",
                order="reverse_chronological",
                since=str(dig.down_to),
                limit=str(COMMENTS),
                fields=COMMENT_FIELDS,
            )
        except errors.NotFoundError:
            # deleted meanwhile, with all that is below it
            return [], position.dug("", self.now())
        found = self._comment_items(rows, dig.down_to, post=dig.post)
        times = [written_moment(one.get("created_time")) for one in rows]
        if any(at and seconds(at) < dig.down_to for at in times):
            after = ""
        return found, position.dug(after, self.now())

    # --- single ones ----------------------------------------------------------
    def _read(self, ref: str) -> dict:
        """A post or a comment as it is now.

        :raises NotFoundError: gone, or not for us to see
        """
        kind, one_id = read_ref(ref)
        if not one_id:
            raise errors.NotFoundError("not_found", ref[:60])
        fields = POST_FIELDS if kind == "post" else COMMENT_FIELDS
        found = self._call("GET", one_id, query={"fields": fields})
        if not object_id(found.get("id")):
            raise errors.MalformedResponse("malformed", kind)
        return found

    def fetch_announced(self, ref: str) -> items.Page:
        """What a webhook named: somebody mentioned the page somewhere."""
        kind, _one_id = read_ref(ref)
        return items.Page((self._item(kind, self._read(ref)),))

    def fetch_context(self, ref: str) -> items.Page:
        """The post, and the first comment of the branch, in that order; two or three
        calls. What cannot be read is left out: photos are no posts, people hide them.
        """
        kind, one_id = read_ref(ref)
        if kind == "post":
            return items.Page()
        parent = object_id(mapping(self._read(ref).get("parent")).get("id"))
        above = [ref_of("post", post_of(one_id, self._page()))]
        above += [parent] if parent else []
        found = []
        for one in filter(None, above):
            try:
                value = self._read(one)
            except (errors.RejectedError, errors.MalformedResponse):
                continue
            found.append(self._item(read_ref(one)[0], value, prefix="context:"))
        return items.Page(tuple(found))

    def reread(self, refs: list[str]) -> items.Page:
        """Each in a sub-call of one batch: a multi-id call fails for one missing id.

        A state is told once a day, so that words that were changed back are found.
        """
        known = [ref for ref in refs if read_ref(ref)[1]][:BATCH]
        found, day = [], f".{seconds(self.now()) // DAY}"
        for ref, answer in zip(known, self._batch(known), strict=True):
            kind, one_id = read_ref(ref)
            gone = isinstance(answer, errors.NotFoundError)
            if gone:
                data = {"kind": "gone", "id": one_id, "page": self._page()}
                data["at"] = seconds(self.now())
                found.append(items.RawItem(f"gone:{one_id}", data, "", self._page()))
            elif isinstance(answer, dict) and object_id(answer.get("id")):
                found.append(self._item(kind, answer, revision=day))
                found += self._hidden_items(answer, day)
        return items.Page(tuple(found))

    def _batch(self, refs: list[str]) -> list[dict | errors.NetworkError | None]:
        """:raises RateLimited: the meters are full, for one as for all"""
        if not refs:
            return []
        calls = []
        for ref in refs:
            kind, one_id = read_ref(ref)
            fields = POST_FIELDS if kind == "post" else COMMENT_FIELDS
            calls.append({"method": "GET", "relative_url": f"{one_id}?fields={fields}"})
        form = {"batch": json.dumps(calls), "include_headers": "false"}
        response = self._call("POST", "", form=form, shape=list)
        if len(response) != len(refs):
            raise errors.MalformedResponse("malformed", "batch")
        found = [_answer(mapping(one)) for one in response]
        for one in found:
            if isinstance(one, errors.RateLimited | errors.AuthError):
                if not isinstance(one, errors.ScopeError):
                    raise one
        return found

    # --- files ----------------------------------------------------------------
    def _file_address(self, ref: str) -> str:
        """Where a file of a post or comment is now.

        :raises NotFoundError: it is not there any more
        """
        kind, one_id, place = read_media_ref(ref)
        if not one_id:
            raise errors.NotFoundError("not_found", "media")
        rows = attachments(self._read(ref_of(kind, one_id)))
        found = address(rows[place]) if place < len(rows) else ""
        if not found:
            raise errors.NotFoundError("not_found", "media")
        return found

    # --- links ----------------------------------------------------------------
    def resolve(self, permalink: str) -> items.RawItem:
        """The post or comment behind a link; a post that the link names by a word only
        is looked for among our latest (§2)."""
        place = place_of(permalink)
        if place is None:
            raise errors.RejectedError("not_found", permalink[:100])
        post = f"{place.owner or self._page()}_{place.number}"
        if place.word:
            post = self._post_by_word(place)
        if place.comment:
            ref = f"{post.partition('_')[2]}_{place.comment}"
            return self._item("comment", self._read(ref), post=post)
        return self._item("post", self._read(ref_of("post", post)))

    def _post_by_word(self, place: Place) -> str:
        rows, _after = self._listed(
            f"{self._page()}/feed", fields="id,permalink_url", limit=str(LINKS)
        )
        for row in rows:
            path = urlsplit(words(row.get("permalink_url"))).path
            if place.word in path.split("/"):
                return object_id(row.get("id"))
        raise errors.NotFoundError("not_found", place.word[:60])


def _answer(one: dict) -> dict | errors.NetworkError | None:
    """What a sub-call of a batch said; None where nobody can tell."""
    status, body = number(one.get("code")), words(one.get("body"))
    if status == 200:
        try:
            return mapping(json.loads(body))
        except (ValueError, RecursionError):
            return None
    return refusal(SubAnswer(body.encode(), status or 0, {}), False)


class SubAnswer(NamedTuple):
    """As much of an answer as a refusal is read from."""

    content: bytes
    status: int
    headers: dict
