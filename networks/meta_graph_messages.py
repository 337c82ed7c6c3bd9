"""Private messages of Messenger and Instagram: the half that both networks share.

A mixin over Meta's line. An adapter says which platform it is, how it counts and what
it takes (class attributes), who we are (``message_own``, ``message_node``), and hands
over what is a message. Fact sheet meta §3, §4, §5; how it is joined stands below.

* ``split``: for each entry ``found += self.message_items(entry, account_id)``
* ``parse``: ``if self.is_message(item): return self.message_parse(item)``
* ``fetch``: stream ``STREAM`` is ``fetch_messages``
* ``affordances``, ``measure``, ``media_rules``, ``stage``, ``publish``, ``lookup``,
  ``moderate``, ``profile``, ``fetch_media``: the same with ``message_`` before them,
  for what is private and answers something private; ``private_reply`` and
  ``private_reply_affordance`` for what answers something public
"""

from collections.abc import Mapping
from urllib.parse import urljoin

from . import errors, items
from .download import FILE_DEADLINE, HOPS, MAX_FILE, REDIRECTS
from .meta_graph_messages_content import MEDIA_HOSTS, attached, read_ref
from .meta_graph_messages_may import MESSAGE_SETTINGS
from .meta_graph_messages_pull import STREAM
from .meta_graph_messages_push import raw_items
from .meta_graph_messages_read import is_message, parse
from .meta_graph_messages_send import GraphMessageSending
from .meta_graph_messages_values import Own, ident, person
from .values import mapping, web_address, words

__all__ = ["MEDIA_HOSTS", "MESSAGE_SETTINGS", "STREAM", "GraphMessages", "Own"]

#: refusals that mean no more than "this person shows you nothing" (§1, §4)
HIDDEN = frozenset({"not_found", "undeliverable", "scope", "bad_parameter"})


class GraphMessages(GraphMessageSending):
    """See the top of this file; no adapter yet."""

    #: what is asked of a person
    message_profile_fields = "first_name,last_name,name,profile_pic"

    # --- in -------------------------------------------------------------------
    def message_items(self, entry: Mapping, account_id: str) -> list[items.RawItem]:
        """Everything in ``messaging`` and ``standby`` of a webhook's entry."""
        return raw_items(entry, account_id)

    @staticmethod
    def is_message(item: items.RawItem) -> bool:
        return is_message(item.data)

    def message_parse(self, item: items.RawItem) -> items.Parsed:
        return parse(item.data, self.message_own())

    def message_profile(self, external_id: str) -> items.Author:
        """Who somebody is, as far as they show it; nothing but the id is normal (§4).

        :raises NotFoundError: no id of a person
        """
        one_id, own = ident(external_id), self.message_own()
        if not one_id:
            raise errors.NotFoundError("not_found", "person")
        query = {"fields": self.message_profile_fields}
        try:
            found = self._call("GET", one_id, query=query)
        except (errors.RejectedError, errors.ScopeError) as error:
            if error.code not in HIDDEN:
                raise
            found = {}
        known = person({**found, "id": one_id}, own)
        names = (words(found.get("first_name")), words(found.get("last_name")))
        return items.Author(
            id=one_id,
            scope=own.id,
            handle=known.handle,
            name=known.name or " ".join(one for one in names if one)[:200],
            avatar=web_address(words(found.get("profile_pic"))),
            verified=found.get("is_verified_user") is True,
        )

    # --- files ----------------------------------------------------------------
    def message_fetch_media(self, ref: str) -> tuple[bytes, str]:
        """The bytes and the type; where the address has ended, a fresh one is asked
        for, as long as the message can be read.

        :raises NotFoundError: gone, or not a file of Meta's
        """
        place, mid, url = read_ref(ref)
        if not place or not url:
            raise errors.NotFoundError("not_found", "media")
        try:
            return self._downloaded(url)
        except (errors.NotFoundError, errors.RejectedError, errors.AuthError):
            fresh = self._fresh_address(place, mid)
            if not fresh or fresh == url:
                raise errors.NotFoundError("not_found", "media") from None
            return self._downloaded(fresh)

    def _fresh_address(self, place: str, mid: str) -> str:
        """Where the file is now; '' where the message cannot be read any more."""
        if not mid:
            return ""
        try:
            found = self._call("GET", mid, query={"fields": "attachments,sticker"})
        except (errors.RejectedError, errors.ScopeError):
            return ""
        for one in attached(mid, mapping(found)):
            if read_ref(one.ref)[0] == place:
                return read_ref(one.ref)[2]
        return ""

    def _downloaded(self, url: str) -> tuple[bytes, str]:
        """Through a few redirects, on the adapter's own hosts only, with no token."""
        for _hop in range(HOPS):
            if not url:
                break
            try:
                answer = self.transport.request(
                    "GET",
                    url,
                    max_body=MAX_FILE,
                    deadline=FILE_DEADLINE,
                    ok=REDIRECTS,
                )
            except errors.ConfigError as error:
                # an address that we do not ask is no fault of our settings
                raise errors.NotFoundError("not_found", error.code) from error
            if answer.status not in REDIRECTS:
                mime = answer.headers.get("content-type", "").partition(";")[0]
                return answer.content, mime.strip() or "application/octet-stream"
            url = web_address(urljoin(url, answer.headers.get("location", "")))
        raise errors.MalformedResponse("redirect", "")
