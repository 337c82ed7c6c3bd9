"""One word for all, and one answer each: spaced, looked at again, and stoppable."""

from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import helpdesk_social_intake_waking as intake_waking
from ..models import helpdesk_social_outbox_paced as outbox_paced
from ..models import helpdesk_ticket_paced as ticket_paced
from ..models.social_concern import BLOCK, HOLD, QUEUE, Concern
from ..networks import items
from .common import FakeAdapter
from .test_incident import IncidentCase


class PacedCase(IncidentCase):
    def setUp(self):
        super().setUp()
        self.posts, self.ticket = self.storm()
        self.desk_ticket = self.ticket.with_user(self.agent_all)

    def answer(self, *wordings, people=None):
        wordings = list(wordings) or ["Sorry, {{handle}}!", "{{handle}}, we are sorry."]
        return self.desk_ticket.social_incident_answer(wordings, people)

    def rows(self):
        return self.env["helpdesk.social.message"].search(
            [("ticket_id", "=", self.ticket.id), ("paced_at", "!=", False)],
            order="paced_at, id",
        )

    def told(self):
        return self.desk_ticket.social_composer()["desk"]["incident"]

    def pass_time(self, rows=None):
        """Their turn has come: one after the other, the last of them just now."""
        now = fields.Datetime.now()
        self.account.incident_rate = 60
        rows = rows or self.rows()
        self.rows().filtered("released_at").released_at = now - timedelta(hours=1)
        for row in rows:
            row.write({"held_until": now, "paced_at": now})

    def deliver_all(self):
        """As the lane does that waits for each of them."""
        for _turn in range(len(self.rows())):
            self.pass_time()
            self.deliver()

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()


@tagged("post_install", "-at_install")
class TestHolding(PacedCase):
    def test_said_once_and_nobody_is_answered_by_it(self):
        done = self.desk_ticket.social_incident_hold("We are looking into it.")
        self.assertTrue(done["ok"], done)
        row = self.env["helpdesk.social.message"].browse(done["message_ids"])
        self.assertTrue(row.holding)
        self.assertEqual(row.audience, "public")
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertTrue(all(self.message(one).waiting for one in self.posts))
        self.assertTrue(self.told()["holding"]["out"])
        again = self.desk_ticket.social_incident_hold("Still at it.")
        self.assertFalse(again["ok"])
        self.assertEqual(len(self.world.published), 1)

    def test_again_when_the_first_did_not_get_out(self):
        done = self.desk_ticket.social_incident_hold("We are looking into it.")
        row = self.env["helpdesk.social.message"].browse(done["message_ids"])
        row.with_user(self.agent_all).action_cancel()
        self.assertTrue(self.desk_ticket.social_incident_hold("At it.")["ok"])

    def test_the_desk_may_object(self):
        def concerns(ticket, words):
            return [Concern("guard", BLOCK, "Not in public.")]

        kind = self.env.registry["helpdesk.ticket"]
        with patch.object(kind, "_social_concerns", concerns):
            done = self.desk_ticket.social_incident_hold("Call 555 0143")
        self.assertFalse(done["ok"])
        self.assertIn("Not in public.", done["error"])
        self.assertFalse(self.incident().holding_id)

    def test_who_may(self):
        for user in (self.internal, self.sales, self.other_company_agent):
            ticket = self.ticket.with_user(user)
            for act in (
                lambda ticket: ticket.social_incident_hold("x"),
                lambda ticket: ticket.social_incident_answer(["x {{handle}}"]),
                lambda ticket: ticket.social_incident_stop(),
                lambda ticket: ticket.social_incident_gather(),
            ):
                with self.assertRaises(UserError):
                    act(ticket)
        self.assertFalse(self.rows())

    def test_no_incident_no_statement(self):
        with self.assertRaises(UserError):
            self.make_ticket().with_user(self.agent_all).social_incident_hold("x")


