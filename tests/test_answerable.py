"""Where the newest message cannot be answered, the newest that can is offered: plainly
said, never wider, never to somebody else in private."""

import dataclasses

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..networks import base
from .common import FakeAdapter
from .test_timeline import TimelineCase

PUBLIC, PRIVATE = "reply_public", "reply_private"


@tagged("post_install", "-at_install")
class TestAnswerable(TimelineCase):
    def setUp(self):
        super().setUp()

        def affordances(adapter, message):
            shut = message.extra.get("shut", ())
            found = base.Adapter.affordances(adapter, message)
            return [
                dataclasses.replace(one, allowed=False, reason="not_summoned")
                if one.kind in shut
                else one
                for one in found
            ]

        self.patch(FakeAdapter, "affordances", affordances)

    def said(self, minutes, thread=None, shut=(), **values):
        return self.make_message(
            thread or self.public_thread,
            f"{minutes} minutes ago",
            sent_at=self.ago(minutes),
            extra={"shut": list(shut)},
            **values,
        )

    def options(self, audience, target=None, user=None):
        return [
            (one["message_id"], one["allowed"], one["older"])
            for one in self.composer(user, target)["options"]
            if one["audience"] == audience
        ]

    def reply(self, audience, **values):
        return self.as_user(self.agent_all).social_reply("hello", audience, **values)

    # --- the composer ---------------------------------------------------------
    def test_the_newest_that_can_be_answered_is_offered_and_marked(self):
        self.said(9)
        older = self.said(5)
        self.said(4, shut=[PUBLIC, PRIVATE])
        newest = self.said(1, shut=[PUBLIC, PRIVATE])
        wanted = [(newest.id, False, False), (older.id, True, True)]
        self.assertEqual(self.options("public"), wanted)
        self.assertEqual(self.options("private"), wanted)
        self.assertFalse(self.composer()["default"])

    def test_each_audience_for_itself(self):
        last = self.said(9)
        named = self.said(5, shut=[PRIVATE])
        newest = self.said(1, shut=[PUBLIC, PRIVATE])
        self.assertIn((named.id, True, True), self.options("public"))
        self.assertIn((last.id, True, True), self.options("private"))
        self.assertIn((newest.id, False, False), self.options("public"))

    def test_nothing_is_looked_for_where_the_newest_can_be_answered(self):
        self.said(9)
        newest = self.said(1)
        self.assertEqual(self.options("public"), [(newest.id, True, False)])
        page = self.as_user(self.agent_all)._social_composer
        targets = self.as_user(self.agent_all)._social_targets()
        page(targets)
        with self.assertQueryCount(self.queries(page, targets)):
            page(targets)
        # the same however much lies below
        for minutes in range(20, 60):
            self.said(minutes)
        self.env.flush_all()
        few = self.queries(page, targets)
        self.assertEqual(few, self.queries(page, targets))

    def queries(self, call, *args):
        start = self.cr.sql_log_count
        call(*args)
        return self.cr.sql_log_count - start

    def test_all_shut_all_grey(self):
        self.said(9, shut=[PUBLIC, PRIVATE])
        newest = self.said(1, shut=[PUBLIC, PRIVATE])
        self.assertEqual(self.options("public"), [(newest.id, False, False)])
        self.assertFalse(self.composer()["default"])

    def test_another_thread_stays_where_it_is_and_is_called_older(self):
        other = self.make_conversation("public", self.ticket, identity_id=self.ann.id)
        there = self.said(9, other)
        newest = self.said(1, shut=[PUBLIC])
        self.assertEqual(
            self.options("public"), [(newest.id, False, False), (there.id, True, True)]
        )

    def test_who_may_not_speak_is_told_so_of_the_newest_only(self):
        self.said(5)
        newest = self.said(1, shut=[PUBLIC])
        self.account.speaker_user_ids = self.manager
        self.assertEqual(self.options("public"), [(newest.id, False, False)])
        self.account.speaker_user_ids = False
        self.account.state = "paused"
        self.assertEqual(self.options("public"), [(newest.id, False, False)])

    def test_what_was_clicked_on_stands_first(self):
        first = self.said(9)
        older = self.said(5)
        self.said(1, shut=[PUBLIC])
        found = self.options("public", first.id)
        self.assertEqual(found[0], (first.id, True, True))
        self.assertNotIn(older.id, [one for one, _allowed, _older in found])

    def test_nothing_deleted_nor_context_nor_our_own(self):
        self.said(9, deleted_at=self.ago(8))
        self.said(7, context=True)
        self.said(6, direction="out", delivery_state="sent")
        newest = self.said(1, shut=[PUBLIC])
        self.assertEqual(self.options("public"), [(newest.id, False, False)])

    # --- what is open by itself -----------------------------------------------
    def test_default_is_the_newest_of_the_thread_that_can_be_answered(self):
        older = self.said(5, self.private_thread)
        self.said(1, self.private_thread, shut=[PRIVATE], waiting=True)
        found = self.composer()["default"]
        self.assertEqual(found, f"private:{self.account.id}:{older.id}")

    def test_default_is_never_somebody_else(self):
        other = self.make_conversation("private", self.ticket)
        self.said(5, other)
        self.said(1, self.private_thread, shut=[PRIVATE], waiting=True)
        self.assertFalse(self.composer()["default"])

    def test_seen_and_stale_go_by_the_newest(self):
        older = self.said(5)
        newest = self.said(1, shut=[PUBLIC])
        seen = self.composer()["seen"]
        self.assertEqual(seen, {self.public_thread.id: newest.id})
        option = f"public:{self.account.id}:{older.id}"
        mine = self.as_user(self.agent_all)
        answer = mine.social_send(option, "x", seen=older.id)
        self.assertEqual((answer["ok"], answer["stale"]), (False, newest.ids))
        answer = mine.social_send(option, "x", seen=newest.id)
        self.assertTrue(answer["ok"], answer)
        row = self.env["helpdesk.social.message"].browse(answer["message_ids"])
        self.assertEqual((row.parent_id, row.audience), (older, "public"))

    # --- without a word about whom --------------------------------------------
    def test_reply_to_the_newest_that_can_be_answered(self):
        older = self.said(5)
        newest = self.said(1, shut=[PUBLIC])
        self.assertEqual(self.reply("public").parent_id, older)
        # who names a message means that one
        with self.assertRaises(UserError):
            self.reply("public", to=newest)

    def test_reply_in_private_to_nobody_else(self):
        other = self.make_conversation("private", self.ticket)
        self.said(5, other)
        mine = self.said(3, self.private_thread, identity_id=self.ann.id)
        self.said(1, self.private_thread, shut=[PRIVATE], identity_id=self.ann.id)
        self.assertEqual(self.reply("private").parent_id, mine)
        mine.extra = {"shut": [PRIVATE]}
        with self.assertRaises(UserError):
            self.reply("private")

    def test_private_answer_to_a_public_post_stays_with_its_author(self):
        stranger = self.make_identity()
        self.said(5, identity_id=stranger.id)
        mine = self.said(3, identity_id=self.ann.id)
        self.said(1, shut=[PRIVATE], identity_id=self.ann.id)
        self.assertEqual(self.reply("private").parent_id, mine)
        mine.extra = {"shut": [PRIVATE]}
        with self.assertRaises(UserError):
            self.reply("private")

    def test_to_a_person_the_newest_of_hers(self):
        older = self.said(5, self.private_thread, identity_id=self.ann.id)
        self.said(1, self.private_thread, shut=[PRIVATE], identity_id=self.ann.id)
        self.assertEqual(self.reply("private", to=self.ann).parent_id, older)

    def test_where_nothing_can_be_answered_it_is_said_why(self):
        self.said(5, shut=[PUBLIC])
        self.said(1, shut=[PUBLIC])
        with self.assertRaises(UserError):
            self.reply("public")
        self.assertFalse(
            self.env["helpdesk.social.message"].search_count(
                [("ticket_id", "=", self.ticket.id), ("direction", "=", "out")]
            )
        )
