"""Clocks in numbers: the intake's queries, and the scheduled action that warns."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models.clock_rows import Rows
from ..networks import items
from .common import SocialCase
from .test_clock import ALL, CLOCK
from .test_revisions import ago

CRON = "odoo.addons.helpdesk_social.models.helpdesk_social_clock_cron"


@tagged("post_install", "-at_install")
class TestClockIntake(SocialCase):
    """Thousands of messages: clocks cost a handful of queries per batch."""

    def counted(self, count, clocked, **values):
        """(queries of a batch of so many new posts, their clocks)."""
        account = self.account
        account.write(
            {
                **(ALL if clocked else dict.fromkeys(ALL, 0)),
                "clock_hours": "calendar",
                "connected_at": "2020-01-01 00:00:00",
            }
        )
        account.clock_renew = False
        self.world.inbox.clear()
        account.sudo().cursors = False
        for number in range(count):
            self.world.post(
                author=f"{clocked}-{count}-{number}", sent_at=ago(minutes=5), **values
            )
        self._journal()
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        self.env["helpdesk.social.intake"]._process_all(account)
        self.env.flush_all()
        spent = self.cr.sql_log_count - start
        keys = [item.data["key"] for item in self.world.inbox]
        found = self.env[CLOCK].search([("message_id.key", "in", keys)])
        return spent, found

    def _journal(self):
        """Into the journal, and not yet out of it."""
        path = "odoo.addons.helpdesk_social.models.helpdesk_social_intake"
        with patch(f"{path}.HelpdeskSocialIntake._process_all", lambda *args: 0):
            self.account.action_pull()
        self.env.flush_all()

    def test_queries_do_not_grow(self):
        self.counted(2, False)
        plain, none = self.counted(20, False)
        self.assertFalse(none)
        few, _found = self.counted(5, True)
        some, found = self.counted(20, True)
        self.assertEqual(len(found), 40, "an answer and a resolution each")
        self.assertLessEqual(some - plain, 12)
        many, found = self.counted(80, True)
        self.assertEqual(len(found), 160)
        # what else a batch does may need a query more for more of it
        plain_many, none = self.counted(80, False)
        self.assertFalse(none)
        self.assertLessEqual(many - plain_many, 12)
        self.assertLessEqual(some, few + 3)

    def test_answers_from_the_networks_app(self):
        self.account.write(ALL)
        posts = [
            self.world.post(author=f"p{number}", sent_at=ago(minutes=30))
            for number in range(10)
        ]
        self.account.action_pull()
        for post in posts:
            self.world.post(
                "Yes", author="us", parent=post.key, sent_at=ago(minutes=10)
            )
        self.account.action_pull()
        found = self.env[CLOCK].search(
            [
                ("message_id.key", "in", [post.key for post in posts]),
                ("kind", "!=", "resolution"),
            ]
        )
        self.assertEqual(found.mapped("outcome"), ["answered"] * 10)

    def test_two_batches_of_one_thread_in_any_order(self):
        self.account.write(ALL)
        later = self.world.post("two", items.PRIVATE, sent_at=ago(minutes=5))
        self.account.action_pull()
        self.world.post("one", items.PRIVATE, sent_at=ago(minutes=20))
        self.account.action_pull()
        message = self.env["helpdesk.social.message"].search([("key", "=", later.key)])
        clock = self.env[CLOCK].search(
            [
                ("conversation_id", "=", message.conversation_id.id),
                ("kind", "=", "first_private"),
            ]
        )
        self.assertEqual(len(clock), 1)
        self.assertLess(clock.started_at, message.sent_at - timedelta(minutes=10))

    def test_of_a_viral_thread_only_those_who_write(self):
        self.account.write(ALL)
        top = self.world.post("Broken!", sent_at=ago(minutes=50))
        for number in range(20):
            self.world.post(
                "Mine, too", author=f"p{number}", parent=top.key, sent_at=ago(minutes=9)
            )
        self.account.action_pull()
        post = self.world.post("And mine", author="p7", parent=top.key)
        with patch.object(
            Rows, "learn", autospec=True, side_effect=Rows.learn
        ) as learn:
            self.account.action_pull()
        self.assertEqual(learn.call_count, 2, "the two clocks of this person")
        message = self.env["helpdesk.social.message"].search([("key", "=", post.key)])
        clocks = self.env[CLOCK].search(
            [("conversation_id", "=", message.conversation_id.id)]
        )
        self.assertEqual(len(clocks), 42)

    def test_a_mistake_in_it_costs_nobody_his_message(self):
        self.account.write(ALL)
        post = self.world.post("Help")
        path = f"{CRON.rpartition('.')[0]}.clock_following.Following"
        with (
            patch(f"{path}._waiting", side_effect=ZeroDivisionError),
            self.assertLogs("odoo.addons.helpdesk_social", "ERROR"),
        ):
            self.account.action_pull()
        message = self.env["helpdesk.social.message"].search([("key", "=", post.key)])
        self.assertTrue(message.waiting)
        self.assertTrue(message.ticket_id)
        # put right as soon as anybody looks
        self.env[CLOCK]._look_at(message._clock_pairs())
        self.assertTrue(self.env[CLOCK].search([("message_id", "=", message.id)]))


@tagged("post_install", "-at_install")
class TestClockWarning(SocialCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write(
            {
                "clock_first_public": 60,
                "clock_first_private": 60,
                "clock_hours": "always",
                "clock_warn_percent": 25,
                "connected_at": "2020-01-01 00:00:00",
            }
        )
        cls.team.user_id = cls.manager

    def waiting(self, minutes=50, audience="public", ticket=None, **values):
        """A message that waits for so long, and its clock."""
        ticket = ticket or self.make_ticket(**values)
        message = self.make_message(
            self.make_conversation(audience, ticket),
            waiting=True,
            sent_at=fields.Datetime.now() - timedelta(minutes=minutes),
        )
        return message, self.env[CLOCK].search([("message_id", "=", message.id)])

    def warn(self):
        self.env[CLOCK]._cron_clocks()
        self.env.flush_all()
        self.env.invalidate_all()

    def activities(self, ticket):
        kind = self.env.ref("helpdesk_social.mail_activity_clock")
        return ticket.activity_ids.filtered(lambda one: one.activity_type_id == kind)

    def test_before_the_deadline_and_once(self):
        early, early_clock = self.waiting(40)
        message, clock = self.waiting(50)
        self.warn()
        self.warn()
        self.assertFalse(self.activities(early.ticket_id))
        self.assertFalse(early_clock.warned_at)
        activity = self.activities(message.ticket_id)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.manager, "the team's leader")
        self.assertEqual(clock.activity_id, activity)
        self.assertIn("First public answer", activity.summary)
        self.assertNotIn(message.text, f"{activity.summary}{activity.note}")

    def test_minutes_before(self):
        self.account.clock_warn_minutes = 45
        message, _clock = self.waiting(20)
        self.warn()
        self.assertTrue(self.activities(message.ticket_id))

    def test_nobody_wants_to_be_warned(self):
        self.account.clock_warn_percent = 0
        message, clock = self.waiting(90)
        self.warn()
        self.assertFalse(self.activities(message.ticket_id))
        self.assertEqual(clock.state, "late")

    def test_whom(self):
        mine, _clock = self.waiting(user_id=self.agent_own.id)
        self.warn()
        self.assertEqual(self.activities(mine.ticket_id).user_id, self.agent_own)
        self.team.user_id = False
        nobody, clock = self.waiting()
        self.warn()
        self.assertFalse(self.activities(nobody.ticket_id))
        self.assertTrue(clock.warned_at, "not asked for again and again")
        self.account.clock_user_ids = self.agent_all
        theirs, _clock = self.waiting()
        self.warn()
        self.assertEqual(self.activities(theirs.ticket_id).user_id, self.agent_all)

    def test_never_somebody_who_may_not_read_the_ticket(self):
        self.team.user_id = False
        self.account.clock_user_ids = self.agent_own | self.internal | self.agent_all
        message, _clock = self.waiting(audience="private", team_id=self.other_team.id)
        self.warn()
        self.assertEqual(self.activities(message.ticket_id).user_id, self.agent_all)

    def test_gone_with_the_answer(self):
        message, clock = self.waiting()
        self.warn()
        self.assertTrue(self.activities(message.ticket_id))
        message.with_user(self.agent_all).action_handled(reason="thanks")
        self.env.invalidate_all()
        self.assertFalse(self.activities(message.ticket_id))
        self.assertTrue(clock.stopped_at)

    def test_a_later_deadline_takes_it_back(self):
        message, clock = self.waiting()
        self.warn()
        self.account.clock_first_public = 600
        self.warn()
        self.assertFalse(self.activities(message.ticket_id))
        self.assertFalse(clock.warned_at)
        self.account.clock_first_public = 60
        self.warn()
        self.warn()
        self.assertEqual(len(self.activities(message.ticket_id)), 1)

    def test_in_batches(self):
        found = [self.waiting()[0] for _number in range(7)]
        with patch(f"{CRON}.WARNED", 3):
            self.warn()
        for message in found:
            self.assertEqual(len(self.activities(message.ticket_id)), 1)

    # --- without a ticket ---------------------------------------------------------
    def loose(self, audience="public"):
        """Somebody waits for us, and nobody has opened a ticket."""
        message = self.make_message(
            self.make_conversation(audience),
            "My secret is 4711",
            waiting=True,
            sent_at=fields.Datetime.now() - timedelta(minutes=55),
        )
        return message, self.env[CLOCK].search([("message_id", "=", message.id)])

    def test_without_ticket_the_leader_of_the_accounts_team_is_told_once(self):
        message, clock = self.loose()
        self.warn()
        self.warn()
        activity = clock.activity_id
        self.assertEqual(activity.user_id, self.manager)
        self.assertFalse(activity.res_model, "on no record")
        self.assertIn("without a ticket", activity.summary)
        self.assertIn("First public answer", activity.summary)
        self.assertIn("action_inbox", activity.note)
        self.assertNotIn("4711", f"{activity.summary}{activity.note}")
        mine = self.env["mail.activity"].with_user(self.manager)
        self.assertIn(activity, mine.search([("user_id", "=", self.manager.id)]))
        # what it leads to is in that person's inbox
        inbox = self.env["helpdesk.social.inbox"].with_user(self.manager)
        rows = inbox.get_list("waiting")["rows"]
        self.assertIn(message.id, [one["id"] for one in rows])
        # told or not, marked as done or not: it goes on waiting and late
        activity.with_user(self.manager).action_done()
        self.warn()
        self.assertTrue(message.waiting)
        self.assertFalse(clock.stopped_at)

    def test_gone_with_the_answer_without_ticket_too(self):
        message, clock = self.loose()
        self.warn()
        activity = clock.activity_id
        message.with_user(self.agent_all).action_handled(reason="thanks")
        self.env.invalidate_all()
        self.assertFalse(activity.exists())

    def test_a_ticket_that_is_opened_later_gets_it(self):
        message, clock = self.loose()
        self.warn()
        before = clock.activity_id
        inbox = self.env["helpdesk.social.inbox"].with_user(self.agent_all)
        inbox.act("open", message.ids)
        self.env.flush_all()
        self.warn()
        self.assertFalse(before.exists())
        self.assertEqual(clock.ticket_id, message.ticket_id)
        self.assertEqual(len(self.activities(message.ticket_id)), 1)
        self.warn()
        self.assertEqual(len(self.activities(message.ticket_id)), 1)

    def test_without_ticket_never_somebody_who_may_not_read_it(self):
        self.team.user_id = self.internal
        self.account.clock_user_ids = self.internal | self.sales | self.agent_all
        _message, clock = self.loose("private")
        self.warn()
        self.assertEqual(clock.activity_id.user_id, self.agent_all)

    def test_without_ticket_and_with_nobody_it_is_not_asked_again(self):
        self.team.user_id = False
        message, clock = self.loose()
        self.warn()
        self.assertTrue(clock.warned_at)
        self.assertFalse(clock.activity_id)
        self.assertTrue(message.waiting)
