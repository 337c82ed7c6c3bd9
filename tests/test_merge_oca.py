"""Tickets merged by OCA's own wizard, which knows nothing of conversations."""

from odoo.tests import tagged

from ..networks import items
from .test_split import PeopleCase


@tagged("post_install", "-at_install")
class TestMergeByOca(PeopleCase):
    def setUp(self):
        super().setUp()
        self.late = self.world.post("Where is my kettle?", author="dan")
        self.account.action_pull()
        self.source = self.message(self.late).ticket_id

    def merge(self, **values):
        tickets = self.source | self.ticket
        # OCA's wizard moves chatter messages, which only administrators may in Odoo 19
        wizard = self.env["helpdesk.ticket.merge"].with_user(self.admin)
        dialog = wizard.with_context(active_ids=tickets.ids).create(
            {"ticket_ids": [(6, 0, tickets.ids)], **values}
        )
        dialog.merge_tickets()
        return dialog.dst_ticket_id

    def test_into_an_existing_ticket(self):
        self.merge(dst_ticket_id=self.ticket.id)
        self.assertFalse(self.source.active)
        self.assertEqual(self.message(self.late).ticket_id, self.ticket)
        self.assertFalse(self.source.social_message_ids)
        more = self.world.post("Hello?", author="dan", parent=self.late.key)
        self.account.action_pull()
        self.assertEqual(self.message(more).ticket_id, self.ticket)

    def test_into_a_new_one(self):
        before = self.ticket.social_message_ids | self.source.social_message_ids
        target = self.merge(
            create_new_ticket=True,
            dst_ticket_name="Kettles",
            dst_helpdesk_team_id=self.team.id,
        )
        self.assertNotIn(target, self.ticket | self.source)
        self.assertEqual(before.ticket_id, target)
        target.with_user(self.agent_all).social_reply(
            "Soon", items.PUBLIC, to=self.message(self.late)
        )
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertIn("Soon", [draft.text for draft, _key in self.world.published])
