"""The customer's card: what is told, to whom; and the warning for people who sell."""

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .identity_common import IdentityCase


class CardCase(IdentityCase):
    def setUp(self):
        super().setUp()
        self.ticket = self.make_ticket(user_id=self.agent_all.id)
        self.person = self.make_identity("jo", followers=12345)
        self.thread = self.make_conversation(
            "public", self.ticket, identity_id=self.person.id
        )
        self.message = self.make_message(self.thread, "It broke", waiting=True)

    def card(self, user=None, person=None):
        ticket = self.ticket.with_user(user or self.agent_all)
        return ticket.social_card((person or self.person).id)

    def lines(self, *args, **kwargs):
        return {
            one["code"]: one["value"] for one in self.card(*args, **kwargs)["lines"]
        }


@tagged("post_install", "-at_install")
class TestCard(CardCase):
    def test_somebody_nobody_knows(self):
        card = self.card()
        self.assertFalse(card["contact"])
        self.assertEqual([one["code"] for one in card["lines"]], ["reach"])
        self.assertEqual(card["lines"][0]["value"], "12,345")

    def test_a_contact(self):
        self.person.action_link(self.jo.id)
        other = self.make_identity("jo_elsewhere")
        other.action_link(self.jo.id)
        self.make_ticket(partner_id=self.jo.id, user_id=self.agent_all.id)
        closed = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.make_ticket(partner_id=self.jo.id, stage_id=closed.id)
        lines = self.lines()
        self.assertEqual(lines["tickets"], "1")
        self.assertIn("since", lines)
        card = self.card()
        self.assertEqual(card["contact"]["id"], self.jo.id)
        self.assertEqual([one["id"] for one in card["others"]["names"]], [other.id])

    def test_a_contact_of_another_company_is_not_told(self):
        secret = self.make_partner("Secret")
        self.person.action_link(secret.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET company_id = %s WHERE id = %s",
            [self.other_company.id, secret.id],
        )
        self.env.invalidate_all()
        card = self.card()
        self.assertFalse(card["contact"])
        self.assertTrue(card["hidden"])
        self.assertNotIn("Secret", str(card))

    def test_tickets_one_may_not_read_are_not_counted(self):
        self.person.action_link(self.jo.id)
        self.make_ticket(partner_id=self.jo.id, team_id=self.other_team.id)
        self.ticket.user_id = self.agent_own
        self.assertEqual(self.lines(self.agent_all)["tickets"], "1")
        self.assertEqual(self.lines(self.agent_own)["tickets"], "0")

    def test_only_who_takes_part_and_only_for_agents(self):
        stranger = self.make_identity("stranger")
        for wrong in (stranger.id, 0, -1, "x", "1; drop", None, False):
            with self.assertRaises(UserError):
                self.ticket.with_user(self.agent_all).social_card(wrong)
        for user in (self.internal, self.sales, self.portal_customer):
            with self.assertRaises(AccessError):
                self.card(user)

    def test_revenue_and_orders_only_with_their_apps_and_rights(self):
        """Here neither app is installed; with them: ``test_card_apps``."""
        self.person.action_link(self.jo.id)
        self.assertFalse({"revenue", "customer", "orders"} & self.lines().keys())

    def test_it_costs_few_queries(self):
        self.person.action_link(self.jo.id)
        self.env.flush_all()
        ticket = self.ticket.with_user(self.agent_all)
        ticket.social_card(self.person.id)
        ticket.env.invalidate_all()
        before = self.env.cr.sql_log_count
        ticket.social_card(self.person.id)
        self.assertLess(self.env.cr.sql_log_count - before, 30)


