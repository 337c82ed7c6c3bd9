"""WhatsApp through the whole addon: connected, told by webhook, answered in time.

Against the simulator; deliveries come over the wire as Meta sends them.
"""

from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, tagged

from ..models import common
from .common import SocialFixtures
from .simulators.whatsapp import WhatsAppHarness, WhatsAppSimulator
from .test_media import PNG


class WhatsAppFixtures(SocialFixtures):
    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(WhatsAppSimulator())
        self.account = self.connected()

    def connected(self, number="", **values):
        account = self.make_account(code="whatsapp", **values)
        settings = WhatsAppHarness.settings(self.sim)
        account.set_settings(settings | ({"phone_number_id": number} if number else {}))
        account.action_connect()
        # the fake server has a clock of its own; nothing here is a backlog
        account.connected_at = "2020-01-01 00:00:00"
        return account

    def process(self, *accounts):
        for account in accounts or self.account:
            self.env["helpdesk.social.intake"]._process_all(account)
        self.env.invalidate_all()

    def hear(self, person=None, text="My lamp broke", **more):
        """Somebody writes: the message, through journal and intake."""
        person = person or self.sim.add_person("Jo")
        said = self.sim.say(person, text, **more)
        self.take()
        return self.message(said["id"])

    def take(self, account=None):
        """All that waits on the network is delivered, past the door."""
        account = account or self.account
        payloads, self.sim.queue = self.sim.queue, []
        for payload in payloads:
            found = account._adapter().split(self.sim.request(payload)[2])
            self.env["helpdesk.social.event"]._journal(
                account.app_id, found, source="push"
            )
        self.process(account)

    def message(self, key, account=None):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", (account or self.account).id), ("key", "=", key)]
        )

    def reply(self, message, text="We look into it", **kwargs):
        ticket = message.ticket_id.with_user(self.agent_all)
        return ticket.social_reply(text, "private", to=message, **kwargs).sudo()

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.env.invalidate_all()

    def told(self, state, code=None, index=-1):
        """The network tells what became of a message of ours."""
        self.sim.queue.append(self.sim.status(self.sim.sent[index], state, code))
        self.take()

    def afforded(self, message):
        return {one["kind"]: one for one in message.social_affordances()}


