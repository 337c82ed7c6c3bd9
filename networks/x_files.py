"""Files to and from X: uploads in chunks, descriptions, downloads. Fact sheet x §2, §6.

Uploads are seen by nobody until a post carries them, so a repeat does no harm. Our
token goes along only where X asks for it, never to an address that came with a post.
"""

import re

from . import errors, items, media
from .base import PART, UPLOAD_LOST
from .values import mapping, number, words
from .x_may import XMay
from .x_single import XSingle
from .x_values import ident, link

UPLOAD, METADATA = "/2/media/upload", "/2/media/metadata"
#: bytes of one chunk: X takes a thousand of them, and a minute of a slow line each
CHUNK = 4 * 1024 * 1024
CHUNK_DEADLINE = 60.0
#: marks a file that X was still working on when it was uploaded
WAIT = "wait:"
WORKING = ("pending", "in_progress")
#: seconds until the next look, where X does not say
LOOK_AGAIN = 5
#: bytes of an inbound file that we take; it is held in memory
MAX_FILE = 40 * 1024 * 1024
FILE_DEADLINE = 60.0
#: message, file, name of a private file
DIRECT_FILE = re.compile(r"[0-9]{1,19}/[0-9]{1,19}/\w[\w.~:-]*", re.ASCII)


def category(mime: str, audience: str) -> str:
    where = "tweet" if audience == items.PUBLIC else "dm"
    kind = "gif" if media.plain(mime) == "image/gif" else media.kind_of(mime)
    return f"{where}_{kind}"


class XFiles(XMay, XSingle):
    """Uploads and downloads; not an adapter yet."""

    # --- out ------------------------------------------------------------------
    def stage(self, upload: items.Upload) -> str:
        """One chunk of a file, or its end. What X still works on comes back marked, to
        be asked for. A chunk may be sent again: that is what X cut files up for (§6).

        :raises RejectedError: X does not take the file
        """
        self._check_files(upload.audience or items.PUBLIC, (upload,))
        media_id, _sep, number = upload.staged.removeprefix(PART).partition("/")
        index = int(number or 0)
        if not media_id:
            media_id = self._begin(upload)
        chunk = upload.data[index * CHUNK :][:CHUNK]
        if not chunk:
            return self._finish(media_id, upload)
        self._upload(
            "POST",
            f"{UPLOAD}/{media_id}/append",
            form={"segment_index": str(index)},
            files={"media": ("media", chunk, media.plain(upload.mime))},
            deadline=CHUNK_DEADLINE,
        )
        return f"{PART}{media_id}/{index + 1}"

    def _begin(self, upload: items.Upload) -> str:
        mime = media.plain(upload.mime)
        body = {
            "media_type": mime,
            "total_bytes": len(upload.data),
            "media_category": category(mime, upload.audience or items.PUBLIC),
        }
        answer = self._upload("POST", f"{UPLOAD}/initialize", json=body)
        return self._media_answer(answer)[0]

    def _finish(self, media_id: str, upload: items.Upload) -> str:
        _id, state, _wait = self._media_answer(
            self._upload("POST", f"{UPLOAD}/{media_id}/finalize")
        )
        if upload.alt:
            self._describe(media_id, upload.alt)
        return (WAIT if state in WORKING else "") + media_id

    def _upload(self, method: str, path: str, **kwargs):
        try:
            return self._call(method, path, **kwargs)
        except errors.NotFoundError as error:
            # the id it gave a moment ago is gone: begin anew
            raise errors.TransientError(UPLOAD_LOST, error.detail) from error
        except errors.RejectedError as error:
            if error.code in ("bad_parameter", "forbidden"):
                raise errors.RejectedError("media_rejected", error.detail) from error
            raise

    @staticmethod
    def _media_answer(answer) -> tuple[str, str, int]:
        """(media id, state of the work, seconds until the next look).

        :raises RejectedError: the work failed
        """
        data = mapping(mapping(answer.json()).get("data"))
        media_id = ident(data.get("id"))
        if not media_id:
            raise errors.MalformedResponse("malformed", "no media id")
        info = mapping(data.get("processing_info"))
        state = words(info.get("state"))
        if state == "failed":
            reason = words(mapping(info.get("error")).get("message"))
            raise errors.RejectedError("media_rejected", reason)
        return media_id, state, number(info.get("check_after_secs")) or LOOK_AGAIN

    def _describe(self, media_id: str, text: str):
        body = {"id": media_id, "metadata": {"alt_text": {"text": text}}}
        self._upload("POST", METADATA, json=body)
        self.charge("alt_text")

    def _media_id(self, upload: items.Upload) -> str:
        """The id to post with.

        :raises TransientError: X still works on the file
        """
        staged = self.stage_whole(upload)
        if not staged.startswith(WAIT):
            return staged
        media_id = staged[len(WAIT) :]
        query = {"command": "STATUS", "media_id": media_id}
        answer = self._upload("GET", UPLOAD, query=query)
        _id, state, wait = self._media_answer(answer)
        if state in WORKING:
            raise errors.TransientError("media_processing", state, retry_after=wait)
        return media_id

    def _check_files(self, audience: str, uploads):
        """``media_rules`` once more, for whoever did not ask them."""
        rules = self.media_rules(audience)
        files = [
            # of what is uploaded already the bytes need not be at hand
            (one.mime, len(one.data) or int(bool(one.staged)), one.alt)
            for one in uploads
        ]
        for found in media.problems(rules, files):
            code = "alt_too_long" if found.code == "alt_too_long" else "media_rejected"
            raise errors.RejectedError(code, found.code)

    # --- in -------------------------------------------------------------------
    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        """A file of a post (public, without our token) or of a private message."""
        if ref.startswith("dm:"):
            # our token goes along: only to what can be a file of a message
            if not DIRECT_FILE.fullmatch(ref[3:]):
                raise errors.NotFoundError("not_found", "file")
            path = f"/2/dm_conversations/media/{ref[3:]}"
            answer = self._call("GET", path, max_body=MAX_FILE, deadline=FILE_DEADLINE)
            return answer.content, _mime(answer)
        if ref.startswith("post:"):
            ref = self._file_of(*ref[5:].split("/", 1))
        if not link(ref):
            raise errors.NotFoundError("not_found", "file")
        answer = self.transport.request(
            "GET", ref, max_body=MAX_FILE, deadline=FILE_DEADLINE
        )
        return answer.content, _mime(answer)

    def _file_of(self, one_id: str, key: str = "") -> str:
        """The address of a file that came without one: its post is asked again."""
        there, _problems, found = (
            self._lookup_posts([one_id])
            if ident(one_id)
            else (
                {},
                {},
                {},
            )
        )
        post = {"id": one_id, "attachments": {"media_keys": [key]}}
        if one_id in there:
            read = self._reader.post(post | {"created_at": None}, found.get("includes"))
            for one in getattr(read, "media", ()):
                if link(one.ref):
                    return one.ref
        raise errors.NotFoundError("not_found", "file")


def _mime(answer) -> str:
    found = answer.headers.get("content-type", "").partition(";")[0].strip()
    return found or "application/octet-stream"
