"""X through the whole addon: what adapter, webhook, intake and outbox show together.

Against the simulator, over the wire; the webhook's address is asked and posted to as X
does it.
"""

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import requests

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, tagged

from .common import SocialFixtures
from .simulators import x_events
from .simulators.x import XHarness, XSimulator

BACK = "/helpdesk_social/oauth/callback"


class XFixtures(SocialFixtures):
    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(XSimulator())
        self.jo = self.sim.add_user("jo_k", "Jo")
        self.account = self.connected()

    def connected(self, token="", **values):
        account = self.make_account(code="x", **values)
        settings = XHarness.settings(self.sim)
        account.set_settings(settings | ({"access_token": token} if token else {}))
        account.action_connect()
        # nothing here is a backlog
        account.connected_at = "2020-01-01 00:00:00"
        return account

    def second_account(self):
        other = self.sim.add_user("acme_uk", "Acme UK")
        return other, self.connected(self.sim.tokens_of(other)["access_token"])

    def message(self, key, account=None):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", (account or self.account).id), ("key", "=", key)]
        )

    def hear(self, text="@acme my lamp broke", **kwargs):
        """A customer posts, we pull: the message."""
        post = self.sim.post(self.jo, text, **kwargs)
        self.account.action_pull()
        return self.message(post.id)

    def look_again(self, *messages):
        """Their turn to be looked at comes, a day later."""
        for message in messages:
            if message.deleted_at:
                message.deleted_at -= timedelta(days=1)
            if message.back_at:
                message.back_at -= timedelta(days=1)
            message.reread_at = "2020-01-01 00:00:00"
        self.account.action_pull()
        self.env.invalidate_all()

    def afforded(self, message):
        return {one["kind"]: one for one in message.social_affordances()}


