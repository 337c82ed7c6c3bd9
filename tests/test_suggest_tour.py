"""Suggested replies in a real browser, against the real server, on the sandbox."""

from odoo.tests import HttpCase, tagged

from .suggest_common import SuggestCase


@tagged("post_install", "-at_install")
class TestSuggestTour(SuggestCase, HttpCase):
    def test_answer_with_what_was_learned(self):
        account = self.make_account("sandbox", state="active", handle="us", name="us")
        account._remember_home()
        for name in ("Zdenka", "Tomek"):
            self.answered(
                "My lamp flickers",
                f"Hi {name}, please restart the lamp by its switch.",
                account=account,
            )
        self.answered("My lamp is late", "Please send it back to us", account=account)
        self.learn()
        self.env["mail.canned.response"].create(
            {
                "source": "greet",
                "substitution": "Yours, {{account}}",
                "group_ids": [(6, 0, self.env.ref("base.group_user").ids)],
            }
        )
        ann = self.make_identity("ann", account=account)
        message = self.asked(
            "Why does my lamp flicker?", person=ann, account=account, waiting=True
        )
        self.start_tour(
            f"/odoo/helpdesk.ticket/{message.ticket_id.id}",
            "helpdesk_social_suggest",
            login=self.agent_all.login,
        )
        sent = message.ticket_id.social_message_ids.filtered(
            lambda one: one.direction == "out"
        )
        self.assertEqual(
            sent.text, "Hi Ann, please restart the lamp by its switch. Does it help?"
        )
        feedback = self.env["helpdesk.social.suggestion.feedback"].search([])
        self.assertEqual(
            {(one.suggestion_id.text, one.how) for one in feedback},
            {
                ("Hi {{customer}}, please restart the lamp by its switch.", "edited"),
                ("Please send it back to us", "dismissed"),
            },
        )
