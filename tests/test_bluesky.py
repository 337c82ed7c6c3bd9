"""Bluesky through the whole addon: what adapter, models and intake show together."""

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SocialCase
from .simulators.bluesky import BlueskyEntryway, BlueskyHarness, BlueskySimulator
from .simulators.bluesky_world import GATE


@tagged("post_install", "-at_install")
class TestBluesky(SocialCase):
    """From the wire to the ticket and back, against the simulator."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(BlueskySimulator())
        self.jo = self.sim.add_person("jo.example", "Jo")
        self.account = self.connected()

    def connected(self):
        account = self.make_account(code="bluesky")
        self.connect(account)
        return account

    def connect(self, account, **settings):
        given = BlueskyHarness.settings(self.sim)
        names = ("base_url", "identifier", "app_password", "chat_did")
        account.set_settings({**{name: given[name] for name in names}, **settings})
        account.action_connect()
        self.assertEqual(account.state, "active")

    def messages(self):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id)], order="id"
        )

    def hears(self, text="@acme.example it broke", **kwargs):
        before = self.messages()
        self.sim.post(self.jo, text, **kwargs)
        self.account.action_pull()
        return self.messages() - before

    def reply(self, message, text, audience="public"):
        ticket = message.ticket_id.with_user(self.admin)
        row = ticket.social_reply(text, audience, to=message).sudo()
        self.env["helpdesk.social.outbox"]._cron_deliver()
        return row

    def shown(self):
        return BlueskyHarness().published(self.sim)

    # --- the way of a message -------------------------------------------------
    def test_a_mention_is_answered_in_its_thread(self):
        message = self.hears()
        self.assertTrue(message.ticket_id)
        self.assertEqual(message.identity_id.external_id, self.jo.did)
        row = self.reply(message, "We look into it: https://acme.example/help")
        [post] = self.shown()
        self.assertEqual((post["key"], post["reply_to"]), (row.key, message.key))
        self.account.action_pull()
        self.assertEqual(len(self.messages()), 2, "our own post is not a second one")
        back = self.hears("Thank you, but how?", reply_to=row.key)
        self.assertEqual(back.ticket_id, message.ticket_id)
        self.assertEqual(back.parent_id, row)

    def test_answered_in_the_networks_own_app(self):
        message = self.hears()
        self.sim.post(self.sim.brand, "From my telephone", reply_to=message.key)
        self.account.action_pull()
        native = self.messages() - message
        self.assertEqual((native.origin, native.direction), ("native", "out"))
        self.assertEqual(native.ticket_id, message.ticket_id)
        self.assertFalse(message.waiting)

    def test_below_our_own_post(self):
        top = self.sim.post(self.sim.brand, "We are open on Sunday")
        both = self.hears("No you are not", reply_to=top)
        message = both.filtered(lambda one: one.direction == "in")
        kinds = {one["kind"]: one for one in message.social_affordances()}
        self.assertTrue(kinds["hide"]["allowed"])
        message.with_user(self.admin).action_hide()
        gate = self.sim.world.gate(top.uri)
        self.assertEqual(gate.collection, GATE)
        self.assertEqual(gate.value["hiddenReplies"], [message.key])
        message.with_user(self.admin).action_unhide()
        self.assertEqual(self.sim.world.gate(top.uri).value["hiddenReplies"], [])
        message.with_user(self.admin).action_like()
        self.assertTrue(message.liked)

    def test_a_deleted_post_leaves_a_tombstone(self):
        message = self.hears()
        self.sim.delete(message.key)
        message.reread_at = "2020-01-01 00:00:00"  # its turn comes
        self.account.action_pull()
        self.assertTrue(message.deleted_at)

    def look_again(self, message):
        """The message's turn to be looked at comes, an hour later."""
        if message.deleted_at:
            message.deleted_at = fields.Datetime.subtract(message.deleted_at, hours=1)
        message.reread_at = "2020-01-01 00:00:00"
        self.account.action_pull()

    def test_an_author_who_was_away(self):
        message = self.hears()
        self.jo.status = "deactivated"
        self.look_again(message)
        self.assertEqual(message.deleted_by, "network")
        self.assertFalse(message.waiting)
        self.look_again(message)
        self.assertTrue(message.deleted_at)
        self.jo.status = ""
        self.look_again(message)
        self.assertFalse(message.deleted_at)
        self.assertTrue(message.waiting, "nobody has answered it")
        self.sim.delete(message.key)
        self.look_again(message)
        self.assertEqual(message.deleted_by, "author")

    # --- private --------------------------------------------------------------
    def test_a_stranger_in_private(self):
        self.sim.dm(self.jo, "It is about my order")
        self.account.action_pull()
        message = self.messages()
        self.assertEqual(message.audience, "private")
        self.assertTrue(message.ticket_id)
        self.assertNotIn("order", message.ticket_id.name)
        row = self.reply(message, "Which one?", "private")
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual([one["audience"] for one in self.shown()], ["private"])
        self.sim.dm(self.jo, "Number 17")
        self.account.action_pull()
        self.assertEqual(len(self.messages()), 3)
        self.assertEqual(self.messages().ticket_id, message.ticket_id)
        self.assertEqual(self.messages().conversation_id, message.conversation_id)

    def test_from_public_to_private(self):
        self.sim.allow_messages(self.jo, "all")
        message = self.hears()
        row = self.reply(message, "Tell us your order here", "private")
        self.assertEqual(row.delivery_state, "sent")
        self.sim.dm(self.jo, "Number 17")
        self.account.action_pull()
        self.assertEqual(self.messages().ticket_id, message.ticket_id)

    def test_who_cannot_be_written_to_is_said_in_words(self):
        message = self.hears()
        kinds = {one["kind"]: one for one in message.social_affordances()}
        private = kinds["reply_private"]
        self.assertFalse(private["allowed"])
        self.assertIn("only from those they follow", private["reason"])
        with self.assertRaises(UserError):
            self.reply(message, "Psst", "private")
        self.assertFalse(self.shown())

    def test_who_wrote_in_private_is_answered_there_below_a_post_too(self):
        self.sim.dm(self.jo, "It is about my order")
        message = self.hears().filtered(lambda one: one.audience == "public")
        kinds = {one["kind"]: one for one in message.social_affordances()}
        self.assertTrue(kinds["reply_private"]["allowed"], kinds["reply_private"])
        row = self.reply(message, "Which one?", "private")
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual([one["audience"] for one in self.shown()], ["private"])

    # --- sessions -------------------------------------------------------------
    def sign_ins(self):
        path = "/xrpc/com.atproto.server.createSession"
        return len([one for one in self.sim.calls if one.path == path])

    def test_an_ended_session_is_renewed_without_a_sign_in(self):
        before = self.sign_ins()
        message = self.hears()
        self.sim.world.clock.advance(2 * 3600 + 60)
        self.sim.dm(self.jo, "after two hours")
        self.account.action_pull()
        self.assertEqual(len(self.messages()), 2)
        self.sim.world.clock.advance(2 * 3600 + 60)
        self.assertEqual(self.reply(message, "Yes?").delivery_state, "sent")
        self.assertEqual(self.sign_ins(), before)

    def test_the_accounts_own_server_does_the_work(self):
        with BlueskyEntryway(self.sim) as entryway:
            self.connect(self.account, base_url=entryway.url)
            self.assertTrue(self.hears("@acme.example hello"))
            asked = {one.path.rpartition(".")[2] for one in entryway.calls}
        self.assertLessEqual(asked, {"createSession", "getSession", "refreshSession"})
