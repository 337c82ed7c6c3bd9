"""Deletions are followed as long as words are kept, and then the words expire."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, tagged

from ..networks import errors, items
from .budget_network import READ, FakeAdapter, Rereading
from .test_pulling import RereadCase
from .test_x import XFixtures

WORDS = "my marzipan kettle is on fire again"


class Following(Rereading):
    reread_audiences = (items.PUBLIC,)
    reread_kinds = (READ, READ)


class FollowCase(RereadCase):
    def setUp(self):
        super().setUp()
        self.stages = self.env["helpdesk.ticket.stage"]
        self.closed = self.stages.search([("closed", "=", True)], limit=1)
        self.open = self.stages.search([("closed", "=", False)], limit=1)
        self.app.write({"follow_days": 10, "follow_at": False})
        self.app.follow_at = False

    def expire(self, **attributes):
        with self.with_network(Following, **attributes):
            self.env["helpdesk.social.message"]._cron_expire_text()
        self.env.invalidate_all()

    def of_ticket(self, stage, age=24 * 11, looked=1, **values):
        """A message of a ticket, that came and was looked at so many hours ago."""
        ticket = self.make_ticket(stage_id=stage.id, name=WORDS, description=WORDS)
        now = fields.Datetime.now()
        moment = now - timedelta(hours=age)
        message = self.make_message(
            self.make_conversation(ticket=ticket),
            WORDS,
            **{
                "sent_at": moment,
                "received_at": moment,
                "reread_at": now - timedelta(hours=looked),
                "permalink": "https://fake.example.com/1",
                "extra": {"summoned": True},
                **values,
            },
        )
        return message


@tagged("post_install", "-at_install")
class TestTextExpiry(FollowCase):
    def test_which_words_expire(self):
        young = self.of_ticket(self.closed, age=24 * 9)
        done = self.of_ticket(self.closed)
        working = self.of_ticket(self.open)
        unseen = self.of_ticket(self.open, looked=24 * 11)
        no_ticket = self.store(1, age=24 * 11, text=WORDS)
        ours = self.of_ticket(self.closed, direction="out", origin="agent")
        native = self.of_ticket(self.closed, direction="out", origin="native")
        private = self.of_ticket(self.closed, audience="private")
        self.expire()
        expired = done | unseen | no_ticket | native
        kept = young | working | ours | private
        self.assertEqual(set(expired.mapped("text")), {False})
        self.assertTrue(all(expired.mapped("expired_at")))
        self.assertFalse(any(expired.mapped("reread_at")), "nobody looks any more")
        self.assertEqual(set(kept.mapped("text")), {WORDS})
        self.assertFalse(any(kept.mapped("expired_at")))
        # once its ticket is closed it follows the rule
        working.ticket_id.stage_id = self.closed
        self.expire()
        self.assertFalse(working.text)

    def test_what_an_open_ticket_answers_or_goes_on_with_stays(self):
        thread = self.of_ticket(self.closed)
        thread.conversation_id.ticket_id = self.make_ticket(stage_id=self.open.id)
        above = self.store(1, age=24 * 11, text=WORDS)
        above.write({"conversation_id": False, "context": True})
        above.reread_at = fields.Datetime.now()
        below = self.of_ticket(self.open)
        below.parent_id = above
        self.expire()
        self.assertEqual(set((thread | above | below).mapped("text")), {WORDS})
        below.ticket_id.stage_id = self.closed
        self.expire()
        self.assertEqual(above.text, False)

    def test_an_archived_ticket_is_not_open(self):
        message = self.of_ticket(self.open)
        message.ticket_id.active = False
        self.expire()
        self.assertFalse(message.text)

    def test_every_copy_goes_and_the_link_stays(self):
        message = self.of_ticket(self.closed)
        ticket = message.ticket_id
        ticket.message_post(body=f"He says: {WORDS} - call him")
        event = self.env["helpdesk.social.event"].create(
            {
                "app_id": self.app.id,
                "account_id": self.account.id,
                "key": "one",
                "raw": f'{{"text": "{WORDS}"}}',
                "received_at": message.received_at,
                "state": "done",
                "message_id": message.id,
            }
        )
        message.write(
            {
                "revisions": [{"revision": 0, "at": "x", "text": WORDS}],
                "mentions": [{"id": "1", "handle": "marzipan"}],
                "media": [{"ref": "1", "kind": "image", "alt": "marzipan"}],
            }
        )
        self.expire()
        self.assertEqual(event.raw, "{}")
        self.assertFalse(message.revisions or message.mentions or message.media)
        self.assertNotIn("marzipan", ticket.name)
        self.assertNotIn("marzipan", ticket.description)
        self.assertIn("expired", ticket.name)
        self.assertNotIn("marzipan", "".join(ticket.message_ids.mapped("body")))
        self.assertIn("call him", "".join(ticket.message_ids.mapped("body")))
        self.assertFalse(message.deleted_at, "it was not deleted")
        self.assertEqual(message.extra, {"summoned": True}, "it can be answered")
        self.assertEqual(message.permalink, "https://fake.example.com/1")
        self.assertIn("expired", message.shown_text)
        self.assertIn("expired", message.shown_line)
        self.assertEqual(message.safe_permalink, "https://fake.example.com/1")
        rows = ticket.with_user(self.manager).social_timeline()["messages"]
        [row] = [one for one in rows if one["id"] == message.id]
        self.assertIn("The text expired: open the post on Fake", row["warning"])
        self.assertEqual(row["permalink"], "https://fake.example.com/1")
        self.assertFalse(row["text"])

    def test_what_nobody_looks_at_expires_even_where_nothing_does(self):
        message = self.of_ticket(self.open, looked=24 * 31)
        recent = self.of_ticket(self.open, looked=24 * 29)
        self.app.follow_days = 0
        self.app.follow_at = False
        self.expire(reread_days=30)
        self.assertFalse(message.text)
        self.assertTrue(recent.text)

    def test_zero_days_never(self):
        message = self.of_ticket(self.closed, age=24 * 4000)
        self.app.follow_days = 0
        self.app.follow_at = False
        self.expire()
        self.assertEqual(message.text, WORDS)

    def test_a_slip_can_be_taken_back(self):
        message = self.of_ticket(self.closed, age=24 * 5)
        self.app.follow_days = 1
        self.expire()
        self.assertTrue(message.text)
        with freeze_time(fields.Datetime.now() + timedelta(hours=25)):
            self.expire()
        self.assertFalse(message.text)

    def test_where_it_is_no_duty_nothing_expires(self):
        message = self.of_ticket(self.closed)
        self.expire(forget_deleted=False)
        self.assertTrue(message.text)

    def test_an_account_that_nobody_reads_expires_as_well(self):
        message = self.of_ticket(self.closed)
        for state in ("needs_auth", "paused", "error"):
            # sudo: helpdesk.social.account - the machine's field
            self.account.sudo().state = state
        self.account.active = False
        self.expire()
        self.assertFalse(message.text)

    def test_many_in_batches(self):
        self.store(120, age=24 * 11, text=WORDS)
        self.expire()
        messages = self.env["helpdesk.social.message"]
        mine = [("account_id", "=", self.account.id), ("text", "!=", False)]
        self.assertFalse(messages.search(mine))

    def test_what_comes_again_brings_nothing_back(self):
        post = self.world.post(WORDS)
        self.account.action_pull()
        message = self.env["helpdesk.social.message"].search([("key", "=", post.key)])
        message.ticket_id.stage_id = self.closed
        old = fields.Datetime.now() - timedelta(days=11)
        message.received_at = old
        self.expire()
        self.assertFalse(message.text)
        # an edit, or the thread that is read around a new message
        self.world.edit(post, "my nougat kettle is on fire")
        with self.with_network(FakeAdapter, forget_deleted=True):
            self.account.action_pull()
        self.env.invalidate_all()
        self.assertFalse(message.text or message.revisions)
        events = self.env["helpdesk.social.event"].search([])
        self.assertFalse([one for one in events if "nougat" in one.raw])
        # its deletion leaves a tombstone as ever
        self.world.remove(post)
        with self.with_network(FakeAdapter, forget_deleted=True):
            self.account.action_pull()
        self.env.invalidate_all()
        self.assertTrue(message.deleted_at)

    def test_raw_items_that_no_message_stands_for(self):
        def event(key, state, days):
            return self.env["helpdesk.social.event"].create(
                {
                    "app_id": self.app.id,
                    "key": key,
                    "raw": '{"text": "marzipan"}',
                    "received_at": fields.Datetime.now() - timedelta(days=days),
                    "state": state,
                }
            )

        noise, new = event("noise", "done", 0), event("new", "new", 9)
        failed, old = event("failed", "dead", 6), event("old", "dead", 8)
        with self.with_network(Following, forget_deleted=False):
            self.env["helpdesk.social.event"]._gc_raw_without_message()
        self.assertNotIn("{}", (noise | new | failed | old).mapped("raw"))
        with self.with_network(Following):
            self.env["helpdesk.social.event"]._gc_raw_without_message()
        self.assertEqual((noise.raw, old.raw), ("{}", "{}"))
        self.assertIn("marzipan", new.raw)
        self.assertIn("marzipan", failed.raw)


@tagged("post_install", "-at_install")
class TestFollowed(FollowCase):
    def pull(self, **attributes):
        attributes = {"asked": [], "refuse": [], **attributes}
        with self.with_network(Following, **attributes) as made:
            self.account._pull()
        return [ref for refs in made.asked for ref in refs]

    def test_everything_that_keeps_its_words_is_looked_at(self):
        almost = self.of_ticket(self.closed, age=24 * 9, looked=21)
        working = self.of_ticket(self.open, age=24 * 300, looked=21)
        self.assertEqual(set(self.pull()), {almost.key, working.key})
        expired = self.of_ticket(self.closed, age=24 * 11, looked=21)
        self.expire()
        self.assertNotIn(expired.key, self.pull())

    def test_a_pull_is_never_later_than_the_duty(self):
        with freeze_time("2026-11-10 12:00:00"):
            self.limit(1000)
            self.of_ticket(self.closed, age=24, looked=18)
            costs = {"idle": {"usd": 50}, "average": {"usd": 50}}
            self.pull()
            self.account.pull_costs = {**costs, "reread": {"usd": 0.001}}
            self.pull()
            wait = self.account.next_pull_at - fields.Datetime.now()
            self.assertEqual(wait, timedelta(hours=2), "20 hours after the last look")
            # no look is possible: money alone decides
            self.account.pull_costs = {**costs, "reread": {"usd": 1e6}}
            self.pull()
            wait = self.account.next_pull_at - fields.Datetime.now()
            self.assertEqual(wait, timedelta(hours=6))

    def test_a_duty_that_is_late_makes_no_hot_loop(self):
        with freeze_time("2026-11-10 12:00:00"):
            self.limit(1000)
            self.of_ticket(self.closed, age=24 * 3, looked=72, key=False)
            late = self.of_ticket(self.closed, age=24 * 3, looked=72)
            self.account.pull_costs = {"idle": {"usd": 50}, "reread": {"usd": 0.01}}
            self.pull(refuse=[errors.RejectedError()])
            late.reread_at = "2026-11-01 00:00:00"
            with self.with_network(Following):
                self.account._schedule_next(0, None)
            wait = self.account.next_pull_at - fields.Datetime.now()
            self.assertEqual(wait, timedelta(minutes=30))

    # --- what it costs ----------------------------------------------------------
    def test_the_forecast(self):
        self.of_ticket(self.closed, age=1)
        self.of_ticket(self.closed, age=1, direction="out", origin="native")
        self.of_ticket(self.closed, age=1, audience="private")
        self.of_ticket(self.closed, age=1, deleted_at=fields.Datetime.now())
        kinds = (READ, "reply")
        with self.with_network(Following, reread_kinds=kinds):
            app = self.app.with_user(self.manager)
            self.assertTrue(app.dutiful)
            self.assertEqual(app.follow_number, 2)
            self.assertAlmostEqual(app.follow_cost, 30 * (0.01 + 0.25))
            self.app.price_ids.filtered(lambda one: one.kind == READ).own_price = "1"
            self.env.invalidate_all()
            self.assertAlmostEqual(app.follow_cost, 30 * 1.25)
        with self.with_network(Following, forget_deleted=False):
            self.assertEqual((app.dutiful, app.follow_cost), (False, 0))

    def test_a_budget_that_does_not_suffice_is_said_and_told_once(self):
        self.of_ticket(self.closed, age=1)
        self.limit(0.2)  # it needs 0.30
        activities = self.app.activity_ids
        with self.with_network(Following):
            self.env.invalidate_all()
            self.assertIn("about 0.30 USD a month", self.app.reread_text)
            self.assertIn("leaves 0.16", self.app.reread_text)
        with freeze_time(fields.Datetime.now()) as clock:
            self.expire()
            [told] = self.app.activity_ids - activities
            self.assertIn("not followed in time", told.summary)
            self.assertIn("0.30", told.note)
            self.expire()
            self.assertEqual(len(self.app.activity_ids - activities), 1)
            clock.tick(timedelta(days=8))
            self.expire()
            self.assertEqual(len(self.app.activity_ids - activities), 2)
        self.app.budget = 5
        self.expire()
        self.assertFalse(self.app.reread_text)
        self.assertFalse(self.app.duty_warned_at)

    def test_who_may_say_for_how_long(self):
        with self.assertRaises(AccessError):
            self.app.with_user(self.agent_all).follow_days = 3
        self.app.with_user(self.manager).follow_days = 3
        self.assertTrue(self.app.follow_at)
        for wrong in (-1, 3651):
            with self.assertRaises(ValidationError):
                self.app.follow_days = wrong


@tagged("post_install", "-at_install")
class TestFollowX(XFixtures, TransactionCase):
    """The same on X, over the wire."""

    def aged(self, days, stage_closed, text="@acme my marzipan lamp broke"):
        """A post that came so many days ago and was looked at yesterday."""
        post = self.sim.post(self.jo, text)
        self.account.action_pull()
        message = self.message(post.id)
        message.ticket_id.stage_id = self.env["helpdesk.ticket.stage"].search(
            [("closed", "=", stage_closed)], limit=1
        )
        moment = fields.Datetime.now() - timedelta(days=days)
        message.write({"received_at": moment, "sent_at": moment})
        message.reread_at = fields.Datetime.now() - timedelta(days=1)
        return message

    def run_all(self):
        self.env["helpdesk.social.message"]._cron_expire_text()
        self.account.action_pull()
        self.env.invalidate_all()

    def test_a_month_is_followed_unless_somebody_says_otherwise(self):
        self.assertEqual(self.account.app_id.follow_days, 30)
        self.assertTrue(self.account.app_id.dutiful)

    def test_found_on_the_29th_day(self):
        gone = self.aged(29, True)
        changed = self.aged(29, True, "@acme the lmap")
        self.sim.delete(gone.key)
        self.sim.edit(changed.key, "@acme the lamp")
        yesterday = fields.Datetime.now() - timedelta(days=1)
        (gone | changed).reread_at = yesterday
        self.run_all()
        self.assertTrue(gone.deleted_at)
        self.assertFalse(gone.text)
        self.assertEqual((changed.text, changed.revision), ("@acme the lamp", 1))

    def test_after_that_the_text_is_gone_and_nothing_is_asked(self):
        message = self.aged(31, True)
        link = message.permalink
        self.run_all()
        self.assertTrue(message.expired_at)
        self.assertFalse(message.text or message.deleted_at)
        self.assertTrue(link)
        self.assertEqual(message.permalink, link)
        self.assertNotIn("marzipan", message.ticket_id.name)
        events = self.env["helpdesk.social.event"].search([])
        self.assertFalse([one for one in events if "marzipan" in one.raw])
        asked = [one for one in self.sim.calls if message.key in str(one)]
        self.assertFalse(asked)
        kinds = {one["kind"]: one for one in message.social_affordances()}
        self.assertTrue(kinds["reply_public"]["allowed"], "it can still be answered")

    def test_an_open_tickets_old_post_is_followed(self):
        message = self.aged(90, False)
        self.run_all()
        self.assertIn("marzipan", message.text)
        self.assertFalse(message.expired_at)
        self.sim.delete(message.key)
        message.reread_at = fields.Datetime.now() - timedelta(days=1)
        self.run_all()
        self.assertTrue(message.deleted_at)
        self.assertFalse(message.text)

    def test_what_x_refuses_for_now_has_its_turn_again(self):
        message = self.aged(29, True)
        self.sim.delete(message.key)
        # where money is limited the duty comes before everything else
        self.account.app_id.write({"budget_limited": True, "budget": 100})
        late = fields.Datetime.now() - timedelta(days=1)

        def look(**refusal):
            message.reread_at = late
            # sudo: helpdesk.social.account - as if the rest were over
            self.account.sudo().write({"stream_rests": False, "paused_until": False})
            self.sim.refuse(path="/2/tweets", **refusal)
            error = self.account._pull()
            self.env.invalidate_all()
            self.assertFalse(message.deleted_at)
            self.assertTrue(message.text)
            return error

        self.assertIsNone(look(status=503))
        self.assertLess(message.reread_at, fields.Datetime.now() - timedelta(hours=19))
        self.assertTrue(self.account._rests("reread"), "and nothing else")
        self.assertIsNone(look(status=429, title="Too Many Requests"))
        self.assertFalse(self.account.paused_until)
        # no credits: the whole app waits
        error = look(status=402, title="CreditsDepleted", kind="credits")
        self.assertEqual(error.code, "out_of_money")
        self.assertTrue(self.account.paused_until)
        self.assertLess(message.reread_at, fields.Datetime.now() - timedelta(hours=19))
        # sudo: helpdesk.social.account - an hour later
        self.account.sudo().paused_until = False
        message.reread_at = late
        self.account.action_pull()
        self.env.invalidate_all()
        self.assertTrue(message.deleted_at)
        self.assertFalse(message.text)

    def test_a_hundred_a_call_and_a_limit_in_between(self):
        posts = [self.sim.post(self.jo, f"@acme lamp {n}") for n in range(130)]
        self.account.action_pull()
        messages = self.env["helpdesk.social.message"].search(
            [("key", "in", [one.id for one in posts])]
        )
        self.assertEqual(len(messages), 130)
        for one in posts[::10]:
            self.sim.delete(one.id)
        messages.reread_at = fields.Datetime.now() - timedelta(days=1)
        self.account.action_pull()
        self.env.invalidate_all()
        self.assertEqual(len(messages.filtered("deleted_at")), 13)
