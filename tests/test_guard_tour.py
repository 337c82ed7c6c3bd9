"""The guard in a real browser, on the sandbox network."""

from odoo.tests import HttpCase, tagged

from .common import SocialFixtures


@tagged("post_install", "-at_install")
class TestGuardTour(SocialFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.brand = self.make_account("sandbox", name="Acme Tea", undo_seconds=0)
        # whoever tries the sandbox in this database has the usual name
        self.brand.set_settings({"handle": "acme_guard"})
        self.brand.action_connect()

    def asked(self, text):
        """A customer writes on the sandbox's wall; the message and its page."""
        posts = self.env["helpdesk.social.sandbox.post"]
        post = posts._say(self.brand, "mika", text, "public")
        self.brand.action_pull()
        message = self.env["helpdesk.social.message"].search(
            [("key", "=", str(post.id)), ("account_id", "=", self.brand.id)]
        )
        return message, f"/odoo/helpdesk.ticket/{message.ticket_id.id}"

    def test_private_data_in_a_public_answer(self):
        message, url = self.asked("when does it come?")
        message.identity_id.partner_id = self.env["res.partner"].create(
            {"name": "Margaret Whitfield", "phone": "+44 7400 123456"}
        )
        self.start_tour(url, "helpdesk_social_guard", login=self.agent_all.login)
        self.env.invalidate_all()
        sent = message.ticket_id.social_message_ids.filtered(
            lambda one: one.direction == "out"
        ).sorted("id")
        self.assertEqual(
            sent.mapped(lambda one: (one.audience, one.text)),
            [
                ("private", "Hi , we call +44 7400 123456 today"),
                ("public", "Call our courier: 07400 654321"),
            ],
        )
        self.assertFalse(sent[0].guard_override)
        self.assertEqual(sent[1].guard_override["reason"], "The courier publishes it")
        self.assertEqual(sent[1].guard_override["user_id"], self.agent_all.id)

    def test_a_customer_who_shows_own_data(self):
        message, url = self.asked("call me: +44 7400 123456")
        self.assertEqual(message.exposed, ["phone"])
        self.start_tour(url, "helpdesk_social_guard_mirror", login=self.agent_all.login)
        self.env.invalidate_all()
        self.assertTrue(message.hidden)
