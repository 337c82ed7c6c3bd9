"""Instagram through the whole addon: told, read, answered in public and in private.

Against the simulator of both its servers; deliveries come as Meta sends them.
"""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, tagged

from .common import SocialFixtures
from .simulators.instagram import InstagramHarness, InstagramSimulator
from .test_media import PNG


class InstagramFixtures(SocialFixtures):
    login = "facebook"

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(InstagramSimulator(self.login))
        self.account = self.connected()
        self.jo = self.sim.add_customer("Jo", username="jo.k")

    def connected(self, **values):
        account = self.make_account(code="instagram", **values)
        account.set_settings(InstagramHarness().settings(self.sim))
        account.action_connect()
        # nothing here is a backlog
        account.connected_at = "2020-01-01 00:00:00"
        return account

    # --- what comes -----------------------------------------------------------
    def process(self, account=None):
        self.env["helpdesk.social.intake"]._process_all(account or self.account)
        self.env.invalidate_all()

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

    def pull(self):
        self.account.action_pull()
        self.env.flush_all()
        self.env.invalidate_all()

    def look_again(self):
        """Edits and deletes are looked for, as each pull does."""
        messages = self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("reread_at", "!=", False)]
        )
        messages.reread_at = fields.Datetime.now() - timedelta(hours=1)
        self.pull()

    def message(self, key):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("key", "=", key)]
        )

    def hear(self, text="My lamp broke", person=None, **more):
        comment = self.sim.comment(person or self.jo, text, **more)
        self.take()
        return self.message(comment.id)

    def written(self, text="Hello", person=None):
        said = self.sim.write(person or self.jo, text)
        self.take()
        return self.message(f"{self.sim.own}:{said.mid}")

    # --- what goes ------------------------------------------------------------
    def reply(self, message, text="We look into it", audience="public", **kwargs):
        ticket = message.ticket_id.with_user(self.agent_all)
        return ticket.social_reply(text, audience, to=message, **kwargs).sudo()

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.env.invalidate_all()

    def afforded(self, message):
        return {one["kind"]: one for one in message.social_affordances()}


