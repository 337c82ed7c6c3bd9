"""What Meta pushes for an app: looked at, and asked for where nobody has yet.

An app has one address per kind of object, and the fields it hears of. Whatever stands
there belongs perhaps to another program, so it is never replaced: a person decides.
Fact sheets meta §7 and whatsapp §2.
"""

from collections.abc import Iterable, Mapping

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


class GraphSubscriptions(GraphTokens):
    """Subscriptions of the app; no adapter yet."""

    def _subscribe_app(
        self, kind: str, needed: Iterable[str], useful: Iterable[str], url, secret
    ):
        """Have the app hear of the ``needed`` fields of objects of a ``kind``.

        Nothing is done without an app id: then a person has to see to it.

        :raises RejectedError: ``webhook_fields``: the app pushes somewhere else and
            leaves out what is needed; ``webhook_unproved``: Meta could not reach us
        """
        if not self._setting("app_id"):
            return
        there = self._app_subscription(kind)
        known = {
            words(mapping(one).get("name")) for one in listing(there.get("fields"))
        }
        missing = set(needed) - known
        place = words(there.get("callback_url"))
        if there and not missing and there.get("active") is not False:
            return
        if place and place != url:
            raise errors.RejectedError("webhook_fields", ", ".join(sorted(missing)))
        form = {
            "object": kind,
            "callback_url": url,
            "verify_token": secret,
            "fields": ",".join(sorted(known | set(needed) | set(useful))),
        }
        self._call("POST", self._subscriptions(), form=form, token=self._app_token())

    def _app_hears(self, kind: str, needed: Iterable[str]) -> bool:
        """Does the app hear of the ``needed`` fields of objects of a ``kind``?"""
        there = self._app_subscription(kind)
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
