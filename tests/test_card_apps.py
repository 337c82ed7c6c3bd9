"""The card where Sales and Invoicing are installed: run by hand on such a database.

The tests' template has neither; ``scripts/odoo_test.py --db NAME --tags
helpdesk_social_apps`` on a database with the addon and ``sale``.
"""

from odoo.tests import new_test_user, tagged

from .common import USER_ALL
from .test_card import CardCase


@tagged("-standard", "helpdesk_social_apps", "post_install", "-at_install")
class TestCardApps(CardCase):
    def setUp(self):
        super().setUp()
        self.person.action_link(self.jo.id)
        product = self.env["product.product"].create({"name": "Lamp"})
        line = {"product_id": product.id, "price_unit": 100, "tax_ids": False}
        orders = self.env["sale.order"].create(
            [
                {"partner_id": self.jo.id, "order_line": [(0, 0, line)]}
                for _one in range(3)
            ]
        )
        orders[:2].action_confirm()
        moves = self.env["account.move"].create(
            [
                {
                    "partner_id": self.jo.id,
                    "move_type": kind,
                    "invoice_date": date,
                    "invoice_line_ids": [
                        (0, 0, {**line, "quantity": 1, "price_unit": price})
                    ],
                }
                for kind, date, price in (
                    ("out_invoice", "2024-05-01", 1000),
                    ("out_invoice", "2025-05-01", 500),
                    ("out_refund", "2025-06-01", 200),
                )
            ]
        )
        moves[:1].action_post()
        moves[2:].action_post()
        self.draft = moves[1:2]

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
        lines = self.lines(self.agent("sales_team.group_sale_salesman_all_leads"))
        self.assertEqual(lines["orders"], "2")
        self.assertNotIn("revenue", lines, "a part would be a wrong number")

    def test_only_their_own_orders_are_counted(self):
        lines = self.lines(self.agent("sales_team.group_sale_salesman"))
        mine = self.env["sale.order"].search_count(
            [("partner_id", "=", self.jo.id), ("user_id", "=", False)]
        )
        self.assertEqual(lines["orders"], str(min(mine, 2)))

    def test_the_warning_stands_on_orders(self):
        arch = self.env["sale.order"].get_view(view_type="form")["arch"]
        self.assertEqual(arch.count('name="helpdesk_social_complaint"'), 1)

    def test_orders_are_counted_for_the_whole_firm(self):
        firm = self.make_partner("Firm", is_company=True)
        self.jo.parent_id = firm
        colleague = self.make_partner("Colleague", parent_id=firm.id)
        order = self.env["sale.order"].create({"partner_id": colleague.id})
        order.action_confirm()
        lines = self.lines(self.agent("sales_team.group_sale_salesman_all_leads"))
        self.assertEqual(lines["orders"], "3")
