"""Comments below our posts and below live ones, pulled: one page per call, no loops.

A round lists the posts and puts those on a list of jobs whose number of comments has
changed; the next calls read them, each from the newest comment down to what is known.
Once a day all posts are listed, so that a comment on an old one is found as well. Fact
sheet meta §5.
"""

from datetime import datetime

from . import errors, items
from .instagram_account import InstagramAccount
from .instagram_position import CURSOR_LIFE, MAX_POSTS, OVERLAP, Job, Position
from .instagram_push import version
from .instagram_read import LISTED, OWN_MEDIA
from .instagram_values import rows_of, when
from .meta_graph_messages_values import ident
from .values import mapping, number, words

#: posts, comments and answers per call: 50 is the most (§5, unconfirmed; fewer do no
#: harm, as pages are followed to their end)
POSTS, COMMENTS, REPLIES = 50, 50, 20
COMMENT_FIELDS = "id,text,timestamp,username,from,parent_id,hidden,like_count"
MEDIA_FIELDS = (
    "id,caption,media_type,media_product_type,permalink,timestamp,comments_count"
)
#: seconds between two rounds through all posts; and after which posts of the last days
#: are read although their number is the same: one came, one was deleted
SWEEP, DEEP, LATELY = 86400, 3600, 30 * 86400
#: pages of one list that are read at once: 500 comments
MAX_PAGES = 10


