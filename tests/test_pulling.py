"""Pulling: streams that rest alone, beside push, looking again; no money left."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..networks import errors, items
from .budget_network import BudgetCase, PricedAdapter, Pushing, Rereading, TwoStreams


@tagged("post_install", "-at_install")
class TestStreams(BudgetCase):
    def pull(self, **trouble):
        """One pull with errors per stream; (error, streams that were asked)."""
        self.world.calls.clear()
        with self.with_network(self.kind, trouble=trouble):
            error = self.account._pull()
        return error, [one for one in self.world.calls if one in ("mail", "inbox")]

    kind = TwoStreams

    def test_a_stream_that_is_limited_rests_alone(self):
        self.world.post("hello")
        with freeze_time("2026-11-10 12:00:00") as clock:
            limited = errors.RateLimited(retry_after=899)
            error, asked = self.pull(mail=[limited])
            self.assertIsNone(error)
            self.assertEqual(asked, ["mail", "inbox"])
            self.assertFalse(self.account.paused_until)
            self.assertFalse(self.account.error_code, "that is no trouble")
            events = self.env["helpdesk.social.event"]
            self.assertEqual(
                events.search_count([("account_id", "=", self.account.id)]), 1
            )
            clock.tick(timedelta(seconds=600))
            self.assertEqual(self.pull()[1], ["inbox"])
            clock.tick(timedelta(seconds=301))
            self.assertEqual(self.pull()[1], ["mail", "inbox"])
            self.assertFalse(self.account.stream_rests)

    def test_elsewhere_the_whole_account_rests(self):
        self.kind = type("OneLimit", (TwoStreams,), {"rate_per_stream": False})
        error, asked = self.pull(mail=[errors.RateLimited(retry_after=60)])
        self.assertEqual(error.code, "rate_limited")
        self.assertEqual(asked, ["mail"])
        self.assertTrue(self.account.paused_until)

    def test_a_meter_that_is_nearly_full_makes_us_slower(self):
        """Nothing failed, everything is kept, and the network is left alone a while."""
        self.world.post("hello")
        self.kind = type("Metered", (TwoStreams,), {"rest": 60.0})
        with freeze_time("2026-11-10 12:00:00") as clock:
            error, asked = self.pull()
            self.assertIsNone(error)
            self.assertEqual(asked, ["mail", "inbox"])
            self.assertFalse(self.account.paused_until or self.account.error_code)
            self.assertTrue(
                self.env["helpdesk.social.event"].search_count(
                    [("account_id", "=", self.account.id)]
                )
            )
            clock.tick(timedelta(seconds=30))
            self.assertEqual(self.pull()[1], [])
            clock.tick(timedelta(seconds=40))
            self.kind = TwoStreams
            self.assertEqual(self.pull()[1], ["mail", "inbox"])
            self.assertFalse(self.account.stream_rests)

    def test_a_stream_that_is_refused_is_told(self):
        with freeze_time("2026-11-10 12:00:00") as clock:
            for refusal in (
                errors.ScopeError("scope", "dm.read"),
                errors.RejectedError("forbidden"),
                errors.MalformedResponse("not_json"),
            ):
                self.assertEqual(self.pull(mail=[refusal])[1], ["mail", "inbox"])
                self.assertEqual(self.account.error_code, refusal.code)
                self.assertEqual(self.account.failures, 0)
                self.assertEqual(self.pull()[1], ["inbox"])
                self.assertEqual(self.account.error_code, refusal.code)
                clock.tick(timedelta(hours=1))
                self.assertEqual(self.pull()[1], ["mail", "inbox"])
                self.assertFalse(self.account.error_code)

    def test_what_is_about_the_account_ends_the_pull(self):
        renewing = errors.TransientError("renewing")
        renewing.about_account = True
        for error in (renewing, errors.Exhausted(), errors.AuthError()):
            found, asked = self.pull(mail=[error])
            self.assertEqual(found, error)
            self.assertEqual(asked, ["mail"])
        self.assertEqual(self.account.state, "needs_auth")

    def text(self):
        account = self.account.with_user(self.manager)
        with self.with_network(self.kind):
            return account.health, account.health_text

    def test_a_stream_that_fails_for_now_rests_alone(self):
        self.world.post("hello")
        events = self.env["helpdesk.social.event"]
        with freeze_time("2026-11-10 12:00:00") as clock:
            error, asked = self.pull(mail=[errors.TransientError("http_503")])
            self.assertIsNone(error)
            self.assertEqual(asked, ["mail", "inbox"])
            mine = [("account_id", "=", self.account.id)]
            self.assertEqual(events.search_count(mine), 1, "the other one was read")
            self.assertEqual(self.account.failures, 0)
            self.assertFalse(self.account.paused_until)
            wait = self.account.next_pull_at - fields.Datetime.now()
            self.assertLessEqual(wait.total_seconds(), 30, "and is read as quickly")
            health, text = self.text()
            self.assertEqual(health, "attention")
            self.assertIn("Letters: The network has a problem of its own (503)", text)
            self.assertIn("Everything else goes on", text)
            self.assertEqual(self.pull()[1], ["inbox"])
            # it fails again and again: asked last, and more and more seldom
            waits = []
            for _turn in range(7):
                rest = self.account.stream_rests["mail"]
                until = datetime.fromisoformat(rest["until"])
                waits.append((until - fields.Datetime.now()).total_seconds())
                clock.move_to(until)
                trouble = [errors.TransientError("timeout")]
                self.assertEqual(self.pull(mail=trouble)[1], ["inbox", "mail"])
                self.assertEqual(self.account.error_code, "timeout")
            self.assertEqual(waits, [60, 180, 600, 1800, 3600, 3600, 3600])
            clock.tick(timedelta(hours=2))
            self.assertEqual(self.pull()[1], ["inbox", "mail"])
            self.assertEqual(self.text(), ("good", ""))
            self.assertFalse(self.account.stream_rests)

    def test_without_an_answer_no_other_stream_is_tried(self):
        """Each would hold the lane for a call's deadline."""
        with freeze_time("2026-11-10 12:00:00") as clock:
            for failures, code in enumerate(("unreachable", "timeout"), 1):
                error, asked = self.pull(
                    mail=[errors.TransientError(code)],
                    inbox=[errors.TransientError(code)],
                )
                self.assertEqual(error.code, code)
                self.assertEqual(len(asked), 1)
                self.assertEqual(self.account.failures, failures)
                self.assertGreater(self.account.next_pull_at, fields.Datetime.now())
                self.assertFalse(self.account.lease_by)
                clock.tick(timedelta(hours=1))
            error, asked = self.pull()
            self.assertIsNone(error)
            self.assertEqual(sorted(asked), ["inbox", "mail"])
            self.assertEqual(self.account.failures, 0)
            self.assertFalse(self.account.stream_rests)

    def test_a_single_stream_that_never_answers_starves_no_other(self):
        with freeze_time("2026-11-10 12:00:00") as clock:
            silent = [errors.TransientError("timeout") for _time in range(9)]
            self.assertEqual(self.pull(mail=silent)[1], ["mail"])
            clock.tick(timedelta(hours=1))
            error, asked = self.pull(mail=silent)
            self.assertIsNone(error)
            self.assertEqual(asked, ["inbox", "mail"])
            self.assertEqual(self.account.failures, 0)
            self.assertTrue(self.account._rests("mail"))
            self.assertEqual(self.pull(mail=silent)[1], ["inbox"])
            clock.tick(timedelta(hours=1))
            self.assertEqual(self.pull(mail=silent)[1], ["inbox", "mail"])

    def test_an_answer_that_is_an_error_keeps_one_stream_only(self):
        for code in ("http_500", "cut"):
            error, asked = self.pull(mail=[errors.TransientError(code)])
            self.assertIsNone(error)
            self.assertEqual(sorted(asked), ["inbox", "mail"], code)
            self.account.stream_rests = False

    def test_a_stream_says_itself_until_when(self):
        with freeze_time("2026-11-10 12:00:00"):
            self.pull(mail=[errors.TransientError("http_503", retry_after=299)])
            until = self.account.stream_rests["mail"]["until"]
            self.assertEqual(until, "2026-11-10T12:05:00")

    def test_when_all_streams_fail_it_is_the_account_that_waits(self):
        first, second = errors.TransientError("cut"), errors.TransientError("http_502")
        error, asked = self.pull(mail=[first], inbox=[second])
        self.assertEqual((error, asked), (first, ["mail", "inbox"]))
        self.assertEqual(self.account.failures, 1)
        self.assertFalse(self.account.stream_rests)
        self.assertIn("The connection broke", self.text()[1])
        self.assertNotIn("Everything else", self.text()[1])
        # one that rests for another reason cannot be read either
        self.pull(mail=[errors.RateLimited(retry_after=600)])
        self.assertEqual(self.account.failures, 0)
        self.assertEqual(self.pull(inbox=[second]), (second, ["inbox"]))
        self.assertEqual(self.account.failures, 1)
        self.assertIsNone(self.pull()[0])
        self.assertEqual(self.account.failures, 0)

    def test_another_lane_takes_over_while_a_stream_times_out(self):
        def fetch(adapter, stream, cursor, since):
            if stream == "mail":
                self.account.flush_recordset()
                self.env.cr.execute(
                    "UPDATE helpdesk_social_account SET lease_by = 'other' "
                    "WHERE id = %s",
                    [self.account.id],
                )
                raise errors.TransientError("timeout")
            raise AssertionError("not ours to read any more")

        with self.with_network(TwoStreams, fetch=fetch):
            self.assertIsNone(self.account._pull())
        self.account.invalidate_recordset()
        self.assertEqual(self.account.lease_by, "other")
        self.assertFalse(self.account.stream_rests)

    def test_a_stream_that_is_limited_is_said_too(self):
        with freeze_time("2026-11-10 12:00:00") as clock:
            self.pull(mail=[errors.RateLimited(retry_after=899)])
            health, text = self.text()
            self.assertEqual(health, "good")
            self.assertIn("Letters: the network asks us to slow down until", text)
            clock.tick(timedelta(seconds=901))
            self.assertEqual(self.text(), ("good", ""))

    def test_a_cursor_that_expired_is_of_one_stream(self):
        self.world.post("hello")
        self.pull()
        self.assertEqual(self.account.cursors, {"mail": "mail", "inbox": "1"})
        self.assertIsNone(self.pull(mail=[errors.CursorExpired()])[0])
        self.assertEqual(self.account.cursors, {"mail": "", "inbox": "1"})

    def test_a_reset_that_nobody_believes(self):
        with freeze_time("2026-11-10"):
            self.pull(mail=[errors.RateLimited(retry_after=10**9)])
            until = datetime.fromisoformat(self.account.stream_rests["mail"]["until"])
            self.assertEqual(until, datetime(2026, 11, 11))

    # --- replies ---------------------------------------------------------------
    def test_replies_that_are_limited_rest_alone(self):
        first, second = self.reply("one"), self.reply("two")
        with self.with_network(TwoStreams):
            self.world.failures.append(errors.RateLimited(retry_after=600))
            self.deliver()
            self.assertEqual(self.world.calls.count("publish"), 1, "not one after it")
            self.assertEqual(first.delivery_state, "queued")
            self.assertEqual(second.delivery_state, "queued")
            self.assertFalse(self.account.paused_until)
            self.assertTrue(self.account._rests("publish"))
            self.assertIsNone(self.account._pull())

    # --- no money left at the network ------------------------------------------
    def test_no_money_left_pauses_the_app(self):
        other = self.make_account(
            handle="two", external_id="two", state="active", app_id=self.app.id
        )
        apart = self.make_account(handle="three", external_id="three", state="active")
        paused = self.make_account(
            handle="four", external_id="four", state="paused", app_id=self.app.id
        )
        waiting = self.reply()
        with freeze_time("2026-11-10 12:00:00"):
            error, _asked = self.pull(mail=[errors.Exhausted()])
            self.assertEqual(error.code, "out_of_money")
            for account in (self.account, other):
                self.assertEqual(account.paused_until, datetime(2026, 11, 10, 13))
                self.assertEqual(account.state, "active")
                health = account.with_user(self.manager)
                self.assertIn("adds credit", health.health_text)
            self.assertFalse(apart.paused_until)
            self.assertFalse(paused.paused_until)
            self.assertNotIn(
                self.account, self.env["helpdesk.social.outbox"]._speaking_accounts()
            )
            options = {
                one["kind"]: one for one in waiting.parent_id.social_affordances()
            }
            self.assertIn("credit", options["reply_public"]["reason"])
            # the admin paid, and looks
            self.assertIsNone(self.pull()[0])
            self.assertFalse(self.account.paused_until)

    def test_a_reply_that_cannot_be_paid(self):
        reply = self.reply()
        self.world.failures.append(errors.Exhausted(retry_after=120))
        self.deliver()
        self.assertEqual(reply.delivery_state, "failed")
        self.assertIn("credit", reply.error_text)
        self.assertEqual(self.account.error_code, "out_of_money")
        left = self.account.paused_until - fields.Datetime.now()
        self.assertAlmostEqual(left.total_seconds(), 121, delta=5)


