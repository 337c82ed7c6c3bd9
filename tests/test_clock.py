"""Clocks: when they start, pause and stop, and for whom."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..networks import items
from .test_revisions import EditCase, ago

CLOCK = "helpdesk.social.clock"
ALL = {
    "clock_first_public": 60,
    "clock_first_private": 30,
    "clock_next": 120,
    "clock_resolution": 480,
    "clock_hours": "always",
}


class ClockCase(EditCase):
    """An account with targets; ``self.post`` was written two hours ago."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write({**ALL, "connected_at": "2020-01-01 00:00:00"})

    def clocks(self, message=None, kinds=("first_public", "first_private", "next")):
        """Of the message's person and conversation, oldest first."""
        message = message or self.message
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[CLOCK].search(
            [
                ("conversation_id", "=", message.conversation_id.id),
                ("identity_id", "=", message.identity_id.id),
                ("kind", "in", kinds),
            ],
            order="started_at, id",
        )

    def resolution(self, message=None):
        return self.clocks(message, ("resolution",))

    def say(self, text, minutes, author="cleo", **values):
        values.setdefault("parent", self.post.key)
        post = self.world.post(
            text, author=author, sent_at=ago(minutes=minutes), **values
        )
        self.pull()
        return self.of(post)

    def by_bot(self, text):
        """Somebody who says that it is a machine."""
        post = self.world.post(text, author="robo", sent_at=ago(minutes=5))
        self.world.inbox[-1].data["author"]["bot"] = True
        return post

    def close(self, ticket=None):
        stage = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        (ticket or self.ticket).stage_id = stage

    def assert_near(self, moment, other, seconds=90):
        self.assertLess(abs((moment - other).total_seconds()), seconds)


