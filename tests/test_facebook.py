"""Facebook through the whole addon: pulled and pushed, answered, moved into private.

Against the simulator; deliveries come as Meta sends them.
"""

from datetime import timedelta
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, tagged

from .common import SocialFixtures
from .simulators.facebook import FacebookHarness, FacebookSimulator
from .test_media import PNG


class FacebookFixtures(SocialFixtures):
    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(FacebookSimulator())
        self.jo = self.sim.add_customer("Jo K")
        self.account = self.connected()

    def connected(self, page=None, **values):
        account = self.make_account(code="facebook", **values)
        settings = FacebookHarness.settings(self.sim)
        if page:
            settings |= {"access_token": page.token}
        account.set_settings(settings)
        account.action_connect()
        # the fake server has a clock of its own; nothing here is a backlog
        account.connected_at = "2020-01-01 00:00:00"
        return account

    def pull(self, account=None):
        (account or self.account).write({"next_pull_at": False, "stream_rests": False})
        (account or self.account).action_pull()
        self.env.invalidate_all()

    def take(self, *accounts):
        """All that waits on the network is delivered, past the door, once per app."""
        payloads, self.sim.queue = self.sim.queue, []
        accounts = accounts or (self.account,)
        for payload in payloads:
            found = accounts[0]._adapter().split(self.sim.request(payload)[2])
            self.env["helpdesk.social.event"]._journal(
                accounts[0].app_id, found, source="push"
            )
        for account in accounts:
            self.env["helpdesk.social.intake"]._process_all(account)
        self.env.invalidate_all()

    def message(self, key, account=None):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", (account or self.account).id), ("key", "=", key)]
        )

    def hear(self, text="My lamp broke", above=None, who=None, **more):
        """Somebody comments and we are told: the message."""
        said = self.sim.comment(who or self.jo, text, above, **more)
        self.take()
        return self.message(said.id)

    def reply(self, message, text="We look into it", audience="public", **kwargs):
        ticket = message.ticket_id.with_user(self.agent_all)
        kwargs.setdefault("to", message)
        return ticket.social_reply(text, audience, **kwargs).sudo()

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.env.invalidate_all()

    def ours(self):
        return [one for one in self.sim.comments.values() if one.author is None]

    def afforded(self, message):
        return {one["kind"]: one for one in message.social_affordances()}


