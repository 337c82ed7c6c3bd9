"""The Social page in a real browser, against the real server."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import SocialFixtures


@tagged("post_install", "-at_install")
class TestSocialPageTour(SocialFixtures, HttpCase):
    def test_answer_in_public_and_in_private(self):
        sandbox = self.make_account("sandbox", name="Practice", undo_seconds=0)
        sandbox.set_settings({"handle": "practice_page"})
        sandbox.action_connect()
        posts = self.env["helpdesk.social.sandbox.post"]
        posts._say(sandbox, "ann", "My parcel is lost!")
        sandbox.action_pull()
        message = self.env["helpdesk.social.message"].search(
            [("account_id", "=", sandbox.id)]
        )
        ticket = message.ticket_id
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
