"""Who hears that something changed.

- helpdesk users: the ids of messages and tickets, whatever they are about
  (``res.groups``, subscribed by ``bus`` itself);
- every internal user with such a screen open, for each company of theirs: ids of
  public messages, and of the tickets and contacts that these are about;
- of those, the members of the group for private history: the same of what is not;
- portal users, visitors and people of other companies: nothing, ever.

A browser asks by one word and gets the channels that its person is entitled to; it
cannot name a company.
"""

from odoo import models

from .helpdesk_social_access import PRIVATE_HISTORY
from .helpdesk_social_live import SUBCHANNELS

#: what a screen asks to hear; the server puts channels in its place
ASKED = "helpdesk_social_live"


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Override of `bus`: the companies' channels, for screens that ask."""
        asked = ASKED in channels
        channels = [one for one in channels if one != ASKED]
        user = self.env.user
        if asked and user._is_internal():
            heard = [True]
            if user.has_group(PRIVATE_HISTORY):
                heard.append(False)
            # sudo: res.users - which companies are the user's own
            for company in user.sudo().company_ids:
                channels += [(company, SUBCHANNELS[one]) for one in heard]
        return super()._build_bus_channel_list(channels)