@tagged("post_install", "-at_install")
class TestFacebook(FacebookFixtures, TransactionCase):
    def test_who_we_are(self):
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.account.external_id, self.sim.page.id)
        self.assertEqual(self.account.handle, "acme")
        self.assertFalse(self.account.missing_scopes)

    # === IN === #
    def test_each_comment_under_our_post_is_a_ticket_and_its_answers_join(self):
        post = self.sim.write_post("Our summer sale")
        first, second = self.hear("My lamp broke", post), self.hear("Mine too", post)
        self.assertTrue(first.ticket_id and second.ticket_id)
        self.assertNotEqual(first.ticket_id, second.ticket_id)
        answer = self.hear("Which one?", self.sim.comments[first.key])
        deeper = self.hear("The red one", self.sim.comments[answer.key])
        self.assertEqual((answer | deeper).ticket_id, first.ticket_id)
        self.assertEqual(deeper.parent_id, first, "there are two levels and no more")
        ours = self.message(post.id)
        self.assertFalse(ours.ticket_id, "a post of ours opens none")

    def test_pushed_then_pulled_is_one_message(self):
        """IG-PR 9 and chatwoot#13359: what is told twice is one message."""
        message = self.hear()
        again = [*self.sim.queue]
        self.pull()
        self.pull()
        self.sim.tell_comment(self.sim.comments[message.key])
        self.take()
        self.assertFalse(again)
        self.assertEqual(len(self.message(message.key)), 1)
        self.assertFalse(message.revisions)
        self.assertFalse(message.edited_at)
        tickets = self.env["helpdesk.ticket"].search(
            [("social_conversation_ids.account_id", "=", self.account.id)]
        )
        self.assertEqual(len(tickets), 1)

    def test_a_comment_on_a_post_of_last_year_arrives_both_ways(self):
        """Zendesk leaves out what comes a week after the post: no age cut here."""
        year = self.sim.now().timestamp() - 400 * 24 * 3600
        old = self.sim.write_post("Last year's sale", at=year)
        message = self.hear("Does it still work?", old)
        self.assertTrue(message.ticket_id)
        lost = self.sim.comment(self.jo, "Nobody was told", old, push=False)
        self.pull()
        self.assertTrue(self.message(lost.id).ticket_id)

    def test_visitors_tagged_posts_and_adverts(self):
        made = [
            self.sim.write_post("Where is my parcel", self.jo),
            self.sim.write_post("@Acme is great", self.jo, "tagged"),
        ]
        advert = self.sim.write_post("Buy now", edge="ads")
        said = self.sim.comment(self.jo, "How much?", advert, push=False)
        self.sim.queue.clear()
        self.pull()
        for key in (*(one.id for one in made), said.id):
            self.assertTrue(self.message(key).ticket_id, key)
        self.assertEqual(self.message(said.id).parent_key, advert.id)

    def test_named_somewhere_else_is_read_by_its_id(self):
        said = self.sim.mention_in_comment(self.jo, "@Acme is no good")
        # it is on somebody else's wall, which the page may read since it was named
        self.take()
        self.assertFalse(self.message(said.id))
        self.pull()
        message = self.message(said.id)
        self.assertEqual(message.text, "@Acme is no good")
        self.assertTrue(message.ticket_id)

    def test_somebody_without_a_name_is_heard_and_answered(self):
        message = self.hear("Who am I?", nameless=True)
        self.assertTrue(message.ticket_id)
        self.assertFalse(message.identity_id)
        self.reply(message)
        self.deliver()
        self.assertEqual(len(self.ours()), 1)
        with self.assertRaises(UserError):
            self.reply(message, "For you only", "private")

    def test_edited_hidden_shown_and_removed(self):
        """chatwoot#10760, freescout#5511: an edit made a second message."""
        message = self.hear("My lmap broke")
        said = self.sim.comments[message.key]
        self.sim.edit(said, "My lamp broke")
        self.take()
        self.assertEqual(message.text, "My lamp broke")
        self.assertEqual(len(message.revisions), 1)
        self.sim.hide(said)
        self.take()
        self.assertTrue(message.hidden)
        self.sim.hide(said, False)
        self.take()
        self.assertFalse(message.hidden)
        self.sim.remove(said)
        self.take()
        self.assertTrue(message.deleted_at)

    def test_our_comment_is_edited_for_everybody_and_told_back(self):
        """An agent corrects an answer; Facebook tells of it as of any edit."""
        message = self.hear()
        row = self.reply(message, "We look into ti")
        self.deliver()
        [said] = self.ours()
        agent = row.with_user(self.agent_all)
        self.assertTrue(self.afforded(agent)["edit"]["allowed"])
        self.assertIn("too long", agent.social_edit("x" * 8001)["error"])
        self.assertEqual(agent.social_edit("We look into it"), {"ok": True})
        self.assertEqual(said.message, "We look into it")
        self.sim.queue.clear()
        self.sim.edit(said, said.message)
        self.assertTrue(self.sim.queue, "told as an edit of the page")
        self.take()
        self.pull()
        self.assertEqual((row.text, row.edited_by_id), (said.message, self.agent_all))
        self.assertEqual([one["text"] for one in row.revisions], ["We look into ti"])
        self.assertEqual(len(self.message(row.key)), 1)
        # a colleague edits it on Facebook afterwards
        self.sim.edit(said, "We have looked into it")
        self.take()
        self.assertEqual(row.text, "We have looked into it")
        self.assertEqual(len(row.revisions), 2)
        # and takes it off the page before we correct that
        self.sim.remove(said)
        self.sim.queue.clear()
        answer = agent.social_edit("Better still")
        self.assertEqual((answer["ok"], answer.get("gone")), (False, True))
        self.assertTrue(row.deleted_at)

    def test_an_edit_that_nobody_told_is_found_by_looking_again(self):
        message = self.hear("My lmap broke")
        self.sim.edit(self.sim.comments[message.key], "My lamp broke")
        self.sim.queue.clear()
        self.pull()
        self.assertEqual(message.text, "My lamp broke")
        self.assertEqual(len(message.revisions), 1)
        message.reread_at = "2020-01-01"
        self.pull()
        self.assertEqual(len(message.revisions), 1)

    def test_a_sticker_that_was_not_told_of_is_no_edit(self):
        message = self.hear("Look")
        said = self.sim.comments[message.key]
        said.attachment = {**self.sim.picture(PNG), "type": "sticker"}
        self.pull()
        self.assertEqual(len(message.media), 1)
        self.assertFalse(message.revisions)
        self.assertFalse(message.edited_at)

    def test_what_a_colleague_wrote_on_facebook_is_ours(self):
        """chatwoot#1186: native answers are seen, and stop the clock."""
        message = self.hear()
        native = self.sim.comment(None, "Solved", self.sim.comments[message.key])
        self.take()
        row = self.message(native.id)
        self.assertEqual((row.origin, row.direction), ("native", "out"))
        self.assertEqual(row.ticket_id, message.ticket_id)
        self.assertFalse(message.waiting)

    def test_two_pages_of_one_app(self):
        """OE-SM: many pages, each with a token of its own."""
        other = self.sim.add_page("370999888777666", "Outlet", "outlet")
        second = self.connected(other, app_id=self.account.app_id.id)
        mine = self.sim.comment(self.jo, "To the first", self.sim.write_post("One"))
        theirs = self.sim.comment(
            self.jo, "To the second", self.sim.write_post("Two", page=other)
        )
        self.take(self.account, second)
        self.assertTrue(self.message(mine.id).ticket_id)
        self.assertTrue(self.message(theirs.id, second).ticket_id)
        people = (self.message(mine.id) | self.message(theirs.id, second)).identity_id
        self.assertEqual(len(people), 2, "each page knows people under ids of its own")

    # === OUT === #
    def test_answered_below_the_first_comment_and_met_again(self):
        top = self.hear()
        deep = self.hear("And the cable", self.sim.comments[top.key])
        row = self.reply(deep, "Here is a picture", attachments=self.picture())
        self.deliver()
        self.assertEqual(row.delivery_state, "sent", row.error_text)
        [said] = self.ours()
        self.assertEqual((said.id, said.message), (row.key, "Here is a picture"))
        self.assertEqual(said.parent.id, top.key)
        self.assertEqual(self.sim.pictures[said.id], PNG)
        self.take()
        self.pull()
        self.assertEqual(len(self.message(row.key)), 1)
        rows = self.env["helpdesk.social.message"].search_count(
            [("account_id", "=", self.account.id), ("direction", "=", "out")]
        )
        self.assertEqual(rows, 2, "our post and our answer")
        self.assertFalse(row.revisions)

    def picture(self):
        files = self.env["ir.attachment"].with_user(self.agent_all)
        return files.create({"name": "lamp.png", "raw": PNG})

    def test_the_echo_of_an_answer_that_was_cut_off_is_that_answer(self):
        """Below an answer: the network puts it one level up, and it is still ours."""
        top = self.hear()
        deep = self.hear("And the cable", self.sim.comments[top.key])
        row = self.reply(deep)
        self.sim.fail(method="POST", path="/comments", cut="after")
        self.deliver()
        self.assertEqual(row.delivery_state, "uncertain")
        self.take()
        self.assertEqual(row.delivery_state, "sent")
        [said] = self.ours()
        self.assertEqual(row.key, said.id)
        self.assertEqual(len(self.message(said.id)), 1)

    def test_a_call_that_was_cut_off_is_looked_up(self):
        """chatwoot#9314, #11901: a weak connection, and the answer was there twice."""
        row = self.reply(self.hear())
        self.sim.fail(method="POST", path="/comments", cut="after")
        self.deliver()
        self.assertEqual(row.delivery_state, "uncertain")
        self.sim.queue.clear()
        row.next_try_at = fields.Datetime.now() - timedelta(minutes=1)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(len(self.ours()), 1)

    def test_hide_like_and_delete(self):
        message = self.hear().with_user(self.agent_all)
        said = self.sim.comments[message.key]
        message.action_like()
        message.action_hide()
        self.assertTrue(said.hidden and said.likes and message.hidden)
        self.take()
        self.assertTrue(message.hidden)
        message.action_unhide()
        self.assertFalse(said.hidden)
        row = self.reply(message)
        self.deliver()
        row.with_user(self.agent_all).action_delete()
        self.assertTrue(self.ours()[0].deleted)
        self.assertTrue(row.deleted_at)
        self.assertFalse(row.text)
        # from the page, not from our files: somebody may ask why
        message.action_delete()
        self.assertTrue(said.deleted)
        self.assertEqual(message.deleted_by, "us")
        self.assertEqual(message.text, "My lamp broke")

    def test_what_may_not_be_hidden_is_said_before(self):
        said = self.sim.comment(self.jo, "Hm", may={"can_hide": False}, push=False)
        self.pull()
        message = self.message(said.id)
        self.assertFalse(self.afforded(message)["hide"]["allowed"])

    # === INTO PRIVATE === #
    def test_the_one_private_answer_opens_messenger_in_the_same_ticket(self):
        message = self.hear()
        way = self.afforded(message)["reply_private"]
        self.assertTrue(way["allowed"])
        self.assertEqual(way["remaining"], 1)
        until = message.sent_at + timedelta(days=7)
        self.assertEqual(way["until"], fields.Datetime.to_string(until))
        row = self.reply(message, "May we have your address?", "private")
        self.deliver()
        self.assertEqual(row.delivery_state, "sent", row.error_text)
        self.assertEqual(row.conversation_id.key, self.jo.id)
        self.take()
        self.assertEqual(len(self.message(row.key)), 1, "its echo is no second one")
        way = self.afforded(message)["reply_private"]
        self.assertEqual((way["allowed"], way["remaining"]), (False, 0))
        with self.assertRaises(UserError):
            self.reply(message, "One more thing", "private")
        # the person answers
        said = self.sim.write(self.jo, "Main Street 1")
        self.take()
        answer = self.message(f"{self.sim.page.id}:{said.mid}")
        self.assertEqual(answer.audience, "private")
        self.assertEqual(answer.ticket_id, message.ticket_id)
        self.assertEqual(answer.identity_id, message.identity_id)
        self.reply(answer, "Thank you", "private")
        self.deliver()
        self.assertEqual(self.sim.sent()[-1].text, "Thank you")

    def test_a_private_answer_that_was_given_elsewhere(self):
        message = self.hear()
        self.sim.public[message.key]["used"] = True
        row = self.reply(message, "Hello", "private")
        self.deliver()
        self.assertEqual(row.delivery_state, "failed")
        self.assertIn("one private answer", row.error_text)
        self.assertFalse(self.afforded(message)["reply_private"]["allowed"])

    def test_after_seven_days_only_the_link_is_left(self):
        message = self.hear()
        self.sim.advance(days=8)
        message.sent_at -= timedelta(days=8)
        way = self.afforded(message)["reply_private"]
        self.assertFalse(way["allowed"])
        self.assertIn("7 days", way["reason"])
        ticket = message.ticket_id.with_user(self.agent_all)
        ways = ticket.social_handoff_ways(message.id)["ways"]
        self.assertEqual(
            [(one["kind"], one["allowed"]) for one in ways],
            [("link", True), ("page", True), ("private_reply", False)],
        )

    def test_who_comes_by_the_link_joins_the_ticket(self):
        message = self.hear()
        ticket = message.ticket_id.with_user(self.agent_all)
        ways = ticket.social_handoff_ways(message.id)["ways"]
        self.assertEqual([one["kind"] for one in ways[:2]], ["private_reply", "link"])
        done = ticket.social_handoff(message.id, ways[1]["id"], note="Here: {link}")
        self.assertTrue(done["ok"], done)
        self.deliver()
        said = self.ours()[-1].message
        self.assertIn("https://m.me/acme?ref=", said)
        token = said.partition("?ref=")[2].split()[0]
        self.sim.start_by_link(self.jo, token)
        written = self.sim.write(self.jo, "Hello, it is me")
        self.take()
        private = self.message(f"{self.sim.page.id}:{written.mid}")
        self.assertEqual(private.ticket_id, message.ticket_id)

    # === ACCESS === #
    def test_access_that_ended_is_told_and_nothing_is_lost(self):
        """chatwoot#2037, zammad#5352: a dead token, and all looked well: the reply was
        shown as sent, the channel as healthy."""
        message = self.hear()
        row = self.reply(message)
        self.sim.tokens[self.sim.token]["error"] = 460
        self.deliver()
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(row.delivery_state, "queued")
        self.sim.tokens[self.sim.token].pop("error")
        self.account.action_connect()
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    def test_full_meters_of_the_page_slow_the_pull_down(self):
        self.sim.use_up(95, kind="pages")
        self.sim.calls.clear()
        self.pull()
        self.assertEqual(self.account.state, "active")
        self.assertTrue(self.account.stream_rests)