@tagged("post_install", "-at_install")
class TestPaced(PacedCase):
    def test_one_each_spaced_and_different(self):
        done = self.answer()
        self.assertTrue(done["ok"], done)
        self.assertEqual(done["planned"], 6)
        rows = self.rows()
        self.assertEqual(set(rows.mapped("delivery_state")), {"held"})
        self.assertEqual(
            rows.parent_id.identity_id.mapped("handle"),
            [f"p{number}" for number in range(6)],
        )
        for row in rows:
            self.assertIn(f"@{row.parent_id.identity_id.handle}", row.text)
        texts = rows.mapped("text")
        self.assertTrue(all(a != b for a, b in pairwise(texts)))
        span = rows[-1].paced_at - rows[0].paced_at
        self.assertGreater(span, timedelta(seconds=40), "6 per minute")
        self.assertEqual(rows.mapped("held_for"), [["paced"]] * 6)

    def test_each_leaves_in_its_turn(self):
        self.answer()
        self.deliver()
        self.assertLessEqual(len(self.world.published), 1)
        first = self.rows()[0]
        self.pass_time(first)
        self.deliver()
        self.assertEqual(first.delivery_state, "sent")
        self.assertFalse(first.parent_id.waiting)
        self.assertEqual(len(self.world.published), 1)
        told = self.told()["paced"]
        self.assertEqual((told["sent"], told["coming"], told["total"]), (1, 5, 6))
        self.deliver_all()
        self.assertEqual(len(self.world.published), 6)
        self.assertEqual(self.told()["waiting"], 0)

    def test_who_needs_it_no_more_is_passed_over(self):
        self.answer()
        rows = self.rows()
        answered, deleted, edited, again, gone, good = (
            self.message(one) for one in self.posts
        )
        self.ticket.with_user(self.agent_team).social_reply(
            "By hand", items.PUBLIC, to=answered
        )
        self.env.flush_all()
        self.world.remove(self.posts[1])
        self.world.edit(self.posts[2], "I was wrong, all is fine")
        self.comment("p3", "And another thing", parent=self.posts[3])
        gone.with_user(self.agent_all).action_handled()
        self.pull()
        future = fields.Datetime.now() + timedelta(minutes=5)
        edited.edited_at = future
        self.pass_time()
        self.deliver()
        codes = {row.parent_id: row.error_code for row in rows}
        self.assertEqual(codes[answered], "paced_answered")
        self.assertEqual(codes[deleted], "paced_deleted")
        self.assertEqual(codes[edited], "paced_edited")
        self.assertEqual(codes[again], "paced_again")
        self.assertEqual(codes[gone], "paced_answered")
        self.assertFalse(codes[good])
        self.assertEqual(set(rows.mapped("delivery_state")), {"cancelled", "sent"})
        self.assertTrue(again.waiting, "nobody is hidden")
        self.assertTrue(edited.waiting)
        texts = [draft.text for draft, _key in self.world.published]
        self.assertEqual(len(texts), 2, "one by hand, one paced")
        self.assertEqual(self.told()["paced"]["passed"], 5)

    def test_looked_at_once_more_right_before_it_leaves(self):
        self.answer()
        row = self.rows()[0]
        self.pass_time(row)
        row._release()
        self.assertEqual(row.delivery_state, "queued")
        row.parent_id.with_user(self.agent_all).action_handled()
        self.deliver()
        self.assertEqual(row.delivery_state, "failed")
        self.assertEqual(row.error_code, "paced_answered")
        self.assertFalse(self.world.published)
        self.assertEqual(self.told()["paced"]["passed"], 1)

    def test_stopped(self):
        self.answer()
        self.pass_time(self.rows()[0])
        self.deliver()
        self.assertEqual(self.desk_ticket.social_incident_stop(), 5)
        self.pass_time()
        self.deliver()
        self.assertEqual(len(self.world.published), 1)
        self.assertEqual(self.told()["waiting"], 5)
        self.assertEqual(self.desk_ticket.social_incident_stop(), 0)

    def test_nobody_is_answered_twice(self):
        self.answer()
        again = self.answer()
        self.assertFalse(again["ok"])
        self.assertEqual(len(self.rows()), 6)

    def test_some_of_them(self):
        people = self.message(self.posts[2]).identity_id
        done = self.answer(people=people.ids)
        self.assertEqual(done["planned"], 1)
        self.assertEqual(self.rows().parent_id.identity_id, people)
        # the others come after those
        done = self.answer()
        self.assertEqual(done["planned"], 5)
        self.assertEqual(self.rows()[0].parent_id.identity_id, people)

    def test_the_same_words_for_all_are_refused(self):
        for wordings in (["Sorry!"], ["Sorry!", " Sorry! "], ["Sorry {{agent}}"]):
            done = self.answer(*wordings)
            self.assertFalse(done["ok"])
            self.assertIn("same words", done["error"])
        self.assertFalse(self.answer("  ")["ok"])
        self.assertFalse(self.rows())

    def test_what_one_of_them_may_not_be_told_stops_nobody_else(self):
        original = self.env.registry["helpdesk.ticket"]._social_concerns

        def concerns(ticket, words):
            found = original(ticket, words)
            if words.person.handle == "p1":
                found.append(Concern("guard", BLOCK, "Not to p1."))
            return found

        kind = self.env.registry["helpdesk.ticket"]
        with patch.object(kind, "_social_concerns", concerns):
            done = self.answer()
        self.assertEqual(done["planned"], 5)
        refused = self.message(self.posts[1])
        self.assertEqual(
            done["left"],
            [{"person": "@p1", "message_id": refused.id, "error": "Not to p1."}],
        )

    def test_more_than_one_request_can_plan_are_planned_by_the_next(self):
        with patch.object(ticket_paced, "MOST_PEOPLE", 4):
            done = self.answer("{{handle}} a", "{{handle}} b")
            self.assertEqual((done["planned"], done["more"]), (4, 2))
            done = self.answer("{{handle}} a", "{{handle}} b")
        self.assertEqual((done["planned"], done["more"]), (2, 0))
        rows = self.rows()
        self.assertEqual(len(rows), 6)
        self.assertEqual(
            rows.parent_id, self.ticket.social_message_ids & rows.parent_id
        )
        moments = rows.mapped("paced_at")
        self.assertEqual(moments, sorted(moments))
        self.assertGreater(moments[-1] - moments[0], timedelta(seconds=40))
        self.assertTrue(all(a != b for a, b in pairwise(rows.mapped("text"))))

    def test_who_was_refused_does_not_stand_before_the_others(self):
        refused = [self.message(one).id for one in self.posts[:2]]
        with patch.object(ticket_paced, "MOST_PEOPLE", 2):
            done = self.desk_ticket.social_incident_answer(
                ["{{handle}} a"], None, refused
            )
        self.assertEqual((done["planned"], done["more"]), (2, 2))
        self.assertFalse(set(self.rows().parent_id.ids) & set(refused))

    def test_what_is_approved_early_waits_for_its_turn(self):
        original = self.env.registry["helpdesk.ticket"]._social_concerns

        def concerns(ticket, words):
            found = original(ticket, words)
            if words.stage == QUEUE:
                found.append(Concern("somebody", HOLD, "Wait for me."))
            return found

        kind = self.env.registry["helpdesk.ticket"]
        with patch.object(kind, "_social_concerns", concerns):
            self.answer()
        rows = self.rows()
        self.assertFalse(any(rows.mapped("held_until")))
        rows._release()
        late = rows.filtered(lambda one: one.paced_at > fields.Datetime.now())
        self.assertTrue(late)
        self.assertEqual(set(late.mapped("delivery_state")), {"held"})
        self.assertTrue(all(late.mapped("held_until")))

    def test_no_client_can_set_the_moment(self):
        context = {"social_paced_at": "2099-01-01 00:00:00"}
        row = self.desk_ticket.with_context(**context).social_reply(
            "Hello", items.PUBLIC, to=self.message(self.posts[0])
        )
        self.assertEqual(row.delivery_state, "queued")

    def test_a_held_answer_is_nothing_public(self):
        self.answer()
        row = self.rows()[0]
        with self.assertRaises(AccessError):
            row.with_user(self.sales).read(["text"])

    def test_one_of_them_is_split_off_with_one_click(self):
        self.answer()
        person = self.message(self.posts[0]).identity_id
        done = self.desk_ticket.social_split(person.id)
        other = self.env["helpdesk.ticket"].browse(done["ticket_id"])
        self.assertFalse(other.social_incident)
        self.assertEqual(other.name, "Shame! says p0")
        self.assertEqual(len(other.social_conversation_ids), 1)
        self.assertEqual(self.told()["people"], 5)
        more = self.comment("p0", "Hello?", parent=self.posts[0])
        self.pull()
        self.assertEqual(self.message(more).ticket_id, other)

    def test_early_tickets_are_merged_in_bulk(self):
        self.account.incident_people = 50
        second = self.world.post("Second", author="us")
        self.world.inbox[-1].data["author"] = {"id": "us", "handle": "us"}
        early = [self.comment(f"e{n}", parent=second) for n in range(4)]
        self.pull()
        taken = self.message(early[0]).ticket_id
        taken.user_id = self.agent_team
        self.account.incident_people = 5
        late = [self.comment(f"l{n}", parent=second) for n in range(2)]
        self.pull()
        ticket = self.tickets(late).with_user(self.agent_all)
        self.assertTrue(ticket.sudo().social_incident)
        desk = ticket.social_composer()["desk"]["incident"]
        self.assertEqual((desk["people"], desk["others"]), (2, 3))
        done = ticket.social_incident_gather()
        self.assertEqual(done, {"merged": 3, "left": 0})
        self.assertEqual(self.message(early[0]).ticket_id, taken)
        self.assertEqual(len(ticket.social_message_ids), 5)

    def test_what_it_tells(self):
        told = self.told()
        self.assertEqual((told["people"], told["waiting"], told["others"]), (6, 6, 0))
        self.assertEqual((told["last_ten"], told["last_hour"]), (6, 6))
        self.assertEqual(told["root"]["preview"], "We raise our prices")
        self.assertFalse(told["holding"])
        self.assertFalse(told["paced"])
        self.assertNotIn(
            "incident", self.make_ticket().social_composer().get("desk", {})
        )


