"""Edits: every version is kept, and new words in place of handled ones wait again."""

from datetime import datetime, timedelta, timezone

from odoo.tests import tagged

from ..networks import items
from .common import FakeAdapter
from .test_spine_outbox import OutboxCase


def ago(**span):
    return datetime.now(timezone.utc) - timedelta(**span)


class EditCase(OutboxCase):
    """A customer's post on an open ticket, and what becomes of it."""

    def setUp(self):
        super().setUp()
        self.post = self.world.post(
            "Is it waterproof?", author="cleo", sent_at=ago(hours=2)
        )
        self.pull()
        self.message = self.of(self.post)
        self.ticket = self.message.ticket_id

    def pull(self):
        self.account.action_pull()
        self.env.flush_all()
        self.env.invalidate_all()

    def of(self, incoming):
        return self.env["helpdesk.social.message"].search([("key", "=", incoming.key)])

    def answer(self, text="Yes, it is", to=None):
        row = self.reply(text, to=to or self.message)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        return row

    def row(self, message):
        page = message.ticket_id.with_user(self.agent_all).social_timeline()
        return next(one for one in page["messages"] if one["id"] == message.id)


@tagged("post_install", "-at_install")
class TestRevisions(EditCase):
    def test_an_edit_after_the_answer_is_marked_on_both(self):
        reply = self.answer()
        self.assertFalse(self.message.waiting)
        self.world.edit(self.post, "Is it fireproof?", edited_at=ago(seconds=-5))
        self.pull()
        row = self.row(self.message)
        self.assertTrue(row["answered_before_edit"])
        self.assertEqual([one["text"] for one in row["revisions"]], [self.post.text])
        self.assertTrue(self.row(reply)["parent_edited"])

    def test_it_waits_again_and_can_be_handled_again(self):
        self.answer()
        self.world.edit(self.post, "Is it fireproof?", edited_at=ago(seconds=-5))
        self.pull()
        self.assertTrue(self.message.waiting)
        self.assertEqual(self.ticket.with_user(self.agent_all).social_waiting_count, 1)
        self.assertEqual(self.message.handled_how, "answered", "the mark stays")
        ticket = self.ticket.with_user(self.agent_all)
        edited = self.message.edited_at
        self.assertGreater(edited, self.message.sent_at)
        self.assertEqual(ticket.social_waiting_since, edited, "not since it was sent")
        # a message that has waited for longer is what counts
        older = self.world.post(
            "Hello?", author="cleo", parent=self.post.key, sent_at=ago(minutes=50)
        )
        self.pull()
        self.assertEqual(ticket.social_waiting_since, self.of(older).sent_at)
        self.of(older).with_user(self.agent_all).action_handled()
        self.env.invalidate_all()
        self.assertEqual(ticket.social_waiting_since, edited)
        other = self.world.post("Hello!", author="dora", sent_at=ago(minutes=40))
        self.pull()
        both = ticket | self.of(other).ticket_id.with_user(self.agent_all)
        found = ticket.search([("id", "in", both.ids)], order="social_waiting_since")
        self.assertEqual(found, both[::-1], "sorted by the edit as well")
        notes = self.ticket.message_ids.mapped("body")
        self.assertTrue(any("edited" in note for note in notes), notes)
        self.assertFalse(any("fireproof" in note for note in notes), notes)
        self.message.with_user(self.agent_all).action_handled()
        self.assertFalse(self.message.waiting)

    def test_an_edit_before_the_answer_is_none_of_its_business(self):
        edited = self.world.edit(
            self.post, "Is it fireproof?", edited_at=ago(minutes=9)
        )
        self.pull()
        self.assertTrue(self.message.waiting)
        reply = self.answer()
        self.assertFalse(self.row(self.message)["answered_before_edit"])
        self.assertFalse(self.row(reply)["parent_edited"])
        # the same once more changes nothing
        self.world._deliver(edited, 4711)
        self.pull()
        self.assertFalse(self.message.waiting)

    def test_what_says_the_same_does_not_wait_again(self):
        self.answer()
        for text in ("is it   waterproof", "Is it waterproof ?!"):
            self.post = self.world.edit(self.post, text, edited_at=ago(seconds=-5))
        self.pull()
        self.assertFalse(self.message.waiting)
        self.assertEqual(len(self.message.revisions), 2)

    def test_no_answer_needed_was_said_of_other_words(self):
        self.message.with_user(self.agent_all).action_handled()
        self.world.edit(self.post, "It leaks!")
        self.pull()
        self.assertTrue(self.message.waiting)

    def test_a_closed_ticket_stays_closed(self):
        self.answer()
        self.close()
        self.world.edit(self.post, "Is it fireproof?", edited_at=ago(seconds=-5))
        self.pull()
        self.assertFalse(self.message.waiting)
        self.assertTrue(self.ticket.stage_id.closed)
        self.assertTrue(self.row(self.message)["answered_before_edit"], "it is seen")

    def close(self):
        closed = self.env["helpdesk.ticket.stage"].search(
            [("closed", "=", True)], order="sequence", limit=1
        )
        self.ticket.stage_id = closed

    def test_thanks_that_became_a_complaint_reopens(self):
        self.answer()
        self.close()
        thanks = self.world.post("Thanks!", author="cleo", parent=self.post.key)
        self.pull()
        self.assertEqual(self.of(thanks).why, "stay")
        self.world.edit(thanks, "Thanks, but it still leaks on my desk")
        self.pull()
        self.assertFalse(self.ticket.stage_id.closed)
        self.assertTrue(self.of(thanks).waiting)

    def test_our_own_edits_ask_nobody(self):
        reply = self.answer()
        echo = items.Incoming(
            key=reply.key,
            author=items.Author(id="us"),
            text="Yes, it is waterproof",
            sent_at=ago(minutes=1),
            audience="public",
            revision=1,
            edited_at=ago(seconds=1),
        )
        self.world._deliver(echo, 4712)
        self.pull()
        self.assertEqual(reply.text, "Yes, it is waterproof")
        self.assertEqual(reply.revisions[0]["text"], "Yes, it is")
        self.assertFalse(reply.waiting)

    def test_an_edit_on_the_way_to_the_answer_keeps_waiting(self):
        """Queued on one text, sent under another: nobody has seen the new one."""
        reply = self.reply("Yes, it is", to=self.message)
        self.world.edit(self.post, "Is it fireproof?", edited_at=ago(seconds=-3))
        self.pull()
        self.deliver()
        self.assertEqual(reply.delivery_state, "sent")
        self.assertTrue(self.message.waiting)
        self.assertTrue(self.row(self.message)["answered_before_edit"])

    def test_post_and_edit_in_the_wrong_order(self):
        later = self.world.post("second words", author="dan", sent_at=ago(minutes=5))
        first = self.world.inbox.pop()
        self.world.edit(later, "third words")
        self.pull()
        self.world.inbox.append(first)
        self.pull()
        message = self.of(later)
        self.assertEqual(message.text, "third words")
        self.assertEqual(message.ticket_id.name, "third words")

    def test_hostile_versions(self):
        text = "<script>alert(1)</script>\x00\ud800 مرحبا" + "x" * 9000
        self.world.edit(self.post, text)
        self.pull()
        [version] = self.row(self.message)["revisions"]
        self.assertEqual(version["text"], "Is it waterproof?")
        self.assertTrue(self.message.text.startswith("<script>"))

    # --- replays --------------------------------------------------------------
    def test_a_replayed_reaction_is_counted_once(self):
        raw = items.RawItem("like1", {"like": self.post.key}, sent_at=ago(minutes=1))
        parse = FakeAdapter.parse

        def parse_like(adapter, item):
            if "like" in item.data:
                who = items.Author(id="dan")
                return items.Reaction(item.data["like"], who, "♥", ago(minutes=1))
            return parse(adapter, item)

        self.patch(FakeAdapter, "parse", parse_like)
        self.world.inbox.append(raw)
        self.pull()
        self.assertEqual(self.message.reactions, {"♥": 1})
        event = self.env["helpdesk.social.event"].search([("key", "=", "like1")])
        event.with_user(self.env.ref("base.user_admin")).action_replay()
        self.env["helpdesk.social.intake"]._cron_process()
        self.env.invalidate_all()
        self.assertEqual(event.state, "done")
        self.assertEqual(self.message.reactions, {"♥": 1})
