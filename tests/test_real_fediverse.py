"""A real fediverse server (snac2): the way of a message where reality decides.

Run by the stage ``real``, which starts the server and says where it is. Mastodon.py
plays the customers. What differs from the documentation is in the fact sheet; here it
must simply work.
"""

import time

from odoo.tests import tagged

from .real_fediverse import RealFediverse


@tagged("-standard", "helpdesk_social_real", "post_install", "-at_install")
class TestRealFediverse(RealFediverse):
    # --- the main job ---------------------------------------------------------
    def test_a_mention_a_public_reply_and_a_private_one(self):
        jo = self.customer("jo")
        jo.status_post(f"{self.brand} my lamp broke, ohé 灯", visibility="public")
        message = self.hear("my lamp broke")
        self.assertEqual(len(message), 1)
        self.assertIn("ohé 灯", message.text)
        self.assertEqual(message.audience, "public")
        self.assertEqual(message.identity_id.handle.partition("@")[0], "jo")
        ticket = message.ticket_id.with_user(self.agent)
        self.assertTrue(ticket)
        self.assertTrue(message.waiting)

        public = ticket.social_reply("Sorry! We look into it.", "public")
        self.deliver(public)
        self.assertTrue(public.permalink.startswith(self.url))
        [seen] = self.until(lambda: self.said_to("jo", "We look into it."))
        self.assertEqual(seen["visibility"], "public")
        self.assertEqual(seen["in_reply_to_id"] is not None, True)
        self.assertFalse(message.waiting)

        private = ticket.social_reply("Your order number?", "private", to=message)
        self.deliver(private)
        [seen] = self.until(lambda: self.said_to("jo", "Your order number?"))
        self.assertEqual(seen["visibility"], "direct")
        self.assertEqual(private.ticket_id, ticket)

        # the private answer joins the same ticket; nothing of it becomes public
        jo.status_post(
            f"{self.brand} It is 12345",
            in_reply_to_id=seen["id"],
            visibility="direct",
        )
        answer = self.hear("It is 12345")
        self.assertEqual(answer.audience, "private")
        self.assertEqual(answer.ticket_id, ticket)
        self.assertEqual(answer.conversation_id, private.conversation_id)
        for one in self.customer("sam").timeline_public(limit=40):
            self.assertNotIn("12345", one["content"])
            self.assertNotIn("order number", one["content"])

        # our own words came back as echoes and stand there once
        self.account.action_pull()
        texts = ticket.social_message_ids.mapped("text")
        self.assertEqual(len([one for one in texts if "We look into it" in one]), 1)
        self.assertEqual(len([one for one in texts if "order number" in one]), 1)

    def test_moved_to_private_by_a_direct_post(self):
        jo = self.customer("jo")
        jo.status_post(f"{self.brand} my parcel is lost", visibility="public")
        message = self.hear("my parcel is lost")
        ticket = message.ticket_id.with_user(self.agent)
        best = ticket.social_handoff_ways(message.id)["ways"][0]
        self.assertEqual(best["kind"], "direct_post")
        done = ticket.social_handoff(
            message.id, best["id"], best["note"], "Which street, please?"
        )
        self.assertTrue(done["ok"], done)
        for row in self.env["helpdesk.social.message"].browse(done["message_ids"]):
            self.deliver(row)
        [asked] = self.until(lambda: self.said_to("jo", "Which street"))
        [note] = self.until(lambda: self.said_to("jo", "sent you a private message"))
        self.assertEqual(asked["visibility"], "direct")
        self.assertEqual(note["visibility"], "public")
        self.assertNotIn("street", note["content"])
        jo.status_post(
            f"{self.brand} Long Road 12",
            in_reply_to_id=asked["id"],
            visibility="direct",
        )
        answer = self.hear("Long Road 12")
        self.assertEqual((answer.audience, answer.ticket_id), ("private", ticket))

    def test_a_page_opens_for_the_invited_identity_alone(self):
        jo, sam = self.customer("jo"), self.customer("sam")
        jo.status_post(f"{self.brand} my kettle leaks", visibility="public")
        message = self.hear("my kettle leaks")
        ticket = message.ticket_id.with_user(self.agent)
        way = f"page:{self.account.id}"
        done = ticket.social_handoff(message.id, way, "Here, please: {link}")
        self.assertTrue(done["ok"], done)
        self.deliver(self.env["helpdesk.social.message"].browse(done["message_ids"]))
        [note] = self.until(lambda: self.said_to("jo", "Here, please"))
        self.assertIn("/helpdesk_social/private/", note["content"])
        handoff = self.env["helpdesk.social.handoff"].search(
            [("message_id", "=", message.id)]
        )
        browsers = self.env["helpdesk.social.handoff.browser"]
        code = browsers._ask(handoff, "s" * 43, "192.0.2.1")
        shown = "-".join(code[at : at + 4] for at in range(0, len(code), 4))
        # somebody else who read it over a shoulder
        sam.status_post(f"{self.brand} sam says {shown}", visibility="public")
        self.hear("sam says")
        self.assertFalse(handoff.browser_ids._is_in())
        jo.status_post(f"{self.brand} {shown}", visibility="public")
        proof = self.until(
            lambda: self.hear(shown).filtered(
                lambda one: one.identity_id == message.identity_id
            )
        )
        self.assertTrue(handoff.browser_ids._is_in())
        self.assertEqual((proof.why, proof.waiting), ("proof", False))

    def test_two_people_in_one_thread_are_one_ticket(self):
        jo, sam = self.customer("jo"), self.customer("sam")
        first = jo.status_post(f"{self.brand} is the shop open?", visibility="public")
        message = self.hear("is the shop open")
        sam.status_post(
            f"@jo {self.brand} I wonder too",
            in_reply_to_id=first["id"],
            visibility="public",
        )
        other = self.hear("I wonder too")
        self.assertEqual(other.ticket_id, message.ticket_id)
        self.assertNotEqual(other.identity_id, message.identity_id)

    def test_a_lost_answer_is_looked_up_and_nothing_is_doubled(self):
        """The server has no keys: the call is cut after the effect."""
        jo = self.customer("jo")
        jo.status_post(f"{self.brand} do you ship to Ghent?", visibility="public")
        message = self.hear("do you ship to Ghent")
        ticket = message.ticket_id.with_user(self.agent)
        row = ticket.social_reply("Yes, within two days.", "public")
        row = row.sudo()
        # the process died right after the server took the post
        published = self.account._adapter().publish(row._draft(), row.outbox_key)
        row.write(
            {
                "delivery_state": "sending",
                "sending_at": "2020-01-01 00:00:00",
                "sending_until": "2020-01-01 00:00:00",
            }
        )
        outbox = self.env["helpdesk.social.outbox"]
        for _round in range(4):
            outbox._cron_deliver()
            row.filtered("next_try_at").next_try_at = "2020-01-01 00:00:00"
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(row.key, published.key)
        self.until(lambda: self.said_to("jo", "within two days"))
        time.sleep(3)
        self.assertEqual(len(self.said_to("jo", "within two days")), 1)

    def test_an_edited_post_is_found_changed(self):
        """Deletes cannot be tried here: this server goes on showing a deleted post
        to everybody else."""
        jo = self.customer("jo")
        status = jo.status_post(f"{self.brand} the lmap is dim", visibility="public")
        message = self.hear("the lmap is dim")
        jo.status_update(status["id"], f"{self.brand} the lamp is dim")

        def changed():
            message.reread_at = "2000-01-01"
            self.account.action_pull()
            return "the lamp is dim" in message.text

        self.assertTrue(self.until(changed))
        self.assertIn("lmap", message.revisions[0]["text"])

    def test_a_like_arrives_on_the_server(self):
        jo = self.customer("jo")
        status = jo.status_post(f"{self.brand} best shop ever", visibility="public")
        message = self.hear("best shop ever")
        message.with_user(self.agent).action_like()
        self.until(
            lambda: any(
                one["type"] == "favourite" and one["status"]["id"] == status["id"]
                for one in jo.notifications(limit=40)
            )
        )

    def test_blocked_on_the_server_and_let_in_again(self):
        """What snac2 makes of it: nothing of theirs reaches us, then it does again."""
        jo = self.customer("jo")
        jo.status_post(f"{self.brand} buy pills", visibility="public")
        message = self.hear("buy pills")
        inbox = self.env["helpdesk.social.inbox"].with_user(self.agent)
        result = inbox.act("block_there", message.ids)
        self.assertEqual((result["there"], result["not_there"]), (1, []))
        blocks = self.env["helpdesk.social.block"]
        blocks._cron_block()
        row = blocks.search([("identity_id", "=", message.identity_id.id)])
        self.assertEqual(row.state, "done", row.outcome)
        jo.status_post(f"{self.brand} buy more pills", visibility="public")
        jo.status_post(f"{self.brand} anybody there?", visibility="direct")
        # somebody else is heard in the meantime, so it is not the server that is slow
        self.customer("sam").status_post(f"{self.brand} am I heard?")
        self.hear("am I heard?")
        self.account.action_pull()
        texts = self.env["helpdesk.social.message"].search([]).mapped("text")
        self.assertFalse([one for one in texts if "buy more" in (one or "")])

        inbox.take_back(result["undo"])
        blocks._cron_block()
        self.assertEqual(set(blocks.search([]).mapped("state")), {"done"})
        self.assertFalse(message.identity_id.blocked_at)
        jo.status_post(f"{self.brand} back again", visibility="public")
        self.assertTrue(self.hear("back again").waiting)

    def test_wrong_token_and_wrong_server_are_sentences(self):
        from odoo.exceptions import UserError

        other = self.account.copy({"name": "Wrong", "base_url": self.url})
        other.set_settings({"access_token": "nonsense-token"})
        with self.assertRaisesRegex(UserError, "sign-in"):
            other.action_connect()
        other.base_url = "http://127.0.0.1:1"
        other.set_settings({"access_token": "nonsense-token"})
        with self.assertRaisesRegex(UserError, "cannot be reached"):
            other.action_connect()
