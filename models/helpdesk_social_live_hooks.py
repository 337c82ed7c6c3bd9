"""What makes screens be told: writing what they show. Bookkeeping tells nobody.

Only notes ids; where something leaves a screen, whose screen that was is found out
before it is too late. Nothing here may cost a query while messages come in.
"""

from odoo import api, models

from .common import UNPUBLISHED

#: bookkeeping of messages that no screen shows
SILENT = {"reread_at", "refs", "extra", "payload", "why"}
#: bookkeeping of tickets: it comes along with what is shown, or by itself
SILENT_OF_TICKET = {
    "access_token",
    "assigned_date",
    "last_stage_update",
    "message_main_attachment_id",
}
#: tickets' fields that histories and complaints of contacts follow from
STAGE = {"stage_id", "active"}
#: identities' fields that contacts' pages and tickets show; who was asked for a proof
#: and what the person gave are told by the messages that brought it, to their readers
SHOWN = {
    "avatar_url",
    "blocked_at",
    "handle",
    "link_basis",
    "linked_by_id",
    "merged_into_id",
    "name",
    "partner_id",
    "proved_partner_id",
    "proved_until",
    "shared",
    "suggested_partner_id",
    "suggestion_reason",
    "url",
    "verified",
}
#: whose page it is on
WHOSE = ("partner_id", "suggested_partner_id")


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        self.env["helpdesk.social.live"]._changed(messages)
        return messages

    def write(self, vals):
        if not vals.keys() <= SILENT:
            live = self.env["helpdesk.social.live"]
            left = self.ticket_id if "ticket_id" in vals else None
            live._changed(self, left)
            leaving = self._leaves_histories(vals)
            if leaving:
                live._leaving(messages=set(leaving.ids))
        return super().write(vals)

    def _leaves_histories(self, vals):
        """Those of which a history has less after this: they become another person's,
        or colleagues may not read them any more."""
        leaving = self.browse()
        for name in {"identity_id", "to_identity_id"} & vals.keys():
            leaving |= self.filtered(
                lambda one, name=name: one[name] and one[name].id != vals[name]
            )
        if vals.get("delivery_state") in UNPUBLISHED:
            leaving |= self.filtered(
                lambda one: one.delivery_state and one.delivery_state not in UNPUBLISHED
            )
        return leaving

    @api.ondelete(at_uninstall=False)
    def _unlink_tell(self):
        live = self.env["helpdesk.social.live"]
        live._changed(self, self.ticket_id)
        if self:
            live._leaving(messages=set(self.ids))


class HelpdeskSocialConversation(models.Model):
    _inherit = "helpdesk.social.conversation"

    def write(self, vals):
        if "ticket_id" in vals:
            # the old ticket's page offers answers to a thread that has gone on
            tickets = self.ticket_id | self.ticket_id.browse(vals["ticket_id"] or [])
            live = self.env["helpdesk.social.live"]
            live._changed(self.env["helpdesk.social.message"], tickets)
        return super().write(vals)


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    @api.model_create_multi
    def create(self, vals_list):
        identities = super().create(vals_list)
        # nobody shows a person who has said nothing yet and is nobody's
        linked = identities.filtered(lambda one: any(one[name] for name in WHOSE))
        if linked:
            self.env["helpdesk.social.live"]._changed_people(linked)
        return identities

    def write(self, vals):
        if vals.keys() & SHOWN:
            live = self.env["helpdesk.social.live"]
            live._changed_people(self)
            leaving = self.browse()
            for name in WHOSE:
                if name in vals:
                    leaving |= self.filtered(
                        lambda one, name=name: one[name] and one[name].id != vals[name]
                    )
            if leaving:
                live._leaving(identities=set(leaving.ids))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_tell(self):
        if self:
            self.env["helpdesk.social.live"]._leaving(identities=set(self.ids))


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        self._tell_screens(tickets)
        return tickets

    def write(self, vals):
        if not vals.keys() <= SILENT_OF_TICKET:
            self._tell_screens(self)
            if vals.keys() & STAGE:
                self.env["helpdesk.social.live"]._changed_stage(self)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_tell(self):
        self._tell_screens(self)
        if self:
            self.env["helpdesk.social.live"]._leaving(stages=set(self.ids))

    @api.model
    def _tell_screens(self, tickets):
        live = self.env["helpdesk.social.live"]
        live._changed(self.env["helpdesk.social.message"], tickets)