@tagged("post_install", "-at_install")
class TestBesidePush(BudgetCase):
    def test_push_is_healed_slowly(self):
        accounts = self.env["helpdesk.social.account"]
        with self.with_network(Pushing):
            self.account.push = True
            self.assertTrue(self.account._can_pull())
            self.assertIn(self.account, accounts.search(accounts._domain_pulled()))
            self.assertEqual(self.account.action_pull(), 0)
            delta = self.account.next_pull_at - fields.Datetime.now()
            self.assertAlmostEqual(delta.total_seconds(), 1800, delta=5)
            self.world.post("a gap")
            self.assertEqual(self.account.action_pull(), 1)
            delta = self.account.next_pull_at - fields.Datetime.now()
            self.assertAlmostEqual(delta.total_seconds(), 300, delta=5)
            # a lane takes it when it is due
            others = accounts.search([("id", "!=", self.account.id)])
            others.next_pull_at = fields.Datetime.now() + timedelta(days=1)
            self.account.next_pull_at = fields.Datetime.now() - timedelta(days=1)
            self.assertEqual(accounts._claim_due()[0], self.account)

    def test_networks_that_cannot_do_both(self):
        accounts = self.env["helpdesk.social.account"]
        with self.with_network(Pushing, pull_beside_push=False):
            self.account.push = True
            self.assertFalse(self.account._can_pull())
            self.assertNotIn(self.account, accounts.search(accounts._domain_pulled()))
            self.account.next_pull_at = fields.Datetime.now() - timedelta(days=1)
            self.assertNotEqual(accounts._claim_due()[0], self.account)

    def test_pages_left_over_are_read_at_once(self):
        class Endless(PricedAdapter):
            def fetch(self, stream, cursor, since):
                number = int(cursor or 0) + 1
                return items.Page(cursor=str(number), more=True)

        with self.with_network(Endless):
            self.account._pull()
            self.assertEqual(self.account.cursors, {"inbox": "20"})
            self.assertLessEqual(self.account.next_pull_at, fields.Datetime.now())

    def test_a_budget_ends_a_pull_between_pages(self):
        class Long(PricedAdapter):
            closed = True

            def fetch(self, stream, cursor, since):
                number = int(cursor or 0) + 1
                self.charge("read", 100)
                return items.Page(
                    cursor=str(number), more=number < 15, closed=self.closed
                )

        with self.with_network(Long):
            self.limit(5)
            self.account._pull()
            self.assertEqual(self.account.cursors, {"inbox": "4"}, "80 % of 5 dollars")
        with self.with_network(Long, closed=False):
            # what waits for the end of a gap is worthless without it
            self.account.cursors = False
            self.limit(20)
            self.account._pull()
            self.assertEqual(self.account.cursors, {"inbox": "15"})


