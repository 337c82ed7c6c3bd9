"""The card and the warning where Sales and Invoicing are installed (stage ``apps``)."""

from odoo.tests import new_test_user, tagged

from .apps_common import make_invoice, make_order
from .common import USER_ALL
from .test_card import CardCase

ALL_ORDERS = "sales_team.group_sale_salesman_all_leads"


@tagged("-standard", "helpdesk_social_apps", "post_install", "-at_install")
class TestCardApps(CardCase):
    def setUp(self):
        super().setUp()
        self.person.action_link(self.jo.id)
        for confirm in (True, True, False):
            make_order(self.env, self.jo, confirm)
        make_invoice(self.env, self.jo, 1000, invoice_date="2024-05-01")
        self.draft = make_invoice(
            self.env, self.jo, 500, post=False, invoice_date="2025-05-01"
        )
        make_invoice(self.env, self.jo, 200, "out_refund", invoice_date="2025-06-01")

    def agent(self, *groups):
        number = self.env["res.users"].search_count([])
        user = new_test_user(
            self.env, f"agent{number}", ",".join(("base.group_user", USER_ALL, *groups))
        )
        self.ticket.invalidate_recordset()
        return user

    def test_an_agent_without_these_apps_sees_neither(self):
        lines = self.lines(self.agent())
        self.assertNotIn("revenue", lines)
        self.assertNotIn("customer", lines)
        self.assertNotIn("orders", lines)

    def test_whoever_sees_all_invoices_sees_the_revenue(self):
        lines = self.lines(self.agent("account.group_account_readonly"))
        self.assertIn("800.00", lines["revenue"])
        self.assertIn("2024", lines["customer"])
        self.draft.action_post()
        lines = self.lines(self.agent("account.group_account_invoice"))
        self.assertIn("1,300.00", lines["revenue"])

    def test_orders_that_are_confirmed_and_not_invoiced(self):
        lines = self.lines(self.agent(ALL_ORDERS))
        self.assertEqual(lines["orders"], "2")
        self.assertNotIn("revenue", lines, "a part would be a wrong number")

    def test_only_their_own_orders_are_counted(self):
        somebody = self.agent(ALL_ORDERS)
        orders = self.env["sale.order"].search([("partner_id", "=", self.jo.id)])
        orders.user_id = somebody
        seller = self.agent("sales_team.group_sale_salesman")
        self.assertEqual(self.lines(seller)["orders"], "0")
        orders.filtered(lambda one: one.state == "sale")[:1].user_id = seller
        self.assertEqual(self.lines(seller)["orders"], "1")

    def test_the_warning_stands_on_orders(self):
        arch = self.env["sale.order"].get_view(view_type="form")["arch"]
        self.assertEqual(arch.count('name="helpdesk_social_complaint"'), 1)

    def test_orders_are_counted_for_the_whole_firm(self):
        firm = self.make_partner("Firm", is_company=True)
        self.jo.parent_id = firm
        make_order(self.env, self.make_partner("Colleague", parent_id=firm.id))
        self.assertEqual(self.lines(self.agent(ALL_ORDERS))["orders"], "3")
