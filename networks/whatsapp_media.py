"""Files that people sent: the id becomes an address of five minutes, that the bytes.

The address asks for our token, so it is only called on hosts that belong to Meta (the
transport's list), and never given to anybody. Fact sheet whatsapp §6.
"""

import base64
import hashlib

from . import errors
from .meta_graph import GraphLine, header_token
from .values import number, web_address, words
from .whatsapp_values import ident

#: bytes of one file, held in memory; documents may have 100 MB, which no one reads here
MAX_FILE = 40 * 1024 * 1024
FILE_DEADLINE = 60.0


class WhatsAppMedia(GraphLine):
    """Reading files; not an adapter yet."""

    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        """The bytes and the type; asked for anew where the address ended meanwhile.

        :raises NotFoundError: what people send is kept for 7 days
        :raises MalformedResponse: too large, or not the file that was announced
        """
        if not ident(ref):
            raise errors.NotFoundError("not_found", "media")
        try:
            return self._fetched(ref)
        except errors.NotFoundError:
            return self._fetched(ref)

    def _fetched(self, ref: str) -> tuple[bytes, str]:
        query = {"phone_number_id": self._setting("phone_number_id")}
        found = self._call("GET", ref, query=query)
        url = web_address(words(found.get("url")))
        if not url:
            raise errors.MalformedResponse("malformed", "media")
        if (number(found.get("file_size")) or 0) > MAX_FILE:
            raise errors.MalformedResponse("too_large", str(found["file_size"]))
        token = header_token(self._setting("access_token"))
        try:
            answer = self.transport.request(
                "GET",
                url,
                headers={"Authorization": f"Bearer {token}"},
                max_body=MAX_FILE,
                deadline=FILE_DEADLINE,
            )
        except errors.AuthError as error:
            # the token was good a moment ago: the address has ended
            raise errors.NotFoundError("not_found", "media") from error
        if not _is_whole(answer.content, words(found.get("sha256"))):
            raise errors.MalformedResponse("malformed", "sha256")
        told = words(found.get("mime_type")) or answer.headers.get("content-type", "")
        mime = told.partition(";")[0].strip().lower()
        return answer.content, mime or "application/octet-stream"


def _is_whole(data: bytes, announced: str) -> bool:
    """Is it what was announced? In hex or in base64, as the version likes (§6)."""
    digest = hashlib.sha256(data)
    if not announced:
        return True
    packed = base64.b64encode(digest.digest()).decode()
    return announced.lower() == digest.hexdigest() or announced == packed
