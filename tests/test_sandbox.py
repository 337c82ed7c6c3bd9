"""The sandbox in Odoo: its store, its line, and the product tried through it."""

import time
from datetime import UTC, datetime, timedelta

from odoo.tests import tagged

from ..models import sandbox_script
from ..networks import errors, items
from .common import SocialCase

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00"
    b"\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7"
    b"\x9a\xa0\xa0\x00\x00\x00\x00IEND\xaeB`\x82"
)


class SandboxCase(SocialCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.posts = cls.env["helpdesk.social.sandbox.post"]
        cls.brand = cls.make_account("sandbox", name="Acme Tea")
        cls.brand.action_connect()

    def say(self, handle="mika", text="the lid is broken", audience="public", **more):
        return self.posts._say(self.brand, handle, text, audience, **more)

    def pulled(self, stream="public", cursor="", account=None):
        """Everything after ``cursor``, parsed; and the new cursor."""
        adapter = (account or self.brand)._adapter()
        page = adapter.fetch(stream, cursor, LONG_AGO)
        return [adapter.parse(item) for item in page.items], page.cursor

    def fails(self, kind, code, call, *args):
        # not assertRaises: Odoo's takes back what happened, and the pretended
        # server is not asked
        try:
            call(*args)
        except errors.NetworkError as error:
            self.assertEqual((type(error), error.code), (kind, code))
        else:
            self.fail(f"no {kind.__name__}")


@tagged("post_install", "-at_install")
class TestSandboxStore(SandboxCase):
    def test_connecting_makes_us_somebody(self):
        self.assertEqual(self.brand.state, "active")
        self.assertEqual(self.brand.handle, "acme")
        us = self.posts._us(self.brand)
        self.assertTrue(us.own)
        self.assertEqual(us.name, "Acme Tea")

    def test_two_accounts_share_the_wall_but_not_a_name(self):
        other = self.make_account("sandbox", name="Acme Coffee")
        other.set_settings({"handle": "acme_coffee"})
        other.action_connect()
        post = self.say(text="@acme @acme_coffee who answers first?")
        for account in (self.brand, other):
            (found,), _cursor = self.pulled(account=account)
            self.assertEqual(found.key, str(post.id))
            self.assertTrue(found.addressed)
        self.say("someone", "hello")
        third = self.make_account("sandbox", name="Third")
        third.set_settings({"handle": "someone"})
        self.fails(errors.ConfigError, "handle_taken", third._adapter().check)

    def test_numbers_follow_the_order_of_changes(self):
        first, second = self.say(), self.say()
        self.assertLess(first.seq, second.seq)
        _found, cursor = self.pulled()
        first._edit("@acme it is the handle")
        (changed,), cursor = self.pulled(cursor=cursor)
        self.assertEqual((changed.key, changed.revision), (str(first.id), 1))
        self.assertGreater(first.seq, second.seq)
        second._delete()
        (gone,), cursor = self.pulled(cursor=cursor)
        self.assertIsInstance(gone, items.Removal)
        self.assertEqual(self.pulled(cursor=cursor), ([], cursor))
        stale = str(self.posts._head() + 1)
        adapter = self.brand._adapter()
        self.fails(
            errors.CursorExpired,
            "cursor_expired",
            adapter.fetch,
            "public",
            stale,
            LONG_AGO,
        )

    def test_text_arrives_as_it_was_written(self):
        text = "@acme مرحبا 你好 👩‍👩‍👧‍👦 e\u0301 <b>no</b> \x01\nnext line"
        self.say(text=text)
        self.assertEqual(self.pulled()[0][0].text, text)
        self.say(text="@acme nul\x00 and lone \ud83d half")
        self.assertEqual(
            self.pulled()[0][1].text, "@acme nul\ufffd and lone \ufffd half"
        )

    def test_threads_people_and_groups(self):
        private = self.say(text="my address", audience="private")
        self.say("noor", "which tea?", "group")
        self.say("lin", "tea without leaves?", "group", address=False)
        one, two, three = self.pulled("private")[0]
        self.assertEqual(one.thread, private.thread)
        self.assertEqual(two.thread, three.thread)
        self.assertEqual((two.addressed, three.addressed), (True, False))
        group = self.env["helpdesk.social.sandbox.group"].search([])
        self.assertEqual(
            set(group.member_ids.mapped("handle")), {"noor", "lin", "acme"}
        )

    def test_what_stands_above_and_what_a_link_leads_to(self):
        root = self.say("noor", "the lid broke", address=False)
        asked = self.say(text="@acme look", reply_to=root)
        adapter = self.brand._adapter()
        page = adapter.fetch_context(str(asked.id))
        (above,) = (adapter.parse(item) for item in page.items)
        self.assertEqual((above.key, above.context), (str(root.id), True))
        link = self.pulled()[0][0].permalink
        self.assertIn("/odoo/helpdesk-social-sandbox/", link)
        self.assertEqual(adapter.parse(adapter.resolve(link)).key, str(asked.id))
        for wrong in ("https://elsewhere.example/1", link + "0000", link + "x", ""):
            self.fails(errors.NotFoundError, "not_found", adapter.resolve, wrong)

    def test_files_both_ways(self):
        post = self.say(media=[("lid.png", PNG, "a broken lid")])
        adapter = self.brand._adapter()
        (media,) = self.pulled()[0][0].media
        self.assertEqual((media.kind, media.alt), ("image", "a broken lid"))
        self.assertEqual(adapter.fetch_media(media.ref), (PNG, "image/png"))
        foreign = self.env["ir.attachment"].create({"name": "x", "raw": b"secret"})
        for ref in (str(foreign.id), "0", "x", "9" * 30):
            self.fails(errors.NotFoundError, "not_found", adapter.fetch_media, ref)
        upload = items.Upload("new.png", "image/png", PNG, alt="a new lid")
        published = adapter.publish(
            items.Draft("here", items.PUBLIC, media=(upload,)), "k"
        )
        ours = self.posts.browse(int(published.key))
        ((file, alt),) = ours._files()[ours.id]
        self.assertEqual((file.raw, alt), (PNG, "a new lid"))
        self.assertEqual(post._files()[post.id][0][1], "a broken lid")

    def test_private_words_of_others_stay_so(self):
        theirs = self.say("noor", "between us", "private")
        theirs.reach_ids = False
        adapter = self.brand._adapter()
        self.assertEqual(self.pulled("private")[0], [])
        (gone,) = adapter.reread([str(theirs.id)]).items
        self.assertIsInstance(adapter.parse(gone), items.Removal)
        self.fails(
            errors.NotFoundError, "not_found", adapter.fetch_context, str(theirs.id)
        )
        draft = items.Draft("hi", items.PRIVATE, thread="dm:999998:999999")
        self.fails(errors.RejectedError, "forbidden", adapter.publish, draft, "k")
        draft = items.Draft("hi", items.GROUP, thread="group:x")
        self.fails(errors.RejectedError, "forbidden", adapter.publish, draft, "k")

    def test_a_repeated_key_is_one_post(self):
        adapter = self.brand._adapter()
        draft = items.Draft("once", items.PUBLIC)
        first = adapter.publish(draft, "key-1")
        again = adapter.publish(draft, "key-1")
        other = adapter.publish(draft, "key-2")
        self.assertEqual(first.key, again.key)
        self.assertNotEqual(first.key, other.key)
        self.assertTrue(first.sent_at)

    def test_accidents_on_demand(self):
        adapter = self.brand._adapter()
        us = self.posts._us(self.brand)
        draft = items.Draft("once", items.PUBLIC)
        since = datetime.now(UTC) - timedelta(minutes=1)
        for fault, kind, code in (
            ("down", errors.TransientError, "unreachable"),
            ("rate", errors.RateLimited, "rate_limited"),
            ("auth", errors.AuthError, "auth"),
            ("garbage", errors.UncertainError, "malformed"),
            ("lost", errors.UncertainError, "cut"),
        ):
            us.write({"fault": fault, "fault_left": 1})
            self.fails(kind, code, adapter.publish, draft, fault)
            self.assertFalse(us.fault)
            made = self.posts.search_count([("send_key", "=", fault)])
            self.assertEqual(made, 1 if fault == "lost" else 0)
        self.assertTrue(adapter.lookup(draft, "lost", since))
        self.assertEqual(
            adapter.publish(draft, "lost").key, adapter.lookup(draft, "", since).key
        )
        us.write({"fault": "down", "fault_left": 0})
        for _time in range(3):
            self.fails(
                errors.TransientError,
                "unreachable",
                adapter.fetch,
                "public",
                "",
                LONG_AGO,
            )
        self.assertEqual(us.fault, "down")

    def test_lost_answers_are_found_by_looking(self):
        self.brand.set_settings({"protection": "lookup"})
        adapter = self.brand._adapter()
        self.say(audience="private")
        (asked,) = self.pulled("private")[0]
        target = items.Target(
            asked.key, asked.ref, asked.author, asked.audience, asked.thread
        )
        draft = items.Draft("Which order?", items.PRIVATE, target)
        since = datetime.now(UTC) - timedelta(minutes=1)
        self.assertIsNone(adapter.lookup(draft, "k", since))
        self.posts._us(self.brand).write({"fault": "lost", "fault_left": 1})
        self.fails(errors.UncertainError, "cut", adapter.publish, draft, "k")
        found = adapter.lookup(draft, "k", since)
        self.assertEqual(found.thread, asked.thread)

    def test_blocking_is_told_and_keeps_answers_away(self):
        self.say()
        (asked,) = self.pulled()[0]
        person = self.env["helpdesk.social.sandbox.person"].browse(int(asked.author.id))
        person._block(self.brand)
        (news,) = self.pulled("private")[0]
        self.assertEqual(news.state, "blocked")
        target = items.Target(asked.key, asked.ref, asked.author, asked.audience)
        draft = items.Draft("hello?", items.PRIVATE, target)
        adapter = self.brand._adapter()
        self.fails(errors.RejectedError, "blocked", adapter.publish, draft, "k")
        person._block(self.brand, False)
        self.assertEqual(self.pulled("private")[0][-1].state, "unblocked")
        self.assertTrue(adapter.publish(draft, "k").thread)

    def test_likes_hiding_and_our_own_posts(self):
        post = self.say()
        (asked,) = self.pulled()[0]
        adapter = self.brand._adapter()
        target = items.Target(asked.key, asked.ref, asked.author, asked.audience)
        for verb in ("like", "like", "hide", "hide"):
            adapter.moderate(verb, target)
        likes = self.posts.search([("kind", "=", "like")])
        self.assertEqual((len(likes), post.hidden), (1, True))
        adapter.moderate("unlike", target)
        adapter.moderate("unhide", target)
        self.assertEqual((bool(likes.deleted_at), post.hidden), (True, False))
        self.fails(
            errors.RejectedError, "forbidden", adapter.moderate, "delete", target
        )
        ours = adapter.publish(items.Draft("helo", items.PUBLIC, target), "k")
        own = items.Target(ours.key, ours.key, items.Author(), "public", text="hello")
        adapter.moderate("edit", own)
        record = self.posts.browse(int(ours.key))
        self.assertEqual((record.text, record.edits), ("hello", 1))
        liked = record._like(post.author_id, "❤️")
        news = self.pulled()[0][-1]
        self.assertEqual((news.key, news.symbol), (ours.key, "❤️"))
        self.assertEqual(liked.parent_id, record)
        adapter.moderate("delete", own)
        self.assertTrue(record.deleted_at)
        self.fails(errors.NotFoundError, "not_found", adapter.moderate, "edit", own)

    def test_another_company_has_another_wall(self):
        other = self.make_account("sandbox", company_id=self.other_company.id)
        other.action_connect()
        post = self.say(text="@acme hello")
        self.assertEqual(self.pulled(account=other)[0], [])
        adapter = other._adapter()
        self.fails(
            errors.NotFoundError, "not_found", adapter.fetch_context, str(post.id)
        )
        me = self.posts._us(self.brand)
        self.fails(errors.NotFoundError, "not_found", adapter.profile, str(me.id))
        adapter.facts = {"id": str(me.id)}
        self.fails(errors.AuthError, "auth", adapter.fetch, "public", "", LONG_AGO)

    def test_agents_see_the_public_wall_managers_all_of_it(self):
        public = self.say()
        private = self.say(audience="private")
        both = public | private

        def seen(user):
            return self.posts.with_user(user).search([("id", "in", both.ids)])

        self.assertEqual(seen(self.agent_own), public)
        self.assertEqual(seen(self.manager), both)
        self.assertFalse(seen(self.other_company_agent))
        for user in (self.internal, self.portal_customer):
            self.assertFalse(self.posts.with_user(user).has_access("read"))
        for user in (self.agent_all, self.manager):
            self.assertFalse(self.posts.with_user(user).has_access("create"))
            self.assertFalse(self.posts.with_user(user).has_access("write"))

    def test_a_storm_is_one_insert_not_a_thousand(self):
        lines = [
            {"handle": handle, "text": text, "person": person}
            for handle, person, text in sandbox_script.storm(1000)
        ]
        started = time.monotonic()
        storm = self.posts._say_all(self.brand, lines)
        self.env.flush_all()
        seconds = time.monotonic() - started
        self.assertEqual(len(storm), 1000)
        self.assertEqual(len(storm.author_id), 1000)
        self.assertEqual(len(set(storm.mapped("seq"))), 1000)
        # a second storm knows its people already and needs no more queries for more
        with self.assertQueryCount(40):
            self.posts._say_all(self.brand, lines)
            self.env.flush_all()
        self.assertLess(seconds, 30, "far from the usual half second")
        found, cursor = self.pulled()
        self.assertEqual(len(found), 200)
        self.assertEqual(int(cursor), storm[199].seq)

    def test_storms_differ_by_seed_only(self):
        one, again = list(sandbox_script.storm(50)), list(sandbox_script.storm(50))
        other = list(sandbox_script.storm(50, seed=1))
        self.assertEqual(one, again)
        self.assertTrue({line[0] for line in one}.isdisjoint(o[0] for o in other))
