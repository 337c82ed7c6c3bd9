"""Messenger through the whole addon: pushed, answered in time, echoed, read.

On a Facebook Page, against the simulator; deliveries go through their bytes, some over
the wire as Meta sends them.
"""

import random
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, tagged

from .common import SocialFixtures
from .simulators.facebook import FacebookHarness, FacebookSimulator
from .simulators.meta_messages_world import OTHER_APP
from .test_media import PNG


class MessengerFixtures(SocialFixtures):
    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(FacebookSimulator())
        self.account = self.connected()
        self.jo = self.sim.add_customer("Jo K")

    def connected(self, page=None, **values):
        account = self.make_account(code="facebook", **values)
        settings = FacebookHarness.settings(self.sim)
        if page:
            settings["access_token"] = page.token
        account.set_settings(settings)
        account.action_connect()
        # the fake server has a clock of its own; nothing here is a backlog
        account.connected_at = "2020-01-01 00:00:00"
        self.sim.queue.clear()
        return account

    def human_agent(self, ours=True, theirs=True):
        """Meta has approved the app for it, and the settings say so."""
        self.sim.human_agent = theirs
        if ours:
            self.account.set_settings({"human_agent": "yes"})

    # --- in -------------------------------------------------------------------
    def take(self, account=None, payloads=None):
        """All that waits on the network is delivered, past the door."""
        account = account or self.account
        if payloads is None:
            payloads, self.sim.queue = self.sim.queue, []
        for payload in payloads:
            found = account._adapter().split(self.sim.request(payload)[2])
            self.env["helpdesk.social.event"]._journal(
                account.app_id, found, source="push"
            )
        self.process(account)

    def process(self, account=None):
        self.env["helpdesk.social.intake"]._process_all(account or self.account)
        self.env.invalidate_all()

    def again(self):
        """What had to wait has its turn."""
        events = self.env["helpdesk.social.event"].search(
            [("account_id", "=", self.account.id), ("state", "=", "new")]
        )
        events.retry_at = False
        self.process()

    def message(self, said):
        return self.env["helpdesk.social.message"].search(
            [("key", "=", f"{self.sim.page.id}:{said.mid}")]
        )

    def hear(self, person=None, text="My lamp broke", **more):
        said = self.sim.write(person or self.jo, text, **more)
        self.take()
        return self.message(said)

    # --- out ------------------------------------------------------------------
    def reply(self, message, text="We look into it", **kwargs):
        ticket = message.ticket_id.with_user(self.agent_all)
        return ticket.social_reply(text, "private", to=message, **kwargs).sudo()

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.env.invalidate_all()

    def said_so_far(self):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("direction", "=", "out")],
            order="id",
        )

    def silent_for(self, hours):
        """So long ago did Jo last write: by Meta's memory and by ours."""
        self.jo.last_wrote -= hours * 3600
        threads = self.env["helpdesk.social.conversation"].search(
            [("account_id", "=", self.account.id), ("audience", "=", "private")]
        )
        for thread in threads:
            thread.last_inbound_at -= timedelta(hours=hours)
            thread.message_ids.filtered(
                lambda one: one.direction == "in"
            ).sent_at = thread.last_inbound_at

    def afforded(self, message):
        return {one["kind"]: one for one in message.social_affordances()}


