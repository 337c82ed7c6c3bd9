"""Customers with a login: what `helpdesk_mgmt` shows and lets them do, made safe.

A customer sees nothing of what was said on a network, and nothing that a customer
does on these pages may ever cause traffic to one.
"""

from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController
from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk


class SocialTicketController(HelpdeskTicketController):
    @http.route(methods=["GET", "POST"])
    def support_ticket_close(self, ticket_id=None, stage_id=None, **kw):
        """Override of `helpdesk_mgmt`, which closes any ticket for anybody, on GET.

        Only a ticket that the user's own record rules show, only a stage that its
        page offers, and only by POST, which carries a token against forgery.
        """
        ticket = self._readable_ticket(ticket_id)
        if not ticket:
            return request.redirect("/my")
        page = f"/my/ticket/{ticket.id}"
        stage = self._offered_stages(ticket).filtered(
            lambda one: str(one.id) == str(stage_id)
        )
        if request.httprequest.method != "POST" or not stage or ticket.closed_date:
            return request.redirect(page)
        if request.env.user._is_internal():
            if ticket.has_access("write"):
                ticket.stage_id = stage
        else:
            # sudo: helpdesk.ticket - the one change a customer may make to a ticket
            # that he may read, to a stage that is meant for it
            ticket.sudo().stage_id = stage
        return request.redirect(page)

    def _readable_ticket(self, ticket_id):
        if not str(ticket_id or "").isdecimal():
            return request.env["helpdesk.ticket"]
        domain = [("id", "=", int(ticket_id))]
        return request.env["helpdesk.ticket"].search(domain)

    def _offered_stages(self, ticket):
        """The stages for which the ticket's page has a button."""
        # sudo: helpdesk.ticket - as the page itself: team and stages of the ticket
        ticket = ticket.sudo()
        stages = ticket.team_id._get_applicable_stages()
        if not ticket.team_id:
            stages = ticket.stage_id.search(
                [
                    ("company_id", "in", [False, ticket.company_id.id]),
                    ("team_ids", "=", False),
                ]
            )
        return stages.filtered("close_from_portal")


class SocialCustomerPortal(CustomerPortalHelpdesk):
    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Override of `helpdesk_mgmt`: its page shows every file of the ticket."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        values["shown_attachments"] = self._shown_attachments(ticket)
        return values

    def _shown_attachments(self, ticket):
        """Files for the page. On a ticket with social conversations only those a
        customer gave, or got in a message he may read: colleagues put files of
        private conversations on tickets too.
        """
        files = ticket.attachment_ids
        if request.env.user._is_internal() or not ticket.sudo().social_conversation_ids:
            return files
        # sudo: mail.message - the customer's share of the ticket's messages, as the
        # portal's chatter computes it
        messages = request.env["mail.message"].sudo()
        told = messages.search(
            Domain(messages._get_search_domain_share())
            & Domain("model", "=", ticket._name)
            & Domain("res_id", "=", ticket.id)
            & Domain("attachment_ids", "in", files.ids)
        ).attachment_ids
        return files.filtered(lambda one: one in told or one.create_uid.share)
