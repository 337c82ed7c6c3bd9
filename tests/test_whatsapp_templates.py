"""Approved words on WhatsApp, through the whole addon."""

from datetime import timedelta

from odoo.tests import TransactionCase, tagged

from .test_whatsapp import WhatsAppFixtures


@tagged("post_install", "-at_install")
class TestWhatsAppTemplates(WhatsAppFixtures, TransactionCase):
    """Past the 24 hours, through the whole addon."""

    def setUp(self):
        super().setUp()
        self.sim.add_template(
            "late", "en", "Hello {{1}}, your ticket {{2}}", category="MARKETING"
        )
        self.sim.add_template("late", "es", "Hola {{1}}, su caso {{2}}")
        self.sim.add_template("paused", status="PAUSED")
        self.account._sync_templates()
        self.message_in = self.hear(text="Where is it?")
        self.ticket = self.message_in.ticket_id.with_user(self.agent_all)
        self.option = f"private:{self.account.id}:{self.message_in.id}"
        self.account.undo_seconds = 0
        self.sim.advance(hours=25)
        self.message_in.conversation_id.last_inbound_at -= timedelta(hours=25)

    def template(self, language="en"):
        return self.account.template_ids.filtered(
            lambda one: (one.name, one.language) == ("late", language)
        )

    def send(self, template, **values):
        values = {"body.1": "Jo", "body.2": "HT1"} | values
        chosen = {"id": template.id, "values": values}
        return self.ticket.social_send(self.option, "", template=chosen)

    def test_said_past_the_window_and_delivered(self):
        self.assertFalse(self.ticket.social_send(self.option, "Hello?")["ok"])
        answer = self.send(self.template())
        self.assertTrue(answer["ok"], answer)
        self.deliver()
        [sent] = self.sim.sent
        self.assertEqual(sent.kind, "template")
        self.assertEqual(sent.content["name"], "late")
        row = self.env["helpdesk.social.message"].browse(answer["message_ids"])
        self.assertEqual(row.text, "Hello Jo, your ticket HT1")
        self.told("read")
        self.assertEqual(row.delivery_state, "read")

    def test_withdrawn_by_the_network_after_it_was_listed(self):
        self.sim.templates["late", "en"]["status"] = "PAUSED"
        answer = self.send(self.template())
        self.deliver()
        row = self.env["helpdesk.social.message"].browse(answer["message_ids"])
        self.assertEqual(row.delivery_state, "failed")
        self.assertIn("does not allow this template", row.error_text)
        self.assertFalse(self.template().usable)
        self.assertFalse(self.send(self.template())["ok"])
        self.sim.templates["late", "en"]["status"] = "APPROVED"
        self.account._sync_templates()
        self.assertTrue(self.send(self.template())["ok"])

    def test_a_price_that_nobody_knows_is_not_zero(self):
        self.assertEqual(self.template()._price(), ("", False))
        prices = self.account.app_id.price_ids
        mine = prices.filtered(lambda one: one.kind == "template_marketing")
        self.assertFalse(mine.list_price)
        mine.own_price = "0.0625"
        self.assertEqual(self.template()._price(), ("$0.0625", True))
        self.assertEqual(self.template("es")._price(), ("", False))
        told = self.ticket.social_measure(
            "",
            self.option,
            template={
                "id": self.template().id,
                "values": {"body.1": "Jo", "body.2": "1"},
            },
        )
        self.assertEqual(told["cost"], "$0.0625")
        mine.own_price = "0"
        self.assertEqual(self.template()._price(), ("", True))

    def test_the_list_in_pages_and_with_an_empty_one(self):
        for number in range(30):
            self.sim.add_template(f"more_{number}")
        self.sim.empty_pages = 1
        self.account._sync_templates()
        self.assertEqual(len(self.account.template_ids), 33)