@tagged("post_install", "-at_install")
class TestInstagram(InstagramFixtures, TransactionCase):
    def test_who_we_are(self):
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.account.external_id, self.sim.own)
        self.assertEqual(self.account.handle, "acme")
        self.assertFalse(self.account.missing_scopes)

    def test_from_a_comment_to_a_private_answer_on_one_ticket(self):
        message = self.hear()
        ticket = message.ticket_id
        self.assertEqual(ticket.channel_id.name, "Instagram")
        self.assertEqual(message.identity_id.handle, "jo.k")
        ways = self.afforded(message)
        self.assertTrue(ways["reply_public"]["allowed"])
        self.assertEqual(ways["reply_private"]["remaining"], 1)
        row = self.reply(message)
        self.deliver()
        [said] = self.sim.said_in_public()
        self.assertEqual((row.delivery_state, row.key), ("sent", said.id))
        self.assertEqual(said.parent.id, message.key)
        message.with_user(self.agent_all).action_hide()
        self.assertTrue(self.sim.comments[message.key].hidden)
        self.assertTrue(message.hidden)
        message.with_user(self.agent_all).action_unhide()
        self.assertFalse(self.sim.comments[message.key].hidden)
        private = self.reply(message, "Your address?", "private")
        self.deliver()
        self.assertEqual(private.delivery_state, "sent", private.error_text)
        self.assertEqual(self.sim.sent()[-1].person, self.jo)
        self.assertEqual(self.afforded(message)["reply_private"]["remaining"], 0)
        # the echo of it is no second message, the answer joins the ticket
        answered = self.written("5 Elm Street")
        self.assertEqual(answered.ticket_id, ticket)
        self.assertEqual(answered.conversation_id, private.conversation_id)
        private_ones = ticket.social_message_ids.filtered(
            lambda one: one.audience == "private"
        )
        self.assertEqual(len(private_ones), 2)
        self.assertNotIn("Elm", ticket.description or "")
        # and can be answered in its turn
        again = self.reply(answered, "Thank you", "private")
        self.deliver()
        self.assertEqual(again.delivery_state, "sent")

    def test_the_private_answer_is_one_and_in_time(self):
        message = self.hear()
        self.reply(message, "Your address?", "private")
        self.deliver()
        with self.assertRaises(UserError) as caught:
            self.reply(message, "And your name?", "private")
        self.assertIn("one private answer", str(caught.exception))
        late = self.hear("Mine too", self.sim.add_customer("Eve"))
        late.sent_at -= timedelta(days=8)
        with self.assertRaises(UserError):
            self.reply(late, "Hello?", "private")
        self.assertEqual(len(self.sim.sent()), 1)

    def test_another_tool_has_given_the_private_answer(self):
        message = self.hear()
        self.sim.public[message.key]["used"] = True
        row = self.reply(message, "Your address?", "private")
        self.deliver()
        self.assertEqual(row.delivery_state, "failed")
        self.assertIn("one private answer", row.error_text)

    def test_pushed_and_pulled_is_there_once_and_complete(self):
        message = self.hear()
        self.assertFalse(message.permalink)
        self.pull()
        self.assertEqual(len(self.message(message.key)), 1)
        post = self.sim.latest
        self.assertEqual(message.permalink, f"{post.permalink}c/{message.key}/")
        above = self.message(post.id)
        self.assertEqual((above.origin, above.text), ("native", post.caption))
        self.assertEqual(message.parent_id, above)
        self.assertFalse(above.ticket_id, "our own posts open no ticket")
        self.assertFalse(message.revisions)

    def test_what_the_webhook_lost_is_pulled(self):
        comment = self.sim.comment(self.jo, "Anybody there?", quiet=True)
        said = self.sim.write(self.jo, "Hello?")
        self.sim.queue.clear()
        self.pull()
        public, private = (
            self.message(comment.id),
            self.message(f"{self.sim.own}:{said.mid}"),
        )
        self.assertTrue(public.ticket_id)
        self.assertEqual(private.ticket_id, public.ticket_id)
        self.assertEqual(private.identity_id, public.identity_id)
        self.sim.advance(seconds=5)
        self.pull()
        self.assertEqual(len(self.message(comment.id)), 1)

    def test_a_comment_on_an_old_post_arrives(self):
        old = self.sim.post("Last year's lamp", ago=timedelta(days=400))
        message = self.hear("Still sold?", post=old)
        self.assertTrue(message.ticket_id)
        row = self.reply(message)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    def test_an_adverts_comment_told_twice_is_one_ticket(self):
        """IG-PR: adverts tell their comments twice."""
        comment = self.sim.comment(self.jo, "Too dear", quiet=True)
        for media in ({"id": "17955555555555555", "ad_id": "6123"}, {}):
            comment.extra = media
            self.sim.queue.append(self.sim.comment_payload(comment))
        before = self.env["helpdesk.ticket"].search_count([])
        self.take()
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before + 1)

    def test_a_reply_to_a_reply_names_whom_it_is_for(self):
        eve = self.sim.add_customer("Eve")
        top = self.hear()
        below = self.hear("Mine too", eve, parent=self.sim.comments[top.key])
        self.assertEqual(below.ticket_id, top.ticket_id)
        self.sim.tells_own_comments = True
        row = self.reply(below, "Which one, Eve?")
        self.deliver()
        self.take()
        self.assertEqual(self.sim.said_in_public()[0].text, "@eve Which one, Eve?")
        out = top.ticket_id.social_message_ids.filtered(
            lambda one: one.direction == "out"
        )
        self.assertEqual(out, row, "told again by the network, it is the same one")

    def test_a_lost_answer_is_looked_up_and_not_said_twice(self):
        eve = self.sim.add_customer("Eve")
        top = self.hear()
        below = self.hear("Mine too", eve, parent=self.sim.comments[top.key])
        row = self.reply(below, "Which one?")
        self.sim.fail(method="POST", path="/replies", cut="after")
        self.deliver()
        for _round in range(4):
            row.next_try_at = fields.Datetime.now() - timedelta(minutes=5)
            self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(len(self.sim.said_in_public()), 1)

    # --- mentions -------------------------------------------------------------
    def test_a_mention_is_read_and_answered_where_it_stands(self):
        comment = self.sim.mention(self.jo, "Look, @acme")
        self.take()
        self.assertFalse(self.message(comment.id), "only its number is told")
        self.pull()
        message = self.message(comment.id)
        self.assertTrue(message.ticket_id)
        self.assertEqual(message.identity_id.handle, "jo.k")
        self.assertTrue(message.identity_id.shared, "a name is not a person")
        self.assertFalse(message.identity_id.partner_id)
        self.assertFalse(self.afforded(message)["reply_private"]["allowed"])
        self.assertNotIn("hide", self.afforded(message))
        row = self.reply(message, "Thank you, Jo")
        self.deliver()
        self.assertEqual(row.delivery_state, "sent", row.error_text)
        self.assertEqual(self.sim.said_in_public()[0].parent, comment)

    def test_a_mention_in_a_caption_and_one_that_is_gone(self):
        gone = self.sim.mention(self.jo)
        post = self.sim.caption_mention(self.sim.add_customer("Eve"))
        gone.deleted = True
        self.take()
        self.pull()
        self.assertFalse(self.message(gone.id))
        message = self.message(post.id)
        self.assertEqual(message.text, post.caption)
        self.reply(message, "We are sorry")
        self.deliver()
        self.assertEqual(self.sim.said_in_public()[0].post, post)

    # --- edited, deleted, taken back ------------------------------------------
    def test_edits_and_deletes_are_found_by_looking_again(self):
        edited, gone, stays = self.hear("My lmap"), self.hear("Oops"), self.hear("Hm")
        self.sim.comments[edited.key].text = "My lamp"
        self.sim.comments[gone.key].deleted = True
        self.look_again()
        self.assertEqual(edited.text, "My lamp")
        self.assertEqual([one["text"] for one in edited.revisions], ["My lmap"])
        self.assertTrue(gone.deleted_at)
        self.assertFalse(stays.deleted_at or stays.revisions)
        self.look_again()
        self.assertEqual(len(edited.revisions), 1)

    def test_an_account_taken_from_its_page_deletes_nothing_here(self):
        messages = self.hear("One") | self.hear("Two")
        self.sim.unlinked = True
        messages.reread_at = fields.Datetime.now() - timedelta(hours=1)
        self.account._pull()
        self.env.invalidate_all()
        self.assertFalse(any(messages.mapped("deleted_at")))
        self.assertTrue(self.account.error_code)

    def test_a_message_taken_back_loses_its_words(self):
        said = self.sim.write(self.jo, "My card is 4111 1111 1111 1111")
        self.take()
        message = self.message(f"{self.sim.own}:{said.mid}")
        self.sim.unsend(said)
        self.take()
        self.assertTrue(message.deleted_at)
        self.assertFalse(message.text)
        events = self.env["helpdesk.social.event"].search(
            [("account_id", "=", self.account.id)]
        )
        self.assertNotIn("4111", "".join(events.mapped("raw")))

    # --- stories --------------------------------------------------------------
    def test_a_story_is_linked_and_not_kept(self):
        said = self.sim.story_mention(self.jo)
        self.take()
        message = self.message(f"{self.sim.own}:{said.mid}")
        self.assertTrue(message.ticket_id)
        self.assertTrue(self.afforded(message)["reply_private"]["allowed"])
        self.env["helpdesk.social.message"]._cron_fetch_media()
        [one] = message.media
        self.assertTrue(one["skipped"] and one["url"])
        self.assertFalse(message.media_kept)

    def test_a_picture_in_a_message_is_kept(self):
        said = self.sim.attach(self.jo, PNG)
        self.take()
        message = self.message(f"{self.sim.own}:{said.mid}")
        self.account._remember_home()
        message._fetch_media()
        [one] = message.media
        self.assertTrue(one.get("attachment_id"), one)

    # --- limits, trouble ------------------------------------------------------
    def test_a_long_message_goes_in_parts_by_bytes(self):
        message = self.written()
        self.reply(message, "灯" * 400, "private")
        self.deliver()
        self.deliver()
        self.assertEqual("".join(one.text for one in self.sim.sent()), "灯" * 400)
        self.assertTrue(all(len(one.text.encode()) <= 1000 for one in self.sim.sent()))

    def test_after_a_day_nothing_free_leaves(self):
        message = self.written()
        message.conversation_id.last_inbound_at -= timedelta(days=2)
        message.sent_at -= timedelta(days=2)
        with self.assertRaises(UserError):
            self.reply(message, "Hello?", "private")
        self.assertFalse(self.sim.sent())

    def test_access_that_was_taken_back_loses_nothing(self):
        """chatwoot#2037: it looked sent."""
        message = self.hear()
        row = self.reply(message)
        self.sim.tokens[self.sim.token]["error"] = 460
        self.deliver()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(row.delivery_state, "queued")
        later = self.hear("Hello?")
        self.assertTrue(later.ticket_id, "what is pushed meanwhile is kept")
        del self.sim.tokens[self.sim.token]["error"]
        self.account.action_connect()
        row.next_try_at = False
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(self.account.external_id, self.sim.own)

    def test_our_own_answer_in_the_app_stops_the_clock(self):
        message = self.hear()
        self.sim.tells_own_comments = True
        self.sim.comment(None, "Done", parent=self.sim.comments[message.key])
        self.take()
        self.assertFalse(message.waiting)
        native = message.conversation_id.message_ids - message
        self.assertEqual((native.origin, native.direction), ("native", "out"))

    def test_comments_of_one_person_on_two_posts_are_two_matters(self):
        first = self.hear()
        other = self.hear("And the vase?", post=self.sim.post("Vases"))
        self.assertNotEqual(first.ticket_id, other.ticket_id)


