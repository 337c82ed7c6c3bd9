"""The composer where the newest message cannot be answered: the newest that can.

It offers and says so; it never makes an audience wider and chooses nobody.
"""

from odoo import api, models
from odoo.fields import Domain

from .helpdesk_ticket_reply import MAX_OLDER


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    @api.model
    def _social_older(self, targets, affordances):
        """Where the newest of a conversation cannot be answered, the newest before it
        that can: somebody went on under a post without naming us, say.

        Costs nothing where the newest can be answered.
        """
        messages = self.env["helpdesk.social.message"]
        shut = {}
        for message in targets:
            for one in affordances[message.id]:
                if one["kind"].startswith("reply_"):
                    where = (message.conversation_id, one["kind"])
                    shut[where] = shut.get(where, True) and not one["allowed"]
        shut = {where for where, is_shut in shut.items() if is_shut}
        threads = messages.conversation_id.union(*(thread for thread, _kind in shut))
        # an account that says nothing answers nothing older either
        threads = threads.filtered(
            lambda one: (
                not one.account_id._silence_reason()
                and one.account_id._may_speak(self.env.user)
            )
        )
        if not threads:
            return messages
        before = messages.search_fetch(
            self._social_asked()
            & Domain("ticket_id", "in", targets.ticket_id.ids)
            & Domain("conversation_id", "in", threads.ids)
            & Domain("id", "not in", targets.ids),
            order="sent_at desc, id desc",
            limit=MAX_OLDER,
        )
        afforded, found = before._affordances(), messages
        for message in before:
            open_here = {
                (message.conversation_id, one["kind"])
                for one in afforded[message.id]
                if one["allowed"]
            }
            if open_here & shut:
                found |= message
                shut -= open_here
        return found

    @api.model
    def _social_mark_older(self, targets, options):
        """Say of an option that what came after it cannot be answered the same way."""
        order = {
            message.id: place
            for place, message in enumerate(
                targets.sorted(lambda one: (one.sent_at, one.id))
            )
        }
        for option in options:
            option["older"] = option["allowed"] and any(
                order[other["message_id"]] > order[option["message_id"]]
                and other["audience"] == option["audience"]
                and not other["allowed"]
                for other in options
            )
