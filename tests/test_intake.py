"""The intake: events become messages, conversations and tickets."""

from datetime import datetime, timedelta, timezone

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..networks import items
from .common import SocialCase


@tagged("post_install", "-at_install")
class TestIntake(SocialCase):
    def pull(self):
        return self.account.action_pull()

    def message(self, incoming):
        return self.env["helpdesk.social.message"].search([("key", "=", incoming.key)])

    # --- opening --------------------------------------------------------------
    def test_a_public_post_opens_a_ticket_that_quotes_it(self):
        post = self.world.post("The lamp <b>broke</b>", permalink="https://x.example/1")
        self.assertEqual(self.pull(), 1)
        message = self.message(post)
        ticket = message.ticket_id
        self.assertEqual(ticket.name, "The lamp <b>broke</b>")
        self.assertIn("&lt;b&gt;broke", str(ticket.description))
        self.assertIn("https://x.example/1", str(ticket.description))
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.channel_id, self.network.channel_id)
        self.assertEqual(ticket.company_id, self.company)
        self.assertFalse(ticket.user_id)
        self.assertTrue(message.waiting)
        self.assertEqual(message.why, "new")
        self.assertEqual(message.conversation_id.audience, "public")

    def test_a_title_does_not_begin_with_our_own_name(self):
        posts = [
            (self.world.post("@us @us@our.example My lamp", author="a"), "My lamp"),
            (self.world.post("@usher is great", author="b"), "@usher is great"),
            (self.world.post("@us", author="c"), "Post by @c on Fake"),
        ]
        self.pull()
        for post, title in posts:
            self.assertEqual(self.message(post).ticket_id.name, title)

    def test_a_private_message_leaves_no_word_on_the_ticket(self):
        post = self.world.post("my secret", items.PRIVATE)
        self.pull()
        ticket = self.message(post).ticket_id
        self.assertEqual(ticket.name, "Private message from @ann on Fake")
        self.assertNotIn("secret", str(ticket.description))
        self.assertNotIn("secret", " ".join(ticket.message_ids.mapped("body")))

    def test_nothing_is_taken_twice(self):
        self.world.post()
        self.assertEqual(self.pull(), 1)
        self.assertEqual(self.pull(), 0)
        self.world.inbox += self.world.inbox  # the same delivery again
        self.assertEqual(self.pull(), 0)
        threads = self.env["helpdesk.social.conversation"]
        self.assertEqual(
            threads.search_count([("account_id", "=", self.account.id)]), 1
        )

    def test_a_batch_opens_one_ticket_per_person_and_thread(self):
        for number in range(5):
            self.world.post(f"hello {number}", author=f"person{number}")
        self.assertEqual(self.pull(), 5)
        tickets = self.env["helpdesk.ticket"].search([("team_id", "=", self.team.id)])
        self.assertEqual(len(tickets), 5)
        self.assertEqual(len(set(tickets.mapped("number"))), 5)

    def test_queries_do_not_grow_with_the_batch(self):
        counts = []
        for size in (2, 40):
            for number in range(size):
                self.world.post(f"hello {number}", author=f"size{size}-{number}")
            self.account._pull()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["helpdesk.social.intake"]._process_all(self.account)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLess(counts[1], counts[0] + 12, counts)

    # --- threads --------------------------------------------------------------
    def test_answers_join_the_conversation_of_what_they_answer(self):
        first = self.world.post("broken", author="ann")
        self.world.post("same here", author="bob", parent=first.key)
        self.pull()
        thread = self.message(first).conversation_id
        self.assertEqual(len(thread.message_ids), 2)
        self.assertEqual(len(thread.participant_ids), 2)
        self.assertEqual(len(thread.ticket_id), 1)

    def test_an_answer_that_comes_before_its_question(self):
        first = self.world.post("broken", author="ann")
        late = self.world.inbox.pop()
        answer = self.world.post("yes", author="bob", parent=first.key, addressed=False)
        self.pull()
        self.assertEqual(self.message(answer).why, "context")
        self.assertFalse(self.message(answer).ticket_id)
        self.world.inbox.append(late)
        self.pull()
        self.assertEqual(self.message(answer).parent_id, self.message(first))

    def test_tagging_us_under_somebody_elses_post(self):
        top = self.world.post("look", author="ann", addressed=False)
        first = self.world.post("@us?", author="bob", parent=top.key)
        second = self.world.post("@us!", author="cyd", parent=top.key)
        self.pull()
        self.assertFalse(self.message(top).ticket_id)
        self.assertTrue(self.message(top).context)
        self.assertNotEqual(
            self.message(first).ticket_id, self.message(second).ticket_id
        )

    def test_private_joins_the_open_ticket_of_the_same_person(self):
        public = self.world.post("broken", author="ann")
        self.pull()
        private = self.world.post("my number is 5", items.PRIVATE, author="ann")
        other = self.world.post("hi", items.PRIVATE, author="bob")
        self.pull()
        self.assertEqual(
            self.message(private).ticket_id, self.message(public).ticket_id
        )
        self.assertNotEqual(
            self.message(other).ticket_id, self.message(public).ticket_id
        )

    def test_two_private_threads_of_one_person_in_one_batch(self):
        one = self.world.post("a", items.PRIVATE, author="ann", thread="t1")
        two = self.world.post("b", items.PRIVATE, author="ann", thread="t2")
        self.pull()
        self.assertEqual(self.message(one).ticket_id, self.message(two).ticket_id)

    def test_public_and_private_of_one_person_in_one_batch(self):
        for order in ("public first", "private first"):
            audiences = [items.PUBLIC, items.PRIVATE]
            if order == "private first":
                audiences.reverse()
            author = order.replace(" ", "")
            posts = [
                self.world.post(f"hi {audience}", audience, author=author)
                for audience in audiences
            ]
            other = self.world.post("psst", items.PRIVATE, author=f"not{author}")
            self.pull()
            one, two = (self.message(post).ticket_id for post in posts)
            self.assertEqual(one, two, order)
            self.assertNotEqual(self.message(other).ticket_id, one, order)

    # --- what opens nothing ---------------------------------------------------
    def test_our_own_words_open_nothing(self):
        own = self.world.post("New lamps!", author="us", addressed=False)
        comment = self.world.post("Nice", author="ann", parent=own.key)
        self.pull()
        self.assertFalse(self.message(own).ticket_id)
        self.assertEqual(self.message(own).origin, "native")
        self.assertTrue(self.message(comment).ticket_id)

    def test_our_answer_in_the_app_stops_the_clock(self):
        post = self.world.post("broken")
        self.pull()
        self.world.post("we fix it", author="us", parent=post.key)
        self.pull()
        message = self.message(post)
        self.assertFalse(message.waiting)
        self.assertEqual(message.handled_how, "native")

    def test_a_bot_opens_nothing(self):
        bot = items.Author(id="feed", handle="feed", bot=True)
        post = self.world.post("news about @us")
        self.world.inbox[-1].data["author"] |= {"id": bot.id, "bot": True}
        self.pull()
        self.assertFalse(self.message(post).ticket_id)
        self.assertEqual(self.message(post).why, "bot")

    # --- closed tickets -------------------------------------------------------
    def close(self, ticket, days=0):
        stage = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        ticket.write({"stage_id": stage.id})
        ticket.closed_date = fields.Datetime.now() - timedelta(days=days)

    def answer_to_closed(self, text, days):
        post = self.world.post("broken")
        self.pull()
        ticket = self.message(post).ticket_id
        self.close(ticket, days)
        again = self.world.post(text, parent=post.key)
        self.pull()
        return ticket, self.message(again)

    def test_closed_recently_reopens(self):
        ticket, message = self.answer_to_closed("it broke again", 2)
        self.assertEqual(message.ticket_id, ticket)
        self.assertFalse(ticket.stage_id.closed)
        self.assertFalse(ticket.closed_date)
        self.assertEqual(message.why, "reopen")

    def test_a_bare_thanks_never_reopens(self):
        for text in (
            "Thanks!",
            "@us thank you so much 🙏",
            "Vielen Dank",
            "谢谢",
            "👍",
        ):
            ticket, message = self.answer_to_closed(text, 2)
            self.assertTrue(ticket.stage_id.closed, text)
            self.assertFalse(message.waiting, text)
            self.assertEqual(message.ticket_id, ticket, text)

    def test_closed_long_ago_opens_a_linked_one(self):
        ticket, message = self.answer_to_closed("it broke again", 200)
        self.assertTrue(ticket.stage_id.closed)
        self.assertNotEqual(message.ticket_id, ticket)
        self.assertEqual(message.ticket_id.social_previous_id, ticket)
        # the old ticket keeps its history, the thread goes on in the new one
        self.assertEqual(len(ticket.social_message_ids), 1)
        self.assertEqual(message.conversation_id.ticket_id, message.ticket_id)

    def test_a_duplicate_leads_to_its_target(self):
        post, other = self.world.post("a"), self.world.post("b", author="bob")
        self.pull()
        target = self.message(other).ticket_id
        self.message(post).ticket_id.duplicate_id = target
        again = self.world.post("more", parent=post.key)
        self.pull()
        self.assertEqual(self.message(again).ticket_id, target)

    def test_archived_stays_archived(self):
        post = self.world.post("spam")
        self.pull()
        ticket = self.message(post).ticket_id
        ticket.active = False
        again = self.world.post("more spam", parent=post.key)
        self.pull()
        self.assertFalse(ticket.active)
        self.assertFalse(self.message(again).waiting)

    # --- revisions ------------------------------------------------------------
    def deliver(self, incoming, **changes):
        data = {
            **self.world.inbox[0].data,
            "key": incoming.key,
            **changes,
        }
        self.world.inbox.append(
            items.RawItem(
                key=f"again{len(self.world.inbox)}",
                data=data,
                revision=str(data["revision"]),
                sent_at=datetime.now(timezone.utc),
            )
        )

    def test_a_newer_revision_keeps_the_old_one(self):
        post = self.world.post("teh lamp")
        self.pull()
        self.deliver(post, text="the lamp", revision=2)
        self.deliver(post, text="older", revision=1)
        self.pull()
        message = self.message(post)
        self.assertEqual(message.text, "the lamp")
        self.assertEqual([one["text"] for one in message.revisions], ["teh lamp"])
        self.assertEqual(message.revision, 2)

    # --- bad input ------------------------------------------------------------
    def test_one_poison_item_does_not_stop_the_rest(self):
        for number in range(7):
            self.world.post(f"good {number}", author=f"good{number}")
        self.world.inbox[3].data["author"] = {"nonsense": True}
        with self.assertLogs("odoo.addons.helpdesk_social", "ERROR"):
            self.assertEqual(self.pull(), 6)
        dead = self.env["helpdesk.social.event"].search([("state", "=", "dead")])
        self.assertEqual(len(dead), 1)
        self.assertIn("nonsense", dead.error)

    def test_unknown_items_are_kept(self):
        self.world.inbox.append(items.RawItem(key="odd", data={"odd": "\x00\ud800"}))
        self.assertEqual(self.pull(), 0)
        event = self.env["helpdesk.social.event"].search([("key", "=", "odd")])
        self.assertEqual((event.state, event.outcome), ("done", "unknown:malformed"))
        self.assertEqual(event._item().data, {"odd": "\x00\ud800"})

    def test_any_script_survives(self):
        text = "مرحبا 你好 👨‍👩‍👧‍👦 e\u0301 \u202e \t \x07 𐍈"
        post = self.world.post(text + "\x00\ud83d")
        self.pull()
        self.assertEqual(self.message(post).text, text + "\ufffd\ufffd")

    def test_a_huge_item_is_recorded_not_processed(self):
        self.world.post("x" * 5_000_000)
        self.world.post("small", author="bob")
        self.assertEqual(self.pull(), 1)
        dead = self.env["helpdesk.social.event"].search([("state", "=", "dead")])
        self.assertIn("too_large", dead.error)

    def test_a_post_from_tomorrow_counts_as_now(self):
        post = self.world.post(sent_at=datetime.now(timezone.utc) + timedelta(days=400))
        self.pull()
        self.assertLess(
            self.message(post).sent_at, fields.Datetime.now() + timedelta(hours=1)
        )

    def test_an_account_stays_with_its_company(self):
        self.world.post()
        self.pull()
        with self.assertRaisesRegex(UserError, "stays with its company"):
            self.account.company_id = self.other_company

    # --- backlog --------------------------------------------------------------
    def test_what_was_there_before_waits_for_a_yes(self):
        self.account.connected_at = fields.Datetime.now()
        old = datetime.now(timezone.utc) - timedelta(days=2)
        first = self.world.post("old one", sent_at=old)
        self.world.post("old two", author="bob", sent_at=old)
        self.world.post("new", author="cyd")
        self.assertEqual(self.pull(), 3)
        self.assertEqual(self.account.backlog_count, 2)
        self.assertFalse(self.message(first).ticket_id)
        self.account.action_accept_backlog()
        self.account.invalidate_recordset()
        self.assertEqual(self.account.backlog_count, 0)
        self.assertTrue(self.message(first).ticket_id)
        self.assertTrue(self.message(first).waiting)

    def test_a_no_keeps_history_and_a_new_message_opens(self):
        self.account.connected_at = fields.Datetime.now()
        old = datetime.now(timezone.utc) - timedelta(days=2)
        first = self.world.post("old", sent_at=old)
        self.pull()
        self.account.action_dismiss_backlog()
        self.assertFalse(self.message(first).ticket_id)
        self.world.post("still broken", parent=first.key)
        self.pull()
        self.assertTrue(self.message(first).conversation_id.ticket_id)
        self.assertTrue(self.message(first).ticket_id, "history comes along")
