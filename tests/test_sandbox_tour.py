"""The sandbox in a real browser: customers write, we answer, they go on."""

from odoo.tests import HttpCase, tagged

from .common import SocialFixtures


@tagged("post_install", "-at_install")
class TestSandboxTour(SocialFixtures, HttpCase):
    def test_the_wall(self):
        accounts = self.env["helpdesk.social.account"]
        accounts.search([("network_code", "=", "sandbox")]).active = False
        self.manager.password = self.manager.login
        page = "/odoo/helpdesk-social-wall"
        self.start_tour(
            page, "helpdesk_social_sandbox_customers", login=self.manager.login
        )
        self.env.invalidate_all()
        account = accounts.search([("network_code", "=", "sandbox")])
        messages = self.env["helpdesk.social.message"].search(
            [("account_id", "=", account.id)]
        )
        self.assertEqual(len(messages.ticket_id), 4)
        asked = messages.filtered(lambda one: "4711" in one.text)
        row = asked.ticket_id.with_user(self.agent_all).social_reply(
            "On its way!", "public"
        )
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.start_tour(
            page, "helpdesk_social_sandbox_answers", login=self.manager.login
        )
        self.env.invalidate_all()
        self.assertEqual(len(asked.ticket_id.social_message_ids), 3)
