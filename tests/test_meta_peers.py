"""What people complain about in other programs, on Facebook and Instagram, tried here
through the whole addon: the right ticket, reopened, several people, every outcome told,
a lost subscription found (on WhatsApp as well).
"""

from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..models.helpdesk_social_account_alarm import LOST
from .test_facebook import FacebookFixtures
from .test_instagram import InstagramFixtures
from .test_whatsapp import WhatsAppFixtures


class LostSubscription:
    """The same for each network's fixtures."""

    allow_inherited_tests_method = True

    def lose(self):
        """The network forgets the subscription."""
        raise NotImplementedError

    def test_a_subscription_that_was_lost_is_told_and_made_again(self):
        """odoo/documentation#16687: nothing came, and nobody was told why."""
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("web.base.url", "https://odoo.example")
        # Meta's question cannot be asked from another thread of a test
        proved = patch.object(type(self.sim), "ask", staticmethod(lambda *_args: True))
        self.startPatcher(proved)
        self.account.action_subscribe()
        self.account.push_asked_at = False
        self.account._watch_push()
        self.assertFalse(self.account.push_lost_at, "all is well")
        self.lose()
        self.account.push_asked_at = False
        self.account._watch_push()
        self.env.invalidate_all()
        self.assertTrue(self.account.push_lost_at)
        self.assertTrue(self.account.activity_search([LOST]))
        # it was asked for again at once
        self.account.push_asked_at = False
        self.account._watch_push()
        self.env.invalidate_all()
        self.assertFalse(self.account.push_lost_at)


@tagged("post_install", "-at_install")
class TestFacebookLost(LostSubscription, FacebookFixtures, TransactionCase):
    def lose(self):
        self.sim.page.fields = None


@tagged("post_install", "-at_install")
class TestInstagramLost(LostSubscription, InstagramFixtures, TransactionCase):
    def lose(self):
        self.sim.pushed_fields = set()


@tagged("post_install", "-at_install")
class TestInstagramLoginLost(TestInstagramLost):
    login = "instagram"


@tagged("post_install", "-at_install")
class TestWhatsAppLost(LostSubscription, WhatsAppFixtures, TransactionCase):
    def lose(self):
        self.sim.subscriptions["whatsapp_business_account"]["fields"] = []


