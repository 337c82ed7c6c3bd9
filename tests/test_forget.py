"""Forgetting a person leaves nothing of what was said, and nothing comes back."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..networks import items
from .identity_common import IdentityCase


@tagged("post_install", "-at_install")
class TestIdentityForget(IdentityCase):
    def setUp(self):
        super().setUp()
        self.identity = self.make_identity(
            "jo-at-fake", name="Jo", url="https://fake/jo", partner_id=self.jo.id
        )
        self.ticket = self.make_ticket(
            name="My marzipan post", description="My marzipan post", partner_name="Jo"
        )
        self.conversation = self.make_conversation(
            "private",
            self.ticket,
            identity_id=self.identity.id,
            participant_ids=[(4, self.identity.id)],
        )
        self.said = self.make_message(
            self.conversation,
            "My marzipan address",
            identity_id=self.identity.id,
            revisions=[{"revision": 0, "text": "older marzipan"}],
            permalink="https://fake/jo/1",
            media=[{"ref": "marzipan.jpg"}],
        )
        self.file = self.env["ir.attachment"].create(
            {
                "name": "marzipan.jpg",
                "raw": b"marzipan",
                "res_model": "helpdesk.social.message",
                "res_id": self.said.id,
            }
        )
        self.said.attachment_ids = self.file
        self.answer = self.make_message(
            self.conversation, "Dear Jo", direction="out", parent_id=self.said.id
        )
        self.draft = self.env["helpdesk.social.draft"].create(
            {
                "ticket_id": self.ticket.id,
                "conversation_id": self.conversation.id,
                "audience": "private",
                "text": "About your marzipan",
            }
        )
        self.queued = self.make_message(
            self.conversation, "More", direction="out", delivery_state="queued"
        )
        other = self.make_message(text="hello @jo-at-fake")
        other.mentions = [{"id": "jo-at-fake", "handle": "jo"}, {"id": "us"}]
        self.other = other
        self.events = self.env["helpdesk.social.event"].create(
            [
                {
                    "app_id": self.account.app_id.id,
                    "account_id": self.account.id,
                    "key": f"event{number}",
                    "raw": raw,
                    "state": state,
                    "received_at": "2026-01-01",
                    "message_id": message.id if message else False,
                }
                for number, (raw, state, message) in enumerate(
                    (
                        ('{"text": "x"}', "done", self.said),
                        ('{"by": "jo-at-fake"}', "dead", None),
                        ('{"by": "jo-at-fake"}', "new", None),
                        ('{"by": "jo-at-fakes"}', "done", None),
                    )
                )
            ]
        )

    def everything(self):
        """All that the tables hold, as text."""
        self.env.flush_all()
        rows = []
        for table in (
            "helpdesk_social_message",
            "helpdesk_social_identity",
            "helpdesk_social_event",
            "helpdesk_ticket",
            "helpdesk_social_draft",
            "ir_attachment",
        ):
            self.env.cr.execute(
                SQL("SELECT to_jsonb(t)::text FROM %s t", SQL.identifier(table))
            )
            rows += [row for [row] in self.env.cr.fetchall()]
        return "\n".join(rows)

    def test_forget_a_person(self):
        self.assertTrue("marzipan" in self.everything())
        self.identity.with_user(self.manager).action_forget()
        left = self.everything()
        for word in ("marzipan", "Dear Jo", "https://fake/jo"):
            with self.subTest(word=word):
                self.assertFalse(word in left)
        self.assertTrue(self.said.deleted_at)
        self.assertFalse(self.said.waiting)
        self.assertTrue(self.said.key, "or the post would come back")
        self.assertEqual(self.queued.delivery_state, "cancelled")
        self.assertFalse(self.file.exists())
        self.assertFalse(self.identity.partner_id)
        self.assertFalse(self.jo.social_identity_ids)
        self.assertNotIn("jo", self.identity.external_id)
        self.assertEqual(self.other.mentions, [{"id": "us"}])
        self.assertEqual(self.other.text, "hello @jo-at-fake", "is theirs")
        self.assertNotIn("jo-at-fake", self.conversation.key)
        self.assertIn("forgotten", self.chatter(self.jo))

    def test_notices_and_tracked_changes(self):
        """The title of the ticket is repeated in the chatter, which stays."""
        note = self.ticket.message_post(
            body="<p>About My marzipan post: he is right</p>",
            subject=f"[{self.ticket.number}] {self.ticket.name}",
        )
        self.env["mail.tracking.value"].sudo().create(
            {
                "field_id": self.env["ir.model.fields"]
                ._get("helpdesk.ticket", "name")
                .id,
                "mail_message_id": note.id,
                "old_value_char": self.ticket.name,
            }
        )
        self.identity.with_user(self.manager).action_forget()
        self.assertNotIn("marzipan", f"{note.body} {note.subject}")
        self.assertIn("he is right", note.body)
        self.assertNotIn("marzipan", note.tracking_value_ids.sudo().old_value_char)

    def test_journal(self):
        self.identity.with_user(self.manager).action_forget()
        left = self.events.exists().mapped("key")
        self.assertEqual(left, ["event2", "event3"])

    def test_an_edit_does_not_bring_the_text_back(self):
        self.identity.with_user(self.manager).action_forget()
        self.assertEqual(self.said.revision, 2**31 - 1)

    def test_what_is_read_again_does_not_come_back(self):
        """The network still has the post: it must stay forgotten when pulled anew."""
        post = self.world.post("my marzipan hobby", author="jo-at-fake")
        self.assertEqual(self.account.action_pull(), 1)
        self.env.flush_all()
        said = self.env["helpdesk.social.message"].search([("key", "=", post.key)])
        self.assertEqual(said.identity_id, self.identity)
        self.identity.with_user(self.manager).action_forget()
        self.env.flush_all()
        again = self.world.inbox[-1]
        for revision in ("1", "2"):
            data = {**again.data, "revision": int(revision), "text": "marzipan hobby"}
            raw = items.RawItem(f"again{revision}", data, revision, "", again.sent_at)
            self.world.inbox.append(raw)
        self.assertEqual(self.account.action_pull(), 0)
        said.invalidate_recordset()
        self.assertFalse(said.text)
        self.assertTrue(said.deleted_at)
        self.assertFalse(said.revisions)
        back = self.env["helpdesk.social.identity"].search(
            [("external_id", "=", "jo-at-fake")]
        )
        self.assertFalse(back, "nor does the person's name")

    def test_through_the_contact(self):
        contact = self.jo.with_user(self.manager)
        with self.assertRaises(AccessError):
            self.jo.with_user(self.sales).action_social_forget()
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        contact.action_social_forget()
        self.assertFalse("marzipan" in self.everything())

    def test_managers_only(self):
        for user in (self.agent_all, self.sales, self.internal, self.portal_customer):
            with self.assertRaises(AccessError):
                self.identity.with_user(user).action_forget()
        self.assertTrue("marzipan" in self.everything())

    def test_not_while_an_answer_leaves(self):
        self.queued.delivery_state = "sending"
        with self.assertRaises(UserError):
            self.identity.with_user(self.manager).action_forget()
        self.assertEqual(self.said.text, "My marzipan address")

    def test_many_under_one_name_are_not_forgotten_together(self):
        self.identity.shared = True
        with self.assertRaises(UserError):
            self.identity.with_user(self.manager).action_forget()

    def test_the_person_may_come_back(self):
        self.identity.with_user(self.manager).action_forget()
        self.env.flush_all()
        again = self.make_identity("jo-at-fake")
        self.assertFalse(again.partner_id)
        self.assertFalse(again.message_ids)
