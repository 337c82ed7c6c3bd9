"""Who may read, change and find what: every kind of user × model × way."""

from odoo.tests import tagged

from .common import SocialCase


@tagged("post_install", "-at_install")
class TestFixtures(SocialCase):
    def test_fake_network_pulls_into_the_journal(self):
        self.world.post("Help, please")
        self.account._pull()
        event = self.env["helpdesk.social.event"].search(
            [("account_id", "=", self.account.id)]
        )
        self.assertEqual(len(event), 1)
        incoming = self.account._adapter().parse(event._item())
        self.assertEqual(incoming.text, "Help, please")
        self.assertEqual(self.world.calls, ["fetch"])