@tagged("post_install", "-at_install")
class TestInstagramLogin(InstagramFixtures, TransactionCase):
    """The other way to sign in: Instagram's own server, without a page."""

    login = "instagram"

    def test_comments_and_messages_work_without_a_page(self):
        message = self.hear()
        self.reply(message)
        self.reply(message, "Your address?", "private")
        self.deliver()
        self.assertEqual(len(self.sim.said_in_public()), 1)
        self.assertEqual(self.written("5 Elm Street").ticket_id, message.ticket_id)

    def test_a_mention_is_told_to_the_administrator(self):
        self.sim.mention(self.jo)
        self.take()
        self.pull()
        event = self.env["helpdesk.social.event"].search(
            [("account_id", "=", self.account.id), ("key", "=like", "mention:%")]
        )
        self.assertEqual(event.state, "dead")
        self.assertIn("Facebook Login", event.error)

    def test_the_token_renews_itself_before_it_ends(self):
        """chatwoot#12989."""
        self.assertTrue(self.account.renews_itself)
        row = self.account._tokens()
        self.assertTrue(row.renew_at and row.expires_at)
        row.renew_at = fields.Datetime.now() - timedelta(minutes=1)
        self.account._renew_ending()
        self.env.invalidate_all()
        days = (self.account.token_expires_at - fields.Datetime.now()).days
        self.assertGreaterEqual(days, 58)
        self.assertFalse(self.account.person_needed_at)
        token = self.account._bare_adapter().settings["access_token"]
        self.assertNotEqual(token, self.sim.ig_token)
        message = self.hear()
        self.reply(message)
        self.deliver()
        self.assertEqual(len(self.sim.said_in_public()), 1, "with the fresh one")


