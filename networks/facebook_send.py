"""What we say and do on a Page in public: answers, edits, hiding, likes, blocks.

One effect per call. Nothing makes a repeat harmless; what was said can be looked up.
There are two levels of comments: an answer to an answer is put below the first comment,
by us, so that we know where it stands. Fact sheet meta §2, §8.
"""

from datetime import datetime, timedelta

from . import base, errors, items, media
from .facebook_content import attachments
from .facebook_pull import FacebookPull
from .facebook_values import object_id, read_ref
from .meta_graph import written_moment
from .meta_graph_messages_values import ident
from .text import split
from .values import mapping, web_address, words

#: characters of a comment (§2; not confirmed by Meta)
MAX_TEXT = 8000
MB = 1024 * 1024
#: one picture per comment; larger ones are refused by Meta's uploads (10 MB)
PICTURES = ("image/jpeg", "image/png", "image/gif")
MAX_PICTURE = 10 * MB
#: seconds that a picture may take to go up
UPLOAD_DEADLINE = 60.0
#: what a staged picture is called: it goes along with its comment
ALONG = "along"
#: how far Meta's clock and ours may be apart
CLOCKS = timedelta(minutes=2)
#: comments looked through for one of ours
LOOKED = 100


def comment_rules() -> items.MediaRules:
    return items.MediaRules(
        max_files=1,
        types=PICTURES,
        max_bytes=dict.fromkeys(PICTURES, MAX_PICTURE),
    )


def comment_measure(draft: items.Draft) -> items.Measure:
    parts = split(draft.text, MAX_TEXT, len)
    return items.Measure(len(draft.text), MAX_TEXT, parts)


def comment_affordances(message: items.MessageFacts) -> list[items.Affordance]:
    """What may be done in public about a post or comment; see ``extra`` for what
    Facebook says about this very one."""
    if message.deleted:
        return []
    kind, _one_id = read_ref(message.ref)
    may = {key: message.extra.get(key) is not False for key in ("can_hide",)}
    if message.own:
        own = [(base.DELETE, ""), (base.EDIT, "")]
        answer = [(base.REPLY_PUBLIC, "")] if kind == "post" else []
        found = [*answer, *own]
        return [items.Affordance(one, not why, why) for one, why in found]
    comment = message.extra.get("can_comment") is not False
    like = message.extra.get("can_like") is not False
    found = [
        items.Affordance(
            base.REPLY_PUBLIC,
            comment,
            "" if comment else "forbidden",
            max_length=MAX_TEXT,
        ),
        items.Affordance(base.LIKE, like, "" if like else "forbidden"),
    ]
    if kind == "comment":
        may = message.extra.get("can_hide") is not False
        found.append(items.Affordance(base.HIDE, may, "" if may else "forbidden"))
    if message.extra.get("can_remove") is not False:
        found.append(items.Affordance(base.DELETE, True))
    return found


