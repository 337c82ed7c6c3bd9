"""The Social page in a real browser, against the real server."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import SocialFixtures


@tagged("post_install", "-at_install")
class TestSocialPageTour(SocialFixtures, HttpCase):
    def test_answer_in_public_and_in_private(self):
        self.account._remember_home()
        ticket = self.make_ticket(name="Where is my parcel?")
        ann = self.make_identity("ann")
        thread = self.make_conversation("public", ticket, identity_id=ann.id)
        self.make_conversation(
            "private", ticket, identity_id=ann.id, participant_ids=[(6, 0, ann.ids)]
        )
        message = self.make_message(thread, "My parcel is lost!", waiting=True)
        self.start_tour(
            f"/odoo/helpdesk.ticket/{ticket.id}",
            "helpdesk_social_page",
            login=self.agent_all.login,
        )
        sent = self.env["helpdesk.social.message"].search(
            [("ticket_id", "=", ticket.id), ("direction", "=", "out")], order="id"
        )
        self.assertEqual(
            sent.mapped(lambda one: (one.audience, one.text, one.parent_id)),
            [
                ("public", "We are looking into it.", message),
                ("private", "Could you send us your address?", message),
            ],
        )
        self.assertEqual(sent.user_id, self.agent_all)
        self.assertEqual(message.handled_how, "no_answer")
        self.assertLessEqual(message.handled_at, fields.Datetime.now())
        self.assertFalse(
            self.env["helpdesk.social.draft"].search([("ticket_id", "=", ticket.id)])
        )

    def test_mail_tickets_keep_their_description_first(self):
        ticket = self.make_ticket(name="By e-mail")
        self.browser_js(
            f"/odoo/helpdesk.ticket/{ticket.id}",
            "console.log(document.querySelector('.o_social') ? 'fail' : "
            "'test successful')",
            "document.querySelector('.o_notebook .nav-link.active')?.textContent"
            ".includes('Description')",
            login=self.agent_all.login,
        )
