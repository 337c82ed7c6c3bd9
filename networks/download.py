"""A file that a network keeps wherever it likes: followed through a few redirects.

The host is allowed for the call only; our token stays at home, and private addresses
stay closed (transport). It must never be given credentials.
"""

from urllib.parse import urljoin, urlsplit

from . import errors
from .values import web_address

#: bytes of one file: a video of a minute; it is held in memory
MAX_FILE = 40 * 1024 * 1024
FILE_DEADLINE = 60.0
#: addresses that may be behind each other
HOPS = 3
REDIRECTS = (301, 302, 303, 307, 308)


def download(transport, url: str) -> tuple[bytes, str]:
    """(bytes, mime type) of the file at ``url``.

    :raises MalformedResponse: too many redirects, or one that leads nowhere
    """
    url = web_address(url)
    for _hop in range(HOPS):
        if not url:
            break
        answer = transport.request(
            "GET",
            url,
            max_body=MAX_FILE,
            deadline=FILE_DEADLINE,
            ok=REDIRECTS,
            hosts=(urlsplit(url).hostname or "",),
        )
        if answer.status not in REDIRECTS:
            mime = answer.headers.get("content-type", "").partition(";")[0].strip()
            return answer.content, mime or "application/octet-stream"
        url = web_address(urljoin(url, answer.headers.get("location", "")))
    raise errors.MalformedResponse("redirect", "")
