"""Who may not write to a WhatsApp number any more, by the list that Meta keeps.

Only people who wrote within the last 24 hours can be put on it; taking off is possible
any time. Fact sheet whatsapp §9.
"""

from datetime import timedelta

from . import base, errors, items
from .values import listing, mapping
from .whatsapp_send import WhatsAppSend
from .whatsapp_values import user_id, wa_id

#: "only users active in last 24 h" (§9)
RECENT = timedelta(hours=24)
VERBS = {base.BLOCK: ("POST", "added_users"), "unblock": ("DELETE", "removed_users")}


class WhatsAppBlock(WhatsAppSend):
    """Blocking; not an adapter yet."""

    def blocking(self, person: items.PersonFacts) -> items.Affordance:
        found = super().blocking(person)
        last = person.last_inbound_at
        if not found.allowed:
            return found
        if not last or self.now() >= last + RECENT:
            return items.Affordance(base.BLOCK, False, "block_too_late")
        return items.Affordance(base.BLOCK, True, until=last + RECENT)

    def moderate(self, verb: str, target: items.Target) -> None:
        """Blocking is at once (§9) and blocked is blocked: a lost answer is only
        transient."""
        if verb not in VERBS:
            return super().moderate(verb, target)
        who = target.author.id
        if user_id(who):
            named = {"user_id": who}
        elif wa_id(who):
            named = {"user": wa_id(who)}
        else:
            raise errors.NotFoundError("not_found", verb)
        method, done = VERBS[verb]
        try:
            answer = self._call(
                method,
                f"{self._number()}/block_users",
                json={"messaging_product": "whatsapp", "block_users": [named]},
            )
        except errors.RejectedError as error:
            if error.code == "window_closed":
                raise errors.RejectedError("block_too_late", error.detail) from error
            raise
        # what failed is told as an error as a rule, and in the list alone at times
        lists = mapping(answer.get("block_users"))
        if not listing(lists.get(done)):
            raise errors.RejectedError("rejected", str(lists)[:200])
        return None
