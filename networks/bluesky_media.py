"""Files of other people's posts on Bluesky: pictures as shown, films from their server.

Pictures come from where the network shows them. Films exist whole only on the author's
own server, which the author's DID document names: any host, so our token is never
sent along, and private addresses stay closed (transport). Fact sheet bluesky §3, §7.
"""

from urllib.parse import quote, unquote, urlsplit

from . import errors
from .bluesky_session import server_of
from .bluesky_values import ident, link, owner
from .bluesky_verbs import BlueskyVerbs
from .download import download
from .values import listing, mapping

#: where the documents of ``did:plc`` are kept
DIRECTORY = "https://plc.directory"
#: a DID document has some hundred bytes
MAX_DOCUMENT = 256 * 1024


class BlueskyMedia(BlueskyVerbs):
    def fetch_media(self, ref: str) -> tuple[bytes, str]:
        """The file of a ``Media.ref``: the post's address and the blob's id."""
        self._known_facts()
        uri, _, cid = ref.partition(" ")
        author = owner(uri)
        if not author or not ident(cid):
            raise errors.NotFoundError("not_found", ref[:100])
        view = self._views([uri]).get(uri)
        if view is None:
            raise errors.NotFoundError("not_found", uri[:100])
        shown = next((one for one in _shown(view) if cid in one), "")
        return download(self.transport, shown or self._blob(author, cid))

    def _blob(self, author: str, cid: str) -> str:
        server = self.pds
        if not self._reader.is_own(author):
            server = server_of(self._document(author), author)
        if not server:
            raise errors.NotFoundError("not_found", author)
        query = f"did={quote(author, '')}&cid={quote(cid, '')}"
        return f"{server}{self._path('com.atproto.sync.getBlob')}?{query}"

    def _document(self, one_did: str) -> dict:
        """Somebody's DID document (§7): of the directory, or of the domain it names."""
        method, _, name = one_did.removeprefix("did:").partition(":")
        if method == "plc":
            directory = (self.settings.get("directory") or "").strip() or DIRECTORY
            url = f"{directory.rstrip('/')}/{one_did}"
        elif method == "web" and ":" not in name:
            url = f"https://{unquote(name)}/.well-known/did.json"
        else:
            raise errors.NotFoundError("not_found", one_did)
        if not link(url):
            raise errors.NotFoundError("not_found", one_did)
        answer = self.transport.request(
            "GET", url, hosts=(urlsplit(url).hostname or "",), max_body=MAX_DOCUMENT
        )
        return mapping(answer.json())


def _shown(view: dict) -> list[str]:
    """Addresses of a post's pictures, as the view tells them."""
    embed = mapping(view.get("embed"))
    embed = mapping(embed.get("media")) or embed
    pictures = listing(embed.get("images")) or listing(embed.get("items"))
    return [
        address
        for address in (link(mapping(one).get("fullsize")) for one in pictures)
        if address
    ]
