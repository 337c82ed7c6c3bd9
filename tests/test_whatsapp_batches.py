"""Deliveries of a thousand changes: several numbers, repeated, other programs."""

from dataclasses import replace

from odoo.tests import TransactionCase, tagged

from .simulators.whatsapp_world import Person
from .test_whatsapp import WhatsAppFixtures


@tagged("post_install", "-at_install")
class TestWhatsAppBatches(WhatsAppFixtures, TransactionCase):
    """Up to a thousand changes come at once, of several numbers, repeated."""

    def payload(self, count, prefix):
        """One delivery: ``count`` changes, each by another person."""
        whole = None
        for number in range(count):
            phone = f"57{prefix}{number:08d}"
            person = Person(phone, f"CO.{prefix}{number:08d}", f"Person {number}")
            message = self.sim.message(person, content=f"I am {number}")
            one = self.sim.payload((person, message))
            if whole is None:
                whole = one
            else:
                changes = whole["entry"][0]["changes"]
                changes += one["entry"][0]["changes"]
        return whole

    def journalled(self, payload):
        """(new events, queries of journalling them, queries of processing them)."""
        adapter, events = self.account._adapter(), self.env["helpdesk.social.event"]
        found = adapter.split(self.sim.request(payload)[2])
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        new = events._journal(self.account.app_id, found, source="push")
        self.env.flush_all()
        between = self.env.cr.sql_log_count
        self.process()
        return new, between - before, self.env.cr.sql_log_count - between

    def test_a_thousand_changes_cost_no_query_each(self):
        self.journalled(self.payload(5, "11"))  # what is read once
        few = self.journalled(self.payload(20, "12"))
        many = self.journalled(self.payload(1000, "13"))
        self.assertEqual((few[0], many[0]), (20, 1000))
        self.assertEqual(many[1], few[1], "journalled in as many queries")
        # 980 tickets more, in batches
        self.assertLess(many[2] - few[2], 980 * 2)
        messages = self.env["helpdesk.social.message"]
        found = messages.search(
            [("account_id", "=", self.account.id), ("text", "=like", "I am %")]
        )
        self.assertEqual(len(found), 1025)
        self.assertEqual(len(found.identity_id), 1025)
        self.assertEqual(len(found.ticket_id), 1025)
        for one in found[-30:]:
            number = one.text.removeprefix("I am ")
            self.assertEqual(one.identity_id.name, f"Person {number}")

    def test_the_same_delivery_again_is_nothing_new(self):
        payload = self.payload(50, "21")
        self.assertEqual(self.journalled(payload)[0], 50)
        self.assertEqual(self.journalled(payload)[0], 0)
        payload["entry"][0]["changes"].reverse()
        self.assertEqual(self.journalled(payload)[0], 0)

    def test_one_delivery_for_several_numbers_and_one_of_nobody(self):
        self.sim.numbers |= {"999": "+1 555 999"}
        second = self.connected("999", app_id=self.account.app_id.id)
        payload = self.payload(4, "31")
        for change, number in zip(
            payload["entry"][0]["changes"],
            (self.sim.number, "999", "888", "999"),
            strict=True,
        ):
            change["value"]["metadata"]["phone_number_id"] = number
        self.assertEqual(self.journalled(payload)[0], 4)
        self.process(self.account, second)
        messages = self.env["helpdesk.social.message"]

        def said(account):
            found = messages.search([("account_id", "=", account.id)], order="id")
            return found.mapped("text")

        self.assertEqual(said(self.account), ["I am 0"])
        self.assertEqual(said(second), ["I am 1", "I am 3"])
        lost = self.env["helpdesk.social.event"].search(
            [("app_id", "=", self.account.app_id.id), ("account_id", "=", False)]
        )
        self.assertEqual(lost.account_ref, "888")

    def test_news_of_what_another_program_sent_touch_nothing(self):
        """Two programs may serve one number: statuses of both come to both."""
        row = self.reply(self.hear())
        self.deliver()
        sent = self.sim.sent[-1]
        theirs = replace(sent, id=self.sim.new_id(), opaque="other-program:42")
        for one in (theirs, replace(theirs, opaque="")):
            for state in ("sent", "failed", "read"):
                code = 131026 if state == "failed" else None
                self.sim.queue.append(self.sim.status(one, state, code))
        self.take()
        self.assertEqual(row.delivery_state, "sent")
        self.assertFalse(self.message(theirs.id))
