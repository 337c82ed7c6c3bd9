"""Files that go up step by step: what dies, is overtaken or runs out of time between
two steps goes on there, and what it belongs to is said once."""

from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models import common, helpdesk_social_outbox_files
from ..networks import base, errors
from .common import FakeAdapter
from .test_spine_outbox import OutboxCase

STEPS = 4
WHOLE = "upload1"


@tagged("post_install", "-at_install")
class TestUploads(OutboxCase):
    def setUp(self):
        super().setUp()
        self.steps = []  # what each step was given
        self.before = {}  # number of the step -> what happens in it
        case = self

        def stage(_adapter, upload):
            case.steps.append(upload.staged)
            case.before.pop(len(case.steps), lambda: None)()
            number = int(upload.staged.removeprefix(base.PART) or 0) + 1
            return WHOLE if number == STEPS else f"{base.PART}{number}"

        staging = FakeAdapter.capabilities | {base.STAGE}
        self.patch(FakeAdapter, "capabilities", staging)
        self.patch(FakeAdapter, "stage", stage)
        files = self.env["ir.attachment"].with_user(self.agent_all)
        self.file = files.create({"name": "a.txt", "raw": b"a"})
        self.row = self.reply(attachments=self.file)

    def parts(self, *numbers):
        return [f"{base.PART}{one}" if one else "" for one in numbers]

    def expire(self):
        self.row.write({"sending_until": fields.Datetime.now()})
        self.row.flush_recordset()

    def overtaken(self):
        """Another lane took the reply for dead, and is sending it."""
        attempts = self.row.attempts + 1
        until = fields.Datetime.add(fields.Datetime.now(), seconds=100)
        self.row.write({"sending_until": until, "attempts": attempts})
        self.row.flush_recordset()

    def test_step_by_step(self):
        leases = []
        for step in (2, 3):
            self.before[step] = lambda: leases.append(self.row.sending_until)
        self.before[1] = self.expire
        self.deliver()
        self.assertEqual(self.steps, self.parts(0, 1, 2, 3))
        self.assertEqual(self.row.staged, {str(self.file.id): WHOLE})
        [(draft, _key)] = self.world.published
        self.assertEqual(draft.media[0].staged, WHOLE)
        soon = fields.Datetime.add(fields.Datetime.now(), seconds=60)
        self.assertGreater(min(leases), soon)

    def test_taken_over_in_the_middle_it_is_not_sent_twice(self):
        self.before[2] = self.overtaken
        self.deliver()
        self.assertEqual(self.steps, self.parts(0, 1))
        self.assertFalse(self.world.published)
        self.assertEqual((self.row.delivery_state, self.row.attempts), ("sending", 2))
        # what the overtaken lane did last is not written down over the other's work
        self.assertEqual(self.row.staged, {str(self.file.id): f"{base.PART}1"})
        self.row.write({"delivery_state": "queued", "sending_until": False})
        self.deliver()
        self.assertEqual(len(self.world.published), 1)
        self.assertEqual(self.row.delivery_state, "sent")

    def test_a_failure_of_the_overtaken_changes_nothing(self):
        def fail():
            self.overtaken()
            raise errors.TransientError("timeout")

        self.before[2] = fail
        self.deliver()
        self.assertEqual((self.row.delivery_state, self.row.attempts), ("sending", 2))
        self.assertFalse(self.row.error_code)

    def test_sent_by_the_other_lane_meanwhile(self):
        def sent():
            self.overtaken()
            self.row.write({"delivery_state": "sent", "sending_until": False})
            self.row.flush_recordset()

        self.before[3] = sent
        self.deliver()
        self.assertFalse(self.world.published)
        self.assertEqual(self.row.delivery_state, "sent")

    def test_cancelled_while_it_uploads(self):
        """A person cannot: it may be leaving. The row is left as it is found."""

        def gone():
            self.row.write({"delivery_state": "cancelled", "sending_until": False})
            self.row.flush_recordset()

        self.before[2] = gone
        self.deliver()
        self.assertFalse(self.world.published)
        self.assertEqual(self.row.delivery_state, "cancelled")

    def fail(self, error):
        def step():
            raise error

        return step

    def test_a_step_that_fails_is_done_again_not_the_others(self):
        for error in (
            errors.TransientError("timeout"),
            errors.UncertainError("cut"),
            errors.MalformedResponse("not_json"),
        ):
            with self.subTest(error=error):
                self.steps.clear()
                self.row.staged = False
                self.row.write({"delivery_state": "queued", "next_try_at": False})
                self.world.published.clear()
                self.before[3] = self.fail(error)
                self.deliver()
                self.assertEqual(self.row.delivery_state, "queued")
                self.assertFalse(self.row.in_doubt)
                self.make_due(self.row)
                self.deliver()
                self.assertEqual(self.steps, self.parts(0, 1, 2, 2, 3))
                self.assertEqual(len(self.world.published), 1)

    def test_what_the_network_forgot_begins_anew(self):
        self.before[3] = self.fail(errors.TransientError(base.UPLOAD_LOST))
        self.deliver()
        self.assertFalse(self.row.staged)
        self.make_due(self.row)
        self.deliver()
        self.assertEqual(self.steps, self.parts(0, 1, 2, 0, 1, 2, 3))
        self.assertEqual(len(self.world.published), 1)

    def test_a_file_that_is_refused_is_the_authors(self):
        self.before[2] = self.fail(errors.RejectedError("media_rejected"))
        self.deliver()
        self.assertEqual(
            (self.row.delivery_state, self.row.error_code), ("failed", "media_rejected")
        )

    def test_two_files_each_from_where_it_stopped(self):
        files = self.env["ir.attachment"].with_user(self.agent_all)
        other = files.create({"name": "b.txt", "raw": b"b"})
        self.row.action_cancel()
        row = self.reply(attachments=self.file | other)
        self.before[STEPS + 2] = self.fail(errors.TransientError("timeout"))
        self.deliver()
        kept = sorted(row.staged.values())
        self.assertEqual(kept, sorted([WHOLE, f"{base.PART}1"]))
        self.make_due(row)
        self.deliver()
        self.assertEqual(self.steps, self.parts(0, 1, 2, 3, 0, 1, 1, 2, 3))
        self.assertEqual(len(self.world.published), 1)

    # --- the run's time -------------------------------------------------------
    def test_when_the_time_is_up_others_get_their_turn(self):
        quick = self.reply("quick")
        commit = common.commit

        def short(env, *args, **values):
            commit(env, *args, **values)
            return 0 if len(self.steps) == 2 else float("inf")

        with patch.object(common, "commit", short):
            self.deliver()
        self.assertEqual(self.steps, self.parts(0, 1))
        row = self.row
        self.assertEqual(
            (row.delivery_state, row.attempts, row.sending_until, row.next_try_at),
            ("queued", 0, False, False),
        )
        self.assertEqual(quick.delivery_state, "queued")
        self.deliver()
        self.assertEqual(self.steps, self.parts(0, 1, 2, 3))
        said = [draft.text for draft, _key in self.world.published]
        self.assertEqual(said, ["quick", row.text])

    def test_a_run_that_took_long_ends_the_job(self):
        """Odoo would call it again in the same breath, and kill the worker."""
        triggers = self.env["ir.cron.trigger"]
        mine = [("cron_id", "=", self.env.ref("helpdesk_social.cron_deliver").id)]
        triggers.search(mine).unlink()
        told = []
        commit = common.commit

        def note(env, processed=0, remaining=None):
            told.append(remaining)
            return commit(env, processed, remaining)

        with patch.object(common, "commit", note):
            self.deliver()
            self.assertFalse(triggers.search(mine))
            with patch.object(helpdesk_social_outbox_files, "LONG_RUN", -1):
                self.deliver()
        self.assertTrue(triggers.search(mine))
        self.assertEqual(told[-1], 0)
