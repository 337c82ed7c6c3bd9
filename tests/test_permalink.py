"""An agent pastes a link; the post behind it joins the ticket."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..networks import base, errors
from .common import FakeAdapter, SocialCase


@tagged("post_install", "-at_install")
class TestPermalink(SocialCase):
    def setUp(self):
        super().setUp()
        self.patch(
            FakeAdapter, "capabilities", FakeAdapter.capabilities | {base.RESOLVE}
        )
        self.links = {}
        self.startPatcher(
            patch.object(FakeAdapter, "resolve", lambda adapter, url: self.find(url))
        )
        self.ticket = self.make_ticket()

    def find(self, url):
        if url not in self.links:
            raise errors.NotFoundError()
        return self.links[url]

    def link(self, url, text="look at this", **values):
        post = self.world.post(text, **values)
        self.links[url] = self.world.inbox.pop()
        return post

    def pull(self, url, user=None):
        ticket = self.ticket.with_user(user or self.agent_all)
        found = ticket.social_pull_permalink(url)
        return self.env["helpdesk.social.message"].browse(found)

    def test_a_post_joins_an_ordinary_ticket(self):
        before = self.env["helpdesk.ticket"].search_count([])
        self.link("https://fake.example/1")
        message = self.pull(" https://fake.example/1 ")
        self.assertEqual(message.ticket_id, self.ticket)
        self.assertEqual(message.conversation_id.ticket_id, self.ticket)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before)
        self.assertEqual(self.pull("https://fake.example/1"), message)

    def test_a_post_that_does_not_name_us(self):
        self.link("u", addressed=False)
        message = self.pull("u")
        self.assertEqual(message.ticket_id, self.ticket)
        self.assertFalse(message.context)

    def test_a_post_of_another_ticket_stays_there(self):
        post = self.link("u")
        self.world.inbox.append(self.links["u"])
        self.account.action_pull()
        message = self.env["helpdesk.social.message"].search([("key", "=", post.key)])
        with self.assertRaisesRegex(UserError, message.ticket_id.number):
            self.pull("u")

    def test_links_that_lead_nowhere(self):
        for url in ("", "nonsense", "https://elsewhere.example"):
            with self.assertRaises(UserError):
                self.pull(url)
        self.account.state = "paused"
        with self.assertRaisesRegex(UserError, "None of your accounts"):
            self.pull("https://fake.example/1")

    def test_no_money_to_look(self):
        self.link("u")
        asked = []
        self.patch(FakeAdapter, "resolve", lambda *args: asked.append(args))
        apps = self.registry["helpdesk.social.app"]
        for reason, words in (
            ("budget_reads", "kept for replies"),
            ("budget_spent", "budget of the app is spent"),
            ("quota_used", "quota of the app"),
        ):
            with patch.object(apps, "_budget_reason", return_value=reason):
                with self.assertRaisesRegex(UserError, words):
                    self.pull("u")
        self.account._record_failure(errors.Exhausted())
        with self.assertRaisesRegex(UserError, "adds credit"):
            self.pull("u")
        self.assertFalse(asked, "that would have cost something")

    def test_another_account_can_still_pay(self):
        self.link("u")
        other = self.make_account(handle="two", external_id="two", state="active")
        self.account._record_failure(errors.Exhausted())
        self.assertEqual(self.pull("u").account_id, other)

    def test_who_may(self):
        self.link("u")
        for user in (self.internal, self.portal_customer):
            with self.assertRaises(AccessError):
                self.pull("u", user)
        self.account.speaker_user_ids = self.manager
        with self.assertRaisesRegex(UserError, "None of your accounts"):
            self.pull("u")
