"""What may be done about a message on X, what it costs, how long it may be. Pure.

The one place that knows the rules of X's plans: on all but the enterprise plan only
people who named us, or quoted us, are answered by API (fact sheet x §0). What a person
may do by hand on X comes with the address for it.
"""

from dataclasses import replace
from decimal import Decimal
from urllib.parse import quote, urlencode

from . import base, items, text, x_weight
from .terms import _lt
from .x_account import XAccount
from .x_names import INBOX, SITE, id_in, permalink
from .x_values import ident

MEGABYTE = 1024 * 1024
#: §6; of videos X takes 512 MB, we what Odoo takes from a browser unless told otherwise
#: (``DEFAULT_MAX_CONTENT_LENGTH``): a file is held in memory while it goes up
MAX_IMAGE, MAX_GIF, MAX_VIDEO = 5 * MEGABYTE, 15 * MEGABYTE, 128 * MEGABYTE
MAX_PHOTOS = 4
ALT_LENGTH = 1000
DIRECT_LENGTH = 10_000
IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif")
VIDEOS = ("video/mp4", "video/quicktime")

#: US dollars of pay-per-use (§0, and X's price list as read in November 2026). Whether
#: people and posts in the side tables are billed too is not documented: they are not
#: counted here
PRICES = {
    "owned_read": "0.001",
    "post_read": "0.005",
    "user_read": "0.010",
    "dm_read": "0.010",
    "post": "0.015",
    "summoned_reply": "0.010",
    "post_url": "0.200",
    "dm": "0.015",
    "like": "0.015",
    "delete": "0.010",
    "manage": "0.005",
    # not in the list of prices: as any other act towards a person
    "block": "0.015",
    "alt_text": "0.005",
}
LABELS = {
    "owned_read": _lt("Own mentions and posts read"),
    "post_read": _lt("Posts read"),
    "user_read": _lt("People read"),
    "dm_read": _lt("Private messages read"),
    "post": _lt("Posts"),
    "summoned_reply": _lt("Replies to people who named us"),
    "post_url": _lt("Posts with an address in them"),
    "dm": _lt("Private messages sent"),
    "like": _lt("Likes"),
    "delete": _lt("Deletions"),
    "manage": _lt("Replies hidden or shown"),
    "block": _lt("People kept from writing to us in private"),
    "alt_text": _lt("Descriptions of pictures"),
}


def compose_url(person: str, words: str = "") -> str:
    """Opens a private conversation with a person, with words to send (§7)."""
    query = {"recipient_id": person, **({"text": words} if words else {})}
    return f"{INBOX}/compose?{urlencode(query, quote_via=quote)}"


