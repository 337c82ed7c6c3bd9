"""A person is split off into a ticket of their own, and comes back."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..networks import items
from .common import SocialCase


class PeopleCase(SocialCase):
    """A public thread that ann began, bob joined, and each one's private thread."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account._remember_home()

    def setUp(self):
        super().setUp()
        self.top = self.world.post("The lamp broke", author="ann")
        self.account.action_pull()
        self.ticket = self.message(self.top).ticket_id
        self.bob1 = self.world.post("Mine too", author="bob", parent=self.top.key)
        self.account.action_pull()
        self.answer = self.ticket.social_reply(
            "Which lamp, Bob?", items.PUBLIC, to=self.message(self.bob1)
        )
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.cat = self.world.post("Same here, Bob", author="cat", parent=self.bob1.key)
        self.ann2 = self.world.post("And smoke!", author="ann", parent=self.top.key)
        self.account.action_pull()

    def message(self, incoming):
        return self.env["helpdesk.social.message"].search([("key", "=", incoming.key)])

    def person(self, handle):
        return self.env["helpdesk.social.identity"].search(
            [("handle", "=", handle), ("network_id", "=", self.network.id)]
        )

    def private(self, author, text="my secret"):
        """A private thread of a person, put on the ticket as by a hand-off."""
        post = self.world.post(text, items.PRIVATE, author)
        self.account.action_pull()
        message = self.message(post)
        thread = message.conversation_id
        thread.ticket_id = self.ticket
        message.ticket_id = self.ticket
        return message

    def split(self, handle, user=None, **kwargs):
        ticket = self.ticket.with_user(user or self.agent_all)
        done = ticket.social_split(self.person(handle).id, **kwargs)
        return self.env["helpdesk.ticket"].browse(done["ticket_id"]), done["move_id"]

    def said(self, ticket):
        return ticket.social_message_ids.sorted("id").mapped("text")


