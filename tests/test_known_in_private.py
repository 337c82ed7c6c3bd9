"""Who wrote to us in private may be answered in private, below a public post too."""

from odoo.tests import tagged

from ..networks import base, items
from .common import FakeAdapter, SocialCase


@tagged("post_install", "-at_install")
class TestKnownInPrivate(SocialCase):
    def setUp(self):
        super().setUp()
        self.patch(
            FakeAdapter, "capabilities", FakeAdapter.capabilities - {base.PRIVATE_FIRST}
        )
        self.seen = []

        def affordances(adapter, message):
            self.seen.append(message)
            return base.Adapter.affordances(adapter, message)

        self.patch(FakeAdapter, "affordances", affordances)
        self.jo = self.make_identity("jo")

    def post(self, person=None, audience="public", **values):
        return self.make_message(
            self.make_conversation(audience),
            identity_id=(person or self.jo).id,
            **values,
        )

    def private_thread(self, person, account=None, **values):
        return self.make_conversation(
            "private",
            account=account,
            participant_ids=[(6, 0, person.ids)],
            **values,
        )

    def may(self, message):
        found = {one["kind"]: one for one in message.social_affordances()}
        return found["reply_private"]["allowed"]

    def test_a_stranger_and_somebody_known(self):
        message = self.post()
        self.assertFalse(self.may(message))
        self.assertFalse(self.seen[-1].knows_in_private)
        thread = self.private_thread(self.jo)
        self.assertTrue(self.may(message))
        self.assertTrue(self.seen[-1].knows_in_private)
        thread.audience = "group"
        self.assertFalse(self.may(message), "several people are not this one")

    def test_known_to_another_account_or_as_another_person(self):
        message = self.post()
        other = self.make_account(handle="two", external_id="two", state="active")
        self.private_thread(self.jo, account=other)
        self.private_thread(self.make_identity("kim"))
        self.assertFalse(self.may(message))

    def test_nobody_knows_who_said_it(self):
        message = self.post()
        message.identity_id = False
        self.private_thread(self.jo)
        self.assertFalse(self.may(message))

    def test_one_query_for_a_page_and_none_where_nobody_asks(self):
        people = self.env["helpdesk.social.identity"].union(
            *(self.make_identity() for _number in range(12))
        )
        for person in people[:6]:
            self.private_thread(person)
        messages = self.env["helpdesk.social.message"].union(
            *(self.post(person) for person in people)
        )

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            records._affordances()  # groups and speakers are remembered
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = records._affordances()
            allowed = [
                one["allowed"]
                for rows in found.values()
                for one in rows
                if one["kind"] == "reply_private"
            ]
            return self.env.cr.sql_log_count - before, allowed

        one, _allowed = count(messages[:1])
        many, allowed = count(messages)
        self.assertEqual(allowed, [True] * 6 + [False] * 6)
        self.assertEqual(many, one)
        able = FakeAdapter.capabilities | {base.PRIVATE_FIRST}
        self.patch(FakeAdapter, "capabilities", able)
        free, allowed = count(messages)
        self.assertEqual(allowed, [True] * 12)
        self.assertEqual(free, many - 1)
        self.patch(FakeAdapter, "asks_private_past", True)
        self.assertEqual(count(messages)[0], many)
        self.assertEqual(
            [one.knows_in_private for one in self.seen[-12:]],
            [True] * 6 + [False] * 6,
        )

    def test_below_a_private_message_nobody_asks(self):
        thread = self.private_thread(self.jo)
        message = self.make_message(thread, identity_id=self.jo.id, audience="private")
        self.assertTrue(self.may(message))
        self.assertEqual(self.seen[-1].audience, items.PRIVATE)
