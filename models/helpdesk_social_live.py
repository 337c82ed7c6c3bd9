"""Tells open screens that something changed: ids only, once per transaction.

Record rules do not apply on a bus channel, so no text and no name may ever go through
here; each screen then reads what its person may see.
"""

import time
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from odoo import api, models

CHANNEL = "helpdesk_mgmt.group_helpdesk_user_own"
NOTICE = "helpdesk_social/changed"
#: ids in one notice; a storm is told as "look again" instead of by ids
MAX_IDS = 500
#: bookkeeping that no screen shows
SILENT = {"reread_at", "refs", "extra", "payload", "why"}
_KEY = "helpdesk_social.changed"
#: seconds between two notices of one lane at work: each takes a connection of its own
#: (2.7 ms), and no eye is quicker
GATHER = 0.5
#: cursor of a lane -> what it has not told yet
_gathered = WeakKeyDictionary()


class HelpdeskSocialLive(models.AbstractModel):
    _name = "helpdesk.social.live"
    _description = "Social Live Updates"

    @api.model
    def _changed(self, messages, tickets=None):
        """Note changed messages (and tickets); told when the transaction commits.

        :param tickets: tickets that messages left, or that changed by themselves
        """
        precommit = self.env.cr.precommit
        if _KEY not in precommit.data:
            precommit.data[_KEY] = (set(), set())
            precommit.add(self._tell)
        message_ids, ticket_ids = precommit.data[_KEY]
        message_ids.update(messages.ids)
        if tickets:
            ticket_ids.update(tickets.ids)

    @contextmanager
    def _gathering(self):
        """Within it, commits tell the screens every ``GATHER`` seconds at most; the
        commit after it tells the rest."""
        cr = self.env.cr
        _gathered[cr] = {"at": time.monotonic(), "messages": set(), "tickets": set()}
        try:
            yield
        finally:
            rest = _gathered.pop(cr)
        self._changed(
            self.env["helpdesk.social.message"].browse(rest["messages"]),
            self.env["helpdesk.ticket"].browse(rest["tickets"]),
        )

    @api.model
    def _tell(self):
        message_ids, ticket_ids = self.env.cr.precommit.data.pop(_KEY)
        gathered = _gathered.get(self.env.cr)
        if gathered is not None:
            message_ids = gathered["messages"] = gathered["messages"] | message_ids
            ticket_ids = gathered["tickets"] = gathered["tickets"] | ticket_ids
            if time.monotonic() - gathered["at"] < GATHER:
                return
            gathered.update(at=time.monotonic(), messages=set(), tickets=set())
        if message_ids:
            # sudo: helpdesk.social.message - which tickets to look at again, no content
            groups = (
                self.env["helpdesk.social.message"]
                .sudo()
                ._read_group([("id", "in", list(message_ids))], ["ticket_id"])
            )
            ticket_ids |= {ticket.id for (ticket,) in groups if ticket}
        if not ticket_ids and not message_ids:
            return
        told = sorted(message_ids) if len(message_ids) <= MAX_IDS else False
        # sudo: res.groups - the channel every helpdesk user listens to
        channel = self.env.ref(CHANNEL).sudo()
        ordered = sorted(ticket_ids)
        # what has no ticket is told as well: the inbox shows it
        for start in range(0, len(ordered) or 1, MAX_IDS):
            channel._bus_send(
                NOTICE,
                {"ticket_ids": ordered[start : start + MAX_IDS], "message_ids": told},
            )


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        self.env["helpdesk.social.live"]._changed(messages)
        return messages

    def write(self, vals):
        if not vals.keys() <= SILENT:
            left = self.ticket_id if "ticket_id" in vals else None
            self.env["helpdesk.social.live"]._changed(self, left)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_tell(self):
        self.env["helpdesk.social.live"]._changed(self, self.ticket_id)


class HelpdeskSocialConversation(models.Model):
    _inherit = "helpdesk.social.conversation"

    def write(self, vals):
        if "ticket_id" in vals:
            # the old ticket's page offers answers to a thread that has gone on
            tickets = self.ticket_id | self.ticket_id.browse(vals["ticket_id"] or [])
            live = self.env["helpdesk.social.live"]
            live._changed(self.env["helpdesk.social.message"], tickets)
        return super().write(vals)
