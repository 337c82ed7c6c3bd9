"""Close in public: the mark, the proposed words, and when there is nothing to close."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..networks import items
from .handoff_common import HandoffCase


@tagged("post_install", "-at_install")
class TestClosing(HandoffCase):
    def setUp(self):
        super().setUp()
        self.done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.message = self.complaint(language="de")
        self.ticket = self.message.ticket_id

    def say(self, text, audience, to=None):
        row = self.ticket.with_user(self.agent_all).social_reply(
            text, audience, to=to or self.message
        )
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        return row

    def test_solved_in_private_is_still_open_in_public(self):
        self.say("Your new lamp is on its way.", "private")
        self.assertFalse(self.ticket.social_public_open)
        self.ticket.stage_id = self.done
        self.assertTrue(self.ticket.social_public_open)
        agent = self.ticket.with_user(self.agent_all)
        self.assertTrue(agent.social_composer()["desk"]["open_in_public"])
        offer = agent.social_close_in_public()
        self.assertEqual(offer["message_id"], self.message.id)
        self.assertEqual(offer["audience"], "public")
        self.assertTrue(offer["text"])
        self.assertNotIn("lamp", offer["text"])
        # nothing was said by itself
        said = [draft.audience for draft, _key in self.world.published]
        self.assertEqual(said, [items.PRIVATE])
        self.say(offer["text"], "public")
        self.assertFalse(self.ticket.social_public_open)
        self.assertNotIn("open_in_public", agent.social_composer()["desk"])

    def test_what_was_settled_in_private_before_is_another_matter(self):
        """Their thread goes on in this ticket, and brings along what was said there."""
        moment = self.message.sent_at
        thread = self.make_conversation(
            "private", self.ticket, identity_id=self.message.identity_id.id
        )
        earlier = self.make_message(
            thread, "psst", sent_at=moment - timedelta(days=9), waiting=True
        )
        self.say("Your new lamp is on its way.", "private")
        earlier.write({"waiting": False, "handled_at": moment - timedelta(days=8)})
        self.ticket.stage_id = self.done
        self.assertTrue(self.ticket.social_public_open)
        # begun in private, and still asked when they went public: nothing to tell there
        self.ticket.stage_id = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_in_progress"
        )
        for values, still in (
            ({"handled_at": moment + timedelta(hours=1)}, False),
            # what was there before the account was connected
            ({"handled_at": False, "why": "backlog"}, True),
        ):
            earlier.write(values)
            self.ticket.stage_id = self.done
            self.assertEqual(self.ticket.social_public_open, still, values)
            self.ticket.stage_id = self.env.ref(
                "helpdesk_mgmt.helpdesk_ticket_stage_in_progress"
            )

    def test_what_is_taken_back_was_not_said(self):
        self.say("Your new lamp is on its way.", "private")
        self.ticket.stage_id = self.done
        agent = self.ticket.with_user(self.agent_all)
        row = agent.social_reply("Solved!", "public", to=self.message)
        self.assertFalse(self.ticket.social_public_open)
        row.action_cancel()
        self.assertTrue(self.ticket.social_public_open)

    def test_an_invitation_does_not_close_it(self):
        self.say("Your new lamp is on its way.", "private")
        self.ticket.stage_id = self.done
        agent = self.ticket.with_user(self.agent_all)
        way = f"page:{self.account.id}"
        done = agent.social_handoff(self.message.id, way, "Come here: {link}")
        self.assertTrue(done["ok"], done)
        self.assertTrue(self.ticket.social_public_open)

    def test_what_was_told_in_public_needs_no_closing(self):
        self.say("Your new lamp is on its way.", "private")
        self.say("Solved!", "public")
        self.ticket.stage_id = self.done
        self.assertFalse(self.ticket.social_public_open)

    def test_a_note_is_no_answer(self):
        agent = self.ticket.with_user(self.agent_all)
        [way] = [
            one
            for one in agent.social_handoff_ways(self.message.id)["ways"]
            if one["kind"] == items.DIRECT
        ]
        done = agent.social_handoff(
            self.message.id, way["id"], way["note"], "Where do you live?"
        )
        self.assertTrue(done["ok"], done)
        self.deliver()
        self.ticket.stage_id = self.done
        self.assertTrue(self.ticket.social_public_open)

    def test_without_a_private_answer_there_is_nothing_to_tell(self):
        self.ticket.stage_id = self.done
        self.assertFalse(self.ticket.social_public_open)
        with self.assertRaises(UserError):
            self.make_ticket().with_user(self.agent_all).social_close_in_public()

    def test_a_deleted_post_is_left_alone(self):
        self.say("Your new lamp is on its way.", "private")
        self.ticket.stage_id = self.done
        self.world.remove(self.world.edit(self._incoming(), "x"))
        self.pull()
        self.assertTrue(self.message.deleted_at)
        self.assertFalse(self.ticket.social_public_open)
        with self.assertRaises(UserError):
            self.ticket.with_user(self.agent_all).social_close_in_public()

    def _incoming(self):
        return items.Incoming(
            key=self.message.key,
            author=items.Author(id="ann", handle="ann"),
            text=self.message.text,
            sent_at=self.message.sent_at.replace(tzinfo=None).astimezone(),
            audience="public",
        )

    def test_leaving_it_open_and_opening_again_take_the_mark_away(self):
        self.say("Your new lamp is on its way.", "private")
        self.ticket.stage_id = self.done
        self.ticket.with_user(self.agent_all).social_leave_open()
        self.assertFalse(self.ticket.social_public_open)
        self.ticket.stage_id = self.ticket.team_id._get_applicable_stages()[:1]
        self.ticket.stage_id = self.done
        self.assertTrue(self.ticket.social_public_open)
        self.ticket.stage_id = self.ticket.team_id._get_applicable_stages()[:1]
        self.assertFalse(self.ticket.social_public_open)

    def test_words_of_the_account_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.account.handoff_done = "All good now."
        self.account.with_context(lang="de_DE").handoff_done = "Alles gelöst."
        self.say("Your new lamp is on its way.", "private")
        agent = self.ticket.with_user(self.agent_all)
        self.assertEqual(agent.social_close_in_public()["text"], "Alles gelöst.")
        self.message.language = "fr"
        self.assertEqual(agent.social_close_in_public()["text"], "All good now.")

    def test_who_may(self):
        self.say("Your new lamp is on its way.", "private")
        self.ticket.stage_id = self.done
        for user in (self.internal, self.portal_customer, self.other_company_agent):
            for method in ("social_close_in_public", "social_leave_open"):
                with self.assertRaises(UserError):
                    getattr(self.ticket.with_user(user), method)()
        self.assertTrue(self.ticket.social_public_open)

    def test_tickets_without_social_messages_cost_nothing(self):
        ticket = self.make_ticket()
        ticket.stage_id = self.done
        self.assertFalse(ticket.social_public_open)
