"""The guard knows numbers of real orders and invoices (stage ``apps``)."""

from odoo.tests import tagged

from ..models.social_concern import ConcernError
from .apps_common import make_invoice, make_order
from .test_guard import GuardCase


@tagged("-standard", "helpdesk_social_apps", "post_install", "-at_install")
class TestGuardApps(GuardCase):
    def setUp(self):
        super().setUp()
        self.order = make_order(
            self.env, self.customer, client_order_ref="PO-2026-7781"
        )
        self.order.name = "S94217"
        self.invoice = make_invoice(self.env, self.customer)

    def test_this_customer_s_order_and_invoice(self):
        self.assertEqual(self.kinds("see S94217"), [("order", True)])
        self.assertEqual(self.kinds("your PO-2026-7781 left"), [("order", True)])
        self.assertEqual(self.kinds(f"see {self.invoice.name}"), [("invoice", True)])

    def test_a_quotation_counts_and_a_draft_has_no_number_to_find(self):
        quotation = make_order(self.env, self.customer, confirm=False)
        quotation.name = "S94218"
        draft = make_invoice(self.env, self.customer, post=False)
        self.assertIn(draft.name, (False, "/"))
        self.assertEqual(self.kinds("see S94218"), [("order", True)])
        self.assertEqual(
            self.reply("Draft, New, /", to=self.message).delivery_state, "queued"
        )

    def test_the_firm_s_papers_are_the_customer_s(self):
        firm = self.env["res.partner"].create(
            {"name": "Firm", "is_company": True, "vat": self.customer.vat}
        )
        self.customer.parent_id = firm
        order = make_order(self.env, firm)
        order.name = "S94219"
        self.assertEqual(self.kinds("see S94219"), [("order", True)])

    def test_papers_of_somebody_else_are_no_find(self):
        other = self.env["res.partner"].create({"name": "Somebody Else"})
        make_order(self.env, other).name = "S50001"
        row = self.reply("The bus S50001 goes there", to=self.message)
        self.assertEqual(row.delivery_state, "queued")

    def test_bills_we_got_are_not_the_customer_s_papers(self):
        bill = make_invoice(self.env, self.customer, kind="in_invoice")
        bill.name = "BILL-991177"
        row = self.reply("see BILL-991177", to=self.message)
        self.assertEqual(row.delivery_state, "queued")

    def test_an_agent_who_may_not_see_orders_is_stopped_and_told_no_number(self):
        self.assertFalse(
            self.env["sale.order"].with_user(self.agent_all).has_access("read")
        )
        with self.assertRaises(ConcernError) as caught:
            self.reply("your order s94217 is out", to=self.message)
        [concern] = caught.exception.concerns
        self.assertNotIn("94217", str(concern.told()))

    def test_in_private_numbers_may_be_named(self):
        thread = self.make_conversation("private", self.ticket)
        message = self.make_message(thread, "which one?", waiting=True)
        row = self.reply("It is S94217", "private", to=message)
        self.assertEqual(row.delivery_state, "queued")

    def test_an_order_placed_while_the_reply_waited(self):
        row = self.reply("Thanks for S94220", to=self.message)
        make_order(self.env, self.customer).name = "S94220"
        self.env.flush_all()
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "guard"))
        self.assertFalse(self.world.published)