@tagged("post_install", "-at_install")
class TestClock(ClockCase):
    def test_the_first_message_starts_two(self):
        clock, until_solved = self.clocks(), self.resolution()
        self.assertEqual(clock.kind, "first_public")
        self.assertEqual(clock.started_at, self.message.sent_at)
        self.assertEqual(clock.ticket_id, self.ticket)
        self.assert_near(clock.deadline, clock.started_at + timedelta(minutes=60), 1)
        self.assertEqual(clock.state, "late")
        self.assertEqual(until_solved.target, 480)
        self.assertEqual(until_solved.state, "running")

    def test_an_account_without_targets_has_none(self):
        self.account.write(dict.fromkeys(ALL, 0) | {"clock_hours": "always"})
        self.env[CLOCK]._cron_clocks()
        self.assertFalse(self.clocks())
        post = self.world.post("Me too", author="dan")
        self.pull()
        message = self.of(post)
        self.assertTrue(message.waiting)
        self.assertFalse(self.clocks(message))

    def test_empty_is_no_clock_kind_by_kind(self):
        self.account.write({"clock_first_public": 0, "clock_resolution": 0})
        self.env[CLOCK]._cron_clocks()
        self.assertFalse(self.clocks() | self.resolution())
        self.answer()
        again = self.say("And fireproof?", 1)
        self.assertEqual(self.clocks(again).kind, "next")

    def test_more_words_do_not_start_it_anew(self):
        started = self.clocks().started_at
        self.say("Hello?", 30)
        self.assertEqual(self.clocks().started_at, started)

    def test_earlier_words_that_come_later_start_it_earlier(self):
        self.say("Before that I wrote", 200)
        clock = self.clocks()
        self.assert_near(clock.started_at, self.message.sent_at - timedelta(minutes=80))
        self.assertEqual(self.resolution().started_at, clock.started_at)

    def test_an_answer_stops_it(self):
        reply = self.answer()
        clock = self.clocks()
        self.assertEqual(clock.outcome, "answered")
        self.assertEqual(clock.stopped_at, reply.sent_at.replace(microsecond=0))
        self.assertEqual(clock.answer_id, reply)
        self.assertEqual(clock.user_id, reply.user_id)
        self.assertAlmostEqual(clock.minutes, 120, delta=1)
        self.assertEqual(clock.in_time, 0)
        self.assertFalse(clock.deadline)
        self.assertEqual(self.message.settled_by_id, reply)

    def test_a_native_answer_stops_it_when_it_was_written(self):
        native = self.world.post(
            "Yes", author="us", parent=self.post.key, sent_at=ago(minutes=70)
        )
        self.pull()
        clock = self.clocks()
        self.assertEqual((clock.outcome, clock.in_time), ("answered", 1))
        self.assertAlmostEqual(clock.minutes, 50, delta=0.1)
        self.assertFalse(clock.user_id, "nobody here")
        self.assertEqual(clock.answer_id, self.of(native))

    def test_what_comes_after_the_answer_is_another_clock(self):
        self.answer()
        again = self.say("And fireproof?", -0.05)
        first, second = self.clocks(again)
        self.assertEqual((first.kind, second.kind), ("first_public", "next"))
        self.assertEqual(first.outcome, "answered")
        self.assertEqual(second.target, 120)
        self.answer("That, too", to=again)
        self.assertEqual(self.clocks(again).mapped("outcome"), ["answered"] * 2)

    def test_each_person_has_his_own(self):
        dan = self.say("Mine is broken", 90, "dan")
        self.assertEqual(self.clocks(dan).kind, "first_public")
        self.assertNotEqual(self.clocks(dan), self.clocks())
        self.answer("Dear Cleo")
        self.assertTrue(self.clocks().stopped_at)
        self.assertFalse(self.clocks(dan).stopped_at)
        self.assertEqual(self.message.ticket_id.social_due, self.clocks(dan).deadline)

    def test_private_has_a_target_of_its_own(self):
        post = self.world.post("psst", items.PRIVATE, "gil", sent_at=ago(minutes=10))
        self.pull()
        clock = self.clocks(self.of(post))
        self.assertEqual((clock.kind, clock.target), ("first_private", 30))
        group = self.world.post("all", items.GROUP, "hal", thread="many")
        self.pull()
        self.assertEqual(self.clocks(self.of(group)).kind, "first_private")

    def test_a_bot_stops_nothing(self):
        bot = self.make_message(
            self.message.conversation_id,
            "We got it",
            direction="out",
            origin="bot",
            parent_id=self.message.id,
            delivery_state="sent",
        )
        bot._settle("answered")
        self.assertTrue(self.message.waiting)
        self.assertFalse(self.clocks().stopped_at)

    def test_a_bot_that_writes_to_us_starts_nothing(self):
        post = self.by_bot("Beep")
        self.pull()
        message = self.of(post)
        self.assertFalse(self.clocks(message))
        self.assertEqual(message.handled_how, "auto")

    def test_a_holding_statement_stops_nothing(self):
        ticket = self.ticket.with_user(self.agent_all)
        row = ticket.social_reply(
            "We look into it",
            "public",
            to=self.message.with_user(self.agent_all),
            consent={"holding": True},
        )
        self.deliver()
        row = row.sudo()
        self.assertEqual((row.delivery_state, row.holding), ("sent", True))
        self.assertTrue(self.message.waiting)
        self.assertFalse(self.clocks().stopped_at)
        row.with_user(self.agent_all).action_holding(False)
        self.assertFalse(self.message.waiting)
        self.assertEqual(self.clocks().stopped_at, row.sent_at.replace(microsecond=0))
        row.with_user(self.agent_all).action_holding()
        self.assertTrue(self.message.waiting)
        self.assertEqual(self.clocks().started_at, self.message.sent_at)
        self.assertFalse(self.clocks().stopped_at)

    def test_who_may_not_speak_may_not_say_so(self):
        row = self.answer()
        with self.assertRaises(AccessError):
            row.with_user(self.internal).action_holding()
        self.assertFalse(row.holding)

    def test_handled_without_answer(self):
        self.message.with_user(self.agent_all).action_handled(reason="spam")
        clock = self.clocks()
        self.assertEqual(clock.outcome, "handled")
        self.assertEqual(self.message.handled_why, "spam")
        self.env.cr.execute(f"SELECT minutes FROM {clock._table}")
        self.assertEqual({row[0] for row in self.env.cr.fetchall()}, {None})
        # nobody answered yet, so the next one is the first
        again = self.say("Really?", -0.05)
        self.assertEqual(self.clocks(again)[-1].kind, "first_public")

    def test_deleted_by_its_author(self):
        self.world.remove(self.post)
        self.pull()
        self.assertFalse(self.message.waiting)
        self.assertEqual(self.clocks().outcome, "deleted")
        self.assertFalse(self.resolution().running_since)

    def test_an_edit_asks_anew(self):
        self.answer()
        self.world.edit(self.post, "Is it fireproof?", edited_at=ago(seconds=-2))
        self.pull()
        first, second = self.clocks()
        self.assertEqual((first.outcome, second.kind), ("answered", "next"))
        self.assert_near(second.started_at, fields.Datetime.now())

    def test_an_edit_that_the_agent_had_not_seen(self):
        row = self.reply("Yes, it is", to=self.message)
        self.world.edit(self.post, "Is it fireproof?", edited_at=ago(seconds=-3))
        self.pull()
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertTrue(self.message.waiting)
        first, second = self.clocks()
        self.assertEqual((first.outcome, second.kind), ("answered", "next"))
        self.assertFalse(second.stopped_at)

    def test_several_days_of_lost_answers_are_one_wait(self):
        """Asked as often as anybody likes, it says the same."""
        before = self.clocks().read() + self.resolution().read()
        for _turn in range(3):
            self.env[CLOCK]._look_at(self.message._clock_pairs())
        after = self.clocks().read() + self.resolution().read()
        self.assertEqual(before, after)


@tagged("post_install", "-at_install")
class TestTimes(ClockCase):
    """Whose clock counts, and within which bounds."""

    def started(self, sent_at):
        post = self.world.post("When?", author="tim", sent_at=sent_at)
        self.pull()
        message = self.of(post)
        return self.clocks(message), message

    def test_the_earlier_of_both(self):
        clock, message = self.started(ago(hours=5))
        self.assertEqual(clock.started_at, message.sent_at)
        self.assertLess(message.sent_at, message.received_at)

    def test_the_future_counts_as_now(self):
        clock, message = self.started(ago(days=-300))
        self.assert_near(clock.started_at, message.received_at, 2)
        self.assertGreater(message.sent_at, message.received_at)

    def test_a_forged_past_is_bounded(self):
        clock, message = self.started(ago(days=300))
        days = self.account.lookback_days
        self.assert_near(clock.started_at, message.received_at - timedelta(days=days))

    def test_not_before_we_were_connected(self):
        self.account.connected_at = fields.Datetime.now() - timedelta(seconds=3)
        clock, _message = self.started(ago(seconds=7))
        self.assertEqual(clock.started_at, self.account.connected_at)

    def test_targets_are_sane(self):
        for values in (
            {"clock_next": -1},
            {"clock_next": 10**7},
            {"clock_warn_percent": 101},
            {"clock_warn_minutes": -1},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.account.write(values)
