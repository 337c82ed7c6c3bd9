"""A network that another addon adds, through all of helpdesk_social."""

from odoo.tests import tagged

from odoo.addons.helpdesk_social.tests.common import SocialCase

from .simulator import GuestbookHarness, GuestbookSimulator


@tagged("post_install", "-at_install")
class TestGuestbook(SocialCase):
    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(GuestbookSimulator())
        self.account = self.make_account(code="guestbook")
        self.account.set_settings(GuestbookHarness().settings(self.sim))
        self.account.action_connect()
        # nothing here is a backlog
        self.account.connected_at = "2020-01-01 00:00:00"

    def hear(self, text, **more):
        entry = self.sim.write(text, **more)
        self.account.action_pull()
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("key", "=", entry["id"])]
        )

    def test_it_is_in_the_catalogue(self):
        network = self.env.ref("helpdesk_social_guestbook.network_guestbook")
        self.assertTrue(network.available)
        self.assertIn("reply_public", network.capabilities)
        self.assertEqual(self.account.state, "active")
        self.assertEqual((self.account.handle, self.account.external_id), ("acme", "7"))

    def test_an_entry_is_a_ticket_and_its_answer_stands_in_the_book(self):
        message = self.hear("My lamp broke 💡")
        self.assertEqual(
            message.ticket_id.channel_id,
            self.env.ref("helpdesk_social_guestbook.channel_guestbook"),
        )
        self.assertEqual(message.identity_id.handle, "Jo")
        ticket = message.ticket_id.with_user(self.agent_all)
        reply = ticket.social_reply("We send a new one", "public", to=message).sudo()
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(reply.delivery_state, "sent")
        [ours] = GuestbookHarness().published(self.sim)
        self.assertEqual(
            (ours["text"], ours["reply_to"]), ("We send a new one", message.key)
        )
        # our own entry comes back with the next page: the same message
        self.account.action_pull()
        self.assertEqual(reply.key, ours["key"])
        self.assertEqual(
            self.env["helpdesk.social.message"].search_count(
                [("account_id", "=", self.account.id)]
            ),
            2,
        )

    def test_the_ways_into_private_are_ours(self):
        """It has no private messages: a page of ours is offered."""
        message = self.hear("Where is my parcel?")
        ticket = message.ticket_id.with_user(self.agent_all)
        ways = ticket.social_handoff_ways(message.id)["ways"]
        self.assertEqual([one["kind"] for one in ways], ["page"])
        kinds = {one["kind"] for one in message.social_affordances()}
        self.assertEqual(kinds, {"reply_public"})

    def test_a_wrong_key_is_a_sentence(self):
        self.sim.key = "another-key-by-now"
        self.account._pull()
        self.assertEqual(self.account.state, "needs_auth")
