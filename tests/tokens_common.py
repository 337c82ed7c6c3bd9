"""An account with tokens that end, for the tests of what happens then."""

import unittest
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase

from ..models import common
from .push_network import PushFixtures


class Died(BaseException):
    """The process is gone; nothing may catch this."""


class TokensCase(PushFixtures, TransactionCase):
    def setUp(self):
        super().setUp()
        self.account = self.account.sudo()
        self.account.connected_at = fields.Datetime.now()
        self.sign_in()

    @contextmanager
    def caught(self, kind):
        """As ``assertRaises``, which would undo what is written before the error."""
        case = unittest.TestCase()
        with case.assertRaises(kind) as caught:
            yield caught

    def sign_in(self, minutes=120, name="one", **more):
        """Tokens of a sign-in in the browser, which end in so many minutes."""
        got = self.world.tokens.family(name)
        ends = common.utcnow() + timedelta(minutes=minutes)
        self.account._store_tokens(replace(got, expires_at=ends, **more))
        self.account.last_check_at = fields.Datetime.now()

    def token(self):
        return self.account._bare_adapter().settings.get("access_token")

    def row(self):
        return self.account._tokens()

    def tokens_end(self):
        """The network takes the present access token no more."""
        self.world.ended.add(self.token())

    def refuse(self):
        """The network renews nothing any more."""
        self.tokens_end()
        self.world.tokens.dead.add("one")

    def run_cron(self):
        self.env["helpdesk.social.account"]._cron_keep_alive()

    def let_time_pass(self, **delta):
        """Waits and leases are over."""
        past = fields.Datetime.now() - timedelta(**delta)
        self.row().write({"retry_at": past, "lease_until": past})

    def queue(self, text="Hello"):
        """A reply that waits to be sent."""
        conversation = self.make_conversation(ticket=self.make_ticket())
        message = self.make_message(conversation, ticket_id=conversation.ticket_id.id)
        ticket = conversation.ticket_id.with_user(self.agent_all)
        return ticket.social_reply(text, "public", to=message).sudo()

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()
