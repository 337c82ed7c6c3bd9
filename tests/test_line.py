"""LINE through the whole addon: connected, told by webhook, answered free or billed.

Against the simulator; deliveries come over the wire as LINE sends them.
"""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, tagged

from .common import SocialFixtures
from .simulators.line import LineHarness, LineSimulator


class LineFixtures(SocialFixtures):
    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(LineSimulator()).wake_up()
        self.account = self.connected()

    def connected(self, **changes):
        account = self.make_account(code="line")
        settings = LineHarness().settings(self.sim)
        settings.pop("access_token")
        self.sim.tokens.clear()
        account.set_settings({**settings, **changes})
        account.action_connect()
        # nothing here is a backlog
        account.connected_at = "2020-01-01 00:00:00"
        return account

    def take(self):
        """All that waits is delivered, past the door."""
        events, self.sim.queue = self.sim.queue, []
        if events:
            found = self.account._adapter().split(self.sim.request(*events)[2])
            self.env["helpdesk.social.event"]._journal(
                self.account.app_id, found, source="push"
            )
        self.env["helpdesk.social.intake"]._process_all(self.account)
        self.env.invalidate_all()

    def message(self, key):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("key", "=", key)]
        )

    def hear(self, who=None, text="My lamp broke", where="", **more):
        who = who or self.sim.add_person("Jo K")
        said = self.sim.say(who, text, where, **more)
        self.take()
        return self.message(said["message"]["id"])

    def reply(self, message, text="We look into it", audience="", **kwargs):
        ticket = message.ticket_id.with_user(self.agent_all)
        audience = audience or message.audience
        return ticket.social_reply(text, audience, to=message, **kwargs).sudo()

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestLine(LineFixtures, TransactionCase):
    def test_id_and_secret_are_enough(self):
        self.assertEqual(self.account.state, "active")
        self.assertEqual(
            (self.account.external_id, self.account.handle), (self.sim.own, "@acme")
        )
        self.assertEqual(len(self.sim.tokens), 1)

    def test_a_token_that_ends_is_replaced_in_the_middle_of_the_work(self):
        message = self.hear()
        self.sim.tokens.clear()
        row = self.reply(message)
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("sent", False))
        self.assertEqual(len(self.sim.tokens), 1)

    def test_from_a_message_to_the_answer(self):
        message = self.hear()
        self.assertEqual(message.audience, "private")
        row = self.reply(message)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        [sent] = self.sim.sent
        self.assertEqual(
            (sent["id"], sent["to"]), (row.key, message.conversation_id.key)
        )
        self.assertFalse(message.waiting)
        self.assertEqual(self.sim.used, 1)

    def test_the_name_comes_a_moment_later(self):
        message = self.hear()
        self.assertFalse(message.identity_id.name)
        self.env["helpdesk.social.identity"]._cron_fetch_profiles()
        self.env.invalidate_all()
        self.assertEqual(message.identity_id.name, "Jo K")
        self.assertEqual(message.ticket_id.name, "Private message from Jo K on LINE")

    def test_a_member_of_a_group_has_a_name_there(self):
        bo = self.sim.add_person("Bo", friend=False)
        group = self.sim.add_group(bo)
        message = self.hear(bo, "@Acme help", group, names_us=True)
        self.env["helpdesk.social.identity"]._cron_fetch_profiles()
        self.env.invalidate_all()
        self.assertEqual(message.identity_id.name, "Bo")

    def test_at_once_it_is_free(self):
        self.account.set_settings({"reply_seconds": "60"})
        message = self.hear()
        kinds = {one["kind"]: one for one in message.social_affordances()}
        self.assertFalse(kinds["reply_private"]["cost"])
        row = self.reply(message)
        self.deliver()
        self.assertEqual((row.delivery_state, self.sim.used), ("sent", 0))

    def test_a_free_answer_that_got_lost_is_a_person_s_to_judge(self):
        self.account.set_settings({"reply_seconds": "60"})
        row = self.reply(self.hear())
        self.sim.fail(method="POST", path="/reply", cut="after")
        self.deliver()
        self.assertEqual(row.delivery_state, "uncertain")
        self.deliver()
        self.assertEqual((row.delivery_state, len(self.sim.sent)), ("uncertain", 1))

    def test_a_billed_answer_that_got_lost_is_sent_once(self):
        row = self.reply(self.hear())
        self.sim.fail(method="POST", path="/push", cut="after")
        self.deliver()
        row.next_try_at = False
        self.deliver()
        self.assertEqual((row.delivery_state, len(self.sim.sent)), ("sent", 1))
        self.assertEqual(self.sim.used, 1)

    def test_a_month_that_is_used_up_waits_and_says_so(self):
        self.sim.quota = self.sim.used = 10
        self.account.action_check()
        message = self.hear()
        [may] = message.social_affordances()
        self.assertEqual((may["allowed"], may["remaining"]), (False, 0))
        self.assertIn("this month's plan", may["reason"])
        with self.assertRaises(UserError):
            self.reply(message)

    def test_lunch_in_a_group_is_nobody_s_ticket(self):
        bo = self.sim.add_person("Bo")
        group = self.sim.add_group(bo)
        self.assertFalse(self.hear(bo, "lunch?", group).ticket_id)
        message = self.hear(bo, "@Acme?", group, names_us=True)
        self.assertEqual(message.audience, "group")
        self.reply(message)
        self.deliver()
        self.assertEqual(self.sim.sent[-1]["to"], group)

    def test_unsent_words_go_here_as_well(self):
        message = self.hear(text="my card is 4111 1111 1111 1111")
        self.sim.unsend(next(iter(self.sim.people)), message.key)
        self.take()
        self.assertTrue(message.deleted_at)
        self.assertNotIn("4111", message.text or "")
        events = self.env["helpdesk.social.event"].search(
            [("app_id", "=", self.account.app_id.id)]
        )
        self.assertNotIn("4111 1111", str(events.mapped("raw")))

    def test_who_blocked_us_cannot_be_answered_until_they_are_back(self):
        message = self.hear()
        who = next(iter(self.sim.people))
        self.sim.event("unfollow", self.sim.source(who), token=False)
        self.take()
        [may] = message.social_affordances()
        self.assertFalse(may["allowed"])
        self.sim.advance(5)
        self.sim.event("follow", self.sim.source(who), follow={"isUnblocked": True})
        self.take()
        [may] = message.social_affordances()
        self.assertTrue(may["allowed"])

    def test_delivered_twice_it_is_there_once(self):
        who = self.sim.add_person()
        said = self.sim.say(who, "hello")
        self.take()
        self.sim.queue = [{**said, "deliveryContext": {"isRedelivery": True}}]
        self.take()
        self.assertEqual(len(self.message(said["message"]["id"])), 1)
        self.assertEqual(
            self.env["helpdesk.social.message"].search_count(
                [("account_id", "=", self.account.id)]
            ),
            1,
        )

    def test_the_link_in_a_group_leads_to_the_ticket(self):
        jo, eve = self.sim.add_person("Jo"), self.sim.add_person("Eve")
        group = self.sim.add_group(jo, eve)
        message = self.hear(jo, "@Acme my lamp", group, names_us=True)
        ticket = message.ticket_id.with_user(self.agent_all)
        ways = ticket.social_handoff_ways(message.id)["ways"]
        [way] = [one for one in ways if one["kind"] == "link"]
        done = ticket.social_handoff(message.id, way["id"], False)
        token = done["link"].partition("%5B")[2].partition("%5D")[0]
        theirs = self.hear(eve, f"[{token}]and mine")
        self.assertNotEqual(theirs.ticket_id, message.ticket_id)
        done = ticket.social_handoff(message.id, way["id"], False)
        token = done["link"].partition("%5B")[2].partition("%5D")[0]
        mine = self.hear(jo, f"[{token}] 1-3 Kioicho")
        self.assertEqual(mine.ticket_id, message.ticket_id)
        self.assertEqual((mine.text, mine.why), ("1-3 Kioicho", "invited"))

    def test_an_answer_that_waited_is_checked_against_the_clock_of_the_token(self):
        """What was queued while it was free is billed when it leaves later."""
        self.account.set_settings({"reply_seconds": "25"})
        message = self.hear()
        row = self.reply(message)
        message.sent_at -= timedelta(seconds=30)
        self.deliver()
        self.assertEqual((row.delivery_state, self.sim.used), ("sent", 1))


