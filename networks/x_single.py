"""Reads single posts and people of X: again, around a message, behind a link.

What X does not name as missing is not taken for deleted. Fact sheet x §2, §3, §8.
"""

import re
from urllib.parse import urlsplit

from . import errors, items, x_fields
from .values import listing, mapping, words
from .x_names import Tables, history, id_in, key_in, references
from .x_read import PAGE, XRead
from .x_values import ident, name

#: steps up from a post to the ones it answers, beyond what one search found
CLIMB = 5
#: posts of a conversation that are read around one message
THREAD = 50
SITES = ("x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com")


class XSingle(XRead):
    """Rereading, context, links, people; not an adapter yet."""

    reread_batch = PAGE

    # --- single posts ---------------------------------------------------------
    def _lookup_posts(self, ids: list[str]) -> tuple[dict, dict[str, dict], dict]:
        """(posts by the id asked for, problems by id, the answer)."""
        found = self._get("/2/tweets", {**x_fields.POST, "ids": ",".join(ids)})
        data = self._rows(found, "tweets")
        self.charge("post_read", len(data))
        there = {ident(one.get("id")): one for one in data}
        problems = {
            ident(one.get("resource_id")) or ident(one.get("value")): one
            for one in map(mapping, listing(found.get("errors")))
            # an author or picture that is missing is no missing post
            if words(one.get("parameter")) in ("ids", "id")
        }
        return there, problems, found

    def reread(self, refs: list[str]) -> items.Page:
        """The newest version of known posts, and which are gone (§8).

        Private messages cannot be taken back on the other side: they are not asked
        for. Only what X names as missing is gone; what it merely leaves out stays.
        """
        wanted = {id_in(ref): key_in(ref) for ref in refs if id_in(ref)}
        if not wanted:
            return items.Page()
        there, problems, found = self._lookup_posts(list(wanted))
        newest = {
            one_id: versions[-1]
            for one_id, post in there.items()
            if one_id in wanted and (versions := history(post))[-1] != one_id
        }
        raw = [
            self._raw_post(post, Tables(found.get("includes")), "reread")
            for one_id, post in there.items()
            if one_id in wanted and one_id not in newest
        ]
        if newest:
            later, late, found = self._lookup_posts(list(newest.values()))
            tables = Tables(found.get("includes"))
            for one_id, last in newest.items():
                if last in later:
                    raw.append(self._raw_post(later[last], tables, "reread"))
                elif last in late:
                    problems[one_id] = late[last]
        raw += [
            gone
            for one_id, one in problems.items()
            if one_id in wanted
            and (gone := self._raw_gone(one_id, wanted[one_id], one))
        ]
        return items.Page(tuple(raw))

    def _raw_gone(self, one_id: str, key: str, one: dict) -> items.RawItem | None:
        """A post that is deleted, or no longer for us: protected, suspended."""
        kind = words(one.get("type"))
        missing = "not-found" in kind or one.get("title") == "Not Found Error"
        if not missing and "not-authorized" not in kind:
            return None
        data = {
            "gone": key,
            "at": self.now().isoformat(),
            "by": "author" if missing else "network",
        }
        return items.RawItem(
            f"reread:{one_id}", data, revision="gone", sent_at=self.now()
        )

    def fetch_context(self, ref: str) -> items.Page:
        """What stands above a post, and what else its author and we said there.

        One search for the thread instead of many steps; it reaches back seven days, so
        what is older is climbed to. What strangers say to each other in a long thread
        is not read: each post would cost as much as five mentions.
        """
        one_id = id_in(ref)
        if not one_id:
            return items.Page()
        there, _problems, found = self._lookup_posts([one_id])
        post = there.get(one_id)
        if post is None:
            raise errors.NotFoundError("not_found", one_id)
        known = {one_id: post}
        tables = [Tables(found.get("includes"))]
        root = ident(post.get("conversation_id"))
        if root and root != one_id:
            self._read_thread(root, ident(post.get("author_id")), known, tables)
        step = references(post).get("replied_to")
        for _turn in range(CLIMB):
            while step and step in known:
                step = references(known[step]).get("replied_to")
            if not step:
                break
            there, _problems, found = self._lookup_posts([step])
            if step not in there:
                break
            known[step] = there[step]
            tables.append(Tables(found.get("includes")))
        del known[one_id]
        raw = [
            self._raw_post(known[number], _holding(tables, known[number]), "context")
            for number in sorted(known, key=int)
        ]
        return items.Page(tuple(raw))

    def _read_thread(self, root: str, author: str, known: dict, tables: list):
        own = self._own_id()
        who = " OR ".join(f"from:{one}" for one in dict.fromkeys((own, author)) if one)
        query = {
            **x_fields.POST,
            "query": f"conversation_id:{root} ({who} OR to:{own})",
            "max_results": THREAD,
        }
        try:
            found = self._get("/2/tweets/search/recent", query)
        except errors.RejectedError:
            return  # search is not for everybody; climbing is
        data = self._rows(found, "search")
        self.charge("post_read", len(data))
        tables.append(Tables(found.get("includes")))
        for one in data:
            if ident(one.get("id")):
                known.setdefault(ident(one["id"]), one)

    def resolve(self, permalink: str) -> items.RawItem:
        try:
            parts = urlsplit(permalink or "")
            host = (parts.hostname or "").removeprefix("www.")
        except ValueError:
            host = ""
        match = host in SITES and re.search(r"/status(?:es)?/([0-9]{1,19})", parts.path)
        if not match or parts.scheme not in ("http", "https"):
            raise errors.RejectedError("bad_url", permalink)
        there, problems, found = self._lookup_posts([match[1]])
        post = there.get(match[1])
        if post is None:
            detail = words(mapping(problems.get(match[1])).get("detail"))
            raise errors.NotFoundError("not_found", detail or permalink)
        return self._raw_post(post, Tables(found.get("includes")), "resolve")

    def profile(self, external_id: str) -> items.Author:
        wanted = external_id.removeprefix("@")
        path = f"/2/users/{wanted}"
        if not ident(wanted):
            if not name(wanted):
                raise errors.NotFoundError("not_found", external_id)
            path = f"/2/users/by/username/{wanted}"
        user, _includes = self._one(path, dict(x_fields.USER))
        self.charge("user_read")
        author = self._reader.author(user)
        if not author.id:
            raise errors.MalformedResponse("malformed", "no user")
        return author


def _holding(tables: list[Tables], post: dict) -> Tables:
    """The side tables that know the author of this post."""
    author = ident(post.get("author_id"))
    return next((one for one in tables if author in one.users), tables[0])
