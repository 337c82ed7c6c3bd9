"""Rules that ask for open orders and invoices, on real ones (stage ``apps``)."""

from odoo.tests import tagged

from .apps_common import make_invoice, make_order, pay
from .test_triage_rules import RULE, RuleCase


@tagged("-standard", "helpdesk_social_apps", "post_install", "-at_install")
class TestRulesApps(RuleCase):
    def setUp(self):
        super().setUp()
        self.jo = self.env["res.partner"].create({"name": "Jo"})
        self.make_identity("jo", partner_id=self.jo.id)
        self.bo = self.env["res.partner"].create({"name": "Bo"})
        self.make_identity("bo", partner_id=self.bo.id)

    def ruled(self, author):
        return bool(self.say(author=author).why_rules)

    def test_the_form_offers_both(self):
        rule = self.rule(on=False)
        self.assertTrue(rule.has_orders and rule.has_invoices)

    def test_open_orders(self):
        self.rule(orders="yes", ticket="no")
        order = make_order(self.env, self.jo, confirm=False, company=self.company)
        self.assertFalse(self.ruled("jo"), "a quotation is no order")
        order.action_confirm()
        self.assertTrue(self.ruled("jo"))
        self.assertFalse(self.ruled("bo"))
        order.order_line.qty_delivered = 1
        order._create_invoices().action_post()
        self.assertEqual(order.invoice_status, "invoiced")
        self.assertFalse(self.ruled("jo"), "it is invoiced")

    def test_no_open_orders(self):
        self.rule(orders="no", ticket="no")
        make_order(self.env, self.jo, company=self.company)
        self.assertFalse(self.ruled("jo"))
        self.assertTrue(self.ruled("bo"))

    def test_open_invoices(self):
        self.rule(invoices="yes", ticket="no")
        invoice = make_invoice(self.env, self.jo, post=False)
        self.assertFalse(self.ruled("jo"), "a draft is owed by nobody")
        invoice.action_post()
        self.assertTrue(self.ruled("jo"))
        self.assertFalse(self.ruled("bo"))
        pay(self.env, invoice)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertFalse(self.ruled("jo"), "it is paid")

    def test_a_refund_is_no_open_invoice(self):
        self.rule(invoices="yes", ticket="no")
        make_invoice(self.env, self.jo, kind="out_refund")
        self.assertFalse(self.ruled("jo"))

    def test_the_firm_s_orders_are_its_people_s(self):
        self.rule(orders="yes", ticket="no")
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        self.jo.parent_id = firm
        make_order(self.env, firm, company=self.company)
        self.assertTrue(self.ruled("jo"))

    def test_orders_of_another_company_are_not_asked(self):
        self.rule(orders="yes", ticket="no")
        make_order(self.env, self.jo, company=self.other_company)
        self.assertFalse(self.ruled("jo"))

    def test_one_query_for_all_authors(self):
        make_order(self.env, self.jo, company=self.company)
        self.env.flush_all()
        partners = self.jo | self.bo
        partners.mapped("commercial_partner_id")
        with self.assertQueryCount(1):
            found = self.env[RULE]._business(partners, self.company, {"orders"})
        self.assertEqual(found["orders"], frozenset(self.jo.ids))
