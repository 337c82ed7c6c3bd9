"""A real Bluesky network when things go wrong: tokens, limits, private messages, death.

See ``real_bluesky``. Every point at which the process may die in a publish is tried:
the network must show exactly one post.
"""

from unittest.mock import patch

from odoo import api
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models import common
from ..networks import errors
from .real_bluesky import RealBluesky
from .test_failpoints import DieAt, Died
from .test_real_bluesky import REAL


@tagged(*REAL)
class TestRealBlueskySessions(RealBluesky):
    def tokens(self, account=None):
        account = account or self.account
        return self.env["helpdesk.social.token"].sudo()._of(account)

    def test_an_ended_token_is_renewed_and_nobody_notices(self):
        row = self.tokens()
        ended = self.token(self.did("brand"))
        row.secrets = {**row.secrets, "access_token": ended}
        self.customer("joan").send_post(self.naming("brand", text="after two hours"))
        message = self.hear("after two hours")
        self.assertNotEqual(row.secrets["access_token"], ended)
        row.secrets = {**row.secrets, "access_token": ended}
        reply = message.ticket_id.with_user(self.agent).social_reply("Yes", "public")
        self.deliver(reply)
        [seen] = self.until(lambda: self.replies("joan", message.key, "Yes"))
        self.assertEqual(seen.uri, reply.key)

    def test_an_ended_session_is_opened_again_once(self):
        row = self.tokens()
        row.secrets = {
            "access_token": self.token(self.did("brand")),
            "refresh_token": "of no use",
        }
        self.customer("joan").send_post(self.naming("brand", text="after three months"))
        self.hear("after three months")
        self.assertNotEqual(row.secrets["refresh_token"], "of no use")

    def test_a_revoked_password_needs_a_person(self):
        north = self.customer("brandnorth").com.atproto.server
        made = north.create_app_password({"name": "soon gone", "privileged": True})
        account = self.prepared("brandnorth")
        account.set_settings({"app_password": made.password})
        account.action_connect()
        account.action_pull()
        north.revoke_app_password({"name": "soon gone"})
        row = self.tokens(account)
        row.secrets = {**row.secrets, "access_token": self.token(account.external_id)}
        self.assertIsInstance(account.sudo()._pull(wait=True), errors.AuthError)
        self.assertEqual(account.state, "needs_auth")
        # a new one, and it goes on where it stopped
        cursors = account.sudo().cursors
        fresh = self.people["brandnorth.test"]["privileged"]
        account.set_settings({"app_password": fresh})
        account.action_connect()
        self.assertEqual(account.state, "active")
        self.assertEqual(account.sudo().cursors, cursors)
        self.customer("joan").send_post(self.naming("brandnorth", text="back again?"))
        self.assertTrue(self.hear("back again?", account).ticket_id)

    def test_wrong_words_are_sentences(self):
        account = self.prepared("sami")
        account.set_settings({"app_password": "abcd-efgh-ijkl-mnop"})
        with self.assertRaisesRegex(UserError, "sign"):
            account.action_connect()
        account.set_settings({"base_url": "http://127.0.0.1:1", "app_password": "x-y"})
        with self.assertRaisesRegex(UserError, "cannot be reached"):
            account.action_connect()

    def test_a_plain_app_password_has_no_private_messages(self):
        account = self.connected("sami", kind="plain")
        self.assertEqual(account.state, "active")
        self.assertFalse((account.sudo().facts or {}).get("chat"))
        self.customer("joan").send_post(self.naming("sami", text="in public then"))
        self.assertTrue(self.hear("in public then", account).ticket_id)

    def test_thirty_log_ins_are_all_there_is(self):
        account = self.prepared("busy")
        adapter = account._bare_adapter()
        with self.assertRaises(errors.RateLimited) as caught:
            for _number in range(31):
                adapter.sign_in()
        self.assertGreater(caught.exception.retry_after, 1)
        self.assertLessEqual(caught.exception.retry_after, 301)
        with self.assertRaisesRegex(UserError, "slow|wait|minute|later|many"):
            account.action_connect()
        self.assertNotEqual(account.state, "active")


