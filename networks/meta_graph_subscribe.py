"""What Meta pushes for an app: looked at, and asked for where nobody has yet.

An app has one address per kind of object, and the fields it hears of. Whatever stands
there belongs perhaps to another program, so it is never replaced: a person decides.
Fact sheets meta §7 and whatsapp §2.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from . import errors
from .meta_graph_tokens import GraphTokens
from .values import listing, mapping, number, words


def lists_app(answer: Mapping, app_id: str) -> bool:
    """Is our app among those that a page or a business account has subscribed?

    A page names it as it is, a business account one level deeper.

    :raises MalformedResponse: there is no list
    """
    rows = answer.get("data")
    if not isinstance(rows, list):
        raise errors.MalformedResponse("malformed", "subscribed_apps")
    found = set()
    for one in map(mapping, rows):
        inner = mapping(one.get("whatsapp_business_api_data"))
        for row in (one, inner):
            found.add(words(row.get("id")) or str(number(row.get("id")) or ""))
    return app_id in found


def _is_ours(place: str, url: str) -> bool:
    """Is an address this program's: the same but for the token at its end, which is
    renewed at will, or with the same token, which nobody else knows?"""
    (before, _, token), (ahead, _, ours) = place.rpartition("/"), url.rpartition("/")
    return before == ahead or (bool(token) and token == ours)


def _host(place: str) -> str:
    try:
        return urlsplit(place).hostname or "?"
    except ValueError:
        return "?"


class GraphSubscriptions(GraphTokens):
    """Subscriptions of the app; no adapter yet."""

    def _subscribe_app(
        self,
        kind: str,
        needed: Iterable[str],
        useful: Iterable[str],
        url: str,
        secret: str,
        elsewhere: bool = False,
    ):
        """Have the app hear of the ``needed`` fields of objects of a ``kind``.

        Nothing is done without an app id: then a person has to see to it. An address
        of ours that was renewed, or moved, makes way for the new one.

        :param elsewhere: the app's own address may be another program's, as each
            object has one besides
        :raises RejectedError: ``webhook_fields``: the app pushes somewhere else and
            leaves out what is needed; ``webhook_elsewhere``: it pushes all of it, and
            not to us; ``webhook_unproved``: Meta could not reach us
        """
        if not self._setting("app_id"):
            return
        there = self._app_subscription(kind)
        known = {
            words(mapping(one).get("name")) for one in listing(there.get("fields"))
        }
        missing = set(needed) - known
        place = words(there.get("callback_url"))
        complete = there and not missing and there.get("active") is not False
        theirs = bool(place) and not _is_ours(place, url)
        if complete and (place == url or (theirs and elsewhere)):
            return
        if theirs and missing:
            raise errors.RejectedError("webhook_fields", ", ".join(sorted(missing)))
        if theirs:
            # its host only: an address may be a secret
            raise errors.RejectedError("webhook_elsewhere", _host(place))
        form = {
            "object": kind,
            "callback_url": url,
            "verify_token": secret,
            "fields": ",".join(sorted(known | set(needed) | set(useful))),
        }
        self._call("POST", self._subscriptions(), form=form, token=self._app_token())

    def _app_hears(self, kind: str, needed: Iterable[str], url: str = "") -> bool:
        """Does the app hear of the ``needed`` fields of objects of a ``kind``, at
        ``url`` where that is given?"""
        there = self._app_subscription(kind)
        if url and words(there.get("callback_url")) not in ("", url):
            return False
        known = {
            words(mapping(one).get("name")) for one in listing(there.get("fields"))
        }
        return there.get("active") is not False and set(needed) <= known

    def _subscriptions(self) -> str:
        return f"{self._setting('app_id')}/subscriptions"

    def _app_subscription(self, kind: str) -> dict:
        """What the app hears of objects of a kind; {} for nothing."""
        answer = self._call("GET", self._subscriptions(), token=self._app_token())
        if not isinstance(answer.get("data"), list):
            raise errors.MalformedResponse("malformed", "subscriptions")
        rows = [mapping(one) for one in answer["data"]]
        return next((one for one in rows if one.get("object") == kind), {})
