"""Approved words: followed, filled, chosen, checked, sent, taken back."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from ..networks import errors, items
from ..networks.sandbox import SandboxAdapter
from .common import SocialFixtures


class TemplateFixtures(SocialFixtures):
    """A sandbox whose window of 24 hours is over for Ann."""

    def setUp(self):
        super().setUp()
        self.sandbox = self.make_account("sandbox", name="Practice")
        self.sandbox.set_settings({"handle": "practice", "window_hours": "24"})
        self.sandbox.undo_seconds = 0
        self.sandbox.action_connect()
        self.wall = self.env["helpdesk.social.sandbox.wall"].with_user(self.manager)
        self.wall.say(self.sandbox.id, "ann", "Where is my parcel?", "private", False)
        self.sandbox.action_pull()
        messages = self.env["helpdesk.social.message"]
        self.message = messages.search([("account_id", "=", self.sandbox.id)])
        self.ticket = self.message.ticket_id
        self.mine = self.ticket.with_user(self.agent_all)
        self.option = f"private:{self.sandbox.id}:{self.message.id}"
        self.close_window()

    def close_window(self):
        thread = self.message.conversation_id
        thread.last_inbound_at -= timedelta(hours=25)
        self.env.flush_all()

    def told(self, **more):
        return self.mine.social_templates(self.option, **more)

    def template(self, name="news_on_your_ticket", language="en"):
        return self.env["helpdesk.social.template"].search(
            [
                ("account_id", "=", self.sandbox.id),
                ("name", "=", name),
                ("language", "=", language),
            ]
        )

    def chosen(self, template=None, **values):
        template = template or self.template()
        values = values or {"body.1": "Ann", "body.2": "HT7"}
        return {"id": template.id, "values": values}

    def send(self, template=None, text="", files=(), **more):
        return self.mine.social_send(
            self.option, text, files, template=template or self.chosen(), **more
        )

    def sent(self):
        self.env.invalidate_all()
        return self.ticket.social_message_ids.filtered(
            lambda one: one.direction == "out"
        ).sorted("id")

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestTemplates(TemplateFixtures, TransactionCase):
    # --- the list -------------------------------------------------------------
    def test_fetched_when_connected_in_all_its_pages(self):
        rows = self.sandbox.template_ids
        self.assertEqual(len(rows), 6)
        self.assertTrue(self.sandbox.templates_at)
        self.assertEqual(rows.filtered(lambda one: not one.usable).status, "paused")
        self.assertFalse(self.account.has_templates)
        self.assertFalse(self.account.template_ids)

    def test_what_the_network_withdrew_stays_and_cannot_be_used(self):
        row = self.template("parcel_found")
        row.fills = "body.day: tomorrow"
        self.sandbox.set_settings({"withdrawn_templates": "parcel_found"})
        self.sandbox._sync_templates()
        self.assertEqual((row.usable, row.status), (False, "gone"))
        self.sandbox.set_settings({"withdrawn_templates": ""})
        self.sandbox._sync_templates()
        self.assertEqual((row.usable, row.status), (True, "approved"))
        self.assertEqual(row.fills, "body.day: tomorrow")
        self.assertEqual(len(self.sandbox.template_ids), 6)

    def test_a_list_that_breaks_off_changes_nothing(self):
        first = SandboxAdapter.templates

        def broken(adapter, cursor=""):
            if cursor:
                raise errors.TransientError("unreachable")
            return first(adapter, cursor)

        self.patch(SandboxAdapter, "templates", broken)
        with self.assertRaises(errors.TransientError):
            self.sandbox._sync_templates()
        self.assertTrue(all(self.sandbox.template_ids.mapped("synced_at")))
        self.assertEqual(len(self.sandbox.template_ids.filtered("usable")), 5)
        self.sandbox.templates_at -= timedelta(hours=1)
        told = self.told(refresh=True)
        self.assertTrue(told["error"])
        self.assertEqual(len(told["templates"]), 6)

    def test_a_list_without_end_is_no_list(self):
        def endless(adapter, cursor=""):
            return items.TemplatePage((), f"{cursor}x", True)

        self.patch(SandboxAdapter, "templates", endless)
        with self.assertRaises(errors.MalformedResponse):
            self.sandbox._sync_templates()
        self.assertEqual(len(self.sandbox.template_ids.filtered("usable")), 5)

    def test_hostile_rows_are_stored_whole_or_not_at_all(self):
        odd = "\x00\ud800" + "x" * 5000
        rows = (
            items.Template("a/en", "a", "en", odd, extra={"x": [1]}),
            items.Template("a/en", "twice", "en", "the second of one key"),
            items.Template("", "", "", ""),
        )
        self.patch(SandboxAdapter, "templates", lambda *_args: items.TemplatePage(rows))
        self.sandbox._sync_templates()
        row = self.sandbox.template_ids.filtered(lambda one: one.key == "a/en")
        self.assertEqual((row.name, row.usable), ("a", False))
        self.assertEqual(row._item().extra, {"x": [1]})

    def test_once_a_day(self):
        calls = []
        original = SandboxAdapter.templates

        def counted(adapter, cursor=""):
            calls.append(cursor)
            return original(adapter, cursor)

        self.patch(SandboxAdapter, "templates", counted)
        self.sandbox._keep_alive()
        self.assertFalse(calls)
        self.sandbox.templates_at -= timedelta(days=1, minutes=1)
        self.sandbox._keep_alive()
        self.assertEqual(len(calls), 2)
        self.told(refresh=True)
        self.assertEqual(len(calls), 2, "somebody has just asked")

    # --- the composer ---------------------------------------------------------
    def test_offered_where_free_words_are_not_allowed(self):
        composer = self.mine.social_composer()
        [option] = [one for one in composer["options"] if one["id"] == self.option]
        self.assertFalse(option["allowed"])
        self.assertIn("only an approved template", option["reason"])
        self.assertTrue(option["template"]["allowed"])

    def test_no_other_network_hears_of_templates(self):
        ticket = self.make_ticket()
        thread = self.make_conversation("private", ticket)
        self.make_message(thread)
        options = ticket.with_user(self.agent_all).social_composer()["options"]
        self.assertTrue(options)
        self.assertFalse([one for one in options if "template" in one])
        with self.assertRaises(UserError):
            ticket.with_user(self.agent_all).social_templates(options[0]["id"])

    def test_gaps_are_filled_from_the_ticket(self):
        self.ticket.number = "HT00042"
        told = {(one["name"], one["language"]): one for one in self.told()["templates"]}
        for language in ("en", "es", "de"):
            gaps = told["news_on_your_ticket", language]["fields"]
            self.assertEqual([one["value"] for one in gaps], ["Ann", "HT00042"])
        gaps = told["parcel_found", "en"]["fields"]
        self.assertEqual([one["value"] for one in gaps], ["Ann", ""])
        self.assertEqual(gaps[1]["example"], "Friday")
        paused = told["spring_offer", "en"]
        self.assertFalse(paused["usable"])
        self.assertIn("does not allow", paused["why"])

    def test_a_manager_says_what_fills_the_gaps(self):
        row = self.template("parcel_found").with_user(self.manager)
        row.fills = "body.day: tomorrow, {{customer}}"
        told = {one["name"]: one for one in self.told()["templates"]}
        self.assertEqual(told["parcel_found"]["fields"][1]["value"], "tomorrow, Ann")
        with self.assertRaises(ValidationError):
            row.fills = "body.night: dark"
        with self.assertRaises(AccessError):
            row.with_user(self.agent_all).fills = ""
        with self.assertRaises(AccessError):
            row.with_user(self.manager).unlink()

    def test_the_language_of_the_person_comes_first(self):
        self.assertEqual(self.told()["language"], "en")
        self.message.language = "es-MX"
        self.assertEqual(self.told()["language"], "es")
        self.message.language = "und"
        self.message.identity_id.language = "de"
        self.assertEqual(self.told()["language"], "de")

    def test_the_preview_is_what_will_be_read(self):
        told = self.mine.social_measure("", self.option, template=self.chosen())
        self.assertEqual(
            told["preview"],
            "Hello Ann, there is news on your ticket HT7. May we write to you here?\n"
            "Answer with stop to hear no more\n[Yes]\n[No]",
        )
        open_gap = self.chosen(**{"body.1": "Ann"})
        told = self.mine.social_measure("", self.option, template=open_gap)
        self.assertIn("2", told["error"])
        self.assertNotIn("preview", told)

    # --- sending --------------------------------------------------------------
    def test_sent_through_the_outbox_as_it_was_shown(self):
        self.assertFalse(self.mine.social_send(self.option, "Hello?")["ok"])
        answer = self.send(text="left over in the browser")
        self.assertTrue(answer["ok"], answer)
        row = self.sent()
        self.assertEqual(row.delivery_state, "queued")
        self.assertTrue(row.text.startswith("Hello Ann, there is news"))
        self.deliver()
        self.assertEqual(row.delivery_state, "sent", row.error_text)
        posts = self.env["helpdesk.social.sandbox.post"]
        self.assertEqual(posts.search([], order="id desc", limit=1).text, row.text)
        self.assertFalse(row._may_teach())
        [told] = [
            one
            for one in self.mine.social_timeline()["messages"]
            if one["id"] == row.id
        ]
        self.assertIn("news_on_your_ticket", told["notes"][0]["text"])

    def test_undo_holds_it_as_anything_else(self):
        self.sandbox.undo_seconds = 60
        self.send()
        self.assertEqual(self.sent().delivery_state, "held")

    def test_the_same_click_twice(self):
        for _click in range(2):
            self.assertTrue(self.send(key="click")["ok"])
        self.assertEqual(len(self.sent()), 1)

    def test_what_cannot_be_sent_is_said_in_a_sentence(self):
        paused = self.template("spring_offer")
        other = self.make_account("sandbox", name="Another")
        other.set_settings({"handle": "another", "window_hours": "24"})
        other.action_connect()
        off = self.template("parcel_found")
        off.active = False
        for chosen, word in (
            ({"id": paused.id, "values": {}}, "does not allow"),
            ({"id": other.template_ids[0].id, "values": {}}, "does not exist"),
            ({"id": 0}, "does not exist"),
            ({"values": {}}, "does not exist"),
            ({"id": "x", "values": [1]}, "does not exist"),
            ({"id": off.id, "values": {}}, "does not exist"),
            (self.chosen(**{"body.1": "Ann", "body.2": " \n "}), "gap"),
            (self.chosen(**{"body.1": "Ann", "body.2": "x" * 2000}), "gap"),
            (self.chosen(**{"nonsense": "x"}), "gap"),
        ):
            answer = self.send(chosen)
            self.assertFalse(answer["ok"], chosen)
            self.assertIn(word, answer["error"])
        self.assertFalse(self.sent())

    def test_a_file_where_one_belongs_and_nowhere_else(self):
        file = (
            self.env["ir.attachment"]
            .with_user(self.agent_all)
            .create(
                {
                    "name": "invoice.txt",
                    "raw": b"100 EUR",
                    "res_model": "helpdesk.social.message",
                }
            )
        )
        invoice = {"id": self.template("your_invoice").id, "values": {}}
        self.assertIn("number of files", self.send(invoice)["error"])
        self.assertIn("number of files", self.send(files=file.ids)["error"])
        answer = self.send(invoice, files=file.ids)
        self.assertTrue(answer["ok"], answer)
        self.deliver()
        self.assertEqual(self.sent().delivery_state, "sent", self.sent().error_text)

    def test_refused_after_it_was_queued(self):
        self.send()
        self.sandbox.set_settings({"withdrawn_templates": "news_on_your_ticket"})
        self.deliver()
        row = self.sent()
        self.assertEqual(row.delivery_state, "failed")
        self.assertIn("does not exist", row.error_text)
        self.assertFalse(self.template().usable, "not offered again")

    def test_words_that_changed_after_it_was_queued(self):
        self.send()
        self.template().body = "Hello {{1}}, buy something, {{2}}!"
        self.deliver()
        row = self.sent()
        self.assertEqual(row.delivery_state, "failed")
        self.assertIn("others now", row.error_text)

    def test_a_blocked_person_gets_no_template_either(self):
        self.message.conversation_id.blocked = True
        self.assertFalse(self.send()["ok"])

    def test_nobody_else_learns_of_a_companys_templates(self):
        templates = self.env["helpdesk.social.template"]
        for user in (self.internal, self.portal_customer):
            with self.assertRaises(AccessError):
                templates.with_user(user).search([("id", "!=", 0)])
        seen = templates.with_user(self.other_company_agent).search([])
        self.assertFalse(seen & self.sandbox.template_ids)

    def test_forgetting_a_person_takes_the_words_along(self):
        self.send()
        self.deliver()
        row = self.sent()
        self.assertTrue(row.template_values)
        row._forget()
        self.assertFalse(row.text or row.template_values)
