"""Linking by hand, undoing it, contacts made from identities; who may do that."""

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .identity_common import IdentityCase


@tagged("post_install", "-at_install")
class TestIdentityLink(IdentityCase):
    def test_link_by_hand(self):
        identity = self.make_identity()
        identity.with_user(self.sales).action_link(self.jo.id)
        self.assertEqual(identity.partner_id, self.jo)
        self.assertEqual(identity.link_basis, "manual")
        self.assertEqual(identity.linked_by_id, self.sales)
        self.assertIn("Linked by a colleague", self.chatter(self.jo))

    def test_who_may_link(self):
        identity = self.make_identity()
        for user in (self.agent_own, self.sales, self.manager):
            with self.subTest(user=user.login):
                identity.with_user(user).action_link(self.jo.id)
                identity.with_user(user).action_unlink()
        for user in (self.internal, self.follower, self.portal_customer, self.public):
            for action in ("action_unlink", "action_accept", "action_refuse"):
                linked = self.make_identity(
                    partner_id=self.jo.id, suggested_partner_id=self.jo.id
                )
                with self.subTest(user=user.login, action=action):
                    with self.assertRaises(AccessError):
                        getattr(linked.with_user(user), action)()
                    self.assertEqual(linked.partner_id, self.jo)
            with self.assertRaises(AccessError):
                identity.with_user(user).action_link(self.jo.id)

    def test_nobody_writes_past_the_actions(self):
        identity = self.make_identity()
        for user in (self.agent_all, self.manager, self.sales):
            with self.assertRaises(AccessError):
                identity.with_user(user).write({"partner_id": self.jo.id})

    def test_other_company(self):
        identity = self.make_identity()
        agent = self.other_company_agent
        with self.assertRaises(AccessError):
            identity.with_user(agent).action_link(self.jo.id)
        theirs = self.make_partner("Theirs", company_id=self.other_company.id)
        with self.assertRaises(AccessError):
            identity.with_user(self.agent_own).action_link(theirs.id)
        with self.assertRaises(UserError):
            identity.action_link(theirs.id)

    def test_bad_input(self):
        identity = self.make_identity()
        for nobody in (False, 0, 2**31 - 1):
            with self.assertRaises(UserError):
                identity.with_user(self.agent_own).action_link(nobody)
        shared = self.make_identity(shared=True)
        with self.assertRaises(UserError):
            shared.with_user(self.agent_own).action_link(self.jo.id)

    def test_open_tickets_get_the_contact_and_give_it_back(self):
        identity = self.make_identity()
        closed = self.env["helpdesk.ticket.stage"].search(
            [("closed", "=", True)], limit=1
        )
        mary = self.make_partner("Mary")
        tickets = {
            "open": self.make_ticket(partner_name="jo on fake"),
            "closed": self.make_ticket(stage_id=closed.id),
            "taken": self.make_ticket(partner_id=mary.id, partner_name="Mary"),
            "strange": self.make_ticket(),
        }
        for name in ("open", "closed", "taken"):
            self.make_conversation("private", tickets[name], identity_id=identity.id)
        identity.with_user(self.sales).action_link(self.jo.id)
        opened = tickets["open"]
        self.assertEqual(opened.partner_id, self.jo)
        self.assertEqual(opened.partner_name, "Jo Miller")
        self.assertEqual(opened.partner_email, "jo.miller@example.com")
        self.assertFalse(tickets["closed"].partner_id | tickets["strange"].partner_id)
        self.assertEqual(tickets["taken"].partner_id, mary)
        self.assertFalse(opened.message_partner_ids & self.jo)

        identity.with_user(self.sales).action_unlink()
        self.assertFalse(opened.partner_id)
        self.assertEqual(opened.partner_name, "jo on fake")
        self.assertFalse(opened.partner_email)
        self.assertEqual(tickets["taken"].partner_id, mary)
        self.assertFalse(identity.link_basis)
        self.assertIn("unlinked", self.chatter(self.jo))

    def test_unlinking_leaves_what_it_did_not_do(self):
        identity = self.make_identity()
        before = self.make_ticket(partner_id=self.jo.id, partner_name="Jo Miller")
        before.flush_recordset()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = create_date - interval '1 day'"
            " WHERE id = %s",
            [before.id],
        )
        before.invalidate_recordset()
        changed = self.make_ticket()
        for ticket in (before, changed):
            self.make_conversation("private", ticket, identity_id=identity.id)
        identity.action_link(self.jo.id)
        mary = self.make_partner("Mary")
        changed.write({"partner_id": mary.id, "partner_name": "Mary"})
        identity.action_unlink()
        self.assertEqual(before.partner_id, self.jo)
        self.assertEqual(changed.partner_id, mary)

    def test_linking_to_another_contact_moves_everything(self):
        identity = self.make_identity()
        ticket = self.make_ticket()
        self.make_conversation("private", ticket, identity_id=identity.id)
        mary = self.make_partner("Mary")
        identity.action_link(self.jo.id)
        identity.action_link(mary.id)
        self.assertEqual(identity.partner_id, mary)
        self.assertEqual(ticket.partner_id, mary)
        self.assertNotIn(self.jo, identity.refused_partner_ids)
        identity.action_unlink()
        self.assertFalse(ticket.partner_id)

    def test_create_contact(self):
        identity = self.make_identity(name="Zoë Q", handle="zoe")
        action = identity.with_user(self.sales).action_create_contact()
        partner = identity.partner_id
        self.assertEqual(action["res_id"], partner.id)
        self.assertEqual(partner.name, "Zoë Q")
        self.assertFalse(partner.email or partner.phone)
        self.assertEqual(partner.company_id, self.company)
        self.assertEqual(identity.link_basis, "created")
        with self.assertRaises(UserError):
            identity.with_user(self.sales).action_create_contact()

    def test_create_contact_without_a_name(self):
        identity = self.make_identity(name=False, handle="zoe")
        identity.action_create_contact()
        self.assertEqual(identity.partner_id.name, "@zoe")

    def test_creating_needs_the_right_to_create(self):
        identity = self.make_identity()
        with self.assertRaises(AccessError):
            identity.with_user(self.agent_own).action_create_contact()
        self.assertFalse(identity.partner_id)

    def test_dialog_from_the_identity(self):
        identity = self.match(self.phone(source="text"))
        action = identity.with_user(self.agent_own).action_open_link()
        dialog = (
            self.env["helpdesk.social.link"]
            .with_user(self.agent_own)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(dialog.candidate_ids, self.jo)
        with self.assertRaises(UserError):
            dialog.action_link()
        dialog.partner_id = self.jo
        dialog.action_link()
        self.assertEqual(identity.partner_id, self.jo)

    def test_dialog_from_the_contact(self):
        identity = self.make_identity()
        action = self.jo.with_user(self.sales).action_link_social_identity()
        dialog = (
            self.env["helpdesk.social.link"]
            .with_user(self.sales)
            .with_context(**action["context"])
            .create({})
        )
        self.assertTrue(dialog.from_partner)
        with self.assertRaises(UserError):
            dialog.action_link()
        dialog.identity_id = identity
        dialog.action_link()
        self.assertEqual(identity.partner_id, self.jo)
        with self.assertRaises(AccessError):
            self.jo.with_user(self.internal).action_link_social_identity()

    def test_profile_page(self):
        identity = self.make_identity(url="https://fake.example/@jo")
        self.assertEqual(
            identity.action_open_profile()["url"], "https://fake.example/@jo"
        )
        for url in (False, "javascript:alert(1)", "data:text/html,x"):
            identity.url = url
            with self.assertRaises(UserError):
                identity.action_open_profile()

    def test_identity_is_unique_per_network_and_scope(self):
        first = self.make_identity("jo")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            with self.env.cr.savepoint():
                self.make_identity("jo")
        self.assertTrue(first.exists())
        self.assertTrue(self.make_identity("jo", scope="page2"))