@tagged("post_install", "-at_install")
class TestMessenger(MessengerFixtures, TransactionCase):
    def test_pushed_ticket_answered_echoed_delivered_read(self):
        message = self.hear(text="My lamp broke 💡")
        self.assertEqual((message.audience, message.direction), ("private", "in"))
        # the ticket says nothing of what was said in private
        self.assertNotIn("lamp", message.ticket_id.name)
        self.assertNotIn("lamp", message.ticket_id.description or "")
        row = self.reply(message, "Sorry! 💡")
        self.deliver()
        [said] = self.sim.sent()
        self.assertEqual((said.text, said.person), ("Sorry! 💡", self.jo))
        self.assertEqual(row.key, f"{self.sim.page.id}:{said.mid}")
        self.assertFalse(message.waiting)
        self.take()  # the echo
        self.assertEqual(self.said_so_far(), row, "no second message of ours")
        self.assertEqual(row.origin, "agent")
        self.sim.delivered(said)
        self.take()
        self.assertEqual(row.delivery_state, "delivered")
        self.sim.read(self.jo)
        self.take()
        self.assertEqual(row.delivery_state, "read")

    def test_two_messages_within_a_moment_are_one_conversation(self):
        """chatwoot#14214: 214 ms apart, and two conversations."""
        for text in ("My lamp broke", "and my chair"):
            self.sim.write(self.jo, text)
        first, second = self.sim.queue
        self.sim.queue = []
        self.take(payloads=[second])
        self.take(payloads=[first])
        messages = self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id)]
        )
        self.assertEqual(len(messages), 2)
        self.assertEqual(len(messages.conversation_id), 1)
        self.assertEqual(len(messages.ticket_id), 1)
        # chatwoot#12661, #3608: in the order in which they were said
        self.assertEqual(
            messages.sorted("sent_at").mapped("text"), ["My lamp broke", "and my chair"]
        )

    def test_in_any_order_and_twice(self):
        """chatwoot#13359: delivered twice, and there twice."""
        message = self.hear()
        row = self.reply(message)
        self.deliver()
        [said] = self.sim.sent()
        self.sim.delivered(said)
        self.sim.read(self.jo)
        self.sim.write(self.jo, "Thank you so much for that!")
        payloads, self.sim.queue = [*self.sim.queue, *self.sim.queue], []
        random.Random(11).shuffle(payloads)
        for payload in payloads:
            self.take(payloads=[payload])
        self.again()
        self.assertEqual(row.delivery_state, "read")
        thread = message.conversation_id
        texts = sorted(thread.message_ids.mapped("text"))
        self.assertEqual(
            texts,
            ["My lamp broke", "Thank you so much for that!", "We look into it"],
        )

    def test_the_echo_comes_before_the_answer_to_our_call(self):
        """freescout#1586: what we said was imported again."""
        message = self.hear()
        row = self.reply(message)
        self.sim.fail(method="POST", path="/messages", cut="after")
        self.deliver()
        self.assertEqual(row.delivery_state, "uncertain")
        self.take()
        self.assertEqual((row.delivery_state, row.in_doubt), ("sent", False))
        self.deliver()
        self.assertEqual(len(self.sim.sent()), 1)
        self.assertEqual(self.said_so_far(), row)

    def test_without_an_echo_it_is_looked_up(self):
        self.sim.echoes = False
        row = self.reply(self.hear())
        self.sim.fail(method="POST", path="/messages", cut="after")
        self.deliver()
        row.next_try_at = "2020-01-01 00:00:00"
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(len(self.sim.sent()), 1)

    def test_what_never_arrived_is_sent_once_more(self):
        row = self.reply(self.hear())
        self.sim.fail(method="POST", path="/messages", cut="before")
        self.deliver()
        for _look in range(3):
            row.next_try_at = "2020-01-01 00:00:00"
            self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(len(self.sim.sent()), 1)

    def test_a_colleague_in_the_pages_inbox_answers(self):
        """chatwoot#1186: invisible; zammad#406: a new ticket each. Shown as ours, stops
        the wait, and opens nothing."""
        message = self.hear()
        tickets = self.env["helpdesk.ticket"].search_count([])
        said = self.sim.answer_elsewhere(self.jo, "Done in the inbox")
        self.take()
        native = self.message(said)
        self.assertEqual((native.origin, native.direction), ("native", "out"))
        self.assertEqual(native.conversation_id, message.conversation_id)
        self.assertFalse(message.waiting)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), tickets)

    def test_another_program_writes_first(self):
        """Nobody asked us anything: no ticket, and nothing lost."""
        tickets = self.env["helpdesk.ticket"].search_count([])
        said = self.sim.answer_elsewhere(self.jo, "Our spring sale!", OTHER_APP)
        self.take()
        self.assertEqual(self.message(said).origin, "native")
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), tickets)

    def test_the_same_words_from_the_inbox_are_not_taken_for_our_reply(self):
        message = self.hear()
        row = self.reply(message, "Hello!")
        self.sim.fail(method="POST", path="/messages", cut="before")
        self.deliver()
        said = self.sim.answer_elsewhere(self.jo, "Hello!")
        self.take()
        self.assertEqual(row.delivery_state, "uncertain")
        self.assertNotEqual(self.message(said), row)

    def test_somebody_edits_reacts_and_takes_back(self):
        said = self.sim.write(self.jo, "My lmap broke")
        self.take()
        message = self.message(said)
        self.sim.edit(said, "My lamp broke")
        self.sim.react(said, "😢")
        self.take()
        self.assertEqual(message.text, "My lamp broke")
        self.assertEqual(message.reactions, {"😢": 1})
        self.sim.unsend(said)
        self.take()
        self.assertTrue(message.deleted_at)
        self.assertFalse(message.text, "what is taken back is forgotten")

    def test_names_come_later_and_are_not_asked_for_twice(self):
        """A webhook tells a number of 19 digits and nothing else."""
        message = self.hear()
        person = message.identity_id
        self.assertFalse(person.name)
        self.env["helpdesk.social.identity"]._cron_fetch_profiles()
        self.env.invalidate_all()
        self.assertEqual(person.name, "Jo K")
        self.assertEqual(person.scope, self.sim.page.id)

    def test_a_shy_person_stays_a_number_and_nothing_breaks(self):
        """chatwoot#12789, #10741: strangers got made-up names."""
        self.jo.hidden = 2018218
        message = self.hear()
        self.env["helpdesk.social.identity"]._cron_fetch_profiles()
        self.env.invalidate_all()
        self.assertFalse(message.identity_id.name)
        self.assertEqual(self.account.state, "active")

    def test_what_the_webhooks_lost_is_pulled(self):
        said = self.sim.write(self.jo, "Did you get this?")
        self.sim.queue.clear()
        self.account.action_pull()
        self.env.invalidate_all()
        message = self.message(said)
        self.assertTrue(message.ticket_id)
        self.assertEqual(message.identity_id.name, "Jo K")
        # the push that came late after all is no second message
        self.sim.tell(self.jo, {"message": {"mid": said.mid, "text": said.text}})
        self.take()
        self.assertEqual(len(self.message(said)), 1)

    def test_a_picture_and_words_arrive_in_their_order(self):
        message = self.hear()
        files = self.env["ir.attachment"].with_user(self.agent_all)
        files = files.create([{"name": f"{n}.png", "raw": PNG} for n in "ab"])
        self.reply(message, "Here they are", attachments=files)
        for _part in range(4):
            self.deliver()
        self.assertEqual(
            [(one.text, len(one.attachments)) for one in self.sim.sent()],
            [("Here they are", 0), ("", 1), ("", 1)],
        )
        self.assertEqual(set(self.said_so_far().mapped("delivery_state")), {"sent"})
        self.take()
        self.assertEqual(len(self.said_so_far()), 3)

    def test_a_picture_of_the_customer_is_kept(self):
        said = self.sim.attach(self.jo, PNG, text="Look")
        self.take()
        message = self.message(said)
        message._fetch_media()
        [one] = message.media
        kept = self.env["ir.attachment"].browse(one["attachment_id"])
        self.assertEqual((kept.raw, kept.res_model), (PNG, message._name))

    def test_a_link_brings_the_person_to_the_ticket(self):
        """As Telegram's start payload does: public, then Messenger, one ticket."""
        comment = self.sim.comment(self.jo, "My lamp broke")
        self.take()
        public = self.env["helpdesk.social.message"].search([("key", "=", comment.id)])
        ticket = public.ticket_id
        handoffs = self.env["helpdesk.social.handoff"].sudo()
        _handoff, token = handoffs._mint(ticket, public, self.account, "link")
        self.sim.start_by_link(self.jo, token)
        self.take()
        said = self.sim.write(self.jo, "Here I am")
        self.take()
        self.assertEqual(self.message(said).ticket_id, ticket)

    def test_a_private_answer_to_a_comment_leads_to_one_ticket(self):
        comment = self.sim.comment(self.jo, "My lamp broke")
        self.take()
        public = self.env["helpdesk.social.message"].search([("key", "=", comment.id)])
        ways = self.afforded(public)
        self.assertTrue(ways["reply_private"]["allowed"])
        self.assertEqual(ways["reply_private"]["remaining"], 1)
        row = self.reply(public, "Let us talk here")
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(row.conversation_id.key, self.jo.id)
        self.assertFalse(self.afforded(public)["reply_private"]["allowed"])
        with self.assertRaises(UserError):
            self.reply(public, "And another thing")
        said = self.sim.write(self.jo, "Yes please")
        self.take()
        self.assertEqual(self.message(said).ticket_id, public.ticket_id)
        self.assertEqual(len(self.sim.sent()), 1)

    def test_words_and_a_file_are_too_much_for_a_private_answer(self):
        comment = self.sim.comment(self.jo, "My lamp broke")
        self.take()
        public = self.env["helpdesk.social.message"].search([("key", "=", comment.id)])
        files = self.env["ir.attachment"].with_user(self.agent_all)
        files = files.create([{"name": "a.png", "raw": PNG}])
        with self.assertRaises(UserError) as caught:
            self.reply(public, "Look", attachments=files)
        self.assertIn("either words or one file", str(caught.exception))
        self.reply(public, "", attachments=files)
        self.deliver()
        self.assertEqual(len(self.sim.sent()), 1)

    def test_another_program_has_the_conversation(self):
        message = self.hear()
        row = self.reply(message)
        self.jo.owner = OTHER_APP
        self.deliver()
        self.assertEqual(
            (row.delivery_state, row.error_code), ("failed", "other_program")
        )
        self.assertTrue(row.error_text)
        self.assertEqual(self.account.state, "active")

    def test_two_pages_share_an_app_and_no_messages(self):
        page = self.sim.add_page("370999888777666", "Other")
        second = self.connected(page, app_id=self.account.app_id.id)
        sam = self.sim.add_customer("Sam", self.sim.inboxes[page.id])
        self.sim.write(self.jo, "to Acme")
        self.sim.write(sam, "to Other")
        whole = self.sim.batched(self.sim.queue)
        self.sim.queue.clear()
        self.take(payloads=[whole])
        self.process(second)
        messages = self.env["helpdesk.social.message"].search(
            [("account_id", "in", (self.account | second).ids)]
        )
        self.assertEqual(
            {(one.account_id, one.text) for one in messages},
            {(self.account, "to Acme"), (second, "to Other")},
        )
        self.assertEqual(
            set(messages.identity_id.mapped("scope")), {self.sim.page.id, page.id}
        )