@tagged("post_install", "-at_install")
class TestLineWebhook(LineFixtures, HttpCase):
    def send(self, *events, headers=None, raw=None):
        given, _query, body = self.sim.request(*events)
        return self.url_open(
            f"/helpdesk_social/webhook/line/{self.account.app_id.sudo().webhook_token}",
            data=raw or body,
            headers={"Content-Type": "application/json", **(headers or given)},
        )

    def events(self):
        return self.env["helpdesk.social.event"].search_count(
            [("app_id", "=", self.account.app_id.id)]
        )

    def test_only_what_line_signed_is_believed(self):
        event = self.sim.say(self.sim.add_person(), "ランプ 💡")
        self.assertEqual(self.send(event).status_code, 200)
        self.assertEqual(self.events(), 1)
        self.assertEqual(self.send(event).status_code, 200)
        self.assertEqual(self.events(), 1)
        for headers in ({"X-Line-Signature": "AAAA"}, {"X-Other": "1"}):
            self.assertIn(self.send(event, headers=headers).status_code, (403, 404))
        another = self.sim.request(event)[2].replace(b"\xe3\x83\xa9", b"\xe3\x83\xaa")
        given = self.sim.request(event)[0]
        self.assertIn(self.send(raw=another, headers=given).status_code, (403, 404))
        self.assertEqual(self.events(), 1)

    def test_a_look_whether_we_are_there_is_answered(self):
        self.assertEqual(self.send().status_code, 200)
        self.assertEqual(self.events(), 0)