@tagged("post_install", "-at_install")
class TestFacebookPeers(FacebookFixtures, TransactionCase):
    def close(self, ticket):
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.assertTrue(ticket.closed)

    def test_a_private_answer_joins_the_ticket_it_answers_not_the_newest(self):
        """zammad#1973: a private message was put to the wrong ticket."""
        first = self.hear("My lamp broke", self.sim.write_post("Lamps"))
        second = self.hear("My chair broke", self.sim.write_post("Chairs"))
        self.assertNotEqual(first.ticket_id, second.ticket_id)
        self.reply(first, "Your address?", "private")
        self.deliver()
        said = self.sim.write(self.jo, "Main Street 1")
        somebody = self.sim.add_customer("Somebody Else")
        other = self.sim.write(somebody, "I have a question")
        self.take()
        page = self.sim.page.id
        self.assertEqual(self.message(f"{page}:{said.mid}").ticket_id, first.ticket_id)
        theirs = self.message(f"{page}:{other.mid}").ticket_id
        self.assertTrue(theirs)
        self.assertNotIn(theirs, first.ticket_id | second.ticket_id)

    def test_a_new_answer_below_a_closed_matter_reopens_it(self):
        """zammad#1777, #1851: a new comment did not reopen."""
        post = self.sim.write_post("Our summer sale")
        message = self.hear("My lamp broke", post)
        ticket = message.ticket_id
        self.close(ticket)
        again = self.hear("It broke again!", self.sim.comments[message.key])
        self.assertEqual(again.ticket_id, ticket)
        self.assertFalse(ticket.closed)
        self.assertTrue(again.waiting)
        # reading it again, or hearing it again, is nothing new
        self.close(ticket)
        self.sim.tell_comment(self.sim.comments[again.key])
        self.take()
        self.pull()
        self.assertTrue(ticket.closed)

    def test_each_post_of_our_own_is_no_ticket(self):
        """zammad#251, #421: every post of one's own made a ticket."""
        before = self.env["helpdesk.ticket"].search_count([])
        posts = [self.sim.write_post(f"News {number}") for number in range(3)]
        self.sim.comment(None, "First!", posts[0])
        self.take()
        self.pull()
        self.assertTrue(all(self.message(one.id) for one in posts))
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before)

    def test_several_people_in_one_thread_each_with_their_name(self):
        """chatwoot#8427, #316, #1941; zammad#4398, #1776."""
        message = self.hear("My lamp broke")
        kim = self.sim.add_customer("Kim L")
        above = self.sim.comments[message.key]
        also = self.hear("Mine too", above, kim)
        self.assertEqual(also.ticket_id, message.ticket_id)
        names = [one.identity_id.name for one in (message, also)]
        self.assertEqual(names, ["Jo K", "Kim L"])
        # what is said to Kim in private reaches Kim, and stays on this ticket
        row = self.reply(also, "Your order, please?", "private")
        self.deliver()
        self.assertEqual(row.conversation_id.key, kim.id)
        self.assertEqual(row.ticket_id, message.ticket_id)

    def test_each_thing_that_was_delivered_has_an_outcome(self):
        """chatwoot#10465, #10341, #6223: in the log, and nowhere on the screen."""
        said = self.sim.comment(self.jo, "Hello")
        self.sim.push({"item": "hologram", "verb": "add", "post_id": said.post.id})
        self.sim.push({"leadgen_id": "4711"}, field="leadgen")
        count = len(self.sim.queue)
        self.take()
        events = self.env["helpdesk.social.event"].search(
            [("account_id", "=", self.account.id), ("source", "=", "push")]
        )
        self.assertEqual(len(events), count)
        self.assertTrue(all(one.state != "new" and one.outcome for one in events))
        kept = [one for one in events.mapped("outcome") if one.startswith("ignored:")]
        self.assertEqual(sorted(kept), ["ignored:feed_hologram", "ignored:leadgen"])

    def test_connecting_brings_no_flood_of_old_matters(self):
        """freescout#1201: connecting made tons of tickets out of old messages."""
        day = 24 * 3600
        now = self.sim.now().timestamp()
        old = self.sim.write_post("Of the autumn", at=now - 200 * day)
        for days in (190, 60, 2):
            self.sim.comment(self.jo, f"{days} days ago", old, at=now - days * day)
        self.sim.queue.clear()
        before = self.env["helpdesk.ticket"].search_count([])
        self.account.connected_at = self.sim.now().replace(tzinfo=None)
        self.pull()
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before)
        fresh = self.sim.comment(self.jo, "Now", old, at=now + 60, push=False)
        self.pull()
        self.assertTrue(self.message(fresh.id).ticket_id)


@tagged("post_install", "-at_install")
class TestInstagramPeers(InstagramFixtures, TransactionCase):
    def test_a_dead_token_is_no_healthy_channel(self):
        """zammad#5352, chatwoot#2037: the channel stayed green."""
        self.written()
        self.assertEqual(self.account.health, "good")
        for facts in self.sim.tokens.values():
            facts["error"] = 460
        self.account.next_pull_at = False
        self.env["helpdesk.social.intake"]._cron_pull()
        self.env.invalidate_all()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertNotEqual(self.account.health, "good")
        self.assertTrue(self.account.health_text)

    def test_full_meters_slow_every_stream_before_they_stop_it(self):
        """Meta §1: from 75 %; at 100 % calling on makes it last longer."""
        for percent, kind in ((80, "instagram"), (95, "instagram"), (100, "messenger")):
            self.account.stream_rests = False
            self.sim.use_up(percent, kind=kind)
            self.account.next_pull_at = False
            self.account.action_pull()
            self.env.invalidate_all()
            self.assertEqual(self.account.state, "active")
            self.assertEqual(
                set(self.account.stream_rests), set(self.account._adapter().streams)
            )
            self.assertFalse(self.account._streams_to_ask(self.account._adapter()))
