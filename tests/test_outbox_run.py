"""One run of the outbox over many replies: what it costs, when it stops, who hears."""

from unittest.mock import patch

import psycopg2.errors

from odoo.tests import tagged

from ..models import common, helpdesk_social_live
from ..networks import errors
from .common import FakeAdapter
from .test_spine_outbox import OutboxCase


@tagged("post_install", "-at_install")
class TestOutboxRun(OutboxCase):
    def replies(self, number):
        names = [f"customer{place}" for place in range(number)]
        posts = [self.world.post("broken", author=name) for name in names]
        self.account.action_pull()
        found = self.env["helpdesk.social.message"].search(
            [("key", "in", [post.key for post in posts])]
        )
        rows = [self.reply(f"for {one.key}", to=one) for one in found]
        return found.browse([row.id for row in rows]).sudo()

    def test_a_reply_costs_few_queries(self):
        """As in real life, where a commit empties the cache: 28 queries a reply were
        46 replies a second."""
        self.deliver()
        self.replies(3)
        commit = common.commit

        def forget(env, *args, **values):
            left = commit(env, *args, **values)
            env.invalidate_all()
            return left

        self.startPatcher(patch.object(common, "commit", forget))
        start = self.cr.sql_log_count
        self.deliver()
        few = self.cr.sql_log_count - start
        rows = self.replies(13)
        start = self.cr.sql_log_count
        self.deliver()
        many = self.cr.sql_log_count - start
        self.assertEqual(set(rows.mapped("delivery_state")), {"sent"})
        self.assertLessEqual((many - few) / 10, 20)

    def test_it_stops_at_once_for_an_account_that_is_paused_meanwhile(self):
        rows = self.replies(3)
        publish = FakeAdapter.publish

        def pause(adapter, draft, key):
            self.account.state = "paused"
            return publish(adapter, draft, key)

        with patch.object(FakeAdapter, "publish", pause):
            self.deliver()
        self.assertEqual(
            sorted(rows.mapped("delivery_state")), ["queued", "queued", "sent"]
        )
        self.assertEqual(len(self.world.published), 1)

    def test_parts_of_one_reply_leave_in_one_run_in_order(self):
        first = self.reply("a" * 500 + "b" * 500 + "c" * 20)
        self.deliver()
        rows = first | first._parts_after()
        self.assertEqual(rows.mapped("delivery_state"), ["sent"] * 3)
        drafts = [draft for draft, _key in self.world.published]
        self.assertEqual([one.text[0] for one in drafts], ["a", "b", "c"])
        self.assertEqual(drafts[1].previous, first._ref())

    def test_an_answer_is_noted_whoever_writes_the_same_rows(self):
        """The claim and the answer share a transaction: when it fails, both are done
        again; the post is not."""
        rows = self.replies(2)
        message = type(rows)
        published, clashes = message._published, [4]

        def clash(row, answer):
            if clashes[0]:
                clashes[0] -= 1
                raise psycopg2.errors.SerializationFailure()
            return published(row, answer)

        # the test's transaction cannot be rolled back; in a real one the claim goes
        # with it
        def rollback(env):
            claimed = rows.filtered(lambda one: one.delivery_state == "sending")
            claimed = claimed.filtered(lambda one: not self.has_left(one))
            claimed.write({"delivery_state": "queued", "sending_until": False})

        with (
            patch.object(message, "_published", clash),
            patch.object(common, "rollback", rollback),
        ):
            self.deliver()
        self.assertFalse(clashes[0])
        self.assertEqual(rows.mapped("delivery_state"), ["sent"] * 2)
        self.assertEqual(len(self.world.published), 2)

    def has_left(self, row):
        return any(key == row.outbox_key for _draft, key in self.world.published)

    def test_screens_are_told_now_and_then_and_of_everything(self):
        live = self.env["helpdesk.social.live"]
        told = []

        def note(_channel, notice, payload):
            if notice == helpdesk_social_live.NOTICE:
                told.append(payload)

        self.cr.precommit.run()
        rows = self.replies(3)
        self.cr.precommit.run()
        groups = type(self.env["res.groups"])
        with patch.object(groups, "_bus_send", note):
            with live._gathering():
                for row in rows:
                    live._changed(row)
                    self.cr.precommit.run()
                self.assertFalse(told)
            self.cr.precommit.run()
            self.assertEqual(len(told), 1)
            self.assertEqual(set(told[0]["message_ids"]), set(rows.ids))
            self.assertEqual(set(told[0]["ticket_ids"]), set(rows.ticket_id.ids))
            with patch.object(helpdesk_social_live, "GATHER", 0), live._gathering():
                for row in rows:
                    live._changed(row)
                    self.cr.precommit.run()
                self.assertEqual(len(told), 4)

    def test_a_refusal_in_the_middle_of_a_run_is_its_own(self):
        rows = self.replies(3)
        publish, refused = FakeAdapter.publish, rows[1].text

        def refuse(adapter, draft, key):
            if draft.text == refused:
                raise errors.RejectedError("forbidden")
            return publish(adapter, draft, key)

        with patch.object(FakeAdapter, "publish", refuse):
            self.deliver()
        self.assertEqual(rows.mapped("delivery_state"), ["sent", "failed", "sent"])