@tagged(*REAL)
class TestRealBlueskyPrivate(RealBluesky):
    def test_a_private_message_both_ways(self):
        theirs = self.private("joan")
        # connecting has opened our messages to everybody
        ask = {"members": [self.did("brand")]}
        convo = self.until(
            lambda: (
                theirs.get_convo_availability(ask).can_chat
                and theirs.get_convo_for_members(ask).convo
            )
        )
        say = {"convo_id": convo.id, "message": {"text": "It is order 4711, psst 灯"}}
        theirs.send_message(say)
        message = self.hear("order 4711")
        self.assertEqual(message.audience, "private")
        self.assertEqual(message.identity_id.external_id, self.did("joan"))
        ticket = message.ticket_id.with_user(self.agent)
        self.assertNotIn("4711", f"{ticket.name} {ticket.description}")
        row = ticket.social_reply("Thank you, joan", "private")
        self.deliver(row)
        found = theirs.get_messages({"convo_id": convo.id}).messages
        self.assertEqual(found[0].text, "Thank you, joan")
        self.assertEqual(found[0].sender.did, self.did("brand"))
        self.account.action_pull()
        texts = ticket.social_message_ids.mapped("text")
        self.assertEqual(texts.count("Thank you, joan"), 1)
        # nothing of it is public
        feed = self.customer("brand").get_author_feed("brand.test").feed
        self.assertFalse([one for one in feed if "Thank you" in one.post.record.text])

    def test_from_public_to_private_where_that_is_allowed(self):
        sami = self.customer("sami")
        sami.send_post(self.naming("brand", text="where is my parcel?"))
        message = self.hear("where is my parcel?")
        ticket = message.ticket_id.with_user(self.agent)
        # sami follows nobody and has not opened the messages
        with self.assertRaisesRegex(UserError, "follow"):
            ticket.social_reply("Your order number?", "private", to=message)
        theirs = self.private("sami")
        self.assertFalse(theirs.list_convo_requests().requests)

        sami.follow(self.did("brand"))
        brand = self.customer("brand")
        self.until(lambda: brand.get_profile("sami.test").viewer.followed_by)
        sami.send_post(self.naming("brand", text="you may write to me"))
        message = self.hear("you may write to me")
        ticket = message.ticket_id.with_user(self.agent)
        row = ticket.social_reply("Your order number?", "private", to=message)
        self.deliver(row)
        [request] = theirs.list_convo_requests().requests
        self.assertEqual(request.last_message.text, "Your order number?")

        # the private answer joins the same ticket
        answer = {"convo_id": request.id, "message": {"text": "It is 815"}}
        theirs.send_message(answer)
        joined = self.hear("It is 815")
        self.assertEqual((joined.ticket_id, joined.audience), (ticket, "private"))


@tagged(*REAL)
class TestRealBlueskyDeath(RealBluesky):
    def test_wherever_the_process_dies_there_is_one_post(self):
        post = self.customer("joan").send_post(self.naming("brand", text="dying"))
        self.hear("dying")
        names = []
        for number in range(1, 100):
            name = self.one_death(number, post.uri)
            if not name:
                break
            names.append(name)
        for name in ("before a commit", "outbox: before the effect"):
            self.assertIn(name, names)
        self.assertIn("outbox: after the effect", names)

    def one_death(self, number, uri):
        """One reply whose sending dies at point ``number``; the point's name or ''."""
        words, die = f"Answer number {number}", DieAt(number)
        life = self.env.cr.savepoint()
        try:
            with self.enter_registry_test_mode(), self.registry.cursor() as cr:
                env = api.Environment(cr, api.SUPERUSER_ID, {})
                message = env["helpdesk.social.message"].search(
                    [("key", "=", uri), ("account_id.name", "=", "Brand brand")]
                )
                ticket = message.ticket_id.with_user(env.ref("base.user_admin"))
                row = ticket.social_reply(words, "public", to=message).sudo()
                env.cr.commit()
                with patch.object(common, "failpoint", die):
                    try:
                        env["helpdesk.social.outbox"]._cron_deliver()
                    except Died:
                        cr.rollback()
                        env.invalidate_all(flush=False)
                for _round in range(4):
                    past = "2020-01-01 00:00:00"
                    row.filtered("sending_until").sending_until = past
                    row.filtered("next_try_at").next_try_at = past
                    env.cr.commit()
                    env["helpdesk.social.outbox"]._cron_deliver()
                where = f"died at {number}: {die.name or 'nowhere'}"
                self.assertEqual(row.delivery_state, "sent", where)
                records = self.customer("brand").com.atproto.repo.list_records(
                    {
                        "repo": self.did("brand"),
                        "collection": "app.bsky.feed.post",
                        "limit": 100,
                    }
                )
                mine = [one for one in records.records if one.value.text == words]
                self.assertEqual([one.uri for one in mine], [row.key], where)
                return die.name
        finally:
            life.close(rollback=True)
            self.env.invalidate_all(flush=False)
