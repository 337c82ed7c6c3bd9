"""A thread goes viral: one incident, one ticket, and nobody is lost in it."""

from datetime import datetime, timedelta, timezone

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..models import ticket_policy
from ..networks import items
from .common import SocialCase


class IncidentCase(SocialCase):
    def setUp(self):
        super().setUp()
        self.account._remember_home()
        self.account.write({"incident_people": 5, "incident_minutes": 60})
        us = items.Author(id="us", handle="us", name="Us")
        self.root = self.world.post("We raise our prices", author="us")
        self.world.inbox[-1].data["author"] = {"id": us.id, "handle": us.handle}
        self.account.action_pull()

    def comment(self, name, text="Shame!", parent=None, **values):
        return self.world.post(
            f"{text} says {name}",
            author=name,
            parent=(parent or self.root).key,
            **values,
        )

    def crowd(self, *numbers, **values):
        return [self.comment(f"p{number}", **values) for number in numbers]

    def pull(self):
        self.account.action_pull()

    def message(self, incoming):
        return self.env["helpdesk.social.message"].search([("key", "=", incoming.key)])

    def tickets(self, posts):
        tickets = self.env["helpdesk.ticket"]
        return tickets.union(*(self.message(one).ticket_id for one in posts))

    def incident(self):
        return self.env["helpdesk.social.incident"].search(
            [("account_id", "=", self.account.id), ("ended_at", "=", False)]
        )

    def storm(self, number=6):
        posts = self.crowd(*range(number))
        self.pull()
        return posts, self.tickets(posts)


