"""Time to undo, approval, and what came in meanwhile: in a browser, on the sandbox."""

from odoo.tests import HttpCase, new_test_user, tagged

from .common import USER_ALL, SocialFixtures


@tagged("post_install", "-at_install")
class TestApprovalTour(SocialFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.sandbox = self.make_account("sandbox", name="Practice")
        self.sandbox.set_settings({"handle": "practice"})
        self.sandbox.action_connect()
        self.wall = self.env["helpdesk.social.sandbox.wall"].with_user(self.manager)
        self.said("My parcel is lost!")
        messages = self.env["helpdesk.social.message"]
        self.message = messages.search([("account_id", "=", self.sandbox.id)])
        self.ticket = self.message.ticket_id
        self.url = f"/odoo/helpdesk.ticket/{self.ticket.id}"

    def said(self, text, place="public", reply_to=False):
        self.wall.say(self.sandbox.id, "ann", text, place, reply_to)
        self.sandbox.action_pull()

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
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(reply.delivery_state, "sent")

    def test_what_came_in_meanwhile_stops_it(self):
        """Nothing is told live in a test, so the server has the last word."""
        self.sandbox.undo_seconds = 0
        self.patch(
            self.env.registry["helpdesk.ticket"],
            "social_measure",
            self._say_more_while_measured(
                self.env.registry["helpdesk.ticket"].social_measure
            ),
        )
        self.start_tour(self.url, "helpdesk_social_stale", login=self.agent_all.login)
        self.assertEqual(
            self.replies().mapped(lambda one: (one.text, one.delivery_state)),
            [("Glad to hear that!", "queued")],
        )

    def _say_more_while_measured(self, measure):
        """She goes on writing while the agent's words are counted."""
        more = ["Never mind, a neighbour has it!"]

        def measured(ticket, *args, **kwargs):
            if more:
                posts = ticket.env["helpdesk.social.sandbox.post"].sudo()
                post = posts.search([("text", "like", "My parcel is lost!")])
                wall = ticket.env["helpdesk.social.sandbox.wall"]
                wall.with_user(self.manager.id).say(
                    self.sandbox.id, "ann", more.pop(), "public", post.id
                )
                self.sandbox.with_env(ticket.env(su=True)).action_pull()
            return measure(ticket, *args, **kwargs)

        return measured
