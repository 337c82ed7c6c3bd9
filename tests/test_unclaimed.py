"""Pushed items that name no account of their app: claimed later, or failed aloud."""

from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..networks import items
from .push_network import PushFixtures


@tagged("post_install", "-at_install")
class TestUnclaimed(PushFixtures, TransactionCase):
    def setUp(self):
        super().setUp()
        self.events = self.env["helpdesk.social.event"]
        self.app = self.account.app_id

    def push(self, key, to=""):
        item = items.RawItem(key=key, data={"text": "hush"}, account=to)
        self.events._journal(self.app, [item], source="push")
        return self.events.search([("key", "=", key)])

    def settle(self, late=False):
        if late:
            past = fields.Datetime.now() - timedelta(hours=2)
            self.events.search([("account_id", "=", False)]).received_at = past
        self.env["helpdesk.social.account"]._cron_keep_alive()
        self.env.invalidate_all()

    def test_an_account_that_is_connected_later_gets_them(self):
        event = self.push("one", to="them")
        self.assertFalse(event.account_id)
        self.settle()
        self.assertEqual((event.state, event.account_id.id), ("new", False))
        other = self.make_account(app_id=self.app.id, external_id="them")
        self.settle()
        self.assertEqual(event.account_id, other)
        self.assertEqual(event.state, "new")

    def test_connecting_asks_for_them_at_once(self):
        self.account.sudo().external_id = False
        self.make_account(app_id=self.app.id, external_id="them")
        event = self.push("one", to="us")
        self.assertFalse(event.account_id)
        self.account.with_user(self.manager).action_connect()
        event.invalidate_recordset()
        self.assertEqual(event.account_id, self.account)

    def test_what_nobody_is_meant_by_is_failed_with_the_reason(self):
        event = self.push("one", to="stranger")
        self.settle(late=True)
        self.assertEqual(event.state, "dead")
        self.assertIn("it was for stranger; we are @us", event.error)
        line = next(one for one in self.account.checklist if one["key"] == "events")
        self.assertEqual(line["mark"], "warn")
        self.assertIn("1 deliveries", line["text"])
        self.assertTrue(self.account.dead_event_count)

    def test_processed_again_it_may_find_its_account(self):
        event = self.push("one", to="them")
        self.settle(late=True)
        self.assertEqual(event.state, "dead")
        other = self.make_account(app_id=self.app.id, external_id="them")
        event.with_user(self.admin).action_replay()
        self.settle()
        self.assertEqual(event.account_id, other)
        self.assertFalse(event.error)

    def test_two_accounts_and_no_word_for_whom(self):
        self.make_account(app_id=self.app.id, external_id="them")
        event = self.push("one")
        self.assertFalse(event.account_id)
        self.settle(late=True)
        self.assertIn("does not say for whom", event.error)

    def test_nobody_is_connected(self):
        self.account.sudo().external_id = False
        self.make_account(app_id=self.app.id)
        event = self.push("one", to="us")
        self.settle(late=True)
        self.assertIn("no account of this app is connected", event.error)

    def test_one_that_was_pulled_meanwhile(self):
        event = self.push("one", to="them")
        other = self.make_account(app_id=self.app.id, external_id="them")
        item = items.RawItem(key="one", data={"text": "hush"})
        self.events._journal(self.app, [item], other)
        self.settle()
        self.assertEqual((event.state, event.outcome), ("done", "known"))
        self.assertFalse(event.account_id)

    def test_one_post_that_names_two_who_are_not_connected_yet(self):
        first = self.push("one", to="them")
        both = self.push("one", to="others")
        self.assertEqual(len(both), 2, "each will have it")
        self.assertEqual(self.push("one", to="them"), both, "but only once")
        them = self.make_account(app_id=self.app.id, external_id="them")
        self.settle()
        self.assertEqual((first.account_id, first.state), (them, "new"))
        self.assertEqual((both - first).account_id.id, False)
        # what is claimed is known as the account's: pushed or pulled again, it is one
        self.assertEqual(self.push("one", to="them"), both)
        item = items.RawItem(key="one", data={})
        self.assertEqual(self.events._journal(self.app, [item], them), 0)
        others = self.make_account(app_id=self.app.id, external_id="others")
        self.settle()
        self.assertEqual(both.account_id, them | others)
        self.assertEqual(set(both.mapped("state")), {"new"})

    def test_two_deliveries_in_one_batch_that_differ_in_whom_they_name(self):
        batch = [
            items.RawItem(key="one", data={}, account=name)
            for name in ("them", "others", "them", "", "")
        ]
        self.make_account(app_id=self.app.id, external_id="third")
        self.assertEqual(self.events._journal(self.app, batch, source="push"), 3)

    def test_another_apps_account_of_the_same_name_gets_nothing(self):
        app = self.app.copy({"name": "Another app"})
        other = self.make_account(app_id=app.id, external_id="them")
        event = self.push("one", to="them")
        self.settle(late=True)
        self.assertNotEqual(event.account_id, other)
        self.assertEqual(event.state, "dead")

    def test_hostile_names(self):
        for number, name in enumerate(("\x00", "x" * 10000, "😀", "%s", "'; --"), 1):
            event = self.push(f"event{number}", to=name)
            self.assertFalse(event.account_id)
        self.settle(late=True)
        states = self.events.search([("app_id", "=", self.app.id)]).mapped("state")
        self.assertEqual(states, ["dead"] * 5)
