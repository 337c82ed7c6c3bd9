"""The sandbox in Odoo: its store, its line, and the product tried through it."""

import time
from datetime import datetime, timedelta, timezone

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import sandbox_script
from ..networks import errors, items
from .common import SocialCase

LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)
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
        with self.assertRaisesRegex(UserError, "someone is somebody else's name"):
            third.action_connect()
        with self.assertRaisesRegex(UserError, "cannot be right"):
            self.brand.set_settings({"limit": "many"})
            self.brand.action_connect()

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
        since = datetime.now(timezone.utc) - timedelta(minutes=1)
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
        since = datetime.now(timezone.utc) - timedelta(minutes=1)
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


@tagged("post_install", "-at_install")
class TestSandboxProduct(SandboxCase):
    """The whole way: a customer writes, an agent answers, the wall shows it."""

    def pull(self):
        return self.brand.action_pull()

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()

    def message_of(self, post):
        found = self.env["helpdesk.social.message"].search([("key", "=", str(post.id))])
        self.assertEqual(len(found), 1)
        return found

    def ticket_of(self, post):
        ticket = self.message_of(post).ticket_id
        self.assertEqual(len(ticket), 1)
        return ticket

    def reply(self, post, text, audience):
        ticket = self.ticket_of(post).with_user(self.agent_all)
        row = ticket.social_reply(text, audience)
        self.deliver()
        return row

    def test_a_public_complaint_answered_in_public_and_in_private(self):
        post = self.say(text="@acme the lid is broken 🫖")
        self.assertEqual(self.pull(), 1)
        ticket = self.ticket_of(post)
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.channel_id.name, "Sandbox")
        self.assertIn("the lid is broken 🫖", ticket.description)
        public = self.reply(post, "Sorry! We write to you.", "public")
        private = self.reply(post, "Which order is it?", "private")
        for row, audience in ((public, "public"), (private, "private")):
            self.assertEqual(row.delivery_state, "sent")
            seen = self.posts.browse(int(row.key))
            self.assertEqual((seen.text, seen.audience), (row.text, audience))
            self.assertEqual(seen.author_id, self.posts._us(self.brand))
        self.assertEqual(self.posts.browse(int(public.key)).parent_id, post)
        answer = self.say(
            text="it is 4711", audience="private", reply_to=int(private.key)
        )
        self.pull()
        self.assertEqual(self.ticket_of(answer), ticket)
        self.assertEqual(
            len(self.env["helpdesk.ticket"].search([("team_id", "=", self.team.id)])), 1
        )

    def test_nothing_is_doubled_by_pulling_again(self):
        post = self.say()
        private = self.say(audience="private", handle="noor")
        self.assertEqual(self.pull(), 2)
        self.reply(post, "We look into it", "public")
        before = self.env["helpdesk.social.message"].search_count([])
        for _time in range(2):
            self.assertEqual(self.pull(), 0)
        self.assertEqual(self.env["helpdesk.social.message"].search_count([]), before)
        self.assertNotEqual(self.ticket_of(post), self.ticket_of(private))

    def test_edits_and_deletes_reach_the_ticket(self):
        post = self.say(text="@acme the lid is broken")
        self.pull()
        post._edit("@acme the handle is broken")
        self.pull()
        message = self.message_of(post)
        self.assertEqual(message.text, "@acme the handle is broken")
        self.assertEqual(message.revisions[0]["text"], "@acme the lid is broken")
        post._delete()
        self.pull()
        self.assertTrue(message.deleted_at)
        self.assertTrue(self.ticket_of(post).exists())

    def test_a_group_is_answered_in_the_group(self):
        post = self.say("ana", "is there a price for five?", "group")
        self.pull()
        row = self.reply(post, "There is: ask us before you order.", "group")
        seen = self.posts.browse(int(row.key))
        self.assertEqual((seen.thread, seen.audience), (post.thread, "group"))

    def test_what_a_colleague_wrote_in_the_app_is_shown_and_stops_the_clock(self):
        post = self.say()
        self.pull()
        self.assertTrue(self.message_of(post).waiting)
        native = self.say("acme", "Already on its way!", reply_to=post)
        self.pull()
        message = self.message_of(native)
        self.assertEqual((message.origin, message.direction), ("native", "out"))
        self.assertEqual(message.ticket_id, self.ticket_of(post))
        self.assertFalse(self.message_of(post).waiting)

    def test_two_hundred_customers_are_two_hundred_tickets(self):
        lines = [
            {"handle": handle, "text": text, "person": person}
            for handle, person, text in sandbox_script.storm(250)
        ]
        self.posts._say_all(self.brand, lines)
        self.assertEqual(self.pull(), 250)
        messages = self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.brand.id)]
        )
        self.assertEqual(len(messages.ticket_id), 250)
        self.assertEqual(len(messages.identity_id), 250)
        self.assertFalse(messages.ticket_id.user_id)
        self.assertEqual(self.pull(), 0)

    def test_a_lost_answer_is_settled_without_a_double(self):
        post = self.say()
        self.pull()
        self.posts._us(self.brand).write({"fault": "lost", "fault_left": 1})
        row = self.reply(post, "Only once", "public")
        for _time in range(3):
            row.sudo().write({"next_try_at": False, "sending_until": False})
            self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertEqual(self.posts.search_count([("text", "=", "Only once")]), 1)

    def test_somebody_who_blocked_us_is_not_answered(self):
        post = self.say()
        self.pull()
        post.author_id._block(self.brand)
        row = self.reply(post, "Hello?", "private")
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "blocked"))
        self.assertFalse(self.posts.search([("text", "=", "Hello?")]))

    def test_a_copy_of_the_database_takes_the_sandbox_along(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://new.example")
        self.assertEqual(self.brand._silence_reason(), "")
        self.assertEqual(self.account._silence_reason(), "restored_copy")

    def test_a_refused_sign_in_asks_for_a_new_one(self):
        us = self.posts._us(self.brand)
        us.write({"fault": "auth", "fault_left": 1})
        self.assertTrue(self.brand._pull())
        self.assertEqual(self.brand.state, "needs_auth")
        self.brand.action_connect()
        self.assertEqual(self.brand.state, "active")


@tagged("post_install", "-at_install")
class TestSandboxPlay(SandboxCase):
    """The wall and the play dialog: what a manager may do, and sees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wall = cls.env["helpdesk.social.sandbox.wall"].with_user(cls.manager)

    def play(self, scene, count=1):
        return self.wall.play(self.brand.id, scene, count)

    def shown(self, place="public"):
        return self.wall.get_wall(self.brand.id, place)

    def answer_newest(self, audience="public"):
        self.brand.action_pull()
        ticket = (
            self.env["helpdesk.social.message"]
            .search(
                [("account_id", "=", self.brand.id), ("audience", "=", audience)],
                limit=1,
            )
            .ticket_id
        )
        row = ticket.with_user(self.agent_all).social_reply("We look into it", audience)
        self.env["helpdesk.social.outbox"]._cron_deliver()
        return self.posts.browse(int(row.key))

    def test_every_scene_does_what_it_says(self):
        for scene, audience in (
            ("public", "public"),
            ("private", "private"),
            ("group", "group"),
            ("praise", "public"),
            ("spam", "public"),
        ):
            self.assertEqual(self.play(scene), 1)
            self.assertEqual(self.posts.search([], limit=1).audience, audience)
        self.assertEqual(self.play("storm", 7), 7)
        self.assertEqual(self.brand.action_pull(), 12)

    def test_scenes_tell_something_new_each_time(self):
        for _line in sandbox_script.PUBLIC:
            self.play("public")
        said = self.posts.search([]).mapped("text")
        self.assertEqual(len(set(said)), len(sandbox_script.PUBLIC))

    def test_a_contact_card_is_evidence(self):
        for _line in sandbox_script.PRIVATE:
            self.play("private")
        self.brand.action_pull()
        identity = self.env["helpdesk.social.identity"].search(
            [
                ("handle", "=", "priya.runs"),
                ("network_id", "=", self.brand.network_id.id),
            ]
        )
        self.assertEqual(identity.evidence[0]["value"], sandbox_script.PHONE)

    def test_the_one_we_answered_goes_on(self):
        for scene in ("follow_up", "thanks", "like"):
            with self.assertRaises(UserError):
                self.play(scene)
        self.play("public")
        asked = self.posts.search([], limit=1)
        ours = self.answer_newest()
        self.play("like")
        for scene in ("follow_up", "thanks"):
            self.play(scene)
            answer = self.posts.search([("kind", "=", "post")], limit=1)
            self.assertEqual(answer.parent_id, ours)
            self.assertEqual(answer.author_id, asked.author_id)
        ((thread,),) = ([one for one in self.shown()["threads"]],)
        self.assertEqual([post["likes"] for post in thread], [0, 1, 0, 0])
        self.brand.action_pull()
        messages = self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.brand.id)]
        )
        self.assertEqual(len(messages), 4)
        self.assertEqual(len(messages.ticket_id), 1)

    def test_the_one_who_wrote_last_changes_his_mind(self):
        with self.assertRaises(UserError):
            self.play("edit")
        self.play("public")
        post = self.posts.search([], limit=1)
        self.play("edit")
        self.assertIn(sandbox_script.EDIT_NOTE, post.text)
        self.play("native")
        self.assertTrue(self.posts.search([], limit=1).author_id.own)
        self.play("block")
        self.assertIn(self.posts._us(self.brand), post.author_id.blocked_ids)
        self.play("block")
        self.assertFalse(post.author_id.blocked_ids)
        self.play("delete")
        self.assertTrue(post.deleted_at)

    def test_the_wall_shows_threads_and_inboxes(self):
        self.play("public")
        ours = self.answer_newest()
        self.play("private")
        wall = self.shown()
        public, inbox = wall["places"]
        self.assertEqual((public["key"], public["count"]), ("public", 2))
        self.assertEqual((inbox["kind"], inbox["count"]), ("dm", 1))
        ((first, second),) = wall["threads"]
        self.assertEqual((second["id"], second["us"]), (ours.id, True))
        self.assertEqual(second["answers"], first["handle"])
        ((private,),) = self.shown(inbox["key"])["threads"]
        self.assertEqual(private["handle"], inbox["handle"])
        self.assertEqual(self.shown("dm:0:0")["place"], "public")

    def test_writing_as_a_customer(self):
        first = self.wall.say(self.brand.id, "@Nia", "hello")
        post = self.posts.browse(first)
        self.assertEqual((post.text, post.author_id.handle), ("@acme hello", "nia"))
        self.wall.say(self.brand.id, "ben", "me too", "public", first)
        self.assertEqual(self.posts.search([], limit=1).root_id, post)
        self.play("group")
        group = self.posts.search([], limit=1)
        self.wall.say(self.brand.id, "nia", "and I", group.thread)
        self.assertEqual(self.posts.search([], limit=1).thread, group.thread)
        self.play("private")
        inbox = self.posts.search([], limit=1)
        handle = inbox.author_id.handle
        self.wall.say(self.brand.id, handle, "still there?", inbox.thread)
        self.assertEqual(self.posts.search([], limit=1).thread, inbox.thread)
        for handle, text in (("", "x"), ("nia", "  "), (" @ ", "x")):
            with self.assertRaises(UserError):
                self.wall.say(self.brand.id, handle, text)

    def test_small_acts_and_their_limits(self):
        self.play("private")
        asked = self.posts.search([], limit=1)
        ours = self.answer_newest("private")
        for verb in ("like", "read"):
            self.wall.act(self.brand.id, ours.id, verb)
        ((_asked, shown),) = self.shown(asked.thread)["threads"]
        self.assertEqual((shown["likes"], shown["read"]), (1, True))
        self.brand.action_pull()
        row = self.env["helpdesk.social.message"].search([("key", "=", str(ours.id))])
        self.assertEqual(row.delivery_state, "read")
        self.wall.act(self.brand.id, asked.id, "edit", "sorry, order 4803")
        self.assertEqual(asked.text, "sorry, order 4803")
        self.wall.act(self.brand.id, asked.id, "delete")
        for post, verb in (
            (asked, "like"),
            (ours, "edit"),
            (ours, "delete"),
            (ours, "follow"),
            (ours, "shout"),
        ):
            with self.assertRaises(UserError):
                self.wall.act(self.brand.id, post.id, verb)

    def test_an_invitation_is_followed_into_private(self):
        self.play("public")
        self.brand.action_pull()
        url = self.brand._adapter().invite_url("token-1")
        post = self.posts.search([], limit=1)
        ticket = (
            self.env["helpdesk.social.message"]
            .search([("key", "=", str(post.id))])
            .ticket_id
        )
        row = ticket.with_user(self.agent_all).social_reply(f"Please: {url}", "public")
        self.env["helpdesk.social.outbox"]._cron_deliver()
        ours = self.posts.browse(int(row.key))
        ((_post, shown),) = self.shown()["threads"]
        self.assertTrue(shown["invites"])
        self.wall.act(self.brand.id, ours.id, "follow")
        private = self.posts.search([], limit=1)
        self.assertEqual(private.payload, "token-1")
        self.assertEqual(private.author_id, post.author_id)

    def test_starting_makes_one_account_only(self):
        self.env["helpdesk.social.account"].search(
            [("network_code", "=", "sandbox")]
        ).write({"active": False})
        wall = self.wall.with_company(self.company)
        self.assertEqual(wall.get_wall()["accounts"], [])
        self.brand.external_id = False
        started = wall.start()
        self.assertEqual(wall.start(), started)
        account = self.env["helpdesk.social.account"].browse(started)
        self.assertEqual((account.state, account.network_code), ("active", "sandbox"))

    def test_only_managers_play_and_only_in_their_company(self):
        for user in (self.agent_all, self.internal, self.portal_customer):
            wall = self.wall.with_user(user)
            for method, args in (
                ("get_wall", []),
                ("start", []),
                ("play", [self.brand.id, "public"]),
                ("say", [self.brand.id, "nia", "hi"]),
                ("act", [self.brand.id, 1, "like"]),
                ("set_fault", [self.brand.id, "down"]),
                ("pull", [self.brand.id]),
            ):
                with self.assertRaises(AccessError):
                    getattr(wall, method)(*args)
        foreign = self.wall.with_user(self.other_company_agent)
        with self.assertRaises(AccessError):
            foreign.play(self.brand.id, "public")
        with self.assertRaises(UserError):
            self.play("opera")
        with self.assertRaises(UserError):
            self.wall.play(self.account.id, "public")
        self.assertFalse(self.posts.search([]))

    def test_the_dialog_plays_fetches_and_tells(self):
        dialog = (
            self.env["helpdesk.social.sandbox.play"]
            .with_user(self.manager)
            .create({"account_id": self.brand.id, "count": 12})
        )
        action = dialog.action_public()
        self.assertEqual(action["res_id"], dialog.id)
        self.assertIn("New messages: 1.", dialog.result)
        dialog.action_storm()
        self.assertIn("New messages: 12.", dialog.result)
        dialog.fetch_now = False
        dialog.action_private()
        self.assertNotIn("etched", dialog.result)
        dialog.fetch_now = True
        dialog.write({"fault": "down", "fault_left": 9})
        dialog.action_fault()
        dialog.action_praise()
        self.assertIn("cannot be reached", dialog.result)
        dialog.count = 0
        with self.assertRaises(UserError):
            dialog.action_storm()
        found = self.env["helpdesk.ticket"].search(dialog.action_tickets()["domain"])
        self.assertGreaterEqual(len(found), 13)


@tagged("post_install", "-at_install")
class TestSandboxDemo(SocialCase):
    """The demo data's story, told in a database without demo data."""

    def test_the_story_goes_the_real_way_and_is_told_once(self):
        load = self.env["ir.model.data"]
        values = {
            "account_demo_sandbox": self.make_account("sandbox", name="Acme Tea"),
            "user_demo_agent": self.agent_all,
            "partner_demo_tom": self.env["res.partner"].create({"name": "Tom"}),
        }
        values["account_demo_sandbox"].set_settings({"handle": "acme_story"})
        for name, record in values.items():
            load._update_xmlids(
                [{"xml_id": f"helpdesk_social.{name}", "record": record}], update=True
            )
        account = values["account_demo_sandbox"]
        self.env["helpdesk.social.sandbox.demo"]._play()
        messages = self.env["helpdesk.social.message"].search(
            [("account_id", "=", account.id)]
        )
        self.assertEqual(len(messages.ticket_id), 9)
        self.assertEqual(
            set(messages.mapped("audience")), {"public", "private", "group"}
        )
        outgoing = messages.filtered(lambda one: one.direction == "out")
        self.assertEqual(set(outgoing.mapped("delivery_state")), {"sent"})
        self.assertEqual(set(messages.identity_id.mapped("partner_id.name")), {"Tom"})
        self.assertFalse(account.backlog_count)
        events = self.env["helpdesk.social.event"].search(
            [("account_id", "=", account.id)]
        )
        self.assertEqual(set(events.mapped("state")), {"done"})
        self.env["helpdesk.social.sandbox.demo"]._play()
        again = self.env["helpdesk.social.message"].search_count(
            [("account_id", "=", account.id)]
        )
        self.assertEqual(again, len(messages))