@tagged("post_install", "-at_install")
class TestMessengerWindow(MessengerFixtures, TransactionCase):
    """24 hours for anything, 7 days for a human agent where Meta allows it."""

    def test_in_time(self):
        way = self.afforded(self.hear())["reply_private"]
        self.assertTrue(way["allowed"] and way["until"] and not way["human"])

    def test_too_late_without_the_feature(self):
        """chatwoot#7142: words that Meta never delivered looked sent."""
        message = self.hear()
        self.silent_for(25)
        self.assertFalse(self.afforded(message)["reply_private"]["allowed"])
        with self.assertRaises(UserError) as caught:
            self.reply(message)
        self.assertIn("until they write again", str(caught.exception))
        # they write again
        again = self.hear(text="Hello?")
        self.assertEqual(again.ticket_id, message.ticket_id)
        self.reply(again)
        self.deliver()
        self.assertEqual(len(self.sim.sent()), 1)

    def test_as_a_human_agent_for_seven_days(self):
        self.human_agent()
        message = self.hear()
        self.silent_for(6 * 24)
        way = self.afforded(message)["reply_private"]
        self.assertTrue(way["allowed"] and way["human"])
        self.reply(message)
        self.deliver()
        [said] = self.sim.sent()
        self.assertEqual(said.tag, "HUMAN_AGENT")
        self.silent_for(2 * 24)
        self.assertFalse(self.afforded(message)["reply_private"]["allowed"])

    def test_a_holding_statement_never_goes_as_a_humans(self):
        self.human_agent()
        message = self.hear()
        self.silent_for(30)
        with self.assertRaises(UserError) as caught:
            self.reply(message, "We are at it", consent={"holding": True})
        self.assertIn("only what a person writes", str(caught.exception))
        self.assertFalse(self.sim.sent())

    def test_the_window_passes_while_somebody_writes(self):
        """Queued in time, and late when it is its turn: a person's words still go."""
        self.human_agent()
        message = self.hear()
        row = self.reply(message)
        self.silent_for(24.1)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(self.sim.sent()[0].tag, "HUMAN_AGENT")

    def test_the_window_passes_and_nothing_but_a_person_may_go_on(self):
        self.human_agent()
        message = self.hear()
        row = self.reply(message, "We are at it", consent={"holding": True})
        self.silent_for(24.1)
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "only_human"))
        self.assertFalse(self.sim.sent())

    def test_the_window_passes_without_the_feature(self):
        message = self.hear()
        row = self.reply(message)
        self.silent_for(24.1)
        self.deliver()
        self.assertEqual(
            (row.delivery_state, row.error_code), ("failed", "window_closed")
        )
        self.assertFalse(self.sim.sent())

    def test_meta_s_clock_decides(self):
        """It is late for Meta and not yet for us."""
        self.human_agent()
        row = self.reply(self.hear())
        self.jo.last_wrote -= 24 * 3600 + 60
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(len(self.sim.sent()), 1)

    def test_a_feature_that_was_never_granted(self):
        """The settings say yes, Meta says no: one reply fails, the account goes on."""
        self.human_agent(theirs=False)
        message = self.hear()
        self.silent_for(30)
        row = self.reply(message)
        self.deliver()
        self.assertEqual(
            (row.delivery_state, row.error_code), ("failed", "human_agent_refused")
        )
        self.assertEqual(self.account.state, "active")
        self.assertIn("Human Agent", row.error_text)

    def test_a_proof_is_not_asked_for_in_a_humans_name(self):
        self.human_agent()
        message = self.hear()
        self.silent_for(30)
        partner = self.env["res.partner"].create(
            {"name": "Jo", "email": "jo@example.com"}
        )
        message.identity_id.partner_id = partner
        ticket = message.ticket_id.with_user(self.manager)
        option = f"private:{self.account.id}:{message.id}"
        answer = ticket.social_ask_proof(option)
        self.assertFalse(answer["ok"])
        self.assertIn("only what a person writes", answer["error"])
        self.assertFalse(self.sim.sent())


