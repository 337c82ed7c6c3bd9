"""Several people, and an incident of the sandbox, in a real browser."""

from odoo.tests import HttpCase, tagged

from ..networks import items
from .common import SocialFixtures


@tagged("post_install", "-at_install")
class TestPeopleTour(SocialFixtures, HttpCase):
    def open(self, ticket, tour):
        self.start_tour(
            f"/odoo/helpdesk.ticket/{ticket.id}", tour, login=self.agent_all.login
        )
        self.env.invalidate_all()

    def practice(self):
        """The sandbox, connected, and how its people speak: a post's message."""
        account = self.make_account("sandbox", name="Practice", undo_seconds=0)
        account.set_settings({"handle": "practice_people"})
        account.action_connect()
        posts = self.env["helpdesk.social.sandbox.post"]

        def say(handle, text, reply_to=None):
            post = posts._say(account, handle, text, "public", reply_to)
            account.action_pull()
            return post, self.env["helpdesk.social.message"].search(
                [("key", "=", str(post.id)), ("account_id", "=", account.id)]
            )

        return say

    def test_people_are_answered_split_off_and_back(self):
        say = self.practice()
        top, first = say("ann", "The lamp broke")
        say("bob", "Mine too", top)
        _post, cat = say("cat", "Which one?", top)
        ticket = first.ticket_id
        self.open(ticket, "helpdesk_social_people")
        self.assertEqual(len(ticket.social_message_ids), 4)
        answer = ticket.social_message_ids.filtered(lambda one: one.user_id)
        self.assertEqual(answer.parent_id, cat)
        self.assertEqual(answer.audience, items.PUBLIC)
        moves = self.env["helpdesk.social.move"].search(
            [("from_ticket_id", "=", ticket.id)]
        )
        self.assertEqual(moves.undone_by_id, self.agent_all)
        self.assertEqual(moves.to_ticket_id.duplicate_id, ticket)

    def test_two_tickets_become_one_and_two_again(self):
        say = self.practice()
        lamp, kettle = (
            say("ann", f"The {what}")[1] for what in ("lamp broke", "kettle leaks")
        )
        own = kettle.ticket_id
        self.assertNotEqual(own, lamp.ticket_id)
        self.open(own, "helpdesk_social_merge")
        self.assertEqual(len(lamp.ticket_id.social_message_ids), 1)
        said = own.social_message_ids.filtered(lambda one: one.direction == "out")
        self.assertEqual((said.parent_id, said.text), (kettle, "Send us the kettle"))
        self.assertFalse(own.duplicate_id)

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