class RereadCase(BudgetCase):
    def store(self, number, age=48, audience="public", **values):
        """Messages read that many hours ago."""
        moment = fields.Datetime.now() - timedelta(hours=age)
        thread = self.make_conversation(audience)
        return self.env["helpdesk.social.message"].union(
            *(
                self.make_message(
                    thread,
                    **{
                        "sent_at": moment,
                        "received_at": moment,
                        "reread_at": moment,
                        **values,
                    },
                )
                for _number in range(number)
            )
        )

    def pull(self, **attributes):
        """One pull; how many messages were looked at again, call by call."""
        attributes = {"asked": [], "refuse": [], **attributes}
        with self.with_network(Rereading, **attributes) as made:
            self.account._pull()
        return [len(refs) for refs in made.asked]


@tagged("post_install", "-at_install")
class TestReread(RereadCase):
    def test_all_of_them_daily_and_not_more_often(self):
        with freeze_time("2026-11-10 12:00:00") as clock:
            messages = self.store(12)
            fresh = self.store(3, age=1)
            self.assertEqual(self.pull(), [5, 5, 2])
            now = fields.Datetime.now()
            self.assertEqual(set(messages.mapped("reread_at")), {now})
            self.assertNotIn(now, fresh.mapped("reread_at"), "just paid for")
            self.assertEqual(self.pull(), [])
            clock.tick(timedelta(hours=21))
            self.assertEqual(self.pull(), [5, 5, 5])
            self.assertEqual(self.pull(), [])

    def test_much_is_caught_up_with_at_once_where_it_is_a_duty(self):
        self.store(32)
        self.assertEqual(self.pull(forget_deleted=False), [5])
        self.assertEqual(self.pull(), [5] * 5 + [2])

    def test_where_it_is_free_and_no_duty(self):
        with freeze_time("2026-11-10 12:00:00") as clock:
            self.store(7, age=1)
            free = {"prices": {}, "forget_deleted": False}
            self.assertEqual(self.pull(**free), [5])
            self.assertEqual(self.pull(**free), [2])
            self.assertEqual(self.pull(**free), [])
            clock.tick(timedelta(minutes=3))
            self.assertEqual(self.pull(**free), [5])

    def test_what_is_not_asked_for(self):
        self.store(2, audience="private")
        self.store(2, deleted_at=fields.Datetime.now())
        self.store(2, expired_at=fields.Datetime.now())
        self.store(2, key=False, direction="out", delivery_state="queued")
        wanted = self.store(1)
        self.assertEqual(self.pull(reread_audiences=(items.PUBLIC,)), [1])
        self.assertTrue(wanted.reread_at)

    def test_how_far_back(self):
        old = self.store(3, age=24 * 20)
        free = {"reread_days": 30, "forget_deleted": False}
        self.assertEqual(self.pull(**free), [3])
        with freeze_time(fields.Datetime.now() + timedelta(days=11)):
            self.assertEqual(self.pull(), [3], "a duty has no end of its own")
        with freeze_time(fields.Datetime.now() + timedelta(days=12)):
            self.assertEqual(self.pull(**free), [])
        self.assertFalse(any(old.mapped("reread_at")), "put aside for good")

    def test_many_that_are_over_keep_nobody_waiting(self):
        self.store(450, age=24 * 9)
        wanted = self.store(3)
        self.assertEqual(self.pull(forget_deleted=False), [3])
        self.assertTrue(all(wanted.mapped("reread_at")))

    def test_a_look_that_failed_comes_again_soon(self):
        with freeze_time("2026-11-10 12:00:00") as clock:
            self.store(3)
            self.assertEqual(self.pull(refuse=[errors.TransientError("timeout")]), [3])
            self.assertEqual(self.account.error_code, "timeout")
            self.assertEqual(self.account.failures, 0, "what is new was read")
            health = self.account.with_user(self.manager)
            self.assertIn("Edits and deletions: The server did", health.health_text)
            self.assertEqual(self.pull(), [])
            clock.tick(timedelta(minutes=31))
            self.assertEqual(self.pull(), [3])
            self.assertFalse(self.account.error_code)

    def test_a_look_that_is_refused_had_its_turn(self):
        self.store(3)
        self.assertEqual(self.pull(refuse=[errors.RejectedError()]), [3])
        self.assertFalse(self.account.error_code)
        self.assertEqual(self.pull(), [])

    def test_a_limit_on_looking_keeps_nothing_else(self):
        self.store(3)
        limited = errors.RateLimited(retry_after=600)
        self.assertEqual(self.pull(refuse=[limited], rate_per_stream=True), [3])
        self.assertFalse(self.account.paused_until)
        self.assertFalse(self.account.error_code)
        self.assertTrue(self.account._rests("reread"))

    def test_a_share_of_the_days_money(self):
        with freeze_time("2026-11-21 00:00:00") as clock:
            # 10 days are left, 8 dollars for reading: 0.40 a day may go for this
            self.limit(10)
            self.account.pull_costs = {"reread": {"usd": 0.01}}
            self.store(100)
            free = {"forget_deleted": False}
            asked = sum(sum(self.pull(**free)) for _run in range(30))
            self.assertAlmostEqual(asked, 40, delta=3)
            self.book()
            clock.tick(timedelta(days=1))
            again = sum(sum(self.pull(**free)) for _run in range(30))
            self.assertAlmostEqual(again, 40, delta=3)
            self.spend(9)
            self.assertEqual(self.pull(**free), [])