@tagged("post_install", "-at_install")
class TestMessengerWebhook(MessengerFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        # sudo: helpdesk.social.app - its address, as Meta was told
        app = self.account.app_id.sudo()
        self.address = f"/helpdesk_social/webhook/facebook/{app.webhook_token}"

    def push(self, payload, secret=None):
        headers, _query, raw = self.sim.request(payload, secret)
        return self.url_open(self.address, data=raw, headers=headers, method="POST")

    def test_a_thousand_in_one_delivery(self):
        people = [self.sim.add_customer(f"Person {n}") for n in range(25)]
        said = [
            self.sim.write(people[number % 25], f"message {number} é💡")
            for number in range(1000)
        ]
        whole = self.sim.batched(self.sim.queue)
        for _twice in range(2):
            self.assertEqual(self.push(whole).status_code, 200)
        self.process()
        found = self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("direction", "=", "in")]
        )
        self.assertEqual(len(found), 1000)
        by_key = {one.key: one for one in found}
        for one in said:
            message = by_key[f"{self.sim.page.id}:{one.mid}"]
            self.assertEqual(message.text, one.text)
            self.assertEqual(message.identity_id.external_id, one.person.id)
        self.assertEqual(len(found.ticket_id), 25, "one ticket a person")

    def test_a_forgery_is_refused(self):
        """chatwoot#14280."""
        self.sim.write(self.jo, "Give me a refund")
        [payload] = self.sim.queue
        for secret in ("", "other"):
            self.assertEqual(self.push(payload, secret).status_code, 403)
        self.process()
        self.assertFalse(
            self.env["helpdesk.social.message"].search(
                [("account_id", "=", self.account.id), ("text", "ilike", "refund")]
            )
        )
