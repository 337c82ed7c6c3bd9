"""Past the window, in a browser, on the sandbox: with the keyboard alone."""

from odoo.tests import HttpCase, tagged

from .test_templates import TemplateFixtures


@tagged("post_install", "-at_install")
class TestTemplatesTour(TemplateFixtures, HttpCase):
    def test_a_template_is_chosen_filled_and_sent(self):
        self.start_tour(
            f"/odoo/helpdesk.ticket/{self.ticket.id}",
            "helpdesk_social_template",
            login=self.agent_all.login,
        )
        row = self.sent()
        self.assertEqual(row.template_id, self.template("parcel_found"))
        self.assertEqual(
            row.text,
            "Good news, Ann\n"
            "Your parcel has been found. It will be with you on Friday.",
        )
        self.deliver()
        self.assertEqual(row.delivery_state, "sent", row.error_text)
