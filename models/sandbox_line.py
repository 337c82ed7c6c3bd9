"""The sandbox's server, as its adapter sees it: verbs in, rows or refusals out.

What is said here is said for good: each call is a transaction of its own, as with a
server elsewhere, so that an effect outlives whatever becomes of the caller. It must
never touch a ticket or a message.
"""

import base64
from contextlib import contextmanager
from datetime import datetime, timezone

import psycopg2

from odoo.fields import Domain

from . import common

EFFECTS = ("create", "like", "unlike", "hide", "unhide", "delete", "edit")
EFFECTS += ("block", "unblock")
#: seconds after which we are asked to come back when we are asked to slow down
RETRY_AFTER = 30
#: a wall that somebody keeps locked for longer does not answer
LOCK_TIMEOUT = "5s"
KINDS = ("image", "video", "audio")


class Refused(Exception):
    def __init__(self, code, **more):
        super().__init__(code)
        self.answer = {"error": code, **more}


def iso(moment):
    return moment.replace(tzinfo=timezone.utc).isoformat() if moment else ""


def number(ref):
    """An id as the outside writes it; what is none leads nowhere."""
    return int(ref) if str(ref).isdecimal() and len(str(ref)) < 10 else 0


class SandboxLine:
    """One account's way to its company's wall."""

    def __init__(self, posts, account):
        self._posts = posts
        # read now: the account may not be committed when a call opens a transaction
        self._company_id = account.company_id.id
        self._name = account.name

    def call(self, verb, arguments):
        """One request to the pretended server; see ``networks/sandbox_rows``."""
        effect, answer = verb in EFFECTS, None
        try:
            with self._world() as posts:
                answer = self._answer(posts, verb, effect, dict(arguments))
        except Refused as refused:
            return refused.answer
        except psycopg2.OperationalError as error:
            # once there was an answer, only the commit can have failed
            code = "lost" if effect and answer else "down"
            return {"error": code, "detail": type(error).__name__}
        return answer

    @contextmanager
    def _world(self):
        """The posts, in a transaction of their own where that is possible."""
        env = self._posts.env
        if common.holds_transaction(env):
            with env.cr.savepoint():
                # sudo: helpdesk.social.sandbox.* - we are the pretended server here
                yield self._posts.sudo()
            return
        with env.registry.cursor() as cr:
            cr.execute("SET LOCAL lock_timeout = %s", [LOCK_TIMEOUT])
            yield self._posts.with_env(env(cr=cr, su=True))

    def _answer(self, posts, verb, effect, arguments):
        me = arguments.pop("me", "")
        handler = getattr(self, f"_on_{verb}", None)
        if handler is None:
            raise Refused("forbidden", detail=verb)
        if verb == "whoami":
            return handler(posts, **arguments)
        person = posts.env["helpdesk.social.sandbox.person"].browse(number(me)).exists()
        if not person.own or person.company_id.id != self._company_id:
            raise Refused("auth")
        fault = person._take_fault(effect)
        if fault and fault != "lost":
            return {"error": fault, "retry_after": RETRY_AFTER}
        answer = handler(posts, person, **arguments)
        return {"error": "lost"} if fault else answer

    # === WHO === #
    def _on_whoami(self, posts, handle, protection):
        people = posts.env["helpdesk.social.sandbox.person"]
        where = [("company_id", "=", self._company_id), ("handle", "=", handle)]
        person = people.search(where) or people.create(
            {"company_id": self._company_id, "handle": handle, "name": self._name}
        )
        if not person.own:
            if posts.search_count([("author_id", "=", person.id)], limit=1):
                raise Refused("handle_taken", detail=handle)
            person.own = True
        fault = person._take_fault(effect=False)
        if fault:
            return {"error": fault, "retry_after": RETRY_AFTER}
        return {"person": person._row(), "url": posts._url()}

    def _on_person(self, posts, me, id):
        person = me.browse(number(id)).exists()
        if person.company_id != me.company_id:
            raise Refused("gone")
        return {"person": person._row()}

    # === READING === #
    def _on_page(self, posts, me, stream, after, since, limit):
        if after > posts._head():
            raise Refused("stale")
        domain = (
            Domain("reach_ids", "in", me.ids)
            & Domain("seq", ">", after)
            & Domain("audience", "=" if stream == "public" else "!=", "public")
        )
        if since:
            moment = common.to_orm(datetime.fromisoformat(since))
            domain &= Domain("changed_at", ">=", moment)
        found = posts.search(domain, order="seq", limit=limit + 1)
        return {"rows": self._rows(found[:limit]), "more": len(found) > limit}

    def _on_above(self, posts, me, ref, limit):
        above, post = posts.browse(), self._visible(posts, me, ref).parent_id
        while post and len(above) < limit:
            above |= post
            post = post.parent_id
        return {"rows": self._rows(above[::-1])}

    def _on_read(self, posts, me, refs):
        found = posts.browse(number(ref) for ref in refs).exists()
        return {"rows": self._rows(self._seen(found, me))}

    def _on_find(self, posts, me, url):
        start, _slash, ref = url.rpartition("/")
        if start != posts._url():
            raise Refused("gone")
        return self._one(self._visible(posts, me, ref))

    def _on_media(self, posts, me, ref, limit):
        # a file is read through the post that shows it, never by its id alone
        file = posts.env["ir.attachment"].browse(number(ref)).exists()
        if not file or file.res_model != posts._name:
            raise Refused("gone")
        self._visible(posts, me, str(file.res_id))
        if file.file_size > limit:
            return {"data": None}
        return {"data": file.raw, "mime": file.mimetype}

    def _on_sent(self, posts, me, audience, text, parent, to, thread, since):
        domain = (
            Domain("author_id", "=", me.id)
            & Domain("kind", "=", "post")
            & Domain("audience", "=", audience)
            & Domain("text", "=", common.storable(text))
            & Domain("said_at", ">=", common.to_orm(datetime.fromisoformat(since)))
            & Domain("parent_id", "=", number(parent) or False)
        )
        if audience != "public":
            domain &= Domain("thread", "=", thread or posts._dm(me, self._to(me, to)))
        found = posts.search(domain, limit=1)
        return self._one(found) if found else {"row": None}

    # === EFFECTS === #
    def _on_create(self, posts, me, audience, text, parent, to, thread, key, **more):
        known = key and posts.search(
            [("author_id", "=", me.id), ("send_key", "=", key)]
        )
        if known:
            return self._one(known)
        above = self._visible(posts, me, parent) if parent else posts
        if above.deleted_at:
            raise Refused("gone")
        person = self._to(me, to) if to else above.author_id
        if me in person.blocked_ids:
            raise Refused("blocked")
        if audience == "private":
            thread = thread or posts._dm(me, person)
        if audience != "public":
            self._check_thread(posts, me, thread)
        post = posts.create(
            {
                "company_id": me.company_id.id,
                "author_id": me.id,
                "audience": audience,
                "text": text,
                "parent_id": above.id,
                "thread": thread,
                "language": more["language"],
                "warning": more["warning"],
                "send_key": key or False,
            }
        )
        post._attach(more["media"])
        return self._one(post)

    def _on_like(self, posts, me, ref):
        post = self._visible(posts, me, ref)
        post._like(me)
        return self._one(post)

    def _on_unlike(self, posts, me, ref):
        post = self._visible(posts, me, ref)
        post._like(me, on=False)
        return self._one(post)

    def _on_hide(self, posts, me, ref, hidden=True):
        post = self._visible(posts, me, ref)
        if post.audience != "public" or me not in post.reach_ids:
            raise Refused("forbidden")
        post.hidden = hidden
        posts._tell(post.company_id)
        return self._one(post)

    def _on_unhide(self, posts, me, ref):
        return self._on_hide(posts, me, ref, hidden=False)

    def _on_edit(self, posts, me, ref, text):
        post = self._mine(posts, me, ref)
        post._edit(text)
        return self._one(post)

    def _on_delete(self, posts, me, ref):
        post = self._mine(posts, me, ref)
        post._delete()
        return self._one(post)

    def _on_block(self, posts, me, id, blocked=True):
        person = me.browse(number(id)).exists()
        if not person or person == me or person.company_id != me.company_id:
            raise Refused("gone")
        me.blocked_ids = [(4 if blocked else 3, person.id)]
        return {"person": person._row()}

    def _on_unblock(self, posts, me, id):
        return self._on_block(posts, me, id, blocked=False)

    # === WHAT WE MAY SEE === #
    def _seen(self, posts, me):
        return posts.filtered(
            lambda post: (
                post.company_id == me.company_id
                and (post.audience == "public" or me in post.reach_ids)
            )
        )

    def _visible(self, posts, me, ref):
        post = self._seen(posts.browse(number(ref)).exists(), me)
        if not post:
            raise Refused("gone")
        return post

    def _mine(self, posts, me, ref):
        post = self._visible(posts, me, ref)
        if post.deleted_at:
            raise Refused("gone")
        if post.author_id != me:
            raise Refused("forbidden")
        return post

    def _to(self, me, ref):
        person = me.browse(number(ref)).exists()
        if person.company_id != me.company_id:
            raise Refused("gone")
        return person

    def _check_thread(self, posts, me, thread):
        """A thread is joined by its members only."""
        kind, _colon, rest = (thread or "").partition(":")
        if kind == "dm":
            members = me.browse(number(one) for one in rest.split(":")).exists()
            if me in members and len(members) == 2:
                return
        group = posts.env["helpdesk.social.sandbox.group"].browse(number(rest)).exists()
        if kind != "group" or me not in group.member_ids:
            raise Refused("forbidden")

    # === ROWS === #
    def _one(self, post):
        return {"row": self._rows(post)[0]}

    def _rows(self, posts):
        base, files = posts._url(), posts._files()
        return [self._row(post, base, files) for post in posts]

    @staticmethod
    def _row(post, base, files):
        return {
            "id": str(post.id),
            "kind": post.kind,
            "seq": post.seq,
            "author": post.author_id._row(),
            "audience": post.audience,
            "thread": post.thread or "",
            "parent": str(post.parent_id.id or ""),
            "parent_author": str(post.parent_id.author_id.id or ""),
            "text": post.text or "",
            "warning": post.warning or "",
            "language": post.language or "",
            "payload": post.payload or "",
            "shared": post.shared or [],
            "mentions": [person._row() for person in post.mention_ids],
            "media": [
                {
                    "ref": str(file.id),
                    "name": file.name,
                    "mime": file.mimetype,
                    "kind": (file.mimetype or "").partition("/")[0]
                    if (file.mimetype or "").partition("/")[0] in KINDS
                    else "file",
                    "alt": alt,
                    "size": file.file_size,
                }
                for file, alt in files.get(post.id, [])
            ],
            "url": f"{base}/{post.id}",
            "at": iso(post.said_at),
            "changed_at": iso(post.changed_at),
            "edits": post.edits,
            "edited_at": iso(post.edited_at),
            "deleted_at": iso(post.deleted_at),
        }


def as_bytes(data):
    """File content however it was handed over."""
    return base64.b64decode(data) if isinstance(data, str) else bytes(data)
