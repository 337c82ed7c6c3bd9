"""What networks charge: booked, priced, limited; reading stops before replies do."""

import json
from contextlib import suppress
from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..models import social_till
from ..models.social_meter import PACED_FROM, PACED_TO, SAVING_TO, Meter, price
from ..networks import errors, registry
from .budget_network import READ, REPLY, BudgetCase, PricedAdapter, Pushing


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

    def test_a_reply_is_booked_with_its_state(self):
        reply = self.reply()
        self.deliver()
        self.book()
        self.assertEqual(reply.delivery_state, "sent")
        self.assertEqual(self.rows().mapped("kind"), [REPLY])
        self.assertEqual(self.rows().amount, 0.25)

    def test_a_call_that_failed_is_billed_all_the_same(self):
        with self.with_network(PricedAdapter, call_price=2):
            self.world.failures.append(errors.TransientError("timeout"))
            self.assertEqual(self.account._pull().code, "timeout")
            self.book()
            self.assertEqual(self.rows().number, 2)
        self.world.failures.append(errors.UncertainError("cut"))
        self.reply()
        self.deliver()
        self.book()
        self.assertIn(REPLY, self.rows().mapped("kind"))

    def charge(self, env, number=1, kind=READ):
        adapter = env["helpdesk.social.account"].browse(self.account.id)._adapter()
        adapter.charge(kind, number)
        return adapter

    def total(self):
        self.env.invalidate_all()
        return sum(self.rows().mapped("number"))

    def test_a_rollback_does_not_undo_the_bill(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            with self.registry.cursor() as cr:
                env = api.Environment(cr, self.env.uid, {})
                adapter = self.charge(env, 3)
                cr.rollback()
                self.assertEqual(self.total(), 3)
                adapter.charge(READ, 4)
                cr.commit()
                self.assertEqual(self.total(), 7)
                cr.rollback()
                self.assertEqual(self.total(), 7, "what is booked is not booked again")
                adapter.charge(READ, 1)
                # booked already, and then the transaction fails
                cr.precommit.run()
                cr.rollback()
                self.assertEqual(self.total(), 8)
            # a request that ends without any commit
            cr = self.registry.cursor()
            self.charge(api.Environment(cr, self.env.uid, {}), 5)
            cr.close()
        self.assertEqual(self.total(), 13)
        self.assertEqual(adapter.spent, {READ: 8})

    def test_a_savepoint_that_is_undone(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            with self.registry.cursor() as cr:
                env = api.Environment(cr, self.env.uid, {})
                adapter = self.charge(env, 2)
                # not assertRaises, which has a savepoint of its own
                with suppress(ZeroDivisionError), cr.savepoint():
                    adapter.charge(READ, 3)
                    raise ZeroDivisionError
                hooks = list(cr.postcommit._funcs)
                cr.commit()
                self.assertEqual(self.total(), 2)
                # cursors of tests leave out what comes after a commit
                for hook in hooks:
                    hook()
        self.assertEqual(self.total(), 5)

    def test_a_warning_that_cannot_be_given(self):
        self.limit(10)
        self.spend(9)
        with (
            patch.object(type(self.app), "activity_schedule", side_effect=KeyError),
            self.assertLogs("odoo.addons.helpdesk_social", "ERROR"),
        ):
            self.assertEqual(self.account._pull().code, "budget_reads")
        self.assertFalse(self.app.warned_on)

    def test_two_lanes_at_once(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            with self.registry.cursor() as one:
                self.charge(api.Environment(one, self.env.uid, {}), 2)
                with self.registry.cursor() as two:
                    self.charge(api.Environment(two, self.env.uid, {}), 3)
                self.assertEqual(self.total(), 3)
        self.assertEqual(self.total(), 5)
        self.assertEqual(len(self.rows()), 2, "rows are added, none is fought for")

    def test_what_is_not_booked_yet_counts_already(self):
        self.limit(1)
        self.assertEqual(self.app._budget_reason(), "")
        adapter = self.charge(self.env, 81)
        self.assertFalse(self.rows())
        self.assertEqual(self.app._budget_reason(), "budget_reads")
        adapter.charge(READ, 19)
        self.assertEqual(self.app._budget_reason(replying=True), "budget_spent")
        self.book()
        self.assertEqual(self.app._budget_reason(replying=True), "budget_spent")
        self.assertEqual(self.app.spent_month, 1)

    def test_who_is_gone_meanwhile_keeps_no_commit(self):
        account = self.make_account(state="active")
        app, adapter = account.app_id, account._adapter()
        adapter.charge(READ)
        account.unlink()
        self.book()
        self.assertFalse(self.rows(app).account_id)
        self.assertEqual(self.rows(app).number, 1)
        adapter.charge(READ)
        app.unlink()
        self.book()

    def test_nonsense_from_an_adapter(self):
        adapter = self.account._adapter()
        adapter.charge("never heard of", 2)
        adapter.charge(READ, -5)
        adapter.charge(READ, 0)
        adapter.charge("odd", 10)
        adapter.charge(REPLY, 10**12)
        self.book()
        found = {row.kind: row for row in self.rows()}
        self.assertEqual(set(found), {"never heard of", "odd", REPLY})
        self.assertEqual(found["never heard of"].label, "never heard of")
        self.assertEqual(found["never heard of"].amount, 0)
        self.assertEqual(found["odd"].amount, 0, "nobody pays us")
        self.assertEqual(found[REPLY].number, 2**31 - 1)

    def test_what_is_pushed_may_cost_too(self):
        with self.with_network(Pushing):
            app = self.app.sudo()
            _app, adapter, _account = self.env["helpdesk.social.app"]._door(
                "fake", app.webhook_token
            )
            adapter.split(json.dumps(["a", "b"]).encode())
            self.book()
        self.assertEqual(
            (self.rows().number, self.rows().account_id), (2, self.account)
        )

    def test_old_rows_are_merged(self):
        old, today = date.today() - timedelta(days=9), date.today()
        for day in (old, old, old - timedelta(days=1), today, today):
            self.spend(0.25, day, account_id=self.account.id)
        self.spend(0.25, old)
        self.env["helpdesk.social.spending"]._gc_merge()
        rows = self.rows()
        self.assertEqual(len(rows), 5)
        merged = rows.filtered(lambda one: one.day == old and one.account_id)
        self.assertEqual((merged.number, merged.amount), (2, 0.5))
        self.assertEqual(sum(rows.mapped("amount")), 1.5)
        self.assertFalse(self.env["helpdesk.social.spending"]._gc_merge()[0])

    def test_who_may_see_it(self):
        self.spend(1)
        ledger = self.env["helpdesk.social.spending"]
        self.assertTrue(ledger.with_user(self.manager).search([]))
        self.assertFalse(ledger.with_user(self.other_company_agent).search([]))
        with self.assertRaises(AccessError):
            ledger.with_user(self.agent_all).search([])
        with self.assertRaises(AccessError):
            self.rows().with_user(self.manager).write({"amount": 0})
        agent = self.app.with_user(self.agent_all)
        self.assertEqual(agent.spent_month, 1)
        with self.assertRaises(AccessError):
            agent.budget = 5


@tagged("post_install", "-at_install")
class TestPrices(BudgetCase):
    def row(self, kind=READ):
        return self.app.price_ids.filtered(lambda one: one.kind == kind)

    def test_the_list(self):
        self.assertEqual(
            self.app.price_ids.mapped("label"),
            ["Items read", "Replies sent", "odd", "words"],
        )
        self.assertEqual(self.row().list_price, "0.01")
        self.assertFalse(self.row("words").list_price, "no number: not known")
        before = self.app.price_ids
        with self.with_network(PricedAdapter, prices={READ: "2", "new": "1"}):
            self.env["helpdesk.social.app"]._gc_prices()
            self.assertEqual(len(self.app.price_ids), len(before) + 1)
            self.assertEqual(self.row().list_price, "2")

    def test_every_network_lists_its_prices_as_promised(self):
        for code, adapter_class in registry.adapters().items():
            with self.subTest(network=code):
                for kind, text in adapter_class.prices.items():
                    # empty: not known, the app's owner may say it
                    self.assertTrue(text == "" or price(text) is not None, kind)
                    self.assertIn(kind, adapter_class.price_labels)
                for kind, units in adapter_class.quota_costs.items():
                    self.assertGreater(units, 0)
                    self.assertIn(kind, adapter_class.price_labels)
                self.assertEqual(
                    str(social_till.zone_of(adapter_class)), adapter_class.billing_zone
                )

    def test_an_own_price_counts_from_now_on(self):
        self.account._adapter().charge(READ)
        self.book()
        with Form(self.app.with_user(self.manager)) as form:
            with form.price_ids.edit(0) as line:
                line.own_price = "0,5"
        self.account._adapter().charge(READ)
        self.book()
        self.assertEqual(self.rows().mapped("amount"), [0.5, 0.01])
        self.row().own_price = "0"
        self.account._adapter().charge(READ)
        self.book()
        self.assertEqual(self.rows()[0].amount, 0)
        self.row().own_price = False
        self.account._adapter().charge(READ)
        self.book()
        self.assertEqual(self.rows()[0].amount, 0.01)
        self.app.price_ids.invalidate_recordset()
        self.assertEqual(self.row().number_month, 4)
        self.assertAlmostEqual(self.row().amount_month, 0.52)

    def test_what_is_no_price(self):
        for text in ("-1", "free", "nan", "inf", "1e9", "0.1 USD", "1,000.50", "\x00"):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.row().own_price = text
                self.env.flush_all()
        for text, value in (
            ("0.005", "0.005"),
            (" 1 ", "1"),
            ("٣", "3"),
            ("1e-3", ".001"),
        ):
            self.assertEqual(price(text), price(value), text)
            self.row().own_price = text

    def test_only_managers(self):
        row = self.row().with_user(self.agent_all)
        self.assertEqual(row.list_price, "0.01")
        with self.assertRaises(AccessError):
            row.own_price = "0"
        for user in (self.manager, self.admin):
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
        self.assertFalse(
            row.with_user(self.other_company_agent).search([("id", "=", row.id)])
        )

    def test_the_bill_says_otherwise(self):
        self.spend(3)
        app = self.app.with_user(self.manager)
        app.spent_month = 2.5
        self.assertEqual(self.rows()[0].amount, -0.5)
        self.assertEqual(self.rows()[0].kind, "correction")
        self.env.invalidate_all()
        self.assertEqual(app.spent_month, 2.5)
        self.assertIn("2.50", str(app.message_ids[0].body))
        app.spent_month = 2.5
        self.assertEqual(len(self.rows()), 2, "nothing to correct")
        for wrong in (-1, 1e12):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                app.spent_month = wrong
        with self.assertRaises(AccessError):
            self.app.with_user(self.agent_all).spent_month = 0


@tagged("post_install", "-at_install")
class TestBudget(BudgetCase):
    # --- how much --------------------------------------------------------------
    def test_no_budget_limits_nothing(self):
        self.spend(10_000)
        self.assertEqual(self.app._meters(), {})
        self.assertEqual(self.app._budget_reason(), "")
        self.assertEqual(self.app.budget_state, "free")
        self.assertTrue(self.app.budget_text)
        with self.with_network(PricedAdapter, prices={}):
            self.limit(0)
            self.assertEqual(self.app._budget_reason(), "", "nothing costs anything")
            self.assertEqual(self.app.budget_state, "none")

    def test_a_budget_of_nothing(self):
        self.limit(0)
        self.assertEqual(self.app._budget_reason(), "budget_spent")
        self.world.post("hello")
        with self.assertRaisesRegex(UserError, "budget"):
            self.account.action_pull()
        self.assertEqual(self.world.calls, [])
        self.assertEqual(self.app.budget_state, "spent")

    def test_wrong_allowances(self):
        for values in (
            {"budget": -1},
            {"budget": 1e9},
            {"reply_share": 101},
            {"reply_share": -1},
            {"quota": -5},
        ):
            with self.subTest(**values), self.assertRaises(ValidationError):
                self.app.write(values)

    def test_reading_stops_first_and_replies_go_on(self):
        self.limit(10)
        self.spend(8)
        self.world.post("hello")
        self.assertEqual(self.account._pull().code, "budget_reads")
        self.assertEqual(self.world.calls, [])
        self.assertEqual(self.account.error_code, "budget_reads")
        health = self.account.with_user(self.manager)
        self.assertEqual(health.health, "attention")
        self.assertIn("kept for replies", health.health_text)
        self.assertEqual(self.app.budget_state, "reads")
        reply = self.reply()
        self.deliver()
        self.assertEqual(reply.delivery_state, "sent")
        # somebody raises it: the account reads at once
        self.app.with_user(self.manager).budget = 20
        self.assertFalse(self.account.error_code)
        self.assertLessEqual(self.account.next_pull_at, fields.Datetime.now())
        self.assertEqual(self.account.action_pull(), 1)

    def test_a_share_of_everything_and_of_nothing(self):
        self.limit(10, reply_share=0)
        self.spend(9.99)
        self.assertEqual(self.app._budget_reason(), "")
        self.app.reply_share = 100
        self.assertEqual(self.app._budget_reason(), "budget_reads")
        self.assertEqual(self.app._budget_reason(replying=True), "")

    def test_at_the_end_the_agent_is_told(self):
        waiting = self.reply("queued before the money was gone")
        self.limit(10)
        self.spend(10)
        message = self.make_message(self.make_conversation(ticket=self.make_ticket()))
        kinds = {one["kind"]: one for one in message.social_affordances()}
        self.assertFalse(kinds["reply_public"]["allowed"])
        self.assertIn("raise it", kinds["reply_public"]["reason"])
        self.assertTrue(kinds["hide"]["allowed"], "protecting somebody goes on")
        with self.assertRaisesRegex(UserError, "budget"):
            self.reply()
        self.deliver()
        self.assertEqual(waiting.delivery_state, "failed")
        self.assertEqual(waiting.error_code, "budget_spent")
        self.assertEqual(self.world.published, [])
        self.app.budget = 20
        waiting.with_user(self.agent_all).action_retry()
        self.deliver()
        self.assertEqual(waiting.delivery_state, "sent")

    def test_accounts_share_an_app(self):
        other = self.make_account(
            handle="two", external_id="two", state="active", app_id=self.app.id
        )
        apart = self.make_account(handle="three", external_id="three", state="active")
        self.limit(10)
        self.spend(9)
        self.assertEqual(other._pull().code, "budget_reads")
        self.assertIsNone(apart._pull())
        self.assertEqual(apart.app_id._budget_reason(), "")

    # --- time ------------------------------------------------------------------
    def test_a_new_month(self):
        with freeze_time("2026-11-30 23:30:00"):
            self.limit(10)
            self.spend(9)
            self.assertEqual(self.account._pull().code, "budget_reads")
            self.assertLessEqual(
                self.account.next_pull_at, datetime(2026, 12, 1, 0, 30)
            )
        with freeze_time("2026-12-01 00:30:00"):
            self.app.invalidate_recordset()
            self.assertEqual(self.app.spent_month, 0)
            self.assertNotIn(self.app.budget_state, ("reads", "spent"))
            self.assertIsNone(self.account._pull())
            self.assertFalse(self.account.error_code)

    def test_the_network_has_another_midnight(self):
        # in Los Angeles it is still November, 22:30
        with freeze_time("2026-12-01 06:30:00"):
            with self.with_network(PricedAdapter, billing_zone="America/Los_Angeles"):
                self.account._adapter().charge(READ, 7)
                self.book()
                self.assertEqual(self.rows().day, date(2026, 11, 30))
                self.assertEqual(self.app._month_start(), date(2026, 11, 1))
                self.assertEqual(self.app._month_ends(), datetime(2026, 12, 1, 8))
                self.assertEqual(self.app._day_ends(), datetime(2026, 12, 1, 8))
            self.assertEqual(self.app._month_start(), date(2026, 12, 1))
        # the day that has 25 hours there
        with freeze_time("2026-11-01 12:00:00"):
            with self.with_network(PricedAdapter, billing_zone="America/Los_Angeles"):
                self.assertEqual(self.app._midnight(date(2026, 11, 1)).hour, 7)
                self.assertEqual(self.app._day_ends(), datetime(2026, 11, 2, 8))
            with self.with_network(PricedAdapter, billing_zone="Mars/Olympus"):
                self.assertEqual(self.app._month_ends(), datetime(2026, 12, 1))

    def test_a_quota_a_day(self):
        units = {
            "prices": {},
            "quota_costs": {READ: 5, REPLY: 50, "odd": -1, "words": "x"},
            "daily_quota": 100,
            "billing_zone": "America/Los_Angeles",
        }
        with self.with_network(PricedAdapter, **units):
            with freeze_time("2026-12-01 06:30:00"):
                self.account._adapter().charge(READ, 15)
                self.book()
                self.assertEqual((self.rows().units, self.rows().amount), (75, 0))
                self.assertEqual(self.app._budget_reason(), "")
                self.account._adapter().charge(READ, 1)
                self.assertEqual(self.app._budget_reason(), "quota_used")
                self.assertEqual(self.app._budget_reason(replying=True), "")
                self.book()
                self.app.invalidate_recordset()
                self.assertEqual((self.app.quota_used, self.app.quota_total), (80, 100))
                self.assertEqual(self.app.budget_state, "reads")
                self.assertIn("quota", self.app.budget_text)
                self.app.quota = 1000
                self.assertEqual(self.app._budget_reason(), "")
                self.app.quota = 0
            with freeze_time("2026-12-01 08:00:01"):
                self.assertEqual(self.app._budget_reason(), "")

    def test_forecast(self):
        with freeze_time("2026-11-21 00:00:00"):
            self.limit(30)
            for day in range(14, 21):
                self.spend(1, date(2026, 11, day))
            self.spend(100, date(2026, 10, 2))
            self.app.invalidate_recordset()
            self.assertEqual(self.app.spent_month, 7)
            self.assertAlmostEqual(self.app.forecast, 17)
            self.assertEqual(self.app.budget_state, "good")
            self.app.budget = 15
            self.assertEqual(self.app.budget_state, "short")
            self.assertIn("17.00", self.app.budget_text)
        # the first days of a month look back into the one before
        with freeze_time("2026-12-01 00:00:00"):
            for day in range(24, 31):
                self.spend(2, date(2026, 11, day))
            self.app.invalidate_recordset()
            self.assertEqual(self.app.spent_month, 0)
            self.assertAlmostEqual(self.app.forecast, 62)

    def test_one_warning_a_month(self):
        def warnings():
            return self.app.activity_search(["mail.mail_activity_data_warning"])

        with freeze_time("2026-11-10"):
            self.limit(10)
            self.spend(7.9)
            self.account._pull()
            self.assertFalse(warnings())
            self.spend(0.2)
            self.account._pull()
            self.assertEqual(len(warnings()), 1)
            self.assertIn("kept for replies", str(warnings().note))
            self.account._pull()
            self.assertEqual(len(warnings()), 1)
            warnings().unlink()
            self.account._pull()
            self.assertFalse(warnings(), "who dismissed it knows")
        with freeze_time("2026-12-10"):
            self.spend(9)
            self.account._pull()
            self.assertEqual(len(warnings()), 1)
            self.app.budget = 100
            self.assertFalse(warnings())

    # --- how long to wait ------------------------------------------------------
    def test_slowing_down(self):
        now = datetime(2026, 11, 1)
        month = 30 * 24 * 3600

        def wait(used, idle, average, pullers=1, at=now):
            meter = Meter(100, used, 0.2, datetime(2026, 12, 1))
            return meter.wait(idle, average, pullers, at)

        self.assertEqual(wait(0, 0, 0), 0)
        self.assertAlmostEqual(wait(0, 0.001, 0.001), month / 80_000)
        self.assertAlmostEqual(wait(0, 0.001, 0.001, 3), 3 * month / 80_000)
        # what is read costs the same later: reading is spread, within bounds
        self.assertEqual(wait(0, 0, 5), PACED_FROM)
        self.assertEqual(wait(40, 0, 5), PACED_FROM)
        self.assertAlmostEqual(wait(60, 0, 5), (PACED_FROM + PACED_TO) / 2)
        # where asking itself costs, waiting saves
        self.assertEqual(wait(60, 5, 5), SAVING_TO)
        smooth = [wait(used, 0.01, 0.02) for used in range(0, 80, 5)]
        self.assertEqual(smooth, sorted(smooth))
        self.assertGreater(smooth[-1], 5 * smooth[0])
        late = datetime(2026, 11, 30, 23)
        self.assertLess(wait(60, 0.01, 0.02, at=late), 5)
        for used in (80, 100, 500):
            self.assertEqual(wait(used, 0, 0), SAVING_TO)
        self.assertEqual(wait(90, 0, 0, at=late), 3600)
        self.assertEqual(wait(90, 1, 1, at=datetime(2027, 1, 1)), 0)

    def test_pulls_slow_down_as_the_money_goes(self):
        waits = []
        with self.with_network(PricedAdapter, call_price=1):
            self.limit(50)
            with freeze_time("2026-11-02") as clock:
                self.account.action_pull()
                for spent in (0, 15, 10, 10, 4):
                    self.spend(spent)
                    self.account._pull()
                    self.book()
                    delta = self.account.next_pull_at - fields.Datetime.now()
                    waits.append(delta.total_seconds())
                    clock.tick(timedelta(minutes=1))
        costs = self.account.pull_costs
        self.assertAlmostEqual(costs["idle"]["usd"], 0.01)
        self.assertEqual(waits, sorted(waits))
        self.assertGreater(waits[-1], 3 * waits[0])
        self.assertLess(waits[0], 700)

    def test_the_first_look_is_no_measure(self):
        for number in range(50):
            self.world.post(f"{number}")
        self.account._pull()
        self.assertFalse(self.account.pull_costs)
        self.account._pull()
        self.assertEqual(self.account.pull_costs["idle"]["usd"], 0)

    # --- the form --------------------------------------------------------------
    def test_the_form(self):
        self.spend(1)
        with Form(self.app.with_user(self.manager)) as form:
            form.budget_limited = True
            form.budget = 50
        self.assertEqual(self.app._meters()["usd"].left(), 39)
        action = self.app.with_user(self.manager).action_open_spending()
        model = self.env[action["res_model"]].with_user(self.manager)
        self.assertEqual(model.search(action["domain"]), self.rows())
        model.get_views([(False, kind) for kind in action["view_mode"].split(",")])
        groups = model.formatted_read_group(
            action["domain"], ["day:month", "label"], ["amount:sum"]
        )
        self.assertEqual(groups[0]["amount:sum"], 1)

    def test_push_is_preferred(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://x.example")
        self.account._remember_home()
        self.assertFalse(self.app.push_advice)
        with self.with_network(Pushing):
            app = self.app.with_user(self.manager)
            self.assertIn(self.account.display_name, app.push_advice)
            with self.assertRaises(UserError):
                self.app.with_user(self.agent_all).action_push()
            app.action_push()
            self.assertTrue(self.account.push)
            self.assertFalse(app.push_advice)
            with self.assertRaises(UserError):
                app.action_push()
            self.assertIn("subscribe", self.world.calls)

    def test_pending_is_empty_after_booking(self):
        self.account._adapter().charge(READ)
        self.assertTrue(social_till.pending(self.env.cr))
        self.book()
        self.assertFalse(social_till.pending(self.env.cr))