class InstagramComments(InstagramAccount):
    """Reading comments; no adapter yet."""

    def _fetch_comments(self, cursor: str, since: datetime) -> items.Page:
        position, now = Position.load(cursor), int(self.now().timestamp())
        if position.jobs:
            found, closed = self._read_job(position, now)
        else:
            found, closed = self._list_posts(position, now, int(since.timestamp()))
        more = bool(position.jobs or position.listing)
        return items.Page(tuple(found), position.dump(now), more, closed)

    # --- posts ----------------------------------------------------------------
    def _list_posts(self, position, now, since) -> tuple[list[items.RawItem], bool]:
        """A page of our posts; what is to be read of them becomes jobs."""
        about = position.listing or {
            "whole": now >= position.sweep,
            "deep": now >= position.deep,
            "first": not position.posts,
        }
        after = words(about.get("after"))
        if after and (number(about.get("at")) or 0) < now - CURSOR_LIFE:
            after = ""
        try:
            rows, below = self._listed(
                f"{self._node()}/media", after, fields=MEDIA_FIELDS, limit=str(POSTS)
            )
        except errors.RejectedError as error:
            if not after or error.code != "bad_parameter":
                raise
            # cursors do not live long (§1): the round begins again, tomorrow
            rows, below = [], ""
        found = []
        for row in rows:
            job = self._job_of(position, row, about, now, since, top=not after)
            if job:
                position.jobs.append(job)
            at, post = when(row), ident(row.get("id"))
            recent = at is not None and at.timestamp() >= since
            if post and (job or recent) and position.show(post):
                found.append(self._raw(OWN_MEDIA, row, f"media:{post}"))
        seen = (number(about.get("seen")) or 0) + len(rows)
        if below and about.get("whole") and seen < MAX_POSTS:
            position.listing = {**about, "after": below, "at": now, "seen": seen}
            return found[::-1], True
        position.listing = None
        if about.get("whole"):
            position.sweep = now + SWEEP
        if about.get("deep"):
            position.deep = now + DEEP
        return found[::-1], True

    def _job_of(self, position, row, about, now, since, top) -> Job | None:
        """What is to be read of a post, if anything.

        :param top: it is on the first page, among our newest
        """
        post, count = ident(row.get("id")), number(row.get("comments_count"))
        if not post:
            return None
        at = when(row)
        written = int(at.timestamp()) if at else now
        known = position.posts.get(post)
        if known is None or known[0] < 0:
            # before we came: on what is old only what is said from now on
            wanted = (top or written >= since) and count != 0
            start, want = since, 0
            if not about.get("first"):
                wanted, want = count != 0, count or 0
        else:
            had, start = known[0], known[1] - OVERLAP
            lately = about.get("deep") and written >= now - LATELY
            wanted = count is None or count != had or (lately and count)
            want = max(0, (count or 0) - had)
        if not wanted:
            if known is None or known[0] < 0:
                position.looked(post, count or 0, now)
            return None
        link = words(row.get("permalink"))[:300]
        start = max(0, start)
        return Job("comments", post, post, link, start, count or 0, want, began=now)

    # --- comments -------------------------------------------------------------
    def _read_job(self, position, now) -> tuple[list[items.RawItem], bool]:
        """A page of the first job's list; (items, is there nothing above it left?)."""
        job = position.jobs[0]
        if job.after and job.at < now - CURSOR_LIFE:
            job.after = ""
        try:
            rows, after = self._page_of(job)
        except errors.RejectedError as error:
            if job.after and error.code == "bad_parameter":
                # the cursor is worth nothing any more: once more from the top
                job.after, job.pages = "", job.pages + 1
                if job.pages < MAX_PAGES:
                    return [], False
            position.jobs.pop(0)
            if isinstance(error, errors.NotFoundError):
                position.posts.pop(job.id, None)
            else:
                position.looked(job.post, job.count, job.began)
            return [], True
        found, oldest = [], None
        for row in rows:
            at = self._take(position, job, row, found)
            oldest = min(at, oldest) if at and oldest else at or oldest
        job.found += len(found)
        job.pages += 1
        job.after, job.at = after, now
        known = oldest is not None and oldest < job.since and job.found >= job.want
        over = not after or job.pages >= MAX_PAGES
        done = over or (known and job.kind == "comments")
        if done:
            position.jobs.pop(0)
            if job.kind == "comments":
                position.looked(job.post, job.count, job.began)
        return found[::-1], done

    def _page_of(self, job: Job) -> tuple[list[dict], str]:
        fields = COMMENT_FIELDS
        if job.kind == "comments":
            fields += f",replies.limit({REPLIES}){{{COMMENT_FIELDS}}}"
        return self._listed(
            f"{job.id}/{job.kind}", job.after, fields=fields, limit=str(COMMENTS)
        )

    def _take(self, position, job, row, found) -> int | None:
        """Add what is new of a comment and the answers below it; its seconds."""
        replies = mapping(row.get("replies"))
        top = ident(row.get("id")) if job.kind == "comments" else job.id
        for reply in rows_of(replies):
            self._add(position, job, {**reply, "parent_id": top}, found)
        paging = mapping(replies.get("paging"))
        below = words(mapping(paging.get("cursors")).get("after"))
        if paging.get("next") and below and top:
            more = Job("replies", top, job.post, job.link, job.since, after=below)
            more.at = int(self.now().timestamp())
            position.jobs.append(more)
        row = {key: one for key, one in row.items() if key != "replies"}
        if job.kind == "replies":
            row["parent_id"] = top
        return self._add(position, job, row, found)

    def _add(self, position, job, row, found) -> int | None:
        one_id, at = ident(row.get("id")), when(row)
        seconds = int(at.timestamp()) if at else None
        if not one_id:
            found.append(self._raw(LISTED, row, f"unnamed:{version(row)}"))
            return seconds
        if one_id in position.known or (seconds is not None and seconds < job.since):
            return seconds
        position.known[one_id] = seconds or int(self.now().timestamp())
        row = {**row, "media": {"id": job.post, "permalink": job.link}}
        found.append(self._raw(LISTED, row, f"listed:{one_id}"))
        return seconds

    def _raw(self, field, row, key, revision="", **more) -> items.RawItem:
        """:param field: what ``instagram_read`` goes by"""
        own = self._me().id
        data = {"field": field, "value": row, "account": own, **more}
        return items.RawItem(str(key)[:200], data, revision, own, when(row))