@tagged("post_install", "-at_install")
class TestInstagramWebhook(InstagramFixtures, HttpCase):
    """One address for all accounts of the app."""

    def setUp(self):
        super().setUp()
        # sudo: helpdesk.social.app - its address, as Meta was told
        self.app = self.account.app_id.sudo()
        self.address = f"/helpdesk_social/webhook/instagram/{self.app.webhook_token}"

    def push(self, payload, secret=None):
        headers, _query, raw = self.sim.request(payload, secret)
        return self.url_open(self.address, data=raw, headers=headers, method="POST")

    def test_several_people_in_one_delivery_each_with_their_own_name(self):
        """zammad#4398: a comment under another person's name."""
        people = [self.sim.add_customer(name) for name in ("Ann", "Bob", "Eve")]
        said = [self.sim.comment(one, f"I am {one.name}") for one in people]
        whole = self.sim.batched(self.sim.queue)
        for _twice in range(2):
            self.assertEqual(self.push(whole).status_code, 200)
        self.process()
        for person, comment in zip(people, said, strict=True):
            message = self.message(comment.id)
            self.assertEqual(message.text, f"I am {person.name}")
            self.assertEqual(message.identity_id.external_id, person.id)
        self.assertEqual(len({self.message(one.id).ticket_id for one in said}), 3)

    def test_what_is_for_another_account_is_not_ours(self):
        comment = self.sim.comment(self.jo, "Not for you")
        payload = self.sim.queue.pop()
        payload["entry"][0]["id"] = "17841400000000007"
        self.assertEqual(self.push(payload).status_code, 200)
        self.process()
        self.assertFalse(self.message(comment.id))
        lost = self.env["helpdesk.social.event"].search(
            [("app_id", "=", self.app.id), ("account_id", "=", False)]
        )
        self.assertEqual(lost.account_ref, "17841400000000007")

    def test_a_forgery_is_refused(self):
        """chatwoot#14280."""
        self.sim.comment(self.jo, "Hello")
        for secret in ("", "other", self.app.webhook_secret):
            self.assertEqual(self.push(self.sim.queue[0], secret).status_code, 403)
        self.process()
        self.assertFalse(
            self.env["helpdesk.social.event"].search(
                [("app_id", "=", self.app.id), ("source", "=", "push")]
            )
        )

    def test_the_address_proves_itself(self):
        query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
        answer = self.url_open(f"{self.address}?{query}{self.app.webhook_secret}")
        self.assertEqual((answer.status_code, answer.content), (200, b"1158201444"))
        answer = self.url_open(f"{self.address}?{query}other")
        self.assertEqual(answer.status_code, 404)
