"""A real Bluesky network: the way of a message where reality decides.

Run by the stage ``real``; see ``real_bluesky`` for who is who. What differs from the
documentation is in the fact sheet; here it must simply work.
"""

import base64
from datetime import datetime, timezone

from odoo.tests import tagged

from .real_bluesky import DAY, RealBluesky

REAL = ("-standard", "helpdesk_social_real", "post_install", "-at_install")
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged(*REAL)
class TestRealBluesky(RealBluesky):
    # --- the main job ---------------------------------------------------------
    def test_a_mention_becomes_a_ticket_and_is_answered_in_the_thread(self):
        joan = self.customer("joan")
        post = joan.send_post(self.naming("brand", text="my lamp broke, ohé 灯 👋🏽"))
        message = self.hear("my lamp broke")
        self.assertEqual(len(message), 1)
        self.assertEqual(message.key, post.uri)
        self.assertIn("ohé 灯 👋🏽", message.text)
        self.assertEqual(message.audience, "public")
        self.assertEqual(message.identity_id.handle, "joan.test")
        self.assertEqual(message.identity_id.external_id, self.did("joan"))
        self.assertTrue(message.waiting)
        ticket = message.ticket_id.with_user(self.agent)
        self.assertTrue(ticket)

        text = "Désolés 灯, @sami.test looks into it: https://example.com/lamp #help"
        row = ticket.social_reply(text, "public")
        self.deliver(row)
        self.assertFalse(message.waiting)
        [seen] = self.until(lambda: self.replies("joan", post.uri, "looks into it"))
        self.assertEqual(seen.author.handle, "brand.test")
        self.assertEqual(seen.uri, row.key)
        self.assertEqual(seen.record.reply.parent.uri, post.uri)
        self.assertEqual(seen.record.reply.root.uri, post.uri)
        # what the app makes clickable, by bytes
        raw, marked = seen.record.text.encode(), {}
        for facet in seen.record.facets:
            part = raw[facet.index.byte_start : facet.index.byte_end].decode()
            marked[part] = facet.features[0]
        self.assertEqual(marked["@sami.test"].did, self.did("sami"))
        self.assertEqual(marked["#help"].tag, "help")
        [link] = [one.uri for one in marked.values() if hasattr(one, "uri")]
        self.assertEqual(link, "https://example.com/lamp")

        # the customer hears of it, and our own words stand with us once
        notices = joan.app.bsky.notification.list_notifications().notifications
        self.assertIn(row.key, [one.uri for one in notices])
        self.account.action_pull()
        texts = ticket.social_message_ids.mapped("text")
        self.assertEqual(len([one for one in texts if "looks into it" in one]), 1)

    def test_a_thread_grows_and_stays_one_ticket(self):
        """The answers are written at once, while the AppView may still read ours."""
        top = self.customer("joan").send_post(self.naming("brand", text="open today?"))
        message = self.hear("open today?")
        row = message.ticket_id.with_user(self.agent).social_reply("Until 6", "public")
        self.deliver(row)
        [ours] = self.until(lambda: self.replies("joan", top.uri, "Until 6"))
        thanks = self.customer("joan").send_post(
            "Great, and on Sunday?", reply_to=self.below(ours, top)
        )
        self.customer("sami").send_post(
            self.naming("brand", text="I wonder too"), reply_to=self.below(thanks, top)
        )
        answer, other = self.hear("and on Sunday?"), self.hear("I wonder too")
        self.assertEqual(answer.ticket_id, message.ticket_id)
        self.assertEqual(other.ticket_id, message.ticket_id)
        self.assertNotEqual(other.identity_id, message.identity_id)
        row = message.ticket_id.with_user(self.agent).social_reply(
            "Closed on Sundays", "public", to=answer
        )
        self.deliver(row)
        [seen] = self.until(lambda: self.replies("sami", thanks.uri, "Closed"))
        self.assertEqual(seen.record.reply.root.uri, top.uri)

    def test_a_long_reply_is_a_chain_in_order(self):
        post = self.customer("joan").send_post(self.naming("brand", text="how so?"))
        ticket = self.hear("how so?").ticket_id.with_user(self.agent)
        words = " ".join(f"word{number}" for number in range(120))
        ticket.social_reply(words, "public")
        rows = ticket.social_message_ids.filtered(lambda one: one.direction == "out")
        self.assertGreater(len(rows), 2)
        self.deliver(rows)
        said, uri = [], post.uri
        for _part in rows:
            [one] = self.until(lambda uri=uri: self.replies("joan", uri))
            said, uri = [*said, one.record.text], one.uri
        self.assertEqual(" ".join(said).split(), words.split())

    def test_a_picture_with_its_description(self):
        post = self.customer("joan").send_post(self.naming("brand", text="the manual?"))
        ticket = self.hear("the manual?").ticket_id.with_user(self.agent)
        picture = self.env["ir.attachment"].create(
            {
                "name": "page.png",
                "raw": base64.b64decode(PNG),
                "description": "The first page",
            }
        )
        self.deliver(ticket.social_reply("Here", "public", attachments=picture))
        [seen] = self.until(lambda: self.replies("joan", post.uri, "Here"))
        self.assertEqual(seen.embed.images[0].alt, "The first page")

    def test_a_picture_of_a_customer_arrives(self):
        joan = self.customer("joan")
        joan.send_image(
            self.naming("brand", text="it looks so"), base64.b64decode(PNG), "A crack"
        )
        message = self.hear("it looks so")
        [media] = message.media
        self.assertEqual(media["alt"], "A crack")
        data, mime = self.account._adapter().fetch_media(media["ref"])
        # the network gives a picture of its own making
        self.assertEqual(mime.partition("/")[0], "image")
        self.assertGreater(len(data), 50)

    def test_one_post_to_two_accounts_of_ours(self):
        north = self.connected("brandnorth")
        both = self.naming("brand", "brandnorth", text="which of you?")
        self.customer("joan").send_post(both)
        first = self.hear("which of you?")
        second = self.hear("which of you?", north)
        self.assertEqual(first, second)
        self.assertEqual(len(first), 1)
        self.assertEqual(
            first.account_id | first.also_account_ids, self.account | north
        )
        self.assertEqual(len(first.ticket_id), 1)

    # --- what is easily missed -------------------------------------------------
    def test_a_back_dated_post_is_found_by_the_daily_sweep(self):
        self.account.action_pull()
        joan = self.customer("joan")
        then = (datetime.now(timezone.utc) - 3 * DAY).isoformat().replace("+00:00", "Z")
        words = self.naming("brand", text="sent from a plane")
        post = joan.com.atproto.repo.create_record(
            {
                "repo": joan.me.did,
                "collection": "app.bsky.feed.post",
                "record": {
                    "text": words.build_text(),
                    "facets": [
                        one.model_dump(by_alias=True) for one in words.build_facets()
                    ],
                    "createdAt": then,
                },
            }
        )
        brand = self.customer("brand").app.bsky.notification
        self.until(
            lambda: (
                post.uri
                in [
                    one.uri
                    for one in brand.list_notifications({"limit": 100}).notifications
                ]
            )
        )
        self.customer("joan").send_post(self.naming("brand", text="sent just now"))
        self.hear("sent just now")
        self.assertFalse(self.heard("sent from a plane"))
        with self.later(DAY + DAY / 24):
            self.account.action_pull()
        message = self.heard("sent from a plane")
        self.assertEqual(message.key, post.uri)
        self.assertTrue(message.ticket_id)

    def test_the_post_above_is_gone_and_blocked(self):
        joan, sami = self.customer("joan"), self.customer("sami")
        top = joan.send_post("I say nothing of any brand")
        self.until(lambda: sami.get_posts([top.uri]).posts)
        asked = sami.send_post(
            self.naming("brand", text="is that true?"), reply_to=self.below(top)
        )
        joan.delete_post(top.uri)

        def parent():
            above = self.thread("sami", asked.uri).parent
            return above is not None and above.py_type.endswith("notFoundPost")

        self.until(parent, "the gap in the thread")
        message = self.hear("is that true?")
        ticket = message.ticket_id.with_user(self.agent)
        self.deliver(ticket.social_reply("We shall see", "public"))
        [seen] = self.until(lambda: self.replies("sami", asked.uri, "We shall see"))
        self.assertEqual(seen.record.reply.root.uri, top.uri)

    def test_a_deleted_post_is_found_gone(self):
        joan = self.customer("joan")
        post = joan.send_post(self.naming("brand", text="said too much"))
        message = self.hear("said too much")
        joan.delete_post(post.uri)

        def gone():
            message.reread_at = "2000-01-01"
            self.account.action_pull()
            return message.deleted_at

        self.until(gone)
        row = message.ticket_id.with_user(self.agent)
        with self.assertRaisesRegex(Exception, "deleted|gone"):
            row.social_reply("What was that?", "public", to=message)

    def test_likes_hidden_answers_and_taking_back(self):
        from atproto import models

        brand, joan = self.customer("brand"), self.customer("joan")
        news = brand.send_post("Our new lamp is here")
        self.until(lambda: joan.get_posts([news.uri]).posts)
        rude = joan.send_post("You are all liars", reply_to=self.below(news))
        message = self.hear("You are all liars").with_user(self.agent)
        message.action_like()
        self.until(lambda: joan.get_posts([rude.uri]).posts[0].like_count == 1)
        message.action_hide()
        gate = self.until(lambda: joan.get_post_thread(news.uri).threadgate)
        self.assertEqual(gate.record.hidden_replies, [rude.uri])
        self.assertIsInstance(gate.record, models.AppBskyFeedThreadgate.Record)
        message.action_unhide()
        self.until(
            lambda: not joan.get_post_thread(news.uri).threadgate.record.hidden_replies
        )
        row = message.ticket_id.with_user(self.agent).social_reply("No!", "public")
        self.deliver(row)
        self.until(lambda: self.replies("joan", rude.uri, "No!"))
        row.action_delete()
        self.until(lambda: not self.replies("joan", rude.uri, "No!"))

    def test_blocked_on_the_network_and_let_in_again(self):
        sami = self.customer("sami")
        sami.send_post(self.naming("brand", text="buy pills"))
        message = self.hear("buy pills")
        person = message.identity_id.with_user(self.agent)
        blocks = self.env["helpdesk.social.block"]

        def shut():
            found = sami.app.bsky.actor.get_profile({"actor": self.did("brand")})
            return bool(found.viewer.blocked_by)

        for _time in range(2):  # twice is once
            person.action_block_there()
            blocks._cron_block()
        self.assertEqual(set(person.block_ids.mapped("state")), {"done"})
        self.until(shut)
        brand = self.customer("brand")
        found = brand.com.atproto.repo.list_records(
            {"repo": self.did("brand"), "collection": "app.bsky.graph.block"}
        )
        self.assertEqual(
            [one.value.subject for one in found.records], [self.did("sami")]
        )
        person.action_unblock()
        blocks._cron_block()
        self.until(lambda: not shut())
        # let in by hand already: nothing to do, and no error
        person.action_block_there()
        blocks._cron_block()
        self.until(shut)
        [record] = brand.com.atproto.repo.list_records(
            {"repo": self.did("brand"), "collection": "app.bsky.graph.block"}
        ).records
        brand.com.atproto.repo.delete_record(
            {
                "repo": self.did("brand"),
                "collection": "app.bsky.graph.block",
                "rkey": record.uri.rsplit("/", 1)[1],
            }
        )
        self.until(lambda: not shut())
        person.action_unblock()
        blocks._cron_block()
        self.assertEqual(set(person.block_ids.mapped("state")), {"done"})
        self.assertFalse(shut())