@tagged("post_install", "-at_install")
class TestComplaint(CardCase):
    def setUp(self):
        super().setUp()
        self.person.action_link(self.jo.id)

    def count(self, user=None, partner=None):
        partner = (partner or self.jo).with_user(user or self.sales)
        partner.invalidate_recordset(["social_complaint_count"])
        return partner.social_complaint_count

    def found(self, user=None):
        partners = self.env["res.partner"].with_user(user or self.sales)
        return partners.search(
            [
                ("social_complaint_count", ">", 0),
                ("id", "in", (self.jo | self.partner).ids),
            ]
        )

    def test_sales_are_warned_although_they_see_no_ticket(self):
        self.assertFalse(self.ticket.with_user(self.sales)._filtered_access("read"))
        self.assertEqual(self.count(), 1)
        self.assertEqual(self.found(), self.jo)
        self.assertEqual(self.count(self.internal), 1)
        told = self.jo.with_user(self.sales).social_complaint()
        self.assertEqual(told, {"count": 1, "name": self.jo.display_name})

    def test_it_goes_with_the_answer_and_with_the_ticket(self):
        self.message.sudo().waiting = False
        self.assertEqual(self.count(), 0)
        self.assertFalse(self.found())
        self.assertFalse(self.jo.with_user(self.sales).social_complaint())
        self.message.sudo().waiting = True
        self.ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.assertEqual(self.count(), 0)
        self.assertFalse(self.found())

    def test_private_and_group_messages_never_show(self):
        self.message.sudo().waiting = False
        for audience in ("private", "group"):
            thread = self.make_conversation(
                audience, self.ticket, identity_id=self.person.id
            )
            self.make_message(thread, "between us", waiting=True)
        for user in (self.sales, self.agent_all, self.history, self.manager):
            self.assertEqual(self.count(user), 0)
            self.assertFalse(self.found(user))

    def test_what_has_no_ticket_is_no_complaint_yet(self):
        self.message.sudo().ticket_id = False
        self.assertEqual(self.count(), 0)

    def test_a_company_hears_of_its_people(self):
        firm = self.make_partner("Firm", is_company=True)
        self.jo.parent_id = firm
        self.assertEqual(self.count(partner=firm), 1)
        found = self.env["res.partner"].search(
            [("social_complaint_count", ">", 0), ("id", "=", firm.id)]
        )
        self.assertEqual(found, firm)
        none = self.env["res.partner"].search(
            [("social_complaint_count", "=", 0), ("id", "=", firm.id)]
        )
        self.assertFalse(none)

    def test_another_company_s_complaint_is_not_told(self):
        agent = self.other_company_agent
        self.jo.company_id = False
        self.assertEqual(self.count(agent), 0)
        self.assertFalse(self.found(agent))
        self.assertFalse(self.jo.with_user(agent).social_complaint())

    def test_portal_users_are_told_nothing(self):
        with self.assertRaises(AccessError):
            self.jo.with_user(self.portal_customer).social_complaint()
        with self.assertRaises(AccessError):
            self.jo.with_user(self.portal_customer).read(["social_complaint_count"])

    def test_a_list_costs_the_same_for_many(self):
        partners = self.jo | self.make_partner("A") | self.make_partner("B")
        many = partners
        for number in range(20):
            many |= self.make_partner(f"C{number}")
        costs = []
        many.with_user(self.sales).mapped("social_complaint_count")
        for some in (partners, many):
            some = some.with_user(self.sales)
            self.env.flush_all()
            some.invalidate_recordset()
            before = self.env.cr.sql_log_count
            some.mapped("social_complaint_count")
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*costs)

    def test_the_warning_stands_on_forms_of_other_apps(self):
        """crm is there in the tests' template; nothing of ours depends on it."""
        arch = self.env["crm.lead"].get_view(view_type="form")["arch"]
        widgets = etree.fromstring(arch).xpath(
            "//sheet/widget[@name='helpdesk_social_complaint']"
        )
        self.assertEqual(len(widgets), 1)
        arch = self.env["res.partner"].get_view(view_type="list")["arch"]
        self.assertNotIn('widget name="helpdesk_social_complaint"', arch)

    def test_the_history_is_one_click_away(self):
        arch = self.env["res.partner"].get_view(view_type="form")["arch"]
        node = etree.fromstring(arch).xpath(
            "//div[contains(@class, 'o_social_complaint')]//button"
        )
        self.assertEqual(node[0].get("name"), "action_view_social_history")
