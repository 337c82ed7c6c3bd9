"""The hand-off in a real browser, from the agent's button to the customer's page."""

import re

from odoo.tests import HttpCase, tagged

from ..networks import items
from .handoff_common import HandoffFixtures


@tagged("post_install", "-at_install")
class TestHandoffTour(HandoffFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.sandbox = self.make_account("sandbox", name="Practice", undo_seconds=0)
        self.sandbox.set_settings({"handle": "practice"})
        self.sandbox.action_connect()
        self.posts = self.env["helpdesk.social.sandbox.post"]
        self.say("ann", "My lamp broke")
        self.message = self.messages.search([("account_id", "=", self.sandbox.id)])
        self.ticket = self.message.ticket_id

    def say(self, *args, **values):
        post = self.posts._say(self.sandbox, *args, **values)
        self.pull(self.sandbox)
        return self.messages.search([("key", "=", str(post.id))])

    def tour(self, name, ticket=None):
        self.start_tour(
            f"/odoo/helpdesk.ticket/{(ticket or self.ticket).id}",
            name,
            login=self.agent_all.login,
        )
        self.env.invalidate_all()
        self.deliver()

    def sent(self):
        rows = self.ticket.social_message_ids.filtered(
            lambda one: one.direction == "out"
        )
        self.assertEqual(set(rows.mapped("delivery_state")), {"sent"})
        return rows.sorted("id")

    def test_to_private_and_back_to_the_public(self):
        self.tour("helpdesk_social_handoff")
        private, note = self.sent()
        self.assertEqual((private.audience, note.audience), ("private", "public"))
        self.assertNotIn("live", note.text)
        back = self.say("ann", "12 Long Road", "private")
        self.assertEqual(back.ticket_id, self.ticket)
        self.ticket.with_user(self.agent_all).social_reply(
            "A new lamp is on its way.", "private", to=back
        )
        self.deliver()
        self.ticket.stage_id = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_done"
        )
        self.assertTrue(self.ticket.social_public_open)
        self.tour("helpdesk_social_handoff_close")
        self.assertFalse(self.ticket.social_public_open)
        last = self.sent()[-1]
        self.assertEqual((last.audience, last.parent_id), ("public", self.message))

    def test_a_network_without_private_messages(self):
        self.sandbox.set_settings({"private": "none"})
        self.tour("helpdesk_social_handoff_page")
        _private, note = self.sent()
        self.assertNotIn("4711", note.text)
        address = re.search(r"/helpdesk_social/private/[\w-]{32}", note.text).group()
        # the customer's browser: asks, posts the code, is let in
        self.browser_js(
            address,
            "document.querySelector('main form button').click();"
            "console.log('test successful')",
            "document.querySelector('main form button')",
        )

    def test_somebody_else_s_invitation(self):
        _handoff, token = self.invite(self.message, self.sandbox)
        private = self.say("ann_elsewhere", "It is me", "private", payload=token)
        self.assertNotEqual(private.ticket_id, self.ticket)
        self.assertEqual(private.audience, items.PRIVATE)
        self.tour("helpdesk_social_handoff_same", private.ticket_id)
        self.assertEqual(private.ticket_id, self.ticket)
