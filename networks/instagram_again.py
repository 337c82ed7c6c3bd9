"""Single things of Instagram, read by their names: again, by a link, or as announced.

No webhook tells of an edit or a deletion, so comments are read again: who is told that
one does not exist takes it for deleted, unless nothing at all can be read, which is the
account's trouble and not the comments'. Who names us elsewhere is readable only by way
of that mention. Fact sheet meta §5.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from . import errors, items
from .instagram_comments import MEDIA_FIELDS, InstagramComments
from .instagram_line import FACEBOOK
from .instagram_push import comment_name, version
from .instagram_read import (
    AGAIN,
    GONE,
    LINKED,
    MENTIONED_COMMENT,
    MENTIONED_MEDIA,
    OWN_MEDIA,
    TAGGED_MEDIA,
)
from .instagram_values import (
    BY_MEDIA,
    BY_MENTION,
    HOSTS,
    LINK,
    when,
)
from .instagram_values import permalink as permalink_of
from .meta_graph_batch import GraphBatch
from .meta_graph_messages_pull import Position
from .meta_graph_messages_values import ident
from .values import mapping

ONE_FIELDS = (
    "id,text,timestamp,username,from,parent_id,hidden,"
    "media{id,permalink,media_product_type}"
)
MENTION_FIELDS = "id,text,timestamp,username,media{id,permalink}"
NAMED_FIELDS = "id,caption,media_type,permalink,timestamp,username"
#: posts that a link is looked for among
NEWEST = 100
TAGS = 25
#: what is read again below the newest one known: people are marked in a post some time
#: after it was made
TAGS_OVERLAP = timedelta(days=2)


class InstagramAgain(InstagramComments, GraphBatch):
    """Reading single things; no adapter yet."""

    # --- announced ------------------------------------------------------------
    def fetch_announced(self, ref: str) -> items.Page:
        """:raises NotFoundError: it is gone, private, or does not name us any more"""
        if self._login != FACEBOOK:
            raise errors.RejectedError("unsupported", "mentions need Facebook Login")
        kind, rest = self._named(ref)
        field, query = self._mention(kind, rest.partition(":")[0])
        row = mapping(self._call("GET", self._node(), query=query).get(field))
        one_id = ident(row.get("id")) or rest.partition(":")[0]
        if not row:
            raise errors.NotFoundError("not_found", ref)
        row = {**row, "id": one_id}
        key, revision = f"post:{one_id}", ""
        if field == MENTIONED_COMMENT:
            post = {"id": rest.partition(":")[2], **mapping(row.get("media"))}
            row["media"] = post
            key, revision = comment_name(one_id), version(row)
        at = int(self.now().timestamp())
        return items.Page((self._raw(field, row, key, revision, at=at),))

    @staticmethod
    def _named(ref: str) -> tuple[str, str]:
        """(how it can be read, the rest of a ref); '' for by itself."""
        for kind in (BY_MENTION, BY_MEDIA):
            if ref.startswith(kind):
                return kind, ref.removeprefix(kind)
        return "", ref

    def _mention(self, kind: str, one_id: str) -> tuple[str, dict]:
        """(field of our account that holds it, the query for it)"""
        if not ident(one_id) or not kind:
            raise errors.NotFoundError("not_found", one_id[:40])
        if kind == BY_MENTION:
            asked = f"mentioned_comment.comment_id({one_id}){{{MENTION_FIELDS}}}"
            return MENTIONED_COMMENT, {"fields": asked}
        asked = f"mentioned_media.media_id({one_id}){{{NAMED_FIELDS}}}"
        return MENTIONED_MEDIA, {"fields": asked}

    # --- again ----------------------------------------------------------------
    @property
    def reread_batch(self) -> int:
        """With Instagram Login nobody says that there are batches: one by one."""
        return 20 if self._login == FACEBOOK else 1

    def reread(self, refs: list[str]) -> items.Page:
        asked = [(ref, *self._question(ref)) for ref in refs]
        asked = [one for one in asked if one[1]]
        if self._login == FACEBOOK and len(asked) > 1:
            answers = self._batch((path, query) for _ref, path, query in asked)
        else:
            answers = [self._one(path, query) for _ref, path, query in asked]
        found, gone = [], []
        for (ref, _path, _query), answer in zip(asked, answers, strict=True):
            kind, rest = self._named(ref)
            if isinstance(answer, errors.NotFoundError):
                gone.append(rest)
            elif isinstance(answer, errors.RejectedError | errors.MalformedResponse):
                continue  # a post has other fields; it is still there
            elif isinstance(answer, errors.NetworkError):
                raise answer
            else:
                found.append(self._as_it_is(kind, answer))
        if gone and not found:
            self._prove_that_we_read()
        at = int(self.now().timestamp())
        found += [
            self._raw(GONE, {"id": one}, comment_name(one), "gone", at=at)
            for one in gone
        ]
        return items.Page(tuple(one for one in found if one))

    def _question(self, ref: str) -> tuple[str, dict]:
        """(path, query) for one ref; '' for what cannot be read by itself."""
        kind, rest = self._named(ref)
        if kind == BY_MENTION and ident(rest) and self._login == FACEBOOK:
            return self._node(), self._mention(kind, rest)[1]
        if kind or not ident(rest):
            return "", {}
        return rest, {"fields": ONE_FIELDS}

    def _one(self, path: str, query: dict):
        try:
            return self._call("GET", path, query=query)
        except errors.RejectedError as error:
            return error

    def _as_it_is(self, kind: str, row: dict) -> items.RawItem | None:
        """:param kind: how it was asked for"""
        now = int(self.now().timestamp())
        field = AGAIN
        if kind:
            field, row = MENTIONED_COMMENT, mapping(row.get(MENTIONED_COMMENT))
        one_id = ident(row.get("id"))
        if not one_id:
            return None
        return self._raw(field, row, comment_name(one_id), version(row), read=now)

    def _prove_that_we_read(self):
        """Nothing of what we asked for is there. Are we?

        :raises ScopeError: nothing can be read: the account was taken from the page, or
            our right to it; then nobody deleted anything
        """
        try:
            self._call("GET", self._node(), query={"fields": "id"})
        except errors.NotFoundError as error:
            raise errors.ScopeError("scope", error.detail) from error

    # --- by a link ------------------------------------------------------------
    def resolve(self, permalink: str) -> items.RawItem:
        """A comment by its number; a post of ours by its short name, which only the
        list of our posts tells."""
        shortcode, comment = _linked(permalink)
        if comment:
            row = self._call("GET", comment, query={"fields": ONE_FIELDS})
            return self._raw(LINKED, row, f"linked:{comment}:{version(row)}")
        rows, _after = self._listed(
            f"{self._node()}/media", fields=MEDIA_FIELDS, limit=str(NEWEST)
        )
        for row in rows:
            url = permalink_of(row)
            if url and _linked(url)[0] == shortcode:
                return self._raw(OWN_MEDIA, row, f"media:{row.get('id')}")
        raise errors.NotFoundError("not_found", permalink[:200])

    # --- where we are marked --------------------------------------------------
    def _fetch_tags(self, cursor: str, since: datetime) -> items.Page:
        """Posts of others that we are marked in, from the newest down to what was known
        the last time, with an overlap."""
        position = Position.load(cursor)
        bound = position.until - TAGS_OVERLAP if position.until else since
        try:
            rows, after = self._listed(
                f"{self._node()}/tags",
                position.after,
                fields=NAMED_FIELDS,
                limit=str(TAGS),
            )
        except errors.RejectedError as error:
            if not position.after or error.code != "bad_parameter":
                raise
            # cursors do not live long (§1)
            raise errors.CursorExpired("cursor_expired", position.after[:40]) from error
        found, times = [], []
        for row in rows:
            at = when(row)
            times.append(at or bound)
            if times[-1] >= bound and ident(row.get("id")):
                found.append(self._raw(TAGGED_MEDIA, row, f"post:{row['id']}"))
        done = not after or any(at < bound for at in times)
        top = max((*times, position.top or bound))
        top = min(top, self.now())
        if done:
            position = Position(max(top, position.until or top))
        else:
            position = replace(position, after=after, top=top)
        return items.Page(tuple(found[::-1]), position.dump(), not done, done)


def _linked(text: str) -> tuple[str, str]:
    """(short name of a post, number of a comment or '') that a link leads to.

    :raises RejectedError: it leads to neither
    """
    try:
        parts = urlsplit(text.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        host = ""
    found = LINK.fullmatch(unquote(parts.path)) if host in HOSTS else None
    if not found or parts.scheme != "https":
        raise errors.RejectedError("bad_url", text[:200])
    return found.group(1), found.group(3) or found.group(2) or ""
