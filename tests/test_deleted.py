"""A deleted post leaves a mark; where the network wants it so, not one of its words."""

import json

from odoo.tests import tagged
from odoo.tools import SQL

from ..models.helpdesk_social_forget_copies import Quotes
from ..networks import errors, items
from .common import FakeAdapter
from .test_revisions import EditCase, ago

#: words nobody else says, one per version; the first is longer than a title
FIRST = (
    "@us My marzipan kettle " + "smells of almonds and " * 5 + "burns <all> day & night"
)
SECOND = "Correction: the nougat kettle"
TABLES = (
    "helpdesk_social_message",
    "helpdesk_social_event",
    "helpdesk_social_draft",
    "helpdesk_ticket",
    "ir_attachment",
    "mail_message",
    "mail_mail",
    "mail_tracking_value",
    "crm_lead",
)


class DeletedCase(EditCase):
    def setUp(self):
        super().setUp()
        able = FakeAdapter.capabilities | {"media_in"}
        self.patch(FakeAdapter, "capabilities", able)
        self.patch(FakeAdapter, "fetch_media", lambda *_args: (b"almonds", "x"))
        # the assigned agent is told by mail, with the ticket's title
        self.account.team_id.message_subscribe(self.agent_all.partner_id.ids)
        self.agent_all.notification_type = "email"
        self.post = self.world.post(
            FIRST,
            author="jo",
            sent_at=ago(hours=2),
            permalink="https://fake/jo/1",
            media=(items.Media("lamp", "image"),),
        )
        self.pull()
        self.message = self.of(self.post)
        self.ticket = self.message.ticket_id
        self.env["helpdesk.social.message"]._cron_fetch_media()

    def left(self, *words):
        """Tables and columns that still hold one of these words."""
        self.env.flush_all()
        found = set()
        for table in TABLES:
            if not self.env.registry.ready or not self.table_exists(table):
                continue
            self.env.cr.execute(
                SQL("SELECT to_jsonb(t) FROM %s t", SQL.identifier(table))
            )
            for [row] in self.env.cr.fetchall():
                for column, value in row.items():
                    text = value if isinstance(value, str) else json.dumps(value)
                    if any(word in text for word in words):
                        found.add(f"{table}.{column}")
        return found

    def table_exists(self, table):
        self.env.cr.execute(SQL("SELECT to_regclass(%s)", table))
        return self.env.cr.fetchone()[0] is not None

    def delete(self, by="author"):
        self.world.remove(self.post, by)
        self.pull()


@tagged("post_install", "-at_install")
class TestForgottenPost(DeletedCase):
    """On a network that demands it."""

    def setUp(self):
        super().setUp()
        self.patch(FakeAdapter, "forget_deleted", True)

    def test_every_place_that_repeats_it(self):
        ticket = self.ticket.with_user(self.manager)
        self.assertIn("marzipan", ticket.name)
        # an edit, an answer, a note, a tracked change of the title, a draft, a lead
        self.world.edit(self.post, SECOND)
        self.world.post(
            "I have that too",
            author="kim",
            parent=self.post.key,
        )
        self.world.inbox[-1].data["around"] = {"parent": {"text": SECOND}}
        self.pull()
        ticket.message_post(body=f"He says: {SECOND} - call him", subject=ticket.name)
        self.env["mail.tracking.value"].sudo().create(
            {
                "field_id": self.env["ir.model.fields"]._get(ticket._name, "name").id,
                "mail_message_id": ticket.message_ids[0].id,
                "old_value_char": ticket.name,
                "new_value_char": "Kettle",
            }
        )
        self.env["helpdesk.social.draft"].create(
            {
                "ticket_id": ticket.id,
                "conversation_id": self.message.conversation_id.id,
                "audience": "public",
                "text": f"You wrote “{SECOND}”: sorry!",
            }
        )
        if "crm.lead" in self.env:
            self.message.action_create_lead()
        before = self.left("marzipan", "nougat", "almonds")
        self.assertLessEqual(
            {
                "helpdesk_social_message.text",
                "helpdesk_social_message.revisions",
                "helpdesk_social_event.raw",
                "helpdesk_social_draft.text",
                "helpdesk_ticket.name",
                "helpdesk_ticket.description",
                "mail_message.subject",
                "mail_message.body",
                "mail_mail.body_html",
                "mail_tracking_value.old_value_char",
            },
            before,
        )
        media = self.env["ir.attachment"].search(
            [("res_model", "=", self.message._name), ("res_id", "=", self.message.id)]
        )
        self.assertTrue(media)
        self.delete()
        self.assertEqual(self.left("marzipan", "nougat", "almonds"), set())
        self.assertFalse(media.exists())
        self.assertIn("deleted", ticket.name)
        self.assertIn("call him", str(ticket.message_ids.mapped("body")))
        draft = self.env["helpdesk.social.draft"].search(
            [("ticket_id", "=", ticket.id)]
        )
        self.assertIn("sorry!", draft.text)

    def test_the_mark_and_the_numbers_stay(self):
        self.delete()
        self.assertTrue(self.message.deleted_at)
        self.assertFalse(self.message.waiting)
        row = self.row(self.message)
        self.assertEqual((row["text"], row["media"], row["permalink"]), ("", [], ""))
        self.assertEqual(row["deleted_by"], "author")
        self.assertTrue(self.message.key)

    def test_the_page_that_is_read_again_does_not_bring_it_back(self):
        self.delete()
        self.world._deliver(self.post, 4713)
        self.world.edit(self.post, SECOND)
        self.pull()
        self.assertEqual(self.left("marzipan", "nougat"), set())

    def test_a_replay_of_the_journal_does_not_bring_it_back(self):
        self.delete()
        events = self.env["helpdesk.social.event"].search(
            [("message_id", "=", self.message.id)]
        )
        self.assertTrue(events)
        events.write({"state": "new"})
        self.env["helpdesk.social.intake"]._cron_process()
        self.assertEqual(self.left("marzipan"), set())
        self.assertFalse(events.filtered(lambda one: one.state != "done"))

    def test_a_title_of_their_own_is_the_colleagues(self):
        self.ticket.write(
            {"name": "Kettle burns", "description": "<p>Hot <b>kettle</b></p>"}
        )
        self.delete()
        self.assertEqual(self.ticket.name, "Kettle burns")
        self.assertIn("<b>kettle</b>", self.ticket.description)

    def test_what_a_colleague_added_below_the_quote_stays(self):
        self.ticket.description += "<p>Serial number 4711</p>"
        self.delete()
        self.assertIn("Serial number 4711", self.ticket.description)
        self.assertEqual(self.left("marzipan"), set())

    def test_short_words_take_nothing_else_along(self):
        post = self.world.post("hi", author="lee")
        self.pull()
        ticket = self.of(post).ticket_id
        ticket.message_post(body="This is his third")
        self.world.remove(post)
        self.pull()
        self.assertNotEqual(ticket.name, "hi")
        self.assertNotIn("hi", ticket.description.split())
        self.assertIn("This is his third", str(ticket.message_ids.mapped("body")))

    def test_other_peoples_tickets_are_left_alone(self):
        other = self.world.post("Another kettle", author="kim")
        self.pull()
        self.delete()
        self.assertEqual(self.of(other).ticket_id.name, "Another kettle")
        self.assertEqual(self.of(other).text, "Another kettle")

    def test_found_gone_when_we_act_on_it(self):
        def gone(*_args):
            raise errors.NotFoundError("deleted")

        self.patch(FakeAdapter, "moderate", gone)
        self.message.with_user(self.agent_all).action_like()
        self.assertTrue(self.message.deleted_at)
        self.assertEqual(self.left("marzipan"), set())

    def test_said_and_deleted_before_we_looked(self):
        tickets = self.env["helpdesk.ticket"].search_count([])
        post = self.world.post("Quick marzipan thought", author="lee")
        self.world.remove(post)
        self.delete()
        self.assertEqual(self.left("marzipan"), set())
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), tickets)


