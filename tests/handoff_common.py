"""What the tests of the hand-off share: a complaint, its ticket, an invitation."""

from ..networks import items
from .common import SocialCase, SocialFixtures


class HandoffFixtures(SocialFixtures):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handoffs = cls.env["helpdesk.social.handoff"]
        cls.messages = cls.env["helpdesk.social.message"]

    def pull(self, account=None):
        (account or self.account).action_pull()

    def heard(self, incoming):
        return self.messages.search([("key", "=", incoming.key)])

    def complaint(self, author="ann", text="@us My lamp broke", **values):
        """A public post that opened a ticket; returns its message."""
        said = self.world.post(text, author=author, **values)
        self.pull()
        message = self.heard(said)
        self.assertTrue(message.ticket_id)
        return message

    def invite(self, message, account=None, way=items.LINK, **values):
        """(invitation, token)"""
        return self.handoffs._mint(
            message.ticket_id, message, account or self.account, way, **values
        )

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()


class HandoffCase(HandoffFixtures, SocialCase):
    """Without a browser."""
