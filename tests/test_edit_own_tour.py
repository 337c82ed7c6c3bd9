"""Our own words are edited in a real browser, on the sandbox network."""

from odoo.tests import HttpCase, tagged

from .common import SocialFixtures


@tagged("post_install", "-at_install")
class TestEditOwnTour(SocialFixtures, HttpCase):
    def test_edit_and_its_echo(self):
        brand = self.make_account("sandbox", name="Acme Tea", undo_seconds=0)
        # whoever tries the sandbox in this database has the usual name
        brand.set_settings({"handle": "acme_edits"})
        brand.action_connect()
        post = self.env["helpdesk.social.sandbox.post"]._say(
            brand, "mika", "when does it come?", "public"
        )
        brand.action_pull()
        messages = self.env["helpdesk.social.message"]
        mine = [("account_id", "=", brand.id)]
        asked = messages.search([*mine, ("key", "=", str(post.id))])
        ticket = asked.ticket_id
        answer = (
            ticket.with_user(self.agent_all)
            .social_reply("We look into ti", "public", to=asked)
            .sudo()
        )
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(answer.delivery_state, "sent")
        self.start_tour(
            f"/odoo/helpdesk.ticket/{ticket.id}",
            "helpdesk_social_edit_own",
            login=self.agent_all.login,
        )
        self.env.invalidate_all()
        there = self.env["helpdesk.social.sandbox.post"].browse(int(answer.key))
        self.assertEqual((there.text, there.edits), ("We look into it", 1))
        brand.action_pull()
        self.env.invalidate_all()
        self.assertEqual(answer.text, "We look into it")
        self.assertEqual(answer.edited_by_id, self.agent_all)
        self.assertEqual(
            [(one["text"], one["by"]) for one in answer.revisions],
            [("We look into ti", self.agent_all.name)],
        )
        self.assertEqual(messages.search_count(mine), 2, "the echo is no new message")
        self.assertEqual(ticket.with_user(self.agent_all).social_waiting_count, 0)