@tagged("post_install", "-at_install")
class TestKeptPost(DeletedCase):
    """On a network that leaves it to us: the words stay, folded, and marked."""

    def test_words_and_files_stay(self):
        self.delete()
        row = self.row(self.message)
        self.assertTrue(row["deleted_at"])
        self.assertEqual(row["text"], FIRST)
        self.assertIn("marzipan", self.ticket.name)
        self.assertFalse(self.message.waiting)

    def test_what_we_delete_ourselves_goes_with_its_files(self):
        files = self.env["ir.attachment"].with_user(self.agent_all)
        file = files.create({"name": "a.txt", "raw": b"nougat"})
        row = self.reply("Sorry about the nougat", to=self.message, attachments=file)
        self.deliver()
        self.assertEqual(row.attachment_ids, file)
        row.with_user(self.agent_all).action_delete()
        self.assertEqual((row.text, row.deleted_by), (False, "us"))
        self.assertFalse(file.exists())
        self.assertEqual(self.left("nougat"), set())

    def test_deleted_twice_and_by_strangers(self):
        self.delete()
        moment = self.message.deleted_at
        self.delete(by="network")
        self.assertEqual(self.message.deleted_at, moment)
        self.assertEqual(self.message.deleted_by, "author")


@tagged("post_install", "-at_install")
class TestQuotes(DeletedCase):
    """Taking words out of other words."""

    def test_shapes(self):
        quotes = Quotes(["My lamp broke\non Monday", "Hi"], "(gone)", ["https://x/1"])
        for before, after in (
            ("My lamp broke on Monday", "(gone)"),
            ("[HT1] My lamp broke on Monday", "[HT1] (gone)"),
            ("My lamp broke…", "(gone)"),
            ("[HT1] Hi", "[HT1] (gone)"),
            ("Fwd: My lamp  broke on Monday!", "Fwd: (gone)!"),
            ("This history", "This history"),
            ("", ""),
            (False, False),
        ):
            with self.subTest(before=before):
                self.assertEqual(quotes.line(before), after)
        self.assertEqual(
            quotes.html(
                "<p>My lamp broke<br>on Monday</p><p><a href='https://x/1'>https://x/1</a></p>"
            ),
            "<p>(gone)</p>",
        )
        self.assertEqual(
            quotes.html("<p>He said: my <b>lamp</b>, broke on-monday. Call!</p>"),
            "<p>(gone)</p>",
            "not word by word: nothing of it is kept",
        )
        self.assertEqual(quotes.html("<p>My <i>lamp</i></p>"), "<p>My <i>lamp</i></p>")
        self.assertEqual(quotes.text("a\nMy lamp broke\n on Monday\nb"), "a\n(gone)\nb")

    def test_signs_that_mean_something_elsewhere(self):
        quotes = Quotes([r"\1 (a+)+$ [x] \g<0> & <b>"], r"\0")
        self.assertEqual(quotes.line(r"so: \1 (a+)+$ [x] \g<0> & <b>!"), r"so: \0!")
        self.assertFalse(Quotes([]).in_raw("{}"))
        self.assertTrue(Quotes(["É “x”"]).in_raw(json.dumps({"t": "say É “x” now"})))
