"""Telegram through the whole addon: what only adapter and intake together show."""

from odoo.tests import tagged

from .common import SocialCase
from .simulators.telegram import TelegramHarness, TelegramSimulator


@tagged("post_install", "-at_install")
class TestTelegram(SocialCase):
    """From a delivery on the wire to the ticket, against the simulator."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(TelegramSimulator())
        self.sim.privacy = False
        self.account = self.make_account(code="telegram")
        self.account.set_settings(TelegramHarness().settings(self.sim))
        self.account.action_connect()
        # the fake server has a clock of its own; nothing here is a backlog
        self.account.connected_at = "2020-01-01 00:00:00"

    def push(self, update):
        adapter = self.account._adapter()
        _headers, _query, raw = self.sim.webhook_request(update)
        self.env["helpdesk.social.event"]._journal(
            self.account.app_id, adapter.split(raw), self.account, source="push"
        )
        self.env["helpdesk.social.intake"]._process_all(self.account)

    def messages(self):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id)]
        )

    def test_each_picture_is_a_delivery_of_its_own(self):
        for username in ("acme_square", ""):
            for turn in (1, -1):
                with self.subTest(username=username, turn=turn):
                    self.sim.queue.clear()
                    before = self.messages()
                    jo = self.sim.make_user()
                    group = self.sim.make_group(username=username, announce=False)
                    self.sim.send_album(jo, group, "@AcmeHelpBot look")
                    for update in self.sim.pending()[::turn]:
                        self.push(update)
                    found = self.messages() - before
                    self.assertEqual(len(found), 3)
                    self.assertEqual(len(found.conversation_id), 1)
                    self.assertEqual(len(found.ticket_id), 1)
                    self.assertTrue(all(one.ticket_id for one in found))
                    self.assertTrue(all(found.mapped("waiting")))

    def test_an_album_that_does_not_name_us(self):
        group = self.sim.make_group(username="acme_square", announce=False)
        self.sim.send_album(self.sim.make_user(), group, "look")
        for update in self.sim.pending():
            self.push(update)
        self.assertEqual(len(self.messages()), 3)
        self.assertFalse(self.messages().ticket_id)

    def test_the_link_of_the_bot_brings_them_to_the_ticket(self):
        jo, eve = self.sim.make_user("Jo"), self.sim.make_user("Eve")
        group = self.sim.make_group(username="acme_square", announce=False)

        def asked(words):
            self.sim.say(jo, group, f"@AcmeHelpBot {words}")
            self.push(self.sim.pending()[-1])
            message = self.messages().filtered(lambda one: words in (one.text or ""))
            ticket = message.ticket_id.with_user(self.agent_all)
            ways = ticket.social_handoff_ways(message.id)["ways"]
            [way] = [one for one in ways if one["kind"] == "link"]
            done = ticket.social_handoff(message.id, way["id"], False)
            link, _start, token = done["link"].partition("?start=")
            self.assertTrue(link.startswith("https://t.me/"))
            return message.ticket_id, token

        ticket, token = asked("my lamp broke")
        self.sim.start(jo, token)
        self.push(self.sim.pending()[-1])
        started = self.messages().sorted("id")[-1]
        self.assertEqual((started.audience, started.ticket_id), ("private", ticket))
        self.assertEqual(started.why, "invited")
        self.assertTrue(started.waiting)
        # who has started it once can be written to
        ways = ticket.with_user(self.agent_all).social_handoff_ways(
            self.messages().filtered(lambda one: "lamp broke" in one.text).id
        )["ways"]
        self.assertEqual(ways[0]["kind"], "direct")
        # somebody else who read the link in the group
        ticket, token = asked("and my chair")
        self.sim.start(eve, token)
        self.push(self.sim.pending()[-1])
        started = self.messages().sorted("id")[-1]
        self.assertTrue(started.ticket_id)
        self.assertNotEqual(started.ticket_id, ticket)
        self.assertTrue(ticket.social_same_asked)

    def test_two_bots_and_one_person(self):
        """Each bot numbers for itself: the same number is another message."""
        jo = self.sim.make_user("Jo")
        self.sim.say(jo, text="to the first")
        self.push(self.sim.pending()[-1])
        first = self.messages()
        with TelegramSimulator() as other:
            other.bot.id += 1
            other.token = other.token.replace(str(self.sim.bot.id), str(other.bot.id))
            account = self.make_account(code="telegram")
            account.set_settings(TelegramHarness().settings(other))
            account.action_connect()
            account.connected_at = "2020-01-01 00:00:00"
            other.say(other.make_user("Jo"), text="to the second")
            account._pull()
            self.env["helpdesk.social.intake"]._process_all(account)
        self.account = account
        second = self.messages()
        self.assertEqual((first.text, second.text), ("to the first", "to the second"))
        self.assertEqual(first.identity_id, second.identity_id)
        self.assertEqual(first._ref(), second._ref())

    def test_pressing_start_asks_nothing_until_words_follow(self):
        jo = self.sim.make_user("Jo")
        self.sim.start(jo)
        self.push(self.sim.pending()[-1])
        self.assertFalse(self.messages().ticket_id)
        self.assertFalse(self.messages().waiting)
        self.sim.say(jo, text="/start of my trouble: the lamp broke")
        self.push(self.sim.pending()[-1])
        self.assertEqual(len(self.messages()), 2)
        self.assertEqual(len(self.messages().ticket_id), 1)