@tagged("post_install", "-at_install")
class TestDuty(RereadCase):
    """Where the network wants deletions to be followed within a day."""

    def test_all_of_the_days_money_in_one_run(self):
        with freeze_time("2026-11-21 00:00:00") as clock:
            # 10 days are left, 8 dollars for reading
            self.limit(10)
            self.account.pull_costs = {"reread": {"usd": 0.01}}
            self.store(200)
            self.assertAlmostEqual(sum(self.pull()), 80, delta=3)
            self.assertEqual(self.pull(), [])
            self.book()
            clock.tick(timedelta(days=1))
            self.assertAlmostEqual(sum(self.pull()), 80, delta=3)
            self.spend(9)
            self.assertEqual(self.pull(), [])

    def test_no_more_than_the_duty_needs(self):
        with freeze_time("2026-11-21 00:00:00"):
            self.limit(100)
            self.store(12)
            self.assertEqual(self.pull(), [5, 5, 2])
            self.assertEqual(self.pull(), [])

    def order(self):
        """What one pull asks for, in its order."""
        done = []

        def fetch(adapter, stream, cursor, since):
            done.append("new")
            return items.Page(cursor="1")

        def reread(adapter, refs):
            done.append("again")
            adapter.charge("read", len(refs))
            return items.Page()

        with self.with_network(Rereading, fetch=fetch, reread=reread):
            self.account._pull()
        return done

    def test_it_comes_first_where_money_is_limited(self):
        self.store(3)
        self.limit(50)
        self.assertEqual(self.order(), ["again", "new"])
        self.app.budget_limited = False
        self.store(3)
        self.assertEqual(self.order(), ["new", "again"])

    def test_what_it_spent_is_not_there_for_what_is_new(self):
        with freeze_time("2026-11-30 23:00:00"):
            self.limit(1.25)  # a dollar for reading
            self.store(120)
            self.assertEqual(set(self.order()), {"again"})
            self.assertEqual(self.account.error_code, "budget_reads")
            self.assertFalse(self.account.lease_by)

    def wait(self):
        self.pull()
        delta = self.account.next_pull_at - fields.Datetime.now()
        return delta.total_seconds()

    def test_what_is_new_is_read_more_slowly(self):
        with freeze_time("2026-11-21 00:00:00"):
            self.limit(10)
            self.pull()  # the first look is no measure
            costs = {"idle": {"usd": 0.001}, "average": {"usd": 0.001}}
            self.account.pull_costs = {**costs, "reread": {"usd": 0.01}}
            alone = self.wait()
            # 40 a day for ten days at a cent: half of what is left
            self.store(40, age=1)
            self.account.pull_costs = {**costs, "reread": {"usd": 0.01}}
            self.assertAlmostEqual(self.wait() / alone, 2, delta=0.3)
            # more than there is: seldom, and never never
            self.store(100, age=1)
            self.account.pull_costs = {**costs, "reread": {"usd": 0.01}}
            self.assertEqual(self.wait(), 6 * 3600)

    def test_where_it_is_no_duty_nothing_is_kept_back(self):
        self.limit(10)
        self.account.pull_costs = {"reread": {"usd": 0.01}}
        self.store(40, age=1)
        with self.with_network(Rereading):
            self.assertTrue(self.account._kept_for_rereads()["usd"])
        with self.with_network(Rereading, forget_deleted=False):
            self.assertEqual(self.account._kept_for_rereads(), {})

    def test_another_lane_takes_over_between_two_calls(self):
        self.store(20)
        self.limit(50)
        asked = []

        def reread(adapter, refs):
            asked.append(len(refs))
            self.account.flush_recordset()
            self.env.cr.execute(
                "UPDATE helpdesk_social_account SET lease_by = 'other' WHERE id = %s",
                [self.account.id],
            )
            return items.Page()

        with self.with_network(Rereading, reread=reread):
            self.assertIsNone(self.account._pull())
        self.account.invalidate_recordset()
        self.assertEqual((asked, self.account.lease_by), ([5], "other"))

    def test_a_host_that_is_down_is_asked_once(self):
        self.store(3)
        self.limit(50)
        silent = errors.TransientError("unreachable")
        with freeze_time(fields.Datetime.now()) as clock:
            with self.with_network(Rereading, asked=[], refuse=[silent]):
                self.assertEqual(self.account._pull(), silent)
                self.assertFalse(self.account.cursors, "nothing else was tried")
                self.assertEqual(self.account.failures, 1)
                clock.tick(timedelta(minutes=1))
                self.assertIsNone(self.account._pull(), "looking again still rests")
                self.assertTrue(self.account.cursors)

    # --- told -----------------------------------------------------------------
    def told(self, **attributes):
        with self.with_network(Rereading, **attributes):
            self.app.invalidate_recordset()
            self.account.invalidate_recordset()
            app = self.app.with_user(self.manager)
            account = self.account.with_user(self.manager)
            return app.reread_text, account.health, account.health_text

    def test_who_waits_for_more_than_a_day_too_long_is_told(self):
        self.store(3, age=40)
        self.limit(0)
        self.app.reply_share = 0
        self.assertFalse(self.told()[0], "a night is caught up with")
        self.app.budget = 50
        self.store(4, age=24 * 5)
        text, health, sentence = self.told()
        self.assertIn("7 stored posts wait to be looked at again", text)
        self.assertIn("some for 5 days", text)
        self.assertIn("allowance is too small", text)
        self.assertEqual((health, sentence), ("attention", text))
        self.app.budget_limited = False
        self.assertIn("goes on by itself", self.told()[0])
        self.assertFalse(self.told(forget_deleted=False)[0], "no duty")
        self.account.state = "paused"
        self.assertIn("is not connected. Connect it again", self.told()[0])
        self.account.state = "active"
        self.assertEqual(self.pull(), [5, 2])
        self.assertEqual(self.told(), (False, "good", ""))

    def test_what_is_not_looked_at_is_not_late(self):
        self.store(2, age=24 * 5, audience="private")
        self.store(2, age=24 * 5, deleted_at=fields.Datetime.now())
        self.store(2, age=24 * 5, reread_at=False)
        self.assertFalse(self.told(reread_audiences=(items.PUBLIC,))[0])

    def test_all_apps_of_a_list_in_one_query(self):
        self.store(2, age=24 * 5)
        apps = self.app
        for number in range(4):
            other = self.make_account(
                handle=f"x{number}", external_id=f"x{number}", state="active"
            )
            apps |= other.app_id
        self.assertEqual(len(apps), 5)
        with self.with_network(Rereading):

            def count(records):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                found = [one.reread_text for one in records.with_prefetch(records.ids)]
                return self.env.cr.sql_log_count - before, found

            one, _found = count(self.app)
            all_of_them, found = count(apps)
            self.assertEqual(all_of_them, one)
            self.assertEqual([bool(text) for text in found], [True] + [False] * 4)
