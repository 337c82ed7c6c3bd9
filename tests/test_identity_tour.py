"""Suggestion, card, proof and the sales warning in a browser, on the sandbox."""

from odoo.tests import HttpCase, tagged

from ..networks import items
from ..texts import proof_code
from .common import SocialFixtures


@tagged("post_install", "-at_install")
class TestIdentityTour(SocialFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.sandbox = self.make_account("sandbox", name="Practice", undo_seconds=0)
        self.sandbox.set_settings({"handle": "practice_who"})
        self.sandbox.action_connect()
        self.jo = self.env["res.partner"].create(
            {"name": "Jo Miller", "email": "jo.miller@example.com"}
        )
        who = {"name": "Jo Miller", "followers": 12345}
        self.message = self.say("My parcel?", items.PRIVATE, person=who)
        self.ticket = self.message.ticket_id
        self.person = self.message.identity_id

    def say(self, text, audience, **values):
        line = {"handle": "jo.miller", "text": text, "audience": audience, **values}
        post = self.env["helpdesk.social.sandbox.post"]._say_all(self.sandbox, [line])
        self.sandbox.action_pull()
        return self.env["helpdesk.social.message"].search(
            [("key", "=", str(post.id)), ("account_id", "=", self.sandbox.id)]
        )

    def test_who_is_this(self):
        self.assertEqual(self.person.suggested_partner_id, self.jo)
        self.env["helpdesk.ticket"].create(
            {
                "name": "Another",
                "description": "",
                "partner_id": self.jo.id,
                "user_id": self.agent_all.id,
            }
        )
        url = f"/odoo/helpdesk.ticket/{self.ticket.id}"
        codes = []
        mint = proof_code.new_code

        def noted(groups=proof_code.GROUPS):
            codes.append(mint(groups))
            return codes[-1]

        self.patch(proof_code, "new_code", noted)
        self.start_tour(url, "helpdesk_social_who", login=self.agent_all.login)
        self.assertEqual(self.person.partner_id, self.jo)
        proof = self.env["helpdesk.social.proof"].search(
            [("identity_id", "=", self.person.id)]
        )
        self.assertEqual(proof.state, "open")
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.say(proof_code.shown(codes[-1]), items.PRIVATE)
        self.assertEqual(proof.state, "proved")
        self.start_tour(url, "helpdesk_social_proved", login=self.agent_all.login)

    def test_sales_are_warned_on_the_contact(self):
        self.person.action_link(self.jo.id)
        self.say("It broke", items.PUBLIC)
        self.start_tour(
            f"/odoo/res.partner/{self.jo.id}",
            "helpdesk_social_complaint",
            login=self.sales.login,
        )
