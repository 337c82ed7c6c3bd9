"""The inbox in a real browser: customers write in the sandbox, an agent triages."""

from odoo.tests import HttpCase, tagged

from .common import SocialFixtures


@tagged("post_install", "-at_install")
class TestInboxTour(SocialFixtures, HttpCase):
    def test_triage_by_keyboard(self):
        env = self.env
        env["helpdesk.social.message"].search([]).sudo().write({"waiting": False})
        accounts = env["helpdesk.social.account"]
        accounts.search([("network_code", "=", "sandbox")]).active = False
        wall = env["helpdesk.social.sandbox.wall"].with_user(self.manager)
        wall.start()
        account = accounts.search([("network_code", "=", "sandbox")])
        account.team_id = self.team
        rule = env["helpdesk.social.rule"].create(
            {"name": "No ticket for thanks", "kind": "thanks", "ticket": "no"}
        )
        rule.action_try()
        rule.action_switch_on()
        for handle, text in (
            ("jo", "My parcel 4711 is lost"),
            ("sam", "Thanks!"),
            ("ann", "Thank you very much"),
        ):
            wall.say(account.id, handle, f"@{account.handle} {text}", "public", False)
        account.action_pull()
        said = env["helpdesk.social.message"].search(
            [("account_id", "=", account.id), ("direction", "=", "in")], order="id"
        )
        self.assertEqual(said.mapped("why"), ["new", "ruled_out", "ruled_out"])
        self.start_tour(
            "/odoo/helpdesk-social-inbox",
            "helpdesk_social_inbox",
            login=self.agent_all.login,
        )
        env.invalidate_all()
        self.assertEqual(
            said.mapped("handled_how"), ["no_answer", "ignored", "ignored"]
        )
        self.assertEqual(said.handled_by_id, self.agent_all)
        self.assertEqual(len(said.ticket_id), 1)
        self.assertEqual(rule.matched_count, 2)
