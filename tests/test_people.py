"""Who takes part on a ticket, as far as the person who looks may know."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_split import PeopleCase


@tagged("post_install", "-at_install")
class TestPeople(PeopleCase):
    def people(self, user=None):
        found = self.ticket.with_user(user or self.agent_all).social_people()
        labels = found["labels"]
        return found, {labels[one["id"]]["handle"]: one for one in found["people"]}

    def test_roles_and_what_waits(self):
        found, people = self.people()
        self.assertEqual((found["total"], found["waiting"]), (3, 2))
        self.assertEqual(
            {handle: one["role"] for handle, one in people.items()},
            {"@ann": "opener", "@bob": "bystander", "@cat": "bystander"},
        )
        self.assertEqual(
            {handle: one["waiting"] for handle, one in people.items()},
            {"@ann": 2, "@bob": 0, "@cat": 1},
        )
        self.assertEqual(people["@ann"]["message_id"], self.message(self.ann2).id)
        self.assertEqual(people["@ann"]["audience"], "public")
        # who waits comes first
        self.assertEqual(found["people"][-1], people["@bob"])

    def test_one_began_it_even_where_the_network_counts_in_seconds(self):
        """As snac2 and Telegram do: three posts of the same second."""
        first = self.message(self.top)
        said = self.ticket.social_message_ids.filtered(
            lambda one: one.direction == "in"
        )
        said.sent_at = first.sent_at
        for handle, role in (("@ann", "opener"), ("@bob", "bystander")):
            self.assertEqual(self.people()[1][handle]["role"], role)

    def test_an_answer_reaches_each_of_them(self):
        _found, people = self.people()
        ticket = self.ticket.with_user(self.agent_all)
        for one in people.values():
            options = ticket.social_composer(one["message_id"])["options"]
            self.assertIn(
                (one["message_id"], "public", True),
                [(o["message_id"], o["audience"], o["allowed"]) for o in options],
            )

    def test_invited(self):
        self.env["helpdesk.social.handoff"]._mint(
            self.ticket, self.message(self.bob1), self.account, "page"
        )
        _found, people = self.people()
        self.assertEqual([h for h, one in people.items() if one["invited"]], ["@bob"])

    def test_it_comes_with_the_page_where_there_are_many(self):
        page = self.ticket.with_user(self.agent_all).social_page
        self.assertEqual(page["timeline"]["participants"]["total"], 3)
        alone = self.world.post("Alone", author="dan")
        self.account.action_pull()
        ticket = self.message(alone).ticket_id
        page = ticket.with_user(self.agent_all).social_page
        self.assertNotIn("participants", page["timeline"])

    def test_one_person_costs_nothing(self):
        alone = self.world.post("Alone", author="dan")
        self.account.action_pull()
        ticket = self.message(alone).ticket_id.with_user(self.agent_all)

        def asked(*_args):
            raise AssertionError("asked for people")

        with patch.object(type(ticket), "_social_people", asked):
            self.assertTrue(ticket._social_page())
            with self.assertRaises(AssertionError):
                self.ticket.with_user(self.agent_all)._social_page()

    def test_private_people_are_nobodys_business(self):
        secret = self.private("eve", "psst")
        self.ticket.write({"team_id": self.other_team.id, "user_id": self.manager.id})
        self.ticket.message_subscribe(self.follower.partner_id.ids)
        self.assertIn("@eve", self.people(self.manager)[1])
        self.assertFalse(secret.with_user(self.follower)._filtered_access("read"))
        _found, people = self.people(self.follower)
        self.assertEqual(set(people), {"@ann", "@bob", "@cat"})
        for user in (self.portal_customer, self.other_company_agent):
            with self.assertRaises(AccessError):
                self.people(user)

    def test_pages(self):
        ticket = self.ticket.with_user(self.agent_all)
        seen = []
        for offset in range(4):
            found = ticket.social_people(offset, 1)
            seen += [one["id"] for one in found["people"]]
        self.assertEqual(len(seen), 3)
        self.assertEqual(len(set(seen)), 3)
        self.assertEqual(found["people"], [])
