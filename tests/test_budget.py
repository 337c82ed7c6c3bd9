"""What networks charge: booked, priced, limited; reading stops before replies do."""

from contextlib import contextmanager
from datetime import date
from unittest.mock import patch


from odoo.tests import tagged

from .common import FakeAdapter, SocialCase

READ, REPLY = "read", "reply"


class PricedAdapter(FakeAdapter):
    """The fake network, with a bill: an item read 0.01, a reply 0.25 dollars."""

    prices = {READ: "0.01", REPLY: "0.25", "odd": "-3", "words": "a lot"}
    price_labels = {READ: "Items read", REPLY: "Replies sent"}

    def fetch(self, stream, cursor, since):
        page = super().fetch(stream, cursor, since)
        self.charge(READ, len(page.items))
        return page

    def publish(self, draft, key):
        self.charge(REPLY)
        return super().publish(draft, key)


class BudgetCase(SocialCase):
    adapter_class = PricedAdapter

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        networks = cls.registry["helpdesk.social.network"]
        original = networks._adapter_class

        def _adapter_class(model, code):
            found = original(model, code)
            return cls.adapter_class if found is FakeAdapter else found

        cls.startClassPatcher(patch.object(networks, "_adapter_class", _adapter_class))
        cls.app = cls.account.app_id
        cls.app._ensure_prices()

    def book(self):
        """What a commit would do to the slip."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def rows(self, app=None):
        ledger = self.env["helpdesk.social.spending"]
        return ledger.search([("app_id", "=", (app or self.app).id)])

    def spend(self, amount, day=None, app=None):
        app = app or self.app
        self.env["helpdesk.social.spending"].create(
            {
                "app_id": app.id,
                "day": day or app._today(),
                "kind": READ,
                "label": "Items read",
                "number": 1,
                "amount": amount,
            }
        )
        app.invalidate_recordset()

    def limit(self, budget, **values):
        self.app.write({"budget_limited": True, "budget": budget, **values})

    @contextmanager
    def adapter(self, **attributes):
        """The adapter class with other attributes."""
        with self.subTest(**{k: str(v)[:60] for k, v in attributes.items()}):
            made = type("Adapter", (self.adapter_class,), attributes)
            with patch.object(type(self), "adapter_class", made):
                yield made


@tagged("post_install", "-at_install")
class TestLedger(BudgetCase):
    def test_what_a_pull_reads_is_booked_once(self):
        for number in range(3):
            self.world.post(f"hello {number}")
        self.account.action_pull()
        self.book()
        row = self.rows()
        self.assertEqual((row.kind, row.number, row.label), (READ, 3, "Items read"))
        self.assertAlmostEqual(row.amount, 0.03)
        self.assertEqual(row.account_id, self.account)
        self.assertEqual(row.day, date.today())
        self.account.action_pull()
        self.book()
        self.assertEqual(self.rows(), row, "an empty pull costs nothing")
        self.assertEqual(self.app.spent_month, 0.03)