@tagged("post_install", "-at_install")
class TestIncident(IncidentCase):
    def test_a_storm_in_one_batch_is_one_ticket(self):
        posts, ticket = self.storm()
        self.assertEqual(len(ticket), 1)
        self.assertTrue(ticket.social_incident)
        self.assertIn("We raise our prices", ticket.name)
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(self.incident().ticket_id, ticket)
        whys = [self.message(one).why for one in posts]
        self.assertEqual(whys, ["incident_new", *["incident"] * 5])
        self.assertTrue(all(self.message(one).waiting for one in posts))
        self.assertEqual(len(ticket.social_conversation_ids), 6)

    def test_few_people_have_a_ticket_each(self):
        posts = self.crowd(1, 2, 3, 4)
        self.pull()
        self.assertEqual(len(self.tickets(posts)), 4)
        self.assertFalse(self.incident())

    def test_drop_by_drop(self):
        early = []
        for number in range(4):
            early += self.crowd(number)
            self.pull()
        self.assertEqual(len(self.tickets(early)), 4)
        late = self.crowd(4, 5)
        self.pull()
        more = self.crowd(6)
        self.pull()
        ticket = self.tickets(late + more)
        self.assertEqual(ticket, self.incident().ticket_id)
        self.assertFalse(ticket & self.tickets(early))

    def test_one_person_is_no_crowd_however_loud(self):
        posts = [self.comment("angry", f"Shame {number}") for number in range(8)]
        self.pull()
        self.assertFalse(self.incident())
        self.assertFalse(any(self.tickets(posts).mapped("social_incident")))

    def test_slowly_over_days_is_no_incident(self):
        now = datetime.now(timezone.utc)
        self.account.connected_at = (now - timedelta(days=30)).replace(tzinfo=None)
        posts = [
            self.comment(f"p{number}", sent_at=now - timedelta(hours=20 - 2 * number))
            for number in range(8)
        ]
        self.pull()
        self.assertFalse(self.incident())
        self.assertEqual(len(self.tickets(posts)), 8)

    def test_never_where_the_account_says_so(self):
        self.account.incident_people = 0
        posts, tickets = self.storm(8)
        self.assertEqual(len(tickets), 8)

    def test_under_somebody_elses_post_also_two_levels_down(self):
        other = self.comment("stranger", "Look at this", addressed=False)
        self.world.inbox.pop()
        top = self.world.post("Look at this", author="stranger", addressed=False)
        mid = self.world.post(
            "Indeed", author="stranger2", addressed=False, parent=top.key
        )
        self.pull()
        posts = [self.comment(f"a{n}", parent=top) for n in range(3)]
        posts += [self.comment(f"b{n}", parent=mid) for n in range(3)]
        self.pull()
        self.assertTrue(other)
        self.assertEqual(len(self.tickets(posts)), 1)
        self.assertEqual(self.incident().root_key, top.key)

    def test_other_threads_are_not_drawn_in(self):
        alone = self.world.post("My kettle leaks", author="kim")
        posts, ticket = self.storm()
        self.assertNotEqual(self.message(alone).ticket_id, ticket)
        another = self.world.post("Is it me?", author="lee")
        self.pull()
        self.assertFalse(self.message(another).ticket_id.social_incident)
        self.assertEqual(len(ticket.social_message_ids), len(posts))

    def test_a_private_word_of_one_of_them_stays_apart(self):
        _posts, ticket = self.storm()
        secret = self.world.post("my order", items.PRIVATE, "p1")
        both = self.comment("p77")
        own = self.world.post("mine too", items.PRIVATE, "p77")
        self.pull()
        self.assertFalse(self.message(secret).ticket_id.social_incident)
        self.assertEqual(self.message(both).ticket_id, ticket)
        self.assertFalse(self.message(own).ticket_id.social_incident)

    def test_when_it_is_over_life_goes_on(self):
        posts, ticket = self.storm()
        closed = self.env["helpdesk.ticket.stage"].search([("closed", "=", True)])[:1]
        ticket.stage_id = closed
        self.account.incident_people = 50
        late = self.comment("late")
        self.pull()
        self.assertNotEqual(self.message(late).ticket_id, ticket)
        self.assertFalse(self.message(late).ticket_id.social_incident)
        self.account.incident_people = 5
        self.crowd(20, 21)
        self.pull()
        again = self.incident()
        self.assertEqual(len(again), 1)
        self.assertNotEqual(again.ticket_id, ticket)

    def test_a_merged_incident_goes_on_in_the_other_ticket(self):
        _posts, ticket = self.storm()
        other = self.make_ticket()
        ticket.with_user(self.agent_all).social_merge(other.id)
        late = self.comment("late")
        self.pull()
        self.assertEqual(self.message(late).ticket_id, other)

    def test_the_quoted_post_is_forgotten(self):
        _posts, ticket = self.storm()
        self.message(self.root)._forget_copies(["We raise our prices"])
        self.assertNotIn("prices", ticket.name)

    def test_rules_come_first(self):
        rule = self.env["helpdesk.social.rule"].create(
            {"name": "Shame", "words": "shame", "ticket": "no"}
        )
        rule.tried_at = "2026-01-01 00:00:00"
        rule.action_switch_on()
        posts = self.crowd(*range(6))
        self.pull()
        self.assertEqual(
            {self.message(one).why for one in posts}, {ticket_policy.RULED_OUT}
        )
        self.assertFalse(self.incident())

    def test_no_query_more_however_many(self):
        counts = []
        for size in (8, 80):
            self.crowd(*range(size * 100, size * 100 + size))
            self.account._pull()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["helpdesk.social.intake"]._process_all(self.account)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLess(counts[1], counts[0] + 6, counts)

    def test_a_batch_without_a_thread_asks_nothing(self):
        asked = []
        original = self.env.cr.execute

        def execute(query, *args, **kwargs):
            if "helpdesk_social_incident" in str(getattr(query, "code", query)):
                asked.append(query)
            return original(query, *args, **kwargs)

        self.world.post("Hello", author="kim")
        self.patch(self.env.cr, "execute", execute)
        self.pull()
        self.assertFalse(asked)
        self.comment("one")
        self.pull()
        self.assertEqual(len(asked), 1)

    def test_settings(self):
        for values in (
            {"incident_people": 2},
            {"incident_people": -1},
            {"incident_minutes": 0},
            {"incident_rate": 0},
            {"incident_rate": 61},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.account.write(values)
