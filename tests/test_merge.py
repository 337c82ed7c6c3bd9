"""Tickets are merged with their conversations, whatever the way, and told apart."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..networks import items
from .test_split import PeopleCase


@tagged("post_install", "-at_install")
class TestMerge(PeopleCase):
    def setUp(self):
        super().setUp()
        self.late = self.world.post("Where is my kettle?", author="dan")
        self.account.action_pull()
        self.source = self.message(self.late).ticket_id

    def merge(self, user=None):
        source = self.source.with_user(user or self.agent_all)
        return source.social_merge(self.ticket.id)

    def test_conversations_go_along_and_the_ticket_closes(self):
        done = self.merge()
        self.assertEqual(done["ticket_id"], self.ticket.id)
        self.assertEqual(self.message(self.late).ticket_id, self.ticket)
        self.assertEqual(self.source.duplicate_id, self.ticket)
        self.assertTrue(self.source.stage_id.closed)
        self.assertFalse(self.source.social_message_ids)
        for one, other in ((self.source, self.ticket), (self.ticket, self.source)):
            self.assertIn(other.number, " ".join(one.message_ids.mapped("body")))

    def test_what_comes_later_follows(self):
        self.merge()
        more = self.world.post("Hello?", author="dan", parent=self.late.key)
        self.account.action_pull()
        self.assertEqual(self.message(more).ticket_id, self.ticket)

    def test_drafts_replies_and_invitations_go_along(self):
        late = self.message(self.late)
        reply = self.source.social_reply("Soon", items.PUBLIC, to=late)
        draft = self.env["helpdesk.social.draft"].create(
            {
                "ticket_id": self.source.id,
                "conversation_id": late.conversation_id.id,
                "audience": "public",
                "text": "Dear Dan",
            }
        )
        handoff, _token = self.env["helpdesk.social.handoff"]._mint(
            self.source, late, self.account, "page"
        )
        self.merge()
        self.assertEqual(reply.ticket_id, self.ticket)
        self.assertEqual(draft.ticket_id, self.ticket)
        self.assertEqual(handoff.ticket_id, self.ticket)
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(reply.delivery_state, "sent")
        self.assertFalse(late.waiting)

    def test_told_apart_again_with_what_came_since(self):
        stage = self.source.stage_id
        move = self.merge()["move_ids"][0]
        more = self.world.post("Hello?", author="dan", parent=self.late.key)
        self.account.action_pull()
        self.ticket.with_user(self.agent_all).social_take_back_move(move)
        self.assertEqual(self.message(self.late).ticket_id, self.source)
        self.assertEqual(self.message(more).ticket_id, self.source)
        self.assertFalse(self.source.duplicate_id)
        self.assertEqual(self.source.stage_id, stage)
        self.assertFalse(self.source.closed_date)
        self.assertEqual(len(self.ticket.social_message_ids), 5)

    def test_in_a_circle_or_with_itself(self):
        self.merge()
        with self.assertRaises(UserError):
            self.ticket.with_user(self.agent_all).social_merge(self.source.id)
        with self.assertRaises(UserError):
            self.ticket.with_user(self.agent_all).social_merge(self.ticket.id)
        with self.assertRaises(UserError):
            self.merge()
        with self.assertRaises(UserError):
            self.ticket.with_user(self.agent_all).social_merge(2**31 - 1)

    def test_another_company(self):
        other = self.make_ticket(company_id=self.other_company.id, team_id=False)
        with self.assertRaises(UserError):
            self.source.social_merge(other.id)
        self.assertFalse(self.source.duplicate_id)

    def test_who_may_change_only_one_of_them(self):
        for user in (self.internal, self.sales, self.other_company_agent):
            with self.assertRaises(UserError):
                self.merge(user)
        self.assertEqual(self.message(self.late).ticket_id, self.source)

    def test_what_is_forgotten_is_forgotten_on_the_merged_ticket_too(self):
        self.assertIn("kettle", self.source.name)
        self.merge()
        self.message(self.late)._forget_copies(["Where is my kettle?"])
        self.assertNotIn("kettle", f"{self.source.name} {self.source.description}")

    # --- private ----------------------------------------------------------------
    def private_on_source(self):
        post = self.world.post("my secret", items.PRIVATE, "dan")
        self.account.action_pull()
        secret = self.message(post)
        secret.conversation_id.ticket_id = secret.ticket_id = self.source
        return secret

    def guarded(self):
        """The source is of one team, the target of another and of ``agent_own``."""
        secret = self.private_on_source()
        self.source.write({"team_id": self.other_team.id, "user_id": self.manager.id})
        self.ticket.user_id = self.agent_own
        self.assertFalse(secret.with_user(self.agent_own)._filtered_access("read"))
        return secret

    def test_nothing_private_gets_new_readers(self):
        secret = self.guarded()
        with self.assertRaisesRegex(UserError, "private messages"):
            self.merge(self.manager)
        self.assertEqual(secret.ticket_id, self.source)
        self.assertFalse(self.source.duplicate_id)

    def test_private_goes_along_where_the_readers_are_the_same(self):
        secret = self.private_on_source()
        self.merge()
        self.assertEqual(secret.ticket_id, self.ticket)

    def test_a_mark_as_duplicate_takes_the_public_part_along(self):
        secret = self.guarded()
        self.source.duplicate_id = self.ticket
        self.assertEqual(self.message(self.late).ticket_id, self.ticket)
        self.assertEqual(secret.ticket_id, self.source)
        self.assertFalse(secret.with_user(self.agent_own)._filtered_access("read"))
        self.assertIn("stay", " ".join(self.source.message_ids.mapped("body")))
        # and back, when the mark goes
        self.source.duplicate_id = False
        self.assertEqual(self.message(self.late).ticket_id, self.source)

    def test_unpublished_words_are_nothing_public(self):
        self.source.write({"team_id": self.other_team.id, "user_id": self.manager.id})
        self.ticket.user_id = self.agent_own
        reply = self.source.social_reply(
            "Not yet said", items.PUBLIC, to=self.message(self.late)
        )
        with self.assertRaisesRegex(UserError, "private messages"):
            self.merge(self.manager)
        self.assertEqual(reply.ticket_id, self.source)

    # --- other ways -------------------------------------------------------------
    def test_the_dialog(self):
        context = {
            "active_model": "helpdesk.ticket",
            "active_ids": (self.source | self.ticket).ids,
        }
        dialog = self.env["helpdesk.social.merge"].with_user(self.agent_all)
        dialog = dialog.with_context(**context).create({})
        self.assertEqual(dialog.target_id, self.ticket)
        self.assertIn("1", dialog.what)
        action = dialog.action_merge()
        self.assertEqual(action["res_id"], self.ticket.id)
        self.assertEqual(self.source.duplicate_id, self.ticket)

    def test_the_wizard_of_another_addon(self):
        """OCA's wizard archives what it merged and knows nothing of conversations."""

        class Wizard:
            def merge_tickets(dialog):
                dialog.ticket_ids.filtered(
                    lambda one: one != dialog.dst_ticket_id
                ).write({"active": False})
                return "its answer"

        registry = self.env.registry
        with patch.object(registry, "get", lambda name, *a: Wizard):
            self.env["helpdesk.ticket"]._register_hook()
            self.env["helpdesk.ticket"]._register_hook()  # twice is once
        dialog = Wizard()
        dialog.ticket_ids = self.source | self.ticket
        dialog.dst_ticket_id = self.ticket
        self.assertEqual(dialog.merge_tickets(), "its answer")
        self.assertFalse(self.source.active)
        self.assertEqual(self.source.duplicate_id, self.ticket)
        self.assertEqual(self.message(self.late).ticket_id, self.ticket)
        more = self.world.post("Hello?", author="dan", parent=self.late.key)
        self.account.action_pull()
        self.assertEqual(self.message(more).ticket_id, self.ticket)
        with patch.object(registry, "get", lambda name, *a: Wizard):
            self.env["helpdesk.ticket"]._unregister_hook()
        self.assertFalse(
            "merge_tickets" in vars(Wizard)
            and hasattr(Wizard.merge_tickets, "helpdesk_social_origin")
        )