@tagged("post_install", "-at_install")
class TestFacebookConnect(SocialFixtures, TransactionCase):
    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(FacebookSimulator())
        network = self.env["helpdesk.social.network"].search(
            [("code", "=", "facebook")]
        )
        action = network.with_user(self.manager).action_open_connect()
        dialogs = self.env["helpdesk.social.connect"].with_user(self.manager)
        self.dialog = dialogs.browse(action["res_id"])
        self.dialog.server = self.sim.url
        self.type(app_id=self.sim.app_id, app_secret=self.sim.app_secret)

    def type(self, **values):
        for line in self.dialog.line_ids.filtered(lambda one: one.key in values):
            line.value = values[line.key]

    def sign_in(self, **approved):
        url = self.dialog.action_sign_in()["url"]
        self.asked = dict(parse_qsl(urlsplit(url).query))
        back = self.sim.approve(url, **approved)
        accounts = self.env["helpdesk.social.account"].with_user(self.manager)
        return accounts._sign_in_returned(back)

    def stored(self, account):
        return account._bare_adapter().settings

    def test_sign_in_with_one_page(self):
        account, sentence = self.sign_in()
        self.assertFalse(sentence)
        self.assertEqual(account.state, "active")
        self.assertEqual(account.external_id, self.sim.page.id)
        settings = self.stored(account)
        self.assertEqual(settings["access_token"], self.sim.page.token)
        self.assertFalse(settings.get("refresh_token"), "the person's is not kept")
        self.assertEqual(
            set(self.asked["scope"].split(",")),
            {
                "pages_show_list",
                "pages_manage_metadata",
                "pages_read_engagement",
                "pages_read_user_content",
                "pages_manage_engagement",
                "pages_messaging",
            },
        )

    def test_sign_in_with_several_pages_asks_which(self):
        other = self.sim.add_page("370999888777666", "Outlet", "outlet")
        account, sentence = self.sign_in()
        self.assertIn("Outlet (370999888777666)", sentence)
        self.assertNotEqual(account.state, "active")
        self.type(page_id=other.id)
        self.dialog.action_connect()
        self.assertEqual(account.state, "active", self.dialog.result)
        self.assertEqual(account.external_id, other.id)
        self.assertEqual(self.stored(account)["access_token"], other.token)

    def test_signing_in_again_keeps_the_page(self):
        account, _sentence = self.sign_in()
        self.sim.add_page("370999888777666", "Outlet", "outlet")
        again, sentence = self.sign_in()
        self.assertFalse(sentence)
        self.assertEqual((again, again.external_id), (account, self.sim.page.id))

    def test_the_token_of_a_system_user(self):
        self.type(refresh_token=self.sim.user_token, page_id=self.sim.page.id)
        self.dialog.action_connect()
        account = self.dialog.account_id
        self.assertEqual(account.state, "active", self.dialog.result)
        self.assertEqual(self.stored(account)["access_token"], self.sim.page.token)

    def test_a_persons_token_is_no_pages(self):
        self.type(access_token=self.sim.user_token)
        self.dialog.action_connect()
        self.assertNotEqual(self.dialog.account_id.state, "active")
        self.assertIn("not the access token of a page", self.dialog.result)

    def test_rights_that_were_not_given_are_named(self):
        account, _sentence = self.sign_in()
        self.sim.tokens[self.sim.token]["scopes"].remove("pages_messaging")
        account.action_connect()
        self.assertEqual(account.missing_scopes, "pages_messaging")

    def test_data_that_will_come_back_empty_is_told_before(self):
        """§1: after 90 days without the person what belongs to people may be empty;
        the token itself goes on, so nothing stops."""
        account, _sentence = self.sign_in()
        soon = self.sim.now() + timedelta(days=3)
        facts = self.sim.tokens[self.sim.token]
        facts["data_access_expires_at"] = int(soon.timestamp())
        account.action_connect()
        account.sudo().last_check_at = "2020-01-01 00:00:00"
        self.env["helpdesk.social.account"]._cron_keep_alive()
        self.assertEqual(account.data_until, soon.replace(tzinfo=None))
        self.assertTrue(account.activity_ids)
        facts["data_access_expires_at"] = int(self.sim.now().timestamp()) - 60
        account.action_connect()
        account.sudo().last_check_at = "2020-01-01 00:00:00"
        self.env["helpdesk.social.account"]._cron_keep_alive()
        self.assertEqual(account.state, "active")