@tagged("post_install", "-at_install")
class TestX(XFixtures, TransactionCase):
    def test_an_author_who_was_suspended_comes_back(self):
        message = self.hear("@acme my marzipan lamp broke")
        other = self.hear("@acme and my kettle")
        self.look_again(message, other)  # the journal knows both as they are
        for _time in range(2):
            self.jo.protected = True
            self.look_again(message, other)
            self.assertEqual(message.deleted_by, "network")
            self.assertFalse(message.text, "X wants it gone meanwhile")
            self.assertFalse(message.waiting)
            self.look_again(message, other)
            self.assertTrue(message.deleted_at, "still away")
            self.jo.protected = False
            self.look_again(message, other)
            self.assertFalse(message.deleted_at)
            self.assertEqual(message.text, "@acme my marzipan lamp broke")
            self.assertTrue(message.waiting)
            self.assertEqual(message.extra.get("summoned"), True, "can be answered")
        # what was handled does not wait again; what was edited meanwhile is as it is
        message.with_user(self.admin).action_handled()
        self.jo.protected = True
        self.look_again(message, other)
        self.sim.edit(other.key, "@acme and my new kettle")
        self.jo.protected = False
        self.look_again(message, other)
        self.assertFalse(message.deleted_at or message.waiting)
        self.assertEqual(other.text, "@acme and my new kettle")
        # deleted while nobody could see it
        self.jo.protected = True
        self.look_again(message, other)
        self.sim.delete(message.key)
        self.jo.protected = False
        self.look_again(message, other)
        self.assertTrue(message.deleted_at)
        self.assertFalse(message.text or other.deleted_at)

    def test_a_list_that_trails_brings_nothing_back(self):
        message = self.hear("@acme my marzipan lamp broke")
        self.jo.protected = True
        self.look_again(message)
        self.jo.protected = False
        message.deleted_at -= timedelta(hours=1)
        events = self.env["helpdesk.social.event"]
        [raw] = self.account._adapter().reread([message.key]).items
        for values in ({"stream": "mentions"}, {"source": "push"}):
            events._journal(
                self.account.app_id,
                [replace(raw, key=f"late:{values}")],
                self.account,
                **values,
            )
        self.env["helpdesk.social.intake"]._process_all(self.account)
        self.assertTrue(message.deleted_at)
        self.assertFalse(message.text)
        self.assertFalse(
            events.search([("key", "like", "late:"), ("raw", "like", "marzipan")])
        )

    def test_what_the_owner_pays_is_what_agents_are_told(self):
        message = self.hear()
        app = self.account.app_id
        self.assertEqual(self.afforded(message)["reply_public"]["cost"], "$0.01")
        rows = {one.kind: one for one in app.price_ids}
        rows["summoned_reply"].own_price = "0,0075"
        rows["dm"].own_price = "0"
        found = self.afforded(message)
        self.assertEqual(found["reply_public"]["cost"], "$0.0075")
        self.assertEqual(found["reply_private"]["cost"], "$0.00")
        # and so do length and price of words that are being written
        draft = message._draft_for(
            self.account, "Yes", "public", target=message, person=None, thread=None
        )
        for adapter in (self.account._adapter(), self.account._bare_adapter()):
            self.assertEqual(adapter.measure(draft).cost, "$0.0075")
            self.assertEqual(adapter.prices["post_url"], "0.200", "not corrected")
        apart = app.create({"name": "Another", "network_id": app.network_id.id})
        other = self.make_account(code="x", app_id=apart.id)
        self.assertEqual(other._adapter().measure(draft).cost, "$0.01", "another app")
        rows["summoned_reply"].own_price = False
        self.assertEqual(self.afforded(message)["reply_public"]["cost"], "$0.01")

    def test_a_mention_becomes_a_ticket_and_is_answered(self):
        message = self.hear()
        ticket = message.ticket_id
        self.assertTrue(ticket)
        self.assertEqual(ticket.channel_id, self.env.ref("helpdesk_social.channel_x"))
        self.assertEqual(message.identity_id.handle, "jo_k")
        reply = ticket.social_reply("We look into it", "public")
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(reply.delivery_state, "sent")
        [post] = [
            one
            for one in self.sim.world.posts.values()
            if one.author == self.sim.brand.id
        ]
        self.assertEqual((post.parent, reply.key), (message.key, post.id))
        # our own post comes back and is known
        self.account.action_pull()
        self.assertEqual(len(self.message(post.id)), 1)

    def test_who_did_not_name_us_is_answered_on_x(self):
        ours = self.sim.post(self.sim.brand, "News")
        self.sim.post(self.jo, "no name in it", reply_to=ours, name_parent=False)
        post = self.sim.post(self.jo, "@acme look")
        under = self.sim.post(self.jo, "nobody named", reply_to=post, name_parent=False)
        self.account.action_pull()
        item = self.account._adapter().resolve(f"https://x.com/jo_k/status/{under.id}")
        self.env["helpdesk.social.event"]._journal(
            self.account.app_id, [item], self.account
        )
        self.env["helpdesk.social.intake"]._process_all(self.account)
        found = self.afforded(self.message(under.id))
        self.assertFalse(found["reply_public"]["allowed"])
        self.assertIn("named us", found["reply_public"]["reason"])
        self.assertEqual(
            found["reply_public"]["url"],
            f"https://x.com/intent/post?in_reply_to={under.id}",
        )
        self.assertTrue(self.afforded(self.message(post.id))["reply_public"]["allowed"])
        self.assertEqual(
            self.afforded(self.message(post.id))["reply_public"]["cost"], "$0.01"
        )

    def test_an_edit_is_a_revision_and_a_deletion_takes_the_words(self):
        message = self.hear("@acme the lmap broke")
        self.sim.edit(message.key, "@acme the lamp broke")
        self.account.action_pull()
        message.invalidate_recordset()
        self.assertEqual((message.revision, message.text), (1, "@acme the lamp broke"))
        self.assertEqual(message.revisions[0]["text"], "@acme the lmap broke")
        self.sim.delete(message.key)
        # a day later it is looked at again
        message.reread_at = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.account.action_pull()
        message.invalidate_recordset()
        self.assertTrue(message.deleted_at)
        self.assertFalse(message.text)
        self.assertFalse(message.revisions)

    def test_private_messages_have_a_ticket_that_tells_nothing(self):
        said = self.sim.dm(self.jo, "my secret number is 1234")
        self.account.action_pull()
        message = self.message(f"dm:{said.id}")
        self.assertEqual(message.audience, "private")
        self.assertNotIn("1234", message.ticket_id.name)
        reply = message.ticket_id.social_reply("Thank you", "private")
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.assertEqual(reply.delivery_state, "sent")
        self.assertEqual(reply.conversation_id, message.conversation_id)
        last = [*self.sim.world.messages.values()][-1]
        self.assertEqual((last.text, last.sender), ("Thank you", self.sim.brand.id))

    def test_a_right_that_was_not_given_is_known_beforehand(self):
        self.jo.open_inbox = True
        message = self.hear()
        self.assertTrue(self.afforded(message)["reply_private"]["allowed"])
        tokens = self.account._touch_tokens()
        tokens.secrets = {
            "access_token": self.sim.brand_token,
            "granted": "tweet.read tweet.write users.read dm.read offline.access",
        }
        self.account.action_check()
        self.assertIn("dm.write", self.account.missing_scopes)
        found = self.afforded(message)["reply_private"]
        self.assertFalse(found["allowed"])
        self.assertIn("lacks a right", found["reason"])
        self.assertIn(f"recipient_id={self.jo.id}", found["url"])

    def test_accounts_share_one_app_and_its_keys(self):
        _other, second = self.second_account()
        self.assertEqual(second.app_id, self.account.app_id)
        # sudo: helpdesk.social.app, .account - what is stored where
        app, one = self.account.app_id.sudo(), self.account.sudo()
        self.assertEqual(
            set(app.secrets), {"consumer_key", "consumer_secret", "client_secret"}
        )
        self.assertNotIn("consumer_secret", one.secrets)
        self.assertEqual(self.account.handle, "acme")
        self.assertEqual(second.handle, "acme_uk")

    def test_another_server_gets_no_secret_of_the_app(self):
        """They are shared: nobody takes them along by moving one account."""
        _other, second = self.second_account()
        app = second.app_id.sudo()
        kept = dict(app.secrets)
        stranger = self.enterContext(XSimulator())
        second.set_settings({"base_url": stranger.url})
        self.assertEqual(app.secrets, kept)
        sent = second._bare_adapter().settings
        for secret in kept:
            self.assertFalse(sent[secret], secret)
        with self.assertRaisesRegex(UserError, "Access token"):
            second.action_connect()
        self.assertFalse(stranger.calls)
        # typed in again they are the new server's, and none of the others goes along
        second.set_settings({"client_secret": "for the stranger"})
        self.assertEqual(app.secrets, {"client_secret": "for the stranger"})

    def test_back_at_the_old_server_they_are_there(self):
        app, settings = self.account.app_id.sudo(), XHarness.settings(self.sim)
        kept = dict(app.secrets)
        self.account.set_settings({"base_url": "https://elsewhere.example.com"})
        self.assertEqual(self.account._missing_settings(), [])
        self.account.set_settings({"base_url": self.sim.url})
        self.account.set_settings({"access_token": settings["access_token"]})
        self.account.action_connect()
        self.assertEqual(self.account.state, "active")
        self.assertEqual(app.secrets, kept)

    def test_one_post_that_names_both_accounts_is_one_message(self):
        _other, second = self.second_account()
        post = self.sim.post(self.jo, "@acme @acme_uk help")
        self.account.action_pull()
        second.action_pull()
        message = self.message(post.id)
        self.assertEqual(message.also_account_ids, second)
        self.assertEqual(len(message.ticket_id), 1)

    def test_one_address_per_app_whatever_company_asks(self):
        """X would deliver to the second alone, and nobody would notice."""
        params = self.env["ir.config_parameter"]
        params.set_param("web.base.url", "https://desk.example.com")
        company = self.env["res.company"].create({"name": "Acme UK"})
        self.env.user.company_ids += company
        other = self.sim.add_user("acme_uk")
        token = self.sim.tokens_of(other)["access_token"]
        second = self.connected(token, company_id=company.id)
        self.assertNotEqual(second.app_id, self.account.app_id)
        # sudo: helpdesk.social.account - the machine's field
        self.account.sudo().push = True
        self.sim.calls.clear()
        with self.assertRaisesRegex(UserError, "one address only"):
            second.action_subscribe()
        self.assertFalse(self.sim.calls)
        self.assertFalse(second.push)
        # the dialog says so, and the account reads by itself
        second._set_push(True)
        self.assertIn("one address only", second.push_error)
        self.assertTrue(second._can_pull())
        # keys of its own are nobody else's business
        second.app_id.sudo().secrets = {"consumer_secret": "of its own"}
        second.app_id._check_one_webhook()

    def test_signing_in_and_staying_signed_in(self):
        account = self.make_account(code="x")
        settings = XHarness.settings(self.sim)
        account.set_settings(
            {
                key: value
                for key, value in settings.items()
                if key not in ("access_token", "refresh_token")
            }
        )
        other = self.sim.add_user("acme_de")
        self.sim.signed_in = other
        action = account.action_sign_in()
        query = parse_qs(urlsplit(action["url"]).query)
        self.sim.app.redirect_uris = query["redirect_uri"]
        self.assertTrue(action["url"].startswith(self.sim.url))
        page = requests.get(action["url"], allow_redirects=False, timeout=5)
        back = parse_qs(urlsplit(page.headers["location"]).query)
        params = {key: value[0] for key, value in back.items()}
        found, sentence = self.env["helpdesk.social.account"]._sign_in_returned(params)
        self.assertEqual((found, sentence), (account, ""))
        self.assertEqual((account.state, account.handle), ("active", "acme_de"))
        self.assertTrue(account.token_expires_at)
        self.assertFalse(account.missing_scopes)
        before = account._bare_adapter().settings["refresh_token"]
        account._tokens().renew_at = fields.Datetime.now()
        account._keep_alive()
        settings = account._bare_adapter().settings
        self.assertNotEqual(settings["refresh_token"], before)
        self.assertIn("dm.read", settings["granted"])
        self.assertEqual(account.state, "active")
        account.action_pull()


