"""Who may speak as an account, by every kind of user and every way to speak.

What is refused leaves no row behind and calls no network.
"""

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import MANAGER, SocialCase
from .test_access import USERS
from .test_access_models import table

MESSAGE = "helpdesk.social.message"
TICKET = "helpdesk.ticket"

#: y: speaks in every way · -: in none. The ticket is of the agents' team and nobody's;
#: the accounts: with no speakers named, with one of them, with the managers' group
SPEAKERS = """
              own team all mgr intern sales hist follow admin other cust coll public
anybody       y   y    y   y   -      -     -    -      y     -     -    -    -
one-of-us     -   y    -   -   -      -     -    -      -     -     -    -    -
managers      -   -    -   y   -      -     -    -      y     -     -    -    -
"""


@tagged("post_install", "-at_install")
class TestSpeakers(SocialCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accounts = {
            "anybody": cls.make_account(state="active"),
            "one-of-us": cls.make_account(
                state="active", speaker_user_ids=[(6, 0, cls.agent_team.ids)]
            ),
            "managers": cls.make_account(
                state="active", speaker_group_ids=[(4, cls.env.ref(MANAGER).id)]
            ),
        }
        cls.env[MESSAGE].search([("waiting", "=", True)]).waiting = False
        # sudo: helpdesk.social.account - as if connected in this database
        for account in cls.accounts.values():
            account.sudo()._remember_home()

    def setUp(self):
        super().setUp()
        self.ticket = self.make_ticket(partner_id=self.partner.id)
        self.ticket.message_subscribe(self.follower.partner_id.ids)

    def ways(self, account):
        """title -> (model, method, ids, args, kwargs), on rows of its own."""
        received, failed = {}, {}
        for audience in ("public", "group", "private"):
            thread = self.make_conversation(audience, self.ticket, account)
            received[audience] = self.make_message(thread, waiting=True)
            failed[audience] = self.make_message(
                thread,
                direction="out",
                delivery_state="failed",
                user_id=self.agent_all.id,
            )
        public = received["public"]
        for audience, message in received.items():
            option = f"{audience}:{account.id}:{message.id}"
            yield f"send {audience}", TICKET, "social_send", self.ticket, [option, "Hi"]
            row = failed[audience]
            yield f"retry {audience}", MESSAGE, "action_retry", row, []
            yield f"cancel {audience}", MESSAGE, "action_cancel", row, []
        yield "like", MESSAGE, "action_like", public, []
        yield "hide", MESSAGE, "action_hide", public, []
        yield "delete", MESSAGE, "action_delete", failed["public"], []

    def outcome(self, user, model, method, record, args):
        """Whether the network or the outbox was moved by the call."""
        self.env.invalidate_all()
        before = self.state()
        env = self.env(user=user.id, su=False, context={})
        try:
            with self.env.cr.savepoint():
                result = call_kw(env[model], method, [record.ids, *args], {})
                done = not isinstance(result, dict) or result["ok"]
        except (AccessError, UserError):
            done = False
        self.env.invalidate_all()
        self.assertEqual(self.state() != before, done, "half done")
        return done

    def state(self):
        rows = self.env[MESSAGE].search_read(
            [("ticket_id", "=", self.ticket.id)], ["delivery_state", "deleted_at"]
        )
        return rows, len(self.world.calls)

    def test_speakers(self):
        wrong = []
        for name, cells in table(SPEAKERS).items():
            for column, cell in cells.items():
                user = getattr(self, USERS[column])
                for title, *call in self.ways(self.accounts[name]):
                    done = self.outcome(user, *call)
                    if done != (cell == "y"):
                        verb = "can" if done else "cannot"
                        wrong.append(f"{column!r} {verb} {title} as {name!r}")
        self.assertFalse(wrong, "\n".join(["wrong cells:", *wrong]))

    def test_reply_as_code(self):
        """``social_reply`` itself, whoever calls it from another addon."""
        thread = self.make_conversation(
            "private", self.ticket, self.accounts["anybody"]
        )
        message = self.make_message(thread)
        for column, cell in table(SPEAKERS)["anybody"].items():
            user = getattr(self, USERS[column])
            with self.subTest(user=column):
                ticket = self.ticket.with_user(user)
                arguments = {"to": message.with_user(user)}
                if cell == "y":
                    sent = ticket.social_reply("Hi", "private", **arguments)
                    self.assertEqual(sent.delivery_state, "queued")
                    self.assertEqual(sent.sudo().user_id, user)
                else:
                    with self.assertRaises(AccessError):
                        ticket.social_reply("Hi", "private", **arguments)

    def test_a_private_thread_on_a_ticket_one_merely_follows(self):
        """An agent may change a ticket that he follows, but not speak in a thread
        that he may not read."""
        self.ticket.user_id = self.agent_team
        self.ticket.message_subscribe(self.agent_own.partner_id.ids)
        account = self.accounts["anybody"]
        person = self.make_identity(account=account)
        thread = self.make_conversation(
            "private", self.ticket, account, identity_id=person.id
        )
        thread.participant_ids = person
        message = self.make_message(thread)
        option = f"private:{account.id}:{message.id}"
        call = (TICKET, "social_send", self.ticket, [option, "Hi"])
        self.assertFalse(self.outcome(self.agent_own, *call))
        ticket = self.ticket.with_user(self.agent_own)
        for to in (message, message.identity_id):
            to = to.with_user(self.agent_own)
            for named in ({}, {"account": account.with_user(self.agent_own)}):
                with self.subTest(to=to, **named), self.assertRaises(UserError):
                    ticket.social_reply("Hi", "private", to=to, **named)
        self.assertTrue(self.outcome(self.agent_team, *call))

    def test_nobody_speaks_by_writing_rows(self):
        account = self.accounts["anybody"]
        thread = self.make_conversation("public", self.ticket, account)
        values = {
            "account_id": account.id,
            "network_id": account.network_id.id,
            "conversation_id": thread.id,
            "direction": "out",
            "origin": "agent",
            "audience": "public",
            "text": "forged",
            "sent_at": "2026-01-01 00:00:00",
            "delivery_state": "queued",
        }
        for user in (self.agent_all, self.manager, self.admin, self.portal_customer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                call_kw(self.env(user=user.id)[MESSAGE], "create", [values], {})
