"""Who else has a ticket open, and who is writing an answer.

Told from screen to screen and kept nowhere: a screen that closes is forgotten. Names of
colleagues only, never a word of what is written; heard only by helpdesk users who may
read the ticket.
"""

from odoo import models
from odoo.exceptions import AccessError

from .helpdesk_social_account import HELPDESK_USER

NOTICE = "helpdesk_social/presence"
#: what a screen asks to hear; the server puts the ticket's own channel in its place
CHANNEL = "helpdesk_social_ticket:"
SUBCHANNEL = "social_presence"
DOING = ("looking", "writing", "away")
#: channels of one screen; more is not a person
MOST = 20


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def social_presence(self, doing, hello=False):
        """Tell the others with this ticket open what this person does.

        :param doing: ``looking``, ``writing`` or ``away``
        :param hello: the others are asked to tell of themselves
        """
        self.ensure_one()
        self.check_access("read")
        if doing not in DOING or not self.env.user.has_group(HELPDESK_USER):
            return False
        user = self.env.user
        # sudo: bus.bus - the channel is heard by readers of the ticket only
        self.env["bus.bus"].sudo()._sendone(
            (self, SUBCHANNEL),
            NOTICE,
            {
                "ticket_id": self.id,
                "user_id": user.id,
                "name": user.name,
                "doing": doing,
                "hello": bool(hello),
            },
        )
        return True


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Override of `bus`: tickets that the person has open and may read."""
        asked = [
            one for one in channels if isinstance(one, str) and one.startswith(CHANNEL)
        ]
        channels = [one for one in channels if one not in asked]
        if asked and self.env.user.has_group(HELPDESK_USER):
            ids = [one.removeprefix(CHANNEL) for one in asked[:MOST]]
            tickets = self.env["helpdesk.ticket"].browse(
                int(one) for one in ids if one.isascii() and one.isdigit()
            )
            try:
                tickets = tickets.exists()._filtered_access("read")
            except AccessError:
                tickets = tickets.browse()
            channels += [(ticket, SUBCHANNEL) for ticket in tickets]
        return super()._build_bus_channel_list(channels)
