"""What belongs to a message goes with it: clocks, reminders, approvals, the undo."""

from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from ..networks import items
from .common import USER_ALL
from .test_split import PeopleCase

CLOCK = "helpdesk.social.clock"


@tagged("post_install", "-at_install")
class TestSplitBelongings(PeopleCase):
    def clocks(self, ticket):
        return self.env[CLOCK].search([("ticket_id", "=", ticket.id)])

    def targets(self):
        """Answers are timed: at least one field of the account's targets."""
        names = [
            name
            for name in self.account._fields
            if name.startswith("clock_")
            and self.account._fields[name].type == "integer"
        ]
        wanted = [name for name in names if "first_public" in name or "next" in name]
        self.assertTrue(wanted, names)
        self.account.write(dict.fromkeys(wanted, 60))

    def test_clocks_run_on_on_the_new_ticket(self):
        self.targets()
        post = self.world.post("Hello?", author="bob", parent=self.bob1.key)
        self.account.action_pull()
        before = self.clocks(self.ticket).filtered(
            lambda one: one.identity_id == self.person("bob")
        )
        self.assertTrue(before)
        began = before.started_at
        other, move = self.split("bob")
        self.assertTrue(self.message(post).waiting)
        mine = self.clocks(other).filtered(
            lambda one: one.identity_id == self.person("bob") and not one.stopped_at
        )
        self.assertEqual(mine.started_at, began)
        self.assertEqual(mine.conversation_id, self.message(self.bob1).conversation_id)
        self.assertFalse(
            self.clocks(self.ticket).filtered(
                lambda one: one.identity_id == self.person("bob")
            )
        )
        self.ticket.with_user(self.agent_all).social_take_back_move(move)
        back = self.clocks(self.ticket).filtered(
            lambda one: one.identity_id == self.person("bob") and not one.stopped_at
        )
        self.assertEqual(back.started_at, began)
        self.assertFalse(self.clocks(other))

    def asked(self, ticket):
        kind = self.env.ref("helpdesk_social.mail_activity_approve")
        return ticket.activity_ids.filtered(lambda one: one.activity_type_id == kind)

    def test_who_was_asked_to_approve_is_asked_on_the_new_ticket(self):
        trainee = new_test_user(
            self.env,
            "trainee",
            f"base.group_user,{USER_ALL},helpdesk_social.group_trainee",
        )
        held = self.ticket.with_user(trainee).social_reply(
            "Is it red?", items.PUBLIC, to=self.message(self.cat)
        )
        self.assertEqual(held.delivery_state, "held")
        count = len(self.asked(self.ticket))
        self.assertTrue(count)
        other, move = self.split("bob")
        approval = held.sudo().approval_id
        self.assertEqual(approval.ticket_id, other)
        self.assertEqual(len(self.asked(other)), count)
        self.assertFalse(self.asked(self.ticket))
        approval.with_user(self.manager).action_approve()
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(held.delivery_state, "sent")
        self.assertFalse(self.asked(other))
        other.with_user(self.agent_all).social_take_back_move(move)
        self.assertEqual(approval.ticket_id, self.ticket)

    def test_invitations_of_the_person_go_along(self):
        mint = self.env["helpdesk.social.handoff"]._mint
        bobs, _token = mint(self.ticket, self.message(self.bob1), self.account, "link")
        anns, _token = mint(self.ticket, self.message(self.top), self.account, "link")
        other, move = self.split("bob")
        self.assertEqual((bobs.ticket_id, anns.ticket_id), (other, self.ticket))
        other.with_user(self.agent_all).social_take_back_move(move)
        self.assertEqual(bobs.ticket_id, self.ticket)

    def test_a_file_goes_where_its_message_goes(self):
        message = self.message(self.bob1)
        file = self.env["ir.attachment"].create(
            {
                "name": "lamp.png",
                "raw": b"x",
                "res_model": message._name,
                "res_id": message.id,
            }
        )
        message.sudo().attachment_ids = file
        self.ticket.write({"team_id": self.team.id})
        other, _move = self.split("bob")
        other.write({"team_id": self.other_team.id, "user_id": self.manager.id})
        self.assertEqual(file.res_id, message.id)
        page = other.with_user(self.manager).social_timeline()
        self.assertEqual(len(page["messages"]), 3)

    def test_late_news_of_a_reply_that_moved(self):
        """It was being sent while its thread was split off."""
        reply = self.ticket.social_reply(
            "Soon", items.PUBLIC, to=self.message(self.cat)
        )
        until = fields.Datetime.now() + timedelta(minutes=1)
        reply.sudo().write({"delivery_state": "sending", "sending_until": until})
        other, _move = self.split("bob")
        echo = self.world.post("Soon", author="us", parent=self.cat.key)
        self.account.action_pull()
        self.assertEqual(reply.delivery_state, "sent")
        self.assertEqual(reply.ticket_id, other)
        self.assertEqual(self.message(echo), reply.sudo(False).with_env(self.env))