@tagged("post_install", "-at_install")
class TestWhatsApp(WhatsAppFixtures, TransactionCase):
    def test_who_we_are(self):
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.account.external_id, self.sim.number)
        self.assertEqual(self.account.handle, self.sim.shown)
        self.assertFalse(self.account.missing_scopes)

    def test_an_address_that_nobody_reaches_is_told_on_the_account(self):
        """WhatsApp only tells: there is nothing to choose, and nothing to ask."""
        network = self.account.network_id
        action = network.with_user(self.manager).action_open_connect()
        dialog = self.env["helpdesk.social.connect"].with_user(self.manager)
        dialog = dialog.browse(action["res_id"])
        self.assertFalse(dialog.can_choose_push)
        dialog.team_id = self.team
        self.sim.numbers["999"] = "+1 555 999"
        settings = WhatsAppHarness.settings(self.sim) | {"phone_number_id": "999"}
        for line in dialog.line_ids:
            line.value = settings.get(line.key, line.value)
        if "server" in dialog._fields:
            dialog.server = self.sim.url
        dialog.action_connect()
        account = dialog.account_id
        self.assertEqual(account.state, "active", dialog.result)
        self.assertFalse(account.push)
        self.assertIn("Can it be reached from outside", account.push_error)

    def test_a_phone_number_is_no_at_name(self):
        """Nor is it told to whoever only reads the title of a ticket."""
        message = self.hear(self.sim.add_person("Ollie Older"))
        person = message.identity_id
        self.assertTrue(person.handle.startswith("+"))
        self.assertEqual(person.display_name, f"Ollie Older ({person.handle})")
        self.assertIn("Ollie Older", message.ticket_id.name)
        self.assertNotIn(person.handle, message.ticket_id.name)
        row = message.ticket_id.social_timeline()["people"][person.id]
        self.assertEqual(row["handle"], person.handle)
        person.sudo().name = False
        self.assertEqual(person._social_label(), person.handle)
        self.assertEqual(self.account.display_name, self.account.handle)

    def test_answered_in_time_then_delivered_and_read(self):
        message = self.hear()
        self.assertEqual(message.audience, "private")
        ways = self.afforded(message)
        self.assertTrue(ways["reply_private"]["allowed"])
        self.assertTrue(ways["reply_private"]["until"])
        row = self.reply(message)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        [sent] = self.sim.sent
        self.assertEqual((sent.id, sent.context), (row.key, message.key))
        # repeated, and in another order than it happened
        for state in ("read", "delivered", "sent", "read"):
            self.told(state)
            self.assertEqual(row.delivery_state, "read")
        self.assertFalse(message.waiting)

    def test_outside_the_window_nothing_leaves(self):
        message = self.hear()
        self.sim.advance(hours=25)
        message.conversation_id.last_inbound_at -= (
            common.to_orm(self.sim.now()) - message.sent_at
        )
        with self.assertRaises(UserError) as caught:
            self.reply(message)
        self.assertIn("only an approved template", str(caught.exception))
        self.assertFalse(self.afforded(message)["reply_private"]["allowed"])
        self.assertTrue(self.afforded(message)["template"]["allowed"])
        self.assertFalse(self.sim.sent)
        # the person writes once more
        again = self.hear(next(iter(self.sim.people.values())), "Hello?")
        self.assertEqual(again.ticket_id, message.ticket_id)
        self.reply(again)
        self.deliver()
        self.assertEqual(len(self.sim.sent), 1)

    def test_the_network_says_later_that_it_was_too_late(self):
        """OCA/social#1373, #1746: taken with 200, and it never arrived."""
        message = self.hear()
        self.sim.late_refusals = True
        self.sim.find_person(message.extra["wa_id"]).last_wrote = None
        row = self.reply(message)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent", "taken, as far as anybody knows")
        self.take()
        self.assertEqual(row.delivery_state, "undelivered")
        self.assertIn("approved template", row.error_text)

    def test_a_number_nobody_knows_is_told_as_it_is(self):
        row = self.reply(self.hear())
        self.deliver()
        self.told("failed", 199999)
        self.assertEqual(row.delivery_state, "undelivered")
        self.assertEqual(row.error_text, "The network refused: 199999")

    def test_a_call_that_was_cut_off_settles_itself(self):
        """chatwoot#9314: a weak connection, and the answer was sent twice."""
        message = self.hear()
        row = self.reply(message)
        self.sim.fail(method="POST", path="/messages", cut="after")
        self.deliver()
        self.assertEqual(row.delivery_state, "uncertain")
        self.deliver()
        self.assertEqual(len(self.sim.sent), 1, "never simply sent again")
        self.told("delivered")
        self.assertEqual(row.delivery_state, "delivered")
        self.assertEqual(row.key, self.sim.sent[0].id)
        self.assertFalse(row.in_doubt)
        self.assertFalse(row.error_code)

    def test_what_a_person_gave_up_and_was_sent_all_the_same(self):
        message = self.hear()
        row = self.reply(message)
        self.sim.fail(method="POST", path="/messages", cut="after")
        self.deliver()
        row.with_user(self.agent_all).action_cancel()
        self.assertEqual(row.delivery_state, "cancelled")
        self.told("sent")
        self.assertEqual(row.delivery_state, "sent")

    def test_a_key_of_ours_that_somebody_made_up(self):
        """It is believed only for what is on its way on this very account."""
        message = self.hear()
        first, second = self.reply(message), self.reply(message, "And more")
        self.deliver()
        keys = (first.key, second.key)
        sent = self.sim.sent[0]
        for opaque in (first.outbox_key, second.outbox_key, "nonsense", "%", ""):
            sent.opaque, sent.id = opaque, self.sim.new_id()
            self.told("read", index=0)
        self.assertEqual((first.key, second.key), keys)
        self.assertEqual({first.delivery_state, second.delivery_state}, {"sent"})

    def test_a_meter_that_is_nearly_full_makes_us_slower(self):
        message = self.hear()
        self.sim.use_up(95)
        first, second = self.reply(message), self.reply(message, "And more")
        self.deliver()
        self.assertEqual(first.delivery_state, "sent")
        self.assertEqual(second.delivery_state, "queued")
        self.assertTrue(self.account._rests("publish"))
        self.assertEqual(self.account.state, "active")
        self.account.stream_rests = False
        self.sim.use_up(10)
        self.deliver()
        self.assertEqual(second.delivery_state, "sent")
        self.assertFalse(self.account.stream_rests)

    def test_one_person_who_gets_too_many_keeps_nobody_waiting(self):
        one, other = self.hear(), self.hear(self.sim.add_person("Eve"), "Hello")
        first, second = self.reply(one), self.reply(other)
        self.sim.refuse(131056, path="/messages")
        self.deliver()
        self.assertEqual(
            (first.delivery_state, second.delivery_state), ("queued", "sent")
        )

    def test_several_files_arrive_each_as_a_message(self):
        """chatwoot#9721, and Zammad's one file only."""
        message = self.hear()
        files = self.env["ir.attachment"].with_user(self.agent_all)
        files = files.create([{"name": f"{n}.png", "raw": PNG} for n in "abc"])
        row = self.reply(message, "Here they are", attachments=files)
        self.deliver()
        rows = self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("direction", "=", "out")]
        )
        self.assertEqual(set(rows.mapped("delivery_state")), {"sent"})
        sent = self.sim.sent
        self.assertEqual([one.kind for one in sent], ["image"] * 3)
        self.assertEqual(
            [one.content.get("caption", "") for one in sent], ["Here they are", "", ""]
        )
        self.assertEqual(len({one.content["id"] for one in sent}), 3)
        self.assertEqual([one.context for one in sent], [message.key, "", ""])
        self.assertEqual(row.attachment_ids, files[:1].sudo())

    def test_edited_then_taken_back(self):
        """chatwoot#10637: edits were ignored."""
        jo = self.sim.add_person("Jo")
        message = self.hear(jo, "My lmap broke")
        self.sim.advance(seconds=10)
        self.sim.edit(jo, message.key, "My lamp broke")
        self.take()
        self.assertEqual(message.text, "My lamp broke")
        self.assertEqual(len(message.revisions), 1)
        self.sim.revoke(jo, message.key)
        self.take()
        self.assertTrue(message.deleted_at)

    def test_a_person_with_a_new_id_stays_on_the_ticket(self):
        jo = self.sim.add_person("Jo", hidden=True, username="jo.k")
        message = self.hear(jo)
        system = {
            "type": "user_changed_user_id",
            "user_id": "CO.77",
            "body": "Jo moved",
        }
        self.sim.say(jo, system, "system")
        self.take()
        self.sim.people[jo.user_id].user_id = "CO.77"
        again = self.hear(jo, "Still broken")
        self.assertEqual(again.conversation_id.same_as_id, message.conversation_id)
        self.assertEqual(again.ticket_id, message.ticket_id)
        self.reply(again)
        self.deliver()
        self.assertEqual(self.sim.sent[0].person, jo)
        self.assertEqual(self.sim.calls[-1].json()["recipient"], "CO.77")

    def test_news_that_come_before_their_message_wait_for_it(self):
        jo = self.sim.add_person("Jo")
        original = self.sim.say(jo, "Oops")
        self.sim.revoke(jo, original["id"])
        self.sim.queue.reverse()
        events = self.env["helpdesk.social.event"]
        self.take()
        events.search([("account_id", "=", self.account.id)]).retry_at = False
        self.process()
        self.assertTrue(self.message(original["id"]).deleted_at)

    def test_access_that_ended_stops_the_account_and_loses_nothing(self):
        message = self.hear()
        row = self.reply(message)
        self.sim.tokens[self.sim.token]["error"] = 463
        self.deliver()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(row.delivery_state, "queued")
        later = self.hear(next(iter(self.sim.people.values())), "Hello?")
        self.assertTrue(later.ticket_id, "what is pushed meanwhile is kept")
        del self.sim.tokens[self.sim.token]["error"]
        self.account.action_connect()
        row.next_try_at = False
        self.deliver()
        self.assertEqual((row.delivery_state, len(self.sim.sent)), ("sent", 1))

    def test_a_change_of_emoji_is_one_emoji(self):
        jo = self.sim.add_person("Jo")
        row = self.reply(self.hear(jo))
        self.deliver()
        for emoji, wanted in (("👍", {"👍": 1}), ("❤️", {"❤️": 1}), ("", {})):
            self.sim.say(jo, {"message_id": row.key, "emoji": emoji}, "reaction")
            self.take()
            self.assertEqual(row.reactions or {}, wanted)

    def test_an_answer_given_on_the_phone_stops_the_clock(self):
        jo = self.sim.add_person("Jo")
        message = self.hear(jo)
        self.sim.echo(jo, "Done by phone")
        self.take()
        native = message.conversation_id.message_ids - message
        self.assertEqual((native.origin, native.direction), ("native", "out"))
        self.assertFalse(message.waiting)

    def test_the_number_finds_the_contact_in_all_its_forms(self):
        """chatwoot#5840, #13986: Brazil's ninth digit made two people of one."""
        for wa_id, phone in (
            ("551187654321", "+55 11 98765-4321"),
            ("5215512345678", "+52 55 1234 5678"),
            ("5491123456789", "+54 11 2345-6789"),
            ("33612345678", "06 12 34 56 78"),
        ):
            with self.subTest(wa_id):
                partner = self.env["res.partner"].create(
                    {
                        "name": f"Contact {wa_id}",
                        "phone": phone,
                        "country_id": self.env.ref("base.fr").id,
                    }
                )
                message = self.hear(self.sim.add_person("Jo", wa_id), "Hello")
                self.assertEqual(message.identity_id.partner_id, partner)

    def test_two_contacts_with_one_number_are_for_a_person_to_choose(self):
        """chatwoot#4728: different people were merged by themselves."""
        for name in ("One", "Two"):
            self.env["res.partner"].create({"name": name, "phone": "+57 300 1234567"})
        message = self.hear(self.sim.add_person("Jo", "573001234567"))
        self.assertFalse(message.identity_id.partner_id)
        self.assertTrue(message.identity_id.suggestion_reason)


