"""A lead from a message: with crm installed, and where it is not."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .identity_common import IdentityCase


@tagged("post_install", "-at_install")
class TestLead(IdentityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # crm belongs to the test database; without it these tests prove nothing
        cls.leads = cls.env["crm.lead"]
        cls.seller = new_test_user(
            cls.env,
            login="social_seller",
            groups="base.group_user,sales_team.group_sale_salesman",
        )
        cls.identity = cls.make_identity("jo", partner_id=cls.jo.id)
        cls.post = cls.make_message(
            cls.make_conversation("public", cls.make_ticket()),
            "Do you sell <b>10</b> of them?",
            identity_id=cls.identity.id,
            permalink="https://fake.example/1",
        )

    def lead_of(self, message, user=None):
        action = message.with_user(user or self.seller).action_create_lead()
        self.assertEqual(action["res_model"], "crm.lead")
        return self.leads.browse(action["res_id"])

    def test_public_words_are_quoted(self):
        lead = self.lead_of(self.post)
        self.assertEqual(lead.partner_id, self.jo)
        self.assertEqual(lead.user_id, self.seller)
        self.assertEqual(lead.company_id, self.company)
        self.assertEqual(lead.name, "Do you sell <b>10</b> of them?")
        self.assertIn("&lt;b&gt;10", lead.description)
        self.assertIn("https://fake.example/1", lead.description)

    def test_a_long_post_gets_a_short_title(self):
        self.post.text = "word " * 100
        lead = self.lead_of(self.post)
        self.assertLessEqual(len(lead.name), 60)
        self.assertTrue(lead.name.endswith("…"))

    def test_dangerous_links_are_not_links(self):
        self.post.permalink = "javascript:alert(1)"
        self.assertNotIn("javascript", self.lead_of(self.post).description)

    def test_private_words_stay_where_they_are(self):
        reader = new_test_user(
            self.env,
            login="social_reader",
            groups="sales_team.group_sale_salesman,helpdesk_mgmt.group_helpdesk_user",
        )
        for audience in ("private", "group"):
            secret = self.make_message(
                self.make_conversation(audience, self.make_ticket()),
                "My card is 4711",
                identity_id=self.identity.id,
                permalink="https://fake.example/secret",
            )
            with self.assertRaises(AccessError):
                secret.with_user(self.seller).action_create_lead()
            lead = self.lead_of(secret, reader)
            told = f"{lead.name} {lead.description} {lead.message_ids.mapped('body')}"
            self.assertNotIn("4711", told)
            self.assertNotIn("secret", told)
            self.assertIn("@jo", lead.name)

    def test_without_contact(self):
        self.post.identity_id = self.make_identity("zoe", name="Zoë")
        lead = self.lead_of(self.post)
        self.assertFalse(lead.partner_id)
        self.assertEqual(lead.contact_name, "Zoë")

    def test_hidden_author(self):
        self.post.identity_id = False
        self.assertTrue(self.lead_of(self.post).name)

    def test_second_click_shows_the_first_lead(self):
        first = self.lead_of(self.post)
        message = self.post.with_user(self.seller)
        self.assertTrue(message.lead_exists)
        self.assertFalse(message.may_create_lead)
        self.assertEqual(self.lead_of(self.post), first)
        first.unlink()
        self.assertTrue(message.may_create_lead)
        self.assertNotEqual(self.lead_of(self.post), first)

    def test_who_may(self):
        self.assertTrue(self.post.with_user(self.seller).may_create_lead)
        for user in (self.agent_all, self.manager, self.sales, self.internal):
            self.assertFalse(self.post.with_user(user).may_create_lead)
            with self.assertRaises(AccessError):
                self.post.with_user(user).action_create_lead()

    def test_only_what_was_received(self):
        answer = self.make_message(
            self.post.conversation_id, "Yes", direction="out"
        ).with_user(self.seller)
        self.post.deleted_at = "2026-01-01"
        for message in (answer, self.post.with_user(self.seller)):
            self.assertFalse(message.may_create_lead)
            with self.assertRaises(UserError):
                message.action_create_lead()

    def test_without_crm(self):
        model = self.registry["helpdesk.social.message"]
        with patch.object(model, "_leads", lambda self: None):
            self.post.invalidate_recordset(["may_create_lead"])
            self.assertFalse(self.post.with_user(self.seller).may_create_lead)
            with self.assertRaises(UserError):
                self.post.with_user(self.seller).action_create_lead()