class Passing:
    """Time that passes in the rows instead of on the wall: whoever sleeps makes all
    that lies ahead come nearer."""

    def __init__(self, test, most=600):
        self.test, self.most, self.at, self.left = test, most, 0.0, []

    def monotonic(self):
        return self.at

    def sleep(self, seconds):
        self.at += seconds
        self.test.assertLess(self.at, self.most, "waits for ever")
        step = timedelta(seconds=seconds)
        for row in self.test.rows():
            for name in ("paced_at", "held_until", "released_at"):
                if row[name]:
                    row[name] -= step
        self.test.env.flush_all()


@tagged("post_install", "-at_install")
class TestOneByOne(PacedCase):
    def setUp(self):
        super().setUp()
        self.time = Passing(self)
        self.startPatcher(patch.object(outbox_paced, "time", self.time))
        self.startPatcher(patch.object(intake_waking, "time", self.time))

    def pace(self):
        """A run of the lane; the seconds at which something left."""
        left, send = [], FakeAdapter.publish

        def publish(adapter, draft, key):
            left.append(round(self.time.at))
            return send(adapter, draft, key)

        outbox = self.env["helpdesk.social.outbox"]
        with patch.object(FakeAdapter, "publish", publish):
            outbox._pace()
        return left

    def test_within_a_minute_they_leave_one_by_one(self):
        """6 a minute: a run waits 30 s, the next goes on from there."""
        self.answer()
        left = self.pace()
        self.assertGreaterEqual(len(left), 3)
        self.assertEqual(len(set(left)), len(left), "none together")
        self.assertLessEqual(self.time.at, 31)
        while len(self.world.published) < 6:
            self.time.monotonic()
            left += self.pace()
        self.assertTrue(all(b - a >= 4 for a, b in pairwise(left)), left)
        self.assertGreater(left[-1] - left[0], 40)

    def test_after_a_long_stop_there_is_no_burst(self):
        self.answer()
        self.time.sleep(400)  # nobody ran the lane
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(len(self.world.published), 1)
        left = self.pace()
        self.assertTrue(all(b - a >= 9 for a, b in pairwise(left)), left)

    def test_it_makes_room_for_who_finds_no_worker(self):
        self.answer()
        lanes = self.env.registry["helpdesk.social.lanes"]
        with patch.object(lanes, "_kept_waiting", lambda *_args: True):
            self.pace()
        self.assertLessEqual(self.time.at, 2)
        self.assertLessEqual(len(self.world.published), 1)

    def test_what_else_is_queued_does_not_wait_behind_it(self):
        self.answer()
        self.pace()
        row = self.make_ticket()
        thread = self.make_conversation(ticket=row)
        asked = self.make_message(thread)
        reply = row.with_user(self.agent_all).social_reply(
            "At once", items.PUBLIC, to=asked
        )
        at = self.time.at
        self.pace()
        self.assertEqual(reply.delivery_state, "sent")
        self.assertIn("At once", [one.text for one, _key in self.world.published])
        self.assertLessEqual(self.time.at - at, 31)

    def test_nobody_is_waited_for_where_nobody_is_paced(self):
        self.env["helpdesk.social.outbox"]._pace()
        self.assertEqual(self.time.at, 0)
        # nor where the account may not speak
        self.answer()
        self.account.state = "paused"
        self.pace()
        self.assertEqual(self.time.at, 0)
