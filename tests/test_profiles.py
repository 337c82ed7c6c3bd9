"""Names that do not come with a message are asked for, later and by a lane."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..networks import base, errors, items
from .common import FakeAdapter
from .test_spine_outbox import OutboxCase


class AskedAdapter(FakeAdapter):
    """Tells no names with messages; ``people`` has what ``profile`` answers."""

    capabilities = FakeAdapter.capabilities | {base.PROFILE}
    people: dict = {}
    asked: list = []

    def profile(self, external_id, *more):
        self._traffic("profile")
        self.asked.append((external_id, *more))
        found = self.people.get(external_id)
        if found is None:
            raise errors.NotFoundError("not_found", external_id)
        return found


@tagged("post_install", "-at_install")
class TestProfiles(OutboxCase):
    def setUp(self):
        super().setUp()
        networks = self.registry["helpdesk.social.network"]
        original = networks._adapter_class
        self.adapter_class = type("Asked", (AskedAdapter,), {"people": {}, "asked": []})
        self.adapter_class.world = self.world
        self.people, self.asked = self.adapter_class.people, self.adapter_class.asked
        self.startPatcher(
            patch.object(
                networks,
                "_adapter_class",
                lambda model, code: (
                    self.adapter_class
                    if code == FakeAdapter.code
                    else original(model, code)
                ),
            )
        )

    def hear(self, author, text="Hello", audience=items.PRIVATE, **values):
        incoming = self.world.post(
            text,
            audience,
            author=items.Author(id=author, **values),
        )
        self.account.action_pull()
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("key", "=", incoming.key)]
        )

    def ask(self):
        self.env["helpdesk.social.identity"]._cron_fetch_profiles()
        self.env.invalidate_all()

    def test_the_person_and_the_ticket_get_their_name(self):
        self.people["u1"] = items.Author(
            id="u1", name="Jo K", avatar="https://pics.example.com/jo.png", followers=7
        )
        message = self.hear("u1")
        ticket, person = message.ticket_id, message.identity_id
        self.assertIn("somebody", ticket.name)
        self.assertFalse(person.name)
        self.ask()
        self.assertEqual((person.name, person.followers), ("Jo K", 7))
        self.assertEqual(person.avatar_url, "https://pics.example.com/jo.png")
        self.assertEqual(ticket.name, "Private message from Jo K on Fake")
        self.assertEqual(ticket.partner_name, "Jo K")
        self.ask()
        self.assertEqual(self.asked, [("u1",)])

    def test_who_came_with_a_name_is_not_asked_for(self):
        self.hear("u1", name="Jo")
        self.hear("u2", handle="bo")
        self.hear("u3", shared=True)
        self.ask()
        self.assertEqual(self.asked, [])

    def test_a_network_that_cannot_tell_is_not_asked(self):
        self.adapter_class.capabilities = FakeAdapter.capabilities
        person = self.hear("u1").identity_id
        self.assertFalse(person.sudo().profile_try_at)

    def test_a_title_that_somebody_wrote_stays(self):
        self.people["u1"] = items.Author(id="u1", name="Jo K")
        ticket = self.hear("u1").ticket_id
        ticket.write({"name": "The lamp", "partner_name": "Joanna"})
        self.ask()
        self.assertEqual((ticket.name, ticket.partner_name), ("The lamp", "Joanna"))

    def test_a_refusal_is_final_until_they_write_another_day(self):
        person = self.hear("u1").identity_id.sudo()
        self.ask()
        self.assertEqual(len(self.asked), 1)
        self.assertFalse(person.profile_try_at)
        self.hear("u1", "again")
        self.ask()
        self.assertEqual(len(self.asked), 1)
        person.profile_asked_at = fields.Datetime.now() - timedelta(days=2)
        self.people["u1"] = items.Author(id="u1", name="Jo K")
        self.hear("u1", "and again")
        self.ask()
        self.assertEqual(person.name, "Jo K")

    def test_trouble_of_the_line_is_tried_again_and_not_for_ever(self):
        person = self.hear("u1").identity_id.sudo()
        for number in range(1, 6):
            self.world.failures.append(errors.TransientError("unreachable"))
            self.ask()
            self.assertEqual(person.profile_attempts, number)
            if person.profile_try_at:
                self.assertGreater(person.profile_try_at, fields.Datetime.now())
                person.profile_try_at = fields.Datetime.now()
        self.assertFalse(person.profile_try_at)
        self.assertFalse(person.name)

    def test_a_crash_of_an_adapter_keeps_nobody(self):
        self.people |= {"u1": object(), "u2": items.Author(id="u2", name="Bo")}
        first = self.hear("u1").identity_id
        second = self.hear("u2").identity_id
        with patch.object(
            self.adapter_class, "profile", side_effect=[ZeroDivisionError, None]
        ) as asked:
            asked.side_effect = [ZeroDivisionError(), self.people["u2"]]
            with self.assertLogs("odoo.addons.helpdesk_social", "ERROR"):
                self.ask()
        self.assertFalse(first.name)
        self.assertEqual(second.name, "Bo")

    def test_names_that_the_database_cannot_hold(self):
        self.people["u1"] = items.Author(id="u1", name="J\x00o", handle="jo\x00")
        person = self.hear("u1").identity_id
        self.ask()
        self.assertEqual((person.name, person.handle), ("J\ufffdo", "jo\ufffd"))

    def test_where_we_met_is_told_to_who_wants_to_know(self):
        self.adapter_class.profile_by_thread = True
        self.hear("u1", audience=items.GROUP)
        self.ask()
        self.assertEqual(self.asked, [("u1", "thread-u1")])

    def test_a_paused_account_asks_for_nobody(self):
        self.hear("u1")
        self.account.action_pause()
        self.ask()
        self.assertEqual(self.asked, [])

    def test_strangers_cost_no_queries_each(self):
        def cost(start, people=10, **values):
            for number in range(people):
                self.world.post(
                    "Hi",
                    items.PRIVATE,
                    author=items.Author(id=f"{start}{number}", **values),
                    thread=f"{start}{number}",
                )
            self.account._pull()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["helpdesk.social.intake"]._process_all(self.account)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost("warm", name="Warm")
        friends = cost("friend", name="Friend")
        # waking the lane, once a batch
        self.assertLessEqual(cost("stranger"), friends + 6)
        self.assertLessEqual(cost("others", 20), friends + 6)
