"""What stands between an agent and the send button, on a real fediverse server.

Guard, stale context, approval, time to undo, hand-off to another network and closing in
public. Run by the stage ``real``. What must not go out is looked for on the server, and
must not be found there.
"""

import re
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .real_fediverse import RealDesk

REAL = ("-standard", "helpdesk_social_real", "post_install", "-at_install")
PHONE = "+44 7400 654987"


@tagged(*REAL)
class TestRealDeskWords(RealDesk):
    @classmethod
    def prepare(cls):
        cls.trainee = cls.colleague("trainee", "helpdesk_social.group_trainee")
        cls.approver = cls.colleague("approver", "helpdesk_mgmt.group_helpdesk_manager")
        cls.ana = cls.colleague("ana")

    @classmethod
    def write(cls):
        say = cls.say
        cls.parcel = say("jo", "when does my parcel come?")
        cls.shown = say("kim", f"nobody calls me: {PHONE}")
        cls.stock = say("sam", "is the lamp in stock?")
        cls.repair = say("jo", "do you repair lamps?")
        cls.blue = say("kim", "do you have blue chairs?")
        cls.refund = say("jo", "what about my refund?")
        cls.late = say("sam", "why is everything late?")
        cls.chair = say("jo", "my chair broke")
        cls.order = say("kim", "my order is wrong")
        cls.hours = say("sam", "are you open on Sunday?")
        posts = (cls.parcel, cls.shown, cls.stock, cls.repair, cls.blue, cls.refund)
        return [*posts, cls.late, cls.chair, cls.order, cls.hours]

    @classmethod
    def write_more(cls):
        cls.found = cls.say("sam", "never mind, a friend has one", below=cls.stock)
        # answered in the network's own app, and a question that becomes another one
        cls.native = cls.customer("brand").status_post(
            "@jo We do, every Monday.", in_reply_to_id=cls.repair["id"]
        )
        cls.customer("kim").status_update(
            cls.blue["id"], f"{cls.brand} do you have red chairs?"
        )
        return [cls.found]

    def seen(self, message):
        """What the form remembers to have shown."""
        return {"id": message.id, "revisions": len(message.revisions or [])}

    # --- 4: guard -------------------------------------------------------------
    def test_the_customers_phone_stays_out_of_the_public(self):
        message = self.heard(self.parcel)
        message.identity_id.partner_id = self.env["res.partner"].create(
            {"name": "Jo Miller", "phone": PHONE}
        )
        text = f"We call you today: {PHONE}"
        answer = self.send(message, text)
        self.assertFalse(answer["ok"])
        [concern] = answer["concerns"]
        self.assertEqual((concern["code"], concern["effect"]), ("guard", "block"))
        self.assertEqual(
            [one["kind"] for one in concern["details"]["finds"]], ["phone"]
        )
        self.outbox._cron_deliver()
        self.assert_nowhere("We call you today")
        self.assertTrue(message.waiting)

        # the same in private goes to her alone
        row = self.rows(self.send(message, f"{text}, dear Jo", "private"))
        self.deliver(row)
        post = self.posted(row)
        self.assertEqual(post["visibility"], "direct")
        named = {one["acct"].partition("@")[0] for one in post["mentions"]}
        self.assertEqual(named, {"jo"})
        self.assertFalse(self.world("We call you today"))

        # and in public only with a reason, which is kept
        reason = "The customer asked for it in public"
        consent = {"guard": {"override": reason, "marks": concern["details"]["marks"]}}
        row = self.rows(self.send(message, f"{text}!", consent=consent))
        self.deliver(row)
        self.assertEqual(row.guard_override["reason"], reason)
        self.assertEqual(row.guard_override["user_id"], self.agent.id)
        self.assertEqual(len(self.below(self.parcel, "7400 654987!")), 1)

    def test_a_customer_who_shows_own_data_is_seen_and_invited(self):
        message = self.heard(self.shown)
        self.assertEqual(message.exposed, ["phone"])
        kinds = [one["kind"] for one in message.social_affordances()]
        self.assertNotIn("hide", kinds, "this network has no such thing")
        ticket = self.at_desk(message)
        best = ticket.social_handoff_ways(message.id)["ways"][0]
        done = ticket.social_handoff(
            message.id, best["id"], best["note"], "You may delete your post."
        )
        for row in self.rows(done):
            self.deliver(row)
        [note] = self.below(self.shown)
        self.assertNotIn("7400", note["content"])
        self.assertFalse(self.world("delete your post"))

    # --- 5: stale context -----------------------------------------------------
    def test_a_second_message_comes_while_the_first_is_answered(self):
        message = self.heard(self.stock)
        seen = self.seen(message)
        self.account.action_pull()
        newer = self.heard(self.found)
        self.assertEqual(newer.ticket_id, message.ticket_id)
        answer = self.send(message, "Yes, plenty of lamps!", seen=seen)
        self.assertFalse(answer["ok"])
        self.assertIn("a new message", answer["error"])
        self.assertEqual(answer["stale"], newer.ids)
        self.outbox._cron_deliver()
        self.assert_nowhere("plenty of lamps")
        answer = self.send(newer, "All the better for you!", seen=self.seen(newer))
        self.deliver(self.rows(answer))
        self.assertEqual(len(self.below(self.found, "All the better")), 1)

    def test_answered_in_the_app(self):
        message = self.heard(self.repair)
        seen = self.seen(message)
        self.account.action_pull()
        native = self.heard(self.native)
        self.assertEqual((native.origin, native.direction), ("native", "out"))
        self.assertEqual(native.ticket_id, message.ticket_id)
        self.assertEqual((message.waiting, message.handled_how), (False, "native"))
        answer = self.send(message, "No, we never do.", seen=seen)
        self.assertFalse(answer["ok"])
        self.assertIn("in the network's app", answer["error"])
        self.assertEqual(answer["stale"], native.ids)
        self.outbox._cron_deliver()
        self.assert_nowhere("we never do")
        self.assertEqual(len(self.below(self.repair)), 1)

    def test_a_colleague_was_quicker(self):
        message = self.heard(self.hours)
        seen = self.seen(message)
        row = self.rows(
            self.send(message, "From ten to four.", user=self.ana, seen=seen)
        )
        answer = self.send(message, "No, closed!", seen=seen)
        self.assertFalse(answer["ok"])
        self.assertEqual(answer["stale"], row.ids)
        self.deliver(row)
        [post] = self.below(self.hours)
        self.assertIn("From ten to four", post["content"])

    # --- 6: approval and undo -------------------------------------------------
    def test_nothing_leaves_before_it_is_approved(self):
        message = self.heard(self.refund)
        answer = self.send(message, "You have it tomorrow.", user=self.trainee)
        self.assertTrue(answer["approval"])
        row = self.rows(answer)
        self.outbox._cron_deliver()
        self.assertEqual(row.delivery_state, "held")
        self.assert_nowhere("have it tomorrow")
        row.approval_id.with_user(self.approver).action_approve(comment="Well said")
        self.deliver(row)
        self.assertEqual(len(self.below(self.refund, "have it tomorrow")), 1)
        approval = row.approval_id
        self.assertEqual(
            (approval.author_id, approval.decided_by_id), (self.trainee, self.approver)
        )
        self.assertIn("Well said", approval.comment_text)

    def test_the_question_changed_while_the_answer_waited(self):
        message = self.heard(self.blue)
        row = self.rows(self.send(message, "Yes, in two sizes.", user=self.trainee))
        # she had changed it before, but nobody here could know
        row.queued_at = fields.Datetime.now() - timedelta(seconds=2)

        def changed():
            message.reread_at = "2000-01-01"
            self.account.action_pull()
            return "red chairs" in message.text

        self.assertTrue(self.until(changed))
        self.assertLess(message.edited_at, row.queued_at)
        decide = row.approval_id.with_user(self.approver)
        with self.assertRaisesRegex(UserError, "edited"):
            decide.action_approve()
        self.outbox._cron_deliver()
        self.assert_nowhere("in two sizes")
        decide.action_return("She asks for red ones now")
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "returned"))
        self.outbox._cron_deliver()
        self.assert_nowhere("in two sizes")

    def test_taken_back_in_time_it_was_never_said(self):
        self.account.undo_seconds = 60
        message = self.heard(self.late)
        answer = self.send(message, "Ask your mother", user=self.ana)
        row = self.rows(answer)
        self.assertGreater(answer["undo"], 5)
        self.outbox._cron_deliver()
        self.assertEqual(row.delivery_state, "held")
        back = row.with_user(self.ana).social_take_back()
        self.assertEqual(back["text"], "Ask your mother")
        self.outbox._cron_deliver()
        self.account.action_pull()
        self.assertEqual(row.delivery_state, "cancelled")
        self.assertTrue(message.waiting)
        self.assert_nowhere("Ask your mother")

        row = self.rows(self.send(message, "We are sorry for that.", user=self.ana))
        row.with_user(self.ana).action_send_now()
        self.deliver(row)
        self.assertEqual(len(self.below(self.late)), 1)

    # --- 3: hand-off ----------------------------------------------------------
    def test_who_comes_with_somebody_elses_invitation_gets_an_own_ticket(self):
        other = self.env["helpdesk.social.account"].create(
            {
                "name": "Practice",
                "network_id": self.env.ref("helpdesk_social.network_sandbox").id,
            }
        )
        other.set_settings({"handle": "practice_real"})
        other.action_connect()
        message = self.heard(self.chair)
        ticket = self.at_desk(message)
        done = ticket.social_handoff(message.id, f"link:{other.id}", "Here: {link}")
        self.deliver(self.rows(done))
        [note] = self.below(self.chair, "Here:")
        # read by everybody, clicked by anybody
        link = re.search(r'href="([^"]+start=([\w-]+))"', note["content"])
        self.assertTrue(link, note["content"])
        said = self.env["helpdesk.social.sandbox.post"]._say(
            other, "mallory", "It is me, send it here", "private", payload=link[2]
        )
        other.action_pull()
        private = self.messages.search(
            [("key", "=", str(said.id)), ("account_id", "=", other.id)]
        )
        own = private.ticket_id
        self.assertTrue(own)
        self.assertNotEqual(own, message.ticket_id)
        desk = self.at_desk(private).social_composer()["desk"]
        [asked] = desk["same"]
        self.assertIn("jo", asked["invited"])
        self.assertEqual(asked["came"], "@mallory")
        self.assertEqual([one["id"] for one in asked["ticket"]], message.ticket_id.ids)
        # nothing of what was said there is on jo's ticket
        self.assertNotIn(private, message.ticket_id.social_message_ids)

    def test_solved_in_private_and_closed_in_public(self):
        message = self.heard(self.order)
        self.deliver(
            self.rows(self.send(message, "Your new table is on its way", "private"))
        )
        self.close(message.ticket_id)
        self.assertTrue(message.ticket_id.social_public_open)
        self.assertFalse(self.below(self.order))
        ticket = self.at_desk(message)
        offer = ticket.social_close_in_public()
        self.assertEqual(
            (offer["message_id"], offer["audience"]), (message.id, "public")
        )
        self.deliver(self.rows(self.send(message, offer["text"])))
        [post] = self.below(self.order)
        self.assertEqual(post["visibility"], "public")
        self.assertNotIn("table", post["content"])
        self.assertFalse(message.ticket_id.social_public_open)
        self.assertFalse(self.world("new table"))
