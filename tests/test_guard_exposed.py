"""The mirror: customers who show their own data in public are seen at the intake."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_spine_outbox import OutboxCase

PHONE = "+44 7400 123456"


@tagged("post_install", "-at_install")
class TestExposed(OutboxCase):
    def row(self, message, user=None):
        page = message.ticket_id.with_user(user or self.agent_all).social_timeline()
        return next(one for one in page["messages"] if one["id"] == message.id)

    def test_what_is_marked(self):
        for text, kinds in (
            (f"call me {PHONE}", ["phone"]),
            ("write to jo@example.org or jo7 (at) example (dot) org", ["email"]),
            ("my card 4111 1111 1111 1111, DE89370400440532013000", ["card", "iban"]),
            ("order 12345 is late since 22.11.2026, $19.99", False),
            ("@acme https://x.example/?a=07400123456", False),
            ("", False),
        ):
            with self.subTest(text):
                self.assertEqual(self.received(text, author="cleo").exposed, kinds)

    def test_not_what_only_we_read(self):
        message = self.received(PHONE, author="cleo", audience="private")
        self.assertFalse(message.exposed)

    def test_an_address_that_we_know(self):
        before = self.received("482 Orchard Lane please", author="dora")
        self.assertFalse(before.exposed)
        before.identity_id.partner_id = self.env["res.partner"].create(
            {"name": "Dora", "street": "482 Orchard Lane", "zip": "60614"}
        )
        after = self.received("Again: 482 Orchard Ln", author="dora")
        self.assertEqual(after.exposed, ["address"])

    def test_the_brand_s_own_is_no_exposure(self):
        self.company.write({"phone": "+44 20 7946 0958", "email": "care@acme.example"})
        message = self.received("I called +44 20 7946 0958, wrote to care@acme.example")
        self.assertFalse(message.exposed)

    def test_an_edit_takes_the_mark_away_and_brings_it(self):
        post = self.world.post("Hello", author="eve")
        self.account.action_pull()
        message = self.env["helpdesk.social.message"].search([("key", "=", post.key)])
        post = self.world.edit(post, f"Hello {PHONE}")
        self.account.action_pull()
        self.assertEqual(message.exposed, ["phone"])
        post = self.world.edit(post, "Hello again")
        self.account.action_pull()
        self.assertFalse(message.exposed)
        post = self.world.edit(post, f"{PHONE}")
        self.account.action_pull()
        self.world.remove(post)
        self.account.action_pull()
        self.assertTrue(message.deleted_at)
        self.assertFalse(message.exposed)

    def test_told_with_icon_and_words(self):
        message = self.received(f"call me {PHONE}", author="cleo")
        row = self.row(message)
        self.assertEqual(row["exposed"], ["phone"])
        [note] = [one for one in row["notes"] if one["icon"] == "fa-eye"]
        self.assertEqual(note["text"], "shows a phone number to everybody")
        other = self.row(self.received("nothing of that", author="cleo"))
        self.assertEqual(other["exposed"], [])

    def test_the_filter(self):
        message = self.received(f"call me {PHONE}", author="cleo")
        messages = self.env["helpdesk.social.message"].with_user(self.agent_all)
        found = messages.search([("exposed", "!=", False)])
        self.assertIn(message, found)
        self.assertNotIn(self.message, found)

    def test_nobody_writes_the_mark(self):
        message = self.received(f"call me {PHONE}", author="cleo")
        with self.assertRaises(AccessError):
            message.with_user(self.agent_all).exposed = False

    def test_no_query_for_each_message(self):
        def queries(text, prefix):
            for each in range(20):
                self.world.post(text, author=f"{prefix}{each}")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.account.action_pull()
            return self.env.cr.sql_log_count - before

        queries("warm", "warm")
        without, with_it = queries("call me", "a"), queries(f"call me {PHONE}", "b")
        # the company's data, once for the batch
        self.assertLessEqual(with_it, without + 4)

    def test_a_flood_harms_nobody(self):
        message = self.received(" ".join(["1234567"] * 3000), author="cleo")
        self.assertFalse(message.exposed)
        self.assertTrue(message.ticket_id)
