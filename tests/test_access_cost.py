"""What the access condition costs: queries per request, and whether indexes serve.

Time is measured in ``bench``; here only what must hold for any number of rows.
"""

from odoo import fields
from odoo.tests import tagged

from .access_ways import CONVERSATION, IDENTITY, MESSAGE
from .test_access import AccessCase


@tagged("post_install", "-at_install")
class TestAccessCost(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(user_id=cls.agent_own.id)
        cls.thread = cls.make_conversation("private", cls.ticket)
        cls.make_messages(cls.thread, 80)

    @classmethod
    def make_messages(cls, thread, count):
        return cls.env[MESSAGE].create(
            [
                {
                    "account_id": thread.account_id.id,
                    "network_id": thread.account_id.network_id.id,
                    "conversation_id": thread.id,
                    "direction": "in",
                    "origin": "customer",
                    "audience": thread.audience,
                    "text": "Hello",
                    "sent_at": fields.Datetime.now(),
                }
                for _one in range(count)
            ]
        )

    def queries(self, user, function):
        """How many queries the second call takes: rights and schema are warm then."""
        function(self.as_user(user))
        env = self.as_user(user)
        before = self.env.cr.sql_log_count
        function(env)
        return self.env.cr.sql_log_count - before

    def test_a_page_of_messages_costs_the_same_however_many(self):
        domain = [("ticket_id", "=", self.ticket.id)]

        def page(limit):
            return lambda env: env[MESSAGE].search_read(
                domain, ["text", "identity_id", "conversation_id"], limit=limit
            )

        for user in (self.agent_own, self.agent_all, self.internal):
            with self.subTest(user=user.login):
                self.assertEqual(
                    self.queries(user, page(5)), self.queries(user, page(80))
                )

    def test_one_check_for_many_records(self):
        domain = [("ticket_id", "=", self.ticket.id)]
        records = self.env[MESSAGE].search(domain)
        self.assertEqual(len(records), 80)

        def check(count):
            ids = records.ids[:count]
            return lambda env: env[MESSAGE].browse(ids).check_access("read")

        self.assertEqual(
            self.queries(self.agent_own, check(1)),
            self.queries(self.agent_own, check(80)),
        )

    def test_the_condition_adds_few_queries(self):
        """The user's rules, teams and groups are looked up, nothing per record."""

        def page(env):
            return env[MESSAGE].search([("ticket_id", "=", self.ticket.id)], limit=80)

        with_condition = self.queries(self.agent_own, page)
        without = self.queries(self.history, page)
        self.assertLessEqual(with_condition - without, 8)

    def plan(self, user, model, domain, **options):
        env = self.as_user(user)
        query = env[model]._search(domain, **options).select()
        env.flush_query(query)
        # a table is then read from end to end only where no index can serve
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("EXPLAIN " + query.code, query.params)
        return "\n".join(line for (line,) in self.env.cr.fetchall())

    def test_indexes_serve_the_pages(self):
        row = self.rows["private unassigned"]
        pages = {
            "timeline": (MESSAGE, [("ticket_id", "=", self.ticket.id)]),
            "thread": (MESSAGE, [("conversation_id", "=", row["conversation"])]),
            "person": (MESSAGE, [("identity_id", "in", [row["identity"]])]),
            "one": (MESSAGE, [("id", "=", row["id"])]),
            "threads": (CONVERSATION, [("ticket_id", "=", row["ticket"])]),
            "people": (
                IDENTITY,
                [
                    ("id", "=", row["identity"]),
                    ("message_ids", "any", [("waiting", "=", False)]),
                ],
            ),
        }
        users = self.agent_own | self.agent_team | self.agent_all | self.internal
        for user in users:
            for title, (model, domain) in pages.items():
                with self.subTest(user=user.login, page=title):
                    plan = self.plan(user, model, domain, order="id desc", limit=30)
                    self.assertIn("Index", plan)
                    self.assertNotIn("Seq Scan on helpdesk_social_message", plan)
                    self.assertNotIn("Seq Scan on helpdesk_ticket ", plan)