class FacebookSend(FacebookPull):
    """Speaking in public; no adapter yet."""

    # --- answers --------------------------------------------------------------
    def _above(self, draft: items.Draft) -> str:
        """What our comment is put below: a post, or the first comment of a branch.

        :raises RejectedError: nothing is answered
        """
        target = draft.target
        kind, one_id = read_ref(target.ref) if target else ("", "")
        if not one_id:
            raise errors.RejectedError("no_target", "public")
        top = object_id(target.extra.get("top")) if kind == "comment" else ""
        return top or one_id

    def publish_comment(self, draft: items.Draft, key: str) -> items.Published:
        above, form, files = self._above(draft), {}, {}
        if draft.text.strip():
            form["message"] = draft.text
        if len(draft.text) > MAX_TEXT:
            raise errors.RejectedError("too_long", str(MAX_TEXT))
        if draft.media:
            [upload] = self._pictures(draft.media)
            mime = media.plain(upload.mime)
            files = {"source": (upload.name or "picture", upload.data, mime)}
        if not form and not files:
            raise errors.RejectedError("empty", "")
        more = {"files": files, "deadline": UPLOAD_DEADLINE} if files else {}
        answer = self._call("POST", f"{above}/comments", form=form, effect=True, **more)
        found = object_id(answer.get("id"))
        if not found:
            raise errors.UncertainError("malformed", "comments")
        return items.Published(found, ref=found)

    def _pictures(self, uploads) -> list[items.Upload]:
        """:raises RejectedError: not what a comment takes"""
        rows = [(one.mime, len(one.data), one.alt) for one in uploads]
        for problem in media.problems(comment_rules(), rows):
            raise errors.RejectedError("media_rejected", problem.code)
        return list(uploads)

    def stage_comment(self, upload: items.Upload) -> str:
        """Nothing goes up ahead: a picture travels with its comment."""
        self._pictures([upload])
        return ALONG

    def lookup_comment(
        self, draft: items.Draft, key: str, since: datetime
    ) -> items.Published | None:
        """Our own comment with the same words, below what was answered (§8)."""
        rows, _after = self._listed(
            f"{self._above(draft)}/comments",
            filter="stream",
            order="reverse_chronological",
            limit=str(LOOKED),
            fields="id,from{id},message,created_time,permalink_url,attachment",
        )
        for one in rows:
            at = written_moment(one.get("created_time"))
            ours = ident(mapping(one.get("from")).get("id")) == self._page()
            found = object_id(one.get("id"))
            if not found or not ours or at is None or at < since - CLOCKS:
                continue
            if _plain(words(one.get("message"))) != _plain(draft.text):
                continue
            if bool(draft.media) == bool(attachments(one)) or draft.text.strip():
                link = web_address(words(one.get("permalink_url")))
                return items.Published(found, ref=found, url=link, sent_at=at)
        return None

    # --- acts -----------------------------------------------------------------
    def moderate_comment(self, verb: str, target: items.Target) -> None:
        """Repeating any of these changes nothing more, so a lost answer is simply
        tried again. ``edit``: ``target.text`` is the new text."""
        if verb in (base.BLOCK, "unblock"):
            return self._block(verb, target.author)
        _kind, one_id = read_ref(target.ref)
        if not one_id:
            raise errors.NotFoundError("not_found", verb)
        if verb in ("like", "unlike"):
            method = "POST" if verb == "like" else "DELETE"
            self._done(method, f"{one_id}/likes")
        elif verb in ("hide", "unhide"):
            hidden = "true" if verb == "hide" else "false"
            self._done("POST", one_id, form={"is_hidden": hidden})
        elif verb == base.EDIT:
            self._edit(one_id, target.text)
        elif verb == base.DELETE:
            try:
                self._done("DELETE", one_id)
            except errors.NotFoundError:
                return None  # gone is what was wanted
        else:
            raise errors.RejectedError("unsupported", verb)
        return None

    def _edit(self, one_id: str, text: str):
        if not text.strip():
            raise errors.RejectedError("empty", "")
        if len(text) > MAX_TEXT:
            raise errors.RejectedError("too_long", str(MAX_TEXT))
        self._done("POST", one_id, form={"message": text})

    def _block(self, verb: str, person: items.Author):
        """The page shows and sends them nothing any more, in public and in private."""
        one_id = ident(person.id)
        if not one_id:
            raise errors.NotFoundError("not_found", verb)
        if one_id == self._page():
            raise errors.RejectedError("forbidden", "ourselves")
        path = f"{self._page()}/blocked"
        if verb == base.BLOCK:
            self._call("POST", path, form={"psid": f"[{one_id}]"})
        else:
            self._call("DELETE", path, query={"psid": one_id})

    def _done(self, method: str, path: str, **kwargs):
        """:raises MalformedResponse: Meta does not say that it is done"""
        answer = self._call(method, path, **kwargs)
        if answer.get("success") is not True:
            raise errors.MalformedResponse("malformed", path)


def _plain(text: str) -> str:
    return " ".join(text.split())