@tagged("post_install", "-at_install")
class TestXWebhook(XFixtures, HttpCase):
    """One address for all accounts of the app."""

    def setUp(self):
        super().setUp()
        # sudo: helpdesk.social.app - its address, as X was told
        token = self.account.app_id.sudo().webhook_token
        self.address = f"/helpdesk_social/webhook/x/{token}"

    def push(self, body, **headers):
        found, _query, raw = self.sim.request(body)
        return self.url_open(
            self.address, data=raw, headers=found | headers, method="POST"
        )

    def mention(self, user, text):
        post = self.sim.post(self.jo, text)
        payload, includes = x_events.post_payload(self.sim.world, self.sim.url, post)
        body = x_events.activity("post.mention.create", user.id, payload, includes)
        return post, body

    def test_the_address_proves_itself(self):
        _other, _second = self.second_account()
        answer = self.url_open(f"{self.address}?crc_token=abc123")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(
            answer.json()["response_token"],
            self.sim.signature(self.sim.app.consumer_secret, b"abc123"),
        )
        self.assertEqual(self.url_open(self.address).status_code, 404)

    def test_each_account_gets_its_own(self):
        other, second = self.second_account()
        first_post, body = self.mention(self.sim.brand, "@acme hello")
        self.assertEqual(self.push(body).status_code, 200)
        second_post, body = self.mention(other, "@acme_uk hello")
        for _twice in range(2):
            self.assertEqual(self.push(body).status_code, 200)
        said = self.sim.dm(self.jo, "to the second", to=other)
        payload = x_events.message_payload(self.sim.world, self.sim.url, said, other.id)
        self.push(x_events.activity("dm.received", other.id, payload))
        intake = self.env["helpdesk.social.intake"]
        intake._process_all(self.account)
        intake._process_all(second)
        self.assertTrue(self.message(first_post.id).ticket_id)
        self.assertTrue(self.message(second_post.id, second).ticket_id)
        self.assertEqual(self.message(f"dm:{said.id}", second).audience, "private")
        self.assertFalse(self.message(second_post.id))

    def test_both_kinds_of_delivery_and_the_pull_are_one_message(self):
        post, body = self.mention(self.sim.brand, "@acme hello")
        self.push(body)
        old = x_events.account_activity(
            self.sim.world, self.sim.url, self.sim.brand.id, [post]
        )
        self.push(old)
        self.account.action_pull()
        self.assertEqual(len(self.message(post.id)), 1)
        self.assertEqual(self.message(post.id).text, "@acme hello")

    def test_what_is_for_nobody_here_opens_nothing(self):
        stranger = self.sim.add_user("stranger")
        post, body = self.mention(stranger, "@stranger hello")
        self.assertEqual(self.push(body).status_code, 200)
        self.env["helpdesk.social.intake"]._process_all(self.account)
        self.assertFalse(
            self.env["helpdesk.social.message"].search([("key", "=", post.id)])
        )

    def test_a_forgery_is_refused(self):
        _post, body = self.mention(self.sim.brand, "@acme hello")
        wrong = {"x-twitter-webhooks-signature": "sha256=bm9wZQ=="}
        self.assertEqual(self.push(body, **wrong).status_code, 403)
        events = self.env["helpdesk.social.event"].search(
            [("app_id", "=", self.account.app_id.id), ("source", "=", "push")]
        )
        self.assertFalse(events)

    def revoke(self, user, at, old=False):
        """X says that this user took our access back at that time."""
        at = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        payload = {"date_time": at, "user_id": user.id, "app_id": "1"}
        body = x_events.activity("oauth.revoke", user.id, payload)
        if old:
            told = {"date_time": at, "source": {"user_id": user.id}}
            body = {"user_event": {"revoke": told}}
        self.assertEqual(self.push(body).status_code, 200)
        event = self.env["helpdesk.social.event"].search([], limit=1, order="id desc")
        self.env["helpdesk.social.intake"]._process_all(event.account_id)
        return event

    def test_access_that_was_taken_back_disconnects_at_once(self):
        other, second = self.second_account()
        proved = self.account.last_check_at
        later = fields.Datetime.add(proved, minutes=5)
        second.last_check_at = later
        for at in (fields.Datetime.subtract(proved, days=3), proved):
            event = self.revoke(self.sim.brand, at)
            self.assertEqual(event.outcome, "outdated", "we signed in again since")
        self.assertEqual(self.account.state, "active")
        self.account.last_check_at = fields.Datetime.subtract(proved, hours=1)
        event = self.revoke(self.sim.brand, later)
        self.assertEqual((event.state, event.outcome), ("done", "signed_out"))
        self.assertEqual(self.account.state, "needs_auth")
        self.assertIn("taken back", self.account.error_text)
        self.assertEqual(second.state, "active")
        self.assertEqual(len(self.account.activity_ids), 1)
        self.revoke(self.sim.brand, later, old=True)
        self.assertEqual(len(self.account.activity_ids), 1, "told both ways, said once")
        # signed in again: neither a replay nor a late delivery ends that
        self.account.action_connect()
        self.account.last_check_at = fields.Datetime.add(later, minutes=1)
        event.action_replay()
        self.env["helpdesk.social.intake"]._process_all(self.account)
        self.assertEqual(event.outcome, "outdated")
        self.revoke(self.sim.brand, later, old=True)
        self.assertEqual(self.account.state, "active")
        self.assertFalse(self.account.activity_ids)
        second.last_check_at = fields.Datetime.subtract(proved, hours=1)
        self.revoke(other, later, old=True)
        self.assertEqual((self.account.state, second.state), ("active", "needs_auth"))

    def test_access_that_was_taken_back_from_a_paused_account(self):
        self.account.action_pause()
        self.account.last_check_at = fields.Datetime.subtract(
            fields.Datetime.now(), hours=1
        )
        self.revoke(self.sim.brand, fields.Datetime.now())
        self.assertEqual(self.account.state, "paused", "it proves itself on resuming")
        self.assertFalse(self.account.activity_ids)

    def test_an_encrypted_message_says_that_somebody_waits(self):
        pair = "-".join(sorted((self.jo.id, self.sim.brand.id), key=int))
        payload = {
            "conversation_id": pair,
            "id": self.sim.world.serial(),
            "encoded_message_event": "CwABAAAAE3NlYWxlZA==",
        }
        self.push(x_events.activity("chat.received", self.sim.brand.id, payload))
        self.env["helpdesk.social.intake"]._process_all(self.account)
        message = self.message(f"chat:{payload['id']}")
        self.assertTrue(message.ticket_id)
        self.assertNotIn("CwAB", json.dumps(message.read(["text", "extra"])))
        found = self.afforded(message)["reply_private"]
        self.assertFalse(found["allowed"])
        self.assertIn("encrypted", found["reason"])
        self.assertIn("x.com/messages", found["url"])
