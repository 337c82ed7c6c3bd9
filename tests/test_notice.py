"""Who is told about a new message, how, and with which words."""

from odoo.tests import tagged

from ..networks import items
from .common import SocialCase


@tagged("post_install", "-at_install")
class TestNotice(SocialCase):
    def setUp(self):
        super().setUp()
        (self.agent_own | self.agent_team).notification_type = "inbox"

    def hear(self, text="broken", audience=items.PUBLIC, **values):
        post = self.world.post(text, audience, **values)
        self.account.action_pull()
        return self.env["helpdesk.social.message"].search([("key", "=", post.key)])

    def told(self, ticket):
        """{user: [(type, words)]} of all notices on the ticket."""
        found = {}
        notes = self.env["mail.notification"].search(
            [
                ("mail_message_id.model", "=", "helpdesk.ticket"),
                ("mail_message_id.res_id", "=", ticket.id),
            ]
        )
        for one in notes.sorted("id"):
            words = one.mail_message_id.preview or str(one.mail_message_id.body)
            user = one.res_partner_id.user_ids
            found.setdefault(user, []).append((one.notification_type, words))
        return found

    def test_followers_of_the_team_hear_of_a_new_ticket(self):
        self.team.message_subscribe((self.agent_own | self.agent_team).partner_id.ids)
        ticket = self.hear().ticket_id
        told = self.told(ticket)
        self.assertEqual(set(told), {self.agent_own, self.agent_team})
        [(kind, words)] = told[self.agent_own]
        self.assertEqual(kind, "inbox")
        self.assertIn("New public message from @ann on Fake", words)
        # as for any ticket of a team one follows
        self.assertIn(self.agent_own.partner_id, ticket.message_partner_ids)

    def test_nobody_follows_nobody_hears(self):
        self.assertFalse(self.told(self.hear().ticket_id))

    def test_the_assigned_agent_hears_and_the_team_does_not(self):
        self.team.message_subscribe((self.agent_own | self.agent_team).partner_id.ids)
        message = self.hear()
        ticket = message.ticket_id
        ticket.user_id = self.agent_own
        self.hear("more", parent=message.key)
        told = self.told(ticket)
        own = [words for _kind, words in told[self.agent_own] if "New" in words]
        self.assertEqual(len(own), 2)
        self.assertEqual(len(told[self.agent_team]), 1)

    def test_no_word_of_a_message_is_in_a_notice(self):
        self.team.message_subscribe(self.agent_own.partner_id.ids)
        message = self.hear("my secret number", items.PRIVATE)
        notes = self.env["mail.message"].search(
            [("model", "=", "helpdesk.ticket"), ("res_id", "=", message.ticket_id.id)]
        )
        self.assertTrue(notes)
        for note in notes:
            self.assertNotIn("secret", f"{note.body} {note.subject} {note.record_name}")
            self.assertTrue(note.is_internal)

    def test_people_who_use_mail_get_mail(self):
        self.team.message_subscribe(self.agent_all.partner_id.ids)
        self.agent_all.notification_type = "email"
        ticket = self.hear("my secret", items.PRIVATE).ticket_id
        self.assertEqual(self.told(ticket)[self.agent_all][0][0], "email")
        mail = self.env["mail.mail"].search(
            [("model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(mail.recipient_ids, self.agent_all.partner_id)
        self.assertIn("New private message", mail.body_html)
        self.assertNotIn("secret", mail.body_html)
        self.assertIn(f"/odoo/helpdesk.ticket/{ticket.id}", mail.body_html)

    def test_the_customer_is_never_told(self):
        identity = self.make_identity("ann", partner_id=self.partner.id)
        self.partner.email = "ann@example.com"
        message = self.hear(author="ann")
        self.assertEqual(message.identity_id, identity)
        ticket = message.ticket_id
        self.assertEqual(ticket.partner_id, self.partner)
        self.assertNotIn(self.partner, ticket.message_partner_ids)
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        # closing is an agent's act and may well send a mail
        self.env.cr.precommit.run()
        before = self.env["mail.mail"].search_count([])
        self.hear("again", parent=message.key)
        self.env.cr.precommit.run()
        self.assertFalse(ticket.stage_id.closed)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_a_reopened_ticket_says_so(self):
        self.team.message_subscribe(self.agent_own.partner_id.ids)
        message = self.hear()
        ticket = message.ticket_id
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.hear("broken again", parent=message.key)
        self.assertIn("opened again", self.told(ticket)[self.agent_own][-1][1])

    def test_backlog_and_bots_disturb_nobody(self):
        self.team.message_subscribe(self.agent_own.partner_id.ids)
        self.world.post("feed")
        self.world.inbox[-1].data["author"]["bot"] = True
        self.account.action_pull()
        self.assertFalse(
            self.env["mail.notification"].search(
                [("res_partner_id", "=", self.agent_own.partner_id.id)]
            )
        )

    def test_queries_do_not_grow_with_the_storm(self):
        self.team.message_subscribe((self.agent_own | self.agent_team).partner_id.ids)
        counts = []
        for size in (20, 60):
            for number in range(size):
                self.world.post(f"storm {number}", author=f"s{size}-{number}")
            self.account._pull()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["helpdesk.social.intake"]._process_all(self.account)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLess(counts[1], counts[0] + 15, counts)