@tagged("post_install", "-at_install")
class TestWhatsAppWebhook(WhatsAppFixtures, HttpCase):
    """One address for all numbers of the app."""

    def setUp(self):
        super().setUp()
        # sudo: helpdesk.social.app - its address, as Meta was told
        self.app = self.account.app_id.sudo()
        self.address = f"/helpdesk_social/webhook/whatsapp/{self.app.webhook_token}"

    def push(self, payload, secret=None):
        headers, _query, raw = self.sim.request(payload, secret)
        return self.url_open(self.address, data=raw, headers=headers, method="POST")

    def test_the_address_proves_itself(self):
        """OCA/social#1858: the handshake broke with a new version."""
        query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
        answer = self.url_open(f"{self.address}?{query}{self.app.webhook_secret}")
        self.assertEqual((answer.status_code, answer.content), (200, b"1158201444"))
        for wrong in ("", "other"):
            answer = self.url_open(f"{self.address}?{query}{wrong}")
            self.assertEqual((answer.status_code, answer.content), (404, b""))

    def test_three_people_in_one_delivery_are_three_tickets(self):
        people = [self.sim.add_person(name) for name in ("Ann", "Bob", "Eve")]
        pairs = [(one, self.sim.message(one, content=one.name)) for one in people]
        payload = self.sim.payload(*pairs)
        for _twice in range(2):
            self.assertEqual(self.push(payload).status_code, 200)
        self.process()
        found = [self.message(message["id"]) for _one, message in pairs]
        for person, message in zip(people, found, strict=True):
            self.assertEqual(message.text, person.name)
            self.assertEqual(message.identity_id.external_id, person.user_id)
            self.assertEqual(message.identity_id.name, person.name)
            self.assertNotIn(person.name, message.ticket_id.description or "")
        tickets = {message.ticket_id for message in found}
        self.assertEqual(len(tickets), 3)
        self.reply(found[1], "For Bob only")
        self.deliver()
        [sent] = self.sim.sent
        self.assertEqual(sent.person, people[1])

    def test_a_picture_delivered_twice_is_there_once(self):
        """zammad#5164: every picture stood there twice."""
        said = self.sim.attach(self.sim.add_person("Jo"), PNG, caption="Look")
        for _twice in range(2):
            self.push(self.sim.queue[-1])
            self.process()
        message = self.message(said["id"])
        self.assertEqual((len(message), message.text), (1, "Look"))
        message._fetch_media()
        [one] = message.media
        kept = self.env["ir.attachment"].browse(one["attachment_id"])
        self.assertEqual(kept.raw, PNG)

    def test_each_number_gets_its_own(self):
        self.sim.numbers["999"] = "+1 555 999"
        second = self.connected("999", app_id=self.app.id)
        jo = self.sim.add_person("Jo")
        one, two = self.sim.message(jo), self.sim.message(jo)
        self.assertEqual(self.push(self.sim.payload((jo, one))).status_code, 200)
        self.push(self.sim.payload((jo, two), number="999"))
        self.process(self.account, second)
        self.assertTrue(self.message(one["id"]).ticket_id)
        self.assertFalse(self.message(two["id"]))
        self.assertTrue(self.message(two["id"], second).ticket_id)
        # the same person, whichever number was written to
        self.assertEqual(
            self.message(one["id"]).identity_id,
            self.message(two["id"], second).identity_id,
        )

    def test_a_forgery_is_refused(self):
        """chatwoot#14280."""
        jo = self.sim.add_person("Jo")
        payload = self.sim.payload((jo, self.sim.message(jo)))
        for secret in ("", "other", self.app.webhook_secret):
            self.assertEqual(self.push(payload, secret).status_code, 403)
        self.process()
        self.assertFalse(
            self.env["helpdesk.social.event"].search(
                [("app_id", "=", self.app.id), ("source", "=", "push")]
            )
        )
