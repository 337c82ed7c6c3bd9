"""Several people, and an incident of the sandbox, in a real browser."""

from odoo.tests import HttpCase, tagged

from ..networks import items
from .common import FakeAdapter, FakeWorld, SocialFixtures


@tagged("post_install", "-at_install")
class TestPeopleTour(SocialFixtures, HttpCase):
    def open(self, ticket, tour):
        self.start_tour(
            f"/odoo/helpdesk.ticket/{ticket.id}", tour, login=self.agent_all.login
        )
        self.env.invalidate_all()

    def test_people_are_answered_split_off_and_back(self):
        self.account._remember_home()
        FakeAdapter.world = world = FakeWorld()
        top = world.post("The lamp broke", author="ann")
        bob = world.post("Mine too", author="bob", parent=top.key)
        cat = world.post("Which one?", author="cat", parent=top.key)
        self.account.action_pull()
        messages = self.env["helpdesk.social.message"]
        ticket = messages.search([("key", "=", top.key)]).ticket_id
        self.assertTrue(bob and cat)
        self.open(ticket, "helpdesk_social_people")
        self.assertEqual(len(ticket.social_message_ids), 4)
        answer = ticket.social_message_ids.filtered(lambda one: one.user_id)
        self.assertEqual(answer.parent_id.key, cat.key)
        self.assertEqual(answer.audience, items.PUBLIC)
        moves = self.env["helpdesk.social.move"].search(
            [("from_ticket_id", "=", ticket.id)]
        )
        self.assertEqual(moves.undone_by_id, self.agent_all)
        self.assertEqual(moves.to_ticket_id.duplicate_id, ticket)

    def test_a_viral_thread(self):
        account = self.make_account(
            "sandbox", handle="brand", state="draft", incident_people=20
        )
        account.set_settings({"handle": "brand"})
        account.action_connect()
        wall = self.env["helpdesk.social.sandbox.wall"]
        wall.play(account.id, "viral", 30)
        account.action_pull()
        ticket = self.env["helpdesk.ticket"].search(
            [("social_incident", "=", True), ("team_id", "=", self.team.id)]
        )
        self.assertEqual(len(ticket), 1)
        self.assertEqual(len(ticket.social_message_ids), 30)
        self.open(ticket, "helpdesk_social_incident")
        ours = ticket.social_message_ids.filtered(lambda one: one.direction == "out")
        holding = ours.filtered("holding")
        self.assertEqual(len(holding), 1)
        # below our own post, where everybody sees it
        self.assertEqual(holding.parent_id.direction, "out")
        self.assertEqual(set((ours - holding).mapped("delivery_state")), {"cancelled"})
        self.assertEqual(len(ours - holding), 30)
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(holding.delivery_state, "sent")
        self.assertEqual(ticket.social_waiting_count, 30)