class XMay(XAccount):
    """Rules, prices and lengths; not an adapter yet."""

    prices = PRICES
    price_labels = LABELS

    def _cost(self, *kinds: str) -> str:
        """What all of these cost together, as text."""
        if self._enterprise:
            return ""
        total = sum((Decimal(self.prices[kind]) for kind in kinds), Decimal(0))
        cents = total.quantize(Decimal("0.01"))
        return f"${total.normalize():f}" if total != cents else f"${cents}"

    def _kind(self, words: str, summoned: bool) -> str:
        """How a post with these words is billed."""
        if x_weight.has_url(words):
            return "post_url"
        return "summoned_reply" if summoned else "post"

    # --- affordances ----------------------------------------------------------
    def affordances(self, message: items.MessageFacts) -> list[items.Affordance]:
        if message.deleted:
            return []
        if message.own:
            return [items.Affordance(base.DELETE, True, cost=self._cost("delete"))]
        if message.audience == items.PRIVATE:
            return [self._direct(message)]
        if message.audience == items.GROUP:
            return [self._group(message), self._direct(message)]
        found = [self._public(message), self._direct(message), self._like(message)]
        if message.extra.get("own_root") is True:
            found.append(items.Affordance(base.HIDE, True, cost=self._cost("manage")))
        return found

    def _public(self, message) -> items.Affordance:
        summoned = message.extra.get("summoned") is True
        reason = "" if summoned or self._enterprise else "not_summoned"
        if message.blocked:
            reason = "blocked"
        return items.Affordance(
            base.REPLY_PUBLIC,
            not reason,
            reason,
            cost=self._cost("summoned_reply" if summoned else "post"),
            max_length=self._limit,
            url=f"{SITE}/intent/post?in_reply_to={id_in(message.ref)}"
            if reason and id_in(message.ref)
            else "",
        )

    def _group(self, message) -> items.Affordance:
        """A conversation of several; or a post for followers only, which cannot be
        answered for those same people."""
        reason = "blocked" if message.blocked else ""
        url = INBOX
        if message.extra.get("protected") is True:
            reason, url = "protected", permalink(id_in(message.ref))
        elif message.extra.get("sealed") is True:
            reason = "sealed"
        return items.Affordance(
            base.REPLY_GROUP,
            not reason,
            reason,
            cost=self._cost("dm"),
            max_length=DIRECT_LENGTH,
            url=url if reason else "",
        )

    def _direct(self, message) -> items.Affordance:
        person, reason = message.author.id, ""
        if message.author.shared or not person:
            reason = "no_target"
        elif message.blocked:
            reason = "blocked"
        elif message.extra.get("sealed") is True:
            reason = "sealed"
        elif message.audience != items.PRIVATE and message.extra.get("dm") is False:
            reason = "inbox_closed"
        elif not self._may("dm.write"):
            reason = "scope"
        return items.Affordance(
            base.REPLY_PRIVATE,
            not reason,
            reason,
            cost=self._cost("dm"),
            max_length=DIRECT_LENGTH,
            url=compose_url(person) if reason and person else "",
        )

    def _link_ways(self, message, token: str) -> list[items.Way]:
        """The address that opens a conversation with us (§7). It brings nothing back:
        who writes then is the same person here as in public."""
        me = ident(self.facts.get("id"))
        reason = "" if me else "account_not_active"
        return [items.Way(items.LINK, reason, url=compose_url(me) if me else "")]

    def _like(self, message) -> items.Affordance:
        reason = "" if self._enterprise else "not_in_plan"
        url = permalink(id_in(message.ref)) if reason else ""
        return items.Affordance(
            base.LIKE, not reason, reason, cost=self._cost("like"), url=url
        )

    def blocking(self, person: items.PersonFacts) -> items.Affordance:
        """Private messages only: the API has nothing else to block with (§2)."""
        found = super().blocking(person)
        if found.allowed and not self._may("dm.write"):
            return items.Affordance(base.BLOCK, False, "scope")
        return replace(found, cost=self._cost("block"))

    # --- length, files --------------------------------------------------------
    @property
    def _limit(self) -> int:
        return x_weight.LONG_LIMIT if self._posts_long else x_weight.LIMIT

    def measure(self, draft: items.Draft) -> items.Measure:
        """As twitter-text counts, for posts; characters, for private messages."""
        if draft.audience != items.PUBLIC:
            parts = text.split(draft.text, DIRECT_LENGTH, len)
            cost = self._cost(*["dm"] * len(parts))
            return items.Measure(len(draft.text), DIRECT_LENGTH, parts, cost)
        parts = x_weight.split(draft.text, self._limit)
        summoned = bool(draft.target and draft.target.extra.get("summoned"))
        kinds = [
            # only the first part answers who named us, the others answer ourselves
            self._kind(part, summoned and not number)
            for number, part in enumerate(parts)
        ]
        return items.Measure(
            x_weight.weigh(draft.text), self._limit, parts, self._cost(*kinds)
        )

    def media_rules(self, audience: str) -> items.MediaRules:
        return items.MediaRules(
            max_files=MAX_PHOTOS if audience == items.PUBLIC else 1,
            types=(*IMAGES, *VIDEOS),
            max_bytes={
                "image/gif": MAX_GIF,
                "image": MAX_IMAGE,
                "video": MAX_VIDEO,
            },
            alone=("image/gif", "video"),
            alt_length=ALT_LENGTH,
        )