@tagged("post_install", "-at_install")
class TestSplit(PeopleCase):
    def test_a_branch_becomes_a_conversation_of_its_own(self):
        other, _move = self.split("bob")
        self.assertEqual(
            self.said(other), ["Mine too", "Which lamp, Bob?", "Same here, Bob"]
        )
        self.assertEqual(self.said(self.ticket), ["The lamp broke", "And smoke!"])
        thread = other.social_conversation_ids
        self.assertEqual(thread.key, self.bob1.key)
        self.assertEqual(thread.identity_id, self.person("bob"))
        self.assertEqual(
            thread.participant_ids, self.person("bob") | self.person("cat")
        )
        former = self.ticket.social_conversation_ids
        self.assertEqual(former.participant_ids, self.person("ann"))
        self.assertEqual(former.key, self.top.key)
        self.assertEqual(former.last_message_at, self.message(self.ann2).sent_at)
        self.assertFalse(former.last_outbound_at)
        self.assertEqual(thread.last_outbound_at, self.answer.sent_at)

    def test_the_new_ticket_is_linked_and_looks_like_the_old_one(self):
        self.ticket.write({"priority": "2", "user_id": self.agent_team.id})
        other, _move = self.split("bob")
        self.assertEqual(other.social_split_from_id, self.ticket)
        self.assertEqual(other.name, "Mine too")
        self.assertEqual(other.team_id, self.ticket.team_id)
        self.assertEqual(other.user_id, self.agent_team)
        self.assertEqual(other.priority, "2")
        for one, another in ((self.ticket, other), (other, self.ticket)):
            notes = " ".join(one.message_ids.mapped("body"))
            self.assertIn("@bob", notes)
            self.assertIn(another.number, notes)

    def test_later_answers_follow_the_branch(self):
        other, _move = self.split("bob")
        more = self.world.post("It is the red one", author="bob", parent=self.cat.key)
        rest = self.world.post("Any news?", author="ann", parent=self.ann2.key)
        self.account.action_pull()
        self.assertEqual(self.message(more).ticket_id, other)
        self.assertEqual(self.message(rest).ticket_id, self.ticket)

    def test_a_thread_id_of_the_network_does_not_call_the_branch_back(self):
        self.message(self.top).conversation_id.key = "whole"
        other, _move = self.split("bob")
        more = self.world.post(
            "The red one", author="bob", parent=self.cat.key, thread="whole"
        )
        rest = self.world.post(
            "News?", author="ann", parent=self.ann2.key, thread="whole"
        )
        self.account.action_pull()
        self.assertEqual(self.message(more).ticket_id, other)
        self.assertEqual(self.message(rest).ticket_id, self.ticket)

    def test_who_began_the_thread_takes_it_along_whole(self):
        more = self.world.post("Unrelated", author="dan")
        self.account.action_pull()
        dan = self.message(more)
        dan.conversation_id.ticket_id = dan.ticket_id = self.ticket
        other, _move = self.split("ann")
        self.assertEqual(len(other.social_message_ids), 5)
        self.assertEqual(self.said(self.ticket), ["Unrelated"])
        self.assertEqual(other.social_conversation_ids.key, self.top.key)

    def test_nothing_is_left_then_nothing_is_split(self):
        with self.assertRaisesRegex(UserError, "Nothing would be left"):
            self.split("ann")
        self.assertEqual(len(self.ticket.social_message_ids), 5)

    def test_a_person_who_says_nothing_here(self):
        stranger = self.make_identity("stranger")
        with self.assertRaisesRegex(UserError, "nothing of theirs"):
            self.ticket.with_user(self.agent_all).social_split(stranger.id)

    def test_one_name_for_many_people_is_nobody_in_particular(self):
        self.person("bob").shared = True
        with self.assertRaisesRegex(UserError, "Many people"):
            self.split("bob")
        done = self.ticket.with_user(self.agent_all).social_split(
            message_ids=self.message(self.cat).ids
        )
        other = self.env["helpdesk.ticket"].browse(done["ticket_id"])
        self.assertEqual(self.said(other), ["Same here, Bob"])

    def test_two_messages_of_one_branch_are_one(self):
        messages = self.message(self.cat) | self.message(self.bob1)
        done = self.ticket.with_user(self.agent_all).social_split(
            message_ids=messages.ids
        )
        other = self.env["helpdesk.ticket"].browse(done["ticket_id"])
        self.assertEqual(other.social_conversation_ids.key, self.bob1.key)
        self.assertEqual(len(other.social_message_ids), 3)

    # --- private ----------------------------------------------------------------
    def test_the_private_thread_goes_along_and_keeps_its_readers(self):
        secret = self.private("bob")
        other, _move = self.split("bob")
        self.assertEqual(secret.ticket_id, other)
        self.assertEqual(secret.conversation_id.ticket_id, other)
        self.assertNotIn("secret", f"{other.name} {other.description}")
        self.assertNotIn("secret", " ".join(other.message_ids.mapped("body")))
        for user in (self.internal, self.sales, self.other_company_agent):
            self.assertFalse(secret.with_user(user)._filtered_access("read"))
        self.assertTrue(secret.with_user(self.agent_team)._filtered_access("read"))

    def test_others_private_threads_stay(self):
        secret = self.private("ann")
        self.split("bob")
        self.assertEqual(secret.ticket_id, self.ticket)

    # --- what belongs to it -----------------------------------------------------
    def test_what_was_begun_for_one_goes_with_that_one_and_back(self):
        ticket = self.ticket.with_user(self.agent_all)

        def begun(ticket):
            drafts = ticket.with_user(self.agent_all).social_composer()["drafts"]
            return sorted(one["text"] for one in drafts)

        for post, text in ((self.cat, "Dear Cat"), (self.ann2, "Dear Ann")):
            message = self.message(post)
            option = f"public:{message.account_id.id}:{message.id}"
            ticket.social_save_draft(option, text)
        self.assertEqual(begun(self.ticket), ["Dear Ann", "Dear Cat"])
        other, move = self.split("bob")
        self.assertEqual(begun(self.ticket), ["Dear Ann"])
        self.assertEqual(begun(other), ["Dear Cat"])
        ticket.social_take_back_move(move)
        self.assertEqual(begun(self.ticket), ["Dear Ann", "Dear Cat"])

    def test_drafts_waiting_and_replies_that_have_not_left(self):
        bob = self.message(self.bob1)
        cat = self.message(self.cat)
        held = self.ticket.social_reply("Soon", items.PUBLIC, to=cat)
        secret = self.private("bob")
        draft = self.env["helpdesk.social.draft"].create(
            {
                "ticket_id": self.ticket.id,
                "conversation_id": secret.conversation_id.id,
                "audience": "private",
                "text": "Dear Bob",
            }
        )
        self.assertTrue(cat.waiting)
        self.assertFalse(bob.waiting)
        other, _move = self.split("bob")
        self.assertEqual(held.ticket_id, other)
        self.assertEqual(held.conversation_id, cat.conversation_id)
        self.assertEqual(draft.ticket_id, other)
        self.assertEqual(other.social_waiting_count, 2)
        self.assertTrue(cat.waiting)
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(held.delivery_state, "sent")
        self.assertFalse(cat.waiting)

    def test_what_is_forgotten_is_forgotten_on_both(self):
        other, _move = self.split("bob")
        self.message(self.bob1)._forget_copies(["Mine too, since Monday"])
        other.name = "Mine too, since Monday"
        self.ticket.description = "<p>Mine too, since Monday</p>"
        self.message(self.bob1)._forget_copies(["Mine too, since Monday"])
        self.assertNotIn("Monday", f"{other.name} {self.ticket.description}")

    # --- back -------------------------------------------------------------------
    def test_merged_back_with_what_came_since(self):
        secret = self.private("bob")
        other, move = self.split("bob")
        more = self.world.post("The red one", author="bob", parent=self.cat.key)
        self.account.action_pull()
        other.with_user(self.agent_all).social_take_back_move(move)
        self.assertEqual(len(self.ticket.social_message_ids), 7)
        former = self.message(self.top).conversation_id
        self.assertEqual(self.message(more).conversation_id, former)
        self.assertEqual(secret.ticket_id, self.ticket)
        self.assertFalse(other.social_message_ids)
        self.assertEqual(other.duplicate_id, self.ticket)
        self.assertTrue(other.stage_id.closed)
        self.assertIn(self.person("bob"), former.participant_ids)
        self.assertFalse(
            self.env["helpdesk.social.conversation"].search(
                [("key", "=", self.bob1.key)]
            )
        )
        with self.assertRaisesRegex(UserError, "already"):
            other.with_user(self.agent_all).social_take_back_move(move)

    def test_split_again_after_it_came_back(self):
        other, move = self.split("bob")
        self.ticket.with_user(self.agent_all).social_take_back_move(move)
        again, _move = self.split("bob")
        self.assertNotEqual(again, other)
        self.assertEqual(len(again.social_message_ids), 3)

    def test_it_does_not_come_back_where_others_would_read_it(self):
        secret = self.private("bob")
        other, move = self.split("bob")
        other.write({"team_id": self.other_team.id, "user_id": self.manager.id})
        self.assertFalse(secret.with_user(self.agent_own)._filtered_access("read"))
        self.ticket.user_id = self.agent_own
        with self.assertRaisesRegex(UserError, "private messages"):
            other.with_user(self.manager).social_take_back_move(move)
        self.assertEqual(secret.ticket_id, other)

    # --- who may ----------------------------------------------------------------
    def test_who_may_not_change_the_ticket_may_not_split_it(self):
        for user in (self.internal, self.sales, self.other_company_agent):
            with self.assertRaises(UserError):
                self.split("bob", user)
        self.assertEqual(len(self.ticket.social_message_ids), 5)

    def test_what_a_follower_may_not_read_stays(self):
        secret = self.private("bob")
        self.ticket.write({"team_id": self.other_team.id, "user_id": self.manager.id})
        self.ticket.message_subscribe(self.agent_own.partner_id.ids)
        self.assertFalse(secret.with_user(self.agent_own)._filtered_access("read"))
        try:
            other, _move = self.split("bob", self.agent_own)
        except UserError:
            return  # not even that
        self.assertEqual(secret.ticket_id, self.ticket)
        self.assertNotIn(secret, other.social_message_ids)

    def test_another_tickets_move_is_none_of_ours(self):
        _other, move = self.split("bob")
        stranger = self.make_ticket()
        with self.assertRaises(UserError):
            stranger.with_user(self.agent_all).social_take_back_move(move)

    def test_the_desk_tells_what_can_be_taken_back(self):
        desk = self.ticket.with_user(self.agent_all).social_composer()["desk"]
        self.assertNotIn("moves", desk)
        other, move = self.split("bob")
        desk = self.ticket.with_user(self.agent_all).social_composer()["desk"]
        told = desk["moves"]
        self.assertEqual([one["id"] for one in told], [move])
        self.assertEqual(told[0]["number"], other.number)
        self.assertFalse(told[0]["here"])
