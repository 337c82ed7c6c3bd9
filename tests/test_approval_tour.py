"""Time to undo and approval in a real browser, against the real server."""

from odoo.tests import HttpCase, new_test_user, tagged

from .common import USER_ALL, SocialFixtures


@tagged("post_install", "-at_install")
class TestApprovalTour(SocialFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.account._remember_home()
        self.ticket = self.make_ticket(name="Where is my parcel?")
        ann = self.make_identity("ann")
        thread = self.make_conversation("public", self.ticket, identity_id=ann.id)
        self.message = self.make_message(thread, "My parcel is lost!", waiting=True)
        self.url = f"/odoo/helpdesk.ticket/{self.ticket.id}"

    def replies(self):
        self.env.invalidate_all()
        return self.ticket.social_message_ids.filtered(
            lambda one: one.direction == "out"
        ).sorted("id")

    def test_taken_back_and_said_better(self):
        self.start_tour(self.url, "helpdesk_social_undo", login=self.agent_all.login)
        self.assertEqual(
            self.replies().mapped(lambda one: (one.text, one.delivery_state)),
            [
                ("Ask your mother", "cancelled"),
                ("We are looking into it.", "queued"),
            ],
        )

    def test_two_people_decide(self):
        trainee = new_test_user(
            self.env,
            "trainee",
            f"base.group_user,{USER_ALL},helpdesk_social.group_trainee",
        )
        self.start_tour(self.url, "helpdesk_social_approval_ask", login="trainee")
        self.assertEqual(self.replies().delivery_state, "held")
        self.start_tour(
            self.url, "helpdesk_social_approval_decide", login=self.manager.login
        )
        reply = self.replies()
        self.assertEqual(reply.delivery_state, "queued")
        self.assertEqual(
            (reply.user_id, reply.approval_id.decided_by_id), (trainee, self.manager)
        )
        self.assertIn("Well said", reply.approval_id.comment_text)