@tagged("post_install", "-at_install")
class TestFacebookDoor(FacebookFixtures, HttpCase):
    """Subscribed and checked; over the wire proved and journalled."""

    def setUp(self):
        super().setUp()
        # sudo: helpdesk.social.app - its address, as Meta was told
        self.app = self.account.app_id.sudo()
        self.address = f"/helpdesk_social/webhook/facebook/{self.app.webhook_token}"
        self.env["ir.config_parameter"].set_param("web.base.url", self.base_url())
        self.app.invalidate_recordset()
        self.asked = []
        # Meta's question cannot be asked from another thread of a test
        proved = patch.object(FacebookSimulator, "ask", staticmethod(self.proves))
        self.startPatcher(proved)

    def proves(self, url, token):
        self.asked.append((url, token))
        return True

    def push(self, payload, secret=None):
        headers, _query, raw = self.sim.request(payload, secret)
        return self.url_open(self.address, data=raw, headers=headers, method="POST")

    def test_subscribed_and_checked(self):
        self.account.action_subscribe()
        self.assertTrue(self.account.push)
        self.assertIn("feed", self.sim.page.fields)
        self.assertIn("message_echoes", self.sim.page.fields)
        self.assertEqual(self.asked, [(self.app.webhook_url, self.app.webhook_secret)])
        there = self.sim.subscriptions["page"]
        self.assertEqual(there["callback_url"], self.app.webhook_url)

    def test_a_renewed_address_is_told_to_the_app(self):
        """It has one for all Pages: whatever went to the old one would be lost."""
        self.account.action_subscribe()
        old = self.app.webhook_url
        self.account.action_renew_webhook()
        self.assertNotEqual(self.app.webhook_url, old)
        there = self.sim.subscriptions["page"]
        self.assertEqual(there["callback_url"], self.app.webhook_url)
        self.assertEqual(self.asked[-1][0], self.app.webhook_url)

    def test_an_app_that_tells_another_program_all_is_no_push(self):
        self.account.action_subscribe()
        theirs = "https://other.example/hook/their-secret"
        self.sim.subscriptions["page"]["callback_url"] = theirs
        self.account.push_asked_at = False
        self.account._watch_push()
        self.assertTrue(self.account.push_lost_at)
        with self.assertRaises(UserError) as caught:
            self.account.action_subscribe()
        self.assertIn("other.example", str(caught.exception))
        self.assertNotIn("their-secret", str(caught.exception))

    def test_the_address_proves_itself(self):
        """chatwoot#12689: the handshake broke with a new version."""
        query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
        answer = self.url_open(f"{self.address}?{query}{self.app.webhook_secret}")
        self.assertEqual((answer.status_code, answer.content), (200, b"1158201444"))
        answer = self.url_open(f"{self.address}?{query}wrong")
        self.assertEqual(answer.status_code, 404)

    def test_told_over_the_wire_repeated_and_in_batches(self):
        said = [self.sim.comment(self.jo, text) for text in ("One", "Two")]
        self.sim.write(self.jo, "And in private")
        self.sim.queue.append(self.sim.batched(self.sim.queue))
        for payload in self.sim.queue * 2:
            self.assertEqual(self.push(payload).status_code, 200)
        self.env["helpdesk.social.intake"]._process_all(self.account)
        found = self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("direction", "=", "in")]
        )
        self.assertEqual(len(found), 3)
        self.assertLessEqual({one.id for one in said}, set(found.mapped("key")))

    def test_forged_deliveries_are_nobody(self):
        """chatwoot#14280: anybody could write a message into the desk."""
        self.sim.comment(self.jo, "Hello")
        payload = self.sim.queue[-1]
        before = self.env["helpdesk.social.event"].search_count([])
        for secret in ("", "another secret"):
            self.assertIn(self.push(payload, secret).status_code, (403, 404))
        self.assertEqual(self.env["helpdesk.social.event"].search_count([]), before)

    def test_a_page_that_stops_pushing_is_found_out(self):
        """odoo/documentation#16687: nothing came, and nobody was told why."""
        self.account.action_subscribe()
        self.sim.page.fields = ["ratings"]
        self.assertNotIn("feed", self.account._bare_adapter().subscribed_fields())
        self.account.action_subscribe()
        self.assertIn("feed", self.sim.page.fields)

    def test_a_subscription_that_another_program_has_is_left_alone(self):
        """Its address is somebody's: a person decides."""
        theirs = {"callback_url": "https://other.example/hook", "fields": ["feed"]}
        self.sim.subscriptions["page"] = dict(theirs)
        with self.assertRaises(UserError) as caught:
            self.account.action_subscribe()
        self.assertIn("messages", str(caught.exception))
        self.assertEqual(self.sim.subscriptions["page"], theirs)

    def test_a_token_without_messages_still_has_comments_pushed(self):
        self.sim.tokens[self.sim.token]["scopes"].remove("pages_messaging")
        self.account.action_connect()
        self.account.action_subscribe()
        self.assertEqual(self.sim.page.fields, ["feed", "mention"])
        self.account.action_unsubscribe()
        self.assertIsNone(self.sim.page.fields)
